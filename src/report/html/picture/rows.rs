//! The rows of a picture: devices, agent by agent, and widgets below them.

use serde::Serialize;

use crate::report::drawing::{RowSegment, Scene, begins_agent, row_segments};
use lamplighter_core::hours::Zone;
use lamplighter_core::model::{Chat, DeviceStatus, SchedulerState, WidgetStatus};
use lamplighter_scenario::language::time::write;
use lamplighter_scenario::play::{DrawnWidget, Verdict};

const DEVICE_HEIGHT: u32 = 20;
const WIDGET_HEIGHT: u32 = 30;
const AGENT_GAP: u32 = 6;
const WIDGETS_GAP: u32 = 12;
const BAR_INSET: u32 = 3;
const WIDGET_BAR_INSET: u32 = 6;
/// States narrower than this are drawn together.
const NARROW: u32 = 3;
/// Words within bars: a character, and both margins together.
const WORD_CHAR: f64 = 5.8;
const WORD_MARGIN: u32 = 8;
const LETTER_WIDTH_MIN: u32 = 11;
/// On both sides of a cut.
const CUT_MARGIN: u32 = 5;
/// More states than these are not read out.
const DESCRIBED_MAX: usize = 12;

/// What all rows come to.
pub struct Rows {
    /// The names that stand before the rows.
    pub names: Vec<Name>,
    /// The hours of schedulers, drawn behind the bars of widgets.
    pub shades: Vec<Shade>,
    /// The states of devices and widgets.
    pub bars: Vec<Bar>,
    /// The same in words, for whoever cannot see the picture.
    pub description: String,
    /// The height at which the axis goes below the last row, in pixels.
    pub end_y: u32,
    /// Where the axis is cut, and no word can be read.
    cuts: Vec<u32>,
}

/// What stands before a row.
#[derive(Serialize)]
pub struct Name {
    y: u32,
    height: u32,
    kind: &'static str,
    /// The agent, where the row is the first of its devices.
    agent: Option<String>,
    /// The device or the widget.
    name: String,
    full: String,
}

/// Hours of a scheduler, behind a widget's bars.
#[derive(Serialize)]
pub struct Shade {
    x: u32,
    y: u32,
    width: u32,
    height: u32,
    class: &'static str,
    tip: String,
}

/// A state in a row.
#[derive(Serialize)]
pub struct Bar {
    x: u32,
    y: u32,
    width: u32,
    height: u32,
    class: &'static str,
    /// As much of the state as has room.
    word: Option<&'static str>,
    word_x: u32,
    word_y: u32,
    tip: String,
}

/// How a state looks and reads.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Look {
    class: &'static str,
    word: &'static str,
    letter: &'static str,
}

impl Look {
    const fn new(class: &'static str, word: &'static str, letter: &'static str) -> Self {
        Self { class, word, letter }
    }

    fn of_device(status: DeviceStatus) -> Self {
        match status {
            DeviceStatus::Online => Self::new("online", "online", "O"),
            DeviceStatus::Away => Self::new("away", "away", "A"),
            DeviceStatus::Invisible => Self::new("invisible", "invisible", "I"),
            DeviceStatus::LoggedOut => Self::new("out", "", ""),
        }
    }

    fn of_widget(shown: DrawnWidget) -> Self {
        match (shown.answer.status, shown.answer.chat) {
            (WidgetStatus::Online, Chat::Possible) => Self::new("online", "online", "O"),
            (WidgetStatus::Online, Chat::No) => Self::new("no-chat", "online, no chat", "N"),
            (WidgetStatus::Away, _) => Self::new("away", "away", "A"),
            (WidgetStatus::Offline, _) => Self::new("offline", "offline", "F"),
        }
    }
}

/// Lays out all rows, from `y` downwards.
pub fn lay_out(scene: &Scene, verdict: &Verdict, y: u32) -> Rows {
    let (names, shades, bars) = (Vec::new(), Vec::new(), Vec::new());
    let cuts = scene.axis.cuts.iter().map(|cut| cut.x).collect();
    let mut rows = Rows { names, shades, bars, description: String::new(), end_y: y + 4, cuts };
    for index in 0..scene.picture.devices.len() {
        rows.device(scene, verdict, index);
    }
    if !scene.picture.devices.is_empty() {
        rows.end_y += WIDGETS_GAP;
    }
    for index in 0..scene.picture.widgets.len() {
        rows.widget(scene, verdict, index);
    }
    rows.end_y += 4;
    rows
}

impl Rows {
    fn device(&mut self, scene: &Scene, verdict: &Verdict, index: usize) {
        let (device, statuses) = &scene.picture.devices[index];
        let roster = &verdict.roster;
        let agent = roster.agents.name(device.agent());
        let name = roster.device_name(*device);
        let full = format!("{agent}@{name}");
        let is_first = begins_agent(scene.picture, index);
        if is_first && index > 0 {
            self.end_y += AGENT_GAP;
        }
        let y = self.end_y;
        let row = row_segments(scene.statuses(statuses), &scene.axis, NARROW);
        let what = |status: DeviceStatus| (Look::of_device(status), status.word().to_owned());
        let place = Band { y: y + BAR_INSET, height: DEVICE_HEIGHT - 2 * BAR_INSET };
        self.bars(&row, place, &full, &verdict.zone, what);
        let agent = is_first.then(|| agent.to_owned());
        let (name, height) = (name.to_owned(), DEVICE_HEIGHT);
        self.names.push(Name { y, height, kind: "device", agent, name, full });
        self.end_y += DEVICE_HEIGHT;
    }

    fn widget(&mut self, scene: &Scene, verdict: &Verdict, index: usize) {
        let (widget, changes) = &scene.picture.widgets[index];
        let name = verdict.roster.widgets.name(*widget).to_owned();
        let (y, height) = (self.end_y, WIDGET_HEIGHT);
        let hours = changes.iter().map(|(at, shown)| (*at, shown.scheduler));
        for hours in row_segments(hours, &scene.axis, NARROW) {
            let (class, word) = match hours.what {
                Some(SchedulerState::Open) => ("open", "scheduler open"),
                None => ("open-often", "opens and closes too often to be drawn"),
                Some(SchedulerState::Closed | SchedulerState::Off) => continue,
            };
            let tip = tip(&name, word, &hours, &verdict.zone);
            let (x, width) = (hours.x, hours.end_x - hours.x);
            self.shades.push(Shade { x, y, width, height, class, tip });
        }
        let answers = changes.iter().map(|(at, shown)| (*at, shown.answer));
        let row = row_segments(answers, &scene.axis, NARROW);
        let what = |answer: lamplighter_core::model::Answer| {
            let look = Look::of_widget(DrawnWidget { answer, scheduler: SchedulerState::Off });
            let (chat, reason, rule) = (answer.chat, answer.reason, answer.rule);
            (look, format!("{}, {chat} ({reason}, rule W{rule})", answer.status))
        };
        let place = Band { y: y + WIDGET_BAR_INSET, height: height - 2 * WIDGET_BAR_INSET };
        self.bars(&row, place, &name, &verdict.zone, what);
        let full = name.clone();
        self.names.push(Name { y, height, kind: "widget", agent: None, name, full });
        self.end_y += WIDGET_HEIGHT;
    }

    fn bars<T: Copy>(
        &mut self,
        row: &[RowSegment<T>],
        place: Band,
        name: &str,
        zone: &Zone,
        what: impl Fn(T) -> (Look, String),
    ) {
        let mut told: Vec<String> = Vec::new();
        for segment in row {
            let (look, words) = match segment.what {
                Some(state) => what(state),
                None => {
                    let often =
                        format!("changes {} times, too often to be drawn", segment.changes + 1);
                    (Look::new("mixed", "", ""), often)
                }
            };
            told.push(format!("{words} from {}", write(segment.from, zone)));
            let width = segment.end_x - segment.x;
            let (clear_x, clear_width) = self.clear_of_cuts(segment.x, segment.end_x);
            let fits = |word: &str| {
                let word_width = (word.chars().count() as f64 * WORD_CHAR) as u32 + WORD_MARGIN;
                !word.is_empty() && word_width <= clear_width
            };
            let has_letter = !look.letter.is_empty() && clear_width >= LETTER_WIDTH_MIN;
            let word = match fits(look.word) {
                true => Some(look.word),
                false => has_letter.then_some(look.letter),
            };
            self.bars.push(Bar {
                x: segment.x,
                y: place.y,
                // A hair between neighbours.
                width: width.saturating_sub(1).max(1),
                height: place.height,
                class: look.class,
                word,
                word_x: clear_x + clear_width / 2,
                word_y: place.y + place.height / 2,
                tip: tip(name, &words, segment, zone),
            });
        }
        if told.len() > DESCRIBED_MAX {
            let more = told.len() - DESCRIBED_MAX;
            told.truncate(DESCRIBED_MAX);
            told.push(format!("and {more} more"));
        }
        self.description.push_str(&format!("{name}: {}. ", told.join("; ")));
    }
}

impl Rows {
    /// The widest part of a bar that no cut runs through: where it begins, and its width.
    fn clear_of_cuts(&self, x: u32, end_x: u32) -> (u32, u32) {
        let inside = self.cuts.iter().copied().filter(|&cut| x < cut && cut < end_x);
        let ends = inside.clone().map(|cut| cut.saturating_sub(CUT_MARGIN)).chain([end_x]);
        let starts = [x].into_iter().chain(inside.map(|cut| cut + CUT_MARGIN));
        let parts = starts.zip(ends).map(|(start, end)| (start, end.saturating_sub(start)));
        parts.max_by_key(|(_, width)| *width).unwrap_or((x, end_x - x))
    }
}

/// Where a row's bars are.
#[derive(Clone, Copy)]
struct Band {
    y: u32,
    height: u32,
}

fn tip<T>(name: &str, words: &str, segment: &RowSegment<T>, zone: &Zone) -> String {
    let from = write(segment.from, zone);
    match segment.to {
        None => format!("{name}: {words}\nfrom {from} on"),
        Some(to) => {
            let length = to.since(segment.from);
            format!("{name}: {words}\n{from} to {} ({length})", write(to, zone))
        }
    }
}
