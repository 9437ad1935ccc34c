//! The command line.
//!
//! In: arguments. Out: data on standard output, everything else on standard error, and an exit code. Each
//! command is one file that parses nothing but its own flags and calls the library.

mod backtest;
mod catalog;
mod check;
mod common;
mod completions;
mod convert;
mod custody;
mod depreciate;
mod explain;
mod fit;
mod guarantee;
mod handoff;
mod hint;
mod init;
mod kept;
mod ledger;
mod lot;
mod man;
mod one_product;
mod plan;
mod progress;
mod quote;
mod replace;
mod serve;
mod settle;
mod simulate;
mod streams;
mod value;
mod whatif;

use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::decide::GuaranteeError;
use crate::lot::LotError;
use crate::scenario::ReplaceError;

/// Exit code of flags that make no sense together, as of flags that make none by themselves.
const WRONG_USAGE: u8 = 2;

/// What is this gear worth, when should it go, and what will that bring in?
#[derive(Debug, Parser)]
#[command(name = "residua", version, about, propagate_version = true, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Plan when each asset of a register should go, by which route, and what it brings in
    Plan(plan::PlanArguments),
    /// Say what is wrong with the data, what it costs, and which fix clears most money
    Check(check::CheckArguments),
    /// Say what one product is worth now and over the next two years
    Quote(quote::QuoteArguments),
    /// Price a promise of one unit's value in a later month, and say how much it carries as a pledge until then
    Guarantee(guarantee::GuaranteeArguments),
    /// Write one asset down in one book, period by period
    Depreciate(depreciate::DepreciateArguments),
    /// Say what happens to money, by quarter, if something changes
    #[command(name = "whatif")]
    WhatIf(whatif::WhatIfArguments),
    /// Say what a purchase displaces, in what order, what that is worth then, and what must be done by when
    Replace(replace::ReplaceArguments),
    /// Ask a vendor what units are worth, and follow them from hand to hand
    Handoff(Box<handoff::HandoffArguments>),
    /// Hold a vendor's settlement against what was handed over, and say what to dispute
    Settle(settle::SettleArguments),
    /// Open a local web page for scenarios, assets, uploads and lots
    Serve(serve::ServeArguments),
    /// Say what to bid for a lot, and what one could lose
    Lot(lot::LotArguments),
    /// Write the value of every asset, month by month
    Value(value::ValueArguments),
    /// Write any system's export as a canonical register, or say how it is understood
    Convert(convert::ConvertArguments),
    /// Say why one asset is worth what it is and should go when it should
    Explain(explain::ExplainArguments),
    /// Fit the price models from market observations
    Fit(fit::FitArguments),
    /// Forecast the past with what was known then, and score it against rivals
    Backtest(backtest::BacktestArguments),
    /// Keep the forecasts with what came of them, grade them, and learn from them
    Ledger(ledger::LedgerArguments),
    /// Look a product up, or say which product a name stands for
    Catalog(catalog::CatalogArguments),
    /// Invent a used market whose truth is known, and the best forecasts anyone could make of it
    Simulate(simulate::SimulateArguments),
    /// Write a commented starter policy
    Init(init::InitArguments),
    /// Print what a shell needs to complete commands, flags and values
    Completions(completions::CompletionsArguments),
    /// Print the manual page of a command, or write those of all
    Man(man::ManArguments),
}

/// Runs the command of the process's arguments.
pub fn main() -> ExitCode {
    let understood = Arguments::command().try_get_matches().and_then(|matches| {
        let command = matches.subcommand_name().unwrap_or_default().to_owned();
        Ok((command, Arguments::from_arg_matches(&matches)?))
    });
    let (command, arguments) = match understood {
        Ok(understood) => understood,
        Err(error) => return refuse(&error),
    };
    let result = match arguments.command {
        Command::Plan(arguments) => plan::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Quote(arguments) => quote::run(arguments),
        Command::Guarantee(arguments) => guarantee::run(arguments),
        Command::Depreciate(arguments) => depreciate::run(arguments),
        Command::WhatIf(arguments) => whatif::run(arguments),
        Command::Replace(arguments) => replace::run(arguments),
        Command::Handoff(arguments) => handoff::run(*arguments),
        Command::Settle(arguments) => settle::run(arguments),
        Command::Serve(arguments) => serve::run(arguments),
        Command::Lot(arguments) => lot::run(arguments),
        Command::Value(arguments) => value::run(arguments),
        Command::Convert(arguments) => convert::run(arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Fit(arguments) => fit::run(arguments),
        Command::Backtest(arguments) => backtest::run(arguments),
        Command::Ledger(arguments) => ledger::run(arguments),
        Command::Catalog(arguments) => catalog::run(arguments),
        Command::Simulate(arguments) => simulate::run(arguments),
        Command::Init(arguments) => init::run(arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Man(arguments) => man::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if common::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            tell("error", AnsiColor::Red, &sentence(&error));
            tell("hint", AnsiColor::Cyan, &hint::hint(&error, &command));
            let replace = error.downcast_ref::<ReplaceError>().is_some_and(ReplaceError::is_wrong_usage);
            let lot = matches!(error.downcast_ref(), Some(LotError::Flag { .. }));
            let guarantee =
                error.downcast_ref::<GuaranteeError>().is_some_and(GuaranteeError::is_wrong_usage);
            let usage = guarantee || error.is::<depreciate::WrongUsage>() || replace || lot;
            if usage { ExitCode::from(WRONG_USAGE) } else { ExitCode::FAILURE }
        }
    }
}

/// What clap ends an error with, in the place of which a hint is told.
const MORE: &str = "For more information, try";

/// Tells what was asked for (help, the version), or what is wrong with the words of the command and what helps.
fn refuse(error: &clap::Error) -> ExitCode {
    let is_help = error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if !error.use_stderr() || is_help {
        // Help that cannot be printed has no other way out.
        let _ = error.print();
        return ExitCode::from(if is_help { WRONG_USAGE } else { 0 });
    }
    let text = error.render().ansi().to_string();
    let told = text.split_once(MORE).map_or(text.as_str(), |(told, _)| told);
    let told = told.trim_end();
    anstream::eprintln!("{told}{}", if told.contains('\n') { "\n" } else { "" });
    let words: Vec<String> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into()).collect();
    tell("hint", AnsiColor::Cyan, &hint::of_words(&Arguments::command(), &words));
    ExitCode::from(WRONG_USAGE)
}

/// A line on standard error, its first word in a colour where a terminal shows it.
fn tell(word: &str, colour: AnsiColor, sentence: &str) {
    let style = Style::new().bold().fg_color(Some(colour.into()));
    anstream::eprintln!("{style}{word}:{style:#} {sentence}");
}

/// An error with its causes, each said once: many causes already stand in the sentence above them.
fn sentence(error: &anyhow::Error) -> String {
    let mut sentence = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !sentence.contains(&cause) {
            sentence = format!("{sentence}: {cause}");
        }
    }
    sentence
}
