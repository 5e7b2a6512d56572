//! What the clock does: the oracle sees it minute by minute, the engine in one leap, and a copy of the engine
//! walks from change to change.

use super::{SideBySide, place};
use crate::simulate::difference::unlike;
use crate::simulate::invariants;
use crate::simulate::probe::ClockEffects;
use lamplighter_core::model::{DeviceStatus, Instant, SchedulerState, WidgetId};
use lamplighter_core::oracle::Clocks;
use lamplighter_core::world::{Change, TimelineRow};

impl SideBySide<'_> {
    pub(super) fn advance(&mut self, to: Instant) {
        let from = self.oracle.now();
        self.probe.calendar(&self.oracle, from, to);
        let expected = self.watch(to);
        let mut walked = Vec::new();
        self.walk(to, &mut walked);
        let mut found = Vec::new();
        self.world.advance(to, &mut |change| found.push(change));
        self.told(&found);
        found.sort_by_key(place);
        walked.sort_by_key(place);
        self.compare_changes(expected, &found);
        self.hidden(unlike("what was reported while walking", &found, &walked));
        self.look_back(from, to);
    }

    /// Lets the oracle look at every minute and deadline up to an instant; gives what it saw change.
    fn watch(&mut self, to: Instant) -> Vec<Change> {
        let mut clocks = self.oracle.clocks(to);
        let deadlines = self.oracle.deadlines();
        let due = deadlines.iter().copied().filter(|&at| at <= to);
        let mut instants: Vec<Instant> = clocks.instants().chain(due).chain([to]).collect();
        instants.sort();
        instants.dedup();
        let mut changes = Vec::new();
        for at in instants {
            self.oracle.advance(at);
            self.played.looks += 1;
            self.see(&mut clocks, deadlines.contains(&at), &mut changes);
        }
        changes
    }

    /// Looks at the oracle. Agents change by the clock at deadlines alone.
    fn see(&mut self, clocks: &mut Clocks, is_deadline: bool, changes: &mut Vec<Change>) {
        let at = self.oracle.now();
        let mut moment = ClockEffects { at: Some(at), ..ClockEffects::default() };
        if is_deadline {
            for device in self.see_devices() {
                match self.oracle.device_status(device) {
                    DeviceStatus::LoggedOut => moment.ran_out.push(device),
                    _ if self.oracle.is_away_by_the_clock(device) => moment.went_away.push(device),
                    _ => moment.went_back.push(device),
                }
            }
            self.see_agents(changes);
        }
        for (widget, state) in clocks.look(&self.oracle) {
            self.compare_last_answer(widget, state);
            let (before, state_before) = self.seen.widgets[widget.index()];
            if state != state_before {
                moment.flipped.push(widget);
            }
            if state != state_before || is_deadline {
                let now = self.oracle.answer(widget);
                self.seen.widgets[widget.index()] = (now, state);
                if now != before {
                    changes.push(Change::Widget { at, widget, before, now });
                    self.shown.push(TimelineRow { at, widget, answer: now });
                    self.foretold(widget, before, now);
                }
            }
        }
        if !moment.is_quiet() {
            self.probe.clock(&self.oracle, &moment);
            self.moment = moment;
        }
    }

    /// What hours answer that are asked again and again while time goes on.
    fn compare_last_answer(&mut self, widget: WidgetId, state: SchedulerState) {
        let Some(schedule) = self.world.schedule(widget) else { return };
        let open = self.last_answers[widget.index()].is_open(schedule, self.oracle.now());
        let unlike = unlike("a last answer", &(state == SchedulerState::Open), &open);
        self.hidden(unlike);
    }

    /// A copy of the engine goes from change to change, and stands still in between.
    fn walk(&mut self, to: Instant, changes: &mut Vec<Change>) {
        if self.world.next_clock_instant().is_none_or(|at| at > to) {
            // It would do what the engine itself does next.
            return;
        }
        let mut walker = self.world.clone();
        while let Some(at) = walker.next_clock_instant().filter(|&at| at <= to) {
            let between = (walker.now().as_millis() + at.as_millis()) / 2;
            let between = Instant::from_millis(between).filter(|&b| b > walker.now() && b < at);
            if let Some(between) = between {
                let checked = &mut self.played.checked;
                let broken = invariants::check_between(&mut walker, between, checked);
                self.broken(between, broken);
            }
            let reported = changes.len();
            walker.advance(at, &mut |change| changes.push(change));
            let next = walker.next_clock_instant();
            if next.is_some_and(|next| next <= at) {
                // It would be walked to for ever.
                self.hidden(unlike("what the clock does next", &None, &next));
                break;
            }
            if changes.len() > reported {
                let turn = changes.len();
                let (trial, checked) = (&mut self.trial, &mut self.played.checked);
                let broken = invariants::check(&walker, self.extent, turn, trial, checked);
                self.broken(at, broken);
            }
        }
        walker.advance(to, &mut |change| changes.push(change));
    }
}
