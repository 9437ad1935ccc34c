//! What was handed over, and what came of it.
//!
//! Both are plain records: a [`HandedOver`] is written when units leave with a forecast, an [`Outcome`] when a settlement
//! speaks of them. Amounts of a line are for all its units together, quantiles for one unit.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::catalog::AssetClass;
use crate::decide::{Fate, FeesOrder};
use crate::units::{Currency, Month, Quantiles};

/// The terms agreed with a vendor.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    /// Owner's share of the sale, 0 to 1; 1 for what is bought outright.
    pub share: f64,
    /// Where fees come off.
    pub fees: FeesOrder,
}

impl Terms {
    /// What the owner keeps of a sale: `s · (G − F)` with fees before the split, `s · G − F` with fees after it.
    pub fn net(&self, gross: f64, fees: f64) -> f64 {
        self.fees.net(self.share, gross, fees)
    }
}

/// A forecast as it was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForecastMade {
    /// Month in which it was made.
    pub made: Month,
    /// Month it speaks of.
    pub month: Month,
    /// Price of one unit in its channel, before share and fees.
    pub gross: Quantiles,
    /// What the owner keeps of one unit.
    pub net: Quantiles,
    /// What it rests on, as the forecast says it.
    pub basis: String,
    /// Version of the program and fingerprint of the models.
    pub model: String,
}

/// A forecast that somebody replaced by a figure of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Overridden {
    /// What the owner keeps of one unit, as they see it.
    pub net: f64,
    /// Who.
    pub by: String,
    /// Why.
    pub why: String,
}

/// A line that was handed over to a vendor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HandedOver {
    /// The valuation request it went out with.
    pub request: String,
    /// Its line there, from 1.
    pub line: u32,
    /// The asset.
    pub asset: String,
    /// Serial number.
    pub serial: Option<String>,
    /// Asset tag.
    pub tag: Option<String>,
    /// Kind of hardware.
    pub class: AssetClass,
    /// Product, or the register's own words.
    pub product: String,
    /// Units.
    pub quantity: u64,
    /// Grade it left with, by letter; none where nobody looked.
    pub grade: Option<String>,
    /// Whether it holds data that has to be erased.
    pub data_bearing: bool,
    /// Day it is handed over.
    pub handed_over: Date,
    /// Route, by the word of files.
    pub route: String,
    /// Currency of all amounts.
    pub currency: Currency,
    /// What was agreed.
    pub terms: Terms,
    /// What was expected of it; none where nothing speaks of its price.
    pub forecast: Option<ForecastMade>,
    /// What somebody put in its place.
    pub overridden: Option<Overridden>,
}

/// Whether a line of a settlement arrived as it was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Receipt {
    /// As handed over.
    Received,
    /// Handed over and not seen by the vendor.
    NotReceived,
    /// Seen by the vendor and never handed over.
    Extra,
    /// Another model or configuration than handed over.
    Substituted,
}

/// What became of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// Sold whole.
    Sold,
    /// Sold whole but for its drives.
    SoldWithoutDrives,
    /// Its parts sold.
    SoldAsParts,
    /// Put to use again in the house.
    Redeployed,
    /// Given away.
    Donated,
    /// Given back to the lessor.
    ReturnedToLessor,
    /// Recycled.
    Recycled,
    /// Destroyed.
    Destroyed,
    /// Not sold yet. Never counted as nothing.
    Pending,
    /// Lost.
    Lost,
}

impl From<Disposition> for Fate {
    fn from(disposition: Disposition) -> Fate {
        match disposition {
            Disposition::Sold | Disposition::SoldWithoutDrives | Disposition::Donated => Fate::Reused,
            Disposition::Redeployed => Fate::Redeployed,
            Disposition::SoldAsParts => Fate::Parts,
            Disposition::Recycled | Disposition::Destroyed => Fate::Recycled,
            Disposition::ReturnedToLessor => Fate::Returned,
            Disposition::Pending | Disposition::Lost => Fate::Open,
        }
    }
}

/// What the erasure of its drives came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sanitization {
    /// Every drive erased.
    Passed,
    /// A drive could not be erased.
    Failed,
    /// A drive could not be erased and was destroyed.
    FailedAndDestroyed,
    /// It holds no data.
    NotRequired,
    /// The settlement does not say.
    Unknown,
}

/// One line of a settlement, read and matched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// SHA-256 of the settlement file.
    pub settlement: String,
    /// Line of the file, from 1.
    pub file_line: u64,
    /// The vendor's job.
    pub job: Option<String>,
    /// Request and line it was matched to; none for an extra.
    pub handed_over: Option<(String, u32)>,
    /// Serial number as the vendor scanned it.
    pub serial: Option<String>,
    /// Asset tag as the vendor scanned it.
    pub tag: Option<String>,
    /// Maker and model as the vendor saw them.
    pub audited_model: Option<String>,
    /// Grade as the vendor gave it.
    pub grade: Option<String>,
    /// Whether it arrived.
    pub receipt: Receipt,
    /// What became of it.
    pub disposition: Disposition,
    /// Erasure of its drives.
    pub sanitization: Sanitization,
    /// Day of arrival.
    pub received: Option<Date>,
    /// Day of sale.
    pub sold: Option<Date>,
    /// Units of the line.
    pub quantity: u64,
    /// Currency of all amounts.
    pub currency: Currency,
    /// Gross price; none while unsold.
    pub gross: Option<f64>,
    /// All fees together.
    pub fees: f64,
    /// Owner's share as the settlement states it.
    pub share_stated: Option<f64>,
    /// What the settlement pays.
    pub net_stated: Option<f64>,
    /// What the agreed terms give; none where nothing was sold.
    pub net_agreed: Option<f64>,
    /// Whether the line is disputed; a disputed line teaches nothing.
    pub disputed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fees_before_and_after_the_split_give_the_two_published_nets() {
        let net = |fees| Terms { share: 0.65, fees }.net(214.0, 15.65);
        assert_eq!(format!("{:.2}", net(FeesOrder::BeforeSplit)), "128.93");
        assert_eq!(format!("{:.2}", net(FeesOrder::AfterSplit)), "123.45");
    }
}
