//! `expect` lines.

use std::mem::discriminant;

use super::super::ast::{Bound, Changes, Clause, Expect, Line};
use super::super::code::Code;
use super::super::diagnostic::{Diagnostic, any_of, nearest};
use super::super::lex::Word;
use super::super::quote::write_word;
use super::super::span::Spanned;
use super::meant::{ClauseMeant, clause_meant};
use super::parser::Parser;
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
    "changes",
];

impl Parser<'_, '_> {
    /// Reads what stands behind `expect`: `no anomalies`, or a subject and its clauses.
    pub(super) fn expect_line(&mut self, cursor: &mut Cursor<'_>) -> Result<Line, Diagnostic> {
        match no_anomalies(cursor)? {
            true => Ok(Line::NoAnomalies),
            false => self.expect(cursor).map(Line::Expect),
        }
    }

    /// Reads the subject and the clauses behind `expect`.
    fn expect(&mut self, cursor: &mut Cursor<'_>) -> Result<Expect, Diagnostic> {
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
            "changes" => Clause::Changes(changes(cursor)?),
            other => {
                let next = cursor.peek();
                let diagnostic = Diagnostic::new(
                    word.span,
                    format!("`{other}` is not a clause"),
                    "expected a status or one of `because`, `chat possible`, `no chat`, `form`, \
                     `greeting`, `shown`, `hidden`, `to`, `in`, `on`, `until`, `next`, `changes`",
                )
                .code(Code::UnknownWord);
                let next = next.filter(|next| is_left_out(other) && !is_comma(next));
                // `is not online`: leaving one of the two out says the opposite.
                let (next, other) = match next {
                    Some(next) if next.text == "not" => (None, "not"),
                    next => (next, other),
                };
                if let Some(next) = next {
                    let help = format!("leave out `{other}`: `{}`", next.text);
                    let span = word.span.to(next.span);
                    return Err(diagnostic.help(help).suggest(span, write_word(&next.text)));
                }
                return Err(match clause_meant(other) {
                    Some(ClauseMeant::Words(words)) => diagnostic.meant(word.span, words),
                    Some(ClauseMeant::Advice(help)) => diagnostic.help(help),
                    None => diagnostic.did_you_mean(other, CLAUSES.iter().copied()),
                });
            }
        })
    }
}

/// Whether `no anomalies` stands there, alone; it is this statement whatever is named `no`.
fn no_anomalies(cursor: &mut Cursor<'_>) -> Result<bool, Diagnostic> {
    let mut ahead = cursor.clone();
    let (Some(no), Some(word)) = (ahead.next(), ahead.next()) else { return Ok(false) };
    if no.quoted || no.text != "no" || word.quoted {
        return Ok(false);
    }
    if word.text != "anomalies" {
        // `expect no anomaly`: no clause is like it.
        let is_meant = !CLAUSES.contains(&word.text.as_str())
            && (word.text.starts_with("anomal") || nearest(&word.text, ["anomalies"]).is_some());
        return match is_meant {
            true => Err(Diagnostic::new(
                word.span,
                format!("`{}` is not known here", word.text),
                "expected `anomalies` behind `no`",
            )
            .code(Code::UnknownWord)
            .help("did you mean `expect no anomalies`?")
            .suggest(word.span, "anomalies")),
            false => Ok(false),
        };
    }
    if let Some(other) = ahead.peek() {
        let last = ahead.rest().last().map_or(other.span, |word| word.span);
        return Err(Diagnostic::new(
            other.span.to(last),
            "`no anomalies` stands alone",
            "nothing can stand beside it",
        )
        .code(Code::MisfitClause)
        .help("it is about the rows of traces so far; write an `expect` line of its own"));
    }
    Ok(true)
}

/// `at most N times`, `at least N times` or `exactly N times`.
fn changes(cursor: &mut Cursor<'_>) -> Result<Changes, Diagnostic> {
    let whole = |found: Diagnostic| Diagnostic {
        label: format!("expected {}", any_of(["at most", "at least", "exactly"])),
        ..found
    };
    let first = one_of(cursor, &[("at", None), ("exactly", Some(Bound::Exactly))]);
    let bound = match first.map_err(whole)? {
        Some(bound) => bound,
        None => one_of(cursor, &[("most", Bound::AtMost), ("least", Bound::AtLeast)])?,
    };
    let expected = "how many times, e.g. `at most 2 times`";
    let word = cursor.next().ok_or_else(|| cursor.incomplete(expected))?;
    let is_number = !word.text.is_empty() && word.text.bytes().all(|byte| byte.is_ascii_digit());
    let times = word.text.parse().ok().filter(|_| is_number).ok_or_else(|| {
        Diagnostic::new(
            word.span,
            format!("`{}` is not a number of times", word.text),
            "expected a whole number from 0",
        )
        .code(Code::MalformedValue)
    })?;
    one_of(cursor, &[("times", ()), ("time", ())])?;
    Ok(Changes { bound, times: Spanned::new(times, word.span) })
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

/// Words that people put before a clause, and that say nothing here.
fn is_left_out(word: &str) -> bool {
    matches!(word, "is" | "are" | "was" | "be" | "being" | "should" | "must" | "shall" | "will")
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

fn words_of(clause: &Spanned<Clause>) -> String {
    match clause.node {
        Clause::Changes(changes) => format!("changes {changes}"),
        _ => String::new(),
    }
}

/// Whether it is `changes` that is expected, which needs an `until` and nothing else beside it.
fn counted(expect: &Expect) -> Result<bool, Diagnostic> {
    let mut clauses = expect.clauses.iter();
    let Some(changes) = clauses.find(|clause| matches!(clause.node, Clause::Changes(_))) else {
        return Ok(false);
    };
    let is_beside =
        |clause: &&Spanned<Clause>| !matches!(clause.node, Clause::Changes(_) | Clause::Until(_));
    if let Some(other) = expect.clauses.iter().find(is_beside) {
        return Err(Diagnostic::new(
            other.span,
            "`changes` stands alone",
            "no other clause than `until` can stand beside `changes`",
        )
        .code(Code::MisfitClause)
        .help("write an `expect` line of its own for it"));
    }
    match expect.clauses.iter().any(|clause| matches!(clause.node, Clause::Until(_))) {
        true => Ok(true),
        false => Err(Diagnostic::new(
            changes.span,
            "nothing says how long changes are counted",
            "expected `until TIME` behind it",
        )
        .code(Code::IncompleteLine)
        .help(format!("write for example `{} until 17:00`", words_of(changes)))),
    }
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
    if counted(expect)? {
        return Ok(());
    }
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
