//! Why a widget is as it is, rule by rule.

use std::io::{self, Write};

use chrono::{Days, NaiveDate};

use serde::Serialize;

use super::Paint;
use lamplighter_core::hours::wall;
#[cfg(test)]
use lamplighter_core::model::Presence;
use lamplighter_core::model::text::{Country, PagePattern, write_date};
use lamplighter_core::model::{
    Answer, Chat, DeviceKind, Form, HiddenBecause, INTERVAL_DAYS_MAX, Interval, PageList,
    SchedulerState, Visibility, Visitor, WidgetId, WidgetStatus,
};
use lamplighter_core::pages::{PageUrl, first_match};
use lamplighter_core::world::{Connection, DeviceFacts, Membership};
use lamplighter_scenario::play::{Facts, RunSpan, origin_words, other_week};

/// What a rule had to do with an answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Part {
    /// The rule, such as `W6`; empty where it is the rule of the part before.
    rule: String,
    /// What was so, in words.
    text: String,
}

/// Why a widget is as it is at an instant. Instants are RFC 3339 in UTC.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(title = "lamplighter explain --json"))]
// Names are those of the service's `GET /v1/explain`.
pub struct Explained<'a> {
    /// The version that wrote it.
    lamplighter: &'static str,
    /// The full name of the widget.
    widget: &'a str,
    /// The instant that is explained.
    at: String,
    /// What it shows (rules W1 to W6).
    #[cfg_attr(test, schemars(extend("enum" = words(WidgetStatus::WORDS))))]
    status: &'static str,
    /// Whether a chat can start.
    chat: bool,
    /// The word for why, such as `agent-online`.
    reason: String,
    /// The rule that decided: `W1` to `W6`.
    rule: String,
    /// What the members add up to (rule P5).
    #[cfg_attr(test, schemars(extend("enum" = words(Presence::WORDS))))]
    presence: String,
    /// Whether this visitor sees it (rules V1 to V4).
    shown: bool,
    /// The word for why not.
    hidden_because: Option<String>,
    /// The greeting (rule C1).
    greeting: &'a str,
    /// The form (rules C2, C3).
    #[cfg_attr(test, schemars(extend("enum" = words(Form::WORDS))))]
    form: String,
    /// The next instant at which status or chat will change by the clock alone.
    next_change: Option<String>,
    /// Each rule that took part.
    rules: Vec<Part>,
}

/// The words that a member has one of, for its schema.
#[cfg(test)]
fn words<T>(all: &[(&'static str, T)]) -> Vec<&'static str> {
    all.iter().map(|(word, _)| *word).collect()
}

/// Writes the same as one JSON object.
///
/// # Errors
/// When `out` does not take it.
pub fn json(
    out: &mut dyn Write,
    facts: Facts<'_>,
    asked: (WidgetId, &Visitor),
) -> serde_json::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &explained(facts, asked))?;
    writeln!(out).map_err(serde_json::Error::io)
}

/// Why a widget is as it is to a visitor, as data.
pub fn explained<'a>(facts: Facts<'a>, (widget, visitor): (WidgetId, &Visitor)) -> Explained<'a> {
    let explained = facts.world.explain(widget);
    let answer = explained.answer;
    let hidden_because = match facts.world.visibility(widget, visitor) {
        Visibility::Shown => None,
        Visibility::Hidden(because) => Some(because.to_string()),
    };
    Explained {
        lamplighter: env!("CARGO_PKG_VERSION"),
        widget: facts.roster.widgets.name(widget),
        at: explained.at.to_string(),
        status: answer.status.word(),
        chat: answer.chat == Chat::Possible,
        reason: answer.reason.to_string(),
        rule: format!("W{}", answer.rule),
        presence: explained.presence.to_string(),
        shown: hidden_because.is_none(),
        hidden_because,
        greeting: facts.world.greeting(widget),
        form: facts.world.form(widget).to_string(),
        next_change: explained.next.as_ref().map(|next| next.at.to_string()),
        rules: parts(facts, (widget, visitor)),
    }
}

/// Writes each rule that took part in a widget's answer, the facts behind it, and what the clock
/// will change next.
///
/// # Errors
/// When `out` does not take it.
pub fn explain(
    out: &mut dyn Write,
    facts: Facts<'_>,
    (widget, visitor): (WidgetId, &Visitor),
    run: Option<RunSpan>,
) -> io::Result<()> {
    let (words, now) = (facts.words(), facts.now());
    let name = facts.roster.widgets.name(widget);
    let explained = facts.world.explain(widget);
    let answer = explained.answer;
    let paint = match (answer.status, answer.chat) {
        (WidgetStatus::Online, Chat::Possible) => Paint::Good,
        (WidgetStatus::Online, Chat::No) | (WidgetStatus::Away, _) => Paint::Warn,
        (WidgetStatus::Offline, _) => Paint::Bad,
    };
    // Whoever does not see the widget is not promised a chat.
    let reason = answer.reason;
    let so = match facts.world.visibility(widget, visitor) {
        Visibility::Shown => format!(": {}, because {reason}", answer.chat),
        Visibility::Hidden(because) => {
            format!(", because {reason}; hidden from this visitor ({because})")
        }
    };
    writeln!(
        out,
        "{} is {} at {}{so}",
        Paint::Strong.on(name),
        paint.on(answer.status),
        words.instant(explained.at),
    )?;
    if let Some(RunSpan { last, .. }) = run.filter(|run| run.last < now) {
        let last = words.instant(last);
        writeln!(out, "the run ends at {last}; behind its end the clock alone goes on")?;
    }
    writeln!(out)?;
    for Part { rule, text } in parts(facts, (widget, visitor)) {
        let rule = if rule.is_empty() { rule } else { format!("rule {rule}") };
        writeln!(out, "  {}  {text}", Paint::Frame.on(format!("{rule:<10}")))?;
    }
    writeln!(out)?;
    writeln!(out, "{}", words.next_change(explained.next.as_ref(), now))
}

/// Each rule that took part, with what was so.
fn parts(facts: Facts<'_>, (widget, visitor): (WidgetId, &Visitor)) -> Vec<Part> {
    let mut found = Vec::new();
    let out = &mut found;
    let (words, now) = (facts.words(), facts.now());
    let explained = facts.world.explain(widget);
    let answer = explained.answer;
    line(out, &format!("W{}", answer.rule), &status_rule(answer));
    for knob in &explained.knobs {
        let position = facts.world.rules().position(*knob);
        line(out, "", &format!("decided by other rules: {} = {position}", knob.word()));
    }
    match facts.hours(widget) {
        None => line(out, "S1", "scheduler off: hours never matter"),
        Some(open) => {
            line(out, "S2", &words.hours(&open, now));
            for hours in hours(facts, widget) {
                line(out, "", &hours);
            }
        }
    }
    if explained.scheduler.is_some_and(|s| s.state == SchedulerState::Open) {
        let on = if explained.offline_when_all_agents_offline { "on" } else { "off" };
        line(out, "", &format!("offline-when-all-agents-offline is {on}"));
    }
    line(out, "P5", &format!("presence is {}", explained.presence));
    for member in &explained.members {
        let suspended = match member.membership {
            Membership::Active => "",
            Membership::Suspended => "; suspended here, so counts nowhere in this property",
        };
        let rule = if suspended.is_empty() { "P4" } else { "P6" };
        line(out, rule, &format!("{}{suspended}", words.agent(&facts.agent(member.agent), now)));
        for device in &member.devices {
            device_lines(out, facts, device);
        }
    }
    if explained.members.is_empty() {
        line(out, "", "the property has no members");
    }
    visitor_lines(out, facts, widget, visitor);
    line(out, "C1", &format!("greeting \"{}\"", facts.world.greeting(widget)));
    let form = facts.world.form(widget);
    let rule = if form == Form::Offline { "C2" } else { "C3" };
    line(out, rule, &format!("form {form}"));
    found
}

fn line(out: &mut Vec<Part>, rule: &str, text: &str) {
    out.push(Part { rule: rule.to_owned(), text: text.to_owned() });
}

fn status_rule(answer: Answer) -> String {
    let text = match (answer.rule, answer.status, answer.chat) {
        (1, ..) => "the scheduler is closed: offline, whoever is there",
        (2, ..) => "someone is online: online",
        (3, ..) => "someone is away and nobody online: away",
        (4, ..) => "no scheduler and nobody present: offline",
        (5, ..) => "open, nobody present, and the widget is set to go offline then",
        (_, WidgetStatus::Offline, _) => "open and nobody present: offline",
        (_, _, Chat::No) => {
            "open and nobody present: the widget stays online, but no chat can start"
        }
        (_, _, Chat::Possible) => {
            "open: the widget is online and a chat can start, whoever is there"
        }
    };
    text.to_owned()
}

/// The rules by which the clock has a part in a device's status.
fn device_lines(out: &mut Vec<Part>, facts: Facts<'_>, device: &DeviceFacts) {
    let name = facts.roster.device_name(device.device);
    match device.connection {
        Connection::Up => {}
        Connection::Lost { .. } => {
            line(out, "P7", &format!("{name} keeps its status while its grace runs"));
        }
        Connection::RanOut => {
            line(out, "P7", &format!("{name} was logged out when its grace had run out"));
        }
    }
    if device.away_by_rule {
        line(out, "P8", &format!("{name} went away because nothing happened on it"));
    }
}

/// The intervals that apply today, those of days before that run into it, and what is cut out.
fn hours(facts: Facts<'_>, widget: WidgetId) -> Vec<String> {
    let Some(schedule) = facts.world.schedule(widget) else { return Vec::new() };
    let today = schedule.zone().local(facts.world.now()).date();
    let Some(scheduler) = &facts.world.settings(widget).scheduler else { return Vec::new() };
    let hours = &scheduler.hours;
    let day = |date: NaiveDate| format!("{} {}", date.format("%a"), write_date(date));
    let list = |intervals: &[Interval]| match intervals {
        [] => "closed".to_owned(),
        _ => intervals.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
    };
    let words = |date: NaiveDate| {
        let (origin, intervals) = wall::origin(hours, date);
        let other_week = other_week(hours, date);
        let weekly = || match other_week {
            Some(line) => format!("weekly; in other weeks {line}, rule S9"),
            None => "weekly".to_owned(),
        };
        let rule = origin_words(origin).unwrap_or_else(weekly);
        format!("hours of {}: {} ({rule})", day(date), list(intervals))
    };
    let mut lines = vec![words(today)];
    let days_before = (1..=INTERVAL_DAYS_MAX)
        .filter_map(|ago| Some((ago, today.checked_sub_days(Days::new(ago.into()))?)));
    for (ago, date) in days_before.clone() {
        let intervals = wall::starting_on(hours, date);
        if intervals.iter().any(|interval| interval.end_day() >= ago) {
            lines.push(format!("{}, past midnight by rule S4", words(date)));
        }
    }
    for (ago, date) in std::iter::once((0, today)).chain(days_before) {
        let cuts = wall::cut_on(hours, date).filter(|cut| cut.end_day() >= ago);
        let cuts: Vec<Interval> = cuts.collect();
        if !cuts.is_empty() {
            lines.push(format!("cut out of {}: {} (rule S8)", day(date), list(&cuts)));
        }
    }
    lines
}

fn visitor_lines(out: &mut Vec<Part>, facts: Facts<'_>, widget: WidgetId, visitor: &Visitor) {
    let unknown = "unknown";
    let who = format!(
        "a visitor on page {}, in country {}, on device {}",
        visitor.page.as_deref().unwrap_or(unknown),
        visitor.country.as_ref().map_or(unknown, Country::as_str),
        visitor.device.map_or(unknown, DeviceKind::word)
    );
    let (rule, what) = match facts.world.visibility(widget, visitor) {
        Visibility::Shown => {
            let (first, last) = HiddenBecause::RULES;
            (format!("{first}-{last}"), "sees the widget: nothing hides it".to_owned())
        }
        Visibility::Hidden(because) => (
            because.rule().to_owned(),
            format!("does not see the widget, because of the {because}"),
        ),
    };
    line(out, &rule, &format!("{who} {what}"));
    for (list, patterns) in
        PageList::WORDS.iter().map(|(_, list)| (*list, patterns(facts, widget, *list)))
    {
        let Some(page) = visitor.page.as_deref().filter(|_| !patterns.is_empty()) else { continue };
        let what = match first_match(patterns, &PageUrl::new(page)) {
            Some(pattern) => format!("`pages {list} {pattern}` matches the page"),
            None => format!("no pattern of `pages {list}` matches the page"),
        };
        line(out, "", &what);
    }
}

fn patterns<'a>(facts: Facts<'a>, widget: WidgetId, list: PageList) -> &'a [PagePattern] {
    &facts.world.settings(widget).pages[list]
}
