//! Devices of a trial are logged in, held, lost and taken up again; and sessions that end meanwhile are told.

use std::sync::Arc;
use std::time::Duration;

use lamplighter_core::model::Chosen;
use tokio::time::{Instant, sleep, sleep_until};

use super::agent_model::AgentModel;
use super::device::TrialDevice;
use super::run::{TrialFixtures, TrialRun};
use crate::driver::RunError;
use crate::file::section::Section;

/// So long a device may take to be held: ten failures in a row, a second apart, are a lost session (T27).
const HELD_WITHIN: Duration = Duration::from_secs(15);
/// The pause between two looks at it.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(20);

impl TrialRun {
    /// Waits until a device is held, where something holds it; that it never is, is wrong, and told once.
    pub async fn await_hold(&mut self, there: &TrialDevice) {
        if self.driver.file().device.hold.is_none() || self.is_unheld {
            return;
        }
        let until = Instant::now() + HELD_WITHIN;
        let whom = there.whom();
        // A call that is out counts as connected once it has settled, whatever it will be answered.
        let refused = |run: &Self| run.sections.why_not(Section::DeviceHold, &whom);
        while (!there.is_held() || refused(self).is_some()) && there.device.is_logged_in() {
            if Instant::now() >= until {
                self.is_unheld = true;
                let why = refused(self).unwrap_or_else(|| there.why_not_held());
                let why = self.driver.masked(&why);
                let within = HELD_WITHIN.as_secs();
                self.wrong(&format!(
                    "what holds {} has not connected it within {within} s: {why}",
                    there.name()
                ));
                return;
            }
            sleep(LOOK_AGAIN_AFTER).await;
        }
    }

    /// The same of every device that is logged in, before all of them log out.
    pub async fn await_holds(&mut self, fixtures: &TrialFixtures, agent_model: &mut AgentModel) {
        for there in fixtures.devices.iter().filter(|there| there.device.is_logged_in()) {
            self.await_hold(there).await;
        }
        self.lost_sessions(fixtures, agent_model);
    }

    /// Loses the connection of the first device, and takes it up again.
    ///
    /// # Errors
    /// When the run cannot go on.
    pub async fn lose(
        &mut self,
        fixtures: &TrialFixtures,
        agent_model: &mut AgentModel,
    ) -> Result<(), RunError> {
        let (driver, timing) = (Arc::clone(&self.driver), self.driver.file().timing.clone());
        let there = &fixtures.devices[0];
        if !driver.file().holds_devices() || !there.device.is_logged_in() {
            return Ok(());
        }
        self.listener.stage("lose the connection on d1 (P7)");
        driver.lose(&there.device).await;
        self.listener.seen("what held it is reset; nothing calls for it any more");
        if timing.grace_min.is_none_or(|grace| grace > Duration::from_secs(2)) {
            self.look("lost, within the grace", fixtures, agent_model).await?;
        }
        if driver.abilities().reconnect {
            self.listener.stage("reconnect d1 (P7)");
            let settled = driver.reconnect(&there.device).await;
            sleep_until(settled.monotonic.into()).await;
            self.await_hold(there).await;
        } else {
            self.log_in(fixtures, there, agent_model).await?;
        }
        self.look("back again", fixtures, agent_model).await
    }

    /// Logs a device in; gives whether it is.
    ///
    /// # Errors
    /// When the run cannot go on.
    pub async fn log_in(
        &mut self,
        fixtures: &TrialFixtures,
        there: &TrialDevice,
        agent_model: &mut AgentModel,
    ) -> Result<bool, RunError> {
        self.listener.stage(&format!("log in on {} (P1)", there.name()));
        let write = self.driver.log_in(&there.device).await?;
        self.written(Section::DeviceLogin, &write);
        if write.is_done() {
            agent_model.is(there.number, Chosen::Online);
            self.wait(&write, self.driver.file().timing.login_shows_within).await;
            self.await_hold(there).await;
            self.lost_sessions(fixtures, agent_model);
        }
        Ok(there.device.is_logged_in())
    }
}
