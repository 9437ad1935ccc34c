//! A chain of custody shows every change, and says what does not fit together.

use super::*;
use proptest::prelude::*;

fn movement(from: &str, to: &str, minute: i64) -> Movement {
    Movement {
        at: Timestamp::from_second(1_795_000_000 + 60 * minute).unwrap(),
        from: from.to_owned(),
        to: to.to_owned(),
        place: Some("Dock 2, Zürich".to_owned()),
        count: 61,
        seal_in: None,
        seal_out: Some("A0099123".to_owned()),
        method: None,
        signed_by: vec!["role:site_it".to_owned(), "role:driver".to_owned()],
        covers: BTreeMap::from([("request.json".to_owned(), sha256(b"{}"))]),
    }
}

fn chain() -> Chain {
    let mut chain = Chain::start("VR-1", movement("Example GmbH", "Carrier X", 0)).unwrap();
    let taken = Movement { seal_in: Some("A0099123".to_owned()), ..movement("Carrier X", "Vendor \"Y\"", 5) };
    chain.append(taken).unwrap();
    chain
        .append(Movement { covers: BTreeMap::new(), count: 60, ..movement("Vendor Y", "Store", 9) })
        .unwrap();
    chain
}

/// The event whose line holds a byte.
fn event_at(text: &str, byte: usize) -> u32 {
    (0..byte).filter(|at| text.as_bytes()[*at] == b'\n').count() as u32
}

#[test]
fn a_chain_reads_back_as_it_was_written() {
    let chain = chain();
    assert_eq!(Chain::read(chain.to_text().as_bytes()), Ok(chain.clone()));
    let whole: serde_json::Value = serde_json::from_str(&chain.to_text()).unwrap();
    assert_eq!(whole["events"].as_array().unwrap().len(), 3);
}

#[test]
fn every_byte_of_a_chain_shows_a_change_and_names_the_event() {
    let text = chain().to_text();
    for (place, byte) in text.bytes().enumerate() {
        for flip in [0x01, 0x20, 0x80] {
            let mut changed = text.clone().into_bytes();
            changed[place] = byte ^ flip;
            let Err(CustodyError::Broken { event, .. }) = Chain::read(&changed) else {
                panic!("byte {place} changed by {flip} goes unseen");
            };
            let line = event_at(&text, place);
            assert_eq!(event, line.clamp(1, 3), "byte {place} changed by {flip}");
        }
    }
}

#[test]
fn the_canonical_bytes_are_as_documented() {
    let event = &chain().events[2];
    let expected = format!(
        "residua.custody/1\nseq 1 3\nat 20 {}\nfrom 8 Vendor Y\nto 5 Store\nplace 15 Dock 2, Zürich\ncount 2 60\n\
         seal_in -\nseal_out 8 A0099123\nmethod -\nsigned_by 1 2\nrole 12 role:site_it\nrole 11 role:driver\n\
         covers 1 0\nprev_hash 64 {}\n",
        event.movement.at,
        chain().events[1].hash
    );
    assert_eq!(String::from_utf8(event.canonical_bytes()).unwrap(), expected);
    assert_eq!(event.hash, sha256(expected.as_bytes()));
}

#[test]
fn a_covered_file_that_changed_is_named_with_its_event() {
    let chain = chain();
    assert_eq!(chain.check_covered(&|_| Ok(b"{}".to_vec())), Ok(()));
    let message = chain.check_covered(&|_| Ok(b"{ }".to_vec())).unwrap_err().to_string();
    assert!(
        message.starts_with("the chain of custody is broken at event 1: request.json was changed"),
        "{message}"
    );
}

#[test]
fn a_broken_seal_and_a_missing_unit_are_told() {
    let gaps = chain().gaps();
    assert_eq!(
        gaps,
        [
            "event 3 comes from Vendor Y; event 2 went to Vendor \"Y\"",
            "event 3 came with seal none; event 2 went with A0099123",
            "event 3 counts 60 units; event 2 counted 61",
        ]
    );
}

#[test]
fn an_event_from_before_the_last_or_without_a_taker_is_refused() {
    let mut chain = chain();
    for (wrong, word) in [
        (movement("a", "b", 8), "before the event it follows"),
        (movement("a", " ", 10), "`to` is empty"),
        (movement("a", "b\nc", 10), "control character"),
    ] {
        let message = chain.append(wrong).unwrap_err().to_string();
        assert!(message.contains(word), "{message}");
    }
    let mut outside = movement("a", "b", 10);
    outside.covers = BTreeMap::from([("../request.json".to_owned(), String::new())]);
    assert!(chain.append(outside).unwrap_err().to_string().contains("no plain name"));
    assert_eq!(chain.events().len(), 3);
}

fn any_movement() -> impl Strategy<Value = Movement> {
    let text = "[^\\p{Cc}]{0,12}[A-Za-z0-9\"\\\\é,:]";
    let optional = || proptest::option::of(text);
    let roles = proptest::collection::vec(text, 0..3);
    (0..3_i64, text, text, optional(), any::<u64>(), (optional(), optional(), optional()), roles).prop_map(
        |(minute, from, to, place, count, (seal_in, seal_out, method), signed_by)| Movement {
            place,
            count,
            seal_in,
            seal_out,
            method,
            signed_by,
            from,
            to,
            ..movement("", "", minute)
        },
    )
}

proptest! {
    #[test]
    fn any_chain_reads_back_and_any_byte_of_it_shows(
        mut movements in proptest::collection::vec(any_movement(), 1..5),
        place in any::<prop::sample::Index>(),
        flip in 1..=255_u8,
    ) {
        movements.sort_by_key(|movement| movement.at);
        let mut chain = Chain::start("VR-1", movements[0].clone()).unwrap();
        for movement in &movements[1..] {
            chain.append(movement.clone()).unwrap();
        }
        let text = chain.to_text();
        prop_assert_eq!(&Chain::read(text.as_bytes()).unwrap(), &chain);
        let mut changed = text.clone().into_bytes();
        let place = place.index(changed.len());
        changed[place] ^= flip;
        let Err(CustodyError::Broken { event, .. }) = Chain::read(&changed) else {
            return Err(TestCaseError::fail(format!("byte {place} changed by {flip} goes unseen")));
        };
        prop_assert_eq!(event, event_at(&text, place).clamp(1, movements.len() as u32));
    }
}
