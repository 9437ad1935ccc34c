//! The range of every figure of a policy.

use std::collections::BTreeMap;

use super::{ByClass, Policy, PolicyError, SaleRoute};
use crate::decide::schedule::limits::is_quarter;

/// The most an amount of money may be.
const AMOUNT: f64 = 1e6;

/// Name, value, least and most of a figure.
pub(super) type Figure = (&'static str, f64, f64, f64);

/// The names of the figures of a way to sell.
macro_rules! sale_figures {
    ($route:literal) => {
        [
            concat!($route, ".channel_factor"),
            concat!($route, ".share"),
            concat!($route, ".fee_before_split"),
            concat!($route, ".fee_after_split"),
            concat!($route, ".sold_monthly"),
            concat!($route, ".longest_months"),
            concat!($route, ".paid_after_months"),
        ]
    };
}

impl Policy {
    pub(super) fn check(&self, file: &str) -> Result<(), PolicyError> {
        let figures = [
            self.general(),
            self.of_holding(),
            self.of_routes(),
            self.of_leases_and_rents(),
            of_sale(sale_figures!("resell"), &self.resell),
            of_sale(sale_figures!("retail"), &self.retail),
            of_sale(sale_figures!("wholesale"), &self.wholesale),
            of_sale(sale_figures!("buy_back"), &self.buy_back),
            self.of_schedule(),
            self.gaps.figures(),
            self.books.figures(),
            self.lot.figures(),
            of_sale(sale_figures!("lot.retail"), &self.lot.retail),
            of_sale(sale_figures!("lot.wholesale"), &self.lot.wholesale),
            self.by_class(),
        ];
        for (name, value, least, most) in figures.into_iter().flatten() {
            if !(least..=most).contains(&value) {
                return Err(PolicyError::OutOfRange { file: file.to_owned(), name, value, least, most });
            }
        }
        if let Some(message) = self.lot.fault() {
            return Err(PolicyError::Unreadable { file: file.to_owned(), message });
        }
        match self.budget.keys().find(|quarter| !is_quarter(quarter)) {
            Some(quarter) => Err(PolicyError::Unreadable {
                file: file.to_owned(),
                message: format!("budget: `{quarter}` is not a quarter: write it as \"2027 Q1\""),
            }),
            None => Ok(()),
        }
    }

    fn of_schedule(&self) -> Vec<Figure> {
        let each = |name: &'static str, values: &BTreeMap<String, f64>, least: f64, most: f64| {
            values.values().map(|value| (name, *value, least, most)).collect::<Vec<Figure>>()
        };
        let depth = vec![("depth.price_fall", self.depth.price_fall, 0.0, 1.0)];
        [
            depth,
            each("depth.products", &self.depth.products, 1.0, 1e9),
            each("budget", &self.budget, 0.0, 1e12),
        ]
        .concat()
    }

    fn general(&self) -> Vec<Figure> {
        vec![
            ("discount_rate_yearly", self.discount_rate_yearly, 0.001, 1.0),
            ("horizon_months", f64::from(self.horizon_months), 1.0, 120.0),
            ("window_tolerance", self.window_tolerance, 0.0, 1.0),
            ("challenger.price_factor", self.challenger.price_factor, 0.01, 100.0),
            ("challenger.generation_gain", self.challenger.generation_gain, 0.1, 20.0),
            ("challenger.target_utilization", self.challenger.target_utilization, 0.01, 1.0),
        ]
    }

    fn of_holding(&self) -> Vec<Figure> {
        vec![
            ("energy.price_per_kwh", self.energy.price_per_kwh, 0.0, AMOUNT),
            ("energy.pue", self.energy.pue, 1.0, 5.0),
            ("energy.idle_share", self.energy.idle_share, 0.0, 1.0),
            ("energy.usual_utilization", self.energy.usual_utilization, 0.0, 1.0),
            ("space.price_per_unit_monthly", self.space.price_per_unit_monthly, 0.0, AMOUNT),
            ("maintenance.yearly_growth", self.maintenance.yearly_growth, 0.0, 1.0),
            ("maintenance.share_in_warranty", self.maintenance.share_in_warranty, 0.0, 1.0),
            ("maintenance.growing_years", self.maintenance.growing_years, 0.0, 30.0),
            ("maintenance.warranty_months", f64::from(self.maintenance.warranty_months), 0.0, 240.0),
            ("maintenance.contract_step", self.maintenance.contract_step, 0.0, 5.0),
            ("idle.storage_monthly", self.idle.storage_monthly, 0.0, AMOUNT),
            ("idle.shrinkage_monthly", self.idle.shrinkage_monthly, 0.0, 0.5),
        ]
    }

    fn of_routes(&self) -> Vec<Figure> {
        let demand = self.redeploy.demand.iter().filter_map(|demand| demand.avoided_price);
        let mut figures = vec![
            ("parts.kept_share", self.parts.kept_share, 0.0, 1.0),
            ("parts.teardown_per_part", self.parts.teardown_per_part, 0.0, AMOUNT),
            ("donate.tax_share", self.donate.tax_share, 0.0, 1.0),
            ("recycle.cost", self.recycle.cost, 0.0, AMOUNT),
            ("destroy.cost", self.destroy.cost, 0.0, AMOUNT),
            ("redeploy.moving", self.redeploy.moving, 0.0, AMOUNT),
            ("upgrade.upkeep_factor", self.upgrade.upkeep_factor, 0.0, 2.0),
            ("disposal.drive_fee", self.disposal.drive_fee, 0.0, AMOUNT),
            ("disposal.without_drives_factor", self.disposal.without_drives_factor, 0.01, 1.0),
            ("disposal.locked_months", f64::from(self.disposal.locked_months), 0.0, 1200.0),
        ];
        figures.extend(demand.map(|price| ("redeploy.demand.avoided_price", price, 0.0, AMOUNT)));
        figures
    }

    fn of_leases_and_rents(&self) -> Vec<Figure> {
        let mut figures = vec![
            ("lease.return_cost", self.lease.return_cost, 0.0, AMOUNT),
            ("lease.buy_out_share", self.lease.buy_out_share, 0.0, 2.0),
            ("lease.buy_out_price", self.lease.buy_out_price, 0.0, AMOUNT),
            ("rental.owner_share", self.rental.owner_share, 0.0, 1.0),
            ("rental.occupancy", self.rental.occupancy, 0.0, 1.0),
            ("rental.decline_yearly", self.rental.decline_yearly, 0.0, 0.9),
        ];
        figures.extend(self.rental.factors.values().map(|factor| ("rental.factors", *factor, 0.0, 100.0)));
        figures.extend(self.rental.hourly.values().map(|price| ("rental.hourly", *price, 0.0, AMOUNT)));
        figures
    }

    /// Figures that are given by class.
    fn by_class(&self) -> Vec<Figure> {
        fn each<T: Copy + Into<f64>>(
            name: &'static str,
            values: &ByClass<T>,
            least: f64,
            most: f64,
        ) -> Vec<Figure> {
            values.values().map(|value| (name, value.into(), least, most)).collect()
        }
        [
            each("power_w", &self.power_w, 0.0, 1e5),
            each("refresh_months", &self.refresh_months, 1.0, 240.0),
            each("space.units", &self.space.units, 0.0, 100.0),
            each("maintenance.yearly_share", &self.maintenance.yearly_share, 0.0, 1.0),
            each("maintenance.contract_yearly_share", &self.maintenance.contract_yearly_share, 0.0, 1.0),
            each("failure.shape", &self.failure.shape, 0.1, 10.0),
            each("failure.scale_years", &self.failure.scale_years, 0.1, 1e4),
            each("failure.repair_share", &self.failure.repair_share, 0.0, 1.0),
            each("failure.lost_service", &self.failure.lost_service, 0.0, AMOUNT),
            each("software.yearly", &self.software.yearly, 0.0, AMOUNT),
            each("upgrade.cost", &self.upgrade.cost, 0.0, AMOUNT),
            each("upgrade.months", &self.upgrade.months, 0.0, 120.0),
            each("handling", &self.handling, 0.0, AMOUNT),
            each("price_factor", &self.price_factor, 0.01, 100.0),
            each("challenger.price_decline_yearly", &self.challenger.price_decline_yearly, 0.0, 0.9),
            each("depth.units_a_month", &self.depth.units_a_month, 1.0, 1e9),
            each("contracts.extension", &self.contracts.extension, 0.0, 1e9),
        ]
        .concat()
    }
}

fn of_sale(names: [&'static str; 7], terms: &SaleRoute) -> Vec<Figure> {
    let [channel, share, before, after, sold, longest, paid] = names;
    vec![
        (channel, terms.channel_factor, 0.01, 2.0),
        (share, terms.share, 0.0, 1.0),
        (before, terms.fee_before_split, 0.0, AMOUNT),
        (after, terms.fee_after_split, 0.0, AMOUNT),
        (sold, terms.sold_monthly, 0.01, 1.0),
        (longest, f64::from(terms.longest_months), 1.0, 36.0),
        (paid, f64::from(terms.paid_after_months), 0.0, 24.0),
    ]
}
