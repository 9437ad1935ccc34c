//! Errors of the price model.
//!
//! In: nothing. Out: one error type for the fit, the compact model and the
//! forecast; each message names the offending input and what would mend it.

use thiserror::Error;

use crate::units::Cancelled;

/// What can go wrong while a price model is built, fitted or asked.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum PriceModelError {
    /// A covariance or precision matrix has a pivot that is not positive.
    #[error(
        "matrix of size {size} is not positive definite at row {row} (pivot {pivot:e}); \
         the variances are too small for the rows given"
    )]
    NotPositiveDefinite {
        /// Number of rows of the matrix.
        size: usize,
        /// Row at which the factorisation stopped.
        row: usize,
        /// The pivot found there.
        pivot: f64,
    },
    /// A matrix that must be square is not.
    #[error("a square matrix is needed, found {rows} x {columns}")]
    NotSquare {
        /// Number of rows.
        rows: usize,
        /// Number of columns.
        columns: usize,
    },
    /// Nobody wants it any more.
    #[error(transparent)]
    Cancelled(Cancelled),
    /// No series was given, so there is nothing to fit.
    #[error("no series to fit; give at least one series with one row")]
    NoSeries,
    /// A series has no row.
    #[error("series `{series}` has no row; leave it out")]
    EmptySeries {
        /// Name of the series.
        series: String,
    },
    /// Two series of a fit have the same name.
    #[error("series `{series}` is given twice; merge its rows")]
    DuplicateSeries {
        /// Name of the series.
        series: String,
    },
    /// A number of a row or of the covariates is not usable.
    #[error("series `{series}`: {what} is {value}, which is not usable")]
    BadValue {
        /// Name of the series.
        series: String,
        /// Which number.
        what: &'static str,
        /// The number found.
        value: f64,
    },
    /// The design has no column, or one column twice.
    #[error("design column `{column}` is given twice or the design is empty")]
    BadDesign {
        /// Name of the column.
        column: String,
    },
    /// A row lies after the last training month that was asked for.
    #[error("series `{series}` has a row {months} months after the last training month")]
    RowAfterTraining {
        /// Name of the series.
        series: String,
        /// How many months after.
        months: i32,
    },
    /// A hyperparameter is outside its domain.
    #[error("hyperparameter `{name}` is {value}; it must be {domain}")]
    BadHyperparameter {
        /// Name of the hyperparameter.
        name: &'static str,
        /// The value found.
        value: f64,
        /// Its domain in words.
        domain: &'static str,
    },
    /// The index path must reach 2 to 180 months beyond the training data.
    #[error("{months} future months asked for; 2 to 180 are possible")]
    BadFutureMonths {
        /// How many were asked for.
        months: usize,
    },
    /// A model that was read does not hold together.
    #[error("the model file is damaged: {reason}; fit the model again")]
    BadModel {
        /// What does not hold together.
        reason: &'static str,
    },
    /// A forecast was asked for a month the model does not cover.
    #[error("forecast asked {ahead} months after the last training month; 1 to {most} are covered")]
    MonthNotCovered {
        /// Months after the last training month.
        ahead: i32,
        /// The farthest month covered.
        most: i32,
    },
    /// A forecast names a segment that the model was not fitted on.
    #[error("segment `{segment}` is not in the model")]
    UnknownSegment {
        /// Name of the segment.
        segment: String,
    },
    /// A history is not in ascending order of months or has unequal lengths.
    #[error("history is not usable: {reason}")]
    BadHistory {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A forecast's quantiles are not finite or not in order.
    #[error("quantiles {lower} / {median} / {upper} are not finite or not in order")]
    BadQuantiles {
        /// 10 % quantile of the log price.
        lower: f64,
        /// 50 % quantile of the log price.
        median: f64,
        /// 90 % quantile of the log price.
        upper: f64,
    },
    /// The number of steps a month is not positive.
    #[error("{steps} steps a month; it must be positive and finite")]
    BadStepsPerMonth {
        /// The value found.
        steps: f64,
    },
}
