//! What devices and agents show, and what the members of a property add up to (rules P4 to P9).

use super::{Connection, Member, Oracle, Set, Status};
use crate::model::knobs::{AwayIs, InvisibleIs, Merge, TeamSeesInvisible};
use crate::model::{
    AgentId, AgentStatus, Chosen, DeviceId, DeviceStatus, Instant, Presence, PropertyId,
};

impl Oracle {
    /// A device's own status; with one status for all devices (`devices`), its agent's.
    pub fn device_status(&self, device: DeviceId) -> DeviceStatus {
        match self.status_on(device).map(|status| status.now) {
            None => DeviceStatus::LoggedOut,
            Some(Chosen::Invisible) => DeviceStatus::Invisible,
            Some(Chosen::Away) => DeviceStatus::Away,
            Some(Chosen::Online) => DeviceStatus::Online,
        }
    }

    /// What a device shows, if it is logged in.
    fn status_on(&self, device: DeviceId) -> Option<Status> {
        self.logins.get(&device)?;
        self.statuses.get(&self.holder(device)).copied()
    }

    /// Whether it was rule P8 that made a device away.
    pub fn is_away_by_the_clock(&self, device: DeviceId) -> bool {
        self.status_on(device).is_some_and(|status| status.set == Set::ByTheClock)
    }

    /// The status that a device goes back to, and when (`None`: beyond the year 9999), where it has
    /// one for a time (rule P9).
    pub fn goes_back(&self, device: DeviceId) -> Option<(Chosen, Option<Instant>)> {
        let status = self.status_on(device)?;
        status.for_a_time.map(|until| (status.chosen, until))
    }

    /// A device's connection (rule P7).
    pub fn connection(&self, device: DeviceId) -> Connection {
        match self.logins.get(&device) {
            Some(login) if login.lost_at.is_some() => Connection::Lost(self.grace_ends(login)),
            None if self.ran_out.contains(&device) => Connection::RanOut,
            _ => Connection::Up,
        }
    }

    /// Whether an agent counts in a property (rule P6); `None` where not a member.
    pub fn membership(&self, agent: AgentId, property: PropertyId) -> Option<Member> {
        self.members.get(&property)?.get(&agent).copied()
    }

    /// Rule P4: what team-mates see of an agent (the knob `team_sees_invisible`).
    pub fn agent_status(&self, agent: AgentId) -> AgentStatus {
        match self.status_of(agent) {
            AgentStatus::Invisible
                if self.rules.team_sees_invisible == TeamSeesInvisible::Offline =>
            {
                AgentStatus::Offline
            }
            status => status,
        }
    }

    /// Rule P4: the highest over the agent's devices, or that of the newest (the knob `merge`).
    fn status_of(&self, agent: AgentId) -> AgentStatus {
        let devices = self.logged_in_of(agent);
        let statuses = devices.filter_map(|device| self.statuses.get(&self.holder(device)));
        let mut shown: Vec<&Status> = statuses.collect();
        if self.rules.merge == Merge::Newest {
            let newest = shown.iter().map(|status| status.given).max();
            shown.retain(|status| Some(status.given) == newest);
        }
        let on_some_device = |wanted: Chosen| shown.iter().any(|status| status.now == wanted);
        if on_some_device(Chosen::Online) {
            AgentStatus::Online
        } else if on_some_device(Chosen::Away) {
            AgentStatus::Away
        } else if on_some_device(Chosen::Invisible) {
            AgentStatus::Invisible
        } else {
            AgentStatus::Offline
        }
    }

    /// Rule P5, over the members that count by rule P6, each for what the knobs `away_is` and
    /// `invisible_is` say.
    pub fn presence(&self, property: PropertyId) -> Presence {
        let counts: Vec<Presence> = self
            .members
            .get(&property)
            .into_iter()
            .flatten()
            .filter(|(_, member)| **member == Member::Active)
            .map(|(agent, _)| match self.status_of(*agent) {
                AgentStatus::Online => Presence::Online,
                AgentStatus::Away => match self.rules.away_is {
                    AwayIs::Online => Presence::Online,
                    AwayIs::Away => Presence::Away,
                    AwayIs::Offline => Presence::Nobody,
                },
                AgentStatus::Invisible => match self.rules.invisible_is {
                    InvisibleIs::Online => Presence::Online,
                    InvisibleIs::Away => Presence::Away,
                    InvisibleIs::Offline => Presence::Nobody,
                },
                AgentStatus::Offline => Presence::Nobody,
            })
            .collect();
        if counts.contains(&Presence::Online) {
            Presence::Online
        } else if counts.contains(&Presence::Away) {
            Presence::Away
        } else {
            Presence::Nobody
        }
    }
}
