//! The nine hyperparameters of the state-space price model and their priors.
//!
//! In: values on their natural scale, or `theta` on the scale the optimiser
//! works on. Out: checked values, `theta`, the prior penalty and its box.
//!
//! `theta = ln value`, but `ln(value / (1 - value))` for the persistence of
//! the momentum; prior `theta ~ N(theta of the median, sd^2)`, box of 2.5 sd.
//! Source: state-space price model.

use serde::{Deserialize, Serialize};

use super::error::PriceModelError;

/// Number of hyperparameters.
pub const COUNT: usize = 9;

/// Half-width of the box around the prior median, in prior sd of `theta`.
pub const BOX_HALF_WIDTH: f64 = 2.5;

/// Position of the momentum's persistence, the one on the logit scale.
const MOMENTUM_PERSISTENCE: usize = 6;

const NAMES: [&str; COUNT] = [
    "product_sd",
    "wander_sd",
    "wander_length",
    "market_noise",
    "momentum_noise",
    "market_half_life",
    "momentum_persistence",
    "sale_noise_floor",
    "sale_noise_single",
];

/// Hyperparameters on their natural scale, not yet checked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HyperparameterValues {
    /// tau: sd of a product's constant effect, in ln price.
    pub product_sd: f64,
    /// su: sd of a product's slowly wandering effect, in ln price.
    pub wander_sd: f64,
    /// lu: correlation length of the wandering effect, in months.
    pub wander_length: f64,
    /// se: sd of the market level's own step, in ln price a month.
    pub market_noise: f64,
    /// sv: sd of the momentum's step, in ln price a month.
    pub momentum_noise: f64,
    /// half: months after which half of a market excess is gone.
    pub market_half_life: f64,
    /// rho: share of the momentum kept from one month to the next.
    pub momentum_persistence: f64,
    /// s0: sd of a monthly mean of infinitely many sales, in ln price.
    pub sale_noise_floor: f64,
    /// s1: sd of one sale around the product's price, in ln price.
    pub sale_noise_single: f64,
}

impl HyperparameterValues {
    const fn to_array(self) -> [f64; COUNT] {
        [
            self.product_sd,
            self.wander_sd,
            self.wander_length,
            self.market_noise,
            self.momentum_noise,
            self.market_half_life,
            self.momentum_persistence,
            self.sale_noise_floor,
            self.sale_noise_single,
        ]
    }

    const fn from_array(values: [f64; COUNT]) -> Self {
        Self {
            product_sd: values[0],
            wander_sd: values[1],
            wander_length: values[2],
            market_noise: values[3],
            momentum_noise: values[4],
            market_half_life: values[5],
            momentum_persistence: values[6],
            sale_noise_floor: values[7],
            sale_noise_single: values[8],
        }
    }
}

/// Hyperparameters that were checked: all positive and finite, the
/// persistence below one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "HyperparameterValues", into = "HyperparameterValues")]
pub struct Hyperparameters(HyperparameterValues);

impl TryFrom<HyperparameterValues> for Hyperparameters {
    type Error = PriceModelError;

    fn try_from(values: HyperparameterValues) -> Result<Self, Self::Error> {
        for (position, &value) in values.to_array().iter().enumerate() {
            let persistence = position == MOMENTUM_PERSISTENCE;
            let positive = value.is_finite() && value > 0.0;
            if !positive || (persistence && value >= 1.0) {
                return Err(PriceModelError::BadHyperparameter {
                    name: NAMES[position],
                    value,
                    domain: if persistence { "between 0 and 1" } else { "positive and finite" },
                });
            }
        }
        Ok(Self(values))
    }
}

impl From<Hyperparameters> for HyperparameterValues {
    fn from(checked: Hyperparameters) -> Self {
        checked.0
    }
}

impl Hyperparameters {
    /// The values on their natural scale.
    #[must_use]
    pub const fn values(&self) -> &HyperparameterValues {
        &self.0
    }

    /// phi: share of the market level kept from one month to the next.
    #[must_use]
    pub fn market_persistence(&self) -> f64 {
        0.5_f64.powf(1.0 / self.0.market_half_life)
    }

    /// Variance of the mean of `sales` sales around the product's price.
    #[must_use]
    pub fn sale_variance(&self, sales: f64) -> f64 {
        self.0.sale_noise_floor.powi(2) + self.0.sale_noise_single.powi(2) / sales
    }

    /// The values on the optimiser's scale.
    #[must_use]
    pub fn to_theta(&self) -> [f64; COUNT] {
        let mut theta = self.0.to_array();
        for (position, value) in theta.iter_mut().enumerate() {
            *value =
                if position == MOMENTUM_PERSISTENCE { (*value / (1.0 - *value)).ln() } else { value.ln() };
        }
        theta
    }

    /// The values that belong to a point on the optimiser's scale.
    ///
    /// # Errors
    /// When `theta` is so large or small that a value leaves its domain.
    pub fn from_theta(theta: &[f64; COUNT]) -> Result<Self, PriceModelError> {
        let mut values = *theta;
        for (position, value) in values.iter_mut().enumerate() {
            *value =
                if position == MOMENTUM_PERSISTENCE { 1.0 / (1.0 + (-*value).exp()) } else { value.exp() };
        }
        HyperparameterValues::from_array(values).try_into()
    }
}

/// Independent normal priors of the hyperparameters on the scale of `theta`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HyperparameterPrior {
    median: Hyperparameters,
    sd: [f64; COUNT],
}

impl Default for HyperparameterPrior {
    fn default() -> Self {
        Self {
            median: Hyperparameters(HyperparameterValues {
                product_sd: 0.30,
                wander_sd: 0.10,
                wander_length: 8.0,
                market_noise: 0.03,
                momentum_noise: 0.02,
                market_half_life: 4.0,
                momentum_persistence: 0.70,
                sale_noise_floor: 0.03,
                sale_noise_single: 0.12,
            }),
            sd: [0.8, 0.8, 0.5, 0.25, 0.25, 0.25, 0.25, 0.8, 0.8],
        }
    }
}

impl HyperparameterPrior {
    /// The prior medians.
    #[must_use]
    pub const fn median(&self) -> &Hyperparameters {
        &self.median
    }

    /// Prior sd of each entry of `theta`.
    #[must_use]
    pub const fn sd(&self) -> &[f64; COUNT] {
        &self.sd
    }

    /// `theta` as distances from the prior median in prior sd.
    #[must_use]
    pub fn standardise(&self, theta: &[f64; COUNT]) -> [f64; COUNT] {
        let centre = self.median.to_theta();
        std::array::from_fn(|i| (theta[i] - centre[i]) / self.sd[i])
    }

    /// The inverse of [`Self::standardise`].
    #[must_use]
    pub fn unstandardise(&self, standard: &[f64; COUNT]) -> [f64; COUNT] {
        let centre = self.median.to_theta();
        std::array::from_fn(|i| centre[i] + standard[i] * self.sd[i])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theta_goes_there_and_back() {
        let median = *HyperparameterPrior::default().median();
        let back = Hyperparameters::from_theta(&median.to_theta()).expect("the medians are valid");
        for (a, b) in median.values().to_array().iter().zip(back.values().to_array()) {
            assert!((a - b).abs() < 1e-14);
        }
    }

    #[test]
    fn values_outside_their_domain_are_refused() {
        let mut values = *HyperparameterPrior::default().median().values();
        values.momentum_persistence = 1.0;
        assert!(Hyperparameters::try_from(values).is_err());
        values.momentum_persistence = 0.5;
        values.product_sd = f64::NAN;
        assert!(Hyperparameters::try_from(values).is_err());
    }
}
