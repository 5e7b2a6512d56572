//! The same answers as one would first write them: nested maps keyed by strings, every answer
//! worked out anew, the wall clock asked through chrono-tz each time.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, Timelike, Utc};
use chrono_tz::Tz;

/// Device by device, by name.
pub type Devices = HashMap<String, String>;

/// A property as a client of a database would hold it.
pub struct Property {
    pub members: Vec<String>,
    pub zone: Tz,
    /// For each weekday from Monday, `[start, end)` in minutes.
    pub hours: [Vec<(u32, u32)>; 7],
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

impl Fleet {
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
        let local = at.with_timezone(&property.zone);
        let minute = local.hour() * 60 + local.minute();
        let today = &property.hours[local.weekday().num_days_from_monday() as usize];
        if !today.iter().any(|&(start, end)| start <= minute && minute < end) {
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
        match (away, property.offline_when_all_agents_offline) {
            (true, _) => "away",
            (false, true) => "offline",
            (false, false) => "online",
        }
    }
}
