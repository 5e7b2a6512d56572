//! How a device comes in: by a login, or back by what holds it alone.

use std::sync::Arc;
use std::time::Duration;

use super::journey::Journey;
use super::stop::StopRequest;
use super::writes::{WriteResult, write};
use crate::clock::Micros;
use crate::history::Effect;
use crate::plan::DeviceSlot;

/// How often a device tries to log in before it gives up.
const TRIES_MAX: u32 = 8;
/// The pause before the second try; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(250);

impl Journey {
    /// A device comes in. Tries again where the service has no time, and where it is not known what it
    /// did: a fresh login voids what was before (rule P1), which settles it.
    pub async fn enter(&mut self, slot: DeviceSlot, mut intended: Micros) {
        for attempt in 0..TRIES_MAX {
            if *self.stopped.borrow() == StopRequest::AtOnce {
                return;
            }
            match self.log_in(slot, intended).await {
                WriteResult::Busy | WriteResult::Indeterminate => {}
                WriteResult::Done => return,
                // Wrong password, too many devices: not by trying again.
                WriteResult::Refused | WriteResult::Gone => return,
            }
            if !self.pause(PAUSE * 2_u32.pow(attempt.min(4))).await {
                return;
            }
            intended = self.shared.run.clock.now();
        }
    }

    /// A device takes its connection up again with the session that it has, or logs in where it has
    /// none, or where the product has no other way.
    pub async fn come_back(&mut self, slot: DeviceSlot, intended: Micros) {
        let Some(device) = self.device(slot) else { return };
        let driver = Arc::clone(self.shared.run.service.driver());
        if !device.is_logged_in() || !driver.abilities().reconnect {
            return self.enter(slot, intended).await;
        }
        if let Some(place) = self.place(slot) {
            place.recorder.comes_back(intended);
        }
        let mut stopped = self.stopped.clone();
        tokio::select! {
            _ = driver.reconnect(&device) => {}
            () = super::given_up(&mut stopped) => {}
        }
    }

    /// Waits; false where the run is stopped first.
    async fn pause(&mut self, length: Duration) -> bool {
        tokio::select! {
            _ = self.stopped.wait_for(|told| *told > StopRequest::No) => false,
            () = tokio::time::sleep(length) => true,
        }
    }

    async fn log_in(&mut self, slot: DeviceSlot, intended: Micros) -> WriteResult {
        let Some(device) = self.device(slot) else { return WriteResult::Refused };
        self.begins_session(slot);
        let shared = Arc::clone(&self.shared);
        let planned = self.planned(slot, Effect::Login, intended);
        let driver = shared.run.service.driver();
        write(&shared, &mut self.stopped, planned, driver.log_in(&device)).await
    }
}
