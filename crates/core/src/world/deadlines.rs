//! Deadlines that all come the same length of time after what sets them: the grace of rule P7, the
//! idle time of rule P8. A few stand in one list; more of them in a ring of buckets that reaches just
//! beyond that length, so that setting one is putting it into its bucket, and nothing is done while
//! nothing falls due.

use super::copies::clone_by_field;
use crate::model::{DeviceId, Instant, Millis};
use crate::mutations::{Mutation, is_on};

/// Twice as many buckets as the length is divided into, so that none comes round too early.
const RING: usize = 512;
const DIVISIONS: u64 = RING as u64 / 2;
/// So many need no ring: a small fleet, of which copies are made again and again, has none to be copied.
const FEW: usize = 32;

/// Deadlines of devices, each at most one length ahead.
#[derive(Debug)]
pub struct Deadlines {
    /// A bucket is this many milliseconds wide, as a power of two.
    width_bits: u32,
    /// In order, the next one last, as long as there is no ring.
    few: Vec<(Instant, DeviceId)>,
    /// The ring, once there have been more than a few at once.
    buckets: Vec<Vec<(Instant, DeviceId)>>,
    occupied: [u64; RING / 64],
    /// The bucket of the next deadline, which alone is in order, the next one last.
    current: usize,
    next: Option<Instant>,
}

clone_by_field! { Deadlines { width_bits, few, buckets, occupied, current, next } }

impl Deadlines {
    /// No deadlines, for such a length.
    pub fn new(length: Millis) -> Self {
        let width_bits = (0..64).find(|&bits| length.0 >> bits < DIVISIONS).unwrap_or(64);
        let occupied = [0; RING / 64];
        let (few, buckets) = (Vec::new(), Vec::new());
        Self { width_bits, few, buckets, occupied, current: 0, next: None }
    }

    /// When the next deadline is due.
    #[inline]
    pub fn next(&self) -> Option<Instant> {
        self.next
    }

    /// Sets a deadline; it lies ahead, and not by more than the length.
    pub fn push(&mut self, due: Instant, device: DeviceId) {
        if self.buckets.is_empty() {
            if self.few.len() < FEW {
                insert(&mut self.few, (due, device));
                self.next = self.few.last().map(|&(due, _)| due);
                return;
            }
            let few = std::mem::take(&mut self.few);
            self.make_ring(few);
        }
        let bucket = self.bucket(due);
        let entries = &mut self.buckets[bucket];
        if bucket == self.current && self.next.is_some() {
            insert(entries, (due, device));
        } else {
            entries.push((due, device));
        }
        self.occupied[bucket / 64] |= 1 << (bucket % 64);
        if self.next.is_none_or(|next| due < next) {
            self.look_at(bucket);
        }
    }

    /// Sets a deadline that may lie ahead by more than the length.
    pub fn push_any(&mut self, due: Instant, device: DeviceId, now: Instant) {
        let ahead = due.since(now);
        if !self.reaches(ahead) {
            self.set_length(ahead, now);
        }
        self.push(due, device);
    }

    /// Deadlines of another length from now on. Those that are set stay as they are; a ring that
    /// holds the farthest of them, too, is made, and all of them are moved.
    pub fn set_length(&mut self, length: Millis, now: Instant) {
        let mut pending = std::mem::take(&mut self.few);
        pending.extend(std::mem::take(&mut self.buckets).into_iter().flatten());
        let farthest = pending.iter().map(|(due, _)| due.since(now)).max();
        *self = Self::new(farthest.map_or(length, |farthest| farthest.max(length)));
        if pending.len() > FEW {
            return self.make_ring(pending);
        }
        pending.iter().for_each(|entry| insert(&mut self.few, *entry));
        self.next = self.few.last().map(|&(due, _)| due);
    }

    /// A ring with such deadlines, of which there are some.
    fn make_ring(&mut self, pending: Vec<(Instant, DeviceId)>) {
        let Some(&(next, _)) = pending.iter().min() else { return };
        self.buckets.resize(RING, Vec::new());
        for (due, device) in pending {
            let bucket = self.bucket(due);
            self.buckets[bucket].push((due, device));
            self.occupied[bucket / 64] |= 1 << (bucket % 64);
        }
        self.look_at(self.bucket(next));
    }

    fn reaches(&self, length: Millis) -> bool {
        length.0.checked_shr(self.width_bits).unwrap_or(0) < DIVISIONS
    }

    /// The device of the next deadline.
    pub fn next_device(&self) -> Option<DeviceId> {
        let entries = self.buckets.get(self.current).unwrap_or(&self.few);
        self.next.and_then(|_| entries.last()).map(|&(_, device)| device)
    }

    /// Takes a deadline that is due at an instant: the next one, if it is due then.
    pub fn pop(&mut self, at: Instant) -> Option<DeviceId> {
        if self.next != Some(at) {
            return None;
        }
        if self.buckets.is_empty() {
            let (_, device) = self.few.pop()?;
            if is_on(Mutation::CountdownsOverwriteEachOther) {
                self.few.retain(|(due, _)| *due != at);
            }
            self.next = self.few.last().map(|&(due, _)| due);
            return Some(device);
        }
        let (_, device) = self.buckets[self.current].pop()?;
        if is_on(Mutation::CountdownsOverwriteEachOther) {
            self.buckets[self.current].retain(|(due, _)| *due != at);
        }
        match self.buckets[self.current].last() {
            Some(&(due, _)) => self.next = Some(due),
            None => {
                self.occupied[self.current / 64] &= !(1 << (self.current % 64));
                match self.next_occupied() {
                    Some(bucket) => self.look_at(bucket),
                    None => self.next = None,
                }
            }
        }
        Some(device)
    }

    /// Makes the bucket that holds the next deadline the current one.
    fn look_at(&mut self, bucket: usize) {
        self.current = bucket;
        self.buckets[bucket].sort_unstable_by(|a, b| b.cmp(a));
        self.next = self.buckets[bucket].last().map(|&(due, _)| due);
    }

    fn bucket(&self, due: Instant) -> usize {
        let since_first = (due.as_millis() - Instant::MIN.as_millis()) as u64;
        (since_first.checked_shr(self.width_bits).unwrap_or(0) % RING as u64) as usize
    }

    /// The first bucket with a deadline, going round from the current one.
    fn next_occupied(&self) -> Option<usize> {
        let words = self.occupied.len();
        let (first, shift) = (self.current / 64, self.current % 64);
        let ahead = self.occupied[first] >> shift << shift;
        let rest =
            (1..words).map(|by| (first + by) % words).map(|word| (word, self.occupied[word]));
        let behind = self.occupied[first] & !(u64::MAX << shift);
        let mut all = std::iter::once((first, ahead)).chain(rest).chain([(first, behind)]);
        let (word, bits) = all.find(|(_, bits)| *bits != 0)?;
        Some(word * 64 + bits.trailing_zeros() as usize)
    }
}

/// Puts a deadline in its place among some that are in order, the next one last.
fn insert(entries: &mut Vec<(Instant, DeviceId)>, entry: (Instant, DeviceId)) {
    let place = entries.partition_point(|other| *other > entry);
    entries.insert(place, entry);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AgentId;
    use std::collections::BinaryHeap;

    /// A queue that is obviously right, beside the ring, over lengths of all sizes.
    #[test]
    fn deadlines_come_in_the_order_of_a_heap() {
        for length_ms in [1, 7, 255, 256, 120_000, 600_000, 3 * 86_400_000, 1 << 50, u64::MAX] {
            let mut ring = Deadlines::new(Millis(length_ms));
            let mut heap = BinaryHeap::new();
            let reach_ms = i64::try_from(length_ms).unwrap_or(i64::MAX).min(1 << 40);
            let mut draw = 0x9E37_79B9_7F4A_7C15_u64;
            let mut now_ms = 1_773_057_600_000;
            let mut popped = 0;
            for step in 0..5_000_usize {
                draw ^= draw << 13;
                draw ^= draw >> 7;
                draw ^= draw << 17;
                let ahead_ms = match draw % 4 {
                    // Mostly the whole length, as graces are; else what is left of an idle time.
                    0 => 1 + (draw >> 8) as i64 % reach_ms,
                    _ => reach_ms,
                };
                let due = Instant::from_millis(now_ms + ahead_ms).expect("in range");
                let device = DeviceId::new(AgentId::new(step), 0);
                ring.push(due, device);
                heap.push(std::cmp::Reverse((due, device)));
                now_ms += (draw >> 20) as i64 % (reach_ms / 16 + 2);
                let now = Instant::from_millis(now_ms).expect("in range");
                while let Some(&std::cmp::Reverse((due, device))) = heap.peek()
                    && due <= now
                {
                    assert_eq!(ring.next(), Some(due));
                    assert_eq!(ring.pop(due), Some(device));
                    heap.pop();
                    popped += 1;
                }
                assert_eq!(ring.next(), heap.peek().map(|next| next.0.0));
            }
            assert!(popped > 2_000, "{length_ms}: {popped}");
        }
    }

    /// What is pending may reach farther than the length that comes.
    #[test]
    fn a_ring_of_another_length_keeps_what_is_pending() {
        let mut ring = Deadlines::new(Millis(1_000));
        let mut heap = BinaryHeap::new();
        let mut draw = 0x9E37_79B9_7F4A_7C15_u64;
        let mut now_ms = 1_773_057_600_000;
        let mut length_ms = 1_000;
        let at = |ms: i64| Instant::from_millis(ms).expect("in range");
        for step in 0..5_000_usize {
            draw ^= draw << 13;
            draw ^= draw >> 7;
            draw ^= draw << 17;
            match draw % 16 {
                0 => {
                    length_ms = 1 << ((draw >> 8) % 30);
                    ring.set_length(Millis(length_ms), at(now_ms));
                }
                1 => {
                    let due = at(now_ms + (1 << ((draw >> 8) % 36)));
                    let device = DeviceId::new(AgentId::new(step), 1);
                    ring.push_any(due, device, at(now_ms));
                    heap.push(std::cmp::Reverse((due, device)));
                }
                _ => {
                    let due = at(now_ms + 1 + ((draw >> 8) % length_ms) as i64);
                    let device = DeviceId::new(AgentId::new(step), 0);
                    ring.push(due, device);
                    heap.push(std::cmp::Reverse((due, device)));
                }
            }
            now_ms += (draw >> 20) as i64 % (length_ms as i64 / 4 + 2);
            while let Some(&std::cmp::Reverse((due, device))) = heap.peek()
                && due <= at(now_ms)
            {
                assert_eq!(ring.next(), Some(due));
                assert_eq!(ring.pop(due), Some(device));
                heap.pop();
            }
            assert_eq!(ring.next(), heap.peek().map(|next| next.0.0));
        }
    }
}
