//! "15 to 20 % saved by standardising and managing total cost of ownership."
//!
//! In: a mixed fleet of four product lines and the same fleet of one line, bought in the same months for the same price.
//! Out: what total cost falls by when all units are of one line, when each is replaced in the month of least cost instead
//! of at a fixed age, and by both; and how much cheaper new equipment, or upkeep, must be for the rest of the claim: what
//! one supplier's discount and one image must bring, of which the engine knows nothing by itself.

use super::trial::{self, Lot};
use super::{ClaimError, Verdict};
use crate::decide::{PlanInput, Policy};
use crate::fleet::Fleet;
use crate::scenario::answer::{Answer, Measure};
use crate::units::{Month, Quantiles};

/// Savings of total cost that the claim names.
pub const CLAIMED: (f64, f64) = (0.15, 0.20);

/// What a laptop costs, US dollars, whatever its line.
pub const COST: f64 = 1_300.0;

/// Units of each line bought each month.
pub const MONTHLY: u32 = 5;

/// Refresh age before anything is done, months: that of the built-in policy.
pub const CYCLE: i32 = 48;

/// The greatest discount and cut of upkeep that are searched.
pub const MOST: f64 = 0.60;

/// Product lines: the model bought in each year from the first on.
pub const LINES: [(&str, [&str; 5]); 4] = [
    (
        "ThinkPad T14",
        [
            "Lenovo ThinkPad T14 Gen 3",
            "Lenovo ThinkPad T14 Gen 4",
            "Lenovo ThinkPad T14 Gen 5",
            "Lenovo ThinkPad T14 Gen 5",
            "Lenovo ThinkPad T14 Gen 5",
        ],
    ),
    (
        "Latitude 5400 line",
        [
            "Dell Latitude 5430",
            "Dell Latitude 5440",
            "Dell Latitude 5450",
            "Dell Latitude 5450",
            "Dell Latitude 5450",
        ],
    ),
    (
        "EliteBook 840",
        [
            "HP EliteBook 840 G9",
            "HP EliteBook 840 G10",
            "HP EliteBook 840 G11",
            "HP EliteBook 840 G11",
            "HP EliteBook 840 G11",
        ],
    ),
    (
        "MacBook Air 13",
        [
            "Apple MacBook Air 13 (M2, 2022)",
            "Apple MacBook Air 13 (M2, 2022)",
            "Apple MacBook Air 13 (M3, 2024)",
            "Apple MacBook Air 13 (M4, 2025)",
            "Apple MacBook Air 13 (M5, 2026)",
        ],
    ),
];

/// The first year of the lines.
pub const FIRST_YEAR: i32 = 2022;

/// A step and what it saves of the total cost of the mixed fleet at the fixed age.
#[derive(Debug, Clone, PartialEq)]
pub struct Saving {
    /// Share saved in expectation.
    pub share: f64,
    /// What is saved over what the mixed fleet costs in expectation, in joint draws.
    pub drawn: Quantiles,
}

/// What came out.
#[derive(Debug, Clone, PartialEq)]
pub struct Standardising {
    /// Units in the fleet.
    pub units: u64,
    /// Total cost of one unit and year before anything is done.
    pub cost_per_unit_and_year: f64,
    /// Of which it is: purchases less resale, and running.
    pub purchases: f64,
    /// Energy, upkeep and failures.
    pub running: f64,
    /// One line instead of four: by line, at the same age and in the month of least cost.
    pub by_line: Vec<(&'static str, Saving, Saving)>,
    /// The month of least cost instead of a fixed age, for the mixed fleet.
    pub best_month: Saving,
    /// The best line and the month of least cost.
    pub both: Saving,
    /// The line of `both`.
    pub best_line: &'static str,
    /// How much cheaper new equipment must be for `both` to reach the least of the claim; none within [`MOST`].
    pub discount: Option<f64>,
    /// How much less upkeep must cost for the same.
    pub upkeep_cut: Option<f64>,
    /// The verdict.
    pub verdict: Verdict,
}

/// Puts the claim to the engine.
pub(super) fn standardising(input: &PlanInput<'_>) -> Result<Standardising, ClaimError> {
    let mixed = fleet(input, None)?;
    let lines: Vec<Fleet> =
        (0..LINES.len()).map(|line| fleet(input, Some(line))).collect::<Result<_, _>>()?;
    let fixed = trial::with(input.policy, &format!("refresh_rule = \"fixed\"\nrefresh_months = {CYCLE}\n"))?;
    let best = trial::with(input.policy, "refresh_rule = \"best\"\n")?;
    let mut asked: Vec<(&str, &Fleet, &Policy)> = vec![("mixed", &mixed, &fixed), ("month", &mixed, &best)];
    asked.extend(lines.iter().zip(LINES).map(|(fleet, (name, _))| (name, fleet, &fixed)));
    asked.extend(lines.iter().zip(LINES).map(|(fleet, (name, _))| (name, fleet, &best)));
    let found = trial::answers(input, &asked)?;
    let base = &found[0];
    let (at_age, in_month) = found[2..].split_at(LINES.len());
    let by_line: Vec<(&'static str, Saving, Saving)> = LINES
        .iter()
        .zip(at_age.iter().zip(in_month))
        .map(|((name, _), (age, month))| (*name, saving(base, age), saving(base, month)))
        .collect();
    let share = |line: &usize| by_line[*line].2.share;
    let most = (0..LINES.len()).max_by(|a, b| share(a).total_cmp(&share(b))).unwrap_or(0);
    let (best_line, _, both) = by_line[most].clone();
    let cost = base.total(Measure::TotalCost).major();
    let search = |table: &dyn Fn(f64) -> Result<Policy, ClaimError>| {
        trial::crossing((0.0, MOST), |cheaper| {
            let figures = trial::money(input, &lines[most], &table(cheaper)?)?;
            Ok(1.0 - trial::total(&figures, Measure::TotalCost) / cost - CLAIMED.0)
        })
    };
    let discount = search(&|cheaper| discounted(&best, cheaper))?;
    let upkeep_cut = search(&|cheaper| with_less_upkeep(&best, cheaper))?;
    let verdict = match (both.share >= CLAIMED.0, discount.or(upkeep_cut)) {
        (true, _) => Verdict::Holds,
        (false, Some(_)) => Verdict::HoldsOnlyIf,
        (false, None) => Verdict::Fails,
    };
    let unit_years = base.units as f64 * base.horizon() as f64 / 12.0;
    let running = base.total(Measure::Opex).major() / unit_years;
    Ok(Standardising {
        units: base.units,
        cost_per_unit_and_year: cost / unit_years,
        purchases: cost / unit_years - running,
        running,
        by_line,
        best_month: saving(base, &found[1]),
        both,
        best_line,
        discount,
        upkeep_cut,
        verdict,
    })
}

/// Four lines in equal parts, or as many units of one line. Every unit has a record of its own month and line.
fn fleet(input: &PlanInput<'_>, only: Option<usize>) -> Result<Fleet, ClaimError> {
    let mut lots = Vec::new();
    for age in 1..=CYCLE {
        for line in 0..LINES.len() {
            let model = model(only.unwrap_or(line), input.as_of.plus(-age));
            let lot = Lot::in_use("laptop", model, input.as_of, age, COST);
            lots.push(Lot { units: MONTHLY, ..lot });
        }
    }
    trial::fleet(input, &lots)
}

fn model(line: usize, bought: Month) -> &'static str {
    let models = LINES[line].1;
    models[((bought.year() - FIRST_YEAR).max(0) as usize).min(models.len() - 1)]
}

fn saving(base: &Answer, other: &Answer) -> Saving {
    let cost = base.total(Measure::TotalCost).major();
    Saving {
        share: 1.0 - other.total(Measure::TotalCost).major() / cost,
        drawn: trial::difference(base, other).map_linear(1.0 / cost, 0.0),
    }
}

/// New equipment cheaper by a share.
fn discounted(policy: &Policy, cheaper: f64) -> Result<Policy, ClaimError> {
    let factor = policy.challenger.price_factor * (1.0 - cheaper);
    trial::with(policy, &format!("challenger.price_factor = {factor:?}\n"))
}

/// Upkeep of laptops cheaper by a share.
fn with_less_upkeep(policy: &Policy, cheaper: f64) -> Result<Policy, ClaimError> {
    let laptop = policy.maintenance.yearly_share.of(crate::catalog::AssetClass::Laptop).unwrap_or(0.0);
    trial::with(policy, &format!("maintenance.yearly_share.laptop = {:?}\n", laptop * (1.0 - cheaper)))
}
