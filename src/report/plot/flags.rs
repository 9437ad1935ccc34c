//! Labels on poles, side by side without touching.
//!
//! In: where each pole stands and how wide its label is. Out: a row and a side for each label, so that no label
//! covers another and, where there is any such way, no pole runs through a label. The fewest rows are taken.

/// A label to be placed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flag {
    /// Where its pole stands.
    pub at: f64,
    /// How wide its label is, with its gap.
    pub width: f64,
}

/// The place of a label: rows count from the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Row, 0 at the top.
    pub row: usize,
    /// Whether the label is to the left of its pole.
    pub left: bool,
}

/// Places flags between the edges `from` and `to`, in the order given (left to right is best).
pub(super) fn place(flags: &[Flag], from: f64, to: f64) -> Vec<Place> {
    for rows in 1..=flags.len() {
        let mut places = Vec::with_capacity(flags.len());
        if search(flags, rows, (from, to), &mut places) {
            return places;
        }
    }
    // A row of wide labels from edge to edge: one row each, so that at least no label covers another.
    let left = |flag: &Flag| flag.at + flag.width > to;
    flags.iter().enumerate().map(|(row, flag)| Place { row, left: left(flag) }).collect()
}

fn search(flags: &[Flag], rows: usize, edges: (f64, f64), places: &mut Vec<Place>) -> bool {
    let Some(flag) = flags.get(places.len()) else { return true };
    for left in [false, true] {
        let (begin, end) = extent(flag, left);
        if begin < edges.0 || end > edges.1 {
            continue;
        }
        for row in 0..rows {
            let place = Place { row, left };
            if flags.iter().zip(places.iter()).all(|(other, at)| apart((flag, place), (other, *at))) {
                places.push(place);
                if search(flags, rows, edges, places) {
                    return true;
                }
                places.pop();
            }
        }
    }
    false
}

fn extent(flag: &Flag, left: bool) -> (f64, f64) {
    if left { (flag.at - flag.width, flag.at) } else { (flag.at, flag.at + flag.width) }
}

fn apart(first: (&Flag, Place), second: (&Flag, Place)) -> bool {
    let (a, b) = (extent(first.0, first.1.left), extent(second.0, second.1.left));
    if first.1.row == second.1.row && a.0 < b.1 && b.0 < a.1 {
        return false;
    }
    // A pole hangs down from its own row through those below.
    let pierced = |pole: (&Flag, Place), label: (f64, f64), row: usize| {
        row > pole.1.row && label.0 < pole.0.at - 0.1 && pole.0.at + 0.1 < label.1
    };
    !pierced(first, b, second.1.row) && !pierced(second, a, first.1.row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn labels_with_room_share_the_first_row() {
        let flags = [Flag { at: 10.0, width: 50.0 }, Flag { at: 100.0, width: 50.0 }];
        let places = place(&flags, 0.0, 200.0);
        assert!(places.iter().all(|place| place.row == 0 && !place.left));
    }

    #[test]
    fn a_label_at_the_right_edge_goes_left_of_its_pole() {
        assert!(place(&[Flag { at: 190.0, width: 50.0 }], 0.0, 200.0)[0].left);
    }

    proptest! {
        #[test]
        fn no_label_covers_another_and_three_are_never_pierced(
            mut poles in prop::collection::vec((70.0..640.0_f64, 90.0..190.0_f64), 1..7),
        ) {
            poles.sort_by(|a, b| a.0.total_cmp(&b.0));
            let flags: Vec<Flag> = poles.iter().map(|(at, width)| Flag { at: *at, width: *width }).collect();
            let places = place(&flags, 0.0, 760.0);
            for one in 0..flags.len() {
                for other in 0..one {
                    let (a, b) = (extent(&flags[one], places[one].left), extent(&flags[other], places[other].left));
                    prop_assert!(places[one].row != places[other].row || a.1 <= b.0 || b.1 <= a.0);
                    let unpierced = apart((&flags[one], places[one]), (&flags[other], places[other]));
                    prop_assert!(flags.len() > 3 || unpierced);
                }
            }
        }
    }
}
