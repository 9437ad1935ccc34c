//! What a server holds: processors, memory, drives.
//!
//! In: the words of a listing (`2x Xeon Gold 5118, 128GB, 2x4TB HDD`) and the matcher, or the columns of a register.
//! Out: a [`Configuration`]. What is not said stays unknown.

use super::drive::{Drive, DriveKind, capacities};
use crate::catalog::{AssetClass, Catalog, Matcher, Product};
use crate::fleet::holds;

/// Memory modules larger than this are not read from a text: it is a drive.
const MOST_MEMORY_TB: f64 = 6.2;

/// The most parts of a kind that one server holds.
const MOST_PARTS: u32 = 64;

/// Drives of one kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drives {
    /// How many.
    pub count: u32,
    /// Capacity of one, TB.
    pub terabytes_each: f64,
    /// What they are made of, when it is said.
    pub kind: Option<DriveKind>,
}

/// What a machine holds, as far as it is said.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Configuration<'a> {
    /// Processors, when their number is said.
    pub processors: Option<u32>,
    /// Which processor it is, when the catalog knows it.
    pub processor: Option<&'a Product>,
    /// Memory, GB.
    pub memory_gb: Option<f64>,
    /// Drives.
    pub drives: Option<Drives>,
}

impl<'a> Configuration<'a> {
    /// Whether enough is known to price the machine by its parts: its memory, or which processors.
    pub fn says_enough(&self) -> bool {
        self.memory_gb.is_some() || self.processor.is_some()
    }

    /// Reads the words of a listing.
    pub fn read(text: &str, matcher: &Matcher, catalog: &'a Catalog) -> Configuration<'a> {
        let mut found = Configuration::default();
        for piece in text.split([',', '+', ';']) {
            // What stands in brackets is an alternative or a remark.
            let piece = piece.split('(').next().unwrap_or_default();
            found.read_piece(piece.trim(), matcher, catalog);
        }
        found
    }

    /// Whether the words of a listing tell of accelerators: such a machine is priced by them.
    pub fn tells_of_accelerators(text: &str, matcher: &Matcher) -> bool {
        text.split([',', '+', ';']).any(|piece| {
            let (_, rest) = counted(piece.trim());
            matcher.identify(rest, Some(AssetClass::Gpu)).product.is_some()
        })
    }

    fn read_piece(&mut self, piece: &str, matcher: &Matcher, catalog: &'a Catalog) {
        let (count, rest) = counted(piece);
        let words = rest.to_lowercase();
        let has = |needles: &[&str]| needles.iter().any(|needle| words.contains(needle));
        let drive_words = ["ssd", "hdd", "sas", "sata", "nvme", "u.2", "drive", "disk"];
        match capacities(rest).first() {
            Some(&terabytes) if has(&drive_words) || (words.contains("tb") && !words.contains("ram")) => {
                let kind = has(&drive_words).then(|| Drive::read(rest)).flatten().map(|drive| drive.kind);
                self.add_drives(Drives { count: count.unwrap_or(1), terabytes_each: terabytes, kind });
            }
            Some(&terabytes) if self.memory_gb.is_none() && terabytes < MOST_MEMORY_TB => {
                self.memory_gb = Some(f64::from(count.unwrap_or(1)) * terabytes * 1000.0);
            }
            Some(_) => {}
            None => self.add_processors(count, rest, matcher, catalog),
        }
    }

    fn add_drives(&mut self, drives: Drives) {
        self.drives = Some(match self.drives {
            None => drives,
            Some(before) => {
                let count = before.count + drives.count;
                let total = f64::from(before.count) * before.terabytes_each
                    + f64::from(drives.count) * drives.terabytes_each;
                Drives { count, terabytes_each: total / f64::from(count), kind: before.kind.or(drives.kind) }
            }
        });
    }

    fn add_processors(&mut self, count: Option<u32>, text: &str, matcher: &Matcher, catalog: &'a Catalog) {
        if self.processor.is_some() {
            return;
        }
        // `E5-2695v4` is written apart in the catalog.
        let apart = text.replace("v3", " v3").replace("v4", " v4").replace("v2", " v2");
        let known = matcher.identify(&apart, Some(AssetClass::Cpu)).product;
        let words = text.to_lowercase();
        let is_processor = known.is_some()
            || ["xeon", "epyc", "opteron", "core", "cpu", "e5-"].iter().any(|word| words.contains(word));
        if is_processor {
            self.processor = known.map(|id| catalog.get(id));
            self.processors = count.or(self.processors).or(Some(1));
        }
    }
}

/// `2x Xeon Gold 5118` and `2 CPU` as a count and the rest.
fn counted(piece: &str) -> (Option<u32>, &str) {
    let of_processors = piece.find(" CPU").and_then(|digits| {
        let count = piece[..digits].parse().ok().filter(|count| (1..=MOST_PARTS).contains(count))?;
        Some((Some(count), &piece[digits..]))
    });
    of_processors.unwrap_or_else(|| holds::counted(piece, MOST_PARTS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::built_in;

    type Said = (Option<u32>, Option<String>, Option<f64>, Option<(u32, f64)>);

    fn read(text: &str) -> Said {
        let catalog = built_in().unwrap();
        let found = Configuration::read(text, &Matcher::new(&catalog), &catalog);
        (
            found.processors,
            found.processor.map(|product| product.name.clone()),
            found.memory_gb,
            found.drives.map(|drives| (drives.count, drives.terabytes_each)),
        )
    }

    #[test]
    fn a_listing_says_what_the_machine_holds() {
        assert_eq!(
            read("2x Xeon Gold 5118, 128GB, 2x4TB HDD, 8x3.5in"),
            (Some(2), Some("Intel Xeon Gold 5118".into()), Some(128.0), Some((2, 4.0)))
        );
        assert_eq!(
            read("2x E5-2680 v4, 8x16GB, 480GB SSD + 2x6TB SAS, H730, 750W"),
            (Some(2), Some("Intel Xeon E5-2680 v4".into()), Some(128.0), Some((3, 4.16)))
        );
        assert_eq!(read("2 CPUs, 128GB, no HDD"), (Some(2), None, Some(128.0), None));
        assert_eq!(
            read("EPYC 7702P 64C, 256GB, 14x U.2 bays"),
            (Some(1), Some("AMD EPYC 7702P".into()), Some(256.0), None)
        );
    }

    #[test]
    fn what_is_not_said_stays_unknown() {
        assert_eq!(read("barebones with 2x PSU"), (None, None, None, None));
        assert_eq!(read(""), (None, None, None, None));
    }
}
