//! `residua handoff`: ask a vendor what units are worth, and follow them from hand to hand.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;

use super::common::{CommonArguments, Setting, page, print, print_text, read_fleet, share};
use super::custody::{self, AddEventArguments, VerifyArguments};
use super::kept::KeptArguments;
use super::plan::Format;
use crate::decide::{self, Plan};
use crate::fleet::Fleet;
use crate::outcome::{self, Ask, Departing, FeesOrder, Packer, SaleRule, SanitizationLevel, Triggered};
use crate::report;
use crate::units::{Month, counted};

/// Arguments of `residua handoff`.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Example:\n  residua handoff register.csv --assets NWA-10101,NWA-10102 --at 2026-11-24T08:00:00Z -o two-units\n  residua handoff register.csv --assets all-due --vendor \"Vendor Y\" --grade-scheme SERI-REC-1.2 -o request\n  residua handoff add-event request --from \"Example GmbH\" --to \"Carrier X\" --count 61 --seal-out A0099123\n  residua handoff verify request\n\nA directory holds request.json (schema: data/schemas/valuation_request.schema.json), request.csv for a spreadsheet, custody.json, and planned_assets.csv, which ServiceNow reads back once the settlement has filled Substate and Resold value. Forms and hashes: docs/handoff.md."
)]
pub(super) struct HandoffArguments {
    #[command(subcommand)]
    custody: Option<CustodyCommand>,
    #[command(flatten)]
    request: RequestArguments,
}

#[derive(Debug, Subcommand)]
enum CustodyCommand {
    /// Add one event to the chain of custody of a directory
    AddEvent(AddEventArguments),
    /// Check every byte of the chain of custody of a directory and of the request it covers
    Verify(VerifyArguments),
}

#[derive(Debug, Args)]
struct RequestArguments {
    /// Asset registers
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Assets by id, tag or serial number (ID,ID or @FILE with one a line), all-due: all that should go now, or
    /// all: all that may leave
    #[arg(long, required = true, value_name = "LIST")]
    assets: Option<String>,
    /// Directory for request.json, request.csv, custody.json and planned_assets.csv; never written over
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// What to print: a summary to read, or the request as CSV or JSON
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// When the request is made (2026-11-24T08:00:00Z, or a day); default: the first day of --as-of if that is given, else
    /// the clock
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<Timestamp>,
    /// Name of the request; default: from its day and content
    #[arg(long, value_name = "NAME")]
    request: Option<String>,
    /// Day by which an answer is wanted; default: a week after the request
    #[arg(long, value_name = "YYYY-MM-DD")]
    response_by: Option<Date>,
    /// Whom it is for
    #[arg(long)]
    vendor: Option<String>,
    /// Who hands over, as the custody events name them
    #[arg(long, default_value = "owner")]
    owner: String,
    /// Who signs the request: a role rather than a name; again for another
    #[arg(long, value_name = "ROLE")]
    signed_by: Vec<String>,
    /// Your share of the sale, 0 to 1 (1: bought outright); default: the policy's
    #[arg(long, value_name = "SHARE", value_parser = share)]
    share: Option<f64>,
    /// Where fees come off; default: as in the policy
    #[arg(long, value_parser = word::<FeesOrder>(&["before-split", "after-split"]))]
    fees: Option<FeesOrder>,
    /// Scheme in which the vendor grades, for example SERI-REC-1.2
    #[arg(long, value_name = "SCHEME")]
    grade_scheme: Option<String>,
    /// The least that has to happen to the data; default: purge, or destroy where the policy destroys drives
    #[arg(long, value_parser = word::<SanitizationLevel>(&["clear", "purge", "destroy"]))]
    sanitization: Option<SanitizationLevel>,
    /// How the vendor sells; default: as it sees fit
    #[arg(long, value_parser = word::<SaleRule>(&["vendor-discretion", "sealed-first-price", "sealed-second-price", "english-auction", "fixed-price"]))]
    sale_rule: Option<SaleRule>,
    #[command(flatten)]
    kept: KeptArguments,
    #[command(flatten)]
    common: CommonArguments,
}

pub(super) fn run(arguments: HandoffArguments) -> anyhow::Result<()> {
    match arguments.custody {
        Some(CustodyCommand::AddEvent(event)) => custody::add_event(event),
        Some(CustodyCommand::Verify(which)) => custody::verify(&which),
        None => request(arguments.request),
    }
}

fn request(mut arguments: RequestArguments) -> anyhow::Result<()> {
    let given_month = arguments.common.as_of;
    if let (None, Some(at)) = (given_month, arguments.at) {
        arguments.common.as_of = Some(Month::from(at.to_zoned(TimeZone::UTC).date()));
    }
    let mut setting = arguments.common.setting()?;
    let bars = arguments.common.bars();
    arguments.kept.calibrate(&mut setting, &arguments.common)?;
    let ask = ask(&arguments, &setting)?;
    let fleet = read_fleet(&arguments.common, &setting, &arguments.files, &bars)?;
    let input = setting.plan_input(&fleet);
    let plan = decide::plan_watched(&input, bars.work())?;
    let units = match arguments.assets.as_deref().unwrap_or_default() {
        "all-due" => outcome::due(&outcome::triggers(&input, &plan)),
        "all" => {
            let (units, staying) = outcome::select_all(&fleet, &plan)?;
            staying.iter().for_each(|line| arguments.common.say(line));
            units
        }
        names => outcome::select(&fleet, &plan, &listed(names)?)?,
    };
    let package = Packer::new(&input, &plan)?.package(&units, &ask)?;
    if let Some(directory) = &arguments.output {
        let files = report::handoff_files(&package, &arguments.owner, &arguments.signed_by)?;
        report::write_new_directory(directory, &files)?;
        arguments.common.say_wrote(files.len(), directory);
    }
    arguments.kept.keep_hand_overs(&package, &arguments.common)?;
    match arguments.format {
        Format::Table => {
            let page = page();
            print_text(page, &report::handoff_text(&package, page))
        }
        Format::Csv => print(&String::from_utf8_lossy(&report::request_table(&package).to_csv())),
        Format::Json => print(&package.to_json()),
        #[cfg(feature = "parquet")]
        Format::Parquet => super::common::print_parquet(&report::request_table(&package)),
    }
}

fn ask(arguments: &RequestArguments, setting: &Setting) -> anyhow::Result<Ask> {
    let at = match arguments.at {
        Some(at) => at,
        None => time_of(&arguments.common, setting)?,
    };
    let mut ask = Ask::by_policy(&setting.policy, at);
    ask.request_id.clone_from(&arguments.request);
    ask.vendor.clone_from(&arguments.vendor);
    ask.share = arguments.share;
    ask.fees = arguments.fees;
    ask.response_due = arguments.response_by.unwrap_or(ask.response_due);
    ask.terms.grade_scheme.clone_from(&arguments.grade_scheme);
    ask.terms.sanitization.min_level = arguments.sanitization.unwrap_or(ask.terms.sanitization.min_level);
    ask.terms.sale_rule = arguments.sale_rule.unwrap_or(ask.terms.sale_rule);
    Ok(ask)
}

/// The first day of the as-of month where somebody gave one, else the clock, to the second.
fn time_of(common: &CommonArguments, setting: &Setting) -> anyhow::Result<Timestamp> {
    if common.as_of.is_none() && setting.policy.fixed_as_of()?.is_none() {
        return Ok(Timestamp::from_second(Timestamp::now().as_second())?);
    }
    let month = setting.as_of;
    let day = Date::new(month.year() as i16, month.month() as i8, 1)?;
    Ok(day.to_zoned(TimeZone::UTC)?.timestamp())
}

/// The names of a list or of a file with one a line.
fn listed(names: &str) -> anyhow::Result<Vec<String>> {
    match names.strip_prefix('@') {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read the list of assets {path}"))?;
            Ok(text.trim_start_matches('\u{feff}').lines().map(str::to_owned).collect())
        }
        None => Ok(names.split(',').map(str::to_owned).collect()),
    }
}

/// `residua plan --triggers`: what should be handed over now, and why; with a directory, a package for every site.
pub(super) fn triggers(
    setting: &Setting,
    fleet: &Fleet,
    plan: &Plan,
    common: &CommonArguments,
    output: Option<&PathBuf>,
) -> anyhow::Result<Vec<Triggered>> {
    let input = setting.plan_input(fleet);
    let triggered = outcome::triggers(&input, plan);
    let Some(directory) = output else { return Ok(triggered) };
    let mut files = BTreeMap::from([(
        "triggers.csv".to_owned(),
        report::triggers_table(&triggered, plan, fleet).to_csv(),
    )]);
    let mut of_sites: BTreeMap<&str, Vec<Departing>> = BTreeMap::new();
    for departing in outcome::due(&triggered) {
        let site = fleet.assets[departing.asset].site.as_deref().unwrap_or_default();
        of_sites.entry(site).or_default().push(departing);
    }
    let ask = Ask::by_policy(&setting.policy, time_of(common, setting)?);
    let packer = Packer::new(&input, plan)?;
    for (folder, units) in report::folder_names(of_sites.keys().copied()).iter().zip(of_sites.values()) {
        let package = packer.package(units, &ask)?;
        for (name, contents) in report::handoff_files(&package, "owner", &[])? {
            files.insert(format!("handoff/{folder}/{name}"), contents);
        }
    }
    report::write_new_directory(directory, &files)?;
    let sites = of_sites.len();
    common.say(&format!(
        "wrote triggers.csv and packages of {} to {}",
        counted(sites, "site"),
        directory.display()
    ));
    Ok(triggered)
}

/// A time with its zone, or a day, whose first moment in UTC is meant.
pub(super) fn time(text: &str) -> Result<Timestamp, String> {
    let day = |day: Date| day.to_zoned(TimeZone::UTC).ok().map(|day| day.timestamp());
    let found = text.parse::<Timestamp>().ok().or_else(|| text.parse::<Date>().ok().and_then(day));
    found.ok_or_else(|| "write it as 2026-11-24T08:00:00Z or as 2026-11-24".to_owned())
}

/// One of several words, as files write it with `_` for `-`.
fn word<T>(words: &'static [&'static str]) -> impl TypedValueParser<Value = T>
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(words)
        .try_map(|word| serde_json::from_value::<T>(serde_json::Value::String(word.replace('-', "_"))))
}
