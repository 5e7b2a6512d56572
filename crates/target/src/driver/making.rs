//! What is made before anybody logs in, and deleted at the end (rules T18, T23, T24, T30, T48 of target
//! files).

use std::sync::Arc;

use lamplighter_core::model::Settings;
use lamplighter_core::world::Timing;
use serde_json::Value;
use thiserror::Error;

use super::error::RunError;
use super::perform::{Performed, Subject, Turn};
use super::place::Place;
use super::shared::{Driver, Official};
use super::{given, made};
use crate::file::about::Row;
use crate::file::section::{Caller, Scope, Section};
use crate::file::template::{Counters, Kept, Names, RenderError};
use crate::file::value::as_text;

/// An account.
#[derive(Clone, Debug)]
pub struct Agent {
    /// Its name there.
    pub name: String,
    pub(super) place: Arc<Place>,
}

impl Agent {
    /// The password that it logs in with; empty where it has none.
    pub fn password(&self) -> String {
        self.place.get("password").as_ref().map(as_text).unwrap_or_default()
    }
}

/// A property.
#[derive(Clone, Debug)]
pub struct Property {
    /// Its name there.
    pub name: String,
    pub(super) place: Arc<Place>,
}

/// An agent in one property.
#[derive(Clone, Debug)]
pub struct Member {
    /// The agent.
    pub agent: Agent,
    /// The property.
    pub property: Property,
    pub(super) place: Arc<Place>,
}

/// A widget: a property's own, or a further one.
#[derive(Clone, Debug)]
pub struct Widget {
    /// Its name there.
    pub name: String,
    /// Its property.
    pub property: Property,
    /// What is kept with a further one.
    pub(super) place: Option<Arc<Place>>,
}

impl Property {
    pub(super) fn subject(&self) -> Subject {
        Subject::new(&self.name, [(Scope::Property, &self.place)])
    }

    /// The widget of the same name.
    pub fn own_widget(&self) -> Widget {
        Widget { name: self.name.clone(), property: self.clone(), place: None }
    }
}

impl Member {
    /// An agent in a property; nothing is called.
    pub fn new(agent: &Agent, property: &Property) -> Self {
        let place = Place::with([("member", Value::from(agent.name.as_str()))]);
        Self { agent: agent.clone(), property: property.clone(), place }
    }

    pub(super) fn subject(&self) -> Subject {
        let whom = format!("{} in {}", self.agent.name, self.property.name);
        let places = [
            (Scope::Member, &self.place),
            (Scope::Agent, &self.agent.place),
            (Scope::Property, &self.property.place),
        ];
        Subject::new(whom, places)
    }
}

impl Widget {
    /// Whether it is a further one, rather than the property's own.
    pub fn is_further(&self) -> bool {
        self.place.is_some()
    }

    pub(super) fn subject(&self) -> Subject {
        let mut subject = self.property.subject();
        subject.whom.clone_from(&self.name);
        let own = self.place.iter().map(|place| (Scope::Widget, Arc::clone(place)));
        subject.places.extend(own);
        subject
    }
}

/// What a run, or one scenario of it, has made.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// Accounts that were made.
    pub agents: Vec<Agent>,
    /// Properties that were made.
    pub properties: Vec<Property>,
    /// Memberships that were made.
    pub members: Vec<Member>,
    /// Rows of `[target] accounts` that are lent.
    pub accounts: Vec<usize>,
    /// Rows of `[target] properties` that are lent.
    pub lent_properties: Vec<usize>,
}

impl Made {
    /// Takes over what somebody else has made.
    pub fn join(&mut self, other: Self) {
        let Self { agents, properties, members, accounts, lent_properties } = other;
        self.agents.extend(agents);
        self.properties.extend(properties);
        self.members.extend(members);
        self.accounts.extend(accounts);
        self.lent_properties.extend(lent_properties);
    }
}

/// Why something that was made is still there.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum NotDeleted {
    /// The file has no steps that delete it.
    #[error("the target file does not say how to delete it")]
    NoSteps,
    /// The service does not; why, masked.
    #[error("{0}")]
    Refused(String),
}

/// What could not be deleted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Left {
    /// Accounts.
    pub agents: usize,
    /// Properties.
    pub properties: usize,
    /// Memberships.
    pub members: usize,
}

impl std::ops::AddAssign for Left {
    fn add_assign(&mut self, other: Self) {
        self.agents += other.agents;
        self.properties += other.properties;
        self.members += other.members;
    }
}

impl Driver {
    /// Begins a run: the admin logs in, and the observer is made where the file asks for one.
    ///
    /// # Errors
    /// When one of them cannot.
    pub async fn begin(&self, made: &mut Made) -> Result<(), RunError> {
        self.log_in_admin().await?;
        let asks =
            self.file().about.observer || self.file().steps(Section::ObserverLogin).is_some();
        if !asks || self.observer.get().is_some() {
            return Ok(());
        }
        let Some(agents) = self.make_agents(1, made).await? else { return Ok(()) };
        for agent in agents {
            let place = Place::of(Kept::new());
            let official = Official::new(place, Some(Arc::clone(&agent.place)));
            // A run begins once.
            let _ = self.observer.set(official);
        }
        Ok(())
    }

    /// Makes so many accounts, or waits for so many that are there beforehand; `None` where there never
    /// are so many.
    ///
    /// # Errors
    /// When one is not made.
    pub async fn make_agents(
        &self,
        count: usize,
        made: &mut Made,
    ) -> Result<Option<Vec<Agent>>, RunError> {
        if self.file().lends_accounts() {
            let Some(rows) = self.accounts.take(count).await else { return Ok(None) };
            made.accounts.extend(&rows);
            let accounts = &self.file().about.accounts;
            return rows
                .iter()
                .map(|row| self.account(&accounts[*row]))
                .collect::<Result<_, _>>()
                .map(Some);
        }
        let mut agents = Vec::with_capacity(count);
        for _ in 0..count {
            let (name, password) = (self.names.next(), made::password()?);
            self.mask().hide("password", &password);
            let agent = Agent { place: of_agent(&name, &password), name };
            made.agents.push(agent.clone());
            let subject = Subject::new(&agent.name, [(Scope::Agent, &agent.place)]);
            self.must(Section::AgentMake, &Turn { subject, ..Turn::default() }).await?;
            agents.push(agent);
        }
        Ok(Some(agents))
    }

    fn account(&self, row: &Row) -> Result<Agent, RunError> {
        let kept = self.row(row)?;
        let text = |name| kept.get(name).map(as_text).unwrap_or_default();
        let (name, secret) = (text("agent"), text("password"));
        self.mask().hide("password", &secret);
        Ok(Agent { name, place: Place::of(kept) })
    }

    fn row(&self, row: &Row) -> Result<Kept, RunError> {
        let mut counters = Counters::default();
        let mut names = Names::new(Vec::new(), Vec::new(), &self.file().vars, &mut counters);
        row.kept(&mut names).map_err(|cause: RenderError| RunError::CannotJudge {
            section: "target",
            step: 1,
            cause,
        })
    }

    /// Makes a property with what can be set on it, or waits for one that is there beforehand; `None`
    /// where there never is one.
    ///
    /// # Errors
    /// When it is not made.
    pub async fn make_property(
        &self,
        settings: &Settings,
        timing: Timing,
        made: &mut Made,
    ) -> Result<Option<Property>, RunError> {
        let is_made = self.file().does(Section::PropertyMake);
        let rows = &self.file().about.properties;
        if self.file().lends_properties() {
            let Some(taken) = self.properties.take(1).await else { return Ok(None) };
            made.lent_properties.extend(&taken);
            let kept = self.row(&rows[taken[0]])?;
            let name = kept.get("property").map(as_text).unwrap_or_default();
            let place = Place::of(kept);
            place.put("widget", name.as_str());
            let property = Property { name, place };
            self.set_property(&property, settings, timing).await?;
            self.add_observer(&property, made).await?;
            return Ok(Some(property));
        }
        let name = self.names.next();
        let place = Place::with([
            ("property", Value::from(name.as_str())),
            ("widget", Value::from(name.as_str())),
        ]);
        let property = Property { name, place };
        if is_made {
            made.properties.push(property.clone());
            let given = given::settings(&self.abilities().settings, settings, timing);
            let turn = Turn { subject: property.subject(), given, ..Turn::default() };
            self.must(Section::PropertyMake, &turn).await?;
        }
        self.add_observer(&property, made).await?;
        Ok(Some(property))
    }

    /// Whoever only looks is a member of every property (T30).
    async fn add_observer(&self, property: &Property, made: &mut Made) -> Result<(), RunError> {
        let Some(account) = self.observer.get().and_then(|one| one.account.as_ref()) else {
            return Ok(());
        };
        let name = account.get("agent").as_ref().map(as_text).unwrap_or_default();
        let agent = Agent { name, place: Arc::clone(account) };
        self.add_member(&agent, property, made).await?;
        if self.observer_logins().await == 0 {
            // It may only log in as a member of something.
            self.log_in_again(Caller::Observer, 0).await?;
        }
        Ok(())
    }

    async fn observer_logins(&self) -> u64 {
        match self.observer.get() {
            Some(observer) => *observer.logins.lock().await,
            None => 0,
        }
    }

    /// Sets what can be set on a property's own widget.
    ///
    /// # Errors
    /// When the run cannot go on.
    pub async fn set_property(
        &self,
        property: &Property,
        settings: &Settings,
        timing: Timing,
    ) -> Result<Performed, RunError> {
        let given = given::settings(&self.abilities().settings, settings, timing);
        let turn = Turn { subject: property.subject(), given, ..Turn::default() };
        self.perform(Section::PropertySet, &turn).await
    }

    /// A further widget; nothing is called.
    pub fn name_widget(&self, property: &Property) -> Widget {
        let name = self.names.next();
        let place = Place::with([("widget", Value::from(name.as_str()))]);
        Widget { name, property: property.clone(), place: Some(place) }
    }

    /// Makes a further widget, or sets what can be set on it.
    ///
    /// # Errors
    /// When the run cannot go on.
    pub async fn make_widget(
        &self,
        widget: &Widget,
        settings: &Settings,
        timing: Timing,
    ) -> Result<Performed, RunError> {
        let given = given::settings(&self.abilities().settings, settings, timing);
        let turn = Turn { subject: widget.subject(), given, ..Turn::default() };
        self.perform(Section::WidgetMake, &turn).await
    }

    /// Makes an agent a member (rule P6).
    ///
    /// # Errors
    /// When it is not done.
    pub async fn add_member(
        &self,
        agent: &Agent,
        property: &Property,
        made: &mut Made,
    ) -> Result<Member, RunError> {
        let member = Member::new(agent, property);
        made.members.push(member.clone());
        let turn = Turn { subject: member.subject(), ..Turn::default() };
        self.must(Section::MemberAdd, &turn).await?;
        Ok(member)
    }

    /// Suspends a member, or takes that back (rule P6).
    ///
    /// # Errors
    /// When the run cannot go on.
    pub async fn suspend(
        &self,
        member: &Member,
        is_suspended: bool,
    ) -> Result<Performed, RunError> {
        let section = if is_suspended { Section::MemberSuspend } else { Section::MemberReinstate };
        let turn = Turn { subject: member.subject(), ..Turn::default() };
        self.perform(section, &turn).await
    }

    /// Deletes what was made, and gives back what was lent (T48). What cannot be deleted is left.
    pub async fn clear(&self, made: &mut Made) -> Left {
        let mut left = Left::default();
        for member in std::mem::take(&mut made.members) {
            let goes_along = self.goes_along(&member, made);
            let gone = self.remove_member(&member).await.is_ok() || goes_along;
            left.members += usize::from(!gone);
        }
        for property in std::mem::take(&mut made.properties) {
            left.properties += usize::from(self.delete_property(&property).await.is_err());
        }
        for agent in std::mem::take(&mut made.agents) {
            left.agents += usize::from(self.delete_agent(&agent).await.is_err());
        }
        self.give_back(made);
        left
    }

    /// Gives back accounts and properties that were there beforehand, and forgets what was made.
    pub fn give_back(&self, made: &mut Made) {
        let Made { accounts, lent_properties, .. } = std::mem::take(made);
        self.accounts.give_back(&accounts);
        self.properties.give_back(&lent_properties);
    }

    /// Whether a membership needs no deleting: no call has made it, or it goes with its property or its
    /// account when that is deleted.
    pub fn goes_along(&self, member: &Member, made: &Made) -> bool {
        let does = |section| self.file().does(section);
        let mut properties = made.properties.iter().map(|property| &property.name);
        let mut agents = made.agents.iter().map(|agent| &agent.name);
        !does(Section::MemberAdd)
            || does(Section::PropertyDelete) && properties.any(|name| *name == member.property.name)
            || does(Section::AgentDelete) && agents.any(|name| *name == member.agent.name)
    }

    /// Ends a membership.
    ///
    /// # Errors
    /// When it is still there.
    pub async fn remove_member(&self, member: &Member) -> Result<(), NotDeleted> {
        self.delete(Section::MemberRemove, member.subject()).await
    }

    /// Deletes a property that was made.
    ///
    /// # Errors
    /// When it is still there.
    pub async fn delete_property(&self, property: &Property) -> Result<(), NotDeleted> {
        self.delete(Section::PropertyDelete, property.subject()).await
    }

    /// Deletes an account that was made.
    ///
    /// # Errors
    /// When it is still there.
    pub async fn delete_agent(&self, agent: &Agent) -> Result<(), NotDeleted> {
        let subject = Subject::new(&agent.name, [(Scope::Agent, &agent.place)]);
        self.delete(Section::AgentDelete, subject).await
    }

    async fn delete(&self, section: Section, subject: Subject) -> Result<(), NotDeleted> {
        if !self.file().does(section) {
            return Err(NotDeleted::NoSteps);
        }
        let performed = self.perform(section, &Turn { subject, ..Turn::default() }).await;
        match performed {
            Ok(performed) if performed.is_done() => Ok(()),
            // What is not there need not be deleted.
            Ok(performed) if matches!(performed.status(), Some(404 | 410)) => Ok(()),
            Ok(performed) => Err(NotDeleted::Refused(self.masked(&performed.why_not()))),
            Err(error) => Err(NotDeleted::Refused(self.masked(&error.to_string()))),
        }
    }
}

fn of_agent(name: &str, password: &str) -> Arc<Place> {
    Place::with([("agent", Value::from(name)), ("password", Value::from(password))])
}
