//! Blocks as they are written in the text of a big world: which lines are of which kind, and who is named in
//! them. Nothing of it hangs on what other blocks say but who was named before, and so it is found while the
//! blocks before are taken in, by a thread of its own.

use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, ScopedJoinHandle};

use foldhash::{HashMap, HashMapExt};

use super::super::parse::begins_statement;
use lamplighter_core::model::{AgentId, Names, is_name};
use lamplighter_core::world::Membership;

/// So many blocks are handed over together, and their names looked up together.
const BATCH: usize = 256;
/// So many batches wait at most.
const BATCHES: usize = 8;
/// Of a text that is shorter than this nothing is gained by a second thread.
const LONG: usize = 1 << 20;

/// Some blocks, one after the other.
pub struct Batch<'a> {
    pub blocks: Vec<Written<'a>>,
    /// The members of all of them, and whether they count.
    pub members: Vec<(AgentId, Membership)>,
    /// How many agents are named so far.
    pub agent_count: usize,
}

/// A block, but for what its settings mean.
pub struct Written<'a> {
    /// Where in the text it stands.
    pub place: Range<usize>,
    /// Its name, where it and those of its members are written as most are, each member once; nothing of a
    /// batch stands behind one where they are not.
    pub name: Option<&'a str>,
    /// Its members among those of the batch, and on how many lines they stand.
    pub members: Range<usize>,
    pub member_lines: usize,
    /// The number of its lines of a scheduler, and how many they are.
    pub scheduler: usize,
    pub scheduler_lines: usize,
    /// The number of all other lines that say something.
    pub rest: usize,
}

/// Lets `take` have all blocks of a text from a place on, in their order, each time with the agents that are
/// known so far if the last of the blocks has no name, and what that names has to go to them; gives where in
/// the text they end, and all agents. Of a long text they are found by a second thread, if there may be so many.
/// `None` where `take` does not go on.
pub fn each_batch<'a>(
    text: &'a str,
    first: usize,
    threads: usize,
    mut take: impl FnMut(&Batch<'a>, Option<&mut Names<AgentId>>) -> Option<()>,
) -> Option<(usize, Names<AgentId>)> {
    let mut batches = match text.len() >= LONG && threads >= 2 {
        true => ahead(text, first, &mut take)?,
        false => Batches::new(text, first),
    };
    while let Some(batch) = batches.next() {
        let agents = batch.is_odd().then_some(&mut batches.agents);
        take(&batch, agents)?;
    }
    Some((batches.blocks.next, batches.agents))
}

/// The same by a second thread, up to the first block without a name; gives what is left.
fn ahead<'a>(
    text: &'a str,
    first: usize,
    take: &mut impl FnMut(&Batch<'a>, Option<&mut Names<AgentId>>) -> Option<()>,
) -> Option<Batches<'a>> {
    thread::scope(|scope| {
        let (sender, found): (SyncSender<Batch<'a>>, Receiver<_>) = sync_channel(BATCHES);
        let finder = thread::Builder::new().spawn_scoped(scope, move || {
            let (mut batches, mut odd) = (Batches::new(text, first), None);
            while odd.is_none()
                && let Some(batch) = batches.next()
            {
                match batch.is_odd() {
                    true => odd = Some(batch),
                    // Where nobody takes them any more, nobody needs to find them.
                    false if sender.send(batch).is_err() => break,
                    false => {}
                }
            }
            (batches, odd)
        });
        let Ok(finder) = finder else { return Some(Batches::new(text, first)) };
        let taken = found.iter().try_for_each(|batch| take(&batch, None));
        drop(found);
        let (mut batches, odd) = join(finder);
        taken?;
        if let Some(batch) = odd {
            take(&batch, Some(&mut batches.agents))?;
        }
        Some(batches)
    })
}

fn join<T>(finder: ScopedJoinHandle<'_, T>) -> T {
    finder.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

impl Batch<'_> {
    /// Whether its last block is not written as most are.
    fn is_odd(&self) -> bool {
        self.blocks.last().is_some_and(|block| block.name.is_none())
    }
}

/// Goes from batch to batch.
struct Batches<'a> {
    blocks: Blocks<'a>,
    agents: Names<AgentId>,
    /// What lines are numbered by, those of schedulers and all others.
    schedulers: HashMap<&'a str, Numbered>,
    rests: HashMap<&'a str, Numbered>,
    /// The members of the batch at hand by their names.
    names: Vec<(&'a str, Membership)>,
}

impl<'a> Batches<'a> {
    fn new(text: &'a str, first: usize) -> Self {
        Self {
            blocks: Blocks { text, next: first },
            agents: Names::default(),
            schedulers: HashMap::new(),
            rests: HashMap::new(),
            names: Vec::new(),
        }
    }

    /// Finds whom the names of a block are; `None` where one is no agent's, or says what cannot be.
    fn members(
        &mut self,
        names: Range<usize>,
        members: &mut Vec<(AgentId, Membership)>,
    ) -> Option<()> {
        let first = members.len();
        for &(name, membership) in &self.names[names] {
            let before = self.agents.len();
            let agent = self.agents.intern(name);
            // Who is known was looked at before.
            if before < self.agents.len() && begins_statement(name) {
                return None;
            }
            let named = members[first..].iter_mut().find(|(other, _)| *other == agent);
            match (membership, named) {
                (Membership::Active, None) => members.push((agent, membership)),
                (Membership::Suspended, Some((_, now @ Membership::Active))) => *now = membership,
                // Named twice, or no member.
                (Membership::Active, Some(_)) | (Membership::Suspended, _) => return None,
            }
        }
        Some(())
    }
}

impl<'a> Iterator for Batches<'a> {
    type Item = Batch<'a>;

    fn next(&mut self) -> Option<Batch<'a>> {
        let mut blocks = Vec::with_capacity(BATCH);
        self.names.clear();
        for lines in self.blocks.by_ref().take(BATCH) {
            let first = self.names.len();
            let scheduler = number(&mut self.schedulers, lines.scheduler);
            let rest = number(&mut self.rests, lines.rest);
            let name = lines.names(&mut self.names);
            let name = name.filter(|_| !scheduler.names_somebody && !rest.names_somebody);
            blocks.push(Written {
                name,
                members: first..self.names.len(),
                member_lines: lines.members.lines().count(),
                scheduler: scheduler.number,
                scheduler_lines: lines.scheduler.lines().count(),
                rest: rest.number,
                place: lines.place,
            });
            if name.is_none() {
                break;
            }
        }
        self.agents.look_ahead(self.names.iter().map(|(name, _)| *name));
        let mut members = Vec::with_capacity(self.names.len());
        let mut taken = 0;
        for block in &mut blocks {
            let first = members.len();
            let names = std::mem::replace(&mut block.members, first..first);
            let known = block.name.and_then(|_| self.members(names, &mut members));
            taken += 1;
            if known.is_none() {
                block.name = None;
                members.truncate(first);
                break;
            }
            block.members.end = members.len();
        }
        blocks.truncate(taken);
        self.blocks.next = blocks.last()?.place.end;
        let agent_count = self.agents.len();
        Some(Batch { blocks, members, agent_count })
    }
}

/// What is known of lines wherever they stand.
#[derive(Clone, Copy)]
struct Numbered {
    number: usize,
    /// Whether there are members among them, out of their place.
    names_somebody: bool,
}

/// The number of a text, the same wherever it stands; they count from zero.
fn number<'a>(numbers: &mut HashMap<&'a str, Numbered>, text: &'a str) -> Numbered {
    let number = numbers.len();
    *numbers.entry(text).or_insert_with(|| {
        let said = text.lines().map(|line| line.trim_start_matches([' ', '\t']));
        let is_named =
            |line: &str| [MEMBERS, SUSPENDED].iter().any(|word| line.starts_with(word.trim()));
        Numbered { number, names_somebody: { said }.any(is_named) }
    })
}

impl<'a> Lines<'a> {
    /// The name of the block; its members go to `names`. `None` where they are to be read as others are.
    fn names(&self, names: &mut Vec<(&'a str, Membership)>) -> Option<&'a str> {
        for line in self.members.lines() {
            let (written, membership) = match line.strip_prefix(MEMBERS) {
                Some(written) => (written, Membership::Active),
                None => (line.strip_prefix(SUSPENDED)?, Membership::Suspended),
            };
            for name in written.split(' ') {
                is_name(name).then(|| names.push((name, membership)))?;
            }
        }
        let name = self.head.strip_prefix(PROPERTY).filter(|name| is_name(name));
        name.or_else(|| {
            let name = self.head.strip_prefix(WIDGET)?;
            let (property, widget) = name.split_once('/')?;
            (is_name(property) && is_name(widget) && self.members.is_empty()).then_some(name)
        })
    }
}

/// A block whose first line begins at the margin, and whose others do not.
struct Lines<'a> {
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
    type Item = Lines<'a>;

    fn next(&mut self) -> Option<Lines<'a>> {
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
        Some(Lines {
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
