//! The service under test: its target file followed by a driver, and what of the plan stands on it.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use lamplighter_target::driver::{Agent, Driver, Member, Property, Widget};

use super::plan::{AgentIndex, PropertyIndex, RunPlan, WidgetIndex};
#[cfg(any(test, feature = "sample"))]
use lamplighter_target::file::template::Vars;

/// A property of the plan as it stands on the service.
#[derive(Clone, Debug)]
pub struct StandingProperty {
    /// The property as the service knows it.
    pub property: Property,
    /// Its members, suspended ones too, in the order of the plan.
    pub members: Vec<Member>,
}

/// A service, and what of a plan stands on it. Provisioning puts it there; whoever plays asks for it by
/// its place in the plan. What belongs to other shards never stands there for this one.
#[derive(Debug)]
pub struct Service {
    driver: Arc<Driver>,
    agents: Vec<OnceLock<Agent>>,
    properties: Vec<OnceLock<StandingProperty>>,
    widgets: Vec<OnceLock<Widget>>,
    /// The plan's properties by their names there, by which versions in answers name them.
    by_name: RwLock<HashMap<String, PropertyIndex>>,
}

impl Service {
    /// Nothing of the plan stands there yet.
    pub fn new(driver: Arc<Driver>, plan: &RunPlan) -> Self {
        fn empty<T>(count: usize) -> Vec<OnceLock<T>> {
            std::iter::repeat_with(OnceLock::new).take(count).collect()
        }
        Self {
            driver,
            agents: empty(plan.agents.len()),
            properties: empty(plan.properties.len()),
            widgets: empty(plan.widgets.len()),
            by_name: RwLock::default(),
        }
    }

    /// What follows the target file.
    pub fn driver(&self) -> &Arc<Driver> {
        &self.driver
    }

    /// An agent's account; `None` where it was not made here.
    pub fn agent(&self, agent: AgentIndex) -> Option<&Agent> {
        self.agents.get(agent as usize)?.get()
    }

    /// A property; `None` where it was not made here.
    pub fn property(&self, property: PropertyIndex) -> Option<&Property> {
        self.standing(property).map(|standing| &standing.property)
    }

    /// The members of a property, suspended ones too, in the order of the plan; none where the property
    /// was not made here.
    pub fn members(&self, property: PropertyIndex) -> &[Member] {
        self.standing(property).map_or(&[], |standing| &standing.members)
    }

    /// A widget; `None` where it was not made here.
    pub fn widget(&self, widget: WidgetIndex) -> Option<&Widget> {
        self.widgets.get(widget as usize)?.get()
    }

    /// The plan's property that has this name on the service.
    pub fn property_named(&self, name: &str) -> Option<PropertyIndex> {
        self.by_name.read().unwrap_or_else(PoisonError::into_inner).get(name).copied()
    }

    /// An account is there. The first stays.
    pub fn put_agent(&self, index: AgentIndex, agent: Agent) {
        if let Some(place) = self.agents.get(index as usize) {
            // It is made once in a run.
            let _ = place.set(agent);
        }
    }

    /// A property is there with its members. The first stays.
    pub fn put_property(&self, index: PropertyIndex, standing: StandingProperty) {
        let Some(place) = self.properties.get(index as usize) else { return };
        let name = standing.property.name.clone();
        self.by_name.write().unwrap_or_else(PoisonError::into_inner).insert(name, index);
        // It is made once in a run.
        let _ = place.set(standing);
    }

    /// A widget is there. The first stays.
    pub fn put_widget(&self, index: WidgetIndex, widget: Widget) {
        if let Some(place) = self.widgets.get(index as usize) {
            // It is made once in a run.
            let _ = place.set(widget);
        }
    }

    fn standing(&self, property: PropertyIndex) -> Option<&StandingProperty> {
        self.properties.get(property as usize)?.get()
    }
}

/// A driver of the built-in file of the reference service, for tests.
///
/// # Panics
/// When the address is none.
#[cfg(any(test, feature = "sample"))]
pub fn reference(address: &str, admin_key: &str) -> Arc<Driver> {
    let text = lamplighter_target::file::builtin::built_in("reference").expect("it is built in");
    driver_of(text, address, |vars| {
        assert!(vars.set("admin_key", admin_key).is_ok(), "it wants an admin key");
    })
}

/// A driver of what a target file says, at an address, for tests.
///
/// # Panics
/// When it is no target file, or the address is none.
#[cfg(any(test, feature = "sample"))]
pub fn driver_of(text: &str, address: &str, given: impl FnOnce(&mut Vars)) -> Arc<Driver> {
    use lamplighter_target::Trust;
    use lamplighter_target::driver::{DriverOptions, Endpoint};
    use lamplighter_target::file::check;
    let checked = check(text.as_bytes(), &|path| Err(format!("no file {path}")));
    let mut file = checked.file.unwrap_or_else(|| panic!("{:?}", checked.findings));
    given(&mut file.vars);
    let endpoint = Endpoint::new(address, &Trust::Machine).expect("an address");
    Arc::new(Driver::new(file, endpoint, DriverOptions::default()).expect("randomness"))
}

/// A driver of a target where so many accounts and properties are there beforehand, for tests: `agent0`,
/// `property0` and so on; `more` stands under `[target]`. To take them calls nobody.
///
/// # Panics
/// When it is no target file.
#[cfg(test)]
pub fn lending(accounts: usize, properties: usize, more: &str) -> Arc<Driver> {
    let rows = |name: &str, count: usize, also: &str| -> String {
        let row = |n| format!("{{ {name} = \"{name}{n}\"{also} }}");
        (0..count).map(row).collect::<Vec<_>>().join(", ")
    };
    let text = format!(
        r#"
        format = 1
        [target]
        name = "lending"
        base = "http://127.0.0.1:1"
        accounts = [{}]
        properties = [{}]
        {more}
        [device]
        login = {{ post = "/in" }}
        logout = {{ post = "/out" }}
        status = {{ post = "/status" }}
        [widget]
        read = {{ get = "/w", keep.size = {{ bytes = true }} }}
        says = [{{ when = {{ size = 7 }}, status = "online" }}, {{ status = "offline" }}]
        "#,
        rows("agent", accounts, r#", password = "p""#),
        rows("property", properties, "")
    );
    driver_of(&text, "http://127.0.0.1:1", |_| ())
}
