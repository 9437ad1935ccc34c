//! residua on more than one machine.
//!
//! In: registers of hardware as Parquet or CSV, of any number of files. Out: sums over them by SQL, and plans of them, made by
//! Apache DataFusion in one process or by Apache Ballista on many, with residua's own answers: nothing is computed here that
//! residua does not compute.
//!
//! A row is turned into its [`kind`] of row; kinds are answered by residua ([`score`]) under a [`setting`] that is named by the
//! hash of its content. That is a function from a batch of rows to a batch with answers, which SQL sees as [`functions`] and
//! Spark or Ray can call as it is. A [`session`] is where queries run, [`processes`] are the machines, and a [`plan`] needs the
//! whole fleet: its [`answers`] and the [`places`] of its units.

pub mod answers;
pub mod functions;
pub mod kind;
mod memory;
pub mod places;
pub mod plan;
pub mod processes;
pub mod score;
pub mod session;
pub mod setting;
