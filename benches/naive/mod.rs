//! The same answers as one would first write them: nested maps keyed by strings, every answer
//! worked out anew, the wall clock asked through chrono-tz each time.
#![allow(dead_code, reason = "each bench uses a part of it")]

use std::collections::HashMap;

use chrono::{DateTime, Datelike, Timelike, Utc};
use chrono_tz::Tz;

use crate::fleet::{self, AGENTS, DEVICES, Schedules};

/// Device by device, by name.
pub type Devices = HashMap<String, String>;

/// Hours by the wall clock of a zone.
pub struct Hours {
    pub zone: Tz,
    /// For each weekday from Monday, `[start, end)` in minutes.
    pub weekdays: [Vec<(u16, u16)>; 7],
}

impl Hours {
    pub fn of(index: usize, schedules: Schedules) -> Self {
        let zone = fleet::zone(index).parse().expect("a zone");
        Self { zone, weekdays: fleet::weekdays(index, schedules) }
    }

    /// Asks the wall clock.
    pub fn is_open(&self, at: DateTime<Utc>) -> bool {
        let local = at.with_timezone(&self.zone);
        let minute = (local.hour() * 60 + local.minute()) as u16;
        let today = &self.weekdays[local.weekday().num_days_from_monday() as usize];
        today.iter().any(|&(start, end)| start <= minute && minute < end)
    }
}

/// A property as a client of a database would hold it.
pub struct Property {
    pub members: Vec<String>,
    pub scheduler: Option<Hours>,
    pub offline_when_all_agents_offline: bool,
}

/// All of them.
#[derive(Default)]
pub struct Fleet {
    pub agents: HashMap<String, Devices>,
    pub properties: HashMap<String, Property>,
    /// Which properties an agent is a member of.
    pub properties_of: HashMap<String, Vec<String>>,
}

/// What a property is called.
pub fn property_name(index: usize) -> String {
    format!("property-{index}")
}

/// What an agent is called.
pub fn agent_name(index: usize) -> String {
    format!("agent-{index}")
}

impl Fleet {
    /// The fleet that `fleet::world` makes, with everyone logged in everywhere.
    pub fn new(properties: usize, schedules: Schedules) -> Self {
        let mut fleet = Self::default();
        for index in 0..properties {
            let members: Vec<String> =
                (0..AGENTS).map(|agent| agent_name(index * AGENTS + agent)).collect();
            for agent in &members {
                fleet.properties_of.insert(agent.clone(), vec![property_name(index)]);
                for device in DEVICES {
                    fleet.set(agent, device, "online");
                }
            }
            let property = Property {
                members,
                scheduler: fleet::has_scheduler(index).then(|| Hours::of(index, schedules)),
                offline_when_all_agents_offline: fleet::offline_when_all_agents_offline(index),
            };
            fleet.properties.insert(property_name(index), property);
        }
        fleet
    }

    /// Sets a device's status.
    pub fn set(&mut self, agent: &str, device: &str, status: &str) {
        let devices = self.agents.entry(agent.to_owned()).or_default();
        devices.insert(device.to_owned(), status.to_owned());
    }

    /// Sets a status and works out what the agent's properties show.
    pub fn apply(&mut self, agent: &str, device: &str, status: &str, at: DateTime<Utc>) -> usize {
        self.set(agent, device, status);
        let properties = self.properties_of.get(agent).cloned().unwrap_or_default();
        properties.iter().filter(|property| self.answer(property, at) == "online").count()
    }

    /// What a property's widget shows.
    pub fn answer(&self, property: &str, at: DateTime<Utc>) -> &'static str {
        let property = &self.properties[property];
        let scheduled = property.scheduler.is_some();
        if property.scheduler.as_ref().is_some_and(|hours| !hours.is_open(at)) {
            return "offline";
        }
        let mut away = false;
        for agent in &property.members {
            for status in self.agents.get(agent).iter().flat_map(|devices| devices.values()) {
                match status.as_str() {
                    "online" => return "online",
                    "away" => away = true,
                    _ => {}
                }
            }
        }
        match (away, scheduled && !property.offline_when_all_agents_offline) {
            (true, _) => "away",
            (false, true) => "online",
            (false, false) => "offline",
        }
    }
}
