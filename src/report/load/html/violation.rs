//! A wrong answer as the page shows it, with what lay around it as a picture.

use serde::Serialize;

use super::chart::seen;
use crate::report::load::evidence::{TimeScale, told};
use lamplighter_load::result::{Evidence, SpanKind};

/// A wrong answer as the template has it, with the spans around it.
#[derive(Serialize)]
pub struct ViolationView<'r> {
    number: usize,
    class: &'static str,
    about: &'r str,
    at: &'r str,
    answered: &'r str,
    admissible: &'r [String],
    why: &'r str,
    spans: Vec<SpanRow<'r>>,
    scenario: &'r str,
}

/// A row of the picture; places are percent of its width.
#[derive(Serialize)]
struct SpanRow<'r> {
    what: &'r str,
    kind: &'static str,
    at: f64,
    width: f64,
    is_endless: bool,
    told: String,
}

/// Puts the evidence of a wrong answer into the words of the page.
pub fn tell(evidence: &Evidence, number: usize) -> ViolationView<'_> {
    let scale = TimeScale::of(evidence);
    let row = |span| {
        let (from, to) = scale.map_or((0.0, 1.0), |scale: TimeScale| scale.place(span));
        SpanRow {
            what: &span.what,
            kind: match span.kind {
                SpanKind::Write => "write",
                SpanKind::Edge => "edge",
                SpanKind::Grace => "grace",
                SpanKind::Answer => "answer",
            },
            at: seen(100.0 * from),
            width: seen(100.0 * (to - from).max(0.0)),
            is_endless: span.to_us.is_none(),
            told: told(span, evidence.sent_us),
        }
    };
    ViolationView {
        number,
        class: evidence.class.word(),
        about: &evidence.about,
        at: &evidence.at,
        answered: &evidence.answered,
        admissible: &evidence.admissible,
        why: &evidence.why,
        spans: evidence.around.iter().map(row).collect(),
        scenario: &evidence.scenario,
    }
}
