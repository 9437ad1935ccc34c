//! `residua explain`: why one asset is worth what it is, and why it should go when it should.

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::bail;
use clap::Args;

use super::common::{CommonArguments, page, print, print_text, read_fleet};
use super::hint::hinted;
use crate::decide;
use crate::fleet::Fleet;
use crate::market::nearest;
use crate::report;
use crate::units;

/// Arguments of `residua explain`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  residua explain data/samples/fleet.csv NWA-10789\n  residua explain data/samples/fleet.csv NWA-10789 --svg > why.svg"
)]
pub(super) struct ExplainArguments {
    /// Asset register: CSV in any dialect, XLSX, JSON, zip; `-` is standard input
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
    let bars = arguments.common.bars();
    let fleet = read_fleet(&arguments.common, &setting, std::slice::from_ref(&arguments.file), &bars)?;
    let index = find(&fleet, &arguments.asset)?;
    let plan = decide::plan_watched(&setting.plan_input(&fleet), bars.work())?;
    let planned = &plan.cohorts[plan.cohort_of[index]];
    if arguments.svg {
        return match report::forecast_fan(planned, &plan, &fleet, &setting.catalog, &setting.policy) {
            Some(picture) => print(&picture),
            None => bail!("{} has no forecast to draw: {}", arguments.asset, planned.decision.reason),
        };
    }
    let page = page();
    let mut text = report::explanation(&plan, planned, &fleet.assets[index], page);
    let comparables = nearest(&planned.cohort.label, setting.as_of, 3);
    if comparables.is_empty() {
        writeln!(text, "\nComparables: none")?;
    } else {
        writeln!(text, "\n{}", page.heading("Comparables"))?;
        for one in comparables {
            writeln!(text, "  {one}")?;
        }
    }
    for finding in
        plan.findings.iter().filter(|finding| finding.asset_id.as_deref() == Some(&fleet.assets[index].id))
    {
        writeln!(text, "{}  {} ({})", finding.code, finding.message, finding.remedy)?;
    }
    print_text(page, &text)
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
            let names = fleet
                .assets
                .iter()
                .flat_map(|asset| std::iter::once(asset.id.as_str()).chain(asset.serial.as_deref()));
            Err(hinted(
                format!(
                    "no asset has the tag or serial `{wanted}`; the register has for example {}{}",
                    examples.join(", "),
                    units::hint(wanted, names)
                ),
                "`residua plan REGISTER --format csv` lists all assets by id",
            ))
        }
    }
}
