//! What the rules need of each widget, as bits: 64 widgets in four words, so that one answer is one
//! cache line and a sweep over the fleet a few operations a word.

use crate::model::{Answer, Presence, SchedulerState, WidgetId};
use crate::rules::{self, Facts64, Statuses64};

/// The facts of a fleet's widgets.
#[derive(Debug)]
pub struct Planes {
    facts: Vec<Facts64>,
    /// Whether the scheduler is on; only reasons need it.
    scheduled: Vec<u64>,
}

/// Every answer there is, by the bits that [`key`] puts together.
const ANSWERS: [Answer; 32] = {
    let nobody = rules::answer(SchedulerState::Off, Presence::Nobody, false);
    let mut answers = [nobody; 32];
    let mut key = 0;
    while key < 32 {
        let scheduler = match (key & SCHEDULED != 0, key & CLOSED != 0) {
            (false, _) => SchedulerState::Off,
            (true, false) => SchedulerState::Open,
            (true, true) => SchedulerState::Closed,
        };
        let presence = match (key & ONLINE != 0, key & AWAY != 0) {
            (true, _) => Presence::Online,
            (false, true) => Presence::Away,
            (false, false) => Presence::Nobody,
        };
        answers[key] = rules::answer(scheduler, presence, key & STAYS_UP == 0);
        key += 1;
    }
    answers
};

const CLOSED: usize = 1;
const ONLINE: usize = 2;
const AWAY: usize = 4;
const STAYS_UP: usize = 8;
const SCHEDULED: usize = 16;

/// The bits of one widget: bit `shift` of each word.
#[inline]
fn key(facts: &Facts64, scheduled: u64, shift: u32) -> usize {
    let bit = |word: u64| (word >> shift & 1) as usize;
    bit(facts.closed)
        | bit(facts.online) << 1
        | bit(facts.away) << 2
        | bit(facts.stays_up) << 3
        | bit(scheduled) << 4
}

impl Planes {
    /// Widgets without a scheduler, and nobody there.
    pub fn new(widget_count: usize) -> Self {
        let words = widget_count.div_ceil(64);
        Self { facts: vec![Facts64::default(); words], scheduled: vec![0; words] }
    }

    /// What a widget shows, and why.
    #[inline]
    pub fn answer(&self, widget: WidgetId) -> Answer {
        let (word, shift) = place(widget);
        ANSWERS[key(&self.facts[word], self.scheduled[word], shift)]
    }

    /// Changes the facts of one widget: what it showed before, and shows now.
    #[inline]
    fn change(&mut self, widget: WidgetId, put: impl FnOnce(&mut Facts64, u32)) -> Step {
        let (word, shift) = place(widget);
        let (facts, scheduled) = (&mut self.facts[word], self.scheduled[word]);
        let before = key(facts, scheduled, shift);
        put(facts, shift);
        let now = key(facts, scheduled, shift);
        Step { widget, before: ANSWERS[before], now: ANSWERS[now] }
    }

    /// Puts what the members of its property add up to (rule P5).
    #[inline]
    pub fn put_presence(&mut self, widget: WidgetId, presence: Presence) -> Step {
        self.change(widget, |facts, shift| {
            put(&mut facts.online, shift, presence == Presence::Online);
            put(&mut facts.away, shift, presence == Presence::Away);
        })
    }

    /// Opens or closes a widget that has a scheduler (rule S2).
    #[inline]
    pub fn put_open(&mut self, widget: WidgetId, open: bool) -> Step {
        self.change(widget, |facts, shift| put(&mut facts.closed, shift, !open))
    }

    /// Puts a widget's scheduler and its setting *offline when all agents offline*.
    pub fn put_settings(
        &mut self,
        widget: WidgetId,
        scheduler: SchedulerState,
        offline_when_all_agents_offline: bool,
    ) -> Step {
        let before = self.answer(widget);
        let (word, shift) = place(widget);
        let scheduled = scheduler != SchedulerState::Off;
        put(&mut self.scheduled[word], shift, scheduled);
        let facts = &mut self.facts[word];
        put(&mut facts.closed, shift, scheduler == SchedulerState::Closed);
        put(&mut facts.stays_up, shift, scheduled && !offline_when_all_agents_offline);
        Step { widget, before, now: self.answer(widget) }
    }

    /// Whether a widget's hours are open (rules S1, S2).
    pub fn scheduler_state(&self, widget: WidgetId) -> SchedulerState {
        let (word, shift) = place(widget);
        match (self.scheduled[word] >> shift & 1, self.facts[word].closed >> shift & 1) {
            (0, _) => SchedulerState::Off,
            (_, 0) => SchedulerState::Open,
            _ => SchedulerState::Closed,
        }
    }

    /// The statuses of all widgets, 64 at a time; the last word may have some to spare.
    pub fn sweep(&self) -> impl ExactSizeIterator<Item = Statuses64> {
        self.facts.iter().map(|facts| rules::statuses(*facts))
    }
}

/// What one change of its facts does to a widget, perhaps nothing.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub widget: WidgetId,
    pub before: Answer,
    pub now: Answer,
}

#[inline]
fn place(widget: WidgetId) -> (usize, u32) {
    (widget.index() / 64, (widget.index() % 64) as u32)
}

#[inline]
fn put(word: &mut u64, shift: u32, on: bool) {
    *word = *word & !(1 << shift) | u64::from(on) << shift;
}
