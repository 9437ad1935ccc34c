//! What buying a lot does for mass and carbon, as expected.
//!
//! In: a lot with what becomes of its lines, and published footprints. Out: a [`Sustainability`] in whole units: those
//! expected by treatment, rounded so that each line keeps its count (largest remainder).

use super::Lot;
use super::sale::Treatment;
use crate::catalog::Catalog;
use crate::decide::{CarbonFactors, Fate, Gear, Sustainability, of_disposition};

impl Lot {
    /// What becomes of the units that are priced.
    pub fn disposed(&self, factors: &CarbonFactors, catalog: &Catalog) -> Sustainability {
        let mut total = Sustainability::default();
        for (line, split) in self.lines.iter().zip(&self.split) {
            let gear = Gear::named(catalog, line.class, &line.label);
            for (treatment, units) in Treatment::ALL.into_iter().zip(whole(line.units, &split.units)) {
                let fate = match treatment {
                    Treatment::OneByOne | Treatment::ToDealer => Fate::Reused,
                    Treatment::Parts => Fate::Parts,
                    Treatment::Scrap => Fate::Recycled,
                };
                total += of_disposition(factors, &gear, fate, units);
            }
        }
        total
    }
}

/// Expected units as whole ones that add to `all`; the largest remainders are rounded up, the earlier of equal ones first.
fn whole(all: u64, expected: &[f64]) -> Vec<u64> {
    let mut units: Vec<u64> = expected.iter().map(|units| units.floor() as u64).collect();
    let mut places: Vec<usize> = (0..expected.len()).collect();
    places.sort_by(|one, other| expected[*other].fract().total_cmp(&expected[*one].fract()));
    let missing = all.saturating_sub(units.iter().sum());
    places.iter().take(missing as usize).for_each(|place| units[*place] += 1);
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_units_add_to_those_of_the_line() {
        assert_eq!(whole(10, &[6.4, 2.5, 1.1, 0.0]), [6, 3, 1, 0]);
        assert_eq!(whole(1, &[0.5, 0.5, 0.0, 0.0]), [1, 0, 0, 0]);
        assert_eq!(whole(0, &[0.0; 4]), [0, 0, 0, 0]);
    }
}
