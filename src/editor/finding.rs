//! What is wrong where, in any of the files that a scenario names, in the words of the command line.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::buffers::plain;
use super::first::first_said;
use super::look::{Kind, Read};
use super::text::{Text, TextPosition, TextRange, Units};
use crate::report::rule_book::{self, Rule};
use crate::report::told;
use lamplighter_scenario::language::ExampleRow;
use lamplighter_scenario::language::code::{Code, Severity};
use lamplighter_scenario::language::diagnostic::{Diagnostic, Elsewhere, Suggestion};
use lamplighter_scenario::language::span::{Source, Span};
use lamplighter_scenario::play::{Checked, Failure, Verdict};

/// The rule book, read once.
pub(super) static RULES: LazyLock<Vec<Rule>> = LazyLock::new(rule_book::rules);

/// Something that was found, at its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The file in which it stands.
    pub path: PathBuf,
    /// The words that it is about.
    pub at: TextRange,
    /// How much it weighs with the editor: whether it is an error, or less.
    pub weight: Weight,
    /// What it is of, by which more can be read about it; `None` where nothing more is written.
    pub about: Option<About>,
    /// What is wrong, why, and what to do, in a few lines.
    pub message: String,
    /// Other places that have to do with it.
    pub related: Vec<Related>,
    /// What would mend it, likeliest first.
    pub fixes: Vec<Fix>,
}

/// A change of a file that mends something that was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// What it does, for who chooses.
    pub title: String,
    /// The file that is changed.
    pub path: PathBuf,
    /// The words that are replaced.
    pub at: TextRange,
    /// What is to stand there.
    pub text: String,
    /// What stands there now, of a file that is read from the disk: an open text may have changed.
    pub instead_of: Option<String>,
}

/// How much something weighs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Weight {
    /// The scenario cannot be run, or is false.
    Error,
    /// It is probably not meant.
    Warning,
    /// Nothing is wrong with it; it is good to know.
    Note,
}

/// What something that was found is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum About {
    /// A code of `docs/diagnostics.md`.
    Code(Code),
    /// A rule of `docs/rules.md`, which decided what is so.
    Rule(&'static str),
}

impl About {
    /// The name of the code, or of the rule.
    pub fn name(self) -> &'static str {
        match self {
            Self::Code(code) => code.name(),
            Self::Rule(name) => name,
        }
    }
}

/// A place that has to do with something that was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Related {
    /// The file in which it stands.
    pub path: PathBuf,
    /// The words that have to do with it.
    pub at: TextRange,
    /// What they have to do with it.
    pub why: String,
}

/// Everything that was found in a file of a kind, row by row of its table, in the order in which the command
/// line tells it. `has_bom` says whether the text that is open begins with a byte order mark.
pub fn found(checked: &[Checked], kind: Kind, has_bom: bool, units: Units) -> Vec<Finding> {
    let mut all = Vec::new();
    let Some(first) = checked.first() else { return all };
    let mut places = Places::new(&first.verdict, has_bom, units);
    let source = &first.verdict.file.source;
    // The scenario that includes a world which is open by itself is of nobody.
    let is_of_file = |one: &&Diagnostic| {
        kind == Kind::Scenario || source.included_path(one.span.start).is_some()
    };
    for Checked { verdict, warnings } in checked {
        let faults = verdict.diagnostics.iter().chain(warnings).filter(is_of_file);
        all.extend(faults.map(|one| places.fault(verdict, one)));
        all.extend(of_traces(verdict, units));
        // What is false in a faulty file means nothing.
        if verdict.error_count() == 0 && verdict.told_before == 0 {
            all.extend(verdict.failures.iter().map(|one| places.failure(verdict, one)));
            all.extend(of_recordings(verdict, units));
        }
    }
    all
}

/// Turns spans into places of the files in which they stand.
struct Places<'a> {
    path: &'a Path,
    source: &'a Source,
    has_bom: bool,
    units: Units,
    /// The files that were met, by where their texts begin.
    texts: BTreeMap<usize, Text>,
}

impl<'a> Places<'a> {
    fn new(verdict: &'a Verdict, has_bom: bool, units: Units) -> Self {
        let file = &verdict.file;
        let (path, source) = (file.path.as_path(), &file.source);
        Self { path, source, has_bom, units, texts: BTreeMap::new() }
    }

    /// The file of a span, and where it stands there: within one line, as it is underlined.
    fn of(&mut self, span: Span) -> (PathBuf, TextRange) {
        let (path, start, text) = self.source.file_of(span.start);
        let (line_start, line) = self.source.line_of(span.start);
        let end = span.end.clamp(span.start, (line_start + line.len()).max(span.start));
        let lines = self.texts.entry(start).or_insert_with(|| Text::new(text.to_owned()));
        let mut at = lines.range(span.start - start..end - start, self.units);
        if self.has_bom && path.is_none() {
            let mark = self.units.count("\u{feff}");
            for place in [&mut at.start, &mut at.end] {
                place.column += if place.line == 0 { mark } else { 0 };
            }
        }
        (plain(path.unwrap_or(self.path)), at)
    }

    fn fault(&mut self, verdict: &Verdict, found: &Diagnostic) -> Finding {
        let (path, at) = self.of(found.span);
        let mut message = told::fault(found);
        let row = verdict.file.row.as_ref();
        row.iter().for_each(|row| message.push_str(&format!("\n{}", row.told())));
        let weight = match found.code.severity() {
            Severity::Error => Weight::Error,
            Severity::Lint => Weight::Warning,
        };
        let first = first_said(&verdict.file.source, found).map(|first| {
            let (path, at) = self.of(first);
            Related { path, at, why: "it is said first here".to_owned() }
        });
        let related = first.into_iter().chain(self.row(row)).collect();
        let about = Some(About::Code(found.code));
        let fixes = self.fixes(verdict, found);
        Finding { path, at, weight, about, message, related, fixes }
    }

    /// What would mend a fault: the words that may have been meant, and for what is allowed a comment that says
    /// so. Words out of a table are for other rows, too.
    fn fixes(&mut self, verdict: &Verdict, found: &Diagnostic) -> Vec<Fix> {
        let is_written =
            |one: &&Suggestion| one.elsewhere.is_some() || !verdict.file.put_in.meets(one.span);
        let meant = found.suggestions.iter().filter(is_written);
        // In a scenario with a table braces mean something, and here do only where they name a column.
        let is_braced = |one: &Suggestion| {
            let is_own = self.source.included_path(one.span.start).is_none();
            is_own && one.elsewhere.is_none() && found.code != Code::UnknownColumn
        };
        let has_table = verdict.file.row.is_some();
        let written = |one: &Suggestion| match has_table && is_braced(one) {
            true => Suggestion { text: one.text.replace('{', "{{"), ..one.clone() },
            false => one.clone(),
        };
        let meant: Vec<Suggestion> = meant.map(written).collect();
        let mut fixes: Vec<Fix> = meant.iter().map(|meant| self.meant(meant)).collect();
        let is_silenced = |code| !matches!(code, Code::UnknownAllow | Code::UnusedAllow);
        if found.code.severity() == Severity::Lint && is_silenced(found.code) {
            let (start, line) = self.source.line_of(found.span.start);
            let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
            let (path, at) = self.of(Span::new(start, start));
            let text = format!("{indent}# allow {}{}", found.code, self.line_end(start));
            let title = format!("allow it here: `# allow {}`", found.code);
            fixes.push(Fix { title, path, at, text, instead_of: None });
        }
        fixes
    }

    /// How the line ends that begins at a byte; the last one as the one before it does.
    fn line_end(&self, line_start: usize) -> &'static str {
        let (_, start, text) = self.source.file_of(line_start);
        let (before, rest) = text.split_at(line_start - start);
        let line = rest.split_inclusive('\n').next().filter(|line| line.ends_with('\n'));
        match line.unwrap_or(before).ends_with("\r\n") {
            true => "\r\n",
            false => "\n",
        }
    }

    fn meant(&mut self, meant: &Suggestion) -> Fix {
        let Suggestion { elsewhere, span, text } = meant;
        let (title, (path, at)) = match elsewhere.as_deref() {
            None => (format!("write `{text}`"), self.of(*span)),
            Some(Elsewhere { path, text: file }) => {
                let at = Text::new(file.clone()).range(span.start..span.end, self.units);
                let file = self.path.parent().unwrap_or(Path::new("")).join(path);
                (format!("write `{text}` in {}", path.display()), (plain(&file), at))
            }
        };
        Fix { title, path, at, text: text.clone(), instead_of: None }
    }

    fn failure(&mut self, verdict: &Verdict, failure: &Failure) -> Finding {
        let (path, at) = self.of(failure.words);
        let about = rule_in(&failure.found).map(About::Rule);
        let message = told::failure(verdict, failure);
        let related = self.row(verdict.file.row.as_ref()).into_iter().collect();
        Finding { path, at, weight: Weight::Error, about, message, related, fixes: Vec::new() }
    }

    /// The row of the table by which something is so.
    fn row(&mut self, row: Option<&ExampleRow>) -> Option<Related> {
        let row = row?;
        let (start, text) = self.source.line(row.line);
        let (path, at) = self.of(Span::new(start, start + text.len()));
        Some(Related { path, at, why: row.told() })
    }
}

/// What is wrong with the traces of a scenario.
fn of_traces(verdict: &Verdict, units: Units) -> impl Iterator<Item = Finding> {
    verdict.trace_diagnostics.iter().map(move |found| {
        let columns = found.column - 1..found.column - 1 + found.width;
        let path = plain(&found.path);
        let at = in_line(found.line, columns.clone(), &found.text, units);
        let fixes = found.meant.iter().map(|meant| Fix {
            title: format!("write `{meant}`"),
            path: path.clone(),
            at: at.clone(),
            text: meant.clone(),
            instead_of: Some(found.text.chars().skip(columns.start).take(columns.len()).collect()),
        });
        let fixes = fixes.collect();
        Finding {
            path,
            at,
            weight: Weight::Error,
            about: Some(About::Code(Code::of_fault(found.fault))),
            message: told::fault_of_trace(found),
            related: Vec::new(),
            fixes,
        }
    })
}

/// The wrong rows of its recordings.
fn of_recordings(verdict: &Verdict, units: Units) -> impl Iterator<Item = Finding> {
    verdict.observations.false_rows.iter().map(move |row| Finding {
        path: plain(&row.path),
        at: in_line(row.line, 0..row.text.chars().count(), &row.text, units),
        weight: Weight::Error,
        about: None,
        message: told::false_row(verdict, row),
        related: Vec::new(),
        fixes: Vec::new(),
    })
}

/// Characters of a line that counts from 1.
fn in_line(line: u64, columns: Range<usize>, text: &str, units: Units) -> TextRange {
    let byte = |column: usize| text.char_indices().nth(column).map_or(text.len(), |(at, _)| at);
    let place = |column: usize| TextPosition {
        line: usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX),
        column: units.count(&text[..byte(column)]),
    };
    place(columns.start)..place(columns.end)
}

/// The first rule that a text names: `away (agent-away, rule W3)`.
pub fn rule_in(text: &str) -> Option<&'static str> {
    let behind = text.split("rule ").nth(1)?;
    let name = behind.split(|c: char| !c.is_ascii_alphanumeric()).next()?;
    RULES.iter().map(|rule| rule.name).find(|known| *known == name)
}

/// That the traces of a scenario are not played while somebody types: what it would be told of by playing,
/// it is told of later.
pub fn too_long(read: &Read, text: &Text, units: Units) -> Option<Finding> {
    let prepared = read.rows.first()?;
    let observed = prepared.plan.observed.iter().map(|observed| &observed.path);
    let trace = prepared.plan.traces.iter().chain(observed).min_by_key(|trace| trace.span)?;
    let mark = if text.as_str().starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    Some(Finding {
        path: prepared.file.path.clone(),
        at: text.range(trace.span.start + mark..trace.span.end + mark, units),
        weight: Weight::Note,
        about: None,
        message: format!(
            "traces of {} are played when the file is saved: until then nothing is said of what they do",
            bytes_in_words(read.trace_bytes)
        ),
        related: Vec::new(),
        fixes: Vec::new(),
    })
}

/// `3.4 MB`
fn bytes_in_words(bytes: u64) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
}
