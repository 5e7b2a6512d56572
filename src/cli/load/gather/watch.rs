//! What a person sees of a test in the terminal: a line for the whole, one for each part, and what happens.

use std::io::Write;

use crate::cli::load::screen::warn;
use crate::cli::progress::Progress;
use crate::report::load::progress::{part_line, whole_line};
use lamplighter_load::gather::{GatherEvent, PartStatus};
use lamplighter_load::result::LoadResult;

/// More parts than these are not shown one by one, unless something is the matter with them.
const SHOWN_MAX: usize = 16;

/// Tells on the terminal how a gathered run goes.
pub struct GatherProgress {
    progress: Progress,
    quiet: bool,
}

impl GatherProgress {
    /// Nothing is seen yet; where it is quiet only what goes wrong is said.
    pub fn new(quiet: bool) -> Self {
        Self { progress: Progress::of_several(quiet), quiet }
    }

    /// Says something worth knowing, unless it is quiet.
    pub fn says(&self, told: &str) {
        if !self.quiet {
            // Nowhere to say that it cannot be said.
            let say = || drop(writeln!(anstream::stderr(), "{told}"));
            self.progress.suspend(say);
        }
    }

    /// Something went wrong that ends nothing.
    pub fn warns(&self, of: &str) {
        self.progress.suspend(|| warn(of));
    }

    /// Says what has happened to the parts, what is bad even where it is quiet.
    pub fn hears(&self, happened: &[GatherEvent]) {
        for GatherEvent { told, is_bad } in happened {
            match is_bad {
                true => self.warns(told),
                false => self.says(told),
            }
        }
    }

    /// Shows how far the run is, and how each part does.
    pub fn shows(&mut self, whole: Option<&LoadResult>, parts: &[PartStatus]) {
        let (at, length) =
            whole.map_or((0, 0), |whole| (whole.about.lasted_ms, whole.about.duration_ms));
        self.progress.is_of(length);
        self.progress.reach(at, |_| {
            let mut lines = vec![whole.map_or_else(|| "waiting".to_owned(), whole_line)];
            lines.extend(parts.iter().take(SHOWN_MAX).map(|part| format!("  {}", part_line(part))));
            if parts.len() > SHOWN_MAX {
                lines.push(format!("  and {} more", parts.len() - SHOWN_MAX));
            }
            lines.join("\n")
        });
    }

    /// Takes it all away.
    pub fn finish(self) {
        self.progress.finish();
    }
}
