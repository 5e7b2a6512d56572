//! What is warned of by the rules of other products: nothing that is not so by them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use lamplighter_core::hours::Zones;
use lamplighter_core::model::Instant;
use lamplighter_scenario::language::code::Code;
use lamplighter_scenario::play::{Outcome, lint};

/// A folder with files of rules, for all tests.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("other-rules");
    std::fs::create_dir_all(&folder).expect("a folder");
    let files = [("end.toml", "end_minute = \"open\""), ("away.toml", "login = \"away\"")];
    for (file, position) in files {
        std::fs::write(folder.join(file), format!("[rules]\n{position}\n")).expect("written");
    }
    folder
});

/// The codes of what is warned of, with what else is said of each.
fn warned(rules: &str, lines: &str) -> Vec<(Code, String)> {
    let text = format!(
        "scenario A\nrules {rules}\nproperty acme\n  members ann\n{lines}\
         at 2026-03-09 09:00\n  ann logs in on pc\n  expect ann online\n"
    );
    said(&text)
}

fn said(text: &str) -> Vec<(Code, String)> {
    let zones = Arc::new(Zones::bundled());
    let path = FOLDER.join("a.scenario");
    let (verdict, warnings) = lint(&path, text.as_bytes(), &zones, Instant::MIN);
    assert_ne!(verdict.outcome(), Outcome::Invalid, "{text}{:?}", verdict.diagnostics);
    let said = |help: Option<String>, label: String| {
        help.map_or(label.clone(), |help| label + "; " + &help)
    };
    warnings.into_iter().map(|found| (found.code, said(found.help, found.label))).collect()
}

fn codes(rules: &str, lines: &str) -> Vec<Code> {
    warned(rules, lines).into_iter().map(|(code, _)| code).collect()
}

#[test]
fn where_the_end_minute_is_open_no_minute_is_left_out() {
    let lunch = "  scheduler UTC\n    daily 09:00-11:59 12:00-23:59\n";
    assert_eq!(codes("tawk", lunch), [Code::GapOfAMinute; 2]);
    assert_eq!(codes("\"end.toml\"", lunch), []);
}

#[test]
fn what_never_opens_lasts_through_no_night_and_into_no_date() {
    let night = "  scheduler UTC\n    daily 20:00-16:00\n    date 2026-12-25 closed\n";
    assert_eq!(codes("tawk", night), [Code::LongNight, Code::EveningIntoClosedDate]);
    assert_eq!(codes("chatwoot", night), [Code::MeaninglessHours]);
    let overlap = "  scheduler UTC\n    daily 20:00-16:00 09:00-15:59 16:00-17:00\n";
    assert_eq!(codes("chatwoot", overlap), [Code::MeaninglessHours, Code::GapOfAMinute]);
    let jump =
        "  scheduler America/New_York\n    sun 23:00-22:00 06:00-07:00\n    sat 23:00-02:30\n";
    assert!(codes("tawk", jump).contains(&Code::ClockChange));
    assert!(!codes("chatwoot", jump).contains(&Code::ClockChange));
}

#[test]
fn midnight_as_an_end_before_the_start_is_the_end_of_a_day() {
    let [(code, said)] = &warned("chatwoot", "  scheduler UTC\n    daily 09:00-00:00\n")[..] else {
        panic!("one warning")
    };
    let help = "overnight = never-opens; by these rules a day ends at 24:00: `09:00-24:00`";
    assert_eq!((*code, said.as_str()), (Code::MeaninglessHours, help));
}

/// And the cut that is proposed closes it: of the end minute it knows nothing.
#[test]
fn an_evening_ends_when_the_rules_say_so() {
    let evening = |cut: &str| {
        let lines = format!("    daily 18:00-02:00\n    date 2026-12-25 closed\n{cut}");
        warned("\"end.toml\"", &format!("  scheduler UTC\n{lines}"))
    };
    let [(Code::EveningIntoClosedDate, said)] = &evening("")[..] else { panic!("one warning") };
    assert!(said.ends_with("`date 2026-12-25 closed 00:00-02:01`"), "{said}");
    assert_eq!(evening("    date 2026-12-25 closed 00:00-02:00\n").len(), 1);
    assert_eq!(evening("    date 2026-12-25 closed 00:00-02:01\n").len(), 0);
}

#[test]
fn where_no_hours_are_looked_at_nothing_else_is_said_of_them() {
    for lines in [
        "  scheduler UTC\n",
        "  scheduler UTC\n    daily 09:00-11:59 12:00-23:59\n    date 2020-01-01 closed\n",
        "  scheduler America/New_York\n    sun 02:00-03:00 22:00-21:00 21:00-23:00\n",
    ] {
        assert!(codes("tawk", lines).len() > 1 || lines.lines().count() == 1, "{lines}");
        assert_eq!(codes("synapse", lines), [Code::MeaninglessHours], "{lines}");
    }
}

#[test]
fn a_second_login_does_what_the_rules_say() {
    for (rules, expected) in [
        ("tawk", "rule P1: this is a fresh login, and the device is online afterwards"),
        (
            "zendesk",
            "rule P1, login = keeps: the device has the status afterwards that it was given",
        ),
        (
            "\"away.toml\"",
            "rule P1, login = away: this is a fresh login, and the device is away afterwards",
        ),
    ] {
        let text = format!(
            "scenario A\nrules {rules}\nproperty acme\n  members ann\nat 2026-03-09 09:00\n  \
             ann logs in on pc\n  ann logs in on pc\n  expect acme online\n"
        );
        let [(Code::ChangesNothing, said)] = &said(&text)[..] else { panic!("one warning") };
        assert!(said.starts_with(expected), "{said}");
    }
}

#[test]
fn who_was_logged_out_by_idleness_had_no_grace() {
    let text = "scenario A\nrules zendesk\nauto-away 5m\nproperty acme\n  members ann\n\
                at 2026-03-09 09:00\n  ann logs in on pc\nat +10m\n  ann reconnects on pc\n  \
                expect acme offline\n";
    let (_, warnings) =
        lint(Path::new("a.scenario"), text.as_bytes(), &Arc::new(Zones::bundled()), Instant::MIN);
    let told: Vec<_> = warnings.iter().map(|found| found.message.as_str()).collect();
    assert_eq!(told, ["the clock has logged ann out on pc"]);
}

/// What is recommended can be written.
#[test]
fn ends_that_are_recommended_are_ends() {
    for (hours, expected) in [
        ("mon 10:00-24:00 11:40-10:00", "`10:00-10:00+1d`"),
        ("mon 00:00-12:00 11:00-24:00", "`00:00-24:00`"),
        ("mon 22:00-02:00 23:00-03:00", "`22:00-03:00`"),
        ("mon 10:00-09:59", "`10:00+1d`"),
        ("mon 18:00-08:59+3d 09:00-10:00", "`09:00+3d`"),
    ] {
        let all = warned("tawk", &format!("  scheduler UTC\n    {hours}\n"));
        assert!(all.iter().any(|(_, said)| said.contains(expected)), "{hours}: {all:?}");
    }
}
