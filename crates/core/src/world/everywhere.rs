//! What is done on all devices of an agent at once (rules P2, P3), to be reported as one change.

use super::apply::tell;
use super::device::Device;
use super::{Change, World};
use crate::model::{AgentId, AgentStatus, Chosen, DeviceId, Impossible};
use crate::mutations::{Mutation, is_on};

impl World {
    pub(super) fn give_status_everywhere(
        &mut self,
        any: DeviceId,
        chosen: Chosen,
        changes: &mut (impl FnMut(Change) + ?Sized),
    ) -> Result<(), Impossible> {
        self.everywhere(any, changes, |device| device.with_status(chosen.into()))?;
        if self.idle.is_empty() {
            return Ok(());
        }
        for id in self.devices_of(any.agent()) {
            let device = self.people.device(id);
            if device.is_logged_in() {
                self.be_active(id, device);
            }
        }
        Ok(())
    }

    /// Does something on every device on which an agent is logged in, of which any is named: what the devices
    /// of one who is seated come to is known when they are passed, and is told without being noted where it
    /// touches one widget at most.
    #[inline]
    pub(super) fn everywhere(
        &mut self,
        any: DeviceId,
        changes: &mut (impl FnMut(Change) + ?Sized),
        to: impl Fn(Device) -> Device,
    ) -> Result<(), Impossible> {
        let (at, agent) = (self.now, any.agent());
        let Some(seated) = self.people.seated_pair(any) else {
            return self.everywhere_standing(agent, &mut |change| changes(change), to);
        };
        if seated.status() == AgentStatus::Offline {
            return Err(Impossible::NowhereLoggedIn);
        }
        let from = seated.get();
        let now = from.map(|device| match device.exists() && is_reached(device) {
            true => to(device),
            false => device,
        });
        let step = seated.put(now, at);
        if from.may_be_lost() {
            self.end_graces(agent, from, now);
        }
        if step.widgets.ids(&self.lists).len() <= 1 {
            self.pass_on(agent, step, &mut |note| tell(note, at, changes));
        } else {
            let mut touched = std::mem::take(&mut self.touched);
            self.pass_on(agent, step, &mut |note| touched.take(note));
            self.report_touched(touched, &mut |change| changes(change));
        }
        Ok(())
    }

    /// The same for an agent who stands.
    #[inline(never)]
    fn everywhere_standing(
        &mut self,
        agent: AgentId,
        changes: &mut dyn FnMut(Change),
        to: impl Fn(Device) -> Device,
    ) -> Result<(), Impossible> {
        if self.people.status(agent) == AgentStatus::Offline {
            return Err(Impossible::NowhereLoggedIn);
        }
        let mut touched = std::mem::take(&mut self.touched);
        for id in self.devices_of(agent) {
            let device = self.people.device(id);
            if is_reached(device) {
                self.change_device(id, to(device), &mut |note| touched.take(note));
            }
        }
        self.report_touched(touched, changes);
        Ok(())
    }
}

/// Whether what is done everywhere is done on a device, too.
fn is_reached(device: Device) -> bool {
    device.is_logged_in() || is_on(Mutation::EverywhereReachesLoggedOut)
}
