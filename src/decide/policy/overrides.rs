//! What the policy says for one unit: the narrowest table that names a figure wins.
//!
//! In: the policy with its tables `[class.NAME]`, `[product."NAME"]`, `[site.NAME]` and `[asset."ID"]`, each with
//! sections of the policy again (`[site.Berlin.energy]`, `[asset."NWA-1"] power_w = 300`), and the [`Scope`] of a
//! unit. Out: the [`Policy`] of that unit. Laid over in the order class, product, site, asset. Names compare without
//! regard to case. What holds for the whole plan (currency, month, horizon, tolerance, rates) cannot differ.

use std::collections::BTreeMap;

use super::{Policy, PolicyError, lay_over};
use crate::catalog::AssetClass;

/// Parts of the policy that may differ by unit.
const MAY_DIFFER: [&str; 26] = [
    "discount_rate_yearly",
    "refresh_rule",
    "energy",
    "power_w",
    "refresh_months",
    "space",
    "maintenance",
    "failure",
    "software",
    "idle",
    "resell",
    "retail",
    "wholesale",
    "buy_back",
    "parts",
    "donate",
    "recycle",
    "destroy",
    "upgrade",
    "handling",
    "disposal",
    "lease",
    "rental",
    "challenger",
    "books",
    "gaps",
];

/// What a table of overrides is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::decide) enum Kind {
    Class,
    Product,
    Site,
    Asset,
}

impl Kind {
    /// Widest first.
    pub(in crate::decide) const ALL: [Kind; 4] = [Kind::Class, Kind::Product, Kind::Site, Kind::Asset];

    pub(in crate::decide) const fn name(self) -> &'static str {
        match self {
            Kind::Class => "class",
            Kind::Product => "product",
            Kind::Site => "site",
            Kind::Asset => "asset",
        }
    }
}

/// The tables that hold for a unit, widest first: what it is about and its name in the policy.
pub(in crate::decide) type Overriding<'a> = Vec<(Kind, &'a str)>;

/// What a unit can be named by.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// Kind of hardware.
    pub class: AssetClass,
    /// Product, as the catalog or else the register calls it.
    pub product: &'a str,
    /// Where it stands.
    pub site: Option<&'a str>,
    /// Its tag.
    pub asset: &'a str,
}

impl Scope<'_> {
    fn is_named(&self, kind: Kind, name: &str) -> bool {
        let own = match kind {
            Kind::Class => self.class.name(),
            Kind::Product => self.product,
            Kind::Site => self.site.unwrap_or(""),
            Kind::Asset => self.asset,
        };
        own.trim().to_lowercase() == name.trim().to_lowercase()
    }
}

impl Policy {
    /// The tables that hold for a unit.
    pub(in crate::decide) fn overriding(&self, scope: &Scope<'_>) -> Overriding<'_> {
        self.all_overrides().filter(|(kind, name, _)| scope.is_named(*kind, name)).map(named).collect()
    }

    /// The names of all tables of overrides.
    pub(in crate::decide) fn overrides(&self) -> Overriding<'_> {
        self.all_overrides().map(named).collect()
    }

    /// The policy of the units for which these tables hold.
    pub(in crate::decide) fn overridden(&self, tables: &Overriding<'_>) -> Result<Policy, PolicyError> {
        if tables.is_empty() {
            return Ok(self.clone());
        }
        let mut base = self.to_table()?;
        let mut told = String::from("the policy");
        for (kind, name) in tables {
            if let Some(table) = self.overrides_of(*kind).get(*name) {
                lay_over(&mut base, table.clone());
                told.push_str(&format!(" with [{}.{name}]", kind.name()));
            }
        }
        let mut policy = Policy::from_table(&told, base)?;
        policy.register_currency = self.register_currency;
        policy.check(&told)?;
        Ok(policy)
    }

    /// The policy of a unit.
    pub fn of(&self, scope: &Scope<'_>) -> Result<Policy, PolicyError> {
        self.overridden(&self.overriding(scope))
    }

    /// Refuses overrides that name what nobody knows, what cannot differ, or a wild figure.
    pub(super) fn check_overrides(&self, file: &str) -> Result<(), PolicyError> {
        for (kind, name, table) in self.all_overrides() {
            let place = format!("{file} [{}.{name}]", kind.name());
            let refuse = |message: String| PolicyError::Unreadable { file: place.clone(), message };
            if kind == Kind::Class && AssetClass::from_name(&name.to_lowercase()).is_none() {
                let known: Vec<&str> = AssetClass::ALL.iter().map(|class| class.name()).collect();
                return Err(refuse(format!("unknown class, expected one of {}", known.join(", "))));
            }
            if let Some(key) = table.keys().find(|key| !MAY_DIFFER.contains(&key.as_str())) {
                let known = self.to_table()?.contains_key(key);
                return Err(refuse(if known {
                    format!("`{key}` holds for the whole plan and cannot differ by {}", kind.name())
                } else {
                    format!("unknown field `{key}`, expected one of {}", MAY_DIFFER.join(", "))
                }));
            }
            let mut base = self.to_table()?;
            lay_over(&mut base, table.clone());
            let policy = Policy::from_table(&place, base)?;
            policy.check(&place)?;
            if !policy.books.are_those_of(&self.books) {
                return Err(refuse(format!(
                    "the books, their order and their tax years hold for the whole plan: {}",
                    self.books.names().collect::<Vec<_>>().join(", ")
                )));
            }
        }
        Ok(())
    }

    fn overrides_of(&self, kind: Kind) -> &BTreeMap<String, toml::Table> {
        match kind {
            Kind::Class => &self.class,
            Kind::Product => &self.product,
            Kind::Site => &self.site,
            Kind::Asset => &self.asset,
        }
    }

    fn all_overrides(&self) -> impl Iterator<Item = (Kind, &str, &toml::Table)> {
        Kind::ALL.into_iter().flat_map(move |kind| {
            self.overrides_of(kind).iter().map(move |(name, table)| (kind, name.as_str(), table))
        })
    }

    /// The policy as a table.
    pub fn to_table(&self) -> Result<toml::Table, PolicyError> {
        toml::Table::try_from(self).map_err(|error| PolicyError::Unreadable {
            file: "the policy".to_owned(),
            message: error.to_string(),
        })
    }

    /// The policy of a table that holds all of it.
    pub(super) fn from_table(file: &str, table: toml::Table) -> Result<Policy, PolicyError> {
        table.try_into().map_err(|error: toml::de::Error| PolicyError::Unreadable {
            file: file.to_owned(),
            message: error.message().to_owned(),
        })
    }
}

fn named<'a>((kind, name, _): (Kind, &'a str, &toml::Table)) -> (Kind, &'a str) {
    (kind, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope<'a>(asset: &'a str, site: &'a str) -> Scope<'a> {
        Scope { class: AssetClass::Server, product: "Dell PowerEdge R740xd", site: Some(site), asset }
    }

    fn tariff(policy: &Policy, asset: &str, site: &str) -> f64 {
        policy.of(&scope(asset, site)).unwrap().energy.price_per_kwh
    }

    #[test]
    fn the_narrowest_table_wins() {
        let mine = "[class.server.energy]\nprice_per_kwh = 0.2\n[site.Berlin.energy]\nprice_per_kwh = 0.3\n\
                    [product.\"dell poweredge r740xd\".energy]\nprice_per_kwh = 0.25\n\
                    [asset.\"A-1\".energy]\nprice_per_kwh = 0.4\n";
        let policy = Policy::from_toml("mine.toml", mine).unwrap();
        assert_eq!(tariff(&policy, "A-1", "Berlin"), 0.4);
        assert_eq!(tariff(&policy, "A-2", "berlin"), 0.3);
        assert_eq!(tariff(&policy, "A-2", "Austin"), 0.25);
        let laptop = Scope { class: AssetClass::Laptop, product: "x", site: None, asset: "A-3" };
        assert_eq!(policy.of(&laptop).unwrap().energy.price_per_kwh, policy.energy.price_per_kwh);
    }

    #[test]
    fn a_bare_number_holds_for_every_class() {
        let policy =
            Policy::from_toml("mine.toml", "[asset.A1]\npower_w = 321\nrefresh_months = 30\n").unwrap();
        let of_one = policy.of(&scope("A1", "Berlin")).unwrap();
        assert_eq!(of_one.power_w.of(AssetClass::Server), Some(321.0));
        assert_eq!(of_one.refresh_months.of(AssetClass::Laptop), Some(30));
    }

    #[test]
    fn an_override_that_nobody_knows_or_that_cannot_differ_is_refused_by_name() {
        let refused = |text: &str| Policy::from_toml("mine.toml", text).unwrap_err().to_string();
        let misspelt = refused("[site.Berlin.energy]\nprice_per_kwhh = 0.3\n");
        assert!(misspelt.contains("[site.Berlin]") && misspelt.contains("price_per_kwhh"), "{misspelt}");
        let section = refused("[site.Berlin.enrgy]\nprice_per_kwh = 0.3\n");
        assert!(section.contains("enrgy"), "{section}");
        let whole = refused("[site.Berlin]\nhorizon_months = 12\n");
        assert!(whole.contains("cannot differ by site"), "{whole}");
        let class = refused("[class.laptp.energy]\npue = 1.2\n");
        assert!(class.contains("laptp"), "{class}");
        let wild = refused("[asset.A1.resell]\nshare = 2\n");
        assert_eq!(wild, "mine.toml [asset.A1]: resell.share = 2 must be between 0 and 1");
    }
}
