//! A file that is watched while it is read.
//!
//! In: a path. Out: its bytes, unpacked where they are packed, and what was read of it as it is on the disk ([`Seen`]).

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::super::table::packed::Packing;
use crate::units::Fingerprint;

/// Opens a file, and counts what is read of it.
pub(super) fn open(
    path: &Path,
    packing: Option<Packing>,
    seen: Arc<Seen>,
) -> std::io::Result<Box<dyn Read + Send>> {
    let watched = Watched { file: File::open(path)?, seen };
    Ok(match packing {
        Some(packing) => packing.unpacked(std::io::BufReader::with_capacity(1 << 18, watched)),
        None => Box::new(watched),
    })
}

/// What was read of a file, as it is on the disk.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    bytes: AtomicU64,
    fingerprint: Option<Mutex<Fingerprint>>,
}

impl Seen {
    /// Of which a fingerprint is taken as well.
    pub(crate) fn with_fingerprint() -> Seen {
        Seen { bytes: AtomicU64::new(0), fingerprint: Some(Mutex::default()) }
    }

    /// Bytes so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// SHA-256 of all bytes so far; blank where none is taken.
    pub(crate) fn sha256(&self) -> String {
        self.fingerprint.as_ref().map_or_else(String::new, |sum| locked(sum).clone().digits())
    }

    fn take(&self, bytes: &[u8]) {
        self.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        if let Some(sum) = &self.fingerprint {
            locked(sum).take(bytes);
        }
    }
}

fn locked(sum: &Mutex<Fingerprint>) -> MutexGuard<'_, Fingerprint> {
    sum.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file that is watched while it is read.
struct Watched {
    file: File,
    seen: Arc<Seen>,
}

impl Read for Watched {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let got = self.file.read(into)?;
        self.seen.take(&into[..got]);
        Ok(got)
    }
}
