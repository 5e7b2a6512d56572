//! A service beside the engine: everything that happens is done there, too, and all that it shows is
//! held against the rules.

use super::deployment::Deployment;
use super::error::HostError;
use super::observation::{self, Discrepancies};
use super::service::ServiceUnderTest;
use lamplighter_core::model::{
    AgentId, AgentStatus, Event, Instant, PropertyId, Visitor, WidgetId,
};
use lamplighter_scenario::language::plan::Expectation;
use lamplighter_scenario::play::{Disagreement, Fact, Facts, Observer, Seen, SeenWidget, Told};

/// Looks at a scenario's part of a service while the engine plays the scenario, and does there what
/// happens in it.
pub struct Probe<'a> {
    /// The service, with the clock that all scenarios share.
    pub service: &'a mut ServiceUnderTest,
    /// What of the service is this scenario's.
    pub deployment: &'a mut Deployment,
}

impl Probe<'_> {
    /// Looks at a widget as a visitor, and takes down whatever is not as the rules say.
    fn look(
        &mut self,
        widget: WidgetId,
        visitor: &Visitor,
        facts: Facts<'_>,
    ) -> Result<SeenWidget, HostError> {
        let path = self.deployment.widget_path(widget, facts.world);
        let (seen, found) =
            observation::at_widget(&self.service.client, &path, visitor, widget, facts)?;
        let behind = match found.0.is_empty() {
            true => Vec::new(),
            false => facts_behind(widget, facts),
        };
        self.deployment.findings.take(format!("widget {path} for {visitor:?}"), found, behind);
        Ok(seen)
    }
}

impl Observer for Probe<'_> {
    type Error = HostError;

    fn advance(&mut self, to: Instant) -> Result<(), HostError> {
        self.service.put_clock(to)
    }

    fn before(&mut self, event: &Event, facts: Facts<'_>) -> Result<(), HostError> {
        self.deployment.play(self.service, event, facts)
    }

    fn agent(
        &mut self,
        agent: AgentId,
        _: &Expectation,
        facts: Facts<'_>,
    ) -> Result<Seen<Told<Vec<AgentStatus>>>, HostError> {
        let rules = facts.world.agent_status(agent);
        let name = self.deployment.agent_name(agent);
        let mut seen = None;
        let mut found = Discrepancies::default();
        for property in facts.world.properties_of(agent) {
            let team = self.deployment.team(self.service, property)?;
            let member = team.iter().find(|member| member.agent == name);
            let word = |status: Option<AgentStatus>| status.map_or("no member", AgentStatus::word);
            let status = member.map(|member| member.status);
            found.hold(facts.roster.agents.name(agent), word(status), word(Some(rules)));
            seen = seen.or(status);
        }
        found.0.dedup();
        let behind = vec![Fact::Agent(facts.agent(agent))];
        self.deployment.findings.take(format!("agent {name}"), found, behind);
        Ok(Seen::Told(Ok(vec![seen.unwrap_or(AgentStatus::Offline)])))
    }

    fn widget(
        &mut self,
        widget: WidgetId,
        expectation: &Expectation,
        facts: Facts<'_>,
    ) -> Result<Seen<SeenWidget>, HostError> {
        self.look(widget, &expectation.visitor, facts).map(Seen::Told)
    }

    fn after(&mut self, facts: Facts<'_>) -> Result<(), HostError> {
        for property in (0..facts.roster.properties.len()).map(PropertyId::new) {
            for widget in facts.world.widgets_of(property).collect::<Vec<_>>() {
                self.look(widget, &Visitor::default(), facts)?;
            }
            let team = self.deployment.team(self.service, property)?;
            let members = facts.world.members(property);
            let mut found = Discrepancies::default();
            found.hold("members:", team.len(), members.len());
            for (said, &agent) in team.iter().zip(members) {
                found.hold("", said.agent.as_str(), &self.deployment.agent_name(agent));
                let name = facts.roster.agents.name(agent);
                found.hold(name, said.status, facts.world.agent_status(agent));
            }
            let behind = members.iter().map(|&agent| Fact::Agent(facts.agent(agent))).collect();
            self.deployment.findings.take(format!("team {}", property.index()), found, behind);
        }
        Ok(())
    }

    /// A millisecond, the shortest time there is (rule T4), before the change: a service that changes
    /// early is found out.
    fn look_before(&self, change: Instant) -> Option<Instant> {
        Instant::from_millis(change.as_millis() - 1)
    }

    fn disagreements(&mut self) -> Vec<Disagreement> {
        self.deployment.findings.tell()
    }

    /// All that is seen is held against the rules at once: nothing is left untested.
    fn is_observing(&self) -> bool {
        false
    }
}

/// The facts behind what a widget shows by the rules.
fn facts_behind(widget: WidgetId, facts: Facts<'_>) -> Vec<Fact> {
    let world = facts.world;
    let mut behind =
        vec![Fact::ByTheRules(world.answer(widget)), Fact::Members(facts.members(widget))];
    behind.extend(facts.hours(widget).map(Fact::Hours));
    behind.push(Fact::Next(world.next_change(widget)));
    behind
}
