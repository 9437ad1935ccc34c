//! How many rows of each kind there are.
//!
//! In: a register. Out: [`Counted`]: one row of each kind, with how many there are, in the order of their first rows; and the
//! size and sum of the file. Each thread counts the rows of a block by the kinds known so far and finds new ones; these are
//! taken in block by block, so that the order does not hang on the threads.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, PoisonError, RwLock};

use foldhash::fast::FixedState;

use super::StreamError;
use super::waves::waves;
use crate::fleet::alike::{Block, Cells, Reader, Register, Seen};
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
    places: Places,
}

impl Counted {
    /// The place of a kind among all.
    pub(super) fn place(&self, key: &[u8]) -> Option<usize> {
        self.places.get(key).map(|place| *place as usize)
    }
}

/// What is in a block.
struct InBlock {
    /// Rows of each kind known before.
    known: Vec<u32>,
    /// Kinds that were not, in the order of their first rows.
    new: Vec<(Box<[u8]>, RowsOfKind)>,
}

/// Counts the rows of a register by kind.
pub(super) fn count(register: &Register, work: Work<'_>) -> Result<Counted, StreamError> {
    let reader = register.reader();
    let mut kinds: Vec<RowsOfKind> = Vec::new();
    // Read by the threads between two waves, written by the one that takes what they found.
    let places = RwLock::new(Places::default());
    let seen = Arc::new(Seen::with_fingerprint());
    waves(
        register,
        &seen,
        "counting rows",
        work,
        |block| {
            let places = places.read().unwrap_or_else(PoisonError::into_inner);
            in_block(&reader, block, &places)
        },
        |wave| {
            let mut places = places.write().unwrap_or_else(PoisonError::into_inner);
            for (_, found) in wave {
                for (kind, rows) in kinds.iter_mut().zip(found.known) {
                    kind.rows += u64::from(rows);
                }
                for (key, rows) in found.new {
                    match places.entry(key) {
                        Entry::Occupied(place) => kinds[*place.get() as usize].rows += rows.rows,
                        Entry::Vacant(place) => {
                            place.insert(kinds.len() as u32);
                            kinds.push(rows);
                        }
                    }
                }
            }
            if kinds.len() > MOST_KINDS {
                return Err(StreamError::TooManyKinds { path: register.path().to_owned(), most: MOST_KINDS });
            }
            Ok(())
        },
    )?;
    let places = places.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Counted { kinds, places, bytes: seen.bytes(), sha256: seen.sha256() })
}

fn in_block(reader: &Reader<'_>, block: &Block, places: &Places) -> Result<InBlock, StreamError> {
    let mut found = InBlock { known: vec![0; places.len()], new: Vec::new() };
    let mut own: HashMap<Box<[u8]>, usize, FixedState> = HashMap::default();
    let (mut cells, mut key) = (Cells::default(), Vec::new());
    for (line, record) in reader.records(block)? {
        reader.cut(record, &mut cells);
        reader.key(&cells, &mut key);
        if let Some(place) = places.get(key.as_slice()) {
            found.known[*place as usize] += 1;
        } else if let Some(place) = own.get(key.as_slice()) {
            found.new[*place].1.rows += 1;
        } else {
            let name = reader.name(&cells, line);
            let rows = RowsOfKind { record: record.as_bytes().into(), line, name, rows: 1 };
            own.insert(key.as_slice().into(), found.new.len());
            found.new.push((key.as_slice().into(), rows));
        }
    }
    Ok(found)
}
