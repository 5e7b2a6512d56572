//! What a run came to so far, as metrics for whoever watches services: one list, from which every way to tell
//! them is made. Names and units are those of Prometheus; what they are called in another place follows from
//! them.
//!
//! Counters and histograms count from the run's first instant on.

mod buckets;

use super::gather::{PartState, PartStatus};
use super::latencies::Latencies;
use super::result::{Class, LoadResult};

pub use buckets::{BOUNDS_A_POWER, bounds_us, counts_between};

/// Percentiles of each histogram that are told to its own precision, a thousandth.
pub const QUANTILES: [f64; 4] = [0.5, 0.9, 0.99, 0.999];

/// What a metric is measured in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MetricUnit {
    /// A number of things.
    Count,
    /// A length of time in seconds.
    Seconds,
    /// A size in bytes.
    Bytes,
}

/// What tells the points of a metric apart: names, and what they are.
pub type Labels = Vec<(&'static str, String)>;

/// A metric with all its points.
#[derive(Clone, PartialEq, Debug)]
pub struct Metric<'r> {
    /// Its name, without what every name begins with and without its unit: `latency`.
    pub name: &'static str,
    /// What it is measured in.
    pub unit: MetricUnit,
    /// What it is, in half a sentence.
    pub help: &'static str,
    /// The points of the metric, one for each set of labels.
    pub points: Points<'r>,
}

/// The points of a metric, by what kind of metric it is.
#[derive(Clone, PartialEq, Debug)]
pub enum Points<'r> {
    /// Numbers that only grow while the run lasts.
    Counters(Vec<Counter>),
    /// Numbers that go up and down, as they are now.
    Gauges(Vec<(Labels, f64)>),
    /// Histograms of lengths of time, in microseconds.
    Histograms(Vec<(Labels, &'r Latencies)>),
}

/// A number that only grows.
#[derive(Clone, PartialEq, Debug)]
pub struct Counter {
    /// What tells it from others of the metric.
    pub labels: Labels,
    /// How much it has come to, in the metric's unit.
    pub value: f64,
    /// One of those that were counted.
    pub exemplar: Option<Exemplar>,
}

/// One of what was counted, by which it is found.
#[derive(Clone, PartialEq, Debug)]
pub struct Exemplar {
    /// Where it stands in full: `file`, and `request_id` where there is one.
    pub labels: Labels,
    /// When it was, in milliseconds of 1970; `None` where that is not known.
    pub at_ms: Option<i64>,
}

/// What is told of a run: its result so far, and how its parts are doing where it is gathered.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Snapshot {
    /// What it came to so far; `None` before its first instant.
    pub result: Option<LoadResult>,
    /// The parts; none where there is one generator alone.
    pub parts: Vec<PartStatus>,
}

impl Snapshot {
    /// All metrics, in the order in which they are told.
    pub fn metrics(&self) -> Vec<Metric<'_>> {
        let of_run = self.result.iter().flat_map(of_run);
        of_run.chain(of_parts(&self.parts)).collect()
    }
}

fn of_run(result: &LoadResult) -> Vec<Metric<'_>> {
    let mut metrics = about(result);
    metrics.extend(visitors(result));
    metrics.extend(calls(result));
    metrics.extend(judged(result));
    metrics.extend(open_now(result));
    metrics.extend(generator(result));
    // Last, since they stand for what stands before.
    let quantiles = quantiles(&metrics);
    metrics.extend(quantiles);
    metrics
}

fn about(result: &LoadResult) -> Vec<Metric<'_>> {
    let about = &result.about;
    let labels = [
        ("lamplighter", &about.lamplighter),
        ("target", &about.target),
        ("product", &about.product),
        ("plan", &about.plan),
    ];
    let mut labels: Labels = labels.map(|(name, value)| (name, value.clone())).into();
    labels.push(("shards", about.shards.join(" ")));
    let gates = result.gates.iter().map(|gate| {
        let passes = if gate.passed { 1.0 } else { 0.0 };
        (vec![("gate", gate.gate.clone())], passes)
    });
    vec![
        gauge("run_info", "What is run, against what: always 1", [(labels, 1.0)]),
        seconds("run_length", "How long the run is to last", ms(about.duration_ms)),
        seconds("run_lasted", "How long it has lasted", ms(about.lasted_ms)),
        gauge("gate_passes", "1 while a gate holds, 0 while it fails the run", gates),
    ]
}

fn visitors(result: &LoadResult) -> Vec<Metric<'_>> {
    let rate = &result.rate;
    vec![
        count("visitors_asked", "Visitors whom the plan had so far", rate.asked),
        count("visitors_sent", "Visitors who were sent", rate.sent),
        count("visitors_answered", "Visitors who were answered, in whatever way", rate.answered),
        histogram("sending_late", "How late visitors were sent", [(vec![], &rate.late)]),
        histogram(
            "generator_late",
            "How much of that was the generator's own",
            [(vec![], &rate.generator_late)],
        ),
    ]
}

fn calls(result: &LoadResult) -> Vec<Metric<'_>> {
    let operation = |name: &str| ("operation", name.to_owned());
    let operations = || result.operations.iter();
    let ok = operations().map(|(name, stats)| (vec![operation(name)], stats.ok));
    let errors = operations().flat_map(|(name, stats)| {
        let counted = stats.errors.iter();
        counted.map(move |(why, count)| (vec![operation(name), ("error", why.clone())], *count))
    });
    let latencies = operations().flat_map(|(name, stats)| {
        let of = |from: &str| vec![operation(name), ("from", from.to_owned())];
        [(of("intended"), &stats.intended), (of("first-byte"), &stats.service)]
    });
    let (propagation, edges) = (&result.propagation, &result.edges);
    vec![
        counts("calls_ok", "Calls that were answered as they should be", ok),
        counts("call_errors", "Calls that were not, by what went wrong", errors),
        histogram(
            "latency",
            "From the instant at which a call was intended, or its first byte, to its answer",
            latencies,
        ),
        histogram(
            "propagation",
            "From a write to the widget showing it",
            shown_by(&propagation.push, &propagation.poll),
        ),
        histogram(
            "edge_late",
            "How late edges of schedulers and ends of graces showed",
            shown_by(&edges.push, &edges.poll),
        ),
    ]
}

/// How a change was seen: as an event on a stream, or by the next read.
fn shown_by<'r>(push: &'r Latencies, poll: &'r Latencies) -> [(Labels, &'r Latencies); 2] {
    [("push", push), ("poll", poll)].map(|(by, all)| (vec![("by", by.to_owned())], all))
}

fn judged(result: &LoadResult) -> Vec<Metric<'_>> {
    let judged = &result.judged;
    let of = [
        ("read", judged.reads),
        ("push", judged.pushes),
        ("team", judged.teams),
        ("message", judged.messages),
    ];
    let observations = of.map(|(kind, count)| (vec![("kind", kind.to_owned())], count));
    let wrong = Class::ALL.into_iter().map(|class| Counter {
        labels: vec![("class", class.word().to_owned())],
        value: judged.wrong.get(&class).copied().unwrap_or(0) as f64,
        exemplar: exemplar(result, class),
    });
    vec![
        counts(
            "judged",
            "Answers, pushes, looks at teams and messages that were judged",
            observations,
        ),
        count("decisive_reads", "Reads for which one answer alone was right", judged.decisive),
        Metric {
            name: "wrong_answers",
            unit: MetricUnit::Count,
            help: "Wrong answers; an exemplar names the file that tells of the latest kind of them",
            points: Points::Counters(wrong.collect()),
        },
        count(
            "outages",
            "Times in which the target gave no right answer",
            result.outages.len() as u64,
        ),
    ]
}

/// The latest kind of wrong answers of a class.
fn exemplar(result: &LoadResult, class: Class) -> Option<Exemplar> {
    let mut all = result.judged.evidence.iter().enumerate().rev();
    let (index, evidence) = all.find(|(_, evidence)| evidence.class == class)?;
    let mut labels = vec![("file", format!("{}.scenario", evidence.file_stem(index)))];
    labels.extend(evidence.request_id.clone().map(|id| ("request_id", id)));
    let at: Option<lamplighter_core::model::Instant> = evidence.at.parse().ok();
    Some(Exemplar { labels, at_ms: at.map(|at| at.as_millis()) })
}

fn open_now(result: &LoadResult) -> Vec<Metric<'_>> {
    let last = result.intervals.last();
    let open = |of: fn(&super::result::IntervalStats) -> u64| last.map_or(0, of) as f64;
    let gauge = |name, help, value| gauge(name, help, [(vec![], value)]);
    vec![
        gauge("sockets", "Sockets of devices that are open", open(|last| last.sockets)),
        gauge("streams", "Event streams that are open", open(|last| last.streams)),
        gauge(
            "connections",
            "Connections of visitors that are open",
            open(|last| last.connections),
        ),
    ]
}

fn generator(result: &LoadResult) -> Vec<Metric<'_>> {
    let generator = &result.generator;
    let cpu = |name, help, us: u64| Metric {
        name,
        unit: MetricUnit::Seconds,
        help,
        points: Points::Counters(vec![Counter {
            labels: vec![],
            value: us as f64 / 1e6,
            exemplar: None,
        }]),
    };
    let memory = vec![(vec![], generator.memory_bytes_max as f64)];
    vec![
        cpu("generator_cpu", "Time of processors that generators took", generator.cpu_us),
        cpu("judge_cpu", "How much of that judging took", result.judged.cpu_us),
        Metric {
            name: "generator_memory_max",
            unit: MetricUnit::Bytes,
            help: "The most memory that a generator has held",
            points: Points::Gauges(memory),
        },
    ]
}

/// What histograms tell to a thousandth, beside their buckets.
fn quantiles<'r>(metrics: &[Metric<'_>]) -> Option<Metric<'r>> {
    let mut points = Vec::new();
    for metric in metrics {
        let Points::Histograms(histograms) = &metric.points else { continue };
        for (labels, lengths) in histograms.iter().filter(|(_, lengths)| lengths.count() > 0) {
            points.extend(QUANTILES.map(|quantile| {
                let own = [("of", metric.name.to_owned()), ("quantile", quantile.to_string())];
                let labels = labels.iter().cloned().chain(own).collect();
                (labels, lengths.percentile(quantile * 100.0) as f64 / 1e6)
            }));
        }
    }
    (!points.is_empty()).then_some(Metric {
        name: "quantile",
        unit: MetricUnit::Seconds,
        help: "Percentiles of each histogram over the run so far, as reports have them",
        points: Points::Gauges(points),
    })
}

fn of_parts(parts: &[PartStatus]) -> Option<Metric<'static>> {
    if parts.is_empty() {
        return None;
    }
    let states = [
        ("unheard-of", None),
        ("preparing", Some(PartState::Preparing)),
        ("ready", Some(PartState::Ready)),
        ("playing", Some(PartState::Playing)),
        ("done", Some(PartState::Done)),
        ("lost", Some(PartState::Lost(String::new()))),
    ];
    let kind = |state: &Option<PartState>| state.as_ref().map(std::mem::discriminant);
    let points = states.map(|(word, state)| {
        let count = parts.iter().filter(|part| kind(&part.state) == kind(&state)).count();
        (vec![("state", word.to_owned())], count as f64)
    });
    Some(gauge("parts", "How the parts of the test are doing", points))
}

fn ms(ms: u64) -> f64 {
    ms as f64 / 1e3
}

fn counts(
    name: &'static str,
    help: &'static str,
    points: impl IntoIterator<Item = (Labels, u64)>,
) -> Metric<'static> {
    let points = points.into_iter().map(|(labels, count)| Counter {
        labels,
        value: count as f64,
        exemplar: None,
    });
    Metric { name, unit: MetricUnit::Count, help, points: Points::Counters(points.collect()) }
}

fn count(name: &'static str, help: &'static str, value: u64) -> Metric<'static> {
    counts(name, help, [(vec![], value)])
}

fn gauge(
    name: &'static str,
    help: &'static str,
    points: impl IntoIterator<Item = (Labels, f64)>,
) -> Metric<'static> {
    let points = Points::Gauges(points.into_iter().collect());
    Metric { name, unit: MetricUnit::Count, help, points }
}

fn seconds(name: &'static str, help: &'static str, value: f64) -> Metric<'static> {
    let points = Points::Gauges(vec![(vec![], value)]);
    Metric { name, unit: MetricUnit::Seconds, help, points }
}

fn histogram<'r>(
    name: &'static str,
    help: &'static str,
    points: impl IntoIterator<Item = (Labels, &'r Latencies)>,
) -> Metric<'r> {
    let points = Points::Histograms(points.into_iter().collect());
    Metric { name, unit: MetricUnit::Seconds, help, points }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Sample;

    fn snapshot(sample: Sample) -> Snapshot {
        Snapshot { result: Some(sample.whole()), parts: Vec::new() }
    }

    #[test]
    fn a_wrong_answer_is_found_by_the_file_that_its_exemplar_names() {
        let snapshot = snapshot(Sample { is_bad: true, ..Sample::default() });
        let metrics = snapshot.metrics();
        let wrong = metrics.iter().find(|metric| metric.name == "wrong_answers").expect("is told");
        let Points::Counters(wrong) = &wrong.points else { panic!("it only grows") };
        assert_eq!(wrong.len(), Class::ALL.len(), "also those of which there is none");
        let result = snapshot.result.as_ref().expect("a result");
        for (counter, class) in wrong.iter().zip(Class::ALL) {
            let count = result.judged.wrong.get(&class).copied().unwrap_or(0);
            assert_eq!(counter.value, count as f64, "{class}");
            let told = result.judged.evidence.iter().any(|evidence| evidence.class == class);
            assert_eq!(counter.exemplar.is_some(), told, "{class}");
            let Some(exemplar) = &counter.exemplar else { continue };
            let (name, file) = &exemplar.labels[0];
            assert!(*name == "file" && file.ends_with(&format!("-{class}.scenario")), "{file}");
            let number: usize = file[..3].parse().expect("a number");
            assert_eq!(result.judged.evidence[number - 1].class, class);
            let length: usize = exemplar.labels.iter().map(|(k, v)| k.len() + v.len()).sum();
            assert!(length <= 128, "OpenMetrics allows no more: {exemplar:?}");
        }
        assert!(wrong.iter().any(|counter| counter.exemplar.is_some()));
    }

    #[test]
    fn quantiles_are_told_as_reports_have_them() {
        let snapshot = snapshot(Sample::default());
        let metrics = snapshot.metrics();
        let quantiles = metrics.iter().find(|metric| metric.name == "quantile").expect("is told");
        let Points::Gauges(points) = &quantiles.points else { panic!("it is so now") };
        let wanted = [
            ("operation", "widget"),
            ("from", "intended"),
            ("of", "latency"),
            ("quantile", "0.99"),
        ];
        let wanted: Labels = wanted.map(|(name, value)| (name, value.to_owned())).into();
        let (_, told) = points.iter().find(|(labels, _)| *labels == wanted).expect("is there");
        let result = snapshot.result.as_ref().expect("a result");
        let p99 = result.operations["widget"].intended.percentile(99.0);
        assert_eq!(*told, p99 as f64 / 1e6);
    }

    #[test]
    fn before_the_first_instant_there_are_the_parts_alone() {
        assert!(Snapshot::default().metrics().is_empty());
        let part = |state| PartStatus {
            shard: "1/2".to_owned(),
            state,
            clock: Default::default(),
            lasted_ms: 0,
            sent: 0,
            wrong: 0,
        };
        let parts = vec![part(None), part(Some(PartState::Lost("gone".to_owned())))];
        let snapshot = Snapshot { result: None, parts };
        let [parts] = &snapshot.metrics()[..] else { panic!("{:?}", snapshot.metrics()) };
        let Points::Gauges(points) = &parts.points else { panic!("it is so now") };
        let counts: Vec<f64> = points.iter().map(|(_, count)| *count).collect();
        assert_eq!(counts, [1.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    }
}
