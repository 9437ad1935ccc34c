//! Which column of a file is which field.
//!
//! In: the header row, and the synonyms of `data/profiles/headers.toml`. Out: for every canonical [`Field`] the
//! columns that carry it, the preferred one first, so that an empty cell can fall back on the next.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::LazyLock;

use super::Field;
use super::table::FileError;
use super::words::fold;
use crate::units::Currency;

/// Folded header → field and rank among that field's synonyms.
static SYNONYMS: LazyLock<HashMap<String, (Field, usize)>> = LazyLock::new(|| {
    let file: BTreeMap<Field, Vec<String>> = toml::from_str(include_str!("../../data/profiles/headers.toml"))
        .expect("data/profiles/headers.toml is checked by a test");
    file.into_iter()
        .flat_map(|(field, names)| {
            names.into_iter().enumerate().map(move |(rank, name)| (fold(&name), (field, rank)))
        })
        .collect()
});

/// The columns of one file.
#[derive(Debug)]
pub(super) struct Columns {
    positions: BTreeMap<Field, Vec<usize>>,
    headers: Vec<String>,
}

impl Columns {
    /// Maps a header row, or says why it cannot be one.
    pub(super) fn from_headers(path: &Path, headers: &[String]) -> Result<Columns, FileError> {
        let mut ranked: BTreeMap<Field, Vec<(usize, usize)>> = BTreeMap::new();
        let mut seen: HashMap<String, usize> = HashMap::new();
        for (position, header) in headers.iter().enumerate() {
            let whole = fold(header);
            let without_unit = fold(without_type_number(header.split('(').next().unwrap_or(header)));
            let key = if SYNONYMS.contains_key(&whole) { whole } else { without_unit };
            let Some((field, rank)) = SYNONYMS.get(&key) else { continue };
            if let Some(first) = seen.insert(key, position) {
                return Err(FileError::ColumnTwice {
                    path: path.to_owned(),
                    header: header.clone(),
                    first: first + 1,
                    second: position + 1,
                });
            }
            ranked.entry(*field).or_default().push((*rank, position));
        }
        if let Some(ambiguous) = ranked.remove(&Field::ModelOrClass) {
            let field = if ranked.contains_key(&Field::Model) { Field::Class } else { Field::Model };
            let after = ranked.get(&field).map_or(0, Vec::len);
            let entry = ranked.entry(field).or_default();
            entry.extend(ambiguous.into_iter().map(|(rank, position)| (1000 + after + rank, position)));
        }
        let known = [Field::AssetId, Field::Serial, Field::Model];
        if !known.iter().any(|field| ranked.contains_key(field)) {
            return Err(FileError::NoKnownColumn {
                path: path.to_owned(),
                found: headers.iter().take(12).cloned().collect::<Vec<_>>().join(", "),
                wanted: "asset_id, serial, model (see data/profiles/headers.toml for the names understood)",
            });
        }
        let positions = ranked
            .into_iter()
            .map(|(field, mut columns)| {
                columns.sort_unstable();
                (field, columns.into_iter().map(|(_, position)| position).collect())
            })
            .collect();
        Ok(Columns { positions, headers: headers.to_vec() })
    }

    /// Number of cells a row must have.
    pub(super) fn width(&self) -> usize {
        self.headers.len()
    }

    /// Positions that carry a field, preferred first.
    pub(super) fn of(&self, field: Field) -> &[usize] {
        self.positions.get(&field).map_or(&[], Vec::as_slice)
    }

    /// Whether any column carries the field.
    pub(super) fn has(&self, field: Field) -> bool {
        self.positions.contains_key(&field)
    }

    /// The currency that a header names in brackets: `Purchase price (EUR)`.
    pub(super) fn currency(&self, position: usize) -> Option<Currency> {
        let inside = self.headers[position].split_once('(')?.1.trim_end().trim_end_matches(')').trim();
        match inside {
            "€" => "EUR".parse().ok(),
            "£" => "GBP".parse().ok(),
            "$" => "USD".parse().ok(),
            code if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()) => {
                code.parse().ok()
            }
            _ => None,
        }
    }

    /// The header at a position.
    pub(super) fn header(&self, position: usize) -> &str {
        &self.headers[position]
    }

    /// `header → field` for every column that is used, and the headers that are not.
    pub(super) fn describe(&self) -> (Vec<(String, Field)>, Vec<String>) {
        let mut used = vec![None; self.headers.len()];
        for (field, positions) in &self.positions {
            for position in positions {
                used[*position] = Some(*field);
            }
        }
        let mut mapped = Vec::new();
        let mut unused = Vec::new();
        for (header, field) in self.headers.iter().zip(used) {
            match field {
                Some(field) => mapped.push((header.clone(), field)),
                None => unused.push(header.clone()),
            }
        }
        (mapped, unused)
    }
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

    fn columns(headers: &[&str]) -> Result<Columns, FileError> {
        let headers: Vec<String> = headers.iter().map(|header| header.to_string()).collect();
        Columns::from_headers(Path::new("r.csv"), &headers)
    }

    #[test]
    fn no_header_name_means_two_fields() {
        let file: BTreeMap<Field, Vec<String>> =
            toml::from_str(include_str!("../../data/profiles/headers.toml")).unwrap();
        let mut owner: HashMap<String, Field> = HashMap::new();
        for (field, names) in file {
            for name in names {
                if let Some(other) = owner.insert(fold(&name), field) {
                    assert_eq!(other, field, "`{name}` means {other:?} and {field:?}");
                }
            }
        }
    }

    #[test]
    fn translated_headers_reach_their_fields() {
        let columns = columns(&["Numéro de série", "Etiqueta de patrimônio", "Kaufdatum", "Valeur"]).unwrap();
        assert_eq!(columns.of(Field::Serial), [0]);
        assert_eq!(columns.of(Field::AssetId), [1]);
        assert_eq!(columns.of(Field::PurchaseDate), [2]);
        assert_eq!(columns.of(Field::PurchaseCost), [3]);
    }

    #[test]
    fn units_in_brackets_and_type_numbers_do_not_hide_a_column() {
        let columns = columns(&["serial_number_19000123", "Purchase Price (USD)", "Memory (GB)"]).unwrap();
        assert_eq!(columns.of(Field::Serial), [0]);
        assert_eq!(columns.of(Field::PurchaseCost), [1]);
        assert_eq!(columns.of(Field::RamGb), [2]);
    }

    #[test]
    fn a_bare_type_column_is_the_model_only_when_nothing_else_is() {
        assert_eq!(columns(&["Serial", "Type"]).unwrap().of(Field::Model), [1]);
        let both = columns(&["Serial", "Type", "Model"]).unwrap();
        assert_eq!((both.of(Field::Class), both.of(Field::Model)), (&[1][..], &[2][..]));
    }

    #[test]
    fn a_column_twice_and_a_file_without_known_columns_are_refused() {
        let twice = columns(&["Serial", "Cost", "cost"]).unwrap_err().to_string();
        assert!(twice.contains("`cost` stands twice (columns 2 and 3)"), "{twice}");
        let none = columns(&["foo", "bar"]).unwrap_err().to_string();
        assert!(none.contains("foo, bar") && none.contains("asset_id"), "{none}");
    }
}
