//! What is this gear worth, when should it go, and what will that bring in?

pub mod catalog;
pub mod fleet;
pub mod units;
