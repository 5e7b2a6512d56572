//! Entries in the order of time into rows of a trace: who is logged in where with which status, as far
//! as a log says it.
//!
//! A log of another product does not keep to Lamplighter's rules of what can happen, so here they are
//! brought together:
//!
//! | the log says | the trace says |
//! | --- | --- |
//! | a state of someone who is not logged in | a login, and the state (it began in mid-shift) |
//! | a state that is so already, a logout of someone who is not logged in | nothing |
//! | something of a device whose connection was lost | a login first: nobody knows whether its grace ran out |
//! | something of all devices | the same of each that is logged in; a login or a state of someone who is logged in nowhere: on the device that the mapping names |
//! | several intervals of one device at once | the state of the one that began last; when it ends, that of the one before |
//! | no interval of a device any more | a logout, or nothing where the mapping says that the state holds |
//! | an interval without an end | its state until the device's next interval |

mod ahead;
mod held;
mod row;
mod state;

use lamplighter_core::model::{Action, Chosen, Instant, Millis};

use crate::mapping::Gap;
use crate::sort::{ALL_DEVICES, Entry};
use crate::take::{Device, What};
pub use ahead::follow_all;
use held::HeldRows;
pub use row::Row;
use state::{Going, State};

/// What of a log needs no row, or was brought about so that the others can happen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// What was said was so already.
    pub so_already: u64,
    /// A logout, or else what needs a login, of someone who is not logged in.
    pub not_logged_in: u64,
    /// Logins that the log does not have: somebody was in a state without one.
    pub mid_shift: u64,
    /// Intervals that began while another one of the device went on.
    pub overlapping: u64,
    /// Rows of no property, of agents who are in none of those that are asked for.
    pub of_others: u64,
}

/// Follows devices through a log.
pub struct Follower {
    devices: Vec<State>,
    /// The numbers of each agent's devices, by the agent's number.
    of_agent: Vec<Vec<u32>>,
    /// The device of an agent that the log does not name, where there is one.
    nameless: Vec<Option<u32>>,
    /// Who is in a property that is asked for, by the agent's number; nobody where all are.
    is_wanted: Option<Vec<bool>>,
    gap: Gap,
    rows: HeldRows,
    counts: Counts,
}

impl Follower {
    /// Nobody is logged in yet. `nameless` is the number of the name of devices that the log does not
    /// name; such a device is added to an agent who has none.
    pub fn new(
        devices: &mut Vec<Device>,
        agents: usize,
        nameless: u32,
        (gap, gap_min): (Gap, Millis),
    ) -> Self {
        let mut of_agent = vec![Vec::new(); agents];
        let mut nameless_of = vec![None; agents];
        for (number, device) in (0..).zip(devices.iter()) {
            of_agent[device.agent as usize].push(number);
            if device.name == nameless {
                nameless_of[device.agent as usize] = Some(number);
            }
        }
        for (agent, of_agent) in (0..).zip(&mut of_agent) {
            let place: &mut Option<u32> = &mut nameless_of[agent as usize];
            if place.is_none() {
                let number = u32::try_from(devices.len()).expect("fewer than 2^32 devices");
                devices.push(Device { agent, name: nameless });
                of_agent.push(number);
                *place = Some(number);
            }
        }
        Self {
            devices: vec![State::default(); devices.len()],
            of_agent,
            nameless: nameless_of,
            is_wanted: None,
            gap,
            rows: HeldRows::new(gap_min),
            counts: Counts::default(),
        }
    }

    /// Follows these agents alone, by their numbers.
    #[must_use]
    pub fn only(mut self, agents: impl Iterator<Item = u32>) -> Self {
        let mut is_wanted = vec![false; self.of_agent.len()];
        agents.for_each(|agent| is_wanted[agent as usize] = true);
        self.is_wanted = Some(is_wanted);
        self
    }

    /// Follows an entry.
    #[inline]
    pub fn follow(&mut self, entry: Entry) {
        if self.is_wanted.as_ref().is_some_and(|is_wanted| !is_wanted[entry.agent as usize]) {
            let is_of_its_own = What::from_byte(entry.what()) != What::Ends;
            self.counts.of_others += u64::from(is_of_its_own);
            return;
        }
        let at = Instant::from_millis(entry.at_ms).expect("entries are of instants");
        self.rows.settle(Some(at));
        let what = What::from_byte(entry.what());
        if entry.device != ALL_DEVICES {
            self.one(at, entry.device, what, entry.place());
        } else {
            self.all(at, entry.agent, what, entry.place());
        }
    }

    /// The rows that are certain so far, in the order of time; whoever has passed them on takes them out.
    #[inline]
    pub fn rows(&mut self) -> &mut Vec<Row> {
        &mut self.rows.certain
    }

    /// Ends the log: all rows are certain.
    pub fn finish(&mut self) -> Counts {
        self.rows.settle(None);
        self.counts
    }

    /// Something of all devices of an agent.
    fn all(&mut self, at: Instant, agent: u32, what: What, place: u64) {
        let devices = self.of_agent[agent as usize].clone();
        let is_in = |device: &u32| self.devices[*device as usize].status.is_some();
        let logged_in: Vec<u32> = devices.into_iter().filter(is_in).collect();
        match (what, &logged_in[..]) {
            // Intervals of all devices are those of the one that the mapping names.
            (What::Begins { .. } | What::Ends, _)
            | (What::Event(Action::Login), _)
            | (What::Event(Action::SetStatus(_)), []) => {
                if let Some(device) = self.nameless[agent as usize] {
                    self.one(at, device, what, place);
                }
            }
            (What::Event(_), []) => self.counts.not_logged_in += 1,
            (What::Event(_), devices) => {
                devices.iter().for_each(|&device| self.one(at, device, what, place));
            }
        }
    }

    /// Something of one device.
    fn one(&mut self, at: Instant, device: u32, what: What, place: u64) {
        match what {
            What::Event(action) => self.event(at, device, action),
            What::Begins { status, is_open } => {
                let state = &mut self.devices[device as usize];
                if !state.going.is_empty() {
                    self.counts.overlapping += u64::from(!state.going.iter().any(|g| g.is_open));
                    state.going.retain(|going| !going.is_open);
                }
                state.going.push(Going { place, status, is_open });
                self.set(at, device, status);
            }
            What::Ends => {
                let state = &mut self.devices[device as usize];
                let was_last = state.going.last().is_some_and(|going| going.place == place);
                state.going.retain(|going| going.place != place);
                match (state.going.last(), self.gap) {
                    (Some(going), _) if was_last => {
                        let status = going.status;
                        self.set(at, device, status);
                    }
                    (None, Gap::LoggedOut) => self.leave(at, device),
                    _ => {}
                }
            }
        }
    }

    fn event(&mut self, at: Instant, device: u32, action: Action) {
        let state = &mut self.devices[device as usize];
        match (action, state.status) {
            (Action::Login, _) => {
                state.is_lost = false;
                self.row(at, device, Action::Login, Some(Chosen::Online));
            }
            (Action::SetStatus(status) | Action::SetStatusFor(status, _), _) => {
                self.set(at, device, Some(status));
            }
            (_, None) => self.counts.not_logged_in += 1,
            (Action::Logout, Some(_)) => self.set(at, device, None),
            (Action::Disconnect, Some(_)) if state.is_lost => self.counts.so_already += 1,
            (Action::Disconnect, status) => {
                state.is_lost = true;
                self.row(at, device, Action::Disconnect, status);
            }
            (Action::Reconnect, Some(_)) if !state.is_lost => self.counts.so_already += 1,
            (Action::Reconnect, status) => {
                state.is_lost = false;
                self.row(at, device, Action::Reconnect, status);
            }
            (Action::Activity, Some(status)) if state.is_lost => self.set(at, device, Some(status)),
            (Action::Activity, status) => self.row(at, device, Action::Activity, status),
        }
    }

    /// A device has a status from now on, or is logged out.
    fn set(&mut self, at: Instant, device: u32, status: Option<Chosen>) {
        let state = &mut self.devices[device as usize];
        if let Some((row, before)) = state.leaving.take()
            && self.rows.take_back(row)
        {
            state.status = before;
        }
        let Some(wanted) = status else {
            match state.status {
                None => self.counts.not_logged_in += 1,
                Some(_) => {
                    state.is_lost = false;
                    self.row(at, device, Action::Logout, None);
                }
            }
            return;
        };
        if state.status == Some(wanted) && !state.is_lost {
            self.counts.so_already += 1;
            return;
        }
        if state.status.is_none() || state.is_lost {
            self.counts.mid_shift += u64::from(state.status.is_none());
            state.is_lost = false;
            self.row(at, device, Action::Login, Some(Chosen::Online));
            if wanted == Chosen::Online {
                return;
            }
        }
        self.row(at, device, Action::SetStatus(wanted), Some(wanted));
    }

    /// No interval of a device goes on: it is logged out, unless the next begins at once.
    fn leave(&mut self, at: Instant, device: u32) {
        let state = &mut self.devices[device as usize];
        let Some(before) = state.status else { return };
        state.status = None;
        let row = Row { at, device, action: Action::Logout, status: None };
        let held = self.rows.push_perhaps(row);
        state.leaving = Some((held, Some(before)));
    }

    fn row(&mut self, at: Instant, device: u32, action: Action, status: Option<Chosen>) {
        self.devices[device as usize].status = status;
        self.rows.push(Row { at, device, action, status });
    }
}
