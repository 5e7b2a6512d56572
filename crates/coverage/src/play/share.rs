//! What happens and who comes, read once and handed to several lanes on several threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::ScopedJoinHandle;

use lamplighter_core::model::Instant;
use lamplighter_scenario::language::Roster;
use lamplighter_scenario::play::{Happening, Happenings};

use super::error::CoverageError;
use super::lane::Lane;
use crate::arrivals::{Arrival, Arrivals};
use crate::figures::VisitorsOutside;

/// What is read together, and for whom.
pub struct Shared<'a> {
    pub happenings: Happenings,
    pub arrivals: Option<Arrivals>,
    /// The first instant of the report.
    pub from: Instant,
    /// The first instant behind the report, if it does not end with the scenario.
    pub to: Option<Instant>,
    /// How many threads play.
    pub jobs: usize,
    /// Set from outside to end it.
    pub stop: &'a AtomicBool,
}

/// What has come of it.
pub struct Played {
    /// The lanes, in their order.
    pub lanes: Vec<Lane>,
    /// The names of the scenario, and of all devices that were met.
    pub roster: Roster,
    /// The first instant behind the report.
    pub to: Instant,
    /// How many visitors of a file came when the report had not begun, or was over.
    pub visitors_outside: VisitorsOutside,
}

enum Item {
    Happening(Happening),
    Arrival(Arrival),
}

impl Item {
    /// When a visitor came, if it is one.
    fn came_at(&self) -> Option<Instant> {
        match self {
            Self::Arrival(arrival) => Some(arrival.at),
            Self::Happening(_) => None,
        }
    }
}

type Batch = Arc<Vec<Item>>;

/// So much is handed over at once.
const BATCH: usize = 4_096;
/// So many batches wait for a lane at most.
const BATCHES_WAITING: usize = 4;

impl Shared<'_> {
    /// Plays everything in all lanes.
    ///
    /// # Errors
    /// When a trace or the visitors are faulty, or somebody stopped it.
    pub fn play(
        mut self,
        lanes: Vec<Lane>,
        reached: &mut dyn FnMut(u64, Instant),
    ) -> Result<Played, CoverageError> {
        let threads = self.jobs.clamp(1, lanes.len());
        let mut groups: Vec<Vec<(usize, Lane)>> = (0..threads).map(|_| Vec::new()).collect();
        for (index, lane) in lanes.into_iter().enumerate() {
            groups[index % threads].push((index, lane));
        }
        let (to, visitors_outside, mut lanes) = std::thread::scope(|scope| {
            let mut senders = Vec::with_capacity(threads);
            let mut players = Vec::with_capacity(threads);
            for group in groups {
                let (sender, receiver) = sync_channel::<Batch>(BATCHES_WAITING);
                senders.push(sender);
                players.push(scope.spawn(move || play_group(group, &receiver)));
            }
            let read = self.read(&senders, reached);
            // Without senders the players come to their ends.
            drop(senders);
            let lanes: Vec<(usize, Lane)> = players.into_iter().flat_map(joined).collect();
            read.map(|(to, visitors_outside)| (to, visitors_outside, lanes))
        })?;
        lanes.sort_by_key(|(index, _)| *index);
        let lanes = lanes.into_iter().map(|(_, lane)| lane).collect();
        Ok(Played { lanes, roster: self.happenings.into_roster(), to, visitors_outside })
    }

    /// Reads everything up to the end of the report, and says where that is, and how many visitors came
    /// before it or behind it.
    fn read(
        &mut self,
        senders: &[SyncSender<Batch>],
        reached: &mut dyn FnMut(u64, Instant),
    ) -> Result<(Instant, VisitorsOutside), CoverageError> {
        let mut last = Instant::MIN;
        let mut outside = VisitorsOutside::default();
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let item = self.next_item(&mut last)?;
            let is_end = item.is_none();
            let came_at = item.as_ref().and_then(Item::came_at);
            outside.before += u64::from(came_at.is_some_and(|at| at < self.from));
            batch.extend(item);
            if is_end || batch.len() == BATCH {
                if self.stop.load(Ordering::Relaxed) {
                    return Err(CoverageError::Stopped);
                }
                let full = Arc::new(std::mem::replace(&mut batch, Vec::with_capacity(BATCH)));
                for sender in senders {
                    // A player that is gone has panicked, which joining it tells.
                    let _ = sender.send(Arc::clone(&full));
                }
                reached(self.happenings.rows_read(), last);
            }
            if is_end {
                break;
            }
        }
        if self.happenings.is_faulty() {
            return Err(CoverageError::Faulty);
        }
        outside.behind = self.visitors_left()?;
        Ok((self.to.unwrap_or(last), outside))
    }

    /// Reads a file of visitors to its end, since whoever is in it is told of, and its faults are. Along a
    /// curve they come for ever.
    fn visitors_left(&mut self) -> Result<u64, CoverageError> {
        let Some(Arrivals::File(file)) = &mut self.arrivals else { return Ok(0) };
        let mut left = 0;
        while file.take_next()?.is_some() {
            left += 1;
        }
        Ok(left)
    }

    /// What happens next, or who comes next, before the end of the report; at one instant visitors come
    /// after everything else (rule T3).
    fn next_item(&mut self, last: &mut Instant) -> Result<Option<Item>, CoverageError> {
        let is_within = |at: &Instant| self.to.is_none_or(|to| *at < to);
        let next = self.happenings.next_instant().filter(is_within);
        let arrives = self.arrivals.as_ref().and_then(Arrivals::next_at).filter(is_within);
        let comes_first = match (next, arrives) {
            (Some(next), Some(arrives)) => arrives < next,
            // Behind the last event nobody is counted, unless the report goes on.
            (None, Some(_)) => self.to.is_some(),
            (_, None) => false,
        };
        if comes_first {
            let arrivals = self.arrivals.as_mut().expect("somebody comes");
            return Ok(arrivals.take_next()?.map(Item::Arrival));
        }
        if next.is_none() {
            return Ok(None);
        }
        let happening = self.happenings.take_next();
        *last = happening.as_ref().map_or(*last, |happening| happening.at);
        Ok(happening.map(Item::Happening))
    }
}

fn play_group(mut group: Vec<(usize, Lane)>, batches: &Receiver<Batch>) -> Vec<(usize, Lane)> {
    while let Ok(batch) = batches.recv() {
        for (_, lane) in &mut group {
            for item in &*batch {
                match item {
                    Item::Happening(happening) => lane.apply(happening),
                    Item::Arrival(arrival) => lane.arrive(arrival),
                }
            }
        }
    }
    group
}

fn joined<T>(player: ScopedJoinHandle<'_, T>) -> T {
    player.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
