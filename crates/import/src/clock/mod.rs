//! When something happened, as logs write it: with an offset or without, as a number since 1970, or in
//! a format of its own.
//!
//! A local time that the clock skipped is taken by the offset from before the jump (02:30 in the hour
//! that spring leaves out is 03:30), one that it read twice is taken for the first of the two. Both are
//! counted.
//!
//! | file | what it does |
//! | --- | --- |
//! | `format`, `plain` | the formats in which times are written; those of nothing but numbers |
//! | `iso` | as RFC 3339 and ISO 8601 write them |
//! | `unit` | what a number since 1970 counts |
//! | `reading` | what a text says, before a zone makes an instant of it |
//! | `local` | an instant of what a wall clock read |

mod format;
mod iso;
mod local;
mod plain;
mod reading;
mod unit;

use std::sync::Arc;

pub use format::{Format, FormatError};
use iso::IsoTimes;
use lamplighter_core::hours::Zone;
use lamplighter_core::model::Instant;
use local::LocalTimes;
use reading::Reading;
pub use unit::Unit;

/// Reads the times of a log.
pub struct Clock {
    formats: Vec<Format>,
    iso: IsoTimes,
    local: Option<LocalTimes>,
}

/// Why a text is no time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoTime {
    /// No format fits it.
    Unreadable,
    /// It is a local time, and nobody said of which zone.
    WithoutZone,
    /// It lies outside of the years 0001 to 9999 (rule T4).
    OutOfRange,
    /// It is a number since 1970 that only in this other unit lies near the present.
    InUnit(Unit),
}

impl Clock {
    /// A clock for times in these formats, the first that fits; local ones are read in the zone.
    pub fn new(formats: Vec<Format>, zone: Option<Arc<Zone>>) -> Self {
        Self { formats, iso: IsoTimes::default(), local: zone.map(LocalTimes::new) }
    }

    /// The instant that a text says.
    ///
    /// # Errors
    /// When no format fits, or what fits is no instant.
    pub fn read(&mut self, text: &str) -> Result<Instant, NoTime> {
        match self.reading(text).ok_or(NoTime::Unreadable)? {
            Reading::Instant(ms) => Instant::from_millis(ms).ok_or(NoTime::OutOfRange),
            Reading::InUnit(unit) => Err(NoTime::InUnit(unit)),
            Reading::Local(local) => {
                let times = self.local.as_mut().ok_or(NoTime::WithoutZone)?;
                times.instant(local).ok_or(NoTime::OutOfRange)
            }
        }
    }

    /// The second instant that a text says whose first was read before, if it is a local time that the clock
    /// read twice.
    pub fn read_second(&mut self, text: &str) -> Option<Instant> {
        match self.reading(text)? {
            Reading::Local(local) => self.local.as_mut()?.second_instant(local),
            _ => None,
        }
    }

    /// What the first format that fits makes of a text.
    fn reading(&mut self, text: &str) -> Option<Reading> {
        let iso = &mut self.iso;
        self.formats.iter().find_map(|format| match format {
            Format::Iso => iso.read(text.as_bytes()),
            Format::Epoch(unit) => format::epoch(text, *unit),
            Format::Written(written) => written.read(text),
        })
    }

    /// How many local times were read that the clock skipped, and that it read twice, since this was last
    /// asked for.
    pub fn take_skipped_and_repeated(&mut self) -> (u64, u64) {
        self.local.as_mut().map_or((0, 0), LocalTimes::take_skipped_and_repeated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamplighter_core::hours::Zones;

    fn clock(formats: &[&str], zone: Option<&str>) -> Clock {
        let formats = formats.iter().map(|text| Format::parse(text).expect(text)).collect();
        let zone = zone.map(|name| Zones::bundled().get(name).expect(name));
        Clock::new(formats, zone)
    }

    fn read(formats: &[&str], zone: Option<&str>, text: &str) -> Result<String, NoTime> {
        clock(formats, zone).read(text).map(|at| at.to_string())
    }

    #[test]
    fn times_are_read_as_they_are_written() {
        for (format, zone, text, instant) in [
            ("iso", None, "2026-03-09T13:55:00Z", "2026-03-09T13:55:00Z"),
            ("iso", None, "2026-03-09t13:55:00.250999z", "2026-03-09T13:55:00.250Z"),
            ("iso", None, "2026-03-09 08:55:00-05:00", "2026-03-09T13:55:00Z"),
            ("iso", None, "2026-03-09 08:55 -0500", "2026-03-09T13:55:00Z"),
            ("iso", None, "2026-03-09 14:55:00 +01", "2026-03-09T13:55:00Z"),
            ("iso", Some("America/New_York"), "2026-03-09 09:55:00,5", "2026-03-09T13:55:00.500Z"),
            ("iso", Some("America/New_York"), "2026-03-09T09:55", "2026-03-09T13:55:00Z"),
            ("epoch", None, "1773064500", "2026-03-09T13:55:00Z"),
            ("epoch", None, "1773064500.25", "2026-03-09T13:55:00.250Z"),
            ("epoch-ms", None, "1773064500250", "2026-03-09T13:55:00.250Z"),
            ("epoch-us", None, "1773064500250999", "2026-03-09T13:55:00.250Z"),
            ("%d/%m/%Y %H:%M", Some("Europe/London"), "09/03/2026 13:55", "2026-03-09T13:55:00Z"),
            ("%m/%d/%y %I:%M:%S %p", Some("UTC"), "03/09/26 01:55:00 PM", "2026-03-09T13:55:00Z"),
            ("%d.%m.%Y %H:%M:%S %z", None, "09.03.2026 14:55:00 +0100", "2026-03-09T13:55:00Z"),
            ("%b %d %Y %T%.f", Some("UTC"), "Mar 09 2026 13:55:00.250", "2026-03-09T13:55:00.250Z"),
            ("%s", None, "1773064500", "2026-03-09T13:55:00Z"),
        ] {
            assert_eq!(read(&[format], zone, text), Ok(instant.to_owned()), "{format} {text}");
        }
    }

    #[test]
    fn what_is_no_time_says_why() {
        use NoTime::*;
        for (format, zone, text, why) in [
            ("iso", None, "2026-03-09 08:55:00", WithoutZone),
            ("iso", Some("UTC"), "2026-02-30 08:55:00", Unreadable),
            ("iso", Some("UTC"), "2026-03-09 24:00:00", Unreadable),
            ("iso", Some("UTC"), "2026-03-09 08:55:60", Unreadable),
            ("iso", Some("UTC"), "2026-03-09", Unreadable),
            ("iso", Some("UTC"), "2026-03-09 08:55:00 PST", Unreadable),
            ("iso", None, "0000-12-31T23:59:59Z", Unreadable),
            ("iso", None, "0001-01-01T00:00:00+01:00", OutOfRange),
            ("iso", None, "", Unreadable),
            ("epoch", None, "soon", Unreadable),
            ("epoch", None, "1773064500250", InUnit(Unit::Millis)),
            ("epoch", None, "1773064500250000", InUnit(Unit::Micros)),
            ("epoch-ms", None, "1773064500", InUnit(Unit::Seconds)),
            ("epoch-us", None, "1773064500250", InUnit(Unit::Millis)),
            ("epoch", None, "99999999999999999999", Unreadable),
            ("%d/%m/%Y %H:%M", Some("UTC"), "09/13/2026 13:55", Unreadable),
            ("%d/%m/%Y %H:%M", None, "09/03/2026 13:55", WithoutZone),
            ("%Y-%m-%d %H:%M:%S", Some("UTC"), "2026-03-09 08:55:60", Unreadable),
        ] {
            assert_eq!(read(&[format], zone, text), Err(why), "{format} {text}");
        }
    }

    #[test]
    fn the_first_format_that_fits_counts() {
        let formats = ["%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "iso"];
        for (text, instant) in [
            ("03/04/2026 10:00", "2026-04-03T10:00:00Z"),
            ("03/24/2026 10:00", "2026-03-24T10:00:00Z"),
            ("2026-03-24 10:00", "2026-03-24T10:00:00Z"),
        ] {
            assert_eq!(read(&formats, Some("UTC"), text), Ok(instant.to_owned()), "{text}");
        }
    }

    #[test]
    fn skipped_and_repeated_local_times_follow_the_rule_and_are_counted() {
        let mut clock = clock(&["iso"], Some("America/New_York"));
        for (text, instant) in [
            ("2026-03-08 01:59:59", "2026-03-08T06:59:59Z"),
            // Skipped: by the offset from before, so it is what the clock then read as 03:30.
            ("2026-03-08 02:30:00", "2026-03-08T07:30:00Z"),
            ("2026-03-08 03:30:00", "2026-03-08T07:30:00Z"),
            ("2026-11-01 00:59:59", "2026-11-01T04:59:59Z"),
            // Read twice: the first time.
            ("2026-11-01 01:30:00", "2026-11-01T05:30:00Z"),
            ("2026-11-01 02:00:00", "2026-11-01T07:00:00Z"),
        ] {
            assert_eq!(clock.read(text).map(|at| at.to_string()), Ok(instant.to_owned()), "{text}");
        }
        assert_eq!(clock.take_skipped_and_repeated(), (1, 1));
    }
}
