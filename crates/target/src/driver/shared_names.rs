//! Names that stay with something: with a device, an agent, a property (rule T16 of target files).

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::file::template::KeptValues;

/// Names that several calls share; a call sees them as they were when it was put together.
#[derive(Debug, Default)]
pub struct SharedNames(Mutex<Arc<KeptValues>>);

impl SharedNames {
    /// A place that has these names from the beginning.
    pub fn with<const N: usize>(names: [(&str, Value); N]) -> Arc<Self> {
        let mut kept = KeptValues::new();
        for (name, value) in names {
            kept.put(name, value);
        }
        Self::of(kept)
    }

    /// A place that has these names from the beginning.
    pub fn of(kept: KeptValues) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Arc::new(kept))))
    }

    /// The names as they are now.
    pub fn names(&self) -> Arc<KeptValues> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Keeps a value; a later one replaces an earlier one.
    pub fn put(&self, name: &str, value: impl Into<Value>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut kept).put(name, value);
    }

    /// Keeps all of it.
    pub fn take(&self, new: &KeptValues) {
        if new.is_empty() {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut kept).take(new.clone());
    }

    /// Forgets everything but what is given again.
    pub fn begin_with(&self, kept: KeptValues) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(kept);
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<Value> {
        self.names().get(name).cloned()
    }
}
