//! `residua ledger`: what the ledger holds, how good the forecasts were, and what they learn.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};

use super::common::{amount, page, print, print_text};
use super::progress::Bars;
use crate::outcome::Overridden;
use crate::outcome::ledger::{Exchange, Filed, Ledger, Verdict, grade};
use crate::report::{self, Table, write_file};
use crate::units::counted;

/// Arguments of `residua ledger`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  residua ledger show\n  residua ledger grade --ledger residua.db\n  residua ledger recalibrate -o calibration.json\n  residua ledger override VR-2026-11 4 --net 180 --by m.keller --why \"dealer quote of 3 Nov\"\n  residua ledger export --table outcomes > outcomes.csv"
)]
pub(super) struct LedgerArguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Say what the ledger holds and what vendors still owe an answer to
    Show(OfLedger),
    /// Score past forecasts against what came of them
    Grade(Graded),
    /// Learn from the outcomes, try it on the newest of them, and install it where it does better
    Recalibrate(Recalibrated),
    /// Put a figure in the place of the forecast of a line
    Override(Overriding),
    /// Write a table as CSV, or hand-overs and settlements as one JSON file
    Export(Exported),
    /// File the hand-overs and settlements of such a JSON file
    Import(Imported),
}

#[derive(Debug, Args)]
struct OfLedger {
    /// The ledger
    #[arg(long, value_name = "FILE", default_value = "residua.db")]
    ledger: PathBuf,
}

#[derive(Debug, Args)]
struct Graded {
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    of: OfLedger,
}

#[derive(Debug, Args)]
struct Recalibrated {
    /// Write the installed calibration to this file as well (JSON, for `plan --calibration`)
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Only show what would be installed
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    of: OfLedger,
}

#[derive(Debug, Args)]
struct Overriding {
    /// The valuation request
    #[arg(value_name = "REQUEST")]
    request: String,
    /// Its line
    #[arg(value_name = "LINE")]
    line: u32,
    /// What the owner keeps of one unit, in the currency of the line
    #[arg(long, allow_negative_numbers = true, value_parser = amount)]
    net: f64,
    /// Who says so
    #[arg(long)]
    by: String,
    /// Why
    #[arg(long)]
    why: String,
    #[command(flatten)]
    of: OfLedger,
}

#[derive(Debug, Args)]
struct Exported {
    /// Table to write as CSV; without it everything handed over and settled is written as JSON
    #[arg(long, value_enum, value_name = "TABLE")]
    table: Option<Exportable>,
    /// File to write instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    of: OfLedger,
}

#[derive(Debug, Args)]
struct Imported {
    /// JSON file of `residua ledger export`
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    of: OfLedger,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A summary to read
    Table,
    /// One line a group, CSV
    Csv,
    /// One object a group, JSON
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Exportable {
    /// Every forecast handed out
    Forecasts,
    /// Every line handed over
    HandOvers,
    /// Every line of a settlement
    Outcomes,
    /// Every override
    Overrides,
    /// Every calibration that was tried
    Calibrations,
}

pub(super) fn run(arguments: LedgerArguments) -> anyhow::Result<()> {
    match arguments.task {
        Task::Show(of) => show(&of),
        Task::Grade(graded) => grades(&graded),
        Task::Recalibrate(recalibrated) => recalibrate(&recalibrated),
        Task::Override(overriding) => override_line(overriding),
        Task::Export(exported) => export(&exported),
        Task::Import(imported) => import(&imported),
    }
}

impl OfLedger {
    fn open(&self) -> anyhow::Result<Ledger> {
        Ok(Ledger::open_existing(&self.ledger)?)
    }
}

fn show(of: &OfLedger) -> anyhow::Result<()> {
    let ledger = of.open()?;
    let answers = ledger.answers()?;
    let page = page();
    let text = report::ledger_text(
        &of.ledger.display().to_string(),
        &ledger.counts()?,
        &answers,
        &ledger.pending()?,
        &ledger.calibrations()?,
        page,
    );
    print_text(page, &text)
}

fn grades(arguments: &Graded) -> anyhow::Result<()> {
    let bars = Bars::new(false);
    let grades = grade(&arguments.of.open()?.answers_watched(bars.work())?);
    match arguments.format {
        Format::Table => {
            let page = page();
            print_text(page, &report::grades_text(&grades, page))
        }
        Format::Csv => print_csv(&report::grades_table(&grades)),
        Format::Json => print(&report::grades_table(&grades).to_json()),
    }
}

fn recalibrate(arguments: &Recalibrated) -> anyhow::Result<()> {
    let mut ledger = arguments.of.open()?;
    let bars = Bars::new(false);
    let found = ledger.recalibrate_watched(bars.work())??;
    print_text(page(), &report::recalibration_text(&found))?;
    if arguments.dry_run {
        return print("nothing was installed: --dry-run\n");
    }
    let number = ledger.file_calibration(jiff::Zoned::now().date(), &found)?;
    match found.verdict {
        Verdict::Better => {}
        Verdict::NoBetter => {
            bail!("calibration {number} was not installed: it does no better on the sales held back")
        }
        Verdict::TooStrong => {
            bail!(
                "calibration {number} was not installed: a correction is more than tenfold; look for lines whose amounts \
                 are for other units than their quantities say"
            )
        }
    }
    print(&format!("installed calibration {number}\n"))?;
    if let Some(path) = &arguments.output {
        write_file(path, found.calibration.to_json()?.as_bytes())?;
    }
    Ok(())
}

fn override_line(arguments: Overriding) -> anyhow::Result<()> {
    let Overriding { request, line, net, by, why, of } = arguments;
    of.open()?.record_override(&request, line, &Overridden { net, by, why })?;
    print(&format!("filed override of line {line} of {request}\n"))
}

fn export(arguments: &Exported) -> anyhow::Result<()> {
    let ledger = arguments.of.open()?;
    let text = match arguments.table {
        None => Exchange::of(&ledger)?.to_json()?.into_bytes(),
        Some(table) => exported_table(&ledger, table)?.to_csv(),
    };
    match &arguments.output {
        Some(path) => Ok(write_file(path, &text)?),
        None => print(&String::from_utf8_lossy(&text)),
    }
}

fn exported_table(ledger: &Ledger, table: Exportable) -> anyhow::Result<Table> {
    Ok(match table {
        Exportable::Forecasts => report::forecasts_table(&ledger.forecasts()?),
        Exportable::HandOvers => report::hand_overs_table(&ledger.hand_overs(None)?),
        Exportable::Outcomes => report::filed_outcomes_table(&ledger.outcomes()?),
        Exportable::Overrides => report::overrides_table(&ledger.overrides()?),
        Exportable::Calibrations => report::calibrations_table(&ledger.calibrations()?),
    })
}

/// Says of every step that it is filed, as soon as it is sure to stay.
fn import(arguments: &Imported) -> anyhow::Result<()> {
    let read = read_exchange(&arguments.file)?;
    let mut ledger = Ledger::open(&arguments.of.ledger)?;
    let mut told = Ok(());
    let bars = Bars::new(false);
    let acknowledge = |what: &str, lines: usize, filed: Filed| {
        let line = match filed {
            Filed::New => format!("filed {what}, {}\n", counted(lines, "line")),
            Filed::Already => format!("already filed {what}\n"),
        };
        if told.is_ok() {
            told = bars.above(|| print(&line));
        }
    };
    read.file_watched(&mut ledger, acknowledge, bars.work())?;
    told
}

fn read_exchange(path: &Path) -> anyhow::Result<Exchange> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Exchange::from_json(&path.display().to_string(), &text)?)
}

fn print_csv(table: &Table) -> anyhow::Result<()> {
    print(&String::from_utf8_lossy(&table.to_csv()))
}
