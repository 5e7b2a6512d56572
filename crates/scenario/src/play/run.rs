//! A scenario from its bytes to its verdict.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::observer::Unobserved;
use super::outputs::{Options, TimelineSink};
use super::player::Player;
use super::prepared::Prepared;
use super::second_run::testify;
use super::verdict::{Outcome, Verdict};
use crate::language::Roster;
use crate::language::plan::StepKind;
use lamplighter_core::hours::{Zone, Zones};
use lamplighter_core::model::Instant;
use lamplighter_core::world::World;

/// Plays a scenario to its end.
pub fn play(
    mut prepared: Prepared,
    zones: &Arc<Zones>,
    options: Options<'_>,
    stop: &AtomicBool,
) -> Verdict {
    let again = (!prepared.plan.observed.is_empty()).then(|| prepared.clone());
    // Where the file has nothing but traces there is nothing to explain.
    if prepared.plan.steps.iter().all(|step| matches!(step.kind, StepKind::At)) {
        prepared.plan.world = prepared.plan.world.without_since();
        // Rows of traces find their agents by themselves; those of recordings do not.
        if prepared.plan.observed.is_empty() {
            prepared.plan.roster.let_go_of_tables();
        }
    }
    // Who takes the timeline may live longer than the flag: from here on both live as long.
    let timeline = options.timeline.map(|sink| -> TimelineSink<'_> { sink });
    match Player::start(prepared, zones, Options { timeline, ..options }, stop) {
        Ok(mut player) => {
            while player.pass_rows() || player.step() {}
            let mut verdict = player.finish();
            if let Some(again) = again {
                testify(again, &mut verdict, zones, stop);
            }
            verdict
        }
        Err(unplayed) => *unplayed,
    }
}

/// Reads a scenario and plays it; `path` names it, and its traces lie relative to it. A faulty one
/// is played for the sake of what else is wrong with it. Once `stop` is set, the run ends where it
/// is.
pub fn run(
    path: &Path,
    bytes: &[u8],
    zones: &Arc<Zones>,
    options: Options<'_>,
    stop: &AtomicBool,
) -> Verdict {
    play(Prepared::new(path, bytes, zones), zones, options, stop)
}

/// The world that a scenario describes, before anything has happened in it.
///
/// # Errors
/// When the scenario is faulty; the verdict then tells.
pub fn described(
    path: &Path,
    bytes: &[u8],
    zones: &Arc<Zones>,
) -> Result<(World, Roster), Box<Verdict>> {
    let prepared = Prepared::new(path, bytes, zones);
    if !prepared.diagnostics.is_empty() {
        return Err(Box::new(prepared.into_verdict()));
    }
    // A zone that nobody knows is a fault already.
    match prepared.plan.world.clone().build(Instant::MIN, Arc::clone(zones)) {
        Ok(world) => Ok((world, prepared.plan.roster)),
        Err(_) => Err(Box::new(prepared.into_verdict())),
    }
}

/// A scenario that was played, and its world as it was on the way.
pub struct PlayedUntil {
    /// The verdict on the run.
    pub verdict: Verdict,
    /// The world at the instant that was asked for, after everything that happens until then; `None` where
    /// no instant of the run was.
    pub world: Option<World>,
}

/// Plays a scenario to its end, and looks at its world at an instant, which is asked for once the zone of
/// the file and the first instant of the run are known. A run of more than `instants_max` instants is
/// stopped there, as it is once `stop` is set.
pub fn play_and_look(
    prepared: Prepared,
    zones: &Arc<Zones>,
    options: Options<'_>,
    (stop, instants_max): (&AtomicBool, usize),
    at: impl FnOnce(&Zone, Instant) -> Option<Instant>,
) -> PlayedUntil {
    let again = (!prepared.plan.observed.is_empty()).then(|| prepared.clone());
    // Who takes the timeline may live longer than the flag: from here on both live as long.
    let timeline = options.timeline.map(|sink| -> TimelineSink<'_> { sink });
    let mut player = match Player::start(prepared, zones, Options { timeline, ..options }, stop) {
        Ok(player) => player,
        Err(unplayed) => return PlayedUntil { verdict: *unplayed, world: None },
    };
    let first = player.facts().now();
    let at = at(player.facts().zone, first).filter(|&at| at >= first);
    let mut world = None;
    let mut instants = 0;
    loop {
        // Everything until then has happened where what comes next lies behind it.
        let is_next = |at: &Instant| player.next_stop(&Unobserved).is_none_or(|next| next > *at);
        if let (None, Some(at)) = (&world, at.filter(is_next)) {
            let mut found = player.facts().world.clone();
            found.advance(at, &mut |_| {});
            world = Some(found);
        }
        if !player.step() {
            break;
        }
        instants += 1;
        if instants > instants_max {
            stop.store(true, Ordering::Relaxed);
        }
    }
    let mut verdict = player.finish();
    if let Some(again) = again {
        testify(again, &mut verdict, zones, stop);
    }
    PlayedUntil { verdict, world }
}

/// The world of a scenario as it is at an instant, as [`play_and_look`] finds it.
///
/// # Errors
/// When the scenario is faulty, or there is no such instant within its run; the verdict then tells.
pub fn world_at(
    path: &Path,
    bytes: &[u8],
    zones: &Arc<Zones>,
    at: impl FnOnce(&Zone, Instant) -> Option<Instant>,
) -> Result<(World, Verdict), Box<Verdict>> {
    let prepared = Prepared::new(path, bytes, zones);
    let bounds = (&AtomicBool::new(false), usize::MAX);
    match play_and_look(prepared, zones, Options::default(), bounds, at) {
        PlayedUntil { verdict, world: Some(world) } if verdict.outcome() != Outcome::Invalid => {
            Ok((world, verdict))
        }
        PlayedUntil { verdict, .. } => Err(Box::new(verdict)),
    }
}
