//! The rows of a batch of columns told apart.
//!
//! In: a batch of a Parquet register. Out: [`Sorted`], the same as of the rows written as CSV. Each column is turned to codes,
//! and a row's codes to one number, column by column; so a row costs a few operations a column, and only the first row of each
//! kind is looked at as text.

use std::collections::HashMap;
use std::path::Path;

use arrow_array::{Array, RecordBatch};
use foldhash::fast::FixedState;

use super::super::record;
use super::super::table::FileError;
use super::super::table::columnar::{Batches, Codes, Columnar, codes, write_cell};
use super::cells::Cells;
use super::kind_columns::tells_a_date;
use super::reader::{FirstOfKind, Reader, Sorted};
use crate::units::write_csv_record;

/// Rows of the beginning that show how columns are written.
const SAMPLE_ROWS: usize = 10_000;

/// A Parquet register.
#[derive(Debug)]
pub(super) struct Source {
    columnar: Columnar,
}

/// Some rows of it.
#[derive(Debug)]
pub(crate) struct Columns {
    batch: RecordBatch,
    /// The column of the register that each column of the batch is.
    positions: Vec<usize>,
    /// The number of the first row; the header counts as the first of the file, as in a workbook.
    first_row: u64,
}

/// Rows that come batch by batch.
pub(super) struct Rows {
    batches: Batches,
    positions: Vec<usize>,
    next_row: u64,
}

impl Source {
    pub(super) fn open(path: &Path) -> Result<Source, FileError> {
        Ok(Source { columnar: Columnar::open(path)? })
    }

    /// The header and the first rows as CSV, and where the header ends.
    pub(super) fn sample(&self) -> Result<(String, usize), FileError> {
        let headers = self.columnar.headers();
        let cells: Vec<usize> = (0..headers.len()).filter(|at| self.columnar.has_cells(*at)).collect();
        let mut text = String::new();
        write_csv_record(headers.iter().map(String::as_str), &mut text);
        text.push('\n');
        let head = text.len();
        let mut batches = self.columnar.batches(&cells, &[])?;
        let mut left = SAMPLE_ROWS;
        while left > 0
            && let Some(batch) = batches.next()?
        {
            let columns = Columns { batch, positions: cells.clone(), first_row: 1 };
            let rows = columns.batch.num_rows().min(left);
            let mut row_cells = Cells::default();
            for row in 0..rows {
                columns.fill(row, headers.len(), None, &mut row_cells);
                write_csv_record(row_cells.row(1).iter(), &mut text);
                text.push('\n');
            }
            left -= rows;
        }
        Ok((text, head))
    }

    /// Number of rows.
    pub(super) fn rows(&self) -> usize {
        self.columnar.rows()
    }

    /// All rows, with the columns at these positions; `coded` are those that tell kinds apart.
    pub(super) fn batches(&self, wanted: &[usize], coded: &[usize]) -> Result<Rows, FileError> {
        let positions: Vec<usize> =
            wanted.iter().copied().filter(|position| self.columnar.has_cells(*position)).collect();
        let batches = self.columnar.batches(&positions, coded)?;
        Ok(Rows { batches, positions, next_row: 2 })
    }
}

impl Rows {
    pub(super) fn next(&mut self) -> Result<Option<Columns>, FileError> {
        let Some(batch) = self.batches.next()? else { return Ok(None) };
        let first_row = self.next_row;
        self.next_row += batch.num_rows() as u64;
        Ok(Some(Columns { batch, positions: self.positions.clone(), first_row }))
    }
}

impl Columns {
    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.batch.num_rows()
    }

    /// The cells of a row under all headers of the register; of `wanted` columns only, if these are named.
    fn fill(&self, row: usize, width: usize, wanted: Option<&[usize]>, cells: &mut Cells) {
        cells.clear();
        let mut columns = self.positions.iter().zip(self.batch.columns()).peekable();
        for position in 0..width {
            if let Some((_, column)) = columns.next_if(|(at, _)| **at == position)
                && wanted.is_none_or(|wanted| wanted.contains(&position))
            {
                write_cell(column.as_ref(), row, &mut cells.text);
            }
            cells.end_cell();
        }
    }

    fn column(&self, position: usize) -> Option<&dyn Array> {
        let at = self.positions.iter().position(|own| *own == position)?;
        Some(self.batch.column(at).as_ref())
    }

    fn codes(&self, position: usize) -> Codes {
        let blank = || Codes { of_row: vec![0; self.len()], texts: vec![String::new()] };
        self.column(position).map_or_else(blank, codes)
    }
}

/// A number for each row: equal numbers mean equal codes in all columns added.
struct Combined {
    of_row: Vec<u64>,
    /// One more than the largest there can be.
    bound: u64,
}

impl Combined {
    fn new(rows: usize) -> Combined {
        Combined { of_row: vec![0; rows], bound: 1 }
    }

    /// Adds a column of codes below `count`.
    fn add(&mut self, codes: impl Iterator<Item = u32>, count: usize) {
        let count = count.max(1) as u64;
        let bound = self.bound.checked_mul(count).unwrap_or_else(|| {
            self.condense();
            // So many rows and codes as a batch has do not overflow it.
            self.bound * count
        });
        self.of_row.iter_mut().zip(codes).for_each(|(sum, code)| *sum = *sum * count + u64::from(code));
        self.bound = bound;
    }

    /// The same with the smallest numbers.
    fn condense(&mut self) {
        let mut places: HashMap<u64, u64, FixedState> = HashMap::default();
        for number in &mut self.of_row {
            let next = places.len() as u64;
            *number = *places.entry(*number).or_insert(next);
        }
        self.bound = places.len().max(1) as u64;
    }
}

/// Tells the rows of a batch apart.
pub(super) fn sort(reader: &Reader<'_>, columns: &Columns) -> Sorted {
    let combined = combined(reader, columns);
    let (width, names) = (reader.width(), reader.kind().names());
    let mut sorted = Sorted::default();
    sorted.rows.first_line = columns.first_row;
    let mut places: HashMap<u64, u32, FixedState> = HashMap::default();
    let mut cells = Cells::default();
    for (row, number) in combined.of_row.iter().enumerate() {
        let place = *places.entry(*number).or_insert_with(|| {
            columns.fill(row, width, None, &mut cells);
            let mut key = Vec::new();
            reader.key(cells.row(1), &mut key);
            let mut record = String::new();
            write_csv_record(cells.row(1).iter(), &mut record);
            let (key, record) = (key.into(), record.into_bytes().into());
            sorted.kinds.push(FirstOfKind { key, record, row, rows: 0 });
            sorted.kinds.len() as u32 - 1
        });
        sorted.kinds[place as usize].rows += 1;
        columns.fill(row, width, Some(names), &mut cells);
        let line = columns.first_row + row as u64;
        sorted.rows.push(place, line, &record::name(reader.context(), cells.row(line)));
    }
    sorted
}

/// What tells the rows apart, by the same columns as the key of a row of text.
fn combined(reader: &Reader<'_>, columns: &Columns) -> Combined {
    let rows = columns.len();
    let mut combined = Combined::new(rows);
    for position in reader.kind().counts() {
        let codes = columns.codes(*position);
        combined.add(codes.of_row.iter().copied(), codes.texts.len());
    }
    let mut is_dated = vec![false; rows];
    for position in reader.kind().purchases() {
        let codes = columns.codes(*position);
        let tells: Vec<bool> = codes.texts.iter().map(|text| tells_a_date(text)).collect();
        is_dated.iter_mut().zip(&codes.of_row).for_each(|(dated, code)| *dated |= tells[*code as usize]);
    }
    if is_dated.contains(&false) {
        for position in reader.kind().sightings() {
            let codes = columns.codes(*position);
            let of_row =
                codes.of_row.iter().zip(&is_dated).map(|(code, dated)| if *dated { 0 } else { code + 1 });
            combined.add(of_row, codes.texts.len() + 1);
        }
    }
    add_naming(reader, columns, &mut combined);
    combined
}

/// Adds what names decide besides the name; most rows tell a model, and then they decide nothing.
fn add_naming(reader: &Reader<'_>, columns: &Columns, combined: &mut Combined) {
    let width = reader.width();
    let mut naming: HashMap<Vec<u8>, u32, FixedState> = HashMap::default();
    let mut cells = Cells::default();
    let models: Vec<Codes> = reader.models().iter().map(|position| columns.codes(*position)).collect();
    let plain: Vec<Vec<bool>> = models
        .iter()
        .map(|codes| codes.texts.iter().map(|text| record::is_plain_model(text)).collect())
        .collect();
    let is_plain = |row: usize| {
        // The first column that tells a model is the one that is read.
        models.first().zip(plain.first()).is_some_and(|(codes, plain)| plain[codes.of_row[row] as usize])
    };
    let of_row: Vec<u32> = (0..columns.len())
        .map(|row| {
            let mut key = Vec::new();
            if !is_plain(row) {
                columns.fill(row, width, None, &mut cells);
                record::add_naming(reader.context(), cells.row(1), &mut key);
            }
            let next = naming.len() as u32;
            *naming.entry(key).or_insert(next)
        })
        .collect();
    let count = naming.len();
    combined.add(of_row.into_iter(), count);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_many_columns_stay_apart_beyond_64_bits() {
        let rows = 5_000_u32;
        let mut combined = Combined::new(rows as usize);
        for column in 0..9_u32 {
            // In no column are all rows told apart; in all together they are.
            let code = move |row: u32| (row / 5_u32.pow(column % 6)) % 5 * 1_000;
            combined.add((0..rows).map(code), 1 << 20);
        }
        let told: std::collections::HashSet<u64> = combined.of_row.iter().copied().collect();
        assert_eq!(told.len(), rows as usize);
    }

    #[test]
    fn a_record_of_cells_reads_back() {
        let mut text = String::new();
        write_csv_record(["a,b", "c \"d\"", "", "e\nf"], &mut text);
        let mut cells = Cells::default();
        cells.cut(&text, b',');
        assert_eq!(cells.row(1).iter().collect::<Vec<_>>(), ["a,b", "c \"d\"", "", "e\nf"]);
    }
}
