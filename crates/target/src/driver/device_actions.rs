//! What a device does: logging in and out, statuses, losing its connection (rules T17, T22, T27, T28,
//! T45 of target files).

use std::sync::Arc;
use std::time::Duration;

use lamplighter_core::model::{Chosen, Millis};
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::{timeout, timeout_at};

use super::device::{Device, SessionEnd, WriteOutcome};
use super::error::RunError;
use super::given::seconds;
use super::hold_tracker::{ConnectFailure, HoldProgress, HoldTracker};
use super::perform::{StepsContext, StepsResult};
use super::shared::Driver;
use crate::file::can::FOR;
use crate::file::hold::Hold;
use crate::file::outcome::StepOutcome;
use crate::file::section::Section;
use crate::file::template::KeptValues;
use crate::timestamp::Timestamp;

/// A status that a device is being given.
struct StatusChange {
    asked: Chosen,
    /// What it has until that is done, and keeps where it is refused.
    before: Option<Chosen>,
}

impl Driver {
    /// Logs a device in (rule P1), holds it, and waits until it is held.
    ///
    /// # Errors
    /// When the run cannot go on.
    pub async fn log_in(self: &Arc<Self>, device: &Arc<Device>) -> Result<WriteOutcome, RunError> {
        self.disconnect(device).await;
        let gives = self.login_gives(device);
        {
            let mut state = device.state();
            (state.logged_in, state.ended, state.chosen) = (None, None, Some(gives));
        }
        device.session.begin(device.given(self.file().device.value(gives)));
        device.status.send_modify(|number| *number += 1);
        let performed =
            self.of_device(device, Section::DeviceLogin, KeptValues::new(), None).await?;
        let mut write = WriteOutcome::of(performed, |text| self.masked(text));
        if write.is_done() {
            device.state().logged_in = Some(Timestamp::now());
            self.hold(device);
            write.answered = write.answered.max(self.settled(device).await);
        }
        Ok(write)
    }

    /// The status that a login gives by the target's rules.
    fn login_gives(&self, device: &Device) -> Chosen {
        self.file().rules.set.login_gives(device.state().chosen)
    }

    /// Waits until what holds a device has begun; gives when it will have settled.
    async fn settled(&self, device: &Device) -> Timestamp {
        let progress =
            device.state().hold_tasks.as_ref().map(|hold_tasks| hold_tasks.progress.clone());
        let (Some(mut progress), Some(hold)) = (progress, &self.file().device.hold) else {
            return Timestamp::now();
        };
        let began = progress.wait_for(|progress| progress.began.is_some());
        let began = match timeout(self.file().http.timeout, began).await {
            Ok(Ok(progress)) => progress.began,
            // Whatever is wrong with it is told by what comes of it.
            Ok(Err(_)) | Err(_) => None,
        };
        let began = began.unwrap_or_else(Timestamp::now);
        match hold {
            Hold::Socket(socket) if socket.is_confirmed() => began,
            _ => began.after(self.file().timing.hold_settles),
        }
    }

    /// Waits until the first call that holds a device is answered, or has settled: what that call says of
    /// the device would undo a step that overtook it.
    async fn held(&self, device: &Device) {
        let progress =
            device.state().hold_tasks.as_ref().map(|hold_tasks| hold_tasks.progress.clone());
        if let (Some(mut progress), Some(Hold::Calls { .. })) = (progress, &self.file().device.hold)
        {
            let settled = self.settled(device).await;
            let answered = progress.wait_for(|progress| progress.answered.is_some());
            drop(timeout_at(settled.monotonic.into(), answered).await);
        }
    }

    /// Gives a device a status (rule P2), for a time where one is said (rule P9).
    ///
    /// # Errors
    /// When the run cannot go on.
    pub async fn set_status(
        self: &Arc<Self>,
        device: &Arc<Device>,
        chosen: Chosen,
        length: Option<Millis>,
    ) -> Result<WriteOutcome, RunError> {
        self.held(device).await;
        let mut change = StatusChange { asked: chosen, before: self.choose(device, Some(chosen)) };
        let steps = self.file().status_steps(chosen);
        let (section, is_carried) = match steps {
            Some((section, steps)) => (section, steps.is_empty()),
            None => (Section::DeviceStatus, true),
        };
        let progress =
            device.state().hold_tasks.as_ref().map(|hold_tasks| hold_tasks.progress.clone());
        let mut number = 0;
        device.status.send_modify(|count| {
            *count += 1;
            number = *count;
        });
        if let (true, Some(progress)) = (is_carried, progress) {
            return Ok(self.carried(number, progress).await);
        }
        let mut given = KeptValues::new();
        given.put(FOR, length.map_or(Value::Null, seconds));
        let performed = self.of_device(device, section, given, Some(&mut change)).await?;
        if performed.outcome == StepOutcome::Refused {
            self.choose(device, change.before);
        }
        Ok(WriteOutcome::of(performed, |text| self.masked(text)))
    }

    /// Puts what `{{value}}` is for a device from now on; gives the status that it had until now.
    fn choose(&self, device: &Device, chosen: Option<Chosen>) -> Option<Chosen> {
        let value = chosen.map_or(Value::Null, |chosen| self.file().device.value(chosen));
        device.session.place.put("value", value);
        std::mem::replace(&mut device.state().chosen, chosen)
    }

    /// A status that a hold alone carries: sent with its next call, done when that is answered or
    /// `hold_settles` has gone by (T28).
    async fn carried(
        &self,
        number: u64,
        mut progress: watch::Receiver<HoldProgress>,
    ) -> WriteOutcome {
        let began = Timestamp::now();
        let every = match &self.file().device.hold {
            Some(Hold::Calls { every, .. }) => every.unwrap_or_default(),
            _ => Duration::ZERO,
        };
        let within = every + self.file().http.hold_timeout;
        let is_sent =
            |progress: &HoldProgress| progress.sent.is_some_and(|(sent, _)| sent >= number);
        let sent = match timeout(within, progress.wait_for(is_sent)).await {
            Ok(Ok(progress)) => progress.sent.map(|(_, at)| at),
            Ok(Err(_)) | Err(_) => None,
        };
        let Some(sent) = sent else {
            let why = "what holds the device has not called since".to_owned();
            let doubt = crate::file::response_error::ResponseError::TimedOut { after: within };
            let outcome = StepOutcome::Unknown(doubt.into());
            let answered = Timestamp::now();
            let why_not = Some(why);
            return WriteOutcome {
                outcome,
                why_not,
                sent: began,
                replied: answered,
                answered,
                status: None,
            };
        };
        let is_answered =
            |progress: &HoldProgress| progress.answered.is_some_and(|answered| answered >= number);
        let settles = self.file().timing.hold_settles;
        drop(timeout(settles, progress.wait_for(is_answered)).await);
        let outcome = StepOutcome::Done(KeptValues::new());
        let answered = Timestamp::now();
        WriteOutcome { outcome, why_not: None, sent, replied: answered, answered, status: None }
    }

    /// A device is active (rule P8).
    ///
    /// # Errors
    /// When the run cannot go on.
    pub async fn be_active(
        self: &Arc<Self>,
        device: &Arc<Device>,
    ) -> Result<WriteOutcome, RunError> {
        self.held(device).await;
        let performed =
            self.of_device(device, Section::DeviceActivity, KeptValues::new(), None).await?;
        Ok(WriteOutcome::of(performed, |text| self.masked(text)))
    }

    /// Logs a device out (rule P3); once that is answered nothing holds it any more. What holds it may
    /// hear first that the session is over: that is the logout, and no lost session.
    ///
    /// # Errors
    /// When the run cannot go on.
    pub async fn log_out(self: &Arc<Self>, device: &Arc<Device>) -> Result<WriteOutcome, RunError> {
        self.held(device).await;
        let leaving = device.leaves();
        let was_logged_in = device.is_logged_in();
        let is_outlived = self.over_since(device).is_some();
        let mut performed =
            self.of_device(device, Section::DeviceLogout, KeptValues::new(), None).await?;
        // What the product has ended for its age is logged out (T45).
        if performed.outcome == StepOutcome::Gone && is_outlived {
            performed.outcome = StepOutcome::Done(KeptValues::new());
        }
        if performed.outcome != StepOutcome::Refused {
            device.state().logged_in = None;
            self.disconnect(device).await;
        }
        if was_logged_in
            && matches!(performed.outcome, StepOutcome::Done(_) | StepOutcome::Unknown(_))
        {
            device.state().ended = None;
        }
        drop(leaving);
        Ok(WriteOutcome::of(performed, |text| self.masked(text)))
    }

    /// A device loses its connection (rule P7): by a reset, with no call after it.
    pub async fn lose(&self, device: &Device) -> Timestamp {
        let before = Timestamp::now();
        self.disconnect(device).await;
        self.connection(device, true).await;
        before
    }

    /// Whether devices have a connection that can be lost: something holds them, or an adapter does.
    pub fn holds(&self) -> bool {
        self.file().device.hold.is_some() || self.is_by_adapter(Section::DeviceHold)
    }

    /// A device takes its connection up again, without a login.
    pub async fn reconnect(self: &Arc<Self>, device: &Arc<Device>) -> Timestamp {
        let is_by_adapter = self.is_by_adapter(Section::DeviceHold) && device.is_logged_in();
        // What an adapter does has no hold to track.
        let (tell, _) = watch::channel(HoldProgress::default());
        let tracker = is_by_adapter.then(|| HoldTracker::new(tell, device.listener.clone()));
        tracker.iter().for_each(HoldTracker::connecting);
        self.connection(device, false).await;
        if let Some(tracker) = tracker {
            match &device.state().ended {
                None => tracker.connected(),
                Some(SessionEnd::Gone) => drop(tracker.failed(ConnectFailure::Gone)),
                Some(SessionEnd::HoldFailed(why)) => {
                    let _was_held = tracker.failed(ConnectFailure::Unknown(why.clone()));
                }
            }
        }
        self.hold(device);
        self.settled(device).await
    }

    /// An adapter loses or takes up a connection; where it does not, the session is over.
    async fn connection(&self, device: &Device, is_lost: bool) {
        if !self.is_by_adapter(Section::DeviceHold) || !device.is_logged_in() {
            return;
        }
        let what = if is_lost { "losing the connection" } else { "taking the connection up" };
        let why = match self.connection_by_adapter(device, is_lost).await {
            Ok(done) if done.is_done() => return,
            Ok(done) if done.outcome == StepOutcome::Gone => return device.end(SessionEnd::Gone),
            Ok(done) => self.masked(&done.why_not()),
            Err(error) => error.to_string(),
        };
        device.end(SessionEnd::HoldFailed(format!("{what} is {why}")));
    }

    /// The steps of a device; a session that is gone ends it, or is taken up again by a login where
    /// the target ends sessions after a time (T45). `change` is what a status step asks for.
    async fn of_device(
        self: &Arc<Self>,
        device: &Arc<Device>,
        section: Section,
        given: KeptValues,
        change: Option<&mut StatusChange>,
    ) -> Result<StepsResult, RunError> {
        let mut performed = self.once_of_device(device, section, given.clone()).await?;
        if performed.outcome == StepOutcome::Gone && self.is_outlived(device, section) {
            match self.renew_session(device, change).await?.why_not {
                None => performed = self.once_of_device(device, section, given).await?,
                Some(why) => {
                    let why = format!("logging in again is {why}");
                    device.state().ended = Some(SessionEnd::HoldFailed(why));
                }
            }
        }
        if performed.outcome == StepOutcome::Gone && section != Section::DeviceLogin {
            device.end(SessionEnd::Gone);
            self.disconnect(device).await;
        }
        Ok(performed)
    }

    /// Whether a session is as old as the target lets one be, so that its end is no fault.
    fn is_outlived(&self, device: &Device, section: Section) -> bool {
        let can_end = matches!(section, Section::DeviceLogin | Section::DeviceLogout);
        !can_end && self.over_since(device).is_some()
    }

    /// Takes a session up again that the target has ended for its age: what was asked for is asked for
    /// once more, else the device is given the status again that it had.
    async fn renew_session(
        self: &Arc<Self>,
        device: &Arc<Device>,
        change: Option<&mut StatusChange>,
    ) -> Result<WriteOutcome, RunError> {
        let had = device.state().chosen;
        if let Some(change) = &change {
            self.choose(device, change.before);
        }
        let login = Box::pin(self.log_in(device)).await?;
        match change {
            // The login has put its own in place of what was asked for.
            Some(change) => change.before = self.choose(device, Some(change.asked)),
            None if !login.is_done() => {}
            None => {
                if let Some(had) = had {
                    Box::pin(self.set_status(device, had, None)).await?;
                }
            }
        }
        Ok(login)
    }

    /// The same, whatever becomes of it.
    pub(super) async fn once_of_device(
        &self,
        device: &Device,
        section: Section,
        given: KeptValues,
    ) -> Result<StepsResult, RunError> {
        let memberships = device.memberships();
        let context = StepsContext {
            subject: device.subject(),
            device: Some(&device.session),
            given,
            memberships: &memberships,
            ..StepsContext::default()
        };
        self.perform(section, &context).await
    }
}
