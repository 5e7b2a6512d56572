//! A row of a picture: how long each state lasted, in cells.

use super::Axis;
use lamplighter_core::model::Instant;

/// A part of a row in which one state lasted, or states that changed too often were drawn together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RowSegment<T> {
    /// The first cell that is filled.
    pub x: u32,
    /// The cell after the last; later than `x`.
    pub end_x: u32,
    /// The instant from which on it was so.
    pub from: Instant,
    /// The instant until which it was; `None` where the row ends like this.
    pub to: Option<Instant>,
    /// What it was all the time; `None` where it changed too often to be drawn.
    pub what: Option<T>,
    /// How many changes were drawn together in it, which a mixture tells.
    pub changes: usize,
}

/// Lays a row out: `changes` are in time order, each with what is so from then on. States of less
/// than `narrow` cells are drawn together with their equally narrow neighbours, as a mixture.
pub fn row_segments<T: Copy + PartialEq>(
    changes: impl IntoIterator<Item = (Instant, T)>,
    axis: &Axis,
    narrow: u32,
) -> Vec<RowSegment<T>> {
    let mut row: Vec<RowSegment<T>> = Vec::new();
    let mut changes = changes.into_iter().peekable();
    while let Some((from, what)) = changes.next() {
        let to = changes.peek().map(|(to, _)| *to);
        let end = to.map_or(f64::from(axis.width()), |to| axis.place(to));
        let is_narrow = end - axis.place(from) < f64::from(narrow);
        let (x, end_x) = (axis.x(from), end as u32);
        match row.last_mut() {
            Some(last) if last.what == Some(what) => (last.end_x, last.to) = (end_x, to),
            Some(last) if is_narrow && last.what.is_none() => {
                (last.end_x, last.to) = (end_x, to);
                last.changes += 1;
            }
            _ => {
                let what = (!is_narrow).then_some(what);
                row.push(RowSegment { x, end_x, from, to, what, changes: 0 });
            }
        }
    }
    // What took no cell at all still must be seen: it takes one of its neighbour's.
    for index in 0..row.len() {
        if row[index].end_x == row[index].x {
            row[index].end_x += 1;
            if let Some(next) = row.get_mut(index + 1) {
                next.x += 1;
            }
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use super::super::{Instants, Space};
    use super::*;

    fn at(ms: i64) -> Instant {
        Instant::from_millis(ms).expect("in range")
    }

    /// A hundred seconds, ten to the cell: one knot at each end.
    fn axis() -> Axis {
        let space = Space { width_min: 12, width_max: 12, per_knot: 1, knot_gap_min: 1, tail: 2 };
        let marks = vec![at(0), at(100_000)];
        Axis::new(Instants { marks, ..Instants::default() }, space).expect("instants")
    }

    fn drawn(changes: &[(i64, char)], narrow: u32) -> String {
        let changes = changes.iter().map(|&(s, what)| (at(s * 1_000), what));
        let mut text = String::new();
        for segment in row_segments(changes, &axis(), narrow) {
            text.extend(std::iter::repeat_n(' ', segment.x as usize - text.chars().count()));
            let width = (segment.end_x - segment.x) as usize;
            text.extend(std::iter::repeat_n(segment.what.unwrap_or('%'), width));
        }
        text
    }

    #[test]
    fn states_last_until_the_next_one_and_the_last_one_to_the_end() {
        assert_eq!(drawn(&[(0, 'a'), (40, 'b'), (70, 'c')], 1), "aaaabbbccccc");
        assert_eq!(drawn(&[(30, 'a'), (40, 'a')], 1), "   aaaaaaaaa");
        assert_eq!(drawn(&[], 1), "");
    }

    #[test]
    fn what_is_too_narrow_is_mixed() {
        let busy = [(0, 'a'), (40, 'b'), (42, 'c'), (44, 'a'), (49, 'b'), (60, 'c')];
        assert_eq!(drawn(&busy, 1), "aaaa%bcccccc");
        assert_eq!(drawn(&busy, 2), "aaaa%%cccccc");
    }

    #[test]
    fn a_state_that_fills_no_cell_claims_none() {
        let halves: Vec<(i64, char)> =
            (0..9).map(|i| (i * 5, ['a', 'b'][i as usize % 2])).collect();
        assert_eq!(drawn(&halves, 1), "%%%%aaaaaaaa");
    }

    #[test]
    fn a_short_state_takes_one_cell() {
        assert_eq!(drawn(&[(0, 'a'), (41, 'b'), (42, 'a')], 1), "aaaa%aaaaaaa");
    }
}
