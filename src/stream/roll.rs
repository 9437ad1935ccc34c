//! The roll of a register: kind, line and name of every row, in a file.
//!
//! In: rows told apart, block by block. Out: the same, in any order, as often as wanted, without the register. A row costs 12
//! bytes and its name; what stays in memory are the places of the blocks. The file stands in the directory that is being
//! written and goes before that is put in its place.
//!
//! A block is the kind of each row, the line of each row behind that of the first, where each name ends (32 bits each, little
//! endian), and the names.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::report::WriteError;

/// The file's name.
const NAME: &str = "roll.partial";

/// Bytes of a row besides its name.
const ROW_BYTES: usize = 12;

/// Rows of a block, in the order of the register.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Rows {
    /// The line of the first.
    pub first_line: u64,
    /// The kind of each.
    pub kinds: Vec<u32>,
    /// How many lines each stands behind the first.
    pub lines: Vec<u32>,
    /// Where the name of each ends.
    pub name_ends: Vec<u32>,
    /// The names, one behind the other.
    pub names: String,
}

impl Rows {
    /// Bytes of the block in the file.
    fn bytes(&self) -> usize {
        ROW_BYTES * self.kinds.len() + self.names.len()
    }

    fn encoded(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.bytes());
        for numbers in [&self.kinds, &self.lines, &self.name_ends] {
            bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        }
        bytes.extend_from_slice(self.names.as_bytes());
        bytes
    }

    fn decoded(place: Place, bytes: Vec<u8>) -> io::Result<Rows> {
        let numbers = |part: usize| -> Vec<u32> {
            let part = &bytes[4 * part * place.rows..4 * (part + 1) * place.rows];
            part.chunks_exact(4)
                .map(|four| four.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
                .collect()
        };
        let [kinds, lines, name_ends] = [0, 1, 2].map(numbers);
        let names = String::from_utf8(bytes[ROW_BYTES * place.rows..].to_vec())
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it was written over"))?;
        Ok(Rows { first_line: place.first_line, kinds, lines, name_ends, names })
    }

    /// The name of the row at a position.
    pub(super) fn name(&self, row: usize) -> &str {
        let begin = row.checked_sub(1).map_or(0, |before| self.name_ends[before] as usize);
        &self.names[begin..self.name_ends[row] as usize]
    }

    /// The line of the row at a position.
    pub(super) fn line(&self, row: usize) -> u64 {
        self.first_line + u64::from(self.lines[row])
    }
}

/// Where a block stands.
#[derive(Debug, Clone, Copy)]
struct Place {
    offset: u64,
    bytes: usize,
    rows: usize,
    first_line: u64,
}

/// The roll.
#[derive(Debug)]
pub(super) struct Roll {
    path: PathBuf,
    blocks: Vec<Place>,
    end: u64,
}

impl Roll {
    /// An empty one in a directory.
    pub(super) fn create(directory: &Path) -> Result<Roll, WriteError> {
        let path = directory.join(NAME);
        let roll = Roll { path, blocks: Vec::new(), end: 0 };
        File::create(&roll.path).map_err(|source| roll.failed(source))?;
        Ok(roll)
    }

    /// Adds blocks, in the order of the register.
    pub(super) fn extend(&mut self, blocks: &[Rows]) -> Result<(), WriteError> {
        let first = self.blocks.len();
        for block in blocks {
            let place = Place {
                offset: self.end,
                bytes: block.bytes(),
                rows: block.kinds.len(),
                first_line: block.first_line,
            };
            self.end += place.bytes as u64;
            self.blocks.push(place);
        }
        let write = |(block, place): (&Rows, &Place)| write_at(&self.path, place.offset, &block.encoded());
        let written = blocks.par_iter().zip(&self.blocks[first..]).map(write).collect::<io::Result<()>>();
        written.map_err(|source| self.failed(source))
    }

    /// Number of blocks.
    pub(super) fn len(&self) -> usize {
        self.blocks.len()
    }

    /// The block at a position.
    pub(super) fn block(&self, position: usize) -> Result<Rows, WriteError> {
        let place = self.blocks[position];
        let read = || -> io::Result<Rows> {
            let mut bytes = vec![0; place.bytes];
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(place.offset))?;
            file.read_exact(&mut bytes)?;
            Rows::decoded(place, bytes)
        };
        read().map_err(|source| self.failed(source))
    }

    /// Takes the file away.
    pub(super) fn remove(self) -> Result<(), WriteError> {
        std::fs::remove_file(&self.path).map_err(|source| self.failed(source))
    }

    fn failed(&self, source: io::Error) -> WriteError {
        WriteError::Failed { path: self.path.clone(), source }
    }
}

/// Writes bytes into a file at a place of their own: several threads may do so at once.
pub(super) fn write_at(path: &Path, offset: u64, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::options().write(true).open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_back_in_any_order() {
        let folder = tempfile::tempdir().unwrap();
        let block = |first_line: u64, names: &[&str]| Rows {
            first_line,
            kinds: (0..names.len() as u32).map(|row| row * 70_000).collect(),
            lines: (0..names.len() as u32).map(|row| 2 * row).collect(),
            name_ends: (1..=names.len()).map(|count| names[..count].concat().len() as u32).collect(),
            names: names.concat(),
        };
        let blocks = [block(2, &["A1", "", "München"]), block(9, &[]), block(1 << 40, &["B"])];
        let mut roll = Roll::create(folder.path()).unwrap();
        roll.extend(&blocks[..2]).unwrap();
        roll.extend(&blocks[2..]).unwrap();
        for position in [2, 0, 1] {
            assert_eq!(roll.block(position).unwrap(), blocks[position]);
        }
        assert_eq!(roll.len(), 3);
        assert_eq!((blocks[0].name(2), blocks[0].line(2)), ("München", 6));
        roll.remove().unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
