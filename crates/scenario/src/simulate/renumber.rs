//! Events under other ids: where something of a case is gone, or more is there.

use super::case::TimedEvent;
use lamplighter_core::model::{AgentId, DeviceId, PropertyId, Rename, WidgetId};

/// The ids that things have in another case; `None` for what is gone there.
#[derive(Clone, Copy)]
pub struct Renumber<'a> {
    /// The id of an agent.
    pub agent: &'a dyn Fn(AgentId) -> Option<AgentId>,
    /// The id of a property.
    pub property: &'a dyn Fn(PropertyId) -> Option<PropertyId>,
    /// The id of a widget.
    pub widget: &'a dyn Fn(WidgetId) -> Option<WidgetId>,
}

impl Renumber<'_> {
    /// Renumbers nothing: every agent, property and widget keeps its id.
    pub const NOTHING: Self = Self { agent: &Some, property: &Some, widget: &Some };
}

/// What an event is about is gone.
pub struct Gone;

impl Rename<DeviceId, AgentId, PropertyId, WidgetId> for Renumber<'_> {
    type Device = DeviceId;
    type Agent = AgentId;
    type Property = PropertyId;
    type Widget = WidgetId;
    type Error = Gone;

    fn device(&mut self, device: DeviceId) -> Result<DeviceId, Gone> {
        Ok(DeviceId::new(self.agent(device.agent())?, device.slot()))
    }

    fn agent(&mut self, agent: AgentId) -> Result<AgentId, Gone> {
        (self.agent)(agent).ok_or(Gone)
    }

    fn property(&mut self, property: PropertyId) -> Result<PropertyId, Gone> {
        (self.property)(property).ok_or(Gone)
    }

    fn widget(&mut self, widget: WidgetId) -> Result<WidgetId, Gone> {
        (self.widget)(widget).ok_or(Gone)
    }
}

/// Keeps the steps that remain, and changes their ids.
pub fn renumber(steps: &mut Vec<TimedEvent>, mut ids: Renumber<'_>) {
    steps.retain_mut(|step| match step.event.clone().renamed(&mut ids) {
        Ok(event) => {
            step.event = event;
            true
        }
        Err(Gone) => false,
    });
}
