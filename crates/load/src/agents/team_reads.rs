//! An agent's look at a team: what team-mates see of each of the plan's members (rule P4).

use std::sync::Arc;

use super::journey::Journey;
use super::stop::given_up;
use crate::clock::Micros;
use crate::error_labels;
use crate::exchange::Exchange;
use crate::history::Record;
use crate::observation::{Observation, Observed};
use crate::outages::UNANSWERED_AT_END;
use crate::plan::{DeviceSlot, PropertyIndex};
use crate::tally::{CallTiming, TEAM};
use lamplighter_core::model::AgentStatus;
use lamplighter_target::driver::{ReadOptions, ReadResult};
use lamplighter_target::file::possible::PossibleStatuses;

impl Journey {
    /// Looks at a team, where the target has any, and records what is seen.
    pub async fn team(&mut self, slot: DeviceSlot, property: PropertyIndex, intended: Micros) {
        if !self.device(slot).is_some_and(|device| device.is_logged_in()) {
            return;
        }
        let shared = Arc::clone(&self.shared);
        let run = &shared.run;
        if !run.service.driver().file().has_team() {
            return;
        }
        let Some(there) = run.service.property(property) else { return };
        let client = Arc::clone(&self.client);
        let along = ReadOptions { client: Some(&*client), ..ReadOptions::default() };
        let driver = run.service.driver();
        let looking = driver.read_team_along(there, run.service.members(property), along);
        let sent = run.clock.now();
        let read = tokio::select! {
            read = looking => Some(read),
            () = given_up(&mut self.stopped) => None,
        };
        let mut timing = CallTiming { intended, sent, answered: run.clock.now() };
        let error = match read {
            Some(Ok(read)) => {
                timing.sent = run.clock.micros_of(read.sent.monotonic);
                timing.answered = run.clock.micros_of(read.answered.monotonic);
                self.looked(property, timing, read)
            }
            Some(Err(error)) => Some(error_labels::of_error(driver, &error)),
            None => Some(UNANSWERED_AT_END.to_owned()),
        };
        run.tally.call(TEAM, timing, error.as_deref().map_or(Ok(()), Err));
    }

    /// What was seen, recorded; or why nothing was.
    fn looked(
        &self,
        property: PropertyIndex,
        CallTiming { sent: invoked, answered: returned, .. }: CallTiming,
        read: ReadResult<Vec<PossibleStatuses<AgentStatus>>>,
    ) -> Option<String> {
        let (asked, answer) = read.last;
        let team = match read.what {
            Ok(team) => team,
            Err(fault) => return Some(error_labels::of_fault(&fault)),
        };
        let driver = self.shared.run.service.driver();
        let exchange = asked.zip(answer);
        let exchange = exchange.map(|(asked, answer)| Exchange::of(driver, asked, &answer));
        self.shared.run.history.record(Record::Observed(Observation {
            property,
            session: self.index().into(),
            invoked,
            returned,
            version: None,
            seen: Observed::Team(team.into_iter().map(Some).collect()),
            request: None,
            exchange: exchange.map(Arc::new),
        }));
        None
    }
}
