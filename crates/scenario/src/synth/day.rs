//! What an agent does on one working day: a pure function of the population, the agent and the date.
//!
//! A day begins with logging in wherever the agent works, so that it does not matter how the day before
//! it ended. Its steps lie between [`BEFORE_MS`](super::shift::BEFORE_MS) before the shift and [`AFTER_MS`](super::shift::AFTER_MS) behind it, and shifts
//! are so far apart that days never overlap.

use super::MINUTE_MS;
use super::connections;
use super::population::{Agent, Population};
use super::random::RandomStream;
use super::sessions::{DEVICES_MAX, DeviceSessions};
use super::shift::{ALL_DEVICES, DayStep, DeviceUse, Shift};
use lamplighter_core::model::Action;
use lamplighter_core::model::Chosen;

/// The device that an agent works on.
const LAPTOP: u8 = 0;
const PHONE: u8 = 1;

/// What the agent of a shift does, in the order of time. Every step can happen, but for what the knob
/// `anomalies` adds.
pub(super) fn steps(shift: &Shift, population: &Population, steps: &mut Vec<DayStep>) {
    steps.clear();
    let habits = population.agent(shift.agent);
    let mut writer = Writer { population, habits, shift, losses: [0; DEVICES_MAX], steps };
    if !writer.people() {
        return;
    }
    steps.sort_by_key(|step| step.at_ms);
    keep_possible(shift, population, steps);
}

fn keep_possible(shift: &Shift, population: &Population, steps: &mut Vec<DayStep>) {
    let mut sessions =
        DeviceSessions::new(population.knobs(), population.agent(shift.agent).never_logs_out);
    steps.retain(|step| {
        let allowed = sessions.allows(step);
        if allowed {
            sessions.take(step);
        }
        allowed
    });
    if population.knobs().anomalies == 0 {
        return;
    }
    let mut stream = shift.stream(population, b"anomaly.", 0);
    let mut sessions =
        DeviceSessions::new(population.knobs(), population.agent(shift.agent).never_logs_out);
    let mut with_anomalies = Vec::with_capacity(steps.len() * 2);
    for step in steps.drain(..) {
        sessions.take(&step);
        with_anomalies.push(step);
        if stream.chance_per_mille(population.knobs().anomalies)
            && let Some(action) = sessions.impossible(step.device, step.at_ms)
        {
            let device = if step.device == ALL_DEVICES { LAPTOP } else { step.device };
            with_anomalies.push(DayStep { at_ms: step.at_ms, device, action });
        }
    }
    *steps = with_anomalies;
}

/// Writes down what an agent means to do, in any order.
struct Writer<'a> {
    population: &'a Population,
    habits: &'a Agent,
    shift: &'a Shift,
    /// How often each device loses its connection.
    losses: [u32; DEVICES_MAX],
    steps: &'a mut Vec<DayStep>,
}

impl Writer<'_> {
    /// Whether there is a working day at all.
    fn people(&mut self) -> bool {
        let mut stream = self.shift.stream(self.population, b"shift...", 0);
        // Ill, or on leave.
        if stream.chance(4) {
            return false;
        }
        let lateness = u32::from(self.habits.lateness_minutes);
        let mut arrive_ms =
            self.shift.start_ms + seconds(stream.around(0, (lateness + 8) * 60)) - 8 * MINUTE_MS;
        let delay_ms = seconds(stream.between(10 * 60, 45 * 60));
        if stream.chance(5) {
            arrive_ms += delay_ms;
        }
        let overtime_ms = seconds(stream.mostly_small(0, 35 * 60));
        let leave_ms = self.shift.end_ms - 4 * MINUTE_MS + overtime_ms;
        if arrive_ms + 30 * MINUTE_MS > leave_ms {
            return false;
        }
        let mut devices = self.shift.stream(self.population, b"devices.", 0);
        self.losses = self.losses.map(|_| devices.count(self.population.knobs().flakiness));
        self.laptop(&mut stream, arrive_ms, leave_ms);
        self.other_devices(&mut devices, arrive_ms, leave_ms);
        self.breaks(arrive_ms, leave_ms);
        true
    }

    fn laptop(&mut self, stream: &mut RandomStream, arrive_ms: i64, leave_ms: i64) {
        let for_ever = self.habits.never_logs_out;
        let (end, lid) = (stream.below(100), stream.below(1_000));
        if for_ever {
            self.push(arrive_ms, LAPTOP, Action::SetStatus(Chosen::Online));
            if end < 60 {
                self.push(leave_ms, LAPTOP, Action::SetStatus(Chosen::Away));
            }
        } else {
            self.push(arrive_ms, LAPTOP, Action::Login);
            // A closed lid is a lost connection; the worse the network, the less people log out.
            if lid < self.population.knobs().flakiness.min(100) {
                self.push(leave_ms, LAPTOP, Action::Disconnect);
            } else if end < 1 {
                // Forgotten until the next login.
            } else if end < 10 {
                self.push(leave_ms, ALL_DEVICES, Action::Logout);
            } else {
                self.push(leave_ms, LAPTOP, Action::Logout);
            }
        }
        self.connect(DeviceUse { device: LAPTOP, from_ms: arrive_ms, to_ms: leave_ms, for_ever });
    }

    fn other_devices(&mut self, stream: &mut RandomStream, arrive_ms: i64, leave_ms: i64) {
        let devices = self.population.knobs().devices as u8;
        if devices <= PHONE {
            return;
        }
        let takes_phone = stream.chance(85);
        let phone_ms = arrive_ms + seconds(stream.between(0, 50 * 60)) - 30 * MINUTE_MS;
        let left_on = stream.chance(self.population.knobs().phones_left_on);
        let is_put_down_late = stream.chance(30);
        let soon_ms = leave_ms + seconds(stream.between(0, 50 * 60)) - 5 * MINUTE_MS;
        let late_ms = leave_ms + seconds(stream.between(60 * 60, 210 * 60));
        if takes_phone && self.habits.uses_phone {
            self.push(phone_ms, PHONE, Action::Login);
            let end_ms = if is_put_down_late { late_ms } else { soon_ms };
            if !left_on {
                self.push(end_ms, PHONE, Action::Logout);
            }
            let to_ms = if left_on { leave_ms } else { end_ms };
            self.connect(DeviceUse { device: PHONE, from_ms: phone_ms, to_ms, for_ever: false });
        }
        for device in PHONE + 1..devices {
            let is_used = stream.chance(30);
            let worked_ms = (leave_ms - arrive_ms) as u32;
            let from_ms = arrive_ms + whole_seconds(stream.below(worked_ms / 2));
            let to_ms = from_ms + whole_seconds(stream.between(worked_ms / 8, worked_ms / 2));
            if is_used {
                self.push(from_ms, device, Action::Login);
                self.push(to_ms, device, Action::Logout);
                self.connect(DeviceUse { device, from_ms, to_ms, for_ever: false });
            }
        }
    }

    fn breaks(&mut self, arrive_ms: i64, leave_ms: i64) {
        let mut stream = self.shift.stream(self.population, b"breaks..", 0);
        let worked_ms = (leave_ms - arrive_ms) as u32;
        let middle_ms = self.shift.start_ms + (self.shift.end_ms - self.shift.start_ms) / 2;
        let lunch_ms = middle_ms + seconds(stream.around(0, 90 * 60)) - 45 * MINUTE_MS;
        let lunch_length_ms = seconds(stream.around(25 * 60, 65 * 60));
        let forgotten_ms = seconds(stream.between(30 * 60, 90 * 60));
        let everywhere = stream.chance(35);
        let (takes_lunch, forgets) = (stream.chance(88), stream.chance(6));
        if takes_lunch && worked_ms > 5 * 3_600_000 {
            let back_ms = lunch_ms + lunch_length_ms + if forgets { forgotten_ms } else { 0 };
            self.pause(Chosen::Away, everywhere, lunch_ms, back_ms);
        }
        for _ in 0..stream.mostly_small(0, 2) {
            let from_ms = arrive_ms + whole_seconds(stream.below(worked_ms));
            let to_ms = from_ms + seconds(stream.between(4 * 60, 15 * 60));
            self.pause(Chosen::Away, false, from_ms, to_ms);
        }
        if stream.chance(10) {
            let from_ms = arrive_ms + whole_seconds(stream.below(worked_ms));
            let to_ms = from_ms + seconds(stream.between(8 * 60, 40 * 60));
            let everywhere = stream.chance(60);
            self.pause(Chosen::Invisible, everywhere, from_ms, to_ms);
        }
        // Where idle devices go away, people are busy on theirs.
        let active_count = match self.population.knobs().auto_away {
            Some(_) => stream.between(4, 16),
            None if stream.chance(12) => stream.between(1, 3),
            None => 0,
        };
        for _ in 0..active_count {
            let at_ms = arrive_ms + whole_seconds(stream.below(worked_ms));
            self.push(at_ms, LAPTOP, Action::Activity);
        }
    }

    /// A time with another status, and back online.
    fn pause(&mut self, status: Chosen, everywhere: bool, from_ms: i64, to_ms: i64) {
        let device = if everywhere { ALL_DEVICES } else { LAPTOP };
        self.push(from_ms, device, Action::SetStatus(status));
        self.push(to_ms, device, Action::SetStatus(Chosen::Online));
    }

    fn connect(&mut self, used: DeviceUse) {
        let count = self.losses[usize::from(used.device)];
        connections::lose(self.population, self.shift, used, count, self.steps);
    }

    fn push(&mut self, at_ms: i64, device: u8, action: Action) {
        self.steps.push(DayStep { at_ms, device, action });
    }
}

fn seconds(count: u32) -> i64 {
    i64::from(count) * 1_000
}

/// People's doings are noted to the second.
fn whole_seconds(length_ms: u32) -> i64 {
    seconds(length_ms / 1_000)
}
