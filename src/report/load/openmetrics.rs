//! What a run came to so far in the text format of OpenMetrics, which Prometheus reads.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, UNIX_EPOCH};

use lamplighter_load::latencies::Latencies;
use lamplighter_load::metrics::{
    Counter, Exemplar, Labels, Metric, MetricUnit, Points, Snapshot, counts_between,
};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::CounterWithExemplar;
use prometheus_client::registry::{Registry, Unit};

/// What every name begins with.
const PREFIX: &str = "lamplighter_load";

/// The type of what [`text`] makes.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All metrics of a run.
pub fn text(snapshot: Arc<Snapshot>) -> String {
    let mut registry = Registry::with_prefix(PREFIX);
    registry.register_collector(Box::new(OfSnapshot(snapshot)));
    let mut text = String::new();
    encode(&mut text, &registry).expect("a string takes everything");
    text
}

#[derive(Debug)]
struct OfSnapshot(Arc<Snapshot>);

impl Collector for OfSnapshot {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.0.metrics().iter().try_for_each(|metric| told(&mut encoder, metric))
    }
}

fn told(encoder: &mut DescriptorEncoder<'_>, metric: &Metric<'_>) -> fmt::Result {
    let Metric { name, unit, help, points } = metric;
    let unit = match unit {
        MetricUnit::Count => None,
        MetricUnit::Seconds => Some(Unit::Seconds),
        MetricUnit::Bytes => Some(Unit::Bytes),
    };
    let kind = match points {
        Points::Counters(_) => MetricType::Counter,
        Points::Gauges(_) => MetricType::Gauge,
        Points::Histograms(_) => MetricType::Histogram,
    };
    let mut metric = encoder.encode_descriptor(name, help, unit.as_ref(), kind)?;
    match points {
        Points::Counters(all) => all.iter().try_for_each(|counter| {
            labelled(&mut metric, &counter.labels, |at| {
                let counted = counted(counter);
                let (value, exemplar) = counted.get();
                at.encode_counter(&value, exemplar.as_ref())
            })
        }),
        Points::Gauges(all) => all.iter().try_for_each(|(labels, value)| {
            labelled(&mut metric, labels, |at| at.encode_gauge(value))
        }),
        Points::Histograms(all) => all.iter().try_for_each(|(labels, lengths)| {
            labelled(&mut metric, labels, |at| histogram(at, lengths))
        }),
    }
}

/// A point at its labels; one without any has no braces either.
fn labelled(
    metric: &mut MetricEncoder<'_>,
    labels: &Labels,
    point: impl FnOnce(&mut MetricEncoder<'_>) -> fmt::Result,
) -> fmt::Result {
    match labels.is_empty() {
        true => point(metric),
        false => point(&mut metric.encode_family(labels)?),
    }
}

/// The counter with its exemplar, which stands for the last one that was counted.
fn counted(counter: &Counter) -> CounterWithExemplar<Labels, f64, AtomicU64> {
    let encoded = CounterWithExemplar::default();
    match &counter.exemplar {
        Some(Exemplar { labels, at_ms }) if counter.value >= 1.0 => {
            let at = at_ms.and_then(|ms| u64::try_from(ms).ok());
            let at = at.map(|ms| UNIX_EPOCH + Duration::from_millis(ms));
            encoded.inc_by(counter.value - 1.0, None, None);
            encoded.inc_by(1.0, Some(labels.clone()), at);
        }
        _ => drop(encoded.inc_by(counter.value, None, None)),
    }
    encoded
}

fn histogram(at: &mut MetricEncoder<'_>, lengths: &Latencies) -> fmt::Result {
    let seconds = |us: u64| us as f64 / 1e6;
    let buckets = counts_between(lengths).into_iter();
    let buckets = buckets.map(|(bound, count)| (bound.map_or(f64::INFINITY, seconds), count));
    let buckets: Vec<(f64, u64)> = buckets.collect();
    at.encode_histogram::<NoLabelSet>(seconds(lengths.sum()), lengths.count(), &buckets, None)
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;
    use lamplighter_load::result::LoadResult;
    use lamplighter_load::sample::Sample;

    fn told(result: &LoadResult) -> String {
        text(Arc::new(Snapshot { result: Some(result.clone()), parts: Vec::new() }))
    }

    /// The upper ends of the buckets of a histogram, and how many there are up to each.
    fn buckets(text: &str, name: &str, labels: &str) -> Vec<(f64, f64)> {
        let pair = |line: &str| -> Option<(f64, f64)> {
            let (bound, rest) =
                line.strip_prefix(name)?.strip_prefix("_bucket{le=\"")?.split_once("\",")?;
            let count = rest.strip_prefix(labels)?.strip_prefix("} ")?;
            Some((bound.parse().ok()?, count.parse().ok()?))
        };
        text.lines().filter_map(pair).collect()
    }

    /// As Prometheus reckons `histogram_quantile`: evenly spread within a bucket.
    fn histogram_quantile(quantile: f64, buckets: &[(f64, f64)]) -> f64 {
        let rank = quantile * buckets.last().expect("a bucket").1;
        let at = buckets.iter().position(|(_, count)| *count >= rank).expect("all are in one");
        let (from, before) = at.checked_sub(1).map_or((0.0, 0.0), |before| buckets[before]);
        let (to, count) = buckets[at];
        from + (to - from) * (rank - before) / (count - before)
    }

    #[test]
    fn a_p99_out_of_buckets_is_off_by_an_eighth_at_most_and_the_quantile_not_at_all() {
        for (seed, slower) in [(1, 0.7), (2, 1.0), (3, 3.3), (4, 41.0), (5, 300.0)] {
            let sample = Sample { seconds: 20, seed, slower, ..Sample::default() };
            let result = sample.whole();
            let text = told(&result);
            for (operation, stats) in &result.operations {
                let labels = format!("operation=\"{operation}\",from=\"intended\"");
                let buckets = buckets(&text, "lamplighter_load_latency_seconds", &labels);
                assert_eq!(buckets.len(), 154, "{text}");
                for quantile in [0.5, 0.99] {
                    let reported = stats.intended.percentile(quantile * 100.0) as f64 / 1e6;
                    let scraped = histogram_quantile(quantile, &buckets);
                    assert!(
                        (scraped / reported - 1.0).abs() <= 0.126,
                        "{operation} p{quantile}: {scraped} and {reported}"
                    );
                    let line = format!(
                        "lamplighter_load_quantile_seconds{{{labels},of=\"latency\",\
                         quantile=\"{quantile}\"}} {reported}"
                    );
                    assert!(text.lines().any(|told| told == line), "{line}: {text}");
                }
            }
        }
    }

    #[test]
    fn names_and_units_are_those_of_prometheus() {
        let text = told(&Sample { is_bad: true, ..Sample::default() }.whole());
        for line in [
            "# TYPE lamplighter_load_latency_seconds histogram",
            "# UNIT lamplighter_load_latency_seconds seconds",
            "# TYPE lamplighter_load_visitors_sent counter",
            "lamplighter_load_visitors_sent_total 1000.0",
            "lamplighter_load_run_length_seconds 10.0",
            "lamplighter_load_wrong_answers_total{class=\"edge-early\"} 0.0",
        ] {
            assert!(text.lines().any(|told| told == line), "{line}: {text}");
        }
        let wrong = "lamplighter_load_wrong_answers_total{class=\"stale\"} ";
        let wrong = text.lines().find_map(|line| line.strip_prefix(wrong)).expect("stale answers");
        let (count, exemplar) = wrong.split_once(" # ").expect("an exemplar");
        assert!(count.parse::<f64>().is_ok_and(|count| count >= 1.0), "{wrong}");
        assert!(exemplar.starts_with("{file=\"002-stale.scenario\",request_id=\""), "{wrong}");
        assert!(exemplar.contains("\"} 1.0 1"), "its value and its instant: {wrong}");
        assert!(text.ends_with("# EOF\n"));
    }

    #[test]
    fn before_the_first_instant_there_is_nothing_to_read_and_no_error() {
        assert_eq!(text(Arc::default()), "# EOF\n");
    }
}
