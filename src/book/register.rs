//! The words registers write for a method.
//!
//! In: `SL 5 Years`, `SLN 3y`, `STL`, `LINR` (SAP), `Straight Line`, `Linéaire`, `DDB`, `200DB`, `SYD`,
//! `MACRS`, `MACRS 5 MQ`. Out: the method, and the life in months where the words carry it. What is not known is none.

use super::macrs::{Macrs, MacrsYears};
use super::method::{Factor, Method};

impl Method {
    /// Reads a method, and the life in months where the name carries it.
    pub fn from_register(text: &str) -> Option<(Method, Option<u32>)> {
        let lower = text.trim().to_lowercase();
        let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| lower.starts_with(prefix));
        if starts(&["macrs"]) {
            let period = MacrsYears::from_years(years(&lower).unwrap_or(5)).ok()?;
            return Some((Method::Macrs(Macrs { period, ..Macrs::FIVE }), None));
        }
        let declining = |factor| Method::DecliningBalance { factor, switch: true };
        if let Some(percent) = percent_declining(&lower) {
            let factor = Factor::new(f64::from(percent) / 100.0).ok()?;
            return Some((declining(factor), None));
        }
        let method = if starts(&["sl", "stl", "straight", "lin", "linr", "lineal"]) {
            Method::StraightLine
        } else if starts(&["ddb", "double"]) {
            Method::DOUBLE_DECLINING
        } else if starts(&[
            "db",
            "declining",
            "reducing",
            "degressi",
            "decreasing",
            "dégressi",
            "diminishing",
        ]) {
            declining(Factor::ONE_AND_A_HALF)
        } else if starts(&["syd", "sum"]) {
            Method::SumOfYearsDigits
        } else {
            return None;
        };
        Some((method, life_months(&lower)))
    }
}

/// The first number, if it can be one of years.
fn years(lower: &str) -> Option<u32> {
    first_number(lower).map(|(years, _)| years).filter(|years| (1..=30).contains(years))
}

/// The first number as a life: months where the word after it says so, else years.
fn life_months(lower: &str) -> Option<u32> {
    let (number, after) = first_number(lower)?;
    let months =
        ["month", "mo", "mois", "monat", "mes"].iter().any(|word| after.trim_start().starts_with(word));
    if months {
        Some(number).filter(|months| (1..=480).contains(months))
    } else {
        years(lower).map(|years| years * 12)
    }
}

/// The first run of digits and what follows it.
fn first_number(lower: &str) -> Option<(u32, &str)> {
    let start = lower.find(|character: char| character.is_ascii_digit())?;
    let rest = &lower[start..];
    let end = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
    Some((rest[..end].parse().ok()?, &rest[end..]))
}

/// `200DB`, `150 db`, `200% declining`: the per cent of the straight-line rate.
fn percent_declining(lower: &str) -> Option<u32> {
    if !lower.starts_with(|character: char| character.is_ascii_digit()) {
        return None;
    }
    let (percent, after) = first_number(lower)?;
    let word = after.trim_start_matches([' ', '%', '-']);
    let declines = word.starts_with("db") || word.starts_with("declining");
    (declines && (100..=400).contains(&percent)).then_some(percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn register_words_are_methods() {
        let straight = |life| Some((Method::StraightLine, life));
        for (text, life) in [
            ("SL 5 Years", Some(60)),
            ("SLN 3y", Some(36)),
            ("STL", None),
            ("LINR", None),
            ("Straight Line", None),
            ("Straight Line - 36 months", Some(36)),
            ("Linéaire", None),
            ("Linear 4 years", Some(48)),
        ] {
            assert_eq!(Method::from_register(text), straight(life), "{text}");
        }
        assert_eq!(Method::from_register("MACRS"), Some((Method::Macrs(Macrs::FIVE), None)));
        let declining = |factor| {
            let factor = Factor::new(factor).unwrap();
            Some((Method::DecliningBalance { factor, switch: true }, None))
        };
        assert_eq!(Method::from_register("DDB"), declining(2.0));
        assert_eq!(Method::from_register("Declining balance"), declining(1.5));
        assert_eq!(Method::from_register("200DB"), declining(2.0));
        assert_eq!(Method::from_register("150% declining balance"), declining(1.5));
        assert_eq!(Method::from_register("SYD"), Some((Method::SumOfYearsDigits, None)));
    }

    #[test]
    fn words_of_no_method_are_none() {
        for text in ["-----", "", "7XK2LM3", "MACRS 4", "none", "2022-08-15"] {
            assert_eq!(Method::from_register(text), None, "{text}");
        }
    }
}
