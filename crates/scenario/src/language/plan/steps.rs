//! `at` blocks into steps.

use std::collections::BTreeSet;
use std::convert::Infallible;

use super::super::ast::{
    self, AtBlock, Clause, Document, Expect, Line, Name, OnDevice, Part, Set, SetChange, agent_of,
};
use super::super::code::Code;
use super::super::diagnostic::Diagnostic;
use super::super::parse::STEP_KEYWORDS;
use super::super::roster::Roster;
use super::super::span::{Span, Spanned};
use super::super::time::{self, Base};
use super::settings::{HoursBuilder, setting};
use super::{Expectation, Planner, Step, StepKind, Subject};
use lamplighter_core::model::{
    About, AgentId, AgentStatus, DeviceId, Event, Instant, PropertyId, Rename, Setting, Visitor,
    WidgetId,
};

/// What the parts of a document come to.
#[derive(Default)]
pub(super) struct Steps {
    /// The steps of the `at` blocks, in the order of the file.
    pub steps: Vec<Step>,
    /// The paths of the `replay` lines, in their order.
    pub traces: Vec<Name>,
    /// The `observed` lines, in their order.
    pub observed: Vec<ast::Observed>,
    /// The instant of the `until` line, if it does not lie before the last `at`.
    pub until: Option<Spanned<Instant>>,
}

impl Planner<'_> {
    /// Takes the `at` blocks, `replay`, `observed` and `until` lines apart, in the order of the file.
    pub(super) fn parts(&mut self, document: &Document) -> Steps {
        self.devices(document);
        let mut planned = Steps::default();
        let mut base = Base::None;
        for part in &document.parts {
            match part {
                Part::At(block) => {
                    base = self.at(block, base, &mut planned.steps);
                    for line in &block.lines {
                        self.line(line, base, &mut planned.steps);
                    }
                }
                Part::Replay(path) => planned.traces.push(path.clone()),
                Part::Observed(observed) => planned.observed.push(observed.clone()),
            }
        }
        if let Some(until) = &document.until
            && let Some(at) = self.time(until, base)
        {
            match base {
                Base::At(base) if at < base => self.time_goes_back(until.span, base),
                _ => planned.until = Some(Spanned::new(at, until.span)),
            }
        }
        planned
    }

    /// Gives the devices that lines speak of their ids in the order of their names: where several are
    /// given a status by one line, or by the clock at one instant, the last by name is the newest
    /// (rule P4, `merge = "newest"`).
    fn devices(&mut self, document: &Document) {
        let lines = document.parts.iter().flat_map(|part| match part {
            Part::At(block) => block.lines.as_slice(),
            Part::Replay(_) | Part::Observed(_) => &[],
        });
        let named: BTreeSet<(AgentId, &str)> = lines
            .filter_map(|line| match &line.node {
                Line::Event(event) => match event.about() {
                    About::Device(OnDevice { agent, device }) => {
                        Some((self.roster.agents.get(&agent.node)?, device.node.as_str()))
                    }
                    About::Agent(_) | About::Widget(_) => None,
                },
                Line::Set(_) | Line::Expect(_) | Line::NoAnomalies | Line::Faulty(_) => None,
            })
            .collect();
        for (agent, name) in named {
            self.roster.intern_device(agent, name);
        }
    }

    /// The instant of an `at` line.
    fn at(&mut self, block: &AtBlock, base: Base, steps: &mut Vec<Step>) -> Base {
        let unknown = StepKind::Unknown(None);
        let Some(written) = &block.time else {
            push(steps, block.place.span, unknown);
            return Base::Unknown;
        };
        let diagnostics_before = self.diagnostics.len();
        let Some(at) = self.time(written, base) else {
            push(steps, block.place.span, unknown);
            return Base::Unknown;
        };
        if let Base::At(base) = base
            && at < base
            && self.diagnostics.len() == diagnostics_before
        {
            self.time_goes_back(written.span, base);
        }
        let last = steps.last().map_or(at, |step| step.at);
        steps.push(Step { at: at.max(last), span: block.place.span, kind: StepKind::At });
        Base::At(at)
    }

    fn time_goes_back(&mut self, span: Span, base: Instant) {
        let label = format!("the `at` before is at {}", time::write(base, &self.zone));
        self.diagnostics
            .push(Diagnostic::new(span, "time goes back", label).code(Code::TimeGoesBack));
    }

    /// A time, or after a fault the instant that comes nearest to it.
    fn time(&mut self, written: &Spanned<super::super::ast::Time>, base: Base) -> Option<Instant> {
        match time::resolve(written, base, &self.zone) {
            Ok(at) => at,
            Err((diagnostic, near)) => {
                // In an unknown zone no reading is known to be skipped or doubled; the fault of a
                // relative time without a base stands all the same.
                if self.zone_known || near.is_none() {
                    self.diagnostics.push(*diagnostic);
                }
                near
            }
        }
    }

    fn line(&mut self, line: &Spanned<Line>, base: Base, steps: &mut Vec<Step>) {
        let kind = match &line.node {
            Line::Event(event) => self.event(event),
            Line::Set(set) => self.set(set).unwrap_or(StepKind::Unknown(None)),
            Line::Expect(expect) => match self.expect(expect, line.span, base) {
                Some(expectation) => StepKind::Expect(Box::new(expectation)),
                None => return,
            },
            Line::NoAnomalies => StepKind::NoAnomalies,
            Line::Faulty(about) => {
                let agent = about.as_ref().and_then(|name| self.roster.agents.get(name));
                if let (None, Some(name)) = (agent, about) {
                    self.maybe_meant(name)
                } else {
                    StepKind::Unknown(agent)
                }
            }
        };
        push(steps, line.span, kind);
    }

    /// A step of an unknown agent: whoever was meant is uncertain from here on.
    fn maybe_meant(&self, name: &str) -> StepKind {
        let near = self.roster.nearest_agent(name).and_then(|near| self.roster.agents.get(near));
        StepKind::Unknown(near)
    }

    fn event(&mut self, event: &ast::Event) -> StepKind {
        let name = agent_of(event);
        let Some(agent) = self.roster.agents.get(&name.node) else {
            self.unknown_agent(name);
            return self.maybe_meant(&name.node);
        };
        if let Some(property) = event.property()
            && !self.is_member(agent, name, property)
        {
            return StepKind::Unknown(Some(agent));
        }
        let Ok(event) = event.clone().renamed(&mut Ids { agent, roster: &mut self.roster });
        StepKind::Event(event, Some(agent))
    }

    fn unknown_agent(&mut self, name: &Name) {
        let mut diagnostic = Diagnostic::new(
            name.span,
            format!("`{}` is not an agent", name.node),
            "expected an agent, `set`, `expect`, `at`, `replay`, `observed` or `until`",
        )
        .code(Code::UnknownName);
        if self.roster.properties.get(&name.node).is_some() {
            diagnostic.message = format!("`{}` is a property, not an agent", name.node);
        } else {
            let known = self.roster.agents.iter().chain(STEP_KEYWORDS.iter().copied());
            diagnostic = diagnostic
                .help("agents are declared by a `members` line of a property")
                .did_you_mean(&name.node, known);
        }
        self.diagnostics.push(diagnostic);
    }

    /// Whether an agent is a member of a property, which is a fault where not.
    fn is_member(&mut self, agent: AgentId, agent_name: &Name, property_name: &Name) -> bool {
        let Some(property) = self.roster.properties.get(&property_name.node) else {
            let known = self.roster.properties.iter();
            self.diagnostics.push(
                Diagnostic::new(
                    property_name.span,
                    format!("`{}` is not a property", property_name.node),
                    "expected a property of this file",
                )
                .code(Code::UnknownName)
                .did_you_mean(&property_name.node, known),
            );
            return false;
        };
        let is_member = self.world.is_member(agent, property);
        if !is_member {
            self.diagnostics.push(
                Diagnostic::new(
                    agent_name.span,
                    format!("{} is not a member of {}", agent_name.node, property_name.node),
                    "rule P6: only a member can be suspended or reinstated",
                )
                .code(Code::NotAMember),
            );
        }
        is_member
    }

    pub(super) fn set(&mut self, set: &Set) -> Option<StepKind> {
        let setting = match &set.change {
            SetChange::Off(name) => Some(name.taken_back()),
            SetChange::SchedulerAs(other) => self.scheduler_of(other),
            SetChange::To(line, hours_lines) => {
                let mut hours = HoursBuilder::default();
                for line in hours_lines {
                    hours.add(&line.node, self.diagnostics);
                }
                match setting(line, &self.zones, self.diagnostics) {
                    Some(Setting::Scheduler(Some(scheduler))) => {
                        Some(self.finish_hours(hours, &scheduler))
                    }
                    other => other,
                }
            }
        };
        let widget = self.widget_named(&set.widget)?;
        Some(StepKind::Event(Event::Configure(widget, Box::new(setting?)), None))
    }

    fn widget_named(&mut self, name: &Name) -> Option<WidgetId> {
        let found = self.roster.widgets.get(&name.node);
        if found.is_none() {
            let mut diagnostic = Diagnostic::new(
                name.span,
                format!("`{}` is not a widget", name.node),
                "expected a property, or a widget `PROPERTY/NAME`, of this file",
            )
            .code(Code::UnknownName);
            if self.roster.agents.get(&name.node).is_some() {
                diagnostic.message = format!("`{}` is an agent, not a widget", name.node);
            } else {
                diagnostic = diagnostic.did_you_mean(&name.node, self.roster.widgets.iter());
            }
            self.diagnostics.push(diagnostic);
        }
        found
    }

    fn expect(&mut self, expect: &Expect, span: Span, base: Base) -> Option<Expectation> {
        let subject = self.subject(&expect.subject);
        let mut expectation = Expectation {
            span,
            subject: subject?,
            clauses: expect.clauses.clone(),
            visitor: Visitor::default(),
            until: None,
            next: None,
        };
        for clause in &expect.clauses {
            self.clause(clause, base, &mut expectation)?;
        }
        Some(expectation)
    }

    fn subject(&mut self, name: &Name) -> Option<Subject> {
        if let Some(agent) = self.roster.agents.get(&name.node) {
            return Some(Subject::Agent(agent));
        }
        if let Some(widget) = self.roster.widgets.get(&name.node) {
            return Some(Subject::Widget(widget));
        }
        let known = self.roster.agents.iter().chain(self.roster.widgets.iter());
        self.diagnostics.push(
            Diagnostic::new(
                name.span,
                format!("there is no agent or widget `{}`", name.node),
                "expected an agent, a property or a widget of this file",
            )
            .code(Code::UnknownName)
            .did_you_mean(&name.node, known),
        );
        None
    }

    /// Takes a clause in; `None` where it has a fault.
    fn clause(
        &mut self,
        clause: &Spanned<Clause>,
        base: Base,
        expectation: &mut Expectation,
    ) -> Option<()> {
        let diagnostic = match (&clause.node, expectation.subject) {
            (Clause::Status(AgentStatus::Invisible), Subject::Widget(_)) => {
                Some("a widget is `online`, `away` or `offline`")
            }
            (Clause::Status(_) | Clause::Until(_), _) => None,
            (_, Subject::Agent(_)) => Some("an agent has a status and nothing else (rule P4)"),
            _ => None,
        };
        if let Some(label) = diagnostic {
            let message = "this cannot be expected here";
            self.diagnostics
                .push(Diagnostic::new(clause.span, message, label).code(Code::MisfitClause));
            return None;
        }
        match &clause.node {
            Clause::To(kind) => expectation.visitor.device = Some(*kind),
            Clause::In(country) => expectation.visitor.country = Some(*country),
            Clause::On(page) => expectation.visitor.page = Some(page.clone()),
            Clause::Until(written) => {
                let at = self.later_time(written, base)?;
                expectation.until = Some(Spanned::new(at, written.span));
            }
            Clause::Next(None) => expectation.next = Some(Spanned::new(None, clause.span)),
            Clause::Next(Some(written)) => {
                let at = self.later_time(written, base)?;
                expectation.next = Some(Spanned::new(Some(at), written.span));
            }
            _ => {}
        }
        Some(())
    }

    /// A time that must be later than the enclosing `at`.
    fn later_time(
        &mut self,
        written: &Spanned<super::super::ast::Time>,
        base: Base,
    ) -> Option<Instant> {
        let diagnostics_before = self.diagnostics.len();
        let at = self.time(written, base)?;
        if self.diagnostics.len() > diagnostics_before {
            return None;
        }
        if let Base::At(base) = base
            && at <= base
        {
            let label = format!("it must be later than {}", time::write(base, &self.zone));
            self.diagnostics.push(
                Diagnostic::new(written.span, "this time has come already", label)
                    .code(Code::TimeHasCome),
            );
            return None;
        }
        Some(at)
    }
}

/// Adds a step at the instant of the one before it; before the first `at` there is none.
fn push(steps: &mut Vec<Step>, span: Span, kind: StepKind) {
    let at = steps.last().map_or(Instant::MIN, |step| step.at);
    steps.push(Step { at, span, kind });
}

/// The ids of what an agent's event names, all of which is known but for a new device.
struct Ids<'a> {
    agent: AgentId,
    roster: &'a mut Roster,
}

impl Rename<OnDevice, Name, Name, Infallible> for Ids<'_> {
    type Device = DeviceId;
    type Agent = AgentId;
    type Property = PropertyId;
    type Widget = WidgetId;
    type Error = Infallible;

    fn device(&mut self, OnDevice { device, .. }: OnDevice) -> Result<DeviceId, Infallible> {
        Ok(self.roster.intern_device(self.agent, &device.node))
    }

    fn agent(&mut self, _: Name) -> Result<AgentId, Infallible> {
        Ok(self.agent)
    }

    fn property(&mut self, name: Name) -> Result<PropertyId, Infallible> {
        Ok(self.roster.properties.get(&name.node).expect("the agent is a member of it"))
    }

    fn widget(&mut self, widget: Infallible) -> Result<WidgetId, Infallible> {
        match widget {}
    }
}
