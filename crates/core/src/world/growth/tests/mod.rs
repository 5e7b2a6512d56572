//! Worlds that grew are held against worlds that were built as those have become.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use chrono::Days;

use super::super::{Connection, DeviceState, WorldBuilder};
use super::*;
use crate::hours::Zones;
use crate::model::{
    AgentStatus, Answer, Chosen, DeviceStatus, Event, Impossible, Instant, Interval, Scheduler,
    Setting, Visitor, WeekHours, WidgetStatus,
};

mod single;

static ZONES: LazyLock<Arc<Zones>> = LazyLock::new(|| Arc::new(Zones::bundled()));

const MINUTE_MS: u64 = 60_000;

fn instant(text: &str) -> Instant {
    let at = chrono::DateTime::parse_from_rfc3339(text).expect("an instant");
    Instant::from_millis(at.timestamp_millis()).expect("in range")
}

/// Numbers that look drawn, the same ones each time.
#[derive(Clone)]
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn settings(&mut self, now: Instant) -> Settings {
        let mut settings = Settings::default();
        settings.set(Setting::OfflineWhenAllAgentsOffline(self.below(2) == 0));
        settings.set(Setting::HideWhenOffline(self.below(4) == 0));
        settings.set(Setting::PreChatForm(self.below(4) == 0));
        if self.below(2) == 0 {
            settings.set(Setting::Scheduler(Some(self.scheduler(now).into())));
        }
        settings
    }

    /// Hours of few kinds, so that some are shared, and some of their own with a dated entry.
    fn scheduler(&mut self, now: Instant) -> Scheduler {
        let zones = ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "UTC"];
        let mut hours = WeekHours::default();
        let start = self.below(6) as u16 * 240;
        for day in &mut hours.weekdays {
            day.extend(Interval::new(start, (start + 870) % 1_440));
        }
        if self.below(3) == 0 {
            let date = now.to_local(0).date() + Days::new(self.below(4) as u64);
            let start = self.below(720) as u16;
            hours.dates.insert(date, Interval::new(start, start + 600).into_iter().collect());
        }
        Scheduler { zone: self.one_of(&zones).to_owned(), hours }
    }

    fn timing(&mut self) -> Timing {
        let grace_ms = self.one_of(&[0, 1_000, 120_000, 120_000, 5_400_000, 400 * 86_400_000]);
        let auto_away_ms = self.one_of(&[None, Some(300_000), Some(600_001), Some(86_400_000)]);
        Timing { grace: Millis(grace_ms), auto_away: auto_away_ms.map(Millis) }
    }

    fn membership(&mut self) -> Membership {
        self.one_of(&[Membership::Active, Membership::Active, Membership::Suspended])
    }
}

/// A world that grows, and a plain description of its structure.
struct Fleet {
    world: World,
    draw: Draw,
    properties: BTreeMap<PropertyId, Vec<(AgentId, Membership)>>,
    widgets: BTreeMap<WidgetId, (PropertyId, Settings)>,
    /// How many devices each agent has.
    agents: Vec<usize>,
    /// Every hint that was ever given, old ones too.
    hinted: Vec<DeviceId>,
    /// What each widget and each agent is, by what was reported.
    shown: BTreeMap<WidgetId, Answer>,
    seen: BTreeMap<AgentId, AgentStatus>,
}

impl Fleet {
    fn new(seed: u64) -> Self {
        let mut draw = Draw(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let now = instant("2026-03-06T11:17:30Z");
        let timing = draw.timing();
        let mut builder = WorldBuilder::new(timing);
        let mut properties = BTreeMap::new();
        let mut widgets = BTreeMap::new();
        let agents = vec![0; draw.below(12)];
        let ids: Vec<AgentId> = agents.iter().map(|_| builder.add_agent()).collect();
        for _ in 0..draw.below(4) {
            let property = builder.add_property();
            let mut members = Vec::new();
            for &agent in &ids {
                if draw.below(2) == 0 {
                    let membership = draw.membership();
                    builder.add_member(agent, property, membership);
                    members.push((agent, membership));
                }
            }
            for _ in 0..draw.below(3) {
                let settings = draw.settings(now);
                let widget = builder.add_widget(property, settings.clone());
                widgets.insert(widget, (property, settings));
            }
            properties.insert(property, members);
        }
        let world = builder.build(now, Arc::clone(&ZONES)).expect("known zones");
        let shown = widgets.keys().map(|&widget| (widget, world.answer(widget))).collect();
        let seen = ids.iter().map(|&agent| (agent, AgentStatus::Offline)).collect();
        Self { world, draw, properties, widgets, agents, hinted: Vec::new(), shown, seen }
    }

    fn property(&mut self) -> Option<PropertyId> {
        let all: Vec<PropertyId> = self.properties.keys().copied().collect();
        (!all.is_empty()).then(|| self.draw.one_of(&all))
    }

    fn widget(&mut self) -> Option<WidgetId> {
        let all: Vec<WidgetId> = self.widgets.keys().copied().collect();
        (!all.is_empty()).then(|| self.draw.one_of(&all))
    }

    /// A device, by a hint of any age or without one.
    fn device(&mut self) -> Option<DeviceId> {
        if self.hinted.is_empty() {
            return None;
        }
        let hinted = self.hinted.clone();
        let device = self.draw.one_of(&hinted);
        Some(match self.draw.below(3) {
            0 => DeviceId::new(device.agent(), device.slot()),
            1 => self.world.hinted(device),
            _ => device,
        })
    }

    fn devices(&self) -> impl Iterator<Item = DeviceId> {
        let agents = self.agents.iter().enumerate();
        agents.flat_map(|(agent, &count)| {
            (0..count).map(move |slot| DeviceId::new(AgentId::new(agent), slot))
        })
    }

    fn states(&self) -> Vec<DeviceState> {
        self.devices().map(|device| self.world.device_state(device)).collect()
    }

    /// Takes what was reported, and looks whether that was all.
    fn hear(&mut self, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::Agent { agent, now, .. } => {
                    assert_ne!(self.seen.insert(agent, now), Some(now), "{agent:?}");
                }
                Change::Widget { widget, before, now, .. } => {
                    // Of a removed one there is nothing here.
                    assert_eq!(self.shown.insert(widget, now), Some(before), "{widget:?}");
                    assert_ne!(before, now);
                }
            }
        }
        for (&widget, &answer) in &self.shown {
            assert_eq!(answer, self.world.answer(widget), "{widget:?} was not reported");
        }
        for (&agent, &status) in &self.seen {
            assert_eq!(status, self.world.agent_status(agent), "{agent:?} was not reported");
        }
    }

    /// Draws a change of the structure. Whatever it is, no device notices.
    fn change_structure(&mut self) {
        let before = self.states();
        let mut changes = Vec::new();
        match self.draw.below(9) {
            0 if self.properties.len() < 6 => {
                let property = self.world.add_property();
                assert!(self.properties.insert(property, Vec::new()).is_none());
            }
            // Seldom, or there would be little else to look at.
            1 if self.draw.below(2) == 0 => {
                let Some(property) = self.property() else { return };
                self.world.remove_property(property);
                self.properties.remove(&property);
                self.widgets.retain(|_, (of, _)| *of != property);
                self.shown.retain(|widget, _| self.widgets.contains_key(widget));
            }
            2 | 3 if self.widgets.len() < 8 => {
                let Some(property) = self.property() else { return };
                let mut settings = self.draw.settings(self.world.now());
                if self.draw.below(6) == 0 {
                    settings.scheduler = Some(Arc::new(nowhere()));
                    let ids = self.world.widget_count();
                    assert!(self.world.add_widget(property, settings).is_err());
                    assert_eq!(self.world.widget_count(), ids);
                    return;
                }
                let widget = self.world.add_widget(property, settings.clone()).expect("known");
                assert!(self.widgets.insert(widget, (property, settings)).is_none());
                self.shown.insert(widget, self.world.answer(widget));
            }
            4 => {
                let Some(widget) = self.widget() else { return };
                self.world.remove_widget(widget);
                self.widgets.remove(&widget);
                self.shown.remove(&widget);
            }
            5 if self.agents.len() < 14 => {
                let agent = self.world.add_agent();
                assert_eq!(agent.index(), self.agents.len());
                self.agents.push(0);
                self.seen.insert(agent, AgentStatus::Offline);
            }
            6 => {
                let Some(property) = self.property() else { return };
                let members = self.draw_members(property);
                self.world.put_members(property, &members, &mut |change| changes.push(change));
                self.properties.insert(property, members);
                each_once(&changes);
            }
            7 => {
                let Some(widget) = self.widget() else { return };
                let settings = self.draw.settings(self.world.now());
                let all = &mut |change| changes.push(change);
                self.world.replace_settings(widget, settings.clone(), all).expect("known");
                assert!(changes.len() <= 1);
                self.widgets.get_mut(&widget).expect("drawn from them").1 = settings;
            }
            _ => {
                let timing = self.draw.timing();
                let was = self.world.timing();
                self.world.put_timing(timing);
                self.hear(Vec::new());
                return self.expect_after_timing(before, was);
            }
        }
        let had = before.len();
        assert_eq!(self.states()[..had], before);
        self.hear(changes);
    }

    /// Somebody joins or leaves, all of them change, or nothing does.
    fn draw_members(&mut self, property: PropertyId) -> Vec<(AgentId, Membership)> {
        let mut members = self.properties[&property].clone();
        match self.draw.below(4) {
            0 => {}
            1 if !members.is_empty() => {
                let place = self.draw.below(members.len());
                members.remove(place);
            }
            2 if !self.agents.is_empty() => {
                let agent = AgentId::new(self.draw.below(self.agents.len()));
                members.retain(|(other, _)| *other != agent);
                let place = self.draw.below(members.len() + 1);
                members.insert(place, (agent, self.draw.membership()));
            }
            _ => {
                members.clear();
                for agent in (0..self.agents.len()).rev().map(AgentId::new) {
                    if self.draw.below(3) == 0 {
                        members.push((agent, self.draw.membership()));
                    }
                }
            }
        }
        members
    }

    fn expect_after_timing(&self, mut expected: Vec<DeviceState>, was: Timing) {
        let timing = self.world.timing();
        for state in &mut expected {
            let logged_in = state.status != DeviceStatus::LoggedOut;
            if timing.auto_away != was.auto_away {
                state.active_at = timing.auto_away.filter(|_| logged_in).map(|_| self.world.now());
            }
        }
        assert_eq!(self.states(), expected);
    }

    fn add_device(&mut self) {
        if self.agents.is_empty() {
            return;
        }
        let agent = self.draw.below(self.agents.len());
        // Mostly two devices, now and then one that needs a third place.
        if self.agents[agent] < 2 || self.agents[agent] < 4 && self.draw.below(8) == 0 {
            let device = self.world.add_device(AgentId::new(agent));
            self.agents[agent] += 1;
            self.hinted.push(self.world.hinted(device));
        }
    }

    fn draw_event(&mut self) -> Option<Event> {
        let chosen = self.draw.one_of(&[Chosen::Online, Chosen::Away, Chosen::Invisible]);
        let device = self.device()?;
        Some(match self.draw.below(16) {
            0..5 => Event::Login(device),
            5 => Event::SetStatus(device, chosen),
            6 => Event::SetStatusEverywhere(device.agent(), chosen),
            7 => Event::Logout(device),
            8 => Event::LogoutEverywhere(device.agent()),
            9 | 10 => Event::Disconnect(device),
            11 => Event::Reconnect(device),
            12 => Event::Activity(device),
            13 => Event::Suspend(device.agent(), self.property()?),
            14 => Event::Reinstate(device.agent(), self.property()?),
            _ => {
                let scheduler = self.draw.scheduler(self.world.now());
                Event::Configure(
                    self.widget()?,
                    Box::new(Setting::Scheduler(Some(scheduler.into()))),
                )
            }
        })
    }

    /// Lets an event happen, if it can, and describes what it does to the structure.
    fn apply(&mut self, event: &Event) -> (Result<(), Impossible>, Vec<Change>) {
        let mut changes = Vec::new();
        let result = self.world.apply(event, &mut |change| changes.push(change));
        if result.is_ok() {
            let (agent, property, now) = match event {
                Event::Suspend(agent, property) => (agent, property, Membership::Suspended),
                Event::Reinstate(agent, property) => (agent, property, Membership::Active),
                Event::Configure(widget, setting) => {
                    let (_, settings) = self.widgets.get_mut(widget).expect("drawn from them");
                    settings.set(Setting::clone(setting));
                    return (result, changes);
                }
                _ => return (result, changes),
            };
            let members = self.properties.get_mut(property).expect("drawn from them");
            let member = members.iter_mut().find(|(other, _)| other == agent);
            member.expect("what is no member cannot be suspended").1 = now;
        }
        (result, changes)
    }

    /// Some time, often until just when the clock does something.
    fn draw_instant(&mut self) -> Instant {
        let now = self.world.now();
        let next = self.world.next_clock_instant().filter(|next| next.since(now).0 < 86_400_000);
        let minutes = match self.draw.below(8) {
            0 => return next.unwrap_or(now),
            1 => self.draw.below(3_000),
            2 => 0,
            _ => self.draw.below(20),
        };
        now.checked_add(Millis(minutes as u64 * MINUTE_MS)).expect("in range")
    }

    fn advance(&mut self, to: Instant) -> Vec<Change> {
        let mut changes = Vec::new();
        self.world.advance(to, &mut |change| changes.push(change));
        changes
    }

    /// A world built as this one has become, with every device as it is here.
    fn rebuild(&self) -> Rebuilt {
        let mut builder = WorldBuilder::new(self.world.timing());
        for agent in 0..self.agents.len() {
            assert_eq!(builder.add_agent().index(), agent);
        }
        let mut properties = BTreeMap::new();
        // Other ids than those that were given again here.
        for (&property, members) in &self.properties {
            let other = builder.add_property();
            properties.insert(property, other);
            for &(agent, membership) in members {
                builder.add_member(agent, other, membership);
            }
        }
        let mut widgets = BTreeMap::new();
        for (&widget, (property, settings)) in self.widgets.iter().rev() {
            let other = builder.add_widget(properties[property], settings.clone());
            widgets.insert(widget, other);
        }
        let mut world = builder.build(self.world.now(), Arc::clone(&ZONES)).expect("known zones");
        for device in self.devices() {
            assert_eq!(world.add_device(device.agent()), device);
            world.restore_device(device, self.world.device_state(device));
        }
        Rebuilt { world, properties, widgets }
    }

    /// Looks whether the same is so in both.
    fn compare(&self, rebuilt: &Rebuilt) {
        let Rebuilt { world, properties, widgets } = rebuilt;
        let visitor = Visitor::default();
        for (&widget, &other) in widgets {
            let (property, settings) = &self.widgets[&widget];
            assert_eq!(self.world.settings(widget), settings);
            assert_eq!(self.world.property_of(widget), *property);
            assert_eq!(self.world.answer(widget), world.answer(other));
            assert_eq!(self.world.form(widget), world.form(other));
            let ours = self.world.visibility(widget, &visitor);
            assert_eq!(ours, world.visibility(other, &visitor));
            assert_eq!(self.world.explain(widget), world.explain(other));
            assert_eq!(self.world.next_change(widget), world.next_change(other));
        }
        let everyone = || (0..self.agents.len()).map(AgentId::new);
        for (&property, &other) in properties {
            assert_eq!(self.world.presence(property), world.presence(other));
            assert_eq!(self.world.members(property), world.members(other));
            for agent in everyone() {
                let ours = self.world.membership(agent, property);
                assert_eq!(ours, world.membership(agent, other));
            }
            let ours: BTreeSet<_> = self.world.widgets_of(property).map(|w| widgets[&w]).collect();
            assert_eq!(ours, world.widgets_of(other).collect());
        }
        for agent in everyone() {
            assert_eq!(self.world.agent_status(agent), world.agent_status(agent));
            assert_eq!(self.world.next_agent_change(agent), world.next_agent_change(agent));
            assert_eq!(self.world.device_facts(agent), world.device_facts(agent));
            let of = self.world.properties_of(agent).into_iter().map(|p| properties[&p]);
            assert_eq!(
                of.collect::<BTreeSet<_>>(),
                world.properties_of(agent).into_iter().collect()
            );
        }
        for device in self.devices() {
            assert_eq!(self.world.device_state(device), world.device_state(device));
        }
        self.compare_sweep();
    }

    /// Of removed widgets the sweep shows nothing.
    fn compare_sweep(&self) {
        let lines: Vec<_> = self.world.statuses().collect();
        for widget in (0..self.world.widget_count()).map(WidgetId::new) {
            let (line, word, bit) =
                (&lines[widget.index() / 128], widget.index() / 64 % 2, widget.index() % 64);
            let swept = match (line.online[word] >> bit & 1, line.away[word] >> bit & 1) {
                (1, 0) => WidgetStatus::Online,
                (0, 1) => WidgetStatus::Away,
                (0, 0) => WidgetStatus::Offline,
                _ => panic!("both online and away"),
            };
            let shown = self.shown.get(&widget).map_or(WidgetStatus::Offline, |a| a.status);
            assert_eq!(swept, shown, "{widget:?}");
        }
    }

    /// Plays on for a while in both. The one that grew goes on afterwards from where that ends.
    fn play_on(&mut self, mut rebuilt: Rebuilt) {
        for _ in 0..6 {
            if let Some(event) = self.draw_event() {
                let (result, changes) = self.apply(&event);
                let mut others = Vec::new();
                let other = rebuilt.world.apply(&rebuilt.event(event), &mut |c| others.push(c));
                assert_eq!(result, other);
                assert_eq!(rebuilt.written(&changes, true), rebuilt.written(&others, false));
                self.hear(changes);
            }
            let to = self.draw_instant();
            let changes = self.advance(to);
            let mut others = Vec::new();
            rebuilt.world.advance(to, &mut |change| others.push(change));
            assert_eq!(rebuilt.written(&changes, true), rebuilt.written(&others, false));
            self.hear(changes);
        }
        self.compare(&rebuilt);
    }
}

fn nowhere() -> Scheduler {
    Scheduler { zone: "Atlantis/Capital".to_owned(), hours: WeekHours::default() }
}

fn each_once(changes: &[Change]) {
    let mut told = BTreeSet::new();
    for change in changes {
        let Change::Widget { widget, .. } = change else { panic!("no agent changed: {change:?}") };
        assert!(told.insert(*widget), "{widget:?} was reported twice");
    }
}

/// A world built anew, and its ids of what is in the other one.
struct Rebuilt {
    world: World,
    properties: BTreeMap<PropertyId, PropertyId>,
    widgets: BTreeMap<WidgetId, WidgetId>,
}

impl Rebuilt {
    fn event(&self, event: Event) -> Event {
        match event {
            Event::Suspend(agent, property) => Event::Suspend(agent, self.properties[&property]),
            Event::Reinstate(agent, property) => {
                Event::Reinstate(agent, self.properties[&property])
            }
            Event::Configure(widget, setting) => Event::Configure(self.widgets[&widget], setting),
            // Hints are of the other world.
            other => match other.device() {
                Some(device) => other.on_device(DeviceId::new(device.agent(), device.slot())),
                None => other,
            },
        }
    }

    /// Changes in an order that does not hang on ids.
    fn written(&self, changes: &[Change], ours: bool) -> Vec<String> {
        let mut all: Vec<String> = changes
            .iter()
            .map(|change| match *change {
                Change::Widget { at, widget, before, now } if ours => {
                    let widget = self.widgets[&widget];
                    format!("{:?}", Change::Widget { at, widget, before, now })
                }
                _ => format!("{change:?}"),
            })
            .collect();
        all.sort_unstable();
        all
    }
}

#[test]
fn a_world_that_grew_is_one_that_was_built_so() {
    const SEEDS: u64 = 60;
    // How many widgets were as each of the rules W1 to W6 has it when they were compared: else most
    // of this would have been about nothing.
    let mut by_rule = [0; 7];
    for seed in 1..=SEEDS {
        let mut fleet = Fleet::new(seed);
        for step in 0..120 {
            for _ in 0..fleet.draw.below(3) {
                fleet.change_structure();
            }
            fleet.add_device();
            for _ in 0..3 {
                if let Some(event) = fleet.draw_event() {
                    let (_, changes) = fleet.apply(&event);
                    fleet.hear(changes);
                }
            }
            let to = fleet.draw_instant();
            let changes = fleet.advance(to);
            fleet.hear(changes);
            if step % 4 == 3 {
                let other = fleet.rebuild();
                fleet.compare(&other);
                fleet.shown.values().for_each(|answer| by_rule[usize::from(answer.rule)] += 1);
                fleet.play_on(other);
            }
        }
    }
    assert!(by_rule[1..].iter().all(|&count| count > 200), "{by_rule:?}");
}
