//! A scenario that is led from instant to instant by somebody else, beside others that share a clock
//! with it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::facts::Facts;
use super::observer::Target;
use super::player::{Keep, Player, prepare, put_in_order, run};
use super::verdict::{Outcome, Verdict};
use crate::language::Roster;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::Instant;
use lamplighter_core::world::{Timing, World};

/// What became of beginning a scenario.
pub enum Begun<'a> {
    /// It can be led.
    Ready(Box<Guided<'a>>),
    /// There is nothing to lead: it is faulty, or nothing happens in it.
    Over(Box<Verdict>),
    /// It replays traces, which nobody leads.
    Replays,
}

/// A scenario on its way.
pub struct Guided<'a> {
    player: Player<'a>,
    verdict: Verdict,
    start: Instant,
    timing: Timing,
}

/// Reads a scenario, plays it once in process to find everything that is wrong with it, and stands
/// at its beginning.
pub fn begin<'a>(path: &Path, bytes: &[u8], zones: &Arc<Zones>, stop: &'a AtomicBool) -> Begun<'a> {
    let (plan, mut verdict) = prepare(path, bytes, zones);
    if !plan.traces.is_empty() {
        return Begun::Replays;
    }
    let rehearsed = run(path, bytes, zones, Keep::default(), stop);
    let Some((start, _)) = rehearsed.run.filter(|_| rehearsed.outcome() != Outcome::Invalid) else {
        return Begun::Over(Box::new(rehearsed));
    };
    match Player::start(plan, zones, Keep::default(), stop, &mut verdict, None) {
        Ok(player) => {
            let timing = player.facts().world.timing();
            Begun::Ready(Box::new(Guided { player, verdict, start, timing }))
        }
        Err(_) => Begun::Over(Box::new(rehearsed)),
    }
}

impl Guided<'_> {
    /// Its first instant.
    pub fn start(&self) -> Instant {
        self.start
    }

    /// Grace and auto-away (rules P7, P8).
    pub fn timing(&self) -> Timing {
        self.timing
    }

    /// The names.
    pub fn roster(&self) -> &Roster {
        self.player.facts().roster
    }

    /// What the rules say at the instant that it has reached.
    pub fn world(&self) -> &World {
        self.player.facts().world
    }

    /// Names and world, to put facts into words.
    pub fn facts(&self) -> Facts<'_> {
        self.player.facts()
    }

    /// The instant to which it goes on next; `None` at its end.
    pub fn next_stop<T: Target>(&mut self) -> Option<Instant> {
        self.player.next_stop::<T>()
    }

    /// Goes on to the next instant, and does there what is to be done.
    ///
    /// # Errors
    /// When the target cannot go on.
    pub fn go_on<T: Target>(&mut self, target: &mut T) -> Result<(), T::Error> {
        self.player.go_on(target, &mut self.verdict).map(drop)
    }

    /// The verdict, once there is no next stop.
    pub fn finish(mut self) -> Verdict {
        let (_, roster) = self.player.finish(&mut self.verdict);
        self.verdict.roster = roster;
        put_in_order(&mut self.verdict);
        self.verdict
    }
}
