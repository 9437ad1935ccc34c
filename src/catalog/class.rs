//! Asset classes and the words by which registers call them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What kind of thing an asset is. Only some classes have a fitted price model; the others are valued by
/// published rates on their purchase cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum AssetClass {
    Gpu,
    Server,
    Laptop,
    Desktop,
    Workstation,
    Phone,
    Tablet,
    Monitor,
    Storage,
    Network,
    Printer,
    Cpu,
    Memory,
    Other,
}

impl AssetClass {
    /// Every class, in the order reports list them.
    pub const ALL: [AssetClass; 14] = [
        AssetClass::Gpu,
        AssetClass::Server,
        AssetClass::Laptop,
        AssetClass::Desktop,
        AssetClass::Workstation,
        AssetClass::Phone,
        AssetClass::Tablet,
        AssetClass::Monitor,
        AssetClass::Storage,
        AssetClass::Network,
        AssetClass::Printer,
        AssetClass::Cpu,
        AssetClass::Memory,
        AssetClass::Other,
    ];

    /// The name files and models use.
    pub const fn name(self) -> &'static str {
        match self {
            AssetClass::Gpu => "gpu",
            AssetClass::Server => "server",
            AssetClass::Laptop => "laptop",
            AssetClass::Desktop => "desktop",
            AssetClass::Workstation => "workstation",
            AssetClass::Phone => "phone",
            AssetClass::Tablet => "tablet",
            AssetClass::Monitor => "monitor",
            AssetClass::Storage => "storage",
            AssetClass::Network => "network",
            AssetClass::Printer => "printer",
            AssetClass::Cpu => "cpu",
            AssetClass::Memory => "memory",
            AssetClass::Other => "other",
        }
    }

    /// The class a name stands for, exactly as [`AssetClass::name`] writes it.
    pub fn from_name(name: &str) -> Option<AssetClass> {
        AssetClass::ALL.into_iter().find(|class| class.name() == name)
    }
}

impl fmt::Display for AssetClass {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_stands_at_its_own_place() {
        assert!(AssetClass::ALL.iter().enumerate().all(|(place, class)| *class as usize == place));
    }
}
