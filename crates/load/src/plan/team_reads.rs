//! Looks at teams behind writes, laid into an agent's working day. Behind a write that has been answered
//! only one answer is right for a member, where of a widget, which shows the highest of all members
//! (rule P5), nearly any can be. So the agent looks
//! - right behind logins: always where the device had been given another status before, which a fresh
//!   login ends (rule P1), else now and then;
//! - right behind statuses and logouts, now and then, and always behind a status that was sent twice;
//! - behind statuses that are *overwritten*: where there is room for it an agent takes another status
//!   soon, or logs in anew, such that it shows; and looks right behind that, and once more some seconds
//!   later: what a write that was sent again has changed by then, shows.

use super::knobs::RunKnobs;
use super::limits::ShowsWithin;
use super::model::{AgentAction, DeviceSlot, PlannedAgent, PlannedStep, PropertyIndex};
use crate::clock::Micros;
use lamplighter_core::model::Chosen;
use lamplighter_scenario::synth::random::RandomStream;

/// So many writes in a hundred are looked at right behind, of those that are not looked at anyway.
const LOOKED_AT: u32 = 20;
/// So many statuses in a hundred are overwritten, where there is room and it shows.
const OVERWRITTEN: u32 = 50;
/// So many in a hundred of those by a fresh login, where a login changes what shows.
const BY_A_LOGIN: u32 = 40;
/// Behind a status that is overwritten the agent does nothing else for so long at least.
const ROOM_US: Micros = 3_200_000;
/// It is overwritten so soon at the earliest, and within this beside it.
const OVERWRITTEN_AFTER_US: (Micros, u32) = (400_000, 600_000);
/// It is looked at so long behind the first status at the earliest, and within this beside it: who sends
/// a write again does so when a second or two have gone by without an answer.
const LOOKED_AT_AFTER_US: (Micros, u32) = (2_400_000, 1_600_000);
/// A look comes so long before whatever the agent does next, or behind the time in which a write may not
/// show yet.
const ASIDE_US: Micros = 150_000;
/// What an agent does in a plan grows by at most so many writes for each thing done,
pub const WRITES_ADDED: f64 = 0.2;
/// and by so many looks.
pub const TEAM_READS_ADDED: f64 = 0.8;

/// The steps of an agent with looks among them, in the order of time.
pub fn with_team_reads(
    knobs: &RunKnobs,
    number: u32,
    agent: &PlannedAgent,
    steps: Vec<PlannedStep>,
) -> Vec<PlannedStep> {
    if !knobs.limits.teams || agent.properties.is_empty() {
        return steps;
    }
    let mut looks = TeamReadsPlanner {
        knobs,
        agent,
        shows_within: knobs.limits.shows_within,
        stream: RandomStream::fork(knobs.world.seed, b"looks...", number.into(), 0),
        devices: vec![PlannedDevice::default(); agent.devices.len()],
        steps: Vec::with_capacity(steps.len() * 2),
    };
    let last = knobs.quiet_from_us();
    for (place, step) in steps.iter().enumerate() {
        let next = steps.get(place + 1).map_or(last, |next| next.at.min(last));
        looks.take(*step, next);
    }
    looks.steps
}

/// Of looks at one team, given in the order of time, those are dropped that come sooner behind another
/// than the target lets anybody read it.
pub fn keep_apart(agents: &mut [PlannedAgent], apart: Micros) {
    if apart == 0 {
        return;
    }
    let mut all: Vec<(PropertyIndex, Micros, usize, usize)> = Vec::new();
    for (number, agent) in agents.iter().enumerate() {
        let looks = agent.steps.iter().enumerate();
        all.extend(looks.filter_map(|(place, step)| match step.what {
            AgentAction::Team(property) | AgentAction::TeamBehind(property) => {
                Some((property, step.at, number, place))
            }
            _ => None,
        }));
    }
    all.sort_unstable();
    let mut last: Option<(PropertyIndex, Micros)> = None;
    let mut dropped: Vec<(usize, usize)> = Vec::new();
    for (property, at, number, place) in all {
        match last {
            Some((of, before)) if of == property && at - before < apart => {
                dropped.push((number, place));
            }
            _ => last = Some((property, at)),
        }
    }
    // From the last place on, so that those before it stay what they are.
    dropped.sort_unstable_by(|one, other| other.cmp(one));
    for (number, place) in dropped {
        agents[number].steps.remove(place);
    }
}

/// What a device shows, as far as the plan goes.
#[derive(Clone, Copy, Default, Debug)]
struct PlannedDevice {
    /// What it is, where it is logged in.
    now: Option<Chosen>,
    /// What it was given last, whether or not it is still logged in.
    given: Option<Chosen>,
    /// When it lost its connection, if it has.
    lost: Option<Micros>,
}

impl PlannedDevice {
    fn give(&mut self, status: Chosen) {
        *self = Self { now: Some(status), given: Some(status), lost: None };
    }
}

struct TeamReadsPlanner<'k> {
    knobs: &'k RunKnobs,
    agent: &'k PlannedAgent,
    shows_within: ShowsWithin,
    stream: RandomStream,
    devices: Vec<PlannedDevice>,
    steps: Vec<PlannedStep>,
}

impl TeamReadsPlanner<'_> {
    /// A step of the day, and what is laid behind it, until the next.
    fn take(&mut self, step: PlannedStep, next: Micros) {
        let PlannedStep { at, slot, what } = step;
        let given = self.devices[usize::from(slot)].given;
        self.steps.push(step);
        self.follow(step);
        let ShowsWithin { login, status, logout } = self.shows_within;
        match what {
            AgentAction::Login => {
                let is_over = given.is_some_and(|given| given != Chosen::Online);
                if is_over || self.stream.chance(LOOKED_AT) {
                    self.look_behind(at, login, next);
                }
            }
            AgentAction::Status(chosen) => {
                let has_room = next - at >= ROOM_US;
                if !(has_room
                    && self.stream.chance(OVERWRITTEN)
                    && self.overwrite(step, chosen, next))
                    && self.stream.chance(LOOKED_AT)
                {
                    self.look_behind(at, status, next);
                }
            }
            AgentAction::StatusTwice(_) => self.look_behind(at, status, next),
            AgentAction::StatusEverywhere(_) if self.stream.chance(LOOKED_AT) => {
                self.look_behind(at, status, next);
            }
            AgentAction::Logout if self.stream.chance(LOOKED_AT) => {
                self.look_behind(at, logout, next);
            }
            AgentAction::StatusEverywhere(_)
            | AgentAction::Logout
            | AgentAction::StatusLate(..)
            | AgentAction::LogoutEverywhere
            | AgentAction::Lose
            | AgentAction::Return
            | AgentAction::Team(_)
            | AgentAction::TeamBehind(_) => {}
        }
    }

    /// What devices are once a step is done.
    fn follow(&mut self, PlannedStep { at, slot, what }: PlannedStep) {
        let grace = (self.knobs.grace.0 * 1_000) as Micros;
        let device = &mut self.devices[usize::from(slot)];
        match what {
            AgentAction::Login => device.give(Chosen::Online),
            AgentAction::Status(chosen) | AgentAction::StatusTwice(chosen) => device.give(chosen),
            AgentAction::StatusEverywhere(chosen) => {
                let there = self.devices.iter_mut().filter(|device| device.now.is_some());
                there.for_each(|device| device.give(chosen));
            }
            AgentAction::Logout => device.now = None,
            AgentAction::LogoutEverywhere => {
                self.devices.iter_mut().for_each(|device| device.now = None);
            }
            AgentAction::Lose => device.lost = Some(at),
            AgentAction::Return => match device.lost.take() {
                Some(lost) if at - lost < grace => {}
                _ => device.give(Chosen::Online),
            },
            AgentAction::StatusLate(..) | AgentAction::Team(_) | AgentAction::TeamBehind(_) => {}
        }
    }

    /// A look right behind a write, or as soon as it must show; none where the agent has something else to
    /// do by then, or is logged in nowhere.
    fn look_behind(&mut self, at: Micros, shows_within: Micros, next: Micros) {
        match shows_within {
            0 => self.look(at, AgentAction::TeamBehind),
            late => {
                let at = at + late + ASIDE_US;
                if at < next {
                    self.look(at, AgentAction::Team);
                }
            }
        }
    }

    fn look(&mut self, at: Micros, what: impl FnOnce(PropertyIndex) -> AgentAction) {
        let is_there = |device: &PlannedDevice| device.now.is_some() && device.lost.is_none();
        let Some(slot) = self.devices.iter().position(is_there) else { return };
        let property = *self.stream.one_of(&self.agent.properties);
        self.steps.push(PlannedStep { at, slot: slot as DeviceSlot, what: what(property) });
    }

    /// Overwrites a status soon, such that it shows, and looks at it; whether it can.
    fn overwrite(&mut self, first: PlannedStep, chosen: Chosen, next: Micros) -> bool {
        let Some(what) = self.overwriting(first.slot, chosen) else { return false };
        let (earliest, spread) = OVERWRITTEN_AFTER_US;
        let at = first.at + earliest + Micros::from(self.stream.below(spread));
        let second = PlannedStep { at, slot: first.slot, what };
        self.steps.push(second);
        self.follow(second);
        let ShowsWithin { login, status, .. } = self.shows_within;
        let shows_within = if what == AgentAction::Login { login } else { status };
        let (earliest, spread) = LOOKED_AT_AFTER_US;
        let later = first.at + earliest + Micros::from(self.stream.below(spread));
        let later = later.min(next - ASIDE_US);
        self.look_behind(at, shows_within, later);
        self.look(later, AgentAction::Team);
        true
    }

    /// What overwrites the status of a device so that team-mates see another one (rule P4), if anything
    /// does.
    fn overwriting(&mut self, slot: DeviceSlot, chosen: Chosen) -> Option<AgentAction> {
        let others = (0..).zip(&self.devices).filter(|(other, _)| *other != slot);
        let highest = others.filter_map(|(_, device)| device.now).max();
        let shows = |other: Chosen| highest.max(Some(other)) != highest.max(Some(chosen));
        if shows(Chosen::Online) && self.stream.chance(BY_A_LOGIN) {
            return Some(AgentAction::Login);
        }
        let statuses: Vec<Chosen> =
            self.knobs.limits.statuses.iter().copied().filter(|other| shows(*other)).collect();
        (!statuses.is_empty()).then(|| AgentAction::Status(*self.stream.one_of(&statuses)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::{draw, knobs};
    use lamplighter_core::model::Millis;

    fn is_look(what: AgentAction) -> bool {
        matches!(what, AgentAction::Team(_) | AgentAction::TeamBehind(_))
    }

    #[test]
    fn a_login_over_another_status_is_looked_at_right_behind() {
        let plan = draw(&knobs());
        let mut looked_at = 0;
        for agent in &plan.agents {
            let mut given = vec![Chosen::Online; agent.devices.len()];
            for (place, step) in agent.steps.iter().enumerate() {
                let device = &mut given[usize::from(step.slot)];
                match step.what {
                    AgentAction::Status(chosen) | AgentAction::StatusTwice(chosen) => {
                        *device = chosen;
                    }
                    AgentAction::Login => {
                        if *device != Chosen::Online {
                            let next = agent.steps[place + 1];
                            let is_behind = matches!(next.what, AgentAction::TeamBehind(_));
                            assert!(is_behind && next.at == step.at, "{}: {next:?}", agent.name);
                            looked_at += 1;
                        }
                        *device = Chosen::Online;
                    }
                    AgentAction::StatusEverywhere(_) | AgentAction::Return => {
                        given.fill(Chosen::Online);
                    }
                    _ => {}
                }
            }
        }
        assert!(looked_at > 100, "{looked_at}");
    }

    #[test]
    fn overwritten_statuses_are_looked_at_once_a_retry_would_have_come_and_before_anything_else() {
        let plan = draw(&knobs());
        let mut overwritten = 0;
        for agent in &plan.agents {
            for (place, first) in agent.steps.iter().enumerate() {
                let AgentAction::Status(chosen) = first.what else { continue };
                let behind: Vec<&PlannedStep> = agent.steps[place + 1..].iter().collect();
                let Some(second) = behind.iter().find(|step| !is_look(step.what)) else { continue };
                let AgentAction::Status(other) = second.what else { continue };
                if second.slot != first.slot || second.at - first.at >= 1_000_000 {
                    continue;
                }
                let third = behind.iter().filter(|step| !is_look(step.what)).nth(1);
                let until = third.map_or(Micros::MAX, |third| third.at);
                let looks = behind.iter().filter(|step| is_look(step.what) && step.at < until);
                if looks.clone().any(|look| look.at - first.at > 2_300_000) && chosen != other {
                    overwritten += 1;
                }
            }
        }
        assert!(overwritten > 200, "{overwritten}");
    }

    #[test]
    fn what_is_added_is_no_more_than_the_rate_of_visitors_reckons_with() {
        for pace in [4_000, 20_000, 45_000] {
            let knobs = RunKnobs { pace: Millis(pace), ..knobs() };
            let mut without = knobs.clone();
            without.limits.teams = false;
            let count = |knobs: &RunKnobs, is_so: fn(AgentAction) -> bool| {
                let plan = draw(knobs);
                let steps = plan.agents.iter().flat_map(|agent| &agent.steps);
                steps.filter(|step| is_so(step.what)).count() as f64
            };
            let all = count(&without, |_| true);
            let writes = count(&knobs, |what| !is_look(what)) - all;
            let looks = count(&knobs, is_look);
            assert!((0.02..WRITES_ADDED).contains(&(writes / all)), "{pace}: {writes} of {all}");
            assert!((0.2..TEAM_READS_ADDED).contains(&(looks / all)), "{pace}: {looks} of {all}");
        }
    }

    #[test]
    fn t43_one_team_is_looked_at_no_oftener_than_the_target_lets_anybody() {
        let mut knobs = knobs();
        knobs.limits.team_read_every = 2_000_000;
        let plan = draw(&knobs);
        let mut last = vec![None; plan.properties.len()];
        let mut looks: Vec<(Micros, PropertyIndex)> = Vec::new();
        for step in plan.agents.iter().flat_map(|agent| &agent.steps) {
            if let AgentAction::Team(property) | AgentAction::TeamBehind(property) = step.what {
                looks.push((step.at, property));
            }
        }
        looks.sort_unstable();
        assert!(looks.len() > 500, "{}", looks.len());
        for (at, property) in looks {
            let before: Option<Micros> = last[property as usize].replace(at);
            assert!(before.is_none_or(|before| at - before >= 2_000_000), "{property} at {at}");
        }
    }
}
