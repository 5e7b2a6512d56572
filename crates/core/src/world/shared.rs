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
        let shared = Arc::new(key.clone());
        let value = Some((Arc::clone(&shared), make()?, 1));
        let id = match self.free.pop() {
            Some(id) => {
                self.slots[id] = value;
                id
            }
            None => {
                self.slots.push(value);
                self.slots.len() - 1
            }
        };
        self.ids.insert(shared, id);
        Ok(id)
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
            self.ids.remove(&**key);
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
        self.ids.len()
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
}
