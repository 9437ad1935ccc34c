//! What to take out of the lot, and what that earns.
//!
//! In: lines with their treatments. Out: [`SplitLine`]s and what each treatment earns against selling everything on to one
//! dealer in one mixed lot, `n · Σ share · (net of the best treatment − net in one lot)`.

use super::line::Line;
use super::sale::Treatment;

/// What one line becomes.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitLine {
    /// What is done with most of its units that are not for parts.
    pub treatment: Treatment,
    /// Expected units by treatment, in the order of [`Treatment::ALL`].
    pub units: [f64; Treatment::ALL.len()],
    /// What that earns by treatment against one mixed lot.
    pub earned: [f64; Treatment::ALL.len()],
}

impl SplitLine {
    /// What taking the line out earns.
    pub fn earned_in_all(&self) -> f64 {
        self.earned.iter().sum()
    }
}

/// The split of every line, in their order.
pub(super) fn split(lines: &[Line]) -> Vec<SplitLine> {
    lines.iter().map(of_line).collect()
}

fn of_line(line: &Line) -> SplitLine {
    let mut units = [0.0; Treatment::ALL.len()];
    let mut earned = units;
    for condition in &line.conditions {
        let count = line.units as f64 * condition.share;
        let at = condition.treatment as usize;
        let best = condition.options.iter().find(|(treatment, _)| *treatment == condition.treatment);
        units[at] += count;
        earned[at] += count * (best.map_or(0.0, |(_, net)| *net) - condition.in_one_lot);
    }
    let most = |so_far: Treatment, next: Treatment| {
        if units[next as usize] > units[so_far as usize] { next } else { so_far }
    };
    let treatment = Treatment::ALL.into_iter().fold(Treatment::OneByOne, most);
    SplitLine { treatment, units, earned }
}
