//! The registers of a server.
//!
//! In: the register it was started with, and uploads. Out: registers by their id. An upload is known by the digest of its
//! bytes and lives in memory only; beyond a number the one used longest ago is forgotten. No name of an upload is ever a path.

use std::sync::{Arc, Mutex, PoisonError};

use super::register::Register;

/// Uploads kept at once.
const UPLOADS: usize = 8;

/// All registers.
#[derive(Debug)]
pub(super) struct Registers {
    first: Option<Arc<Register>>,
    /// The one used last at the end.
    uploads: Mutex<Vec<Arc<Register>>>,
}

impl Registers {
    pub(super) fn new(first: Option<Register>) -> Registers {
        Registers { first: first.map(Arc::new), uploads: Mutex::default() }
    }

    /// The register of an id.
    pub(super) fn get(&self, id: &str) -> Option<Arc<Register>> {
        if let Some(first) = self.first.iter().find(|first| first.id == id) {
            return Some(Arc::clone(first));
        }
        let mut uploads = self.uploads();
        let at = uploads.iter().position(|register| register.id == id)?;
        let register = uploads.remove(at);
        uploads.push(Arc::clone(&register));
        Some(register)
    }

    /// Keeps an upload.
    pub(super) fn add(&self, register: Register) -> Arc<Register> {
        if let Some(known) = self.get(&register.id) {
            return known;
        }
        let register = Arc::new(register);
        let mut uploads = self.uploads();
        uploads.push(Arc::clone(&register));
        let surplus = uploads.len().saturating_sub(UPLOADS);
        uploads.drain(..surplus);
        register
    }

    /// All of them, the first one first.
    pub(super) fn all(&self) -> Vec<Arc<Register>> {
        self.first.iter().chain(self.uploads().iter()).cloned().collect()
    }

    fn uploads(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Register>>> {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
