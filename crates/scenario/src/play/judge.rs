//! One expectation against what is seen: which words are false, and what is so instead.

use super::facts::Facts;
use super::observer::SeenWidget;
use super::verdict::{Edit, Failure};
use crate::language::ast::Clause;
use crate::language::lex::quote_word;
use crate::language::plan::{Expectation, Subject};
use crate::language::span::{Source, Span};
use crate::language::time;
use lamplighter_core::model::{
    AgentStatus, Answer, Chat, HiddenBecause, Instant, Visibility, WidgetId,
};

/// A clause that is false.
struct Mismatch {
    words: Span,
    expected: String,
    found: String,
    edits: Vec<Edit>,
}

impl Mismatch {
    /// The words say one thing and another is so.
    fn new(words: Span, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { words, expected: expected.into(), found: found.into(), edits: Vec::new() }
    }

    /// Writing this instead would make them true.
    fn edit(mut self, text: impl Into<String>) -> Self {
        self.edits.push(Edit { span: self.words, text: text.into() });
        self
    }
}

/// Whether the moment is the statement's own or one of the span behind it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moment {
    /// After the lines above the statement.
    Now,
    /// Later, or after everything of the statement's instant: the expectation was true when made.
    InSpan {
        /// The instant of the statement.
        since: Instant,
    },
}

/// What is seen of an expectation's subject.
pub enum Seen<W> {
    /// An agent, as team-mates see it.
    Agent(AgentStatus),
    /// A widget, as the expectation's visitor gets it.
    Widget(WidgetId, W),
}

/// Holds an expectation against what is seen; `None` where it is true. The facts behind it are the
/// engine's.
pub fn judge(
    expectation: &Expectation,
    seen: &Seen<impl SeenWidget>,
    facts: Facts<'_>,
    source: &Source,
    moment: Moment,
) -> Option<Failure> {
    let mut mismatches: Vec<Mismatch> = match seen {
        Seen::Agent(found) => statuses(expectation)
            .filter(|(_, status)| status != found)
            .map(|(words, status)| {
                Mismatch::new(words, status.word(), found.word()).edit(found.word())
            })
            .collect(),
        Seen::Widget(widget, seen) => {
            let (first, rest): (Vec<_>, Vec<_>) = expectation
                .clauses
                .iter()
                .filter_map(|clause| {
                    let status = matches!(clause.node, Clause::Status(_));
                    let found = widget_clause(
                        expectation,
                        clause.span,
                        &clause.node,
                        *widget,
                        seen,
                        facts,
                        source,
                    );
                    found.map(|mismatch| (status, mismatch))
                })
                .partition(|(status, _)| *status);
            first.into_iter().chain(rest).map(|(_, mismatch)| mismatch).collect()
        }
    };
    if mismatches.is_empty() {
        return None;
    }
    let edits = mismatches.iter_mut().flat_map(|m| std::mem::take(&mut m.edits)).collect();
    let edits = edits_for(moment, expectation, facts, edits);
    let mut mismatches = mismatches.into_iter();
    let first = mismatches.next()?;
    let answer = match seen {
        Seen::Agent(_) => None,
        Seen::Widget(_, seen) => Some(seen.answer()),
    };
    let mut notes = notes(expectation, answer, facts);
    let status_false = first_is_status(expectation, first.words);
    let also: Vec<String> = mismatches
        // What was found of a false status says the reason, too.
        .filter(|other| !(status_false && is_reason(expectation, other.words)))
        .map(|other| format!("also: expected {}, found {}", other.expected, other.found))
        .collect();
    notes.splice(1..1, also);
    let (expected, found) = match (moment, expectation.until) {
        (Moment::InSpan { .. }, Some(until)) => (
            format!("{} until {}", first.expected, source.slice(until.span)),
            format!("{} at {}", first.found, local_time(facts)),
        ),
        _ => (first.expected, first.found),
    };
    Some(Failure {
        statement: expectation.span,
        at: facts.world.now(),
        words: first.words,
        expected,
        found,
        notes,
        edits,
    })
}

fn statuses(expectation: &Expectation) -> impl Iterator<Item = (Span, AgentStatus)> {
    expectation.clauses.iter().filter_map(|clause| match clause.node {
        Clause::Status(status) => Some((clause.span, status)),
        _ => None,
    })
}

fn first_is_status(expectation: &Expectation, words: Span) -> bool {
    statuses(expectation).any(|(span, _)| span == words)
}

fn is_reason(expectation: &Expectation, words: Span) -> bool {
    expectation
        .clauses
        .iter()
        .any(|clause| matches!(clause.node, Clause::Because(_)) && clause.span.end == words.end)
}

fn widget_clause(
    expectation: &Expectation,
    span: Span,
    clause: &Clause,
    widget: WidgetId,
    seen: &impl SeenWidget,
    facts: Facts<'_>,
    source: &Source,
) -> Option<Mismatch> {
    let answer = seen.answer();
    // The word behind `because` or `form`.
    let last_word = || {
        let text = source.slice(span);
        let start = text.rfind([' ', '\t']).map_or(0, |blank| blank + 1);
        Span::new(span.start + start, span.end)
    };
    let mismatch = match clause {
        Clause::Status(status) if status.word() != answer.status.word() => {
            Mismatch::new(span, status.word(), facts.answer(answer)).edit(answer.status.word())
        }
        Clause::Because(reason) if *reason != answer.reason => {
            let found = format!("{} (rule W{})", answer.reason, answer.rule);
            Mismatch::new(last_word(), reason.word(), found).edit(answer.reason.word())
        }
        Clause::Chat(chat) if *chat != answer.chat => {
            let found = format!("{} (rule W{})", answer.chat, answer.rule);
            Mismatch::new(span, chat.word(), found).edit(answer.chat.word())
        }
        Clause::Form(form) if *form != seen.form() => {
            let found = seen.form();
            let rule = if found == lamplighter_core::model::Form::Offline { "C2" } else { "C3" };
            let text = format!("form {found} ({}, rule {rule})", answer.status);
            Mismatch::new(last_word(), format!("form {form}"), text).edit(found.word())
        }
        Clause::Greeting(text) if text.node != seen.greeting() => {
            let found = quote_word(seen.greeting());
            let words = format!("greeting {found} ({}, rule C1)", answer.status);
            Mismatch::new(text.span, format!("greeting {}", quote_word(&text.node)), words)
                .edit(found)
        }
        Clause::Shown | Clause::Hidden | Clause::HiddenBecause(_) => {
            return visibility_clause(expectation, span, clause, seen, last_word());
        }
        Clause::Next(_) => return next_clause(expectation, widget, seen, facts),
        _ => return None,
    };
    Some(mismatch)
}

fn visibility_clause(
    expectation: &Expectation,
    span: Span,
    clause: &Clause,
    seen: &impl SeenWidget,
    last_word: Span,
) -> Option<Mismatch> {
    let found = seen.visibility(&expectation.visitor);
    match (clause, found) {
        (Clause::Shown, Visibility::Hidden(because)) => {
            Some(Mismatch::new(span, "shown", hidden_words(because)).edit("hidden"))
        }
        (Clause::Hidden, Visibility::Shown) => {
            let mut mismatch =
                Mismatch::new(span, "hidden", "shown (none of V1 to V4 hides it)").edit("shown");
            // `shown` has no reason.
            let clauses = &expectation.clauses;
            let reason = clauses.iter().position(|c| matches!(c.node, Clause::HiddenBecause(_)));
            if let Some(reason) = reason {
                // With the blanks and the comma that part it from its neighbour.
                let own = clauses[reason].span;
                let span = match reason.checked_sub(1) {
                    Some(before) => Span::new(clauses[before].span.end, own.end),
                    None => Span::new(own.start, clauses[1].span.start),
                };
                mismatch.edits.push(Edit { span, text: String::new() });
            }
            Some(mismatch)
        }
        (Clause::HiddenBecause(expected), Visibility::Hidden(because)) if *expected != because => {
            Some(
                Mismatch::new(last_word, expected.word(), hidden_words(because))
                    .edit(because.word()),
            )
        }
        _ => None,
    }
}

fn hidden_words(because: HiddenBecause) -> String {
    let rule = match because {
        HiddenBecause::Page => "V1",
        HiddenBecause::Country => "V2",
        HiddenBecause::Device => "V3",
        HiddenBecause::Offline => "V4",
    };
    format!("hidden ({because}, rule {rule})")
}

fn next_clause(
    expectation: &Expectation,
    widget: WidgetId,
    seen: &impl SeenWidget,
    facts: Facts<'_>,
) -> Option<Mismatch> {
    let expected = expectation.next?;
    let found_at = seen.next_change_at();
    if expected.node == found_at {
        return None;
    }
    // What will come then is known where the engine sees the same change coming.
    let known = facts.world.next_change(widget).filter(|next| Some(next.at) == found_at);
    let now = facts.world.now();
    let word = |at: Option<Instant>| match at {
        None => "never".to_owned(),
        Some(at) => time::write_after(at, now, facts.zone),
    };
    let words = if expected.node.is_none() {
        // `never` is the last word of the clause.
        Span::new(expected.span.end - "never".len(), expected.span.end)
    } else {
        expected.span
    };
    let said = match known.as_ref().map(|next| facts.next(Some(next))) {
        None => word(found_at),
        Some(text) => text.trim_start_matches("next change by the clock: ").to_owned(),
    };
    Some(Mismatch::new(words, word(expected.node), said).edit(word(found_at)))
}

fn local_time(facts: Facts<'_>) -> String {
    time::write(facts.world.now(), facts.zone)
}

/// What to write so that the statement is true. Where it was true when made, its `until` is what
/// is wrong; where it is false within its own instant already, no words are right.
fn edits_for(
    moment: Moment,
    expectation: &Expectation,
    facts: Facts<'_>,
    edits: Vec<Edit>,
) -> Option<Vec<Edit>> {
    match (moment, expectation.until) {
        (Moment::InSpan { since }, Some(until)) => {
            let now = facts.world.now();
            (now > since).then(|| {
                let text = time::write_after(now, since, facts.zone);
                vec![Edit { span: until.span, text }]
            })
        }
        _ => Some(edits),
    }
}

/// The facts behind a failure: when, who, the hours where they decided, and what comes next.
fn notes(expectation: &Expectation, answer: Option<Answer>, facts: Facts<'_>) -> Vec<String> {
    let world = facts.world;
    let mut notes = vec![format!("at {}", facts.instant(world.now()))];
    match expectation.subject {
        Subject::Agent(agent) => {
            notes.push(facts.agent(agent));
            notes.push(facts.next_of_agent(world.next_agent_change(agent).as_ref()));
        }
        Subject::Widget(widget) => {
            if let Some(visitor) = visitor_words(expectation) {
                notes.push(visitor);
            }
            let answer = answer.unwrap_or_else(|| world.answer(widget));
            if expectation.clauses.iter().any(|c| matches!(c.node, Clause::Shown | Clause::Hidden))
            {
                notes.push(format!("the widget is {}", facts.answer(answer)));
            }
            notes.push(facts.members(widget));
            // Where members decided, the hours are no news: they did not hinder it.
            let by_members = answer.chat == Chat::Possible;
            notes.extend(facts.scheduler(widget).filter(|_| !by_members));
            notes.push(facts.next(world.next_change(widget).as_ref()));
        }
    }
    notes
}

fn visitor_words(expectation: &Expectation) -> Option<String> {
    expectation.clauses.iter().find(|c| matches!(c.node, Clause::Shown | Clause::Hidden))?;
    let visitor = &expectation.visitor;
    let unknown = "unknown";
    Some(format!(
        "visitor: page {}, country {}, device {}",
        visitor.page.as_deref().unwrap_or(unknown),
        visitor.country.as_deref().unwrap_or(unknown),
        visitor.device.map_or(unknown, |device| device.word()),
    ))
}
