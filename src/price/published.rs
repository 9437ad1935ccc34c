//! The published depreciation curves, as one curve with an honest spread.
//!
//! In: `data/published_curves.csv`, shares of the new price after 1 to 5 years from eleven sources that do not
//! agree. Out: mean and standard deviation of the log share at any age. At each year the mean is over the
//! sources that speak of the class or of IT in general; between years it is linear in the log; beyond five the
//! last slope goes on at half its pace (old gear falls slower: price-model prior, slope −0.30 a year before
//! three years and −0.15 after). The spread is the sources' own standard deviation, at least 0.25, growing by
//! 0.10 a year for three years beyond the fifth, with the spread between units of one product (0.30) added.

use std::sync::LazyLock;

use crate::catalog::AssetClass;
use crate::units::LogNormal;

/// Standard deviation of log price between units of one product and age (configuration, condition, luck).
pub(crate) const UNIT_SPREAD: f64 = 0.30;

/// Sources never agree better than this.
const LEAST_SPREAD: f64 = 0.25;

/// Years the table covers.
const YEARS: usize = 5;

/// One source's shares by year.
struct Source {
    class: Option<AssetClass>,
    log_share: [Option<f64>; YEARS],
}

static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_reader(include_str!("../../data/published_curves.csv").as_bytes());
    reader
        .records()
        .filter_map(Result::ok)
        .map(|record| Source {
            class: record.get(1).and_then(AssetClass::from_name),
            log_share: std::array::from_fn(|year| {
                record.get(2 + year).and_then(|cell| cell.parse::<f64>().ok()).map(f64::ln)
            }),
        })
        .collect()
});

/// The curve of every class, in the order of the classes.
static CURVES: LazyLock<[PublishedCurve; AssetClass::ALL.len()]> =
    LazyLock::new(|| AssetClass::ALL.map(PublishedCurve::over_sources));

/// The published curve of a class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PublishedCurve {
    mean: [f64; YEARS],
    spread: [f64; YEARS],
}

impl PublishedCurve {
    /// The curve of a class.
    pub fn of_class(class: AssetClass) -> PublishedCurve {
        CURVES[class as usize]
    }

    /// Mean and spread over the sources that speak of `class` or of IT in general.
    fn over_sources(class: AssetClass) -> PublishedCurve {
        let mut mean = [0.0; YEARS];
        let mut spread = [0.0; YEARS];
        for year in 0..YEARS {
            let shares: Vec<f64> = SOURCES
                .iter()
                .filter(|source| source.class.is_none_or(|of| of == class))
                .filter_map(|source| source.log_share[year])
                .collect();
            let count = shares.len() as f64;
            mean[year] = shares.iter().sum::<f64>() / count;
            let squares: f64 = shares.iter().map(|share| (share - mean[year]).powi(2)).sum();
            spread[year] = (squares / (count - 1.0)).sqrt().max(LEAST_SPREAD);
        }
        // A share of a later year above that of an earlier one is an accident of which sources speak of it.
        // Nor does anyone know a later year better because fewer speak of it.
        for year in 1..YEARS {
            mean[year] = mean[year].min(mean[year - 1]);
            spread[year] = spread[year].max(spread[year - 1]);
        }
        PublishedCurve { mean, spread }
    }

    /// Log of the share of the new price that is left at `age_years`, between sources and between units.
    pub fn at(&self, age_years: f64) -> LogNormal {
        let age = age_years.max(0.0);
        let (mean_log, spread) = if age >= YEARS as f64 {
            let beyond = age - YEARS as f64;
            let slope = 0.5 * (self.mean[YEARS - 1] - self.mean[YEARS - 3]) / 2.0;
            (self.mean[YEARS - 1] + slope * beyond, self.spread[YEARS - 1] + 0.10 * beyond.min(3.0))
        } else {
            let year = age.floor() as usize;
            let part = age - year as f64;
            let before = if year == 0 { (0.0, 0.15) } else { (self.mean[year - 1], self.spread[year - 1]) };
            let after = (self.mean[year], self.spread[year]);
            (before.0 + part * (after.0 - before.0), before.1 + part * (after.1 - before.1))
        };
        LogNormal { mean_log, variance_log: spread * spread + UNIT_SPREAD * UNIT_SPREAD }
    }

    /// How many sources stand behind a class.
    pub fn sources(class: AssetClass) -> usize {
        SOURCES.iter().filter(|source| source.class.is_none_or(|of| of == class)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_and_a_half_per_cent_a_month_leaves_the_published_shares() {
        assert!((0.965_f64.powi(36) - 0.277).abs() < 0.0005);
        assert!((0.965_f64.powi(60) - 0.118).abs() < 0.0005);
    }

    #[test]
    fn the_curve_never_rises_and_its_spread_never_shrinks() {
        for class in [AssetClass::Laptop, AssetClass::Server, AssetClass::Gpu, AssetClass::Monitor] {
            let curve = PublishedCurve::of_class(class);
            assert_eq!(curve.at(0.0).mean_log, 0.0);
            let mut last = 0.0;
            let mut last_variance = 0.09;
            for step in 0..240 {
                let point = curve.at(f64::from(step) / 12.0);
                assert!(point.mean_log <= last + 1e-12 && point.mean_log.is_finite());
                assert!(point.variance_log >= last_variance);
                last = point.mean_log;
                last_variance = point.variance_log;
            }
        }
    }

    #[test]
    fn three_year_shares_lie_within_the_published_twelve_to_sixty_five_per_cent() {
        for class in [AssetClass::Laptop, AssetClass::Server, AssetClass::Gpu] {
            let share = PublishedCurve::of_class(class).at(3.0).mean_log.exp();
            assert!((0.12..0.65).contains(&share), "{class}: {share}");
        }
    }
}
