//! Goes along in a second run of a scenario with the rows that are told: it sees what was so around each,
//! gathers the facts behind it, and takes down what happened, from which a small scenario is made.

use std::collections::{BTreeMap, HashMap};

use super::story::Story;
use crate::language::plan::Subject;
use crate::play::facts::{Fact, Facts};
use crate::play::observations::{Around, FalseRow, Truth};
use crate::play::words::Words;
use crate::window::Miss;
use lamplighter_core::model::{
    About, AgentId, Answer, Chat, Event, Instant, Visibility, Visitor, WidgetId,
};
use lamplighter_core::rules::VisibilityRules;
use lamplighter_core::trace::SeenState;
use lamplighter_core::world::Change;

/// So much of what was so around a row is kept, the last before it and the first behind it.
const AROUND_MAX: usize = 12;

/// Goes along in a second run.
#[derive(Default)]
pub struct Witness {
    rows: Vec<Watched>,
    /// Which of the rows begin to be watched at an instant, and at which one the facts are gathered.
    begin: BTreeMap<Instant, Vec<usize>>,
    look: BTreeMap<Instant, Vec<usize>>,
    of: HashMap<Subject, Vec<usize>>,
    of_members: HashMap<AgentId, Vec<usize>>,
}

/// A row that is watched.
struct Watched {
    subject: Subject,
    seen: SeenState,
    visitor: Visitor,
    at: Instant,
    to: Instant,
    has_begun: bool,
    /// Whether whoever looked sees it, by what is set.
    rules: Option<VisibilityRules>,
    around: Vec<Around>,
    /// What is so at last, of which `around` may have no more room.
    last: Option<Truth>,
    facts: Vec<Fact>,
    story: Option<Story>,
}

impl Witness {
    /// For rows of a run that began at an instant.
    pub fn new(rows: &[FalseRow], start: Instant) -> Self {
        let mut witness = Self::default();
        for (index, row) in rows.iter().enumerate() {
            let from = match row.miss {
                Miss::Stale(_) => row.right_at().unwrap_or(start).min(row.window_start()),
                Miss::Early(_) | Miss::Never => row.window_start(),
            };
            let end = row.at.checked_add(row.within).unwrap_or(Instant::MAX);
            let to = match row.miss {
                Miss::Early(_) => row.right_at().unwrap_or(end).max(end),
                Miss::Stale(_) | Miss::Never => end,
            };
            witness.begin.entry(from.max(start)).or_default().push(index);
            witness.look.entry(row.at).or_default().push(index);
            witness.rows.push(Watched {
                subject: row.subject,
                seen: row.seen,
                visitor: row.visitor.clone(),
                at: row.at,
                to,
                has_begun: false,
                rules: None,
                around: Vec::new(),
                last: None,
                facts: Vec::new(),
                story: row.is_first.then(Story::default),
            });
        }
        witness
    }

    /// The instants at which the run must stop for it, and that up to which it must go.
    pub fn stops(&self) -> impl Iterator<Item = Instant> {
        let stops = self.begin.keys().chain(self.look.keys()).copied();
        stops.chain(self.rows.iter().map(|row| row.to).max())
    }

    /// Takes a change, in the order of time.
    pub fn take(&mut self, change: &Change) {
        let (at, subject) = match *change {
            Change::Agent { at, agent, .. } => (at, Subject::Agent(agent)),
            Change::Widget { at, widget, .. } => (at, Subject::Widget(widget)),
        };
        for &index in self.of.get(&subject).into_iter().flatten() {
            let row = &mut self.rows[index];
            let truth = match *change {
                Change::Agent { now, .. } => Truth::Agent(now),
                Change::Widget { now, .. } => row.shown(now),
            };
            row.put(at, truth);
        }
    }

    /// Something is about to happen, if it can.
    pub fn before(&mut self, event: &Event, facts: Facts<'_>) {
        let Some(agent) = whose(event) else { return };
        for &index in self.of_members.get(&agent).into_iter().flatten() {
            let row = &mut self.rows[index];
            if let Some(story) = &mut row.story
                && facts.now() <= row.to
            {
                story.before(event, facts, facts.now() > row.at);
            }
        }
    }

    /// It has happened: it is a part of stories, and a widget that was set otherwise begins anew.
    pub fn after(&mut self, event: &Event, facts: Facts<'_>) {
        if let Some(agent) = whose(event) {
            for &index in self.of_members.get(&agent).into_iter().flatten() {
                let row = &mut self.rows[index];
                row.story.iter_mut().filter(|_| facts.now() <= row.to).for_each(Story::after);
            }
        }
        let Event::Configure(widget, _) = event else { return };
        let subject = Subject::Widget(*widget);
        for &index in self.of.get(&subject).into_iter().flatten() {
            let row = &mut self.rows[index];
            row.rules = Some(VisibilityRules::new(facts.world.settings(*widget)));
            row.put(facts.now(), row.shown(facts.world.answer(*widget)));
            if let Some(story) = &mut row.story {
                match facts.now() <= row.at {
                    true => story.begin(subject, facts),
                    false => story.cut(),
                }
            }
        }
    }

    /// Everything of an instant has happened.
    pub fn look(&mut self, facts: Facts<'_>) {
        let now = facts.now();
        while let Some(next) = self.begin.first_entry()
            && *next.key() <= now
        {
            for index in next.remove() {
                self.begin_row(index, facts);
            }
        }
        while let Some(next) = self.look.first_entry()
            && *next.key() <= now
        {
            for index in next.remove() {
                let row = &mut self.rows[index];
                row.facts = facts_of(row, facts);
            }
        }
    }

    fn begin_row(&mut self, index: usize, facts: Facts<'_>) {
        let row = &mut self.rows[index];
        row.has_begun = true;
        let truth = match row.subject {
            Subject::Agent(agent) => Truth::Agent(facts.world.agent_status(agent)),
            Subject::Widget(widget) => {
                row.rules = Some(VisibilityRules::new(facts.world.settings(widget)));
                row.shown(facts.world.answer(widget))
            }
        };
        row.put(facts.now(), truth);
        self.of.entry(row.subject).or_default().push(index);
        if let Some(story) = &mut row.story {
            story.begin(row.subject, facts);
            let members = match row.subject {
                Subject::Agent(agent) => vec![agent],
                Subject::Widget(widget) => {
                    facts.world.members(facts.world.property_of(widget)).to_vec()
                }
            };
            for member in members {
                self.of_members.entry(member).or_default().push(index);
            }
        }
    }

    /// Puts what was seen into the rows, in whose order it was given them.
    pub fn testify(self, rows: &mut [FalseRow], words: Words<'_>) {
        for (watched, row) in self.rows.into_iter().zip(rows) {
            row.around = watched.around;
            row.facts = watched.facts;
            row.scenario = watched.story.and_then(|story| story.write(row, watched.last, words));
        }
    }
}

impl Watched {
    /// A widget as whoever looked sees it.
    fn shown(&self, answer: Answer) -> Truth {
        let rules = self.rules.as_ref();
        let visibility = rules.map(|rules| rules.visibility(&self.visitor, answer.status));
        Truth::Widget(answer, visibility.unwrap_or(Visibility::Shown))
    }

    /// Something is so from an instant on.
    fn put(&mut self, at: Instant, truth: Truth) {
        if !self.has_begun || at > self.to {
            return;
        }
        self.last = Some(truth);
        if let Some(last) = self.around.last_mut()
            && last.at == at
        {
            last.truth = truth;
        } else if self.around.last().is_none_or(|last| last.truth != truth) {
            self.around.push(Around { at, truth });
        }
        if let [.., before, now] = self.around[..]
            && before.truth == now.truth
        {
            self.around.pop();
        }
        // Of what came before, the last is told.
        let is_before = self.around.iter().all(|around| around.at <= self.at);
        if self.around.len() > AROUND_MAX && is_before {
            self.around.remove(0);
        }
        if self.around.len() > 2 * AROUND_MAX {
            self.around.pop();
        }
    }
}

/// The agent to whom an event happens; `None` where it is about a widget.
fn whose(event: &Event) -> Option<AgentId> {
    match event.about() {
        About::Device(device) => Some(device.agent()),
        About::Agent(agent) => Some(*agent),
        About::Widget(_) => None,
    }
}

/// The facts behind what was so at a row's instant.
fn facts_of(row: &Watched, facts: Facts<'_>) -> Vec<Fact> {
    match row.subject {
        Subject::Agent(agent) => {
            let next = facts.world.next_agent_change(agent);
            vec![Fact::Agent(facts.agent(agent)), Fact::NextOfAgent(next)]
        }
        Subject::Widget(widget) => widget_facts(row, widget, facts),
    }
}

fn widget_facts(row: &Watched, widget: WidgetId, facts: Facts<'_>) -> Vec<Fact> {
    let mut told = Vec::new();
    if matches!(row.seen, SeenState::Widget { shown: Some(_), .. }) {
        told.push(Fact::Visitor(row.visitor.clone()));
    }
    told.push(Fact::Members(facts.members(widget)));
    // Where members decided, the hours are no news.
    if facts.world.answer(widget).chat == Chat::No {
        told.extend(facts.hours(widget).map(|hours| Fact::Hours(Some(hours))));
    }
    told
}
