//! How soon a product shows what, and how fast it may be called (rules T27, T43 to T45 of target files).

use std::time::Duration;

use lamplighter_core::model::Millis;
use lamplighter_scenario::language::diagnostic::Diagnostic;
use lamplighter_scenario::language::span::Span;
use toml::de::DeValue;

use super::node::{Node, Table};
use super::rules::{Knob, Rules};

/// The section `[timing]`, with what follows for what it does not say.
#[derive(Clone, PartialEq, Debug)]
pub struct Timing {
    /// How long after the answer to a write a status may not show yet: until then old and new are
    /// right.
    pub shows_within: Duration,
    /// The same bound for the status that a login gives.
    pub login_shows_within: Duration,
    /// The same bound for the end of a device by a logout.
    pub logout_shows_within: Duration,
    /// The same bound for hours that begin or end, counted from the edge.
    pub edge_shows_within: Duration,
    /// The soonest that a lost connection ends a device (rule P7); `None` where it never does.
    pub grace_min: Option<Duration>,
    /// The latest that it does, which a run also waits for before it begins; `None` likewise.
    pub grace_max: Option<Duration>,
    /// How long after its first call a hold has settled a login, or a status that it carries.
    pub hold_settles: Duration,
    /// The shortest time between two reads of one widget or team, by all readers together.
    pub poll_every_min: Duration,
    /// How many calls a second the whole process makes at most; `None` for no limit.
    pub calls_per_second_max: Option<f64>,
    /// The source of the time at which an answer was true: a header, this machine, or steps.
    pub clock: AnswerClock,
    /// For how long after one of several devices logged out the agent may read as logged out (T44).
    pub logout_unsettles: Duration,
    /// After how long without a call a device is idle by the product's own rules; `None` for never
    /// (T45).
    pub idle_after: Option<Duration>,
    /// After how long a session may be gone without being a fault; `None` for never (T45).
    pub session_max: Option<Duration>,
}

/// Where the time of an answer comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnswerClock {
    /// The header `Date`, true to a second.
    Date,
    /// The service runs on this machine.
    SameHost,
    /// Steps that keep `now`.
    Steps,
}

/// The longest that any of them can be.
const SECONDS_MAX: f64 = 365.0 * 86_400.0;

impl Timing {
    /// What follows where nothing is said.
    pub fn of_rules(rules: &Rules) -> Self {
        let grace = rules.grace().map(|Millis(ms)| Duration::from_millis(ms));
        Self {
            shows_within: Duration::ZERO,
            login_shows_within: Duration::ZERO,
            logout_shows_within: Duration::ZERO,
            edge_shows_within: Duration::ZERO,
            grace_min: grace,
            grace_max: grace,
            hold_settles: Duration::ZERO,
            poll_every_min: Duration::ZERO,
            calls_per_second_max: None,
            clock: AnswerClock::Date,
            logout_unsettles: Duration::ZERO,
            idle_after: None,
            session_max: None,
        }
    }

    /// Reads the table; steps of `clock` are read with the other steps.
    pub fn read(table: &mut Table<'_>, rules: &Rules) -> Self {
        let otherwise = Self::of_rules(rules);
        let length = |table: &mut Table<'_>, key| table.get(key).and_then(seconds);
        let shows_within = length(table, "shows_within").unwrap_or_default();
        let shows = |table: &mut Table<'_>, key| length(table, key).unwrap_or(shows_within);
        let (login, logout, edge) = (
            shows(table, "login_shows_within"),
            shows(table, "logout_shows_within"),
            shows(table, "edge_shows_within"),
        );
        let (grace_min, grace_max) = Self::read_grace(table, rules, &otherwise);
        let calls = table.get("calls_per_second");
        let calls_per_second_max = calls.and_then(|node| {
            let number = node.number("a number above zero")?;
            if number == 0.0 {
                node.error("without any call nothing can be tested", "a number above zero");
            }
            (number > 0.0).then_some(number)
        });
        let clock = table.get("clock").map_or(Some(AnswerClock::Date), |node| match node.value() {
            DeValue::String(_) => {
                node.word(&[("date", AnswerClock::Date), ("same-host", AnswerClock::SameHost)])
            }
            _ => Some(AnswerClock::Steps),
        });
        Self {
            shows_within,
            login_shows_within: login,
            logout_shows_within: logout,
            edge_shows_within: edge,
            grace_min,
            grace_max,
            hold_settles: length(table, "hold_settles").unwrap_or_default(),
            poll_every_min: length(table, "poll_every_min").unwrap_or_default(),
            calls_per_second_max,
            clock: clock.unwrap_or(AnswerClock::Date),
            logout_unsettles: length(table, "logout_unsettles").unwrap_or_default(),
            idle_after: length(table, "idle_after"),
            session_max: length(table, "session_max"),
        }
    }

    fn read_grace(
        table: &mut Table<'_>,
        rules: &Rules,
        otherwise: &Self,
    ) -> (Option<Duration>, Option<Duration>) {
        let nodes = ["grace_min", "grace_max"].map(|key| table.get(key));
        let read = nodes.map(|node| node.map(seconds));
        let is_wrong = read.contains(&Some(None));
        let [min, max] = read.map(Option::flatten);
        let said = |index: usize| nodes[index].map_or(table.span(), |node: Node<'_>| node.span());
        if rules.grace().is_none() {
            for node in nodes.into_iter().flatten() {
                let label = "the rules have `grace = \"never\"`";
                let message = "a lost connection that is never noticed has no grace";
                node.findings().error(Diagnostic::new(node.span(), message, label));
            }
            return (None, None);
        }
        let (min, max) = (min.or(otherwise.grace_min), max.or(otherwise.grace_max));
        if min > max && !is_wrong {
            let shown = |length: Option<Duration>| length.unwrap_or_default().as_secs_f64();
            // Only one of them is written, where the other comes from the rules.
            let span: Span = if nodes[0].is_some() { said(0) } else { said(1) };
            let message = "`grace_min` is longer than `grace_max`";
            let label = format!("{} s to {} s", shown(min), shown(max));
            let diagnostic = Diagnostic::new(span, message, label);
            let is_from_rules = nodes.iter().any(Option::is_none);
            table.findings().error(match is_from_rules {
                true => diagnostic.help(format!(
                    "what is not said is the rules' `grace`, {}",
                    rules.set.position(Knob::Grace)
                )),
                false => diagnostic,
            });
        }
        (min, max)
    }
}

/// A length of time in seconds.
pub fn seconds(node: Node<'_>) -> Option<Duration> {
    let what = "a number of seconds";
    let number = node.number(what)?;
    if number > SECONDS_MAX {
        node.error(format!("`{}` takes {what}", node.key()), "at most a year");
        return None;
    }
    Some(Duration::from_secs_f64(number))
}
