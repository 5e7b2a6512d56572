//! Verdicts: whether an observation is admissible, and if not, in which way it is wrong.

use super::coverage::CoverageGoal;
use super::device::{Operation, OperationCause, ReadPoint};
use super::fleet::DeviceKey;
use super::pending::PendingRead;
use super::possible::Admissible;
use super::team::could_be;
use super::text::{length, shown_words};
use super::violation::{BoundNeeded, Diagnosis, Violation};
use super::window::ReadWindow;
use super::{Judge, REMEMBERED_FOR, StreamSession};
use crate::clock::{Micros, SECOND_US};
use crate::history::Effect;
use crate::observation::{Delivery, Observation, Observed, PUSHED_WITHIN, WidgetSeen};
use crate::plan::WidgetIndex;
use crate::result::Class;
use lamplighter_scenario::window::Miss;

/// Why an observation is not judged, where more overlaps than can be put into every order.
const TOO_MUCH_AT_ONCE: &str =
    "too many writes of one agent overlap to tell what they come to by the target's rules";
/// So late or early is looked for.
pub(super) const FAR: Micros = 60 * SECOND_US;

impl Judge {
    /// Judges what was pending; all that it may have known is known by now.
    pub(super) fn judge(&mut self, pending: PendingRead) {
        let observation = match pending {
            PendingRead::Observation(observation) => observation,
            PendingRead::StreamEnd { session, at } => {
                if let Some(stream) = self.streams.remove(&session) {
                    self.judge_standing(&stream, at);
                }
                return;
            }
        };
        if !matches!(observation.seen, Observed::MissingMessage { .. }) {
            let end = self.window(&observation).point(observation.returned);
            if !self.fleet.can_tell(observation.property, &end) {
                *self.judged.not_tested.entry(TOO_MUCH_AT_ONCE.to_owned()).or_default() += 1;
                return;
            }
        }
        let diagnosis = match &observation.seen {
            Observed::Widget(seen) if seen.delivery == Delivery::Polled => {
                self.judge_read(&observation, seen)
            }
            Observed::Widget(_) => return self.judge_push(observation),
            Observed::Team(statuses) => self.judge_team(&observation, statuses),
            Observed::MissingMessage { why, .. } => Some(missing_message(why)),
            Observed::SessionOver(..) => self.judge_session(&observation),
        };
        if let Some(diagnosis) = diagnosis {
            self.find(Violation { observation, diagnosis });
        }
    }

    /// The window of an observation, by the staleness bound.
    pub(super) fn window(&self, observation: &Observation) -> ReadWindow {
        let uncertain = self.bound.clock_uncertain;
        ReadWindow {
            from: observation.invoked,
            to: observation.returned,
            version: observation.version.map(|version| (observation.property, version)),
            late: self.bound.within + uncertain,
            early: uncertain,
        }
    }

    /// Whether what was seen could have been so at some moment of a window.
    pub(super) fn is_admissible(&self, observation: &Observation, window: &ReadWindow) -> bool {
        let (fleet, property) = (&self.fleet, observation.property);
        match &observation.seen {
            Observed::Widget(seen) => window.admissible(fleet, seen.widget).has(seen.shown),
            Observed::Team(statuses) => {
                let members = &self.plan.properties[property as usize].members;
                window.some(fleet, fleet.devices(property), |point| {
                    let mut seen = members.iter().zip(statuses);
                    seen.all(|(member, status)| could_be(fleet, *member, *status, point))
                })
            }
            Observed::MissingMessage { .. } => false,
            Observed::SessionOver(agent, slot) => self.can_be_over((*agent, *slot), window),
        }
    }

    fn judge_read(&mut self, observation: &Observation, seen: &WidgetSeen) -> Option<Diagnosis> {
        self.judged.reads += 1;
        self.cover(observation, seen.widget);
        let window = self.window(observation);
        let admissible = window.admissible(&self.fleet, seen.widget);
        if admissible.only().is_some() {
            self.judged.decisive += 1;
        }
        self.propagation.polled(observation, seen);
        let older = self.older_than_known(observation, seen, &window);
        let diagnosis = self.diagnose(older, observation, seen, (window, admissible));
        if diagnosis.is_none()
            && let Some(version) = observation.version
        {
            let reads = &mut self.pending[observation.property as usize];
            reads.read.add(observation.returned, version);
        }
        diagnosis
    }

    /// What is wrong with what a widget says: `older` for good, or against what is admissible.
    fn diagnose(
        &mut self,
        older: Option<Diagnosis>,
        observation: &Observation,
        seen: &WidgetSeen,
        (window, admissible): (ReadWindow, Admissible),
    ) -> Option<Diagnosis> {
        let mismatch = || Some(Diagnosis::new(Class::Phantom, seen.mismatch.as_deref()?));
        let version = window.version.map(|(_, version)| version);
        let (diagnosis, version, admissible) = match (older, mismatch()) {
            // Older than it may be: its version is no measure for what it should have been.
            (Some(older), _) => {
                let now = ReadWindow { version: None, ..window };
                (older, None, now.admissible(&self.fleet, seen.widget))
            }
            (None, Some(certain)) => (certain, version, admissible),
            (None, None) if admissible.has(seen.shown) => {
                self.note_bound_used(observation, &window);
                return None;
            }
            // Whoever reads slowly on purpose may be told of what is forgotten here.
            (None, None) if window.from < self.remembered_from => return None,
            (None, None) => {
                let found = self.diagnose_state(observation, seen, &window);
                (Diagnosis { recheck: Some(window), ..found }, version, admissible)
            }
        };
        let admissible = admissible.iter().map(shown_words).collect();
        Some(Diagnosis { admissible, version, ..diagnosis })
    }

    /// Counts the coverage goals that a read meets.
    fn cover(&mut self, observation: &Observation, widget: WidgetIndex) {
        let (invoked, returned) = (observation.invoked, observation.returned);
        if self.fleet.edges().of(widget).between(invoked, returned + 1).next().is_some() {
            self.coverage.meet(CoverageGoal::ReadOverAnEdge);
        }
        let (mut write, mut grace) = (false, false);
        for &device in self.fleet.unsettled_devices(observation.property) {
            for operation in self.fleet.history(device).operations() {
                let meets = operation.earliest <= returned && invoked <= operation.latest;
                match operation.cause {
                    OperationCause::Grace { ended_by: None, .. } => grace |= meets,
                    OperationCause::Write { .. } => write |= meets,
                    OperationCause::Grace { .. } | OperationCause::Unsettled => {}
                }
            }
        }
        if write {
            self.coverage.meet(CoverageGoal::ReadDuringAWrite);
        }
        if grace {
            self.coverage.meet(CoverageGoal::ReadOverAGrace);
        }
    }

    /// A read that knows less than was known before it was invoked: than a write that was acknowledged
    /// (no read-your-writes), or another read had returned (a non-monotonic read).
    fn older_than_known(
        &self,
        observation: &Observation,
        seen: &WidgetSeen,
        window: &ReadWindow,
    ) -> Option<Diagnosis> {
        let version = observation.version?;
        let known = &self.pending[observation.property as usize];
        let before = |since: Micros| length(observation.invoked - since);
        if let Some((since, written)) =
            known.acknowledged.higher_since(version, observation.invoked)
        {
            let now = ReadWindow { version: None, ..*window };
            let is_current = now.admissible(&self.fleet, seen.widget).has(seen.shown);
            let knew = format!(
                "it knew version {version}; a write was answered with version {written} {} before it \
                 was asked for",
                before(since)
            );
            return Some(match is_current {
                true => Diagnosis::new(
                    Class::NonMonotonicRead,
                    format!("{knew} (what it shows is current)"),
                ),
                false => Diagnosis::new(Class::Stale, knew),
            });
        }
        let (since, read) = known.read.higher_since(version, observation.invoked)?;
        let why = format!(
            "it knew version {version}; version {read} was read {} before it was asked for",
            before(since)
        );
        Some(Diagnosis::new(Class::NonMonotonicRead, why))
    }

    /// Whether an observation would be admissible if the clock might show so much later.
    fn is_admissible_late(
        &self,
        observation: &Observation,
        window: &ReadWindow,
        late: Micros,
    ) -> bool {
        let late = late + self.bound.clock_uncertain;
        self.is_admissible(observation, &ReadWindow { late, ..*window })
    }

    /// An admissible observation may have needed a part of the staleness bound: how much of it.
    fn note_bound_used(&mut self, observation: &Observation, window: &ReadWindow) {
        let late = |late: Micros| self.is_admissible_late(observation, window, late);
        if !late(0) {
            let needed = smallest_that_holds(0, self.bound.within, late);
            self.within_enough = BoundNeeded::AtLeast(needed).and(self.within_enough);
        }
    }

    /// In which way a widget's state is wrong that is not admissible.
    fn diagnose_state(
        &self,
        observation: &Observation,
        seen: &WidgetSeen,
        window: &ReadWindow,
    ) -> Diagnosis {
        if let Some(late) = self.diagnose_late(observation, window) {
            return late;
        }
        let early = |early: Micros| {
            let early = early + self.bound.clock_uncertain;
            self.is_admissible(observation, &ReadWindow { early, ..*window })
        };
        let after = early(FAR).then(|| smallest_that_holds(0, FAR, early));
        let (from, to) = (window.from - REMEMBERED_FOR, window.from);
        let past = ReadWindow { from, to, version: None, ..*window };
        let before = past.latest(&self.fleet, seen.widget, seen.shown).map(|then| to - then);
        let distance = |us: Option<Micros>| us.map(Micros::unsigned_abs);
        let told = |us: u64| length(us as Micros);
        match Miss::nearest(distance(before), distance(after)) {
            Miss::Stale(ago) => Diagnosis::new(
                Class::Stale,
                format!("it was true until {} before it was asked for", told(ago)),
            ),
            Miss::Early(needed) => {
                let why = format!("it shows what the clock does only {} later", told(needed));
                Diagnosis::new(Class::EdgeEarly, why).but_for(BoundNeeded::None)
            }
            Miss::Never => Diagnosis::new(
                Class::Phantom,
                format!("it was not true at any moment of the {} before", length(REMEMBERED_FOR)),
            ),
        }
    }

    /// An observation that a greater staleness bound would have made right: late by how much.
    pub(super) fn diagnose_late(
        &self,
        observation: &Observation,
        window: &ReadWindow,
    ) -> Option<Diagnosis> {
        let late = |late: Micros| self.is_admissible_late(observation, window, late);
        if !late(FAR) {
            return None;
        }
        let needed = smallest_that_holds(self.bound.within, FAR, late);
        let why = format!(
            "what the clock did shows at least {} late; {} was promised",
            length(needed),
            length(self.bound.within)
        );
        Some(Diagnosis::new(Class::EdgeLate, why).but_for(BoundNeeded::AtLeast(needed)))
    }

    fn judge_push(&mut self, observation: Observation) {
        let session = observation.session;
        let Some(stream) = self.streams.get(&session).cloned() else { return };
        let Observed::Widget(seen) = &observation.seen else { return };
        self.judged.pushes += 1;
        let window = self.window(&observation);
        let admissible = window.admissible(&self.fleet, seen.widget);
        if let Some(last) = &stream.last
            && !stream.is_slow
        {
            self.propagation.pushed(&observation, seen, last.returned, stream.version);
        }
        let older = match (stream.version, observation.version) {
            (Some(last), Some(version)) if version < last => Some(Diagnosis::new(
                Class::NonMonotonicRead,
                format!("version {version} came on the stream behind version {last}"),
            )),
            _ => None,
        };
        let diagnosis = self.diagnose(older, &observation, seen, (window, admissible));
        let version = stream.version.max(observation.version);
        let last = match diagnosis {
            // What is wrong is no measure for what comes next.
            Some(diagnosis) => {
                self.find(Violation { observation, diagnosis });
                None
            }
            None => {
                self.judge_standing(&stream, observation.returned);
                Some(observation)
            }
        };
        if let Some(stream) = self.streams.get_mut(&session) {
            (stream.version, stream.last) = (version, last);
        }
    }

    /// What came last on a stream must have been so until just now: had it not been, the next event
    /// was due.
    fn judge_standing(&mut self, stream: &StreamSession, at: Micros) {
        let StreamSession { last: Some(last), is_slow: false, .. } = stream else { return };
        let Observed::Widget(seen) = &last.seen else { return };
        let late = self.bound.within + self.bound.clock_uncertain;
        // Without the clock's own allowance: one is enough.
        let recent = ReadWindow { from: at - late, to: at, version: None, late: 0, early: 0 };
        let admissible = recent.admissible(&self.fleet, seen.widget);
        if admissible.has(seen.shown) {
            self.note_lateness(seen, &recent);
            return;
        }
        let past = ReadWindow { from: last.returned.min(at - PUSHED_WITHIN), ..recent };
        let until = past.latest(&self.fleet, seen.widget, seen.shown).unwrap_or(past.from);
        let needed = at - until;
        let standing = Observation {
            invoked: last.returned,
            returned: at,
            seen: Observed::Widget(WidgetSeen { delivery: Delivery::Standing, ..seen.clone() }),
            ..last.clone()
        };
        let by_the_clock = ReadWindow { late: FAR, ..recent };
        let (class, bound_needed) = match self.is_admissible(&standing, &by_the_clock) {
            true => (Class::EdgeLate, BoundNeeded::AtLeast(needed)),
            false => (Class::Stale, BoundNeeded::Any),
        };
        let why = format!(
            "it has not been true for {} and no event said so; {} was promised",
            length(needed),
            length(self.bound.within)
        );
        let diagnosis = Diagnosis {
            admissible: admissible.iter().map(shown_words).collect(),
            recheck: Some(recent),
            ..Diagnosis::new(class, why).but_for(bound_needed)
        };
        self.find(Violation { observation: standing, diagnosis });
    }

    /// An event that came within the staleness bound: how late, if the clock was to show by it.
    fn note_lateness(&mut self, seen: &WidgetSeen, recent: &ReadWindow) {
        let Some(until) = recent.latest(&self.fleet, seen.widget, seen.shown) else { return };
        let needed = recent.to - until - self.bound.clock_uncertain;
        let mut edges = self.fleet.edges().of(seen.widget).between(until, recent.to + 1);
        if needed > 0 && edges.next().is_some() {
            self.within_enough = BoundNeeded::AtLeast(needed).and(self.within_enough);
        }
    }
}

impl Judge {
    /// Whether a device's session can have been over in a window: it was logged out, or another login
    /// of it was on its way, which voids the session before (rule P1).
    fn can_be_over(&self, device: DeviceKey, window: &ReadWindow) -> bool {
        let history = self.fleet.history(device);
        let logs_in = |operation: &Operation| {
            let overlaps = operation.earliest <= window.to && window.from <= operation.latest;
            operation.effect == Effect::Login && overlaps
        };
        let is_out = |point: &ReadPoint| self.fleet.can_be_out(device, point);
        // By other rules than the rule book's what another device does can end it.
        let devices = self.fleet.devices_of(device.0);
        history.operations().any(logs_in) || window.some(&self.fleet, devices, is_out)
    }

    /// A device was told that its session is over.
    fn judge_session(&self, observation: &Observation) -> Option<Diagnosis> {
        let window = self.window(observation);
        if self.is_admissible(observation, &window) {
            return None;
        }
        let why = "by the rules it is logged in: nothing logged it out, and no grace ran out";
        let admissible = vec!["the session goes on".to_owned()];
        let diagnosis = Diagnosis::new(Class::SessionLost, why);
        Some(Diagnosis { admissible, recheck: Some(window), ..diagnosis })
    }
}

/// An acknowledged message is not there.
fn missing_message(why: &str) -> Diagnosis {
    let must = "it is among the property's messages, once, as it was left";
    Diagnosis { admissible: vec![must.to_owned()], ..Diagnosis::new(Class::LostMessage, why) }
}

/// The smallest amount between two, to the tenth of a millisecond, with which something holds that does
/// so with the greater one.
fn smallest_that_holds(
    mut fails: Micros,
    mut holds: Micros,
    mut test: impl FnMut(Micros) -> bool,
) -> Micros {
    while holds - fails > 100 {
        let middle = fails + (holds - fails) / 2;
        match test(middle) {
            true => holds = middle,
            false => fails = middle,
        }
    }
    holds
}
