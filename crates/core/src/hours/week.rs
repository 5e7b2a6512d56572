//! A week without dated entries: the union of its hours as edges on a circle of 10,080 minutes,
//! so that a reading of the wall clock is looked up without asking which day it is.

use crate::model::{DAY_MINUTES, Interval};
use crate::mutations::{Mutation, is_on};

/// Minutes in a week; minute 0 is Monday 00:00.
pub const WEEK_MINUTES: u16 = 7 * DAY_MINUTES;
/// So many edges stand in the place itself: eight intervals, more than an ordinary week has.
const INLINE: usize = 16;
/// Later than every minute of a week.
const NEVER: u16 = u16::MAX;

/// When a week's hours open and close (rules S3, S4, S6).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Week {
    /// The first edges in order, then [`NEVER`].
    first: [u16; INLINE],
    /// The other edges, in order, where there are others.
    more: Option<Box<Further>>,
    /// Whether it is open as the week begins, before the edge that may stand there. Edges take
    /// turns from then on.
    begins_open: bool,
}

/// The edges for which there is no room in the place itself; behind one pointer, so that a schedule
/// is a cache line.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Further {
    minutes: Vec<u16>,
}

/// The union of spans in minutes: disjoint, not touching, in order (rule S3).
pub(super) fn union(mut spans: Vec<(u16, u16)>) -> Vec<(u16, u16)> {
    spans.sort_unstable();
    let mut union: Vec<(u16, u16)> = Vec::with_capacity(spans.len());
    for (start, end) in spans {
        match union.last_mut() {
            Some((_, last_end)) if start <= *last_end => {
                *last_end =
                    if is_on(Mutation::InnerIntervalCuts) { end } else { end.max(*last_end) };
            }
            _ => union.push((start, end)),
        }
    }
    union
}

/// A minute of the week at which hours open or close.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WeekEdge {
    /// The minutes since Monday 00:00 by the scheduler's wall clock, below 7 × 1,440.
    pub minute: u16,
    /// Whether the hours begin in this minute; otherwise it is the first one that is closed (rule
    /// S3).
    pub opens: bool,
}

impl Week {
    /// Works out the union of the intervals of each weekday, Monday first.
    pub fn new(weekdays: &[Vec<Interval>; 7]) -> Self {
        let mut spans = Vec::new();
        for (day, interval) in
            (0..).zip(weekdays).flat_map(|(day, hours)| hours.iter().map(move |i| (day, i)))
        {
            let (start, end) = interval.span();
            let late = u16::from(is_on(Mutation::StartMinuteExclusive));
            let start = day * DAY_MINUTES + start + late;
            let late = u16::from(is_on(Mutation::EndMinuteInclusive));
            let mut end = day * DAY_MINUTES + end + late;
            if is_on(Mutation::OvernightCutAtMidnight) {
                end = end.min((day + 1) * DAY_MINUTES);
            }
            // Seven days and some hours are all of the week.
            if end >= start + WEEK_MINUTES {
                spans.push((0, WEEK_MINUTES));
                continue;
            }
            spans.push((start, end.min(WEEK_MINUTES)));
            // Sunday's evening runs into Monday.
            if !is_on(Mutation::SundayEveningLost) {
                spans.extend((end > WEEK_MINUTES).then(|| (0, end - WEEK_MINUTES)));
            }
        }
        let union = union(spans);
        let begins_open = union.last().is_some_and(|&(_, end)| end == WEEK_MINUTES);
        let mut edges: Vec<u16> = union.iter().flat_map(|&(start, end)| [start, end]).collect();
        if begins_open {
            // The last end is the week's: what was open then is open still, or closes at once.
            edges.pop();
            match edges.first() {
                Some(0) => drop(edges.remove(0)),
                _ => edges.insert(0, 0),
            }
        }
        let mut first = [NEVER; INLINE];
        let inline = edges.len().min(INLINE);
        first[..inline].copy_from_slice(&edges[..inline]);
        let more =
            (edges.len() > inline).then(|| Box::new(Further { minutes: edges.split_off(inline) }));
        Self { first, more, begins_open }
    }

    /// Whether it is open in a minute of the week.
    pub fn is_open(&self, minute: u16) -> bool {
        (self.edges_until(minute) % 2 == 1) != self.begins_open
    }

    /// How many edges there are up to a minute, that one included.
    fn edges_until(&self, minute: u16) -> usize {
        // All of them at once, without a branch: cheaper than a search.
        let inline: u16 = self.first.iter().map(|&edge| u16::from(edge <= minute)).sum();
        let beyond = |more: &Further| more.minutes.partition_point(|&edge| edge <= minute);
        usize::from(inline) + self.more.as_deref().map_or(0, beyond)
    }

    /// The first edge later than a minute, in this week or, as seen from this one, in the next:
    /// then its minute is [`WEEK_MINUTES`] or more. `None` where there are no edges.
    pub fn next_edge(&self, minute: u16) -> Option<u16> {
        let edges = || self.edges().map(|edge| edge.minute);
        edges().find(|&edge| edge > minute).or_else(|| Some(edges().next()? + WEEK_MINUTES))
    }

    /// The edges, Monday's first.
    pub fn edges(&self) -> impl Iterator<Item = WeekEdge> {
        let inline = self.first.iter().take_while(|&&minute| minute != NEVER);
        let minutes = inline.chain(self.more.iter().flat_map(|more| &more.minutes)).copied();
        minutes
            .enumerate()
            .map(|(index, minute)| WeekEdge { minute, opens: (index % 2 == 0) != self.begins_open })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn week(days: &[(usize, u16, u16)]) -> Week {
        let mut weekdays: [Vec<Interval>; 7] = Default::default();
        for &(day, start, end) in days {
            weekdays[day].push(Interval::new(start, end).expect("an interval"));
        }
        Week::new(&weekdays)
    }

    fn edges(week: &Week) -> Vec<(u16, bool)> {
        week.edges().map(|edge| (edge.minute, edge.opens)).collect()
    }

    #[test]
    fn edges_stand_where_the_union_begins_and_ends() {
        for (days, expected) in [
            (&[][..], &[][..]),
            (&[(0, 540, 1020)], &[(540, true), (1020, false)]),
            // Overlapping and touching intervals are their union.
            (&[(0, 540, 720), (0, 700, 800), (0, 800, 900)], &[(540, true), (900, false)]),
            // Past midnight, and from Sunday into Monday.
            (&[(0, 1320, 120)], &[(1320, true), (1560, false)]),
            (&[(6, 1320, 120)], &[(120, false), (9960, true)]),
            // Until midnight of Sunday: it closes as the week begins.
            (&[(6, 540, 1440)], &[(0, false), (9180, true)]),
            (&[(0, 0, 60)], &[(0, true), (60, false)]),
            // Open through the turn of the week.
            (&[(6, 540, 1440), (0, 0, 60)], &[(60, false), (9180, true)]),
        ] {
            assert_eq!(edges(&week(days)), expected, "{days:?}");
        }
        // Over days: from Friday evening to Monday morning, and all week long.
        let over_days = |start, end, days| {
            let mut weekdays: [Vec<Interval>; 7] = Default::default();
            weekdays[4].extend(Interval::over_days(start, end, days));
            Week::new(&weekdays)
        };
        assert_eq!(edges(&over_days(1080, 540, 3)), [(540, false), (6840, true)]);
        assert_eq!(edges(&over_days(1080, 1080, 6)), [(5400, false), (6840, true)]);
        assert_eq!(edges(&over_days(1080, 1080, 7)), []);
        assert!(over_days(1080, 1440, 7).is_open(0));
        let always: Vec<_> = (0..7).map(|day| (day, 0, 1440)).collect();
        assert_eq!(edges(&week(&always)), []);
        assert!(week(&always).is_open(0));
        assert!(!week(&[]).is_open(0));
    }

    #[test]
    fn every_minute_of_a_week_is_open_as_its_edges_say() {
        // Few edges and, every twentieth minute, more than stand in the place itself.
        let many: Vec<_> = (0..7_usize)
            .flat_map(|day| (0..24).map(move |hour| (day, hour * 60, hour * 60 + 20)))
            .collect();
        for days in [&[(1, 540, 1020), (6, 1320, 120)][..], &[(6, 0, 1440)], &many] {
            let week = week(days);
            let edges = edges(&week);
            let mut open = week.begins_open;
            for minute in 0..WEEK_MINUTES {
                if let Some((_, opens)) = edges.iter().find(|(edge, _)| *edge == minute) {
                    assert_ne!(open, *opens, "an edge at {minute} that is none");
                    open = *opens;
                }
                assert_eq!(week.is_open(minute), open, "{minute}");
                let next = edges.iter().find(|(edge, _)| *edge > minute).map(|(edge, _)| *edge);
                let next = next.unwrap_or(edges[0].0 + WEEK_MINUTES);
                assert_eq!(week.next_edge(minute), Some(next), "{minute}");
            }
            assert_eq!(open, week.begins_open, "the week ends as it begins");
        }
    }
}
