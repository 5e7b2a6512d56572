//! Blocks into a world.

use std::collections::BTreeSet;

use super::super::ast::{Block, BlockLine, Declares, Name};
use super::super::code::Code;
use super::super::diagnostic::Diagnostic;
use super::super::parse::{go_on, set_twice};
use super::super::span::{Span, Spanned};
use super::Planner;
use super::settings::{Files, HoursBuilder, setting};
use lamplighter_core::model::{AgentId, PropertyId, Scheduler, Setting, SettingName, Settings};
use lamplighter_core::world::Membership;

impl Planner<'_> {
    /// Declares the properties, widgets and agents of all blocks.
    pub(super) fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            let property = match &block.declares {
                Declares::Property(name) => Some(self.property(name)),
                Declares::Widget(name) => self.property_of_widget(name),
            };
            let settings = self.settings(&block.lines);
            if let Some(property) = property {
                let is_faulty = settings.scheduler.is_none() && has_scheduler(&block.lines);
                self.widget(&block.declares, property, settings);
                let (Declares::Property(name) | Declares::Widget(name)) = &block.declares;
                if is_faulty {
                    self.faulty_schedulers.extend(self.roster.widgets.get(&name.node));
                }
                if matches!(block.declares, Declares::Property(_)) {
                    self.members(property, &block.lines);
                }
            }
        }
    }

    fn property(&mut self, name: &Name) -> PropertyId {
        if let Some(property) = self.roster.properties.get(&name.node) {
            self.declared_twice(name, "property");
            return property;
        }
        if self.roster.agents.get(&name.node).is_some() {
            self.both_agent_and_property(name);
        }
        self.roster.properties.intern(&name.node);
        self.world.add_property()
    }

    fn property_of_widget(&mut self, name: &Name) -> Option<PropertyId> {
        let (property, _) = name.node.split_once('/')?;
        let found = self.roster.properties.get(property);
        if found.is_none() {
            let span = Span::new(name.span.start, name.span.start + property.len());
            let span = if self.is_quoted(name) { name.span } else { span };
            self.diagnostics.push(
                Diagnostic::new(
                    span,
                    format!("there is no property `{property}` before this line"),
                    "a widget belongs to a property declared before",
                )
                .code(Code::UnknownName)
                .did_you_mean(property, self.roster.properties.iter()),
            );
        }
        found
    }

    /// Whether a name is written in other letters than its own.
    fn is_quoted(&self, name: &Name) -> bool {
        name.span.end - name.span.start != name.node.len() || self.put_in.meets(name.span)
    }

    fn widget(&mut self, declares: &Declares, property: PropertyId, settings: Settings) {
        let (Declares::Property(name) | Declares::Widget(name)) = declares;
        if self.roster.widgets.get(&name.node).is_some() {
            if matches!(declares, Declares::Widget(_)) {
                self.declared_twice(name, "widget");
            }
            return;
        }
        self.roster.widgets.intern(&name.node);
        self.world.add_widget(property, settings);
    }

    fn members(&mut self, property: PropertyId, lines: &[Spanned<BlockLine>]) {
        let mut members: Vec<AgentId> = Vec::new();
        let mut suspended: BTreeSet<AgentId> = BTreeSet::new();
        for line in lines {
            match &line.node {
                BlockLine::Members(names) => {
                    for name in names {
                        let agent = self.member(name);
                        if members.contains(&agent) {
                            self.named_twice(name, "a member is named once in a property");
                        } else {
                            members.push(agent);
                        }
                    }
                }
                BlockLine::Suspended(names) => {
                    for name in names {
                        match self.roster.agents.get(&name.node) {
                            Some(agent) if members.contains(&agent) => {
                                if !suspended.insert(agent) {
                                    self.named_twice(
                                        name,
                                        "suspending the suspended cannot happen",
                                    );
                                }
                            }
                            _ => self.not_a_member(name, &members),
                        }
                    }
                }
                _ => {}
            }
        }
        for &agent in &members {
            let membership = match suspended.contains(&agent) {
                true => Membership::Suspended,
                false => Membership::Active,
            };
            self.world.add_member(agent, property, membership);
        }
    }

    fn member(&mut self, name: &Name) -> AgentId {
        if self.roster.properties.get(&name.node).is_some() {
            self.both_agent_and_property(name);
        }
        if let Some(agent) = self.roster.agents.get(&name.node) {
            return agent;
        }
        self.roster.agents.intern(&name.node);
        self.world.add_agent()
    }

    fn not_a_member(&mut self, name: &Name, members: &[AgentId]) {
        let known = members.iter().map(|&agent| self.roster.agents.name(agent));
        self.diagnostics.push(
            Diagnostic::new(
                name.span,
                format!("`{}` is not a member here", name.node),
                "rule P6: only a member can be suspended",
            )
            .code(Code::NotAMember)
            .help("name it in a `members` line before this one")
            .did_you_mean(&name.node, known),
        );
    }

    /// The settings of a block: each once, but for lists, which grow.
    pub(super) fn settings(&mut self, lines: &[Spanned<BlockLine>]) -> Settings {
        let mut settings = Settings::default();
        let mut seen: Vec<SettingName> = Vec::new();
        let (mut scheduler, mut taken) = (None, None);
        let mut hours = HoursBuilder::default();
        let mut has_scheduler = false;
        for line in lines {
            match &line.node {
                BlockLine::Setting(written) => {
                    let name = written.setting.name();
                    if let Some((message, label)) = set_twice(name)
                        && seen.contains(&name)
                    {
                        self.diagnostics
                            .push(Diagnostic::new(line.span, message, label).code(Code::SetTwice));
                        continue;
                    }
                    seen.push(name);
                    has_scheduler |= name == SettingName::Scheduler;
                    match setting(written, &self.zones, self.diagnostics) {
                        Some(Setting::Scheduler(on)) => scheduler = on,
                        Some(other) => go_on(&mut settings, other),
                        None => {}
                    }
                }
                BlockLine::Hours(line_of_hours) => {
                    // Said once a block: the lines behind it lack the same.
                    if !std::mem::replace(&mut has_scheduler, true) {
                        self.diagnostics.push(
                            Diagnostic::new(
                                line.span,
                                "hours of nothing",
                                "out of place: hours stand behind `scheduler ZONE`",
                            )
                            .code(Code::OutOfPlace)
                            .help("say first in which time zone: `scheduler America/New_York`"),
                        );
                    }
                    hours.add(line_of_hours, self.diagnostics);
                }
                BlockLine::SchedulerAs(other) => {
                    has_scheduler = true;
                    if seen.contains(&SettingName::Scheduler) {
                        let (message, label) =
                            set_twice(SettingName::Scheduler).expect("it can be set once");
                        self.diagnostics
                            .push(Diagnostic::new(line.span, message, label).code(Code::SetTwice));
                        continue;
                    }
                    seen.push(SettingName::Scheduler);
                    taken = self.scheduler_of(other);
                }
                BlockLine::Members(_) | BlockLine::Suspended(_) => {}
            }
        }
        if let Some(taken) = taken {
            settings.set(taken);
        }
        if let Some(scheduler) = scheduler {
            settings.set(self.finish_hours(hours, &scheduler));
        }
        settings
    }

    /// A scheduler with these hours; its calendar files are read.
    pub(super) fn finish_hours(&mut self, hours: HoursBuilder, scheduler: &Scheduler) -> Setting {
        let files = Files { zones: &self.zones, beside: self.beside };
        hours.finish(scheduler, &files, self.diagnostics, &mut self.calendars)
    }

    /// The scheduler of a widget as it is declared above, as a setting of another.
    pub(super) fn scheduler_of(&mut self, name: &Name) -> Option<Setting> {
        let Some(widget) = self.roster.widgets.get(&name.node) else {
            let mut diagnostic = Diagnostic::new(
                name.span,
                format!("there is no widget `{}` above this line", name.node),
                "expected a property, or a widget `PROPERTY/NAME`, that is declared above",
            )
            .code(Code::UnknownName);
            if self.zones.get(&name.node).is_ok() {
                let help = format!("`{0}` is a time zone: write `scheduler {0}`", name.node);
                diagnostic = diagnostic.help(help);
            } else {
                diagnostic = diagnostic.did_you_mean(&name.node, self.roster.widgets.iter());
            }
            self.diagnostics.push(diagnostic);
            return None;
        };
        let scheduler = self.world.settings_of(widget).scheduler.clone();
        if scheduler.is_none() && !self.faulty_schedulers.contains(&widget) {
            self.diagnostics.push(
                Diagnostic::new(
                    name.span,
                    format!("`{}` has no scheduler", name.node),
                    "rule S1: its hours never matter",
                )
                .code(Code::UnknownName)
                .help("give it a `scheduler ZONE` first, or leave this line out"),
            );
        }
        scheduler.map(|scheduler| Setting::Scheduler(Some(scheduler)))
    }

    fn declared_twice(&mut self, name: &Name, what: &str) {
        self.diagnostics.push(
            Diagnostic::new(
                name.span,
                format!("{what} `{}` is declared twice", name.node),
                "a name can be declared once",
            )
            .code(Code::DeclaredTwice),
        );
    }

    fn named_twice(&mut self, name: &Name, label: &str) {
        self.diagnostics.push(
            Diagnostic::new(name.span, format!("`{}` is named twice", name.node), label)
                .code(Code::NamedTwice),
        );
    }

    fn both_agent_and_property(&mut self, name: &Name) {
        self.diagnostics.push(
            Diagnostic::new(
                name.span,
                format!("`{}` is an agent and a property", name.node),
                "a name is an agent's or a property's, never both",
            )
            .code(Code::AgentAndProperty)
            .help("choose another name for one of them"),
        );
    }
}

/// Whether lines of a block switch a scheduler on.
fn has_scheduler(lines: &[Spanned<BlockLine>]) -> bool {
    lines.iter().any(|line| match &line.node {
        BlockLine::Setting(line) => line.setting.name() == SettingName::Scheduler,
        BlockLine::SchedulerAs(_) => true,
        _ => false,
    })
}
