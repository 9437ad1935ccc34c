//! Bars of progress on standard error.
//!
//! In: what long work tells of itself ([`Progress`]). Out: one line with a bar, the rate and the time left, drawn only
//! where standard error is a terminal, only for stages of more than a second, and wiped when the stage ends. Outputs are
//! written whole at the end, so a run that is stopped by Ctrl-C leaves none behind.

use std::io::IsTerminal;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

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
}

impl Bars {
    /// Bars on the terminal, unless asked for silence.
    pub(super) fn new(quiet: bool) -> Bars {
        let seen = !quiet && std::io::stderr().is_terminal();
        Bars { current: seen.then(Mutex::default) }
    }

    /// The work these bars tell of.
    pub(super) fn work(&self) -> Work<'_> {
        match self.current {
            Some(_) => Work::watched(self),
            None => Work::unwatched(),
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
        let bars = Bars { current: Some(Mutex::default()) };
        let stage = bars.work().stage("pricing", 2);
        assert!(stage.step().is_ok());
        assert!(bars.current().is_some_and(|current| {
            current.as_ref().is_some_and(|drawn| drawn.bar.is_hidden() && drawn.bar.position() == 1)
        }));
        assert!(stage.step().is_ok());
        assert!(bars.current().is_some_and(|current| current.is_none()));
    }
}
