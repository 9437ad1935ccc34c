//! A record cut into cells.
//!
//! In: the text of one record. Out: [`Cells`], without quotes and surrounding space, as the rows of a table are.

use memchr::memchr;

use super::Row;

/// The cells of a row, used again for the next one.
#[derive(Debug, Default)]
pub(crate) struct Cells {
    pub(super) text: String,
    pub(super) ends: Vec<u32>,
}

impl Cells {
    /// Cuts a record at its delimiter.
    pub(super) fn cut(&mut self, record: &str, delimiter: u8) {
        self.text.clear();
        self.ends.clear();
        let mut begin = 0;
        while let Some(end) = cell_end(&record.as_bytes()[begin..], delimiter).map(|end| begin + end) {
            push_cell(&record[begin..end], self);
            begin = end + 1;
        }
        push_cell(&record[begin..], self);
    }

    /// No cells.
    #[cfg(feature = "parquet")]
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// What was added to the text since the last cell is one, without surrounding space.
    #[cfg(feature = "parquet")]
    pub(super) fn end_cell(&mut self) {
        let begin = self.ends.last().map_or(0, |end| *end as usize);
        trim_from(&mut self.text, begin);
        self.ends.push(self.text.len() as u32);
    }

    /// The cells as a row that stands on a line.
    pub(super) fn row(&self, line: u64) -> Row<'_> {
        Row::of(line, &self.text, &self.ends)
    }
}

/// Adds a cell without its quotes and surrounding space.
fn push_cell(cell: &str, cells: &mut Cells) {
    match cell.strip_prefix('"') {
        None => cells.text.push_str(trimmed(cell)),
        Some(quoted) => {
            let begin = cells.text.len();
            let mut parts = quoted.split("\"\"").peekable();
            while let Some(part) = parts.next() {
                match parts.peek() {
                    Some(_) => {
                        cells.text.push_str(part);
                        cells.text.push('"');
                    }
                    // What follows the closing quote is letters.
                    None => part.splitn(2, '"').for_each(|part| cells.text.push_str(part)),
                }
            }
            trim_from(&mut cells.text, begin);
        }
    }
    cells.ends.push(cells.text.len() as u32);
}

/// Takes surrounding space off what stands behind a place.
fn trim_from(text: &mut String, begin: usize) {
    let trimmed = text[begin..].trim();
    if trimmed.len() < text.len() - begin {
        let trimmed = trimmed.to_owned();
        text.truncate(begin);
        text.push_str(&trimmed);
    }
}

/// A cell without surrounding space; most have none.
fn trimmed(cell: &str) -> &str {
    let is_bare = |byte: Option<&u8>| byte.is_none_or(|byte| (b'!'..=b'~').contains(byte));
    let bytes = cell.as_bytes();
    if is_bare(bytes.first()) && is_bare(bytes.last()) { cell } else { cell.trim() }
}

/// Where the first cell of a record ends, if another follows.
fn cell_end(record: &[u8], delimiter: u8) -> Option<usize> {
    if record.first() != Some(&b'"') {
        return memchr(delimiter, record);
    }
    let mut at = 1;
    while let Some(found) = memchr(b'"', &record[at..]) {
        at += found + 1;
        if record.get(at) != Some(&b'"') {
            return memchr(delimiter, &record[at..]).map(|found| at + found);
        }
        at += 1;
    }
    // Never closed: a letter.
    memchr(delimiter, record)
}
