//! Hours as calls and as JSON (T32, T33).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use lamplighter_core::model::{Calendar, Cut, Dates, EveryWeeks, Interval, Scheduler};
use serde_json::{Value, json};

use super::files::{WIDGET, bare_with};
use super::{kept, with_names};
use crate::file::hours::{HoursError, UnsupportedHours};
use crate::file::request::{Request, RequestContext};
use crate::file::section::{Caller, Section};
use crate::file::template::{KeptValues, Vars};

fn day(text: &str) -> Vec<Interval> {
    let parse = |one: &str| one.parse::<Interval>().expect("an interval");
    text.split_whitespace().map(parse).collect()
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// Monday and Tuesday with hours, Friday past midnight, one holiday and one date with hours.
fn week() -> Scheduler {
    let mut scheduler = Scheduler { zone: "Europe/Paris".to_owned(), hours: Default::default() };
    scheduler.hours.weekdays[0] = day("09:00-17:00");
    scheduler.hours.weekdays[1] = day("13:00-18:00 08:30-12:00");
    scheduler.hours.weekdays[4] = day("22:00-02:00");
    for (on, hours) in [("2026-12-25", ""), ("2026-12-24", "09:00-12:00"), ("2028-01-01", "")] {
        scheduler.hours.dates.insert(date(on), day(hours));
    }
    scheduler
}

const CAN: &str = "[can]\nhours = { zone = \"own\", intervals_a_day = \"any\", overnight = true, dates = true }\n";

/// The bodies that `hours.set` sends for a scheduler.
fn sent(hours: &str, scheduler: &Scheduler) -> Result<Vec<String>, HoursError> {
    let can =
        CAN.replace(", dates = true", if hours.contains("date") { ", dates = true" } else { "" });
    let file = bare_with(&format!("{WIDGET}{can}{hours}"));
    let steps = file.steps(Section::HoursSet).expect("steps");
    let property = kept(&[("property", json!("p1")), ("widget", json!("p1"))]);
    let around = RequestContext {
        base_path: "",
        of_every_call: &file.http.headers,
        of_caller: file.headers(Caller::Admin),
    };
    with_names(&property, &KeptValues::new(), &Vars::default(), |names| {
        let calls = file.hours.set(steps, scheduler, date("2026-11-26"), names)?;
        let bodies = calls.iter().map(|call| {
            let request = Request::of(call.step, around, &mut names.with(&call.names));
            String::from_utf8(request.expect("names").body).expect("UTF-8")
        });
        Ok(bodies.collect())
    })
}

#[test]
fn t32_for_each_weekday_there_are_seven_calls_and_closed_days_have_closed_times() {
    let mut scheduler = week();
    scheduler.hours.weekdays[1] = day("00:00-24:00");
    let hours = r#"
[hours]
weekdays = { mon = 1, tue = 2, wed = 3, thu = 4, fri = 5, sat = 6, sun = 0 }
closed = false
[[hours.set]]
put = "/h"
for = "weekday"
json = { d = "{{weekday}}", o = "{{open}}", s = "{{start|hhmm}}", e = "{{end|minutes|num}}", l = "{{last}}", z = "{{zone}}" }
"#;
    let closed = |day: u8| {
        format!(r#"{{"d":{day},"o":false,"s":false,"e":false,"l":false,"z":"Europe/Paris"}}"#)
    };
    let wanted = [
        r#"{"d":1,"o":true,"s":"0900","e":1020,"l":"16:59","z":"Europe/Paris"}"#.to_owned(),
        r#"{"d":2,"o":true,"s":"0000","e":1440,"l":"23:59","z":"Europe/Paris"}"#.to_owned(),
        closed(3),
        closed(4),
        r#"{"d":5,"o":true,"s":"2200","e":120,"l":"01:59","z":"Europe/Paris"}"#.to_owned(),
        closed(6),
        closed(0),
    ];
    assert_eq!(sent(hours, &scheduler), Ok(wanted.to_vec()));
    let error = sent(hours, &week()).expect_err("two intervals in one call");
    assert_eq!(error, HoursError::Unsayable(UnsupportedHours::Intervals { wants: 2, can: 1 }));
}

#[test]
fn t32_steps_without_for_stand_where_they_stand_and_intervals_are_calls() {
    let hours = r#"
[[hours.set]]
put = "/clear"
text = "clear"
[[hours.set]]
post = "/h"
for = "interval"
text = "{{weekday}} {{start}}-{{end}} {{property}}"
[[hours.set]]
put = "/done"
text = "done {{zone}}"
"#;
    let wanted = [
        "clear",
        "mon 09:00-17:00 p1",
        "tue 08:30-12:00 p1",
        "tue 13:00-18:00 p1",
        "fri 22:00-02:00 p1",
        "done Europe/Paris",
    ];
    assert_eq!(sent(hours, &week()), Ok(wanted.map(str::to_owned).to_vec()));
}

#[test]
fn t32_dated_days_within_a_year_are_calls_closed_ones_too() {
    let hours = r#"
[[hours.set]]
put = "/h"
for = "date"
text = "{{date}} {{weekday}} {{open}} {{start}} {{end}}"
"#;
    let wanted = ["2026-12-24 thu true 09:00 12:00", "2026-12-25 fri false  "];
    assert_eq!(sent(hours, &week()), Ok(wanted.map(str::to_owned).to_vec()));
}

fn shaped(shape: &str, name: &str) -> Value {
    let hours = format!(
        "[hours]\n{shape}\n[[hours.set]]\nput = \"/h\"\njson = {{ x = \"{{{{{name}}}}}\", d = \"{{{{dates}}}}\" }}\n"
    );
    let bodies = sent(&hours, &week()).expect("sayable");
    let body: Value = serde_json::from_str(&bodies[0]).expect("JSON");
    body.get("x").cloned().expect("the member")
}

#[test]
fn t33_the_week_is_shaped_as_the_file_says() {
    for (shape, wanted) in [
        (
            "",
            json!({ "mon": ["09:00-17:00"], "tue": ["08:30-12:00", "13:00-18:00"], "wed": [],
                "thu": [], "fri": ["22:00-02:00"], "sat": [], "sun": [] }),
        ),
        (
            "weekdays = { mon = 1, tue = 2, wed = 3, thu = 4, fri = 5, sat = 6, sun = 7 }\n\
             shape = { interval = { from = \"{{start|hhmm}}\", to = \"{{last}}\" }, closed = \"leave-out\", also = { tz = \"{{zone}}\", for = \"{{property}}\" } }",
            json!({ "1": [{ "from": "0900", "to": "16:59" }],
                "2": [{ "from": "0830", "to": "11:59" }, { "from": "1300", "to": "17:59" }],
                "5": [{ "from": "2200", "to": "01:59" }], "tz": "Europe/Paris", "for": "p1" }),
        ),
        (
            "shape = { list = true, closed = \"leave-out\", day = { day = \"{{weekday}}\", open = \"{{open}}\", at = \"{{intervals}}\" }, interval = [\"{{start}}\", \"{{end}}\"] }",
            json!([{ "day": "mon", "open": true, "at": [["09:00", "17:00"]] },
                { "day": "tue", "open": true, "at": [["08:30", "12:00"], ["13:00", "18:00"]] },
                { "day": "fri", "open": true, "at": [["22:00", "02:00"]] }]),
        ),
    ] {
        assert_eq!(shaped(shape, "hours"), wanted, "{shape}");
    }
    let list =
        shaped("closed = \"-\"\nshape = { list = true, day = \"{{open}} {{start}}\" }", "hours");
    let days =
        ["true 09:00", "true 08:30", "false -", "false -", "true 22:00", "false -", "false -"];
    assert_eq!(list, json!(days));
}

#[test]
fn t33_dates_are_shaped_like_days_and_closed_ones_always_stand_there() {
    let wanted = json!({ "2026-12-24": ["09:00-12:00"], "2026-12-25": [], "2028-01-01": [] });
    assert_eq!(shaped("shape = { closed = \"leave-out\" }", "dates"), wanted);
}

#[test]
fn t33_a_range_has_its_dates_from_the_eve_on_whose_hours_reach_into_the_day() {
    let mut scheduler = week();
    scheduler.hours.dates = Default::default();
    let range = "2026-11-20..2026-11-27".parse::<Dates>().expect("a range");
    scheduler.hours.dates.insert(range, Vec::new());
    let hours = "[[hours.set]]\nput = \"/h\"\njson = \"{{dates}}\"\n";
    let bodies = sent(hours, &scheduler).expect("sayable");
    let sent: Value = serde_json::from_str(&bodies[0]).expect("JSON");
    let wanted = ["2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27"];
    assert_eq!(
        sent,
        json!(wanted.map(|date| (date, json!([]))).into_iter().collect::<BTreeMap<_, _>>())
    );
}

#[test]
fn t32_what_takes_hours_away_has_the_names_of_a_week_that_is_closed() {
    let hours = "[[hours.off]]\nput = \"/h\"\nfor = \"weekday\"\ntext = \"{{weekday}} {{open}}\"\n[[hours.set]]\nput = \"/h/{{dates}}\"\n";
    let file = bare_with(&format!("{WIDGET}{CAN}{hours}"));
    let steps = file.steps(Section::HoursOff).expect("steps");
    with_names(&KeptValues::new(), &KeptValues::new(), &Vars::default(), |names| {
        let calls = file.hours.off(steps, date("2026-11-26"), names).expect("sayable");
        assert_eq!(calls.len(), 7);
        assert!(calls.iter().all(|call| call.names.get("open") == Some(&json!(false))));
    });
}

#[test]
fn t35_cuts_turns_and_entries_are_given_as_the_reference_api_has_them() {
    let mut scheduler = week();
    let hours = &mut scheduler.hours;
    hours.dates.insert("*-12-24".parse::<Dates>().expect("dates"), Vec::new());
    let calendar = Calendar { text: "BEGIN:VCALENDAR".to_owned(), ..Calendar::default() };
    hours.dates.insert_calendar(calendar.into());
    hours.cuts.push(Cut { dates: date("2026-06-19").into(), intervals: day("13:00-16:00") });
    hours.every.push(EveryWeeks {
        days: "sat".parse().expect("days"),
        hours: day("09:00-12:00"),
        weeks: 2,
        from: date("2026-01-03"),
    });
    let step = |name: &str| format!("[[hours.set]]\nput = \"/h\"\njson = \"{{{{{name}}}}}\"\n");
    for (name, wanted) in [
        ("cuts", json!([{ "dates": "2026-06-19", "hours": ["13:00-16:00"] }])),
        (
            "every",
            json!([{ "days": "sat", "hours": ["09:00-12:00"], "weeks": 2, "from": "2026-01-03" }]),
        ),
        (
            "entries",
            json!([
                { "dates": "2026-12-25", "hours": [] },
                { "dates": "2026-12-24", "hours": ["09:00-12:00"] },
                { "dates": "2028-01-01", "hours": [] },
                { "dates": "*-12-24", "hours": [] },
                { "ics": "BEGIN:VCALENDAR" },
            ]),
        ),
    ] {
        for (scheduler, wanted) in [(&scheduler, wanted), (&never_open(), json!([]))] {
            let bodies = sent(&step(name), scheduler).expect("sayable");
            assert_eq!(bodies, [wanted.to_string()], "{name}");
        }
    }
}

fn never_open() -> Scheduler {
    Scheduler { zone: "UTC".to_owned(), hours: Default::default() }
}

#[test]
fn t35_an_interval_of_days_has_them_behind_its_end() {
    let mut scheduler = never_open();
    scheduler.hours.weekdays[4] = day("18:00-18:00+2d");
    let hours = "[hours]\nshape = { closed = \"leave-out\" }\n[[hours.set]]\nput = \"/h\"\njson = \"{{hours}}\"\n";
    let bodies = sent(hours, &scheduler).expect("sayable");
    assert_eq!(bodies, [json!({ "fri": ["18:00-18:00+2d"] }).to_string()]);
}
