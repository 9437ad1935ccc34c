//! Seven figures that planners turn, and the scenario that they make.
//!
//! In: figures by name, as a link or a form gives them, and the base they are turned on. Out: [`Dials`], whose text is the
//! same for the same figures, and a scenario in TOML: that of `residua whatif`, so that a page and the command answer alike.
//! Figures are whole numbers of steps, so that no rounding tells two of them apart.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::{ScenarioError, ScenarioFile, Standing, WhatIfInput};
use crate::decide::RefreshRule;

/// A figure that can be turned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dial {
    /// Its name in links.
    pub key: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// What it is counted in.
    pub unit: &'static str,
    /// Least value.
    pub least: f64,
    /// Greatest value.
    pub most: f64,
    /// Steps in one unit: 100 steps of a cent.
    pub steps_per_unit: i64,
    /// What it does.
    pub help: &'static str,
}

const CYCLE: usize = 0;
const ENERGY: usize = 1;
const SLIP: usize = 2;
const MARKET: usize = 3;
const CAPACITY: usize = 4;
const SHARE: usize = 5;
const DISCOUNT: usize = 6;

/// The figures, in the order of links and pages.
pub const DIALS: [Dial; 7] = [
    Dial {
        key: "cycle",
        name: "Refresh cycle",
        unit: "months",
        least: 12.0,
        most: 96.0,
        steps_per_unit: 1,
        help: "every unit in use is replaced at this age, and its successors too",
    },
    Dial {
        key: "energy",
        name: "Energy price",
        unit: "a kWh",
        least: 0.0,
        most: 1.0,
        steps_per_unit: 100,
        help: "in the currency of the policy",
    },
    Dial {
        key: "slip",
        name: "Launches slip",
        unit: "months",
        least: -12.0,
        most: 24.0,
        steps_per_unit: 1,
        help: "successors that are still to come are launched later, or sooner",
    },
    Dial {
        key: "market",
        name: "Market prices",
        unit: "%",
        least: -80.0,
        most: 100.0,
        steps_per_unit: 1,
        help: "all used equipment fetches more or less than forecast, from now on",
    },
    Dial {
        key: "capacity",
        name: "Capacity",
        unit: "units a month",
        least: 1.0,
        most: 500.0,
        steps_per_unit: 1,
        help: "units that each site can hand over in a month",
    },
    Dial {
        key: "share",
        name: "Your share",
        unit: "%",
        least: 0.0,
        most: 100.0,
        steps_per_unit: 1,
        help: "what the disposition vendor leaves you of a sale",
    },
    Dial {
        key: "discount",
        name: "Discount rate",
        unit: "% a year",
        least: 0.5,
        most: 30.0,
        steps_per_unit: 2,
        help: "yearly, effective",
    },
];

impl Dial {
    /// A value as links and fields write it.
    pub fn text(&self, steps: i64) -> String {
        match self.steps_per_unit {
            1 => steps.to_string(),
            per => format!("{:.*}", if per > 10 { 2 } else { 1 }, steps as f64 / per as f64),
        }
    }

    /// The smallest turn, in units.
    pub fn step(&self) -> f64 {
        1.0 / self.steps_per_unit as f64
    }

    fn read(&self, text: &str) -> Result<i64, DialError> {
        let value: Option<f64> = text.trim().parse().ok();
        match value.filter(|value| (self.least..=self.most).contains(value)) {
            Some(value) => Ok((value * self.steps_per_unit as f64).round() as i64),
            None => Err(DialError { dial: *self, text: text.to_owned() }),
        }
    }
}

/// A figure that is none, or out of range.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{} = `{text}` must be a number from {} to {} ({})", dial.key, dial.least, dial.most, dial.unit)]
pub struct DialError {
    dial: Dial,
    text: String,
}

/// What each figure is turned to, in steps; what is not turned stays as the base has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Dials([Option<i64>; DIALS.len()]);

impl Dials {
    /// Reads figures by their keys; other keys are none of the dials and left alone. A blank is a figure not turned.
    pub fn read<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Dials, DialError> {
        let mut dials = Dials::default();
        for (key, text) in pairs.filter(|(_, text)| !text.trim().is_empty()) {
            if let Some(place) = DIALS.iter().position(|dial| dial.key == key) {
                dials.0[place] = Some(DIALS[place].read(text)?);
            }
        }
        Ok(dials)
    }

    /// Figures that are turned, with their texts.
    pub fn turned(&self) -> impl Iterator<Item = (&'static Dial, String)> {
        DIALS.iter().zip(self.0).filter_map(|(dial, steps)| Some((dial, dial.text(steps?))))
    }

    /// Whether nothing is turned.
    pub fn is_base(&self) -> bool {
        *self == Dials::default()
    }

    /// The figures in words, as people name a scenario: with a true minus sign. Nothing reads them back.
    pub fn words(&self) -> String {
        let told: Vec<String> = self
            .turned()
            .map(|(dial, text)| {
                format!("{} {} {}", dial.name.to_lowercase(), text.replace('-', "−"), dial.unit)
            })
            .collect();
        if told.is_empty() { "as it is".to_owned() } else { told.join(", ") }
    }

    fn value(&self, place: usize) -> Option<f64> {
        self.0[place].map(|steps| steps as f64 / DIALS[place].steps_per_unit as f64)
    }

    /// The scenario in the words of a file of scenarios, under a name.
    pub fn to_toml(&self, name: &str, turning: &Turning) -> String {
        let mut text = format!("[[scenario]]\nname = {}\n", toml::Value::String(name.to_owned()));
        if let Some(months) = self.0[CYCLE] {
            let rule = toml::Value::try_from(RefreshRule::Fixed)
                .map_or_else(|_| "\"fixed\"".to_owned(), |rule| rule.to_string());
            line(&mut text, &format!("refresh = {{ rule = {rule}, months = {months} }}"));
        }
        if let Some(percent) = self.value(DISCOUNT) {
            line(&mut text, "[scenario.policy]");
            line(&mut text, &format!("discount_rate_yearly = {}", share(percent)));
        }
        if let Some(price) = self.value(ENERGY) {
            line(&mut text, "[scenario.policy.energy]");
            line(&mut text, &format!("price_per_kwh = {}", number(price)));
        }
        if let Some(percent) = self.value(SHARE) {
            line(&mut text, "[scenario.policy.resell]");
            line(&mut text, &format!("share = {}", share(percent)));
        }
        if let Some(units) = self.0[CAPACITY] {
            line(&mut text, "[scenario.policy.capacity]");
            for site in &turning.sites_with_capacity {
                line(&mut text, &format!("{} = {units}", toml::Value::String(site.clone())));
            }
        }
        if let Some(percent) = self.0[MARKET].filter(|percent| *percent != 0) {
            line(&mut text, "[[scenario.market]]");
            line(&mut text, &format!("level_percent = {percent}"));
        }
        if let Some(months) = self.0[SLIP].filter(|months| *months != 0) {
            for product in &turning.launches_ahead {
                line(&mut text, "[[scenario.launch]]");
                line(&mut text, &format!("product = {}", toml::Value::String(product.clone())));
                line(&mut text, &format!("slip_months = {months}"));
            }
        }
        text
    }
}

fn line(text: &mut String, line: &str) {
    let _ = writeln!(text, "{line}");
}

/// A figure of a few digits without the noise of its binary form; TOML tells 0.2 from 0, so a point is kept.
fn number(value: f64) -> String {
    let short = format!("{value:.6}");
    let short = short.trim_end_matches('0');
    if short.ends_with('.') { format!("{short}0") } else { short.to_owned() }
}

fn share(percent: f64) -> String {
    number(percent / 100.0)
}

/// What of a base the dials turn.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Turning {
    /// Lines of the capacities: those that the policy has, and `other` for every further site.
    pub sites_with_capacity: BTreeSet<String>,
    /// Products of the catalog that succeed one of the fleet and are not launched yet.
    pub launches_ahead: BTreeSet<String>,
}

impl Turning {
    /// What there is to turn in a base.
    pub fn of(input: &WhatIfInput<'_>, standing: &Standing) -> Turning {
        let catalog = input.plan.catalog;
        let products =
            standing.plan().cohorts.iter().filter_map(|planned| planned.cohort.identification.product);
        let mut launches_ahead = BTreeSet::new();
        for product in products.map(|id| catalog.get(id)) {
            let Some(next) = catalog.successor_of(product) else { continue };
            if next.launch.is_some_and(|launch| launch.month > input.plan.as_of) {
                launches_ahead.insert(next.name.clone());
            }
        }
        let mut sites_with_capacity: BTreeSet<String> = input.plan.policy.capacity.keys().cloned().collect();
        sites_with_capacity.insert("other".to_owned());
        Turning { sites_with_capacity, launches_ahead }
    }
}

/// What each dial stands at in a base, where the base has one figure for it.
pub fn dials_at_base(input: &WhatIfInput<'_>) -> BTreeMap<&'static str, f64> {
    let policy = input.written;
    let figures = [
        (ENERGY, policy.energy.price_per_kwh),
        (SLIP, 0.0),
        (MARKET, 0.0),
        (SHARE, 100.0 * policy.resell.share),
        (DISCOUNT, 100.0 * policy.discount_rate_yearly),
    ];
    figures.into_iter().map(|(place, figure)| (DIALS[place].key, figure)).collect()
}

/// Scenarios by their names, as read from their own text.
pub fn scenarios_of(named: &[(String, Dials)], turning: &Turning) -> Result<ScenarioFile, ScenarioError> {
    let texts: Vec<String> = named.iter().map(|(name, dials)| dials.to_toml(name, turning)).collect();
    ScenarioFile::from_toml("these scenarios", &texts.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &[(&str, &str)]) -> Result<Dials, DialError> {
        Dials::read(query.iter().copied())
    }

    fn turning() -> Turning {
        Turning {
            sites_with_capacity: BTreeSet::from(["other".to_owned(), "Sankt \"P\"".to_owned()]),
            launches_ahead: BTreeSet::from(["NVIDIA Rubin".to_owned()]),
        }
    }

    #[test]
    fn figures_of_a_link_make_the_scenario_of_a_file() {
        let dials = read(&[
            ("cycle", "48"),
            ("energy", "0.2"),
            ("slip", "6"),
            ("market", "-20"),
            ("capacity", "40"),
            ("share", "70"),
            ("discount", "9.5"),
            ("site", "Austin"),
        ])
        .unwrap();
        let file = scenarios_of(&[("mine".to_owned(), dials)], &turning()).unwrap();
        insta::assert_snapshot!(file.text, @r#"
        [[scenario]]
        name = "mine"
        refresh = { rule = "fixed", months = 48 }
        [scenario.policy]
        discount_rate_yearly = 0.095
        [scenario.policy.energy]
        price_per_kwh = 0.2
        [scenario.policy.resell]
        share = 0.7
        [scenario.policy.capacity]
        'Sankt "P"' = 40
        "other" = 40
        [[scenario.market]]
        level_percent = -20
        [[scenario.launch]]
        product = "NVIDIA Rubin"
        slip_months = 6
        "#);
        assert_eq!(file.scenarios.len(), 1);
        assert_eq!(
            dials.words(),
            "refresh cycle 48 months, energy price 0.20 a kWh, launches slip 6 months, market prices \
            −20 %, capacity 40 units a month, your share 70 %, discount rate 9.5 % a year"
        );
    }

    #[test]
    fn a_figure_out_of_range_is_refused_by_its_name() {
        let refusal = read(&[("cycle", "3")]).unwrap_err().to_string();
        assert_eq!(refusal, "cycle = `3` must be a number from 12 to 96 (months)");
        assert!(read(&[("energy", "NaN")]).is_err());
        assert!(read(&[("market", "ten")]).is_err());
    }

    #[test]
    fn a_blank_or_nothing_is_the_base() {
        assert!(read(&[("cycle", " "), ("site", "x")]).unwrap().is_base());
        let text = Dials::default().to_toml("still", &turning());
        assert_eq!(text, "[[scenario]]\nname = \"still\"\n");
    }

    #[test]
    fn the_same_figure_written_in_two_ways_is_one() {
        assert_eq!(read(&[("energy", "0.2")]).unwrap(), read(&[("energy", "0.200")]).unwrap());
        assert_eq!(read(&[("energy", ".29")]).unwrap().turned().next().unwrap().1, "0.29");
    }
}
