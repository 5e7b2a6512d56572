//! The knobs of a synthetic world: each with its name, its range and its default, in one place.

use std::fmt;
use std::ops::RangeInclusive;

use thiserror::Error;

use lamplighter_core::model::text::{self, write_date};
use lamplighter_core::model::{Instant, Millis};

/// A knob that is a number.
pub struct Knob {
    /// The knob's name, as the option of `generate` has it without the dashes.
    pub name: &'static str,
    /// What the knob does, in a line of the help text.
    pub help: &'static str,
    /// The values that can be set, both ends included.
    pub range: RangeInclusive<u32>,
    /// The value where nothing is set.
    pub default: u32,
    /// Reads the knob's value from a set of knobs.
    pub get: fn(&Knobs) -> u32,
    /// Gives it a value, which [`Population::new`](super::Population::new) looks at.
    pub set: fn(&mut Knobs, u32),
}

macro_rules! knobs {
    ($($(#[doc = $help:literal])+ $field:ident $name:literal $range:expr, $default:literal;)*) => {
        /// Settings as used. Two populations with the same knobs are the same.
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub struct Knobs {
            /// What every random stream is forked from.
            pub seed: u64,
            /// The first instant of the run.
            pub start: Instant,
            /// The grace of the world (rule P7); less than [`GRACE_END`].
            pub grace: Millis,
            /// After how long an idle device goes away (rule P8), if ever; longer than zero.
            pub auto_away: Option<Millis>,
            $($(#[doc = $help])+ pub $field: u32,)*
        }

        impl Default for Knobs {
            fn default() -> Self {
                Self {
                    seed: 1,
                    start: START,
                    grace: Millis::DEFAULT_GRACE,
                    auto_away: None,
                    $($field: $default,)*
                }
            }
        }

        impl Knob {
            /// Every knob that is a number, in the order of the help.
            pub const ALL: &[Self] = &[$(Self {
                name: $name,
                help: concat!($($help),+),
                range: $range,
                default: $default,
                get: |knobs| knobs.$field,
                set: |knobs, value| knobs.$field = value,
            }),*];
        }
    };
}

knobs! {
    /// Properties
    properties "properties" 1..=10_000_000, 100;
    /// Agents a property; some work for others as well
    agents "agents" 1..=1_000, 5;
    /// Devices an agent: a laptop, a phone and so on
    devices "devices" 1..=8, 2;
    /// Days of 24 hours that the run lasts
    days "days" 1..=3_660, 7;
    /// Percent of properties whose widgets have a scheduler
    scheduled "scheduled" 0..=100, 75;
    /// Percent of schedulers with hours like no other
    different_schedules "different-schedules" 0..=100, 0;
    /// Percent of properties that work in the evening, at night or at weekends
    odd_hours "odd-hours" 0..=100, 15;
    /// Percent of properties that keep holidays
    holidays "holidays" 0..=100, 60;
    /// Percent of properties with further widgets
    more_widgets "more-widgets" 0..=100, 15;
    /// Percent of agents in several properties
    shared_agents "shared-agents" 0..=100, 10;
    /// Percent of members who are suspended
    suspended "suspended" 0..=100, 1;
    /// Percent of widgets that are offline when all agents are, and of widgets hidden then
    strict "strict" 0..=100, 25;
    /// Percent of widgets for some pages or countries only
    choosy "choosy" 0..=100, 5;
    /// Percent of phones that stay logged in over night
    phones_left_on "phones-left-on" 0..=100, 10;
    /// Percent of agents who never log out
    never_log_out "never-log-out" 0..=100, 1;
    /// Connections lost by a hundred devices a day
    flakiness "flakiness" 0..=1_000, 30;
    /// Rows that cannot happen, for a thousand that can
    anomalies "anomalies" 0..=1_000, 0;
}

/// Every grace is shorter than this, so that a shift outlasts it.
pub const GRACE_END: Millis = Millis(3_600_000);

/// The default start, a Monday: 2026-03-02T00:00:00Z.
const START: Instant = match Instant::from_millis(1_772_409_600_000) {
    Some(start) => start,
    None => panic!("the default start lies within the years 0001 to 9999"),
};

/// The years in which a run can start. Before 1970 zones are what somebody once guessed; the last one
/// leaves room for the days.
pub const START_YEARS: RangeInclusive<i32> = 1970..=9980;

/// More agents than this would need wider numbers.
pub const AGENTS_MAX: u64 = 100_000_000;

/// Why knobs cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum KnobError {
    /// A number outside of its range.
    #[error("--{name} is {value}, and must be {} to {}", range.start(), range.end())]
    OutOfRange {
        /// The name of the knob whose value is outside.
        name: &'static str,
        /// The value that was to be set.
        value: u32,
        /// The values that can be set, both ends included.
        range: RangeInclusive<u32>,
    },
    /// More agents in all than there can be.
    #[error(
        "{agents} agents in all are too many: take fewer properties, or fewer agents a property"
    )]
    TooManyAgents {
        /// How many agents the knobs would give in all properties together.
        agents: u64,
    },
    /// A start outside of [`START_YEARS`].
    #[error(
        "the start {start} is outside of the years {} to {}", START_YEARS.start(), START_YEARS.end()
    )]
    Start {
        /// The first instant that was asked for.
        start: Instant,
    },
    /// A grace that is too long.
    #[error("a grace of {grace} is too long: it must be shorter than {GRACE_END}")]
    Grace {
        /// The grace that was asked for, which is not below [`GRACE_END`].
        grace: Millis,
    },
    /// An auto-away of no length.
    #[error("an auto-away of zero would be away at once: take a longer one, or `off`")]
    AutoAway,
}

impl Knobs {
    /// How many agents there are.
    pub fn agent_count(&self) -> u64 {
        u64::from(self.properties) * u64::from(self.agents)
    }

    /// How long the run is.
    pub fn length(&self) -> Millis {
        Millis(u64::from(self.days) * 86_400_000)
    }

    /// The first instant after the run.
    pub fn end(&self) -> Instant {
        self.start.checked_add(self.length()).unwrap_or(Instant::MAX)
    }

    /// Whether everything is in its range.
    pub(super) fn check(&self) -> Result<(), KnobError> {
        for knob in Knob::ALL {
            let (name, value, range) = (knob.name, (knob.get)(self), knob.range.clone());
            if !range.contains(&value) {
                return Err(KnobError::OutOfRange { name, value, range });
            }
        }
        let agents = self.agent_count();
        if agents > AGENTS_MAX {
            return Err(KnobError::TooManyAgents { agents });
        }
        let year = chrono::Datelike::year(&self.start.to_local(0));
        if !START_YEARS.contains(&year) {
            return Err(KnobError::Start { start: self.start });
        }
        if self.grace >= GRACE_END {
            return Err(KnobError::Grace { grace: self.grace });
        }
        if self.auto_away == Some(Millis::ZERO) {
            return Err(KnobError::AutoAway);
        }
        Ok(())
    }

    /// The start as the option takes it: a date, or an instant where it is no midnight.
    fn start_words(&self) -> String {
        let date = self.start.to_local(0).date();
        match date.and_time(chrono::NaiveTime::MIN) == self.start.to_local(0) {
            true => write_date(date),
            false => self.start.to_string(),
        }
    }

    /// The start that a date or an instant in RFC 3339 stands for.
    pub fn start_from(text: &str) -> Option<Instant> {
        match text::date(text) {
            Ok(date) => Instant::from_local(date.and_time(chrono::NaiveTime::MIN), 0),
            Err(_) => text.parse().ok(),
        }
    }
}

/// As the options that set them, all of them: `--seed 1 --start 2026-03-02 … --anomalies 0`.
impl fmt::Display for Knobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "--seed {} --start {}", self.seed, self.start_words())?;
        for knob in Knob::ALL {
            write!(f, " --{} {}", knob.name, (knob.get)(self))?;
        }
        write!(f, " --grace {} --auto-away ", self.grace)?;
        match self.auto_away {
            Some(length) => write!(f, "{length}"),
            None => f.write_str("off"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_in_their_ranges() {
        assert_eq!(Knobs::default().check(), Ok(()));
        assert_eq!(Knobs::default().start.to_string(), "2026-03-02T00:00:00Z");
    }

    #[test]
    fn what_is_out_of_range_is_named_with_its_range() {
        for knob in Knob::ALL {
            let mut knobs = Knobs::default();
            (knob.set)(&mut knobs, knob.range.end() + 1);
            let error = knobs.check().expect_err("out of range").to_string();
            assert!(error.contains(knob.name), "{error}");
            assert!(error.ends_with(&format!("to {}", knob.range.end())), "{error}");
        }
        let knobs = Knobs { properties: 1_000_000, agents: 500, ..Knobs::default() };
        assert!(matches!(knobs.check(), Err(KnobError::TooManyAgents { agents: 500_000_000 })));
        let knobs = Knobs { grace: GRACE_END, ..Knobs::default() };
        assert!(matches!(knobs.check(), Err(KnobError::Grace { .. })));
        let knobs = Knobs { auto_away: Some(Millis::ZERO), ..Knobs::default() };
        assert_eq!(knobs.check(), Err(KnobError::AutoAway));
    }

    #[test]
    fn a_start_is_a_date_or_an_instant() {
        for text in ["2026-03-02", "2026-03-02T06:30:00Z", "1970-01-01", "2026-03-02T06:30:00.250Z"]
        {
            let start = Knobs::start_from(text).expect("a start");
            assert_eq!(Knobs { start, ..Knobs::default() }.start_words(), text);
        }
        for text in ["", "2026-02-30", "2026-03-02 06:30", "today"] {
            assert_eq!(Knobs::start_from(text), None, "{text}");
        }
    }
}
