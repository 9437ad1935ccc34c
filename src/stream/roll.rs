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

use super::StreamError;
use crate::fleet::alike::Rows;
use crate::report::WriteError;
use crate::units::Work;

/// The file's name.
const NAME: &str = "roll.partial";

/// Bytes of a row besides its name.
const ROW_BYTES: usize = 12;

/// Bytes of a block in the file.
fn bytes(rows: &Rows) -> usize {
    ROW_BYTES * rows.kinds.len() + rows.names.len()
}

fn encoded(rows: &Rows) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(bytes(rows));
    for numbers in [&rows.kinds, &rows.lines, &rows.name_ends] {
        encoded.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    }
    encoded.extend_from_slice(rows.names.as_bytes());
    encoded
}

fn decoded(place: Place, bytes: &[u8]) -> io::Result<Rows> {
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
    file: File,
    blocks: Vec<Place>,
    end: u64,
}

impl Roll {
    /// An empty one in a directory.
    pub(super) fn create(directory: &Path) -> Result<Roll, WriteError> {
        let path = directory.join(NAME);
        match File::create(&path) {
            Ok(file) => Ok(Roll { path, file, blocks: Vec::new(), end: 0 }),
            Err(source) => Err(WriteError::Failed { path, source }),
        }
    }

    /// Adds blocks, in the order of the register.
    pub(super) fn extend(&mut self, blocks: &[Rows]) -> Result<(), WriteError> {
        for block in blocks {
            self.file.write_all(&encoded(block)).map_err(|source| self.failed(source))?;
            let place = Place {
                offset: self.end,
                bytes: bytes(block),
                rows: block.kinds.len(),
                first_line: block.first_line,
            };
            self.end += place.bytes as u64;
            self.blocks.push(place);
        }
        Ok(())
    }

    /// Makes something of the blocks at so many positions at a time, and stores it, in order, while the next is made.
    pub(super) fn in_waves<T: Send>(
        &self,
        most: usize,
        work: Work<'_>,
        mut make: impl FnMut(&[usize]) -> Result<T, WriteError> + Send,
        mut store: impl FnMut(T) -> Result<(), WriteError> + Send,
    ) -> Result<(), StreamError> {
        let stage = work.stage("writing rows", self.blocks.len());
        let positions: Vec<usize> = (0..self.blocks.len()).collect();
        let mut made: Option<T> = None;
        for wave in positions.chunks(most) {
            let before = made.take();
            let (now, stored) = rayon::join(|| make(wave), || before.map_or(Ok(()), &mut store));
            stored?;
            made = Some(now?);
            stage.steps(wave.len())?;
        }
        Ok(made.map_or(Ok(()), store)?)
    }

    /// The block at a position.
    pub(super) fn block(&self, position: usize) -> Result<Rows, WriteError> {
        let place = self.blocks[position];
        let read = || -> io::Result<Rows> {
            let mut bytes = vec![0; place.bytes];
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(place.offset))?;
            file.read_exact(&mut bytes)?;
            decoded(place, &bytes)
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
        let mut waves = Vec::new();
        let store = |wave| {
            waves.push(wave);
            Ok(())
        };
        roll.in_waves(2, Work::unwatched(), |wave| Ok(wave.to_vec()), store).unwrap();
        assert_eq!(waves, [vec![0, 1], vec![2]]);
        assert_eq!((blocks[0].name(2), blocks[0].line(2)), ("München", 6));
        roll.remove().unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
