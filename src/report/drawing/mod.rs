//! Where things lie when time is drawn from left to right: shared by the chart of the terminal and
//! the picture of the page. Everything is counted in cells: columns there, pixels here.

mod axis;
mod calendar;
mod row_segment;
mod scene;

pub(super) use axis::{Axis, Instants, Space};
pub(super) use calendar::{Letters, clock_changes, dates, ticks};
pub(super) use row_segment::{RowSegment, row_segments};
pub(super) use scene::{Group, Scene, begins_agent, block_lines};
