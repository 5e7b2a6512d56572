//! Many scenarios over the one clock of a service, which only goes forward: whoever's next instant
//! is the earliest goes on.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::deployment::Deployment;
use super::error::{HostError, LeftOut};
use super::host::Host;
use super::observer::Probe;
use super::service::ServiceUnderTest;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::{Instant, Millis};
use lamplighter_scenario::play::{Begun, Stepper, Verdict, begin};

/// A scenario to be played.
pub struct ScenarioInput {
    /// The file, as it was named.
    pub path: PathBuf,
    /// Its text.
    pub bytes: Vec<u8>,
}

/// Takes what became of each input, by its place, as it comes to its end.
pub type Take<'a> = &'a mut dyn FnMut(usize, Result<Verdict, LeftOut>);

/// Plays scenarios against a service. Those with one auto-away share its time; those with another
/// follow where its clock still allows. Once `stop` is set, those that are not at their end never
/// come to it, and nothing is told of them.
///
/// # Errors
/// When the service cannot be used at all, or is gone. What was told before holds.
pub fn play(
    host: Host,
    inputs: &[ScenarioInput],
    zones: &Arc<Zones>,
    stop: &AtomicBool,
    take: Take<'_>,
) -> Result<(), HostError> {
    let mut service = ServiceUnderTest::reach(host)?;
    let found = service.timing;
    let mut rest = Vec::new();
    for (index, input) in inputs.iter().enumerate() {
        match begin(&input.path, &input.bytes, zones, stop) {
            Begun::Ready(scenario) => {
                rest.push(Running {
                    index,
                    scenario: *scenario,
                    deployment: Deployment::new(index),
                });
            }
            Begun::Over(verdict) => take(index, Ok(*verdict)),
            Begun::Replays => take(index, Err(LeftOut::Replays)),
        }
    }
    let mut others = None;
    loop {
        let clock = service.clock;
        rest.retain(|one| {
            let begins = one.scenario.start();
            let own = one.scenario.timing().auto_away;
            let why = match others {
                _ if begins >= clock => return true,
                None => LeftOut::ClockIsPast { begins, clock },
                Some(others) => LeftOut::OtherAutoAway { own, others, begins },
            };
            take(one.index, Err(why));
            false
        });
        let Some(auto_away) = most_common_auto_away(&rest) else { break };
        let of_group = |one: &mut Running<'_>| one.scenario.timing().auto_away == auto_away;
        let group: Vec<Running<'_>> = rest.extract_if(.., of_group).collect();
        play_together(group, &mut service, stop, take)?;
        if stop.load(Ordering::Relaxed) {
            break;
        }
        others = Some(auto_away);
    }
    service.put_timing(found)
}

/// A scenario on its way.
struct Running<'a> {
    index: usize,
    scenario: Stepper<'a>,
    deployment: Deployment,
}

fn most_common_auto_away(running: &[Running<'_>]) -> Option<Option<Millis>> {
    let mut counts: BTreeMap<Option<Millis>, usize> = BTreeMap::new();
    for one in running {
        *counts.entry(one.scenario.timing().auto_away).or_default() += 1;
    }
    // Of equally many the first: off before any length.
    let most = counts.into_iter().max_by_key(|&(auto_away, count)| (count, Reverse(auto_away)));
    most.map(|(auto_away, _)| auto_away)
}

/// Plays scenarios that agree on auto-away. While nobody of them is logged in, it can be set.
fn play_together(
    running: Vec<Running<'_>>,
    service: &mut ServiceUnderTest,
    stop: &AtomicBool,
    take: Take<'_>,
) -> Result<(), HostError> {
    let Some(first) = running.first() else { return Ok(()) };
    service.put_timing(first.scenario.timing())?;
    let accounts: Vec<_> =
        running.iter().flat_map(|one| one.deployment.accounts(one.scenario.facts())).collect();
    service.client.put_all(&accounts)?;
    let mut running: BTreeMap<usize, Running<'_>> =
        running.into_iter().map(|one| (one.index, one)).collect();
    let mut next: BinaryHeap<Reverse<(Instant, usize)>> = running
        .iter_mut()
        .filter_map(|(&index, one)| Some(Reverse((one.next_stop(service)?, index))))
        .collect();
    let mut failed = None;
    while let Some(Reverse((at, index))) = next.pop() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let Some(one) = running.get_mut(&index) else { continue };
        let went_on = one.go_on(at, service);
        match (went_on, one.next_stop(service)) {
            (Ok(()), Some(at)) => {
                next.push(Reverse((at, index)));
                continue;
            }
            // A run that was stopped has not come to its end.
            (Ok(()), None) if stop.load(Ordering::Relaxed) => break,
            (Ok(()), None) => {
                if let Some(one) = running.remove(&index) {
                    take(index, Ok(one.leave(service)));
                }
            }
            (Err(error @ HostError::Unreachable { .. }), _) => {
                failed = Some(error);
                break;
            }
            (Err(error), _) => {
                if let Some(one) = running.remove(&index) {
                    one.leave(service);
                    take(index, Err(LeftOut::Host(error)));
                }
            }
        }
    }
    match failed {
        Some(error) => Err(error),
        None => {
            running.into_values().for_each(|one| drop(one.leave(service)));
            Ok(())
        }
    }
}

impl Running<'_> {
    fn go_on(&mut self, at: Instant, service: &mut ServiceUnderTest) -> Result<(), HostError> {
        let Self { scenario, deployment, .. } = self;
        // Before it begins, nothing of it is there: hours of widgets that nobody looks at would
        // only cost time.
        if at == scenario.start() && !deployment.is_built() {
            service.put_clock(at)?;
            deployment.build(service, scenario.facts())?;
        }
        scenario.go_on(&mut Probe { service, deployment })
    }

    /// The instant to which it goes on next; `None` at its end.
    fn next_stop(&mut self, service: &mut ServiceUnderTest) -> Option<Instant> {
        let Self { scenario, deployment, .. } = self;
        scenario.next_stop(&Probe { service, deployment })
    }

    fn leave(mut self, service: &ServiceUnderTest) -> Verdict {
        self.deployment.clear(service, self.scenario.facts());
        self.scenario.finish()
    }
}
