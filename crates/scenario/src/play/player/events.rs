//! What happens in a run: the steps of the file, and the rows of its traces.

use super::{Player, Rehearsal};
use crate::language::plan::{Step, StepKind};
use crate::play::agenda::Agenda;
use crate::play::anomaly::Anomaly;
use crate::play::facts::Facts;
use crate::play::impossible;
use crate::play::observer::Observer;
use crate::play::traces::{Feed, PlayedRow};
use crate::play::unchanged;
use lamplighter_core::model::{AgentId, Event, Impossible};
use lamplighter_core::world::Connection;

impl Player<'_> {
    pub(super) fn take<O: Observer>(
        &mut self,
        step: Step,
        observer: &mut O,
    ) -> Result<(), O::Error> {
        match step.kind {
            StepKind::At => {
                self.progress.block = step.span;
                if let Some(recorder) = &mut self.outputs.recorder {
                    recorder.step(step.at, step.span);
                }
            }
            StepKind::Event(event, agent) => {
                observer.before(&event, self.facts())?;
                self.note_disagreements(step.span, observer);
                let notice = unchanged::notice(&event, &self.world, step.span);
                match self.apply(&event) {
                    Ok(()) => {
                        self.record.counts.events += 1;
                        self.record.notices.extend(notice);
                    }
                    Err(_) if agent.is_some_and(|agent| self.is_uncertain(agent)) => {}
                    Err(why) => {
                        let facts = self.facts();
                        let found = impossible::diagnostic(&event, agent, why, step.span, facts);
                        self.record.diagnostics.push(found);
                    }
                }
            }
            StepKind::Expect(expectation) => self.expect(expectation, observer)?,
            StepKind::NoAnomalies => self.expect_no_anomalies(step.span, observer),
            StepKind::Unknown(agent) => self.become_uncertain(agent),
        }
        Ok(())
    }

    fn is_uncertain(&self, agent: AgentId) -> bool {
        self.rehearsal.as_ref().is_some_and(|rehearsal| rehearsal.uncertain.contains(&agent))
    }

    /// A faulty line may have changed anything of an agent. After a time that is unknown, so is whether
    /// a grace has run out.
    fn become_uncertain(&mut self, agent: Option<AgentId>) {
        let Some(Rehearsal { uncertain }) = &mut self.rehearsal else { return };
        match agent {
            Some(agent) => drop(uncertain.insert(agent)),
            None => {
                let lost = self.roster.devices();
                let lost = lost.filter(|&device| self.world.connection(device) != Connection::Up);
                uncertain.extend(lost.map(|device| device.agent()));
            }
        }
    }

    /// Tells an observer of a row that is about to happen, if it can.
    pub(super) fn before_row<O: Observer>(
        &mut self,
        row: Feed,
        observer: &mut O,
    ) -> Result<(), O::Error> {
        let Self { agenda: Agenda { feeds, .. }, roster, world, outputs, .. } = self;
        let (event, met) = feeds.event(row, roster, world);
        if let (Some(device), Some(recorder)) = (met, &mut outputs.recorder) {
            recorder.meet(device);
        }
        // An anomaly is passed over: nobody is to do what cannot happen.
        if self.world.clone().apply(&event, &mut |_| {}).is_ok() {
            observer.before(&event, self.facts())?;
            self.note_disagreements(self.agenda.feeds.statement(row), observer);
        }
        Ok(())
    }

    #[inline]
    pub(super) fn row(&mut self, row: Feed) {
        let Self { agenda: Agenda { feeds, .. }, roster, zone, world, outputs, record, .. } = self;
        let played = match outputs.take_changes() {
            false => feeds.play(row, roster, world, &mut |_| {}),
            true => {
                let (event, met) = feeds.event(row, roster, world);
                let has_witness = outputs.witness.is_some();
                if has_witness {
                    outputs.before(&event, Facts { roster, zone, world });
                }
                let mut changes = std::mem::take(&mut outputs.changes);
                let result = feeds.apply(row, &event, world, &mut |change| changes.push(change));
                changes.drain(..).for_each(|change| outputs.take(&change, &roster.widgets));
                outputs.changes = changes;
                if has_witness && result.is_ok() {
                    outputs.after(&event, Facts { roster, zone, world });
                }
                PlayedRow { met, result }
            }
        };
        let recorder = &mut outputs.recorder;
        if let Some(device) = played.met
            && let Some(recorder) = recorder
        {
            recorder.meet(device);
        }
        match played.result {
            Ok(()) => record.counts.events += 1,
            Err(why) => {
                record.anomalies.add(|| {
                    let (path, line) = feeds.line(row);
                    Anomaly { path: path.to_owned(), line, why }
                });
            }
        }
    }

    fn apply(&mut self, event: &Event) -> Result<(), Impossible> {
        let Self { outputs, roster, zone, world, .. } = self;
        if !outputs.take_changes() {
            return world.apply(event, &mut |_| {});
        }
        outputs.before(event, Facts { roster, zone, world });
        let happened = world.apply(event, &mut |change| outputs.take(&change, &roster.widgets));
        if happened.is_ok() {
            outputs.after(event, Facts { roster, zone, world });
        }
        happened
    }
}
