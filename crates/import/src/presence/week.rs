//! When somebody of a property was there: online or away on some device.

use std::sync::Arc;

use chrono::{Datelike, Days, Timelike};
use lamplighter_core::hours::Zone;
use lamplighter_core::model::{Chosen, Instant, Millis};

use crate::take::Taken;

/// How many quarters of an hour a week has.
pub const QUARTERS: usize = 7 * 24 * 4;
const QUARTER_S: i64 = 15 * 60;

/// When somebody was there, of each property, by quarters of an hour of the week from Monday.
pub struct Presence {
    zone: Arc<Zone>,
    /// The numbers of each agent's properties, by the agent's number.
    properties_of: Vec<Vec<u32>>,
    /// Which devices are online or away.
    is_here: Vec<bool>,
    /// On how many devices each agent is.
    here_on: Vec<u32>,
    properties: Vec<Property>,
    span: Option<(Instant, Instant)>,
}

/// One property.
#[derive(Clone)]
struct Property {
    /// How many of its members are there.
    here: u32,
    /// Since when somebody is.
    since: Option<Instant>,
    /// On how many days somebody was there in the middle of each quarter.
    days: Vec<u32>,
    /// The last of these days, by its number, for each quarter. A clock that is put back reads some twice.
    last_days: Vec<i32>,
}

impl Presence {
    /// Nobody is there yet. Whoever the log names together with no property is of one more, the last.
    pub fn new(zone: Arc<Zone>, taken: &Taken) -> Self {
        let mut properties_of = vec![Vec::new(); taken.agents.count()];
        for &(property, agent) in &taken.members {
            properties_of[agent as usize].push(property);
        }
        let last = u32::try_from(taken.properties.count()).expect("fewer than 2^32 names");
        properties_of.iter_mut().filter(|of| of.is_empty()).for_each(|of| of.push(last));
        let property = Property {
            here: 0,
            since: None,
            days: vec![0; QUARTERS],
            last_days: vec![i32::MIN; QUARTERS],
        };
        Self {
            zone,
            properties_of,
            is_here: vec![false; taken.devices.len()],
            here_on: vec![0; taken.agents.count()],
            properties: vec![property; taken.properties.count() + 1],
            span: None,
        }
    }

    /// A device has a status from now on.
    pub fn follow(&mut self, at: Instant, device: u32, agent: u32, status: Option<Chosen>) {
        self.span = Some((self.span.map_or(at, |(first, _)| first), at));
        let is_here = matches!(status, Some(Chosen::Online | Chosen::Away));
        let before = std::mem::replace(&mut self.is_here[device as usize], is_here);
        let here_on = &mut self.here_on[agent as usize];
        match (before, is_here) {
            (false, true) => *here_on += 1,
            (true, false) => *here_on -= 1,
            _ => return,
        }
        match (*here_on, is_here) {
            (1, true) => self.count(at, agent, |here| here + 1),
            (0, false) => self.count(at, agent, |here| here - 1),
            _ => {}
        }
    }

    /// The log ends; whoever is there was there until now.
    pub fn end(&mut self, at: Instant) {
        for property in &mut self.properties {
            if let Some(since) = property.since.take() {
                property.was_here(&self.zone, since, at);
            }
        }
    }

    fn count(&mut self, at: Instant, agent: u32, count: impl Fn(u32) -> u32) {
        for &property in &self.properties_of[agent as usize] {
            let property = &mut self.properties[property as usize];
            property.here = count(property.here);
            match (property.here, property.since) {
                (0, Some(since)) => {
                    property.was_here(&self.zone, since, at);
                    property.since = None;
                }
                (1.., None) => property.since = Some(at),
                _ => {}
            }
        }
    }

    /// On how many days somebody of a property was there, by quarters.
    pub fn days_of(&self, property: usize) -> &[u32] {
        &self.properties[property].days
    }

    /// How often each weekday comes from the first day of the log to its last, from Monday.
    pub fn weekdays(&self) -> [u32; 7] {
        let mut counts = [0; 7];
        let Some((first, last)) = self.span else { return counts };
        let (mut date, last) = (self.zone.local(first).date(), self.zone.local(last).date());
        loop {
            counts[date.weekday().num_days_from_monday() as usize] += 1;
            match date.checked_add_days(Days::new(1)) {
                Some(next) if next <= last => date = next,
                _ => return counts,
            }
        }
    }

    /// The zone in which it is counted.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }
}

impl Property {
    /// Counts the middles of quarters between two instants.
    fn was_here(&mut self, zone: &Zone, from: Instant, to: Instant) {
        let into_quarter =
            i64::from(zone.local(from).time().num_seconds_from_midnight()) % QUARTER_S;
        let to_middle = (QUARTER_S / 2 - into_quarter).rem_euclid(QUARTER_S);
        let step = |seconds: i64| Millis(u64::try_from(seconds).unwrap_or_default() * 1_000);
        let mut middle = from.checked_add(step(to_middle));
        while let Some(at) = middle.filter(|at| *at < to) {
            let local = zone.local(at);
            let day = local.weekday().num_days_from_monday() as usize;
            let quarter = local.time().num_seconds_from_midnight() as usize / QUARTER_S as usize;
            let quarter = day * (QUARTERS / 7) + quarter;
            let date = local.num_days_from_ce();
            let last = std::mem::replace(&mut self.last_days[quarter], date);
            self.days[quarter] += u32::from(last != date);
            middle = at.checked_add(step(QUARTER_S));
        }
    }
}
