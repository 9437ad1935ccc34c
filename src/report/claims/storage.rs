//! "Equipment loses 3.5 % a month in storage", in words.

use super::{Section, fine_spread, grid, tenths};
use crate::decide::Policy;
use crate::price::published::PublishedCurve;
use crate::report::words::whole;
use crate::scenario::claims::Verdict;
use crate::scenario::claims::storage::{CLAIMED, MONTHS, Storage};
use crate::units::Currency;

pub(super) fn section(found: &Storage, policy: &Policy) -> Section {
    let shelf = grid(
        &["on the shelf", "bought", "age", "price falls a month", "net falls a month", "rests on"],
        found.shelf.iter().map(|one| {
            vec![
                one.model.to_owned(),
                one.bought.to_string(),
                format!("{} months", one.age),
                fine_spread(&one.fall),
                one.net_fall.map_or("nothing left".to_owned(), tenths),
                one.basis.name().to_owned(),
            ]
        }),
    );
    let classes = grid(
        &["class curve", "falls a month, mean of five years", "falls 3.5 % or more until"],
        found.turning.iter().map(|one| {
            vec![
                one.class.name().to_owned(),
                tenths(one.first_five_years),
                one.until.map_or("at no age".to_owned(), |age| format!("{age} months")),
            ]
        }),
    );
    let (units, now, fall) = found.sample;
    let sample = format!(
        "The {units} idle units of the sample fetch {} dollars now and lose {} a month over the next {MONTHS} months.",
        whole(now, Currency::USD),
        tenths(fall),
    );
    let curves: Vec<String> = found
        .turning
        .iter()
        .map(|one| format!("{} behind {}s", PublishedCurve::sources(one.class), one.class))
        .collect();
    let circular = format!(
        "Where the basis is `published`, the engine cannot test the claim independently: Cascade's 3.5 % is itself one of the \
         curves ({}).",
        curves.join(", ")
    );
    Section {
        said: "\"Equipment loses 3.5 % a month in storage\"",
        source: "Cascade Asset Management: assets depreciate by 3.5 % a month on average, from the resale of hundreds of \
                 thousands of units (cascade-assets.com/2017report/calculator.html). Cascade measures the fall from purchase to \
                 resale; the trade repeats it for the months on the shelf.",
        verdict: found.verdict,
        condition: condition(found),
        assumptions: vec![
            ("time on the shelf".into(), format!("{MONTHS} months from the month one looks from")),
            ("price".into(), "one unit in the open market; the median path and the 10 % and 90 % points of its change".into()),
            ("net".into(), "best route after fees, less storage and shrinkage".into()),
            ("storage of a unit".into(), format!("{:.2} dollars a month", policy.idle.storage_monthly)),
            ("lost or spoiled".into(), format!("{} a month", tenths(policy.idle.shrinkage_monthly))),
        ],
        found: vec![shelf, classes, sample, circular],
        mechanism: "Price falls with age, not with the shelf, and fastest while the equipment is young; fees, storage and \
                    shrinkage are fixed sums, so what is netted falls faster the less a unit is worth."
            .to_owned(),
    }
}

fn condition(found: &Storage) -> String {
    let until: Vec<String> = found
        .turning
        .iter()
        .map(|one| match one.until {
            Some(age) => format!("{} up to {age} months", one.class),
            None => format!("{} at no age", one.class),
        })
        .collect();
    match found.verdict {
        Verdict::Holds => format!("Every unit falls by {} within half a point.", tenths(CLAIMED)),
        _ => format!(
            "The class curves fall by {} or more a month only while young: {}. The idle units of the sample fall by {}.",
            tenths(CLAIMED),
            until.join(", "),
            tenths(found.sample.2),
        ),
    }
}
