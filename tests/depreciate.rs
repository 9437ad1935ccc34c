//! `residua depreciate` and the books behind it: the oracles to the printed digit, and what must hold of every book.

#![allow(clippy::unwrap_used)]

mod common;

use common::{failure_of, output_of};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use residua::book::spreadsheet::{db, ddb, sln, syd, vdb};
use residua::book::{
    Bonus, Book, Convention, Disposal, Event, Factor, FirstYearMonths, FiscalYear, History, HistoryError,
    Macrs, MacrsYears, Method, Quarter, TaxConvention, Terms,
};
use residua::units::Month;

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn factor(number: f64) -> Factor {
    Factor::new(number).unwrap()
}

fn book(method: Method, cost: f64, salvage: f64, life_months: u32, in_service: Date) -> Book {
    Book::from_day(method, Terms::new(cost, salvage, life_months).unwrap(), in_service)
}

fn cents(amount: f64) -> f64 {
    (amount * 100.0).round() / 100.0
}

// The spreadsheet functions.

#[test]
fn the_published_examples_of_the_spreadsheet_functions_hold_to_the_cent() {
    assert_eq!(sln(30_000.0, 7500.0, 10).unwrap(), 2250.0);
    assert_eq!(cents(syd(30_000.0, 7500.0, 10, 1).unwrap()), 4090.91);
    assert_eq!(cents(syd(30_000.0, 7500.0, 10, 10).unwrap()), 409.09);
    let seven = FirstYearMonths::new(7).unwrap();
    let years = [186_083.33, 259_639.42, 176_814.44, 120_410.64, 81_999.64, 55_841.76, 15_845.10];
    for (index, amount) in years.into_iter().enumerate() {
        assert_eq!(cents(db(1_000_000.0, 100_000.0, 6, index as u32 + 1, seven).unwrap()), amount);
    }
    for (life, period, by, amount) in [
        (3650, 1, 2.0, 1.32),
        (120, 1, 2.0, 40.0),
        (10, 1, 2.0, 480.0),
        (10, 2, 1.5, 306.0),
        (10, 10, 2.0, 22.12),
    ] {
        assert_eq!(cents(ddb(2400.0, 300.0, life, period, factor(by)).unwrap()), amount);
    }
    for (life, stretch, by, amount) in [
        (3650, 0.0..1.0, 2.0, 1.32),
        (120, 0.0..1.0, 2.0, 40.0),
        (10, 0.0..1.0, 2.0, 480.0),
        (120, 6.0..18.0, 2.0, 396.31),
        (120, 6.0..18.0, 1.5, 311.81),
        (10, 0.0..0.875, 1.5, 315.0),
    ] {
        assert_eq!(cents(vdb(2400.0, 300.0, life, stretch, factor(by), true).unwrap()), amount);
    }
}

#[test]
fn ten_thousand_cases_agree_with_libreoffice() {
    let mut reader = csv::Reader::from_path("tests/fixtures/depreciation_libreoffice.csv").unwrap();
    let mut cases = 0;
    for record in reader.records() {
        let record = record.unwrap();
        let number = |column: usize| record[column].parse::<f64>().unwrap();
        let whole = |column: usize| record[column].parse::<u32>().unwrap();
        let (cost, salvage, life) = (number(1), number(2), whole(3));
        let computed = match &record[0] {
            "sln" => sln(cost, salvage, life),
            "syd" => syd(cost, salvage, life, whole(4)),
            "db" => db(cost, salvage, life, whole(4), FirstYearMonths::new(whole(5)).unwrap()),
            "ddb" => ddb(cost, salvage, life, whole(4), factor(number(6))),
            "vdb" => vdb(cost, salvage, life, number(4)..number(5), factor(number(6)), whole(7) == 0),
            other => panic!("no function {other}"),
        };
        let (computed, expected) = (computed.unwrap(), number(8));
        assert!((computed - expected).abs() < 1e-4, "{record:?}: {computed}");
        cases += 1;
    }
    assert_eq!(cases, 10_000);
}

// The registers' own formulas.

#[test]
fn whole_months_over_the_term_is_the_register_formula_of_snipe_it() {
    let book = book(Method::StraightLine, 1389.0, 100.0, 36, date(2022, 8, 15));
    for months in [0, 1, 17, 36, 50] {
        let stated = 1389.0 - (1389.0 - 100.0) * (f64::from(months) / 36.0).min(1.0);
        assert!((book.value_at(month("2022-08").plus(months)) - stated).abs() < 1e-9);
    }
}

#[test]
fn days_over_1826_is_the_register_formula_of_servicenow() {
    let book =
        book(Method::StraightLine, 2499.99, 0.0, 60, date(2021, 3, 10)).with_convention(Convention::Daily);
    for day in [date(2021, 3, 10), date(2022, 1, 1), date(2024, 2, 29), date(2026, 3, 10), date(2030, 1, 1)] {
        let days = f64::from((day - date(2021, 3, 10)).get_days());
        let stated = 2499.99 - 2499.99 * (days / 1826.0).min(1.0);
        assert!((book.line().value_at(book.months_until(day)) - stated).abs() < 1e-9, "{day}");
    }
}

#[test]
fn a_rate_of_a_quarter_a_year_is_a_life_of_48_months_as_in_ralph() {
    let rate_percent = 25.0;
    let life = (12.0 / (rate_percent / 100.0)) as u32;
    let book = book(Method::StraightLine, 4800.0, 0.0, life, date(2024, 1, 1));
    assert_eq!(book.value_at(month("2025-01")), 3600.0);
    assert_eq!(book.fully_depreciated(), month("2028-01"));
}

// Conventions.

#[test]
fn the_conventions_differ_in_the_first_and_the_last_month_only() {
    let with = |convention| {
        book(Method::StraightLine, 3600.0, 0.0, 36, date(2026, 3, 15)).with_convention(convention)
    };
    let at = |convention, text: &str| with(convention).value_at(month(text));
    assert_eq!(at(Convention::Monthly, "2026-03"), 3600.0);
    assert_eq!(at(Convention::MidMonth, "2026-03"), 3550.0);
    assert_eq!(at(Convention::FullMonth, "2026-03"), 3500.0);
    assert_eq!(at(Convention::Daily, "2026-03"), 3600.0 - 3600.0 * 17.0 / 1096.0);
    assert_eq!(with(Convention::Monthly).fully_depreciated(), month("2029-03"));
    assert_eq!(with(Convention::MidMonth).fully_depreciated(), month("2029-03"));
    assert_eq!(with(Convention::FullMonth).fully_depreciated(), month("2029-02"));
    assert_eq!(with(Convention::Daily).fully_depreciated(), month("2029-03"));
    for convention in [Convention::Monthly, Convention::MidMonth, Convention::FullMonth] {
        assert_eq!(with(convention).gain_on_disposal(month("2027-03"), 2500.0), 100.0);
    }
}

// Tax.

#[test]
fn a_tax_book_stands_at_the_published_balance_at_each_year_end() {
    let book = book(Method::Macrs(Macrs::FIVE), 10_000.0, 0.0, 60, date(2023, 1, 20));
    for (year, value) in [8000.0, 4800.0, 2880.0, 1728.0, 576.0, 0.0].into_iter().enumerate() {
        let at = Month::new(2023 + year as i32, 12).unwrap();
        assert!((book.value_at(at) - value).abs() < 1e-6, "{at}");
    }
}

#[test]
fn a_bonus_is_taken_first_and_the_table_applies_to_the_rest() {
    let macrs = Macrs { bonus: Bonus::new(60.0).unwrap(), ..Macrs::FIVE };
    let book = book(Method::Macrs(macrs), 10_000.0, 0.0, 60, date(2024, 5, 1));
    assert!((book.value_at(month("2024-12")) - 3200.0).abs() < 1e-6);
    assert!((book.value_at(month("2025-12")) - 1920.0).abs() < 1e-6);
    let all = Macrs { bonus: Bonus::new(100.0).unwrap(), ..Macrs::FIVE };
    let book = self::book(Method::Macrs(all), 10_000.0, 0.0, 60, date(2025, 5, 1));
    assert!(book.value_at(month("2025-12")).abs() < 1e-9);
    assert_eq!(book.fully_depreciated(), month("2025-12"));
}

#[test]
fn an_asset_gone_takes_half_of_its_last_tax_year_and_none_of_its_first() {
    let book = book(Method::Macrs(Macrs::FIVE), 10_000.0, 0.0, 60, date(2023, 6, 1));
    assert!((book.gain_on_disposal(month("2025-02"), 5000.0) - (5000.0 - 3840.0)).abs() < 1e-6);
    assert!((book.gain_on_disposal(month("2023-11"), 5000.0) + 5000.0).abs() < 1e-6);
    assert!((book.gain_on_disposal(month("2029-01"), 5000.0) - 5000.0).abs() < 1e-6);
}

#[test]
fn a_tax_year_may_start_in_any_month() {
    let july = FiscalYear::starting_in(7).unwrap();
    let book = book(Method::Macrs(Macrs::FIVE), 10_000.0, 0.0, 60, date(2024, 3, 1)).with_fiscal_year(july);
    assert!((book.value_at(month("2024-06")) - 8000.0).abs() < 1e-6);
    assert!((book.value_at(month("2025-06")) - 4800.0).abs() < 1e-6);
}

// What happens to an asset.

#[test]
fn a_new_life_spreads_the_rest_over_the_months_left() {
    let book =
        book(Method::StraightLine, 3600.0, 0.0, 36, date(2024, 1, 1)).with_convention(Convention::FullMonth);
    let event = Event::NewLife { on: date(2024, 12, 31), life_months: 60 };
    let history = History::new(book, &[event], None).unwrap();
    assert_eq!(history.line().value_at(12.0), 2400.0);
    assert_eq!(history.line().value_at(13.0), 2350.0);
    assert_eq!(history.last_month(), month("2028-12"));
}

#[test]
fn an_impairment_comes_off_at_once_and_the_rest_goes_on() {
    let book =
        book(Method::StraightLine, 3600.0, 0.0, 36, date(2024, 1, 1)).with_convention(Convention::FullMonth);
    let event = Event::Impairment { on: date(2024, 12, 15), amount: 1200.0 };
    let gone = Disposal { on: date(2026, 1, 10), proceeds: 450.0 };
    let history = History::new(book, &[event], Some(gone)).unwrap();
    assert_eq!(history.line().value_at(12.0), 1200.0);
    assert_eq!(history.line().value_at(24.0), 600.0);
    assert_eq!(history.disposal(), Some((gone, 600.0)));
}

#[test]
fn proceeds_that_are_no_amount_are_refused() {
    for proceeds in [-1.0, f64::NAN, f64::INFINITY] {
        let book = book(Method::StraightLine, 3600.0, 0.0, 36, date(2024, 1, 1));
        let gone = Disposal { on: date(2026, 1, 10), proceeds };
        assert!(matches!(History::new(book, &[], Some(gone)), Err(HistoryError::Proceeds(_))), "{proceeds}");
    }
}

// The command.

#[derive(Debug, PartialEq)]
struct Row {
    period: String,
    depreciation: i64,
    accumulated: i64,
    book_value: i64,
}

fn rows(arguments: &[&str]) -> Vec<Row> {
    let text = output_of(&[&["depreciate", "--format", "csv"], arguments].concat());
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("period,depreciation,accumulated,book_value"));
    let minor = |text: &str| text.replace('.', "").parse::<i64>().unwrap();
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            assert_eq!(cells.len(), 4);
            Row {
                period: cells[0].into(),
                depreciation: minor(cells[1]),
                accumulated: minor(cells[2]),
                book_value: minor(cells[3]),
            }
        })
        .collect()
}

fn assert_it_adds_up(rows: &[Row], cost: i64) {
    let mut taken = 0;
    for row in rows {
        taken += row.depreciation;
        assert_eq!(row.accumulated, taken, "{row:?}");
        assert_eq!(row.accumulated + row.book_value, cost, "{row:?}");
        assert!(row.depreciation >= 0, "{row:?}");
    }
}

#[test]
fn every_method_adds_up_to_the_cent() {
    let calls: [&[&str]; 12] = [
        &["--method", "sln", "--life", "7"],
        &["--method", "sln", "--life", "36", "--unit", "months"],
        &["--method", "db", "--life", "6", "--first-months", "7"],
        &["--method", "ddb", "--life", "10", "--factor", "1.5"],
        &["--method", "vdb", "--life", "10"],
        &["--method", "vdb", "--life", "10", "--no-switch"],
        &["--method", "syd", "--life", "5", "--start", "2024-11-30", "--by", "quarter"],
        &["--method", "vdb", "--life", "60", "--unit", "months", "--start", "2024-11-30"],
        &["--method", "sln", "--life", "5", "--start", "2024-11-30", "--convention", "daily"],
        &[
            "--method",
            "sln",
            "--life",
            "5",
            "--start",
            "2024-11",
            "--convention",
            "mid-month",
            "--fiscal-start",
            "7",
        ],
        &["--method", "uop", "--units-total", "10000", "--units", "1000,2500,4000,3000"],
        &[
            "--method",
            "sln",
            "--life",
            "4",
            "--start",
            "2024-03",
            "--impair",
            "2025-05-31:100",
            "--new-life",
            "2026-01-31:6",
        ],
    ];
    for call in calls {
        let rows = rows(&[&["--cost", "1389.99", "--salvage", "138.50"], call].concat());
        assert_it_adds_up(&rows, 138_999);
        let exact_end = !call.contains(&"db") && !call.contains(&"ddb") && !call.contains(&"--no-switch");
        assert!(!exact_end || rows.last().unwrap().book_value == 13_850, "{call:?}");
    }
}

#[test]
fn a_tax_schedule_is_the_published_table_of_the_cost() {
    let depreciation = |arguments: &[&str]| -> Vec<i64> {
        let call = [&["--method", "macrs", "--cost", "10000"], arguments].concat();
        let rows = rows(&call);
        assert_it_adds_up(&rows, 1_000_000);
        rows.into_iter().map(|row| row.depreciation).collect()
    };
    let half_year = [200_000, 320_000, 192_000, 115_200, 115_200, 57_600];
    assert_eq!(depreciation(&["--macrs-class", "5"]), half_year);
    assert_eq!(depreciation(&["--life", "5", "--salvage", "500"]), half_year);
    assert_eq!(
        depreciation(&["--macrs-class", "7", "--quarter", "2"]),
        [178_500, 234_700, 167_600, 119_700, 88_700, 88_700, 88_700, 33_400]
    );
    assert_eq!(
        depreciation(&["--macrs-class", "5", "--start", "2024-02-10", "--bonus", "law"])[..2],
        [680_000, 128_000]
    );
}

#[test]
fn dated_periods_bear_the_names_of_the_fiscal_calendar() {
    let labels = |arguments: &[&str]| -> Vec<String> {
        let call =
            [&["--method", "sln", "--cost", "1200", "--life", "1", "--start", "2026-05-10"], arguments]
                .concat();
        rows(&call).into_iter().map(|row| row.period).collect()
    };
    assert_eq!(labels(&[]), ["2026", "2027"]);
    assert_eq!(labels(&["--fiscal-start", "7"]), ["FY2026", "FY2027"]);
    assert_eq!(labels(&["--by", "quarter"])[..2], ["2026-Q2", "2026-Q3"]);
    assert_eq!(labels(&["--by", "month"]).len(), 12);
    assert_eq!(labels(&["--by", "month", "--convention", "daily"]).len(), 13);
}

#[test]
fn a_book_with_a_life_of_its_own_reads_at_a_glance() {
    let call = [
        "depreciate",
        "--method",
        "sln",
        "--cost",
        "289000",
        "--salvage",
        "28900",
        "--life",
        "5",
        "--start",
        "2024-03-15",
        "--impair",
        "2025-12-31:40000",
        "--new-life",
        "2026-06-30:6",
        "--dispose",
        "2027-05-31:95000",
    ];
    insta::assert_snapshot!(output_of(&call));
    let json: serde_json::Value =
        serde_json::from_str(&output_of(&[&call[..], &["--format", "json"]].concat())).unwrap();
    let disposal = &json["disposal"];
    let number = |name: &str| disposal[name].as_f64().unwrap();
    assert!((number("proceeds") - number("book_value") - number("gain")).abs() < 0.005);
    assert_eq!(json["periods"][1]["impairment"].as_f64(), Some(40_000.0));
}

#[test]
fn a_tax_schedule_cites_the_law_of_its_bonus() {
    insta::assert_snapshot!(output_of(&[
        "depreciate",
        "--method",
        "macrs",
        "--cost",
        "289000",
        "--macrs-class",
        "5",
        "--start",
        "2024-11-20",
        "--quarter",
        "4",
        "--bonus",
        "law",
    ]));
}

#[test]
fn wrong_flags_are_wrong_usage_and_name_the_remedy() {
    let base = ["depreciate", "--cost", "1000"];
    let calls: [(&[&str], &str); 16] = [
        (&["--method", "sln"], "give --life"),
        (&["--method", "sln", "--life", "0"], "at least 1"),
        (&["--method", "sln", "--life", "5", "--salvage", "2000"], "between 0 and the cost"),
        (&["--method", "sln", "--life", "5", "--factor", "2"], "use --method ddb or vdb"),
        (&["--method", "ddb", "--life", "5", "--factor", "-1"], "above 0"),
        (&["--method", "db", "--life", "5", "--first-months", "13"], "1 to 12"),
        (&["--method", "macrs"], "--macrs-class"),
        (&["--method", "macrs", "--macrs-class", "4"], "use 5"),
        (&["--method", "macrs", "--macrs-class", "5", "--quarter", "5"], "1 to 4"),
        (&["--method", "macrs", "--macrs-class", "5", "--bonus", "150"], "0 to 100"),
        (&["--method", "macrs", "--macrs-class", "5", "--bonus", "law"], "give --start"),
        (
            &["--method", "macrs", "--macrs-class", "5", "--start", "2024-02", "--quarter", "4"],
            "give --quarter 1",
        ),
        (&["--method", "uop", "--units", "5"], "--units-total"),
        (&["--method", "uop", "--units-total", "10", "--units", "a,b"], "neither a number"),
        (&["--method", "sln", "--life", "5", "--start", "2024-01", "--impair", "2023-01-01:5"], "later date"),
        (&["--method", "sln", "--life", "5", "--start", "2024-13"], "YYYY-MM-DD"),
    ];
    for (call, remedy) in calls {
        let (code, said) = failure_of(&[&base[..], call].concat());
        assert!(code == 2 && said.contains(remedy), "{call:?}: {code} {said}");
    }
}

// What holds of every book.

fn any_method() -> impl Strategy<Value = Method> {
    let declining = (1.0..3.0_f64, any::<bool>())
        .prop_map(|(by, switch)| Method::DecliningBalance { factor: factor(by), switch });
    let macrs = (0..6_usize, 0..5_u32, 0.0..100.0_f64).prop_map(|(period, quarter, bonus)| {
        let convention = match quarter {
            0 => TaxConvention::HalfYear,
            quarter => TaxConvention::MidQuarter(Quarter::new(quarter).unwrap()),
        };
        Method::Macrs(Macrs {
            period: MacrsYears::ALL[period],
            convention,
            bonus: Bonus::new(bonus).unwrap(),
        })
    });
    prop_oneof![Just(Method::StraightLine), Just(Method::SumOfYearsDigits), declining, macrs]
}

proptest! {
    #[test]
    fn no_book_ever_rises_or_falls_below_salvage(
        method in any_method(),
        cost in 1.0..1e6_f64,
        share in 0.0..0.9_f64,
        life in 1..120_u32,
        which in 0..4_usize,
    ) {
        let salvage = if matches!(method, Method::Macrs(_)) { 0.0 } else { share * cost };
        let convention =
            [Convention::Daily, Convention::Monthly, Convention::FullMonth, Convention::MidMonth][which];
        let book = book(method, cost, salvage, life, date(2024, 2, 29)).with_convention(convention);
        let mut last = cost;
        for step in 0..300 {
            let value = book.value_at(month("2024-02").plus(step));
            prop_assert!(value <= last + 1e-9 && value >= salvage - 1e-9 * cost);
            last = value;
        }
        let ends_at_salvage = !matches!(method, Method::DecliningBalance { switch: false, .. });
        prop_assert!(!ends_at_salvage || (last - salvage).abs() < 1e-6);
    }

    #[test]
    fn going_over_to_the_straight_line_never_takes_less(
        cost in 1.0..1e6_f64, share in 0.0..0.9_f64, life in 1..60_u32, by in 1.0..3.0_f64,
    ) {
        let taken = |switch, end| vdb(cost, share * cost, life, 0.0..f64::from(end), factor(by), switch).unwrap();
        let straight = sln(cost, share * cost, life).unwrap();
        for end in 1..=life {
            prop_assert!(taken(true, end) >= taken(false, end) - 1e-9 * cost);
            prop_assert!(taken(true, end) >= straight * f64::from(end) - 1e-9 * cost);
        }
        prop_assert!((taken(true, life) - cost * (1.0 - share)).abs() < 1e-9 * cost);
    }

    #[test]
    fn an_event_that_changes_nothing_leaves_the_straight_line(
        life in 2..120_u32, after in 1..100_i32, which in 0..4_usize,
    ) {
        let convention =
            [Convention::Daily, Convention::Monthly, Convention::FullMonth, Convention::MidMonth][which];
        let book = book(Method::StraightLine, 1000.0, 100.0, life, date(2024, 5, 17)).with_convention(convention);
        let on = date(2024, 5, 17).checked_add(jiff::Span::new().months(after % (life as i32 - 1).max(1))).unwrap();
        if let Ok(history) = History::new(book, &[Event::NewLife { on, life_months: life }], None) {
            for elapsed in 0..=life {
                let elapsed = f64::from(elapsed);
                prop_assert!((history.line().value_at(elapsed) - book.line().value_at(elapsed)).abs() < 1e-9);
            }
        }
    }
}
