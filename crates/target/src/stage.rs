//! One scenario on a service: its names there, its devices with their tokens and sockets, and its
//! steps as calls.

use std::collections::BTreeMap;
use std::time::{Duration, Instant as MachineTime};

use serde_json::{Value, json};

use super::client::{Answer, Caller, Client, Method};
use super::error::HostError;
use super::look::{self, Difference, Differences, Look};
use super::socket::{self, Socket};
use super::wire::{
    Account, DevicePart, ExplainAnswer, LoggedIn, Login, Logout, Name, PutClock, PutStatus,
    TeamMember, of_settings, of_timing,
};
use lamplighter_core::model::{
    AgentId, AgentStatus, DeviceId, DeviceStatus, Event, Instant, Millis, PropertyId, Settings,
    Visitor, WidgetId,
};
use lamplighter_core::world::{Membership, Timing, World};
use lamplighter_scenario::play::{Disagreement, Facts, Guided, Target};

/// The password of every account that is made: what it guards is deleted at the end, and its agents
/// are members of nothing then.
const PASSWORD: &str = "played by a scenario";
/// How long a service may take to notice that a socket is gone.
const NOTICED_WITHIN: Duration = Duration::from_secs(10);

/// A service and how far it is.
pub struct Venue {
    /// Calls it.
    pub client: Client,
    /// What its clock reads.
    pub clock: Instant,
    /// Its grace and auto-away.
    pub timing: Timing,
}

impl Venue {
    /// Puts the clock forward, if it is not there yet.
    ///
    /// # Errors
    /// When the service does not.
    pub fn put_clock(&mut self, to: Instant) -> Result<(), HostError> {
        if to > self.clock {
            self.client.put("/v1/clock", &json!(PutClock { now: to }))?;
            self.clock = to;
        }
        Ok(())
    }

    /// Sets grace and auto-away, if they are not so yet.
    ///
    /// # Errors
    /// When the service does not.
    pub fn put_timing(&mut self, timing: Timing) -> Result<(), HostError> {
        if timing != self.timing {
            self.client.put("/v1/settings", &of_timing(timing))?;
            self.timing = timing;
        }
        Ok(())
    }

    /// Of the whole service: it holds for countdowns that begin from now on.
    fn put_grace(&mut self, grace: Millis) -> Result<(), HostError> {
        self.put_timing(Timing { grace, ..self.timing })
    }
}

/// A scenario's part of a service.
pub struct Stage {
    /// In front of all its names there: scenarios that are played together must not meet.
    tag: String,
    /// The devices that have logged in.
    sessions: BTreeMap<DeviceId, Session>,
    is_built: bool,
    /// What was said of the service already, by what was looked at: it is said once.
    said: BTreeMap<String, Vec<Difference>>,
    disagreements: Vec<Disagreement>,
}

struct Session {
    token: String,
    socket: Option<Socket>,
}

impl Stage {
    /// A part of its own for each number.
    pub fn new(number: usize) -> Self {
        Self {
            tag: format!("s{number}"),
            sessions: BTreeMap::new(),
            is_built: false,
            said: BTreeMap::new(),
            disagreements: Vec::new(),
        }
    }

    /// The accounts that it needs, as calls.
    pub fn accounts(&self, scenario: &Guided<'_>) -> impl Iterator<Item = (String, Value)> {
        (0..scenario.roster().agents.len()).map(AgentId::new).map(|agent| {
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
    pub fn build(&mut self, venue: &Venue, scenario: &Guided<'_>) -> Result<(), HostError> {
        let world = scenario.world();
        self.is_built = true;
        for property in (0..scenario.roster().properties.len()).map(PropertyId::new) {
            for widget in world.widgets_of(property).collect::<Vec<_>>() {
                self.put_widget(venue, widget, world.settings(widget), world)?;
            }
        }
        Ok(())
    }

    /// Leaves nothing behind but accounts. What cannot be taken away stays.
    pub fn clear(&mut self, venue: &Venue, scenario: &Guided<'_>) {
        if !self.is_built {
            return;
        }
        let world = scenario.world();
        for (device, session) in std::mem::take(&mut self.sessions) {
            if world.device_status(device) != DeviceStatus::LoggedOut {
                let caller = Caller::Device(&session.token);
                drop(venue.client.call(Method::POST, "/v1/logout", caller, None));
            }
        }
        for property in (0..scenario.roster().properties.len()).map(PropertyId::new) {
            let path = format!("/v1/properties/{}", self.property_name(property));
            drop(venue.client.call(Method::DELETE, &path, Caller::Admin, None));
        }
    }

    fn agent_name(&self, agent: AgentId) -> String {
        format!("{}-a{}", self.tag, agent.index())
    }

    fn property_name(&self, property: PropertyId) -> String {
        format!("{}-p{}", self.tag, property.index())
    }

    /// `s12-p0`, `s12-p0/w1`
    fn widget_path(&self, widget: WidgetId, world: &World) -> String {
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
        venue: &Venue,
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
                self.put_property(venue, property, settings, suspended, world)
            }
            Some((property, name)) => {
                let path = format!("/v1/properties/{property}/widgets/{name}");
                venue.client.put(&path, &Value::Object(of_settings(settings)))
            }
        }
    }

    fn put_property(
        &self,
        venue: &Venue,
        property: PropertyId,
        settings: &Settings,
        is_suspended: impl Fn(AgentId) -> bool,
        world: &World,
    ) -> Result<(), HostError> {
        let members = world.members(property);
        let names = |agents: &mut dyn Iterator<Item = AgentId>| {
            agents.map(|agent| Value::from(self.agent_name(agent))).collect::<Vec<_>>()
        };
        let mut document = of_settings(settings);
        let suspended = names(&mut members.iter().copied().filter(|&agent| is_suspended(agent)));
        document.insert("suspended".to_owned(), suspended.into());
        document.insert("members".to_owned(), names(&mut members.iter().copied()).into());
        let path = format!("/v1/properties/{}", self.property_name(property));
        venue.client.put(&path, &Value::Object(document))
    }

    fn team(&self, venue: &Venue, property: PropertyId) -> Result<Vec<TeamMember>, HostError> {
        let path = format!("/v1/team/{}", self.property_name(property));
        venue.client.get(&path, Caller::Admin)
    }

    /// Takes down what was found at a look; what was found at the last look as well is known.
    fn take(&mut self, at: String, found: Differences, notes: Vec<String>) {
        let known = self.said.entry(at).or_default();
        if *known == found.0 {
            return;
        }
        known.clone_from(&found.0);
        let mut rest = found.0.into_iter();
        let Some(Difference { service, rules }) = rest.next() else { return };
        let also = rest.map(|also| {
            format!("also: the service says {}, the rules say {}", also.service, also.rules)
        });
        self.disagreements.push(Disagreement {
            rules: format!("what the rules say: {rules}"),
            target: format!("what the service says: {service}"),
            notes: also.chain(notes).collect(),
        });
    }

    /// The service does not let happen what can happen by the rules.
    fn refused(&mut self, rules: &str, service: String) {
        self.disagreements.push(Disagreement {
            rules: format!("what the rules say: {rules}"),
            target: format!("what the service says: {service}"),
            notes: Vec::new(),
        });
    }

    /// Goes on where a call is refused for what was asked, not for how the service is.
    fn unless_refused(&mut self, answer: Answer, rules: &str) -> Result<Option<Answer>, HostError> {
        match answer.status {
            400 | 401 | 403 | 404 | 409 | 422 => {
                self.refused(rules, answer.problem());
                Ok(None)
            }
            _ => answer.done().map(Some),
        }
    }

    /// A call of a device; nothing where its login was refused.
    fn call(
        &mut self,
        venue: &Venue,
        device: DeviceId,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(), HostError> {
        let Some(session) = self.sessions.get(&device) else { return Ok(()) };
        let caller = Caller::Device(&session.token);
        let answer = venue.client.call(method, path, caller, body)?;
        self.unless_refused(answer, "it can happen").map(drop)
    }

    fn log_in(
        &mut self,
        venue: &Venue,
        device: DeviceId,
        facts: Facts<'_>,
    ) -> Result<(), HostError> {
        let body = json!(Login {
            agent: self.agent_name(device.agent()),
            password: PASSWORD.to_owned(),
            device: Name(facts.roster.device_name(device).to_owned()),
        });
        let answer = venue.client.call(Method::POST, "/v1/login", Caller::Visitor, Some(&body))?;
        let Some(answer) = self.unless_refused(answer, "anyone can log in (rule P1)")? else {
            return Ok(());
        };
        let LoggedIn { token, .. } = answer.read()?;
        let old = self.sessions.insert(device, Session { token, socket: None });
        // The service has closed it.
        drop(old);
        self.connect(venue, device, true)
    }

    /// Opens the socket of a device; where the rules say that it is logged out by now, it must not
    /// open.
    fn connect(
        &mut self,
        venue: &Venue,
        device: DeviceId,
        is_logged_in: bool,
    ) -> Result<(), HostError> {
        let Some(session) = self.sessions.get_mut(&device) else { return Ok(()) };
        match socket::open(&venue.client, &session.token)? {
            Ok(socket) => {
                session.socket = Some(socket);
                if !is_logged_in {
                    let rules = "at the end of its grace a device is logged out (rule P7)";
                    self.refused(rules, "it is connected again".to_owned());
                }
            }
            Err(401) if !is_logged_in => {}
            Err(status) if status < 500 => {
                self.refused(
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
        venue: &mut Venue,
        device: DeviceId,
        facts: Facts<'_>,
    ) -> Result<(), HostError> {
        venue.put_grace(facts.world.timing().grace)?;
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
            let explained: ExplainAnswer = venue.client.get(&path, Caller::Admin)?;
            let of_agent = explained.members.iter().find(|member| member.agent == agent);
            let found = of_agent.and_then(|m| m.devices.iter().find(|d| d.device == name));
            let is_lost = |d: &DevicePart| d.connection_lost || d.status == DeviceStatus::LoggedOut;
            if found.is_some_and(is_lost) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        let service = format!("still connected after {} s", NOTICED_WITHIN.as_secs());
        self.refused("a device whose socket is gone has lost its connection (rule P7)", service);
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
        venue: &Venue,
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
        self.put_property(venue, property, world.settings(own), is_suspended, world)
    }
}

/// A scenario's part of a service, while it is its turn.
pub struct Turn<'a> {
    /// The service.
    pub venue: &'a mut Venue,
    /// The part.
    pub stage: &'a mut Stage,
}

impl Target for Turn<'_> {
    const IS_APART: bool = true;
    type Error = HostError;
    type Widget<'w> = Look;

    fn advance(&mut self, to: Instant) -> Result<(), HostError> {
        self.venue.put_clock(to)
    }

    fn happen(&mut self, event: &Event, before: Facts<'_>) -> Result<(), HostError> {
        let Self { venue, stage } = self;
        let world = before.world;
        match event {
            Event::Login(device) => stage.log_in(venue, *device, before),
            Event::SetStatus(device, chosen) => {
                let body = json!(PutStatus { status: *chosen, everywhere: false });
                stage.call(venue, *device, Method::PUT, "/v1/status", Some(&body))
            }
            Event::SetStatusEverywhere(agent, chosen) => {
                let body = json!(PutStatus { status: *chosen, everywhere: true });
                match Stage::any_device_of(*agent, before) {
                    Some(device) => {
                        stage.call(venue, device, Method::PUT, "/v1/status", Some(&body))
                    }
                    None => Ok(()),
                }
            }
            Event::Logout(device) => {
                stage.call(venue, *device, Method::POST, "/v1/logout", None)?;
                stage.sessions.remove(device);
                Ok(())
            }
            Event::LogoutEverywhere(agent) => {
                let body = json!(Logout { everywhere: true });
                if let Some(device) = Stage::any_device_of(*agent, before) {
                    stage.call(venue, device, Method::POST, "/v1/logout", Some(&body))?;
                }
                stage.sessions.retain(|device, _| device.agent() != *agent);
                Ok(())
            }
            Event::Disconnect(device) => stage.lose_connection(venue, *device, before),
            Event::Reconnect(device) => {
                let is_logged_in = world.device_status(*device) != DeviceStatus::LoggedOut;
                stage.connect(venue, *device, is_logged_in)
            }
            Event::Activity(device) => {
                stage.call(venue, *device, Method::POST, "/v1/activity", None)
            }
            Event::Suspend(agent, property) => {
                stage.suspend(venue, *agent, *property, Membership::Suspended, world)
            }
            Event::Reinstate(agent, property) => {
                stage.suspend(venue, *agent, *property, Membership::Active, world)
            }
            Event::Configure(widget, setting) => {
                let mut settings = world.settings(*widget).clone();
                settings.set((**setting).clone());
                stage.put_widget(venue, *widget, &settings, world)
            }
        }
    }

    fn agent(&mut self, agent: AgentId, facts: Facts<'_>) -> Result<AgentStatus, HostError> {
        let rules = facts.world.agent_status(agent);
        let name = self.stage.agent_name(agent);
        let mut seen = None;
        let mut found = Differences::default();
        for property in facts.world.properties_of(agent) {
            let team = self.stage.team(self.venue, property)?;
            let member = team.iter().find(|member| member.agent == name);
            let word = |status: Option<AgentStatus>| status.map_or("no member", AgentStatus::word);
            let status = member.map(|member| member.status);
            found.hold(facts.roster.agents.name(agent), word(status), word(Some(rules)));
            seen = seen.or(status);
        }
        found.0.dedup();
        self.stage.take(format!("agent {name}"), found, vec![facts.agent(agent)]);
        Ok(seen.unwrap_or(AgentStatus::Offline))
    }

    fn widget<'w>(
        &mut self,
        widget: WidgetId,
        visitor: &Visitor,
        facts: Facts<'w>,
    ) -> Result<Look, HostError> {
        let path = self.stage.widget_path(widget, facts.world);
        let (look, found) = look::at_widget(&self.venue.client, &path, visitor, widget, facts)?;
        let notes = match found.0.is_empty() {
            true => Vec::new(),
            false => {
                let world = facts.world;
                let mut notes =
                    vec![format!("by the rules it is {}", facts.answer(world.answer(widget)))];
                notes.push(facts.members(widget));
                notes.extend(facts.scheduler(widget));
                notes.push(facts.next(world.next_change(widget).as_ref()));
                notes
            }
        };
        self.stage.take(format!("widget {path} for {visitor:?}"), found, notes);
        Ok(look)
    }

    fn look_around(&mut self, facts: Facts<'_>) -> Result<(), HostError> {
        for property in (0..facts.roster.properties.len()).map(PropertyId::new) {
            for widget in facts.world.widgets_of(property).collect::<Vec<_>>() {
                self.widget(widget, &Visitor::default(), facts)?;
            }
            let team = self.stage.team(self.venue, property)?;
            let members = facts.world.members(property);
            let mut found = Differences::default();
            found.hold("members:", team.len(), members.len());
            for (said, &agent) in team.iter().zip(members) {
                found.hold("", said.agent.as_str(), &self.stage.agent_name(agent));
                let name = facts.roster.agents.name(agent);
                found.hold(name, said.status, facts.world.agent_status(agent));
            }
            let notes = members.iter().map(|&agent| facts.agent(agent)).collect();
            self.stage.take(format!("team {}", property.index()), found, notes);
        }
        Ok(())
    }

    fn disagreements(&mut self) -> Vec<Disagreement> {
        std::mem::take(&mut self.stage.disagreements)
    }
}
