//! How each invariant is checked, a function each, by looking or by trying out on a copy.

use std::fmt::{Debug, Display};
use std::sync::LazyLock;

use lamplighter_core::model::{
    AgentId, AgentStatus, Chat, Chosen, DeviceId, DeviceKind, DeviceStatus, Event, Form,
    HiddenBecause, Millis, PageList, Presence, PropertyId, Reason, SchedulerState, SettingName,
    Visibility, Visitor, WidgetId, WidgetStatus,
};
use lamplighter_core::world::{Connection, Membership, World};

/// What came of a check.
pub enum Held {
    /// What it speaks of is not so now.
    Moot,
    /// What it speaks of is so now, and it holds.
    Yes,
    /// It does not, and how so.
    No(String),
}

/// How many of whom a world has.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// How many agents there are; their ids count from zero.
    pub agents: usize,
    /// How many properties there are; their ids count from zero.
    pub properties: usize,
}

/// It holds if both are the same.
pub fn same<T: PartialEq + Debug>(what: impl Display, found: T, expected: T) -> Held {
    if found == expected {
        return Held::Yes;
    }
    Held::No(format!("{what}: found {found:?}, expected {expected:?}"))
}

/// What the active members of a widget's property are, looked up device by device.
fn highest_active(world: &World, widget: WidgetId) -> Presence {
    presence_by_hand(world, world.property_of(widget))
}

fn presence_by_hand(world: &World, property: PropertyId) -> Presence {
    let members = world.members(property).iter();
    let active = members.filter(|a| world.membership(**a, property) == Some(Membership::Active));
    let devices = active.flat_map(|&agent| world.devices_of(agent));
    let statuses: Vec<DeviceStatus> = devices.map(|device| world.device_status(device)).collect();
    if statuses.contains(&DeviceStatus::Online) {
        Presence::Online
    } else if statuses.contains(&DeviceStatus::Away) {
        Presence::Away
    } else {
        Presence::Nobody
    }
}

/// Without a scheduler: offline exactly while the devices, looked up one by one, come to nobody
/// (rules W2 to W4).
pub fn offline_only_when_nobody(world: &World, widget: WidgetId) -> Held {
    if world.scheduler_state(widget) != SchedulerState::Off {
        return Held::Moot;
    }
    let nobody = highest_active(world, widget) == Presence::Nobody;
    let offline = world.answer(widget).status == WidgetStatus::Offline;
    same(format_args!("{widget:?} is offline"), offline, nobody)
}

/// Closed hours and the reason `scheduler-closed` come together, offline and without chat (rule
/// W1).
pub fn closed_is_offline(world: &World, widget: WidgetId) -> Held {
    let answer = world.answer(widget);
    let closed = world.scheduler_state(widget) == SchedulerState::Closed;
    if !closed && answer.reason != Reason::SchedulerClosed {
        return Held::Moot;
    }
    let expected = (WidgetStatus::Offline, Chat::No, Reason::SchedulerClosed, closed);
    same(format_args!("{widget:?}"), (answer.status, answer.chat, answer.reason, true), expected)
}

/// A chat is possible exactly while somebody is there and it is not closed (rules W1 to W6).
pub fn chat_needs_somebody(world: &World, widget: WidgetId) -> Held {
    let closed = world.scheduler_state(widget) == SchedulerState::Closed;
    let somebody = highest_active(world, widget) != Presence::Nobody;
    let expected = if somebody && !closed { Chat::Possible } else { Chat::No };
    same(format_args!("{widget:?}"), world.answer(widget).chat, expected)
}

/// A widget that is away has a presence that is away (rule W3).
pub fn away_needs_somebody_away(world: &World, widget: WidgetId) -> Held {
    if world.answer(widget).status != WidgetStatus::Away {
        return Held::Moot;
    }
    same(format_args!("presence of {widget:?}"), highest_active(world, widget), Presence::Away)
}

/// Open with nobody there: the setting alone decides between online and offline (rules W5, W6).
pub fn up_without_anybody(world: &World, widget: WidgetId) -> Held {
    let open = world.scheduler_state(widget) == SchedulerState::Open;
    if !open || highest_active(world, widget) != Presence::Nobody {
        return Held::Moot;
    }
    let expected = match world.settings(widget).offline_when_all_agents_offline {
        true => WidgetStatus::Offline,
        false => WidgetStatus::Online,
    };
    same(format_args!("{widget:?}"), world.answer(widget).status, expected)
}

/// The form is that of the status and of `pre-chat-form` (rules C2, C3).
pub fn form_by_status(world: &World, widget: WidgetId) -> Held {
    let expected = match (world.answer(widget).status, world.settings(widget).pre_chat_form) {
        (WidgetStatus::Offline, _) => Form::Offline,
        (WidgetStatus::Online | WidgetStatus::Away, true) => Form::PreChat,
        (WidgetStatus::Online | WidgetStatus::Away, false) => Form::None,
    };
    same(format_args!("{widget:?}"), world.form(widget), expected)
}

/// The greeting is the one that is set for the status (rule C1).
pub fn greeting_by_status(world: &World, widget: WidgetId) -> Held {
    let expected = world.settings(widget).greeting(world.answer(widget).status);
    same(format_args!("{widget:?}"), world.greeting(widget), expected)
}

/// The settings of visibility that a visitor of whom nothing is known may notice, but for the one in question.
static OTHERS: LazyLock<Vec<SettingName>> = LazyLock::new(|| {
    let is_other = |name: &SettingName| match name {
        SettingName::HideWhenOffline
        | SettingName::HideOn(_)
        | SettingName::Pages(PageList::Hide) => false,
        other => other.rule().starts_with('V'),
    };
    SettingName::all().filter(is_other).collect()
});

/// A visitor of whom nothing is known sees the widget, unless it hides while offline; one on a
/// mobile does not where that is hidden (rules V3, V4). Where another rule of visibility is set,
/// there is nothing to check.
pub fn hidden_when_offline(world: &World, widget: WidgetId) -> Held {
    let settings = world.settings(widget);
    if OTHERS.iter().any(|name| !settings.is_taken_back(*name)) {
        return Held::Moot;
    }
    let offline = world.answer(widget).status == WidgetStatus::Offline;
    let expected = match offline && settings.hide_when_offline {
        true => Visibility::Hidden(HiddenBecause::Offline),
        false => Visibility::Shown,
    };
    let unknown = same(
        format_args!("{widget:?} to a visitor of whom nothing is known"),
        world.visibility(widget, &Visitor::default()),
        expected,
    );
    let mobile = Visitor { device: Some(DeviceKind::Mobile), ..Visitor::default() };
    match (unknown, settings.hide_on[DeviceKind::Mobile]) {
        (Held::Yes, true) => same(
            format_args!("{widget:?} on a mobile"),
            world.visibility(widget, &mobile),
            Visibility::Hidden(HiddenBecause::Device),
        ),
        (held, _) => held,
    }
}

/// Team-mates see invisible exactly where all logged-in devices are, and some is (rule P4).
pub fn team_sees_invisible(world: &World, agent: AgentId) -> Held {
    let devices = world.devices_of(agent).map(|device| world.device_status(device));
    let logged_in: Vec<_> = devices.filter(|status| *status != DeviceStatus::LoggedOut).collect();
    let expected =
        !logged_in.is_empty() && logged_in.iter().all(|status| *status == DeviceStatus::Invisible);
    let found = world.agent_status(agent) == AgentStatus::Invisible;
    same(format_args!("{agent:?} is invisible"), found, expected)
}

/// The agent's status is the highest of the devices, looked up one by one (rule P4).
pub fn highest_device(world: &World, agent: AgentId) -> Held {
    let highest = world.devices_of(agent).map(|device| world.device_status(device)).max();
    let expected = highest.map_or(AgentStatus::Offline, AgentStatus::from);
    same(format_args!("{agent:?}"), world.agent_status(agent), expected)
}

/// Each presence is that of the active members, looked up device by device (rules P5, P6).
pub fn suspended_counts_nowhere(world: &World, extent: &Extent) -> Held {
    let properties = (0..extent.properties).map(PropertyId::new);
    let found: Vec<Presence> = properties.clone().map(|id| world.presence(id)).collect();
    same("presences", found, properties.map(|id| presence_by_hand(world, id)).collect())
}

/// The bits of the sweep say the status that each widget's answer has.
pub fn sweep_is_answer(world: &World, _: &Extent) -> Held {
    let words: Vec<(u64, u64)> =
        world.statuses().flat_map(|all| all.online.into_iter().zip(all.away)).collect();
    let swept = (0..world.widget_count()).map(|index| {
        let (online, away) = words[index / 64];
        match (online >> (index % 64) & 1, away >> (index % 64) & 1) {
            (1, _) => WidgetStatus::Online,
            (_, 1) => WidgetStatus::Away,
            _ => WidgetStatus::Offline,
        }
    });
    let answers = (0..world.widget_count()).map(|index| world.answer(WidgetId::new(index)).status);
    same("the sweep", swept.collect::<Vec<_>>(), answers.collect())
}

/// A lost connection is that of a logged-in device with an end to come, one that ran out of none
/// (rule P7).
pub fn lost_within_grace(world: &World, extent: &Extent) -> Held {
    for device in (0..extent.agents).flat_map(|agent| world.devices_of(AgentId::new(agent))) {
        let logged_in = world.device_status(device) != DeviceStatus::LoggedOut;
        let sound = match world.connection(device) {
            Connection::Up => true,
            Connection::Lost { until } => logged_in && until.is_none_or(|at| at > world.now()),
            Connection::RanOut => !logged_in,
        };
        if !sound {
            let connection = world.connection(device);
            return Held::No(format!("{device:?}: {connection:?}, logged in: {logged_in}"));
        }
    }
    Held::Yes
}

/// What visitors see of every widget.
pub fn answers(world: &World) -> Vec<lamplighter_core::model::Answer> {
    (0..world.widget_count()).map(|index| world.answer(WidgetId::new(index))).collect()
}

/// A copy on which something is tried, made out of the last one.
#[derive(Debug, Default)]
pub struct Trial(Option<World>);

impl Trial {
    /// The copy, on which events happen that can.
    fn after(&mut self, world: &World, events: &[Event]) -> &World {
        let later = match &mut self.0 {
            Some(last) => {
                last.clone_from(world);
                last
            }
            none => none.insert(world.clone()),
        };
        for event in events {
            // What cannot happen changes nothing.
            let _ = later.apply(event, &mut |_| {});
        }
        later
    }
}

/// Tries a login: device, agent and each widget that is not closed are online (rules P1, W2).
pub fn login_is_online(world: &World, trial: &mut Trial, device: DeviceId) -> Held {
    let later = trial.after(world, &[Event::Login(device)]);
    let agent = device.agent();
    if later.device_status(device) != DeviceStatus::Online
        || later.agent_status(agent) != AgentStatus::Online
    {
        return Held::No(format!("{device:?} logged in, and {:?}", later.agent_status(agent)));
    }
    for widget in (0..world.widget_count()).map(WidgetId::new) {
        let property = world.property_of(widget);
        let counts = world.membership(agent, property) == Some(Membership::Active);
        let closed = world.scheduler_state(widget) == SchedulerState::Closed;
        let status = later.answer(widget).status;
        if counts && !closed && status != WidgetStatus::Online {
            return Held::No(format!("{device:?} logged in, and {widget:?} is {status:?}"));
        }
    }
    Held::Yes
}

/// Tries to go from logged out to invisible, or back: no widget changes (rule P5).
pub fn invisible_is_invisible(world: &World, trial: &mut Trial, device: DeviceId) -> Held {
    let invisible = Event::SetStatus(device, Chosen::Invisible);
    match world.device_status(device) {
        DeviceStatus::LoggedOut => {
            let later = trial.after(world, &[Event::Login(device), invisible]);
            same("widgets with one more invisible", answers(later), answers(world))
        }
        DeviceStatus::Invisible => {
            let later = trial.after(world, &[Event::Logout(device)]);
            same("widgets with one less invisible", answers(later), answers(world))
        }
        DeviceStatus::Away | DeviceStatus::Online => Held::Moot,
    }
}

/// Tries a login: no widget shows less than before (rules P4, P5).
pub fn more_agents_never_darker(world: &World, trial: &mut Trial, device: DeviceId) -> Held {
    if world.device_status(device) != DeviceStatus::LoggedOut {
        return Held::Moot;
    }
    let later = trial.after(world, &[Event::Login(device)]);
    for widget in (0..world.widget_count()).map(WidgetId::new) {
        let (before, now) = (world.answer(widget), later.answer(widget));
        if now.status < before.status {
            return Held::No(format!("{widget:?} went from {before:?} to {now:?}"));
        }
    }
    Held::Yes
}

/// Tries what two devices do in either order: it comes to the same (rules P4, P5).
pub fn order_of_devices(world: &World, trial: &mut Trial, device: DeviceId) -> Held {
    // The agent's next device, or the same of another agent.
    let next = DeviceId::new(device.agent(), device.slot() + 1);
    if next.slot() >= world.device_count(device.agent()) {
        return Held::Moot;
    }
    let first = [Event::Login(device), Event::SetStatus(device, Chosen::Away)];
    let second = [Event::Login(next), Event::SetStatus(next, Chosen::Invisible)];
    let mut state = |events: [&[Event]; 2]| {
        let later = trial.after(world, &events.concat());
        (later.agent_status(device.agent()), answers(later))
    };
    let one = state([&first, &second]);
    same("in the other order", state([&second, &first]), one)
}

/// Tries to lose the connection and to reconnect at once: nothing changes (rule P7).
pub fn reconnecting_changes_nothing(world: &World, trial: &mut Trial, device: DeviceId) -> Held {
    let lost = world.connection(device) != Connection::Up;
    if lost || world.device_status(device) == DeviceStatus::LoggedOut {
        return Held::Moot;
    }
    if world.timing().grace == Millis::ZERO {
        return Held::Moot;
    }
    let later = trial.after(world, &[Event::Disconnect(device), Event::Reconnect(device)]);
    let state = |world: &World| {
        let (status, connection) = (world.device_status(device), world.connection(device));
        (status, connection, answers(world))
    };
    same("after a lost connection", state(later), state(world))
}
