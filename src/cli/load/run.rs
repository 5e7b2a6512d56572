//! `lamplighter load`: a run, against a service that is there or one of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use anyhow::{Context, Error, anyhow};

use super::arguments::{ArrivalsChoice, LoadArguments, RunArguments};
use crate::cli::args::Common;
use crate::cli::rim::{self, Progress, Stop};
use crate::cli::serve::ADMIN_KEY;
use crate::cli::target::{cannot_call, target};
use crate::cli::{Exit, load};
use lamplighter_core::hours::Zones;
use lamplighter_load::clock::Micros;
use lamplighter_load::plan::knobs::Arrivals;
use lamplighter_load::plan::{Given, Knobs};
use lamplighter_load::product::Reference;
use lamplighter_load::run::{Config, RunError, Watcher, run as run_load};
use lamplighter_load::tally::Tally;
use lamplighter_core::model::{Instant, Millis};
use lamplighter_target::{Host, Trust};
use crate::report::load::progress::{Moment, progress_line};
use crate::report::text;
use lamplighter_service::Secret;
use lamplighter_scenario::synth;

pub fn run(arguments: LoadArguments, common: &Common, zones: &Arc<Zones>) -> Result<Exit, Stop> {
    let LoadArguments { command: _, run, gates, reports } = arguments;
    let gates = load::gates(&gates)?;
    crate::cli::serve::raise_file_limit();
    let stop = rim::stop_on_ctrl_c();
    let given = match &run.world {
        Some(path) => match given(path, zones)? {
            Some(given) => Some(Arc::new(given)),
            None => return Ok(Exit::Invalid),
        },
        None => None,
    };
    let knobs = Knobs { given, ..knobs(&run) };
    // What is started here ends with this function.
    let (_service, host) = match &run.host {
        Some(host) => {
            let (key, authorities) = (run.admin_key_file.as_deref(), run.ca_file.as_deref());
            (None, target(host, key, authorities)?)
        }
        None => {
            let (service, address, key) = OwnService::start()?;
            let host = Host::new(&address, &key, &Trust::Machine).map_err(cannot_call)?;
            (Some(service), host)
        }
    };
    let config = Config {
        starts_at: run.start_at,
        product: Arc::new(Reference),
        host,
        within_ms: run.within.0,
        keep: run.keep,
        gates,
        abort_on_fail: run.abort_on_fail,
        connections_max: run.connections as usize,
        knobs,
    };
    let mut screen = Screen {
        progress: Progress::of_length(config.knobs.duration.0, common.quiet),
        duration_ms: config.knobs.duration.0,
    };
    let result = run_load(&config, zones, &stop, &mut screen).map_err(cannot_run);
    screen.progress.finish();
    let result = result?;
    load::write_reports(&reports, &result)?;
    load::talk(&reports, &result, common.quiet)?;
    if result.about.ended_early.as_deref() == Some("Ctrl-C") {
        return Ok(Exit::MachineFailed);
    }
    Ok(load::exit(&result))
}

/// Reads the world of a scenario; what is wrong with it is told.
fn given(path: &Path, zones: &Arc<Zones>) -> Result<Option<Given>, Stop> {
    let file = if path.is_dir() { path.join("world.scenario") } else { path.to_owned() };
    let bytes = std::fs::read(&file)
        .with_context(|| format!("cannot read {}", file.display()))
        .map_err(|error| {
            Stop::invalid(error).hint(
                "`lamplighter generate --out DIR` writes a world; a scenario file does as well",
            )
        })?;
    let given = match Given::read(&file, bytes, zones) {
        Ok(given) => given,
        Err(verdict) => {
            rim::printed(text::faults(&mut anstream::stderr().lock(), &verdict))?;
            return Ok(None);
        }
    };
    if given.property_count() == 0 {
        let error = anyhow!("{} has no property", file.display());
        return Err(Stop::invalid(error).hint("a load test needs one at least"));
    }
    Ok(Some(given))
}

/// Arguments as typed into knobs as used.
fn knobs(run: &RunArguments) -> Knobs {
    let duration = run.duration;
    // A tenth of the run, so that graces end in it; but no shorter than connections flicker.
    let grace = run.grace.unwrap_or(Millis((duration.0 / 10).clamp(2_000, 120_000)));
    let pace = run.pace.unwrap_or(Millis((duration.0 / 8).clamp(4_000, 45_000)));
    Knobs {
        given: None,
        world: synth::Knobs {
            properties: run.properties,
            agents: run.agents,
            devices: run.devices,
            seed: run.seed,
            flakiness: run.flakiness,
            ..synth::Knobs::default()
        },
        start: run.start_at.unwrap_or(Instant::MIN),
        duration,
        grace,
        prefix: run.prefix.clone(),
        pace,
        visitors: run.visitors.0.clone(),
        arrivals: match run.arrivals {
            ArrivalsChoice::Poisson => Arrivals::Poisson { together: run.together },
            ArrivalsChoice::Constant => Arrivals::Constant,
        },
        streams: run.streams,
        slow_readers: run.slow_readers,
        messages: run.messages,
        duplicates: run.duplicates,
        late: run.late,
        storms: run.storm.clone(),
        shard: run.shard,
    }
}

/// What a person sees meanwhile.
struct Screen {
    progress: Progress,
    duration_ms: u64,
}

impl Watcher for Screen {
    fn says(&mut self, what: &str) {
        self.progress.say(|_| what.to_owned());
    }

    fn goes_on(&mut self, at: Micros, wrong: u64, tally: &Tally) {
        let open =
            |count: &std::sync::atomic::AtomicU64| count.load(std::sync::atomic::Ordering::Relaxed);
        let moment = Moment {
            at,
            duration_ms: self.duration_ms,
            wrong,
            sockets: open(&tally.sockets),
            streams: open(&tally.streams),
        };
        let place = u64::try_from(at / 1_000).unwrap_or(0).min(self.duration_ms);
        self.progress.reach(place, |_| tally.look(|counts| progress_line(counts, &moment)));
    }
}

/// A service of one's own, in a process and with a store of its own.
struct OwnService {
    process: Child,
    folder: PathBuf,
}

impl OwnService {
    /// Starts it on loopback; gives its address and its admin key. Passwords cost little there, since
    /// a plan has thousands of accounts.
    fn start() -> Result<(Self, String, String), Stop> {
        let machine = |error: std::io::Error, what: &'static str| {
            Stop::machine(Error::new(error).context(what))
        };
        let folder = std::env::temp_dir().join(format!("lamplighter-load-{}", std::process::id()));
        std::fs::create_dir_all(&folder)
            .map_err(|error| machine(error, "cannot make a folder for the store"))?;
        let key = Secret::random().context("the machine has no randomness");
        let key = key.map_err(Stop::machine)?.reveal().to_owned();
        let this = std::env::current_exe();
        let this = this.map_err(|error| machine(error, "cannot find this program"))?;
        let mut command = Command::new(this);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--log-level", "warn"])
            .args(["--password-memory", "8", "--max-messages", "1000000000"])
            .arg("--store")
            .arg(folder.join("lamplighter.db"))
            .env(ADMIN_KEY, &key)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let process = command.spawn();
        let process = process.map_err(|error| machine(error, "cannot start a service"))?;
        let mut service = Self { process, folder };
        let mut line = String::new();
        if let Some(out) = service.process.stdout.take() {
            let read = BufReader::new(out).read_line(&mut line);
            read.map_err(|error| machine(error, "cannot hear from the service"))?;
        }
        match line.trim().strip_prefix("listening on ") {
            Some(address) => Ok((service, address.to_owned(), key)),
            None => Err(Stop::machine(anyhow!("the service did not start"))
                .hint("what it said stands above")),
        }
    }
}

impl Drop for OwnService {
    fn drop(&mut self) {
        // Whatever goes wrong here, the run is over.
        drop(self.process.kill());
        drop(self.process.wait());
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

fn cannot_run(error: RunError) -> Stop {
    let error = match error {
        RunError::Host(error) => return cannot_call(error),
        other => other,
    };
    let hint = match &error {
        RunError::Plan(_) | RunError::Zone(_) => return Stop::invalid(error.into()),
        RunError::TooLate { .. } => {
            return Stop::invalid(error.into()).hint("name a later --start-at");
        }
        RunError::Provision(why) => why.hint(),
        RunError::Skew(_) => {
            "is it running? `lamplighter serve` starts one, and without --host one is started"
        }
        RunError::Visitors(_) | RunError::Agents(_) | RunError::Machine(_) => {
            "does the machine allow as many open files? see `ulimit -n`"
        }
        _ => return Stop::machine(error.into()),
    };
    Stop::machine(error.into()).hint(hint)
}
