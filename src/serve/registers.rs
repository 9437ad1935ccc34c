//! The registers of a server.
//!
//! In: the register it was started with, and uploads. Out: registers by their id. An upload is known by the digest of its
//! bytes and lives in memory only; beyond a number the one used longest ago is forgotten. No name of an upload is ever a path.

use std::sync::Arc;

use super::register::Register;
use super::shelf::Shelf;

/// Uploads kept at once.
const UPLOADS: usize = 8;

/// All registers.
#[derive(Debug)]
pub(super) struct Registers {
    first: Option<Arc<Register>>,
    uploads: Shelf<String, Register>,
}

impl Registers {
    pub(super) fn new(first: Option<Register>) -> Registers {
        Registers { first: first.map(Arc::new), uploads: Shelf::new(UPLOADS) }
    }

    /// The register of an id.
    pub(super) fn get(&self, id: &str) -> Option<Arc<Register>> {
        let first = self.first.iter().find(|first| first.id == id).cloned();
        first.or_else(|| self.uploads.get(&id.to_owned()))
    }

    /// Keeps an upload; the same bytes again are the register that is there.
    pub(super) fn add(&self, register: Register) -> Arc<Register> {
        self.uploads.get_or_add(register.id.clone(), || Arc::new(register))
    }

    /// All of them, the first one first.
    pub(super) fn all(&self) -> Vec<Arc<Register>> {
        self.first.iter().cloned().chain(self.uploads.all()).collect()
    }
}
