//! What to do next after an error.
//!
//! In: the error that ends a run, and the name of the command. Out: one sentence for a line `hint: …`. The hint belongs to
//! the type of the error: the library says what is wrong and where, and here stands which command or flag helps. An error
//! of the command line itself brings its own ([`Hinted`]).

use std::error::Error;

use crate::catalog::CatalogError;
use crate::decide::{ConversionError, GuaranteeError, PlanError, PolicyError};
use crate::fleet::{FileError, ProfileError, ReadError, column_meant};
use crate::lot::{LotError, SchemeError};
use crate::market::MarketError;
use crate::outcome::ledger::{ExchangeError, LedgerError, TooFew};
use crate::outcome::settle::SettleError;
use crate::outcome::{CustodyError, PackageError, SelectionError};
use crate::price::ModelError;
use crate::price::calibration::CalibrationError;
use crate::report::WriteError;
use crate::scenario::{ReplaceError, ScenarioError, WhatIfError};
use crate::units::{self, CurrencyError};

/// Where names of files are mistaken.
const NAMES: &str = "check the path and its spelling; names are relative to the current directory";

/// How a register is understood.
const EXPLAIN: &str =
    "`residua convert --explain FILE` says how each column is read; --profile adds names of columns";

/// The starter policy.
const POLICY: &str = "`residua init -` prints a policy with every key, its default and what it means";

/// The commented scenarios.
const SCENARIOS: &str = "`residua whatif --example` prints a commented scenario of each kind";

/// How products are found.
const PRODUCTS: &str = "`residua catalog NAME` says what a name is taken for, `residua catalog` lists all products; a register with class, purchase_date and purchase_cost values what is not in it (`residua value`)";

/// Rates of exchange.
const RATES: &str =
    "`residua init` writes a policy with [exchange_rates]; add the rate there and give it with --policy";

/// An error of the command line with what to do about it.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(super) struct Hinted {
    message: String,
    hint: String,
}

/// An error with its own hint.
pub(super) fn hinted(message: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
    Hinted { message: message.into(), hint: hint.into() }.into()
}

/// What to do about an error of a command.
pub(super) fn hint(error: &anyhow::Error, command: &str) -> String {
    let known = error.chain().find_map(of);
    known.unwrap_or_else(|| format!("`residua {command} --help` says what it takes, with an example"))
}

/// What to do about words that clap does not take, by the command that they begin with.
pub(super) fn of_words(root: &clap::Command, words: &[String]) -> String {
    let (mut command, mut name) = (root, "residua".to_owned());
    for word in words {
        let Some(inner) = command.find_subcommand(word) else { break };
        command = inner;
        name = format!("{name} {word}");
    }
    if command.has_subcommands() && command.get_positionals().next().is_none() {
        return format!("`{name} --help` lists the commands");
    }
    let example = if command.get_after_help().is_some() { ", with an example" } else { "" };
    format!("`{name} --help` says what it takes{example}")
}

fn of(error: &(dyn Error + 'static)) -> Option<String> {
    let fixed = |hint: &str| Some(hint.to_owned());
    if let Some(found) = error.downcast_ref::<Hinted>() {
        return Some(found.hint.clone());
    }
    if let Some(found) = error.downcast_ref::<PlanError>() {
        return Some(of_plan(found));
    }
    if let Some(found) = error.downcast_ref::<ReadError>() {
        return Some(of_read(found));
    }
    if let Some(found) = error.downcast_ref::<FileError>() {
        return Some(of_file(found));
    }
    if let Some(found) = error.downcast_ref::<WhatIfError>() {
        return match found {
            WhatIfError::Plan(found) => Some(of_plan(found)),
            WhatIfError::Scenario(_) => fixed(SCENARIOS),
            WhatIfError::Policy(_) => fixed(POLICY),
            WhatIfError::Money(_) => fixed(AMOUNTS),
        };
    }
    if let Some(found) = error.downcast_ref::<ReplaceError>() {
        return Some(of_replace(found));
    }
    if let Some(found) = error.downcast_ref::<LotError>() {
        return Some(of_lot(found));
    }
    if let Some(found) = error.downcast_ref::<SettleError>() {
        return Some(of_settle(found));
    }
    of_one_kind(error).map(str::to_owned).or_else(|| of_system(error))
}

/// Amounts that no machine can hold.
const AMOUNTS: &str = "`residua convert --explain FILE` shows how amounts are read: look for a decimal sign or a unit that is taken wrong";

/// Errors whose every case has the same way out.
fn of_one_kind(error: &(dyn Error + 'static)) -> Option<&'static str> {
    if error.is::<ScenarioError>() {
        return Some(SCENARIOS);
    }
    if error.is::<PolicyError>() {
        return Some(POLICY);
    }
    if error.is::<CurrencyError>() {
        return Some(RATES);
    }
    if let Some(found) = error.downcast_ref::<ConversionError>() {
        return Some(match found {
            ConversionError::Currency(_) => RATES,
            ConversionError::Policy(_) => POLICY,
        });
    }
    if error.is::<CatalogError>() {
        return Some(
            "a catalog is a CSV file with a column `product`; docs and `residua catalog NAME` show the others",
        );
    }
    if error.is::<ProfileError>() {
        return Some("data/profiles holds a profile of each known system to start from");
    }
    if error.is::<ModelError>() {
        return Some(
            "`residua fit MARKET... -o DIR` writes a directory for --models; without --models the program's own are used",
        );
    }
    if error.is::<CalibrationError>() {
        return Some("`residua ledger recalibrate -o calibration.json` writes one");
    }
    if error.is::<MarketError>() {
        return Some(
            "observations are CSV files with the columns date, product and price; `residua fit --help` names the others",
        );
    }
    if error.is::<WriteError>() {
        return Some(
            "name a directory of your own with -o, one that does not exist yet or that an earlier run wrote",
        );
    }
    if error.is::<LedgerError>() {
        return Some(
            "`residua plan REGISTER --ledger FILE` begins a ledger, `residua ledger show --ledger FILE` says what one holds",
        );
    }
    if error.is::<ExchangeError>() {
        return Some("`residua ledger export -o FILE` writes what `residua ledger import FILE` reads");
    }
    if error.is::<TooFew>() {
        return Some(
            "file more settlements with `residua settle FILE --ledger LEDGER`; `residua ledger grade` says how many answer a forecast",
        );
    }
    if error.is::<SelectionError>() {
        return Some(
            "`residua plan REGISTER --format csv` lists the assets by id; --assets all-due takes what is due, --assets all what may leave",
        );
    }
    if error.is::<PackageError>() {
        return Some("`residua plan REGISTER --triggers` lists what can be handed over now");
    }
    if error.is::<CustodyError>() {
        return Some(
            "`residua handoff verify DIR` says which event or file differs; restore the package from the copy that was sent",
        );
    }
    if error.is::<GuaranteeError>() {
        return Some("`residua guarantee --help` says what each figure means, with an example");
    }
    error
        .is::<SchemeError>()
        .then_some("--scheme NAME says by which scheme codes are read; the policy lists them under [lot]")
}

/// What the system itself refused.
fn of_system(error: &(dyn Error + 'static)) -> Option<String> {
    let found = error.downcast_ref::<std::io::Error>()?;
    Some(match found.kind() {
        std::io::ErrorKind::PermissionDenied => {
            "ask for the right to use that file, or name another".to_owned()
        }
        _ => NAMES.to_owned(),
    })
}

fn of_plan(error: &PlanError) -> String {
    match error {
        PlanError::BeforeEveryPurchase { earliest, .. } => {
            format!(
                "--as-of {earliest} is the first month in which something was owned; without --as-of it is this month"
            )
        }
        PlanError::Currency(_) => RATES.to_owned(),
        PlanError::Policy(_) => POLICY.to_owned(),
        PlanError::Fixes(_) => "data/fixes.toml of this program is damaged: build it again".to_owned(),
        PlanError::Money(_) => AMOUNTS.to_owned(),
        PlanError::Cancelled(_) => "run it again when you want the answer".to_owned(),
    }
}

fn of_read(error: &ReadError) -> String {
    match error {
        ReadError::File(found) => of_file(found),
        ReadError::NothingUsable { .. } => EXPLAIN.to_owned(),
        ReadError::Cancelled(_) => "run it again when you want the answer".to_owned(),
    }
}

fn of_file(error: &FileError) -> String {
    match error {
        FileError::Unreadable { .. } => NAMES.to_owned(),
        FileError::Directory { path } => format!("name its files: {}/*.csv", path.display()),
        FileError::NoKnownColumn { found, .. } => {
            let slips: Vec<String> = found
                .split(", ")
                .filter_map(|header| Some(format!("`{}` for `{header}`", column_meant(header)?.name())))
                .collect();
            if slips.is_empty() { EXPLAIN.to_owned() } else { format!("did you mean {}?", slips.join(", ")) }
        }
        _ => EXPLAIN.to_owned(),
    }
}

fn of_replace(error: &ReplaceError) -> String {
    match error {
        ReplaceError::UnknownProduct { .. } | ReplaceError::Part { .. } => PRODUCTS.to_owned(),
        ReplaceError::UnknownSite { .. } => "leave out --site to look at all sites".to_owned(),
        ReplaceError::BeyondHorizon { .. } => POLICY.to_owned(),
        ReplaceError::Plan(found) => of_plan(found),
        ReplaceError::Policy(_) => POLICY.to_owned(),
        ReplaceError::Currency(_) => RATES.to_owned(),
        ReplaceError::Money(_) => AMOUNTS.to_owned(),
        ReplaceError::Nothing | ReplaceError::Past { .. } | ReplaceError::Price(_) => {
            "`residua replace --help` shows an order".to_owned()
        }
    }
}

fn of_lot(error: &LotError) -> String {
    match error {
        LotError::Read(found) => of_read(found),
        LotError::Scheme(_) => {
            "--scheme NAME says by which scheme codes are read; the policy lists them under [lot]".to_owned()
        }
        LotError::Plan(found) => of_plan(found),
        LotError::Currency(_) => RATES.to_owned(),
        LotError::Money(_) => AMOUNTS.to_owned(),
        LotError::Flag { .. } => "`residua lot --help` says what each flag means, with examples".to_owned(),
        LotError::NothingPriced { .. } => PRODUCTS.to_owned(),
    }
}

fn of_settle(error: &SettleError) -> String {
    match error {
        SettleError::File(found) => of_file(found),
        SettleError::NothingHandedOver { .. } | SettleError::NoRequest { .. } => {
            "`residua handoff REGISTER --assets … -o DIR` writes request.json; give it with --request"
                .to_owned()
        }
        _ => "`residua settle --help` shows how a settlement is read; --profile adds names of columns"
            .to_owned(),
    }
}

/// What to do where a name could be several products: the one that is spelled most like it, and in any case more of its name.
pub(super) fn of_unclear_product<'a>(name: &str, products: impl Iterator<Item = &'a str>) -> String {
    let more = "give more of its name: generation, memory or form";
    match units::hint(name, products).trim_start_matches("; ") {
        "" => more.to_owned(),
        near => format!("{near} Else {more}"),
    }
}

/// What to do where a product is not known.
pub(super) fn of_product() -> &'static str {
    PRODUCTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_nobody_expected_still_has_a_way_on() {
        let error = anyhow::anyhow!("something else");
        assert_eq!(hint(&error, "plan"), "`residua plan --help` says what it takes, with an example");
    }

    #[test]
    fn wrong_words_lead_to_the_help_of_the_command_they_begin_with() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let plan = clap::Command::new("plan").after_help("Example:\n  residua plan register.csv");
        let ledger = clap::Command::new("ledger").subcommand(clap::Command::new("grade"));
        let root = clap::Command::new("residua").subcommands([plan, ledger]);
        let cases: [(&[&str], &str); 4] = [
            (&["plann"], "`residua --help` lists the commands"),
            (&["plan", "--x"], "`residua plan --help` says what it takes, with an example"),
            (&["ledger", "--x", "grade"], "`residua ledger --help` lists the commands"),
            (&["ledger", "grade", "x"], "`residua ledger grade --help` says what it takes"),
        ];
        for (given, wanted) in cases {
            assert_eq!(of_words(&root, &words(given)), wanted);
        }
    }

    #[test]
    fn an_error_keeps_its_hint_under_a_context() {
        let missing = std::fs::read("/no/such/file").map_err(anyhow::Error::from);
        let error = missing.map_err(|error| error.context("cannot read the policy")).unwrap_err();
        assert_eq!(hint(&error, "plan"), NAMES);
        assert_eq!(hint(&hinted("no", "do that").context("about it"), "plan"), "do that");
    }
}
