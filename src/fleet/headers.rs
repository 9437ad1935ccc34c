//! What a header means by itself.
//!
//! In: a header, the file's [`Profile`] and the synonyms common to all (`data/profiles/headers.toml`, `persons.toml`). Out:
//! the role of its column, why, and its rank among the columns of that field. Headers are compared folded.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;

use super::Field;
use super::columns::{Because, ColumnRole};
use super::measures::SizeUnit;
use super::profile::{Profile, header_map};
use super::words::fold;
use crate::units::Currency;

/// Folded header → field and rank among that field's synonyms, common to all systems.
static SYNONYMS: LazyLock<HashMap<String, (Field, usize)>> = LazyLock::new(|| {
    let file: BTreeMap<Field, Vec<String>> = toml::from_str(include_str!("../../data/profiles/headers.toml"))
        .expect("data/profiles/headers.toml is checked by a test");
    header_map(&file).expect("data/profiles/headers.toml is checked by a test")
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonFile {
    headers: Vec<String>,
    parts: Vec<String>,
}

/// Folded headers of persons, and parts of such headers.
static PERSONS: LazyLock<(HashSet<String>, Vec<String>)> = LazyLock::new(|| {
    let file: PersonFile = toml::from_str(include_str!("../../data/profiles/persons.toml"))
        .expect("data/profiles/persons.toml is checked by a test");
    (file.headers.iter().map(|name| fold(name)).collect(), file.parts.iter().map(|part| fold(part)).collect())
});

/// The field that was probably meant by a header that nothing knows: one or two slips of the pen from one of its names.
pub fn column_meant(header: &str) -> Option<Field> {
    let wanted = fold(header);
    let letters = wanted.chars().count();
    if letters < 4 || SYNONYMS.contains_key(&wanted) {
        return None;
    }
    let most = if letters > 6 { 2 } else { 1 };
    let slips = |name: &str| strsim::damerau_levenshtein(&wanted, name);
    let near = SYNONYMS.iter().map(|(name, (field, _))| (slips(name), name, *field));
    near.filter(|(slips, ..)| *slips <= most).min().map(|(_, _, field)| field)
}

/// Ranks of synonyms: those of the profile, those a user added for all files, the common ones.
const RANK_OF_USER: usize = 100_000;
const RANK_OF_COMMON: usize = 200_000;
/// Rank of a column that means one of two fields, by what else there is.
pub(super) const RANK_OF_EITHER: usize = 300_000;
/// Rank of texts that describe a unit and name its model only where nothing else does.
pub(super) const RANK_OF_DESCRIPTION: usize = 400_000;

/// Folded headers of such texts.
const DESCRIPTIONS: [&str; 11] = [
    "description",
    "shortdescription",
    "displayname",
    "assetdescription",
    "bezeichnung",
    "designation",
    "denominacion",
    "descricao",
    "descripcion",
    "itemdescription",
    "equipmentdescription",
];

/// Headers before and behind a column that make a `State` a region and no state of a machine, folded.
const ADDRESS: [&str; 13] = [
    "city",
    "zip",
    "country",
    "postalcode",
    "ciudad",
    "cidade",
    "pais",
    "cep",
    "codigopostal",
    "ville",
    "stadt",
    "plz",
    "land",
];

/// What GLPI prints before ` - ` in the columns of its finance block, folded.
const FINANCE_GROUPS: [&str; 8] = [
    "informationsfinancieresetadministratives",
    "financialandadministrativeinformation",
    "finanzielleundadministrativeinformationen",
    "verwaltungsundfinanzinformationen",
    "informacionfinancierayadministrativa",
    "informacionesfinancierasyadministrativas",
    "informacoesfinanceiraseadministrativas",
    "informacaofinanceiraeadministrativa",
];

/// What a header means: by the profile, then by what the user added for all files, then by what is common.
pub(super) fn role(header: &str, profile: &Profile, generic: &Profile) -> (ColumnRole, Because, usize) {
    let header = without_prefix(header);
    let whole = fold(header);
    let forms = [whole.clone(), fold(without_type_number(header.split(['(', '[']).next().unwrap_or(header)))];
    if profile.not_read.contains(&whole) {
        return (ColumnRole::LeftAside, Because::Profile, 0);
    }
    if profile.persons.contains(&whole) {
        return (ColumnRole::Personal, Because::Profile, 0);
    }
    let lists = [
        (&profile.headers, Because::Profile, 0),
        (&generic.headers, Because::Profile, RANK_OF_USER),
        (&SYNONYMS, Because::Synonym, RANK_OF_COMMON),
    ];
    for (names, because, base) in lists {
        for form in &forms {
            if let Some((field, rank)) = names.get(form) {
                let describes = because == Because::Synonym && DESCRIPTIONS.contains(&form.as_str());
                let base = if describes { RANK_OF_DESCRIPTION } else { base };
                return (ColumnRole::Field(*field), because, base + rank);
            }
        }
    }
    if let Some(name) = without_currency(header)
        && let Some((field @ (Field::PurchaseCost | Field::BookValue | Field::Salvage), rank)) =
            SYNONYMS.get(&fold(name))
    {
        return (ColumnRole::Field(*field), Because::Synonym, RANK_OF_COMMON + rank);
    }
    let sized = header.trim().rsplit_once(['_', ' ']).filter(|(_, unit)| SizeUnit::of_word(unit).is_some());
    if let Some((name, _)) = sized
        && let Some((field @ (Field::RamGb | Field::StorageGb), rank)) = SYNONYMS.get(&fold(name))
    {
        return (ColumnRole::Field(*field), Because::Synonym, RANK_OF_COMMON + rank);
    }
    if let Some(field) = joined(header) {
        return (ColumnRole::Field(field), Because::Synonym, RANK_OF_EITHER);
    }
    if is_of_persons(&whole) || forms.iter().any(|form| generic.persons.contains(form)) {
        return (ColumnRole::Personal, Because::Synonym, 0);
    }
    (ColumnRole::Unknown, Because::Nothing, 0)
}

/// The field that all names of a header mean: `Zustand/Status`, `Model / Type`.
fn joined(header: &str) -> Option<Field> {
    let mut fields = header.split(['/', '|']).map(|name| SYNONYMS.get(&fold(name)).map(|(field, _)| *field));
    let first = fields.next()??;
    fields.all(|field| field == Some(first)).then_some(first)
}

/// A header without what its system prints before every name: `HB.` of Homebox, the group of GLPI's finance block.
fn without_prefix(header: &str) -> &str {
    let bare = header.strip_prefix("HB.").unwrap_or(header);
    match bare.rsplit_once(" - ") {
        Some((group, name)) if FINANCE_GROUPS.contains(&fold(group).as_str()) => name,
        _ => bare,
    }
}

/// A header without the currency behind it: `Preis / €`, `Anschaffungswert CHF`.
fn without_currency(header: &str) -> Option<&str> {
    let (name, last) = header.trim().rsplit_once(' ')?;
    named_currency(last)?;
    Some(name.trim_end_matches([' ', '/', ',']))
}

/// A currency by its sign or its code in capitals.
pub(crate) fn named_currency(text: &str) -> Option<Currency> {
    match text {
        "€" => "EUR".parse().ok(),
        "£" => "GBP".parse().ok(),
        "$" => "USD".parse().ok(),
        "R$" => "BRL".parse().ok(),
        "₹" | "Rs" | "Rs." => "INR".parse().ok(),
        code if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()) => code.parse().ok(),
        _ => None,
    }
}

/// Whether a column of states stands among those of an address, and so names a region.
pub(super) fn is_region(folded: &[String], position: usize) -> bool {
    let is_state = ["state", "estado", "provincia", "bundesland"].contains(&folded[position].as_str());
    let near = position.saturating_sub(2)..(position + 3).min(folded.len());
    is_state && near.into_iter().any(|at| ADDRESS.contains(&folded[at].as_str()))
}

fn is_of_persons(folded: &str) -> bool {
    PERSONS.0.contains(folded) || PERSONS.1.iter().any(|part| folded.contains(part.as_str()))
}

/// Freshservice adds the number of the asset type to a field's name: `serial_number_19000123`.
fn without_type_number(header: &str) -> &str {
    match header.rsplit_once('_') {
        Some((name, number)) if number.len() >= 6 && number.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => header,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_header_name_means_two_fields_or_a_person() {
        let file: BTreeMap<Field, Vec<String>> =
            toml::from_str(include_str!("../../data/profiles/headers.toml")).unwrap();
        let map = header_map(&file).unwrap_or_else(|name| panic!("`{name}` means two fields"));
        for name in map.keys() {
            assert!(!PERSONS.0.contains(name), "`{name}` is read and a person");
        }
    }
}
