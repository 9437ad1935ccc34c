//! What moves the answer: figures of the policy and moves of markets, each with a plausible range.
//!
//! In: the policy of the base and its fleet. Out: [`Driver`]s that can be turned on a [`World`]. Ranges are assumptions,
//! told with each driver: about what contracts, tariffs and markets have done within a few years.

use super::Base;
use super::overlay::World;
use crate::catalog::AssetClass;
use crate::decide::{Policy, PolicyError, RefreshRule};
use crate::price::shock::{PriceShock, ShockPath, ShockScope};
use crate::units::{Currency, Month};

/// How a driver is turned.
#[derive(Debug, Clone, PartialEq)]
enum Turn {
    /// Sets a figure of the policy.
    Set(&'static str),
    /// Multiplies figures of the policy, a number or a table of numbers each.
    Scale(&'static [&'static str]),
    /// Adds months to a table of whole months.
    AddMonths(&'static str),
    /// Puts a factor on prices from now on.
    Level(ShockScope),
    /// Lets all prices move by a share more every month.
    Slope,
    /// Multiplies the rates of currencies other than that of the plan.
    Rates(Vec<Currency>),
}

/// A figure with its range.
#[derive(Debug, Clone, PartialEq)]
pub struct Driver {
    /// What it is called.
    pub name: &'static str,
    /// What it stands at.
    pub now: f64,
    /// Lower end of the range.
    pub low: f64,
    /// Upper end of the range.
    pub high: f64,
    /// The widest range in which break-evens are sought; none where they are not.
    pub widest: Option<(f64, f64)>,
    /// What the figure is: `%` for shares, `×` for factors, else its unit.
    pub unit: &'static str,
    turn: Turn,
}

impl Driver {
    fn new(name: &'static str, unit: &'static str, turn: Turn, range: [f64; 3]) -> Driver {
        let [low, now, high] = range;
        Driver { name, now, low, high, widest: None, unit, turn }
    }

    fn sought(self, least: f64, most: f64) -> Driver {
        Driver { widest: Some((least, most)), ..self }
    }

    /// A value as people read it.
    pub fn in_words(&self, value: f64) -> String {
        match self.unit {
            "%" => format!("{:.1} %", 100.0 * value),
            "×" => format!("× {value:.2}"),
            unit => format!("{value:.2} {unit}").trim_end().to_owned(),
        }
    }

    /// Turns the driver to a value.
    pub(super) fn turn(&self, world: &mut World<'_>, as_of: Month, value: f64) -> Result<(), PolicyError> {
        let place = format!("the driver `{}`", self.name);
        let over = |policy: &Policy, table: toml::Table| policy.overlaid(&place, table);
        match &self.turn {
            Turn::Set(path) => world.policy = over(&world.policy, at(path, value.into()))?,
            Turn::Scale(paths) => {
                for path in *paths {
                    let all = toml::Value::Table(world.policy.to_table()?);
                    let scaled = figure(&all, path).map(|figure| mapped(figure, &|number| number * value));
                    if let Some(scaled) = scaled {
                        world.policy = over(&world.policy, at(path, scaled))?;
                    }
                }
            }
            Turn::AddMonths(path) => {
                let all = toml::Value::Table(world.policy.to_table()?);
                let months = |number: f64| (number + value).clamp(1.0, 240.0).round();
                let whole = figure(&all, path).map(|figure| whole(&mapped(figure, &months)));
                if let Some(whole) = whole {
                    world.policy = over(&world.policy, at(path, whole))?;
                }
            }
            Turn::Level(scope) => {
                let path = ShockPath::Level { from: as_of, log: value.ln(), half_life_months: None };
                world.models.to_mut().add_shock(PriceShock { scope: scope.clone(), path });
            }
            Turn::Slope => {
                let log_monthly = value.ln_1p();
                let path = ShockPath::Slope { from: as_of, log_monthly, half_life_months: None };
                world.models.to_mut().add_shock(PriceShock { scope: ShockScope::Everything, path });
            }
            Turn::Rates(currencies) => {
                let rates = world.policy.rates();
                for currency in currencies {
                    let Ok(dollars) = rates.dollars_per(*currency) else { continue };
                    let entry = toml::Table::from_iter([
                        ("rate".to_owned(), toml::Value::Float(dollars * value)),
                        ("date".to_owned(), toml::Value::String(format!("{as_of}-01"))),
                    ]);
                    let path = format!("exchange_rates.{}", currency.code());
                    world.policy = over(&world.policy, at(&path, toml::Value::Table(entry)))?;
                }
            }
        }
        Ok(())
    }
}

/// A table that holds one value at a path.
fn at(path: &str, value: toml::Value) -> toml::Table {
    match path.split_once('.') {
        Some((section, rest)) => {
            toml::Table::from_iter([(section.to_owned(), toml::Value::Table(at(rest, value)))])
        }
        None => toml::Table::from_iter([(path.to_owned(), value)]),
    }
}

fn figure<'a>(all: &'a toml::Value, path: &str) -> Option<&'a toml::Value> {
    path.split('.').try_fold(all, |here, name| here.get(name))
}

/// A number, or every number of a table, mapped.
fn mapped(value: &toml::Value, map: &dyn Fn(f64) -> f64) -> toml::Value {
    match value {
        toml::Value::Integer(number) => toml::Value::Float(map(*number as f64)),
        toml::Value::Float(number) => toml::Value::Float(map(*number)),
        toml::Value::Table(table) => {
            toml::Value::Table(table.iter().map(|(name, value)| (name.clone(), mapped(value, map))).collect())
        }
        other => other.clone(),
    }
}

/// Every number as a whole one.
fn whole(value: &toml::Value) -> toml::Value {
    match value {
        toml::Value::Float(number) => toml::Value::Integer(*number as i64),
        toml::Value::Table(table) => {
            toml::Value::Table(table.iter().map(|(name, value)| (name.clone(), whole(value))).collect())
        }
        other => other.clone(),
    }
}

/// The drivers of a base, in a fixed order.
pub(super) fn drivers(base: &Base<'_>) -> Vec<Driver> {
    let policy = base.input.policy;
    let around = |now: f64, below: f64, above: f64, least: f64, most: f64| {
        [(now - below).max(least), now, (now + above).min(most)]
    };
    let (discount, tariff) = (policy.discount_rate_yearly, policy.energy.price_per_kwh);
    let growth = policy.maintenance.yearly_growth;
    let factor = |low: f64, high: f64| [low, 1.0, high];
    let set = |name, unit, path, range| Driver::new(name, unit, Turn::Set(path), range);
    let scale = |name, paths, range| Driver::new(name, "×", Turn::Scale(paths), range);
    let level = |name, scope, range| Driver::new(name, "×", Turn::Level(scope), range);
    let mut found = vec![
        set("discount rate", "%", "discount_rate_yearly", around(discount, 0.03, 0.03, 0.001, 1.0))
            .sought(0.005, 0.30),
        set("energy tariff", "a kWh", "energy.price_per_kwh", [0.7 * tariff, tariff, 1.5 * tariff])
            .sought(0.0, 5.0 * tariff),
        level("price level of used equipment", ShockScope::Everything, factor(0.8, 1.25)).sought(0.2, 4.0),
        Driver::new("monthly move of all prices", "%", Turn::Slope, [-0.01, 0.0, 0.01]),
        level("memory prices", ShockScope::Class(AssetClass::Memory), factor(0.5, 2.0)),
        level("card prices", ShockScope::Class(AssetClass::Gpu), factor(0.7, 1.3)),
        set("price of new equipment", "×", "challenger.price_factor", {
            let now = policy.challenger.price_factor;
            [0.9 * now, now, 1.2 * now]
        })
        .sought(0.2, 4.0),
        set(
            "work of a new generation",
            "×",
            "challenger.generation_gain",
            around(policy.challenger.generation_gain, 0.15, 0.25, 0.1, 20.0),
        ),
        set(
            "load of new equipment",
            "%",
            "challenger.target_utilization",
            around(policy.challenger.target_utilization, 0.15, 0.15, 0.05, 1.0),
        ),
        set(
            "usual load",
            "%",
            "energy.usual_utilization",
            around(policy.energy.usual_utilization, 0.15, 0.15, 0.01, 1.0),
        ),
        set("growth of upkeep", "%", "maintenance.yearly_growth", around(growth, 0.05, 0.05, 0.0, 1.0))
            .sought(0.0, 0.5),
        scale("upkeep", &["maintenance.yearly_share"], factor(0.8, 1.2)),
        scale("cost of failures", &["failure.repair_share", "failure.lost_service"], factor(0.5, 1.5)),
        set("vendor's share to you", "%", "resell.share", around(policy.resell.share, 0.15, 0.15, 0.0, 1.0)),
        set(
            "price in the channel",
            "×",
            "resell.channel_factor",
            around(policy.resell.channel_factor, 0.1, 0.1, 0.01, 2.0),
        ),
        set(
            "fall by market depth",
            "%",
            "depth.price_fall",
            around(policy.depth.price_fall, 0.1, 0.1, 0.0, 1.0),
        ),
    ];
    if policy.refresh_rule == RefreshRule::Fixed {
        let turn = Turn::AddMonths("refresh_months");
        found.push(Driver::new("refresh age", "months more", turn, [-12.0, 0.0, 12.0]));
    }
    let currencies = other_currencies(base);
    if !currencies.is_empty() {
        found.push(Driver::new("exchange rates", "×", Turn::Rates(currencies), factor(0.9, 1.1)));
    }
    found
}

/// Currencies of the register that are neither that of the plan nor the dollar, which all rates are against.
fn other_currencies(base: &Base<'_>) -> Vec<Currency> {
    let costs = base.input.fleet.assets.iter().filter_map(|asset| asset.purchase_cost);
    let mut found: Vec<Currency> = costs
        .map(|(_, currency)| currency)
        .filter(|currency| *currency != base.input.policy.currency && *currency != Currency::USD)
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}
