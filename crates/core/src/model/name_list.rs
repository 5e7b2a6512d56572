//! Names one after the other, by their places.

use super::name_key::Key;
use super::packed_names::PackedNames;

/// Names one after the other, in little space.
#[derive(Clone, Debug, Default)]
pub struct NameList {
    /// A word for each, with longer names aside.
    pub(super) keys: Vec<Key>,
    /// The names that are too long for a key.
    long: String,
    /// All of them where they were [packed](Self::pack), and then no keys.
    packed: PackedNames,
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
                let (start, len) = key.place();
                &self.long.as_bytes()[start..][..len]
            }
            false => key.letters(),
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

    /// Keeps names so that one is added and found at once.
    pub(super) fn unpack(&mut self) {
        let mut all = Self::default();
        self.iter().for_each(|name| all.push(name));
        *self = all;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
