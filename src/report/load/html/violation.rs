//! A wrong answer as the page shows it, with what lay around it as a picture.

use serde::Serialize;

use super::chart::seen;
use crate::report::load::evidence::{TimeScale, told};
use lamplighter_load::figures::counted;
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
    who: &'r str,
    request_id: Option<&'r str>,
    /// How many more there were of its kind, in words; empty where there were none.
    more: String,
    /// The request and the answer as text; empty where they were not kept.
    exchange: String,
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
        who: &evidence.who,
        request_id: evidence.request_id.as_deref(),
        more: match evidence.alike {
            0 | 1 => String::new(),
            alike => counted(alike - 1, "more wrong answer"),
        },
        exchange: exchange(evidence),
        spans: evidence.around.iter().map(row).collect(),
        scenario: &evidence.scenario,
    }
}

/// The request and the answer as they went over the line, but for what is masked.
fn exchange(evidence: &Evidence) -> String {
    let mut lines = Vec::new();
    let field = |(name, value): &(String, String)| format!("{name}: {value}");
    if let Some(request) = &evidence.request {
        lines.push(format!("{} {}", request.method, request.path));
        lines.extend(evidence.request_id.iter().map(|id| format!("x-request-id: {id}")));
        lines.extend(request.headers.iter().map(field));
        lines.extend([String::new(), request.body.clone()]);
    }
    if let Some(answer) = &evidence.answer {
        lines.push(answer.status.to_string());
        lines.extend(answer.headers.iter().map(field));
        lines.extend([String::new(), answer.body.clone()]);
    }
    lines.join("\n")
}
