//! Values that a system writes inside something else.
//!
//! In: a cell, and how its system wraps it. Out: the value: `[Server] Dell PowerEdge R750` is a class and a model,
//! `Latitude 5430 (ITAM-88)` a model and a key, `DC1>Hall B` a site and a place in it.

use serde::Deserialize;

/// How a system wraps its values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Wrapping {
    /// The class stands in square brackets before the model.
    pub class_before_model: bool,
    /// References carry their key behind them, several joined by commas: `Berlin (ITAM-7), HQ (ITAM-3)`.
    pub keys: bool,
    /// The meaning of a state stands in brackets behind its label.
    pub meaning_behind_status: bool,
    /// What stands between the levels of a place.
    pub place_separator: Option<String>,
    /// Which level of the site's column is the site.
    pub site_level: Level,
    /// The rack comes first and its place in brackets: `R31 (DC1/Hall B)`.
    pub place_behind_rack: bool,
}

/// A level of a hierarchy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Level {
    #[default]
    First,
    /// The last; a path of one level is the root and no place.
    Last,
}

/// A model without the class before it, and that class.
pub(super) fn class_and_model(text: &str) -> (Option<&str>, &str) {
    match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((class, model)) if !model.trim().is_empty() => (Some(class.trim()), model.trim()),
        _ => (None, text),
    }
}

/// A text without the keys behind its references.
pub(super) fn without_keys(text: &str) -> String {
    let parts: Vec<&str> = text
        .split("), ")
        .map(|part| match part.trim_end_matches(')').rsplit_once(" (") {
            Some((label, key)) if is_key(key) => label.trim(),
            _ => part,
        })
        .collect();
    parts.join(", ")
}

/// `ITAM-88`.
fn is_key(text: &str) -> bool {
    text.split_once('-').is_some_and(|(project, number)| {
        let letters =
            project.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        project.starts_with(|first: char| first.is_ascii_uppercase())
            && letters
            && !number.is_empty()
            && digits
    })
}

/// Site and place within it, from the cells of the two.
pub(super) fn place(
    wrapping: &Wrapping,
    site: Option<String>,
    location: Option<String>,
) -> (Option<String>, Option<String>) {
    let mut site = site;
    let mut location = location;
    if wrapping.place_behind_rack
        && let Some((rack, inside)) = location.as_deref().and_then(rack_and_place)
    {
        let (inner_site, room) = split_first(inside, "/");
        site = site.or(Some(inner_site.to_owned()));
        location = Some(room.map_or(rack.to_owned(), |room| format!("{room}, {rack}")));
    }
    let Some(separator) = wrapping.place_separator.as_deref().map(str::trim).filter(|text| !text.is_empty())
    else {
        return (site.or_else(|| location.clone()), location);
    };
    let own_site = site.as_deref().and_then(|text| match wrapping.site_level {
        Level::First => Some(split_first(text, separator)),
        Level::Last => text.rsplit_once(separator).map(|(_, last)| (last.trim(), None)),
    });
    match (own_site, location) {
        (Some((site, rest)), location) => {
            (Some(site.to_owned()), location.or_else(|| rest.map(str::to_owned)))
        }
        (None, Some(location)) => {
            let (first, rest) = split_first(&location, separator);
            let within = rest.filter(|_| wrapping.site_level == Level::First).unwrap_or(&location);
            (Some(first.to_owned()), Some(within.to_owned()))
        }
        (None, None) => (site, None),
    }
}

/// The first level of a path, and the rest of it.
fn split_first<'a>(text: &'a str, separator: &str) -> (&'a str, Option<&'a str>) {
    match text.split_once(separator) {
        Some((first, rest)) if !first.trim().is_empty() && !rest.trim().is_empty() => {
            (first.trim(), Some(rest.trim()))
        }
        _ => (text.trim(), None),
    }
}

fn rack_and_place(text: &str) -> Option<(&str, &str)> {
    let (rack, inside) = text.strip_suffix(')')?.split_once('(')?;
    (!rack.trim().is_empty() && !inside.trim().is_empty()).then(|| (rack.trim(), inside.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_comes_out_of_its_wrapping() {
        assert_eq!(class_and_model("[Server] Dell PowerEdge R750"), (Some("Server"), "Dell PowerEdge R750"));
        assert_eq!(class_and_model("PowerEdge R750"), (None, "PowerEdge R750"));
        assert_eq!(without_keys("Latitude 5430 (ITAM-88)"), "Latitude 5430");
        assert_eq!(without_keys("Berlin (ITAM-7), HQ (ITAM-3)"), "Berlin, HQ");
        assert_eq!(without_keys("Disk (SSD)"), "Disk (SSD)");
        assert_eq!(without_keys("ThinkPad (14-2021)"), "ThinkPad (14-2021)");
    }

    #[test]
    fn a_path_gives_site_and_place() {
        let wrapping = |separator: &str, site_level| Wrapping {
            place_separator: Some(separator.to_owned()),
            site_level,
            ..Wrapping::default()
        };
        let of = |wrapping: &Wrapping, site: Option<&str>, location: Option<&str>| {
            let (site, location) = place(wrapping, site.map(str::to_owned), location.map(str::to_owned));
            format!("{} | {}", site.unwrap_or_default(), location.unwrap_or_default())
        };
        let first = wrapping(">", Level::First);
        assert_eq!(of(&first, Some("DC1>Hall B"), None), "DC1 | Hall B");
        assert_eq!(of(&first, None, Some("DC1>Hall B>Row 2")), "DC1 | Hall B>Row 2");
        assert_eq!(of(&first, None, Some("DC1")), "DC1 | DC1");
        let last = wrapping(">", Level::Last);
        assert_eq!(
            of(&last, Some("Entité racine > Paris"), Some("Bât. A > 2e étage")),
            "Paris | Bât. A > 2e étage"
        );
        assert_eq!(of(&last, Some("Entité racine"), Some("Bât. A > 2e étage")), "Bât. A | Bât. A > 2e étage");
        let rack = Wrapping { place_behind_rack: true, ..Wrapping::default() };
        assert_eq!(of(&rack, None, Some("R31 (DC1/Hall B)")), "DC1 | Hall B, R31");
        assert_eq!(of(&Wrapping::default(), None, Some("a > b")), "a > b | a > b");
    }
}
