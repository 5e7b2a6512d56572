//! A target that follows other rules than the rule book, knob by knob: what is right by them is right, and
//! what is right by the rule book alone is wrong.

use super::*;
use lamplighter_core::model::{Knob, RuleSet};

const AWAY_NOW: Effect = Effect::Status(Chosen::Away);
const INVISIBLE_NOW: Effect = Effect::Status(Chosen::Invisible);

fn bounds(knobs: &str) -> StalenessBounds {
    let mut rules = RuleSet::BOOK;
    for knob in knobs.split_whitespace() {
        let (name, position) = knob.split_once('=').expect("a knob and its position");
        rules.put(Knob::of(name).expect("a knob"), position).expect("a position");
    }
    let grace =
        (knobs != "grace=never").then_some(GraceRange { min: 10 * SECOND_US, max: 10 * SECOND_US });
    StalenessBounds { rules, grace, ..StalenessBounds::exact(plan().grace) }
}

/// What happens, in words: `laptop in; phone away; laptop out; desk lost`, a second apart and each answered
/// within a millisecond, and then a minute of nothing. Without versions, as most products are.
fn told(words: &str) -> Run {
    let mut run = Run::new();
    for (second, words) in (1..).zip(words.split("; ")) {
        let (device, what) = words.split_once(' ').expect("a device and what happens");
        let device = match device {
            "laptop" => LAPTOP,
            "phone" => PHONE,
            _ => DESK,
        };
        let effect = match what {
            "in" => Effect::Login,
            "out" => Effect::Logout,
            "away" => AWAY_NOW,
            "invisible" => INVISIBLE_NOW,
            "online" => Effect::Status(Chosen::Online),
            _ => {
                run.lose(device, second * SECOND_US);
                continue;
            }
        };
        let at = second * SECOND_US;
        run.ends(device, effect, at, at + MS, Completion::Done(Vec::new()));
    }
    run
}

fn is_right(knobs: &str, mut run: Run, widget: WidgetIndex, at: Micros, shown: ShownState) -> bool {
    run.read(widget, at, shown, None);
    run.report_by(judge_of(bounds(knobs))).judged.wrong.is_empty()
}

/// Which of the four answers are right, as their first letters.
fn right(knobs: &str, run: &dyn Fn() -> Run, widget: WidgetIndex, at: Micros) -> String {
    let all = [("offline", OFFLINE), ("away", AWAY), ("online", ONLINE), ("alone", ALONE)];
    let right = all.into_iter().filter(|(_, shown)| is_right(knobs, run(), widget, at, *shown));
    right.map(|(word, _)| word).collect::<Vec<_>>().join(" ")
}

/// Knobs, what happens, what acme's own widget shows 60 s later by them, and by the rule book.
const PEOPLE: &str = "\
    devices=one-status | laptop in; phone in; phone away | away | online
    devices=one-status | laptop in; phone in; phone away; laptop lost | away | away
    devices=one-status | laptop in; laptop away; phone in | online | online
    devices=one-status login=keeps | laptop in; laptop away; laptop out; phone in | away | online
    devices=one-status login=away | laptop in; laptop online; phone in | away | online
    merge=newest | laptop in; phone in; phone away | away | online
    merge=newest | laptop in; phone in; laptop online; phone away; phone out | online | online
    merge=newest | laptop in; phone in; laptop away; phone out | away | away
    merge=newest | phone in; laptop in; phone away; laptop lost | away | away
    merge=newest | phone in; phone invisible; laptop in; laptop away; laptop out | offline | offline
    login=away | laptop in | away | online
    login=invisible | laptop in | offline | online
    login=keeps | laptop in; laptop away; laptop out; laptop in | away | online
    login=keeps | laptop in; laptop away; phone in | online | online
    login=keeps | laptop in; laptop away; laptop in | away | online
    logout=account | laptop in; phone in; phone out | offline | online
    logout=account | laptop in; phone in; phone out; laptop in | online | online
    logout=account | laptop in; phone in; laptop lost | online | online
    logout=never | laptop in; phone in; phone away; laptop out | away | away
    logout=never grace=never | laptop in; laptop out; phone in; phone away; phone lost | offline | offline
    away_is=online | laptop in; laptop away | online | away
    away_is=offline | laptop in; laptop away | offline | away
    away_is=offline invisible_is=online | laptop in; laptop invisible; phone in; phone away | offline | away
    invisible_is=away | laptop in; laptop invisible | away | offline
    invisible_is=online | desk in; desk invisible | online | offline
    hours=none | laptop in | online | online";

#[test]
fn what_people_do_is_judged_by_the_targets_rules() {
    for line in PEOPLE.lines() {
        let cells: Vec<&str> = line.trim().split(" | ").collect();
        let [knobs, happens, by_them, by_the_book] = cells[..] else {
            panic!("four cells: {line}")
        };
        let run = || told(happens);
        assert_eq!(right(knobs, &run, ACME, 60 * SECOND_US), by_them, "{line}");
        assert_eq!(right("", &run, ACME, 60 * SECOND_US), by_the_book, "{line}");
    }
}

/// The widget with hours from 12:01 to 12:03: knobs, who is there, and what it shows before, within and in
/// the minute behind its hours.
const HOURS: &str = "\
    | laptop in | offline | online | offline
    | laptop lost | offline | alone | offline
    hours=or-present | laptop in | online | online | online
    hours=or-present | laptop lost | offline | alone | offline
    hours=replace | laptop in; laptop away | offline | online | offline
    hours=replace | laptop lost | offline | online | offline
    hours=none | laptop in; laptop away | away | away | away
    hours=none | laptop lost | offline | offline | offline
    open_and_nobody=online-chat | laptop lost | offline | online | offline
    open_and_nobody=offline | laptop lost | offline | offline | offline
    end_minute=open | laptop in | offline | online | online
    overnight=never-opens | laptop in | offline | online | offline";

#[test]
fn hours_are_judged_by_the_targets_rules() {
    for line in HOURS.lines() {
        let cells: Vec<&str> = line.trim().split('|').map(str::trim).collect();
        let [knobs, happens, before, within, behind] = cells[..] else {
            panic!("five cells: {line}")
        };
        let run = || told(happens);
        for (at, expected) in [(30, before), (90, within), (210, behind)] {
            let found = right(knobs, &run, SALES, at * SECOND_US);
            assert_eq!(found, expected, "{line}, {at} s behind noon");
        }
    }
}

#[test]
fn a_lost_connection_that_is_never_noticed_and_a_logout_that_only_loses_it_are_as_the_rules_say() {
    let lost = || told("laptop in; laptop lost");
    assert_eq!(right("grace=never", &lost, ACME, 60 * SECOND_US), "online");
    assert_eq!(right("", &lost, ACME, 60 * SECOND_US), "offline");
    // Logged out, it is there until its grace is over.
    let out = || told("laptop in; laptop out");
    assert_eq!(right("logout=never", &out, ACME, 5 * SECOND_US), "online");
    assert_eq!(right("logout=never", &out, ACME, 30 * SECOND_US), "offline");
    assert_eq!(right("", &out, ACME, 5 * SECOND_US), "offline");
    // Lost already, a logout changes nothing: neither does it begin another countdown.
    let twice = || told("laptop in; laptop lost; desk in; desk invisible; laptop out");
    assert_eq!(right("logout=never", &twice, ACME, 11 * SECOND_US), "online");
    assert_eq!(right("logout=never", &twice, ACME, 13 * SECOND_US), "offline");
}

#[test]
fn team_mates_are_told_of_agents_as_the_targets_rules_say() {
    let seen = |knobs: &str, happens: &str, status: AgentStatus| {
        let mut run = told(happens);
        let team = [status, AgentStatus::Offline].map(PossibleStatuses::just).map(Some).to_vec();
        run.observe(2, (20 * SECOND_US, 20 * SECOND_US + MS), None, Observed::Team(team));
        run.report_by(judge_of(bounds(knobs))).judged.wrong.into_iter().collect::<Vec<_>>()
    };
    let wrong = [(Class::TeamStatusWrong, 1)];
    let invisible = "laptop in; laptop invisible";
    let hides = "team_sees_invisible=offline";
    assert_eq!(seen("", invisible, AgentStatus::Invisible), []);
    assert_eq!(seen("", invisible, AgentStatus::Offline), wrong);
    assert_eq!(seen(hides, invisible, AgentStatus::Offline), []);
    assert_eq!(seen(hides, invisible, AgentStatus::Invisible), wrong);
    // What a status counts for is not what team-mates see.
    assert_eq!(seen("away_is=online", "laptop in; laptop away", AgentStatus::Away), []);
    assert_eq!(seen("merge=newest", "laptop in; phone in; phone away", AgentStatus::Away), []);
    assert_eq!(seen("", "laptop in; phone in; phone away", AgentStatus::Away), wrong);
}

#[test]
fn a_session_that_another_device_ends_by_the_targets_rules_is_over_as_it_must_be() {
    let ends = |knobs: &str| {
        let mut run = told("laptop in; phone in; phone out");
        let at = 20 * SECOND_US;
        run.ends(LAPTOP, AWAY_NOW, at, at + MS, Completion::LoggedOut);
        run.report_by(judge_of(bounds(knobs))).judged.wrong.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(ends("logout=account"), []);
    assert_eq!(ends(""), [(Class::SessionLost, 1)]);
}

#[test]
fn of_two_devices_at_once_either_may_have_been_the_last() {
    // Both are on their way at the same time.
    let run = || {
        let mut run = told("laptop in; phone in");
        let at = 10 * SECOND_US;
        run.ends(LAPTOP, AWAY_NOW, at, at + 10 * MS, Completion::Done(Vec::new()));
        run.ends(PHONE, INVISIBLE_NOW, at + MS, at + 9 * MS, Completion::Done(Vec::new()));
        run
    };
    for knobs in ["devices=one-status", "merge=newest"] {
        for at in [11, 100, 200] {
            assert_eq!(right(knobs, &run, ACME, at * SECOND_US), "offline away", "{knobs}");
        }
    }
    assert_eq!(right("", &run, ACME, 60 * SECOND_US), "away");
    // One behind the other is no question.
    let run = || told("laptop in; phone in; laptop away; phone invisible");
    assert_eq!(right("merge=newest", &run, ACME, 60 * SECOND_US), "offline");
    // A logout of the account while another device logs in: either it was before, or it is out.
    let run = || {
        let mut run = told("laptop in");
        let at = 10 * SECOND_US;
        run.ends(LAPTOP, Effect::Logout, at, at + 10 * MS, Completion::Done(Vec::new()));
        run.ends(PHONE, Effect::Login, at + MS, at + 9 * MS, Completion::Done(Vec::new()));
        run
    };
    assert_eq!(right("logout=account", &run, ACME, 60 * SECOND_US), "offline online");
    assert_eq!(right("", &run, ACME, 60 * SECOND_US), "online");
}

#[test]
fn what_was_chosen_before_the_run_may_be_given_back_where_accounts_are_older() {
    let seen = |accounts_are_new: bool, shown: ShownState| {
        let mut run = told("laptop in");
        run.read(ACME, 10 * SECOND_US, shown, None);
        let bounds = StalenessBounds { accounts_are_new, ..bounds("login=keeps") };
        run.report_by(judge_of(bounds)).judged.wrong.is_empty()
    };
    assert!(seen(true, ONLINE) && !seen(true, AWAY));
    assert!([ONLINE, AWAY, OFFLINE].into_iter().all(|shown| seen(false, shown)));
    assert!(!seen(false, ALONE));
}

#[test]
fn a_write_that_nobody_answered_may_have_been_at_any_time_until_a_login() {
    let run = |behind: &str| {
        let mut run = told("laptop in; phone in");
        let at = 3 * SECOND_US;
        run.ends(PHONE, AWAY_NOW, at, at + MS, Completion::Indeterminate);
        for (second, device) in (4..).zip(behind.split_whitespace()) {
            let device = if device == "laptop" { LAPTOP } else { PHONE };
            run.ends(
                device,
                Effect::Login,
                second * SECOND_US,
                second * SECOND_US + MS,
                Completion::Done(Vec::new()),
            );
        }
        run
    };
    let at = 60 * SECOND_US;
    assert_eq!(right("merge=newest", &|| run(""), ACME, at), "away online");
    assert_eq!(right("merge=newest", &|| run("laptop"), ACME, at), "away online");
    assert_eq!(right("merge=newest", &|| run("phone"), ACME, at), "online");
}

#[test]
fn where_too_much_overlaps_nothing_is_judged_and_that_is_counted() {
    let mut run = told("laptop in; phone in");
    for device in [LAPTOP, PHONE].into_iter().cycle().take(80) {
        run.ends(device, AWAY_NOW, 5 * SECOND_US, 30 * SECOND_US, Completion::Done(Vec::new()));
    }
    run.read(ACME, 29 * SECOND_US, ONLINE, None);
    let judged = run.report_by(judge_of(bounds("merge=newest"))).judged;
    assert_eq!((judged.reads, judged.wrong_count()), (0, 0));
    assert_eq!(judged.not_tested.values().sum::<u64>(), 1);
}

#[test]
fn evidence_names_the_rules_by_which_its_scenario_holds() {
    let evidence = |knobs: &str| {
        let mut run = told("laptop in; phone in; phone away");
        run.read(ACME, 60 * SECOND_US, ONLINE, None);
        let judged = run.report_by(judge_of(bounds(knobs))).judged;
        let [evidence] = &judged.evidence[..] else { panic!("{:?}", judged.evidence) };
        evidence.clone()
    };
    let newest = evidence("merge=newest");
    assert!(newest.scenario.contains("\nrules    \"rules.toml\"\n"), "{}", newest.scenario);
    assert_eq!(newest.rules.as_deref(), Some("[rules]\nmerge = \"newest\"\n"));
    let folder = std::env::temp_dir().join(format!("evidence-rules-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("rules.toml"), newest.rules.expect("some")).expect("written");
    let (path, zones) = (folder.join("evidence.scenario"), Arc::new(Zones::bundled()));
    let stop = std::sync::atomic::AtomicBool::new(false);
    let play = |text: &str| {
        play::run(&path, text.as_bytes(), &zones, play::Options::default(), &stop).outcome()
    };
    assert_eq!(play(&newest.scenario), play::Outcome::Passed, "{}", newest.scenario);
    let by_the_book = newest.scenario.replace("rules    \"rules.toml\"\n", "");
    assert_eq!(play(&by_the_book), play::Outcome::Failed, "{by_the_book}");
    // What a built-in product has needs no file; a grace that never ends is none.
    let tiledesk = lamplighter_core::model::products::Product::of("tiledesk").expect("built in");
    let mut run = told("laptop in; laptop lost");
    run.read(ACME, 60 * SECOND_US, OFFLINE, None);
    let bounds = StalenessBounds { rules: tiledesk.rules(), grace: None, ..bounds("") };
    let judged = run.report_by(judge_of(bounds)).judged;
    let scenario = &judged.evidence[0].scenario;
    assert!(
        scenario.contains("\nrules    tiledesk\n") && !scenario.contains("\ngrace"),
        "{scenario}"
    );
    assert_eq!(judged.evidence[0].rules, None);
    assert_eq!(play(scenario), play::Outcome::Passed, "{scenario}");
    std::fs::remove_dir_all(&folder).expect("removed");
}
