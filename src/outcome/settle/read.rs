//! A settlement of any layout, read line by line.
//!
//! In: the bytes of a CSV, XLSX or JSON file, or an archive of them, and the [`Layout`]. Out: a [`Settlement`] in which
//! `rows in = lines + rejects + totals`, or a [`SettleError`] before anything else happens.

use std::path::{Path, PathBuf};

use super::SettleError;
use super::layout::{Column, Columns, Layout};
use super::line::{Doubt, SettlementLine, TotalsRow};
use super::row::{Fault, RowRead, RowReader, Written};
use crate::fleet::headers::named_currency;
use crate::fleet::tabular::{self, CellReader, TextTable};
use crate::units::{Currency, sha256};

/// A row that is no line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRow {
    /// Sheet or member; empty for a file that is one table.
    pub table: String,
    /// Line of the file.
    pub file_line: u64,
    /// Header of the offending column; empty when it is the row as a whole.
    pub column: String,
    /// The offending text.
    pub text: String,
    /// What is wrong.
    pub reason: String,
    /// What would make it right.
    pub remedy: String,
}

/// A settlement as the vendor wrote it.
#[derive(Debug, Clone, PartialEq)]
pub struct Settlement {
    /// The file.
    pub path: PathBuf,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Records under the headers.
    pub rows_in: usize,
    /// Lines of units and charges.
    pub lines: Vec<SettlementLine>,
    /// Rows that are neither.
    pub rejects: Vec<RejectedRow>,
    /// Rows of sums and feet of pages.
    pub totals: Vec<TotalsRow>,
    /// What was read with a doubt.
    pub doubts: Vec<Doubt>,
    /// What was left aside.
    pub notes: Vec<String>,
}

/// Reads a settlement file.
pub fn read_settlement(path: &Path, layout: &Layout) -> Result<Settlement, SettleError> {
    read_settlement_bytes(path, tabular::load(path)?, layout)
}

/// Reads a settlement that is already in memory.
pub fn read_settlement_bytes(
    path: &Path,
    bytes: Vec<u8>,
    layout: &Layout,
) -> Result<Settlement, SettleError> {
    let sha256 = sha256(&bytes);
    let score = |cells: &[String]| layout.columns(cells).known();
    let (tables, aside) = tabular::text_tables(path, bytes, &score)?;
    let mut settlement = Settlement {
        path: path.to_owned(),
        sha256,
        rows_in: 0,
        lines: Vec::new(),
        rejects: Vec::new(),
        totals: Vec::new(),
        doubts: Vec::new(),
        notes: aside.into_iter().map(|part| format!("left aside: {part}")).collect(),
    };
    let mut found = Vec::new();
    for table in &tables {
        let columns = layout.columns(table.headers());
        if columns.can_settle() {
            read_table(&mut settlement, table, &columns, layout);
            found.clear();
        } else {
            let headers = table.headers().join(", ");
            settlement.notes.push(format!("left aside: {} (no settlement: {headers})", table.origin()));
            found.push(headers);
        }
    }
    if settlement.rows_in == 0 {
        return Err(SettleError::NoSettlement { path: path.to_owned(), found: found.join("; ") });
    }
    if settlement.lines.is_empty() {
        return Err(nothing_usable(&settlement));
    }
    Ok(settlement)
}

fn read_table(settlement: &mut Settlement, table: &TextTable, columns: &Columns, layout: &Layout) {
    settlement.notes.extend(table.notes().iter().cloned());
    if !columns.not_read.is_empty() {
        settlement.notes.push(format!("columns not read: {}", columns.not_read.join(", ")));
    }
    let cells = CellReader::new(table, &columns.amounts(), &columns.dates());
    let written = Written {
        layout,
        columns,
        fees_negative: fees_negative(table, columns, &cells),
        share_in_percent: in_percent(table, columns.of(Column::Share)),
        vendor_share_in_percent: in_percent(table, columns.of(Column::VendorShare)),
        currency: header_currency(columns),
        cells,
    };
    let first_reject = settlement.rejects.len();
    for (file_line, cells) in table.rows() {
        settlement.rows_in += 1;
        let mut row = RowReader {
            written: &written,
            table: table.origin(),
            file_line,
            cells: &cells,
            doubts: Vec::new(),
        };
        match row.read(settlement.lines.len()) {
            Ok(RowRead::Line(line)) => settlement.lines.push(*line),
            Ok(RowRead::Totals(totals)) => settlement.totals.push(totals),
            Err(Fault { column, text, reason, remedy }) => settlement.rejects.push(RejectedRow {
                table: table.origin().to_owned(),
                file_line,
                column,
                text,
                reason,
                remedy: remedy.to_owned(),
            }),
        }
        settlement.doubts.append(&mut row.doubts);
    }
    for (file_line, text, reason, remedy) in table.irregular() {
        settlement.rows_in += 1;
        settlement.rejects.push(RejectedRow {
            table: table.origin().to_owned(),
            file_line,
            column: String::new(),
            text: text.to_owned(),
            reason: reason.to_owned(),
            remedy: remedy.to_owned(),
        });
    }
    settlement.rejects[first_reject..].sort_by_key(|reject| reject.file_line);
}

/// Whether most fees that are not zero are written below zero.
fn fees_negative(table: &TextTable, columns: &Columns, cells: &CellReader) -> bool {
    let positions = columns.fees.iter().map(|(_, position)| *position);
    let positions = positions.chain(columns.of(Column::TotalFees).iter().copied());
    let mut balance = 0_i64;
    for position in positions {
        for cell in table.column(position) {
            if let Ok(Some(amount)) = cells.amount(position, cell)
                && amount.value != 0.0
            {
                balance += if amount.value < 0.0 { -1 } else { 1 };
            }
        }
    }
    balance < 0
}

/// Whether a column of shares has a bare number above one.
fn in_percent(table: &TextTable, positions: &[usize]) -> bool {
    let above_one = |cell: &str| cell.trim().replace(',', ".").parse::<f64>().is_ok_and(|share| share > 1.0);
    positions.iter().any(|position| table.column(*position).any(above_one))
}

/// The currency that a header of money names: `Verkaufspreis (EUR)`, `Net CHF`.
fn header_currency(columns: &Columns) -> Option<Currency> {
    columns.amounts().into_iter().find_map(|position| {
        let header = columns.header(position).trim();
        let inside = header.split_once('(').map(|(_, rest)| rest.trim_end_matches(')').trim());
        inside.and_then(named_currency).or_else(|| named_currency(header.rsplit_once(' ')?.1))
    })
}

fn nothing_usable(settlement: &Settlement) -> SettleError {
    let first = settlement.rejects.first().map_or_else(
        || "only rows of totals".to_owned(),
        |reject| {
            let column =
                if reject.column.is_empty() { String::new() } else { format!(", column {}", reject.column) };
            let RejectedRow { file_line, text, reason, remedy, .. } = reject;
            format!("line {file_line}{column}: `{text}`: {reason} ({remedy})")
        },
    );
    SettleError::NothingUsable { path: settlement.path.clone(), rows: settlement.rows_in, first }
}
