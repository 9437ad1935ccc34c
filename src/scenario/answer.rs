//! What a plan means for money: by line, month, quarter, site and book.
//!
//! In: a plan and its flows. Out: an [`Answer`]. Every amount is rounded once, to the cent of one line in one month;
//! quarters and totals are sums of these cents, so that everything adds up. Net recovery is the sum of the printed amounts
//! of the placements: that of the base is the plan's own.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::draws::Drawn;
use super::flows::{Flows, Line};
use crate::book::Book;
use crate::catalog::AssetClass;
use crate::decide::{
    BookKept, FleetBooks, InBook, Placement, PlanInput, Route, Scheduled, month_of_disposal,
};
use crate::units::{Currency, Money, MoneyError, Month, Quantiles};

/// Sums of lines that finance asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Measure {
    NetRecovery,
    Resale,
    Rental,
    Capex,
    Opex,
    Left,
    TotalCost,
    NetCash,
}

impl Measure {
    /// Every measure, in the order of reports.
    pub const ALL: [Measure; 8] = [
        Measure::NetRecovery,
        Measure::Resale,
        Measure::Rental,
        Measure::Capex,
        Measure::Opex,
        Measure::NetCash,
        Measure::Left,
        Measure::TotalCost,
    ];

    /// The words of files and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Measure::NetRecovery => "net recovery",
            Measure::Resale => "resale of successors",
            Measure::Rental => "rental income",
            Measure::Capex => "capex",
            Measure::Opex => "opex",
            Measure::Left => "value left at the horizon",
            Measure::TotalCost => "total cost",
            Measure::NetCash => "net cash",
        }
    }

    /// How a line counts: added, taken off, or not at all.
    pub const fn sign(self, line: Line) -> i64 {
        let counts = match self {
            Measure::NetRecovery => matches!(line, Line::Recovery),
            Measure::Resale => matches!(line, Line::Resale),
            Measure::Rental => matches!(line, Line::Rental),
            Measure::Capex => line.is_capex(),
            Measure::Opex => line.is_opex(),
            Measure::Left => matches!(line, Line::Left),
            Measure::NetCash => !matches!(line, Line::Left),
            Measure::TotalCost => true,
        };
        let comes_in = if line.comes_in() { 1 } else { -1 };
        match (counts, self) {
            (false, _) => 0,
            (true, Measure::Capex | Measure::Opex) => 1,
            (true, Measure::TotalCost) => -comes_in,
            (true, _) => comes_in,
        }
    }
}

/// Units that leave in the same way and stand the same in every book.
#[derive(Debug, Clone, PartialEq)]
pub struct Departure {
    /// When.
    pub month: Month,
    /// From where; blank when the register names no site.
    pub site: String,
    /// Kind of hardware.
    pub class: AssetClass,
    /// Product, or the register's own words.
    pub product: String,
    /// How they leave.
    pub route: Route,
    /// How many.
    pub units: u64,
    /// What they bring in.
    pub recovery: Money,
    /// All of them in each book, in the order of the policy; none where no cost or date is known, nor for what goes
    /// back to a lessor or stays in the house.
    pub books: Vec<Option<InBook>>,
}

impl Departure {
    /// Gain (positive) or loss by a book.
    pub fn gain(&self, book: usize) -> Option<Money> {
        self.books[book].map(|all| all.gain(self.recovery))
    }
}

/// What a plan means for money.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Name of the scenario; `base` for none.
    pub name: String,
    /// What it is about, in the owner's words.
    pub description: String,
    /// What it changes, in words.
    pub changes: Vec<String>,
    /// Currency of all amounts.
    pub currency: Currency,
    /// Month one looks from.
    pub as_of: Month,
    /// Cents by line, one entry a month ahead, the last one the horizon.
    pub lines: BTreeMap<Line, Vec<i64>>,
    /// The books that are kept, the same in every scenario; which tax years go by mid-quarter may differ.
    pub books: Vec<BookKept>,
    /// What leaves.
    pub departures: Vec<Departure>,
    /// Units whose costs are counted.
    pub units: u64,
    /// Units that leave.
    pub units_leaving: u64,
    /// Units outside: on hold, missing, of unknown value.
    pub units_outside: u64,
    /// Total cost, discounted at the rate of the scenario.
    pub present_cost: Money,
    /// Net recovery in joint draws.
    pub recovery: Quantiles,
    /// Total cost in joint draws.
    pub total_cost: Quantiles,
    /// The draws themselves, by number the same fortune in every scenario.
    pub draws: Draws,
}

/// Joint draws, moved so that their means are the printed amounts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Draws {
    /// Of the net recovery.
    pub recovery: Vec<f64>,
    /// Of the total cost.
    pub total_cost: Vec<f64>,
}

impl Answer {
    /// A measure over the whole horizon.
    pub fn total(&self, measure: Measure) -> Money {
        self.sum(measure, |_| true)
    }

    /// A measure over some months.
    pub fn sum(&self, measure: Measure, within: impl Fn(Month) -> bool) -> Money {
        let of_line = |(line, cents): (&Line, &Vec<i64>)| {
            let months = cents.iter().enumerate().filter(|(ahead, _)| within(self.month(*ahead)));
            measure.sign(*line) * months.map(|(_, cents)| cents).sum::<i64>()
        };
        Money::from_minor(self.lines.iter().map(of_line).sum(), self.currency)
    }

    /// A month ahead.
    pub fn month(&self, ahead: usize) -> Month {
        self.as_of.plus(ahead as i32)
    }

    /// Months looked ahead.
    pub fn horizon(&self) -> usize {
        self.lines.values().next().map_or(0, |cents| cents.len().saturating_sub(1))
    }

    /// The quarters from the month one looks from to the horizon, in order.
    pub fn quarters(&self) -> Vec<String> {
        let mut names: Vec<String> =
            (0..=self.horizon()).map(|ahead| self.month(ahead).quarter_name()).collect();
        names.dedup();
        names
    }

    /// Units that leave, by quarter and site.
    pub fn leaving(&self) -> BTreeMap<(String, String), u64> {
        let mut units = BTreeMap::new();
        for departure in &self.departures {
            *units.entry((departure.month.quarter_name(), departure.site.clone())).or_default() +=
                departure.units;
        }
        units
    }

    /// Gain or loss on disposals by a book, in some months.
    pub fn gain(&self, book: usize, within: impl Fn(Month) -> bool) -> Money {
        let of_months = self.departures.iter().filter(|departure| within(departure.month));
        Money::from_minor(
            of_months.filter_map(|departure| departure.gain(book)).map(Money::minor).sum(),
            self.currency,
        )
    }

    /// Probability of bringing in more than another answer; draws in which both are equal count half.
    pub fn brings_more_than(&self, other: &Answer) -> f64 {
        share_above(&self.draws.recovery, &other.draws.recovery)
    }

    /// Probability of costing less than another answer; draws in which both are equal count half.
    pub fn costs_less_than(&self, other: &Answer) -> f64 {
        share_above(&other.draws.total_cost, &self.draws.total_cost)
    }

    /// Total cost of one unit in a year.
    pub fn cost_per_unit_and_year(&self) -> f64 {
        let unit_years = self.units as f64 * self.horizon() as f64 / 12.0;
        if unit_years > 0.0 { self.total(Measure::TotalCost).major() / unit_years } else { 0.0 }
    }

    /// Units that leave before a book is written off.
    pub fn units_before_write_off(&self, book: usize) -> u64 {
        let early = |departure: &&Departure| {
            departure.books[book].is_some_and(|all| departure.month < all.written_off)
        };
        self.departures.iter().filter(early).map(|departure| departure.units).sum()
    }
}

/// Share of the draws in which one lies above the other.
fn share_above(one: &[f64], other: &[f64]) -> f64 {
    let points = one.iter().zip(other).map(|(one, other)| match one.total_cmp(other) {
        Ordering::Greater => 1.0,
        Ordering::Equal => 0.5,
        Ordering::Less => 0.0,
    });
    points.sum::<f64>() / one.len().max(1) as f64
}

/// Everything that an answer is made from but its draws.
pub(super) struct Figures {
    pub lines: BTreeMap<Line, Vec<i64>>,
    pub present_cost: Money,
}

/// Rounds the flows and adds the recovery of the placements. `discount` is monthly.
pub(super) fn figures(plan: &Scheduled, flows: &Flows, discount: f64) -> Result<Figures, MoneyError> {
    let currency = plan.currency;
    let mut lines: BTreeMap<Line, Vec<i64>> = BTreeMap::new();
    for line in Line::ALL {
        let cents = |amount: &f64| Money::from_major(*amount, currency).map(Money::minor);
        lines.insert(line, flows.of(line).iter().map(cents).collect::<Result<_, _>>()?);
    }
    if let Some(recovery) = lines.get_mut(&Line::Recovery) {
        for placement in &plan.schedule.placements {
            let Some(month) = placement.month else { continue };
            let ahead = month.months_since(plan.as_of).max(0) as usize;
            recovery[ahead] += placement.recovery.minor() * placement.units as i64;
        }
    }
    let present: f64 = lines
        .iter()
        .map(|(line, cents)| {
            let sign = Measure::TotalCost.sign(*line) as f64;
            let discounted = (0..).zip(cents).map(|(ahead, cents)| discount.powi(ahead) * *cents as f64);
            sign * discounted.sum::<f64>()
        })
        .sum();
    Ok(Figures { lines, present_cost: Money::from_minor(present.round() as i64, currency) })
}

/// What leaves, with its books.
pub(super) fn departures(
    plan: &Scheduled,
    input: &PlanInput<'_>,
    books: &FleetBooks<'_>,
) -> Result<Vec<Departure>, MoneyError> {
    let mut found = Vec::new();
    for (position, planned) in plan.cohorts.iter().enumerate() {
        let asset = &input.fleet.assets[planned.cohort.assets[0]];
        for (placement, books, units) in alike(plan, input, books, position) {
            let (Some(month), Some(route)) = (placement.month, placement.route) else { continue };
            let goes = month_of_disposal(placement);
            let in_book = |book: Option<Book>| -> Result<Option<InBook>, MoneyError> {
                let each = book.zip(goes).map(|(book, goes)| InBook::leaving(&book, goes, plan.currency));
                Ok(each.transpose()?.map(|each| each.times(units)))
            };
            found.push(Departure {
                month,
                site: asset.site.clone().unwrap_or_default(),
                class: planned.cohort.class,
                product: planned.cohort.label.clone(),
                route,
                units,
                recovery: Money::from_minor(placement.recovery.minor() * units as i64, plan.currency),
                books: books.into_iter().map(in_book).collect::<Result<_, _>>()?,
            });
        }
    }
    found.sort_by(|a, b| (a.month, &a.site, &a.product).cmp(&(b.month, &b.site, &b.product)));
    Ok(found)
}

/// Units of a cohort that do the same and stand the same in every book, in the order of its placements and assets.
fn alike<'a>(
    plan: &'a Scheduled,
    input: &PlanInput<'_>,
    books: &FleetBooks<'_>,
    cohort: usize,
) -> Vec<(&'a Placement, Vec<Option<Book>>, u64)> {
    let of_cohort = &plan.cohorts[cohort].cohort;
    let assets = || of_cohort.assets.iter().map(|asset| &input.fleet.assets[*asset]);
    let quantities: Vec<u64> = assets().map(|asset| u64::from(asset.quantity)).collect();
    let mut groups: Vec<(&Placement, Vec<Option<Book>>, u64)> = Vec::new();
    // Assets follow one another through the placements, so that only groups of the last placement can grow.
    let mut first_of_placement = 0;
    for (asset, shares) in assets().zip(plan.schedule.of_assets(cohort, &quantities)) {
        let in_none = |_| vec![None; input.policy.books.rules().len()];
        let own = books.of_asset(cohort, of_cohort.class, asset).unwrap_or_else(in_none);
        for (placement, units) in shares {
            if groups.last().is_some_and(|(last, ..)| !std::ptr::eq(*last, placement)) {
                first_of_placement = groups.len();
            }
            match groups[first_of_placement..].iter_mut().find(|(_, of_group, _)| *of_group == own) {
                Some((.., of_group)) => *of_group += units,
                None => groups.push((placement, own.clone(), units)),
            }
        }
    }
    groups
}

/// Recovery and total cost in draws, moved to the printed means, with their quantiles.
pub(super) fn drawn(answer: &mut Answer, drawn: &Drawn, successors: &[(f64, Vec<f64>)]) {
    let recovery = moved(drawn.recovery.clone(), answer.total(Measure::NetRecovery).major());
    let of_successors =
        |draw: usize| successors.iter().map(|(worth, factor)| worth * factor[draw]).sum::<f64>();
    let cost =
        (0..recovery.len()).map(|draw| -(recovery[draw] + drawn.left[draw] + of_successors(draw))).collect();
    let total_cost = moved(cost, answer.total(Measure::TotalCost).major());
    answer.recovery = Quantiles::from_draws(&mut recovery.clone());
    answer.total_cost = Quantiles::from_draws(&mut total_cost.clone());
    answer.draws = Draws { recovery, total_cost };
}

fn moved(mut draws: Vec<f64>, mean: f64) -> Vec<f64> {
    let drawn = draws.iter().sum::<f64>() / draws.len().max(1) as f64;
    draws.iter_mut().for_each(|draw| *draw += mean - drawn);
    draws
}
