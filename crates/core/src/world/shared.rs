//! Values that many have alike, kept once, counted and forgotten with their last user.

use std::hash::Hash;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};

/// Values by key and by a dense id; the ids of forgotten ones are given anew.
#[derive(Clone, Debug)]
pub struct Interner<K, V> {
    ids: HashMap<Arc<K>, usize>,
    /// The key, the value and how many use it.
    slots: Vec<Option<(Arc<K>, V, usize)>>,
    free: Vec<usize>,
}

impl<K, V> Default for Interner<K, V> {
    fn default() -> Self {
        Self { ids: HashMap::new(), slots: Vec::new(), free: Vec::new() }
    }
}

impl<K: Clone + Eq + Hash, V> Interner<K, V> {
    /// The id of a value, made if nobody uses it yet; one more uses it now.
    ///
    /// # Errors
    /// What making it fails with.
    pub fn intern<E>(&mut self, key: &K, make: impl FnOnce() -> Result<V, E>) -> Result<usize, E> {
        if let Some(&id) = self.ids.get(key) {
            if let Some((_, _, uses)) = &mut self.slots[id] {
                *uses += 1;
            }
            return Ok(id);
        }
        let value = make()?;
        let shared = Arc::new(key.clone());
        let id = self.put(Arc::clone(&shared), value);
        self.ids.insert(shared, id);
        Ok(id)
    }

    /// The id of a value that hardly anybody uses yet: it is not looked for, nor found where it is asked for
    /// again, and so nothing is hashed.
    pub fn add(&mut self, key: K, value: V) -> usize {
        self.put(Arc::new(key), value)
    }

    /// Keeps a value with one who uses it; gives its id.
    fn put(&mut self, key: Arc<K>, value: V) -> usize {
        let value = Some((key, value, 1));
        match self.free.pop() {
            Some(id) => {
                self.slots[id] = value;
                id
            }
            None => {
                self.slots.push(value);
                self.slots.len() - 1
            }
        }
    }

    /// One more uses the value of an id that is in use.
    pub fn share(&mut self, id: usize) {
        let (_, _, uses) = self.slots[id].as_mut().expect("whoever holds an id uses it");
        *uses += 1;
    }

    /// One less uses it.
    pub fn release(&mut self, id: usize) {
        let Some((key, _, uses)) = &mut self.slots[id] else { return };
        *uses -= 1;
        if *uses == 0 {
            // Another one that is alike may be the one that is found.
            if self.ids.get(&**key) == Some(&id) {
                self.ids.remove(&**key);
            }
            self.slots[id] = None;
            self.free.push(id);
        }
    }

    /// Whether anyone uses an id.
    pub fn contains(&self, id: usize) -> bool {
        self.slots[id].is_some()
    }

    /// The value of an id that is in use.
    pub fn get(&self, id: usize) -> &V {
        let (_, value, _) = self.slots[id].as_ref().expect("whoever holds an id uses it");
        value
    }

    /// The key of an id that is in use.
    pub fn key(&self, id: usize) -> &K {
        let (key, _, _) = self.slots[id].as_ref().expect("whoever holds an id uses it");
        key
    }

    /// All ids in use, in order.
    pub fn ids(&self) -> impl Iterator<Item = usize> {
        self.slots.iter().enumerate().filter(|(_, slot)| slot.is_some()).map(|(id, _)| id)
    }

    /// How many are in use.
    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    #[test]
    fn equal_values_are_kept_once_and_forgotten_with_their_last_user() {
        let mut shared = Interner::<&str, usize>::default();
        let intern = |shared: &mut Interner<&'static str, usize>, key: &'static str| {
            let Ok(id) = shared.intern(&key, || Ok::<_, Infallible>(key.len()));
            id
        };
        let lamp = intern(&mut shared, "lamp");
        let wick = intern(&mut shared, "wicks");
        assert_eq!((intern(&mut shared, "lamp"), shared.len()), (lamp, 2));
        assert_eq!((*shared.get(wick), *shared.key(wick)), (5, "wicks"));
        shared.release(lamp);
        assert!(shared.contains(lamp), "somebody uses it still");
        shared.share(lamp);
        shared.release(lamp);
        assert!(shared.contains(lamp), "one more uses it");
        shared.release(lamp);
        assert!(!shared.contains(lamp));
        assert_eq!((shared.len(), shared.ids().collect::<Vec<_>>()), (1, vec![wick]));
        assert_eq!(intern(&mut shared, "oil"), lamp, "the id is given anew");
    }

    #[test]
    fn what_was_added_is_kept_beside_what_is_found() {
        let mut shared = Interner::<&str, usize>::default();
        let intern = |shared: &mut Interner<&'static str, usize>| {
            let Ok(id) = shared.intern(&"lamp", || Ok::<_, Infallible>(1));
            id
        };
        let added = shared.add("lamp", 2);
        let found = intern(&mut shared);
        assert_ne!(found, added);
        assert_eq!((shared.len(), *shared.get(added), *shared.get(found)), (2, 2, 1));
        shared.release(added);
        assert!(!shared.contains(added) && shared.contains(found));
        assert_eq!((intern(&mut shared), shared.len()), (found, 1), "it is found still");
    }
}
