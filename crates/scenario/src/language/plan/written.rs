//! Blocks as they are written in the text of a big world: which lines are of which kind, and which names stand
//! in them. Nothing of it hangs on what other blocks say, and so it is found while the ones before are taken
//! in, by a thread of its own.

use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, ScopedJoinHandle};

use foldhash::{HashMap, HashMapExt};

use lamplighter_core::model::is_name;
use lamplighter_core::world::Membership;

/// So many blocks are handed over together.
const BATCH: usize = 256;
/// So many batches wait at most.
const BATCHES: usize = 8;
/// Of a text that is shorter than this nothing is gained by a second thread.
const LONG: usize = 1 << 20;

/// Some blocks, one after the other.
pub struct Batch<'a> {
    pub blocks: Vec<Written<'a>>,
    /// The members of all of them, and whether they count.
    pub names: Vec<(&'a str, Membership)>,
    /// Where in the text what stands behind them begins.
    pub end: usize,
}

/// A block, but for what its settings mean.
pub struct Written<'a> {
    /// Where in the text it stands.
    pub place: Range<usize>,
    /// Its name, where it and those of its members are written as most are.
    pub name: Option<&'a str>,
    /// Its members among the names of the batch, and on how many lines they stand.
    pub members: Range<usize>,
    pub member_lines: usize,
    /// The number of its lines of a scheduler, and how many they are.
    pub scheduler: usize,
    pub scheduler_lines: usize,
    /// The number of all other lines that say something.
    pub rest: usize,
}

/// Lets `take` have all blocks of a text from a place on, in their order; gives where in the text they end.
/// Of a long one they are found by a second thread, if there may be so many. `None` where `take` does not
/// go on.
pub fn each_batch<'a>(
    text: &'a str,
    first: usize,
    threads: usize,
    mut take: impl FnMut(&Batch<'a>) -> Option<()>,
) -> Option<usize> {
    let mut end = first;
    let mut taking = |batch: &Batch<'a>| {
        end = batch.end;
        take(batch)
    };
    if text.len() < LONG || threads < 2 {
        Batches::new(text, first).try_for_each(|batch| taking(&batch))?;
        return Some(end);
    }
    thread::scope(|scope| {
        let (sender, found): (SyncSender<Batch<'a>>, Receiver<_>) = sync_channel(BATCHES);
        // Where nobody takes them any more, nobody needs to find them.
        let finder = thread::Builder::new().spawn_scoped(scope, move || {
            Batches::new(text, first).all(|batch| sender.send(batch).is_ok());
        });
        let Ok(finder) = finder else {
            return Batches::new(text, first).try_for_each(|batch| taking(&batch));
        };
        let taken = found.iter().try_for_each(|batch| taking(&batch));
        drop(found);
        join(finder);
        taken
    })?;
    Some(end)
}

fn join(finder: ScopedJoinHandle<'_, ()>) {
    if let Err(panic) = finder.join() {
        std::panic::resume_unwind(panic);
    }
}

/// Goes from batch to batch.
struct Batches<'a> {
    blocks: Blocks<'a>,
    /// What lines are numbered by, those of schedulers and all others.
    schedulers: HashMap<&'a str, usize>,
    rests: HashMap<&'a str, usize>,
}

impl<'a> Batches<'a> {
    fn new(text: &'a str, first: usize) -> Self {
        let blocks = Blocks { text, next: first };
        Self { blocks, schedulers: HashMap::new(), rests: HashMap::new() }
    }
}

impl<'a> Iterator for Batches<'a> {
    type Item = Batch<'a>;

    fn next(&mut self) -> Option<Batch<'a>> {
        let mut batch = Batch { blocks: Vec::with_capacity(BATCH), names: Vec::new(), end: 0 };
        for lines in self.blocks.by_ref().take(BATCH) {
            let first = batch.names.len();
            let name = lines.names(&mut batch.names);
            if name.is_none() {
                batch.names.truncate(first);
            }
            batch.blocks.push(Written {
                name,
                members: first..batch.names.len(),
                member_lines: lines.members.lines().count(),
                scheduler: number(&mut self.schedulers, lines.scheduler),
                scheduler_lines: lines.scheduler.lines().count(),
                rest: number(&mut self.rests, lines.rest),
                place: lines.place,
            });
        }
        batch.end = self.blocks.next;
        (!batch.blocks.is_empty()).then_some(batch)
    }
}

/// The number of a text, the same wherever it stands; they count from zero.
fn number<'a>(numbers: &mut HashMap<&'a str, usize>, text: &'a str) -> usize {
    let next = numbers.len();
    *numbers.entry(text).or_insert(next)
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
