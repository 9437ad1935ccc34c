//! The page on which the statements of the trade stand beside what the engine answers.
//!
//! In: the [`Claims`] and the policy they were put under. Out: Markdown: a table of the verdicts, then for each statement
//! who says it, how it was put, what came out, and the condition. Every number is one of the claims' or of the policy's.

mod cards;
mod extension;
mod recovery;
mod servers;
mod standardising;
mod storage;

use super::percent::{number, tenths, whole as percent};
use super::words::counted;
use crate::decide::Policy;
use crate::scenario::claims::{Claims, Verdict};
use crate::units::Quantiles;

/// One statement as the page shows it.
struct Section {
    /// The statement.
    said: &'static str,
    /// Who says it.
    source: &'static str,
    verdict: Verdict,
    /// The condition, or why it fails, for the table of verdicts.
    condition: String,
    /// What was assumed, name and value.
    assumptions: Vec<(String, String)>,
    /// What came out: paragraphs and tables.
    found: Vec<String>,
    /// Why, in a sentence or two.
    mechanism: String,
}

/// The page.
pub fn claims_page(claims: &Claims, policy: &Policy) -> String {
    let sections = [
        recovery::section(&claims.recovery, policy),
        extension::section(&claims.extension, policy),
        standardising::section(&claims.standardising, policy),
        cards::section(&claims.cards, policy),
        servers::section(&claims.servers, policy),
        storage::section(&claims.storage, policy),
    ];
    let verdicts = (1..).zip(&sections).map(|(number, section)| {
        vec![
            format!("{number}. {}", section.said),
            format!("**{}**", in_words(section.verdict)),
            section.condition.clone(),
        ]
    });
    let mut page = format!(
        "# Claims, checked\n\n\
         Six statements that the trade repeats, put to residua with its built-in catalog, models and policy, seen from {}. \
         A verdict is computed from the figures below it. `holds only if` names the condition, found by searching the \
         engine, not by asserting it. Brackets give the 10 % and 90 % points of a forecast. All amounts are US dollars.\n\n\
         {}\n\
         The fleets are the sample register (`data/samples/fleet.csv`, {} records) and small ones that each section states. \
         What is not stated is `data/policy.toml`, whose every figure has its source there, or the word assumption. \
         `cargo run --release --example claims` writes this page; a test keeps it current.\n",
        claims.as_of,
        grid(&["statement", "verdict", "on what it hangs"], verdicts),
        claims.records,
    );
    for (number, section) in (1..).zip(&sections) {
        page.push_str(&section.markdown(number));
    }
    page
}

impl Section {
    fn markdown(&self, number: usize) -> String {
        let assumptions = grid(
            &["assumed", "value"],
            self.assumptions.iter().map(|(name, value)| vec![name.clone(), value.clone()]),
        );
        format!(
            "\n## {number}. {}\n\n{}\n\n### How it was put\n\n{assumptions}\n### What came out\n\n{}\n\n\
             **Verdict: {}** {} {}\n",
            self.said,
            self.source,
            self.found.iter().map(|part| part.trim_end()).collect::<Vec<&str>>().join("\n\n"),
            match self.verdict {
                Verdict::HoldsOnlyIf => in_words(self.verdict).to_owned(),
                _ => format!("{}.", in_words(self.verdict)),
            },
            self.condition,
            self.mechanism,
        )
    }
}

/// The verdict as the page says it.
const fn in_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "holds",
        Verdict::HoldsOnlyIf => "holds only if …",
        Verdict::Fails => "fails",
        Verdict::CannotBeTold => "cannot be told",
    }
}

/// A table, a line a row.
fn grid(columns: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = format!("| {} |\n|{}\n", columns.join(" | "), "---|".repeat(columns.len()));
    for row in rows {
        text.push_str(&format!("| {} |\n", row.join(" | ")));
    }
    text
}

/// A share with its interval in whole per cent: `21 % (16 to 27)`.
fn spread(share: &Quantiles) -> String {
    spread_to(share, 0)
}

/// The same in tenths.
fn fine_spread(share: &Quantiles) -> String {
    spread_to(share, 1)
}

fn spread_to(share: &Quantiles, decimals: usize) -> String {
    let [mean, p10, p90] = [share.mean, share.p10, share.p90].map(|share| number(share, decimals));
    format!("{mean} % ({p10} to {p90})")
}

/// A length of time: `61 months (5.1 years)`.
fn months(count: i32) -> String {
    format!("{count} months ({:.1} years)", f64::from(count) / 12.0)
}

/// An age, or that none was found.
fn age(months: Option<i32>) -> String {
    months.map_or("not within ten years".to_owned(), |months| counted(months.max(0) as u64, "month"))
}

/// A sought value, or that there is none in the range.
fn sought(value: Option<f64>, in_words: impl Fn(f64) -> String) -> String {
    value.map_or("no value does".to_owned(), in_words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_print_with_a_true_minus_and_no_minus_nought() {
        assert_eq!([percent(0.204), percent(-0.041), percent(-0.001)], ["20 %", "−4 %", "0 %"]);
        assert_eq!([tenths(-0.0004), tenths(0.0351)], ["0.0 %", "3.5 %"]);
        assert_eq!(months(61), "61 months (5.1 years)");
    }

    #[test]
    fn a_table_is_markdown() {
        assert_eq!(
            grid(&["a", "b"], [vec!["1".to_owned(), "2".to_owned()]]),
            "| a | b |\n|---|---|\n| 1 | 2 |\n"
        );
    }
}
