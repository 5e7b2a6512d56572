//! JUnit XML: a suite a folder, a case a scenario.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::format::counted;
use super::tested::Skipped;
use super::text;
use lamplighter_scenario::play::{CameTo, Outcome, Verdict};

/// Writes the report. A false expectation is a failure, a faulty file an error; what was not played on a
/// target is skipped, and what of a scenario was not tested on it stands in the case's output.
///
/// # Errors
/// When `out` does not take it.
pub fn junit(
    out: &mut dyn Write,
    verdicts: &[Verdict],
    skipped: &[Skipped],
    took: Duration,
) -> Result<(), SerializeError> {
    let mut report = Report::new("lamplighter");
    report.set_time(took);
    let mut suites: BTreeMap<String, TestSuite> = BTreeMap::new();
    let cases = verdicts.iter().map(|verdict| (&verdict.file.path, case(verdict)));
    let left_out = skipped.iter().map(|one| (&one.path, skipped_case(one)));
    for (path, case) in cases.chain(left_out) {
        let folder = path.parent().unwrap_or(Path::new("")).display().to_string();
        let folder = if folder.is_empty() { ".".to_owned() } else { folder };
        let suite =
            suites.entry(folder).or_insert_with_key(|folder| TestSuite::new(xml(folder.as_str())));
        suite.add_test_case(case);
    }
    report.add_test_suites(suites.into_values());
    report.serialize(out)
}

fn case(verdict: &Verdict) -> TestCase {
    let status = match verdict.outcome() {
        Outcome::Passed => TestCaseStatus::success(),
        outcome => {
            let (kind, what, count) = match outcome {
                Outcome::Failed => {
                    let wrong = verdict.observations.wrong_count();
                    match verdict.failures.len() as u64 {
                        0 => (NonSuccessKind::Failure, "wrong row", wrong),
                        count => (NonSuccessKind::Failure, "false expectation", count),
                    }
                }
                _ => (NonSuccessKind::Error, "error", verdict.error_count()),
            };
            let mut status = TestCaseStatus::non_success(kind);
            status.set_message(counted(count, what)).set_type(what);
            status.set_description(xml(plain_text(verdict)));
            status
        }
    };
    let path = verdict.file.name();
    let file = Path::new(&path).file_name().unwrap_or_default().to_string_lossy();
    let name = match verdict.file.title.is_empty() {
        true => file.into_owned(),
        false => format!("{file}: {}", verdict.file.title),
    };
    let mut case = TestCase::new(xml(name), status);
    case.set_classname(xml(path));
    let not_tested = not_tested(verdict);
    if !not_tested.is_empty() {
        case.set_system_out(xml(not_tested));
    }
    case
}

fn skipped_case(one: &Skipped) -> TestCase {
    let file = one.path.file_name().unwrap_or_default().to_string_lossy();
    let mut status = TestCaseStatus::skipped();
    status.set_message(xml(one.why.as_str()));
    let mut case = TestCase::new(xml(file), status);
    case.set_classname(xml(one.path.display().to_string()));
    case
}

/// A line for each clause that was not tested on a target: where, what, and why not.
fn not_tested(verdict: &Verdict) -> String {
    let source = &verdict.file.source;
    let mut lines = String::new();
    for (span, tested) in &verdict.tested.clauses {
        if let CameTo::NotTested(why) = &tested.came_to {
            let at = source.position(span.start);
            let (clause, why) = (source.slice(*span), &why.0);
            lines += &format!("{}:{}: not tested: {clause} ({why})\n", at.line, at.column);
        }
    }
    lines
}

/// What the terminal shows, without colours.
fn plain_text(verdict: &Verdict) -> String {
    let mut bytes = Vec::new();
    let mut plain = anstream::StripStream::new(&mut bytes);
    let written =
        text::verdict(&mut plain, verdict).and_then(|()| text::diagnostics(&mut plain, verdict));
    written.expect("a vector takes everything");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Two characters that XML has no way to write stand in no text: `quick_junit` leaves out the controls alone.
fn xml<'a>(text: impl Into<Cow<'a, str>>) -> String {
    text.into().replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamplighter_core::hours::Zones;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    #[test]
    fn a_report_is_xml_whatever_a_title_has() {
        let text = "scenario \u{fffe} A \u{7} title \u{ffff} & <b>\n";
        let zones = Arc::new(Zones::bundled());
        let stop = AtomicBool::new(false);
        let options = lamplighter_scenario::play::Options::default();
        let verdict = lamplighter_scenario::play::run(
            Path::new("a.scenario"),
            text.as_bytes(),
            &zones,
            options,
            &stop,
        );
        let mut out = Vec::new();
        junit(&mut out, &[verdict], &[], Duration::ZERO).expect("a vector takes everything");
        let report = String::from_utf8(out).expect("text");
        let is_xml = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
        assert!(report.contains("title \u{fffd} &amp; &lt;b&gt;"), "{report}");
        assert!(report.chars().all(is_xml), "{report:?}");
    }
}
