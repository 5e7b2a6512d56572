//! The window of a read, and what is admissible in it: whatever the rules give at some moment of it.
//! Between two things that begin or end there, every moment is like any other.

use super::device::{OperationCause, ReadPoint};
use super::fleet::{DeviceKey, Fleet};
use super::possible::Admissible;
use crate::clock::Micros;
use crate::observation::SeenStates;
use crate::plan::{PropertyIndex, WidgetIndex};
use lamplighter_scenario::window::Window;

/// From the invocation of a read to its return, and what its answer knew.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ReadWindow {
    /// Its first moment: the invocation of the read.
    pub from: Micros,
    /// Its last moment: the return of the read.
    pub to: Micros,
    /// The property, and the version of it that the answer says it knew.
    pub version: Option<(PropertyIndex, u64)>,
    /// How late an edge or the end of a grace may show in it.
    pub late: Micros,
    /// How early an edge or the end of a grace may show in it.
    pub early: Micros,
}

impl ReadWindow {
    /// One of its moments.
    pub fn point(&self, at: Micros) -> ReadPoint {
        ReadPoint { at, version: self.version, late: self.late, early: self.early }
    }

    /// The window itself.
    fn window(&self) -> Window {
        Window { from: self.from, to: self.to }
    }

    /// Tells each moment at which what is possible may change, in no order, and others outside the window;
    /// whatever lies between two of them is as the earlier.
    fn each_change(
        &self,
        fleet: &Fleet,
        devices: impl Iterator<Item = DeviceKey>,
        widget: Option<WidgetIndex>,
        tell: &mut dyn FnMut(Micros),
    ) {
        for device in devices {
            for operation in fleet.history(device).operations() {
                // A version says whether it has taken effect, whatever the moment.
                if self.version.is_some() && !operation.versions.is_empty() {
                    continue;
                }
                let (mut earliest, mut latest) = (operation.earliest, operation.latest);
                if matches!(operation.cause, OperationCause::Grace { .. }) {
                    earliest -= self.early;
                    latest = latest.saturating_add(self.late);
                }
                tell(earliest);
                tell(latest);
            }
        }
        if let Some(widget) = widget {
            let edges = fleet.edges().of(widget);
            for (edge, _) in edges.between(self.from - self.late, self.to + self.early + 1) {
                tell(edge - self.early);
                tell(edge + self.late);
            }
        }
    }

    /// The same of a widget and all that it depends on.
    fn each_change_of(&self, fleet: &Fleet, widget: WidgetIndex, tell: &mut dyn FnMut(Micros)) {
        let property = fleet.plan().widgets[widget as usize].property;
        let devices = fleet.unsettled_devices(property);
        self.each_change(fleet, devices.iter().copied(), Some(widget), tell);
    }

    /// What a widget could have shown.
    pub fn admissible(&self, fleet: &Fleet, widget: WidgetIndex) -> Admissible {
        let mut admissible = Admissible::default();
        self.window().each(
            |tell| self.each_change_of(fleet, widget, tell),
            |moment| {
                admissible = admissible.or(fleet.admissible(widget, &self.point(moment)));
            },
        );
        admissible
    }

    /// The latest moment at which a widget could have shown what was seen.
    pub fn latest(&self, fleet: &Fleet, widget: WidgetIndex, seen: SeenStates) -> Option<Micros> {
        self.window().latest(
            |tell| self.each_change_of(fleet, widget, tell),
            |at| fleet.admissible(widget, &self.point(*at)).has(seen),
        )
    }

    /// Whether something holds at some moment, as far as it depends on these devices.
    pub fn some(
        &self,
        fleet: &Fleet,
        devices: impl Iterator<Item = DeviceKey>,
        mut holds: impl FnMut(&ReadPoint) -> bool,
    ) -> bool {
        self.window()
            .some(|tell| self.each_change(fleet, devices, None, tell), |at| holds(&self.point(at)))
    }
}
