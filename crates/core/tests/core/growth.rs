//! A world whose structure changes while it runs, held against the rule book followed word by word.
//!
//! The oracle knows nothing of ids that are given again, and forgets nothing: what was removed is
//! never asked of it any more, and who is no member is one who is suspended.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use lamplighter_core::hours::Zones;
use lamplighter_core::model::{
    AgentId, Chosen, DeviceId, Event, Impossible, Instant, Interval, Millis, PropertyId, Scheduler,
    Setting, Settings, WeekHours, WidgetId,
};
use lamplighter_core::oracle::{self, Member, Oracle};
use lamplighter_core::world::{Connection, Membership, Timing, World, WorldBuilder};

static ZONES: LazyLock<Arc<Zones>> = LazyLock::new(|| Arc::new(Zones::bundled()));

/// Clocks change in some of the zones within two weeks.
const START_MS: i64 = 1_772_800_000_000;
const HOUR_MS: u64 = 3_600_000;

/// Numbers that look drawn, the same ones each time.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        (!all.is_empty()).then(|| all[self.below(all.len())])
    }

    fn settings(&mut self) -> Settings {
        let mut settings = Settings::default();
        settings.set(Setting::OfflineWhenAllAgentsOffline(self.below(2) == 0));
        if self.below(2) == 0 {
            let mut hours = WeekHours::default();
            let start = self.below(6) as u16 * 240;
            for day in &mut hours.weekdays {
                day.extend(Interval::new(start, (start + 870) % 1_440));
            }
            let zones = ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "UTC"];
            let zone = zones[self.below(zones.len())].to_owned();
            settings.set(Setting::Scheduler(Some(Scheduler { zone, hours }.into())));
        }
        settings
    }
}

/// One fleet twice.
struct Pair {
    world: World,
    oracle: Oracle,
    draw: Draw,
    /// What is there now, and its ids in the oracle, which are never given again.
    properties: BTreeMap<PropertyId, PropertyId>,
    widgets: BTreeMap<WidgetId, WidgetId>,
    ids: usize,
    devices: Vec<DeviceId>,
}

impl Pair {
    fn new(seed: u64) -> Self {
        let mut draw = Draw(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let start = Instant::from_millis(START_MS).expect("in range");
        let grace = Millis([0, 1_000, 120_000, HOUR_MS][draw.below(4)]);
        let auto_away = [None, Some(Millis(600_000)), Some(Millis(HOUR_MS))][draw.below(3)];
        let builder = WorldBuilder::new(Timing { grace, auto_away });
        let world = builder.build(start, Arc::clone(&ZONES)).expect("no zones");
        let offset_at = |zone: &str, at| Some(ZONES.get(zone).ok()?.offset_s(at));
        let oracle = Oracle::new(start, grace, auto_away, Arc::new(offset_at));
        let (properties, widgets) = (BTreeMap::new(), BTreeMap::new());
        Self { world, oracle, draw, properties, widgets, ids: 0, devices: Vec::new() }
    }

    fn property(&mut self) -> Option<(PropertyId, PropertyId)> {
        let all: Vec<_> = self.properties.iter().map(|(&ours, &theirs)| (ours, theirs)).collect();
        self.draw.one_of(&all)
    }

    fn widget(&mut self) -> Option<(WidgetId, WidgetId)> {
        let all: Vec<_> = self.widgets.iter().map(|(&ours, &theirs)| (ours, theirs)).collect();
        self.draw.one_of(&all)
    }

    fn new_id(&mut self) -> usize {
        self.ids += 1;
        self.ids
    }

    fn agents(&self) -> impl Iterator<Item = AgentId> + use<> {
        let mut agents: Vec<AgentId> = self.devices.iter().map(|device| device.agent()).collect();
        agents.dedup();
        agents.into_iter()
    }

    fn change_structure(&mut self) -> Option<()> {
        match self.draw.below(8) {
            0 | 1 if self.properties.len() < 5 => {
                let (property, other) = (self.world.add_property(), self.new_id());
                self.properties.insert(property, PropertyId::new(other));
            }
            2 if self.draw.below(3) == 0 => {
                let (property, _) = self.property()?;
                let gone: Vec<WidgetId> = self.world.widgets_of(property).collect();
                self.world.remove_property(property);
                self.properties.remove(&property);
                self.widgets.retain(|widget, _| !gone.contains(widget));
            }
            3 if self.widgets.len() < 8 => {
                let (property, other) = self.property()?;
                let settings = self.draw.settings();
                let widget = self.world.add_widget(property, settings.clone()).expect("a zone");
                let id = WidgetId::new(self.new_id());
                self.oracle.add_widget(id, other, settings);
                self.widgets.insert(widget, id);
            }
            4 => {
                let (widget, _) = self.widget()?;
                self.world.remove_widget(widget);
                self.widgets.remove(&widget);
            }
            5 if self.devices.len() < 24 => {
                let agent = self.world.add_agent();
                for _ in 0..1 + self.draw.below(3) {
                    let device = self.world.add_device(agent);
                    self.devices.push(self.world.hinted(device));
                }
            }
            6 => {
                let (widget, other) = self.widget()?;
                let settings = self.draw.settings();
                let theirs = self.properties[&self.world.property_of(widget)];
                self.oracle.add_widget(other, theirs, settings.clone());
                self.world.replace_settings(widget, settings, &mut |_| {}).expect("a zone");
            }
            _ => {
                let (property, other) = self.property()?;
                for &agent in self.world.members(property) {
                    self.oracle.add_member(agent, other, Member::Suspended);
                }
                let mut members = Vec::new();
                for agent in self.agents() {
                    let (member, membership) = match self.draw.below(4) {
                        0 => (Member::Suspended, Membership::Suspended),
                        1 | 2 => (Member::Active, Membership::Active),
                        _ => continue,
                    };
                    self.oracle.add_member(agent, other, member);
                    members.push((agent, membership));
                }
                self.world.put_members(property, &members, &mut |_| {});
            }
        }
        Some(())
    }

    fn let_something_happen(&mut self) -> Option<()> {
        let device = self.draw.one_of(&self.devices.clone())?;
        let chosen = self.draw.one_of(&[Chosen::Online, Chosen::Away, Chosen::Invisible])?;
        let event = match self.draw.below(14) {
            0..5 => Event::Login(device),
            5 => Event::SetStatus(device, chosen),
            6 => Event::SetStatusEverywhere(device.agent(), chosen),
            7 => Event::Logout(device),
            8 => Event::LogoutEverywhere(device.agent()),
            9 => Event::Disconnect(device),
            10 => Event::Reconnect(device),
            11 => Event::Activity(device),
            suspends => {
                let (property, other) = self.property()?;
                let event = |property| match suspends {
                    12 => Event::Suspend(device.agent(), property),
                    _ => Event::Reinstate(device.agent(), property),
                };
                let expected = match self.world.membership(device.agent(), property) {
                    Some(_) => self.oracle.apply(&event(other)),
                    None => Err(Impossible::NotAMember),
                };
                assert_eq!(self.world.apply(&event(property), &mut |_| {}), expected);
                return Some(());
            }
        };
        assert_eq!(self.world.apply(&event, &mut |_| {}), self.oracle.apply(&event), "{event:?}");
        Some(())
    }

    fn let_time_pass(&mut self) {
        let length = [0, 1_000, 60_000, 600_000, HOUR_MS, 7 * HOUR_MS][self.draw.below(6)];
        let to = self.world.now().checked_add(Millis(length)).expect("in range");
        self.world.advance(to, &mut |_| {});
        self.oracle.advance(to);
    }

    fn compare(&self) {
        for (&widget, &other) in &self.widgets {
            assert_eq!(self.world.answer(widget), self.oracle.answer(other));
            assert_eq!(self.world.settings(widget), self.oracle.settings(other));
            assert_eq!(self.world.form(widget), self.oracle.form(other));
        }
        for (&property, &other) in &self.properties {
            assert_eq!(self.world.presence(property), self.oracle.presence(other));
        }
        for agent in self.agents() {
            assert_eq!(self.world.agent_status(agent), self.oracle.agent_status(agent));
        }
        for &device in &self.devices {
            assert_eq!(self.world.device_status(device), self.oracle.device_status(device));
            let expected = match self.oracle.connection(device) {
                oracle::Connection::Up => Connection::Up,
                oracle::Connection::Lost(until) => Connection::Lost { until },
                oracle::Connection::RanOut => Connection::RanOut,
            };
            assert_eq!(self.world.connection(device), expected);
        }
    }

    /// What comes next, found by letting the clock of the oracle run.
    fn compare_next(&self) {
        let until = self.world.now().checked_add(Millis(3 * HOUR_MS)).expect("in range");
        for (&widget, &other) in &self.widgets {
            let ours = self.world.next_change(widget).filter(|next| next.at <= until);
            let ours = ours.map(|next| (next.at, next.answer));
            assert_eq!(ours, self.oracle.next(other, until));
        }
    }
}

#[test]
fn a_world_that_grows_goes_by_the_rule_book() {
    // How many widgets were as each of the rules W1 to W6 has it.
    let mut by_rule = [0; 7];
    for seed in 1..=40 {
        let mut pair = Pair::new(seed);
        for step in 0..400 {
            match pair.draw.below(3) {
                0 => pair.change_structure(),
                _ => pair.let_something_happen(),
            };
            pair.compare();
            if pair.draw.below(3) == 0 {
                pair.let_time_pass();
                pair.compare();
            }
            if step % 100 == 99 {
                pair.compare_next();
            }
            for &widget in pair.widgets.keys() {
                by_rule[usize::from(pair.world.answer(widget).rule)] += 1;
            }
        }
    }
    assert!(by_rule[1..].iter().all(|&count| count > 500), "{by_rule:?}");
}
