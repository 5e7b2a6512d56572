//! A small scenario that shows a wrong row: who was there, what happened, and what was right.

use crate::language::plan::Subject;
use crate::language::{phrase, push_property, push_widget, write_name, write_word};
use crate::play::facts::Facts;
use crate::play::observations::{FalseRow, Truth};
use crate::play::words::Words;
use crate::window::Miss;
use lamplighter_core::model::products::PRODUCTS;
use lamplighter_core::model::text::Country;
use lamplighter_core::model::{
    About, AgentId, Chosen, DeviceId, DeviceStatus, Event, Instant, RuleSet, Settings, Visibility,
};
use lamplighter_core::trace::SeenState;
use lamplighter_core::world::{Connection, DeviceState, GoesBack, Membership};

/// What happened to one agent, or to all members of a property.
#[derive(Clone, Debug, Default)]
pub struct Story {
    /// The property and its widgets, as they are set, and how long a grace is.
    head: String,
    /// What is done, and when: what all devices were at first, then everything that happened.
    lines: Vec<(Instant, String)>,
    /// How many of the lines are of the first kind.
    settled: usize,
    subject: Option<Subject>,
    /// Whether a widget was set otherwise behind the row: what is so then, its blocks do not say.
    is_set_otherwise: bool,
}

/// After so many events it begins anew.
const EVENTS_MAX: usize = 60;

impl Story {
    /// Begins with what everyone is now.
    pub fn begin(&mut self, subject: Subject, facts: Facts<'_>) {
        self.subject = Some(subject);
        self.head = head(subject, facts);
        self.lines.clear();
        let agents = match subject {
            Subject::Agent(agent) => vec![agent],
            Subject::Widget(widget) => {
                facts.world.members(facts.world.property_of(widget)).to_vec()
            }
        };
        let devices = agents.into_iter().flat_map(|agent| facts.world.devices_of(agent));
        for device in devices {
            settle(device, facts, &mut self.lines);
        }
        self.lines.sort_by_key(|(at, _)| *at);
        self.settled = self.lines.len();
    }

    /// The widget is set otherwise, behind the row that is shown.
    pub fn is_set_otherwise(&mut self) {
        self.is_set_otherwise = true;
    }

    /// Something is about to happen to someone of it.
    pub fn happens(&mut self, event: &Event, facts: Facts<'_>) {
        let Some(subject) = self.subject else { return };
        if self.lines.len() - self.settled >= EVENTS_MAX {
            self.begin(subject, facts);
        }
        let property = event.property().copied();
        let is_here = match (subject, property) {
            (Subject::Widget(widget), Some(property)) => {
                property == facts.world.property_of(widget)
            }
            (Subject::Agent(_), Some(_)) => false,
            (_, None) => true,
        };
        if is_here {
            self.lines.push((facts.now(), line(event, facts)));
        }
    }

    /// The scenario; `None` where it never began.
    pub fn write(self, row: &FalseRow, words: Words<'_>) -> Option<String> {
        self.subject?;
        let truth = row.truth()?;
        let mut out = format!(
            "scenario A wrong row of a recording, {}, {}\nsource   \"{} line {}\"\n{}",
            row.miss.word(),
            row.at,
            row.path.display().to_string().replace(['\\', '"'], "/"),
            row.line,
            self.head
        );
        let mut last = None;
        let mut push = |at: Instant, line: &str, out: &mut String| {
            if last.replace(at) != Some(at) {
                out.push_str(&format!("\nat {at}\n"));
            }
            out.push_str(&format!("  {line}\n"));
        };
        let name = match row.subject {
            Subject::Agent(agent) => write_name(words.roster.agents.name(agent)),
            Subject::Widget(widget) => write_word(words.roster.widgets.name(widget)),
        };
        let (until, later): (Vec<_>, Vec<_>) =
            self.lines.into_iter().partition(|(at, _)| *at <= row.at);
        for (at, line) in until {
            push(at, &line, &mut out);
        }
        push(row.at, &format!("# FALSE: {name} {}", row.found()), &mut out);
        push(row.at, &format!("# {}", row.why(words)), &mut out);
        push(row.at, &format!("expect {name} {}", right(truth, row)), &mut out);
        // What is early is right in the end.
        if let (Some(right_at), Miss::Early(_), false) =
            (row.right_at(), row.miss, self.is_set_otherwise)
        {
            for (at, line) in later.into_iter().filter(|(at, _)| *at <= right_at) {
                push(at, &line, &mut out);
            }
            let at = row.around.iter().rev().find(|around| around.at <= right_at);
            if let Some(around) = at {
                let right = right(around.truth, row);
                push(right_at, &format!("expect {name} {right}"), &mut out);
            }
        }
        Some(out)
    }
}

/// The header behind the title, and the blocks.
fn head(subject: Subject, facts: Facts<'_>) -> String {
    let (world, roster) = (facts.world, facts.roster);
    let mut out = String::new();
    let rules = RuleSet { grace: RuleSet::BOOK.grace, ..*world.rules() };
    if rules != RuleSet::BOOK {
        let alike = PRODUCTS
            .iter()
            .find(|product| RuleSet { grace: RuleSet::BOOK.grace, ..product.rules() } == rules);
        match alike {
            Some(product) => out.push_str(&format!("rules    {}\n", product.name)),
            None => out.push_str("# by rules of your own: name their file in a line `rules`\n"),
        }
    }
    let timing = world.timing();
    out.push_str(&format!("grace    {}\n", timing.grace));
    if let Some(auto_away) = timing.auto_away {
        out.push_str(&format!("auto-away {auto_away}\n"));
    }
    out.push('\n');
    let name = |agent: &AgentId| roster.agents.name(*agent);
    match subject {
        Subject::Agent(agent) => {
            let settings = Settings::default();
            push_property("team-of-one", [name(&agent)], [], &settings, &mut out);
        }
        Subject::Widget(widget) => {
            let property = world.property_of(widget);
            let members = world.members(property);
            let suspended = members
                .iter()
                .filter(|agent| world.membership(**agent, property) == Some(Membership::Suspended));
            let property_name = roster.properties.name(property);
            let first = roster.widgets.get(property_name);
            let settings = world.settings(first.unwrap_or(widget));
            let (members, suspended) = (members.iter().map(name), suspended.map(name));
            push_property(property_name, members, suspended, settings, &mut out);
            if first != Some(widget) {
                push_widget(roster.widgets.name(widget), world.settings(widget), &mut out);
            }
        }
    }
    out
}

/// What brings a device to be what it is now.
fn settle(device: DeviceId, facts: Facts<'_>, lines: &mut Vec<(Instant, String)>) {
    let (world, now) = (facts.world, facts.now());
    let DeviceState { status, away_by_rule, connection, goes_back, active_at, .. } =
        world.device_state(device);
    if status == DeviceStatus::LoggedOut {
        return;
    }
    let agent = write_name(facts.roster.agents.name(device.agent()));
    let on = write_name(facts.roster.device_name(device));
    let grace = world.timing().grace;
    let lost = match connection {
        Connection::Lost { until: Some(until) } => {
            Instant::from_millis(until.as_millis().saturating_sub_unsigned(grace.0))
        }
        Connection::Lost { until: None } => Some(now),
        Connection::Up | Connection::RanOut => None,
    };
    let active = active_at.filter(|_| world.timing().auto_away.is_some());
    let came = [lost, active].into_iter().flatten().fold(now, Instant::min);
    let mut at = |at: Instant, what: &str| lines.push((at, format!("{agent} {what} on {on}")));
    at(came, "logs in");
    if let Some(lost) = lost {
        at(lost, "loses connection");
    }
    if let Some(active) = active.filter(|active| *active > came) {
        at(active, "is active");
    }
    let goes = |status: DeviceStatus| format!("goes {status}");
    if let Some(GoesBack { to, at: over }) = goes_back {
        if to != Chosen::Online {
            at(now, &format!("goes {to}"));
        }
        let length = over.map(|over| format!(" for {}", over.since(now)));
        at(now, &format!("{}{}", goes(status), length.unwrap_or_default()));
    } else if status != DeviceStatus::Online && !away_by_rule {
        at(now, &goes(status));
    }
}

/// What happens, as a line of a scenario.
fn line(event: &Event, facts: Facts<'_>) -> String {
    let roster = facts.roster;
    let (agent, device) = match event.about() {
        About::Device(device) => (device.agent(), Some(roster.device_name(*device))),
        About::Agent(agent) => (*agent, None),
        About::Widget(_) => return String::new(),
    };
    let property = event.property().map(|property| roster.properties.name(*property));
    let chosen = event.chosen().map(|chosen| (chosen, event.length()));
    phrase(roster.agents.name(agent), event.kind(), chosen, device, property)
}

/// What was right, as clauses of an expectation.
fn right(truth: Truth, row: &FalseRow) -> String {
    let (answer, visibility) = match truth {
        Truth::Agent(status) => return status.word().to_owned(),
        Truth::Widget(answer, visibility) => (answer, visibility),
    };
    let SeenState::Widget { status, chat, reason, shown: Some(_) } = row.seen else {
        return format!("{}, {}, because {}", answer.status, answer.chat, answer.reason);
    };
    let is_of_status = status != answer.status
        || chat.is_some_and(|chat| chat != answer.chat)
        || reason.is_some_and(|reason| reason != answer.reason);
    if is_of_status {
        return format!("{}, {}, because {}", answer.status, answer.chat, answer.reason);
    }
    let visitor = &row.visitor;
    let device = visitor.device.map(|device| format!(" to {device}")).unwrap_or_default();
    let country = visitor.country.as_ref().map(Country::as_str);
    let country = country.map(|country| format!(" in {country}")).unwrap_or_default();
    let page = visitor.page.as_deref().map(|page| format!(" on {}", write_word(page)));
    let who = format!("{device}{country}{}", page.unwrap_or_default());
    match visibility {
        Visibility::Shown => format!("shown{who}"),
        Visibility::Hidden(because) => format!("hidden{who}, because {because}"),
    }
}
