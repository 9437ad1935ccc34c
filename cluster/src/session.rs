//! Where queries run, and what they find there.
//!
//! In: a scheduler's address, or none; a register of any number of files. Out: a [`SessionContext`] of this process or of the
//! cluster with residua's functions ([`functions`]), and two tables: `register`, the rows as they stand, and `assets`, the same
//! with what each row is worth and what should become of it.

use std::sync::Arc;

use ballista::prelude::{SessionConfigExt, SessionContextExt};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::{Column, DataFusionError, Result};
use datafusion::datasource::file_format::FileFormat;
use datafusion::datasource::file_format::csv::CsvFormat;
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::execution::FunctionRegistry;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::logical_expr::{Expr, col, lit};
use datafusion::prelude::{SessionConfig, SessionContext};
use residua::fleet::KindColumns;

use crate::functions::functions;
use crate::setting::Settings;

/// Rows as they stand.
pub const REGISTER: &str = "register";

/// Rows with their answers.
pub const ASSETS: &str = "assets";

/// Functions that are columns of [`ASSETS`], with the field that is taken of their answer.
const COLUMNS: [(&str, &str, Option<&str>); 9] = [
    ("product", "catalog_product", None),
    ("action", "disposal_action", None),
    ("fair_value", "fair_value", None),
    ("residual_value", "residual_value", None),
    ("net_recovery", "net_recovery", None),
    ("window_start", "decommission_window", Some("window_start")),
    ("window_end", "decommission_window", Some("window_end")),
    ("month", "decommission_window", Some("month")),
    ("route", "decommission_window", Some("route")),
];

/// A session in this process, or on the cluster of a scheduler (`host:port`); a query is cut into so many parts.
///
/// # Errors
/// When the scheduler has no such address.
pub async fn session(
    scheduler: Option<&str>,
    partitions: usize,
    settings: &Arc<Settings>,
) -> Result<SessionContext> {
    let config = match scheduler {
        // Stages that turn out to be needless are to be cancelled, which Ballista 55 does not do yet: a join with a side that
        // holds nothing would wait for ever.
        Some(_) => SessionConfig::new_with_ballista().with_ballista_adaptive_query_planner(false),
        None => SessionConfig::new(),
    };
    let mut config = config.with_target_partitions(partitions);
    // A cluster knows texts of one type only, and files say of which type they were.
    config.options_mut().execution.parquet.schema_force_view_types = false;
    config.options_mut().sql_parser.map_string_types_to_utf8view = false;
    let state = SessionStateBuilder::new().with_default_features().with_config(config).build();
    let context = match scheduler {
        Some(address) => SessionContext::remote_with_state(&format!("df://{address}"), state).await?,
        None => SessionContext::new_with_state(state),
    };
    // A state that becomes one of a cluster forgets functions that are not the engine's own: they are registered after.
    for function in functions(settings) {
        context.register_udf(Arc::unwrap_or_clone(function));
    }
    Ok(context)
}

/// Makes the tables of a register: a file, a folder or a pattern of files (`/data/2026/*.parquet`), as a path or URL, CSV
/// (plain or `.gz`) or Parquet. Every machine of a cluster must find it under this name.
///
/// # Errors
/// When there is no such register, or no column of it names a unit or its model.
pub async fn register(context: &SessionContext, location: &str, settings: &Settings) -> Result<()> {
    let url = ListingTableUrl::parse(location)?;
    let (options, is_text) = options(location);
    let schema = options.infer_schema(&context.state(), &url).await?;
    // What a column of a text holds is for residua to read: an inventory number keeps its noughts.
    let schema = if is_text { all_text(&schema) } else { schema };
    let config = ListingTableConfig::new(url).with_listing_options(options).with_schema(schema);
    context.register_table(REGISTER, Arc::new(ListingTable::try_new(config)?))?;
    let rows = context.table(REGISTER).await?;
    let columns = asset_columns(context, rows.schema().as_arrow(), settings)?;
    context.register_table(ASSETS, rows.select(columns)?.into_view())?;
    Ok(())
}

fn options(location: &str) -> (ListingOptions, bool) {
    let name = location.to_lowercase();
    let csv = |compression, extension| {
        let format = CsvFormat::default().with_has_header(true).with_newlines_in_values(true);
        let format: Arc<dyn FileFormat> = Arc::new(format.with_file_compression_type(compression));
        (ListingOptions::new(format).with_file_extension(extension), true)
    };
    if name.ends_with(".csv.gz") {
        csv(FileCompressionType::GZIP, ".csv.gz")
    } else if name.ends_with(".csv") {
        csv(FileCompressionType::UNCOMPRESSED, ".csv")
    } else {
        let format = Arc::new(ParquetFormat::default());
        (ListingOptions::new(format).with_file_extension(".parquet"), false)
    }
}

fn all_text(schema: &Schema) -> SchemaRef {
    let text = |field: &Arc<Field>| Field::new(field.name(), DataType::Utf8, true);
    Arc::new(Schema::new(schema.fields().iter().map(text).collect::<Vec<_>>()))
}

/// Names and columns in turn: what functions are told of a row.
///
/// # Errors
/// When no column names a unit or its model.
pub fn told(schema: &Schema, settings: &Settings) -> Result<Vec<Expr>> {
    let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
    let kind_columns = kind_columns(&names, settings)?;
    let pair = |position: usize| {
        let name = names[position].clone();
        [lit(name.clone()), col(Column::from_name(name))]
    };
    Ok(kind_columns.positions().into_iter().flat_map(pair).collect())
}

/// What the columns of a register say of the kind of a row.
///
/// # Errors
/// When none of them names a unit or its model.
pub fn kind_columns(names: &[String], settings: &Settings) -> Result<KindColumns> {
    let scorer = settings.scorer(None).map_err(|error| DataFusionError::External(Box::new(error)))?;
    KindColumns::of_headers(names, &scorer.setting().profiles)
        .map_err(|error| DataFusionError::External(Box::new(error)))
}

fn asset_columns(context: &SessionContext, schema: &Schema, settings: &Settings) -> Result<Vec<Expr>> {
    let told = told(schema, settings)?;
    let own = schema.fields().iter().map(|field| col(Column::from_name(field.name())));
    let mut columns: Vec<Expr> = own.collect();
    let field_of = context.udf("get_field")?;
    for (name, function, field) in COLUMNS {
        if schema.field_with_name(name).is_ok() {
            continue;
        }
        let answer = context.udf(function)?.call(told.clone());
        let answer = match field {
            Some(field) => field_of.call(vec![answer, lit(field)]),
            None => answer,
        };
        columns.push(answer.alias(name));
    }
    Ok(columns)
}
