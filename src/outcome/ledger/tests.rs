//! What a ledger keeps, and what it refuses.

use super::examples::*;
use super::*;
use crate::outcome::Disposition;

#[test]
fn what_was_filed_is_read_back_bit_for_bit() {
    let mut ledger = Ledger::in_memory().unwrap();
    let mut lines = [handed_over("VR-1", 1), handed_over("VR-1", 2)];
    lines[1].forecast = None;
    lines[1].overridden = Some(overridden(90.0));
    assert_eq!(ledger.file_hand_overs(&lines).unwrap(), 2);
    assert_eq!(ledger.hand_overs(None).unwrap(), lines);
    assert_eq!(ledger.hand_overs(Some("VR-2")).unwrap(), []);

    let outcomes = [sold(&lines[0], "f1", 1.0 / 3.0), pending(&lines[1], "f1")];
    assert_eq!(ledger.file_settlement(&settlement("f1"), &outcomes).unwrap(), Filed::New);
    assert_eq!(ledger.outcomes().unwrap(), outcomes);
    assert_eq!(ledger.settlements().unwrap(), [settlement("f1")]);
    assert_eq!(ledger.forecasts().unwrap().len(), 1);
}

#[test]
fn a_forecast_handed_out_again_is_filed_once() {
    let mut ledger = Ledger::in_memory().unwrap();
    let line = handed_over("VR-1", 1);
    let given = Given { by: GivenBy::Plan, ..Given::with(&line, line.forecast.clone().unwrap()) };
    let other = Given { grade: None, ..given.clone() };
    assert_eq!(ledger.file_forecasts(&[given.clone(), other.clone(), given.clone()]).unwrap(), 2);
    assert_eq!(ledger.file_forecasts(std::slice::from_ref(&given)).unwrap(), 0);
    assert_eq!(ledger.forecasts().unwrap(), [given, other]);
}

#[test]
fn a_settlement_read_twice_is_filed_once() {
    let mut ledger = Ledger::in_memory().unwrap();
    let line = handed_over("VR-1", 1);
    ledger.file_hand_overs(std::slice::from_ref(&line)).unwrap();
    let outcomes = [sold(&line, "f1", 100.0)];
    assert_eq!(ledger.file_settlement(&settlement("f1"), &outcomes).unwrap(), Filed::New);
    assert_eq!(ledger.file_settlement(&settlement("f1"), &outcomes).unwrap(), Filed::Already);
    assert_eq!(ledger.outcomes().unwrap().len(), 1);
    assert_eq!(ledger.file_hand_overs(&[line]).unwrap(), 0);
    assert_eq!(ledger.counts().unwrap().forecasts, 1);
}

#[test]
fn a_unit_not_sold_stays_pending_until_a_settlement_closes_it() {
    let mut ledger = Ledger::in_memory().unwrap();
    let line = HandedOver { quantity: 3, ..handed_over("VR-1", 1) };
    ledger.file_hand_overs(std::slice::from_ref(&line)).unwrap();
    let units = |ledger: &Ledger| {
        let open = ledger.pending().unwrap();
        open.iter().map(|one| (one.units, one.said_pending)).collect::<Vec<_>>()
    };
    assert_eq!(units(&ledger), [(3, false)]);
    let first =
        [Outcome { quantity: 2, ..pending(&line, "f1") }, Outcome { quantity: 1, ..sold(&line, "f1", 80.0) }];
    ledger.file_settlement(&settlement("f1"), &first).unwrap();
    assert_eq!(units(&ledger), [(2, true)]);
    let rest = [Outcome { quantity: 2, ..sold(&line, "f2", 150.0) }];
    ledger.file_settlement(&settlement("f2"), &rest).unwrap();
    assert_eq!(units(&ledger), []);
}

#[test]
fn an_earlier_override_is_kept_and_the_latest_one_holds() {
    let mut ledger = Ledger::in_memory().unwrap();
    ledger.file_hand_overs(&[handed_over("VR-1", 1)]).unwrap();
    ledger.record_override("VR-1", 1, &overridden(90.0)).unwrap();
    ledger.record_override("VR-1", 1, &overridden(95.0)).unwrap();
    assert_eq!(ledger.hand_overs(None).unwrap()[0].overridden, Some(overridden(95.0)));
    assert_eq!(ledger.overrides().unwrap().len(), 2);
    let message = ledger.record_override("VR-1", 7, &overridden(1.0)).unwrap_err().to_string();
    assert!(message.contains("line 7 of request VR-1 was never handed over"), "{message}");
    let nobody = Overridden { by: String::new(), ..overridden(1.0) };
    assert!(matches!(ledger.record_override("VR-1", 1, &nobody), Err(LedgerError::Contradicts { .. })));
}

#[test]
fn a_call_that_cannot_be_filed_whole_files_nothing() {
    let mut ledger = Ledger::in_memory().unwrap();
    let line = handed_over("VR-1", 1);
    ledger.file_hand_overs(std::slice::from_ref(&line)).unwrap();
    let stranger = Outcome { handed_over: Some(("VR-9".into(), 1)), ..sold(&line, "f1", 1.0) };
    let strangers = [sold(&line, "f1", 100.0), stranger];
    assert!(ledger.file_settlement(&settlement("f1"), &strangers).is_err());
    let not_a_number = [sold(&line, "f1", 100.0), Outcome { fees: f64::NAN, ..sold(&line, "f1", 1.0) }];
    assert!(ledger.file_settlement(&settlement("f1"), &not_a_number).is_err());
    let changed = [handed_over("VR-1", 2), HandedOver { quantity: 9, ..line }];
    let message = ledger.file_hand_overs(&changed).unwrap_err().to_string();
    assert!(message.contains("line 1 of request VR-1 stands there with other content"), "{message}");
    let counts = ledger.counts().unwrap();
    assert_eq!((counts.settlements, counts.outcomes, counts.hand_overs, counts.forecasts), (0, 0, 1, 1));
}

#[test]
fn a_full_disk_is_named_and_nothing_half_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(&folder.path().join("residua.db")).unwrap();
    let line = handed_over("VR-1", 1);
    ledger.file_hand_overs(std::slice::from_ref(&line)).unwrap();
    let pages: i64 = ledger.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    ledger.connection.pragma_update_and_check(None, "max_page_count", pages + 4, |_| Ok(())).unwrap();
    let many: Vec<Outcome> = (0..5_000).map(|_| sold(&line, "f1", 100.0)).collect();
    let error = ledger.file_settlement(&settlement("f1"), &many).unwrap_err();
    assert!(matches!(error, LedgerError::Full { .. }), "{error}");
    assert!(error.to_string().contains("make room"), "{error}");
    assert_eq!(ledger.counts().unwrap().outcomes, 0);
    drop(ledger);
    let mut again = Ledger::open(&folder.path().join("residua.db")).unwrap();
    assert_eq!(again.settlements().unwrap(), []);
    assert_eq!(again.file_settlement(&settlement("f1"), &many).unwrap(), Filed::New);
    assert_eq!(again.outcomes().unwrap().len(), 5_000);
}

#[test]
fn what_is_no_ledger_of_today_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "only words, and enough of them that no page of a database begins like this one")
        .unwrap();
    assert!(matches!(Ledger::open(&text), Err(LedgerError::NotALedger { .. })));

    let strange = folder.path().join("strange.db");
    Connection::open(&strange).unwrap().execute_batch("CREATE TABLE mine (a)").unwrap();
    let before = std::fs::read(&strange).unwrap();
    assert!(matches!(Ledger::open(&strange), Err(LedgerError::NotALedger { .. })));
    assert_eq!(std::fs::read(&strange).unwrap(), before);

    let newer = folder.path().join("newer.db");
    let ledger = Ledger::open(&newer).unwrap();
    ledger.connection.pragma_update(None, "user_version", 99).unwrap();
    drop(ledger);
    let message = Ledger::open(&newer).unwrap_err().to_string();
    assert!(message.contains("version 99, this program knows version 1"), "{message}");

    let nowhere = folder.path().join("nowhere.db");
    assert!(matches!(Ledger::open_existing(&nowhere), Err(LedgerError::Missing { .. })));
    assert!(!nowhere.exists());
}

#[test]
fn a_ledger_begun_by_many_at_once_is_a_ledger_to_all() {
    const PROCESSES: usize = 8;
    let folder = tempfile::tempdir().unwrap();
    for round in 0..40 {
        let path = folder.path().join(format!("{round}.db"));
        let start = std::sync::Barrier::new(PROCESSES);
        std::thread::scope(|scope| {
            for number in 1..=PROCESSES as u32 {
                let (path, start) = (&path, &start);
                scope.spawn(move || {
                    start.wait();
                    Ledger::open(path).unwrap().file_hand_overs(&[handed_over("VR-1", number)]).unwrap();
                });
            }
        });
        assert_eq!(Ledger::open(&path).unwrap().hand_overs(None).unwrap().len(), PROCESSES);
    }
}

#[test]
fn a_word_that_something_else_wrote_is_told_with_its_column() {
    let mut ledger = Ledger::in_memory().unwrap();
    let line = handed_over("VR-1", 1);
    ledger.file_hand_overs(std::slice::from_ref(&line)).unwrap();
    ledger.file_settlement(&settlement("f1"), &[sold(&line, "f1", 100.0)]).unwrap();
    ledger.connection.execute("UPDATE outcome SET disposition = 'eaten'", []).unwrap();
    let message = ledger.outcomes().unwrap_err().to_string();
    assert!(message.contains("column disposition: `eaten` means nothing here"), "{message}");
}

#[test]
fn prices_of_a_market_file_are_filed_once_and_read_back() {
    let mut ledger = Ledger::in_memory().unwrap();
    let seen = [observation("2026-05", 410.0), observation("2026-06", 400.5)];
    assert_eq!(ledger.file_observations(&settlement("m1"), &seen).unwrap(), Filed::New);
    assert_eq!(ledger.file_observations(&settlement("m1"), &seen).unwrap(), Filed::Already);
    assert_eq!(ledger.observations().unwrap(), seen);
}

#[test]
fn every_end_of_a_unit_has_a_word_that_comes_back() {
    use Disposition::*;
    let mut ledger = Ledger::in_memory().unwrap();
    let line = handed_over("VR-1", 1);
    ledger.file_hand_overs(std::slice::from_ref(&line)).unwrap();
    let ends = [
        Sold,
        SoldWithoutDrives,
        SoldAsParts,
        Redeployed,
        Donated,
        ReturnedToLessor,
        Recycled,
        Destroyed,
        Pending,
        Lost,
    ];
    let outcomes = ends.map(|disposition| Outcome { disposition, ..sold(&line, "f1", 1.0) });
    ledger.file_settlement(&settlement("f1"), &outcomes).unwrap();
    assert_eq!(ledger.outcomes().unwrap(), outcomes);
}
