//! The picture of a run as plain data: what is drawn where, in pixels.

mod rows;
mod stops;

use serde::Serialize;

use crate::report::drawing::{
    Group, Letters, Scene, Space, block_lines, clock_changes, dates, ticks,
};
use crate::report::format::counted;
use lamplighter_core::model::Instant;
use lamplighter_scenario::language::span::Source;
use lamplighter_scenario::language::time::write;
use lamplighter_scenario::play::{Failure, Verdict};
use rows::{Bar, Name, Shade};
pub use stops::Stop;

/// The room that a report gives a picture.
pub const SPACE: Space =
    Space { width_min: 820, width_max: 840, per_knot: 96, knot_gap_min: 5, tail: 44 };
/// Digits of the axis.
const LETTERS: Letters = Letters { char: 7, gap: 10 };
/// What lies closer than this cannot be pointed at apart.
const STEP_NEAR: u32 = 7;
const FLAG_NEAR: u32 = 46;
/// More lines than these are not put into a tooltip.
const TIP_LINES_MAX: usize = 14;

const FLAG_LANE_HEIGHT: u32 = 22;
const STEP_LANE_HEIGHT: u32 = 16;
const AXIS_HEIGHT: u32 = 42;

/// A picture. All lengths are in pixels, `y` counts from the top.
#[derive(Serialize)]
pub struct Drawing {
    /// Tells this picture's ids from those of others.
    number: usize,
    width: u32,
    height: u32,
    /// Where the rows begin, below the marks.
    rows_y: u32,
    /// Where the axis is.
    axis_y: u32,
    /// Where the run ends, if an expectation looked beyond.
    run_end_x: Option<u32>,
    title: String,
    description: String,
    names: Vec<Name>,
    shades: Vec<Shade>,
    bars: Vec<Bar>,
    steps: Vec<Mark>,
    step_y: u32,
    flags: Vec<Mark>,
    ticks: Vec<Written>,
    dates: Vec<Written>,
    cuts: Vec<Mark>,
    clock_changes: Vec<Mark>,
    span: String,
    left_out: Option<String>,
    /// Where a cursor in time can stop.
    #[serde(skip)]
    pub stops: Vec<Stop>,
}

/// Something at one place of the axis.
#[derive(Serialize)]
struct Mark {
    x: u32,
    /// For flags: the number of the first false expectation.
    number: usize,
    text: String,
    text_width: u32,
    tip: String,
}

/// A text at the axis.
#[derive(Serialize)]
struct Written {
    x: u32,
    text_x: u32,
    text: String,
    tip: String,
}

impl Drawing {
    /// How wide the axis is, from its first instant to the end of what is so from the last one on.
    pub fn width(&self) -> u32 {
        self.width
    }
}

/// Lays out the picture of a run in so much room; `None` where there is nothing to draw.
pub fn draw(verdict: &Verdict, number: usize, space: Space) -> Option<Drawing> {
    let scene = Scene::of(verdict, space)?;
    let axis = &scene.axis;
    let zone = &verdict.zone;
    let flag_lane = if verdict.failures.is_empty() { 0 } else { FLAG_LANE_HEIGHT };
    let rows_y = flag_lane + STEP_LANE_HEIGHT;
    let rows = rows::lay_out(&scene, verdict, rows_y);
    let ticks = ticks(axis, &scene.marks, zone, LETTERS).into_iter().map(|tick| Written {
        x: tick.x,
        text_x: tick.text_x,
        text: tick.text,
        tip: String::new(),
    });
    let dates = dates(axis, zone, LETTERS).into_iter().map(|date| Written {
        x: date.x,
        text_x: if date.x == 0 { 0 } else { date.x + 5 },
        text: date.text,
        tip: date.full,
    });
    let cuts = axis.cuts.iter().map(|cut| {
        let length = cut.to.since(cut.from);
        let tip = match cut.changes {
            0 => format!("cut short: nothing happens for {length}"),
            changes => {
                format!("cut short: {} by the clock in {length}", counted(changes as u64, "change"))
            }
        };
        plain_mark(cut.x, tip)
    });
    let changes =
        clock_changes(axis, zone).into_iter().map(|change| plain_mark(change.x, change.text));
    let (first, last) = (axis.first(), axis.last());
    let span = match first == last {
        true => write(first, zone),
        false => format!("{} to {}", write(first, zone), write(last, zone)),
    };
    Some(Drawing {
        number,
        width: axis.width(),
        height: rows.end_y + AXIS_HEIGHT,
        rows_y,
        axis_y: rows.end_y,
        run_end_x: (scene.run_end < last).then(|| axis.x(scene.run_end)),
        title: format!("Timeline of: {}", verdict.file.title),
        description: rows.description,
        names: rows.names,
        shades: rows.shades,
        bars: rows.bars,
        steps: steps(&scene, verdict),
        step_y: flag_lane,
        flags: flags(&scene, verdict),
        ticks: ticks.collect(),
        dates: dates.collect(),
        cuts: cuts.collect(),
        clock_changes: changes.collect(),
        span: format!("{span}, {}", zone.name()),
        left_out: left_out(&scene),
        stops: stops::stops(&scene, verdict),
    })
}

fn plain_mark(x: u32, tip: String) -> Mark {
    Mark { x, number: 0, text: String::new(), text_width: 0, tip }
}

fn steps(scene: &Scene, verdict: &Verdict) -> Vec<Mark> {
    let steps = &scene.picture.steps;
    let groups = scene.grouped(steps.iter().map(|(at, _)| *at), STEP_NEAR);
    let tip = |group: &Group| {
        let blocks = group.members.iter().map(|&index| {
            let (at, span) = steps[index];
            let mut lines = block_lines(&verdict.file.source, span);
            let head = lines.next().unwrap_or_default();
            let head = format!("{} · {head}", write(at, &verdict.zone));
            std::iter::once(head).chain(lines.map(|line| format!("  {line}"))).collect::<Vec<_>>()
        });
        shortened(blocks.flatten().collect())
    };
    groups.iter().map(|group| plain_mark(group.x, tip(group))).collect()
}

fn flags(scene: &Scene, verdict: &Verdict) -> Vec<Mark> {
    let failures = &verdict.failures;
    let groups = scene.grouped(failures.iter().map(|failure| failure.at), FLAG_NEAR);
    let flag = |group: Group| {
        let number = group.members.iter().min().map_or(0, |index| index + 1);
        let text = match group.members.len() {
            1 => number.to_string(),
            more => format!("{number} +{}", more - 1),
        };
        let tips =
            group.members.iter().map(|&index| tip(&failures[index], &verdict.file.source, verdict));
        Mark {
            x: group.x,
            number,
            text_width: 18 + text.chars().count() as u32 * 6,
            text,
            tip: shortened(tips.collect()),
        }
    };
    groups.into_iter().map(flag).collect()
}

fn tip(failure: &Failure, source: &Source, verdict: &Verdict) -> String {
    let at: Instant = failure.at;
    format!(
        "{} · line {}: {} — found {}",
        write(at, &verdict.zone),
        source.position(failure.statement.start).line,
        source.slice(failure.statement).trim(),
        failure.found
    )
}

fn shortened(mut lines: Vec<String>) -> String {
    if lines.len() > TIP_LINES_MAX {
        let more = lines.len() - TIP_LINES_MAX;
        lines.truncate(TIP_LINES_MAX);
        lines.push(format!("… {more} more"));
    }
    lines.join("\n")
}

fn left_out(scene: &Scene) -> Option<String> {
    let picture = scene.picture;
    let counts = [(picture.devices_left_out, "device"), (picture.widgets_left_out, "widget")];
    let counts: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| counted(count as u64, noun))
        .collect();
    (!counts.is_empty()).then(|| format!("{} more are not drawn", counts.join(" and ")))
}
