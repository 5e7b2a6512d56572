//! One scenario on a service: its names there, its devices with their tokens and sockets, and its
//! steps as calls.

use std::collections::BTreeMap;
use std::time::{Duration, Instant as MachineTime};

use serde_json::{Value, json};

use super::client::{Caller, Method, Response};
use super::error::HostError;
use super::observation::Findings;
use super::service::ServiceUnderTest;
use super::socket::{self, Socket};
use super::wire::{
    Account, DevicePart, ExplainAnswer, LoggedIn, Login, Logout, Name, PropertyDocument, PutStatus,
    TeamMember, WidgetDocument,
};
use lamplighter_core::model::{
    AgentId, DeviceId, DeviceStatus, Event, PropertyId, Settings, WidgetId,
};
use lamplighter_core::world::{Membership, World};
use lamplighter_scenario::play::Facts;

/// The password of every account that is made: what it guards is deleted at the end, and its agents
/// are members of nothing then.
const PASSWORD: &str = "played by a scenario";
/// How long a service may take to notice that a socket is gone.
const NOTICED_WITHIN: Duration = Duration::from_secs(10);

/// A scenario's part of a service.
pub struct Deployment {
    /// In front of all its names there: scenarios that are played together must not meet.
    tag: String,
    /// The devices that have logged in.
    sessions: BTreeMap<DeviceId, Session>,
    is_built: bool,
    /// What has been seen of the service that is not as the rules say.
    pub(super) findings: Findings,
}

struct Session {
    token: String,
    socket: Option<Socket>,
}

impl Deployment {
    /// A part of its own for each number.
    pub fn new(number: usize) -> Self {
        Self {
            tag: format!("s{number}"),
            sessions: BTreeMap::new(),
            is_built: false,
            findings: Findings::default(),
        }
    }

    /// The accounts that it needs, as calls.
    pub fn accounts(&self, facts: Facts<'_>) -> impl Iterator<Item = (String, Value)> {
        (0..facts.roster.agents.len()).map(AgentId::new).map(|agent| {
            let account = Account { password: PASSWORD.to_owned() };
            (format!("/v1/agents/{}", self.agent_name(agent)), json!(account))
        })
    }

    /// Whether its properties and widgets are there.
    pub fn is_built(&self) -> bool {
        self.is_built
    }

    /// Makes its properties and widgets.
    ///
    /// # Errors
    /// When the service does not.
    pub fn build(&mut self, service: &ServiceUnderTest, facts: Facts<'_>) -> Result<(), HostError> {
        let world = facts.world;
        self.is_built = true;
        for property in (0..facts.roster.properties.len()).map(PropertyId::new) {
            for widget in world.widgets_of(property).collect::<Vec<_>>() {
                self.put_widget(service, widget, world.settings(widget), world)?;
            }
        }
        Ok(())
    }

    /// Leaves nothing behind but accounts. What cannot be taken away stays.
    pub fn clear(&mut self, service: &ServiceUnderTest, facts: Facts<'_>) {
        if !self.is_built {
            return;
        }
        let world = facts.world;
        for (device, session) in std::mem::take(&mut self.sessions) {
            if world.device_status(device) != DeviceStatus::LoggedOut {
                let caller = Caller::Device(&session.token);
                drop(service.client.call(Method::POST, "/v1/logout", caller, None));
            }
        }
        for property in (0..facts.roster.properties.len()).map(PropertyId::new) {
            let path = format!("/v1/properties/{}", self.property_name(property));
            drop(service.client.call(Method::DELETE, &path, Caller::Admin, None));
        }
    }

    /// Does on the service what is about to happen by the rules.
    ///
    /// # Errors
    /// When the service cannot be reached, or does not make sense.
    pub fn play(
        &mut self,
        service: &mut ServiceUnderTest,
        event: &Event,
        before: Facts<'_>,
    ) -> Result<(), HostError> {
        let world = before.world;
        match event {
            Event::Login(device) => self.log_in(service, *device, before),
            Event::SetStatus(device, chosen) => {
                let body = json!(PutStatus { status: *chosen, everywhere: false });
                self.call(service, *device, Method::PUT, "/v1/status", Some(&body))
            }
            Event::SetStatusEverywhere(agent, chosen) => {
                let body = json!(PutStatus { status: *chosen, everywhere: true });
                match Self::any_device_of(*agent, before) {
                    Some(device) => {
                        self.call(service, device, Method::PUT, "/v1/status", Some(&body))
                    }
                    None => Ok(()),
                }
            }
            Event::Logout(device) => {
                self.call(service, *device, Method::POST, "/v1/logout", None)?;
                self.sessions.remove(device);
                Ok(())
            }
            Event::LogoutEverywhere(agent) => {
                let body = json!(Logout { everywhere: true });
                if let Some(device) = Self::any_device_of(*agent, before) {
                    self.call(service, device, Method::POST, "/v1/logout", Some(&body))?;
                }
                self.sessions.retain(|device, _| device.agent() != *agent);
                Ok(())
            }
            Event::Disconnect(device) => self.lose_connection(service, *device, before),
            Event::Reconnect(device) => {
                let is_logged_in = world.device_status(*device) != DeviceStatus::LoggedOut;
                self.connect(service, *device, is_logged_in)
            }
            Event::Activity(device) => {
                self.call(service, *device, Method::POST, "/v1/activity", None)
            }
            Event::Suspend(agent, property) => {
                self.suspend(service, *agent, *property, Membership::Suspended, world)
            }
            Event::Reinstate(agent, property) => {
                self.suspend(service, *agent, *property, Membership::Active, world)
            }
            Event::Configure(widget, setting) => {
                let mut settings = world.settings(*widget).clone();
                settings.set((**setting).clone());
                self.put_widget(service, *widget, &settings, world)
            }
        }
    }

    /// The name of an agent there: `s12-a0`.
    pub(super) fn agent_name(&self, agent: AgentId) -> String {
        format!("{}-a{}", self.tag, agent.index())
    }

    /// The name of a property there: `s12-p0`.
    fn property_name(&self, property: PropertyId) -> String {
        format!("{}-p{}", self.tag, property.index())
    }

    /// The name of a widget there: `s12-p0`, `s12-p0/w1`.
    pub(super) fn widget_path(&self, widget: WidgetId, world: &World) -> String {
        let property = world.property_of(widget);
        let name = self.property_name(property);
        match world.widgets_of(property).position(|other| other == widget) {
            None | Some(0) => name,
            Some(place) => format!("{name}/w{place}"),
        }
    }

    /// Sets everything of a widget; of a property's own one the members, too.
    fn put_widget(
        &self,
        service: &ServiceUnderTest,
        widget: WidgetId,
        settings: &Settings,
        world: &World,
    ) -> Result<(), HostError> {
        let path = self.widget_path(widget, world);
        match path.split_once('/') {
            None => {
                let property = world.property_of(widget);
                let suspended =
                    |agent| world.membership(agent, property) == Some(Membership::Suspended);
                self.put_property(service, property, settings, suspended, world)
            }
            Some((property, name)) => {
                let path = format!("/v1/properties/{property}/widgets/{name}");
                service.client.put(&path, &json!(WidgetDocument::of(settings)))
            }
        }
    }

    fn put_property(
        &self,
        service: &ServiceUnderTest,
        property: PropertyId,
        settings: &Settings,
        is_suspended: impl Fn(AgentId) -> bool,
        world: &World,
    ) -> Result<(), HostError> {
        let members = world.members(property);
        let names = |agents: &mut dyn Iterator<Item = AgentId>| {
            agents.map(|agent| Name(self.agent_name(agent))).collect::<Vec<_>>()
        };
        let suspended = names(&mut members.iter().copied().filter(|&agent| is_suspended(agent)));
        let members = names(&mut members.iter().copied());
        let document = PropertyDocument::of(members, suspended, settings);
        let path = format!("/v1/properties/{}", self.property_name(property));
        service.client.put(&path, &json!(document))
    }

    /// What the service says of the members of a property.
    ///
    /// # Errors
    /// When it does not say.
    pub(super) fn team(
        &self,
        service: &ServiceUnderTest,
        property: PropertyId,
    ) -> Result<Vec<TeamMember>, HostError> {
        let path = format!("/v1/team/{}", self.property_name(property));
        service.client.get(&path, Caller::Admin)
    }

    /// Goes on where a call is refused for what was asked, not for how the service is.
    fn unless_refused(
        &mut self,
        answer: Response,
        rules: &str,
    ) -> Result<Option<Response>, HostError> {
        match answer.status {
            400 | 401 | 403 | 404 | 409 | 422 => {
                self.findings.refused(rules, answer.problem());
                Ok(None)
            }
            _ => answer.done().map(Some),
        }
    }

    /// A call of a device; nothing where its login was refused.
    fn call(
        &mut self,
        service: &ServiceUnderTest,
        device: DeviceId,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(), HostError> {
        let Some(session) = self.sessions.get(&device) else { return Ok(()) };
        let caller = Caller::Device(&session.token);
        let answer = service.client.call(method, path, caller, body)?;
        self.unless_refused(answer, "it can happen").map(drop)
    }

    fn log_in(
        &mut self,
        service: &ServiceUnderTest,
        device: DeviceId,
        facts: Facts<'_>,
    ) -> Result<(), HostError> {
        let body = json!(Login {
            agent: self.agent_name(device.agent()),
            password: PASSWORD.to_owned(),
            device: Name(facts.roster.device_name(device).to_owned()),
        });
        let answer =
            service.client.call(Method::POST, "/v1/login", Caller::Visitor, Some(&body))?;
        let Some(answer) = self.unless_refused(answer, "anyone can log in (rule P1)")? else {
            return Ok(());
        };
        let LoggedIn { token, .. } = answer.read()?;
        let old = self.sessions.insert(device, Session { token, socket: None });
        // The service has closed it.
        drop(old);
        self.connect(service, device, true)
    }

    /// Opens the socket of a device; where the rules say that it is logged out by now, it must not
    /// open.
    fn connect(
        &mut self,
        service: &ServiceUnderTest,
        device: DeviceId,
        is_logged_in: bool,
    ) -> Result<(), HostError> {
        let Some(session) = self.sessions.get_mut(&device) else { return Ok(()) };
        match socket::open(&service.client, &session.token)? {
            Ok(socket) => {
                session.socket = Some(socket);
                if !is_logged_in {
                    let rules = "at the end of its grace a device is logged out (rule P7)";
                    self.findings.refused(rules, "it is connected again".to_owned());
                }
            }
            Err(401) if !is_logged_in => {}
            Err(status) if status < 500 => {
                self.findings.refused(
                    "a device that is logged in can connect (rule P7)",
                    status.to_string(),
                );
            }
            Err(status) => {
                return Err(HostError::Refused {
                    call: "GET /v1/connect".to_owned(),
                    status,
                    detail: "a socket cannot be opened".to_owned(),
                });
            }
        }
        Ok(())
    }

    fn lose_connection(
        &mut self,
        service: &mut ServiceUnderTest,
        device: DeviceId,
        facts: Facts<'_>,
    ) -> Result<(), HostError> {
        service.put_grace(facts.world.timing().grace)?;
        let Some(session) = self.sessions.get_mut(&device) else { return Ok(()) };
        session.socket = None;
        let Some(property) = facts.world.properties_of(device.agent()).first().copied() else {
            return Ok(());
        };
        let path = format!("/v1/explain/{}", self.property_name(property));
        let agent = self.agent_name(device.agent());
        let name = facts.roster.device_name(device);
        let began = MachineTime::now();
        while began.elapsed() < NOTICED_WITHIN {
            let explained: ExplainAnswer = service.client.get(&path, Caller::Admin)?;
            let of_agent = explained.members.iter().find(|member| member.agent == agent);
            let found = of_agent.and_then(|m| m.devices.iter().find(|d| d.device == name));
            let is_lost = |d: &DevicePart| d.connection_lost || d.status == DeviceStatus::LoggedOut;
            if found.is_some_and(is_lost) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        let seen = format!("still connected after {} s", NOTICED_WITHIN.as_secs());
        self.findings
            .refused("a device whose socket is gone has lost its connection (rule P7)", seen);
        Ok(())
    }

    /// A device on which an agent is logged in, by the rules.
    fn any_device_of(agent: AgentId, facts: Facts<'_>) -> Option<DeviceId> {
        let is_in =
            |&device: &DeviceId| facts.world.device_status(device) != DeviceStatus::LoggedOut;
        facts.world.devices_of(agent).find(is_in)
    }

    fn suspend(
        &self,
        service: &ServiceUnderTest,
        agent: AgentId,
        property: PropertyId,
        membership: Membership,
        world: &World,
    ) -> Result<(), HostError> {
        let Some(own) = world.widgets_of(property).next() else { return Ok(()) };
        let is_suspended = |other| {
            let now =
                if other == agent { Some(membership) } else { world.membership(other, property) };
            now == Some(Membership::Suspended)
        };
        self.put_property(service, property, world.settings(own), is_suspended, world)
    }
}
