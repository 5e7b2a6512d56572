//! The story of a wrong answer in words: who asked and was told what, what had happened, what was right
//! and by which rule, and where to look.

use std::io::{self, Write};

use super::evidence::told;
use crate::report::Paint;
use crate::report::format::clean;
use lamplighter_load::figures::{counted, duration};
use lamplighter_load::result::{
    Class, Evidence, ReceivedAnswer, SentRequest, ServiceName, SpanKind,
};

/// Writes the story; `right` is what the rules say and why, where that is known.
///
/// # Errors
/// When `out` does not take it.
pub fn story(out: &mut dyn Write, evidence: &Evidence, right: Option<&str>) -> io::Result<()> {
    head(out, evidence)?;
    exchange(out, evidence)?;
    before(out, evidence)?;
    if let Some(right) = right {
        heading(out, "What is right, by what the target had acknowledged")?;
        for line in right.trim_end().lines() {
            writeln!(out, "  {line}")?;
        }
        writeln!(out)?;
    }
    heading(out, "What it can be")?;
    writeln!(out, "  {}: {}", evidence.class, meaning(evidence.class))?;
    for cause in causes(evidence.class) {
        writeln!(out, "  - {cause}")?;
    }
    if evidence.alike > 1 {
        let others = counted(evidence.alike - 1, "more wrong answer");
        writeln!(out, "\n  There were {others} of this kind; all.csv lists them.")?;
    }
    Ok(())
}

/// Writes which wrong answers there are, a line each.
///
/// # Errors
/// When `out` does not take it.
pub fn list(out: &mut dyn Write, all: &[Evidence]) -> io::Result<()> {
    if all.is_empty() {
        return writeln!(out, "no answer was wrong");
    }
    for (number, found) in (1..).zip(all) {
        writeln!(
            out,
            "{number:>4}  {:<18} {}  {}  {}",
            found.class.to_string(),
            clean(&found.at),
            clean(&found.about),
            clean(found.request_id.as_deref().unwrap_or("")),
        )?;
    }
    writeln!(out, "\ntell one with --number N or --request ID")
}

fn heading(out: &mut dyn Write, what: &str) -> io::Result<()> {
    writeln!(out, "{}", Paint::Strong.on(what))
}

fn head(out: &mut dyn Write, evidence: &Evidence) -> io::Result<()> {
    let Evidence { class, about, who, sent_us, answered_us, at, answered, admissible, why, .. } =
        evidence;
    writeln!(out, "{} {}, at {}\n", Paint::Bad.on(class), clean(about), clean(at))?;
    let who = if who.is_empty() { "somebody" } else { who };
    let when = duration(answered_us.unsigned_abs() as f64);
    let took = duration((answered_us - sent_us).max(0) as f64);
    writeln!(
        out,
        "{when} into the run {} was told of {}, {took} after asking:",
        clean(who),
        clean(about)
    )?;
    writeln!(out, "  {:<15} {}", "answered", Paint::Bad.on(clean(answered)))?;
    for (index, one) in admissible.iter().enumerate() {
        let told = if index == 0 { "could have been" } else { "or" };
        writeln!(out, "  {told:<15} {}", Paint::Good.on(clean(one)))?;
    }
    writeln!(out, "  {}\n", clean(why))?;
    if evidence.names.is_empty() {
        return Ok(());
    }
    heading(out, "What its names are on the service")?;
    for ServiceName { planned, there } in &evidence.names {
        writeln!(out, "  {:<15} {}", clean(planned), clean(there))?;
    }
    writeln!(out)
}

fn exchange(out: &mut dyn Write, evidence: &Evidence) -> io::Result<()> {
    if let Some(SentRequest { method, path, headers, body }) = &evidence.request {
        heading(out, "What was sent")?;
        writeln!(out, "  {} {}", clean(method), clean(path))?;
        if let Some(id) = &evidence.request_id {
            writeln!(out, "  x-request-id: {}", clean(id))?;
        }
        fields(out, headers)?;
        text(out, body)?;
    } else if let Some(id) = &evidence.request_id {
        heading(out, "What was sent")?;
        writeln!(out, "  x-request-id: {}", clean(id))?;
    }
    if let Some(ReceivedAnswer { status, headers, body }) = &evidence.answer {
        heading(out, "What came back")?;
        writeln!(out, "  {status}")?;
        fields(out, headers)?;
        text(out, body)?;
    }
    writeln!(out)
}

fn fields(out: &mut dyn Write, headers: &[(String, String)]) -> io::Result<()> {
    headers
        .iter()
        .try_for_each(|(name, value)| writeln!(out, "  {}: {}", clean(name), clean(value)))
}

fn text(out: &mut dyn Write, body: &str) -> io::Result<()> {
    body.lines().try_for_each(|line| writeln!(out, "  {}", clean(line)))
}

fn before(out: &mut dyn Write, evidence: &Evidence) -> io::Result<()> {
    if evidence.around.is_empty() {
        return Ok(());
    }
    heading(out, "What happened, counted from the moment at which it was asked for")?;
    for span in &evidence.around {
        let when = told(span, evidence.sent_us);
        let what = match span.kind {
            SpanKind::Write => "",
            SpanKind::Edge | SpanKind::Grace => " (may show so long)",
            SpanKind::Answer => " (sent and answered)",
        };
        writeln!(out, "  {when:<24} {}{what}", clean(&span.what))?;
    }
    writeln!(out)
}

/// What a class means, in a sentence.
pub fn meaning(class: Class) -> &'static str {
    match class {
        Class::Stale => {
            "it was true before, and is not any more: a write that was answered before the read began is not in it"
        }
        Class::Phantom => "it was never true, as far as is known",
        Class::EdgeEarly => "a scheduler's edge, or the end of a grace, showed before it was due",
        Class::EdgeLate => {
            "a scheduler's edge, or the end of a grace, did not show within the promise"
        }
        Class::NonMonotonicRead => "it is older than what was known before it was asked for",
        Class::LostMessage => "what a visitor left, and was told is kept, is not there",
        Class::TeamStatusWrong => "a team-mate is not as the team is told (rule P4)",
        Class::SessionLost => {
            "a device was told that its session is over, while by the rules it is logged in"
        }
    }
}

/// What is worth a look, by class.
fn causes(class: Class) -> &'static [&'static str] {
    match class {
        Class::Stale => &[
            "a cache in front of the target, or in it, that outlives the write: look at age, via and cache-control above",
            "a replica that is read while the write is still on its way to it",
            "a write that was acknowledged before it took effect, or an event that a stream left out",
        ],
        Class::Phantom => &[
            "an answer of another property, widget or visitor under this name: a cache key that lacks something",
            "a write that was acknowledged and then lost, or taken for another (rules P1 to P5)",
            "a status that is worked out otherwise than by the rules (rules W1 to W6)",
        ],
        Class::EdgeEarly => &[
            "a clock of the target that is ahead of the one it tells",
            "hours in another zone, or rounded up; a grace that is shorter than is set (rules S2, P7)",
        ],
        Class::EdgeLate => &[
            "a timer that looks only every so often, or a queue of jobs that is behind",
            "a cache that lives longer than the promise; a connection whose loss is not noticed (rule P7)",
            "a promise that is too short: the report says which would have been enough, see --within",
        ],
        Class::NonMonotonicRead => &[
            "several replicas or caches of different age behind one address",
            "events on a stream or a socket that overtake each other",
        ],
        Class::LostMessage => &[
            "an acknowledgement before the message is on disk, or in a queue that was dropped (rule C2)",
            "a message that is kept at another property, twice, or changed on its way",
        ],
        Class::TeamStatusWrong => &[
            "devices that are added up otherwise than by rule P4: online, away, invisible, in this order",
            "an invisible member who is told as offline; statuses that were pushed in another order",
        ],
        Class::SessionLost => &[
            "sessions that end after a time of their own: a target file says so by `session_max`",
            "a login on another device that ends this one's, a limit of sessions, a store that forgets them (rules P1, P3)",
        ],
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;
    use lamplighter_load::sample::Sample;

    fn all() -> Vec<Evidence> {
        Sample { is_bad: true, ..Sample::default() }.whole().judged.evidence
    }

    #[test]
    fn a_story_tells_who_was_told_what_what_was_right_and_where_to_look() {
        let mut out = Vec::new();
        let evidence = Evidence { alike: 3, ..all().remove(0) };
        let mut plain = anstream::StripStream::new(&mut out);
        story(&mut plain, &evidence, Some("online because W2\n")).expect("is written");
        let text = String::from_utf8(out).expect("UTF-8");
        for part in [
            "stale lt-harbour-17/sales, at 2026-03-09T13:00:06.001Z",
            "6.00s into the run a visitor on /pricing, from DE, on a desktop was told",
            "  answered        away, chat possible (version 17)",
            "  could have been online, chat possible",
            "  GET /v1/widgets/lt-harbour-17?country=DE&device=desktop",
            "  x-request-id: lt-1-600",
            "  content-type: application/json",
            "ann.3 goes away on laptop",
            "  online because W2",
            "a replica that is read",
            "There were 2 more wrong answers of this kind",
        ] {
            assert!(text.contains(part), "{part}:\n{text}");
        }
        assert!(Class::ALL.into_iter().all(|class| !causes(class).is_empty()));
    }

    #[test]
    fn of_several_there_is_a_list_with_their_numbers() {
        let mut out = Vec::new();
        list(&mut out, &all()).expect("is written");
        let text = String::from_utf8(out).expect("UTF-8");
        assert!(text.starts_with("   1  stale "), "{text}");
        assert_eq!(text.lines().count(), all().len() + 2);
    }
}
