//! Messages, coverage, and evidence.

use super::*;

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
fn races_are_counted() {
    let mut run = Run::new();
    run.write(LAPTOP, Effect::Login, 90 * MS, 100 * MS);
    run.write(DESK, Effect::Login, 95 * MS, 105 * MS);
    run.read(ACME, 96 * MS, ONLINE, None);
    run.write(DESK, Effect::Status(Chosen::Away), MINUTE - MS, MINUTE + MS);
    run.read(SALES, MINUTE - 500, ONLINE, None);
    run.read(SALES, MINUTE + SECOND_US, ALONE, None);
    let races = run.report().judged.races;
    for race in
        ["two-devices-at-once", "read-during-a-write", "read-over-an-edge", "write-over-an-edge"]
    {
        assert!(races[race] > 0, "{race}: {races:?}");
    }
}

#[test]
fn the_evidence_is_a_scenario_that_holds() {
    let mut run = ann_is_online();
    run.write(PHONE, Effect::Login, 200 * MS, 210 * MS);
    run.write(LAPTOP, Effect::Status(Chosen::Away), 300 * MS, 310 * MS);
    run.lose(PHONE, 400 * MS);
    run.read(SALES, MINUTE + 900 * MS, ONLINE, Some(3));
    let judged = run.report().judged;
    let evidence = &judged.evidence[0];
    let zones = Arc::new(Zones::bundled());
    let stop = std::sync::atomic::AtomicBool::new(false);
    let (path, bytes) = (std::path::Path::new("evidence.scenario"), evidence.scenario.as_bytes());
    let verdict = play::run(path, bytes, &zones, play::Options::default(), &stop);
    assert_eq!(verdict.outcome(), play::Outcome::Passed, "{}", evidence.scenario);
    assert_eq!(verdict.counts.expectations, 1);
    assert!(
        evidence.scenario.contains("expect acme/sales away, chat possible"),
        "{}",
        evidence.scenario
    );
    assert!(evidence.around.iter().any(|span| span.what.contains("the scheduler opens")));
}
