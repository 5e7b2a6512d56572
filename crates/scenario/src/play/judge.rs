//! One expectation against what is seen: which words are false, and what is so instead.

use super::facts::{Fact, Facts};
use super::observer::{ObservedPart, ObserverAnswer, SeenWidget};
use super::verdict::{Edit, Failure};
use super::widget_view::{ObservedWidget, WidgetView};
use crate::language::ast::{Clause, PutIn};
use crate::language::lex::quote_word;
use crate::language::plan::Expectation;
use crate::language::span::{Source, Span};
use crate::language::time;
use lamplighter_core::model::{
    AgentId, AgentStatus, Answer, Chat, Form, HiddenBecause, Instant, Reason, Visibility, WidgetId,
    WidgetStatus,
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
pub enum JudgedWhen {
    /// After the lines above the statement.
    Now,
    /// Later, or after everything of the statement's instant: the expectation was true when made.
    InSpan {
        /// The instant of the statement, from which the span runs: a failure names it.
        since: Instant,
    },
}

/// Holds one expectation against what is seen at one moment.
#[derive(Clone, Copy)]
pub struct Judge<'a> {
    /// What must be true, with its names and times resolved.
    pub expectation: &'a Expectation,
    /// The place in its span at which the expectation is looked at, which the message tells.
    pub moment: JudgedWhen,
    /// The facts behind a failure are the engine's, whoever is looked at.
    pub facts: Facts<'a>,
    /// The text whose words are false.
    pub source: &'a Source,
    /// The words of it that a table of examples puts other words in for.
    pub put_in: &'a PutIn,
}

impl Judge<'_> {
    /// What is false of an agent as team-mates see it; `None` where all is true.
    pub fn agent(&self, agent: AgentId, found: AgentStatus) -> Option<Failure> {
        let mismatches = self
            .statuses()
            .filter(|(_, status)| *status != found)
            .map(|(words, status)| {
                Mismatch::new(words, status.word(), found.word()).edit(found.word())
            })
            .collect();
        self.failure(mismatches, || {
            let next = self.facts.world.next_agent_change(agent);
            vec![Fact::Agent(self.facts.agent(agent)), Fact::NextOfAgent(next)]
        })
    }

    /// What is false of an agent as an observer has seen it, where it is true by the rules.
    pub fn seen_agent(
        &self,
        agent: AgentId,
        seen: &ObserverAnswer<ObservedPart<Vec<AgentStatus>>>,
    ) -> Option<Failure> {
        match seen {
            ObserverAnswer::ByTheRules | ObserverAnswer::Answered(Err(_)) => None,
            ObserverAnswer::Answered(Ok(statuses)) => {
                let rules = self.facts.world.agent_status(agent);
                let found = statuses.iter().find(|status| **status == rules).or(statuses.first());
                found.and_then(|found| self.agent(agent, *found))
            }
            ObserverAnswer::Unreadable(why) => {
                let facts = || vec![Fact::Agent(self.facts.agent(agent))];
                self.failure(self.unreadable(why), facts)
            }
        }
    }

    /// What is false of a widget as an observer has seen it, where it is true by the rules.
    pub fn seen_widget(
        &self,
        widget: WidgetId,
        seen: &ObserverAnswer<SeenWidget>,
    ) -> Option<Failure> {
        let rules = (self.facts.world, widget);
        match seen {
            ObserverAnswer::ByTheRules => None,
            ObserverAnswer::Answered(seen) => self.widget(widget, &ObservedWidget { seen, rules }),
            ObserverAnswer::Unreadable(why) => {
                let facts = || self.facts_of_widget(widget, rules.answer());
                self.failure(self.unreadable(why), facts)
            }
        }
    }

    /// That nothing could be read where the first clause is.
    fn unreadable(&self, why: &str) -> Vec<Mismatch> {
        let span = self.expectation.clauses.first().map_or(self.expectation.span, |one| one.span);
        let expected = self.source.slice(span).to_owned();
        vec![Mismatch::new(span, expected, format!("unreadable: {why}"))]
    }

    /// What is false of a widget, as the expectation's visitor gets it; `None` where all is true.
    pub fn widget(&self, widget: WidgetId, seen: &dyn WidgetView) -> Option<Failure> {
        let (first, rest): (Vec<_>, Vec<_>) = self
            .expectation
            .clauses
            .iter()
            .filter_map(|clause| {
                let status = matches!(clause.node, Clause::Status(_));
                let found = self.widget_clause(clause.span, &clause.node, widget, seen);
                found.map(|mismatch| (status, mismatch))
            })
            .partition(|(status, _)| *status);
        let mismatches = first.into_iter().chain(rest).map(|(_, mismatch)| mismatch).collect();
        self.failure(mismatches, || self.facts_of_widget(widget, seen.answer()))
    }

    /// Puts what is false together, with the facts behind it.
    fn failure(
        &self,
        mut mismatches: Vec<Mismatch>,
        facts: impl FnOnce() -> Vec<Fact>,
    ) -> Option<Failure> {
        if mismatches.is_empty() {
            return None;
        }
        let edits = mismatches.iter_mut().flat_map(|m| std::mem::take(&mut m.edits)).collect();
        let edits = self.edits(edits);
        let mut mismatches = mismatches.into_iter();
        let first = mismatches.next()?;
        let status_false = self.statuses().any(|(span, _)| span == first.words);
        // What was found of a false status says the reason, too.
        let is_said = |other: &Mismatch| status_false && self.is_reason(other.words);
        let also = mismatches
            .filter(|other| !is_said(other))
            .map(|other| Fact::AlsoFalse { expected: other.expected, found: other.found });
        let facts = also.chain(facts()).collect();
        let (expected, found) = match (self.moment, self.expectation.until) {
            (JudgedWhen::InSpan { .. }, Some(until)) => (
                format!("{} until {}", first.expected, self.source.slice(until.span)),
                format!("{} at {}", first.found, time::write(self.facts.now(), self.facts.zone)),
            ),
            _ => (first.expected, first.found),
        };
        let (statement, at) = (self.expectation.span, self.facts.now());
        Some(Failure { statement, at, words: first.words, expected, found, facts, edits })
    }

    fn statuses(&self) -> impl Iterator<Item = (Span, AgentStatus)> {
        self.expectation.clauses.iter().filter_map(|clause| match clause.node {
            Clause::Status(status) => Some((clause.span, status)),
            _ => None,
        })
    }

    fn is_reason(&self, words: Span) -> bool {
        let mut clauses = self.expectation.clauses.iter();
        clauses.any(|c| matches!(c.node, Clause::Because(_)) && c.span.end == words.end)
    }

    /// What to write so that the statement is true. Where it was true when made, its `until` is what
    /// is wrong; where it is false within its own instant already, no words are right.
    fn edits(&self, edits: Vec<Edit>) -> Option<Vec<Edit>> {
        // What comes out of a table is not rewritten: other rows have it, too.
        let edits = self.words_to_write(edits)?;
        let is_written = edits.iter().all(|edit| !self.put_in.meets(edit.span));
        Some(if is_written { edits } else { Vec::new() })
    }

    fn words_to_write(&self, edits: Vec<Edit>) -> Option<Vec<Edit>> {
        match (self.moment, self.expectation.until) {
            (JudgedWhen::InSpan { since }, Some(until)) => {
                let now = self.facts.now();
                (now > since).then(|| {
                    let text = time::write_after(now, since, self.facts.zone);
                    vec![Edit { span: until.span, text }]
                })
            }
            _ => Some(edits),
        }
    }

    /// The last word of a clause: the one behind `because` or `form`.
    fn last_word(&self, clause: Span) -> Span {
        let text = self.source.slice(clause);
        let start = text.rfind([' ', '\t']).map_or(0, |blank| blank + 1);
        Span::new(clause.start + start, clause.end)
    }

    fn widget_clause(
        &self,
        span: Span,
        clause: &Clause,
        widget: WidgetId,
        seen: &dyn WidgetView,
    ) -> Option<Mismatch> {
        let answer = seen.answer();
        let mismatch = match clause {
            Clause::Status(status) if status.word() != answer.status.word() => {
                let found = match seen.says_why() {
                    true => {
                        let rule = self.facts.rule(widget, answer);
                        format!("{} ({}, {rule})", answer.status, answer.reason)
                    }
                    false => answer.status.word().to_owned(),
                };
                Mismatch::new(span, status.word(), found).edit(answer.status.word())
            }
            Clause::Because(reason) if *reason != answer.reason => {
                let found = format!("{} ({})", answer.reason, self.facts.rule(widget, answer));
                Mismatch::new(self.last_word(span), reason.word(), found).edit(answer.reason.word())
            }
            Clause::Chat(chat) if *chat != answer.chat => {
                let found = match seen.says_why() {
                    true => format!("{} ({})", answer.chat, self.facts.rule(widget, answer)),
                    false => answer.chat.to_string(),
                };
                Mismatch::new(span, chat.word(), found).edit(answer.chat.word())
            }
            Clause::Form(form) if *form != seen.form() => {
                self.form(span, *form, seen.form(), answer.status)
            }
            Clause::Greeting(text) if text.node != seen.greeting() => {
                let found = quote_word(seen.greeting());
                let words = format!("greeting {found} ({}, rule C1)", answer.status);
                Mismatch::new(text.span, format!("greeting {}", quote_word(&text.node)), words)
                    .edit(found)
            }
            Clause::Shown | Clause::Hidden | Clause::HiddenBecause(_) => {
                return self.visibility(span, clause, seen);
            }
            Clause::Next(_) => return self.next(widget, seen),
            _ => return None,
        };
        Some(mismatch)
    }

    fn form(&self, span: Span, expected: Form, found: Form, status: WidgetStatus) -> Mismatch {
        let rule = if found == Form::Offline { "C2" } else { "C3" };
        let text = format!("form {found} ({status}, rule {rule})");
        Mismatch::new(self.last_word(span), format!("form {expected}"), text).edit(found.word())
    }

    fn visibility(&self, span: Span, clause: &Clause, seen: &dyn WidgetView) -> Option<Mismatch> {
        let found = seen.visibility(&self.expectation.visitor);
        match (clause, found) {
            (Clause::Shown, Visibility::Hidden(because)) => {
                let found = match seen.says_why() {
                    true => hidden_words(because),
                    false => "hidden".to_owned(),
                };
                Some(Mismatch::new(span, "shown", found).edit("hidden"))
            }
            (Clause::Hidden, Visibility::Shown) => {
                let (first, last) = HiddenBecause::RULES;
                let found = format!("shown (none of {first} to {last} hides it)");
                let mut mismatch = Mismatch::new(span, "hidden", found).edit("shown");
                // `shown` has no reason.
                mismatch.edits.extend(self.without_reason());
                Some(mismatch)
            }
            (Clause::HiddenBecause(expected), Visibility::Hidden(because))
                if *expected != because =>
            {
                let (words, found) = (self.last_word(span), hidden_words(because));
                Some(Mismatch::new(words, expected.word(), found).edit(because.word()))
            }
            _ => None,
        }
    }

    /// Takes the reason of `hidden` out, with the blanks and the comma that part it from its
    /// neighbour.
    fn without_reason(&self) -> Option<Edit> {
        let clauses = &self.expectation.clauses;
        let reason = clauses.iter().position(|c| matches!(c.node, Clause::HiddenBecause(_)))?;
        let own = clauses[reason].span;
        let span = match reason.checked_sub(1) {
            Some(before) => Span::new(clauses[before].span.end, own.end),
            None => Span::new(own.start, clauses[1].span.start),
        };
        Some(Edit { span, text: String::new() })
    }

    fn next(&self, widget: WidgetId, seen: &dyn WidgetView) -> Option<Mismatch> {
        let expected = self.expectation.next?;
        let found_at = seen.next_change_at();
        if expected.node == found_at {
            return None;
        }
        let now = self.facts.now();
        let word = |at: Option<Instant>| match at {
            None => "never".to_owned(),
            Some(at) => time::write_after(at, now, self.facts.zone),
        };
        let words = if self.put_in.meets(expected.span) {
            expected.span
        } else if expected.node.is_none() {
            // `never` is the last word of the clause.
            Span::new(expected.span.end - "never".len(), expected.span.end)
        } else {
            expected.span
        };
        // What will come then is known where the engine sees the same change coming.
        let known = self.facts.world.next_change(widget).filter(|next| Some(next.at) == found_at);
        let found = known.map(|next| self.facts.words().change(&next, now));
        let found = found.unwrap_or_else(|| word(found_at));
        Some(Mismatch::new(words, word(expected.node), found).edit(word(found_at)))
    }

    /// The facts behind a widget's failure: who, the hours where they decided, and what comes next.
    fn facts_of_widget(&self, widget: WidgetId, answer: Answer) -> Vec<Fact> {
        let mut facts = Vec::new();
        let mut clauses = self.expectation.clauses.iter();
        if clauses.any(|clause| matches!(clause.node, Clause::Shown | Clause::Hidden)) {
            facts.push(Fact::Visitor(self.expectation.visitor.clone()));
            facts.push(Fact::Widget(answer));
        }
        facts.extend(self.facts.decided_by(widget));
        facts.push(Fact::Members(self.facts.members(widget)));
        // Where members decided, the hours are no news: they did not hinder it. Where it was the hours
        // that were expected to decide, why they did not is.
        let of_hours = |clause: &Clause| {
            matches!(clause, Clause::Because(Reason::SchedulerClosed | Reason::SchedulerOpen))
        };
        let hidden_offline = Clause::HiddenBecause(HiddenBecause::Offline);
        let (mut clauses, mut others) =
            (self.expectation.clauses.iter(), self.expectation.clauses.iter());
        let hours = self.facts.hours(widget);
        if clauses.any(|clause| of_hours(&clause.node))
            || hours.is_some()
                && (answer.chat == Chat::No || others.any(|clause| clause.node == hidden_offline))
        {
            facts.push(Fact::Hours(hours));
        }
        facts.push(Fact::Next(self.facts.world.next_change(widget)));
        facts
    }
}

fn hidden_words(because: HiddenBecause) -> String {
    format!("hidden ({because}, rule {})", because.rule())
}
