//! An edge that is far ahead, kept: to find that hours open or close in years, or never again, takes as
//! many steps as there are days until then.

use std::sync::{Mutex, PoisonError};

use crate::model::{Instant, Millis};

/// What is nearer is found as soon as it is remembered.
const FAR: Millis = Millis(31 * 86_400_000);

/// The last edge of a schedule that was far ahead of whoever asked.
#[derive(Debug, Default)]
pub struct FarEdge(Mutex<Option<Known>>);

/// Between `from` and `edge` nothing opens or closes; `None`: never again.
#[derive(Clone, Copy, Debug)]
struct Known {
    from: Instant,
    edge: Option<Instant>,
}

impl FarEdge {
    /// The first edge later than an instant: the one that is known, or else the one that `find` finds.
    pub fn or_find(&self, at: Instant, find: impl FnOnce() -> Option<Instant>) -> Option<Instant> {
        let known = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let holds = |known: &Known| known.from <= at && known.edge.is_none_or(|edge| at < edge);
        if let Some(known) = known.filter(holds) {
            return known.edge;
        }
        let edge = find();
        if edge.is_none_or(|edge| edge.since(at) > FAR) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Known { from: at, edge });
        }
        edge
    }
}

impl Clone for FarEdge {
    fn clone(&self) -> Self {
        Self(Mutex::new(*self.0.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_far_ahead_is_found_once_and_holds_between_asker_and_edge_alone() {
        let at = |day: i64| Instant::from_millis(day * 86_400_000).expect("in range");
        let far = FarEdge::default();
        let never_asked = || unreachable!("it is known");
        assert_eq!(far.or_find(at(10), || Some(at(20))), Some(at(20)), "near: not kept");
        assert_eq!(far.or_find(at(11), || Some(at(500))), Some(at(500)));
        assert_eq!(far.or_find(at(11), never_asked), Some(at(500)));
        assert_eq!(far.clone().or_find(at(499), never_asked), Some(at(500)));
        assert_eq!(far.or_find(at(10), || Some(at(20))), Some(at(20)), "before it");
        assert_eq!(far.or_find(at(500), || None), None, "at the edge, the next one");
        assert_eq!(far.or_find(at(9_000), never_asked), None);
    }
}
