//! Explanations against the oracle: the facts behind an answer, and what the clock does to agents.

use super::difference::{DifferenceKind, unlike};
use lamplighter_core::model::{AgentId, DeviceId, Instant, PropertyId, WidgetId};
use lamplighter_core::oracle::{self, Member, Oracle};
use lamplighter_core::world::{Connection, GoesBack, Membership, World};

/// Whether the facts behind what a widget shows are those of the rule book.
pub fn widget(world: &World, oracle: &Oracle, widget: WidgetId) -> Option<DifferenceKind> {
    let explained = world.explain(widget);
    let property = world.property_of(widget);
    let settings = oracle.settings(widget);
    let answer = (explained.at, explained.answer, explained.presence);
    let expected = (oracle.now(), oracle.answer(widget), oracle.presence(property));
    let hours = explained.scheduler.as_ref().map(|facts| (facts.zone.as_str(), facts.state));
    let state = oracle.scheduler_state(widget);
    let expected_hours = settings.scheduler.as_ref().map(|s| (s.zone.as_str(), state));
    let strict = explained.offline_when_all_agents_offline;
    unlike("an explanation", &expected, &answer)
        .or_else(|| unlike("the explained hours", &expected_hours, &hours))
        .or_else(|| {
            let expected = settings.offline_when_all_agents_offline;
            unlike("the explained setting", &expected, &strict)
        })
        .or_else(|| {
            unlike("the explained next change", &world.next_change(widget), &explained.next)
        })
        .or_else(|| {
            explained.members.iter().find_map(|member| {
                let found = (member.agent, Some(member.membership), member.status);
                let membership = membership(oracle, member.agent, property);
                let expected = (member.agent, membership, oracle.agent_status(member.agent));
                unlike("an explained member", &expected, &found)
            })
        })
}

/// A device's connection in the engine, in the oracle's words.
pub fn connection(world: &World, device: DeviceId) -> oracle::Connection {
    match world.connection(device) {
        Connection::Up => oracle::Connection::Up,
        Connection::Lost { until } => oracle::Connection::Lost(until),
        Connection::RanOut => oracle::Connection::RanOut,
    }
}

/// An agent's membership by the oracle, in the engine's words.
pub fn membership(oracle: &Oracle, agent: AgentId, property: PropertyId) -> Option<Membership> {
    oracle.membership(agent, property).map(|member| match member {
        Member::Active => Membership::Active,
        Member::Suspended => Membership::Suspended,
    })
}

/// Whether an agent's devices are as the rule book has them, each since when it says so; `since` are
/// the instants at which the statuses of the agent's devices were last seen to change.
pub fn devices(
    world: &World,
    oracle: &Oracle,
    agent: AgentId,
    since: &[Option<Instant>],
) -> Option<DifferenceKind> {
    let facts = world.device_facts(agent).into_iter();
    let found: Vec<_> =
        facts.map(|f| (f.device, f.status, f.away_by_rule, f.goes_back, f.since)).collect();
    let ever = world.devices_of(agent).zip(since).filter(|(_, since)| since.is_some());
    let expected: Vec<_> = ever
        .map(|(device, &since)| {
            let by_rule = oracle.is_away_by_the_clock(device);
            let back = oracle.goes_back(device).map(|(to, at)| GoesBack { to, at });
            (device, oracle.device_status(device), by_rule, back, since)
        })
        .collect();
    unlike("the facts of an agent's devices", &expected, &found)
}

/// Whether the engine foretells what the clock does to an agent.
pub fn next_of_agent(world: &World, oracle: &Oracle, agent: AgentId) -> Option<DifferenceKind> {
    let found = world.next_agent_change(agent).map(|next| (next.at, next.answer));
    unlike("an agent's next change", &oracle.next_of_agent(agent, Instant::MAX), &found)
}
