//! What a person sees while a run goes on, and what is written down and told meanwhile.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::background_reports::BackgroundReports;
use super::export::Exports;
use super::violations::ViolationList;
use crate::cli::progress::Progress;
use crate::cli::target::say_left;
use crate::report::Paint;
use crate::report::load::progress::{ProgressMoment, progress_line};
use lamplighter_core::model::Instant;
use lamplighter_load::clock::Micros;
use lamplighter_load::gather::{Link, LinkError, Readiness, StopCause};
use lamplighter_load::judge::WrongAnswer;
use lamplighter_load::metrics::Snapshot;
use lamplighter_load::result::{Judged, LoadResult};
use lamplighter_load::run::RunWatcher;
use lamplighter_load::tally::Tally;
use lamplighter_target::driver::Leftovers;

/// What a person sees meanwhile, and what is written down.
pub struct Screen {
    pub progress: Progress,
    pub duration_ms: u64,
    pub meanwhile: BackgroundReports,
    pub wrong: ViolationList,
    /// Whether it is said what stays on the target for want of steps that delete it.
    pub says_what_is_left: bool,
    /// The gatherer that is told, where there is one.
    pub link: Option<Link>,
    /// Whoever is told metrics.
    pub exports: Option<Exports>,
}

impl Screen {
    /// Takes the bar away, and waits for the reports that are just being written; gives the list of
    /// wrong answers, the line to the gatherer, and who is told metrics.
    pub fn finish(mut self) -> (ViolationList, Option<Link>, Option<Exports>) {
        for warning in self.meanwhile.finish() {
            self.warns(&warning);
        }
        self.progress.finish();
        (self.wrong, self.link, self.exports)
    }

    fn warn_of_lines(&mut self) {
        let of_link = self.link.as_ref().map(Link::warnings);
        let of_exports = self.exports.as_ref().map(Exports::warnings);
        for warning in of_link.into_iter().chain(of_exports).flatten() {
            self.warns(&warning);
        }
    }
}

impl RunWatcher for Screen {
    fn says(&mut self, what: &str) {
        self.progress.say(|_| what.to_owned());
    }

    fn found(&mut self, wrong: &[WrongAnswer]) {
        self.wrong.add(wrong);
    }

    fn warns(&mut self, of: &str) {
        self.progress.suspend(|| warn(of));
    }

    fn on_leftovers(&mut self, left: Leftovers) {
        if self.says_what_is_left {
            say_left(&left);
        }
    }

    fn so_far(&mut self, result: LoadResult) {
        let listed = self.wrong.listed;
        let judged = Judged { listed, ..result.judged };
        let result = LoadResult { judged, ..result };
        if let Some(link) = &self.link {
            link.so_far(result.clone());
        }
        if let Some(exports) = &self.exports {
            exports.show(Snapshot { result: Some(result.clone()), parts: Vec::new() });
        }
        self.meanwhile.write(result);
    }

    fn on_progress(&mut self, at: Micros, wrong: u64, tally: &Tally) {
        for warning in self.meanwhile.warnings() {
            self.warns(&warning);
        }
        self.warn_of_lines();
        let open = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let moment = ProgressMoment {
            at,
            duration_ms: self.duration_ms,
            wrong,
            sockets: open(&tally.sockets),
            streams: open(&tally.streams),
        };
        let place = u64::try_from(at / 1_000).unwrap_or(0).min(self.duration_ms);
        let line = || {
            tally.look(|counts| {
                progress_line(&counts.rate, counts.operations.iter().map(|(n, o)| (*n, o)), &moment)
            })
        };
        self.progress.reach(place, |_| line());
    }

    fn common_start(
        &mut self,
        ready: Readiness,
        stop: &AtomicBool,
    ) -> Result<Option<Instant>, LinkError> {
        let Some(link) = self.link.take() else { return Ok(None) };
        self.says("waiting until all parts are ready");
        let start = link.common_start(ready, stop, &mut |warning| self.warns(warning));
        self.link = Some(link);
        start.map(Some)
    }

    fn asked_end(&mut self) -> Option<StopCause> {
        self.link.as_ref()?.asked_end()
    }
}

/// Something went wrong that ends nothing.
pub fn warn(of: &str) {
    // Nowhere to say that it cannot be said.
    let _ = writeln!(anstream::stderr(), "{}: {of}", Paint::Warn.on("warning"));
}
