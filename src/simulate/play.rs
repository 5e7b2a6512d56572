//! A case through engine and oracle side by side. The oracle looks at every minute of every clock; the
//! engine leaps from event to event, and a copy of it walks from change to change. Whatever can be
//! asked of them must be the same at every instant at which anything happens, and whatever the engine
//! reports must be what the oracle saw.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::case::Case;
use super::digest::Digest;
use super::invariants::{self, Broken, Checked, Extent};
use super::question::{Asked, Finding, Question, Reply, ask, without_impossible};
use super::races::{Moment, Races, Watcher};
use crate::hours::{UnknownZone, Zones};
use crate::model::{
    AgentId, AgentStatus, Answer, DeviceId, DeviceStatus, Instant, Millis, PropertyId,
    SchedulerState, WidgetId,
};
use crate::oracle::{self, Member, Oracle};
use crate::world::{Change, Connection, Membership, NextChange, World};

/// What the engine says that the clock will do next to a widget.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Foretold {
    /// Nobody has asked, or it has come.
    Nothing,
    /// It will never do anything.
    Never,
    /// This.
    Change(NextChange),
}

/// What came of playing a case.
#[derive(Clone, Debug, Default)]
pub struct Played {
    /// The first difference, if there is one: one that a scenario can show, if there is one.
    pub difference: Option<Difference>,
    /// Events, also those that cannot happen.
    pub events: u64,
    /// Changes that the engine reported.
    pub changes: u64,
    /// Instants at which everything was compared.
    pub instants: u64,
    /// Instants at which the oracle looked.
    pub looks: u64,
    /// How long the run was.
    pub simulated: Millis,
    /// What was met.
    pub races: Races,
    /// What was checked.
    pub checked: Checked,
    /// Of everything that the engine reported and answered.
    pub digest: Digest,
}

/// Where engine and rule book part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// When.
    pub at: Instant,
    /// After so many events.
    pub after: usize,
    /// How.
    pub kind: Kind,
}

/// How engine and rule book differ.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A question is answered otherwise: a scenario can show it.
    Finding(Finding),
    /// Something that no scenario can ask for.
    Hidden {
        /// What.
        what: String,
        /// What the rule book says.
        expected: String,
        /// What the engine says.
        found: String,
    },
    /// An invariant does not hold.
    Broken(Broken),
    /// The engine or the oracle gave up.
    Panicked(String),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, after, kind } = self;
        match kind {
            Kind::Finding(Finding { question, expected, found }) => {
                write!(f, "{question:?}: expected {expected:?}, found {found:?}")?;
            }
            Kind::Hidden { what, expected, found } => {
                write!(f, "{what}: expected {expected}, found {found}")?;
            }
            Kind::Broken(Broken { name, detail }) => write!(f, "{name} does not hold: {detail}")?,
            Kind::Panicked(message) => write!(f, "panicked: {message}")?,
        }
        write!(f, ", at {at} after {after} events")
    }
}

/// What noticed a difference: the question that was answered otherwise, what was reported, or an
/// invariant by its name.
pub fn noticed_by(kind: &Kind) -> &str {
    match kind {
        Kind::Finding(finding) => match finding.question {
            Question::Widget(_) => "what a widget shows",
            Question::Agent(_) => "what the team sees",
            Question::Visitor(..) => "visibility",
            Question::Next(..) => "next change",
            Question::LastEvent => "whether it can happen",
        },
        Kind::Hidden { what, .. } => what,
        Kind::Broken(broken) => broken.name,
        Kind::Panicked(_) => "a panic",
    }
}

/// Plays a case. A panic is a difference like any other.
///
/// # Errors
/// When a scheduler names a zone that is not in the database.
pub fn play(case: &Case, zones: &Arc<Zones>) -> Result<Played, UnknownZone> {
    // What was half done is gone with it.
    catch_unwind(AssertUnwindSafe(|| play_through(case, zones))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        let kind = Kind::Panicked(text.unwrap_or("without a word").to_owned());
        let difference = Difference { at: case.end, after: case.steps.len(), kind };
        Ok(Played { difference: Some(difference), ..Played::default() })
    })
}

fn play_through(case: &Case, zones: &Arc<Zones>) -> Result<Played, UnknownZone> {
    let oracle = case.oracle(zones)?;
    let world = case.engine(zones)?;
    let mut player = Player::new(case, zones, world, oracle);
    player.play();
    let Player { mut played, watcher, .. } = player;
    played.races = watcher.races;
    played.simulated = case.end.since(case.start);
    Ok(played)
}

struct Player<'a> {
    case: &'a Case,
    zones: &'a Arc<Zones>,
    world: World,
    oracle: Oracle,
    extent: Extent,
    devices: Vec<DeviceId>,
    /// Events so far.
    after: usize,
    seen: Seen,
    /// What the clock did at the last instant at which it did anything.
    moment: Moment,
    /// What the engine says that the clock will do next to each widget, until it has happened.
    next: Vec<Foretold>,
    watcher: Watcher<'a>,
    played: Played,
}

/// What the oracle showed when it was last looked at.
struct Seen {
    widgets: Vec<(Answer, SchedulerState)>,
    agents: Vec<AgentStatus>,
    devices: Vec<(DeviceStatus, oracle::Connection)>,
}

impl<'a> Player<'a> {
    fn new(case: &'a Case, zones: &'a Arc<Zones>, world: World, oracle: Oracle) -> Self {
        let devices: Vec<DeviceId> =
            case.agents().flat_map(|agent| world.devices_of(agent)).collect();
        let widgets = (0..case.widget_count()).map(WidgetId::new);
        let seen = Seen {
            widgets: widgets
                .map(|widget| (oracle.answer(widget), oracle.scheduler_state(widget)))
                .collect(),
            agents: case.agents().map(|agent| oracle.agent_status(agent)).collect(),
            devices: devices.iter().map(|&device| device_state(&oracle, device)).collect(),
        };
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
            moment: Moment::default(),
            watcher: Watcher::new(case, zones),
            played: Played::default(),
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
                    self.watcher.visit(&self.oracle, widget, &visit.visitor);
                    self.ask(Question::Visitor(widget, visit.visitor.clone()));
                }
            }
            self.look_ahead();
            if self.is_found() {
                return;
            }
        }
    }

    fn is_found(&self) -> bool {
        let difference = self.played.difference.as_ref();
        difference.is_some_and(|difference| matches!(difference.kind, Kind::Finding(_)))
    }

    fn widgets(&self) -> impl Iterator<Item = WidgetId> + use<> {
        (0..self.seen.widgets.len()).map(WidgetId::new)
    }

    /// Keeps the first difference, or the first one that a scenario can show.
    fn differ(&mut self, at: Instant, after: usize, kind: Kind) {
        if self.played.difference.is_none() || matches!(kind, Kind::Finding(_)) && !self.is_found()
        {
            self.played.difference = Some(Difference { at, after, kind });
        }
    }

    /// Notes something that no scenario can ask for, if it is not as it should be.
    fn hidden(&mut self, unlike: Option<Kind>) {
        if let Some(kind) = unlike {
            self.differ(self.oracle.now(), self.after, kind);
        }
    }

    fn ask(&mut self, question: Question) {
        if let Some(finding) = question.put(&self.world, &self.oracle) {
            self.differ(self.oracle.now(), self.after, Kind::Finding(finding));
        }
    }

    fn broken(&mut self, at: Instant, broken: Option<Broken>) {
        if let Some(broken) = broken {
            self.differ(at, self.after, Kind::Broken(broken));
        }
    }

    // What the clock does.

    fn advance(&mut self, to: Instant) {
        let from = self.oracle.now();
        self.watcher.calendar(&self.oracle, from, to);
        let expected = self.watch(to);
        let mut walked = Vec::new();
        self.walk(to, &mut walked);
        let mut found = Vec::new();
        self.world.advance(to, &mut |change| found.push(change));
        found.iter().for_each(|change| self.played.digest.change(change));
        self.played.changes += found.len() as u64;
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
        if let Asked::Differs(finding) = ask(&case, &question, self.zones) {
            self.differ(at, self.after, Kind::Finding(finding));
        }
    }

    /// Lets the oracle look at every minute and deadline up to an instant; gives what it saw change.
    fn watch(&mut self, to: Instant) -> Vec<Change> {
        let mut candidates = self.oracle.candidates(to);
        let deadlines = self.oracle.deadlines();
        candidates.insert(to);
        let mut changes = Vec::new();
        for at in candidates {
            self.oracle.advance(at);
            self.played.looks += 1;
            self.see(deadlines.contains(&at), &mut changes);
        }
        changes
    }

    /// Looks at the oracle. Agents change by the clock at deadlines alone.
    fn see(&mut self, is_deadline: bool, changes: &mut Vec<Change>) {
        let at = self.oracle.now();
        let mut moment = Moment { at: Some(at), ..Moment::default() };
        if is_deadline {
            for (&device, seen) in self.devices.iter().zip(&mut self.seen.devices) {
                let now = device_state(&self.oracle, device);
                if *seen != now {
                    match now {
                        (DeviceStatus::LoggedOut, _) => moment.ran_out.push(device),
                        _ => moment.went_away.push(device),
                    }
                    *seen = now;
                }
            }
            self.see_agents(changes);
        }
        for widget in self.widgets() {
            let state = self.oracle.scheduler_state(widget);
            let (before, state_before) = self.seen.widgets[widget.index()];
            if state != state_before {
                moment.flipped.push(widget);
            }
            if state != state_before || is_deadline {
                let now = self.oracle.answer(widget);
                self.seen.widgets[widget.index()] = (now, state);
                if now != before {
                    changes.push(Change::Widget { at, widget, before, now });
                    self.foretold(widget, before, now);
                }
            }
        }
        if !(moment.flipped.is_empty() && moment.ran_out.is_empty() && moment.went_away.is_empty())
        {
            self.watcher.clock(&self.oracle, &moment);
            self.moment = moment;
        }
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
        let mut walker = self.world.clone();
        while let Some(at) = walker.next_clock_instant().filter(|&at| at <= to) {
            let before = answers(&walker);
            let between = (walker.now().as_millis() + at.as_millis()) / 2;
            let between = Instant::from_millis(between).filter(|&b| b > walker.now() && b < at);
            if let Some(between) = between {
                let mut reported = 0;
                walker.advance(between, &mut |_| reported += 1);
                self.hidden(unlike("changes reported between edges", &0, &reported));
            }
            self.hidden(unlike("answers between edges", &before, &answers(&walker)));
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
                let broken =
                    invariants::check(&walker, self.extent, turn, &mut self.played.checked);
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
        let ahead = expected.max(found).unwrap_or(from).since(from);
        let (expected, found) = (Reply::Next(expected), Reply::Next(found));
        // As far as was looked, what comes later is nothing.
        let question = Question::Next(widget, ahead);
        self.differ(from, self.after, Kind::Finding(Finding { question, expected, found }));
    }

    // What happens.

    fn step(&mut self, event: &crate::model::Event) {
        self.watcher.before_step(&self.oracle, event, &self.moment);
        let expected = self.oracle.apply(event);
        let mut reported = Vec::new();
        let found = self.world.apply(event, &mut |change| reported.push(change));
        self.after += 1;
        self.played.events += 1;
        self.played.changes += reported.len() as u64;
        reported.iter().for_each(|change| self.played.digest.change(change));
        self.played.digest.number(u64::from(found.is_ok()));
        if expected != found {
            let kind = match expected {
                Ok(()) => Kind::Finding(Finding {
                    question: Question::LastEvent,
                    expected: Reply::Event(expected),
                    found: Reply::Event(found),
                }),
                Err(_) => Kind::Hidden {
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
            let now = (self.oracle.answer(widget), self.oracle.scheduler_state(widget));
            let (before, _) = std::mem::replace(&mut self.seen.widgets[widget.index()], now);
            if before != now.0 {
                changed.push(widget);
                let at = self.oracle.now();
                seen.push(Change::Widget { at, widget, before, now: now.0 });
            }
        }
        for (&device, seen) in self.devices.iter().zip(&mut self.seen.devices) {
            *seen = device_state(&self.oracle, device);
        }
        self.watcher.after_step(&self.oracle, event, expected, &changed);
        reported.sort_by_key(place);
        self.compare_changes(seen, &reported);
    }

    // What is so.

    fn compare(&mut self) {
        self.played.instants += 1;
        for widget in self.widgets() {
            self.ask(Question::Widget(widget));
        }
        for agent in self.case.agents() {
            self.ask(Question::Agent(agent));
        }
        self.compare_devices();
        self.compare_properties();
        for widget in self.widgets() {
            let state = |state: SchedulerState| (widget, state);
            let expected = state(self.oracle.scheduler_state(widget));
            let found = state(self.world.scheduler_state(widget));
            self.hidden(unlike("a scheduler", &expected, &found));
            let (expected, found) = (self.oracle.settings(widget), self.world.settings(widget));
            self.hidden(unlike("settings", expected, found));
        }
        let turn = self.played.instants as usize;
        let broken = invariants::check(&self.world, self.extent, turn, &mut self.played.checked);
        self.broken(self.world.now(), broken);
    }

    fn compare_devices(&mut self) {
        for index in 0..self.devices.len() {
            let device = self.devices[index];
            let (status, connection) = device_state(&self.oracle, device);
            let lost = match self.world.connection(device) {
                Connection::Up => oracle::Connection::Up,
                Connection::Lost { until } => oracle::Connection::Lost(until),
                Connection::RanOut => oracle::Connection::RanOut,
            };
            let found = (device, self.world.device_status(device), lost);
            self.hidden(unlike("a device", &(device, status, connection), &found));
        }
    }

    fn compare_properties(&mut self) {
        for property in (0..self.extent.properties).map(PropertyId::new) {
            let expected = self.oracle.presence(property);
            self.hidden(unlike("a presence", &expected, &self.world.presence(property)));
            for agent in self.case.agents() {
                let expected = self.oracle.membership(agent, property).map(|member| match member {
                    Member::Active => Membership::Active,
                    Member::Suspended => Membership::Suspended,
                });
                let found = self.world.membership(agent, property);
                self.hidden(unlike("a membership", &expected, &found));
            }
        }
    }
}

/// How two things differ that no scenario can ask for.
fn unlike<T: PartialEq + fmt::Debug + ?Sized>(what: &str, expected: &T, found: &T) -> Option<Kind> {
    (expected != found).then(|| Kind::Hidden {
        what: what.to_owned(),
        expected: format!("{expected:?}"),
        found: format!("{found:?}"),
    })
}

/// What can be seen of a device.
fn device_state(oracle: &Oracle, device: DeviceId) -> (DeviceStatus, oracle::Connection) {
    (oracle.device_status(device), oracle.connection(device))
}

fn answers(world: &World) -> Vec<Answer> {
    (0..world.widget_count()).map(|widget| world.answer(WidgetId::new(widget))).collect()
}

/// Where a change stands among others: by instant, agents first, by id.
fn place(change: &Change) -> (Instant, bool, usize) {
    match *change {
        Change::Agent { at, agent, .. } => (at, false, agent.index()),
        Change::Widget { at, widget, .. } => (at, true, widget.index()),
    }
}
