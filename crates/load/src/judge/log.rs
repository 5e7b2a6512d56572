//! What is known of one device: what it was, and what has happened, or may have happened, since.

use std::collections::VecDeque;

use super::values::Statuses;
use crate::clock::Micros;
use crate::notes::{Effect, PropertyIndex, Slot, WriteId};

/// Later than anything.
pub const NEVER: Micros = Micros::MAX;

/// So many happenings of a device are put in order without asking for memory.
const FEW: usize = 16;

/// Something that may change a device.
#[derive(Clone, PartialEq, Debug)]
pub struct Happening {
    /// What it does to the device.
    pub effect: Effect,
    /// From when on it can have happened.
    pub from: Micros,
    /// From when on it surely has; [`NEVER`] for what nobody knows of.
    pub by: Micros,
    /// Who did it.
    pub cause: Cause,
    /// For each property the version at which it did, where that is known.
    pub versions: Vec<(PropertyIndex, u64)>,
}

/// Who changes a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// A write, sent from the device in this slot.
    Write { write: WriteId, slot: Slot, outcome: Outcome },
    /// The clock: the grace of a connection lost at this moment runs out (rule P7). What ends the
    /// countdown, if anything does.
    Grace { lost: Micros, ended_by: Option<WriteId> },
}

/// What became of a write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It is on its way.
    Open,
    /// It was answered.
    Done,
    /// It may have happened.
    Unanswered,
}

/// For what an answer is asked: a moment, the version that it says it knew, and how much the clock
/// may be early or late with what it does.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Knowing {
    /// The moment.
    pub at: Micros,
    /// The property and its version, where the answer says so.
    pub version: Option<(PropertyIndex, u64)>,
    /// How late the clock's doings may show.
    pub within: Micros,
    /// How early they may.
    pub early: Micros,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Decided {
    No,
    Maybe,
    Yes,
}

impl Happening {
    fn version_in(&self, property: PropertyIndex) -> Option<u64> {
        self.versions.iter().find(|(of, _)| *of == property).map(|(_, version)| *version)
    }

    /// Whether it has happened for whoever knows so much.
    fn decide(&self, knowing: &Knowing) -> Decided {
        match self.cause {
            Cause::Grace { .. } => {
                let from = self.from.saturating_sub(knowing.early);
                let by = self.by.saturating_add(knowing.within);
                between(knowing.at, from, by)
            }
            Cause::Write { outcome: Outcome::Unanswered, .. } => match knowing.at < self.from {
                true => Decided::No,
                // Never, perhaps.
                false => Decided::Maybe,
            },
            Cause::Write { .. } => {
                let known = knowing.version.and_then(|(property, version)| {
                    self.version_in(property).map(|own| own <= version)
                });
                match known {
                    Some(true) => Decided::Yes,
                    Some(false) => Decided::No,
                    None => between(knowing.at, self.from, self.by),
                }
            }
        }
    }

    /// Whether it surely came before another thing, which stands behind it in the log.
    fn is_before(&self, later: &Self, property: Option<PropertyIndex>) -> bool {
        let versions = property.and_then(|of| Some((self.version_in(of)?, later.version_in(of)?)));
        match versions {
            Some((own, other)) => own <= other,
            // A grace runs out before whatever comes after its device was lost, or not at all.
            None => self.by <= later.from || matches!(self.cause, Cause::Grace { .. }),
        }
    }
}

fn between(at: Micros, from: Micros, by: Micros) -> Decided {
    if at < from {
        Decided::No
    } else if at < by {
        Decided::Maybe
    } else {
        Decided::Yes
    }
}

/// A device's past, from what is settled to what is open.
#[derive(Clone, Debug)]
pub struct Log {
    settled: Statuses,
    happenings: VecDeque<Happening>,
}

impl Default for Log {
    fn default() -> Self {
        Self { settled: Statuses::LOGGED_OUT, happenings: VecDeque::new() }
    }
}

impl Log {
    /// What it was before all that is still in the log.
    pub fn settled(&self) -> Statuses {
        self.settled
    }

    /// Whether nothing is in the log but what it was.
    pub fn is_settled(&self) -> bool {
        self.happenings.is_empty()
    }

    /// What is in the log, the earliest first.
    pub fn happenings(&self) -> impl Iterator<Item = &Happening> {
        self.happenings.iter()
    }

    /// Something begins.
    pub fn push(&mut self, mut happening: Happening) {
        match &mut happening.cause {
            Cause::Write { write, .. } if ends_a_countdown(happening.effect) => {
                self.end_countdown(*write);
            }
            Cause::Write { .. } => {}
            // What is on its way can be why the connection was lost, and ends the countdown if not.
            Cause::Grace { ended_by, .. } => {
                if let Some((place, write)) = self.ending_a_countdown() {
                    *ended_by = Some(write);
                    self.happenings.insert(place, happening);
                    return;
                }
            }
        }
        self.happenings.push_back(happening);
    }

    /// Whether nothing comes of a loss of the connection that was asked for at a moment: it is lost
    /// already (rule P7), or the device has logged in anew since (rule P1).
    pub fn is_lost_or_void(&self, asked_for: Micros) -> bool {
        self.happenings.iter().any(|happening| match happening.cause {
            Cause::Grace { ended_by, .. } => ended_by.is_none(),
            Cause::Write { outcome: Outcome::Done, .. } => {
                happening.effect == Effect::Login && happening.from >= asked_for
            }
            Cause::Write { .. } => false,
        })
    }

    /// A write that is on its way and ends a countdown, and its place.
    fn ending_a_countdown(&self) -> Option<(usize, WriteId)> {
        self.happenings.iter().enumerate().find_map(|(place, happening)| match happening.cause {
            Cause::Write { write, outcome: Outcome::Open, .. } => {
                ends_a_countdown(happening.effect).then_some((place, write))
            }
            _ => None,
        })
    }

    /// A login, a logout or a return ends a countdown that is running.
    fn end_countdown(&mut self, write: WriteId) {
        for happening in &mut self.happenings {
            if let Cause::Grace { ended_by, .. } = &mut happening.cause
                && ended_by.is_none()
            {
                *ended_by = Some(write);
            }
        }
    }

    /// A write was answered at a moment, with the versions at which it took effect.
    pub fn done(&mut self, id: WriteId, at: Micros, versions: &[(PropertyIndex, u64)]) {
        let Some(place) = self.place_of(id) else { return };
        let happening = &mut self.happenings[place];
        happening.by = at;
        happening.versions = versions.to_vec();
        let effect = happening.effect;
        if let Cause::Write { outcome, .. } = &mut happening.cause {
            *outcome = Outcome::Done;
        }
        // Who came back had not been logged out; whoever logs in or out is at any rate not logged
        // out by an old countdown any more.
        self.happenings.retain_mut(|happening| match &mut happening.cause {
            Cause::Grace { ended_by: Some(by), .. } if *by == id => {
                // It can have run out until then, unless it is known that it had not.
                happening.by = happening.by.min(at).max(happening.from);
                effect != Effect::Connect && happening.from < at
            }
            Cause::Write { write, .. } => *write != id || effect != Effect::Connect,
            Cause::Grace { .. } => true,
        });
    }

    /// A write was refused: it has not happened.
    pub fn refused(&mut self, id: WriteId) {
        self.happenings.retain_mut(|happening| match &mut happening.cause {
            Cause::Write { write, .. } => *write != id,
            Cause::Grace { ended_by, .. } => {
                ended_by.take_if(|by| *by == id);
                true
            }
        });
    }

    /// The target says that nobody is logged in: a countdown that can be over is.
    pub fn is_logged_out(&mut self, at: Micros) {
        for happening in &mut self.happenings {
            if matches!(happening.cause, Cause::Grace { ended_by: None, .. })
                && happening.from <= at
            {
                happening.by = happening.by.min(at);
            }
        }
    }

    /// Nobody knows what became of a write.
    pub fn unanswered(&mut self, id: WriteId) {
        let Some(place) = self.place_of(id) else { return };
        let happening = &mut self.happenings[place];
        happening.by = NEVER;
        if let Cause::Write { outcome, .. } = &mut happening.cause {
            *outcome = Outcome::Unanswered;
        }
    }

    /// A fresh login of the device in a slot, sent at a moment, was answered: tokens from before are
    /// void, and so what was sent with them has happened before it, or never will.
    pub fn settle_unanswered(&mut self, from_slot: Slot, sent: Micros) {
        for happening in &mut self.happenings {
            if let Cause::Write { slot, outcome: Outcome::Unanswered, .. } = happening.cause
                && slot == from_slot
            {
                happening.by = happening.by.min(sent);
            }
        }
    }

    fn place_of(&self, id: WriteId) -> Option<usize> {
        self.happenings.iter().position(
            |happening| matches!(happening.cause, Cause::Write { write, .. } if write == id),
        )
    }

    /// The statuses that the device could have for whoever knows so much.
    pub fn statuses(&self, knowing: &Knowing) -> Statuses {
        if self.happenings.is_empty() {
            return self.settled;
        }
        if let [only] = self.happenings.as_slices().0
            && self.happenings.len() == 1
            && !matches!(only.cause, Cause::Grace { ended_by: Some(_), .. })
        {
            // What is usual needs no order.
            return match only.decide(knowing) {
                Decided::No => self.settled,
                Decided::Maybe => self.settled.or(self.settled.after(only.effect)),
                Decided::Yes => self.settled.after(only.effect),
            };
        }
        let property = knowing.version.map(|(property, _)| property);
        // There are few, as a rule: a judge asks too often to ask for memory each time.
        let (mut few, mut many) = ([0; FEW], Vec::new());
        let count = self.happenings.len();
        let order: &mut [usize] = match few.get_mut(..count) {
            Some(few) => few,
            None => {
                many.resize(count, 0);
                &mut many
            }
        };
        order.iter_mut().enumerate().for_each(|(place, happening)| *happening = place);
        if let Some(property) = property {
            self.put_in_order(order, property);
        }
        let happened = |id: WriteId| {
            self.place_of(id).map_or(Decided::No, |place| self.happenings[place].decide(knowing))
        };
        let mut statuses = self.settled;
        for (number, &place) in order.iter().enumerate() {
            let happening = &self.happenings[place];
            let decided = match happening.cause {
                // It can be over before it was due.
                Cause::Grace { ended_by: Some(by), .. } => match happened(by) {
                    Decided::No => happening.decide(knowing),
                    Decided::Maybe | Decided::Yes => match happening.decide(knowing) {
                        Decided::No => Decided::No,
                        _ => Decided::Maybe,
                    },
                },
                _ => happening.decide(knowing),
            };
            match decided {
                Decided::No => {}
                Decided::Maybe => statuses = statuses.or(statuses.after(happening.effect)),
                Decided::Yes => {
                    statuses = statuses.after(happening.effect);
                    // What stands before it in the log can have come behind it all the same.
                    for &earlier in &order[..number] {
                        let earlier = &self.happenings[earlier];
                        if !earlier.is_before(happening, property)
                            && earlier.decide(knowing) != Decided::No
                        {
                            statuses = statuses.or(statuses.after(earlier.effect));
                        }
                    }
                }
            }
        }
        statuses
    }

    /// The places of all happenings, given in the order in which they began, put into that in which
    /// they happened: by their versions, where those are known.
    fn put_in_order(&self, order: &mut [usize], property: PropertyIndex) {
        let version = |place: usize| self.happenings[place].version_in(property);
        for end in 1..order.len() {
            let mut place = end;
            while place > 0
                && let (Some(before), Some(own)) =
                    (version(order[place - 1]), version(order[place]))
                && before > own
            {
                order.swap(place - 1, place);
                place -= 1;
            }
        }
    }

    /// Forgets what nobody will ask for any more: all that had surely happened before a moment, and
    /// with nothing going on across it.
    pub fn forget(&mut self, before: Micros) {
        let mut ends = Micros::MIN;
        let mut settles = 0;
        for (place, happening) in self.happenings.iter().enumerate() {
            let is_open = matches!(happening.cause, Cause::Write { outcome: Outcome::Open, .. });
            if is_open || happening.by >= before {
                break;
            }
            ends = ends.max(happening.by);
            let next = self.happenings.get(place + 1);
            if next.is_none_or(|next| next.from >= ends) {
                settles = place + 1;
            }
        }
        if settles == 0 {
            return;
        }
        let rest = self.happenings.split_off(settles);
        // In the order of any property: what overlaps has versions in all of the agent's.
        let property = self.happenings.iter().flat_map(|h| h.versions.first()).map(|v| v.0).next();
        let version = property.map(|property| (property, u64::MAX));
        let knowing = Knowing { at: NEVER - 1, version, within: 0, early: 0 };
        self.settled = self.statuses(&knowing);
        self.happenings = rest;
    }
}

fn ends_a_countdown(effect: Effect) -> bool {
    matches!(effect, Effect::Login | Effect::Logout | Effect::LogoutEverywhere | Effect::Connect)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamplighter_core::model::{Chosen, DeviceStatus};

    fn write(id: WriteId, from: Micros, effect: Effect) -> Happening {
        let cause = Cause::Write { write: id, slot: 0, outcome: Outcome::Open };
        Happening { effect, from, by: NEVER, cause, versions: Vec::new() }
    }

    fn grace(lost: Micros, length: Micros) -> Happening {
        let cause = Cause::Grace { lost, ended_by: None };
        let from = lost + length;
        Happening { effect: Effect::Logout, from, by: from, cause, versions: Vec::new() }
    }

    fn at(at: Micros) -> Knowing {
        Knowing { at, version: None, within: 0, early: 0 }
    }

    fn knowing(at: Micros, version: u64) -> Knowing {
        Knowing { at, version: Some((0, version)), within: 0, early: 0 }
    }

    /// `LIAO` for the statuses that there can be.
    fn letters(statuses: Statuses) -> String {
        let letter = |status| match status {
            DeviceStatus::LoggedOut => 'L',
            DeviceStatus::Invisible => 'I',
            DeviceStatus::Away => 'A',
            DeviceStatus::Online => 'O',
        };
        statuses.iter().map(letter).collect()
    }

    /// Logged in between 10 and 20 at version 5.
    fn online() -> Log {
        let mut log = Log::default();
        log.push(write(1, 10, Effect::Login));
        log.done(1, 20, &[(0, 5)]);
        log
    }

    #[test]
    fn a_value_is_possible_from_its_sending_until_the_answer_to_the_next() {
        let mut log = online();
        log.push(write(2, 30, Effect::Status(Chosen::Away)));
        log.done(2, 40, &[(0, 7)]);
        let cases = [(9, "L"), (10, "LO"), (20, "O"), (29, "O"), (30, "AO"), (39, "AO"), (40, "A")];
        for (moment, expected) in cases {
            assert_eq!(letters(log.statuses(&at(moment))), expected, "at {moment}");
        }
    }

    #[test]
    fn a_version_says_exactly_what_has_happened() {
        let mut log = online();
        log.push(write(2, 30, Effect::Status(Chosen::Away)));
        log.done(2, 40, &[(0, 7)]);
        for (version, expected) in [(4, "L"), (5, "O"), (6, "O"), (7, "A"), (8, "A")] {
            assert_eq!(letters(log.statuses(&knowing(35, version))), expected, "at {version}");
        }
        // Of another property nothing is known.
        let other = Knowing { version: Some((1, 4)), ..at(35) };
        assert_eq!(letters(log.statuses(&other)), "AO");
    }

    #[test]
    fn what_overtakes_is_put_in_the_order_of_versions() {
        let mut log = online();
        log.push(write(2, 30, Effect::Status(Chosen::Away)));
        log.push(write(3, 35, Effect::Status(Chosen::Invisible)));
        log.done(3, 40, &[(0, 6)]);
        log.done(2, 50, &[(0, 7)]);
        for (version, expected) in [(5, "O"), (6, "I"), (7, "A")] {
            assert_eq!(letters(log.statuses(&knowing(60, version))), expected, "at {version}");
        }
        assert_eq!(letters(log.statuses(&at(60))), "IA", "without versions either can be the last");
        log.forget(100);
        assert_eq!(letters(log.settled()), "A");
    }

    #[test]
    fn an_unanswered_write_stays_possible_until_a_fresh_login_settles_it() {
        let mut log = online();
        log.push(write(2, 30, Effect::Status(Chosen::Away)));
        log.unanswered(2);
        assert_eq!(letters(log.statuses(&at(1_000))), "AO");
        log.push(write(3, 1_010, Effect::Login));
        log.done(3, 1_020, &[(0, 9)]);
        assert_eq!(letters(log.statuses(&at(1_030))), "AO", "it can come behind the login");
        log.settle_unanswered(0, 1_000);
        assert_eq!(letters(log.statuses(&at(1_030))), "O");
    }

    #[test]
    fn a_grace_runs_out_at_its_time_and_not_after_a_return() {
        let mut log = online();
        log.push(grace(100, 50));
        for (moment, expected) in [(149, "O"), (150, "L")] {
            assert_eq!(letters(log.statuses(&at(moment))), expected, "at {moment}");
        }
        let late = Knowing { within: 10, ..at(155) };
        assert_eq!(letters(log.statuses(&late)), "LO");
        let early = Knowing { early: 10, ..at(145) };
        assert_eq!(letters(log.statuses(&early)), "LO");
        let mut back = log.clone();
        back.push(write(2, 140, Effect::Connect));
        back.done(2, 145, &[]);
        assert_eq!(letters(back.statuses(&at(1_000))), "O");
        let mut refused = log.clone();
        refused.push(write(2, 145, Effect::Connect));
        refused.refused(2);
        refused.is_logged_out(152);
        assert_eq!(letters(refused.statuses(&at(153))), "L");
        let mut again = log;
        again.push(write(2, 145, Effect::Login));
        again.done(2, 155, &[(0, 9)]);
        assert_eq!(letters(again.statuses(&at(151))), "LO");
        assert_eq!(letters(again.statuses(&at(160))), "O");
        assert_eq!(letters(again.statuses(&knowing(160, 8))), "L");
    }

    #[test]
    fn a_connection_that_the_other_end_closed_was_lost_at_some_moment_before() {
        let mut log = online();
        // Asked for at 20, found closed at 100; the grace is 50.
        log.push(Happening { from: 70, ..grace(100, 50) });
        for (moment, expected) in [(69, "O"), (70, "LO"), (149, "LO"), (150, "L")] {
            assert_eq!(letters(log.statuses(&at(moment))), expected, "at {moment}");
        }
        assert!(log.is_lost_or_void(110), "it is lost already");
        log.is_logged_out(80);
        assert_eq!(letters(log.statuses(&at(80))), "L");
        let mut log = online();
        assert!(log.is_lost_or_void(9), "the login came behind it");
        assert!(!log.is_lost_or_void(20));
        // A login is on its way: whichever came first, it ends the countdown.
        log.push(write(2, 60, Effect::Login));
        log.push(Happening { from: 70, ..grace(100, 50) });
        assert!(!log.is_lost_or_void(90));
        let mut refused = log.clone();
        log.done(2, 160, &[]);
        assert_eq!(letters(log.statuses(&at(159))), "LO");
        assert_eq!(letters(log.statuses(&at(160))), "O");
        refused.refused(2);
        assert_eq!(letters(refused.statuses(&at(160))), "L");
    }

    #[test]
    fn what_is_forgotten_leaves_what_it_made() {
        let mut log = online();
        log.push(write(2, 30, Effect::Status(Chosen::Away)));
        log.forget(25);
        assert_eq!((letters(log.settled()), log.happenings().count()), ("O".to_owned(), 1));
        log.forget(1_000);
        assert_eq!(log.happenings().count(), 1, "what is on its way stays");
        log.done(2, 40, &[(0, 7)]);
        log.forget(40);
        assert_eq!(log.happenings().count(), 1);
        log.forget(41);
        assert!(log.is_settled());
        assert_eq!(letters(log.settled()), "A");
    }
}
