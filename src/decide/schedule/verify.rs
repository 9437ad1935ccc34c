//! Whether a schedule keeps the limits: asked of the schedule itself, not of the problem it was solved as.
//!
//! In: a schedule, the fleet and the policy. Out: every breach, as a sentence. Sums are made anew from the placements.

use std::collections::BTreeMap;

use super::Schedule;
use super::limits::{exactly_named, named};
use super::problem::Exit;
use crate::decide::decision::Action;
use crate::decide::plan::PlannedCohort;
use crate::decide::policy::Policy;
use crate::fleet::Fleet;
use crate::units::Month;

impl Schedule {
    /// Every limit of the policy that the schedule breaks; none when it keeps them all.
    pub fn breaches(
        &self,
        cohorts: &[PlannedCohort],
        fleet: &Fleet,
        policy: &Policy,
        as_of: Month,
    ) -> Vec<String> {
        let mut found = self.breaches_of_shared_limits(cohorts, fleet, policy, as_of);
        for (position, planned) in cohorts.iter().enumerate() {
            found.extend(self.breaches_of_cohort(position, planned, fleet, policy, as_of));
        }
        found
    }

    fn breaches_of_shared_limits(
        &self,
        cohorts: &[PlannedCohort],
        fleet: &Fleet,
        policy: &Policy,
        as_of: Month,
    ) -> Vec<String> {
        let mut handled: BTreeMap<(&str, Month), u64> = BTreeMap::new();
        let mut spent: BTreeMap<String, f64> = BTreeMap::new();
        for placement in &self.placements {
            let Some(month) = placement.month else { continue };
            let planned = &cohorts[placement.cohort];
            let site = fleet.assets[planned.cohort.assets[0]].site.as_deref().unwrap_or("");
            *handled.entry((site, month)).or_default() += placement.units;
            let prospects = planned.decision.prospects.as_ref();
            if let Some(next) = prospects.and_then(|prospects| prospects.challenger.as_ref()) {
                let price = next.price * next.monthly_factor.powi(month.months_since(as_of));
                *spent.entry(month.quarter_name()).or_default() +=
                    placement.units as f64 * next.per_defender * price;
            }
        }
        let over_capacity = handled.into_iter().filter_map(|((site, month), units)| {
            let limit = named(&policy.capacity, site)?;
            (units > limit).then(|| format!("{units} units leave {site} in {month}, {limit} can"))
        });
        let over_budget = spent.into_iter().filter_map(|(quarter, amount)| {
            let limit = *policy.budget.get(&quarter)?;
            (amount > limit + 0.01).then(|| format!("{amount:.2} is spent in {quarter}, {limit:.2} may be"))
        });
        over_capacity.chain(over_budget).collect()
    }

    fn breaches_of_cohort(
        &self,
        position: usize,
        planned: &PlannedCohort,
        fleet: &Fleet,
        policy: &Policy,
        as_of: Month,
    ) -> Vec<String> {
        let placements = self.of_cohort(position);
        let asset = &fleet.assets[planned.cohort.assets[0]];
        let (decision, label) = (&planned.decision, &planned.cohort.label);
        let mut found = Vec::new();
        let placed: u64 = placements.iter().map(|placement| placement.units).sum();
        let in_schedule = matches!(decision.action, Action::Go | Action::Keep);
        if placed != planned.cohort.units && (in_schedule || placed > 0) {
            found.push(format!("{placed} of {} units of {label} are placed", planned.cohort.units));
        }
        if placed > 0 && !in_schedule && !matches!(decision.action, Action::ReturnLease | Action::BuyOut) {
            found.push(format!("{label} is scheduled although it is `{}`", decision.action.name()));
        }
        let leased = matches!(decision.action, Action::ReturnLease | Action::BuyOut);
        let end = if leased {
            decision.month
        } else {
            asset.contract_end.map(|end| end.month()).filter(|end| policy.contracts.bind && *end >= as_of)
        };
        let site = asset.site.as_deref().unwrap_or("");
        let in_use = decision.prospects.as_ref().map_or(!asset.is_idle(), |prospects| prospects.in_use);
        for placement in placements {
            let leaves = placement.month;
            if let Some(end) = end.filter(|end| end.months_since(as_of) < policy.horizon_months as i32)
                && leaves.is_none_or(|month| month > end)
                && placement.paid_to_pass.is_none()
            {
                found.push(format!("{label} passes the end of its lease or contract in {end}"));
            }
            if leased && placement.exit != Exit::Returned && placement.paid_to_pass.is_none() {
                found.push(format!("{label} is leased and leaves as if owned"));
            }
            let Some(month) = leaves else { continue };
            if policy.freeze.iter().any(|freeze| freeze.holds(site, month)) {
                found.push(format!("{label} leaves {site} in {month}, which is frozen"));
            }
            let successor = decision.prospects.as_ref().and_then(|prospects| prospects.challenger.as_ref());
            let to_site = exactly_named(&policy.delivery.sites, site);
            let of_product = successor.and_then(|next| exactly_named(&policy.delivery.products, &next.name));
            if in_use && to_site.into_iter().chain(of_product).any(|from| month < from) {
                found.push(format!("{label} leaves {site} in {month}, before its successor is there"));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{self, Matcher};
    use crate::decide::{Plan, PlanInput, plan};
    use crate::fleet;
    use crate::price::Models;

    const AS_OF: &str = "2026-11";

    /// Unused and used laptops, leased ones, a server under contract, and one on legal hold.
    const ROWS: &str = "asset_id,model,purchase_date,purchase_cost,currency,site,status,quantity,ownership,lease_end,contract_end\n\
        A,Dell Latitude 5430,2022-08-15,1389,USD,Austin,In stock,3,owned,,\n\
        W,HP EliteBook 840 G5,2019-02-10,949,USD,Berlin,In use,2,owned,,\n\
        L,Lenovo ThinkPad T14 Gen 4,2024-02-01,1300,USD,Paris,In use,2,leased,2027-01-31,\n\
        C,Dell PowerEdge R740xd,2019-05-01,14900,USD,Rome,In use,1,owned,,2027-02-28\n\
        H,Dell Latitude 5430,2022-08-15,1389,USD,Oslo,Legal hold,4,owned,,\n";

    struct World {
        fleet: Fleet,
        plan: Plan,
        as_of: Month,
    }

    fn policy(text: &str) -> Policy {
        Policy::from_toml("mine.toml", text).unwrap()
    }

    fn world() -> World {
        let as_of: Month = AS_OF.parse().unwrap();
        let catalog = catalog::built_in().unwrap();
        let base = policy("");
        let fleet = fleet::read_text("register.csv", ROWS.as_bytes(), &base.read_options(as_of)).unwrap();
        let input = PlanInput {
            fleet: &fleet,
            catalog: &catalog,
            matcher: &Matcher::new(&catalog),
            models: &Models::built_in().unwrap(),
            policy: &base,
            as_of,
        };
        let plan = plan(&input).unwrap();
        World { fleet, plan, as_of }
    }

    impl World {
        /// Breaches of a policy by the schedule, after a change to it.
        fn breaches(&self, text: &str, change: impl Fn(&mut Schedule)) -> Vec<String> {
            let mut schedule = self.plan.schedule.clone();
            change(&mut schedule);
            schedule.breaches(&self.plan.cohorts, &self.fleet, &policy(text), self.as_of)
        }

        /// The same policy, by the schedule as it is.
        fn under(&self, text: &str) -> Vec<String> {
            self.breaches(text, |_| {})
        }

        /// Position of the cohort that stands at a site.
        fn at(&self, site: &str) -> usize {
            let site_of = |asset: usize| self.fleet.assets[asset].site.as_deref();
            let stands = |planned: &PlannedCohort| site_of(planned.cohort.assets[0]) == Some(site);
            self.plan.cohorts.iter().position(stands).unwrap()
        }

        fn month(&self, site: &str) -> Month {
            self.plan.schedule.of_cohort(self.at(site))[0].month.unwrap()
        }
    }

    #[test]
    fn a_schedule_breaks_none_of_the_limits_it_was_made_under() {
        assert_eq!(world().under(""), [""; 0]);
    }

    #[test]
    fn a_limit_on_units_or_money_is_broken_by_the_first_beyond_it_and_not_before() {
        let world = world();
        assert_eq!(world.under("[capacity]\nAustin = 3\n"), [""; 0]);
        let month = world.month("Austin");
        assert_eq!(
            world.under("[capacity]\nAustin = 2\n"),
            [format!("3 units leave Austin in {month}, 2 can")]
        );
        // Laptops and the server are replaced in one quarter, each at the price of its month; nobody replaces the unused.
        let spent = |site: &str| {
            let planned = &world.plan.cohorts[world.at(site)];
            let next = planned.decision.prospects.as_ref().unwrap().challenger.as_ref().unwrap();
            let ahead = world.month(site).months_since(world.as_of);
            planned.cohort.units as f64 * next.per_defender * next.price * next.monthly_factor.powi(ahead)
        };
        let spent = spent("Berlin") + spent("Rome");
        let quarter = world.month("Berlin").quarter_name();
        assert_eq!(quarter, world.month("Rome").quarter_name());
        let limit = |amount: f64| world.under(&format!("[budget]\n\"{quarter}\" = {amount:.2}\n"));
        assert_eq!(limit(spent), [""; 0]);
        let less = spent - 1.0;
        assert_eq!(limit(less), [format!("{spent:.2} is spent in {quarter}, {less:.2} may be")]);
    }

    #[test]
    fn what_leaves_a_frozen_site_or_before_its_successor_is_told_and_the_unused_wait_for_none() {
        let world = world();
        let (austin, berlin) = (world.month("Austin"), world.month("Berlin"));
        let freeze = format!("[[freeze]]\nsite = \"Austin\"\nfrom = \"{austin}\"\nto = \"{austin}\"\n");
        let label = |site: &str| world.plan.cohorts[world.at(site)].cohort.label.clone();
        assert_eq!(
            world.under(&freeze),
            [format!("{} leaves Austin in {austin}, which is frozen", label("Austin"))]
        );
        let before =
            [format!("{} leaves Berlin in {berlin}, before its successor is there", label("Berlin"))];
        let next = berlin.plus(1);
        assert_eq!(world.under(&format!("[delivery.sites]\nBerlin = \"{next}\"\n")), before);
        assert_eq!(world.under(&format!("[delivery.sites]\nBerlin = \"{berlin}\"\n")), [""; 0]);
        assert_eq!(world.under(&format!("[delivery.sites]\nAustin = \"{}\"\n", austin.plus(9))), [""; 0]);
        let prospects = world.plan.cohorts[world.at("Berlin")].decision.prospects.clone().unwrap();
        let successor = prospects.challenger.unwrap().name;
        assert_eq!(world.under(&format!("[delivery.products]\n\"{successor}\" = \"{next}\"\n")), before);
    }

    #[test]
    fn units_that_are_lost_made_up_or_held_are_told() {
        let world = world();
        let (austin, oslo) = (world.at("Austin"), world.at("Oslo"));
        let label = |cohort: usize| world.plan.cohorts[cohort].cohort.label.clone();
        let place = |cohort: usize| {
            let placements = &world.plan.schedule.placements;
            placements.iter().position(|placement| placement.cohort == cohort).unwrap()
        };
        let changed =
            |units: u64| world.breaches("", |schedule| schedule.placements[place(austin)].units = units);
        assert_eq!(changed(2), [format!("2 of 3 units of {} are placed", label(austin))]);
        assert_eq!(changed(4), [format!("4 of 3 units of {} are placed", label(austin))]);
        let gone = world.breaches("", |schedule| {
            schedule.placements.retain(|placement| placement.cohort != austin);
        });
        assert_eq!(gone, [format!("0 of 3 units of {} are placed", label(austin))]);
        let held = world.breaches("", |schedule| {
            let mut moved = schedule.placements[place(austin)].clone();
            (moved.cohort, moved.units) = (oslo, 4);
            schedule.placements.push(moved);
        });
        assert_eq!(held, [format!("{} is scheduled although it is `hold`", label(oslo))]);
    }

    #[test]
    fn a_lease_or_a_contract_that_binds_is_not_passed_without_pay_nor_a_leased_unit_sold() {
        let world = world();
        let (paris, rome) = (world.at("Paris"), world.at("Rome"));
        let label = |cohort: usize| world.plan.cohorts[cohort].cohort.label.clone();
        let moved = |text: &str, cohort: usize, month: Option<&str>, exit: Option<Exit>| {
            world.breaches(text, |schedule| {
                let own = schedule.placements.iter_mut().filter(|placement| placement.cohort == cohort);
                for placement in own {
                    placement.month = month.map(|month| month.parse().unwrap());
                    placement.exit = exit.unwrap_or(placement.exit);
                }
            })
        };
        assert_eq!(moved("", paris, Some("2027-01"), None), [""; 0]);
        let passed = |cohort: usize, end: &str| {
            vec![format!("{} passes the end of its lease or contract in {end}", label(cohort))]
        };
        assert_eq!(moved("", paris, Some("2027-02"), None), passed(paris, "2027-01"));
        assert_eq!(moved("", paris, None, None), passed(paris, "2027-01"));
        let sold = format!("{} is leased and leaves as if owned", label(paris));
        assert_eq!(moved("", paris, Some("2027-01"), Some(Exit::Best)), [sold]);
        let bind = "[contracts]\nbind = true\n";
        assert_eq!(moved(bind, rome, Some("2027-02"), None), [""; 0]);
        assert_eq!(moved(bind, rome, Some("2027-03"), None), passed(rome, "2027-02"));
        assert_eq!(moved(bind, rome, None, Some(Exit::Stays)), passed(rome, "2027-02"));
        assert_eq!(moved("", rome, Some("2027-03"), None), [""; 0], "it does not bind");
        let paid = world.breaches(bind, |schedule| {
            let own = schedule.placements.iter_mut().filter(|placement| placement.cohort == rome);
            for placement in own {
                placement.month = Some("2027-03".parse().unwrap());
                placement.paid_to_pass = Some(placement.recovery);
            }
        });
        assert_eq!(paid, [""; 0]);
    }
}
