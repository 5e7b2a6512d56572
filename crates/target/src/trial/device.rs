//! A device of a trial, and what came last of holding it.

use std::sync::{Arc, Mutex, PoisonError};

use crate::driver::{Agent, ConnectFailure, Device, HoldEvent, HoldListener, Pool};

/// A device of a trial, and how it is held.
pub struct TrialDevice {
    /// What logs in.
    pub device: Arc<Device>,
    /// Its place in the trial, from 0.
    pub number: usize,
    hold: Arc<HoldState>,
}

/// What came last of holding a device.
#[derive(Debug, Default)]
struct HoldState(Mutex<LastEvents>);

#[derive(Debug, Default)]
struct LastEvents {
    /// Whether it is connected; also where a call is out that has settled and may be held for long (rule T27).
    is_held: bool,
    /// Whether what was asked for before has failed: then what has settled says nothing.
    has_failed: bool,
    /// Why it was not connected the last time that it was not.
    why_not: Option<String>,
}

impl HoldListener for HoldState {
    fn on_event(&self, event: HoldEvent) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let why_not = match event {
            HoldEvent::Connected(_) => {
                (last.is_held, last.has_failed) = (true, false);
                return;
            }
            HoldEvent::Settled(_) => {
                last.is_held = !last.has_failed;
                return;
            }
            HoldEvent::Connecting(_)
            | HoldEvent::Disconnected(_)
            | HoldEvent::NotConnected(_, ConnectFailure::GivenUp) => {
                last.is_held = false;
                return;
            }
            HoldEvent::NotConnected(_, why) => words(&why),
            HoldEvent::Lost(_) => "the service has ended it".to_owned(),
            HoldEvent::Expired(..) => {
                // No fault (rule T45): it is logged in again.
                (last.is_held, last.has_failed) = (false, false);
                return;
            }
            HoldEvent::SessionOver(_) => "its session is over".to_owned(),
        };
        (last.is_held, last.has_failed, last.why_not) = (false, true, Some(why_not));
    }

    fn logs_in(&self) -> bool {
        false
    }
}

fn words(why: &ConnectFailure) -> String {
    match why {
        ConnectFailure::Gone => "its session is over".to_owned(),
        ConnectFailure::Refused(status) => format!("refused (status {status})"),
        ConnectFailure::GivenUp => "this side has given it up".to_owned(),
        ConnectFailure::Unreachable(why)
        | ConnectFailure::Closed(why)
        | ConnectFailure::Unknown(why) => why.clone(),
    }
}

impl TrialDevice {
    /// The two devices of an agent, not logged in.
    pub fn both(agent: &Agent) -> [Self; 2] {
        [0, 1].map(|number| {
            let hold = Arc::new(HoldState::default());
            let device = Device::with(agent, number + 1, Pool::new(), Some(hold.clone()));
            Self { device, number, hold }
        })
    }

    /// Its name in the trial.
    pub fn name(&self) -> &str {
        &self.device.name
    }

    /// Whom its calls are about, as they are told.
    pub fn whom(&self) -> String {
        format!("{}@{}", self.device.agent.name, self.device.name)
    }

    /// Whether it is held, as far as is known.
    pub fn is_held(&self) -> bool {
        self.hold.0.lock().unwrap_or_else(PoisonError::into_inner).is_held
    }

    /// Why it is not held, as far as something has come of it.
    pub fn why_not_held(&self) -> String {
        let last = self.hold.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.why_not.clone().unwrap_or_else(|| "nothing has come of it yet".to_owned())
    }
}
