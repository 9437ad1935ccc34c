//! `residua man`: the manual pages.
//!
//! In: the commands as they are defined. Out: a page of each, in the form that `man` reads.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, line_break, roman};

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
    let mut root = without_help(Arguments::command());
    // Names of pages and what is passed on to subcommands are filled in here.
    root.build();
    let mut pages = BTreeMap::new();
    collect(&root, "residua", &[], &mut pages)?;
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

/// The commands without their `help`, which has no page.
fn without_help(command: Command) -> Command {
    command.disable_help_subcommand(true).mut_subcommands(without_help)
}

/// The page of a command and those of its subcommands, by their names joined with `-`; `above` are the pages that lead to
/// it.
fn collect(
    command: &Command,
    name: &str,
    above: &[&str],
    pages: &mut BTreeMap<String, Vec<u8>>,
) -> std::io::Result<()> {
    pages.insert(name.to_owned(), page(command, name, above)?.into_bytes());
    let above = [above, &[name]].concat();
    for inner in command.get_subcommands() {
        collect(inner, &format!("{name}-{}", inner.get_name()), &above, pages)?;
    }
    Ok(())
}

/// What follows the title of every page: no word is cut, and no line stretched to the right margin.
const HEAD: &str = ".nh\n.ad l\n";

/// One page. Its own words are the sections that [`clap_mangen`] has none or no good one of.
fn page(command: &Command, name: &str, above: &[&str]) -> std::io::Result<String> {
    let version = command.get_version().unwrap_or_default();
    // A date would make pages of one version differ; that of none has to be written, or the next word is taken for it.
    let man = Man::new(command.clone()).title(name).date(" ").source(format!("residua {version}"));
    let (notes, examples) = notes_and_examples(command);
    let mut sections = vec![
        made(|text| man.render_title(text))? + HEAD,
        made(|text| man.render_name_section(text))?,
        synopsis(command).render(),
        made(|text| man.render_description_section(text))?,
        notes.render(),
        made(|text| man.render_options_section(text))?,
    ];
    if command.has_subcommands() {
        sections.push(made(|text| man.render_subcommands_section(text))?);
    }
    sections.extend([examples.render(), ending(above).render()]);
    // Every section is a whole document, with the same lines at its head.
    let preamble = Roff::new().render();
    let bare = sections.iter().map(|section| section.strip_prefix(&preamble).unwrap_or(section));
    Ok(preamble.clone() + &portable(&bare.collect::<String>()))
}

/// What writes itself, as a text.
fn made(write: impl Fn(&mut dyn Write) -> std::io::Result<()>) -> std::io::Result<String> {
    let mut text = Vec::new();
    write(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// How the command is called, as its help says it.
fn synopsis(command: &Command) -> Roff {
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:");
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]);
    for (place, call) in usage.lines().map(str::trim).filter(|call| !call.is_empty()).enumerate() {
        let (name, flags) = call.split_at(words_of_name(call));
        let mut line = vec![bold(name), roman(flags)];
        if place > 0 {
            line.insert(0, line_break());
        }
        roff.text(line);
    }
    roff
}

/// Where the words of a command's name end in a line that says how it is called.
fn words_of_name(call: &str) -> usize {
    let words = call.split(' ').take_while(|word| word.starts_with(|first: char| first.is_ascii_lowercase()));
    words.map(|word| word.len() + 1).sum::<usize>().saturating_sub(1)
}

/// What the help says after the flags: paragraphs to read, and a section of examples to copy.
fn notes_and_examples(command: &Command) -> (Roff, Roff) {
    let (mut notes, mut examples) = (Roff::new(), Roff::new());
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    for paragraph in after.split("\n\n") {
        match paragraph.strip_prefix("Example:\n").or(paragraph.strip_prefix("Examples:\n")) {
            Some(calls) => {
                examples.control("SH", ["EXAMPLES"]).control("nf", []);
                for call in calls.lines() {
                    examples.text([roman(call.strip_prefix("  ").unwrap_or(call))]);
                }
                examples.control("fi", []);
            }
            None if paragraph.trim().is_empty() => {}
            None => {
                notes.control("PP", []);
                for line in paragraph.lines() {
                    notes.text([roman(line)]);
                }
            }
        }
    }
    (notes, examples)
}

/// What every page ends with.
fn ending(above: &[&str]) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["EXIT STATUS"]);
    let codes = [
        ("0", "Done."),
        ("1", "The data or the run failed; standard error says where, and what to do."),
        ("2", "Wrong usage."),
    ];
    for (code, meaning) in codes {
        roff.control("TP", []).text([bold(code)]).text([roman(meaning)]);
    }
    if !above.is_empty() {
        roff.control("SH", ["SEE ALSO"]);
        let mut line = Vec::new();
        for page in above.iter().rev() {
            if !line.is_empty() {
                line.push(roman(", "));
            }
            line.extend([bold(*page), roman("(1)")]);
        }
        roff.text(line);
    }
    roff
}

/// The same with letters by their names where a reader of pages might not know them, or set another in their place.
fn portable(page: &str) -> String {
    let mut text = String::with_capacity(page.len());
    for letter in page.chars() {
        match letter {
            '`' => text += "\\(ga",
            '~' => text += "\\(ti",
            '^' => text += "\\(ha",
            letter if letter.is_ascii() => text.push(letter),
            letter => text += &format!("\\[u{:04X}]", u32::from(letter)),
        }
    }
    text
}
