//! Edges as one would first queue them: the next one of every schedule in a binary heap.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use lamplighter_core::hours::{Schedule, Zones};
use lamplighter_core::model::Instant;

use crate::fleet;

/// The schedules of a fleet, each its own, and which of them are open.
pub struct Heap {
    schedules: Vec<Schedule>,
    pub open: Vec<bool>,
    edges: BinaryHeap<Reverse<(Instant, u32)>>,
}

impl Heap {
    /// The schedules of the fleet that `fleet::world` makes.
    pub fn new(properties: usize, zones: &Zones) -> Self {
        let scheduled = (0..properties).filter(|&index| fleet::has_scheduler(index));
        let schedules: Vec<Schedule> =
            scheduled.map(|index| fleet::schedule(index, zones)).collect();
        let now = fleet::now();
        let next = |(id, schedule): (u32, &Schedule)| Some(Reverse((schedule.next_edge(now)?, id)));
        let edges = (0..).zip(&schedules).filter_map(next).collect();
        let open = schedules.iter().map(|schedule| schedule.is_open(now)).collect();
        Self { schedules, open, edges }
    }

    /// Passes so many edges.
    pub fn pass(&mut self, count: u64) {
        for _ in 0..count {
            self.pass_next();
        }
    }

    /// Passes the edges until an instant, that one included; gives how many.
    pub fn advance(&mut self, to: Instant) -> u64 {
        let mut count = 0;
        while self.edges.peek().is_some_and(|Reverse((at, _))| *at <= to) {
            self.pass_next();
            count += 1;
        }
        count
    }

    fn pass_next(&mut self) {
        let Some(Reverse((at, id))) = self.edges.pop() else { return };
        self.open[id as usize] = !self.open[id as usize];
        if let Some(next) = self.schedules[id as usize].next_edge(at) {
            self.edges.push(Reverse((next, id)));
        }
    }
}
