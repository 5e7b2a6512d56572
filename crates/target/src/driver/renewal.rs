//! Sessions that the product ends after a time (rule T45 of target files), as what holds a device
//! hears of it: that is no fault, and the device is logged in again.

use super::device::{Device, SessionEnd};
use super::hold_tracker::{ConnectFailure, HoldTracker};
use super::perform::StepsResult;
use super::shared::Driver;
use crate::file::section::Section;
use crate::file::template::KeptValues;
use crate::timestamp::Timestamp;

impl Driver {
    /// A device is gone, as what holds it was told: ends it, unless it is logged in again; whether it
    /// is.
    pub(super) async fn is_renewed(&self, device: &Device, tracker: &HoldTracker) -> bool {
        let over_since = self.over_since(device);
        // Who takes down what becomes of it logs it in by itself.
        let logs_in = device.listener.as_ref().is_some_and(|listener| listener.logs_in());
        let is_for_us = over_since.is_some() && !logs_in;
        let is_renewed = is_for_us && self.renew(device).await;
        if !is_renewed {
            device.end(SessionEnd::Gone);
        }
        match over_since {
            Some(since) => tracker.expired(since),
            None => drop(tracker.failed(ConnectFailure::Gone)),
        }
        is_renewed
    }

    /// Since when the product may have ended the session of a device; `None` where that is not due yet,
    /// or it ends none.
    pub(super) fn over_since(&self, device: &Device) -> Option<Timestamp> {
        let max = self.file().timing.session_max?;
        let since = device.state().logged_in?.after(max);
        (since.monotonic <= Timestamp::now().monotonic).then_some(since)
    }

    /// Logs a device in again, and gives it the status that it had; whether that is done.
    async fn renew(&self, device: &Device) -> bool {
        let chosen = device.state().chosen;
        let gives = self.file().rules.set.login_gives(chosen);
        device.session.begin(device.given(self.file().device.value(gives)));
        if !self.of_renewal(device, Section::DeviceLogin).await.is_some_and(|it| it.is_done()) {
            return false;
        }
        device.state().logged_in = Some(Timestamp::now());
        if let Some(chosen) = chosen.filter(|chosen| *chosen != gives) {
            device.session.place.put("value", self.file().device.value(chosen));
            // Where the hold carries it, its next call does.
            if let Some((section, _)) =
                self.file().status_steps(chosen).filter(|(_, steps)| !steps.is_empty())
            {
                return self.of_renewal(device, section).await.is_some_and(|it| it.is_done());
            }
        }
        true
    }

    async fn of_renewal(&self, device: &Device, section: Section) -> Option<StepsResult> {
        let mut given = KeptValues::new();
        if section.is_status() {
            given.put(crate::file::can::FOR, serde_json::Value::Null);
        }
        self.once_of_device(device, section, given).await.ok()
    }
}
