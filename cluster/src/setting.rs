//! Policy, catalog, models and month as one thing that has a name: the hash of its content.
//!
//! In: what the user gave, as files or flags. Out: [`SettingFiles`], whose [`hash`](SettingFiles::hash) is the SHA-256 over the
//! names and sums of its files. A plan carries that hash as a literal; a process that was started with another setting looks
//! for a folder of that name ([`Settings`]), reads it, and takes it only when its content has that hash. So no machine answers
//! by other models than the one that asked.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use residua::catalog::{self, Catalog, CatalogError};
use residua::decide::{ConversionError, Policy, PolicyError, Setting};
use residua::fleet::Profiles;
use residua::price::{ModelError, Models};
use residua::units::{Currency, Fingerprint, Month, MonthError, sha256};
use serde::{Deserialize, Serialize};

use crate::score::Scorer;

/// The file of a setting that says what is no file.
const FRAME: &str = "setting.json";

/// The file of a setting with its policy.
const POLICY: &str = "policy.toml";

/// The file of a setting with the catalog that lies over the built-in one.
const CATALOG: &str = "catalog.csv";

/// The folder of a setting with its models.
const MODELS: &str = "models";

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingError {
    /// A file.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file.
    #[error("cannot write {path}: {source}")]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Its frame.
    #[error("{path} says no month and currency that can be read: {source}")]
    Frame {
        /// Which.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// The policy.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The currency of the answer.
    #[error(transparent)]
    Currency(#[from] ConversionError),
    /// The month.
    #[error(transparent)]
    Month(#[from] MonthError),
    /// No month at all.
    #[error(
        "no month is told to look from: give --as-of YYYY-MM, or as_of in the policy; every machine must look from the same one"
    )]
    NoMonth,
    /// The models.
    #[error(transparent)]
    Models(#[from] ModelError),
    /// The catalog.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// It is for another program.
    #[error(
        "the setting was made with the built-in models and catalog {theirs}, this program has {own}: run one version everywhere"
    )]
    OtherProgram {
        /// What it was made with.
        theirs: String,
        /// What is built into this program.
        own: String,
    },
    /// Nothing is asked for, and there is nothing of one's own.
    #[error("the query names no setting, and this process has none of its own")]
    Untold,
    /// What is asked for is not here.
    #[error(
        "asked to answer by setting {asked}, but this process has setting {own}{searched}: start it with the same --as-of, \
         --policy, --catalog, --models and --currency, or give --settings a directory in which `residua-cluster setting` \
         wrote that one"
    )]
    Another {
        /// Hash of the setting asked for.
        asked: String,
        /// Hash of the own one.
        own: String,
        /// Where else it was looked for, with the words before it.
        searched: String,
    },
    /// A folder whose content is not what its name says.
    #[error("{path} holds the setting {found}, not that of its name: it was changed after it was written")]
    Changed {
        /// The folder.
        path: PathBuf,
        /// Hash of what is in it.
        found: String,
    },
}

/// What of a setting is no file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Frame {
    as_of: String,
    currency: Option<String>,
    /// Fingerprint of the models and catalog built into the program that wrote it.
    built_in: String,
}

/// What makes a setting, as the user gives it.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// From which month one looks; else as the policy says.
    pub as_of: Option<Month>,
    /// Currency of the answer; else that of the policy.
    pub currency: Option<Currency>,
    /// Policy file.
    pub policy: Option<PathBuf>,
    /// Catalog file laid over the built-in one.
    pub catalog: Option<PathBuf>,
    /// Directory of models used in place of the built-in ones.
    pub models: Option<PathBuf>,
}

/// The files of a setting, in memory.
#[derive(Debug, Clone)]
pub struct SettingFiles {
    /// Contents by name.
    files: BTreeMap<String, String>,
    /// Where its models lie.
    models: Option<PathBuf>,
}

impl SettingFiles {
    /// From what the user gives.
    ///
    /// # Errors
    /// When a file cannot be read, or no month is told.
    pub fn given(given: &Given) -> Result<SettingFiles, SettingError> {
        let mut files = BTreeMap::new();
        for (name, path) in [(POLICY, &given.policy), (CATALOG, &given.catalog)] {
            if let Some(path) = path {
                files.insert(name.to_owned(), read(path)?);
            }
        }
        let mut found = SettingFiles { files, models: given.models.clone() };
        found.take_models()?;
        let as_of = match given.as_of {
            Some(month) => month,
            None => found.policy()?.fixed_as_of()?.ok_or(SettingError::NoMonth)?,
        };
        let frame = Frame {
            as_of: as_of.to_string(),
            currency: given.currency.map(|currency| currency.code().to_owned()),
            built_in: built_in()?,
        };
        let path = PathBuf::from(FRAME);
        let text = serde_json::to_string(&frame).map_err(|source| SettingError::Frame { path, source })?;
        found.files.insert(FRAME.to_owned(), text);
        Ok(found)
    }

    /// From a folder that [`write`](Self::write) wrote.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn read(folder: &Path) -> Result<SettingFiles, SettingError> {
        let mut files = BTreeMap::new();
        for name in [FRAME, POLICY, CATALOG] {
            let path = folder.join(name);
            if name == FRAME || path.exists() {
                files.insert(name.to_owned(), read(&path)?);
            }
        }
        let models = Some(folder.join(MODELS)).filter(|path| path.exists());
        let mut found = SettingFiles { files, models };
        found.take_models()?;
        Ok(found)
    }

    /// Writes it into a folder named by its hash, and returns that folder.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, directory: &Path) -> Result<PathBuf, SettingError> {
        let folder = directory.join(self.hash());
        for (name, text) in &self.files {
            let path = folder.join(name);
            let written = path.parent().map_or(Ok(()), std::fs::create_dir_all);
            written
                .and_then(|()| std::fs::write(&path, text))
                .map_err(|source| SettingError::Unwritable { path, source })?;
        }
        Ok(folder)
    }

    /// SHA-256 over names and sums of all files, 64 hexadecimal digits.
    pub fn hash(&self) -> String {
        let mut all = Fingerprint::default();
        for (name, text) in &self.files {
            all.take(format!("{}  {name}\n", sha256(text.as_bytes())).as_bytes());
        }
        all.digits()
    }

    /// What a plan is made from.
    ///
    /// # Errors
    /// When a file does not hold what it should, or is for another program.
    pub fn open(&self) -> Result<Setting, SettingError> {
        let path = PathBuf::from(FRAME);
        let text = self.files.get(FRAME).map_or("", String::as_str);
        let frame: Frame =
            serde_json::from_str(text).map_err(|source| SettingError::Frame { path, source })?;
        let own = built_in()?;
        if frame.built_in != own {
            return Err(SettingError::OtherProgram { theirs: frame.built_in, own });
        }
        let currency = match &frame.currency {
            Some(code) => Some(code.parse().map_err(ConversionError::from)?),
            None => None,
        };
        let models = match &self.models {
            Some(folder) => Models::from_directory(folder)?,
            None => Models::built_in()?,
        };
        let mut catalog = catalog::built_in()?;
        if let Some(text) = self.files.get(CATALOG) {
            let own = catalog::read_catalog(CATALOG, text)?;
            catalog = Catalog::new(catalog.iter().map(|(_, product)| product.clone()).chain(own));
        }
        let profiles = Profiles::built_in();
        Ok(Setting::new(self.policy()?, currency, frame.as_of.parse()?, models, catalog, profiles)?)
    }

    fn policy(&self) -> Result<Policy, SettingError> {
        Ok(match self.files.get(POLICY) {
            Some(text) => Policy::from_toml(POLICY, text)?,
            None => Policy::built_in(),
        })
    }

    /// Takes in the files of the models, as they are read when it is opened.
    fn take_models(&mut self) -> Result<(), SettingError> {
        let Some(folder) = &self.models else { return Ok(()) };
        let unreadable = |source| SettingError::Unreadable { path: folder.clone(), source };
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                self.files.insert(format!("{MODELS}/{name}"), read(&path)?);
            }
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<String, SettingError> {
    std::fs::read_to_string(path).map_err(|source| SettingError::Unreadable { path: path.to_owned(), source })
}

/// What is built into this program and moves its answers.
fn built_in() -> Result<String, SettingError> {
    let mut products = Fingerprint::default();
    for (_, product) in catalog::built_in()?.iter() {
        products.take(format!("{product:?}\n").as_bytes());
    }
    Ok(format!("{} catalog {}", Models::built_in()?.version(), &products.digits()[..12]))
}

/// The settings a process can answer by: its own, and those in a directory.
#[derive(Debug)]
pub struct Settings {
    own: Option<Arc<Scorer>>,
    directory: Option<PathBuf>,
    loaded: Mutex<HashMap<String, Arc<Scorer>>>,
}

impl Settings {
    /// Opens the own setting, if there is one; others are looked for in the directory when they are asked for.
    ///
    /// # Errors
    /// When the own one cannot be used.
    pub fn new(own: Option<&SettingFiles>, directory: Option<PathBuf>) -> Result<Settings, SettingError> {
        let own = match own {
            Some(files) => Some(Arc::new(Scorer::new(files.open()?, files.hash()))),
            None => None,
        };
        Ok(Settings { own, directory, loaded: Mutex::default() })
    }

    /// Answers by the own setting, where there is one.
    pub fn own(&self) -> Option<&Arc<Scorer>> {
        self.own.as_ref()
    }

    /// Answers by the setting of a hash, or by the own one.
    ///
    /// # Errors
    /// When that setting is not here.
    pub fn scorer(&self, hash: Option<&str>) -> Result<Arc<Scorer>, SettingError> {
        let own = self.own.as_ref().filter(|own| hash.is_none_or(|hash| hash == own.hash()));
        if let Some(own) = own {
            return Ok(Arc::clone(own));
        }
        let hash = hash.ok_or(SettingError::Untold)?;
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(scorer) = loaded.get(hash) {
            return Ok(Arc::clone(scorer));
        }
        let scorer = Arc::new(self.load(hash)?);
        loaded.insert(hash.to_owned(), Arc::clone(&scorer));
        Ok(scorer)
    }

    fn load(&self, hash: &str) -> Result<Scorer, SettingError> {
        let another = |searched: String| SettingError::Another {
            asked: hash.to_owned(),
            own: self.own.as_ref().map_or("none of its own".to_owned(), |own| own.hash().to_owned()),
            searched,
        };
        let Some(directory) = &self.directory else { return Err(another(String::new())) };
        // A hash names one folder and no path.
        let is_hash = hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        let folder = directory.join(hash);
        if !is_hash || !folder.is_dir() {
            return Err(another(format!(" and {} holds no such folder", directory.display())));
        }
        let files = SettingFiles::read(&folder)?;
        if files.hash() != hash {
            return Err(SettingError::Changed { path: folder, found: files.hash() });
        }
        Ok(Scorer::new(files.open()?, files.hash()))
    }
}
