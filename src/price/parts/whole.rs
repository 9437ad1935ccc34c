//! A whole server from its parts.
//!
//! In: a server's launch and configuration, and the price of each part in a month. Out: the log price of the whole,
//! of its parts sold one by one, and the variance of each.
//!
//! `ln whole = premium + ln(chassis(age) + Σ n p) + asked + refurbished`, `ln chassis(age) = level − decline × age`,
//! with the price of the processors moved by a coefficient of its own: their asks come from one country and few sellers.
//!
//! The six coefficients are the posterior mean under priors, found by Gauss–Newton steps on dated
//! prices of whole servers whose configuration is told; the spread comes from servers of products that were left
//! out, after the parts' own variance `Σ (nᵢ pᵢ / Σ)² vᵢ` is taken off. Parts enter by their medians: the mean of a
//! part nobody knows well would run away with its variance.

use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

use super::configuration::Configuration;
use super::prices::{PartModels, PartPrice};
use crate::price::hedonic::{LeftOut, Prior};
use crate::price::soundness::{self, Sound};
use crate::price::state_space::cholesky::Cholesky;
use crate::units::{LogNormal, Month};

/// Memory of a server of which only the processors are told, GB, and the spread of that guess in log.
const USUAL_MEMORY_GB: f64 = 128.0;
const USUAL_MEMORY_SD: f64 = 0.7;

/// Processors of a server that does not say how many.
const USUAL_PROCESSORS: u32 = 2;

/// Months in which servers came with DDR4 and with DDR5: Xeon E5 v3 (2014-09) and EPYC 9004 (2022-11).
const FIRST_DDR4: Month = Month::from_index(2014 * 12 + 8);
const FIRST_DDR5: Month = Month::from_index(2022 * 12 + 10);

/// Fewest servers and products to calibrate on.
const LEAST_SERVERS: usize = 8;

/// The least the whole can spread beyond its parts, in log.
const LEAST_SPREAD: f64 = 0.10;

/// Columns of the calibration.
const COLUMNS: usize = 6;

/// What is believed before the data. Chassis: bare servers were listed at 150 to 900 dollars five to ten years after
/// launch; their decline is the slope of mature gear in the price model. Asks stand 10 % above sales, refurbished
/// units 25 % above used ones.
const PRIORS: [Prior; COLUMNS] = [
    Prior { mean: 0.0, sd: 0.30 },
    Prior { mean: 6.8, sd: 0.60 },
    Prior { mean: 0.15, sd: 0.08 },
    Prior { mean: 0.10, sd: 0.10 },
    Prior { mean: 0.25, sd: 0.25 },
    Prior { mean: 0.0, sd: 0.50 },
];

/// A server as the sum of its parts sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WholeSubject<'a> {
    /// When the machine came to market.
    pub launch: Month,
    /// What it holds.
    pub configuration: Configuration<'a>,
}

/// A dated price of a whole server.
#[derive(Debug, Clone, PartialEq)]
pub struct WholeListing<'a> {
    /// Name of the product.
    pub product: String,
    /// The server.
    pub subject: WholeSubject<'a>,
    /// Month of the price.
    pub month: Month,
    /// Log of the price in dollars.
    pub log_price: f64,
    /// Whether it was asked, not paid.
    pub asked: bool,
    /// Whether a dealer had refurbished it.
    pub refurbished: bool,
}

/// The calibration of wholes on parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WholeModel {
    /// Premium, chassis level, chassis decline a year, asked, refurbished, processors.
    coefficients: [f64; COLUMNS],
    /// Variance of the whole beyond that of its parts.
    pub own_variance: f64,
    /// Servers calibrated on.
    pub listings: usize,
    /// How servers of products left out were met.
    pub left_out: LeftOut,
}

impl WholeModel {
    /// Whether a model from a file can be used.
    pub(in crate::price) fn check(&self) -> Sound {
        soundness::logs("a coefficient", &self.coefficients)?;
        soundness::spread("own_variance", self.own_variance)
    }
}

/// The parts of a server in one month: processors, memory, drives.
type Parts = [Part; 3];

/// All parts of one kind in a server.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Part {
    /// Sum of the medians, dollars.
    value: f64,
    /// Variance of the log of that sum: of the market, of what like parts share, of the luck of single sales.
    market_variance: f64,
    product_variance: f64,
    unit_variance: f64,
}

/// All parts together.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Sum {
    value: f64,
    /// Share of the processors in it.
    processors: f64,
    market_variance: f64,
    product_variance: f64,
    unit_variance: f64,
}

/// Adds the parts up, the processors moved by their coefficient. The variance of the log of the sum is `Σ sᵢ² vᵢ`
/// with the shares `sᵢ`.
fn add_up(parts: &Parts, processor_shift: f64) -> Sum {
    let [mut processors, memory, drives] = *parts;
    processors.value *= processor_shift.exp();
    let value = processors.value + memory.value + drives.value;
    let parts = [processors, memory, drives];
    let over = |variance: fn(&Part) -> f64| {
        parts.iter().map(|part| (part.value / value).powi(2) * variance(part)).sum()
    };
    Sum {
        value,
        processors: processors.value / value,
        market_variance: over(|part| part.market_variance),
        product_variance: over(|part| part.product_variance),
        unit_variance: over(|part| part.unit_variance),
    }
}

/// What a server fetches in one month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WholePrice {
    /// Mean log price of the whole, sold, used.
    pub mean_log: f64,
    /// Variance of the markets of its parts.
    pub market_variance: f64,
    /// Variance of what is not known of the product and its parts.
    pub product_variance: f64,
    /// Variance of one sale.
    pub unit_variance: f64,
    /// The parts sold one by one, before the work of taking them out.
    pub parts: LogNormal,
}

impl WholeModel {
    /// Calibrates on dated prices; `None` when there are too few.
    pub fn fit(listings: &[WholeListing<'_>], models: &PartModels<'_>) -> Option<WholeModel> {
        let products: std::collections::BTreeSet<&str> =
            listings.iter().map(|listing| listing.product.as_str()).collect();
        if listings.len() < LEAST_SERVERS || products.len() < 3 {
            return None;
        }
        let parts: Vec<Parts> =
            listings.iter().map(|one| parts_of(models, &one.subject, one.month)).collect();
        let mut own_variance = 0.25;
        let mut residuals = Vec::new();
        for _ in 0..4 {
            residuals = vec![0.0; listings.len()];
            for product in &products {
                let others = |at: &usize| listings[*at].product != **product;
                let used: Vec<usize> = (0..listings.len()).filter(others).collect();
                let coefficients = solve(listings, &parts, &used, own_variance)?;
                for (at, listing) in listings.iter().enumerate().filter(|(_, one)| one.product == **product) {
                    residuals[at] = listing.log_price - predict(&coefficients, listing, &parts[at]).0;
                }
            }
            own_variance = variance_beyond_parts(&residuals, &parts);
        }
        let all: Vec<usize> = (0..listings.len()).collect();
        let coefficients = solve(listings, &parts, &all, own_variance)?;
        Some(WholeModel {
            coefficients,
            own_variance,
            listings: listings.len(),
            left_out: LeftOut::of(
                residuals
                    .iter()
                    .zip(&parts)
                    .map(|(error, parts)| (*error, (own_variance + parts_variance(parts)).sqrt())),
            ),
        })
    }

    /// What a server fetches in a month, its chassis moved by the log of a factor.
    pub fn price(
        &self,
        models: &PartModels<'_>,
        subject: &WholeSubject<'_>,
        month: Month,
        chassis_log_factor: f64,
    ) -> WholePrice {
        let [premium, level, decline, .., processor_shift] = self.coefficients;
        let parts = add_up(&parts_of(models, subject, month), processor_shift);
        let chassis = (level - decline * age_years(subject, month) + chassis_log_factor).exp();
        let whole = chassis + parts.value;
        let share = parts.value / whole;
        WholePrice {
            mean_log: premium + whole.ln(),
            market_variance: share.powi(2) * parts.market_variance,
            product_variance: share.powi(2) * parts.product_variance + 0.5 * self.own_variance,
            unit_variance: share.powi(2) * parts.unit_variance + 0.5 * self.own_variance,
            parts: LogNormal {
                mean_log: parts.value.ln(),
                variance_log: parts.market_variance + parts.product_variance + parts.unit_variance,
            },
        }
    }
}

fn age_years(subject: &WholeSubject<'_>, month: Month) -> f64 {
    f64::from(month.months_since(subject.launch)).max(0.0) / 12.0
}

/// How many parts a server has that can be taken out and sold.
pub(in crate::price) fn part_count(configuration: &Configuration<'_>) -> f64 {
    let memory_gb = configuration.memory_gb.unwrap_or(USUAL_MEMORY_GB);
    let drives = configuration.drives.map_or(0, |drives| drives.count);
    f64::from(configuration.processors.unwrap_or(USUAL_PROCESSORS) + drives)
        + (memory_gb / module_size_gb(memory_gb)).ceil()
}

/// Prices the parts of a server. What is not said is taken as usual, with the spread of that guess.
fn parts_of(models: &PartModels<'_>, subject: &WholeSubject<'_>, month: Month) -> Parts {
    let configuration = &subject.configuration;
    let processors = configuration.processors.unwrap_or(USUAL_PROCESSORS);
    let processor = models.processor(configuration.processor, subject.launch, month);
    let memory_gb = configuration.memory_gb.unwrap_or(USUAL_MEMORY_GB);
    let size = module_size_gb(memory_gb);
    let mut module = models.module(size, memory_generation(subject), month);
    if configuration.memory_gb.is_none() {
        module.product_variance += USUAL_MEMORY_SD.powi(2);
    }
    let drives = configuration.drives.map_or(Part::default(), |drives| {
        several(f64::from(drives.count), models.drive(drives.kind, drives.terabytes_each, month))
    });
    [several(f64::from(processors), processor), several(memory_gb / size, module), drives]
}

/// Several parts of one kind: what they share stays, the luck of each averages out.
fn several(count: f64, price: PartPrice) -> Part {
    Part {
        value: count * price.mean_log.exp(),
        market_variance: price.market_variance,
        product_variance: price.product_variance,
        unit_variance: price.unit_variance / count.max(1.0),
    }
}

/// Variance of the log of the sum of the parts.
fn parts_variance(parts: &Parts) -> f64 {
    let sum = add_up(parts, 0.0);
    sum.market_variance + sum.product_variance + sum.unit_variance
}

/// The module a server of so much memory is usually filled with, GB.
fn module_size_gb(memory_gb: f64) -> f64 {
    match memory_gb {
        small if small < 64.0 => 8.0,
        usual if usual < 256.0 => 16.0,
        large if large < 1024.0 => 32.0,
        _ => 64.0,
    }
}

fn memory_generation(subject: &WholeSubject<'_>) -> &'static str {
    let of_processor =
        subject.configuration.processor.and_then(|processor| processor.launch).map(|date| date.month);
    match of_processor.unwrap_or(subject.launch) {
        old if old < FIRST_DDR4 => "DDR3",
        usual if usual < FIRST_DDR5 => "DDR4",
        _ => "DDR5",
    }
}

/// Predicted log price, and its derivatives by the coefficients.
fn predict(
    coefficients: &[f64; COLUMNS],
    listing: &WholeListing<'_>,
    parts: &Parts,
) -> (f64, [f64; COLUMNS]) {
    let [premium, level, decline, asked, refurbished, processor_shift] = *coefficients;
    let age = age_years(&listing.subject, listing.month);
    let chassis = (level - decline * age).exp();
    let parts = add_up(parts, processor_shift);
    let whole = chassis + parts.value;
    let flag = |said: bool| f64::from(u8::from(said));
    let (is_asked, is_refurbished) = (flag(listing.asked), flag(listing.refurbished));
    let mean = premium + whole.ln() + asked * is_asked + refurbished * is_refurbished;
    let share = chassis / whole;
    (mean, [1.0, share, -share * age, is_asked, is_refurbished, (1.0 - share) * parts.processors])
}

/// Posterior mean of the coefficients: Gauss–Newton from the priors, to a fixed number of steps.
fn solve(
    listings: &[WholeListing<'_>],
    parts: &[Parts],
    used: &[usize],
    own_variance: f64,
) -> Option<[f64; COLUMNS]> {
    const STEPS: usize = 12;
    let mut coefficients = PRIORS.map(|prior| prior.mean);
    for _ in 0..STEPS {
        let mut precision = Array2::<f64>::zeros((COLUMNS, COLUMNS));
        let mut gradient = Array1::<f64>::zeros(COLUMNS);
        for (column, prior) in PRIORS.iter().enumerate() {
            precision[[column, column]] += prior.sd.powi(-2);
            gradient[column] += (prior.mean - coefficients[column]) * prior.sd.powi(-2);
        }
        for &at in used {
            let (mean, slopes) = predict(&coefficients, &listings[at], &parts[at]);
            let weight = 1.0 / (own_variance + parts_variance(&parts[at]));
            for row in 0..COLUMNS {
                gradient[row] += weight * slopes[row] * (listings[at].log_price - mean);
                for column in 0..COLUMNS {
                    precision[[row, column]] += weight * slopes[row] * slopes[column];
                }
            }
        }
        let step = Cholesky::new(&precision).ok()?.inverse().dot(&gradient);
        for (coefficient, change) in coefficients.iter_mut().zip(&step) {
            *coefficient += change.clamp(-1.0, 1.0);
        }
    }
    coefficients.iter().all(|value| value.is_finite()).then_some(coefficients)
}

/// The variance beyond the parts at which the squared errors are as large as expected: `Σ r² / (own + v) = n`, by
/// bisection; never below the least spread.
fn variance_beyond_parts(residuals: &[f64], parts: &[Parts]) -> f64 {
    const MOST: f64 = 4.0;
    let excess = |own: f64| {
        let errors = residuals.iter().zip(parts);
        errors.map(|(residual, parts)| residual.powi(2) / (own + parts_variance(parts)) - 1.0).sum::<f64>()
    };
    let (mut low, mut high) = (LEAST_SPREAD.powi(2), MOST);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if excess(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::built_in;
    use crate::price::{Fitted, Models};
    use proptest::prelude::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn holding(memory_gb: f64) -> WholeSubject<'static> {
        WholeSubject {
            launch: month("2017-07"),
            configuration: Configuration { memory_gb: Some(memory_gb), ..Configuration::default() },
        }
    }

    fn calibrated(models: &Models) -> &WholeModel {
        match &models.get(crate::catalog::AssetClass::Server).unwrap().fitted {
            Fitted::Hedonic { whole: Some(whole), .. } => whole,
            _ => panic!("the built-in server model is calibrated on parts"),
        }
    }

    #[test]
    fn a_made_up_calibration_is_recovered() {
        let catalog = built_in().unwrap();
        let models = Models::built_in().unwrap();
        let parts = PartModels::of(&models).unwrap();
        let launches = ["2012-03", "2014-09", "2017-07", "2019-04"];
        let truth = [-0.3, 6.5, 0.2, 0.15, 0.4, 0.3];
        let mut listings = Vec::new();
        for copy in 0..60_usize {
            let processor = catalog.by_name("Intel Xeon Gold 6130").map(|(_, product)| product);
            let mut listing = WholeListing {
                product: format!("server {}", copy % 12),
                subject: WholeSubject {
                    launch: month(launches[copy % 4]),
                    configuration: Configuration {
                        processors: Some(1 + copy as u32 % 2),
                        processor: processor.filter(|_| copy % 3 == 0),
                        memory_gb: Some([16.0, 64.0, 128.0, 512.0][copy % 4]),
                        drives: None,
                    },
                },
                month: month("2021-08").plus(copy as i32 % 40),
                log_price: 0.0,
                asked: copy % 2 == 0,
                refurbished: copy % 5 == 0,
            };
            let priced = parts_of(&parts, &listing.subject, listing.month);
            let noise = 0.02 * (copy as f64 * 2.4).sin();
            listing.log_price = predict(&truth, &listing, &priced).0 + noise;
            listings.push(listing);
        }
        let found = WholeModel::fit(&listings, &parts).unwrap();
        // What the parts' own variance leaves open stays near the prior; the price does not.
        let errors = listings.iter().map(|listing| {
            let priced = parts_of(&parts, &listing.subject, listing.month);
            (predict(&found.coefficients, listing, &priced).0 - listing.log_price).abs()
        });
        let worst = errors.fold(0.0, f64::max);
        assert!(worst < 0.25, "{worst} {:?}", found.coefficients);
        assert!(found.left_out.median_error_percent < 12.0, "{:?}", found.left_out);
    }

    #[test]
    fn a_server_is_worth_more_when_memory_is_dear() {
        let mut models = Models::built_in().unwrap();
        let price = |models: &Models| {
            let parts = PartModels::of(models).unwrap();
            calibrated(models).price(&parts, &holding(256.0), month("2025-06"), 0.0).mean_log
        };
        let before = price(&models);
        models.set_factor(crate::catalog::AssetClass::Memory, 2.0);
        let doubled = price(&models);
        assert!((0.2..0.69).contains(&(doubled - before)), "{before} {doubled}");
    }

    #[test]
    fn followed_prices_of_memory_alone_leave_servers_their_parts() {
        use crate::catalog::AssetClass;
        use crate::price::ClassModel;
        let mut models = Models::built_in().unwrap();
        let card = models.get(AssetClass::Memory).unwrap().card.clone();
        models.replace(ClassModel::new(AssetClass::Memory, card, Fitted::Followed));
        assert_eq!(models.get(AssetClass::Memory).unwrap().fitted, Fitted::Followed);
        assert!(PartModels::of(&models).is_some());
    }

    #[test]
    fn too_few_servers_are_no_calibration() {
        let models = Models::built_in().unwrap();
        assert_eq!(WholeModel::fit(&[], &PartModels::of(&models).unwrap()), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn more_memory_within_a_module_size_is_never_cheaper_and_age_never_dearer(
            memory in 65.0..250.0_f64,
            more in 0.0..1.0_f64,
            later in 1..60_i32,
        ) {
            let models = Models::built_in().unwrap();
            let parts = PartModels::of(&models).unwrap();
            let whole = calibrated(&models);
            // Quiet years, so that no published move hides what age does.
            let parts = parts.without_moves();
            let at = |gb: f64, month: Month| whole.price(&parts, &holding(gb), month, 0.0).mean_log;
            let start = month("2024-01");
            let larger = memory + more * (255.0 - memory);
            prop_assert!(at(larger, start) >= at(memory, start));
            prop_assert!(at(memory, start.plus(later)) <= at(memory, start));
        }
    }
}
