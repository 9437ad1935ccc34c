//! Every cohort and asset in a block of JSON that the script reads.
//!
//! In: the plan and the order of its cohorts. Out: a `<script type="application/json">` of short arrays:
//! `words` every different text once; `rows` one array a cohort in the order given; `assets` the ids of each. Texts in a
//! row are places in `words`, −1 where there is none; months count from year 0, null where there is none. Prices ahead are
//! pairs of median and p90 ÷ p50 × 100 every [`EVERY`] months: forecasts are log-normal, so p10 is p50 ÷ (p90 ÷ p50).

use std::collections::HashMap;

use maud::{Markup, PreEscaped, html};
use serde_json::{Value, json};

use super::{Source, index};
use crate::decide::PlannedCohort;
use crate::report::words::clean;

/// Months between prices.
const EVERY: usize = 6;

/// Texts, each kept once.
#[derive(Default)]
struct Words {
    places: HashMap<String, usize>,
    list: Vec<String>,
}

impl Words {
    fn place(&mut self, text: &str) -> usize {
        let text = clean(text);
        if let Some(place) = self.places.get(&text) {
            return *place;
        }
        self.places.insert(text.clone(), self.list.len());
        self.list.push(text);
        self.list.len() - 1
    }

    fn place_of(&mut self, text: Option<&str>) -> Value {
        text.map_or(json!(-1), |text| json!(self.place(text)))
    }
}

/// The block, in the order given.
pub(super) fn block(source: Source<'_>, order: &[usize]) -> Markup {
    let mut words = Words::default();
    let rows: Vec<Value> = order.iter().map(|cohort| row(source, *cohort, &mut words)).collect();
    let assets = order.iter().map(|cohort| {
        let assets = &source.plan.cohorts[*cohort].cohort.assets;
        let ids = assets.iter().filter_map(|index| source.fleet.assets.get(*index));
        Value::from(ids.map(|asset| clean(&asset.id)).collect::<Vec<String>>())
    });
    let data = json!({
        "currency": source.currency().code(),
        "start": source.plan.as_of.index(),
        "every": EVERY,
        "assets": assets.collect::<Vec<Value>>(),
        "rows": rows,
        "words": words.list,
    });
    // In a script element only `<` can begin markup.
    let text = data.to_string().replace('<', "\\u003c");
    html! { script #data type="application/json" { (PreEscaped(text)) } }
}

/// Position in the plan, label, site, units, bought, action, route, window, net of one and of all, late, why, prices.
fn row(source: Source<'_>, cohort: usize, words: &mut Words) -> Value {
    let planned = &source.plan.cohorts[cohort];
    let row = index::row(source, cohort);
    let whole = |amount: Option<f64>| amount.map(|amount| amount.round() as i64);
    let route = planned.decision.route.filter(|_| row.net.is_some()).map(|route| route.name());
    json!([
        cohort,
        words.place(&row.label),
        words.place_of(row.site),
        row.units,
        row.bought.map(|month| month.index()),
        words.place(row.action),
        words.place_of(route),
        row.window.map(|(first, _)| first.index()),
        row.window.map(|(_, last)| last.index()),
        whole(row.net),
        whole(row.all),
        whole(row.late),
        words.place(&planned.decision.reason),
        prices(source, planned),
    ])
}

fn prices(source: Source<'_>, planned: &PlannedCohort) -> Vec<Value> {
    let Some(forecast) = &planned.forecast else { return Vec::new() };
    let months = (0..forecast.points.len()).step_by(EVERY);
    months
        .flat_map(|ahead| {
            let price = forecast.value(ahead).quantiles().map_linear(source.plan.currency_per_dollar, 0.0);
            let ratio = if price.p50 > 0.0 { price.p90 / price.p50 } else { 1.0 };
            [short(price.p50), json!((100.0 * ratio).round() as i64)]
        })
        .collect()
}

/// Whole from 100 on, else to a tenth.
fn short(amount: f64) -> Value {
    if amount >= 100.0 { json!(amount.round() as i64) } else { json!((10.0 * amount).round() / 10.0) }
}
