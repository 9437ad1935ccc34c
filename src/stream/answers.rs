//! What each row is answered.
//!
//! In: a plan of one asset of each kind, and what becomes of each kind. Out: [`Answers`]: the line of `plan.csv` for any row,
//! put together from the row's own name and line and from what its kind shares. Units of a cohort that leaves in several
//! months take their places in the order of the register; how many units of each cohort came before, the caller counts.

use super::{Outcome, PlanForm};
use crate::catalog::Catalog;
use crate::decide::Plan;
use crate::fleet::{Fleet, Reject};
use crate::report::{self, Cell};

/// Columns of `plan.csv` that rows of a kind share, between the name of the row and the month it leaves in.
pub(super) const SHARED: [&str; 20] = [
    "class",
    "product",
    "site",
    "status",
    "quantity",
    "basis",
    "action",
    "route",
    "month",
    "window_start",
    "window_end",
    "currency",
    "value_now_mean",
    "value_now_p10",
    "value_now_p50",
    "value_now_p90",
    "recovery_mean",
    "recovery_p10",
    "recovery_p50",
    "recovery_p90",
];

/// What the rows of a kind are answered.
#[derive(Debug)]
pub(super) enum Answer {
    /// An asset's.
    Asset {
        /// Its cohort.
        cohort: usize,
        /// Units of one row.
        quantity: u64,
        /// The shared cells as text, where they are wanted so, with the delimiter before and behind them.
        shared: String,
    },
    /// It is refused.
    Reject(Reject),
    /// It is blank.
    Nothing,
}

/// Answers to rows of every kind.
#[derive(Debug)]
pub(super) struct Answers {
    /// By kind.
    pub kinds: Vec<Answer>,
    /// The shared cells of each kind, where they are wanted as columns.
    #[cfg(feature = "parquet")]
    pub cells: Vec<Vec<Cell>>,
    /// Of each cohort: where its units go, in order.
    places: Vec<Vec<Places>>,
}

/// Units that leave in one month.
#[derive(Debug)]
struct Places {
    units: u64,
    month: String,
}

/// The number of the cohort and the shared cells, with the delimiter before and behind them.
fn shared_text(cohort: usize, cells: &[Cell]) -> String {
    let line: Vec<Cell> = std::iter::once(Cell::number(cohort + 1)).chain(cells.iter().cloned()).collect();
    let line = String::from_utf8_lossy(&report::csv_lines([&line])).into_owned();
    format!(",{},", line.trim_end_matches('\n'))
}

impl Answers {
    /// Answers by a plan.
    pub(super) fn of(
        plan: &Plan,
        fleet: &Fleet,
        catalog: &Catalog,
        outcomes: Vec<Outcome>,
        form: PlanForm,
    ) -> Answers {
        let columns = report::PlanColumns::of(&SHARED);
        let mut kinds = Vec::with_capacity(outcomes.len());
        let mut all_cells = Vec::new();
        for outcome in outcomes {
            let mut cells = Vec::new();
            kinds.push(match outcome {
                Outcome::Nothing => Answer::Nothing,
                Outcome::Reject(reject) => Answer::Reject(reject),
                Outcome::Asset { position, quantity } => {
                    let cohort = plan.cohort_of[position];
                    // The asset stands for all rows of its kind; a row is one of them.
                    cells = columns.cells(plan, fleet, catalog, position, quantity);
                    let shared =
                        if form == PlanForm::Csv { shared_text(cohort, &cells) } else { String::new() };
                    Answer::Asset { cohort, quantity: u64::from(quantity), shared }
                }
            });
            if form != PlanForm::Csv {
                all_cells.push(cells);
            }
        }
        let of_cohort = |cohort: usize| -> Vec<Places> {
            let placements = plan.schedule.of_cohort(cohort).iter();
            placements
                .map(|placement| Places {
                    units: placement.units,
                    month: report::month_or_stay(placement.month),
                })
                .collect()
        };
        Answers {
            kinds,
            #[cfg(feature = "parquet")]
            cells: all_cells,
            places: (0..plan.cohorts.len()).map(of_cohort).collect(),
        }
    }

    /// The first line of `plan.csv`.
    pub(super) fn header() -> String {
        format!("asset_id,cohort,{},scheduled_month,line\n", SHARED.join(","))
    }

    /// Number of cohorts.
    pub(super) fn cohorts(&self) -> usize {
        self.places.len()
    }

    /// Writes where units of a cohort go of which so many are placed already: a month, or several with their units.
    pub(super) fn write_months(&self, cohort: usize, before: u64, quantity: u64, into: &mut String) {
        let places = self.places[cohort].iter().map(|place| (place.units, place.month.as_str()));
        report::write_months(places, before, quantity, into);
    }
}
