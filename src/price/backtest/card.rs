//! What followed prices say of themselves on a model card.
//!
//! In: the markets of a class and their backtests. Out: scores by horizon, and a card for a class that has nothing but
//! followed prices.

use crate::market::{Basis, FollowedMarket};
use crate::price::backtest::score::{ForecasterScore, ScoreCard};
use crate::price::card::{HorizonScore, ModelCard};

/// Name of a market on the card: kind of price and currency.
pub fn market_name(market: &FollowedMarket) -> String {
    format!("{} {}", market.basis.name(), market.currency)
}

/// Scores of a market by horizon, beside the last price and the published rate.
pub fn horizon_scores(market: &FollowedMarket, card: &ScoreCard) -> Vec<HorizonScore> {
    let at = |one: &ForecasterScore, horizon: i32| {
        one.by_horizon.iter().find(|found| found.0 == horizon).map_or(f64::NAN, |found| found.1.pinball)
    };
    let rounded = |value: f64| (value * 100.0).round() / 100.0;
    let [ours, last_price, _, published_rate, ..] = card.forecasters.as_slice() else { return Vec::new() };
    ours.by_horizon
        .iter()
        .map(|(horizon, scores)| HorizonScore {
            market: market_name(market),
            horizon_months: horizon.unsigned_abs(),
            forecasts: scores.forecasts,
            median_error_percent: rounded(100.0 * scores.mdape),
            bias_log_percent: rounded(100.0 * scores.bias),
            coverage_percent: rounded(100.0 * scores.coverage_80),
            pinball: rounded(100.0 * scores.pinball),
            pinball_no_change: rounded(100.0 * at(last_price, *horizon)),
            pinball_published_rate: rounded(100.0 * at(published_rate, *horizon)),
        })
        .collect()
}

/// What the card says of the distances that are given to the last price; `None` without one.
pub fn naive_note(market: &FollowedMarket, months_ahead: Option<i32>) -> Option<String> {
    months_ahead.map(|months| {
        format!(
            "The course of {} from {months} months ahead on: the last price was the better forecast there, so it is the one \
             given.",
            market_name(market)
        )
    })
}

/// The card of a class whose prices were followed, before its scores.
pub fn card_of(markets: &[FollowedMarket]) -> ModelCard {
    let months = || markets.iter().flat_map(|market| &market.series).flat_map(|series| &series.months);
    let sold = markets.iter().any(|market| market.basis == Basis::Sold);
    ModelCard {
        method: "Trend of each market from its products' own last prices: a long-run rate, the recent rate as far as it \
                 lasts, what comes back of a stray last price, and the share of prices that do not move."
            .into(),
        basis: if sold { "sales" } else { "listings" }.into(),
        observations: months().count(),
        sales: months().filter_map(|month| month.quantity).sum::<f64>().round() as u64,
        products: markets.iter().map(|market| market.series.len()).sum(),
        first_month: months().map(|month| month.month).min(),
        last_month: months().map(|month| month.month).max(),
        fitted_on: markets
            .iter()
            .map(|market| {
                let months: usize = market.series.iter().map(|series| series.months.len()).sum();
                format!("{}: {months} monthly prices of {} series", market_name(market), market.series.len())
            })
            .collect(),
        scores: Vec::new(),
        interval_note: "from past errors of the same rule at every earlier month, beside a prior that keeps its weight \
                        in quiet years"
            .into(),
        knows_nothing_about: vec![
            "Breaks that no price has shown yet: after one the interval needs some months to widen.".into(),
            "Products that were never followed.".into(),
            "More than two years ahead: not scored.".into(),
        ],
    }
}
