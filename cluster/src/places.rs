//! Where the units of a cohort go that leaves in several months.
//!
//! In: the placements of a cohort. Out: a text such as `30 2027-01,12 2027-02,5 stay`, which can travel in a column, and from it
//! the months of any of its units. Units take their places one after the other.

use residua::decide::Placement;

/// The word for units that stay beyond the horizon.
const STAY: &str = "stay";

/// The places of a cohort as a text.
pub fn written(placements: &[Placement]) -> String {
    let place = |placement: &Placement| {
        let month = placement.month.map_or(STAY.to_owned(), |month| month.to_string());
        format!("{} {month}", placement.units)
    };
    placements.iter().map(place).collect::<Vec<_>>().join(",")
}

/// The month of so many units of a cohort, of which others are placed before: a month, or several with their units, as
/// `plan.csv` writes them.
pub fn month_of(places: &str, before: u64, quantity: u64) -> String {
    let mut found = String::new();
    let places = places.split(',').filter_map(|place| {
        let (units, month) = place.split_once(' ')?;
        Some((units.parse().unwrap_or(0), month))
    });
    residua::report::write_months(places, before, quantity, &mut found);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_take_their_places_one_after_the_other() {
        let places = "3 2027-01,2 2027-02,4 stay";
        assert_eq!(month_of(places, 0, 3), "2027-01");
        assert_eq!(month_of(places, 2, 1), "2027-01");
        assert_eq!(month_of(places, 2, 4), "2027-01 (1) 2027-02 (2) stay (1)");
        assert_eq!(month_of(places, 5, 4), "stay");
        assert_eq!(month_of(places, 9, 1), "");
        assert_eq!(month_of("", 0, 1), "");
    }
}
