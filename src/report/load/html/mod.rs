//! A load test for a browser: one page that holds everything, needs no network and no script, and can
//! be shown to a colleague.
//!
//! | file | what it does |
//! | --- | --- |
//! | `templates` | the templates of the page, and of its parts |
//! | `heading` | what stands above all else: what it came to, as far as it is |
//! | `page` | what it says in words and numbers |
//! | `charts`, `chart` | what it draws, and how a chart is drawn |
//! | `violation` | a wrong answer with its timeline |
//! | `told` | all of these in one |
//! | `live` | the page of a test that goes on |

mod chart;
mod charts;
mod heading;
pub mod live;
mod page;
mod templates;
mod told;
mod violation;

use std::io::Write;

use crate::report::template::PageError;
use heading::RunState;
use lamplighter_load::result::LoadResult;
use templates::{PAGE, templates};
use told::told;

/// Writes the page of a run: what it came to, gates, latencies by percentile and over time, rates,
/// connections, what the judge said, and wrong answers with their timelines.
///
/// # Errors
/// When `out` does not take it.
pub fn page(out: &mut dyn Write, result: &LoadResult) -> Result<(), PageError> {
    let templates = templates()?;
    let page = told(&templates, result, RunState::at_end(result))?;
    templates.page(out, PAGE, &page)
}

#[cfg(all(test, feature = "testing"))]
mod tests;
