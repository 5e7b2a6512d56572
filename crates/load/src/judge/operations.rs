//! Writes from their invocation to their return, lost connections, and what the clock does: the
//! operations by which the judge knows what each device, and so each widget, could be.

use super::coverage::CoverageGoal;
use super::device::{Operation, ReadPoint};
use super::fleet::DeviceKey;
use super::pending::PendingRead;
use super::propagation::{Transition, Trigger};
use super::{Judge, Write};
use crate::clock::Micros;
use crate::history::{Completion, Effect, WriteId};
use crate::observation::{Observation, Observed};
use crate::plan::{AgentIndex, PropertyIndex, WidgetIndex};
use lamplighter_core::model::knobs::LogoutEnds;

impl Judge {
    /// A write is in flight from now on.
    pub(super) fn invoke(&mut self, id: WriteId, write: Write) {
        let Write { device, effect, invoked } = write;
        let history = self.fleet.history(device);
        let overtakes = history.operations().any(|operation| operation.is_in_flight());
        // What holds a device goes out while its login settles, and overtakes nothing.
        if overtakes && effect != Effect::Connect {
            self.coverage.meet(CoverageGoal::Overtaken);
        }
        if effect == Effect::Connect && self.is_near_the_end_of_a_grace(invoked, device) {
            self.coverage.meet(CoverageGoal::ReturnAtTheEnd);
        }
        for property in self.fleet.properties_of(device.0) {
            let in_flight = &mut self.pending[property as usize].in_flight;
            if !in_flight.is_empty() && !overtakes {
                self.coverage.meet(CoverageGoal::TwoDevicesAtOnce);
            }
            in_flight.push((id, invoked));
        }
        if !self.is_a_loss(effect) {
            self.fleet.invoke(id, invoked, device, effect);
        }
        self.writes.insert(id, write);
    }

    /// Whether a write does nothing but lose the device's connection (rule P3, `logout = "never"`).
    fn is_a_loss(&self, effect: Effect) -> bool {
        effect == Effect::Logout && self.fleet.rules().logout == LogoutEnds::Never
    }

    fn is_near_the_end_of_a_grace(&self, at: Micros, device: DeviceKey) -> bool {
        self.fleet.history(device).operations().any(|operation| {
            operation.is_grace() && (operation.earliest - at).abs() <= self.bound.within
        })
    }

    /// A write is in flight no more.
    pub(super) fn complete(&mut self, id: WriteId, at: Micros, completion: &Completion) {
        let Some(write) = self.writes.remove(&id) else { return };
        let Write { device: (agent, slot), effect, invoked } = write;
        // Until then what was before is admissible, too.
        let shows_at = at + self.bound.bounds.shows_within(effect);
        self.fleet.change(write.device, |history| match completion {
            Completion::Done(versions) => history.acknowledge(id, shows_at, versions),
            Completion::Refused => history.refuse(id),
            Completion::LoggedOut => {
                history.refuse(id);
                history.learn_logged_out(at);
            }
            Completion::Indeterminate => history.leave_indeterminate(id),
        });
        match completion {
            Completion::Done(versions) => {
                if effect == Effect::Login {
                    for device in self.fleet.devices_of(agent) {
                        self.fleet.change(device, |history| {
                            history.settle_indeterminate(slot, invoked);
                        });
                    }
                }
                self.tracker.acknowledged(&self.plan, agent, effect, invoked);
                if self.is_a_loss(effect) {
                    self.learn_of_loss((invoked, at), write.device);
                } else if effect == Effect::Logout {
                    self.unsettle(write.device, (invoked, at));
                }
                self.acknowledge(agent, versions, (invoked, shows_at));
            }
            Completion::Indeterminate => {
                self.coverage.meet(CoverageGoal::Unanswered);
                if effect == Effect::Connect || self.is_a_loss(effect) {
                    self.fleet.maybe_lose((invoked, at), write.device);
                }
            }
            Completion::LoggedOut if effect != Effect::Login => {
                self.session_is_over(write.device, (invoked, at));
            }
            Completion::Refused | Completion::LoggedOut => {}
        }
        let properties: Vec<PropertyIndex> = self.fleet.properties_of(agent).collect();
        for property in properties {
            self.pending[property as usize].in_flight.retain(|(open, _)| *open != id);
            self.judge_ready(property);
        }
    }

    /// A device was told that nobody is logged in with its session: seen at one of its agent's
    /// properties.
    fn session_is_over(&mut self, device: DeviceKey, (invoked, at): (Micros, Micros)) {
        let Some(property) = self.fleet.properties_of(device.0).next() else { return };
        let observation = Observation {
            property,
            session: device.0.into(),
            invoked,
            returned: at,
            version: None,
            seen: Observed::SessionOver(device.0, device.1),
            request: None,
            exchange: None,
        };
        self.wait(property, PendingRead::Observation(observation));
    }

    /// A device logged out: for a while the agent's other devices may read so, too.
    fn unsettle(&mut self, (agent, slot): DeviceKey, (invoked, at): (Micros, Micros)) {
        let length = self.bound.bounds.logout_unsettles;
        if length == 0 {
            return;
        }
        for device in self.fleet.devices_of(agent).filter(|(_, other)| *other != slot) {
            self.fleet.change(device, |history| history.unsettle((invoked, at + length)));
        }
    }

    /// A write took effect between two moments, at these versions where they are known: then every read
    /// must know them from there on.
    fn acknowledge(
        &mut self,
        agent: AgentIndex,
        versions: &[(PropertyIndex, u64)],
        (invoked, at): (Micros, Micros),
    ) {
        for &(property, version) in versions {
            if self.plan.properties[property as usize].is_own {
                self.pending[property as usize].acknowledged.add(at, version);
                let knowing = |version| ReadPoint {
                    at,
                    version: Some((property, version)),
                    late: 0,
                    early: 0,
                };
                let points = (knowing(version.saturating_sub(1)), knowing(version));
                self.note_transitions(property, points, invoked, Some(version));
            }
        }
        if versions.is_empty() {
            let point = |at| ReadPoint { at, version: None, late: 0, early: 0 };
            let properties: Vec<_> = self.fleet.properties_of(agent).collect();
            for property in properties {
                self.note_transitions(property, (point(invoked - 1), point(at)), invoked, None);
            }
        }
    }

    /// Notes which widgets a write changes, from what is known just before it to what is known by it.
    fn note_transitions(
        &mut self,
        property: PropertyIndex,
        (before, after): (ReadPoint, ReadPoint),
        invoked: Micros,
        version: Option<u64>,
    ) {
        let trigger = Trigger::Write { version };
        for widget in self.plan.properties[property as usize].widgets.clone() {
            let changes = self.note_transition(widget, (&before, &after), invoked, trigger);
            self.tracker.met.transitions += u64::from(changes);
        }
    }

    /// A device's connection was lost.
    pub(super) fn lose(&mut self, (since, at): (Micros, Micros), device: DeviceKey) {
        if since == at {
            self.tracker.lost(&self.plan, device, at);
        }
        if since < at {
            self.learn_of_loss((since, at), device);
        } else if let Some(ends) = self.fleet.lose((at, at), device) {
            self.graces.insert((ends, device));
        }
    }

    /// The clock passes edges, the ends of graces, and the time until which violations are pending.
    pub(super) fn advance_clock(&mut self, until: Micros) {
        self.count_until(until);
        while let Some(&(at, widget)) = self.fleet.edges().in_order().get(self.edges_passed)
            && at <= until
        {
            self.edges_passed += 1;
            if !self.pending[self.property_of(widget) as usize].in_flight.is_empty() {
                self.coverage.meet(CoverageGoal::WriteOverAnEdge);
            }
            let changes = self.note_transition_by_the_clock(widget, (at, at), Trigger::Edge);
            self.tracker.met.edges += u64::from(changes && self.is_in_the_run(at));
        }
        while let Some(&(at, device)) = self.graces.first()
            && at <= until
        {
            self.graces.pop_first();
            // What was told of it meanwhile can only have made it shorter.
            let could_last = |operation: &&Operation| {
                let range = self.bound.bounds.grace;
                let shortest = at - range.map_or(0, |range| range.max - range.min);
                operation.is_running_grace() && operation.earliest == shortest
            };
            let running = self.fleet.history(device).operations().find(could_last);
            if let Some(earliest) = running.map(|operation| operation.earliest) {
                let properties: Vec<_> = self.fleet.properties_of(device.0).collect();
                let mut changes = false;
                for property in properties {
                    for widget in self.plan.properties[property as usize].widgets.clone() {
                        changes |= self.note_transition_by_the_clock(
                            widget,
                            (earliest, at),
                            Trigger::Grace,
                        );
                    }
                }
                self.tracker.met.graces += u64::from(changes && self.is_in_the_run(at));
            }
        }
    }

    fn is_in_the_run(&self, at: Micros) -> bool {
        at < (self.plan.duration.0 * 1_000) as Micros
    }

    /// Notes it where the clock changes what a widget must show, at some moment between two; whether it
    /// does.
    fn note_transition_by_the_clock(
        &mut self,
        widget: WidgetIndex,
        (first, last): (Micros, Micros),
        trigger: Trigger,
    ) -> bool {
        let point = |at| ReadPoint { at, version: None, late: 0, early: 0 };
        self.note_transition(widget, (&point(first - 1), &point(last)), first, trigger)
    }

    /// Notes it where what a widget must show changes from one point to another; whether it does.
    fn note_transition(
        &mut self,
        widget: WidgetIndex,
        (before, after): (&ReadPoint, &ReadPoint),
        since: Micros,
        trigger: Trigger,
    ) -> bool {
        let before = self.fleet.admissible(widget, before).only();
        let after = self.fleet.admissible(widget, after).only();
        let (Some(before), Some(after)) = (before, after) else { return false };
        if before != after {
            self.propagation.changed(widget, Transition::new(since, trigger, after));
        }
        before != after
    }
}
