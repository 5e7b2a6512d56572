//! Messages, coverage, and evidence.

use super::*;
use crate::provision::Provisioned;
use crate::result::{Evidence, ServiceName};
use crate::service::lending;

#[test]
fn a_message_that_is_gone_is_lost() {
    let mut run = Run::new();
    run.records.push(Record::MessageKept { property: 0, at: MS });
    let (text, why) = ("hello".into(), "it is not there".into());
    run.observe(1, (SECOND_US, SECOND_US), None, Observed::MissingMessage { text, why });
    assert_eq!(run.wrong(), [(Class::LostMessage, 1)]);
}

#[test]
fn the_first_wrong_answer_is_counted_from_the_begin() {
    let mut run = ann_is_online();
    run.read(ACME, 500 * MS, ONLINE, Some(1));
    run.read(ACME, 600 * MS, AWAY, Some(1));
    run.read(ACME, 700 * MS, AWAY, Some(1));
    assert_eq!(run.report().judged.first_wrong_after, Some(2));
}

#[test]
fn coverage_goals_are_counted() {
    let mut run = Run::new();
    run.write(LAPTOP, Effect::Login, 90 * MS, 100 * MS);
    run.write(DESK, Effect::Login, 95 * MS, 105 * MS);
    run.read(ACME, 96 * MS, ONLINE, None);
    run.write(DESK, Effect::Status(Chosen::Away), MINUTE - MS, MINUTE + MS);
    run.read(SALES, MINUTE - 500, ONLINE, None);
    run.read(SALES, MINUTE + SECOND_US, ALONE, None);
    let goals = run.report().judged.races;
    for goal in
        ["two-devices-at-once", "read-during-a-write", "read-over-an-edge", "write-over-an-edge"]
    {
        assert!(goals[goal] > 0, "{goal}: {goals:?}");
    }
}

/// Plays a scenario in process.
fn played(text: &str) -> play::Verdict {
    let zones = Arc::new(Zones::bundled());
    let stop = std::sync::atomic::AtomicBool::new(false);
    let path = std::path::Path::new("evidence.scenario");
    play::run(path, text.as_bytes(), &zones, play::Options::default(), &stop)
}

/// The only wrong answer of a run, told in full.
fn only(run: Run) -> Evidence {
    let judged = run.report().judged;
    let [evidence] = &judged.evidence[..] else { panic!("{:#?}", judged.evidence) };
    evidence.clone()
}

/// The evidence says what is right, and holds; with what was said in its place it does not.
fn holds(evidence: &Evidence, class: Class, right: &str, said: &str) {
    assert_eq!(evidence.class, class);
    let text = &evidence.scenario;
    let expectation = format!("  expect {right}\n");
    assert!(text.contains(&expectation), "{right}:\n{text}");
    let verdict = played(text);
    assert_eq!(verdict.outcome(), play::Outcome::Passed, "{text}");
    assert_eq!(verdict.counts.expectations, 1);
    let answered = &evidence.answered;
    assert!(text.contains(&format!("  # FALSE: {answered} (request t-1-")), "{answered}:\n{text}");
    if right != said {
        let lie = text.replace(&expectation, &format!("  expect {said}\n"));
        assert_eq!(played(&lie).outcome(), play::Outcome::Failed, "{lie}");
    }
}

#[test]
fn what_was_stale_plays_as_what_is_right() {
    let away = Effect::Status(Chosen::Away);
    let mut run = ann_is_online();
    run.write(LAPTOP, away, 300 * MS, 310 * MS);
    run.read(ACME, 900 * MS, ONLINE, None);
    let (right, said) = ("acme away, chat possible", "acme online, chat possible");
    holds(&only(run), Class::Stale, right, said);
    // By its version it knows less than it must: then the version is no measure for what is right.
    let mut run = ann_is_online();
    run.write(LAPTOP, away, 300 * MS, 310 * MS);
    run.read(ACME, 311 * MS, ONLINE, Some(1));
    let evidence = only(run);
    assert_eq!(evidence.admissible, ["away, chat possible"]);
    holds(&evidence, Class::Stale, right, said);
}

#[test]
fn an_answer_that_knew_of_a_write_on_its_way_plays_with_it_done() {
    let mut run = ann_is_online();
    run.write(LAPTOP, Effect::Status(Chosen::Away), 300 * MS, 400 * MS);
    run.read(ACME, 350 * MS, ONLINE, Some(2));
    let (right, said) = ("acme away, chat possible", "acme online, chat possible");
    holds(&only(run), Class::Stale, right, said);
}

#[test]
fn phantoms_and_what_goes_back_in_time_play_as_what_is_right() {
    let mut run = ann_is_online();
    run.read(ACME, 900 * MS, AWAY, Some(1));
    let (right, said) = ("acme online, chat possible", "acme away, chat possible");
    holds(&only(run), Class::Phantom, right, said);
    let mut run = ann_is_online();
    run.read(ACME, 500 * MS, ONLINE, Some(5));
    run.read(ACME, 600 * MS, ONLINE, Some(4));
    holds(&only(run), Class::NonMonotonicRead, right, right);
}

#[test]
fn edges_that_show_early_or_late_play_as_what_is_right() {
    let mut run = ann_is_online();
    run.read(SALES, MINUTE + 900 * MS, OFFLINE, Some(1));
    let (open, closed) = ("acme/sales online, chat possible", "acme/sales offline, no chat");
    holds(&only(run), Class::EdgeLate, open, closed);
    let mut run = ann_is_online();
    run.read(SALES, MINUTE - 500 * MS, ONLINE, Some(1));
    holds(&only(run), Class::EdgeEarly, closed, open);
    let mut run = ann_is_online();
    run.lose(LAPTOP, 2 * SECOND_US);
    run.read(ACME, 13 * SECOND_US, ONLINE, None);
    let (right, said) = ("acme offline, no chat", "acme online, chat possible");
    holds(&only(run), Class::EdgeLate, right, said);
}

#[test]
fn a_team_mate_plays_as_she_is_and_a_message_as_a_comment() {
    let mut run = ann_is_online();
    let statuses = [AgentStatus::Away, AgentStatus::Offline].map(PossibleStatuses::just).map(Some);
    let seen = Observed::Team(statuses.to_vec());
    run.observe(1, (500 * MS, 501 * MS), None, seen);
    holds(&only(run), Class::TeamStatusWrong, "ann online", "ann away");
    let mut run = Run::new();
    let (text, why) = ("hello".into(), "it is not there".into());
    run.observe(1, (SECOND_US, SECOND_US), None, Observed::MissingMessage { text, why });
    let evidence = only(run);
    let verdict = played(&evidence.scenario);
    assert_eq!((verdict.outcome(), verdict.counts.expectations), (play::Outcome::Passed, 0));
    assert!(evidence.scenario.contains("# by the rules: it is among the property's messages"));
}

#[test]
fn the_evidence_is_a_scenario_that_says_how_to_read_and_play_it() {
    let mut run = ann_is_online();
    run.write(PHONE, Effect::Login, 200 * MS, 210 * MS);
    run.write(LAPTOP, Effect::Status(Chosen::Away), 300 * MS, 310 * MS);
    run.lose(PHONE, 400 * MS);
    run.read(SALES, MINUTE + 900 * MS, ONLINE, Some(3));
    let evidence = only(run);
    let (right, said) = ("acme/sales away, chat possible", "acme/sales online, chat possible");
    holds(&evidence, Class::EdgeLate, right, said);
    for part in [
        "# A wrong answer of a load test, edge-late: acme/sales, at 2026-03-09T12:01:00.901Z.",
        "# The request was sent with `X-Request-Id: t-1-",
        "# How to read it:",
        "#   lamplighter scenario FILE\n",
        "#   lamplighter serve --clock manual:2026-03-09T11:59:5",
        "#   lamplighter load explain FILE",
        "  # what the clock did shows",
    ] {
        assert!(evidence.scenario.contains(part), "{part}:\n{}", evidence.scenario);
    }
    assert!(evidence.around.iter().any(|span| span.what.contains("the scheduler opens")));
    assert_eq!(evidence.who, "a visitor of whom nothing is known");
}

#[test]
fn the_first_of_each_kind_is_told_in_full_and_all_are_listed() {
    let mut run = ann_is_online();
    for second in 1..=5 {
        run.read(ACME, second * SECOND_US, AWAY, Some(1));
        run.read(ACME, second * SECOND_US + MS, OFFLINE, Some(1));
    }
    run.read(SALES, 6 * SECOND_US, AWAY, Some(1));
    let report = run.report();
    let judged = &report.judged;
    let kinds: Vec<(&str, &str, u64)> = judged
        .evidence
        .iter()
        .map(|one| (one.about.as_str(), one.answered.as_str(), one.alike))
        .collect();
    assert_eq!(
        kinds,
        [
            ("acme", "away, chat possible (version 1)", 5),
            ("acme", "offline, no chat (version 1)", 5),
            ("acme/sales", "away, chat possible (version 1)", 1),
        ]
    );
    assert_eq!((judged.kinds, judged.wrong_count()), (3, 11));
    let listed: Vec<Option<usize>> = report.wrong.iter().map(|one| one.evidence).collect();
    let twice = [Some(1), Some(2)].repeat(5);
    assert_eq!(listed, [twice, vec![Some(3)]].concat());
    let ids: std::collections::BTreeSet<_> =
        report.wrong.iter().map(|one| one.request_id.clone().expect("an id")).collect();
    assert_eq!(ids.len(), 11);
}

#[test]
fn a_kind_whose_first_was_none_after_all_is_told_by_its_next() {
    let mut run = ann_is_online();
    // Shown as gone, which is right once it is known that her connection was lost.
    run.read(ACME, 15 * SECOND_US, OFFLINE, None);
    run.read(ACME, 16 * SECOND_US, OFFLINE, None);
    let since = 2 * SECOND_US;
    let (agent, slot) = LAPTOP;
    run.records.push(Record::ConnectionLost { at: 17 * SECOND_US, since, agent, slot });
    let judged = run.report().judged;
    assert_eq!((judged.wrong_count(), judged.kinds, judged.evidence.len()), (0, 0, 0));
}

#[test]
fn of_very_many_wrong_answers_only_the_latest_and_the_first_of_each_kind_are_kept() {
    let mut judge = judge();
    let (mut listed, mut most) = (0, 0);
    let first = ann_is_online().records;
    judge.take(first, 200 * MS);
    for second in 1..=40 {
        let mut run = Run::new();
        for read in 0..500 {
            run.read(ACME, second * SECOND_US + read * MS, AWAY, Some(1));
        }
        judge.take(run.records, (second + 1) * SECOND_US);
        listed += judge.take_wrong().len();
        most = most.max(judge.pending_violations.len());
    }
    assert!(most <= 11 * 500, "{most}");
    assert_eq!(judge.judged().evidence.len(), 1);
    let report = judge.finish(41 * SECOND_US);
    assert_eq!(listed + report.wrong.len(), 20_000);
    assert_eq!((report.judged.evidence[0].alike, report.judged.kinds), (20_000, 1));
}

#[tokio::test]
async fn evidence_and_its_line_say_what_the_names_are_on_the_service() {
    let mut provisioned = Provisioned::nothing(&plan(), &lending(2, 1, ""));
    let never = std::sync::atomic::AtomicBool::new(false);
    provisioned.put(&never).await.expect("nobody is called");
    let mut run = ann_is_online();
    run.write(LAPTOP, Effect::Status(Chosen::Away), 300 * MS, 310 * MS);
    run.read(ACME, 900 * MS, ONLINE, None);
    let judge = judge().on(Arc::clone(provisioned.service()));
    let report = run.report_by(judge);
    let name = |planned: &str, there: &str| ServiceName {
        planned: planned.to_owned(),
        there: there.to_owned(),
    };
    let names = [name("acme", "property0"), name("ann", "agent0"), name("bob", "agent1")];
    let evidence = &report.judged.evidence[0];
    assert_eq!(evidence.names, names);
    let told = "# On the service acme is property0, ann is agent0, bob is agent1.";
    assert!(evidence.scenario.contains(told), "{}", evidence.scenario);
    assert_eq!(report.wrong[0].there.as_deref(), Some("property0"));
}
