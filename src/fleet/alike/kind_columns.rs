//! Which cells of a row tell its kind.
//!
//! In: the headers of a register. Out: [`KindColumns`]: which columns count, which count only where a row tells no date of
//! purchase, and which name the unit.

use std::path::Path;

use super::super::columns::{ColumnRole, Columns};
use super::super::table::FileError;
use super::super::{Field, Profiles};

/// Fields that name a unit or say where within a site it stands: they move no money.
const NAMES: [Field; 9] = [
    Field::UnitId,
    Field::AssetId,
    Field::Serial,
    Field::Name,
    Field::Location,
    Field::LedgerId,
    Field::OrderNumber,
    Field::LeaseReference,
    Field::RackUnit,
];

/// Fields that count only where no date of purchase is told: they bound the age.
const SIGHTINGS: [Field; 8] = [
    Field::Serial,
    Field::Notes,
    Field::LastSeen,
    Field::FirstSeen,
    Field::LastAudited,
    Field::FirmwareDate,
    Field::RecordCreated,
    Field::RecordUpdated,
];

/// Dates that say when a unit was bought.
const PURCHASES: [Field; 2] = [Field::PurchaseDate, Field::InServiceDate];

/// The columns of a register by what they say of the kind of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindColumns {
    /// Columns that tell kinds of rows apart.
    counts: Vec<usize>,
    /// Columns that do so where no date of purchase is told.
    sightings: Vec<usize>,
    purchases: Vec<usize>,
    /// Columns of names, the best first.
    names: Vec<usize>,
}

impl KindColumns {
    /// By headers alone, each as any register may write it.
    ///
    /// # Errors
    /// When none of them names a unit or its model.
    pub fn of_headers(headers: &[String], profiles: &Profiles) -> Result<KindColumns, FileError> {
        let columns = Columns::from_headers(Path::new("columns"), headers, profiles)?;
        Ok(KindColumns::of(&columns))
    }

    /// By the columns of a table that was seen.
    pub(super) fn of(columns: &Columns) -> KindColumns {
        let of = |fields: &[Field]| -> Vec<usize> {
            let mut positions: Vec<usize> =
                fields.iter().flat_map(|field| columns.of(*field)).copied().collect();
            positions.sort_unstable();
            positions
        };
        let (names, sightings) = (of(&NAMES), of(&SIGHTINGS));
        let is_read = |position: &usize| matches!(columns.role(*position).0, ColumnRole::Field(_));
        let counts = (0..columns.width())
            .filter(is_read)
            .filter(|position| !names.contains(position) && !sightings.contains(position))
            .collect();
        let units = [Field::UnitId, Field::AssetId, Field::Serial, Field::Name];
        let names = units.iter().flat_map(|field| columns.of(*field)).copied().collect();
        KindColumns { counts, sightings, purchases: of(&PURCHASES), names }
    }

    /// Columns that name a unit, the best first.
    pub fn names(&self) -> &[usize] {
        &self.names
    }

    /// Columns that can tell anything of a row's kind, or name it.
    pub fn positions(&self) -> Vec<usize> {
        let mut all = [&*self.counts, &self.sightings, &self.names].concat();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Hands over the cells of a row that tell its kind, in an order that is the same for all rows of a kind.
    pub fn visit<'a>(&self, cell: impl Fn(usize) -> &'a str, mut take: impl FnMut(usize, &'a str)) {
        self.counts.iter().for_each(|position| take(*position, cell(*position)));
        let dated = self.purchases.iter().any(|position| tells_a_date(cell(*position)));
        if !dated {
            self.sightings.iter().for_each(|position| take(*position, cell(*position)));
        }
    }

    /// Whether nothing names the unit: without a model as well such a row is refused.
    pub fn is_unnamed<'a>(&self, cell: impl Fn(usize) -> &'a str) -> bool {
        self.names.iter().all(|position| cell(*position).is_empty())
    }
}

#[cfg(feature = "parquet")]
impl KindColumns {
    /// Columns that tell kinds of rows apart.
    pub(super) fn counts(&self) -> &[usize] {
        &self.counts
    }

    /// Columns that do so where no date of purchase is told.
    pub(super) fn sightings(&self) -> &[usize] {
        &self.sightings
    }

    /// Columns of dates of purchase.
    pub(super) fn purchases(&self) -> &[usize] {
        &self.purchases
    }
}

/// Whether a cell can be a date to the month: six digits that are not all noughts, or four and the name of a month. A year alone
/// leaves the age open, which sightings then bound.
pub(super) fn tells_a_date(cell: &str) -> bool {
    let digits = cell.bytes().filter(u8::is_ascii_digit);
    let letters = cell.chars().filter(|character| character.is_alphabetic()).count();
    let count = digits.clone().count();
    (count >= 6 || (count >= 4 && letters >= 3)) && digits.clone().any(|digit| digit != b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_alone_is_no_date_of_purchase() {
        let dates = ["2022-08-15", "15.08.22", "Aug 2022", "202208", "44788.5", "2022-08"];
        assert!(dates.iter().all(|date| tells_a_date(date)));
        let others = ["", "2022", "Q3 2022", "0000-00-00", "n/a", "FY22"];
        assert!(!others.iter().any(|other| tells_a_date(other)));
    }
}
