//! Synthetic worlds and their traces, as files for replays.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use lamplighter_core::hours::Zones;
use lamplighter_scenario::synth::{Knobs, Population, write_trace, write_world};

/// A population of so many properties over a week.
pub fn population(properties: u32, zones: &Zones) -> Population {
    Population::new(Knobs { properties, ..Knobs::default() }, zones).expect("knobs in their ranges")
}

/// A scenario and the trace that it replays.
pub struct Files {
    pub scenario: PathBuf,
    pub trace: PathBuf,
    pub rows: u64,
}

/// Reads a trace with the csv crate and nothing else, row by row into the same memory; gives how many
/// rows there are.
pub fn read_rows(trace: &Path) -> csv::Result<u64> {
    let mut reader = csv::Reader::from_path(trace)?;
    let mut record = csv::ByteRecord::new();
    let mut rows = 0;
    while reader.read_byte_record(&mut record)? {
        rows += 1;
    }
    Ok(rows)
}

/// Writes a population into a folder of its own below the build's.
pub fn write(population: &Population, name: &str) -> io::Result<Files> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder)?;
    let (scenario, trace) = (folder.join("world.scenario"), folder.join("trace.csv"));
    let mut out = BufWriter::new(File::create(&scenario)?);
    write_world(population, &mut out)?;
    out.flush()?;
    let mut rows = 0;
    let mut out = BufWriter::new(File::create(&trace)?);
    write_trace(population.events().inspect(|_| rows += 1), &mut out)?;
    out.flush()?;
    Ok(Files { scenario, trace, rows })
}
