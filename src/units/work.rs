//! Who watches long work, and who stops it.
//!
//! In: a [`Watcher`] of the caller's, or none. Out: a [`Work`], handed down to whatever takes long. What takes long opens
//! a [`Stage`] of so many steps and takes them, from any thread; each step tells the watcher how far it is, and fails with
//! [`Cancelled`] once the watcher wants no more. Nothing that is computed depends on it.
//!
//! ```
//! use residua::units::{Cancelled, Progress, Watcher, Work};
//!
//! struct Stopwatch;
//!
//! impl Watcher for Stopwatch {
//!     fn told(&self, progress: Progress) {
//!         assert!(progress.done <= progress.total);
//!     }
//!
//!     fn is_cancelled(&self) -> bool {
//!         true
//!     }
//! }
//!
//! fn long(work: Work<'_>) -> Result<(), Cancelled> {
//!     let stage = work.stage("pricing", 100);
//!     (0..100).try_for_each(|_| stage.step())
//! }
//!
//! assert!(long(Work::unwatched()).is_ok());
//! assert_eq!(long(Work::watched(&Stopwatch)), Err(Cancelled));
//! ```

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// How far a stage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being done, as a person reads it: `deciding cohorts`.
    pub stage: &'static str,
    /// Steps taken.
    pub done: u64,
    /// Steps in all.
    pub total: u64,
}

/// One who looks on while work is done. Calls come from any thread; of two steps that end together the later may be told
/// first.
pub trait Watcher: Sync {
    /// A step is done, or a stage begins (`done` is 0) or ends (`done` is `total`).
    fn told(&self, progress: Progress);

    /// Whether the work is no longer wanted.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Work that was stopped because nobody wants it any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

/// Long work as it is seen from outside.
#[derive(Clone, Copy, Default)]
pub struct Work<'a> {
    watcher: Option<&'a dyn Watcher>,
    is_silent: bool,
}

impl<'a> Work<'a> {
    /// Work that nobody looks at and nobody stops.
    pub const fn unwatched() -> Work<'a> {
        Work { watcher: None, is_silent: false }
    }

    /// Work that is told of, and stopped on demand.
    pub const fn watched(watcher: &'a dyn Watcher) -> Work<'a> {
        Work { watcher: Some(watcher), is_silent: false }
    }

    /// The same work without telling of it: for parts of a stage that tells of itself. It still stops on demand.
    #[must_use]
    pub const fn silent(self) -> Work<'a> {
        Work { is_silent: true, ..self }
    }

    /// Opens a stage of so many steps.
    pub fn stage(self, name: &'static str, total: usize) -> Stage<'a> {
        let stage = Stage { work: self, name, done: AtomicU64::new(0), total: AtomicU64::new(total as u64) };
        stage.tell(0);
        stage
    }

    /// Goes on only if the work is still wanted.
    pub fn go_on(self) -> Result<(), Cancelled> {
        match self.watcher {
            Some(watcher) if watcher.is_cancelled() => Err(Cancelled),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Work<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let watched = self.watcher.is_some();
        formatter.debug_struct("Work").field("watched", &watched).field("silent", &self.is_silent).finish()
    }
}

/// A stage of some work. It ends when it is dropped.
#[derive(Debug)]
pub struct Stage<'a> {
    work: Work<'a>,
    name: &'static str,
    done: AtomicU64,
    total: AtomicU64,
}

impl Stage<'_> {
    /// Adds steps to those that were expected: for work whose extent shows only while it is done.
    pub fn expect(&self, more: usize) {
        self.total.fetch_add(more as u64, Ordering::Relaxed);
        self.tell(self.done.load(Ordering::Relaxed));
    }

    /// Takes one step, if the work is still wanted.
    pub fn step(&self) -> Result<(), Cancelled> {
        self.steps(1)
    }

    /// Takes several steps at once, if the work is still wanted.
    pub fn steps(&self, steps: usize) -> Result<(), Cancelled> {
        let done = self.done.fetch_add(steps as u64, Ordering::Relaxed) + steps as u64;
        self.tell(done);
        self.work.go_on()
    }

    fn tell(&self, done: u64) {
        if let Some(watcher) = self.work.watcher.filter(|_| !self.work.is_silent) {
            let total = self.total.load(Ordering::Relaxed);
            watcher.told(Progress { stage: self.name, done: done.min(total), total });
        }
    }
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        let total = *self.total.get_mut();
        if *self.done.get_mut() < total && self.work.go_on().is_ok() {
            self.tell(total);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    struct Log {
        told: Mutex<Vec<Progress>>,
        stops_after: usize,
    }

    impl Log {
        fn until(stops_after: usize) -> Log {
            Log { told: Mutex::default(), stops_after }
        }

        fn steps(&self) -> Vec<(u64, u64)> {
            self.told.lock().unwrap().iter().map(|progress| (progress.done, progress.total)).collect()
        }
    }

    impl Watcher for Log {
        fn told(&self, progress: Progress) {
            self.told.lock().unwrap().push(progress);
        }

        fn is_cancelled(&self) -> bool {
            self.told.lock().unwrap().len() > self.stops_after
        }
    }

    #[test]
    fn a_stage_tells_its_begin_every_step_and_its_end() {
        let log = Log::until(usize::MAX);
        let stage = Work::watched(&log).stage("pricing", 5);
        stage.step().unwrap();
        stage.steps(2).unwrap();
        drop(stage);
        assert_eq!(log.steps(), [(0, 5), (1, 5), (3, 5), (5, 5)]);
    }

    #[test]
    fn a_stage_may_grow_while_it_is_worked_on() {
        let log = Log::until(usize::MAX);
        let stage = Work::watched(&log).stage("forecasting", 0);
        stage.expect(2);
        stage.steps(2).unwrap();
        assert_eq!(log.steps(), [(0, 0), (0, 2), (2, 2)]);
    }

    #[test]
    fn work_that_is_no_longer_wanted_fails_at_its_next_step_and_is_not_told_as_done() {
        let log = Log::until(2);
        let stage = Work::watched(&log).stage("pricing", 5);
        assert_eq!(stage.step(), Ok(()));
        assert_eq!(stage.step(), Err(Cancelled));
        drop(stage);
        assert_eq!(log.steps(), [(0, 5), (1, 5), (2, 5)]);
    }

    #[test]
    fn silent_work_tells_nothing_and_still_stops() {
        let log = Log::until(0);
        let loud = Work::watched(&log);
        let inner = loud.silent().stage("inner", 2);
        assert_eq!(inner.step(), Ok(()));
        assert_eq!(log.steps(), []);
        let _outer = loud.stage("outer", 2);
        assert_eq!(inner.step(), Err(Cancelled));
    }
}
