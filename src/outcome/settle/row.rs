//! From the cells of a row to a line of a settlement.
//!
//! In: the cells of a row, what its columns are and how they write numbers and dates. Out: a [`SettlementLine`], a
//! [`TotalsRow`], or the reason why it is neither ([`Fault`]). What decides money and cannot be read rejects the row; what
//! cannot be read elsewhere is told as a [`Doubt`]. Fees are positive, whatever sign the vendor writes.

use jiff::civil::Date;

use super::layout::{Column, Columns, Layout};
use super::line::{Doubt, Fee, SettlementLine, TotalsRow};
use crate::fleet::amounts::{named_currency, plain_number, share};
use crate::fleet::tabular::{CellReader, Unreadable, memory_gb, storage_gb};
use crate::fleet::words::{fold, is_placeholder, is_total, serial, tag, without_escape};
use crate::outcome::{Disposition, Receipt, Sanitization};
use crate::units::Currency;

/// Most units of one line that are believed.
const MOST_UNITS: f64 = 1e6;

/// Amounts from this on are slips, in any currency.
const MOST_AMOUNT: f64 = 1e10;

/// Longest part of a row that a reject shows, characters.
const SHOWN: usize = 120;

/// Why a row is no line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub column: String,
    pub text: String,
    pub reason: String,
    pub remedy: &'static str,
}

/// How one table is written.
pub(super) struct Written<'a> {
    pub layout: &'a Layout,
    pub columns: &'a Columns,
    pub cells: CellReader,
    /// Whether fees are written as negative amounts.
    pub fees_negative: bool,
    /// Whether shares are written in per cent without a sign.
    pub share_in_percent: bool,
    /// Whether a column of the vendor's shares is.
    pub vendor_share_in_percent: bool,
    /// Currency that the headers of money name.
    pub currency: Option<Currency>,
}

/// What a row is.
#[derive(Debug)]
pub(super) enum RowRead {
    Line(Box<SettlementLine>),
    Totals(TotalsRow),
}

/// One row with its context.
pub(super) struct RowReader<'a> {
    pub written: &'a Written<'a>,
    pub table: &'a str,
    pub file_line: u64,
    pub cells: &'a [&'a str],
    pub doubts: Vec<Doubt>,
}

impl<'a> RowReader<'a> {
    /// Reads the row; `lines_above` lines came before it.
    pub(super) fn read(&mut self, lines_above: usize) -> Result<RowRead, Fault> {
        self.check_width()?;
        let first = self.cells.iter().find(|cell| !cell.is_empty()).copied().unwrap_or_default();
        let names_a_unit = [Column::Serial, Column::Tag].iter().any(|column| self.filled(*column).is_some());
        if is_total(first) && !names_a_unit {
            return self.totals(first, lines_above).map(RowRead::Totals);
        }
        self.line().map(|line| RowRead::Line(Box::new(line)))
    }

    fn check_width(&self) -> Result<(), Fault> {
        let (found, wanted) = (self.cells.len(), self.written.columns.width());
        let spare_is_empty = found > wanted && self.cells[wanted..].iter().all(|cell| cell.is_empty());
        if found == wanted || spare_is_empty {
            return Ok(());
        }
        let kind = if found < wanted { "short" } else { "long" };
        Err(Fault {
            column: String::new(),
            text: self.cells.join(" | ").chars().take(SHOWN).collect(),
            reason: format!("the row is too {kind}: {found} cells under {wanted} headers"),
            remedy: "quote cells that contain the delimiter or a line break, and export again",
        })
    }

    fn totals(&self, label: &str, lines_above: usize) -> Result<TotalsRow, Fault> {
        let mut fees = self.amount(Column::TotalFees)?.map(|(amount, _)| self.fee_sign(amount));
        for (_, position) in &self.written.columns.fees {
            if let Some((amount, _)) = self.amount_at(*position)?
                && self.written.columns.of(Column::TotalFees).is_empty()
            {
                fees = Some(fees.unwrap_or(0.0) + self.fee_sign(amount));
            }
        }
        Ok(TotalsRow {
            table: self.table.to_owned(),
            file_line: self.file_line,
            label: label.to_owned(),
            gross: self.amount(Column::Gross)?.map(|(amount, _)| amount),
            fees,
            net: self.amount(Column::Net)?.map(|(amount, _)| amount),
            lines_above,
        })
    }

    fn line(&mut self) -> Result<SettlementLine, Fault> {
        self.tell_ambiguous_amounts();
        let quantity = self.quantity()?;
        let (gross, gross_currency) = self.gross(quantity)?;
        let net = self.amount(Column::Net)?;
        let fees = self.fees()?;
        let share = self.share()?;
        let currency = self.currency(gross_currency.or(net.and_then(|(_, currency)| currency)))?;
        let model = self.model();
        let serial_text = self.text(Column::Serial);
        let tag = self.filled(Column::Tag).and_then(|(_, cell)| tag(cell));
        let has_money = gross.is_some() || net.is_some() || !fees.is_empty();
        if serial_text.is_none() && tag.is_none() && model.is_none() && !has_money {
            return Err(Fault {
                column: String::new(),
                text: self.cells.join(" | ").chars().take(SHOWN).collect(),
                reason: "the row names neither a unit nor an amount".to_owned(),
                remedy: "remove it, or fill in serial number, tag or model",
            });
        }
        let receipt = self.receipt();
        let (disposition, gross) = self.disposition(gross, receipt);
        let sanitization = self.sanitization();
        let class = self.text(Column::Class);
        Ok(SettlementLine {
            file_line: self.file_line,
            table: self.table.to_owned(),
            job: self.text(Column::Job),
            lot: self.text(Column::Lot),
            line: self.number(Column::Line),
            request: self.text(Column::Request),
            request_line: self.number(Column::RequestLine),
            serial_key: serial_text.as_deref().and_then(serial),
            serial: serial_text,
            tag,
            model,
            is_part: class.as_deref().is_some_and(|class| self.written.layout.is_part(class)),
            class,
            ram_gb: self.filled(Column::Ram).and_then(|(_, cell)| memory_gb(cell)),
            storage_gb: self.filled(Column::Storage).and_then(|(_, cell)| storage_gb(cell)),
            grade: self.text(Column::Grade),
            grade_scheme: self.text(Column::GradeScheme),
            codes: self.codes(),
            drives: self.drives(),
            receipt,
            disposition,
            sanitization,
            received: self.date(Column::Received),
            sold: self.date(Column::Sold),
            quantity,
            currency,
            gross,
            fees,
            share,
            net: net.map(|(amount, _)| amount),
        })
    }

    /// The first column that holds something, as position and text.
    fn filled(&self, column: Column) -> Option<(usize, &'a str)> {
        let positions = self.written.columns.of(column).iter();
        let mut cells = positions.filter_map(|position| Some((*position, *self.cells.get(*position)?)));
        cells.find(|(_, cell)| !is_placeholder(cell)).map(|(position, cell)| (position, without_escape(cell)))
    }

    /// The first column that has any text, placeholders such as `N/A` among them.
    fn written_text(&self, column: Column) -> Option<(usize, &'a str)> {
        let positions = self.written.columns.of(column).iter();
        let mut cells = positions.filter_map(|position| Some((*position, *self.cells.get(*position)?)));
        cells.find(|(_, cell)| !cell.is_empty())
    }

    fn text(&self, column: Column) -> Option<String> {
        self.filled(column).map(|(_, cell)| cell.to_owned())
    }

    fn number(&self, column: Column) -> Option<u32> {
        self.filled(column).and_then(|(_, cell)| cell.parse().ok())
    }

    fn fault(&self, position: usize, text: &str, reason: &str, remedy: &'static str) -> Fault {
        Fault {
            column: self.written.columns.header(position).to_owned(),
            text: text.chars().take(SHOWN).collect(),
            reason: reason.to_owned(),
            remedy,
        }
    }

    fn doubt(&mut self, position: usize, text: &str, message: impl Into<String>) {
        self.doubts.push(Doubt {
            file_line: self.file_line,
            column: self.written.columns.header(position).to_owned(),
            text: text.chars().take(SHOWN).collect(),
            message: message.into(),
        });
    }

    /// The amount of a column, with the currency its cell names.
    fn amount(&self, column: Column) -> Result<Option<(f64, Option<Currency>)>, Fault> {
        for position in self.written.columns.of(column) {
            if let Some(amount) = self.amount_at(*position)? {
                return Ok(Some(amount));
            }
        }
        Ok(None)
    }

    fn amount_at(&self, position: usize) -> Result<Option<(f64, Option<Currency>)>, Fault> {
        const REMEDY: &str = "write a plain number, for example 214.00, and the currency in its own column";
        let Some(cell) = self.cells.get(position) else { return Ok(None) };
        match self.written.cells.amount(position, cell) {
            Ok(Some(amount)) if amount.value.abs() >= MOST_AMOUNT => {
                Err(self.fault(position, cell, "too large to be an amount of a line", REMEDY))
            }
            Ok(amount) => Ok(amount.map(|amount| (amount.value, amount.currency))),
            Err(Unreadable) => Err(self.fault(position, cell, "not an amount of money", REMEDY)),
        }
    }

    /// `1.389` is read as thousands; where no other cell of its column says so, it is told.
    fn tell_ambiguous_amounts(&mut self) {
        for position in self.written.columns.amounts() {
            let Some(cell) = self.cells.get(position) else { continue };
            if let Ok(Some(amount)) = self.written.cells.amount(position, cell)
                && amount.ambiguous
            {
                self.doubt(
                    position,
                    cell,
                    format!("could be thousands or a decimal; read as {}", amount.value),
                );
            }
        }
    }

    fn fee_sign(&self, amount: f64) -> f64 {
        if self.written.fees_negative { -amount } else { amount }
    }

    fn quantity(&self) -> Result<u64, Fault> {
        let Some((position, cell)) = self.filled(Column::Quantity) else { return Ok(1) };
        let plain = cell.replace(',', ".");
        match plain_number(&plain) {
            Some(count)
                if (1.0..=MOST_UNITS).contains(&count) && count.fract() == 0.0 && !cell.starts_with('-') =>
            {
                Ok(count as u64)
            }
            _ => Err(self.fault(position, cell, "not a number of units", "write a whole number from 1")),
        }
    }

    fn gross(&self, quantity: u64) -> Result<(Option<f64>, Option<Currency>), Fault> {
        if let Some((gross, currency)) = self.amount(Column::Gross)? {
            return Ok((Some(gross), currency));
        }
        let each = self.amount(Column::UnitPrice)?;
        Ok((each.map(|(price, _)| price * quantity as f64), each.and_then(|(_, currency)| currency)))
    }

    /// Every fee that is not zero. A total beside its parts must be their sum; what is missing is a fee of its own.
    fn fees(&mut self) -> Result<Vec<Fee>, Fault> {
        let mut fees = Vec::new();
        for (kind, position) in &self.written.columns.fees {
            if let Some((amount, _)) = self.amount_at(*position)?.filter(|(amount, _)| *amount != 0.0) {
                fees.push(Fee { kind: kind.clone(), amount: self.fee_sign(amount) });
            }
        }
        let Some((total, _)) = self.amount(Column::TotalFees)? else { return Ok(fees) };
        let rest = self.fee_sign(total) - fees.iter().map(|fee| fee.amount).sum::<f64>();
        if rest.abs() > 0.005 {
            if !fees.is_empty()
                && let Some(position) = self.written.columns.of(Column::TotalFees).first().copied()
            {
                let text = self.cells.get(position).copied().unwrap_or_default();
                self.doubt(
                    position,
                    text,
                    format!(
                        "the fees of the line add up to {rest:.2} less; the rest is taken as a fee of its own"
                    ),
                );
            }
            fees.push(Fee { kind: "other".to_owned(), amount: rest });
        }
        Ok(fees)
    }

    fn share(&self) -> Result<Option<f64>, Fault> {
        const REMEDY: &str = "write 65%, 65 or 0.65";
        let no_share =
            |position: usize, cell: &str| self.fault(position, cell, "not a share of 0 to 100 %", REMEDY);
        if let Some((position, cell)) = self.filled(Column::Share) {
            let value = share(cell, self.written.share_in_percent).ok_or_else(|| no_share(position, cell))?;
            return Ok(Some(value));
        }
        let Some((position, cell)) = self.filled(Column::VendorShare) else { return Ok(None) };
        let value =
            share(cell, self.written.vendor_share_in_percent).ok_or_else(|| no_share(position, cell))?;
        Ok(Some(1.0 - value))
    }

    /// The row's currency, else the sign's in its amounts, else the header's. A bare `$` is whatever dollar the row names.
    fn currency(&self, in_cell: Option<Currency>) -> Result<Option<Currency>, Fault> {
        let stated = match self.filled(Column::Currency) {
            Some((position, cell)) => {
                let remedy = "write three letters, for example USD";
                let currency = named_currency(cell)
                    .map_err(|_| self.fault(position, cell, "not a currency code", remedy))?;
                Some(currency)
            }
            None => None,
        };
        Ok(stated.or(in_cell).or(self.written.currency))
    }

    /// Maker and model; the maker once.
    fn model(&self) -> Option<String> {
        let model = self.text(Column::Model);
        let Some(maker) = self.text(Column::Manufacturer) else { return model };
        let Some(model) = model else { return Some(maker) };
        let named = fold(&model).starts_with(&fold(&maker));
        Some(if named { model } else { format!("{maker} {model}") })
    }

    fn codes(&self) -> Option<String> {
        let codes = [Column::Functional, Column::Cosmetic].into_iter().filter_map(|column| self.text(column));
        let codes = codes.collect::<Vec<_>>().join(" ");
        (!codes.is_empty()).then_some(codes)
    }

    fn drives(&self) -> Vec<String> {
        let Some((_, cell)) = self.filled(Column::Drives) else { return Vec::new() };
        let parts = cell.split([';', ',', '|', '/', '\n', ' ']);
        parts.filter_map(serial).collect()
    }

    fn date(&mut self, column: Column) -> Option<Date> {
        let (position, cell) = self.filled(column)?;
        match self.written.cells.date(position, cell) {
            Ok(date) => {
                let date = date?;
                if let Some(other) = date.other {
                    self.doubt(position, cell, format!("read as {}, and could be {other}", date.date));
                }
                Some(date.date)
            }
            Err(Unreadable) => {
                self.doubt(position, cell, "no day of the calendar: read as none");
                None
            }
        }
    }

    /// Whether it arrived: by the vendor's word for it, else by a disposition that says so. A remark is believed only when it
    /// says that the unit is an extra or another: `short` may be any defect.
    fn receipt(&self) -> Option<Receipt> {
        let layout = self.written.layout;
        let told =
            [Column::Receipt, Column::Disposition].into_iter().filter_map(|column| self.filled(column));
        let mut told = told.filter_map(|(_, cell)| layout.receipt(cell));
        let remark = || {
            let (_, cell) = self.filled(Column::Remarks)?;
            let parts = std::iter::once(cell).chain(cell.split([';', ',']));
            parts
                .filter_map(|part| layout.receipt(part))
                .find(|receipt| matches!(receipt, Receipt::Extra | Receipt::Substituted))
        };
        told.next().or_else(remark)
    }

    /// What became of it, and its price if it was sold. A word that is not known is told; the price then decides.
    fn disposition(&mut self, gross: Option<f64>, receipt: Option<Receipt>) -> (Disposition, Option<f64>) {
        let layout = self.written.layout;
        let cells = [Column::Disposition, Column::Receipt].map(|column| self.filled(column));
        let known = cells.iter().flatten().find_map(|(_, cell)| layout.disposition(cell));
        let by_price = match gross {
            Some(price) if price != 0.0 => Disposition::Sold,
            _ => Disposition::Pending,
        };
        let disposition = known.unwrap_or(match receipt {
            Some(Receipt::NotReceived) => Disposition::Lost,
            _ => by_price,
        });
        if let Some((position, cell)) =
            cells[0].filter(|(_, cell)| known.is_none() && layout.receipt(cell).is_none())
        {
            let read =
                if by_price == Disposition::Sold { "sold, for it has a price" } else { "not sold yet" };
            self.doubt(position, cell, format!("no known disposition: read as {read}"));
        }
        let listed = gross.filter(|price| disposition == Disposition::Pending && *price != 0.0);
        if let (Some(price), Some(position)) =
            (listed, self.written.columns.of(Column::Gross).first().copied())
        {
            self.doubt(position, &price.to_string(), "the price of a unit not sold yet: not counted");
        }
        let is_sale = matches!(
            disposition,
            Disposition::Sold | Disposition::SoldWithoutDrives | Disposition::SoldAsParts
        );
        (disposition, gross.filter(|price| is_sale || (*price != 0.0 && disposition != Disposition::Pending)))
    }

    fn sanitization(&mut self) -> Sanitization {
        let Some((position, cell)) = self.written_text(Column::WipeResult) else {
            return Sanitization::Unknown;
        };
        match self.written.layout.sanitization(cell) {
            Some(result) => result,
            None if is_placeholder(cell) => Sanitization::Unknown,
            None => {
                self.doubt(position, cell, "no known result of an erasure: read as unknown");
                Sanitization::Unknown
            }
        }
    }
}
