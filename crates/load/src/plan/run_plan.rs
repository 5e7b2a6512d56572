//! The plan of a run, and how it is drawn from its knobs.

use lamplighter_core::hours::Zones;
use lamplighter_core::model::{Instant, Millis, Visitor};
use lamplighter_scenario::synth;

use super::goals::{DrawnPlan, PlanGoals};
use super::hand_over::{self, HandOverPlanner};
use super::hours::HoursPlanner;
use super::knobs::RunKnobs;
use super::model::{
    PlannedAgent, PlannedProperty, PlannedWidget, PropertyIndex, RequestId, WidgetIndex,
};
use super::{day, quota, team_reads, world};

/// All that a run is to do: who is there, when, and what each of them does.
#[derive(Clone, Debug)]
pub struct RunPlan {
    /// The run's first instant, on the target's clock.
    pub start: Instant,
    /// How long the run lasts, from its first instant on.
    pub duration: Millis,
    /// The grace that the service gets (rule P7).
    pub grace: Millis,
    /// In front of every name in the plan; on the target everything has a name of its own.
    pub prefix: String,
    /// Every property of the world, also those of other shards.
    pub properties: Vec<PlannedProperty>,
    /// Every widget, property by property, each property's own first.
    pub widgets: Vec<PlannedWidget>,
    /// Every agent of the world.
    pub agents: Vec<PlannedAgent>,
    /// The kinds of visitors that there are.
    pub visitors: Vec<Visitor>,
    /// What the ids of all visitors' requests begin with.
    pub requests: String,
    /// What a run of it surely meets.
    pub goals: PlanGoals,
}

impl RunPlan {
    /// The properties that are played here, each with its index; the others are of other parts.
    pub fn own_properties(&self) -> impl Iterator<Item = (PropertyIndex, &PlannedProperty)> {
        (0..).zip(&self.properties).filter(|(_, property)| property.is_own)
    }

    /// Draws a plan.
    ///
    /// # Errors
    /// When a knob of the world is out of its range, or the zone data lack a zone.
    pub fn draw(knobs: &RunKnobs, zones: &Zones) -> Result<Self, synth::PopulationError> {
        let (properties, mut widgets, mut agents) = match &knobs.given {
            Some(given) => world::of_given(given, knobs),
            None => world::draw(knobs, zones)?,
        };
        let quotas = quota::quotas(knobs, properties.len() as u32);
        let spans = hand_over::spans(knobs, &quotas);
        let hours = HoursPlanner { knobs, zones, properties: &properties };
        hours.lay(&quotas, &spans, &mut widgets)?;
        knobs.limits.fit_hours(&mut widgets);
        let edges = hours.edges(&quotas, &widgets)?;
        let cast = HandOverPlanner { hours, widgets: &widgets, agents: &agents };
        let (hand_overs, kept) = cast.lay(&quotas, &spans)?;
        for (number, agent) in (0..).zip(&mut agents) {
            if agent.is_own {
                let steps = day::steps(knobs, number, agent, kept.get(&number).copied());
                agent.steps = team_reads::with_team_reads(knobs, number, agent, steps);
            }
        }
        team_reads::keep_apart(&mut agents, knobs.limits.team_read_every);
        let drawn = DrawnPlan {
            knobs,
            quotas: &quotas,
            edges: &edges,
            hand_overs,
            properties: &properties,
            agents: &agents,
        };
        let goals = drawn.goals();
        Ok(Self {
            start: knobs.start,
            duration: knobs.duration,
            grace: knobs.grace,
            prefix: knobs.prefix.clone(),
            properties,
            widgets,
            agents,
            visitors: world::visitors(),
            requests: format!("{}-{}", knobs.prefix, knobs.world.seed),
            goals,
        })
    }

    /// The id of a request as it is sent: the same plan gives the same ids.
    pub fn request_id(&self, request: RequestId) -> String {
        let requests = &self.requests;
        match request {
            RequestId::Visit(number) => format!("{requests}-{number}"),
            RequestId::Stream { number, again: 0 } => format!("{requests}-s{number}"),
            RequestId::Stream { number, again } => format!("{requests}-s{number}.{again}"),
        }
    }

    /// Whether a widget belongs to this shard.
    pub fn is_own(&self, widget: WidgetIndex) -> bool {
        let property = self.widgets[widget as usize].property;
        self.properties[property as usize].is_own
    }
}
