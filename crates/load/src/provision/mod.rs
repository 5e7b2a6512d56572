//! Puts a plan's accounts, properties and widgets on the service by its target file, and takes them away
//! again. Names are made anew by each run (rule T23 of target files), so that nothing that was there
//! before is touched.
//!
//! | file | what it does |
//! | --- | --- |
//! | `provisioner` | what is made, and where it is noted so that it can be taken away |
//! | `rows` | which accounts and properties are lent, of those that are there beforehand |
//! | `quiescence` | whether nobody counts before the run begins |
//! | `concurrently` | many calls at once |
//! | `error` | why a plan cannot be put on a service |

mod concurrently;
mod error;
mod provisioner;
mod quiescence;
mod rows;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::plan::{RunPlan, WidgetIndex};
use super::service::Service;
use super::wait_budget::WaitBudget;
use concurrently::{DeleteResults, together, try_all, unless_stopped};
use provisioner::{CreatedSoFar, Provisioner};

pub use error::ProvisionError;
pub use rows::lend;

use lamplighter_target::driver::{Driver, Leftovers};

/// A plan that stands on a service, or as much of it as was put there so far.
pub struct Provisioned {
    service: Arc<Service>,
    plan: Arc<RunPlan>,
    made: CreatedSoFar,
    /// Whether something may have been put there.
    is_begun: bool,
    /// Widgets that have a scheduler there.
    scheduled: BTreeSet<WidgetIndex>,
}

impl Provisioned {
    /// Nothing of the plan is there yet.
    pub fn nothing(plan: &Arc<RunPlan>, driver: &Arc<Driver>) -> Self {
        Self {
            service: Arc::new(Service::new(Arc::clone(driver), plan)),
            plan: Arc::clone(plan),
            made: CreatedSoFar::default(),
            is_begun: false,
            scheduled: BTreeSet::new(),
        }
    }

    /// The service, with what stands there so far.
    pub fn service(&self) -> &Arc<Service> {
        &self.service
    }

    /// Puts the plan's own accounts there, its properties with what is set on them, their members in
    /// order, and their further widgets; their schedulers are [set](Self::set_hours) once it is known
    /// when the run begins. Nobody is logged in by then.
    ///
    /// # Errors
    /// The first call that does not succeed, or that `stop` was set. What was put there by then is to
    /// be [taken away](Self::take_away) all the same.
    pub async fn put(&mut self, stop: &AtomicBool) -> Result<(), ProvisionError> {
        self.is_begun = true;
        let making = Provisioner::of(&self.service, &self.plan, &self.made);
        unless_stopped(stop, making.begin()).await??;
        making.agents(stop).await?;
        let properties = self.plan.own_properties().map(|(index, _)| {
            let making = making.clone();
            async move { making.property(index).await }
        });
        together(stop, properties).await?;
        unless_stopped(stop, quiescence::wait(&self.service, &self.plan)).await?
    }

    /// Sets the schedulers of a plan, which is the same but for when it begins: they lie around the
    /// run's first instant, which is known only once all else is there. To do it again sets them anew.
    ///
    /// # Errors
    /// The first call that does not succeed, or that `stop` was set.
    pub async fn set_hours(
        &mut self,
        plan: &Arc<RunPlan>,
        stop: &AtomicBool,
    ) -> Result<(), ProvisionError> {
        self.plan = Arc::clone(plan);
        let making = Provisioner::of(&self.service, plan, &self.made);
        let before = std::mem::take(&mut self.scheduled);
        let own = plan.own_properties().flat_map(|(_, property)| property.widgets.clone());
        let has =
            |widget: &WidgetIndex| plan.widgets[*widget as usize].settings.scheduler.is_some();
        self.scheduled = own.filter(has).collect();
        let all: Vec<WidgetIndex> = self.scheduled.union(&before).copied().collect();
        let hours = all.into_iter().map(|widget| {
            let making = making.clone();
            async move { making.hours(widget).await }
        });
        together(stop, hours).await.map(drop)
    }

    /// Takes all away that was made. All of it is tried, whatever fails, while there is patience with a
    /// service that fails; gives what could not be done, a line each, and what is left for want of steps
    /// that delete it.
    pub async fn take_away(self, budget: &mut WaitBudget) -> (Vec<String>, Leftovers) {
        let (mut failed, mut left) = (Vec::new(), Leftovers::default());
        if !self.is_begun {
            return (failed, left);
        }
        let driver = self.service.driver();
        let mut made = self.made.take();
        // A member of what is deleted goes with it.
        let members = std::mem::take(&mut made.members);
        let goes_along = |member: &_| driver.goes_along(member, &made);
        let members = members.into_iter().filter(|member| !goes_along(member)).map(|member| {
            let driver = Arc::clone(driver);
            async move { driver.remove_member(&member).await }
        });
        left.members = told(&mut failed, try_all(budget, members).await, "membership");
        let properties = std::mem::take(&mut made.properties).into_iter().map(|property| {
            let driver = Arc::clone(driver);
            async move { driver.delete_property(&property).await }
        });
        left.properties = told(&mut failed, try_all(budget, properties).await, "property");
        let agents = std::mem::take(&mut made.agents).into_iter().map(|agent| {
            let driver = Arc::clone(driver);
            async move { driver.delete_agent(&agent).await }
        });
        left.agents = told(&mut failed, try_all(budget, agents).await, "account");
        driver.give_back(&mut made);
        (failed, left)
    }
}

/// A line for what could not be deleted though there are steps for it; gives how many are left because
/// there are none.
fn told(lines: &mut Vec<String>, tried: DeleteResults, what: &str) -> usize {
    let DeleteResults { failed, why, without } = tried;
    if failed > 0 {
        let one_or_more = match (failed, what.strip_suffix('y')) {
            (1, _) => what.to_owned(),
            (_, Some(front)) => format!("{front}ies"),
            (_, None) => format!("{what}s"),
        };
        lines
            .push(format!("{failed} {one_or_more} could not be taken away from the target: {why}"));
    }
    without
}
