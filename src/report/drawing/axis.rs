//! A time axis for runs of a minute and runs of ten years alike: what is close together is drawn
//! apart, and what is dull is cut short.
//!
//! The axis runs from knot to knot, knots being the instants at which something is to be seen.
//! Between two of them time passes evenly. How far apart they lie grows with the square root of
//! the time between them, measured against the median of the run, and stops growing at a limit:
//! that is where the axis is cut. It is also cut where hours begin and end many times while nobody
//! does anything: only the first and the last of them are knots.

use lamplighter_core::model::Instant;

/// How much room there is for an axis, in cells.
#[derive(Clone, Copy, Debug)]
pub struct Space {
    /// The axis is at least so wide, however little happens.
    pub width_min: u32,
    /// The axis is at most so wide: where more happens than has room, something is left out.
    pub width_max: u32,
    /// Between those two the axis is as wide as it takes to give each knot so much.
    pub per_knot: u32,
    /// No two knots lie closer than this many cells.
    pub knot_gap_min: u32,
    /// How much room there is behind the last knot, for what is so from then on.
    pub tail: u32,
}

/// Against a gap of median length, the longest and the shortest are drawn so long.
const STRETCH_MAX: f64 = 5.0;
const STRETCH_MIN: f64 = 0.3;
/// And a row of hours that is cut out is drawn so long.
const STRETCH_CUT_OUT: f64 = 2.0;

/// So many changes by the clock in a row are dull, and only some at both ends of the row kept.
const CLOCK_ROW_MAX: usize = 28;
const CLOCK_KEPT_MAX: usize = 5;

/// The instants at which something is to be seen, in any order and with repetitions.
#[derive(Clone, Debug, Default)]
pub struct Instants {
    /// The steps of the scenario and its failures.
    pub marks: Vec<Instant>,
    /// The instants at which an agent or a device does something.
    pub events: Vec<Instant>,
    /// The instants at which the clock changes something, such as hours that begin and end.
    pub clock: Vec<Instant>,
}

/// A map from instants to cells; it never goes back.
#[derive(Clone, Debug)]
pub struct Axis {
    knots: Vec<(Instant, u32)>,
    width: u32,
    /// Whether there were more marks and events than there is room for.
    pub is_crowded: bool,
    /// The gaps that are drawn shorter than they would be by the rule.
    pub cuts: Vec<Cut>,
}

/// A gap that is cut short.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cut {
    /// The last instant that is drawn before the gap.
    pub from: Instant,
    /// The first instant that is drawn behind it.
    pub to: Instant,
    /// At how many instants within the clock changes something; mostly at none.
    pub changes: usize,
    /// The cell in the middle of it.
    pub x: u32,
}

impl Axis {
    /// An axis from the first of all these instants to the last. Where there are more of them than
    /// there is room for, marks go before events, these before changes by the clock; those left
    /// out lie between the others.
    ///
    /// With no instant at all there is no axis.
    pub fn new(instants: Instants, space: Space) -> Option<Self> {
        let Instants { marks, events, clock } = instants;
        let all = sorted(marks.iter().chain(&events).chain(&clock).copied().collect());
        let (first, last) = (*all.first()?, *all.last()?);
        // Half of the room is for the least gaps, the other half to tell long from short.
        let room = space.width_max.saturating_sub(space.tail) / (2 * space.knot_gap_min.max(1));
        let room = (room as usize).max(2);
        let marks = sorted(marks.into_iter().chain([first, last]).collect());
        let events = without(sorted(events), &marks);
        let is_crowded = marks.len() + events.len() > room;
        let marks = thinned(marks, room);
        let events = thinned(events, room - marks.len());
        let firm = sorted(marks.into_iter().chain(events).collect());
        let clock = without(sorted(clock), &firm);
        let clock = some_of_each_row(&clock, &firm, room - firm.len());
        let knots = sorted(firm.into_iter().chain(clock).collect());

        let lengths: Vec<f64> = knots.windows(2).map(|w| w[1].since(w[0]).0 as f64).collect();
        let median = median(&lengths);
        let plain: Vec<f64> = lengths.iter().map(|length| (length / median).sqrt()).collect();
        let left_out = |pair: &[Instant]| {
            let behind = &all[all.partition_point(|at| *at <= pair[0])..];
            behind.partition_point(|at| *at < pair[1])
        };
        let left_out: Vec<usize> = knots.windows(2).map(left_out).collect();
        let weight = |(plain, left_out): (&f64, &usize)| match left_out {
            1.. if !is_crowded => STRETCH_CUT_OUT,
            _ => plain.clamp(STRETCH_MIN, STRETCH_MAX),
        };
        let weights: Vec<f64> = plain.iter().zip(&left_out).map(weight).collect();
        let gaps = lengths.len() as u32;
        let wanted = space.tail.saturating_add(gaps.saturating_mul(space.per_knot));
        let width = wanted.clamp(space.width_min, space.width_max);
        let least = gaps * space.knot_gap_min;
        let spare = f64::from(width.saturating_sub(space.tail + least));
        let sum: f64 = weights.iter().sum();

        let mut x = 0.0;
        let mut axis = Self { width, is_crowded, knots: vec![(first, 0)], cuts: Vec::new() };
        for (index, pair) in knots.windows(2).enumerate() {
            let before = x;
            x += f64::from(space.knot_gap_min) + spare * weights[index] / sum;
            axis.knots.push((pair[1], x.round() as u32));
            let changes = left_out[index];
            let is_dull = if changes == 0 { plain[index] > STRETCH_MAX } else { !is_crowded };
            if is_dull {
                let middle = ((before + x) / 2.0).round() as u32;
                axis.cuts.push(Cut { from: pair[0], to: pair[1], changes, x: middle });
            }
        }
        Some(axis)
    }

    /// How wide it is, the tail included.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// The first instant that the axis shows.
    pub fn first(&self) -> Instant {
        self.knots[0].0
    }

    /// The last instant that the axis shows.
    pub fn last(&self) -> Instant {
        self.knots[self.knots.len() - 1].0
    }

    /// The instants that have a place of their own.
    pub fn knots(&self) -> impl Iterator<Item = Instant> + '_ {
        self.knots.iter().map(|(at, _)| *at)
    }

    /// The cell in which an instant lies; one beyond an end lies at that end. Rounded down, so that
    /// only a knot itself lies where a knot lies.
    pub fn x(&self, at: Instant) -> u32 {
        self.place(at) as u32
    }

    /// Where an instant lies exactly; that of a knot is a whole number.
    pub fn place(&self, at: Instant) -> f64 {
        let after = self.knots.partition_point(|(knot, _)| *knot <= at);
        let before = after.checked_sub(1).and_then(|index| self.knots.get(index));
        match (before, self.knots.get(after)) {
            (Some(&(from, from_x)), Some(&(to, to_x))) => {
                let share = at.since(from).0 as f64 / to.since(from).0 as f64;
                f64::from(from_x) + f64::from(to_x - from_x) * share
            }
            (Some(&(_, x)), None) | (None, Some(&(_, x))) => f64::from(x),
            (None, None) => 0.0,
        }
    }
}

fn sorted(mut instants: Vec<Instant>) -> Vec<Instant> {
    instants.sort_unstable();
    instants.dedup();
    instants
}

/// Those that are not among the others, which are sorted.
fn without(mut instants: Vec<Instant>, others: &[Instant]) -> Vec<Instant> {
    instants.retain(|at| others.binary_search(at).is_err());
    instants
}

/// Of each row of changes between two firm knots all, or if it is long, some at both ends; at most
/// so many of all.
fn some_of_each_row(clock: &[Instant], firm: &[Instant], count_max: usize) -> Vec<Instant> {
    let rows: Vec<&[Instant]> =
        clock.chunk_by(|a, b| firm.binary_search(a) == firm.binary_search(b)).collect();
    let some = |kept: usize| {
        let row_max = if kept == CLOCK_KEPT_MAX { CLOCK_ROW_MAX } else { 2 * kept };
        let rows = rows.iter().flat_map(move |row| match row.len() {
            len if len <= row_max => [*row, &[]],
            len => [&row[..kept], &row[len - kept..]],
        });
        rows.flatten().copied().collect::<Vec<Instant>>()
    };
    let choices = (0..=CLOCK_KEPT_MAX).rev().map(some);
    choices.into_iter().find(|chosen| chosen.len() <= count_max).unwrap_or_default()
}

/// At most so many of them, evenly chosen; the first and the last among them.
fn thinned(instants: Vec<Instant>, count_max: usize) -> Vec<Instant> {
    match (instants.len(), count_max) {
        (len, max) if len <= max => instants,
        (_, 0) => Vec::new(),
        (len, 1) => vec![instants[len / 2]],
        (len, max) => (0..max).map(|i| instants[i * (len - 1) / (max - 1)]).collect(),
    }
}

fn median(lengths: &[f64]) -> f64 {
    let mut lengths = lengths.to_vec();
    lengths.sort_by(f64::total_cmp);
    lengths.get(lengths.len() / 2).copied().unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPACE: Space =
        Space { width_min: 200, width_max: 900, per_knot: 100, knot_gap_min: 5, tail: 30 };
    const DAY: i64 = 86_400_000;

    fn at(ms: i64) -> Instant {
        Instant::from_millis(ms).expect("in range")
    }

    fn of_marks(marks: Vec<Instant>) -> Option<Axis> {
        Axis::new(Instants { marks, ..Instants::default() }, SPACE)
    }

    fn axis(ms: &[i64]) -> Axis {
        of_marks(ms.iter().map(|&ms| at(ms)).collect()).expect("instants")
    }

    /// A day of minutes, then nothing for ten years, then a millisecond, and more.
    const CLUSTERS: [i64; 8] =
        [0, 60_000, 120_000, 30_000_000, 3_650 * DAY, 3_650 * DAY + 1, 3_651 * DAY, 3_652 * DAY];

    #[test]
    fn knots_keep_their_order_and_their_distance() {
        let axis = axis(&CLUSTERS);
        let xs: Vec<u32> = axis.knots().map(|at| axis.x(at)).collect();
        assert_eq!(xs[0], 0);
        assert!(xs.windows(2).all(|w| w[0] + SPACE.knot_gap_min <= w[1]), "{xs:?}");
        assert_eq!(xs[xs.len() - 1] + SPACE.tail, axis.width());
    }

    #[test]
    fn time_never_goes_back() {
        let axis = axis(&CLUSTERS);
        let step = DAY / 7;
        let xs: Vec<u32> = (-3..3_655 * 7).map(|i| axis.x(at(i * step))).collect();
        assert!(xs.windows(2).all(|w| w[0] <= w[1]));
        assert_eq!((xs[0], xs[xs.len() - 1]), (0, axis.width() - SPACE.tail));
    }

    #[test]
    fn equal_gaps_are_equally_wide() {
        let axis = axis(&[0, 30_000, 60_000, 90_000]);
        assert_eq!([30_000, 60_000, 90_000].map(|ms| axis.x(at(ms))), [100, 200, 300]);
        assert_eq!(axis.cuts, []);
    }

    #[test]
    fn only_long_quiet_is_cut() {
        let cuts = axis(&CLUSTERS).cuts;
        assert_eq!(cuts.len(), 1);
        assert_eq!((cuts[0].from, cuts[0].to), (at(30_000_000), at(3_650 * DAY)));
    }

    #[test]
    fn too_many_events_make_way_for_marks() {
        let events: Vec<Instant> = (0..100_000).map(|i| at(i * 3_600_000)).collect();
        let marks: Vec<Instant> = (0..20).map(|i| at(5 * DAY + i * 60_000)).collect();
        let instants = Instants { marks: marks.clone(), events, clock: Vec::new() };
        let axis = Axis::new(instants, SPACE).expect("instants");
        assert!(axis.knots().count() <= 87);
        assert!(marks.iter().all(|mark| axis.knots().any(|knot| knot == *mark)));
        assert_eq!((axis.first(), axis.last()), (at(0), at(99_999 * 3_600_000)));
        assert_eq!((axis.width(), axis.is_crowded), (900, true));
    }

    #[test]
    fn long_rows_of_hours_are_cut() {
        let clock: Vec<Instant> = (1..4_000).map(|i| at(i * DAY / 2)).collect();
        let marks = vec![at(0), at(60_000), at(4_000 * DAY / 2)];
        let instants = Instants { marks, clock, ..Instants::default() };
        let axis = Axis::new(instants, SPACE).expect("instants");
        assert_eq!(axis.knots().count(), 13);
        assert_eq!(axis.cuts.len(), 1);
        let cut = axis.cuts[0];
        assert_eq!((cut.from, cut.to), (at(5 * DAY / 2), at(3_995 * DAY / 2)));
        assert_eq!((cut.changes, axis.is_crowded), (3_989, false));
    }

    #[test]
    fn hours_make_way_for_events() {
        let clock: Vec<Instant> = (0..9_000).map(|i| at(i * DAY / 2)).collect();
        let events: Vec<Instant> = (0..45).map(|i| at(i * 100 * DAY + 1)).collect();
        let instants = Instants { events: events.clone(), clock, ..Instants::default() };
        let axis = Axis::new(instants, SPACE).expect("instants");
        assert!(axis.knots().count() <= 87);
        assert!(events.iter().all(|event| axis.knots().any(|knot| knot == *event)));
    }

    #[test]
    fn one_instant_has_a_tail_and_none_has_no_axis() {
        let one = axis(&[7]);
        assert_eq!((one.x(at(7)), one.x(at(9)), one.width()), (0, 0, 200));
        assert!(of_marks(Vec::new()).is_none());
    }

    #[test]
    fn all_of_time_fits() {
        let ends = [Instant::MIN, Instant::MAX];
        let axis = of_marks(ends.to_vec()).expect("instants");
        assert_eq!(ends.map(|at| axis.x(at)), [0, axis.width() - SPACE.tail]);
    }
}
