//! What a scenario does to the prices of a market, month by month.
//!
//! In: what moves (everything, a class, a family, a product) and how: to another level, by a slope, along a path of
//! factors. Out: the log of the factor in any month. A level holds for ever, or fades with a half-life h: `log × 2^(−t/h)`. A
//! slope adds `log` every month; with a half-life the slope itself fades, so that t months add
//! `log × h / ln 2 × (1 − 2^(−t/h))`. Between the months of a path the log runs on a line, before the first it is
//! zero, after the last the last holds.

use std::f64::consts::LN_2;

use super::subject::Subject;
use crate::catalog::{AssetClass, Product};
use crate::units::Month;

/// Classes of the parts that a server is priced by.
const PARTS_OF_SERVERS: [AssetClass; 3] = [AssetClass::Cpu, AssetClass::Memory, AssetClass::Storage];

/// What a shock acts on.
#[derive(Debug, Clone, PartialEq)]
pub enum ShockScope {
    /// Every price.
    Everything,
    /// A class of hardware.
    Class(AssetClass),
    /// A product line, as the catalog calls it.
    Family(String),
    /// One product, by its name in the catalog.
    Product(String),
}

/// How prices move. Logs of factors.
#[derive(Debug, Clone, PartialEq)]
pub enum ShockPath {
    /// To another level from a month on.
    Level {
        /// First month.
        from: Month,
        /// Log of the factor.
        log: f64,
        /// Months after which half of it is gone; none: it stays.
        half_life_months: Option<f64>,
    },
    /// A little more every month after a month.
    Slope {
        /// Month after which it starts.
        from: Month,
        /// Log of the factor of one month.
        log_monthly: f64,
        /// Months after which the slope is half as steep; none: it goes on.
        half_life_months: Option<f64>,
    },
    /// Given month by month, in order.
    Path(Vec<(Month, f64)>),
}

/// One move of a market.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceShock {
    /// What moves.
    pub scope: ShockScope,
    /// How.
    pub path: ShockPath,
}

impl PriceShock {
    /// Whether it moves the price of a product of a class.
    pub fn acts_on(&self, class: AssetClass, product: Option<&Product>) -> bool {
        match &self.scope {
            ShockScope::Everything => true,
            ShockScope::Class(own) => *own == class,
            ShockScope::Family(family) => product.is_some_and(|product| product.family == *family),
            ShockScope::Product(name) => product.is_some_and(|product| product.name == *name),
        }
    }

    /// Whether it can move the price of a unit: by itself, or by what it holds. A machine holds parts of all kinds.
    pub fn reaches(&self, subject: &Subject<'_>) -> bool {
        let in_a_machine = match self.scope {
            ShockScope::Class(class) => class == AssetClass::Gpu || PARTS_OF_SERVERS.contains(&class),
            _ => true,
        };
        self.acts_on(subject.class, subject.product) || (subject.class == AssetClass::Server && in_a_machine)
    }

    /// Whether it acts on the price of a unit as a whole, and not by way of what it holds.
    pub fn moves_the_whole(&self, subject: &Subject<'_>) -> bool {
        let by_parts = match self.scope {
            ShockScope::Everything => false,
            ShockScope::Class(class) => PARTS_OF_SERVERS.contains(&class),
            ShockScope::Family(_) | ShockScope::Product(_) => true,
        };
        subject.class != AssetClass::Server || !by_parts
    }

    /// Log of the factor in a month.
    pub fn log_at(&self, month: Month) -> f64 {
        self.path.log_at(month)
    }
}

impl ShockPath {
    /// Log of the factor in a month.
    pub fn log_at(&self, month: Month) -> f64 {
        let since = |from: &Month| f64::from(month.months_since(*from));
        match self {
            ShockPath::Level { from, .. } | ShockPath::Slope { from, .. } if month < *from => 0.0,
            ShockPath::Level { from, log, half_life_months } => {
                log * half_life_months.map_or(1.0, |half| 0.5_f64.powf(since(from) / half))
            }
            ShockPath::Slope { from, log_monthly, half_life_months: None } => log_monthly * since(from),
            ShockPath::Slope { from, log_monthly, half_life_months: Some(half) } => {
                log_monthly * half / LN_2 * (1.0 - 0.5_f64.powf(since(from) / half))
            }
            ShockPath::Path(points) => on_path(points, month),
        }
    }
}

fn on_path(points: &[(Month, f64)], month: Month) -> f64 {
    let after = points.partition_point(|(at, _)| *at <= month);
    match (after.checked_sub(1).and_then(|before| points.get(before)), points.get(after)) {
        (None, _) => 0.0,
        (Some((_, last)), None) => *last,
        (Some((start, from)), Some((end, to))) => {
            let part = f64::from(month.months_since(*start)) / f64::from(end.months_since(*start));
            from + part * (to - from)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    #[test]
    fn a_level_starts_in_its_month_and_fades_by_half_each_half_life() {
        let path = ShockPath::Level { from: month("2027-03"), log: -0.4, half_life_months: Some(6.0) };
        assert_eq!(path.log_at(month("2027-02")), 0.0);
        assert_eq!(path.log_at(month("2027-03")), -0.4);
        assert!((path.log_at(month("2027-09")) + 0.2).abs() < 1e-12);
        let stays = ShockPath::Level { from: month("2027-03"), log: -0.4, half_life_months: None };
        assert_eq!(stays.log_at(month("2036-03")), -0.4);
    }

    #[test]
    fn a_slope_adds_up_and_a_fading_one_comes_to_a_rest() {
        let endless = ShockPath::Slope { from: month("2027-01"), log_monthly: -0.01, half_life_months: None };
        assert!((endless.log_at(month("2028-01")) + 0.12).abs() < 1e-12);
        let fading =
            ShockPath::Slope { from: month("2027-01"), log_monthly: -0.01, half_life_months: Some(12.0) };
        let rest = -0.01 * 12.0 / LN_2;
        assert!((fading.log_at(month("2028-01")) - rest / 2.0).abs() < 1e-12);
        assert!((fading.log_at(month("2127-01")) - rest).abs() < 1e-9);
    }

    #[test]
    fn a_path_runs_on_lines_between_its_months_and_holds_after_the_last() {
        let path = ShockPath::Path(vec![(month("2027-01"), 0.2), (month("2027-05"), 0.6)]);
        assert_eq!(path.log_at(month("2026-12")), 0.0);
        assert!((path.log_at(month("2027-03")) - 0.4).abs() < 1e-12);
        assert_eq!(path.log_at(month("2030-01")), 0.6);
    }

    #[test]
    fn a_shock_acts_on_what_it_names_only() {
        let mut card = Product::named("Card", AssetClass::Gpu);
        card.family = "Line".to_owned();
        let acts = |scope: ShockScope| {
            let shock = PriceShock { scope, path: ShockPath::Path(Vec::new()) };
            (shock.acts_on(AssetClass::Gpu, Some(&card)), shock.acts_on(AssetClass::Laptop, None))
        };
        assert_eq!(acts(ShockScope::Everything), (true, true));
        assert_eq!(acts(ShockScope::Class(AssetClass::Gpu)), (true, false));
        assert_eq!(acts(ShockScope::Family("Line".to_owned())), (true, false));
        assert_eq!(acts(ShockScope::Product("Other".to_owned())), (false, false));
    }
}
