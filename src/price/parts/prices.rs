//! What single parts fetch in a month, by the models of their classes.
//!
//! In: the fitted models of processors, memory and drives. Out: the log price of one part in dollars with its
//! variance, cut into what the market shares, what its like share (`product`) and what is the luck of one sale (`unit`).

use std::f64::consts::LN_2;

use super::drive::{Drive, DriveKind};
use crate::catalog::{AssetClass, Product};
use crate::price::features;
use crate::price::hedonic::HedonicModel;
use crate::price::market_moves::move_in;
use crate::price::model::{Fitted, Models};
use crate::units::Month;

/// Spread between processors of a generation in log price: cores and clocks are not known.
const UNKNOWN_PROCESSOR_SD: f64 = 0.8;

/// Spread of the price of a drive whose kind is not known: half the distance between disks and flash of one size.
const UNKNOWN_KIND_SD: f64 = LN_2 / 2.0;

/// Log price of one part, dollars.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PartPrice {
    /// Mean log price.
    pub mean_log: f64,
    /// Variance of a published move of the market.
    pub market_variance: f64,
    /// Variance that all parts of the kind share.
    pub product_variance: f64,
    /// Variance of one sale.
    pub unit_variance: f64,
}

/// The models of parts.
#[derive(Debug, Clone, Copy)]
pub struct PartModels<'a> {
    processors: OfClass<'a>,
    memory: OfClass<'a>,
    drives: OfClass<'a>,
    /// Whether moves of the market, published or of a scenario, act.
    moved: bool,
}

/// The regression of a class, and the log of the factor that a scenario puts on its prices.
#[derive(Debug, Clone, Copy)]
struct OfClass<'a> {
    model: &'a HedonicModel,
    log_factor: f64,
    /// Where the moves of a scenario are found, if any act.
    moved_by: Option<&'a Models>,
}

impl OfClass<'_> {
    /// Log of the factor that the moves of a scenario put on a part.
    fn shock(&self, class: AssetClass, product: Option<&Product>, month: Month) -> f64 {
        self.moved_by.map_or(0.0, |models| models.shock_of_part(class, product, month))
    }
}

impl<'a> PartModels<'a> {
    /// The models of parts among the models in use; `None` when one of them is missing.
    pub fn of(models: &'a Models) -> Option<PartModels<'a>> {
        Some(PartModels {
            processors: regression(models, AssetClass::Cpu)?,
            memory: regression(models, AssetClass::Memory)?,
            drives: regression(models, AssetClass::Storage)?,
            moved: true,
        })
    }

    /// The same without moves of the market.
    pub(in crate::price) fn without_moves(mut self) -> PartModels<'a> {
        for of_class in [&mut self.processors, &mut self.memory, &mut self.drives] {
            of_class.log_factor = 0.0;
            of_class.moved_by = None;
        }
        PartModels { moved: false, ..self }
    }

    /// A processor, or one of which only the launch of its machine is known.
    pub(in crate::price) fn processor(
        &self,
        product: Option<&Product>,
        machine_launch: Month,
        month: Month,
    ) -> PartPrice {
        let launch = product.and_then(|product| product.launch).map_or(machine_launch, |date| date.month);
        let age_years = f64::from(month.months_since(launch)) / 12.0;
        let row = features::of_product(product, age_years, month);
        let mut price = priced(self.processors, product.map(|product| product.name.as_str()), &row);
        price.mean_log += self.processors.shock(AssetClass::Cpu, product, month);
        if product.is_none() {
            price.product_variance += UNKNOWN_PROCESSOR_SD.powi(2);
        }
        price
    }

    /// A registered module of a size and generation.
    pub(in crate::price) fn module(&self, size_gb: f64, generation: &str, month: Month) -> PartPrice {
        let mut module = Product::named("module", AssetClass::Memory);
        module.generation = generation.to_owned();
        module.family = format!("{generation} RDIMM");
        module.ram_gb = Some(size_gb);
        let mut price = priced(self.memory, None, &features::of_product(Some(&module), 0.0, month));
        price.mean_log += self.memory.shock(AssetClass::Memory, Some(&module), month);
        if self.moved
            && let Some(moved) = move_in(AssetClass::Memory, month)
        {
            price.mean_log += moved.log;
            price.market_variance += moved.sd_log.powi(2);
        }
        price
    }

    /// A drive; of one whose kind is not known the middle between disk and flash.
    pub(in crate::price) fn drive(&self, kind: Option<DriveKind>, terabytes: f64, month: Month) -> PartPrice {
        let shock = self.drives.shock(AssetClass::Storage, None, month);
        let of_kind = |kind| {
            let price = priced(self.drives, None, &Drive { kind, terabytes }.facts(month));
            PartPrice { mean_log: price.mean_log + shock, ..price }
        };
        match kind {
            Some(kind) => of_kind(kind),
            None => {
                let (disk, flash) = (of_kind(DriveKind::Disk), of_kind(DriveKind::Flash));
                let apart = 0.5 * (disk.mean_log - flash.mean_log);
                PartPrice {
                    mean_log: 0.5 * (disk.mean_log + flash.mean_log),
                    market_variance: disk.market_variance,
                    product_variance: disk.product_variance.max(flash.product_variance)
                        + apart.powi(2).max(UNKNOWN_KIND_SD.powi(2)),
                    unit_variance: disk.unit_variance.max(flash.unit_variance),
                }
            }
        }
    }
}

fn regression(models: &Models, class: AssetClass) -> Option<OfClass<'_>> {
    match &models.statistics(class)?.fitted {
        Fitted::Hedonic { model, .. } => Some(OfClass {
            model,
            log_factor: models.log_factor(class),
            moved_by: models.is_shocked().then_some(models),
        }),
        _ => None,
    }
}

fn priced(of_class: OfClass<'_>, product: Option<&str>, row: &[(String, f64)]) -> PartPrice {
    let found = of_class.model.predict(product, row);
    PartPrice {
        mean_log: found.regression + found.product + of_class.log_factor,
        market_variance: 0.0,
        product_variance: found.curve_variance + found.product_variance,
        unit_variance: of_class.model.listing_sd.powi(2),
    }
}
