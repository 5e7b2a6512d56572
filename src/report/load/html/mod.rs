//! A load test for a browser: one page that holds everything, needs no network and no script, and can
//! be shown to a colleague.

mod chart;
mod charts;
pub mod live;
mod page;
mod violation;

use std::collections::BTreeMap;
use std::io::Write;

use crate::report::template::{PageError, Templates};
use lamplighter_load::result::{Class, LoadResult};

const PAGE: &str = "page.html";
const CHART: &str = "chart.html";
const VIOLATION: &str = "violation.html";
/// So many kinds of wrong answers are told on the page, of each class: it is to stay one that opens.
const TOLD_MAX_PER_CLASS: usize = 10;

/// Writes the page of a run: what it came to, gates, latencies by percentile and over time, rates,
/// connections, what the judge said, and wrong answers with their timelines.
///
/// # Errors
/// When `out` does not take it.
pub fn page(out: &mut dyn Write, result: &LoadResult) -> Result<(), PageError> {
    let templates = templates()?;
    let page = told(&templates, result)?;
    templates.page(out, PAGE, &page)
}

fn templates() -> Result<Templates, PageError> {
    Ok(Templates::new(&[
        (PAGE, include_str!("page.html")),
        (CHART, include_str!("chart.html")),
        (VIOLATION, include_str!("violation.html")),
        (live::PARTS, include_str!("parts.html")),
        (live::WAITING, include_str!("waiting.html")),
    ])?)
}

/// All that the page says.
fn told<'r>(
    templates: &Templates,
    result: &'r LoadResult,
) -> Result<page::LoadPage<'r>, PageError> {
    let mut page = page::tell(result);
    for chart in charts::main(result) {
        page.charts.push(templates.part(CHART, &chart)?);
    }
    for chart in charts::small(result) {
        page.small_charts.push(templates.part(CHART, &chart)?);
    }
    let mut told: BTreeMap<Class, usize> = BTreeMap::new();
    for (index, evidence) in result.judged.evidence.iter().enumerate() {
        let of_class = told.entry(evidence.class).or_default();
        *of_class += 1;
        if *of_class > TOLD_MAX_PER_CLASS {
            continue;
        }
        let violation = violation::tell(evidence, index + 1);
        page.violations.push(templates.part(VIOLATION, &violation)?);
    }
    page.told(page.violations.len() as u64);
    Ok(page)
}

#[cfg(all(test, feature = "testing"))]
mod tests;
