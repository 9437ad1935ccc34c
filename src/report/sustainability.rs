//! What a disposition does for mass and carbon, in a few lines.

use super::words::{counted, wrapped};
use crate::decide::{Fate, Sustainability};

/// Columns before the words.
const BESIDE: usize = 18;

/// The lines, of at most `width` columns; nothing where nothing leaves.
pub fn sustainability_lines(found: &Sustainability, source: &str, width: usize) -> String {
    if found.units.values().all(|units| *units == 0) {
        return String::new();
    }
    let mut lines = vec![("Leaving", leaving(found)), ("Landfill avoided", landfill(found))];
    lines.extend(
        carbon(found, source)
            .into_iter()
            .zip(["Carbon avoided", "", "", ""])
            .map(|(words, head)| (head, words)),
    );
    let text: String = lines
        .iter()
        .map(|(head, words)| {
            let beside = wrapped(words, &" ".repeat(BESIDE), width.saturating_sub(BESIDE));
            format!("{head:<BESIDE$}{}\n", beside.trim_start())
        })
        .collect();
    format!("\n{text}")
}

fn leaving(found: &Sustainability) -> String {
    let fates = [
        (Fate::Reused, "reused"),
        (Fate::Redeployed, "redeployed"),
        (Fate::Parts, "for parts"),
        (Fate::Recycled, "recycled"),
        (Fate::Returned, "back to the lessor"),
        (Fate::Open, "open"),
    ];
    let told: Vec<String> = fates
        .into_iter()
        .map(|(fate, word)| (found.units_of(fate), word))
        .filter(|(units, _)| *units > 0)
        .map(|(units, word)| format!("{} {word}", counted(units, "unit")))
        .collect();
    told.join(" · ")
}

fn landfill(found: &Sustainability) -> String {
    let (least, most) = found.kept_from_landfill_kg();
    let unknown = match found.units_of_unknown_mass {
        0 => String::new(),
        units => format!("; mass unknown of {}", counted(units, "unit")),
    };
    let recycled = match most - least {
        more if more >= 0.5 => format!(", up to {more:.0} kg more by recyclers"),
        _ => String::new(),
    };
    format!("{least:.0} kg used again{recycled}{unknown}")
}

fn carbon(found: &Sustainability, source: &str) -> Vec<String> {
    let tonnes = |kg: f64| format!("{:.1}", kg / 1000.0);
    let known = found.units_by_own_sheet + found.units_by_class;
    let mut said = Vec::new();
    if known > 0 {
        said.push(format!(
            "at most {} t CO2e ({} to {} by the sheets) for {} used again",
            tonnes(found.avoided_kg),
            tonnes(found.avoided_low_kg),
            tonnes(found.avoided_high_kg),
            counted(known, "unit")
        ));
        said.push(format!(
            "{} by their own sheet, {} by the median of their class",
            found.units_by_own_sheet, found.units_by_class
        ));
        said.push(format!("({source})"));
    }
    if found.units_without_factor > 0 {
        let classes: Vec<&str> = found.classes_without_factor.iter().map(|class| class.name()).collect();
        let more = counted(found.units_without_factor, "more unit");
        said.push(format!("unknown for {more} ({}): no published footprint", classes.join(", ")));
    }
    said
}
