//! An invented used market whose truth is known.
//!
//! In: [`SimulationSettings`], a seed among them. Out: a [`SimulatedMarket`]: products with their facts, monthly mean
//! prices with their numbers of sales, and everything the prices were made from. The generating equations are those
//! the state-space model assumes ([`super::state_space`]), with nothing added:
//!
//! ```text
//! ln price   = ln list + y ,  y_it = x_it' beta + m_t + a_i + u_it + e_it
//! m_(t+1)    = phi m_t + v_t + eta_t ,  v_(t+1) = rho v_t + xi_t
//! m_0        ~ N(0, 0.6^2) ,  v_0 from its stationary law
//! a_i        ~ N(0, tau^2) ,  cov(u_it, u_is) = su^2 exp(-|t - s| / lu) ,  e_it ~ N(0, s0^2 + s1^2 / n_it)
//! ```
//!
//! The loss by age is set, in ln price a year: age `-(wear + obsolescence)`, given back by half after the third year,
//! and `-obsolescence / 5` once a successor is out (the prior means at the default settings). The other coefficients
//! are drawn from the design's priors, the hyperparameters (on the optimiser's scale) evenly within one prior sd of
//! their medians. Numbers of sales are Poisson with a constant rate of the product's own, so they tell nothing of
//! prices. Every draw is made at any settings, so that two markets of one seed, number of products and number of
//! months differ in nothing but what was set.
//!
//! Prices are rounded to cents and list prices to dollars, as files hold them; what is rounded is the truth.

use serde::Serialize;

use super::state_space::design::{Column, Covariates, DesignBasis};
use super::state_space::error::PriceModelError;
use super::state_space::hyperparameters::{HyperparameterPrior, Hyperparameters};
use super::state_space::index_prior::START_SD;
use super::state_space::panel::{Row, Series};
use crate::catalog::AssetClass;
use crate::units::{Month, SplitMix64};

/// First month of every simulated market: January 2020.
const FIRST_MONTH: i32 = 2020 * 12;

/// Segment and source that all series of a simulated market share.
const SEGMENT: &str = "simulated";

/// Fewest and most products.
const PRODUCTS: [usize; 2] = [3, 5_000];

/// Fewest and most months.
const MONTHS: [usize; 2] = [6, 240];

/// Largest loss by age from one cause, in ln price a year.
const MOST_LOSS: f64 = 2.0;

/// Share of the loss by age that is given back after the third year: the prior means are -0.30 and +0.15.
const GIVEN_BACK: f64 = 0.5;

/// Effect of a successor in years of obsolescence: the prior mean is -0.05, at 0.25 a year.
const SUCCESSOR_YEARS_OF_LOSS: f64 = 0.2;

/// Products on the market before the first month were launched up to so many months before it.
const OLDEST_LAUNCH: usize = 48;

/// The last launch is at least so many months before the last month.
const LAST_LAUNCH_BEFORE_END: usize = 3;

/// Share of products that hardly ever sell, and the range of their sales a month.
const SCARCE_SHARE: f64 = 0.3;
const SCARCE_RATES: [f64; 2] = [0.03, 0.15];

/// Range of sales a month of the other products.
const USUAL_RATES: [f64; 2] = [0.3, 40.0];

/// Range of list prices, dollars.
const LIST_PRICES: [f64; 2] = [150.0, 2_000.0];

/// Memory sizes of graphics cards, GB.
const MEMORY_SIZES: [f64; 6] = [4.0, 6.0, 8.0, 12.0, 16.0, 24.0];

const AMD_SHARE: f64 = 0.3;

/// Share of products with a successor, and the months from launch to launch.
const SUCCEEDED_SHARE: f64 = 0.6;
const SUCCESSOR_AFTER: [usize; 2] = [18, 36];

/// Cheapest price a file can hold, dollars.
const ONE_CENT: f64 = 0.01;

/// What market to invent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SimulationSettings {
    /// Class of the products; graphics cards have a maker and memory, the others have neither.
    pub class: AssetClass,
    /// Number of products, 3 to 5,000.
    pub products: usize,
    /// Number of months, 6 to 240.
    pub months: usize,
    /// Seed of all draws.
    pub seed: u64,
    /// Loss by physical wear, in ln price a year of age, 0 to 2.
    pub wear: f64,
    /// Loss by better products coming, in ln price a year of age, 0 to 2.
    pub obsolescence: f64,
}

impl Default for SimulationSettings {
    fn default() -> Self {
        Self { class: AssetClass::Gpu, products: 60, months: 48, seed: 1, wear: 0.05, obsolescence: 0.25 }
    }
}

/// A market that cannot be invented.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SimulationError {
    /// A count outside its range.
    #[error("{count} {what} are outside {least} to {most}: give a number within")]
    Count {
        /// What is counted.
        what: &'static str,
        /// The number given.
        count: usize,
        /// The least allowed.
        least: usize,
        /// The most allowed.
        most: usize,
    },
    /// A loss by age outside its range.
    #[error("a {what} of {value} a year is outside 0 to {MOST_LOSS}: give a loss in ln price, 0.05 say")]
    Loss {
        /// Which loss.
        what: &'static str,
        /// The value given.
        value: f64,
    },
    /// Hyperparameters that the model refuses.
    #[error(transparent)]
    Model(#[from] PriceModelError),
}

/// One coefficient of the true curve.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Coefficient {
    /// Name of the design's column.
    pub name: String,
    /// In ln price a unit of the column.
    pub value: f64,
}

/// The market index in one month.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct IndexPoint {
    /// The month.
    pub month: Month,
    /// m, in ln price.
    pub level: f64,
    /// v, in ln price a month.
    pub momentum: f64,
}

/// The sales of one product in one month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MonthOfSales {
    /// The month, as an index (`year * 12 + month - 1`).
    pub month: i32,
    /// Mean price, dollars.
    pub price: f64,
    /// Number of sales, at least 1.
    pub quantity: u32,
}

/// One invented product, what it is and what makes its prices its own.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedProduct {
    /// Name, unique in the market.
    pub name: String,
    /// Maker.
    pub vendor: &'static str,
    /// List price, whole dollars.
    pub list_price: f64,
    /// Memory of a graphics card, GB.
    pub memory_gb: Option<f64>,
    /// The facts as the design takes them.
    pub covariates: Covariates,
    /// Mean number of sales a month.
    pub sales_rate: f64,
    /// a, in ln price.
    pub effect: f64,
    /// u in every month of the market, in ln price.
    pub wander: Vec<f64>,
    /// Months with sales, in order.
    pub sales: Vec<MonthOfSales>,
}

impl SimulatedProduct {
    /// Number of sales up to and with a month.
    pub fn sales_until(&self, month: i32) -> u32 {
        self.sales.iter().filter(|one| one.month <= month).map(|one| one.quantity).sum()
    }

    /// Number of sales that a month with sales is worth on average, as the noise sees it: `1 / E[1 / n | n >= 1]` of
    /// the Poisson law. It is all that one who knows the rate can know of a future month's noise.
    pub fn usual_sales(&self) -> f64 {
        let mut probability = (-self.sales_rate).exp();
        let none = probability;
        let mut inverse = 0.0;
        for count in 1..=most_sales(self.sales_rate) {
            probability *= self.sales_rate / f64::from(count);
            inverse += probability / f64::from(count);
        }
        (1.0 - none) / inverse
    }
}

/// An invented market and its truth.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedMarket {
    /// What it was made with.
    pub settings: SimulationSettings,
    /// The design, centred on all of the market's rows, with the model's priors.
    pub basis: DesignBasis,
    /// beta, in the order of the basis.
    pub coefficients: Vec<Coefficient>,
    /// The hyperparameters.
    pub hyperparameters: Hyperparameters,
    /// The market index, month by month.
    pub index: Vec<IndexPoint>,
    /// The products.
    pub products: Vec<SimulatedProduct>,
}

impl SimulatedMarket {
    /// First month, as an index.
    pub const fn first_month(&self) -> i32 {
        FIRST_MONTH
    }

    /// Last month, as an index.
    pub const fn last_month(&self) -> i32 {
        FIRST_MONTH + self.settings.months as i32 - 1
    }

    /// What was known at the end of a month: the series of all products sold until then, in the order of the products.
    pub fn series_until(&self, month: i32) -> Vec<Series> {
        let known = |product: &SimulatedProduct| -> Vec<Row> {
            let sales = product.sales.iter().filter(|one| one.month <= month);
            sales
                .map(|one| Row {
                    month: one.month,
                    ln_retention: one.price.ln() - product.covariates.ln_list_price,
                    sales: Some(f64::from(one.quantity)),
                    weight: 1.0,
                })
                .collect()
        };
        let series = self.products.iter().map(|product| Series {
            name: product.name.clone(),
            segment: SEGMENT.to_owned(),
            covariates: product.covariates.clone(),
            rows: known(product),
        });
        series.filter(|one| !one.rows.is_empty()).collect()
    }
}

/// Invents a market.
///
/// # Errors
/// When a setting is outside its range.
pub fn simulate(settings: &SimulationSettings) -> Result<SimulatedMarket, SimulationError> {
    check(settings)?;
    let mut draws = SplitMix64::new(settings.seed);
    let hyperparameters = draw_hyperparameters(&mut draws)?;
    let index = draw_index(settings.months, &hyperparameters, &mut draws);
    // Every column's draw is made, whether the class has the column or not.
    let all = Column::full();
    let shocks: Vec<f64> = all.iter().map(|_| draws.normal()).collect();
    let mut products: Vec<SimulatedProduct> = (0..settings.products)
        .map(|number| draw_product(number, settings, &hyperparameters, &mut draws))
        .collect();
    let mut quantities: Vec<Vec<(i32, u32)>> =
        products.iter().map(|product| draw_quantities(product, settings.months, &mut draws)).collect();
    start_the_index(&mut quantities);
    let rows = products.iter().zip(&quantities).map(|(one, sold)| (&one.covariates, sold.len()));
    let last_month = FIRST_MONTH + settings.months as i32 - 1;
    let basis = DesignBasis::from_training(columns(settings.class), rows, last_month);
    let coefficients: Vec<Coefficient> = basis
        .terms
        .iter()
        .map(|term| {
            let shock =
                all.iter().position(|column| *column == term.column).map_or(0.0, |position| shocks[position]);
            let value =
                set_coefficient(&term.column, settings).unwrap_or(term.prior_mean + term.prior_sd * shock);
            Coefficient { name: term.column.name(), value }
        })
        .collect();
    for (product, sold) in products.iter_mut().zip(quantities) {
        for (month, quantity) in sold {
            let at = (month - FIRST_MONTH) as usize;
            let row = basis.row(&product.covariates, month);
            let curve: f64 = row.iter().zip(&coefficients).map(|(entry, one)| entry * one.value).sum();
            let noise = hyperparameters.sale_variance(f64::from(quantity)).sqrt() * draws.normal();
            let retention = curve + index[at].level + product.effect + product.wander[at] + noise;
            let price = (100.0 * product.list_price * retention.exp()).round() / 100.0;
            product.sales.push(MonthOfSales { month, price: price.max(ONE_CENT), quantity });
        }
    }
    Ok(SimulatedMarket { settings: *settings, basis, coefficients, hyperparameters, index, products })
}

fn check(settings: &SimulationSettings) -> Result<(), SimulationError> {
    let counts = [("products", settings.products, PRODUCTS), ("months", settings.months, MONTHS)];
    for (what, count, [least, most]) in counts {
        if !(least..=most).contains(&count) {
            return Err(SimulationError::Count { what, count, least, most });
        }
    }
    for (what, value) in [("wear", settings.wear), ("obsolescence", settings.obsolescence)] {
        if !(0.0..=MOST_LOSS).contains(&value) {
            return Err(SimulationError::Loss { what, value });
        }
    }
    Ok(())
}

/// Columns that act in a simulated market: it is one of like products, so none is set apart as made for data centres.
fn columns(class: AssetClass) -> Vec<Column> {
    match class {
        AssetClass::Gpu => Column::full().into_iter().filter(|one| *one != Column::Datacentre).collect(),
        _ => Column::without_hardware_facts(),
    }
}

/// The coefficients that the settings fix.
fn set_coefficient(column: &Column, settings: &SimulationSettings) -> Option<f64> {
    let loss = settings.wear + settings.obsolescence;
    // Without a loss these are plain zeros: a zero with a minus sign would show in the files.
    match column {
        Column::Age => Some(0.0 - loss),
        Column::MatureAge => Some(GIVEN_BACK * loss),
        Column::Successor => Some(0.0 - SUCCESSOR_YEARS_OF_LOSS * settings.obsolescence),
        _ => None,
    }
}

fn draw_hyperparameters(draws: &mut SplitMix64) -> Result<Hyperparameters, PriceModelError> {
    let prior = HyperparameterPrior::default();
    let standard = prior.sd().map(|_| 2.0 * draws.uniform() - 1.0);
    Hyperparameters::from_theta(&prior.unstandardise(&standard))
}

fn draw_index(months: usize, hyperparameters: &Hyperparameters, draws: &mut SplitMix64) -> Vec<IndexPoint> {
    let values = hyperparameters.values();
    let (phi, rho) = (hyperparameters.market_persistence(), values.momentum_persistence);
    let mut level = START_SD * draws.normal();
    let mut momentum = values.momentum_noise / (1.0 - rho * rho).sqrt() * draws.normal();
    (FIRST_MONTH..)
        .take(months)
        .map(|month| {
            let point = IndexPoint { month: Month::from_index(month), level, momentum };
            level = phi * level + momentum + values.market_noise * draws.normal();
            momentum = rho * momentum + values.momentum_noise * draws.normal();
            point
        })
        .collect()
}

fn draw_product(
    number: usize,
    settings: &SimulationSettings,
    hyperparameters: &Hyperparameters,
    draws: &mut SplitMix64,
) -> SimulatedProduct {
    let values = hyperparameters.values();
    // The first product is on the market from the start, whatever is drawn.
    let launches = match number {
        0 => OLDEST_LAUNCH + 1,
        _ => OLDEST_LAUNCH + settings.months - LAST_LAUNCH_BEFORE_END,
    };
    let launch_month = FIRST_MONTH + draws.below(launches) as i32 - OLDEST_LAUNCH as i32;
    let list_price = log_uniform(LIST_PRICES, draws).round();
    let [soonest, latest] = SUCCESSOR_AFTER;
    let successor_after = (soonest + draws.below(latest - soonest + 1)) as i32;
    let succeeded = draws.uniform() < SUCCEEDED_SHARE;
    let by_amd = draws.uniform() < AMD_SHARE;
    let memory_size = MEMORY_SIZES[draws.below(MEMORY_SIZES.len())];
    let rates = if draws.uniform() < SCARCE_SHARE { SCARCE_RATES } else { USUAL_RATES };
    let sales_rate = log_uniform(rates, draws);
    let effect = values.product_sd * draws.normal();
    let kept = (-1.0 / values.wander_length).exp();
    let mut wander = vec![values.wander_sd * draws.normal()];
    for month in 1..settings.months {
        let step = values.wander_sd * (1.0 - kept * kept).sqrt() * draws.normal();
        wander.push(kept * wander[month - 1] + step);
    }
    let (vendor, amd, memory_gb) = match settings.class {
        AssetClass::Gpu if by_amd => ("AMD", true, Some(memory_size)),
        AssetClass::Gpu => ("NVIDIA", false, Some(memory_size)),
        _ => ("Simulant", false, None),
    };
    SimulatedProduct {
        name: format!("{vendor} Invented {:03}", number + 1),
        vendor,
        list_price,
        memory_gb,
        covariates: Covariates {
            launch_month,
            successor_launch_month: succeeded.then_some(launch_month + successor_after),
            ln_list_price: list_price.ln(),
            amd,
            datacentre: false,
            ln_memory: memory_gb.map(f64::ln),
            source: SEGMENT.to_owned(),
        },
        sales_rate,
        effect,
        wander,
        sales: Vec::new(),
    }
}

fn log_uniform([least, most]: [f64; 2], draws: &mut SplitMix64) -> f64 {
    least * (most / least).powf(draws.uniform())
}

/// Months with sales since launch and how many: one draw a month, before launch too.
fn draw_quantities(product: &SimulatedProduct, months: usize, draws: &mut SplitMix64) -> Vec<(i32, u32)> {
    (FIRST_MONTH..)
        .take(months)
        .map(|month| (month, poisson(product.sales_rate, draws.uniform())))
        .filter(|(month, quantity)| *quantity > 0 && *month >= product.covariates.launch_month)
        .collect()
}

/// The Poisson quantile at a probability.
fn poisson(rate: f64, probability: f64) -> u32 {
    let mut term = (-rate).exp();
    let mut sum = term;
    let mut count = 0;
    while sum < probability && count < most_sales(rate) {
        count += 1;
        term *= rate / f64::from(count);
        sum += term;
    }
    count
}

/// A number of sales that is never reached: ten sds above the mean.
fn most_sales(rate: f64) -> u32 {
    (rate + 10.0 * rate.sqrt() + 10.0).ceil() as u32
}

/// Lets the first product sell in the first month if none does: a fit's index starts with the first price, and with another
/// start the fit would assume another law than the market has.
fn start_the_index(quantities: &mut [Vec<(i32, u32)>]) {
    if quantities.iter().any(|sold| sold.first().is_some_and(|(month, _)| *month == FIRST_MONTH)) {
        return;
    }
    if let Some(first) = quantities.first_mut() {
        first.insert(0, (FIRST_MONTH, 1));
    }
}
