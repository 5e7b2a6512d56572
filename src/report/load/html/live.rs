//! The page of a test whose parts are gathered: that of its report, with a table of the parts, drawn anew
//! while the test goes on.

use minijinja::Value;
use serde::Serialize;

use super::page::style;
use super::templates::{PAGE, PARTS, WAITING, templates};
use super::told::told;
use crate::report::load::progress::part_state;
use crate::report::template::PageError;
use lamplighter_core::model::Instant;
use lamplighter_load::figures::{duration, thousands};
use lamplighter_load::gather::{PartState, PartStatus};
use lamplighter_load::result::LoadResult;

/// The script by which the page is drawn anew, from the same address as the page.
pub const LIVE_SCRIPT: &str = include_str!("live.js");

/// What the page shows of a run that goes on.
#[derive(Clone, Debug)]
pub struct LivePage<'g> {
    /// What the parts have told so far, in one; `None` where none has told anything.
    pub whole: Option<&'g LoadResult>,
    /// How each part of the run does.
    pub parts: &'g [PartStatus],
    /// The common start, once it is known.
    pub start: Option<Instant>,
    /// Why what the parts have told does not add up, where it does not.
    pub wrong: Option<String>,
}

/// A part, ready as texts.
#[derive(Serialize)]
struct PartRow<'g> {
    shard: &'g str,
    state: String,
    is_bad: bool,
    lasted: String,
    sent: String,
    wrong: String,
    clock: String,
}

#[derive(Serialize)]
struct PartsTable<'g> {
    parts: Vec<PartRow<'g>>,
    start: Option<String>,
    wrong: Option<&'g str>,
}

#[derive(Serialize)]
struct WaitingPage {
    style: Value,
    parts: Value,
}

/// The page as things are.
///
/// # Errors
/// When a template and its data don't fit: a mistake in the program.
pub fn live_page(live: &LivePage<'_>) -> Result<String, PageError> {
    let templates = templates()?;
    let table = PartsTable {
        parts: live.parts.iter().map(row).collect(),
        start: live.start.map(|start| start.to_string()),
        wrong: live.wrong.as_deref(),
    };
    let parts = templates.part(PARTS, &table)?;
    let mut out = Vec::new();
    match live.whole {
        None => templates.page(&mut out, WAITING, &WaitingPage { style: style(), parts })?,
        Some(whole) => {
            let mut page = told(&templates, whole)?;
            page.parts = Some(parts);
            templates.page(&mut out, PAGE, &page)?;
        }
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}

fn row(part: &PartStatus) -> PartRow<'_> {
    let clock = match &part.state {
        None => "–".to_owned(),
        Some(_) => format!(
            "{} {} ± {}",
            duration(part.clock.ahead_us.unsigned_abs() as f64),
            if part.clock.ahead_us > 0 { "behind" } else { "ahead" },
            duration(part.clock.uncertain_us as f64)
        ),
    };
    PartRow {
        shard: &part.shard,
        state: part_state(part.state.as_ref()),
        is_bad: matches!(part.state, Some(PartState::Lost(_))),
        lasted: duration((part.lasted_ms / 100 * 100_000) as f64),
        sent: thousands(part.sent),
        wrong: thousands(part.wrong),
        clock,
    }
}
