//! Which units the newcomers can take over from, and how much of one newcomer each of them needs.
//!
//! In: what arrives, a planned cohort. Out: newcomers for one unit, by the measure of the plan
//! ([`new_units_for_one`]), or why the unit stays out of the question. Cards and nodes of cards are compared by the FP32
//! throughput of their cards; servers by the generations between them: as many as the unit's own line brought to
//! market until the newcomer did; everything else goes one for one.

use crate::catalog::{AssetClass, Catalog, Matcher, Product};
use crate::decide::work::{gain_of_generations, new_units_for_one, shares_work};
use crate::decide::{PlannedCohort, Policy, Standing, cards_of};
use crate::fleet::{Asset, Ownership};
use crate::units::Month;

/// Generations after which a line is taken to go in a circle.
const MOST_GENERATIONS: i32 = 12;

/// How the work of a unit was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkMeasure {
    /// A newcomer for each.
    OneForOne,
    /// FP32 throughput of cards.
    Throughput,
    /// Generations between the two.
    Generations(i32),
}

impl WorkMeasure {
    /// The words of files.
    pub fn name(self) -> String {
        match self {
            WorkMeasure::OneForOne => "one for one".to_owned(),
            WorkMeasure::Throughput => "FP32 throughput".to_owned(),
            WorkMeasure::Generations(1) => "1 generation".to_owned(),
            WorkMeasure::Generations(count) => format!("{count} generations"),
        }
    }
}

/// Why units of the fleet are not displaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum StaysBecause {
    /// The newcomers are used up.
    UsedUp,
    /// No month is left in which its site could hand it over.
    NoRoom,
    LeaseGoesOn,
    LeaseWithoutEnd,
    MustStay,
    NotInUse,
    NotOlder,
    NotComparable,
    NoValue,
    OtherSite,
    NotInPlan(Standing),
    OtherPlatform,
    OtherLine,
    OtherClass,
}

impl StaysBecause {
    /// The words of reports.
    pub const fn in_words(self) -> &'static str {
        match self {
            StaysBecause::UsedUp => "next in line: the purchase is used up",
            StaysBecause::NoRoom => "no month left to hand it over: capacity or freeze of its site",
            StaysBecause::LeaseGoesOn => "leased beyond the arrival",
            StaysBecause::LeaseWithoutEnd => "leased, with no end in the register",
            StaysBecause::MustStay => "must stay beyond the arrival",
            StaysBecause::NotInUse => "not in use: nothing has to take its place",
            StaysBecause::NotOlder => "no older than what arrives",
            StaysBecause::NotComparable => "nothing says how its work compares",
            StaysBecause::NoValue => "nothing says what it is worth",
            StaysBecause::OtherSite => "at another site",
            StaysBecause::NotInPlan(standing) => standing.name(),
            StaysBecause::OtherPlatform => "of another platform: Apple for Apple only",
            StaysBecause::OtherLine => "another line of cards, or a server without cards",
            StaysBecause::OtherClass => "another kind of hardware",
        }
    }
}

/// What arrives, as work sees it.
pub(super) struct Newcomer<'a> {
    catalog: &'a Catalog,
    product: &'a Product,
    /// The cards that do its work, and how many: its own, or those it carries.
    cards: Option<(&'a Product, f64)>,
}

/// What a unit needs of the newcomers.
pub(super) struct Needs {
    pub newcomers: f64,
    pub measure: WorkMeasure,
}

impl<'a> Newcomer<'a> {
    pub(super) fn new(catalog: &'a Catalog, matcher: &Matcher, product: &'a Product) -> Newcomer<'a> {
        let cards = match product.class {
            AssetClass::Gpu => Some((product, 1.0)),
            _ => cards_of(product, matcher).map(|(card, count)| (catalog.get(card), f64::from(count))),
        };
        Newcomer { catalog, product, cards }
    }

    /// What one unit of a cohort needs.
    pub(super) fn needs(&self, planned: &PlannedCohort, policy: &Policy) -> Result<Needs, StaysBecause> {
        let cohort = &planned.cohort;
        let own = cohort.identification.product.map(|id| self.catalog.get(id));
        let load = planned.decision.prospects.as_ref().and_then(|prospects| prospects.unit.utilization);
        let cards = match (cohort.class, cohort.accelerators) {
            (AssetClass::Gpu, _) => own.map(|own| (own, 1.0)),
            (_, Some((card, count))) => Some((self.catalog.get(card), f64::from(count))),
            _ => None,
        };
        let does_cards_work = cohort.class == AssetClass::Gpu || cards.is_some();
        if let Some(new) = self.cards.filter(|_| does_cards_work) {
            return self.of_cards(cards, new, load, policy);
        }
        if cohort.class != self.product.class {
            return Err(StaysBecause::OtherClass);
        }
        if self.cards.is_some() || does_cards_work {
            return Err(StaysBecause::OtherLine);
        }
        if own.is_some_and(|own| !is_older(own, self.product)) {
            return Err(StaysBecause::NotOlder);
        }
        let runs_apple = own.map_or_else(|| names_apple(&cohort.label), is_apple);
        if runs_apple != is_apple(self.product) {
            return Err(StaysBecause::OtherPlatform);
        }
        if !shares_work(cohort.class) {
            return Ok(Needs { newcomers: 1.0, measure: WorkMeasure::OneForOne });
        }
        let generations =
            own.and_then(|own| self.generations_after(own)).ok_or(StaysBecause::NotComparable)?;
        let gain = gain_of_generations(policy, generations);
        let newcomers = new_units_for_one(policy, load, gain);
        Ok(Needs { newcomers, measure: WorkMeasure::Generations(generations) })
    }

    fn of_cards(
        &self,
        old: Option<(&Product, f64)>,
        (new, new_count): (&Product, f64),
        load: Option<f64>,
        policy: &Policy,
    ) -> Result<Needs, StaysBecause> {
        let (old, old_count) = old.ok_or(StaysBecause::NotComparable)?;
        let same_line = old.is_datacentre_gpu() && new.is_datacentre_gpu() || old.family == new.family;
        if !same_line {
            return Err(StaysBecause::OtherLine);
        }
        if !is_older(old, new) {
            return Err(StaysBecause::NotOlder);
        }
        let (Some(slow), Some(fast)) = (old.fp32_tflops, new.fp32_tflops) else {
            return Err(StaysBecause::NotComparable);
        };
        let newcomers = old_count / new_count * new_units_for_one(policy, load, fast / slow);
        Ok(Needs { newcomers, measure: WorkMeasure::Throughput })
    }

    /// Generations that the line of a product brought to market until the newcomer did; none where that is not known.
    fn generations_after(&self, own: &Product) -> Option<i32> {
        let newest = self.product.launch.map(|date| date.month);
        let mut current = own;
        for generations in 0..MOST_GENERATIONS {
            let Some(next) = self.catalog.successor_of(current) else {
                return (generations > 0 && newest.is_some()).then_some(generations);
            };
            if next.name == self.product.name {
                return Some(generations + 1);
            }
            let launched = self.catalog.successor_launch(current).map(|date| date.month);
            if newest.zip(launched).is_some_and(|(newest, launched)| launched > newest) {
                return Some(generations);
            }
            current = next;
        }
        None
    }
}

/// Whether a product came to market before another. Where a launch is not known nothing speaks against it, but a
/// product is never older than itself.
fn is_older(old: &Product, new: &Product) -> bool {
    if old.name == new.name {
        return false;
    }
    match (old.launch, new.launch) {
        (Some(old), Some(new)) => old.month < new.month,
        _ => true,
    }
}

/// Whether it runs the system of the one maker whose devices run no other.
fn is_apple(product: &Product) -> bool {
    product.vendor == "Apple"
}

/// The same of a model that the catalog does not know, by its words.
fn names_apple(label: &str) -> bool {
    const NAMES: [&str; 7] = ["apple", "imac", "ipad", "iphone", "mac mini", "mac studio", "macbook"];
    let label = label.to_lowercase();
    NAMES.iter().any(|name| label.contains(name))
}

/// What binds a unit that could be compared, at the month of the arrival.
pub(super) fn bound(planned: &PlannedCohort, asset: &Asset, arrives: Month) -> Result<(), StaysBecause> {
    if planned.cohort.standing != Standing::InPlan {
        return Err(StaysBecause::NotInPlan(planned.cohort.standing));
    }
    if asset.is_idle() {
        return Err(StaysBecause::NotInUse);
    }
    if asset.keep_until.is_some_and(|month| month > arrives) {
        return Err(StaysBecause::MustStay);
    }
    match (asset.ownership, asset.lease_end) {
        (Ownership::Leased, None) => Err(StaysBecause::LeaseWithoutEnd),
        (Ownership::Leased, Some(end)) if end.month() > arrives => Err(StaysBecause::LeaseGoesOn),
        (Ownership::Leased, Some(_)) => Ok(()),
        _ if planned.decision.prospects.is_none() => Err(StaysBecause::NoValue),
        _ => Ok(()),
    }
}
