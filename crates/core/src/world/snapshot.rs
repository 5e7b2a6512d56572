//! Everything that is so of a device, taken out of one world and put back into another.

use super::device::Device;
use super::stamp::Stamp;
use super::{Connection, GoesBack, World};
use crate::model::{DeviceId, DeviceStatus, Instant};

/// Everything that is so of a device (rules P1 to P3, P7 to P9).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeviceState {
    /// The status of the device, or that it is not logged in.
    pub status: DeviceStatus,
    /// Whether it is away by rule P8 rather than by hand.
    pub away_by_rule: bool,
    /// Whether the connection is up, and if not, until when the grace runs (rule P7).
    pub connection: Connection,
    /// The instant at which the status last changed; `None` where it never did, and in a world made
    /// [without it](super::WorldBuilder::without_since).
    pub since: Option<Instant>,
    /// What it goes back to, and when, where its status is for a time (rule P9).
    pub goes_back: Option<GoesBack>,
    /// The last sign of life of a logged-in device (rule P8); `None` in a world without auto-away.
    pub active_at: Option<Instant>,
}

impl From<DeviceState> for Device {
    fn from(state: DeviceState) -> Self {
        let lost = matches!(state.connection, Connection::Lost { .. });
        match (state.status, state.connection) {
            (DeviceStatus::LoggedOut, Connection::RanOut) => Self::RAN_OUT,
            (DeviceStatus::LoggedOut, _) => Self::LOGGED_OUT,
            (DeviceStatus::Away, _) if state.away_by_rule => {
                Self::LOGGED_IN.with_connection(lost).away_by_rule()
            }
            (status, _) => Self::LOGGED_IN.with_connection(lost).with_status(status),
        }
    }
}

impl World {
    /// Everything that is so of a device, for a snapshot.
    pub fn device_state(&self, device: DeviceId) -> DeviceState {
        let (slot, agent) = (device.slot(), device.agent().index());
        let state = self.people.device(device);
        let idle = self.idle.get(slot).filter(|_| state.is_logged_in());
        DeviceState {
            status: state.status(),
            away_by_rule: state.is_away_by_rule(),
            connection: self.connection(device),
            since: self.people.since(device).map(Instant::from),
            goes_back: self.goes_back(device),
            active_at: idle.map(|idle| idle[agent].active_at),
        }
    }

    /// Puts a device back into the state of a snapshot, in a world just built whose
    /// [`now`](Self::now) is the instant of the snapshot, with the same [`Timing`](super::Timing);
    /// the device is there already, by [`add_device`](Self::add_device). Nothing is reported, but
    /// presence, answers and deadlines are right afterwards. A deadline that should have passed does
    /// so at the next [`advance`](Self::advance); a logged-in device of which no sign of life is
    /// known counts as active now, if there is auto-away.
    ///
    /// Of devices with one deadline the last is best put back first: then none has to make way for
    /// another.
    pub fn restore_device(&mut self, device: DeviceId, state: DeviceState) {
        let now = Device::from(state);
        self.busy_from = Instant::MIN;
        if self.people.go_by_other_rules() {
            self.put_device(device, now, &mut |_| {});
        } else {
            self.change_device(device, now, &mut |_| {});
        }
        let (slot, agent) = (device.slot(), device.agent().index());
        self.people.put_since(device, state.since.map(Stamp::from));
        if let Connection::Lost { until } = state.connection
            && now.is_lost()
        {
            let until = until.map(|until| until.max(self.now));
            self.graces.insert(device, until);
            if let Some(until) = until {
                // By an earlier timing it may lie ahead by more than the grace.
                self.grace_deadlines.push_any(until, device, self.now);
            }
        }
        if let Some(back) = state.goes_back.filter(|_| now.is_logged_in()) {
            let at = back.at.map(|at| at.max(self.now));
            self.timed.put(self.timed_holder(device), GoesBack { at, ..back });
        }
        if let Some(idle) = self.idle.get_mut(slot)
            && now.is_logged_in()
        {
            let idle = &mut idle[agent];
            idle.active_at = state.active_at.unwrap_or(self.now);
            if now.status() == DeviceStatus::Online
                && let Some(due) = self.idle_due(device)
            {
                self.idle[slot][agent].is_queued = true;
                self.idle_deadlines.push_any(due.max(self.now), device, self.now);
            }
        }
    }
}
