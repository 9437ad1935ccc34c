//! Assets that share everything that matters share one forecast and one decision.
//!
//! In: the fleet and the matcher. Out: [`Cohort`]s in the order of their first asset. Two assets are of one cohort
//! when product or model text, what a server holds, class, month of acquisition, cost, grade, site, status, load (to
//! 5 %), warranty, contract, lease, ownership, book terms and the month it must stay to are the same and neither is named in the policy.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::policy::Policy;
use crate::catalog::{AssetClass, Catalog, Identification, Matcher, Product, ProductId};
use crate::fleet::age::{SoldWhen, acquired_months};
use crate::fleet::holds::{Held, counted, in_model};
use crate::fleet::{AcquiredMonths, Asset, Fleet, Grade, Ownership, RegisterDate, Status};
use crate::price::parts::drive::Drive;
use crate::units::{Currency, Month};

/// The most cards of one machine.
const MOST_CARDS: u32 = 32;

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
    /// The drive it is, where it is one: no catalog names them.
    pub drive: Option<Drive>,
}

impl Cohort {
    /// Whether its model says what it is: a product of the catalog, or a drive.
    pub fn is_known(&self) -> bool {
        self.identification.product.is_some() || self.drive.is_some()
    }

    /// Whether one unit of it is to a decision what one of another is, but for its row in the register.
    pub(super) fn is_like(&self, other: &Cohort) -> bool {
        let facts = |cohort: &Cohort| {
            (
                cohort.identification.product,
                cohort.class,
                cohort.standing,
                cohort.accelerators,
                cohort.processor,
            )
        };
        facts(self) == facts(other) && self.label == other.label && self.acquired == other.acquired
    }
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
    let facts = Facts::of_fleet(fleet, catalog, matcher, as_of, policy);
    let mut positions: HashMap<Key<'_>, usize> = HashMap::new();
    let mut cohorts: Vec<Cohort> = Vec::new();
    for (index, (asset, facts)) in fleet.assets.iter().zip(&facts).enumerate() {
        let apart = !named.is_empty() && named.contains(&asset.id.trim().to_lowercase());
        match positions.entry(Key::of(asset, facts, apart)) {
            Entry::Occupied(entry) => {
                let cohort = &mut cohorts[*entry.get()];
                cohort.assets.push(index);
                cohort.units += u64::from(asset.quantity);
            }
            Entry::Vacant(entry) => {
                entry.insert(cohorts.len());
                cohorts.push(Cohort {
                    assets: vec![index],
                    units: u64::from(asset.quantity),
                    identification: facts.identification.as_ref().clone(),
                    class: facts.class,
                    label: facts.label.clone(),
                    standing: facts.standing,
                    acquired: facts.acquired.clone(),
                    accelerators: facts.accelerators,
                    processor: facts.processor,
                    drive: facts.drive,
                });
            }
        }
    }
    cohorts
}

/// What catalog and policy say of one asset.
struct Facts {
    identification: Arc<Identification>,
    class: AssetClass,
    label: String,
    standing: Standing,
    acquired: Option<AcquiredMonths>,
    accelerators: Option<(ProductId, u32)>,
    processor: Option<ProductId>,
    drive: Option<Drive>,
}

impl Facts {
    /// Of every asset, in order. Each different text is looked up once.
    fn of_fleet(
        fleet: &Fleet,
        catalog: &Catalog,
        matcher: &Matcher,
        as_of: Month,
        policy: &Policy,
    ) -> Vec<Facts> {
        let assets = &fleet.assets;
        let models: Vec<String> = assets.par_iter().map(Asset::full_model).collect();
        let named = models.iter().zip(assets).map(|(model, asset)| (model.as_str(), asset.class));
        let products = identified(named, matcher);
        let told = assets.iter().filter_map(|asset| asset.cpu.as_deref());
        let processors = identified(told.map(|text| (text, Some(AssetClass::Cpu))), matcher);
        let cards = places_of_cards(fleet);
        let of_asset = |(asset, model): (&Asset, &String)| {
            let identification = Arc::clone(&products[&(model.as_str(), asset.class)]);
            let product = identification.product.map(|id| catalog.get(id));
            let drive = drive(asset, product, model);
            let of_drive = drive.map(|_| AssetClass::Storage);
            let class = product.map(|product| product.class).or(of_drive).or(asset.class);
            let class = class.unwrap_or(AssetClass::Other);
            let processor = asset.cpu.as_deref().filter(|_| class == AssetClass::Server);
            Facts {
                class,
                label: match product {
                    Some(product) => product.name.clone(),
                    None if model.is_empty() => format!("unnamed {class}"),
                    None => model.clone(),
                },
                standing: Standing::of(asset, as_of),
                acquired: acquired(asset, class, product, catalog, policy, as_of),
                accelerators: accelerators(asset, product, class, matcher)
                    .filter(|_| !listed_apart(asset, &cards)),
                processor: processor.and_then(|text| processors[&(text, Some(AssetClass::Cpu))].product),
                drive,
                identification,
            }
        };
        assets.par_iter().zip(&models).map(of_asset).collect()
    }
}

/// The drive an asset is, unless the register or the catalog takes it for something else.
fn drive(asset: &Asset, product: Option<&Product>, model: &str) -> Option<Drive> {
    let may_be =
        product.is_none() && matches!(asset.class, None | Some(AssetClass::Storage | AssetClass::Other));
    may_be.then(|| Drive::named(model)).flatten()
}

/// A text of the register with the class it gives.
type Text<'a> = (&'a str, Option<AssetClass>);

/// What each different text is taken for.
fn identified<'a>(
    texts: impl Iterator<Item = Text<'a>>,
    matcher: &Matcher,
) -> HashMap<Text<'a>, Arc<Identification>> {
    let different: HashSet<Text<'a>> = texts.collect();
    let found = |(text, class): Text<'a>| ((text, class), Arc::new(matcher.identify(text, class)));
    different.into_par_iter().map(found).collect()
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
        let (_, name) = counted(gpu.trim(), MOST_CARDS);
        return Some((card(name)?, count));
    }
    let in_brackets = asset.model.as_deref().and_then(|model| model.split_once('(')).map(|(_, rest)| rest);
    let texts = [asset.gpu.as_deref(), product.and_then(|product| product.gpu.as_deref()), in_brackets];
    let told = texts.into_iter().flatten().find_map(|text| {
        let (count, name) = counted(text.trim().trim_end_matches(')'), MOST_CARDS);
        Some((card(name)?, count?))
    });
    let of_words = || {
        in_model(asset.model.as_deref()?).into_iter().find_map(|held| match held {
            Held::Accelerator(name, Some(count)) => Some((card(&name)?, count)),
            _ => None,
        })
    };
    told.or_else(of_words)
}

/// The accelerators that a product carries by the catalog: the card and how many.
pub(crate) fn cards_of(product: &Product, matcher: &Matcher) -> Option<(ProductId, u32)> {
    accelerators(&Asset::default(), Some(product), product.class, matcher)
}

/// Load as decisions see it: to the nearest 5 %.
pub(super) fn rounded_load(asset: &Asset) -> Option<f64> {
    asset.utilization.map(|load| (load * 20.0).round() / 20.0)
}

/// Amount and currency, to the bit.
type Amount = Option<(u64, Currency)>;

/// Processor as written, how many, memory and storage.
type Holds<'a> = (Option<&'a str>, Option<u32>, Option<u64>, Option<u64>);

/// Months of purchase with their probabilities, what they rest on, and what was set aside.
type Acquired<'a> = (Vec<(Month, u64)>, &'a str, &'a [String]);

/// Everything that tells the assets of two cohorts apart. Numbers are compared to the bit.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key<'a> {
    /// A server is worth what it holds.
    holds: Option<Holds<'a>>,
    label: &'a str,
    class: AssetClass,
    standing: Standing,
    accelerators: Option<(ProductId, u32)>,
    acquired: Option<Acquired<'a>>,
    in_service: Option<Month>,
    purchase_cost: Amount,
    grade: Option<Grade>,
    site: Option<&'a str>,
    /// Whether it is unused, and whether it is being mended.
    status: (bool, bool),
    load: Option<u64>,
    power_w: Option<u64>,
    warranty_end: Option<Month>,
    contract_end: Option<Month>,
    contract_monthly: Amount,
    contract_transferable: Option<bool>,
    lease_end: Option<Month>,
    ownership: Ownership,
    book_method: Option<&'a str>,
    book_life_months: Option<u32>,
    salvage: Amount,
    keep_until: Option<Month>,
    leave_by: Option<Month>,
    /// The name of an asset that stands apart.
    apart: Option<&'a str>,
}

impl<'a> Key<'a> {
    fn of(asset: &'a Asset, facts: &'a Facts, apart: bool) -> Key<'a> {
        let month = |date: Option<RegisterDate>| date.map(RegisterDate::month);
        let amount =
            |money: Option<(f64, Currency)>| money.map(|(amount, currency)| (amount.to_bits(), currency));
        let bits = |number: Option<f64>| number.map(f64::to_bits);
        let holds = || (asset.cpu.as_deref(), asset.cpu_count, bits(asset.ram_gb), bits(asset.storage_gb));
        let acquired = |acquired: &'a AcquiredMonths| {
            let support = acquired.support().iter().map(|(month, weight)| (*month, weight.to_bits()));
            (support.collect(), acquired.words(), acquired.set_aside())
        };
        Key {
            holds: (facts.class == AssetClass::Server).then(holds),
            label: &facts.label,
            class: facts.class,
            standing: facts.standing,
            accelerators: facts.accelerators,
            acquired: facts.acquired.as_ref().map(acquired),
            in_service: month(asset.in_service_date),
            purchase_cost: amount(asset.purchase_cost),
            grade: asset.grade,
            site: asset.site.as_deref(),
            status: (asset.is_idle(), asset.status == Status::InRepair),
            load: bits(rounded_load(asset)),
            power_w: bits(asset.power_w),
            warranty_end: month(asset.warranty_end),
            contract_end: month(asset.contract_end),
            contract_monthly: amount(asset.contract_monthly),
            contract_transferable: asset.contract_transferable,
            lease_end: month(asset.lease_end),
            ownership: asset.ownership,
            book_method: asset.book_method.as_deref(),
            book_life_months: asset.book_life_months,
            salvage: amount(asset.salvage),
            keep_until: asset.keep_until,
            leave_by: asset.leave_by,
            apart: apart.then_some(asset.id.as_str()),
        }
    }
}
