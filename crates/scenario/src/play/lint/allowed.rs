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
    /// Where the line below begins; `None` where there is none in its file.
    line: Option<usize>,
    silences: bool,
}

/// Leaves out what is allowed, and warns of what is allowed for nothing.
pub fn silence(verdict: &Verdict, warnings: &mut Warnings) {
    let source = &verdict.file.source;
    let (mut allowed, unknown) = read(source);
    warnings.retain(|warning| {
        let line = Some(source.line_of(warning.span.start).0);
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
    // What an included file allows may be for other scenarios that include it.
    let is_own = |one: &&Allowed| source.included_path(one.span.start).is_none();
    for one in allowed.iter().filter(is_own).filter(|one| !one.silences) {
        let message = format!("`{}` is allowed for nothing", one.code);
        let label = match one.line {
            Some(line) => format!("line {} has no such slip", source.position(line).line),
            None => "no line stands below".to_owned(),
        };
        let help = "leave it out; it counts for the next line that is no comment";
        warnings.push(Diagnostic::new(one.span, message, label).code(Code::UnusedAllow).help(help));
    }
}

/// The codes that a file and those that it includes allow, and what is wrong with others.
fn read(source: &Source) -> (Vec<Allowed>, Vec<Diagnostic>) {
    let (mut allowed, mut unknown) = (Vec::new(), Vec::new());
    // Those of comments right above, which wait for their line.
    let mut waiting: Vec<(Code, Span)> = Vec::new();
    let mut file = None;
    let put = |line: Option<usize>, waiting: &mut Vec<(Code, Span)>, into: &mut Vec<Allowed>| {
        let each = waiting.drain(..);
        into.extend(each.map(|(code, span)| Allowed { code, span, line, silences: false }));
    };
    for (start, text) in source.all_lines() {
        let of = source.included_path(start);
        if std::mem::replace(&mut file, of) != of {
            put(None, &mut waiting, &mut allowed);
        }
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
            None => put(Some(start), &mut waiting, &mut allowed),
        }
    }
    put(None, &mut waiting, &mut allowed);
    (allowed, unknown)
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
    let warning = warning.code(Code::UnknownAllow);
    match nearest(word, lints()) {
        Some(near) => warning.meant(span, near),
        None => warning.help(format!("expected one of {}", any_of(lints()))),
    }
}
