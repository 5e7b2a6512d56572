//! A case through engine and oracle side by side. The oracle looks at every minute of every clock; the
//! engine leaps from event to event, and a copy of it walks from change to change. Whatever can be
//! asked of them must be the same at every instant at which anything happens, and whatever the engine
//! reports must be what the oracle saw.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::case::{Case, meet};
use super::checks::{Extent, Trial};
use super::coverage::{ClockEffects, Coverage, CoverageProbe};
use super::difference::{Difference, DifferenceKind, unlike};
use super::digest::Digest;
use super::explained;
use super::invariants::{self, Broken, Checked};
use super::question::{Finding, Inquiry, Question, Reply, ask, without_impossible};
use lamplighter_core::hours::{LastAnswer, UnknownZone, Zones};
use lamplighter_core::model::{
    AgentId, AgentStatus, Answer, DeviceId, DeviceStatus, Event, Instant, Millis, PropertyId,
    SchedulerState, WidgetId,
};
use lamplighter_core::oracle::{self, Clocks, Oracle};
use lamplighter_core::world::{Change, NextChange, Timeline, TimelineRow, World};

/// What the engine says that the clock will do next to a widget.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Foretold {
    /// Nobody has asked, or it has come.
    Nothing,
    /// It will never do anything.
    Never,
    /// The clock will change the widget so.
    Change(NextChange),
}

/// What came of playing a case.
#[derive(Clone, Debug, Default)]
pub struct PlayedCase {
    /// The first difference, if there is one: one that a scenario can show, if there is one.
    pub difference: Option<Difference>,
    /// How many events were played, those that cannot happen included.
    pub events: u64,
    /// How many changes of widgets and agents the engine reported.
    pub changes: u64,
    /// At how many instants engine and oracle were compared in everything.
    pub instants: u64,
    /// At how many instants the oracle looked: every minute of every clock and every deadline.
    pub looks: u64,
    /// How much simulated time the run took, from its start to its end.
    pub simulated: Millis,
    /// How often each coverage point was met.
    pub coverage: Coverage,
    /// How often each invariant was checked.
    pub checked: Checked,
    /// The digest of everything that the engine reported and answered: equal for equal runs.
    pub digest: Digest,
}

/// Plays a case. A panic is a difference like any other.
///
/// # Errors
/// When a scheduler names a zone that is not in the database.
pub fn play(case: &Case, zones: &Arc<Zones>) -> Result<PlayedCase, UnknownZone> {
    // What was half done is gone with it.
    catch_unwind(AssertUnwindSafe(|| play_through(case, zones))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        let kind = DifferenceKind::Panicked(text.unwrap_or("without a word").to_owned());
        let difference = Difference { at: case.end, after: case.steps.len(), kind };
        Ok(PlayedCase { difference: Some(difference), ..PlayedCase::default() })
    })
}

fn play_through(case: &Case, zones: &Arc<Zones>) -> Result<PlayedCase, UnknownZone> {
    let oracle = case.oracle(zones)?;
    let world = case.engine(zones)?;
    let mut player = SideBySide::new(case, zones, world, oracle);
    player.play();
    let SideBySide { mut played, probe, .. } = player;
    played.coverage = probe.coverage;
    played.simulated = case.end.since(case.start);
    Ok(played)
}

struct SideBySide<'a> {
    case: &'a Case,
    zones: &'a Arc<Zones>,
    world: World,
    oracle: Oracle,
    extent: Extent,
    devices: Vec<DeviceId>,
    /// How many events were played so far.
    after: usize,
    seen: LastSeen,
    /// What the clock did at the last instant at which it did anything.
    moment: ClockEffects,
    /// What the engine says that the clock will do next to each widget, until it has happened.
    next: Vec<Foretold>,
    probe: CoverageProbe<'a>,
    last_answers: Vec<LastAnswer>,
    timeline: Timeline,
    rows: Vec<TimelineRow>,
    /// What the oracle was seen to show, in the order of time.
    shown: Vec<TimelineRow>,
    /// On which it is tried what devices would do.
    trial: Trial,
    played: PlayedCase,
}

/// What the oracle showed when it was last looked at.
struct LastSeen {
    widgets: Vec<(Answer, SchedulerState)>,
    agents: Vec<AgentStatus>,
    devices: Vec<(DeviceStatus, oracle::Connection)>,
    /// When the status of each device last changed.
    since: Vec<Option<Instant>>,
}

impl<'a> SideBySide<'a> {
    fn new(case: &'a Case, zones: &'a Arc<Zones>, world: World, oracle: Oracle) -> Self {
        let devices: Vec<DeviceId> = case
            .agents()
            .flat_map(|agent| world.devices_of(agent))
            .map(|id| world.hinted(id))
            .collect();
        let widgets = (0..case.widget_count()).map(WidgetId::new);
        let seen = LastSeen {
            widgets: widgets
                .map(|widget| (oracle.answer(widget), oracle.scheduler_state(widget)))
                .collect(),
            agents: case.agents().map(|agent| oracle.agent_status(agent)).collect(),
            devices: devices.iter().map(|&device| device_state(&oracle, device)).collect(),
            since: vec![None; devices.len()],
        };
        let (timeline, widget_count) = (Timeline::new(&world), seen.widgets.len());
        let first = |(widget, (answer, _)): (usize, &(Answer, SchedulerState))| TimelineRow {
            at: case.start,
            widget: WidgetId::new(widget),
            answer: *answer,
        };
        let shown = seen.widgets.iter().enumerate().map(first).collect();
        Self {
            case,
            zones,
            extent: Extent { agents: case.agent_count, properties: case.properties.len() },
            next: vec![Foretold::Nothing; seen.widgets.len()],
            world,
            oracle,
            devices,
            after: 0,
            seen,
            moment: ClockEffects::default(),
            probe: CoverageProbe::new(case, zones),
            last_answers: vec![LastAnswer::default(); widget_count],
            timeline,
            rows: Vec::new(),
            shown,
            trial: Trial::default(),
            played: PlayedCase::default(),
        }
    }

    fn play(&mut self) {
        let steps = self.case.steps.iter().map(|step| step.at);
        let visits = self.case.visits.iter().map(|visit| visit.at);
        let mut instants: Vec<Instant> =
            steps.chain(visits).chain([self.case.start, self.case.end]).collect();
        instants.sort_unstable();
        instants.dedup();
        let mut steps = self.case.steps.iter().peekable();
        let mut visits = self.case.visits.iter().peekable();
        for at in instants {
            self.advance(at);
            self.compare();
            while let Some(step) = steps.next_if(|step| step.at == at) {
                self.step(&step.event);
                self.compare();
            }
            while let Some(visit) = visits.next_if(|visit| visit.at == at) {
                for widget in self.widgets() {
                    self.probe.visit(&self.oracle, widget, &visit.visitor);
                    self.ask(Question::Visitor(widget, visit.visitor.clone()));
                    self.hidden(explained::widget(&self.world, &self.oracle, widget));
                }
                self.compare_agents();
            }
            self.look_ahead();
            if self.is_found() {
                return;
            }
        }
        self.compare_timelines();
    }

    /// The timeline of the run: of what was shown, after everything of an instant, what differs from
    /// before it (rule T3).
    fn compare_timelines(&mut self) {
        self.timeline.finish(&mut |row| self.rows.push(row));
        let mut last: Vec<Option<Answer>> = vec![None; self.seen.widgets.len()];
        let mut expected = Vec::new();
        for instant in self.shown.chunk_by(|a, b| a.at == b.at) {
            let after: BTreeMap<WidgetId, Answer> =
                instant.iter().map(|row| (row.widget, row.answer)).collect();
            for (widget, answer) in after {
                let before = last[widget.index()].replace(answer);
                if before.is_none_or(|before| !before.is_listed_as(answer)) {
                    expected.push(TimelineRow { at: instant[0].at, widget, answer });
                } else {
                    last[widget.index()] = before;
                }
            }
        }
        let differs = expected.iter().zip(&self.rows).position(|(a, b)| a != b);
        let place = differs.unwrap_or(expected.len().min(self.rows.len()));
        self.hidden(unlike("the timeline", &expected.get(place), &self.rows.get(place)));
    }

    /// The engine has reported changes.
    fn told(&mut self, changes: &[Change]) {
        self.played.changes += changes.len() as u64;
        for change in changes {
            self.played.digest.change(change);
            self.timeline.take(change, &mut |row| self.rows.push(row));
        }
    }

    fn is_found(&self) -> bool {
        let difference = self.played.difference.as_ref();
        difference.is_some_and(|difference| matches!(difference.kind, DifferenceKind::Finding(_)))
    }

    fn widgets(&self) -> impl Iterator<Item = WidgetId> + use<> {
        (0..self.seen.widgets.len()).map(WidgetId::new)
    }

    /// Keeps the first difference, or the first one that a scenario can show.
    fn differ(&mut self, at: Instant, after: usize, kind: DifferenceKind) {
        if self.played.difference.is_none()
            || matches!(kind, DifferenceKind::Finding(_)) && !self.is_found()
        {
            self.played.difference = Some(Difference { at, after, kind });
        }
    }

    /// Notes something that no scenario can ask for, if it is not as it should be.
    fn hidden(&mut self, unlike: Option<DifferenceKind>) {
        if let Some(kind) = unlike {
            self.differ(self.oracle.now(), self.after, kind);
        }
    }

    fn ask(&mut self, question: Question) {
        let expected = question.to_oracle(&self.oracle);
        self.hold(question, expected);
    }

    fn hold(&mut self, question: Question, expected: Reply) {
        if let Some(finding) = question.hold(expected, &self.world) {
            self.differ(self.oracle.now(), self.after, DifferenceKind::Finding(finding));
        }
    }

    fn broken(&mut self, at: Instant, broken: Option<Broken>) {
        if let Some(broken) = broken {
            self.differ(at, self.after, DifferenceKind::Broken(broken));
        }
    }

    // What the clock does.

    fn advance(&mut self, to: Instant) {
        let from = self.oracle.now();
        self.probe.calendar(&self.oracle, from, to);
        let expected = self.watch(to);
        let mut walked = Vec::new();
        self.walk(to, &mut walked);
        let mut found = Vec::new();
        self.world.advance(to, &mut |change| found.push(change));
        self.told(&found);
        found.sort_by_key(place);
        walked.sort_by_key(place);
        self.compare_changes(expected, &found);
        self.hidden(unlike("what was reported while walking", &found, &walked));
        self.look_back(from, to);
    }

    /// What was reported against what was seen.
    fn compare_changes(&mut self, mut expected: Vec<Change>, found: &[Change]) {
        expected.sort_by_key(place);
        let differs = expected.iter().zip(found).position(|(expected, found)| expected != found);
        let at = differs.unwrap_or(expected.len().min(found.len()));
        let (expected, found) = (expected.get(at), found.get(at));
        let Some(kind) = unlike("what was reported", &expected, &found) else { return };
        // At that very instant a scenario may be able to ask.
        let first = expected.into_iter().chain(found).min_by_key(|change| place(change));
        if let Some(change) = first {
            self.probe(change);
        }
        self.hidden(Some(kind));
    }

    /// Asks for what changed, in a run that ends as it does.
    fn probe(&mut self, change: &Change) {
        let (at, question) = match *change {
            Change::Agent { at, agent, .. } => (at, Question::Agent(agent)),
            Change::Widget { at, widget, .. } => (at, Question::Widget(widget)),
        };
        let case = self.case.until(at, self.after);
        let case = without_impossible(&case, self.zones);
        if let Inquiry::Differs(finding) = ask(&case, &question, self.zones) {
            self.differ(at, self.after, DifferenceKind::Finding(finding));
        }
    }

    /// Lets the oracle look at every minute and deadline up to an instant; gives what it saw change.
    fn watch(&mut self, to: Instant) -> Vec<Change> {
        let mut clocks = self.oracle.clocks(to);
        let deadlines = self.oracle.deadlines();
        let due = deadlines.iter().copied().filter(|&at| at <= to);
        let mut instants: Vec<Instant> = clocks.instants().chain(due).chain([to]).collect();
        instants.sort();
        instants.dedup();
        let mut changes = Vec::new();
        for at in instants {
            self.oracle.advance(at);
            self.played.looks += 1;
            self.see(&mut clocks, deadlines.contains(&at), &mut changes);
        }
        changes
    }

    /// Looks at the oracle. Agents change by the clock at deadlines alone.
    fn see(&mut self, clocks: &mut Clocks, is_deadline: bool, changes: &mut Vec<Change>) {
        let at = self.oracle.now();
        let mut moment = ClockEffects { at: Some(at), ..ClockEffects::default() };
        if is_deadline {
            for device in self.see_devices() {
                match self.oracle.device_status(device) {
                    DeviceStatus::LoggedOut => moment.ran_out.push(device),
                    _ if self.oracle.is_away_by_the_clock(device) => moment.went_away.push(device),
                    _ => moment.went_back.push(device),
                }
            }
            self.see_agents(changes);
        }
        for (widget, state) in clocks.look(&self.oracle) {
            self.compare_last_answer(widget, state);
            let (before, state_before) = self.seen.widgets[widget.index()];
            if state != state_before {
                moment.flipped.push(widget);
            }
            if state != state_before || is_deadline {
                let now = self.oracle.answer(widget);
                self.seen.widgets[widget.index()] = (now, state);
                if now != before {
                    changes.push(Change::Widget { at, widget, before, now });
                    self.shown.push(TimelineRow { at, widget, answer: now });
                    self.foretold(widget, before, now);
                }
            }
        }
        if !moment.is_quiet() {
            self.probe.clock(&self.oracle, &moment);
            self.moment = moment;
        }
    }

    /// What hours answer that are asked again and again while time goes on.
    fn compare_last_answer(&mut self, widget: WidgetId, state: SchedulerState) {
        let Some(schedule) = self.world.schedule(widget) else { return };
        let open = self.last_answers[widget.index()].is_open(schedule, self.oracle.now());
        let unlike = unlike("a last answer", &(state == SchedulerState::Open), &open);
        self.hidden(unlike);
    }

    /// Looks at the devices; gives those that are otherwise than before.
    fn see_devices(&mut self) -> Vec<DeviceId> {
        let mut changed = Vec::new();
        for (index, &device) in self.devices.iter().enumerate() {
            let now = device_state(&self.oracle, device);
            let before = std::mem::replace(&mut self.seen.devices[index], now);
            if before.0 != now.0 {
                self.seen.since[index] = Some(self.oracle.now());
            }
            if before != now {
                changed.push(device);
            }
        }
        changed
    }

    fn see_agents(&mut self, changes: &mut Vec<Change>) {
        let at = self.oracle.now();
        for (agent, seen) in self.seen.agents.iter_mut().enumerate() {
            let agent = AgentId::new(agent);
            let now = self.oracle.agent_status(agent);
            if now != *seen {
                *seen = now;
                changes.push(Change::Agent { at, agent, now });
            }
        }
    }

    /// A copy of the engine goes from change to change, and stands still in between.
    fn walk(&mut self, to: Instant, changes: &mut Vec<Change>) {
        if self.world.next_clock_instant().is_none_or(|at| at > to) {
            // It would do what the engine itself does next.
            return;
        }
        let mut walker = self.world.clone();
        while let Some(at) = walker.next_clock_instant().filter(|&at| at <= to) {
            let between = (walker.now().as_millis() + at.as_millis()) / 2;
            let between = Instant::from_millis(between).filter(|&b| b > walker.now() && b < at);
            if let Some(between) = between {
                let checked = &mut self.played.checked;
                let broken = invariants::check_between(&mut walker, between, checked);
                self.broken(between, broken);
            }
            let reported = changes.len();
            walker.advance(at, &mut |change| changes.push(change));
            let next = walker.next_clock_instant();
            if next.is_some_and(|next| next <= at) {
                // It would be walked to for ever.
                self.hidden(unlike("what the clock does next", &None, &next));
                break;
            }
            if changes.len() > reported {
                let turn = changes.len();
                let (trial, checked) = (&mut self.trial, &mut self.played.checked);
                let broken = invariants::check(&walker, self.extent, turn, trial, checked);
                self.broken(at, broken);
            }
        }
        walker.advance(to, &mut |change| changes.push(change));
    }

    // What was said of it before.

    /// Asks the engine what the clock will do next to each widget.
    fn look_ahead(&mut self) {
        for widget in self.widgets() {
            let next = self.world.next_change(widget);
            self.played.digest.number(next.as_ref().map_or(0, |next| next.at.as_millis() as u64));
            self.next[widget.index()] = next.map_or(Foretold::Never, Foretold::Change);
        }
    }

    /// A widget shows something else by the clock alone: was that what the engine foretold?
    fn foretold(&mut self, widget: WidgetId, before: Answer, now: Answer) {
        // The engine has not moved on yet: it stands where it foretold.
        let (from, at) = (self.world.now(), self.oracle.now());
        if before.shows_as(now) {
            return;
        }
        let next = std::mem::replace(&mut self.next[widget.index()], Foretold::Nothing);
        match next {
            Foretold::Nothing => {}
            Foretold::Change(next) if next.at == at => {
                let shown = (now.status, now.chat);
                let foretold = (next.answer.status, next.answer.chat);
                self.hidden(unlike("what comes next", &shown, &foretold));
            }
            Foretold::Change(next) => self.wrong_next(from, widget, Some(at), Some(next.at)),
            Foretold::Never => self.wrong_next(from, widget, Some(at), None),
        }
    }

    /// What was foretold must have come.
    fn look_back(&mut self, from: Instant, to: Instant) {
        for widget in self.widgets() {
            let next = std::mem::replace(&mut self.next[widget.index()], Foretold::Nothing);
            if let Foretold::Change(next) = next
                && next.at <= to
            {
                self.wrong_next(from, widget, None, Some(next.at));
            }
        }
    }

    fn wrong_next(
        &mut self,
        from: Instant,
        widget: WidgetId,
        expected: Option<Instant>,
        found: Option<Instant>,
    ) {
        // What comes later than either is nothing to either.
        let question = Question::Next(widget, expected.max(found).unwrap_or(from));
        let (expected, found) = (Reply::Next(expected), Reply::Next(found));
        self.differ(
            from,
            self.after,
            DifferenceKind::Finding(Finding { question, expected, found }),
        );
    }

    // What happens.

    fn meet(&mut self, event: &Event) {
        if let Some(device) = meet(&mut self.world, event) {
            self.devices.push(self.world.hinted(device));
            self.seen.devices.push((DeviceStatus::LoggedOut, oracle::Connection::Up));
            self.seen.since.push(None);
        }
    }

    /// Every other event is by an id with a hint, which may be an old one.
    fn hinted(&self, event: &Event) -> Event {
        let known = event.device().filter(|_| self.after.is_multiple_of(2));
        let known = known.and_then(|device| self.devices.iter().find(|known| **known == device));
        known.map_or_else(|| event.clone(), |known| event.clone().on_device(*known))
    }

    fn step(&mut self, event: &Event) {
        self.probe.before_step(&self.oracle, event, &self.moment);
        let expected = self.oracle.apply(event);
        self.meet(event);
        if let Event::Configure(widget, _) = event {
            self.last_answers[widget.index()] = LastAnswer::default();
        }
        let mut reported = Vec::new();
        let found = self.world.apply(&self.hinted(event), &mut |change| reported.push(change));
        self.after += 1;
        self.played.events += 1;
        self.told(&reported);
        self.played.digest.number(u64::from(found.is_ok()));
        if expected != found {
            let kind = match expected {
                Ok(()) => DifferenceKind::Finding(Finding {
                    question: Question::LastEvent,
                    expected: Reply::Event(expected),
                    found: Reply::Event(found),
                }),
                Err(_) => DifferenceKind::Hidden {
                    what: "whether an event can happen".to_owned(),
                    expected: format!("{expected:?} for {event:?}"),
                    found: format!("{found:?}"),
                },
            };
            self.differ(self.oracle.now(), self.after, kind);
        }
        let mut seen = Vec::new();
        self.see_agents(&mut seen);
        let mut changed = Vec::new();
        for widget in self.widgets() {
            let state = self.oracle.scheduler_state(widget);
            let now = (self.oracle.answer_when(widget, state), state);
            let (before, _) = std::mem::replace(&mut self.seen.widgets[widget.index()], now);
            if before != now.0 {
                changed.push(widget);
                let at = self.oracle.now();
                seen.push(Change::Widget { at, widget, before, now: now.0 });
                self.shown.push(TimelineRow { at, widget, answer: now.0 });
            }
        }
        self.see_devices();
        self.probe.after_step(event, expected, &changed);
        self.probe.state(&self.oracle, self.seen.widgets.iter().map(|(answer, _)| *answer));
        reported.sort_by_key(place);
        self.compare_changes(seen, &reported);
    }

    // What is so.

    fn compare(&mut self) {
        self.played.instants += 1;
        let states: Vec<SchedulerState> =
            self.widgets().map(|widget| self.oracle.scheduler_state(widget)).collect();
        for (widget, &state) in self.widgets().zip(&states) {
            let answer = self.oracle.answer_when(widget, state);
            let expected = Reply::of_widget(&self.oracle, widget, answer);
            self.hold(Question::Widget(widget), expected);
        }
        for agent in self.case.agents() {
            self.ask(Question::Agent(agent));
        }
        self.compare_devices();
        self.compare_properties();
        for (widget, state) in self.widgets().zip(states) {
            let (expected, found) = ((widget, state), (widget, self.world.scheduler_state(widget)));
            self.hidden(unlike("a scheduler", &expected, &found));
            let (expected, found) = (self.oracle.settings(widget), self.world.settings(widget));
            self.hidden(unlike("settings", expected, found));
        }
        let turn = self.played.instants as usize;
        let (trial, checked) = (&mut self.trial, &mut self.played.checked);
        let broken = invariants::check(&self.world, self.extent, turn, trial, checked);
        self.broken(self.world.now(), broken);
    }

    fn compare_devices(&mut self) {
        for index in 0..self.devices.len() {
            let device = self.devices[index];
            let (status, connection) = device_state(&self.oracle, device);
            let found = (
                device,
                self.world.device_status(device),
                explained::connection(&self.world, device),
            );
            self.hidden(unlike("a device", &(device, status, connection), &found));
        }
    }

    /// What is told of agents beside their statuses.
    fn compare_agents(&mut self) {
        for agent in self.case.agents() {
            let own = self.devices.iter().zip(&self.seen.since);
            let own = own.filter(|(device, _)| device.agent() == agent);
            let since: Vec<Option<Instant>> = own.map(|(_, since)| *since).collect();
            self.hidden(explained::devices(&self.world, &self.oracle, agent, &since));
            self.hidden(explained::next_of_agent(&self.world, &self.oracle, agent));
        }
    }

    fn compare_properties(&mut self) {
        for property in (0..self.extent.properties).map(PropertyId::new) {
            let expected = self.oracle.presence(property);
            self.hidden(unlike("a presence", &expected, &self.world.presence(property)));
            for agent in self.case.agents() {
                let expected = explained::membership(&self.oracle, agent, property);
                let found = self.world.membership(agent, property);
                self.hidden(unlike("a membership", &expected, &found));
            }
        }
    }
}

/// What can be seen of a device.
fn device_state(oracle: &Oracle, device: DeviceId) -> (DeviceStatus, oracle::Connection) {
    (oracle.device_status(device), oracle.connection(device))
}

/// Where a change stands among others: by instant, agents first, by id.
fn place(change: &Change) -> (Instant, bool, usize) {
    match *change {
        Change::Agent { at, agent, .. } => (at, false, agent.index()),
        Change::Widget { at, widget, .. } => (at, true, widget.index()),
    }
}
