//! What is so at an instant of a text, widget by widget and agent by agent.

use serde::Serialize;

use crate::report::explain::{Explained, explained};
use lamplighter_core::model::{AgentId, Visitor, WidgetId};
use lamplighter_scenario::language::time::write;
use lamplighter_scenario::play::Facts;

/// At most so many widgets are told of an instant, and so many agents.
const WIDGETS_MAX: usize = 40;
const AGENTS_MAX: usize = 60;

/// What is so at an instant, after everything of it (rule T3).
#[derive(Serialize)]
pub struct Now {
    at_ms: i64,
    local: String,
    zone: String,
    utc: String,
    /// As `explain --json` has them.
    widgets: Vec<serde_json::Value>,
    widgets_left_out: usize,
    agents: Vec<AgentNow>,
    agents_left_out: usize,
}

/// A widget at an instant.
#[derive(Serialize)]
struct WidgetNow<'a> {
    #[serde(flatten)]
    explained: Explained<'a>,
    /// What the clock alone will change next, in words.
    next: String,
}

/// An agent at an instant.
#[derive(Serialize)]
struct AgentNow {
    name: String,
    status: &'static str,
    /// With devices and why: `ann is away (laptop away, phone logged out 2 min ago)`.
    words: String,
    /// What the clock alone will change next, in words.
    next: String,
}

impl Now {
    /// What is so in a world at the instant that it has reached.
    pub fn of(facts: Facts<'_>) -> Self {
        let (words, now) = (facts.words(), facts.now());
        let (widgets, agents) = (facts.roster.widgets.len(), facts.roster.agents.len());
        let widget = |index: usize| {
            let widget = WidgetId::new(index);
            let next = facts.world.next_change(widget);
            let told = WidgetNow {
                explained: explained(facts, (widget, &Visitor::default())),
                next: words.next_change(next.as_ref(), now),
            };
            // Texts, numbers and lists alone: there is nothing that JSON could not hold.
            serde_json::to_value(told).unwrap_or_default()
        };
        let agent = |index: usize| {
            let id = AgentId::new(index);
            let agent = facts.agent(id);
            let next = facts.world.next_agent_change(id);
            AgentNow {
                name: facts.roster.agents.name(id).to_owned(),
                status: agent.status.word(),
                words: words.agent(&agent, now),
                next: words.next_change_of_agent(next.as_ref(), now),
            }
        };
        Self {
            at_ms: now.as_millis(),
            local: write(now, facts.zone),
            zone: facts.zone.name().to_owned(),
            utc: now.to_string(),
            widgets: (0..widgets.min(WIDGETS_MAX)).map(widget).collect(),
            widgets_left_out: widgets.saturating_sub(WIDGETS_MAX),
            agents: (0..agents.min(AGENTS_MAX)).map(agent).collect(),
            agents_left_out: agents.saturating_sub(AGENTS_MAX),
        }
    }
}
