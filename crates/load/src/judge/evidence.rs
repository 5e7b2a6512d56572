//! What shows a violation to a person: what was seen, what could have been, and what lay around it.

use super::Judge;
use super::device::{NEVER, Operation, OperationCause, WriteState};
use super::fleet::DeviceKey;
use super::text::statement;
use super::violation::{Violation, ViolationKind, WrongAnswer};
use crate::clock::{Micros, SECOND_US};
use crate::exchange::Exchange;
use crate::observation::{Delivery, Observation, Observed};
use crate::result::{Evidence, EvidenceSpan, ServiceName, SpanKind};
use lamplighter_core::model::{Instant, SchedulerState};

/// What ended so long before an observation does not lie around it.
const AROUND: Micros = 10 * SECOND_US;
/// So much of what lay around an observation is kept, the nearest first.
const AROUND_MAX: usize = 40;

impl Judge {
    /// What shows a violation, by what is known now.
    pub(super) fn evidence(&self, violation: &Violation) -> Evidence {
        let Violation { observation, diagnosis } = violation;
        let answered = self.answered(violation);
        let exchange = observation.exchange.as_deref();
        Evidence {
            class: diagnosis.class,
            about: self.about(observation).to_owned(),
            names: self.names(violation),
            who: self.seen_by(observation),
            request_id: observation.request.map(|request| self.plan.request_id(request)),
            sent_us: observation.invoked,
            answered_us: observation.returned,
            at: self.instant(observation.returned),
            admissible: diagnosis.admissible.clone(),
            around: self.around(violation, &answered),
            scenario: self.scenario(violation, &answered),
            rules: self.rules_of_scenarios().and_then(|(_, file)| file),
            why: diagnosis.why.clone(),
            alike: 0,
            request: exchange.map(Exchange::request),
            answer: exchange.map(Exchange::answer),
            answered,
        }
    }

    /// The kind of a violation.
    pub(super) fn kind(&self, violation: &Violation) -> ViolationKind {
        let Violation { observation, diagnosis } = violation;
        let said = match &observation.seen {
            // Its text is like no other's.
            Observed::MissingMessage { .. } => String::new(),
            Observed::Widget(seen) => {
                let otherwise = if seen.mismatch.is_some() { ", and more" } else { "" };
                format!("{} {}{otherwise}", seen.widget, seen.shown)
            }
            Observed::Team(_) => self.told_of_members(violation),
            Observed::SessionOver(agent, slot) => format!("{agent} {slot}"),
        };
        ViolationKind {
            property: observation.property,
            class: diagnosis.class,
            said,
            admissible: diagnosis.admissible.clone(),
        }
    }

    /// A violation in a line, with the number of the evidence of its kind.
    pub(super) fn line(&self, violation: &Violation, evidence: Option<usize>) -> WrongAnswer {
        let Violation { observation, diagnosis } = violation;
        WrongAnswer {
            at: self.instant(observation.returned),
            answered_us: observation.returned,
            class: diagnosis.class,
            about: self.about(observation).to_owned(),
            there: self.there(observation).map(|name| name.there),
            who: self.seen_by(observation),
            request_id: observation.request.map(|request| self.plan.request_id(request)),
            answered: self.answered(violation),
            admissible: diagnosis.admissible.clone(),
            why: diagnosis.why.clone(),
            evidence,
        }
    }

    /// The widget or the property of an observation, by its name.
    pub(super) fn about(&self, observation: &Observation) -> &str {
        match &observation.seen {
            Observed::Widget(seen) => &self.plan.widgets[seen.widget as usize].name,
            _ => &self.plan.properties[observation.property as usize].name,
        }
    }

    /// What the widget or the property of an observation is on the service, where that is known.
    fn there(&self, observation: &Observation) -> Option<ServiceName> {
        let service = self.service.as_ref()?;
        let there = match &observation.seen {
            Observed::Widget(seen) => &service.widget(seen.widget)?.name,
            _ => &service.property(observation.property)?.name,
        };
        Some(ServiceName { planned: self.about(observation).to_owned(), there: there.clone() })
    }

    /// What is meant on the service by the names that a violation is told with.
    pub(super) fn names(&self, violation: &Violation) -> Vec<ServiceName> {
        let Violation { observation, diagnosis } = violation;
        let members = &self.plan.properties[observation.property as usize].members;
        let agents = if diagnosis.agents.is_empty() { members } else { &diagnosis.agents };
        let agents = agents.iter().filter_map(|&agent| {
            let planned = self.plan.agents[agent as usize].name.clone();
            let there = self.service.as_ref()?.agent(agent)?.name.clone();
            Some(ServiceName { planned, there })
        });
        self.there(observation).into_iter().chain(agents).collect()
    }

    /// Who has seen it.
    fn seen_by(&self, observation: &Observation) -> String {
        match &observation.seen {
            Observed::Widget(seen) => {
                let kind = &self.plan.visitors[usize::from(seen.visitor)];
                let page = kind.page.as_ref().map(|page| format!("on {page}"));
                let country = kind.country.as_ref().map(|country| format!("from {country}"));
                let device = kind.device.as_ref().map(|device| format!("on a {device}"));
                let known: Vec<String> = [page, country, device].into_iter().flatten().collect();
                let who = match seen.delivery {
                    Delivery::Polled => "a visitor",
                    Delivery::Pushed | Delivery::Standing => "a visitor with an event stream",
                };
                match known.is_empty() {
                    true => format!("{who} of whom nothing is known"),
                    false => format!("{who} {}", known.join(", ")),
                }
            }
            Observed::Team(_) => {
                let agent = usize::try_from(observation.session).unwrap_or(usize::MAX);
                let agent = self.plan.agents.get(agent).map(|agent| agent.name.as_str());
                format!("{}, who looked at the team", agent.unwrap_or("an agent"))
            }
            Observed::MissingMessage { .. } => "the visitor who left it".to_owned(),
            Observed::SessionOver(agent, slot) => {
                let (agent, device) = self.who((*agent, *slot));
                format!("{agent} on {device}")
            }
        }
    }

    /// A moment of the run on the target's clock.
    pub(super) fn instant(&self, at: Micros) -> String {
        let ms = (at + self.bound.clock_ahead).div_euclid(1_000);
        let instant = Instant::from_millis(self.plan.start.as_millis() + ms);
        instant.unwrap_or(self.plan.start).to_string()
    }

    /// The names of an agent and of a device of theirs.
    pub(super) fn who(&self, (agent, slot): DeviceKey) -> (&str, &str) {
        let agent = &self.plan.agents[agent as usize];
        (&agent.name, agent.devices[usize::from(slot)])
    }

    /// What was seen, in words: `away, chat possible (version 17) (pushed)`.
    fn answered(&self, violation: &Violation) -> String {
        let Observation { version, seen, .. } = &violation.observation;
        match seen {
            Observed::Widget(seen) => {
                let version = version.map(|version| format!(" (version {version})"));
                let came = match seen.delivery {
                    Delivery::Polled => "",
                    Delivery::Pushed => " (pushed)",
                    Delivery::Standing => " (the last on a stream)",
                };
                format!("{}{}{came}", seen.shown, version.unwrap_or_default())
            }
            Observed::Team(_) => self.told_of_members(violation),
            Observed::MissingMessage { text, .. } => {
                format!("the message {text:?} was acknowledged")
            }
            Observed::SessionOver(..) => "the session is over".to_owned(),
        }
    }

    /// What was told of the members whom a violation is about: `ann is away, bob is missing`.
    fn told_of_members(&self, violation: &Violation) -> String {
        let name = |agent: u32| &self.plan.agents[agent as usize].name;
        let Observation { property, seen, .. } = &violation.observation;
        match seen {
            Observed::Team(statuses) => {
                let members = &self.plan.properties[*property as usize].members;
                let seen = members.iter().zip(statuses);
                let told = seen.filter(|(member, _)| violation.diagnosis.agents.contains(member));
                let told = told.map(|(member, status)| {
                    let status = status.map_or("missing".to_owned(), |status| status.to_string());
                    format!("{} is {status}", name(*member))
                });
                told.collect::<Vec<_>>().join(", ")
            }
            Observed::Widget(_) | Observed::MissingMessage { .. } | Observed::SessionOver(..) => {
                String::new()
            }
        }
    }

    /// What was going on shortly before an observation, and while it was made.
    fn around(&self, violation: &Violation, answered: &str) -> Vec<EvidenceSpan> {
        let Observation { property, invoked, returned, ref seen, .. } = violation.observation;
        let agents = &violation.diagnosis.agents;
        let mut spans = vec![EvidenceSpan {
            what: format!("this answer: {answered}"),
            from_us: invoked,
            to_us: Some(returned),
            kind: SpanKind::Answer,
        }];
        let concerned = |(agent, _): &DeviceKey| agents.is_empty() || agents.contains(agent);
        for device in self.fleet.devices(property).filter(concerned) {
            for operation in self.fleet.history(device).operations() {
                if operation.earliest <= returned && operation.latest >= invoked - AROUND {
                    spans.push(self.span(device, operation));
                }
            }
        }
        if let Observed::Widget(seen) = seen {
            let edges = self.fleet.edges().of(seen.widget);
            for (edge, state) in edges.between(invoked - AROUND, returned + AROUND) {
                let what = match state {
                    SchedulerState::Open => "the scheduler opens",
                    _ => "the scheduler closes",
                };
                spans.push(EvidenceSpan {
                    what: what.to_owned(),
                    from_us: edge,
                    to_us: Some(edge + self.bound.within),
                    kind: SpanKind::Edge,
                });
            }
        }
        let distance = |span: &EvidenceSpan| match span.to_us {
            Some(to_us) => (invoked - to_us).max(span.from_us - returned).max(0),
            None => (span.from_us - returned).max(0),
        };
        spans.sort_by_key(distance);
        spans.truncate(AROUND_MAX);
        spans.sort_by_key(|span| span.from_us);
        spans
    }

    fn span(&self, device: DeviceKey, operation: &Operation) -> EvidenceSpan {
        let (agent, name) = self.who(device);
        let to_us = (operation.latest < NEVER).then_some(operation.latest);
        match operation.cause {
            OperationCause::Grace { lost, .. } => EvidenceSpan {
                what: format!(
                    "the grace of {agent} on {name} ends (lost at {})",
                    self.instant(lost)
                ),
                from_us: operation.earliest,
                to_us: to_us.map(|latest| latest + self.bound.within),
                kind: SpanKind::Grace,
            },
            OperationCause::Unsettled => EvidenceSpan {
                what: format!(
                    "{agent} may read as logged out on {name}, as another device logs out"
                ),
                from_us: operation.earliest,
                to_us,
                kind: SpanKind::Write,
            },
            OperationCause::Write { state, .. } => {
                let version = operation.versions.iter().map(|(_, version)| version.to_string());
                let version = version.collect::<Vec<_>>().join(", ");
                let ended = match state {
                    WriteState::Acknowledged if version.is_empty() => String::new(),
                    WriteState::Acknowledged => format!(" (version {version})"),
                    WriteState::InFlight => " (not answered yet)".to_owned(),
                    WriteState::Indeterminate => " (never answered)".to_owned(),
                };
                let what = format!("{}{ended}", statement(agent, name, operation.effect));
                EvidenceSpan { what, from_us: operation.earliest, to_us, kind: SpanKind::Write }
            }
        }
    }
}
