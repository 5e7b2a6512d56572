//! Any bytes are a scenario or have faults that can be shown to a person: reading, planning and
//! playing them never panics, and every place that is named lies within the text. What is printed is read
//! as the same again, and what is in its form stays in it.

#![no_main]

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock};

use lamplighter_core::hours::Zones;
use lamplighter_core::model::{Instant, Millis};
use lamplighter_scenario::language::ast::Part;
use lamplighter_scenario::language::plan::{Plan, StepKind, plan};
use lamplighter_scenario::language::span::{Source, Span};
use lamplighter_scenario::language::format::{FormatError, format, format_world};
use lamplighter_scenario::language::{parse, print};
use lamplighter_scenario::play::{Options, Outcome, Prepared, play};
use libfuzzer_sys::fuzz_target;

static ZONES: LazyLock<Arc<Zones>> = LazyLock::new(|| Arc::new(Zones::bundled()));

/// A run visits each edge of the hours that it covers, so that a run of millennia takes seconds by
/// right. Longer ones are only read and planned.
const SIMULATED_MAX: Millis = Millis(2 * 366 * 86_400_000);

fuzz_target!(|bytes: &[u8]| {
    let parsed = parse(bytes);
    let mut diagnostics = parsed.diagnostics.clone();
    let planned = plan(&parsed.document, &ZONES, &|_| Err(String::new()), &mut diagnostics);
    for diagnostic in &diagnostics {
        lies_within(&parsed.source, diagnostic.span);
    }
    match format(bytes) {
        Ok(once) => {
            assert_eq!(format(&once.bytes).expect("it is one").bytes, once.bytes);
            assert_eq!(parse(&once.bytes).document, parsed.document);
        }
        // Of a table another row can have a fault than the first, by which the file was read above.
        Err(FormatError::Faulty(row)) => {
            assert!(!row.diagnostics.is_empty());
            assert!(parsed.row.is_some() || !parsed.diagnostics.is_empty());
        }
        Err(refused) => panic!("{refused}"),
    }
    match format_world(bytes) {
        Ok(once) => assert_eq!(format_world(&once.bytes).expect("it is one").bytes, once.bytes),
        Err(refused) => assert!(matches!(refused, FormatError::Faulty(_)), "{refused}"),
    }
    if parsed.diagnostics.is_empty() {
        let printed = print(&parsed.document);
        let again = parse(printed.as_bytes());
        assert_eq!((&again.document, again.diagnostics.len()), (&parsed.document, 0), "{printed}");
    }
    let reads_files = parsed.document.parts.iter().any(|part| !matches!(part, Part::At(_)));
    let includes = parsed.source.text().contains("include");
    let header = &parsed.document.header;
    let waits = [header.grace.map(|it| it.node), header.auto_away.and_then(|it| it.node)];
    let waits_long = waits.into_iter().flatten().any(|length| length > SIMULATED_MAX);
    if reads_files || includes || waits_long || simulated(&planned) > SIMULATED_MAX {
        return;
    }
    let path = Path::new("fuzzed.scenario");
    for (row, prepared) in Prepared::rows(path, bytes, &ZONES).into_iter().enumerate() {
        if row > 0 && simulated(&prepared.plan) > SIMULATED_MAX {
            continue;
        }
        let options = Options { timeline: Some(&mut |_, _| {}), picture: true, ..Options::default() };
        let verdict = play(prepared, &ZONES, options, &AtomicBool::new(false));
        for diagnostic in &verdict.diagnostics {
            lies_within(&verdict.file.source, diagnostic.span);
        }
        for failure in &verdict.failures {
            lies_within(&verdict.file.source, failure.statement);
            lies_within(&verdict.file.source, failure.words);
            for edit in failure.edits.iter().flatten() {
                lies_within(&verdict.file.source, edit.span);
            }
        }
        let faultless = verdict.diagnostics.is_empty();
        assert_eq!(faultless, verdict.outcome() != Outcome::Invalid);
        assert!(row > 0 || diagnostics.is_empty() || !faultless, "what planning finds, a run reports");
        if faultless && row == 0 {
            assert!(verdict.file.title == header.title.as_ref().map_or("", |title| &title.node));
        }
    }
});

/// From the first instant that a plan names to the last.
fn simulated(plan: &Plan) -> Millis {
    let spans = plan.steps.iter().filter_map(|step| match &step.kind {
        StepKind::Expect(expectation) => expectation.until.map(|until| until.node),
        _ => None,
    });
    let instants = plan.steps.iter().map(|step| step.at);
    let until = plan.until.map(|until| until.node);
    let last = spans.chain(instants.clone()).chain(until).max().unwrap_or(Instant::MIN);
    last.since(instants.min().unwrap_or(last))
}

/// A span of the text, whose ends lie between characters and have a line and a column.
fn lies_within(source: &Source, span: Span) {
    let text = source.text();
    assert!(span.start <= span.end && span.end <= text.len(), "{span:?} of {}", text.len());
    assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end), "{span:?}");
    let _ = source.slice(span);
    let (from, to) = (source.position(span.start), source.position(span.end));
    assert!(from <= to);
    for place in [from, to] {
        assert!((1..=source.line_count()).contains(&place.line) && place.column >= 1);
        let _ = source.line(place.line);
    }
}
