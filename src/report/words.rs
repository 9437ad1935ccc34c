//! Texts as people read them: amounts, spans of months, names cut to a width.
//!
//! In: numbers of a plan and texts of a register. Out: short texts without control characters, so that no name
//! from a register can break a page or a drawing.

use crate::decide::BookKept;
use crate::fleet::Fleet;
use crate::price::{Basis, ClassModel, Fitted};
pub(super) use crate::units::counted;
use crate::units::{Currency, Money, Month, Quantiles};

/// A text without control characters and without the marks that reverse the reading direction.
pub(super) fn clean(text: &str) -> String {
    let harmful = |character: char| {
        character.is_control()
            || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
    };
    text.chars().map(|character| if harmful(character) { ' ' } else { character }).collect()
}

/// A cleaned text of at most `most` characters; what is cut is shown by an ellipsis.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    let text = clean(text);
    if text.chars().count() <= most {
        return text;
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// An amount in whole units, grouped, with a true minus sign: `−1,234`.
pub(super) fn whole(amount: f64, currency: Currency) -> String {
    match Money::from_major(amount, currency) {
        Ok(money) => money.rounded().replace('-', "−"),
        Err(_) => "unknown".to_owned(),
    }
}

/// A whole amount with its currency: `1,234 USD`.
pub(super) fn whole_with_currency(amount: f64, currency: Currency) -> String {
    format!("{} {currency}", whole(amount, currency))
}

/// The interval in which eight of ten outcomes lie: `1,000 to 2,000`.
pub(super) fn interval(quantiles: &Quantiles, currency: Currency) -> String {
    format!("{} to {}", whole(quantiles.p10, currency), whole(quantiles.p90, currency))
}

/// An exact amount without its currency, grouped, with a true minus sign: `−1,234.50`.
pub(super) fn exact(money: Money) -> String {
    money.grouped().replace('-', "−")
}

/// A whole amount with its sign, as differences are told: `+1,234`.
pub(super) fn signed(amount: f64, currency: Currency) -> String {
    let text = whole(amount, currency);
    if amount > 0.0 && text != "0" { format!("+{text}") } else { text }
}

/// The interval in which eight of ten differences lie: `−1,000 to +2,000`.
pub(super) fn signed_interval(quantiles: &Quantiles, currency: Currency) -> String {
    format!("{} to {}", signed(quantiles.p10, currency), signed(quantiles.p90, currency))
}

/// A number to so many decimals, with a true minus sign and no minus before nought: `−4`.
pub(super) fn rounded(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(digits) if digits.chars().all(|digit| matches!(digit, '0' | '.')) => digits.to_owned(),
        Some(digits) => format!("−{digits}"),
        None => text,
    }
}

/// A probability found by counting draws: `35 %`, and neither nothing nor all where there were a few: `<1 %`, `>99 %`.
pub(super) fn chance(probability: f64) -> String {
    match probability {
        share if share > 0.0 && share < 0.005 => "<1 %".to_owned(),
        share if share < 1.0 && share > 0.995 => ">99 %".to_owned(),
        share => format!("{:.0} %", 100.0 * share),
    }
}

/// A figure without trailing zeros, as fields and addresses hold it: `0.13`.
pub(super) fn figure(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// An amount in few characters for bars: `950`, `1.2k`, `12k`, `1.2M`, `3bn`.
pub(super) fn compact(amount: f64) -> String {
    let size = amount.abs();
    let (scaled, unit) = match size {
        _ if size >= 999_500_000.0 => (amount / 1e9, "bn"),
        _ if size >= 999_500.0 => (amount / 1e6, "M"),
        _ if size >= 999.5 => (amount / 1e3, "k"),
        _ => (amount, ""),
    };
    let decimals = usize::from(!unit.is_empty() && scaled.abs() < 9.95);
    let text = format!("{scaled:.decimals$}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    let text = if text == "-0" { "0" } else { text };
    format!("{}{unit}", text.replace('-', "−"))
}

/// A run of months: `Nov 2026`, `Aug–Dec 2030`, `Nov 2026 – Apr 2027`.
pub(super) fn span(first: Month, last: Month) -> String {
    if first == last {
        first.short()
    } else if first.year() == last.year() {
        let name = first.short();
        format!("{}–{}", name.split(' ').next().unwrap_or(&name), last.short())
    } else {
        format!("{} – {}", first.short(), last.short())
    }
}

/// What a forecast rests on, in words.
pub(super) fn basis(basis: Basis, model: Option<&ClassModel>) -> String {
    match basis {
        Basis::Sales(count) => {
            let of = match model {
                Some(model) if !model.followed.is_empty() => "monthly price",
                Some(ClassModel { fitted: Fitted::StateSpace { .. }, .. }) => "monthly price",
                _ => "listing",
            };
            format!("fitted on {} of this product", counted(count as u64, of))
        }
        Basis::Family => "borrowed from its family: no prices of this very product".to_owned(),
        Basis::Class => "curve of its class: nothing closer is known".to_owned(),
        Basis::Published => "published figures only: a wide interval".to_owned(),
    }
}

/// What became of the rows that were read: `625 rows in = 619 assets + 4 rejects + 2 merged`.
pub(crate) fn intake(fleet: &Fleet) -> String {
    let [rows, assets, rejects] =
        [(fleet.rows_in, "row"), (fleet.assets_in(), "asset"), (fleet.rejects_in(), "reject")]
            .map(|(count, noun)| counted(count, noun));
    format!("{rows} in = {assets} + {rejects} + {} merged", fleet.rows_merged)
}

/// `mid-quarter for 2023 by the 40 % test; 3 units without cost or date stand outside it`, where a book waits for it.
pub(super) fn forty_percent_test(kept: &BookKept) -> Option<String> {
    let untested = kept.untested?;
    let years: Vec<String> = kept.mid_quarter_years.iter().map(i32::to_string).collect();
    let found = match years.as_slice() {
        [] => "half-year throughout by the 40 % test".to_owned(),
        years => format!("mid-quarter for {} by the 40 % test", years.join(", ")),
    };
    let outside = if untested == 1 { "stands" } else { "stand" };
    Some(match untested {
        0 => found,
        untested => {
            format!("{found}; {} without cost or date {outside} outside it", counted(untested, "unit"))
        }
    })
}

/// The same words with a capital in front.
pub(super) fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A text over lines of at most `width` characters, each after an indent.
pub(super) fn wrapped(text: &str, indent: &str, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.iter().map(|line| format!("{indent}{line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_direction_characters_become_spaces() {
        assert_eq!(clean("a\u{0}b\u{202e}c\nd"), "a b c d");
    }

    #[test]
    fn long_names_are_cut_with_an_ellipsis_and_short_ones_are_not() {
        assert_eq!(shortened("Latitude", 8), "Latitude");
        assert_eq!(shortened("Latitude 5420", 10), "Latitude…");
        assert_eq!(shortened("日本語のモデル", 4), "日本語…");
    }

    #[test]
    fn a_probability_is_called_certain_only_where_no_draw_says_otherwise() {
        assert_eq!([0.0, 0.004, 0.35, 0.996, 1.0].map(chance), ["0 %", "<1 %", "35 %", ">99 %", "100 %"]);
    }

    #[test]
    fn amounts_fit_above_a_bar() {
        let texts = [0.0, -0.2, 950.0, 1000.0, 12_340.0, 150_000.0, 999_600.0, -1.25e6, 3e9].map(compact);
        assert_eq!(texts, ["0", "0", "950", "1k", "12k", "150k", "1M", "−1.2M", "3bn"]);
    }

    #[test]
    fn months_of_one_year_say_the_year_once() {
        let month = |text: &str| text.parse::<Month>().unwrap();
        assert_eq!(span(month("2026-11"), month("2026-11")), "Nov 2026");
        assert_eq!(span(month("2030-08"), month("2030-12")), "Aug–Dec 2030");
        assert_eq!(span(month("2026-11"), month("2027-04")), "Nov 2026 – Apr 2027");
    }
}
