//! Turns "DELL PE R740XD 24SFF 2x6148" into a product with a confidence.
//!
//! In: a name, and the class the register gives it, if any. Out: an [`Identification`]. Every name and alias
//! of the catalog is cut into words ([`super::names`]); an index from word to names finds the candidates, so
//! the catalog is never scanned. A candidate name scores
//!
//! `score = (share of the name's word weight that the text has) × (0.4 + 0.6 × share of the text's known word
//! weight that the name has)`
//!
//! with inverse document frequency as weight (Spärck Jones 1972), so that `r740xd` counts for much and `dell`
//! for little; words the catalog has never seen (bays, CPU counts, memory) count for nothing, and a year, which
//! registers rarely repeat, for a quarter. A word of
//! five letters or more that is one slip away from a catalog word is taken for it; model numbers never are.
//! When several products fit alike (equal scores, or equal words of the text while each adds words the text does
//! not say) the confidence is shared between them and falls below [`RECOGNISED`]: the answer is then
//! "unmatched", with the best guess and its rivals named. A product that the text contradicts ([`super::doubts`]) is
//! never recognised. What follows "4x …" or stands in brackets behind it tells of parts and is left aside.

use std::collections::{BTreeMap, HashMap};

use super::doubts::Profile;
use super::names::{normal_form, tokens};
use super::{AssetClass, Catalog, ProductId};

/// From this confidence on a product counts as identified.
pub const RECOGNISED: f64 = 0.6;

/// The most a doubted product can score: never recognised.
const DOUBTED: f64 = 0.5;

/// A year in a name weighs this much of another word as rare.
const YEAR_WEIGHT: f64 = 0.25;

/// Scores closer than this to the best share the confidence with it.
const TIE: f64 = 0.02;

/// The catalog product a text stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Identification {
    /// The product, when the confidence reaches [`RECOGNISED`].
    pub product: Option<ProductId>,
    /// 0 to 1: how sure it is that the best candidate is meant.
    pub confidence: f64,
    /// The best candidate, recognised or not.
    pub best_guess: Option<ProductId>,
    /// Other products that the text fits as well, best first, at most three.
    pub rivals: Vec<ProductId>,
}

impl Identification {
    /// Nothing in the catalog resembles the text.
    const fn nothing() -> Identification {
        Identification { product: None, confidence: 0.0, best_guess: None, rivals: Vec::new() }
    }
}

/// One name of one product, as positions of its words in the vocabulary.
#[derive(Debug)]
struct Name {
    product: ProductId,
    words: Vec<u32>,
    weight: f64,
}

/// An index over the names of a catalog.
#[derive(Debug)]
pub struct Matcher {
    names: Vec<Name>,
    profiles: Vec<Profile>,
    vocabulary: HashMap<String, u32>,
    weights: Vec<f64>,
    names_with_word: Vec<Vec<u32>>,
    exact: HashMap<String, ProductId>,
    slips: HashMap<String, u32>,
}

impl Matcher {
    /// Indexes every name and alias of a catalog.
    pub fn new(catalog: &Catalog) -> Matcher {
        let mut matcher = Matcher {
            names: Vec::new(),
            profiles: catalog.iter().map(|(_, product)| Profile::of(product)).collect(),
            vocabulary: HashMap::new(),
            weights: Vec::new(),
            names_with_word: Vec::new(),
            exact: HashMap::new(),
            slips: HashMap::new(),
        };
        for (id, product) in catalog.iter() {
            for name in std::iter::once(&product.name).chain(&product.aliases) {
                matcher.exact.insert(normal_form(name), id);
                matcher.add_name(id, name);
            }
        }
        let products_with_word: Vec<usize> = matcher
            .names_with_word
            .iter()
            .map(|names| {
                let mut ids: Vec<ProductId> =
                    names.iter().map(|name| matcher.names[*name as usize].product).collect();
                ids.dedup();
                ids.len()
            })
            .collect();
        let total = catalog.len() as f64;
        matcher.weights =
            products_with_word.iter().map(|count| (1.0 + total / *count as f64).ln().powi(2)).collect();
        for (word, position) in &matcher.vocabulary {
            if word.parse::<u16>().is_ok_and(|number| (2005..2035).contains(&number)) {
                matcher.weights[*position as usize] *= YEAR_WEIGHT;
            }
        }
        for name in &mut matcher.names {
            name.weight = name.words.iter().map(|word| matcher.weights[*word as usize]).sum();
        }
        matcher.index_slips();
        matcher
    }

    fn add_name(&mut self, product: ProductId, name: &str) {
        let position = self.names.len() as u32;
        let mut words = Vec::new();
        for token in tokens(name) {
            let next = self.vocabulary.len() as u32;
            let word = *self.vocabulary.entry(token).or_insert(next);
            if word == next {
                self.names_with_word.push(Vec::new());
            }
            self.names_with_word[word as usize].push(position);
            words.push(word);
        }
        if !words.is_empty() {
            self.names.push(Name { product, words, weight: 0.0 });
        }
    }

    /// Remembers every word of letters with one letter left out, so that a slip finds it at once. The more
    /// frequent word wins a shared slip.
    fn index_slips(&mut self) {
        let mut words: Vec<(&String, u32)> = self
            .vocabulary
            .iter()
            .map(|(text, word)| (text, *word))
            .filter(|(text, _)| may_slip(text))
            .collect();
        words.sort_by(|a, b| {
            self.weights[a.1 as usize].total_cmp(&self.weights[b.1 as usize]).then(a.0.cmp(b.0))
        });
        let mut slips = HashMap::new();
        for (text, word) in words {
            slips.entry(text.clone()).or_insert(word);
            for shortened in with_one_letter_out(text) {
                slips.entry(shortened).or_insert(word);
            }
        }
        self.slips = slips;
    }

    /// The product a text stands for. `class` is what the register says, if it says anything.
    pub fn identify(&self, text: &str, class: Option<AssetClass>) -> Identification {
        let machine = without_parts(text);
        let exact = [text, machine].into_iter().find_map(|text| self.exact.get(&normal_form(text)));
        if let Some(product) = exact
            && self.profiles[product.0 as usize].fits_class(class)
        {
            return Identification {
                product: Some(*product),
                confidence: 1.0,
                best_guess: Some(*product),
                rivals: Vec::new(),
            };
        }
        let said = tokens(machine);
        let words = self.known_words(&said);
        if words.is_empty() {
            return Identification::nothing();
        }
        let known: f64 = words.iter().map(|word| self.weights[*word as usize]).sum();
        let mut best: BTreeMap<ProductId, Fit> = BTreeMap::new();
        for (name, overlap) in self.overlaps(&words) {
            let name = &self.names[name as usize];
            let score = (overlap / name.weight) * (0.4 + 0.6 * overlap / known);
            let fit = Fit { score, overlap, complete: overlap >= name.weight - 1e-9 };
            let entry = best.entry(name.product).or_insert(fit);
            if fit.score > entry.score {
                *entry = fit;
            }
        }
        for (product, fit) in &mut best {
            if fit.score > DOUBTED && self.profiles[product.0 as usize].is_doubted(machine, &said, class) {
                fit.score = DOUBTED;
            }
        }
        rank(best)
    }

    /// Words of the text that the catalog knows, typing slips mended, adjoining words joined where the
    /// catalog writes them as one.
    fn known_words(&self, tokens: &[String]) -> Vec<u32> {
        let mut words = Vec::new();
        let mut index = 0;
        while index < tokens.len() {
            let joined = tokens.get(index + 1).and_then(|next| {
                let pair = format!("{}{next}", tokens[index]);
                self.vocabulary.get(&pair).copied()
            });
            let word = joined.or_else(|| self.known_word(&tokens[index]));
            index += if joined.is_some() { 2 } else { 1 };
            if let Some(word) = word
                && !words.contains(&word)
            {
                words.push(word);
            }
        }
        words
    }

    fn known_word(&self, token: &str) -> Option<u32> {
        self.vocabulary.get(token).copied().or_else(|| {
            if let Some(machine_type) = machine_type(token) {
                return self.vocabulary.get(machine_type).copied();
            }
            if !may_slip(token) {
                return None;
            }
            let direct = self.slips.get(token).copied();
            direct.or_else(|| with_one_letter_out(token).find_map(|short| self.slips.get(&short).copied()))
        })
    }

    /// Weight that each candidate name shares with the words, in order of position.
    fn overlaps(&self, words: &[u32]) -> BTreeMap<u32, f64> {
        let mut shared: BTreeMap<u32, f64> = BTreeMap::new();
        for word in words {
            for name in &self.names_with_word[*word as usize] {
                *shared.entry(*name).or_insert(0.0) += self.weights[*word as usize];
            }
        }
        shared
    }
}

/// A name without the parts it lists: cut before the first "4x" that is not its beginning.
fn without_parts(text: &str) -> &str {
    let bytes = text.as_bytes();
    for at in 1..bytes.len().saturating_sub(1) {
        let begins_word = matches!(bytes[at - 1], b' ' | b'(' | b',' | b'/');
        if !begins_word || !bytes[at].is_ascii_digit() {
            continue;
        }
        let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let after = bytes.get(at + digits);
        if digits <= 2 && matches!(after, Some(b'x' | b'X')) && at + digits + 1 < bytes.len() {
            return text[..at].trim_end_matches([' ', '(', ',', '/']);
        }
    }
    text
}

/// How well the best name of a product fits a text.
#[derive(Debug, Clone, Copy)]
struct Fit {
    score: f64,
    /// Weight of the words shared.
    overlap: f64,
    /// Whether the text has every word of the name.
    complete: bool,
}

/// The best product, and how far the confidence must be shared with others.
fn rank(best: BTreeMap<ProductId, Fit>) -> Identification {
    let mut ranked: Vec<(ProductId, Fit)> = best.into_iter().collect();
    ranked.sort_by(|a, b| b.1.score.total_cmp(&a.1.score).then(a.0.cmp(&b.0)));
    let Some(&(first, fit)) = ranked.first() else {
        return Identification::nothing();
    };
    let ties =
        |other: &Fit| fit.score - other.score < TIE || (!fit.complete && other.overlap >= fit.overlap - 1e-9);
    let rivals: Vec<ProductId> =
        ranked[1..].iter().filter(|(_, other)| ties(other)).map(|(id, _)| *id).collect();
    let confidence = fit.score / (rivals.len() + 1) as f64;
    Identification {
        product: (confidence >= RECOGNISED).then_some(first),
        confidence,
        best_guess: Some(first),
        rivals: rivals.into_iter().take(3).collect(),
    }
}

/// The four characters of a Lenovo machine type that a full type number (`20l5s00w00`) begins with.
fn machine_type(token: &str) -> Option<&str> {
    let full = (8..=12).contains(&token.len()) && token.starts_with("2") && token.is_ascii();
    full.then(|| &token[..4])
}

/// Whether a word is long enough, and of letters only, so that one slip cannot make another model of it.
fn may_slip(word: &str) -> bool {
    (5..=24).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn with_one_letter_out(word: &str) -> impl Iterator<Item = String> + '_ {
    (0..word.len()).map(|skip| {
        word.char_indices().filter(|(at, _)| *at != skip).map(|(_, character)| character).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::built_in;

    fn assert_recognised(catalog: &Catalog, matcher: &Matcher, text: &str, name: &str) {
        let found = matcher.identify(text, None);
        let name_of = |id: Option<ProductId>| id.map(|id| catalog.get(id).name.as_str());
        let guess = name_of(found.best_guess);
        assert_eq!(
            name_of(found.product),
            Some(name),
            "{text}: {:.2}, best guess {guess:?}",
            found.confidence
        );
    }

    #[test]
    fn messy_names_of_known_products_are_recognised() {
        let catalog = built_in().unwrap();
        let matcher = Matcher::new(&catalog);
        let cases = [
            ("DELL PE R740XD 24SFF 2x6148", "Dell PowerEdge R740xd"),
            ("Tesla V100-SXM2-32GB", "NVIDIA Tesla V100 SXM2 32GB"),
            ("MBP 14 M1 Pro 2021", "Apple MacBook Pro 14 (2021)"),
            ("MacBook Pro 14 M1 Pro", "Apple MacBook Pro 14 (2021)"),
            ("MacBook Pro 16 M1 Pro", "Apple MacBook Pro 16 (2021)"),
            ("HP EliteBook 840 G7 Notebook PC", "HP EliteBook 840 G7"),
            ("A100 SXM 80GB", "NVIDIA A100 SXM4 80GB"),
            ("Nvidia A100 80G SXM", "NVIDIA A100 SXM4 80GB"),
            ("Dell Latitude 5430 14\"", "Dell Latitude 5430"),
            ("Dell Inc. Latitude-5430", "Dell Latitude 5430"),
            ("thinkpad x1 c9", "Lenovo ThinkPad X1 Carbon Gen 9"),
            ("LENOVO 20L5 T480", "Lenovo ThinkPad T480"),
            ("LENOVO 20L5S00W00", "Lenovo ThinkPad T480"),
            ("Lenovo ThinkPad T14 Gen1", "Lenovo ThinkPad T14 Gen 1"),
            ("POWEREDGE R650 10SFF", "Dell PowerEdge R650"),
            ("ProLiant DL360 Gen10", "HPE ProLiant DL360 Gen10"),
            ("HPE DL380 Gen10 Plus 8SFF", "HPE ProLiant DL380 Gen10 Plus"),
            ("Supermicro SYS-821GE-TNHR (8x H100 SXM5 80GB)", "Supermicro SYS-821GE-TNHR"),
            ("RTX3080", "NVIDIA GeForce RTX 3080"),
            ("GeForce RTX 3080 Ti Founders", "NVIDIA GeForce RTX 3080 Ti"),
            ("Dell Lattitude 7420", "Dell Latitude 7420"),
            ("NVIDIA H100 PCIe", "NVIDIA H100 PCIe 80GB"),
            ("Xeon Gold 6148", "Intel Xeon Gold 6148"),
        ];
        for (text, name) in cases {
            assert_recognised(&catalog, &matcher, text, name);
        }
    }

    #[test]
    fn what_the_catalog_does_not_hold_stays_unmatched() {
        let catalog = built_in().unwrap();
        let matcher = Matcher::new(&catalog);
        for text in
            ["", "Whitebox 2U", "Custom build node", "Generic Laptop", "HP Z4 G5", "Dell", "???", "Latitude"]
        {
            let found = matcher.identify(text, None);
            let name = found.product.map(|id| catalog.get(id).name.as_str());
            assert_eq!(name, None, "{text} at {:.2}", found.confidence);
        }
    }

    #[test]
    fn a_text_that_says_something_else_is_not_taken_for_the_nearest_product() {
        let catalog = built_in().unwrap();
        let matcher = Matcher::new(&catalog);
        use AssetClass::{Desktop, Gpu, Laptop, Other, Phone, Server, Storage};
        let cases = [
            ("Samsung Galaxy A40", Some(Phone)),
            ("Samsung Galaxy A40", None),
            ("SM-A10", Some(Phone)),
            ("NetApp FAS A30", Some(Storage)),
            ("Poly T4", Some(Phone)),
            ("Battery ThinkPad T480", Some(Other)),
            ("R740 rail kit", None),
            ("HP t640", Some(Desktop)),
            ("OptiPlex 7490 AIO", Some(Desktop)),
            ("Dell Inspiron 5410", None),
            ("HP 5400 switch", None),
            ("Canon P400", None),
            ("Cisco UCS B200 M5", None),
            ("iPad Air M1", None),
            ("Precision 7560 RTX A4000", Some(Laptop)),
            ("Gigabyte G292 8x RTX A6000", Some(Server)),
            ("RTX 3080 Laptop GPU", Some(Gpu)),
            ("RTX 3080 Max-Q", Some(Gpu)),
            ("RTX 3080 20GB", Some(Gpu)),
            ("H100 PCIe 94GB", Some(Gpu)),
            ("GTX 1650 Ti", Some(Gpu)),
            ("Latitude 5430 Rugged", Some(Laptop)),
            ("EliteBook x360 830 G7", Some(Laptop)),
            ("Surface Dock 2", None),
            ("Xeon Gold 6148F", None),
            ("R740xd2", Some(Server)),
            ("ProLiant ML350 Gen10 Plus", Some(Server)),
        ];
        for (text, class) in cases {
            let found = matcher.identify(text, class);
            let name = found.product.map(|id| catalog.get(id).name.as_str());
            assert_eq!(name, None, "{text} as {class:?} at {:.2}", found.confidence);
        }
    }

    #[test]
    fn parts_in_a_name_do_not_stand_for_the_machine() {
        let catalog = built_in().unwrap();
        let matcher = Matcher::new(&catalog);
        let cases = [
            ("Dell PowerEdge R750xa 4x A100 80GB PCIe", "Dell PowerEdge R750xa"),
            ("PowerEdge C4140 (4x V100 SXM2 16GB)", "Dell PowerEdge C4140"),
            ("R740 2x Intel Xeon Gold 6148 CPU @ 2.40GHz", "Dell PowerEdge R740"),
            ("MacBook Pro 14 M3 Pro", "Apple MacBook Pro 14 (M3 Pro/Max, 2023)"),
            ("MacBook Pro 14 M4", "Apple MacBook Pro 14 (M4, 2024)"),
            ("DL360 Gen10+", "HPE ProLiant DL360 Gen10 Plus"),
            ("Microsoft Surface Pro 7+", "Microsoft Surface Pro 7 Plus"),
        ];
        for (text, name) in cases {
            assert_recognised(&catalog, &matcher, text, name);
        }
    }

    #[test]
    fn a_very_long_cell_is_looked_up_at_once() {
        let catalog = built_in().unwrap();
        let matcher = Matcher::new(&catalog);
        assert_eq!(matcher.identify(&"x".repeat(5_000_000), None).product, None);
        assert_eq!(matcher.identify(&"Latitude 5430 ".repeat(100_000), None).rivals.len(), 0);
    }

    #[test]
    fn a_name_that_fits_several_products_names_them_instead_of_choosing() {
        let catalog = built_in().unwrap();
        let matcher = Matcher::new(&catalog);
        let found = matcher.identify("Tesla V100", Some(AssetClass::Gpu));
        assert_eq!(found.product, None);
        assert!(found.best_guess.is_some() && !found.rivals.is_empty());
    }

    #[test]
    fn every_catalog_name_is_recognised_as_itself() {
        let catalog = built_in().unwrap();
        let matcher = Matcher::new(&catalog);
        for (id, product) in catalog.iter() {
            for name in std::iter::once(&product.name).chain(&product.aliases) {
                assert_eq!(matcher.identify(name, Some(product.class)).product, Some(id), "{name}");
            }
        }
    }
}
