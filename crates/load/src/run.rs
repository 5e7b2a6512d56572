//! A run from its begin to its end: the target is looked at and filled, agents and visitors are let
//! loose, their notes are judged meanwhile, and when all is quiet the rest.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};
use thiserror::Error;

use super::agents::{self, AgentsError};
use super::clock::{Micros, RunClock, SECOND_US};
use super::gates::Gate;
use super::judge::{Judge, Promise, Sentence};
use super::latencies::Latencies;
use super::notes::Notebook;
use super::plan::{AllArrivals, Knobs, Plan, watches};
use super::product::Product;
use super::provision::{ProvisionError, Provisioned, provision};
use super::result::{About, FORMAT, Generator, Judged, LoadResult, Rate};
use super::skew::{self, Skew, SkewError};
use super::tally::{Counts, Tally};
use super::visitors::{self, CheckError, Outcome, Signals, Visitors, VisitorsError};
use lamplighter_core::hours::Zones;
use lamplighter_core::model::Instant;
use lamplighter_scenario::synth::PopulationError;
use lamplighter_target::{Host, HostError};

/// Notes are put in within this time; whoever judges leaves the latest alone.
const NOTED_WITHIN: Micros = 100_000;
/// How often notes are judged.
const JUDGE_EVERY: Duration = Duration::from_millis(100);
/// How often gates are looked at that can end a run early.
const LOOK_AT_GATES_EVERY: Micros = SECOND_US;
/// How many stretches of time a result has at most, so that runs of days stay small.
const INTERVALS_MAX: u64 = 600;
/// A generator whose own lateness has this for its 99th percentile has fallen behind with visitors,
const LATE_MAX_US: u64 = 10_000;
/// and with this one with agents: what their sockets say is read so late.
const AGENTS_LATE_MAX_US: u64 = 100_000;

/// What a run is started with.
#[derive(Debug)]
pub struct Config {
    /// What is played. Its `start` counts only where `starts_at` is set.
    pub knobs: Knobs,
    /// When it starts, where that was said: all parts of a run start at the same instant.
    pub starts_at: Option<Instant>,
    /// The calls.
    pub product: Arc<dyn Product>,
    /// The target.
    pub host: Host,
    /// What the target has promised, see [`About::within_ms`].
    pub within_ms: u64,
    /// Whether what was put on the target stays there.
    pub keep: bool,
    /// What fails the run.
    pub gates: Vec<Gate>,
    /// Whether the run ends once it is sure to fail.
    pub abort_on_fail: bool,
    /// Connections of visitors at most.
    pub connections_max: usize,
}

/// Why there is no result.
#[derive(Debug, Error)]
pub enum RunError {
    /// The target's address, or the way to it.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The knobs cannot be used.
    #[error(transparent)]
    Plan(#[from] PopulationError),
    /// A zone that nobody knows.
    #[error(transparent)]
    Zone(#[from] lamplighter_core::hours::UnknownZone),
    /// The target's clock cannot be told.
    #[error(transparent)]
    Skew(#[from] SkewError),
    /// The plan cannot be put on the target.
    #[error(transparent)]
    Provision(#[from] ProvisionError),
    /// The run was to start before all was there.
    #[error("the run was to start at {starts_at}, and only at {ready_at} all was on the target")]
    TooLate {
        /// As it was said.
        starts_at: Instant,
        /// When all was there.
        ready_at: Instant,
    },
    /// Agents cannot begin.
    #[error(transparent)]
    Agents(#[from] AgentsError),
    /// Visitors cannot go about.
    #[error(transparent)]
    Visitors(#[from] VisitorsError),
    /// The messages cannot be looked for.
    #[error(transparent)]
    Messages(#[from] CheckError),
    /// The machine has nothing left.
    #[error("the machine cannot run a load test: {0}")]
    Machine(#[from] std::io::Error),
    /// A mistake in the program.
    #[error("{0} have panicked")]
    Panicked(&'static str),
}

/// Told how far a run is.
pub trait Watcher {
    /// What is being done before the run starts, and after its end.
    fn says(&mut self, what: &str);
    /// The run goes on.
    fn goes_on(&mut self, at: Micros, wrong: u64, tally: &Tally);
}

/// Plays a plan against a target, and judges all that it answers.
///
/// # Errors
/// When it cannot begin, or the machine fails. What the target does wrong is in the result.
pub fn run(
    config: &Config,
    zones: &Zones,
    stop: &Arc<AtomicBool>,
    watcher: &mut dyn Watcher,
) -> Result<LoadResult, RunError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("agents")
        .enable_all()
        .build()?;
    runtime.block_on(config.host.check())?;
    let now = wall_now();
    let clock = RunClock::new(now, now);
    watcher.says("looking at the target's clock");
    let skew = skew::measure(&config.host, "/healthz", &clock)?;

    watcher.says("putting properties and accounts on the target");
    let mut knobs = config.knobs.clone();
    knobs.start = config.starts_at.unwrap_or(now);
    let plan = Arc::new(Plan::draw(&knobs, zones)?);
    let mut provisioned =
        runtime.block_on(provision(&plan, &config.product, config.host.clone()))?;
    let started = begin(config, &mut knobs, plan, zones, &mut provisioned, &runtime, &clock, &skew);
    let played = started.and_then(|(plan, clock)| {
        watcher.says("waiting for the start");
        Run { config, knobs: &knobs, plan, clock, skew }.play(zones, stop, &runtime, watcher)
    });
    // Whatever became of it, nothing is left behind.
    if !config.keep {
        watcher.says("taking everything away again");
        let taken = runtime.block_on(provisioned.take_away());
        if played.is_ok() {
            taken?;
        }
    }
    played
}

/// The plan and the clock of a run whose first instant is known now that all is on the target.
#[allow(clippy::too_many_arguments)]
fn begin(
    config: &Config,
    knobs: &mut Knobs,
    plan: Arc<Plan>,
    zones: &Zones,
    provisioned: &mut Provisioned,
    runtime: &tokio::runtime::Runtime,
    clock: &RunClock,
    skew: &Skew,
) -> Result<(Arc<Plan>, RunClock), RunError> {
    let target_now = || {
        let ms = (clock.now() + skew.ahead_us).div_euclid(1_000);
        Instant::from_millis(clock.start().as_millis() + ms).unwrap_or(clock.start())
    };
    if let Some(starts_at) = config.starts_at {
        let ready_at = target_now();
        return match ready_at < starts_at {
            true => Ok((plan, clock.restarted(starts_at))),
            false => Err(RunError::TooLate { starts_at, ready_at }),
        };
    }
    // Schedulers are laid around a start that leaves the time to set them.
    let mut lead_ms = 2_000 + 4 * plan.widgets.len() as i64;
    loop {
        let start_ms = target_now().as_millis() + lead_ms;
        knobs.start = Instant::from_millis(start_ms).unwrap_or(Instant::MAX);
        let plan = Arc::new(Plan::draw(knobs, zones)?);
        runtime.block_on(provisioned.set_anew(&plan))?;
        if target_now() < knobs.start {
            return Ok((plan, clock.restarted(knobs.start)));
        }
        lead_ms *= 2;
    }
}

/// A run that is about to start.
struct Run<'c> {
    config: &'c Config,
    knobs: &'c Knobs,
    plan: Arc<Plan>,
    clock: RunClock,
    skew: Skew,
}

impl Run<'_> {
    fn play(
        &self,
        zones: &Zones,
        stop: &Arc<AtomicBool>,
        runtime: &tokio::runtime::Runtime,
        watcher: &mut dyn Watcher,
    ) -> Result<LoadResult, RunError> {
        let Self { config, knobs, plan, clock, skew } = self;
        let interval_ms = (knobs.duration.0 / INTERVALS_MAX).max(1_000);
        let tally = Arc::new(Tally::new(interval_ms));
        let notebook = Notebook::default();
        let signals = Arc::new(Signals::default());
        let promise = Promise {
            within: (config.within_ms * 1_000) as Micros,
            skew: skew.ahead_us,
            // Instants of edges are told to the millisecond.
            uncertain: skew.uncertain_us + 1_000,
        };
        let mut judge = Judge::new(Arc::clone(plan), promise, zones, Arc::clone(&tally))?;
        let going = Visitors {
            plan: Arc::clone(plan),
            product: Arc::clone(&config.product),
            host: config.host.clone(),
            clock: *clock,
            notebook: notebook.clone(),
            tally: Arc::clone(&tally),
            signals: Arc::clone(&signals),
            watches: watches(plan, knobs),
            connections_max: config.connections_max,
            timeout: visitors::TIMEOUT,
        };
        let is_over = AtomicBool::new(false);
        let cpu_before = cpu_us(ClockId::ProcessCPUTime);
        let mut judging_us = 0;
        let mut ended_early = None;
        let (agents, visited, sentence) = thread::scope(|scope| {
            let visiting = {
                let going = going.clone();
                scope.spawn(move || visitors::run(going, AllArrivals::new(plan, knobs)))
            };
            let agents_stop = Arc::new(AtomicBool::new(false));
            let playing = {
                let (agents_stop, notebook, tally) =
                    (Arc::clone(&agents_stop), notebook.clone(), Arc::clone(&tally));
                let (plan, product) = (Arc::clone(plan), Arc::clone(&config.product));
                scope.spawn(move || {
                    let (clock, host) = (*clock, &config.host);
                    runtime.block_on(agents::play(
                        plan,
                        product,
                        host,
                        clock,
                        notebook,
                        tally,
                        agents_stop,
                    ))
                })
            };
            let mut looked_at = 0;
            let mut told = |judge: &mut Judge, until: Micros| {
                let before = cpu_us(ClockId::ThreadCPUTime);
                judge.take(notebook.take(), until);
                judging_us += cpu_us(ClockId::ThreadCPUTime) - before;
            };
            let mut quiet_since = None;
            while !is_over.load(Ordering::Relaxed) {
                thread::sleep(JUDGE_EVERY);
                let now = clock.now();
                told(&mut judge, now - NOTED_WITHIN);
                tally.look_around(now.min(knobs.duration_us() - 1));
                watcher.goes_on(now, judge.wrong_so_far(), &tally);
                if ended_early.is_none() && now < knobs.duration_us() {
                    if stop.load(Ordering::Relaxed) {
                        ended_early = Some("Ctrl-C".to_owned());
                    } else if config.abort_on_fail && now - looked_at > LOOK_AT_GATES_EVERY {
                        looked_at = now;
                        let so_far = so_far(&judge, &tally);
                        let mut gates = config.gates.iter();
                        let failed =
                            gates.find(|gate| gate.is_final() && gate.is_exceeded(&so_far));
                        ended_early = failed.map(|gate| format!("a gate failed: {gate}"));
                    }
                    if ended_early.is_some() {
                        signals.stop();
                        agents_stop.store(true, Ordering::Relaxed);
                    }
                }
                let all_done =
                    (signals.are_done() || visiting.is_finished()) && playing.is_finished();
                match quiet_since {
                    None if all_done => quiet_since = Some(now),
                    // What is on its way on streams and sockets has so long to arrive.
                    Some(since) if now - since > promise.within + SECOND_US / 2 => {
                        is_over.store(true, Ordering::Relaxed);
                    }
                    _ => {}
                }
            }
            let over = clock.now() - NOTED_WITHIN;
            told(&mut judge, over);
            watcher.says("looking for the messages that visitors left");
            signals.close_streams();
            let visited = joined(visiting.join(), "visitors")?.map_err(RunError::from);
            let agents = joined(playing.join(), "agents")?.map_err(RunError::from);
            if let Ok(Outcome { kept }) = &visited
                && !kept.is_empty()
            {
                visitors::check_messages(&going, kept)?;
            }
            // Streams that were closed just now say nothing that counts.
            let late = notebook.take().into_iter().filter(|note| {
                matches!(
                    note,
                    super::notes::Note::MessageMissing { .. }
                        | super::notes::Note::MessageKept { .. }
                )
            });
            judge.take(late.collect(), over);
            Ok::<_, RunError>((agents, visited, judge.finish(over)))
        })?;
        let agents = agents?;
        let goose = agents.tables.clone();
        runtime.block_on(agents.release());
        visited?;
        let counts = tally.counts();
        let mut result = self.result(counts, sentence, goose, interval_ms);
        result.judged.cpu_us = judging_us;
        result.generator.cpu_us = cpu_us(ClockId::ProcessCPUTime) - cpu_before;
        let lasted_ms = u64::try_from(clock.now() / 1_000).unwrap_or(0);
        result.about.lasted_ms = lasted_ms.min(knobs.duration.0);
        result.about.ended_early = ended_early;
        result.gates = config.gates.iter().map(|gate| gate.verdict(&result)).collect();
        Ok(result)
    }

    fn result(
        &self,
        counts: Counts,
        sentence: Sentence,
        goose: String,
        interval_ms: u64,
    ) -> LoadResult {
        let Self { config, knobs, plan, skew, .. } = self;
        let own = |agent: &&super::plan::Agent| agent.is_own;
        let Counts { operations, rate, agents_late, mut intervals } = counts;
        // What was answered behind the end belongs to the last stretch of the run.
        let stretches = knobs.duration.0.div_ceil(interval_ms).max(1) as usize;
        intervals.truncate(stretches);
        let arguments = knobs.arguments();
        let operations: BTreeMap<String, _> =
            operations.into_iter().map(|(name, counted)| (name.to_owned(), counted)).collect();
        let warnings = warnings(&rate, &agents_late);
        LoadResult {
            format: FORMAT,
            about: About {
                lamplighter: env!("CARGO_PKG_VERSION").to_owned(),
                target: config.host.address().to_owned(),
                product: config.product.name().to_owned(),
                plan: knobs.fingerprint(),
                arguments,
                start: plan.start.to_string(),
                duration_ms: knobs.duration.0,
                lasted_ms: 0,
                ended_early: None,
                shards: vec![knobs.shard.to_string()],
                properties: plan.properties.iter().filter(|p| p.is_own).count() as u64,
                widgets: (0..plan.widgets.len()).filter(|w| plan.is_own(*w as u32)).count() as u64,
                agents: plan.agents.iter().filter(own).count() as u64,
                devices: plan.agents.iter().filter(own).map(|a| a.devices.len() as u64).sum(),
                grace_ms: plan.grace.0,
                within_ms: config.within_ms,
                skew_ms: skew.ahead_us as f64 / 1_000.0,
                skew_uncertain_ms: skew.uncertain_us as f64 / 1_000.0,
                interval_ms,
            },
            rate,
            operations,
            light: sentence.light,
            edges: sentence.edges,
            judged: sentence.judged,
            intervals,
            generator: Generator { cpu_us: 0, memory_bytes_max: memory_max(), warnings },
            goose,
            gates: Vec::new(),
        }
    }
}

/// What gates need of a run that goes on, as far as they can end it.
fn so_far(judge: &Judge, tally: &Tally) -> LoadResult {
    let Counts { operations, rate, intervals, .. } = tally.counts();
    let judged: Judged = judge.so_far().clone();
    LoadResult {
        format: FORMAT,
        about: About::default(),
        rate,
        operations: operations.into_iter().map(|(name, of)| (name.to_owned(), of)).collect(),
        light: Default::default(),
        edges: Default::default(),
        judged,
        intervals,
        generator: Generator::default(),
        goose: String::new(),
        gates: Vec::new(),
    }
}

fn joined<T>(joined: thread::Result<T>, who: &'static str) -> Result<T, RunError> {
    joined.map_err(|_| RunError::Panicked(who))
}

/// What must be said loudly of the generator.
fn warnings(rate: &Rate, agents_late: &Latencies) -> Vec<String> {
    let mut warnings = Vec::new();
    let p99 = rate.generator_late.percentile(99.0);
    if p99 > LATE_MAX_US {
        warnings.push(format!(
            "the generator fell behind: it woke up {:.1} ms late for one visitor in a hundred. Latencies \
             count from the intended instants all the same; give it a machine of its own, more cores, or \
             a part of the plan with --shard",
            p99 as f64 / 1_000.0
        ));
    }
    let p99 = agents_late.percentile(99.0);
    if p99 > AGENTS_LATE_MAX_US {
        warnings.push(format!(
            "the generator fell behind with its agents: at one moment in a hundred they and their \
             sockets were served {:.1} s late. What was pushed to them was read so late, and may count \
             as late or wrong by that alone; give it a machine of its own, more cores, or a part of the \
             plan with --shard",
            p99 as f64 / 1_000_000.0
        ));
    }
    let Rate { sent, asked, .. } = *rate;
    if sent * 100 < asked * 99 {
        warnings.push(format!(
            "of {asked} visitors that the plan had only {sent} were sent: connections were not free or \
             not to be had; allow more with --connections, or use several generators with --shard"
        ));
    }
    warnings
}

fn wall_now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let ms = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
    Instant::from_millis(ms).unwrap_or(Instant::MAX)
}

fn cpu_us(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    (time.tv_sec * 1_000_000 + time.tv_nsec / 1_000).unsigned_abs()
}

/// The most memory that this process has held, in bytes; 0 where the machine does not say.
fn memory_max() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1_024
}
