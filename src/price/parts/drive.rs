//! Drives by what they are, since no catalog holds each of them.
//!
//! In: a drive as people write it (`Samsung 860 EVO 1TB`, `HGST Ultrastar 7K6000 7200/128M 4TB`) and the month of the
//! price. Out: its kind and capacity, and the features of the regression: capacity, kind, year.

use crate::units::Month;

/// What a drive is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DriveKind {
    /// Spinning disks.
    Disk,
    /// Flash behind a SATA or SAS port.
    Flash,
    /// Flash on the bus.
    Nvme,
}

/// A drive without its name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drive {
    /// What it is made of.
    pub kind: DriveKind,
    /// Capacity, TB of a thousand GB.
    pub terabytes: f64,
}

/// Price of a usual drive, dollars: the middle of the prior.
pub(in crate::price) const TYPICAL_PRICE_USD: f64 = 40.0;

/// Month from which years are counted: the middle of the followed years.
const REFERENCE_MONTH: Month = Month::from_index(2023 * 12);

/// Years before it in which no price was followed: the slope is not carried back beyond.
const FIRST_YEAR: f64 = -1.5;

/// Capacities of modules and drives, TB; a number beyond is no capacity.
const CAPACITIES: std::ops::RangeInclusive<f64> = 0.001..=40.0;

/// The smallest capacity that drives are sold in, TB.
const LEAST_DRIVE: f64 = 0.03;

/// Words that tell a drive from anything else of a capacity.
const DRIVE_WORDS: [&str; 8] = ["ssd", "hdd", "nvme", "sas", "sata", "sshd", "festplatte", "harddisk"];

/// Words of what holds drives, or machines that have some.
const HOLDERS: [&str; 26] = [
    "array",
    "nas",
    "san",
    "shelf",
    "enclosure",
    "filer",
    "jbod",
    "das",
    "netapp",
    "synology",
    "qnap",
    "powervault",
    "storeonce",
    "msa",
    "controller",
    "cable",
    "caddy",
    "tray",
    "adapter",
    "hba",
    "raid",
    "backplane",
    "laptop",
    "notebook",
    "server",
    "ram",
];

impl Drive {
    /// Reads a drive from its text: the last capacity in it, and words that tell flash from disks.
    pub fn read(text: &str) -> Option<Drive> {
        let terabytes = capacities(text).last().copied().filter(|terabytes| *terabytes >= LEAST_DRIVE)?;
        let words = text.to_lowercase();
        let has = |needles: &[&str]| needles.iter().any(|needle| words.contains(needle));
        let kind = if has(&["nvme", "u.2", "pcie"]) {
            DriveKind::Nvme
        } else if has(&["ssd", "m.2", "msata", " evo", " pro ", "samsung 8", "samsung 7", "pm8", "cv3"]) {
            DriveKind::Flash
        } else {
            DriveKind::Disk
        };
        Some(Drive { kind, terabytes })
    }

    /// Reads a text that names one drive and nothing else: it says of what kind, and is no enclosure, array or machine.
    pub fn named(text: &str) -> Option<Drive> {
        let lower = text.to_lowercase();
        let words: Vec<&str> = lower
            .split(|character: char| !character.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
        let of_several = words.iter().any(|word| {
            let count = word.split('x').next().unwrap_or_default();
            count.len() < word.len() && count.parse::<u32>().is_ok_and(|count| count > 1)
        });
        let is_drive = has(&DRIVE_WORDS) && !has(&HOLDERS) && !of_several && capacities(text).len() == 1;
        is_drive.then(|| Drive::read(text)).flatten()
    }

    /// Features of the regression in a month.
    pub(in crate::price) fn facts(self, month: Month) -> Vec<(String, f64)> {
        let year = (f64::from(month.months_since(REFERENCE_MONTH)) / 12.0).max(FIRST_YEAR);
        let kind = match self.kind {
            DriveKind::Disk => "disk",
            DriveKind::Flash => "flash",
            DriveKind::Nvme => "nvme",
        };
        vec![
            ("level".to_owned(), 1.0),
            (format!("kind:{kind}"), 1.0),
            (format!("size of kind:{kind}"), self.terabytes.ln()),
            ("year".to_owned(), year),
        ]
    }
}

/// Every `480GB` or `1.2 TB` of a text, in TB.
pub(super) fn capacities(text: &str) -> Vec<f64> {
    let lower = text.to_lowercase();
    let unit_at = |unit: &'static str, terabytes: f64| {
        lower.match_indices(unit).map(move |(at, _)| (at, terabytes)).collect::<Vec<_>>()
    };
    let mut units = [unit_at("tb", 1.0), unit_at("gb", 0.001)].concat();
    units.sort_by_key(|(at, _)| *at);
    units
        .into_iter()
        .filter_map(|(at, terabytes)| {
            let before = lower[..at].trim_end();
            let start = before
                .rfind(|character: char| !character.is_ascii_digit() && character != '.')
                .map_or(0, |place| place + before[place..].chars().next().map_or(1, char::len_utf8));
            before[start..].parse::<f64>().ok().map(|number| number * terabytes)
        })
        .filter(|terabytes| CAPACITIES.contains(terabytes))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drive_alone_is_told_from_what_holds_drives() {
        let kind = |text: &str| Drive::named(text).map(|drive| drive.kind);
        assert_eq!(kind("Samsung PM883 960GB SATA SSD"), Some(DriveKind::Flash));
        assert_eq!(kind("Seagate Exos 7E8 4TB SAS HDD"), Some(DriveKind::Disk));
        assert_eq!(kind("Intel P4510 2TB NVMe U.2"), Some(DriveKind::Nvme));
        for other in [
            "NetApp DS4246 24x 4TB SAS",
            "Synology DS920+ 4TB HDD",
            "Dell 960GB SSD caddy",
            "Latitude 5420 16GB 256GB SSD",
            "Exos 4TB",
            "PERC H730 RAID 2GB SAS",
        ] {
            assert_eq!(Drive::named(other), None, "{other}");
        }
    }

    #[test]
    fn a_drive_is_read_from_the_ways_sellers_write_it() {
        let read = |text: &str| Drive::read(text).map(|drive| (drive.kind, drive.terabytes));
        assert_eq!(read("Samsung 860 EVO 1TB"), Some((DriveKind::Flash, 1.0)));
        assert_eq!(read("HGST Ultrastar 7K6000 7200/128M 4TB"), Some((DriveKind::Disk, 4.0)));
        assert_eq!(read("Samsung 970 EVO M.2 NVMe 500GB"), Some((DriveKind::Nvme, 0.5)));
        assert_eq!(read("1.2 TB SAS"), Some((DriveKind::Disk, 1.2)));
        assert_eq!(read("SSD"), None);
        assert_eq!(read("99999TB"), None);
    }
}
