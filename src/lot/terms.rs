//! The terms of a bid, checked once.
//!
//! In: the policy, and what the user asks for this lot. Out: [`Terms`], all amounts in the currency of the bid.

use super::LotError;
use crate::decide::{FeesOrder, LotPolicy, Policy};
use crate::units::{Currency, monthly_discount_factor};

/// Draws of a lot.
pub const DRAWS: usize = 10_000;

/// What the user asks for, on top of the policy.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Asked {
    /// Profit wanted as a share of expected sales.
    pub margin: Option<f64>,
    /// Chance of a loss borne at most.
    pub max_loss: Option<f64>,
    /// A price whose margin and chance of loss are asked.
    pub bid: Option<f64>,
    /// The owner's share of a revenue-share deal to compare with.
    pub share: Option<(f64, FeesOrder)>,
    /// Draws; [`DRAWS`] when nothing is asked.
    pub draws: Option<usize>,
}

/// Terms of a bid.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// Profit wanted as a share of expected sales.
    pub margin: f64,
    /// Chance of a loss borne at most.
    pub max_loss: f64,
    /// A price whose margin and chance of loss are asked.
    pub bid: Option<f64>,
    /// The owner's share of a revenue-share deal to compare with.
    pub share: Option<(f64, FeesOrder)>,
    /// Draws.
    pub draws: usize,
    /// Monthly discount factor of the money in the stock.
    pub discount: f64,
    /// Currency of the bid.
    pub currency: Currency,
    /// That currency for one dollar.
    pub per_dollar: f64,
    /// Variance of the logarithm of the exchange rate that a month adds; 0 when the lot sells in the currency of the bid.
    pub exchange_variance_monthly: f64,
    /// Costs, channels and risks.
    pub policy: LotPolicy,
}

impl Terms {
    /// Lays what is asked over the policy and refuses what makes no sense.
    pub fn new(policy: &Policy, asked: Asked) -> Result<Terms, LotError> {
        let lot = &policy.lot;
        let within = |flag: &'static str, value: f64, least: f64, most: f64| {
            if (least..=most).contains(&value) {
                Ok(value)
            } else {
                Err(LotError::Flag { flag, value, least, most })
            }
        };
        let sells_in: Currency =
            if lot.sells_in.is_empty() { policy.currency } else { lot.sells_in.parse()? };
        let rates = policy.rates();
        rates.dollars_per(sells_in)?;
        let sd = if sells_in == policy.currency { 0.0 } else { lot.exchange_rate_sd_yearly };
        if let Some((share, _)) = asked.share {
            within("--share", share, 0.0, 1.0)?;
        }
        if let Some(bid) = asked.bid {
            within("--bid", bid, 0.0, 9e12)?;
        }
        Ok(Terms {
            margin: within("--margin", asked.margin.unwrap_or(lot.margin), 0.0, 0.95)?,
            max_loss: within("--max-loss", asked.max_loss.unwrap_or(lot.max_loss), 0.001, 0.999)?,
            bid: asked.bid,
            share: asked.share,
            draws: asked.draws.unwrap_or(DRAWS).max(100),
            discount: monthly_discount_factor(lot.financing_yearly),
            currency: policy.currency,
            per_dollar: 1.0 / rates.dollars_per(policy.currency)?,
            exchange_variance_monthly: sd * sd / 12.0,
            policy: lot.clone(),
        })
    }

    /// Months ahead that a sale can lie: the listing, the longest stay, and the dealer who takes the rest.
    pub fn months(&self) -> usize {
        let longest = self.policy.retail.longest_months.max(self.policy.wholesale.longest_months);
        (self.policy.months_to_list + self.policy.retail.longest_months + longest) as usize + 1
    }
}
