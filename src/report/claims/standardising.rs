//! "15 to 20 % saved by standardising and managing total cost of ownership", in words.

use super::{Section, fine_spread, grid, percent, sought, tenths};
use crate::decide::Policy;
use crate::report::words::whole;
use crate::scenario::claims::Verdict;
use crate::scenario::claims::standardising::{
    CLAIMED, COST, CYCLE, LINES, MONTHLY, MOST, Saving, Standardising,
};
use crate::units::Currency;

pub(super) fn section(found: &Standardising, policy: &Policy) -> Section {
    let dollars = |amount: f64| whole(amount, Currency::USD);
    let row = |name: String, saving: &Saving| vec![name, tenths(saving.share), fine_spread(&saving.drawn)];
    let mut rows: Vec<Vec<String>> = found
        .by_line
        .iter()
        .map(|(line, saving)| row(format!("all units {line}, age as before"), saving))
        .collect();
    rows.push(row("four lines, each unit in its month of least cost".into(), &found.best_month));
    rows.push(row(format!("all units {}, in the month of least cost", found.best_line), &found.both));
    let savings = grid(&["step", "saved of total cost", "in joint draws"], rows);
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
        source: "Said in guides to asset management. No source with a measurement was found; Wipro's study of 30 firms \
                 (sponsored by Intel) says that support costs rise with the number of configurations.",
        verdict: found.verdict,
        condition: condition(found),
        assumptions: vec![
            (
                "mixed fleet".into(),
                format!("{} laptops, {MONTHLY} of each line bought in each of the last {CYCLE} months", found.units),
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
        "To reach {} in all, with the best line and the month of least cost, new laptops must be {} cheaper at the same \
         upkeep, or upkeep {} cheaper at the same price (searched to {}).",
        percent(CLAIMED.0),
        sought(found.discount, percent),
        sought(found.upkeep_cut, percent),
        percent(MOST),
    )
}

fn condition(found: &Standardising) -> String {
    match found.verdict {
        Verdict::Holds => format!("Both together save {}.", fine_spread(&found.both.drawn)),
        _ => format!(
            "By itself it saves {}. It holds if it also makes new laptops {} cheaper, or upkeep {} cheaper.",
            fine_spread(&found.both.drawn),
            sought(found.discount, percent),
            sought(found.upkeep_cut, percent),
        ),
    }
}
