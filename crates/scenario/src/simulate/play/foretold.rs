//! What the engine has said that the clock will do next, held against what it then does.

use super::{Foretold, SideBySide};
use crate::simulate::difference::{DifferenceKind, unlike};
use crate::simulate::question::{Finding, Question, Reply};
use lamplighter_core::model::{Answer, Instant, WidgetId};

impl SideBySide<'_> {
    /// Asks the engine what the clock will do next to each widget.
    pub(super) fn look_ahead(&mut self) {
        for widget in self.widgets() {
            let next = self.world.next_change(widget);
            self.played.digest.number(next.as_ref().map_or(0, |next| next.at.as_millis() as u64));
            self.next[widget.index()] = next.map_or(Foretold::Never, Foretold::Change);
        }
    }

    /// A widget shows something else by the clock alone: was that what the engine foretold?
    pub(super) fn foretold(&mut self, widget: WidgetId, before: Answer, now: Answer) {
        // The engine has not moved on yet: it stands where it foretold.
        let (from, at) = (self.world.now(), self.oracle.now());
        if before.shows_as(now) {
            return;
        }
        let next = std::mem::replace(&mut self.next[widget.index()], Foretold::Nothing);
        match next {
            Foretold::Nothing => {}
            Foretold::Change(next) if next.at == at => {
                let shown = (now.status, now.chat);
                let foretold = (next.answer.status, next.answer.chat);
                self.hidden(unlike("what comes next", &shown, &foretold));
            }
            Foretold::Change(next) => self.wrong_next(from, widget, Some(at), Some(next.at)),
            Foretold::Never => self.wrong_next(from, widget, Some(at), None),
        }
    }

    /// What was foretold must have come.
    pub(super) fn look_back(&mut self, from: Instant, to: Instant) {
        for widget in self.widgets() {
            let next = std::mem::replace(&mut self.next[widget.index()], Foretold::Nothing);
            if let Foretold::Change(next) = next
                && next.at <= to
            {
                self.wrong_next(from, widget, None, Some(next.at));
            }
        }
    }

    fn wrong_next(
        &mut self,
        from: Instant,
        widget: WidgetId,
        expected: Option<Instant>,
        found: Option<Instant>,
    ) {
        // What comes later than either is nothing to either.
        let question = Question::Next(widget, expected.max(found).unwrap_or(from));
        let (expected, found) = (Reply::Next(expected), Reply::Next(found));
        self.differ(
            from,
            self.after,
            DifferenceKind::Finding(Finding { question, expected, found }),
        );
    }
}
