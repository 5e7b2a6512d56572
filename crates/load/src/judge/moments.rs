//! What could have been answered within a stretch of time: whatever the rules give at some moment of
//! it. Between two things that begin or end there, every moment is like any other.

use super::fleet::{Device, Fleet};
use super::log::{Cause, Knowing};
use super::values::{Answers, Shown};
use crate::clock::Micros;
use crate::notes::{PropertyIndex, WidgetIndex};

/// A stretch of time, and what its answer knew.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Stretch {
    /// Its first moment.
    pub from: Micros,
    /// Its last moment.
    pub to: Micros,
    /// The version that the answer says it knew.
    pub version: Option<u64>,
    /// How late the clock's doings may show.
    pub within: Micros,
    /// How early they may.
    pub early: Micros,
}

impl Stretch {
    /// What is known at one of its moments.
    pub fn knowing(&self, at: Micros, property: PropertyIndex) -> Knowing {
        let version = self.version.map(|version| (property, version));
        Knowing { at, version, within: self.within, early: self.early }
    }

    /// Tells each moment behind the first at which what could be may change, in no order; whatever
    /// lies between two of them is as the earlier.
    fn each_change(
        &self,
        fleet: &Fleet,
        devices: &[Device],
        widget: Option<WidgetIndex>,
        mut tell: impl FnMut(Micros),
    ) {
        let mut add = |moment: Micros| {
            if self.from < moment && moment <= self.to {
                tell(moment);
            }
        };
        for &device in devices {
            for happening in fleet.log(device).happenings() {
                // A version says what of it has happened, whatever the moment.
                if self.version.is_some() && !happening.versions.is_empty() {
                    continue;
                }
                let (mut from, mut by) = (happening.from, happening.by);
                if matches!(happening.cause, Cause::Grace { .. }) {
                    from -= self.early;
                    by = by.saturating_add(self.within);
                }
                add(from);
                add(by);
            }
        }
        if let Some(widget) = widget {
            let edges = fleet.edges().of(widget);
            for (edge, _) in edges.between(self.from - self.within, self.to + self.early + 1) {
                add(edge - self.early);
                add(edge + self.within);
            }
        }
    }

    /// What a widget could have shown.
    pub fn answers(&self, fleet: &Fleet, widget: WidgetIndex) -> Answers {
        let property = fleet.plan().widgets[widget as usize].property;
        let at = |moment| fleet.answers(widget, &self.knowing(moment, property));
        let mut answers = at(self.from);
        self.each_change(fleet, fleet.open_devices(property), Some(widget), |moment| {
            answers = answers.or(at(moment));
        });
        answers
    }

    /// The latest moment at which a widget could have shown this.
    pub fn latest(&self, fleet: &Fleet, widget: WidgetIndex, shown: Shown) -> Option<Micros> {
        let property = fleet.plan().widgets[widget as usize].property;
        // Just before something changes is the latest moment of what it was.
        let mut moments = vec![self.from, self.to];
        self.each_change(fleet, fleet.open_devices(property), Some(widget), |moment| {
            moments.extend([moment - 1, moment]);
        });
        moments.sort_unstable();
        let could = |at: &Micros| fleet.answers(widget, &self.knowing(*at, property)).has(shown);
        moments.into_iter().rev().find(could)
    }

    /// Whether something holds at some moment, as far as it depends on these devices.
    pub fn some(
        &self,
        fleet: &Fleet,
        devices: &[Device],
        property: PropertyIndex,
        mut holds: impl FnMut(&Knowing) -> bool,
    ) -> bool {
        // What is true is so in the end, as a rule.
        let mut found =
            [self.to, self.from].into_iter().any(|at| holds(&self.knowing(at, property)));
        if !found {
            self.each_change(fleet, devices, None, |moment| {
                found = found || holds(&self.knowing(moment, property));
            });
        }
        found
    }
}
