//! Who goes, in what order, and when their sites can hand them over.
//!
//! In: what each unit needs of the newcomers and what letting it go saves. Out: parts of cohorts in their order. Units
//! whose lease ends by the arrival come first, for they go anyway; then the saving for the work of one newcomer decides, from
//! the most. A unit that no longer fits is passed over for the next that does, so that more newcomers never displace less
//! work: where two runs first differ, the larger one takes a unit whose work alone exceeds all that the smaller one has left.
//!
//! A site hands over in the month of the arrival or, where its capacity is used or it is frozen, in the next month that
//! has room. What the plan lets go of other units in a month takes its room first.

use std::collections::BTreeMap;

use super::compare::WorkMeasure;
use crate::decide::{Exit, PlanInput, Policy, Scheduled};
use crate::units::Month;

/// What rounding may add to a sum of shares.
const ROUNDING: f64 = 1e-9;

/// A cohort that the newcomers can take over from.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    /// Position in the plan.
    pub cohort: usize,
    pub units: u64,
    pub site: String,
    /// Newcomers that do the work of one.
    pub newcomers: f64,
    pub measure: WorkMeasure,
    /// What letting one go a quarter sooner saves, at the month of the arrival.
    pub saving: f64,
    /// When its lease ends.
    pub lease_end: Option<Month>,
}

impl Candidate {
    /// What is saved for the work of one newcomer.
    pub(super) fn saving_for_one_newcomer(&self) -> f64 {
        self.saving / self.newcomers
    }
}

/// Units of a cohort that leave in one month.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// Position among the candidates, in their order.
    pub candidate: usize,
    /// Units of the cohort that went before.
    pub before: u64,
    pub units: u64,
    pub month: Month,
}

/// Parts in their order, and how many units of each candidate find no month.
#[derive(Debug, Clone, Default)]
pub(super) struct Queue {
    pub parts: Vec<Part>,
    /// Of each candidate: units that stay because the newcomers are used up, and for want of room.
    pub staying: Vec<(u64, u64)>,
    /// Newcomers used.
    pub used: f64,
}

/// Of each cohort of a plan, whether it is among the candidates.
pub(super) fn are_candidates(candidates: &[Candidate], cohorts: usize) -> Vec<bool> {
    let mut found = vec![false; cohorts];
    for candidate in candidates {
        found[candidate.cohort] = true;
    }
    found
}

/// Sorts candidates as they leave.
pub(super) fn sort(candidates: &mut [Candidate]) {
    candidates.sort_by(|a, b| {
        let leases = (a.lease_end.is_none(), a.lease_end).cmp(&(b.lease_end.is_none(), b.lease_end));
        let savings = b.saving_for_one_newcomer().total_cmp(&a.saving_for_one_newcomer());
        leases.then(savings).then(a.cohort.cmp(&b.cohort))
    });
}

/// Lets sorted candidates go until the newcomers are used up.
pub(super) fn fill(candidates: &[Candidate], newcomers: f64, rooms: &mut Rooms<'_>, arrives: Month) -> Queue {
    let mut queue = Queue::default();
    for (position, candidate) in candidates.iter().enumerate() {
        let left = newcomers - queue.used;
        let fitting = ((left + ROUNDING) / candidate.newcomers).floor().max(0.0);
        let fitting = if fitting >= candidate.units as f64 { candidate.units } else { fitting as u64 };
        let months = match candidate.lease_end {
            Some(end) if fitting > 0 => vec![(end.max(rooms.as_of), fitting)],
            Some(_) => Vec::new(),
            None => rooms.take(&candidate.site, fitting, arrives),
        };
        let mut placed = 0;
        for (month, units) in months {
            queue.parts.push(Part { candidate: position, before: placed, units, month });
            placed += units;
        }
        queue.used += placed as f64 * candidate.newcomers;
        queue.staying.push((candidate.units - fitting, fitting - placed));
    }
    queue
}

/// What sites can still hand over, month by month.
pub(super) struct Rooms<'a> {
    policy: &'a Policy,
    pub as_of: Month,
    last: Month,
    taken: BTreeMap<(String, Month), u64>,
}

impl<'a> Rooms<'a> {
    /// The rooms that the plan leaves when candidates are not counted.
    pub(super) fn new(input: &PlanInput<'a>, plan: &Scheduled, candidates: &[Candidate]) -> Rooms<'a> {
        let is_candidate = are_candidates(candidates, plan.cohorts.len());
        let mut taken = BTreeMap::new();
        for placement in plan.schedule.placements.iter().filter(|placement| !is_candidate[placement.cohort]) {
            let (Some(month), false) = (placement.month, placement.exit == Exit::Stays) else { continue };
            let asset = &input.fleet.assets[plan.cohorts[placement.cohort].cohort.assets[0]];
            let site = asset.site.clone().unwrap_or_default();
            *taken.entry((site, month)).or_default() += placement.units;
        }
        let last = input.as_of.plus(input.policy.horizon_months as i32);
        Rooms { policy: input.policy, as_of: input.as_of, last, taken }
    }

    /// Months in which so many units of a site leave, from a month on.
    fn take(&mut self, site: &str, units: u64, from: Month) -> Vec<(Month, u64)> {
        let capacity = self.policy.capacity_of(site).unwrap_or(u64::MAX);
        let (mut left, mut month, mut found) = (units, from, Vec::new());
        while left > 0 && month <= self.last {
            let taken = self.taken.entry((site.to_owned(), month)).or_default();
            let room = if self.policy.is_frozen(site, month) { 0 } else { capacity.saturating_sub(*taken) };
            let leaving = left.min(room);
            if leaving > 0 {
                *taken += leaving;
                left -= leaving;
                found.push((month, leaving));
            }
            month = month.plus(1);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn candidate(cohort: usize, units: u64, newcomers: f64, saving: f64) -> Candidate {
        Candidate {
            cohort,
            units,
            site: "Austin".to_owned(),
            newcomers,
            measure: WorkMeasure::Throughput,
            saving,
            lease_end: None,
        }
    }

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn rooms(policy: &Policy) -> Rooms<'_> {
        Rooms { policy, as_of: month("2026-11"), last: month("2031-11"), taken: BTreeMap::new() }
    }

    fn filled(candidates: &mut [Candidate], newcomers: f64, policy: &Policy) -> Queue {
        sort(candidates);
        fill(candidates, newcomers, &mut rooms(policy), month("2027-03"))
    }

    #[test]
    fn the_saving_for_one_newcomer_decides_and_the_last_cohort_goes_partly() {
        let policy = Policy::built_in();
        let mut candidates = [candidate(0, 10, 0.5, 100.0), candidate(1, 4, 0.2, 90.0)];
        let queue = filled(&mut candidates, 3.0, &policy);
        let parts: Vec<_> =
            queue.parts.iter().map(|part| (candidates[part.candidate].cohort, part.units)).collect();
        assert_eq!(parts, [(1, 4), (0, 4)]);
        assert_eq!(queue.staying, [(0, 0), (6, 0)]);
        assert!((queue.used - 2.8).abs() < 1e-12);
    }

    #[test]
    fn a_lease_that_ends_by_the_arrival_goes_first_in_its_own_month() {
        let policy = Policy::built_in();
        let leased = Candidate { lease_end: Some(month("2026-12")), ..candidate(1, 2, 1.0, 0.0) };
        let mut candidates = [candidate(0, 9, 1.0, 500.0), leased];
        let queue = filled(&mut candidates, 3.0, &policy);
        let parts: Vec<_> = queue
            .parts
            .iter()
            .map(|part| (candidates[part.candidate].cohort, part.units, part.month))
            .collect();
        assert_eq!(parts, [(1, 2, month("2026-12")), (0, 1, month("2027-03"))]);
    }

    #[test]
    fn a_site_hands_over_what_it_can_and_skips_its_freeze() {
        let text = "[capacity]\nAustin = 3\n[[freeze]]\nfrom = \"2027-04\"\nto = \"2027-05\"\n";
        let policy = Policy::from_toml("policy", text).unwrap();
        let queue = filled(&mut [candidate(0, 7, 0.1, 1.0)], 5.0, &policy);
        let months: Vec<_> = queue.parts.iter().map(|part| (part.month.to_string(), part.units)).collect();
        let expected = [("2027-03", 3), ("2027-06", 3), ("2027-07", 1)];
        assert_eq!(months, expected.map(|(month, units)| (month.to_owned(), units)));
    }

    #[test]
    fn units_that_no_month_is_left_for_leave_their_work_to_others() {
        let policy = Policy::from_toml("policy", "[capacity]\nAustin = 0\n").unwrap();
        let mut other = candidate(1, 2, 1.0, 1.0);
        other.site = "Berlin".to_owned();
        let queue = filled(&mut [candidate(0, 5, 1.0, 9.0), other], 2.0, &policy);
        assert_eq!(queue.staying, [(3, 2), (0, 0)]);
        assert_eq!(queue.used, 2.0);
    }

    proptest! {
        #[test]
        fn displaced_work_never_exceeds_the_newcomers_and_more_of_them_never_displace_less(
            units in prop::collection::vec((1..40_u64, 0.05..3.0_f64, -50.0..500.0_f64), 1..12),
            newcomers in 1..30_u32,
            more in 1..10_u32,
        ) {
            let policy = Policy::built_in();
            let mut candidates: Vec<Candidate> = units
                .iter()
                .enumerate()
                .map(|(cohort, (units, each, saving))| candidate(cohort, *units, *each, *saving))
                .collect();
            let few = filled(&mut candidates, f64::from(newcomers), &policy);
            let many = filled(&mut candidates, f64::from(newcomers + more), &policy);
            prop_assert!(few.used <= f64::from(newcomers) + 1e-6);
            prop_assert!(many.used >= few.used - 1e-6);
        }
    }
}
