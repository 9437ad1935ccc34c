//! The answer to every row as columns: `plan.parquet`.
//!
//! In: the roll of a register, and what its kinds are answered. Out: the columns and rows of `plan.csv` as Parquet: numbers as
//! numbers, what is blank as null. What rows of a kind share is held once for each different text or number; a row has its
//! codes. So many blocks of the roll make a row group, which one thread encodes, whatever the number of threads.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, DictionaryArray, Float64Array, Int32Array, StringArray, UInt32Array, UInt64Array,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, Encoding};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use rayon::prelude::*;

use super::answers::{Answer, Answers, SHARED};
use super::write::{Placed, reject_line};
use crate::fleet::alike::Rows;
use crate::report::{Cell, WriteError};

/// Blocks of the roll in a row group.
const BLOCKS_OF_GROUP: usize = 8;

/// Columns of the shared ones that are numbers.
const NUMBERS: [&str; 9] = [
    "quantity",
    "value_now_mean",
    "value_now_p10",
    "value_now_p50",
    "value_now_p90",
    "recovery_mean",
    "recovery_p10",
    "recovery_p50",
    "recovery_p90",
];

/// A shared column: what each kind of rows has in it.
enum Shared {
    Texts { of_kind: Vec<Option<i32>>, texts: Arc<StringArray> },
    Numbers(Vec<Option<f64>>),
}

/// Makes row groups.
pub(super) struct Encoder<'a> {
    path: PathBuf,
    register: &'a str,
    answers: &'a Answers,
    schema: SchemaRef,
    shared: Vec<Shared>,
    groups: ArrowRowGroupWriterFactory,
    next_group: usize,
}

/// `plan.parquet` while it is written.
pub(super) struct PlanFile {
    path: PathBuf,
    writer: SerializedFileWriter<File>,
}

/// What became of the rows of some blocks.
pub(super) struct Group {
    chunks: Vec<ArrowColumnChunk>,
    /// Lines of `rejects.csv`.
    pub rejects: Vec<u8>,
}

/// Blocks that are worked on at a time on all threads.
pub(super) fn blocks_of_wave() -> usize {
    BLOCKS_OF_GROUP * rayon::current_num_threads()
}

impl PlanFile {
    /// Adds the rows of a group.
    pub(super) fn append(&mut self, group: Group) -> Result<(), WriteError> {
        let append = || -> Result<(), ParquetError> {
            let mut into = self.writer.next_row_group()?;
            for chunk in group.chunks {
                chunk.append_to_row_group(&mut into)?;
            }
            into.close().map(drop)
        };
        append().map_err(|error| failed(&self.path, error))
    }

    /// Ends the file.
    pub(super) fn finish(self) -> Result<(), WriteError> {
        let path = self.path;
        let file = self.writer.into_inner().map_err(|error| failed(&path, error))?;
        file.sync_all().map_err(|source| WriteError::Failed { path, source })
    }
}

impl<'a> Encoder<'a> {
    /// Begins the file in a directory.
    pub(super) fn begin(
        into: &Path,
        register: &'a str,
        answers: &'a Answers,
    ) -> Result<(Encoder<'a>, PlanFile), WriteError> {
        let path = into.join("plan.parquet");
        let schema = Arc::new(schema());
        let begin = || -> Result<_, ParquetError> {
            let file = File::create(&path)?;
            ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties()))?.into_serialized_writer()
        };
        let (writer, groups) = begin().map_err(|error| failed(&path, error))?;
        let shared = SHARED.iter().enumerate().map(|(at, name)| shared_column(name, at, answers)).collect();
        let file = PlanFile { path: path.clone(), writer };
        Ok((Encoder { path, register, answers, schema, shared, groups, next_group: 0 }, file))
    }

    /// The next blocks as groups, as many whole ones as there are.
    pub(super) fn groups(&mut self, blocks: &[Placed]) -> Result<Vec<Group>, WriteError> {
        let (first, about) = (self.next_group, &*self);
        let groups: Vec<Group> = blocks
            .par_chunks(BLOCKS_OF_GROUP)
            .enumerate()
            .map(|(at, blocks)| about.group(first + at, blocks))
            .collect::<Result<_, _>>()?;
        self.next_group += groups.len();
        Ok(groups)
    }

    fn group(&self, number: usize, blocks: &[Placed]) -> Result<Group, WriteError> {
        let mut refused = Vec::new();
        let mut encode = || -> Result<Vec<ArrowColumnChunk>, ParquetError> {
            let mut writers = self.groups.create_column_writers(number)?;
            for block in blocks {
                let columns = self.columns(block, |row, reject| {
                    refused.extend(reject_line(self.register, block.rows.line(row), reject));
                });
                for ((writer, field), column) in writers.iter_mut().zip(self.schema.fields()).zip(&columns) {
                    for leaf in compute_leaves(field, column)? {
                        writer.write(&leaf)?;
                    }
                }
            }
            writers.into_iter().map(|writer| writer.close()).collect()
        };
        let chunks = encode().map_err(|error| failed(&self.path, error))?;
        Ok(Group { chunks, rejects: refused })
    }

    /// The rows of a block that are assets, column by column; `refused` is told of those that are not.
    fn columns(
        &self,
        block: &Placed,
        mut refused: impl FnMut(usize, &crate::fleet::Reject),
    ) -> Vec<ArrayRef> {
        let rows: &Rows = &block.rows;
        let mut before = block.before.clone();
        let (mut kinds, mut cohorts, mut lines) = (Vec::new(), Vec::new(), Vec::new());
        let mut names = StringBuilder::with_capacity(rows.kinds.len(), rows.names.len());
        let mut months = StringBuilder::new();
        let mut month = String::new();
        for (row, kind) in rows.kinds.iter().enumerate() {
            match &self.answers.kinds[*kind as usize] {
                Answer::Asset { cohort, quantity, .. } => {
                    kinds.push(*kind as usize);
                    cohorts.push(*cohort as u32 + 1);
                    lines.push(rows.line(row));
                    names.append_value(rows.name(row));
                    month.clear();
                    self.answers.write_months(*cohort, before[*cohort], *quantity, &mut month);
                    before[*cohort] += quantity;
                    months.append_value(&month);
                }
                Answer::Reject(reject) => refused(row, reject),
                Answer::Nothing => {}
            }
        }
        let mut columns: Vec<ArrayRef> = vec![Arc::new(names.finish()), Arc::new(UInt32Array::from(cohorts))];
        columns.extend(self.shared.iter().map(|column| column.of_rows(&kinds)));
        columns.push(Arc::new(months.finish()));
        columns.push(Arc::new(UInt64Array::from(lines)));
        columns
    }
}

impl Shared {
    fn of_rows(&self, kinds: &[usize]) -> ArrayRef {
        match self {
            Shared::Texts { of_kind, texts } => {
                let codes: Int32Array = kinds.iter().map(|kind| of_kind[*kind]).collect();
                let texts: ArrayRef = Arc::clone(texts) as ArrayRef;
                // The codes are positions in the texts: they were counted together.
                Arc::new(DictionaryArray::<Int32Type>::new(codes, texts))
            }
            Shared::Numbers(of_kind) => {
                Arc::new(kinds.iter().map(|kind| of_kind[*kind]).collect::<Float64Array>())
            }
        }
    }
}

/// What all kinds of rows have in the shared column at a position.
fn shared_column(name: &str, position: usize, answers: &Answers) -> Shared {
    let cells = answers.cells.iter().map(|cells| cells.get(position).unwrap_or(&Cell::Empty));
    if NUMBERS.contains(&name) {
        return Shared::Numbers(cells.map(|cell| text_of(cell).and_then(|text| text.parse().ok())).collect());
    }
    let mut places: HashMap<&str, i32> = HashMap::new();
    let mut texts = Vec::new();
    let of_kind = cells
        .map(|cell| {
            let text = text_of(cell)?;
            Some(*places.entry(text).or_insert_with(|| {
                texts.push(text);
                texts.len() as i32 - 1
            }))
        })
        .collect();
    Shared::Texts { of_kind, texts: Arc::new(StringArray::from(texts)) }
}

fn text_of(cell: &Cell) -> Option<&str> {
    match cell {
        Cell::Empty => None,
        Cell::Text(text) | Cell::Number(text) => Some(text),
    }
}

fn schema() -> Schema {
    let mut fields =
        vec![Field::new("asset_id", DataType::Utf8, false), Field::new("cohort", DataType::UInt32, false)];
    fields.extend(SHARED.iter().map(|name| {
        let data_type = if NUMBERS.contains(name) { DataType::Float64 } else { DataType::Utf8 };
        Field::new(*name, data_type, true)
    }));
    fields.push(Field::new("scheduled_month", DataType::Utf8, false));
    fields.push(Field::new("line", DataType::UInt64, false));
    Schema::new(fields)
}

fn properties() -> WriterProperties {
    // No two names and no two lines are the same: a dictionary of them would only be thrown away.
    WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_column_dictionary_enabled(ColumnPath::from("asset_id"), false)
        .set_column_dictionary_enabled(ColumnPath::from("line"), false)
        .set_column_encoding(ColumnPath::from("line"), Encoding::DELTA_BINARY_PACKED)
        .build()
}

fn failed(path: &Path, error: ParquetError) -> WriteError {
    let source = match error {
        ParquetError::External(source) => match source.downcast::<std::io::Error>() {
            Ok(source) => *source,
            Err(other) => std::io::Error::other(other),
        },
        other => std::io::Error::other(other),
    };
    WriteError::Failed { path: path.to_owned(), source }
}
