//! Which column of a file is which field.
//!
//! In: the header row, the file's [`Profile`] and what headers mean ([`role`]). Out: for every canonical [`Field`] the columns that carry it, the preferred one first, so that an empty
//! cell can fall back on the next; and for every column what becomes of it and why. Columns of persons are never read.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use super::Field;
use super::headers::{RANK_OF_DESCRIPTION, RANK_OF_EITHER, is_region, named_currency, role};
use super::measures::SizeUnit;
use super::profile::{Chosen, Profile, Profiles};
use super::shapes::{self, are_persons, are_serials};
use super::table::{FileError, Table};
use super::words::fold;
use crate::units::Currency;

/// What becomes of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnRole {
    /// It is read as this field.
    Field(Field),
    /// It tells of persons and is never read.
    Personal,
    /// Its system's profile says that it is none of the fields.
    LeftAside,
    /// No profile and no synonym knows it.
    Unknown,
}

/// Why a column has its role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// The file's profile says so.
    Profile,
    /// A synonym common to all systems.
    Synonym,
    /// What stands in its cells.
    Shape,
    /// Nothing was found.
    Nothing,
}

impl Because {
    /// The word people read.
    pub const fn name(self) -> &'static str {
        match self {
            Because::Profile => "profile",
            Because::Synonym => "synonym",
            Because::Shape => "shape of cells",
            Because::Nothing => "",
        }
    }
}

/// The columns of one file.
#[derive(Debug)]
pub(super) struct Columns {
    positions: BTreeMap<Field, Vec<usize>>,
    headers: Vec<String>,
    roles: Vec<(ColumnRole, Because)>,
    /// Columns of one name that are read: first and second position.
    repeated: Vec<(usize, usize)>,
    chosen: Chosen,
}

impl Columns {
    /// The columns of a table, by its header and, where a header could name persons or machines, by its cells.
    pub(super) fn of_table(path: &Path, table: &Table, profiles: &Profiles) -> Result<Columns, FileError> {
        let mut columns = Columns::from_headers(path, &table.headers, profiles)?;
        columns.take_classes_for_classes(table);
        columns.take_serials_for_serials(table);
        for position in columns.of(Field::Name).to_vec() {
            let bare = ["name", "nom", "nome", "nombre"].contains(&fold(&columns.headers[position]).as_str());
            if bare && columns.positions.len() > 1 && are_persons(table.column(position)) {
                columns.drop_column(position);
            }
        }
        Ok(columns)
    }

    /// Maps a header row, or says why it cannot be one.
    pub(super) fn from_headers(
        path: &Path,
        headers: &[String],
        profiles: &Profiles,
    ) -> Result<Columns, FileError> {
        let chosen = profiles.choose(headers);
        let mut ranked: BTreeMap<Field, Vec<(usize, usize)>> = BTreeMap::new();
        let mut roles = Vec::with_capacity(headers.len());
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut repeated = Vec::new();
        let folded: Vec<String> = headers.iter().map(|header| fold(header)).collect();
        let names: HashSet<&str> = folded.iter().map(String::as_str).collect();
        for (position, header) in headers.iter().enumerate() {
            let numbered = names.contains(format!("{}str", folded[position]).as_str());
            let (role, because, rank) = if is_region(&folded, position) || numbered {
                (ColumnRole::LeftAside, Because::Shape, 0)
            } else {
                role(header, &chosen.profile, profiles.generic())
            };
            if let ColumnRole::Field(field) = role {
                ranked.entry(field).or_default().push((rank, position));
                match seen.get(&fold(header)) {
                    Some(first) => repeated.push((*first, position)),
                    None => drop(seen.insert(fold(header), position)),
                }
            }
            roles.push((role, because));
        }
        if let Some(either) = ranked.remove(&Field::ModelOrClass) {
            let models = ranked.get(&Field::Model).into_iter().flatten();
            let named = models.into_iter().any(|(rank, _)| *rank < RANK_OF_DESCRIPTION);
            let field = if named { Field::Class } else { Field::Model };
            for (rank, position) in either {
                roles[position].0 = ColumnRole::Field(field);
                ranked.entry(field).or_default().push((RANK_OF_EITHER + rank, position));
            }
        }
        let known = [Field::UnitId, Field::AssetId, Field::Serial, Field::Model, Field::Name];
        if !known.iter().any(|field| ranked.contains_key(field)) {
            return Err(FileError::NoKnownColumn {
                path: path.to_owned(),
                found: headers.iter().take(12).cloned().collect::<Vec<_>>().join(", "),
                wanted: "asset_id, serial, model, name (see data/profiles/headers.toml for the names understood; --profile \
                         adds yours)",
            });
        }
        let positions = ranked
            .into_iter()
            .map(|(field, mut columns)| {
                columns.sort_unstable();
                (field, columns.into_iter().map(|(_, position)| position).collect())
            })
            .collect();
        Ok(Columns { positions, headers: headers.to_vec(), roles, repeated, chosen })
    }

    /// A column that a common synonym takes for the model is one of classes when its cells are, if another gives the model.
    fn take_classes_for_classes(&mut self, table: &Table) {
        let mut models = self.of(Field::Model).to_vec();
        models.retain(|position| self.roles[*position].1 == Because::Synonym);
        for position in models {
            let is_class = |cell: &str| self.chosen.profile.words.class(cell).is_some();
            let is_last = self.of(Field::Model).len() == 1;
            if !is_last && shapes::mostly(table.column(position), 8, is_class) {
                self.drop_column(position);
                self.roles[position] = (ColumnRole::Field(Field::Class), Because::Shape);
                self.positions.entry(Field::Class).or_default().push(position);
            }
        }
    }

    /// `Sr. No` counts the rows in one register and is the serial number in another: its cells say which.
    fn take_serials_for_serials(&mut self, table: &Table) {
        if self.has(Field::Serial) {
            return;
        }
        for position in 0..self.headers.len() {
            let unread = self.roles[position].0 == ColumnRole::Unknown;
            if unread && fold(&self.headers[position]) == "srno" && are_serials(table.column(position)) {
                self.roles[position] = (ColumnRole::Field(Field::Serial), Because::Shape);
                self.positions.entry(Field::Serial).or_default().push(position);
            }
        }
    }

    /// Takes a column out of what is read: its cells are names of persons, unless the caller knows better.
    fn drop_column(&mut self, position: usize) {
        for positions in self.positions.values_mut() {
            positions.retain(|at| *at != position);
        }
        self.positions.retain(|_, positions| !positions.is_empty());
        self.roles[position] = (ColumnRole::Personal, Because::Shape);
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

    /// The profile of the file.
    pub(super) fn profile(&self) -> &Arc<Profile> {
        &self.chosen.profile
    }

    /// The headers by which the profile was told.
    pub(super) fn told_by(&self) -> &[String] {
        &self.chosen.by
    }

    /// Columns of one name that are read, first and second.
    pub(super) fn repeated(&self) -> &[(usize, usize)] {
        &self.repeated
    }

    /// What becomes of the column at a position, and why.
    pub(super) fn role(&self, position: usize) -> (ColumnRole, Because) {
        self.roles[position]
    }

    /// How many columns from the first may be shown of a row whose cells do not stand where they should: those before the
    /// first that is a person's, unknown or free text.
    pub(super) fn safe_to_show(&self) -> usize {
        let is_safe = |(role, _): &(ColumnRole, Because)| matches!(role, ColumnRole::Field(field) if !matches!(field, Field::Notes | Field::Name));
        self.roles.iter().take_while(|role| is_safe(role)).count()
    }

    /// The unit that a header names: `Memory (MB)`, `ram_mb`.
    pub(super) fn size_unit(&self, position: usize) -> Option<SizeUnit> {
        let header = &self.headers[position];
        if let Some((_, inside)) = header.split_once(['(', '[']) {
            return SizeUnit::of_word(inside.trim_end_matches([')', ']']).trim());
        }
        let (name, last) = header.trim().rsplit_once(['_', ' '])?;
        (!name.is_empty()).then(|| SizeUnit::of_word(last)).flatten()
    }

    /// The currency that a header names in brackets: `Purchase price (EUR)`.
    pub(super) fn currency(&self, position: usize) -> Option<Currency> {
        let header = self.headers[position].trim();
        let inside = header.split_once('(').map(|(_, rest)| rest.trim_end_matches(')').trim());
        inside.and_then(named_currency).or_else(|| named_currency(header.rsplit_once(' ')?.1))
    }

    /// The header at a position.
    pub(super) fn header(&self, position: usize) -> &str {
        &self.headers[position]
    }

    /// Headers that no profile and no synonym knows.
    pub(super) fn unknown(&self) -> Vec<String> {
        let unknown =
            self.headers.iter().zip(&self.roles).filter(|(_, (role, _))| *role == ColumnRole::Unknown);
        unknown.map(|(header, _)| header.clone()).collect()
    }

    /// `header → field` for every column that is used, and the headers that are not.
    pub(super) fn describe(&self) -> (Vec<(String, Field)>, Vec<String>) {
        let mut mapped = Vec::new();
        let mut unused = Vec::new();
        for (header, (role, _)) in self.headers.iter().zip(&self.roles) {
            match role {
                ColumnRole::Field(field) => mapped.push((header.clone(), *field)),
                _ => unused.push(header.clone()),
            }
        }
        (mapped, unused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(headers: &[&str]) -> Result<Columns, FileError> {
        let headers: Vec<String> = headers.iter().map(|header| header.to_string()).collect();
        Columns::from_headers(Path::new("r.csv"), &headers, &Profiles::built_in())
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
        let columns =
            columns(&["serial_number_19000123", "Purchase Price (USD)", "Memory (GB)", "Storage MB"])
                .unwrap();
        assert_eq!(columns.of(Field::Serial), [0]);
        assert_eq!(columns.of(Field::PurchaseCost), [1]);
        assert_eq!(columns.of(Field::RamGb), [2]);
        assert_eq!(columns.of(Field::StorageGb), [3]);
        assert_eq!(columns.size_unit(2), Some(SizeUnit::Gigabytes));
        assert_eq!(columns.size_unit(3), Some(SizeUnit::Megabytes));
        assert_eq!(columns.size_unit(0), None);
    }

    #[test]
    fn rupees_in_a_header_and_italian_tags_are_read() {
        let columns = columns(&["Etichetta della risorsa", "Amount (Rs.)", "Working/Not Working"]).unwrap();
        assert_eq!(columns.of(Field::AssetId), [0]);
        assert_eq!(columns.of(Field::PurchaseCost), [1]);
        assert_eq!(columns.currency(1), "INR".parse().ok());
        assert_eq!(columns.of(Field::Status), [2]);
    }

    #[test]
    fn a_bare_type_column_is_the_model_only_when_nothing_else_is() {
        assert_eq!(columns(&["Serial", "Type"]).unwrap().of(Field::Model), [1]);
        let both = columns(&["Serial", "Type", "Model"]).unwrap();
        assert_eq!((both.of(Field::Class), both.of(Field::Model)), (&[1][..], &[2][..]));
    }

    #[test]
    fn a_column_twice_is_read_with_the_first_before_the_second() {
        let twice = columns(&["Serial", "Cost", "cost"]).unwrap();
        assert_eq!(twice.of(Field::PurchaseCost), [1, 2]);
        assert_eq!(twice.repeated(), [(1, 2)]);
    }

    #[test]
    fn a_file_without_known_columns_is_refused() {
        let none = columns(&["foo", "bar"]).unwrap_err().to_string();
        assert!(none.contains("foo, bar") && none.contains("asset_id"), "{none}");
    }

    #[test]
    fn one_header_means_what_its_system_means_by_it() {
        let device42 =
            columns(&["Device_Name", "Device_Serial", "PO Cost", "Line Item Cost", "Last_Discovered"])
                .unwrap();
        assert_eq!(device42.of(Field::PurchaseCost), [3]);
        assert_eq!(device42.role(2), (ColumnRole::LeftAside, Because::Profile));
        let netbox = columns(&["Name", "Tenant", "Site", "Rack", "Role", "Manufacturer", "Type"]).unwrap();
        assert_eq!((netbox.of(Field::Model), netbox.of(Field::Class)), (&[6][..], &[4][..]));
        let servicenow =
            columns(&["asset_tag", "install_status", "substatus", "retirement_date", "retired"]).unwrap();
        assert_eq!(servicenow.of(Field::PlannedRetirement), [3]);
        assert_eq!(servicenow.of(Field::RetiredDate), [4]);
    }

    #[test]
    fn persons_are_known_by_header() {
        for header in [
            "Assigned To",
            "Primary User UPN",
            "E-Mail",
            "Benutzer",
            "Utilisateur",
            "Usuário",
            "Teléfono",
            "Wi-Fi MAC address",
            "Hardware Hash",
            "Last logged on user",
            "Used by (Name)",
            "IMEI",
        ] {
            let columns = columns(&["Serial", header]).unwrap();
            assert_eq!(columns.role(1).0, ColumnRole::Personal, "{header}");
        }
    }
}
