//! A long file reaches the disk while it is written.
//!
//! In: a file, and how much was added to it. Out: the file settled, or why it cannot be. A system keeps what is written in memory and
//! leaves most of it for the end, when the whole run waits for the disk: one thread asks for it every so many bytes, while all
//! others go on.

use std::fs::File;
use std::io;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

/// Bytes after which the disk is asked for.
const STRIDE: usize = 64 << 20;

/// A thread that settles a file.
pub(super) struct Settler {
    thread: JoinHandle<io::Result<()>>,
    due: SyncSender<()>,
    waiting: usize,
}

impl Settler {
    /// Begins to settle a file.
    pub(super) fn of(file: &File) -> io::Result<Settler> {
        let file = file.try_clone()?;
        // One wish is enough: it is fulfilled for all that was written until then.
        let (due, wishes) = sync_channel(1);
        let settle = move || -> io::Result<()> {
            wishes.iter().try_for_each(|()| file.sync_data())?;
            file.sync_all()
        };
        let thread = std::thread::Builder::new().name("settle".to_owned()).spawn(settle)?;
        Ok(Settler { thread, due, waiting: 0 })
    }

    /// So many bytes were added.
    pub(super) fn added(&mut self, bytes: usize) {
        self.waiting += bytes;
        if self.waiting >= STRIDE {
            match self.due.try_send(()) {
                Ok(()) => self.waiting = 0,
                // A thread that has ended tells why at the end.
                Err(TrySendError::Full(()) | TrySendError::Disconnected(())) => {}
            }
        }
    }

    /// Waits until all of the file is on the disk.
    pub(super) fn finish(self) -> io::Result<()> {
        drop(self.due);
        self.thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_file_that_was_settled_while_it_grew_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long");
        let mut file = File::create(&path).unwrap();
        let mut settler = Settler::of(&file).unwrap();
        for round in 0..5_u8 {
            file.write_all(&[round; 1000]).unwrap();
            settler.added(STRIDE);
        }
        settler.finish().unwrap();
        let read = std::fs::read(&path).unwrap();
        assert_eq!(read.len(), 5_000);
        assert!(read.chunks(1000).zip(0..).all(|(part, round)| part.iter().all(|byte| *byte == round)));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_cannot_be_settled_is_told_at_the_end() {
        // It has no disk.
        let file = File::options().write(true).open("/dev/null").unwrap();
        let mut settler = Settler::of(&file).unwrap();
        settler.added(STRIDE);
        assert!(settler.finish().is_err());
    }
}
