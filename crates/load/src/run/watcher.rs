//! Who is told how far a run is.

use std::sync::atomic::AtomicBool;

use crate::clock::Micros;
use crate::gather::{LinkError, Readiness, StopCause};
use crate::judge::WrongAnswer;
use crate::result::LoadResult;
use crate::tally::Tally;
use lamplighter_core::model::Instant;
use lamplighter_target::driver::Leftovers;

/// Told how far a run is.
pub trait RunWatcher {
    /// What is being done before the run starts, and after its end.
    fn says(&mut self, what: &str);
    /// Wrong answers were found, in this order; each is told once.
    fn found(&mut self, wrong: &[WrongAnswer]);
    /// Something went wrong that ends nothing.
    fn warns(&mut self, of: &str);
    /// What stays on the target, for its file has no steps that delete it (rule T48 of target files).
    fn on_leftovers(&mut self, left: Leftovers);
    /// The run goes on.
    fn on_progress(&mut self, at: Micros, wrong: u64, tally: &Tally);
    /// What the run came to so far, now and then: all that is left should the generator die. It says
    /// itself that the run was not over.
    fn so_far(&mut self, result: LoadResult);
    /// All is on the target but for the hours: the start that is common to all parts, once all are ready;
    /// `None` where the run starts by itself.
    ///
    /// # Errors
    /// When there will be none.
    fn common_start(&mut self, _: Readiness, _: &AtomicBool) -> Result<Option<Instant>, LinkError> {
        Ok(None)
    }
    /// Why all parts of the run are to end now, if they are.
    fn asked_end(&mut self) -> Option<StopCause> {
        None
    }
}
