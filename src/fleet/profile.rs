//! How one system writes its exports.
//!
//! In: `data/profiles/NAME.toml` (built into the binary) and files of the user's. Out: [`Profiles`], checked once: what a
//! header means there before the common synonyms, its words, units, date order and wrappings. The profile whose telling
//! headers are most in a file is the file's; where two tie, none is.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use serde::Deserialize;

use super::canonical;
use super::dates::DateOrder;
use super::measures::{SizeUnit, TermUnit};
use super::words::{Vocabulary, WordLists, fold};
use super::wrapped::Wrapping;
use super::{Field, SourceKind};

/// The built-in profiles.
const BUILT_IN: [(&str, &str); 21] = [
    ("residua.toml", include_str!("../../data/profiles/residua.toml")),
    ("servicenow.toml", include_str!("../../data/profiles/servicenow.toml")),
    ("flexera.toml", include_str!("../../data/profiles/flexera.toml")),
    ("device42.toml", include_str!("../../data/profiles/device42.toml")),
    ("lansweeper.toml", include_str!("../../data/profiles/lansweeper.toml")),
    ("snipe-it.toml", include_str!("../../data/profiles/snipe-it.toml")),
    ("glpi.toml", include_str!("../../data/profiles/glpi.toml")),
    ("ralph.toml", include_str!("../../data/profiles/ralph.toml")),
    ("jira-assets.toml", include_str!("../../data/profiles/jira-assets.toml")),
    ("intune.toml", include_str!("../../data/profiles/intune.toml")),
    ("autopilot.toml", include_str!("../../data/profiles/autopilot.toml")),
    ("freshservice.toml", include_str!("../../data/profiles/freshservice.toml")),
    ("netbox.toml", include_str!("../../data/profiles/netbox.toml")),
    ("opendcim.toml", include_str!("../../data/profiles/opendcim.toml")),
    ("dctrack.toml", include_str!("../../data/profiles/dctrack.toml")),
    ("dcim.toml", include_str!("../../data/profiles/dcim.toml")),
    ("sap.toml", include_str!("../../data/profiles/sap.toml")),
    ("oracle.toml", include_str!("../../data/profiles/oracle.toml")),
    ("netsuite.toml", include_str!("../../data/profiles/netsuite.toml")),
    ("erasure.toml", include_str!("../../data/profiles/erasure.toml")),
    ("settlement.toml", include_str!("../../data/profiles/settlement.toml")),
];

/// A profile that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ProfileError {
    /// The file cannot be read.
    #[error("cannot read the profile {path}: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's word.
        reason: String,
    },
    /// It is no profile: not TOML, or a key or value that there is none of.
    #[error("profile {path}: {reason}; see data/profiles/snipe-it.toml for a profile that has every key")]
    NotAProfile {
        /// The file.
        path: PathBuf,
        /// What the reader says, with line and key.
        reason: String,
    },
    /// A key whose value makes no sense.
    #[error("profile {path}, key `{key}`: {reason}: {remedy}")]
    Key {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
        /// What is wrong.
        reason: String,
        /// What would make it right.
        remedy: String,
    },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileFile {
    name: String,
    kind: Option<SourceKind>,
    recognise: Option<Recognise>,
    #[serde(default)]
    headers: BTreeMap<Field, Vec<String>>,
    #[serde(default)]
    not_read: Vec<String>,
    #[serde(default)]
    persons: Vec<String>,
    #[serde(default)]
    words: WordLists,
    #[serde(default)]
    written: Written,
    wrapped: Option<Wrapping>,
}

/// By which headers a file is told to be of the system.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recognise {
    headers: Vec<String>,
    /// How many of them must be there.
    least: usize,
    /// Headers without which it is another system's.
    #[serde(default)]
    required: Vec<String>,
}

/// How values are written where the cell itself does not say.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Written {
    pub memory_unit: Option<SizeUnit>,
    pub storage_unit: Option<SizeUnit>,
    pub date_order: Option<DateOrder>,
    /// `","` or `"."`.
    pub decimal_mark: Option<char>,
    pub cost_of: Option<CostOf>,
    pub book_life: Option<TermUnit>,
    /// Length at which the system cuts serial numbers and tags.
    pub serial_length: Option<usize>,
    pub tag_length: Option<usize>,
    /// Every unit listed is enrolled in device management.
    pub enrolled: Option<bool>,
}

/// What a cost is of, when a row stands for several units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum CostOf {
    Unit,
    Line,
}

/// How one system writes.
#[derive(Debug, Clone, Default)]
pub(super) struct Profile {
    pub name: String,
    pub kind: SourceKind,
    recognise: Recognise,
    /// Folded header → field and rank among that field's names.
    pub headers: HashMap<String, (Field, usize)>,
    pub not_read: HashSet<String>,
    pub persons: HashSet<String>,
    pub words: Vocabulary,
    pub written: Written,
    pub wrapped: Wrapping,
}

/// All profiles there are, the user's first.
#[derive(Debug, Clone)]
pub struct Profiles {
    list: Arc<Vec<Arc<Profile>>>,
    /// Used where no profile fits, and behind every one that does.
    generic: Arc<Profile>,
}

/// Which profile a file has, and by which headers.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    pub profile: Arc<Profile>,
    pub by: Vec<String>,
}

static BUILT_IN_PROFILES: LazyLock<Profiles> = LazyLock::new(|| {
    let list = BUILT_IN
        .iter()
        .map(|(file, text)| {
            let file = parse(Path::new(file), text).expect("built-in profiles are checked by a test");
            Arc::new(
                checked(Path::new("built-in"), file, None).expect("built-in profiles are checked by a test"),
            )
        })
        .collect();
    let generic = Profile { name: GENERIC.to_owned(), ..Profile::default() };
    Profiles { list: Arc::new(list), generic: Arc::new(generic) }
});

/// The name under which a user adds to what holds for every file.
const GENERIC: &str = "generic";

impl Profiles {
    /// The profiles in the binary.
    pub fn built_in() -> Profiles {
        BUILT_IN_PROFILES.clone()
    }

    /// The built-in profiles with files laid over them: one of a name there is adds to that profile and goes before it; one
    /// named `generic` adds to what holds for every file; any other is a system of its own.
    pub fn with_files(paths: &[PathBuf]) -> Result<Profiles, ProfileError> {
        let mut profiles = Profiles::built_in();
        for path in paths {
            let text = std::fs::read_to_string(path).map_err(|error| ProfileError::Unreadable {
                path: path.clone(),
                reason: error.to_string(),
            })?;
            profiles = profiles.with_text(path, &text)?;
        }
        Ok(profiles)
    }

    /// These profiles with one more, given as text.
    pub fn with_text(&self, path: &Path, text: &str) -> Result<Profiles, ProfileError> {
        let file = parse(path, text)?;
        if file.name == GENERIC {
            let generic = Arc::new(checked(path, file, Some(&self.generic))?);
            return Ok(Profiles { list: self.list.clone(), generic });
        }
        let known = self.list.iter().position(|profile| fold(&profile.name) == fold(&file.name));
        let profile = Arc::new(checked(path, file, known.map(|at| self.list[at].as_ref()))?);
        let mut list = self.list.as_ref().clone();
        match known {
            Some(at) => list[at] = profile,
            None => list.insert(0, profile),
        }
        Ok(Profiles { list: Arc::new(list), generic: self.generic.clone() })
    }

    /// What holds for every file.
    pub(super) fn generic(&self) -> &Profile {
        &self.generic
    }

    /// The profile whose telling headers are most in this header row; the generic one when two tie or none fits.
    pub(super) fn choose(&self, headers: &[String]) -> Chosen {
        let folded: HashMap<String, &String> = headers.iter().map(|header| (fold(header), header)).collect();
        let mut scored: Vec<(usize, &Arc<Profile>)> =
            self.list.iter().filter_map(|profile| Some((profile.score(&folded)?, profile))).collect();
        scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        let tie = scored.len() > 1 && scored[0].0 == scored[1].0;
        match scored.first() {
            Some((_, profile)) if !tie => {
                let names = profile.recognise.required.iter().chain(&profile.recognise.headers);
                let by = names.filter_map(|name| folded.get(&fold(name)).map(|header| (*header).clone()));
                Chosen { profile: (*profile).clone(), by: by.collect() }
            }
            _ => Chosen { profile: self.generic.clone(), by: Vec::new() },
        }
    }
}

impl Profile {
    /// How many of its telling headers are there; `None` when too few.
    fn score(&self, folded: &HashMap<String, &String>) -> Option<usize> {
        // A column named as residua itself names it tells of another system only where that one writes it just so:
        // `AssetID` does, `asset_id` does not.
        let is_told = |name: &&String| {
            let header = folded.get(&fold(name));
            header.is_some_and(|header| header == name || !is_canonical(header))
        };
        let there = |names: &[String]| names.iter().filter(is_told).count();
        let telling = there(&self.recognise.headers);
        let required = there(&self.recognise.required);
        let enough = telling >= self.recognise.least && required == self.recognise.required.len();
        enough.then_some(telling + required)
    }
}

/// Whether a header is the name of a canonical column that no two words run together would give.
fn is_canonical(header: &str) -> bool {
    header.contains('_') && canonical::COLUMNS.contains(&header)
}

fn parse(path: &Path, text: &str) -> Result<ProfileFile, ProfileError> {
    toml::from_str(text).map_err(|error| {
        let line =
            error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        ProfileError::NotAProfile {
            path: path.to_owned(),
            reason: format!("line {line}: {}", error.message().trim().replace('\n', " ")),
        }
    })
}

/// Builds a profile over the one it extends.
fn checked(path: &Path, file: ProfileFile, base: Option<&Profile>) -> Result<Profile, ProfileError> {
    let fault = |key: &str, reason: String, remedy: &str| ProfileError::Key {
        path: path.to_owned(),
        key: key.to_owned(),
        reason,
        remedy: remedy.to_owned(),
    };
    if file.name.trim().is_empty() {
        return Err(fault("name", "it is empty".into(), "name the system, as people will read it"));
    }
    let headers = header_map(&file.headers).map_err(|name| {
        fault("headers", format!("`{name}` means two fields"), "leave it under one of them")
    })?;
    let words = Vocabulary::new(&file.words).map_err(|unknown| {
        let remedy = format!("one of {}", unknown.known);
        fault(&format!("words.{}", unknown.key), "no such meaning".into(), &remedy)
    })?;
    if let Some(mark) = file.written.decimal_mark.filter(|mark| !matches!(mark, ',' | '.')) {
        return Err(fault(
            "written.decimal_mark",
            format!("`{mark}` is no decimal mark"),
            "write \",\" or \".\"",
        ));
    }
    let extends = base.is_some() || file.name == GENERIC;
    match &file.recognise {
        None if !extends => {
            let remedy = "list headers that only this system has, and how many of them must be there";
            return Err(fault(
                "recognise",
                "it is missing, so no file would ever be read by it".into(),
                remedy,
            ));
        }
        Some(recognise) if recognise.least == 0 || recognise.least > recognise.headers.len() => {
            let reason = format!("{} of {} headers", recognise.least, recognise.headers.len());
            return Err(fault("recognise.least", reason, "write a number from 1 to the number of headers"));
        }
        _ => {}
    }
    let mut profile = base.cloned().unwrap_or_default();
    profile.name = file.name;
    profile.kind = file.kind.unwrap_or(profile.kind);
    profile.recognise = file.recognise.unwrap_or(profile.recognise);
    // Names of the base go behind the new ones of the same field.
    for (_, rank) in profile.headers.values_mut() {
        *rank += 1000;
    }
    profile.headers.extend(headers);
    profile.not_read.extend(file.not_read.iter().map(|name| fold(name)));
    profile.persons.extend(file.persons.iter().map(|name| fold(name)));
    profile.words.extend(words);
    profile.written = file.written.over(profile.written);
    profile.wrapped = file.wrapped.unwrap_or(profile.wrapped);
    Ok(profile)
}

impl Written {
    /// These, and the base's where these say nothing.
    fn over(self, base: Written) -> Written {
        Written {
            memory_unit: self.memory_unit.or(base.memory_unit),
            storage_unit: self.storage_unit.or(base.storage_unit),
            date_order: self.date_order.or(base.date_order),
            decimal_mark: self.decimal_mark.or(base.decimal_mark),
            cost_of: self.cost_of.or(base.cost_of),
            book_life: self.book_life.or(base.book_life),
            serial_length: self.serial_length.or(base.serial_length),
            tag_length: self.tag_length.or(base.tag_length),
            enrolled: self.enrolled.or(base.enrolled),
        }
    }
}

/// Folded header → field and rank; the name that two fields claim otherwise.
pub(super) fn header_map(
    fields: &BTreeMap<Field, Vec<String>>,
) -> Result<HashMap<String, (Field, usize)>, String> {
    let mut map: HashMap<String, (Field, usize)> = HashMap::new();
    for (field, names) in fields {
        for (rank, name) in names.iter().enumerate() {
            match map.get(&fold(name)) {
                Some((other, _)) if other != field => return Err(name.clone()),
                Some(_) => {}
                None => {
                    map.insert(fold(name), (*field, rank));
                }
            }
        }
    }
    Ok(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn every_built_in_profile_is_sound_and_has_a_kind() {
        let mut names = HashSet::new();
        for (file, text) in BUILT_IN {
            let profile = checked(Path::new(file), parse(Path::new(file), text).unwrap(), None).unwrap();
            assert_ne!(profile.kind, SourceKind::Unknown, "{file}");
            assert!(names.insert(fold(&profile.name)), "{file}");
            for name in profile.headers.keys() {
                assert!(!profile.not_read.contains(name), "{file}: `{name}` is read and not read");
                assert!(!profile.persons.contains(name), "{file}: `{name}` is read and a person");
            }
        }
    }

    #[test]
    fn a_register_in_our_own_words_is_taken_for_no_other_system_s() {
        let own = headers(&["asset_id", "serial", "model", "purchase_date", "last_seen", "warranty_end"]);
        assert_eq!(Profiles::built_in().choose(&own).profile.name, "generic");
        let lansweeper = headers(&["AssetID", "AssetName", "Model", "Purchasedate", "Lastseen"]);
        assert_eq!(Profiles::built_in().choose(&lansweeper).profile.name, "Lansweeper");
    }

    #[test]
    fn the_best_fit_wins_and_a_tie_is_nobody_s() {
        let profiles = Profiles::built_in();
        assert_eq!(profiles.choose(&headers(&["serial", "model", "cost"])).profile.name, "generic");
        let one = "name = \"One\"\nkind = \"itam\"\n[recognise]\nheaders = [\"Gerät\", \"Raum\"]\nleast = 2";
        let two = "name = \"Two\"\nkind = \"dcim\"\n[recognise]\nheaders = [\"Raum\", \"Gerät\", \"Höhe\"]\nleast = 2";
        let profiles =
            profiles.with_text(Path::new("1"), one).unwrap().with_text(Path::new("2"), two).unwrap();
        assert_eq!(profiles.choose(&headers(&["gerat", "RAUM"])).profile.name, "generic");
        let chosen = profiles.choose(&headers(&["Gerät", "Raum", "Höhe"]));
        assert_eq!((chosen.profile.name.as_str(), chosen.by.len()), ("Two", 3));
    }

    #[test]
    fn a_file_of_the_user_s_goes_before_the_profile_it_names() {
        let text = "name = \"Snipe-IT\"\n[headers]\nsite = [\"Company\"]\n[words.status]\ngone = [\"Yard\"]";
        let profiles = Profiles::built_in().with_text(Path::new("own.toml"), text).unwrap();
        let snipe = profiles.choose(&headers(&[
            "Asset Tag",
            "Model No.",
            "Purchased",
            "EOL",
            "Diff",
            "Current Value",
        ]));
        assert_eq!(snipe.profile.name, "Snipe-IT");
        assert_eq!(snipe.profile.headers[&fold("Company")].0, Field::Site);
        assert_eq!(snipe.profile.kind, SourceKind::Itam);
        assert_eq!(snipe.profile.words.status("yard", false), Some((crate::fleet::Status::Gone, false)));
    }

    #[test]
    fn a_profile_that_makes_no_sense_is_refused_by_file_key_and_remedy() {
        let refused =
            |text: &str| Profiles::built_in().with_text(Path::new("my.toml"), text).unwrap_err().to_string();
        let recognise = "[recognise]\nheaders = [\"a\"]\nleast = 1\n";
        for (text, expected) in [
            ("kind = \"itam\"", "profile my.toml: line 1: missing field `name`"),
            ("name = \"X\"\nkind = \"cmdb\"", "line 2: unknown variant `cmdb`, expected one of `itam`"),
            ("name = \"X\"\ncolour = 1", "unknown field `colour`"),
            ("name = \"X\"", "key `recognise`: it is missing"),
            (
                "name = \"X\"\n[recognise]\nheaders = [\"a\"]\nleast = 2",
                "key `recognise.least`: 2 of 1 headers",
            ),
            (&format!("name = \"X\"\n{recognise}[headers]\ncosts = [\"x\"]"), "unknown variant `costs`"),
            (
                &format!("name = \"X\"\n{recognise}[headers]\nname = [\"x\"]\nmodel = [\"X\"]"),
                "key `headers`: `X` means two fields",
            ),
            (
                &format!("name = \"X\"\n{recognise}[words.status]\nasleep = [\"z\"]"),
                "key `words.status.asleep`: no such meaning: one of in_use",
            ),
            (
                &format!("name = \"X\"\n{recognise}[written]\ndecimal_mark = \"'\""),
                "`'` is no decimal mark: write \",\" or \".\"",
            ),
            ("", "missing field `name`"),
        ] {
            let message = refused(text);
            assert!(message.contains(expected), "{message}");
        }
        let missing = Profiles::with_files(&["/nowhere/x.toml".into()]).unwrap_err().to_string();
        assert!(missing.contains("cannot read the profile /nowhere/x.toml"), "{missing}");
    }
}
