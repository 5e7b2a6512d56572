//! One scenario on its way on a target, from its first instant to what is left of it.

use std::sync::Arc;
use std::time::Duration;

use lamplighter_core::model::Instant;
use lamplighter_scenario::play::{Facts, Stepper, Verdict};

use super::clock::PlayClock;
use super::implicit_checks::ImplicitChecks;
use super::observer::TargetObserver;
use super::on_target::ScenarioOnTarget;
use super::real_time::RealTimeSchedule;
use super::rehearsal::Rehearsed;
use super::scheduler_shift::SchedulerShift;
use super::settings::PlaySettings;
use super::skip::SkipReason;
use crate::driver::{Leftovers, RunError, Timestamp};
use crate::file::can::ZoneCan;
use crate::file::section::Section;

/// A scenario on its way.
pub struct RunningScenario<'a> {
    /// The engine, at the instant that has been reached.
    pub stepper: Box<Stepper<'a>>,
    observer: TargetObserver,
    is_made: bool,
    has_begun: bool,
}

impl<'a> RunningScenario<'a> {
    /// Before anything is done on the target.
    pub fn new(
        playing: &PlaySettings<'_>,
        stepper: Box<Stepper<'a>>,
        rehearsed: Box<Rehearsed>,
    ) -> Self {
        let observer = TargetObserver {
            part: ScenarioOnTarget::new(&playing.driver),
            testable: rehearsed.testable.clone(),
            rehearsed: *rehearsed,
            implicit_checks: ImplicitChecks::default(),
            looks_around: playing.looks_around,
            real_time: None,
            clock: playing.clock.clone(),
            now: stepper.start(),
            runtime: playing.runtime.clone(),
        };
        Self { stepper, observer, is_made: false, has_begun: false }
    }

    /// Puts the clock to its first instant, and makes what it needs where that is not made yet.
    fn begin(&mut self, playing: &PlaySettings<'_>) -> Result<(), SkipReason> {
        self.has_begun = true;
        let start = self.stepper.start();
        let put = playing.runtime.block_on(self.observer.clock.put(&playing.driver, start));
        match put {
            Ok(()) => {}
            Err(why @ RunError::NotDone { .. }) => {
                let why = why.to_string();
                return Err(SkipReason::ClockNotPut { begins: start, why });
            }
            Err(error) => return Err(error.into()),
        }
        if self.is_made { Ok(()) } else { self.make(playing) }
    }

    /// Makes what it needs, whatever the clock reads.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make(&mut self, playing: &PlaySettings<'_>) -> Result<(), SkipReason> {
        self.is_made = true;
        if matches!(playing.clock, PlayClock::Real)
            && self.observer.rehearsed.scenario_times.has_hours
        {
            self.lay_schedule(playing)?;
        }
        let TargetObserver { part, testable, .. } = &mut self.observer;
        let facts = self.stepper.facts();
        testable.begin(facts);
        playing.runtime.block_on(part.build(facts, testable))?;
        playing.runtime.block_on(part.quiet(facts)).map_err(SkipReason::Run)
    }

    /// Says when everything comes on a real clock, from now on, so that schedulers can be moved there.
    fn lay_schedule(&mut self, playing: &PlaySettings<'_>) -> Result<(), SkipReason> {
        let real_time = real_time(playing, &self.observer.rehearsed, self.stepper.facts());
        let hours = playing.driver.abilities().hours.as_ref();
        let zone = match hours.map(|hours| &hours.zone) {
            Some(ZoneCan::Server(zone)) => zone.as_str(),
            _ => real_time.own_zone(),
        };
        let zone = playing.zones.get(zone).map_err(|error| RunError::NotDone {
            section: Section::HoursSet.address(),
            what: error.to_string(),
            whom: None,
        })?;
        let real_time = Arc::new(real_time);
        let zones = Arc::clone(playing.zones);
        self.observer.part.moves(SchedulerShift { real_time: Arc::clone(&real_time), zone, zones });
        self.observer.real_time = Some(real_time);
        Ok(())
    }

    /// Goes on to the next instant; at the first, makes everything.
    ///
    /// # Errors
    /// When it cannot go on.
    pub fn go_on(&mut self, playing: &PlaySettings<'_>) -> Result<(), SkipReason> {
        if !self.has_begun {
            self.begin(playing)?;
        }
        self.stepper.go_on(&mut self.observer).map_err(SkipReason::Run)
    }

    /// The instant to which it goes on next; `None` at its end.
    pub fn next_stop(&mut self) -> Option<Instant> {
        self.stepper.next_stop(&self.observer)
    }

    /// Clears up, and gives the verdict.
    pub fn leave(mut self, playing: &PlaySettings<'_>, left: &mut Leftovers) -> Verdict {
        let made = self.observer.part.made(self.stepper.facts().roster);
        if self.is_made {
            *left += playing.runtime.block_on(self.observer.part.clear(playing.keeps));
        }
        Verdict { made, ..self.stepper.finish() }
    }
}

/// So long a call of making something may take, where hours are waited for; and a step with its reads.
const MAKING_CALL: Duration = Duration::from_millis(500);
const STEP: Duration = Duration::from_secs(3);

/// When everything of a scenario comes, begun now.
pub fn real_time(
    playing: &PlaySettings<'_>,
    rehearsed: &Rehearsed,
    facts: Facts<'_>,
) -> RealTimeSchedule {
    let timing = &playing.driver.file().timing;
    let count = facts.roster.agents.len() + 2 * facts.roster.widgets.len() + 4;
    let making = MAKING_CALL * u32::try_from(count).unwrap_or(u32::MAX);
    let bounds = [
        timing.shows_within,
        timing.login_shows_within,
        timing.logout_shows_within.max(timing.logout_unsettles),
        timing.edge_shows_within,
        timing.hold_settles,
    ];
    let shows = bounds.into_iter().max().unwrap_or_default();
    let now = Timestamp::now().wall;
    RealTimeSchedule::new(
        &rehearsed.scenario_times,
        &rehearsed.spans,
        now,
        (making + shows, shows + STEP),
    )
}
