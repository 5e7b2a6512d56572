//! What is done on all devices of an agent at once (rules P2, P3), to be reported as one change.

use super::apply::tell;
use super::device::Device;
use super::people::SeatStep;
use super::{Change, World};
use crate::model::{AgentId, AgentStatus, Chosen, Impossible};
use crate::mutations::{Mutation, is_on};

impl World {
    pub(super) fn give_status_everywhere(
        &mut self,
        agent: AgentId,
        chosen: Chosen,
        changes: &mut dyn FnMut(Change),
    ) -> Result<(), Impossible> {
        self.everywhere(agent, changes, |device| device.with_status(chosen.into()))?;
        if self.idle.is_empty() {
            return Ok(());
        }
        for id in self.devices_of(agent) {
            let device = self.people.device(id);
            if device.is_logged_in() {
                self.be_active(id, device);
            }
        }
        Ok(())
    }

    /// Does something on every device on which an agent is logged in.
    pub(super) fn everywhere(
        &mut self,
        agent: AgentId,
        changes: &mut dyn FnMut(Change),
        to: impl Fn(Device) -> Device,
    ) -> Result<(), Impossible> {
        if self.people.status(agent) == AgentStatus::Offline {
            return Err(Impossible::NowhereLoggedIn);
        }
        if self.everywhere_on_a_seat(agent, changes, &to) {
            return Ok(());
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

    /// The same for an agent who is seated: what the devices come to is known when they are passed, and is
    /// told without being noted where it touches one widget at most. False where the agent stands; then
    /// nothing is done.
    fn everywhere_on_a_seat(
        &mut self,
        agent: AgentId,
        changes: &mut dyn FnMut(Change),
        to: impl Fn(Device) -> Device,
    ) -> bool {
        let at = self.now;
        let mut all: Option<SeatStep> = None;
        for id in self.devices_of(agent) {
            let Some(seated) = self.people.seated(id) else { return false };
            let from = seated.get();
            if !is_reached(from) {
                continue;
            }
            let now = to(from);
            let step = seated.put(now, at);
            all = Some(all.map_or(step, |before| before.then(step)));
            if from.is_lost() && !now.is_lost() {
                self.graces.remove(&id);
            }
        }
        let Some(step) = all else { return true };
        if step.widgets.ids(&self.lists).len() <= 1 {
            self.pass_on(agent, step, &mut |note| tell(note, at, changes));
        } else {
            let mut touched = std::mem::take(&mut self.touched);
            self.pass_on(agent, step, &mut |note| touched.take(note));
            self.report_touched(touched, changes);
        }
        true
    }
}

/// Whether what is done everywhere is done on a device, too.
fn is_reached(device: Device) -> bool {
    device.is_logged_in() || is_on(Mutation::EverywhereReachesLoggedOut)
}
