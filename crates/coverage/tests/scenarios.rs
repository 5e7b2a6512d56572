//! Whole reports of small scenarios whose figures can be worked out by hand.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use lamplighter_core::hours::Zones;
use lamplighter_core::model::Millis;
use lamplighter_coverage::arrivals::Curve;
use lamplighter_coverage::class::Class;
use lamplighter_coverage::figures::{Coverage, StaffingFigures};
use lamplighter_coverage::play::{CoverageError, Opened, Options, Visitors};
use lamplighter_coverage::staffing::{Handle, StaffingOptions};
use lamplighter_coverage::words::cause;
use lamplighter_scenario::language::plan::Alternative;
use lamplighter_scenario::play::Prepared;

const MINUTE_MS: u64 = 60_000;

fn options(visitors: Visitors) -> Options {
    Options {
        from: None,
        to: None,
        ghost_after: Millis(12 * 60 * MINUTE_MS),
        visitors,
        seed: 1,
        staffing: None,
        alternatives: Vec::new(),
        jobs: 1,
    }
}

/// Chats that all take as long, of visitors who wait for ever.
fn chats_of(ms: u64) -> StaffingOptions {
    StaffingOptions {
        handle: Handle::Recorded(Arc::from([ms])),
        concurrent: 1,
        patience: None,
        away_answers: false,
        runs: 3,
        answer_within: Millis(30_000),
        wanted: None,
        seed: 1,
    }
}

fn open(text: &str) -> Opened {
    let zones = Arc::new(Zones::bundled());
    let path = Path::new("team.scenario");
    let text = format!("scenario A team\n{text}");
    let prepared = Prepared::new(path, text.as_bytes(), &zones);
    Opened::new(path, prepared, &zones).expect("a scenario")
}

fn play(text: &str, options: &Options) -> Result<Coverage, CoverageError> {
    open(text).play(options, &AtomicBool::new(false), &mut |_, _| {})
}

/// What chats of ten minutes come to, of visitors who come at these times of day on 2026-03-09.
fn chats(text: &str, visitors: &[&str]) -> (StaffingFigures, Coverage) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("visits.csv");
    let rows: String = visitors.iter().map(|at| format!("2026-03-09T{at}Z,acme\n")).collect();
    fs::write(&file, format!("at,widget\n{rows}")).expect("writes");
    let staffing = Some(chats_of(10 * MINUTE_MS));
    let mut coverage =
        play(text, &Options { staffing, ..options(Visitors::File(file)) }).expect("a report");
    (coverage.staffing.remove(0), coverage)
}

const ANN_FROM_NINE_TO_TEN: &str = "\
property acme
  members ann
at 2026-03-09 09:00
  ann logs in on a
at 10:00
  ann logs out
until 2026-03-09 18:00
";

#[test]
fn a_chat_that_waits_is_taken_by_who_is_free_before_going() {
    let (figures, _) = chats(ANN_FROM_NINE_TO_TEN, &["09:05:00", "09:05:30"]);
    assert_eq!(figures.missed.mean, 0.0);
    // At once, and at 09:15.
    assert_eq!(figures.waits.expect("two were answered").mean.mean, 9.5 * 60_000.0 / 2.0);
}

#[test]
fn nobody_takes_a_chat_who_is_gone() {
    let text = ANN_FROM_NINE_TO_TEN.replace("until", "at 11:00\n  ann logs in on a\nuntil");
    let (figures, _) = chats(&text, &["09:55:00", "09:56:00"]);
    // At once, and at 11:00: at 10:05 the first one is over, and ann is gone.
    assert_eq!(figures.waits.expect("two were answered").mean.mean, 64.0 * 60_000.0 / 2.0);
    let (figures, _) = chats(ANN_FROM_NINE_TO_TEN, &["09:50:00", "09:51:00"]);
    // The first is over at the very instant at which ann goes.
    assert_eq!((figures.chats.mean, figures.missed.mean), (2.0, 1.0));
}

#[test]
fn of_two_who_change_at_one_instant_the_one_who_goes_takes_nothing() {
    let text = "\
property acme
  members ann bob
at 2026-03-09 09:00
  bob logs in on b
at 09:30
  ann logs in on a
  bob logs out
until 2026-03-09 12:00
";
    // bob's chat is over as he goes and ann comes: she takes the one that waits, and the next has to wait for her.
    let (figures, _) = chats(text, &["09:20:00", "09:21:00", "09:31:00"]);
    assert_eq!(figures.waits.expect("all were answered").mean.mean, (9.0 + 9.0) * 60_000.0 / 3.0);
}

#[test]
fn visitors_who_are_drawn_come_once_to_each_repetition() {
    let text = "\
property acme
  members ann
at 2026-03-09 09:00
  ann logs in on a
until 2026-03-16 09:00
";
    let drawn = Visitors::Drawn { per_day: 200.0, curve: Arc::new(Curve::flat()) };
    let staffing = Some(chats_of(MINUTE_MS));
    let coverage = play(text, &Options { staffing, ..options(drawn) }).expect("a report");
    let came = coverage.totals().visitors.came as f64;
    assert!((1_200.0..1_600.0).contains(&came), "{came}");
    // All of them see it online; each repetition has as many, but not the same ones.
    let chats = coverage.staffing[0].chats.mean;
    assert!((0.85..1.15).contains(&(chats / came)), "{chats} of {came}");
}

#[test]
fn visitors_outside_of_the_report_are_counted_beside_it() {
    let visitors = ["08:59:59", "09:00:00", "17:59:59", "18:00:00", "18:00:01"];
    let (_, coverage) = chats(ANN_FROM_NINE_TO_TEN, &visitors);
    assert_eq!(coverage.totals().visitors.came, 2);
    let outside = coverage.visitors_outside;
    assert_eq!((outside.before, outside.behind), (1, 2));
}

#[test]
fn a_fault_of_a_visitor_behind_the_report_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("visits.csv");
    fs::write(&file, "at,widget\n2026-03-10T00:00:00Z,acme\n2026-03-10T00:00:01Z,nosuch\n")
        .expect("writes");
    let told = play(ANN_FROM_NINE_TO_TEN, &options(Visitors::File(file)));
    let told = told.expect_err("there is no such widget").to_string();
    assert!(told.contains("visits.csv:3: there is no widget `nosuch`"), "{told}");
}

#[test]
fn of_several_who_do_something_at_one_instant_who_made_the_change_is_its_cause() {
    let text = "\
property acme
  members ann bob cid
at 2026-03-09 09:00
  bob logs in on desk
  bob goes invisible
  ann logs in on laptop
at 10:00
  ann logs out
  bob is active on desk
at 10:10
  bob goes online
at 11:00
  bob goes invisible
  ann is suspended in acme
at 11:05
  cid logs in on tab
  bob is active on desk
until 2026-03-09 12:00
";
    let coverage = play(text, &options(Visitors::None)).expect("a report");
    let widget = &coverage.widgets[0];
    let empty = widget.longest[0].kept.iter().map(|stretch| cause(stretch.cause, &coverage.roster));
    assert_eq!(empty.collect::<Vec<_>>(), ["ann logs out", "bob goes invisible"]);
    let names = &coverage.roster.agents;
    let gaps = widget.handovers.kept.iter().map(|gap| (names.name(gap.went), names.name(gap.came)));
    assert_eq!(gaps.collect::<Vec<_>>(), [("ann", "bob"), ("bob", "cid")]);
}

#[test]
fn what_changes_at_the_last_instant_is_no_change_of_the_report() {
    let text = "\
property acme
  members ann
at 2026-03-09 09:00
  ann logs in on a
at 10:00
  ann logs out
";
    let coverage = play(text, &options(Visitors::None)).expect("a report");
    assert_eq!(coverage.totals().times.of(Class::Staffed), 60 * MINUTE_MS);
    assert_eq!(coverage.totals().changes, 0);
    let ends_there = Options { to: Some(coverage.to), ..options(Visitors::None) };
    assert_eq!(play(text, &ends_there).expect("a report").totals(), coverage.totals());
}

#[test]
fn a_scheduler_that_was_taken_away_meanwhile_was_one() {
    let text = "\
property acme
  members ann
  scheduler UTC
    daily 10:00-11:00
at 2026-03-09 09:00
  ann logs in on a
at 12:00
  set acme off scheduler
until 2026-03-09 13:00
";
    let coverage = play(text, &options(Visitors::None)).expect("a report");
    assert!(coverage.widgets[0].has_scheduler);
    assert!(coverage.totals().times.of(Class::AfterHours) > 0);
    let later = Options { from: Some(coverage.to), ..options(Visitors::None) };
    let text = text.replace("2026-03-09 13:00", "2026-03-09 14:00");
    assert!(!play(&text, &later).expect("a report").widgets[0].has_scheduler);
}

#[test]
fn events_that_other_settings_make_impossible_are_counted() {
    let text = "\
property acme
  members ann
at 2026-03-09 08:00
  ann logs in on a
at 09:00
  ann loses connection on a
at 09:01
  ann reconnects on a
at 17:00
  ann logs out
until 2026-03-09 18:00
";
    let opened = open(text);
    let zones = Arc::new(Zones::bundled());
    let nothing_beside = |_: &str| Err(String::new());
    let lines = ["grace 30s".to_owned()];
    let Ok(shorter) = Alternative::read("shorter", &lines, opened.plan(), &zones, &nothing_beside)
    else {
        panic!("it is a line of settings")
    };
    let alternatives = vec![shorter];
    let options = Options { alternatives, ..options(Visitors::None) };
    let coverage = play(text, &options).expect("a report");
    // Nobody is there to log out.
    assert_eq!((coverage.anomalies, coverage.alternatives[0].impossible), (0, 1));
}

#[test]
fn a_device_is_a_ghost_though_its_agent_is_suspended_elsewhere_meanwhile() {
    let text = "\
property acme
  members ann
property other
  members ann
at 2026-03-02 00:00
  ann logs in on a
at 10:00
  ann is suspended in other
until 2026-03-02 20:00
";
    let coverage = play(text, &options(Visitors::None)).expect("a report");
    assert_eq!(coverage.widgets[0].ghosts.count, 1);
    assert_eq!(coverage.widgets[0].ghosts.total_ms, 20 * 60 * MINUTE_MS);
}

#[test]
fn rules_that_look_at_no_scheduler_have_no_hours_that_are_closed() {
    let text = "\
rules mibew
property acme
  members ann
  scheduler UTC
    daily 10:00-11:00
at 2026-03-09 09:00
  ann logs in on a
at 12:00
  ann logs out
until 2026-03-09 13:00
";
    let coverage = play(text, &options(Visitors::None)).expect("a report");
    let times = coverage.totals().times;
    assert_eq!((times.of(Class::AfterHours), times.of(Class::Closed)), (0, 0));
    assert!(!coverage.widgets[0].has_scheduler);
}
