//! The followed prices of one market as a model file holds them.
//!
//! In: a market. Out: its trend at the last month, the index model of that month where there is one, and the state of
//! every product, in dollars. The state is the product's last three prices: a model with states is the owner's own; one
//! that is passed on leaves them out. Later months are taken in without a refit ([`FollowedPrices::assimilate`]).

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::index::{IndexModel, IndexOpinions};
use super::replay::Replay;
use super::series::{PricedSeries, priced_series};
use crate::catalog::Catalog;
use crate::market::{Basis, FollowedMarket};
use crate::price::soundness::{self, Sound};
use crate::price::state_space::error::PriceModelError;
use crate::price::trend::rate::{LONG_RUN_RATE, Step};
use crate::price::trend::{Past, SeriesState, TrendModel};
use crate::units::{Currency, ExchangeRates, Month};

/// The last month of one product in one variant and grade.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FollowedProduct {
    /// Catalog name, or the source's own where the catalog does not know it.
    pub product: String,
    /// Brand or configuration.
    pub variant: String,
    /// Condition in the source's words.
    pub grade: String,
    /// Months with a price.
    pub months: usize,
    /// Last prices, ln dollars.
    pub state: SeriesState,
    /// Its name in the index model, with its ln list price in dollars, where the index knows it.
    pub in_index: Option<(String, f64)>,
}

/// One market.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FollowedPrices {
    /// Sold, asked, bought in or new.
    pub basis: Basis,
    /// Who reported them.
    pub source: String,
    /// Currency the prices were read in.
    pub currency: String,
    /// Dollars a unit of it when the model was fitted.
    pub dollars_per_unit: f64,
    /// Rates, widths and shares.
    pub trend: TrendModel,
    /// Share of the variance of past errors that all products of a month had in common, 0 to 1.
    pub common_share: f64,
    /// Standard deviation of a single month's price, in ln price.
    pub noise: f64,
    /// Months ahead from which on "the last price stays" was better in the backtest; there the forecast is centred on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub naive_from: Option<i32>,
    /// Index models of the last month.
    pub index: Vec<IndexModel>,
    /// Products in order of name, variant and grade.
    pub products: Vec<FollowedProduct>,
}

/// Long-run rate of a kind of price: what is quoted new does not age.
pub const fn long_run_rate(basis: Basis) -> f64 {
    match basis {
        Basis::New => 0.0,
        Basis::Sold | Basis::Asked | Basis::BuyIn => LONG_RUN_RATE,
    }
}

impl FollowedPrices {
    /// Whether followed prices from a file can be used.
    pub(in crate::price) fn check(&self) -> Sound {
        soundness::positive("dollars_per_unit", self.dollars_per_unit)?;
        soundness::share("common_share", self.common_share)?;
        soundness::spread("noise", self.noise)?;
        self.trend.check()?;
        for index in &self.index {
            soundness::month("first_month of an index", index.first_month)?;
            index.model.check()?;
        }
        for product in &self.products {
            product.state.check().map_err(|flaw| format!("{}: {flaw}", product.product))?;
            if let Some((_, ln_list_price)) = product.in_index {
                soundness::log("a list price", ln_list_price)?;
            }
        }
        Ok(())
    }

    /// Fits a market on all its months; `None` without a price or an exchange rate.
    ///
    /// # Errors
    /// When the index model cannot be fitted.
    pub fn fit(
        market: &FollowedMarket,
        catalog: &Catalog,
        rates: &ExchangeRates,
    ) -> Result<Option<FollowedPrices>, PriceModelError> {
        if market.span().is_none() || rates.dollars_per(market.currency).is_err() {
            return Ok(None);
        }
        let series = priced_series(market, catalog, rates)?;
        let replay = Replay::new(market.basis, &series)?;
        Ok(Self::of_replay(market, catalog, rates, &replay, &replay.past()))
    }

    /// The followed prices of a market whose months were gone through already; `None` without a price or an exchange rate.
    pub fn of_replay(
        market: &FollowedMarket,
        catalog: &Catalog,
        rates: &ExchangeRates,
        replay: &Replay<'_>,
        past: &Past<'_>,
    ) -> Option<FollowedPrices> {
        let (_, last) = market.span()?;
        let dollars = rates.dollars_per(market.currency).ok()?;
        let opinions = &replay.opinions;
        let trend = past.model_at(last.index());
        let products = replay
            .series
            .iter()
            .zip(&market.series)
            .enumerate()
            .filter_map(|(position, (one, followed))| {
                let known = followed.known_as.map(|id| catalog.get(id).name.clone());
                let name = known.unwrap_or_else(|| one.product.clone());
                product_of(one, name, &trend, opinions, position, dollars.ln())
            })
            .collect();
        Some(FollowedPrices {
            basis: market.basis,
            source: market.source.clone(),
            currency: market.currency.code().to_owned(),
            dollars_per_unit: dollars,
            common_share: past.common_share(),
            noise: past.noise_at(last.index()),
            naive_from: None,
            index: opinions.latest(),
            trend,
            products,
        })
    }

    /// Whether these are the prices of that market, months earlier.
    pub fn follows(&self, market: &FollowedMarket) -> bool {
        self.follows_source(market.basis, &market.source, market.currency)
    }

    /// Whether prices of this kind, source and currency continue these.
    pub fn follows_source(&self, basis: Basis, source: &str, currency: Currency) -> bool {
        self.basis == basis && self.source == source && self.currency == currency.code()
    }

    /// Last month with a price.
    pub fn last_month(&self) -> Month {
        Month::from_index(self.trend.origin)
    }

    /// Takes in the months of a market that lie after the model's last one, in order, without a refit: rates, states and
    /// shares move on; intervals, anchors and the index stay as fitted. Returns how many prices were taken in. Series
    /// that were not followed yet begin with their first new price.
    pub fn assimilate(&mut self, market: &FollowedMarket, catalog: &Catalog) -> usize {
        let mut by_month: BTreeMap<i32, Vec<(usize, f64)>> = BTreeMap::new();
        let mut positions: HashMap<(String, String, String), usize> =
            HashMap::with_capacity(self.products.len());
        for (position, one) in self.products.iter().enumerate() {
            let key = (one.product.clone(), one.variant.clone(), one.grade.clone());
            positions.entry(key).or_insert(position);
        }
        for one in &market.series {
            let name = one.known_as.map_or_else(|| one.product.clone(), |id| catalog.get(id).name.clone());
            let key = (name, one.variant.clone(), one.grade.clone());
            for month in one.months.iter().filter(|month| month.month.index() > self.trend.origin) {
                let ln_price = month.ln_price + self.dollars_per_unit.ln();
                let position = *positions.entry(key.clone()).or_insert_with(|| {
                    self.products.push(FollowedProduct {
                        product: key.0.clone(),
                        variant: one.variant.clone(),
                        grade: one.grade.clone(),
                        months: 0,
                        state: SeriesState::beginning(month.month.index(), ln_price),
                        in_index: None,
                    });
                    self.products.len() - 1
                });
                by_month.entry(month.month.index()).or_default().push((position, ln_price));
            }
        }
        let mut taken = 0;
        for (month, prices) in by_month {
            taken += prices.len();
            let mut steps = Vec::new();
            for (position, ln_price) in prices {
                let product = &mut self.products[position];
                product.months += 1;
                if product.state.month < month {
                    steps.push(Step {
                        gap: month - product.state.month,
                        change: ln_price - product.state.last(),
                        seen: product.state.month - product.state.first_month,
                    });
                    product.state.assimilate(month, ln_price);
                }
            }
            self.trend.assimilate(month, &steps);
        }
        self.trend.mean_deviation = self.trend.fresh_deviation(self.products.iter().map(|one| &one.state));
        self.products
            .sort_by(|a, b| (&a.product, &a.variant, &a.grade).cmp(&(&b.product, &b.variant, &b.grade)));
        taken
    }
}

fn product_of(
    series: &PricedSeries,
    name: String,
    trend: &TrendModel,
    opinions: &IndexOpinions,
    position: usize,
    ln_dollars: f64,
) -> Option<FollowedProduct> {
    let mut state = trend.state_of(&series.history)?;
    for price in &mut state.recent {
        *price += ln_dollars;
    }
    Some(FollowedProduct {
        product: name,
        variant: series.variant.clone(),
        grade: series.grade.clone(),
        months: series.history.months().len(),
        state,
        in_index: opinions.name_of(position).map(|(name, ln_list)| (name.to_owned(), ln_list + ln_dollars)),
    })
}
