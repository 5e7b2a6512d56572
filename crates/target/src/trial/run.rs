//! A trial that is going on: what is checked after each stage, and what is told of it.

use std::sync::Arc;
use std::time::Duration;

use lamplighter_core::model::Visitor;
use tokio::time::sleep_until;

use super::agent_model::AgentModel;
use super::device::TrialDevice;
use super::listener::{SectionRecorder, TrialListener};
use crate::driver::{
    Agent, CreatedObjects, Driver, Member, Property, ReadResult, RunError, SessionEnd, Timestamp,
    Widget, WriteOutcome,
};
use crate::file::section::Section;
use crate::file::timing::AnswerClock;
use crate::file::widget::ObservedWidget;

/// A trial that is going on, and what is known by now.
pub struct TrialRun {
    /// What calls the target.
    pub driver: Arc<Driver>,
    /// Who is told of each step as it is done.
    pub listener: Arc<dyn TrialListener>,
    /// What was made on the target, to be deleted in the end.
    pub made: CreatedObjects,
    /// How much was not as it must be.
    pub wrong: usize,
    /// Whether it was told that nothing holds a device.
    pub is_unheld: bool,
    /// Which sections were called.
    pub sections: Arc<SectionRecorder>,
    /// What is missing for a load test.
    pub warning: Option<String>,
}

/// What was made on the target for it.
pub struct TrialFixtures {
    /// The property that was made.
    pub property: Property,
    /// The agent in it.
    pub members: Vec<Member>,
    /// Its own widget, and a further one where there can be one.
    pub widgets: Vec<Widget>,
    /// The agent who is the property's one member.
    pub agent: Agent,
    /// Its devices.
    pub devices: [TrialDevice; 2],
}

impl TrialRun {
    /// Says which sessions are lost, reads the team and every widget, and holds both against the rules.
    ///
    /// # Errors
    /// When a call cannot be sent or its answer cannot be judged; an answer that is wrong by the rules is told, and no
    /// error.
    pub async fn look(
        &mut self,
        what: &str,
        fixtures: &TrialFixtures,
        agent_model: &mut AgentModel,
    ) -> Result<(), RunError> {
        self.lost_sessions(fixtures, agent_model);
        let (driver, name) = (Arc::clone(&self.driver), &fixtures.agent.name);
        if driver.file().has_team() {
            let team = driver.read_team(&fixtures.property, &fixtures.members).await?;
            self.without_date(&team);
            let wanted = agent_model.agent(driver.file());
            if let Some(all) = self.read("team", team) {
                for status in all {
                    self.listener.seen(&format!("team     {name} is {status}"));
                    if !status.can_be(wanted) && !agent_model.is_suspended {
                        self.wrong(&format!(
                            "{what}: team-mates must see {} (rule P4), and see {status}",
                            wanted.word()
                        ));
                    }
                }
            }
        }
        // Who is suspended is no part of what is folded from the team (rule P6).
        let counts = if agent_model.is_suspended { &[] } else { &fixtures.members[..] };
        for widget in &fixtures.widgets {
            let read = driver.read_widget(widget, counts, &Visitor::default()).await?;
            self.without_date(&read);
            let wanted = agent_model.widget(driver.file());
            if let Some(seen) = self.read("widget", read) {
                self.listener.seen(&format!("widget   {} is {}", widget.name, seen_words(&seen)));
                let is_right = |status: crate::file::possible::PossibleStatuses<_>| {
                    status.iter().any(|one| wanted.can_be(one))
                };
                if seen.status.is_some_and(|status| !is_right(status)) {
                    let found = seen.status.map(|status| status.to_string()).unwrap_or_default();
                    self.wrong(&format!(
                        "{what}: the widget must be {wanted} (rules P5, W2 to W4), and is {found}"
                    ));
                }
            }
        }
        Ok(())
    }

    /// Says which sessions have ended though nobody has logged out (rules T4, T27 of target files).
    pub fn lost_sessions(&mut self, fixtures: &TrialFixtures, agent_model: &mut AgentModel) {
        for there in &fixtures.devices {
            let why = match there.device.take_ended() {
                None => continue,
                Some(SessionEnd::Gone) => "it is gone".to_owned(),
                Some(SessionEnd::HoldFailed(why)) => why,
            };
            agent_model.is_out(there.number);
            self.wrong(&format!("session lost on {}: {why}", there.name()));
        }
    }

    /// What was read, unless it is unreadable.
    pub fn read<T>(&mut self, what: &str, read: ReadResult<T>) -> Option<T> {
        match read.what {
            Ok(said) => Some(said),
            Err(fault) => {
                self.wrong(&format!("{what}: unreadable: {fault}"));
                None
            }
        }
    }

    /// Says once that answers have no time (T43).
    fn without_date<T>(&mut self, read: &ReadResult<T>) {
        let wants = self.driver.file().timing.clock == AnswerClock::Date;
        if wants && read.date.is_none() && read.what.is_ok() && self.warning.is_none() {
            let why = "answers have no `Date`: `load` cannot tell the target's clock from this \
                       machine's. Write `clock = \"same-host\"` into `[timing]`, or steps that keep \
                       `now` (T43)";
            self.warning = Some(why.to_owned());
        }
    }

    pub async fn wait(&self, write: &WriteOutcome, within: Duration) {
        let until = write.answered.after(within).max(Timestamp::now());
        sleep_until(until.monotonic.into()).await;
    }

    /// What a device has done, by the section of which it is; that it is not done is wrong.
    pub fn written(&mut self, section: Section, write: &WriteOutcome) {
        self.done(
            section,
            section.address(),
            write.is_done(),
            write.why_not.as_deref().unwrap_or_default(),
        );
    }

    /// The same of something else; `what` names it.
    pub fn done(&mut self, section: Section, what: &str, is_done: bool, why_not: &str) {
        if !is_done {
            let why_not = self.driver.masked(why_not);
            let stopped = self.sections.where_it_stopped(section);
            self.wrong(&format!("{what} is {why_not}{stopped}"));
        }
    }

    pub fn wrong(&mut self, what: &str) {
        self.wrong += 1;
        self.listener.wrong(what);
    }
}

/// `online, chat possible, form none, shown`: what was told.
pub fn seen_words(seen: &ObservedWidget) -> String {
    let mut words = Vec::new();
    words.extend(seen.status.map(|status| status.to_string()));
    words.extend(seen.chat.map(|chat| if chat { "chat possible" } else { "no chat" }.to_owned()));
    words.extend(seen.form.map(|form| format!("form {}", form.word())));
    words.extend(seen.greeting.as_ref().map(|greeting| format!("greeting {greeting:?}")));
    words.extend(match (seen.shown, seen.hidden_because) {
        (_, Some(because)) => Some(format!("hidden because {because}")),
        (Some(true), None) => Some("shown".to_owned()),
        (Some(false), None) => Some("hidden".to_owned()),
        (None, None) => None,
    });
    match words.is_empty() {
        true => "nothing that a row tells".to_owned(),
        false => words.join(", "),
    }
}
