//! A violation is pending before it counts. That the target has closed a connection can be learnt of
//! later than what follows from it (rule P7), by seconds where either side has more to do than its
//! machine can: then what was found is checked once more. Nothing else that comes to be known later
//! makes an observation right: least of all that a target, which shows someone who is gone, lets her
//! come back, too.

use super::evidence::EVIDENCE_MAX;
use super::fleet::DeviceKey;
use super::violation::Violation;
use super::{Judge, SECOND_US};
use crate::clock::Micros;
use crate::observation::Observed;
use crate::plan::AgentIndex;
use crate::result::Evidence;

/// So long after an observation its violation counts.
const COUNTS_AFTER: Micros = 10 * SECOND_US;

/// A violation that does not count yet.
#[derive(Clone, PartialEq, Debug)]
pub struct PendingViolation {
    violation: Violation,
    /// How many observations had been judged when it was found.
    judged_before: u64,
    /// What is kept of it, if there is not enough of its class. What is known is known best when it is
    /// found: later some of it is forgotten.
    evidence: Option<Evidence>,
}

impl Judge {
    /// An observation is not admissible by what is known.
    pub(super) fn find(&mut self, violation: Violation) {
        let class = violation.diagnosis.class;
        let is_alike = |pending: &&PendingViolation| pending.violation.diagnosis.class == class;
        let kept = self.judged.evidence.iter().filter(|kept| kept.class == class).count();
        let waiting = self.pending_violations.iter().filter(is_alike);
        let is_enough = kept + waiting.take(EVIDENCE_MAX).count() >= EVIDENCE_MAX;
        let evidence = (!is_enough).then(|| self.evidence(&violation));
        let judged_before = self.judged.observation_count();
        let may_be_right = violation.diagnosis.recheck.is_some();
        let pending = PendingViolation { violation, judged_before, evidence };
        match may_be_right {
            true => self.pending_violations.push_back(pending),
            false => self.count(pending),
        }
    }

    /// It is learnt now that the target has closed a device's connection, at some moment from `since`
    /// on: what follows from that, and from nothing else, was right.
    pub(super) fn learn_of_loss(&mut self, (since, at): (Micros, Micros), device: DeviceKey) {
        let may_follow = |pending: &PendingViolation| {
            let is_later = pending.violation.observation.returned >= since;
            is_later && self.is_about(&pending.violation, device.0) && !self.is_right(pending)
        };
        let may_follow: Vec<bool> = self.pending_violations.iter().map(may_follow).collect();
        let runs_out = self.fleet.lose((since, at), device).is_some();
        if !runs_out || !may_follow.contains(&true) {
            return;
        }
        let pending = std::mem::take(&mut self.pending_violations);
        let still_pending = |(pending, may_follow): &(PendingViolation, bool)| {
            !(*may_follow && self.is_right(pending))
        };
        let checked = pending.into_iter().zip(may_follow).filter(still_pending);
        self.pending_violations = checked.map(|(pending, _)| pending).collect();
    }

    /// Whether what an agent's devices were has to do with a violation.
    fn is_about(&self, violation: &Violation, agent: AgentIndex) -> bool {
        let property = violation.observation.property;
        match &violation.observation.seen {
            Observed::Widget(_) => self.fleet.properties_of(agent).any(|of| of == property),
            Observed::Team(_) => self.plan.properties[property as usize].members.contains(&agent),
            Observed::Member(member, _) => *member == agent,
            Observed::MissingMessage { .. } => false,
        }
    }

    /// Whether a violation is none after all, by what is known now.
    fn is_right(&self, pending: &PendingViolation) -> bool {
        let Violation { observation, diagnosis } = &pending.violation;
        diagnosis.recheck.is_some_and(|window| self.is_admissible(observation, &window))
    }

    /// What was found long enough before a moment counts.
    pub(super) fn count_until(&mut self, now: Micros) {
        // They come nearly in the order of time; one behind a later one counts with it.
        let is_due = |pending: &PendingViolation| {
            pending.violation.observation.returned <= now - COUNTS_AFTER
        };
        while self.pending_violations.front().is_some_and(is_due)
            && let Some(pending) = self.pending_violations.pop_front()
        {
            self.count(pending);
        }
    }

    /// It is a violation.
    fn count(&mut self, pending: PendingViolation) {
        let PendingViolation { violation, judged_before, evidence } = pending;
        let Violation { observation, diagnosis } = violation;
        let first = self.first_wrong_after.map_or(judged_before, |first| first.min(judged_before));
        self.first_wrong_after = Some(first);
        self.within_enough = diagnosis.bound_needed.and(self.within_enough);
        *self.judged.wrong.entry(diagnosis.class).or_default() += 1;
        self.tally.wrong(&observation);
        self.judged.evidence.extend(evidence);
    }
}
