//! Reasons to doubt that a text means a product, however well its words fit.
//!
//! In: the words of a text, the class the register states, and a product with all its names. Out: whether the text
//! says something that this product is not: another kind of thing, another maker, another variant or size, a part or
//! accessory of it, or a machine that merely carries it. A doubted product is never recognised, because a wrong
//! product is worse than none.

use std::collections::HashSet;

use super::names::tokens;
use super::{AssetClass, Product};

/// Variants, accessories, lines and makers that the catalog's products are not, unless their own names say so.
const OTHER_THINGS: [&str; 73] = [
    "mobile",
    "maxq",
    "rugged",
    "yoga",
    "x360",
    "aero",
    "chromebook",
    "tower",
    "aio",
    "optiplex",
    "inspiron",
    "vostro",
    "elitedesk",
    "prodesk",
    "folio",
    "nano",
    "dock",
    "docking",
    "battery",
    "keyboard",
    "bezel",
    "motherboard",
    "mainboard",
    "heatsink",
    "psu",
    "adapter",
    "waterblock",
    "charger",
    "rail",
    "rails",
    "kit",
    "hub",
    "bracket",
    "cable",
    "fan",
    "caddy",
    "tray",
    "galaxy",
    "samsung",
    "sony",
    "netapp",
    "canon",
    "epson",
    "poly",
    "polycom",
    "brother",
    "ucs",
    "ipad",
    "iphone",
    "fas",
    "switch",
    "monitor",
    "display",
    "thin",
    "plus",
    "ti",
    "super",
    "xt",
    "xtx",
    "gre",
    "station",
    "max",
    "ultra",
    "mini",
    "studio",
    "duo",
    "room",
    "phone",
    "printer",
    "camera",
    "panel",
    "screen",
    "d",
];

/// Words of machines: a text that has one means the machine and not a part in it.
const MACHINES: [&str; 20] = [
    "thinkpad",
    "precision",
    "latitude",
    "elitebook",
    "probook",
    "zbook",
    "legion",
    "razer",
    "alienware",
    "rog",
    "gaming",
    "surface",
    "macbook",
    "poweredge",
    "proliant",
    "thinksystem",
    "z2",
    "z4",
    "z6",
    "z8",
];

/// Makers whose name in a text rules out the machines of the others.
const MAKERS: [&str; 8] = ["dell", "hp", "lenovo", "apple", "microsoft", "supermicro", "cisco", "gigabyte"];

/// What the doubts need to know of a product.
#[derive(Debug)]
pub(super) struct Profile {
    class: AssetClass,
    /// Words of all its names.
    words: HashSet<String>,
    memory_gb: Option<f64>,
    carries_gpus: bool,
}

impl Profile {
    /// Gathers the words of a product.
    pub(super) fn of(product: &Product) -> Profile {
        let mut words: HashSet<String> = tokens(&product.vendor).into_iter().collect();
        for name in std::iter::once(&product.name).chain(&product.aliases) {
            words.extend(tokens(name));
        }
        Profile {
            class: product.class,
            words,
            memory_gb: product.memory_gb,
            carries_gpus: product.gpu.is_some(),
        }
    }

    fn is_part(&self) -> bool {
        matches!(self.class, AssetClass::Gpu | AssetClass::Cpu | AssetClass::Memory)
    }

    /// Whether the register's class can be that of this product. Personal computers are often called by the wrong
    /// one of their classes, and a node full of accelerators is called a GPU.
    pub(super) fn fits_class(&self, stated: Option<AssetClass>) -> bool {
        let personal =
            |class| matches!(class, AssetClass::Laptop | AssetClass::Desktop | AssetClass::Workstation);
        match stated {
            None => true,
            Some(class) if class == self.class => true,
            Some(AssetClass::Gpu) => self.carries_gpus,
            Some(class) => personal(class) && personal(self.class),
        }
    }

    /// Whether the text says something that this product is not.
    pub(super) fn is_doubted(&self, text: &str, words: &[String], stated: Option<AssetClass>) -> bool {
        let foreign = |word: &&String| !self.words.contains(*word);
        let strange: Vec<&String> = words.iter().filter(foreign).collect();
        !self.fits_class(stated)
            || strange.iter().any(|word| OTHER_THINGS.contains(&word.as_str()) || is_variant(word))
            || (self.is_part() && self.part_is_doubted(text, &strange))
            || (!self.is_part() && self.maker_is_doubted(words))
            || self.is_too_short(words, &strange, stated)
    }

    /// A part is doubted when the text means a machine, or another memory size.
    fn part_is_doubted(&self, text: &str, strange: &[&String]) -> bool {
        let lower = text.to_lowercase();
        let portable = ["laptop", "notebook", "max-q"].iter().any(|word| lower.contains(word));
        let other_size = self.memory_gb.is_some_and(|memory| {
            strange.iter().any(|word| {
                let size = word.strip_suffix("gb").and_then(|size| size.parse::<f64>().ok());
                size.is_some_and(|size| (size - memory).abs() > 0.5)
            })
        });
        (self.class == AssetClass::Gpu && portable)
            || strange.iter().any(|word| MACHINES.contains(&word.as_str()))
            || other_size
    }

    /// A machine is doubted when the text names another maker and not its own.
    fn maker_is_doubted(&self, words: &[String]) -> bool {
        let named: Vec<&String> = words.iter().filter(|word| MAKERS.contains(&word.as_str())).collect();
        !named.is_empty() && !named.iter().any(|word| self.words.contains(*word))
    }

    /// A product known by a few characters (T4, A40) is doubted when unknown words stand beside them and the
    /// register does not say that it is one.
    fn is_too_short(&self, words: &[String], strange: &[&String], stated: Option<AssetClass>) -> bool {
        let known: usize = words.iter().filter(|word| self.words.contains(*word)).map(String::len).sum();
        let unknown_names =
            strange.iter().any(|word| word.len() >= 3 && word.bytes().all(|byte| byte.is_ascii_lowercase()));
        known <= 4 && unknown_names && stated != Some(self.class)
    }
}

/// A generation or revision such as `g10`, `v2`, `m4`.
fn is_variant(word: &str) -> bool {
    let (letter, number) = word.split_at(word.len().min(1));
    matches!(letter, "g" | "v" | "m")
        && (1..=2).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
}
