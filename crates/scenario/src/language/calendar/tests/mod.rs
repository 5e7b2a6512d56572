//! Calendars as they come from the programs that people have, and some that nobody should send.

use lamplighter_core::model::text::write_date;

use super::*;

mod zones;

/// A calendar of some lines, read for a scheduler in Berlin.
fn read_lines(lines: &str) -> Result<Calendar, CalendarError> {
    let zones = Zones::bundled();
    let zone = zones.get("Europe/Berlin").expect("a zone");
    // As the tests indent them: what stands behind is folding.
    let lines = lines.trim().lines().map(|l| l.strip_prefix("         ").unwrap_or(l));
    let lines = lines.collect::<Vec<_>>().join("\r\n");
    read(&format!("BEGIN:VCALENDAR\r\n{lines}\r\nEND:VCALENDAR\r\n"), &zone, &zones)
}

fn event(lines: &str) -> Result<Calendar, CalendarError> {
    read_lines(&format!("BEGIN:VEVENT\nUID:1\n{lines}\nEND:VEVENT"))
}

/// What a calendar comes to: runs of closed dates, then cuts.
fn said(calendar: &Calendar) -> String {
    let closed = calendar.closed.iter().map(|&(first, last)| match first == last {
        true => write_date(first),
        false => format!("{}..{}", write_date(first), write_date(last)),
    });
    let cuts = calendar.cuts.iter().map(|(date, cut)| format!("{} {cut}", write_date(*date)));
    closed.chain(cuts).collect::<Vec<_>>().join(", ")
}

#[test]
fn an_event_of_whole_days_is_closed_dates_and_its_end_is_not_one() {
    for (lines, expected) in [
        ("DTSTART;VALUE=DATE:20261225", "2026-12-25"),
        ("DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261227", "2026-12-24..2026-12-26"),
        ("DTSTART;VALUE=DATE:20261224\nDURATION:P2D", "2026-12-24..2026-12-25"),
        ("DTSTART;VALUE=DATE:20261225\nSTATUS:CANCELLED", ""),
        ("DTSTART;VALUE=DATE:20261225\nTRANSP:TRANSPARENT", "2026-12-25"),
        (
            "DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=YEARLY;COUNT=3",
            "2026-01-01, 2027-01-01, 2028-01-01",
        ),
        (
            "DTSTART;VALUE=DATE:20260501\nRRULE:FREQ=MONTHLY;BYDAY=1FR;UNTIL=20260703",
            "2026-05-01, 2026-06-05, 2026-07-03",
        ),
        (
            "DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE;VALUE=DATE:20260103\n\
             RDATE;VALUE=DATE:20260110,20260112",
            "2026-01-01..2026-01-02, 2026-01-04, 2026-01-10, 2026-01-12",
        ),
    ] {
        assert_eq!(
            event(lines).map(|calendar| said(&calendar)),
            Ok(expected.to_owned()),
            "{lines}"
        );
    }
}

#[test]
fn an_event_with_times_is_a_cut_as_the_schedulers_clock_reads_it() {
    for (lines, expected) in [
        // UTC, another zone, and whatever clock one looks at.
        ("DTSTART:20260619T110000Z\nDTEND:20260619T140000Z", "2026-06-19 13:00-16:00"),
        (
            "DTSTART;TZID=America/New_York:20260619T090000\nDURATION:PT1H30M",
            "2026-06-19 15:00-16:30",
        ),
        ("DTSTART:20260619T130000\nDTEND:20260619T160000", "2026-06-19 13:00-16:00"),
        // The start down and the end up to the minute; what takes no time is nothing.
        ("DTSTART:20260619T130059\nDTEND:20260619T130101", "2026-06-19 13:00-13:02"),
        ("DTSTART:20260619T130000", ""),
        // Over midnight, and over days.
        (
            "DTSTART:20260619T220000\nDTEND:20260621T020000",
            "2026-06-19 22:00-24:00, 2026-06-20 00:00-24:00, 2026-06-21 00:00-02:00",
        ),
        // At the same time of its own clock before and after a clock change.
        (
            "DTSTART;TZID=America/New_York:20261028T090000\nDURATION:PT1H\n\
             RRULE:FREQ=WEEKLY;COUNT=2",
            "2026-10-28 14:00-15:00, 2026-11-04 15:00-16:00",
        ),
        // `UNTIL` is said in UTC.
        (
            "DTSTART;TZID=America/New_York:20260601T200000\nDURATION:PT1H\n\
             RRULE:FREQ=DAILY;UNTIL=20260603T000000Z",
            "2026-06-02 02:00-03:00, 2026-06-03 02:00-03:00",
        ),
    ] {
        assert_eq!(
            event(lines).map(|calendar| said(&calendar)),
            Ok(expected.to_owned()),
            "{lines}"
        );
    }
}

#[test]
fn one_time_of_an_event_can_be_moved_or_cancelled() {
    let calendar = read_lines(
        "BEGIN:VTIMEZONE
         TZID:W. Europe Standard Time
         X-LIC-LOCATION:Europe/Berlin
         END:VTIMEZONE
         BEGIN:VEVENT
         UID:training
         DTSTART;TZID=\"W. Europe Standard Time\":20260601T130000
         DTEND;TZID=\"W. Europe Standard Time\":20260601T140000
         RRULE:FREQ=WEEKLY;
          COUNT=4
         BEGIN:VALARM
         TRIGGER:-PT15M
         DTSTART:20200101T000000Z
         END:VALARM
         END:VEVENT
         BEGIN:VEVENT
         UID:training
         RECURRENCE-ID;TZID=Europe/Berlin:20260608T130000
         DTSTART;TZID=Europe/Berlin:20260609T150000
         DTEND;TZID=Europe/Berlin:20260609T170000
         END:VEVENT
         BEGIN:VEVENT
         UID:training
         RECURRENCE-ID:20260615T110000Z
         DTSTART:20260615T110000Z
         DTEND:20260615T120000Z
         STATUS:CANCELLED
         END:VEVENT",
    );
    let expected = "2026-06-01 13:00-14:00, 2026-06-09 15:00-17:00, 2026-06-22 13:00-14:00";
    assert_eq!(calendar.map(|calendar| said(&calendar)), Ok(expected.to_owned()));
}

/// An event of every Monday at one o'clock in June 2026, and another part of it.
fn mondays(others: &str) -> Result<String, CalendarError> {
    let read = read_lines(&format!(
        "BEGIN:VEVENT\nUID:1\nDTSTART;TZID=Europe/Berlin:20260601T130000\nDURATION:PT1H\n\
         RRULE:FREQ=WEEKLY;COUNT=5\nEND:VEVENT\n{others}"
    ));
    read.map(|calendar| said(&calendar))
}

/// A part that stands for some times of that event.
fn part(of: &str, lines: &str) -> String {
    format!("BEGIN:VEVENT\nUID:1\nRECURRENCE-ID{of}\n{lines}\nEND:VEVENT\n")
}

#[test]
fn one_time_and_all_that_follow_can_be_moved_or_cancelled() {
    let later = ";RANGE=THISANDFUTURE;TZID=Europe/Berlin:20260615T130000";
    let moved = "DTSTART;TZID=Europe/Berlin:20260616T150000\nDURATION:PT2H";
    let again = part(
        ";RANGE=\"thisandfuture\":20260629T110000Z",
        "DTSTART;TZID=Europe/Berlin:20260629T090000\nDURATION:PT30M",
    );
    let before = "2026-06-01 13:00-14:00, 2026-06-08 13:00-14:00";
    for (others, expected) in [
        (
            part(later, moved),
            ", 2026-06-16 15:00-17:00, 2026-06-23 15:00-17:00, 2026-06-30 15:00-17:00",
        ),
        (part(later, &format!("{moved}\nSTATUS:CANCELLED")), ""),
        // What is said of one time alone counts there, and of two the later from there on.
        (
            part(later, moved)
                + &part(":20260622T110000Z", "DTSTART:20260622T060000Z\nDURATION:PT1H"),
            ", 2026-06-16 15:00-17:00, 2026-06-22 08:00-09:00, 2026-06-30 15:00-17:00",
        ),
        (
            again.clone() + &part(later, moved),
            ", 2026-06-16 15:00-17:00, 2026-06-23 15:00-17:00, 2026-06-29 09:00-09:30",
        ),
        (
            part(later, moved)
                + &part(":20260615T110000Z", "DTSTART:20260615T060000Z\nDURATION:PT1H"),
            ", 2026-06-15 08:00-09:00, 2026-06-23 15:00-17:00, 2026-06-30 15:00-17:00",
        ),
        // A date means the time of that date.
        (
            part(";RANGE=THISANDFUTURE;VALUE=DATE:20260615", moved),
            ", 2026-06-16 15:00-17:00, 2026-06-23 15:00-17:00, 2026-06-30 15:00-17:00",
        ),
    ] {
        assert_eq!(mondays(&others), Ok(format!("{before}{expected}")), "{others}");
    }
    // Whole days come first in what is said.
    let whole = part(later, "DTSTART;VALUE=DATE:20260615");
    let expected = format!("2026-06-15, 2026-06-22, 2026-06-29, {before}");
    assert_eq!(mondays(&whole), Ok(expected));
}

#[test]
fn what_is_said_of_later_times_and_cannot_be_taken_is_told() {
    let start = "DTSTART;TZID=Europe/Berlin:20260615T150000";
    for (of, lines, line, what) in [
        (";RANGE=THISANDPRIOR:20260615T110000Z", start, 10, "`RANGE=THISANDPRIOR` is not taken"),
        (
            ";RANGE=THISANDFUTURE:20260615T110000Z",
            &format!("{start}\nRRULE:FREQ=DAILY;COUNT=2"),
            12,
            "leave out its RRULE",
        ),
    ] {
        let error = mondays(&part(of, lines)).expect_err(of);
        assert_eq!(error.line, line, "{error}");
        assert!(error.what.contains(what), "{error}");
    }
}

#[test]
fn a_period_takes_as_long_as_it_says() {
    for (lines, expected) in [
        (
            "DTSTART:20260310T100000Z\nDURATION:PT4H\nRDATE;VALUE=PERIOD:20260311T100000Z/PT1H",
            "2026-03-10 11:00-15:00, 2026-03-11 11:00-12:00",
        ),
        (
            "DTSTART:20260310T100000Z\nDURATION:PT4H\nRDATE;VALUE=PERIOD:\
             20260311T100000Z/20260311T103000Z,20260312T100000Z/P1DT1H",
            "2026-03-10 11:00-15:00, 2026-03-11 11:00-11:30, 2026-03-12 11:00-24:00, \
             2026-03-13 00:00-12:00",
        ),
        // Also where a rule or another line names the same time.
        (
            "DTSTART:20260310T100000Z\nDURATION:PT4H\nRRULE:FREQ=DAILY;COUNT=2\n\
             RDATE;VALUE=PERIOD:20260311T100000Z/PT1H\nRDATE:20260311T100000Z",
            "2026-03-10 11:00-15:00, 2026-03-11 11:00-12:00",
        ),
        // By whatever clock it is written.
        (
            "DTSTART;TZID=America/New_York:20260310T090000\nDURATION:PT4H\n\
             RDATE;VALUE=PERIOD:20260311T130000Z/20260311T143000Z",
            "2026-03-10 14:00-18:00, 2026-03-11 14:00-15:30",
        ),
    ] {
        assert_eq!(
            event(lines).map(|calendar| said(&calendar)),
            Ok(expected.to_owned()),
            "{lines}"
        );
    }
    for (lines, what) in [
        (
            "DTSTART;VALUE=DATE:20260310\nRDATE;VALUE=PERIOD:20260311T100000Z/PT1H",
            "`20260311T100000Z/PT1H` is a period, which has times",
        ),
        ("DTSTART:20260310T100000Z\nRDATE;VALUE=PERIOD:20260311T100000Z/Px", "`Px` is no duration"),
    ] {
        let error = event(lines).expect_err(lines);
        assert!(error.line == 5 && error.what.contains(what), "{error}");
    }
}

#[test]
fn what_comes_for_ever_is_taken_to_the_end_of_the_century() {
    let calendar = event("DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=YEARLY").expect("a calendar");
    assert_eq!(calendar.closed.len(), 74);
    assert_eq!(
        calendar.closed.last().map(|(_, last)| write_date(*last)),
        Some("2099-12-25".into())
    );
}

#[test]
fn what_cannot_be_taken_says_where_and_why() {
    let zones = Zones::bundled();
    let zone = Zone::utc();
    let why = |text: &str| read(text, &zone, &zones).map_err(|error| error.to_string());
    assert_eq!(why("hello"), Err("line 1: an iCalendar text begins with `BEGIN:VCALENDAR`".into()));
    for (lines, line, part) in [
        ("SUMMARY:no time", 3, "this event has no `DTSTART`"),
        ("DTSTART:2026-12-25", 4, "`2026-12-25` is no date or time"),
        ("DTSTART;TZID=Middle-earth:20260101T090000", 4, "there is no time zone `Middle-earth`"),
        ("DTSTART:20260101T090000\nRRULE:FREQ=SECONDLY", 5, "by the hour, minute or second"),
        ("DTSTART:20260101T090000\nRRULE:FREQ=NOW", 5, "this RRULE is none"),
        ("DTSTART:20260101T090000\nDURATION:soon", 5, "`soon` is no duration"),
        ("DTSTART:20260101T090000\nnonsense", 5, "no content line"),
        ("DTSTART:18000101T090000\nRRULE:FREQ=DAILY", 5, "more times than can be taken"),
        ("DTSTART;VALUE=DATE:00010101\nDTEND;VALUE=DATE:99991231", 3, "at most 50000 days"),
        ("DTSTART:00010101T000000\nDTEND:99991231T000000", 3, "at most 50000 days"),
    ] {
        let error = event(lines).expect_err(lines);
        assert_eq!(error.line, line, "{lines}: {error}");
        assert!(error.what.contains(part), "{lines}: {error}");
    }
    let unended = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101T000000\n";
    assert_eq!(why(unended), Err("line 3: there is no `END:VEVENT`".into()));
    let huge = format!("BEGIN:VCALENDAR\n{}", "X:y\n".repeat(BYTES_MAX / 4));
    assert!(why(&huge).is_err_and(|error| error.contains("at most 1048576 bytes")));
    let many = "BEGIN:VEVENT\nDTSTART:20260101T000000\nRRULE:FREQ=YEARLY;COUNT=1\nEND:VEVENT\n";
    let many = format!("BEGIN:VCALENDAR\n{}END:VCALENDAR\n", many.repeat(RECURRING_MAX + 1));
    assert!(why(&many).is_err_and(|error| error.contains("at most 500 events with an RRULE")));
}

#[test]
fn a_rule_that_says_what_no_rule_says_is_refused_with_why() {
    for (rule, why) in [
        ("FREQ=DAILY;CUONT=3", "none: `CUONT` is no part of a rule"),
        ("FREQ=DAILY;COUNT", "none: `COUNT` is no part such as `COUNT=3`"),
        ("FREQ=WEEKLY;BYDAY=MO,", "none: `BYDAY` lacks a value"),
        ("FREQ=DAILY;COUNT=3;count=4", "none: `COUNT` is said twice"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270101", "none: UNTIL and COUNT may not both be given"),
        ("FREQ=DAILY;INTERVAL=0", "none: recurrence interval cannot be zero"),
        ("FREQ=DAILY;BYDAY=2SA", "none: a BYDAY ordinal may not be used with FREQ=DAILY"),
        ("FREQ=DAILY;BYYEARDAY=9", "none: BYYEARDAY may not be used with FREQ=DAILY"),
        ("FREQ=YEARLY;RSCALE=HEBREW", "none: it counts by the calendar `HEBREW`"),
        ("FREQ=DAILY;UNTIL=20261224", "this RRULE ends before its event begins"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "this RRULE names no time up to the year 2099"),
    ] {
        let refused = event(&format!("DTSTART;VALUE=DATE:20261225\nRRULE:{rule}"));
        let what = refused.expect_err(rule).what;
        assert!(what.contains(why), "{rule}: {what}");
    }
}

#[test]
fn places_among_days_count_within_a_whole_week_or_year_of_weeks() {
    for (start, rule, dates) in [
        // A Wednesday: the second of its week's Tuesday and Sunday is the Sunday that follows.
        (
            "20291128",
            "FREQ=WEEKLY;BYDAY=TU,SU;BYSETPOS=2;COUNT=2",
            "2029-11-28, 2029-12-02, 2029-12-09",
        ),
        // What a day is the first of, nobody can tell within a week.
        ("20261201", "FREQ=WEEKLY;BYDAY=1MO;COUNT=2", "2026-12-01, 2026-12-07, 2026-12-14"),
        // The first week of 2025 begins in 2024.
        (
            "20241201",
            "FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO;COUNT=2",
            "2024-12-01, 2024-12-30, 2025-12-29",
        ),
    ] {
        let calendar = event(&format!("DTSTART;VALUE=DATE:{start}\nRRULE:{rule}"));
        assert_eq!(said(&calendar.expect(rule)), dates, "{rule}");
    }
}

#[test]
fn the_date_on_which_a_rule_ends_counts_to_its_end() {
    let lines = "DTSTART:20260601T100000\nDTEND:20260601T110000\nRRULE:FREQ=DAILY;UNTIL=20260602";
    let calendar = event(lines).expect("a calendar");
    assert_eq!(said(&calendar), "2026-06-01 10:00-11:00, 2026-06-02 10:00-11:00");
}

#[test]
fn a_rule_with_letters_of_other_scripts_is_refused() {
    for rule in ["FREQ=WEEKLY;BYDAY=M\u{feff}O", "FREQ=WEEKLY;BYDAY=\u{e9}", "FREQ=W\u{e9}EKLY"] {
        let refused = event(&format!("DTSTART;VALUE=DATE:20261225\nRRULE:{rule}"));
        let what = refused.expect_err(rule).what;
        assert!(what.contains("this RRULE is none"), "{what}");
    }
}
