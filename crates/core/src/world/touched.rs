//! What several things at one instant have done to agents and widgets: noted as they come, and
//! looked at when all is done.

use super::copies::clone_by_field;
use super::planes::WidgetStep;
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
    pub(super) agents: Vec<(AgentId, AgentStatus)>,
    pub(super) widgets: Vec<(WidgetId, Answer)>,
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
