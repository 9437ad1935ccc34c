//! Published moves of a whole market after the last price a model has seen.
//!
//! In: `data/market_moves.csv`, each row with its source: how far a class stands, in log, from where its regression
//! would have it. Out: the move and its standard deviation in any month: between the rows on a line, after the last
//! row back to the regression with a half-life of two years, before the first none.
//!
//! A shortage that came after the last followed price is a fact the regression cannot know. It is taken from
//! published figures, with an interval that admits how thin they are.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::catalog::AssetClass;
use crate::units::Month;

/// Months after which half of a move that nobody follows any longer is gone. Assumption: memory took about two years
/// from the peak of 2018 to the old level.
const HALF_LIFE_MONTHS: f64 = 24.0;

/// How far a class stands from its regression.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MarketMove {
    /// Log of the factor on its prices.
    pub log: f64,
    /// Standard deviation of that.
    pub sd_log: f64,
}

/// A row of the table.
#[derive(Debug, Deserialize)]
struct Row {
    class: String,
    month: Month,
    log_move: f64,
    sd_log: f64,
    source: String,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    csv::Reader::from_reader(include_str!("../../data/market_moves.csv").as_bytes())
        .into_deserialize()
        .collect::<Result<_, _>>()
        .expect("data/market_moves.csv is checked by a test")
});

/// How far the prices of a class stand from its regression in a month; `None` where nothing is published.
pub fn move_in(class: AssetClass, month: Month) -> Option<MarketMove> {
    let rows: Vec<&Row> = ROWS.iter().filter(|row| row.class == class.name()).collect();
    let (first, last) = (rows.first()?, rows.last()?);
    if month <= first.month {
        return None;
    }
    if month > last.month {
        let left = 0.5_f64.powf(f64::from(month.months_since(last.month)) / HALF_LIFE_MONTHS);
        return Some(MarketMove { log: left * last.log_move, sd_log: last.sd_log });
    }
    rows.windows(2).find(|pair| month <= pair[1].month).map(|pair| {
        let part = f64::from(month.months_since(pair[0].month))
            / f64::from(pair[1].month.months_since(pair[0].month));
        let between = |from: f64, to: f64| from + part * (to - from);
        MarketMove {
            log: between(pair[0].log_move, pair[1].log_move),
            sd_log: between(pair[0].sd_log, pair[1].sd_log),
        }
    })
}

/// Where the moves of a class are published.
pub fn sources(class: AssetClass) -> impl Iterator<Item = &'static str> {
    ROWS.iter().filter(move |row| row.class == class.name()).map(|row| row.source.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(month: &str) -> Option<MarketMove> {
        move_in(AssetClass::Memory, month.parse().unwrap())
    }

    #[test]
    fn the_table_is_in_order_and_every_row_has_a_source() {
        assert!(ROWS.iter().all(|row| !row.source.is_empty() && row.sd_log > 0.0));
        assert!(ROWS.windows(2).all(|pair| pair[0].class != pair[1].class || pair[0].month < pair[1].month));
    }

    #[test]
    fn a_move_starts_at_nothing_passes_its_rows_and_goes_back() {
        assert_eq!(at("2025-06"), None);
        assert!((at("2026-03").unwrap().log - 1.55).abs() < 1e-12);
        let half = at("2025-08").unwrap().log;
        assert!((half - 0.3).abs() < 1e-12, "{half}");
        assert!((at("2029-09").unwrap().log - 0.775).abs() < 1e-12);
        assert_eq!(move_in(AssetClass::Laptop, "2026-03".parse().unwrap()), None);
    }
}
