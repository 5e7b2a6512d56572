//! What the clock changes next, of a widget and of an agent: found by letting it run.

use super::Oracle;
use crate::model::{AgentId, AgentStatus, Answer, Instant, WidgetId};

impl Oracle {
    /// The next instant, later than now and up to `until`, at which the widget's status or *chat
    /// possible* changes by the clock alone, and what it then shows: found by letting the clock run.
    pub fn next(&self, widget: WidgetId, until: Instant) -> Option<(Instant, Answer)> {
        let before = self.answer(widget);
        let mut later = self.clone();
        for at in self.candidates(until) {
            later.advance(at);
            let then = later.answer(widget);
            if (then.status, then.chat) != (before.status, before.chat) {
                return Some((at, then));
            }
        }
        None
    }

    /// The next instant, later than now and up to `until`, at which an agent's status changes by the
    /// clock alone, and what it then is: found by letting the clock run.
    pub fn next_of_agent(&self, agent: AgentId, until: Instant) -> Option<(Instant, AgentStatus)> {
        let before = self.agent_status(agent);
        let mut later = self.clone();
        for at in self.deadlines().into_iter().take_while(|&at| at <= until) {
            later.advance(at);
            let then = later.agent_status(agent);
            if then != before {
                return Some((at, then));
            }
        }
        None
    }
}
