//! What devices are when a small scenario begins, as lines that bring them there.

use crate::language::write_name;
use crate::play::facts::Facts;
use lamplighter_core::model::knobs::{Devices, IdleMeans, LoginGives, LogoutEnds};
use lamplighter_core::model::{AgentId, Chosen, DeviceId, DeviceStatus, Instant};
use lamplighter_core::world::{Connection, DeviceState, GoesBack};

/// A line that is done at an instant.
pub type Done = (Instant, String);

/// What brings all devices of agents to be what they are now, in the order of time.
pub fn settled(agents: &[AgentId], facts: Facts<'_>) -> Vec<Done> {
    let mut lines = Vec::new();
    for &agent in agents {
        let mut present = Vec::new();
        for device in facts.world.devices_of(agent) {
            log_in(device, facts, &mut present);
        }
        let first = present.iter().map(|(at, _)| *at).min().unwrap_or(facts.now());
        keep(agent, first, facts, &mut lines);
        lines.append(&mut present);
    }
    lines.sort_by_key(|(at, _)| *at);
    lines
}

/// Takes lines of one device down.
fn teller<'a>(
    device: DeviceId,
    facts: Facts<'_>,
    lines: &'a mut Vec<Done>,
) -> impl FnMut(Instant, &str) + use<'a> {
    let agent = write_name(facts.roster.agents.name(device.agent()));
    let on = write_name(facts.roster.device_name(device));
    move |at, what| lines.push((at, format!("{agent} {what} on {on}")))
}

/// Brings a device that is logged in to be what it is.
fn log_in(device: DeviceId, facts: Facts<'_>, lines: &mut Vec<Done>) {
    let (world, now) = (facts.world, facts.now());
    let DeviceState { status, away_by_rule, connection, goes_back, active_at, .. } =
        world.device_state(device);
    if status == DeviceStatus::LoggedOut {
        return;
    }
    let (rules, timing) = (world.rules(), world.timing());
    let lost = match connection {
        Connection::Lost { until: Some(until) } => {
            Instant::from_millis(until.as_millis().saturating_sub_unsigned(timing.grace.0))
        }
        Connection::Lost { until: None } => Some(now),
        Connection::Up | Connection::RanOut => None,
    };
    // Whatever is given is a sign of life: it is given when the last one was, and idleness goes on from there.
    let given_at = active_at.unwrap_or(now);
    let came = lost.unwrap_or(given_at).min(given_at);
    let mut at = teller(device, facts, lines);
    at(came, "logs in");
    let mut is = DeviceStatus::from(rules.login_gives(None));
    let is_idle_before =
        timing.auto_away.is_some_and(|auto_away| given_at.since(came) >= auto_away);
    if rules.idle == IdleMeans::LoggedOut && is_idle_before {
        // Only who is online is ever idle.
        at(came, "goes invisible");
        is = DeviceStatus::Invisible;
    }
    if let Some(lost) = lost {
        at(lost, "loses connection");
    }
    // By itself only who is online goes away, and so it will again.
    let given = if away_by_rule { DeviceStatus::Online } else { status };
    if let Some(GoesBack { to, at: over }) = goes_back {
        if DeviceStatus::from(to) != is {
            at(given_at, &format!("goes {to}"));
        }
        let length = over.map(|over| format!(" for {}", over.since(given_at)));
        at(given_at, &format!("goes {given}{}", length.unwrap_or_default()));
    } else if given != is {
        at(given_at, &format!("goes {given}"));
    } else if given_at > came {
        at(given_at, "is active");
    }
}

/// Lets the logged-out devices of an agent have had what their next login gives (rule P1,
/// `login = "keeps"`), before an instant at which any other is logged in.
fn keep(agent: AgentId, first: Instant, facts: Facts<'_>, lines: &mut Vec<Done>) {
    let world = facts.world;
    let rules = world.rules();
    if rules.login != LoginGives::Keeps {
        return;
    }
    let is_out = |device: &DeviceId| world.device_status(*device) == DeviceStatus::LoggedOut;
    let count_max = match rules.devices {
        Devices::Each => world.devices_of(agent).count(),
        // One keeps it for all, and whoever is logged in has it.
        Devices::OneStatus if world.devices_of(agent).all(|device| is_out(&device)) => 1,
        Devices::OneStatus => 0,
    };
    for device in world.devices_of(agent).filter(is_out).take(count_max) {
        let kept = world.kept_at_logout(device);
        let Some(kept) = kept.filter(|kept| *kept != Chosen::Online) else { continue };
        let grace = world.timing().grace.0;
        let (at, ends) = match rules.logout {
            LogoutEnds::Device | LogoutEnds::Account => (Some(first), "logs out"),
            LogoutEnds::Never => {
                let lost = first.as_millis().saturating_sub_unsigned(grace);
                (Instant::from_millis(lost), "loses connection")
            }
        };
        let Some(at) = at else { continue };
        let mut tell = teller(device, facts, lines);
        tell(at, "logs in");
        tell(at, &format!("goes {kept}"));
        tell(at, ends);
    }
}
