//! residua's answers as SQL functions.
//!
//! In: names and values in turn, as `named_struct` takes them: `net_recovery('model', model, 'purchase_date', purchase_date, …)`;
//! names are literals, headers of a register in any spelling that residua reads. Out, of a whole row (its quantity times that
//! of one unit), nothing where residua refuses the row:
//!
//! - `fair_value(…)`: what it fetches now, mean;
//! - `net_recovery(…)`: what it brings in when it leaves as recommended, after fees, mean;
//! - `residual_value(…, 'months_ahead', 24)`: mean value so many months from now (0 to 60; without it now), as a share of the
//!   purchase cost;
//! - `decommission_window(…)`: a struct of words `window_start`, `window_end`, `month`, `route`, `action`.
//!
//! Amounts are decimals, so a sum is exact and the same in whatever order the machines add.
//!
//! The pair `'setting', '<hash>'` says by which setting to answer. Whoever plans a query that does not say puts the hash of the
//! own setting in ([`ScalarUDFImpl::simplify`]); planned first on the client, every query so carries the client's. A machine
//! that has not that setting refuses ([`SettingError`](crate::setting::SettingError)).
//!
//! Two helpers serve the plan of a fleet: `unit_kind(…)` is the kind of a row ([`Layout`](crate::kind::Layout)), and
//! `month_of_units(places, before, quantity)` where units of a cohort go of which so many are placed already.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, StringArray, StructArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Fields, Int64Type};
use datafusion::common::{DataFusionError, Result, ScalarValue, exec_err, plan_err};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, lit,
};

use crate::places;
use crate::score::{Answer, MONEY, MONTHS_AHEAD, SHARE, Scorer, money, shares, words};
use crate::setting::Settings;

/// The argument that says by which setting to answer.
pub const SETTING: &str = "setting";

/// The argument that says how many months ahead.
const MONTHS: &str = "months_ahead";

/// Fields of `decommission_window`.
const WINDOW: [&str; 5] = ["window_start", "window_end", "month", "route", "action"];

/// What a function says of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Says {
    Amount(&'static str),
    Share,
    Window,
    Word(&'static str),
    Kind,
}

/// A function of a row.
struct OfRow {
    name: &'static str,
    says: Says,
    settings: Arc<Settings>,
    signature: Signature,
}

/// All functions, answering by these settings.
pub fn functions(settings: &Arc<Settings>) -> Vec<Arc<ScalarUDF>> {
    let of_row = |(name, says)| {
        let settings = Arc::clone(settings);
        let signature = Signature::variadic_any(Volatility::Immutable);
        Arc::new(ScalarUDF::from(OfRow { name, says, settings, signature }))
    };
    let named = [
        ("fair_value", Says::Amount("value_now_mean")),
        ("net_recovery", Says::Amount("recovery_mean")),
        ("residual_value", Says::Share),
        ("decommission_window", Says::Window),
        ("disposal_action", Says::Word("action")),
        ("catalog_product", Says::Word("product")),
        ("unit_kind", Says::Kind),
    ];
    let mut functions: Vec<Arc<ScalarUDF>> = named.into_iter().map(of_row).collect();
    functions.push(Arc::new(ScalarUDF::from(MonthOfUnits::default())));
    functions
}

impl std::fmt::Debug for OfRow {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("OfRow").field("name", &self.name).finish_non_exhaustive()
    }
}

// Settings are those of the process: within it a function is known by its name.
impl PartialEq for OfRow {
    fn eq(&self, other: &OfRow) -> bool {
        self.name == other.name && Arc::ptr_eq(&self.settings, &other.settings)
    }
}

impl Eq for OfRow {}

impl Hash for OfRow {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for OfRow {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(match self.says {
            Says::Amount(_) => MONEY,
            Says::Share => SHARE,
            Says::Window => DataType::Struct(window_fields()),
            Says::Word(_) | Says::Kind => DataType::Utf8,
        })
    }

    fn simplify(&self, mut arguments: Vec<Expr>, _context: &SimplifyContext) -> Result<ExprSimplifyResult> {
        let told = arguments.iter().step_by(2).any(|name| literal(name) == Some(SETTING));
        let Some(own) = self.settings.own().filter(|_| !told) else {
            return Ok(ExprSimplifyResult::Original(arguments));
        };
        arguments.push(lit(SETTING));
        arguments.push(lit(own.hash()));
        let function = ScalarUDF::from(OfRow {
            name: self.name,
            says: self.says,
            settings: Arc::clone(&self.settings),
            signature: self.signature.clone(),
        });
        let call = ScalarFunction::new_udf(Arc::new(function), arguments);
        Ok(ExprSimplifyResult::Simplified(Expr::ScalarFunction(call)))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = arguments.number_rows;
        let all_literal = arguments.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let rows = if all_literal { 1 } else { rows };
        let told = Told::new(self.name, &arguments.args, rows)?;
        let scorer = self.settings.scorer(told.setting.as_deref()).map_err(told_error)?;
        let column = self.column(&scorer, &told, rows)?;
        Ok(match all_literal {
            true => ColumnarValue::Scalar(ScalarValue::try_from_array(&column, 0)?),
            false => ColumnarValue::Array(column),
        })
    }
}

impl OfRow {
    fn column(&self, scorer: &Scorer, told: &Told, rows: usize) -> Result<ArrayRef> {
        if self.says == Says::Kind {
            return Ok(Arc::new(scorer.kinds(&told.names, &told.columns, rows).map_err(told_error)?));
        }
        let answers = scorer.answers(&told.names, &told.columns, rows).map_err(told_error)?;
        Ok(match self.says {
            Says::Amount(column) => money(answers.iter().map(|answer| of_whole_row(answer, column)))?,
            Says::Share => shares(answers.iter().map(|answer| answer.as_ref()?.residual_share(told.months)))?,
            Says::Word(column) => words(column, &answers),
            Says::Window | Says::Kind => {
                let columns = WINDOW.iter().map(|name| words(name, &answers)).collect();
                Arc::new(StructArray::try_new(window_fields(), columns, None)?)
            }
        })
    }
}

fn of_whole_row(answer: &Answer, column: &str) -> Option<i64> {
    let answer = answer.as_ref()?;
    answer.amount(column)?.checked_mul(i64::from(answer.quantity))
}

fn window_fields() -> Fields {
    WINDOW.iter().map(|name| Field::new(*name, DataType::Utf8, true)).collect()
}

/// What a call tells.
struct Told {
    names: Vec<String>,
    columns: Vec<ArrayRef>,
    setting: Option<String>,
    months: usize,
}

impl Told {
    fn new(function: &str, arguments: &[ColumnarValue], rows: usize) -> Result<Told> {
        if arguments.is_empty() || !arguments.len().is_multiple_of(2) {
            return exec_err!(
                "{function} takes names and values in turn: {function}('model', model, 'site', site)"
            );
        }
        let mut told = Told { names: Vec::new(), columns: Vec::new(), setting: None, months: 0 };
        for pair in arguments.chunks_exact(2) {
            let ColumnarValue::Scalar(name) = &pair[0] else {
                return exec_err!("{function}: a name must be a literal, such as 'model'");
            };
            let Some(Some(name)) = name.try_as_str() else {
                return exec_err!("{function}: {name} stands where the name of a column should");
            };
            match (name, &pair[1]) {
                (SETTING, ColumnarValue::Scalar(hash)) => {
                    told.setting = hash.try_as_str().flatten().map(str::to_owned);
                }
                (MONTHS, ColumnarValue::Scalar(months)) => told.months = months_ahead(function, months)?,
                (SETTING | MONTHS, ColumnarValue::Array(_)) => {
                    return exec_err!("{function}: {name} must be a literal");
                }
                (name, value) => {
                    told.names.push(name.to_owned());
                    told.columns.push(value.clone().into_array(rows)?);
                }
            }
        }
        Ok(told)
    }
}

fn months_ahead(function: &str, months: &ScalarValue) -> Result<usize> {
    let number = match months.cast_to(&DataType::Int64)? {
        ScalarValue::Int64(Some(number)) => usize::try_from(number).ok(),
        _ => None,
    };
    match number.filter(|number| *number <= MONTHS_AHEAD) {
        Some(number) => Ok(number),
        None => exec_err!("{function}: {MONTHS} is {months}, and must be from 0 to {MONTHS_AHEAD}"),
    }
}

fn literal(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Literal(value, _) => value.try_as_str().flatten(),
        _ => None,
    }
}

/// As words, for only words come back from an executor as they were.
fn told_error(error: impl std::error::Error) -> DataFusionError {
    DataFusionError::Execution(error.to_string())
}

/// `month_of_units(places, before, quantity)`.
#[derive(Debug, PartialEq, Eq, Hash)]
struct MonthOfUnits {
    signature: Signature,
}

impl Default for MonthOfUnits {
    fn default() -> MonthOfUnits {
        MonthOfUnits { signature: Signature::any(3, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for MonthOfUnits {
    fn name(&self) -> &str {
        "month_of_units"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        match arguments.len() {
            3 => Ok(DataType::Utf8),
            _ => plan_err!("month_of_units takes places, the units placed before, and how many to place"),
        }
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&arguments.args)?;
        let (places, before) = (cast(&arrays[0], &DataType::Utf8)?, cast(&arrays[1], &DataType::Int64)?);
        let quantity = cast(&arrays[2], &DataType::Int64)?;
        let (places, before) = (places.as_string::<i32>(), before.as_primitive::<Int64Type>());
        let quantity = quantity.as_primitive::<Int64Type>();
        let months = (0..places.len()).map(|row| {
            let told = !places.is_null(row) && !quantity.is_null(row);
            // Before the first row of a cohort there is nothing.
            let before = if before.is_null(row) { 0 } else { before.value(row).max(0) };
            told.then(|| {
                places::month_of(places.value(row), before as u64, quantity.value(row).max(0) as u64)
            })
        });
        Ok(ColumnarValue::Array(Arc::new(months.collect::<StringArray>())))
    }
}
