//! What a wrong row of a recording is shown by: in worlds of any kind, by the rules of all products, each small
//! scenario is valid, and what it expects is so.

use std::fmt::Write;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock};

use lamplighter_core::hours::Zones;
use lamplighter_core::model::Instant;
use lamplighter_core::model::products::PRODUCTS;
use lamplighter_scenario::play::{Options, Outcome, Verdict, run};

static ZONES: LazyLock<Arc<Zones>> = LazyLock::new(|| Arc::new(Zones::bundled()));

/// Plays a scenario with files beside it.
fn play(name: &str, scenario: &str, files: &[(&str, &str)]) -> Verdict {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shown-by").join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    for (file, text) in files {
        std::fs::write(folder.join(file), text).expect("written");
    }
    let path = folder.join("a.scenario");
    run(&path, scenario.as_bytes(), &ZONES, Options::default(), &AtomicBool::new(false))
}

/// The small scenarios of a run, each of which passes.
fn passing(name: &str, scenario: &str, files: &[(&str, &str)]) -> Vec<String> {
    let verdict = play(name, scenario, files);
    let faults = (&verdict.diagnostics, &verdict.trace_diagnostics);
    assert!(faults.0.is_empty() && faults.1.is_empty(), "{name}: {faults:?}\n{scenario}");
    let rows = verdict.observations.false_rows;
    let shown: Vec<String> = rows.into_iter().filter_map(|row| row.scenario).collect();
    for small in &shown {
        let verdict = play("small", small, &[]);
        let found: Vec<_> = verdict.diagnostics.iter().map(|found| &found.message).collect();
        let failed: Vec<_> = verdict.failures.iter().map(|failed| &failed.found).collect();
        let all = format!("{name}: {found:?} {failed:?}\n{small}\nof\n{scenario}");
        assert_eq!(verdict.outcome(), Outcome::Passed, "{all}");
        assert!(verdict.counts.expectations > 0, "{all}");
    }
    shown
}

#[test]
fn an_anomaly_of_a_trace_is_no_line() {
    let scenario =
        "scenario A\nproperty acme\n  members ann\nreplay \"t.csv\"\nobserved \"o.csv\"\n";
    let trace = "at,agent,device,action\n\
                 2026-01-01T09:00:00Z,ann,pc,login\n\
                 2026-01-01T09:00:01Z,ann,pc,away\n\
                 2026-01-01T09:00:01Z,ann,pc,reconnect\n";
    let seen = "at,agent,status\n2026-01-01T09:00:02Z,ann,online\n";
    let shown = passing("anomaly", scenario, &[("t.csv", trace), ("o.csv", seen)]);
    assert_eq!(shown.len(), 1);
    assert!(!shown[0].contains("reconnects"), "{}", shown[0]);
}

#[test]
fn a_reconnect_that_comes_too_late_is_a_comment() {
    let scenario = "scenario A\nproperty acme\n  members ann bob\nat 2026-01-01 09:00\n  \
                    ann logs in on pc\n  bob logs in on pc\n  ann loses connection on pc\nat 09:05\n  \
                    bob goes away\n  ann reconnects on pc\nobserved \"o.csv\"\nuntil 09:10\n";
    let seen = "at,widget,status\n2026-01-01T09:05:01Z,acme,online\n";
    let shown = passing("too-late", scenario, &[("o.csv", seen)]);
    let told = "# ann reconnects on pc: too late, and so nothing changes";
    assert!(shown[0].contains(told), "{}", shown[0]);
}

#[test]
fn idleness_within_a_status_for_a_time_goes_on() {
    let scenario = "scenario A\nauto-away 5m\nproperty acme\n  members ann\nat 2026-01-01 09:00\n  \
                    ann logs in on pc\nat 09:01\n  ann goes online on pc for 30m\n\
                    observed \"o.csv\"\nuntil 09:10\n";
    let seen = "at,agent,status\n2026-01-01T09:04:00Z,ann,away\n2026-01-01T09:08:00Z,ann,online\n";
    let shown = passing("idle", scenario, &[("o.csv", seen)]);
    assert!(shown.iter().any(|small| small.contains("expect ann away")), "{shown:?}");
}

#[test]
fn a_grace_that_never_ends_is_a_products() {
    let scenario = "scenario A\nrules tiledesk\nproperty acme\n  members ann\nat 2026-01-01 09:00\n  \
                    ann logs in on pc\nobserved \"o.csv\"\n";
    let seen = "at,widget,status\n2026-01-01T09:00:00Z,acme,away\n";
    let shown = passing("never", scenario, &[("o.csv", seen)]);
    assert!(shown[0].contains("rules    tiledesk\n"), "{}", shown[0]);
    assert!(!shown[0].contains("grace"), "{}", shown[0]);
}

/// The row is judged where it was seen, however much happens until it would have been right.
#[test]
fn what_is_behind_a_row_does_not_begin_it_anew() {
    let mut trace = "at,agent,device,action\n2026-01-01T09:00:00Z,ann,pc,login\n".to_owned();
    for minute in 1..50 {
        for (second, action) in [(10, "online"), (20, "active")] {
            writeln!(trace, "2026-01-01T09:{minute:02}:{second}Z,ann,pc,{action}")
                .expect("a string");
        }
    }
    trace += "2026-01-01T09:55:00Z,ann,pc,away\n";
    let scenario =
        "scenario A\nproperty acme\n  members ann\nreplay \"t.csv\"\nobserved \"o.csv\"\n";
    let seen = "at,agent,status\n2026-01-01T09:00:05Z,ann,away\n";
    let shown = passing("behind", scenario, &[("t.csv", &trace), ("o.csv", seen)]);
    assert!(shown[0].contains("expect ann online"), "{}", shown[0]);
}

/// However often it changes until then, of which a report tells only the first.
#[test]
fn an_early_row_is_right_in_the_end() {
    let mut trace = "at,agent,device,action\n2026-01-01T09:00:00Z,ann,pc,login\n".to_owned();
    for minute in 1..40 {
        let action = ["online", "away"][minute % 2];
        writeln!(trace, "2026-01-01T09:{minute:02}:00Z,ann,pc,{action}").expect("a string");
    }
    trace += "2026-01-01T09:55:00Z,ann,pc,invisible\n";
    let scenario =
        "scenario A\nproperty acme\n  members ann\nreplay \"t.csv\"\nobserved \"o.csv\"\n";
    let seen = "at,agent,status\n2026-01-01T09:00:05Z,ann,invisible\n";
    let shown = passing("early", scenario, &[("t.csv", &trace), ("o.csv", seen)]);
    assert!(shown[0].contains("expect ann invisible"), "{}", shown[0]);
}

#[test]
fn whoever_is_called_as_the_team_is_has_another_team() {
    let scenario = "scenario A\nproperty acme\n  members team-of-one\nat 2026-01-01 09:00\n  \
                    team-of-one logs in on pc\nobserved \"o.csv\"\n";
    let seen = "at,agent,status\n2026-01-01T09:00:00Z,team-of-one,away\n";
    assert_eq!(passing("team", scenario, &[("o.csv", seen)]).len(), 1);
}

/// Draws numbers, the same ones on every machine.
struct Draws(u64);

impl Draws {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// When drawn worlds begin: 2026-03-09T09:00:00Z.
const START_MS: i64 = 1_773_046_800_000;

fn instant(second: usize) -> Instant {
    Instant::from_millis(START_MS + 1000 * second as i64).expect("an instant")
}

/// The header and the blocks of a world.
fn world(draws: &mut Draws) -> String {
    let rules = PRODUCTS[draws.below(PRODUCTS.len())].name;
    let mut text = format!("scenario Drawn\nrules {rules}\n");
    text += draws.pick(&["", "", "grace 0s\n", "grace 20s\n", "grace 10m\n"]);
    text += draws.pick(&["", "auto-away 90s\n", "auto-away 3m\n", "auto-away 15m\n"]);
    text += "property acme\n  members ann bob\n";
    text += draws.pick(&["", "", "", "  suspended bob\n"]);
    let settings = [
        "",
        "  scheduler UTC\n    daily 09:00-09:20 09:40-12:00\n",
        "  offline-when-all-agents-offline\n",
        "  scheduler UTC\n    daily 22:00-09:30\n  offline-when-all-agents-offline\n",
    ];
    text += draws.pick(&settings);
    text += "widget acme/shop\n  hide-when-offline\n";
    text += draws.pick(&settings);
    text
}

/// Rows of a trace, many of which cannot happen.
fn trace(draws: &mut Draws) -> String {
    let mut text = "at,agent,device,action\n".to_owned();
    let mut second = 0;
    let pace = [20, 60, 200][draws.below(3)];
    while second < 3600 {
        let (agent, device) = (draws.pick(&["ann", "ann", "bob"]), draws.pick(&["pc", "tab"]));
        let action = draws.pick(&[
            "login",
            "login",
            "logout",
            "online",
            "away",
            "invisible",
            "disconnect",
            "disconnect",
            "reconnect",
            "active",
            "active",
            "online for 4m",
            "away for 2m",
            "invisible for 30m",
        ]);
        let on_all = matches!(action, "logout" | "online" | "away") && draws.below(3) == 0;
        let device = if on_all { "" } else { device };
        writeln!(text, "{},{agent},{device},{action}", instant(second)).expect("a string");
        second += draws.below(pace);
    }
    text
}

/// What was said of somebody at instants of any kind.
fn seen(draws: &mut Draws, head: &str, names: &[&str], statuses: &[&str]) -> String {
    let mut seconds: Vec<usize> = (0..8).map(|_| draws.below(4000)).collect();
    seconds.sort_unstable();
    let mut text = format!("at,{head},status\n");
    for second in seconds {
        let (name, status) = (draws.pick(names), draws.pick(statuses));
        writeln!(text, "{},{name},{status}", instant(second)).expect("a string");
    }
    text
}

#[test]
fn in_worlds_of_any_kind_what_shows_a_wrong_row_is_valid_and_holds() {
    let (mut shown, mut late, mut kept) = (0, 0, 0);
    for seed in 0..400 {
        let mut draws = Draws(seed);
        let scenario = world(&mut draws)
            + "replay \"t.csv\"\nobserved \"widgets.csv\"\nobserved \"team.csv\"\n"
            + draws.pick(&["", "at 2026-03-09 09:25\n  set acme hide-when-offline\n"])
            + draws.pick(&["", "at 2026-03-09 09:45\n  set acme/shop off scheduler\n"])
            + "until 2026-03-09 10:10\n";
        let trace = trace(&mut draws);
        let widgets =
            seen(&mut draws, "widget", &["acme", "acme/shop"], &["online", "away", "offline"]);
        let statuses = ["online", "away", "invisible", "offline"];
        let team = seen(&mut draws, "agent", &["ann", "bob"], &statuses);
        let files = [("t.csv", &*trace), ("widgets.csv", &*widgets), ("team.csv", &*team)];
        let small = passing(&format!("drawn-{seed}"), &scenario, &files);
        shown += small.len();
        late += small.iter().filter(|small| small.contains("# ann reconnects")).count();
        kept += small.iter().filter(|small| small.contains(" for ")).count();
    }
    assert!(shown > 1000 && late > 5 && kept > 50, "{shown} {late} {kept}");
}
