//! Bars of progress on standard error.
//!
//! In: what long work tells of itself ([`Progress`]). Out: one line with a bar, the rate and the time left, drawn only
//! where standard error is a terminal, only for stages of more than a second, and wiped when the stage ends. Most outputs are
//! written whole at the end, so a run that is stopped by Ctrl-C leaves none behind. A run that writes as it goes takes the first
//! signal as the word to stop and clear away ([`Bars::stoppable`]); the second one ends it at once.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::units::{Progress, Watcher, Work};

/// How long a stage may take before it is told of.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often a bar is drawn anew while no step ends.
const TICK: Duration = Duration::from_millis(250);

/// What a bar looks like, without colour.
const TEMPLATE: &str = "{msg:<20} {wide_bar} {human_pos}/{human_len}  {per_sec}  {eta} left";

/// A stage that is under way.
struct Drawn {
    stage: &'static str,
    begun: Instant,
    bar: ProgressBar,
}

/// The bars of a run, one at a time.
pub(super) struct Bars {
    /// None where nobody would see it.
    current: Option<Mutex<Option<Drawn>>>,
    /// Whether a signal has come; none where it ends the program.
    stopped: Option<Arc<AtomicBool>>,
}

impl Bars {
    /// Bars on the terminal, unless asked for silence.
    pub(super) fn new(quiet: bool) -> Bars {
        let seen = !quiet && std::io::stderr().is_terminal();
        Bars { current: seen.then(Mutex::default), stopped: None }
    }

    /// Bars of work that stops by itself when it is told to: by Ctrl-C, or as a system ends its processes.
    pub(super) fn stoppable(quiet: bool) -> std::io::Result<Bars> {
        let stopped = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // In this order: the first signal finds the flag down and only puts it up.
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&stopped))?;
            flag::register(signal, Arc::clone(&stopped))?;
        }
        let mut bars = Bars::new(quiet);
        bars.stopped = Some(stopped);
        Ok(bars)
    }

    /// The work these bars tell of.
    pub(super) fn work(&self) -> Work<'_> {
        match (&self.current, &self.stopped) {
            (None, None) => Work::unwatched(),
            _ => Work::watched(self),
        }
    }

    /// Writes a line of talk above the bar.
    pub(super) fn say(&self, line: &str) {
        self.above(|| eprintln!("{line}"));
    }

    /// Writes above the bar, which stands aside meanwhile.
    pub(super) fn above<T>(&self, write: impl FnOnce() -> T) -> T {
        match self.current().as_deref() {
            Some(Some(drawn)) => drawn.bar.suspend(write),
            _ => write(),
        }
    }

    fn current(&self) -> Option<MutexGuard<'_, Option<Drawn>>> {
        Some(self.current.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Watcher for Bars {
    fn told(&self, progress: Progress) {
        let Some(mut current) = self.current() else { return };
        if current.as_ref().is_none_or(|drawn| drawn.stage != progress.stage) {
            if let Some(drawn) = current.take() {
                drawn.bar.finish_and_clear();
            }
            *current = Some(Drawn::new(progress.stage));
        }
        let Some(drawn) = current.as_ref() else { return };
        drawn.bar.set_length(progress.total);
        drawn.bar.set_position(drawn.bar.position().max(progress.done));
        if progress.done == progress.total && progress.total > 0 {
            drawn.bar.finish_and_clear();
            *current = None;
        } else if drawn.bar.is_hidden() && drawn.begun.elapsed() > PATIENCE {
            drawn.bar.set_draw_target(ProgressDrawTarget::stderr());
            drawn.bar.enable_steady_tick(TICK);
        }
    }

    fn is_cancelled(&self) -> bool {
        self.stopped.as_ref().is_some_and(|stopped| stopped.load(Ordering::Relaxed))
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        if let Some(drawn) = self.current().and_then(|mut current| current.take()) {
            drawn.bar.finish_and_clear();
        }
    }
}

impl Drawn {
    fn new(stage: &'static str) -> Drawn {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()).with_message(stage);
        // The template is a constant that a test reads.
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style.progress_chars("━━ "));
        }
        Drawn { stage, begun: Instant::now(), bar }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_one() {
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
    }

    #[test]
    fn nobody_is_told_where_nobody_would_see_it() {
        let bars = Bars::new(true);
        let stage = bars.work().stage("pricing", 1);
        assert!(stage.step().is_ok());
        assert!(bars.current().is_none());
    }

    #[test]
    fn a_stage_of_less_than_a_second_is_not_drawn_and_its_end_is_the_end_of_its_bar() {
        let bars = Bars { current: Some(Mutex::default()), stopped: None };
        let stage = bars.work().stage("pricing", 2);
        assert!(stage.step().is_ok());
        assert!(bars.current().is_some_and(|current| {
            current.as_ref().is_some_and(|drawn| drawn.bar.is_hidden() && drawn.bar.position() == 1)
        }));
        assert!(stage.step().is_ok());
        assert!(bars.current().is_some_and(|current| current.is_none()));
    }
}
