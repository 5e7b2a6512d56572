//! The page of a test whose parts are gathered: that of its report, with a table of the parts, drawn anew
//! while the test goes on.

use minijinja::Value;
use serde::Serialize;

use super::heading::{Heading, RunState};
use super::page::style;
use super::templates::{PAGE, PARTS, PARTS_ALONE, templates};
use super::told::told;
use crate::report::load::progress::part_state;
use crate::report::template::PageError;
use lamplighter_core::model::Instant;
use lamplighter_load::figures::{duration, thousands};
use lamplighter_load::gather::{PartState, PartStatus};
use lamplighter_load::result::LoadResult;

/// The script by which the page is drawn anew, from the same address as the page.
pub const LIVE_SCRIPT: &str = include_str!("live.js");

/// What the page shows of a run whose parts are gathered.
#[derive(Clone, Debug)]
pub struct LivePage<'g> {
    /// What the parts have told so far.
    pub told: PartsTold<'g>,
    /// How each part of the run does.
    pub parts: &'g [PartStatus],
    /// The common start, once it is known.
    pub start: Option<Instant>,
    /// What is lacking of parts once the run is over, a line each; `None` while it goes on.
    pub lacks: Option<Vec<String>>,
}

/// What parts have told, all of them together.
#[derive(Clone, Debug)]
pub enum PartsTold<'g> {
    /// None has told anything.
    Nothing,
    /// It adds up to this; of a run that is over with what it lacks.
    Whole(&'g LoadResult),
    /// It does not add up, for this reason.
    Unlike(String),
}

/// A part, ready as texts.
#[derive(Serialize)]
struct PartRow<'g> {
    shard: &'g str,
    state: String,
    tone: &'static str,
    lasted: String,
    sent: String,
    wrong: String,
    clock: String,
}

#[derive(Serialize)]
struct PartsTable<'g> {
    parts: Vec<PartRow<'g>>,
    start: Option<String>,
}

/// The page while there is no result to show.
#[derive(Serialize)]
struct PartsAlonePage<'g> {
    style: Value,
    heading: Heading,
    wrong: Option<&'g str>,
    lacks: &'g [String],
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
    };
    let parts = templates.part(PARTS, &table)?;
    let mut out = Vec::new();
    match &live.told {
        PartsTold::Whole(whole) => {
            let state = match live.lacks {
                None => RunState::Running,
                Some(_) => RunState::at_end(whole),
            };
            let mut page = told(&templates, whole, state)?;
            page.parts = Some(parts);
            templates.page(&mut out, PAGE, &page)?;
        }
        PartsTold::Nothing | PartsTold::Unlike(_) => {
            templates.page(&mut out, PARTS_ALONE, &parts_alone(live, parts))?;
        }
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// The page without a result, which says why there is none.
fn parts_alone<'g>(live: &'g LivePage<'_>, parts: Value) -> PartsAlonePage<'g> {
    let lacks = live.lacks.as_deref();
    let (title, headline, tone, wrong) = match (&live.told, lacks) {
        (PartsTold::Unlike(why), _) => (
            "The parts do not add up",
            "What the parts tell does not add up",
            "failed",
            Some(why.as_str()),
        ),
        (_, None) => ("Before the start", "Nothing is known of answers yet", "running", None),
        (_, Some(_)) => {
            ("Ended", "The test ended before any part had told anything", "failed", None)
        }
    };
    let heading = Heading { title: title.to_owned(), headline: headline.to_owned(), tone };
    PartsAlonePage { style: style(), heading, wrong, lacks: lacks.unwrap_or_default(), parts }
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
        tone: match part.state {
            Some(PartState::Done) => "passed",
            Some(PartState::Lost(_)) => "failed",
            _ => "running",
        },
        lasted: duration((part.lasted_ms / 100 * 100_000) as f64),
        sent: thousands(part.sent),
        wrong: thousands(part.wrong),
        clock,
    }
}
