//! What an agent does in the run: a working day in some minutes. Comes at the start or at a change of
//! shifts, goes away and comes back, is invisible, loses the connection, looks at the team, leaves.

use super::hand_over::{AgentHandOver, HandOverRole};
use super::knobs::{RunKnobs, Storm};
use super::model::{AgentAction, DeviceSlot, PlannedAgent, PlannedStep};
use crate::clock::{Micros, SECOND_US};
use lamplighter_core::model::Chosen;
use lamplighter_core::model::knobs::LogoutEnds;
use lamplighter_scenario::synth::random::RandomStream;

/// How many in a hundred work from the start of the run on.
const FROM_THE_START: u32 = 60;
/// How many in a hundred leave before the end of the run.
const LEAVES: u32 = 25;
/// How many in a hundred let their phone be.
const PHONE_STAYS_OFF: u32 = 30;
/// Two things that an agent does on a device lie so far apart at least.
const APART_US: Micros = 400_000;
/// Who comes back at the end of the grace does so within so much of it.
const NEAR_THE_END_US: u32 = 300_000;

/// Whether a device is logged in, or has lost its connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum SessionState {
    LoggedOut,
    LoggedIn,
    /// Lost its connection; comes back then.
    Lost(Micros),
}

/// The steps of an agent, in the order of time; what there is to keep is kept.
pub fn steps(
    knobs: &RunKnobs,
    number: u32,
    agent: &PlannedAgent,
    hand_over: Option<AgentHandOver>,
) -> Vec<PlannedStep> {
    let mut day = WorkingDay {
        knobs,
        agent,
        stream: RandomStream::fork(knobs.world.seed, b"journey.", number.into(), 0),
        sessions: vec![SessionState::LoggedOut; agent.devices.len()],
        steps: Vec::new(),
        now: 0,
        hand_over,
    };
    day.live();
    day.steps.sort_by_key(|step| step.at);
    day.steps
}

struct WorkingDay<'k> {
    knobs: &'k RunKnobs,
    agent: &'k PlannedAgent,
    stream: RandomStream,
    sessions: Vec<SessionState>,
    steps: Vec<PlannedStep>,
    now: Micros,
    /// What is still to be kept.
    hand_over: Option<AgentHandOver>,
}

impl WorkingDay<'_> {
    fn live(&mut self) {
        let end = self.knobs.duration_us();
        let ramp = self.knobs.ramp_us();
        let comes = match self.stream.chance(FROM_THE_START) {
            true => self.within(ramp),
            false => ramp + self.within(end * 7 / 10),
        };
        let leaves = match self.stream.chance(LEAVES) {
            true => comes + (end - comes) / 2 + self.within((end - comes) / 2),
            false => Micros::MAX,
        };
        let leaves = self.begin(comes, leaves);
        let mut storms = self.knobs.storms.clone();
        storms.sort_by_key(|storm| storm.at);
        let mut storms = storms.into_iter().peekable();
        let last = self.knobs.quiet_from_us();
        loop {
            let next = self.now + self.pause();
            let kept_from = self.hand_over.map_or(Micros::MAX, |due| due.span.from);
            let until = next.min(kept_from);
            let is_due = |storm: &Storm| (storm.at.0 * 1_000) as Micros <= until;
            if let Some(storm) = storms.next_if(is_due) {
                let at = (storm.at.0 * 1_000) as Micros;
                if at >= self.now && at < last {
                    self.come_back_until(at);
                    self.now = at;
                    self.be_in_a_storm(storm.percent);
                }
                continue;
            }
            if let Some(due) = self.hand_over.take_if(|due| due.span.from <= next) {
                self.come_back_until(due.span.from);
                self.now = due.span.from;
                self.keep(due);
                continue;
            }
            self.come_back_until(next.min(last));
            self.now = next;
            if self.now >= leaves.min(last) {
                break;
            }
            self.do_something();
        }
        if leaves < last {
            self.now = leaves.max(self.now.min(last));
            self.leave();
        }
    }

    /// Comes at a moment, or as what is to be kept asks for it; gives when to leave.
    fn begin(&mut self, comes: Micros, leaves: Micros) -> Micros {
        self.now = comes;
        let Some(AgentHandOver { role, span }) = self.hand_over else {
            self.come();
            return leaves;
        };
        if role == HandOverRole::Leaves {
            let ramp = self.knobs.ramp_us();
            self.now = comes.min(self.within(ramp));
        }
        let all_in = self.now + APART_US * self.sessions.len() as Micros + SECOND_US;
        if all_in > span.from {
            self.now = span.from;
        }
        match self.hand_over.take_if(|due| due.span.from <= self.now) {
            Some(due) => self.keep(due),
            None => self.come(),
        }
        if leaves < span.to { Micros::MAX } else { leaves }
    }

    /// Something below this length.
    fn within(&mut self, length: Micros) -> Micros {
        // In steps of a tenth of a millisecond: a run of days has room.
        Micros::from(self.stream.below((length / 100).clamp(1, i64::from(u32::MAX)) as u32)) * 100
    }

    /// How long it takes until the next thing: the pace, a quarter of it to almost twice as much.
    fn pause(&mut self) -> Micros {
        let pace = (self.knobs.pace.0 * 1_000) as Micros;
        (pace / 4 + self.within(pace * 3 / 2)).max(APART_US)
    }

    fn step(&mut self, slot: DeviceSlot, what: AgentAction) {
        self.steps.push(PlannedStep { at: self.now, slot, what });
    }

    fn login(&mut self, slot: DeviceSlot) {
        self.step(slot, AgentAction::Login);
        self.sessions[usize::from(slot)] = SessionState::LoggedIn;
    }

    fn come(&mut self) {
        self.login(0);
        for slot in 1..self.sessions.len() as DeviceSlot {
            self.now += APART_US;
            if !self.stream.chance(PHONE_STAYS_OFF) {
                self.login(slot);
            }
        }
    }

    /// Devices that lost their connection come back in time.
    fn come_back_until(&mut self, until: Micros) {
        for slot in 0..self.sessions.len() {
            if let SessionState::Lost(back) = self.sessions[slot]
                && back <= until
            {
                self.steps.push(PlannedStep {
                    at: back,
                    slot: slot as DeviceSlot,
                    what: match self.knobs.limits.reconnects {
                        true => AgentAction::Return,
                        false => AgentAction::Login,
                    },
                });
                self.sessions[slot] = SessionState::LoggedIn;
            }
        }
    }

    /// A device that stands so, if there is one: any of them.
    fn one_that(&mut self, is_so: impl Fn(SessionState) -> bool) -> Option<DeviceSlot> {
        let those: Vec<DeviceSlot> = (0..self.sessions.len())
            .filter(|&slot| is_so(self.sessions[slot]))
            .map(|s| s as DeviceSlot)
            .collect();
        (!those.is_empty()).then(|| those[self.stream.below(those.len() as u32) as usize])
    }

    fn do_something(&mut self) {
        let Some(slot) = self.one_that(|sessions| sessions == SessionState::LoggedIn) else {
            if let Some(slot) = self.one_that(|sessions| sessions == SessionState::LoggedOut) {
                self.login(slot);
            }
            return;
        };
        // Connections are lost as often as the knob says, 30 being one in twelve things.
        let limits = &self.knobs.limits;
        let loses = if limits.loses { 8 * self.knobs.world.flakiness / 30 } else { 0 };
        let looks = if limits.teams { 10 } else { 0 };
        let kinds: &[(ActionKind, u32)] = &[
            (ActionKind::Status, 58),
            (ActionKind::Everywhere, 8),
            (ActionKind::LogsOut, 7),
            (ActionKind::LogsIn, 9),
            (ActionKind::Loses, loses),
            (ActionKind::Looks, looks),
        ];
        match self.stream.weighted(kinds, |(_, weight)| *weight).0 {
            ActionKind::Status => self.set_status(slot),
            ActionKind::Everywhere => {
                let chosen = self.choose();
                self.step(slot, AgentAction::StatusEverywhere(chosen));
            }
            ActionKind::LogsOut => self.log_out(slot),
            ActionKind::LogsIn => {
                let other = self.one_that(|sessions| sessions == SessionState::LoggedOut);
                // Where all are logged in it is a fresh login (rule P1).
                self.login(other.unwrap_or(slot));
            }
            ActionKind::Loses => self.lose(slot),
            ActionKind::Looks => {
                let properties = &self.agent.properties;
                if !properties.is_empty() {
                    let which = self.stream.below(properties.len() as u32) as usize;
                    self.step(slot, AgentAction::Team(properties[which]));
                }
            }
        }
    }

    fn choose(&mut self) -> Chosen {
        let mut choices = vec![(Chosen::Online, 40), (Chosen::Away, 40), (Chosen::Invisible, 20)];
        choices.retain(|(chosen, _)| self.knobs.limits.statuses.contains(chosen));
        self.stream.weighted(&choices, |(_, weight)| *weight).0
    }

    fn set_status(&mut self, slot: DeviceSlot) {
        let chosen = self.choose();
        if self.stream.chance_per_mille(self.knobs.duplicates) {
            self.step(slot, AgentAction::StatusTwice(chosen));
        } else if self.stream.chance_per_mille(self.knobs.late) && !self.is_due_within(SECOND_US) {
            // Something on the same device comes before it, or at the same time.
            let late_us = 100_000 + self.stream.below(900_000);
            self.step(slot, AgentAction::StatusLate(chosen, late_us));
            let other = self.choose();
            self.steps.push(PlannedStep {
                at: self.now + Micros::from(late_us),
                slot,
                what: AgentAction::Status(other),
            });
        } else {
            self.step(slot, AgentAction::Status(chosen));
        }
    }

    fn lose(&mut self, slot: DeviceSlot) {
        let grace = (self.knobs.grace.0 * 1_000) as Micros;
        let away = match self.stream.below(100) {
            0..55 => grace / 5 + self.within(grace * 3 / 5),
            55..70 => {
                let near = Micros::from(self.stream.below(2 * NEAR_THE_END_US));
                grace - Micros::from(NEAR_THE_END_US) + near
            }
            _ => grace * 5 / 4 + self.within(grace),
        };
        self.step(slot, AgentAction::Lose);
        self.sessions[usize::from(slot)] = SessionState::Lost(self.now + away.max(APART_US));
    }

    /// Whether something is to be kept so soon.
    fn is_due_within(&self, length: Micros) -> bool {
        self.hand_over.is_some_and(|due| due.span.from <= self.now + length)
    }

    /// Keeps the part in a hand-over, from its begin to its end.
    fn keep(&mut self, AgentHandOver { role, span }: AgentHandOver) {
        if role == HandOverRole::Leaves
            && self.sessions.iter().all(|&sessions| sessions == SessionState::LoggedOut)
        {
            self.login(0);
            self.now += APART_US;
        }
        self.leave_everywhere();
        if role == HandOverRole::Comes {
            self.now = span.comes_at;
            self.login(0);
            self.now = span.loses_at;
            self.step(0, AgentAction::Lose);
            self.now = span.to;
            self.step(0, AgentAction::Return);
            self.sessions[0] = SessionState::LoggedIn;
        } else {
            self.now = span.to;
            self.come();
        }
    }

    /// No device stays logged in; one that has lost its connection comes back for it.
    fn leave_everywhere(&mut self) {
        let is_lost = |sessions| matches!(sessions, SessionState::Lost(_));
        let slot = self.one_that(|sessions| sessions == SessionState::LoggedIn).or_else(|| {
            let slot = self.one_that(is_lost)?;
            self.step(slot, AgentAction::Return);
            self.now += APART_US;
            Some(slot)
        });
        if let Some(slot) = slot {
            self.log_out_everywhere(slot);
        }
        self.sessions.fill(SessionState::LoggedOut);
    }

    /// Everyone's connection drops at once, for many.
    fn be_in_a_storm(&mut self, percent: u32) {
        for slot in 0..self.sessions.len() {
            if self.sessions[slot] == SessionState::LoggedIn && self.stream.chance(percent) {
                self.step(slot as DeviceSlot, AgentAction::Lose);
                let away = 300_000 + Micros::from(self.stream.below(2_700_000));
                self.sessions[slot] = SessionState::Lost(self.now + away);
            }
        }
        self.now += APART_US;
    }

    fn leave(&mut self) {
        let Some(slot) = self.one_that(|sessions| sessions == SessionState::LoggedIn) else {
            return;
        };
        match self.stream.chance(70) {
            true => self.log_out_everywhere(slot),
            false => self.log_out(slot),
        }
    }

    /// A device logs out; where the target cannot, it loses its connection for good.
    fn log_out(&mut self, slot: DeviceSlot) {
        let limits = &self.knobs.limits;
        let what = match limits.logs_out {
            true => AgentAction::Logout,
            false if limits.loses => AgentAction::Lose,
            false => return,
        };
        self.step(slot, what);
        self.sessions[usize::from(slot)] = SessionState::LoggedOut;
        if what == AgentAction::Logout && limits.rules.logout == LogoutEnds::Account {
            self.sessions.fill(SessionState::LoggedOut);
        }
    }

    /// All devices log out, told on one of them.
    fn log_out_everywhere(&mut self, slot: DeviceSlot) {
        if self.knobs.limits.logs_out {
            return self.step(slot, AgentAction::LogoutEverywhere);
        }
        for slot in 0..self.sessions.len() as DeviceSlot {
            if self.sessions[usize::from(slot)] == SessionState::LoggedIn {
                self.log_out(slot);
            }
        }
    }
}

/// What an agent can do next.
#[derive(Clone, Copy)]
enum ActionKind {
    Status,
    Everywhere,
    LogsOut,
    LogsIn,
    Loses,
    Looks,
}
