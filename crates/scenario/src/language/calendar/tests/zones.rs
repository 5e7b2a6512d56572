//! Whose clock an event goes by, as calendars say it that come from Outlook, Exchange, Google and Evolution.

use super::super::zones::CalendarZones;
use super::*;

/// The zone of New York as Outlook describes it, under a name.
fn outlook(name: &str) -> String {
    format!(
        "BEGIN:VTIMEZONE
         TZID:{name}
         BEGIN:STANDARD
         DTSTART:16011104T020000
         RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11
         TZOFFSETFROM:-0400
         TZOFFSETTO:-0500
         END:STANDARD
         BEGIN:DAYLIGHT
         DTSTART:16010311T020000
         RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3
         TZOFFSETFROM:-0500
         TZOFFSETTO:-0400
         END:DAYLIGHT
         END:VTIMEZONE\n"
    )
}

/// What a calendar in Berlin has of an hour that begins at such a time, behind what describes zones.
fn hour_at(described: &str, start: &str) -> Result<String, CalendarError> {
    taken_at(described, &format!("{start}\nDURATION:PT1H"))
}

fn taken_at(described: &str, lines: &str) -> Result<String, CalendarError> {
    let event = format!("BEGIN:VEVENT\nUID:1\n{lines}\nEND:VEVENT");
    read_lines(&format!("{described}{event}")).map(|calendar| said(&calendar))
}

#[test]
fn a_zone_is_that_of_the_database_of_the_file_of_windows_or_at_the_end_of_a_path() {
    let named = |name: &str| outlook(name);
    let located = outlook("X").replace("TZID:X", "TZID:X\n         X-LIC-LOCATION:Asia/Tokyo");
    let elsewhere = outlook("X").replace("TZID:X", "TZID:X\n         X-LIC-LOCATION:Nowhere");
    for (described, name, expected) in [
        // What the database knows is that, whatever is said of it.
        (named("Asia/Tokyo"), "Asia/Tokyo", "2026-03-20 02:00-03:00"),
        (named("+05:30"), "\"+05:30\"", "2026-03-20 05:30-06:30"),
        (located, "X", "2026-03-20 02:00-03:00"),
        (elsewhere, "X", "2026-03-20 15:00-16:00"),
        // Summer time began on 8 March in New York, and begins on 29 March in Berlin.
        (named("Eastern Standard Time"), "Eastern Standard Time", "2026-03-20 15:00-16:00"),
        (named("Customized Time Zone"), "Customized Time Zone", "2026-03-20 15:00-16:00"),
        (named("(UTC-05:00) Eastern"), "\"(UTC-05:00) Eastern\"", "2026-03-20 15:00-16:00"),
        // The file is believed, where a name of Windows has other rules today.
        (named("Tokyo Standard Time"), "Tokyo Standard Time", "2026-03-20 15:00-16:00"),
        // In the database the clock of `EST` is never changed.
        (named("EST"), "EST", "2026-03-20 15:00-16:00"),
        (String::new(), "EST", "2026-03-20 16:00-17:00"),
        (String::new(), "Eastern Standard Time", "2026-03-20 15:00-16:00"),
        (String::new(), "W. Europe Standard Time", "2026-03-20 10:00-11:00"),
        (String::new(), "UTC-11", "2026-03-20 22:00-23:00"),
        (String::new(), "UTC+12", "2026-03-19 23:00-24:00"),
        (
            String::new(),
            "/freeassociation.sourceforge.net/Tzfile/Europe/London",
            "2026-03-20 11:00-12:00",
        ),
        (String::new(), "/mozilla.org/20050126_1/America/New_York", "2026-03-20 15:00-16:00"),
        (String::new(), "/citadel.org/1/America/Indiana/Knox", "2026-03-20 16:00-17:00"),
        (String::new(), "/Europe/Berlin", "2026-03-20 10:00-11:00"),
        // A description that says nothing is none.
        (
            "BEGIN:VTIMEZONE\nTZID:Eastern Standard Time\nEND:VTIMEZONE\n".to_owned(),
            "Eastern Standard Time",
            "2026-03-20 15:00-16:00",
        ),
        (
            named("Eastern Standard Time").replace("FREQ=YEARLY", "FREQ=NEVER"),
            "Eastern Standard Time",
            "2026-03-20 15:00-16:00",
        ),
    ] {
        let start = format!("DTSTART;TZID={name}:20260320T100000");
        assert_eq!(hour_at(&described, &start), Ok(expected.to_owned()), "{name} {described}");
    }
}

#[test]
fn the_clock_of_a_described_zone_is_changed_as_that_of_the_database() {
    let zones = Zones::bundled();
    let new_york = zones.get("America/New_York").expect("a zone");
    let text = outlook("X");
    let text: Vec<&str> = text.lines().map(str::trim).collect();
    let lines = format!("BEGIN:VCALENDAR\n{}", text.join("\n"));
    let lines = lines::lines(&lines).expect("lines");
    let own = CalendarZones::new(&lines, &zones).get(&lines[0], "X").expect("described");
    let day = chrono::NaiveDate::from_ymd_opt(2007, 1, 1).expect("a day");
    // Every half an hour that is skipped or read twice is among these.
    for minutes in (0..93 * 366 * 48).map(|half| half * 30) {
        let local =
            day.and_hms_opt(0, 0, 0).expect("midnight") + chrono::TimeDelta::minutes(minutes);
        if local.hour() < 4 {
            assert_eq!(own.resolve(local), new_york.resolve(local), "{local}");
        }
    }
}

#[test]
fn times_that_a_described_zone_skips_or_reads_twice_are_taken_by_the_offset_before() {
    for (start, expected) in [
        // Of a reading that comes twice the first, and of one that is skipped what comes an hour later.
        ("20261101T013000", "2026-11-01 06:30-06:45"),
        ("20260308T023000", "2026-03-08 08:30-08:45"),
    ] {
        let start = format!("DTSTART;TZID=X:{start}\nDURATION:PT15M");
        assert_eq!(taken_at(&outlook("X"), &start), Ok(expected.to_owned()), "{start}");
    }
}

#[test]
fn what_comes_again_keeps_the_time_of_its_own_clock_in_a_described_zone() {
    let calendar = hour_at(
        &outlook("Eastern Standard Time"),
        "DTSTART;TZID=Eastern Standard Time:20260301T090000\n\
         RRULE:FREQ=WEEKLY;UNTIL=20260315T130000Z\n\
         RDATE;TZID=Eastern Standard Time:20260401T090000",
    );
    let expected = "2026-03-01 15:00-16:00, 2026-03-08 14:00-15:00, 2026-03-15 14:00-15:00, \
                    2026-04-01 15:00-16:00";
    assert_eq!(calendar, Ok(expected.to_owned()));
}

#[test]
fn described_zones_are_read_as_programs_write_them() {
    let part = |kind: &str, lines: &str| format!("BEGIN:{kind}\n{lines}\nEND:{kind}\n");
    let zone = |parts: &str| format!("BEGIN:VTIMEZONE\nTZID:X\n{parts}END:VTIMEZONE\n");
    let fixed = "DTSTART:16010101T000000\nTZOFFSETFROM:+0530\nTZOFFSETTO:+0530";
    // Exchange: the first of January, which the rule does not name, for both.
    let exchange = part(
        "STANDARD",
        "DTSTART:20260101T020000\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500\n\
         RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=1SU;BYMONTH=11",
    ) + &part(
        "DAYLIGHT",
        "DTSTART:20260101T020000\nTZOFFSETFROM:-0500\nTZOFFSETTO:-0400\n\
         RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=2SU;BYMONTH=3",
    );
    // Dates alone, and a rule that ended.
    let listed = part(
        "DAYLIGHT",
        "DTSTART:20250330T010000\nRDATE:20260301T010000,20270328T010000\n\
         TZOFFSETFROM:+0000\nTZOFFSETTO:+0100",
    ) + &part(
        "STANDARD",
        "DTSTART:20201025T020000\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20251026T010000Z\n\
         TZOFFSETFROM:+0100\nTZOFFSETTO:+000000",
    );
    for (parts, start, expected) in [
        (part("STANDARD", fixed), "20260320T103000", "2026-03-20 06:00-07:00"),
        (exchange.clone(), "20260115T090000", "2026-01-15 15:00-16:00"),
        (exchange.clone(), "20260320T090000", "2026-03-20 14:00-15:00"),
        (exchange, "20201220T090000", "2020-12-20 15:00-16:00"),
        (listed.clone(), "20251220T090000", "2025-12-20 10:00-11:00"),
        (listed.clone(), "20260320T090000", "2026-03-20 09:00-10:00"),
        (listed, "20261220T090000", "2026-12-20 09:00-10:00"),
    ] {
        let start = format!("DTSTART;TZID=X:{start}");
        assert_eq!(hour_at(&zone(&parts), &start), Ok(expected.to_owned()), "{start} {parts}");
    }
}

#[test]
fn a_zone_that_nothing_tells_is_named_with_what_was_meant() {
    for (described, name, line, parts) in [
        (
            String::new(),
            "Middle-earth",
            4,
            &["there is no time zone `Middle-earth`", "the calendar has no `VTIMEZONE`"][..],
        ),
        (String::new(), "PST", 4, &["no time zone `PST`", "write `America/Los_Angeles` (Pacific"]),
        (String::new(), "GMT+2", 4, &["`GMT+2`", "write the offset as `+02:00`"]),
        (String::new(), "Berlin", 4, &["`Berlin`", "write `Europe/Berlin`"]),
        (String::new(), "/example.org/Berlim", 4, &["`/example.org/Berlim`"]),
        (
            "BEGIN:VTIMEZONE\nTZID:X\nX-LIC-LOCATION:Europe/Berlim\nEND:VTIMEZONE\n".to_owned(),
            "X",
            8,
            &["no time zone `X`", "nor `Europe/Berlim`", "did you mean `Europe/Berlin`?"],
        ),
        (
            outlook("X").replace("TZOFFSETTO:-0400", "TZOFFSETTO:summer"),
            "X",
            4,
            &["the `VTIMEZONE` of `X` cannot be taken: line 14: `summer` is no offset"],
        ),
        (
            outlook("X").replace("TZOFFSETFROM:-0500\n", ""),
            "X",
            4,
            &["the `VTIMEZONE` of `X` cannot be taken", "a part of it has no `TZOFFSETFROM`"],
        ),
        (outlook("X").replace("FREQ=YEARLY", "FREQ=DAILY"), "X", 4, &["`X` cannot be taken"]),
    ] {
        let error = hour_at(&described, &format!("DTSTART;TZID={name}:20260320T100000"));
        let error = error.expect_err(name);
        for part in parts {
            assert!(error.what.contains(part), "{name}: {error}");
        }
        assert!(!error.what.contains("EasterIsland"), "{error}");
        assert_eq!(
            error.line,
            if described.contains("BEGIN:STANDARD") { 5 } else { line },
            "{error}"
        );
    }
}

#[test]
fn a_calendar_describes_no_more_zones_than_can_be_worked_out() {
    let names: Vec<String> = (0..251).map(|number| format!("X{number}")).collect();
    let zones: String = names.iter().map(|name| outlook(name)).collect();
    // Those that nobody names take no time.
    let start = "DTSTART;TZID=X7:20260320T100000";
    assert_eq!(hour_at(&zones, start), Ok("2026-03-20 15:00-16:00".to_owned()));
    let cheap = zones.replace("DTSTART:1601", "DTSTART:2026");
    let all: String = names
        .iter()
        .map(|name| format!("BEGIN:VEVENT\nDTSTART;TZID={name}:20260320T100000\nEND:VEVENT\n"))
        .collect();
    let error = read_lines(&format!("{cheap}{all}")).expect_err("too many");
    assert!(error.what.contains("more than 500 rules"), "{error}");
}
