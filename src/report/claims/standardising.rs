//! "15 to 20 % saved by standardising and managing total cost of ownership", in words.

use super::{Section, fine_spread, grid, percent, sought, tenths};
use crate::decide::Policy;
use crate::report::words::{counted, whole};
use crate::scenario::claims::Verdict;
use crate::scenario::claims::standardising::{CLAIMED, COST, CYCLE, LINES, MONTHLY, MOST, Standardising};
use crate::units::Currency;

/// What an old guide says that one hardware configuration less saves, US dollars a unit and year (cioupdate.com, "Dumping
/// your old PCs").
const GUIDE_SAVING: f64 = 12.0;

pub(super) fn section(found: &Standardising, policy: &Policy) -> Section {
    let dollars = |amount: f64| whole(amount, Currency::USD);
    let mut rows = vec![vec!["four lines".to_owned(), tenths(0.0), fine_spread(&found.best_month.drawn)]];
    rows.extend(found.by_line.iter().map(|(line, at_age, in_month)| {
        vec![format!("all units {line}"), fine_spread(&at_age.drawn), fine_spread(&in_month.drawn)]
    }));
    let at_age = format!("saved, replaced at {CYCLE} months");
    let savings = grid(&["fleet", &at_age, "saved, each replaced in its month of least cost"], rows);
    let before = format!(
        "Before: {} dollars a unit and year, of which {} run the unit (upkeep, failures, energy) and {} buy it, resale \
         deducted.",
        dollars(found.cost_per_unit_and_year),
        dollars(found.running),
        dollars(found.purchases),
    );
    let models: Vec<String> = LINES
        .iter()
        .map(|(name, models)| {
            format!(
                "{name} ({})",
                models
                    .first()
                    .zip(models.last())
                    .map_or(String::new(), |(first, last)| { format!("{first} to {last}") })
            )
        })
        .collect();
    Section {
        said: "\"15 to 20 % saved by standardising and managing total cost of ownership\"",
        source: "Repeated in the trade; no source with a measurement was found. A study of 30 firms by Wipro, sponsored by Intel, \
                 says that support costs rise with the number of configurations; an old guide puts one configuration less at 12 \
                 dollars a unit and year (cioupdate.com).",
        verdict: found.verdict,
        condition: condition(found),
        assumptions: vec![
            (
                "mixed fleet".into(),
                format!("{}, {MONTHLY} of each line bought in each of the last {CYCLE} months", counted(found.units, "laptop")),
            ),
            ("lines".into(), models.join("; ")),
            ("cost of one".into(), format!("{} dollars, whatever the line: standardising must not mean buying cheaper", dollars(COST))),
            ("one line".into(), "as many units, bought in the same months".into()),
            ("age before".into(), format!("fixed, {CYCLE} months")),
            ("total cost".into(), format!("purchases and running less resale and what is left, {} months", policy.horizon_months)),
            (
                "not in the engine".into(),
                "a discount for buying one model, fewer images and spares: searched below, not assumed".into(),
            ),
        ],
        found: vec![before, savings, needed(found)],
        mechanism: "Lines differ by what the present units still fetch, a small part of total cost; most of it is running \
                    costs, which no choice of model moves in the engine. The rest of the claim is a negotiated price and \
                    cheaper support, of which it has no data."
            .to_owned(),
    }
}

fn needed(found: &Standardising) -> String {
    format!(
        "To reach {} in all, with {} alone and the month of least cost, new laptops must be {} cheaper at the same upkeep, or \
         upkeep {} cheaper at the same price (searched to {}). By the guide's 12 dollars, {} configurations less would add {}.",
        percent(CLAIMED.0),
        found.best_line,
        sought(found.discount, percent),
        sought(found.upkeep_cut, percent),
        percent(MOST),
        LINES.len() - 1,
        tenths(GUIDE_SAVING * (LINES.len() - 1) as f64 / found.cost_per_unit_and_year),
    )
}

fn condition(found: &Standardising) -> String {
    match found.verdict {
        Verdict::Holds => format!("Both together save {}.", fine_spread(&found.both.drawn)),
        _ => format!(
            "One line and the month of least cost save {}. It holds if one line also makes new laptops {} cheaper, or their \
             upkeep {}.",
            fine_spread(&found.both.drawn),
            sought(found.discount, percent),
            sought(found.upkeep_cut, percent),
        ),
    }
}
