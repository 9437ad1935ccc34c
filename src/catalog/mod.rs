//! What exists: products with their launch facts, and the matcher that turns a messy name into one of them.
//!
//! In: the CSV files of `data/catalog` (built into the binary) or a file of the same columns. Out: a
//! [`Catalog`] of [`Product`]s and, for any text, an [`Identification`] with a confidence. Text that fits no
//! product is an answer ("unmatched"), not an error.

mod class;
mod doubts;
mod identify;
mod named;
mod names;
mod product;
mod read;

pub use class::AssetClass;
pub use identify::{Identification, Matcher, RECOGNISED};
pub use named::named;
pub use product::{Catalog, CatalogDate, Precision, Product, ProductId};
pub use read::{CatalogError, built_in, read_catalog};
