//! What every row is worth, month by month.
//!
//! In: one register of any size, how it is planned, months to look ahead, a directory. Out: `value.csv`, the lines of
//! `residua value` for each row in the order of the register, and `rejects.csv`. Rows of a kind share all of a line but the name.

use std::path::Path;

use rayon::prelude::*;

use super::roll::Roll;
use super::waves::blocks_of_wave;
use super::write::{Growing, reject_line};
use super::{Outcome, StreamError, Streamed, fleet_of};
use crate::decide::{self, Setting};
use crate::fleet::Reject;
use crate::fleet::alike::{Register, Rows};
use crate::report::{self, WriteError};
use crate::units::Work;

/// Names of the files.
const FILES: [&str; 2] = ["value.csv", "rejects.csv"];

/// What the rows of a kind are answered.
enum Answer {
    /// A line for every month, what comes behind the name.
    Lines(Vec<String>),
    Reject(Reject),
    /// It is blank, or nothing says what it is worth.
    Nothing,
}

/// Values a register and writes the files into a directory.
pub fn value(
    setting: &Setting,
    register: &Path,
    months: usize,
    directory: &Path,
    work: Work<'_>,
) -> Result<Streamed, StreamError> {
    let register = Register::open(register, setting.read_options())?;
    report::make_directory(directory, FILES, |into| {
        let mut roll = Roll::create(into)?;
        let (fleet, outcomes) = fleet_of(&register, &mut roll, work)?;
        let plan = decide::plan_watched(&setting.plan_input(&fleet), work)?;
        let answer = |outcome| match outcome {
            Outcome::Nothing => Answer::Nothing,
            Outcome::Reject(reject) => Answer::Reject(reject),
            Outcome::Asset { position, .. } => {
                let rows = report::value_rows(&plan, &fleet, &setting.catalog, position, months);
                Answer::Lines(rows.map(|row| text_of(&row[1..])).collect())
            }
        };
        let answers: Vec<Answer> = outcomes.into_iter().map(answer).collect();
        write(&register.path().display().to_string(), &roll, &answers, into, work)?;
        roll.remove()?;
        Ok((report::Files::new(), Streamed { fleet, plan, files: FILES.len() }))
    })
}

/// Cells as the rest of a line, with the delimiter before them.
fn text_of(cells: &[report::Cell]) -> String {
    let line = report::csv_lines([&cells.to_vec()]);
    format!(",{}", String::from_utf8_lossy(&line))
}

fn write(
    register: &str,
    roll: &Roll,
    answers: &[Answer],
    into: &Path,
    work: Work<'_>,
) -> Result<(), StreamError> {
    let mut values = Growing::create(into.join(FILES[0]), &format!("{}\n", report::VALUE.join(",")))?;
    let mut rejects = Growing::rejects(into)?;
    let made = |wave: &[usize]| -> Result<Vec<(String, Vec<u8>)>, WriteError> {
        let made = |position: &usize| Ok(lines(register, &roll.block(*position)?, answers));
        wave.par_iter().map(made).collect()
    };
    roll.in_waves(blocks_of_wave(), work, made, |blocks| {
        blocks.iter().try_for_each(|(lines, refused)| {
            values.write(lines.as_bytes())?;
            rejects.write(refused)
        })
    })?;
    values.finish()?;
    Ok(rejects.finish()?)
}

/// The lines of a block for both files.
fn lines(register: &str, rows: &Rows, answers: &[Answer]) -> (String, Vec<u8>) {
    let (mut lines, mut refused) = (String::new(), Vec::new());
    let mut name = String::new();
    for (row, kind) in rows.kinds.iter().enumerate() {
        match &answers[*kind as usize] {
            Answer::Lines(of_months) => {
                name.clear();
                report::write_csv_text(rows.name(row), &mut name);
                for rest in of_months {
                    lines.push_str(&name);
                    lines.push_str(rest);
                }
            }
            Answer::Reject(reject) => refused.extend(reject_line(register, rows.line(row), reject)),
            Answer::Nothing => {}
        }
    }
    (lines, refused)
}
