//! Hand-overs and settlements as one JSON file, to move them between ledgers.
//!
//! In: a ledger, or the text of such a file. Out: the text, or a ledger that holds what stands in it. Reading the same
//! file again changes nothing.

use serde::{Deserialize, Serialize};

use super::{Filed, Ledger, LedgerError, SettlementRecord};
use crate::outcome::{HandedOver, Outcome};
use crate::units::Work;

/// Everything that was handed over and settled.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// Lines handed over, with their forecasts and the latest overrides.
    #[serde(default)]
    pub hand_overs: Vec<HandedOver>,
    /// Settlements with their lines.
    #[serde(default)]
    pub settlements: Vec<Settled>,
}

/// A settlement with its lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settled {
    /// The file it came in.
    #[serde(flatten)]
    pub record: SettlementRecord,
    /// Its lines.
    pub outcomes: Vec<Outcome>,
}

/// A text that is no such file.
#[derive(Debug, thiserror::Error)]
#[error("{file} does not hold hand-overs and settlements as `residua ledger export` writes them: {source}")]
pub struct ExchangeError {
    file: String,
    source: serde_json::Error,
}

impl Exchange {
    /// Everything a ledger holds of hand-overs and settlements.
    pub fn of(ledger: &Ledger) -> Result<Exchange, LedgerError> {
        ledger.at_one_moment(Exchange::now)
    }

    fn now(ledger: &Ledger) -> Result<Exchange, LedgerError> {
        // A settlement is filed whole, so its lines stand together and in its turn.
        let mut outcomes = ledger.outcomes()?.into_iter().peekable();
        let settlements = ledger.settlements()?.into_iter().map(|record| {
            let own = |one: &Outcome| one.settlement == record.fingerprint;
            let outcomes = std::iter::from_fn(|| outcomes.next_if(own)).collect();
            Settled { record, outcomes }
        });
        Ok(Exchange { settlements: settlements.collect(), hand_overs: ledger.hand_overs(None)? })
    }

    /// Reads the text of a file.
    pub fn from_json(file: &str, text: &str) -> Result<Exchange, ExchangeError> {
        serde_json::from_str(text).map_err(|source| ExchangeError { file: file.to_owned(), source })
    }

    /// The text of the file, readable and stable.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// Files all of it: the hand-overs together, then each settlement by itself. `acknowledge` hears of every step once it
    /// is sure to stay.
    pub fn file(
        &self,
        ledger: &mut Ledger,
        acknowledge: impl FnMut(&str, usize, Filed),
    ) -> Result<(), LedgerError> {
        self.file_watched(ledger, acknowledge, Work::unwatched())
    }

    /// Files all of it while somebody looks on. What was acknowledged stays, whenever it is no longer wanted.
    ///
    /// # Errors
    /// As [`Exchange::file`], and [`LedgerError::Cancelled`] when it is no longer wanted.
    pub fn file_watched(
        &self,
        ledger: &mut Ledger,
        mut acknowledge: impl FnMut(&str, usize, Filed),
        work: Work<'_>,
    ) -> Result<(), LedgerError> {
        let settled: usize = self.settlements.iter().map(|settled| settled.outcomes.len()).sum();
        let stage = work.stage("filing lines", self.hand_overs.len() + settled);
        let new = ledger.file_hand_overs_in(&self.hand_overs, &stage)?;
        acknowledge("hand-overs", new, if new > 0 { Filed::New } else { Filed::Already });
        for Settled { record, outcomes } in &self.settlements {
            let filed = ledger.file_settlement(record, outcomes)?;
            acknowledge(&record.fingerprint, outcomes.len(), filed);
            stage.steps(outcomes.len())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::examples::{handed_over, pending, settlement, sold};
    use super::*;

    #[test]
    fn a_ledger_moved_as_a_file_is_the_same_ledger() {
        let mut ledger = Ledger::in_memory().unwrap();
        let lines = [handed_over("VR-1", 1), handed_over("VR-1", 2)];
        ledger.file_hand_overs(&lines).unwrap();
        ledger.file_settlement(&settlement("f1"), &[sold(&lines[0], "f1", 99.0)]).unwrap();
        ledger.file_settlement(&settlement("f2"), &[pending(&lines[1], "f2")]).unwrap();
        let text = Exchange::of(&ledger).unwrap().to_json().unwrap();
        let mut other = Ledger::in_memory().unwrap();
        let mut told = Vec::new();
        for _ in 0..2 {
            let read = Exchange::from_json("l.json", &text).unwrap();
            read.file(&mut other, |what, lines, filed| told.push((what.to_owned(), lines, filed))).unwrap();
        }
        assert_eq!(Exchange::of(&other).unwrap().to_json().unwrap(), text);
        assert_eq!(told[..3].iter().map(|one| one.2).collect::<Vec<_>>(), [Filed::New; 3]);
        assert_eq!(told[3..].iter().map(|one| one.2).collect::<Vec<_>>(), [Filed::Already; 3]);
        let message = Exchange::from_json("l.json", "[1]").unwrap_err().to_string();
        assert!(message.contains("l.json does not hold hand-overs"), "{message}");
    }
}
