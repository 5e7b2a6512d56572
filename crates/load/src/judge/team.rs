//! Verdicts on teams: whether members could be as team-mates are told (rule P4).

use super::Judge;
use super::device::ReadPoint;
use super::fleet::Fleet;
use super::possible::Statuses;
use super::violation::Diagnosis;
use super::window::ReadWindow;
use crate::observation::Observation;
use crate::plan::AgentIndex;
use crate::result::Class;
use lamplighter_core::model::{AgentStatus, DeviceStatus};
use lamplighter_target::file::possible::PossibleStatuses;

impl Judge {
    /// A look at a whole team: all that it says must have been so at one moment.
    pub(super) fn judge_team(
        &mut self,
        observation: &Observation,
        statuses: &[Option<PossibleStatuses<AgentStatus>>],
    ) -> Option<Diagnosis> {
        self.judged.teams += statuses.len() as u64;
        let window = self.window(observation);
        if self.is_admissible(observation, &window) {
            return None;
        }
        let (fleet, property) = (&self.fleet, observation.property);
        let members = &self.plan.properties[property as usize].members;
        let is_wrong =
            |(member, status): &(&AgentIndex, &Option<PossibleStatuses<AgentStatus>>)| {
                !window.some(fleet, fleet.devices(property), |point| {
                    could_be(fleet, **member, **status, point)
                })
            };
        let wrong = members.iter().zip(statuses).filter(is_wrong).map(|(member, _)| *member);
        let mut agents: Vec<AgentIndex> = wrong.collect();
        if agents.is_empty() {
            agents.extend(members);
        }
        let why = match agents.len() {
            1 => "at no moment of the look was it so",
            _ => "at no moment of the look were all of them so",
        };
        Some(self.diagnose_members(observation, window, agents, why))
    }

    /// What is wrong with members that could not be as they were seen.
    fn diagnose_members(
        &self,
        observation: &Observation,
        window: ReadWindow,
        agents: Vec<AgentIndex>,
        why: &str,
    ) -> Diagnosis {
        let end = window.point(observation.returned);
        let admissible = agents.iter().map(|agent| self.member_words(*agent, &end)).collect();
        let late = self.diagnose_late(observation, &window);
        let wrong = late.unwrap_or_else(|| Diagnosis::new(Class::TeamStatusWrong, why));
        let version = window.version.map(|(_, version)| version);
        Diagnosis { admissible, agents, version, recheck: Some(window), ..wrong }
    }

    /// What a member could be at a point, in words.
    fn member_words(&self, agent: AgentIndex, point: &ReadPoint) -> String {
        let name = &self.plan.agents[agent as usize].name;
        format!("{name} is {}", statuses_words(self.fleet.team_sees(agent, point)))
    }
}

/// Whether a member could be as seen (rule P4).
pub fn could_be(
    fleet: &Fleet,
    agent: AgentIndex,
    status: Option<PossibleStatuses<AgentStatus>>,
    point: &ReadPoint,
) -> bool {
    let Some(status) = status else { return false };
    let could = fleet.team_sees(agent, point);
    status.iter().any(|status| could.has(device_status(status)))
}

/// A device's status that an agent of this status has somewhere, and none above it (rule P4).
fn device_status(status: AgentStatus) -> DeviceStatus {
    match status {
        AgentStatus::Offline => DeviceStatus::LoggedOut,
        AgentStatus::Invisible => DeviceStatus::Invisible,
        AgentStatus::Away => DeviceStatus::Away,
        AgentStatus::Online => DeviceStatus::Online,
    }
}

fn statuses_words(statuses: Statuses) -> String {
    let word = |status| match status {
        DeviceStatus::LoggedOut => "offline",
        DeviceStatus::Invisible => "invisible",
        DeviceStatus::Away => "away",
        DeviceStatus::Online => "online",
    };
    statuses.iter().map(word).collect::<Vec<_>>().join(" or ")
}
