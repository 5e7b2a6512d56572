//! Many scenarios on one target: over the one clock that it has, whoever's next instant is the earliest
//! goes on; side by side where its clock is the machine's (rule T47 of target files).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

use lamplighter_core::model::Instant;
use lamplighter_core::world::Timing;
use lamplighter_scenario::play::Verdict;

use super::clock::PlayClock;
use super::rehearsal::{Rehearsal, rehearse};
use super::running::{RunningScenario, real_time};
use super::settings::PlaySettings;
use super::skip::SkipReason;
use crate::driver::{CreatedObjects, Leftovers, RunError, Timestamp};

/// A scenario to be played.
pub struct ScenarioInput {
    /// The file, as it was named.
    pub path: PathBuf,
    /// The bytes of the file, which need not be UTF-8.
    pub bytes: Vec<u8>,
}

/// When what a scenario needs is made on a target.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MadeWhen {
    /// At its first instant.
    ItBegins,
    /// Where a clock is shared, before the first of those that share it begins: what stands there long, among
    /// many, is what a product in use has.
    TheFirstBegins,
}

/// What a run came to, besides its verdicts.
#[derive(Clone, Debug, Default)]
pub struct PlayResult {
    /// What could not be deleted.
    pub left: Leftovers,
}

/// Takes what became of each input, by its place, as it comes to its end.
pub type Take<'a> = &'a mut dyn FnMut(usize, Result<Verdict, SkipReason>);

/// So many scenarios at once where time goes by itself.
pub const AT_ONCE_MAX: usize = 32;

/// Plays scenarios on a target. Once `stop` is set, those that are not at their end never come to it,
/// and nothing is told of them.
///
/// # Errors
/// When the target cannot be used at all, or is gone. What was told before holds.
pub fn play(
    playing: &PlaySettings<'_>,
    inputs: &[ScenarioInput],
    take: Take<'_>,
) -> Result<PlayResult, RunError> {
    within_run(playing, |left| play_within(playing, inputs, MadeWhen::ItBegins, take, left))
}

/// Begins a run on a target, does something in it, and ends it: whoever looks on is made and taken away.
///
/// # Errors
/// When the target cannot be used at all, or is gone.
pub fn within_run(
    playing: &PlaySettings<'_>,
    run: impl FnOnce(&mut Leftovers) -> Result<(), RunError>,
) -> Result<PlayResult, RunError> {
    let mut made = CreatedObjects::default();
    let begun = playing.runtime.block_on(playing.driver.begin(&mut made));
    let mut left = Leftovers::default();
    let ran = begun.and_then(|()| run(&mut left));
    if !playing.keeps {
        left += playing.runtime.block_on(playing.driver.clear(&mut made));
    }
    let ended = playing.runtime.block_on(playing.driver.end());
    ran.and(ended).map(|()| PlayResult { left })
}

/// Plays scenarios in a run that has begun; see [`play`].
///
/// # Errors
/// When the target cannot be used at all, or is gone. What was told before holds.
pub fn play_within(
    playing: &PlaySettings<'_>,
    inputs: &[ScenarioInput],
    made: MadeWhen,
    take: Take<'_>,
    left: &mut Leftovers,
) -> Result<(), RunError> {
    match playing.clock {
        PlayClock::Real => side_by_side(playing, inputs, take, left),
        _ => over_one_clock(playing, inputs, made, take, left),
    }
}

/// On the machine's clock: many at once, each with its own names.
fn side_by_side(
    playing: &PlaySettings<'_>,
    inputs: &[ScenarioInput],
    take: Take<'_>,
    left: &mut Leftovers,
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
                    let mut left = Leftovers::default();
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
                Some(Err(SkipReason::Run(error))) if error.is_of_all() => {
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
    playing: &PlaySettings<'_>,
    input: &ScenarioInput,
    left: &mut Leftovers,
) -> Option<Result<Verdict, SkipReason>> {
    let file = playing.driver.file();
    let (stepper, rehearsed) =
        match rehearse(&input.path, &input.bytes, file, playing.zones, playing.stop) {
            Rehearsal::Ready(stepper, rehearsed) => (stepper, rehearsed),
            Rehearsal::Over(verdict) => return Some(Ok(*verdict)),
            Rehearsal::Skipped(why) => return Some(Err(why)),
        };
    let needs = playing.clock.takes(&rehearsed.spans);
    if needs > playing.real_time_max {
        let (may, waits_for) = (playing.real_time_max, "for graces and auto-away");
        return Some(Err(SkipReason::TooLong { needs, waits_for, may }));
    }
    let needs = real_time(playing, &rehearsed, stepper.facts()).takes(Timestamp::now().wall);
    if needs > playing.real_time_max {
        let (may, waits_for) = (playing.real_time_max, "for schedulers to open and close");
        return Some(Err(SkipReason::TooLong { needs, waits_for, may }));
    }
    let mut running = RunningScenario::new(playing, stepper, rehearsed);
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
    playing: &PlaySettings<'_>,
    inputs: &[ScenarioInput],
    made: MadeWhen,
    take: Take<'_>,
    left: &mut Leftovers,
) -> Result<(), RunError> {
    let file = playing.driver.file();
    let mut ready = Vec::new();
    for (index, input) in inputs.iter().enumerate() {
        match rehearse(&input.path, &input.bytes, file, playing.zones, playing.stop) {
            Rehearsal::Ready(stepper, rehearsed) => {
                ready.push((index, RunningScenario::new(playing, stepper, rehearsed)));
            }
            Rehearsal::Over(verdict) => take(index, Ok(*verdict)),
            Rehearsal::Skipped(why) => take(index, Err(why)),
        }
    }
    ready.sort_by_key(|(index, running)| (running.stepper.start(), *index));
    if playing.goes_back {
        for one in ready {
            together(playing, vec![one], made, take, left)?;
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
                true => SkipReason::ClockIsPast { begins, clock },
                false => SkipReason::OtherTiming { own: running.stepper.timing(), begins },
            };
            take(*index, Err(why));
            false
        });
        let Some(timing) = most_common_timing(playing, &ready) else { break };
        let is_alike = |one: &mut (usize, RunningScenario<'_>)| {
            timing_of(playing, one.1.stepper.timing()) == timing
        };
        let group = ready.extract_if(.., is_alike).collect();
        together(playing, group, made, take, left)?;
        is_first = false;
    }
    Ok(())
}

/// The grace and auto-away that the target is given, which are of all of it.
fn timing_of(playing: &PlaySettings<'_>, own: Timing) -> (Option<u64>, Option<Option<u64>>) {
    let sets = |name: &str| playing.driver.abilities().settings.iter().any(|one| one == name);
    let grace = sets(crate::file::can::GRACE).then_some(own.grace.0);
    let auto_away = sets(crate::file::can::AUTO_AWAY).then_some(own.auto_away.map(|one| one.0));
    (grace, auto_away)
}

type GivenTiming = (Option<u64>, Option<Option<u64>>);

fn most_common_timing(
    playing: &PlaySettings<'_>,
    ready: &[(usize, RunningScenario<'_>)],
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
    playing: &PlaySettings<'_>,
    group: Vec<(usize, RunningScenario<'a>)>,
    made: MadeWhen,
    take: Take<'_>,
    left: &mut Leftovers,
) -> Result<(), RunError> {
    let mut running: BTreeMap<usize, RunningScenario<'a>> = group.into_iter().collect();
    if made == MadeWhen::TheFirstBegins {
        make_all(playing, &mut running, take, left)?;
    }
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
            (Err(SkipReason::Run(error)), _) if error.is_of_all() => {
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

/// Makes what all of them need; those for which it cannot be made are told, and gone.
fn make_all(
    playing: &PlaySettings<'_>,
    running: &mut BTreeMap<usize, RunningScenario<'_>>,
    take: Take<'_>,
    left: &mut Leftovers,
) -> Result<(), RunError> {
    for index in running.keys().copied().collect::<Vec<_>>() {
        let Some(one) = running.get_mut(&index) else { continue };
        let why = match one.make(playing) {
            Ok(()) if playing.stop.load(Ordering::Relaxed) => break,
            Ok(()) => continue,
            Err(why) => why,
        };
        match why {
            SkipReason::Run(error) if error.is_of_all() => return Err(error),
            why => {
                if let Some(one) = running.remove(&index) {
                    one.leave(playing, left);
                }
                take(index, Err(why));
            }
        }
    }
    Ok(())
}
