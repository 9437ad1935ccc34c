//! The inverse of one series' covariance, without ever making the matrix.
//!
//! In: months in ascending order, the variance of each row's noise and the
//! covariance of the product's effect ([`Effect`]). Out: `ln |V|`, `V^-1` times
//! vectors, its diagonal, and its entries added into a larger matrix.
//!
//! ```text
//! V   = tau^2 1 1' + V0 ,  V0 = su^2 exp(-|t - s| / lu) + diag(D)
//! P'  = rho^2 F + q ,  S = P + D ,  k = P / S ,  F = D k       forward, P = su^2 first
//! J   = rho F / P' ,  g = F q / P' + J^2 g' ,  N = 1 / S + (rho D / S)^2 N'   backward
//! V0^-1 = diag(1 / S + (rho k)^2 N') ,  below it  -(g_i / D_i) (J_j .. J_(i-1)) / D_j
//! V^-1  = V0^-1 - kappa p p' ,  p = V0^-1 1 ,  kappa = tau^2 / (1 + tau^2 1'p)
//! ln |V| = sum ln S + ln(1 + tau^2 1'p)
//! ```
//!
//! The wandering effect is a first-order Markov chain in time with `rho = exp(-gap
//! / lu)` and `q = su^2 (1 - rho^2)`: a Kalman filter and smoother take n steps
//! where an elimination takes n^3. Every number of the recursions is a sum or a
//! product of positive ones, so nothing cancels however large or small the
//! hyperparameters are, and two rows of one month need no special case. Source:
//! Durbin and Koopman, Time Series Analysis by State Space Methods, section 4.5
//! (smoothing errors); Sherman and Morrison for the constant effect.

use ndarray::Array1;

use super::error::PriceModelError;
use super::hyperparameters::Hyperparameters;

/// Covariance of a product's own effect at given hyperparameters.
#[derive(Debug, Clone)]
pub(super) struct Effect {
    /// `tau^2`, variance of the constant effect, in squared ln price.
    pub(super) constant: f64,
    /// `su^2`, variance of the wandering effect, in squared ln price.
    pub(super) wander: f64,
    /// `lu`, in months.
    pub(super) length: f64,
    /// `exp(-gap / lu)` by gap in months.
    pub(super) decay: Vec<f64>,
    /// `su^2 (1 - exp(-2 gap / lu))` by gap in months.
    innovation: Vec<f64>,
}

impl Effect {
    /// The covariance over gaps of up to so many months.
    pub(super) fn new(hyperparameters: &Hyperparameters, longest_gap: i32) -> Self {
        let values = hyperparameters.values();
        let (wander, length) = (values.wander_sd.powi(2), values.wander_length);
        let gaps = || (0..=longest_gap).map(f64::from);
        Self {
            constant: values.product_sd.powi(2),
            wander,
            length,
            decay: gaps().map(|gap| (-gap / length).exp()).collect(),
            innovation: gaps().map(|gap| -wander * (-2.0 * gap / length).exp_m1()).collect(),
        }
    }
}

/// Index of the gap between two months in the tables of an [`Effect`].
pub(super) fn lag(earlier: i32, later: i32) -> usize {
    usize::try_from(later.abs_diff(earlier)).expect("a lag of checked months fits")
}

/// One row of the chain; letters as in the module's formulas.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    /// D.
    pub(super) noise: f64,
    /// rho to the next row, zero at the last.
    pub(super) decay: f64,
    /// q to the next row.
    pub(super) innovation: f64,
    /// P.
    pub(super) predicted: f64,
    /// S.
    pub(super) spread: f64,
    /// k.
    pub(super) gain: f64,
    /// J, zero at the last.
    pub(super) smoothing: f64,
    /// g, variance of the effect given all rows.
    pub(super) smoothed: f64,
    /// Diagonal entry of `V0^-1`.
    pub(super) diagonal: f64,
}

impl Link {
    /// F, variance of the effect given the rows so far.
    pub(super) fn filtered(&self) -> f64 {
        self.noise * self.gain
    }
}

/// `V^-1` of one series.
#[derive(Debug, Clone)]
pub(super) struct SeriesInverse {
    pub(super) links: Vec<Link>,
    /// p.
    pub(super) pull: Vec<f64>,
    /// kappa.
    pub(super) correction: f64,
    /// `1 + tau^2 1'p`.
    pub(super) stretch: f64,
}

impl SeriesInverse {
    /// The inverse for rows in these months with these noise variances.
    ///
    /// # Errors
    /// When the covariance is not positive definite or not finite.
    pub(super) fn new(
        months: &[i32],
        noise: impl Iterator<Item = f64>,
        effect: &Effect,
    ) -> Result<Self, PriceModelError> {
        let mut links: Vec<Link> = Vec::with_capacity(months.len());
        let mut predicted = effect.wander;
        for (row, noise) in noise.take(months.len()).enumerate() {
            let spread = predicted + noise;
            // A variance that is not a number must fail as well.
            if spread.is_nan() || noise <= 0.0 || spread <= 0.0 || spread.is_infinite() {
                return Err(PriceModelError::NotPositiveDefinite { size: months.len(), row, pivot: spread });
            }
            let (decay, innovation) = match months.get(row + 1) {
                Some(next) => {
                    let gap = lag(months[row], *next);
                    (effect.decay[gap], effect.innovation[gap])
                }
                None => (0.0, effect.wander),
            };
            let gain = predicted / spread;
            let link = Link {
                noise,
                decay,
                innovation,
                predicted,
                spread,
                gain,
                smoothing: 0.0,
                smoothed: 0.0,
                diagonal: 0.0,
            };
            predicted = decay * decay * link.filtered() + innovation;
            links.push(link);
        }
        smooth(&mut links);
        let mut found = Self { pull: vec![1.0; links.len()], links, correction: 0.0, stretch: 1.0 };
        let mut pull = std::mem::take(&mut found.pull);
        found.solve_wander(&mut pull, 1);
        found.stretch = 1.0 + effect.constant * pull.iter().sum::<f64>();
        found.correction = effect.constant / found.stretch;
        found.pull = pull;
        Ok(found)
    }

    /// `ln |V|`.
    pub(super) fn log_determinant(&self) -> f64 {
        self.links.iter().map(|link| link.spread.ln()).sum::<f64>() + self.stretch.ln()
    }

    /// Diagonal entry of `V^-1`.
    pub(super) fn diagonal(&self, row: usize) -> f64 {
        self.links[row].diagonal - self.correction * self.pull[row].powi(2)
    }

    /// `V^-1 x`.
    pub(super) fn dot(&self, vector: &Array1<f64>) -> Array1<f64> {
        let mut solved = vector.to_vec();
        self.solve(&mut solved, 1);
        Array1::from(solved)
    }

    /// Replaces the columns of a row-major matrix of that width by `V^-1` times them.
    pub(super) fn solve(&self, matrix: &mut [f64], width: usize) {
        let mut along = vec![0.0; width];
        for (row, pull) in matrix.chunks_exact(width).zip(&self.pull) {
            for (sum, entry) in along.iter_mut().zip(row) {
                *sum += pull * entry;
            }
        }
        self.solve_wander(matrix, width);
        for (row, pull) in matrix.chunks_exact_mut(width).zip(&self.pull) {
            let share = self.correction * pull;
            for (entry, sum) in row.iter_mut().zip(&along) {
                *entry -= share * sum;
            }
        }
    }

    /// Replaces the columns of a row-major matrix by `V0^-1` times them.
    pub(super) fn solve_wander(&self, matrix: &mut [f64], width: usize) {
        let mut carried = vec![0.0; width];
        for (link, row) in self.links.iter().zip(matrix.chunks_exact_mut(width)) {
            let scale = link.spread.recip();
            for (entry, expected) in row.iter_mut().zip(&mut carried) {
                let surprise = *entry - *expected;
                *expected = link.decay * (*expected + link.gain * surprise);
                *entry = surprise * scale;
            }
        }
        carried.fill(0.0);
        for (link, row) in self.links.iter().zip(matrix.chunks_exact_mut(width)).rev() {
            let back = link.decay * link.gain;
            let kept = link.decay * link.noise * link.spread.recip();
            for (entry, later) in row.iter_mut().zip(&mut carried) {
                let scaled = *entry;
                *entry = scaled - back * *later;
                *later = scaled + kept * *later;
            }
        }
    }

    /// Adds `V^-1` into the lower triangle of a larger row-major matrix of that width, whose `positions` (ascending) are
    /// those of the rows.
    pub(super) fn add_lower(&self, target: &mut [f64], width: usize, positions: &[usize]) {
        let count = self.links.len();
        let mut chain = vec![0.0; count];
        let follow_each_other = positions.windows(2).all(|pair| pair[1] == pair[0] + 1);
        for (i, (link, &position)) in self.links.iter().zip(positions).enumerate() {
            let row = &mut target[position * width..(position + 1) * width];
            row[position] += self.diagonal(i);
            let shrinkage = link.smoothed / link.noise;
            let share = self.correction * self.pull[i];
            let below = chain[..i].iter().zip(&self.pull[..i]).map(|(c, pull)| shrinkage * c + share * pull);
            if follow_each_other {
                for (entry, value) in row[position - i..position].iter_mut().zip(below) {
                    *entry -= value;
                }
            } else {
                for (value, &column) in below.zip(positions) {
                    // Two rows of one month meet on the diagonal, from both triangles.
                    row[column] -= if column == position { 2.0 * value } else { value };
                }
            }
            chain[i] = link.noise.recip();
            for entry in &mut chain[..=i] {
                *entry *= link.smoothing;
            }
        }
    }
}

/// The backward half of the recursions.
fn smooth(links: &mut [Link]) {
    let mut later: Option<(f64, f64, f64)> = None;
    for link in links.iter_mut().rev() {
        let filtered = link.filtered();
        let mut information = link.spread.recip();
        link.diagonal = information;
        link.smoothed = filtered;
        if let Some((predicted, smoothed, beyond)) = later {
            link.smoothing = link.decay * filtered / predicted;
            link.smoothed = filtered * link.innovation / predicted + link.smoothing.powi(2) * smoothed;
            link.diagonal += (link.decay * link.gain).powi(2) * beyond;
            information += (link.decay * link.noise / link.spread).powi(2) * beyond;
        }
        later = Some((link.predicted, link.smoothed, information));
    }
}
