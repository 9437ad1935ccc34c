//! Lists of objects in JSON as tables.
//!
//! In: JSON text: an array of objects, an object that holds one however deep, or one object a line. Out: a [`Table`] for
//! every array of objects whose keys name known columns. Objects are read one at a time. A field inside a field is
//! named with a dot; an object that stands for something (`{"id": 3, "name": "Dell"}`) is its name; a list is joined
//! with commas.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::limits::Limits;
use super::{FileError, HeaderScore, Table};

/// Keys under which an object has its name, the best first.
const NAMES: [&str; 9] =
    ["display_value", "display", "label", "name", "date", "datetime", "value", "slug", "formatted"];

/// Keys of such an object that say nothing about the asset.
const BESIDE_A_NAME: [&str; 8] =
    ["id", "url", "display_url", "link", "href", "field", "field_format", "status_meta"];

/// A list found on the way: the dotted path to it and its rows.
struct List {
    path: String,
    rows: Rows,
}

/// Rows whose columns are not known before the last one.
#[derive(Default)]
struct Rows {
    keys: Vec<String>,
    places: HashMap<String, usize>,
    text: String,
    /// Column of each cell and the end of its text.
    cells: Vec<(usize, usize)>,
    /// Element number of each row and the end of its cells.
    rows: Vec<(u64, usize)>,
}

/// Reads every list of objects that names a known column.
pub(super) fn tables(
    path: &Path,
    text: &str,
    limits: &Limits,
    score: &HeaderScore<'_>,
) -> Result<Vec<Table>, FileError> {
    let damaged = |error: serde_json::Error| FileError::Damaged {
        path: path.to_owned(),
        format: "JSON file",
        detail: error.to_string(),
    };
    let mut lists = Vec::new();
    if is_one_a_line(text) {
        let mut rows = Rows::default();
        for (line, object) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let value: Value = serde_json::from_str(object).map_err(|error| FileError::Damaged {
                path: path.to_owned(),
                format: "JSON file",
                detail: format!("line {}: {error}", line + 1),
            })?;
            rows.push(line as u64 + 1, &value);
        }
        lists.push(List { path: String::new(), rows });
    } else {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        Node { path: String::new(), lists: &mut lists }.deserialize(&mut deserializer).map_err(damaged)?;
        deserializer.end().map_err(damaged)?;
        let usable = lists.iter().any(|list| score(&list.rows.keys) > 0);
        if !usable && text.trim_start().starts_with('{') {
            // One object alone is a register of one asset.
            let mut rows = Rows::default();
            rows.push(1, &serde_json::from_str(text).map_err(damaged)?);
            lists.push(List { path: String::new(), rows });
        }
    }
    let found = lists.iter().map(|list| list.path.clone()).collect::<Vec<_>>();
    let usable: Vec<List> = lists.into_iter().filter(|list| score(&list.rows.keys) > 0).collect();
    if usable.is_empty() {
        return Err(FileError::NoRegister {
            path: path.to_owned(),
            found: if found.iter().any(|path| !path.is_empty()) {
                format!("no known key in the objects of its lists ({})", found.join(", "))
            } else {
                "no known key in its objects".into()
            },
        });
    }
    let one = usable.len() == 1;
    usable
        .into_iter()
        .map(|list| {
            let mut table = list.rows.into_table(path, limits)?;
            table.origin = if one { String::new() } else { list.path };
            Ok(table)
        })
        .collect()
}

/// Whether the first line is an object by itself and another begins behind it.
fn is_one_a_line(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let (Some(first), Some(second)) = (lines.next(), lines.next()) else { return false };
    let is_object = |line: &str| line.trim_start().starts_with('{');
    is_object(first) && is_object(second) && serde_json::from_str::<IgnoredAny>(first).is_ok()
}

/// Any value of the document: looks for arrays of objects below it.
struct Node<'l> {
    path: String,
    lists: &'l mut Vec<List>,
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let path = if self.path.is_empty() { key } else { format!("{}.{key}", self.path) };
            map.next_value_seed(Node { path, lists: self.lists })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let mut rows = Rows::default();
        let mut number = 0;
        while let Some(value) = elements.next_element::<Value>()? {
            number += 1;
            rows.push(number, &value);
        }
        if !rows.keys.is_empty() {
            self.lists.push(List { path: self.path, rows });
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

impl Rows {
    /// Adds an element of a list; what is no object is no row of a table and stands in a column of its own.
    fn push(&mut self, number: u64, value: &Value) {
        match value {
            Value::Object(_) => self.flatten("", value),
            other => self.cell("(no object)", &text_of(other)),
        }
        self.rows.push((number, self.cells.len()));
    }

    fn flatten(&mut self, prefix: &str, value: &Value) {
        let Value::Object(fields) = value else { return self.cell(prefix, &text_of(value)) };
        let name = NAMES.iter().find(|name| fields.get(**name).is_some_and(|value| !value.is_object()));
        if !prefix.is_empty()
            && let Some(name) = name
        {
            self.cell(prefix, &text_of(&fields[*name]));
        }
        for (key, inner) in fields {
            let is_name =
                name.is_some() && (NAMES.contains(&key.as_str()) || BESIDE_A_NAME.contains(&key.as_str()));
            if !prefix.is_empty() && is_name {
                continue;
            }
            // Fields that a customer added stand in an object of their own and are columns like the others.
            let path = match prefix {
                "" | "custom_fields" | "customFields" => key.clone(),
                _ => format!("{prefix}.{key}"),
            };
            self.flatten(&path, inner);
        }
    }

    fn cell(&mut self, key: &str, text: &str) {
        let column = match self.places.get(key) {
            Some(column) => *column,
            None => {
                self.keys.push(key.to_owned());
                self.places.insert(key.to_owned(), self.keys.len() - 1);
                self.keys.len() - 1
            }
        };
        self.text.extend(text.chars().filter(|character| *character != '\0'));
        self.cells.push((column, self.text.len()));
    }

    fn into_table(self, path: &Path, limits: &Limits) -> Result<Table, FileError> {
        let too_large = |what| Err(FileError::TooLarge { path: path.to_owned(), what });
        if self.keys.len().saturating_mul(self.rows.len()) > limits.cells {
            return too_large(format!("it has more than {} cells", limits.cells));
        }
        let mut table = Table::new(self.keys, '\t');
        let mut row = vec![""; table.headers.len()];
        let (mut text_start, mut cell_start) = (0, 0);
        for (number, cells_end) in self.rows {
            row.fill("");
            for (column, end) in &self.cells[cell_start..cells_end] {
                let text = &self.text[text_start..*end];
                if text.len() > limits.cell_bytes {
                    return too_large(format!(
                        "`{}` of element {number} has {} KiB of text, and {} are allowed",
                        table.headers[*column],
                        text.len() >> 10,
                        limits.cell_bytes >> 10
                    ));
                }
                if row[*column].is_empty() {
                    row[*column] = text;
                }
                text_start = *end;
            }
            cell_start = cells_end;
            table.push(number, row.iter().copied());
        }
        Ok(table)
    }
}

/// What a value says in one cell.
fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(list) => {
            list.iter().map(text_of).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
        }
        Value::Object(fields) => {
            NAMES.iter().find_map(|name| fields.get(*name)).map_or_else(String::new, text_of)
        }
    }
}
