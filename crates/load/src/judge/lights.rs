//! Time to light: from a change of what a widget must show to the moment in which someone sees it.

use std::collections::VecDeque;

use super::values::Shown;
use crate::clock::{Micros, SECOND_US};
use crate::notes::WidgetIndex;
use crate::result::{Edges, Light};

/// A change that nobody has seen for so long is not waited for any more.
const FORGOTTEN_AFTER: Micros = 120 * SECOND_US;

/// What changes a widget.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Switch {
    /// A write, which took effect at this version if that is known.
    Write { version: Option<u64> },
    /// An edge of its scheduler.
    Edge,
    /// The end of a grace.
    Grace,
}

/// A change of what a widget must show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Change {
    /// From when on: the sending of a write, the instant of an edge.
    pub since: Micros,
    /// What did it.
    pub switch: Switch,
    /// What it shows from then on.
    pub shown: Shown,
    /// Whether a read has shown it.
    is_polled: bool,
}

/// An answer that may show a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sight {
    /// When it was there.
    pub at: Micros,
    /// What it shows.
    pub shown: Shown,
    /// The version that it knew.
    pub version: Option<u64>,
}

impl Change {
    /// A change that nobody has seen yet.
    pub fn new(since: Micros, switch: Switch, shown: Shown) -> Self {
        Self { since, switch, shown, is_polled: false }
    }

    fn is_seen(&self, sight: &Sight) -> bool {
        match (self.switch, sight.version) {
            (Switch::Write { version: Some(own) }, Some(version)) => own <= version,
            _ => self.shown == sight.shown && self.since <= sight.at,
        }
    }

    fn record(&self, at: Micros, is_push: bool, light: &mut Light, edges: &mut Edges) {
        let us = u64::try_from(at - self.since).unwrap_or(0);
        let into = match (self.switch, is_push) {
            (Switch::Write { .. }, true) => &mut light.push,
            (Switch::Write { .. }, false) => &mut light.poll,
            (_, true) => &mut edges.push,
            (_, false) => &mut edges.poll,
        };
        into.record(us);
    }
}

/// The changes of all widgets that are still of interest.
#[derive(Debug)]
pub struct Lights {
    widgets: Vec<VecDeque<Change>>,
    /// From a change by a write to its being seen.
    pub light: Light,
    /// From a change by the clock to its being seen.
    pub edges: Edges,
}

impl Lights {
    /// Of so many widgets, none of which has changed.
    pub fn new(widgets: usize) -> Self {
        Self {
            widgets: vec![VecDeque::new(); widgets],
            light: Light::default(),
            edges: Edges::default(),
        }
    }

    /// A widget has changed.
    pub fn changed(&mut self, widget: WidgetIndex, change: Change) {
        match change.switch {
            Switch::Edge => self.edges.schedulers += 1,
            Switch::Grace => self.edges.graces += 1,
            Switch::Write { .. } => {}
        }
        let changes = &mut self.widgets[widget as usize];
        while changes.front().is_some_and(|old| old.since < change.since - FORGOTTEN_AFTER) {
            changes.pop_front();
        }
        changes.push_back(change);
    }

    /// A read has shown a widget: every change up to the latest that it shows is seen now.
    pub fn polled(&mut self, widget: WidgetIndex, sight: &Sight) {
        let Self { widgets, light, edges } = self;
        let changes = &mut widgets[widget as usize];
        let Some(latest) = changes.iter().rposition(|change| change.is_seen(sight)) else { return };
        for change in changes.range_mut(..=latest).filter(|change| !change.is_polled) {
            change.is_polled = true;
            // What was over before anyone looked was never seen.
            if change.shown == sight.shown {
                change.record(sight.at, false, light, edges);
            }
        }
    }

    /// An event has shown a widget on a stream on which the one before came at `last`, knowing
    /// `last_version`: the latest change since then is seen by it.
    pub fn pushed(
        &mut self,
        widget: WidgetIndex,
        sight: &Sight,
        last: Micros,
        last_version: Option<u64>,
    ) {
        let Self { widgets, light, edges } = self;
        let changes = widgets[widget as usize].iter().rev();
        let latest = changes.filter(|change| change.is_seen(sight)).find(|change| {
            change.shown == sight.shown
                && match (change.switch, last_version) {
                    (Switch::Write { version: Some(own) }, Some(last)) => last < own,
                    _ => last < change.since,
                }
        });
        if let Some(change) = latest {
            change.record(sight.at, true, light, edges);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamplighter_core::model::{Chat, WidgetStatus};

    const ONLINE: Shown = (WidgetStatus::Online, Chat::Possible);
    const AWAY: Shown = (WidgetStatus::Away, Chat::Possible);

    fn sight(at: Micros, shown: Shown, version: u64) -> Sight {
        Sight { at, shown, version: Some(version) }
    }

    #[test]
    fn the_first_answer_that_knows_of_a_change_shows_it() {
        let mut lights = Lights::new(1);
        let write = Switch::Write { version: Some(7) };
        lights.changed(0, Change::new(1_000, write, AWAY));
        lights.polled(0, &sight(1_500, ONLINE, 6));
        lights.polled(0, &sight(2_000, AWAY, 7));
        lights.polled(0, &sight(9_000, AWAY, 7));
        assert_eq!((lights.light.poll.count(), lights.light.poll.max()), (1, 1_000));
    }

    #[test]
    fn of_several_changes_a_push_shows_the_latest() {
        let mut lights = Lights::new(1);
        lights.changed(0, Change::new(1_000, Switch::Write { version: Some(7) }, AWAY));
        lights.changed(0, Change::new(3_000, Switch::Write { version: Some(8) }, ONLINE));
        lights.pushed(0, &sight(3_500, ONLINE, 8), 500, Some(6));
        assert_eq!((lights.light.push.count(), lights.light.push.max()), (1, 500));
        // Nothing has changed since.
        lights.pushed(0, &sight(9_000, ONLINE, 8), 3_500, Some(8));
        assert_eq!(lights.light.push.count(), 1);
    }

    #[test]
    fn edges_are_seen_by_what_they_make() {
        let mut lights = Lights::new(1);
        lights.changed(0, Change::new(60_000, Switch::Edge, ONLINE));
        lights.polled(0, &sight(60_010, AWAY, 1));
        lights.polled(0, &sight(60_500, ONLINE, 2));
        lights.pushed(0, &sight(60_100, ONLINE, 2), 0, Some(1));
        let Edges { schedulers, push, poll, .. } = &lights.edges;
        assert_eq!((*schedulers, push.max(), poll.max()), (1, 100, 500));
    }
}
