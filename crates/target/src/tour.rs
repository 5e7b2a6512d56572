//! Many scenarios over the one clock of a service, which only goes forward: whoever's next instant
//! is the earliest goes on.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::client::{Caller, Client, Method};
use super::error::{HostError, LeftOut};
use super::host::Host;
use super::stage::{Stage, Turn, Venue};
use super::wire::{ClockAnswer, TimingDocument};
use lamplighter_core::hours::Zones;
use lamplighter_core::model::{Instant, Millis};
use lamplighter_scenario::play::{Begun, Guided, Verdict, begin};

/// A scenario to be played.
pub struct Piece {
    /// The file, as it was named.
    pub path: PathBuf,
    /// Its text.
    pub bytes: Vec<u8>,
}

/// Takes what became of each piece, by its place, as it comes to its end.
pub type Take<'a> = &'a mut dyn FnMut(usize, Result<Verdict, LeftOut>);

/// Plays scenarios against a service. Those with one auto-away share its time; those with another
/// follow where its clock still allows. Once `stop` is set, those that are not at their end never
/// come to it, and nothing is told of them.
///
/// # Errors
/// When the service cannot be used at all, or is gone. What was told before holds.
pub fn play(
    host: Host,
    pieces: &[Piece],
    zones: &Arc<Zones>,
    stop: &AtomicBool,
    take: Take<'_>,
) -> Result<(), HostError> {
    let mut venue = arrive(host)?;
    let found = venue.timing;
    let mut rest = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        match begin(&piece.path, &piece.bytes, zones, stop) {
            Begun::Ready(scenario) => {
                rest.push(Player { index, scenario: *scenario, stage: Stage::new(index) });
            }
            Begun::Over(verdict) => take(index, Ok(*verdict)),
            Begun::Replays => take(index, Err(LeftOut::Replays)),
        }
    }
    let mut others = None;
    loop {
        let clock = venue.clock;
        rest.retain(|player| {
            let begins = player.scenario.start();
            let own = player.scenario.timing().auto_away;
            let why = match others {
                _ if begins >= clock => return true,
                None => LeftOut::ClockIsPast { begins, clock },
                Some(others) => LeftOut::OtherAutoAway { own, others, begins },
            };
            take(player.index, Err(why));
            false
        });
        let Some(auto_away) = most_common_auto_away(&rest) else { break };
        let of_group = |player: &mut Player<'_>| player.scenario.timing().auto_away == auto_away;
        let group: Vec<Player<'_>> = rest.extract_if(.., of_group).collect();
        play_together(group, &mut venue, stop, take)?;
        if stop.load(Ordering::Relaxed) {
            break;
        }
        others = Some(auto_away);
    }
    venue.put_timing(found)
}

/// A scenario on its way.
struct Player<'a> {
    index: usize,
    scenario: Guided<'a>,
    stage: Stage,
}

/// Makes sure that this is a service with a manual clock that takes the key.
fn arrive(host: Host) -> Result<Venue, HostError> {
    let client = Client::new(host)?;
    client.runtime().block_on(client.host().check())?;
    let address = client.host().address().to_owned();
    let clock = client.call(Method::GET, "/v1/clock", Caller::Admin, None)?;
    if matches!(clock.status, 401 | 403) {
        return Err(HostError::WrongKey { address });
    }
    let timing: TimingDocument = client.get("/v1/settings", Caller::Admin)?;
    // Such a service it is; only a clock to be put it has not.
    if clock.status == 404 {
        return Err(HostError::ClockNotManual { address });
    }
    let clock: ClockAnswer = clock.read()?;
    Ok(Venue { client, clock: clock.now, timing: timing.read() })
}

fn most_common_auto_away(players: &[Player<'_>]) -> Option<Option<Millis>> {
    let mut counts: BTreeMap<Option<Millis>, usize> = BTreeMap::new();
    for player in players {
        *counts.entry(player.scenario.timing().auto_away).or_default() += 1;
    }
    // Of equally many the first: off before any length.
    let most = counts.into_iter().max_by_key(|&(auto_away, count)| (count, Reverse(auto_away)));
    most.map(|(auto_away, _)| auto_away)
}

/// Plays scenarios that agree on auto-away. While nobody of them is logged in, it can be set.
fn play_together(
    players: Vec<Player<'_>>,
    venue: &mut Venue,
    stop: &AtomicBool,
    take: Take<'_>,
) -> Result<(), HostError> {
    let Some(first) = players.first() else { return Ok(()) };
    venue.put_timing(first.scenario.timing())?;
    let accounts: Vec<_> =
        players.iter().flat_map(|player| player.stage.accounts(&player.scenario)).collect();
    venue.client.put_all(&accounts)?;
    let mut players: BTreeMap<usize, Player<'_>> =
        players.into_iter().map(|player| (player.index, player)).collect();
    let mut next: BinaryHeap<Reverse<(Instant, usize)>> = players
        .iter_mut()
        .filter_map(|(&index, player)| {
            Some(Reverse((player.scenario.next_stop::<Turn<'_>>()?, index)))
        })
        .collect();
    let mut failed = None;
    while let Some(Reverse((at, index))) = next.pop() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let Some(player) = players.get_mut(&index) else { continue };
        let went_on = player.go_on(at, venue);
        match (went_on, player.scenario.next_stop::<Turn<'_>>()) {
            (Ok(()), Some(at)) => {
                next.push(Reverse((at, index)));
                continue;
            }
            // A run that was stopped has not come to its end.
            (Ok(()), None) if stop.load(Ordering::Relaxed) => break,
            (Ok(()), None) => {
                if let Some(player) = players.remove(&index) {
                    take(index, Ok(player.leave(venue)));
                }
            }
            (Err(error @ HostError::Unreachable { .. }), _) => {
                failed = Some(error);
                break;
            }
            (Err(error), _) => {
                if let Some(player) = players.remove(&index) {
                    player.leave(venue);
                    take(index, Err(LeftOut::Host(error)));
                }
            }
        }
    }
    match failed {
        Some(error) => Err(error),
        None => {
            players.into_values().for_each(|player| drop(player.leave(venue)));
            Ok(())
        }
    }
}

impl Player<'_> {
    fn go_on(&mut self, at: Instant, venue: &mut Venue) -> Result<(), HostError> {
        let Self { scenario, stage, .. } = self;
        // Before it begins, nothing of it is there: hours of widgets that nobody looks at would
        // only cost time.
        if at == scenario.start() && !stage.is_built() {
            venue.put_clock(at)?;
            stage.build(venue, scenario)?;
        }
        scenario.go_on(&mut Turn { venue, stage })
    }

    fn leave(mut self, venue: &Venue) -> Verdict {
        self.stage.clear(venue, &self.scenario);
        self.scenario.finish()
    }
}
