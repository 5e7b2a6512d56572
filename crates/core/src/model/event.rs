//! What happens: the one type of event that scenarios, traces, services and generators share, by ids or
//! by whatever names they have; and why it cannot happen.

use std::convert::Infallible;

use thiserror::Error;

use super::action::Action;
use super::event_kind::EventKind;
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
    use crate::model::Says;

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
