//! When a unit should go.
//!
//! In: cost of each month ahead, net recovery at each month, and the challenger, if any. Out: the present value of
//! leaving at each month, the best month, the window around it, and what it costs to miss the window.
//!
//! `PV(τ) = Σ_{s≤τ} δ^s c(s) − δ^τ R(τ) + δ^τ n W(τ)`, `τ* = argmin PV` over the whole horizon. The window is the run
//! of months around τ* whose PV is within `tolerance × R(τ*)` of the least. Costs fall at the end of their month.

use crate::units::{LogNormal, Quantiles, standard_normal_point};

use super::challenger::Challenger;
use super::route::Offer;

/// The choice of a month.
#[derive(Debug, Clone, PartialEq)]
pub struct Timing {
    /// Present value of leaving after 0, 1, … months; lower is better.
    pub present_values: Vec<f64>,
    /// Best month, from now.
    pub best: usize,
    /// First month of the window, from now.
    pub first: usize,
    /// Last month of the window, from now.
    pub last: usize,
}

/// What the choice is made from. All vectors have one entry a month, 0 first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice<'a> {
    /// Cost of holding through each month, falling at its end; the first entry ends one month from now.
    pub holding_costs: &'a [f64],
    /// Expected net recovery at each month.
    pub recoveries: &'a [f64],
    /// What takes over the work.
    pub challenger: Option<&'a Challenger>,
    /// Months in which leaving is allowed, first and last.
    pub allowed: (usize, usize),
    /// Last of them that may be the best one; the window may go on.
    pub best_by: usize,
    /// Monthly discount factor.
    pub discount: f64,
    /// Share of the recovery within which a month belongs to the window.
    pub tolerance: f64,
}

/// The present value of leaving at each month.
pub(super) fn present_values(choice: &Choice<'_>) -> Vec<f64> {
    let (mut spent, mut discount) = (0.0, 1.0);
    let at = |(ahead, recovery): (usize, &f64)| {
        if ahead > 0 {
            discount *= choice.discount;
            spent += discount * choice.holding_costs[ahead - 1];
        }
        let follow = choice.challenger.map_or(0.0, |challenger| challenger.cost_from(ahead));
        spent - discount * recovery + discount * follow
    };
    choice.recoveries.iter().enumerate().map(at).collect()
}

/// Searches the allowed months.
pub(super) fn choose(choice: &Choice<'_>) -> Timing {
    let present_values = present_values(choice);
    let end = choice.allowed.1.min(present_values.len() - 1);
    let begin = choice.allowed.0.min(end);
    let best = (begin..=end.min(choice.best_by.max(begin)))
        .min_by(|a, b| present_values[*a].total_cmp(&present_values[*b]).then(a.cmp(b)))
        .unwrap_or(begin);
    let limit = present_values[best] + choice.tolerance * choice.recoveries[best].abs();
    let within = |ahead: &usize| present_values[*ahead] <= limit + 1e-9;
    let first = (begin..=best).rev().take_while(within).last().unwrap_or(best);
    let last = (best..=end).take_while(within).last().unwrap_or(best);
    Timing { present_values, best, first, last }
}

/// What waiting to month `until` costs against leaving in the best month, with the price at both uncertain.
///
/// `offers` say what is netted at a price in the two months. The two log prices share what is unsure at the earlier
/// month and differ by the variance that comes between. The distribution is that of an even grid of 21 × 21 equally
/// likely pairs.
pub(super) fn waiting_cost(
    timing: &Timing,
    offers: (Offer, Offer),
    prices: (LogNormal, LogNormal),
    discounts: (f64, f64),
    until: usize,
) -> Quantiles {
    const POINTS: usize = 21;
    let (sooner, later) = prices;
    let added_sd = (later.variance_log - sooner.variance_log).max(0.0).sqrt();
    let sooner_sd = sooner.variance_log.sqrt();
    let difference = |now: f64, then: f64| discounts.0 * offers.0.net(now) - discounts.1 * offers.1.net(then);
    let expected_difference = difference(sooner.mean(), later.mean());
    // Everything in PV that is not the recovery is certain.
    let certain = timing.present_values[until] - timing.present_values[timing.best] - expected_difference;
    let normals: [f64; POINTS] =
        std::array::from_fn(|index| standard_normal_point((index as f64 + 0.5) / POINTS as f64));
    let mut draws = Vec::with_capacity(POINTS * POINTS);
    for normal in normals {
        let common = sooner_sd * normal;
        let now = (sooner.mean_log + common).exp();
        draws.extend(normals.iter().map(|normal| {
            let own = added_sd * normal;
            certain + difference(now, (later.mean_log + common + own).exp())
        }));
    }
    let mut quantiles = Quantiles::from_draws(&mut draws);
    quantiles.mean = certain + expected_difference;
    quantiles
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn choice<'a>(costs: &'a [f64], recoveries: &'a [f64]) -> Choice<'a> {
        Choice {
            holding_costs: costs,
            recoveries,
            challenger: None,
            allowed: (0, recoveries.len() - 1),
            best_by: recoveries.len() - 1,
            discount: 0.99,
            tolerance: 0.02,
        }
    }

    #[test]
    fn an_idle_unit_that_loses_value_goes_now() {
        let timing = choose(&choice(&[2.0; 12], &[500.0, 480.0, 460.0, 440.0, 420.0, 400.0]));
        assert_eq!((timing.best, timing.first, timing.last), (0, 0, 0));
    }

    #[test]
    fn the_search_does_not_stop_at_the_first_dip() {
        let recoveries = [100.0, 90.0, 80.0, 400.0, 100.0];
        assert_eq!(choose(&choice(&[0.0; 5], &recoveries)).best, 3);
    }

    #[test]
    fn the_window_is_one_run_of_months_around_the_best() {
        let recoveries = [100.0, 50.0, 100.4, 101.0, 103.0, 50.0, 104.0];
        let timing = choose(&Choice { discount: 1.0, ..choice(&[0.0; 7], &recoveries) });
        assert_eq!((timing.first, timing.best, timing.last), (6, 6, 6));
        let recoveries = [100.0, 50.0, 103.0, 104.0, 103.5, 50.0];
        let timing = choose(&Choice { discount: 1.0, ..choice(&[0.0; 6], &recoveries) });
        assert_eq!((timing.first, timing.best, timing.last), (2, 3, 4));
    }

    #[test]
    fn months_that_are_not_allowed_are_not_chosen() {
        let timing =
            choose(&Choice { allowed: (2, 3), ..choice(&[0.0; 5], &[500.0, 400.0, 300.0, 200.0, 600.0]) });
        assert_eq!(timing.best, 2);
        assert!(timing.first >= 2 && timing.last <= 3);
    }

    #[test]
    fn a_best_month_may_have_to_come_early_while_its_window_goes_on() {
        let timing = choose(&Choice { best_by: 0, ..choice(&[0.0; 4], &[100.0, 102.0, 104.0, 60.0]) });
        assert_eq!((timing.best, timing.first, timing.last), (0, 0, 2));
    }

    proptest! {
        #[test]
        fn a_higher_resale_value_now_never_makes_selling_now_less_attractive(
            recoveries in prop::collection::vec(0.0..1e4_f64, 2..40),
            more in 0.0..1e4_f64,
        ) {
            let costs = vec![5.0; 40];
            let before = choose(&choice(&costs, &recoveries));
            let mut raised = recoveries.clone();
            raised[0] += more;
            let after = choose(&choice(&costs, &raised));
            prop_assert!(after.best <= before.best);
            prop_assert!(after.present_values[0] <= before.present_values[0]);
        }

        #[test]
        fn a_dearer_month_never_lengthens_a_hold(
            recoveries in prop::collection::vec(0.0..1e4_f64, 2..40),
            cost in 0.0..100.0_f64,
            more in 0.0..100.0_f64,
        ) {
            let cheap = vec![cost; 40];
            let dear = vec![cost + more; 40];
            let shorter = choose(&choice(&dear, &recoveries)).best;
            prop_assert!(shorter <= choose(&choice(&cheap, &recoveries)).best);
        }
    }
}
