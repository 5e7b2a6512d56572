//! The timeline of a run: for every widget what it shows at first, then each instant at which that
//! changed, taken after everything of the instant (rule T3).

use super::{Change, World};
use crate::model::{Answer, Instant, WidgetId};
use crate::mutations::{Mutation, is_on};

/// One line of a timeline.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimelineRow {
    /// The instant from which on the widget shows it.
    pub at: Instant,
    /// The widget whose row it is.
    pub widget: WidgetId,
    /// What it shows, and why at that instant.
    pub answer: Answer,
}

/// Puts changes together into rows. Rows come out in the order of instants, then of widgets.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// The instant that is being put together.
    at: Instant,
    /// What each widget shows now.
    now: Vec<Answer>,
    /// What each widget's last row says; before the first rows, nothing.
    shown: Vec<Option<Answer>>,
    /// Widgets that changed at `at`.
    changed: Vec<WidgetId>,
}

impl Timeline {
    /// A timeline of a world's widgets that begins now.
    pub fn new(world: &World) -> Self {
        let widgets = (0..world.widget_count()).map(WidgetId::new);
        Self {
            at: world.now(),
            now: widgets.clone().map(|widget| world.answer(widget)).collect(),
            shown: vec![None; world.widget_count()],
            changed: widgets.collect(),
        }
    }

    /// Takes a change, in the order of time; once an instant is over, its rows come out.
    pub fn take(&mut self, change: &Change, rows: &mut impl FnMut(TimelineRow)) {
        let Change::Widget { at, widget, now, .. } = *change else { return };
        if at > self.at {
            self.finish(rows);
            self.at = at;
        }
        self.now[widget.index()] = now;
        self.changed.push(widget);
    }

    /// The rows of the last instant come out, too.
    pub fn finish(&mut self, rows: &mut impl FnMut(TimelineRow)) {
        self.changed.sort_unstable();
        for widget in self.changed.drain(..) {
            let answer = self.now[widget.index()];
            let shown = &mut self.shown[widget.index()];
            let is_as_before = |shown: Answer| match is_on(Mutation::ReasonsNotListed) {
                true => shown.shows_as(answer),
                false => shown.is_listed_as(answer),
            };
            if !shown.is_some_and(is_as_before) {
                *shown = Some(answer);
                rows(TimelineRow { at: self.at, widget, answer });
            }
        }
    }
}
