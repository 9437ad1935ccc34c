//! Statements that the trade repeats, put to the engine.
//!
//! In: the sample fleet with catalog, models and policy ([`PlanInput`]). Out: [`Claims`]: for each statement what the engine
//! answers with its own assumptions, a [`Verdict`], and the value of an assumption at which the answer would turn, found
//! by searching with the engine. Fleets besides the sample are built in the open ([`trial`]). What people read of it is
//! written by [`report`](crate::report).
//!
//! A verdict is computed from the figures and never written down, so that it moves when models, catalog or policy do.

pub mod cards;
pub mod extension;
mod life;
pub mod recovery;
pub mod servers;
pub mod standardising;
pub mod storage;
mod trial;

use cards::Cards;
use extension::Extension;
use recovery::Recovery;
use servers::Servers;
use standardising::Standardising;
use storage::Storage;

use super::WhatIfError;
use crate::decide::{PlanError, PlanInput, PolicyError};
use crate::fleet::ReadError;
use crate::units::{Currency, CurrencyError, Month};

/// What is to be thought of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// In every case that was put, with the assumptions of the engine.
    Holds,
    /// In some of the cases, or with something added of which the engine assumes nothing.
    HoldsOnlyIf,
    /// In none of the cases; an assumption of the engine would have to be another.
    Fails,
    /// The engine knows nothing that decides it.
    CannotBeTold,
}

/// The statements and what came out.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims {
    /// Month one looks from.
    pub as_of: Month,
    /// Records of the sample fleet.
    pub records: usize,
    /// "Recovers 10 to 30 % of original value."
    pub recovery: Recovery,
    /// "Extending 20 % of the laptop fleet by one year cuts annual hardware spend by 15 to 20 %."
    pub extension: Extension,
    /// "15 to 20 % saved by standardising and managing total cost of ownership."
    pub standardising: Standardising,
    /// "H100s live 18 to 24 months."
    pub cards: Cards,
    /// "Servers deliver five to seven years."
    pub servers: Servers,
    /// "Equipment loses 3.5 % a month in storage."
    pub storage: Storage,
}

/// A statement that cannot be put to the engine.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// A fleet built for a statement that cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A fleet that cannot be planned.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A comparison that cannot be made.
    #[error(transparent)]
    WhatIf(#[from] WhatIfError),
    /// A policy that does not hold.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A currency without a rate.
    #[error(transparent)]
    Currency(#[from] CurrencyError),
    /// Costs of the small fleets are dollars, and shares are taken of them.
    #[error("the policy is in {0}: claims are put in USD; give a policy with currency = \"USD\"")]
    NotInDollars(Currency),
    /// A table laid over the policy that is no TOML.
    #[error("a table of a claim is no TOML: {0}")]
    Table(String),
}

/// Puts every statement to the engine. `input` holds the sample fleet; each statement is put under the policy of `input`,
/// which must be in US dollars, and what its own constants change.
pub fn claims(input: &PlanInput<'_>) -> Result<Claims, ClaimError> {
    if input.policy.currency != Currency::USD {
        return Err(ClaimError::NotInDollars(input.policy.currency));
    }
    Ok(Claims {
        as_of: input.as_of,
        records: input.fleet.rows_in,
        recovery: recovery::recovery(input)?,
        extension: extension::extension(input)?,
        standardising: standardising::standardising(input)?,
        cards: cards::cards(input)?,
        servers: servers::servers(input)?,
        storage: storage::storage(input)?,
    })
}
