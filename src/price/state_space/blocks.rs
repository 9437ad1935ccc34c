//! Views of contiguous parts of dense vectors and matrices.
//!
//! In: an array and ranges. Out: views; ndarray's own slicing macro expands to
//! code that a crate which forbids unsafe code does not compile.

use std::ops::Range;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, ArrayViewMut2, Axis, Slice};

/// The entries of a range.
pub(super) fn part(vector: &Array1<f64>, range: Range<usize>) -> ArrayView1<'_, f64> {
    vector.slice_axis(Axis(0), Slice::from(range))
}

/// The block of the given rows and columns.
pub(super) fn block(matrix: &Array2<f64>, rows: Range<usize>, columns: Range<usize>) -> ArrayView2<'_, f64> {
    let mut view = matrix.view();
    view.slice_axis_inplace(Axis(0), Slice::from(rows));
    view.slice_axis_inplace(Axis(1), Slice::from(columns));
    view
}

/// The block of the given rows and columns, to be changed.
pub(super) fn block_mut(
    matrix: &mut Array2<f64>,
    rows: Range<usize>,
    columns: Range<usize>,
) -> ArrayViewMut2<'_, f64> {
    let mut view = matrix.view_mut();
    view.slice_axis_inplace(Axis(0), Slice::from(rows));
    view.slice_axis_inplace(Axis(1), Slice::from(columns));
    view
}
