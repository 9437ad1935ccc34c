//! The answer to every row, in the order of the register.
//!
//! In: a register once more, its kinds, and what they are answered. Out: `plan.csv` and `rejects.csv` in a directory. A wave of
//! blocks is gone through twice: rows are looked up, then, once it is known how many units of each cohort came before each
//! block, written. A register that is not the one that was counted is refused.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::StreamError;
use super::answers::{Answer, Answers};
use super::count::Counted;
use super::waves::waves;
use crate::fleet::alike::{Block, Cells, Reader, Register, Seen};
use crate::report::{self, WriteError};
use crate::units::Work;

/// Rows of a block, looked up.
struct LookedUp {
    /// Kind of each row, its line, and where its name ends.
    rows: Vec<(u32, u64, usize)>,
    /// Names of the rows that are assets, one behind the other, as they are written.
    names: String,
    /// Units of each cohort in the block.
    units: Vec<u64>,
}

/// Lines of a block.
#[derive(Default)]
struct Lines {
    plan: String,
    rejects: Vec<u8>,
}

/// Writes both files.
pub(super) fn rows(
    register: &Register,
    counted: &Counted,
    answers: &Answers,
    into: &Path,
    work: Work<'_>,
) -> Result<(), StreamError> {
    let reader = register.reader();
    let create = |name: &str| {
        let path = into.join(name);
        let file = File::create(&path).map_err(|source| WriteError::Failed { path: path.clone(), source })?;
        Ok::<_, WriteError>((file, path))
    };
    let (mut plan, mut rejects) = (create("plan.csv")?, create("rejects.csv")?);
    let write = |(file, path): &mut (File, PathBuf), bytes: &[u8]| {
        file.write_all(bytes).map_err(|source| WriteError::Failed { path: path.clone(), source })
    };
    write(&mut plan, Answers::header().as_bytes())?;
    write(&mut rejects, format!("{}\n", report::REJECTS.join(",")).as_bytes())?;
    let mut placed = vec![0; answers.cohorts()];
    let mut rows = 0;
    let seen = Arc::new(Seen::default());
    waves(
        register,
        &seen,
        "writing rows",
        work,
        |block| looked_up(register, &reader, counted, answers, block),
        |wave| {
            let mut before = Vec::with_capacity(wave.len());
            for (_, found) in &wave {
                before.push(placed.clone());
                rows += found.rows.len() as u64;
                placed.iter_mut().zip(&found.units).for_each(|(sum, units)| *sum += units);
            }
            let lines: Vec<Lines> = wave
                .into_par_iter()
                .zip(before)
                .map(|((_, found), before)| lines(register, answers, &found, before))
                .collect();
            for lines in lines {
                write(&mut plan, lines.plan.as_bytes())?;
                write(&mut rejects, &lines.rejects)?;
            }
            Ok(())
        },
    )?;
    if rows != counted.kinds.iter().map(|kind| kind.rows).sum::<u64>() {
        return Err(StreamError::Changed { path: register.path().to_owned() });
    }
    for (file, path) in [plan, rejects] {
        file.sync_all().map_err(|source| WriteError::Failed { path, source })?;
    }
    Ok(())
}

fn looked_up(
    register: &Register,
    reader: &Reader<'_>,
    counted: &Counted,
    answers: &Answers,
    block: &Block,
) -> Result<LookedUp, StreamError> {
    let mut found = LookedUp {
        rows: Vec::with_capacity(block.ends.len()),
        names: String::with_capacity(16 * block.ends.len()),
        units: vec![0; answers.cohorts()],
    };
    let (mut cells, mut key) = (Cells::default(), Vec::new());
    for (line, record) in reader.records(block)? {
        reader.cut(record, &mut cells);
        reader.key(&cells, &mut key);
        let changed = || StreamError::Changed { path: register.path().to_owned() };
        let kind = counted.place(&key).ok_or_else(changed)?;
        if let Answer::Asset { cohort, quantity, .. } = &answers.kinds[kind] {
            found.units[*cohort] += quantity;
            report::write_csv_text(&reader.name(&cells, line), &mut found.names);
        }
        found.rows.push((kind as u32, line, found.names.len()));
    }
    Ok(found)
}

/// The lines of a block; `before` says how many units of each cohort came before it.
fn lines(register: &Register, answers: &Answers, found: &LookedUp, mut before: Vec<u64>) -> Lines {
    let mut lines = Lines::default();
    let mut name = 0;
    for (kind, line, name_end) in &found.rows {
        match &answers.kinds[*kind as usize] {
            Answer::Asset { cohort, quantity, shared } => {
                lines.plan.push_str(&found.names[name..*name_end]);
                lines.plan.push_str(shared);
                answers.write_months(*cohort, before[*cohort], *quantity, &mut lines.plan);
                before[*cohort] += quantity;
                // To a text, which takes everything.
                let _ = writeln!(lines.plan, ",{line}");
            }
            Answer::Reject(reject) => {
                let row = report::reject_row(&register.path().display().to_string(), *line, reject);
                lines.rejects.extend(report::csv_lines([&row]));
            }
            Answer::Nothing => {}
        }
        name = *name_end;
    }
    lines
}
