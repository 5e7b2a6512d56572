//! The laws that hold in every world: order within an instant does not matter, an advance can be
//! split anywhere, and the engine answers as the oracle does.

mod hours;
mod pages;
mod playing;
mod stories;
mod worlds;

use crate::config::config;
use lamplighter_core::model::{ActionWord, AgentId, DeviceId, Event, RuleSet};
use lamplighter_core::oracle::Witness;
use lamplighter_core::world::World;
use playing::{Player, assert_agree, assert_same};
use proptest::prelude::*;
use stories::{Step, device_event, run, step_of_agents, story, wait};
use worlds::{
    AGENTS, DEVICES_OF_EACH, MINUTE_MS, Recipe, agents, devices, moment, moved, recipe, widgets,
};

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn the_engine_answers_as_the_rule_book_does((recipe, steps) in run(30)) {
        let mut player = Player::new(&recipe);
        let mut oracle = recipe.oracle();
        let mut witness = Witness::default();
        witness.look(&oracle);
        assert_agree(&player, &oracle)?;
        for step in &steps {
            match step {
                Step::Do(event) => {
                    let (found, expected) = (player.apply(event), oracle.apply(event));
                    prop_assert_eq!(found, expected, "whether {:?} can happen", event);
                    witness.look(&oracle);
                }
                Step::Wait(wait) => {
                    let to = wait.until(&player.world);
                    player.advance(to);
                    witness.watch(&mut oracle, to);
                }
                Step::AskNext(widget, minutes) => {
                    let until = moved(oracle.now(), minutes * MINUTE_MS);
                    let found = player.world.next_change(*widget);
                    let found = found.filter(|next| next.at <= until);
                    let found = found.map(|next| (next.at, next.answer));
                    prop_assert_eq!(found, oracle.next(*widget, until), "next of {:?}", widget);
                    for agent in agents() {
                        let found = player.world.next_agent_change(agent);
                        let found = found.filter(|next| next.at <= until);
                        let found = found.map(|next| (next.at, next.answer));
                        prop_assert_eq!(found, oracle.next_of_agent(agent, until), "{:?}", agent);
                    }
                }
            }
            assert_agree(&player, &oracle)?;
        }
        let rows: Vec<_> =
            player.finish().into_iter().map(|row| (row.at, row.widget, row.answer)).collect();
        prop_assert_eq!(rows, witness.timeline());
    }
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn an_advance_can_be_split_anywhere(
        (recipe, steps) in run(25),
        lengths in prop::collection::vec(wait(), 1..6),
    ) {
        let (mut at_once, mut split) = (Player::new(&recipe), Player::new(&recipe));
        for step in &steps {
            at_once.step(step);
            split.step(step);
        }
        for length in &lengths {
            split.advance(length.until(&split.world));
        }
        at_once.advance(split.world.now());
        assert_same(&at_once.world, &split.world)?;
        prop_assert_eq!(at_once.finish(), split.finish());
    }

    /// Whatever stood there before.
    #[test]
    fn a_copy_into_another_world_is_the_same_and_goes_on_alike(
        (recipe, steps) in run(20),
        (other, others) in run(20),
        more in story(),
    ) {
        let play = |recipe: &Recipe, steps: &[Step]| {
            let mut player = Player::new(recipe);
            steps.iter().for_each(|step| player.step(step));
            player.world
        };
        let (world, mut copy) = (play(&recipe, &steps), play(&other, &others));
        copy.clone_from(&world);
        prop_assert_eq!(format!("{world:?}"), format!("{copy:?}"));
        let (mut one, mut other) = (Player::of(world), Player::of(copy));
        for step in &more {
            one.step(step);
            other.step(step);
        }
        assert_same(&one.world, &other.world)?;
        prop_assert_eq!(one.finish(), other.finish());
    }

    #[test]
    fn who_has_a_seat_does_as_who_stands(
        mut recipe in moment().prop_flat_map(|(home, at)| recipe(home, at)),
        steps in prop::collection::vec(step_of_agents(), 0..30),
        is_shared in any::<bool>(),
    ) {
        /// As many devices as find room on a seat.
        const SEAT: usize = 2;
        recipe.rules = RuleSet::BOOK;
        // Who is a member of both properties stands beside who is of one.
        let second = [(1, false), (2, false)].into_iter().skip(usize::from(!is_shared));
        recipe.members = vec![vec![(0, false), (1, false)], second.collect()];
        let (mut standing, mut seated) = (Player::new(&recipe), Player::of(recipe.world_of(SEAT)));
        for step in &steps {
            match step {
                Step::Do(event) if event.device().is_some_and(|device| device.slot() >= SEAT) => {}
                Step::Do(event) => {
                    let said = event.action().and_then(ActionWord::of);
                    let found = match (event.agent(), said) {
                        (Some(agent), Some(said)) => {
                            seated.apply_hinted(agent, event.device(), said)
                        }
                        _ => seated.apply(event),
                    };
                    prop_assert_eq!(found, standing.apply(event), "whether {:?} can happen", event);
                }
                Step::Wait(wait) => {
                    let to = wait.until(&standing.world);
                    standing.advance(to);
                    seated.advance(to);
                }
                Step::AskNext(..) => {}
            }
            let (a, b) = (&seated.world, &standing.world);
            for device in devices().filter(|device| device.slot() < SEAT) {
                prop_assert_eq!(a.device_status(device), b.device_status(device), "{:?}", device);
                prop_assert_eq!(a.connection(device), b.connection(device), "{:?}", device);
            }
            for agent in agents() {
                prop_assert_eq!(a.agent_status(agent), b.agent_status(agent), "{:?}", agent);
            }
            for widget in widgets() {
                prop_assert_eq!(a.answer(widget), b.answer(widget), "{:?}", widget);
            }
            prop_assert_eq!(&seated.told, &standing.told);
            prop_assert!(seated.false_changes.is_empty(), "{:?}", seated.false_changes);
        }
        prop_assert_eq!(seated.finish(), standing.finish());
    }

    #[test]
    fn what_devices_do_at_one_instant_can_come_in_any_order(
        (mut recipe, steps) in run(25),
        (events, shuffled) in devices().map(device_event).collect::<Vec<_>>()
            .prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle())),
        after in prop::collection::vec(wait(), 0..4),
    ) {
        // By other rules what is said on one device can be about the others.
        if recipe.rules.concern_people() {
            recipe.rules = RuleSet::BOOK;
        }
        let (mut one, mut other) = (Player::new(&recipe), Player::new(&recipe));
        for step in &steps {
            one.step(step);
            other.step(step);
        }
        for event in &events {
            let _ = one.apply(event);
        }
        for event in &shuffled {
            let _ = other.apply(event);
        }
        assert_same(&one.world, &other.world)?;
        for wait in &after {
            let to = wait.until(&one.world);
            one.advance(to);
            other.advance(to);
            assert_same(&one.world, &other.world)?;
        }
        prop_assert_eq!(one.finish(), other.finish());
    }

    #[test]
    fn who_is_declared_first_does_not_matter(
        (recipe, steps) in run(30),
        agents in Just((0..AGENTS).collect::<Vec<_>>()).prop_shuffle(),
        slots in Just((0..DEVICES_OF_EACH).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let renamed = renamed(&recipe, &agents);
        let (mut one, mut other) = (Player::new(&recipe), Player::new(&renamed));
        for step in &steps {
            let renamed = match step {
                Step::Do(event) => Step::Do(renamed_event(event, &agents, &slots)),
                step => step.clone(),
            };
            one.step(step);
            other.step(&renamed);
            let (a, b) = (&one.world, &other.world);
            prop_assert_eq!(a.now(), b.now());
            for widget in widgets() {
                prop_assert_eq!(a.answer(widget), b.answer(widget));
                let next = |world: &World| world.next_change(widget).map(|next| (next.at, next.answer));
                prop_assert_eq!(next(a), next(b));
            }
            for (agent, &to) in agents.iter().enumerate() {
                let (agent, to) = (AgentId::new(agent), AgentId::new(to));
                prop_assert_eq!(a.agent_status(agent), b.agent_status(to));
            }
        }
        prop_assert_eq!(one.finish(), other.finish());
    }
}

/// The same world with other ids for its agents and devices, and its members told in another order.
fn renamed(recipe: &Recipe, agents: &[usize]) -> Recipe {
    let mut renamed = recipe.clone();
    for members in &mut renamed.members {
        for (agent, _) in members.iter_mut() {
            *agent = agents[*agent];
        }
        members.reverse();
    }
    renamed
}

fn renamed_event(event: &Event, agents: &[usize], slots: &[usize]) -> Event {
    let agent = |agent: &AgentId| AgentId::new(agents[agent.index()]);
    let device = |device: &DeviceId| DeviceId::new(agent(&device.agent()), slots[device.slot()]);
    match event {
        Event::Login(d) => Event::Login(device(d)),
        Event::SetStatus(d, chosen) => Event::SetStatus(device(d), *chosen),
        Event::SetStatusEverywhere(a, chosen) => Event::SetStatusEverywhere(agent(a), *chosen),
        Event::SetStatusFor(d, chosen, length) => Event::SetStatusFor(device(d), *chosen, *length),
        Event::SetStatusEverywhereFor(a, chosen, length) => {
            Event::SetStatusEverywhereFor(agent(a), *chosen, *length)
        }
        Event::Logout(d) => Event::Logout(device(d)),
        Event::LogoutEverywhere(a) => Event::LogoutEverywhere(agent(a)),
        Event::Disconnect(d) => Event::Disconnect(device(d)),
        Event::Reconnect(d) => Event::Reconnect(device(d)),
        Event::Activity(d) => Event::Activity(device(d)),
        Event::Suspend(a, property) => Event::Suspend(agent(a), *property),
        Event::Reinstate(a, property) => Event::Reinstate(agent(a), *property),
        Event::Configure(..) => event.clone(),
    }
}
