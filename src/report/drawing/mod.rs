//! Where things lie when time is drawn from left to right: shared by the chart of the terminal and
//! the picture of the page. Everything is counted in cells: columns there, pixels here.

mod axis;
mod calendar;
mod scene;
mod stretch;

pub(super) use axis::{Axis, Instants, Space};
pub(super) use calendar::{Letters, clock_changes, dates, ticks};
pub(super) use scene::{Group, Scene, begins_agent, block_lines};
pub(super) use stretch::{Stretch, stretches};
