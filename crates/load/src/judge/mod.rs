//! The judge: an online consistency checker. Of every observation it decides whether it could be, from
//! the history of what was written and when.
//!
//! ```text
//! history ─▶ operations on devices ─▶ what each property could be ─┐
//!                 edges of schedulers ────────────────────────────┴▶ admissible states ─▶ verdict
//! ```
//!
//! # What is checked
//!
//! **The objects.** Each property is a replicated object of its own; nothing is checked across
//! properties. Its state is made by the rules (P4 to P6, W1 to W6) of registers with one writer each: a
//! device, written by its agent and by the clock when its grace runs out (rule P7), and a scheduler,
//! written by the clock alone (rules S2, S3). A single-writer history needs no search for an order of
//! writes, as checkers of linearizability (Wing and Gong 1993; Lowe 2017; Porcupine, Knossos) make it:
//! the agent's own order is known, and what overlaps may have taken effect in either order.
//!
//! **The history** is one of invocations and returns on one clock, as in Jepsen. A write may take effect
//! at any moment from its invocation to its return; one that is *in flight* may or may not have. A write
//! that nobody answered is *indeterminate* (Jepsen's `:info`): it stays possible until a fresh login of
//! its device (rule P1) voids the token that it was sent with. A refused write has no effect.
//!
//! **Admissible reads.** A read has a *window*, from its invocation to its return. What it shows is
//! admissible if the rules give it for some combination of register values that were all current at one
//! moment of the window: of each register the value of the last write that surely took effect before, or
//! that of any write that overlaps (Lamport's regular registers, 1986, but for one moment common to
//! all). A read that overlaps nothing has one admissible answer: it is *decisive*.
//!
//! **Staleness bound.** What the clock does, an edge of a scheduler or the end of a grace, may show late
//! by as much as the target has promised (`--within`), and early or late by what is uncertain of its
//! clock; no later ([`StalenessBound`]; bounded staleness, Δ-atomicity: Golab, Li and Shah 2011). A push
//! must come within the same bound. Where a target says that writes show some time after their answer
//! ([`StalenessBounds`]), a write counts as overlapping until then: old and new are both admissible.
//!
//! **Versions**, where answers carry them, name the prefix of the property's writes that an answer knew.
//! Then exactly the writes up to the version count, and real time orders versions as linearizability
//! asks (Herlihy and Wing 1990): no read may know less than a write that was acknowledged before its
//! invocation (*read-your-writes*, whoever wrote), nor less than another read had returned by then, nor
//! may versions go back on one session (*monotonic reads*: Terry and others 1994, there for a session,
//! here for everyone). Without versions the last two show only where the older answer is not admissible
//! any more.
//!
//! **Messages** (rule C2): what was acknowledged is there in the end, once and as it was left.
//!
//! Verdicts wait: a read is *pending* until all writes that it overlaps have returned, so that everything
//! is known of them; a violation is pending for some seconds more, for a connection that was lost may be
//! learnt of late. What no observation can ask for that is still to be judged is forgotten: nothing is kept
//! for longer than some minutes, however long the run.
//!
//! | file | what it does |
//! | --- | --- |
//! | `bound` | how stale answers may be: what the target has promised, kind by kind |
//! | `operations` | takes writes and losses from the history, and what the clock does |
//! | `device` | the history of one device, and its possible statuses at a point |
//! | `product_rules` | agents by other rules than the rule book's |
//! | `edges` | when schedulers open and close |
//! | `fleet` | all devices, what they add up to, and what a widget could show |
//! | `possible` | sets of what is possible, as bits |
//! | `pending` | reads that wait, and the versions that they must know |
//! | `window` | what is admissible in the window of a read |
//! | `verdict`, `team` | whether an observation is admissible, and if not, in which way |
//! | `violation`, `recheck` | violations, pending until they count |
//! | `evidence`, `scenario`, `text` | what shows a violation to a person |
//! | `propagation` | how long transitions take until they are seen |
//! | `forget` | what is let go of, so that a run of days takes no more memory than one of minutes |
//! | `coverage` | which coverage goals were met, and what of what the plan has laid |

mod bound;
mod coverage;
mod device;
mod edges;
mod evidence;
mod fleet;
mod forget;
mod operations;
mod pending;
mod possible;
mod product_rules;
mod propagation;
mod recheck;
mod scenario;
mod team;
#[cfg(test)]
mod tests;
mod text;
mod verdict;
mod violation;
mod window;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use coverage::{CoverageCounts, PlanTracker};
use edges::AllEdges;
use fleet::{DeviceKey, Fleet};
use pending::{PendingRead, PendingReads};
use propagation::PropagationTracker;
use violation::{KindState, PendingViolation, ViolationKind};

use super::clock::{Micros, SECOND_US};
use super::history::{Effect, Record, WriteId};
use super::observation::{Observation, SessionId};
use super::plan::{PropertyIndex, RunPlan, WidgetIndex};
use super::result::{Class, EdgePropagation, Judged, Propagation};
use super::service::Service;
use super::tally::Tally;
use lamplighter_core::hours::{UnknownZone, Zones};

pub use bound::{GraceRange, StalenessBound, StalenessBounds};
pub use coverage::{CoverageGoal, MetCounts};
pub use violation::WrongAnswer;

/// An answer that was true at some moment of so long before it was asked for is called stale.
const REMEMBERED_FOR: Micros = 25 * SECOND_US;

/// An event stream that is open.
#[derive(Clone, Debug)]
struct StreamSession {
    /// The property whose widget is watched.
    property: PropertyIndex,
    /// What came last on it and was right: it stands until the next event.
    last: Option<Observation>,
    /// The highest version that has come on it: none may be lower (monotonic reads).
    version: Option<u64>,
    /// Whether it is read slowly on purpose: then nothing is late.
    is_slow: bool,
}

/// A write in flight.
#[derive(Clone, Copy, Debug)]
struct Write {
    /// The device that has sent it.
    device: DeviceKey,
    /// What it does once it takes effect.
    effect: Effect,
    /// The moment at which it was sent.
    invoked: Micros,
}

/// What the judge came to, beside the counts of the tally.
#[derive(Debug)]
pub struct JudgeReport {
    /// How many observations there were, and which of them were wrong.
    pub judged: Judged,
    /// From transitions by writes to their sightings.
    pub propagation: Propagation,
    /// From edges and ends of graces to their sightings.
    pub edges: EdgePropagation,
    /// The wrong answers that were counted since [`Judge::take_wrong`] was last called.
    pub wrong: Vec<WrongAnswer>,
    /// What was met of what the plan has laid.
    pub met: MetCounts,
}

/// Judges every observation of a run.
#[derive(Debug)]
pub struct Judge {
    plan: Arc<RunPlan>,
    fleet: Fleet,
    bound: StalenessBound,
    tally: Arc<Tally>,
    /// What is pending, by property.
    pending: Vec<PendingReads>,
    streams: HashMap<SessionId, StreamSession>,
    /// All writes in flight, by their numbers.
    writes: HashMap<WriteId, Write>,
    propagation: PropagationTracker,
    coverage: CoverageCounts,
    tracker: PlanTracker,
    judged: Judged,
    /// What was found wrong and does not count yet.
    pending_violations: VecDeque<PendingViolation>,
    /// The kinds of violations so far.
    kinds: BTreeMap<ViolationKind, KindState>,
    /// How many of them there are of each class with evidence, pending ones too.
    told: BTreeMap<Class, usize>,
    /// Wrong answers that were counted and not taken yet.
    wrong_answers: Vec<WrongAnswer>,
    /// How many edges have passed, of all in the order of time.
    edges_passed: usize,
    /// Graces that run, by their ends.
    graces: BTreeSet<(Micros, DeviceKey)>,
    /// Records whose time has not come.
    later: Vec<Record>,
    /// When it was last looked at what can be forgotten.
    forgotten_at: Micros,
    /// From when on all is remembered that an observation may ask for.
    remembered_from: Micros,
    /// The smallest staleness bound that would have been enough so far; `None` once none is.
    within_enough: Option<Micros>,
    /// How many observations had been judged when the first was wrong.
    first_wrong_after: Option<u64>,
    /// Where the plan stands, by which names on the service are told.
    service: Option<Arc<Service>>,
}

impl Judge {
    /// Nothing has happened yet.
    ///
    /// # Errors
    /// When a scheduler of the plan is in a zone that nobody knows.
    pub fn new(
        plan: Arc<RunPlan>,
        bound: StalenessBound,
        zones: &Zones,
        tally: Arc<Tally>,
    ) -> Result<Self, UnknownZone> {
        let edges = AllEdges::new(&plan, &bound.bounds.rules, bound.clock_ahead, zones)?;
        let edges_passed = edges.in_order().partition_point(|(at, _)| *at < 0);
        Ok(Self {
            fleet: Fleet::new(Arc::clone(&plan), edges, bound.bounds),
            bound,
            tally,
            pending: vec![PendingReads::default(); plan.properties.len()],
            streams: HashMap::new(),
            writes: HashMap::new(),
            propagation: PropagationTracker::new(plan.widgets.len()),
            coverage: CoverageCounts::default(),
            tracker: PlanTracker::new(&plan),
            judged: Judged::default(),
            pending_violations: VecDeque::new(),
            kinds: BTreeMap::new(),
            told: BTreeMap::new(),
            wrong_answers: Vec::new(),
            edges_passed,
            graces: BTreeSet::new(),
            later: Vec::new(),
            forgotten_at: 0,
            remembered_from: Micros::MIN,
            within_enough: Some(0),
            first_wrong_after: None,
            service: None,
            plan,
        })
    }

    /// The plan stands on this service: evidence says what its names are there.
    #[must_use]
    pub fn on(mut self, service: Arc<Service>) -> Self {
        self.service = Some(service);
        self
    }

    /// Takes records. All that lie before `until` are there by now, in whatever order; those behind it
    /// are kept for the next time.
    pub fn take(&mut self, fresh: Vec<Record>, until: Micros) {
        // What was put in first comes first among records of the same moment.
        let mut records = std::mem::take(&mut self.later);
        records.extend(fresh);
        records.sort_by_key(Record::at);
        let ready = records.partition_point(|record| record.at() < until);
        self.later = records.split_off(ready);
        for record in records {
            self.advance_clock(record.at());
            self.follow(record);
        }
        self.advance_clock(until);
        self.forget_now_and_then(until);
    }

    /// What was judged so far; what is written into it only in the end is not in it.
    pub fn judged(&self) -> &Judged {
        &self.judged
    }

    /// Takes the wrong answers that were counted since it was last called, in the order in which they
    /// were counted.
    pub fn take_wrong(&mut self) -> Vec<WrongAnswer> {
        std::mem::take(&mut self.wrong_answers)
    }

    /// What was met so far of what the plan has laid.
    pub fn met(&self) -> MetCounts {
        self.tracker.met
    }

    /// The latencies of transitions by writes so far.
    pub fn propagation(&self) -> &Propagation {
        &self.propagation.writes
    }

    /// The latencies of transitions by the clock so far.
    pub fn edges(&self) -> &EdgePropagation {
        &self.propagation.edges
    }

    /// The smallest staleness bound, in milliseconds, that would have been enough so far; `None` once
    /// none is.
    pub fn within_enough_ms(&self) -> Option<f64> {
        self.within_enough.map(|us| us as f64 / 1_000.0)
    }

    /// What the judge came to so far, for a report of a run that goes on. Violations that are pending
    /// do not count yet.
    pub fn so_far(&self) -> JudgeReport {
        let judged = Judged {
            within_enough_ms: self.within_enough_ms(),
            races: self.coverage.by_name(),
            first_wrong_after: self.first_wrong_after,
            ..self.judged.clone()
        };
        let PropagationTracker { writes: propagation, edges, .. } = &self.propagation;
        JudgeReport {
            judged,
            propagation: propagation.clone(),
            edges: edges.clone(),
            wrong: Vec::new(),
            met: self.tracker.met,
        }
    }

    /// All is quiet, and all records are in: what came last on each open stream must be true now.
    pub fn finish(mut self, at: Micros) -> JudgeReport {
        let last = self.later.iter().map(Record::at).max().unwrap_or(at);
        self.take(Vec::new(), last.max(at) + 1);
        let open = self.streams.iter().map(|(session, stream)| (*session, stream.property));
        let mut open: Vec<(SessionId, PropertyIndex)> = open.collect();
        open.sort_unstable();
        for (session, property) in open {
            self.pending[property as usize].push(PendingRead::StreamEnd { session, at });
        }
        for property in 0..self.pending.len() {
            while let Some(pending) = self.pending[property].next_at_once() {
                self.judge(pending);
            }
        }
        // All that can be known is known.
        self.count_until(Micros::MAX);
        let report = self.so_far();
        JudgeReport { wrong: self.wrong_answers, ..report }
    }

    fn property_of(&self, widget: WidgetIndex) -> PropertyIndex {
        self.plan.widgets[widget as usize].property
    }

    /// Takes a record into account.
    fn follow(&mut self, record: Record) {
        match record {
            Record::Invoked { write, at, agent, slot, effect } => {
                self.invoke(write, Write { device: (agent, slot), effect, invoked: at });
            }
            Record::Returned { write, at, completion } => self.complete(write, at, &completion),
            Record::ConnectionLost { at, since, agent, slot } => {
                self.lose((since, at), (agent, slot));
            }
            Record::SessionExpired { at, since, agent, slot } => {
                self.learn_of_expiry((since, at), (agent, slot));
            }
            Record::Observed(observation) => {
                self.wait(observation.property, PendingRead::Observation(observation));
            }
            Record::StreamOpened { session, widget, is_slow, .. } => {
                let property = self.property_of(widget);
                let stream = StreamSession { property, last: None, version: None, is_slow };
                self.streams.insert(session, stream);
            }
            Record::StreamClosed { session, at } => {
                if let Some(stream) = self.streams.get(&session) {
                    self.wait(stream.property, PendingRead::StreamEnd { session, at });
                }
            }
            Record::MessageKept { .. } => self.judged.messages += 1,
        }
    }

    /// Something waits for its verdict, and for the writes in flight.
    fn wait(&mut self, property: PropertyIndex, pending: PendingRead) {
        self.pending[property as usize].push(pending);
        self.judge_ready(property);
    }

    /// Judges what is pending at a property and need not wait any more.
    fn judge_ready(&mut self, property: PropertyIndex) {
        while let Some(pending) = self.pending[property as usize].next() {
            self.judge(pending);
        }
    }
}
