//! What would be if other settings had held from the first instant on: lines of the language into what
//! they change of a plan.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::ast::{Line, Name, Part, Set};
use super::super::diagnostic::Diagnostic;
use super::super::parse::begins_hours;
use super::super::rules::{ReadFile, named};
use super::super::span::Source;
use super::super::suite::parse;
use super::{Plan, Planner, StepKind};
use lamplighter_core::hours::Zones;
use lamplighter_core::model::Instant;
use lamplighter_core::model::{Event, RuleSet, WidgetId};
use lamplighter_core::world::{Timing, World};

/// Settings that hold from the first instant on in place of those of a plan.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// What it is called in reports.
    pub label: String,
    /// The lines that it was made of, as they were written.
    pub lines: Vec<String>,
    /// The rules of another product; `None` where those of the header hold.
    rules: Option<RuleSet>,
    /// Grace and auto-away.
    timing: Timing,
    /// What is set on widgets, in the order of the lines.
    settings: Vec<Event>,
}

/// The word for all widgets, where one is named.
const EVERYONE: &str = "everyone";

/// The first words of lines that hold for the whole world.
const OF_THE_WORLD: [&str; 3] = ["grace", "auto-away", "rules"];

impl Alternative {
    /// The plan itself, with nothing changed.
    pub fn none(label: impl Into<String>, plan: &Plan) -> Self {
        Self {
            label: label.into(),
            lines: Vec::new(),
            rules: None,
            timing: plan.world.timing(),
            settings: Vec::new(),
        }
    }

    /// Reads lines: `set` lines without their `set`, with hours right behind a `scheduler`, `everyone`
    /// in place of a widget for all of them, and `grace`, `auto-away` and `rules` as in a header.
    ///
    /// # Errors
    /// What is wrong with them, in the text that was made of them.
    pub fn read(
        label: &str,
        lines: &[String],
        plan: &Plan,
        zones: &Arc<Zones>,
        beside: ReadFile<'_>,
    ) -> Result<Self, (Source, Vec<Diagnostic>)> {
        let (of_the_world, of_widgets): (Vec<&String>, Vec<&String>) =
            lines.iter().partition(|line| OF_THE_WORLD.contains(&first_word(line)));
        let mut text = "scenario an alternative\n".to_owned();
        for line in of_the_world {
            text.push_str(line);
            text.push('\n');
        }
        text.push_str(&format!("at {}\n", Instant::MIN));
        for line in of_widgets {
            let is_whole = begins_hours(first_word(line)) || first_word(line) == "set";
            text.push_str(if is_whole { "" } else { "set " });
            text.push_str(line);
            text.push('\n');
        }
        let parsed = parse(text.as_bytes());
        let mut diagnostics = parsed.diagnostics;
        let mut found = Self { lines: lines.to_vec(), ..Self::none(label, plan) };
        let header = &parsed.document.header;
        if let Some(name) = &header.rules {
            match named(&name.node, name.span, beside) {
                Ok(rules) => {
                    found.rules = Some(rules);
                    if !plan.says_grace {
                        found.timing.grace = rules.grace.length();
                    }
                }
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
        }
        if let Some(grace) = header.grace {
            found.timing.grace = grace.node;
        }
        if let Some(auto_away) = header.auto_away {
            found.timing.auto_away = auto_away.node;
        }
        let mut planner = Planner {
            zones: Arc::clone(zones),
            beside,
            zone: Arc::clone(&plan.zone),
            zone_known: true,
            diagnostics: &mut diagnostics,
            calendars: Vec::new(),
            roster: plan.roster.clone(),
            put_in: &parsed.document.put_in,
            faulty_schedulers: BTreeSet::new(),
            // As declared: a `scheduler as` looks there.
            world: plan.world.clone(),
        };
        for part in &parsed.document.parts {
            let Part::At(block) = part else { continue };
            for line in &block.lines {
                match &line.node {
                    Line::Set(set) => found.settings.extend(planner.sets(set)),
                    Line::Faulty(_) => {}
                    _ => planner.diagnostics.push(Diagnostic::new(
                        line.span,
                        "this cannot be another setting",
                        "expected a `set` line without its `set`, `grace`, `auto-away` or `rules`",
                    )),
                }
            }
        }
        match diagnostics.is_empty() {
            true => Ok(found),
            false => Err((parsed.source, diagnostics)),
        }
    }

    /// The plan's world at an instant, with what this changes of it; `None` where a zone is unknown,
    /// which is a fault of the plan.
    pub fn build(&self, plan: &Plan, at: Instant, zones: &Arc<Zones>) -> Option<World> {
        let mut builder = plan.world.clone().without_since();
        if let Some(rules) = self.rules {
            builder.put_rules(rules);
        }
        builder.put_timing(self.timing);
        let mut world = builder.build(at, Arc::clone(zones)).ok()?;
        for event in &self.settings {
            world.apply(event, &mut |_| {}).expect("a setting can always change");
        }
        for device in plan.roster.devices() {
            world.add_device(device.agent());
        }
        Some(world)
    }
}

impl Planner<'_> {
    /// What a line sets: on the widget that it names, or on all of them.
    fn sets(&mut self, set: &Set) -> Vec<Event> {
        let is_everyone =
            set.widget.node == EVERYONE && self.roster.widgets.get(EVERYONE).is_none();
        let widgets = self.roster.widgets.len();
        let set = match self.roster.widgets.iter().next() {
            // Read for one of them, it holds for all.
            Some(first) if is_everyone => {
                Set { widget: Name::new(first.to_owned(), set.widget.span), ..set.clone() }
            }
            _ => set.clone(),
        };
        match self.set(&set) {
            Some(StepKind::Event(Event::Configure(_, setting), _)) if is_everyone => (0..widgets)
                .map(|widget| Event::Configure(WidgetId::new(widget), setting.clone()))
                .collect(),
            Some(StepKind::Event(event, _)) => vec![event],
            _ => Vec::new(),
        }
    }
}

fn first_word(line: &str) -> &str {
    line.split([' ', '\t']).find(|word| !word.is_empty()).unwrap_or_default()
}
