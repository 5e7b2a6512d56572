//! A wrong answer in the terminal: what was answered, what could have been, why, and what lay around
//! it, drawn against time.

use std::io::{self, Write};

use crate::report::Paint;
use crate::report::format::clean;
use lamplighter_load::figures::{counted, duration};
use lamplighter_load::result::{Evidence, EvidenceSpan, SpanKind};

/// Characters of a timeline.
const WIDTH: usize = 48;

/// Writes a wrong answer.
///
/// # Errors
/// When `out` does not take it.
pub fn write(out: &mut dyn Write, evidence: &Evidence) -> io::Result<()> {
    writeln!(
        out,
        "{} {} {}",
        Paint::Bad.on(evidence.class),
        Paint::Strong.on(clean(&evidence.about)),
        Paint::Faint.on(format!("at {}", clean(&evidence.at)))
    )?;
    writeln!(out, "  answered          {}", clean(&evidence.answered))?;
    for (index, admissible) in evidence.admissible.iter().enumerate() {
        let told = if index == 0 { "could have been" } else { "or" };
        writeln!(out, "  {told:<16}  {}", clean(admissible))?;
    }
    writeln!(out, "  {}", clean(&evidence.why))?;
    if let Some(id) = &evidence.request_id {
        writeln!(out, "  request {}", clean(id))?;
    }
    if evidence.alike > 1 {
        writeln!(out, "  and {} of this kind", counted(evidence.alike - 1, "more wrong answer"))?;
    }
    let Some(scale) = TimeScale::of(evidence) else { return writeln!(out) };
    let widest = evidence.around.iter().map(|span| clean(&span.what).chars().count()).max();
    let widest = widest.unwrap_or(0).min(40);
    for span in &evidence.around {
        let what: String = clean(&span.what).chars().take(40).collect();
        let bar = scale.bar(span);
        let paint = match span.kind {
            SpanKind::Answer => Paint::Bad,
            SpanKind::Write => Paint::Frame,
            SpanKind::Edge | SpanKind::Grace => Paint::Warn,
        };
        writeln!(out, "    {what:<widest$} │{}│ {}", paint.on(bar), told(span, evidence.sent_us))?;
    }
    writeln!(out)
}

/// When, counted from the sending of the answer that is wrong: `-412ms for 2.00ms`.
pub fn told(span: &EvidenceSpan, zero_us: i64) -> String {
    let from = span.from_us - zero_us;
    let sign = if from < 0 { "-" } else { "+" };
    let from = format!("{sign}{}", duration(from.unsigned_abs() as f64));
    match span.to_us {
        None => format!("{from}, never ended"),
        Some(to) if to <= span.from_us => from,
        Some(to) => format!("{from} for {}", duration((to - span.from_us) as f64)),
    }
}

/// All instants of a piece of evidence on one line of time.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TimeScale {
    from_us: i64,
    length_us: f64,
}

impl TimeScale {
    /// From the first begin to the last end, with a little room behind it for what never ended.
    /// `None` where there is nothing to draw.
    pub fn of(evidence: &Evidence) -> Option<Self> {
        let from_us = evidence.around.iter().map(|span| span.from_us).min()?;
        let ends = evidence.around.iter().map(|span| span.to_us.unwrap_or(span.from_us));
        let to_us = ends.max()?.max(evidence.answered_us);
        let length_us = (to_us.saturating_sub(from_us)) as f64;
        Some(Self { from_us, length_us: (length_us * 1.04).max(1.0) })
    }

    /// Where a span begins and ends, as parts of the whole.
    pub fn place(self, span: &EvidenceSpan) -> (f64, f64) {
        let at = |us: i64| ((us - self.from_us) as f64 / self.length_us).clamp(0.0, 1.0);
        (at(span.from_us), span.to_us.map_or(1.0, at))
    }

    fn bar(self, span: &EvidenceSpan) -> String {
        let (from, to) = self.place(span);
        let at = |part: f64| ((part * WIDTH as f64) as usize).min(WIDTH - 1);
        let (first, last) = (at(from), at(to));
        let mark = match (span.kind, span.to_us) {
            (SpanKind::Answer, _) => '█',
            (SpanKind::Write, _) => '▬',
            (SpanKind::Edge | SpanKind::Grace, _) => '░',
        };
        let draw = |place: usize| match place {
            _ if place < first || place > last => ' ',
            _ if place == last && span.to_us.is_none() => '→',
            _ => mark,
        };
        (0..WIDTH).map(draw).collect()
    }
}
