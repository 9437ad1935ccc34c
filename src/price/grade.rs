//! What condition does to the price.
//!
//! In: a grade, or none. Out: the shift of the log price against the market's usual mixture, and the variance
//! an unknown grade adds. Steps by grade are 1, .90, .75, .60, .40 of the best (an aftermarket ladder; no
//! audited multiplier table for IT is public), so they are a published prior, not a fit.
//! The usual mixture is that of office and rack equipment at refresh: A .07, B .68, C .20, D .05.

use crate::fleet::Grade;

/// Multiplier of each grade against the best, and its share of the usual mixture.
const LADDER: [(Grade, f64, f64); 5] = [
    (Grade::A, 1.00, 0.07),
    (Grade::B, 0.90, 0.68),
    (Grade::C, 0.75, 0.20),
    (Grade::D, 0.60, 0.05),
    (Grade::ForParts, 0.40, 0.00),
];

/// Shift of the log price and the variance that goes with it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GradeEffect {
    /// Added to the mean of the log price.
    pub shift_log: f64,
    /// Added to its variance.
    pub variance_log: f64,
}

/// The grades of the usual mixture and their shares.
pub fn usual_mixture() -> impl Iterator<Item = (Grade, f64)> {
    LADDER.into_iter().filter(|(_, _, share)| *share > 0.0).map(|(grade, _, share)| (grade, share))
}

/// The effect of a grade against the usual mixture; an unknown grade shifts nothing and adds the mixture's
/// variance.
pub fn effect(grade: Option<Grade>) -> GradeEffect {
    let mean: f64 = LADDER.iter().map(|(_, multiplier, share)| share * multiplier.ln()).sum();
    match grade {
        Some(grade) => {
            let own = LADDER.iter().find(|(of, _, _)| *of == grade).map_or(mean, |(_, step, _)| step.ln());
            GradeEffect { shift_log: own - mean, variance_log: 0.0 }
        }
        None => {
            let variance =
                LADDER.iter().map(|(_, multiplier, share)| share * (multiplier.ln() - mean).powi(2)).sum();
            GradeEffect { shift_log: 0.0, variance_log: variance }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn better_grades_never_cost_less_and_an_unknown_grade_is_wider() {
        let shifts: Vec<f64> = Grade::ALL.iter().map(|grade| effect(Some(*grade)).shift_log).collect();
        assert!(shifts.windows(2).all(|pair| pair[0] > pair[1]), "{shifts:?}");
        assert!(effect(None).variance_log > 0.0);
        assert_eq!(effect(None).shift_log, 0.0);
    }
}
