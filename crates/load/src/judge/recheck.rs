//! A violation is pending before it counts. That the target has closed a connection can be learnt of
//! later than what follows from it (rule P7), by seconds where either side has more to do than its
//! machine can: then what was found is checked once more; and so where it has ended a session, as it
//! does after a time (rule T45 of target files). Nothing else that comes to be known later
//! makes an observation right: least of all that a target, which shows someone who is gone, lets her
//! come back, too.

use super::Judge;
use super::fleet::{DeviceKey, Fleet};
use super::violation::{KindState, PendingViolation, Violation};
use crate::clock::{Micros, SECOND_US};
use crate::observation::Observed;
use crate::plan::AgentIndex;
use crate::result::EVIDENCE_MAX_PER_CLASS;

/// So long after an observation its violation counts.
const COUNTS_AFTER: Micros = 10 * SECOND_US;
/// So many kinds of violations are told apart.
const KINDS_MAX: usize = 100_000;

impl Judge {
    /// An observation is not admissible by what is known.
    pub(super) fn find(&mut self, mut violation: Violation) {
        let kind = self.kind(&violation);
        let is_first = match self.kinds.get(&kind) {
            Some(state) => !state.is_pending && state.number.is_none(),
            None => self.kinds.len() < KINDS_MAX,
        };
        let told = self.told.get(&kind.class).copied().unwrap_or(0);
        let is_told = is_first && told < EVIDENCE_MAX_PER_CLASS;
        let evidence = is_told.then(|| Box::new(self.evidence(&violation)));
        if is_told {
            self.told.insert(kind.class, told + 1);
            self.kinds.entry(kind.clone()).or_default().is_pending = true;
        }
        // Of those that are listed the answer itself is not told.
        violation.observation.exchange = None;
        let judged_before = self.judged.observation_count();
        let may_be_right = violation.diagnosis.recheck.is_some();
        let pending = PendingViolation { violation, kind, judged_before, evidence };
        match may_be_right {
            true => self.pending_violations.push_back(pending),
            false => self.count(pending),
        }
    }

    /// It is learnt now that the target has closed a device's connection, at some moment from `since`
    /// on: what follows from that, and from nothing else, was right.
    pub(super) fn learn_of_loss(&mut self, (since, at): (Micros, Micros), device: DeviceKey) {
        self.learn(since, device, |fleet| fleet.lose((since, at), device).is_some());
    }

    /// It is learnt now that the target has ended a device's session, as it does after a time, at some
    /// moment from `since` on.
    pub(super) fn learn_of_expiry(&mut self, (since, at): (Micros, Micros), device: DeviceKey) {
        self.learn(since, device, |fleet| fleet.expire((since, at), device).is_some());
    }

    /// It is learnt now what became of a device since a moment, if anything comes of it.
    fn learn(&mut self, since: Micros, device: DeviceKey, learns: impl FnOnce(&mut Fleet) -> bool) {
        let may_follow = |pending: &PendingViolation| {
            let is_later = pending.violation.observation.returned >= since;
            is_later && self.is_about(&pending.violation, device.0) && !self.is_right(pending)
        };
        let may_follow: Vec<bool> = self.pending_violations.iter().map(may_follow).collect();
        if !learns(&mut self.fleet) || !may_follow.contains(&true) {
            return;
        }
        let pending = std::mem::take(&mut self.pending_violations);
        for (pending, may_follow) in pending.into_iter().zip(may_follow) {
            match may_follow && self.is_right(&pending) {
                true => self.drop_evidence(&pending),
                false => self.pending_violations.push_back(pending),
            }
        }
    }

    /// A violation was none: the next of its kind is the first.
    fn drop_evidence(&mut self, pending: &PendingViolation) {
        if pending.evidence.is_some()
            && let Some(told) = self.told.get_mut(&pending.kind.class)
        {
            *told -= 1;
            if let Some(state) = self.kinds.get_mut(&pending.kind) {
                state.is_pending = false;
            }
        }
    }

    /// Whether what an agent's devices were has to do with a violation.
    fn is_about(&self, violation: &Violation, agent: AgentIndex) -> bool {
        let property = violation.observation.property;
        match &violation.observation.seen {
            Observed::Widget(_) => self.fleet.properties_of(agent).any(|of| of == property),
            Observed::Team(_) => self.plan.properties[property as usize].members.contains(&agent),
            Observed::SessionOver(member, _) => *member == agent,
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
        let PendingViolation { violation, kind, judged_before, evidence } = pending;
        let Violation { observation, diagnosis } = &violation;
        let first = self.first_wrong_after.map_or(judged_before, |first| first.min(judged_before));
        self.first_wrong_after = Some(first);
        self.within_enough = diagnosis.bound_needed.and(self.within_enough);
        *self.judged.wrong.entry(diagnosis.class).or_default() += 1;
        self.tally.wrong(observation, diagnosis.class);
        let is_known = self.kinds.contains_key(&kind) || self.kinds.len() < KINDS_MAX;
        let mut state = KindState::default();
        if is_known {
            let kept = self.kinds.entry(kind).or_default();
            if let Some(evidence) = evidence {
                self.judged.evidence.push(*evidence);
                (kept.is_pending, kept.number) = (false, Some(self.judged.evidence.len()));
            }
            kept.count += 1;
            self.judged.kinds += u64::from(kept.count == 1);
            state = *kept;
        }
        if let Some(evidence) = state.number.and_then(|n| self.judged.evidence.get_mut(n - 1)) {
            evidence.alike = state.count;
        }
        let line = self.line(&violation, state.number);
        self.wrong_answers.push(line);
    }
}
