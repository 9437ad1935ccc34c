//! Dense lower Cholesky factorisation.
//!
//! In: a symmetric positive definite matrix (row-major; only its lower
//! triangle is read). Out: the factor `L` with `A = L L'`, solutions of
//! `A x = b`, the inverse and `ln |A|`.
//!
//! Row-oriented (Cholesky-Banachiewicz) so that every inner loop runs over two
//! contiguous rows: `L_ij = (A_ij - sum_k L_ik L_jk) / L_jj`. Source: Golub and
//! Van Loan, Matrix Computations, section 4.2; used by the state-space price
//! model's block-arrow elimination.

use ndarray::{Array1, Array2, ArrayView1};

use super::error::PriceModelError;

/// Number of partial sums of [`dot`]; fixed, so that a sum is the same on
/// every machine that has the same floating-point arithmetic.
const LANES: usize = 8;

/// The lower Cholesky factor of a symmetric positive definite matrix.
#[derive(Debug, Clone)]
pub struct Cholesky {
    size: usize,
    factor: Vec<f64>,
}

/// Scalar product of two slices of equal length, summed in a fixed order.
#[must_use]
pub fn dot(left: &[f64], right: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let left_chunks = left.chunks_exact(LANES);
    let right_chunks = right.chunks_exact(LANES);
    let tail: f64 = left_chunks.remainder().iter().zip(right_chunks.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in left_chunks.zip(right_chunks) {
        for lane in 0..LANES {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    let half = |from: usize| (lanes[from] + lanes[from + 4]) + (lanes[from + 2] + lanes[from + 6]);
    (half(0) + half(1)) + tail
}

impl Cholesky {
    /// Factorises `matrix`; only the lower triangle is read.
    ///
    /// # Errors
    /// When the matrix is not square or not positive definite.
    pub fn new(matrix: &Array2<f64>) -> Result<Self, PriceModelError> {
        let (rows, columns) = matrix.dim();
        if rows != columns {
            return Err(PriceModelError::NotSquare { rows, columns });
        }
        let mut factor = vec![0.0; rows * rows];
        for (i, source) in matrix.outer_iter().enumerate() {
            let (above, rest) = factor.split_at_mut(i * rows);
            let current = &mut rest[..=i];
            for j in 0..i {
                let other = &above[j * rows..=j * rows + j];
                let reduced = source[j] - dot(&current[..j], &other[..j]);
                current[j] = reduced / other[j];
            }
            let pivot = source[i] - dot(&current[..i], &current[..i]);
            // A pivot that is not a number must fail as well.
            if pivot.is_nan() || pivot <= 0.0 || pivot.is_infinite() {
                return Err(PriceModelError::NotPositiveDefinite { size: rows, row: i, pivot });
            }
            current[i] = pivot.sqrt();
        }
        Ok(Self { size: rows, factor })
    }

    /// Number of rows of the matrix.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.size
    }

    /// Row `i` of the factor up to and including the diagonal.
    fn row(&self, i: usize) -> &[f64] {
        &self.factor[i * self.size..=i * self.size + i]
    }

    /// `ln |A|`.
    #[must_use]
    pub fn log_determinant(&self) -> f64 {
        2.0 * (0..self.size).map(|i| self.row(i)[i].ln()).sum::<f64>()
    }

    /// Solves `L x = b`; `right` must have as many entries as the matrix rows.
    #[must_use]
    pub fn solve_lower(&self, right: ArrayView1<f64>) -> Array1<f64> {
        let mut solution = right.to_vec();
        for i in 0..self.size {
            let row = self.row(i);
            solution[i] = (solution[i] - dot(&row[..i], &solution[..i])) / row[i];
        }
        Array1::from(solution)
    }

    /// Solves `A x = b`; `right` must have as many entries as the matrix rows.
    #[must_use]
    pub fn solve(&self, right: ArrayView1<f64>) -> Array1<f64> {
        let mut solution = self.solve_lower(right).to_vec();
        for i in (0..self.size).rev() {
            let row = self.row(i);
            let value = solution[i] / row[i];
            solution[i] = value;
            for (earlier, weight) in solution[..i].iter_mut().zip(row) {
                *earlier -= weight * value;
            }
        }
        Array1::from(solution)
    }

    /// The inverse of the matrix, exactly symmetric.
    #[must_use]
    pub fn inverse(&self) -> Array2<f64> {
        let size = self.size;
        // Row i holds column i of the inverse factor from the diagonal on.
        let mut inverse_columns = vec![0.0; size * size];
        for i in 0..size {
            let column = &mut inverse_columns[i * size..(i + 1) * size];
            column[i] = 1.0 / self.row(i)[i];
            for k in i + 1..size {
                let row = self.row(k);
                column[k] = -dot(&row[i..k], &column[i..k]) / row[k];
            }
        }
        let mut inverse = Array2::zeros((size, size));
        for i in 0..size {
            let left = &inverse_columns[i * size..(i + 1) * size];
            for j in i..size {
                let right = &inverse_columns[j * size..(j + 1) * size];
                let value = dot(&left[j..], &right[j..]);
                inverse[[i, j]] = value;
                inverse[[j, i]] = value;
            }
        }
        inverse
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn example() -> Array2<f64> {
        array![[4.0, 2.0, 0.6], [2.0, 5.0, 1.0], [0.6, 1.0, 3.0]]
    }

    #[test]
    fn solutions_and_inverse_return_the_identity() {
        let matrix = example();
        let factor = Cholesky::new(&matrix).expect("the example is positive definite");
        let identity = matrix.dot(&factor.inverse());
        for i in 0..3 {
            let vector = factor.solve(matrix.column(i));
            for j in 0..3 {
                let expected = f64::from(u8::from(i == j));
                assert!((identity[[i, j]] - expected).abs() < 1e-14);
                assert!((vector[j] - expected).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn log_determinant_equals_the_determinant_by_hand() {
        let factor = Cholesky::new(&example()).expect("the example is positive definite");
        // 4 (15 - 1) - 2 (6 - 0.6) + 0.6 (2 - 3) = 44.6
        assert!((factor.log_determinant() - 44.6_f64.ln()).abs() < 1e-14);
    }

    #[test]
    fn an_indefinite_matrix_names_its_row() {
        let found = Cholesky::new(&array![[1.0, 2.0], [2.0, 1.0]]);
        assert!(matches!(found, Err(PriceModelError::NotPositiveDefinite { row: 1, .. })));
        assert!(Cholesky::new(&array![[f64::NAN]]).is_err());
        assert!(matches!(Cholesky::new(&Array2::zeros((2, 3))), Err(PriceModelError::NotSquare { .. })));
    }
}
