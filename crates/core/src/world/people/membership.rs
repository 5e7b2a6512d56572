//! Who is a member of which property, and whether active or suspended (rule P6).

use std::collections::HashSet;

use super::People;
use super::location::Where;
use super::standing::Membership;
use crate::model::{AgentId, Presence, PropertyId};
use crate::mutations::{Mutation, is_on};

impl People {
    /// Whether an agent is an active or a suspended member of a property.
    pub fn membership(&self, agent: AgentId, property: PropertyId) -> Option<Membership> {
        match self.places[agent.index()].get() {
            Where::Seated(index, _) => (index == property.index()).then_some(Membership::Active),
            Where::Standing(index) => {
                let mut memberships = self.standing[index].memberships.iter();
                memberships.find(|(other, _)| *other == property).map(|(_, found)| *found)
            }
        }
    }

    /// Suspends or reinstates a member (rule P6); what the property adds up to then.
    pub fn put_membership(
        &mut self,
        agent: AgentId,
        property: PropertyId,
        membership: Membership,
    ) -> Presence {
        let index = self.stand_up(agent);
        let status = self.counts_for(self.status_at(index));
        let mut memberships = self.standing[index].memberships.iter_mut();
        let found = memberships.find(|(other, now)| *other == property && *now != membership);
        if let Some((_, now)) = found {
            *now = membership;
            let (from, to) = match membership {
                Membership::Active => (Presence::Nobody, status),
                Membership::Suspended => (status, Presence::Nobody),
            };
            if !(is_on(Mutation::SuspendedCounts) && membership == Membership::Suspended) {
                self.counts_mut(property).count(from, to);
            }
        }
        self.presence(property)
    }

    /// Puts other members into a property than it had before, each named once (rule P6); what the
    /// property adds up to then.
    pub fn put_members(
        &mut self,
        property: PropertyId,
        before: &[AgentId],
        members: &[(AgentId, Membership)],
    ) -> Presence {
        let staying: HashSet<AgentId> = members.iter().map(|&(agent, _)| agent).collect();
        for &agent in before.iter().filter(|agent| !staying.contains(agent)) {
            self.leave(agent, property);
        }
        for &(agent, membership) in members {
            match self.membership(agent, property) {
                None => self.join(agent, property, membership),
                Some(now) if now == membership => {}
                Some(_) => {
                    self.put_membership(agent, property, membership);
                }
            }
        }
        let mut any_standing = false;
        for &(agent, _) in members {
            self.sit_down(agent, property);
            any_standing |= matches!(self.places[agent.index()].get(), Where::Standing(_));
        }
        if !any_standing {
            self.houses[property.index()].seats.put_standing(false);
        }
        self.presence(property)
    }

    fn join(&mut self, agent: AgentId, property: PropertyId, membership: Membership) {
        let index = self.stand_up(agent);
        let standing = &mut self.standing[index];
        standing.memberships.push((property, membership));
        if membership == Membership::Active {
            let status = self.counts_for(self.status_at(index));
            self.counts_mut(property).count(Presence::Nobody, status);
        }
        self.houses[property.index()].seats.put_standing(true);
    }

    fn leave(&mut self, agent: AgentId, property: PropertyId) {
        let index = self.stand_up(agent);
        let standing = &mut self.standing[index];
        let Some(place) = standing.memberships.iter().position(|(other, _)| *other == property)
        else {
            return;
        };
        let (_, membership) = standing.memberships.remove(place);
        if membership == Membership::Active {
            let status = self.counts_for(self.status_at(index));
            self.counts_mut(property).count(status, Presence::Nobody);
        }
    }

    /// The properties of which an agent is an active or a suspended member, in the order of their
    /// ids.
    pub fn properties_of(&self, agent: AgentId) -> Vec<PropertyId> {
        match self.places[agent.index()].get() {
            Where::Seated(property, _) => vec![PropertyId::new(property)],
            Where::Standing(index) => {
                let memberships = self.standing[index].memberships.iter();
                let mut properties: Vec<PropertyId> =
                    memberships.map(|&(property, _)| property).collect();
                properties.sort_unstable();
                properties
            }
        }
    }
}
