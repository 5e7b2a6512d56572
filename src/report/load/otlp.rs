//! What a run came to so far as a message of OTLP, the protocol of OpenTelemetry.
//!
//! Names are those that Prometheus has, with the dots of OpenTelemetry; units are told apart from them.
//! Histograms go with exponential buckets of half a percent.

use std::time::{SystemTime, UNIX_EPOCH};

use lamplighter_core::model::Instant;
use lamplighter_load::latencies::Latencies;
use lamplighter_load::metrics::{Counter, Exemplar, Labels, Metric, MetricUnit, Points, Snapshot};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Exemplar as ExemplarMessage, ExponentialHistogram,
    ExponentialHistogramDataPoint, Gauge, Metric as MetricMessage, NumberDataPoint,
    ResourceMetrics, ScopeMetrics, Sum, exemplar, metric, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message;

/// A power of two is divided into 2⁷ buckets, each of which is wider than the one before by half a percent.
const SCALE: i32 = 7;
/// What every name begins with.
const PREFIX: &str = "lamplighter.load";
const CUMULATIVE: i32 = AggregationTemporality::Cumulative as i32;

/// All metrics of a run as bytes; `None` where there are none yet.
pub fn message(snapshot: &Snapshot, now: SystemTime) -> Option<Vec<u8>> {
    let metrics = snapshot.metrics();
    if metrics.is_empty() {
        return None;
    }
    let now_ns = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let now_ns = u64::try_from(now_ns).unwrap_or(u64::MAX);
    let start: Option<Instant> =
        snapshot.result.as_ref().and_then(|result| result.about.start.parse().ok());
    let start_ns = start.and_then(|start| u64::try_from(start.as_millis()).ok());
    // The start is told by the target's clock, which may be ahead.
    let start_ns = start_ns.map_or(now_ns, |ms| ms.saturating_mul(1_000_000)).min(now_ns);
    let times = Times { start_ns, now_ns };
    let scope = InstrumentationScope {
        name: "lamplighter".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..InstrumentationScope::default()
    };
    let metrics = metrics.iter().map(|metric| times.metric(metric)).collect();
    let scope = ScopeMetrics { scope: Some(scope), metrics, ..ScopeMetrics::default() };
    let request = ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            resource: Some(resource(snapshot)),
            scope_metrics: vec![scope],
            ..ResourceMetrics::default()
        }],
    };
    Some(request.encode_to_vec())
}

/// Who says it: generators of one test, and their gatherer, are told apart.
fn resource(snapshot: &Snapshot) -> Resource {
    let instance = match (&snapshot.result, snapshot.parts.is_empty()) {
        (Some(result), true) => result.about.shards.join(" "),
        _ => "gatherer".to_owned(),
    };
    let labels = [
        ("service.name", "lamplighter".to_owned()),
        ("service.version", env!("CARGO_PKG_VERSION").to_owned()),
        ("service.instance.id", instance),
    ];
    Resource { attributes: attributes(&labels), ..Resource::default() }
}

fn attributes(labels: &[(&'static str, String)]) -> Vec<KeyValue> {
    let attribute = |(name, value): &(&str, String)| KeyValue {
        key: (*name).to_owned(),
        value: Some(AnyValue { value: Some(Value::StringValue(value.clone())) }),
        ..KeyValue::default()
    };
    labels.iter().map(attribute).collect()
}

/// From when to when everything was counted, in nanoseconds of 1970.
#[derive(Clone, Copy)]
struct Times {
    start_ns: u64,
    now_ns: u64,
}

impl Times {
    fn metric(self, metric: &Metric<'_>) -> MetricMessage {
        let unit = match metric.unit {
            MetricUnit::Count => "",
            MetricUnit::Seconds => "s",
            MetricUnit::Bytes => "By",
        };
        let data = match &metric.points {
            Points::Counters(all) => metric::Data::Sum(Sum {
                data_points: all.iter().map(|counter| self.counter(counter)).collect(),
                aggregation_temporality: CUMULATIVE,
                is_monotonic: true,
            }),
            Points::Gauges(all) => metric::Data::Gauge(Gauge {
                data_points: all
                    .iter()
                    .map(|(labels, value)| self.number(labels, *value))
                    .collect(),
            }),
            Points::Histograms(all) => metric::Data::ExponentialHistogram(ExponentialHistogram {
                data_points: all.iter().map(|(labels, all)| self.histogram(labels, all)).collect(),
                aggregation_temporality: CUMULATIVE,
            }),
        };
        MetricMessage {
            name: format!("{PREFIX}.{}", metric.name),
            description: metric.help.to_owned(),
            unit: unit.to_owned(),
            data: Some(data),
            ..MetricMessage::default()
        }
    }

    fn number(self, labels: &Labels, value: f64) -> NumberDataPoint {
        NumberDataPoint {
            attributes: attributes(labels),
            start_time_unix_nano: self.start_ns,
            time_unix_nano: self.now_ns,
            value: Some(number_data_point::Value::AsDouble(value)),
            ..NumberDataPoint::default()
        }
    }

    fn counter(self, counter: &Counter) -> NumberDataPoint {
        let exemplar = |Exemplar { labels, at_ms }: &Exemplar| ExemplarMessage {
            filtered_attributes: attributes(labels),
            time_unix_nano: at_ms
                .and_then(|ms| u64::try_from(ms).ok())
                .map_or(self.now_ns, |ms| ms.saturating_mul(1_000_000)),
            value: Some(exemplar::Value::AsDouble(1.0)),
            ..ExemplarMessage::default()
        };
        NumberDataPoint {
            exemplars: counter.exemplar.iter().map(exemplar).collect(),
            ..self.number(&counter.labels, counter.value)
        }
    }

    fn histogram(self, labels: &Labels, lengths: &Latencies) -> ExponentialHistogramDataPoint {
        let seconds = |us: u64| us as f64 / 1e6;
        let mut positive = Buckets::default();
        for (us, count) in lengths.pairs() {
            let place = bucket_of(seconds(us));
            if positive.bucket_counts.is_empty() {
                positive.offset = place;
            }
            // From the shortest on: a place never lies before the first one.
            let at = usize::try_from(place - positive.offset).unwrap_or(0);
            if positive.bucket_counts.len() <= at {
                positive.bucket_counts.resize(at + 1, 0);
            }
            positive.bucket_counts[at] += count;
        }
        let count = lengths.count();
        ExponentialHistogramDataPoint {
            attributes: attributes(labels),
            start_time_unix_nano: self.start_ns,
            time_unix_nano: self.now_ns,
            count,
            sum: Some(seconds(lengths.sum())),
            scale: SCALE,
            positive: Some(positive),
            max: (count > 0).then(|| seconds(lengths.max())),
            ..ExponentialHistogramDataPoint::default()
        }
    }
}

/// The bucket of a length in seconds: from 2^(i/2⁷), which is not in it, to 2^((i+1)/2⁷), which is.
fn bucket_of(seconds: f64) -> i32 {
    let a_power = f64::from(1_u32 << SCALE.unsigned_abs());
    (seconds.log2() * a_power).ceil() as i32 - 1
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;
    use lamplighter_load::sample::Sample;

    fn read(snapshot: &Snapshot) -> ResourceMetrics {
        let bytes = message(snapshot, SystemTime::now()).expect("there is something to say");
        let mut request = ExportMetricsServiceRequest::decode(&bytes[..]).expect("is a message");
        request.resource_metrics.remove(0)
    }

    fn snapshot(is_bad: bool) -> Snapshot {
        let result = Sample { is_bad, ..Sample::default() }.whole();
        Snapshot { result: Some(result), parts: Vec::new() }
    }

    fn find<'m>(all: &'m ResourceMetrics, name: &str) -> &'m MetricMessage {
        let metrics = all.scope_metrics.iter().flat_map(|scope| &scope.metrics);
        metrics.into_iter().find(|metric| metric.name == name).expect("is told")
    }

    #[test]
    fn every_metric_of_the_list_is_sent_with_its_unit() {
        let snapshot = snapshot(true);
        let sent = read(&snapshot);
        let metrics = snapshot.metrics();
        let told = metrics.iter().map(|metric| format!("{PREFIX}.{}", metric.name));
        let names = sent.scope_metrics[0].metrics.iter().map(|metric| metric.name.clone());
        assert!(names.eq(told));
        assert_eq!(find(&sent, "lamplighter.load.latency").unit, "s");
        assert_eq!(find(&sent, "lamplighter.load.generator_memory_max").unit, "By");
        let wrong = find(&sent, "lamplighter.load.wrong_answers");
        let Some(metric::Data::Sum(sum)) = &wrong.data else { panic!("it only grows") };
        assert!(sum.is_monotonic && sum.aggregation_temporality == CUMULATIVE);
        let exemplars = sum.data_points.iter().flat_map(|point| &point.exemplars);
        assert!(exemplars.count() > 0, "a file of a wrong answer is named");
    }

    #[test]
    fn percentiles_of_the_buckets_are_those_of_the_report_within_half_a_percent() {
        let snapshot = snapshot(false);
        let sent = read(&snapshot);
        let Some(metric::Data::ExponentialHistogram(all)) =
            &find(&sent, "lamplighter.load.latency").data
        else {
            panic!("a histogram")
        };
        let result = snapshot.result.as_ref().expect("a result");
        let own = result.operations.values().flat_map(|stats| [&stats.intended, &stats.service]);
        for (point, own) in all.data_points.iter().zip(own) {
            let buckets = point.positive.as_ref().expect("buckets");
            assert_eq!(point.count, own.count());
            assert_eq!(buckets.bucket_counts.iter().sum::<u64>(), point.count);
            for percent in [50.0, 99.0, 100.0] {
                let rank = (percent / 100.0 * point.count as f64).ceil() as u64;
                let mut count = 0;
                let reaches = |more: &u64| {
                    count += more;
                    count >= rank
                };
                let at = buckets.bucket_counts.iter().position(reaches).expect("all are in one");
                let upper = f64::from(buckets.offset + at as i32 + 1) / f64::from(1 << SCALE);
                let (sent, told) = (upper.exp2(), own.percentile(percent) as f64 / 1e6);
                assert!(sent >= told * 0.999_999 && sent <= told * 1.006, "{sent} and {told}");
            }
        }
    }

    #[test]
    fn before_the_first_instant_nothing_is_sent() {
        assert_eq!(message(&Snapshot::default(), SystemTime::now()), None);
    }
}
