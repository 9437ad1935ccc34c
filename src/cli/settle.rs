//! `residua settle`: a vendor's settlement held against what was handed over, and what to dispute in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};

use super::common::{full_catalog, page, print, print_text};
use super::plan::Format;
use crate::catalog::Matcher;
use crate::decide::CarbonFactors;
use crate::outcome::Outcome;
use crate::outcome::ledger::{Filed, Ledger, SettlementRecord};
use crate::outcome::settle::{
    self, Agreed, AgreedFees, ErasureReport, GradeScheme, Layout, Request, SettleError, Settled, Settlement,
    parse_terms, read_request, read_settlement,
};
use crate::report;
use crate::units::counted;

/// Columns of the lines on mass and carbon where there is no terminal: those of the summary.
const WIDTH: usize = 80;

/// Arguments of `residua settle`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  residua settle settlement.csv --request request.json\n  residua settle settlement.xlsx --request request.json --erasure erasure.csv -o settled\n  residua settle settlement.csv --ledger residua.db\n  residua settle settlement.csv --request request.json --terms \"65% before\" --fee wipe=4.00 --fee freight=3.15\n\nWith -o: outcomes.csv, disputes.csv (what to write to the vendor), forecast_against_actual.csv, rejects.csv."
)]
pub(super) struct SettleArguments {
    /// The settlement: CSV, XLSX, JSON, or an archive of them
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What was handed over: the request.json of `residua handoff`
    #[arg(long, value_name = "FILE", required_unless_present = "ledger")]
    request: Option<PathBuf>,
    /// Ledger that knows what was handed over, and in which the settlement is filed; with --request, that is filed first
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// Report of the erasure program, one row a drive
    #[arg(long, value_name = "FILE")]
    erasure: Option<PathBuf>,
    /// Terms in place of those of the hand-overs: your share, and whether fees come off before or after the split
    #[arg(long, value_name = "TERMS")]
    terms: Option<String>,
    /// A fee that was agreed, and its most for one unit; again for another. With any, fees not named are disputed
    #[arg(long = "fee", value_name = "NAME=AMOUNT")]
    fees: Vec<String>,
    /// How the vendor grades, if the settlement does not say
    #[arg(long, value_enum, default_value_t = Scheme::Letters)]
    grade_scheme: Scheme,
    /// Directory for outcomes.csv, disputes.csv, forecast_against_actual.csv and rejects.csv
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// What to print: a summary to read, the disputes as CSV, or everything as JSON
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Names of columns and words (TOML) laid over the built-in ones; again for another
    #[arg(long = "profile", value_name = "FILE")]
    profiles: Vec<PathBuf>,
    /// Catalog file (CSV) laid over the built-in catalog
    #[arg(long, value_name = "FILE")]
    catalog: Option<PathBuf>,
    /// Say nothing but errors on standard error
    #[arg(short, long)]
    quiet: bool,
}

/// Schemes of grades.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scheme {
    /// Letters A to D; codes such as C4 are not read
    Letters,
    /// SERI REC: C0 to C9 and F1 to F6, the higher the better
    Rec,
}

pub(super) fn run(arguments: SettleArguments) -> anyhow::Result<()> {
    let layout = Layout::with_files(&arguments.profiles)?;
    let settlement = read_settlement(&arguments.file, &layout)?;
    let erasure = arguments.erasure.as_ref().map(|path| ErasureReport::read(path, &layout)).transpose()?;
    let mut ledger =
        arguments.ledger.as_ref().map(|path| open(path, arguments.request.is_some())).transpose()?;
    let request = handed_over(&arguments, ledger.as_mut())?;
    let before = match &ledger {
        Some(ledger) => settle::settled_before(&ledger.outcomes()?, &settlement.sha256),
        None => BTreeMap::new(),
    };
    let terms = arguments.terms.as_deref().map(parse_terms).transpose()?;
    let catalog = full_catalog(arguments.catalog.as_ref())?;
    let settled = settle::settle(
        &settlement,
        erasure.as_ref(),
        &Agreed {
            handed: &request.handed,
            configurations: &request.configurations,
            terms,
            fees: &AgreedFees::parse(&arguments.fees)?,
            grade_scheme: match arguments.grade_scheme {
                Scheme::Letters => GradeScheme::Letters,
                Scheme::Rec => GradeScheme::Rec,
            },
            before: &before,
            matcher: &Matcher::new(&catalog),
        },
    );
    if !arguments.quiet {
        settlement.notes.iter().for_each(|note| eprintln!("{note}"));
    }
    if let Some(ledger) = &mut ledger {
        file(ledger, &settlement, &settled, &arguments)?;
    }
    if let Some(directory) = &arguments.output {
        let tables = [
            ("outcomes.csv", report::outcomes_table(&settled)),
            ("disputes.csv", report::disputes_table(&settled)),
            ("forecast_against_actual.csv", report::forecast_against_actual_table(&settled)),
            ("rejects.csv", report::settlement_rejects_table(&settlement)),
        ];
        let files: BTreeMap<String, Vec<u8>> =
            tables.into_iter().map(|(name, table)| (name.to_owned(), table.to_csv())).collect();
        report::write_directory(directory, &files)?;
        if !arguments.quiet {
            eprintln!("wrote {} to {}", counted(files.len(), "file"), directory.display());
        }
    }
    match arguments.format {
        Format::Table => {
            let factors = CarbonFactors::built_in();
            let done = settle::disposed(&factors, &settled, &request.handed, &catalog);
            let page = page();
            let carbon = report::sustainability_lines(&done, factors.source(), page.width(WIDTH));
            let summary = report::settlement_summary(&settlement, &settled, erasure.as_ref(), page);
            print_text(page, &(summary + &carbon))
        }
        Format::Csv => print(&String::from_utf8_lossy(&report::disputes_table(&settled).to_csv())),
        Format::Json => print(&report::settlement_json(&settlement, &settled)),
        #[cfg(feature = "parquet")]
        Format::Parquet => super::common::print_parquet(&report::disputes_table(&settled)),
    }
}

/// A ledger that is there; one that is not may only begin with what was handed over.
fn open(path: &Path, may_begin: bool) -> anyhow::Result<Ledger> {
    Ok(if may_begin { Ledger::open(path)? } else { Ledger::open_existing(path)? })
}

/// What was handed over: by the request, which is filed in the ledger if there is one; else by the ledger.
fn handed_over(arguments: &SettleArguments, ledger: Option<&mut Ledger>) -> anyhow::Result<Request> {
    let Some(path) = &arguments.request else {
        let handed = ledger.map(|ledger| ledger.hand_overs(None)).transpose()?.unwrap_or_default();
        if handed.is_empty() {
            let path = arguments.ledger.clone().unwrap_or_default();
            return Err(SettleError::NothingHandedOver { path }.into());
        }
        return Ok(Request { handed, ..Request::default() });
    };
    let bytes = std::fs::read(path).with_context(|| format!("cannot read the request {}", path.display()))?;
    let request = read_request(path, &bytes)?;
    if let Some(ledger) = ledger {
        ledger.file_hand_overs(&request.handed)?;
    }
    Ok(request)
}

/// Files every line, disputed ones as such. A settlement that is there already changes nothing, unless it is read by an erasure
/// report, terms or fees this time: then that reading takes the place of the first.
fn file(
    ledger: &mut Ledger,
    settlement: &Settlement,
    settled: &Settled,
    arguments: &SettleArguments,
) -> anyhow::Result<()> {
    let record = SettlementRecord {
        fingerprint: settlement.sha256.clone(),
        file: settlement.path.display().to_string(),
        day: jiff::Zoned::now().date(),
    };
    let outcomes: Vec<Outcome> = settled.lines.iter().map(|line| line.outcome.clone()).collect();
    let told = match ledger.file_settlement(&record, &outcomes)? {
        Filed::New => format!("filed {} in", counted(outcomes.len(), "outcome")),
        Filed::Already => {
            let by_more =
                arguments.erasure.is_some() || arguments.terms.is_some() || !arguments.fees.is_empty();
            let differs = if by_more { ledger.file_settlement_anew(&record, &outcomes)? } else { 0 };
            match differs {
                0 => "nothing filed, this settlement was already in".to_owned(),
                _ => format!("filed {} anew in place of the earlier reading in", counted(differs, "outcome")),
            }
        }
    };
    if !arguments.quiet {
        eprintln!("{told} {}", ledger.path().display());
    }
    Ok(())
}
