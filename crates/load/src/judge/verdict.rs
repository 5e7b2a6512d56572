//! Verdicts: whether an answer could be true, and if not, in which way it is wrong.

use super::appeals::Grounds;
use super::desk::Asked;
use super::fleet::{Device, Fleet};
use super::log::{Cause, Knowing};
use super::moments::Stretch;
use super::races::Race;
use super::values::{Answers, Shown, Statuses};
use super::{Judge, Promise, REMEMBERED_FOR, Stream, shown, sight};
use crate::clock::{Micros, SECOND_US};
use crate::notes::{AgentIndex, PropertyIndex, Reader, Said, VisitorKind, WidgetIndex};
use crate::result::Class;
use lamplighter_core::model::{AgentStatus, DeviceStatus};

/// So late or early is looked for.
const FAR: Micros = 60 * SECOND_US;
/// An event on a stream tells of something that was so at some moment since the one before, and
/// within this time at most.
const PUSHED_WITHIN: Micros = 10 * SECOND_US;

/// A wrong answer.
#[derive(Clone, PartialEq, Debug)]
pub struct Wrong {
    /// In which way.
    pub class: Class,
    /// By how much, and why, in a sentence.
    pub why: String,
    /// What it says of the promise.
    pub enough: Enough,
}

/// Which promise would have been enough for an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Enough {
    /// The promise is not what it was wrong about.
    Any,
    /// One of as much.
    AtLeast(Micros),
    /// None.
    None,
}

impl Enough {
    /// What is enough for it and for others.
    pub fn of(self, others: Option<Micros>) -> Option<Micros> {
        match self {
            Self::Any => others,
            Self::AtLeast(needed) => others.map(|enough| enough.max(needed)),
            Self::None => None,
        }
    }
}

impl Wrong {
    fn new(class: Class, why: impl Into<String>) -> Self {
        Self { class, why: why.into(), enough: Enough::Any }
    }

    fn but_for(self, enough: Enough) -> Self {
        Self { enough, ..self }
    }
}

/// What a verdict is about.
#[derive(Clone, PartialEq, Debug)]
pub struct Matter {
    /// The widget, if it is about one.
    pub widget: Option<WidgetIndex>,
    /// The visitor who looked.
    pub visitor: Option<VisitorKind>,
    /// The property.
    pub property: PropertyIndex,
    /// The members whom it is about; none where it is about all of them.
    pub agents: Vec<AgentIndex>,
    /// When it was asked.
    pub sent: Micros,
    /// When the answer was there.
    pub at: Micros,
    /// What was answered.
    pub answered: String,
    /// What could have been.
    pub admissible: Vec<String>,
}

impl Judge {
    /// Judges one answer; all that it may have known is known by now.
    pub(super) fn judge(&mut self, property: PropertyIndex, asked: Asked) {
        match asked {
            Asked::Read { widget, visitor, sent, at, said } => {
                self.judge_read(property, widget, visitor, (sent, at), &said);
            }
            Asked::Push { reader, at, said } => self.judge_push(property, reader, at, said),
            Asked::StreamEnd { reader, at } => {
                if let Some(stream) = self.streams.remove(&reader) {
                    self.judge_last(property, &stream, at);
                }
            }
            Asked::Team { sent, at, version, statuses } => {
                self.judge_team(property, (sent, at), version, &statuses);
            }
            Asked::TeamPush { reader, at, agent, status, version } => {
                self.judge_team_push(property, reader, at, (agent, status), version);
            }
        }
    }

    /// A stretch with what the target has promised.
    fn stretch(&self, from: Micros, to: Micros, version: Option<u64>) -> Stretch {
        let uncertain = self.promise.uncertain;
        Stretch { from, to, version, within: self.promise.within + uncertain, early: uncertain }
    }

    fn judge_read(
        &mut self,
        property: PropertyIndex,
        widget: WidgetIndex,
        visitor: VisitorKind,
        (sent, at): (Micros, Micros),
        said: &Said,
    ) {
        self.judged.reads += 1;
        self.meet_races(property, widget, sent, at);
        let stretch = self.stretch(sent, at, said.version);
        let answers = stretch.answers(&self.fleet, widget);
        if answers.only().is_some() {
            self.judged.decisive += 1;
        }
        self.lights.polled(widget, &sight(at, said));
        let goes_back = self.versions_go_back(property, widget, &stretch, said);
        match self.wrong_with(goes_back, widget, &stretch, &answers, said) {
            None => {
                if let Some(version) = said.version {
                    self.desks[property as usize].seen.add(at, version);
                }
            }
            Some((wrong, grounds)) => {
                let matter = Matter {
                    widget: Some(widget),
                    visitor: Some(visitor),
                    property,
                    agents: Vec::new(),
                    sent,
                    at,
                    answered: words_of(said),
                    admissible: answers.iter().map(words).collect(),
                };
                self.find_wrong(wrong, matter, grounds);
            }
        }
    }

    /// What is wrong with what a widget says: for good, or against what it could show by what is known.
    fn wrong_with(
        &mut self,
        goes_back: Option<Wrong>,
        widget: WidgetIndex,
        stretch: &Stretch,
        answers: &Answers,
        said: &Said,
    ) -> Option<(Wrong, Grounds)> {
        let beside = || Some(Wrong::new(Class::Phantom, said.beside.as_deref()?));
        if let Some(wrong) = goes_back.or_else(beside) {
            return Some((wrong, Grounds::Nothing));
        }
        let shown = shown(said);
        let wrong = self.content(widget, stretch, answers.has(shown), shown)?;
        Some((wrong, Grounds::Shows(widget, *stretch, shown)))
    }

    fn meet_races(
        &mut self,
        property: PropertyIndex,
        widget: WidgetIndex,
        sent: Micros,
        at: Micros,
    ) {
        if self.fleet.edges().of(widget).between(sent, at + 1).next().is_some() {
            self.races.meet(Race::ReadOverAnEdge);
        }
        let (mut write, mut grace) = (false, false);
        for &device in self.fleet.open_devices(property) {
            for happening in self.fleet.log(device).happenings() {
                let meets = happening.from <= at && sent <= happening.by;
                match happening.cause {
                    Cause::Grace { ended_by: None, .. } => grace |= meets,
                    Cause::Write { .. } => write |= meets,
                    Cause::Grace { .. } => {}
                }
            }
        }
        if write {
            self.races.meet(Race::ReadDuringAWrite);
        }
        if grace {
            self.races.meet(Race::ReadOverAGrace);
        }
    }

    /// An answer that knows less than what was answered before it was asked for.
    fn versions_go_back(
        &self,
        property: PropertyIndex,
        widget: WidgetIndex,
        stretch: &Stretch,
        said: &Said,
    ) -> Option<Wrong> {
        let version = said.version?;
        let desk = &self.desks[property as usize];
        let before = |since: Micros| length(stretch.from - since);
        if let Some((since, written)) = desk.written.higher_since(version, stretch.from) {
            let now = Stretch { version: None, ..*stretch };
            let is_current = now.answers(&self.fleet, widget).has(shown(said));
            let knew = format!(
                "it knew version {version}; a write was answered with version {written} {} before it \
                 was asked for",
                before(since)
            );
            return Some(match is_current {
                true => Wrong::new(Class::Inversion, format!("{knew} (what it shows is current)")),
                false => Wrong::new(Class::Stale, knew),
            });
        }
        let (since, seen) = desk.seen.higher_since(version, stretch.from)?;
        let why = format!(
            "it knew version {version}; version {seen} was read {} before it was asked for",
            before(since)
        );
        Some(Wrong::new(Class::Inversion, why))
    }

    /// What a widget shows, against what it could show.
    fn content(
        &mut self,
        widget: WidgetIndex,
        stretch: &Stretch,
        is_admissible: bool,
        shown: Shown,
    ) -> Option<Wrong> {
        let fleet = &self.fleet;
        let late = |within: Micros| {
            Stretch { within: within + self.promise.uncertain, ..*stretch }
                .answers(fleet, widget)
                .has(shown)
        };
        if is_admissible {
            if !late(0) {
                let needed = least(0, self.promise.within, late);
                self.within_enough = Enough::AtLeast(needed).of(self.within_enough);
            }
            return None;
        }
        if let Some(wrong) = too_late(&self.promise, late) {
            return Some(wrong);
        }
        let early = |early: Micros| {
            let early = early + self.promise.uncertain;
            Stretch { early, ..*stretch }.answers(fleet, widget).has(shown)
        };
        if early(FAR) {
            let needed = least(0, FAR, early);
            let why = format!("it shows what the clock does only {} later", length(needed));
            return Some(Wrong::new(Class::EdgeEarly, why).but_for(Enough::None));
        }
        let past = Stretch {
            from: stretch.from - REMEMBERED_FOR,
            to: stretch.from,
            version: None,
            ..*stretch
        };
        Some(match past.latest(fleet, widget, shown) {
            Some(then) => {
                let why =
                    format!("it was true until {} before it was asked for", length(past.to - then));
                Wrong::new(Class::Stale, why)
            }
            None => Wrong::new(
                Class::Phantom,
                format!("it was not true at any moment of the {} before", length(REMEMBERED_FOR)),
            ),
        })
    }

    fn judge_push(&mut self, property: PropertyIndex, reader: Reader, at: Micros, said: Said) {
        let Some(stream) = self.streams.get(&reader).cloned() else { return };
        self.judged.pushes += 1;
        let Stream { widget, visitor, opened, ref last, version: last_version, is_slow } = stream;
        let last_at = last.as_ref().map_or(opened, |(at, _)| *at);
        // Whoever reads slowly learns everything late, and of that the service can do nothing.
        let from = if is_slow { opened } else { last_at.max(at - PUSHED_WITHIN) };
        let stretch = self.stretch(from, at, said.version);
        let answers = stretch.answers(&self.fleet, widget);
        if last.is_some() && !is_slow {
            self.lights.pushed(widget, &sight(at, &said), last_at, last_version);
        }
        let goes_back = match (last_version, said.version) {
            (Some(last), Some(version)) if version < last => Some(Wrong::new(
                Class::Inversion,
                format!("version {version} came on the stream behind version {last}"),
            )),
            _ => None,
        };
        let wrong = self.wrong_with(goes_back, widget, &stretch, &answers, &said);
        let is_right = wrong.is_none();
        if let Some((wrong, grounds)) = wrong {
            let matter = Matter {
                widget: Some(widget),
                visitor: Some(visitor),
                property,
                agents: Vec::new(),
                sent: from,
                at,
                answered: format!("{} (pushed)", words_of(&said)),
                admissible: answers.iter().map(words).collect(),
            };
            self.find_wrong(wrong, matter, grounds);
        } else if !is_slow {
            self.judge_last(property, &stream, at);
        }
        if let Some(stream) = self.streams.get_mut(&reader) {
            stream.version = stream.version.max(said.version);
            // What is wrong is no measure for what comes next.
            stream.opened = at;
            stream.last = is_right.then_some((at, said));
        }
    }

    /// What came last on a stream must have been true until just now: had it not been, the next
    /// event was due.
    fn judge_last(&mut self, property: PropertyIndex, stream: &Stream, at: Micros) {
        let Stream { widget, visitor, last: Some((since, said)), is_slow: false, .. } = stream
        else {
            return;
        };
        let late = self.promise.within + self.promise.uncertain;
        // Without the clock's own allowance: one is enough.
        let recent = Stretch { from: at - late, to: at, version: None, within: 0, early: 0 };
        let answers = recent.answers(&self.fleet, *widget);
        if answers.has(shown(said)) {
            self.note_lateness(*widget, &recent, shown(said));
            return;
        }
        let past = Stretch { from: (*since).min(at - PUSHED_WITHIN), to: at, ..recent };
        let until = past.latest(&self.fleet, *widget, shown(said)).unwrap_or(past.from);
        let needed = at - until;
        let by_the_clock = Stretch { within: FAR, ..recent };
        let (class, enough) = match by_the_clock.answers(&self.fleet, *widget).has(shown(said)) {
            true => (Class::EdgeLate, Enough::AtLeast(needed)),
            false => (Class::Stale, Enough::Any),
        };
        let why = format!(
            "it has not been true for {} and no event said so; {} was promised",
            length(needed),
            length(self.promise.within)
        );
        let matter = Matter {
            widget: Some(*widget),
            visitor: Some(*visitor),
            property,
            agents: Vec::new(),
            sent: *since,
            at,
            answered: format!("{} (the last on a stream)", words_of(said)),
            admissible: answers.iter().map(words).collect(),
        };
        let grounds = Grounds::Shows(*widget, recent, shown(said));
        self.find_wrong(Wrong::new(class, why).but_for(enough), matter, grounds);
    }

    /// An event that came as late as had been promised, or sooner: how late, if the clock was to show
    /// by it.
    fn note_lateness(&mut self, widget: WidgetIndex, recent: &Stretch, shown: Shown) {
        let Some(until) = recent.latest(&self.fleet, widget, shown) else { return };
        let needed = recent.to - until - self.promise.uncertain;
        let by_the_clock = self.fleet.edges().of(widget).between(until, recent.to + 1).next();
        if needed > 0 && by_the_clock.is_some() {
            self.within_enough = Enough::AtLeast(needed).of(self.within_enough);
        }
    }

    fn judge_team(
        &mut self,
        property: PropertyIndex,
        (sent, at): (Micros, Micros),
        version: Option<u64>,
        statuses: &[Option<AgentStatus>],
    ) {
        self.judged.teams += statuses.len() as u64;
        let stretch = self.stretch(sent, at, version);
        let members = &self.plan.properties[property as usize].members;
        let seen: Vec<(AgentIndex, Option<AgentStatus>)> =
            members.iter().copied().zip(statuses.iter().copied()).collect();
        // What is true is so at the end, as a rule.
        let now = stretch.knowing(at, property);
        if seen.iter().all(|(agent, status)| could_be(&self.fleet, *agent, *status, &now)) {
            return;
        }
        let devices: Vec<Device> = self.fleet.devices(property).collect();
        let fleet = &self.fleet;
        let all_could = |knowing: &Knowing| {
            seen.iter().all(|(agent, status)| could_be(fleet, *agent, *status, knowing))
        };
        if stretch.some(fleet, &devices, property, all_could) {
            return;
        }
        let wrong: Vec<&(AgentIndex, Option<AgentStatus>)> = seen
            .iter()
            .filter(|(agent, status)| {
                !stretch.some(fleet, &devices, property, |knowing| {
                    could_be(fleet, *agent, *status, knowing)
                })
            })
            .collect();
        let told = |(agent, status): &(AgentIndex, Option<AgentStatus>)| {
            let name = &self.plan.agents[*agent as usize].name;
            format!("{name} is {}", status.map_or("missing", AgentStatus::word))
        };
        let which: Vec<_> = if wrong.is_empty() { seen.iter().collect() } else { wrong };
        let answered: Vec<String> = which.iter().map(|seen| told(seen)).collect();
        let admissible = which
            .iter()
            .map(|(agent, _)| self.could_be_words(*agent, &stretch.knowing(at, property)))
            .collect();
        let why = match which.len() {
            1 => "at no moment of the look was it so",
            _ => "at no moment of the look were all of them so",
        };
        let late = |within: Micros| {
            Stretch { within: within + self.promise.uncertain, ..stretch }
                .some(fleet, &devices, property, all_could)
        };
        let wrong = too_late(&self.promise, late)
            .unwrap_or_else(|| Wrong::new(Class::TeamStatusWrong, why));
        let matter = Matter {
            widget: None,
            visitor: None,
            property,
            agents: which.iter().map(|(agent, _)| *agent).collect(),
            sent,
            at,
            answered: answered.join(", "),
            admissible,
        };
        self.find_wrong(wrong, matter, Grounds::Members(seen, stretch));
    }

    fn judge_team_push(
        &mut self,
        property: PropertyIndex,
        reader: Reader,
        at: Micros,
        (agent, status): (AgentIndex, AgentStatus),
        version: Option<u64>,
    ) {
        self.judged.teams += 1;
        let stretch = self.stretch(at - PUSHED_WITHIN, at, version);
        let goes_back = version.and_then(|version| {
            let (last, _) = self.sockets.insert((reader, property), (version, at))?;
            let why = || format!("version {version} came on the socket behind version {last}");
            (version < last).then(|| Wrong::new(Class::Inversion, why()))
        });
        // What is true is so at the end, as a rule.
        let now = stretch.knowing(at, property);
        if goes_back.is_none() && could_be(&self.fleet, agent, Some(status), &now) {
            return;
        }
        let name = self.plan.agents[agent as usize].name.clone();
        let devices: Vec<Device> = self.fleet.devices_of(agent).collect();
        let (fleet, promise) = (&self.fleet, &self.promise);
        let could = |knowing: &Knowing| could_be(fleet, agent, Some(status), knowing);
        let wrong = goes_back.map(|wrong| (wrong, Grounds::Nothing)).or_else(|| {
            if stretch.some(fleet, &devices, property, could) {
                return None;
            }
            let late = |within: Micros| {
                Stretch { within: within + promise.uncertain, ..stretch }
                    .some(fleet, &devices, property, could)
            };
            let why = "it is not so by what its version knew";
            let untrue = || Wrong::new(Class::TeamStatusWrong, why);
            let wrong = too_late(promise, late).unwrap_or_else(untrue);
            Some((wrong, Grounds::Members(vec![(agent, Some(status))], stretch)))
        });
        if let Some((wrong, grounds)) = wrong {
            let version =
                version.map_or_else(String::new, |version| format!(", version {version}"));
            let matter = Matter {
                widget: None,
                visitor: None,
                property,
                agents: vec![agent],
                sent: at - PUSHED_WITHIN,
                at,
                answered: format!("{name} is {} (pushed{version})", status.word()),
                admissible: vec![self.could_be_words(agent, &stretch.knowing(at, property))],
            };
            self.find_wrong(wrong, matter, grounds);
        }
    }

    fn could_be_words(&self, agent: AgentIndex, knowing: &Knowing) -> String {
        let name = &self.plan.agents[agent as usize].name;
        format!("{name} is {}", statuses_words(self.fleet.agent(agent, knowing)))
    }

    /// An acknowledged message is not there.
    pub(super) fn message_is_missing(
        &mut self,
        property: PropertyIndex,
        at: Micros,
        text: &str,
        why: &str,
    ) {
        let matter = Matter {
            widget: None,
            visitor: None,
            property,
            agents: Vec::new(),
            sent: at,
            at,
            answered: format!("the message {text:?} was acknowledged"),
            admissible: vec![
                "it is among the property's messages, once, as it was left".to_owned(),
            ],
        };
        self.find_wrong(Wrong::new(Class::LostMessage, why), matter, Grounds::Nothing);
    }
}

/// An answer that would be right had the target promised more: too late by how much.
fn too_late(promise: &Promise, mut late: impl FnMut(Micros) -> bool) -> Option<Wrong> {
    if !late(FAR) {
        return None;
    }
    let needed = least(promise.within, FAR, late);
    let why = format!(
        "what the clock did shows at least {} late; {} was promised",
        length(needed),
        length(promise.within)
    );
    Some(Wrong::new(Class::EdgeLate, why).but_for(Enough::AtLeast(needed)))
}

/// Whether a member could be so (rule P4).
pub fn could_be(
    fleet: &Fleet,
    agent: AgentIndex,
    status: Option<AgentStatus>,
    knowing: &Knowing,
) -> bool {
    status.is_some_and(|status| fleet.agent(agent, knowing).has(device_status(status)))
}

/// A device's status that an agent of this status has somewhere, and none above it (rule P4).
fn device_status(status: AgentStatus) -> DeviceStatus {
    match status {
        AgentStatus::Offline => DeviceStatus::LoggedOut,
        AgentStatus::Invisible => DeviceStatus::Invisible,
        AgentStatus::Away => DeviceStatus::Away,
        AgentStatus::Online => DeviceStatus::Online,
    }
}

fn statuses_words(statuses: Statuses) -> String {
    let word = |status| match status {
        DeviceStatus::LoggedOut => "offline",
        DeviceStatus::Invisible => "invisible",
        DeviceStatus::Away => "away",
        DeviceStatus::Online => "online",
    };
    statuses.iter().map(word).collect::<Vec<_>>().join(" or ")
}

/// The least amount between two, to the tenth of a millisecond, with which something holds that does
/// so with the greater one.
fn least(mut fails: Micros, mut holds: Micros, mut test: impl FnMut(Micros) -> bool) -> Micros {
    while holds - fails > 100 {
        let middle = fails + (holds - fails) / 2;
        match test(middle) {
            true => holds = middle,
            false => fails = middle,
        }
    }
    holds
}

/// What is shown, in words.
pub fn words((status, chat): Shown) -> String {
    format!("{status}, {chat}")
}

fn words_of(said: &Said) -> String {
    let version = said.version.map_or_else(String::new, |version| format!(" (version {version})"));
    format!("{}{version}", words(shown(said)))
}

/// A length of time for a person.
pub fn length(us: Micros) -> String {
    match us {
        us if us < 1_000 => format!("{us}us"),
        us if us < 10 * SECOND_US => format!("{:.1}ms", us as f64 / 1_000.0),
        us => format!("{:.1}s", us as f64 / SECOND_US as f64),
    }
}
