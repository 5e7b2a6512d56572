//! What an adapter does in place of steps (rules T50, T53 of target files).

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use lamplighter_core::model::{AgentStatus, Dates, Scheduler};
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;

use super::device::Device;
use super::error::RunError;
use super::exchange::{Exchange, ExchangeResult};
use super::objects::{Member, Widget};
use super::perform::{StepsContext, StepsResult, now_text};
use super::push::PushEvent;
use super::read::ReadError;
use super::shared::Driver;
use crate::adapter::{
    Adapter, AdapterCall, AdapterError, AdapterRequest, Command, Log, Push, ROWS, Reply, TimedReply,
};
use crate::file::can::FOR;
use crate::file::outcome::{IndeterminateCause, StepOutcome};
use crate::file::possible::PossibleStatuses;
use crate::file::says::{Unreadable, status_of};
use crate::file::section::{Caller, Section};
use crate::file::template::{Counters, KeptValues, Names};
use crate::file::widget::ObservedWidget;
use crate::timestamp::Timestamp;
use crate::wire::SchedulerDocument;

impl Driver {
    /// The adapter, started by the first who needs it; `None` where the file has steps.
    ///
    /// # Errors
    /// When it cannot be started, or has ended.
    async fn adapter(&self) -> Result<Option<&Adapter>, RunError> {
        let Some(words) = &self.file().about.adapter else { return Ok(None) };
        let starting = || async {
            let (listener, mask) = (self.options().listener.clone(), self.shared_mask());
            let log = listener.map(|listener| -> Log {
                Arc::new(move |line: &str| {
                    let line = mask.lock().unwrap_or_else(PoisonError::into_inner).text(line);
                    listener.on_log(&line);
                })
            });
            let command = Command {
                words: words.clone(),
                folder: self.options().folder.clone(),
                timeout: self.file().http.timeout,
                line_bytes_max: self.file().http.body_bytes_max,
                log,
            };
            Adapter::start(&command, self.hello()?).await.map_err(|error| self.lost(&error))
        };
        self.adapter.get_or_try_init(starting).await.map(Some)
    }

    /// What it is told at the beginning, besides the protocol's version.
    fn hello(&self) -> Result<Map<String, Value>, RunError> {
        let mut counters = Counters::default();
        let mut vars = Map::new();
        let of_file = &self.file().vars;
        let mut names = Names::new(Vec::new(), Vec::new(), of_file, &mut counters);
        for (name, template) in of_file.texts() {
            let text = template.text(&mut names).map_err(|cause| RunError::CannotJudge {
                section: "vars",
                step: 1,
                cause,
            })?;
            vars.insert(name.to_owned(), Value::from(text));
        }
        for (name, text) in of_file.secrets() {
            vars.insert(name.to_owned(), Value::from(text.unwrap_or_default()));
        }
        let mut hello = Map::new();
        hello.insert("vars".to_owned(), Value::Object(vars));
        if let Some(base) = self.endpoint().url() {
            hello.insert("base".to_owned(), Value::from(base));
        }
        Ok(hello)
    }

    fn lost(&self, error: &AdapterError) -> RunError {
        RunError::Adapter { why: self.masked(&error.to_string()) }
    }

    /// Ends the run: an adapter is told so, and its process ends.
    ///
    /// # Errors
    /// When its process had ended before.
    pub async fn end(&self) -> Result<(), RunError> {
        match self.adapter.get() {
            Some(adapter) => adapter.end().await.map_err(|error| self.lost(&error)),
            None => Ok(()),
        }
    }

    /// Whether an adapter does what a section stands for.
    pub(super) fn is_by_adapter(&self, section: Section) -> bool {
        self.file().about.adapter.is_some()
            && !matches!(section, Section::ClockSet | Section::ClockRead)
    }

    /// Does by the adapter what a section stands for; nothing where adapters have nothing like it.
    ///
    /// # Errors
    /// When the adapter has ended.
    pub(super) async fn perform_by_adapter(
        &self,
        section: Section,
        context: &StepsContext<'_>,
    ) -> Result<StepsResult, RunError> {
        let Some(what) = AdapterCall::of(section) else { return Ok(nothing()) };
        let count = match self.observer.get() {
            Some(observer) => *observer.logins.lock().await,
            None => 0,
        };
        let performed = self.ask(what, section, context).await?;
        let is_observers = section == Section::TeamRead && self.observer.get().is_some();
        if performed.outcome != StepOutcome::Gone || !is_observers {
            return Ok(performed);
        }
        // Who only looks logs in again, once (T4).
        self.log_in_again(Caller::Observer, count).await?;
        let performed = self.ask(what, section, context).await?;
        match performed.outcome {
            StepOutcome::Gone => Err(RunError::GoneAgain {
                caller: Caller::Observer.word(),
                section: section.address(),
            }),
            _ => Ok(performed),
        }
    }

    /// A device loses its connection, or takes it up again (rule P7), by the adapter.
    ///
    /// # Errors
    /// When the adapter has ended.
    pub(super) async fn connection_by_adapter(
        &self,
        device: &Device,
        is_lost: bool,
    ) -> Result<StepsResult, RunError> {
        let context = StepsContext { subject: device.subject(), ..StepsContext::default() };
        let what = if is_lost { AdapterCall::Lose } else { AdapterCall::Reconnect };
        self.ask(what, Section::DeviceHold, &context).await
    }

    async fn ask(
        &self,
        what: AdapterCall,
        section: Section,
        context: &StepsContext<'_>,
    ) -> Result<StepsResult, RunError> {
        let Some(adapter) = self.adapter().await? else { return Ok(nothing()) };
        self.rate_limiter.call().await;
        let request = AdapterRequest { what, names: self.names_for(section, context) };
        let answer = adapter.call(&request).await.map_err(|error| self.lost(&error))?;
        let TimedReply { reply, sent, answered } = answer;
        let mut said = None;
        let outcome = match &reply {
            Reply::Done(done) => StepOutcome::Done(kept(done)),
            Reply::Refused(why) => {
                said = Some(why.clone());
                StepOutcome::Refused
            }
            Reply::Gone => StepOutcome::Gone,
            Reply::Unknown(why) => {
                StepOutcome::Unknown(IndeterminateCause::Adapter { why: why.clone() })
            }
        };
        if let StepOutcome::Done(kept) = &outcome {
            if section == Section::DeviceLogin {
                self.mask().hide_kept(kept);
            }
            self.keep_by_adapter(section, context, kept);
        }
        self.tell_of_adapter(
            section,
            context,
            &request,
            &reply,
            answered.monotonic - sent.monotonic,
        );
        Ok(StepsResult { outcome, asked: None, last: None, said, sent, answered })
    }

    /// What stays of an answer, but for what Lamplighter gives.
    fn keep_by_adapter(&self, section: Section, context: &StepsContext<'_>, kept: &KeptValues) {
        let given = section.given(None, false);
        let mut stays = KeptValues::new();
        for (name, value) in kept.iter().filter(|(name, _)| !given.contains(name)) {
            stays.put(name, value.clone());
        }
        if let Some(place) = self.place(section.keeps(), context) {
            place.take(&stays);
        }
    }

    /// The names of a section's templates: those of its subject, the nearer first, and what is given.
    fn names_for(&self, section: Section, context: &StepsContext<'_>) -> Map<String, Value> {
        let mut names = Map::new();
        let places: Vec<Arc<KeptValues>> =
            context.subject.places.iter().map(|(_, place)| place.names()).collect();
        for name in section.given(None, false) {
            let near = context.given.get(name);
            let value = near.or_else(|| places.iter().find_map(|place| place.get(name)));
            match (name, value) {
                ("value", Some(value)) => drop(names.insert("status".to_owned(), value.clone())),
                (name, Some(value)) => drop(names.insert(name.to_owned(), value.clone())),
                (_, None) => {}
            }
        }
        for (name, value) in context.given.iter().filter(|(name, _)| *name != "value") {
            // A status that is not for a time has no time.
            if name != FOR || !value.is_null() {
                names.insert(name.to_owned(), value.clone());
            }
        }
        let observer = || self.observer.get().filter(|_| section == Section::TeamRead);
        let session = places
            .iter()
            .find_map(|place| place.get("session").cloned())
            .or_else(|| observer().and_then(|observer| observer.session.place.get("session")));
        if let Some(session) = session {
            names.insert("session".to_owned(), session);
        }
        names.insert("now".to_owned(), Value::from(now_text(self.now())));
        names
    }

    fn tell_of_adapter(
        &self,
        section: Section,
        context: &StepsContext<'_>,
        request: &AdapterRequest,
        reply: &Reply,
        took: Duration,
    ) {
        let Some(listener) = &self.options().listener else { return };
        let mask = self.mask();
        let (said, outcome) = match reply {
            Reply::Done(done) => (done.to_string(), "done".to_owned()),
            Reply::Refused(why) => (why.clone(), "refused".to_owned()),
            Reply::Gone => (String::new(), "gone".to_owned()),
            Reply::Unknown(why) => (why.clone(), "unknown".to_owned()),
        };
        let exchange = Exchange {
            section,
            step: 1,
            whom: context.subject.whom.clone(),
            method: "do",
            path: request.what.word().to_owned(),
            headers: Vec::new(),
            body: mask.text(&Value::Object(request.names.clone()).to_string()),
            result: ExchangeResult::Adapter(mask.text(&said)),
            outcome,
            looked_at: Vec::new(),
            kept: Vec::new(),
            took,
        };
        drop(mask);
        listener.on_exchange(&exchange);
    }

    /// What an adapter says of a member: the rows of its name, folded by rule P4 (T36).
    pub(super) fn said_by_adapter(
        &self,
        member: &Member,
        kept: &KeptValues,
    ) -> Result<PossibleStatuses<AgentStatus>, ReadError> {
        let table = |why: Unreadable| ReadError::Table(self.masked(&why.to_string()));
        let Some(Value::Array(rows)) = kept.get(ROWS) else {
            return Err(table(Unreadable::NoRows));
        };
        let mut found: Option<PossibleStatuses<AgentStatus>> = None;
        for row in rows.iter().filter(|row| row["agent"] == member.agent.name.as_str()) {
            let status = status_of(&row["status"]).map_err(table)?;
            found = Some(found.map_or(status, |found| found.highest(status)));
        }
        Ok(found.unwrap_or(PossibleStatuses::just(AgentStatus::Offline)))
    }

    /// What an adapter says of a widget: the cells of `says`.
    pub(super) fn seen_by_adapter(&self, kept: &KeptValues) -> Result<ObservedWidget, ReadError> {
        ObservedWidget::of_cells(kept)
            .map_err(|why| ReadError::Table(self.masked(&why.to_string())))
    }

    /// Hands on what the adapter says that a widget tells, until it says no more or nobody listens.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(super) async fn listen_by_adapter(
        self: &Arc<Self>,
        widget: &Widget,
        tell: &mpsc::Sender<PushEvent>,
    ) -> Result<Option<tokio::task::JoinHandle<()>>, RunError> {
        let Some(adapter) = self.adapter().await? else { return Ok(None) };
        let (mut pushes, driver) = (adapter.listen(&widget.name), Arc::clone(self));
        let tell = tell.clone();
        Ok(Some(tokio::spawn(async move {
            while let Some(Push { said, got }) = pushes.recv().await {
                let said = Value::Object(said);
                let (kept, data) = (kept(&said), said.to_string().into_bytes());
                let (what, version) = (driver.seen_by_adapter(&kept), driver.version(&kept));
                let pushed = PushEvent { what, version, data: Some(data), got };
                if tell.send(pushed).await.is_err() {
                    return;
                }
            }
        })))
    }
}

/// The scheduler of a widget as an adapter is given it: as the reference API has it, or null. Dates are an
/// array where their order matters, which the members of a `Value` have none of.
pub fn week(scheduler: Option<&Scheduler>) -> Value {
    let Some(scheduler) = scheduler else { return Value::Null };
    let document = SchedulerDocument::of(scheduler);
    let mut week = json!(document);
    if scheduler.hours.dates.iter().any(|(dates, _)| !matches!(dates, Dates::On(_))) {
        week["dates"] = json!(document.dates.0);
    }
    week
}

/// What is remembered of an answer: the members of an object; anything else as one.
fn kept(done: &Value) -> KeptValues {
    let mut kept = KeptValues::new();
    match done {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| kept.put(name, value.clone()));
        }
        Value::Null | Value::Bool(_) => {}
        other => kept.put(ROWS, other.clone()),
    }
    kept
}

fn nothing() -> StepsResult {
    let now = Timestamp::now();
    StepsResult {
        outcome: StepOutcome::Done(KeptValues::new()),
        asked: None,
        last: None,
        said: None,
        sent: now,
        answered: now,
    }
}
