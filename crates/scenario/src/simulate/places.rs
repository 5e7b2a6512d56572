//! Properties, members and widgets, drawn from a swarm.

use std::sync::Arc;

use super::case::Property;
use super::settings::{Sampler, others};
use lamplighter_core::model::{AgentId, Scheduler, Settings};
use lamplighter_core::world::Membership;

impl Sampler<'_> {
    /// The properties of a world, with their members and widgets.
    pub fn properties(&mut self) -> Vec<Property> {
        let mut drawn: Vec<Arc<Scheduler>> = Vec::new();
        let mut properties: Vec<Property> = (0..self.swarm.properties)
            .map(|_| {
                let widgets = self.stream.between(1, self.swarm.widgets);
                let widgets = (0..widgets).map(|_| self.widget(&mut drawn)).collect();
                Property { members: Vec::new(), widgets }
            })
            .collect();
        for agent in (0..self.swarm.agents).map(AgentId::from) {
            let first = self.stream.below(self.swarm.properties) as usize;
            for (index, property) in properties.iter_mut().enumerate() {
                if index == first || self.stream.chance(self.swarm.shared) {
                    let membership = match self.stream.chance(self.swarm.suspended) {
                        true => Membership::Suspended,
                        false => Membership::Active,
                    };
                    property.members.push((agent, membership));
                }
            }
        }
        properties
    }

    fn widget(&mut self, drawn: &mut Vec<Arc<Scheduler>>) -> Settings {
        let mut settings = Settings::default();
        if self.stream.chance(self.swarm.scheduled) {
            let scheduler = match drawn.is_empty() || !self.stream.chance(self.swarm.alike) {
                true => Arc::new(self.scheduler(self.swarm.start)),
                false => Arc::clone(self.stream.one_of(drawn)),
            };
            drawn.push(Arc::clone(&scheduler));
            settings.scheduler = Some(scheduler);
        }
        for name in others() {
            if self.stream.chance(self.swarm.settings) {
                settings.set(self.setting(name));
            }
        }
        settings
    }
}
