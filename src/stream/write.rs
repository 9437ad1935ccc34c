//! The answer to every row, in the order of the register.
//!
//! In: the roll of a register, and what its kinds are answered. Out: `plan.csv` (or `plan.parquet`, by `columns`) and
//! `rejects.csv` in a directory. A wave of blocks is gone through twice: it is counted how many units of each cohort are in each
//! block, then, once it is known how many came before it, its lines are made, on all threads, while one thread writes those of the
//! wave before.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::answers::{Answer, Answers};
use super::roll::Roll;
use super::waves::blocks_of_wave;
use super::{PlanForm, StreamError};
use crate::fleet::Reject;
use crate::fleet::alike::Rows;
use crate::report::{self, WriteError};
use crate::units::Work;

/// A block of the roll.
pub(super) struct Placed {
    pub rows: Rows,
    /// Of each cohort, units in the blocks before it.
    pub before: Vec<u64>,
}

/// A file that is written block by block.
pub(super) struct Growing {
    path: PathBuf,
    file: File,
}

impl Growing {
    /// Begins a file.
    pub(super) fn create(path: PathBuf, header: &str) -> Result<Growing, WriteError> {
        match File::create(&path) {
            Ok(file) => {
                let mut growing = Growing { path, file };
                growing.write(header.as_bytes())?;
                Ok(growing)
            }
            Err(source) => Err(WriteError::Failed { path, source }),
        }
    }

    /// Begins `rejects.csv` in a directory.
    pub(super) fn rejects(into: &Path) -> Result<Growing, WriteError> {
        Growing::create(into.join("rejects.csv"), &format!("{}\n", report::REJECTS.join(",")))
    }

    /// Adds bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.file.write_all(bytes).map_err(|source| self.failed(source))
    }

    /// Ends the file.
    pub(super) fn finish(self) -> Result<(), WriteError> {
        self.file.sync_all().map_err(|source| self.failed(source))
    }

    fn failed(&self, source: io::Error) -> WriteError {
        WriteError::Failed { path: self.path.clone(), source }
    }
}

/// The line of a refused row in `rejects.csv`.
pub(super) fn reject_line(register: &str, line: u64, reject: &Reject) -> Vec<u8> {
    report::csv_lines([&report::reject_row(register, line, reject)])
}

/// Writes both files; `register` is the register's name.
pub(super) fn rows(
    register: &str,
    roll: &Roll,
    answers: &Answers,
    form: PlanForm,
    into: &Path,
    work: Work<'_>,
) -> Result<(), StreamError> {
    let mut rejects = Growing::rejects(into)?;
    match form {
        PlanForm::Csv => {
            let mut plan = Growing::create(into.join("plan.csv"), &Answers::header())?;
            let make = |blocks: Vec<Placed>| {
                let made = blocks.into_par_iter().map(|block| lines(register, answers, block));
                Ok(made.collect::<Vec<(String, Vec<u8>)>>())
            };
            waves(roll, answers, blocks_of_wave(), work, make, |blocks| {
                blocks.iter().try_for_each(|(lines, refused)| {
                    plan.write(lines.as_bytes())?;
                    rejects.write(refused)
                })
            })?;
            plan.finish()?;
        }
        #[cfg(feature = "parquet")]
        PlanForm::Parquet => {
            use super::columns::{Encoder, blocks_of_wave};
            let (mut encoder, mut plan) = Encoder::begin(into, register, answers)?;
            let make = |blocks: Vec<Placed>| encoder.groups(&blocks);
            waves(roll, answers, blocks_of_wave(), work, make, |groups| {
                groups.into_iter().try_for_each(|group| {
                    rejects.write(&group.rejects)?;
                    plan.append(group)
                })
            })?;
            plan.finish()?;
        }
    }
    rejects.finish().map_err(StreamError::from)
}

/// Makes something of the blocks of the roll with what comes before each, so many at a time, and stores it.
fn waves<T: Send>(
    roll: &Roll,
    answers: &Answers,
    most: usize,
    work: Work<'_>,
    mut make: impl FnMut(Vec<Placed>) -> Result<T, WriteError> + Send,
    store: impl FnMut(T) -> Result<(), WriteError> + Send,
) -> Result<(), StreamError> {
    let mut placed = vec![0; answers.cohorts()];
    let placed = |wave: &[usize]| {
        let counted = |position: &usize| -> Result<(Rows, Vec<u64>), WriteError> {
            let rows = roll.block(*position)?;
            let units = units(answers, &rows);
            Ok((rows, units))
        };
        let blocks: Vec<(Rows, Vec<u64>)> = wave.par_iter().map(counted).collect::<Result<_, _>>()?;
        let blocks = blocks.into_iter().map(|(rows, units)| {
            let before = placed.clone();
            placed.iter_mut().zip(&units).for_each(|(sum, units)| *sum += units);
            Placed { rows, before }
        });
        make(blocks.collect())
    };
    roll.in_waves(most, work, placed, store)
}

/// Units of each cohort in a block.
fn units(answers: &Answers, rows: &Rows) -> Vec<u64> {
    let mut units = vec![0; answers.cohorts()];
    for kind in &rows.kinds {
        if let Answer::Asset { cohort, quantity, .. } = &answers.kinds[*kind as usize] {
            units[*cohort] += quantity;
        }
    }
    units
}

/// The lines of a block for both files.
fn lines(register: &str, answers: &Answers, block: Placed) -> (String, Vec<u8>) {
    let Placed { rows, mut before } = block;
    let (mut lines, mut refused) = (String::new(), Vec::new());
    for (row, kind) in rows.kinds.iter().enumerate() {
        let line = rows.line(row);
        match &answers.kinds[*kind as usize] {
            Answer::Asset { cohort, quantity, shared } => {
                report::write_csv_text(rows.name(row), &mut lines);
                lines.push_str(shared);
                answers.write_months(*cohort, before[*cohort], *quantity, &mut lines);
                before[*cohort] += quantity;
                // To a text, which takes everything.
                let _ = writeln!(lines, ",{line}");
            }
            Answer::Reject(reject) => refused.extend(reject_line(register, line, reject)),
            Answer::Nothing => {}
        }
    }
    (lines, refused)
}
