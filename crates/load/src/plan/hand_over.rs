//! Hand-overs, by which a run surely meets a change of shifts and the end of a grace that shows. At one
//! property those who work leave, one who comes takes over, loses the connection and does not come
//! back in time, and so nobody is there until all return.

use std::collections::BTreeMap;

use super::hours::HoursPlanner;
use super::knobs::RunKnobs;
use super::model::{AgentIndex, PlannedAgent, PlannedWidget, PropertyIndex};
use super::quota::{HandOverSpan, Quota};
use crate::clock::{Micros, SECOND_US};
use lamplighter_core::hours::UnknownZone;
use lamplighter_scenario::synth::random::RandomStream;

/// Who takes over comes so long behind the begin,
const COMES_AFTER_US: Micros = 800_000;
/// and loses the connection so long behind it.
const LOSES_AFTER_US: Micros = 1_600_000;
/// Nobody does anything for so long behind the end of the grace: it must be seen.
const QUIET_US: Micros = 1_500_000;
/// Connections that dropped in a storm are back so long behind it.
const STORM_LASTS_US: Micros = 4 * SECOND_US;
/// So often another moment is tried, away from storms.
const TRIES: usize = 64;

/// A hand-over at one property.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HandOver {
    /// The property at which it is.
    pub property: PropertyIndex,
    /// Who leaves; `None` where there is no other member.
    pub leaves: Option<AgentIndex>,
    /// Who takes over, and loses the connection.
    pub comes: AgentIndex,
    /// When each of its steps is, in microseconds of the run.
    pub span: HandOverSpan,
}

/// An agent's role in a hand-over.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum HandOverRole {
    /// Is not there meanwhile.
    StaysOut,
    /// Is there before it, and leaves.
    Leaves,
    /// Takes over from those who have left.
    Comes,
}

/// The hand-over that an agent takes part in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AgentHandOver {
    /// What the agent does in the hand-over: stay out, leave, or take over.
    pub role: HandOverRole,
    /// When each step of the hand-over is, in microseconds of the run.
    pub span: HandOverSpan,
}

/// The world in which hand-overs are laid.
pub struct HandOverPlanner<'w> {
    /// The world's properties with their hours: nobody hands over where a scheduler is closed.
    pub hours: HoursPlanner<'w>,
    /// All widgets of the world.
    pub widgets: &'w [PlannedWidget],
    /// The world's agents, in the order in which the plan has them.
    pub agents: &'w [PlannedAgent],
}

/// When the hand-overs of each cluster are, all of one at one time, as its properties share agents; away
/// from storms and from full minutes, at which hours begin and end, where there is room. `None` where a
/// run is too short for one, or the target ends no grace.
pub fn spans(knobs: &RunKnobs, quotas: &[Quota]) -> Vec<Option<HandOverSpan>> {
    let seed = knobs.world.seed;
    let of = |quota: &Quota| {
        let mut stream = RandomStream::fork(seed, b"handover", quota.cluster.into(), 0);
        span(knobs, &mut stream)
    };
    quotas.iter().map(of).collect()
}

fn span(knobs: &RunKnobs, stream: &mut RandomStream) -> Option<HandOverSpan> {
    let limits = &knobs.limits;
    if !(limits.logs_out && limits.loses && limits.ends_graces) {
        return None;
    }
    let grace = (knobs.grace.0 * 1_000) as Micros;
    let length = LOSES_AFTER_US + grace + QUIET_US;
    let first = knobs.ramp_us() + SECOND_US;
    let last = knobs.duration_us() - 3 * SECOND_US / 2 - length;
    if last < first {
        return None;
    }
    let room = ((last - first) / 1_000 + 1).clamp(1, i64::from(u32::MAX)) as u32;
    let start_us = i128::from(knobs.start.as_millis()) * 1_000;
    let is_free = |from: Micros| {
        let mut storms = knobs.storms.iter().map(|storm| (storm.at.0 * 1_000) as Micros);
        let minute = |at: Micros| (start_us + i128::from(at)).div_euclid(60_000_000);
        !storms.any(|at| (from - STORM_LASTS_US..from + length).contains(&at))
            && minute(from - 1) == minute(from + length)
    };
    let mut from = first + Micros::from(stream.below(room)) * 1_000;
    for _ in 0..TRIES {
        if is_free(from) {
            break;
        }
        from = first + Micros::from(stream.below(room)) * 1_000;
    }
    Some(HandOverSpan {
        from,
        comes_at: from + COMES_AFTER_US,
        loses_at: from + LOSES_AFTER_US,
        ends_at: from + LOSES_AFTER_US + grace,
        to: from + length,
    })
}

/// What each agent has to keep, of those who have to.
pub type AgentHandOvers = BTreeMap<AgentIndex, AgentHandOver>;

impl HandOverPlanner<'_> {
    /// Lays as many hand-overs as the quotas say, or as fit.
    ///
    /// # Errors
    /// When a scheduler is in a zone that nobody knows.
    pub fn lay(
        &self,
        quotas: &[Quota],
        spans: &[Option<HandOverSpan>],
    ) -> Result<(Vec<HandOver>, AgentHandOvers), UnknownZone> {
        let (mut drawn, mut kept) = (Vec::new(), AgentHandOvers::new());
        for (quota, span) in quotas.iter().zip(spans) {
            let seed = self.hours.knobs.world.seed;
            let mut stream = RandomStream::fork(seed, b"handover", quota.cluster.into(), 1);
            let Some(span) = *span else { continue };
            let mut rest = quota.properties.clone();
            let mut left = quota.count;
            while left > 0 && !rest.is_empty() {
                let property = rest.swap_remove(stream.below(rest.len() as u32) as usize);
                if let Some(hand_over) = self.at(property, span, &kept)? {
                    self.assign(&hand_over, &mut kept);
                    drawn.push(hand_over);
                    left -= 1;
                }
            }
        }
        Ok((drawn, kept))
    }

    /// A hand-over at a property, if there can be one beside those that are laid.
    fn at(
        &self,
        property: PropertyIndex,
        span: HandOverSpan,
        kept: &AgentHandOvers,
    ) -> Result<Option<HandOver>, UnknownZone> {
        let planned = &self.hours.properties[property as usize];
        let role = |agent: &AgentIndex| kept.get(agent).map(|agent_hand_over| agent_hand_over.role);
        let is_taken =
            planned.members.iter().any(|member| role(member) == Some(HandOverRole::Comes));
        if is_taken || !self.hours.is_open(property, &span, self.widgets)? {
            return Ok(None);
        }
        let can_come = |agent: &&AgentIndex| {
            let is_active = !planned.suspended.contains(agent);
            is_active && role(agent).is_none()
        };
        // Whoever works elsewhere, too, would be there for others.
        let works_here_alone =
            |agent: &&AgentIndex| self.agents[**agent as usize].properties == [property];
        let mut those = planned.members.iter().filter(can_come);
        let Some(&comes) = those.find(works_here_alone) else { return Ok(None) };
        let is_other = |agent: &&AgentIndex| **agent != comes && !planned.suspended.contains(agent);
        let leaves = planned.members.iter().find(is_other).copied();
        Ok(Some(HandOver { property, leaves, comes, span }))
    }

    /// All members keep their parts.
    fn assign(&self, hand_over: &HandOver, kept: &mut AgentHandOvers) {
        let HandOver { property, leaves, comes, span } = *hand_over;
        for &member in &self.hours.properties[property as usize].members {
            let role = match member {
                _ if member == comes => HandOverRole::Comes,
                _ if Some(member) == leaves => HandOverRole::Leaves,
                _ => HandOverRole::StaysOut,
            };
            let agent_hand_over = kept.entry(member).or_insert(AgentHandOver { role, span });
            agent_hand_over.role = agent_hand_over.role.max(role);
        }
    }
}
