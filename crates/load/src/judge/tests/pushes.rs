//! What is pushed on streams, and looks at teams.

use super::*;

#[test]
fn pushes_come_in_order_and_in_time_and_the_last_one_is_true_when_all_is_quiet() {
    let right = |pushes: &[(Micros, ShownState, u64)]| {
        let mut run = ann_is_online();
        run.opens(ACME, 7, 150 * MS);
        run.push(7, 151 * MS, ONLINE, 1);
        run.write(LAPTOP, Effect::Status(Chosen::Away), SECOND_US, SECOND_US + MS);
        for &(at, shown, version) in pushes {
            run.push(7, at, shown, version);
        }
        run
    };
    let soon = SECOND_US + 2 * MS;
    let report = right(&[(soon, AWAY, 2)]).report();
    assert_eq!(report.judged.wrong_count(), 0, "{:?}", report.judged.evidence);
    assert_eq!((report.propagation.push.count(), report.propagation.push.max()), (1, 2_000));
    assert_eq!(right(&[]).wrong(), [(Class::Stale, 1)], "it was lost");
    assert_eq!(right(&[(2 * SECOND_US, AWAY, 2)]).wrong(), [(Class::Stale, 1)], "it was late");
    assert_eq!(
        right(&[(soon, AWAY, 2), (soon + MS, AWAY, 1)]).wrong()[0].0,
        Class::NonMonotonicRead
    );
    assert_eq!(right(&[(soon, ONLINE, 2), (soon + MS, AWAY, 2)]).wrong(), [(Class::Stale, 1)]);
}

#[test]
fn two_events_that_come_at_once_are_both_in_time() {
    let mut run = ann_is_online();
    run.opens(ACME, 7, 50 * MS);
    run.push(7, 60 * MS, OFFLINE, 0);
    run.write(LAPTOP, Effect::Status(Chosen::Away), 200 * MS, 210 * MS);
    // The first has not been true for 30 ms when it is read, and the second is there at once.
    run.push(7, 240 * MS, ONLINE, 1);
    run.push(7, 240 * MS + 3, AWAY, 2);
    assert_eq!(run.wrong(), []);
}

#[test]
fn of_two_events_that_come_late_at_once_it_is_told_how_late() {
    let mut run = ann_is_online();
    run.opens(SALES, 7, MINUTE - 2 * SECOND_US);
    run.push(7, MINUTE - SECOND_US, OFFLINE, 1);
    // It opens at 12:01 and she goes at 12:01:00.1; both are told two seconds later.
    run.write(LAPTOP, Effect::Logout, MINUTE + 100 * MS, MINUTE + 110 * MS);
    run.push(7, MINUTE + 2 * SECOND_US, ONLINE, 1);
    run.push(7, MINUTE + 2 * SECOND_US + 3, ALONE, 2);
    let judged = run.report().judged;
    let told: Vec<&str> = judged.evidence.iter().map(|one| one.why.as_str()).collect();
    assert!(told.iter().any(|why| why.contains("not been true for 1890.0ms")), "{told:?}");
    assert!(!told.iter().any(|why| why.contains("us ")), "{told:?}");
}

#[test]
fn an_edge_is_pushed_in_time() {
    let at_the_edge = |at: Micros| {
        let mut run = ann_is_online();
        run.opens(SALES, 7, SECOND_US);
        run.push(7, SECOND_US + MS, OFFLINE, 1);
        run.push(7, at, ONLINE, 2);
        run.read(ACME, at + 10 * MS, ONLINE, Some(2));
        run
    };
    let report = at_the_edge(MINUTE + 20 * MS).report();
    assert_eq!(report.judged.wrong_count(), 0, "{:?}", report.judged.evidence);
    assert_eq!((report.edges.schedulers, report.edges.push.max() / MS as u64), (1, 20));
    assert_eq!(at_the_edge(MINUTE + 900 * MS).wrong(), [(Class::EdgeLate, 1)]);
    assert_eq!(at_the_edge(MINUTE - 900 * MS).wrong(), [(Class::EdgeEarly, 1)]);
}

#[test]
fn a_team_is_told_as_it_is() {
    let looks = |ann: AgentStatus, bob: AgentStatus| {
        let mut run = ann_is_online();
        run.write(PHONE, Effect::Login, 200 * MS, 210 * MS);
        run.write(LAPTOP, Effect::Status(Chosen::Invisible), 300 * MS, 310 * MS);
        run.write(PHONE, Effect::Status(Chosen::Invisible), 310 * MS, 320 * MS);
        let team = Observed::Team([ann, bob].map(PossibleStatuses::just).map(Some).to_vec());
        run.observe(2, (400 * MS, 410 * MS), None, team);
        run.wrong()
    };
    assert_eq!(looks(AgentStatus::Invisible, AgentStatus::Offline), []);
    let wrong = [(Class::TeamStatusWrong, 1)];
    assert_eq!(looks(AgentStatus::Offline, AgentStatus::Offline), wrong);
    assert_eq!(looks(AgentStatus::Invisible, AgentStatus::Online), wrong);
}

#[test]
fn of_two_records_of_the_same_moment_the_first_counts_first() {
    let mut run = ann_is_online();
    run.opens(ACME, 7, 150 * MS);
    run.write(LAPTOP, Effect::Status(Chosen::Away), 300 * MS, 310 * MS);
    let mut judge = judge();
    judge.take(run.records, 350 * MS);
    for (version, shown) in [(1, ONLINE), (2, AWAY)] {
        let mut told = Run { streams: run.streams.clone(), ..Run::new() };
        told.push(7, 400 * MS, shown, version);
        // Taken out between the two, and both of them are for later.
        judge.take(told.records, 360 * MS);
    }
    assert!(judge.finish(SECOND_US).judged.wrong.is_empty());
}
