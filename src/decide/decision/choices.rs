//! Everything a unit could do, with what each would bring in, so that plans can be compared under other facts.
//!
//! In: what is known, or supposed, of a unit. Out: [`Choices`]: for each month in question every open route with the
//! present value of leaving so, `−PV(τ, r) = δ^τ R_r(τ) − Σ_{s≤τ} δ^s c(s) − δ^τ n W(τ)`, from the same costs, offers and
//! challenger as the decision itself. Only differences of such values mean anything.

use super::case::Case;
use super::{Context, Known};
use crate::decide::cohort::{Cohort, Standing};
use crate::decide::route::{Offer, Route};
use crate::decide::window;
use crate::price::Forecast;
use crate::units::LogNormal;

/// Months after which the next inventory finds that a unit is not there.
const INVENTORY_MONTHS: usize = 12;

/// One way to leave: a month and a route.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::decide) struct Way {
    /// Present value of leaving so, a gain.
    pub gain: f64,
    /// What it is netted at a price in the open market, per unit that is still there.
    pub offer: Offer,
    /// Price in the open market then, currency of the plan.
    pub price: LogNormal,
    /// Discount to that month.
    pub discount: f64,
}

impl Way {
    /// A certain amount, whatever the market.
    pub(in crate::decide) fn certain(amount: f64, discount: f64) -> Way {
        let price = LogNormal { mean_log: 0.0, variance_log: 0.0 };
        Way { gain: discount * amount, offer: Offer { slope: 0.0, intercept: amount }, price, discount }
    }

    /// Expected net recovery.
    pub(in crate::decide) fn net(&self) -> f64 {
        self.offer.net(self.price.mean())
    }

    /// The same when the price is a share of what it was.
    pub(in crate::decide) fn at_share(&self, share: f64) -> Way {
        let offer = Offer { slope: self.offer.slope * share, ..self.offer };
        let lost = (1.0 - share) * self.offer.slope * self.price.mean();
        Way { gain: self.gain - self.discount * lost, offer, ..*self }
    }

    /// The same with an amount on top, in the month of leaving.
    pub(in crate::decide) fn plus(&self, amount: f64) -> Way {
        let offer = Offer { intercept: self.offer.intercept + amount, ..self.offer };
        Way { gain: self.gain + self.discount * amount, offer, ..*self }
    }
}

/// A month in which a unit could leave.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::decide) struct MonthOfChoice {
    /// Months from now.
    pub ahead: usize,
    /// Open routes.
    pub ways: Vec<(Route, Way)>,
    /// Present value of what is paid until then whether the unit is there or not: its contract and software, for a year
    /// at most, because an inventory ends it.
    pub paid_anyway: f64,
    /// Discount to that month.
    pub discount: f64,
}

impl MonthOfChoice {
    /// The best open way; nothing where all are closed.
    pub(in crate::decide) fn best(&self) -> Option<(Route, Way)> {
        self.ways.iter().copied().reduce(|best, way| if way.1.gain > best.1.gain { way } else { best })
    }

    /// The way by a route.
    pub(in crate::decide) fn by(&self, route: Route) -> Option<Way> {
        self.ways.iter().find(|(of, _)| *of == route).map(|(_, way)| *way)
    }
}

/// Everything a unit could do.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::decide) struct Choices {
    /// Months in question, in order.
    pub months: Vec<MonthOfChoice>,
}

impl Choices {
    /// What is known of a unit as its choices in some months. A hold or a loss is supposed to be over: this is what it
    /// would be worth.
    pub(in crate::decide) fn of(
        context: &Context<'_>,
        known: &Known<'_>,
        forecast: &Forecast,
        months: &[usize],
    ) -> Choices {
        let free = Cohort { standing: Standing::InPlan, ..known.cohort.clone() };
        let known = Known { cohort: &free, ..*known };
        let case = Case::new(context, &known, forecast, false);
        let kept_working = window::present_values(&window::Choice {
            recoveries: &vec![0.0; case.recoveries.len()],
            ..case.choice((0, 0), 0.0)
        });
        let month = |ahead: usize| {
            let discount = case.discount.powi(ahead as i32);
            let value = forecast.value(ahead);
            let price = LogNormal { mean_log: value.mean_log + context.factor.ln(), ..value };
            let ways = case.offers.of_month(ahead).iter().filter(|(_, _, obstacle)| obstacle.is_none());
            let way = |(route, offer, _): &(Route, Offer, _)| {
                let offer = offer.scaled(case.kept[ahead]);
                let gain = discount * offer.net(price.mean()) - kept_working[ahead];
                (*route, Way { gain, offer, price, discount })
            };
            let anyway = |month: usize| {
                let costs = case.unit.costs(context.policy, context.month(month));
                case.discount.powi(month as i32) * (costs.contract + costs.software)
            };
            MonthOfChoice {
                ahead,
                ways: ways.map(way).collect(),
                paid_anyway: (1..=ahead.min(INVENTORY_MONTHS)).map(anyway).sum(),
                discount,
            }
        };
        let last = case.prices.len() - 1;
        Choices { months: months.iter().map(|ahead| month((*ahead).min(last))).collect() }
    }

    /// The same with every way changed, or closed.
    pub(in crate::decide) fn map(
        &self,
        change: impl Fn(&MonthOfChoice, Route, &Way) -> Option<Way>,
    ) -> Choices {
        let of_month = |month: &MonthOfChoice| {
            let ways =
                month.ways.iter().filter_map(|(route, way)| Some((*route, change(month, *route, way)?)));
            MonthOfChoice { ways: ways.collect(), ..month.clone() }
        };
        Choices { months: self.months.iter().map(of_month).collect() }
    }

    /// The gain of the best way of all, nothing where there is none.
    pub(in crate::decide) fn best_gain(&self) -> f64 {
        self.months
            .iter()
            .filter_map(|month| month.best().map(|(_, way)| way.gain))
            .reduce(f64::max)
            .unwrap_or(0.0)
    }
}
