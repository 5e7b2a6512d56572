//! What must always be so, by name: of every state, and of what would follow from it. None of it asks
//! the oracle; each is a sentence of the rule book that a person can check by looking.

use super::checks::{self, Extent, Held, Trial};
use lamplighter_core::model::{AgentId, DeviceId, Instant, Knob, RuleSet, WidgetId};
use lamplighter_core::world::World;

/// Something that must always be so.
pub struct Invariant {
    /// The word by which reports count it and say what caught a mutation.
    pub name: &'static str,
    /// The law in a sentence, with the rule that it follows from.
    pub text: &'static str,
    /// The knobs that must be in the rule book's position for it.
    knobs: &'static [Knob],
    check: Check,
}

/// What a presence goes by.
const PRESENCE: &[Knob] = &[Knob::Merge, Knob::AwayIs, Knob::InvisibleIs, Knob::TeamSeesInvisible];
/// What a widget's status goes by once its hours and a presence are known.
const STATUS: &[Knob] = &[Knob::Hours, Knob::OpenAndNobody];
/// What a presence and a status go by.
const ALL_ABOVE: &[Knob] = &[
    Knob::Merge,
    Knob::AwayIs,
    Knob::InvisibleIs,
    Knob::TeamSeesInvisible,
    Knob::Hours,
    Knob::OpenAndNobody,
];
/// What devices do, and what comes of it.
const DEVICES: &[Knob] = &[
    Knob::Devices,
    Knob::Merge,
    Knob::Login,
    Knob::Logout,
    Knob::AwayIs,
    Knob::InvisibleIs,
    Knob::TeamSeesInvisible,
    Knob::Hours,
];

/// How it is checked.
enum Check {
    /// By looking at each widget.
    Widget(fn(&World, WidgetId) -> Held),
    /// By looking at each agent.
    Agent(fn(&World, AgentId) -> Held),
    /// By trying out on a copy what a device would do.
    Device(fn(&World, &mut Trial, DeviceId) -> Held),
    /// By looking at everything.
    World(fn(&World, &Extent) -> Held),
    /// By whoever walks from one change to the next.
    Walking,
}

/// An invariant that does not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    /// The name of the invariant that does not hold.
    pub name: &'static str,
    /// What was found in its place, in words.
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

    /// Put together out of how often each was checked; `None` where that of one is not known.
    pub fn of(count: impl Fn(&Invariant) -> Option<u64>) -> Option<Self> {
        let mut checked = Self::default();
        for (place, invariant) in checked.0.iter_mut().zip(&ALWAYS) {
            *place = count(invariant)?;
        }
        Some(checked)
    }

    /// Adds what was counted elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(all, more)| *all += more);
    }
}

/// The invariants that every state must fulfil, each with its check.
pub const ALWAYS: [Invariant; 19] = [
    Invariant {
        name: "offline-only-when-nobody",
        text: "without a scheduler, offline if and only if every active member is logged out or \
               invisible on all devices (rules W2 to W4)",
        knobs: PRESENCE,
        check: Check::Widget(checks::offline_only_when_nobody),
    },
    Invariant {
        name: "closed-is-offline",
        text: "outside its hours a widget is offline, whoever is there (rule W1)",
        knobs: STATUS,
        check: Check::Widget(checks::closed_is_offline),
    },
    Invariant {
        name: "chat-needs-somebody",
        text: "a chat can start if and only if somebody is online or away and it is not closed \
               (rules W1 to W6)",
        knobs: ALL_ABOVE,
        check: Check::Widget(checks::chat_needs_somebody),
    },
    Invariant {
        name: "away-needs-somebody-away",
        text: "a widget is away only while some member is away and none is online (rule W3)",
        knobs: ALL_ABOVE,
        check: Check::Widget(checks::away_needs_somebody_away),
    },
    Invariant {
        name: "up-without-anybody",
        text: "without anybody there a widget is online in its hours, unless it is to be offline \
               when all agents are (rules W5, W6)",
        knobs: ALL_ABOVE,
        check: Check::Widget(checks::up_without_anybody),
    },
    Invariant {
        name: "form-by-status",
        text: "the form follows from the status alone (rules C2, C3)",
        knobs: &[],
        check: Check::Widget(checks::form_by_status),
    },
    Invariant {
        name: "greeting-by-status",
        text: "the greeting follows from the status alone (rule C1)",
        knobs: &[],
        check: Check::Widget(checks::greeting_by_status),
    },
    Invariant {
        name: "hidden-when-offline",
        text: "who is on no list sees the widget, unless it is offline and hidden then (rule V4)",
        knobs: &[],
        check: Check::Widget(checks::hidden_when_offline),
    },
    Invariant {
        name: "team-sees-invisible",
        text: "team-mates see invisible if and only if the agent is logged in, and invisible \
               wherever that is (rule P4)",
        knobs: PRESENCE,
        check: Check::Agent(checks::team_sees_invisible),
    },
    Invariant {
        name: "highest-device",
        text: "an agent's status is the highest over the devices (rule P4)",
        knobs: PRESENCE,
        check: Check::Agent(checks::highest_device),
    },
    Invariant {
        name: "suspended-counts-nowhere",
        text: "a presence is that of the active members alone (rules P5, P6)",
        knobs: PRESENCE,
        check: Check::World(checks::suspended_counts_nowhere),
    },
    Invariant {
        name: "sweep-is-answer",
        text: "the sweep over all widgets says what each one's answer says",
        knobs: &[],
        check: Check::World(checks::sweep_is_answer),
    },
    Invariant {
        name: "lost-within-grace",
        text: "a device whose connection is lost is logged in, and its grace runs out later than \
               now (rule P7)",
        knobs: &[],
        check: Check::World(checks::lost_within_grace),
    },
    Invariant {
        name: "login-is-online",
        text: "after a login the device and its agent are online, and so is every open widget of \
               theirs (rules P1, W2)",
        knobs: DEVICES,
        check: Check::Device(checks::login_is_online),
    },
    Invariant {
        name: "invisible-is-invisible",
        text: "for visitors, an agent going from logged out to invisible, or back, changes nothing \
               (rule P5)",
        knobs: DEVICES,
        check: Check::Device(checks::invisible_is_invisible),
    },
    Invariant {
        name: "more-agents-never-darker",
        text: "a further device online never lowers what a widget shows (rules P4, P5)",
        knobs: DEVICES,
        check: Check::Device(checks::more_agents_never_darker),
    },
    Invariant {
        name: "order-of-devices",
        text: "what two devices do at one instant comes to the same in either order (rules P4, P5)",
        knobs: DEVICES,
        check: Check::Device(checks::order_of_devices),
    },
    Invariant {
        name: "reconnecting-changes-nothing",
        text: "losing the connection and reconnecting at once changes nothing (rule P7)",
        knobs: &[],
        check: Check::Device(checks::reconnecting_changes_nothing),
    },
    Invariant {
        name: NOTHING_BETWEEN_EDGES,
        text: "between two reported changes every instant has the same answers (rules T1, S2)",
        knobs: &[],
        check: Check::Walking,
    },
];

const NOTHING_BETWEEN_EDGES: &str = "nothing-between-edges";

/// Goes on to an instant at which nothing can change yet, and checks that nothing has.
pub fn check_between(world: &mut World, at: Instant, checked: &mut Checked) -> Option<Broken> {
    let before = checks::answers(world);
    let mut reported = 0_u32;
    world.advance(at, &mut |_| reported += 1);
    let held = checks::same(
        "changes reported, and answers",
        (reported, checks::answers(world)),
        (0, before),
    );
    let place = ALWAYS.iter().position(|invariant| invariant.name == NOTHING_BETWEEN_EDGES)?;
    checked.0[place] += 1;
    match held {
        Held::Moot | Held::Yes => None,
        Held::No(detail) => {
            Some(Broken { name: NOTHING_BETWEEN_EDGES, detail: format!("at {at}: {detail}") })
        }
    }
}

/// Checks every invariant of a state. Of what devices would do it tries those of one agent, whom
/// `turn` chooses.
pub fn check(
    world: &World,
    extent: Extent,
    turn: usize,
    trial: &mut Trial,
    checked: &mut Checked,
) -> Option<Broken> {
    let tried = turn.checked_rem(extent.agents).map(AgentId::new);
    check_agents(world, extent, tried.into_iter(), trial, checked)
}

/// Checks every invariant of a state, with every device.
pub fn check_all(
    world: &World,
    extent: Extent,
    trial: &mut Trial,
    checked: &mut Checked,
) -> Option<Broken> {
    check_agents(world, extent, (0..extent.agents).map(AgentId::new), trial, checked)
}

fn check_agents(
    world: &World,
    extent: Extent,
    tried: impl Iterator<Item = AgentId> + Clone,
    trial: &mut Trial,
    checked: &mut Checked,
) -> Option<Broken> {
    let turned: Vec<Knob> = world.rules().unlike(&RuleSet::BOOK).collect();
    for (invariant, count) in ALWAYS.iter().zip(&mut checked.0) {
        if turned.iter().any(|knob| invariant.knobs.contains(knob)) {
            continue;
        }
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
                .find_map(|device| look(check(world, trial, device))),
            Check::World(check) => look(check(world, &extent)),
            Check::Walking => None,
        };
        if broken.is_some() {
            return broken;
        }
    }
    None
}
