//! How the units of a fleet stand in each book that the policy keeps.
//!
//! In: a fleet with its cohorts, and the books of the policy that holds for each cohort. Out: [`FleetBooks`]: for every asset
//! its books in the order of the policy, and what a unit stands for when it leaves ([`InBook`]). Amounts are those of
//! one unit, in the currency of the plan. Units that are not owned (leased, personal) stand in no book, nor do units
//! without cost or date.
//!
//! The 40 % test of a tax book is over all units owned by then, cost × quantity, by tax year of service; those already
//! gone count, for they were placed in service. Units without cost or date stay out of it, and their number is told.

use super::cohort::Standing;
use super::plan::{PlanInput, PlannedCohort};
use super::policy::Books;
use super::route::Route;
use super::schedule::{Exit, Placement};
use crate::book::{Book, BookedUnit, Method, TaxYears};
use crate::catalog::AssetClass;
use crate::fleet::{Asset, Fleet, Ownership};
use crate::units::{Currency, ExchangeRates, Money, MoneyError, Month};

/// How a book is kept over the whole fleet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookKept {
    /// Its name.
    pub name: String,
    /// The name as part of a column's: small letters, digits, underscores.
    pub key: String,
    /// Tax years that go by the mid-quarter convention after the 40 % test.
    pub mid_quarter_years: Vec<i32>,
    /// Units that the 40 % test had to leave out, for want of cost or date; none where there is no test.
    pub untested: Option<u64>,
}

/// Why a unit stands in no book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum NoBook {
    Leased,
    PersonallyOwned,
    NoDate,
    NoCost,
    NoRate,
}

impl NoBook {
    /// The words files use.
    pub const fn name(self) -> &'static str {
        match self {
            NoBook::Leased => "leased",
            NoBook::PersonallyOwned => "personally owned",
            NoBook::NoDate => "no date of purchase or service",
            NoBook::NoCost => "no purchase cost",
            NoBook::NoRate => "no exchange rate for its cost",
        }
    }

    /// Whether it would stand in a book, were it known.
    const fn is_a_gap(self) -> bool {
        matches!(self, NoBook::NoDate | NoBook::NoCost | NoBook::NoRate)
    }
}

/// A unit in one book at the time it leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InBook {
    /// What it cost.
    pub cost: Money,
    /// What it stands for when it leaves. What was written down is the rest of the cost.
    pub value: Money,
    /// The month at whose end nothing is left to take.
    pub written_off: Month,
}

impl InBook {
    /// A unit that leaves in `month`, to the cent.
    pub fn leaving(book: &Book, month: Month, currency: Currency) -> Result<InBook, MoneyError> {
        Ok(InBook {
            cost: Money::from_major(book.terms().cost(), currency)?,
            value: Money::from_major(book.value_gone_in(month), currency)?,
            written_off: book.fully_depreciated(),
        })
    }

    /// So many of them together.
    pub fn times(self, units: u64) -> InBook {
        let all = |each: Money| Money::from_minor(each.minor() * units as i64, each.currency());
        InBook { cost: all(self.cost), value: all(self.value), ..self }
    }

    /// What was written down by then.
    pub fn accumulated(&self) -> Money {
        Money::from_minor(self.cost.minor() - self.value.minor(), self.cost.currency())
    }

    /// Gain (positive) or loss when it brings in `recovery`.
    pub fn gain(&self, recovery: Money) -> Money {
        Money::from_minor(recovery.minor() - self.value.minor(), self.value.currency())
    }
}

/// A fleet in its books.
#[derive(Debug, Clone)]
pub struct FleetBooks<'a> {
    fleet: &'a Fleet,
    rates: ExchangeRates,
    currency: Currency,
    /// The books of the policy of each cohort.
    kept: &'a [&'a Books],
    /// The tax years of each book and how many units had to stay out of their test.
    years: Vec<(TaxYears, Option<u64>)>,
}

impl<'a> FleetBooks<'a> {
    /// All books. `kept` are those of the policies of the cohorts, in their order.
    pub fn new(input: &PlanInput<'a>, kept: &'a [&'a Books], cohorts: &[PlannedCohort]) -> FleetBooks<'a> {
        FleetBooks::of(input, kept, cohorts, input.policy.books.rules().len())
    }

    /// The first book alone.
    pub(super) fn of_first(
        input: &PlanInput<'a>,
        kept: &'a [&'a Books],
        cohorts: &[PlannedCohort],
    ) -> FleetBooks<'a> {
        FleetBooks::of(input, kept, cohorts, 1)
    }

    fn of(
        input: &PlanInput<'a>,
        kept: &'a [&'a Books],
        cohorts: &[PlannedCohort],
        count: usize,
    ) -> FleetBooks<'a> {
        let (fleet, rates, currency) = (input.fleet, input.policy.rates(), input.policy.currency);
        let mut books = FleetBooks { fleet, rates, currency, kept, years: Vec::new() };
        books.years = (0..count).map(|book| books.tax_years(input, cohorts, book)).collect();
        books
    }

    /// How each book is kept.
    pub fn kept(&self, input: &PlanInput<'_>) -> Vec<BookKept> {
        let rules = input.policy.books.rules().iter().zip(&self.years);
        rules
            .map(|(rules, (years, untested))| BookKept {
                name: rules.name().to_owned(),
                key: rules.key(),
                mid_quarter_years: years.mid_quarter().collect(),
                untested: *untested,
            })
            .collect()
    }

    /// The books of one unit of an asset, in the order of the policy. `cohort` is the position of its cohort. A book is none
    /// where nothing says for how long the unit is kept in it.
    pub fn of_asset(
        &self,
        cohort: usize,
        class: AssetClass,
        asset: &Asset,
    ) -> Result<Vec<Option<Book>>, NoBook> {
        let unit = self.unit(asset)?;
        let kept = self.kept[cohort];
        let rules = kept.rules().iter().zip(&self.years).enumerate();
        let books = rules.map(|(book, (rules, (years, _)))| {
            let life_months = kept.life_months(book, class);
            rules.book(&BookedUnit { life_months, ..unit }, years)
        });
        Ok(books.collect())
    }

    /// Gives each cohort the first book of its first unit.
    pub(super) fn enter(&self, cohorts: &mut [PlannedCohort]) {
        for (position, planned) in cohorts.iter_mut().enumerate() {
            let asset = &self.fleet.assets[planned.cohort.assets[0]];
            let books = self.of_asset(position, planned.cohort.class, asset);
            planned.book = books.ok().and_then(|books| books.into_iter().next().flatten());
        }
    }

    /// What the register says of a unit for any book.
    fn unit(&self, asset: &Asset) -> Result<BookedUnit, NoBook> {
        match asset.ownership {
            Ownership::Leased => return Err(NoBook::Leased),
            Ownership::Personal => return Err(NoBook::PersonallyOwned),
            Ownership::Owned | Ownership::Unknown => {}
        }
        let in_currency = |(amount, paid_in): (f64, Currency)| {
            self.rates.factor(paid_in, self.currency).ok().map(|factor| amount * factor)
        };
        let bought = asset.purchase_date.map(|date| date.date);
        let in_service = asset.in_service_date.map(|date| date.date).or(bought).ok_or(NoBook::NoDate)?;
        Ok(BookedUnit {
            cost: in_currency(asset.purchase_cost.ok_or(NoBook::NoCost)?).ok_or(NoBook::NoRate)?,
            acquired: bought.map_or(in_service, |bought| bought.min(in_service)),
            in_service,
            stated_method: asset.book_method.as_deref().and_then(Method::from_register),
            stated_life_months: asset.book_life_months,
            stated_salvage: asset.salvage.and_then(in_currency),
            life_months: None,
        })
    }

    /// The 40 % test of a book, where it waits for it.
    fn tax_years(
        &self,
        input: &PlanInput<'_>,
        cohorts: &[PlannedCohort],
        book: usize,
    ) -> (TaxYears, Option<u64>) {
        let fiscal_year = input.policy.books.rules()[book].fiscal_year();
        let (mut placed, mut left_out, mut tested) = (Vec::new(), 0, false);
        for (planned, kept) in cohorts.iter().zip(self.kept) {
            if !kept.rules()[book].is_tested() || !was_placed_in_service(planned.cohort.standing) {
                continue;
            }
            tested = true;
            for asset in planned.cohort.assets.iter().map(|asset| &self.fleet.assets[*asset]) {
                match self.unit(asset) {
                    Ok(unit) => placed.push((unit.in_service, unit.cost * f64::from(asset.quantity))),
                    Err(why) if why.is_a_gap() => left_out += u64::from(asset.quantity),
                    Err(_) => {}
                }
            }
        }
        (TaxYears::of(fiscal_year, placed), tested.then_some(left_out))
    }
}

/// The month in which units of a placement leave the books: what stays in the house or goes back to its lessor does not.
pub fn month_of_disposal(placement: &Placement) -> Option<Month> {
    let stays = placement.exit == Exit::Returned || placement.route == Some(Route::Redeploy);
    placement.month.filter(|_| !stays)
}

/// Whether the owner has, or had, the unit at work by now.
const fn was_placed_in_service(standing: Standing) -> bool {
    match standing {
        Standing::InPlan | Standing::LegalHold | Standing::Missing | Standing::Gone => true,
        Standing::Personal | Standing::OnOrder | Standing::NotYetOwned => false,
    }
}
