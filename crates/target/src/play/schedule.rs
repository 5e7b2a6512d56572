//! Many scenarios on one target: over the one clock that it has, whoever's next instant is the earliest
//! goes on; side by side where its clock is the machine's (rule T47 of target files).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use lamplighter_core::hours::Zones;
use lamplighter_core::model::{AgentStatus, Instant, Visitor, WidgetStatus};
use lamplighter_core::world::Timing;
use lamplighter_scenario::play::{Stepper, Verdict};
use tokio::runtime::Handle;
use tokio::time::sleep;

use super::clock::PlayClock;
use super::left_out::LeftOut;
use super::observer::Live;
use super::part::Part;
use super::rehearsal::{Rehearsal, Rehearsed, rehearse};
use crate::driver::{Driver, Left, Made, RunError};
use crate::file::section::Section;

/// A scenario to be played.
pub struct ScenarioInput {
    /// The file, as it was named.
    pub path: PathBuf,
    /// Its text.
    pub bytes: Vec<u8>,
}

/// How scenarios are played on a target.
pub struct Playing<'a> {
    /// What calls the target.
    pub driver: Arc<Driver>,
    /// Its clock.
    pub clock: PlayClock,
    /// Whether a clock that is put can be put back.
    pub goes_back: bool,
    /// So long a scenario may wait on a real clock.
    pub real_time_max: Duration,
    /// Whether all that was made is left.
    pub keeps: bool,
    /// Where calls are made.
    pub runtime: Handle,
    /// Time zones.
    pub zones: &'a Arc<Zones>,
    /// Set from outside to clear up and end.
    pub stop: &'a AtomicBool,
}

/// What a run came to, besides its verdicts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Played {
    /// What could not be deleted.
    pub left: Left,
}

/// Takes what became of each input, by its place, as it comes to its end.
pub type Take<'a> = &'a mut dyn FnMut(usize, Result<Verdict, LeftOut>);

/// So many scenarios at once where time goes by itself.
const AT_ONCE_MAX: usize = 32;
/// So often it is looked whether anybody is still in from before.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Plays scenarios on a target. Once `stop` is set, those that are not at their end never come to it,
/// and nothing is told of them.
///
/// # Errors
/// When the target cannot be used at all, or is gone. What was told before holds.
pub fn play(
    playing: &Playing<'_>,
    inputs: &[ScenarioInput],
    take: Take<'_>,
) -> Result<Played, RunError> {
    let mut made = Made::default();
    let begun = playing.runtime.block_on(playing.driver.begin(&mut made));
    let mut left = Left::default();
    let played = begun.and_then(|()| match playing.clock {
        PlayClock::Real => side_by_side(playing, inputs, take, &mut left),
        _ => over_one_clock(playing, inputs, take, &mut left),
    });
    if !playing.keeps {
        left += playing.runtime.block_on(playing.driver.clear(&mut made));
    }
    let ended = playing.runtime.block_on(playing.driver.end());
    played.and(ended).map(|()| Played { left })
}

/// A scenario on its way.
struct Running<'a> {
    stepper: Box<Stepper<'a>>,
    live: Live,
    is_built: bool,
}

impl<'a> Running<'a> {
    fn new(playing: &Playing<'_>, stepper: Box<Stepper<'a>>, rehearsed: Box<Rehearsed>) -> Self {
        let live = Live {
            part: Part::new(&playing.driver),
            reach: rehearsed.reach.clone(),
            rehearsed: *rehearsed,
            clock: playing.clock.clone(),
            now: stepper.start(),
            runtime: playing.runtime.clone(),
        };
        Self { stepper, live, is_built: false }
    }

    /// Puts the clock to its first instant and makes what it needs.
    fn build(&mut self, playing: &Playing<'_>) -> Result<(), LeftOut> {
        self.is_built = true;
        let start = self.stepper.start();
        let put = playing.runtime.block_on(self.live.clock.put(&playing.driver, start));
        match put {
            Ok(()) => {}
            Err(why @ RunError::NotDone { .. }) => {
                let why = why.to_string();
                return Err(LeftOut::ClockNotPut { begins: start, why });
            }
            Err(error) => return Err(error.into()),
        }
        let Live { part, reach, .. } = &mut self.live;
        let facts = self.stepper.facts();
        reach.begin(facts);
        playing.runtime.block_on(part.build(facts, reach))?;
        playing.runtime.block_on(part.quiet(facts)).map_err(LeftOut::Run)
    }

    fn go_on(&mut self, playing: &Playing<'_>) -> Result<(), LeftOut> {
        if !self.is_built {
            self.build(playing)?;
        }
        self.stepper.go_on(&mut self.live).map_err(LeftOut::Run)
    }

    fn next_stop(&mut self) -> Option<Instant> {
        self.stepper.next_stop(&self.live)
    }

    fn leave(mut self, playing: &Playing<'_>, left: &mut Left) -> Verdict {
        if self.is_built {
            *left += playing.runtime.block_on(self.live.part.clear(playing.keeps));
        }
        self.stepper.finish()
    }
}

/// On the machine's clock: many at once, each with its own names.
fn side_by_side(
    playing: &Playing<'_>,
    inputs: &[ScenarioInput],
    take: Take<'_>,
    left: &mut Left,
) -> Result<(), RunError> {
    let next = AtomicUsize::new(0);
    let (tell, ended) = mpsc::channel();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..inputs.len().min(AT_ONCE_MAX) {
            let (tell, next, is_over) = (tell.clone(), &next, &is_over);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let is_stopped =
                        playing.stop.load(Ordering::Relaxed) || is_over.load(Ordering::Relaxed);
                    let Some(input) = inputs.get(index).filter(|_| !is_stopped) else { return };
                    let mut left = Left::default();
                    let came_to = alone(playing, input, &mut left);
                    // Whoever takes is there until all are over.
                    drop(tell.send((index, came_to, left)));
                }
            });
        }
        drop(tell);
        let mut failed = None;
        for (index, came_to, there) in ended {
            *left += there;
            match came_to {
                Some(Err(LeftOut::Run(error @ RunError::Unreachable { .. }))) => {
                    is_over.store(true, Ordering::Relaxed);
                    failed.get_or_insert(error);
                }
                Some(came_to) => take(index, came_to),
                None => {}
            }
        }
        failed.map_or(Ok(()), Err)
    })
}

/// One scenario from its beginning to its end; nothing where it was stopped.
fn alone(
    playing: &Playing<'_>,
    input: &ScenarioInput,
    left: &mut Left,
) -> Option<Result<Verdict, LeftOut>> {
    let file = playing.driver.file();
    let (stepper, rehearsed) =
        match rehearse(&input.path, &input.bytes, file, playing.zones, playing.stop) {
            Rehearsal::Ready(stepper, rehearsed) => (stepper, rehearsed),
            Rehearsal::Over(verdict) => return Some(Ok(*verdict)),
            Rehearsal::LeftOut(why) => return Some(Err(why)),
        };
    let needs = playing.clock.takes(&rehearsed.spans);
    if needs > playing.real_time_max {
        let (may, waits_for) = (playing.real_time_max, "for graces and auto-away");
        return Some(Err(LeftOut::TooLong { needs, waits_for, may }));
    }
    let mut running = Running::new(playing, stepper, rehearsed);
    loop {
        if playing.stop.load(Ordering::Relaxed) {
            running.leave(playing, left);
            return None;
        }
        if let Err(why) = running.go_on(playing) {
            running.leave(playing, left);
            return Some(Err(why));
        }
        if running.next_stop().is_none() {
            let is_stopped = playing.stop.load(Ordering::Relaxed);
            let verdict = running.leave(playing, left);
            return (!is_stopped).then_some(Ok(verdict));
        }
    }
}

/// On a clock that is put: in the order of their first instants. A clock that goes forward only is
/// shared by those whose time overlaps.
fn over_one_clock(
    playing: &Playing<'_>,
    inputs: &[ScenarioInput],
    take: Take<'_>,
    left: &mut Left,
) -> Result<(), RunError> {
    let file = playing.driver.file();
    let mut ready = Vec::new();
    for (index, input) in inputs.iter().enumerate() {
        match rehearse(&input.path, &input.bytes, file, playing.zones, playing.stop) {
            Rehearsal::Ready(stepper, rehearsed) => {
                ready.push((index, Running::new(playing, stepper, rehearsed)));
            }
            Rehearsal::Over(verdict) => take(index, Ok(*verdict)),
            Rehearsal::LeftOut(why) => take(index, Err(why)),
        }
    }
    ready.sort_by_key(|(index, running)| (running.stepper.start(), *index));
    if playing.goes_back {
        for one in ready {
            together(playing, vec![one], take, left)?;
        }
        return Ok(());
    }
    let mut is_first = true;
    while !ready.is_empty() && !playing.stop.load(Ordering::Relaxed) {
        ready.retain(|(index, running)| {
            let begins = running.stepper.start();
            if !playing.driver.has_passed(begins) {
                return true;
            }
            let clock = playing.driver.now();
            let why = match is_first {
                true => LeftOut::ClockIsPast { begins, clock },
                false => LeftOut::OtherTiming { own: running.stepper.timing(), begins },
            };
            take(*index, Err(why));
            false
        });
        let Some(timing) = most_common_timing(playing, &ready) else { break };
        let is_alike =
            |one: &mut (usize, Running<'_>)| timing_of(playing, one.1.stepper.timing()) == timing;
        let group = ready.extract_if(.., is_alike).collect();
        together(playing, group, take, left)?;
        is_first = false;
    }
    Ok(())
}

/// The grace and auto-away that the target is given, which are of all of it.
fn timing_of(playing: &Playing<'_>, own: Timing) -> (Option<u64>, Option<Option<u64>>) {
    let sets = |name: &str| playing.driver.abilities().settings.iter().any(|one| one == name);
    let grace = sets(crate::file::can::GRACE).then_some(own.grace.0);
    let auto_away = sets(crate::file::can::AUTO_AWAY).then_some(own.auto_away.map(|one| one.0));
    (grace, auto_away)
}

type GivenTiming = (Option<u64>, Option<Option<u64>>);

fn most_common_timing(
    playing: &Playing<'_>,
    ready: &[(usize, Running<'_>)],
) -> Option<GivenTiming> {
    let mut counts: BTreeMap<GivenTiming, usize> = BTreeMap::new();
    for (_, one) in ready {
        *counts.entry(timing_of(playing, one.stepper.timing())).or_default() += 1;
    }
    // Of equally many the first.
    counts.into_iter().max_by_key(|&(timing, count)| (count, Reverse(timing))).map(|(it, _)| it)
}

/// Plays scenarios that share a clock.
fn together<'a>(
    playing: &Playing<'_>,
    group: Vec<(usize, Running<'a>)>,
    take: Take<'_>,
    left: &mut Left,
) -> Result<(), RunError> {
    let mut running: BTreeMap<usize, Running<'a>> = group.into_iter().collect();
    let mut next: BinaryHeap<Reverse<(Instant, usize)>> = running
        .iter_mut()
        .filter_map(|(&index, one)| Some(Reverse((one.next_stop()?, index))))
        .collect();
    let mut failed = None;
    while let Some(Reverse((_, index))) = next.pop() {
        if playing.stop.load(Ordering::Relaxed) {
            break;
        }
        let Some(one) = running.get_mut(&index) else { continue };
        match (one.go_on(playing), one.next_stop()) {
            (Ok(()), Some(at)) => {
                next.push(Reverse((at, index)));
                continue;
            }
            // A run that was stopped has not come to its end.
            (Ok(()), None) if playing.stop.load(Ordering::Relaxed) => break,
            (Ok(()), None) => {
                if let Some(one) = running.remove(&index) {
                    take(index, Ok(one.leave(playing, left)));
                }
            }
            (Err(LeftOut::Run(error @ RunError::Unreachable { .. })), _) => {
                failed = Some(error);
                break;
            }
            (Err(why), _) => {
                if let Some(one) = running.remove(&index) {
                    one.leave(playing, left);
                    take(index, Err(why));
                }
            }
        }
    }
    match failed {
        Some(error) => Err(error),
        None => {
            running.into_values().for_each(|one| drop(one.leave(playing, left)));
            Ok(())
        }
    }
}

impl Part {
    /// Sees to it that a scenario begins quiet: nobody of accounts that were there beforehand is still in
    /// (T46), and the observer counts for nobody (T30).
    async fn quiet(
        &mut self,
        facts: lamplighter_scenario::play::Facts<'_>,
    ) -> Result<(), RunError> {
        let driver = Arc::clone(self.driver());
        let has_accounts = driver.file().lends_accounts();
        let world = facts.world;
        let most = driver.file().timing.grace_max.unwrap_or_default() + Duration::from_secs(1);
        let began = std::time::Instant::now();
        for property in
            (0..facts.roster.properties.len()).map(lamplighter_core::model::PropertyId::new)
        {
            let Some(own) = world.widgets_of(property).next() else { continue };
            let Some((widget, members)) = self.widget(own, world) else { continue };
            while has_accounts && driver.file().has_team() {
                let team = driver.read_team(&widget.property, &members).await?;
                let is_quiet = team.what.as_ref().is_ok_and(|all| {
                    all.iter().all(|status| {
                        status.can_be(AgentStatus::Offline) || status.can_be(AgentStatus::Invisible)
                    })
                });
                if is_quiet {
                    break;
                }
                if began.elapsed() > most {
                    return Err(RunError::NotDone {
                        section: Section::TeamRead.address(),
                        what: format!("not quiet after {} s: somebody is still in", most.as_secs()),
                        whom: Some(widget.name.clone()),
                    });
                }
                sleep(LOOK_EVERY).await;
            }
            if !driver.has_observer() || world.settings(own).scheduler.is_some() {
                continue;
            }
            let read = driver.read_widget(&widget, &members, &Visitor::default()).await?;
            let seen = read.what.ok().and_then(|seen| seen.status);
            if let Some(status) = seen.filter(|status| !status.can_be(WidgetStatus::Offline)) {
                let (property, seen) = (widget.name.clone(), status.to_string());
                return Err(RunError::ObserverIsSeen { property, seen });
            }
        }
        Ok(())
    }
}
