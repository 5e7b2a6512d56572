//! Read windows: by them answers without versions are judged, those of a load test as they come and those
//! of a recording afterwards. What was seen is admissible if it was so at some moment of its window; what
//! is not is told by the nearest moment at which it was.
//!
//! Moments are counted in whatever unit their owner has; between two moments at which something may
//! change, every moment is as the earlier of the two.
//!
//! ```
//! use lamplighter_scenario::window::{Miss, Window};
//!
//! // Something was so until a change at 100, and was seen from 105 to 107.
//! let window = Window { from: 105, to: 107 };
//! let changes = |tell: &mut dyn FnMut(i64)| tell(100);
//! assert!(!window.some(changes, |at| at < 100));
//! assert_eq!(Miss::nearest(Some(105 - 99), None), Miss::Stale(6));
//! ```

/// From the first moment at which what was seen can have been so to the last, both included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    /// The first moment of the window, in the caller's unit.
    pub from: i64,
    /// The last moment of the window, in the caller's unit.
    pub to: i64,
}

impl Window {
    /// Visits moments enough to know all of it: the first, and each behind it at which something may
    /// change, in the order in which `changes` tells them.
    pub fn each(self, changes: impl FnOnce(&mut dyn FnMut(i64)), mut visit: impl FnMut(i64)) {
        visit(self.from);
        changes(&mut |moment| {
            if self.from < moment && moment <= self.to {
                visit(moment);
            }
        });
    }

    /// Whether something holds at some moment of it: whether what was seen is admissible.
    pub fn some(
        self,
        changes: impl FnOnce(&mut dyn FnMut(i64)),
        mut holds: impl FnMut(i64) -> bool,
    ) -> bool {
        // What is true is so in the end, as a rule.
        let mut found = holds(self.to);
        if !found {
            self.each(changes, |moment| found = found || holds(moment));
        }
        found
    }

    /// The latest moment of it at which something holds.
    pub fn latest(
        self,
        changes: impl FnOnce(&mut dyn FnMut(i64)),
        holds: impl FnMut(&i64) -> bool,
    ) -> Option<i64> {
        // Just before something changes is the latest moment of what it was.
        let mut moments = vec![self.to];
        self.each(changes, |moment| moments.extend([(moment - 1).max(self.from), moment]));
        moments.sort_unstable();
        moments.into_iter().rev().find(holds)
    }
}

/// In which way something that was seen at no moment of its window is wrong, by its distance from the
/// nearest moment at which it was so.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Miss {
    /// It was so before, and so long ago.
    Stale(u64),
    /// It is so only afterwards, so much later.
    Early(u64),
    /// It was so at no moment that is known.
    Never,
}

impl Miss {
    /// By the distances from the last moment before and the first one afterwards; of two that are as far
    /// the one before counts.
    pub fn nearest(before: Option<u64>, after: Option<u64>) -> Self {
        match (before, after) {
            (Some(before), Some(after)) if after < before => Self::Early(after),
            (Some(before), _) => Self::Stale(before),
            (None, Some(after)) => Self::Early(after),
            (None, None) => Self::Never,
        }
    }

    /// How far the nearest moment is; `None` where there is none.
    pub fn distance(self) -> Option<u64> {
        match self {
            Self::Stale(distance) | Self::Early(distance) => Some(distance),
            Self::Never => None,
        }
    }

    /// Its word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stale(_) => "stale",
            Self::Early(_) => "early",
            Self::Never => "never",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So from 10 to 19, and from 40 on.
    fn is_so(at: i64) -> bool {
        (10..20).contains(&at) || at >= 40
    }

    fn changes(tell: &mut dyn FnMut(i64)) {
        [40, 10, 20].into_iter().for_each(tell);
    }

    #[test]
    fn both_ends_of_a_window_count_and_nothing_outside() {
        for from in 0..60 {
            for to in from..60 {
                let window = Window { from, to };
                let moments: Vec<i64> = (from..=to).filter(|&at| is_so(at)).collect();
                assert_eq!(window.some(changes, is_so), !moments.is_empty(), "{from} to {to}");
                let latest = window.latest(changes, |&at| is_so(at));
                assert_eq!(latest, moments.last().copied(), "{from} to {to}");
            }
        }
    }

    #[test]
    fn the_nearer_moment_decides_and_of_two_as_far_the_one_before() {
        for (before, after, expected) in [
            (Some(5), None, Miss::Stale(5)),
            (None, Some(5), Miss::Early(5)),
            (Some(5), Some(4), Miss::Early(4)),
            (Some(5), Some(5), Miss::Stale(5)),
            (Some(4), Some(5), Miss::Stale(4)),
            (None, None, Miss::Never),
        ] {
            assert_eq!(Miss::nearest(before, after), expected, "{before:?} {after:?}");
        }
    }
}
