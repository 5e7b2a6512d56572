//! A load test for a browser: one page that holds everything, needs no network and no script, and can
//! be shown to a colleague.

mod chart;
mod charts;
mod page;
mod violation;

use std::io::Write;

use crate::report::template::{PageError, Templates};
use lamplighter_load::result::LoadResult;

const PAGE: &str = "page.html";
const CHART: &str = "chart.html";
const VIOLATION: &str = "violation.html";

/// Writes the page of a run: what it came to, gates, latencies by percentile and over time, rates,
/// connections, what the judge said, and wrong answers with their timelines.
///
/// # Errors
/// When `out` does not take it.
pub fn page(out: &mut dyn Write, result: &LoadResult) -> Result<(), PageError> {
    let templates = Templates::new(&[
        (PAGE, include_str!("page.html")),
        (CHART, include_str!("chart.html")),
        (VIOLATION, include_str!("violation.html")),
    ])?;
    let mut page = page::tell(result);
    for chart in charts::main(result) {
        page.charts.push(templates.part(CHART, &chart)?);
    }
    for chart in charts::small(result) {
        page.small_charts.push(templates.part(CHART, &chart)?);
    }
    for (index, evidence) in result.judged.evidence.iter().enumerate() {
        let violation = violation::tell(evidence, index + 1);
        page.violations.push(templates.part(VIOLATION, &violation)?);
    }
    templates.page(out, PAGE, &page)
}

#[cfg(all(test, feature = "testing"))]
mod tests;
