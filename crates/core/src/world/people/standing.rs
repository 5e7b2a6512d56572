//! Agents who stand: kept aside in lists, and counted.

use smallvec::SmallVec;

use crate::model::{AgentStatus, Presence, PropertyId};
use crate::world::copies::clone_by_field;
use crate::world::device::Device;
use crate::world::few::Few;
use crate::world::stamp::Stamp;

/// Whether a member counts in a property (rule P6).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Membership {
    /// The member counts towards the presence (rule P5).
    Active,
    /// Counts nowhere in the property until reinstated.
    Suspended,
}

/// A standing agent.
#[derive(Debug, Default)]
pub struct Standing {
    // As much as there is room for in the same words: hardly anybody needs a list elsewhere.
    pub(super) devices: SmallVec<[Device; 16]>,
    /// Since when each has its status, where that is kept.
    pub(super) since: Vec<Option<Stamp>>,
    /// How many devices have each status, so that nobody counts them again.
    pub(super) by_status: [u32; 4],
    pub(super) memberships: SmallVec<[(PropertyId, Membership); 2]>,
}

clone_by_field! { Standing { devices, since, by_status, memberships } }

impl Standing {
    /// The highest over the devices (rule P4).
    pub(super) fn highest(&self) -> AgentStatus {
        let [_, invisible, away, online] = self.by_status;
        match (online, away, invisible) {
            (1.., _, _) => AgentStatus::Online,
            (0, 1.., _) => AgentStatus::Away,
            (0, 0, 1..) => AgentStatus::Invisible,
            (0, 0, 0) => AgentStatus::Offline,
        }
    }
}

/// What the standing members of one property add up to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    online: u32,
    away: u32,
}

impl Counts {
    /// The highest of them (rule P5).
    pub(super) fn presence(self) -> Presence {
        match (self.online, self.away) {
            (1.., _) => Presence::Online,
            (0, 1..) => Presence::Away,
            (0, 0) => Presence::Nobody,
        }
    }

    /// One of them counts for something else.
    pub(super) fn count(&mut self, from: Presence, to: Presence) {
        self.online -= u32::from(from == Presence::Online);
        self.away -= u32::from(from == Presence::Away);
        self.online += u32::from(to == Presence::Online);
        self.away += u32::from(to == Presence::Away);
    }
}

/// What a change of a standing device does further up.
#[derive(Clone, Copy, Debug)]
pub enum DeviceEffect {
    /// The agent's status was, and is (rule P4).
    Agent(AgentStatus, AgentStatus),
    /// A property adds up to something else, which concerns its widgets (rule P5).
    Presence(Few, Presence),
}
