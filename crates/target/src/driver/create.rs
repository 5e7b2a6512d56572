//! What is made before anybody logs in (rules T18, T23, T24, T30 of target files).

use std::sync::Arc;

use lamplighter_core::model::Settings;
use lamplighter_core::world::Timing;
use serde_json::Value;

use super::error::RunError;
use super::objects::{Agent, CreatedObjects, Member, Property, Widget};
use super::perform::{StepsContext, StepsResult, Subject};
use super::shared::{Driver, PrivilegedCaller};
use super::shared_names::SharedNames;
use super::{generated_names, given};
use crate::file::section::{Caller, Scope, Section};
use crate::file::target_section::ExistingRow;
use crate::file::template::{Counters, KeptValues, Names, RenderError};
use crate::file::value::as_text;

impl Driver {
    /// Begins a run: the admin logs in, and the observer is made where the file asks for one.
    ///
    /// # Errors
    /// When one of them cannot.
    pub async fn begin(&self, made: &mut CreatedObjects) -> Result<(), RunError> {
        self.log_in_admin().await?;
        if !self.file().asks_for_observer() || self.observer.get().is_some() {
            return Ok(());
        }
        let Some(agents) = self.make_agents(1, made).await? else { return Ok(()) };
        for agent in agents {
            let place = SharedNames::of(KeptValues::new());
            let official = PrivilegedCaller::new(place, Some(Arc::clone(&agent.place)));
            // A run begins once.
            let _ = self.observer.set(official);
        }
        Ok(())
    }

    /// Lends only these rows of `[target] accounts` and `properties` from now on, where they are given:
    /// another process has the others.
    pub fn lend_only(&self, accounts: Option<Vec<usize>>, properties: Option<Vec<usize>>) {
        if let Some(rows) = accounts {
            self.accounts.keep(&rows);
        }
        if let Some(rows) = properties {
            self.properties.keep(&rows);
        }
    }

    /// Makes so many accounts, or waits for so many that are there beforehand; `None` where there never
    /// are so many.
    ///
    /// # Errors
    /// When one is not made.
    pub async fn make_agents(
        &self,
        count: usize,
        made: &mut CreatedObjects,
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
            let (name, password) = (self.names.next(), generated_names::password()?);
            self.mask().hide("password", &password);
            let agent = Agent { place: of_agent(&name, &password), name };
            made.agents.push(agent.clone());
            let subject = Subject::new(&agent.name, [(Scope::Agent, &agent.place)]);
            self.must(Section::AgentMake, &StepsContext { subject, ..StepsContext::default() })
                .await?;
            agents.push(agent);
        }
        Ok(Some(agents))
    }

    fn account(&self, row: &ExistingRow) -> Result<Agent, RunError> {
        let kept = self.row(row)?;
        let text = |name| kept.get(name).map(as_text).unwrap_or_default();
        let (name, secret) = (text("agent"), text("password"));
        self.mask().hide("password", &secret);
        Ok(Agent { name, place: SharedNames::of(kept) })
    }

    fn row(&self, row: &ExistingRow) -> Result<KeptValues, RunError> {
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
        made: &mut CreatedObjects,
    ) -> Result<Option<Property>, RunError> {
        let is_made = self.file().does(Section::PropertyMake);
        let rows = &self.file().about.properties;
        if self.file().lends_properties() {
            let Some(taken) = self.properties.take(1).await else { return Ok(None) };
            made.lent_properties.extend(&taken);
            let kept = self.row(&rows[taken[0]])?;
            let name = kept.get("property").map(as_text).unwrap_or_default();
            let place = SharedNames::of(kept);
            place.put("widget", name.as_str());
            let property = Property { name, place };
            self.set_property(&property, settings, timing).await?;
            self.add_observer(&property, made).await?;
            return Ok(Some(property));
        }
        let name = self.names.next();
        let place = SharedNames::with([
            ("property", Value::from(name.as_str())),
            ("widget", Value::from(name.as_str())),
        ]);
        let property = Property { name, place };
        if is_made {
            made.properties.push(property.clone());
            let given = given::settings(&self.abilities().settings, settings, timing);
            let context =
                StepsContext { subject: property.subject(), given, ..StepsContext::default() };
            self.must(Section::PropertyMake, &context).await?;
        }
        self.add_observer(&property, made).await?;
        Ok(Some(property))
    }

    /// Whoever only looks is a member of every property (T30).
    async fn add_observer(
        &self,
        property: &Property,
        made: &mut CreatedObjects,
    ) -> Result<(), RunError> {
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
    ) -> Result<StepsResult, RunError> {
        let given = given::settings(&self.abilities().settings, settings, timing);
        let context =
            StepsContext { subject: property.subject(), given, ..StepsContext::default() };
        self.perform(Section::PropertySet, &context).await
    }

    /// A further widget; nothing is called.
    pub fn name_widget(&self, property: &Property) -> Widget {
        let name = self.names.next();
        let place = SharedNames::with([("widget", Value::from(name.as_str()))]);
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
    ) -> Result<StepsResult, RunError> {
        let given = given::settings(&self.abilities().settings, settings, timing);
        let context = StepsContext { subject: widget.subject(), given, ..StepsContext::default() };
        self.perform(Section::WidgetMake, &context).await
    }

    /// Makes an agent a member (rule P6).
    ///
    /// # Errors
    /// When it is not done.
    pub async fn add_member(
        &self,
        agent: &Agent,
        property: &Property,
        made: &mut CreatedObjects,
    ) -> Result<Member, RunError> {
        let member = Member::new(agent, property);
        made.members.push(member.clone());
        let context = StepsContext { subject: member.subject(), ..StepsContext::default() };
        self.must(Section::MemberAdd, &context).await?;
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
    ) -> Result<StepsResult, RunError> {
        let section = if is_suspended { Section::MemberSuspend } else { Section::MemberReinstate };
        let context = StepsContext { subject: member.subject(), ..StepsContext::default() };
        self.perform(section, &context).await
    }
}

fn of_agent(name: &str, password: &str) -> Arc<SharedNames> {
    SharedNames::with([("agent", Value::from(name)), ("password", Value::from(password))])
}
