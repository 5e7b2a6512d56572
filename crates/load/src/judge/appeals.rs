//! What was found wrong waits before it counts. That the target has closed a connection can be learnt
//! of later than what follows from it (rule P7), by seconds where either side has more to do than its
//! machine can. Nothing else that comes to be known later makes an answer right: least of all that a
//! target, which shows someone who is gone, lets her come back, too.

use super::evidence::EVIDENCE_MAX;
use super::fleet::Device;
use super::moments::Stretch;
use super::values::Shown;
use super::verdict::{Matter, Wrong, could_be};
use super::{Judge, SECOND_US};
use crate::clock::Micros;
use crate::notes::{AgentIndex, WidgetIndex};
use crate::result::Evidence;
use lamplighter_core::model::AgentStatus;

/// So long after an answer it counts.
const DECIDED_AFTER: Micros = 10 * SECOND_US;

/// An answer that was found wrong.
#[derive(Clone, PartialEq, Debug)]
pub struct Appeal {
    wrong: Wrong,
    matter: Matter,
    grounds: Grounds,
    /// How many answers had been judged by then.
    answers: u64,
    /// What is kept of it, if there is not enough of its class.
    evidence: Option<Evidence>,
}

/// What makes an answer right after all, if a connection was lost.
#[derive(Clone, PartialEq, Debug)]
pub enum Grounds {
    /// Nothing: it is wrong whatever comes to be known.
    Nothing,
    /// That a widget could show it.
    Shows(WidgetIndex, Stretch, Shown),
    /// That all of these members could be so at one moment.
    Members(Vec<(AgentIndex, Option<AgentStatus>)>, Stretch),
}

impl Judge {
    /// An answer is wrong by what is known.
    pub(super) fn find_wrong(&mut self, wrong: Wrong, matter: Matter, grounds: Grounds) {
        let judged = &self.judged;
        let answers = judged.reads + judged.pushes + judged.teams + judged.messages;
        // What is known is known best now: later some of it is forgotten.
        let class = wrong.class;
        let kept = judged.evidence.iter().filter(|kept| kept.class == class).count();
        let waiting = self.appeals.iter().filter(|appeal| appeal.wrong.class == class);
        let is_enough = kept + waiting.take(EVIDENCE_MAX).count() >= EVIDENCE_MAX;
        let evidence = (!is_enough).then(|| self.evidence(&wrong, &matter));
        let appeal = Appeal { wrong, matter, grounds, answers, evidence };
        match appeal.grounds {
            Grounds::Nothing => self.sentence(appeal),
            _ => self.appeals.push_back(appeal),
        }
    }

    /// It is learnt now that the target has closed a device's connection, at some moment from `since`
    /// on: what follows from that, and from nothing else, was right.
    pub(super) fn lose_late(&mut self, (since, at): (Micros, Micros), device: Device) {
        let is_about =
            |appeal: &Appeal| appeal.matter.at >= since && self.is_about(appeal, device.0);
        let heard: Vec<bool> = self
            .appeals
            .iter()
            .map(|appeal| is_about(appeal) && !self.is_right_after_all(appeal))
            .collect();
        let follows = self.fleet.lose((since, at), device).is_some();
        if !follows || !heard.contains(&true) {
            return;
        }
        let appeals = std::mem::take(&mut self.appeals);
        let stands =
            |(appeal, heard): &(Appeal, bool)| !(*heard && self.is_right_after_all(appeal));
        self.appeals =
            appeals.into_iter().zip(heard).filter(stands).map(|(appeal, _)| appeal).collect();
    }

    fn is_about(&self, appeal: &Appeal, agent: AgentIndex) -> bool {
        match &appeal.grounds {
            Grounds::Nothing => false,
            Grounds::Shows(..) => {
                self.fleet.properties_of(agent).any(|property| property == appeal.matter.property)
            }
            Grounds::Members(seen, _) => seen.iter().any(|(member, _)| *member == agent),
        }
    }

    /// What was found wrong long enough before a moment counts.
    pub(super) fn decide_appeals(&mut self, now: Micros) {
        // They come nearly in the order of time; one behind a later one is decided with it.
        let is_due = |appeal: &Appeal| appeal.matter.at <= now - DECIDED_AFTER;
        while self.appeals.front().is_some_and(is_due)
            && let Some(appeal) = self.appeals.pop_front()
        {
            self.sentence(appeal);
        }
    }

    fn is_right_after_all(&self, appeal: &Appeal) -> bool {
        let property = appeal.matter.property;
        match &appeal.grounds {
            Grounds::Nothing => false,
            Grounds::Shows(widget, stretch, shown) => {
                stretch.answers(&self.fleet, *widget).has(*shown)
            }
            Grounds::Members(seen, stretch) => {
                let devices: Vec<Device> =
                    seen.iter().flat_map(|(agent, _)| self.fleet.devices_of(*agent)).collect();
                stretch.some(&self.fleet, &devices, property, |knowing| {
                    seen.iter()
                        .all(|&(agent, status)| could_be(&self.fleet, agent, status, knowing))
                })
            }
        }
    }

    /// It is wrong.
    fn sentence(&mut self, appeal: Appeal) {
        let Appeal { wrong, matter, answers, evidence, .. } = appeal;
        let first = self.first_wrong_after.map_or(answers, |first| first.min(answers));
        self.first_wrong_after = Some(first);
        self.within_enough = wrong.enough.of(self.within_enough);
        *self.judged.wrong.entry(wrong.class).or_default() += 1;
        self.tally.wrong(matter.at);
        self.judged.evidence.extend(evidence);
    }
}
