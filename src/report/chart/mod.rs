//! For people in a terminal: a row for each device and each widget against time, readable without
//! colour.

use std::collections::BTreeSet;
use std::io::{self, Write};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Paint;
use super::drawing::{Letters, Scene, Space, clock_changes, dates, row_segments, ticks};
use super::format::counted;
use lamplighter_core::model::text::write_local;
use lamplighter_core::model::{Chat, DeviceStatus, Instant, SchedulerState, WidgetStatus};
use lamplighter_scenario::play::{DrawnWidget, Verdict};

/// No chart is narrower than this.
const COLUMNS_MIN: usize = 40;
/// Names take at most a third of the chart, and always this much.
const NAME_COLUMNS_MIN: usize = 10;
const LETTERS: Letters = Letters { char: 1, gap: 1 };

/// One column of a row. The order is that of the legend.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Glyph {
    Online,
    OnlineWithoutChat,
    Away,
    Invisible,
    Nothing,
    Mixed,
    Open,
    Closed,
    Step,
    False,
    Cut,
    ClockChange,
    Blank,
}

impl Glyph {
    fn char(self) -> char {
        match self {
            Self::Online => '█',
            Self::OnlineWithoutChat => '▒',
            Self::Away => '▄',
            Self::Invisible => '▁',
            Self::Nothing | Self::Closed => '·',
            Self::Mixed => '▚',
            Self::Open => '═',
            Self::Step => '▾',
            Self::False => '✕',
            Self::Cut => '/',
            Self::ClockChange => '±',
            Self::Blank => ' ',
        }
    }

    fn paint(self) -> Option<Paint> {
        match self {
            Self::Online | Self::OnlineWithoutChat => Some(Paint::Good),
            Self::Away => Some(Paint::Warn),
            Self::False => Some(Paint::Bad),
            Self::Invisible | Self::Open | Self::ClockChange => Some(Paint::Frame),
            Self::Nothing | Self::Closed | Self::Cut => Some(Paint::Faint),
            Self::Step | Self::Mixed | Self::Blank => None,
        }
    }

    fn meaning(self) -> Option<&'static str> {
        Some(match self {
            Self::Online => "online",
            Self::OnlineWithoutChat => "online, no chat",
            Self::Away => "away",
            Self::Invisible => "invisible",
            Self::Nothing => "logged out, offline, closed",
            Self::Mixed => "changes too often to draw",
            Self::Open => "hours open",
            Self::Step => "at",
            Self::False => "false expectation",
            Self::Cut => "time cut short",
            Self::ClockChange => "the clock changes",
            Self::Closed | Self::Blank => return None,
        })
    }
}

impl From<DeviceStatus> for Glyph {
    fn from(status: DeviceStatus) -> Self {
        match status {
            DeviceStatus::Online => Self::Online,
            DeviceStatus::Away => Self::Away,
            DeviceStatus::Invisible => Self::Invisible,
            DeviceStatus::LoggedOut => Self::Nothing,
        }
    }
}

impl From<DrawnWidget> for Glyph {
    fn from(shown: DrawnWidget) -> Self {
        match (shown.answer.status, shown.answer.chat) {
            (WidgetStatus::Online, Chat::Possible) => Self::Online,
            (WidgetStatus::Online, Chat::No) => Self::OnlineWithoutChat,
            (WidgetStatus::Away, _) => Self::Away,
            (WidgetStatus::Offline, _) => Self::Nothing,
        }
    }
}

impl From<SchedulerState> for Glyph {
    fn from(state: SchedulerState) -> Self {
        match state {
            SchedulerState::Open => Self::Open,
            SchedulerState::Closed => Self::Closed,
            SchedulerState::Off => Self::Blank,
        }
    }
}

/// Draws a run in a terminal of so many columns: what the devices were, what the widgets showed,
/// and when they were open, with a mark for each `at` and each false expectation. Long quiet is
/// cut short. Times are in the scenario's zone.
///
/// The verdict's picture must have been asked for; of a faulty scenario there is none.
///
/// # Errors
/// When `out` does not take it.
pub fn chart(out: &mut dyn Write, verdict: &Verdict, width: usize) -> io::Result<()> {
    let width = width.max(COLUMNS_MIN);
    let names = verdict.picture.as_ref().map(|_| names(verdict)).unwrap_or_default();
    let widest = names.iter().map(|name| name.width()).max().unwrap_or(0);
    let name_width = widest.min((width / 3).max(NAME_COLUMNS_MIN));
    let columns = (width - name_width - 1) as u32;
    let space = Space {
        width_min: columns,
        width_max: columns,
        per_knot: 1,
        knot_gap_min: 1,
        tail: (columns / 12).max(2),
    };
    let Some(scene) = Scene::of(verdict, space) else {
        return writeln!(out, "nothing was played, so there is nothing to draw");
    };
    let mut sheet = Sheet { out, name_width, seen: BTreeSet::new() };
    writeln!(sheet.out, "{}", Paint::Strong.on(&verdict.file.title))?;
    writeln!(sheet.out, "{}", span(&scene, verdict))?;
    sheet.marks("at", Glyph::Step, scene.picture.steps.iter().map(|(at, _)| *at), &scene)?;
    let mut names = names.iter();
    let mut next_name = || names.next().map(String::as_str).unwrap_or_default();
    for (_, row) in &scene.picture.devices {
        let row = scene.statuses(row).map(|(at, status)| (at, Glyph::from(status)));
        sheet.row(next_name(), row, &scene)?;
    }
    for (_, row) in &scene.picture.widgets {
        let shown = row.iter().map(|&(at, shown)| (at, Glyph::from(shown)));
        sheet.row(next_name(), shown, &scene)?;
        if row.iter().any(|(_, shown)| shown.scheduler != SchedulerState::Off) {
            let hours = row.iter().map(|&(at, shown)| (at, Glyph::from(shown.scheduler)));
            sheet.row("  hours", hours, &scene)?;
        }
    }
    if !verdict.failures.is_empty() {
        let failures = verdict.failures.iter().map(|failure| failure.at);
        sheet.marks("FAIL", Glyph::False, failures, &scene)?;
    }
    sheet.axis(&scene, verdict)?;
    let (devices, widgets) = (scene.picture.devices_left_out, scene.picture.widgets_left_out);
    for (count, noun) in [(devices, "device"), (widgets, "widget")] {
        if count > 0 {
            let count = counted(count as u64, noun);
            writeln!(sheet.out, "… and {count} that are not drawn")?;
        }
    }
    sheet.legend(width)
}

/// What stands before each row: `ann@laptop`, below it the agent's next device without the agent.
fn names(verdict: &Verdict) -> Vec<String> {
    let Some(picture) = &verdict.picture else { return Vec::new() };
    let roster = &verdict.roster;
    let mut before = None;
    let devices = picture.devices.iter().map(|(device, _)| {
        let agent = device.agent();
        let name = roster.agents.name(agent);
        let again = before.replace(agent) == Some(agent);
        let name = if again { " ".repeat(name.width()) } else { name.to_owned() };
        format!("{name}@{}", roster.device_name(*device))
    });
    let devices: Vec<String> = devices.collect();
    let widgets = picture.widgets.iter().map(|(widget, _)| roster.widgets.name(*widget).to_owned());
    devices.into_iter().chain(widgets).collect()
}

/// `2026-03-09 08:55 to 2026-03-10 09:00, America/New_York`
fn span(scene: &Scene, verdict: &Verdict) -> String {
    let write = |at| write_local(verdict.zone.local(at));
    let (first, last) = (scene.axis.first(), scene.axis.last());
    let zone = verdict.zone.name();
    match first == last {
        true => format!("{}, {zone}", write(first)),
        false => format!("{} to {}, {zone}", write(first), write(last)),
    }
}

/// What is being written.
struct Sheet<'a> {
    out: &'a mut dyn Write,
    name_width: usize,
    /// What the legend has to explain.
    seen: BTreeSet<Glyph>,
}

impl Sheet<'_> {
    fn name(&mut self, name: &str) -> io::Result<()> {
        let name = shortened(name, self.name_width);
        let padding = self.name_width.saturating_sub(name.width()) + 1;
        write!(self.out, "{name}{}", " ".repeat(padding))
    }

    fn cells(&mut self, name: &str, cells: &[Glyph]) -> io::Result<()> {
        self.seen.extend(cells);
        self.name(name)?;
        let used = cells.iter().rposition(|glyph| *glyph != Glyph::Blank).map_or(0, |i| i + 1);
        for run in cells[..used].chunk_by(|a, b| a == b) {
            let text: String = run.iter().map(|glyph| glyph.char()).collect();
            match run[0].paint() {
                Some(paint) => write!(self.out, "{}", paint.on(text))?,
                None => write!(self.out, "{text}")?,
            }
        }
        writeln!(self.out)
    }

    fn row(
        &mut self,
        name: &str,
        changes: impl Iterator<Item = (Instant, Glyph)>,
        scene: &Scene,
    ) -> io::Result<()> {
        let mut cells = vec![Glyph::Blank; scene.axis.width() as usize];
        for segment in row_segments(changes, &scene.axis, 1) {
            let glyph = segment.what.unwrap_or(Glyph::Mixed);
            let end_x = (segment.end_x as usize).min(cells.len());
            cells[(segment.x as usize).min(end_x)..end_x].fill(glyph);
        }
        self.cells(name, &cells)
    }

    fn marks(
        &mut self,
        name: &str,
        glyph: Glyph,
        instants: impl Iterator<Item = Instant>,
        scene: &Scene,
    ) -> io::Result<()> {
        let mut cells = vec![Glyph::Blank; scene.axis.width() as usize];
        for at in instants {
            cells[scene.axis.x(at) as usize] = glyph;
        }
        self.cells(name, &cells)
    }

    fn axis(&mut self, scene: &Scene, verdict: &Verdict) -> io::Result<()> {
        let axis = &scene.axis;
        let ticks = ticks(axis, &scene.marks, &verdict.zone, LETTERS);
        let mut line = vec!['─'; axis.width() as usize];
        for cut in &axis.cuts {
            let x = cut.x as usize;
            line[x - 1..=x].fill(Glyph::Cut.char());
            self.seen.insert(Glyph::Cut);
        }
        for tick in &ticks {
            line[tick.x as usize] = '┬';
        }
        for change in clock_changes(axis, &verdict.zone) {
            line[change.x as usize] = Glyph::ClockChange.char();
            self.seen.insert(Glyph::ClockChange);
        }
        self.name("")?;
        writeln!(self.out, "{}", Paint::Faint.on(line.into_iter().collect::<String>()))?;
        let times = ticks.iter().map(|tick| (tick.text_x as usize, tick.text.clone()));
        self.texts(times)?;
        let dates = dates(axis, &verdict.zone, LETTERS);
        let first_x = dates.first().map_or(0, |date| date.x);
        let dates = dates.into_iter().map(|date| {
            let bar = if date.x == first_x { "" } else { "|" };
            (date.x as usize, format!("{bar}{}", date.text))
        });
        self.texts(dates)
    }

    /// Texts at their columns; they don't overlap.
    fn texts(&mut self, texts: impl Iterator<Item = (usize, String)>) -> io::Result<()> {
        self.name("")?;
        let mut line = String::new();
        for (x, text) in texts {
            line.push_str(&" ".repeat(x.saturating_sub(line.width())));
            line.push_str(&text);
        }
        writeln!(self.out, "{line}")
    }

    /// What the glyphs mean that were used, in as many lines as it takes.
    fn legend(&mut self, width: usize) -> io::Result<()> {
        let mut used = 0;
        for glyph in std::mem::take(&mut self.seen) {
            let Some(meaning) = glyph.meaning() else { continue };
            let entry_width = 2 + meaning.width();
            if used > 0 && used + 2 + entry_width > width {
                writeln!(self.out)?;
                used = 0;
            } else if used > 0 {
                write!(self.out, "  ")?;
                used += 2;
            }
            match glyph.paint() {
                Some(paint) => write!(self.out, "{} {meaning}", paint.on(glyph.char()))?,
                None => write!(self.out, "{} {meaning}", glyph.char())?,
            }
            used += entry_width;
        }
        writeln!(self.out)
    }
}

/// A text in at most so many columns, the end of it kept: devices differ there.
fn shortened(text: &str, width_max: usize) -> String {
    if text.width() <= width_max {
        return text.to_owned();
    }
    let mut width = 1;
    let is_room = |c: &char| {
        width += c.width().unwrap_or(0);
        width <= width_max
    };
    let kept: Vec<char> = text.chars().rev().take_while(is_room).collect();
    std::iter::once('…').chain(kept.into_iter().rev()).collect()
}

#[cfg(test)]
mod tests;
