//! What `check` found, as every report of it has it.

use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::snippet::underline;
use super::text::more_rows;
use lamplighter_core::trace;
use lamplighter_scenario::language::code::{Code, Severity};
use lamplighter_scenario::play::Checked;

/// A fault or a warning, wherever it stands.
pub struct Finding<'a> {
    /// What kind it is of.
    pub code: Code,
    /// The file that has it: the scenario, or one of its traces.
    pub path: &'a Path,
    /// The number of the line, from 1.
    pub line: usize,
    /// The first column at fault, in characters from 1.
    pub column: usize,
    /// The column behind the last one at fault.
    pub end_column: usize,
    /// The text of the line.
    pub text: &'a str,
    /// What is wrong, in one sentence.
    pub message: &'a str,
    /// What was expected there, or the rule.
    pub label: &'a str,
    /// What to do; `None` where there is no advice.
    pub help: Option<&'a str>,
    /// The fault of a trace that this is.
    of_trace: Option<&'a trace::Diagnostic>,
}

impl Finding<'_> {
    /// How many more rows of a trace have the fault, in words; `None` where it is told of each.
    pub fn more_rows(&self) -> Option<String> {
        self.of_trace.and_then(more_rows)
    }
}

/// Everything that was found: faults of the scenario, warnings, faults of its traces.
pub fn findings(Checked { verdict, warnings }: &Checked) -> impl Iterator<Item = Finding<'_>> {
    let file = &verdict.file;
    let own = verdict.diagnostics.iter().chain(warnings).map(move |found| {
        let (line, marked, text) = underline(&file.source, found.span);
        Finding {
            code: found.code,
            path: file.path_of(found.span),
            line,
            column: marked.start + 1,
            end_column: marked.end + 1,
            text,
            message: &found.message,
            label: &found.label,
            help: found.help.as_deref(),
            of_trace: None,
        }
    });
    let of_traces = verdict.trace_diagnostics.iter().map(|found| Finding {
        code: Code::of_fault(found.fault),
        path: &found.path,
        line: found.line as usize,
        column: found.column,
        end_column: found.column + found.width,
        text: &found.text,
        message: &found.message,
        label: &found.label,
        help: found.help.as_deref(),
        of_trace: Some(found),
    });
    own.chain(of_traces)
}

/// What is wrong with scenarios, and what is allowed in them and probably not meant.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(title = "lamplighter check --json"))]
pub(super) struct Report<'a> {
    /// The version that wrote it.
    lamplighter: &'static str,
    /// The release of the time zone database.
    zone_data: &'a str,
    /// How much of it there is.
    summary: Summary,
    /// Faults and warnings, file by file.
    findings: Vec<JsonFinding<'a>>,
}

/// How much was found.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Summary {
    /// Scenarios that were looked at.
    scenarios: usize,
    /// Faults, those included that are told once for many rows.
    errors: u64,
    /// What is allowed in them, and probably not meant.
    warnings: usize,
}

/// A fault or a warning.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonFinding<'a> {
    /// Whether it is a fault.
    #[cfg_attr(test, schemars(extend("enum" = ["error", "warning"])))]
    severity: &'static str,
    /// The kind that it is of; `lamplighter rule` explains it.
    code: &'static str,
    /// The file that has it: the scenario, or one of its traces.
    path: String,
    /// The line, from 1.
    line: usize,
    /// The first column, in characters from 1.
    column: usize,
    /// The column behind the last one.
    end_column: usize,
    /// What is wrong.
    message: &'a str,
    /// What was expected there, or the rule.
    label: &'a str,
    /// What to do.
    help: Option<&'a str>,
    /// How many more rows of a trace have the same fault, and are not listed.
    more: u64,
}

/// Writes all findings as one JSON object; `zone_data` is the release of the time zone database.
///
/// # Errors
/// When `out` does not take it.
pub fn json(out: &mut dyn Write, checked: &[Checked], zone_data: &str) -> serde_json::Result<()> {
    let report = Report {
        lamplighter: env!("CARGO_PKG_VERSION"),
        zone_data,
        summary: Summary {
            scenarios: checked.len(),
            errors: checked.iter().map(|one| one.verdict.error_count()).sum(),
            warnings: checked.iter().map(|one| one.warnings.len()).sum(),
        },
        findings: checked.iter().flat_map(findings).map(in_json).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out).map_err(serde_json::Error::io)
}

fn in_json(finding: Finding<'_>) -> JsonFinding<'_> {
    JsonFinding {
        severity: match finding.code.severity() {
            Severity::Error => "error",
            Severity::Lint => "warning",
        },
        code: finding.code.name(),
        path: finding.path.display().to_string(),
        line: finding.line,
        column: finding.column,
        end_column: finding.end_column,
        message: finding.message,
        label: finding.label,
        help: finding.help,
        more: finding.of_trace.map_or(0, |found| found.more),
    }
}
