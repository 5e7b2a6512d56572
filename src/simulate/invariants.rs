//! What must always be so, by name: of every state, and of what would follow from it. None of it asks
//! the oracle; each is a sentence of the rule book that a person can check by looking.

use crate::model::{
    AgentId, AgentStatus, Chat, Chosen, DeviceId, DeviceKind, DeviceStatus, Event, Form,
    HiddenBecause, Millis, Presence, PropertyId, Reason, SchedulerState, Visibility, Visitor,
    WidgetId, WidgetStatus,
};
use crate::world::{Connection, Membership, World};

/// Something that must always be so.
pub struct Invariant {
    /// What it is called.
    pub name: &'static str,
    /// The sentence, with its rule.
    pub text: &'static str,
    check: Check,
}

/// How it is checked.
enum Check {
    /// By looking at each widget.
    Widget(fn(&World, WidgetId) -> Held),
    /// By looking at each agent.
    Agent(fn(&World, AgentId) -> Held),
    /// By trying out on a copy what a device would do.
    Device(fn(&World, DeviceId) -> Held),
    /// By looking at everything.
    World(fn(&World, &Extent) -> Held),
}

/// What came of a check.
enum Held {
    /// What it speaks of is not so now.
    Moot,
    /// It holds.
    Yes,
    /// It does not, and how so.
    No(String),
}

/// How many of whom a world has.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// Agents.
    pub agents: usize,
    /// Properties.
    pub properties: usize,
}

/// An invariant that does not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    /// Its name.
    pub name: &'static str,
    /// What is so instead.
    pub detail: String,
}

/// How often each invariant was checked and had something to say.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Checked([u64; ALWAYS.len()]);

impl Checked {
    /// Each invariant with how often it held.
    pub fn iter(&self) -> impl Iterator<Item = (&'static Invariant, u64)> {
        ALWAYS.iter().zip(self.0)
    }

    /// Adds what was counted elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(all, more)| *all += more);
    }
}

/// The invariants.
pub const ALWAYS: [Invariant; 18] = [
    Invariant {
        name: "offline-only-when-nobody",
        text: "without a scheduler, offline if and only if every active member is logged out or \
               invisible on all devices (rules W2 to W4)",
        check: Check::Widget(offline_only_when_nobody),
    },
    Invariant {
        name: "closed-is-offline",
        text: "outside its hours a widget is offline, whoever is there (rule W1)",
        check: Check::Widget(closed_is_offline),
    },
    Invariant {
        name: "chat-needs-somebody",
        text: "a chat can start if and only if somebody is online or away and it is not closed \
               (rules W1 to W6)",
        check: Check::Widget(chat_needs_somebody),
    },
    Invariant {
        name: "away-needs-somebody-away",
        text: "a widget is away only while some member is away and none is online (rule W3)",
        check: Check::Widget(away_needs_somebody_away),
    },
    Invariant {
        name: "up-without-anybody",
        text: "without anybody there a widget is online in its hours, unless it is to be offline \
               when all agents are (rules W5, W6)",
        check: Check::Widget(up_without_anybody),
    },
    Invariant {
        name: "form-by-status",
        text: "the form follows from the status alone (rules C2, C3)",
        check: Check::Widget(form_by_status),
    },
    Invariant {
        name: "greeting-by-status",
        text: "the greeting follows from the status alone (rule C1)",
        check: Check::Widget(greeting_by_status),
    },
    Invariant {
        name: "hidden-when-offline",
        text: "who is on no list sees the widget, unless it is offline and hidden then (rule V4)",
        check: Check::Widget(hidden_when_offline),
    },
    Invariant {
        name: "team-sees-invisible",
        text: "team-mates see invisible if and only if the agent is logged in, and invisible \
               wherever that is (rule P4)",
        check: Check::Agent(team_sees_invisible),
    },
    Invariant {
        name: "highest-device",
        text: "an agent's status is the highest over the devices (rule P4)",
        check: Check::Agent(highest_device),
    },
    Invariant {
        name: "suspended-counts-nowhere",
        text: "a presence is that of the active members alone (rules P5, P6)",
        check: Check::World(suspended_counts_nowhere),
    },
    Invariant {
        name: "sweep-is-answer",
        text: "the sweep over all widgets says what each one's answer says",
        check: Check::World(sweep_is_answer),
    },
    Invariant {
        name: "lost-within-grace",
        text: "a device whose connection is lost is logged in, and its grace runs out later than \
               now (rule P7)",
        check: Check::World(lost_within_grace),
    },
    Invariant {
        name: "login-is-online",
        text: "after a login the device and its agent are online, and so is every open widget of \
               theirs (rules P1, W2)",
        check: Check::Device(login_is_online),
    },
    Invariant {
        name: "invisible-is-invisible",
        text: "for visitors, an agent going from logged out to invisible, or back, changes nothing \
               (rule P5)",
        check: Check::Device(invisible_is_invisible),
    },
    Invariant {
        name: "more-agents-never-darker",
        text: "a further device online never lowers what a widget shows (rules P4, P5)",
        check: Check::Device(more_agents_never_darker),
    },
    Invariant {
        name: "order-of-devices",
        text: "what two devices do at one instant comes to the same in either order (rules P4, P5)",
        check: Check::Device(order_of_devices),
    },
    Invariant {
        name: "reconnecting-changes-nothing",
        text: "losing the connection and reconnecting at once changes nothing (rule P7)",
        check: Check::Device(reconnecting_changes_nothing),
    },
];

/// Checks every invariant of a state. Of what devices would do it tries those of one agent, whom
/// `turn` chooses.
pub fn check(world: &World, extent: Extent, turn: usize, checked: &mut Checked) -> Option<Broken> {
    let tried = turn.checked_rem(extent.agents).map(AgentId::new);
    check_agents(world, extent, tried.into_iter(), checked)
}

/// Checks every invariant of a state, with every device.
pub fn check_all(world: &World, extent: Extent, checked: &mut Checked) -> Option<Broken> {
    check_agents(world, extent, (0..extent.agents).map(AgentId::new), checked)
}

fn check_agents(
    world: &World,
    extent: Extent,
    tried: impl Iterator<Item = AgentId> + Clone,
    checked: &mut Checked,
) -> Option<Broken> {
    for (invariant, count) in ALWAYS.iter().zip(&mut checked.0) {
        let mut look = |held: Held| match held {
            Held::Moot => None,
            Held::Yes => {
                *count += 1;
                None
            }
            Held::No(detail) => Some(Broken { name: invariant.name, detail }),
        };
        let broken = match invariant.check {
            Check::Widget(check) => {
                let mut widgets = (0..world.widget_count()).map(WidgetId::new);
                widgets.find_map(|widget| look(check(world, widget)))
            }
            Check::Agent(check) => {
                (0..extent.agents).map(AgentId::new).find_map(|agent| look(check(world, agent)))
            }
            Check::Device(check) => tried
                .clone()
                .flat_map(|agent| world.devices_of(agent))
                .find_map(|device| look(check(world, device))),
            Check::World(check) => look(check(world, &extent)),
        };
        if broken.is_some() {
            return broken;
        }
    }
    None
}

/// It holds if both are the same.
fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Held {
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

fn offline_only_when_nobody(world: &World, widget: WidgetId) -> Held {
    if world.scheduler_state(widget) != SchedulerState::Off {
        return Held::Moot;
    }
    let nobody = highest_active(world, widget) == Presence::Nobody;
    let offline = world.answer(widget).status == WidgetStatus::Offline;
    same(&format!("{widget:?} is offline"), offline, nobody)
}

fn closed_is_offline(world: &World, widget: WidgetId) -> Held {
    let answer = world.answer(widget);
    let closed = world.scheduler_state(widget) == SchedulerState::Closed;
    if !closed && answer.reason != Reason::SchedulerClosed {
        return Held::Moot;
    }
    let expected = (WidgetStatus::Offline, Chat::No, Reason::SchedulerClosed, closed);
    same(&format!("{widget:?}"), (answer.status, answer.chat, answer.reason, true), expected)
}

fn chat_needs_somebody(world: &World, widget: WidgetId) -> Held {
    let closed = world.scheduler_state(widget) == SchedulerState::Closed;
    let somebody = highest_active(world, widget) != Presence::Nobody;
    let expected = if somebody && !closed { Chat::Possible } else { Chat::No };
    same(&format!("{widget:?}"), world.answer(widget).chat, expected)
}

fn away_needs_somebody_away(world: &World, widget: WidgetId) -> Held {
    if world.answer(widget).status != WidgetStatus::Away {
        return Held::Moot;
    }
    same(&format!("presence of {widget:?}"), highest_active(world, widget), Presence::Away)
}

fn up_without_anybody(world: &World, widget: WidgetId) -> Held {
    let open = world.scheduler_state(widget) == SchedulerState::Open;
    if !open || highest_active(world, widget) != Presence::Nobody {
        return Held::Moot;
    }
    let expected = match world.settings(widget).offline_when_all_agents_offline {
        true => WidgetStatus::Offline,
        false => WidgetStatus::Online,
    };
    same(&format!("{widget:?}"), world.answer(widget).status, expected)
}

fn form_by_status(world: &World, widget: WidgetId) -> Held {
    let expected = match (world.answer(widget).status, world.settings(widget).pre_chat_form) {
        (WidgetStatus::Offline, _) => Form::Offline,
        (WidgetStatus::Online | WidgetStatus::Away, true) => Form::PreChat,
        (WidgetStatus::Online | WidgetStatus::Away, false) => Form::None,
    };
    same(&format!("{widget:?}"), world.form(widget), expected)
}

fn greeting_by_status(world: &World, widget: WidgetId) -> Held {
    let expected = world.settings(widget).greeting(world.answer(widget).status);
    same(&format!("{widget:?}"), world.greeting(widget), expected)
}

fn hidden_when_offline(world: &World, widget: WidgetId) -> Held {
    let settings = world.settings(widget);
    if !settings.pages_show.is_empty() || settings.countries.is_some() {
        return Held::Moot;
    }
    let offline = world.answer(widget).status == WidgetStatus::Offline;
    let expected = match offline && settings.hide_when_offline {
        true => Visibility::Hidden(HiddenBecause::Offline),
        false => Visibility::Shown,
    };
    let unknown = same(
        &format!("{widget:?} to a visitor of whom nothing is known"),
        world.visibility(widget, &Visitor::default()),
        expected,
    );
    let mobile = Visitor { device: Some(DeviceKind::Mobile), ..Visitor::default() };
    match (unknown, settings.hide_on.contains(&DeviceKind::Mobile)) {
        (Held::Yes, true) => same(
            &format!("{widget:?} on a mobile"),
            world.visibility(widget, &mobile),
            Visibility::Hidden(HiddenBecause::Device),
        ),
        (held, _) => held,
    }
}

fn team_sees_invisible(world: &World, agent: AgentId) -> Held {
    let devices = world.devices_of(agent).map(|device| world.device_status(device));
    let logged_in: Vec<_> = devices.filter(|status| *status != DeviceStatus::LoggedOut).collect();
    let expected =
        !logged_in.is_empty() && logged_in.iter().all(|status| *status == DeviceStatus::Invisible);
    let found = world.agent_status(agent) == AgentStatus::Invisible;
    same(&format!("{agent:?} is invisible"), found, expected)
}

fn highest_device(world: &World, agent: AgentId) -> Held {
    let highest = world.devices_of(agent).map(|device| world.device_status(device)).max();
    let expected = highest.map_or(AgentStatus::Offline, AgentStatus::from);
    same(&format!("{agent:?}"), world.agent_status(agent), expected)
}

fn suspended_counts_nowhere(world: &World, extent: &Extent) -> Held {
    let properties = (0..extent.properties).map(PropertyId::new);
    let found: Vec<Presence> = properties.clone().map(|id| world.presence(id)).collect();
    same("presences", found, properties.map(|id| presence_by_hand(world, id)).collect())
}

fn sweep_is_answer(world: &World, _: &Extent) -> Held {
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

fn lost_within_grace(world: &World, extent: &Extent) -> Held {
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
fn answers(world: &World) -> Vec<crate::model::Answer> {
    (0..world.widget_count()).map(|index| world.answer(WidgetId::new(index))).collect()
}

/// A copy on which something happens that can.
fn after(world: &World, events: &[Event]) -> World {
    let mut later = world.clone();
    for event in events {
        // What cannot happen changes nothing.
        let _ = later.apply(event, &mut |_| {});
    }
    later
}

fn login_is_online(world: &World, device: DeviceId) -> Held {
    let later = after(world, &[Event::Login(device)]);
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

fn invisible_is_invisible(world: &World, device: DeviceId) -> Held {
    let invisible = Event::SetStatus(device, Chosen::Invisible);
    match world.device_status(device) {
        DeviceStatus::LoggedOut => {
            let later = after(world, &[Event::Login(device), invisible]);
            same("widgets with one more invisible", answers(&later), answers(world))
        }
        DeviceStatus::Invisible => {
            let later = after(world, &[Event::Logout(device)]);
            same("widgets with one less invisible", answers(&later), answers(world))
        }
        DeviceStatus::Away | DeviceStatus::Online => Held::Moot,
    }
}

fn more_agents_never_darker(world: &World, device: DeviceId) -> Held {
    if world.device_status(device) != DeviceStatus::LoggedOut {
        return Held::Moot;
    }
    let later = after(world, &[Event::Login(device)]);
    for widget in (0..world.widget_count()).map(WidgetId::new) {
        let (before, now) = (world.answer(widget), later.answer(widget));
        if now.status < before.status {
            return Held::No(format!("{widget:?} went from {before:?} to {now:?}"));
        }
    }
    Held::Yes
}

fn order_of_devices(world: &World, device: DeviceId) -> Held {
    // The agent's next device, or the same of another agent.
    let next = DeviceId::new(device.agent(), device.slot() + 1);
    if next.slot() >= world.device_count(device.agent()) {
        return Held::Moot;
    }
    let first = [Event::Login(device), Event::SetStatus(device, Chosen::Away)];
    let second = [Event::Login(next), Event::SetStatus(next, Chosen::Invisible)];
    let one = after(&after(world, &first), &second);
    let other = after(&after(world, &second), &first);
    let state = |world: &World| (world.agent_status(device.agent()), answers(world));
    same("in the other order", state(&other), state(&one))
}

fn reconnecting_changes_nothing(world: &World, device: DeviceId) -> Held {
    let lost = world.connection(device) != Connection::Up;
    if lost || world.device_status(device) == DeviceStatus::LoggedOut {
        return Held::Moot;
    }
    if world.timing().grace == Millis::ZERO {
        return Held::Moot;
    }
    let later = after(world, &[Event::Disconnect(device), Event::Reconnect(device)]);
    let state = |world: &World| {
        let (status, connection) = (world.device_status(device), world.connection(device));
        (status, connection, answers(world))
    };
    same("after a lost connection", state(&later), state(world))
}
