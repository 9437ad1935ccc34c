//! What the recent prices of a class say of the next ones, without any fact about the products.
//!
//! In: monthly ln prices of every series of a market ([`History`](super::state_space::history::History)), known up
//! to an origin. Out: a [`TrendModel`], which holds rates, widths and shares but no price, and quantiles of the ln
//! price of a series at any lag. One design and one set of constants for every class:
//!
//! ```text
//! centre = y_last + μ s n + x p (1 - p^n) / (1 - p) + b_n (d - mean d)
//! ```
//!
//! n months after the last price: the long-run rate μ, slower by s for what was first seen long ago, the excess x of
//! the recent rate over it, which fades by p a month ([`rate`]), unless a year of evidence says that nothing ages here
//! ([`aging`]), and a correction for a last price that stands off its own recent mean by d ([`anchor`]).
//! Half-widths of each side come from the errors that the same rule made at every past month with what was known
//! then, beside a prior that never falls asleep ([`interval`]). A share of prices does not move at all ([`stick`]).
//! Where another forecaster has an opinion of the centre (the index model, for products with a known list price),
//! the two are averaged before the errors are measured ([`Opinion`]).
//!
//! Source: price-model recipe, damped pooled drift and hurdle; what differs was chosen, in some two hundred trials, on
//! rolling origins of eleven sets at once (GPUs, CPUs, memory, drives and monitors in falls and in calm). Most constants
//! lie on a flat optimum; the long-run rate does not: a steeper one is better in falls and worse in calm.

pub mod aging;
pub mod anchor;
pub mod interval;
pub mod model;
pub mod past;
pub mod rate;
pub mod stick;

pub use model::{SeriesState, TrendModel};
pub use past::{Opinion, Past};
