//! What a scenario file says, with the place of every node.

use std::convert::Infallible;

use chrono::{NaiveDate, NaiveTime, Weekday};

use super::span::{Span, Spanned};
use lamplighter_core::model::text::Country;
use lamplighter_core::model::{
    About, AgentStatus, Chat, Dates, DeviceKind, Form, HiddenBecause, Instant, Interval, Millis,
    Reason, Setting, SettingName,
};

/// A name as written.
pub type Name = Spanned<String>;

/// A whole file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Document {
    /// The lines before the first block: `scenario`, `source`, `tags`, `timezone`, `rules`, `grace`,
    /// `auto-away`.
    pub header: Header,
    /// The `property` and `widget` blocks in the order of the file, which gives widgets their
    /// order.
    pub blocks: Vec<Block>,
    /// The `include` lines, as long as the blocks of their files are not among the others.
    pub includes: Vec<Include>,
    /// The `at` blocks, `replay` and `observed` lines in the order of the file.
    pub parts: Vec<Part>,
    /// The time of the `until` line, up to which the world runs on; `None` without one.
    pub until: Option<Spanned<Time>>,
    /// The words that say something else than they are written, by a table of examples.
    pub put_in: PutIn,
}

/// Where words stand that say something else than they are written, in the order of the file. Documents
/// are equal when what they say is, however they are written.
#[derive(Clone, Debug, Default)]
pub struct PutIn(pub Vec<Span>);

impl PutIn {
    /// Whether a span has such a word in it, or a part of one.
    pub fn meets(&self, span: Span) -> bool {
        let first = self.0.partition_point(|word| word.end <= span.start);
        self.0.get(first).is_some_and(|word| word.start < span.end)
    }
}

impl PartialEq for PutIn {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for PutIn {}

/// An `include` line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Include {
    /// The path as written.
    pub path: Name,
    /// How many blocks stand before it.
    pub blocks_before: usize,
}

/// The lines before the first block.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Header {
    /// The title; `None` only in a faulty file.
    pub title: Option<Name>,
    /// The texts of the `source` lines: the documents that the expectations come from.
    pub sources: Vec<Name>,
    /// The labels to choose scenarios by, in the order of the `tags` lines.
    pub tags: Vec<Name>,
    /// The zone of local times; UTC if not said.
    pub timezone: Option<Name>,
    /// The product whose rules the scenario goes by, or the file that holds them; the rule book if
    /// not said.
    pub rules: Option<Name>,
    /// How long a lost connection keeps its status (rule P7); `None` for that of the rules.
    pub grace: Option<Spanned<Millis>>,
    /// After how long an idle device goes away (rule P8); `None` if not said, `Some` of `None` for
    /// `off`.
    pub auto_away: Option<Spanned<Option<Millis>>>,
}

/// A `property` or `widget` block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Block {
    /// The property or widget that the block's first line declares.
    pub declares: Declares,
    /// The lines below the first one: members, settings and hours.
    pub lines: Vec<Spanned<BlockLine>>,
}

/// What a block declares.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Declares {
    /// A property, and its widget of the same name.
    Property(Name),
    /// A further widget: `property/name`, whole.
    Widget(Name),
}

/// A line of a block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BlockLine {
    /// `members NAME…`: agents who are members, and are declared by it.
    Members(Vec<Name>),
    /// `suspended NAME…`: those of the members who do not count (rule P6).
    Suspended(Vec<Name>),
    /// A setting; the hours of a scheduler follow in lines of their own.
    Setting(SettingLine),
    /// `scheduler as WIDGET`: a scheduler with all that was declared of that widget's.
    SchedulerAs(Name),
    /// `DAYS …` or `date …`
    Hours(HoursLine),
}

/// A setting with its value as a line gives it. Two are equal when what they say is, wherever it
/// stands.
#[derive(Clone, Debug)]
pub struct SettingLine {
    /// What is set; a scheduler without its hours.
    pub setting: Setting,
    /// Where the words of the value stand, so that a warning can show the one that it is about.
    pub value: Vec<Span>,
}

impl SettingLine {
    /// A setting that nobody wrote.
    pub fn new(setting: Setting) -> Self {
        Self { setting, value: Vec::new() }
    }

    /// Where the value stands, from its first word to its last; nowhere for a setting without words.
    pub fn whole(&self) -> Span {
        match (self.value.first(), self.value.last()) {
            (Some(first), Some(last)) => first.to(*last),
            _ => Span::default(),
        }
    }
}

impl PartialEq for SettingLine {
    fn eq(&self, other: &Self) -> bool {
        self.setting == other.setting
    }
}

impl Eq for SettingLine {}

/// A line of hours.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HoursLine {
    /// The weekdays or the dates whose hours the line gives (rules S3, S5, S7).
    pub on: Spanned<HoursOn>,
    /// The intervals that start on those days, or what is cut out of them; none for `closed`.
    pub intervals: Vec<Spanned<Interval>>,
    /// `every N weeks from DATE`: in which weeks the line applies; `None` for all that no other line
    /// of the weekday names (rule S9).
    pub every: Option<Spanned<Every>>,
}

/// `every N weeks from DATE` (rule S9).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Every {
    /// After how many weeks the line applies again: 2 to 53.
    pub weeks: u8,
    /// A date in one of its weeks.
    pub from: NaiveDate,
}

/// The days that a line of hours is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HoursOn {
    /// `daily`, written so.
    Daily,
    /// Single days and ranges, as written: `mon,wed-fri`.
    Days(Vec<Spanned<(Weekday, Weekday)>>),
    /// `date DATES`: dates with hours of their own (rules S5, S7).
    Dates(Dates),
    /// `date DATES closed HH:MM-HH:MM…`: dates of which something is cut out (rule S8).
    Cut(Dates),
    /// `dates "FILE.ics" closed`: the closed dates and the cuts of a calendar file, by its path.
    Calendar(Name),
}

/// `at` with its lines, `replay` or `observed`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    /// An `at` block with its lines.
    At(AtBlock),
    /// `replay "trace.csv"`: the path of a trace to be played.
    Replay(Name),
    /// `observed "seen.csv"`: what a service really said.
    Observed(Observed),
}

/// `observed "seen.csv" within 2s`: a recording that is held against the rules.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Observed {
    /// The path of the recording as written.
    pub path: Name,
    /// How far each of its rows may be from an instant at which it is right; zero if not said.
    pub within: Option<Spanned<Millis>>,
    /// The whole line, to which what is false in the recording is attributed.
    pub place: Spanned<()>,
}

/// An `at` block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AtBlock {
    /// The instant as written; `None` only in a faulty file.
    pub time: Option<Spanned<Time>>,
    /// The words of the `at` line, for messages about the block as a whole.
    pub place: Spanned<()>,
    /// What happens and what must be true, in order.
    pub lines: Vec<Spanned<Line>>,
}

/// A time as written; the relative ones follow the `at` before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Time {
    /// `2026-03-09 08:55`, in the file's zone.
    Local(NaiveDate, NaiveTime),
    /// `2026-03-09T13:55:00Z`: that instant, whatever the zone.
    Instant(Instant),
    /// `09:00`, on the local date before.
    TimeOfDay(NaiveTime),
    /// `+10m`: so long after the `at` before, in elapsed time.
    After(Millis),
    /// `+1d 09:00`: that local time, so many calendar days after the local date before.
    DaysAfter(u32, NaiveTime),
}

/// A line of an `at` block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Line {
    /// `ann goes away on laptop`
    Event(Event),
    /// `set acme …`: a setting given anew or taken back.
    Set(Set),
    /// `expect …`: what must be true.
    Expect(Expect),
    /// `expect no anomalies`: no row of a trace so far was one that cannot happen.
    NoAnomalies,
    /// A line with a fault of its own, about this agent if it is known.
    Faulty(Option<String>),
}

/// What an agent does, by the names that the file has; what is `set` has lines of its own.
pub type Event = lamplighter_core::model::Event<OnDevice, Name, Name, Infallible>;

/// An agent's device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OnDevice {
    /// The name of the agent whose device it is.
    pub agent: Name,
    /// The device's name, which is the agent's own: another agent may have one of the same name.
    pub device: Name,
}

/// Who does it.
pub fn agent_of(event: &Event) -> &Name {
    match event.about() {
        About::Device(OnDevice { agent, .. }) | About::Agent(agent) => agent,
        About::Widget(widget) => match *widget {},
    }
}

/// `set WIDGET …`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Set {
    /// The widget whose setting it is; `acme` means that one alone.
    pub widget: Name,
    /// Whether the setting is given anew or taken back.
    pub change: SetChange,
}

/// A setting given anew, or taken back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SetChange {
    /// The setting, and the lines of hours right after a `scheduler`.
    To(SettingLine, Vec<Spanned<HoursLine>>),
    /// `scheduler as WIDGET`: with all that was declared of that widget's, whatever was `set` since.
    SchedulerAs(Name),
    /// `off SETTING`: the setting is as if nobody had given it.
    Off(SettingName),
}

/// `expect …`: what must be true of an agent or a widget.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expect {
    /// An agent, a property or a widget.
    pub subject: Name,
    /// What must be true of it.
    pub clauses: Vec<Spanned<Clause>>,
}

/// One clause of an expectation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Clause {
    /// `online`, `away`, `invisible` or `offline`; a widget is never invisible.
    Status(AgentStatus),
    /// `because REASON` of a status.
    Because(Reason),
    /// `chat possible` or `no chat`
    Chat(Chat),
    /// `form FORM`: the form that a visitor gets (rules C2, C3).
    Form(Form),
    /// `greeting TEXT`: the greeting that a visitor reads (rule C1).
    Greeting(Name),
    /// `shown`: the visitor sees the widget.
    Shown,
    /// `hidden`: the visitor does not see it (rules V1 to V4).
    Hidden,
    /// `because REASON` of `hidden`.
    HiddenBecause(HiddenBecause),
    /// `to KIND`: the visitor's kind of device (rule V3).
    To(DeviceKind),
    /// `in CC`: the visitor's country (rule V2).
    In(Country),
    /// `on URL`: the page that the visitor is on (rule V1).
    On(String),
    /// `until TIME`: the other clauses hold at every instant before it.
    Until(Spanned<Time>),
    /// `next TIME`, or `next never`
    Next(Option<Spanned<Time>>),
    /// `changes at most N times`: how often the widget's status or chat changes up to `until`.
    Changes(Changes),
}

/// `changes at most N times`
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Changes {
    /// Whether fewer or more are true, too.
    pub bound: Bound,
    /// The number of instants at which it changes.
    pub times: Spanned<u64>,
}

/// How a count is held against a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bound {
    /// `at most`: fewer are true, too.
    AtMost,
    /// `at least`: more are true, too.
    AtLeast,
    /// `exactly`: no other number is.
    Exactly,
}

impl Bound {
    /// Its words.
    pub fn words(self) -> &'static str {
        match self {
            Self::AtMost => "at most",
            Self::AtLeast => "at least",
            Self::Exactly => "exactly",
        }
    }
}

impl Changes {
    /// Whether so many make it true.
    pub fn holds(self, count: u64) -> bool {
        match self.bound {
            Bound::AtMost => count <= self.times.node,
            Bound::AtLeast => count >= self.times.node,
            Bound::Exactly => count == self.times.node,
        }
    }
}

/// `at most 2 times`
impl std::fmt::Display for Changes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let times = if self.times.node == 1 { "time" } else { "times" };
        write!(f, "{} {} {times}", self.bound.words(), self.times.node)
    }
}
