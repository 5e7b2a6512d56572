//! Pages, countries and devices that hide a widget from everybody, or from nobody.

use super::warnings::Warnings;
use super::written::{lines, settings};
use crate::language::ast::{BlockLine, Clause, Document, Line, SettingLine};
use crate::language::code::Code;
use crate::language::diagnostic::Diagnostic;
use crate::language::span::{Source, Span};
use lamplighter_core::model::text::{Country, CountryMeant, PagePattern, country_meant_by_code};
use lamplighter_core::model::{Countries, DeviceKind, PageList, Setting};

/// Patterns that look as if they meant something else.
pub fn pages(document: &Document, source: &Source, warnings: &mut Warnings) {
    for SettingLine { setting, value } in settings(document) {
        let Setting::Pages(list, patterns) = setting else { continue };
        // Where one is at fault, nothing tells which of the words are the others.
        let sound = patterns.len() == value.len();
        for (pattern, span) in patterns.iter().zip(value).filter(|_| sound) {
            let text = pattern.as_str();
            let path = text.split(['?', '#']).next().unwrap_or_default();
            if path.split('/').any(|segment| segment.len() > 1 && segment.contains('*')) {
                warnings.push(star(*span));
            }
            if path.len() < text.len() {
                warnings.push(beyond_the_path(pattern, path, *span));
            } else if source.text()[span.end..].starts_with('#') {
                warnings.push(comment_within(text, *span));
            }
            if *list == PageList::Hide && matches!(path, "*" | "/*") {
                warnings.push(
                    Diagnostic::new(
                        *span,
                        "the widget is hidden on every page",
                        format!("rule V1: `{path}` is every page, the empty path too"),
                    )
                    .code(Code::HiddenEverywhere)
                    .help("to show it on some pages alone, write `pages show`"),
                );
            }
        }
    }
}

/// A star within a segment looks like a wildcard and is none.
fn star(span: Span) -> Diagnostic {
    Diagnostic::new(
        span,
        "a star within a segment is no wildcard",
        "rule V1: `*` stands for a whole segment, or for itself",
    )
    .code(Code::StarInASegment)
    .help("write the star as a segment of its own, as in `/shop/*`")
}

/// The query and the fragment never count.
fn beyond_the_path(pattern: &PagePattern, path: &str, span: Span) -> Diagnostic {
    let beyond = &pattern.as_str()[path.len()..];
    let (what, help) = match beyond.starts_with('#') {
        true => (
            "fragment",
            "pages that differ behind `#` alone cannot be told apart: give them paths of their own",
        ),
        false => ("query", "leave it out; pages that differ in it alone cannot be told apart"),
    };
    Diagnostic::new(
        span,
        format!("`{beyond}` never counts: this pattern is `{path}`"),
        format!("rule V1: the {what} of a page is not looked at"),
    )
    .code(Code::BeyondThePath)
    .help(help)
}

/// A comment that begins where a fragment was meant.
fn comment_within(pattern: &str, span: Span) -> Diagnostic {
    Diagnostic::new(
        span,
        format!("a comment begins behind `{pattern}`, in the middle of a word"),
        format!("this pattern is `{pattern}`: a `#` begins a comment, unless in quotes"),
    )
    .code(Code::CommentInAPattern)
    .help(
        "what stands behind a `#` of a page never counts (rule V1): pages that differ there alone \
         cannot be told apart",
    )
}

/// Codes of countries that no visitor is in.
pub fn countries(document: &Document, warnings: &mut Warnings) {
    for SettingLine { setting, value } in settings(document) {
        let Setting::Countries(Some(Countries::Only(list) | Countries::Except(list))) = setting
        else {
            continue;
        };
        // The first word is `only` or `except`.
        let sound = value.len() == list.len() + 1;
        for (country, span) in list.iter().zip(value.iter().skip(1)).filter(|_| sound) {
            warn_of_country(*country, *span, warnings);
        }
    }
    for line in lines(document) {
        let Line::Expect(expect) = &line.node else { continue };
        for clause in &expect.clauses {
            if let Clause::In(country) = clause.node {
                warn_of_country(country, clause.span, warnings);
            }
        }
    }
}

fn warn_of_country(country: Country, span: Span, warnings: &mut Warnings) {
    let code = country.as_str();
    let Some(CountryMeant { help, code: meant }) = country_meant_by_code(code) else { return };
    let warning = Diagnostic::new(
        span,
        format!("`{code}` names no country"),
        "ISO 3166-1 has no such code, so no visitor is ever in it (rule V2)",
    )
    .code(Code::UnknownCountry)
    .help(help);
    warnings.push(match meant {
        Some(meant) => warning.suggest(span, meant),
        None => warning,
    });
}

/// A widget that is hidden on every kind of device.
pub fn devices(document: &Document, warnings: &mut Warnings) {
    for block in &document.blocks {
        let hidden = |kind: DeviceKind| {
            block.lines.iter().find(|line| match &line.node {
                BlockLine::Setting(line) => line.setting == Setting::HideOn(kind, true),
                _ => false,
            })
        };
        if let (Some(first), Some(second)) =
            (hidden(DeviceKind::Desktop), hidden(DeviceKind::Mobile))
        {
            warnings.push(
                Diagnostic::new(
                    first.span.max(second.span),
                    "the widget is hidden from everybody",
                    "rule V3: a visitor is on a desktop or on a mobile",
                )
                .code(Code::HiddenEverywhere)
                .help("only a visitor whose kind of device is unknown would see it"),
            );
        }
    }
}
