//! Small, copyable quantities that every other module speaks in.
//!
//! In: numbers and texts from files and flags. Out: values that cannot be confused with each other,
//! a civil [`Month`] that is never a float, [`Money`] that carries its [`Currency`], [`Quantiles`] of a
//! forecast, exchange rates that name their date, draws that repeat ([`SplitMix64`]),
//! the fingerprint of a content ([`sha256`]), the name that was probably meant ([`hint`]), texts as a line of CSV
//! ([`write_csv_record`]) and who watches and stops long work ([`Work`]). Nothing here reads a file or a clock.

mod counted;
mod csv_cells;
mod currency;
mod fingerprint;
mod money;
mod month;
mod nearest;
mod normal;
mod quantiles;
mod random;
mod work;

pub(crate) use counted::{counted, counted_that};
pub use csv_cells::{write_csv_cell, write_csv_record};
pub use currency::{Currency, CurrencyError, ExchangeRate, ExchangeRates};
pub use fingerprint::{Fingerprint, sha256};
pub use money::{Money, MoneyError, apportion};
pub(crate) use money::{cents, group_thousands};
pub use month::{Month, MonthError};
pub use nearest::{hint, with_nearest};
pub use normal::standard_normal_point;
pub use quantiles::{LogNormal, Quantiles, STANDARD_NORMAL_P90, monthly_discount_factor};
pub use random::SplitMix64;
pub use work::{Cancelled, Progress, Stage, Watcher, Work};
