//! What a disposition does for mass and carbon, in two lines or three.

use std::fmt::Write;

use crate::outcome::{Fate, Sustainability};

/// The lines; nothing where nothing leaves.
pub fn sustainability_lines(found: &Sustainability, source: &str) -> String {
    let mut text = String::new();
    if found.units.values().any(|units| *units > 0) {
        // Writing to a String cannot fail.
        let _ = write_lines(&mut text, found, source);
    }
    text
}

fn write_lines(text: &mut String, found: &Sustainability, source: &str) -> std::fmt::Result {
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
        .map(|(units, word)| format!("{units} units {word}"))
        .collect();
    writeln!(text, "\n{:<18}{}", "Leaving", told.join(" · "))?;
    let (least, most) = found.kept_from_landfill_kg();
    let unknown = match found.units_of_unknown_mass {
        0 => String::new(),
        units => format!("; mass unknown of {units} units"),
    };
    writeln!(
        text,
        "{:<18}{least:.0} kg used again, up to {:.0} kg more by recyclers{unknown}",
        "Landfill avoided",
        most - least
    )?;
    let tonnes = |kg: f64| format!("{:.1}", kg / 1000.0);
    let counted = found.units_by_own_sheet + found.units_by_class;
    if counted > 0 {
        writeln!(
            text,
            "{:<18}at most {} t CO2e ({} to {} by the sheets) for {counted} units used again",
            "Carbon avoided",
            tonnes(found.avoided_kg),
            tonnes(found.avoided_low_kg),
            tonnes(found.avoided_high_kg)
        )?;
        writeln!(
            text,
            "{:<18}{} by their own sheet, {} by the median of their class\n{:<18}({source})",
            "", found.units_by_own_sheet, found.units_by_class, ""
        )?;
    }
    if found.units_without_factor > 0 {
        let classes: Vec<&str> = found.classes_without_factor.iter().map(|class| class.name()).collect();
        writeln!(
            text,
            "{:<18}unknown for {} more units ({}): no published footprint",
            if counted > 0 { "" } else { "Carbon avoided" },
            found.units_without_factor,
            classes.join(", ")
        )?;
    }
    Ok(())
}
