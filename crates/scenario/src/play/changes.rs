//! `expect … changes …`: at how many instants a widget's status or chat changes, counted as time goes on.

use super::facts::{ChangesFacts, Fact};
use super::verdict::{Edit, Failure};
use crate::language::ast::{Bound, Changes};
use crate::language::plan::{Expectation, Subject};
use crate::language::span::{Source, Span};
use lamplighter_core::model::{Answer, Instant, WidgetId};
use lamplighter_core::world::World;

/// The changes of one widget behind one statement, counted so far. Each instant counts once, by what is
/// so after everything of it (rule T3); those of the statement's own instant and of the last do not.
pub struct Counting {
    /// The statement that they are counted for.
    pub expectation: Box<Expectation>,
    /// The instant before which changes count.
    pub until: Instant,
    words: Span,
    expected: Changes,
    widget: WidgetId,
    /// What the widget showed at first and what it shows now; `None` until the statement's own instant is
    /// over.
    shown: Option<(Answer, Answer)>,
    count: u64,
    first: Vec<(Instant, Answer)>,
    /// The instant of the change that is one too many.
    too_many_at: Option<Instant>,
}

impl Counting {
    /// Nothing is counted yet; `None` where the expectation is not about changes of a widget.
    pub fn of(expectation: &Expectation) -> Option<Self> {
        let (words, expected) = expectation.changes()?;
        let Subject::Widget(widget) = expectation.subject else { return None };
        Some(Self {
            until: expectation.until?.node,
            expectation: Box::new(expectation.clone()),
            words,
            expected,
            widget,
            shown: None,
            count: 0,
            first: Vec::new(),
            too_many_at: None,
        })
    }

    /// Looks at the widget once everything of an instant has happened.
    pub fn look(&mut self, world: &World) {
        if world.now() >= self.until {
            return;
        }
        let answer = world.answer(self.widget);
        let Some((_, now)) = &mut self.shown else {
            self.shown = Some((answer, answer));
            return;
        };
        let is_change = (now.status, now.chat) != (answer.status, answer.chat);
        *now = answer;
        if !is_change {
            return;
        }
        self.count += 1;
        if self.first.len() < ChangesFacts::NAMED_MAX {
            self.first.push((world.now(), answer));
        }
        if self.expected.bound != Bound::AtLeast && self.count > self.expected.times.node {
            self.too_many_at.get_or_insert(world.now());
        }
    }

    /// What is false of it now that all is counted; `None` where it is true.
    pub fn failure(&self, source: &Source) -> Option<Failure> {
        let Self { expectation, expected, count, shown, .. } = self;
        if expected.holds(*count) {
            return None;
        }
        let until = expectation.until.map_or("", |until| source.slice(until.span));
        let mut edits = Vec::new();
        // What bounds a number is meant; what names it is a finding.
        if expected.bound == Bound::Exactly {
            edits.push(Edit { span: expected.times.span, text: count.to_string() });
        }
        let facts = shown.iter().map(|(before, _)| {
            let more = count - self.first.len() as u64;
            Fact::Changes(ChangesFacts { before: *before, first: self.first.clone(), more })
        });
        Some(Failure {
            statement: expectation.span,
            at: self.too_many_at.unwrap_or(self.until),
            words: self.words,
            expected: format!("changes {expected} until {until}"),
            found: match count {
                0 => "no change".to_owned(),
                1 => "1 change".to_owned(),
                count => format!("{count} changes"),
            },
            facts: facts.collect(),
            edits: Some(edits),
        })
    }
}
