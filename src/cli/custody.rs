//! `residua handoff add-event` and `verify`: the chain of custody of a directory.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use jiff::Timestamp;

use super::common::{page, print, print_text};
use super::handoff::time;
use crate::outcome::{Chain, Movement};
use crate::report;
use crate::units::counted;

/// The chain's file in its directory.
const FILE: &str = "custody.json";

/// Arguments of `residua handoff add-event`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  residua handoff add-event request --from \"Example GmbH\" --to \"Carrier X\" --place \"Berlin, dock 2\" --count 61 --seal-out A0099123 --signed-by role:site_it --signed-by role:driver"
)]
pub(super) struct AddEventArguments {
    /// Directory of the package
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// Who let the units go
    #[arg(long)]
    from: String,
    /// Who took them
    #[arg(long)]
    to: String,
    /// When (2026-11-24T08:10:00Z, or a day); default: the clock
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<Timestamp>,
    /// Where
    #[arg(long)]
    place: Option<String>,
    /// Units counted
    #[arg(long, value_name = "UNITS")]
    count: u64,
    /// Number of the seal they came with
    #[arg(long, value_name = "NUMBER")]
    seal_in: Option<String>,
    /// Number of the seal they go on with
    #[arg(long, value_name = "NUMBER")]
    seal_out: Option<String>,
    /// How they were moved or handed over
    #[arg(long)]
    method: Option<String>,
    /// Who signed: a role rather than a name; again for another
    #[arg(long, value_name = "ROLE")]
    signed_by: Vec<String>,
}

/// Arguments of `residua handoff verify`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  residua handoff verify request --head 5f0c…")]
pub(super) struct VerifyArguments {
    /// Directory of the package
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// Hash of the last event as it was noted elsewhere: shows that no event was cut off and none made anew
    #[arg(long, value_name = "HASH")]
    head: Option<String>,
}

pub(super) fn add_event(arguments: AddEventArguments) -> anyhow::Result<()> {
    let AddEventArguments { directory, from, to, at, place, count, seal_in, seal_out, method, signed_by } =
        arguments;
    let at = match at {
        Some(at) => at,
        None => Timestamp::from_second(Timestamp::now().as_second())?,
    };
    let covers = Default::default();
    let movement = Movement { at, from, to, place, count, seal_in, seal_out, method, signed_by, covers };
    let mut told = String::new();
    report::change_file(&directory.join(FILE), |bytes| {
        let mut chain = checked(&directory, bytes)?;
        let event = chain.append(movement)?;
        told = format!("event {} {}\n", event.seq, event.hash);
        tell_gaps(&chain);
        anyhow::Ok(chain.to_text().into_bytes())
    })?;
    print(&told)
}

pub(super) fn verify(arguments: &VerifyArguments) -> anyhow::Result<()> {
    let path = arguments.directory.join(FILE);
    let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let chain = checked(&arguments.directory, &bytes)?;
    if let Some(head) = arguments.head.as_ref().filter(|head| !head.eq_ignore_ascii_case(chain.head())) {
        anyhow::bail!(
            "the chain of custody is whole in itself but ends at event {} with {}, not with {head}: events were cut off, \
             added or made anew",
            chain.events().len(),
            chain.head()
        );
    }
    tell_gaps(&chain);
    let events = chain.events().len();
    let events = counted(events, "event");
    let head = chain.head();
    print_text(
        page(),
        &format!("{} holds: {events}, nothing changed; last hash {head}\n", chain.request_id()),
    )
}

/// The chain of a directory, every byte of it and of the files it covers checked.
fn checked(directory: &Path, bytes: &[u8]) -> anyhow::Result<Chain> {
    let chain = Chain::read(bytes).with_context(|| directory.join(FILE).display().to_string())?;
    chain.check_covered(&|name| std::fs::read(directory.join(name)))?;
    Ok(chain)
}

fn tell_gaps(chain: &Chain) {
    for gap in chain.gaps() {
        eprintln!("warning: {gap}");
    }
}
