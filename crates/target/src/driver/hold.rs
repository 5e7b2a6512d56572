//! What keeps a device connected (rules T27, T28, T45 of target files).

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::device::{Device, HoldTasks, SessionEnd};
use super::error::RunError;
use super::hold_tracker::{ConnectFailure, HoldProgress, HoldTracker};
use super::perform::StepsContext;
use super::pool::Limits;
use super::shared::Driver;
use crate::file::hold::Hold;
use crate::file::outcome::StepOutcome;
use crate::file::section::Section;
use crate::timestamp::Timestamp;

/// After a call that is not done, the next one goes out so much later.
const AGAIN_AFTER: Duration = Duration::from_secs(1);
/// So many that are not done, one after the other, are a lost session.
const FAILURES_MAX: usize = 10;
/// So long is waited for the machine to close what is lost.
const CLOSED_WITHIN: Duration = Duration::from_secs(1);

/// How one call of a hold, or one socket, came to its end.
pub enum HoldCallEnd {
    /// It is answered; the next one follows.
    Done,
    /// It is not done, and why: in short, and in words.
    Failed(ConnectFailure, String),
    /// The session is over.
    Gone,
    /// A new status ended it.
    Interrupted,
}

impl Driver {
    /// Begins to hold a device, where the file says how.
    pub(super) fn hold(self: &Arc<Self>, device: &Arc<Device>) {
        let (tell, progress) = watch::channel(HoldProgress::default());
        let mut tasks = JoinSet::new();
        if self.file().device.hold.is_some() {
            let (driver, device) = (Arc::clone(self), Arc::clone(device));
            let tracker = HoldTracker::new(tell, device.listener.clone());
            tasks.spawn(async move { driver.keep_holding(&device, &tracker).await });
        }
        if let Some(every) = self.active_every() {
            let (driver, device) = (Arc::clone(self), Arc::clone(device));
            tasks.spawn(async move { driver.keep_active(&device, every).await });
        }
        device.state().hold_tasks = (!tasks.is_empty()).then_some(HoldTasks { tasks, progress });
    }

    /// Ends what holds a device at once, by a reset, and closes its idle connections.
    pub(super) async fn disconnect(&self, device: &Device) {
        let hold_tasks = device.state().hold_tasks.take();
        if let Some(mut hold_tasks) = hold_tasks {
            hold_tasks.tasks.shutdown().await;
        }
        device.hold_pool.close_idle();
        device.session.pool.close_idle();
        device.hold_pool.closed(CLOSED_WITHIN).await;
    }

    async fn keep_holding(&self, device: &Device, tracker: &HoldTracker) {
        let mut failures = 0;
        while device.is_logged_in() {
            let (round, every) = match &self.file().device.hold {
                None => return,
                Some(Hold::Calls { every, interrupt }) => {
                    (self.hold_call(device, tracker, *interrupt).await, every.unwrap_or_default())
                }
                Some(Hold::Socket(socket)) => {
                    (self.hold_socket(device, socket, tracker).await, Duration::ZERO)
                }
            };
            match round {
                HoldCallEnd::Done => {
                    failures = 0;
                    self.pause(device, every).await;
                }
                HoldCallEnd::Interrupted => {}
                HoldCallEnd::Gone if *device.is_leaving.borrow() => {
                    // That is the logout. Where it is not done after all, the next round tells.
                    let mut leaving = device.is_leaving.subscribe();
                    drop(leaving.wait_for(|is_leaving| !is_leaving).await);
                }
                HoldCallEnd::Gone => {
                    if !self.is_renewed(device, tracker).await {
                        return;
                    }
                }
                HoldCallEnd::Failed(short, why) => {
                    // What was held until now has not failed in a row; what had settled and was never
                    // answered has.
                    failures = if tracker.failed(short) { 1 } else { failures + 1 };
                    if failures == FAILURES_MAX {
                        return device.end(SessionEnd::HoldFailed(self.masked(&why)));
                    }
                    sleep(AGAIN_AFTER).await;
                }
            }
        }
    }

    /// Waits for the next call's turn; a new status does not wait where it interrupts.
    async fn pause(&self, device: &Device, every: Duration) {
        if every.is_zero() {
            return;
        }
        let interrupts =
            matches!(self.file().device.hold, Some(Hold::Calls { interrupt: true, .. }));
        let mut status = device.status.subscribe();
        tokio::select! {
            () = sleep(every) => {}
            _ = status.changed(), if interrupts => {}
        }
    }

    /// One call of a hold, on a connection of its own.
    async fn hold_call(
        &self,
        device: &Device,
        tracker: &HoldTracker,
        interrupt: bool,
    ) -> HoldCallEnd {
        let mut status = device.status.subscribe();
        let carried = *status.borrow_and_update();
        let wrote = |at: Timestamp| tracker.call_sent(carried, at);
        let memberships = device.memberships();
        let limits = Limits { timeout: self.file().http.hold_timeout, ..self.limits() };
        let context = StepsContext {
            subject: device.subject(),
            device: Some(&device.session),
            over: Some((&*device.hold_pool, Some(limits))),
            memberships: &memberships,
            wrote: Some(&wrote),
            ..StepsContext::default()
        };
        tracker.connecting();
        let performing = self.perform(Section::DeviceHold, &context);
        tokio::pin!(performing);
        let settles = async {
            tracker.wrote.notified().await;
            sleep(self.file().timing.hold_settles).await;
        };
        tokio::pin!(settles);
        let performed = loop {
            tokio::select! {
                performed = &mut performing => break performed,
                () = &mut settles, if tracker.is_connecting() => tracker.settled(),
                _ = status.changed(), if interrupt => return HoldCallEnd::Interrupted,
            }
        };
        let performed = match performed {
            Ok(performed) => performed,
            Err(RunError::Unreachable { why, .. }) => {
                return HoldCallEnd::Failed(ConnectFailure::Unreachable(why.clone()), why);
            }
            Err(error) => {
                let why = error.to_string();
                return HoldCallEnd::Failed(ConnectFailure::Unknown(why.clone()), why);
            }
        };
        let (status, why) = (performed.status(), performed.why_not());
        match performed.outcome {
            StepOutcome::Done(_) => {
                tracker.answered(carried);
                HoldCallEnd::Done
            }
            StepOutcome::Gone => HoldCallEnd::Gone,
            StepOutcome::Refused => {
                HoldCallEnd::Failed(ConnectFailure::Refused(status.unwrap_or_default()), why)
            }
            StepOutcome::Unknown(_) => {
                HoldCallEnd::Failed(ConnectFailure::Unknown(why.clone()), why)
            }
        }
    }

    /// How often a device is active by itself, where it must not be idle.
    fn active_every(&self) -> Option<Duration> {
        let idle_after = self.file().timing.idle_after.filter(|_| self.options().keeps_active)?;
        // In less than half of it, whatever the network adds.
        self.file().does(Section::DeviceActivity).then(|| idle_after.mul_f64(0.4))
    }

    async fn keep_active(&self, device: &Device, every: Duration) {
        loop {
            sleep(every).await;
            let memberships = device.memberships();
            let context = StepsContext {
                subject: device.subject(),
                device: Some(&device.session),
                memberships: &memberships,
                ..StepsContext::default()
            };
            // What it is answered is told by the next call that is asked for.
            drop(self.perform(Section::DeviceActivity, &context).await);
        }
    }
}
