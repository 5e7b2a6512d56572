//! Accounts, properties, members and widgets as they stand on the service, and which of them a run has
//! made.

use std::sync::Arc;

use serde_json::Value;

use super::perform::Subject;
use super::shared_names::SharedNames;
use crate::file::section::Scope;
use crate::file::value::as_text;

/// An account.
#[derive(Clone, Debug)]
pub struct Agent {
    /// Its name there.
    pub name: String,
    pub(super) place: Arc<SharedNames>,
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
    pub(super) place: Arc<SharedNames>,
}

/// An agent in one property.
#[derive(Clone, Debug)]
pub struct Member {
    /// The agent.
    pub agent: Agent,
    /// The property.
    pub property: Property,
    pub(super) place: Arc<SharedNames>,
}

/// A widget: a property's own, or a further one.
#[derive(Clone, Debug)]
pub struct Widget {
    /// Its name there.
    pub name: String,
    /// Its property.
    pub property: Property,
    /// What is kept with a further one.
    pub(super) place: Option<Arc<SharedNames>>,
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
        let place = SharedNames::with([("member", Value::from(agent.name.as_str()))]);
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
pub struct CreatedObjects {
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

impl CreatedObjects {
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
