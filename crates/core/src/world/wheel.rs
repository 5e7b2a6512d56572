//! The weeks of all schedules of one zone as one round of edges, in the order of the wall clock.
//! The same round serves week after week: as time passes the hand moves on, and when the clock is
//! changed it moves forward or back to what the clock then reads (rule S2).

use std::sync::Arc;

use crate::hours::{WEEK_MS, WeekEdge, Zone, into_week_ms};
use crate::model::Instant;
use crate::mutations::{Mutation, is_on};

const MINUTE_MS: i64 = 60_000;

/// The edges of a zone's schedules.
#[derive(Clone, Debug)]
pub struct Wheel {
    zone: Arc<Zone>,
    /// The minute of the week of each edge, in order; shared with copies of the fleet, as is what follows.
    minutes: Arc<[u16]>,
    /// Which schedule opens or closes then.
    edges: Arc<[Edge]>,
    /// The first edge that has not come yet; all of the week may have.
    hand: usize,
    /// The reading of Monday 00:00 of the hand's week, in milliseconds as if it were UTC.
    monday_ms: i64,
    offset_ms: i64,
    /// When the clock is changed next.
    clock_change: Option<Instant>,
    next_edge: Option<Instant>,
}

/// What an edge does, in a word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Edge(u32);

impl Edge {
    /// The index of the schedule that opens or closes.
    #[inline]
    pub fn schedule(self) -> usize {
        (self.0 >> 1) as usize
    }

    /// Whether it opens; otherwise it closes.
    #[inline]
    pub fn opens(self) -> bool {
        self.0 & 1 == 1
    }

    fn undone(self) -> Self {
        Self(self.0 ^ 1)
    }
}

impl Wheel {
    /// The weeks of some schedules of a zone, with the hand where the clock reads now.
    pub fn new(
        zone: Arc<Zone>,
        edges: impl Iterator<Item = (usize, WeekEdge)>,
        now: Instant,
    ) -> Self {
        let mut packed: Vec<(u16, u32)> = edges
            .map(|(schedule, edge)| {
                let schedule = u32::try_from(schedule).ok().filter(|&id| id < 1 << 31);
                let schedule = schedule.expect("a fleet has fewer than 2^31 schedules");
                (edge.minute, schedule << 1 | u32::from(edge.opens))
            })
            .collect();
        packed.sort_unstable();
        let mut wheel = Self {
            zone,
            minutes: packed.iter().map(|&(minute, _)| minute).collect(),
            edges: packed.into_iter().map(|(_, edge)| Edge(edge)).collect(),
            hand: 0,
            monday_ms: 0,
            offset_ms: 0,
            clock_change: None,
            next_edge: None,
        };
        let span = wheel.zone.span(now);
        let into_ms = into_week_ms(now, span.offset_s);
        wheel.offset_ms = i64::from(span.offset_s) * 1_000;
        wheel.clock_change = span.end;
        wheel.monday_ms = now.as_millis() + wheel.offset_ms - into_ms;
        let minute = (into_ms / MINUTE_MS) as u16;
        wheel.hand = wheel.minutes.partition_point(|&edge| edge <= minute);
        wheel.find_next();
        wheel
    }

    /// When the next edges come, or the clock is changed.
    #[inline]
    pub fn next(&self) -> Option<Instant> {
        self.next_edge.into_iter().chain(self.clock_change()).min()
    }

    /// When the clock is changed next, where that can matter.
    pub fn clock_change(&self) -> Option<Instant> {
        self.clock_change.filter(|_| !self.edges.is_empty())
    }

    /// The edges that come next, all at one instant; the hand moves on behind them.
    #[inline]
    pub fn take(&mut self) -> &[Edge] {
        let first = self.hand;
        let minute = self.minutes[first];
        let more = self.minutes[first..].iter().take_while(|&&other| other == minute).count();
        self.hand = first + more;
        self.find_next();
        let taken = if is_on(Mutation::FirstScheduleOnly) { 1 } else { more };
        &self.edges[first..first + taken]
    }

    /// Changes the clock: every edge that the hand passes on its way comes or is undone, one after
    /// the other; what is left in the end is what the clock then reads.
    pub fn change_clock(&mut self, at: Instant, mut pass: impl FnMut(Edge)) {
        let span = self.zone.span(at);
        if !is_on(Mutation::ClockChangeIgnored) {
            self.offset_ms = i64::from(span.offset_s) * 1_000;
        }
        self.clock_change = span.end;
        let reading_ms = at.as_millis() + self.offset_ms;
        while self.reading_ms() <= reading_ms {
            if !is_on(Mutation::SkippedEdgesLost) {
                pass(self.edges[self.hand]);
            }
            self.step(1);
        }
        loop {
            self.step(-1);
            if self.reading_ms() <= reading_ms {
                self.step(1);
                break;
            }
            if !is_on(Mutation::RepeatedHourOnce) {
                pass(self.edges[self.hand].undone());
            }
        }
        self.find_next();
    }

    /// What the clock reads when the hand's edge comes.
    fn reading_ms(&self) -> i64 {
        self.monday_ms + i64::from(self.minutes[self.hand]) * MINUTE_MS
    }

    /// Moves the hand by one edge, into the next week or the one before where need be.
    fn step(&mut self, by: i64) {
        let count = self.edges.len() as i64;
        let hand = self.hand as i64 + by;
        self.monday_ms += hand.div_euclid(count) * WEEK_MS;
        self.hand = hand.rem_euclid(count) as usize;
    }

    #[inline]
    fn find_next(&mut self) {
        if self.hand == self.edges.len() {
            self.hand = 0;
            self.monday_ms += WEEK_MS;
        }
        self.next_edge = self.minutes.get(self.hand).and_then(|&minute| {
            Instant::from_millis(self.monday_ms + i64::from(minute) * MINUTE_MS - self.offset_ms)
        });
    }
}
