//! How many rows of each kind there are.
//!
//! In: a register and a roll. Out: [`Counted`]: one row of each kind, with how many there are, in the order of their first rows;
//! and the size and sum of the file. The roll has kind, line and name of every row. Each thread tells the rows of a block
//! apart and looks its kinds up among those known so far; new ones are taken in block by block, so that their order does not
//! hang on the threads.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, PoisonError, RwLock};

use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::StreamError;
use super::roll::{Roll, Rows};
use super::waves::waves;
use crate::fleet::alike::{Reader, Register, Seen, Sorted};
use crate::units::Work;

/// Kinds of rows that are held at most.
const MOST_KINDS: usize = 4_000_000;

/// Rows of one kind.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RowsOfKind {
    /// The first of them, as it stands.
    pub record: Box<[u8]>,
    /// Its line.
    pub line: u64,
    /// Its name.
    pub name: String,
    /// How many there are.
    pub rows: u64,
}

/// Places of kinds by their keys.
type Places = HashMap<Box<[u8]>, u32, FixedState>;

/// The kinds of rows of a register.
#[derive(Debug)]
pub(super) struct Counted {
    /// In the order of their first rows.
    pub kinds: Vec<RowsOfKind>,
    /// Size of the file, bytes.
    pub bytes: u64,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
}

/// A block's rows, and of each of its kinds the place among all if it was known.
struct LookedUp {
    rows: Sorted,
    places: Vec<Option<u32>>,
}

/// Counts the rows of a register by kind and enters them in the roll.
pub(super) fn count(register: &Register, roll: &mut Roll, work: Work<'_>) -> Result<Counted, StreamError> {
    let reader = Reader::new(register);
    let mut kinds: Vec<RowsOfKind> = Vec::new();
    // Read by the threads between two waves, written by the one that takes what they found.
    let places = RwLock::new(Places::default());
    let seen = Arc::new(Seen::with_fingerprint());
    waves(
        &reader,
        register.extent(),
        &seen,
        work,
        |batch| {
            let rows = reader.sort(&batch)?;
            let known = places.read().unwrap_or_else(PoisonError::into_inner);
            let places = rows.kinds.iter().map(|kind| known.get(&kind.key).copied()).collect();
            Ok(LookedUp { rows, places })
        },
        |wave| {
            let mut places = places.write().unwrap_or_else(PoisonError::into_inner);
            let wave: Vec<(Sorted, Vec<u32>)> =
                wave.into_iter().map(|block| taken_in(block, &mut places, &mut kinds)).collect();
            if kinds.len() > MOST_KINDS {
                return Err(StreamError::TooManyKinds { path: register.path().to_owned(), most: MOST_KINDS });
            }
            let entries: Vec<Rows> = wave.into_par_iter().map(entries).collect();
            Ok(roll.extend(&entries)?)
        },
    )?;
    Ok(Counted { kinds, bytes: seen.bytes(), sha256: seen.sha256() })
}

/// Adds the rows of a block to those of their kinds, and says which place each of its kinds has among all.
fn taken_in(block: LookedUp, places: &mut Places, kinds: &mut Vec<RowsOfKind>) -> (Sorted, Vec<u32>) {
    let LookedUp { mut rows, places: known } = block;
    let mut place_of = Vec::with_capacity(known.len());
    for (kind, known) in std::mem::take(&mut rows.kinds).into_iter().zip(known) {
        let place = known.unwrap_or_else(|| match places.entry(kind.key) {
            Entry::Occupied(place) => *place.get(),
            Entry::Vacant(vacant) => {
                kinds.push(RowsOfKind {
                    record: kind.record,
                    line: rows.line(kind.row),
                    name: rows.name(kind.row).to_owned(),
                    rows: 0,
                });
                *vacant.insert(kinds.len() as u32 - 1)
            }
        });
        kinds[place as usize].rows += kind.rows;
        place_of.push(place);
    }
    (rows, place_of)
}

/// The rows of a block as the roll has them.
fn entries((rows, place_of): (Sorted, Vec<u32>)) -> Rows {
    Rows {
        first_line: rows.first_line,
        kinds: rows.kind_of.iter().map(|kind| place_of[*kind as usize]).collect(),
        lines: rows.lines,
        name_ends: rows.name_ends,
        names: rows.names,
    }
}
