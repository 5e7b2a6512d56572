//! When schedules open and close. Equal schedules are one. Their weeks turn on one wheel for each
//! zone; schedules with a dated entry near, and those that came after the wheels were made, are
//! asked for each of their edges and wait in a heap.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;

use super::copies::clone_by_field;
use super::few::{Few, Lists};
use super::shared::Interner;
use super::wheel::Wheel;
use crate::hours::{Schedule, UnknownZone, Zones};
use crate::model::{Instant, RuleSet, Scheduler, WidgetId};
use crate::mutations::{Mutation, is_on};
use crate::rules;

/// The schedules of a fleet, and who goes by them.
#[derive(Debug, Default)]
pub struct Edges {
    /// Shared with copies of the fleet, until one of them gets another schedule.
    schedules: Arc<Interner<Arc<Scheduler>, Schedule>>,
    /// How the edges of each schedule are found.
    routes: Vec<Route>,
    /// The widgets that go by each schedule.
    widgets: Vec<Few>,
    lists: Lists,
    wheels: Vec<Wheel>,
    wheel_queue: BinaryHeap<Reverse<(Instant, usize)>>,
    /// When the first of the wheels' clocks is changed.
    clock_change: Option<Instant>,
    /// Schedules off their wheel now, and when each has something to do.
    off_wheel: Vec<u64>,
    off_wheel_count: usize,
    heap: BinaryHeap<Reverse<(Instant, usize)>>,
    /// How many schedules were added since the wheels were last built and are on none of them: with
    /// too many, the wheels are built anew.
    pub(super) newcomers: usize,
    /// Schedules that are still on a wheel, and that nobody goes by any more.
    forgotten: usize,
}

clone_by_field! {
    Edges {
        schedules, routes, widgets, lists, wheels, wheel_queue, clock_change, off_wheel,
        off_wheel_count, heap, newcomers, forgotten,
    }
}

/// How the edges of one schedule are found.
#[derive(Clone, Copy, Debug, Default)]
struct Route {
    is_on_a_wheel: bool,
    /// When it next has something to do off its wheel: an edge, or a dated entry comes near or is
    /// past.
    next: Option<Instant>,
}

impl Edges {
    /// The id of a scheduler's schedule by such rules, shared with all that are equal.
    ///
    /// # Errors
    /// When its zone is unknown.
    pub fn intern(
        &mut self,
        scheduler: &Arc<Scheduler>,
        zones: &Zones,
        rules: &RuleSet,
    ) -> Result<usize, UnknownZone> {
        let mut is_new = false;
        let id = Arc::make_mut(&mut self.schedules).intern(scheduler, || {
            is_new = true;
            let hours = rules::hours(rules, &scheduler.hours);
            Ok(Schedule::new(zones.get(&scheduler.zone)?, &hours))
        })?;
        if id >= self.widgets.len() {
            self.widgets.resize(id + 1, Few::NONE);
            self.routes.resize(id + 1, Route::default());
            self.off_wheel.resize(id / 64 + 1, 0);
        }
        if is_new {
            self.routes[id] = Route::default();
        }
        Ok(id)
    }

    /// The same schedule for one more widget.
    pub fn share(&mut self, id: usize) -> usize {
        Arc::make_mut(&mut self.schedules).share(id);
        id
    }

    /// The hours of a schedule.
    pub fn schedule(&self, id: usize) -> &Schedule {
        self.schedules.get(id)
    }

    /// Puts a widget under a schedule; gives its place there.
    pub fn attach(&mut self, id: usize, widget: WidgetId, now: Instant) -> usize {
        let place = self.widgets[id].push(widget.into(), &mut self.lists);
        if place == 0 {
            if !self.routes[id].is_on_a_wheel {
                self.newcomers += 1;
            }
            self.route(id, now);
        }
        place
    }

    /// The same while no schedule is on a wheel: [`make_wheels`](Self::make_wheels) comes, and finds all edges.
    pub fn attach_before_wheels(&mut self, id: usize, widget: WidgetId) -> usize {
        self.widgets[id].push(widget.into(), &mut self.lists)
    }

    /// Takes the widget at a place away; gives the one that moved there, if one did. A schedule
    /// without widgets is forgotten.
    pub fn detach(&mut self, id: usize, place: usize) -> Option<WidgetId> {
        self.widgets[id].swap_remove(place, &mut self.lists);
        Arc::make_mut(&mut self.schedules).release(id);
        if self.routes[id].is_on_a_wheel && !self.schedules.contains(id) {
            self.forgotten += 1;
        }
        self.widgets[id].ids(&self.lists).get(place).copied().map(WidgetId::from)
    }

    /// Puts every schedule on the wheel of its zone.
    pub fn make_wheels(&mut self, now: Instant) {
        let mut by_zone: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for id in self.schedules.ids() {
            let zone = self.schedules.get(id).zone().name().to_owned();
            by_zone.entry(zone).or_default().push(id);
        }
        self.wheels = by_zone
            .into_values()
            .map(|ids| {
                let zone = Arc::clone(self.schedule(ids[0]).zone());
                let edges = ids
                    .iter()
                    .flat_map(|&id| self.schedule(id).week_edges().map(move |edge| (id, edge)));
                Wheel::new(zone, edges, now)
            })
            .collect();
        let next = self
            .wheels
            .iter()
            .enumerate()
            .filter_map(|(id, wheel)| Some(Reverse((wheel.next()?, id))));
        self.wheel_queue = next.collect();
        self.find_clock_change();
        self.newcomers = 0;
        self.forgotten = 0;
        self.heap.clear();
        for id in self.schedules.ids().collect::<Vec<_>>() {
            self.routes[id].is_on_a_wheel = true;
            self.route(id, now);
        }
    }

    /// When a schedule next opens or closes, or something else is to be done.
    #[inline]
    pub fn next(&self) -> Option<Instant> {
        let wheel = self.wheel_queue.peek().map(|Reverse((at, _))| *at);
        let heap = self.heap.peek().map(|Reverse((at, _))| *at);
        wheel.into_iter().chain(heap).min()
    }

    /// Whether at this instant each widget has one edge at most: no clock is changed, and nothing
    /// comes off the wheels.
    pub fn is_plain(&self, at: Instant) -> bool {
        self.clock_change != Some(at) && self.heap.peek().is_none_or(|Reverse((due, _))| *due != at)
    }

    /// Lets everything of an instant happen: `flip` is told which widgets are open or closed from
    /// then on, some of them not for the first time.
    pub fn pass(&mut self, at: Instant, flip: &mut impl FnMut(WidgetId, bool)) {
        while let Some(mut top) = self.wheel_queue.peek_mut()
            && top.0.0 == at
        {
            let wheel = &mut self.wheels[top.0.1];
            let (widgets, lists) = (&self.widgets, &self.lists);
            let (off_wheel, any_off_wheel) = (&self.off_wheel, self.off_wheel_count > 0);
            let mut flip_all = |id: usize, opens: bool| {
                let off_wheel = any_off_wheel && off_wheel[id / 64] >> (id % 64) & 1 == 1;
                if off_wheel && !is_on(Mutation::WeekdayEdgesOnDates) {
                    return;
                }
                for &widget in widgets[id].ids(lists) {
                    flip(WidgetId::from(widget), opens);
                    if is_on(Mutation::FirstWidgetOnly) {
                        break;
                    }
                }
            };
            if wheel.clock_change() == Some(at) {
                wheel.change_clock(at, |edge| flip_all(edge.schedule(), edge.opens()));
            } else {
                wheel.take().iter().for_each(|edge| flip_all(edge.schedule(), edge.opens()));
            }
            match wheel.next() {
                Some(next) => top.0.0 = next,
                None => drop(std::collections::binary_heap::PeekMut::pop(top)),
            }
        }
        if self.clock_change == Some(at) {
            self.find_clock_change();
        }
        while let Some(&Reverse((due, id))) = self.heap.peek()
            && due == at
        {
            self.heap.pop();
            self.pass_off_wheel(id, at, flip);
        }
    }

    fn pass_off_wheel(&mut self, id: usize, at: Instant, flip: &mut dyn FnMut(WidgetId, bool)) {
        // What waits may have been forgotten since, or be another schedule now.
        if !self.schedules.contains(id) || self.routes[id].next != Some(at) {
            return;
        }
        let open = self.schedule(id).is_open(at);
        for &widget in self.widgets[id].ids(&self.lists) {
            flip(WidgetId::from(widget), open);
        }
        self.route(id, at);
    }

    /// Decides how the next edge of a schedule is found, and when to decide again.
    fn route(&mut self, id: usize, now: Instant) {
        let (schedule, route) = (self.schedules.get(id), &mut self.routes[id]);
        let (near, until) = schedule.dates_matter(now);
        let off_wheel = near || !route.is_on_a_wheel;
        route.next = match off_wheel {
            false => until,
            true => {
                let until = until.filter(|_| route.is_on_a_wheel);
                schedule.next_edge(now).into_iter().chain(until).min()
            }
        };
        if let Some(at) = route.next {
            self.heap.push(Reverse((at, id)));
        }
        let (word, bit) = (id / 64, 1 << (id % 64));
        let was_off = self.off_wheel[word] & bit != 0;
        if off_wheel != was_off {
            self.off_wheel[word] ^= bit;
            match off_wheel {
                true => self.off_wheel_count += 1,
                false => self.off_wheel_count -= 1,
            }
        }
    }

    fn find_clock_change(&mut self) {
        self.clock_change = self.wheels.iter().filter_map(Wheel::clock_change).min();
    }

    /// Whether so many schedules came after the wheels were made, or are forgotten since, that new
    /// wheels pay.
    pub fn wheels_are_old(&self) -> bool {
        const FEW: usize = 64;
        let count = self.schedules.len();
        self.newcomers > FEW.max(count / 4) || self.forgotten > count
    }
}
