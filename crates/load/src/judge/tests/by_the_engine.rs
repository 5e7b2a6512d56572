//! Services that go by whatever rules, played by the engine: a judge by the same rules finds nothing wrong in
//! what they answer, one by others does.

use super::*;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::products::PRODUCTS;
use lamplighter_core::model::{DeviceId, Event, Impossible, Knob, PropertyId, RuleSet, WidgetId};
use lamplighter_core::world::{Membership, Timing, World, WorldBuilder};
use lamplighter_scenario::synth::random::RandomStream;

const DEVICES: [(AgentIndex, DeviceSlot); 3] = [LAPTOP, PHONE, DESK];
/// A run lasts so many milliseconds: over the hours of the further widget, and beyond.
const LASTS_MS: u32 = 240_000;
const GRACE: Millis = Millis(10_000);

/// Something that takes effect at a moment, in milliseconds of the run.
enum Happening {
    /// A write, sent and answered at two others.
    Write((AgentIndex, DeviceSlot), Effect, (u32, u32)),
    Loss((AgentIndex, DeviceSlot)),
    /// A read of a widget, asked for and answered at two others.
    Read(WidgetIndex, (u32, u32)),
    Team((u32, u32)),
}

fn draw(seed: u64) -> Vec<(u32, Happening)> {
    let mut stream = RandomStream::fork(seed, b"service.", 0, 0);
    let mut all = Vec::new();
    for device in DEVICES {
        // A device does one thing after the other; what others do meanwhile may overlap.
        let mut free = stream.below(3_000);
        while free < LASTS_MS {
            let (from, to) = (free, free + 1 + stream.below(400));
            let at = from + stream.below(to - from + 1);
            let effect = match stream.below(12) {
                0..=3 => Effect::Login,
                4 => Effect::Logout,
                5 => {
                    all.push((from, Happening::Loss(device)));
                    free = from + 1 + stream.below(15_000);
                    continue;
                }
                6..=7 => Effect::Status(Chosen::Online),
                8..=9 => Effect::Status(Chosen::Away),
                _ => Effect::Status(Chosen::Invisible),
            };
            all.push((at, Happening::Write(device, effect, (from, to))));
            free = to + 1 + stream.below(9_000);
        }
    }
    for number in 0..240 {
        let from = stream.below(LASTS_MS);
        let (to, what) = (from + 1 + stream.below(60), number % 3);
        let at = from + stream.below(to - from + 1);
        all.push((
            at,
            match what {
                0 => Happening::Read(ACME, (from, to)),
                1 => Happening::Read(SALES, (from, to)),
                _ => Happening::Team((from, to)),
            },
        ));
    }
    all.sort_by_key(|(at, _)| *at);
    all
}

fn world(rules: &RuleSet) -> World {
    let mut builder = WorldBuilder::new(Timing { grace: rules.grace.length(), auto_away: None });
    builder.put_rules(*rules);
    let property = builder.add_property();
    for widget in &plan().widgets {
        builder.add_widget(property, (*widget.settings).clone());
    }
    for _ in 0..2 {
        let agent = builder.add_agent();
        builder.add_member(agent, property, Membership::Active);
    }
    let mut world = builder.build(noon(), Arc::new(Zones::bundled())).expect("known zones");
    for (agent, _) in DEVICES {
        world.add_device(lamplighter_core::model::AgentId::new(agent as usize));
    }
    world
}

/// A run of a service that goes by these rules.
fn run_by(rules: &RuleSet, seed: u64) -> Run {
    let (mut world, mut run) = (world(rules), Run::new());
    let micros = |ms: u32| Micros::from(ms) * MS;
    for (at, what) in draw(seed) {
        let at_us = micros(at);
        let now = noon().checked_add(Millis(at.into())).expect("in range");
        world.advance(now, &mut |_| {});
        let id = |(agent, slot): (AgentIndex, DeviceSlot)| {
            DeviceId::new(lamplighter_core::model::AgentId::new(agent as usize), slot.into())
        };
        match what {
            Happening::Write(device, effect, (from, to)) => {
                let event = match effect {
                    Effect::Login => Event::Login(id(device)),
                    Effect::Logout => Event::Logout(id(device)),
                    Effect::Status(chosen) => Event::SetStatus(id(device), chosen),
                    Effect::Connect => unreachable!("nobody comes back here"),
                };
                let completion = match world.apply(&event, &mut |_| {}) {
                    Ok(()) => Completion::Done(Vec::new()),
                    Err(Impossible::NotLoggedIn) => Completion::LoggedOut,
                    Err(_) => Completion::Refused,
                };
                run.ends(device, effect, micros(from), micros(to), completion);
            }
            Happening::Loss(device) => {
                if world.apply(&Event::Disconnect(id(device)), &mut |_| {}).is_ok() {
                    run.lose(device, at_us);
                }
            }
            Happening::Read(widget, (from, to)) => {
                let answer = world.answer(WidgetId::new(widget as usize));
                let seen = widget_seen(widget, Delivery::Polled, (answer.status, answer.chat));
                run.observe(1, (micros(from), micros(to)), None, seen);
            }
            Happening::Team((from, to)) => {
                let members = world.members(PropertyId::new(0)).iter();
                let seen =
                    members.map(|agent| Some(PossibleStatuses::just(world.agent_status(*agent))));
                let seen = Observed::Team(seen.collect());
                run.observe(2, (micros(from), micros(to)), None, seen);
            }
        }
    }
    run
}

fn judged(by: &RuleSet, run: Run) -> Judged {
    let length = (GRACE.0 * 1_000) as Micros;
    let is_never = by.grace.length() == Millis::FOREVER;
    let grace = (!is_never).then_some(GraceRange { min: length, max: length });
    run.report_by(judge_of(StalenessBounds { rules: *by, grace, ..StalenessBounds::exact(GRACE) }))
        .judged
}

/// The rule book with one knob in another position, for every knob and position that a run can show.
fn one_knob_each() -> Vec<(String, RuleSet)> {
    let book = with_grace(RuleSet::BOOK);
    let mut all = Vec::new();
    // Nobody is idle here.
    for &knob in Knob::ALL.iter().filter(|knob| **knob != Knob::Idle) {
        for position in knob.positions() {
            let mut rules = book;
            rules.put(knob, position).expect("a position of its own");
            if rules != book {
                all.push((format!("{}={position}", knob.name()), rules));
            }
        }
    }
    all
}

fn with_grace(mut rules: RuleSet) -> RuleSet {
    if rules.grace.length() != Millis::FOREVER {
        rules.put(Knob::Grace, "10s").expect("a length");
    }
    rules
}

#[test]
fn a_service_that_goes_by_its_rules_is_never_called_wrong() {
    let products = PRODUCTS.iter().map(|one| (one.name.to_owned(), with_grace(one.rules())));
    let mut reads = 0;
    for (name, rules) in one_knob_each().into_iter().chain(products) {
        for seed in 0..20 {
            let judged = judged(&rules, run_by(&rules, seed));
            assert!(judged.not_tested.is_empty(), "{name}, seed {seed}");
            let evidence = judged.evidence.first().map(|one| one.scenario.clone());
            let evidence = evidence.unwrap_or_default();
            assert_eq!(judged.wrong_count(), 0, "{name}, seed {seed}\n{evidence}");
            reads += judged.reads;
        }
    }
    assert!(reads > 50_000, "{reads}");
}

#[test]
fn a_service_with_one_knob_turned_is_found_by_a_judge_of_the_rule_book_and_the_other_way_round() {
    let book = with_grace(RuleSet::BOOK);
    for (name, rules) in one_knob_each() {
        // The hours of the plan lie within a day: nothing of them goes past midnight.
        if name.starts_with("overnight") {
            continue;
        }
        let is_found = |judge: &RuleSet, service: &RuleSet| {
            (0..40).any(|seed| judged(judge, run_by(service, seed)).wrong_count() > 0)
        };
        assert!(is_found(&book, &rules), "a service with {name}");
        assert!(is_found(&rules, &book), "a judge with {name}");
    }
}
