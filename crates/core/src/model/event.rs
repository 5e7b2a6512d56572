//! What happens: the one type of event that scenarios, traces, services and generators share, by ids or
//! by whatever names they have; and the table of its kinds.

use std::convert::Infallible;
use std::fmt;

use thiserror::Error;

use super::{AgentId, Chosen, DeviceId, Millis, PropertyId, Setting, WidgetId};

/// Something that happens at an instant: by ids, or by names of another kind. What names a device says
/// whose it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event<Device = DeviceId, Agent = AgentId, Property = PropertyId, Widget = WidgetId> {
    /// A device is logged in, afresh if it was already (rule P1).
    Login(Device),
    /// A logged-in device gets a status (rule P2).
    SetStatus(Device, Chosen),
    /// Every logged-in device of an agent gets a status (rule P2).
    SetStatusEverywhere(Agent, Chosen),
    /// A logged-in device gets a status for a time, longer than zero (rule P9).
    SetStatusFor(Device, Chosen, Millis),
    /// Every logged-in device of an agent gets a status for a time, longer than zero (rule P9).
    SetStatusEverywhereFor(Agent, Chosen, Millis),
    /// A device is logged out (rule P3).
    Logout(Device),
    /// Every device of an agent is logged out (rule P3).
    LogoutEverywhere(Agent),
    /// A device loses its connection and its grace begins (rule P7).
    Disconnect(Device),
    /// A device is connected again (rule P7).
    Reconnect(Device),
    /// A sign of life from a device (rule P8).
    Activity(Device),
    /// A member no longer counts in a property (rule P6).
    Suspend(Agent, Property),
    /// A suspended member counts again (rule P6).
    Reinstate(Agent, Property),
    /// A widget's setting changes.
    Configure(Widget, Box<Setting>),
}

/// Declares the kinds of events: what each is in the scenario language, behind whoever does it; what it
/// says besides; and the rule that it is for.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $words:literal $says:ident $rule:literal;)*) => {
        /// A kind of event.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum EventKind {
            $($(#[$doc])* $kind,)*
        }

        impl EventKind {
            /// All of them, in the order in which messages name them.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// What happens, in the words of the scenario language: `loses connection`.
            pub fn words(self) -> &'static str {
                match self { $(Self::$kind => $words),* }
            }

            /// What an event of this kind says besides who does it.
            #[inline]
            pub fn says(self) -> Says {
                match self { $(Self::$kind => Says::$says),* }
            }

            /// The rule that it is for.
            pub fn rule(self) -> &'static str {
                match self { $(Self::$kind => $rule),* }
            }
        }
    };
}

/// What an event says besides who does it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Says {
    /// The event names the device on which it happens.
    Device,
    /// On which device, or nothing for all of them.
    DeviceOrAll,
    /// Which status is chosen, and for how long or nothing for good (rule P9); and on which device,
    /// or nothing for all of them.
    StatusAndDeviceOrAll,
    /// The event names the property in which it happens.
    Property,
    /// What becomes of a setting. It is not an agent who does it: the widget is named instead.
    Setting,
}

kinds! {
    /// An agent logs in on a device.
    Login "logs in" Device "P1";
    /// An agent chooses a status.
    SetStatus "goes" StatusAndDeviceOrAll "P2";
    /// An agent logs out.
    Logout "logs out" DeviceOrAll "P3";
    /// A device loses its connection.
    Disconnect "loses connection" Device "P7";
    /// A device is connected again.
    Reconnect "reconnects" Device "P7";
    /// An agent gives a sign of life.
    Activity "is active" Device "P8";
    /// A member is suspended.
    Suspend "is suspended" Property "P6";
    /// A member is reinstated.
    Reinstate "is reinstated" Property "P6";
    /// A setting of a widget changes.
    Configure "set" Setting "S1";
}

impl EventKind {
    /// Whether it can be said of all of an agent's devices, without naming one.
    #[inline]
    pub fn can_be_for_all_devices(self) -> bool {
        matches!(self.says(), Says::DeviceOrAll | Says::StatusAndDeviceOrAll)
    }
}

/// What an agent does, on a device or on all of them: an event as traces, journals and working days have
/// it beside the agent and the device.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Action {
    /// Logs in (rule P1).
    Login,
    /// Logs out (rule P3).
    Logout,
    /// Chooses a status (rule P2).
    SetStatus(Chosen),
    /// Chooses a status for a time, longer than zero (rule P9).
    SetStatusFor(Chosen, Millis),
    /// Loses the connection (rule P7).
    Disconnect,
    /// Is connected again (rule P7).
    Reconnect,
    /// Gives a sign of life (rule P8).
    Activity,
}

impl Action {
    const ALL: [Self; 8] = [
        Self::Login,
        Self::Logout,
        Self::SetStatus(Chosen::Online),
        Self::SetStatus(Chosen::Away),
        Self::SetStatus(Chosen::Invisible),
        Self::Disconnect,
        Self::Reconnect,
        Self::Activity,
    ];

    /// Every action that is one word.
    pub const WORDS: [(&str, Self); Self::ALL.len()] = {
        let mut words = [("", Self::Login); Self::ALL.len()];
        let mut index = 0;
        while index < words.len() {
            words[index] = (Self::ALL[index].word(), Self::ALL[index]);
            index += 1;
        }
        words
    };

    /// The word of traces and of the journal; the first one of a status for a time, behind which
    /// stands for how long.
    #[inline]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Logout => "logout",
            Self::SetStatus(Chosen::Online) | Self::SetStatusFor(Chosen::Online, _) => "online",
            Self::SetStatus(Chosen::Away) | Self::SetStatusFor(Chosen::Away, _) => "away",
            Self::SetStatus(Chosen::Invisible) | Self::SetStatusFor(Chosen::Invisible, _) => {
                "invisible"
            }
            Self::Disconnect => "disconnect",
            Self::Reconnect => "reconnect",
            Self::Activity => "active",
        }
    }

    /// How long a status is chosen for; `None` for good, and for all other actions.
    #[inline]
    pub fn length(self) -> Option<Millis> {
        match self {
            Self::SetStatusFor(_, length) => Some(length),
            _ => None,
        }
    }

    /// The action that the text of a trace or a journal stands for: a word, or a status for a time,
    /// `away for 30m`.
    #[inline]
    pub fn from_text(text: &str) -> Option<Self> {
        let mut words = Self::WORDS.iter();
        match words.find(|(known, _)| *known == text) {
            Some(&(_, action)) => Some(action),
            None => Self::for_a_time(text),
        }
    }

    fn for_a_time(text: &str) -> Option<Self> {
        let (status, length) = text.split_once(" for ")?;
        let chosen = Chosen::from_word(status)?;
        let length: Millis = length.parse().ok()?;
        (length > Millis::ZERO).then_some(Self::SetStatusFor(chosen, length))
    }

    /// The kind of event that it is.
    #[inline]
    pub fn kind(self) -> EventKind {
        match self {
            Self::Login => EventKind::Login,
            Self::Logout => EventKind::Logout,
            Self::SetStatus(_) | Self::SetStatusFor(..) => EventKind::SetStatus,
            Self::Disconnect => EventKind::Disconnect,
            Self::Reconnect => EventKind::Reconnect,
            Self::Activity => EventKind::Activity,
        }
    }
}

/// As traces and journals have it: `login`, `away for 30m`.
impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())?;
        self.length().map_or(Ok(()), |length| write!(f, " for {length}"))
    }
}

/// Whom or what an event is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum About<Device, Agent, Widget> {
    /// One device of an agent.
    Device(Device),
    /// An agent: all devices, or a membership.
    Agent(Agent),
    /// A widget, whose setting it is.
    Widget(Widget),
}

impl<Device, Agent, Property, Widget> Event<Device, Agent, Property, Widget> {
    /// What an agent does, on a device or (`None`) on all of them; `None` where it must be on one.
    #[inline]
    pub fn of(action: Action, agent: Agent, device: Option<Device>) -> Option<Self> {
        Some(match (action, device) {
            (Action::SetStatus(chosen), Some(device)) => Self::SetStatus(device, chosen),
            (Action::SetStatus(chosen), None) => Self::SetStatusEverywhere(agent, chosen),
            (Action::SetStatusFor(chosen, length), Some(device)) => {
                Self::SetStatusFor(device, chosen, length)
            }
            (Action::SetStatusFor(chosen, length), None) => {
                Self::SetStatusEverywhereFor(agent, chosen, length)
            }
            (Action::Logout, Some(device)) => Self::Logout(device),
            (Action::Logout, None) => Self::LogoutEverywhere(agent),
            (Action::Login, Some(device)) => Self::Login(device),
            (Action::Disconnect, Some(device)) => Self::Disconnect(device),
            (Action::Reconnect, Some(device)) => Self::Reconnect(device),
            (Action::Activity, Some(device)) => Self::Activity(device),
            (Action::Login | Action::Disconnect | Action::Reconnect | Action::Activity, None) => {
                return None;
            }
        })
    }

    /// The event of a kind, with what it says; `None` where something is missing that it says.
    pub fn said(
        kind: EventKind,
        agent: Agent,
        device: Option<Device>,
        chosen: Option<(Chosen, Option<Millis>)>,
        property: Option<Property>,
    ) -> Option<Self> {
        let action = match kind {
            EventKind::Login => Action::Login,
            EventKind::SetStatus => match chosen? {
                (chosen, None) => Action::SetStatus(chosen),
                (chosen, Some(length)) => Action::SetStatusFor(chosen, length),
            },
            EventKind::Logout => Action::Logout,
            EventKind::Disconnect => Action::Disconnect,
            EventKind::Reconnect => Action::Reconnect,
            EventKind::Activity => Action::Activity,
            EventKind::Suspend => return Some(Self::Suspend(agent, property?)),
            EventKind::Reinstate => return Some(Self::Reinstate(agent, property?)),
            EventKind::Configure => return None,
        };
        Self::of(action, agent, device)
    }

    /// What the agent does, if it is an agent's doing on devices: what traces and journals have.
    pub fn action(&self) -> Option<Action> {
        Some(match self {
            Self::Login(_) => Action::Login,
            Self::SetStatus(_, chosen) | Self::SetStatusEverywhere(_, chosen) => {
                Action::SetStatus(*chosen)
            }
            Self::SetStatusFor(_, chosen, length)
            | Self::SetStatusEverywhereFor(_, chosen, length) => {
                Action::SetStatusFor(*chosen, *length)
            }
            Self::Logout(_) | Self::LogoutEverywhere(_) => Action::Logout,
            Self::Disconnect(_) => Action::Disconnect,
            Self::Reconnect(_) => Action::Reconnect,
            Self::Activity(_) => Action::Activity,
            Self::Suspend(..) | Self::Reinstate(..) | Self::Configure(..) => return None,
        })
    }

    /// The kind of the event, whatever it says besides.
    pub fn kind(&self) -> EventKind {
        match self {
            Self::Login(_) => EventKind::Login,
            Self::SetStatus(..)
            | Self::SetStatusEverywhere(..)
            | Self::SetStatusFor(..)
            | Self::SetStatusEverywhereFor(..) => EventKind::SetStatus,
            Self::Logout(_) | Self::LogoutEverywhere(_) => EventKind::Logout,
            Self::Disconnect(_) => EventKind::Disconnect,
            Self::Reconnect(_) => EventKind::Reconnect,
            Self::Activity(_) => EventKind::Activity,
            Self::Suspend(..) => EventKind::Suspend,
            Self::Reinstate(..) => EventKind::Reinstate,
            Self::Configure(..) => EventKind::Configure,
        }
    }

    /// Whom or what it is about.
    pub fn about(&self) -> About<&Device, &Agent, &Widget> {
        match self {
            Self::Login(device)
            | Self::SetStatus(device, _)
            | Self::SetStatusFor(device, ..)
            | Self::Logout(device)
            | Self::Disconnect(device)
            | Self::Reconnect(device)
            | Self::Activity(device) => About::Device(device),
            Self::SetStatusEverywhere(agent, _)
            | Self::SetStatusEverywhereFor(agent, ..)
            | Self::LogoutEverywhere(agent)
            | Self::Suspend(agent, _)
            | Self::Reinstate(agent, _) => About::Agent(agent),
            Self::Configure(widget, _) => About::Widget(widget),
        }
    }

    /// The status that is chosen.
    pub fn chosen(&self) -> Option<Chosen> {
        match self.action() {
            Some(Action::SetStatus(chosen) | Action::SetStatusFor(chosen, _)) => Some(chosen),
            _ => None,
        }
    }

    /// How long the status is chosen for; `None` for good, and where none is chosen (rule P9).
    pub fn length(&self) -> Option<Millis> {
        self.action()?.length()
    }

    /// The property in which something becomes of a member.
    pub fn property(&self) -> Option<&Property> {
        match self {
            Self::Suspend(_, property) | Self::Reinstate(_, property) => Some(property),
            Self::Login(_)
            | Self::SetStatus(..)
            | Self::SetStatusEverywhere(..)
            | Self::SetStatusFor(..)
            | Self::SetStatusEverywhereFor(..)
            | Self::Logout(_)
            | Self::LogoutEverywhere(_)
            | Self::Disconnect(_)
            | Self::Reconnect(_)
            | Self::Activity(_)
            | Self::Configure(..) => None,
        }
    }

    /// The same event by other names.
    ///
    /// # Errors
    /// What giving other names fails with.
    pub fn renamed<R: Rename<Device, Agent, Property, Widget>>(
        self,
        rename: &mut R,
    ) -> Result<Renamed<R, Device, Agent, Property, Widget>, R::Error> {
        Ok(match self {
            Self::Login(device) => Event::Login(rename.device(device)?),
            Self::SetStatus(device, chosen) => Event::SetStatus(rename.device(device)?, chosen),
            Self::SetStatusEverywhere(agent, chosen) => {
                Event::SetStatusEverywhere(rename.agent(agent)?, chosen)
            }
            Self::SetStatusFor(device, chosen, length) => {
                Event::SetStatusFor(rename.device(device)?, chosen, length)
            }
            Self::SetStatusEverywhereFor(agent, chosen, length) => {
                Event::SetStatusEverywhereFor(rename.agent(agent)?, chosen, length)
            }
            Self::Logout(device) => Event::Logout(rename.device(device)?),
            Self::LogoutEverywhere(agent) => Event::LogoutEverywhere(rename.agent(agent)?),
            Self::Disconnect(device) => Event::Disconnect(rename.device(device)?),
            Self::Reconnect(device) => Event::Reconnect(rename.device(device)?),
            Self::Activity(device) => Event::Activity(rename.device(device)?),
            Self::Suspend(agent, property) => {
                Event::Suspend(rename.agent(agent)?, rename.property(property)?)
            }
            Self::Reinstate(agent, property) => {
                Event::Reinstate(rename.agent(agent)?, rename.property(property)?)
            }
            Self::Configure(widget, setting) => Event::Configure(rename.widget(widget)?, setting),
        })
    }
}

/// An event by the names that `R` gives.
pub type Renamed<R, Device, Agent, Property, Widget> = Event<
    <R as Rename<Device, Agent, Property, Widget>>::Device,
    <R as Rename<Device, Agent, Property, Widget>>::Agent,
    <R as Rename<Device, Agent, Property, Widget>>::Property,
    <R as Rename<Device, Agent, Property, Widget>>::Widget,
>;

/// Gives other names to what an event is about.
pub trait Rename<Device, Agent, Property, Widget> {
    /// What names a device then.
    type Device;
    /// What names an agent then.
    type Agent;
    /// What names a property then.
    type Property;
    /// What names a widget then.
    type Widget;
    /// Why something has no such name.
    type Error;

    /// The other name of a device.
    ///
    /// # Errors
    /// When it has none.
    fn device(&mut self, device: Device) -> Result<Self::Device, Self::Error>;

    /// The other name of an agent.
    ///
    /// # Errors
    /// When it has none.
    fn agent(&mut self, agent: Agent) -> Result<Self::Agent, Self::Error>;

    /// The other name of a property.
    ///
    /// # Errors
    /// When it has none.
    fn property(&mut self, property: Property) -> Result<Self::Property, Self::Error>;

    /// The other name of a widget.
    ///
    /// # Errors
    /// When it has none.
    fn widget(&mut self, widget: Widget) -> Result<Self::Widget, Self::Error>;
}

/// Another id for a device; all else keeps its id.
struct OnDevice(DeviceId);

impl Rename<DeviceId, AgentId, PropertyId, WidgetId> for OnDevice {
    type Device = DeviceId;
    type Agent = AgentId;
    type Property = PropertyId;
    type Widget = WidgetId;
    type Error = Infallible;

    fn device(&mut self, _: DeviceId) -> Result<DeviceId, Infallible> {
        Ok(self.0)
    }

    fn agent(&mut self, agent: AgentId) -> Result<AgentId, Infallible> {
        Ok(agent)
    }

    fn property(&mut self, property: PropertyId) -> Result<PropertyId, Infallible> {
        Ok(property)
    }

    fn widget(&mut self, widget: WidgetId) -> Result<WidgetId, Infallible> {
        Ok(widget)
    }
}

impl Event {
    /// The device that it is about, if it is about one alone.
    pub fn device(&self) -> Option<DeviceId> {
        match self.about() {
            About::Device(device) => Some(*device),
            About::Agent(_) | About::Widget(_) => None,
        }
    }

    /// The agent who does it, or to whom it is done.
    pub fn agent(&self) -> Option<AgentId> {
        match self.about() {
            About::Device(device) => Some(device.agent()),
            About::Agent(agent) => Some(*agent),
            About::Widget(_) => None,
        }
    }

    /// The same event about another device; one that is about none alone stays as it is.
    #[must_use]
    pub fn on_device(self, device: DeviceId) -> Self {
        let Ok(event) = self.renamed(&mut OnDevice(device));
        event
    }
}
/// Why an event cannot happen. The state is as it was before.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Error)]
pub enum Impossible {
    /// A status, logout, loss of connection or activity of a device that is not logged in.
    #[error("the device is not logged in")]
    NotLoggedIn,
    /// A status or logout for all devices of an agent who is logged in nowhere.
    #[error("the agent is not logged in anywhere")]
    NowhereLoggedIn,
    /// The connection was lost before and the grace has not run out (rule P7).
    #[error("the connection is lost already")]
    AlreadyLost,
    /// A reconnect of a device that lost no connection (rule P7).
    #[error("the connection was not lost")]
    NotLost,
    /// The agent is not a member of the property.
    #[error("the agent is not a member of the property")]
    NotAMember,
    /// The member is suspended already (rule P6).
    #[error("the member is suspended already")]
    AlreadySuspended,
    /// A scheduler in a time zone that the release in use does not know.
    #[error("the time zone is unknown")]
    UnknownZone,
    /// The member is not suspended (rule P6).
    #[error("the member is not suspended")]
    NotSuspended,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events() -> Vec<Event> {
        let (agent, property, widget) = (AgentId::new(3), PropertyId::new(1), WidgetId::new(2));
        let device = DeviceId::new(agent, 1);
        let words = Action::WORDS.iter().map(|&(_, action)| action);
        let for_a_time = Action::SetStatusFor(Chosen::Away, Millis(1_800_000));
        let of_action = words.chain([for_a_time]).flat_map(|action| {
            [Event::of(action, agent, Some(device)), Event::of(action, agent, None)]
        });
        let mut events: Vec<Event> = of_action.flatten().collect();
        events.push(Event::Suspend(agent, property));
        events.push(Event::Reinstate(agent, property));
        events.push(Event::Configure(widget, Box::new(Setting::HideWhenOffline(true))));
        events
    }

    #[test]
    fn an_event_is_what_its_row_says() {
        for event in events() {
            let Some(action) = event.action() else {
                assert!(matches!(event.kind().says(), Says::Property | Says::Setting));
                continue;
            };
            let agent = event.agent().expect("it is an agent's");
            assert_eq!(Event::of(action, agent, event.device()), Some(event.clone()));
            assert_eq!(action.kind(), event.kind());
            assert_eq!(Action::from_text(&action.to_string()), Some(action));
            let needs_device = Event::<DeviceId>::of(action, agent, None).is_none();
            assert_eq!(needs_device, !action.kind().can_be_for_all_devices(), "{action:?}");
        }
    }

    #[test]
    fn a_status_for_a_time_is_a_status_a_word_and_a_length() {
        let half_an_hour = Millis(1_800_000);
        assert_eq!(
            Action::from_text("away for 30m"),
            Some(Action::SetStatusFor(Chosen::Away, half_an_hour))
        );
        for text in ["away for", "away for 0s", "away  for 30m", "login for 30m", "away for 30"] {
            assert_eq!(Action::from_text(text), None, "{text}");
        }
    }

    #[test]
    fn every_kind_of_event_can_be_told_from_the_others() {
        let met = |kind: &&EventKind| events().iter().any(|event| event.kind() == **kind);
        assert_eq!(EventKind::ALL.iter().filter(met).count(), EventKind::ALL.len());
        for kind in EventKind::ALL {
            let same = EventKind::ALL.iter().filter(|other| other.words() == kind.words());
            assert_eq!(same.count(), 1, "{kind:?}");
        }
    }

    #[test]
    fn only_the_device_becomes_another() {
        for event in events() {
            let other = DeviceId::new(AgentId::new(9), 0);
            let moved = event.clone().on_device(other);
            assert_eq!(moved.kind(), event.kind());
            assert_eq!(moved.action(), event.action());
            match event.device() {
                Some(_) => assert_eq!(moved.device(), Some(other)),
                None => assert_eq!(moved, event),
            }
        }
    }
}
