//! The statement as a whole: its sums, and what it does not list.
//!
//! In: the lines, the rows of totals, what was handed over. Out: differences. A row of totals may be the sum of all lines above
//! it, of those since the row of totals before, or of its sheet; it agrees when one of them is within 0.01 a line.

use std::collections::{BTreeSet, HashMap};

use super::difference::{Difference, DifferenceKind};
use super::line::{SettlementLine, TotalsRow};
use super::money::{cents, tolerance};
use super::read::Settlement;
use super::{Agreed, SettledLine};
use crate::outcome::HandedOver;
use crate::units::{Currency, Money};

/// A column of money that totals sum, and how a line has it.
type Summed = (&'static str, fn(&TotalsRow) -> Option<f64>, fn(&SettlementLine) -> f64);

const SUMMED: [Summed; 3] = [
    ("gross", |row| row.gross, |line| line.gross.unwrap_or(0.0)),
    ("fees", |row| row.fees, SettlementLine::fees_total),
    ("net", |row| row.net, |line| line.net.unwrap_or(0.0)),
];

/// Rows of totals that are not the sum of their lines.
pub(super) fn totals(settlement: &Settlement, currency: Currency) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (position, row) in settlement.totals.iter().enumerate() {
        let before = position.checked_sub(1).map_or(0, |before| settlement.totals[before].lines_above);
        let above = &settlement.lines[..row.lines_above];
        let since = &above[before..];
        let is_last = position + 1 == settlement.totals.len();
        for (name, of_row, of_line) in SUMMED {
            let Some(stated) = of_row(row) else { continue };
            let sum = |lines: &[SettlementLine]| lines.iter().map(of_line).sum::<f64>();
            let in_table: f64 = above.iter().filter(|line| line.table == row.table).map(of_line).sum();
            let agrees = [(sum(above), above.len()), (sum(since), since.len()), (in_table, above.len())]
                .iter()
                .any(|(sum, lines)| (sum - stated).abs() <= tolerance(*lines as u64));
            if !agrees {
                let expected = cents(if is_last { sum(above) } else { sum(since) });
                let lines = if is_last { above.len() } else { since.len() };
                differences.push(total_differs(settlement, row, name, lines, expected, stated, currency));
            }
        }
    }
    differences
}

fn total_differs(
    settlement: &Settlement,
    row: &TotalsRow,
    name: &str,
    lines: usize,
    expected: f64,
    stated: f64,
    currency: Currency,
) -> Difference {
    let money = |amount| {
        Money::from_major(amount, currency).map_or_else(|_| amount.to_string(), |money| money.to_string())
    };
    let rejected = match settlement.rejects.len() {
        0 => String::new(),
        count => format!(" ({count} rows that could not be read are not in it)"),
    };
    Difference {
        kind: DifferenceKind::TotalDiffers,
        file_line: Some(row.file_line),
        handed_over: None,
        unit: row.label.clone(),
        expected: format!("{name} {}", money(expected)),
        stated: format!("{name} {}", money(stated)),
        stake: (name == "net").then(|| cents(expected - stated)),
        currency,
        sentence: format!(
            "Line {}, {}: the {name} of its {lines} lines adds up to {}{rejected}; you state {}. Please correct the total \
             or name the lines that are missing.",
            row.file_line,
            row.label,
            money(expected),
            money(stated)
        ),
    }
}

/// Units that were handed over with a request the settlement speaks of, and that it does not list.
pub(super) fn missing(lines: &[SettledLine], agreed: &Agreed<'_>) -> Vec<Difference> {
    let mut seen: HashMap<(&str, u32), u64> = HashMap::new();
    let mut in_parts: BTreeSet<(&str, u32)> = BTreeSet::new();
    let mut requests: BTreeSet<&str> = BTreeSet::new();
    for line in lines {
        let Some((request, number)) = &line.outcome.handed_over else { continue };
        requests.insert(request);
        if line.is_part {
            in_parts.insert((request, *number));
        } else if !line.is_twice {
            *seen.entry((request, *number)).or_default() += line.outcome.quantity;
        }
    }
    let not_listed =
        agreed.handed.iter().filter(|one| requests.contains(one.request.as_str())).filter_map(|one| {
            let key = (one.request.as_str(), one.line);
            let before = agreed.before.get(&(one.request.clone(), one.line)).map_or(0, |before| before.ended);
            let units = one.quantity.saturating_sub(seen.get(&key).copied().unwrap_or(0) + before);
            (units > 0 && !in_parts.contains(&key)).then(|| is_missing(one, units))
        });
    not_listed.collect()
}

fn is_missing(one: &HandedOver, units: u64) -> Difference {
    let name = one.serial.as_ref().or(one.tag.as_ref()).unwrap_or(&one.asset);
    let unit = format!("{name} ({})", one.product);
    let count = if one.quantity > 1 { format!("{units} of {} units", one.quantity) } else { "it".to_owned() };
    Difference {
        kind: DifferenceKind::NotReceived,
        file_line: None,
        handed_over: Some((one.request.clone(), one.line)),
        expected: format!("received, handed over {}", one.handed_over),
        stated: if one.quantity > 1 { format!("{units} not listed") } else { "not listed".to_owned() },
        stake: one.forecast.as_ref().map(|made| cents(made.net.p50 * units as f64)),
        currency: one.currency,
        sentence: format!(
            "Not listed, {unit}: we handed {count} over on {} ({} line {}) and the settlement does not list it. Did it arrive, \
             and is it still to be settled?",
            one.handed_over, one.request, one.line
        ),
        unit,
    }
}
