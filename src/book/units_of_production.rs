//! Units of production: an asset is worn by what it makes (hours run, tokens served, pages printed).
//!
//! In: the units it makes in its life and those of each period. Out: value over periods,
//! `C − (C − S) · min(1, units so far / units of the life)`.

use super::line::Line;
use super::terms::Terms;

/// Units of a life and of its periods, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Production {
    total: f64,
    by_period: Vec<f64>,
}

/// Units that wear nothing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ProductionError {
    /// A life that makes nothing.
    #[error("{0} units over the life wear nothing out: give a number above 0")]
    Total(f64),
    /// A period that makes less than nothing.
    #[error("period {period} makes {units} units: give 0 or more")]
    Period {
        /// Counted from 1.
        period: usize,
        /// Its units.
        units: f64,
    },
    /// No period.
    #[error("no period has units: give at least one, for example 1200,1500,900")]
    Empty,
}

impl Production {
    /// Checks the units once.
    pub fn new(total: f64, by_period: Vec<f64>) -> Result<Production, ProductionError> {
        if !(total.is_finite() && total > 0.0) {
            return Err(ProductionError::Total(total));
        }
        if by_period.is_empty() {
            return Err(ProductionError::Empty);
        }
        let wrong = by_period.iter().position(|units| !(units.is_finite() && *units >= 0.0));
        if let Some(index) = wrong {
            return Err(ProductionError::Period { period: index + 1, units: by_period[index] });
        }
        Ok(Production { total, by_period })
    }

    /// Number of periods.
    pub fn periods(&self) -> usize {
        self.by_period.len()
    }

    /// Value over the periods; units beyond the life take nothing more.
    pub fn line(&self, terms: Terms) -> Line {
        let mut line = Line::starting_at(terms.cost());
        let mut made = 0.0;
        for (index, units) in self.by_period.iter().enumerate() {
            made += units;
            let share = (made / self.total).min(1.0);
            line.push(index as f64 + 1.0, terms.cost() - (terms.cost() - terms.salvage()) * share);
        }
        line
    }
}
