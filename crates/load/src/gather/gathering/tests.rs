use super::super::increment::IncrementEncoder;
use super::super::message::Readiness;
use super::*;
use crate::merge::merge;
use crate::sample::Sample;

const SECOND: Micros = SECOND_US;
const NOON_MS: i64 = 1_773_057_600_000;

fn gathering(parts: u32) -> Gathering {
    let gates = vec![Gate::parse("wrong > 3").expect("a gate")];
    let lost_after = 10 * SECOND;
    Gathering::new(GatherSettings { parts, lost_after, gates, abort_on_fail: true })
}

fn identity(number: u32, of: u32) -> PartIdentity {
    PartIdentity {
        format: FORMAT,
        lamplighter: "0.1.0".to_owned(),
        session: format!("session {number}"),
        shard: format!("{number}/{of}"),
        plan: "plan".to_owned(),
        duration_ms: 10_000,
        properties: 16,
        properties_of_plan: 64,
        clock: ClockOffset { ahead_us: 200, uncertain_us: 50 },
        ready: None,
        start_ms: None,
    }
}

fn ready(number: u32, of: u32) -> PartIdentity {
    let target = ClockOffset { ahead_us: i64::from(number) * 1_000, uncertain_us: 500 };
    let ready = Readiness { target_now_ms: NOON_MS, lead_ms: 3_000, target };
    PartIdentity { ready: Some(ready), ..identity(number, of) }
}

fn says(part: PartIdentity) -> PartMessage {
    PartMessage { part, increment: None, end: None }
}

fn told(gathering: &mut Gathering) -> Vec<String> {
    gathering.take_events().into_iter().map(|happening| happening.told).collect()
}

/// Two parts that play.
fn playing() -> (Gathering, [PartIdentity; 2]) {
    let mut gathering = gathering(2);
    gathering.hear(says(ready(1, 2)), 0).expect("is taken");
    let answer = gathering.hear(says(ready(2, 2)), SECOND).expect("is taken");
    let parts = [1, 2].map(|number| PartIdentity { start_ms: answer.start_ms, ..ready(number, 2) });
    for part in &parts {
        gathering.hear(says(part.clone()), SECOND).expect("is taken");
    }
    gathering.take_events();
    (gathering, parts)
}

#[test]
fn all_start_together_once_the_last_is_ready_and_has_the_time_to_set_its_hours() {
    let mut gathering = gathering(2);
    let waits = Answer::default();
    assert_eq!(gathering.hear(says(identity(1, 2)), 0), Ok(waits.clone()));
    assert_eq!(gathering.hear(says(ready(1, 2)), SECOND), Ok(waits.clone()));
    assert_eq!(gathering.hear(says(identity(2, 2)), 2 * SECOND), Ok(waits));
    // The first said noon four seconds ago.
    let answer = gathering.hear(says(ready(2, 2)), 5 * SECOND).expect("is taken");
    assert_eq!(answer.start_ms, Some(NOON_MS + 4_000 + 3_000 + HEARD_WITHIN_MS));
    let again = gathering.hear(says(ready(1, 2)), 6 * SECOND).expect("is taken");
    assert_eq!(again.start_ms, answer.start_ms);
    let told = told(&mut gathering);
    assert_eq!(told[0], "shard 1/2 is there, its clock 200µs behind ± 50µs");
    assert_eq!(told[1], "shard 1/2 is ready");
    assert_eq!(
        told[4],
        "all 2 parts are ready, and start at 2026-03-09T12:00:09Z, 1.00ms ± 1.10ms apart by their clocks"
    );
}

#[test]
fn what_the_parts_have_told_is_what_a_merge_makes_of_their_results() {
    let (mut gathering, parts) = playing();
    let results = Sample { is_bad: true, ..Sample::default() }.parts(2);
    for (part, result) in parts.iter().zip(&results) {
        let increment = Some(IncrementEncoder::default().increment(result));
        let message = PartMessage { part: part.clone(), increment, end: Some(PartEnd::Done) };
        let message = PartMessage::unpack(&message.packed()).expect("a message");
        gathering.hear(message, 2 * SECOND).expect("is taken");
    }
    let gate = Gate::parse("wrong > 3").expect("a gate");
    let mut whole = merge(results).expect("parts of one run");
    whole.gates.push(gate.verdict(&whole));
    assert_eq!(gathering.whole().expect("parts of one run"), Some(whole));
    assert!(gathering.is_over(2 * SECOND));
    let before = gathering.whole();
    gathering.close();
    assert_eq!(gathering.lacks(), Some(Vec::new()));
    assert_eq!(gathering.whole(), before, "nothing is lacking");
}

#[test]
fn a_gate_that_is_sure_to_fail_over_the_whole_ends_all_parts() {
    let (mut gathering, parts) = playing();
    let results = Sample { is_bad: true, ..Sample::default() }.parts(2);
    for (part, result) in parts.iter().zip(&results) {
        assert!(result.judged.wrong_count() <= 3, "no part fails by itself");
        let increment = Some(IncrementEncoder::default().increment(result));
        let message = PartMessage { part: part.clone(), increment, end: None };
        assert_eq!(gathering.hear(message, 2 * SECOND).expect("is taken").end, None);
        gathering.look(2 * SECOND);
    }
    let answer = gathering.hear(says(parts[0].clone()), 3 * SECOND).expect("is taken");
    assert_eq!(answer.end, Some(StopCause::Gate("wrong > 3".to_owned())));
    assert_eq!(told(&mut gathering), ["all parts end: a gate failed: wrong > 3"]);
}

#[test]
fn a_part_that_is_silent_is_lost_with_its_share_of_the_plan_and_may_come_again() {
    let (mut gathering, parts) = playing();
    let mut result = Sample::default().parts(2).remove(0);
    result.about.lasted_ms = 4_000;
    let increment = Some(IncrementEncoder::default().increment(&result));
    let message = PartMessage { part: parts[0].clone(), increment, end: None };
    gathering.hear(message, 2 * SECOND).expect("is taken");
    let done = PartMessage { end: Some(PartEnd::Done), ..says(parts[1].clone()) };
    gathering.hear(done, 9 * SECOND).expect("is taken");
    gathering.look(12 * SECOND);
    assert!(!gathering.is_over(12 * SECOND));
    gathering.look(13 * SECOND);
    // A quarter of the properties, for six seconds of ten.
    let why = "15.0% of the plan is unjudged: nothing was heard of it for 11.0s";
    assert_eq!(
        told(&mut gathering),
        ["shard 2/2 is done".to_owned(), format!("shard 1/2 is lost, {why}")]
    );
    assert!(gathering.is_over(13 * SECOND));
    gathering.hear(says(parts[0].clone()), 14 * SECOND).expect("is taken");
    assert_eq!(told(&mut gathering), ["shard 1/2 is heard of again"]);
    assert!(!gathering.is_over(14 * SECOND));
}

#[test]
fn the_whole_says_what_it_lacks_once_nothing_more_is_waited_for() {
    let (mut gathering, parts) = playing();
    let mut results = Sample::default().parts(2);
    results[0].about.lasted_ms = 4_000;
    for ((part, result), end) in parts.iter().zip(&results).zip([None, Some(PartEnd::Done)]) {
        let increment = Some(IncrementEncoder::default().increment(result));
        let message = PartMessage { part: part.clone(), increment, end };
        gathering.hear(message, 2 * SECOND).expect("is taken");
    }
    gathering.look(13 * SECOND);
    let whole = || gathering.whole().expect("parts of one run").expect("a result");
    assert!(!whole().about.interrupted && whole().unfinished.is_empty(), "it may come again");
    assert_eq!(gathering.lacks(), None);
    gathering.close();
    let whole = gathering.whole().expect("parts of one run").expect("a result");
    let lost =
        "shard 1/2 was lost, 15.0% of the plan is unjudged: nothing was heard of it for 11.0s";
    assert_eq!(gathering.lacks(), Some(vec![lost.to_owned()]));
    assert_eq!((whole.about.interrupted, whole.unfinished), (true, vec![lost.to_owned()]));
}

#[test]
fn a_part_that_fails_before_the_start_can_be_played_by_another_generator() {
    let mut gathering = gathering(2);
    gathering.hear(says(ready(1, 2)), 0).expect("is taken");
    let failed = Some(PartEnd::Failed("the target is gone".to_owned()));
    gathering.hear(PartMessage { end: failed, ..says(ready(1, 2)) }, 0).expect("is taken");
    assert!(told(&mut gathering)[2].ends_with(
        "is lost, the start waits until another generator plays it: it failed: the target is gone"
    ));
    assert_eq!(gathering.hear(says(ready(2, 2)), 0).expect("is taken").start_ms, None);
    let other = PartIdentity { session: "another".to_owned(), ..ready(1, 2) };
    assert!(gathering.hear(says(other), 0).expect("is taken").start_ms.is_some());
}

#[test]
fn a_gatherer_that_was_started_anew_learns_all_from_the_parts() {
    let (_, parts) = playing();
    let mut anew = gathering(2);
    let mut ledger = IncrementEncoder::default();
    let results = Sample::default().parts(2);
    ledger.taken(&ledger.increment(&results[0]), results[0].clone());
    let increment = Some(ledger.increment(&results[0]));
    let message = PartMessage { part: parts[0].clone(), increment, end: None };
    let answer = anew.hear(message, 0).expect("is taken");
    assert!(answer.again && answer.start_ms == parts[0].start_ms);
    // The other one never comes.
    let done = PartMessage { end: Some(PartEnd::Done), ..says(parts[0].clone()) };
    anew.hear(done, SECOND).expect("is taken");
    assert!(!anew.is_over(SECOND) && anew.is_over(11 * SECOND));
    anew.close();
    let never = "shard 2/2 was never heard of, its part of the plan is unjudged";
    assert_eq!(anew.lacks(), Some(vec![never.to_owned()]));
}

#[test]
fn whoever_is_no_part_of_this_test_is_refused_with_a_word() {
    let refused = |spoil: fn(&mut PartIdentity)| {
        let mut gathering = gathering(2);
        gathering.hear(says(identity(1, 2)), 0).expect("is taken");
        let mut part = identity(2, 2);
        spoil(&mut part);
        gathering.hear(says(part), 0).expect_err("is refused").to_string()
    };
    for (spoil, told) in [
        (
            (|part| part.format = 1) as fn(&mut PartIdentity),
            "the generator is of release 0.1.0, whose results have format 1, and the gatherer reads format \
             2; run the same release everywhere",
        ),
        (
            |part| part.shard = "two".to_owned(),
            "`two` is no shard: a part says which it is as I/N, e.g. `2/4`",
        ),
        (
            |part| part.shard = "2/3".to_owned(),
            "the shard 2/3 is not one of 2 parts; give --parts and every --shard the same number",
        ),
        (
            |part| part.plan = "another".to_owned(),
            "the shard 2/2 has another plan than the shard 1/2: the plan is `another` in the one and \
             `plan` in the other; give every generator the same arguments, and another --shard",
        ),
        (
            |part| part.shard = "1/2".to_owned(),
            "the shard 1/2 is played by another generator already; give every generator another --shard",
        ),
    ] {
        assert_eq!(refused(spoil), told);
    }
    let (mut gathering, parts) = playing();
    let late = PartIdentity { session: "another".to_owned(), ..ready(1, 2) };
    gathering.look(60 * SECOND);
    assert_eq!(gathering.hear(says(late), 60 * SECOND), Err(Refusal::TooLate("1/2".to_owned())));
    let other = PartIdentity { start_ms: Some(NOON_MS), ..parts[0].clone() };
    assert_eq!(gathering.hear(says(other), SECOND), Err(Refusal::OtherRun("1/2".to_owned())));
}

#[test]
fn ctrl_c_before_anybody_plays_is_the_end() {
    let mut gathering = gathering(2);
    assert!(!gathering.is_over(0));
    gathering.interrupt();
    assert!(gathering.is_over(0));
    let answer = gathering.hear(says(identity(1, 2)), 0).expect("is taken");
    assert_eq!(answer.end, Some(StopCause::Interrupted));
    assert!(!gathering.is_over(0), "the part is told, and says how it ended");
}
