//! What is counted while a run goes on: calls by operation, arrivals, and how things went from one
//! stretch of time to the next.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::clock::Micros;
use super::error_labels;
use super::history::Record;
use super::latencies::Latencies;
use super::observation::Observation;
use super::outages::{OutageWatch, SpanOfCall};
use super::plan::RunPlan;
use super::result::{Class, IntervalStats, OperationStats, Outage, Rate};

/// A visitor's read of a widget.
pub const WIDGET: &str = "widget";
/// An event stream opens.
pub const EVENTS: &str = "events";
/// A visitor leaves a message.
pub const MESSAGE: &str = "message";
/// A device logs in.
pub const LOGIN: &str = "login";
/// A device's status is set, or that of all devices.
pub const STATUS: &str = "status";
/// A device logs out, or all devices.
pub const LOGOUT: &str = "logout";
/// A device's socket opens.
pub const CONNECT: &str = "connect";
/// An agent looks at a team.
pub const TEAM: &str = "team";

/// So many stretches of time are copied without a pause for those who count.
const COPIED_AT_ONCE: usize = 4;

/// RunCounts, from any thread.
#[derive(Debug)]
pub struct Tally {
    interval_us: Micros,
    counts: Mutex<RunCounts>,
    outages: Mutex<OutageWatch>,
    /// Sockets of devices that are open.
    pub sockets: AtomicU64,
    /// How many event streams of visitors are open now.
    pub streams: AtomicU64,
    /// Connections of visitors that are open.
    pub connections: AtomicU64,
}

/// What was counted while a run went on, all threads together.
#[derive(Clone, Debug, Default)]
pub struct RunCounts {
    /// The calls of each operation, by its name.
    pub operations: BTreeMap<&'static str, OperationStats>,
    /// How many visitors were asked for, and sent.
    pub rate: Rate,
    /// How late agents and their sockets are served by the generator, looked at twenty times a
    /// second.
    pub agents_late: Latencies,
    /// From the run's first instant on.
    pub intervals: Vec<IntervalStats>,
}

/// When a call was to be made, was made, and was answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CallTiming {
    /// The instant at which the plan has it.
    pub intended: Micros,
    /// When its first byte was sent.
    pub sent: Micros,
    /// When its answer was there, or it was known that there will be none.
    pub answered: Micros,
}

/// One more error, by what went wrong.
fn count(errors: &mut BTreeMap<String, u64>, why: &str) {
    match errors.get_mut(why) {
        Some(count) => *count += 1,
        None => *errors.entry(error_labels::counted(errors, why).to_owned()).or_default() += 1,
    }
}

impl Tally {
    /// Nothing is counted yet; stretches are so long.
    pub fn new(interval_ms: u64) -> Self {
        Self {
            interval_us: (interval_ms.max(1) * 1_000) as Micros,
            counts: Mutex::default(),
            outages: Mutex::default(),
            sockets: AtomicU64::new(0),
            streams: AtomicU64::new(0),
            connections: AtomicU64::new(0),
        }
    }

    /// RunCounts a call; its error is what went wrong, in a word or two.
    pub fn call(&self, operation: &'static str, timing: CallTiming, outcome: Result<(), &str>) {
        let CallTiming { intended, sent, answered } = timing;
        self.watch().call(SpanOfCall { sent, ended: answered }, outcome);
        let length = |from: Micros| u64::try_from(answered - from).unwrap_or(0);
        let mut counts = self.lock();
        let counted = counts.operations.entry(operation).or_default();
        match outcome {
            Ok(()) => counted.ok += 1,
            Err(why) => count(&mut counted.errors, why),
        }
        // A call that failed took its time, too: a service that answers nobody is not a fast one.
        counted.intended.record(length(intended));
        counted.service.record(length(sent));
        let interval = self.interval(&mut counts, answered);
        match (outcome, operation) {
            (Err(_), _) => interval.errors += 1,
            (Ok(()), WIDGET) => interval.answered += 1,
            (Ok(()), EVENTS | MESSAGE) => {}
            (Ok(()), _) => interval.agent_calls += 1,
        }
        if operation == WIDGET {
            interval.widget.record_coarsely(length(intended));
        }
    }

    /// RunCounts something that went wrong and was no call of its own, as a stream that ends by itself.
    pub fn error(&self, operation: &'static str, at: Micros, why: &str) {
        self.watch().call(SpanOfCall { sent: at, ended: at }, Err(why));
        let mut counts = self.lock();
        count(&mut counts.operations.entry(operation).or_default().errors, why);
        self.interval(&mut counts, at).errors += 1;
    }

    /// RunCounts an arrival that is due, and by how much the generator woke up late for it.
    pub fn arrival(&self, intended: Micros, woke: Micros) {
        self.watch().woke(intended, woke);
        let mut counts = self.lock();
        counts.rate.asked += 1;
        counts.rate.generator_late.record(u64::try_from(woke - intended).unwrap_or(0));
        self.interval(&mut counts, intended).asked += 1;
    }

    /// RunCounts that the visitor's request was sent.
    pub fn sent(&self, intended: Micros, sent: Micros) {
        let mut counts = self.lock();
        counts.rate.sent += 1;
        counts.rate.late.record(u64::try_from(sent - intended).unwrap_or(0));
    }

    /// RunCounts that a visitor's request was answered, in whatever way.
    pub fn answered(&self) {
        self.lock().rate.answered += 1;
    }

    /// RunCounts by how much what agents were to do at a moment was begun late.
    pub fn agents_late(&self, by_us: u64) {
        self.lock().agents_late.record(by_us);
    }

    /// RunCounts a wrong answer.
    pub fn wrong(&self, observation: &Observation, class: Class) {
        self.watch().wrong(observation, class);
        let mut counts = self.lock();
        self.interval(&mut counts, observation.returned).wrong += 1;
    }

    /// Records of the history are about to be judged: what was asked for behind an outage counts.
    pub fn judging(&self, records: &[Record], plan: &RunPlan) {
        self.watch().take(records, plan);
    }

    /// A message that was acknowledged at a moment was looked for in the end.
    pub fn looked_for_message(&self, acknowledged: Micros, is_lost: bool) {
        self.watch().message(acknowledged, is_lost);
    }

    /// The times so far in which the target gave no right answer.
    pub fn outages(&self) -> Vec<Outage> {
        self.watch().outages()
    }

    /// Samples what is open at this moment; to be called once for each stretch, near its end.
    pub fn sample_open(&self, at: Micros) {
        let open = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let (sockets, streams, connections) =
            (open(&self.sockets), open(&self.streams), open(&self.connections));
        let mut counts = self.lock();
        let interval = self.interval(&mut counts, at);
        (interval.sockets, interval.streams, interval.connections) =
            (sockets, streams, connections);
    }

    /// What has come together so far. It is copied a little at a time, so that nobody waits for it who
    /// counts meanwhile.
    pub fn counts(&self) -> RunCounts {
        let (mut counts, stretches) = self.look(|counts| {
            let RunCounts { operations, rate, agents_late, intervals } = counts;
            let (operations, rate) = (operations.clone(), rate.clone());
            let agents_late = agents_late.clone();
            let copied = RunCounts { operations, rate, agents_late, intervals: Vec::new() };
            (copied, intervals.len())
        });
        for from in (0..stretches).step_by(COPIED_AT_ONCE) {
            let to = stretches.min(from + COPIED_AT_ONCE);
            self.look(|now| counts.intervals.extend_from_slice(&now.intervals[from..to]));
        }
        counts
    }

    /// Looks at what has come together so far, without copying it.
    pub fn look<T>(&self, look: impl FnOnce(&RunCounts) -> T) -> T {
        look(&self.lock())
    }

    fn interval<'c>(&self, counts: &'c mut RunCounts, at: Micros) -> &'c mut IntervalStats {
        let place = usize::try_from(at.max(0) / self.interval_us).unwrap_or(0);
        if counts.intervals.len() <= place {
            // Hardly anything more will be counted in the stretch before.
            counts.intervals.iter_mut().rev().take(2).for_each(|before| before.widget.shrink());
            counts.intervals.resize_with(place + 1, IntervalStats::default);
        }
        &mut counts.intervals[place]
    }

    fn watch(&self) -> MutexGuard<'_, OutageWatch> {
        // Nor does watching.
        self.outages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, RunCounts> {
        // Counting does not panic half-way.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_counts_from_its_intended_instant_and_in_the_stretch_of_its_answer() {
        let tally = Tally::new(1_000);
        let timing = CallTiming { intended: 900_000, sent: 1_000_000, answered: 1_250_000 };
        tally.call(WIDGET, timing, Ok(()));
        tally.call(WIDGET, timing, Err("503"));
        tally.call(LOGIN, timing, Ok(()));
        tally.arrival(900_000, 900_100);
        let counts = tally.counts();
        let widget = &counts.operations[WIDGET];
        assert_eq!((widget.ok, widget.errors["503"]), (1, 1));
        assert_eq!(widget.intended.max() / 1_000, 350);
        assert_eq!(widget.service.max() / 1_000, 250);
        assert_eq!(counts.intervals.len(), 2);
        assert_eq!((counts.intervals[0].asked, counts.intervals[1].answered), (1, 1));
        assert_eq!((counts.intervals[1].errors, counts.intervals[1].agent_calls), (1, 1));
    }
}
