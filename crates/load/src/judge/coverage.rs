//! Coverage: the races that a run must have met to say something of them.

use std::collections::BTreeMap;

macro_rules! goals {
    ($($(#[doc = $text:literal])+ $goal:ident $name:literal;)*) => {
        /// A race: things that happen at the same time, and so are worth to have been met.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum CoverageGoal { $($(#[doc = $text])+ $goal,)* }

        impl CoverageGoal {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$goal),*];

            /// Its name in reports.
            pub fn name(self) -> &'static str {
                match self { $(Self::$goal => $name,)* }
            }
        }
    };
}

goals! {
    /// A read lies over an edge of the widget's scheduler.
    ReadOverAnEdge "read-over-an-edge";
    /// A read lies over the end of a grace.
    ReadOverAGrace "read-over-a-grace";
    /// A read is answered while a write of its property is in flight.
    ReadDuringAWrite "read-during-a-write";
    /// Two devices of a property are changed at once.
    TwoDevicesAtOnce "two-devices-at-once";
    /// A write is in flight while an edge of a widget of its property falls.
    WriteOverAnEdge "write-over-an-edge";
    /// A device comes back while its grace ends, or just before or after.
    ReturnAtTheEnd "return-at-the-end-of-a-grace";
    /// A write is overtaken by a later one of the same device.
    Overtaken "write-overtaken";
    /// Nobody answered a write: it is indeterminate.
    Unanswered "write-unanswered";
}

/// How often each was met.
#[derive(Clone, Debug)]
pub struct CoverageCounts([u64; CoverageGoal::ALL.len()]);

impl Default for CoverageCounts {
    fn default() -> Self {
        Self([0; CoverageGoal::ALL.len()])
    }
}

impl CoverageCounts {
    /// One was met.
    pub fn meet(&mut self, goal: CoverageGoal) {
        self.0[goal as usize] += 1;
    }

    /// All of them by their names, those that were never met, too.
    pub fn by_name(&self) -> BTreeMap<String, u64> {
        CoverageGoal::ALL
            .iter()
            .map(|goal| (goal.name().to_owned(), self.0[*goal as usize]))
            .collect()
    }
}
