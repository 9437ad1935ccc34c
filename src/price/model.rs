//! Fitted class models, as files and in the binary.
//!
//! In: JSON of `models/CLASS.json`. Out: [`Models`], by class. A model file holds fitted parameters, scores and
//! the card; it holds no price of any sale. How it is laid out, and its sum: [`model_file`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::calibration::Calibration;
use super::card::ModelCard;
use super::cold_start::ColdStartModel;
use super::followed::FollowedPrices;
use super::hedonic::HedonicModel;
use super::model_file;
use super::parts::WholeModel;
use super::shock::{PriceShock, ShockScope};
use super::soundness::{self, Sound};
use super::state_space::compact::CompactModel;
use super::subject::Subject;
use crate::catalog::{AssetClass, Product};
use crate::units::{Month, sha256};

/// Layout of the model files; another one is refused.
const FORMAT: u32 = 2;

/// The statistics of a class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fitted {
    /// Prices followed month by month, by market.
    StateSpace {
        /// One fit a market (consumer and workstation cards; data-centre cards).
        markets: Vec<Market>,
    },
    /// Nothing but the followed prices.
    Followed,
    /// Sales of many conditions, for products never sold.
    ColdStart {
        /// Parameters.
        model: ColdStartModel,
        /// Sales behind the fit by product.
        products: BTreeMap<String, usize>,
    },
    /// Listings without a history.
    Hedonic {
        /// Parameters.
        model: HedonicModel,
        /// Of servers: the whole as the sum of its parts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        whole: Option<WholeModel>,
    },
}

/// One market of a class, fitted by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Market {
    /// `consumer` or `datacentre`.
    pub name: String,
    /// Whether there were sold prices in dollars; where there were only asks, the asks stand in for them.
    pub has_sold_prices: bool,
    /// Factors on the standard deviation by months ahead of the last price, measured on past forecasts; never
    /// below 1 and never falling.
    pub interval_scales: Vec<(u32, f64)>,
    /// Parameters and posterior.
    pub model: CompactModel,
}

impl Market {
    /// Whether a market from a file can be used.
    fn check(&self) -> Sound {
        if !self.interval_scales.is_sorted_by(|one, next| one.0 < next.0 && one.1 <= next.1) {
            return Err(format!("{}: interval_scales are not in order", self.name));
        }
        for (_, scale) in &self.interval_scales {
            soundness::widening("an entry of interval_scales", *scale)?;
        }
        self.model.check()
    }

    /// The factor on the standard deviation `months` after the last price: between the measured distances on a
    /// line, beyond them the last.
    pub fn interval_scale(&self, months: f64) -> f64 {
        let mut before = (0.0, 1.0);
        for &(distance, scale) in &self.interval_scales {
            let after = (f64::from(distance), scale);
            if months <= after.0 {
                let part = ((months - before.0) / (after.0 - before.0)).max(0.0);
                return before.1 + part * (after.1 - before.1);
            }
            before = after;
        }
        before.1
    }
}

/// A fitted class with its card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassModel {
    /// Layout of the file.
    pub format: u32,
    /// Class it speaks of.
    pub class: AssetClass,
    /// What it rests on.
    pub card: ModelCard,
    /// The statistics.
    pub fitted: Fitted,
    /// Markets whose prices were followed, with the last prices of each product; a model that is passed on has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub followed: Vec<FollowedPrices>,
}

/// A model file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The system would not give it.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// Not a model.
    #[error("{file} is not a residua model: {message}; write it anew with `residua fit`")]
    NotAModel {
        /// The file.
        file: String,
        /// What is wrong.
        message: String,
    },
    /// Another layout.
    #[error("{file} has format {found}, this program reads {FORMAT}; write it anew with `residua fit`")]
    Format {
        /// The file.
        file: String,
        /// Its format.
        found: u32,
    },
    /// Not as it was written.
    #[error(
        "{file} is not as `residua fit` wrote it: it was edited or cut short (its checksum differs); take the file as it \
         was, or fit anew"
    )]
    Changed {
        /// The file.
        file: String,
    },
    /// Numbers that no fit can have written.
    #[error("{file} cannot be used: {flaw}; write it anew with `residua fit`")]
    Unsound {
        /// The file.
        file: String,
        /// Which, and why.
        flaw: String,
    },
    /// A directory without models.
    #[error("{path} holds no CLASS.json: name the directory that `residua fit -o` wrote")]
    NoModels {
        /// The directory.
        path: PathBuf,
    },
}

impl ClassModel {
    /// A model of this program's format.
    pub fn new(class: AssetClass, card: ModelCard, fitted: Fitted) -> ClassModel {
        ClassModel { format: FORMAT, class, card, fitted, followed: Vec::new() }
    }

    /// Reads the JSON of a model file.
    pub fn from_json(file: &str, text: &str) -> Result<ClassModel, ModelError> {
        let not_a_model = |error: serde_json::Error| ModelError::NotAModel {
            file: file.to_owned(),
            message: error.to_string(),
        };
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let format = || serde_json::from_str(text).map(|head: Head| head.format).map_err(not_a_model);
        let of_format = |found| ModelError::Format { file: file.to_owned(), found };
        let told = model_file::told_sum(text);
        if told.is_none_or(|(sum, rest)| sum != model_file::sum_of(rest)) {
            // A file of another layout, which may have no sum, is told as that.
            return Err(match format() {
                Ok(found) if found != FORMAT => of_format(found),
                Err(error) if told.is_none() => error,
                _ => ModelError::Changed { file: file.to_owned() },
            });
        }
        // The format is read by itself only where something is wrong: it says best what.
        match serde_json::from_str::<ClassModel>(text) {
            Ok(model) if model.format == FORMAT => {
                let unsound = |flaw| ModelError::Unsound { file: file.to_owned(), flaw };
                model.check().map_err(unsound)?;
                Ok(model)
            }
            read => match format()? {
                FORMAT => read.map_err(not_a_model),
                found => Err(of_format(found)),
            },
        }
    }

    /// Whether its numbers are such as a fit writes.
    fn check(&self) -> Sound {
        match &self.fitted {
            Fitted::StateSpace { markets } => markets.iter().try_for_each(Market::check)?,
            Fitted::Followed => {}
            Fitted::ColdStart { model, .. } => model.check()?,
            Fitted::Hedonic { model, whole } => {
                model.check()?;
                whole.iter().try_for_each(WholeModel::check)?;
            }
        }
        self.followed.iter().try_for_each(FollowedPrices::check)
    }

    /// The JSON of the model file, readable and stable.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        model_file::write(self)
    }
}

/// How two sets of models differ for a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// They price it alike.
    None,
    /// The second are the first with moves that act on its price as a whole, as [`moved`](super::moved) has them.
    Moved,
    /// In other ways.
    Any,
}

/// The models in use, and a fingerprint of each file. A copy shares what was fitted: it costs no more than its moves.
#[derive(Debug, Clone, Default)]
pub struct Models {
    by_class: BTreeMap<AssetClass, (Arc<ClassModel>, String)>,
    /// The statistics of classes whose newer model has followed prices alone.
    statistics: BTreeMap<AssetClass, Arc<ClassModel>>,
    log_factors: BTreeMap<AssetClass, f64>,
    shocks: Vec<PriceShock>,
    calibration: Option<Calibration>,
}

impl Models {
    /// Products that the models followed under a name the catalog does not know, with their class.
    pub fn followed_names(&self) -> impl Iterator<Item = (AssetClass, &str)> {
        self.by_class.values().flat_map(|(model, _)| {
            let products = model.followed.iter().flat_map(|market| &market.products);
            products.map(|product| (model.class, product.product.as_str()))
        })
    }

    /// The models in the binary.
    pub fn built_in() -> Result<Models, ModelError> {
        let files = [
            ("models/gpu.json", include_str!("../../models/gpu.json")),
            ("models/server.json", include_str!("../../models/server.json")),
            ("models/laptop.json", include_str!("../../models/laptop.json")),
            ("models/phone.json", include_str!("../../models/phone.json")),
            ("models/cpu.json", include_str!("../../models/cpu.json")),
            ("models/memory.json", include_str!("../../models/memory.json")),
            ("models/storage.json", include_str!("../../models/storage.json")),
        ];
        let mut models = Models::default();
        for (file, text) in files {
            models.add(file, text)?;
        }
        Ok(models)
    }

    /// The models of a directory; classes it lacks keep the program's own.
    pub fn from_directory(path: &Path) -> Result<Models, ModelError> {
        let unreadable = |source| ModelError::Unreadable { path: path.to_owned(), source };
        let mut models = Models::built_in()?;
        let mut names: Vec<PathBuf> = std::fs::read_dir(path)
            .map_err(unreadable)?
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .filter(|file| file.extension().is_some_and(|extension| extension == "json"))
            .collect();
        names.sort();
        if names.is_empty() {
            return Err(ModelError::NoModels { path: path.to_owned() });
        }
        for file in names {
            let text = std::fs::read_to_string(&file)
                .map_err(|source| ModelError::Unreadable { path: file.clone(), source })?;
            models.add(&file.display().to_string(), &text)?;
        }
        Ok(models)
    }

    /// Puts a factor on all prices of a class: what a scenario says of its market. It acts on parts of machines too.
    pub fn set_factor(&mut self, class: AssetClass, factor: f64) {
        self.log_factors.insert(class, factor.ln());
    }

    /// Log of the factor on the prices of a class, zero when nothing was said.
    pub(super) fn log_factor(&self, class: AssetClass) -> f64 {
        self.log_factors.get(&class).copied().unwrap_or(0.0)
    }

    /// Lays a move of a market over the forecasts: what a scenario says will happen. A move of memory, processors or
    /// cards reaches the machines that hold them.
    pub fn add_shock(&mut self, shock: PriceShock) {
        self.shocks.push(shock);
    }

    /// Log of the factor that the moves of a scenario put on a price in a month, zero when nothing was said.
    pub fn shock(&self, class: AssetClass, product: Option<&Product>, month: Month) -> f64 {
        let acting = self.shocks.iter().filter(|shock| shock.acts_on(class, product));
        acting.map(|shock| shock.log_at(month)).sum()
    }

    /// The same of a part that sits in a machine: what moves everything has moved the machine already.
    pub(super) fn shock_of_part(&self, class: AssetClass, product: Option<&Product>, month: Month) -> f64 {
        let acting = self.shocks.iter().filter(|shock| shock.acts_on(class, product));
        acting.filter(|shock| shock.scope != ShockScope::Everything).map(|shock| shock.log_at(month)).sum()
    }

    /// How other models, of the same fits but with moves of their own, differ from these for a subject.
    pub fn difference(&self, other: &Models, subject: &Subject<'_>) -> Difference {
        let reaching = |models: &Models| -> Vec<PriceShock> {
            models.shocks.iter().filter(|shock| shock.reaches(subject)).cloned().collect()
        };
        if std::ptr::eq(self, other) {
            return Difference::None;
        }
        if !self.has_fits_of(other) || self.log_factors != other.log_factors {
            return Difference::Any;
        }
        let (own, others) = (reaching(self), reaching(other));
        if own == others {
            Difference::None
        } else if own.is_empty() && others.iter().all(|shock| shock.moves_the_whole(subject)) {
            Difference::Moved
        } else {
            Difference::Any
        }
    }

    fn has_fits_of(&self, other: &Models) -> bool {
        let same = |(one, _): &(Arc<ClassModel>, String), (two, _): &(Arc<ClassModel>, String)| {
            Arc::ptr_eq(one, two)
        };
        self.by_class.len() == other.by_class.len()
            && self.by_class.values().zip(other.by_class.values()).all(|(one, two)| same(one, two))
            && self.statistics.len() == other.statistics.len()
            && self.statistics.values().zip(other.statistics.values()).all(|(one, two)| Arc::ptr_eq(one, two))
    }

    /// Log of the factor that is put on everything.
    pub(super) fn shock_of_all(&self, month: Month) -> f64 {
        let of_all = self.shocks.iter().filter(|shock| shock.scope == ShockScope::Everything);
        of_all.map(|shock| shock.log_at(month)).sum()
    }

    /// Lays what outcomes taught over the forecasts.
    pub fn set_calibration(&mut self, calibration: Calibration) {
        self.calibration = Some(calibration);
    }

    /// What outcomes taught, where it is laid over the forecasts.
    pub const fn calibration(&self) -> Option<&Calibration> {
        self.calibration.as_ref()
    }

    /// What makes the forecasts: the program, the fingerprint of all model files, and that of the calibration.
    pub fn version(&self) -> String {
        let all: Vec<&str> = self.iter().map(|(_, fingerprint)| fingerprint).collect();
        let models = &sha256(all.concat().as_bytes())[..12];
        let calibrated = self.calibration.as_ref().map_or(String::new(), Calibration::stamp);
        format!("residua {} models {models}{calibrated}", env!("CARGO_PKG_VERSION"))
    }

    /// Whether a scenario moves any market.
    pub(super) fn is_shocked(&self) -> bool {
        !self.shocks.is_empty()
    }

    /// Puts a freshly fitted model in the place of the one of its class.
    pub fn replace(&mut self, model: ClassModel) {
        self.put(model, String::new());
    }

    /// Followed prices alone say nothing of products that were not followed: the statistics before them stay.
    fn put(&mut self, model: ClassModel, fingerprint: String) {
        let (class, alone) = (model.class, model.fitted == Fitted::Followed);
        match self.by_class.insert(class, (Arc::new(model), fingerprint)) {
            Some((before, _)) if alone && before.fitted != Fitted::Followed => {
                self.statistics.insert(class, before);
            }
            _ if !alone => {
                self.statistics.remove(&class);
            }
            _ => {}
        }
    }

    fn add(&mut self, file: &str, text: &str) -> Result<(), ModelError> {
        let model = ClassModel::from_json(file, text)?;
        let fingerprint = sha256(text.as_bytes());
        self.put(model, fingerprint);
        Ok(())
    }

    /// The model of a class.
    pub fn get(&self, class: AssetClass) -> Option<&ClassModel> {
        self.by_class.get(&class).map(|(model, _)| model.as_ref())
    }

    /// The model that speaks of products of a class which were not followed.
    pub(super) fn statistics(&self, class: AssetClass) -> Option<&ClassModel> {
        self.statistics.get(&class).map(Arc::as_ref).or_else(|| self.get(class))
    }

    /// All models with the SHA-256 of their files.
    pub fn iter(&self) -> impl Iterator<Item = (&ClassModel, &str)> {
        self.by_class.values().map(|(model, fingerprint)| (model.as_ref(), fingerprint.as_str()))
    }
}
