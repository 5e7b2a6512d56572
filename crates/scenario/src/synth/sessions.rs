//! Which devices an agent is logged in on, as far as a working day needs it to know what can happen
//! (rules P1 to P3 and P7), and what is left of it when a run begins.

use super::knobs::Knobs;
use super::shift::{ALL_DEVICES, DayStep};
use lamplighter_core::model::Action;
use lamplighter_core::model::Chosen;

/// The most devices that an agent has.
pub(super) const DEVICES_MAX: usize = super::names::DEVICES.len();

/// The devices of one agent.
#[derive(Clone)]
pub(super) struct DeviceSessions {
    devices: [DeviceSession; DEVICES_MAX],
    grace_ms: i64,
    /// When the run begins. A countdown that goes on then begins anew, as the run first hears of it; of
    /// one that ran out before, it never hears.
    run_start_ms: i64,
}

#[derive(Clone, Copy)]
struct DeviceSession {
    link: Link,
    status: Chosen,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Link {
    /// Nothing happened to it yet: it may be left over from before.
    Unknown,
    LoggedOut,
    Connected,
    /// Since when; logged out once the grace has run out.
    Lost(i64),
}

impl DeviceSessions {
    /// Before anything is known, but that the laptop of those who never log out is logged in.
    pub fn new(knobs: &Knobs, laptop_is_logged_in: bool) -> Self {
        let unknown = DeviceSession { link: Link::Unknown, status: Chosen::Away };
        let mut devices = [unknown; DEVICES_MAX];
        if laptop_is_logged_in {
            devices[0].link = Link::Connected;
        }
        // A grace is shorter than an hour.
        let (grace_ms, run_start_ms) = (knobs.grace.0 as i64, knobs.start.as_millis());
        Self { devices, grace_ms, run_start_ms }
    }

    fn is_logged_in(&self, device: usize, at_ms: i64) -> bool {
        match self.devices[device].link {
            Link::Unknown | Link::LoggedOut => false,
            Link::Connected => true,
            Link::Lost(since_ms) => at_ms < self.heard_ms(since_ms, at_ms) + self.grace_ms,
        }
    }

    /// When, as far as is known at an instant, a connection was lost.
    fn heard_ms(&self, since_ms: i64, at_ms: i64) -> i64 {
        let goes_on = self.run_start_ms < since_ms + self.grace_ms && self.run_start_ms <= at_ms;
        if goes_on { since_ms.max(self.run_start_ms) } else { since_ms }
    }

    /// Whether the loss of a connection is known at an instant.
    fn is_heard_of(&self, since_ms: i64, at_ms: i64) -> bool {
        at_ms < self.run_start_ms || self.run_start_ms <= self.heard_ms(since_ms, at_ms)
    }

    /// Whether a step can happen for sure.
    pub fn allows(&self, step: &DayStep) -> bool {
        if step.device == ALL_DEVICES {
            return (0..DEVICES_MAX).any(|device| self.is_logged_in(device, step.at_ms));
        }
        let device = usize::from(step.device);
        match step.action {
            Action::Login => true,
            Action::Logout | Action::SetStatus(_) | Action::SetStatusFor(..) | Action::Activity => {
                self.is_logged_in(device, step.at_ms)
            }
            Action::Disconnect => self.devices[device].link == Link::Connected,
            Action::Reconnect => match self.devices[device].link {
                Link::Lost(since_ms) => self.is_heard_of(since_ms, step.at_ms),
                _ => false,
            },
        }
    }

    /// Takes a step that can happen.
    pub fn take(&mut self, step: &DayStep) {
        if step.device != ALL_DEVICES {
            return self.take_on(usize::from(step.device), step);
        }
        for device in 0..DEVICES_MAX {
            if step.action == Action::Logout || self.is_logged_in(device, step.at_ms) {
                self.take_on(device, step);
            }
        }
    }

    fn take_on(&mut self, device: usize, step: &DayStep) {
        let is_logged_in = self.is_logged_in(device, step.at_ms);
        let session = &mut self.devices[device];
        match step.action {
            Action::Login => {
                *session = DeviceSession { link: Link::Connected, status: Chosen::Online }
            }
            Action::Logout => session.link = Link::LoggedOut,
            // Days have no statuses for a time.
            Action::SetStatus(chosen) | Action::SetStatusFor(chosen, _) => session.status = chosen,
            Action::Disconnect => session.link = Link::Lost(step.at_ms),
            Action::Reconnect if is_logged_in => session.link = Link::Connected,
            Action::Reconnect => session.link = Link::LoggedOut,
            Action::Activity => {}
        }
    }

    /// Something that cannot happen to a device now, if there is.
    pub fn impossible(&self, device: u8, at_ms: i64) -> Option<Action> {
        let device = if device == ALL_DEVICES { 0 } else { usize::from(device) };
        match self.devices[device].link {
            Link::Unknown => None,
            Link::LoggedOut => Some(Action::SetStatus(Chosen::Away)),
            Link::Connected => Some(Action::Reconnect),
            Link::Lost(_) if self.is_logged_in(device, at_ms) => Some(Action::Disconnect),
            Link::Lost(_) => Some(Action::Activity),
        }
    }

    /// What makes the devices at the beginning of a run what they are: they log in at once.
    pub fn as_steps(&self, at_ms: i64, steps: &mut Vec<DayStep>) {
        for (device, session) in self.devices.iter().enumerate() {
            if !self.is_logged_in(device, at_ms) {
                continue;
            }
            let mut push = |action| steps.push(DayStep { at_ms, device: device as u8, action });
            push(Action::Login);
            if session.status != Chosen::Online {
                push(Action::SetStatus(session.status));
            }
            if matches!(session.link, Link::Lost(_)) {
                push(Action::Disconnect);
            }
        }
    }
}
