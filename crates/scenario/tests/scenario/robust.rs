//! Whatever stands in a calendar or in a recording: it is read or refused, in bounded time, and nothing else
//! happens.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use lamplighter_core::hours::Zones;
use lamplighter_scenario::language::calendar;
use lamplighter_scenario::play::{Options, Outcome, run};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::mutated::{Change, changed, changes, fuzz, usual};

static ZONES: LazyLock<Arc<Zones>> = LazyLock::new(|| Arc::new(Zones::bundled()));

const CALENDAR: &str = "\
BEGIN:VCALENDAR\r
VERSION:2.0\r
BEGIN:VEVENT\r
UID:1\r
DTSTART;VALUE=DATE:20261224\r
DTEND;VALUE=DATE:20261227\r
SUMMARY:Christmas\\, and what comes\r
  behind it\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:2\r
DTSTART;TZID=Europe/Berlin:20260105T130000\r
DURATION:PT2H\r
RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;UNTIL=20270101T000000Z\r
EXDATE;TZID=Europe/Berlin:20260119T130000\r
RDATE;TZID=Europe/Berlin:20260214T090000\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:2\r
RECURRENCE-ID;TZID=Europe/Berlin:20260202T130000\r
DTSTART;TZID=Europe/Berlin:20260203T130000\r
DTEND;TZID=Europe/Berlin:20260203T150000\r
STATUS:CANCELLED\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:3\r
DTSTART;VALUE=DATE:20260101\r
RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO\r
END:VEVENT\r
END:VCALENDAR\r
";

/// A calendar is taken or refused, and neither takes long: someone waits for it.
fn is_a_calendar_or_refused(changes: Vec<Change>) -> TestCaseResult {
    let text = changed(CALENDAR.as_bytes(), &changes);
    let text = String::from_utf8_lossy(&text);
    let zone = ZONES.get("Europe/Berlin").expect("a zone");
    let began = Instant::now();
    if let Err(refused) = calendar::read(&text, &zone, &ZONES) {
        let lines = text.lines().count() + 1;
        prop_assert!((1..=lines).contains(&refused.line), "{refused}: {text}");
        prop_assert!(!refused.what.is_empty());
    }
    prop_assert!(began.elapsed() < Duration::from_secs(20), "it takes too long: {text}");
    Ok(())
}

const RECORDING: &str = "\
at,widget,status,chat,reason,shown,page,device,country
2026-03-09T09:00:01Z,acme,online,yes,agent-online,yes,https://acme.example/a?b#c,desktop,DE
2026-03-09T09:00:02.5Z,acme,online,,,,,,
2026-03-09T10:00:02+01:00,\"acme\",away,yes,agent-away,no,/shop,mobile,FR
2026-03-09T12:00:00Z,acme,offline,no,nobody-present,,,,
2026-03-09T23:59:59.999Z,acme,online,no,scheduler-open,yes,,,
";

const SCENARIO: &str = "\
scenario Something was seen
property acme
  members ann
  scheduler UTC
    daily 09:00-17:00
  pages hide /shop
at 2026-03-09 09:00
  ann logs in on laptop
at 12:00
  ann logs out
observed \"FILE\" within 2s
";

/// Each row is right, wrong or faulty, and what is told of it lies in the file.
fn is_judged_or_refused(changes: Vec<Change>) -> TestCaseResult {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let bytes = changed(RECORDING.as_bytes(), &changes);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("fuzzed-{}-{count}.csv", std::process::id());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(folder.join(&name), &bytes).expect("written");
    let scenario = SCENARIO.replace("FILE", &name);
    let path = folder.join("fuzzed.scenario");
    let stop = AtomicBool::new(false);
    let verdict = run(&path, scenario.as_bytes(), &ZONES, Options::default(), &stop);
    let _ = std::fs::remove_file(folder.join(&name));
    prop_assert!(verdict.diagnostics.is_empty());
    let lines = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).count() as u64 + 1;
    for fault in &verdict.trace_diagnostics {
        prop_assert!((1..=lines).contains(&fault.line), "{fault:?}");
    }
    let observations = &verdict.observations;
    let told: u64 = observations.false_rows.iter().map(|row| 1 + row.more).sum();
    prop_assert_eq!(observations.wrong_count(), told + observations.untold);
    prop_assert!(observations.wrong_count() <= observations.rows);
    for row in &observations.false_rows {
        prop_assert!((1..=lines).contains(&row.line));
        if verdict.outcome() != Outcome::Invalid {
            prop_assert!(!row.expected(verdict.words()).is_empty());
            prop_assert!(!row.notes(verdict.words()).is_empty());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(usual())]

    #[test]
    fn any_text_is_a_calendar_or_is_refused_soon(changes in changes()) {
        is_a_calendar_or_refused(changes)?;
    }

    #[test]
    fn any_bytes_are_a_recording_whose_rows_are_judged_or_told(changes in changes()) {
        is_judged_or_refused(changes)?;
    }
}

#[test]
#[ignore = "goes on for as long as it is told to"]
fn fuzz_calendars() {
    fuzz(changes(), is_a_calendar_or_refused);
}

#[test]
#[ignore = "goes on for as long as it is told to"]
fn fuzz_recordings() {
    fuzz(changes(), is_judged_or_refused);
}
