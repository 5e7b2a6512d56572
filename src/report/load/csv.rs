//! Two tables for spreadsheets: how things went over time, and percentiles by operation. Times are in
//! microseconds.

use std::io::Write;

use csv::Writer;

use super::PERCENTS;
use lamplighter_load::latencies::Latencies;
use lamplighter_load::result::{LoadResult, Outage};

/// Writes a row for each stretch: from when in milliseconds of the run, what was asked for, answered
/// and wrong, the latency of visitors' reads, what was open at its end, and for how much of it the
/// target gave no right answer.
///
/// # Errors
/// When `out` does not take it.
pub fn over_time(out: &mut dyn Write, result: &LoadResult) -> Result<(), csv::Error> {
    let mut rows = Writer::from_writer(out);
    rows.write_record([
        "from_ms",
        "asked",
        "answered",
        "errors",
        "agent_calls",
        "wrong",
        "p50_us",
        "p90_us",
        "p99_us",
        "p99.9_us",
        "p99.99_us",
        "max_us",
        "sockets",
        "streams",
        "connections",
        "outage_ms",
    ])?;
    for (index, interval) in result.intervals.iter().enumerate() {
        let mut row = vec![
            (index as u64 * result.about.interval_ms).to_string(),
            interval.asked.to_string(),
            interval.answered.to_string(),
            interval.errors.to_string(),
            interval.agent_calls.to_string(),
            interval.wrong.to_string(),
        ];
        row.extend(percentiles(&interval.widget));
        let open = [interval.sockets, interval.streams, interval.connections];
        row.extend(open.map(|count| count.to_string()));
        row.push(outage_ms(result, index).to_string());
        rows.write_record(row)?;
    }
    rows.flush()?;
    Ok(())
}

/// Writes a row for each operation from the intended instant (`intended`) and from the first byte
/// sent (`service`), and one for propagation, for edges, and for how late visitors were sent.
///
/// # Errors
/// When `out` does not take it.
pub fn by_operation(out: &mut dyn Write, result: &LoadResult) -> Result<(), csv::Error> {
    let mut rows = Writer::from_writer(out);
    rows.write_record([
        "what",
        "from",
        "count",
        "errors",
        "mean_us",
        "p50_us",
        "p90_us",
        "p99_us",
        "p99.9_us",
        "p99.99_us",
        "max_us",
    ])?;
    let mut row = |what: &str, from: &str, errors: u64, latencies: &Latencies| {
        let mut row = vec![
            what.to_owned(),
            from.to_owned(),
            latencies.count().to_string(),
            errors.to_string(),
        ];
        row.push(if latencies.count() > 0 {
            format!("{:.1}", latencies.mean())
        } else {
            String::new()
        });
        row.extend(percentiles(latencies));
        rows.write_record(row)
    };
    for (name, operation) in &result.operations {
        let errors = operation.errors.values().sum();
        row(name, "intended", errors, &operation.intended)?;
        row(name, "service", errors, &operation.service)?;
    }
    row("propagation", "push", 0, &result.propagation.push)?;
    row("propagation", "poll", 0, &result.propagation.poll)?;
    row("edge", "push", 0, &result.edges.push)?;
    row("edge", "poll", 0, &result.edges.poll)?;
    row("sending", "intended", 0, &result.rate.late)?;
    row("generator", "intended", 0, &result.rate.generator_late)?;
    rows.flush()?;
    Ok(())
}

/// For how long of a stretch the target gave no right answer, in milliseconds.
fn outage_ms(result: &LoadResult, stretch: usize) -> i64 {
    let length_us = result.about.interval_ms as i64 * 1_000;
    let (from, to) = (stretch as i64 * length_us, (stretch as i64 + 1) * length_us);
    let overlap =
        |outage: &Outage| outage.to_us.unwrap_or(i64::MAX).min(to) - outage.from_us.max(from);
    result.outages.iter().map(|outage| overlap(outage).max(0)).sum::<i64>() / 1_000
}

/// Percentiles and the longest; empty where nothing was counted.
fn percentiles(latencies: &Latencies) -> Vec<String> {
    let told = |us: u64| if latencies.count() > 0 { us.to_string() } else { String::new() };
    let mut cells: Vec<String> =
        PERCENTS.iter().map(|percent| told(latencies.percentile(*percent))).collect();
    cells.push(told(latencies.max()));
    cells
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;
    use lamplighter_load::sample::{Sample, operation};
    use lamplighter_load::tally::WIDGET;

    #[test]
    fn tables_have_a_row_for_all_that_was_counted() {
        let mut result = Sample { seconds: 2, rate: 5, ..Sample::default() }.whole();
        result.operations = [(WIDGET.to_owned(), operation(1_000, 9, 1))].into();
        result.intervals[1] = Default::default();
        let mut out = Vec::new();
        over_time(&mut out, &result).expect("a table");
        let text = String::from_utf8(out).expect("UTF-8");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[1].starts_with("0,5,5,0,"), "{text}");
        assert_eq!(lines[2], "1000,0,0,0,0,0,,,,,,,0,0,0,0");
        result.outages = vec![
            Outage { from_us: 400_000, to_us: Some(600_000), ..Outage::default() },
            Outage { from_us: 900_000, to_us: None, ..Outage::default() },
        ];
        let mut out = Vec::new();
        over_time(&mut out, &result).expect("a table");
        let text = String::from_utf8(out).expect("UTF-8");
        let away: Vec<&str> = text.lines().filter_map(|line| line.rsplit(',').next()).collect();
        assert_eq!(away, ["outage_ms", "300", "1000"]);
        let mut out = Vec::new();
        by_operation(&mut out, &result).expect("a table");
        let text = String::from_utf8(out).expect("UTF-8");
        assert!(
            text.contains("widget,intended,10,1,1000.0,1000,1000,1000,1000,1000,1000\n"),
            "{text}"
        );
    }
}
