//! What is so at an instant, asked of both of them; what the engine reported, and the timelines of the whole run.

use std::collections::BTreeMap;

use super::{SideBySide, device_state, place};
use crate::simulate::difference::{DifferenceKind, unlike};
use crate::simulate::explained;
use crate::simulate::invariants;
use crate::simulate::question::{Inquiry, Question, Reply, ask, without_impossible};
use lamplighter_core::model::{Answer, Instant, PropertyId, SchedulerState, WidgetId};
use lamplighter_core::world::{Change, TimelineRow};

impl SideBySide<'_> {
    pub(super) fn compare(&mut self) {
        self.played.instants += 1;
        let states: Vec<SchedulerState> =
            self.widgets().map(|widget| self.oracle.scheduler_state(widget)).collect();
        for (widget, &state) in self.widgets().zip(&states) {
            let answer = self.oracle.answer_when(widget, state);
            let expected = Reply::of_widget(&self.oracle, widget, answer);
            self.hold(Question::Widget(widget), expected);
        }
        for agent in self.case.agents() {
            self.ask(Question::Agent(agent));
        }
        self.compare_devices();
        self.compare_properties();
        for (widget, state) in self.widgets().zip(states) {
            let (expected, found) = ((widget, state), (widget, self.world.scheduler_state(widget)));
            self.hidden(unlike("a scheduler", &expected, &found));
            let (expected, found) = (self.oracle.settings(widget), self.world.settings(widget));
            self.hidden(unlike("settings", expected, found));
        }
        let turn = self.played.instants as usize;
        let (trial, checked) = (&mut self.trial, &mut self.played.checked);
        let broken = invariants::check(&self.world, self.extent, turn, trial, checked);
        self.broken(self.world.now(), broken);
    }

    fn compare_devices(&mut self) {
        for index in 0..self.devices.len() {
            let device = self.devices[index];
            let (status, connection) = device_state(&self.oracle, device);
            let found = (
                device,
                self.world.device_status(device),
                explained::connection(&self.world, device),
            );
            self.hidden(unlike("a device", &(device, status, connection), &found));
        }
    }

    fn compare_properties(&mut self) {
        for property in (0..self.extent.properties).map(PropertyId::new) {
            let expected = self.oracle.presence(property);
            self.hidden(unlike("a presence", &expected, &self.world.presence(property)));
            for agent in self.case.agents() {
                let expected = explained::membership(&self.oracle, agent, property);
                let found = self.world.membership(agent, property);
                self.hidden(unlike("a membership", &expected, &found));
            }
        }
    }

    /// What is told of agents beside their statuses.
    pub(super) fn compare_agents(&mut self) {
        for agent in self.case.agents() {
            let own = self.devices.iter().zip(&self.seen.since);
            let own = own.filter(|(device, _)| device.agent() == agent);
            let since: Vec<Option<Instant>> = own.map(|(_, since)| *since).collect();
            self.hidden(explained::devices(&self.world, &self.oracle, agent, &since));
            self.hidden(explained::next_of_agent(&self.world, &self.oracle, agent));
        }
    }

    /// The timeline of the run: of what was shown, after everything of an instant, what differs from
    /// before it (rule T3).
    pub(super) fn compare_timelines(&mut self) {
        self.timeline.finish(&mut |row| self.rows.push(row));
        let mut last: Vec<Option<Answer>> = vec![None; self.seen.widgets.len()];
        let mut expected = Vec::new();
        for instant in self.shown.chunk_by(|a, b| a.at == b.at) {
            let after: BTreeMap<WidgetId, Answer> =
                instant.iter().map(|row| (row.widget, row.answer)).collect();
            for (widget, answer) in after {
                let before = last[widget.index()].replace(answer);
                if before.is_none_or(|before| !before.is_listed_as(answer)) {
                    expected.push(TimelineRow { at: instant[0].at, widget, answer });
                } else {
                    last[widget.index()] = before;
                }
            }
        }
        let differs = expected.iter().zip(&self.rows).position(|(a, b)| a != b);
        let place = differs.unwrap_or(expected.len().min(self.rows.len()));
        self.hidden(unlike("the timeline", &expected.get(place), &self.rows.get(place)));
    }

    /// What was reported against what was seen.
    pub(super) fn compare_changes(&mut self, mut expected: Vec<Change>, found: &[Change]) {
        expected.sort_by_key(place);
        let differs = expected.iter().zip(found).position(|(expected, found)| expected != found);
        let at = differs.unwrap_or(expected.len().min(found.len()));
        let (expected, found) = (expected.get(at), found.get(at));
        let Some(kind) = unlike("what was reported", &expected, &found) else { return };
        // At that very instant a scenario may be able to ask.
        let first = expected.into_iter().chain(found).min_by_key(|change| place(change));
        if let Some(change) = first {
            self.ask_for(change);
        }
        self.hidden(Some(kind));
    }

    /// Asks for what changed, in a run that ends as it does.
    fn ask_for(&mut self, change: &Change) {
        let (at, question) = match *change {
            Change::Agent { at, agent, .. } => (at, Question::Agent(agent)),
            Change::Widget { at, widget, .. } => (at, Question::Widget(widget)),
        };
        let case = self.case.until(at, self.after);
        let case = without_impossible(&case, self.zones);
        if let Inquiry::Differs(finding) = ask(&case, &question, self.zones) {
            self.differ(at, self.after, DifferenceKind::Finding(finding));
        }
    }
}
