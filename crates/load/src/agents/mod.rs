//! Agents: each plays its working day from the plan against the target, with goose as the engine of
//! their requests.
//!
//! | file | what it does |
//! | --- | --- |
//! | `goose_users` | agents as goose users, who send their requests; goose is known nowhere else |
//! | `journey`, `login` | an agent's day on its devices, and how a device comes in |
//! | `team_reads` | an agent's look at a team |
//! | `writes`, `holds` | writes, recorded when they are sent and when they have returned; what holds devices |
//! | `stop` | how agents are told to stop |
//! | `shared` | what all agents share |

mod goose_users;
mod holds;
mod journey;
mod login;
mod shared;
mod stop;
mod team_reads;
mod writes;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::context::RunContext;
use super::plan::{AgentIndex, RunPlan};
use super::wait_budget::WaitBudget;
use lamplighter_target::driver::{Device, Driver};
use shared::AgentsShared;
use stop::{StopRequest, given_up};

pub use goose_users::AttackError;
pub use stop::AgentsSignals;

/// How often it is looked whether the run is to stop, and how late that look comes.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// So many devices log out at once when all is over.
const AT_ONCE_MAX: usize = 32;
/// So long goose may take to end once nobody is waited for any longer.
const GOOSE_ENDS_WITHIN: Duration = Duration::from_secs(2);

/// A day that is over, with devices that are still logged in, and held.
#[derive(Debug)]
#[must_use = "dropped, nothing holds the devices any more"]
pub struct PlayedAgents {
    /// Goose's tables of the agents' requests; `None` where goose did not end.
    pub tables: Option<String>,
    driver: Arc<Driver>,
    devices: Vec<Arc<Device>>,
}

impl PlayedAgents {
    /// Logs all devices out, unless what is on the service is kept, while the budget for that lasts;
    /// and lets go of them.
    pub async fn release(self, keep: bool, budget: &mut WaitBudget) {
        let can_log_out = self.driver.abilities().logout && !keep;
        let mut devices = self.devices.iter().cloned();
        let mut running = JoinSet::new();
        while can_log_out && !budget.is_over() {
            while running.len() < AT_ONCE_MAX
                && let Some(device) = devices.next()
            {
                let driver = Arc::clone(&self.driver);
                running.spawn(async move { driver.log_out(&device).await });
            }
            let ended = budget.wait(Duration::ZERO, async {
                match running.join_next().await {
                    Some(Ok(Ok(_))) => Ok(true),
                    // Whatever it is answered, it is let go of.
                    Some(_) => Err(()),
                    None => Ok(false),
                }
            });
            if ended.await == Some(Ok(false)) {
                break;
            }
        }
        running.shutdown().await;
        for device in self.devices {
            self.driver.lose(&device).await;
        }
    }
}

/// Plays the days of all agents that are played here. Returns when the last of them is over, or soon
/// after they are told to stop: then with the requests that are on their way, each of which has ten
/// seconds at most, or at once where nobody waits for them. No agent does anything before its instant; that goose has started all of them before the
/// first instant is up to the caller, who lays the clock out (some milliseconds a thousand agents).
///
/// Goose would take Ctrl-C for itself where the process has no handler of its own yet.
///
/// # Errors
/// When nobody could begin. What goes wrong later is counted, not an error.
pub async fn play(
    run: RunContext,
    signals: Arc<AgentsSignals>,
) -> Result<PlayedAgents, AttackError> {
    let order = starting_order(&run.plan);
    let (tally, driver) = (Arc::clone(&run.tally), Arc::clone(run.service.driver()));
    let shared = Arc::new(AgentsShared::new(run));
    let (tell, stopped) = watch::channel(StopRequest::No);
    let looking = tokio::spawn(async move {
        let mut due = Instant::now();
        while *tell.borrow() < StopRequest::AtOnce {
            // Looks that were missed count, too, each with its own lateness.
            due += LOOK_EVERY;
            tokio::time::sleep_until(due).await;
            let late = due.elapsed().as_micros();
            if *tell.borrow() == StopRequest::No {
                tally.agents_late(u64::try_from(late).unwrap_or(u64::MAX));
            }
            let stopping = signals.stopping();
            tell.send_if_modified(|told| std::mem::replace(told, stopping) != stopping);
        }
        tell.closed().await;
    });
    let held = Arc::new(Mutex::new(Vec::new()));
    let tables = match order.is_empty() {
        true => Ok(Some(String::new())),
        false => {
            let mut told = stopped.clone();
            let too_long = async {
                given_up(&mut told).await;
                tokio::time::sleep(GOOSE_ENDS_WITHIN).await;
            };
            tokio::select! {
                ran = goose_users::run(&shared, order, &held, stopped) => ran.map(Some),
                () = too_long => Ok(None),
            }
        }
    };
    looking.abort();
    let devices = std::mem::take(&mut *held.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(PlayedAgents { tables: tables?, driver, devices })
}

/// Who is played here, those who begin first in front: so goose's users start in that order, too.
fn starting_order(plan: &RunPlan) -> Vec<AgentIndex> {
    let mut order: Vec<_> = (0..).zip(&plan.agents).filter(|(_, agent)| agent.is_own).collect();
    order.sort_by_key(|(_, agent)| agent.steps.first().map_or(i64::MAX, |step| step.at));
    order.into_iter().map(|(index, _)| index).collect()
}
