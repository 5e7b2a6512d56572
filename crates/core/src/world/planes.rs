//! What the rules need of each widget, as bits: 128 widgets to a cache line, so that one answer is one
//! of them and a sweep over the fleet a few operations a word.

use std::sync::Arc;

use super::copies::clone_by_field;
use crate::model::{Answer, Chat, Presence, RuleSet, SchedulerState, WidgetId};
use crate::mutations::{Mutation, is_on};
use crate::rules::{self, Bits, Facts128, StatusTable, Statuses128};

/// Widgets to a cache line of facts.
const WIDGETS: usize = 128;

/// The facts of a fleet's widgets.
#[derive(Debug)]
pub struct Planes {
    facts: Vec<Facts128>,
    /// Whether the scheduler is on; only reasons need it.
    scheduled: Vec<Bits>,
    /// Every answer there is, by the bits that [`key`] puts together.
    answers: Arc<Answers>,
    /// Set where the answers are not those of the rule book.
    other: Option<Arc<Other>>,
}

clone_by_field! { Planes { facts, scheduled, answers, other } }

/// What goes by other rules than the rule book's.
#[derive(Clone, Debug)]
struct Other {
    rules: RuleSet,
    statuses: StatusTable,
}

type Answers = [Answer; 32];

/// Those of the rule book.
const BOOK: Answers = answers(&RuleSet::BOOK);

const fn answers(rules: &RuleSet) -> Answers {
    let nobody = rules::answer(rules, SchedulerState::Off, Presence::Nobody, false);
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
        answers[key] = rules::answer(rules, scheduler, presence, key & STAYS_UP == 0);
        key += 1;
    }
    answers
}

const CLOSED: usize = 1;
const ONLINE: usize = 2;
const AWAY: usize = 4;
const STAYS_UP: usize = 8;
const SCHEDULED: usize = 16;

/// The answer to the bits that [`key`] puts together.
#[inline]
fn look_up(answers: &Answers, key: usize) -> Answer {
    if is_on(Mutation::OnlineBeatsClosed) && key & ONLINE != 0 {
        return answers[key & !CLOSED];
    }
    if is_on(Mutation::AwayAsNobody) {
        return answers[key & !AWAY];
    }
    if is_on(Mutation::ClosedWhoeverIsThere) && key & CLOSED != 0 {
        return BOOK[key];
    }
    let answer = answers[key];
    if is_on(Mutation::ChatWithNobody) && answer.rule == 6 {
        return Answer { chat: Chat::Possible, ..answer };
    }
    answer
}

/// The bits of one widget.
#[inline]
fn key(facts: &Facts128, scheduled: Bits, place: BitPosition) -> usize {
    let bit = |bits: Bits| (bits[place.word] >> place.shift & 1) as usize;
    bit(facts.closed)
        | bit(facts.online) << 1
        | bit(facts.away) << 2
        | bit(facts.stays_up) << 3
        | bit(scheduled) << 4
}

/// Where the bits of a widget stand.
#[derive(Clone, Copy)]
struct BitPosition {
    line: usize,
    word: usize,
    shift: u32,
}

impl From<WidgetId> for BitPosition {
    #[inline]
    fn from(widget: WidgetId) -> Self {
        let index = widget.index();
        Self { line: index / WIDGETS, word: index / 64 % 2, shift: (index % 64) as u32 }
    }
}

impl Planes {
    /// Widgets without a scheduler, and nobody there; what they show goes by such rules.
    pub fn new(widget_count: usize, rules: &RuleSet) -> Self {
        let lines = widget_count.div_ceil(WIDGETS);
        let answers = Arc::new(answers(rules));
        let other = || Arc::new(Other { rules: *rules, statuses: StatusTable::new(rules) });
        Self {
            facts: vec![Facts128::default(); lines],
            scheduled: vec![[0; 2]; lines],
            other: (*answers != BOOK).then(other),
            answers,
        }
    }

    /// Whether the answers are those of the rule book.
    #[inline]
    pub fn go_by_the_book(&self) -> bool {
        self.other.is_none()
    }

    /// Makes room for so many widgets; the new ones are without a scheduler, and nobody is there.
    pub fn grow(&mut self, widget_count: usize) {
        let lines = widget_count.div_ceil(WIDGETS);
        if lines > self.facts.len() {
            self.facts.resize(lines, Facts128::default());
            self.scheduled.resize(lines, [0; 2]);
        }
    }

    /// What a widget shows, and why.
    #[inline]
    pub fn answer(&self, widget: WidgetId) -> Answer {
        let place = BitPosition::from(widget);
        look_up(&self.answers, key(&self.facts[place.line], self.scheduled[place.line], place))
    }

    /// Puts what the members of its property add up to (rule P5).
    #[inline]
    pub fn put_presence(&mut self, widget: WidgetId, presence: Presence) -> WidgetStep {
        let place = BitPosition::from(widget);
        let (facts, scheduled) = (&mut self.facts[place.line], self.scheduled[place.line]);
        let (online, away) = (presence == Presence::Online, presence == Presence::Away);
        let before = key(facts, scheduled, place);
        let now = before & !(ONLINE | AWAY) | usize::from(online) << 1 | usize::from(away) << 2;
        put(&mut facts.online, place, online);
        put(&mut facts.away, place, away);
        let answers = &*self.answers;
        WidgetStep { widget, before: look_up(answers, before), now: look_up(answers, now) }
    }

    /// Opens or closes a widget that has a scheduler (rule S2) in a fleet that [goes by the
    /// book](Self::go_by_the_book); `None` where it was so already.
    #[inline]
    pub fn put_open(&mut self, widget: WidgetId, open: bool) -> Option<WidgetStep> {
        const SCHEDULED_BITS: Bits = [u64::MAX; 2];
        let place = BitPosition::from(widget);
        let facts = &mut self.facts[place.line];
        let was_open = facts.closed[place.word] >> place.shift & 1 == 0;
        if was_open == open {
            return None;
        }
        facts.closed[place.word] ^= 1 << place.shift;
        // Closed, all else is as good as nothing.
        let closed = look_up(&BOOK, SCHEDULED | CLOSED);
        let opened = look_up(&BOOK, key(facts, SCHEDULED_BITS, place) & !CLOSED);
        Some(match open {
            true => WidgetStep { widget, before: closed, now: opened },
            false => WidgetStep { widget, before: opened, now: closed },
        })
    }

    /// The same by whatever rules: closed, all else may still count.
    pub fn put_open_by_any_rules(&mut self, widget: WidgetId, open: bool) -> Option<WidgetStep> {
        let place = BitPosition::from(widget);
        let facts = &mut self.facts[place.line];
        let was_open = facts.closed[place.word] >> place.shift & 1 == 0;
        if was_open == open {
            return None;
        }
        let before = look_up(&self.answers, key(facts, self.scheduled[place.line], place));
        facts.closed[place.word] ^= 1 << place.shift;
        let now = look_up(&self.answers, key(facts, self.scheduled[place.line], place));
        Some(WidgetStep { widget, before, now })
    }

    /// Puts a widget's scheduler and its setting *offline when all agents offline*.
    pub fn put_settings(
        &mut self,
        widget: WidgetId,
        scheduler: SchedulerState,
        offline_when_all_agents_offline: bool,
    ) -> WidgetStep {
        let before = self.answer(widget);
        let scheduler = match scheduler {
            SchedulerState::Off if is_on(Mutation::SchedulerOffStaysClosed) => {
                self.scheduler_state(widget)
            }
            _ => scheduler,
        };
        let place = BitPosition::from(widget);
        let scheduled = scheduler != SchedulerState::Off;
        put(&mut self.scheduled[place.line], place, scheduled);
        let facts = &mut self.facts[place.line];
        put(&mut facts.closed, place, scheduler == SchedulerState::Closed);
        let setting = offline_when_all_agents_offline && !is_on(Mutation::SettingIgnored);
        let stays_up = match &self.other {
            None => scheduled && !setting,
            Some(other) => rules::stays_up(&other.rules, scheduled, setting),
        };
        put(&mut facts.stays_up, place, stays_up);
        WidgetStep { widget, before, now: self.answer(widget) }
    }

    /// Whether a widget's hours are open (rules S1, S2).
    pub fn scheduler_state(&self, widget: WidgetId) -> SchedulerState {
        let place = BitPosition::from(widget);
        let is = |bits: Bits| bits[place.word] >> place.shift & 1 == 1;
        match (is(self.scheduled[place.line]), is(self.facts[place.line].closed)) {
            (false, _) => SchedulerState::Off,
            (true, false) => SchedulerState::Open,
            (true, true) => SchedulerState::Closed,
        }
    }

    /// The statuses of all widgets, 128 at a time; the last ones may have some to spare.
    pub fn sweep(&self) -> impl ExactSizeIterator<Item = Statuses128> {
        let other = self.other.as_deref().map(|other| &other.statuses);
        self.facts.iter().map(move |facts| match other {
            None => rules::statuses(facts),
            Some(table) => rules::statuses_by(table, facts),
        })
    }
}

/// What one change of its facts does to a widget, perhaps nothing.
#[derive(Clone, Copy, Debug)]
pub struct WidgetStep {
    /// The widget whose facts have changed.
    pub widget: WidgetId,
    /// What it showed before the change.
    pub before: Answer,
    /// What it shows since; equal to `before` where the change made no difference (rule T3).
    pub now: Answer,
}

#[inline]
fn put(bits: &mut Bits, BitPosition { word, shift, .. }: BitPosition, on: bool) {
    bits[word] = bits[word] & !(1 << shift) | u64::from(on) << shift;
}
