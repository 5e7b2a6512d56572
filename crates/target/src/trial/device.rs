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
    is_connected: bool,
    /// Why it was not connected the last time that it was not.
    why_not: Option<String>,
}

impl HoldListener for HoldState {
    fn on_event(&self, event: HoldEvent) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_connected = matches!(event, HoldEvent::Connected(_));
        match event {
            HoldEvent::NotConnected(_, why) => last.why_not = Some(words(&why)),
            HoldEvent::Lost(_) => last.why_not = Some("the service has ended it".to_owned()),
            HoldEvent::SessionOver(_) => last.why_not = Some("its session is over".to_owned()),
            HoldEvent::Connecting(_) | HoldEvent::Connected(_) | HoldEvent::Disconnected(_) => {}
        }
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

    /// Whether what holds it has connected it.
    pub fn is_held(&self) -> bool {
        self.hold.0.lock().unwrap_or_else(PoisonError::into_inner).is_connected
    }

    /// Why it is not held, as far as something has come of it.
    pub fn why_not_held(&self) -> String {
        let last = self.hold.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.why_not.clone().unwrap_or_else(|| "nothing has come of it yet".to_owned())
    }
}
