//! "Recovers 10 to 30 % of original value", in words.

use super::{Section, grid, percent, spread};
use crate::decide::Policy;
use crate::report::words::{counted, whole};
use crate::scenario::claims::Verdict;
use crate::scenario::claims::recovery::{CLAIMED, OfSample, Recovery, YEARS};
use crate::units::Currency;

pub(super) fn section(found: &Recovery, policy: &Policy) -> Section {
    let sample = grid(
        &[
            "sample, what leaves in five years",
            "units",
            "cost",
            "mean age on leaving",
            "net recovery over cost",
        ],
        found.sample.iter().map(|one| {
            vec![
                name(one),
                one.units.to_string(),
                whole(one.cost, Currency::USD),
                format!("{:.0} months", one.age_months),
                spread(&one.share),
            ]
        }),
    );
    let mut columns = vec!["on a shelf, cost".to_owned()];
    columns.extend(YEARS.iter().map(|years| counted(*years as u64, "year")));
    columns.push("10 to 30 % at".to_owned());
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let shelf = grid(
        &columns,
        found.shelf.iter().map(|class| {
            let mut row = vec![format!("{}, {}", class.class, whole(class.cost, Currency::USD))];
            row.extend(class.shares.iter().map(spread));
            row.push(class.within.map_or("no age".to_owned(), |(from, to)| format!("{from} to {to} months")));
            row
        }),
    );
    Section {
        said: "\"Recovers 10 to 30 % of original value\"",
        source: "Repeated in the trade; no source with a measurement was found. The nearest is a \
                 vendor's claim that about 20 % of the cost of a refresh comes back.",
        verdict: found.verdict,
        condition: condition(found),
        assumptions: vec![
            ("what is recovered".into(), "net of the vendor's share, fees, freight and unsold rest".into()),
            ("vendor leaves you".into(), percent(policy.resell.share)),
            ("price in the channel over open-market sales".into(), percent(policy.resell.channel_factor)),
            ("original value".into(), "purchase cost as the register states it; units without one are left out".into()),
            ("sample".into(), "what the plan lets go within five years, in the months it chooses".into()),
            (
                "shelf".into(),
                "one unit of each class and age from 0 to 120 months, product unknown, so the class curve alone".into(),
            ),
        ],
        found: vec![
            sample,
            shelf,
            "An unlisted card is valued with those that cost about what it did: one of 10,000 dollars with data-centre cards (compare 4)."
                .to_owned(),
        ],
        mechanism: "Age on leaving decides, and after it the share that fees take of a small price: the same programme \
                    recovers above the range from young units and below it from old ones."
            .to_owned(),
    }
}

fn name(one: &OfSample) -> String {
    one.class.map_or("all".to_owned(), |class| class.name().to_owned())
}

fn condition(found: &Recovery) -> String {
    let windows: Vec<String> = found
        .shelf
        .iter()
        .filter_map(|class| class.within.map(|(from, to)| format!("{} {from} to {to}", class.class)))
        .collect();
    let all = found.sample.first().map_or(String::new(), |all| {
        let side = match all.share.mean {
            share if share < CLAIMED.0 => "below",
            share if share > CLAIMED.1 => "above",
            _ => "within",
        };
        format!(" The sample as planned is {side} it, at {}.", spread(&all.share))
    });
    match found.verdict {
        Verdict::Holds => format!("The sample and its classes lie within it.{all}"),
        _ => {
            format!("It holds for units that leave at the right age, in months: {}.{all}", windows.join(", "))
        }
    }
}
