//! Time that is kept in full on a real clock: graces that run out, auto-away that comes, statuses whose
//! time is over.

use std::collections::BTreeMap;
use std::time::Duration;

use lamplighter_core::model::{Chosen, DeviceId, DeviceStatus, Event, Instant, Millis};
use lamplighter_core::world::Timing;
use lamplighter_scenario::play::Facts;

/// From what began it to when the clock does it, for each thing that the clock does.
#[derive(Clone, Debug, Default)]
pub struct RealTimeSpans {
    /// The spans, merged where they overlap, in the order of time.
    spans: Vec<(Instant, Instant)>,
    /// Every instant at which the clock does something to a device.
    fires: Vec<Instant>,
}

impl RealTimeSpans {
    /// How much of the time between two instants is kept.
    pub fn kept(&self, from: Instant, to: Instant) -> Duration {
        let kept = self.spans.iter().map(|&(begin, end)| {
            let (begin, end) = (begin.max(from), end.min(to));
            if begin < end { end.since(begin).0 } else { 0 }
        });
        Duration::from_millis(kept.sum())
    }

    /// All that is kept.
    pub fn total(&self) -> Duration {
        self.kept(Instant::MIN, Instant::MAX)
    }

    /// What the clock does between two instants, the first one not included.
    pub fn fires(&self, from: Instant, to: Instant) -> impl Iterator<Item = Instant> {
        self.fires.iter().copied().filter(move |&at| from < at && at <= to)
    }
}

/// Finds the spans out while a scenario is rehearsed.
#[derive(Debug)]
pub struct SpanFinder {
    timing: Timing,
    pending: BTreeMap<(DeviceId, ClockEventKind), (Instant, Instant)>,
    found: Vec<(Instant, Instant)>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum ClockEventKind {
    Grace,
    Idle,
    /// A status for a time that is over (rule P9).
    Time,
}

impl SpanFinder {
    /// By the target's grace and auto-away.
    pub fn new(timing: Timing) -> Self {
        Self { timing, pending: BTreeMap::new(), found: Vec::new() }
    }

    /// Something is about to happen.
    pub fn note(&mut self, event: &Event, facts: Facts<'_>) {
        let now = facts.now();
        self.fire_until(now);
        match event {
            Event::Login(device) => {
                self.forget(*device);
                self.idles(*device, now);
            }
            Event::SetStatus(device, chosen) => self.chosen(*device, *chosen, None, now),
            Event::SetStatusFor(device, chosen, length) => {
                self.chosen(*device, *chosen, Some(*length), now);
            }
            Event::SetStatusEverywhere(agent, chosen)
            | Event::SetStatusEverywhereFor(agent, chosen, _) => {
                let devices: Vec<DeviceId> = facts.world.devices_of(*agent).collect();
                let is_in =
                    |d: &&DeviceId| facts.world.device_status(**d) != DeviceStatus::LoggedOut;
                let length = event.length();
                devices.iter().filter(is_in).for_each(|d| self.chosen(*d, *chosen, length, now));
            }
            Event::Logout(device) => self.forget(*device),
            Event::LogoutEverywhere(agent) => {
                facts.world.devices_of(*agent).for_each(|device| self.forget(device));
            }
            Event::Disconnect(device) => {
                self.pend(*device, ClockEventKind::Grace, self.timing.grace, now);
            }
            Event::Reconnect(device) => {
                self.pending.remove(&(*device, ClockEventKind::Grace));
            }
            Event::Activity(device) => {
                let is_online = facts.world.device_status(*device) == DeviceStatus::Online;
                if is_online || self.timing.auto_away.is_some() {
                    self.idles(*device, now);
                }
            }
            Event::Suspend(..) | Event::Reinstate(..) | Event::Configure(..) => {}
        }
    }

    /// What was found, once the run has come to its end.
    pub fn finish(mut self, end: Instant) -> RealTimeSpans {
        self.fire_until(end);
        let mut fires: Vec<Instant> = self.found.iter().map(|(_, fire)| *fire).collect();
        fires.sort_unstable();
        fires.dedup();
        self.found.sort_unstable();
        let mut spans: Vec<(Instant, Instant)> = Vec::new();
        for (begin, end) in self.found {
            match spans.last_mut() {
                Some(last) if begin <= last.1 => last.1 = last.1.max(end),
                _ => spans.push((begin, end)),
            }
        }
        RealTimeSpans { spans, fires }
    }

    fn chosen(&mut self, device: DeviceId, chosen: Chosen, length: Option<Millis>, now: Instant) {
        match length {
            Some(length) => self.pend(device, ClockEventKind::Time, length, now),
            None => drop(self.pending.remove(&(device, ClockEventKind::Time))),
        }
        match chosen {
            Chosen::Online => self.idles(device, now),
            _ => drop(self.pending.remove(&(device, ClockEventKind::Idle))),
        }
    }

    fn idles(&mut self, device: DeviceId, now: Instant) {
        if let Some(length) = self.timing.auto_away {
            self.pend(device, ClockEventKind::Idle, length, now);
        }
    }

    fn pend(&mut self, device: DeviceId, kind: ClockEventKind, length: Millis, now: Instant) {
        // What would come beyond the end of time never comes.
        if let Some(due) = now.checked_add(length) {
            self.pending.insert((device, kind), (now, due));
        }
    }

    fn forget(&mut self, device: DeviceId) {
        self.pending.remove(&(device, ClockEventKind::Grace));
        self.pending.remove(&(device, ClockEventKind::Idle));
        self.pending.remove(&(device, ClockEventKind::Time));
    }

    fn fire_until(&mut self, now: Instant) {
        let due: Vec<(DeviceId, ClockEventKind)> =
            self.pending.iter().filter(|(_, (_, due))| *due <= now).map(|(key, _)| *key).collect();
        for key in due {
            self.found.extend(self.pending.remove(&key));
            if key.1 == ClockEventKind::Grace {
                self.pending.remove(&(key.0, ClockEventKind::Idle));
                self.pending.remove(&(key.0, ClockEventKind::Time));
            }
        }
    }
}
