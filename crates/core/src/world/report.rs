//! What was touched at one instant, told: each once, and only if it changed in the end.

use super::touched::Touched;
use super::{Change, World};

impl World {
    /// Reports what became of everything touched: agents first, each in the order of their ids.
    pub(super) fn report_touched(&mut self, mut touched: Touched, changes: &mut dyn FnMut(Change)) {
        let at = self.now;
        // What was before is what the first of several notes says; sorting keeps it first.
        touched.agents.sort_by_key(|&(agent, _)| agent);
        touched.agents.dedup_by_key(|&mut (agent, _)| agent);
        for (agent, before) in touched.agents.drain(..) {
            let now = self.people.status(agent);
            if now != before {
                changes(Change::Agent { at, agent, now });
            }
        }
        touched.widgets.sort_by_key(|&(widget, _)| widget);
        touched.widgets.dedup_by_key(|&mut (widget, _)| widget);
        for (widget, before) in touched.widgets.drain(..) {
            let now = self.planes.answer(widget);
            if now != before {
                changes(Change::Widget { at, widget, before, now });
            }
        }
        // Kept for the next time, with the room that it has.
        self.touched = touched;
    }
}
