//! `lamplighter load`: a run, against a service that is there or one of its own.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};

use super::arguments::{ArrivalsChoice, LoadArguments, RunArguments};
use super::background_reports::BackgroundReports;
use super::exit::exit;
use super::export::Exports;
use super::gates;
use super::gather;
use super::plan_check::look_ahead;
use super::reports::{print_summary, write_reports};
use super::screen::{Screen, warn};
use super::violations::ViolationList;
use crate::cli::common::Common;
use crate::cli::exit::{Exit, Stop};
use crate::cli::host::cannot_call;
use crate::cli::process::{raise_file_limit, stop_on_ctrl_c};
use crate::cli::progress::Progress;
use crate::cli::target::{self as targets, SAY_THE_CLOCK, cannot_go_on};
use crate::cli::terminal::printed;
use crate::report::text;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::{Instant, Millis};
use lamplighter_load::gather::LinkError;
use lamplighter_load::metrics::Snapshot;
use lamplighter_load::plan::knobs::Arrivals;
use lamplighter_load::plan::{GivenWorld, RunKnobs, TargetLimits, TooManyCalls, fit_rate};
use lamplighter_load::provision::ProvisionError;
use lamplighter_load::run::{RunConfig, RunError, run as run_load};
use lamplighter_load::skew::SkewError;
use lamplighter_scenario::synth;
use lamplighter_target::driver::{Driver, DriverOptions};
use lamplighter_target::file::TargetFile;
use lamplighter_target::file::clock::Clock;

#[cfg(feature = "serve")]
use super::own_service::OwnService;
/// A build without a service has none to start.
#[cfg(not(feature = "serve"))]
type OwnService = std::convert::Infallible;

/// How often what a run came to so far is written down, to be kept should the generator die,
const SO_FAR_EVERY: Duration = Duration::from_secs(10);
/// and handed out at all where it is told to a gatherer, or as metrics.
const SO_FAR_EVERY_WATCHED: Duration = Duration::from_secs(1);

/// The target file of the service that `lamplighter serve` starts.
const REFERENCE: &str = "reference";

/// Runs a load test, writes its reports and holds it against the gates.
pub fn run(arguments: LoadArguments, common: &Common, zones: &Arc<Zones>) -> Result<Exit, Stop> {
    let LoadArguments { command: _, run, gates, export, reports } = arguments;
    let asked = gates::asked(&gates)?;
    let gates = gates::held(&gates, run.no_default_gates)?;
    raise_file_limit();
    let stop = stop_on_ctrl_c();
    let given = match &run.world {
        Some(path) => match given(path, zones)? {
            Some(given) => Some(Arc::new(given)),
            None => return Ok(Exit::Invalid),
        },
        None => None,
    };
    // What is started here ends with this function.
    let (_service, target) = match target(&run)? {
        Some(target) => target,
        None => return Ok(Exit::Invalid),
    };
    let mut knobs = RunKnobs { given, ..knobs(&run) };
    for lowered in lowered(&target.file, &mut knobs)? {
        note(&lowered, common.quiet)?;
    }
    for lacking in look_ahead(&knobs, run.start_at, &asked, zones)? {
        note(&lacking, common.quiet)?;
    }
    let folder = target.folder;
    let options = DriverOptions { keeps_active: true, folder, ..DriverOptions::default() };
    let driver = Driver::new(target.file, target.endpoint, options).map_err(cannot_go_on)?;
    let mut says = |told: &str| drop(note(told, common.quiet));
    let exports = Exports::open(&export, &mut says)?;
    let link = gather::part::open(&run.gathered, &knobs)?;
    let is_watched = link.is_some() || exports.is_some();
    let config = RunConfig {
        starts_at: run.start_at,
        driver: Arc::new(driver),
        within_ms: run.within.0,
        keep: run.keep,
        gates,
        abort_on_fail: run.abort_on_fail,
        so_far_every: if is_watched { SO_FAR_EVERY_WATCHED } else { SO_FAR_EVERY },
        connections_max: run.connections as usize,
        knobs,
    };
    let mut screen = Screen {
        progress: Progress::of_length(config.knobs.duration.0, common.quiet),
        duration_ms: config.knobs.duration.0,
        meanwhile: BackgroundReports::of(&reports, SO_FAR_EVERY),
        wrong: ViolationList::new(&reports.wrong),
        // What is left in a service of one's own ends with it.
        says_what_is_left: !is_own(&run) && !common.quiet,
        link,
        exports,
    };
    let result = run_load(&config, zones, &stop, &mut screen).map_err(cannot_run);
    let (wrong, link, exports) = screen.finish();
    let ended = result.map(|mut result| {
        result.judged.listed = wrong.listed;
        result.generator.warnings.extend(wrong.warning());
        // What there is to say is said even where no file takes it.
        let printed = print_summary(&reports, &result, common.quiet);
        let written = write_reports(&reports, &result);
        (result, written.and(printed))
    });
    let told = ended.as_ref().map(|(result, _)| result).map_err(Stop::told);
    gather::part::finish(link, told);
    if let Some(exports) = exports {
        if let Ok((result, _)) = &ended {
            exports.show(Snapshot { result: Some(result.clone()), parts: Vec::new() });
        }
        exports.finish(&stop, &mut says).iter().for_each(|warning| warn(warning));
    }
    let (result, written) = ended?;
    written?;
    Ok(exit(&result))
}

/// Whether a service is started for the run: none was named, nor another product.
fn is_own(run: &RunArguments) -> bool {
    run.given.host.is_none() && run.target.as_deref().is_none_or(|named| named == REFERENCE)
}

/// The target file with what was typed for it, and the service that was started for the run; `None`
/// where what is wrong with the file has been said.
fn target(run: &RunArguments) -> Result<Option<(Option<OwnService>, targets::Given)>, Stop> {
    let mut typed = run.given.clone();
    let mut service = None;
    if is_own(run) {
        let (own, address, key) = own_service()?;
        service = Some(own);
        typed.host = Some(address);
        typed.vars.push(format!("admin_key={key}"));
    }
    let given = targets::Given::new(run.target.as_deref().unwrap_or(REFERENCE), &typed)?;
    let Some(given) = given else { return Ok(None) };
    if let Clock::File { .. } = given.file.clock {
        let error = anyhow!(
            "the clock of {} stands still between two writes of its file, and a load test goes on",
            given.file.about.name
        );
        let hint =
            "run the server on the machine's clock, with a target file whose `[clock]` says so";
        return Err(Stop::invalid(error).hint(hint));
    }
    Ok(Some((service, given)))
}

/// Fits what a run is drawn from to what the target can and allows; gives what was lowered by that.
fn lowered(file: &TargetFile, knobs: &mut RunKnobs) -> Result<Vec<String>, Stop> {
    let mut lowered = knobs.keep_to(TargetLimits::of(file));
    let fitted = fit_rate(file, knobs);
    lowered.extend(fitted.map_err(|why| Stop::invalid(why.into()).hint(TooManyCalls::HINT))?);
    Ok(lowered)
}

/// Starts a service; gives its address and its admin key, too.
#[cfg(feature = "serve")]
fn own_service() -> Result<(OwnService, String, String), Stop> {
    OwnService::start()
}

/// There is none to start.
#[cfg(not(feature = "serve"))]
fn own_service() -> Result<(OwnService, String, String), Stop> {
    let with = crate::cli::built_without::built_without("serve,load");
    Err(with.hint("or name a service that is there: --host http://127.0.0.1:8080"))
}

/// Reads the world of a scenario; what is wrong with it is told.
fn given(path: &Path, zones: &Arc<Zones>) -> Result<Option<GivenWorld>, Stop> {
    let file = if path.is_dir() { path.join("world.scenario") } else { path.to_owned() };
    let bytes = std::fs::read(&file)
        .with_context(|| format!("cannot read {}", file.display()))
        .map_err(|error| {
            Stop::invalid(error).hint(
                "`lamplighter generate --out DIR` writes a world; a scenario file does as well",
            )
        })?;
    let given = match GivenWorld::read(&file, bytes, zones) {
        Ok(given) => given,
        Err(verdict) => {
            printed(text::diagnostics(&mut anstream::stderr().lock(), &verdict))?;
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
fn knobs(run: &RunArguments) -> RunKnobs {
    let duration = run.duration;
    // A tenth of the run, so that graces end in it; but no shorter than connections flicker.
    let grace = run.grace.unwrap_or(Millis((duration.0 / 10).clamp(2_000, 120_000)));
    let pace = run.pace.unwrap_or(Millis((duration.0 / 8).clamp(4_000, 45_000)));
    RunKnobs {
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
        target: run.target.clone().filter(|named| named != REFERENCE),
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
        limits: TargetLimits::default(),
    }
}

/// What should be known before the run begins.
fn note(text: &str, quiet: bool) -> Result<(), Stop> {
    match quiet {
        true => Ok(()),
        false => printed(writeln!(anstream::stderr().lock(), "note: {text}")),
    }
}

fn cannot_run(error: RunError) -> Stop {
    let error = match error {
        RunError::Host(error) => return cannot_call(error),
        RunError::Provision(ProvisionError::Call(error))
        | RunError::Skew(SkewError::Call(error)) => return cannot_go_on(error),
        other => other,
    };
    let hint = match &error {
        RunError::Plan(_) | RunError::Zone(_) => return Stop::invalid(error.into()),
        RunError::TooLate { .. } => {
            return Stop::invalid(error.into()).hint("name a later --start-at");
        }
        RunError::Gatherer(LinkError::Refused { .. }) => return Stop::invalid(error.into()),
        RunError::Gatherer(LinkError::Silent { .. }) => {
            "does `lamplighter load gather` listen there, and can it be reached from here?"
        }
        RunError::Provision(why) => why.hint().unwrap_or_default(),
        RunError::Skew(SkewError::NoDate) => SAY_THE_CLOCK,
        RunError::Skew(SkewError::Unreadable(_)) => {
            "`lamplighter target try` shows the call and its answer"
        }
        RunError::Skew(_) => {
            "is it running? `lamplighter serve` starts one, and without --host one is started"
        }
        RunError::Machine(_) => "does the machine allow as many open files? see `ulimit -n`",
        _ => return Stop::machine(error.into()),
    };
    Stop::machine(error.into()).hint(hint)
}
