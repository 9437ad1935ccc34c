//! Several books of one fleet at once, as the policy keeps them: by hand, to the cent, and tied to the plan.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use common::{failure_of, output_of, register, residua};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use residua::book::{BonusWords, BookRules, BookWords, BookedUnit, FiscalYear, TaxYears};
use residua::catalog::{self, Matcher};
use residua::decide::{InBook, PlanInput, Policy};
use residua::fleet;
use residua::price::Models;
use residua::scenario::{self, Answer, Depth, ScenarioFile, WhatIfError, WhatIfInput};
use residua::units::{Money, Month};

const SAMPLE: &str = "data/samples/fleet.csv";

/// Three books: the owner's, United States tax without bonus, and one by days with a residual value.
const THREE: &str = r#"
[[books.book]]
name = "corporate"
from_register = true

[[books.book]]
name = "US tax"
method = "macrs 5"

[[books.book]]
name = "IFRS"
method = "straight line"
convention = "daily"
life_months = 48
salvage_share = 0.1
"#;

/// The base of a register under a policy; laptops in stock leave at once, in 2026-11.
fn base(policy: &str, register: &str) -> Answer {
    asked(policy, register, "[[scenario]]\nname = \"nothing\"\n").unwrap().0
}

/// The base and its first scenario.
fn asked(policy: &str, register: &str, scenarios: &str) -> Result<(Answer, Answer), WhatIfError> {
    let catalog = catalog::built_in().unwrap();
    let matcher = Matcher::new(&catalog);
    let models = Models::built_in().unwrap();
    let policy = Policy::from_toml("policy", policy).unwrap();
    let as_of: Month = "2026-11".parse().unwrap();
    let fleet = fleet::read_text("register.csv", register.as_bytes(), &policy.read_options(as_of)).unwrap();
    let plan = PlanInput {
        fleet: &fleet,
        catalog: &catalog,
        matcher: &matcher,
        models: &models,
        policy: &policy,
        as_of,
    };
    let file = ScenarioFile::from_toml("mine.toml", scenarios)?;
    let mut found = scenario::what_if(&WhatIfInput { plan, written: &policy }, &file, Depth::Scenarios)?;
    Ok((found.base, found.scenarios.remove(0)))
}

const HEADER: &str = "asset_id,class,model,purchase_date,purchase_cost,currency,status,ownership,site\n";

/// Laptops of 1,000 in stock: tag, date, cost and ownership. The tag is the site, which tells departures apart.
fn laptops(lines: &[(&str, &str, &str, &str)]) -> String {
    let line = |(tag, date, cost, ownership): &(&str, &str, &str, &str)| {
        format!("{tag},laptop,Dell Latitude 5430,{date},{cost},USD,In stock,{ownership},{tag}\n")
    };
    HEADER.to_owned() + &lines.iter().map(line).collect::<String>()
}

/// Each book of the unit that leaves from a site.
fn books_of(answer: &Answer, site: &str) -> Vec<Option<InBook>> {
    let found = answer.departures.iter().find(|departure| departure.site == site).unwrap();
    assert_eq!((found.month.to_string().as_str(), found.units), ("2026-11", 1));
    found.books.clone()
}

/// Book values and last months in dollars and words.
fn told(books: &[Option<InBook>]) -> Vec<(String, String)> {
    books.iter().flatten().map(|book| (book.value.plain(), book.written_off.to_string())).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(value, month)| ((*value).to_owned(), (*month).to_owned())).collect()
}

#[test]
fn a_year_with_more_than_two_fifths_in_its_last_quarter_goes_by_mid_quarter_in_the_tax_book() {
    let register = laptops(&[
        ("A1", "2024-05-10", "1000", "owned"),
        ("A2", "2024-11-20", "1000", "owned"),
        ("A3", "2024-05-10", "", "owned"),
        ("A4", "2024-02-10", "90000", "leased"),
    ]);
    let base = base(THREE, &register);
    let names: Vec<&str> = base.books.iter().map(|book| book.name.as_str()).collect();
    assert_eq!(names, ["corporate", "US tax", "IFRS"]);
    // 1,000 of 2,000 came in the last quarter. The leased unit counts for nothing, the one without cost is told.
    assert_eq!((base.books[1].mid_quarter_years.as_slice(), base.books[1].untested), (&[2024][..], Some(1)));
    assert_eq!((base.books[0].untested, base.books[2].untested), (None, None));
    // Corporate: 36 months from June 2024. Gone in November 2026, after 30: 1000 × 6/36.
    // Tax, quarter 2 of Rev. Proc. 87-57 table 3: 25.00, 30.00, and of 18.00 in the third year 7/8, for it goes in the
    // middle of the fourth quarter: 1000 − 250 − 300 − 157.50. The sixth year ends in 2029.
    // IFRS: 905 days from 2024-05-10 to 2026-11-01 of 1,461 to 2028-05-10: 1000 − 900 × 905/1461 = 442.505.
    assert_eq!(
        told(&books_of(&base, "A1")),
        pairs(&[("166.67", "2027-05"), ("292.50", "2029-12"), ("442.51", "2028-05")])
    );
    // Corporate: 24 of 36 months. Tax, quarter 4 of table 5: 5.00, 38.00, 7/8 of 22.80: 1000 − 50 − 380 − 199.50.
    // IFRS: 711 days from 2024-11-20 of 1,461: 1000 − 900 × 711/1461 = 562.012.
    assert_eq!(
        told(&books_of(&base, "A2")),
        pairs(&[("333.33", "2027-11"), ("370.50", "2029-12"), ("562.01", "2028-11")])
    );
    assert_eq!(books_of(&base, "A3"), [None, None, None]);
    assert!(base.departures.iter().filter(|one| one.site == "A4").all(|one| one.books == [None, None, None]));
}

#[test]
fn just_two_fifths_stay_with_the_half_year_convention() {
    let register = laptops(&[("A1", "2024-05-10", "1200", "owned"), ("A2", "2024-11-20", "800", "owned")]);
    let base = base(THREE, &register);
    assert_eq!(base.books[1].mid_quarter_years, [] as [i32; 0]);
    // Table 1: 20.00, 32.00, half of 19.20: 1200 × (1 − 0.616) and 800 × 0.384.
    assert_eq!(books_of(&base, "A1")[1].unwrap().value.plain(), "460.80");
    assert_eq!(books_of(&base, "A2")[1].unwrap().value.plain(), "307.20");
}

#[test]
fn units_of_one_cohort_acquired_on_either_side_of_the_new_bonus_stand_apart() {
    let register = "asset_id,class,model,purchase_date,purchase_cost,currency,status,site\n\
                    A1,laptop,Dell Latitude 5430,2025-01-19,1000,USD,In stock,Berlin\n\
                    A2,laptop,Dell Latitude 5430,2025-01-20,1000,USD,In stock,Berlin\n\
                    A3,laptop,Dell Latitude 5430,2025-01-28,1000,USD,In stock,Berlin\n";
    let base = base("", register);
    let leaving: Vec<(u64, Vec<(String, String)>)> =
        base.departures.iter().map(|one| (one.units, told(&one.books))).collect();
    // Corporate: 36 months from February 2025, 22 are over: 1000 × 14/36 each.
    // 40 % bonus, then table 1 on 600: 400 + 120, and half of 192 in the second year: 1000 − 520 − 96.
    // Acquired after 2025-01-19: all of it in the first year.
    assert_eq!(
        leaving,
        [
            (1, pairs(&[("388.89", "2028-01"), ("384.00", "2030-12")])),
            (2, pairs(&[("777.78", "2028-01"), ("0.00", "2025-12")])),
        ]
    );
    assert_eq!(base.units_before_write_off(0), 3);
    assert_eq!(base.units_before_write_off(1), 1);
}

#[test]
fn a_class_may_have_a_life_of_its_own_and_a_tax_year_may_start_in_july() {
    let policy = "[class.laptop.books]\nlife_months = 60\n\
                  [[books.book]]\nname = \"own\"\n\
                  [[books.book]]\nname = \"tax\"\nmethod = \"macrs 5\"\nyear_starts_in = 7\n";
    let base = base(policy, &laptops(&[("A1", "2024-05-10", "1000", "owned")]));
    assert_eq!(base.books[1].mid_quarter_years, [2024], "May is in the last quarter of the year from July");
    // 30 of 60 months. Table 5 for the years to June 2024, 2025 and 2026: 5.00, 38.00, 22.80. Of 13.68 in the year to
    // June 2027 3/8, for November is in its second quarter: 1000 − 50 − 380 − 228 − 51.30.
    assert_eq!(told(&books_of(&base, "A1")), pairs(&[("500.00", "2029-05"), ("290.70", "2029-06")]));
}

#[test]
fn every_book_adds_up_over_the_sample_and_ties_to_the_plan() {
    let register = std::fs::read_to_string(SAMPLE).unwrap();
    let base = base(THREE, &register);
    for departure in &base.departures {
        let costs: Vec<Money> = departure.books.iter().flatten().map(|all| all.cost).collect();
        assert!(costs.iter().all(|cost| *cost == costs[0]));
        for (book, all) in departure.books.iter().enumerate() {
            let Some(all) = all else { continue };
            assert_eq!(all.accumulated().minor() + all.value.minor(), all.cost.minor());
            assert!((0..=all.cost.minor()).contains(&all.value.minor()));
            let gain = departure.gain(book).unwrap().minor();
            assert_eq!(gain, departure.recovery.minor() - all.value.minor());
        }
    }
    for book in 0..base.books.len() {
        let of_quarter =
            |name: &String| base.gain(book, |month: Month| month.quarter_name() == *name).minor();
        let quarters: i64 = base.quarters().iter().map(of_quarter).sum();
        assert_eq!(quarters, base.gain(book, |_| true).minor());
    }
    let of_plan = gains_of_plan(THREE);
    for (book, kept) in base.books.iter().enumerate() {
        assert_eq!(of_plan[&kept.name], base.gain(book, |_| true).minor(), "{}", kept.name);
    }
}

/// Gains by book in `books.csv` of the sample, in cents; every line is checked on the way.
fn gains_of_plan(policy: &str) -> BTreeMap<String, i64> {
    let folder = tempfile::tempdir().unwrap();
    let (path, out) = (folder.path().join("policy.toml"), folder.path().join("out"));
    std::fs::write(&path, policy).unwrap();
    residua()
        .args(["plan", SAMPLE, "--as-of", "2026-11", "--quiet", "--policy"])
        .arg(&path)
        .arg("-o")
        .arg(&out)
        .assert()
        .success();
    let mut reader = csv::Reader::from_path(out.join("books.csv")).unwrap();
    let header = reader.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|column| column == name).unwrap();
    let mut gains = BTreeMap::new();
    let mut told = std::collections::BTreeSet::new();
    for row in reader.records().map(Result::unwrap) {
        let cents =
            |name: &str| row[at(name)].parse::<f64>().map(|amount| (amount * 100.0).round() as i64).unwrap();
        told.insert(row[at("asset_id")].to_owned());
        if !row[at("in_no_book")].is_empty() {
            assert!(row[at("cost_total")].is_empty());
        } else if !row[at("leaves")].is_empty() {
            assert_eq!(cents("accumulated_total") + cents("book_value_total"), cents("cost_total"));
            assert_eq!(cents("recovery_total") - cents("book_value_total"), cents("gain_or_loss_total"));
            *gains.entry(row[at("book")].to_owned()).or_default() += cents("gain_or_loss_total");
        }
    }
    let mut plan = csv::Reader::from_path(out.join("plan.csv")).unwrap();
    let assets: std::collections::BTreeSet<String> =
        plan.records().map(|row| row.unwrap()[0].to_owned()).collect();
    assert_eq!(told, assets, "every asset is told");
    gains
}

#[test]
fn a_scenario_may_move_the_life_in_a_book_but_keeps_the_books_of_the_base() {
    let register = laptops(&[("A1", "2024-05-10", "1000", "owned")]);
    let scenario = |piece: &str| format!("[[scenario]]\nname = \"one\"\n{piece}");
    let longer = scenario("[scenario.policy.books]\nlife_months = 60\n");
    let (base, one) = asked("", &register, &longer).unwrap();
    // 30 of 36 months, and 30 of 60.
    assert_eq!(books_of(&base, "A1")[0].unwrap().value.plain(), "166.67");
    assert_eq!(books_of(&one, "A1")[0].unwrap().value.plain(), "500.00");
    let other = scenario("[[scenario.policy.books.book]]\nname = \"other\"\n");
    let refused = asked("", &register, &other).unwrap_err().to_string();
    assert!(refused.contains("`one`") && refused.contains("keeps the books of the base"), "{refused}");
}

#[test]
fn a_policy_with_an_unknown_method_fails_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (path, out) = (folder.path().join("policy.toml"), folder.path().join("out"));
    std::fs::write(&path, "[[books.book]]\nname = \"IFRS\"\nmethod = \"strait line\"\n").unwrap();
    let (code, message) =
        failure_of(&["plan", SAMPLE, "--policy", path.to_str().unwrap(), "-o", out.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(
        message.contains("book `IFRS`") && message.contains("did you mean `straight line`?"),
        "{message}"
    );
    assert!(!out.exists());
}

/// Rules of every kind: words of method, convention and bonus.
fn any_rules() -> impl Strategy<Value = BookRules> {
    let by_date = (
        prop::sample::select(vec![
            "straight line",
            "double declining",
            "sum of years' digits",
            "175% declining",
        ]),
        prop::sample::select(vec!["monthly", "daily", "full month", "mid month"]),
        0.0..0.5_f64,
    );
    let by_tax_year = (
        prop::sample::select(vec!["macrs 3", "macrs 5", "macrs 7"]),
        prop::sample::select(vec!["by law", "half-year", "mid-quarter"]),
        prop::sample::select(vec![
            BonusWords::Words("by law"),
            BonusWords::Share(0.0),
            BonusWords::Share(0.4),
        ]),
        1..13_u32,
    );
    let words = |method| BookWords { name: "any", method, ..BookWords::default() };
    prop_oneof![
        by_date.prop_map(move |(method, convention, salvage_share)| {
            let convention = Some(convention);
            BookRules::new(&BookWords { convention, salvage_share, ..words(method) }).unwrap()
        }),
        by_tax_year.prop_map(move |(method, convention, bonus, start)| {
            let (convention, bonus, year_starts_in) = (Some(convention), Some(bonus), Some(start));
            BookRules::new(&BookWords { convention, bonus, year_starts_in, ..words(method) }).unwrap()
        }),
    ]
}

fn any_day() -> impl Strategy<Value = Date> {
    (2015..2027_i16, 1..13_i8, 1..29_i8).prop_map(|(year, month, day)| date(year, month, day))
}

proptest! {
    #[test]
    fn in_every_book_value_only_falls_and_ends_with_its_last_month(
        rules in any_rules(),
        bought in any_day(),
        others in prop::collection::vec((any_day(), 1.0..1e5_f64), 0..12),
        cents in 10_000..10_000_000_i64,
        life in 6..120_u32,
    ) {
        let cost = cents as f64 / 100.0;
        let unit = BookedUnit {
            cost,
            acquired: bought,
            in_service: bought,
            stated_method: None,
            stated_life_months: None,
            stated_salvage: None,
            life_months: Some(life),
        };
        let placed = others.into_iter().chain([(bought, cost)]);
        let years = TaxYears::of(FiscalYear::CALENDAR, placed);
        let book = rules.book(&unit, &years).unwrap();
        let (first, last) = (Month::from(bought), book.fully_depreciated());
        let dollars = "USD".parse().unwrap();
        let mut before = Money::from_major(cost, dollars).unwrap().minor();
        for ahead in 0..=last.months_since(first) + 3 {
            let all = InBook::leaving(&book, first.plus(ahead), dollars).unwrap();
            prop_assert_eq!(all.accumulated().minor() + all.value.minor(), cents);
            let value = Money::from_major(book.value_at(first.plus(ahead)), dollars).unwrap().minor();
            prop_assert!((0..=before).contains(&value), "{} after {}", value, before);
            before = value;
        }
        let left = book.value_at(last) - book.terms().salvage();
        prop_assert!(left.abs() < 0.005, "{} left", left);
        prop_assert!(book.value_at(last.plus(-1)) - book.terms().salvage() > -1e-6);
    }
}

#[test]
fn book_values_that_the_books_do_not_come_to_are_told_with_both_sums() {
    let told = |stated: [&str; 2]| -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "asset_id,model,class,purchase_date,in_service_date,purchase_cost,currency,net book value\n\
             A1,Dell PowerEdge R740,server,2023-11-01,2023-11-01,10000,USD,{}\n\
             A2,Dell PowerEdge R740,server,2019-11-01,2019-11-01,10000,USD,{}\n",
            stated[0], stated[1]
        );
        let path = register(folder.path(), text);
        let (path, out) = (path.display().to_string(), folder.path().join("out"));
        output_of(&["plan", &path, "--as-of", "2026-11", "-q", "-o", &out.display().to_string()]);
        let findings = std::fs::read_to_string(out.join("findings.csv")).unwrap();
        findings.lines().filter(|line| line.contains("other book values")).map(str::to_owned).collect()
    };
    // Three of five years are gone of the first, all of the second.
    assert_eq!(told(["4000.00", "0.00"]), [""; 0]);
    let differ = told(["4000.00", "1500.00"]);
    assert_eq!(differ.len(), 1, "{differ:?}");
    assert!(
        differ[0].contains("1 asset stands")
            && differ[0].contains("1500 USD")
            && differ[0].contains("first book: 0"),
        "{differ:?}"
    );
}
