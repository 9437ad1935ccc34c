//! A distribution over the months in which a unit can have been bought.

use std::fmt;

use crate::units::Month;

/// Most months a distribution keeps.
const MOST_POINTS: usize = 12;

/// Share of the likeliest month below which a month is dropped.
const TOO_RARE: f64 = 0.005;

/// What an age rests on: the most reliable thing that speaks of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgeBasis {
    /// A date with its month.
    Date,
    /// A date whose day and month could be the other way round.
    EitherDate,
    /// A date of which only the year or the quarter is known.
    Year,
    /// The date code in the serial number.
    Serial,
    /// The end of the warranty and its term.
    Warranty,
    /// The first day a system saw it.
    FirstSeen,
    /// When its record was made.
    Record,
    /// When it is meant to go.
    Retirement,
    /// The release of its firmware.
    Firmware,
    /// The months in which its product was sold.
    SalesWindow,
}

impl AgeBasis {
    /// How reports call it.
    pub const fn name(self) -> &'static str {
        match self {
            AgeBasis::Date => "date",
            AgeBasis::EitherDate => "date with two readings",
            AgeBasis::Year => "date of a year",
            AgeBasis::Serial => "serial date code",
            AgeBasis::Warranty => "warranty",
            AgeBasis::FirstSeen => "first seen",
            AgeBasis::Record => "record created",
            AgeBasis::Retirement => "planned retirement",
            AgeBasis::Firmware => "firmware",
            AgeBasis::SalesWindow => "sales window",
        }
    }
}

/// The months in which a unit can have been bought, with their probabilities.
#[derive(Debug, Clone, PartialEq)]
pub struct AcquiredMonths {
    support: Vec<(Month, f64)>,
    basis: AgeBasis,
    words: String,
    set_aside: Vec<String>,
}

impl AcquiredMonths {
    /// One month, surely.
    pub fn certain(month: Month, basis: AgeBasis, set_aside: Vec<String>) -> AcquiredMonths {
        AcquiredMonths { support: vec![(month, 1.0)], basis, words: String::new(), set_aside }
    }

    /// From probabilities of consecutive or single months in rising order. Rare months at either end are dropped; what is left is
    /// put on at most twelve months, each month shared between its two neighbours on the grid so that the mean is
    /// kept and the variance never shrinks.
    pub(super) fn thinned(
        months: Vec<(Month, f64)>,
        basis: AgeBasis,
        words: String,
        set_aside: Vec<String>,
    ) -> AcquiredMonths {
        let most = months.iter().map(|(_, weight)| *weight).fold(0.0, f64::max);
        let mut kept: Vec<(Month, f64)> =
            months.into_iter().filter(|(_, weight)| *weight >= TOO_RARE * most).collect();
        normalise(&mut kept);
        let support = if kept.len() > MOST_POINTS { on_a_grid(&kept) } else { kept };
        AcquiredMonths { support, basis, words, set_aside }
    }

    /// The months in rising order with their probabilities, which add to one.
    pub fn support(&self) -> &[(Month, f64)] {
        &self.support
    }

    /// What it rests on.
    pub fn basis(&self) -> AgeBasis {
        self.basis
    }

    /// What it rests on, for people; empty where it is a date.
    pub fn words(&self) -> &str {
        &self.words
    }

    /// Evidence that contradicts the rest and was not used.
    pub fn set_aside(&self) -> &[String] {
        &self.set_aside
    }

    /// Whether it is one month.
    pub fn is_certain(&self) -> bool {
        self.support.len() == 1
    }

    /// The first month with any probability.
    pub fn first(&self) -> Month {
        self.support[0].0
    }

    /// The last month with any probability.
    pub fn last(&self) -> Month {
        self.support[self.support.len() - 1].0
    }

    /// The first month up to which a share of the probability lies.
    pub fn quantile(&self, share: f64) -> Month {
        let mut below = 0.0;
        let reached = |(_, weight): &&(Month, f64)| {
            below += weight;
            below >= share
        };
        self.support.iter().find(reached).map_or(self.last(), |(month, _)| *month)
    }

    /// Mean, as an index of months.
    pub fn mean_index(&self) -> f64 {
        self.support.iter().map(|(month, weight)| f64::from(month.index()) * weight).sum()
    }

    /// The month nearest to the mean.
    pub fn mean_month(&self) -> Month {
        Month::from_index(self.mean_index().round() as i32)
    }

    /// Standard deviation, months.
    pub fn sd_months(&self) -> f64 {
        let mean = self.mean_index();
        let square = |month: Month| (f64::from(month.index()) - mean).powi(2);
        self.support.iter().map(|(month, weight)| square(*month) * weight).sum::<f64>().sqrt()
    }
}

impl fmt::Display for AcquiredMonths {
    /// `2021-05`, or `between 2021-03 and 2023-08 with 80 % probability (serial date code 2021 week 31)`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.is_certain(), self.words.is_empty()) {
            (true, true) => write!(formatter, "{}", self.first()),
            (true, false) => write!(formatter, "{} ({})", self.first(), self.words),
            (false, _) => {
                let (first, last) = (self.quantile(0.1), self.quantile(0.9));
                write!(formatter, "between {first} and {last} with 80 % probability ({})", self.words)
            }
        }
    }
}

fn normalise(months: &mut [(Month, f64)]) {
    let total: f64 = months.iter().map(|(_, weight)| *weight).sum();
    months.iter_mut().for_each(|(_, weight)| *weight /= total);
}

/// Shares each month between the two nearest of equally spaced months from the first to the last.
fn on_a_grid(months: &[(Month, f64)]) -> Vec<(Month, f64)> {
    let (first, last) = (months[0].0, months[months.len() - 1].0);
    let span = last.months_since(first);
    let step = (span + MOST_POINTS as i32 - 2) / (MOST_POINTS as i32 - 1);
    let mut grid: Vec<(Month, f64)> = (0..)
        .map(|node| first.plus(node * step))
        .take_while(|month| *month < last)
        .map(|month| (month, 0.0))
        .collect();
    grid.push((last, 0.0));
    for (month, weight) in months {
        let node = (month.months_since(first) / step) as usize;
        match grid.get(node + 1).map(|next| next.0.months_since(grid[node].0)) {
            Some(width) => {
                let part = f64::from(month.months_since(grid[node].0)) / f64::from(width);
                grid[node].1 += weight * (1.0 - part);
                grid[node + 1].1 += weight * part;
            }
            // The last month is a node of its own.
            None => grid[node].1 += weight,
        }
    }
    grid.retain(|(_, weight)| *weight > 0.0);
    grid
}
