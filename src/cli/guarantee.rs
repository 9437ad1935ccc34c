//! `residua guarantee`: what a promise of a unit's value costs, and how much the unit carries as a pledge.

use std::fmt::Write;

use clap::{Args, ValueEnum};

use super::common::{CommonArguments, Setting, amount, page, print, print_text, share};
use super::hint::hinted;
use super::one_product::{Units, find, fleet_of};
use crate::catalog::Product;
use crate::decide::{self, Exercise, GuaranteeError, PlannedCohort, Promise, ScheduleLine};
use crate::price::Forecast;
use crate::report::{self, GuaranteeReport};
use crate::units::{Currency, Money, Month, monthly_discount_factor};

/// Arguments of `residua guarantee`.
#[derive(Debug, Args)]
#[command(
    after_help = "The promise pays what one unit then fetches less than the strike. The premium is fair before any\nloading for risk or cost.\n\nExamples:\n  \
                  residua guarantee \"A100 SXM 80GB\" --strike 3000 --month 2028-11 --bought 2023-06\n  \
                  residua guarantee \"RTX 3080\" --strike 250 --month 2027-11 --exercise monthly --format csv"
)]
pub(super) struct GuaranteeArguments {
    /// The product, as people write it
    #[arg(value_name = "PRODUCT")]
    product: String,
    /// Value of one unit that is promised, in the currency of the answer
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true, value_parser = amount)]
    strike: f64,
    /// Month in which the promise ends (YYYY-MM)
    #[arg(long, value_name = "YYYY-MM")]
    month: Month,
    /// When it may be called
    #[arg(long, value_enum, default_value_t = Calling::End)]
    exercise: Calling,
    /// Share of outcomes that may fall below what is lent
    #[arg(long, value_name = "SHARE", value_parser = share, default_value_t = 0.10, allow_negative_numbers = true)]
    quantile: f64,
    #[command(flatten)]
    units: Units,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    common: CommonArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Calling {
    /// In its month only
    End,
    /// In every month from the next on
    Monthly,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The promise, and what the unit carries by quarter
    Table,
    /// One line a month: what the unit carries, and the promise were that its month, CSV
    Csv,
    /// The same as JSON, one object a month
    Json,
}

pub(super) fn run(arguments: GuaranteeArguments) -> anyhow::Result<()> {
    // The flags that are wrong by themselves are refused before anything is read.
    if !(arguments.strike.is_finite() && arguments.strike > 0.0) {
        return Err(GuaranteeError::Strike(arguments.strike).into());
    }
    if !(arguments.quantile > 0.0 && arguments.quantile < 1.0) {
        return Err(GuaranteeError::Quantile(arguments.quantile).into());
    }
    let setting = arguments.common.setting()?;
    decide::months_ahead(setting.as_of, arguments.month, setting.policy.horizon_months as usize)?;
    let product = find(&setting, &arguments.product)?;
    let fleet = fleet_of(&setting, &product, arguments.units)?;
    let bars = arguments.common.bars();
    let plan = decide::plan_watched(&setting.plan_input(&fleet), bars.work())?;
    let PlannedCohort { forecast: Some(forecast), .. } = &plan.cohorts[0] else {
        return Err(hinted(
            format!(
                "nothing says what {} is worth: no model for its class and no cost; give --cost",
                product.name
            ),
            "--cost AMOUNT says what one unit cost: its curve does the rest",
        ));
    };
    let promise = Promise {
        forecast,
        factor: plan.currency_per_dollar,
        strike: arguments.strike,
        month: arguments.month,
        exercise: match arguments.exercise {
            Calling::End => Exercise::AtTheEnd,
            Calling::Monthly => Exercise::Monthly,
        },
        discount: monthly_discount_factor(setting.policy.discount_rate_yearly),
    };
    let lines = decide::loan_schedule_watched(&promise, arguments.quantile, bars.work())?;
    let table = || {
        report::guarantee_table(&GuaranteeReport {
            product: &product.name,
            promise: &promise,
            quantile: arguments.quantile,
            currency: setting.policy.currency,
            lines: &lines,
        })
    };
    match arguments.format {
        Format::Csv => print(&String::from_utf8(table().to_csv())?),
        Format::Json => print(&table().to_json()),
        Format::Table => {
            let mut text = String::new();
            write_promise(&mut text, &arguments, &setting, &product, forecast, &lines)?;
            write_schedule(&mut text, arguments.quantile, setting.policy.currency, forecast, &lines)?;
            print_text(page(), &text)
        }
    }
}

fn write_promise(
    text: &mut String,
    arguments: &GuaranteeArguments,
    setting: &Setting,
    product: &Product,
    forecast: &Forecast,
    lines: &[ScheduleLine],
) -> std::fmt::Result {
    let Some(ScheduleLine { guarantee, month, .. }) = lines.last() else { return Ok(()) };
    let currency = setting.policy.currency;
    let money = |amount: f64| amount_in(amount, currency);
    writeln!(text, "{}", arguments.units.title(product, setting.as_of))?;
    writeln!(text, "Promise: one unit is worth at least {} {currency} in {month}", money(arguments.strike))?;
    let value = guarantee.value;
    writeln!(text)?;
    let line = |text: &mut String, name: &str, said: String| writeln!(text, "{name:<26}{said:>12}");
    writeln!(
        text,
        "{:<26}{:>12}  (median {}, 80 % between {} and {})",
        format!("value in {month}"),
        money(value.mean),
        money(value.p50),
        money(value.p10),
        money(value.p90)
    )?;
    line(text, "probability that it pays", format!("{:.1} %", 100.0 * guarantee.probability))?;
    line(text, "expected payment", money(guarantee.expected_payment))?;
    line(text, "fair premium today", money(guarantee.premium))?;
    if arguments.units.number > 1 {
        let total = guarantee.premium * f64::from(arguments.units.number);
        line(text, &format!("  for {} units", arguments.units.number), money(total))?;
    }
    if let Some(monthly) = guarantee.monthly_premium {
        line(text, "  if called in any month", money(monthly))?;
        line(text, "  for calling early", money(monthly - guarantee.premium))?;
    }
    line(text, "payment when it pays", money(guarantee.shortfall))?;
    line(text, "  in the worst 10 %", money(guarantee.worst_tenth))?;
    line(text, "  in the worst 5 %", money(guarantee.worst_twentieth))?;
    writeln!(
        text,
        "rests on                  {}; discounted at {:.1} % a year",
        forecast.basis.name(),
        100.0 * setting.policy.discount_rate_yearly
    )
}

fn write_schedule(
    text: &mut String,
    quantile: f64,
    currency: Currency,
    forecast: &Forecast,
    lines: &[ScheduleLine],
) -> std::fmt::Result {
    let share = 100.0 * quantile;
    let new = forecast.reference.kind.name();
    writeln!(text)?;
    writeln!(text, "Loan to value: {:.0} in 100 units fetch at least", 100.0 - share)?;
    writeln!(
        text,
        "{:<10}{:>14}{:>16}{:>24}",
        "month",
        currency.code(),
        "of value now",
        format!("of {new}")
    )?;
    for (ahead, line) in lines.iter().enumerate() {
        if ahead % 3 != 0 && ahead + 1 != lines.len() {
            continue;
        }
        let percent = |ratio: f64| format!("{:.1} %", 100.0 * ratio);
        writeln!(
            text,
            "{:<10}{:>14}{:>16}{:>24}",
            line.month.to_string(),
            amount_in(line.value_at_quantile, currency),
            percent(line.to_value_now),
            line.to_price_new.map_or("unknown".to_owned(), percent)
        )?;
    }
    writeln!(text, "\nAll amounts in {currency}, one unit, in the open market before fees.")
}

fn amount_in(amount: f64, currency: Currency) -> String {
    Money::from_major(amount, currency).map_or_else(|_| "?".into(), Money::grouped)
}
