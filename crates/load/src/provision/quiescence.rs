//! A run begins quiet: nobody of accounts that were there beforehand is still in (rule T46 of target
//! files), and whoever only looks counts for nobody (rule T30).

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::error::ProvisionError;
use crate::plan::{PlannedProperty, PropertyIndex, RunPlan};
use crate::service::Service;
use lamplighter_core::model::{AgentStatus, Visitor, WidgetStatus};
use lamplighter_target::driver::RunError;
use lamplighter_target::file::section::Section;

/// How often it is looked whether somebody is still in.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Waits until nobody is seen.
///
/// # Errors
/// When somebody is, for longer than a grace lasts; or a call fails.
pub async fn wait(service: &Service, plan: &RunPlan) -> Result<(), ProvisionError> {
    let driver = service.driver();
    let file = driver.file();
    let has_accounts = file.steps(Section::AgentMake).is_none() && !file.about.accounts.is_empty();
    let most = file.timing.grace_max.unwrap_or_default() + Duration::from_secs(1);
    let began = Instant::now();
    for (index, planned) in plan.own_properties() {
        while has_accounts && file.team.is_some() && !is_nobody_in(service, index).await? {
            if began.elapsed() > most {
                let property = service.property(index).map(|there| there.name.clone());
                let (property, waited_s) = (property.unwrap_or_default(), most.as_secs());
                return Err(ProvisionError::NotQuiet { property, waited_s });
            }
            sleep(LOOK_EVERY).await;
        }
        if driver.has_observer() {
            is_observer_nobody(service, index, planned).await?;
        }
    }
    Ok(())
}

async fn is_nobody_in(service: &Service, index: PropertyIndex) -> Result<bool, ProvisionError> {
    let Some(property) = service.property(index) else { return Ok(true) };
    let team = service.driver().read_team(property, service.members(index)).await?;
    let is_out = |status: &lamplighter_target::file::possible::PossibleStatuses<AgentStatus>| {
        status.can_be(AgentStatus::Offline) || status.can_be(AgentStatus::Invisible)
    };
    Ok(team.what.is_ok_and(|all| all.iter().all(is_out)))
}

async fn is_observer_nobody(
    service: &Service,
    index: PropertyIndex,
    planned: &PlannedProperty,
) -> Result<(), ProvisionError> {
    let Some(widget) = service.widget(planned.widgets.start) else { return Ok(()) };
    let visitor = Visitor::default();
    let reading = service.driver().read_widget(widget, service.members(index), &visitor);
    let seen = reading.await?.what.ok().and_then(|seen| seen.status);
    match seen.filter(|status| !status.can_be(WidgetStatus::Offline)) {
        Some(status) => {
            let (property, seen) = (widget.name.clone(), status.to_string());
            Err(RunError::ObserverIsSeen { property, seen }.into())
        }
        None => Ok(()),
    }
}
