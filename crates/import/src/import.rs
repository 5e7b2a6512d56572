//! A log into a trace, from its first row to its last.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::sync::Arc;

use lamplighter_core::hours::{Zone, Zones};
use lamplighter_core::model::Instant;
use thiserror::Error;

use crate::follow::{Counts, Follower, follow_all};
use crate::log::{Log, LogFile, OpenLogError, ReadLogError};
use crate::mapping::Mapping;
use crate::presence::Presence;
use crate::pseudonym::Key;
use crate::sort::Sorter;
use crate::take::{
    Device, Gatherer, MetProperties, Portion, TakeError, Taken, Taker, roles, take_all,
};
use crate::trace::TraceWriter;

/// What to import, and how.
pub struct Import<'a> {
    /// The log to be read; a trace is written from it.
    pub log: &'a LogFile,
    /// How the log's columns and words are to be understood.
    pub mapping: &'a Mapping,
    /// The zones in which local times are read, bundled or from a folder.
    pub zones: &'a Zones,
    /// The key by which names become pseudonyms; without one they stay as they are.
    pub key: Option<&'a Key>,
    /// The zone in which hours are guessed, if they are.
    pub guess_in: Option<Arc<Zone>>,
    /// What is sorted, and how much of it in memory.
    pub sorter: Sorter,
    /// How many threads look into the rows of a log with a separator, beside the one that puts together what
    /// they find. The trace is the same with any number.
    pub threads: NonZeroUsize,
}

/// What became of a log.
pub struct Imported {
    /// What was taken from it, and what could not be.
    pub taken: Taken,
    /// What of it needs no row, and what was brought about.
    pub counts: Counts,
    /// How many rows the trace has.
    pub trace_rows: u64,
    /// The first and the last instant of the trace.
    pub span: Option<(Instant, Instant)>,
    /// The devices that at least one row of the trace names, for the world that goes with it.
    pub devices: Vec<Device>,
    /// The times at which people were there, for guessing hours; `None` where none are guessed.
    pub presence: Option<Presence>,
}

/// Why a log cannot be imported.
#[derive(Debug, Error)]
pub enum ImportError {
    /// It cannot be opened, or is not what the mapping is for.
    #[error(transparent)]
    Open(#[from] OpenLogError),
    /// It cannot be read on.
    #[error(transparent)]
    Read(#[from] ReadLogError),
    /// Its rows cannot be taken.
    #[error(transparent)]
    Take(#[from] TakeError),
    /// No row is of a property that is asked for.
    #[error("no row of the log is of {}", quoted(wanted))]
    NoProperty {
        /// The properties that are asked for.
        wanted: Vec<String>,
        /// Those that rows name.
        others: BTreeSet<String>,
    },
    /// What was sorted cannot be read again.
    #[error("cannot read what is sorted from a temporary file")]
    Sorted(#[source] io::Error),
    /// The trace cannot be written.
    #[error("cannot write the trace")]
    Write(#[source] io::Error),
    /// It was stopped from outside.
    #[error("stopped")]
    Stopped,
}

/// `sales` or `support`
fn quoted(names: &[String]) -> String {
    let names = names.iter().map(|name| format!("`{name}`"));
    names.collect::<Vec<_>>().join(" or ")
}

/// Imports a log: its trace goes to `out`, in the order of time. Every now and then `go_on` is told how
/// many rows of the log were read; where it says no, the import stops.
///
/// # Errors
/// When the log cannot be read, the mapping does not fit it, or the trace cannot be written. A row that
/// cannot be taken is no error: it is counted.
pub fn import(
    import: Import<'_>,
    out: &mut dyn Write,
    go_on: &mut dyn FnMut(u64) -> bool,
) -> Result<Imported, ImportError> {
    let (mapping, guess_in) = (import.mapping, import.guess_in.clone());
    let gatherer = take(import, go_on)?;
    let (rows, nameless) = (gatherer.rows(), gatherer.nameless());
    let (sorter, mut taken) = gatherer.finish();
    let gap = (mapping.time.gap, mapping.time.gap_min);
    let agents = taken.agents.count();
    let mut follower = Follower::new(&mut taken.devices, agents, nameless, gap);
    if !mapping.property.only.is_empty() {
        if taken.is_of_other_properties() {
            let MetProperties { others, .. } = taken.met_properties;
            return Err(ImportError::NoProperty { wanted: mapping.property.only.clone(), others });
        }
        // What is said of no property is said of all people of the log.
        follower = follower.only(taken.agents_of_wanted());
    }
    let mut presence = guess_in.map(|zone| Presence::new(zone, &taken));
    let names = taken
        .devices
        .iter()
        .map(|device| (taken.agents.name(device.agent), taken.device_names.name(device.name)));
    let mut writer = TraceWriter::new(out, names).map_err(ImportError::Write)?;
    let mut is_used = vec![false; taken.devices.len()];
    let mut span: Option<(Instant, Instant)> = None;
    let entries = sorter.finish().map_err(ImportError::Sorted)?;
    let counts = follow_all(follower, entries, ImportError::Sorted, |followed| {
        for row in followed {
            is_used[row.device as usize] = true;
            span = Some((span.map_or(row.at, |(first, _)| first), row.at));
            if let Some(presence) = &mut presence {
                let agent = taken.devices[row.device as usize].agent;
                presence.follow(row.at, row.device, agent, row.status);
            }
            writer.row(row.at, row.device, row.action).map_err(ImportError::Write)?;
        }
        if go_on(rows) { Ok(()) } else { Err(ImportError::Stopped) }
    })?;
    let trace_rows = writer.rows;
    writer.finish().map_err(ImportError::Write)?;
    if let (Some(presence), Some((_, last))) = (&mut presence, span) {
        presence.end(last);
    }
    let used = taken.devices.iter().zip(&is_used).filter(|(_, is_used)| **is_used);
    let devices = used.map(|(device, _)| *device).collect();
    Ok(Imported { taken, counts, trace_rows, span, devices, presence })
}

/// More takers than these would wait for the one who puts together what they take.
const TAKERS_MAX: usize = 6;

/// Takes all rows of a log.
fn take(import: Import<'_>, go_on: &mut dyn FnMut(u64) -> bool) -> Result<Gatherer, ImportError> {
    let Import { log: file, mapping, zones, key, sorter, threads, .. } = import;
    let (columns, needed, _) = roles(mapping);
    let log = Log::open(file, mapping, &columns, needed)?;
    let takers = match &log {
        Log::Csv(_) => threads.get().min(TAKERS_MAX),
        Log::Json(_) => 1,
    };
    let mut gatherer = Gatherer::new(mapping, key, sorter, takers);
    let taker = || Taker::new(mapping, zones);
    let mut takers = (0..takers).map(|_| taker()).collect::<Result<Vec<_>, _>>()?;
    let mut gather = |taker: usize, portion: &mut Portion| {
        gatherer.add(taker, portion)?;
        if go_on(gatherer.rows()) { Ok(()) } else { Err(ImportError::Stopped) }
    };
    match log {
        Log::Csv(log) => {
            let unreadable =
                |source| ReadLogError::Unreadable { path: file.name.clone(), source }.into();
            take_all(*log, takers, unreadable, gather)?;
        }
        Log::Json(mut log) => {
            let mut portion = Portion::default();
            while takers[0].take_next(&mut log, &mut portion)? {
                gather(0, &mut portion)?;
            }
            gather(0, &mut portion)?;
        }
    }
    Ok(gatherer)
}
