//! Propagation latency: from a transition of what a widget must show to the first sighting of it, by a
//! push and by a poll.

use std::collections::VecDeque;

use crate::clock::{Micros, SECOND_US};
use crate::observation::{Observation, SeenStates, ShownState, WidgetSeen};
use crate::plan::WidgetIndex;
use crate::result::{EdgePropagation, Propagation};

/// A transition that nobody has seen for so long is not waited for any more.
const FORGOTTEN_AFTER: Micros = 120 * SECOND_US;

/// What changes a widget.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trigger {
    /// A write, which took effect at this version if that is known.
    Write { version: Option<u64> },
    /// An edge of its scheduler.
    Edge,
    /// The end of a grace.
    Grace,
}

/// A change of what a widget must show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Transition {
    /// From when on it may be seen, and is waited for: the sending of a write, the instant of an edge.
    pub since: Micros,
    /// What changes it: the latencies of writes and those of the clock are told apart.
    pub trigger: Trigger,
    /// What it shows from then on.
    pub shown: ShownState,
    /// Whether a poll has seen it, so that the first one alone counts.
    is_polled: bool,
}

impl Transition {
    /// A transition that nobody has seen yet.
    pub fn new(since: Micros, trigger: Trigger, shown: ShownState) -> Self {
        Self { since, trigger, shown, is_polled: false }
    }

    /// Whether an observation is a sighting of it: knows it by its version, or shows what it made.
    fn is_sighted(&self, observation: &Observation, seen: SeenStates) -> bool {
        match (self.trigger, observation.version) {
            (Trigger::Write { version: Some(own) }, Some(version)) => own <= version,
            _ => seen.can_be(self.shown) && self.since <= observation.returned,
        }
    }

    /// How long it took until it was seen.
    fn latency_us(&self, at: Micros) -> u64 {
        u64::try_from(at - self.since).unwrap_or(0)
    }
}

/// The transitions of all widgets that are still of interest, and the latencies so far.
#[derive(Debug)]
pub struct PropagationTracker {
    widgets: Vec<VecDeque<Transition>>,
    /// From a transition by a write to its first sighting.
    pub writes: Propagation,
    /// From a transition by the clock to its first sighting.
    pub edges: EdgePropagation,
}

impl PropagationTracker {
    /// Of so many widgets, none of which has changed.
    pub fn new(widgets: usize) -> Self {
        Self {
            widgets: vec![VecDeque::new(); widgets],
            writes: Propagation::default(),
            edges: EdgePropagation::default(),
        }
    }

    /// How many transitions are kept.
    #[cfg(test)]
    pub fn kept(&self) -> usize {
        self.widgets.iter().map(VecDeque::len).sum()
    }

    /// A widget must show something else.
    pub fn changed(&mut self, widget: WidgetIndex, transition: Transition) {
        match transition.trigger {
            Trigger::Edge => self.edges.schedulers += 1,
            Trigger::Grace => self.edges.graces += 1,
            Trigger::Write { .. } => {}
        }
        let transitions = &mut self.widgets[widget as usize];
        let forgotten = transition.since - FORGOTTEN_AFTER;
        while transitions.front().is_some_and(|old| old.since < forgotten) {
            transitions.pop_front();
        }
        transitions.push_back(transition);
    }

    /// A read has shown a widget: every transition up to the latest that it shows is seen now.
    pub fn polled(&mut self, observation: &Observation, seen: &WidgetSeen) {
        let (at, shown) = (observation.returned, seen.shown);
        let Self { widgets, writes, edges } = self;
        let transitions = &mut widgets[seen.widget as usize];
        let is_sighted = |transition: &Transition| transition.is_sighted(observation, shown);
        let Some(latest) = transitions.iter().rposition(is_sighted) else { return };
        for transition in transitions.range_mut(..=latest).filter(|one| !one.is_polled) {
            transition.is_polled = true;
            // What was over before anyone looked was never seen.
            if shown.can_be(transition.shown) {
                let into = match transition.trigger {
                    Trigger::Write { .. } => &mut writes.poll,
                    Trigger::Edge | Trigger::Grace => &mut edges.poll,
                };
                into.record(transition.latency_us(at));
            }
        }
    }

    /// An event has shown a widget on a stream on which the one before came at `last`, by when version
    /// `last_version` was known: the latest transition since then is seen by it.
    pub fn pushed(
        &mut self,
        observation: &Observation,
        seen: &WidgetSeen,
        last: Micros,
        last_version: Option<u64>,
    ) {
        let Self { widgets, writes, edges } = self;
        let mut transitions = widgets[seen.widget as usize].iter().rev();
        let latest = transitions.find(|transition| {
            transition.is_sighted(observation, seen.shown)
                && seen.shown.can_be(transition.shown)
                && match (transition.trigger, last_version) {
                    (Trigger::Write { version: Some(own) }, Some(last)) => last < own,
                    _ => last < transition.since,
                }
        });
        if let Some(transition) = latest {
            let into = match transition.trigger {
                Trigger::Write { .. } => &mut writes.push,
                Trigger::Edge | Trigger::Grace => &mut edges.push,
            };
            into.record(transition.latency_us(observation.returned));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{Delivery, Observed};
    use lamplighter_core::model::{Chat, WidgetStatus};

    const ONLINE: ShownState = (WidgetStatus::Online, Chat::Possible);
    const AWAY: ShownState = (WidgetStatus::Away, Chat::Possible);

    /// What somebody saw of the only widget, and when.
    fn seen(at: Micros, shown: ShownState, version: u64) -> (Observation, WidgetSeen) {
        let (delivery, shown) = (Delivery::Polled, shown.into());
        let seen = WidgetSeen { widget: 0, visitor: 0, delivery, shown, mismatch: None };
        let observation = Observation {
            property: 0,
            session: 0,
            invoked: at,
            returned: at,
            version: Some(version),
            seen: Observed::Widget(seen.clone()),
            request: None,
            exchange: None,
        };
        (observation, seen)
    }

    impl PropagationTracker {
        fn poll(&mut self, (observation, seen): (Observation, WidgetSeen)) {
            self.polled(&observation, &seen);
        }

        fn push(
            &mut self,
            (observation, seen): (Observation, WidgetSeen),
            last: Micros,
            last_version: Option<u64>,
        ) {
            self.pushed(&observation, &seen, last, last_version);
        }
    }

    #[test]
    fn the_first_answer_that_knows_of_a_transition_is_its_sighting() {
        let mut tracker = PropagationTracker::new(1);
        let write = Trigger::Write { version: Some(7) };
        tracker.changed(0, Transition::new(1_000, write, AWAY));
        tracker.poll(seen(1_500, ONLINE, 6));
        tracker.poll(seen(2_000, AWAY, 7));
        tracker.poll(seen(9_000, AWAY, 7));
        assert_eq!((tracker.writes.poll.count(), tracker.writes.poll.max()), (1, 1_000));
    }

    #[test]
    fn of_several_transitions_a_push_shows_the_latest() {
        let mut tracker = PropagationTracker::new(1);
        tracker.changed(0, Transition::new(1_000, Trigger::Write { version: Some(7) }, AWAY));
        tracker.changed(0, Transition::new(3_000, Trigger::Write { version: Some(8) }, ONLINE));
        tracker.push(seen(3_500, ONLINE, 8), 500, Some(6));
        assert_eq!((tracker.writes.push.count(), tracker.writes.push.max()), (1, 500));
        // Nothing has changed since.
        tracker.push(seen(9_000, ONLINE, 8), 3_500, Some(8));
        assert_eq!(tracker.writes.push.count(), 1);
    }

    #[test]
    fn edges_are_seen_by_what_they_make() {
        let mut tracker = PropagationTracker::new(1);
        tracker.changed(0, Transition::new(60_000, Trigger::Edge, ONLINE));
        tracker.poll(seen(60_010, AWAY, 1));
        tracker.poll(seen(60_500, ONLINE, 2));
        tracker.push(seen(60_100, ONLINE, 2), 0, Some(1));
        let EdgePropagation { schedulers, push, poll, .. } = &tracker.edges;
        assert_eq!((*schedulers, push.max(), poll.max()), (1, 100, 500));
    }
}
