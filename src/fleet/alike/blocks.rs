//! A file cut into blocks of whole records.
//!
//! In: bytes, as they come. Out: [`Block`]s of some megabytes, one after the other, each with the ends of its records and the
//! line its first one begins on. Quotes are those of RFC 4180: a quoted cell may hold delimiters and line breaks. A quote
//! that does not open a cell is a letter, and so is one that is not closed within a megabyte or at the end of the file.

use std::io::{self, Read};
use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2, memrchr};

/// Bytes of a block at the least, the last one but.
const BLOCK_BYTES: usize = 4 << 20;

/// Bytes after which a quoted cell is held to be never closed, and a record to be none.
const LONGEST: usize = 1 << 20;

/// Records one after another.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// Their bytes, with line ends.
    pub bytes: Vec<u8>,
    /// Where each ends, its line end included; none where no quote is among them, and each ends with its line.
    ends: Option<Vec<usize>>,
    /// The line on which the first begins, from 1.
    pub first_line: u64,
}

/// What comes of the next bytes.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BlockError {
    /// The system's word.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// A record that goes on and on.
    #[error("the record that begins at line {line} is longer than a megabyte")]
    TooLong {
        /// Where it begins.
        line: u64,
    },
}

/// Cuts what a source gives.
pub(crate) struct Blocks<R> {
    source: R,
    delimiter: u8,
    /// What was read and is not handed out.
    rest: Vec<u8>,
    line: u64,
    at_end: bool,
}

impl<R: Read> Blocks<R> {
    /// Blocks of a source from which so many lines were taken already.
    pub(super) fn new(source: R, delimiter: u8, lines: u64) -> Blocks<R> {
        Blocks { source, delimiter, rest: Vec::new(), line: lines + 1, at_end: false }
    }

    /// The next block; none at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Block>, BlockError> {
        let mut bytes = std::mem::take(&mut self.rest);
        loop {
            self.fill(&mut bytes)?;
            if bytes.is_empty() {
                return Ok(None);
            }
            let (end, ends) = match memchr(b'"', &bytes) {
                None if self.at_end => (Some(bytes.len()), None),
                None => (memrchr(b'\n', &bytes).map(|at| at + 1), None),
                Some(_) => {
                    let ends = ends(&bytes, self.delimiter, self.at_end);
                    (ends.last().copied(), Some(ends))
                }
            };
            if let Some(end) = end {
                self.rest = bytes.split_off(end);
                let first_line = self.line;
                self.line += line_ends(&bytes);
                return Ok(Some(Block { bytes, ends, first_line }));
            }
            if bytes.len() > 2 * LONGEST {
                return Err(BlockError::TooLong { line: self.line });
            }
        }
    }

    /// Reads until there is a block's worth, or no more.
    fn fill(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        let wanted = (BLOCK_BYTES.max(bytes.len() + 1) - bytes.len()) as u64;
        let got = (&mut self.source).take(wanted).read_to_end(bytes)?;
        self.at_end |= (got as u64) < wanted;
        Ok(())
    }
}

/// Number of line ends.
pub(super) fn line_ends(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

/// Where records end. What follows the last one is not whole, unless nothing comes after these bytes.
fn ends(bytes: &[u8], delimiter: u8, is_all: bool) -> Vec<usize> {
    let mut ends = Vec::with_capacity(bytes.len() / 64);
    let mut begin = 0;
    while begin < bytes.len() {
        let Some(length) = length(&bytes[begin..], delimiter, is_all) else { break };
        begin += length;
        ends.push(begin);
    }
    ends
}

/// Length of the record that begins here, its line end included; none when its end is not among these bytes and more may come.
fn length(bytes: &[u8], delimiter: u8, is_all: bool) -> Option<usize> {
    let mut at = 0;
    loop {
        match memchr2(b'\n', b'"', &bytes[at..]) {
            Some(found) if bytes[at + found] == b'\n' => return Some(at + found + 1),
            Some(found) => {
                let quote = at + found;
                let opens = quote == 0 || bytes[quote - 1] == delimiter;
                match opens.then(|| closing(&bytes[quote + 1..], delimiter, is_all)) {
                    Some(Closing::After(length)) => at = quote + 1 + length,
                    Some(Closing::NotYet) => return None,
                    Some(Closing::Never) | None => at = quote + 1,
                }
            }
            None => return is_all.then_some(bytes.len()),
        }
    }
}

/// Where a quoted cell is closed.
enum Closing {
    /// Behind so many bytes, the closing quote included.
    After(usize),
    /// Not among these bytes.
    NotYet,
    /// It is no quoted cell.
    Never,
}

/// Looks for the closing quote, from behind the opening one. A cell over several lines that goes on behind it is none.
fn closing(bytes: &[u8], delimiter: u8, is_all: bool) -> Closing {
    let mut at = 0;
    loop {
        match memchr(b'"', &bytes[at..]) {
            Some(found) if bytes.get(at + found + 1) == Some(&b'"') => at += found + 2,
            Some(found) if at + found + 1 == bytes.len() && !is_all => return Closing::NotYet,
            Some(found) if at + found < LONGEST => {
                let length = at + found + 1;
                let ends_cell =
                    bytes.get(length).is_none_or(|next| *next == delimiter || matches!(next, b'\n' | b'\r'));
                let is_cell = ends_cell || memchr(b'\n', &bytes[..length]).is_none();
                return if is_cell { Closing::After(length) } else { Closing::Never };
            }
            None if !is_all && bytes.len() < LONGEST => return Closing::NotYet,
            _ => return Closing::Never,
        }
    }
}

impl Block {
    /// The line of each record, and where it stands without its line end.
    pub(super) fn records(&self) -> impl Iterator<Item = (u64, Range<usize>)> {
        let mut begin = 0;
        let mut line = self.first_line;
        self.all_ends().map(move |end| {
            let (range, at) = (begin..end, line);
            let record = &self.bytes[range.clone()];
            line += match self.ends {
                Some(_) => line_ends(record),
                None => 1,
            };
            begin = end;
            let record = record.strip_suffix(b"\n").unwrap_or(record);
            (at, range.start..range.start + record.strip_suffix(b"\r").unwrap_or(record).len())
        })
    }

    /// The line on which a byte stands.
    pub(super) fn line_of(&self, byte: usize) -> u64 {
        self.first_line + line_ends(&self.bytes[..byte])
    }

    fn all_ends(&self) -> impl Iterator<Item = usize> {
        let ends = self.ends.iter().flatten().copied();
        let lines = self.ends.is_none().then(|| {
            let last = Some(self.bytes.len()).filter(|_| self.bytes.last() != Some(&b'\n'));
            memchr_iter(b'\n', &self.bytes).map(|at| at + 1).chain(last)
        });
        ends.chain(lines.into_iter().flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn records(text: &str) -> Vec<(u64, String)> {
        let mut blocks = Blocks::new(text.as_bytes(), b',', 0);
        let mut found = Vec::new();
        while let Some(block) = blocks.next().unwrap() {
            found.extend(
                block
                    .records()
                    .map(|(line, record)| (line, String::from_utf8_lossy(&block.bytes[record]).into_owned())),
            );
        }
        found
    }

    #[test]
    fn a_quoted_cell_may_hold_a_line_break_and_a_stray_quote_is_a_letter() {
        let text = "a,\"b\nc\",d\r\n15.6\" screen,x\n\"never closed,y\n\"with \"\"marks\"\"\",z";
        let expected = [
            (1, "a,\"b\nc\",d"),
            (3, "15.6\" screen,x"),
            (4, "\"never closed,y"),
            (5, "\"with \"\"marks\"\"\",z"),
        ];
        let expected: Vec<(u64, String)> =
            expected.iter().map(|(line, text)| (*line, (*text).to_owned())).collect();
        assert_eq!(records(text), expected);
    }

    #[test]
    fn a_quote_that_is_open_at_the_end_is_a_letter() {
        let found = records("a,\"b\nc,d\n");
        assert_eq!(found, [(1, "a,\"b".to_owned()), (2, "c,d".to_owned())]);
    }

    #[test]
    fn what_is_larger_than_a_block_is_cut_between_records() {
        let row = format!("{},\"x\ny\"\n", "z".repeat(1000));
        let text = row.repeat(3 * BLOCK_BYTES / row.len());
        let found = records(&text);
        assert_eq!(found.len(), 3 * BLOCK_BYTES / row.len());
        assert_eq!(found.last().unwrap().0, 2 * found.len() as u64 - 1);
    }

    #[test]
    fn a_record_without_an_end_is_refused() {
        let text = "x".repeat(3 * BLOCK_BYTES) + "\n";
        let mut blocks = Blocks::new(text.as_bytes(), b',', 0);
        assert!(matches!(blocks.next(), Err(BlockError::TooLong { line: 1 })));
    }

    proptest! {
        #[test]
        fn nothing_is_lost_between_records(text in "[a\",\n\r]{0,80}") {
            let mut blocks = Blocks::new(text.as_bytes(), b',', 0);
            let mut all = Vec::new();
            while let Some(block) = blocks.next().unwrap() {
                all.extend(block.bytes);
            }
            prop_assert_eq!(all, text.as_bytes());
        }
    }
}
