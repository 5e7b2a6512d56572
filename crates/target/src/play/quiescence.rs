//! That a scenario begins quiet (rules T30, T46 of target files).

use std::sync::Arc;
use std::time::Duration;

use lamplighter_core::model::{AgentStatus, PropertyId, Visitor, WidgetStatus};
use lamplighter_scenario::play::Facts;
use tokio::time::sleep;

use super::on_target::ScenarioOnTarget;
use crate::driver::RunError;
use crate::file::section::Section;

/// So often it is looked whether anybody is still in from before.
const LOOK_EVERY: Duration = Duration::from_millis(500);

impl ScenarioOnTarget {
    /// Sees to it that a scenario begins quiet: nobody of accounts that were there beforehand is still in
    /// (T46), and the observer counts for nobody (T30).
    ///
    /// # Errors
    /// When somebody still is.
    pub async fn quiet(&mut self, facts: Facts<'_>) -> Result<(), RunError> {
        let driver = Arc::clone(self.driver());
        let has_accounts = driver.file().lends_accounts();
        let world = facts.world;
        let most = driver.file().timing.grace_max.unwrap_or_default() + Duration::from_secs(1);
        let began = std::time::Instant::now();
        for property in (0..facts.roster.properties.len()).map(PropertyId::new) {
            let Some(own) = world.widgets_of(property).next() else { continue };
            let Some((widget, members)) = self.widget(own, world) else { continue };
            while has_accounts && driver.file().has_team() {
                let team = driver.read_team(&widget.property, &members).await?;
                let is_quiet = team.what.as_ref().is_ok_and(|all| {
                    all.iter().all(|status| {
                        status.can_be(AgentStatus::Offline) || status.can_be(AgentStatus::Invisible)
                    })
                });
                if is_quiet {
                    break;
                }
                if began.elapsed() > most {
                    return Err(RunError::NotDone {
                        section: Section::TeamRead.address(),
                        what: format!("not quiet after {} s: somebody is still in", most.as_secs()),
                        whom: Some(widget.name.clone()),
                    });
                }
                sleep(LOOK_EVERY).await;
            }
            if !driver.has_observer() || world.settings(own).scheduler.is_some() {
                continue;
            }
            let read = driver.read_widget(&widget, &members, &Visitor::default()).await?;
            let seen = read.what.ok().and_then(|seen| seen.status);
            if let Some(status) = seen.filter(|status| !status.can_be(WidgetStatus::Offline)) {
                let (property, seen) = (widget.name.clone(), status.to_string());
                return Err(RunError::ObserverIsSeen { property, seen });
            }
        }
        Ok(())
    }
}
