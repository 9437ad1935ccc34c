//! Pairs of rows worth a comparison.
//!
//! In: the keys of all rows. Out: each pair that shares a key, once, with the size of the smallest block that holds
//! both. Blocks are runs of one sorted list of hashes, so the cost is n log n. A key on more than [`MOST`] rows
//! tells units apart no longer and is dropped.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use super::keys::Keys;

/// Rows that may share a key before it is taken for a label.
const MOST: usize = 60;

/// Two rows, the one read earlier first, and how many rows their rarest common key stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pair {
    pub first: u32,
    pub second: u32,
    pub candidates: u32,
}

/// All pairs, ordered by row, and the number of keys that were dropped.
pub(super) fn pairs(keys: &[Keys]) -> (Vec<Pair>, usize) {
    let mut entries: Vec<(u64, u32)> = Vec::with_capacity(keys.len() * 8);
    for (row, keys) in keys.iter().enumerate() {
        let mut add = |kind: u8, key: &str| {
            if !key.is_empty() {
                entries.push((hash(kind, key), row as u32));
            }
        };
        add(0, &keys.confused);
        add(0, &keys.in_name);
        add(1, &keys.tag);
        add(1, &keys.name);
        add(1, &keys.in_name);
        add(2, &keys.bare_tag);
        slips(&keys.serial, |form| add(3, form));
    }
    entries.sort_unstable();
    entries.dedup();
    let mut pairs = Vec::new();
    let mut dropped = 0;
    for block in entries.chunk_by(|one, other| one.0 == other.0) {
        if block.len() > MOST {
            dropped += 1;
            continue;
        }
        for (at, (_, first)) in block.iter().enumerate() {
            pairs.extend(block[at + 1..].iter().map(|(_, second)| Pair {
                first: *first,
                second: *second,
                candidates: block.len() as u32,
            }));
        }
    }
    pairs.sort_unstable();
    pairs.dedup_by_key(|pair| (pair.first, pair.second));
    (pairs, dropped)
}

/// The text and the text without each of its characters: two texts one slip apart share one of these.
fn slips(serial: &str, mut add: impl FnMut(&str)) {
    if serial.len() < 6 {
        return;
    }
    add(serial);
    let mut form = String::with_capacity(serial.len());
    for (at, character) in serial.char_indices() {
        form.clear();
        form.push_str(&serial[..at]);
        form.push_str(&serial[at + character.len_utf8()..]);
        add(&form);
    }
}

fn hash(kind: u8, key: &str) -> u64 {
    // The keys of this hasher are fixed: the same in every run.
    let mut hasher = DefaultHasher::new();
    (kind, key).hash(&mut hasher);
    hasher.finish()
}
