//! What the clock does by itself: grace that runs out (rule P7), auto-away (rule P8), and the
//! edges of schedules (rule S2).

use std::cmp::Reverse;

use super::{Change, Connection, Deadline, World};
use crate::model::{DeviceId, DeviceStatus, Instant};

impl World {
    /// Moves the world on to an instant, through everything that the clock does until then, that
    /// instant included (rule T2), and reports the changes in the order of time; at one instant,
    /// one at most for each agent and each widget.
    ///
    /// # Panics
    /// When `to` lies before [`now`](Self::now): time never goes back.
    pub fn advance(&mut self, to: Instant, changes: &mut impl FnMut(Change)) {
        assert!(to >= self.now, "time never goes back: from {} to {to}", self.now);
        while let Some(at) = self.next_clock_instant().filter(|&at| at <= to) {
            self.now = at;
            while let Some(&Reverse((due, deadline))) = self.deadlines.peek()
                && due == at
            {
                self.deadlines.pop();
                match deadline {
                    Deadline::Grace(device) => self.grace_is_due(device),
                    Deadline::Idle(device) => self.idle_is_due(device),
                }
            }
            while let Some(&Reverse((due, schedule))) = self.edges.peek()
                && due == at
            {
                self.edges.pop();
                self.edge_is_due(schedule);
            }
            self.finish_step(changes);
        }
        self.now = to;
    }

    /// The next instant at which the clock has something to do, if there is one; it need not
    /// change what anyone sees.
    pub fn next_clock_instant(&self) -> Option<Instant> {
        let deadline = self.deadlines.peek().map(|Reverse((at, _))| *at);
        let edge = self.edges.peek().map(|Reverse((at, _))| *at);
        deadline.into_iter().chain(edge).min()
    }

    pub(super) fn queue_deadline(&mut self, at: Instant, deadline: Deadline) {
        self.deadlines.push(Reverse((at, deadline)));
    }

    fn grace_is_due(&mut self, device: DeviceId) {
        // A reconnect, logout or login since then has ended this countdown.
        if self.connection(device) == (Connection::Lost { until: Some(self.now) }) {
            self.run_out(device);
        }
    }

    fn idle_is_due(&mut self, id: DeviceId) {
        let now = self.now;
        let device = &mut self.devices[id.index()];
        device.idle_deadline_queued = false;
        if device.status != DeviceStatus::Online {
            return;
        }
        let due = self.timing.auto_away.and_then(|idle| device.active_at.checked_add(idle));
        if due.is_some_and(|due| due <= now) {
            device.away_by_rule = true;
            self.put_status(id, DeviceStatus::Away);
        } else {
            // There was a sign of life since the deadline was queued.
            self.queue_idle_deadline(id);
        }
    }

    fn edge_is_due(&mut self, id: usize) {
        let shared = &mut self.schedules[id];
        if shared.next_edge != Some(self.now) || shared.widgets.is_empty() {
            return;
        }
        shared.open = !shared.open;
        shared.next_edge = shared.schedule.next_edge(self.now);
        if let Some(edge) = shared.next_edge {
            self.edges.push(Reverse((edge, id)));
        }
        for place in 0..self.schedules[id].widgets.len() {
            self.refresh(self.schedules[id].widgets[place]);
        }
    }
}
