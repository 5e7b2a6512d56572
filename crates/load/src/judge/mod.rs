//! The judge: of every answer, whether it could be true.
//!
//! ```text
//! notes ─▶ logs of devices ─▶ what each property could be ─┐
//!             edges of hours ──────────────────────────────┴▶ what a widget could show ─▶ verdict
//! ```
//!
//! A value may be current from the sending of its write until the answer to the next one; an edge of
//! a scheduler, and the end of a grace, is a write by the clock, which may show until so long after
//! it as the target has promised. An answer is admissible if the rules give it for some combination
//! of values that were all current at one moment of the read. Where answers carry versions it is
//! stricter: exactly the writes up to that version count, and no answer may know less than what was
//! answered before it was asked for.
//!
//! Answers wait until the writes that they lie across have ended, so that everything is known of
//! them; what is found wrong waits some seconds more, for a connection that was lost may be learnt
//! of late. Nothing is kept for longer than some minutes.

mod appeals;
mod desk;
mod evidence;
mod fleet;
mod hours;
mod lights;
mod log;
mod moments;
mod races;
#[cfg(test)]
mod tests;
mod values;
mod verdict;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use appeals::Appeal;
use desk::{Asked, Desk};
use fleet::Fleet;
use hours::AllEdges;
use lights::{Change, Lights, Sight, Switch};
use log::Knowing;
use races::{Race, Races};
use values::Shown;

use super::clock::{Micros, SECOND_US};
use super::notes::{
    AgentIndex, Effect, Ended, Note, PropertyIndex, Reader, Said, Slot, VisitorKind, WidgetIndex,
    WriteId,
};
use super::plan::Plan;
use super::result::{Edges, Judged, Light};
use super::tally::Tally;
use lamplighter_core::hours::{UnknownZone, Zones};
use lamplighter_core::model::Chat;

/// Devices are remembered for so long: an answer that was true at some moment of it is called stale.
const REMEMBERED_FOR: Micros = 25 * SECOND_US;
/// A socket on which nothing has come for so long is forgotten: it may have been lost.
const SILENT_FOR: Micros = 600 * SECOND_US;
/// So often what is older is forgotten.
const FORGET_EVERY: Micros = 5 * SECOND_US;

/// What the target has promised, and what is known of its clock.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Promise {
    /// An edge, or the end of a grace, shows so long after it; and so does a write on a stream.
    pub within: Micros,
    /// How far the target's clock is ahead of the run's.
    pub skew: Micros,
    /// How far that may be off.
    pub uncertain: Micros,
}

/// A stream that is open.
#[derive(Clone, Debug)]
struct Stream {
    widget: WidgetIndex,
    visitor: VisitorKind,
    opened: Micros,
    last: Option<(Micros, Said)>,
    /// The highest version that has come on it.
    version: Option<u64>,
    /// Whether it is read slowly on purpose: then nothing is late.
    is_slow: bool,
}

/// What the judge came to, beside the counts of the tally.
#[derive(Debug)]
pub struct Sentence {
    /// Right and wrong.
    pub judged: Judged,
    /// From changes of statuses to their being seen.
    pub light: Light,
    /// From edges and graces to their being seen.
    pub edges: Edges,
}

/// Judges every answer of a run.
#[derive(Debug)]
pub struct Judge {
    plan: Arc<Plan>,
    fleet: Fleet,
    promise: Promise,
    tally: Arc<Tally>,
    desks: Vec<Desk>,
    streams: HashMap<Reader, Stream>,
    /// The version that each socket has seen of each property, and when.
    sockets: HashMap<(Reader, PropertyIndex), (u64, Micros)>,
    /// Whose write it is, and from which device.
    writes: HashMap<WriteId, (AgentIndex, Slot, Effect, Micros)>,
    lights: Lights,
    races: Races,
    judged: Judged,
    /// What was found wrong and does not count yet.
    appeals: VecDeque<Appeal>,
    /// How many edges have passed, of all in the order of time.
    edges_passed: usize,
    /// Graces that run, by their ends.
    graces: std::collections::BTreeSet<(Micros, AgentIndex, Slot)>,
    /// Notes whose time has not come.
    later: Vec<Note>,
    forgotten_at: Micros,
    /// The smallest promise that would have been enough so far; `None` once none is.
    within_enough: Option<Micros>,
    /// How many answers had been judged when the first was wrong.
    first_wrong_after: Option<u64>,
}

impl Judge {
    /// Nobody has said anything yet.
    ///
    /// # Errors
    /// When a scheduler of the plan is in a zone that nobody knows.
    pub fn new(
        plan: Arc<Plan>,
        promise: Promise,
        zones: &Zones,
        tally: Arc<Tally>,
    ) -> Result<Self, UnknownZone> {
        let edges = AllEdges::new(&plan, promise.skew, zones)?;
        let edges_passed = edges.in_order().partition_point(|(at, _)| *at < 0);
        Ok(Self {
            fleet: Fleet::new(Arc::clone(&plan), edges),
            promise,
            tally,
            desks: vec![Desk::default(); plan.properties.len()],
            streams: HashMap::new(),
            sockets: HashMap::new(),
            writes: HashMap::new(),
            lights: Lights::new(plan.widgets.len()),
            races: Races::default(),
            judged: Judged::default(),
            appeals: VecDeque::new(),
            edges_passed,
            graces: std::collections::BTreeSet::new(),
            later: Vec::new(),
            forgotten_at: 0,
            within_enough: Some(0),
            first_wrong_after: None,
            plan,
        })
    }

    /// Takes notes. All that lie before `until` are there by now, in whatever order; those behind it
    /// are kept for the next time.
    pub fn take(&mut self, fresh: Vec<Note>, until: Micros) {
        // What was put in first comes first among notes of the same moment.
        let mut notes = std::mem::take(&mut self.later);
        notes.extend(fresh);
        notes.sort_by_key(Note::at);
        let ready = notes.partition_point(|note| note.at() < until);
        self.later = notes.split_off(ready);
        for note in notes {
            self.pass(note.at());
            self.hear(note);
        }
        self.pass(until);
        if until - self.forgotten_at > FORGET_EVERY {
            self.forgotten_at = until;
            for agent in 0..self.plan.agents.len() as AgentIndex {
                self.fleet.forget(agent, until - REMEMBERED_FOR);
            }
            self.sockets.retain(|_, (_, at)| *at > until - SILENT_FOR);
        }
    }

    /// How many wrong answers there are so far.
    pub fn wrong_so_far(&self) -> u64 {
        self.judged.wrong_count()
    }

    /// What was judged so far, without evidence that is complete only in the end.
    pub fn so_far(&self) -> &Judged {
        &self.judged
    }

    /// All is quiet, and all notes are in: what came last on each open stream must be true now.
    pub fn finish(mut self, at: Micros) -> Sentence {
        let last = self.later.iter().map(Note::at).max().unwrap_or(at);
        self.take(Vec::new(), last.max(at) + 1);
        let mut open: Vec<(Reader, PropertyIndex)> = self
            .streams
            .iter()
            .map(|(reader, stream)| (*reader, self.property_of(stream.widget)))
            .collect();
        open.sort_unstable();
        for (reader, property) in open {
            self.desks[property as usize].ask(Asked::StreamEnd { reader, at });
        }
        for property in 0..self.desks.len() as PropertyIndex {
            while let Some(asked) = self.desks[property as usize].next_at_once() {
                self.judge(property, asked);
            }
        }
        // All that can be known is known.
        self.decide_appeals(Micros::MAX);
        let mut judged = self.judged;
        judged.within_enough_ms = self.within_enough.map(|us| us as f64 / 1_000.0);
        judged.races = self.races.by_name();
        judged.first_wrong_after = self.first_wrong_after;
        Sentence { judged, light: self.lights.light, edges: self.lights.edges }
    }

    fn property_of(&self, widget: WidgetIndex) -> PropertyIndex {
        self.plan.widgets[widget as usize].property
    }

    /// The clock passes edges, the ends of graces, and the time until which what is wrong waits.
    fn pass(&mut self, until: Micros) {
        self.decide_appeals(until);
        while let Some(&(at, widget)) = self.fleet.edges().in_order().get(self.edges_passed)
            && at <= until
        {
            self.edges_passed += 1;
            if !self.desks[self.property_of(widget) as usize].open.is_empty() {
                self.races.meet(Race::WriteOverAnEdge);
            }
            self.switch_by_the_clock(widget, at, Switch::Edge);
        }
        while let Some(&(at, agent, slot)) = self.graces.first()
            && at <= until
        {
            self.graces.pop_first();
            let runs = self.fleet.log((agent, slot)).happenings().any(|happening| {
                matches!(happening.cause, log::Cause::Grace { ended_by: None, .. })
                    && happening.from == at
            });
            if runs {
                let properties: Vec<PropertyIndex> = self.fleet.properties_of(agent).collect();
                for property in properties {
                    for widget in self.plan.properties[property as usize].widgets.clone() {
                        self.switch_by_the_clock(widget, at, Switch::Grace);
                    }
                }
            }
        }
    }

    /// Notes it where the clock changes what a widget must show.
    fn switch_by_the_clock(&mut self, widget: WidgetIndex, at: Micros, switch: Switch) {
        let knowing = |at| Knowing { at, version: None, within: 0, early: 0 };
        self.switch(widget, &knowing(at - 1), &knowing(at), at, switch);
    }

    /// Notes it where what a widget must show changes from one state of knowledge to another.
    fn switch(
        &mut self,
        widget: WidgetIndex,
        before: &Knowing,
        after: &Knowing,
        since: Micros,
        switch: Switch,
    ) {
        let before = self.fleet.answers(widget, before).only();
        let after = self.fleet.answers(widget, after).only();
        if let (Some(before), Some(after)) = (before, after)
            && before != after
        {
            self.lights.changed(widget, Change::new(since, switch, after));
        }
    }

    fn hear(&mut self, note: Note) {
        match note {
            Note::WriteSent { write, at, agent, slot, effect } => {
                self.begin(write, at, agent, slot, effect);
            }
            Note::WriteEnded { write, at, ended } => self.end(write, at, ended),
            Note::SocketLost { at, since, agent, slot } => {
                if since < at {
                    self.lose_late((since, at), (agent, slot));
                } else if let Some(ends) = self.fleet.lose((at, at), (agent, slot)) {
                    self.graces.insert((ends, agent, slot));
                }
            }
            Note::Read { widget, visitor, reader: _, sent, answered, said } => {
                let property = self.property_of(widget);
                self.ask(property, Asked::Read { widget, visitor, sent, at: answered, said });
            }
            Note::StreamOpened { widget, visitor, reader, at, is_slow } => {
                let stream =
                    Stream { widget, visitor, opened: at, last: None, version: None, is_slow };
                self.streams.insert(reader, stream);
            }
            Note::Push { reader, at, said } => {
                if let Some(stream) = self.streams.get(&reader) {
                    let property = self.property_of(stream.widget);
                    self.ask(property, Asked::Push { reader, at, said });
                }
            }
            Note::StreamClosed { reader, at } => {
                if let Some(stream) = self.streams.get(&reader) {
                    let property = self.property_of(stream.widget);
                    self.ask(property, Asked::StreamEnd { reader, at });
                }
            }
            Note::Team { property, sent, answered, version, statuses } => {
                self.ask(property, Asked::Team { sent, at: answered, version, statuses });
            }
            Note::TeamPush { property, reader, at, agent, status, version } => {
                self.ask(property, Asked::TeamPush { reader, at, agent, status, version });
            }
            Note::MessageKept { .. } => self.judged.messages += 1,
            Note::MessageMissing { property, at, text, why } => {
                self.message_is_missing(property, at, &text, &why);
            }
        }
    }

    fn begin(&mut self, write: WriteId, at: Micros, agent: AgentIndex, slot: Slot, effect: Effect) {
        let overtakes = self.fleet.log((agent, slot)).happenings().any(|happening| {
            matches!(happening.cause, log::Cause::Write { outcome: log::Outcome::Open, .. })
        });
        if overtakes {
            self.races.meet(Race::Overtaken);
        }
        if effect == Effect::Connect && self.is_near_the_end_of_a_grace(at, agent, slot) {
            self.races.meet(Race::ReturnAtTheEnd);
        }
        let properties: Vec<PropertyIndex> = self.fleet.properties_of(agent).collect();
        for property in properties {
            let desk = &mut self.desks[property as usize];
            if !desk.open.is_empty() && !overtakes {
                self.races.meet(Race::TwoDevicesAtOnce);
            }
            desk.open.push((write, at));
        }
        self.fleet.begin(write, at, agent, slot, effect);
        self.writes.insert(write, (agent, slot, effect, at));
    }

    fn is_near_the_end_of_a_grace(&self, at: Micros, agent: AgentIndex, slot: Slot) -> bool {
        self.fleet.log((agent, slot)).happenings().any(|happening| {
            matches!(happening.cause, log::Cause::Grace { .. })
                && (happening.from - at).abs() <= self.promise.within
        })
    }

    fn end(&mut self, write: WriteId, at: Micros, ended: Ended) {
        let Some((agent, slot, effect, sent)) = self.writes.remove(&write) else { return };
        for reached in self.fleet.slots(agent, slot, effect) {
            self.fleet.change((agent, reached), |log| match &ended {
                Ended::Done(versions) => log.done(write, at, versions),
                Ended::Refused => log.refused(write),
                Ended::LoggedOut => {
                    log.refused(write);
                    log.is_logged_out(at);
                }
                Ended::Unanswered => log.unanswered(write),
            });
        }
        match (&ended, effect) {
            (Ended::Done(_), Effect::Login) => {
                for reached in 0..self.plan.agents[agent as usize].devices.len() as Slot {
                    self.fleet.change((agent, reached), |log| log.settle_unanswered(slot, sent));
                }
            }
            (Ended::Unanswered, Effect::Connect) => {
                self.races.meet(Race::Unanswered);
                self.fleet.lose_perhaps((sent, at), (agent, slot));
            }
            (Ended::Unanswered, _) => self.races.meet(Race::Unanswered),
            _ => {}
        }
        if let Ended::Done(versions) = &ended {
            for &(property, version) in versions {
                if self.plan.properties[property as usize].is_own {
                    self.desks[property as usize].written.add(at, version);
                    self.note_switches(property, version, sent, at);
                }
            }
        }
        let properties: Vec<PropertyIndex> = self.fleet.properties_of(agent).collect();
        for property in properties {
            self.desks[property as usize].open.retain(|(open, _)| *open != write);
            self.work_off(property);
        }
    }

    /// Notes which widgets a write changes that took effect at a version.
    fn note_switches(&mut self, property: PropertyIndex, version: u64, sent: Micros, at: Micros) {
        let knowing =
            |version| Knowing { at, version: Some((property, version)), within: 0, early: 0 };
        for widget in self.plan.properties[property as usize].widgets.clone() {
            let switch = Switch::Write { version: Some(version) };
            let before = knowing(version.saturating_sub(1));
            self.switch(widget, &before, &knowing(version), sent, switch);
        }
    }

    fn ask(&mut self, property: PropertyIndex, asked: Asked) {
        self.desks[property as usize].ask(asked);
        self.work_off(property);
    }

    /// Judges what waits at a property and need not any more.
    fn work_off(&mut self, property: PropertyIndex) {
        while let Some(asked) = self.desks[property as usize].next() {
            self.judge(property, asked);
        }
    }
}

/// What an answer shows, as far as it depends on presence and hours.
fn shown(said: &Said) -> Shown {
    (said.status, if said.chat { Chat::Possible } else { Chat::No })
}

/// An answer as something that may be seen.
fn sight(at: Micros, said: &Said) -> Sight {
    Sight { at, shown: shown(said), version: said.version }
}
