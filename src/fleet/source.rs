//! What kind of system a register comes from, and how far its word goes.
//!
//! No system knows everything: discovery and device management read serial number, model and configuration off the
//! machine; the ledger knows dates and costs; the data centre's inventory knows where a unit hangs.

/// The kind of system that wrote a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// Asset management: ServiceNow, Snipe-IT, GLPI and the like.
    Itam,
    /// Data-centre inventory: NetBox, openDCIM, dcTrack and the like.
    Dcim,
    /// Device management and discovery, which read the machine itself: Intune, Lansweeper, Device42.
    Discovery,
    /// Fixed-asset ledgers: SAP, Oracle, NetSuite.
    Ledger,
    /// What a disposal vendor saw: audits, erasure reports, settlements.
    Audit,
    /// Nobody said and the columns do not tell.
    #[default]
    Unknown,
}

impl SourceKind {
    /// The word files use.
    pub const fn name(self) -> &'static str {
        match self {
            SourceKind::Itam => "itam",
            SourceKind::Dcim => "dcim",
            SourceKind::Discovery => "discovery",
            SourceKind::Ledger => "ledger",
            SourceKind::Audit => "audit",
            SourceKind::Unknown => "unknown",
        }
    }
}
