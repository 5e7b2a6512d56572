//! What a run gives: one model from which every report, gate, merge and comparison is made. Written
//! as JSON and read again; parts of a run add up without loss.
//!
//! | file | what it is about |
//! | --- | --- |
//! | `class` | in which ways an answer is wrong |
//! | `evidence` | a wrong answer, with what shows that it is wrong |
//! | `goal` | what a run was to meet, and has met |

mod class;
mod evidence;
mod goal;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::latencies::Latencies;

pub use class::Class;
pub use evidence::{
    Evidence, EvidenceSpan, RULES_FILE, ReceivedAnswer, SentRequest, ServiceName, SpanKind,
};
pub use goal::{Goal, GoalCount};

/// Grows when the fields of the JSON change their meaning.
pub const FORMAT: u32 = 2;

/// Why a result is not one of a whole run that was written while the run went on.
pub const STILL_RUNNING: &str = "it was still running when this was written";

/// How the generator's warning begins that visitors were sent late within the limits of the target.
pub const WAITED_FOR_TURNS: &str = "visitors waited for their turn within the target's limits";

/// So many kinds of wrong answers are told in full of each class, the first ones; all are counted, and
/// listed.
pub const EVIDENCE_MAX_PER_CLASS: usize = 100;

/// The result of a run: what was run, what was measured, and what was wrong. This is what a result file
/// holds.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct LoadResult {
    /// The [`FORMAT`] in which the fields below are meant.
    pub format: u32,
    /// What was run, against what.
    pub about: AboutRun,
    /// Visitors asked for, and sent.
    pub rate: Rate,
    /// By the name of the operation, see [`OperationStats`].
    pub operations: BTreeMap<String, OperationStats>,
    /// From a write that changes what a widget shows to the widget showing it.
    pub propagation: Propagation,
    /// From a scheduler's edge, or the end of a grace, to the widget showing it.
    pub edges: EdgePropagation,
    /// What the judge came to.
    pub judged: Judged,
    /// What the plan was to meet, and what the run has met of it.
    #[serde(default)]
    pub goals: BTreeMap<Goal, GoalCount>,
    /// How things went, from the run's first instant on, in stretches of
    /// [`AboutRun::interval_ms`].
    pub intervals: Vec<IntervalStats>,
    /// What the generator itself took.
    pub generator: Generator,
    /// Times in which the target gave no right answer, in their order.
    #[serde(default)]
    pub outages: Vec<Outage>,
    /// What could not be read or cleaned up once the run was over, a line each.
    #[serde(default)]
    pub unfinished: Vec<String>,
    /// Goose's own tables of the agents' requests, as text.
    pub goose: String,
    /// The verdicts of all gates, in the order in which they were given.
    pub gates: Vec<GateVerdict>,
}

/// What was run, against what.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct AboutRun {
    /// The release of Lamplighter that ran it.
    pub lamplighter: String,
    /// The address of the target, as `http://HOST:PORT`.
    pub target: String,
    /// The product whose calls were made.
    pub product: String,
    /// What the target cannot do or does by other rules, and so was not played, in half a sentence
    /// each.
    #[serde(default)]
    pub not_tested: Vec<String>,
    /// The arguments that give this plan again.
    pub arguments: String,
    /// The fingerprint of the plan, whenever it starts: parts of one run have the same.
    pub plan: String,
    /// The run's first instant on the target's clock, RFC 3339.
    pub start: String,
    /// How long it was to last, in milliseconds.
    pub duration_ms: u64,
    /// How long it lasted; less where it was ended early.
    pub lasted_ms: u64,
    /// Why it was ended early, if it was: a signal, a gate that failed, or [`STILL_RUNNING`].
    pub ended_early: Option<String>,
    /// Whether it was cut off from outside, by a signal or because the generator died: its gates are
    /// held against what there was by then, and say nothing of the rest.
    #[serde(default)]
    pub interrupted: bool,
    /// Which parts of the plan are in here: `1/4`, …; `1/1` for all of it.
    pub shards: Vec<String>,
    /// How many properties were played here.
    pub properties: u64,
    /// How many widgets those properties have.
    pub widgets: u64,
    /// How many agents were played here.
    pub agents: u64,
    /// How many devices those agents have.
    pub devices: u64,
    /// The grace of the service (rule P7), in milliseconds.
    pub grace_ms: u64,
    /// What the target had promised: an edge or the end of a grace shows so long after it.
    pub within_ms: u64,
    /// How far the target's clock was ahead of the generator's, in milliseconds.
    pub skew_ms: f64,
    /// How far that may be off to either side, in milliseconds, which the judge tolerates.
    pub skew_uncertain_ms: f64,
    /// The length of a stretch in [`LoadResult::intervals`], in milliseconds.
    pub interval_ms: u64,
}

/// Visitors asked for, and sent. The plan's rate is kept whatever the target does.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Rate {
    /// Arrivals that the plan had until the run ended.
    pub asked: u64,
    /// How many of them were sent.
    pub sent: u64,
    /// Those that were sent and answered, in whatever way, before the run was over.
    pub answered: u64,
    /// How late they were sent: what the generator adds, and what waiting for a free connection does.
    pub late: Latencies,
    /// How late the generator itself was in waking up for them, which is none of the target's doing.
    pub generator_late: Latencies,
}

impl Rate {
    /// Whether the rate was kept, which is the promise of the load test itself: 99 visitors of a
    /// hundred were sent.
    pub fn is_kept(&self) -> bool {
        self.sent * 100 >= self.asked * 99
    }
}

/// One kind of call: `widget` (a visitor's read), `events` (an event stream opens), `message`,
/// `login`, `status`, `logout`, `connect`, `team`.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct OperationStats {
    /// From the intended instant to the answer, whatever came between: no coordinated omission.
    pub intended: Latencies,
    /// From the first byte sent to the answer.
    pub service: Latencies,
    /// Those that were answered as they should be.
    pub ok: u64,
    /// All others, by what went wrong: `503`, `timed out`, `connection refused`.
    pub errors: BTreeMap<String, u64>,
}

/// From a change of a status to the widget showing it, from the moment in which it was sent. Only
/// changes that change what the widget shows are counted.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Propagation {
    /// To the event on a stream.
    pub push: Latencies,
    /// To the answer of the first read that shows it, the wait for that read included.
    pub poll: Latencies,
}

/// From the instant of a scheduler's edge, or of the end of a grace, to the widget showing it.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct EdgePropagation {
    /// How many edges of schedulers changed what a widget showed.
    pub schedulers: u64,
    /// How many graces ran out and changed what a widget showed (rule P7).
    pub graces: u64,
    /// To the event on a stream.
    pub push: Latencies,
    /// To the answer of the first read that shows it, the wait for that read included.
    pub poll: Latencies,
}

/// What the judge held against the rules, and what of it was wrong.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Judged {
    /// How many answers to reads of widgets were judged.
    pub reads: u64,
    /// Those for which there was one admissible answer only.
    pub decisive: u64,
    /// Events on streams that were judged.
    pub pushes: u64,
    /// Statuses of teams, looked at and pushed.
    pub teams: u64,
    /// Messages that were acknowledged, and so must be there in the end.
    pub messages: u64,
    /// How many answers were wrong, by class.
    pub wrong: BTreeMap<Class, u64>,
    /// How many answers had been judged when the first was wrong.
    #[serde(default)]
    pub first_wrong_after: Option<u64>,
    /// The smallest promise, in milliseconds, with which no edge and no grace would have been early
    /// or late; `None` where none is enough.
    pub within_enough_ms: Option<f64>,
    /// The coverage goals that the run has met: `read-over-an-edge`, `two-devices-at-once`, …
    pub races: BTreeMap<String, u64>,
    /// The first wrong answer of each kind, with what shows that it is wrong; of each class
    /// [`EVIDENCE_MAX_PER_CLASS`] kinds at most.
    pub evidence: Vec<Evidence>,
    /// How many kinds of wrong answers there were: of one property and class, with the same said and
    /// the same admissible.
    #[serde(default)]
    pub kinds: u64,
    /// How many wrong answers stand in the list of all of them, a line each.
    #[serde(default)]
    pub listed: u64,
    /// What was seen and could not be judged, by why: too many writes of one agent overlap, by rules by
    /// which what one device does reaches the others.
    #[serde(default)]
    pub not_tested: BTreeMap<String, u64>,
    /// Microseconds of a processor that judging took.
    pub cpu_us: u64,
}

impl Judged {
    /// All observations: what was answered to reads, pushed, and acknowledged.
    pub fn observation_count(&self) -> u64 {
        self.reads + self.pushes + self.teams + self.messages
    }

    /// How many wrong answers there are, of all classes together.
    pub fn wrong_count(&self) -> u64 {
        self.wrong.values().sum()
    }
}

/// How things went for a while.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct IntervalStats {
    /// Arrivals of visitors that the plan had.
    pub asked: u64,
    /// Visitors' reads that were answered as they should be.
    pub answered: u64,
    /// Calls of any kind that were not.
    pub errors: u64,
    /// Calls of agents that were answered as they should be.
    pub agent_calls: u64,
    /// Answers that were found wrong, by when they were given.
    pub wrong: u64,
    /// Visitors' reads, from their intended instants, counted to two digits: a run has hundreds of these.
    pub widget: Latencies,
    /// Sockets of devices that were open at its end.
    pub sockets: u64,
    /// Event streams that were open at its end.
    pub streams: u64,
    /// Connections of visitors that were open at its end.
    pub connections: u64,
}

/// A time in which the target gave no right answer although it was asked: it refused, did not answer,
/// answered 5xx, or let everyone wait. What makes one: [`outages`](crate::outages).
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Outage {
    /// The moment of its last right answer before, or in which the first call that failed was sent,
    /// whichever is later; in microseconds of the run.
    pub from_us: i64,
    /// The moment of the first right answer behind it, in microseconds of the run; `None` where none
    /// came any more.
    pub to_us: Option<i64>,
    /// Calls that failed in it, by what went wrong: `connection refused`, `timed out`, `503`.
    pub failed: BTreeMap<String, u64>,
    /// Calls that were sent in it and answered as they should be, only once it was over.
    pub waited: u64,
    /// Whether what was acknowledged before it was still true behind it.
    pub after: AfterOutage,
}

impl Outage {
    /// All calls that failed in it.
    pub fn failed_count(&self) -> u64 {
        self.failed.values().sum()
    }
}

/// Whether what was acknowledged before an outage was still true behind it: answers that were asked
/// for behind it, until the next one, and messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct AfterOutage {
    /// Reads of widgets, and looks at teams.
    pub answers: u64,
    /// How many of them were wrong.
    pub wrong: u64,
    /// Those about properties at which nothing had been written since the outage began: they rest on
    /// what was acknowledged before it, and on the clock.
    pub unchanged: u64,
    /// How many of those were wrong, but for edges and graces: they are the clock's.
    pub unchanged_wrong: u64,
    /// Messages that were acknowledged before it and looked for in the end.
    pub messages: u64,
    /// How many of them were not there, or not as they were left.
    pub messages_lost: u64,
}

/// What the generator itself took.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Generator {
    /// The time of processors that it took, in microseconds.
    pub cpu_us: u64,
    /// The most memory that it held, in bytes.
    pub memory_bytes_max: u64,
    /// Said loudly: that it fell behind, and the like.
    pub warnings: Vec<String>,
}

/// What a gate says to a result, and whether the result passes it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct GateVerdict {
    /// The gate as it was typed: `p99(widget) > 50ms`.
    pub gate: String,
    /// Whether it holds, that is, whether the run passes it.
    pub passed: bool,
    /// What was measured, with its unit: `12.3ms`.
    pub value: String,
}
