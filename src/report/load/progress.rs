//! The line that is shown while a load test goes on.

use lamplighter_load::clock::Micros;
use lamplighter_load::figures::{counted, duration, rate, thousands};
use lamplighter_load::gather::{PartState, PartStatus};
use lamplighter_load::result::{LoadResult, OperationStats, Rate};
use lamplighter_load::tally::WIDGET;

use crate::report::format::clean;

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
pub fn progress_line<'o>(
    visitors: &Rate,
    operations: impl Iterator<Item = (&'o str, &'o OperationStats)>,
    moment: &ProgressMoment,
) -> String {
    if moment.at < 0 {
        return format!("begins in {}", duration(-moment.at as f64));
    }
    let ms = u64::try_from(moment.at / 1_000).unwrap_or(0);
    let (mut percentiles, mut errors) = ("no answer yet".to_owned(), 0);
    for (name, operation) in operations {
        errors += operation.errors.values().sum::<u64>();
        if name == WIDGET && operation.intended.count() > 0 {
            let told = |percent| duration(operation.intended.percentile(percent) as f64);
            percentiles = format!("p50 {} p99 {}", told(50.0), told(99.0));
        }
    }
    format!(
        "{} of {} · {} of {} · {percentiles} · {} · {} wrong · {}, {}",
        duration((ms / 1_000 * 1_000_000) as f64),
        duration(moment.duration_ms as f64 * 1e3),
        rate(visitors.sent, ms),
        rate(visitors.asked, ms),
        counted(errors, "error"),
        thousands(moment.wrong),
        counted(moment.sockets, "socket"),
        counted(moment.streams, "stream"),
    )
}

/// The same of what all parts of a run have told.
pub fn whole_line(whole: &LoadResult) -> String {
    let last = whole.intervals.last();
    let moment = ProgressMoment {
        at: (whole.about.lasted_ms * 1_000) as Micros,
        duration_ms: whole.about.duration_ms,
        wrong: whole.judged.wrong_count(),
        sockets: last.map_or(0, |last| last.sockets),
        streams: last.map_or(0, |last| last.streams),
    };
    let operations = whole.operations.iter();
    progress_line(&whole.rate, operations.map(|(name, stats)| (&**name, stats)), &moment)
}

/// How a part of a run is doing, in a line: `2/4  playing · 12.0s · 2,400 visitors · 0 wrong`.
pub fn part_line(part: &PartStatus) -> String {
    let state = part_state(part.state.as_ref());
    if part.lasted_ms == 0 {
        return format!("{}  {state}", part.shard);
    }
    format!(
        "{}  {state} · {} · {} · {} wrong",
        part.shard,
        duration((part.lasted_ms / 100 * 100_000) as f64),
        counted(part.sent, "visitor"),
        thousands(part.wrong),
    )
}

/// How a part is doing, in words.
pub fn part_state(state: Option<&PartState>) -> String {
    match state {
        None => "not heard of yet".to_owned(),
        Some(PartState::Preparing) => "preparing".to_owned(),
        Some(PartState::Ready) => "ready".to_owned(),
        Some(PartState::Playing) => "playing".to_owned(),
        Some(PartState::Done) => "done".to_owned(),
        Some(PartState::Lost(why)) => format!("lost: {}", clean(why)),
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;
    use lamplighter_load::sample::{Sample, operation};
    use lamplighter_load::tally::RunCounts;

    fn line(counts: &RunCounts, moment: &ProgressMoment) -> String {
        let operations = counts.operations.iter().map(|(name, stats)| (*name, stats));
        progress_line(&counts.rate, operations, moment)
    }

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
            line(&counts, &moment),
            "64.0s of 5m00s · 999/s of 1,000/s · p50 1.20ms p99 1.20ms · 1 error · 0 wrong · \
             7,204 sockets, 1 stream"
        );
        counts.operations.clear();
        moment.at = 0;
        let told = line(&counts, &moment);
        assert!(told.starts_with("0µs of 5m00s · 0/s of 0/s · no answer yet"), "{told}");
        moment.at = -2_500_000;
        assert_eq!(line(&counts, &moment), "begins in 2.50s");
    }

    #[test]
    fn the_parts_of_a_run_are_told_in_a_line_each_and_all_of_them_in_one() {
        let whole = whole_line(&Sample::default().whole());
        assert!(whole.starts_with("10.0s of 10.0s · 100/s of 100/s · p50 "), "{whole}");
        let mut part = PartStatus {
            shard: "2/4".to_owned(),
            state: None,
            clock: Default::default(),
            lasted_ms: 0,
            sent: 2_400,
            wrong: 0,
        };
        assert_eq!(part_line(&part), "2/4  not heard of yet");
        part.state = Some(PartState::Playing);
        part.lasted_ms = 12_034;
        assert_eq!(part_line(&part), "2/4  playing · 12.0s · 2,400 visitors · 0 wrong");
    }
}
