//! `residua lot`: what to bid for a lot, as the manual tells it.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::{failure_of, files_below, output_of, residua};
use residua::catalog::{self, Catalog, Matcher};
use residua::decide::{PlanInput, Policy};
use residua::fleet::Grade;
use residua::lot::bid::Outlook;
use residua::lot::{
    Asked, Condition, ConditionKind, Line, LotInput, Manifest, Terms, Treatment, lines, manifest, simulate,
};
use residua::price::Models;
use residua::units::{Money, Month, SplitMix64, Work};

const LIST: &str = "data/samples/lot.txt";
const REGISTER: &str = "data/samples/lot.csv";

/// Everything a bid needs besides the list.
struct World {
    catalog: Catalog,
    matcher: Matcher,
    models: Models,
    policy: Policy,
    as_of: Month,
}

impl World {
    fn new(policy: &str) -> World {
        let catalog = catalog::built_in().unwrap();
        World {
            matcher: Matcher::new(&catalog),
            catalog,
            models: Models::built_in().unwrap(),
            policy: Policy::from_toml("policy", policy).unwrap(),
            as_of: "2026-11".parse().unwrap(),
        }
    }

    fn manifest(&self, list: &str) -> Manifest {
        let options = self.policy.read_options(self.as_of);
        manifest::read_bytes(Path::new("lot.txt"), list.as_bytes(), &options).unwrap()
    }

    fn input<'a>(&'a self, manifest: &'a Manifest, asked: Asked) -> LotInput<'a> {
        let plan = PlanInput {
            fleet: &manifest.fleet,
            catalog: &self.catalog,
            matcher: &self.matcher,
            models: &self.models,
            policy: &self.policy,
            as_of: self.as_of,
        };
        LotInput { plan, manifest, scheme: None, asked }
    }

    fn lines(&self, list: &str, terms: &Terms) -> Vec<Line> {
        let manifest = self.manifest(list);
        let (lines, left_out) =
            lines(&self.input(&manifest, Asked::default()), terms, Work::unwatched()).unwrap();
        assert!(left_out.is_empty(), "{left_out:?}");
        lines
    }
}

/// A lot of every kind: sure and unsure ages, tested and untested, parts, own prices.
const KINDS: &str = "10 x Latitude 5420, grade B, bought 2021-06
10 x ThinkPad T14 Gen 2, grade C
10 x MacBook Pro 14 M1 Pro, grade A, bought 2022-02
10 x ThinkPad T480, grade D
10 x EliteBook 840 G8
10 x PowerEdge R740xd, 2x Xeon Gold 6148, 384GB RAM, grade C, bought 2019-05
10 x PowerEdge R650, 256GB RAM, grade B, bought 2022-03
10 x ProLiant DL360 Gen10, 128GB RAM, grade B
10 x A100 PCIe 40GB, grade B, bought 2021-04
10 x RTX A6000, grade A, bought 2022-02
10 x iPhone 12 128GB, grade B
10 x Whitebox PC, price 90 USD, grade C
";

/// One unit's net, drawn step by step as it would happen; `common` holds what all units share.
fn unit_net(line: &Line, terms: &Terms, common: &BTreeMap<String, f64>, draws: &mut SplitMix64) -> f64 {
    let condition = drawn_condition(line, draws);
    let luck = (condition.luck.sqrt() * draws.normal() - 0.5 * condition.luck).exp();
    let price = |month: usize| {
        let sds = line.common.sds[month.min(line.common.sds.len() - 1)];
        let shift: f64 = line.common.names.iter().zip(sds).map(|(name, sd)| sd * common[name]).sum();
        condition.prices[month.min(condition.prices.len() - 1)] * shift.exp() * luck
    };
    let lot = &terms.policy;
    let discounted = |amount: f64, month: usize| amount * terms.discount.powi(month as i32);
    let fall = |share: f64| (1.0 - 0.10 * (share * line.units_to_depth).sqrt()).max(0.0);
    let listed = lot.months_to_list as usize;
    let recycled = |month: usize| -discounted(6.33, month);
    let to_dealer = |month: usize, share: f64| {
        let paid = month + lot.wholesale.paid_after_months as usize;
        let gross = lot.wholesale.channel_factor * fall(share) * price(month);
        discounted(gross - lot.wholesale.fee_after_split, paid)
    };
    let works =
        condition.kind != ConditionKind::Locked && condition.kind != ConditionKind::Graded(Grade::ForParts);
    let earned = match condition.treatment {
        Treatment::ToDealer => to_dealer(listed, 1.0),
        Treatment::Scrap => recycled(listed),
        Treatment::Parts => panic!("parts have their own prices; none of these lots is taken apart"),
        Treatment::OneByOne => {
            let work = if works { lot.refurbishing.of(line.class).unwrap() } else { 0.0 };
            let mut left = 1.0;
            let mut month = listed;
            let end = listed + lot.retail.longest_months as usize;
            let sold = loop {
                if month == end {
                    break to_dealer(month, left);
                }
                if draws.uniform() < lot.retail.sold_monthly {
                    let gross = fall(left * lot.retail.sold_monthly) * price(month);
                    break discounted(lot.retail.share * gross - lot.retail.fee_after_split, month);
                }
                left *= 1.0 - lot.retail.sold_monthly;
                month += 1;
            };
            sold - discounted(work, listed)
        }
    };
    earned - lot.processing.of(line.class).unwrap() - lot.freight.of(line.class).unwrap()
}

/// Locked or not, its grade, and whether it works after all: drawn in that order.
fn drawn_condition<'a>(line: &'a Line, draws: &mut SplitMix64) -> &'a Condition {
    let kind = if draws.uniform() < line.locked {
        ConditionKind::Locked
    } else if draws.uniform() < line.fails {
        ConditionKind::Graded(Grade::ForParts)
    } else {
        let mut left = draws.uniform();
        let grade = Grade::ALL.into_iter().find(|grade| {
            left -= line.graded.mixture.share(*grade);
            left < 0.0
        });
        ConditionKind::Graded(grade.unwrap_or(Grade::ForParts))
    };
    line.conditions.iter().find(|condition| condition.kind == kind).unwrap()
}

/// Normal draws for everything the lines of a lot share.
fn common_moves(lines: &[Line], draws: &mut SplitMix64) -> BTreeMap<String, f64> {
    let mut moves = BTreeMap::new();
    for name in lines.iter().flat_map(|line| &line.common.names) {
        moves.entry(name.clone()).or_insert_with(|| draws.normal());
    }
    moves
}

/// One to six kinds; most of up to thirty units, some of up to two hundred.
fn random_lot(kinds: &[Line], draws: &mut SplitMix64) -> Vec<Line> {
    let mut order: Vec<usize> = (0..kinds.len()).collect();
    let count = 1 + draws.below(6);
    for at in 0..count {
        let other = at + draws.below(order.len() - at);
        order.swap(at, other);
    }
    order[..count]
        .iter()
        .map(|at| {
            let most = if draws.below(4) == 0 { 200 } else { 30 };
            Line { units: 1 + draws.below(most) as u64, ..kinds[*at].clone() }
        })
        .collect()
}

#[test]
fn bids_at_ten_per_cent_lose_in_a_tenth_of_lots_whose_truth_is_known() {
    const LOTS: usize = 2_000;
    let world = World::new("[parts]\noffered = false\n");
    let asked = Asked { margin: Some(0.0), max_loss: Some(0.10), draws: Some(2_000), ..Asked::default() };
    let terms = Terms::new(&world.policy, asked).unwrap();
    let kinds = world.lines(KINDS, &terms);
    let mut truth = SplitMix64::new(20_261_127);
    let mut classes: BTreeMap<&str, [usize; 5]> = BTreeMap::new();
    for _ in 0..LOTS {
        let lot = random_lot(&kinds, &mut truth);
        let draws = simulate(&lot, &terms, Work::unwatched()).unwrap();
        let outlook = Outlook::of(&lot, &draws, &terms);
        let bid = outlook.bid(&lot).unwrap();
        let price = Money::from_major(bid.by_loss, terms.currency).unwrap();
        let judged = outlook.judge(price);
        let moves = common_moves(&lot, &mut truth);
        let net: f64 = lot
            .iter()
            .map(|line| (0..line.units).map(|_| unit_net(line, &terms, &moves, &mut truth)).sum::<f64>())
            .sum();
        let profit = net - price.major();
        let units: u64 = lot.iter().map(|line| line.units).sum();
        let size = match units {
            0..20 => "a  1-19",
            20..60 => "b 20-59",
            60..150 => "c 60-149",
            _ => "d 150-",
        };
        for class in [size, "e all"] {
            let counts = classes.entry(class).or_default();
            counts[0] += 1;
            counts[1] += usize::from(profit < 0.0);
            counts[2] += usize::from((judged.profit.p10..=judged.profit.p90).contains(&profit));
            counts[3] += usize::from(profit < judged.profit.p50);
            counts[4] += usize::from(profit > judged.profit.p90);
        }
    }
    println!("units      lots    loss  p10-p90   < p50   > p90");
    let share = |part: usize, of: usize| 100.0 * part as f64 / of as f64;
    for (class, [lots, losses, within, below, above]) in &classes {
        println!(
            "{class:<9} {lots:>5} {:>6.1}% {:>7.1}% {:>6.1}% {:>6.1}%",
            share(*losses, *lots),
            share(*within, *lots),
            share(*below, *lots),
            share(*above, *lots)
        );
    }
    let [lots, losses, within, ..] = classes["e all"];
    assert_eq!(lots, LOTS);
    assert!((8.0..=12.0).contains(&share(losses, lots)), "{losses} losses");
    assert!((78.0..=82.0).contains(&share(within, lots)), "{within} within");
}

#[test]
fn prices_of_lines_add_to_the_bid_exactly_for_ten_thousand_random_lots() {
    let world = World::new("");
    let asked = Asked { draws: Some(100), ..Asked::default() };
    let terms = Terms::new(&world.policy, asked).unwrap();
    let kinds = world.lines(KINDS, &terms);
    let mut random = SplitMix64::new(7);
    for at in 0..10_000 {
        let lot: Vec<Line> = random_lot(&kinds, &mut random)
            .into_iter()
            .map(|line| Line { units: 1 + line.units % 9, ..line })
            .collect();
        let draws = simulate(&lot, &terms, Work::unwatched()).unwrap();
        let bid = Outlook::of(&lot, &draws, &terms).bid(&lot).unwrap();
        let sum: i64 = bid.lines.iter().map(|price| price.minor()).sum();
        assert_eq!(sum, bid.judged.price.minor(), "lot {at}");
    }
}

#[test]
fn many_units_average_out_their_luck_but_not_the_market() {
    let world = World::new("");
    let terms = Terms::new(&world.policy, Asked::default()).unwrap();
    let kinds = world.lines(KINDS, &terms);
    for kind in &kinds {
        let spread = |units: u64| {
            let lot = [Line { units, ..kind.clone() }];
            let draws = simulate(&lot, &terms, Work::unwatched()).unwrap();
            let judged = Outlook::of(&lot, &draws, &terms).judge(Money::zero(terms.currency));
            (judged.profit.p90 - judged.profit.p10) / units as f64
        };
        let (one, many, most) = (spread(1), spread(500), spread(5_000));
        assert!(many < one, "{}: {many} for {one}", kind.label);
        assert!(most > 0.95 * many, "{}: {most} for {many}", kind.label);
        assert!(many > 0.15 * one, "{}: {many} for {one}", kind.label);
    }
}

#[test]
fn a_bigger_margin_or_a_smaller_chance_of_loss_never_raises_the_bid() {
    let bid = |margin: &str, loss: &str| {
        let text = output_of(&[
            "lot",
            LIST,
            "--as-of",
            "2026-11",
            "--margin",
            margin,
            "--max-loss",
            loss,
            "--format",
            "json",
        ]);
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        json["bid"]["price"].as_str().unwrap().parse::<f64>().unwrap()
    };
    let by_margin: Vec<f64> =
        ["0", "0.1", "0.2", "0.4", "0.8"].iter().map(|margin| bid(margin, "0.4")).collect();
    assert!(by_margin.windows(2).all(|pair| pair[1] <= pair[0]), "{by_margin:?}");
    let by_loss: Vec<f64> = ["0.4", "0.2", "0.1", "0.02"].iter().map(|loss| bid("0", loss)).collect();
    assert!(by_loss.windows(2).all(|pair| pair[1] <= pair[0]), "{by_loss:?}");
}

#[test]
fn the_printed_bid_asked_back_gives_its_margin_and_chance_of_loss() {
    let json = |more: &[&str]| -> serde_json::Value {
        let arguments = [&["lot", LIST, "--as-of", "2026-11", "--format", "json"], more].concat();
        serde_json::from_str(&output_of(&arguments)).unwrap()
    };
    let made = json(&[]);
    let asked = json(&["--bid", made["bid"]["price"].as_str().unwrap()]);
    assert_eq!(asked["asked"], made["bid"]);
}

#[test]
fn the_buyers_rule_of_the_handset_trade_comes_out() {
    // 320 of resale, 25 % margin and 15 of processing give 225.
    let policy = "[lot]\nmonths_to_list = 0\nfinancing_yearly = 0.0\nfreight = 0\nfails = 0\n[lot.retail]\noffered = false\n\
                  [lot.wholesale]\nchannel_factor = 1.0\nfee_after_split = 0.0\npaid_after_months = 0\n[gaps.locked]\n\
                  phone = { low = 0.0, usual = 0.0, high = 0.0 }\n[depth]\nprice_fall = 0.0\n";
    let world = World::new(policy);
    let terms = Terms::new(&world.policy, Asked { max_loss: Some(0.9), ..Asked::default() }).unwrap();
    let lot = world.lines("1 x iPhone 12 128GB, price 320 USD, grade A, unlocked\n", &terms);
    let draws = simulate(&lot, &terms, Work::unwatched()).unwrap();
    let bid = Outlook::of(&lot, &draws, &terms).bid(&lot).unwrap();
    // The spread of an own price is that of its middle: its mean is a little above.
    let mean = lot[0].common.mean_factor(0);
    assert!((bid.by_margin - (0.75 * 320.0 * mean - 15.0)).abs() < 0.01, "{}", bid.by_margin);
}

#[test]
fn the_sample_list_gives_a_bid_a_buyer_can_read() {
    let text = output_of(&["lot", LIST, "--as-of", "2026-11"]);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(text.starts_with("Bid "), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_register_with_rec_codes_is_a_lot_as_well() {
    let text = output_of(&["lot", REGISTER, "--as-of", "2026-11", "--share", "0.65", "--fees", "before"]);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn files_are_the_same_at_any_number_of_threads_and_their_prices_add_to_the_bid() {
    let folder = tempfile::tempdir().unwrap();
    let run = |threads: &str| {
        let out = folder.path().join(threads);
        residua()
            .args(["lot", LIST, "--as-of", "2026-11", "--threads", threads, "-q", "-o"])
            .arg(&out)
            .assert()
            .success();
        files_below(&out)
    };
    let one = run("1");
    assert_eq!(one, run("4"));
    assert_eq!(
        one.keys().map(String::as_str).collect::<Vec<_>>(),
        ["findings.csv", "lot.csv", "manifest.json", "rejects.csv", "sell_through.csv"]
    );
    let manifest: serde_json::Value = serde_json::from_slice(&one["manifest.json"]).unwrap();
    let cents = |amount: &str| (amount.parse::<f64>().unwrap() * 100.0).round() as i64;
    let mut rows = csv::Reader::from_reader(one["lot.csv"].as_slice());
    let price = rows.headers().unwrap().iter().position(|name| name == "price").unwrap();
    let sum: i64 = rows.records().map(|row| cents(&row.unwrap()[price])).sum();
    assert_eq!(sum, cents(manifest["answer"]["bid"]["price"].as_str().unwrap()));
}

#[test]
fn what_nobody_can_price_is_listed_and_counts_for_nothing() {
    let text = output_of(&["lot", LIST, "--as-of", "2026-11"]);
    assert!(text.contains("18 × Mystery Terminal X9"), "{text}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lot.txt");
    std::fs::write(&path, "3 x Mystery Terminal X9\n").unwrap();
    let (code, message) = failure_of(&["lot", path.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(message.contains("none of the 3 units can be priced"), "{message}");
    std::fs::write(&path, "2 x Latitude 5420, grade B\n4 x Latitude 5420, grade pulls\n").unwrap();
    let text = output_of(&["lot", path.to_str().unwrap(), "--as-of", "2026-11"]);
    assert!(text.contains("for 2 units in 1 line"), "{text}");
    assert!(text.contains("4 × Dell Latitude 5420: grade `pulls` is not in the scheme"), "{text}");
}

#[test]
fn a_code_of_many_schemes_is_refused_until_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lot.txt");
    std::fs::write(&path, "3 x Latitude 5420, grade 2\n").unwrap();
    let path = path.to_str().unwrap();
    let (code, message) = failure_of(&["lot", path]);
    assert_eq!(code, 1);
    assert!(message.contains("one-best") && message.contains("--scheme"), "{message}");
    let bid = |margin: &str| output_of(&["lot", path, "--scheme", "one-best", "--margin", margin]);
    assert!(bid("0.3").starts_with("Bid "));
    assert_eq!(bid("30%"), bid("0.3"));
    let (code, message) = failure_of(&["lot", path, "--scheme", "one-best", "--margin", "25"]);
    assert_eq!(code, 2);
    assert!(message.starts_with("error: --margin 25 must be between 0 and 0.95\nhint: "), "{message}");
}

#[test]
fn a_lot_in_euros_is_the_lot_in_dollars_at_the_rate_and_another_currency_of_sale_is_a_risk() {
    let json = |more: &[&str]| -> serde_json::Value {
        let arguments = [&["lot", LIST, "--as-of", "2026-11", "--format", "json"], more].concat();
        serde_json::from_str(&output_of(&arguments)).unwrap()
    };
    let number = |value: &serde_json::Value| value.as_str().unwrap().parse::<f64>().unwrap();
    let (dollars, euros) = (json(&[]), json(&["--currency", "EUR"]));
    let rate = number(&dollars["expected_sales"]) / number(&euros["expected_sales"]);
    for key in ["reserve", "highest_for_margin", "highest_for_loss"] {
        let ratio = number(&dollars[key]) / number(&euros[key]);
        assert!((ratio / rate - 1.0).abs() < 1e-4, "{key}: {ratio} for {rate}");
    }
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("mine.toml");
    std::fs::write(&policy, "[lot]\nsells_in = \"EUR\"\nexchange_rate_sd_yearly = 0.5\n").unwrap();
    let abroad = json(&["--policy", policy.to_str().unwrap()]);
    assert!(number(&abroad["highest_for_loss"]) < number(&dollars["highest_for_loss"]));
}
