//! Taking down what devices and widgets are over time, for pictures.

use crate::language::Roster;
use crate::language::span::Span;
use lamplighter_core::model::{Answer, DeviceId, DeviceStatus, Instant, SchedulerState, WidgetId};
use lamplighter_core::world::World;

/// More rows than these are no picture any more.
const DEVICES_MAX: usize = 60;
const WIDGETS_MAX: usize = 40;

/// What devices and widgets were over time, to be drawn.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Picture {
    /// Each device and its statuses, from each instant on: a row each.
    pub devices: Vec<(DeviceId, Vec<(Instant, DeviceStatus)>)>,
    /// Each widget, what it showed and whether its hours were open, from each instant on.
    pub widgets: Vec<(WidgetId, Vec<(Instant, DrawnWidget)>)>,
    /// The instant of each `at` block and where in the file it stands.
    pub steps: Vec<(Instant, Span)>,
    /// How many devices were left out, because there were too many to draw.
    pub devices_left_out: usize,
    /// How many widgets were left out.
    pub widgets_left_out: usize,
}

/// What is drawn of a widget from an instant on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DrawnWidget {
    /// What the widget showed, with the reason (rules W1 to W6).
    pub answer: Answer,
    /// Whether the widget's hours were open, so that they can be drawn below what it showed.
    pub scheduler: SchedulerState,
}

/// Looks at a world again and again and notes what has changed.
pub struct Recorder {
    picture: Picture,
}

impl Recorder {
    /// A recorder of a scenario's widgets, and of the devices that it names.
    pub fn new(roster: &Roster) -> Self {
        let widgets = (0..roster.widgets.len().min(WIDGETS_MAX)).map(WidgetId::new);
        let widgets = widgets.map(|widget| (widget, Vec::new())).collect();
        let mut recorder = Self { picture: Picture { widgets, ..Picture::default() } };
        roster.devices().for_each(|device| recorder.meet(device));
        recorder
    }

    /// Takes a device in, from its first mention on.
    pub fn meet(&mut self, device: DeviceId) {
        match self.picture.devices.len() {
            0..DEVICES_MAX => self.picture.devices.push((device, Vec::new())),
            _ => self.picture.devices_left_out += 1,
        }
    }

    /// Notes an `at` block.
    pub fn step(&mut self, at: Instant, span: Span) {
        self.picture.steps.push((at, span));
    }

    /// Looks at the world after everything of an instant.
    pub fn look(&mut self, world: &World) {
        for (device, statuses) in &mut self.picture.devices {
            note(statuses, world.now(), world.device_status(*device));
        }
        for (widget, shown) in &mut self.picture.widgets {
            let now = DrawnWidget {
                answer: world.answer(*widget),
                scheduler: world.scheduler_state(*widget),
            };
            note(shown, world.now(), now);
        }
    }

    /// The picture, with the devices that ever logged in, agent by agent.
    pub fn finish(self, world: &World) -> Picture {
        let mut picture = self.picture;
        picture.devices.retain(|(_, statuses)| {
            statuses.iter().any(|(_, status)| *status != DeviceStatus::LoggedOut)
        });
        picture.devices.sort_by_key(|(device, _)| *device);
        picture.widgets_left_out = world.widget_count().saturating_sub(WIDGETS_MAX);
        picture
    }
}

fn note<T: PartialEq>(row: &mut Vec<(Instant, T)>, at: Instant, now: T) {
    if row.last().is_none_or(|(_, last)| *last != now) {
        row.push((at, now));
    }
}
