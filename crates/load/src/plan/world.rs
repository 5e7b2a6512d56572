//! The world of a run: a synthetic one whose schedulers are laid around the run, so that they open and
//! close in it.

use std::sync::Arc;

use chrono::Timelike;

use super::GivenWorld;
use super::hours::{before, every_day, hours, some_minute};
use super::knobs::RunKnobs;
use super::model::{
    AgentIndex, PlannedAgent, PlannedProperty, PlannedWidget, PropertyIndex, WidgetIndex,
};
use super::shard::{self, CLUSTER};
use lamplighter_core::hours::{UnknownZone, Zones};
use lamplighter_core::model::{DAY_MINUTES, DeviceKind, Instant, Interval, Settings, Visitor};
use lamplighter_scenario::synth::random::RandomStream;
use lamplighter_scenario::synth::{self, names};

/// So many in a hundred of the agents of a given world use more than one device.
const SEVERAL_DEVICES_PERCENT: u32 = 60;

/// The properties, the widgets of all of them, and the agents.
pub type PlannedWorld = (Vec<PlannedProperty>, Vec<PlannedWidget>, Vec<PlannedAgent>);

/// The world of a run, whose agents do nothing yet.
///
/// # Errors
/// When a knob of the world is out of its range, or the zone data lack a zone.
pub fn draw(knobs: &RunKnobs, zones: &Zones) -> Result<PlannedWorld, synth::PopulationError> {
    let world = synth::Population::new(knobs.world.clone(), zones)?;
    let mut properties: Vec<PlannedProperty> = Vec::new();
    let mut widgets: Vec<PlannedWidget> = Vec::new();
    let mut agents = agents(knobs, &world);
    for (index, drawn) in (0_u32..).zip(world.properties()) {
        let is_near = |agent: &AgentIndex| agent / knobs.world.agents / CLUSTER == index / CLUSTER;
        let members: Vec<AgentIndex> = drawn.members.into_iter().filter(is_near).collect();
        for &member in &members {
            agents[member as usize].properties.push(index);
        }
        let name = format!("{}-{}", knobs.prefix, drawn.name);
        let first = widgets.len() as WidgetIndex;
        let further =
            drawn.widgets.into_iter().map(|(part, settings)| (format!("{name}/{part}"), settings));
        for (widget, settings) in std::iter::once((name.clone(), drawn.settings)).chain(further) {
            let settings = knobs.limits.fit_settings(settings);
            let settings = around_the_run(knobs, zones, settings, index, widgets.len() as u64)?;
            let settings = Arc::new(settings);
            widgets.push(PlannedWidget {
                name: widget,
                property: index as PropertyIndex,
                settings,
            });
        }
        properties.push(PlannedProperty {
            name,
            members,
            suspended: drawn.suspended,
            widgets: first..widgets.len() as WidgetIndex,
            is_own: shard::is_own(knobs.shard, index),
        });
    }
    knobs.limits.fit_world(&mut properties, &mut widgets, &mut agents);
    Ok((properties, widgets, agents))
}

/// The world of a run that plays a given one, whose agents do nothing yet.
pub fn of_given(given: &GivenWorld, knobs: &RunKnobs) -> PlannedWorld {
    let prefixed = |name: &str| format!("{}-{name}", knobs.prefix);
    let agent = |(index, name): (u64, &String)| {
        let mut stream = RandomStream::fork(knobs.world.seed, b"devices.", index, 0);
        let devices = match stream.chance(SEVERAL_DEVICES_PERCENT) {
            true => knobs.world.devices as usize,
            false => 1,
        };
        PlannedAgent {
            name: prefixed(name),
            properties: Vec::new(),
            devices: names::DEVICES[..devices].to_vec(),
            steps: Vec::new(),
            // Who works nowhere plays with the first.
            is_own: shard::is_own(knobs.shard, 0),
        }
    };
    let mut agents: Vec<PlannedAgent> = (0..).zip(&given.agents).map(agent).collect();
    let (mut properties, mut widgets) = (Vec::new(), Vec::new());
    for (index, known) in (0..).zip(&given.properties) {
        let is_own = shard::is_own(knobs.shard, known.cluster * CLUSTER);
        for &member in &known.members {
            let agent = &mut agents[member as usize];
            agent.properties.push(index);
            agent.is_own = is_own;
        }
        let first = widgets.len() as WidgetIndex;
        widgets.extend(known.widgets.iter().map(|(name, settings)| PlannedWidget {
            name: prefixed(name),
            property: index as PropertyIndex,
            settings: Arc::new(knobs.limits.fit_settings((**settings).clone())),
        }));
        properties.push(PlannedProperty {
            name: prefixed(&known.name),
            members: known.members.clone(),
            suspended: known.suspended.clone(),
            widgets: first..widgets.len() as WidgetIndex,
            is_own,
        });
    }
    knobs.limits.fit_world(&mut properties, &mut widgets, &mut agents);
    (properties, widgets, agents)
}

fn agents(knobs: &RunKnobs, world: &synth::Population) -> Vec<PlannedAgent> {
    let all = (0..world.agent_count()).map(|index| {
        let devices = match world.agent(index).uses_phone {
            true => knobs.world.devices as usize,
            false => 1,
        };
        PlannedAgent {
            name: format!("{}-{}", knobs.prefix, names::agent(index)),
            properties: Vec::new(),
            devices: names::DEVICES[..devices].to_vec(),
            steps: Vec::new(),
            is_own: shard::is_own(knobs.shard, index / knobs.world.agents),
        }
    });
    all.collect()
}

/// Settings whose scheduler opens, closes or pauses in the run, or does none of that.
fn around_the_run(
    knobs: &RunKnobs,
    zones: &Zones,
    mut settings: Settings,
    property: u32,
    widget: u64,
) -> Result<Settings, UnknownZone> {
    let Some(scheduler) = &settings.scheduler else { return Ok(settings) };
    let zone = zones.get(&scheduler.zone)?;
    let mut stream = RandomStream::fork(knobs.world.seed, b"edges...", property.into(), widget);
    let local = |at: Instant| {
        let local = zone.local(at).time();
        (local.hour() * 60 + local.minute()) as u16
    };
    // An edge falls on a full minute.
    let edges = (some_minute(knobs, &mut stream), some_minute(knobs, &mut stream));
    let at = |ms: i64| Instant::from_millis(ms).map_or(0, local);
    let now = local(knobs.start);
    let intervals: Vec<Option<Interval>> = match (stream.below(100), edges) {
        // It opens.
        (0..30, (Some(edge), _)) => vec![hours(at(edge), 8 * 60)],
        // It closes.
        (30..55, (Some(edge), _)) => vec![before(at(edge), 8 * 60)],
        // It pauses.
        (55..65, (Some(first), Some(second))) if first != second => {
            let (first, second) = (first.min(second), first.max(second));
            vec![before(at(first), 4 * 60), hours(at(second), 4 * 60)]
        }
        // It is open all the time, with room for a day on both sides where there is.
        (0..85, _) => vec![hours(now + DAY_MINUTES - 6 * 60, 22 * 60)],
        // It is closed.
        _ => vec![hours(now + 10 * 60, 4 * 60)],
    };
    let day: Vec<Interval> = intervals.into_iter().flatten().collect();
    settings.scheduler = Some(every_day(scheduler.zone.clone(), &day));
    Ok(settings)
}

/// The kinds of visitors that there are.
pub fn visitors() -> Vec<Visitor> {
    let kind = |page: Option<&str>, country: Option<&str>, device| Visitor {
        page: page.map(|path| format!("https://www.example.com{path}")),
        country: country.map(|text| text.parse().expect("a country")),
        device,
    };
    let (desktop, mobile) = (Some(DeviceKind::Desktop), Some(DeviceKind::Mobile));
    vec![
        kind(None, None, None),
        kind(Some("/"), Some("US"), desktop),
        kind(Some("/shop/shoes"), Some("GB"), mobile),
        kind(Some("/pricing"), Some("DE"), desktop),
        kind(Some("/help/faq"), Some("JP"), mobile),
        kind(Some("/checkout/pay"), Some("BR"), desktop),
        kind(Some("/legal"), None, mobile),
        kind(None, Some("IN"), desktop),
    ]
}
