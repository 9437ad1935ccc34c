//! How the columns of one file are written, and what is doubtful about them.
//!
//! In: a table, its columns and what the reader was told. Out: a [`FileContext`] with the date order, decimal mark and
//! unit of every column, decided by the column's own cells before anything else; and the file's findings.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::Field;
use super::amounts::{self, AmountStyle};
use super::columns::{ColumnRole, Columns};
use super::dates::{self, DateStyle, DateVotes};
use super::findings::{Finding, Severity};
use super::measures::{Measured, SizeUnit};
use super::profile::Profile;
use super::read::ReadOptions;
use super::table::{Row, Table};
use super::words::is_placeholder;
use crate::units::{Currency, ExchangeRates};

/// The fields that hold dates.
pub(super) const DATE_FIELDS: [Field; 13] = [
    Field::PurchaseDate,
    Field::InServiceDate,
    Field::WarrantyEnd,
    Field::ContractEnd,
    Field::LeaseEnd,
    Field::LastSeen,
    Field::RetiredDate,
    Field::LastAudited,
    Field::FirstSeen,
    Field::FirmwareDate,
    Field::RecordCreated,
    Field::RecordUpdated,
    Field::PlannedRetirement,
];

/// The fields that hold money.
pub(super) const AMOUNT_FIELDS: [Field; 4] =
    [Field::PurchaseCost, Field::ContractMonthly, Field::Salvage, Field::BookValue];

/// Rows of a common export limit.
const EXPORT_LIMIT: usize = 10_000;

/// How one file's columns are written, and what money may be in it.
pub(super) struct FileContext<'a> {
    pub file: usize,
    pub columns: &'a Columns,
    pub profile: &'a Profile,
    pub dates: BTreeMap<usize, DateStyle>,
    pub amounts: BTreeMap<usize, AmountStyle>,
    /// Of columns of amounts the currency that all their signs name.
    signs: BTreeMap<usize, Currency>,
    /// Units of columns of memory and storage, and whether header or profile names them.
    pub sizes: BTreeMap<usize, (SizeUnit, bool)>,
    /// Columns of load that are written in per cent.
    pub load_in_percent: BTreeSet<usize>,
    /// Whether the file writes decimal commas.
    pub comma_decimal: bool,
    pub default_currency: Currency,
    pub rates: &'a ExchangeRates,
}

impl<'a> FileContext<'a> {
    /// Reads the style of every column of a table.
    pub(super) fn new(file: usize, table: &Table, columns: &'a Columns, options: &'a ReadOptions) -> Self {
        let profile = columns.profile();
        let written = &profile.written;
        let amount_positions = positions(columns, &AMOUNT_FIELDS);
        let styles: Vec<AmountStyle> =
            amount_positions.iter().map(|position| AmountStyle::of_column(table.column(*position))).collect();
        let is_known = |currency| options.rates.dollars_per(currency).is_ok();
        let signs = amount_positions.iter().filter_map(|position| {
            Some((*position, amounts::currency_of_column(table.column(*position), is_known)?))
        });
        let signs = signs.collect();
        let by_profile =
            written.decimal_mark.map(|mark| AmountStyle { comma_decimal: mark == ',', decided: true });
        let decided = styles.iter().copied().find(|style| style.decided);
        let file_style = decided.or(by_profile).unwrap_or_default();
        let comma_locale =
            table.delimiter == ';' || styles.iter().any(|style| style.decided && style.comma_decimal);
        let date_positions = positions(columns, &DATE_FIELDS);
        let votes: Vec<DateVotes> =
            date_positions.iter().map(|position| DateVotes::of_column(table.column(*position))).collect();
        let all_votes = votes.iter().fold(DateVotes::default(), |sum, votes| sum.plus(*votes));
        let silent = |votes: &DateVotes| all_votes == DateVotes::default() && *votes == all_votes;
        // Only where the dates that are read say nothing are the other columns asked.
        let others =
            if votes.iter().any(silent) { votes_of_unread(table, columns) } else { DateVotes::default() };
        let file_votes = all_votes.plus(others);
        let dollars = votes.iter().any(silent) && has_dollars(table, columns);
        let date_style =
            |votes| DateStyle::decide(votes, file_votes, written.date_order, comma_locale, dollars);
        FileContext {
            file,
            columns,
            profile,
            dates: date_positions.into_iter().zip(votes.into_iter().map(date_style)).collect(),
            amounts: amount_positions
                .into_iter()
                .zip(styles)
                .map(|(position, style)| (position, if style.decided { style } else { file_style }))
                .collect(),
            signs,
            sizes: size_units(table, columns, profile),
            load_in_percent: load_in_percent(table, columns),
            comma_decimal: file_style.decided && file_style.comma_decimal,
            default_currency: options.default_currency,
            rates: &options.rates,
        }
    }

    /// What is wrong with the file as a whole.
    pub(super) fn findings(&self, path: &Path, table: &Table) -> Vec<Finding> {
        let mut findings = Vec::new();
        if table.len() == EXPORT_LIMIT {
            findings.push(Finding::about_many(
                "DQ-27",
                Severity::Warns,
                table.len(),
                format!(
                    "{} has exactly 10,000 rows, a common export limit: it may be cut off",
                    path.display()
                ),
                "raise the export limit and export again",
            ));
        }
        findings.extend(self.costs_without_currency(path, table));
        findings.extend(self.ambiguous_dates(path, table));
        findings.extend(self.columns_twice(path, table));
        findings
    }

    /// The first column of a field that holds something in this row, as position and text.
    pub(super) fn first<'t>(&self, row: Row<'t>, field: Field) -> Option<(usize, &'t str)> {
        let cells =
            self.columns.of(field).iter().filter_map(|position| Some((*position, row.get(*position)?)));
        cells.into_iter().find(|(_, cell)| !is_placeholder(cell) && !self.profile.words.is_placeholder(cell))
    }

    /// The currency of an amount that names none, nor does its row: that of its header, of the other cells of its column, or
    /// the default.
    pub(super) fn currency_where_none_is_named(&self, position: usize) -> Currency {
        let by_header = self.columns.currency(position);
        by_header.or_else(|| self.signs.get(&position).copied()).unwrap_or(self.default_currency)
    }

    /// The currency that all signs of a column of amounts name.
    pub(super) fn currency_of_signs(&self, position: usize) -> Option<Currency> {
        self.signs.get(&position).copied()
    }

    /// Costs that neither a sign, nor the header, nor a column of currencies gives one (`XXX` is none).
    fn costs_without_currency(&self, path: &Path, table: &Table) -> Option<Finding> {
        let named = |cell: &str| cell.contains(['$', '€', '£']) || cell.chars().any(char::is_alphabetic);
        let is_zero = |cell: &str| cell.chars().all(|character| matches!(character, '0' | '.' | ','));
        let mut read_as = self.default_currency;
        let unsigned = table
            .rows()
            .filter(|row| {
                let Some((position, cost)) = self.first(*row, Field::PurchaseCost) else { return false };
                read_as = self.currency_where_none_is_named(position);
                let currency =
                    self.first(*row, Field::Currency).filter(|(_, code)| !code.eq_ignore_ascii_case("XXX"));
                !named(cost)
                    && !is_zero(cost)
                    && self.columns.currency(position).is_none()
                    && currency.is_none()
            })
            .count();
        (unsigned > 0).then(|| {
            let by_signs = self.columns.of(Field::PurchaseCost).iter().any(|at| self.signs.contains_key(at));
            let costs = match unsigned {
                1 => "1 cost names".to_owned(),
                many => format!("{many} costs name"),
            };
            let why = if by_signs { ", as the others of the column" } else { "" };
            Finding::about_many(
                "DQ-26",
                Severity::Warns,
                unsigned,
                format!("{}: {costs} no currency; read as {read_as}{why}", path.display()),
                "add a currency column, or set `currency` in the policy",
            )
        })
    }

    /// One finding for every column whose days and months nothing tells apart.
    fn ambiguous_dates(&self, path: &Path, table: &Table) -> Vec<Finding> {
        let open = self.dates.iter().filter(|(_, style)| !style.decided);
        open.filter_map(|(position, style)| {
            let doubtful = table.column(*position).filter(|cell| dates::is_ambiguous(cell, *style)).count();
            (doubtful > 0).then(|| {
                Finding::about_many(
                    "DQ-08",
                    Severity::Warns,
                    doubtful,
                    format!(
                        "{}: column `{}`: {doubtful} dates could be day or month first; read as {} first, the other \
                         reading kept",
                        path.display(),
                        self.columns.header(*position),
                        style.order.name()
                    ),
                    "export dates as YYYY-MM-DD, or fix date_order in a profile",
                )
            })
        })
        .collect()
    }

    /// One finding for every pair of columns of one name that do not say the same.
    fn columns_twice(&self, path: &Path, table: &Table) -> Vec<Finding> {
        let differ = |(first, second): &(usize, usize)| {
            let rows = table.rows().filter(|row| match (row.get(*first), row.get(*second)) {
                (Some(one), Some(other)) => one != other && !is_placeholder(one) && !is_placeholder(other),
                _ => false,
            });
            rows.count()
        };
        let pairs = self.columns.repeated().iter().map(|pair| (pair, differ(pair)));
        pairs
            .filter(|(_, rows)| *rows > 0)
            .map(|((first, second), rows)| {
                Finding::about_many(
                    "DQ-05",
                    Severity::Warns,
                    rows,
                    format!(
                        "{}: the column `{}` stands twice ({} and {}) and differs on {rows} rows: the first is used",
                        path.display(),
                        self.columns.header(*first),
                        first + 1,
                        second + 1
                    ),
                    "remove or rename one of them",
                )
            })
            .collect()
    }
}

fn positions(columns: &Columns, fields: &[Field]) -> Vec<usize> {
    fields.iter().flat_map(|field| columns.of(*field).iter().copied()).collect()
}

/// The unit of every column of sizes: by its header, the profile, or its numbers.
fn size_units(table: &Table, columns: &Columns, profile: &Profile) -> BTreeMap<usize, (SizeUnit, bool)> {
    let fields = [
        (Field::RamGb, Measured::Memory, profile.written.memory_unit),
        (Field::StorageGb, Measured::Storage, profile.written.storage_unit),
    ];
    let of_field = |(field, measured, by_profile): (Field, Measured, Option<SizeUnit>)| {
        columns.of(field).iter().map(move |position| {
            let stated = columns.size_unit(*position).or(by_profile);
            let unit = stated.unwrap_or_else(|| SizeUnit::of_column(measured, table.column(*position)));
            (*position, (unit, stated.is_some()))
        })
    };
    fields.into_iter().flat_map(of_field).collect()
}

/// What the dates of columns that are not read say of the file's order; columns of persons are not looked at.
fn votes_of_unread(table: &Table, columns: &Columns) -> DateVotes {
    let unread =
        |position: &usize| matches!(columns.role(*position).0, ColumnRole::LeftAside | ColumnRole::Unknown);
    let positions = (0..columns.width()).filter(unread);
    positions
        .fold(DateVotes::default(), |sum, position| sum.plus(DateVotes::of_column(table.column(position))))
}

/// Whether any amount of the file, read or not, has a dollar sign before it.
fn has_dollars(table: &Table, columns: &Columns) -> bool {
    let is_amount = |cell: &str| {
        cell.strip_prefix('$')
            .is_some_and(|rest| rest.trim_start().starts_with(|first: char| first.is_ascii_digit()))
    };
    let positions = (0..columns.width()).filter(|position| columns.role(*position).0 != ColumnRole::Personal);
    positions.into_iter().any(|position| table.column(position).any(is_amount))
}

/// Columns of load with a cell above one.
fn load_in_percent(table: &Table, columns: &Columns) -> BTreeSet<usize> {
    let above_one = |cell: &str| cell.replace(',', ".").parse::<f64>().is_ok_and(|load| load > 1.0);
    let loads = columns.of(Field::Utilization).iter().copied();
    loads.filter(|position| table.column(*position).any(above_one)).collect()
}
