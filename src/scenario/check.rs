//! What a scenario names is there, and nothing in it contradicts itself.
//!
//! In: a file of scenarios, the world they are laid over. Out: nothing, or the first refusal with file, line, scenario
//! and the nearest name. Everything is checked before anything is computed.

use std::collections::BTreeSet;

use super::file::{
    Extend, Grades, Launch, Leave, Market, Name, Purchase, Scenario, ScenarioFile, Utilization, grade,
};
use super::{Base, ScenarioError};
use crate::catalog::{AssetClass, Product, named};
use crate::units::{Month, hint};

/// Keys of the policy that hold for all scenarios, or a comparison means nothing.
const SHARED: [&str; 4] = ["as_of", "currency", "horizon_months", "window_tolerance"];

/// A scenario under examination.
pub(super) struct Place<'a> {
    pub file: &'a ScenarioFile,
    pub base: &'a Base<'a>,
    pub scenario: &'a Scenario,
}

/// Refuses a file that names what is not there or contradicts itself.
pub(super) fn check(file: &ScenarioFile, base: &Base<'_>) -> Result<(), ScenarioError> {
    let mut names = BTreeSet::new();
    for (position, scenario) in file.scenarios.iter().enumerate() {
        let place = Place { file, base, scenario };
        let name = scenario.title().trim().to_lowercase();
        if name.is_empty() {
            return Err(place.refuse(None, format!("scenario {} has no name: give it one", position + 1)));
        }
        if name == "base" || !names.insert(name) {
            let why = "this name stands for another one already: give it a name of its own";
            return Err(place.refuse(None, why.to_owned()));
        }
        place.check()?;
    }
    if file.scenarios.is_empty() {
        let message = "holds no [[scenario]]: `residua whatif --example` writes one of each kind".to_owned();
        return Err(ScenarioError { file: file.file.clone(), line: None, scenario: None, message });
    }
    Ok(())
}

impl<'a> Place<'a> {
    /// A refusal of this scenario.
    pub(super) fn refuse(&self, name: Option<&Name>, message: String) -> ScenarioError {
        ScenarioError {
            file: self.file.file.clone(),
            line: name.and_then(|name| self.file.line_of(name)).or_else(|| self.own_line()),
            scenario: Some(self.scenario.title().to_owned()).filter(|name| !name.is_empty()),
            message,
        }
    }

    /// The line that gives the scenario its name.
    fn own_line(&self) -> Option<usize> {
        let quoted = [format!("\"{}\"", self.scenario.title()), format!("'{}'", self.scenario.title())];
        let names = |line: &&str| {
            line.trim_start().starts_with("name") && quoted.iter().any(|name| line.contains(name.as_str()))
        };
        self.file.text.lines().position(|line| names(&line)).map(|at| at + 1)
    }

    fn as_of(&self) -> Month {
        self.base.input.as_of
    }

    fn end(&self) -> Month {
        self.as_of().plus(self.base.input.policy.horizon_months as i32)
    }

    fn check(&self) -> Result<(), ScenarioError> {
        let scenario = self.scenario;
        self.policy()?;
        let mut scopes = BTreeSet::new();
        for market in &scenario.market {
            let scope = self.market(market)?;
            if !scopes.insert(scope.clone()) {
                let name = market.class.as_ref().or(market.family.as_ref()).or(market.product.as_ref());
                return Err(self.refuse(name, format!("two moves of {scope} contradict: make them one")));
            }
        }
        let mut launched = BTreeSet::new();
        for launch in &scenario.launch {
            let name = self.launch(launch)?;
            if !launched.insert(name.clone()) {
                return Err(self.refuse(None, format!("two launches of `{name}` contradict: keep one")));
            }
        }
        scenario.leave.iter().try_for_each(|leave| self.leave(leave).map(|_| ()))?;
        scenario.extend.iter().try_for_each(|extend| self.extend(extend))?;
        scenario.grades.iter().try_for_each(|grades| self.grades(grades))?;
        scenario.utilization.iter().try_for_each(|load| self.load(load))?;
        let leave = scenario.leave.iter().map(|one| (&one.class, &one.site));
        let extend = scenario.extend.iter().map(|one| (&one.class, &one.site));
        self.no_overlap("leave and extend", leave.chain(extend))?;
        self.no_overlap("grades", scenario.grades.iter().map(|one| (&one.class, &one.site)))?;
        self.no_overlap("utilization", scenario.utilization.iter().map(|one| (&one.class, &one.site)))?;
        scenario.purchase.iter().try_for_each(|purchase| self.purchase(purchase).map(|_| ()))?;
        for (currency, rate) in &scenario.fx {
            let same = self.base.input.policy.rates();
            if same.dollars_per(*currency).is_err() || currency.code() == "USD" {
                return Err(self.refuse(None, format!("fx: {currency} has no rate that could move")));
            }
            self.positive("fx", *rate)?;
        }
        scenario.rental.iter().try_for_each(|(month, factor)| {
            self.ahead(*month, "rental")?;
            self.positive("rental", *factor)
        })
    }

    /// Keys that hold for all scenarios, and keys that two pieces set.
    fn policy(&self) -> Result<(), ScenarioError> {
        let table = &self.scenario.policy;
        if let Some(key) = SHARED.iter().find(|key| table.contains_key(**key)) {
            let why = format!("policy.{key} holds for all scenarios: set it in the policy of the run");
            return Err(self.refuse(None, why));
        }
        let has = |section: &str, key: &str| {
            table.get(section).and_then(|section| section.get(key)).is_some_and(|_| !key.is_empty())
        };
        let twice = [
            (self.scenario.refresh.is_some() && table.contains_key("refresh_rule"), "refresh_rule"),
            (
                self.scenario.refresh.as_ref().is_some_and(|refresh| refresh.months.is_some())
                    && table.contains_key("refresh_months"),
                "refresh_months",
            ),
            (!self.scenario.rental.is_empty() && has("rental", "factors"), "rental.factors"),
            (
                self.scenario.fx.keys().any(|currency| has("exchange_rates", currency.code())),
                "exchange_rates",
            ),
        ];
        match twice.iter().find(|(both, _)| *both) {
            Some((_, key)) => {
                Err(self.refuse(None, format!("policy.{key} contradicts a piece of the same scenario")))
            }
            None => Ok(()),
        }
    }

    fn positive(&self, what: &str, value: f64) -> Result<(), ScenarioError> {
        if value.is_finite() && value > 0.0 {
            return Ok(());
        }
        Err(self.refuse(None, format!("{what}: {value} must be a number above 0")))
    }

    fn ahead(&self, month: Month, what: &str) -> Result<(), ScenarioError> {
        if month >= self.as_of() {
            return Ok(());
        }
        let why = format!("{what}: {month} is before {}, the month one looks from", self.as_of());
        Err(self.refuse(None, why))
    }

    /// The class a name stands for.
    pub(super) fn class(&self, name: &Name) -> Result<AssetClass, ScenarioError> {
        AssetClass::from_name(name.get_ref()).ok_or_else(|| {
            let hint = hint(name.get_ref(), AssetClass::ALL.iter().map(|class| class.name()));
            self.refuse(Some(name), format!("unknown class `{}`{hint}", name.get_ref()))
        })
    }

    /// The product a name stands for, however people write it.
    pub(super) fn product(&self, name: &Name) -> Result<&'a Product, ScenarioError> {
        let wanted = name.get_ref();
        named(wanted, self.base.input.catalog, self.base.input.matcher)
            .map_err(|near| self.refuse(Some(name), format!("unknown product `{wanted}`{near}")))
    }

    /// The family a name stands for, as the catalog writes it.
    pub(super) fn family(&self, name: &Name) -> Result<&'a str, ScenarioError> {
        let families = || self.base.input.catalog.iter().map(|(_, product)| product.family.as_str());
        let same = |family: &&str| family.eq_ignore_ascii_case(name.get_ref().trim());
        families().filter(|family| !family.is_empty()).find(same).ok_or_else(|| {
            let hint = hint(name.get_ref(), families());
            self.refuse(Some(name), format!("unknown family `{}`{hint}", name.get_ref()))
        })
    }

    fn site(&self, name: &Name) -> Result<(), ScenarioError> {
        let sites = || self.base.input.fleet.assets.iter().filter_map(|asset| asset.site.as_deref());
        if sites().any(|site| site.trim().eq_ignore_ascii_case(name.get_ref().trim())) {
            return Ok(());
        }
        let hint = hint(name.get_ref(), sites());
        Err(self.refuse(Some(name), format!("no unit stands at `{}`{hint}", name.get_ref())))
    }

    fn part_of_fleet(&self, class: &Option<Name>, site: &Option<Name>) -> Result<(), ScenarioError> {
        if let Some(class) = class {
            self.class(class)?;
        }
        site.as_ref().map_or(Ok(()), |site| self.site(site))
    }

    /// Two pieces of a kind may not speak of the same unit.
    fn no_overlap<'b>(
        &self,
        what: &str,
        parts: impl Iterator<Item = (&'b Option<Name>, &'b Option<Name>)>,
    ) -> Result<(), ScenarioError> {
        let text = |name: &Option<Name>| name.as_ref().map(|name| name.get_ref().trim().to_lowercase());
        let parts: Vec<_> = parts.map(|(class, site)| (text(class), text(site), class, site)).collect();
        let meet =
            |one: &Option<String>, other: &Option<String>| one.is_none() || other.is_none() || one == other;
        for (position, one) in parts.iter().enumerate() {
            if let Some(other) =
                parts[..position].iter().find(|other| meet(&one.0, &other.0) && meet(&one.1, &other.1))
            {
                let name = one.2.as_ref().or(one.3.as_ref()).or(other.2.as_ref()).or(other.3.as_ref());
                let why = format!("two pieces of `{what}` speak of the same units and contradict");
                return Err(self.refuse(name, why));
            }
        }
        Ok(())
    }

    /// What a market is called, when all of it can be used.
    fn market(&self, market: &Market) -> Result<String, ScenarioError> {
        let named = [&market.class, &market.family, &market.product].into_iter().flatten().count();
        if named > 1 {
            let why = "market: name one of class, family and product, or none for every price";
            return Err(self.refuse(market.class.as_ref().or(market.family.as_ref()), why.to_owned()));
        }
        let scope = match (&market.class, &market.family, &market.product) {
            (Some(class), ..) => format!("class {}", self.class(class)?),
            (_, Some(family), _) => format!("family {}", self.family(family)?),
            (.., Some(product)) => format!("product {}", self.product(product)?.name),
            _ => "every price".to_owned(),
        };
        let ways = [
            market.level_percent.is_some(),
            market.slope_percent_monthly.is_some(),
            !market.factors.is_empty(),
        ];
        if ways.iter().filter(|way| **way).count() != 1 {
            let why = "market: give exactly one of level_percent, slope_percent_monthly and factors";
            return Err(self.refuse(None, why.to_owned()));
        }
        for percent in [market.level_percent, market.slope_percent_monthly].into_iter().flatten() {
            if !(percent.is_finite() && percent > -100.0 && percent <= 10_000.0) {
                let why = format!("market: {percent} per cent would leave no price above 0");
                return Err(self.refuse(None, why));
            }
        }
        if let Some(half) = market.half_life_months {
            self.positive("market: half_life_months", half)?;
        }
        for (month, factor) in &market.factors {
            self.ahead(*month, "market")?;
            self.positive("market: a factor", *factor)?;
        }
        market.from.map_or(Ok(()), |from| self.ahead(from, "market"))?;
        Ok(scope)
    }

    /// The name of the product that is launched.
    fn launch(&self, launch: &Launch) -> Result<String, ScenarioError> {
        if let Some(date) = launch.date {
            self.ahead(date, "launch")?;
        }
        match (&launch.product, &launch.new) {
            (Some(name), None) => {
                if launch.slip_months.is_some() == launch.date.is_some() {
                    let why = "launch: give slip_months or date".to_owned();
                    return Err(self.refuse(Some(name), why));
                }
                let product = self.product(name)?;
                if product.launch.is_none() {
                    let why = format!("`{}` has no launch date that could move: give date", product.name);
                    return launch
                        .date
                        .map(|_| product.name.clone())
                        .ok_or_else(|| self.refuse(Some(name), why));
                }
                Ok(product.name.clone())
            }
            (None, Some(name)) => {
                let follows = launch.follows.as_ref().ok_or_else(|| {
                    let why = "launch: a new product needs follows, the product it comes after";
                    self.refuse(Some(name), why.to_owned())
                })?;
                self.product(follows)?;
                if launch.date.is_none() {
                    let why = "launch: a new product needs date".to_owned();
                    return Err(self.refuse(Some(name), why));
                }
                if self.base.input.catalog.by_name(name.get_ref()).is_some() {
                    let why = format!("`{}` is in the catalog: move it with product", name.get_ref());
                    return Err(self.refuse(Some(name), why));
                }
                for value in [launch.list_price, launch.power_w, launch.fp32_tflops].into_iter().flatten() {
                    self.positive("launch: list_price, power_w and fp32_tflops", value)?;
                }
                Ok(name.get_ref().clone())
            }
            _ => Err(self.refuse(None, "launch: name a product of the catalog, or a new one".to_owned())),
        }
    }

    fn extend(&self, extend: &Extend) -> Result<(), ScenarioError> {
        self.part_of_fleet(&extend.class, &extend.site)?;
        if !(extend.share > 0.0 && extend.share <= 1.0) {
            let why = format!("extend: share = {} must be above 0 and at most 1", extend.share);
            return Err(self.refuse(extend.class.as_ref(), why));
        }
        if !(1..=240).contains(&extend.months) {
            let why = format!("extend: months = {} must be 1 to 240", extend.months);
            return Err(self.refuse(extend.class.as_ref(), why));
        }
        Ok(())
    }

    /// First and last month of the quarter in which units leave, not before the month one looks from.
    pub(super) fn leave(&self, leave: &Leave) -> Result<(Month, Month), ScenarioError> {
        self.part_of_fleet(&leave.class, &leave.site)?;
        let first = self.quarter("leave", &leave.quarter)?;
        Ok((first.max(self.as_of()), first.plus(2)))
    }

    fn grades(&self, grades: &Grades) -> Result<(), ScenarioError> {
        self.part_of_fleet(&grades.class, &grades.site)?;
        if let Some(letter) = grades.mix.keys().find(|letter| grade(letter).is_none()) {
            let why = format!("grades: unknown grade `{letter}`, expected A, B, C, D or parts");
            return Err(self.refuse(grades.class.as_ref(), why));
        }
        let sum: f64 = grades.mix.values().sum();
        if grades.mix.values().any(|share| share.is_nan() || *share < 0.0) || (sum - 1.0).abs() > 1e-6 {
            let why = format!("grades: the shares of the mix add to {sum}: they must add to 1");
            return Err(self.refuse(grades.class.as_ref(), why));
        }
        Ok(())
    }

    fn load(&self, load: &Utilization) -> Result<(), ScenarioError> {
        self.part_of_fleet(&load.class, &load.site)?;
        match (load.set, load.factor) {
            (Some(set), None) if set > 0.0 && set <= 1.0 => Ok(()),
            (None, Some(factor)) => self.positive("utilization: factor", factor),
            _ => {
                let why = "utilization: give set, above 0 and at most 1, or factor".to_owned();
                Err(self.refuse(load.class.as_ref(), why))
            }
        }
    }

    /// The first month of a quarter within the months looked ahead.
    fn quarter(&self, what: &str, quarter: &Name) -> Result<Month, ScenarioError> {
        let text = quarter.get_ref();
        let Some(first) = first_month(text) else {
            let why = format!("{what}: `{text}` is not a quarter: write it as \"2027 Q1\"");
            return Err(self.refuse(Some(quarter), why));
        };
        if first.plus(2) < self.as_of() || first >= self.end() {
            let why = format!("{what}: {text} lies outside {} to {}", self.as_of(), self.end());
            return Err(self.refuse(Some(quarter), why));
        }
        Ok(first)
    }

    /// The first month of a purchase's quarter, not before the month one looks from.
    pub(super) fn purchase(&self, purchase: &Purchase) -> Result<Month, ScenarioError> {
        let refuse = |why: String| Err(self.refuse(Some(&purchase.quarter), why));
        let first = self.quarter("purchase", &purchase.quarter)?;
        if purchase.units == 0 {
            return refuse("purchase: units must be at least 1".to_owned());
        }
        if let Some(class) = &purchase.class {
            self.class(class)?;
        }
        if let Some(cost) = purchase.cost {
            self.positive("purchase: cost", cost)?;
        }
        match (&purchase.product, &purchase.class, purchase.cost) {
            (Some(name), _, cost) => {
                let product = self.product(name)?;
                if product.list_price.is_none() && cost.is_none() {
                    let why = format!("the catalog knows no list price of `{}`: give cost", product.name);
                    return Err(self.refuse(Some(name), why));
                }
            }
            (None, Some(_), Some(_)) => {}
            _ => return refuse("purchase: name a product, or a class and its cost".to_owned()),
        }
        Ok(first.max(self.as_of()))
    }
}

/// The first month of `2027 Q1`.
fn first_month(text: &str) -> Option<Month> {
    let (year, quarter) = text.trim().split_once(" Q")?;
    let quarter: i32 = quarter.parse().ok().filter(|quarter| (1..=4).contains(quarter))?;
    Month::new(year.parse().ok()?, 3 * quarter - 2).ok()
}
