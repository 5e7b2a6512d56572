//! A small scenario that shows a wrong row: who was there, what happened, and what was right.

use super::settled::settled;
use crate::language::plan::Subject;
use crate::language::{phrase, push_property, push_widget, write_name, write_word};
use crate::play::facts::Facts;
use crate::play::observations::{FalseRow, Truth};
use crate::play::words::Words;
use crate::window::Miss;
use lamplighter_core::model::products::PRODUCTS;
use lamplighter_core::model::text::Country;
use lamplighter_core::model::{
    About, AgentId, Event, Instant, Millis, RuleSet, Settings, Visibility,
};
use lamplighter_core::trace::SeenState;
use lamplighter_core::world::{Connection, Membership, World};

/// What happened to one agent, or to all members of a property.
#[derive(Clone, Debug, Default)]
pub struct Story {
    /// The property and its widgets, as they are set, and how long a grace is.
    head: String,
    /// What is done, and when: what all devices were at first, then everything that happened.
    lines: Vec<(Instant, String)>,
    /// How many of the lines are of the first kind.
    settled: usize,
    /// What is about to happen, if it can.
    next: Option<(Instant, String)>,
    subject: Option<Subject>,
    /// Whether something behind the row is not taken down: what is so then, the lines do not say.
    is_cut: bool,
}

/// After so many events it begins anew.
const EVENTS_MAX: usize = 60;

impl Story {
    /// Begins with what everyone is now.
    pub fn begin(&mut self, subject: Subject, facts: Facts<'_>) {
        self.subject = Some(subject);
        self.head = head(subject, facts);
        let agents = match subject {
            Subject::Agent(agent) => vec![agent],
            Subject::Widget(widget) => {
                facts.world.members(facts.world.property_of(widget)).to_vec()
            }
        };
        self.lines = settled(&agents, facts);
        self.settled = self.lines.len();
    }

    /// Nothing is taken down any more: it is behind the row that is shown.
    pub fn cut(&mut self) {
        self.is_cut = true;
    }

    /// Something is about to happen to someone of it, perhaps behind the row that is shown.
    pub fn before(&mut self, event: &Event, facts: Facts<'_>, is_behind: bool) {
        self.next = None;
        let Some(subject) = self.subject.filter(|_| !self.is_cut) else { return };
        if self.lines.len() - self.settled >= EVENTS_MAX {
            match is_behind {
                true => return self.cut(),
                false => self.begin(subject, facts),
            }
        }
        let property = event.property().copied();
        let is_here = match (subject, property) {
            (Subject::Widget(widget), Some(property)) => {
                property == facts.world.property_of(widget)
            }
            (Subject::Agent(_), Some(_)) => false,
            (_, None) => true,
        };
        self.next = is_here.then(|| (facts.now(), line(event, facts)));
    }

    /// It has happened.
    pub fn after(&mut self) {
        self.lines.extend(self.next.take());
    }

    /// The scenario, with what is so at last, when a row that is early is right; `None` where it never began.
    pub fn write(self, row: &FalseRow, at_last: Option<Truth>, words: Words<'_>) -> Option<String> {
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
        if let (Some(right_at), Miss::Early(_), false) = (row.right_at(), row.miss, self.is_cut) {
            for (at, line) in later.into_iter().filter(|(at, _)| *at <= right_at) {
                push(at, &line, &mut out);
            }
            if let Some(truth) = at_last {
                push(right_at, &format!("expect {name} {}", right(truth, row)), &mut out);
            }
        }
        Some(out)
    }
}

/// What a property is called that has one agent alone.
const TEAM: &str = "team-of-one";

/// The header behind the title, and the blocks.
fn head(subject: Subject, facts: Facts<'_>) -> String {
    let (world, roster) = (facts.world, facts.roster);
    let mut out = String::new();
    push_rules(world, &mut out);
    if let Some(auto_away) = world.timing().auto_away {
        out.push_str(&format!("auto-away {auto_away}\n"));
    }
    out.push('\n');
    let name = |agent: &AgentId| roster.agents.name(*agent);
    match subject {
        Subject::Agent(agent) => {
            let settings = Settings::default();
            // No name is an agent's and a property's.
            let team = if name(&agent) == TEAM { "team" } else { TEAM };
            push_property(team, [name(&agent)], [], &settings, &mut out);
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

/// Adds by which rules it plays, and how long a grace is; one that never ends only a product's rules can say.
fn push_rules(world: &World, out: &mut String) {
    let grace = world.timing().grace;
    let is_never = grace == Millis::FOREVER;
    let alike = PRODUCTS.iter().find(|product| {
        let rules = product.rules();
        let says_never = rules.grace.length() == Millis::FOREVER;
        RuleSet { grace: rules.grace, ..*world.rules() } == rules && (says_never || !is_never)
    });
    match alike {
        Some(product) if product.rules() == RuleSet::BOOK => {}
        Some(product) => out.push_str(&format!("rules    {}\n", product.name)),
        None => out.push_str("# by rules of your own: name their file in a line `rules`\n"),
    }
    if !is_never {
        out.push_str(&format!("grace    {grace}\n"));
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
    let line = phrase(roster.agents.name(agent), event.kind(), chosen, device, property);
    match event {
        // The device may be none that the scenario knows: it was logged out before it begins.
        Event::Reconnect(device) if facts.world.connection(*device) == Connection::RanOut => {
            format!("# {line}: too late, and so nothing changes")
        }
        _ => line,
    }
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
