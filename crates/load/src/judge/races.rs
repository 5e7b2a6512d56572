//! The races that a run must have met to say something of them.

use std::collections::BTreeMap;

macro_rules! races {
    ($($(#[doc = $text:literal])+ $race:ident $name:literal;)*) => {
        /// Things that happen at the same time.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Race { $($(#[doc = $text])+ $race,)* }

        impl Race {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$race),*];

            /// As it stands in reports.
            pub fn name(self) -> &'static str {
                match self { $(Self::$race => $name,)* }
            }
        }
    };
}

races! {
    /// A read lies over an edge of the widget's scheduler.
    ReadOverAnEdge "read-over-an-edge";
    /// A read lies over the end of a grace.
    ReadOverAGrace "read-over-a-grace";
    /// A read is answered while a write of its property is on its way.
    ReadDuringAWrite "read-during-a-write";
    /// Two devices of a property are changed at once.
    TwoDevicesAtOnce "two-devices-at-once";
    /// A write is on its way while an edge of a widget of its property falls.
    WriteOverAnEdge "write-over-an-edge";
    /// A device comes back while its grace ends, or just before or after.
    ReturnAtTheEnd "return-at-the-end-of-a-grace";
    /// A write is overtaken by a later one of the same device.
    Overtaken "write-overtaken";
    /// Nobody answered a write.
    Unanswered "write-unanswered";
}

/// How often each was met.
#[derive(Clone, Debug)]
pub struct Races([u64; Race::ALL.len()]);

impl Default for Races {
    fn default() -> Self {
        Self([0; Race::ALL.len()])
    }
}

impl Races {
    /// One was met.
    pub fn meet(&mut self, race: Race) {
        self.0[race as usize] += 1;
    }

    /// All of them by their names, those that were never met, too.
    pub fn by_name(&self) -> BTreeMap<String, u64> {
        Race::ALL.iter().map(|race| (race.name().to_owned(), self.0[*race as usize])).collect()
    }
}
