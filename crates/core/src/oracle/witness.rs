//! The timeline, as somebody sees it who looks all the time (rule T3).

use std::collections::BTreeMap;

use super::Oracle;
use crate::model::{Answer, Instant, WidgetId};

/// What somebody saw who looked at every widget whenever anything could have changed.
#[derive(Clone, Debug, Default)]
pub struct Witness {
    /// At one instant the last look counts (rule T3).
    seen: BTreeMap<Instant, BTreeMap<WidgetId, Answer>>,
}

impl Witness {
    /// Looks at every widget now.
    pub fn look(&mut self, oracle: &Oracle) {
        let answers = oracle.widgets.keys().map(|&widget| (widget, oracle.answer(widget)));
        self.seen.insert(oracle.now, answers.collect());
    }

    /// Lets the clock run on to an instant, and looks at every new minute and every deadline.
    pub fn watch(&mut self, oracle: &mut Oracle, until: Instant) {
        self.look(oracle);
        for at in oracle.candidates(until) {
            oracle.advance(at);
            self.look(oracle);
        }
        oracle.advance(until);
        self.look(oracle);
    }

    /// The timeline: all widgets at first, then each instant after everything of which status, *chat
    /// possible* or the reason differ from before it (rule T3).
    pub fn timeline(&self) -> Vec<(Instant, WidgetId, Answer)> {
        let mut rows = Vec::new();
        let mut shown: BTreeMap<WidgetId, Answer> = BTreeMap::new();
        for (&at, answers) in &self.seen {
            for (&widget, &answer) in answers {
                let what = |answer: &Answer| (answer.status, answer.chat, answer.reason);
                if shown.get(&widget).map(what) != Some(what(&answer)) {
                    rows.push((at, widget, answer));
                    shown.insert(widget, answer);
                }
            }
        }
        rows
    }
}
