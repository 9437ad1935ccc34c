//! One cohort on the bench: what its units could do as they are described, and under other facts.
//!
//! In: a planned cohort. Out: its [`Choices`] as the plan sees them, and those of the same unit with some field changed,
//! by the price models and the decision of the plan. Where a challenger decides, every month of the horizon is a choice;
//! where a rule fixes the month, only that month is, so that a gap is not charged with what the rule costs.

use super::information::{State, Worth, worth};
use crate::decide::cohort::{Cohort, Standing};
use crate::decide::decision::{Action, Choices, Context, Known, Rule, Way};
use crate::decide::plan::{PlanInput, PlannedCohort};
use crate::decide::policy::{Demand, Gaps, Span};
use crate::decide::policy::{End, Policy};
use crate::decide::route::Route;
use crate::decide::valuation::{UsualCosts, parts, subject};
use crate::fleet::Asset;
use crate::price;

/// Months for which a held unit stays when nobody asks.
pub(super) const HELD_MONTHS: usize = 12;

/// What all cohorts share.
#[derive(Clone, Copy)]
pub(super) struct Shop<'a> {
    pub input: &'a PlanInput<'a>,
    pub usual_costs: &'a UsualCosts,
}

/// A cohort with its choices.
pub(super) struct Bench<'a> {
    shop: Shop<'a>,
    context: Context<'a>,
    pub planned: &'a PlannedCohort,
    /// Its first asset.
    pub asset: &'a Asset,
    demand: Option<&'a Demand>,
    /// Months in question.
    months: Vec<usize>,
    /// What its units could do, as described.
    pub base: Choices,
    /// The month, by its place among those in question, and the route of the plan.
    pub plan: (usize, Route),
    /// Expected net recovery of one unit that the plan counts.
    pub counted: f64,
}

/// What a gap does to one unit, at the ends of what is believed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Told {
    pub effect: (f64, f64),
    pub cost: (f64, f64),
    /// At the usual figures.
    pub usual: Worth,
}

impl<'a> Bench<'a> {
    /// `None` where nothing says what the units are worth, or they are not yours to sell.
    pub(super) fn new(
        shop: Shop<'a>,
        context: Context<'a>,
        planned: &'a PlannedCohort,
        demand: Option<&'a Demand>,
    ) -> Option<Bench<'a>> {
        let asset = &shop.input.fleet.assets[planned.cohort.assets[0]];
        let decision = &planned.decision;
        let horizon = context.policy.horizon_months as usize;
        let counts = matches!(decision.action, Action::Go | Action::Keep | Action::Upgrade);
        let months = match (planned.cohort.standing, &decision.rule) {
            (Standing::Missing, _) => vec![0],
            (Standing::LegalHold, _) => vec![0, HELD_MONTHS.min(horizon)],
            (Standing::InPlan, Rule::Challenger(_)) if counts => (0..=horizon).collect(),
            (Standing::InPlan, _) if counts => vec![planned_ahead(&context, planned)],
            _ => return None,
        };
        let forecast = planned.forecast.as_ref()?;
        let known =
            Known { cohort: &planned.cohort, asset, forecast: Some(forecast), parts: &planned.parts, demand };
        let mut base = Choices::of(&context, &known, forecast, &months);
        if !counts {
            // Nothing is planned for it: all that is asked is what it would fetch.
            base = base.map(|_, _, way| Some(Way { gain: way.discount * way.net(), ..*way }));
        }
        let place = if matches!(decision.rule, Rule::Challenger(_)) && counts {
            planned_ahead(&context, planned)
        } else {
            0
        };
        let best = base.months.get(place)?.best()?.0;
        let route = decision.route.filter(|route| base.months[place].by(*route).is_some()).unwrap_or(best);
        let counted = if counts { base.months[place].by(route)?.net() } else { 0.0 };
        Some(Bench { shop, context, planned, asset, demand, months, base, plan: (place, route), counted })
    }

    pub(super) fn policy(&self) -> &'a Policy {
        self.context.policy
    }

    pub(super) fn gaps(&self) -> &'a Gaps {
        &self.context.policy.gaps
    }

    pub(super) fn input(&self) -> &'a PlanInput<'a> {
        self.shop.input
    }

    /// Whether a challenger decides, so that months are free.
    pub(super) fn months_are_free(&self) -> bool {
        self.months.len() > 2
    }

    /// The best way of all as the unit is described.
    pub(super) fn best_way(&self) -> Option<Way> {
        best_way(&self.base)
    }

    /// The choices of the same unit were it as `asset` says.
    pub(super) fn supposing(&self, asset: &Asset) -> Option<Choices> {
        self.supposing_product(&self.planned.cohort, asset)
    }

    /// The choices of the same unit were it of another cohort: of another product.
    pub(super) fn supposing_product(&self, cohort: &Cohort, asset: &Asset) -> Option<Choices> {
        let input = self.shop.input;
        let subject = subject(input.catalog, self.context.rates, self.shop.usual_costs, cohort, asset);
        let last = self.months.last()? + 1;
        // As many months as a decision looks at, for offers that sell over some of them.
        let count =
            last.max(self.context.policy.horizon_months as usize + 1 + crate::decide::decision::MONTHS_LATE);
        let acquired = cohort.acquired.as_ref();
        let forecast = price::forecast_over_ages(input.models, &subject, acquired, input.as_of, count)?;
        let parts = parts(input, cohort, &subject, Some(&forecast), count);
        let known = Known { cohort, asset, forecast: Some(&forecast), parts: &parts, demand: self.demand };
        Some(Choices::of(&self.context, &known, &forecast, &self.months))
    }

    /// What a gap does, from the states it leaves open at each end of what is believed.
    pub(super) fn tell(
        &self,
        worst: Option<Span>,
        states: impl Fn(End) -> Option<Vec<State>>,
    ) -> Option<Told> {
        let at = |end: End| worth(&states(end)?, worst.map_or(0.0, |span| span.at(end)), self.plan);
        let (low, usual, high) = (at(End::Low)?, at(End::Usual)?, at(End::High)?);
        let range = |of: &dyn Fn(&Worth) -> f64| {
            let values = [of(&low), of(&usual), of(&high)];
            (
                values.into_iter().fold(f64::INFINITY, f64::min),
                values.into_iter().fold(f64::NEG_INFINITY, f64::max),
            )
        };
        Some(Told {
            effect: range(&|worth| worth.planned_net - self.counted),
            cost: range(&Worth::cost),
            usual,
        })
    }
}

fn planned_ahead(context: &Context<'_>, planned: &PlannedCohort) -> usize {
    let month = planned.decision.month.unwrap_or(context.as_of);
    month.months_since(context.as_of).max(0) as usize
}

/// The best way of all.
pub(super) fn best_way(choices: &Choices) -> Option<Way> {
    let ways = choices.months.iter().filter_map(|month| month.best()).map(|(_, way)| way);
    ways.reduce(|best, way| if way.gain > best.gain { way } else { best })
}
