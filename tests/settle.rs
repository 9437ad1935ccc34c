//! `residua settle`: a vendor's settlement held against what was handed over, as the manual tells it.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use common::{failure_of, files_below, output_of};
use proptest::prelude::*;
use residua::catalog::{self, AssetClass, Matcher};
use residua::outcome::settle::{
    self, Agreed, AgreedFees, Configuration, Difference, DifferenceKind, ErasureReport, GradeScheme, Layout,
    Settled, Settlement, parse_terms, read_settlement_bytes,
};
use residua::outcome::{Disposition, FeesOrder, ForecastMade, HandedOver, Receipt, Sanitization, Terms};
use residua::units::{Currency, Quantiles};

const SAMPLE: &str = "tests/fixtures/exports/itad_settlement.csv";
const ERASURE: &str = "tests/fixtures/exports/erasure_report.csv";
const REQUEST: &str = "tests/fixtures/settlements/request.json";
const GERMAN: &str = "tests/fixtures/settlements/german.csv";

const HEADER: &str = "Line,Received Date,Serial Number,Asset Tag,Make,Model,Type,RAM,Grade,Wipe Result,Disposition,Sold Date,Qty,Gross Sale Price,Processing Fee,Wipe Fee,Client Share %,Net To Client,Currency\n";

/// A laptop sold as it should be: 0.65 × (214.00 − 12.50) = 130.975.
const SOLD: &str = "1,2026-11-03,7XK2LM3,P1000710,Dell,Latitude 5430,Laptop,16GB,B,Pass,Resold,2026-11-18,1,214.00,8.50,4.00,65%,130.98,USD\n";

static MATCHER: LazyLock<Matcher> = LazyLock::new(|| Matcher::new(&catalog::built_in().unwrap()));

fn laptop(line: u32, serial: Option<&str>) -> HandedOver {
    let net = Quantiles { mean: 131.0, p10: 95.0, p50: 130.0, p90: 168.0 };
    let gross = Quantiles { mean: 214.0, p10: 165.0, p50: 212.0, p90: 270.0 };
    HandedOver {
        request: "VR-1".into(),
        line,
        asset: format!("LT-{line:04}"),
        serial: serial.map(str::to_owned),
        tag: (line == 1).then(|| "P1000710".to_owned()),
        class: AssetClass::Laptop,
        product: "Dell Latitude 5430".into(),
        quantity: 1,
        grade: Some("B".into()),
        data_bearing: true,
        handed_over: "2026-11-01".parse().unwrap(),
        route: "consignment".into(),
        currency: Currency::USD,
        terms: Terms { share: 0.65, fees: FeesOrder::BeforeSplit },
        forecast: Some(ForecastMade {
            made: "2026-11".parse().unwrap(),
            month: "2026-11".parse().unwrap(),
            gross,
            net,
            basis: "class".into(),
            model: "test".into(),
        }),
        overridden: None,
    }
}

/// The laptop that most tests hand over.
fn one() -> Vec<HandedOver> {
    vec![laptop(1, Some("7XK2LM3"))]
}

fn read(text: &str) -> Settlement {
    read_settlement_bytes(Path::new("s.csv"), text.as_bytes().to_vec(), &Layout::built_in()).unwrap()
}

fn settled_by(text: &str, handed: &[HandedOver], fees: &[&str], erasure: Option<&str>) -> Settled {
    let layout = Layout::built_in();
    let report = erasure.map(|text| {
        ErasureReport::read_bytes(Path::new("e.csv"), text.as_bytes().to_vec(), &layout).unwrap()
    });
    let fees: Vec<String> = fees.iter().map(|fee| (*fee).to_owned()).collect();
    let configuration = Configuration { ram_gb: Some(16.0), storage_gb: Some(256.0) };
    settle::settle(
        &read(text),
        report.as_ref(),
        &Agreed {
            handed,
            configurations: &BTreeMap::from([(("VR-1".to_owned(), 1), configuration)]),
            terms: None,
            fees: &AgreedFees::parse(&fees).unwrap(),
            grade_scheme: GradeScheme::Letters,
            before: &BTreeMap::new(),
            matcher: &MATCHER,
        },
    )
}

fn settled(rows: &[&str], handed: &[HandedOver]) -> Settled {
    settled_by(&(HEADER.to_owned() + &rows.concat()), handed, &[], None)
}

/// Kinds of differences and the money at stake.
fn kinds(settled: &Settled) -> Vec<(DifferenceKind, Option<f64>)> {
    settled.differences.iter().map(|difference| (difference.kind, difference.stake)).collect()
}

/// The only difference of a settlement.
fn only(settled: &Settled) -> Difference {
    assert_eq!(settled.differences.len(), 1, "{:#?}", settled.differences);
    settled.differences[0].clone()
}

#[test]
fn a_settlement_is_read_at_a_glance() {
    insta::assert_snapshot!(output_of(&["settle", SAMPLE, "--request", REQUEST, "--erasure", ERASURE, "-q"]));
}

#[test]
fn the_disputes_are_a_table_with_the_sentence_to_write() {
    insta::assert_snapshot!(output_of(&["settle", SAMPLE, "--request", REQUEST, "--format", "csv", "-q"]));
}

#[test]
fn the_sample_s_three_lines_are_recomputed_to_the_cent() {
    let text = std::fs::read_to_string(SAMPLE).unwrap();
    let mut server = laptop(2, Some("4FQ9TR3"));
    server.class = AssetClass::Server;
    server.product = "Dell PowerEdge R750".into();
    let settled = settled_by(&text, &[laptop(1, Some("7XK2LM3")), server], &[], None);
    let nets: Vec<_> =
        settled.lines.iter().map(|line| (line.outcome.net_agreed, line.outcome.net_stated)).collect();
    assert_eq!(nets[0], (Some(128.93), Some(128.93)));
    // 0.65 × (2,350.00 − 45.00 − 32.00 − 61.00): the second line keeps to the terms.
    assert_eq!(nets[1], (Some(1437.80), Some(1437.80)));
    assert_eq!(nets[2], (None, Some(-14.10)));
    assert_eq!(settled.lines[1].outcome.disposition, Disposition::SoldWithoutDrives);
    assert_eq!(settled.lines[1].outcome.sanitization, Sanitization::FailedAndDestroyed);
    assert_eq!(settled.lines[2].outcome.receipt, Receipt::Extra);
    let extra = only(&settled);
    assert_eq!((extra.kind, extra.file_line, extra.stake), (DifferenceKind::Extra, Some(4), Some(14.10)));
}

#[test]
fn a_german_settlement_says_the_same_as_an_english_one() {
    let text = std::fs::read_to_string(GERMAN).unwrap();
    let settlement = read(&text);
    assert_eq!((settlement.rows_in, settlement.lines.len(), settlement.totals.len()), (4, 3, 1));
    let first = &settlement.lines[0];
    assert_eq!((first.gross, first.fees_total(), first.net), (Some(1214.0), 15.65, Some(778.93)));
    assert_eq!((first.share, first.sold), (Some(0.65), Some("2026-11-18".parse().unwrap())));
    assert_eq!(first.currency, "EUR".parse().ok());
    let handed: Vec<HandedOver> = (1..=3)
        .map(|line| HandedOver {
            product: "Lenovo ThinkPad T14 Gen 2".into(),
            currency: "EUR".parse().unwrap(),
            tag: None,
            ..laptop(line, Some(&format!("PF2ABC0{line}")))
        })
        .collect();
    let settled = settled_by(&text, &handed, &[], None);
    // The second serial number was scanned with the letter O; the third unit waits for its buyer.
    let confirm = only(&settled);
    assert_eq!((confirm.kind, confirm.file_line), (DifferenceKind::MatchToConfirm, Some(4)));
    assert_eq!(settled.lines[2].outcome.disposition, Disposition::Pending);
    assert_eq!((settled.lines[2].outcome.gross, settled.forecasts.pending_units), (None, 1));
}

#[test]
fn workbooks_and_json_are_read_by_content() {
    let json = r#"[{"Serial Number":"7XK2LM3","Model":"Dell Latitude 5430","Wipe Result":"Pass","Disposition":"Resold",
        "Gross Sale Price":214.0,"Processing Fee":15.65,"Client Share %":65,"Net To Client":128.93}]"#;
    let settled = settled_by(json, &one(), &[], None);
    assert!(settled.differences.is_empty(), "{:#?}", settled.differences);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settlement.csv");
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, line) in (HEADER.to_owned() + SOLD).lines().enumerate() {
        for (column, cell) in line.split(',').enumerate() {
            let (row, column) = (row as u32, column as u16);
            match cell.parse::<f64>() {
                Ok(number) => sheet.write_number(row, column, number).unwrap(),
                Err(_) => sheet.write_string(row, column, cell).unwrap(),
            };
        }
    }
    workbook.save(&path).unwrap();
    let mut from_xlsx = settle::read_settlement(&path, &Layout::built_in()).unwrap();
    assert_eq!(from_xlsx.lines[0].table, "Sheet1");
    from_xlsx.lines[0].table.clear();
    assert_eq!(from_xlsx.lines, read(&(HEADER.to_owned() + SOLD)).lines);
}

#[test]
fn a_settlement_that_keeps_to_the_terms_has_nothing_to_dispute() {
    let settled = settled(&[SOLD], &one());
    assert!(settled.differences.is_empty(), "{:#?}", settled.differences);
    assert!(!settled.lines[0].outcome.disputed);
}

#[test]
fn a_net_that_does_not_follow_the_terms_is_disputed() {
    let low = settled(&[&SOLD.replace("130.98", "120.98")], &one());
    let found = only(&low);
    assert_eq!((found.kind, found.stake), (DifferenceKind::NetDiffers, Some(10.0)));
    assert!(low.lines[0].outcome.disputed);
    // 0.65 × 214.00 − 12.50: the fees came off after the split.
    let after = only(&settled(&[&SOLD.replace("130.98", "126.60")], &one()));
    assert!(after.sentence.contains("yours takes the fees after the split"), "{}", after.sentence);
}

#[test]
fn another_share_is_disputed_with_what_it_costs() {
    // 0.60 × (214.00 − 12.50) = 120.90.
    let found = only(&settled(&[&SOLD.replace("65%", "60%").replace("130.98", "120.90")], &one()));
    assert_eq!((found.kind, found.stake), (DifferenceKind::ShareDiffers, Some(10.08)));
    for share in ["65", "0.65", "65.0%"] {
        assert!(settled(&[&SOLD.replace("65%", share)], &one()).differences.is_empty(), "{share}");
    }
}

#[test]
fn a_fee_that_was_not_agreed_is_disputed() {
    let text = HEADER.to_owned() + SOLD;
    assert!(settled_by(&text, &one(), &["processing=8.50", "wipe=4"], None).differences.is_empty());
    // Before the split the owner bears its share of the fee: 0.65 × 4.00.
    let found = only(&settled_by(&text, &one(), &["processing=8.50"], None));
    assert_eq!((found.kind, found.stake), (DifferenceKind::FeeNotAgreed, Some(2.60)));
    let dearer = only(&settled_by(&text, &one(), &["processing=7.50", "wipe=4"], None));
    assert_eq!((dearer.kind, dearer.stake), (DifferenceKind::FeeNotAgreed, Some(0.65)));
    let without_data = vec![HandedOver { data_bearing: false, ..one().remove(0) }];
    let found = only(&settled(&[SOLD], &without_data));
    assert!(found.sentence.contains("holds no data"), "{}", found.sentence);
}

#[test]
fn what_was_handed_over_and_did_not_arrive_is_listed() {
    let told = settled(&["1,,7XK2LM3,,Dell,Latitude 5430,Laptop,,,,Not received,,1,,,,,,USD\n"], &one());
    let found = only(&told);
    assert_eq!((found.kind, found.stake), (DifferenceKind::NotReceived, Some(130.0)));
    assert_eq!(told.lines[0].outcome.receipt, Receipt::NotReceived);
    let unlisted = only(&settled(&[SOLD], &[laptop(1, Some("7XK2LM3")), laptop(2, Some("8YK3LM4"))]));
    assert_eq!((unlisted.kind, unlisted.file_line), (DifferenceKind::NotReceived, None));
}

#[test]
fn an_extra_and_a_line_that_matches_nothing_are_listed() {
    let row = "2,2026-11-03,NOTAG-0007,,Generic,LCD 19,Monitor,,,N/A,Extra (not on list),,1,0.00,12.00,0.00,0%,-12.00,USD\n";
    let found = only(&settled(&[SOLD, row], &one()));
    assert_eq!((found.kind, found.stake), (DifferenceKind::Extra, Some(12.0)));
    let row = row.replace("Extra (not on list)", "Recycled");
    let found = only(&settled(&[SOLD, &row], &one()));
    assert_eq!((found.kind, found.stake), (DifferenceKind::NoHandOver, Some(12.0)));
}

#[test]
fn another_model_or_configuration_is_a_substitution() {
    let other = settled(&[&SOLD.replace("Latitude 5430", "Latitude 5420")], &one());
    assert_eq!(only(&other).kind, DifferenceKind::Substituted);
    assert_eq!(other.lines[0].outcome.receipt, Receipt::Substituted);
    let less_memory = only(&settled(&[&SOLD.replace("16GB", "8GB")], &one()));
    assert_eq!(less_memory.kind, DifferenceKind::Substituted);
    assert!(less_memory.sentence.contains("8 GB memory"), "{}", less_memory.sentence);
}

#[test]
fn a_grade_two_steps_lower_is_disputed_and_one_step_is_not() {
    let graded = |grade: &str| settled(&[&SOLD.replace(",B,", &format!(",{grade},"))], &one());
    assert!(graded("C").differences.is_empty());
    let found = only(&graded("D"));
    // By the ladder of grades B fetches 0.90 / 0.60 of D: half as much again, of which the owner has 65 %.
    assert_eq!((found.kind, found.stake), (DifferenceKind::GradeLower, Some(69.55)));
    // C4 is good in one scheme and bad in another: it is asked for, not guessed.
    assert_eq!(only(&graded("C4")).kind, DifferenceKind::GradeToConfirm);
}

#[test]
fn a_unit_sold_twice_is_disputed_and_its_parts_are_not() {
    let twice = settled(&[SOLD, &SOLD.replace("1,2026", "2,2026")], &one());
    assert_eq!(only(&twice).kind, DifferenceKind::SoldTwice);
    assert!(twice.lines.iter().all(|line| line.outcome.disputed));
    let drive =
        "2,2026-11-03,,P1000710,Samsung,PM991a,SSD,,,Pass,Resold,2026-11-18,1,20.00,0,0,65%,13.00,USD\n";
    let parts = settled(&[SOLD, drive], &one());
    assert!(parts.differences.is_empty(), "{:#?}", parts.differences);
    assert!(parts.lines[1].is_part);
    assert_eq!(parts.forecasts.lines[0].net.actual, 130.98 + 13.00);
    let pending =
        settled(&[SOLD, "2,,7XK2LM3,,Dell,Latitude 5430,Laptop,,,Pass,In stock,,1,,,,,,USD\n"], &one());
    assert_eq!(only(&pending).kind, DifferenceKind::ListedTwice);
}

#[test]
fn a_wipe_that_failed_on_a_unit_sold_whole_is_disputed() {
    assert_eq!(
        only(&settled(&[&SOLD.replace("Pass", "Fail")], &one())).kind,
        DifferenceKind::WipeFailedSoldWhole
    );
    let apart = SOLD.replace("Pass", "Fail - shredded").replace("Resold", "Resold (no drives)");
    assert!(settled(&[&apart], &one()).differences.is_empty());
    for unproven in ["", "N/A"] {
        let found = only(&settled(&[&SOLD.replace("Pass", unproven)], &one()));
        assert_eq!(found.kind, DifferenceKind::WipeUnproven);
    }
}

#[test]
fn one_drive_that_failed_in_the_erasure_report_fails_the_unit() {
    let report = "System Serial,Disk Serial,State\n7XK2LM3,S64A0001,Erased\n7XK2LM3,S64A0002,Not Erased\n";
    let found = settled_by(&(HEADER.to_owned() + SOLD), &one(), &[], Some(report));
    assert_eq!(found.lines[0].outcome.sanitization, Sanitization::Failed);
    let kinds: Vec<DifferenceKind> = kinds(&found).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, [DifferenceKind::ErasureContradicted, DifferenceKind::WipeFailedSoldWhole]);
    let passed = report.replace("Not Erased", "Erased");
    let text = HEADER.to_owned() + &SOLD.replace("Pass", "");
    let found = settled_by(&text, &one(), &[], Some(&passed));
    assert_eq!(found.lines[0].outcome.sanitization, Sanitization::Passed);
    assert!(found.differences.is_empty(), "{:#?}", found.differences);
}

#[test]
fn a_negative_price_is_never_taken() {
    let found = settled(&[&SOLD.replace("214.00", "-214.00").replace("130.98", "-147.23")], &one());
    assert_eq!(kinds(&found), [(DifferenceKind::NegativePrice, Some(147.23))]);
    assert_eq!((found.lines[0].outcome.net_agreed, found.lines[0].outcome.disputed), (None, true));
    let nothing = only(&settled(&[&SOLD.replace("214.00", "0.00").replace("130.98", "-8.13")], &one()));
    assert_eq!(nothing.kind, DifferenceKind::NoPrice);
}

#[test]
fn a_sale_before_the_receipt_is_disputed() {
    let found = only(&settled(&[&SOLD.replace("2026-11-18", "2026-11-02")], &one()));
    assert_eq!(found.kind, DifferenceKind::SoldBeforeReceived);
}

#[test]
fn another_currency_is_disputed_and_not_compared() {
    let found = settled(&[&SOLD.replace("USD", "EUR")], &one());
    assert_eq!(only(&found).kind, DifferenceKind::CurrencyDiffers);
    assert!(found.forecasts.lines.is_empty());
}

#[test]
fn a_total_that_is_not_the_sum_of_its_lines_is_disputed() {
    let total = "Total,,,,,,,,,,,,,214.00,8.50,4.00,,130.98,\n";
    assert!(settled(&[SOLD, total], &one()).differences.is_empty());
    let found = settled(&[SOLD, &total.replace("130.98", "103.98")], &one());
    assert_eq!(kinds(&found), [(DifferenceKind::TotalDiffers, Some(27.0))]);
    assert_eq!(found.differences[0].file_line, Some(3));
}

#[test]
fn unsold_units_stay_pending_and_a_word_nobody_knows_is_told() {
    let row = "1,2026-11-03,7XK2LM3,,Dell,Latitude 5430,Laptop,16GB,B,Pass,Awaiting QC,,1,0.00,8.50,4.00,65%,-12.50,USD\n";
    let settlement = read(&(HEADER.to_owned() + row));
    assert!(settlement.doubts[0].message.contains("no known disposition: read as not sold yet"));
    let settled = settled(&[row], &one());
    let outcome = &settled.lines[0].outcome;
    assert_eq!((outcome.disposition, outcome.gross, outcome.net_agreed), (Disposition::Pending, None, None));
    assert!(settled.forecasts.lines.is_empty() && settled.differences.is_empty());
}

#[test]
fn a_line_of_many_units_is_shared_out_to_hand_overs_without_serial_numbers() {
    let handed: Vec<HandedOver> =
        (1..=3).map(|line| HandedOver { tag: None, data_bearing: false, ..laptop(line, None) }).collect();
    let row = "9,,,,Dell,Latitude 5430,Laptop,,B,,Resold,2026-11-18,4,856.00,,,65%,556.40,USD\n";
    let found = settled(&[row], &handed);
    let units: Vec<_> = found
        .lines
        .iter()
        .map(|line| (line.outcome.handed_over.as_ref().map(|(_, line)| *line), line.outcome.quantity))
        .collect();
    assert_eq!(units, [(Some(1), 1), (Some(2), 1), (Some(3), 1), (None, 1)]);
    assert_eq!(found.lines[0].outcome.net_agreed, Some(139.10));
    let doubtful = kinds(&found).iter().filter(|(kind, _)| *kind == DifferenceKind::MatchToConfirm).count();
    assert_eq!((doubtful, found.differences.len()), (3, 4));
}

#[test]
fn a_quantity_line_that_falls_short_names_the_units_missing() {
    let handed = vec![HandedOver { quantity: 12, serial: None, data_bearing: false, ..laptop(1, None) }];
    let row = "1,,,P1000710,Dell,Latitude 5430,Laptop,,B,,Resold,2026-11-18,10,2140.00,,,65%,1391.00,USD\n";
    let found = only(&settled(&[row], &handed));
    assert_eq!((found.kind, found.stake), (DifferenceKind::NotReceived, Some(260.0)));
}

#[test]
fn the_price_of_one_unit_beside_a_quantity_is_disputed_and_a_low_price_of_several_is_not() {
    let many =
        |quantity: u64| vec![HandedOver { quantity, serial: None, data_bearing: false, ..laptop(1, None) }];
    let row = |units: u64, gross: f64| {
        let net = 0.65 * gross;
        format!(
            "1,,,P1000710,Dell,Latitude 5430,Laptop,,B,,Resold,2026-11-18,{units},{gross:.2},,,65%,{net:.2},USD\n"
        )
    };
    let found = only(&settled(&[&row(12, 214.0)], &many(12)));
    // Eleven more at 214, of which the owner has 65 %.
    assert_eq!((found.kind, found.stake), (DifferenceKind::PriceOfOneUnit, Some(1530.1)));
    assert_eq!(
        found.sentence,
        "Line 2, P1000710 (Dell Latitude 5430): 214.00 USD for 12 units is 17.83 USD each; one was forecast at 165.00 USD to \
         270.00 USD. Is it the price of one? Then please pay for all."
    );
    for (units, gross) in [(1, 214.0), (12, 1284.0), (12, 100.0), (2, 280.0)] {
        let fair = settled(&[&row(units, gross)], &many(units));
        assert!(fair.differences.is_empty(), "{units} {gross} {:#?}", fair.differences);
    }
    // A line that is shared out to hand-overs of one unit each.
    let handed: Vec<HandedOver> =
        (1..=12).map(|line| HandedOver { tag: None, data_bearing: false, ..laptop(line, None) }).collect();
    let without_tag = row(12, 214.0).replace("P1000710", "").replacen("1,", "13,", 1);
    let shared = settled(&[&without_tag], &handed);
    let stakes = shared.differences.iter().filter(|one| one.kind == DifferenceKind::PriceOfOneUnit);
    let stakes: Vec<f64> = stakes.filter_map(|one| one.stake).collect();
    assert_eq!((stakes.len(), stakes[0]), (12, 127.51));
    assert!(shared.forecasts.lines.is_empty(), "what is disputed teaches nothing");
}

#[test]
fn a_bad_row_is_rejected_with_its_line_column_and_reason() {
    let bad = SOLD.replace("214.00", "two hundred");
    let settlement = read(&(HEADER.to_owned() + SOLD + &bad + "1,2,3\n"));
    assert_eq!((settlement.rows_in, settlement.lines.len(), settlement.rejects.len()), (3, 1, 2));
    let reject = &settlement.rejects[0];
    assert_eq!((reject.file_line, reject.column.as_str()), (3, "Gross Sale Price"));
    assert!(settlement.rejects[1].reason.contains("too short"), "{}", settlement.rejects[1].reason);
}

#[test]
fn a_file_that_is_no_settlement_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let out = out.to_str().unwrap();
    let (code, message) = failure_of(&["settle", ERASURE, "--request", REQUEST, "-o", out]);
    assert_eq!(code, 1);
    assert!(message.contains("no settlement") && message.contains("Gross Sale Price"), "{message}");
    assert!(!Path::new(out).exists());
    let (code, message) = failure_of(&["settle", SAMPLE, "--request", SAMPLE]);
    assert_eq!(code, 1);
    assert!(message.contains("not a list of hand-overs"), "{message}");
    let (code, message) = failure_of(&["settle", SAMPLE, "--request", REQUEST, "--terms", "65%"]);
    assert_eq!(code, 1);
    assert!(message.contains("before or after"), "{message}");
}

#[test]
fn the_tables_hold_every_line_and_the_same_input_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str| {
        let out = folder.path().join(name);
        output_of(&["settle", SAMPLE, "--request", REQUEST, "-o", out.to_str().unwrap()]);
        files_below(&out)
    };
    let files = write("one");
    assert_eq!(files, write("two"));
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(names, ["disputes.csv", "forecast_against_actual.csv", "outcomes.csv", "rejects.csv"]);
    insta::assert_snapshot!(String::from_utf8(files["outcomes.csv"].clone()).unwrap());
}

#[test]
fn the_terms_of_the_command_line_go_before_those_of_the_request() {
    let terms = parse_terms("65% after").unwrap();
    assert_eq!(terms.fees, FeesOrder::AfterSplit);
    let text =
        output_of(&["settle", SAMPLE, "--request", REQUEST, "--terms", "65% after", "--format", "csv", "-q"]);
    // 0.65 × 214.00 − 15.65 = 123.45: the vendor paid 5.48 more than these terms give.
    assert!(text.contains("net_differs") && text.contains("-5.48"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_cut_or_flipped_settlement_never_panics_and_its_rows_add_up(
        german: bool,
        cut in 0.0..1.0_f64,
        flips in proptest::collection::vec((0.0..1.0_f64, 0..8_u32), 0..12),
    ) {
        let mut bytes = std::fs::read(if german { GERMAN } else { SAMPLE }).unwrap();
        let keep = (bytes.len() as f64 * (1.0 - cut * cut)) as usize;
        bytes.truncate(keep);
        for (place, bit) in flips {
            let at = (place * bytes.len() as f64) as usize;
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << bit;
            }
        }
        if let Ok(settlement) = read_settlement_bytes(Path::new("s.csv"), bytes, &Layout::built_in()) {
            let parts = settlement.lines.len() + settlement.rejects.len() + settlement.totals.len();
            prop_assert_eq!(settlement.rows_in, parts);
            let fees = AgreedFees::default();
            let configurations = BTreeMap::new();
            let handed = [laptop(1, Some("7XK2LM3")), laptop(2, Some("PF2ABC01"))];
            let agreed = Agreed {
                handed: &handed,
                configurations: &configurations,
                terms: None,
                fees: &fees,
                grade_scheme: GradeScheme::Rec,
                before: &BTreeMap::new(),
                matcher: &MATCHER,
            };
            let settled = settle::settle(&settlement, None, &agreed);
            let units: u64 = settlement.lines.iter().map(|line| line.quantity).sum();
            prop_assert_eq!(units, settled.lines.iter().map(|line| line.outcome.quantity).sum::<u64>());
        }
    }

    #[test]
    fn the_money_at_stake_on_a_line_is_the_whole_difference_to_the_terms(
        gross in 10_000..500_000_u32,
        share in 30..90_u32,
        net in 0..500_000_u32,
    ) {
        let (gross, net) = (f64::from(gross) / 100.0, f64::from(net) / 100.0);
        let row = SOLD
            .replace("214.00", &format!("{gross:.2}"))
            .replace("65%", &format!("{share}%"))
            .replace("130.98", &format!("{net:.2}"));
        let found = settled_by(&(HEADER.to_owned() + &row), &one(), &["processing=5"], None);
        let stake: f64 = found.differences.iter().filter_map(|difference| difference.stake).sum();
        let owed = found.lines[0].outcome.net_agreed.unwrap() - net;
        // Every part is rounded to its cent.
        prop_assert!((stake - owed).abs() < 0.04, "{stake} {owed}");
    }
}
