//! `expect` lines.

use std::mem::discriminant;

use super::super::ast::{Clause, Expect};
use super::super::code::Code;
use super::super::diagnostic::{Diagnostic, any_of};
use super::super::lex::Word;
use super::super::span::Spanned;
use super::Parser;
use super::meant::clause_meant;
use super::words::{Cursor, one_of, quoted_text, scalar, time};
use lamplighter_core::model::{AgentStatus, Chat, DeviceKind, Form, HiddenBecause, Reason};

/// What a clause of an expectation begins with.
pub const CLAUSES: &[&str] = &[
    "online",
    "away",
    "invisible",
    "offline",
    "because",
    "chat",
    "no",
    "form",
    "greeting",
    "shown",
    "hidden",
    "to",
    "in",
    "on",
    "until",
    "next",
];

impl Parser<'_, '_> {
    /// Reads the subject and the clauses behind `expect`.
    pub(super) fn expect(&mut self, cursor: &mut Cursor<'_>) -> Result<Expect, Diagnostic> {
        let subject = match cursor.next() {
            Some(word) if !is_comma(word) => self.plain(word),
            _ => return Err(cursor.incomplete("an agent or a widget")),
        };
        let mut clauses: Vec<Spanned<Clause>> = Vec::new();
        while let Some(word) = cursor.peek() {
            if is_comma(word) {
                cursor.next();
                if clauses.is_empty() || cursor.peek().is_none_or(is_comma) {
                    return Err(Diagnostic::new(
                        word.span,
                        "this comma separates nothing",
                        "a comma stands between two clauses",
                    )
                    .code(Code::MisplacedComma));
                }
                continue;
            }
            let clause = self.clause(cursor)?;
            let span = word.span.to(cursor.last().span);
            if clauses.iter().any(|other| same_kind(&other.node, &clause)) {
                return Err(Diagnostic::new(
                    span,
                    "this clause stands twice",
                    "each clause can stand once",
                )
                .code(Code::SaidTwice));
            }
            clauses.push(Spanned::new(clause, span));
        }
        if clauses.is_empty() {
            return Err(cursor.incomplete("what must be true, e.g. `online`"));
        }
        let expect = Expect { subject, clauses };
        agree(&expect)?;
        Ok(expect)
    }

    fn clause(&mut self, cursor: &mut Cursor<'_>) -> Result<Clause, Diagnostic> {
        let Some(word) = cursor.next() else {
            return Err(cursor.incomplete("a clause"));
        };
        if let Some(status) = AgentStatus::from_word(&word.text) {
            return Ok(Clause::Status(status));
        }
        Ok(match word.text.as_str() {
            "because" => because(cursor)?,
            "chat" => {
                one_of(cursor, &[("possible", ())])?;
                Clause::Chat(Chat::Possible)
            }
            "no" => {
                one_of(cursor, &[("chat", ())])?;
                Clause::Chat(Chat::No)
            }
            "form" => Clause::Form(one_of(cursor, Form::WORDS)?),
            "greeting" => Clause::Greeting(quoted_text(cursor)?),
            "shown" => Clause::Shown,
            "hidden" => Clause::Hidden,
            "to" => Clause::To(one_of(cursor, DeviceKind::WORDS)?),
            "in" => {
                let word = cursor.next().ok_or_else(|| cursor.incomplete("a country"))?;
                Clause::In(scalar(word)?.node)
            }
            "on" => {
                let word = cursor.next().ok_or_else(|| cursor.incomplete("a page"))?;
                Clause::On(word.text.clone())
            }
            "until" => Clause::Until(time(cursor)?),
            "next" => match cursor.peek() {
                Some(word) if word.text == "never" => {
                    cursor.next();
                    Clause::Next(None)
                }
                _ => Clause::Next(Some(time(cursor)?)),
            },
            other => {
                let diagnostic = Diagnostic::new(
                    word.span,
                    format!("`{other}` is not a clause"),
                    "expected a status or one of `because`, `chat possible`, `no chat`, `form`, \
                     `greeting`, `shown`, `hidden`, `to`, `in`, `on`, `until`, `next`",
                )
                .code(Code::UnknownWord);
                return Err(match clause_meant(other) {
                    Some(help) => diagnostic.help(help),
                    None => diagnostic.did_you_mean(other, CLAUSES.iter().copied()),
                });
            }
        })
    }
}

fn because(cursor: &mut Cursor<'_>) -> Result<Clause, Diagnostic> {
    let words: Vec<(&'static str, Clause)> = Reason::WORDS
        .iter()
        .map(|(word, reason)| (*word, Clause::Because(*reason)))
        .chain(HiddenBecause::WORDS.iter().map(|(word, by)| (*word, Clause::HiddenBecause(*by))))
        .collect();
    let names = || words.iter().map(|(name, _)| *name);
    let expected = any_of(names());
    let word = cursor.next().ok_or_else(|| cursor.incomplete(&expected))?;
    let found = words.iter().find(|(name, _)| *name == word.text);
    found.map(|(_, clause)| clause.clone()).ok_or_else(|| {
        Diagnostic::new(
            word.span,
            format!("`{}` is not a reason", word.text),
            format!("expected {expected}"),
        )
        .code(Code::UnknownWord)
        .did_you_mean(&word.text, names())
    })
}

fn is_comma(word: &Word) -> bool {
    word.text == "," && !word.quoted
}

fn same_kind(a: &Clause, b: &Clause) -> bool {
    let kind = |clause: &Clause| match clause {
        // `shown` and `hidden` are two answers to one question, and so are the reasons.
        Clause::Hidden => discriminant(&Clause::Shown),
        Clause::HiddenBecause(_) => discriminant(&Clause::Because(Reason::AgentAway)),
        other => discriminant(other),
    };
    kind(a) == kind(b)
}

/// Which clauses can stand together.
fn agree(expect: &Expect) -> Result<(), Diagnostic> {
    let clauses = &expect.clauses;
    let has = |wanted: fn(&Clause) -> bool| clauses.iter().any(|clause| wanted(&clause.node));
    let status = has(|clause| matches!(clause, Clause::Status(_)));
    let visibility = has(|clause| matches!(clause, Clause::Shown | Clause::Hidden));
    let hidden = has(|clause| matches!(clause, Clause::Hidden));
    let next = has(|clause| matches!(clause, Clause::Next(_)));
    if next && clauses.len() > 1 {
        let other = clauses.iter().find(|clause| !matches!(clause.node, Clause::Next(_)));
        return Err(Diagnostic::new(
            other.map_or(expect.subject.span, |clause| clause.span),
            "`next` stands alone",
            "no other clause can stand beside `next`",
        )
        .code(Code::MisfitClause)
        .help("write an `expect` line of its own for it"));
    }
    let (first, last) = HiddenBecause::RULES;
    let of_hidden = format!("this is the reason of `hidden` ({first} to {last})");
    for clause in clauses {
        let problem = match &clause.node {
            Clause::Status(_) if visibility => {
                Some("a status and `shown` or `hidden` are two expectations")
            }
            Clause::Because(_) if visibility => Some("this is the reason of a status (W1 to W6)"),
            Clause::HiddenBecause(_) if !visibility => Some(of_hidden.as_str()),
            Clause::HiddenBecause(_) if !hidden => Some("`shown` has no reason"),
            Clause::Chat(_) | Clause::Form(_) | Clause::Greeting(_) if visibility => {
                Some("this goes with a status, not with `shown` or `hidden`")
            }
            Clause::To(_) | Clause::In(_) | Clause::On(_) if !visibility => {
                Some("a visitor is named for `shown` and `hidden` alone")
            }
            _ => None,
        };
        if let Some(problem) = problem {
            return Err(Diagnostic::new(
                clause.span,
                "this clause does not fit the others",
                problem,
            )
            .code(Code::MisfitClause)
            .help(match clause.node {
                Clause::Because(_) => format!(
                    "the reasons of `hidden` are {}",
                    any_of(HiddenBecause::WORDS.iter().map(|(word, _)| *word))
                ),
                Clause::HiddenBecause(_) if !visibility => format!(
                    "the reasons of a status are {}",
                    any_of(Reason::WORDS.iter().map(|(word, _)| *word))
                ),
                Clause::HiddenBecause(_) => "leave the reason out".to_owned(),
                _ => "write two `expect` lines".to_owned(),
            }));
        }
    }
    if !(status || visibility || next) {
        return Err(Diagnostic::new(
            expect.subject.span.to(clauses[clauses.len() - 1].span),
            "the expectation says no status",
            "expected `online`, `away`, `offline`, or `shown` or `hidden`",
        )
        .code(Code::ExpectsNoStatus));
    }
    Ok(())
}
