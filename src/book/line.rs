//! Book value over time as straight pieces between points.
//!
//! In: points of (time elapsed, value), time never falling; two points at one time are a fall at that time
//! (an impairment). Out: value at any time, before the first point that of the first, after the last that of the last.

/// A value at a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Time since service, in the unit of the line (months in a book).
    pub elapsed: f64,
    /// Book value then.
    pub value: f64,
}

/// Book value over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    points: Vec<Point>,
}

impl Line {
    /// A line that starts at `cost`.
    pub(super) fn starting_at(cost: f64) -> Line {
        Line { points: vec![Point { elapsed: 0.0, value: cost }] }
    }

    pub(super) fn push(&mut self, elapsed: f64, value: f64) {
        self.points.push(Point { elapsed, value });
    }

    /// The same line up to a time, and flat from there.
    pub(super) fn until(mut self, elapsed: f64) -> Line {
        let value = self.value_at(elapsed);
        self.points.retain(|point| point.elapsed < elapsed);
        self.push(elapsed, value);
        self
    }

    /// The points, by time.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// Time of the last point.
    pub fn end(&self) -> f64 {
        self.points.last().map_or(0.0, |point| point.elapsed)
    }

    /// Time of the first point that has the last value: from there on nothing is taken.
    pub fn settled(&self) -> f64 {
        let last = self.points.last().map_or(0.0, |point| point.value);
        self.points.iter().find(|point| point.value == last).map_or(0.0, |point| point.elapsed)
    }

    /// Value at a time; at a fall, that below it.
    pub fn value_at(&self, elapsed: f64) -> f64 {
        let after = self.points.partition_point(|point| point.elapsed <= elapsed);
        match (after.checked_sub(1).and_then(|before| self.points.get(before)), self.points.get(after)) {
            (Some(before), Some(next)) => {
                let share = (elapsed - before.elapsed) / (next.elapsed - before.elapsed);
                before.value - (before.value - next.value) * share
            }
            (Some(last), None) => last.value,
            (None, first) => first.map_or(0.0, |point| point.value),
        }
    }
}
