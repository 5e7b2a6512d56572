//! A world that is given as a scenario: its properties, members, widgets and settings as they are
//! written there. What its agents and visitors do is drawn as ever.

use std::path::Path;
use std::sync::Arc;

use super::model::AgentIndex;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::{AgentId, PropertyId, Settings};
use lamplighter_core::world::Membership;
use lamplighter_scenario::language::Roster;
use lamplighter_scenario::play::{Verdict, described};

/// The world of a scenario.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GivenWorld {
    /// Where it was found, as it was typed.
    pub path: String,
    /// What it says: other bytes make another plan.
    pub bytes: Vec<u8>,
    pub(super) properties: Vec<GivenProperty>,
    /// The names of the agents, as the scenario has them; their places are their numbers.
    pub(super) agents: Vec<String>,
}

/// A property of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct GivenProperty {
    /// Its name, as it is written in the scenario.
    pub name: String,
    /// The members of the property, suspended ones too.
    pub members: Vec<AgentIndex>,
    /// Those of its members who do not count (rule P6).
    pub suspended: Vec<AgentIndex>,
    /// Its widgets with their settings, its own first.
    pub widgets: Vec<(String, Arc<Settings>)>,
    /// The number of its cluster: properties that share agents, over however many others, are played
    /// by one generator.
    pub cluster: u32,
}

impl GivenWorld {
    /// Reads a scenario's world; what happens in the scenario is left out.
    ///
    /// # Errors
    /// When the scenario is faulty; the verdict tells.
    pub fn read(path: &Path, bytes: Vec<u8>, zones: &Arc<Zones>) -> Result<Self, Box<Verdict>> {
        let (world, roster) = described(path, &bytes, zones)?;
        let mut properties: Vec<GivenProperty> = (0..)
            .zip(roster.properties.iter())
            .map(|(index, name)| known(&world, &roster, PropertyId::new(index), name))
            .collect();
        let agents: Vec<String> = roster.agents.iter().map(str::to_owned).collect();
        let clusters = clusters(&properties, agents.len());
        for (property, cluster) in properties.iter_mut().zip(clusters) {
            property.cluster = cluster;
        }
        Ok(Self { path: path.display().to_string(), bytes, properties, agents })
    }

    /// How many properties there are.
    pub fn property_count(&self) -> usize {
        self.properties.len()
    }
}

fn known(
    world: &lamplighter_core::world::World,
    roster: &Roster,
    id: PropertyId,
    name: &str,
) -> GivenProperty {
    let is_suspended =
        |agent: &AgentId| world.membership(*agent, id) == Some(Membership::Suspended);
    let members = world.members(id);
    let index = |agent: &AgentId| agent.index() as AgentIndex;
    let widgets = world.widgets_of(id).map(|widget| {
        (roster.widgets.name(widget).to_owned(), Arc::new(world.settings(widget).clone()))
    });
    GivenProperty {
        name: name.to_owned(),
        members: members.iter().map(index).collect(),
        suspended: members.iter().filter(|agent| is_suspended(agent)).map(index).collect(),
        widgets: widgets.collect(),
        cluster: 0,
    }
}

/// For each property the number of its cluster.
fn clusters(properties: &[GivenProperty], agent_count: usize) -> Vec<u32> {
    // Of each property one that it belongs to; of each agent the first where it is a member.
    let mut leads: Vec<usize> = (0..properties.len()).collect();
    let mut first: Vec<Option<usize>> = vec![None; agent_count];
    for (index, property) in properties.iter().enumerate() {
        for &member in &property.members {
            match first[member as usize] {
                None => first[member as usize] = Some(index),
                Some(other) => {
                    let (one, other) = (leader(&mut leads, index), leader(&mut leads, other));
                    leads[one.max(other)] = one.min(other);
                }
            }
        }
    }
    let mut numbers = vec![None; properties.len()];
    let mut next = 0;
    (0..properties.len())
        .map(|index| {
            let leader = leader(&mut leads, index);
            *numbers[leader].get_or_insert_with(|| {
                next += 1;
                next - 1
            })
        })
        .collect()
}

fn leader(leads: &mut [usize], mut of: usize) -> usize {
    while leads[of] != of {
        leads[of] = leads[leads[of]];
        of = leads[of];
    }
    of
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{RunKnobs, RunPlan, Shard, world};

    const TOWN: &str = "\
scenario A town

property acme
  members ann bob cho
  suspended cho
  offline-when-all-agents-offline

property baker
  members bob
  scheduler Europe/Berlin
    mon-fri 09:00-17:00

property cafe
  members dan
";

    fn given() -> GivenWorld {
        let zones = Arc::new(Zones::bundled());
        let given = GivenWorld::read(Path::new("town.scenario"), TOWN.into(), &zones);
        given.unwrap_or_else(|verdict| panic!("{:?}", verdict.diagnostics))
    }

    #[test]
    fn a_scenario_gives_its_world_and_none_of_what_happens_in_it() {
        let knobs = RunKnobs { prefix: "lt".to_owned(), ..crate::plan::tests::knobs() };
        let knobs = RunKnobs { given: Some(Arc::new(given())), ..knobs };
        let plan = RunPlan::draw(&knobs, &Zones::bundled()).expect("a plan");
        let names: Vec<&str> = plan.properties.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["lt-acme", "lt-baker", "lt-cafe"]);
        let acme = &plan.properties[0];
        let of = |agents: &[AgentIndex]| -> Vec<String> {
            agents.iter().map(|agent| plan.agents[*agent as usize].name.clone()).collect()
        };
        assert_eq!(of(&acme.members), ["lt-ann", "lt-bob", "lt-cho"]);
        assert_eq!(of(&acme.suspended), ["lt-cho"]);
        assert!(plan.widgets[0].settings.offline_when_all_agents_offline);
        let scheduler = plan.widgets[1].settings.scheduler.as_ref().expect("hours as written");
        assert_eq!(scheduler.zone, "Europe/Berlin");
        assert!(plan.agents.iter().all(|agent| !agent.steps.is_empty()));
        assert!(knobs.arguments().starts_with("--world town.scenario "));
    }

    #[test]
    fn properties_that_share_agents_stay_together_and_each_is_somebodys() {
        let of: Vec<Vec<bool>> = [1, 2]
            .map(|number| {
                let shard = Shard { number, of: 2 };
                let knobs = RunKnobs { shard, ..crate::plan::tests::knobs() };
                let (properties, ..) = world::of_given(&given(), &knobs);
                properties.iter().map(|property| property.is_own).collect()
            })
            .to_vec();
        assert_eq!(of, [[true, true, false], [false, false, true]]);
    }

    #[test]
    fn a_faulty_scenario_is_refused_with_its_faults() {
        let zones = Arc::new(Zones::bundled());
        let faulty = TOWN.replace("Europe/Berlin", "Europe/Berlim").into();
        let verdict = GivenWorld::read(Path::new("town.scenario"), faulty, &zones).err();
        assert_eq!(verdict.map(|verdict| verdict.diagnostics.len()), Some(1));
    }
}
