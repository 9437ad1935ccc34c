//! `residua man`: the manual pages.
//!
//! In: the commands as they are defined. Out: a page of each, in the form that `man` reads.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Command, CommandFactory};

use super::Arguments;
use super::common::print;
use super::hint::hinted;
use crate::report;
use crate::units;

/// Arguments of `residua man`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  residua man plan | man -l -\n  residua man -o ~/.local/share/man/man1\n\nWith -o a page of every command is written: residua.1, residua-plan.1, residua-ledger-show.1, …"
)]
pub(super) struct ManArguments {
    /// Command whose page is printed; default: the page of residua itself
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
    /// Directory in which all pages are written instead
    #[arg(short, long, value_name = "DIR", conflicts_with = "command")]
    output: Option<PathBuf>,
}

pub(super) fn run(arguments: &ManArguments) -> anyhow::Result<()> {
    let mut root = Arguments::command();
    // Names of pages and what is passed on to subcommands are filled in here.
    root.build();
    let mut pages = BTreeMap::new();
    collect(&root, "residua", &mut pages)?;
    if let Some(directory) = &arguments.output {
        std::fs::create_dir_all(directory)
            .with_context(|| format!("cannot make the directory {}", directory.display()))?;
        for (name, page) in &pages {
            report::write_file(&directory.join(format!("{name}.1")), page)?;
        }
        eprintln!("wrote {} pages to {}", pages.len(), directory.display());
        return Ok(());
    }
    let name = std::iter::once("residua").chain(arguments.command.iter().map(String::as_str));
    let name = name.collect::<Vec<_>>().join("-");
    match pages.get(&name) {
        Some(page) => print(&String::from_utf8_lossy(page)),
        None => Err(hinted(
            format!(
                "no page `{name}`{}",
                units::hint(
                    name.trim_start_matches("residua-"),
                    pages.keys().filter_map(|page| page.strip_prefix("residua-"))
                )
            ),
            "`residua --help` lists the commands",
        )),
    }
}

/// The page of a command and those of its subcommands, by their names joined with `-`.
fn collect(command: &Command, name: &str, pages: &mut BTreeMap<String, Vec<u8>>) -> std::io::Result<()> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).title(name).render(&mut page)?;
    pages.insert(name.to_owned(), page);
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        collect(inner, &format!("{name}-{}", inner.get_name()), pages)?;
    }
    Ok(())
}
