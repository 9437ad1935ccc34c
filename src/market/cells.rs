//! Observations of one product from one source, month by month.
//!
//! In: observations tied to products. Out: for each (source, product) the months in order, each with the mean
//! log price and the number of sales behind it. The mean of logs is weighted by sales (10 where the source does
//! not say, at most 500), which is what the price model's noise term expects.

use std::collections::BTreeMap;

use super::{Basis, Observation};
use crate::catalog::ProductId;
use crate::units::{Currency, Month};

/// Sales assumed behind a monthly mean that does not state them.
pub(super) const UNKNOWN_SALES: f64 = 10.0;

/// More sales than this say nothing more.
pub(super) const MOST_SALES: f64 = 500.0;

/// One month of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// The month.
    pub month: Month,
    /// Mean of the log price.
    pub log_price: f64,
    /// Sales behind it, 1 to 500.
    pub sales: f64,
    /// Observations behind it.
    pub observations: usize,
}

/// The months of one product from one source, in one currency and basis.
#[derive(Debug, Clone, PartialEq)]
pub struct CellSeries {
    /// The product.
    pub product: ProductId,
    /// Who reports it.
    pub source: String,
    /// Sold, asked or bought in.
    pub basis: Basis,
    /// Currency of the prices.
    pub currency: Currency,
    /// Months in order, each once.
    pub cells: Vec<Cell>,
}

/// Sources with fewer rows than this are one source together, in their currency and basis.
const SMALL_SOURCE: usize = 400;

/// Name of the small sources together.
const VARIOUS: &str = "various";

/// Rows by source, basis and currency.
pub(super) type SourceSizes<'a> = BTreeMap<(&'a str, Basis, Currency), usize>;

/// Counts the rows of each source.
pub(super) fn source_sizes<'a>(rows: impl Iterator<Item = &'a Observation>) -> SourceSizes<'a> {
    let mut sizes = SourceSizes::new();
    for row in rows {
        *sizes.entry((&row.source, row.basis, row.currency)).or_default() += 1;
    }
    sizes
}

/// The source that a row counts to.
pub(super) fn source_group<'a>(sizes: &SourceSizes<'_>, row: &'a Observation) -> &'a str {
    let rows = sizes.get(&(row.source.as_str(), row.basis, row.currency)).copied().unwrap_or(0);
    if rows < SMALL_SOURCE { VARIOUS } else { &row.source }
}

/// Groups observations to series. Prices of new units and flagged rows are left out. Series come in order of
/// source, then product.
pub fn monthly_series(observations: &[(ProductId, &Observation)]) -> Vec<CellSeries> {
    type Key<'a> = (&'a str, Basis, Currency, ProductId);
    let sizes = source_sizes(observations.iter().map(|one| one.1));
    let mut groups: BTreeMap<Key<'_>, BTreeMap<Month, (f64, f64, usize)>> = BTreeMap::new();
    for &(product, row) in observations {
        if row.flagged || row.basis == Basis::New {
            continue;
        }
        let sales = row.quantity.unwrap_or(UNKNOWN_SALES).clamp(1.0, MOST_SALES);
        let source = source_group(&sizes, row);
        let cell = groups
            .entry((source, row.basis, row.currency, product))
            .or_default()
            .entry(row.month)
            .or_insert((0.0, 0.0, 0));
        cell.0 += sales * row.price.ln();
        cell.1 += sales;
        cell.2 += 1;
    }
    groups
        .into_iter()
        .map(|((source, basis, currency, product), months)| CellSeries {
            product,
            source: source.to_owned(),
            basis,
            currency,
            cells: months
                .into_iter()
                .map(|(month, (sum, sales, observations))| Cell {
                    month,
                    log_price: sum / sales,
                    sales: sales.min(MOST_SALES),
                    observations,
                })
                .collect(),
        })
        .collect()
}
