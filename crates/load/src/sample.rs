//! Results made up for tests: a run with all that a report can show, whole or in parts.

use std::collections::BTreeMap;

use super::draw::Draw;
use super::latencies::Latencies;
use super::result::{
    AboutRun, AfterOutage, Class, EdgePropagation, Evidence, EvidenceSpan, FORMAT, Generator, Goal,
    GoalCount, IntervalStats, Judged, LoadResult, OperationStats, Outage, Propagation, Rate,
    ReceivedAnswer, SentRequest, ServiceName, SpanKind,
};
use super::tally::{CONNECT, EVENTS, LOGIN, LOGOUT, MESSAGE, STATUS, TEAM, WIDGET};

/// What the run is like.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// How long the run lasts, in seconds.
    pub seconds: u64,
    /// How many visitors come in a second.
    pub rate: u64,
    /// By how much everything takes longer than it should.
    pub slower: f64,
    /// What it is drawn from.
    pub seed: u64,
    /// Wrong answers, errors, a stall in the middle, and a generator that fell behind.
    pub is_bad: bool,
}

impl Default for Sample {
    fn default() -> Self {
        Self { seconds: 10, rate: 100, slower: 1.0, seed: 1, is_bad: false }
    }
}

impl Sample {
    /// The result of all of it.
    pub fn whole(self) -> LoadResult {
        let mut whole = self.parts(1);
        whole.remove(0)
    }

    /// The same run by so many generators: every draw falls to one of them.
    pub fn parts(self, count: usize) -> Vec<LoadResult> {
        let mut parts: Vec<LoadResult> = (1..=count).map(|i| self.empty(i, count)).collect();
        let mut draw = Draw(self.seed);
        for second in 0..self.seconds {
            for index in 0..self.rate {
                let part = &mut parts[index as usize % count];
                self.visitor(part, second, &mut draw);
            }
            for index in 0..self.rate / 5 {
                self.agent(&mut parts[index as usize % count], second, &mut draw);
            }
            let extra = draw.next() % 5;
            for (index, part) in parts.iter_mut().enumerate() {
                let open =
                    |all: u64| all / count as u64 + u64::from(index == 0) * (all % count as u64);
                let grown = self.rate * (second + 1).min(20) / 20;
                let interval = &mut part.intervals[second as usize];
                interval.sockets = open(7 * grown);
                interval.streams = open(grown / 2);
                interval.connections = open(grown / 10 + extra);
            }
        }
        for part in &mut parts {
            part.judged.reads = part.rate.answered;
            part.judged.decisive = part.rate.answered;
        }
        if self.is_bad {
            self.spoil(&mut parts);
        }
        parts.iter_mut().for_each(|part| part.goals = goals(part));
        parts
    }

    fn stalls(self, second: u64) -> bool {
        self.is_bad && (second == self.seconds * 2 / 5 || second == self.seconds * 2 / 5 + 1)
    }

    fn visitor(self, part: &mut LoadResult, second: u64, draw: &mut Draw) {
        let service = around(draw, 900.0 * self.slower);
        let late = around(draw, 60.0);
        let waited = if self.stalls(second) { 2e6 * draw.unit() } else { 0.0 };
        let fails = draw.unit() < if self.stalls(second) { 0.2 } else { 0.0 };
        part.rate.asked += 1;
        part.rate.sent += 1;
        part.rate.answered += 1;
        part.rate.late.record((late + waited / 4.0) as u64);
        part.rate.generator_late.record(late as u64);
        let operation = part.operations.entry(WIDGET.to_owned()).or_default();
        operation.intended.record((late + waited + service) as u64);
        operation.service.record((waited / 50.0 + service) as u64);
        let interval = &mut part.intervals[second as usize];
        interval.asked += 1;
        interval.widget.record((late + waited + service) as u64);
        if fails {
            let why = if draw.unit() < 0.7 { "503" } else { "timed out" };
            *operation.errors.entry(why.to_owned()).or_default() += 1;
            interval.errors += 1;
        } else {
            operation.ok += 1;
            interval.answered += 1;
        }
    }

    fn agent(self, part: &mut LoadResult, second: u64, draw: &mut Draw) {
        let (name, median_us) = [
            (STATUS, 1_800.0),
            (TEAM, 1_100.0),
            (LOGIN, 42_000.0),
            (LOGOUT, 1_700.0),
            (CONNECT, 1_300.0),
            (EVENTS, 1_200.0),
            (MESSAGE, 2_400.0),
        ][(draw.next() % 7) as usize];
        let service = around(draw, median_us * self.slower);
        let operation = part.operations.entry(name.to_owned()).or_default();
        operation.intended.record((service + 150.0) as u64);
        operation.service.record(service as u64);
        operation.ok += 1;
        if !matches!(name, EVENTS | MESSAGE) {
            part.intervals[second as usize].agent_calls += 1;
        }
        match name {
            STATUS => {
                part.propagation.push.record(around(draw, 3_900.0 * self.slower) as u64);
                part.propagation.poll.record(around(draw, 180_000.0) as u64);
                part.judged.pushes += 1;
            }
            TEAM => part.judged.teams += 1,
            MESSAGE => part.judged.messages += 1,
            LOGOUT if draw.unit() < 0.2 => {
                part.edges.schedulers += 1;
                part.edges.push.record(around(draw, 9_000.0) as u64);
                part.edges.poll.record(around(draw, 150_000.0) as u64);
            }
            CONNECT if draw.unit() < 0.2 => part.edges.graces += 1,
            _ => {}
        }
        for (goal, chance) in [("read-over-an-edge", 0.1), ("two-devices-at-once", 0.02)] {
            if draw.unit() < chance {
                *part.judged.races.entry(goal.to_owned()).or_default() += 1;
            }
        }
    }

    fn spoil(self, parts: &mut [LoadResult]) {
        let from_us = self.seconds as i64 * 600_000;
        for (index, (class, about)) in [
            (Class::Stale, "lt-harbour-17/sales"),
            (Class::Stale, "lt-<script>alert(1)</script>"),
            (Class::EdgeLate, "lt-mill-204"),
            (Class::LostMessage, "lt-quay-9"),
        ]
        .into_iter()
        .enumerate()
        {
            let count = parts.len();
            let at = from_us + 100_000 * index as i64;
            let part = &mut parts[index % count];
            *part.judged.wrong.entry(class).or_default() += 1;
            part.intervals[(at / 1_000_000) as usize].wrong += 1;
            part.judged.evidence.push(evidence(class, about, at));
            part.judged.kinds += 1;
            part.judged.listed += 1;
        }
        for index in 0..16 {
            let place = index % parts.len();
            let word = if index % 2 == 0 { "503" } else { "timed out" };
            outage(&mut parts[place], self.seconds as i64 * 400_000, word);
        }
        for part in parts {
            part.judged.within_enough_ms = Some(3_041.0);
            part.judged.decisive -= part.judged.decisive / 8;
            part.generator.warnings.push(
                "the generator fell behind: its own lateness reached 1.94s; give it a machine of \
                 its own, or divide the plan with --shard"
                    .to_owned(),
            );
        }
    }

    fn empty(self, index: usize, count: usize) -> LoadResult {
        let (place, of) = (index as u64 - 1, count as u64);
        let share = |all: u64| all / of + u64::from(place < all % of);
        LoadResult {
            format: FORMAT,
            about: AboutRun {
                lamplighter: "0.1.0".to_owned(),
                target: "http://127.0.0.1:8080".to_owned(),
                product: "reference".to_owned(),
                not_tested: Vec::new(),
                arguments: format!(
                    "--properties {} --visitors {}/s --seed 1",
                    self.rate, self.rate
                ),
                plan: "6f0c2b7e91d4a853".to_owned(),
                start: "2026-03-09T13:00:00Z".to_owned(),
                duration_ms: self.seconds * 1_000,
                lasted_ms: self.seconds * 1_000,
                ended_early: None,
                interrupted: false,
                shards: vec![format!("{index}/{count}")],
                properties: share(self.rate),
                widgets: share(self.rate * 6 / 5),
                agents: share(self.rate * 5),
                devices: share(self.rate * 8),
                grace_ms: 20_000,
                within_ms: 250,
                skew_ms: 0.3,
                skew_uncertain_ms: 0.8,
                interval_ms: 1_000,
            },
            rate: Rate::default(),
            operations: Default::default(),
            propagation: Propagation::default(),
            edges: EdgePropagation::default(),
            judged: Judged { within_enough_ms: Some(113.4), cpu_us: 20_000, ..Judged::default() },
            goals: Default::default(),
            intervals: vec![IntervalStats::default(); self.seconds as usize],
            generator: Generator {
                cpu_us: 700_000,
                memory_bytes_max: 184 << 20,
                warnings: Vec::new(),
            },
            outages: Vec::new(),
            unfinished: Vec::new(),
            goose: String::new(),
            gates: Vec::new(),
        }
    }
}

/// What was planned of each goal, and met, by what a part has counted.
fn goals(part: &LoadResult) -> BTreeMap<Goal, GoalCount> {
    let LoadResult { judged, edges, propagation, .. } = part;
    [
        (Goal::Edges, edges.schedulers, edges.schedulers),
        (Goal::Graces, edges.graces, edges.graces),
        (Goal::ShiftChanges, edges.graces, edges.graces),
        (Goal::StormDrops, 0, 0),
        (Goal::Messages, judged.messages, judged.messages),
        (Goal::DecisiveReads, judged.reads, judged.reads),
        (Goal::PropagationByPoll, propagation.poll.count(), propagation.poll.count()),
        (Goal::PropagationByPush, propagation.push.count(), propagation.push.count()),
    ]
    .map(|(goal, planned, met)| (goal, GoalCount { planned, met }))
    .into()
}

/// An operation whose calls all took the same time.
pub fn operation(us: u64, ok: u64, failed: u64) -> OperationStats {
    let mut latencies = Latencies::default();
    (0..ok + failed).for_each(|_| latencies.record(us));
    let errors = [("503".to_owned(), failed)].into_iter().filter(|(_, count)| *count > 0).collect();
    OperationStats { intended: latencies.clone(), service: latencies, ok, errors }
}

/// One more call of an outage that lasts 1.9 s, with one more answer behind it.
fn outage(part: &mut LoadResult, from_us: i64, word: &str) {
    let to_us = Some(from_us + 1_900_000);
    let own = || Outage { from_us, to_us, ..Outage::default() };
    if part.outages.is_empty() {
        part.outages.push(own());
    }
    let outage = &mut part.outages[0];
    *outage.failed.entry(word.to_owned()).or_default() += 4;
    outage.waited += 1;
    let AfterOutage { answers, unchanged, messages, .. } = &mut outage.after;
    *answers += 7;
    *unchanged += 3;
    *messages += 1;
}

fn evidence(class: Class, about: &str, at: i64) -> Evidence {
    let (answered, admissible, why, around) = match class {
        Class::EdgeLate => (
            "online, chat possible (version 41)",
            "offline, no chat",
            "the scheduler had closed 3.04s before; promised are 250ms, tolerated 1.1ms",
            vec![
                ("scheduler closes", at - 3_041_000, Some(at - 2_790_000), SpanKind::Edge),
                ("this answer", at, Some(at + 1_200), SpanKind::Answer),
            ],
        ),
        Class::LostMessage => (
            "201 Created",
            "the message, as it was left",
            "it was acknowledged, and is not among the messages that the property has",
            vec![("this answer", at, Some(at + 2_400), SpanKind::Answer)],
        ),
        _ => (
            "away, chat possible (version 17)",
            "online, chat possible",
            "it was true until 412ms before the read was sent, and could not be any more",
            vec![
                ("ann.3 goes away on laptop", at - 730_000, Some(at - 727_400), SpanKind::Write),
                ("ann.3 goes online on laptop", at - 414_600, Some(at - 412_000), SpanKind::Write),
                ("grace of ben.1@phone ends", at - 190_000, Some(at + 60_000), SpanKind::Grace),
                ("this answer", at, Some(at + 1_900), SpanKind::Answer),
                ("ben.1 logs in on phone", at + 1_000, None, SpanKind::Write),
            ],
        ),
    };
    Evidence {
        class,
        about: about.to_owned(),
        names: vec![ServiceName { planned: about.to_owned(), there: "ll4k2m9q17".to_owned() }],
        who: "a visitor on /pricing, from DE, on a desktop".to_owned(),
        request_id: Some(format!("lt-1-{}", at / 10_000)),
        sent_us: at,
        answered_us: at + 1_900,
        at: "2026-03-09T13:00:06.001Z".to_owned(),
        answered: answered.to_owned(),
        admissible: vec![admissible.to_owned()],
        why: why.to_owned(),
        alike: 1,
        request: Some(SentRequest {
            method: "GET".to_owned(),
            path: "/v1/widgets/lt-harbour-17?country=DE&device=desktop".to_owned(),
            headers: vec![("host".to_owned(), "127.0.0.1:8080".to_owned())],
            body: String::new(),
        }),
        answer: Some(ReceivedAnswer {
            status: 200,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: r#"{"widget":"lt-harbour-17","status":"away","chat":true,"version":17}"#
                .to_owned(),
        }),
        around: around
            .into_iter()
            .map(|(what, from_us, to_us, kind)| EvidenceSpan {
                what: what.to_owned(),
                from_us,
                to_us,
                kind,
            })
            .collect(),
        scenario: "scenario What the service had been told\nproperty harbour\n  members ann, ben\n\
             at 2026-03-09 13:00:05\n  ann goes away on laptop\nat +316ms\n  ann goes online on \
             laptop\nat +412ms\n  expect harbour online because agent-online\n"
            .to_owned(),
        rules: None,
    }
}

/// Around a median, with a long tail.
fn around(draw: &mut Draw, median_us: f64) -> f64 {
    let normal = (0..12).map(|_| draw.unit()).sum::<f64>() - 6.0;
    let tail = if draw.unit() < 0.01 { 3.0 + 9.0 * draw.unit() } else { 1.0 };
    median_us * (0.35 * normal).exp() * tail
}
