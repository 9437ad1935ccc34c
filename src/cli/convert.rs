//! `residua convert`: any export as a canonical register, and how it was understood.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::common::{CommonArguments, page, print, print_text, read_fleet};
use super::hint::hinted;
use crate::fleet::{self, ColumnReading, ColumnRole, FileReading, Fleet, canonical_register};
use crate::report::{self, Page, shortened};
use crate::units::counted;

/// Rejected rows that are told one by one.
const REJECTS_TOLD: usize = 10;

/// Columns of a line besides its header, with room for what its cells were read as.
const WITHOUT_HEADER: usize = 110;

/// Longest header shown whole.
const HEADER_SHOWN: usize = 32;

/// Arguments of `residua convert`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  residua convert alm_hardware.csv -o register.csv\n  residua convert export.csv --explain\n  residua convert export.csv --profile mine.toml --explain\n\nColumns of persons (names, addresses, phone numbers, network addresses, hardware hashes) are never read; there is no flag to keep them."
)]
pub(super) struct ConvertArguments {
    /// Exports of any system
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Where the register goes; default: standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Say how each file and column is understood, and write no register unless `-o` names one
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    common: CommonArguments,
}

pub(super) fn run(arguments: ConvertArguments) -> anyhow::Result<()> {
    let setting = arguments.common.setting()?;
    let options = setting.read_options();
    if arguments.explain {
        let readings = fleet::explain(&arguments.files, &options)?;
        let page = page();
        let told: Vec<String> = readings.iter().map(|reading| explained(reading, page)).collect();
        print_text(page, &told.join("\n"))?;
        if arguments.output.is_none() {
            return Ok(());
        }
    }
    let bars = arguments.common.bars();
    let fleet = read_fleet(&arguments.common, &setting, &arguments.files, &bars)?;
    let register = canonical_register(&fleet.assets);
    match &arguments.output {
        Some(path) if arguments.files.iter().any(|file| is_same(file, path)) => {
            return Err(hinted(
                format!("{} is one of the files read: name another for the register", path.display()),
                "-o register.csv writes it beside them",
            ));
        }
        Some(path) if path.as_os_str() != "-" => {
            report::write_file(path, &register)?;
        }
        _ => print(&String::from_utf8_lossy(&register))?,
    }
    tell_rows(&arguments.common, &fleet);
    Ok(())
}

fn is_same(one: &Path, other: &Path) -> bool {
    one == other || matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// Says where every row went.
fn tell_rows(common: &CommonArguments, fleet: &Fleet) {
    for reject in fleet.rejects.iter().take(REJECTS_TOLD) {
        let path = fleet.files[reject.row.file].path.display();
        let place = if reject.column.is_empty() { String::new() } else { format!(" {}", reject.column) };
        common.say(&format!(
            "rejected {path}:{}{place} `{}`: {} ({})",
            reject.row.line, reject.text, reject.reason, reject.remedy
        ));
    }
    let more = fleet.rejects.len().saturating_sub(REJECTS_TOLD);
    if more > 0 {
        let more = counted(more, "more rejected row");
        common.say(&format!("and {more}; `residua plan -o DIR` lists all in rejects.csv"));
    }
    common.say(&report::intake(fleet));
}

/// One file's table, to read.
fn explained(reading: &FileReading, page: Page) -> String {
    let mut text = String::new();
    let table = if reading.table.is_empty() { String::new() } else { format!(" [{}]", reading.table) };
    let delimiter = match reading.delimiter {
        '\t' => "tab".to_owned(),
        delimiter => format!("`{delimiter}`"),
    };
    let why = match reading.told_by.len() {
        0 => "no profile fits; the common synonyms are used".to_owned(),
        _ => format!("by {}", reading.told_by.join(", ")),
    };
    let _ = writeln!(text, "{}", page.heading(&format!("{}{table}", reading.path.display())));
    let _ = writeln!(text, "  profile    {} ({}): {why}", reading.profile, reading.kind.name());
    let _ = writeln!(text, "  text       {}, cut at {delimiter}, {} rows", reading.encoding, reading.rows);
    let header_width = reading.columns.iter().map(|column| shown(&column.header).chars().count()).max();
    let layout = Layout::new(page, header_width.unwrap_or(0).max(6));
    let read_as = if layout.is_narrow { "" } else { "read as" };
    let heading = layout.line(["column", "field", "why", "filled", "nothing", "unreadable", read_as]);
    let _ = writeln!(text, "  {}", page.heading(&heading));
    for column in &reading.columns {
        let _ = writeln!(text, "  {}", column_line(column, layout));
    }
    text
}

/// Columns of the table of columns: a narrow page does without the reason.
#[derive(Clone, Copy)]
struct Layout {
    header: usize,
    field: usize,
    with_reason: bool,
    /// Whether what cells were read as stands below, for want of room.
    is_narrow: bool,
}

impl Layout {
    fn new(page: Page, header: usize) -> Layout {
        let is_narrow = page.width(usize::MAX) < header + WITHOUT_HEADER;
        let header = if is_narrow { header.min(24) } else { header };
        Layout { header, field: 20, with_reason: !is_narrow, is_narrow }
    }

    fn line(self, [header, field, why, filled, nothing, unreadable, read_as]: [&str; 7]) -> String {
        let (room, of_field) = (self.header, self.field);
        let why = if self.with_reason { format!("{why:<14}  ") } else { String::new() };
        let read_as = match read_as {
            "" => String::new(),
            words if self.is_narrow => format!("\n      {words}"),
            words => format!("  {words}"),
        };
        let line = format!(
            "{:<room$}  {:<of_field$}  {why}{filled:>7}  {nothing:>7}  {unreadable:>10}{read_as}",
            shortened(header, room),
            shortened(field, of_field)
        );
        line.trim_end().to_owned()
    }
}

fn column_line(column: &ColumnReading, layout: Layout) -> String {
    let role = match column.role {
        ColumnRole::Field(field) => field.name(),
        ColumnRole::Personal => "(person: dropped)".into(),
        ColumnRole::LeftAside => "(left aside)".into(),
        ColumnRole::Unknown => "(unknown)".into(),
    };
    layout.line([
        &shown(&column.header),
        &role,
        column.because.name(),
        &column.filled.to_string(),
        &column.placeholders.to_string(),
        &column.unreadable.to_string(),
        &column.read_as,
    ])
}

/// A header on one line and not too long.
fn shown(header: &str) -> String {
    shortened(header, HEADER_SHOWN)
}
