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

use super::StreamError;
use super::roll::Roll;
use super::waves::waves;
use crate::fleet::alike::{Reader, Register, Rows, Seen, Sorted};
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

/// A block told apart, and of each of its kinds the place among all if it was known.
struct LookedUp {
    block: Sorted,
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
            let block = reader.sort(&batch)?;
            let known = places.read().unwrap_or_else(PoisonError::into_inner);
            let places = block.kinds.iter().map(|kind| known.get(&kind.key).copied()).collect();
            Ok(LookedUp { block, places })
        },
        |wave| {
            let mut places = places.write().unwrap_or_else(PoisonError::into_inner);
            let wave: Vec<Rows> =
                wave.into_iter().map(|block| taken_in(block, &mut places, &mut kinds)).collect();
            if kinds.len() > MOST_KINDS {
                return Err(StreamError::TooManyKinds { path: register.path().to_owned(), most: MOST_KINDS });
            }
            Ok(wave)
        },
        |wave| Ok(roll.extend(&wave)?),
    )?;
    Ok(Counted { kinds, bytes: seen.bytes(), sha256: seen.sha256() })
}

/// Adds the rows of a block to those of their kinds. Out: the rows, with the places of their kinds among all.
fn taken_in(block: LookedUp, places: &mut Places, kinds: &mut Vec<RowsOfKind>) -> Rows {
    let LookedUp { block: Sorted { kinds: firsts, mut rows }, places: known } = block;
    let mut place_of = Vec::with_capacity(firsts.len());
    for (kind, known) in firsts.into_iter().zip(known) {
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
    rows.kinds.iter_mut().for_each(|kind| *kind = place_of[*kind as usize]);
    rows
}
