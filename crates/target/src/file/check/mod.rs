//! Everything that can be said of a target file without a call (rule T49 of target files), in one run.

mod abilities;
mod names;
mod needs;
mod scope;
mod secrets;

use std::collections::BTreeSet;

use lamplighter_scenario::language::diagnostic::Diagnostic;
use lamplighter_scenario::language::span::{Source, Span};
use toml::Spanned;
use toml::de::DeTable;

use super::finding::{Finding, Findings, Severity};
use super::node::{ParseContext, Table};
use super::rules::ReadFile;
use super::target::TargetFile;

pub use scope::all_uses;

/// A file that was read, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The text, for messages; what is not UTF-8 is replaced.
    pub source: Source,
    /// What it says, where there is no error.
    pub file: Option<TargetFile>,
    /// What is wrong with it, in the order of the file.
    pub findings: Vec<Finding>,
}

impl Checked {
    /// Whether no run can follow it.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// Reads a target file and says all that is wrong with it. `beside` reads a file that it names, by its
/// path relative to this one.
pub fn check(bytes: &[u8], beside: ReadFile<'_>) -> Checked {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let source = Source::new(String::from_utf8_lossy(bytes).into_owned());
    if let Some(diagnostic) = not_utf8(bytes) {
        let findings = vec![Finding { severity: Severity::Error, diagnostic }];
        return Checked { source, file: None, findings };
    }
    let reading = ParseContext { text: source.text(), findings: Findings::default() };
    let file = parse(source.text(), &reading.findings).map(|parsed| {
        let file = TargetFile::of_table(Table::root(parsed.get_ref(), &reading), beside);
        // An adapter has no steps: there is nothing to be given or missing.
        if file.about.adapter.is_none() {
            names::check(&file, &reading.findings);
            needs::check(&file, &reading.findings);
            abilities::check(&file, &reading.findings);
        }
        secrets::check(&file, &reading.findings);
        file
    });
    let has_errors = reading.findings.has_errors();
    let findings = reading.findings.into_sorted();
    Checked { file: file.filter(|_| !has_errors), findings, source }
}

/// The TOML of a file; `None` where what stands in it cannot be told. Its errors go to the findings.
fn parse<'a>(text: &'a str, findings: &Findings) -> Option<Spanned<DeTable<'a>>> {
    const TWICE: &str = "duplicate key";
    let (table, mut errors) = DeTable::parse_recoverable(text);
    errors.sort_by_key(|error| error.span().map(|span| span.start));
    let mut is_whole = true;
    let mut lines = BTreeSet::new();
    for error in errors {
        let (message, label) = match error.message().split_once(", expected ") {
            Some((what, "literal string")) => (what, "a text stands in quotes".to_owned()),
            Some((what, expected)) => (what, format!("expected {expected}")),
            None if error.message() == TWICE => {
                ("this stands in the file twice", "a second time".to_owned())
            }
            None => (error.message(), "this is no TOML".to_owned()),
        };
        is_whole &= error.message() == TWICE;
        let at = error.span().unwrap_or(0..0);
        // What else is found in a line is the same slip of the pen.
        if !lines.insert(text[..at.start].matches('\n').count()) {
            continue;
        }
        findings.error(Diagnostic::new(Span::new(at.start, at.end), message, label));
    }
    is_whole.then_some(table)
}

/// The first place that is not UTF-8.
fn not_utf8(bytes: &[u8]) -> Option<Diagnostic> {
    let replaced = '\u{fffd}'.len_utf8();
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        let span = Span::new(0, replaced);
        let diagnostic = Diagnostic::new(span, "the file is UTF-16", "a target file is UTF-8");
        return Some(diagnostic.help("save the file as UTF-8"));
    }
    let chunk = bytes.utf8_chunks().next().filter(|chunk| !chunk.invalid().is_empty())?;
    let at = chunk.valid().len();
    let found: Vec<String> = chunk.invalid().iter().map(|byte| format!("0x{byte:02x}")).collect();
    let label = format!("found the bytes {}", found.join(" "));
    let diagnostic =
        Diagnostic::new(Span::new(at, at + replaced), "the file is not UTF-8 here", label);
    Some(diagnostic.help("save the file as UTF-8"))
}
