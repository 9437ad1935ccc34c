//! Test support: invented series, the rows of the exact fixture read from
//! outside the repository, and the forecast formula of the fit written out
//! directly.
//!
//! In: the folder named by `RESIDUA_SHARED`, or `../../shared`, `../shared`.
//! Out: series, or `None` with a printed line when the folder is absent.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ndarray::Array1;

use super::design::{Column, Covariates, DesignBasis};
use super::fit::FittedPanel;
use super::forecast::Query;
use super::panel::{Panel, PanelSettings, Row, Series, usable_sales};

const SOURCE: &str = "toms_ebay_sold_mean";

fn shared_folder() -> Option<PathBuf> {
    let named = std::env::var_os("RESIDUA_SHARED").map(PathBuf::from);
    let usual = ["../../shared", "../shared"].map(PathBuf::from);
    let found = named.into_iter().chain(usual).find(|folder| folder.join("market").is_dir());
    if found.is_none() {
        println!("not run: no folder with market data; set RESIDUA_SHARED to it");
    }
    found
}

fn read_rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).expect("the data file can be read");
    reader.deserialize().map(|row| row.expect("each row has the header's columns")).collect()
}

/// Month number of `YYYY-MM...`.
fn month_number(date: &str) -> Option<i32> {
    let year: i32 = date.get(..4)?.parse().ok()?;
    let month: i32 = date.get(5..7)?.parse().ok()?;
    Some(year * 12 + month - 1)
}

fn covariates(facts: &BTreeMap<String, String>) -> Option<Covariates> {
    Some(Covariates {
        launch_month: month_number(&facts["launch_date"])?,
        successor_launch_month: month_number(&facts["successor_launch_date"]),
        // Not a number marks a product without a list price.
        ln_list_price: facts["msrp_usd"].parse::<f64>().unwrap_or(f64::NAN).ln(),
        amd: facts["vendor"] == "AMD",
        datacentre: facts["segment"] != "consumer",
        ln_memory: facts["memory_gb"].parse::<f64>().ok().map(f64::ln),
        source: SOURCE.to_owned(),
    })
}

/// The covariates; the reference fit takes the first price as list price of a
/// product without one (rows are in ascending order of months in the file).
fn with_list_price(covariates: &Covariates, first_price: f64) -> Covariates {
    let mut known = covariates.clone();
    if known.ln_list_price.is_nan() {
        known.ln_list_price = first_price.ln();
    }
    known
}

/// The series of the exact fixture.
pub(super) fn series() -> Option<Vec<Series>> {
    let market = shared_folder()?.join("market");
    let facts: BTreeMap<String, Covariates> = read_rows(&market.join("gpu_launch_facts.csv"))
        .iter()
        .filter_map(|row| Some((row["model"].clone(), covariates(row)?)))
        .collect();
    let mut series: BTreeMap<String, Series> = BTreeMap::new();
    for row in read_rows(&market.join("gpu_used_monthly_2020_2023.csv")) {
        let Some(covariates) = facts.get(&row["product"]) else {
            continue;
        };
        let month = month_number(&row["month"]).expect("a month is written YYYY-MM");
        if row["source"] != SOURCE || !row["flag"].is_empty() {
            continue;
        }
        let price: f64 = row["price"].parse().expect("a price is a number");
        let entry = series.entry(row["product"].clone()).or_insert_with(|| Series {
            name: row["product"].clone(),
            segment: "all".to_owned(),
            covariates: with_list_price(covariates, price),
            rows: Vec::new(),
        });
        entry.rows.push(Row {
            month,
            ln_retention: price.ln() - entry.covariates.ln_list_price,
            sales: row["quantity"].parse().ok(),
            weight: 1.0,
        });
    }
    Some(series.into_values().collect())
}

/// The panel of the given series up to their last month.
pub(super) fn panel_of(series: &[Series]) -> Panel {
    let last = series
        .iter()
        .flat_map(|one| one.rows.iter().map(|row| row.month))
        .max()
        .expect("the series have rows");
    let products = series.iter().map(|one| (&one.covariates, one.rows.len()));
    let basis = DesignBasis::from_training(Column::full(), products, last);
    Panel::new(series, basis, PanelSettings::ending(last)).expect("the fixture is usable")
}

/// Invented series: two markets and two sources, gaps, a series of one month,
/// one that ends early, and one with two rows in a month.
pub(super) fn invented_series() -> Vec<Series> {
    let last = 2024 * 12;
    let mut series = Vec::new();
    for i in 0..14_i32 {
        let weight = f64::from(i);
        let launch_month = last - 20 - 4 * i;
        let covariates = Covariates {
            launch_month,
            successor_launch_month: (i % 3 == 0).then_some(launch_month + 22),
            ln_list_price: 6.0 + 0.1 * (weight * 1.7).sin(),
            amd: i % 2 == 0,
            datacentre: i % 5 == 0,
            ln_memory: (i != 4).then_some(2.0 + 0.3 * weight.cos()),
            source: if i < 9 { "auction" } else { "shop" }.to_owned(),
        };
        let months = if i == 7 { last - 3..last - 2 } else { last - 18 + i % 4..last + 1 - i / 6 * 2 };
        let price = |month: i32| {
            let age = f64::from(month - launch_month) / 12.0;
            let wave = 0.2 * (f64::from(month - last) / 6.0).cos();
            wave - 0.25 * age + 0.1 * (weight * 2.3 + f64::from(month)).sin()
        };
        let row = |month: i32| Row {
            month,
            ln_retention: price(month),
            sales: (month % 7 != 0).then(|| f64::from((month * 5 + i) % 40)),
            weight: 1.0,
        };
        let mut rows: Vec<Row> = months.filter(|month| (month + i) % 5 != 0).map(row).collect();
        if i == 2 {
            rows.push(Row { ln_retention: price(last - 8) + 0.05, ..row(last - 8) });
        }
        let segment = if i % 5 == 0 { "datacentre" } else { "consumer" };
        series.push(Series {
            name: format!("product {i:02}"),
            segment: segment.to_owned(),
            covariates,
            rows,
        });
    }
    series
}

/// Mean and variance of ln retention by the formula of the fit itself, for a
/// month within the fit's future months: with `k` over all past months, `D`
/// over all unknowns.
pub(super) fn direct(fitted: &FittedPanel, name: Option<&str>, query: &Query<'_>) -> (f64, f64) {
    let panel = &fitted.panel;
    let values = fitted.hyperparameters.values();
    let posterior = &fitted.posterior;
    let row = panel.basis.row(query.covariates, query.month);
    let mut weights = Array1::<f64>::zeros(panel.unknowns());
    let mut mean = 0.0;
    for (i, term) in panel.basis.terms.iter().enumerate() {
        weights[i] = row[i];
        mean += row[i] * term.prior_mean;
    }
    let segment = &panel.segments[query.segment];
    let month = usize::try_from(query.month - segment.first_month).expect("a future month");
    weights[segment.offset + month] += 1.0;
    let mut own = values.product_sd.powi(2) + values.wander_sd.powi(2);
    if let Some(position) = panel.series.iter().position(|one| Some(&*one.name) == name) {
        let series = &panel.series[position];
        let block = &posterior.eliminated[position];
        let k: Array1<f64> = series
            .months
            .iter()
            .map(|past| {
                let months = f64::from(query.month - past);
                let decay = (-months / values.wander_length).exp();
                values.product_sd.powi(2) + values.wander_sd.powi(2) * decay
            })
            .collect();
        let pulled = block.inverse.dot(&k);
        mean += pulled.dot(&series.deviation);
        own -= pulled.dot(&k);
        for (i, shift) in pulled.dot(&series.design).iter().enumerate() {
            weights[i] -= shift;
        }
        for (past, shift) in series.positions.iter().zip(&pulled) {
            weights[*past] -= shift;
        }
    }
    mean += weights.dot(&posterior.mean);
    let sales = usable_sales(query.sales);
    let noise = fitted.hyperparameters.sale_variance(sales);
    let spread = weights.dot(&posterior.covariance.dot(&weights));
    (mean, spread + own + noise)
}
