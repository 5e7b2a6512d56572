//! The templates of the page, and of its parts.

use crate::report::template::{PageError, Templates};

/// The template of the table of parts.
pub const PARTS: &str = "parts.html";

/// The template of the page while the parts have told nothing that adds up.
pub const PARTS_ALONE: &str = "parts_alone.html";

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
        (PARTS_ALONE, include_str!("parts_alone.html")),
    ])?)
}
