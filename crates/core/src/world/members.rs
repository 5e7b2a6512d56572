//! Who is a member where, as it is declared: of a million properties in a few bytes a member.

use std::sync::Arc;

use smallvec::{SmallVec, smallvec};

use super::people::Membership;
use crate::model::{AgentId, PropertyId};

/// Members in the order of declaration.
#[derive(Clone, Debug, Default)]
pub struct Members {
    agents: Vec<AgentId>,
    /// Where those begin who are declared of a property one behind the other.
    runs: Vec<(PropertyId, u32)>,
    /// The places of those who are suspended.
    suspended: Vec<u32>,
    /// Whether they were declared in another order than that of their properties.
    is_out_of_order: bool,
}

impl Members {
    /// One more.
    pub fn push(&mut self, agent: AgentId, property: PropertyId, membership: Membership) {
        let place = u32::try_from(self.agents.len()).expect("fewer than 2^32 members");
        let last = self.runs.last().map(|(property, _)| *property);
        if last != Some(property) {
            self.is_out_of_order |= last.is_some_and(|last| property < last);
            self.runs.push((property, place));
        }
        self.suspended.extend((membership == Membership::Suspended).then_some(place));
        self.agents.push(agent);
    }

    /// Whether an agent is a member of a property, suspended or not.
    pub fn contains(&self, agent: AgentId, property: PropertyId) -> bool {
        if self.is_out_of_order {
            return self.iter().any(|(other, (of, _))| (other, of) == (agent, property));
        }
        let run = self.runs.partition_point(|(other, _)| *other < property);
        let start = match self.runs.get(run) {
            Some(&(other, start)) if other == property => start as usize,
            _ => return false,
        };
        let end = self.runs.get(run + 1).map_or(self.agents.len(), |(_, end)| *end as usize);
        self.agents[start..end].contains(&agent)
    }

    /// All of them in the order of declaration: the agent, and what the agent is where.
    fn iter(&self) -> impl Iterator<Item = (AgentId, (PropertyId, Membership))> {
        let mut property = PropertyId::new(0);
        let mut runs = self.runs.iter().peekable();
        let mut suspended = self.suspended.iter().peekable();
        self.agents.iter().zip(0_u32..).map(move |(&agent, place)| {
            if let Some((of, _)) = runs.next_if(|(_, start)| *start == place) {
                property = *of;
            }
            let membership = match suspended.next_if_eq(&&place) {
                Some(_) => Membership::Suspended,
                None => Membership::Active,
            };
            (agent, (property, membership))
        })
    }

    /// The members of each property in the order of declaration, one property after the other, and
    /// where each begins; the end stands behind the last.
    pub fn by_property(self, property_count: usize) -> (Arc<[AgentId]>, Arc<[u32]>) {
        let mut first = vec![0_u32; property_count + 1];
        self.iter().for_each(|(_, (property, _))| first[property.index() + 1] += 1);
        for index in 0..property_count {
            first[index + 1] += first[index];
        }
        let agents = match self.is_out_of_order {
            false => self.agents.into(),
            true => {
                let mut all: Vec<_> = self.iter().collect();
                all.sort_by_key(|(_, (property, _))| *property);
                all.into_iter().map(|(agent, _)| agent).collect()
            }
        };
        (agents, first.into())
    }
}

/// Each agent's memberships in the order of declaration. Nearly every agent has one.
pub struct Memberships {
    each: Vec<HowMany>,
    /// Those of agents who have several.
    several: Vec<SmallVec<[(PropertyId, Membership); 2]>>,
}

/// How many memberships an agent has.
#[derive(Clone)]
enum HowMany {
    None,
    One((PropertyId, Membership)),
    /// The place of those of whoever has several.
    Several(u32),
}

impl Memberships {
    /// Those of so many agents.
    pub fn of(members: &Members, agent_count: usize) -> Self {
        let mut each = vec![HowMany::None; agent_count];
        let mut several: Vec<SmallVec<_>> = Vec::new();
        for (agent, one) in members.iter() {
            let known = &mut each[agent.index()];
            match *known {
                HowMany::None => *known = HowMany::One(one),
                HowMany::One(first) => {
                    let place = u32::try_from(several.len()).expect("fewer than 2^32 members");
                    *known = HowMany::Several(place);
                    several.push(smallvec![first, one]);
                }
                HowMany::Several(place) => several[place as usize].push(one),
            }
        }
        Self { each, several }
    }

    /// Each agent's, in the order of the agents' ids.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[(PropertyId, Membership)]> + Clone {
        self.each.iter().map(|how_many| match how_many {
            HowMany::None => &[],
            HowMany::One(one) => std::slice::from_ref(one),
            HowMany::Several(place) => &self.several[*place as usize][..],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memberships_are_those_that_were_declared_in_their_order() {
        let (active, suspended) = (Membership::Active, Membership::Suspended);
        let declared = [
            (2, 0, active),
            (4, 0, suspended),
            (2, 1, suspended),
            (0, 1, suspended),
            (1, 3, active),
            (2, 2, active),
            (1, 2, active),
            (3, 3, suspended),
        ]
        .map(|(agent, of, how)| (AgentId::new(agent), PropertyId::new(of), how));
        // In this order, and then in that of the properties.
        let mut in_order = declared;
        in_order.sort_by_key(|(_, property, _)| *property);
        for declared in [declared, in_order] {
            let mut members = Members::default();
            declared.iter().for_each(|&(agent, of, how)| members.push(agent, of, how));
            let memberships = Memberships::of(&members, 6);
            assert_eq!(memberships.iter().len(), 6);
            for (agent, found) in memberships.iter().enumerate() {
                let agent = AgentId::new(agent);
                let of_agent = declared.iter().filter(|(other, ..)| *other == agent);
                let expected: Vec<_> = of_agent.map(|&(_, of, how)| (of, how)).collect();
                assert_eq!(found, expected, "{agent:?}");
                for property in (0..5).map(PropertyId::new) {
                    let is_one = expected.iter().any(|(of, _)| *of == property);
                    assert_eq!(members.contains(agent, property), is_one);
                }
            }
            let (agents, first) = members.by_property(5);
            assert_eq!(*first, [0, 2, 4, 6, 8, 8]);
            assert!(agents.iter().eq(in_order.iter().map(|(agent, ..)| agent)));
        }
        assert_eq!(size_of::<HowMany>(), 8);
    }
}
