//! The line that is shown while a load test goes on.

use lamplighter_load::clock::Micros;
use lamplighter_load::figures::{counted, duration, rate, thousands};
use lamplighter_load::latencies::Latencies;
use lamplighter_load::tally::{RunCounts, WIDGET};

/// Where a run is, beside what was counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ProgressMoment {
    /// How much of the run is over, in microseconds since its start.
    pub at: Micros,
    /// How long it is to last, in milliseconds.
    pub duration_ms: u64,
    /// How many answers were found wrong so far.
    pub wrong: u64,
    /// Sockets of devices that are open.
    pub sockets: u64,
    /// How many event streams of visitors are open.
    pub streams: u64,
}

/// How a run goes, in a line: `1m04s of 5m00s · 999/s of 1,000/s · p50 1.21ms p99 8.10ms · 0 errors ·
/// 0 wrong · 7,204 sockets, 812 streams`. Before its first instant it says how long that is off.
pub fn progress_line(counts: &RunCounts, moment: &ProgressMoment) -> String {
    if moment.at < 0 {
        return format!("begins in {}", duration(-moment.at as f64));
    }
    let ms = u64::try_from(moment.at / 1_000).unwrap_or(0);
    let widget = counts.operations.get(WIDGET).map(|operation| &operation.intended);
    let percentiles = match widget.filter(|latencies: &&Latencies| latencies.count() > 0) {
        None => "no answer yet".to_owned(),
        Some(latencies) => {
            let told = |percent| duration(latencies.percentile(percent) as f64);
            format!("p50 {} p99 {}", told(50.0), told(99.0))
        }
    };
    let errors: u64 =
        counts.operations.values().flat_map(|operation| operation.errors.values()).sum();
    format!(
        "{} of {} · {} of {} · {percentiles} · {} · {} wrong · {}, {}",
        duration((ms / 1_000 * 1_000_000) as f64),
        duration(moment.duration_ms as f64 * 1e3),
        rate(counts.rate.sent, ms),
        rate(counts.rate.asked, ms),
        counted(errors, "error"),
        thousands(moment.wrong),
        counted(moment.sockets, "socket"),
        counted(moment.streams, "stream"),
    )
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;
    use lamplighter_load::sample::operation;

    #[test]
    fn a_run_is_told_in_a_line() {
        let mut counts = RunCounts::default();
        counts.rate.asked = 64_000;
        counts.rate.sent = 63_936;
        counts.operations.insert(WIDGET, operation(1_200, 999, 1));
        let mut moment = ProgressMoment {
            at: 64_000_000,
            duration_ms: 300_000,
            wrong: 0,
            sockets: 7_204,
            streams: 1,
        };
        assert_eq!(
            progress_line(&counts, &moment),
            "64.0s of 5m00s · 999/s of 1,000/s · p50 1.20ms p99 1.20ms · 1 error · 0 wrong · \
             7,204 sockets, 1 stream"
        );
        counts.operations.clear();
        moment.at = 0;
        let line = progress_line(&counts, &moment);
        assert!(line.starts_with("0µs of 5m00s · 0/s of 0/s · no answer yet"), "{line}");
        moment.at = -2_500_000;
        assert_eq!(progress_line(&counts, &moment), "begins in 2.50s");
    }
}
