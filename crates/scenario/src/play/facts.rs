//! The facts behind an answer, in words.

use crate::language::Roster;
use crate::language::time;
use lamplighter_core::hours::Zone;
use lamplighter_core::model::text::write_local;
use lamplighter_core::model::{
    AgentId, AgentStatus, Answer, Chat, DeviceId, DeviceStatus, Instant, Millis, SchedulerState,
    WidgetId, WidgetStatus,
};
use lamplighter_core::world::{Cause, Connection, DeviceFacts, Membership, NextChange, World};

/// Words facts in a file's names and zone.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The names.
    pub roster: &'a Roster,
    /// The zone of the file's local times.
    pub zone: &'a Zone,
    /// The world at the instant in question.
    pub world: &'a World,
}

impl Facts<'_> {
    /// `2026-03-09 09:10 America/New_York (2026-03-09T13:10:00Z)`
    pub fn instant(&self, at: Instant) -> String {
        format!("{} {} ({at})", write_local(self.zone.local(at)), self.zone.name())
    }

    /// `away (agent-away, rule W3)`
    pub fn answer(&self, answer: Answer) -> String {
        format!("{} ({}, rule W{})", answer.status, answer.reason, answer.rule)
    }

    /// `ann is away (laptop away, phone logged out 2m ago); bob is invisible (desk)`
    pub fn members(&self, widget: WidgetId) -> String {
        /// More members than this are counted, not named.
        const NAMED_MAX: usize = 12;
        let property = self.world.property_of(widget);
        let members = self.world.members(property);
        let mut words: Vec<String> = members
            .iter()
            .take(NAMED_MAX)
            .map(|&agent| match self.world.membership(agent, property) {
                Some(Membership::Suspended) => format!("{}, suspended", self.agent(agent)),
                _ => self.agent(agent),
            })
            .collect();
        if members.len() > NAMED_MAX {
            words.push(format!("and {} more members", members.len() - NAMED_MAX));
        }
        if words.is_empty() {
            words.push(format!("{} has no members", self.roster.properties.name(property)));
        }
        words.join("; ")
    }

    /// `ann is away (laptop away, phone logged out 2m ago)`
    pub fn agent(&self, agent: AgentId) -> String {
        let status = self.world.agent_status(agent);
        let devices = self.world.device_facts(agent);
        let said_by_status = |device: &DeviceFacts| {
            device.status != DeviceStatus::LoggedOut
                && AgentStatus::from(device.status) == status
                && !device.away_by_rule
                && !matches!(device.connection, Connection::Lost { .. })
        };
        let plain = devices.iter().all(said_by_status);
        let devices: Vec<String> = devices
            .iter()
            .map(|device| {
                let name = self.roster.device_name(device.device);
                if plain { name.to_owned() } else { format!("{name} {}", self.device(device)) }
            })
            .collect();
        let devices = match devices.is_empty() {
            true => "never logged in".to_owned(),
            false => devices.join(", "),
        };
        format!("{} is {status} ({devices})", self.roster.agents.name(agent))
    }

    /// `logged out 2m ago`, `away by auto-away`, `online, connection lost, logged out in 1m30s`
    fn device(&self, device: &DeviceFacts) -> String {
        let now = self.world.now();
        match (device.status, device.connection) {
            (DeviceStatus::LoggedOut, connection) => {
                let ago = match device.since.map(|since| now.since(since)) {
                    None => String::new(),
                    Some(Millis::ZERO) => " just now".to_owned(),
                    Some(length) => format!(" {length} ago"),
                };
                match connection {
                    Connection::RanOut => format!("lost its connection, logged out{ago}"),
                    _ => format!("logged out{ago}"),
                }
            }
            (status, Connection::Lost { until: Some(until) }) => {
                format!("{status}, connection lost, logged out in {}", until.since(now))
            }
            (status, Connection::Lost { until: None }) => format!("{status}, connection lost"),
            (status, _) if device.away_by_rule => format!("{status} by auto-away"),
            (status, _) => status.to_string(),
        }
    }

    /// `scheduler closed: Mon 2026-03-09 08:55 in America/New_York, opens 09:00`
    pub fn scheduler(&self, widget: WidgetId) -> Option<String> {
        let schedule = self.world.schedule(widget)?;
        let now = self.world.now();
        let local = schedule.zone().local(now);
        let (state, then) = match self.world.scheduler_state(widget) {
            SchedulerState::Open => ("open", "closes"),
            _ => ("closed", "opens"),
        };
        let next = match schedule.next_edge(now) {
            Some(at) => format!("{then} {}", time::write_after(at, now, schedule.zone())),
            None => format!("never {then}"),
        };
        Some(format!(
            "scheduler {state}: {} {} in {}, {next}",
            local.format("%a"),
            write_local(local),
            schedule.zone().name()
        ))
    }

    /// `next change by the clock: offline at 17:00, scheduler closes`
    pub fn next(&self, next: Option<&NextChange>) -> String {
        let words = next.map(|next| {
            let answer = next.answer;
            let without_chat = answer.status == WidgetStatus::Online && answer.chat == Chat::No;
            let chat = if without_chat { " without a chat" } else { "" };
            (format!("{}{chat}", answer.status), next.at, &next.causes[..])
        });
        self.next_words(words)
    }

    /// `next change by the clock: away at 17:00, ann goes away on laptop by auto-away`
    pub fn next_of_agent(&self, next: Option<&NextChange<AgentStatus>>) -> String {
        self.next_words(next.map(|next| (next.answer.to_string(), next.at, &next.causes[..])))
    }

    fn next_words(&self, next: Option<(String, Instant, &[Cause])>) -> String {
        let Some((answer, at, causes)) = next else {
            return "next change by the clock: none".to_owned();
        };
        let at = time::write_after(at, self.world.now(), self.zone);
        let causes: Vec<String> = causes.iter().map(|cause| self.cause(*cause)).collect();
        format!("next change by the clock: {answer} at {at}, {}", causes.join(", "))
    }

    fn cause(&self, cause: Cause) -> String {
        let device = |device: DeviceId| {
            let agent = self.roster.agents.name(device.agent());
            (agent, self.roster.device_name(device))
        };
        match cause {
            Cause::SchedulerOpens => "scheduler opens".to_owned(),
            Cause::SchedulerCloses => "scheduler closes".to_owned(),
            Cause::GraceRunsOut(lost) => {
                let (agent, name) = device(lost);
                format!("{agent}'s grace on {name} runs out")
            }
            Cause::GoesAway(idle) => {
                let (agent, name) = device(idle);
                format!("{agent} goes away on {name} by auto-away")
            }
        }
    }
}
