//! One thing at a time.

use super::*;

fn start() -> Instant {
    instant("2026-03-09T12:00:00Z")
}

fn later(at: Instant, ms: u64) -> Instant {
    at.checked_add(Millis(ms)).expect("in range")
}

fn empty(timing: Timing) -> World {
    WorldBuilder::new(timing).build(start(), Arc::clone(&ZONES)).expect("no zones")
}

/// A property of so many agents with one device each, all added while the world runs.
fn grown(timing: Timing, agents: usize) -> (World, PropertyId, WidgetId, Vec<DeviceId>) {
    let mut world = empty(timing);
    let property = world.add_property();
    let widget = world.add_widget(property, Settings::default()).expect("no zone");
    let members: Vec<_> = (0..agents).map(|_| (world.add_agent(), Membership::Active)).collect();
    world.put_members(property, &members, &mut |_| panic!("nobody is there"));
    let devices = members.iter().map(|&(agent, _)| world.add_device(agent)).collect();
    (world, property, widget, devices)
}

fn does(world: &mut World, event: Event) -> Vec<Change> {
    let mut changes = Vec::new();
    world.apply(&event, &mut |change| changes.push(change)).expect("it can happen");
    changes
}

fn passes(world: &mut World, to: Instant) -> Vec<Change> {
    let mut changes = Vec::new();
    world.advance(to, &mut |change| changes.push(change));
    changes
}

/// From midnight until the given minute of each day, in UTC.
fn until_minute(minute: u16) -> Settings {
    let mut hours = WeekHours::default();
    for day in &mut hours.weekdays {
        day.extend(Interval::new(0, minute));
    }
    let mut settings = Settings::default();
    settings.set(Setting::Scheduler(Some(Scheduler { zone: "UTC".to_owned(), hours }.into())));
    settings
}

#[test]
fn all_settings_anew_are_one_change() {
    let (mut world, _, widget, devices) = grown(Timing::default(), 1);
    does(&mut world, Event::Login(devices[0]));
    let before = world.answer(widget);
    let mut closed = until_minute(60);
    closed.set(Setting::OfflineWhenAllAgentsOffline(true));
    let mut changes = Vec::new();
    world.replace_settings(widget, closed.clone(), &mut |c| changes.push(c)).expect("a zone");
    let now = world.answer(widget);
    assert_eq!((before.rule, now.rule), (2, 1));
    assert_eq!(changes, [Change::Widget { at: start(), widget, before, now }]);
    world.replace_settings(widget, closed.clone(), &mut |_| panic!("the same")).expect("a zone");

    let mut lost = Settings::default();
    lost.set(Setting::PreChatForm(true));
    lost.set(Setting::Scheduler(Some(nowhere().into())));
    let error = world.replace_settings(widget, lost, &mut |_| panic!("an error"));
    assert_eq!(error.expect_err("no such zone").name, "Atlantis/Capital");
    assert_eq!((world.settings(widget), world.answer(widget)), (&closed, now));
    assert_eq!(passes(&mut world, instant("2026-03-10T00:00:00Z")).len(), 1);
}

#[test]
fn countdowns_that_run_keep_their_end_whatever_the_grace_is_from_now_on() {
    let (mut world, _, _, devices) = grown(Timing::default(), 4);
    let until = |world: &World, device| match world.connection(device) {
        Connection::Lost { until } => until,
        other => panic!("{other:?}"),
    };
    let lose = |world: &mut World, device, grace_ms| {
        world.put_timing(Timing { grace: Millis(grace_ms), auto_away: None });
        does(world, Event::Login(device));
        does(world, Event::Disconnect(device));
    };
    lose(&mut world, devices[0], 120_000);
    passes(&mut world, later(start(), 60_000));
    lose(&mut world, devices[1], 10_000);
    // A year: far more than a ring for ten seconds holds.
    lose(&mut world, devices[2], 365 * 86_400_000);
    lose(&mut world, devices[3], 1);
    let ends = [120_000, 70_000, 60_000 + 365 * 86_400_000, 60_001].map(|ms| later(start(), ms));
    for (device, end) in std::iter::zip(&devices, ends) {
        assert_eq!(until(&world, *device), Some(end));
    }
    let changes = passes(&mut world, Instant::MAX);
    let logged_out: Vec<(Instant, AgentId)> = changes
        .into_iter()
        .filter_map(|change| match change {
            Change::Agent { at, agent, .. } => Some((at, agent)),
            Change::Widget { .. } => None,
        })
        .collect();
    let expected = [3, 1, 0, 2].map(|place| (ends[place], devices[place].agent()));
    assert_eq!(logged_out, expected);
}

#[test]
fn auto_away_begins_anew_when_it_changes() {
    let with = |minutes: Option<u64>| Timing {
        grace: Millis::DEFAULT_GRACE,
        auto_away: minutes.map(|minutes| Millis(minutes * MINUTE_MS)),
    };
    let at = |minutes: u64| later(start(), minutes * MINUTE_MS);
    let (mut world, _, widget, devices) = grown(with(None), 2);
    let shows = |world: &World| world.answer(widget).status;
    does(&mut world, Event::Login(devices[0]));
    passes(&mut world, at(60));
    assert_eq!(world.device_state(devices[0]).active_at, None);

    // Turned on: what was before does not count, and who is not there is not looked at.
    world.put_timing(with(Some(10)));
    assert_eq!(world.device_state(devices[0]).active_at, Some(at(60)));
    assert_eq!(world.device_state(devices[1]).active_at, None);
    passes(&mut world, at(65));
    // Another length; the grace alone changes nothing of it.
    world.put_timing(with(Some(20)));
    passes(&mut world, at(70));
    world.put_timing(Timing { grace: Millis::ZERO, ..with(Some(20)) });
    assert_eq!(world.device_state(devices[0]).active_at, Some(at(65)));
    passes(&mut world, at(84));
    assert_eq!(shows(&world), WidgetStatus::Online);
    assert_eq!(passes(&mut world, at(85)).len(), 2);
    assert_eq!(shows(&world), WidgetStatus::Away);
    does(&mut world, Event::Login(devices[1]));

    // Turned off: who is online stays so, and who went away comes back with activity alone.
    world.put_timing(with(None));
    assert_eq!(passes(&mut world, at(10_000)), []);
    assert!(world.device_state(devices[0]).away_by_rule);
    does(&mut world, Event::Activity(devices[0]));
    assert_eq!(world.device_status(devices[0]), DeviceStatus::Online);
}

#[test]
fn the_same_members_again_change_nothing() {
    let (mut world, property, _, devices) = grown(Timing::default(), 9);
    devices.iter().for_each(|&device| drop(does(&mut world, Event::Login(device))));
    does(&mut world, Event::Suspend(devices[2].agent(), property));
    let members: Vec<(AgentId, Membership)> = world
        .members(property)
        .iter()
        .map(|&agent| (agent, world.membership(agent, property).expect("a member")))
        .collect();
    let hints = |world: &World| -> Vec<u32> {
        devices.iter().map(|&device| world.hinted(device).hint()).collect()
    };
    let (before, states) = (hints(&world), world.explain(WidgetId::new(0)));
    for _ in 0..3 {
        let twice: Vec<_> = members.iter().chain(&members).copied().collect();
        world.put_members(property, &members, &mut |_| panic!("nothing changes"));
        world.put_members(property, &twice, &mut |_| panic!("nothing changes"));
    }
    assert_eq!(hints(&world), before);
    assert_eq!(world.explain(WidgetId::new(0)), states);
}

#[test]
fn an_old_hint_never_reaches_who_came_later() {
    let (mut world, property, _, devices) = grown(Timing::default(), 7);
    let hinted: Vec<DeviceId> = devices.iter().map(|&device| world.hinted(device)).collect();
    world.remove_property(property);
    assert_eq!(world.add_property(), property);
    let new: Vec<_> = (0..7).map(|_| (world.add_agent(), Membership::Active)).collect();
    world.put_members(property, &new, &mut |_| {});
    for &(agent, _) in &new {
        let device = world.add_device(agent);
        does(&mut world, Event::Login(device));
    }
    for &old in &hinted {
        assert_eq!(world.device_status(old), DeviceStatus::LoggedOut);
        does(&mut world, Event::Login(old));
        does(&mut world, Event::SetStatus(old, Chosen::Invisible));
        assert_eq!(world.agent_status(old.agent()), AgentStatus::Invisible);
        assert_eq!(world.membership(old.agent(), property), None);
    }
    for &(agent, _) in &new {
        assert_eq!(world.agent_status(agent), AgentStatus::Online);
    }
}

#[test]
fn nothing_is_heard_of_what_was_removed_and_its_ids_are_given_again() {
    let (mut world, property, widget, devices) = grown(Timing::default(), 2);
    let other = world.add_property();
    let closing: Vec<WidgetId> =
        (0..300).map(|_| world.add_widget(other, until_minute(780)).expect("a zone")).collect();
    world.put_members(other, &[(devices[0].agent(), Membership::Suspended)], &mut |_| {});
    does(&mut world, Event::Login(devices[0]));
    world.remove_widget(closing[1]);
    world.remove_property(other);
    world.remove_property(other);
    world.remove_widget(closing[1]);
    assert_eq!(world.properties_of(devices[0].agent()), [property]);
    let reinstate = Event::Reinstate(devices[0].agent(), other);
    assert_eq!(world.apply(&reinstate, &mut |_| {}), Err(Impossible::NotAMember));
    assert_eq!(passes(&mut world, later(start(), 7 * 86_400_000)), []);
    // Whoever goes through all ids may ask of all of them.
    for id in (0..world.widget_count()).map(WidgetId::new) {
        let expected = if id == widget { WidgetStatus::Online } else { WidgetStatus::Offline };
        assert_eq!(world.explain(id).answer.status, expected);
    }
    assert_eq!(world.add_property(), other);
    assert_eq!(world.members(other), []);
    assert_eq!(world.widgets_of(other).count(), 0);
    let again: Vec<WidgetId> =
        (0..300).map(|_| world.add_widget(other, Settings::default()).expect("no zone")).collect();
    assert_eq!(again, closing);
    assert_eq!(world.widget_count(), 301);
    assert_eq!(world.looks.len(), 1);
}

#[test]
fn a_countdown_of_an_earlier_grace_survives_a_snapshot() {
    let (mut world, _, _, devices) = grown(Timing::default(), 1);
    world.put_timing(Timing { grace: Millis(86_400_000), auto_away: None });
    does(&mut world, Event::Login(devices[0]));
    does(&mut world, Event::Disconnect(devices[0]));
    world.put_timing(Timing { grace: Millis(1_000), auto_away: Some(Millis(1_000)) });
    let state = world.device_state(devices[0]);
    let (mut other, _, _, _) = grown(world.timing(), 1);
    other.restore_device(devices[0], state);
    assert_eq!(other.device_state(devices[0]), state);
    for world in [&mut world, &mut other] {
        assert_eq!(passes(world, later(start(), 86_399_999)).len(), 2);
        let logged_out = passes(world, later(start(), 86_400_000));
        assert_eq!(logged_out.len(), 2);
        assert_eq!(world.connection(devices[0]), Connection::RanOut);
    }
}

#[test]
fn what_should_have_passed_before_a_snapshot_passes_at_once_and_not_in_the_past() {
    let timing = Timing { grace: Millis(1_000), auto_away: Some(Millis(5_000)) };
    let (mut world, _, _, devices) = grown(timing, 2);
    let online = DeviceState {
        status: DeviceStatus::Online,
        away_by_rule: false,
        goes_back: None,
        connection: Connection::Up,
        since: None,
        active_at: Instant::from_millis(start().as_millis() - 60_000),
    };
    let until = Instant::from_millis(start().as_millis() - 1);
    world.restore_device(devices[0], online);
    world.restore_device(
        devices[1],
        DeviceState { connection: Connection::Lost { until }, ..online },
    );
    let changes = passes(&mut world, later(start(), 1));
    assert_eq!(changes.len(), 3);
    for change in changes {
        let (Change::Agent { at, .. } | Change::Widget { at, .. }) = change;
        assert_eq!(at, start());
    }
    assert_eq!(world.device_status(devices[0]), DeviceStatus::Away);
    assert_eq!(world.connection(devices[1]), Connection::RanOut);
}

#[test]
fn who_comes_while_the_world_runs_finds_a_seat_like_everyone() {
    let (world, _, _, devices) = grown(Timing::default(), 8);
    let seated = |device: &&DeviceId| world.hinted(**device).hint() >> 31 == 0;
    assert_eq!(devices.iter().filter(seated).count(), 7);
}

#[test]
fn ten_thousand_properties_come_one_by_one_without_making_all_wheels_each_time() {
    const PROPERTIES: usize = 10_000;
    let mut world = empty(Timing::default());
    let mut put_on_wheels = 0;
    for count in 0..PROPERTIES {
        let property = world.add_property();
        let before = world.edges.newcomers;
        let mut settings = until_minute(1 + (count % 1_440) as u16);
        let mut scheduler = Scheduler::clone(settings.scheduler.as_ref().expect("just set"));
        scheduler.hours.weekdays[count / 1_440].clear();
        settings.set(Setting::Scheduler(Some(scheduler.into())));
        world.add_widget(property, settings).expect("a zone");
        if world.edges.newcomers < before {
            assert_eq!(world.edges.newcomers, 0);
            put_on_wheels += count;
        }
    }
    assert!(put_on_wheels > PROPERTIES / 2, "the wheels were never made: {put_on_wheels}");
    assert!(put_on_wheels < 8 * PROPERTIES, "{put_on_wheels}");
    let changes = passes(&mut world, later(start(), 86_400_000));
    assert!(changes.len() > PROPERTIES);
}
