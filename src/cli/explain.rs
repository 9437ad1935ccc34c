//! `residua explain`: why one asset is worth what it is, and why it should go when it should.

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;

use super::common::{CommonArguments, print};
use crate::decide::{self, Plan, PlannedCohort};
use crate::fleet::{self, Asset, Fleet};
use crate::market::nearest;
use crate::units::Quantiles;

/// Arguments of `residua explain`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  residua explain data/samples/fleet.csv NWA-10789\n  residua explain data/samples/fleet.csv NWA-10789 --svg > why.svg"
)]
pub(super) struct ExplainArguments {
    /// Asset register (CSV in any dialect)
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Tag or serial number of the asset
    #[arg(value_name = "ASSET_ID")]
    asset: String,
    /// Write the picture (SVG) instead of the text
    #[arg(long)]
    svg: bool,
    #[command(flatten)]
    common: CommonArguments,
}

pub(super) fn run(arguments: ExplainArguments) -> anyhow::Result<()> {
    let setting = arguments.common.setting()?;
    let fleet = fleet::read(std::slice::from_ref(&arguments.file), &setting.read_options())?;
    let index = find(&fleet, &arguments.asset)?;
    let plan = decide::plan(&setting.plan_input(&fleet))?;
    let planned = &plan.cohorts[plan.cohort_of[index]];
    if arguments.svg {
        let currency = setting.policy.currency;
        return match crate::report::forecast_fan(planned, &plan, &fleet, &setting.catalog, currency) {
            Some(picture) => print(&picture),
            None => bail!("{} has no forecast to draw: {}", arguments.asset, planned.decision.reason),
        };
    }
    let mut text = String::new();
    write_explanation(&mut text, &plan, planned, &fleet.assets[index]).context("writing to memory")?;
    let comparables = nearest(&planned.cohort.label, setting.as_of, 3);
    if comparables.is_empty() {
        writeln!(text, "\nComparables: none")?;
    } else {
        writeln!(text, "\nComparables")?;
        for one in comparables {
            writeln!(text, "  {one}")?;
        }
    }
    for finding in
        plan.findings.iter().filter(|finding| finding.asset_id.as_deref() == Some(&fleet.assets[index].id))
    {
        writeln!(text, "{}  {} ({})", finding.code, finding.message, finding.remedy)?;
    }
    print(&text)
}

fn find(fleet: &Fleet, wanted: &str) -> anyhow::Result<usize> {
    let upper = wanted.to_uppercase();
    let position = fleet
        .assets
        .iter()
        .position(|asset| asset.id.eq_ignore_ascii_case(wanted))
        .or_else(|| fleet.assets.iter().position(|asset| asset.serial.as_deref() == Some(&upper)));
    match position {
        Some(position) => Ok(position),
        None => {
            let examples: Vec<&str> = fleet.assets.iter().take(3).map(|asset| asset.id.as_str()).collect();
            bail!(
                "no asset has the tag or serial `{wanted}`; the register has for example {}",
                examples.join(", ")
            )
        }
    }
}

fn write_explanation(
    text: &mut String,
    plan: &Plan,
    planned: &PlannedCohort,
    asset: &Asset,
) -> std::fmt::Result {
    let decision = &planned.decision;
    let guess = &planned.cohort.identification;
    writeln!(text, "{}  {}", asset.id, planned.cohort.label)?;
    writeln!(
        text,
        "read as `{}`, matched with {:.0} % confidence; {} such units decided alike",
        asset.full_model(),
        guess.confidence * 100.0,
        planned.cohort.units
    )?;
    writeln!(text, "\n{}", decision.reason)?;
    if let (Some(month), Some((first, last))) = (decision.month, decision.window) {
        writeln!(
            text,
            "Month {month}, window {first} to {last}, route {}",
            decision.route.map_or("none", |route| route.name())
        )?;
    }
    if let Some(forecast) = &planned.forecast {
        writeln!(text, "Value rests on: {}", forecast.basis.name())?;
    }
    if let Some(value) = decision.value_now {
        writeln!(text, "Worth now      {}", line(value))?;
    }
    writeln!(text, "Net recovery   {}", line(decision.recovery))?;
    if let Some(waiting) = decision.waiting {
        writeln!(text, "A month late costs   {}", line(waiting.one_month))?;
        writeln!(text, "A quarter late costs {}", line(waiting.one_quarter))?;
    }
    if let (Some(book), Some(month)) = (planned.book, decision.month) {
        let value = book.value_at(month);
        writeln!(
            text,
            "Book value     {value:.2} in {month}, gain or loss {:.2}",
            book.gain_on_disposal(month, decision.recovery_money.major())
        )?;
    }
    write_waterfall(text, planned)?;
    let currency = decision.recovery_money.currency();
    writeln!(text, "\nAll amounts in {currency}, one unit, seen from {}.", plan.as_of)
}

fn write_waterfall(text: &mut String, planned: &PlannedCohort) -> std::fmt::Result {
    let waterfall = &planned.decision.waterfall;
    writeln!(text, "\n  {:<32} {:>14}", waterfall.start_name, waterfall.start.plain())?;
    for step in waterfall.steps.iter().filter(|step| step.amount.minor() != 0) {
        writeln!(text, "  {:<32} {:>14}", step.name, step.amount.plain())?;
    }
    writeln!(text, "  {:<32} {:>14}", "net recovery", waterfall.net.plain())
}

fn line(points: Quantiles) -> String {
    format!("{:>10.2}  (80 % between {:.2} and {:.2})", points.mean, points.p10, points.p90)
}
