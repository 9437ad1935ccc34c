//! `residua quote`: what one product is worth, in five seconds and without a file.

use std::fmt::Write;

use clap::{Args, ValueEnum};

use super::common::{CommonArguments, Setting, page, print, print_text};
use super::hint::hinted;
use super::kept::KeptArguments;
use super::one_product::{Units, find, fleet_of};
use crate::catalog::Product;
use crate::decide::{self, Action, Plan, PlannedCohort};
use crate::market::{Comparable, nearest};
use crate::outcome::ledger::GivenBy;
use crate::price::Basis;
use crate::report;
use crate::units::{Money, Quantiles};

/// Months of the sparkline.
const MONTHS: usize = 24;

/// Arguments of `residua quote`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  residua quote \"A100 SXM 80GB\" -n 150 --bought 2023-06")]
pub(super) struct QuoteArguments {
    /// The product, as people write it
    #[arg(value_name = "PRODUCT")]
    product: String,
    #[command(flatten)]
    units: Units,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    kept: KeptArguments,
    #[command(flatten)]
    common: CommonArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The answer at a glance
    Table,
    /// One line a month for the next 24 months, CSV
    Csv,
    /// The same as JSON, one object a month
    Json,
}

pub(super) fn run(arguments: QuoteArguments) -> anyhow::Result<()> {
    let mut setting = arguments.common.setting()?;
    arguments.kept.calibrate(&mut setting, &arguments.common)?;
    let product = find(&setting, &arguments.product)?;
    let fleet = fleet_of(&setting, &product, arguments.units)?;
    let bars = arguments.common.bars();
    let plan = decide::plan_watched(&setting.plan_input(&fleet), bars.work())?;
    let planned = &plan.cohorts[0];
    if planned.forecast.is_none() {
        return Err(hinted(
            format!(
                "nothing says what {} is worth: no model for its class and no cost; give --cost",
                product.name
            ),
            "--cost AMOUNT says what one unit cost: its curve does the rest",
        ));
    }
    arguments.kept.keep(GivenBy::Quote, &plan, &fleet, &setting, &arguments.common)?;
    let months = || report::value_table(&plan, &fleet, &setting.catalog, MONTHS);
    match arguments.format {
        Format::Table => {}
        Format::Csv => return print(&String::from_utf8_lossy(&months().to_csv())),
        Format::Json => return print(&months().to_json()),
    }
    let comparables = nearest(&product.name, setting.as_of, 3);
    let mut text = String::new();
    let page = page();
    write_quote(&mut text, &arguments, &setting, &product, &plan, planned, &comparables)?;
    let (title, rest) = text.split_once('\n').unwrap_or((&text, ""));
    print_text(page, &format!("{}\n{rest}", page.heading(title)))
}

fn write_quote(
    text: &mut String,
    arguments: &QuoteArguments,
    setting: &Setting,
    product: &Product,
    plan: &Plan,
    planned: &PlannedCohort,
    comparables: &[&Comparable],
) -> std::fmt::Result {
    let Some(forecast) = &planned.forecast else { return Ok(()) };
    let currency = setting.policy.currency;
    let value = |ahead: usize| forecast.value(ahead).quantiles().map_linear(plan.currency_per_dollar, 0.0);
    let now = value(0);
    writeln!(text, "{}", arguments.units.title(product, setting.as_of))?;
    writeln!(text)?;
    writeln!(text, "worth now     {}", range(now, currency))?;
    if arguments.units.number > 1 {
        let total = &plan.totals.value_now;
        let line = range(Quantiles { mean: total.expected.major(), ..total.quantiles }, currency);
        writeln!(text, "{:>4} of them  {line}", arguments.units.number)?;
    }
    let path: Vec<f64> = (0..=MONTHS).map(|ahead| value(ahead).p50).collect();
    writeln!(
        text,
        "next {MONTHS} mo    {}  median {} → {}",
        sparkline(&path),
        whole(path[0], currency),
        whole(path[MONTHS], currency)
    )?;
    write_best_month(text, planned)?;
    writeln!(text, "rests on      {}", basis_in_words(forecast.basis, planned, setting))?;
    match comparables {
        [] => writeln!(text, "comparables   none")?,
        some => {
            for (position, one) in some.iter().enumerate() {
                let head = if position == 0 { "comparables   " } else { "              " };
                writeln!(text, "{head}{one}")?;
            }
        }
    }
    Ok(())
}

fn write_best_month(text: &mut String, planned: &PlannedCohort) -> std::fmt::Result {
    let decision = &planned.decision;
    let net = range(decision.recovery, decision.recovery_money.currency());
    match (decision.action, decision.month, decision.window) {
        (Action::Go, Some(month), Some((first, last))) => {
            writeln!(text, "best month    {month} (window {first} to {last}), net of fees and share {net}")?;
        }
        (Action::Keep, _, _) => writeln!(text, "best month    none in the months looked ahead")?,
        _ => {}
    }
    writeln!(text, "why           {}", decision.reason)
}

fn basis_in_words(basis: Basis, planned: &PlannedCohort, setting: &Setting) -> String {
    let last = setting
        .models
        .get(planned.cohort.class)
        .and_then(|model| model.card.last_month)
        .map_or(String::new(), |month| format!("; market seen until {month}"));
    match basis {
        Basis::Sales(count) => format!("sales: {count} monthly prices or listings of this product{last}"),
        Basis::Family => format!("family: its own facts and the prices of its relatives{last}"),
        Basis::Class => format!("class: the curve of its class{last}"),
        Basis::Published => "published: literature figures only".to_owned(),
    }
}

fn range(points: Quantiles, currency: crate::units::Currency) -> String {
    format!(
        "{} {currency}  (median {}, 80 % between {} and {})",
        whole(points.mean, currency),
        whole(points.p50, currency),
        whole(points.p10, currency),
        whole(points.p90, currency)
    )
}

fn whole(amount: f64, currency: crate::units::Currency) -> String {
    Money::from_major(amount, currency).map_or_else(|_| "?".into(), Money::rounded)
}

/// One block a month, the tallest the dearest month; zero is the floor.
fn sparkline(values: &[f64]) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = values.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    values.iter().map(|value| BLOCKS[((value / most * 8.0).ceil() as usize).clamp(1, 8) - 1]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_falling_price_makes_a_falling_line() {
        assert_eq!(sparkline(&[8.0, 6.0, 4.0, 1.0]), "█▆▄▁");
    }
}
