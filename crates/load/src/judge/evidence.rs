//! What shows a violation to a person: what was seen, what could have been, and what lay around it.

use super::Judge;
use super::device::{NEVER, Operation, OperationCause, WriteState};
use super::fleet::DeviceKey;
use super::violation::Violation;
use super::words::{shown_words, statement};
use crate::clock::{Micros, SECOND_US};
use crate::observation::{Delivery, Observation, Observed};
use crate::result::{Evidence, EvidenceSpan, SpanKind};
use lamplighter_core::model::{AgentStatus, Instant, SchedulerState};

/// So much evidence is kept of each class.
pub const EVIDENCE_MAX: usize = 5;
/// What ended so long before an observation does not lie around it.
const AROUND: Micros = 10 * SECOND_US;
/// So much of what lay around an observation is kept, the nearest first.
const AROUND_MAX: usize = 40;

impl Judge {
    /// What shows a violation, by what is known now.
    pub(super) fn evidence(&self, violation: &Violation) -> Evidence {
        let Violation { observation, diagnosis } = violation;
        let answered = self.answered(violation);
        let about = match &observation.seen {
            Observed::Widget(seen) => self.plan.widgets[seen.widget as usize].name.clone(),
            _ => self.plan.properties[observation.property as usize].name.clone(),
        };
        Evidence {
            class: diagnosis.class,
            about,
            sent_us: observation.invoked,
            answered_us: observation.returned,
            at: self.instant(observation.returned),
            admissible: diagnosis.admissible.clone(),
            around: self.around(violation, &answered),
            scenario: self.scenario(violation, &answered),
            why: diagnosis.why.clone(),
            answered,
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
        let Observation { property, version, seen, .. } = &violation.observation;
        let name = |agent: u32| &self.plan.agents[agent as usize].name;
        match seen {
            Observed::Widget(seen) => {
                let version = version.map(|version| format!(" (version {version})"));
                let came = match seen.delivery {
                    Delivery::Polled => "",
                    Delivery::Pushed => " (pushed)",
                    Delivery::Standing => " (the last on a stream)",
                };
                format!("{}{}{came}", shown_words(seen.shown), version.unwrap_or_default())
            }
            Observed::Team(statuses) => {
                let members = &self.plan.properties[*property as usize].members;
                let seen = members.iter().zip(statuses);
                let told = seen.filter(|(member, _)| violation.diagnosis.agents.contains(member));
                let told = told.map(|(member, status)| {
                    let status = status.map_or("missing", AgentStatus::word);
                    format!("{} is {status}", name(*member))
                });
                told.collect::<Vec<_>>().join(", ")
            }
            Observed::Member(agent, status) => {
                let version = version.map(|version| format!(", version {version}"));
                let version = version.unwrap_or_default();
                format!("{} is {} (pushed{version})", name(*agent), status.word())
            }
            Observed::MissingMessage { text, .. } => {
                format!("the message {text:?} was acknowledged")
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
