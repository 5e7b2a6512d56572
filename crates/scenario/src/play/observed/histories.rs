//! What everybody and everything was that a recording may have seen, as far back as one may ask.

use std::collections::HashMap;

use crate::language::plan::Subject;
use crate::window::Window;
use lamplighter_core::model::{AgentStatus, Answer, Visibility, Visitor, WidgetId};
use lamplighter_core::rules::VisibilityRules;
use lamplighter_core::trace::SeenState;
use lamplighter_core::world::World;

/// A moment, in milliseconds as instants count them; before the year 1 and behind 9999, too.
pub type UnixMs = i64;

/// What an agent or a widget is from a moment on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum State {
    /// What team-mates see of an agent (rule P4).
    Agent(AgentStatus),
    /// What visitors see of a widget.
    Widget {
        /// What it shows (rules W1 to W6).
        answer: Answer,
        /// Which of the widget's visibility settings then holds, counted from the first.
        look: u32,
    },
}

/// The states of one agent or widget.
#[derive(Clone, Debug)]
pub struct History {
    /// From when on it was what. The first is what it was at the earliest moment that is remembered in
    /// full.
    states: Vec<(UnixMs, State)>,
    /// Of what it was before that, the last moment of each.
    past: Vec<(State, UnixMs)>,
}

impl History {
    /// It is something from a moment on, before which nothing counts.
    pub fn new(at: UnixMs, state: State) -> Self {
        Self { states: vec![(at, state)], past: Vec::new() }
    }

    /// It is something from a moment on; what was before `keep_from` need not be remembered in full.
    pub fn put(&mut self, at: UnixMs, state: State, keep_from: UnixMs) {
        match self.states.last_mut() {
            // Of one moment the last counts (rule T3).
            Some((last, was)) if *last == at => {
                *was = state;
                if let [.., (_, before), (_, now)] = self.states[..]
                    && before == now
                {
                    self.states.pop();
                }
            }
            Some((_, was)) if *was == state => {}
            _ => self.states.push((at, state)),
        }
        self.forget(keep_from);
    }

    fn forget(&mut self, keep_from: UnixMs) {
        let over = self.states.iter().skip(1).take_while(|(at, _)| *at <= keep_from).count();
        for place in 0..over {
            let (state, last) = (self.states[place].1, self.states[place + 1].0 - 1);
            match self.past.iter_mut().find(|(known, _)| *known == state) {
                Some((_, known)) => *known = last,
                None => self.past.push((state, last)),
            }
        }
        self.states.drain(..over);
    }

    /// What it was at a moment; `None` before the first that counts.
    pub fn at(&self, at: UnixMs) -> Option<State> {
        let after = self.states.partition_point(|(from, _)| *from <= at);
        Some(self.states[after.checked_sub(1)?].1)
    }

    /// What it is now.
    pub fn now(&self) -> Option<State> {
        self.states.last().map(|(_, state)| *state)
    }

    /// Tells each moment of a window at which it becomes something else.
    pub fn each_change(&self, window: Window, tell: &mut dyn FnMut(UnixMs)) {
        let skipped = self.states.partition_point(|(at, _)| *at < window.from);
        let within = self.states[skipped..].iter().take_while(|(at, _)| *at <= window.to);
        within.for_each(|(at, _)| tell(*at));
    }

    /// The last moment before another at which something held of it.
    pub fn last_before(&self, end: UnixMs, holds: impl Fn(State) -> bool) -> Option<UnixMs> {
        let mut until = end;
        for (from, state) in self.states.iter().rev() {
            if *from < end {
                if holds(*state) {
                    return Some(until - 1);
                }
                until = *from;
            } else {
                until = end;
            }
        }
        let past = self.past.iter().filter(|(state, _)| holds(*state));
        past.map(|(_, last)| *last).max()
    }

    /// The first moment behind another, and that known already, from which on something holds of it.
    pub fn first_after(&self, start: UnixMs, holds: impl Fn(State) -> bool) -> Option<UnixMs> {
        let later = self.states.iter().skip_while(|(at, _)| *at <= start);
        later.filter(|(_, state)| holds(*state)).map(|(at, _)| *at).next()
    }
}

/// The histories of all that is looked at.
#[derive(Debug, Default)]
pub struct Histories {
    agents: Vec<History>,
    widgets: Vec<History>,
    /// The visibility settings of widgets, one after the other; those of others are as the world has
    /// them.
    looks: HashMap<WidgetId, Vec<VisibilityRules>>,
    /// What was before need not be remembered in full.
    pub keep_from: UnixMs,
}

impl Histories {
    /// From now on, of all agents or of all widgets or both.
    pub fn new(world: &World, agents: usize, is_of: impl Fn(Subject) -> bool) -> Self {
        let at = world.now().as_millis();
        let agents = (0..agents).map(lamplighter_core::model::AgentId::new);
        let agents = agents.take_while(|agent| is_of(Subject::Agent(*agent)));
        let widgets = (0..world.widget_count()).map(WidgetId::new);
        let widgets = widgets.take_while(|widget| is_of(Subject::Widget(*widget)));
        let shown = |widget| State::Widget { answer: world.answer(widget), look: 0 };
        Self {
            agents: agents
                .map(|agent| History::new(at, State::Agent(world.agent_status(agent))))
                .collect(),
            widgets: widgets.map(|widget| History::new(at, shown(widget))).collect(),
            looks: HashMap::new(),
            keep_from: at,
        }
    }

    /// That of one; `None` where nobody looks at any such.
    pub fn of(&self, subject: Subject) -> Option<&History> {
        match subject {
            Subject::Agent(agent) => self.agents.get(agent.index()),
            Subject::Widget(widget) => self.widgets.get(widget.index()),
        }
    }

    /// Something is so of one from a moment on; whether anybody looks at it.
    pub fn put(&mut self, subject: Subject, at: UnixMs, state: State) -> bool {
        let history = match subject {
            Subject::Agent(agent) => self.agents.get_mut(agent.index()),
            Subject::Widget(widget) => self.widgets.get_mut(widget.index()),
        };
        let Some(history) = history else { return false };
        history.put(at, state, self.keep_from);
        true
    }

    /// A widget as the world shows it now, with the visibility settings that hold now.
    pub fn widget(&self, widget: WidgetId, answer: Answer) -> State {
        let looks = self.looks.get(&widget).map_or(1, Vec::len);
        State::Widget { answer, look: looks as u32 - 1 }
    }

    /// The visibility settings that hold now are to be known.
    pub fn note_look(&mut self, widget: WidgetId, world: &World) {
        let now = || vec![VisibilityRules::new(world.settings(widget))];
        self.looks.entry(widget).or_insert_with(now);
    }

    /// A widget was set otherwise: from now on other visibility settings hold.
    pub fn new_look(&mut self, widget: WidgetId, world: &World) {
        let looks = self.looks.entry(widget).or_default();
        looks.push(VisibilityRules::new(world.settings(widget)));
    }

    /// What hides a widget in a state, or that nothing does; `None` of an agent, and where its visibility
    /// settings are not known.
    pub fn visibility(
        &self,
        subject: Subject,
        state: State,
        visitor: &Visitor,
    ) -> Option<Visibility> {
        let (Subject::Widget(widget), State::Widget { answer, look }) = (subject, state) else {
            return None;
        };
        let rules = self.looks.get(&widget)?.get(look as usize)?;
        Some(rules.visibility(visitor, answer.status))
    }

    /// Whether what was seen of one is so in a state, for whoever looked.
    pub fn is_so(
        &self,
        subject: Subject,
        state: State,
        (seen, visitor): (SeenState, &Visitor),
    ) -> bool {
        match (seen, state) {
            (SeenState::Agent(status), State::Agent(is)) => status == is,
            (SeenState::Widget { status, chat, reason, shown }, State::Widget { answer, .. }) => {
                let is_shown =
                    || self.visibility(subject, state, visitor) == Some(Visibility::Shown);
                status == answer.status
                    && chat.is_none_or(|chat| chat == answer.chat)
                    && reason.is_none_or(|reason| reason == answer.reason)
                    && shown.is_none_or(|shown| shown == is_shown())
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamplighter_core::model::AgentStatus::{Away, Invisible, Offline, Online};

    fn is(status: AgentStatus) -> impl Fn(State) -> bool {
        move |state| state == State::Agent(status)
    }

    #[test]
    fn of_what_is_forgotten_the_last_moment_of_each_state_is_known() {
        for keep_from in [0, 15, 30, 100] {
            let mut history = History::new(0, State::Agent(Offline));
            for (at, status) in [(10, Online), (20, Away), (30, Online), (40, Offline)] {
                history.put(at, State::Agent(status), keep_from);
            }
            assert_eq!(history.last_before(1_000, is(Away)), Some(29), "{keep_from}");
            assert_eq!(history.last_before(1_000, is(Online)), Some(39), "{keep_from}");
            assert_eq!(history.last_before(1_000, is(Offline)), Some(999), "{keep_from}");
            assert_eq!(history.last_before(1_000, is(Invisible)), None, "{keep_from}");
            assert_eq!(history.at(45), Some(State::Agent(Offline)));
        }
    }

    #[test]
    fn of_one_moment_the_last_state_counts_and_what_is_as_before_is_no_change() {
        let mut history = History::new(0, State::Agent(Offline));
        history.put(10, State::Agent(Online), 0);
        history.put(10, State::Agent(Offline), 0);
        assert_eq!(history.states.len(), 1);
        history.put(20, State::Agent(Away), 0);
        let mut told = Vec::new();
        history.each_change(Window { from: 0, to: 20 }, &mut |at| told.push(at));
        assert_eq!(told, [0, 20]);
        assert_eq!(history.first_after(0, is(Away)), Some(20));
        assert_eq!(history.first_after(20, is(Away)), None);
        assert_eq!(history.at(-1), None);
    }
}
