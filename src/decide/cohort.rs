//! Assets that share everything that matters share one forecast and one decision.
//!
//! In: the fleet and the matcher. Out: [`Cohort`]s in the order of their first asset. Two assets are of one cohort
//! when product or model text, what a server holds, class, month of acquisition, cost, grade, site, status, load (to
//! 5 %), warranty, contract, lease, ownership, book terms and the month it must stay to are the same and neither is named in the policy.

use std::collections::{HashMap, HashSet};

use super::policy::Policy;
use crate::catalog::{AssetClass, Catalog, Identification, Matcher, Product, ProductId};
use crate::fleet::age::{SoldWhen, acquired_months};
use crate::fleet::{AcquiredMonths, Asset, Fleet, Ownership, Status};
use crate::units::Month;

/// Whether an asset can be planned for at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Standing {
    InPlan,
    LegalHold,
    Missing,
    Gone,
    Personal,
    OnOrder,
    NotYetOwned,
}

impl Standing {
    /// The standing of an asset seen from a month.
    pub fn of(asset: &Asset, as_of: Month) -> Standing {
        match asset.status {
            Status::Gone => Standing::Gone,
            Status::Missing => Standing::Missing,
            Status::OnOrder => Standing::OnOrder,
            _ if asset.ownership == Ownership::Personal => Standing::Personal,
            _ if asset.acquired().is_some_and(|date| date.is_after(as_of)) => Standing::NotYetOwned,
            _ if asset.legal_hold => Standing::LegalHold,
            _ => Standing::InPlan,
        }
    }

    /// The words files use.
    pub const fn name(self) -> &'static str {
        match self {
            Standing::InPlan => "in plan",
            Standing::LegalHold => "legal hold",
            Standing::Missing => "missing",
            Standing::Gone => "already gone",
            Standing::Personal => "personally owned",
            Standing::OnOrder => "on order",
            Standing::NotYetOwned => "bought after the as-of month",
        }
    }
}

/// Assets with one forecast and one decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Cohort {
    /// Positions in [`Fleet::assets`], in order.
    pub assets: Vec<usize>,
    /// Units, quantities counted.
    pub units: u64,
    /// What the model text was taken for.
    pub identification: Identification,
    /// Kind of hardware: the product's, else the register's.
    pub class: AssetClass,
    /// Product name, or the register's own words.
    pub label: String,
    /// Whether it can be planned for.
    pub standing: Standing,
    /// When its units were bought, as far as anything says.
    pub acquired: Option<AcquiredMonths>,
    /// Accelerators a server carries: the card and how many.
    pub accelerators: Option<(ProductId, u32)>,
    /// The processor a server carries, when the catalog knows it.
    pub processor: Option<ProductId>,
}

/// Groups a fleet. Each different model text is looked up once.
///
/// Assets that the policy names stand apart.
pub(super) fn group(
    fleet: &Fleet,
    catalog: &Catalog,
    matcher: &Matcher,
    as_of: Month,
    policy: &Policy,
) -> Vec<Cohort> {
    let named: HashSet<String> = policy.asset.keys().map(|id| id.trim().to_lowercase()).collect();
    let mut known: HashMap<(String, Option<AssetClass>), Identification> = HashMap::new();
    let mut positions: HashMap<String, usize> = HashMap::new();
    let mut cohorts: Vec<Cohort> = Vec::new();
    let mut processors: HashMap<String, Option<ProductId>> = HashMap::new();
    let cards = places_of_cards(fleet);
    for (index, asset) in fleet.assets.iter().enumerate() {
        let model = asset.full_model();
        let identification = known
            .entry((model.clone(), asset.class))
            .or_insert_with(|| matcher.identify(&model, asset.class))
            .clone();
        let product = identification.product.map(|id| catalog.get(id));
        let class = product.map(|product| product.class).or(asset.class).unwrap_or(AssetClass::Other);
        let label = match product {
            Some(product) => product.name.clone(),
            None if model.is_empty() => format!("unnamed {class}"),
            None => model,
        };
        let standing = Standing::of(asset, as_of);
        let accelerators =
            accelerators(asset, product, class, matcher).filter(|_| !listed_apart(asset, &cards));
        let processor = asset.cpu.as_ref().filter(|_| class == AssetClass::Server).and_then(|text| {
            *processors
                .entry(text.clone())
                .or_insert_with(|| matcher.identify(text, Some(AssetClass::Cpu)).product)
        });
        let acquired = acquired(asset, class, product, catalog, policy, as_of);
        let mut key = key(asset, &label, class, standing, (accelerators, acquired.as_ref()));
        if !named.is_empty() && named.contains(&asset.id.trim().to_lowercase()) {
            key.push_str(&format!("|{}", asset.id));
        }
        match positions.entry(key) {
            std::collections::hash_map::Entry::Occupied(entry) => {
                let cohort = &mut cohorts[*entry.get()];
                cohort.assets.push(index);
                cohort.units += u64::from(asset.quantity);
            }
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(cohorts.len());
                cohorts.push(Cohort {
                    assets: vec![index],
                    units: u64::from(asset.quantity),
                    identification,
                    class,
                    label,
                    standing,
                    acquired,
                    accelerators,
                    processor,
                });
            }
        }
    }
    cohorts
}

/// When an asset was bought, by its own evidence and what the catalog knows of its product.
pub(super) fn acquired(
    asset: &Asset,
    class: AssetClass,
    product: Option<&Product>,
    catalog: &Catalog,
    policy: &Policy,
    as_of: Month,
) -> Option<AcquiredMonths> {
    let sold = SoldWhen {
        class,
        vendor: product.map(|product| product.vendor.as_str()),
        launch: product.and_then(|product| product.launch),
        successor_launch: product
            .and_then(|product| catalog.successor_launch(product))
            .map(|date| date.month),
        refresh_months: policy.refresh_months.of(class),
    };
    acquired_months(asset, &sold, as_of)
}

/// Places at which the register lists cards as assets of their own, by site and location.
pub(super) fn places_of_cards(fleet: &Fleet) -> HashSet<(&str, &str)> {
    fleet
        .assets
        .iter()
        .filter(|asset| asset.class == Some(AssetClass::Gpu))
        .filter_map(|asset| Some((asset.site.as_deref()?, asset.location.as_deref()?)))
        .collect()
}

/// Whether cards stand in the register at the place of a node, so that the node is a bare chassis.
pub(super) fn listed_apart(asset: &Asset, cards: &HashSet<(&str, &str)>) -> bool {
    match (asset.site.as_deref(), asset.location.as_deref()) {
        (Some(site), Some(place)) if site != place => cards.contains(&(site, place)),
        _ => false,
    }
}

/// The accelerators of a node: what the register says, else what the catalog says of the product, else what the
/// model text says ("8x H100 SXM5 80GB").
fn accelerators(
    asset: &Asset,
    product: Option<&Product>,
    class: AssetClass,
    matcher: &Matcher,
) -> Option<(ProductId, u32)> {
    if class != AssetClass::Server {
        return None;
    }
    if asset.gpu_count == Some(0) {
        return None;
    }
    let card = |text: &str| matcher.identify(text, Some(AssetClass::Gpu)).product;
    if let (Some(gpu), Some(count)) = (&asset.gpu, asset.gpu_count) {
        let name = counted(gpu).map_or(gpu.as_str(), |(_, name)| name);
        return Some((card(name)?, count));
    }
    let in_brackets = asset.model.as_deref().and_then(|model| model.split_once('(')).map(|(_, rest)| rest);
    let texts = [asset.gpu.as_deref(), product.and_then(|product| product.gpu.as_deref()), in_brackets];
    texts.into_iter().flatten().find_map(|text| {
        let (count, name) = counted(text.trim_end_matches(')'))?;
        Some((card(name)?, count))
    })
}

/// The accelerators that a product carries by the catalog: the card and how many.
pub(crate) fn cards_of(product: &Product, matcher: &Matcher) -> Option<(ProductId, u32)> {
    accelerators(&Asset::default(), Some(product), product.class, matcher)
}

/// `8x NVIDIA A100 SXM4 40GB` as a count and a name.
fn counted(text: &str) -> Option<(u32, &str)> {
    let (count, name) = text.split_once(['x', '×'])?;
    Some((count.trim().parse().ok().filter(|count| (1..=32).contains(count))?, name.trim()))
}

/// Load as decisions see it: to the nearest 5 %.
pub(super) fn rounded_load(asset: &Asset) -> Option<f64> {
    asset.utilization.map(|load| (load * 20.0).round() / 20.0)
}

fn key(
    asset: &Asset,
    label: &str,
    class: AssetClass,
    standing: Standing,
    (accelerators, acquired): (Option<(ProductId, u32)>, Option<&AcquiredMonths>),
) -> String {
    let month = |date: Option<crate::fleet::RegisterDate>| date.map(|date| date.month());
    // A server is worth what it holds.
    let holds = (class == AssetClass::Server).then_some((
        &asset.cpu,
        asset.cpu_count,
        asset.ram_gb,
        asset.storage_gb,
    ));
    format!(
        "{holds:?}|{label}|{class}|{standing:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}",
        accelerators,
        acquired.map(|acquired| (acquired.support(), acquired.words(), acquired.set_aside())),
        month(asset.in_service_date),
        asset.purchase_cost,
        asset.grade,
        asset.site,
        (asset.is_idle(), asset.status == Status::InRepair),
        rounded_load(asset),
        asset.power_w,
        month(asset.warranty_end),
        month(asset.contract_end),
        asset.contract_monthly,
        asset.contract_transferable,
        month(asset.lease_end),
        asset.ownership,
        asset.book_method,
        asset.book_life_months,
        asset.salvage,
        asset.keep_until,
    )
}
