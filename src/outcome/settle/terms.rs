//! Terms and fees as people write them on a command line.
//!
//! In: `65% before`, `0.65 after`, `wipe=4.00`. Out: [`Terms`], and the fees that were agreed, by kind and for one unit.

use std::collections::BTreeMap;

use super::SettleError;
use crate::fleet::amounts::share;
use crate::fleet::words::fold;
use crate::outcome::{FeesOrder, Terms};

/// Fees agreed for one unit, folded kind → the most that may be charged. Where there is a list, what it does not name was
/// not agreed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AgreedFees(BTreeMap<String, f64>);

/// Reads `65% before`, `65 %, fees after the split`, `0.65 before`.
pub fn parse_terms(text: &str) -> Result<Terms, SettleError> {
    let fault = |reason| SettleError::Terms { text: text.to_owned(), reason };
    let lower = text.to_lowercase();
    let fees = match (lower.contains("before"), lower.contains("after")) {
        (true, false) => FeesOrder::BeforeSplit,
        (false, true) => FeesOrder::AfterSplit,
        _ => return Err(fault("they do not say whether fees come off before or after the split")),
    };
    let number: String = lower
        .trim_start()
        .chars()
        .take_while(|mark| mark.is_ascii_digit() || ".,% ".contains(*mark))
        .collect();
    let number = number.trim_end_matches([',', ' ']);
    let share = share(number, false).ok_or_else(|| fault("they do not begin with a share of 0 to 100 %"))?;
    Ok(Terms { share, fees })
}

impl AgreedFees {
    /// From texts such as `wipe=4.00`.
    pub fn parse(texts: &[String]) -> Result<AgreedFees, SettleError> {
        let one = |text: &String| {
            let (kind, amount) = text.split_once('=')?;
            let amount: f64 = amount.trim().parse().ok()?;
            let kind = fold(kind.trim_end_matches(" fee"));
            (amount.is_finite() && amount >= 0.0 && !kind.is_empty()).then_some((kind, amount))
        };
        let fees = texts.iter().map(|text| one(text).ok_or_else(|| SettleError::Fee(text.clone())));
        Ok(AgreedFees(fees.collect::<Result<_, _>>()?))
    }

    /// The most that may be charged for one unit; none where there is no list.
    pub(super) fn most(&self, kind: &str) -> Option<f64> {
        if self.0.is_empty() {
            return None;
        }
        let kind = fold(kind);
        Some(self.0.get(&kind).or_else(|| self.0.get(kind.trim_end_matches("fee"))).copied().unwrap_or(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_a_share_and_an_order() {
        let before = Terms { share: 0.65, fees: FeesOrder::BeforeSplit };
        for text in ["65% before", "65 before", "0.65 before", "65 %, fees before the split", "65,0% before"]
        {
            assert_eq!(parse_terms(text).unwrap(), before, "{text}");
        }
        assert_eq!(parse_terms("1.0 after").unwrap().fees, FeesOrder::AfterSplit);
        for text in ["65%", "before", "165% before", "65% before or after", ""] {
            assert!(parse_terms(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_list_of_fees_agrees_to_nothing_else() {
        let agreed = AgreedFees::parse(&["wipe=4.00".into(), "Label removal fee=1".into()]).unwrap();
        assert_eq!(agreed.most("wipe"), Some(4.0));
        assert_eq!(agreed.most("label removal fee"), Some(1.0));
        assert_eq!(agreed.most("freight"), Some(0.0));
        assert_eq!(AgreedFees::default().most("freight"), None);
        assert!(
            AgreedFees::parse(&["wipe".into()]).is_err() && AgreedFees::parse(&["wipe=-1".into()]).is_err()
        );
    }
}
