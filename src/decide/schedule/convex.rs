//! A convex programme, solved by the interior-point solver Clarabel.
//!
//! In: columns `x ≥ 0` with a cost and entries in rows; rows that must equal a number or stay below one; and terms
//! `c (k·x)^{3/2}`, each as a power cone `l^{2/3} · 1^{1/3} ≥ |k·x|`, which is exact: no segments. Out: the columns and
//! the prices of the rows that stay below. The solver runs on one thread and starts from nothing random, so the same
//! programme gives the same numbers.

use clarabel::algebra::CscMatrix;
use clarabel::solver::{
    DefaultSettings, DefaultSolver, IPSolver, NonnegativeConeT, PowerConeT, SolverStatus, ZeroConeT,
};

/// A variable that is never negative.
#[derive(Debug, Clone, Default)]
pub(super) struct Column {
    /// Cost of one.
    pub cost: f64,
    /// Entries in the rows that must equal.
    pub equal: Vec<(usize, f64)>,
    /// Entries in the rows that stay below.
    pub below: Vec<(usize, f64)>,
    /// Entries in the terms.
    pub terms: Vec<(usize, f64)>,
}

/// `minimise Σ cost x + Σ term (k·x)^{3/2}`.
#[derive(Debug, Clone, Default)]
pub(super) struct Programme {
    /// Variables.
    pub columns: Vec<Column>,
    /// What rows must equal.
    pub equal: Vec<f64>,
    /// What rows stay below.
    pub below: Vec<f64>,
    /// Cost of each term.
    pub terms: Vec<f64>,
}

/// What the solver found.
#[derive(Debug, Clone)]
pub(super) struct Solution {
    /// Value of each column, zero or more.
    pub columns: Vec<f64>,
    /// Price of each row that stays below, zero or more.
    pub prices: Vec<f64>,
}

/// Share of the cost to which a solution is exact. Whoever asks holds the prices against a bound of their own; a sharper
/// solution takes longer and is where the solver comes to no end.
const ACCURACY: f64 = 1e-5;

/// How far towards the wall the solver steps, tried in turn: the far one is the faster, but now and then ends in a corner
/// between the cones from which no step leads on.
const STEPS: [f64; 3] = [0.99, 0.9, 0.7];

/// Solves; none when the solver gives up or finds no point that keeps the rows.
pub(super) fn solve(programme: &Programme) -> Option<Solution> {
    let columns = programme.columns.len();
    if columns == 0 {
        // The solver wants something to solve; nothing to place costs nothing.
        return Some(Solution { columns: Vec::new(), prices: vec![0.0; programme.below.len()] });
    }
    let variables = columns + programme.terms.len();
    let (equal, below) = (programme.equal.len(), programme.below.len());
    let cones: Vec<_> = [ZeroConeT(equal), NonnegativeConeT(below + columns)]
        .into_iter()
        .chain(programme.terms.iter().map(|_| PowerConeT(2.0 / 3.0)))
        .collect();
    let mut bounds = programme.equal.clone();
    bounds.extend(&programme.below);
    bounds.extend(std::iter::repeat_n(0.0, columns));
    bounds.extend(programme.terms.iter().flat_map(|_| [0.0, 1.0, 0.0]));
    let cost: Vec<f64> =
        programme.columns.iter().map(|column| column.cost).chain(programme.terms.iter().copied()).collect();
    let no_squares = CscMatrix::zeros((variables, variables));
    let matrix = matrix(programme);
    for max_step_fraction in STEPS {
        let settings = DefaultSettings {
            verbose: false,
            tol_gap_abs: ACCURACY,
            tol_gap_rel: ACCURACY,
            tol_feas: ACCURACY,
            max_iter: 100,
            max_step_fraction,
            ..DefaultSettings::default()
        };
        let mut solver = DefaultSolver::new(&no_squares, &cost, &matrix, &bounds, &cones, settings).ok()?;
        solver.solve();
        let solution = solver.solution;
        match solution.status {
            SolverStatus::Solved | SolverStatus::AlmostSolved => {
                let finite = solution.x.iter().chain(&solution.z).all(|value| value.is_finite());
                let never_below = |values: &[f64]| values.iter().map(|value| value.max(0.0)).collect();
                return finite.then(|| Solution {
                    columns: never_below(&solution.x[..columns]),
                    prices: never_below(&solution.z[equal..equal + below]),
                });
            }
            SolverStatus::InsufficientProgress | SolverStatus::NumericalError => {}
            _ => return None,
        }
    }
    None
}

/// The rows in the solver's order: equal, below, never negative, then three for each power cone.
fn matrix(programme: &Programme) -> CscMatrix<f64> {
    let (equal, below) = (programme.equal.len(), programme.below.len());
    let columns = programme.columns.len();
    let first_cone = equal + below + columns;
    let rows = first_cone + 3 * programme.terms.len();
    let (mut starts, mut places, mut values) = (vec![0], Vec::new(), Vec::new());
    for (position, column) in programme.columns.iter().enumerate() {
        let entries = column
            .equal
            .iter()
            .map(|(row, value)| (*row, *value))
            .chain(column.below.iter().map(|(row, value)| (equal + row, *value)))
            .chain([(equal + below + position, -1.0)])
            .chain(column.terms.iter().map(|(term, value)| (first_cone + 3 * term + 2, -value)));
        for (row, value) in entries {
            places.push(row);
            values.push(value);
        }
        starts.push(places.len());
    }
    for term in 0..programme.terms.len() {
        places.push(first_cone + 3 * term);
        values.push(-1.0);
        starts.push(places.len());
    }
    CscMatrix::new(rows, columns + programme.terms.len(), starts, places, values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transport_of_ten_units_takes_the_cheap_way_until_it_is_full() {
        let way = |cost: f64, row: usize| Column {
            cost,
            equal: vec![(0, 1.0)],
            below: vec![(row, 1.0)],
            ..Column::default()
        };
        let programme = Programme {
            columns: vec![way(1.0, 0), way(3.0, 1)],
            equal: vec![10.0],
            below: vec![6.0, 100.0],
            terms: Vec::new(),
        };
        let solution = solve(&programme).unwrap();
        assert!((solution.columns[0] - 6.0).abs() < 1e-5 && (solution.columns[1] - 4.0).abs() < 1e-5);
        assert!((solution.prices[0] - 2.0).abs() < 1e-4 && solution.prices[1] < 1e-4);
    }

    #[test]
    fn two_markets_of_one_depth_share_alike_and_a_dearer_one_takes_less() {
        let market =
            |term: usize| Column { equal: vec![(0, 1.0)], terms: vec![(term, 1.0)], ..Column::default() };
        let mut programme = Programme {
            columns: vec![market(0), market(1)],
            equal: vec![1.0],
            below: Vec::new(),
            terms: vec![1.0, 1.0],
        };
        let solution = solve(&programme).unwrap();
        assert!((solution.columns[0] - 0.5).abs() < 1e-4, "{solution:?}");
        // Marginal losses 1.5 c √x are equal: √x₀ = 2 √x₁, so x₀ = 4/5.
        programme.terms[1] = 2.0;
        let solution = solve(&programme).unwrap();
        assert!((solution.columns[0] - 0.8).abs() < 1e-3, "{solution:?}");
    }

    #[test]
    fn what_cannot_be_kept_has_no_solution() {
        let column = Column { equal: vec![(0, 1.0)], below: vec![(0, 1.0)], ..Column::default() };
        let programme =
            Programme { columns: vec![column], equal: vec![10.0], below: vec![6.0], terms: Vec::new() };
        assert!(solve(&programme).is_none());
    }
}
