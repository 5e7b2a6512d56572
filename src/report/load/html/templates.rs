//! The templates of the page, and of its parts.

use crate::report::template::{PageError, Templates};

/// The template of the table of parts.
pub const PARTS: &str = "parts.html";

/// The template of the page before any part has told anything.
pub const WAITING: &str = "waiting.html";

/// The template of the page.
pub const PAGE: &str = "page.html";

/// The template of a chart.
pub const CHART: &str = "chart.html";

/// The template of a wrong answer.
pub const VIOLATION: &str = "violation.html";

/// All of them, read.
pub fn templates() -> Result<Templates, PageError> {
    Ok(Templates::new(&[
        (PAGE, include_str!("page.html")),
        (CHART, include_str!("chart.html")),
        (VIOLATION, include_str!("violation.html")),
        (PARTS, include_str!("parts.html")),
        (WAITING, include_str!("waiting.html")),
    ])?)
}
