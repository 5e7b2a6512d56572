//! What the clock does by itself, and when (rules P7 to P9 and T2).

use std::collections::BTreeSet;

use super::{Holder, Login, Oracle, Set, Status};
use crate::model::knobs::IdleMeans;
use crate::model::{Chosen, DeviceId, Instant};

impl Oracle {
    /// Lets the clock run on to an instant, that one included (rule T2).
    ///
    /// # Panics
    /// When time would go back.
    pub fn advance(&mut self, to: Instant) {
        assert!(to >= self.now, "time never goes back");
        while let Some(at) = self.next_deadline().filter(|&at| at <= to) {
            self.now = at;
            self.strike();
        }
        self.now = to;
    }

    /// What the clock does to devices at the instant that has been reached: first who is logged out
    /// (rule P7), then whose status was for a time that is over (rule P9), then who is left and goes
    /// away (rule P8).
    pub(super) fn strike(&mut self) {
        for (device, login) in self.logins.clone() {
            if self.grace_ends(&login).is_some_and(|at| at <= self.now) {
                self.logins.remove(&device);
                self.ran_out.insert(device);
            }
        }
        for (holder, status) in self.statuses.clone() {
            if self.is_over_at(holder, &status).is_some_and(|at| at <= self.now) {
                // As if by hand at this instant.
                let (now, active_at, given) = (status.chosen, self.now, self.one_more());
                let (set, for_a_time) = (Set::ByHand, None);
                let back = Status { now, set, for_a_time, active_at, given, ..status };
                self.statuses.insert(holder, back);
            }
        }
        for (holder, status) in self.statuses.clone() {
            if self.is_idle_at(holder, &status).is_some_and(|at| at <= self.now) {
                self.go_idle(holder);
            }
        }
    }

    /// Rule P8 and the knob `idle`.
    fn go_idle(&mut self, holder: Holder) {
        match self.rules.idle {
            IdleMeans::Away => {
                let given = self.one_more();
                if let Some(status) = self.statuses.get_mut(&holder) {
                    (status.now, status.set, status.given) = (Chosen::Away, Set::ByTheClock, given);
                }
            }
            IdleMeans::LoggedOut => {
                for device in self.devices_of(holder) {
                    self.logins.remove(&device);
                    self.ran_out.insert(device);
                }
            }
        }
    }

    /// The logged-in devices that show a status.
    fn devices_of(&self, holder: Holder) -> Vec<DeviceId> {
        let devices = self.logins.keys().copied();
        devices.filter(|device| self.holder(*device) == holder).collect()
    }

    /// Whether some logged-in device shows a status.
    fn is_logged_in(&self, holder: Holder) -> bool {
        match holder {
            Holder::Device(device) => self.logins.contains_key(&device),
            Holder::Agent(agent) => self.logged_in_of(agent).next().is_some(),
        }
    }

    /// Rule P7: the instant from which a device counts as logged out; `None` past the year 9999.
    pub(super) fn grace_ends(&self, login: &Login) -> Option<Instant> {
        login.lost_at?.checked_add(self.grace)
    }

    /// Rule P9: the instant at which a status for a time is over; only what is logged in has one.
    fn is_over_at(&self, holder: Holder, status: &Status) -> Option<Instant> {
        status.for_a_time.flatten().filter(|_| self.is_logged_in(holder))
    }

    /// Rule P8: the instant at which what is online has been idle for long enough.
    fn is_idle_at(&self, holder: Holder, status: &Status) -> Option<Instant> {
        let idle = status.active_at.checked_add(self.auto_away?)?;
        (status.now == Chosen::Online && self.is_logged_in(holder)).then_some(idle)
    }

    /// All instants at which rule P7, P8 or P9 will do something, as things stand.
    pub fn deadlines(&self) -> BTreeSet<Instant> {
        self.each_deadline().flatten().flatten().collect()
    }

    /// The first of them.
    fn next_deadline(&self) -> Option<Instant> {
        self.each_deadline().filter_map(|due| due.into_iter().flatten().min()).min()
    }

    /// Those of each connection, and of each status.
    fn each_deadline(&self) -> impl Iterator<Item = [Option<Instant>; 3]> {
        let graces = self.logins.values().map(|login| [self.grace_ends(login), None, None]);
        let by_status = self.statuses.iter().map(|(holder, status)| {
            let over = self.is_over_at(*holder, status);
            // Whoever goes back to online is idle from then on.
            let idle_again = over.filter(|_| status.chosen == Chosen::Online);
            let idle_again = idle_again.and_then(|at| at.checked_add(self.auto_away?));
            [over, self.is_idle_at(*holder, status), idle_again]
        });
        graces.chain(by_status)
    }
}
