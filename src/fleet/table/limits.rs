//! How much a file may hold before it is refused.
//!
//! A register of ten million rows fits; a file made to fill the memory does not. Sizes are counted while bytes are
//! read or inflated: what an archive says of itself is never trusted.

use std::path::Path;

use super::FileError;

/// The limits of one file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Bytes of the file itself.
    pub file_bytes: u64,
    /// Bytes after inflating, all members together.
    pub inflated_bytes: u64,
    /// Inflated bytes for one byte of the file, once more than `inflated_freely` came out.
    pub ratio: u64,
    /// Bytes that may come out whatever the ratio: a small file of equal rows shrinks a lot.
    pub inflated_freely: u64,
    /// Members of an archive.
    pub members: usize,
    /// Cells of all tables of the file, the empty ones of a row included.
    pub cells: usize,
    /// Bytes of the text of one cell.
    pub cell_bytes: usize,
    /// Bytes without a line end in a file of lines.
    pub line_bytes: usize,
}

impl Limits {
    /// What the program allows.
    pub(super) const STANDARD: Limits = Limits {
        file_bytes: 2 << 30,
        inflated_bytes: 1 << 30,
        ratio: 200,
        inflated_freely: 64 << 20,
        members: 4096,
        cells: 200_000_000,
        cell_bytes: 1 << 20,
        line_bytes: 8 << 20,
    };
}

/// What may still come out of a compressed file.
#[derive(Debug)]
pub(super) struct Budget<'a> {
    path: &'a Path,
    limit: u64,
    left: u64,
}

impl<'a> Budget<'a> {
    /// The budget of a file of this many compressed bytes.
    pub(super) fn new(path: &'a Path, compressed: usize, limits: &Limits) -> Budget<'a> {
        let by_ratio = (compressed as u64).saturating_mul(limits.ratio).max(limits.inflated_freely);
        let limit = limits.inflated_bytes.min(by_ratio);
        Budget { path, limit, left: limit }
    }

    /// Takes inflated bytes off the budget.
    pub(super) fn spend(&mut self, bytes: usize) -> Result<(), FileError> {
        match self.left.checked_sub(bytes as u64) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(FileError::TooLarge {
                path: self.path.to_owned(),
                what: format!("it inflates to more than {} MiB", self.limit >> 20),
            }),
        }
    }
}
