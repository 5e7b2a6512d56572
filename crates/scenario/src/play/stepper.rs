//! A scenario that is led from instant to instant by somebody else, beside others that share a clock
//! with it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::facts::Facts;
use super::observer::Observer;
use super::outputs::Options;
use super::player::Player;
use super::prepared::Prepared;
use super::run::play;
use super::second_run::testify;
use super::tested::Capability;
use super::verdict::{Outcome, Verdict};
use lamplighter_core::hours::Zones;
use lamplighter_core::model::{Instant, RuleSet};
use lamplighter_core::world::Timing;

/// What became of beginning a scenario.
pub enum Begun<'a> {
    /// The scenario can be led, step by step.
    Ready(Box<Stepper<'a>>),
    /// There is nothing to lead: it is faulty, or nothing happens in it.
    Over(Box<Verdict>),
    /// It replays traces, and whoever leads it cannot follow their times.
    Replays,
}

/// What whoever leads a scenario makes of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LedBy {
    /// Another product's rules than the scenario has: those of whom it is played on.
    pub rules: Option<RuleSet>,
    /// Another grace and auto-away than the scenario has: those of whom it is played on.
    pub timing: Option<Timing>,
    /// Whether rows of traces can be played: then each is told of like a line of the file.
    pub replays: bool,
}

/// A scenario on its way.
pub struct Stepper<'a> {
    player: Player<'a>,
    /// The same before it is played, for what is told of its recordings.
    again: Option<Again>,
    start: Instant,
    timing: Timing,
    rules: RuleSet,
    stop: &'a AtomicBool,
}

/// Reads a scenario, plays it once in process to find everything that is wrong with it, and stands
/// at its beginning.
pub fn begin<'a>(
    path: &Path,
    bytes: &[u8],
    zones: &Arc<Zones>,
    stop: &'a AtomicBool,
    by: LedBy,
) -> Begun<'a> {
    let mut prepared = Prepared::new(path, bytes, zones);
    if let Some(rules) = by.rules {
        prepared.plan.put_rules(rules);
    }
    if let Some(timing) = by.timing {
        prepared.plan.world.put_timing(timing);
    }
    if !prepared.plan.traces.is_empty() && !by.replays {
        return Begun::Replays;
    }
    let rehearsed = play(prepared.clone(), zones, Options::default(), stop);
    if rehearsed.run.is_none() || rehearsed.outcome() == Outcome::Invalid {
        return Begun::Over(Box::new(rehearsed));
    }
    let again = (!prepared.plan.observed.is_empty())
        .then(|| Again { prepared: prepared.clone(), zones: Arc::clone(zones) });
    match Player::start(prepared, zones, Options::default(), stop) {
        Ok(player) => {
            let (start, timing) = (player.facts().now(), player.facts().world.timing());
            let rules = *player.facts().world.rules();
            Begun::Ready(Box::new(Stepper { player, again, start, timing, rules, stop }))
        }
        Err(unplayed) => Begun::Over(unplayed),
    }
}

/// A scenario that is played once more in the end.
struct Again {
    prepared: Prepared,
    zones: Arc<Zones>,
}

impl Stepper<'_> {
    /// The first instant of the scenario.
    pub fn start(&self) -> Instant {
        self.start
    }

    /// Grace and auto-away (rules P7, P8).
    pub fn timing(&self) -> Timing {
        self.timing
    }

    /// The rules that it is played by.
    pub fn rules(&self) -> RuleSet {
        self.rules
    }

    /// What the rules say at the instant that it has reached, with the names to tell it.
    pub fn facts(&self) -> Facts<'_> {
        self.player.facts()
    }

    /// The instant to which it goes on next; `None` at its end.
    pub fn next_stop(&mut self, observer: &impl Observer) -> Option<Instant> {
        self.player.next_stop(observer)
    }

    /// Goes on to the next instant, and does there what is to be done.
    ///
    /// # Errors
    /// When the observer cannot go on.
    pub fn go_on<O: Observer>(&mut self, observer: &mut O) -> Result<(), O::Error> {
        self.player.go_on(observer).map(drop)
    }

    /// The verdict, once there is no next stop. What was recorded is held against the rules here, too;
    /// whoever leads the scenario is not tested by it.
    pub fn finish(self) -> Verdict {
        let Self { player, again, stop, .. } = self;
        let mut verdict = player.finish();
        if let Some(Again { prepared, zones }) = again {
            for observed in &prepared.plan.observed {
                let (span, tested) = (observed.place.span, &mut verdict.tested);
                tested.by_the_rules_alone(span, Capability::Recording, true);
            }
            testify(prepared, &mut verdict, &zones, stop);
        }
        verdict
    }
}
