//! Prices followed month by month, product by product, whether or not the catalog knows the product.
//!
//! In: observations. Out: markets (class, basis, currency, source) of series (product, variant, grade), each with one
//! price a month. The price of a month is the median of its rows weighted by their sales, so that a few absurd rows
//! move nothing. Rows that the source itself doubts are left out.

use std::collections::{BTreeMap, BTreeSet};

use super::cells::{MOST_SALES, UNKNOWN_SALES, source_group, source_sizes};
use super::{Basis, Observation};
use crate::catalog::{AssetClass, ProductId};
use crate::units::{Currency, Month};

/// One month of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FollowedMonth {
    /// The month.
    pub month: Month,
    /// Weighted median of the ln prices.
    pub ln_price: f64,
    /// Sales behind it, as far as the source says.
    pub quantity: Option<f64>,
}

/// One product in one variant and grade.
#[derive(Debug, Clone, PartialEq)]
pub struct FollowedSeries {
    /// Product as the source writes it.
    pub product: String,
    /// Brand or configuration, where the source tells them apart.
    pub variant: String,
    /// Condition in the source's words.
    pub grade: String,
    /// Catalog entry of the product, if it has one.
    pub known_as: Option<ProductId>,
    /// Months in order, each once.
    pub months: Vec<FollowedMonth>,
}

/// Series whose prices are of one kind and move together.
#[derive(Debug, Clone, PartialEq)]
pub struct FollowedMarket {
    /// Class of the products.
    pub class: AssetClass,
    /// Sold, asked, bought in or new.
    pub basis: Basis,
    /// Currency of the prices.
    pub currency: Currency,
    /// Who reports them; small sources are one together.
    pub source: String,
    /// Series in order of product, variant and grade.
    pub series: Vec<FollowedSeries>,
}

/// A price with its class and its catalog entry, if it has one.
pub type ClassedRow<'a> = (AssetClass, Option<ProductId>, &'a Observation);

/// Groups observations to markets and series.
pub fn followed_markets(rows: &[ClassedRow<'_>]) -> Vec<FollowedMarket> {
    newer_months(rows, &|_, _| false)
}

/// The same of months that come after those of a fit: a source that was followed stays one of its own, however few its rows
/// are this time.
pub fn newer_months(
    rows: &[ClassedRow<'_>],
    is_followed: &dyn Fn(AssetClass, &Observation) -> bool,
) -> Vec<FollowedMarket> {
    type MarketKey = (AssetClass, Basis, Currency, String);
    type SeriesKey<'a> = (&'a str, &'a str, &'a str);
    type MonthRows = BTreeMap<Month, Vec<(f64, f64, Option<f64>)>>;
    let sizes = source_sizes(rows.iter().map(|row| row.2));
    let mut markets: BTreeMap<MarketKey, BTreeMap<SeriesKey<'_>, (Option<ProductId>, MonthRows)>> =
        BTreeMap::new();
    for &(class, known_as, row) in rows.iter().filter(|row| !row.2.flagged) {
        let source = if is_followed(class, row) { &row.source } else { source_group(&sizes, row) }.to_owned();
        let market = markets.entry((class, row.basis, row.currency, source)).or_default();
        let variant = if row.variant.is_empty() { &row.configuration } else { &row.variant };
        let key = (row.name.as_str(), variant.as_str(), row.grade.as_str());
        let series = market.entry(key).or_insert_with(|| (known_as, BTreeMap::new()));
        let weight = row.quantity.unwrap_or(UNKNOWN_SALES).clamp(1.0, MOST_SALES);
        series.1.entry(row.month).or_default().push((row.price.ln(), weight, row.quantity));
    }
    markets
        .into_iter()
        .map(|((class, basis, currency, source), series)| FollowedMarket {
            class,
            basis,
            currency,
            source,
            series: series
                .into_iter()
                .map(|((product, variant, grade), (known_as, months))| FollowedSeries {
                    product: product.to_owned(),
                    variant: variant.to_owned(),
                    grade: grade.to_owned(),
                    known_as,
                    months: months.into_iter().map(|(month, rows)| one_month(month, rows)).collect(),
                })
                .collect(),
        })
        .collect()
}

fn one_month(month: Month, mut rows: Vec<(f64, f64, Option<f64>)>) -> FollowedMonth {
    rows.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let half = rows.iter().map(|row| row.1).sum::<f64>() / 2.0;
    let mut sum = 0.0;
    let mut ln_price = f64::NAN;
    for (position, row) in rows.iter().enumerate() {
        sum += row.1;
        ln_price = row.0;
        if sum > half {
            break;
        }
        if sum == half {
            ln_price = rows.get(position + 1).map_or(row.0, |next| 0.5 * (row.0 + next.0));
            break;
        }
    }
    let told: Vec<f64> = rows.iter().filter_map(|row| row.2).collect();
    let quantity = (!told.is_empty()).then(|| told.iter().sum());
    FollowedMonth { month, ln_price, quantity }
}

impl FollowedMarket {
    /// First and last month with a price.
    pub fn span(&self) -> Option<(Month, Month)> {
        let months: BTreeSet<Month> =
            self.series.iter().flat_map(|one| &one.months).map(|one| one.month).collect();
        Some((*months.first()?, *months.last()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, month: &str, price: f64, quantity: Option<f64>) -> Observation {
        Observation {
            month: month.parse().unwrap(),
            product: name.into(),
            name: name.into(),
            variant: String::new(),
            class: Some(AssetClass::Cpu),
            price,
            currency: Currency::USD,
            basis: Basis::Sold,
            grade: String::new(),
            quantity,
            configuration: String::new(),
            source: "shop".into(),
            flagged: false,
        }
    }

    fn months_of(rows: &[Observation]) -> Vec<FollowedMonth> {
        let tied: Vec<_> = rows.iter().map(|row| (AssetClass::Cpu, None, row)).collect();
        followed_markets(&tied)[0].series[0].months.clone()
    }

    #[test]
    fn ten_thousand_absurd_rows_of_one_sale_do_not_outvote_a_mean_of_many_sales() {
        let mut rows = vec![row("x", "2024-01", 100.0, Some(500.0))];
        rows.extend((0..400).map(|_| row("x", "2024-01", 1e9, Some(1.0))));
        let months = months_of(&rows);
        assert_eq!(months[0].ln_price, 100_f64.ln());
        assert_eq!(months[0].quantity, Some(900.0));
    }

    #[test]
    fn two_equal_rows_meet_in_the_middle_and_duplicates_change_nothing() {
        let pair = [row("x", "2024-01", 100.0, None), row("x", "2024-01", 121.0, None)];
        assert!((months_of(&pair)[0].ln_price - 110_f64.ln()).abs() < 1e-12);
        let twice = [row("x", "2024-01", 100.0, None), row("x", "2024-01", 100.0, None)];
        assert_eq!(months_of(&twice)[0].ln_price, 100_f64.ln());
    }

    #[test]
    fn currencies_and_kinds_of_price_are_markets_of_their_own() {
        let mut rows = [row("x", "2024-01", 100.0, None), row("x", "2024-01", 90.0, None)];
        rows[1].currency = "EUR".parse().unwrap();
        let tied: Vec<_> = rows.iter().map(|row| (AssetClass::Cpu, None, row)).collect();
        assert_eq!(followed_markets(&tied).len(), 2);
    }
}
