//! What several things at one instant have done to agents and widgets: noted as they come, and
//! looked at when all is done, so that each is reported once, and only if it changed in the end.

use super::copies::clone_by_field;
use super::planes::WidgetStep;
use super::{Change, World};
use crate::model::{AgentId, AgentStatus, Answer, WidgetId};

/// What was done to an agent or a widget.
#[derive(Clone, Copy, Debug)]
pub enum Touch {
    /// What an agent's status was, and is.
    Agent(AgentId, AgentStatus, AgentStatus),
    /// What a widget showed, and shows, perhaps the same.
    Widget(WidgetStep),
}

/// Agents and widgets with what they were before they were first touched.
#[derive(Debug, Default)]
pub struct Touched {
    agents: Vec<(AgentId, AgentStatus)>,
    widgets: Vec<(WidgetId, Answer)>,
}

clone_by_field! { Touched { agents, widgets } }

impl Touched {
    /// Notes what an agent or a widget was before it was touched.
    pub fn take(&mut self, note: Touch) {
        match note {
            Touch::Agent(agent, before, _) => self.agents.push((agent, before)),
            Touch::Widget(step) => self.widgets.push((step.widget, step.before)),
        }
    }
}

impl World {
    /// Reports what became of everything touched: agents first, each in the order of their ids.
    pub(super) fn report_touched(&mut self, mut touched: Touched, changes: &mut dyn FnMut(Change)) {
        let at = self.now;
        // What was before is what the first of several notes says; sorting keeps it first.
        touched.agents.sort_by_key(|&(agent, _)| agent);
        touched.agents.dedup_by_key(|&mut (agent, _)| agent);
        for (agent, before) in touched.agents.drain(..) {
            let now = self.people.status(agent);
            if now != before {
                changes(Change::Agent { at, agent, now });
            }
        }
        touched.widgets.sort_by_key(|&(widget, _)| widget);
        touched.widgets.dedup_by_key(|&mut (widget, _)| widget);
        for (widget, before) in touched.widgets.drain(..) {
            let now = self.planes.answer(widget);
            if now != before {
                changes(Change::Widget { at, widget, before, now });
            }
        }
        // Kept for the next time, with the room that it has.
        self.touched = touched;
    }
}
