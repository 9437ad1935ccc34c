//! What several commands share: flags, the policy, the models, the clock, and writing to standard output.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use super::progress::Bars;
use crate::catalog::{self, AssetClass, Catalog, Matcher, ProductId};
use crate::decide::Policy;
pub(super) use crate::decide::Setting;
use crate::fleet::{self, FileError, Fleet, Profiles, ReadError, column_meant};
use crate::lot::manifest;
use crate::market::{Observation, Observations};
use crate::price::Models;
use crate::price::followed::FollowedPrices;
use crate::report::Page;
use crate::units::{Currency, Month, counted};

/// Unknown columns of a file that are told by name.
const COLUMNS_TOLD: usize = 8;

/// Rejected observations that are told one by one.
const REJECTS_TOLD: usize = 5;

/// Months ahead of its last price to which a model was scored.
const TRUSTED_MONTHS: i32 = 24;

/// Flags that every command with a forecast has.
#[derive(Debug, Args)]
pub(super) struct CommonArguments {
    /// Month from which everything is seen (YYYY-MM); default: this month
    #[arg(long, value_name = "YYYY-MM")]
    pub as_of: Option<Month>,
    /// Directory of fitted models, used in place of the program's own class by class
    #[arg(long, value_name = "DIR")]
    pub models: Option<PathBuf>,
    /// Catalog file (CSV) laid over the built-in catalog
    #[arg(long, value_name = "FILE")]
    pub catalog: Option<PathBuf>,
    /// Policy file (TOML); `residua init` writes one
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Profile of a system (TOML) laid over the built-in ones; again for another
    #[arg(long = "profile", value_name = "FILE")]
    pub profiles: Vec<PathBuf>,
    /// Currency of the answer, three letters
    #[arg(long)]
    pub currency: Option<Currency>,
    /// Threads to use; default: all cores
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Say nothing but errors on standard error
    #[arg(short, long)]
    pub quiet: bool,
    /// Say more on standard error
    #[arg(short, long, conflicts_with = "quiet")]
    pub verbose: bool,
}

impl CommonArguments {
    /// Reads the policy, the models and the catalog, and fixes the month.
    pub(super) fn setting(&self) -> anyhow::Result<Setting> {
        use_threads(self.threads);
        let policy = match &self.policy {
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("cannot read the policy {}", path.display()))?;
                Policy::from_toml(&path.display().to_string(), &text)?
            }
            None => Policy::built_in(),
        };
        let as_of = match self.as_of {
            Some(month) => month,
            None => policy.fixed_as_of()?.unwrap_or_else(this_month),
        };
        let models = match &self.models {
            Some(path) => Models::from_directory(path)?,
            None => Models::built_in()?,
        };
        self.warn_of_old_models(&models, as_of);
        let catalog = full_catalog(self.catalog.as_ref())?;
        let profiles = Profiles::with_files(&self.profiles)?;
        Ok(Setting::new(policy, self.currency, as_of, models, catalog, profiles)?)
    }

    /// Says which of the user's own models look further ahead than they were ever scored.
    fn warn_of_old_models(&self, models: &Models, as_of: Month) {
        if self.models.is_none() {
            return;
        }
        for (model, _) in models.iter().filter(|(model, _)| !model.followed.is_empty()) {
            let last = model.followed.iter().map(FollowedPrices::last_month).max();
            let age = last.map_or(0, |last| as_of.months_since(last));
            if let Some(last) = last.filter(|_| age > TRUSTED_MONTHS) {
                self.say(&format!(
                    "warning: the prices of the {} model end in {last}, {age} months before {as_of}; forecasts were \
                     scored to {TRUSTED_MONTHS} months: add newer ones with `residua fit --update`",
                    model.class
                ));
            }
        }
    }

    /// Bars of progress, unless asked for silence.
    pub(super) fn bars(&self) -> Bars {
        Bars::new(self.quiet)
    }

    /// Says how many files were written where.
    pub(super) fn say_wrote(&self, files: usize, directory: &Path) {
        self.say(&format!("wrote {} to {}", counted(files, "file"), directory.display()));
    }

    /// Writes a line of talk, unless asked for silence.
    pub(super) fn say(&self, line: &str) {
        if !self.quiet {
            eprintln!("{line}");
        }
    }
}

/// Reads registers, or one bare list as people write it in a mail, and says which of their columns count for nothing.
pub(super) fn read_fleet(
    common: &CommonArguments,
    setting: &Setting,
    files: &[PathBuf],
    bars: &Bars,
) -> anyhow::Result<Fleet> {
    let options = setting.read_options();
    let fleet = match (fleet::read_watched(files, &options, bars.work()), files) {
        (
            Err(error @ ReadError::File(FileError::NoKnownColumn { .. } | FileError::HeaderOnly { .. })),
            [list],
        ) => {
            let Ok(manifest) = manifest::read(list, &options) else { return Err(error.into()) };
            if !manifest.prices.is_empty() || !manifest.locked.is_empty() {
                common.say("prices and locks that the list states count for `residua lot` only");
            }
            manifest.fleet
        }
        (fleet, _) => fleet?,
    };
    tell_unknown_columns(common, &fleet);
    if common.currency.is_none()
        && let Some(paid) = currency_of_costs(&fleet).filter(|paid| *paid != setting.policy.currency)
    {
        let own = setting.policy.currency;
        common.say(&format!(
            "all costs are in {paid} and the answer is in {own}: --currency {paid} gives it in {paid}"
        ));
    }
    Ok(fleet)
}

/// The currency of all costs, if it is one.
fn currency_of_costs(fleet: &Fleet) -> Option<Currency> {
    let mut currencies =
        fleet.assets.iter().filter_map(|asset| asset.purchase_cost).map(|(_, currency)| currency);
    let first = currencies.next()?;
    currencies.all(|currency| currency == first).then_some(first)
}

/// Says which columns nothing knows; where one is a slip of the pen from one that the file lacks, what was meant.
pub(super) fn tell_unknown_columns(common: &CommonArguments, fleet: &Fleet) {
    for file in &fleet.files {
        let path = file.label();
        let mut unknown = Vec::new();
        for header in &file.columns_unknown {
            let meant = column_meant(header);
            match meant.filter(|field| file.columns_used.iter().all(|(_, used)| used != field)) {
                Some(field) => {
                    let name = field.name();
                    common.say(&format!("{path}: column `{header}` is not known; did you mean `{name}`?"));
                }
                None => unknown.push(header),
            }
        }
        if let Some(columns) = named_columns(&unknown) {
            common.say(&format!("{path}: not known, and counting for nothing: {columns}"));
        }
    }
}

/// Columns by name, the first few of many.
fn named_columns(headers: &[&String]) -> Option<String> {
    let told: Vec<String> = headers.iter().take(COLUMNS_TOLD).map(|header| format!("`{header}`")).collect();
    let more = headers.len() - told.len();
    let kind = if headers.len() == 1 { "column" } else { "columns" };
    let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
    (!headers.is_empty()).then(|| format!("{kind} {}{rest}", told.join(", ")))
}

/// The built-in catalog with a file of the user's laid over it.
pub(super) fn full_catalog(own: Option<&PathBuf>) -> anyhow::Result<Catalog> {
    let built_in = catalog::built_in()?;
    let Some(path) = own else { return Ok(built_in) };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the catalog {}", path.display()))?;
    let mine = catalog::read_catalog(&path.display().to_string(), &text)?;
    Ok(Catalog::new(built_in.iter().map(|(_, product)| product.clone()).chain(mine)))
}

/// Limits the threads, if asked to.
pub(super) fn use_threads(threads: Option<u16>) {
    if let Some(threads) = threads {
        // Fails only when a pool exists already, which no command does before this.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(usize::from(threads)).build_global();
    }
}

/// A share as people write it: `0.2` or `20%`.
pub(super) fn share(text: &str) -> Result<f64, String> {
    let (number, scale) = match text.trim().strip_suffix('%') {
        Some(percent) => (percent.trim_end(), 100.0),
        None => (text.trim(), 1.0),
    };
    let value = number.parse::<f64>().map_err(|_| "write a share such as 0.2 or 20%".to_owned())?;
    Ok(value / scale)
}

/// An amount as people write it: `389000`, `389,000.50`.
pub(super) fn amount(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let (whole, cents) = text.split_once('.').unwrap_or((text, ""));
    let mut groups = whole.trim_start_matches('-').split(',');
    let first = groups.next().is_some_and(|first| (1..=3).contains(&first.len()));
    let grouped = first && groups.all(|group| group.len() == 3) && !cents.contains(',');
    let plain = if grouped { text.replace(',', "") } else { text.to_owned() };
    plain.parse().map_err(|_| "write an amount such as 389000, 389,000 or 1250.50".to_owned())
}

/// The first rejected observations, a line each.
pub(super) fn told_rejects(observations: &Observations) -> impl Iterator<Item = String> {
    let told = observations.rejects.iter().take(REJECTS_TOLD);
    told.map(|reject| format!("  rejected {}:{}  {}", reject.file.display(), reject.line, reject.reason))
}

/// The product of every observation, if it has one, looking each different text up once.
pub(super) fn identify(catalog: &Catalog, rows: &[Observation]) -> Vec<Option<ProductId>> {
    let matcher = Matcher::new(catalog);
    let mut known: HashMap<(&str, Option<AssetClass>), Option<ProductId>> = HashMap::new();
    rows.iter()
        .map(|row| {
            let product = *known
                .entry((&row.product, row.class))
                .or_insert_with(|| matcher.identify(&row.product, row.class).product);
            // A laptop listing that names its graphics chip is no sale of a graphics card.
            product.filter(|id| row.class.is_none_or(|class| class == catalog.get(*id).class))
        })
        .collect()
}

fn this_month() -> Month {
    Month::from(jiff::Zoned::now().date())
}

/// Columns of standard output: those that the environment names, else those of the terminal, if it is one.
fn columns() -> Option<usize> {
    let named = std::env::var("COLUMNS").ok().and_then(|text| text.trim().parse::<usize>().ok());
    let of_terminal = || {
        let (terminal_size::Width(columns), _) = terminal_size::terminal_size_of(std::io::stdout())?;
        Some(usize::from(columns))
    };
    named.filter(|columns| *columns > 0).or_else(of_terminal)
}

/// The page that standard output is. Styles follow NO_COLOR, CLICOLOR, CLICOLOR_FORCE and the terminal.
pub(super) fn page() -> Page {
    let styled = anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never;
    columns().map_or(Page::plain(), Page::terminal).styled(styled)
}

/// Writes a text that people read to standard output, no line longer than the page.
pub(super) fn print_text(page: Page, text: &str) -> anyhow::Result<()> {
    print(&page.fitted(text))
}

/// Writes to standard output; a reader that hung up is an error the caller knows as harmless.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    let mut output = std::io::stdout().lock();
    output.write_all(text.as_bytes())?;
    output.flush()?;
    Ok(())
}

/// Writes a table to standard output as Parquet, unless that is a terminal.
#[cfg(feature = "parquet")]
pub(super) fn print_parquet(table: &crate::report::Table) -> anyhow::Result<()> {
    use std::io::IsTerminal;
    let mut output = std::io::stdout().lock();
    anyhow::ensure!(!output.is_terminal(), "Parquet is no text: send it into a file, `… > plan.parquet`");
    output.write_all(&crate::report::to_parquet(table)?)?;
    Ok(output.flush()?)
}

/// Whether the reader of our output went away (`residua value … | head`).
pub(super) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}
