//! The world of a seed, as far as a target can be told it: what it cannot is not drawn, so that the rest
//! comes all the more often.

use lamplighter_core::hours::Zones;
use lamplighter_scenario::simulate::{Case, Kind, Swarm, draw, without_impossible};

use crate::file::TargetFile;
use crate::file::can::{AUTO_AWAY, GRACE};
use crate::file::clock::Clock;
use crate::file::section::Section;
use crate::play::own_grace;

/// How many seeds are drawn together, of which those of one grace share the clock of a target.
pub const SEEDS_PER_BATCH: u64 = 64;
/// What is drawn where each step takes real time.
const REAL_EVENTS_MAX: u32 = 12;
const REAL_AGENTS_MAX: u32 = 3;
const REAL_HOURS: u64 = 6;
const HOUR_MS: u64 = 3_600_000;
/// The chance in percent of each thing that calendars bring to hours, in one seed of so many, where the target
/// cannot be told all of it: hours that have what it cannot are not tested.
const CALENDAR_MAX: u32 = 10;
const CALENDAR_EVERY: u64 = 4;
/// The share in percent of schedulers in batches of one timing whose hours turn about when clocks change: hours
/// that are kept together, as those of many schedulers are, go wrong there.
const TURNING: u32 = 50;

/// Draws the world of a seed for a target, without what cannot happen.
pub fn draw_within(seed: u64, file: &TargetFile, zones: &Zones) -> Case {
    let rules = Some(&file.rules.set);
    let mut swarm = Swarm::draw(seed, rules);
    if let Some(first) = first_of_timing(seed) {
        let Swarm { grace, auto_away, .. } = Swarm::draw(first, rules);
        swarm = Swarm { grace, auto_away, turning: TURNING, ..swarm };
    }
    narrow(&mut swarm, file);
    let calendar_max = match file.abilities().hours {
        _ if !seed.is_multiple_of(CALENDAR_EVERY) => 0,
        Some(can) if can.says_calendars() => 100,
        _ => CALENDAR_MAX,
    };
    swarm.calendar = swarm.calendar.min(calendar_max);
    let mut case = without_impossible(&draw(seed, &swarm, zones), zones);
    // All its devices are in a scenario, and known from its start.
    case.devices_are_met = false;
    case
}

/// The seed whose grace and auto-away the world of a seed has, if not its own. These are of all of a target, so that
/// worlds which differ in them are not there together: in three of four batches all have the same, and are many.
fn first_of_timing(seed: u64) -> Option<u64> {
    let sitting = seed / SEEDS_PER_BATCH;
    (!sitting.is_multiple_of(4)).then_some(sitting * SEEDS_PER_BATCH)
}

fn narrow(swarm: &mut Swarm, file: &TargetFile) {
    let can = file.abilities();
    let sets = |name: &str| can.settings.iter().any(|setting| setting == name);
    let mut off = |kind: Kind, is_off: bool| {
        if let Some(place) = Kind::ALL.iter().position(|one| *one == kind).filter(|_| is_off) {
            swarm.weights[place] = 0;
        }
    };
    off(Kind::Logout, !can.logout);
    off(Kind::LogoutEverywhere, !can.logout);
    off(Kind::Disconnect, !file.holds_devices());
    off(Kind::Reconnect, !file.holds_devices() || !can.reconnect);
    off(Kind::Activity, !can.activity);
    off(Kind::Membership, !can.suspend);
    off(Kind::Scheduler, can.hours.is_none());
    off(Kind::Setting, can.settings.is_empty());
    if !can.suspend {
        swarm.suspended = 0;
    }
    if can.hours.is_none() {
        swarm.scheduled = 0;
    }
    if can.settings.is_empty() {
        swarm.settings = 0;
    }
    if !file.does(Section::WidgetMake) {
        swarm.widgets = 1;
    }
    if can.memberships_max == Some(1) {
        swarm.shared = 0;
    }
    if let Some(max) = can.devices_max {
        swarm.devices = swarm.devices.min(u32::try_from(max).unwrap_or(u32::MAX).max(1));
    }
    if !can.visibility {
        swarm.visits = 0;
    }
    if !sets(AUTO_AWAY) {
        swarm.auto_away = None;
    }
    if !sets(GRACE) {
        swarm.grace = own_grace(file);
    }
    // What cannot happen is no call.
    swarm.careless = 0;
    if file.clock == Clock::Real {
        swarm.events = swarm.events.min(REAL_EVENTS_MAX);
        swarm.agents = swarm.agents.min(REAL_AGENTS_MAX);
        swarm.properties = 1;
        swarm.length.0 = swarm.length.0.min(REAL_HOURS * HOUR_MS);
        swarm.visits = swarm.visits.min(2);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::file::{builtin, check};

    #[test]
    fn worlds_of_three_of_four_sittings_have_one_grace_and_one_auto_away() {
        let text = builtin::built_in("reference").expect("built in");
        let file = check(text.as_bytes(), &|path| Err(format!("no file {path}"))).file;
        let (file, zones) = (file.expect("no errors"), Zones::bundled());
        let timings = |sitting: u64| {
            let seeds = sitting * SEEDS_PER_BATCH..(sitting + 1) * SEEDS_PER_BATCH;
            let timings = seeds.map(|seed| {
                let case = draw_within(seed, &file, &zones);
                (case.grace, case.auto_away)
            });
            timings.collect::<BTreeSet<_>>().len()
        };
        assert!(timings(0) > 10 && timings(4) > 10);
        assert_eq!([1, 2, 3, 5].map(timings), [1; 4]);
    }
}
