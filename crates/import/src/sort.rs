//! What was taken from a log, in the order of time: in memory as long as it fits, else as sorted runs in
//! files that are merged.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

/// Something that was taken from a row.
///
/// Entries are in the order of time; at one instant, intervals end before others begin, and then the
/// order is that of the log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Entry {
    /// The instant at which it happened, in milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// Whether it is the end of an interval, where in the log it stands, and what it is.
    order: u64,
    /// The number of the agent to whom it happened.
    pub agent: u32,
    /// The number of the device that it happened on; [`ALL_DEVICES`] where it is for all of the
    /// agent's.
    pub device: u32,
}

/// Stands in the place of a device for all that the agent has.
pub const ALL_DEVICES: u32 = u32::MAX;

const WHAT_BITS: u32 = 8;
const BEGINS_BIT: u64 = 1 << 63;
/// A log has fewer rows.
const PLACES: u64 = 1 << (63 - WHAT_BITS);
/// The place of the last row that there can be.
pub const LAST_PLACE: u64 = PLACES - 1;

impl Entry {
    /// An entry from the row at a place of the log. Ends come before all else of their instant.
    pub fn new(
        at_ms: i64,
        is_end: bool,
        place: u64,
        what: u8,
        (agent, device): (u32, u32),
    ) -> Self {
        let begins = if is_end { 0 } else { BEGINS_BIT };
        let order = begins | (place % PLACES) << WHAT_BITS | u64::from(what);
        Self { at_ms, order, agent, device }
    }

    /// Where it stands among entries of other rows.
    #[inline]
    fn when(&self) -> (i64, u64) {
        (self.at_ms, self.order)
    }

    /// Whether it is the end of an interval.
    pub fn is_end(&self) -> bool {
        self.order & BEGINS_BIT == 0
    }

    /// Where in the log the row stands: an interval's two ends are of one row.
    pub fn place(&self) -> u64 {
        (self.order & !BEGINS_BIT) >> WHAT_BITS
    }

    /// What the row says, as the byte that whoever made the entry gave it.
    pub fn what(&self) -> u8 {
        self.order as u8
    }

    /// The same of a row that stands so much further behind in the log, with other numbers.
    pub fn moved(self, places: i64, (agent, device): (u32, u32)) -> Self {
        let order = self.order.wrapping_add_signed(places << WHAT_BITS);
        Self { at_ms: self.at_ms, order, agent, device }
    }

    fn to_bytes(self) -> [u8; ENTRY_BYTES] {
        let mut bytes = [0; ENTRY_BYTES];
        bytes[..8].copy_from_slice(&self.at_ms.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.order.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.agent.to_le_bytes());
        bytes[20..].copy_from_slice(&self.device.to_le_bytes());
        bytes
    }

    fn from_bytes(bytes: [u8; ENTRY_BYTES]) -> Self {
        let eight = |at: usize| bytes[at..at + 8].try_into().expect("eight bytes");
        let four = |at: usize| bytes[at..at + 4].try_into().expect("four bytes");
        Self {
            at_ms: i64::from_le_bytes(eight(0)),
            order: u64::from_le_bytes(eight(8)),
            agent: u32::from_le_bytes(four(16)),
            device: u32::from_le_bytes(four(20)),
        }
    }
}

const ENTRY_BYTES: usize = 24;
/// So many entries are sorted in memory at once: 48 MiB of them.
const RUN_ENTRIES: usize = 1 << 21;

/// Puts entries in order.
pub struct Sorter {
    /// Each not before the one in front of it.
    entries: Vec<Entry>,
    /// Those that came behind later ones. In most logs they are few.
    late: Vec<Entry>,
    run_entries: usize,
    runs: Vec<File>,
}

impl Default for Sorter {
    fn default() -> Self {
        Self::with_runs_of(RUN_ENTRIES)
    }
}

impl Sorter {
    /// A sorter that keeps so many entries in memory.
    pub fn with_runs_of(run_entries: usize) -> Self {
        let (entries, late) = (Vec::new(), Vec::new());
        Self { entries, late, run_entries: run_entries.max(1), runs: Vec::new() }
    }

    /// Takes an entry.
    ///
    /// # Errors
    /// When a run cannot be written.
    #[inline]
    pub fn push(&mut self, entry: Entry) -> io::Result<()> {
        if self.entries.len() + self.late.len() == self.run_entries {
            self.write_run()?;
        }
        let is_late = self.entries.last().is_some_and(|last| entry.when() < last.when());
        if is_late { &mut self.late } else { &mut self.entries }.push(entry);
        Ok(())
    }

    /// Puts those that were late among the others.
    fn put_in_order(&mut self) {
        self.late.sort();
        self.entries.append(&mut self.late);
        // Two stretches that are in order each are merged.
        self.entries.sort();
    }

    fn write_run(&mut self) -> io::Result<()> {
        self.put_in_order();
        let mut out = BufWriter::with_capacity(1 << 18, tempfile::tempfile()?);
        for entry in self.entries.drain(..) {
            out.write_all(&entry.to_bytes())?;
        }
        let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        self.runs.push(file);
        Ok(())
    }

    /// All entries, in order.
    ///
    /// # Errors
    /// When a run cannot be read again.
    pub fn finish(mut self) -> io::Result<Sorted> {
        self.put_in_order();
        let mut runs: Vec<Run> = self.runs.into_iter().map(Run::from_file).collect();
        runs.push(Run::Memory(self.entries.into_iter()));
        let mut next = BinaryHeap::new();
        for (index, run) in runs.iter_mut().enumerate() {
            next.extend(run.next()?.map(|entry| Reverse((entry, index))));
        }
        let first = next.pop().map(|Reverse(first)| first);
        Ok(Sorted { runs, first, next })
    }
}

enum Run {
    Memory(std::vec::IntoIter<Entry>),
    File(BufReader<File>),
}

impl Run {
    fn from_file(file: File) -> Self {
        Self::File(BufReader::with_capacity(1 << 16, file))
    }

    fn next(&mut self) -> io::Result<Option<Entry>> {
        match self {
            Self::Memory(entries) => Ok(entries.next()),
            Self::File(file) => {
                let mut bytes = [0; ENTRY_BYTES];
                match file.read_exact(&mut bytes) {
                    Ok(()) => Ok(Some(Entry::from_bytes(bytes))),
                    Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
                    Err(error) => Err(error),
                }
            }
        }
    }
}

/// The entries of all runs merged into one order.
pub struct Sorted {
    runs: Vec<Run>,
    /// The first of all that are left, and its run.
    first: Option<(Entry, usize)>,
    /// The first of each other run that has more.
    next: BinaryHeap<Reverse<(Entry, usize)>>,
}

impl Iterator for Sorted {
    type Item = io::Result<Entry>;

    #[inline]
    fn next(&mut self) -> Option<io::Result<Entry>> {
        let (entry, run) = self.first?;
        let following = match self.runs[run].next() {
            Ok(following) => following.map(|following| (following, run)),
            Err(error) => {
                self.first = None;
                return Some(Err(error));
            }
        };
        self.first = match (following, self.next.peek()) {
            (None, _) => self.next.pop().map(|Reverse(first)| first),
            (Some(following), Some(Reverse(other))) if *other < following => {
                self.next.push(Reverse(following));
                self.next.pop().map(|Reverse(first)| first)
            }
            // The run whose turn it was mostly goes on.
            (following, _) => following,
        };
        Some(Ok(entry))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry() -> impl Strategy<Value = Entry> {
        (-5..5_i64, prop::bool::ANY, 0..40_u64, 0..9_u8, (0..3_u32, 0..3_u32)).prop_map(
            |(at_ms, is_end, place, what, who)| Entry::new(at_ms, is_end, place, what, who),
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn runs_on_disk_give_what_memory_gives(
            entries in prop::collection::vec(entry(), 0..300),
            run_entries in 1_usize..80,
        ) {
            let mut sorter = Sorter::with_runs_of(run_entries);
            for entry in &entries {
                sorter.push(*entry).expect("a temporary file");
            }
            let sorted = sorter.finish().expect("a temporary file");
            let sorted: Vec<Entry> = sorted.map(|entry| entry.expect("a run")).collect();
            let mut expected = entries;
            expected.sort();
            prop_assert_eq!(sorted, expected);
        }

        #[test]
        fn an_entry_is_what_was_put_into_it(
            at_ms in prop::num::i64::ANY, is_end in prop::bool::ANY, place in 0..PLACES,
            what in prop::num::u8::ANY, agent in prop::num::u32::ANY, device in prop::num::u32::ANY,
        ) {
            let entry = Entry::new(at_ms, is_end, place, what, (agent, device));
            let entry = Entry::from_bytes(entry.to_bytes());
            prop_assert_eq!((entry.at_ms, entry.is_end()), (at_ms, is_end));
            prop_assert_eq!((entry.place(), entry.what()), (place, what));
            prop_assert_eq!((entry.agent, entry.device), (agent, device));
        }
    }
}
