//! What comes and goes while the world runs. What the [`WorldBuilder`](super::WorldBuilder) laid out
//! stays as dense as it is: ids of what was removed are given again, and nothing is moved. Until it
//! is given again, whoever removed something does not use its id.

use std::collections::HashSet;
use std::sync::Arc;

use super::apply::report;
use super::deadlines::Deadlines;
use super::{Change, Idle, Membership, Timing, WidgetRecord, World};
use crate::hours::UnknownZone;
use crate::model::{
    AgentId, DeviceId, Millis, Presence, PropertyId, SchedulerState, Settings, WidgetId,
};

impl World {
    /// One more property, with nobody and no widget in it. It has the lowest id of those that were
    /// [removed](Self::remove_property), if there is one.
    pub fn add_property(&mut self) -> PropertyId {
        if let Some(id) = self.free_properties.pop_first() {
            return id;
        }
        self.people.add_property()
    }

    /// Removes a property with its widgets; its members are members no more, but stay (rule P6).
    /// Nothing is reported. To remove what was removed does nothing.
    pub fn remove_property(&mut self, property: PropertyId) {
        if !self.free_properties.insert(property) {
            return;
        }
        for widget in self.widgets_of(property).collect::<Vec<_>>() {
            self.remove_widget(widget);
        }
        self.put_members(property, &[], &mut |_| {});
    }

    /// One more widget of a property. It has the lowest id of those that were
    /// [removed](Self::remove_widget), if there is one. No change is reported: before, it showed
    /// nothing.
    ///
    /// # Errors
    /// When its scheduler names a zone that nobody knows; then nothing has changed.
    pub fn add_widget(
        &mut self,
        property: PropertyId,
        settings: Settings,
    ) -> Result<WidgetId, UnknownZone> {
        if let Some(scheduler) = &settings.scheduler {
            self.zones.get(&scheduler.zone)?;
        }
        let id = self.free_widgets.pop_first().unwrap_or_else(|| self.blank_widget(property));
        self.widgets[id.index()].property = property;
        let mut widgets = self.people.widgets(property);
        widgets.push(id.into(), &mut self.lists);
        self.people.put_widgets(property, widgets);
        self.planes.put_presence(id, self.people.presence(property));
        self.take_settings(id, settings)?;
        Ok(id)
    }

    /// An id that no widget had before.
    fn blank_widget(&mut self, property: PropertyId) -> WidgetId {
        let look = super::build::look(Arc::make_mut(&mut self.looks), Settings::default());
        self.widgets.push(WidgetRecord::new(property, look));
        self.planes.grow(self.widgets.len());
        WidgetId::new(self.widgets.len() - 1)
    }

    /// Removes a widget; nothing is reported of it any more. To remove what was removed does
    /// nothing.
    pub fn remove_widget(&mut self, widget: WidgetId) {
        let property = self.property_of(widget);
        let mut widgets = self.people.widgets(property);
        if !widgets.remove(widget.into(), &mut self.lists) {
            return;
        }
        self.people.put_widgets(property, widgets);
        self.detach_schedule(widget);
        // What is left is as a widget without any settings, where nobody is: whoever goes through
        // all ids finds nothing in it.
        let WidgetRecord { look, .. } = self.widgets[widget.index()];
        let looks = Arc::make_mut(&mut self.looks);
        looks.release(look as usize);
        self.widgets[widget.index()].look = super::build::look(looks, Settings::default());
        self.planes.put_settings(widget, SchedulerState::Off, false);
        self.planes.put_presence(widget, Presence::Nobody);
        self.free_widgets.insert(widget);
    }

    /// One more agent, without devices, a member of nothing.
    pub fn add_agent(&mut self) -> AgentId {
        self.idle.iter_mut().for_each(|idle| idle.push(Idle::NEVER));
        self.people.add_agent()
    }

    /// The members of a property from now on, in this order, instead of those before (rule P6). Of
    /// an agent who is named twice the first counts. Reports widgets whose answer changes, each
    /// once.
    pub fn put_members(
        &mut self,
        property: PropertyId,
        members: &[(AgentId, Membership)],
        changes: &mut dyn FnMut(Change),
    ) {
        let mut named = HashSet::new();
        let members: Vec<(AgentId, Membership)> =
            members.iter().copied().filter(|&(agent, _)| named.insert(agent)).collect();
        let before = self.members(property).to_vec();
        if let Some((agent, membership)) = self.only_one_suspended(property, &before, &members) {
            let changed = self.put_membership(agent, property, membership, changes);
            return changed.expect("a member whose membership is another one");
        }
        let presence = self.people.put_members(property, &before, &members);
        let agents = members.into_iter().map(|(agent, _)| agent).collect();
        self.later_members.insert(property, agents);
        self.put_presence(property, presence, changes);
    }

    /// Where all that is new is that one member is suspended or reinstated: who, and what from now
    /// on. It is the event that it would be (rule P6), and all members keep their places.
    fn only_one_suspended(
        &self,
        property: PropertyId,
        before: &[AgentId],
        members: &[(AgentId, Membership)],
    ) -> Option<(AgentId, Membership)> {
        if !before.iter().eq(members.iter().map(|(agent, _)| agent)) {
            return None;
        }
        let is_new = |&&(agent, membership): &&(AgentId, Membership)| {
            self.membership(agent, property) != Some(membership)
        };
        let mut new = members.iter().filter(is_new);
        new.next().filter(|_| new.next().is_none()).copied()
    }

    /// All settings of a widget anew, reported as one change if its answer changes.
    ///
    /// # Errors
    /// When its scheduler names a zone that nobody knows; then nothing has changed.
    pub fn replace_settings(
        &mut self,
        widget: WidgetId,
        settings: Settings,
        changes: &mut dyn FnMut(Change),
    ) -> Result<(), UnknownZone> {
        let step = self.take_settings(widget, settings)?;
        report(step, self.now, changes);
        Ok(())
    }

    /// Grace and auto-away from now on (rules P7, P8). Countdowns that are running keep the instant
    /// at which they end. When auto-away is turned on or gets another length, every logged-in device
    /// counts as active at this instant; turned off, nothing goes away by itself any more, and what
    /// did so stays away until there is activity.
    pub fn put_timing(&mut self, timing: Timing) {
        let before = std::mem::replace(&mut self.timing, timing);
        self.is_due(self.now);
        if timing.grace != before.grace {
            self.grace_deadlines.set_length(timing.grace, self.now);
        }
        if timing.auto_away != before.auto_away {
            self.idle = Vec::new();
            self.idle_deadlines = Deadlines::new(timing.auto_away.unwrap_or(Millis::ZERO));
            if timing.auto_away.is_some() {
                self.count_all_as_active();
            }
        }
    }

    /// Rule P8, where nothing was known of any device.
    fn count_all_as_active(&mut self) {
        let agents = self.people.len();
        let slots = (0..agents).map(|agent| self.device_count(AgentId::new(agent))).max();
        self.idle = vec![vec![Idle::NEVER; agents]; slots.unwrap_or(0)];
        // The last first: that is the order in which deadlines of one instant stand, and so none of
        // them has to make way for another.
        for agent in (0..agents).rev().map(AgentId::new) {
            for slot in (0..self.device_count(agent)).rev() {
                let id = DeviceId::new(agent, slot);
                let device = self.people.device(id);
                if device.is_logged_in() {
                    self.be_active(id, device);
                }
            }
        }
    }

    /// The properties of which an agent is a member, active or suspended, in the order of their ids
    /// (rule P6).
    pub fn properties_of(&self, agent: AgentId) -> Vec<PropertyId> {
        self.people.properties_of(agent)
    }

    /// The widgets of a property, in the order in which they came.
    pub fn widgets_of(&self, property: PropertyId) -> impl Iterator<Item = WidgetId> + '_ {
        self.people.widgets_of(property, &self.lists).iter().copied().map(WidgetId::from)
    }
}

#[cfg(test)]
mod tests;
