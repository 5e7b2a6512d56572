//! Names and their ids, both ways, packed for millions of them: a list leads from an id to its name, and a
//! table of hashes from a name to its id.

use std::marker::PhantomData;

use super::name_key::{Key, hash_of_long, hash_of_short};
use super::name_list::NameList;

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
    use crate::model::NameKey;

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
