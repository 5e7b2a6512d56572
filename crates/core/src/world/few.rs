//! One id or several in a word: nearly always it is one, and then it stands in the word itself.

use super::copies::clone_by_field;

/// Ids of one owner: one in the word, or where a list of them stands.
#[derive(Clone, Copy, Debug)]
pub struct Few(u32);

/// Set where the word is the place of a list.
const LIST: u32 = 1 << 31;

/// The lists of those that have several, and of those that have none.
#[derive(Debug)]
pub struct Lists(Vec<Vec<u32>>);

clone_by_field! { Lists(_) }

impl Default for Lists {
    fn default() -> Self {
        Self(vec![Vec::new()])
    }
}

impl Few {
    /// No id: the first list is always empty.
    pub const NONE: Self = Self(LIST);

    /// The ids as a slice: a single one lies in the handle itself, more of them in `lists`.
    #[inline]
    pub fn ids<'a>(&'a self, lists: &'a Lists) -> &'a [u32] {
        match self.0 & LIST {
            0 => std::slice::from_ref(&self.0),
            _ => &lists.0[(self.0 & !LIST) as usize],
        }
    }

    /// Adds an id, behind the others; gives its place among them.
    ///
    /// # Panics
    /// When the id needs more than 31 bits.
    pub fn push(&mut self, id: u32, lists: &mut Lists) -> usize {
        assert!(id < LIST, "a fleet has fewer than 2^31 of anything that others count");
        if self.is_none() {
            self.0 = id;
            return 0;
        }
        if self.0 & LIST == 0 {
            lists.0.push(vec![self.0]);
            let list = u32::try_from(lists.0.len() - 1).expect("fewer lists than ids");
            self.0 = LIST | list;
        }
        let list = &mut lists.0[(self.0 & !LIST) as usize];
        list.push(id);
        list.len() - 1
    }

    /// Takes the id at a place away; the last one moves there.
    pub fn swap_remove(&mut self, place: usize, lists: &mut Lists) {
        match self.0 & LIST {
            0 => *self = Self::NONE,
            _ => drop(lists.0[(self.0 & !LIST) as usize].swap_remove(place)),
        }
    }

    /// Takes an id away, wherever it stands; the others keep their order. Gives whether it was
    /// there.
    pub fn remove(&mut self, id: u32, lists: &mut Lists) -> bool {
        let Some(place) = self.ids(lists).iter().position(|&other| other == id) else {
            return false;
        };
        match self.0 & LIST {
            0 => *self = Self::NONE,
            _ => drop(lists.0[(self.0 & !LIST) as usize].remove(place)),
        }
        true
    }

    /// Whether there is no id.
    pub fn is_none(self) -> bool {
        self.0 == LIST
    }
}
