//! What is made on a service, each thing noted before its first call goes out, so that it can be taken
//! away whatever becomes of the call.

use std::future::Future;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

use super::concurrently::{together, unless_stopped};
use super::error::ProvisionError;
use crate::plan::{AgentIndex, PropertyIndex, RunPlan, WidgetIndex};
use crate::service::{Service, StandingProperty};
use lamplighter_core::world::Timing;
use lamplighter_target::driver::{CreatedObjects, RunError, StepsResult};
use lamplighter_target::file::section::Section;

/// How often a call is made again that the service had no time for.
const RETRIES: u32 = 5;
/// The pause before the first of them; each further one is twice as long.
const RETRY_AFTER: Duration = Duration::from_millis(250);

/// All that was made so far, by whatever calls are under way.
#[derive(Clone, Default)]
pub struct CreatedSoFar(Arc<Mutex<CreatedObjects>>);

impl CreatedSoFar {
    /// What was made, which nobody has to take away any more.
    pub fn take(&self) -> CreatedObjects {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What one sequence of calls makes. Dropped, even half-way, it is noted with the rest.
struct CreationRecord {
    made: CreatedObjects,
    all: CreatedSoFar,
}

impl CreationRecord {
    fn new(all: &CreatedSoFar) -> Self {
        Self { made: CreatedObjects::default(), all: all.clone() }
    }
}

impl Drop for CreationRecord {
    fn drop(&mut self) {
        let made = std::mem::take(&mut self.made);
        self.all.0.lock().unwrap_or_else(PoisonError::into_inner).join(made);
    }
}

/// Makes what a plan has. A clone makes the same plan's.
#[derive(Clone)]
pub struct Provisioner {
    service: Arc<Service>,
    plan: Arc<RunPlan>,
    made: CreatedSoFar,
}

impl Provisioner {
    /// What a plan has, on a service; what is made is noted in `made`.
    pub fn of(service: &Arc<Service>, plan: &Arc<RunPlan>, made: &CreatedSoFar) -> Self {
        Self { service: Arc::clone(service), plan: Arc::clone(plan), made: made.clone() }
    }

    /// The admin logs in, and whoever only looks is made.
    ///
    /// # Errors
    /// When a call fails, is refused, or is not answered as the target file says.
    pub async fn begin(&self) -> Result<(), ProvisionError> {
        let mut record = CreationRecord::new(&self.made);
        Ok(self.service.driver().begin(&mut record.made).await?)
    }

    /// The accounts of all agents that are played here.
    ///
    /// # Errors
    /// When a call fails or is refused, the target file lends fewer accounts than the plan needs, or `stop`
    /// was set before all were there.
    pub async fn agents(&self, stop: &AtomicBool) -> Result<(), ProvisionError> {
        let own: Vec<AgentIndex> = (0..)
            .zip(&self.plan.agents)
            .filter_map(|(index, agent)| agent.is_own.then_some(index))
            .collect();
        let file = self.service.driver().file();
        let there = file.about.accounts.len();
        if file.steps(Section::AgentMake).is_none() && there > 0 {
            return unless_stopped(stop, self.lent_agents(&own, there)).await?;
        }
        let making = own.into_iter().map(|index| {
            let making = self.clone();
            async move { making.agent(index).await }
        });
        together(stop, making).await.map(drop)
    }

    async fn lent_agents(&self, own: &[AgentIndex], there: usize) -> Result<(), ProvisionError> {
        let too_few = ProvisionError::TooFew { what: "accounts", needed: own.len(), there };
        let mut record = CreationRecord::new(&self.made);
        let lent = self.service.driver().make_agents(own.len(), &mut record.made).await?;
        let lent = lent.ok_or(too_few)?;
        own.iter().zip(lent).for_each(|(index, agent)| self.service.put_agent(*index, agent));
        Ok(())
    }

    async fn agent(&self, index: AgentIndex) -> Result<(), ProvisionError> {
        let mut record = CreationRecord::new(&self.made);
        let agents = self.service.driver().make_agents(1, &mut record.made).await?;
        let agent = agents.and_then(|mut agents| agents.pop());
        agent.into_iter().for_each(|agent| self.service.put_agent(index, agent));
        Ok(())
    }

    /// A property with its members, in order, and its further widgets.
    ///
    /// # Errors
    /// When a call fails or is refused, the target file has too few properties, or the service does not take
    /// a suspended member or a widget as it is set.
    pub async fn property(&self, index: PropertyIndex) -> Result<(), ProvisionError> {
        let (driver, plan) = (self.service.driver(), &self.plan);
        let planned = &plan.properties[index as usize];
        let timing = Timing { grace: plan.grace, auto_away: None };
        let mut record = CreationRecord::new(&self.made);
        let own = &plan.widgets[planned.widgets.start as usize].settings;
        let property = driver.make_property(own, timing, &mut record.made).await?;
        let property = property.ok_or_else(|| ProvisionError::TooFew {
            what: "properties",
            needed: plan.own_properties().count(),
            there: driver.file().about.properties.len(),
        })?;
        let mut members = Vec::with_capacity(planned.members.len());
        for &agent in &planned.members {
            let Some(agent) = self.service.agent(agent) else { continue };
            members.push(driver.add_member(agent, &property, &mut record.made).await?);
        }
        if driver.abilities().suspend {
            for (&agent, member) in planned.members.iter().zip(&members) {
                if planned.suspended.contains(&agent) {
                    let done = patiently(|| driver.suspend(member, true)).await?;
                    self.done(&done, "a suspended member", &planned.name, &property.name)?;
                }
            }
        }
        self.service.put_widget(planned.widgets.start, property.own_widget());
        let can_make = driver.file().steps(Section::WidgetMake).is_some();
        for widget in planned.widgets.clone().skip(1).filter(|_| can_make) {
            let planned = &plan.widgets[widget as usize];
            let there = driver.name_widget(&property);
            let making = || driver.make_widget(&there, &planned.settings, timing);
            self.done(&patiently(making).await?, "a widget", &planned.name, &there.name)?;
            self.service.put_widget(widget, there);
        }
        self.service.put_property(index, StandingProperty { property, members });
        Ok(())
    }

    /// The scheduler of a widget, or none where it has none any more.
    ///
    /// # Errors
    /// When a call fails, the target cannot be told such hours, or the service refuses them.
    pub async fn hours(&self, index: WidgetIndex) -> Result<(), ProvisionError> {
        const WHAT: &str = "the scheduler";
        let Some(widget) = self.service.widget(index) else { return Ok(()) };
        let planned = &self.plan.widgets[index as usize];
        let scheduler = planned.settings.scheduler.as_deref();
        let driver = self.service.driver();
        for retry in 0.. {
            let put = driver.put_scheduler(widget, scheduler).await?;
            let done = put.map_err(|why| ProvisionError::NotSet {
                what: WHAT,
                name: both(&planned.name, &widget.name),
                why: format!("nothing that the target can be told: {why}"),
            })?;
            if retry == RETRIES || !is_busy(&done) {
                return self.done(&done, WHAT, &planned.name, &widget.name);
            }
            sleep(RETRY_AFTER * 2_u32.pow(retry)).await;
        }
        Ok(())
    }

    fn done(
        &self,
        done: &StepsResult,
        what: &'static str,
        planned: &str,
        there: &str,
    ) -> Result<(), ProvisionError> {
        if done.is_done() {
            return Ok(());
        }
        let why = self.service.driver().masked(&done.why_not());
        Err(ProvisionError::NotSet { what, name: both(planned, there), why })
    }
}

/// The name in the plan, and that on the service.
fn both(planned: &str, there: &str) -> String {
    match planned == there {
        true => planned.to_owned(),
        false => format!("{planned} ({there})"),
    }
}

fn is_busy(done: &StepsResult) -> bool {
    !done.is_done() && matches!(done.status(), Some(429 | 503))
}

/// Makes calls again while the service has no time for them, a few times.
async fn patiently<F: Future<Output = Result<StepsResult, RunError>>>(
    mut call: impl FnMut() -> F,
) -> Result<StepsResult, RunError> {
    for retry in 0..RETRIES {
        let done = call().await?;
        if !is_busy(&done) {
            return Ok(done);
        }
        sleep(RETRY_AFTER * 2_u32.pow(retry)).await;
    }
    call().await
}
