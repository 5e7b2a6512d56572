//! What of a run is drawn, and when: the same in the terminal and on the page.

use super::{Axis, Instants, Space};
use lamplighter_core::model::{DeviceStatus, Instant};
use lamplighter_scenario::language::span::{Source, Span};
use lamplighter_scenario::play::{Picture, RunSpan, Verdict};

/// A run on its axis.
pub struct Scene<'a> {
    /// What was taken down of the run: devices and widgets over time.
    pub picture: &'a Picture,
    /// The axis that gives each instant of the run its cell.
    pub axis: Axis,
    /// The instants of steps and failures, in time order.
    pub marks: Vec<Instant>,
    /// The instant at which the run ends; an expectation can look beyond.
    pub run_end: Instant,
}

/// Things that lie on one cell, or too close to be told apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// How far from the left it stands, in the units of the drawing.
    pub x: u32,
    /// The indices of the things that it holds, in the list that was grouped.
    pub members: Vec<usize>,
}

impl<'a> Scene<'a> {
    /// The scene of a run; `None` where nothing was played or taken down, or the file is faulty.
    pub fn of(verdict: &'a Verdict, space: Space) -> Option<Self> {
        if !(verdict.diagnostics.is_empty() && verdict.trace_diagnostics.is_empty()) {
            return None;
        }
        let picture = verdict.picture.as_ref()?;
        let RunSpan { first, last: run_end, .. } = verdict.run?;
        let steps = picture.steps.iter().map(|(at, _)| *at);
        let failures = verdict.failures.iter().map(|failure| failure.at);
        let mut marks: Vec<Instant> = steps.chain(failures).collect();
        marks.sort_unstable();
        marks.dedup();
        let devices = picture.devices.iter().flat_map(|(_, row)| row.iter().map(|(at, _)| *at));
        let widgets = picture.widgets.iter().flat_map(|(_, row)| row.iter().map(|(at, _)| *at));
        let instants = Instants {
            marks: marks.iter().copied().chain([first, run_end]).collect(),
            events: devices.collect(),
            clock: widgets.collect(),
        };
        let axis = Axis::new(instants, space)?;
        Some(Self { picture, axis, marks, run_end })
    }

    /// A device's statuses from the beginning on: before it was heard of, it was logged out.
    pub fn statuses(
        &self,
        row: &'a [(Instant, DeviceStatus)],
    ) -> impl Iterator<Item = (Instant, DeviceStatus)> + 'a {
        let first = self.axis.first();
        let unheard_of = row.first().is_none_or(|(at, _)| *at > first);
        let before = unheard_of.then_some((first, DeviceStatus::LoggedOut));
        before.into_iter().chain(row.iter().copied())
    }

    /// Instants grouped where they lie closer than `near` cells to the first of a group.
    pub fn grouped(&self, instants: impl IntoIterator<Item = Instant>, near: u32) -> Vec<Group> {
        let mut places: Vec<(u32, usize)> =
            instants.into_iter().enumerate().map(|(index, at)| (self.axis.x(at), index)).collect();
        places.sort_unstable();
        let mut groups: Vec<Group> = Vec::new();
        for (x, index) in places {
            match groups.last_mut() {
                Some(group) if x - group.x < near.max(1) => group.members.push(index),
                _ => groups.push(Group { x, members: vec![index] }),
            }
        }
        groups
    }
}

/// The agents' devices, agent by agent: whether a device is the first of its agent.
pub fn begins_agent(picture: &Picture, index: usize) -> bool {
    let agent = |index: usize| picture.devices[index].0.agent();
    index == 0 || agent(index - 1) != agent(index)
}

/// The lines of an `at` block, without those that are empty.
pub fn block_lines(source: &Source, at: Span) -> impl Iterator<Item = &str> {
    let first = source.position(at.start).line;
    let lines = (first..=source.line_count()).map(|line| source.line(line).1.trim());
    let ends =
        |line: &str| matches!(line.split_whitespace().next(), Some("at" | "replay" | "until"));
    lines
        .enumerate()
        .take_while(move |(index, line)| *index == 0 || !ends(line))
        .map(|(_, line)| line)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}
