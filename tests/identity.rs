//! Rows of several systems about one unit become one unit, and how often that is right.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

#[path = "common/two_systems.rs"]
mod two_systems;

use std::collections::BTreeMap;

use residua::decide::Policy;
use residua::fleet::{self, Fleet};
use two_systems::{Dirt, TwoSystems, two_systems};

fn read(texts: &[(&str, &str)]) -> Fleet {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<_> = texts.iter().map(|(name, _)| folder.path().join(name)).collect();
    for (path, (_, text)) in paths.iter().zip(texts) {
        std::fs::write(path, text).unwrap();
    }
    let policy = Policy::built_in();
    let options = policy.read_options("2026-11".parse().unwrap());
    fleet::read(&paths, &options).unwrap()
}

/// Pairs of rows of one unit: right ones, wrong ones, and all there are.
#[derive(Debug, Default, PartialEq)]
struct Pairs {
    right: usize,
    wrong: usize,
    all: usize,
}

/// The unit behind a row: rows stand from line 2 on.
fn truth_of(both: &TwoSystems, row: fleet::RowReference) -> u32 {
    let truth = if row.file == 0 { &both.assets_truth } else { &both.devices_truth };
    truth[row.line as usize - 2]
}

fn pairs(fleet: &Fleet, both: &TwoSystems) -> Pairs {
    let choose_two = |count: usize| count * count.saturating_sub(1) / 2;
    let mut found = Pairs::default();
    for asset in &fleet.assets {
        for (at, row) in asset.rows.iter().enumerate() {
            for other in &asset.rows[at + 1..] {
                let same = truth_of(both, *row) == truth_of(both, *other);
                found.right += usize::from(same);
                found.wrong += usize::from(!same);
            }
        }
    }
    let mut rows: BTreeMap<u32, usize> = BTreeMap::new();
    for unit in both.assets_truth.iter().chain(&both.devices_truth) {
        *rows.entry(*unit).or_default() += 1;
    }
    found.all = rows.values().map(|count| choose_two(*count)).sum();
    found
}

const FIELD: Dirt =
    Dirt { tags_missing: 0.30, serials_missing: 0.20, typos: 0.02, duplicates: 0.03, known_to_one: 0.20 };

#[test]
fn joins_of_an_invented_fleet_are_right_and_hardly_any_is_missed() {
    for seed in [7, 8] {
        right_and_complete(&two_systems(30_000, &FIELD, seed));
    }
}

fn right_and_complete(both: &TwoSystems) {
    let fleet = read(&[("assets.csv", &both.assets), ("devices.csv", &both.devices)]);
    assert_eq!(fleet.rows_in, both.assets_truth.len() + both.devices_truth.len());
    assert_eq!(fleet.rows_in, fleet.assets.len() + fleet.rejects.len() + fleet.rows_merged);
    let found = pairs(&fleet, both);
    let precision = found.right as f64 / (found.right + found.wrong) as f64;
    let recall = found.right as f64 / found.all as f64;
    println!("precision {precision:.5}, recall {recall:.5} ({found:?})");
    let mut by_posterior: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
    for pair in fleet.review.iter().filter(|pair| pair.joined) {
        let right = truth_of(both, pair.first) == truth_of(both, pair.second);
        let bin = by_posterior.entry((pair.posterior * 10.0) as u32).or_default();
        bin.0 += usize::from(right);
        bin.1 += 1;
    }
    for (bin, (right, all)) in &by_posterior {
        println!(
            "joined at {:.1} to {:.1}: {right} of {all} right",
            f64::from(*bin) / 10.0,
            f64::from(bin + 1) / 10.0
        );
    }
    assert!(precision >= 0.999, "precision {precision}");
    assert!(recall >= 0.97, "recall {recall}");
}

#[test]
fn all_samples_read_at_once_join_into_their_units_with_conflicts_and_the_ghost() {
    let mut paths: Vec<_> =
        std::fs::read_dir("tests/fixtures/exports").unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let policy = Policy::built_in();
    let options = policy.read_options("2026-11".parse().unwrap());
    let fleet = fleet::read(&paths, &options).unwrap();
    assert_eq!(fleet.rows_in, fleet.assets.len() + fleet.rejects.len() + fleet.rows_merged);
    let mut table = format!(
        "{} files, {} rows in = {} units + {} rejects + {} merged\n",
        paths.len(),
        fleet.rows_in,
        fleet.assets.len(),
        fleet.rejects.len(),
        fleet.rows_merged
    );
    for asset in &fleet.assets {
        let name = |of: &Option<String>| of.clone().unwrap_or_else(|| "-".into());
        let mut codes: Vec<&str> = fleet
            .findings
            .iter()
            .filter(|finding| finding.asset_id.as_ref() == Some(&asset.id))
            .map(|finding| finding.code)
            .collect();
        codes.sort_unstable();
        codes.dedup();
        table += &format!(
            "\n{} | serial {} | {} | {} rows, sure {:.2} | {} | {}\n",
            asset.id,
            name(&asset.serial),
            asset.full_model(),
            asset.rows.len(),
            asset.join_confidence,
            asset.status.name(),
            codes.join(" ")
        );
        for conflict in &asset.conflicts {
            let values: Vec<String> = conflict
                .values
                .iter()
                .map(|(value, row)| {
                    let file = fleet.files[row.file].path.file_stem().unwrap().to_string_lossy();
                    format!("{value} ({file}:{})", row.line)
                })
                .collect();
            table += &format!("    {:?}: {}\n", conflict.field, values.join(" / "));
        }
    }
    insta::assert_snapshot!(table);
}
