//! What the service had been told of a property until a violation, as a scenario with what the rules
//! say of it.

use std::fmt::{self, Write as _};

use super::Judge;
use super::device::{OperationCause, WriteState};
use super::fleet::DeviceKey;
use super::text::statement;
use super::violation::Violation;
use crate::clock::{Micros, SECOND_US};
use crate::history::Effect;
use crate::observation::{Observation, Observed};
use crate::plan::PropertyIndex;
use crate::result::RULES_FILE;
use lamplighter_core::model::products::PRODUCTS;
use lamplighter_core::model::{AgentStatus, DeviceStatus, RuleSet};
use lamplighter_scenario::language::{push_property, push_widget, write_name};

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
    /// What scenarios name the target's rules, where they are not the rule book's, and the file that they
    /// need beside them where no built-in product has them.
    pub(super) fn rules_of_scenarios(&self) -> Option<(String, Option<String>)> {
        let rules = self.fleet.rules();
        if *rules == RuleSet::BOOK {
            return None;
        }
        Some(match PRODUCTS.iter().find(|product| product.rules() == *rules) {
            Some(product) => (product.name.to_owned(), None),
            None => (format!("\"{RULES_FILE}\""), Some(rules.to_toml())),
        })
    }

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
        let mut events = self.events_until(violation);
        events.sort_by_key(|line| line.at);
        let first = events.first().map_or(at, |line| line.at.min(at)) - SECOND_US;
        self.write_head(violation, first, out)?;
        writeln!(out, "scenario A load test's wrong answer, {class}, {instant}")?;
        let name = &self.plan.properties[property as usize].name;
        writeln!(out, "source   a load test of {name}")?;
        if let Some((name, _)) = self.rules_of_scenarios() {
            writeln!(out, "rules    {name}")?;
        }
        // A lost connection that is never noticed has none.
        if self.bound.bounds.grace.is_some() {
            writeln!(out, "grace    {}", self.plan.grace)?;
        }
        self.push_property(property, out);
        writeln!(out, "\nat {}", self.instant(first))?;
        let mut logged_in = self.write_settled(property, out)?;
        for line in events {
            writeln!(out, "at {}", self.instant(line.at))?;
            match is_possible(&line, &mut logged_in) {
                true => writeln!(out, "  {}", line.text)?,
                false => writeln!(out, "  # perhaps: {}", line.text)?,
            }
        }
        writeln!(out, "at {instant}")?;
        writeln!(out, "  # FALSE: {answered}{}", self.by_request(observation))?;
        writeln!(out, "  # {}", diagnosis.why)?;
        self.write_right(violation, out)
    }

    /// What the rules say, as expectations where they say one thing.
    fn write_right(&self, violation: &Violation, out: &mut String) -> fmt::Result {
        let Violation { observation, diagnosis } = violation;
        let admissible = &diagnosis.admissible;
        match &observation.seen {
            Observed::Widget(seen) if admissible.len() == 1 => {
                let name = &self.plan.widgets[seen.widget as usize].name;
                writeln!(out, "  expect {} {}", write_widget(name), admissible[0])
            }
            Observed::Team(_) if diagnosis.agents.len() == admissible.len() => {
                for (agent, words) in diagnosis.agents.iter().zip(admissible) {
                    let name = &self.plan.agents[*agent as usize].name;
                    let status = words.rsplit_once(" is ");
                    let status = status.and_then(|(_, status)| AgentStatus::from_word(status));
                    match status {
                        Some(status) => {
                            let name = write_name(name);
                            writeln!(out, "  expect {name} {}", status.word())?;
                        }
                        None => writeln!(out, "  # by the rules: {words}")?,
                    }
                }
                Ok(())
            }
            _ => writeln!(out, "  # by the rules: {}", admissible.join("; or ")),
        }
    }

    /// ` (request load-1-17)`, where the request has an id.
    fn by_request(&self, observation: &Observation) -> String {
        let id = observation.request.map(|request| self.plan.request_id(request));
        id.map(|id| format!(" (request {id})")).unwrap_or_default()
    }

    /// How to read the scenario, and how to play it.
    fn write_head(&self, violation: &Violation, first: Micros, out: &mut String) -> fmt::Result {
        let Violation { observation, diagnosis } = violation;
        let (about, instant) = (self.about(observation), self.instant(observation.returned));
        writeln!(
            out,
            "# A wrong answer of a load test, {}: {about}, at {instant}.",
            diagnosis.class
        )?;
        let names = self.names(violation);
        if !names.is_empty() {
            let told = names.iter();
            let told = told.map(|name| format!("{} is {}", name.planned, write_name(&name.there)));
            let told: Vec<String> = told.collect();
            writeln!(out, "# On the service {}.", told.join(", "))?;
        }
        if let Some(request) = observation.request {
            let id = self.plan.request_id(request);
            writeln!(
                out,
                "# The request was sent with `X-Request-Id: {id}`: the target's log may have it."
            )?;
        }
        writeln!(
            out,
            "#\n\
             # How to read it: each `at` is an instant of the target's clock, and tells what the target had\n\
             # acknowledged by then. What it may or may not have done stands as `# perhaps:`. The last `at` is\n\
             # the moment of the answer: what was said stands there as `# FALSE:`, below it what is right.\n\
             #\n\
             # How to play it, as FILE:\n\
             #   lamplighter scenario FILE\n\
             #       in process: it passes, for it says what is right\n\
             #   lamplighter serve --clock manual:{}\n\
             #   lamplighter scenario FILE --host URL --admin-key-file KEY\n\
             #       on a service whose clock is manual: it fails there if the fault is in what is told here\n\
             #   lamplighter load explain FILE\n\
             #       the story in words, what was right and why, and where to look",
            self.instant(first - SECOND_US)
        )
    }

    fn push_property(&self, property: PropertyIndex, out: &mut String) {
        let planned = &self.plan.properties[property as usize];
        let names = |agents: &'_ [u32]| -> Vec<&str> {
            agents.iter().map(|&agent| self.plan.agents[agent as usize].name.as_str()).collect()
        };
        for widget in planned.widgets.clone() {
            let planned_widget = &self.plan.widgets[widget as usize];
            let settings = &planned_widget.settings;
            match widget == planned.widgets.start {
                true => {
                    out.push('\n');
                    let (members, suspended) = (names(&planned.members), names(&planned.suspended));
                    push_property(&planned.name, members, suspended, settings, out);
                }
                false => push_widget(&planned_widget.name, settings, out),
            }
        }
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
            let (agent, name) = self.written(device);
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

    /// An agent and a device as they are written in a scenario.
    fn written(&self, device: DeviceKey) -> (String, String) {
        let (agent, name) = self.who(device);
        (write_name(agent), write_name(name))
    }

    /// What happened to a property's devices until an observation, as lines of a scenario.
    fn events_until(&self, violation: &Violation) -> Vec<EventLine> {
        let Violation { observation, diagnosis } = violation;
        let (property, until) = (observation.property, observation.returned);
        let mut events = Vec::new();
        for device in self.fleet.devices(property) {
            let (agent, name) = self.written(device);
            for operation in self.fleet.history(device).operations() {
                let line = match operation.cause {
                    // Nothing that anybody did.
                    OperationCause::Unsettled => continue,
                    OperationCause::Grace { lost, .. } => {
                        let text = format!("{agent} loses connection on {name}");
                        EventLine { at: lost, device, text, effect: None, is_sure: true }
                    }
                    OperationCause::Write { state, .. } => {
                        let known = diagnosis.version.zip(operation.version_in(property));
                        let (at, is_sure) = match known {
                            // The answer knew of it, or did not, by its version.
                            Some((version, own)) if own <= version => {
                                (operation.latest.min(until), true)
                            }
                            Some(_) => (operation.earliest, false),
                            None => {
                                let is_over = operation.latest <= until;
                                let is_sure = state == WriteState::Acknowledged && is_over;
                                (
                                    if is_sure { operation.latest } else { operation.earliest },
                                    is_sure,
                                )
                            }
                        };
                        let effect = Some(operation.effect);
                        // Said of all devices, it stands in the history of each.
                        let text = statement(&agent, &name, operation.effect);
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

/// A widget's name as it is written in a scenario: of a further one both parts.
fn write_widget(name: &str) -> String {
    match name.split_once('/') {
        Some((property, widget)) => format!("{}/{}", write_name(property), write_name(widget)),
        None => write_name(name),
    }
}

/// Whether a line can happen: only a login does where nobody is logged in. Keeps who is.
fn is_possible(line: &EventLine, logged_in: &mut [(DeviceKey, bool)]) -> bool {
    let known = logged_in.iter_mut().find(|(known, _)| *known == line.device);
    known.is_some_and(|(_, is_logged_in)| {
        let was = *is_logged_in;
        if !line.is_sure {
            return false;
        }
        match line.effect {
            Some(Effect::Login) => *is_logged_in = true,
            Some(Effect::Logout) => *is_logged_in = false,
            _ => {}
        }
        was || line.effect == Some(Effect::Login)
    })
}
