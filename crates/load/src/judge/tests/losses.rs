//! Connections that are lost, and the ends of graces.

use super::*;

#[test]
fn a_grace_ends_when_it_must() {
    let lost = |reads: &[(Micros, ShownState)]| {
        let mut run = ann_is_online();
        run.lose(LAPTOP, SECOND_US);
        for &(at, shown) in reads {
            run.read(ACME, at, shown, None);
        }
        run.wrong()
    };
    let ends = 11 * SECOND_US;
    assert_eq!(lost(&[(ends - 2 * MS, ONLINE), (ends + 100 * MS, ONLINE)]), []);
    assert_eq!(lost(&[(ends + 100 * MS, OFFLINE), (ends + 300 * MS, OFFLINE)]), []);
    assert_eq!(lost(&[(ends + 300 * MS, ONLINE)]), [(Class::EdgeLate, 1)]);
    assert_eq!(lost(&[(ends - 300 * MS, OFFLINE)]), [(Class::EdgeEarly, 1)]);
}

#[test]
fn a_return_keeps_the_status_and_a_login_ends_the_countdown() {
    let mut run = ann_is_online();
    run.lose(LAPTOP, SECOND_US);
    run.ends(
        LAPTOP,
        Effect::Connect,
        5 * SECOND_US,
        5 * SECOND_US + MS,
        Completion::Done(Vec::new()),
    );
    run.read(ACME, 20 * SECOND_US, ONLINE, None);
    assert_eq!(run.wrong(), []);
    let mut run = ann_is_online();
    run.lose(LAPTOP, SECOND_US);
    run.ends(
        LAPTOP,
        Effect::Connect,
        5 * SECOND_US,
        5 * SECOND_US + MS,
        Completion::Done(Vec::new()),
    );
    run.read(ACME, 20 * SECOND_US, OFFLINE, None);
    assert_eq!(run.wrong(), [(Class::Stale, 1)], "it was so before she came");
    let mut run = ann_is_online();
    run.lose(LAPTOP, SECOND_US);
    run.write(LAPTOP, Effect::Login, 9 * SECOND_US, 9 * SECOND_US + MS);
    run.read(ACME, 20 * SECOND_US, ONLINE, Some(2));
    assert_eq!(run.wrong(), []);
}

#[test]
fn a_socket_that_the_target_closed_was_lost_at_some_moment_since_it_was_asked_for() {
    let closed = |reads: &[(Micros, ShownState)]| {
        let mut run = ann_is_online();
        let (at, since) = (8 * SECOND_US, SECOND_US);
        run.records.push(Record::ConnectionLost { at, since, agent: 0, slot: 0 });
        for &(at, shown) in reads {
            run.read(ACME, at, shown, None);
        }
        run.wrong()
    };
    let (first, last) = (11 * SECOND_US, 18 * SECOND_US);
    let reads = [(first, OFFLINE), (first + SECOND_US, ONLINE), (last + 200 * MS, ONLINE)];
    assert_eq!(closed(&reads), []);
    assert_eq!(closed(&[(first - 10 * MS, OFFLINE)]), [(Class::EdgeEarly, 1)]);
    assert_eq!(closed(&[(last + 300 * MS, ONLINE)]), [(Class::EdgeLate, 1)]);
}

#[test]
fn what_follows_from_a_loss_is_right_though_the_loss_was_learnt_of_seconds_later() {
    let wrong = |learnt: Micros, at: Micros| {
        let mut run = ann_is_online();
        run.records.push(Record::ConnectionLost {
            at: learnt,
            since: SECOND_US,
            agent: 0,
            slot: 0,
        });
        run.opens(ACME, 7, at - 2 * SECOND_US);
        run.push(7, at - SECOND_US, ONLINE, 1);
        run.push(7, at, OFFLINE, 1);
        run.read(ACME, at, OFFLINE, Some(1));
        let team = vec![Some(PossibleStatuses::just(AgentStatus::Offline)); 2];
        run.observe(2, (at, at + MS), Some(1), Observed::Team(team));
        run.wrong()
    };
    // Ten seconds of grace: it can be over at 11 s.
    let at = 12 * SECOND_US;
    assert_eq!(wrong(at - SECOND_US, at), []);
    assert_eq!(wrong(at + 9 * SECOND_US, at), []);
    let all = [(Class::Stale, 2), (Class::TeamStatusWrong, 1)];
    assert_eq!(wrong(at + 11 * SECOND_US, at), all, "too late to be believed");
    // Lost at no moment early enough.
    assert_eq!(wrong(at + 4 * SECOND_US, 10 * SECOND_US).len(), 2);
}

#[test]
fn who_is_shown_behind_her_grace_is_wrong_though_the_target_lets_her_come_back() {
    let mut run = ann_is_online();
    run.lose(LAPTOP, SECOND_US);
    // The grace was over at 11 s.
    run.read(ACME, 12 * SECOND_US, ONLINE, Some(1));
    run.ends(LAPTOP, Effect::Connect, 13 * SECOND_US, 14 * SECOND_US, Completion::Done(Vec::new()));
    run.read(ACME, 15 * SECOND_US, ONLINE, Some(1));
    // Somebody else's connection has to do with nothing of it.
    let since = 2 * SECOND_US;
    run.records.push(Record::ConnectionLost { at: 16 * SECOND_US, since, agent: 1, slot: 0 });
    let judged = run.report().judged;
    assert_eq!(judged.wrong.into_iter().collect::<Vec<_>>(), [(Class::EdgeLate, 1)]);
    // It tells of what was known when it was found wrong.
    let around = &judged.evidence[0].around;
    assert!(around.iter().any(|span| span.what.contains("grace")), "{around:?}");
}

#[test]
fn what_is_wrong_counts_once_it_is_sure_to_be() {
    let mut run = ann_is_online();
    run.read(ACME, SECOND_US, OFFLINE, Some(1));
    // This is wrong whatever comes to be known.
    run.read(ACME, 2 * SECOND_US, OFFLINE, Some(0));
    let mut judge = judge();
    judge.take(run.records, 3 * SECOND_US);
    assert_eq!(judge.judged().wrong_count(), 1);
    judge.take(Vec::new(), 10 * SECOND_US);
    assert_eq!(judge.judged().wrong_count(), 1);
    judge.take(Vec::new(), 12 * SECOND_US);
    assert_eq!(judge.judged().wrong_count(), 2);
    let judged = judge.finish(13 * SECOND_US).judged;
    assert_eq!((judged.wrong_count(), judged.first_wrong_after), (2, Some(1)));
}

#[test]
fn a_socket_that_nobody_knows_of_may_have_been_lost_until_a_login() {
    let mut run = ann_is_online();
    run.ends(LAPTOP, Effect::Connect, SECOND_US, 2 * SECOND_US, Completion::Indeterminate);
    run.read(ACME, 30 * SECOND_US, OFFLINE, None);
    run.read(ACME, 31 * SECOND_US, ONLINE, None);
    run.write(LAPTOP, Effect::Login, 40 * SECOND_US, 40 * SECOND_US + MS);
    run.read(ACME, 41 * SECOND_US, ONLINE, Some(2));
    run.read(ACME, 50 * SECOND_US, OFFLINE, Some(2));
    assert_eq!(run.wrong(), [(Class::Stale, 1)]);
}

#[test]
fn t45_a_session_that_the_target_ended_after_its_time_is_out_until_the_login() {
    let expired = |reads: &[(Micros, ShownState)]| {
        let mut run = ann_is_online();
        let (at, since) = (8 * SECOND_US, 5 * SECOND_US);
        run.records.push(Record::SessionExpired { at, since, agent: 0, slot: 0 });
        run.write(LAPTOP, Effect::Login, 9 * SECOND_US, 9 * SECOND_US + MS);
        for &(at, shown) in reads {
            run.read(ACME, at, shown, None);
        }
        run.wrong()
    };
    let (since, out) = (5 * SECOND_US, 8 * SECOND_US + 500 * MS);
    let right = [(since + MS, OFFLINE), (since + SECOND_US, ONLINE), (out, OFFLINE)];
    assert_eq!(expired(&right), []);
    assert_eq!(expired(&[(10 * SECOND_US, ONLINE)]), []);
    assert_eq!(expired(&[(since - 10 * MS, OFFLINE)]).len(), 1);
    assert_eq!(expired(&[(out, ONLINE)]).len(), 1);
    assert_eq!(expired(&[(10 * SECOND_US, OFFLINE)]).len(), 1);
}
