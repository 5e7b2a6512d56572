//! JUnit XML: a suite a folder, a case a scenario.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::format::counted;
use super::text;
use lamplighter_scenario::play::{Outcome, Verdict};

/// Writes the report. A false expectation is a failure, a faulty file an error.
///
/// # Errors
/// When `out` does not take it.
pub fn junit(
    out: &mut dyn Write,
    verdicts: &[Verdict],
    took: Duration,
) -> Result<(), SerializeError> {
    let mut report = Report::new("lamplighter");
    report.set_time(took);
    let mut suites: BTreeMap<String, TestSuite> = BTreeMap::new();
    for verdict in verdicts {
        let folder = verdict.file.path.parent().unwrap_or(Path::new("")).display().to_string();
        let folder = if folder.is_empty() { ".".to_owned() } else { folder };
        let suite =
            suites.entry(folder).or_insert_with_key(|folder| TestSuite::new(folder.as_str()));
        suite.add_test_case(case(verdict));
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
                    (NonSuccessKind::Failure, "false expectation", verdict.failures.len())
                }
                _ => {
                    let count = verdict.diagnostics.len() + verdict.trace_diagnostics.len();
                    (NonSuccessKind::Error, "error", count)
                }
            };
            let mut status = TestCaseStatus::non_success(kind);
            status.set_message(counted(count as u64, what)).set_type(what);
            status.set_description(plain_text(verdict));
            status
        }
    };
    let file = verdict.file.path.file_name().unwrap_or_default().to_string_lossy();
    let name = match verdict.file.title.is_empty() {
        true => file.into_owned(),
        false => format!("{file}: {}", verdict.file.title),
    };
    let mut case = TestCase::new(name, status);
    case.set_classname(verdict.file.path.display().to_string());
    case
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
