//! `residua depreciate`: the schedule of one asset in one book, period by period.

mod flags;
mod schedule;

use clap::{Args, ValueEnum};
use jiff::civil::{Date, date};
use std::fmt::Write;

use self::flags::{check_flags, dated_amount, dated_life, day, units};
use self::schedule::Schedule;
use super::common::{amount, page, print, print_text};
use crate::book::{
    Bonus, Book, Convention, Disposal, Entry, Event, Factor, FirstYearMonths, FiscalYear, History, Line,
    Macrs, MacrsYears, Method, Production, Quarter, ReportPeriod, TaxConvention, Terms, bonus_by_law,
    entries,
};
use crate::units::{Currency, Money, Month};

/// Arguments of `residua depreciate`.
#[derive(Debug, Args)]
#[command(
    after_help = "Amounts are whole cents: accumulated and book value add to the cost in every row. An impairment\n\
        stands in the depreciation of its period (csv), or beside it (table, json).\n\n\
        Without --start the periods are numbered; with it they bear the names of months, quarters or fiscal years.\n\n\
        Examples:\n  \
        residua depreciate --method sln --cost 1389 --life 36 --unit months --format csv\n  \
        residua depreciate --method vdb --cost 2400 --salvage 300 --life 10 --factor 1.5\n  \
        residua depreciate --method macrs --cost 289000 --macrs-class 5 --start 2026-11-20 --quarter 4 --bonus law\n  \
        residua depreciate --method sln --cost 289000 --salvage 28900 --life 5 --start 2024-03-15 --convention daily \\\n    \
        --impair 2025-12-31:40000 --new-life 2026-06-30:6 --dispose 2027-05-31:95000"
)]
pub(super) struct DepreciateArguments {
    /// How the asset is written down
    #[arg(long, value_enum)]
    method: MethodName,
    /// What was paid
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true, value_parser = amount)]
    cost: f64,
    /// What is left at the end of the life
    #[arg(long, value_name = "AMOUNT", default_value_t = 0.0, allow_negative_numbers = true, value_parser = amount)]
    salvage: f64,
    /// Life in the unit; for macrs its class, for uop not needed
    #[arg(long, value_name = "N")]
    life: Option<u32>,
    /// Unit of the life and of the method's own periods
    #[arg(long, value_enum, default_value_t = Unit::Years)]
    unit: Unit,
    /// Declining balance (ddb, vdb): multiple of the straight-line rate; default 2
    #[arg(long, value_name = "F", allow_negative_numbers = true)]
    factor: Option<f64>,
    /// vdb: do not go over to the straight line
    #[arg(long)]
    no_switch: bool,
    /// db without --start: months of the first year (1 to 12); default 12
    #[arg(long, value_name = "N")]
    first_months: Option<u32>,
    /// Day of service (YYYY-MM-DD or YYYY-MM)
    #[arg(long, value_name = "DATE", value_parser = day)]
    start: Option<Date>,
    /// When time counts; default full-month. Tax tables have their own
    #[arg(long, value_enum, requires = "start")]
    convention: Option<ConventionName>,
    /// Month in which the fiscal and tax year starts (1 to 12)
    #[arg(long, value_name = "MONTH", default_value_t = 1, requires = "start")]
    fiscal_start: u32,
    /// Lines of the schedule; default: years, or months with --unit months
    #[arg(long, value_enum, requires = "start")]
    by: Option<By>,
    /// macrs: class in years (3, 5, 7, 10, 15, 20)
    #[arg(long, value_name = "YEARS")]
    macrs_class: Option<u32>,
    /// macrs: quarter of service for the mid-quarter convention; default: half-year
    #[arg(long, value_name = "1..4")]
    quarter: Option<u32>,
    /// macrs: per cent taken at once in the first year, or `law` for that of the days acquired and of service
    #[arg(long, value_name = "PCT|law")]
    bonus: Option<String>,
    /// macrs with `--bonus law`: day of the binding contract; default: the day of service
    #[arg(long, value_name = "DATE", value_parser = day, requires = "bonus")]
    acquired: Option<Date>,
    /// uop: units made over the whole life
    #[arg(long, value_name = "UNITS", allow_negative_numbers = true)]
    units_total: Option<f64>,
    /// uop: units of each period, a list (1200,1500) or a file with one number a line
    #[arg(long, value_name = "LIST|FILE")]
    units: Option<String>,
    /// An impairment; may be given more than once
    #[arg(long, value_name = "DATE:AMOUNT", value_parser = dated_amount, requires = "start")]
    impair: Vec<(Date, f64)>,
    /// A new total life from service, in the unit; may be given more than once
    #[arg(long, value_name = "DATE:N", value_parser = dated_life, requires = "start")]
    new_life: Vec<(Date, u32)>,
    /// The disposal, with proceeds net of what selling costs
    #[arg(long, value_name = "DATE:PROCEEDS", value_parser = dated_amount, requires = "start")]
    dispose: Option<(Date, f64)>,
    /// Currency of the amounts, three letters
    #[arg(long, default_value = "USD")]
    currency: Currency,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MethodName {
    /// Straight line
    Sln,
    /// Declining balance at the rate that ends at salvage, as the spreadsheet function DB
    Db,
    /// Declining balance by a factor, as DDB
    Ddb,
    /// The same, going over to the straight line when that takes more, as VDB
    Vdb,
    /// Sum of years' digits
    Syd,
    /// United States tax tables
    Macrs,
    /// Units of production
    Uop,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Unit {
    Months,
    Years,
}

impl Unit {
    const fn months(self) -> u32 {
        match self {
            Unit::Months => 1,
            Unit::Years => 12,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ConventionName {
    /// Every day counts
    Daily,
    /// Whole months from the month after that of service
    Monthly,
    /// The month of service in full, that of the disposal not at all
    FullMonth,
    /// Half of the month of service and of the disposal
    MidMonth,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    Month,
    Quarter,
    Year,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The schedule with what it rests on
    Table,
    /// period,depreciation,accumulated,book_value
    Csv,
    /// The same with impairments and the disposal, as one object
    Json,
}

/// Flags that do not go together; the sentence names the remedy.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct WrongUsage(String);

fn wrong(sentence: impl ToString) -> anyhow::Error {
    WrongUsage(sentence.to_string()).into()
}

pub(super) fn run(arguments: DepreciateArguments) -> anyhow::Result<()> {
    check_flags(&arguments)?;
    let schedule = match arguments.method {
        MethodName::Uop => by_units(&arguments)?,
        _ => by_time(&arguments)?,
    };
    match arguments.format {
        Format::Table => print_text(page(), &schedule.table()?),
        Format::Csv => {
            schedule.notes.iter().for_each(|note| eprintln!("{note}"));
            print(&schedule.csv()?)
        }
        Format::Json => print(&format!("{:#}\n", schedule.json())),
    }
}

fn by_time(arguments: &DepreciateArguments) -> anyhow::Result<Schedule> {
    let mut notes = Vec::new();
    let fiscal_year = FiscalYear::starting_in(arguments.fiscal_start).map_err(wrong)?;
    let method = method(arguments, fiscal_year, &mut notes)?;
    let (salvage, life) = match method {
        Method::Macrs(macrs) => {
            if arguments.salvage > 0.0 {
                notes.push("note: tax tables write the whole cost down; salvage is not used".into());
            }
            (0.0, macrs.period.years() * 12)
        }
        _ => {
            let life = arguments
                .life
                .ok_or_else(|| wrong("a life is missing: give --life, for example --life 5"))?;
            (arguments.salvage, months_of(life, arguments.unit)?)
        }
    };
    let terms = Terms::new(arguments.cost, salvage, life).map_err(wrong)?;
    // Numbered periods are those of an asset of any January.
    let in_service = arguments.start.unwrap_or(date(2000, 1, 1));
    let book = Book::from_day(method, terms, in_service)
        .with_convention(convention(arguments.convention.unwrap_or(ConventionName::FullMonth)))
        .with_fiscal_year(fiscal_year);
    let book = if arguments.unit == Unit::Months { book.with_monthly_periods() } else { book };
    let history = history(arguments, book)?;
    let ends = match arguments.start {
        Some(_) => named_ends(arguments, fiscal_year, &history),
        None => numbered_ends(history.line(), method, arguments.unit),
    };
    let rows = entries(history.line(), history.impairments(), ends, arguments.currency)?;
    if history.disposal().is_none() {
        notes.extend(off_salvage(
            method,
            &rows,
            Money::from_major(history.book().terms().salvage(), arguments.currency)?,
        ));
    }
    let mut title = format!(
        "{}, cost {}, salvage {}, {life} months",
        method.name(),
        Money::from_major(arguments.cost, arguments.currency)?,
        Money::from_major(salvage, arguments.currency)?,
    );
    if let Some(start) = arguments.start {
        write!(title, ", in service {start}")?;
        if history.disposal().is_none() {
            // A bonus of the whole cost leaves nothing for the years of the method.
            let last = match history.impairments() {
                [] => history.book().fully_depreciated(),
                _ => history.last_month(),
            };
            notes.push(format!("nothing is left to take after {last}"));
        }
    }
    Ok(Schedule { title, notes, rows, disposal: history.disposal(), currency: arguments.currency })
}

fn method(
    arguments: &DepreciateArguments,
    fiscal_year: FiscalYear,
    notes: &mut Vec<String>,
) -> anyhow::Result<Method> {
    let factor = || arguments.factor.map_or(Ok(Factor::DOUBLE), Factor::new).map_err(wrong);
    Ok(match arguments.method {
        MethodName::Sln | MethodName::Uop => Method::StraightLine,
        MethodName::Syd => Method::SumOfYearsDigits,
        MethodName::Ddb => Method::DecliningBalance { factor: factor()?, switch: false },
        MethodName::Vdb => Method::DecliningBalance { factor: factor()?, switch: !arguments.no_switch },
        MethodName::Db => Method::FixedRate {
            first_year: FirstYearMonths::new(arguments.first_months.unwrap_or(12)).map_err(wrong)?,
        },
        MethodName::Macrs => Method::Macrs(macrs(arguments, fiscal_year, notes)?),
    })
}

fn macrs(
    arguments: &DepreciateArguments,
    fiscal_year: FiscalYear,
    notes: &mut Vec<String>,
) -> anyhow::Result<Macrs> {
    if arguments.unit == Unit::Months {
        return Err(wrong("MACRS goes by tax years: leave out --unit months; --by month gives months"));
    }
    let class = match (arguments.macrs_class, arguments.life) {
        (Some(class), Some(life)) if class != life => {
            return Err(wrong(format!("--macrs-class {class} and --life {life} differ: leave out --life")));
        }
        (class, life) => {
            class.or(life).ok_or_else(|| wrong("a class is missing: give --macrs-class, 5 for computers"))?
        }
    };
    let period = MacrsYears::from_years(class).map_err(wrong)?;
    let convention = match arguments.quarter {
        None => TaxConvention::HalfYear,
        Some(quarter) => TaxConvention::MidQuarter(Quarter::new(quarter).map_err(wrong)?),
    };
    if let (Some(start), TaxConvention::MidQuarter(quarter)) = (arguments.start, convention) {
        let of_start = Quarter::of_month(fiscal_year.months_into(Month::from(start)));
        if of_start != quarter {
            return Err(wrong(format!(
                "{start} lies in quarter {} of the tax year, not in {}: give --quarter {}",
                of_start.get(),
                quarter.get(),
                of_start.get()
            )));
        }
    }
    let bonus = match (arguments.bonus.as_deref(), arguments.start) {
        (None, _) => Bonus::NONE,
        (Some("law"), None) => return Err(wrong("--bonus law needs the day of service: give --start")),
        (Some("law"), Some(start)) => {
            let acquired = arguments.acquired.unwrap_or(start);
            if acquired > start {
                return Err(wrong(format!(
                    "acquired {acquired}, after the service from {start}: give an earlier day"
                )));
            }
            let found = bonus_by_law(acquired, start);
            notes.push(format!("bonus {} %: {}", found.bonus.percent(), found.law));
            found.bonus
        }
        (Some(text), _) => {
            let percent: f64 = text.trim_end_matches('%').trim().parse().map_err(|_| {
                wrong(format!("`{text}` is not a bonus: give per cent from 0 to 100, or `law`"))
            })?;
            if percent > 0.0 && percent <= 1.0 && !text.ends_with('%') {
                return Err(wrong(format!(
                    "`{text}` may be per cent or a share: write {} or {text}%",
                    100.0 * percent
                )));
            }
            Bonus::new(percent).map_err(wrong)?
        }
    };
    Ok(Macrs { period, convention, bonus })
}

const fn convention(name: ConventionName) -> Convention {
    match name {
        ConventionName::Daily => Convention::Daily,
        ConventionName::Monthly => Convention::Monthly,
        ConventionName::FullMonth => Convention::FullMonth,
        ConventionName::MidMonth => Convention::MidMonth,
    }
}

fn months_of(life: u32, unit: Unit) -> anyhow::Result<u32> {
    let months = life.checked_mul(unit.months()).filter(|months| *months <= 12_000);
    months.ok_or_else(|| {
        wrong(format!("a life of {life} is beyond a thousand years: give fewer, or --unit months"))
    })
}

fn history(arguments: &DepreciateArguments, book: Book) -> anyhow::Result<History> {
    let mut events: Vec<Event> =
        arguments.impair.iter().map(|&(on, amount)| Event::Impairment { on, amount }).collect();
    for &(on, life) in &arguments.new_life {
        events.push(Event::NewLife { on, life_months: months_of(life, arguments.unit)? });
    }
    let disposal = arguments.dispose.map(|(on, proceeds)| Disposal { on, proceeds });
    History::new(book, &events, disposal).map_err(wrong)
}

/// Ends of months, quarters or fiscal years, from that of service to the last with anything in it.
fn named_ends(
    arguments: &DepreciateArguments,
    fiscal_year: FiscalYear,
    history: &History,
) -> Vec<(String, f64)> {
    let period = match (arguments.by, arguments.unit) {
        (Some(By::Month), _) | (None, Unit::Months) => ReportPeriod::Month,
        (Some(By::Quarter), _) => ReportPeriod::Quarter,
        (Some(By::Year), _) | (None, Unit::Years) => ReportPeriod::Year,
    };
    let book = history.book();
    fiscal_year
        .spans(period, Month::from(book.in_service()), history.last_month())
        .into_iter()
        .map(|span| (span.label.clone(), book.months_at(span.last)))
        .collect()
}

/// Ends of the method's own periods, numbered from 1.
fn numbered_ends(line: &Line, method: Method, unit: Unit) -> Vec<(String, f64)> {
    let first = match method {
        Method::FixedRate { first_year } => f64::from(first_year.get()) / 12.0,
        _ => 1.0,
    };
    let length = f64::from(unit.months());
    let mut ends = Vec::new();
    let mut end = first * length;
    while end - length < line.end() {
        ends.push(((ends.len() + 1).to_string(), end));
        end += length;
    }
    ends
}

/// Says that a method does not end at salvage, as the spreadsheet functions do not.
fn off_salvage(method: Method, rows: &[Entry], salvage: Money) -> Option<String> {
    let end = rows.last()?.book_value;
    let why = match method {
        Method::FixedRate { .. } => "the rate has three decimals, as DB of spreadsheets",
        Method::DecliningBalance { switch: false, .. } => "--method vdb goes over to the straight line",
        _ => return None,
    };
    (end != salvage).then(|| format!("note: ends at {end}, not at salvage {salvage}: {why}"))
}

fn by_units(arguments: &DepreciateArguments) -> anyhow::Result<Schedule> {
    let total = arguments
        .units_total
        .ok_or_else(|| wrong("the units of the life are missing: give --units-total"))?;
    let text = arguments
        .units
        .as_deref()
        .ok_or_else(|| wrong("the units of the periods are missing: give --units 1200,1500"))?;
    let production = Production::new(total, units(text)?).map_err(wrong)?;
    let periods = u32::try_from(production.periods()).unwrap_or(u32::MAX);
    let terms = Terms::new(arguments.cost, arguments.salvage, periods).map_err(wrong)?;
    let first = arguments.start.map(Month::from);
    let label = |index: u32| match (first, arguments.unit) {
        (None, _) => (index + 1).to_string(),
        (Some(first), Unit::Months) => first.plus(index as i32).to_string(),
        (Some(first), Unit::Years) => (first.year() + index as i32).to_string(),
    };
    let ends = (0..periods).map(|index| (label(index), f64::from(index) + 1.0));
    let rows = entries(&production.line(terms), &[], ends, arguments.currency)?;
    let title = format!(
        "units of production, cost {}, salvage {}, {total} units",
        Money::from_major(arguments.cost, arguments.currency)?,
        Money::from_major(arguments.salvage, arguments.currency)?,
    );
    Ok(Schedule { title, notes: Vec::new(), rows, disposal: None, currency: arguments.currency })
}
