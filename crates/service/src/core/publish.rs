//! Puts together what people are told once it is kept: the answers of widgets, the statuses of
//! team-mates, and the sockets that are to be closed.

use std::sync::Arc;

use bytes::Bytes;

use super::state::State;
use crate::json::json;
use crate::outbox::{OpenedSocket, Outbox};
use crate::widgets::RenderedWidget;
use lamplighter_core::model::{AgentId, Chat, DeviceId, PropertyId, WidgetId};
use lamplighter_target::wire::{MessageAnswer, SocketMessage, TeamMember, WidgetAnswer};

impl State {
    /// Puts together what is to be delivered, and begins anew.
    pub fn publish(&mut self) -> Outbox {
        let mut unpublished = std::mem::take(&mut self.unpublished);
        let mut outbox = Outbox { closed: unpublished.closed, ..Outbox::default() };
        outbox.widgets.extend(unpublished.gone.into_iter().map(|widget| (widget, None)));
        for &property in &unpublished.properties {
            for &widget in &self.properties[property.index()].widgets {
                outbox.widgets.extend(self.rendered(widget));
            }
        }
        // Those whose sockets are about to be closed are told what comes before, too.
        let closing: Vec<AgentId> =
            outbox.closed.iter().map(|closed| closed.device.agent()).collect();
        let listens = |agent: &AgentId| self.liveness.listens(*agent) || closing.contains(agent);
        // Who is suspended reads nothing of the property (rule P6).
        let listening = |property: PropertyId| -> Vec<AgentId> {
            let members = self.world.members(property).iter().copied();
            members.filter(|id| listens(id) && self.is_active_member(*id, property)).collect()
        };
        for &property in &unpublished.teams {
            outbox
                .to_agents
                .push((listening(property), self.team_text(property, self.team(property))));
        }
        for &(property, agent) in &unpublished.left {
            if listens(&agent) && !self.is_active_member(agent, property) {
                outbox.to_agents.push((vec![agent], self.team_text(property, Vec::new())));
            }
        }
        for (property, message) in unpublished.messages {
            let listening = listening(property);
            if !listening.is_empty() {
                outbox.to_agents.push((listening, self.message_text(property, message)));
            }
        }
        for &agent in &unpublished.agents {
            for property in self.world.properties_of(agent) {
                let listening = listening(property);
                if !listening.is_empty() {
                    outbox.to_agents.push((listening, self.status_text(property, agent)));
                }
            }
            unpublished.devices.extend(self.world.devices_of(agent));
        }
        let listening = unpublished.devices.iter();
        let listening = listening.filter(|device| self.liveness.has_socket(**device));
        outbox.to_devices.extend(listening.map(|&device| (device, self.device_text(device))));
        let opened = unpublished.opened.into_iter();
        outbox.opened.extend(opened.map(|opened| {
            let first = self.first_texts(&opened);
            (opened, first)
        }));
        outbox
    }

    /// Lets the next delivery say how everything stands: each is told what is news to it.
    pub fn tell_everything(&mut self) {
        let all = (0..self.properties.len()).map(PropertyId::new);
        let there = |id: &PropertyId| self.properties[id.index()].document.is_some();
        let all: Vec<PropertyId> = all.filter(there).collect();
        self.unpublished.properties.extend(&all);
        self.unpublished.teams.extend(&all);
        self.unpublished.devices.extend(self.liveness.connected());
    }

    /// What a socket is told when it opens: its own device, and every team.
    fn first_texts(&self, opened: &OpenedSocket) -> Vec<Bytes> {
        let agent = opened.device.agent();
        let properties = self.world.properties_of(agent).into_iter();
        let teams = properties
            .filter(|property| self.is_active_member(agent, *property))
            .map(|property| self.team_text(property, self.team(property)));
        [self.device_text(opened.device)].into_iter().chain(teams).collect()
    }

    /// All widgets that there are, rendered.
    pub fn all_rendered(&self) -> Vec<(String, Option<Arc<RenderedWidget>>)> {
        (0..self.widgets.len()).filter_map(|index| self.rendered(WidgetId::new(index))).collect()
    }

    /// What a widget shows; `None` where it is gone.
    fn rendered(&self, id: WidgetId) -> Option<(String, Option<Arc<RenderedWidget>>)> {
        let widget = &self.widgets[id.index()];
        widget.document.as_ref()?;
        let name = self.roster.widgets.name(id).to_owned();
        let answer = self.world.answer(id);
        let answer = WidgetAnswer {
            widget: name.clone().into(),
            status: answer.status,
            chat: answer.chat == Chat::Possible,
            shown: true,
            hidden_because: None,
            greeting: self.world.greeting(id).to_owned().into(),
            form: self.world.form(id),
            next_change: self.world.next_change(id).map(|next| next.at),
            version: self.properties[self.world.property_of(id).index()].version,
        };
        Some((name, Some(Arc::new(RenderedWidget::new(answer, Arc::clone(&widget.policy))))))
    }

    /// What team-mates see of each other (rule P4).
    pub fn team(&self, property: PropertyId) -> Vec<TeamMember> {
        let members = self.world.members(property).iter();
        members
            .map(|&agent| TeamMember {
                agent: self.roster.agents.name(agent).to_owned(),
                status: self.world.agent_status(agent),
            })
            .collect()
    }

    fn team_text(&self, property: PropertyId, team: Vec<TeamMember>) -> Bytes {
        json(&SocketMessage::Team {
            property: self.roster.properties.name(property).into(),
            team,
            version: self.properties[property.index()].version,
        })
    }

    fn status_text(&self, property: PropertyId, agent: AgentId) -> Bytes {
        json(&SocketMessage::Status {
            property: self.roster.properties.name(property).into(),
            agent: self.roster.agents.name(agent).into(),
            status: self.world.agent_status(agent),
            version: self.properties[property.index()].version,
        })
    }

    fn message_text(&self, property: PropertyId, message: MessageAnswer) -> Bytes {
        let property = self.roster.properties.name(property).into();
        json(&SocketMessage::Message { property, message })
    }

    fn device_text(&self, device: DeviceId) -> Bytes {
        json(&SocketMessage::Device {
            device: self.roster.device_name(device).into(),
            status: self.world.device_status(device),
        })
    }
}
