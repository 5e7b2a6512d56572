//! While a run goes on: what was recorded is judged, and it is ended early where it is sure to fail, or
//! someone wants it to end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant as MachineTime};

use rustix::time::ClockId;

use super::load_run::LoadRun;
use super::processor_time::cpu_us;
use super::threads::RunThreads;
use super::watcher::RunWatcher;
use crate::clock::{Micros, SECOND_US, micros};
use crate::context::RunContext;
use crate::gates::Measurements;
use crate::gather::StopCause;
use crate::history::Record;
use crate::judge::{Judge, JudgeReport, StalenessBound};
use crate::result::{EdgePropagation, Judged, OperationStats, Propagation, Rate};
use crate::tally::RunCounts;
use lamplighter_core::hours::{UnknownZone, Zones};

/// Records are put in within this time; whoever judges leaves the latest alone.
const RECORDED_WITHIN: Micros = 100_000;
/// How often records are judged.
const JUDGE_EVERY: Duration = Duration::from_millis(100);
/// What there is so far is handed out soon for the first time: until then there may be the report of another
/// run.
const HAND_OUT_FIRST: Micros = SECOND_US;
/// So long those are waited for who are on their way when the run is over,
const UNDER_WAY_MAX: Duration = Duration::from_secs(5);
/// and where a signal has ended it.
const UNDER_WAY_INTERRUPTED_MAX: Duration = Duration::from_secs(2);
/// How often gates are looked at that can end a run early.
const LOOK_AT_GATES_EVERY: Micros = SECOND_US;

/// The judge at work, and what that takes.
pub struct JudgeTask {
    judge: Judge,
    run: RunContext,
    /// The time of a processor that it has taken.
    cpu_us: u64,
}

impl JudgeTask {
    /// Nothing has been recorded yet.
    ///
    /// # Errors
    /// When a scheduler of the plan is in a zone that nobody knows.
    pub fn new(
        run: &RunContext,
        bound: StalenessBound,
        zones: &Zones,
    ) -> Result<Self, UnknownZone> {
        let judge = Judge::new(run.plan.clone(), bound, zones, run.tally.clone())?;
        let judge = judge.on(run.service.clone());
        Ok(Self { judge, run: run.clone(), cpu_us: 0 })
    }

    /// Judges all that was recorded so far, but for the latest moments; gives up to when.
    pub fn catch_up(&mut self) -> Micros {
        let until = self.run.clock.now() - RECORDED_WITHIN;
        let before = cpu_us(ClockId::ThreadCPUTime);
        let records = self.run.history.take();
        self.run.tally.judging(&records, &self.run.plan);
        self.judge.take(records, until);
        self.cpu_us += cpu_us(ClockId::ThreadCPUTime) - before;
        until
    }

    /// What it came to so far, and the time of a processor that it has taken.
    pub fn so_far(&self) -> (JudgeReport, u64) {
        (self.judge.so_far(), self.cpu_us)
    }

    /// All have played and were judged up to a moment, and of what is recorded since these alone count;
    /// gives the report, and the time of a processor that judging took.
    pub fn finish(mut self, until: Micros, counts: impl Fn(&Record) -> bool) -> (JudgeReport, u64) {
        let late = self.run.history.take().into_iter().filter(counts);
        self.judge.take(late.collect(), until);
        (self.judge.finish(until), self.cpu_us)
    }
}

/// What gates ask of a run that goes on.
struct RunSoFar<'r> {
    counts: &'r RunCounts,
    judge: &'r Judge,
    at: Micros,
}

impl Measurements for RunSoFar<'_> {
    fn rate(&self) -> &Rate {
        &self.counts.rate
    }

    fn operation(&self, name: &str) -> Option<&OperationStats> {
        self.counts.operations.get(name)
    }

    fn operations(&self) -> impl Iterator<Item = &OperationStats> {
        self.counts.operations.values()
    }

    fn propagation(&self) -> &Propagation {
        self.judge.propagation()
    }

    fn edges(&self) -> &EdgePropagation {
        self.judge.edges()
    }

    fn judged(&self) -> &Judged {
        self.judge.judged()
    }

    fn within_enough_ms(&self) -> Option<f64> {
        self.judge.within_enough_ms()
    }

    fn lasted_ms(&self) -> u64 {
        u64::try_from(self.at / 1_000).unwrap_or(0)
    }
}

/// Why a run ended before its time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EarlyEnd {
    /// Ctrl-C, or another signal that asks a process to end.
    Interrupted,
    /// A gate by which it is sure to fail.
    Gate(String),
    /// The generator could not go on.
    Failed,
}

impl From<StopCause> for EarlyEnd {
    fn from(asked: StopCause) -> Self {
        match asked {
            StopCause::Gate(gate) => Self::Gate(format!("{gate} (of all parts)")),
            StopCause::Interrupted => Self::Interrupted,
        }
    }
}

/// How a run came to its end.
#[derive(Debug)]
pub struct RunEnd {
    /// Why it ended early, if it did.
    pub early: Option<EarlyEnd>,
    /// How far the run was then, in microseconds.
    pub at: Micros,
    /// When it ended, from where on time is counted for all that is still to be done.
    machine: MachineTime,
}

impl RunEnd {
    /// How much of the time behind the end was used up by those who were on their way.
    pub fn spent(&self) -> Duration {
        self.machine.elapsed().min(UNDER_WAY_MAX)
    }

    /// Whether nobody who is on the way is waited for any longer.
    fn is_long_ago(&self, is_stopped: bool) -> bool {
        let limit = match self.early {
            Some(EarlyEnd::Interrupted) => UNDER_WAY_INTERRUPTED_MAX,
            // Whoever wants an end behind the end wants it now.
            _ if is_stopped => Duration::ZERO,
            _ => UNDER_WAY_MAX,
        };
        self.machine.elapsed() >= limit
    }
}

impl LoadRun<'_> {
    /// Judges until all have played and all is quiet, or nobody is waited for any longer; how the run
    /// ended.
    pub(super) fn supervise(
        &self,
        threads: &RunThreads<'_>,
        judge_task: &mut JudgeTask,
        stop: &AtomicBool,
        watcher: &mut dyn RunWatcher,
    ) -> RunEnd {
        let (clock, tally) = (self.context.clock, &self.context.tally);
        let duration_us = self.knobs.duration_us();
        // What is on its way on streams and sockets has so long to arrive.
        let arrives_within = self.bound().within + SECOND_US / 2;
        let mut hand_out_at = HAND_OUT_FIRST;
        let (mut ended, mut gates_at, mut quiet_since) = (None, 0, None);
        loop {
            thread::sleep(JUDGE_EVERY);
            judge_task.catch_up();
            watcher.found(&judge_task.judge.take_wrong());
            let now = clock.now();
            tally.sample_open(now.min(duration_us - 1));
            watcher.on_progress(now, judge_task.judge.judged().wrong_count(), tally);
            let is_stopped = stop.load(Ordering::Relaxed);
            let end = match &ended {
                Some(end) => end,
                None => {
                    let asked_end = watcher.asked_end().map(EarlyEnd::from);
                    let early = match is_stopped {
                        _ if now >= duration_us => None,
                        true => Some(EarlyEnd::Interrupted),
                        false if threads.have_failed() => Some(EarlyEnd::Failed),
                        false if asked_end.is_some() => asked_end,
                        false => self.sure_to_fail(&judge_task.judge, now, &mut gates_at),
                    };
                    if early.is_none() && now < duration_us {
                        if now >= hand_out_at {
                            hand_out_at = now + micros(self.config.so_far_every);
                            watcher.so_far(self.so_far(judge_task));
                        }
                        continue;
                    }
                    if early.is_some() {
                        threads.stop();
                    }
                    ended.insert(RunEnd { early, at: now, machine: MachineTime::now() })
                }
            };
            if end.is_long_ago(is_stopped) {
                threads.give_up();
            }
            match quiet_since {
                None if threads.are_done() => quiet_since = Some(now),
                Some(since) if now - since > arrives_within || end.at < 0 => break,
                _ => {}
            }
        }
        ended.expect("the loop ends behind the end of the run alone")
    }

    /// The gate by which the run is sure to fail, where that is to end it; looked at now and then.
    fn sure_to_fail(&self, judge: &Judge, now: Micros, looked_at: &mut Micros) -> Option<EarlyEnd> {
        if !self.config.abort_on_fail || now - *looked_at <= LOOK_AT_GATES_EVERY {
            return None;
        }
        *looked_at = now;
        self.context.tally.look(|counts| {
            let so_far = RunSoFar { counts, judge, at: now };
            let mut gates = self.config.gates.iter();
            let failed = gates.find(|gate| gate.is_final() && gate.is_exceeded(&so_far))?;
            Some(EarlyEnd::Gate(failed.to_string()))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::gates::Gate;
    use crate::judge::StalenessBounds;
    use crate::observation::{Delivery, Observation, Observed, WidgetSeen};
    use crate::plan::RunPlan;
    use crate::tally::{CallTiming, Tally, WIDGET};
    use lamplighter_core::model::{Chat, WidgetStatus};

    /// A gate on `within` ended every run at once that was to end when it is sure to fail.
    #[test]
    fn gates_ask_a_run_that_goes_on_what_it_has_shown_so_far() {
        let (zones, knobs) = (Zones::bundled(), crate::plan::tests::knobs());
        let plan = RunPlan::draw(&knobs, &zones).expect("a plan");
        let widget = plan.widgets.iter().position(|widget| widget.settings.scheduler.is_none());
        let widget = widget.expect("a widget without hours");
        let property = plan.widgets[widget].property;
        let tally = Arc::new(Tally::new(1_000));
        let bounds = StalenessBounds::exact(plan.grace);
        let bound = StalenessBound { within: 250_000, bounds, clock_ahead: 0, clock_uncertain: 0 };
        let judge = Judge::new(Arc::new(plan), bound, &zones, Arc::clone(&tally));
        let mut judge = judge.expect("zones that there are");
        let seen = Observed::Widget(WidgetSeen {
            widget: widget as u32,
            visitor: 0,
            delivery: Delivery::Polled,
            shown: (WidgetStatus::Offline, Chat::No).into(),
            mismatch: None,
        });
        let (invoked, returned, version) = (1_000, 2_000, None);
        let observation = Observation {
            property,
            session: 0,
            invoked,
            returned,
            version,
            seen,
            request: None,
            exchange: None,
        };
        judge.take(vec![Record::Observed(observation)], 3_000);
        assert_eq!((judge.judged().reads, judge.judged().wrong_count()), (1, 0));
        tally.call(WIDGET, CallTiming { intended: 0, sent: 1_000, answered: 9_000 }, Ok(()));
        tally.look(|counts| {
            let so_far = RunSoFar { counts, judge: &judge, at: 3_000 };
            for (gate, is_exceeded) in [
                ("within > 1s", false),
                ("wrong > 0", false),
                ("errors > 0", false),
                ("max(widget) > 8ms", true),
                ("max(propagation) > 1us", false),
            ] {
                let gate = Gate::parse(gate).expect("a gate");
                assert_eq!(gate.is_exceeded(&so_far), is_exceeded, "{gate}");
            }
        });
    }
}
