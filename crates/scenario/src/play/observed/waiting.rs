//! Rows that were right at no moment of their window, and of which it is not known yet whether they are
//! nearer to a moment before or to one that is to come.

use std::collections::{HashMap, VecDeque};

use super::histories::{Histories, State, UnixMs};
use super::tally::{Row, Tally};
use crate::language::plan::Subject;
use crate::window::Miss;
use lamplighter_core::model::{Instant, Visitor};
use lamplighter_core::trace::{RowStart, SeenState};
use lamplighter_core::world::World;

/// What was seen, of whom and by whom: rows that have all of it in common are decided together.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Seen {
    subject: Subject,
    seen: SeenState,
    visitor: Visitor,
}

/// Rows of the same, in the order of time.
#[derive(Debug)]
struct Group {
    /// The last moment at which it was so, which is the same for all of them; `None` if it never was.
    before: Option<UnixMs>,
    /// Where it never was, all come to the same, and only the first are kept.
    rows: VecDeque<(UnixMs, RowStart, Option<State>)>,
    /// How many rows there are beside those.
    more: u64,
}

/// So many rows are kept of those that come to the same.
const KEPT_MAX: usize = 64;

/// The rows of a recording that wait.
#[derive(Debug, Default)]
pub struct Waiting {
    groups: HashMap<Seen, Group>,
    of: HashMap<Subject, Vec<Seen>>,
}

impl Waiting {
    /// Whether any row waits.
    pub fn is_any(&self) -> bool {
        !self.groups.is_empty()
    }

    /// One more, behind all others of its recording. It was so last at a moment, if ever; everything up
    /// to `now` is known.
    pub fn add(
        &mut self,
        row: Row,
        should: Option<State>,
        (before, now): (Option<UnixMs>, UnixMs),
        tally: &mut Tally,
    ) {
        let Row { at, subject, seen, visitor, place } = row;
        let seen = Seen { subject, seen, visitor };
        let group = self.groups.entry(seen.clone()).or_insert_with(|| {
            self.of.entry(subject).or_default().push(seen.clone());
            Group { before, rows: VecDeque::new(), more: 0 }
        });
        match group.before {
            None if group.rows.len() >= KEPT_MAX => group.more += 1,
            _ => group.rows.push_back((at.as_millis(), place, should)),
        }
        // Whatever comes now is farther away than what was before.
        while let (Some(before), Some((at, ..))) = (group.before, group.rows.front())
            && now.abs_diff(*at) >= at.abs_diff(before)
            && let Some((at, place, should)) = group.rows.pop_front()
        {
            tally.miss(seen.row(at, place), should, Miss::Stale(at.abs_diff(before)));
        }
    }

    /// Somebody or something is otherwise from a moment on: rows for which it is so now are decided.
    pub fn is_so_from(
        &mut self,
        at: UnixMs,
        subject: Subject,
        histories: &Histories,
        tally: &mut Tally,
    ) {
        let Some(all) = self.of.get_mut(&subject) else { return };
        let Some(state) = histories.of(subject).and_then(|history| history.now()) else { return };
        let is_so = |seen: &Seen| histories.is_so(subject, state, (seen.seen, &seen.visitor));
        for seen in all.extract_if(.., |seen| is_so(seen)) {
            if let Some(group) = self.groups.remove(&seen) {
                group.decide(&seen, Some(at), tally);
            }
        }
    }

    /// Nothing happens any more but what the clock does.
    pub fn finish(&mut self, histories: &Histories, world: &World, tally: &mut Tally) {
        let mut groups: Vec<(Seen, Group)> = self.groups.drain().collect();
        groups.sort_by_key(|(_, group)| group.rows.front().map(|(at, place, _)| (*at, *place)));
        for (seen, group) in groups {
            let subject = seen.subject;
            let is_so = |state| histories.is_so(subject, state, (seen.seen, &seen.visitor));
            let after = match subject {
                Subject::Agent(agent) => {
                    let next = world.next_status(agent, |status| is_so(State::Agent(status)));
                    next.map(|next| next.at)
                }
                Subject::Widget(widget) => {
                    let is_so = |answer| is_so(histories.widget(widget, answer));
                    world.next_answer(widget, is_so).map(|next| next.at)
                }
            };
            group.decide(&seen, after.map(Instant::as_millis), tally);
        }
    }
}

impl Group {
    /// It is so again from a moment on, or never.
    fn decide(self, seen: &Seen, after: Option<UnixMs>, tally: &mut Tally) {
        let Self { before, rows, more } = self;
        let mut last = None;
        for (at, place, should) in rows {
            let distance = |other: Option<UnixMs>| other.map(|other| other.abs_diff(at));
            let miss = Miss::nearest(distance(before), distance(after));
            tally.miss(seen.row(at, place), should, miss);
            last = Some((miss, should, seen.row(at, place)));
        }
        if let Some((miss, should, row)) = last {
            tally.more_alike(&row, should, miss, more);
        }
    }
}

impl Seen {
    fn row(&self, at: UnixMs, place: RowStart) -> Row {
        let at = Instant::from_millis(at).expect("it was the instant of a row");
        let Self { subject, seen, visitor } = self.clone();
        Row { at, subject, seen, visitor, place }
    }
}
