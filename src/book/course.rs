//! The course of a book: period by period, what the method takes from what is left.
//!
//! V value at the start of the period, S salvage, n the life and l what is left of it in periods (all may end in a
//! part), p the part of a period, 1 but in the last:
//!
//! - straight line: `(V − S) · p / l`;
//! - declining balance: `V · min(1, factor / n) · p`, at most `V − S`; with the switch, the straight line when that is more;
//! - fixed rate: `V · r · p`, `r = 1 − (S / C)^(1 / n)` to three decimals;
//! - digits: `(V − S) · l / (l + (l − 1) + …)`, every term above 0.
//!
//! Each needs only what is left now, so a changed life or an impairment is the same course gone on with from there.
//! Inside a period the value falls evenly.

use super::line::Line;
use super::method::Method;
use super::terms::BookError;

/// What the method needs to know, times in one unit (months in a book, periods in a spreadsheet).
#[derive(Debug, Clone)]
pub(super) struct Course {
    method: Method,
    salvage: f64,
    /// Total life, which sets the rate of declining balance.
    life: f64,
    /// Length of the method's own period.
    period: f64,
    /// Rate of a period when it is fixed by salvage.
    fixed_rate: f64,
    value: f64,
    elapsed: f64,
    line: Line,
}

impl Course {
    /// The start of a life. Cost, salvage and life are checked by the caller's [`Terms`](super::Terms).
    pub(super) fn new(method: Method, cost: f64, salvage: f64, life: f64, period: f64) -> Course {
        Course {
            method,
            salvage,
            life,
            period,
            fixed_rate: fixed_rate(cost, salvage, life / period),
            value: cost,
            elapsed: 0.0,
            line: Line::starting_at(cost),
        }
    }

    /// Goes on to `until` or the end of the life. What follows starts a period of its own there.
    pub(super) fn run(&mut self, until: f64) {
        let until = until.min(self.life);
        while self.elapsed < until {
            let left = self.life - self.elapsed;
            let length = self.period_length().min(left);
            let end = if length == left { self.life } else { self.elapsed + length };
            let stop = end.min(until);
            let passed = if stop == end { 1.0 } else { (stop - self.elapsed) / length };
            let taken = self.takes(left / self.period, length / self.period);
            self.value -= taken * passed;
            // The end of a life is salvage itself, not the last sum of fractions.
            if stop == self.life && (self.value - self.salvage).abs() < 1e-9 * taken.max(1.0) {
                self.value = self.salvage;
            }
            self.elapsed = stop;
            self.line.push(stop, self.value);
        }
    }

    /// Takes an amount at once; salvage cannot stay above what is left.
    pub(super) fn impair(&mut self, amount: f64) {
        self.value -= amount;
        self.salvage = self.salvage.min(self.value);
        self.line.push(self.elapsed, self.value);
    }

    /// Goes on over another total life, in the unit of the course.
    pub(super) fn change_life(&mut self, life: f64) -> Result<(), BookError> {
        if life <= self.elapsed {
            return Err(BookError::Life);
        }
        self.life = life;
        self.fixed_rate = fixed_rate(self.value, self.salvage, (life - self.elapsed) / self.period);
        Ok(())
    }

    pub(super) const fn value(&self) -> f64 {
        self.value
    }

    pub(super) fn finish(mut self) -> Line {
        self.run(f64::INFINITY);
        self.line
    }

    fn period_length(&self) -> f64 {
        match self.method {
            Method::FixedRate { first_year } if self.elapsed == 0.0 => {
                self.period * f64::from(first_year.get()) / 12.0
            }
            // One piece, so that no sum of fractions blurs a cent.
            Method::StraightLine => self.life - self.elapsed,
            _ => self.period,
        }
    }

    /// What the period of `part` takes with `left` to go, both in periods.
    fn takes(&self, left: f64, part: f64) -> f64 {
        let to_go = self.value - self.salvage;
        let straight = to_go * part / left;
        match self.method {
            Method::DecliningBalance { factor, switch } => {
                let rate = (factor.get() * self.period / self.life).min(1.0);
                let declining = (self.value * rate * part).min(to_go);
                if switch { declining.max(straight) } else { declining }
            }
            Method::FixedRate { .. } => self.value * self.fixed_rate * part,
            Method::SumOfYearsDigits => to_go * left / digits(left),
            // Tax tables draw their own line; they are never walked.
            Method::StraightLine | Method::Macrs(_) => straight,
        }
    }
}

/// `left + (left − 1) + …`, every term above 0.
fn digits(left: f64) -> f64 {
    let whole = (left.ceil() - 1.0).max(0.0);
    (whole + 1.0) * left - whole * (whole + 1.0) / 2.0
}

/// The rate of a period that ends at salvage, to three decimals.
fn fixed_rate(cost: f64, salvage: f64, periods: f64) -> f64 {
    if cost <= 0.0 {
        return 0.0;
    }
    let rate = 1.0 - (salvage / cost).powf(1.0 / periods);
    (rate * 1000.0 + 0.5).floor() / 1000.0
}
