//! What the intervals that start on one day come to, and a day as several of them make it.

use smallvec::SmallVec;

use super::week::union;
use crate::model::{DAY_MINUTES, Interval};

/// What the intervals that start on one day come to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Day {
    /// Disjoint, not touching, in order; minutes of that day. Nearly every day has a few, and a fleet many days.
    own: SmallVec<[(u16, u16); 4]>,
    /// How many minutes beyond its own day the longest of them runs.
    spill: u16,
}

impl Day {
    /// Works out the union of some intervals (rules S3, S4).
    pub fn new(intervals: &[Interval]) -> Self {
        let spans: Vec<(u16, u16)> = intervals.iter().map(|interval| interval.span()).collect();
        let spill = spans.iter().map(|&(_, end)| end.saturating_sub(DAY_MINUTES)).max();
        let own = spans.into_iter().map(|(start, end)| (start, end.min(DAY_MINUTES)));
        Self { own: SmallVec::from_slice(&union(own.collect())), spill: spill.unwrap_or(0) }
    }

    /// The minutes of its own day.
    pub fn own(&self) -> &[(u16, u16)] {
        &self.own
    }

    /// How many minutes it runs into the days behind its own; `days` after it: into that one and
    /// those behind.
    pub fn spill_after(&self, days: u16) -> u16 {
        self.spill.saturating_sub((days - 1) * DAY_MINUTES)
    }

    /// How many days behind its own it reaches.
    pub fn reach_days(&self) -> u16 {
        self.spill.div_ceil(DAY_MINUTES)
    }
}

/// A day of the calendar: what starts on it, what runs into it, and what is cut out of it.
#[derive(Debug)]
pub struct OnDate<'a> {
    /// What starts on it.
    pub day: &'a Day,
    /// The minute until which hours of days before run on, which can be all of it and more.
    pub carried: u16,
    /// What is closed of it whatever the hours say: disjoint, in order.
    pub cuts: Vec<(u16, u16)>,
}

impl OnDate<'_> {
    /// Whether it is open in a minute.
    pub fn is_open(&self, minute: u16) -> bool {
        let is_within = |spans: &[(u16, u16)]| {
            spans.iter().any(|&(start, end)| start <= minute && minute < end)
        };
        (minute < self.carried || is_within(&self.day.own)) && !is_within(&self.cuts)
    }

    /// The first minute from `from` on at which the day is not (or no longer) `open`.
    pub fn first_not(&self, from: u16, open: bool) -> Option<u16> {
        if self.cuts.is_empty() {
            return self.first_not_by_hours(from, open);
        }
        if open {
            let cut = self.cuts.iter().find(|&&(_, end)| end > from);
            let cut = cut.map(|&(start, _)| start.max(from));
            return self.first_not_by_hours(from, true).into_iter().chain(cut).min();
        }
        let mut minute = from;
        loop {
            minute = self.first_not_by_hours(minute, false)?;
            match self.cuts.iter().find(|&&(start, end)| start <= minute && minute < end) {
                Some(&(_, end)) => minute = end,
                None => return Some(minute),
            }
        }
    }

    /// The same by the hours alone, as if nothing were cut.
    fn first_not_by_hours(&self, from: u16, open: bool) -> Option<u16> {
        let mut minute = from;
        if open {
            minute = minute.max(self.carried);
            for &(start, end) in &self.day.own {
                if start <= minute && minute < end {
                    minute = end;
                }
            }
            return (minute < DAY_MINUTES).then_some(minute);
        }
        if minute < self.carried {
            return (minute < DAY_MINUTES).then_some(minute);
        }
        self.day.own.iter().find(|&&(_, end)| end > minute).map(|&(start, _)| start.max(minute))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_reaches_as_far_as_its_longest_interval() {
        let day = |texts: &[&str]| {
            let intervals: Vec<Interval> =
                texts.iter().map(|text| text.parse().expect(text)).collect();
            Day::new(&intervals)
        };
        for (texts, own, reach, spills) in [
            (&["09:00-17:00"][..], &[(540, 1_020)][..], 0, [0, 0, 0]),
            (&["22:00-02:00", "23:00-01:00"], &[(1_320, 1_440)], 1, [120, 0, 0]),
            (&["18:00-09:00+3d"], &[(1_080, 1_440)], 3, [3_420, 1_980, 540]),
            (&["10:00-24:00+1d"], &[(600, 1_440)], 1, [1_440, 0, 0]),
        ] {
            let day = day(texts);
            assert_eq!((day.own(), day.reach_days()), (own, reach), "{texts:?}");
            assert_eq!([1, 2, 3].map(|after| day.spill_after(after)), spills, "{texts:?}");
        }
    }

    #[test]
    fn what_is_cut_is_closed_and_its_end_is_an_edge_where_hours_go_on() {
        let hours = Day { own: smallvec::smallvec![(540, 1_020)], spill: 0 };
        let date = OnDate { day: &hours, carried: 60, cuts: vec![(30, 600), (960, 1_100)] };
        for (from, open, expected) in [
            (0, true, Some(30)),
            (0, false, Some(0)),
            (30, false, Some(600)),
            (600, true, Some(960)),
            (960, false, None),
            (1_100, true, Some(1_100)),
        ] {
            assert_eq!(date.first_not(from, open), expected, "{from} {open}");
        }
        let open: Vec<u16> = (0..DAY_MINUTES).filter(|&minute| date.is_open(minute)).collect();
        assert_eq!(open, (0..30).chain(600..960).collect::<Vec<u16>>());
    }
}
