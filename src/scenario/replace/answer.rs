//! What an order is, and the answer to it.
//!
//! In: nothing. Out: the types of a [`Replacement`], with the sums that reports print.

use super::compare::{StaysBecause, WorkMeasure};
use super::delay::Delay;
use super::tasks::Task;
use crate::catalog::AssetClass;
use crate::decide::{BookKept, PlanError, PolicyError, Route, Total};
use crate::units::{Currency, CurrencyError, Money, MoneyError, Month};

/// What is bought.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// Name of the product, however people write it.
    pub product: String,
    /// How many, at least 1.
    pub quantity: u32,
    /// When they arrive; blank: in the month one looks from.
    pub arrives: Option<Month>,
    /// Price of one in the currency of the answer, where it is known better than from the catalog.
    pub price: Option<f64>,
    /// Sites whose units they may displace; none named: all.
    pub sites: Vec<String>,
}

/// A purchase that nothing can be said about.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    /// No such product.
    #[error("unknown product `{name}`{near}")]
    UnknownProduct {
        /// As written.
        name: String,
        /// The nearest match, as a question.
        near: String,
    },
    /// No unit of the fleet is at the site.
    #[error("no asset stands at site `{name}`{near}")]
    UnknownSite {
        /// As written.
        name: String,
        /// The nearest match, as a question.
        near: String,
    },
    /// A part that does no work of its own.
    #[error("`{product}` is a part ({class}): it does no work by itself, so that nothing can leave for it")]
    Part {
        /// Its name.
        product: String,
        /// Its class.
        class: AssetClass,
    },
    /// Nothing arrives.
    #[error("a quantity of 0 replaces nothing: say how many arrive")]
    Nothing,
    /// Too late to plan for.
    #[error("{arrives} is before {as_of}, the month one looks from: what has arrived is in the register")]
    Past {
        /// Month of the arrival.
        arrives: Month,
        /// Month one looks from.
        as_of: Month,
    },
    /// Too far away.
    #[error("{arrives} is beyond {last}, the last month looked ahead: raise horizon_months in the policy")]
    BeyondHorizon {
        /// Month of the arrival.
        arrives: Month,
        /// Last month looked ahead.
        last: Month,
    },
    /// Not a price.
    #[error("a price of {0} is none: write what one costs, above 0")]
    Price(f64),
    /// A fleet that cannot be planned.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A policy that does not hold.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A price in a currency without rate.
    #[error(transparent)]
    Currency(#[from] CurrencyError),
    /// An amount beyond all measure.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl ReplaceError {
    /// Whether the flags make no sense, whatever the data.
    pub const fn is_wrong_usage(&self) -> bool {
        matches!(
            self,
            ReplaceError::Nothing
                | ReplaceError::Past { .. }
                | ReplaceError::BeyondHorizon { .. }
                | ReplaceError::Price(_)
        )
    }
}

/// Where the price of a newcomer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriceFrom {
    /// It was given.
    Order,
    /// List price of the catalog.
    Catalog,
    /// What the displaced units cost when new.
    Displaced,
}

impl PriceFrom {
    /// The words of reports.
    pub const fn in_words(self) -> &'static str {
        match self {
            PriceFrom::Order => "as given",
            PriceFrom::Catalog => "list price of the catalog",
            PriceFrom::Displaced => "what the displaced units cost when new",
        }
    }
}

/// Units of one cohort that leave in one month. Amounts in the currency of the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Displaced {
    /// Place in the order of leaving, from 1.
    pub rank: usize,
    /// Position of the cohort in the plan.
    pub cohort: usize,
    /// Positions of its assets in the fleet, with how many units of each leave.
    pub assets: Vec<(usize, u64)>,
    /// How many leave.
    pub units: u64,
    /// Units of the whole cohort.
    pub of_units: u64,
    /// Kind of hardware.
    pub class: AssetClass,
    /// Product, or the register's own words.
    pub product: String,
    /// From where; blank when the register names no site.
    pub site: String,
    /// When they are handed over.
    pub month: Month,
    /// How they leave.
    pub route: Route,
    /// Newcomers that do the work of one.
    pub newcomers_each: f64,
    /// How that was compared.
    pub measure: WorkMeasure,
    /// What letting go a quarter sooner saves for the work of one newcomer, as of the month of the plan.
    pub saving: f64,
    /// Price of one in the open market in the month of the arrival; none for what is leased.
    pub value_each: Option<Money>,
    /// Of them all.
    pub value: Option<Total>,
    /// Net recovery of one in the month of leaving.
    pub recovery_each: Money,
    /// Of them all.
    pub recovery: Total,
    /// Share by which the price falls for what is sold of the product in that month.
    pub price_fall: f64,
    /// Book values of them all in that month, in the order of the policy; none where no cost is known, nor for what stays
    /// in the house or goes back to a lessor.
    pub book_values: Vec<Option<Money>>,
    /// When the plan would let them go if nothing arrived.
    pub plan_month: Option<Month>,
}

impl Displaced {
    /// Gain (positive) or loss by a book.
    pub fn gain(&self, book: usize) -> Option<Money> {
        self.book_values[book]
            .map(|value| Money::from_minor(self.recovery.expected.minor() - value.minor(), value.currency()))
    }

    /// Newcomers that do the work of them all.
    pub fn newcomers(&self) -> f64 {
        self.units as f64 * self.newcomers_each
    }
}

/// Lines of one product, site, month and route, taken together for reading. Amounts in the currency of the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Ranks of its lines.
    pub ranks: Vec<usize>,
    /// Kind of hardware.
    pub class: AssetClass,
    /// Product, or the register's own words.
    pub product: String,
    /// From where; blank when the register names no site.
    pub site: String,
    /// When they are handed over.
    pub month: Month,
    /// How they leave.
    pub route: Route,
    /// How many leave.
    pub units: u64,
    /// Units of the product at the site that could leave.
    pub of_units: u64,
    /// Newcomers that do their work.
    pub newcomers: f64,
    /// What letting go a quarter sooner saves for the work of one newcomer, their mean.
    pub saving: f64,
    /// Their price in the open market in the month of the arrival; none for what is leased.
    pub value: Option<Total>,
    /// Their net recovery.
    pub recovery: Total,
    /// Their book value by the first book, of those that stand in it, and gain (positive) or loss of the same.
    pub book: Option<(Money, Money)>,
}

/// Units that are not displaced.
#[derive(Debug, Clone, PartialEq)]
pub struct Staying {
    /// Why.
    pub because: StaysBecause,
    /// How many.
    pub units: u64,
    /// Products, those with most units first.
    pub products: Vec<(String, u64)>,
}

/// What a purchase displaces.
#[derive(Debug, Clone, PartialEq)]
pub struct Replacement {
    /// Product that arrives.
    pub product: String,
    /// Its kind.
    pub class: AssetClass,
    /// How many.
    pub quantity: u32,
    /// When.
    pub arrives: Month,
    /// Month one looks from.
    pub as_of: Month,
    /// Currency of all amounts.
    pub currency: Currency,
    /// Price of one newcomer, where known.
    pub price: Option<(Money, PriceFrom)>,
    /// What one of them costs in the quarter after its arrival, present value: capital, running, fall of its price.
    pub quarter_of_one: Option<Money>,
    /// The books that are kept.
    pub books: Vec<BookKept>,
    /// What leaves, in its order.
    pub displaced: Vec<Displaced>,
    /// The same by product, site, month and route, leases first, then by their mean saving.
    pub groups: Vec<Group>,
    /// Price of it all in the open market in the month of the arrival.
    pub value: Total,
    /// Net recovery of it all.
    pub recovery: Total,
    /// What must be done by when.
    pub tasks: Vec<Task>,
    /// What it costs when they arrive a quarter later.
    pub late_arrival: Delay,
    /// What it costs when they arrive in time, and what they displace leaves a quarter later.
    pub late_disposal: Delay,
    /// What stays, by reason.
    pub staying: Vec<Staying>,
}

impl Replacement {
    /// Newcomers whose work is taken over from units that leave.
    pub fn newcomers_used(&self) -> f64 {
        self.displaced.iter().map(Displaced::newcomers).sum()
    }

    /// Newcomers that nothing leaves for.
    pub fn newcomers_unused(&self) -> f64 {
        (f64::from(self.quantity) - self.newcomers_used()).max(0.0)
    }

    /// Units that the plan would let go before the arrival if nothing arrived.
    pub fn units_planned_sooner(&self) -> u64 {
        let sooner = |line: &&Displaced| line.plan_month.is_some_and(|month| month < self.arrives);
        self.displaced.iter().filter(sooner).map(|line| line.units).sum()
    }

    /// Units that save less in a quarter than the newcomers that take their place cost in it.
    pub fn units_below_cost(&self) -> u64 {
        let cost = self.quarter_of_one.map_or(f64::NEG_INFINITY, Money::major);
        self.displaced.iter().filter(|line| line.saving < cost).map(|line| line.units).sum()
    }

    /// Units that leave.
    pub fn units(&self) -> u64 {
        self.displaced.iter().map(|line| line.units).sum()
    }

    /// Book value of everything that stands in a book.
    pub fn book_value(&self, book: usize) -> Money {
        self.sum(|line| line.book_values[book])
    }

    /// Gain or loss by a book, of everything that stands in it.
    pub fn gain(&self, book: usize) -> Money {
        self.sum(|line| line.gain(book))
    }

    fn sum(&self, of: impl Fn(&Displaced) -> Option<Money>) -> Money {
        Money::from_minor(self.displaced.iter().filter_map(of).map(Money::minor).sum(), self.currency)
    }
}
