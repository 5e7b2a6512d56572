//! `# allow CODE…`: a comment that silences lints of the line below it.

use super::warnings::Warnings;
use crate::language::code::{Code, Severity};
use crate::language::diagnostic::{Diagnostic, any_of, nearest};
use crate::language::span::{Source, Span};
use crate::play::verdict::Verdict;

/// The first word of such a comment.
const ALLOW: &str = "allow";

/// A code behind `allow`, and the line that it is for.
struct Allowed {
    code: Code,
    span: Span,
    /// The number of the line below, from 1.
    line: usize,
    silences: bool,
}

/// Leaves out what is allowed, and warns of what is allowed for nothing.
pub fn silence(verdict: &Verdict, warnings: &mut Warnings) {
    let source = &verdict.file.source;
    let (mut allowed, unknown) = read(source);
    warnings.retain(|warning| {
        if source.included_path(warning.span.start).is_some() {
            return true;
        }
        let line = source.position(warning.span.start).line;
        let mut is_allowed = false;
        for one in allowed.iter_mut().filter(|one| one.code == warning.code && one.line == line) {
            one.silences = true;
            is_allowed = true;
        }
        !is_allowed
    });
    unknown.into_iter().for_each(|warning| warnings.push(warning));
    // Of a file with faults not all is known that it would be warned of.
    if !verdict.diagnostics.is_empty() {
        return;
    }
    for one in allowed.iter().filter(|one| !one.silences) {
        let message = format!("`{}` is allowed for nothing", one.code);
        let label = format!("line {} has no such slip", one.line);
        let help = "leave it out; it counts for the next line that is no comment";
        warnings.push(Diagnostic::new(one.span, message, label).code(Code::UnusedAllow).help(help));
    }
}

/// The codes that a file allows, and what is wrong with others.
fn read(source: &Source) -> (Vec<Allowed>, Vec<Diagnostic>) {
    let (mut allowed, mut unknown) = (Vec::new(), Vec::new());
    // Those of comments right above, which wait for their line.
    let mut waiting: Vec<(Code, Span)> = Vec::new();
    for (line, (start, text)) in lines(source) {
        let written = text.trim_start_matches([' ', '\t']);
        match written.strip_prefix('#') {
            Some(comment) => {
                for (word, span) in words_of(comment, start + text.len() - comment.len()) {
                    match Code::named(word) {
                        Some(code) if code.severity() == Severity::Lint => {
                            waiting.push((code, span));
                        }
                        known => unknown.push(cannot_be_allowed(word, known, span)),
                    }
                }
            }
            None if written.is_empty() => {}
            None => allowed.extend(waiting.drain(..).map(|(code, span)| Allowed {
                code,
                span,
                line,
                silences: false,
            })),
        }
    }
    // Behind the last line there is nothing to allow.
    let behind = source.line_count() + 1;
    allowed.extend(waiting.into_iter().map(|(code, span)| Allowed {
        code,
        span,
        line: behind,
        silences: false,
    }));
    (allowed, unknown)
}

/// Each line with its number, from 1, and the byte that it begins at.
fn lines(source: &Source) -> impl Iterator<Item = (usize, (usize, &str))> {
    (1..=source.line_count()).map(|line| (line, source.line(line)))
}

/// The words behind `allow`, each with its place; none where the comment is prose that begins so.
fn words_of(comment: &str, start: usize) -> Vec<(&str, Span)> {
    let is_blank = |c: char| matches!(c, ' ' | '\t' | ',');
    let mut words = Vec::new();
    let mut at = 0;
    for word in comment.split(is_blank) {
        if !word.is_empty() {
            words.push((word, Span::new(start + at, start + at + word.len())));
        }
        at += word.len() + 1;
    }
    if words.first().is_none_or(|(first, _)| *first != ALLOW) {
        return Vec::new();
    }
    words.remove(0);
    let is_code = |word: &str| {
        let mut chars = word.chars();
        chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            && (word.contains('-') || Code::named(word).is_some())
    };
    let is_meant = words.len() == 1 || words.iter().any(|(word, _)| is_code(word));
    if is_meant { words } else { Vec::new() }
}

fn cannot_be_allowed(word: &str, known: Option<Code>, span: Span) -> Diagnostic {
    let lints = || Code::lints().map(Code::name);
    if known.is_some() {
        let message = format!("`{word}` cannot be allowed");
        let label = "it is an error, not a lint";
        return Diagnostic::new(span, message, label).code(Code::UnknownAllow);
    }
    let warning = Diagnostic::new(span, format!("there is no code `{word}`"), "it allows nothing");
    let help = match nearest(word, lints()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("expected one of {}", any_of(lints())),
    };
    warning.code(Code::UnknownAllow).help(help)
}
