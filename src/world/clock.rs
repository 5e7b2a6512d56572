//! What the clock does by itself: grace that runs out (rule P7), auto-away (rule P8), and the
//! edges of schedules (rule S2).

use super::apply::report;
use super::{Change, Connection, World};
use crate::model::{DeviceId, DeviceStatus, Instant};

impl World {
    /// Moves the world on to an instant, through everything that the clock does until then, that
    /// instant included (rule T2), and reports the changes in the order of time; at one instant
    /// agents come first, and each agent and each widget comes once at most.
    ///
    /// # Panics
    /// When `to` lies before [`now`](Self::now): time never goes back.
    pub fn advance(&mut self, to: Instant, changes: &mut impl FnMut(Change)) {
        assert!(to >= self.now, "time never goes back: from {} to {to}", self.now);
        while let Some(at) = self.next_clock_instant().filter(|&at| at <= to) {
            self.now = at;
            if self.next_deadline() == Some(at) || !self.edges.is_plain(at) {
                self.pass_together(changes);
            } else {
                self.pass_edges(changes);
            }
        }
        self.now = to;
    }

    /// The next instant at which the clock has something to do, if there is one; it need not
    /// change what anyone sees.
    #[inline]
    pub fn next_clock_instant(&self) -> Option<Instant> {
        self.next_deadline().into_iter().chain(self.edges.next()).min()
    }

    #[inline]
    fn next_deadline(&self) -> Option<Instant> {
        self.grace_deadlines.next().into_iter().chain(self.idle_deadlines.next()).min()
    }

    /// An instant at which nothing comes but edges, of each widget one at most.
    fn pass_edges(&mut self, changes: &mut impl FnMut(Change)) {
        let (at, planes) = (self.now, &mut self.planes);
        self.edges.pass(at, &mut |widget, open| {
            report(planes.put_open(widget, open), at, changes);
        });
    }

    /// An instant at which several things can touch one agent or widget: what they come to is
    /// looked at when all is done.
    fn pass_together(&mut self, changes: &mut impl FnMut(Change)) {
        let at = self.now;
        while let Some(device) = self.grace_deadlines.pop(at) {
            self.grace_is_due(device);
        }
        while let Some(device) = self.idle_deadlines.pop(at) {
            self.idle_is_due(device);
        }
        let mut agents = std::mem::take(&mut self.touched_agents);
        let mut widgets = std::mem::take(&mut self.touched_widgets);
        // What was before is what the first of several says; sorting keeps it first.
        agents.sort_by_key(|&(agent, _)| agent);
        agents.dedup_by_key(|&mut (agent, _)| agent);
        for (agent, before) in agents.drain(..) {
            let now = self.people.status(agent);
            if now != before {
                changes(Change::Agent { at, agent, now });
                self.move_member(agent, before.into(), now.into(), &mut |step| {
                    widgets.push((step.widget, step.before));
                });
            }
        }
        let planes = &mut self.planes;
        self.edges.pass(at, &mut |widget, open| {
            let step = planes.put_open(widget, open);
            widgets.push((step.widget, step.before));
        });
        widgets.sort_by_key(|&(widget, _)| widget);
        widgets.dedup_by_key(|&mut (widget, _)| widget);
        for (widget, before) in widgets.drain(..) {
            let now = self.planes.answer(widget);
            if now != before {
                changes(Change::Widget { at, widget, before, now });
            }
        }
        (self.touched_agents, self.touched_widgets) = (agents, widgets);
    }

    fn touch(&mut self, device: DeviceId) {
        let agent = device.agent();
        self.touched_agents.push((agent, self.people.status(agent)));
    }

    fn grace_is_due(&mut self, device: DeviceId) {
        // A reconnect, logout or login since then has ended this countdown.
        if self.connection(device) == (Connection::Lost { until: Some(self.now) }) {
            self.touch(device);
            self.run_out(device);
        }
    }

    fn idle_is_due(&mut self, id: DeviceId) {
        let now = self.now;
        self.people.change(id, |device| device.put_idle_queued(false));
        if self.people.device(id).status() != DeviceStatus::Online {
            return;
        }
        if self.idle_due(id).is_some_and(|due| due <= now) {
            self.touch(id);
            self.people.change(id, |device| device.put_status(DeviceStatus::Away, true, now));
        } else {
            // There was a sign of life since the deadline was queued.
            self.queue_idle_deadline(id);
        }
    }
}
