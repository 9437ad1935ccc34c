//! Writes what other forecasters need to be compared with the cold start of phones on the same folds.
//!
//! In: an observation file and where to write. Out: CSV, a row a sale: generation, month, the facts as numbers, log of
//! price over list price, and the three quantiles of the model that has not seen the generation. The file holds prices:
//! keep it out of any repository.
//!
//! ```text
//! cargo run --release --example cold_start_rows -- market/phone_sold_2026.csv rows.csv
//! python benches/peers/accuracy/phones.py rows.csv
//! ```

use std::error::Error;
use std::path::PathBuf;

use residua::catalog::{AssetClass, Matcher, built_in};
use residua::market::read_observations;
use residua::price::cold_start::{COLUMNS, Sale, columns, leave_generations_out, sale};
use residua::units::ExchangeRates;

/// Columns of facts; what a tree makes of conditions by itself is not given twice.
const FACTS: usize = 9;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(market), Some(output), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Err("name the observation file and the file to write".into());
    };
    let sales = read_sales(market)?;
    let forecasts = leave_generations_out(&sales)?;
    let last_month = sales.iter().map(|sale| sale.month).max().ok_or("no sale has all its facts")?;
    let mut writer = csv::Writer::from_path(&output)?;
    let facts = COLUMNS[1..FACTS].iter().map(|(name, ..)| name.replace(' ', "_"));
    let outer = ["condition", "log_retention", "lower", "median", "upper"].map(str::to_owned);
    writer.write_record(["generation", "month"].map(str::to_owned).into_iter().chain(facts).chain(outer))?;
    for (sale, forecast) in sales.iter().zip(&forecasts) {
        let row = columns(&sale.facts, sale.condition, sale.month, last_month);
        let list = sale.facts.list_price_usd.ln();
        let prices = [sale.log_price, forecast.lower, forecast.median, forecast.upper];
        let mut record = vec![sale.generation.clone(), sale.month.to_string()];
        record.extend(row[1..FACTS].iter().map(f64::to_string));
        record.push((sale.condition as usize).to_string());
        record.extend(prices.iter().map(|price| (price - list).to_string()));
        writer.write_record(record)?;
    }
    writer.flush()?;
    eprintln!("wrote {} sales to {}", sales.len(), output.display());
    Ok(())
}

fn read_sales(market: PathBuf) -> Result<Vec<Sale>, Box<dyn Error>> {
    let (catalog, rates) = (built_in()?, ExchangeRates::built_in());
    let matcher = Matcher::new(&catalog);
    let observations = read_observations(&[market], &[AssetClass::Phone])?;
    let with_facts = observations.rows.iter().filter_map(|row| {
        let product = catalog.get(matcher.identify(&row.product, row.class).product?);
        sale(product, row, &catalog, &rates)
    });
    Ok(with_facts.collect())
}
