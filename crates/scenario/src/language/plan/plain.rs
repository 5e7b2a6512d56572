//! Scenarios as those of big worlds are written, straight from the text into a plan: no tree is made of
//! blocks of which nobody will tell, and settings that are written alike are read once.
//!
//! Nothing is decided here that is not decided elsewhere: where anything is wrong, or written in another way,
//! there is no plan, and the file is read as any other is, which alone tells what is wrong with it.

use std::collections::hash_map::Entry;
use std::ops::Range;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};

use super::super::ast::{BlockLine, Document, PutIn};
use super::super::parse::{carriage_return, read_around, read_blocks};
use super::super::roster::Roster;
use super::super::rules::ReadFile;
use super::super::span::{Source, Spanned};
use super::written::{Batch, Written, each_batch};
use super::{Plan, Planner};
use lamplighter_core::hours::Zones;
use lamplighter_core::model::{AgentId, Names, PropertyId, SettingName, Settings, WidgetId};

/// A plan that was made without a tree of its blocks.
pub(crate) struct Plain {
    /// What the scenario says, but for its blocks.
    pub document: Document,
    /// What it will do.
    pub plan: Plan,
    /// Where in the text the blocks stand.
    pub blocks: Range<usize>,
}

/// So many blocks are taken in together: what they look up waits for memory together.
const TOGETHER: usize = 16;

/// Makes the plan of a scenario without a table that includes nothing, if it is sound and its blocks are
/// written as most are; by so many threads, of which it has use for two.
pub(crate) fn plan_plain(
    source: &Source,
    zones: &Arc<Zones>,
    beside: ReadFile<'_>,
    threads: usize,
) -> Option<Plain> {
    let text = source.text();
    if carriage_return(text, 0).is_some() {
        return None;
    }
    let first = memchr::memmem::find(text.as_bytes(), b"\nproperty ")? + 1;
    let header = read_around(source, first..text.len())?.header;
    let (mut diagnostics, put_in) = (Vec::new(), PutIn::default());
    let planner = Planner::new(&header, &put_in, zones, beside, &mut diagnostics);
    let mut taker =
        Taker { source, planner, schedulers: Vec::new(), rests: Vec::new(), both: HashMap::new() };
    let (end, agents) =
        each_batch(text, first, threads, |batch, agents| taker.take(batch, agents))?;
    taker.planner.roster.agents = agents;
    // Of a million properties that is less work at once than name by name.
    let Roster { properties, agents, .. } = &taker.planner.roster;
    if properties.has_any_of(agents) {
        return None;
    }
    let blocks = first..end;
    let is_over = text[blocks.end..].is_empty() || begins_part(&text[blocks.end..]);
    let document = read_around(source, blocks.clone()).filter(|_| is_over)?;
    let plan = taker.planner.finish(&document);
    diagnostics.is_empty().then_some(Plain { document, plan, blocks })
}

/// Whether a text begins with what stands behind all blocks.
fn begins_part(text: &str) -> bool {
    ["at ", "replay ", "observed ", "until "].iter().any(|word| text.starts_with(word))
}

/// Takes blocks in.
struct Taker<'a> {
    source: &'a Source,
    planner: Planner<'a>,
    /// A widget that has what lines give, by their number: a scheduler with its hours, and all other
    /// settings of a block.
    schedulers: Vec<Option<WidgetId>>,
    rests: Vec<Option<WidgetId>>,
    /// A widget with the settings that both give.
    both: HashMap<(u32, u32), WidgetId>,
}

impl Taker<'_> {
    /// Takes blocks in, in their order, with the agents so far where the last has no name; `None` where
    /// something is wrong.
    fn take(&mut self, batch: &Batch<'_>, agents: Option<&mut Names<AgentId>>) -> Option<()> {
        for blocks in batch.blocks.chunks(TOGETHER) {
            self.look_ahead(blocks);
            for block in blocks {
                let Some(name) = block.name else { continue };
                let property = self.property(name)?;
                self.take_settings(property, block)?;
                self.declare_widget(name)?;
                for &(agent, membership) in &batch.members[block.members.clone()] {
                    self.planner.world.add_member(agent, property, membership);
                }
            }
        }
        self.planner.world.add_agents_up_to(batch.agent_count);
        match (agents, batch.blocks.last()) {
            (Some(agents), Some(odd)) => self.take_odd(odd, agents),
            _ => Some(()),
        }
    }

    /// Reads where the names of blocks are looked for.
    fn look_ahead(&self, blocks: &[Written<'_>]) {
        let Roster { properties, widgets, .. } = &self.planner.roster;
        let names = blocks.iter().filter_map(|block| block.name);
        properties.look_ahead(names.clone());
        widgets.look_ahead(names);
    }

    /// The property of a block: declared by it, or that of a further widget.
    fn property(&mut self, name: &str) -> Option<PropertyId> {
        let Planner { roster, world, .. } = &mut self.planner;
        match name.split_once('/') {
            Some((property, _)) => roster.properties.get(property),
            None => {
                let property = declare(&mut roster.properties, name)?;
                world.add_property();
                Some(property)
            }
        }
    }

    /// Gives the widget of a block its name, behind its settings: they know widgets declared above alone.
    fn declare_widget(&mut self, name: &str) -> Option<()> {
        declare(&mut self.planner.roster.widgets, name).map(drop)
    }

    /// Gives a widget of a property what the lines of its block say.
    fn take_settings(&mut self, property: PropertyId, block: &Written<'_>) -> Option<()> {
        let numbers = (number(block.scheduler)?, number(block.rest)?);
        let scheduler = known(&self.schedulers, block.scheduler);
        let rest = known(&self.rests, block.rest);
        let (Some(scheduler), Some(rest)) = (scheduler, rest) else {
            let blocks = read_blocks(self.source, block.place.clone())?;
            let [read] = &blocks[..] else { return None };
            let lines = read.lines.get(block.member_lines..)?;
            let names_somebody =
                |line: &BlockLine| matches!(line, BlockLine::Members(_) | BlockLine::Suspended(_));
            // Written in a way in which nobody was found.
            if lines.iter().any(|line| names_somebody(&line.node)) {
                return None;
            }
            let settings = self.planner.settings(lines);
            let widget = self.planner.world.add_widget_apart(property, settings);
            if are_settings_alone(lines, block.scheduler_lines) {
                know(&mut self.schedulers, block.scheduler, widget);
                know(&mut self.rests, block.rest, widget);
                self.both.insert(numbers, widget);
            }
            return self.planner.diagnostics.is_empty().then_some(());
        };
        let world = &mut self.planner.world;
        match self.both.entry(numbers) {
            Entry::Occupied(entry) => world.add_widget_like(property, *entry.get()),
            Entry::Vacant(entry) => {
                let scheduler = world.settings_of(scheduler).scheduler.clone();
                let rest = world.settings_of(rest).clone();
                let settings = Settings { scheduler, ..rest };
                *entry.insert(world.add_widget_apart(property, settings))
            }
        };
        Some(())
    }

    /// Reads a block as all others are read.
    fn take_odd(&mut self, odd: &Written<'_>, agents: &mut Names<AgentId>) -> Option<()> {
        let blocks = read_blocks(self.source, odd.place.clone())?;
        std::mem::swap(&mut self.planner.roster.agents, agents);
        self.planner.blocks(&blocks);
        std::mem::swap(&mut self.planner.roster.agents, agents);
        self.planner.diagnostics.is_empty().then_some(())
    }
}

/// Takes in a name that is new; `None` where it is not.
fn declare<I: From<usize> + Into<usize>>(names: &mut Names<I>, name: &str) -> Option<I> {
    let before = names.len();
    let id = names.intern(name);
    (before < names.len()).then_some(id)
}

/// The widget that has what the lines of a number give, if they were met.
fn known(widgets: &[Option<WidgetId>], number: usize) -> Option<WidgetId> {
    widgets.get(number).copied().flatten()
}

/// A number of lines in half a word: there are hundreds of thousands of pairs of them. `None` beyond that.
fn number(number: usize) -> Option<u32> {
    u32::try_from(number).ok()
}

/// Remembers a widget that has it, if none is known.
fn know(widgets: &mut Vec<Option<WidgetId>>, number: usize, widget: WidgetId) {
    if widgets.len() <= number {
        widgets.resize(number + 1, None);
    }
    widgets[number].get_or_insert(widget);
}

/// Whether lines, of which so many are a scheduler's, mean the same wherever they stand, and those of the
/// scheduler nothing to the others.
fn are_settings_alone(lines: &[Spanned<BlockLine>], scheduler_lines: usize) -> bool {
    let (mut of_scheduler, mut others) = (0, 0);
    for line in lines {
        match &line.node {
            BlockLine::Setting(line) if line.setting.name() != SettingName::Scheduler => {
                others += 1
            }
            BlockLine::Setting(_) | BlockLine::Hours(_) if others == 0 => of_scheduler += 1,
            _ => return false,
        }
    }
    of_scheduler == scheduler_lines
}
