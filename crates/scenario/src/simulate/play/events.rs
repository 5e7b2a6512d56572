//! What happens: every event of the case to both of them, and what changed by it.

use super::{SideBySide, place};
use crate::simulate::case::meet;
use crate::simulate::difference::DifferenceKind;
use crate::simulate::question::{Finding, Question, Reply};
use lamplighter_core::hours::LastAnswer;
use lamplighter_core::model::{DeviceStatus, Event};
use lamplighter_core::oracle;
use lamplighter_core::world::{Change, TimelineRow};

impl SideBySide<'_> {
    fn meet(&mut self, event: &Event) {
        if let Some(device) = meet(&mut self.world, event) {
            self.devices.push(self.world.hinted(device));
            self.seen.devices.push((DeviceStatus::LoggedOut, oracle::Connection::Up));
            self.seen.since.push(None);
        }
    }

    /// Every other event is by an id with a hint, which may be an old one.
    fn hinted(&self, event: &Event) -> Event {
        let known = event.device().filter(|_| self.after.is_multiple_of(2));
        let known = known.and_then(|device| self.devices.iter().find(|known| **known == device));
        known.map_or_else(|| event.clone(), |known| event.clone().on_device(*known))
    }

    pub(super) fn step(&mut self, event: &Event) {
        self.probe.before_step(&self.oracle, event, &self.moment);
        let expected = self.oracle.apply(event);
        self.meet(event);
        if let Event::Configure(widget, _) = event {
            self.last_answers[widget.index()] = LastAnswer::default();
        }
        let mut reported = Vec::new();
        let found = self.world.apply(&self.hinted(event), &mut |change| reported.push(change));
        self.after += 1;
        self.played.events += 1;
        self.told(&reported);
        self.played.digest.number(u64::from(found.is_ok()));
        if expected != found {
            let kind = match expected {
                Ok(()) => DifferenceKind::Finding(Finding {
                    question: Question::LastEvent,
                    expected: Reply::Event(expected),
                    found: Reply::Event(found),
                }),
                Err(_) => DifferenceKind::Hidden {
                    what: "whether an event can happen".to_owned(),
                    expected: format!("{expected:?} for {event:?}"),
                    found: format!("{found:?}"),
                },
            };
            self.differ(self.oracle.now(), self.after, kind);
        }
        let mut seen = Vec::new();
        self.see_agents(&mut seen);
        let mut changed = Vec::new();
        for widget in self.widgets() {
            let state = self.oracle.scheduler_state(widget);
            let now = (self.oracle.answer_when(widget, state), state);
            let (before, _) = std::mem::replace(&mut self.seen.widgets[widget.index()], now);
            if before != now.0 {
                changed.push(widget);
                let at = self.oracle.now();
                seen.push(Change::Widget { at, widget, before, now: now.0 });
                self.shown.push(TimelineRow { at, widget, answer: now.0 });
            }
        }
        self.see_devices();
        self.probe.after_step(event, expected, &changed);
        self.probe.state(&self.oracle, self.seen.widgets.iter().map(|(answer, _)| *answer));
        reported.sort_by_key(place);
        self.compare_changes(seen, &reported);
    }
}
