//! What is this gear worth, when should it go, and what will that bring in?

pub mod book;
pub mod catalog;
pub mod fleet;
pub mod market;
pub mod units;
