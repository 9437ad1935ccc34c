//! The figures every book starts from, checked once.
//!
//! In: cost and salvage in one currency, life in months. Out: [`Terms`] that hold `0 ≤ salvage ≤ cost`,
//! `cost > 0` and at least one month, or a [`BookError`] that says what is wrong and what would be right.

/// Figures no book can be kept on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BookError {
    /// Cost is not a positive amount.
    #[error("cost {0} is not a positive amount: give what was paid, for example 1389.00")]
    Cost(f64),
    /// Salvage is negative or above cost.
    #[error("salvage {salvage} must lie between 0 and the cost {cost}")]
    Salvage {
        /// The salvage value.
        salvage: f64,
        /// The cost.
        cost: f64,
    },
    /// A life of no months.
    #[error("a life of 0 months cannot be written down: give at least 1")]
    Life,
    /// A declining-balance factor that declines nothing.
    #[error("factor {0} does not decline: give a number above 0, 2 for double declining")]
    Factor(f64),
    /// A first year without months.
    #[error("a first year of {0} months does not exist: give 1 to 12")]
    FirstYear(u32),
    /// A bonus that is not a share.
    #[error("a bonus of {0} per cent does not exist: give 0 to 100, or `law` with the date of service")]
    Bonus(f64),
    /// A year that starts in no month.
    #[error("a fiscal year cannot start in month {0}: give 1 to 12")]
    FiscalYear(u32),
    /// A quarter of no year.
    #[error("quarter {0} does not exist: give 1 to 4")]
    Quarter(u32),
}

/// Cost, salvage and life of one asset in one book.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    cost: f64,
    salvage: f64,
    life_months: u32,
}

impl Terms {
    /// Checks the figures once.
    pub fn new(cost: f64, salvage: f64, life_months: u32) -> Result<Terms, BookError> {
        if !(cost.is_finite() && cost > 0.0) {
            return Err(BookError::Cost(cost));
        }
        if !(0.0..=cost).contains(&salvage) {
            return Err(BookError::Salvage { salvage, cost });
        }
        if life_months == 0 {
            return Err(BookError::Life);
        }
        Ok(Terms { cost, salvage, life_months })
    }

    /// What was paid, in the currency of the book.
    pub const fn cost(self) -> f64 {
        self.cost
    }

    /// What is left at the end of the life.
    pub const fn salvage(self) -> f64 {
        self.salvage
    }

    /// Life in months.
    pub const fn life_months(self) -> u32 {
        self.life_months
    }
}
