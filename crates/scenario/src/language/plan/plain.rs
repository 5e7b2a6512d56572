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
use super::super::parse::{begins_statement, read_around, read_blocks};
use super::super::roster::Roster;
use super::super::rules::ReadFile;
use super::super::span::{Source, Spanned};
use super::written::{Batch, Written, each_batch};
use super::{Plan, Planner};
use lamplighter_core::hours::Zones;
use lamplighter_core::model::{AgentId, SettingName, Settings, WidgetId};
use lamplighter_core::world::Membership;

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
    let first = memchr::memmem::find(text.as_bytes(), b"\nproperty ")? + 1;
    let header = read_around(source, first..text.len())?.header;
    let (mut diagnostics, put_in) = (Vec::new(), PutIn::default());
    let planner = Planner::new(&header, &put_in, zones, beside, &mut diagnostics);
    let mut taker = Taker {
        source,
        planner,
        schedulers: Vec::new(),
        rests: Vec::new(),
        both: HashMap::new(),
        members: Vec::new(),
    };
    let end = each_batch(text, first, threads, |batch| taker.take(batch))?;
    // Of a million properties that is less work at once than name by name.
    let Roster { properties, agents, .. } = &taker.planner.roster;
    if properties.iter().any(|name| agents.get(name).is_some()) {
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
    both: HashMap<(usize, usize), WidgetId>,
    /// The members of the block at hand.
    members: Vec<(AgentId, Membership)>,
}

impl Taker<'_> {
    /// Takes blocks in, in their order; `None` where something is wrong.
    fn take(&mut self, batch: &Batch<'_>) -> Option<()> {
        for blocks in batch.blocks.chunks(TOGETHER) {
            self.look_ahead(blocks, batch);
            for block in blocks {
                let scheduler = known(&self.schedulers, block.scheduler);
                let rest = known(&self.rests, block.rest);
                match (block.name, scheduler, rest) {
                    (Some(name), Some(scheduler), Some(rest)) => {
                        let members = &batch.names[block.members.clone()];
                        self.take_known(name, members, block, (scheduler, rest))?;
                    }
                    _ => self.take_unknown(block)?,
                }
            }
        }
        Some(())
    }

    /// Reads where the names of blocks are looked for.
    fn look_ahead(&self, blocks: &[Written<'_>], batch: &Batch<'_>) {
        let Roster { properties, widgets, agents, .. } = &self.planner.roster;
        let (Some(first), Some(last)) = (blocks.first(), blocks.last()) else { return };
        let members = &batch.names[first.members.start..last.members.end];
        agents.look_ahead(members.iter().map(|(name, _)| *name));
        let names = blocks.iter().filter_map(|block| block.name);
        properties.look_ahead(names.clone());
        widgets.look_ahead(names);
    }

    /// Takes a block in whose lines give what widgets have already.
    fn take_known(
        &mut self,
        name: &str,
        names: &[(&str, Membership)],
        block: &Written<'_>,
        (scheduler, rest): (WidgetId, WidgetId),
    ) -> Option<()> {
        let Planner { roster, world, .. } = &mut self.planner;
        let is_new = |before: usize, after: usize| (before < after).then_some(());
        let property = match name.split_once('/') {
            Some((property, _)) => roster.properties.get(property)?,
            None => {
                let before = roster.properties.len();
                let property = roster.properties.intern(name);
                is_new(before, roster.properties.len())?;
                world.add_property();
                property
            }
        };
        let before = roster.widgets.len();
        roster.widgets.intern(name);
        is_new(before, roster.widgets.len())?;
        match self.both.entry((block.scheduler, block.rest)) {
            Entry::Occupied(entry) => world.add_widget_like(property, *entry.get()),
            Entry::Vacant(entry) => {
                let scheduler = world.settings_of(scheduler).scheduler.clone();
                let rest = world.settings_of(rest).clone();
                *entry.insert(world.add_widget(property, Settings { scheduler, ..rest }))
            }
        };
        let members = &mut self.members;
        members.clear();
        for &(name, membership) in names {
            let before = roster.agents.len();
            let agent = roster.agents.intern(name);
            if before < roster.agents.len() {
                world.add_agent();
                // Who is known was looked at before.
                if begins_statement(name) {
                    return None;
                }
            }
            let named = members.iter_mut().find(|(other, _)| *other == agent);
            match (membership, named) {
                (Membership::Active, None) => members.push((agent, membership)),
                (Membership::Suspended, Some((_, now @ Membership::Active))) => *now = membership,
                // Named twice, or no member.
                (Membership::Active, Some(_)) | (Membership::Suspended, _) => return None,
            }
        }
        for &(agent, membership) in members.iter() {
            world.add_member(agent, property, membership);
        }
        Some(())
    }

    /// Reads a block as all others are read, and remembers its settings.
    fn take_unknown(&mut self, written: &Written<'_>) -> Option<()> {
        let blocks = read_blocks(self.source, written.place.clone())?;
        self.planner.blocks(&blocks);
        if !self.planner.diagnostics.is_empty() {
            return None;
        }
        let [block] = &blocks[..] else { return None };
        let lines = block.lines.get(written.member_lines..)?;
        if are_settings_alone(lines, written.scheduler_lines) {
            let widget = WidgetId::new(self.planner.roster.widgets.len() - 1);
            know(&mut self.schedulers, written.scheduler, widget);
            know(&mut self.rests, written.rest, widget);
            self.both.insert((written.scheduler, written.rest), widget);
        }
        Some(())
    }
}

/// The widget that has what the lines of a number give, if they were met.
fn known(widgets: &[Option<WidgetId>], number: usize) -> Option<WidgetId> {
    widgets.get(number).copied().flatten()
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
