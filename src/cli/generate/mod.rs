//! `lamplighter generate`: a synthetic world and its working days, as two files.

mod knobs;

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::anyhow;
use clap::Args;

use super::atomic_file::{AtomicFile, cannot_write};
use super::common::Common;
use super::exit::{Exit, Stop};
use super::process::{jobs, stop_on_ctrl_c};
use super::progress::Progress;
use super::terminal::printed;
use crate::report::format::{counted, thousands};
use lamplighter_core::hours::Zones;
use lamplighter_core::model::Instant;
use lamplighter_scenario::synth::{Population, PopulationError, write_trace_by, write_world_by};

use knobs::KnobArguments;

/// `lamplighter generate` as typed.
#[derive(Args, Debug)]
#[command(after_help = "\
The same arguments give the same bytes, on every machine; the header of world.scenario has them all.

Examples:
  lamplighter generate --out town
  lamplighter generate --properties 1000 --days 1 --seed 7 --flakiness 200 --out flaky
  lamplighter scenario town/world.scenario --timeline town/timeline.csv")]
pub struct GenerateArguments {
    #[command(flatten)]
    pub knobs: KnobArguments,
    /// The folder for world.scenario and trace.csv; made if need be
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// Runs `lamplighter generate` with its arguments as typed, and gives the exit code.
pub fn run(arguments: GenerateArguments, common: &Common, zones: &Zones) -> Result<Exit, Stop> {
    let stop = stop_on_ctrl_c();
    let threads = jobs(None);
    let population =
        Population::new_by(arguments.knobs.0, zones, threads).map_err(no_population)?;
    if arguments.out.exists() && !arguments.out.is_dir() {
        let message = anyhow!("{} is not a folder", arguments.out.display());
        return Err(Stop::invalid(message).hint("name a folder, new or old, for the two files"));
    }
    let (world_path, trace_path) =
        (arguments.out.join("world.scenario"), arguments.out.join("trace.csv"));
    let mut progress = Progress::of_length(population.knobs().length().0, common.quiet);
    let write = |path: &Path, write: &mut dyn FnMut(&mut Sink<'_>) -> io::Result<()>| {
        let mut out =
            BufWriter::with_capacity(1 << 17, Counted::new(AtomicFile::create(path)?, &stop));
        let written = write(&mut out).and_then(|()| out.flush());
        if stop.load(Ordering::Relaxed) {
            let message = anyhow!("stopped: nothing was written to {}", arguments.out.display());
            return Err(Stop::machine(message));
        }
        written.map_err(|error| cannot_write(path, error))?;
        match out.into_inner() {
            Ok(counted) => Ok((counted.inner, counted.bytes)),
            Err(error) => Err(cannot_write(path, error.into_error())),
        }
    };
    let (world, world_bytes) = write(&world_path, &mut |out| {
        write_world_by(&population, threads, out, &mut |count| {
            progress.reach(0, |_| format!("{} properties", thousands(count.into())));
        })
    })?;
    let mut rows = 0_u64;
    let (trace, trace_bytes) = write(&trace_path, &mut |out| {
        rows = write_trace_by(&population, threads, out, &mut |rows, at| {
            look(&mut progress, &population, at, rows);
        })?;
        Ok(())
    })?;
    world.put_in_place()?;
    trace.put_in_place()?;
    progress.finish();
    if !common.quiet {
        let mut err = anstream::stderr().lock();
        printed(say_what_was_written(
            &mut err,
            &population,
            (&world_path, world_bytes),
            (&trace_path, trace_bytes, rows),
        ))?;
    }
    Ok(Exit::AllWell)
}

fn no_population(error: PopulationError) -> Stop {
    let hint = match &error {
        PopulationError::Knob(_) => None,
        PopulationError::Zone(_) => Some("leave out --tzdata: the bundled release has every zone"),
    };
    let stop = Stop::invalid(error.into());
    hint.into_iter().fold(stop, Stop::hint)
}

fn look(progress: &mut Progress, population: &Population, at: Instant, rows: u64) {
    let simulated = at.since(population.knobs().start);
    progress.reach(simulated.0, |elapsed| {
        let a_second = rows * 1_000 / (elapsed.as_millis() as u64).max(1);
        let (rows, a_second) = (thousands(rows), thousands(a_second));
        format!("{rows} rows, {a_second} rows/s, {:.1} simulated days", simulated.as_days())
    });
}

fn say_what_was_written(
    err: &mut dyn Write,
    population: &Population,
    (world, world_bytes): (&Path, u64),
    (trace, trace_bytes, rows): (&Path, u64, u64),
) -> io::Result<()> {
    writeln!(
        err,
        "{}: {}, {}, {}",
        world.display(),
        match population.knobs().properties {
            1 => "1 property".to_owned(),
            many => format!("{} properties", thousands(many.into())),
        },
        counted(population.agent_count().into(), "agent"),
        counted(world_bytes, "byte"),
    )?;
    writeln!(
        err,
        "{}: {} over {}, {}",
        trace.display(),
        counted(rows, "row"),
        counted(population.knobs().days.into(), "day"),
        counted(trace_bytes, "byte"),
    )
}

type Sink<'a> = BufWriter<Counted<'a>>;

/// A file that counts its bytes, and takes no more once Ctrl-C was pressed.
struct Counted<'a> {
    inner: AtomicFile,
    bytes: u64,
    stop: &'a AtomicBool,
}

impl<'a> Counted<'a> {
    fn new(inner: AtomicFile, stop: &'a AtomicBool) -> Self {
        Self { inner, bytes: 0, stop }
    }
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(io::Error::other("stopped"));
        }
        let count = self.inner.write(bytes)?;
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
