//! What rows of hardware are worth and what should become of them: batch in, batch out.
//!
//! In: an Arrow batch with columns of a register under names that residua reads (`model`, `class`, `purchase_date`,
//! `purchase_cost`, `currency`, `site`, `status`, `grade`, … any of them, of any type that has a text). Out: the same batch with
//! the [`ANSWERS`] behind it: value now, net recovery, window, month and route, each as `residua plan` says of a register with
//! that row alone. A row that residua refuses gets no answer.
//!
//! Most rows of a register are alike. A row's *kind* ([`Layout`]) is answered once and kept in a memory of bounded size that
//! all threads of the process share, so what a row costs is a look-up.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::array::{ArrayRef, Decimal128Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::arrow::error::ArrowError;
use foldhash::fast::FixedState;
use rayon::prelude::*;
use residua::decide::{self, PlanError, Setting};
use residua::fleet::{self, FileError, Fleet, ReadError, ReadOptions};
use residua::report::{self, Cell, Table};

use crate::kind::{self, Layout};
use crate::memory::Memory;

/// Months ahead that a value is kept for.
pub const MONTHS_AHEAD: usize = 60;

/// Type of amounts: hundredths, so that sums are exact in whatever order they are made.
pub const MONEY: DataType = DataType::Decimal128(18, 2);

/// Type of shares.
pub const SHARE: DataType = DataType::Decimal128(12, 4);

/// Columns of `plan.csv` that are words.
const WORDS: [&str; 8] =
    ["product", "basis", "action", "route", "month", "window_start", "window_end", "currency"];

/// Columns of `plan.csv` that are amounts.
const AMOUNTS: [&str; 8] = [
    "value_now_mean",
    "value_now_p10",
    "value_now_p50",
    "value_now_p90",
    "recovery_mean",
    "recovery_p10",
    "recovery_p50",
    "recovery_p90",
];

/// Columns that [`Scorer::score`] lays behind those of a batch, amounts for one unit. The last two are the value now as a share
/// of the purchase cost, and the currency of all amounts.
pub const ANSWERS: [&str; 17] = [
    "product",
    "basis",
    "action",
    "route",
    "month",
    "window_start",
    "window_end",
    "value_now_mean",
    "value_now_p10",
    "value_now_p50",
    "value_now_p90",
    "recovery_mean",
    "recovery_p10",
    "recovery_p50",
    "recovery_p90",
    "residual_share",
    "answer_currency",
];

/// Layouts that are remembered; more only when somebody makes them up.
const MOST_LAYOUTS: usize = 64;

/// Rows that cannot be answered.
#[derive(Debug, thiserror::Error)]
pub enum ScoreError {
    /// Columns without names or models.
    #[error("no column names a unit or its model: {0}")]
    Columns(#[from] FileError),
    /// A column of a strange type.
    #[error(transparent)]
    Arrow(#[from] ArrowError),
    /// A kind that cannot be read at all.
    #[error("a row cannot be read: {0}")]
    Read(ReadError),
    /// A kind that cannot be planned.
    #[error("a row cannot be planned: {0}")]
    Plan(PlanError),
}

/// What a unit of a kind is answered.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitAnswer {
    /// Units of one row.
    pub quantity: u32,
    words: [Option<Box<str>>; WORDS.len()],
    amounts: [Option<i64>; AMOUNTS.len()],
    /// Mean value by months ahead, hundredths; empty where nothing is known.
    path: Vec<i64>,
    /// Purchase cost in the currency of the answer.
    cost: Option<f64>,
}

impl UnitAnswer {
    /// A word of `plan.csv`, by its column.
    pub fn word(&self, column: &str) -> Option<&str> {
        let place = WORDS.iter().position(|own| *own == column)?;
        self.words[place].as_deref()
    }

    /// An amount of `plan.csv` for one unit, by its column, in hundredths.
    pub fn amount(&self, column: &str) -> Option<i64> {
        let place = AMOUNTS.iter().position(|own| *own == column)?;
        self.amounts[place]
    }

    /// Mean value some months ahead as a share of the purchase cost, in ten thousandths.
    pub fn residual_share(&self, months: usize) -> Option<i64> {
        let value = *self.path.get(months)? as f64 / 100.0;
        let share = (value / self.cost? * 10_000.0).round();
        (share.abs() < 1e12).then_some(share as i64)
    }
}

/// What a kind is answered; nothing where residua refuses it.
pub type Answer = Option<Arc<UnitAnswer>>;

/// Columns with what is known of rows under them.
#[derive(Debug)]
struct Known {
    layout: Layout,
    memory: Mutex<Memory<Answer>>,
}

/// Answers rows by one setting. One of them serves all threads of a process.
#[derive(Debug)]
pub struct Scorer {
    setting: Setting,
    options: ReadOptions,
    hash: String,
    known: Mutex<HashMap<Vec<String>, Arc<Known>, FixedState>>,
}

impl Scorer {
    /// By a setting and the hash of its content.
    pub fn new(setting: Setting, hash: String) -> Scorer {
        let options = setting.read_options();
        Scorer { setting, options, hash, known: Mutex::default() }
    }

    /// The hash of the setting.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The setting.
    pub fn setting(&self) -> &Setting {
        &self.setting
    }

    /// The batch with the [`ANSWERS`] behind its columns. A column that bears the name of an answer gives way to it.
    ///
    /// # Errors
    /// When no column names a unit or its model, or a column has no text.
    pub fn score(&self, batch: &RecordBatch) -> Result<RecordBatch, ScoreError> {
        let schema = batch.schema();
        let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        let answers = self.answers(&names, batch.columns(), batch.num_rows())?;
        let kept = (0..names.len()).filter(|position| !ANSWERS.contains(&names[*position].as_str()));
        let (mut fields, mut columns) = (Vec::new(), Vec::new());
        for position in kept {
            fields.push(schema.field(position).clone());
            columns.push(Arc::clone(batch.column(position)));
        }
        for name in ANSWERS {
            let column = answer_column(name, &answers)?;
            fields.push(Field::new(name, column.data_type().clone(), true));
            columns.push(column);
        }
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
    }

    /// What each row is answered.
    ///
    /// # Errors
    /// As [`score`](Self::score).
    pub fn answers(
        &self,
        names: &[String],
        columns: &[ArrayRef],
        rows: usize,
    ) -> Result<Vec<Answer>, ScoreError> {
        let known = self.known(names)?;
        let texts = kind::texts(columns)?;
        let mut places: HashMap<String, usize, FixedState> = HashMap::default();
        let mut of_row = Vec::with_capacity(rows);
        let mut kind = String::new();
        for row in 0..rows {
            kind.clear();
            known.layout.write_kind(&texts, row, &mut kind);
            let next = places.len();
            of_row.push(match places.get(&kind) {
                Some(place) => *place,
                None => *places.entry(kind.clone()).or_insert(next),
            });
        }
        let mut kinds = vec![String::new(); places.len()];
        for (kind, place) in places {
            kinds[place] = kind;
        }
        let answers = self.answers_to_kinds(&known, kinds)?;
        Ok(of_row.into_iter().map(|place| answers[place].clone()).collect())
    }

    /// Writes the kinds of rows.
    ///
    /// # Errors
    /// As [`score`](Self::score).
    pub fn kinds(
        &self,
        names: &[String],
        columns: &[ArrayRef],
        rows: usize,
    ) -> Result<StringArray, ScoreError> {
        let known = self.known(names)?;
        let texts = kind::texts(columns)?;
        let mut kind = String::new();
        let kinds = (0..rows).map(|row| {
            kind.clear();
            known.layout.write_kind(&texts, row, &mut kind);
            Some(kind.clone())
        });
        Ok(kinds.collect())
    }

    /// The header under which kinds of rows with these columns are registers.
    ///
    /// # Errors
    /// When no column names a unit or its model.
    pub fn header(&self, names: &[String]) -> Result<String, ScoreError> {
        Ok(self.known(names)?.layout.header().to_owned())
    }

    /// A kind as a fleet of one row, of which residua may have made an asset or a reject.
    ///
    /// # Errors
    /// When the row cannot be read at all.
    pub fn fleet_of_kind(&self, header: &str, kind: &str) -> Result<Fleet, ReadError> {
        fleet::read_text("row", format!("{header}\n{kind}\n").as_bytes(), &self.options)
    }

    fn known(&self, names: &[String]) -> Result<Arc<Known>, ScoreError> {
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(names) {
            return Ok(Arc::clone(known));
        }
        if all.len() >= MOST_LAYOUTS {
            all.clear();
        }
        let layout = Layout::new(names, &self.setting)?;
        let known = Arc::new(Known { layout, memory: Mutex::default() });
        all.insert(names.to_owned(), Arc::clone(&known));
        Ok(known)
    }

    fn answers_to_kinds(&self, known: &Known, kinds: Vec<String>) -> Result<Vec<Answer>, ScoreError> {
        let mut answers: Vec<Option<Answer>> = {
            let mut memory = known.memory.lock().unwrap_or_else(PoisonError::into_inner);
            kinds.iter().map(|kind| memory.get(kind)).collect()
        };
        // Not under the lock: another thread may answer the same kind meanwhile, and answers the same.
        let header = known.layout.header();
        let missing: Vec<usize> = (0..kinds.len()).filter(|place| answers[*place].is_none()).collect();
        let found: Vec<Answer> =
            missing.par_iter().map(|place| self.answer(header, &kinds[*place])).collect::<Result<_, _>>()?;
        let mut memory = known.memory.lock().unwrap_or_else(PoisonError::into_inner);
        for (place, answer) in missing.into_iter().zip(found) {
            memory.put(&kinds[place], answer.clone());
            answers[place] = Some(answer);
        }
        Ok(answers.into_iter().map(Option::flatten).collect())
    }

    fn answer(&self, header: &str, kind: &str) -> Result<Answer, ScoreError> {
        let mut fleet = match self.fleet_of_kind(header, kind) {
            Ok(fleet) => fleet,
            Err(ReadError::NothingUsable { .. }) => return Ok(None),
            // Nothing but blanks under the header.
            Err(ReadError::File(FileError::HeaderOnly { .. })) => return Ok(None),
            Err(error) => return Err(ScoreError::Read(error)),
        };
        let quantity = std::mem::replace(&mut fleet.assets[0].quantity, 1);
        let plan = match decide::plan(&self.setting.plan_input(&fleet)) {
            Ok(plan) => plan,
            Err(PlanError::BeforeEveryPurchase { .. }) => return Ok(None),
            Err(error) => return Err(ScoreError::Plan(error)),
        };
        let table = report::plan_table(&plan, &fleet, &self.setting.catalog);
        let path = report::value_table(&plan, &fleet, &self.setting.catalog, MONTHS_AHEAD);
        let rates = self.setting.policy.rates();
        let cost = fleet.assets[0].purchase_cost.and_then(|(cost, currency)| {
            rates.factor(currency, plan.currency()).ok().map(|factor| cost * factor)
        });
        Ok(Some(Arc::new(UnitAnswer {
            quantity,
            words: WORDS.map(|name| word(&table, 0, name)),
            amounts: AMOUNTS.map(|name| hundredths(&table, 0, name)),
            path: (0..path.rows.len()).filter_map(|row| hundredths(&path, row, "mean")).collect(),
            cost: cost.filter(|cost| *cost > 0.0),
        })))
    }
}

fn cell<'a>(table: &'a Table, row: usize, column: &str) -> Option<&'a str> {
    let position = table.columns.iter().position(|own| own == column)?;
    match &table.rows[row][position] {
        Cell::Empty => None,
        Cell::Text(text) | Cell::Number(text) => Some(text),
    }
}

fn word(table: &Table, row: usize, column: &str) -> Option<Box<str>> {
    cell(table, row, column).map(Into::into)
}

fn hundredths(table: &Table, row: usize, column: &str) -> Option<i64> {
    hundredths_of(cell(table, row, column)?)
}

/// A plain number with at most two decimals, in hundredths.
pub(crate) fn hundredths_of(text: &str) -> Option<i64> {
    let (sign, unsigned) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let whole: i64 = whole.parse().ok()?;
    let decimals: i64 = format!("{decimals:0<2}").parse().ok().filter(|_| decimals.len() <= 2)?;
    Some(sign * (100 * whole + decimals))
}

fn answer_column(name: &str, answers: &[Answer]) -> Result<ArrayRef, ArrowError> {
    match name {
        "residual_share" => shares(answers.iter().map(|answer| answer.as_ref()?.residual_share(0))),
        "answer_currency" => Ok(words("currency", answers)),
        name if AMOUNTS.contains(&name) => money(answers.iter().map(|answer| answer.as_ref()?.amount(name))),
        name => Ok(words(name, answers)),
    }
}

/// A column of words of `plan.csv`.
pub(crate) fn words(name: &str, answers: &[Answer]) -> ArrayRef {
    let words = answers.iter().map(|answer| answer.as_ref().and_then(|answer| answer.word(name)));
    Arc::new(words.collect::<StringArray>())
}

/// A column of amounts, given in hundredths.
pub(crate) fn money(amounts: impl Iterator<Item = Option<i64>>) -> Result<ArrayRef, ArrowError> {
    let amounts: Decimal128Array = amounts.map(|amount| amount.map(i128::from)).collect();
    Ok(Arc::new(amounts.with_data_type(MONEY)))
}

/// A column of shares, given in ten thousandths.
pub(crate) fn shares(shares: impl Iterator<Item = Option<i64>>) -> Result<ArrayRef, ArrowError> {
    let shares: Decimal128Array = shares.map(|share| share.map(i128::from)).collect();
    Ok(Arc::new(shares.with_data_type(SHARE)))
}
