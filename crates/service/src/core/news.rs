//! What people are told once it is kept: the faces of widgets, the statuses of team-mates, and the
//! sockets that are to be closed.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Bytes;

use super::lives::SocketId;
use super::state::State;
use crate::board::{Face, json};
use crate::hub::{Closing, Outlet};
use lamplighter_core::model::{AgentId, Chat, DeviceId, Instant, PropertyId, WidgetId};
use lamplighter_target::wire::{SocketMessage, TeamMember, WidgetAnswer};

/// What has come together since the last commit.
#[derive(Debug, Default)]
pub struct News {
    /// Agents whose status has changed.
    pub agents: BTreeSet<AgentId>,
    /// Devices whose own status may have changed.
    pub devices: BTreeSet<DeviceId>,
    /// Properties whose members have changed.
    pub teams: BTreeSet<PropertyId>,
    /// Widgets that are gone.
    pub gone: Vec<String>,
    /// Sockets that were opened.
    pub opened: Vec<(DeviceId, SocketId, Outlet)>,
    /// Sockets that are to be closed.
    pub closed: Vec<(DeviceId, SocketId, Closing)>,
    /// The latest instant at which the clock changed a widget.
    pub latest_edge: Option<Instant>,
}

/// What is sent where.
#[derive(Debug, Default)]
pub struct Told {
    /// Faces of widgets; `None` for those that are gone.
    pub faces: Vec<(String, Option<Arc<Face>>)>,
    /// Texts for the sockets of agents.
    pub to_agents: Vec<(Vec<AgentId>, Bytes)>,
    /// Texts for the sockets of single devices.
    pub to_devices: Vec<(DeviceId, Bytes)>,
    /// Sockets that were opened, with what each is told first.
    pub opened: Vec<(DeviceId, SocketId, Outlet, Vec<Bytes>)>,
    /// Sockets that are to be closed.
    pub closed: Vec<(DeviceId, SocketId, Closing)>,
    /// The latest instant at which the clock changed a widget.
    pub latest_edge: Option<Instant>,
}

impl Told {
    /// Whether there is nobody to be told.
    pub fn is_empty(&self) -> bool {
        let Self { faces, to_agents, to_devices, opened, closed, latest_edge: _ } = self;
        faces.is_empty()
            && to_agents.is_empty()
            && to_devices.is_empty()
            && opened.is_empty()
            && closed.is_empty()
    }
}

impl State {
    /// Puts together what is to be told, and begins anew.
    pub fn take_news(&mut self) -> Told {
        let mut news = std::mem::take(&mut self.news);
        let touched = std::mem::take(&mut self.touched);
        let mut told =
            Told { latest_edge: news.latest_edge, closed: news.closed, ..Told::default() };
        told.faces.extend(news.gone.into_iter().map(|widget| (widget, None)));
        for &property in &touched {
            for &widget in &self.properties[property.index()].widgets {
                told.faces.extend(self.face(widget));
            }
        }
        // Those whose sockets are about to be closed are told what comes before, too.
        let closing: Vec<AgentId> = told.closed.iter().map(|(device, ..)| device.agent()).collect();
        let listens = |agent: &AgentId| self.lives.listens(*agent) || closing.contains(agent);
        let listening = |property: PropertyId| -> Vec<AgentId> {
            self.world.members(property).iter().copied().filter(listens).collect()
        };
        for &property in &news.teams {
            told.to_agents.push((listening(property), self.team_text(property)));
        }
        for &agent in &news.agents {
            for property in self.world.properties_of(agent) {
                let listening = listening(property);
                if listening.is_empty() {
                    continue;
                }
                let text = json(&SocketMessage::Status {
                    property: self.roster.properties.name(property).into(),
                    agent: self.roster.agents.name(agent).into(),
                    status: self.world.agent_status(agent),
                    version: self.properties[property.index()].version,
                });
                told.to_agents.push((listening, text));
            }
            news.devices.extend(self.world.devices_of(agent));
        }
        let listening = news.devices.iter().filter(|device| self.lives.has_socket(**device));
        told.to_devices.extend(listening.map(|&device| (device, self.device_text(device))));
        for (device, socket, outlet) in news.opened {
            let teams = self.world.properties_of(device.agent()).into_iter();
            let mut first = vec![self.device_text(device)];
            first.extend(teams.map(|property| self.team_text(property)));
            told.opened.push((device, socket, outlet, first));
        }
        told
    }

    /// The faces of all widgets that there are.
    pub fn all_faces(&self) -> Vec<(String, Option<Arc<Face>>)> {
        (0..self.widgets.len()).filter_map(|index| self.face(WidgetId::new(index))).collect()
    }

    /// What a widget shows; `None` where it is gone.
    fn face(&self, id: WidgetId) -> Option<(String, Option<Arc<Face>>)> {
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
        Some((name, Some(Arc::new(Face::new(answer, Arc::clone(&widget.looks))))))
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

    fn team_text(&self, property: PropertyId) -> Bytes {
        json(&SocketMessage::Team {
            property: self.roster.properties.name(property).into(),
            team: self.team(property),
            version: self.properties[property.index()].version,
        })
    }

    fn device_text(&self, device: DeviceId) -> Bytes {
        json(&SocketMessage::Device {
            device: self.roster.device_name(device).into(),
            status: self.world.device_status(device),
        })
    }
}
