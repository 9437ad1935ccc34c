//! The answer to every row, in the order of the register.
//!
//! In: the roll of a register, and what its kinds are answered. Out: `plan.csv` (or `plan.parquet`, by `columns`) and
//! `rejects.csv` in a directory. A wave of blocks is gone through twice: it is counted how many units of each cohort are in each
//! block, then, once it is known how many came before it, its lines are made and written, each block at its place in the file.

use std::fmt::Write as _;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::answers::{Answer, Answers};
use super::roll::{Roll, write_at};
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

/// `rejects.csv` while it is written.
pub(super) struct Rejects<'a> {
    /// The register's name.
    register: &'a str,
    file: Growing,
}

impl Rejects<'_> {
    /// Begins the file in a directory.
    pub(super) fn create<'a>(register: &'a str, into: &Path) -> Result<Rejects<'a>, WriteError> {
        let header = format!("{}\n", report::REJECTS.join(","));
        Ok(Rejects { register, file: Growing::create(into.join("rejects.csv"), &header)? })
    }

    /// Ends the file.
    pub(super) fn finish(self) -> Result<(), WriteError> {
        self.file.finish()
    }

    /// The line of a refused row.
    pub(super) fn line(&self, line: u64, reject: &Reject) -> Vec<u8> {
        report::csv_lines([&report::reject_row(self.register, line, reject)])
    }

    /// Adds lines.
    pub(super) fn write(&mut self, lines: &[u8]) -> Result<(), WriteError> {
        let place = self.file.take(lines.len());
        self.file.write(place, lines)
    }
}

/// A file that is written block by block, several at a time.
pub(super) struct Growing {
    path: PathBuf,
    end: u64,
}

impl Growing {
    pub(super) fn create(path: PathBuf, header: &str) -> Result<Growing, WriteError> {
        let growing = Growing { path, end: header.len() as u64 };
        File::create(&growing.path).map_err(|source| growing.failed(source))?;
        growing.write(0, header.as_bytes())?;
        Ok(growing)
    }

    /// Adds texts one behind the other, on all threads.
    pub(super) fn extend(&mut self, texts: &[String]) -> Result<(), WriteError> {
        let places: Vec<u64> = texts.iter().map(|text| self.take(text.len())).collect();
        texts.par_iter().zip(places).try_for_each(|(text, place)| self.write(place, text.as_bytes()))
    }

    /// Where so many bytes go that come next.
    fn take(&mut self, bytes: usize) -> u64 {
        let place = self.end;
        self.end += bytes as u64;
        place
    }

    fn write(&self, place: u64, bytes: &[u8]) -> Result<(), WriteError> {
        if bytes.is_empty() {
            return Ok(());
        }
        write_at(&self.path, place, bytes).map_err(|source| self.failed(source))
    }

    pub(super) fn finish(self) -> Result<(), WriteError> {
        File::open(&self.path).and_then(|file| file.sync_all()).map_err(|source| self.failed(source))
    }

    fn failed(&self, source: io::Error) -> WriteError {
        WriteError::Failed { path: self.path.clone(), source }
    }
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
    let mut rejects = Rejects::create(register, into)?;
    match form {
        PlanForm::Csv => {
            let mut plan = Growing::create(into.join("plan.csv"), &Answers::header())?;
            waves(roll, answers, blocks_of_wave(), work, |blocks| {
                write_lines(answers, blocks, &mut plan, &mut rejects)
            })?;
            plan.finish()?;
        }
        #[cfg(feature = "parquet")]
        PlanForm::Parquet => {
            use super::columns::PlanColumns;
            let mut plan = PlanColumns::create(into, answers)?;
            waves(roll, answers, PlanColumns::blocks_of_wave(), work, |blocks| {
                plan.write(answers, blocks, &mut rejects)
            })?;
            plan.finish()?;
        }
    }
    Ok(rejects.finish()?)
}

/// Hands over the blocks of the roll with what comes before each, so many at a time.
fn waves(
    roll: &Roll,
    answers: &Answers,
    most: usize,
    work: Work<'_>,
    mut take: impl FnMut(Vec<Placed>) -> Result<(), WriteError>,
) -> Result<(), StreamError> {
    let mut placed = vec![0; answers.cohorts()];
    roll.in_waves(most, work, |wave| {
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
        take(blocks.collect())
    })
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

fn write_lines(
    answers: &Answers,
    blocks: Vec<Placed>,
    plan: &mut Growing,
    rejects: &mut Rejects<'_>,
) -> Result<(), WriteError> {
    let (lines, refused): (Vec<String>, Vec<Vec<u8>>) =
        blocks.into_par_iter().map(|block| lines(answers, block, rejects)).unzip();
    plan.extend(&lines)?;
    refused.iter().try_for_each(|lines| rejects.write(lines))
}

/// The lines of a block for both files.
fn lines(answers: &Answers, block: Placed, rejects: &Rejects<'_>) -> (String, Vec<u8>) {
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
            Answer::Reject(reject) => refused.extend(rejects.line(line, reject)),
            Answer::Nothing => {}
        }
    }
    (lines, refused)
}
