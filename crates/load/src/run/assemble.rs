//! One result of what was counted, judged and taken.

use std::time::Duration;

use rustix::time::ClockId;

use super::goals::{GoalInputs, goals};
use super::load_run::LoadRun;
use super::processor_time::cpu_us;
use super::supervise::JudgeTask;
use crate::clock::Micros;
use crate::judge::JudgeReport;
use crate::latencies::Latencies;
use crate::plan::{PlannedAgent, watches};
use crate::result::{
    AboutRun, FORMAT, Generator, Judged, LoadResult, Rate, STILL_RUNNING, WAITED_FOR_TURNS,
};
use crate::tally::RunCounts;

/// A generator whose own lateness has this for its 99th percentile has fallen behind with visitors,
const LATE_MAX_US: u64 = 10_000;
/// and with this one with agents: what their sockets say is read so late.
const AGENTS_LATE_MAX_US: u64 = 100_000;

/// What a run came to, beside what was counted.
pub struct RunOutcome {
    /// What the judge came to.
    pub report: JudgeReport,
    /// The time of a processor that judging took.
    pub judging_us: u64,
    /// Goose's tables of the agents' requests.
    pub goose: String,
    /// When nobody began anything any more, in microseconds of the run: what came behind it was waited for.
    pub ended_at: Micros,
    /// Why it was ended early, if it was.
    pub ended_early: Option<String>,
    /// Whether it was cut off from outside.
    pub interrupted: bool,
    /// What could not be read or brought to its end, a line each.
    pub unfinished: Vec<String>,
}

impl LoadRun<'_> {
    /// The result, held against all gates.
    pub(super) fn result(&self, outcome: RunOutcome) -> LoadResult {
        let RunOutcome {
            report,
            judging_us,
            goose,
            ended_at,
            ended_early,
            interrupted,
            unfinished,
        } = outcome;
        let RunCounts { operations, rate, agents_late, mut intervals } =
            self.context.tally.counts();
        // What was answered behind the end belongs to the last stretch of the run.
        let stretches = self.knobs.duration.0.div_ceil(self.interval_ms).max(1) as usize;
        intervals.truncate(stretches);
        let counted = GoalInputs {
            met: report.met,
            judged: &report.judged,
            propagation: &report.propagation,
            operations: &operations,
            streams: watches(&self.context.plan, &self.knobs).len() as u64,
        };
        let goals = goals(&self.context.plan, counted);
        let generator = Generator {
            cpu_us: cpu_us(ClockId::ProcessCPUTime) - self.cpu_before_us,
            memory_bytes_max: memory_max(),
            warnings: warnings(&rate, &agents_late, self.config.driver.longest_wait()),
        };
        let named = operations.into_iter().map(|(name, stats)| (name.to_owned(), stats));
        let mut result = LoadResult {
            format: FORMAT,
            about: AboutRun { ended_early, interrupted, ..self.about(ended_at) },
            rate,
            operations: named.collect(),
            propagation: report.propagation,
            edges: report.edges,
            judged: Judged { cpu_us: judging_us, ..report.judged },
            goals,
            intervals,
            generator,
            outages: self.context.tally.outages(),
            unfinished,
            goose,
            gates: Vec::new(),
        };
        result.gates = self.config.gates.iter().map(|gate| gate.verdict(&result)).collect();
        result
    }

    /// The result so far of a run that goes on.
    pub(super) fn so_far(&self, judge_task: &JudgeTask) -> LoadResult {
        let (mut report, judging_us) = judge_task.so_far();
        let unfinished = Self::messages_unknown(&mut report).into_iter().collect();
        self.result(RunOutcome {
            report,
            judging_us,
            goose: String::new(),
            ended_at: self.context.clock.now(),
            ended_early: Some(STILL_RUNNING.to_owned()),
            interrupted: true,
            unfinished,
        })
    }

    fn about(&self, ended_at: Micros) -> AboutRun {
        let Self { config, knobs, skew, context, .. } = self;
        let plan = &context.plan;
        let own = |agent: &&PlannedAgent| agent.is_own;
        let lasted_ms = u64::try_from(ended_at / 1_000).unwrap_or(0);
        AboutRun {
            lamplighter: env!("CARGO_PKG_VERSION").to_owned(),
            target: config.driver.endpoint().address().to_owned(),
            product: config.driver.file().about.name.clone(),
            not_tested: knobs.limits.not_tested.clone(),
            plan: knobs.fingerprint(),
            arguments: knobs.arguments(),
            start: plan.start.to_string(),
            duration_ms: knobs.duration.0,
            lasted_ms: lasted_ms.min(knobs.duration.0),
            ended_early: None,
            interrupted: false,
            shards: vec![knobs.shard.to_string()],
            properties: plan.properties.iter().filter(|p| p.is_own).count() as u64,
            widgets: (0..plan.widgets.len()).filter(|w| plan.is_own(*w as u32)).count() as u64,
            agents: plan.agents.iter().filter(own).count() as u64,
            devices: plan.agents.iter().filter(own).map(|a| a.devices.len() as u64).sum(),
            grace_ms: plan.grace.0,
            within_ms: (self.bound().within / 1_000).unsigned_abs(),
            skew_ms: skew.ahead_us as f64 / 1_000.0,
            skew_uncertain_ms: skew.uncertain_us as f64 / 1_000.0,
            interval_ms: self.interval_ms,
        }
    }
}

/// What must be said loudly of the generator.
fn warnings(rate: &Rate, agents_late: &Latencies, waited_for_turns: Duration) -> Vec<String> {
    let mut warnings = Vec::new();
    if waited_for_turns.as_micros() > LATE_MAX_US.into() && rate.late.percentile(99.0) > LATE_MAX_US
    {
        warnings.push(format!(
            "{WAITED_FOR_TURNS}, up to {:.1} s: that is Lamplighter's doing, which keeps to the limits \
             that the target file names. Latencies count from the intended instants, with that; fewer \
             --visitors wait less",
            waited_for_turns.as_secs_f64()
        ));
    }
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
    warnings
}

/// The most memory that this process has held, in bytes; 0 where the machine does not say.
fn memory_max() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1_024
}
