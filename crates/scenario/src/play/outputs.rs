//! What is told of a run while it goes on: its timeline, what to draw, how far it has come.

use super::ahead::Reading;
use super::facts::Facts;
use super::meter::Meter;
use super::observed::{Observed, Witness};
use super::picture::Recorder;
use super::rules_answer::RulesAnswer;
use crate::language::Roster;
use lamplighter_core::model::{Event, Instant, Names, WidgetId};
use lamplighter_core::world::{Change, Timeline, TimelineRow, World};

/// What of a run is wanted besides its verdict.
#[derive(Default)]
pub struct Options<'a> {
    /// Takes the rows of the timeline as they come about (rule T3), with the names of the widgets:
    /// ordered by instant, then by widget. A faulty scenario has none; after a fault in a trace no
    /// more come.
    pub timeline: Option<TimelineSink<'a>>,
    /// Whether the verdict is to have a [`Picture`](super::Picture).
    pub picture: bool,
    /// Whether the verdict is to say what the rules say at every expectation.
    pub answers: bool,
    /// Is told how far the run has come, for whoever watches it from outside.
    pub meter: Option<&'a Meter>,
    /// How traces are read; what comes out does not depend on it.
    pub reading: Reading,
}

/// Takes rows of a timeline.
pub type TimelineSink<'a> = &'a mut dyn FnMut(TimelineRow, &Names<WidgetId>);

/// A run's outputs, as far as they are wanted.
pub struct Outputs<'a> {
    /// The timeline, and who takes its rows.
    pub timeline: Option<(Timeline, TimelineSink<'a>)>,
    /// The recordings that are held against the run, if there are any.
    pub observed: Option<Box<Observed>>,
    /// What goes along in a second run.
    pub witness: Option<&'a mut Witness>,
    /// Changes on their way to those who take them.
    pub changes: Vec<Change>,
    /// Takes down what is to be drawn.
    pub recorder: Option<Recorder>,
    /// What the rules say at each expectation so far, if that is wanted.
    pub answers: Option<Vec<RulesAnswer>>,
    meter: Option<&'a Meter>,
    /// How far the meter knows that the run has come: rows, and the instant.
    metered: (u64, Instant),
}

impl<'a> Outputs<'a> {
    /// Of a run that stands at its first instant; of a faulty one there is no timeline.
    pub fn new(options: Options<'a>, is_faulty: bool, world: &World, roster: &Roster) -> Self {
        let sink = options.timeline.filter(|_| !is_faulty);
        Self {
            timeline: sink.map(|sink| (Timeline::new(world), sink)),
            observed: None,
            witness: None,
            changes: Vec::new(),
            recorder: options.picture.then(|| Recorder::new(roster)),
            answers: options.answers.then(Vec::new),
            meter: options.meter,
            metered: (0, world.now()),
        }
    }

    /// Whether anybody takes changes.
    #[inline]
    pub fn take_changes(&self) -> bool {
        self.timeline.is_some() || self.observed.is_some() || self.witness.is_some()
    }

    /// Whether anybody looks at every instant, or at every event.
    #[inline]
    pub fn look_at_instants(&self) -> bool {
        self.recorder.is_some() || self.observed.is_some() || self.witness.is_some()
    }

    /// Takes a change, in the order of time.
    pub fn take(&mut self, change: &Change, widgets: &Names<WidgetId>) {
        if let Some((timeline, sink)) = &mut self.timeline {
            timeline.take(change, &mut |row| sink(row, widgets));
        }
        if let Some(observed) = &mut self.observed {
            observed.take(change);
        }
        if let Some(witness) = &mut self.witness {
            witness.take(change);
        }
    }

    /// Something is about to happen, if it can; only then [`after`](Self::after) is told of it.
    #[inline]
    pub fn before(&mut self, event: &Event, facts: Facts<'_>) {
        if let Some(observed) = &mut self.observed {
            observed.before(event, facts.world);
        }
        if let Some(witness) = &mut self.witness {
            witness.before(event, facts);
        }
    }

    /// An event has happened: tells it to all outputs that go by events.
    #[inline]
    pub fn after(&mut self, event: &Event, facts: Facts<'_>) {
        if let Some(observed) = &mut self.observed {
            observed.after(event, facts.world);
        }
        if let Some(witness) = &mut self.witness {
            witness.after(event, facts);
        }
    }

    /// Tells the meter that so many rows were read, if those are more than it knows of.
    #[inline]
    pub fn reach(&mut self, rows_read: u64, at: Instant) {
        if rows_read != self.metered.0 {
            self.tell_meter(rows_read, at);
        }
    }

    /// Tells the meter how far the run has come.
    pub fn tell_meter(&mut self, rows_read: u64, at: Instant) {
        let (rows, before) = std::mem::replace(&mut self.metered, (rows_read, at));
        if let Some(meter) = self.meter {
            meter.add(rows_read - rows, at.since(before));
        }
    }

    /// The timeline is whole: what it still holds is given out.
    pub fn finish_timeline(&mut self, widgets: &Names<WidgetId>) {
        if let Some((mut timeline, sink)) = self.timeline.take() {
            timeline.finish(&mut |row| sink(row, widgets));
        }
    }
}
