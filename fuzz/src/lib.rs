//! Hostile bytes for every parser; see README.md. The targets are in `targets.rs`, which the tests of residua read too.

pub mod targets;
