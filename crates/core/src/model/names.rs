//! Names and their ids, both ways, packed for millions of them: a name of up to 15 bytes is a word
//! of 16 in one place, longer ones stand aside, and a table of hashes leads from a name to its id.

use std::marker::PhantomData;

use super::packed_names::PackedNames;

/// Names one after the other, in little space.
#[derive(Clone, Debug, Default)]
pub struct NameList {
    keys: Vec<Key>,
    /// The names that are too long for a key.
    long: String,
    /// All of them where they were [packed](Self::pack), and then no keys.
    packed: PackedNames,
}

/// A name of up to [`SHORT_MAX`] bytes with its length behind it, or where a longer one stands. Of
/// short names the keys are equal if and only if the names are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Key([u8; 16]);

/// A name of up to 15 bytes in one word, so that one look tells whether two are equal.
///
/// ```
/// use lamplighter_core::model::NameKey;
/// let ann = NameKey::of("ann");
/// assert!(ann.is_some() && ann != NameKey::of("anne"));
/// assert_eq!(ann, Some(NameKey::of_bytes(u128::from_le_bytes(*b"ann,desk,login\n-"), 3)));
/// assert_eq!(NameKey::of("a-name-of-16-byte"), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NameKey([u64; 2]);

impl NameKey {
    /// The key of what has no letters, which no name is.
    pub const EMPTY: Self = Self([0; 2]);
    /// Stands for any name that is too long for a key; the key of none.
    pub const TOO_LONG: Self = Self([u64::MAX; 2]);

    /// The key of a name; `None` where it is too long for one.
    pub fn of(name: &str) -> Option<Self> {
        Key::short(name.as_bytes()).map(|key| Self(key.halves()))
    }

    /// The key of the first bytes of sixteen, 15 at most.
    #[inline]
    pub fn of_bytes(bytes: u128, len: usize) -> Self {
        const MASKS: [[u64; 2]; 16] = {
            let (mut masks, mut mask, mut len) = ([[0; 2]; 16], 0_u128, 1);
            while len < masks.len() {
                mask = mask << 8 | 0xff;
                masks[len] = [mask as u64, (mask >> 64) as u64];
                len += 1;
            }
            masks
        };
        let [low, high] = MASKS[len];
        Self([bytes as u64 & low, (bytes >> 64) as u64 & high | (len as u64) << 56])
    }

    /// Whether it stands for a name that is too long for one.
    #[inline]
    pub fn is_too_long(self) -> bool {
        let [_, high] = self.0;
        high == u64::MAX
    }

    /// A number that hardly any other name has.
    #[inline]
    pub fn hash(self) -> u64 {
        hash_of(self.0)
    }

    /// A number that few other names have, found sooner than a hash.
    #[inline]
    pub fn spread(self) -> u64 {
        let [low, high] = self.0;
        mix(low ^ SEED[0], high ^ SEED[1])
    }

    /// A number of so many bits, found sooner than a hash, that few of a few other names have.
    #[inline]
    pub fn few_bits(self, bits: u32) -> usize {
        let [low, high] = self.0;
        ((low ^ high).wrapping_mul(STIR) >> (u64::BITS - bits)) as usize
    }
}

const SHORT_MAX: usize = 15;
/// Stands in the place of a length.
const IS_LONG: u8 = u8::MAX;

impl Key {
    /// The key of a name that is not too long for one.
    #[inline]
    fn short(name: &[u8]) -> Option<Self> {
        let len = name.len();
        let eight = |at: usize| {
            let bytes = name[at..at + 8].try_into().expect("eight bytes");
            u128::from(u64::from_le_bytes(bytes))
        };
        let four = |at: usize| {
            let bytes = name[at..at + 4].try_into().expect("four bytes");
            u128::from(u32::from_le_bytes(bytes))
        };
        // The last bytes overlap the first ones, and say the same where they do.
        let packed = match len {
            8..=SHORT_MAX => eight(0) | eight(len - 8) << ((len - 8) * 8),
            4..8 => four(0) | four(len - 4) << ((len - 4) * 8),
            0..4 => {
                let bytes = name.iter().rev();
                bytes.fold(0, |word, &byte| word << 8 | u128::from(byte))
            }
            _ => return None,
        };
        Some(Self((packed | (len as u128) << 120).to_le_bytes()))
    }

    fn long(start: usize, len: usize) -> Self {
        let len = u32::try_from(len).expect("a name is shorter than 4 GiB");
        let mut key = [0; 16];
        key[..8].copy_from_slice(&(start as u64).to_le_bytes());
        key[8..12].copy_from_slice(&len.to_le_bytes());
        key[SHORT_MAX] = IS_LONG;
        Self(key)
    }

    #[inline]
    fn is_long(self) -> bool {
        self.0[SHORT_MAX] == IS_LONG
    }

    /// The two halves as numbers.
    #[inline]
    fn halves(self) -> [u64; 2] {
        let word = u128::from_le_bytes(self.0);
        [word as u64, (word >> 64) as u64]
    }
}

impl NameList {
    /// Adds a name at the end, whether or not it is there already.
    #[inline]
    pub fn push(&mut self, name: &str) {
        if !self.packed.is_empty() {
            self.unpack();
        }
        let key = Key::short(name.as_bytes()).unwrap_or_else(|| {
            let key = Key::long(self.long.len(), name.len());
            self.long.push_str(name);
            key
        });
        self.keys.push(key);
    }

    /// The name at a place, from zero.
    pub fn get(&self, index: usize) -> &str {
        str::from_utf8(self.get_bytes(index)).expect("a name is kept whole")
    }

    /// The bytes of the name at a place, for what writes millions of them.
    #[inline]
    pub fn get_bytes(&self, index: usize) -> &[u8] {
        if !self.packed.is_empty() {
            return self.packed.get(index);
        }
        let key = &self.keys[index];
        match key.is_long() {
            true => {
                let [start, len] = key.halves();
                &self.long.as_bytes()[start as usize..][..len as u32 as usize]
            }
            false => &key.0[..usize::from(key.0[SHORT_MAX])],
        }
    }

    /// All names in their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let packed = self.packed.iter();
        let keys = (0..self.keys.len()).map(|index| self.get_bytes(index));
        packed.chain(keys).map(|name| str::from_utf8(name).expect("a name is kept whole"))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.keys.len() + self.packed.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets all names, and keeps the room for as many.
    pub fn clear(&mut self) {
        self.keys.clear();
        self.long.clear();
        self.packed = PackedNames::default();
    }

    /// Keeps names in two thirds of the space from now on, where one is asked for now and then, until one more
    /// is added.
    pub fn pack(&mut self) {
        let names = (0..self.keys.len()).map(|index| self.get_bytes(index));
        let packed = PackedNames::new(names);
        if !packed.is_empty() {
            *self = Self { packed, ..Self::default() };
        }
    }

    fn unpack(&mut self) {
        let mut all = Self::default();
        self.iter().for_each(|name| all.push(name));
        *self = all;
    }
}

/// Multiplies to twice the width and folds: every bit of both has its say in every bit.
#[inline]
fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

// Digits of pi: any numbers do that have nothing to do with names.
const SEED: [u64; 2] = [0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7344];
const STIR: u64 = 0xA409_3822_299F_31D1;

#[inline]
fn hash_of_short(key: Key) -> u64 {
    hash_of(key.halves())
}

#[inline]
fn hash_of([low, high]: [u64; 2]) -> u64 {
    mix(mix(low ^ SEED[0], high ^ SEED[1]), STIR)
}

fn hash_of_long(name: &[u8]) -> u64 {
    let mut hash = name.len() as u64;
    for piece in name.chunks(SHORT_MAX) {
        let key = Key::short(piece).expect("a piece is short");
        hash = mix(hash ^ STIR, hash_of_short(key));
    }
    hash
}

/// Names of one kind, each once, and their ids: the places in the order of declaration.
///
/// ```
/// use lamplighter_core::model::{AgentId, Names};
/// let mut agents: Names<AgentId> = Names::default();
/// let ann = agents.intern("ann");
/// assert_eq!(agents.intern("ann"), ann);
/// assert_eq!(agents.name(ann), "ann");
/// assert_eq!(agents.get("bob"), None);
/// ```
#[derive(Clone, Debug)]
pub struct Names<Id> {
    list: NameList,
    /// A table by hash, with room to spare, its length a power of two: in each slot the upper half
    /// of a hash, and the index with one added; zero for none. Empty where it was [let
    /// go](Self::let_go_of_table).
    slots: Vec<u64>,
    id: PhantomData<Id>,
}

/// The part of a slot that is a hash.
const HASH_OF_SLOT: u64 = !0 << 32;

impl<Id> Default for Names<Id> {
    fn default() -> Self {
        Self { list: NameList::default(), slots: Vec::new(), id: PhantomData }
    }
}

impl<Id: From<usize> + Into<usize>> Names<Id> {
    /// The id of a name, if it has been declared.
    pub fn get(&self, name: &str) -> Option<Id> {
        self.find(name).ok().map(Id::from)
    }

    /// Gives a name the next id; a name that has one keeps it.
    pub fn intern(&mut self, name: &str) -> Id {
        if self.slots.is_empty() && !self.is_empty() {
            self.make_table();
        }
        let (hash, at) = match self.find(name) {
            Ok(index) => return Id::from(index),
            Err(free) => free,
        };
        let index = self.len();
        self.list.push(name);
        // Three quarters full is full.
        if (index + 1) * 4 > self.slots.len() * 3 {
            self.grow();
            self.put(slot_of(index, hash));
        } else {
            self.slots[at] = slot_of(index, hash);
        }
        Id::from(index)
    }

    /// Lets go of what names are found by, which for millions of them is as large as half of the names, and
    /// packs the names: from now on they are looked for one after the other, until one more is interned.
    pub fn let_go_of_table(&mut self) {
        self.slots = Vec::new();
        self.list.pack();
    }

    /// Makes the table anew.
    fn make_table(&mut self) {
        self.list.unpack();
        self.slots = vec![0; (self.len() * 4 / 3 + 1).next_power_of_two().max(8)];
        for index in 0..self.len() {
            let key = self.list.keys[index];
            let hash = match key.is_long() {
                true => hash_of_long(self.list.get_bytes(index)),
                false => hash_of_short(key),
            };
            self.put(slot_of(index, hash));
        }
    }

    /// Makes the table twice as long. Slots stand in the order of their hashes but for a few, and so both
    /// tables are gone through from one end to the other, and no name is looked at.
    fn grow(&mut self) {
        let room = vec![0; (self.slots.len() * 2).max(8)];
        let before = std::mem::replace(&mut self.slots, room);
        before.into_iter().filter(|slot| *slot != 0).for_each(|slot| self.put(slot));
    }

    /// Reads where names are looked for first, for nothing but that the caches have it: what is looked up
    /// together waits for memory together.
    pub fn look_ahead<'n>(&self, names: impl Iterator<Item = &'n str>) {
        if self.slots.is_empty() {
            return;
        }
        let near = names.fold(0, |near, name| {
            let hash = Key::short(name.as_bytes()).map_or(0, hash_of_short);
            near ^ self.slots[self.home(hash)]
        });
        std::hint::black_box(near);
    }

    /// Whether any of the names is one of others as well.
    pub fn has_any_of<Other: From<usize> + Into<usize>>(&self, others: &Names<Other>) -> bool {
        const TOGETHER: usize = 64;
        (0..self.len()).step_by(TOGETHER).any(|first| {
            let names = (first..self.len().min(first + TOGETHER)).map(|index| self.list.get(index));
            others.look_ahead(names.clone());
            names.into_iter().any(|name| others.get(name).is_some())
        })
    }

    /// The place of a name; where there is none, its hash and the free slot in which it would be.
    fn find(&self, name: &str) -> Result<usize, (u64, usize)> {
        let key = Key::short(name.as_bytes());
        let hash = key.map_or_else(|| hash_of_long(name.as_bytes()), hash_of_short);
        if self.slots.is_empty() {
            return self.iter().position(|other| other == name).ok_or((hash, 0));
        }
        match key {
            Some(key) => self.probe(hash, |index| self.list.keys[index] == key),
            None => self.probe(hash, |index| {
                self.list.keys[index].is_long() && self.list.get_bytes(index) == name.as_bytes()
            }),
        }
    }

    fn probe(&self, hash: u64, is_asked: impl Fn(usize) -> bool) -> Result<usize, (u64, usize)> {
        let mask = self.slots.len() - 1;
        let mut at = self.home(hash);
        loop {
            match self.slots[at] {
                0 => return Err((hash, at)),
                slot => match index_in(slot, hash) {
                    Some(index) if is_asked(index) => return Ok(index),
                    _ => at = (at + 1) & mask,
                },
            }
        }
    }

    /// Where a hash is looked for first, in a table with room: by its upper half alone, which slots know.
    #[inline]
    fn home(&self, hash: u64) -> usize {
        let upper_half = u64::from((hash >> 32) as u32);
        ((upper_half * self.slots.len() as u64) >> 32) as usize
    }

    /// Puts a slot of a name that is not there yet into the table, which has room.
    fn put(&mut self, slot: u64) {
        let mask = self.slots.len() - 1;
        let mut at = self.home(slot);
        while self.slots[at] != 0 {
            at = (at + 1) & mask;
        }
        self.slots[at] = slot;
    }

    /// The name behind an id.
    pub fn name(&self, id: Id) -> &str {
        self.list.get(id.into())
    }

    /// All names in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.list.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

/// What a slot holds for the name with an index and a hash.
fn slot_of(index: usize, hash: u64) -> u64 {
    let number = u32::try_from(index + 1).expect("fewer than 2^32 names");
    hash & HASH_OF_SLOT | u64::from(number)
}

/// The index in a slot, if its part of the hash is that of a name.
#[inline]
fn index_in(slot: u64, hash: u64) -> Option<usize> {
    let index = (slot as u32).checked_sub(1)?;
    ((slot ^ hash) & HASH_OF_SLOT == 0).then_some(index as usize)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn name() -> impl Strategy<Value = String> {
        prop_oneof![
            "[ab]{0,3}",
            "[a-c]{14,17}",
            "x{30}[ab]{0,40}",
            "[aé李\u{301}]{0,9}",
            "\\PC{0,40}",
            Just("a\0".to_owned()),
        ]
    }

    proptest! {
        #[test]
        fn names_get_the_ids_that_a_map_gives_them(
            declared in prop::collection::vec(name(), 0..200),
            others in prop::collection::vec(name(), 0..100),
        ) {
            let mut names: Names<usize> = Names::default();
            let mut map: HashMap<&str, usize> = HashMap::new();
            for name in &declared {
                let next = map.len();
                let id = *map.entry(name).or_insert(next);
                prop_assert_eq!(names.intern(name), id);
                prop_assert_eq!(names.name(id), name);
            }
            prop_assert_eq!(names.len(), map.len());
            let mut asked = NameList::default();
            for name in declared.iter().chain(&others) {
                prop_assert_eq!(names.get(name), map.get(name.as_str()).copied());
                asked.push(name);
            }
            prop_assert!(asked.iter().eq(declared.iter().chain(&others)));
        }

        #[test]
        fn a_key_is_that_of_the_first_bytes_of_whatever_stands_behind(
            name in prop_oneof!["[a-c]{0,15}", "[aé李]{0,5}"],
            behind in prop::array::uniform16(prop::num::u8::ANY),
        ) {
            let mut bytes = behind;
            bytes[..name.len()].copy_from_slice(name.as_bytes());
            let key = NameKey::of_bytes(u128::from_le_bytes(bytes), name.len());
            prop_assert_eq!(NameKey::of(&name), Some(key));
            prop_assert_eq!(key == NameKey::EMPTY, name.is_empty());
        }
    }

    #[test]
    fn a_name_of_15_bytes_is_the_longest_that_stands_in_its_key() {
        for (len, is_long) in
            [(0, false), (1, false), (14, false), (15, false), (16, true), (17, true)]
        {
            let mut list = NameList::default();
            list.push(&"n".repeat(len));
            assert_eq!(list.keys[0].is_long(), is_long, "{len}");
            assert_eq!(list.get(0).len(), len);
        }
    }

    #[test]
    fn names_are_found_without_their_table_and_a_further_one_makes_it_anew() {
        let all = ["ann", "a-name-of-16-byte", "bob", "another-long-name-of-27"];
        let mut names: Names<usize> = Names::default();
        for name in all {
            names.intern(name);
        }
        names.let_go_of_table();
        assert!(names.slots.is_empty());
        for (place, name) in all.iter().enumerate() {
            assert_eq!((names.get(name), names.name(place)), (Some(place), *name));
        }
        assert_eq!((names.get("cleo"), names.get("a-name-of-16-bytf")), (None, None));
        names.look_ahead(all.into_iter());
        assert_eq!(names.intern("bob"), 2);
        assert_eq!(names.intern("cleo"), 4);
        assert!(!names.slots.is_empty());
        for (place, name) in all.into_iter().chain(["cleo"]).enumerate() {
            assert_eq!(names.get(name), Some(place));
        }
    }

    #[test]
    fn packed_names_are_what_they_were_in_less_space() {
        let lengths = [0, 1, 15, 16, 17, 254, 255, 256, 70_000];
        let mut list = NameList::default();
        for round in 0..20 {
            lengths
                .iter()
                .for_each(|len| list.push(&"né".repeat(round + len).as_str()[..*len / 3 * 3]));
        }
        let before: Vec<String> = list.iter().map(str::to_owned).collect();
        list.pack();
        assert!(list.keys.is_empty() && list.long.is_empty());
        assert_eq!((list.len(), list.is_empty()), (before.len(), false));
        assert!(list.iter().eq(&before));
        assert!((0..before.len()).rev().all(|index| list.get(index) == before[index]));
        list.push("one more");
        assert!(list.iter().eq(before.iter().map(String::as_str).chain(["one more"])));
        list.clear();
        list.pack();
        assert!(list.is_empty());
    }

    #[test]
    fn names_of_two_kinds_that_are_the_same_are_found_wherever_they_stand() {
        let [mut some, mut others] = [Names::<usize>::default(), Names::default()];
        for index in 0..200 {
            some.intern(&format!("a-property-of-a-long-name.{index}"));
            others.intern(&format!("agent.{index}"));
        }
        assert!(!some.has_any_of(&others) && !others.has_any_of(&some));
        for same in ["agent.77", "a-property-of-a-long-name.199", "a-property-of-a-long-name.0"] {
            let (mut some, mut others) = (some.clone(), others.clone());
            some.intern(same);
            others.intern(same);
            assert!(some.has_any_of(&others) && others.has_any_of(&some), "{same}");
        }
    }

    #[test]
    fn many_names_that_look_alike_are_told_apart_in_little_space() {
        let mut names: Names<usize> = Names::default();
        const COUNT: usize = 200_000;
        for index in 0..COUNT {
            assert_eq!(names.intern(&format!("a{index}")), index);
        }
        for index in (0..COUNT).step_by(7) {
            assert_eq!(names.get(&format!("a{index}")), Some(index));
            assert_eq!(names.get(&format!("b{index}")), None);
        }
        let bytes = size_of::<Key>() * names.len() + size_of::<u64>() * names.slots.len();
        assert!(bytes / names.len() <= 40, "{bytes}");
        // Linear probing is only as good as its hash.
        let at_home = (0..COUNT).filter(|&index| {
            let key = NameKey::of(names.name(index)).expect("it is short");
            let slot = names.slots[names.home(key.hash())];
            slot as u32 as usize == index + 1
        });
        assert!(at_home.count() > COUNT / 2);
    }
}
