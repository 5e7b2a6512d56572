//! A case as a scenario: what happens, and the expectation that the engine does not meet.

use std::convert::Infallible;
use std::sync::Arc;

use super::case::{Case, Property};
use super::question::{Finding, Question, Reply};
use super::settings::names;
use crate::language::ast::{
    AtBlock, Block, BlockLine, Clause, Declares, Document, Expect, Header, Line, OnDevice, Part,
    Set, SetChange, SettingLine, Time,
};
use crate::language::span::{Span, Spanned};
use crate::language::{hours_lines, print, setting_lines};
use lamplighter_core::hours::Zones;
use lamplighter_core::model::products::{PRODUCTS, Product};
use lamplighter_core::model::{
    AgentId, AgentStatus, DeviceId, Event, Instant, Millis, PropertyId, Rename, RuleSet, Setting,
    Visibility, Visitor, WidgetId, WidgetStatus,
};
use lamplighter_core::oracle::Oracle;
use lamplighter_core::world::Membership;

const PROPERTIES: [&str; 3] = ["acme", "globex", "initech"];
const WIDGETS: [&str; 3] = ["", "shop", "help"];
const AGENTS: [&str; 12] =
    ["ann", "bob", "cem", "dana", "eve", "finn", "gil", "hana", "ivo", "joy", "kai", "lea"];
/// In the order of their names, by which a scenario numbers an agent's devices.
const DEVICES: [&str; 4] = ["laptop", "phone", "tablet", "watch"];

/// A name from a list; beyond it a number.
fn name(names: &[&str], word: &str, index: usize) -> String {
    names.get(index).map_or_else(|| format!("{word}{}", index + 1), |name| (*name).to_owned())
}

/// A node that nobody wrote.
pub(super) fn node<T>(node: T) -> Spanned<T> {
    Spanned::new(node, Span::default())
}

/// A scenario that was written, with the file of rules that lies beside it where no product has them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    /// The text of the scenario.
    pub scenario: String,
    /// The name and the text of the file of rules.
    pub rules: Option<(String, String)>,
}

/// What the header of a scenario names its rules, with the file that it needs.
fn written_rules(rules: &RuleSet, stem: &str) -> (Option<String>, Option<(String, String)>) {
    // The grace of a case is said in its scenario.
    let alike = |product: &&Product| RuleSet { grace: rules.grace, ..product.rules() } == *rules;
    if *rules == (RuleSet { grace: rules.grace, ..RuleSet::BOOK }) {
        return (None, None);
    }
    match PRODUCTS.iter().find(alike) {
        Some(product) => (Some(product.name.to_owned()), None),
        None => {
            let name = format!("{stem}.toml");
            (Some(name.clone()), Some((name, rules.to_toml())))
        }
    }
}

/// Writes a case with what must be true at its end and is not, as a scenario; a file of rules that it
/// needs is called after it.
pub fn write(
    title: &str,
    stem: &str,
    case: &Case,
    finding: Option<&Finding>,
    zones: &Zones,
) -> Written {
    let names = Names::new(case);
    let oracle = case.oracle(zones).ok();
    let expect = finding.and_then(|finding| names.expect(case, finding, oracle));
    let asked = expect.map(|expect| Asking { after: case.steps.len(), at: case.end, expect });
    write_asking((title, stem), case, &names, asked)
}

/// Something that is expected in a case.
pub(super) struct Asking {
    /// How many steps come before it.
    pub after: usize,
    /// The instant at which it is expected.
    pub at: Instant,
    /// The expectation that is written there.
    pub expect: Expect,
}

/// Writes a case with all that is expected in it, in the order of time, as a scenario.
pub(super) fn write_asking(
    (title, stem): (&str, &str),
    case: &Case,
    names: &Names,
    asked: impl IntoIterator<Item = Asking>,
) -> Written {
    let (rules, file) = written_rules(&case.rules, stem);
    let grace = match rules.as_deref().and_then(Product::of) {
        Some(product) => product.rules().grace,
        None => match file {
            Some(_) => case.rules.grace,
            None => RuleSet::BOOK.grace,
        },
    };
    let blocks = case.properties.iter().enumerate();
    let mut parts: Vec<AtBlock> = Vec::new();
    let mut asked = asked.into_iter().peekable();
    for place in 0..=case.steps.len() {
        while let Some(asking) = asked.next_if(|asking| asking.after <= place) {
            push_line(&mut parts, asking.at, Line::Expect(asking.expect));
        }
        if let Some(step) = case.steps.get(place) {
            push_line(&mut parts, step.at, names.line(&step.event));
        }
    }
    let end = parts.last().is_none_or(|last| last.time != Some(time(case.end)));
    let starts = parts.first().is_none_or(|first| first.time != Some(time(case.start)));
    if starts {
        parts.insert(0, at_block(case.start));
    }
    let document = Document {
        header: Header {
            title: Some(node(title.to_owned())),
            rules: rules.map(node),
            grace: (case.grace != grace.length()).then(|| node(case.grace)),
            auto_away: case.auto_away.map(|length| node(Some(length))),
            ..Header::default()
        },
        blocks: blocks.flat_map(|(index, property)| names.blocks(index, property)).collect(),
        parts: parts.into_iter().map(Part::At).collect(),
        until: (end && case.end > case.start).then(|| time(case.end)),
        ..Document::default()
    };
    Written { scenario: print(&document), rules: file }
}

/// How many lines there are in the `at` blocks of a case with an expectation.
pub fn line_count(case: &Case, finding: Option<&Finding>) -> usize {
    let expects = finding.is_some_and(|finding| finding.question != Question::LastEvent);
    case.steps.len() + usize::from(expects)
}

fn push_line(parts: &mut Vec<AtBlock>, at: Instant, line: Line) {
    if parts.last().is_none_or(|last| last.time != Some(time(at))) {
        parts.push(at_block(at));
    }
    if let Some(last) = parts.last_mut() {
        last.lines.push(node(line));
    }
}

fn at_block(at: Instant) -> AtBlock {
    AtBlock { time: Some(time(at)), place: node(()), lines: Vec::new() }
}

/// A date and a time in UTC, in which every instant has one of its own.
fn time(at: Instant) -> Spanned<Time> {
    let local = at.to_local(0);
    node(Time::Local(local.date(), local.time()))
}

/// What everybody is called.
pub(super) struct Names {
    widgets: Vec<String>,
}

impl Names {
    pub(super) fn new(case: &Case) -> Self {
        let mut widgets = Vec::new();
        for (index, property) in case.properties.iter().enumerate() {
            let property_name = name(&PROPERTIES, "property", index);
            widgets.extend((0..property.widgets.len()).map(|widget| match widget {
                0 => property_name.clone(),
                _ => format!("{property_name}/{}", name(&WIDGETS, "widget", widget)),
            }));
        }
        Self { widgets }
    }

    pub(super) fn agent(&self, agent: AgentId) -> Spanned<String> {
        node(name(&AGENTS, "agent", agent.index()))
    }

    fn device(&self, device: DeviceId) -> Spanned<String> {
        node(name(&DEVICES, "watch", device.slot()))
    }

    fn property(&self, property: PropertyId) -> Spanned<String> {
        node(name(&PROPERTIES, "property", property.index()))
    }

    pub(super) fn widget(&self, widget: WidgetId) -> Spanned<String> {
        node(self.widgets[widget.index()].clone())
    }

    fn blocks(&self, index: usize, property: &Property) -> Vec<Block> {
        let id = PropertyId::new(index);
        let property_name = self.property(id).node;
        let members = |wanted: &[Membership]| {
            let members = property.members.iter();
            let some = members.filter(|(_, membership)| wanted.contains(membership));
            some.map(|(agent, _)| self.agent(*agent)).collect::<Vec<_>>()
        };
        let all = members(&[Membership::Active, Membership::Suspended]);
        let suspended = members(&[Membership::Suspended]);
        let widgets = property.widgets.iter().enumerate();
        widgets
            .map(|(widget, settings)| {
                let mut lines = Vec::new();
                let declares = match widget {
                    0 => {
                        if !all.is_empty() {
                            lines.push(BlockLine::Members(all.clone()));
                        }
                        if !suspended.is_empty() {
                            lines.push(BlockLine::Suspended(suspended.clone()));
                        }
                        Declares::Property(node(property_name.clone()))
                    }
                    _ => {
                        let widget = name(&WIDGETS, "widget", widget);
                        Declares::Widget(node(format!("{property_name}/{widget}")))
                    }
                };
                lines.extend(setting_lines(settings, names()));
                Block { declares, lines: lines.into_iter().map(node).collect() }
            })
            .collect()
    }

    fn line(&self, event: &Event) -> Line {
        if let Event::Configure(widget, setting) = event {
            let (widget, change) = (self.widget(*widget), set_change(setting));
            return Line::Set(Set { widget, change });
        }
        let renamed = event.clone().renamed(&mut ByName(self));
        Line::Event(renamed.expect("only a setting is a widget's"))
    }

    /// What must be true at the end; of an event it is enough that it is there.
    fn expect(&self, case: &Case, finding: &Finding, oracle: Option<Oracle>) -> Option<Expect> {
        let (subject, clauses) = match (&finding.question, &finding.expected) {
            (Question::Widget(widget), Reply::Widget(answer, form, greeting)) => {
                let mut clauses = vec![
                    Clause::Status(agent_word(answer.status)),
                    Clause::Because(answer.reason),
                    Clause::Chat(answer.chat),
                ];
                if let Reply::Widget(found, found_form, found_greeting) = &finding.found
                    && found == answer
                {
                    if found_form != form {
                        clauses.push(Clause::Form(*form));
                    }
                    if found_greeting != greeting {
                        clauses.push(Clause::Greeting(node(greeting.clone())));
                    }
                }
                (self.widget(*widget), clauses)
            }
            (Question::Agent(agent), Reply::Agent(status)) => {
                (self.agent(*agent), vec![Clause::Status(*status)])
            }
            (Question::Visitor(widget, visitor), Reply::Visibility(visibility)) => {
                (self.widget(*widget), visitor_clauses(visitor, *visibility))
            }
            (Question::Next(widget, _), Reply::Next(next)) => {
                let next = next.or_else(|| later(case, *widget, oracle));
                (self.widget(*widget), vec![Clause::Next(next.map(time))])
            }
            _ => return None,
        };
        Some(Expect { subject, clauses: clauses.into_iter().map(node).collect() })
    }
}

/// The names of what an agent's event is about; a widget is not.
struct ByName<'a>(&'a Names);

impl Rename<DeviceId, AgentId, PropertyId, WidgetId> for ByName<'_> {
    type Device = OnDevice;
    type Agent = Spanned<String>;
    type Property = Spanned<String>;
    type Widget = Infallible;
    type Error = WidgetId;

    fn device(&mut self, device: DeviceId) -> Result<OnDevice, WidgetId> {
        Ok(OnDevice { agent: self.0.agent(device.agent()), device: self.0.device(device) })
    }

    fn agent(&mut self, agent: AgentId) -> Result<Spanned<String>, WidgetId> {
        Ok(self.0.agent(agent))
    }

    fn property(&mut self, property: PropertyId) -> Result<Spanned<String>, WidgetId> {
        Ok(self.0.property(property))
    }

    fn widget(&mut self, widget: WidgetId) -> Result<Infallible, WidgetId> {
        Err(widget)
    }
}

/// The next change that the rule book knows of within a year: the oracle was not asked for what comes
/// after the engine's.
fn later(case: &Case, widget: WidgetId, oracle: Option<Oracle>) -> Option<Instant> {
    const YEAR: Millis = Millis(366 * 86_400_000);
    let mut oracle = oracle?;
    for step in &case.steps {
        oracle.advance(step.at);
        oracle.apply(&step.event).ok()?;
    }
    oracle.advance(case.end);
    let until = case.end.checked_add(YEAR).unwrap_or(Instant::MAX);
    oracle.next(widget, until).map(|(at, _)| at)
}

pub(super) fn agent_word(status: WidgetStatus) -> AgentStatus {
    match status {
        WidgetStatus::Online => AgentStatus::Online,
        WidgetStatus::Away => AgentStatus::Away,
        WidgetStatus::Offline => AgentStatus::Offline,
    }
}

pub(super) fn visitor_clauses(visitor: &Visitor, visibility: Visibility) -> Vec<Clause> {
    let Visitor { page, country, device } = visitor;
    let (shown, because) = match visibility {
        Visibility::Shown => (Clause::Shown, None),
        Visibility::Hidden(because) => (Clause::Hidden, Some(Clause::HiddenBecause(because))),
    };
    let to = device.map(Clause::To);
    let country = country.map(Clause::In);
    let on = page.clone().map(Clause::On);
    std::iter::once(shown).chain(to).chain(country).chain(on).chain(because).collect()
}

/// A setting as the language gives it, or takes it back.
fn set_change(setting: &Setting) -> SetChange {
    match setting.is_taken_back() {
        true => SetChange::Off(setting.name()),
        false => {
            let hours = hours_lines(setting).into_iter().map(node).collect();
            SetChange::To(SettingLine::new(setting.clone()), hours)
        }
    }
}

/// Whether a scenario is refused or has a false expectation when the engine plays it.
pub fn fails(written: &Written, zones: &Arc<Zones>) -> bool {
    use std::sync::atomic::AtomicBool;

    use crate::play::{Options, Outcome, Prepared, play};
    let stop = AtomicBool::new(false);
    let path = std::path::Path::new("shrunken.scenario");
    let beside = |name: &str| match &written.rules {
        Some((file, text)) if file == name => Ok(text.clone()),
        _ => Err(format!("{name}: no such file was written")),
    };
    let prepared = Prepared::reading(path, written.scenario.as_bytes(), zones, &beside);
    play(prepared, zones, Options::default(), &stop).outcome() != Outcome::Passed
}
