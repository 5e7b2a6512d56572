//! A load test for a browser: one page that holds everything, needs no network and no script, and can
//! be shown to a colleague.

mod chart;
mod charts;
mod page;
mod violation;

use std::io::Write;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Value};
use serde::Serialize;

use crate::report::html::PageError;
use lamplighter_load::result::LoadResult;

/// The names end in `.html`, and so whatever is put in is escaped.
const PAGE: &str = "page.html";
const CHART: &str = "chart.html";
const VIOLATION: &str = "violation.html";

/// Writes the page of a run: what it came to, gates, latencies by percentile and over time, rates,
/// connections, what the judge said, and wrong answers with their timelines.
///
/// # Errors
/// When `out` does not take it.
pub fn page(out: &mut dyn Write, result: &LoadResult) -> Result<(), PageError> {
    let templates = templates()?;
    let mut page = page::tell(result);
    for chart in charts::main(result) {
        page.charts.push(rendered(&templates, CHART, &chart)?);
    }
    for chart in charts::small(result) {
        page.small_charts.push(rendered(&templates, CHART, &chart)?);
    }
    for (index, evidence) in result.judged.evidence.iter().enumerate() {
        let violation = violation::tell(evidence, index + 1);
        page.violations.push(rendered(&templates, VIOLATION, &violation)?);
    }
    let page = templates.get_template(PAGE)?.render(Serde(&page))?;
    out.write_all(page.as_bytes())?;
    Ok(())
}

fn templates() -> Result<Environment<'static>, minijinja::Error> {
    let mut templates = Environment::new();
    // Lines that only steer leave nothing behind.
    templates.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    templates.add_template(PAGE, include_str!("page.html"))?;
    templates.add_template(CHART, include_str!("chart.html"))?;
    templates.add_template(VIOLATION, include_str!("violation.html"))?;
    Ok(templates)
}

/// A part of the page; it is markup and not escaped again.
fn rendered(
    templates: &Environment<'_>,
    name: &str,
    data: &impl Serialize,
) -> Result<Value, minijinja::Error> {
    let text = templates.get_template(name)?.render(Serde(data))?;
    Ok(Value::from_safe_string(text))
}

#[cfg(all(test, feature = "testing"))]
mod tests;
