//! One row of a settlement, as the vendor writes it: a line of units or a charge, or a row of totals.

use jiff::civil::Date;

use crate::outcome::{Disposition, Receipt, Sanitization};
use crate::units::Currency;

/// A fee of a line, positive for what the owner bears.
#[derive(Debug, Clone, PartialEq)]
pub struct Fee {
    /// Its kind, or its header where no list knows it.
    pub kind: String,
    /// Amount for all units of the line.
    pub amount: f64,
}

/// One line as the vendor writes it. Amounts are for all its units together.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct SettlementLine {
    /// Line of the file, from 1.
    pub file_line: u64,
    /// Which sheet or member; empty for a file that is one table.
    pub table: String,
    pub job: Option<String>,
    pub lot: Option<String>,
    /// The vendor's own number of the line.
    pub line: Option<u32>,
    /// The owner's request and its line, where the vendor echoes them.
    pub request: Option<String>,
    pub request_line: Option<u32>,
    /// As scanned.
    pub serial: Option<String>,
    /// As scanned, if it identifies a unit.
    pub serial_key: Option<String>,
    pub tag: Option<String>,
    /// Maker and model as the vendor saw them.
    pub model: Option<String>,
    /// The vendor's word for the kind.
    pub class: Option<String>,
    /// Whether the kind is a part of a device.
    pub is_part: bool,
    pub ram_gb: Option<f64>,
    pub storage_gb: Option<f64>,
    pub grade: Option<String>,
    pub grade_scheme: Option<String>,
    /// Functional and cosmetic codes together, `F4 C5`.
    pub codes: Option<String>,
    /// Serial numbers of its drives.
    pub drives: Vec<String>,
    pub receipt: Option<Receipt>,
    pub disposition: Disposition,
    pub sanitization: Sanitization,
    pub received: Option<Date>,
    pub sold: Option<Date>,
    pub quantity: u64,
    /// Named by the row or by a sign in its amounts.
    pub currency: Option<Currency>,
    /// None while unsold.
    pub gross: Option<f64>,
    pub fees: Vec<Fee>,
    /// Owner's share, 0 to 1.
    pub share: Option<f64>,
    pub net: Option<f64>,
}

impl SettlementLine {
    /// All fees together.
    pub fn fees_total(&self) -> f64 {
        self.fees.iter().map(|fee| fee.amount).sum()
    }
}

/// A row of sums or of a page's foot.
#[derive(Debug, Clone, PartialEq)]
pub struct TotalsRow {
    /// Which sheet or member.
    pub table: String,
    /// Line of the file.
    pub file_line: u64,
    /// What it calls itself.
    pub label: String,
    /// Sum of the gross prices.
    pub gross: Option<f64>,
    /// Sum of the fees, positive.
    pub fees: Option<f64>,
    /// Sum of the nets.
    pub net: Option<f64>,
    /// Lines above it in the file's order.
    pub lines_above: usize,
}

/// A cell that was read with a doubt, or set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// Line of the file.
    pub file_line: u64,
    /// Header of its column.
    pub column: String,
    /// The text.
    pub text: String,
    /// How it was read.
    pub message: String,
}
