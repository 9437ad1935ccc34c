//! What the units of a cohort fetch, month by month.
//!
//! In: a cohort with its row in the register, the catalog, the models. Out: its [`Valuation`]: the forecast of its price, and
//! the prices of what in it sells by itself. Nothing is decided here, and nothing hangs on costs or terms of the policy.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cohort::Cohort;
use super::decision::MONTHS_LATE;
use super::plan::PlanInput;
use super::policy::Policy;
use super::route::PartPrice;
use crate::catalog::{AssetClass, Catalog, Product};
use crate::fleet::{AcquiredMonths, Asset, Fleet, Grade, Status};
use crate::price::parts::{Configuration, Drives};
use crate::price::{self, Forecast, PartPrices, Subject};
use crate::units::{Currency, ExchangeRates, LogNormal};

/// What one unit of a cohort fetches.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Valuation {
    /// Price path in dollars, when anything speaks of it.
    pub forecast: Option<Arc<Forecast>>,
    /// What its parts sell for by themselves, where that is known.
    pub parts: Arc<[PartPrice]>,
    /// Where the month of purchase is not certain: the price now in dollars, were it surely the mean month.
    pub if_age_known: Option<LogNormal>,
}

impl Valuation {
    /// Values a subject, the units of a cohort, for some months.
    pub(super) fn of(
        input: &PlanInput<'_>,
        cohort: &Cohort,
        subject: &Subject<'_>,
        months: usize,
    ) -> Valuation {
        let acquired = cohort.acquired.as_ref();
        let forecast = price::forecast_over_ages(input.models, subject, acquired, input.as_of, months);
        let if_age_known = acquired
            .filter(|acquired| !acquired.is_certain())
            .and_then(|_| price::forecast(input.models, subject, input.as_of, 1))
            .map(|known| known.value(0));
        let parts = parts(input, cohort, subject, forecast.as_ref(), months).into();
        Valuation { forecast: forecast.map(Arc::new), parts, if_age_known }
    }
}

/// The parts of a unit that sell by themselves, with their price paths: the accelerators of a node, or what a server
/// holds.
pub(super) fn parts(
    input: &PlanInput<'_>,
    cohort: &Cohort,
    subject: &Subject<'_>,
    forecast: Option<&Forecast>,
    months: usize,
) -> Vec<PartPrice> {
    let Some((card, count)) = subject.accelerators else {
        return forecast.and_then(|forecast| forecast.parts.as_ref()).map(of_server).into_iter().collect();
    };
    let of_card = Subject {
        class: card.class,
        product: Some(card),
        successor_launch: input.catalog.successor_launch(card).map(|date| date.month),
        cost_usd: None,
        cost_from_siblings: false,
        acquired: subject.acquired,
        grade: subject.grade,
        accelerators: None,
        configuration: Configuration::default(),
    };
    let acquired = cohort.acquired.as_ref();
    let Some(forecast) = price::forecast_over_ages(input.models, &of_card, acquired, input.as_of, months)
    else {
        return Vec::new();
    };
    let prices = (0..months).map(|ahead| forecast.value(ahead)).collect();
    vec![PartPrice { name: card.name.clone(), count: f64::from(count), prices }]
}

/// Processors, memory and drives of a server as so many equal parts.
fn of_server(parts: &PartPrices) -> PartPrice {
    let each = |all: &LogNormal| LogNormal { mean_log: all.mean_log - parts.count.ln(), ..*all };
    PartPrice {
        name: "processors, memory and drives".to_owned(),
        count: parts.count,
        prices: parts.prices.iter().map(each).collect(),
    }
}

/// Median cost in dollars of the units of a product that this owner bought, by class and label.
#[derive(Debug)]
pub(super) struct UsualCosts(BTreeMap<(AssetClass, String), f64>);

impl UsualCosts {
    /// Over the cohorts of identified products.
    pub(super) fn of<'a>(
        fleet: &Fleet,
        cohorts: impl Iterator<Item = &'a Cohort>,
        rates: &ExchangeRates,
    ) -> UsualCosts {
        let mut costs: BTreeMap<(AssetClass, String), Vec<f64>> = BTreeMap::new();
        for cohort in cohorts.filter(|cohort| cohort.identification.product.is_some()) {
            let paid = |index: &usize| in_dollars(fleet.assets[*index].purchase_cost?, rates);
            let of_product = costs.entry((cohort.class, cohort.label.clone())).or_default();
            of_product.extend(cohort.assets.iter().filter_map(paid));
        }
        let median = |mut of_product: Vec<f64>| {
            of_product.sort_by(f64::total_cmp);
            of_product.get(of_product.len() / 2).copied()
        };
        let medians = costs.into_iter().filter_map(|(product, costs)| Some((product, median(costs)?)));
        UsualCosts(medians.collect())
    }

    /// Of a product, when a cost of one of its units is known.
    pub(super) fn get(&self, class: AssetClass, label: &str) -> Option<f64> {
        self.0.get(&(class, label.to_owned())).copied()
    }
}

/// Months that are valued: those looked ahead, and those for which missing a window at their end has a price.
pub(super) fn months(policy: &Policy) -> usize {
    policy.horizon_months as usize + 1 + MONTHS_LATE
}

fn in_dollars((amount, currency): (f64, Currency), rates: &ExchangeRates) -> Option<f64> {
    rates.dollars_per(currency).ok().map(|dollars| amount * dollars)
}

/// What the price models are told of a cohort, by one of its assets.
pub(super) fn subject<'a>(
    catalog: &'a Catalog,
    rates: &ExchangeRates,
    usual_costs: &UsualCosts,
    cohort: &Cohort,
    asset: &Asset,
) -> Subject<'a> {
    let product: Option<&'a Product> = cohort.identification.product.map(|id| catalog.get(id));
    let own_cost = asset.purchase_cost.and_then(|cost| in_dollars(cost, rates));
    let sibling_cost = usual_costs.get(cohort.class, &cohort.label);
    Subject {
        class: cohort.class,
        product,
        successor_launch: product
            .and_then(|product| catalog.successor_launch(product))
            .map(|date| date.month),
        cost_usd: own_cost.or(sibling_cost),
        cost_from_siblings: own_cost.is_none() && sibling_cost.is_some(),
        acquired: cohort.acquired.as_ref().map(AcquiredMonths::mean_month),
        // Broken gear sells for parts until somebody mends it.
        grade: asset.grade.or((asset.status == Status::InRepair).then_some(Grade::ForParts)),
        accelerators: cohort.accelerators.map(|(id, count)| (catalog.get(id), count)),
        configuration: configuration(catalog, cohort, asset),
    }
}

/// What a drive is, or what a server holds, from its row in the register. The register does not say how many drives a server
/// has, nor of what kind: their capacity stands for one drive of unknown kind.
fn configuration<'a>(catalog: &'a Catalog, cohort: &Cohort, asset: &Asset) -> Configuration<'a> {
    if let Some(drive) = cohort.drive {
        let drives = Drives { count: 1, terabytes_each: drive.terabytes, kind: Some(drive.kind) };
        return Configuration { drives: Some(drives), ..Configuration::default() };
    }
    if cohort.class != AssetClass::Server {
        return Configuration::default();
    }
    Configuration {
        processors: asset.cpu_count,
        processor: cohort.processor.map(|id| catalog.get(id)),
        memory_gb: asset.ram_gb,
        drives: asset.storage_gb.filter(|size| *size > 0.0).map(|size| Drives {
            count: 1,
            terabytes_each: size / 1000.0,
            kind: None,
        }),
    }
}
