//! What an agent can be by other rules than the rule book's: the statuses of all devices, and what the
//! rules need to know of them beside. What operations make of it is held against the engine below.

use lamplighter_core::model::knobs::{Devices, LoginGives, LogoutEnds, Merge};
use lamplighter_core::model::{Chosen, DeviceStatus, RuleSet};

use crate::plan::DeviceSlot;

/// What an agent is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct AgentState {
    devices: Vec<DeviceState>,
}

/// What one of its devices is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct DeviceState {
    status: DeviceStatus,
    /// The status that was last given to it, where a login gives that back (`login = "keeps"`); with one
    /// status for all devices that of the agent stands at the first.
    kept: Option<Chosen>,
    /// How many of the agent's devices were given a status before this one's was last, counting itself;
    /// 0 for one that never was, and where nobody asks (`merge = "newest"`).
    given: usize,
}

/// What happens to a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// It logs in (rule P1).
    Login,
    /// It is given a status (rule P2). Where nobody is logged in on it that has ended meanwhile, and
    /// changes nothing.
    Status(Chosen),
    /// It logs out (rule P3).
    Logout,
    /// The clock logs it out: a grace has run out (rule P7).
    RunsOut,
}

const CHOICES: [Option<Chosen>; 4] =
    [None, Some(Chosen::Invisible), Some(Chosen::Away), Some(Chosen::Online)];

impl AgentState {
    /// Nobody has ever logged in on any of so many devices.
    pub fn new(count: usize) -> Self {
        let device = DeviceState { status: DeviceStatus::LoggedOut, kept: None, given: 0 };
        Self { devices: vec![device; count] }
    }

    /// Nobody is logged in, and whatever may be kept is.
    pub fn all_that_may_be_kept(rules: &RuleSet, count: usize) -> Vec<Self> {
        let keepers = match rules.devices {
            Devices::Each => count,
            Devices::OneStatus => count.min(1),
        };
        let mut all = vec![Self::new(count)];
        for keeper in 0..keepers {
            let with = |state: &Self| {
                CHOICES.map(|kept| {
                    let mut state = state.clone();
                    state.devices[keeper].kept = kept;
                    state
                })
            };
            all = all.iter().flat_map(with).collect();
        }
        all
    }

    /// Whatever an agent can be that has so many devices.
    pub fn all(rules: &RuleSet, count: usize) -> Vec<Self> {
        let mut all = std::collections::BTreeSet::from([Self::new(count)]);
        let mut fresh: Vec<Self> = all.iter().cloned().collect();
        let statuses = Chosen::WORDS.iter().map(|(_, chosen)| Step::Status(*chosen));
        let steps: Vec<Step> = statuses.chain([Step::Login, Step::RunsOut]).collect();
        while let Some(state) = fresh.pop() {
            for slot in 0..count as DeviceSlot {
                for step in &steps {
                    let mut after = state.clone();
                    after.take(rules, slot, *step);
                    if all.insert(after.clone()) {
                        fresh.push(after);
                    }
                }
            }
        }
        all.into_iter().collect()
    }

    /// The status of a device.
    pub fn device(&self, slot: DeviceSlot) -> DeviceStatus {
        self.devices[usize::from(slot)].status
    }

    /// Whether a device is logged in.
    pub fn is_logged_in(&self, slot: DeviceSlot) -> bool {
        self.device(slot) != DeviceStatus::LoggedOut
    }

    /// The agent's status (rule P4), as that of a device that has it.
    pub fn status(&self, rules: &RuleSet) -> DeviceStatus {
        let logged_in = self.devices.iter().filter(|device| device.is_logged_in());
        let decides = match rules.merge {
            Merge::Highest => logged_in.max_by_key(|device| device.status),
            Merge::Newest => logged_in.max_by_key(|device| device.given),
        };
        decides.map_or(DeviceStatus::LoggedOut, |device| device.status)
    }

    /// Something happens to a device.
    pub fn take(&mut self, rules: &RuleSet, slot: DeviceSlot, step: Step) {
        let own = usize::from(slot);
        match step {
            Step::Login => {
                let gives = rules.login_gives(self.devices[keeper(rules, own)].kept);
                self.devices[own].status = gives.into();
                self.give(rules, own, gives);
            }
            Step::Status(chosen) if self.devices[own].is_logged_in() => {
                self.give(rules, own, chosen);
            }
            Step::Status(_) => {}
            Step::Logout => match rules.logout {
                LogoutEnds::Device => self.devices[own].status = DeviceStatus::LoggedOut,
                LogoutEnds::Account => {
                    let devices = self.devices.iter_mut();
                    devices.for_each(|device| device.status = DeviceStatus::LoggedOut);
                }
                // Its connection is lost by it, which is an operation of its own.
                LogoutEnds::Never => {}
            },
            Step::RunsOut => self.devices[own].status = DeviceStatus::LoggedOut,
        }
    }

    /// A device that is logged in is given a status, and with it what has the same one (`devices`).
    fn give(&mut self, rules: &RuleSet, own: usize, chosen: Chosen) {
        let is_shared = rules.devices == Devices::OneStatus;
        for (slot, device) in self.devices.iter_mut().enumerate() {
            if (slot == own || is_shared) && device.is_logged_in() {
                device.status = chosen.into();
            }
        }
        if rules.login == LoginGives::Keeps {
            self.devices[keeper(rules, own)].kept = Some(chosen);
        }
        if rules.merge == Merge::Newest {
            self.become_newest(own);
        }
    }

    fn become_newest(&mut self, own: usize) {
        let before = self.devices[own].given;
        let newest = self.devices.iter().map(|device| device.given).max().unwrap_or(0);
        if before == 0 {
            self.devices[own].given = newest + 1;
            return;
        }
        for device in &mut self.devices {
            device.given -= usize::from(device.given > before);
        }
        self.devices[own].given = newest;
    }
}

impl DeviceState {
    fn is_logged_in(&self) -> bool {
        self.status != DeviceStatus::LoggedOut
    }
}

/// At which device stands what is kept of one.
fn keeper(rules: &RuleSet, slot: usize) -> usize {
    match rules.devices {
        Devices::Each => slot,
        Devices::OneStatus => 0,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use lamplighter_core::hours::Zones;
    use lamplighter_core::model::{AgentId, DeviceId, Event, Instant, Knob, Millis};
    use lamplighter_core::world::{Timing, World, WorldBuilder};

    use super::*;

    const DEVICES: usize = 2;
    /// So many things happen, one after the other, in every way in which they can.
    const LENGTH: usize = 5;

    /// The rules of every position of the knobs that concern people, each with every other.
    fn all_rules() -> Vec<RuleSet> {
        let mut all = vec![RuleSet::BOOK];
        for knob in [Knob::Devices, Knob::Merge, Knob::Login, Knob::Logout] {
            let with = |rules: &RuleSet| {
                let positions = knob.positions().into_iter();
                let put = positions.map(|position| {
                    let mut rules = *rules;
                    rules.put(knob, position).expect("a position of its own");
                    rules
                });
                put.collect::<Vec<_>>()
            };
            all = all.iter().flat_map(with).collect();
        }
        all.retain(|rules| rules.check().is_ok());
        all
    }

    fn world(rules: RuleSet) -> World {
        let mut builder = WorldBuilder::new(Timing { grace: Millis(0), auto_away: None });
        builder.put_rules(rules);
        let agent = builder.add_agent();
        let at = Instant::from_millis(0).expect("in range");
        let mut world = builder.build(at, Arc::new(Zones::bundled())).expect("no zones");
        for _ in 0..DEVICES {
            world.add_device(agent);
        }
        world
    }

    /// Plays everything that can happen from a world on, and counts what was compared.
    fn go_on(rules: &RuleSet, world: &World, state: &AgentState, left: usize) -> u64 {
        let agent = AgentId::new(0);
        for slot in 0..DEVICES {
            let id = DeviceId::new(agent, slot);
            assert_eq!(world.device_status(id), state.device(slot as DeviceSlot), "{rules}");
        }
        if rules.team_sees_invisible == RuleSet::BOOK.team_sees_invisible {
            let status = state.status(rules).into();
            assert_eq!(world.agent_status(agent), status, "{rules}: {state:?}");
        }
        if left == 0 {
            return 1;
        }
        let mut met = 1;
        for slot in 0..DEVICES {
            let id = DeviceId::new(agent, slot);
            let statuses = [Chosen::Online, Chosen::Away, Chosen::Invisible];
            let statuses =
                statuses.map(|chosen| (Event::SetStatus(id, chosen), Step::Status(chosen)));
            // Without a grace losing the connection is its end.
            let others = [
                (Event::Login(id), Step::Login),
                (Event::Logout(id), Step::Logout),
                (Event::Disconnect(id), Step::RunsOut),
            ];
            for (event, step) in statuses.into_iter().chain(others) {
                let step = match (step, rules.logout) {
                    (Step::Logout, LogoutEnds::Never) => Step::RunsOut,
                    _ => step,
                };
                let (mut world, mut state) = (world.clone(), state.clone());
                if world.apply(&event, &mut |_| {}).is_ok() {
                    state.take(rules, slot as DeviceSlot, step);
                    met += go_on(rules, &world, &state, left - 1);
                }
            }
        }
        met
    }

    #[test]
    fn an_agent_becomes_what_the_engine_says_whatever_happens_by_whatever_rules() {
        let all = all_rules();
        assert_eq!(all.len(), 36, "of 48 those that go together");
        let met = all.iter().map(|rules| {
            let mut with_grace = *rules;
            with_grace.put(Knob::Grace, "0s").expect("a length");
            go_on(rules, &world(with_grace), &AgentState::new(DEVICES), LENGTH)
        });
        let met: u64 = met.sum();
        assert!(met > 20_000, "{met}");
    }

    #[test]
    fn a_logout_that_ends_nothing_changes_nothing() {
        let rules = RuleSet { logout: LogoutEnds::Never, ..RuleSet::BOOK };
        let mut state = AgentState::new(1);
        state.take(&rules, 0, Step::Login);
        let before = state.clone();
        state.take(&rules, 0, Step::Logout);
        assert_eq!(state, before);
    }
}
