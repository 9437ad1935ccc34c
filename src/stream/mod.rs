//! A plan of a register of any size, in memory that does not grow with it.
//!
//! In: one register as CSV, plain or gzip, read twice; how it is planned; a directory. Out: files of a plan: `plan.csv` in
//! fewer columns and `rejects.csv`, written row by row, and what speaks of the whole fleet. First the rows are counted by
//! kind ([`count`]; `fleet::alike` says what a kind is). One row of each kind, with the quantity of all, is a fleet like any other, and is planned as one: cohorts, the
//! depth of markets, the capacity of sites and the schedule see every unit. Then the rows are read again, each is given what
//! its cohort does ([`answers`]), those of a cohort that leaves in several months one after the other in the order of the
//! register, as in any plan; and written in order ([`write`]).
//!
//! Rows are taken as they stand: none is joined with another, no name is looked for twice, and nothing says what is wrong with
//! the data but the rejects.

mod answers;
mod count;
mod waves;
mod write;

use std::path::{Path, PathBuf};

use crate::decide::{self, Plan, PlanError, Setting};
use crate::fleet::alike::{Kind, Kinds, Register};
use crate::fleet::{Alike, AlikeError, Fleet, Reject, RowReference};
use crate::report::{self, WriteError};
use crate::units::{Cancelled, Work};
use answers::Answers;
use count::Counted;

/// Files of a plan that are written row by row.
const BY_ROW: [&str; 2] = ["plan.csv", "rejects.csv"];

/// A register that could not be planned as a stream. Nothing is left at the output's place.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The register.
    #[error(transparent)]
    Register(#[from] AlikeError),
    /// No row is an asset.
    #[error("none of the {rows} rows can be used; the first: {first}")]
    NothingUsable {
        /// Rows read.
        rows: usize,
        /// Reason and remedy of the first reject.
        first: String,
    },
    /// Rows differ so much that there is nothing to share.
    #[error(
        "{path}: more than {most} kinds of rows, which a stream would have to hold: leave out columns that differ from \
         row to row and say nothing of the worth, or plan it in parts"
    )]
    TooManyKinds {
        /// The file.
        path: PathBuf,
        /// How many there may be.
        most: usize,
    },
    /// More units than can be counted.
    #[error("{path}, line {line}: more units of one kind than can be counted")]
    TooManyUnits {
        /// The file.
        path: PathBuf,
        /// A row of the kind.
        line: u64,
    },
    /// The register is another one than it was a moment ago.
    #[error("{path} has changed while it was read: run this again when nothing writes to it")]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Writing them.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Nobody wants it any more.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// A plan made of a stream.
#[derive(Debug)]
pub struct Streamed {
    /// One asset of each kind, with the quantity of all.
    pub fleet: Fleet,
    /// What is to be done.
    pub plan: Plan,
    /// Files that were written.
    pub files: usize,
}

/// Plans a register and writes the files of the plan into a directory.
pub fn plan(
    setting: &Setting,
    register: &Path,
    directory: &Path,
    work: Work<'_>,
) -> Result<Streamed, StreamError> {
    let register = Register::open(register, setting.read_options())?;
    let counted = count::count(&register, work)?;
    let kinds = register.kinds(counted.kinds.iter().map(|kind| &*kind.record), work)?;
    let (fleet, outcomes) = fleet(&register, &counted, kinds)?;
    let mut plan = decide::plan_watched(&setting.plan_input(&fleet), work)?;
    // They would count one row of each kind.
    plan.findings.clear();
    let files = report::stream_files(setting, &fleet, &plan);
    let answers = Answers::of(&plan, &fleet, &setting.catalog, outcomes);
    report::write_directory_with(directory, &files, &BY_ROW, |into| {
        write::rows(&register, &counted, &answers, into, work)
    })?;
    let files = files.len() + BY_ROW.len();
    Ok(Streamed { fleet, plan, files })
}

/// What becomes of the rows of a kind.
#[derive(Debug)]
enum Outcome {
    /// They are assets, of which this is the first: its position in the fleet, and the quantity of each row.
    Asset { position: usize, quantity: u32 },
    /// They are refused; the place is that of the first.
    Reject(Reject),
    /// They are blank.
    Nothing,
}

/// One asset of each kind with the quantity of all, and what becomes of each kind.
fn fleet(register: &Register, counted: &Counted, kinds: Kinds) -> Result<(Fleet, Vec<Outcome>), StreamError> {
    let mut fleet = Fleet::default();
    let mut beyond = Alike::default();
    let mut outcomes = Vec::with_capacity(kinds.kinds.len());
    for (kind, rows) in kinds.kinds.into_iter().zip(&counted.kinds) {
        let row = RowReference { file: 0, line: rows.line };
        let alike = rows.rows as usize - 1;
        if kind != Kind::Nothing {
            fleet.rows_in += rows.rows as usize;
        }
        outcomes.push(match kind {
            Kind::Asset(mut asset) => {
                let too_many =
                    || StreamError::TooManyUnits { path: register.path().to_owned(), line: rows.line };
                let quantity = asset.quantity;
                let all = u32::try_from(rows.rows).ok().and_then(|rows| quantity.checked_mul(rows));
                asset.quantity = all.ok_or_else(too_many)?;
                asset.id.clone_from(&rows.name);
                asset.rows = vec![row];
                fleet.assets.push(*asset);
                beyond.assets += alike;
                Outcome::Asset { position: fleet.assets.len() - 1, quantity }
            }
            Kind::Reject(reject) => {
                let reject = Reject { row, ..reject };
                fleet.rejects.push(reject.clone());
                beyond.rejects += alike;
                Outcome::Reject(reject)
            }
            Kind::Nothing => Outcome::Nothing,
        });
    }
    if fleet.assets.is_empty() {
        let told =
            |reject: &Reject| format!("line {}: {} ({})", reject.row.line, reject.reason, reject.remedy);
        let first = fleet.rejects.first().map_or_else(String::new, told);
        return Err(StreamError::NothingUsable { rows: fleet.rows_in, first });
    }
    fleet.alike = Some(beyond);
    let mut file = kinds.file;
    file.rows = fleet.rows_in;
    file.bytes = counted.bytes as usize;
    file.sha256.clone_from(&counted.sha256);
    fleet.files = vec![file];
    Ok((fleet, outcomes))
}
