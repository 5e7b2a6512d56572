//! A world's changes into figures: whatever something concerns is looked at once an instant is over
//! (rule T3), and nothing else is.
//!
//! | file | what it keeps |
//! | --- | --- |
//! | `causes` | what people did at an instant, and who of them made a property other |
//! | `people` | who is there in each property |
//! | `widget` | what each widget adds up to |

mod causes;
mod people;
mod widget;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

pub use people::People;
pub use widget::Detail;
use widget::{State, WidgetFold};

use lamplighter_core::hours::Zone;
use lamplighter_core::model::{
    AgentId, Event, Instant, Millis, PropertyId, SchedulerState, SettingName, Visitor, WidgetId,
};
use lamplighter_core::world::{Change, World};

use crate::class::Class;
use crate::figures::{Cause, Totals, WidgetFigures};
use causes::{Causes, Membership};

/// What is added up of all widgets of a world.
pub struct Fold {
    people: People,
    widgets: Vec<WidgetFold>,
    /// Where the report begins: what happens before is no part of it.
    from: Instant,
    touched: Touched,
    /// Whom something concerned at the last instant.
    settled: Touched,
    /// When schedules have their next edges, where the rules may not report each of them.
    edges: Option<BinaryHeap<Reverse<(Instant, WidgetId)>>>,
}

/// Whom something concerned at the instant that is going on.
#[derive(Default)]
struct Touched {
    agents: Vec<AgentId>,
    widgets: Vec<WidgetId>,
    properties: Vec<PropertyId>,
    /// Whether a setting of hours changed.
    configured: Vec<WidgetId>,
    /// What agents did, and what came of it.
    causes: Causes,
}

/// What a fold is told once.
pub struct FoldOptions<'a> {
    /// How much is kept of each widget.
    pub detail: Detail,
    /// The first instant that counts.
    pub from: Instant,
    /// The zone of widgets without a scheduler.
    pub zone: &'a Arc<Zone>,
    /// How long a device may keep a widget lit alone without any event of its own.
    pub ghost_after: Millis,
    /// How many agents there are.
    pub agents: usize,
    /// How many properties there are.
    pub properties: usize,
}

impl Fold {
    /// Of a world in which nothing has happened yet.
    pub fn new(world: &World, options: &FoldOptions<'_>) -> Self {
        let people = People::new(world, options.agents, options.properties);
        let from = options.from.max(world.now());
        let widgets = (0..world.widget_count()).map(WidgetId::new).map(|widget| {
            let schedule = world.schedule(widget);
            let zone = schedule.map_or(options.zone, |schedule| schedule.zone());
            let state = state(world, &people, widget);
            WidgetFold::new(state, from, options.detail, zone, options.ghost_after)
        });
        let widgets = widgets.collect();
        let is_book = *world.rules() == lamplighter_core::model::RuleSet::BOOK;
        let mut fold = Self {
            people,
            widgets,
            from,
            touched: Touched::default(),
            settled: Touched::default(),
            edges: (!is_book).then(BinaryHeap::new),
        };
        for widget in (0..world.widget_count()).map(WidgetId::new) {
            fold.await_edge(world, widget);
        }
        fold
    }

    /// The members who are there by now, for whoever asks beside the figures.
    pub fn people(&self) -> &People {
        &self.people
    }

    /// Takes a change that the engine reports.
    #[inline]
    pub fn take(&mut self, change: &Change) {
        match *change {
            Change::Agent { agent, .. } => self.touched.agents.push(agent),
            Change::Widget { widget, .. } => self.touched.widgets.push(widget),
        }
    }

    /// Takes an event that has happened; `is_seen` says whether team-mates see another status by it.
    pub fn happened(&mut self, event: &Event, is_seen: bool) {
        match *event {
            Event::Suspend(agent, property) => self.membership(agent, property, false),
            Event::Reinstate(agent, property) => self.membership(agent, property, true),
            Event::Configure(widget, ref setting) => {
                self.touched.widgets.push(widget);
                if setting.name() == SettingName::Scheduler {
                    self.touched.configured.push(widget);
                }
            }
            _ => {
                let Some(agent) = event.agent() else { return };
                self.touched.agents.push(agent);
                self.touched.causes.does(agent, event, is_seen);
            }
        }
    }

    fn membership(&mut self, agent: AgentId, property: PropertyId, is_active: bool) {
        self.people.put_membership(agent, property, is_active);
        self.touched.agents.push(agent);
        self.touched.properties.push(property);
        self.touched.causes.membership(Membership { agent, property, is_active });
    }

    /// Grace and auto-away are other ones from this instant on: when the clock does something to whom
    /// is to be looked at anew.
    pub fn timing_changed(&mut self) {
        self.touched.agents.extend(self.people.agents());
    }

    /// Everything of the world's instant has happened: looks at whom it concerned.
    pub fn settle(&mut self, world: &World) {
        let at = world.now();
        self.people.take_due(at, &mut self.touched.agents);
        self.pass_edges(world);
        self.settled.clear();
        if self.touched.is_untouched() {
            return;
        }
        let mut touched = std::mem::take(&mut self.touched);
        touched.agents.sort_unstable();
        touched.agents.dedup();
        for &agent in &touched.agents {
            let looked = self.people.look(world, agent);
            let properties = self.people.properties_of(agent);
            touched.properties.extend(properties);
            touched.causes.look(agent, &looked, properties);
        }
        touched.causes.sort();
        touched.properties.sort_unstable();
        touched.properties.dedup();
        for property in &touched.properties {
            touched.widgets.extend(world.widgets_of(*property));
        }
        touched.widgets.sort_unstable();
        touched.widgets.dedup();
        for &widget in &touched.widgets {
            self.look_at(world, widget, &touched);
        }
        for &widget in &touched.configured {
            self.await_edge(world, widget);
        }
        self.touched = std::mem::replace(&mut self.settled, touched);
    }

    /// The agents whom something concerned at the instant that was settled last.
    pub fn settled_agents(&self) -> &[AgentId] {
        &self.settled.agents
    }

    /// The properties of the widgets that it concerned; some come more than once.
    pub fn settled_properties<'w>(
        &'w self,
        world: &'w World,
    ) -> impl Iterator<Item = PropertyId> + 'w {
        self.settled.widgets.iter().map(|widget| world.property_of(*widget))
    }

    fn look_at(&mut self, world: &World, widget: WidgetId, touched: &Touched) {
        let now = state(world, &self.people, widget);
        let at = world.now();
        let fold = &mut self.widgets[widget.index()];
        if at <= self.from {
            return fold.put(now);
        }
        let before = fold.state();
        let property = world.property_of(widget);
        let cause = match (before.class.is_open(), now.class.is_open()) {
            (was, is) if was != is && touched.configured.contains(&widget) => Cause::Setting,
            (false, true) => Cause::Opened,
            (true, false) => Cause::Closed,
            _ => {
                touched.causes.of(property, before.presence, now.presence).unwrap_or(Cause::Setting)
            }
        };
        let had_event = before.sole.is_some_and(|sole| touched.causes.had_event(sole));
        fold.change(at, now, cause, had_event);
    }

    /// A visitor comes, after everything of the instant.
    pub fn visit(&mut self, at: Instant, widget: WidgetId, visitor: &Visitor, world: &World) {
        if at >= self.from {
            self.widgets[widget.index()].visit(at, world.visibility(widget, visitor));
        }
    }

    /// The totals of all widgets, at the end.
    pub fn finish_totals(self, to: Instant) -> Vec<Totals> {
        self.widgets.into_iter().map(|widget| widget.finish_totals(to)).collect()
    }

    /// Everything of all widgets, at the end; of none whose totals alone were kept.
    pub fn finish(self, to: Instant, world: &World) -> Vec<WidgetFigures> {
        let widgets = self.widgets.into_iter().enumerate();
        let finished = widgets.filter_map(|(index, fold)| {
            let widget = WidgetId::new(index);
            fold.finish(to, widget, world.property_of(widget))
        });
        finished.collect()
    }

    /// By other rules than the rule book's an edge may change nothing that anybody sees.
    fn await_edge(&mut self, world: &World, widget: WidgetId) {
        if let Some(edges) = &mut self.edges
            && let Some(next) = world.schedule(widget).and_then(|s| s.next_edge(world.now()))
        {
            edges.push(Reverse((next, widget)));
        }
    }

    fn pass_edges(&mut self, world: &World) {
        while let Some(edges) = &mut self.edges
            && let Some(&Reverse((at, widget))) = edges.peek()
            && at <= world.now()
        {
            edges.pop();
            self.touched.widgets.push(widget);
            self.await_edge(world, widget);
        }
    }
}

impl Touched {
    fn is_untouched(&self) -> bool {
        self.agents.is_empty() && self.widgets.is_empty() && self.properties.is_empty()
    }

    fn clear(&mut self) {
        self.agents.clear();
        self.widgets.clear();
        self.properties.clear();
        self.configured.clear();
        self.causes.clear();
    }
}

fn state(world: &World, people: &People, widget: WidgetId) -> State {
    let property = world.property_of(widget);
    let presence = world.presence(property);
    let counts = people.of(property);
    let (class, scheduler) = Class::of_widget(world, widget);
    State {
        class,
        answer: world.answer(widget),
        presence,
        online: counts.online,
        away: counts.away,
        single: people.single(world, property),
        sole: people.sole_device(world, property),
        has_scheduler: scheduler != SchedulerState::Off,
    }
}
