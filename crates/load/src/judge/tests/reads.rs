//! Reads, and the writes and edges that they must know.

use super::*;

#[test]
fn what_is_true_is_right() {
    let mut run = Run::new();
    run.read(ACME, 0, OFFLINE, None);
    run.write(LAPTOP, Effect::Login, 90 * MS, 100 * MS);
    run.read(ACME, 95 * MS, OFFLINE, None);
    run.read(ACME, 96 * MS, ONLINE, None);
    run.read(ACME, 97 * MS, ONLINE, Some(1));
    run.write(PHONE, Effect::Login, 200 * MS, 210 * MS);
    run.write(LAPTOP, Effect::Status(Chosen::Away), 300 * MS, 310 * MS);
    run.read(ACME, 400 * MS, ONLINE, Some(3));
    run.write(LAPTOP, Effect::Status(Chosen::Invisible), 500 * MS, 510 * MS);
    run.write(PHONE, Effect::Status(Chosen::Invisible), 510 * MS, 520 * MS);
    run.read(ACME, 600 * MS, OFFLINE, Some(5));
    run.write(DESK, Effect::Login, 700 * MS, 710 * MS);
    run.write(DESK, Effect::Status(Chosen::Away), 800 * MS, 810 * MS);
    run.read(ACME, 900 * MS, AWAY, Some(7));
    let report = run.report();
    assert_eq!(report.judged.wrong_count(), 0, "{:?}", report.judged.evidence);
    assert_eq!((report.judged.reads, report.judged.decisive), (7, 5));
}

#[test]
fn an_answer_that_was_true_before_is_stale() {
    let mut run = ann_is_online();
    run.write(LAPTOP, Effect::Status(Chosen::Away), 300 * MS, 310 * MS);
    run.read(ACME, 900 * MS, ONLINE, None);
    let report = run.report();
    assert_eq!(report.judged.wrong.into_iter().collect::<Vec<_>>(), [(Class::Stale, 1)]);
    let why = &report.judged.evidence[0].why;
    assert_eq!(why, "it was true until 590.0ms before it was asked for");
}

#[test]
fn an_answer_that_knows_less_than_was_answered_before_is_stale_at_once() {
    let mut run = ann_is_online();
    run.write(LAPTOP, Effect::Status(Chosen::Away), 300 * MS, 310 * MS);
    run.read(ACME, 311 * MS, ONLINE, Some(1));
    assert_eq!(run.wrong(), [(Class::Stale, 1)]);
}

#[test]
fn an_answer_must_be_what_its_version_says_even_while_the_write_is_on_its_way() {
    let mut run = ann_is_online();
    run.write(LAPTOP, Effect::Status(Chosen::Away), 300 * MS, 400 * MS);
    run.read(ACME, 350 * MS, ONLINE, Some(2));
    assert_eq!(run.wrong(), [(Class::Stale, 1)]);
    let mut run = ann_is_online();
    run.write(LAPTOP, Effect::Status(Chosen::Away), 300 * MS, 400 * MS);
    run.read(ACME, 350 * MS, ONLINE, Some(1));
    run.read(ACME, 355 * MS, AWAY, Some(2));
    assert_eq!(run.wrong(), []);
}

#[test]
fn what_was_never_true_is_a_phantom() {
    let mut run = ann_is_online();
    run.read(ACME, 900 * MS, AWAY, Some(1));
    assert_eq!(run.wrong(), [(Class::Phantom, 1)]);
}

#[test]
fn nobody_sees_time_go_back() {
    let mut run = ann_is_online();
    // An edge, say, has made version 5 of it, which no write was answered with.
    run.read(ACME, 500 * MS, ONLINE, Some(5));
    run.read(ACME, 600 * MS, ONLINE, Some(4));
    assert_eq!(run.wrong(), [(Class::NonMonotonicRead, 1)]);
    // What overlaps may be answered in either order.
    let mut run = ann_is_online();
    run.read(ACME, 500 * MS, ONLINE, Some(5));
    run.read(ACME, 500 * MS + 500, ONLINE, Some(4));
    assert_eq!(run.wrong(), []);
}

#[test]
fn edges_show_within_what_was_promised() {
    let mut run = ann_is_online();
    run.read(SALES, MINUTE - 2 * MS, OFFLINE, Some(1));
    run.read(SALES, MINUTE + 200 * MS, OFFLINE, Some(1));
    run.read(SALES, MINUTE + 201 * MS, ONLINE, Some(2));
    run.read(SALES, 3 * MINUTE - 2 * MS, ONLINE, Some(2));
    run.read(SALES, 3 * MINUTE + 251 * MS, OFFLINE, Some(3));
    let Judged { wrong, within_enough_ms, decisive, .. } = run.report().judged;
    assert!(wrong.is_empty());
    assert_eq!(decisive, 3);
    let enough = within_enough_ms.expect("there is one");
    assert!((enough - 200.0).abs() < 0.2, "{enough}");
}

#[test]
fn an_edge_that_shows_too_late_or_too_early_is_told_by_how_much() {
    let mut run = ann_is_online();
    run.read(SALES, MINUTE + 900 * MS, OFFLINE, Some(1));
    let Judged { wrong, within_enough_ms, evidence, .. } = run.report().judged;
    assert_eq!(wrong.into_iter().collect::<Vec<_>>(), [(Class::EdgeLate, 1)]);
    assert!((within_enough_ms.expect("there is one") - 900.0).abs() < 0.2);
    assert_eq!(
        evidence[0].why,
        "what the clock did shows at least 900.0ms late; 250.0ms was promised"
    );
    let mut run = ann_is_online();
    run.read(SALES, MINUTE - 500 * MS, ONLINE, Some(1));
    let Judged { wrong, within_enough_ms, .. } = run.report().judged;
    assert_eq!(wrong.into_iter().collect::<Vec<_>>(), [(Class::EdgeEarly, 1)]);
    assert_eq!(within_enough_ms, None);
}

#[test]
fn an_unanswered_write_may_have_happened_until_a_login_settles_it() {
    let mut run = ann_is_online();
    let away = Effect::Status(Chosen::Away);
    run.ends(LAPTOP, away, 200 * MS, 10 * SECOND_US, Completion::Indeterminate);
    run.read(ACME, 300 * MS, ONLINE, None);
    run.read(ACME, 20 * SECOND_US, AWAY, None);
    run.write(LAPTOP, Effect::Login, 30 * SECOND_US, 30 * SECOND_US + MS);
    run.read(ACME, 31 * SECOND_US, ONLINE, Some(2));
    run.read(ACME, 32 * SECOND_US, AWAY, Some(2));
    assert_eq!(run.wrong(), [(Class::Stale, 1)]);
}

#[test]
fn a_refused_write_has_not_happened() {
    let mut run = ann_is_online();
    run.ends(LAPTOP, Effect::Status(Chosen::Away), 200 * MS, 300 * MS, Completion::Refused);
    run.read(ACME, 250 * MS, AWAY, None);
    assert_eq!(run.wrong(), [(Class::Phantom, 1)]);
}

#[test]
fn what_lies_beside_presence_is_wrong_whatever_the_presence_is() {
    let mut run = ann_is_online();
    let mismatch = Some("it is the answer of the widget beta".into());
    let delivery = Delivery::Polled;
    let seen = WidgetSeen { widget: ACME, visitor: 0, delivery, shown: ONLINE.into(), mismatch };
    run.observe(1, (500 * MS, 501 * MS), Some(1), Observed::Widget(seen));
    assert_eq!(run.wrong(), [(Class::Phantom, 1)]);
}
