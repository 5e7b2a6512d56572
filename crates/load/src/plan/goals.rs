//! What a run of a plan is sure to meet, and what it cannot be sure of and why.

use super::hand_over::HandOver;
use super::hours::shows_edges;
use super::knobs::RunKnobs;
use super::model::{AgentAction, PlannedAgent, PlannedProperty};
use super::quota::{PROMISED_FROM, Quota, minutes};
use crate::clock::Micros;
use lamplighter_core::model::{RuleSet, Settings};

/// What a run of a plan is sure to meet at this shard's own properties.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PlanGoals {
    /// Edges of schedulers that change what a widget shows, at least.
    pub edges: u64,
    /// The hand-overs: each a change of shifts and the end of a grace that shows.
    pub hand_overs: Vec<HandOver>,
    /// How many connections drop in storms, all storms together.
    pub storm_drops: u64,
    /// The moments of the storms, in microseconds of the run.
    pub storms: Vec<Micros>,
    /// What a run of this length usually meets and this one is not sure to, with why, in sentences.
    pub lacking: Vec<String>,
}

impl PlanGoals {
    /// How many ends of graces are sure that show.
    pub fn graces(&self) -> u64 {
        self.hand_overs.len() as u64
    }

    /// How many changes of shifts are sure.
    pub fn shift_changes(&self) -> u64 {
        self.hand_overs.iter().filter(|hand_over| hand_over.leaves.is_some()).count() as u64
    }
}

/// What is known of a plan once all of it is drawn.
pub struct DrawnPlan<'p> {
    /// What it was drawn from.
    pub knobs: &'p RunKnobs,
    /// The quotas of all clusters.
    pub quotas: &'p [Quota],
    /// How many edges that show lie in each cluster, in the order of the quotas.
    pub edges: &'p [u64],
    /// The hand-overs of all clusters.
    pub hand_overs: Vec<HandOver>,
    /// All properties of the plan, other shards' too.
    pub properties: &'p [PlannedProperty],
    /// All agents, with what they do.
    pub agents: &'p [PlannedAgent],
}

impl DrawnPlan<'_> {
    /// What a run of it is sure to meet at its own properties.
    pub fn goals(self) -> PlanGoals {
        let is_own = |property: u32| self.properties[property as usize].is_own;
        let own = |quota: &&Quota| quota.properties.first().is_some_and(|first| is_own(*first));
        let asked: u64 = self.quotas.iter().filter(own).map(|quota| quota.count as u64).sum();
        let edges = self.quotas.iter().zip(self.edges).filter(|(quota, _)| own(quota));
        let edges: u64 = edges.map(|(quota, there)| (*there).min(quota.count as u64)).sum();
        let storms: Vec<Micros> =
            self.knobs.storms.iter().map(|storm| (storm.at.0 * 1_000) as Micros).collect();
        let steps = self.agents.iter().flat_map(|agent| &agent.steps);
        let drops =
            steps.filter(|step| step.what == AgentAction::Lose && storms.contains(&step.at));
        let storm_drops = drops.count() as u64;
        let hand_overs: Vec<HandOver> =
            self.hand_overs.iter().filter(|one| is_own(one.property)).copied().collect();
        let mut goals = PlanGoals { edges, hand_overs, storm_drops, storms, lacking: Vec::new() };
        goals.lacking = self.lacking(&goals, asked);
        goals
    }

    /// What a run would be sure to meet, and is not.
    fn lacking(&self, goals: &PlanGoals, asked: u64) -> Vec<String> {
        let RunKnobs { duration, grace, start, given, limits, .. } = self.knobs;
        let mut lacking = Vec::new();
        if *duration < PROMISED_FROM {
            lacking.push(format!(
                "edges of schedulers, changes of shifts and ends of graces are not sure to be met: \
                 the run lasts {duration}, and they are laid into runs of {PROMISED_FROM} or more"
            ));
            return lacking;
        }
        if goals.edges < asked {
            let why = match given {
                Some(given) => format!("hours are those of {}", given.path),
                None if !shows_edges(&limits.rules, &Settings::default()) => {
                    let RuleSet { hours, open_and_nobody, .. } = limits.rules;
                    format!(
                        "by the target's rules none shows whoever is there (hours = {}, \
                         open_and_nobody = {})",
                        hours.word(),
                        open_and_nobody.word()
                    )
                }
                None if minutes(*start, *duration).is_none() => format!(
                    "hours begin and end at full minutes, and none lies well within {duration} from \
                     {start}; start it some seconds before one, or let it last longer"
                ),
                None => "there is no room for them".to_owned(),
            };
            lacking.push(match goals.edges {
                0 => format!("no edge of a scheduler is sure to be met: {why}"),
                some => format!("only {some} edges of schedulers are sure to be met: {why}"),
            });
        }
        if goals.graces() < asked {
            let can = limits.logs_out && limits.loses && limits.ends_graces;
            let why = match goals.graces() {
                0 if !can => "the target cannot be shown a change of shifts with a lost connection"
                    .to_owned(),
                0 => format!(
                    "with a grace of {grace} none ends within {duration}, or no member works for one \
                     property alone"
                ),
                _ => "at other properties no member works for that property alone".to_owned(),
            };
            let (graces, asked) = (goals.graces(), asked);
            lacking.push(format!(
                "{graces} of {asked} ends of graces and changes of shifts are sure to be met: {why}"
            ));
        } else if goals.shift_changes() < asked {
            lacking.push(format!(
                "{} of {asked} changes of shifts are sure to be met: elsewhere one member works alone",
                goals.shift_changes()
            ));
        }
        lacking
    }
}
