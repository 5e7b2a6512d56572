//! What the service had been told of a property until a violation, as a scenario with what the rules
//! say of it.

use std::fmt::{self, Write as _};

use super::Judge;
use super::device::{OperationCause, WriteState};
use super::fleet::DeviceKey;
use super::violation::Violation;
use super::words::statement;
use crate::clock::{Micros, SECOND_US};
use crate::history::Effect;
use crate::observation::Observed;
use crate::plan::PropertyIndex;
use lamplighter_core::model::DeviceStatus;
use lamplighter_scenario::synth;

/// A line of a scenario.
struct EventLine {
    at: Micros,
    device: DeviceKey,
    text: String,
    /// What it does; `None` for a lost connection.
    effect: Option<Effect>,
    /// Whether it surely happened: of what may have not, only a comment tells.
    is_sure: bool,
}

impl Judge {
    /// What the service had been told of a property, as a scenario.
    pub(super) fn scenario(&self, violation: &Violation, answered: &str) -> String {
        let mut text = String::new();
        // A String takes whatever is written.
        let _ = self.write_scenario(violation, answered, &mut text);
        text
    }

    fn write_scenario(
        &self,
        violation: &Violation,
        answered: &str,
        out: &mut String,
    ) -> fmt::Result {
        let Violation { observation, diagnosis } = violation;
        let (property, at) = (observation.property, observation.returned);
        let (class, instant) = (diagnosis.class, self.instant(at));
        writeln!(out, "scenario A load test's wrong answer, {class}, {instant}")?;
        writeln!(out, "source   a load test of {}", self.plan.properties[property as usize].name)?;
        writeln!(out, "grace    {}", self.plan.grace)?;
        self.write_property(property, out)?;
        let mut events = self.events_until(property, at);
        events.sort_by_key(|line| line.at);
        let first = events.first().map_or(at, |line| line.at.min(at));
        writeln!(out, "\nat {}", self.instant(first - SECOND_US))?;
        let mut logged_in = self.write_settled(property, out)?;
        for line in events {
            writeln!(out, "at {}", self.instant(line.at))?;
            match is_possible(&line, &mut logged_in) && line.is_sure {
                true => writeln!(out, "  {}", line.text)?,
                false => writeln!(out, "  # perhaps: {}", line.text)?,
            }
        }
        writeln!(out, "at {instant}")?;
        writeln!(out, "  # the service answered: {answered}")?;
        match (&observation.seen, &diagnosis.admissible[..]) {
            (Observed::Widget(seen), [only]) => {
                let name = &self.plan.widgets[seen.widget as usize].name;
                writeln!(out, "  expect {name} {only}")
            }
            (_, admissible) => writeln!(out, "  # by the rules: {}", admissible.join("; or ")),
        }
    }

    fn write_property(&self, property: PropertyIndex, out: &mut String) -> fmt::Result {
        let planned = &self.plan.properties[property as usize];
        let names = |agents: &[u32]| -> String {
            agents
                .iter()
                .map(|&agent| format!(" {}", self.plan.agents[agent as usize].name))
                .collect()
        };
        for widget in planned.widgets.clone() {
            let planned_widget = &self.plan.widgets[widget as usize];
            match widget == planned.widgets.start {
                true => {
                    writeln!(out, "\nproperty {}", planned.name)?;
                    if !planned.members.is_empty() {
                        writeln!(out, "  members{}", names(&planned.members))?;
                    }
                    if !planned.suspended.is_empty() {
                        writeln!(out, "  suspended{}", names(&planned.suspended))?;
                    }
                }
                false => writeln!(out, "widget {}", planned_widget.name)?,
            }
            let mut settings = Vec::new();
            synth::write_settings(&planned_widget.settings, &mut settings)
                .map_err(|_| fmt::Error)?;
            out.push_str(&String::from_utf8_lossy(&settings));
        }
        Ok(())
    }

    /// Writes what all devices of a property were before what is remembered of them; gives whether each
    /// is logged in. What is not known for sure is the highest that it could be.
    fn write_settled(
        &self,
        property: PropertyIndex,
        out: &mut String,
    ) -> Result<Vec<(DeviceKey, bool)>, fmt::Error> {
        let mut logged_in = Vec::new();
        for device in self.fleet.devices(property) {
            let status = self.fleet.history(device).settled().iter().last();
            let status = status.unwrap_or(DeviceStatus::LoggedOut);
            let (agent, name) = self.who(device);
            logged_in.push((device, status != DeviceStatus::LoggedOut));
            if status != DeviceStatus::LoggedOut {
                writeln!(out, "  {agent} logs in on {name}")?;
            }
            match status {
                DeviceStatus::Away => writeln!(out, "  {agent} goes away on {name}")?,
                DeviceStatus::Invisible => writeln!(out, "  {agent} goes invisible on {name}")?,
                DeviceStatus::Online | DeviceStatus::LoggedOut => {}
            }
        }
        Ok(logged_in)
    }

    /// What happened to a property's devices until a moment, as lines of a scenario.
    fn events_until(&self, property: PropertyIndex, until: Micros) -> Vec<EventLine> {
        let mut events = Vec::new();
        for device in self.fleet.devices(property) {
            let (agent, name) = self.who(device);
            for operation in self.fleet.history(device).operations() {
                let line = match operation.cause {
                    OperationCause::Grace { lost, .. } => {
                        let text = format!("{agent} loses connection on {name}");
                        EventLine { at: lost, device, text, effect: None, is_sure: true }
                    }
                    OperationCause::Write { state, .. } => {
                        let is_sure = state == WriteState::Acknowledged;
                        let at = if is_sure { operation.latest } else { operation.earliest };
                        let effect = Some(operation.effect);
                        // Said of all devices, it stands in the history of each.
                        let text = statement(agent, name, operation.effect);
                        EventLine { at, device, text, effect, is_sure }
                    }
                };
                if line.at <= until {
                    events.push(line);
                }
            }
        }
        events
    }
}

/// Whether a line can happen: only a login does where nobody is logged in. Keeps who is.
fn is_possible(line: &EventLine, logged_in: &mut [(DeviceKey, bool)]) -> bool {
    let known = logged_in.iter_mut().find(|(known, _)| *known == line.device);
    known.is_some_and(|(_, is_logged_in)| {
        let was = *is_logged_in;
        match line.effect {
            Some(Effect::Login) => *is_logged_in = true,
            Some(Effect::Logout | Effect::LogoutEverywhere) => *is_logged_in = false,
            _ => {}
        }
        was || line.effect == Some(Effect::Login)
    })
}
