//! What shows that an answer is wrong: what lay around it, and what the service had been told as a
//! scenario, with what the rules say of it.

use std::fmt::Write as _;

use super::Judge;
use super::fleet::Device;
use super::log::{Cause, Happening, NEVER, Outcome};
use super::verdict::{Matter, Wrong};
use crate::clock::{Micros, SECOND_US};
use crate::notes::{Effect, PropertyIndex};
use crate::result::{Evidence, Span, SpanKind};
use lamplighter_core::model::{DeviceStatus, Instant, SchedulerState};
use lamplighter_scenario::synth;

/// So much evidence is kept of each class.
pub const EVIDENCE_MAX: usize = 5;
/// What ended so long before an answer does not lie around it.
const AROUND: Micros = 10 * SECOND_US;
/// So much of what lay around an answer is kept, the nearest first.
const AROUND_MAX: usize = 40;

impl Judge {
    /// What shows that an answer is wrong, by what is known now.
    pub(super) fn evidence(&self, wrong: &Wrong, matter: &Matter) -> Evidence {
        let Matter { widget, property, sent, at, answered, admissible, .. } = matter;
        let about = match widget {
            Some(widget) => self.plan.widgets[*widget as usize].name.clone(),
            None => self.plan.properties[*property as usize].name.clone(),
        };
        Evidence {
            class: wrong.class,
            about,
            sent_us: *sent,
            answered_us: *at,
            at: self.instant(*at),
            answered: answered.clone(),
            admissible: admissible.clone(),
            around: self.around(matter),
            scenario: self.scenario(matter, wrong),
            why: wrong.why.clone(),
        }
    }

    /// A moment of the run on the target's clock.
    fn instant(&self, at: Micros) -> String {
        let ms = (at + self.promise.skew).div_euclid(1_000);
        let instant = Instant::from_millis(self.plan.start.as_millis() + ms);
        instant.unwrap_or(self.plan.start).to_string()
    }

    fn who(&self, (agent, slot): Device) -> (&str, &str) {
        let agent = &self.plan.agents[agent as usize];
        (&agent.name, agent.devices[usize::from(slot)])
    }

    /// What was going on shortly before the answer, and while it was made.
    fn around(&self, matter: &Matter) -> Vec<Span> {
        let Matter { widget, property, sent, at, ref agents, .. } = *matter;
        let mut spans = vec![Span {
            what: format!("this answer: {}", matter.answered),
            from_us: sent,
            to_us: Some(at),
            kind: SpanKind::Answer,
        }];
        let concerned = |(agent, _): &Device| agents.is_empty() || agents.contains(agent);
        for device in self.fleet.devices(property).filter(concerned) {
            for happening in self.fleet.log(device).happenings() {
                if happening.from <= at && happening.by >= sent - AROUND {
                    spans.push(self.span(device, happening));
                }
            }
        }
        if let Some(widget) = widget {
            for (edge, state) in self.fleet.edges().of(widget).between(sent - AROUND, at + AROUND) {
                let what = match state {
                    SchedulerState::Open => "the scheduler opens",
                    _ => "the scheduler closes",
                };
                spans.push(Span {
                    what: what.to_owned(),
                    from_us: edge,
                    to_us: Some(edge + self.promise.within),
                    kind: SpanKind::Edge,
                });
            }
        }
        let distance = |span: &Span| match span.to_us {
            Some(to_us) => (sent - to_us).max(span.from_us - at).max(0),
            None => (span.from_us - at).max(0),
        };
        spans.sort_by_key(distance);
        spans.truncate(AROUND_MAX);
        spans.sort_by_key(|span| span.from_us);
        spans
    }

    fn span(&self, device: Device, happening: &Happening) -> Span {
        let (agent, name) = self.who(device);
        let to_us = (happening.by < NEVER).then_some(happening.by);
        match happening.cause {
            Cause::Grace { lost, .. } => Span {
                what: format!(
                    "the grace of {agent} on {name} ends (lost at {})",
                    self.instant(lost)
                ),
                from_us: happening.from,
                to_us: to_us.map(|by| by + self.promise.within),
                kind: SpanKind::Grace,
            },
            Cause::Write { outcome, .. } => {
                let version = happening.versions.iter().map(|(_, version)| version.to_string());
                let version = version.collect::<Vec<_>>().join(", ");
                let ended = match outcome {
                    Outcome::Done if version.is_empty() => String::new(),
                    Outcome::Done => format!(" (version {version})"),
                    Outcome::Open => " (not answered yet)".to_owned(),
                    Outcome::Unanswered => " (never answered)".to_owned(),
                };
                let what = format!("{}{ended}", statement(agent, name, happening.effect));
                Span { what, from_us: happening.from, to_us, kind: SpanKind::Write }
            }
        }
    }

    /// What the service had been told of a property, as a scenario.
    fn scenario(&self, matter: &Matter, wrong: &Wrong) -> String {
        let mut text = String::new();
        // A String takes whatever is written.
        let _ = self.write_scenario(matter, wrong, &mut text);
        text
    }

    fn write_scenario(
        &self,
        matter: &Matter,
        wrong: &Wrong,
        out: &mut String,
    ) -> Result<(), std::fmt::Error> {
        let Matter { widget, property, at, answered, admissible, .. } = matter;
        let at = *at;
        writeln!(
            out,
            "scenario A load test's wrong answer, {}, {}",
            wrong.class,
            self.instant(at)
        )?;
        writeln!(out, "source   a load test of {}", self.plan.properties[*property as usize].name)?;
        writeln!(out, "grace    {}", self.plan.grace)?;
        self.write_property(*property, out)?;
        let mut events = self.events_until(*property, at);
        events.sort_by_key(|(moment, _, _)| *moment);
        let first = events.first().map_or(at, |(moment, _, _)| (*moment).min(at));
        writeln!(out, "\nat {}", self.instant(first - SECOND_US))?;
        let mut now: Vec<(Device, DeviceStatus)> = Vec::new();
        for device in self.fleet.devices(*property) {
            // What is not known for sure is the highest that it could be.
            let status = self.fleet.log(device).settled().iter().last();
            let status = status.unwrap_or(DeviceStatus::LoggedOut);
            let (agent, name) = self.who(device);
            now.push((device, status));
            if status != DeviceStatus::LoggedOut {
                writeln!(out, "  {agent} logs in on {name}")?;
            }
            match status {
                DeviceStatus::Away => writeln!(out, "  {agent} goes away on {name}")?,
                DeviceStatus::Invisible => writeln!(out, "  {agent} goes invisible on {name}")?,
                DeviceStatus::Online | DeviceStatus::LoggedOut => {}
            }
        }
        for (moment, device, line) in events {
            writeln!(out, "at {}", self.instant(moment))?;
            let place = now.iter_mut().find(|(known, _)| *known == device);
            let is_logged_in = place.is_some_and(|(_, status)| {
                let was = *status != DeviceStatus::LoggedOut;
                match line.effect {
                    Some(Effect::Login) => *status = DeviceStatus::Online,
                    Some(Effect::Logout | Effect::LogoutEverywhere) => {
                        *status = DeviceStatus::LoggedOut;
                    }
                    _ => {}
                }
                was || line.effect == Some(Effect::Login)
            });
            match line.is_sure && is_logged_in {
                true => writeln!(out, "  {}", line.text)?,
                false => writeln!(out, "  # perhaps: {}", line.text)?,
            }
        }
        writeln!(out, "at {}", self.instant(at))?;
        writeln!(out, "  # the service answered: {answered}")?;
        let name = widget.map(|widget| &self.plan.widgets[widget as usize].name);
        match (name, &admissible[..]) {
            (Some(name), [only]) => writeln!(out, "  expect {name} {only}"),
            _ => writeln!(out, "  # by the rules: {}", admissible.join("; or ")),
        }
    }

    fn write_property(&self, property: PropertyIndex, out: &mut String) -> std::fmt::Result {
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
                .map_err(|_| std::fmt::Error)?;
            out.push_str(&String::from_utf8_lossy(&settings));
        }
        Ok(())
    }

    /// What happened to a property's devices until a moment, as lines of a scenario.
    fn events_until(&self, property: PropertyIndex, until: Micros) -> Vec<(Micros, Device, Line)> {
        let mut events = Vec::new();
        for device in self.fleet.devices(property) {
            let (agent, name) = self.who(device);
            for happening in self.fleet.log(device).happenings() {
                let (moment, line) = match happening.cause {
                    Cause::Grace { lost, .. } => {
                        let text = format!("{agent} loses connection on {name}");
                        (lost, Line { text, effect: None, is_sure: true })
                    }
                    Cause::Write { outcome, .. } => {
                        let is_sure = outcome == Outcome::Done;
                        let moment = if is_sure { happening.by } else { happening.from };
                        let effect = happening.effect;
                        // Said of all devices, it stands in the log of each.
                        let text = statement(agent, name, effect);
                        (moment, Line { text, effect: Some(effect), is_sure })
                    }
                };
                if moment <= until {
                    events.push((moment, device, line));
                }
            }
        }
        events
    }
}

/// A line of a scenario.
struct Line {
    text: String,
    /// What it does; `None` for a lost connection.
    effect: Option<Effect>,
    is_sure: bool,
}

/// What an agent does on a device, in the words of the scenario language.
fn statement(agent: &str, device: &str, effect: Effect) -> String {
    match effect {
        Effect::Login => format!("{agent} logs in on {device}"),
        Effect::Status(chosen) | Effect::StatusEverywhere(chosen) => {
            format!("{agent} goes {} on {device}", chosen.word())
        }
        Effect::Logout | Effect::LogoutEverywhere => format!("{agent} logs out on {device}"),
        Effect::Connect => format!("{agent} reconnects on {device}"),
    }
}
