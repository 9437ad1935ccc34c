//! Tables that are no registers, read with the same care.
//!
//! In: the bytes of any file that [`super::table`] reads, and what a record is worth as a header. Out: [`TextTable`]s of text
//! cells with their lines, and a [`CellReader`] that reads amounts and dates by what their whole column says. What the columns
//! mean is the caller's affair: a settlement, an erasure report.

use std::collections::BTreeMap;
use std::path::Path;

use super::amounts::{self, AmountCell, AmountStyle};
use super::dates::{self, DateCell, DateStyle, DateVotes};
use super::table::{self, FileError, Table};
use super::{RegisterDate, measures};
use crate::units::Currency;

/// A table of text cells.
#[derive(Debug)]
pub(crate) struct TextTable(Table);

/// An amount of a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ReadAmount {
    pub value: f64,
    /// Named by a sign or code in the cell.
    pub currency: Option<Currency>,
    /// Whether `1.389` could as well be thousands.
    pub ambiguous: bool,
}

/// A cell that holds something other than what its column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// The bytes of a file; `-` is standard input.
pub(crate) fn load(path: &Path) -> Result<Vec<u8>, FileError> {
    table::load(path)
}

/// The tables of a file, and the parts left aside with the reason. A record scores as many points as its cells name known
/// columns; none: it is no header.
pub(crate) fn text_tables(
    path: &Path,
    bytes: Vec<u8>,
    score: &dyn Fn(&[String]) -> usize,
) -> Result<(Vec<TextTable>, Vec<String>), FileError> {
    let contents = table::tables(path, bytes, score)?;
    Ok((contents.tables.into_iter().map(TextTable).collect(), contents.aside))
}

impl TextTable {
    /// The sheet or member it stands in; empty for a file that is one table.
    pub(crate) fn origin(&self) -> &str {
        &self.0.origin
    }

    /// The header.
    pub(crate) fn headers(&self) -> &[String] {
        &self.0.headers
    }

    /// What was left aside or read with a doubt.
    pub(crate) fn notes(&self) -> &[String] {
        &self.0.notes
    }

    /// Records that are no rows: line, text, reason, remedy.
    pub(crate) fn irregular(&self) -> impl Iterator<Item = (u64, &str, &'static str, &'static str)> {
        self.0.irregular.iter().map(|row| (row.line, row.text.as_str(), row.reason, row.remedy))
    }

    /// The rows in order: line and cells.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (u64, Vec<&str>)> {
        self.0.rows().map(|row| (row.line, row.iter().collect()))
    }

    /// The cells of one column, rows too short for it left out.
    pub(crate) fn column(&self, position: usize) -> impl Iterator<Item = &str> {
        self.0.column(position)
    }
}

/// Reads amounts and dates by the style of their columns.
#[derive(Debug)]
pub(crate) struct CellReader {
    amounts: BTreeMap<usize, AmountStyle>,
    dates: BTreeMap<usize, DateStyle>,
}

impl CellReader {
    /// Looks through the columns of amounts and of dates. A column that decides nothing follows the file.
    pub(crate) fn new(table: &TextTable, amounts: &[usize], dates: &[usize]) -> CellReader {
        let styles: Vec<AmountStyle> =
            amounts.iter().map(|position| AmountStyle::of_column(table.column(*position))).collect();
        let file_style = styles.iter().copied().find(|style| style.decided).unwrap_or_default();
        let comma_locale = table.0.delimiter == ';' || (file_style.decided && file_style.comma_decimal);
        let dollars =
            amounts.iter().any(|position| table.column(*position).any(|cell| cell.trim().starts_with('$')));
        let votes: Vec<DateVotes> =
            dates.iter().map(|position| DateVotes::of_column(table.column(*position))).collect();
        let all = votes.iter().fold(DateVotes::default(), |sum, votes| sum.plus(*votes));
        let date_style = |votes| DateStyle::decide(votes, all, None, comma_locale, dollars);
        let own_or_file = |style: AmountStyle| if style.decided { style } else { file_style };
        CellReader {
            amounts: amounts.iter().copied().zip(styles.into_iter().map(own_or_file)).collect(),
            dates: dates.iter().copied().zip(votes.into_iter().map(date_style)).collect(),
        }
    }

    /// The amount of a cell; nothing for a blank or a placeholder.
    pub(crate) fn amount(&self, position: usize, cell: &str) -> Result<Option<ReadAmount>, Unreadable> {
        match amounts::amount(cell, self.amounts.get(&position).copied().unwrap_or_default()) {
            AmountCell::Nothing => Ok(None),
            AmountCell::Amount { value, currency, ambiguous } if value.is_finite() => {
                Ok(Some(ReadAmount { value, currency, ambiguous }))
            }
            AmountCell::Amount { .. } | AmountCell::Unreadable => Err(Unreadable),
        }
    }

    /// The date of a cell; nothing for a blank, a placeholder or a sentinel.
    pub(crate) fn date(&self, position: usize, cell: &str) -> Result<Option<RegisterDate>, Unreadable> {
        let silent = || DateStyle::decide(DateVotes::default(), DateVotes::default(), None, false, false);
        match dates::date(cell, self.dates.get(&position).copied().unwrap_or_else(silent)) {
            DateCell::Nothing => Ok(None),
            DateCell::Date(date) => Ok(Some(date)),
            DateCell::Impossible => Err(Unreadable),
        }
    }
}

/// Memory of a cell such as `16GB`, in gigabytes; a bare number is gigabytes.
pub(crate) fn memory_gb(cell: &str) -> Option<f64> {
    measures::gigabytes(cell, measures::SizeUnit::Gigabytes, measures::Measured::Memory)
}

/// Storage of a cell such as `8x 1.92TB`, in gigabytes; a bare number is gigabytes.
pub(crate) fn storage_gb(cell: &str) -> Option<f64> {
    measures::gigabytes(cell, measures::SizeUnit::Gigabytes, measures::Measured::Storage)
}
