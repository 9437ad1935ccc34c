//! The name that was probably meant.

use crate::catalog::{Catalog, Matcher, Product};

/// Letters that may differ, as a share of the longer name.
const FAR: f64 = 0.45;

/// The candidate nearest to a name by slips of the pen, if any is near.
pub(super) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.trim().to_lowercase();
    let slips = |candidate: &&str| strsim::damerau_levenshtein(&wanted, &candidate.to_lowercase());
    let near = |candidate: &&'a str| {
        let longer = wanted.chars().count().max(candidate.chars().count()) as f64;
        slips(candidate) as f64 <= (FAR * longer).max(1.0)
    };
    candidates.into_iter().filter(near).min_by_key(|candidate| (slips(candidate), *candidate))
}

/// ` — did you mean X?`, or nothing.
pub(super) fn hint<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, candidates).map_or(String::new(), |found| format!("; did you mean `{found}`?"))
}

/// The product a name stands for, however people write it; else the hint.
pub(super) fn product<'a>(
    wanted: &str,
    catalog: &'a Catalog,
    matcher: &Matcher,
) -> Result<&'a Product, String> {
    if let Some((_, product)) = catalog.by_name(wanted) {
        return Ok(product);
    }
    let found = matcher.identify(wanted, None);
    found.product.map(|id| catalog.get(id)).ok_or_else(|| {
        let guess = found.best_guess.map(|id| catalog.get(id).name.as_str());
        guess.map_or_else(
            || hint(wanted, catalog.iter().map(|(_, product)| product.name.as_str())),
            |guess| format!("; did you mean `{guess}`?"),
        )
    })
}

/// A message of a reader, `unknown field X, expected one of A, B`, with the nearest of what was expected.
pub(super) fn with_nearest(message: &str) -> String {
    let message = message.trim();
    let Some((before, expected)) = message.split_once("expected") else { return message.to_owned() };
    let named = before.rsplit_once("unknown").and_then(|(_, rest)| rest.split('`').nth(1));
    let Some(name) = named else { return message.to_owned() };
    let expected = expected.trim_start_matches(" one of");
    let candidates = expected.split(['`', ',', ' ']).filter(|word| !word.is_empty() && *word != "or");
    match nearest(name, candidates) {
        Some(found) => format!("{}; did you mean `{found}`?", before.trim_end_matches([',', ' '])),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_finds_the_name_and_another_word_finds_none() {
        assert_eq!(nearest("labtop", ["laptop", "desktop"]), Some("laptop"));
        assert_eq!(nearest("zebra", ["laptop", "desktop"]), None);
    }

    #[test]
    fn a_readers_message_is_cut_down_to_the_name_that_was_meant() {
        let message = "unknown field `shar`, expected one of `offered`, `share`, `rest`";
        assert_eq!(with_nearest(message), "unknown field `shar`; did you mean `share`?");
        let of_classes = "unknown class `labtop`, expected one of gpu, server, laptop";
        assert_eq!(with_nearest(of_classes), "unknown class `labtop`; did you mean `laptop`?");
        assert_eq!(with_nearest("invalid type: string"), "invalid type: string");
    }
}
