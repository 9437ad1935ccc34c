//! The plan of a register that lies on several machines, in two passes.
//!
//! In: a session whose table `register` is the rows. Out: a directory with `plan` and `rejects` (Parquet or CSV, written by the
//! cluster), what every kind of row is answered (`kinds.parquet`), and the files that speak of the whole fleet, as
//! `residua plan --stream` writes them.
//!
//! 1. The cluster counts rows by kind ([`kind`](crate::kind)): `GROUP BY unit_kind(…)`. One row of each kind, with the quantity
//!    of all, is a fleet, and is planned here as one ([`answers`](crate::answers)): the depth of markets per product and month,
//!    the capacity of sites and the schedule see every unit.
//! 2. The cluster joins the answers back by kind. Units of a cohort that leaves in several months take their places in the order
//!    of their names, then of their kinds: `sum(quantity) OVER (PARTITION BY cohort ORDER BY asset_id, kind)`.
//!
//! So the plan is that of `residua plan --stream` of the register sorted by name, to the byte but for line numbers. Rows come
//! out in the order of their names, whatever the number of machines.

use std::path::{Path, PathBuf};

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::DataFusionError;
use datafusion::common::config::CsvOptions;
use datafusion::common::parsers::CsvQuoteStyle;
use datafusion::dataframe::DataFrameWriteOptions;
use datafusion::execution::FunctionRegistry;
use datafusion::functions_aggregate::expr_fn::{count, min};
use datafusion::logical_expr::{Expr, col, lit};
use datafusion::prelude::{ParquetReadOptions, SessionContext, btrim, coalesce, nullif};
use residua::decide::PlanError;
use residua::report;
use residua::units::Work;

use crate::answers::{self, AnswersError, Counted, PLACED};
use crate::session::{REGISTER, kind_columns, told};
use crate::setting::Settings;

/// How the cluster writes rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Parquet.
    Parquet,
    /// CSV with a header.
    Csv,
}

impl Format {
    const fn extension(self) -> &'static str {
        match self {
            Format::Parquet => "parquet",
            Format::Csv => "csv",
        }
    }
}

/// A plan that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PlanFleetError {
    /// The engine, or a function in it.
    #[error(transparent)]
    Engine(#[from] DataFusionError),
    /// Rows that nobody can tell apart.
    #[error(
        "no column names the units (asset_id, serial, name): the order of units in a cohort would be anybody's guess"
    )]
    NoNames,
    /// The answers.
    #[error(transparent)]
    Answers(#[from] AnswersError),
    /// The plan of the fleet.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The output stands already.
    #[error("{0} exists: name a directory that does not, or remove it")]
    Exists(PathBuf),
    /// A file.
    #[error("cannot write {path}: {source}")]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// What a plan was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    /// Rows counted.
    pub rows: u64,
    /// Kinds of rows.
    pub kinds: usize,
    /// Cohorts.
    pub cohorts: usize,
}

/// Plans the table [`REGISTER`] of a session into a directory that every machine of the cluster can write to.
///
/// # Errors
/// When rows have no names, none of them is an asset, or the cluster fails. Nothing is left at the directory's place.
pub async fn plan(
    context: &SessionContext,
    settings: &Settings,
    location: &str,
    directory: &Path,
    format: Format,
) -> Result<Made, PlanFleetError> {
    if directory.exists() {
        return Err(PlanFleetError::Exists(directory.to_owned()));
    }
    let staging = std::path::absolute(directory)
        .map(|path| path.with_added_extension("unfinished"))
        .map_err(|source| PlanFleetError::Unwritable { path: directory.to_owned(), source })?;
    let unwritable = |source| PlanFleetError::Unwritable { path: staging.clone(), source };
    if staging.exists() {
        std::fs::remove_dir_all(&staging).map_err(unwritable)?;
    }
    std::fs::create_dir_all(&staging).map_err(unwritable)?;
    let made = plan_into(context, settings, location, &staging, format).await;
    match made {
        Ok(made) => {
            std::fs::rename(&staging, directory).map_err(unwritable)?;
            Ok(made)
        }
        Err(error) => {
            // What went wrong is told; that the rest of it could not be cleared away is not.
            let _ = std::fs::remove_dir_all(&staging);
            Err(error)
        }
    }
}

async fn plan_into(
    context: &SessionContext,
    settings: &Settings,
    location: &str,
    staging: &Path,
    format: Format,
) -> Result<Made, PlanFleetError> {
    let scorer = settings.scorer(None).map_err(AnswersError::from)?;
    let names = name_rows(context, settings).await?;
    let counted = count_kinds(context).await?;
    let header = scorer.header(&names).map_err(AnswersError::from)?;
    let (fleet, outcomes) = answers::fleet(&scorer, &header, &counted, location)?;
    let setting = scorer.setting();
    let mut plan = residua::decide::plan_watched(&setting.plan_input(&fleet), Work::unwatched())?;
    // They would count one row of each kind.
    plan.findings.clear();
    for (name, bytes) in report::stream_files(setting, &fleet, &plan) {
        let path = staging.join(name);
        let written = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        written
            .and_then(|()| std::fs::write(&path, bytes))
            .map_err(|source| PlanFleetError::Unwritable { path, source })?;
    }
    let table = answers::table(&plan, &fleet, setting, &counted, &outcomes)?;
    let path = staging.join("kinds.parquet");
    answers::write_parquet(&table, &path)?;
    join_back(context, &path, staging, format).await?;
    let rows = counted.iter().map(|kind| kind.rows).sum();
    Ok(Made { rows, kinds: counted.len(), cohorts: plan.cohorts.len() })
}

/// Makes the table `unit_rows`: the name and kind of each row. Returns the names of columns that kinds are made of.
async fn name_rows(context: &SessionContext, settings: &Settings) -> Result<Vec<String>, PlanFleetError> {
    let rows = context.table(REGISTER).await?;
    let schema = rows.schema().as_arrow().clone();
    let columns: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
    let of_kinds = kind_columns(&columns, settings)?;
    let name = |position: &usize| {
        let text = datafusion::logical_expr::cast(
            col(datafusion::common::Column::from_name(columns[*position].clone())),
            DataType::Utf8,
        );
        nullif(btrim(vec![text]), lit(""))
    };
    let mut names: Vec<Expr> = of_kinds.names().iter().map(name).collect();
    if names.is_empty() {
        return Err(PlanFleetError::NoNames);
    }
    names.push(lit(""));
    let kind = context.udf("unit_kind")?.call(told(&schema, settings)?);
    let rows = rows.select(vec![coalesce(names).alias("asset_id"), kind.alias("kind")])?;
    context.register_table("unit_rows", rows.into_view())?;
    Ok(of_kinds.positions().into_iter().map(|position| columns[position].clone()).collect())
}

/// Rows by kind, in the order of their first names.
async fn count_kinds(context: &SessionContext) -> Result<Vec<Counted>, PlanFleetError> {
    let rows = context.table("unit_rows").await?;
    let first = min(col("asset_id")).alias("first");
    let number = count(lit(1)).alias("rows");
    let batches = rows.aggregate(vec![col("kind")], vec![first, number])?.collect().await?;
    let mut counted = Vec::new();
    for batch in &batches {
        counted.extend(counted_in(batch)?);
    }
    counted.sort_unstable_by(|a, b| (&a.first, &a.kind).cmp(&(&b.first, &b.kind)));
    Ok(counted)
}

fn counted_in(batch: &RecordBatch) -> Result<Vec<Counted>, DataFusionError> {
    let text = |position: usize| cast(batch.column(position), &DataType::Utf8);
    let (kinds, firsts) = (text(0)?, text(1)?);
    let rows = cast(batch.column(2), &DataType::Int64)?;
    let (kinds, firsts) = (kinds.as_string::<i32>(), firsts.as_string::<i32>());
    let rows = rows.as_primitive::<Int64Type>();
    let counted = |row: usize| Counted {
        kind: kinds.value(row).to_owned(),
        first: firsts.value(row).to_owned(),
        rows: rows.value(row).unsigned_abs(),
    };
    Ok((0..kinds.len()).map(counted).collect())
}

/// Has the cluster give each row what its kind is answered, and write it.
async fn join_back(
    context: &SessionContext,
    kinds: &Path,
    staging: &Path,
    format: Format,
) -> Result<(), PlanFleetError> {
    let kinds = kinds.display().to_string();
    context.register_parquet("kinds", &kinds, ParquetReadOptions::default()).await?;
    let shared: Vec<String> = PLACED.iter().map(|column| format!("\"{column}\"")).collect();
    let shared = shared.join(", ");
    let of_kinds: Vec<String> = PLACED.iter().map(|column| format!("k.\"{column}\"")).collect();
    let of_kinds = of_kinds.join(", ");
    let together = format!(
        "SELECT r.asset_id, r.kind, k.places, k.whole_month, {of_kinds} \
         FROM unit_rows r JOIN kinds k ON r.kind = k.kind WHERE k.cohort IS NOT NULL"
    );
    let plan = format!(
        "SELECT asset_id, {shared}, scheduled_month FROM ( \
         SELECT asset_id, kind, {shared}, whole_month AS scheduled_month FROM ({together} AND k.places IS NULL) w \
         UNION ALL \
         SELECT asset_id, kind, {shared}, month_of_units(places, before, quantity) AS scheduled_month FROM ( \
         SELECT *, sum(quantity) OVER (PARTITION BY cohort ORDER BY asset_id, kind \
         ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before \
         FROM ({together} AND k.places IS NOT NULL) s) p \
         ) t ORDER BY asset_id, kind, scheduled_month"
    );
    let rejects = "SELECT r.asset_id, k.reason FROM unit_rows r JOIN kinds k ON r.kind = k.kind \
                   WHERE k.reason IS NOT NULL ORDER BY r.asset_id, k.reason";
    for (name, query) in [("plan", plan.as_str()), ("rejects", rejects)] {
        let path = staging.join(format!("{name}.{}", format.extension())).display().to_string();
        let rows = context.sql(query).await?;
        let single = DataFrameWriteOptions::new().with_single_file_output(true);
        match format {
            Format::Parquet => rows.write_parquet(&path, single, None).await?,
            Format::Csv => rows.write_csv(&path, single, Some(csv_options())).await?,
        };
    }
    Ok(())
}

/// A header, and words in quotes: the other styles of DataFusion 55 mean each another when a plan travels.
fn csv_options() -> CsvOptions {
    CsvOptions::default().with_has_header(true).with_quote_style(CsvQuoteStyle::NonNumeric)
}
