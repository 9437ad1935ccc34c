//! Which column of a file is which field.
//!
//! In: the header row, the file's [`Profile`] and the synonyms common to all (`data/profiles/headers.toml`,
//! `persons.toml`). Out: for every canonical [`Field`] the columns that carry it, the preferred one first, so that an empty
//! cell can fall back on the next; and for every column what becomes of it and why. Columns of persons are never read.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, LazyLock};

use serde::Deserialize;

use super::Field;
use super::measures::SizeUnit;
use super::profile::{Chosen, Profile, Profiles, header_map};
use super::table::{FileError, Table};
use super::words::{fold, is_placeholder, serial};
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

/// Ranks of synonyms: those of the profile, those a user added for all files, the common ones.
const RANK_OF_USER: usize = 100_000;
const RANK_OF_COMMON: usize = 200_000;
/// Rank of a column that means one of two fields, by what else there is.
const RANK_OF_EITHER: usize = 300_000;
/// Rank of texts that describe a unit and name its model only where nothing else does.
const RANK_OF_DESCRIPTION: usize = 400_000;

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

/// Share of a column's cells that must be words for classes before it is one of classes.
const MOSTLY_CLASSES: f64 = 0.8;

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
            let (mut filled, mut classes) = (0_usize, 0_usize);
            for cell in table.column(position).filter(|cell| !is_placeholder(cell)) {
                filled += 1;
                classes += usize::from(self.chosen.profile.words.class(cell).is_some());
            }
            let is_last = self.of(Field::Model).len() == 1;
            if !is_last && filled > 0 && classes as f64 >= MOSTLY_CLASSES * filled as f64 {
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

    /// Takes a column out because its cells are names of persons.
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

/// What a header means: by the profile, then by what the user added for all files, then by what is common.
fn role(header: &str, profile: &Profile, generic: &Profile) -> (ColumnRole, Because, usize) {
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
    if is_of_persons(&whole) || forms.iter().any(|form| generic.persons.contains(form)) {
        return (ColumnRole::Personal, Because::Synonym, 0);
    }
    (ColumnRole::Unknown, Because::Nothing, 0)
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
fn named_currency(text: &str) -> Option<Currency> {
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
fn is_region(folded: &[String], position: usize) -> bool {
    let is_state = ["state", "estado", "provincia", "bundesland"].contains(&folded[position].as_str());
    let near = position.saturating_sub(2)..(position + 3).min(folded.len());
    is_state && near.into_iter().any(|at| ADDRESS.contains(&folded[at].as_str()))
}

fn is_of_persons(folded: &str) -> bool {
    PERSONS.0.contains(folded) || PERSONS.1.iter().any(|part| folded.contains(part.as_str()))
}

/// Whether most cells of a column are serial numbers with letters and digits, as no count of rows is.
fn are_serials<'a>(cells: impl Iterator<Item = &'a str>) -> bool {
    let (mut filled, mut serials) = (0_usize, 0_usize);
    for cell in cells.filter(|cell| !is_placeholder(cell)) {
        filled += 1;
        serials += usize::from(serial(cell).is_some_and(|text| text.contains(char::is_alphabetic)));
    }
    filled > 0 && serials * 10 >= filled * 8
}

/// Whether most cells of a column are two or three names and no words of the trade.
fn are_persons<'a>(cells: impl Iterator<Item = &'a str>) -> bool {
    let (mut filled, mut names) = (0_usize, 0_usize);
    for cell in cells.filter(|cell| !is_placeholder(cell)) {
        filled += 1;
        names += usize::from(is_persons_name(cell));
    }
    filled > 0 && names * 10 >= filled * 7
}

/// `Ada Example`, `Example, Ada`: two to four words of letters, each with one capital.
fn is_persons_name(cell: &str) -> bool {
    const TRADE: [&str; 40] = [
        "mac",
        "mini",
        "dell",
        "lenovo",
        "monitor",
        "laptop",
        "desktop",
        "server",
        "switch",
        "printer",
        "surface",
        "tablet",
        "phone",
        "galaxy",
        "pixel",
        "air",
        "pro",
        "gpu",
        "node",
        "dock",
        "docking",
        "station",
        "display",
        "keyboard",
        "mouse",
        "router",
        "firewall",
        "storage",
        "rack",
        "spare",
        "room",
        "test",
        "front",
        "desk",
        "reception",
        "kiosk",
        "meeting",
        "projector",
        "camera",
        "headset",
    ];
    let words: Vec<&str> = cell.split([' ', ',', '-']).filter(|word| !word.is_empty()).collect();
    let is_name = |word: &&str| {
        let mut letters = word.chars();
        letters.next().is_some_and(char::is_uppercase)
            && word.chars().count() >= 2
            && letters.all(|letter| letter.is_lowercase() || letter == '\'')
            && !TRADE.contains(&word.to_lowercase().as_str())
    };
    (2..=4).contains(&words.len()) && words.iter().all(is_name)
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
        Columns::from_headers(Path::new("r.csv"), &headers, &Profiles::built_in())
    }

    #[test]
    fn no_header_name_means_two_fields_or_a_person() {
        let file: BTreeMap<Field, Vec<String>> =
            toml::from_str(include_str!("../../data/profiles/headers.toml")).unwrap();
        let map = header_map(&file).unwrap_or_else(|name| panic!("`{name}` means two fields"));
        for name in map.keys() {
            assert!(!PERSONS.0.contains(name), "`{name}` is read and a person");
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
    fn serials_are_told_from_row_numbers_by_their_letters() {
        assert!(are_serials(["8XQ2LN1", "CZ9934ABCE", ""].into_iter()));
        assert!(!are_serials(["1", "2", "1003", "1004"].into_iter()));
        assert!(!are_serials([].into_iter()));
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
    fn persons_are_known_by_header_and_a_bare_name_by_its_cells() {
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
        let of_names = |cells: &[&str]| are_persons(cells.iter().copied());
        assert!(of_names(&["Ada Example", "Example, Grace", "Jean-Luc O'brien", ""]));
        assert!(!of_names(&["Mac Mini", "LT-7XK2LM3", "MacBook Pro", "Dell Monitor"]));
        assert!(!of_names(&[]));
    }
}
