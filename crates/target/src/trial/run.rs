//! A trial that is going on: what is checked after each stage, and what is told of it.

use std::sync::Arc;
use std::time::Duration;

use lamplighter_core::model::Visitor;
use tokio::time::sleep_until;

use super::agent_model::AgentModel;
use super::listener::TrialListener;
use crate::driver::{
    Agent, CreatedObjects, Driver, Member, Property, ReadResult, RunError, Timestamp, Widget,
    WriteOutcome,
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
    /// `widget.push`, once it was listened to.
    pub listened: Option<Section>,
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
}

impl TrialRun {
    /// Reads the team and every widget, and holds both against the rules.
    ///
    /// # Errors
    /// When a call cannot be sent or its answer cannot be judged; an answer that is wrong by the rules is told, and no
    /// error.
    pub async fn look(
        &mut self,
        what: &str,
        fixtures: &TrialFixtures,
        agent_model: &AgentModel,
    ) -> Result<(), RunError> {
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
        for widget in &fixtures.widgets {
            let read = driver.read_widget(widget, &fixtures.members, &Visitor::default()).await?;
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

    pub fn written(&mut self, what: &str, write: &WriteOutcome) {
        if let Some(why) = &write.why_not {
            self.wrong(&format!("{what} is {why}"));
        }
    }

    pub fn done(&mut self, what: &str, is_done: bool, why_not: &str) {
        if !is_done {
            let why_not = self.driver.masked(why_not);
            self.wrong(&format!("{what} is {why_not}"));
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
