//! What becomes of states, intervals, gaps and devices.

use crate::common::{import_text, mapping};

/// Events of a log in CSV, with a device.
const EVENTS: &str = r#"
format = 1
[time]
at = "at"
[agent]
column = "who"
[device]
column = "where"
all    = "*"
[[action]]
column     = "what"
login      = "in"
logout     = "out"
online     = "on"
away       = "away"
invisible  = "hid"
disconnect = "lost"
reconnect  = "back"
active     = "typed"
ignore     = "call"
"#;

/// Rows such as `0:00 ann desk in`, of one day and without seconds.
fn events(rows: &[&str]) -> (String, lamplighter_import::Imported) {
    let row = |row: &&str| {
        let fields: Vec<&str> = row.split(' ').collect();
        format!("2026-03-09T{:0>5}Z,{}\n", fields[0], fields[1..].join(","))
    };
    let rows: String = rows.iter().map(row).collect();
    let (trace, imported) = import_text(&format!("at,who,where,what\n{rows}"), &mapping(EVENTS));
    (short(&trace), imported)
}

/// A trace in the same few words.
fn short(trace: &str) -> String {
    let row = |row: &str| {
        let row = row.replace("2026-03-09T", "").replace(":00Z", "");
        row.replace(',', " ")
    };
    trace.lines().map(row).collect::<Vec<_>>().join("\n")
}

fn of_events(rows: &[&str]) -> String {
    events(rows).0
}

#[test]
fn a_state_of_someone_who_is_not_logged_in_logs_them_in() {
    assert_eq!(
        of_events(&["10:00 ann desk away", "10:05 bob desk on", "10:10 cat desk hid"]),
        "10:00 ann desk login\n10:00 ann desk away\n10:05 bob desk login\n10:10 cat desk login\n\
         10:10 cat desk invisible"
    );
}

#[test]
fn what_is_so_already_needs_no_row() {
    let rows =
        ["10:00 ann desk in", "10:01 ann desk on", "10:02 ann desk away", "10:03 ann desk away"];
    let (trace, imported) = events(&rows);
    assert_eq!(trace, "10:00 ann desk login\n10:02 ann desk away");
    assert_eq!(imported.counts.so_already, 2);
}

#[test]
fn a_login_where_one_is_logged_in_is_a_fresh_one() {
    assert_eq!(
        of_events(&["10:00 ann desk in", "10:01 ann desk away", "10:02 ann desk in"]),
        "10:00 ann desk login\n10:01 ann desk away\n10:02 ann desk login"
    );
}

#[test]
fn what_needs_a_login_is_left_out_where_there_is_none() {
    let rows =
        ["10:00 ann desk out", "10:01 ann desk lost", "10:02 ann desk typed", "10:03 ann * out"];
    let (trace, imported) = events(&rows);
    assert_eq!(trace, "");
    assert_eq!(imported.counts.not_logged_in, 4);
}

#[test]
fn a_connection_that_was_lost_is_back_or_logged_in_again() {
    assert_eq!(
        of_events(&[
            "10:00 ann desk in",
            "10:01 ann desk away",
            "10:02 ann desk lost",
            "10:03 ann desk back",
            "10:04 ann desk back",
            "10:05 ann desk lost",
            "10:06 ann desk lost",
            "10:07 ann desk typed",
            "10:08 ann desk lost",
            "10:09 ann desk out",
            "10:10 ann desk back",
        ]),
        "10:00 ann desk login\n10:01 ann desk away\n10:02 ann desk disconnect\n\
         10:03 ann desk reconnect\n10:05 ann desk disconnect\n10:07 ann desk login\n\
         10:07 ann desk away\n10:08 ann desk disconnect\n10:09 ann desk logout"
    );
}

#[test]
fn what_is_of_all_devices_is_of_each_that_is_logged_in() {
    assert_eq!(
        of_events(&[
            "10:00 ann desk in",
            "10:01 ann phone in",
            "10:02 ann tablet in",
            "10:03 ann phone out",
            "10:04 ann * away",
            "10:05 ann * out",
            "10:06 ann * on",
        ]),
        "10:00 ann desk login\n10:01 ann phone login\n10:02 ann tablet login\n10:03 ann phone logout\n\
         10:04 ann desk away\n10:04 ann tablet away\n10:05 ann desk logout\n10:05 ann tablet logout\n\
         10:06 ann desk login"
    );
}

#[test]
fn rows_come_in_any_order() {
    assert_eq!(
        of_events(&["10:02 ann desk out", "10:00 ann desk in", "10:01 ann desk away"]),
        "10:00 ann desk login\n10:01 ann desk away\n10:02 ann desk logout"
    );
}

#[test]
fn rows_of_one_instant_stay_in_the_order_of_the_log_or_against_it() {
    let rows =
        "at,who,where,what\n2026-03-09T10:00:00Z,ann,desk,in\n2026-03-09T10:00:00Z,ann,desk,away\n";
    let as_it_stands = "10:00 ann desk login\n10:00 ann desk away";
    assert_eq!(short(&import_text(rows, &mapping(EVENTS)).0), as_it_stands);
    let newest_first = EVENTS.replace("[time]", "[log]\norder = \"newest-first\"\n[time]");
    let against = "10:00 ann desk login\n10:00 ann desk away\n10:00 ann desk login";
    assert_eq!(short(&import_text(rows, &mapping(&newest_first)).0), against);
}

/// Intervals of a log in CSV.
const INTERVALS: &str = r#"
format = 1
[time]
from = "from"
to   = "to"
[agent]
column = "who"
[[action]]
column = "what"
online = "on"
away   = "away"
logout = "off"
"#;

/// Rows such as `10:00 11:00 ann on`; `-` is no end.
fn intervals(mapping_text: &str, rows: &[&str]) -> (String, lamplighter_import::Imported) {
    let at = |text: &str| match text {
        "-" => String::new(),
        text => format!("2026-03-09T{text}Z"),
    };
    let row = |row: &&str| {
        let fields: Vec<&str> = row.split(' ').collect();
        format!("{},{},{},{}\n", at(fields[0]), at(fields[1]), fields[2], fields[3])
    };
    let rows: String = rows.iter().map(row).collect();
    let (trace, imported) =
        import_text(&format!("from,to,who,what\n{rows}"), &mapping(mapping_text));
    (short(&trace), imported)
}

fn of_intervals(rows: &[&str]) -> String {
    intervals(INTERVALS, rows).0
}

#[test]
fn between_two_intervals_nobody_is_logged_in() {
    assert_eq!(
        of_intervals(&["10:00 11:00 ann on", "11:00 12:00 ann away", "13:00 14:00 ann away"]),
        "10:00 ann desk login\n11:00 ann desk away\n12:00 ann desk logout\n13:00 ann desk login\n\
         13:00 ann desk away\n14:00 ann desk logout"
    );
}

#[test]
fn or_the_last_state_holds_where_the_mapping_says_so() {
    let holds = INTERVALS.replace("[agent]", "gap = \"holds\"\n[agent]");
    let rows = ["10:00 11:00 ann on", "11:30 12:00 ann away", "13:00 14:00 ann off"];
    assert_eq!(
        intervals(&holds, &rows).0,
        "10:00 ann desk login\n11:30 ann desk away\n13:00 ann desk logout"
    );
}

#[test]
fn a_gap_as_short_as_the_mapping_says_is_none() {
    let seconds = |gap: &str| {
        let mapping = INTERVALS.replace("[agent]", &format!("gap_min = \"{gap}\"\n[agent]"));
        let rows = [
            "10:00 11:00 ann on",
            "11:02 12:00 ann away",
            "12:05 13:00 ann on",
            "12:04 12:06 bob on",
        ];
        intervals(&mapping, &rows).0
    };
    assert_eq!(
        seconds("2m"),
        "10:00 ann desk login\n11:02 ann desk away\n12:00 ann desk logout\n12:04 bob desk login\n\
         12:05 ann desk login\n12:06 bob desk logout\n13:00 ann desk logout"
    );
    assert_eq!(
        seconds("5m"),
        "10:00 ann desk login\n11:02 ann desk away\n12:04 bob desk login\n12:05 ann desk online\n\
         12:06 bob desk logout\n13:00 ann desk logout"
    );
}

#[test]
fn an_interval_without_an_end_lasts_until_the_next_or_to_the_end_of_the_log() {
    assert_eq!(
        of_intervals(&[
            "10:00 - ann on",
            "11:00 12:00 ann away",
            "13:00 - ann on",
            "15:00 16:00 bob on"
        ]),
        "10:00 ann desk login\n11:00 ann desk away\n12:00 ann desk logout\n13:00 ann desk login\n\
         15:00 bob desk login\n16:00 bob desk logout"
    );
}

#[test]
fn of_overlapping_intervals_the_one_that_began_last_counts() {
    let rows = [
        "10:00 14:00 ann on",
        "11:00 12:00 ann away",
        "13:00 15:00 ann away",
        "13:30 13:45 ann off",
    ];
    let (trace, imported) = intervals(INTERVALS, &rows);
    assert_eq!(
        trace,
        "10:00 ann desk login\n11:00 ann desk away\n12:00 ann desk online\n13:00 ann desk away\n\
         13:30 ann desk logout\n13:45 ann desk login\n13:45 ann desk away\n15:00 ann desk logout"
    );
    assert_eq!(imported.counts.overlapping, 3);
}

#[test]
fn intervals_that_are_over_at_once_are_none() {
    let (trace, imported) = intervals(INTERVALS, &["10:00 10:00 ann on", "11:00 11:00 bob away"]);
    assert_eq!((trace.as_str(), imported.taken.empty_intervals), ("", 2));
}

#[test]
fn an_interval_over_a_clock_that_is_put_back_does_not_end_before_it_begins() {
    let mapping = crate::common::in_zone(mapping(INTERVALS), "Europe/London");
    for (from, to, rows, repeated) in [
        (
            "01:50",
            "01:10",
            "2026-10-25T00:50:00Z,ann,desk,login\n2026-10-25T01:10:00Z,ann,desk,logout\n",
            1,
        ),
        (
            "00:50",
            "01:10",
            "2026-10-24T23:50:00Z,ann,desk,login\n2026-10-25T00:10:00Z,ann,desk,logout\n",
            1,
        ),
        (
            "01:10",
            "01:50",
            "2026-10-25T00:10:00Z,ann,desk,login\n2026-10-25T00:50:00Z,ann,desk,logout\n",
            2,
        ),
        ("02:10", "01:50", "", 0),
    ] {
        let day = "2026-10-25";
        let log = format!("from,to,who,what\n{day} {from}:00,{day} {to}:00,ann,on\n");
        let (trace, imported) = import_text(&log, &mapping);
        assert_eq!(
            (trace.as_str(), imported.taken.repeated_times),
            (rows, repeated),
            "{from} {to}"
        );
        assert_eq!(imported.taken.faults.count(), u64::from(rows.is_empty()), "{from} {to}");
    }
}
