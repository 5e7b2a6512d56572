//! A document into a plan: names into ids, times into instants, and every fault that can be seen
//! without playing.
//!
//! | file | what it makes |
//! | --- | --- |
//! | `world` | who works where, and the widgets |
//! | `settings` | what is set, and hours |
//! | `set_again` | what to write where weekdays are given hours twice |
//! | `steps` | what happens, and what must then be true |
//! | `plain` | blocks that are written as nearly all are, without a document |
//! | `written` | such blocks as text, found while others are taken in |
//! | `alternative` | what is set otherwise from the beginning |

mod alternative;
mod plain;
mod set_again;
mod settings;
mod steps;
mod world;
mod written;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use alternative::Alternative;
pub(crate) use plain::{Plain, plan_plain};

use super::ast::{self, Changes, Clause, Document, Header, Name, PutIn};
use super::diagnostic::Diagnostic;
use super::roster::Roster;
use super::rules::{ReadFile, named};
use super::span::{Span, Spanned};
use super::zones::unknown_zone;
use lamplighter_core::hours::{Zone, Zones};
use lamplighter_core::model::{AgentId, Calendar, Event, Instant, RuleSet, Visitor, WidgetId};
use lamplighter_core::world::{Timing, WorldBuilder};

/// What a scenario will do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The names of the file and the ids that stand for them in everything below.
    pub roster: Roster,
    /// The zone in which local times of the file are read, and reports tell instants.
    pub zone: Arc<Zone>,
    /// The properties, widgets and agents as declared, before anything happens.
    pub world: WorldBuilder,
    /// Whether the header says a grace, which counts before that of the rules (rule P7).
    pub says_grace: bool,
    /// The steps of the `at` blocks, in their order, which is that of time.
    pub steps: Vec<Step>,
    /// The paths of the traces as written, in the order of their `replay` lines.
    pub traces: Vec<Name>,
    /// The recordings that are held against the rules, in the order of their `observed` lines.
    pub observed: Vec<ast::Observed>,
    /// The instant up to which the world runs on behind the last step; `None` without `until`.
    pub until: Option<Spanned<Instant>>,
    /// The calendar files that schedulers take their dates from, as they are named, for whoever checks them.
    pub calendars: Vec<(Name, Arc<Calendar>)>,
}

/// Something that happens or is expected at an instant.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    /// The instant at which it happens; no step is earlier than the one before it.
    pub at: Instant,
    /// The line that says it, for messages about it.
    pub span: Span,
    /// What happens then, or what must be true.
    pub kind: StepKind,
}

/// What a step is.
#[derive(Clone, PartialEq, Debug)]
pub enum StepKind {
    /// An `at` line: the run reaches its instant, even if nothing happens then.
    At,
    /// Something happens; about this agent, if about one.
    Event(Event, Option<AgentId>),
    /// Something must be true.
    Expect(Box<Expectation>),
    /// No row of a trace so far may have been one that cannot happen.
    NoAnomalies,
    /// A line with a fault: what it would have done is unknown, and so is this agent from here on
    /// (`None`: whoever is about to be logged out by the clock).
    Unknown(Option<AgentId>),
}

/// An expectation with its names and times resolved.
#[derive(Clone, PartialEq, Debug)]
pub struct Expectation {
    /// The whole statement, to which a failure is attributed.
    pub span: Span,
    /// The agent or widget of which something is expected.
    pub subject: Subject,
    /// The clauses as written, each with the words that a failure underlines.
    pub clauses: Vec<Spanned<Clause>>,
    /// The visitor that the clauses name.
    pub visitor: Visitor,
    /// The instant up to which it must hold, that one excluded; `None` for this moment alone.
    pub until: Option<Spanned<Instant>>,
    /// The change by the clock that `next` expects: its instant, or `Some` of `None` for `never`.
    pub next: Option<Spanned<Option<Instant>>>,
}

impl StepKind {
    /// Whether something must be true, and nothing happens.
    pub fn is_expected(&self) -> bool {
        matches!(self, Self::Expect(_) | Self::NoAnomalies)
    }
}

impl Expectation {
    /// How often the widget may change, with its words, where that is what is expected.
    pub fn changes(&self) -> Option<(Span, Changes)> {
        self.clauses.iter().find_map(|clause| match clause.node {
            Clause::Changes(changes) => Some((clause.span, changes)),
            _ => None,
        })
    }
}

/// The agent or widget of which something is expected.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Subject {
    /// An agent, by what team-mates see (rule P4).
    Agent(AgentId),
    /// A widget, by what a visitor gets.
    Widget(WidgetId),
}

/// Makes the plan of a document, where files that it names are read by `beside`. With faults it is as
/// good as can be made of what is sound.
pub fn plan(
    document: &Document,
    zones: &Arc<Zones>,
    beside: ReadFile<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Plan {
    let mut planner = Planner::new(&document.header, &document.put_in, zones, beside, diagnostics);
    planner.blocks(&document.blocks);
    planner.finish(document)
}

impl Plan {
    /// The same by other rules than those of the header, whose own grace counts all the same.
    pub fn put_rules(&mut self, rules: RuleSet) {
        self.world.put_rules(rules);
        if !self.says_grace {
            let grace = rules.grace.length();
            self.world.put_timing(Timing { grace, ..self.world.timing() });
        }
    }
}

struct Planner<'a> {
    zones: Arc<Zones>,
    /// Reads files that the scenario names.
    beside: ReadFile<'a>,
    zone: Arc<Zone>,
    /// Whether local times mean what they say.
    zone_known: bool,
    diagnostics: &'a mut Vec<Diagnostic>,
    calendars: Vec<(Name, Arc<Calendar>)>,
    roster: Roster,
    /// Which words are not written as they are read.
    put_in: &'a PutIn,
    /// Widgets whose scheduler has a fault, which is told: the world has them without one.
    faulty_schedulers: BTreeSet<WidgetId>,
    world: WorldBuilder,
}

impl<'a> Planner<'a> {
    /// A world of which a header is known.
    fn new(
        header: &Header,
        put_in: &'a PutIn,
        zones: &Arc<Zones>,
        beside: ReadFile<'a>,
        diagnostics: &'a mut Vec<Diagnostic>,
    ) -> Self {
        let mut zone_known = true;
        let zone = match &header.timezone {
            None => Arc::new(Zone::utc()),
            Some(name) => zones.get(&name.node).unwrap_or_else(|error| {
                diagnostics.push(unknown_zone(name.span, &error));
                zone_known = false;
                Arc::new(Zone::utc())
            }),
        };
        let rules = header.rules.as_ref().map(|name| named(&name.node, name.span, beside));
        let rules = match rules.transpose() {
            Ok(rules) => rules.unwrap_or(RuleSet::BOOK),
            Err(diagnostic) => {
                diagnostics.push(diagnostic);
                RuleSet::BOOK
            }
        };
        let timing = Timing {
            grace: header.grace.map_or(rules.grace.length(), |grace| grace.node),
            auto_away: header.auto_away.and_then(|auto_away| auto_away.node),
        };
        let mut world = WorldBuilder::new(timing);
        world.put_rules(rules);
        Self {
            zones: Arc::clone(zones),
            beside,
            zone,
            zone_known,
            diagnostics,
            calendars: Vec::new(),
            roster: Roster::default(),
            put_in,
            faulty_schedulers: BTreeSet::new(),
            world,
        }
    }

    /// The plan of a document whose blocks were taken in.
    fn finish(mut self, document: &Document) -> Plan {
        let steps = self.parts(document);
        Plan {
            roster: self.roster,
            zone: self.zone,
            world: self.world,
            says_grace: document.header.grace.is_some(),
            steps: steps.steps,
            traces: steps.traces,
            observed: steps.observed,
            until: steps.until,
            calendars: self.calendars,
        }
    }
}
