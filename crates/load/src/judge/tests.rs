use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::history::Completion;
use crate::observation::{Delivery, Observed, PUSHED_WITHIN, ShownState, WidgetSeen, pushed_since};
use crate::plan::{AgentIndex, DeviceSlot, PlannedAgent, PlannedProperty, PlannedWidget};
use crate::result::Class;
use lamplighter_core::model::{
    AgentStatus, Chat, Chosen, Instant, Interval, Millis, Scheduler, Settings, Visitor, WeekHours,
    WidgetStatus,
};
use lamplighter_scenario::play;

const MS: Micros = 1_000;
const MINUTE: Micros = 60 * SECOND_US;

/// Monday 2026-03-09, 12:00:00 UTC.
fn noon() -> Instant {
    Instant::from_millis(1_773_057_600_000).expect("in range")
}

/// PlannedProperty `acme` with ann (laptop, phone) and bob (desk), its widget without a scheduler and a
/// further one that is open from 12:01 to 12:03 UTC.
fn plan() -> Arc<RunPlan> {
    let hours = Interval::new(12 * 60 + 1, 12 * 60 + 3).expect("an interval");
    let hours =
        WeekHours { weekdays: std::array::from_fn(|_| vec![hours]), ..WeekHours::default() };
    let mut in_hours = Settings::default();
    in_hours.scheduler = Some(Arc::new(Scheduler { zone: "UTC".to_owned(), hours }));
    let widget = |name: &str, settings| PlannedWidget {
        name: name.to_owned(),
        property: 0,
        settings: Arc::new(settings),
    };
    let agent = |name: &str, devices: &[&'static str]| PlannedAgent {
        name: name.to_owned(),
        properties: vec![0],
        devices: devices.to_vec(),
        steps: Vec::new(),
        is_own: true,
    };
    Arc::new(RunPlan {
        start: noon(),
        duration: Millis(300_000),
        grace: Millis(10_000),
        prefix: "t".to_owned(),
        password: "secret".to_owned(),
        properties: vec![PlannedProperty {
            name: "acme".to_owned(),
            members: vec![0, 1],
            suspended: Vec::new(),
            widgets: 0..2,
            is_own: true,
        }],
        widgets: vec![widget("acme", Settings::default()), widget("acme/sales", in_hours)],
        agents: vec![agent("ann", &["laptop", "phone"]), agent("bob", &["desk"])],
        visitors: vec![Visitor::default()],
    })
}

/// A run as it is told to the judge.
struct Run {
    records: Vec<Record>,
    writes: u64,
    version: u64,
    /// Of each open stream the widget, and when the last event came on it.
    streams: BTreeMap<SessionId, (WidgetIndex, Micros)>,
}

const ACME: WidgetIndex = 0;
const SALES: WidgetIndex = 1;
const LAPTOP: (AgentIndex, DeviceSlot) = (0, 0);
const PHONE: (AgentIndex, DeviceSlot) = (0, 1);
const DESK: (AgentIndex, DeviceSlot) = (1, 0);

const OFFLINE: ShownState = (WidgetStatus::Offline, Chat::No);
const AWAY: ShownState = (WidgetStatus::Away, Chat::Possible);
const ONLINE: ShownState = (WidgetStatus::Online, Chat::Possible);
const ALONE: ShownState = (WidgetStatus::Online, Chat::No);

impl Run {
    fn new() -> Self {
        Self { records: Vec::new(), writes: 0, version: 0, streams: BTreeMap::new() }
    }

    /// A write from one moment to another; it is done at the next version, which is given.
    fn write(
        &mut self,
        device: (AgentIndex, DeviceSlot),
        effect: Effect,
        from: Micros,
        to: Micros,
    ) -> u64 {
        self.version += 1;
        let version = self.version;
        self.ends(device, effect, from, to, Completion::Done(vec![(0, version)]));
        version
    }

    fn ends(
        &mut self,
        (agent, slot): (AgentIndex, DeviceSlot),
        effect: Effect,
        from: Micros,
        to: Micros,
        completion: Completion,
    ) {
        self.writes += 1;
        let write = self.writes;
        self.records.push(Record::Invoked { write, at: from, agent, slot, effect });
        self.records.push(Record::Returned { write, at: to, completion });
    }

    fn lose(&mut self, (agent, slot): (AgentIndex, DeviceSlot), at: Micros) {
        self.records.push(Record::ConnectionLost { at, since: at, agent, slot });
    }

    fn observe(
        &mut self,
        session: SessionId,
        (invoked, returned): (Micros, Micros),
        version: Option<u64>,
        seen: Observed,
    ) {
        let observation = Observation { property: 0, session, invoked, returned, version, seen };
        self.records.push(Record::Observed(observation));
    }

    fn read(&mut self, widget: WidgetIndex, at: Micros, shown: ShownState, version: Option<u64>) {
        let seen = widget_seen(widget, Delivery::Polled, shown);
        self.observe(1, (at, at + MS), version, seen);
    }

    fn opens(&mut self, widget: WidgetIndex, session: SessionId, at: Micros) {
        self.streams.insert(session, (widget, at));
        let is_slow = false;
        self.records.push(Record::StreamOpened { widget, visitor: 0, session, at, is_slow });
    }

    fn push(&mut self, session: SessionId, at: Micros, shown: ShownState, version: u64) {
        let (widget, last) = self.streams[&session];
        self.streams.insert(session, (widget, at));
        let seen = widget_seen(widget, Delivery::Pushed, shown);
        self.observe(session, (pushed_since(last, at, false), at), Some(version), seen);
    }

    /// A team-mate's status comes on a socket.
    fn pushes_member(&mut self, at: Micros, agent: AgentIndex, status: AgentStatus, version: u64) {
        let seen = Observed::Member(agent, status);
        self.observe(9, (at - PUSHED_WITHIN, at), Some(version), seen);
    }

    fn report(self) -> JudgeReport {
        let mut judge = judge();
        let last = self.records.iter().map(Record::at).max().unwrap_or(0);
        judge.take(self.records, last + 1);
        judge.finish(last + SECOND_US)
    }

    /// The classes of what is wrong, each with how often.
    fn wrong(self) -> Vec<(Class, u64)> {
        self.report().judged.wrong.into_iter().collect()
    }
}

fn widget_seen(widget: WidgetIndex, delivery: Delivery, shown: ShownState) -> Observed {
    Observed::Widget(WidgetSeen { widget, visitor: 0, delivery, shown, mismatch: None })
}

fn judge() -> Judge {
    let bound = StalenessBound { within: 250 * MS, clock_ahead: 0, clock_uncertain: 0 };
    let judge = Judge::new(plan(), bound, &Zones::bundled(), Arc::new(Tally::new(1_000)));
    judge.expect("zones that there are")
}

/// ann is online on her laptop from 100 ms on, at version 1.
fn ann_is_online() -> Run {
    let mut run = Run::new();
    run.write(LAPTOP, Effect::Login, 90 * MS, 100 * MS);
    run
}

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
    run.write(LAPTOP, Effect::StatusEverywhere(Chosen::Invisible), 500 * MS, 510 * MS);
    run.read(ACME, 600 * MS, OFFLINE, Some(4));
    run.write(DESK, Effect::Login, 700 * MS, 710 * MS);
    run.write(DESK, Effect::Status(Chosen::Away), 800 * MS, 810 * MS);
    run.read(ACME, 900 * MS, AWAY, Some(6));
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
        let team = vec![Some(AgentStatus::Offline), Some(AgentStatus::Offline)];
        run.observe(2, (at, at + MS), Some(1), Observed::Team(team));
        run.pushes_member(at, 0, AgentStatus::Offline, 1);
        run.wrong()
    };
    // Ten seconds of grace: it can be over at 11 s.
    let at = 12 * SECOND_US;
    assert_eq!(wrong(at - SECOND_US, at), []);
    assert_eq!(wrong(at + 9 * SECOND_US, at), []);
    let all = [(Class::Stale, 2), (Class::TeamStatusWrong, 2)];
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
        run.write(PHONE, Effect::StatusEverywhere(Chosen::Invisible), 300 * MS, 310 * MS);
        let team = Observed::Team(vec![Some(ann), Some(bob)]);
        run.observe(2, (400 * MS, 410 * MS), None, team);
        run.wrong()
    };
    assert_eq!(looks(AgentStatus::Invisible, AgentStatus::Offline), []);
    let wrong = [(Class::TeamStatusWrong, 1)];
    assert_eq!(looks(AgentStatus::Offline, AgentStatus::Offline), wrong);
    assert_eq!(looks(AgentStatus::Invisible, AgentStatus::Online), wrong);
}

#[test]
fn a_team_is_pushed_as_it_is() {
    let pushed = |status, version| {
        let mut run = ann_is_online();
        run.write(LAPTOP, Effect::Status(Chosen::Away), 300 * MS, 310 * MS);
        for (at, status, version) in [(305 * MS, AgentStatus::Away, 2), (400 * MS, status, version)]
        {
            run.pushes_member(at, 0, status, version);
        }
        run.wrong()
    };
    assert_eq!(pushed(AgentStatus::Away, 2), []);
    assert_eq!(pushed(AgentStatus::Online, 2), [(Class::TeamStatusWrong, 1)]);
    assert_eq!(pushed(AgentStatus::Online, 1), [(Class::NonMonotonicRead, 1)]);
}

#[test]
fn of_two_notes_of_the_same_moment_the_first_counts_first() {
    let mut run = ann_is_online();
    run.write(LAPTOP, Effect::Status(Chosen::Away), 300 * MS, 310 * MS);
    let mut judge = judge();
    judge.take(run.records, 350 * MS);
    for (version, status) in [(1, AgentStatus::Online), (2, AgentStatus::Away)] {
        let mut told = Run::new();
        told.pushes_member(400 * MS, 0, status, version);
        // Taken out between the two, and both of them are for later.
        judge.take(told.records, 360 * MS);
    }
    assert!(judge.finish(SECOND_US).judged.wrong.is_empty());
}

#[test]
fn what_lies_beside_presence_is_wrong_whatever_the_presence_is() {
    let mut run = ann_is_online();
    let mismatch = Some("it is the answer of the widget beta".into());
    let delivery = Delivery::Polled;
    let seen = WidgetSeen { widget: ACME, visitor: 0, delivery, shown: ONLINE, mismatch };
    run.observe(1, (500 * MS, 501 * MS), Some(1), Observed::Widget(seen));
    assert_eq!(run.wrong(), [(Class::Phantom, 1)]);
}

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
    let verdict = play::run(path, bytes, &zones, play::Keep::default(), &stop);
    assert_eq!(verdict.outcome(), play::Outcome::Passed, "{}", evidence.scenario);
    assert_eq!(verdict.expectations, 1);
    assert!(
        evidence.scenario.contains("expect acme/sales away, chat possible"),
        "{}",
        evidence.scenario
    );
    assert!(evidence.around.iter().any(|span| span.what.contains("the scheduler opens")));
}
