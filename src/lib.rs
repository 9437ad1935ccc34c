//! What is this gear worth, when should it go, and what will that bring in?

pub mod book;
pub mod catalog;
pub mod cli;
pub mod decide;
pub mod fleet;
pub mod market;
pub mod price;
pub mod report;
pub mod units;
