//! What can be left out: steps, properties, widgets, agents, memberships, devices.

use super::super::question::Question;
use super::super::renumber::{Renumber, renumber};
use super::Shrinker;
use lamplighter_core::model::{AgentId, DeviceId, PropertyId, WidgetId};
use lamplighter_core::world::Membership;

impl Shrinker<'_> {
    /// Half of the steps, then a quarter, down to each one.
    pub fn leave_out_steps(&mut self) {
        let mut length = self.case.steps.len();
        while length > 0 {
            let mut at = 0;
            while at < self.case.steps.len() {
                let mut case = self.case.clone();
                let end = case.steps.len().min(at + length);
                case.steps.drain(at..end);
                if !self.take(case) {
                    at += length;
                }
            }
            length /= 2;
        }
    }

    /// Leaves out properties with their widgets, from the last, as long as the difference stays.
    pub fn leave_out_properties(&mut self) {
        for index in (0..self.case.properties.len()).rev() {
            let gone = PropertyId::new(index);
            let first = self.case.properties[..index].iter().map(|p| p.widgets.len()).sum();
            let count = self.case.properties[index].widgets.len();
            let mut case = self.case.clone();
            case.properties.remove(index);
            renumber(
                &mut case.steps,
                Renumber {
                    property: &|property| match property {
                        same if same == gone => None,
                        other if other > gone => Some(PropertyId::new(other.index() - 1)),
                        other => Some(other),
                    },
                    widget: &|widget| renumbered_widget(widget, first, count),
                    ..Renumber::NOTHING
                },
            );
            let Some(question) = self.without_widgets(first, count) else { continue };
            self.take_with(case, question);
        }
    }

    /// Leaves out widgets, but for the last one of a property.
    pub fn leave_out_widgets(&mut self) {
        let mut first = self.case.widget_count();
        for property in (0..self.case.properties.len()).rev() {
            for index in (0..self.case.properties[property].widgets.len()).rev() {
                first -= 1;
                if self.case.properties[property].widgets.len() == 1 {
                    continue;
                }
                let mut case = self.case.clone();
                case.properties[property].widgets.remove(index);
                let widget = |widget| renumbered_widget(widget, first, 1);
                renumber(&mut case.steps, Renumber { widget: &widget, ..Renumber::NOTHING });
                let Some(question) = self.without_widgets(first, 1) else { continue };
                self.take_with(case, question);
            }
        }
    }

    /// The question when some widgets are gone; `None` where it is about one of them.
    fn without_widgets(&self, first: usize, count: usize) -> Option<Option<Question>> {
        let mut question = self.question();
        if let Some(
            Question::Widget(widget) | Question::Visitor(widget, _) | Question::Next(widget, _),
        ) = &mut question
        {
            *widget = renumbered_widget(*widget, first, count)?;
        }
        Some(question)
    }

    /// Leaves out agents with all that they do.
    pub fn leave_out_agents(&mut self) {
        for index in (0..self.case.agent_count).rev() {
            let gone = AgentId::new(index);
            let renumbered = |agent: AgentId| match agent {
                same if same == gone => None,
                other if other > gone => Some(AgentId::new(other.index() - 1)),
                other => Some(other),
            };
            let mut case = self.case.clone();
            case.agent_count -= 1;
            for property in &mut case.properties {
                let members = std::mem::take(&mut property.members).into_iter();
                let kept = members.filter_map(|(agent, how)| Some((renumbered(agent)?, how)));
                property.members = kept.collect();
            }
            renumber(&mut case.steps, Renumber { agent: &renumbered, ..Renumber::NOTHING });
            let mut question = self.question();
            if let Some(Question::Agent(agent)) = &mut question {
                let Some(other) = renumbered(*agent) else { continue };
                *agent = other;
            }
            self.take_with(case, question);
        }
    }

    /// Leaves out memberships of agents who stay.
    pub fn leave_out_members(&mut self) {
        for property in 0..self.case.properties.len() {
            for index in (0..self.case.properties[property].members.len()).rev() {
                let (agent, how) = self.case.properties[property].members[index];
                // Whoever acts must be a member somewhere.
                let others = self.case.properties.iter().enumerate();
                let elsewhere = others
                    .filter(|(other, _)| *other != property)
                    .any(|(_, other)| other.members.iter().any(|(member, _)| *member == agent));
                if elsewhere {
                    let mut case = self.case.clone();
                    case.properties[property].members.remove(index);
                    if self.take(case) {
                        continue;
                    }
                }
                if how == Membership::Suspended {
                    let mut case = self.case.clone();
                    case.properties[property].members[index].1 = Membership::Active;
                    self.take(case);
                }
            }
        }
    }

    /// Lets one device do what another does, too.
    pub fn one_device_less(&mut self) {
        for agent in self.case.agents() {
            for slot in (1..self.case.device_count(agent)).rev() {
                let mut case = self.case.clone();
                for step in &mut case.steps {
                    if step.event.device() == Some(DeviceId::new(agent, slot)) {
                        let other = DeviceId::new(agent, slot - 1);
                        step.event = step.event.clone().on_device(other);
                    }
                }
                self.take(case);
            }
        }
    }
}

/// The id of a widget when some others are gone; `None` where it is one of them.
fn renumbered_widget(widget: WidgetId, first: usize, count: usize) -> Option<WidgetId> {
    match widget.index() {
        before if before < first => Some(widget),
        behind if behind >= first + count => Some(WidgetId::new(behind - count)),
        _ => None,
    }
}
