//! Pairs of rows worth a comparison.
//!
//! In: all rows and their keys. Out: each pair that shares a key, once. Blocks are runs of one sorted list of hashes, so the cost is n log n. A key on more than [`MOST`] rows
//! tells units apart no longer and is dropped.

use rayon::prelude::*;

use super::super::Asset;
use super::super::words::fold;
use super::keys::{Keys, key_of};

/// Rows that may share an identifier before it is taken for a label.
const MOST: usize = 60;

/// Rows that may share a model with its day or cost: a larger delivery tells its units apart by identifiers or not at all.
const MOST_ALIKE: usize = 6;

/// Two rows, the one read earlier first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pair {
    pub first: u32,
    pub second: u32,
}

/// What kind of key an entry is: keys of different kinds never meet.
#[derive(Clone, Copy)]
enum Kind {
    Serial,
    Tag,
    BareTag,
    Slip,
    Alike,
}

/// All pairs, ordered by row, and the number of identifiers that were dropped.
pub(super) fn pairs(rows: &[Asset], keys: &[Keys]) -> (Vec<Pair>, usize) {
    let mut pairs = Vec::new();
    let mut dropped = 0;
    // One kind at a time keeps the list of entries a fraction of the whole.
    for kind in [Kind::Serial, Kind::Tag, Kind::BareTag, Kind::Slip, Kind::Alike] {
        let mut entries: Vec<(u64, u32)> = rows
            .par_iter()
            .zip(keys)
            .enumerate()
            .flat_map_iter(|(row, (asset, keys))| {
                entries_of(kind, asset, keys).into_iter().map(move |key| (key, row as u32))
            })
            .collect();
        entries.par_sort_unstable();
        entries.dedup();
        let most = if matches!(kind, Kind::Alike) { MOST_ALIKE } else { MOST };
        for block in entries.chunk_by(|one, other| one.0 == other.0) {
            if block.len() > most {
                dropped += usize::from(matches!(kind, Kind::Serial | Kind::Tag));
                continue;
            }
            for (at, (_, first)) in block.iter().enumerate() {
                pairs.extend(
                    block[at + 1..].iter().map(|(_, second)| Pair { first: *first, second: *second }),
                );
            }
        }
    }
    pairs.par_sort_unstable();
    pairs.dedup();
    (pairs, dropped)
}

fn entries_of(kind: Kind, asset: &Asset, keys: &Keys) -> Vec<u64> {
    let mut found = match kind {
        Kind::Serial => vec![keys.confused, keys.in_name],
        Kind::Tag => vec![keys.tag, keys.name, keys.in_name],
        Kind::BareTag => vec![keys.bare_tag],
        Kind::Slip => asset.serial.as_deref().map(slips).unwrap_or_default(),
        Kind::Alike => vec![keys.model_and_day, keys.model_and_cost, keys.model_and_place],
    };
    found.retain(|key| *key != 0);
    found
}

/// The text and the text without each of its characters: two texts one slip apart share one of these.
fn slips(serial: &str) -> Vec<u64> {
    let serial = fold(serial);
    if serial.len() < 6 {
        return Vec::new();
    }
    let mut found = vec![key_of(&serial)];
    let mut form = String::with_capacity(serial.len());
    for (at, character) in serial.char_indices() {
        form.clear();
        form.push_str(&serial[..at]);
        form.push_str(&serial[at + character.len_utf8()..]);
        found.push(key_of(&form));
    }
    found
}
