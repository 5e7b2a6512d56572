//! What the clock does by itself: grace that runs out (rule P7), times of statuses that are over (rule
//! P9), auto-away (rule P8), and the edges of schedules (rule S2).

use super::device::Device;
use super::planes::WidgetStep;
use super::touched::Touch;
use super::{Change, Connection, World};
use crate::model::{DeviceId, DeviceStatus, Instant};
use crate::mutations::{Mutation, is_on};

impl World {
    /// Moves the world on to an instant, through everything that the clock does until then, that
    /// instant included (rule T2), and reports the changes in the order of time; at one instant
    /// agents come first, and each agent and each widget comes once at most.
    ///
    /// # Panics
    /// When `to` lies before [`now`](Self::now): time never goes back.
    #[inline]
    pub fn advance(&mut self, to: Instant, changes: &mut impl FnMut(Change)) {
        // So it is for nearly every instant at which something happens.
        if to >= self.now && to < self.busy_from {
            debug_assert!(
                self.next_clock_instant().is_none_or(|next| next > to),
                "something was set that is due before {to}, and nobody said so"
            );
            self.now = to;
        } else {
            self.pass_to(to, changes);
        }
    }

    /// Something was set that is due at an instant.
    #[inline]
    pub(super) fn is_due(&mut self, at: Instant) {
        self.busy_from = self.busy_from.min(at);
    }

    #[inline(never)]
    fn pass_to(&mut self, to: Instant, changes: &mut impl FnMut(Change)) {
        assert!(to >= self.now, "time never goes back: from {} to {to}", self.now);
        match self.planes.go_by_the_book() {
            true => self.pass_until::<true>(to, changes),
            false => self.pass_until::<false>(to, changes),
        }
        self.now = to;
        self.busy_from = self.next_clock_instant().unwrap_or(Instant::MAX);
    }

    /// Passes each instant at which the clock has something to do; `BY_THE_BOOK` says whether what
    /// widgets show goes by the rule book.
    #[inline]
    fn pass_until<const BY_THE_BOOK: bool>(
        &mut self,
        to: Instant,
        changes: &mut impl FnMut(Change),
    ) {
        while let Some(at) = self.next_clock_instant().filter(|&at| at <= to) {
            if is_on(Mutation::ClockAfterEvents) && at == to {
                break;
            }
            self.now = at;
            if self.pass_over_grace() {
                continue;
            }
            if !BY_THE_BOOK || self.next_deadline() == Some(at) || !self.edges.is_plain(at) {
                self.pass_together::<BY_THE_BOOK>(changes);
            } else {
                self.pass_edges(changes);
            }
        }
    }

    /// Takes the next grace that is due at this instant, if nothing else is and it was ended long ago, as most
    /// are; whether it was so.
    fn pass_over_grace(&mut self) -> bool {
        if self.grace_deadlines.next() != Some(self.now)
            || self.edges.next() == Some(self.now)
            || is_on(Mutation::CountdownSurvivesReconnect)
        {
            return false;
        }
        let is_over = |id: DeviceId| self.graces.get(&id) != Some(&Some(self.now));
        let passes = self.grace_deadlines.next_device().is_some_and(is_over);
        if passes {
            self.grace_deadlines.pop(self.now);
        }
        passes
    }

    /// The next instant at which the clock has something to do, if there is one; it need not
    /// change what anyone sees.
    #[inline]
    pub fn next_clock_instant(&self) -> Option<Instant> {
        self.next_deadline().into_iter().chain(self.edges.next()).min()
    }

    #[inline]
    fn next_deadline(&self) -> Option<Instant> {
        let deadlines = self.grace_deadlines.next().into_iter().chain(self.idle_deadlines.next());
        match self.timed.is_empty() {
            true => deadlines.min(),
            false => deadlines.chain(self.timed.next()).min(),
        }
    }

    /// An instant at which nothing comes but edges, of each widget one at most.
    fn pass_edges(&mut self, changes: &mut impl FnMut(Change)) {
        let (at, planes) = (self.now, &mut self.planes);
        self.edges.pass(at, &mut |widget, open| {
            if let Some(WidgetStep { widget, before, now }) = planes.put_open(widget, open) {
                changes(Change::Widget { at, widget, before, now });
            }
        });
    }

    /// An instant at which several things can touch one agent or widget: what they come to is
    /// looked at when all is done.
    fn pass_together<const BY_THE_BOOK: bool>(&mut self, changes: &mut dyn FnMut(Change)) {
        let at = self.now;
        let unreported =
            is_on(Mutation::EdgeBesideDeadlineUnreported) && self.next_deadline() == Some(at);
        let mut touched = std::mem::take(&mut self.touched);
        while let Some(device) = self.grace_deadlines.pop(at) {
            self.grace_is_due(device, &mut |note| touched.take(note));
        }
        if !self.timed.is_empty() {
            self.times_are_over(&mut |note| touched.take(note));
        }
        while let Some(device) = self.idle_deadlines.pop(at) {
            self.idle_is_due(device, &mut |note| touched.take(note));
        }
        let planes = &mut self.planes;
        self.edges.pass(at, &mut |widget, open| {
            let step = match BY_THE_BOOK {
                true => planes.put_open(widget, open),
                false => planes.put_open_by_any_rules(widget, open),
            };
            if let Some(step) = step
                && !unreported
            {
                touched.take(Touch::Widget(step));
            }
        });
        self.report_touched(touched, changes);
    }

    fn grace_is_due(&mut self, id: DeviceId, notes: &mut dyn FnMut(Touch)) {
        // A reconnect, logout or login since then has ended this countdown.
        let strikes = self.connection(id) == (Connection::Lost { until: Some(self.now) });
        let stale =
            is_on(Mutation::CountdownSurvivesReconnect) && self.people.device(id).is_logged_in();
        if strikes || stale {
            if self.people.go_by_other_rules() {
                return self.run_out(id, notes);
            }
            self.change_device(id, Device::RAN_OUT, notes);
            if !self.timed.is_empty() {
                self.timed.end(id);
            }
        }
    }

    fn idle_is_due(&mut self, id: DeviceId, notes: &mut dyn FnMut(Touch)) {
        self.idle[id.slot()][id.agent().index()].is_queued = false;
        let device = self.people.device(id);
        let goes = device.status() == DeviceStatus::Online
            || is_on(Mutation::InvisibleGoesAway) && device.status() == DeviceStatus::Invisible;
        if !goes {
            return;
        }
        if self.idle_due(id).is_some_and(|due| due <= self.now) {
            if self.people.go_by_other_rules() {
                return self.go_idle_by_other_rules(id, notes);
            }
            self.change_device(id, device.away_by_rule(), notes);
        } else if !is_on(Mutation::AutoAwayTriesOnce) {
            // There was a sign of life since the deadline was queued.
            self.queue_idle_deadline(id);
        }
    }
}
