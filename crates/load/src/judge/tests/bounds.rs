//! What a target has promised of writes and graces, and what a session is held to.

use super::*;
use crate::judge::GraceRange;
use crate::observation::SeenStates;

fn exact() -> StalenessBounds {
    StalenessBounds::exact(plan().grace)
}

/// The classes of what is wrong by a judge of such a target.
fn wrong_by(bounds: StalenessBounds, run: Run) -> Vec<(Class, u64)> {
    run.report_by(judge_of(bounds)).judged.wrong.into_iter().collect()
}

/// A write of a target that has no versions.
fn write(run: &mut Run, device: (AgentIndex, DeviceSlot), effect: Effect, from: Micros) {
    run.ends(device, effect, from, from + MS, Completion::Done(Vec::new()));
}

#[test]
fn until_a_write_must_show_old_and_new_are_right_and_then_only_the_new() {
    let seen = |bounds: StalenessBounds, effect: Effect, at: Micros, shown: ShownState| {
        let mut run = Run::new();
        write(&mut run, LAPTOP, Effect::Login, 0);
        write(&mut run, LAPTOP, effect, 20 * SECOND_US);
        run.read(ACME, 20 * SECOND_US + at, shown, None);
        wrong_by(bounds, run)
    };
    let slow = StalenessBounds { status: 2 * SECOND_US, logout: 5 * SECOND_US, ..exact() };
    let away = Effect::Status(Chosen::Away);
    let (early, late) = (SECOND_US, 3 * SECOND_US);
    for shown in [ONLINE, AWAY] {
        assert_eq!(seen(slow, away, early, shown), [], "{shown:?}");
    }
    assert_eq!(seen(slow, away, late, ONLINE), [(Class::Stale, 1)]);
    assert_eq!(seen(slow, away, late, AWAY), []);
    assert_eq!(seen(exact(), away, early, ONLINE), [(Class::Stale, 1)]);
    assert_eq!(seen(slow, away, early, OFFLINE).len(), 1, "neither old nor new");
    // Each kind has a bound of its own.
    assert_eq!(seen(slow, Effect::Logout, late, ONLINE), []);
    assert_eq!(seen(slow, Effect::Logout, 6 * SECOND_US, ONLINE), [(Class::Stale, 1)]);
}

#[test]
fn what_a_login_gives_may_show_late_where_that_is_promised() {
    let seen = |bounds: StalenessBounds, at: Micros| {
        let mut run = Run::new();
        write(&mut run, LAPTOP, Effect::Login, 20 * SECOND_US);
        run.read(ACME, 20 * SECOND_US + at, OFFLINE, None);
        wrong_by(bounds, run)
    };
    let slow = StalenessBounds { login: SECOND_US, ..exact() };
    assert_eq!(seen(slow, 500 * MS), []);
    assert_eq!(seen(slow, 2 * SECOND_US), [(Class::Stale, 1)]);
    assert_eq!(seen(exact(), 500 * MS), [(Class::Stale, 1)]);
}

#[test]
fn a_grace_that_is_a_range_may_end_anywhere_in_it() {
    let lost = |grace: Option<GraceRange>, reads: &[(Micros, ShownState)]| {
        let mut run = ann_is_online();
        run.lose(LAPTOP, SECOND_US);
        for &(at, shown) in reads {
            run.read(ACME, SECOND_US + at * SECOND_US, shown, None);
        }
        wrong_by(StalenessBounds { grace, ..exact() }, run)
    };
    let range = Some(GraceRange { min: 30 * SECOND_US, max: 36 * SECOND_US });
    assert_eq!(lost(range, &[(29, ONLINE), (31, ONLINE), (33, OFFLINE), (37, OFFLINE)]), []);
    assert_eq!(lost(range, &[(33, ONLINE)]), []);
    assert_eq!(lost(range, &[(29, OFFLINE)]), [(Class::EdgeEarly, 1)]);
    assert_eq!(lost(range, &[(37, ONLINE)]), [(Class::EdgeLate, 1)]);
    // Its end is met once it must be over.
    let mut run = ann_is_online();
    run.lose(LAPTOP, SECOND_US);
    run.read(ACME, 60 * SECOND_US, OFFLINE, None);
    let report = run.report_by(judge_of(StalenessBounds { grace: range, ..exact() }));
    assert_eq!(report.met.graces, 1);
    // A loss that is never noticed changes nothing.
    assert_eq!(lost(None, &[(100, ONLINE)]), []);
    assert_eq!(lost(None, &[(100, OFFLINE)]).len(), 1);
}

#[test]
fn a_logout_of_one_device_may_unsettle_the_others_for_a_while() {
    let seen = |bounds: StalenessBounds, at: Micros, shown: ShownState| {
        let mut run = Run::new();
        write(&mut run, LAPTOP, Effect::Login, 0);
        write(&mut run, PHONE, Effect::Login, SECOND_US);
        write(&mut run, LAPTOP, Effect::Logout, 20 * SECOND_US);
        run.read(ACME, 20 * SECOND_US + at, shown, None);
        wrong_by(bounds, run)
    };
    let unsettled = StalenessBounds { logout_unsettles: 26 * SECOND_US, ..exact() };
    for (at, shown) in [(10, OFFLINE), (10, ONLINE), (30, ONLINE)] {
        assert_eq!(seen(unsettled, at * SECOND_US, shown), [], "{at} {shown:?}");
    }
    assert_eq!(seen(unsettled, 30 * SECOND_US, OFFLINE).len(), 1, "it is over");
    assert_eq!(seen(unsettled, 10 * SECOND_US, AWAY).len(), 1, "logged out, not away");
    assert_eq!(seen(exact(), 10 * SECOND_US, OFFLINE).len(), 1);
}

#[test]
fn an_answer_that_tells_less_is_right_if_something_that_it_can_mean_is() {
    let seen = |effect: Effect, statuses: &[WidgetStatus], chat: Option<Chat>| {
        let mut run = Run::new();
        write(&mut run, LAPTOP, Effect::Login, 0);
        write(&mut run, LAPTOP, effect, SECOND_US);
        let status = PossibleStatuses::of(statuses.iter().copied()).expect("some");
        let shown = SeenStates { status, chat };
        let (delivery, at) = (Delivery::Polled, 20 * SECOND_US);
        let seen = WidgetSeen { widget: ACME, visitor: 0, delivery, shown, mismatch: None };
        run.observe(1, (at, at + MS), None, Observed::Widget(seen));
        run.wrong()
    };
    use WidgetStatus::{Away, Offline, Online};
    let (away, invisible) = (Effect::Status(Chosen::Away), Effect::Status(Chosen::Invisible));
    assert_eq!(seen(away, &[Online, Away], None), []);
    assert_eq!(seen(away, &[Away], None), []);
    assert_eq!(seen(away, &[Away], Some(Chat::No)).len(), 1, "away takes chats");
    assert_eq!(seen(invisible, &[Online, Away], None).len(), 1);
    assert_eq!(seen(invisible, &[Offline], None), []);
}

#[test]
fn a_session_that_is_over_while_the_device_is_logged_in_is_lost() {
    let ends = |before: &dyn Fn(&mut Run), at: Micros| {
        let mut run = ann_is_online();
        before(&mut run);
        run.ends(LAPTOP, Effect::Status(Chosen::Away), at, at + MS, Completion::LoggedOut);
        run.wrong()
    };
    let at = 30 * SECOND_US;
    let lost = [(Class::SessionLost, 1)];
    assert_eq!(ends(&|_| {}, at), lost);
    // Logged out, or its grace is over: as it must be.
    let logs_out = |run: &mut Run| {
        run.write(LAPTOP, Effect::Logout, 2 * SECOND_US, 2 * SECOND_US + MS);
    };
    assert_eq!(ends(&logs_out, at), []);
    let loses = |run: &mut Run| run.lose(LAPTOP, SECOND_US);
    assert_eq!(ends(&loses, at), []);
    assert_eq!(ends(&loses, 5 * SECOND_US), lost, "the grace lasts ten seconds");
    // A login on its way voids the session before.
    let logs_in = |run: &mut Run| {
        run.write(LAPTOP, Effect::Login, at - MS, at + 2 * MS);
    };
    assert_eq!(ends(&logs_in, at), []);
    // Another device's logout has nothing to do with it.
    let other = |run: &mut Run| {
        run.write(PHONE, Effect::Login, 2 * SECOND_US, 2 * SECOND_US + MS);
        run.write(PHONE, Effect::Logout, 3 * SECOND_US, 3 * SECOND_US + MS);
    };
    assert_eq!(ends(&other, at), lost);
}

#[test]
fn a_write_without_a_version_is_a_transition_that_the_first_read_of_it_sees() {
    let mut run = Run::new();
    write(&mut run, LAPTOP, Effect::Login, 0);
    write(&mut run, LAPTOP, Effect::Status(Chosen::Away), 20 * SECOND_US);
    run.read(ACME, 20 * SECOND_US + 100 * MS, AWAY, None);
    let report = run.report();
    assert_eq!(report.met.transitions, 2, "of the one that is open");
    let poll = &report.propagation.poll;
    assert_eq!((poll.count(), poll.max() / 1_000), (1, 101));
}
