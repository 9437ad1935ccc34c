//! What a page shows, as its address says it.
//!
//! In: the query of an address. Out: a [`View`], and from it addresses again, so that a link that is passed on shows the
//! same page: figures turned, what is filtered, the asset that is drawn, and the scenarios that are kept to be compared.
//! One kept scenario is `keep=NAME~cycle:48,energy:0.20`.

use form_urlencoded::Serializer;

use crate::decide::PlannedCohort;
use crate::fleet::{Asset, Ownership};
use crate::scenario::{DialError, Dials};

/// Scenarios that can be kept at once.
const MOST_KEPT: usize = 12;

/// What of the fleet is shown; what is not named shows all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Filter {
    /// Kind of hardware.
    pub class: Option<String>,
    /// Where it stands.
    pub site: Option<String>,
    /// What it is.
    pub product: Option<String>,
    /// Whose it is.
    pub owner: Option<String>,
}

impl Filter {
    /// The parts by their keys in addresses.
    pub(crate) fn parts(&self) -> [(&'static str, &Option<String>); 4] {
        [("class", &self.class), ("site", &self.site), ("product", &self.product), ("owner", &self.owner)]
    }

    /// Whether everything is shown.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Filter::default()
    }

    /// Whether a cohort is shown, `first` being its first asset, with which the others share all that is asked for.
    pub(crate) fn shows(&self, planned: &PlannedCohort, first: &Asset) -> bool {
        let fits = |wanted: &Option<String>, own: &str| wanted.as_ref().is_none_or(|wanted| wanted == own);
        fits(&self.class, planned.cohort.class.name())
            && fits(&self.site, first.site.as_deref().unwrap_or(""))
            && fits(&self.product, &planned.cohort.label)
            && fits(&self.owner, owner(first))
    }
}

/// Whose an asset is, in a word.
pub(crate) fn owner(asset: &Asset) -> &'static str {
    match asset.ownership {
        Ownership::Leased => "leased",
        _ => "owned",
    }
}

/// What a page shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct View {
    /// Figures that are turned.
    pub dials: Dials,
    /// What of the fleet is shown.
    pub filter: Filter,
    /// The asset that is drawn.
    pub asset: Option<String>,
    /// Scenarios kept to be compared, with their names.
    pub kept: Vec<(String, Dials)>,
}

impl View {
    /// Reads the query of an address. Keys that mean nothing are left alone.
    pub(crate) fn read(query: &str) -> Result<View, DialError> {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let last = |wanted: &str| {
            let of_key = pairs.iter().rev().find(|(key, _)| key == wanted);
            of_key.map(|(_, value)| value.clone()).filter(|value| !value.is_empty())
        };
        let mut view = View {
            dials: Dials::read(pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())))?,
            filter: Filter {
                class: last("class"),
                site: last("site"),
                product: last("product"),
                owner: last("owner"),
            },
            asset: last("asset"),
            kept: Vec::new(),
        };
        for (_, value) in pairs.iter().filter(|(key, _)| key == "keep").take(MOST_KEPT) {
            let (name, figures) = value.rsplit_once('~').unwrap_or((value.as_str(), ""));
            let figures = figures.split(',').filter_map(|figure| figure.split_once(':'));
            view.keep(name, Dials::read(figures)?);
        }
        Ok(view)
    }

    /// Keeps a scenario under a name that is still free.
    pub(crate) fn keep(&mut self, name: &str, dials: Dials) {
        if self.kept.len() >= MOST_KEPT {
            return;
        }
        let wanted = if name.trim().is_empty() { dials.words() } else { name.trim().to_owned() };
        let taken = |name: &str| {
            let same = |own: &str| own.eq_ignore_ascii_case(name);
            same("base") || self.kept.iter().any(|(kept, _)| same(kept))
        };
        let mut free = wanted.clone();
        let mut number = 2;
        while taken(&free) {
            free = format!("{wanted} ({number})");
            number += 1;
        }
        self.kept.push((free, dials));
    }

    /// Every scenario of the view with a name of its own: those that are kept, and what is turned unless it is kept.
    pub(crate) fn scenarios(&self) -> Vec<(String, Dials)> {
        let mut all = self.clone();
        if all.kept.is_empty()
            || !(self.dials.is_base() || all.kept.iter().any(|(_, own)| *own == self.dials))
        {
            all.keep("", self.dials);
        }
        all.kept
    }

    /// The query that shows this view.
    pub(crate) fn query(&self) -> String {
        let mut query = Serializer::new(String::new());
        for (dial, text) in self.dials.turned() {
            query.append_pair(dial.key, &text);
        }
        for (key, value) in self.filter.parts() {
            if let Some(value) = value {
                query.append_pair(key, value);
            }
        }
        if let Some(asset) = &self.asset {
            query.append_pair("asset", asset);
        }
        for kept in &self.kept {
            query.append_pair("keep", &kept_text(kept));
        }
        query.finish()
    }

    /// An address under a path.
    pub(crate) fn address(&self, path: &str) -> String {
        match self.query() {
            query if query.is_empty() => path.to_owned(),
            query => format!("{path}?{query}"),
        }
    }

    /// The same view with an asset drawn.
    pub(crate) fn with_asset(&self, asset: &str) -> View {
        View { asset: Some(asset.to_owned()), ..self.clone() }
    }
}

/// A kept scenario as addresses write it.
pub(crate) fn kept_text((name, dials): &(String, Dials)) -> String {
    let figures: Vec<String> = dials.turned().map(|(dial, text)| format!("{}:{text}", dial.key)).collect();
    format!("{name}~{}", figures.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_passed_on_shows_the_same_page() {
        let query = "energy=0.2&cycle=48&site=Sankt+P%C3%B6lten&asset=A%261&keep=four+years~cycle:48&keep=~market:-20\
                     &nonsense=1&share=";
        let view = View::read(query).unwrap();
        assert_eq!(view.filter.site.as_deref(), Some("Sankt Pölten"));
        assert_eq!(view.kept[1].0, "market prices −20 %");
        let written = view.query();
        assert_eq!(
            written,
            "cycle=48&energy=0.20&site=Sankt+P%C3%B6lten&asset=A%261&keep=four+years%7Ecycle%3A48&keep=market+prices\
             +%E2%88%9220+%25%7Emarket%3A-20"
        );
        assert_eq!(View::read(&written).unwrap(), view);
    }

    #[test]
    fn kept_scenarios_have_names_of_their_own_and_are_few() {
        let mut view = View::default();
        for _ in 0..40 {
            view.keep("base", Dials::default());
        }
        assert_eq!(view.kept.len(), MOST_KEPT);
        assert_eq!((view.kept[0].0.as_str(), view.kept[1].0.as_str()), ("base (2)", "base (3)"));
    }

    #[test]
    fn a_figure_out_of_range_is_refused() {
        assert!(View::read("cycle=1000").is_err());
        assert!(View::read("keep=x~cycle:1000").is_err());
    }
}
