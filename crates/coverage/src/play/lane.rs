//! One world that goes along, and what is folded from it.

use lamplighter_core::model::{Event, Instant};
use lamplighter_core::world::{Change, Timing, World};
use lamplighter_scenario::language::plan::Alternative;
use lamplighter_scenario::play::Happening;

use crate::arrivals::Arrival;
use crate::figures::{AlternativeFigures, StaffingFigures, WidgetFigures};
use crate::fold::{Fold, FoldOptions};
use crate::staffing::Staffing;

/// A world, and what is added up beside it.
pub struct Lane {
    world: World,
    fold: Fold,
    staffing: Option<Staffing>,
    events: u64,
    anomalies: u64,
    /// How many lines of the scenario itself could not happen.
    refused: u64,
}

impl Lane {
    /// A world in which nothing has happened yet.
    pub fn new(world: World, options: &FoldOptions<'_>) -> Self {
        Self {
            fold: Fold::new(&world, options),
            world,
            staffing: None,
            events: 0,
            anomalies: 0,
            refused: 0,
        }
    }

    /// Chats go along with it.
    pub fn put_staffing(&mut self, mut staffing: Staffing) {
        let properties = self.fold.people().properties();
        properties.for_each(|property| staffing.look_at_property(property, &self.world));
        self.staffing = Some(staffing);
    }

    /// Goes on to the instant of what happens, and applies its event if it has one.
    pub fn apply(&mut self, happening: &Happening) {
        self.go_to(happening.at);
        let Some(event) = &happening.event else { return };
        self.meet_device(event);
        let fold = &mut self.fold;
        let mut is_seen = false;
        let mut take = |change| {
            is_seen |= matches!(change, Change::Agent { .. });
            fold.take(&change);
        };
        match self.world.apply(event, &mut take) {
            Ok(()) => {
                fold.happened(event, is_seen);
                self.events += 1;
            }
            Err(_) if happening.is_row => self.anomalies += 1,
            Err(_) => self.refused += 1,
        }
    }

    /// Grace and auto-away are set for the whole world (rules P7, P8).
    pub fn put_timing(&mut self, at: Instant, timing: Timing) {
        self.go_to(at);
        self.world.put_timing(timing);
        self.fold.timing_changed();
    }

    /// A visitor comes, after everything of the instant.
    pub fn arrive(&mut self, arrival: &Arrival) {
        self.go_to(arrival.at);
        self.settle();
        self.fold.visit(arrival.at, arrival.widget, &arrival.visitor, &self.world);
        if let Some(staffing) = &mut self.staffing {
            staffing.arrive(arrival, &self.world);
        }
    }

    /// Goes on to an instant, through whatever the clock does until then; what happens at that instant
    /// itself is still to come.
    pub fn go_to(&mut self, to: Instant) {
        if to <= self.world.now() {
            return;
        }
        self.settle();
        while let Some(next) = self.world.next_clock_instant().filter(|next| *next <= to) {
            self.move_to(next);
            if next < to {
                self.settle();
            }
        }
        self.move_to(to);
    }

    fn move_to(&mut self, to: Instant) {
        if to <= self.world.now() {
            return;
        }
        if let Some(staffing) = &mut self.staffing {
            staffing.go_to(to, &self.world);
        }
        let fold = &mut self.fold;
        self.world.advance(to, &mut |change| fold.take(&change));
    }

    fn settle(&mut self) {
        self.fold.settle(&self.world);
        let Some(staffing) = &mut self.staffing else { return };
        let people = self.fold.people();
        let agents = self.fold.settled_agents().iter();
        let agents = agents.map(|agent| (*agent, people.properties_of(*agent)));
        staffing.look_at_agents(agents, &self.world);
        for property in self.fold.settled_properties(&self.world) {
            staffing.look_at_property(property, &self.world);
        }
    }

    /// A device that is named for the first time.
    fn meet_device(&mut self, event: &Event) {
        let Some(device) = event.device() else { return };
        while device.slot() >= self.world.device_count(device.agent()) {
            self.world.add_device(device.agent());
        }
    }

    /// How many events have happened.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// How many rows of traces could not happen.
    pub fn anomalies(&self) -> u64 {
        self.anomalies
    }

    /// How many lines of the scenario itself could not happen, which makes it a faulty one.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// The totals, at the end of time.
    pub fn finish_totals(mut self, alternative: &Alternative, to: Instant) -> AlternativeFigures {
        self.end(to);
        AlternativeFigures {
            label: alternative.label.clone(),
            lines: alternative.lines.clone(),
            impossible: self.refused + self.anomalies,
            widgets: self.fold.finish_totals(to),
        }
    }

    /// Everything, at the end of time.
    pub fn finish(mut self, to: Instant) -> (Vec<WidgetFigures>, Vec<StaffingFigures>) {
        self.end(to);
        let staffing = self.staffing.map(|staffing| staffing.finish(to, &self.world));
        (self.fold.finish(to, &self.world), staffing.unwrap_or_default())
    }

    /// The report ends before what happens at its last instant, and what has happened at it by now is not
    /// looked at.
    fn end(&mut self, to: Instant) {
        if let Some(before) = Instant::from_millis(to.as_millis() - 1)
            && self.world.now() < to
        {
            self.go_to(before);
            self.settle();
        }
    }
}
