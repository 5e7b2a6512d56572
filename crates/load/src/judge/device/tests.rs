use super::*;
use lamplighter_core::model::{Chosen, DeviceStatus};

fn write(id: WriteId, from: Micros, effect: Effect) -> Operation {
    let cause = OperationCause::Write { write: id, slot: 0, state: WriteState::InFlight };
    Operation { effect, earliest: from, latest: NEVER, cause, versions: Vec::new() }
}

fn grace(lost: Micros, length: Micros) -> Operation {
    let cause = OperationCause::Grace { lost, ended_by: None };
    let ends = lost + length;
    Operation { effect: Effect::Logout, earliest: ends, latest: ends, cause, versions: Vec::new() }
}

fn at(at: Micros) -> ReadPoint {
    ReadPoint { at, version: None, late: 0, early: 0 }
}

fn with_version(at: Micros, version: u64) -> ReadPoint {
    ReadPoint { at, version: Some((0, version)), late: 0, early: 0 }
}

/// Forgets all that had taken effect before a moment.
fn forget(history: &mut DeviceHistory, before: Micros) {
    history.forget(Horizon { writes: before, graces: before });
}

/// `LIAO` for the statuses that there can be.
fn letters(statuses: Statuses) -> String {
    let letter = |status| match status {
        DeviceStatus::LoggedOut => 'L',
        DeviceStatus::Invisible => 'I',
        DeviceStatus::Away => 'A',
        DeviceStatus::Online => 'O',
    };
    statuses.iter().map(letter).collect()
}

/// Logged in between 10 and 20 at version 5.
fn online() -> DeviceHistory {
    let mut history = DeviceHistory::default();
    history.push(write(1, 10, Effect::Login));
    history.acknowledge(1, 20, &[(0, 5)]);
    history
}

#[test]
fn a_value_is_possible_from_its_sending_until_the_answer_to_the_next() {
    let mut history = online();
    history.push(write(2, 30, Effect::Status(Chosen::Away)));
    history.acknowledge(2, 40, &[(0, 7)]);
    let cases = [(9, "L"), (10, "LO"), (20, "O"), (29, "O"), (30, "AO"), (39, "AO"), (40, "A")];
    for (moment, expected) in cases {
        assert_eq!(letters(history.statuses(&at(moment))), expected, "at {moment}");
    }
}

#[test]
fn a_version_says_exactly_what_has_happened() {
    let mut history = online();
    history.push(write(2, 30, Effect::Status(Chosen::Away)));
    history.acknowledge(2, 40, &[(0, 7)]);
    for (version, expected) in [(4, "L"), (5, "O"), (6, "O"), (7, "A"), (8, "A")] {
        assert_eq!(letters(history.statuses(&with_version(35, version))), expected, "at {version}");
    }
    // Of another property nothing is known.
    let other = ReadPoint { version: Some((1, 4)), ..at(35) };
    assert_eq!(letters(history.statuses(&other)), "AO");
}

#[test]
fn what_overtakes_is_put_in_the_order_of_versions() {
    let mut history = online();
    history.push(write(2, 30, Effect::Status(Chosen::Away)));
    history.push(write(3, 35, Effect::Status(Chosen::Invisible)));
    history.acknowledge(3, 40, &[(0, 6)]);
    history.acknowledge(2, 50, &[(0, 7)]);
    for (version, expected) in [(5, "O"), (6, "I"), (7, "A")] {
        assert_eq!(letters(history.statuses(&with_version(60, version))), expected, "at {version}");
    }
    assert_eq!(letters(history.statuses(&at(60))), "IA", "without versions either can be the last");
    forget(&mut history, 100);
    assert_eq!(letters(history.settled()), "A");
}

#[test]
fn an_indeterminate_write_stays_possible_until_a_fresh_login_settles_it() {
    let mut history = online();
    history.push(write(2, 30, Effect::Status(Chosen::Away)));
    history.leave_indeterminate(2);
    assert_eq!(letters(history.statuses(&at(1_000))), "AO");
    history.push(write(3, 1_010, Effect::Login));
    history.acknowledge(3, 1_020, &[(0, 9)]);
    assert_eq!(letters(history.statuses(&at(1_030))), "AO", "it can come behind the login");
    history.settle_indeterminate(0, 1_000);
    assert_eq!(letters(history.statuses(&at(1_030))), "O");
}

#[test]
fn a_grace_runs_out_at_its_time_and_not_after_a_return() {
    let mut history = online();
    history.push(grace(100, 50));
    for (moment, expected) in [(149, "O"), (150, "L")] {
        assert_eq!(letters(history.statuses(&at(moment))), expected, "at {moment}");
    }
    let late = ReadPoint { late: 10, ..at(155) };
    assert_eq!(letters(history.statuses(&late)), "LO");
    let early = ReadPoint { early: 10, ..at(145) };
    assert_eq!(letters(history.statuses(&early)), "LO");
    let mut back = history.clone();
    back.push(write(2, 140, Effect::Connect));
    back.acknowledge(2, 145, &[]);
    assert_eq!(letters(back.statuses(&at(1_000))), "O");
    let mut refused = history.clone();
    refused.push(write(2, 145, Effect::Connect));
    refused.refuse(2);
    refused.learn_logged_out(152);
    assert_eq!(letters(refused.statuses(&at(153))), "L");
    let mut again = history;
    again.push(write(2, 145, Effect::Login));
    again.acknowledge(2, 155, &[(0, 9)]);
    assert_eq!(letters(again.statuses(&at(151))), "LO");
    assert_eq!(letters(again.statuses(&at(160))), "O");
    assert_eq!(letters(again.statuses(&with_version(160, 8))), "L");
}

#[test]
fn a_connection_that_the_other_end_closed_was_lost_at_some_moment_before() {
    let mut history = online();
    // Asked for at 20, found closed at 100; the grace is 50.
    history.push(Operation { earliest: 70, ..grace(100, 50) });
    for (moment, expected) in [(69, "O"), (70, "LO"), (149, "LO"), (150, "L")] {
        assert_eq!(letters(history.statuses(&at(moment))), expected, "at {moment}");
    }
    assert!(history.is_lost_or_void(110), "it is lost already");
    history.learn_logged_out(80);
    assert_eq!(letters(history.statuses(&at(80))), "L");
    let mut history = online();
    assert!(history.is_lost_or_void(9), "the login came behind it");
    assert!(!history.is_lost_or_void(20));
    // A login is on its way: whichever came first, it ends the countdown.
    history.push(write(2, 60, Effect::Login));
    history.push(Operation { earliest: 70, ..grace(100, 50) });
    assert!(!history.is_lost_or_void(90));
    let mut refused = history.clone();
    history.acknowledge(2, 160, &[]);
    assert_eq!(letters(history.statuses(&at(159))), "LO");
    assert_eq!(letters(history.statuses(&at(160))), "O");
    refused.refuse(2);
    assert_eq!(letters(refused.statuses(&at(160))), "L");
}

#[test]
fn what_is_forgotten_leaves_what_it_made() {
    let mut history = online();
    history.push(write(2, 30, Effect::Status(Chosen::Away)));
    forget(&mut history, 25);
    assert_eq!((letters(history.settled()), history.operations().count()), ("O".to_owned(), 1));
    forget(&mut history, 1_000);
    assert_eq!(history.operations().count(), 1, "what is in flight stays");
    history.acknowledge(2, 40, &[(0, 7)]);
    forget(&mut history, 40);
    assert_eq!(history.operations().count(), 1);
    forget(&mut history, 41);
    assert!(history.is_settled());
    assert_eq!(letters(history.settled()), "A");
}

#[test]
fn behind_a_write_that_nobody_answered_only_what_still_counts_is_kept() {
    let mut history = online();
    history.push(write(2, 30, Effect::Status(Chosen::Invisible)));
    history.leave_indeterminate(2);
    for id in 3..1_000 {
        let from = 10 * id as Micros;
        let chosen = if id % 2 == 0 { Chosen::Away } else { Chosen::Online };
        history.push(write(id, from, Effect::Status(chosen)));
        history.acknowledge(id, from + 5, &[(0, 5 + id)]);
        forget(&mut history, from - 100);
        assert!(history.operations().count() < 2 * FEW, "{} kept", history.operations().count());
    }
    assert_eq!(letters(history.statuses(&at(9_999))), "IO", "the first may still take effect");
}

#[test]
fn a_countdown_is_settled_with_the_write_that_may_have_ended_it() {
    let mut history = online();
    history.push(grace(100, 50));
    history.push(write(2, 150, Effect::Connect));
    history.leave_indeterminate(2);
    assert_eq!(letters(history.statuses(&at(1_000))), "LO");
    forget(&mut history, 900);
    assert_eq!(letters(history.statuses(&at(1_000))), "LO", "it may have come in time");
    history.acknowledge(2, 960, &[]);
    assert_eq!(letters(history.statuses(&at(1_000))), "O");
}

/// What an agent does on a device: which of a few writes, how long after the last, how long it takes, and
/// what becomes of it.
type Deed = (u8, Micros, Micros, u8);

/// Plays deeds into two histories, one of which forgets, and asks both at moments around the horizon.
fn play_with_and_without_forgetting(deeds: &[Deed], keeps: Micros) {
    let (mut drops, mut keeps_all) = (DeviceHistory::default(), DeviceHistory::default());
    let (mut now, mut version) = (0, 0);
    for (id, &(what, pause, takes, ends)) in (1..).zip(deeds) {
        now += pause;
        let effect = match what {
            0 => Effect::Login,
            1 => Effect::Logout,
            2 => Effect::Status(Chosen::Invisible),
            3 | 4 => Effect::Status(Chosen::Away),
            _ => Effect::Status(Chosen::Online),
        };
        version += 1;
        for history in [&mut drops, &mut keeps_all] {
            if what == 7 {
                history.push(grace(now, 30));
                continue;
            }
            history.push(write(id, now, effect));
            match ends {
                0 => history.leave_indeterminate(id),
                1 => history.refuse(id),
                _ => history.acknowledge(id, now + takes, &[(0, version)]),
            }
            if what == 0 && ends > 1 {
                history.settle_indeterminate(0, now);
            }
        }
        // What follows overlaps with what was before now and then.
        now += if ends > 7 { 0 } else { takes };
        let horizon = now - keeps;
        let behind = Horizon { writes: horizon, graces: horizon - 20 };
        drops.forget(behind);
        keeps_all.settle(behind);
        for moment in [horizon, horizon + 7, now - 10, now, now + 100] {
            for version in [None, Some((1, 3)), Some((0, version))] {
                let point = ReadPoint { at: moment.max(horizon), version, late: 10, early: 5 };
                let (dropped, kept) = (drops.statuses(&point), keeps_all.statuses(&point));
                match version {
                    Some((0, _)) => assert_eq!(dropped, kept, "{point:?}"),
                    // What overlaps is settled in the order of versions, which such a read does not know.
                    _ => assert_eq!(dropped.or(kept), kept, "{point:?}"),
                }
            }
        }
    }
}

#[test]
fn a_countdown_may_have_been_ended_by_a_write_behind_what_is_dropped() {
    let status = (2, 1, 0, 2);
    let begin =
        [(0, 1, 0, 2), (7, 1, 0, 0), (2, 4, 27, 8), (1, 26, 0, 0), (1, 1, 0, 0), (2, 1, 0, 0)];
    let end = [(2, 11, 4, 2), (0, 3, 38, 0), (0, 5, 12, 0), (0, 1, 0, 0)];
    let deeds = [&begin[..], &[status; 10], &end].concat();
    play_with_and_without_forgetting(&deeds, 50);
    // One that was over long before somebody logs in had run out.
    let begin = [(0, 1, 0, 2), (7, 1, 16, 0), (2, 5, 10, 8), (2, 9, 0, 0)];
    let end = [(2, 30, 13, 2), (2, 22, 47, 0), (2, 23, 0, 2), (2, 1, 18, 0), (0, 1, 10, 2)];
    let deeds = [&begin[..], &[status; 11], &end].concat();
    play_with_and_without_forgetting(&deeds, 50);
}

proptest::proptest! {
    #[test]
    fn nobody_can_tell_what_was_dropped_behind_what_is_settled(
        deeds in proptest::collection::vec((0..8_u8, 1..40_i64, 0..60_i64, 0..10_u8), 20..120),
        keeps in 50..200_i64,
    ) {
        play_with_and_without_forgetting(&deeds, keeps);
    }
}
