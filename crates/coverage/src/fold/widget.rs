//! One widget: what is so of it from one change to the next, added up.

use std::sync::Arc;

use lamplighter_core::hours::Zone;
use lamplighter_core::model::{
    AgentId, Answer, Chat, DeviceId, Instant, Millis, Presence, PropertyId, Visibility, WidgetId,
    WidgetStatus,
};

use crate::calendar::{MINUTE_MS, WallClock};
use crate::class::{CLASSES, Class};
use crate::figures::{
    Cause, ClassSpan, Ghost, Handover, HourFigures, Longest, Single, Span, TOLD, Totals,
    WidgetFigures, no_hours,
};

/// What is so of a widget until the next change.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct State {
    /// The class of time.
    pub class: Class,
    /// What the widget shows to visitors (rules W1 to W6).
    pub answer: Answer,
    /// What the members add up to (rule P5).
    pub presence: Presence,
    /// How many active members are online.
    pub online: u32,
    /// How many active members are away.
    pub away: u32,
    /// The one member who is online or away, where there is exactly one.
    pub single: Option<AgentId>,
    /// The one device that is online or away, where there is exactly one.
    pub sole: Option<DeviceId>,
    /// Whether the widget has a scheduler.
    pub has_scheduler: bool,
}

impl State {
    fn is_false_light(&self) -> bool {
        self.answer.status == WidgetStatus::Online && self.answer.chat == Chat::No
    }

    fn is_dark_while_staffed(&self) -> bool {
        self.answer.status == WidgetStatus::Offline && self.presence == Presence::Online
    }

    /// Who alone keeps the light on.
    fn keeper(&self) -> Option<AgentId> {
        self.single.filter(|_| self.class.is_lit())
    }
}

/// How much is kept of a widget.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Detail {
    /// Whatever a report tells.
    Whole,
    /// What is set beside another run: totals alone.
    Totals,
}

/// A widget of which time is added up.
pub struct WidgetFold {
    state: State,
    /// Up to where the time is added up.
    mark: Instant,
    totals: Totals,
    /// `None` where totals alone are kept.
    detail: Option<Box<Details>>,
    last_change: Option<Instant>,
    /// Whether there was a scheduler at any time of the report.
    had_scheduler: bool,
}

/// What is kept beside the totals.
struct Details {
    clock: WallClock,
    hours: Vec<HourFigures>,
    first_day: i64,
    days: Vec<[u32; CLASSES]>,
    longest: [Longest<ClassSpan>; 3],
    /// When the class began, and what began it.
    stretch: (Instant, Cause),
    handovers: Longest<Handover>,
    /// When the widget became empty, and who went.
    gap: Option<(Instant, AgentId)>,
    single: Longest<Single>,
    single_since: Instant,
    ghosts: Longest<Ghost>,
    ghost: Option<Haunting>,
    ghost_after: Millis,
}

/// A device that is alone since its last event.
#[derive(Clone, Copy)]
struct Haunting {
    device: DeviceId,
    /// The first instant at which it kept the widget lit alone, and the first behind the last.
    span: Option<Span>,
    lit_ms: u64,
}

impl WidgetFold {
    /// A widget that is as it is from an instant on.
    pub fn new(
        state: State,
        at: Instant,
        detail: Detail,
        zone: &Arc<Zone>,
        ghost_after: Millis,
    ) -> Self {
        let details = || {
            let mut clock = WallClock::new(Arc::clone(zone));
            Box::new(Details {
                first_day: clock.day(at),
                clock,
                hours: no_hours(),
                days: Vec::new(),
                longest: [const { Longest { count: 0, total_ms: 0, kept: Vec::new() } }; 3],
                stretch: (at, Cause::Beginning),
                handovers: Longest::default(),
                gap: None,
                single: Longest::default(),
                single_since: at,
                ghosts: Longest::default(),
                ghost: haunting(&state),
                ghost_after,
            })
        };
        Self {
            mark: at,
            totals: Totals::default(),
            detail: (detail == Detail::Whole).then(details),
            last_change: None,
            had_scheduler: state.has_scheduler,
            state,
        }
    }

    /// The state of the widget since its last change.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What is so before the report begins, and after everything of its first instant (rule T3): nothing
    /// is added up.
    pub fn put(&mut self, state: State) {
        self.state = state;
        self.had_scheduler = state.has_scheduler;
        if let Some(detail) = &mut self.detail {
            detail.ghost = haunting(&state);
        }
    }

    /// Something else is so from an instant on, and what made it so; `has_event` says whether the
    /// device that was alone had an event.
    pub fn change(&mut self, at: Instant, state: State, cause: Cause, has_event: bool) {
        if state == self.state && !has_event {
            return;
        }
        self.add_up(at);
        self.had_scheduler |= state.has_scheduler;
        let before = std::mem::replace(&mut self.state, state);
        if !before.answer.shows_as(state.answer) {
            self.totals.changes += 1;
            let spell = self.last_change.replace(at).map(|last| at.since(last));
            self.totals.short_spells +=
                u64::from(spell.is_some_and(|spell| spell.0 < MINUTE_MS as u64));
        }
        let Some(detail) = &mut self.detail else { return };
        if before.class != state.class {
            detail.end_stretch(at, before.class);
            detail.stretch = (at, cause);
            detail.hand_over(at, before.class, state.class, cause);
        }
        if before.keeper() != state.keeper() {
            detail.end_single(at, before.keeper());
            detail.single_since = at;
        }
        if before.sole != state.sole || has_event {
            detail.end_haunting();
            detail.ghost = haunting(&state);
        }
    }

    /// Counts a visitor who comes at an instant, by what the visitor sees of the widget.
    pub fn visit(&mut self, at: Instant, visibility: Visibility) {
        let visitors = &mut self.totals.visitors;
        visitors.came += 1;
        match (visibility, self.state.answer.status) {
            (Visibility::Hidden(_), _) => visitors.hidden += 1,
            (Visibility::Shown, WidgetStatus::Online) => visitors.online += 1,
            (Visibility::Shown, WidgetStatus::Away) => visitors.away += 1,
            (Visibility::Shown, WidgetStatus::Offline) => visitors.offline += 1,
        }
        let is_empty = self.state.class == Class::Empty;
        visitors.empty += u64::from(is_empty);
        if let Some(detail) = &mut self.detail {
            let hour = detail.clock.piece(at.as_millis(), i64::MAX).hour;
            detail.hours[hour].visitors += 1;
            detail.hours[hour].visitors_empty += u64::from(is_empty);
        }
    }

    /// Adds the time up to an instant.
    fn add_up(&mut self, to: Instant) {
        let ms = to.since(self.mark).0;
        if ms == 0 {
            return;
        }
        let state = &self.state;
        self.totals.times.add(state.class, ms);
        self.totals.false_light_ms += if state.is_false_light() { ms } else { 0 };
        self.totals.dark_while_staffed_ms += if state.is_dark_while_staffed() { ms } else { 0 };
        if let Some(detail) = &mut self.detail {
            detail.add_up(state, Span { from: self.mark, to });
        }
        self.mark = to;
    }

    /// The totals, once time has come to its end.
    pub fn finish_totals(mut self, at: Instant) -> Totals {
        self.add_up(at);
        self.totals
    }

    /// Everything, once time has come to its end; `None` where totals alone were kept.
    pub fn finish(
        mut self,
        at: Instant,
        widget: WidgetId,
        property: PropertyId,
    ) -> Option<WidgetFigures> {
        self.add_up(at);
        let mut detail = *self.detail?;
        detail.end_stretch(at, self.state.class);
        detail.end_single(at, self.state.keeper());
        detail.end_haunting();
        Some(WidgetFigures {
            widget,
            property,
            zone: Arc::clone(detail.clock.zone()),
            has_scheduler: self.had_scheduler,
            totals: self.totals,
            hours: detail.hours,
            first_day: detail.first_day,
            days: detail.days,
            longest: detail.longest,
            handovers: detail.handovers,
            single: detail.single,
            ghosts: detail.ghosts,
        })
    }
}

impl Details {
    fn add_up(&mut self, state: &State, span: Span) {
        let Self { clock, hours, days, first_day, .. } = self;
        let (online, away) = (u64::from(state.online), u64::from(state.away));
        clock.cut(span.from.as_millis(), span.to.as_millis(), |piece| {
            let ms = piece.length_ms();
            let hour = &mut hours[piece.hour];
            hour.times.add(state.class, ms);
            hour.online_ms += online * ms;
            hour.away_ms += away * ms;
            // A zone that skips a day backwards repeats its first one.
            let day = usize::try_from(piece.day - *first_day).unwrap_or(0);
            if day >= days.len() {
                days.resize(day + 1, [0; CLASSES]);
            }
            // A day of no zone is longer than 2^32 milliseconds.
            days[day][state.class as usize] += ms as u32;
        });
        if let Some(ghost) = &mut self.ghost
            && state.class.is_lit()
        {
            let from = ghost.span.map_or(span.from, |all| all.from);
            ghost.span = Some(Span { from, to: span.to });
            ghost.lit_ms += span.length_ms();
        }
    }

    fn end_stretch(&mut self, at: Instant, class: Class) {
        if let Some(place) = TOLD.iter().position(|told| *told == class) {
            let (from, cause) = self.stretch;
            self.longest[place].take(ClassSpan { span: Span { from, to: at }, cause });
        }
    }

    /// A gap goes from the one whose going made it to another one whose coming ends it.
    fn hand_over(&mut self, at: Instant, before: Class, now: Class, cause: Cause) {
        let gap = self.gap.take();
        let Cause::Member { agent, .. } = cause else { return };
        if before.is_lit() && now == Class::Empty {
            self.gap = Some((at, agent));
        } else if let Some((from, went)) = gap
            && now.is_lit()
            && went != agent
        {
            self.handovers.take(Handover { span: Span { from, to: at }, went, came: agent });
        }
    }

    fn end_single(&mut self, at: Instant, keeper: Option<AgentId>) {
        if let Some(agent) = keeper {
            self.single.take(Single { span: Span { from: self.single_since, to: at }, agent });
        }
    }

    fn end_haunting(&mut self) {
        if let Some(Haunting { device, span: Some(span), lit_ms }) = self.ghost.take()
            && lit_ms > self.ghost_after.0
        {
            self.ghosts.take(Ghost { span, lit_ms, device });
        }
    }
}

fn haunting(state: &State) -> Option<Haunting> {
    state.sole.map(|device| Haunting { device, span: None, lit_ms: 0 })
}
