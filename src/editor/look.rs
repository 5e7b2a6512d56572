//! A text read and played, as far as there is time for it: reading takes no time that a person would
//! notice, and playing can take any.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::buffers::{Buffers, BuffersOrDisk, plain};
use super::text::Text;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::Instant;
use lamplighter_scenario::play::{Checked, Prepared, Reading, check, tell_once};

/// What a file is, by its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A scenario, which can be played by itself.
    Scenario,
    /// A file with blocks alone, which scenarios include.
    World,
}

impl Kind {
    /// That of a file; what is not named like a world is a scenario.
    pub fn of(path: &Path) -> Self {
        match path.extension().is_some_and(|extension| extension == "world") {
            true => Self::World,
            false => Self::Scenario,
        }
    }
}

/// How files end that scenarios name: traces and recordings, calendars, rules. They are read by those alone.
pub const NAMED: [&str; 3] = ["csv", "ics", "toml"];

/// Whether a file is one that scenarios name, and is none itself.
pub fn is_named(path: &Path) -> bool {
    path.extension().is_some_and(|extension| NAMED.iter().any(|named| extension == *named))
}

/// A file that was read, before anything of it is played.
#[derive(Clone)]
pub struct Read {
    /// Whether the file is a scenario or a world.
    pub kind: Kind,
    /// Its scenarios: one for each row of its table. Of a world, one that includes it and nothing else.
    pub rows: Vec<Prepared>,
    /// The files that it names, whether they could be read or not: when one changes, it is to be read anew.
    pub files: BTreeSet<PathBuf>,
    /// How many bytes its traces and recordings have, which playing reads.
    pub trace_bytes: u64,
}

/// Traces with more bytes than this are not played while somebody types.
pub const TRACE_BYTES_MAX: u64 = 1 << 20;

/// More steps than this take longer than one waits for without noticing.
const STEPS_MAX: usize = 20_000;

/// Reads a file that is open, with those that it names.
pub fn read(path: &Path, text: &str, buffers: &Buffers, zones: &Arc<Zones>) -> Read {
    let kind = Kind::of(path);
    let beside = BuffersOrDisk::new(path, buffers);
    let reads = |name: &str| beside.read(name);
    let rows = match (kind, path.file_name().and_then(|name| name.to_str())) {
        (Kind::World, Some(name)) => {
            let including = format!("scenario {name}\ninclude \"{name}\"\n");
            Prepared::rows_reading(path, including.as_bytes(), zones, &reads)
        }
        _ => Prepared::rows_reading(path, text.as_bytes(), zones, &reads),
    };
    let mut files = beside.into_asked();
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut trace_bytes = 0;
    for name in rows.iter().flat_map(traces) {
        let file = plain(&folder.join(name));
        if files.insert(file.clone()) {
            trace_bytes += std::fs::metadata(file).map_or(0, |file| file.len());
        }
    }
    Read { kind, rows, files, trace_bytes }
}

/// The traces and recordings of a scenario, as written.
fn traces(prepared: &Prepared) -> impl Iterator<Item = &String> {
    let observed = prepared.plan.observed.iter().map(|observed| &observed.path.node);
    prepared.plan.traces.iter().map(|trace| &trace.node).chain(observed)
}

impl Read {
    /// How far the spans of the file are ahead of the bytes of its text as it is open; behind them for a text
    /// that begins with a byte order mark.
    pub fn shift(&self, text: &Text) -> isize {
        let mark = if text.as_str().starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let start = match self.kind {
            Kind::Scenario => 0,
            // The scenario that includes it stands in front.
            Kind::World => self.rows[0].file.source.text().len() + 1,
        };
        start as isize - mark as isize
    }

    /// Whether playing takes longer than one waits for without noticing.
    pub fn is_long(&self) -> bool {
        let steps: usize = self.rows.iter().map(|row| row.plan.steps.len()).sum();
        steps > STEPS_MAX || self.trace_bytes > 0
    }

    /// Whether its traces are too large to be played while somebody types.
    pub fn is_for_saved_files(&self) -> bool {
        self.trace_bytes > TRACE_BYTES_MAX
    }

    /// Whether anything is wrong that can be seen without playing.
    pub fn is_faulty(&self) -> bool {
        self.rows.iter().any(|row| !row.diagnostics.is_empty())
    }

    /// What is wrong as far as can be seen without playing.
    pub fn unplayed(&self) -> Vec<Checked> {
        let mut verdicts: Vec<_> = self.rows.iter().cloned().map(Prepared::into_verdict).collect();
        tell_once(&mut verdicts);
        verdicts.into_iter().map(|verdict| Checked { verdict, warnings: Vec::new() }).collect()
    }

    /// Plays it: what is wrong, what is probably not meant, and what the rules say. `today` is for scenarios
    /// that do not say when they play. Nothing once `stop` is set: somebody wants another answer.
    pub fn play(
        self,
        zones: &Arc<Zones>,
        today: Instant,
        stop: &AtomicBool,
    ) -> Option<Vec<Checked>> {
        let checked = check(self.rows, zones, today, Reading::default(), stop);
        let is_whole = !stop.load(std::sync::atomic::Ordering::Relaxed);
        is_whole.then_some(checked)
    }
}
