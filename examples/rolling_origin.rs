//! Forecasts used GPU prices from past months as if the future were unknown,
//! and scores them: sixteen months of sold means, eleven of auctions.
//!
//! In: the market data in the folder named by `RESIDUA_SHARED`, or
//! `../../shared`, `../shared`. Out: by method and horizon the mean error,
//! pinball loss x 100 and coverage of the 80 % interval, and the run time.
//!
//! `cargo run --release --example rolling_origin`

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use residua::price::state_space::calibrate::{Calibrator, Outcome};
use residua::price::state_space::compact::CompactModel;
use residua::price::state_space::design::{Column, Covariates, DesignBasis};
use residua::price::state_space::drift::{DriftModel, pool_weight};
use residua::price::state_space::fit::FitSettings;
use residua::price::state_space::forecast::Query;
use residua::price::state_space::history::History;
use residua::price::state_space::hurdle::Hurdle;
use residua::price::state_space::hyperparameters::{HyperparameterPrior, Hyperparameters};
use residua::price::state_space::panel::{Panel, PanelSettings, Row, Series};
use residua::price::state_space::quantiles::Quantiles;

/// Prices of one source, scored from the first to the last origin.
struct Market {
    source: &'static str,
    first_origin: i32,
    last_origin: i32,
    /// The recipe's row of the reference table: pinball and coverage by
    /// horizon, then over all.
    reference: [(f64, f64); 5],
}

const MARKETS: [Market; 2] = [
    Market {
        source: "toms_ebay_sold_mean",
        first_origin: 2022 * 12 + 5,
        last_origin: 2023 * 12 + 8,
        reference: [(1.61, 78.0), (2.56, 85.0), (3.35, 94.0), (5.08, 84.0), (2.64, 85.0)],
    },
    Market {
        source: "ebay_auction_median10",
        first_origin: 2021 * 12 + 10,
        last_origin: 2022 * 12 + 9,
        reference: [(1.86, 78.0), (2.58, 84.0), (4.59, 87.0), (8.83, 57.0), (3.03, 81.0)],
    },
];

const HORIZONS: [i32; 4] = [1, 3, 6, 12];
const LONGEST_LAG: i32 = 13;
const REFIT_EVERY: usize = 3;

/// Months that a series' last price may lie before the origin.
const OLDEST_LAST_PRICE: i32 = 1;

const METHODS: [(&str, bool, bool); 5] = [
    ("fit alone", false, false),
    ("fit + reversion", false, false),
    ("drift alone", false, false),
    ("drift, calibrated", true, false),
    ("whole recipe", true, true),
];

type Outcomes = Result<(), Box<dyn Error>>;

struct Product {
    series: Series,
    history: History,
}

#[derive(Default, Clone, Copy)]
struct Score {
    rows: f64,
    error: f64,
    pinball: f64,
    covered: f64,
    width: f64,
}

impl Score {
    fn add(&mut self, forecast: &Quantiles, actual: f64) {
        self.rows += 1.0;
        self.error += ((forecast.median - actual).exp() - 1.0).abs();
        self.pinball += forecast.pinball(actual);
        self.covered += f64::from(u8::from(!forecast.misses(actual)));
        self.width += forecast.upper - forecast.lower;
    }
}

/// A method's forecasts so far: scores by horizon, calibration, open outcomes.
struct Track {
    scores: BTreeMap<i32, Score>,
    calibrator: Option<Calibrator>,
    hurdle: bool,
    open: Vec<Outcome>,
}

fn main() -> Outcomes {
    let Some(folder) = shared_folder() else {
        println!("not run: no folder with market data; set RESIDUA_SHARED to it");
        return Ok(());
    };
    for market in &MARKETS {
        let products = read_products(&folder.join("market"), market.source)?;
        let started = Instant::now();
        let tracks = run(&products, market)?;
        println!("{}: {:.2} s", market.source, started.elapsed().as_secs_f64());
        print_scores(&tracks, &market.reference);
    }
    Ok(())
}

fn run(products: &[Product], market: &Market) -> Result<Vec<Track>, Box<dyn Error>> {
    let mut tracks = Vec::new();
    for (_, calibrated, hurdle) in METHODS {
        tracks.push(Track {
            scores: BTreeMap::new(),
            calibrator: if calibrated { Some(Calibrator::new(1.0)?) } else { None },
            hurdle,
            open: Vec::new(),
        });
    }
    let mut found: Option<Hyperparameters> = None;
    let with_data = |origin: &i32| products.iter().any(|one| one.history.at(*origin).is_some());
    let origins = (market.first_origin..=market.last_origin).filter(with_data);
    let mut previous = market.first_origin - 1;
    for (turn, origin) in origins.enumerate() {
        let iterations = if turn % REFIT_EVERY == 0 { FitSettings::default().iterations } else { 0 };
        let model = fit_until(products, origin, found.as_ref(), iterations)?;
        found = Some(*model.hyperparameters());
        let elapsed = f64::from(origin - previous);
        forecast_from(products, origin, elapsed, &model, &mut tracks)?;
        previous = origin;
    }
    Ok(tracks)
}

fn fit_until(
    products: &[Product],
    origin: i32,
    start: Option<&Hyperparameters>,
    iterations: usize,
) -> Result<CompactModel, Box<dyn Error>> {
    let mut past = Vec::new();
    for product in products {
        let mut series = product.series.clone();
        series.rows.retain(|row| row.month <= origin);
        if !series.rows.is_empty() {
            past.push(series);
        }
    }
    let counts = past.iter().map(|one| (&one.covariates, one.rows.len()));
    let basis = DesignBasis::from_training(Column::full(), counts, origin);
    let panel = Panel::new(&past, basis, PanelSettings::ending(origin))?;
    let settings = FitSettings { iterations, ..FitSettings::default() };
    Ok(panel.fit(&HyperparameterPrior::default(), start, settings)?.compact()?)
}

fn forecast_from(
    products: &[Product],
    origin: i32,
    elapsed: f64,
    model: &CompactModel,
    tracks: &mut [Track],
) -> Outcomes {
    let histories: Vec<History> = products.iter().map(|one| one.history.until(origin)).collect();
    let drift = DriftModel::fit(&histories, origin, 1.0, LONGEST_LAG)?;
    let hurdle = Hurdle::fit(&histories, origin, 1.0, LONGEST_LAG)?;
    for track in tracks.iter_mut() {
        if let Some(calibrator) = &mut track.calibrator {
            let realised: Vec<Outcome> =
                track.open.extract_if(.., |one| one.origin + one.horizon <= origin).collect();
            calibrator.advance(origin, elapsed, &realised);
        }
    }
    for (product, past) in products.iter().zip(&histories) {
        let Some((last, last_price)) = past.last() else { continue };
        if origin - last > OLDEST_LAST_PRICE {
            continue;
        }
        for horizon in HORIZONS {
            let Some(actual) = product.history.at(origin + horizon) else { continue };
            let forecasts = all_methods(product, past, origin, horizon, model, &drift)?;
            for (track, raw) in tracks.iter_mut().zip(forecasts) {
                track.issue(origin, horizon, &raw, actual, |calibrated| {
                    hurdle.apply(calibrated, last_price, origin + horizon - last)
                });
            }
        }
    }
    Ok(())
}

/// The uncalibrated quantiles of ln price by every method.
fn all_methods(
    product: &Product,
    past: &History,
    origin: i32,
    horizon: i32,
    model: &CompactModel,
    drift: &DriftModel,
) -> Result<[Quantiles; METHODS.len()], Box<dyn Error>> {
    let target = origin + horizon;
    let series = model.series(&product.series.name).ok_or("a series with a price is in the model")?;
    let fitted = model
        .forecast(&Query::of_series(series, target))?
        .quantiles()
        .shifted(product.series.covariates.ln_list_price);
    let ahead = usize::try_from(horizon)?;
    let shift = model.reversion_shift(series.segment, ahead).ok_or("the horizon is covered")?;
    let level = model.market_state(series.segment).ok_or("the segment is known")?.level;
    let reverted = fitted.shifted(shift);
    let drifting = drift.forecast(past, target).ok_or("the series has a price")?;
    let pooled = reverted.pooled(&drifting, pool_weight(level));
    Ok([fitted, reverted, drifting, drifting, pooled])
}

impl Track {
    fn issue(
        &mut self,
        origin: i32,
        horizon: i32,
        raw: &Quantiles,
        actual: f64,
        with_hurdle: impl Fn(&Quantiles) -> Quantiles,
    ) {
        let mut issued = match &self.calibrator {
            Some(calibrator) => raw.widened(calibrator.scale(horizon)),
            None => *raw,
        };
        if self.hurdle {
            issued = with_hurdle(&issued);
        }
        self.scores.entry(horizon).or_default().add(&issued, actual);
        self.open.push(Outcome { origin, horizon, score: raw.score(actual), missed: issued.misses(actual) });
    }
}

fn print_scores(tracks: &[Track], reference: &[(f64, f64); 5]) {
    println!("MAPE / pinball x 100 / coverage % by horizon; all: pinball / coverage / width / rows");
    for ((name, ..), track) in METHODS.iter().zip(tracks) {
        let mut line = format!("{name:18}");
        let mut all = Score::default();
        for score in track.scores.values() {
            let rows = score.rows;
            line += &format!(
                " | {:4.1} / {:5.2} / {:3.0}",
                100.0 * score.error / rows,
                100.0 * score.pinball / rows,
                100.0 * score.covered / rows,
            );
            all.rows += rows;
            all.pinball += score.pinball;
            all.covered += score.covered;
            all.width += score.width;
        }
        println!(
            "{line} | {:.3} / {:.0} / {:.2} / {}",
            100.0 * all.pinball / all.rows,
            100.0 * all.covered / all.rows,
            all.width / all.rows,
            all.rows
        );
    }
    let reference = reference.map(|(pinball, coverage)| format!("{pinball:5.2} / {coverage:3.0}"));
    println!("{:18} |        {}", "reference recipe", reference.join(" |        "));
}

fn shared_folder() -> Option<PathBuf> {
    let named = std::env::var_os("RESIDUA_SHARED").map(PathBuf::from);
    let usual = ["../../shared", "../shared"].map(PathBuf::from);
    named.into_iter().chain(usual).find(|folder| folder.join("market").is_dir())
}

fn read_rows(path: &Path) -> Result<Vec<BTreeMap<String, String>>, csv::Error> {
    csv::Reader::from_path(path)?.deserialize().collect()
}

fn month_number(date: &str) -> Option<i32> {
    let year: i32 = date.get(..4)?.parse().ok()?;
    let month: i32 = date.get(5..7)?.parse().ok()?;
    Some(year * 12 + month - 1)
}

fn covariates(facts: &BTreeMap<String, String>, source: &str) -> Option<(Covariates, Option<f64>)> {
    let list = facts["msrp_usd"].parse::<f64>().ok().map(f64::ln);
    let known = Covariates {
        launch_month: month_number(&facts["launch_date"])?,
        successor_launch_month: month_number(&facts["successor_launch_date"]),
        ln_list_price: list.unwrap_or(0.0),
        amd: facts["vendor"] == "AMD",
        datacentre: facts["segment"] != "consumer",
        ln_memory: facts["memory_gb"].parse::<f64>().ok().map(f64::ln),
        source: source.to_owned(),
    };
    Some((known, list))
}

fn read_products(market: &Path, source: &str) -> Result<Vec<Product>, Box<dyn Error>> {
    let facts: BTreeMap<String, (Covariates, Option<f64>)> = read_rows(&market.join("gpu_launch_facts.csv"))?
        .iter()
        .filter_map(|row| Some((row["model"].clone(), covariates(row, source)?)))
        .collect();
    let mut prices: BTreeMap<String, BTreeMap<i32, (f64, Option<f64>)>> = BTreeMap::new();
    for row in read_rows(&market.join("gpu_used_monthly_2020_2023.csv"))? {
        if row["source"] == source && row["flag"].is_empty() && facts.contains_key(&row["product"]) {
            let month = month_number(&row["month"]).ok_or("a month is written YYYY-MM")?;
            let price: f64 = row["price"].parse()?;
            let months = prices.entry(row["product"].clone()).or_default();
            months.insert(month, (price.ln(), row["quantity"].parse().ok()));
        }
    }
    let mut products = Vec::new();
    for (name, months) in prices {
        let (mut covariates, list) = facts[&name].clone();
        // Without a list price the first price stands for it, as in the
        // reference fit.
        let first = months.values().next().map_or(0.0, |price| price.0);
        covariates.ln_list_price = list.unwrap_or(first);
        let rows = months.iter().map(|(month, (ln_price, sales))| Row {
            month: *month,
            ln_retention: ln_price - covariates.ln_list_price,
            sales: *sales,
            weight: 1.0,
        });
        let rows = rows.collect();
        let ln_prices = months.values().map(|price| price.0).collect();
        let history = History::new(months.into_keys().collect(), ln_prices)?;
        let series = Series { name, segment: "all".to_owned(), covariates, rows };
        products.push(Product { series, history });
    }
    Ok(products)
}
