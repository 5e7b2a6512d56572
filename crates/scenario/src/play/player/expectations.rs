//! Expectations held against what is seen: now, at each instant of a span, and counted over one.

use super::{Player, Watch};
use crate::language::plan::{Expectation, Subject};
use crate::language::span::Span;
use crate::play::anomalies;
use crate::play::changes::Counting;
use crate::play::facts::{Discrepancy, Fact};
use crate::play::judge::{Judge, JudgedWhen};
use crate::play::observer::{ObservedPart, Observer, ObserverAnswer, SeenWidget};
use crate::play::rules_answer::RulesAnswer;
use crate::play::tested::Capability;
use crate::play::verdict::Failure;
use lamplighter_core::model::{AgentStatus, Instant};

/// What an expectation was held against.
enum Judged {
    /// The rules alone: it is false by them; whether it is of an agent.
    ByTheRules(bool),
    /// What was seen of an agent.
    Agent(ObserverAnswer<ObservedPart<Vec<AgentStatus>>>),
    /// What was seen of a widget.
    Widget(ObserverAnswer<SeenWidget>),
}

impl Player<'_> {
    pub(super) fn expect<O: Observer>(
        &mut self,
        expectation: Box<Expectation>,
        observer: &mut O,
    ) -> Result<(), O::Error> {
        if self.rehearsal.is_some() {
            return Ok(());
        }
        self.record.counts.expectations += 1;
        if self.outputs.answers.is_some() {
            let said = RulesAnswer::of(&expectation, self.facts());
            self.outputs.answers.iter_mut().for_each(|answers| answers.extend(said.clone()));
        }
        if let Some(counting) = Counting::of(&expectation) {
            self.countings.push((counting, observer.is_observing()));
            return Ok(());
        }
        if self.judge(&expectation, JudgedWhen::Now, observer)?
            && let Some(until) = expectation.until
        {
            let since = self.world.now();
            self.watches.push(Watch { expectation, since, until: until.node });
        }
        Ok(())
    }

    /// Says what counted changes came to, of those that are counted up to an instant; of all without one.
    pub(super) fn finish_countings(&mut self, now: Option<Instant>) {
        for (counting, is_observed) in std::mem::take(&mut self.countings) {
            if now.is_some_and(|now| now < counting.until) {
                self.countings.push((counting, is_observed));
                continue;
            }
            let failure = counting.failure(&self.file.source);
            match (&failure, is_observed) {
                (_, false) => {}
                (None, true) => self.record.tested.counted(&counting.expectation),
                (Some(_), true) => {
                    self.record.tested.false_by_the_rules(&counting.expectation, false);
                }
            }
            self.record.failures.extend(failure);
        }
    }

    pub(super) fn expect_no_anomalies(&mut self, statement: Span, observer: &impl Observer) {
        if self.rehearsal.is_some() {
            return;
        }
        self.record.counts.expectations += 1;
        let failure = anomalies::failure(&self.record.anomalies, statement, self.world.now());
        if observer.is_observing() {
            let tested = &mut self.record.tested;
            tested.by_the_rules_alone(statement, Capability::Anomalies, failure.is_none());
        }
        self.record.failures.extend(failure);
    }

    /// Whether an expectation holds of what is seen.
    fn judge<O: Observer>(
        &mut self,
        expectation: &Expectation,
        moment: JudgedWhen,
        observer: &mut O,
    ) -> Result<bool, O::Error> {
        let facts = self.facts();
        let judge = Judge {
            expectation,
            moment,
            facts,
            source: &self.file.source,
            put_in: &self.file.put_in,
        };
        let is_first = moment == JudgedWhen::Now;
        // What is false by the rules is false, whatever a service shows.
        let (failure, tested) = match expectation.subject {
            Subject::Agent(agent) => match judge.agent(agent, facts.world.agent_status(agent)) {
                Some(failure) => (Some(failure), Judged::ByTheRules(true)),
                None => {
                    let seen = observer.agent(agent, expectation, facts)?;
                    (judge.seen_agent(agent, &seen), Judged::Agent(seen))
                }
            },
            Subject::Widget(widget) => match judge.widget(widget, &(facts.world, widget)) {
                Some(failure) => (Some(failure), Judged::ByTheRules(false)),
                None => {
                    let seen = observer.widget(widget, expectation, facts)?;
                    (judge.seen_widget(widget, &seen), Judged::Widget(seen))
                }
            },
        };
        let mut failure = failure;
        if let Some(failure) = &mut failure
            && is_first
        {
            let rows = self.agenda.feeds.rows_at(facts.world.now());
            failure.facts.extend((!rows.is_empty()).then_some(Fact::RowsToCome(rows)));
        }
        let holds = failure.is_none();
        if observer.is_observing() && (is_first || !holds) {
            let record = &mut self.record.tested;
            match tested {
                Judged::ByTheRules(is_of_agent) => {
                    record.false_by_the_rules(expectation, is_of_agent);
                }
                Judged::Agent(seen) => record.agent(expectation, &seen, holds),
                Judged::Widget(seen) => record.widget(expectation, &seen, holds),
            }
        }
        self.record.failures.extend(failure);
        self.note_disagreements(expectation.span, observer);
        Ok(holds)
    }

    /// Takes down what an observer has seen that is not as the rules say.
    #[inline]
    pub(super) fn note_disagreements(&mut self, statement: Span, observer: &mut impl Observer) {
        let at = self.world.now();
        for disagreement in observer.disagreements() {
            let Discrepancy { seen, rules } = disagreement.discrepancy;
            self.record.failures.push(Failure {
                statement,
                at,
                words: statement,
                expected: format!("what the rules say: {rules}"),
                found: format!("what the service says: {seen}"),
                facts: disagreement.facts,
                edits: None,
            });
        }
    }

    pub(super) fn look_at_watches<O: Observer>(
        &mut self,
        observer: &mut O,
    ) -> Result<(), O::Error> {
        for watch in std::mem::take(&mut self.watches) {
            if watch.until <= self.world.now() {
                continue;
            }
            let moment = JudgedWhen::InSpan { since: watch.since };
            if self.judge(&watch.expectation, moment, observer)? {
                self.watches.push(watch);
            }
        }
        Ok(())
    }
}
