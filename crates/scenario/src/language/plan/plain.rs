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
use super::{Plan, Planner};
use lamplighter_core::hours::Zones;
use lamplighter_core::model::{AgentId, SettingName, Settings, WidgetId, is_name};
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
/// written as most are.
pub(crate) fn plan_plain(
    source: &Source,
    zones: &Arc<Zones>,
    beside: ReadFile<'_>,
) -> Option<Plain> {
    let text = source.text();
    let first = memchr::memmem::find(text.as_bytes(), b"\nproperty ")? + 1;
    let header = read_around(source, first..text.len())?.header;
    let (mut diagnostics, put_in) = (Vec::new(), PutIn::default());
    let planner = Planner::new(&header, &put_in, zones, beside, &mut diagnostics);
    let mut taker = Taker {
        source,
        planner,
        schedulers: HashMap::new(),
        rests: HashMap::new(),
        both: HashMap::new(),
        names: Vec::new(),
    };
    let mut blocks = Blocks { text, next: first };
    let mut together = Vec::with_capacity(TOGETHER);
    loop {
        together.clear();
        together.extend(blocks.by_ref().take(TOGETHER));
        if together.is_empty() {
            break;
        }
        taker.take(&together)?;
    }
    // Of a million properties that is less work at once than name by name.
    let Roster { properties, agents, .. } = &taker.planner.roster;
    if properties.iter().any(|name| agents.get(name).is_some()) {
        return None;
    }
    let blocks = first..blocks.next;
    let is_over = text[blocks.end..].is_empty() || begins_part(&text[blocks.end..]);
    let document = read_around(source, blocks.clone()).filter(|_| is_over)?;
    let plan = taker.planner.finish(&document);
    diagnostics.is_empty().then_some(Plain { document, plan, blocks })
}

/// Whether a text begins with what stands behind all blocks.
fn begins_part(text: &str) -> bool {
    ["at ", "replay ", "observed ", "until "].iter().any(|word| text.starts_with(word))
}

/// A block whose first line begins at the margin, and whose others do not.
#[derive(Clone)]
struct Written<'a> {
    /// Where in the text it stands.
    place: Range<usize>,
    /// Its first line.
    head: &'a str,
    /// The lines below it that name members, one after the other.
    members: &'a str,
    /// The lines of a scheduler and of its hours right behind them.
    scheduler: &'a str,
    /// All others, up to the last that says something.
    rest: &'a str,
}

/// Goes from block to block, as far as they are written so.
struct Blocks<'a> {
    text: &'a str,
    next: usize,
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Written<'a>;

    fn next(&mut self) -> Option<Written<'a>> {
        let (text, start) = (self.text, self.next);
        if !begins_block(&text[start..]) {
            return None;
        }
        let head_end = line_end(text, start);
        // Where the lines of each kind end, and all that say something.
        let (mut members, mut scheduler, mut said) = (head_end, head_end, head_end);
        let mut next = head_end;
        while let Some(&first) = text.as_bytes().get(next)
            && matches!(first, b' ' | b'\t' | b'\n' | b'\r' | b'#')
        {
            let (line, end) = (&text[next..], line_end(text, next));
            if members == next && (line.starts_with(MEMBERS) || line.starts_with(SUSPENDED)) {
                (members, scheduler) = (end, end);
            } else if scheduler == next
                && line.starts_with(if scheduler == members { SCHEDULER } else { HOURS })
            {
                scheduler = end;
            }
            // Nearly all lines that say something are indented by two blanks.
            let is_plain = first == b' ' && matches!(line.as_bytes().get(2), Some(b'a'..=b'z'));
            if is_plain || !is_silent(&text[next..end]) {
                said = end;
            }
            next = end;
        }
        self.next = next;
        Some(Written {
            place: start..next,
            head: text[start..head_end].trim_ascii_end(),
            members: &text[head_end..members],
            scheduler: &text[members..scheduler],
            rest: &text[scheduler..said.max(scheduler)],
        })
    }
}

const MEMBERS: &str = "  members ";
const SUSPENDED: &str = "  suspended ";
const SCHEDULER: &str = "  scheduler ";
const HOURS: &str = "    ";
const PROPERTY: &str = "property ";
const WIDGET: &str = "widget ";

fn begins_block(text: &str) -> bool {
    text.starts_with(PROPERTY) || text.starts_with(WIDGET)
}

/// The byte behind a line and its end.
fn line_end(text: &str, start: usize) -> usize {
    let rest = &text.as_bytes()[start..];
    memchr::memchr(b'\n', rest).map_or(text.len(), |at| start + at + 1)
}

/// Whether a line says nothing.
fn is_silent(line: &str) -> bool {
    let said = line.trim_start_matches([' ', '\t']);
    said.trim_ascii_end().is_empty() || said.starts_with('#')
}

/// Takes blocks in.
struct Taker<'a> {
    source: &'a Source,
    planner: Planner<'a>,
    /// What lines give, by these: a scheduler with its hours, and all other settings of a block.
    schedulers: HashMap<&'a str, Part>,
    rests: HashMap<&'a str, Part>,
    /// A widget with the settings that both give.
    both: HashMap<(usize, usize), WidgetId>,
    /// The members of blocks one after the other, and whether they count.
    names: Vec<(&'a str, Membership)>,
}

/// What some lines of a block give.
#[derive(Clone, Copy)]
struct Part {
    /// A number of its own among those of its kind.
    number: usize,
    /// A widget that has it.
    widget: WidgetId,
}

/// A block of which all but its names is known.
struct Known<'a> {
    name: &'a str,
    /// Its members among the names.
    members: Range<usize>,
    /// What its lines give.
    scheduler: Part,
    rest: Part,
}

impl<'a> Taker<'a> {
    /// Takes blocks in, in their order; `None` where something is wrong.
    fn take(&mut self, blocks: &[Written<'a>]) -> Option<()> {
        self.names.clear();
        let known: Vec<Option<Known<'a>>> = blocks.iter().map(|block| self.known(block)).collect();
        let roster = &self.planner.roster;
        roster.agents.look_ahead(self.names.iter().map(|(name, _)| *name));
        for (block, known) in blocks.iter().zip(known) {
            match known {
                Some(known) => self.take_known(&known)?,
                None => self.take_unknown(block)?,
            }
        }
        Some(())
    }

    /// Looks at a block; `None` where it has to be read as others are.
    fn known(&mut self, block: &Written<'a>) -> Option<Known<'a>> {
        let scheduler = *self.schedulers.get(block.scheduler)?;
        let rest = *self.rests.get(block.rest)?;
        let first = self.names.len();
        for line in block.members.lines() {
            let (names, membership) = match line.strip_prefix(MEMBERS) {
                Some(names) => (names, Membership::Active),
                None => (line.strip_prefix(SUSPENDED)?, Membership::Suspended),
            };
            for name in names.split(' ') {
                is_name(name).then(|| self.names.push((name, membership)))?;
            }
        }
        let name = block.head.strip_prefix(PROPERTY).filter(|name| is_name(name));
        let name = name.or_else(|| {
            let name = block.head.strip_prefix(WIDGET)?;
            let (property, widget) = name.split_once('/')?;
            (is_name(property) && is_name(widget) && block.members.is_empty()).then_some(name)
        })?;
        Some(Known { name, members: first..self.names.len(), scheduler, rest })
    }

    fn take_known(&mut self, block: &Known<'a>) -> Option<()> {
        let Planner { roster, world, .. } = &mut self.planner;
        let is_new = |before: usize, after: usize| (before < after).then_some(());
        let property = match block.name.split_once('/') {
            Some((property, _)) => roster.properties.get(property)?,
            None => {
                let before = roster.properties.len();
                let property = roster.properties.intern(block.name);
                is_new(before, roster.properties.len())?;
                world.add_property();
                property
            }
        };
        let before = roster.widgets.len();
        roster.widgets.intern(block.name);
        is_new(before, roster.widgets.len())?;
        match self.both.entry((block.scheduler.number, block.rest.number)) {
            Entry::Occupied(entry) => world.add_widget_like(property, *entry.get()),
            Entry::Vacant(entry) => {
                let scheduler = world.settings_of(block.scheduler.widget).scheduler.clone();
                let rest = world.settings_of(block.rest.widget).clone();
                *entry.insert(world.add_widget(property, Settings { scheduler, ..rest }))
            }
        };
        let mut members: Vec<(AgentId, Membership)> = Vec::with_capacity(block.members.len());
        for &(name, membership) in &self.names[block.members.clone()] {
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
        for (agent, membership) in members {
            world.add_member(agent, property, membership);
        }
        Some(())
    }

    /// Reads a block as all others are read, and remembers its settings.
    fn take_unknown(&mut self, written: &Written<'a>) -> Option<()> {
        let blocks = read_blocks(self.source, written.place.clone())?;
        self.planner.blocks(&blocks);
        if !self.planner.diagnostics.is_empty() {
            return None;
        }
        let [block] = &blocks[..] else { return None };
        let first = written.members.lines().count();
        let lines = block.lines.get(first..)?;
        if are_settings_alone(lines, written.scheduler.lines().count()) {
            let widget = WidgetId::new(self.planner.roster.widgets.len() - 1);
            let number = self.schedulers.len();
            let part = self.schedulers.entry(written.scheduler);
            let scheduler = *part.or_insert(Part { number, widget });
            let number = self.rests.len();
            let rest = *self.rests.entry(written.rest).or_insert(Part { number, widget });
            self.both.insert((scheduler.number, rest.number), widget);
        }
        Some(())
    }
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
