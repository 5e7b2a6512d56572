//! Laws: what is folded from the engine equals what the rule book says, looked at whenever anything could
//! have changed; classes add up; nothing changed changes nothing.

use std::collections::BTreeMap;

use lamplighter_core::model::knobs::HoursAre;
use lamplighter_core::model::{
    AgentId, AgentStatus, Answer, Chat, DeviceId, DeviceStatus, Event, Millis, Presence, RuleSet,
    SchedulerState, Visibility, WidgetStatus,
};
use lamplighter_core::oracle::{Member, Oracle};
use lamplighter_scenario::play::Happening;
use lamplighter_scenario::simulate::{Case, Swarm, draw};

use super::*;
use crate::arrivals::Arrival;
use crate::calendar::{MINUTE_MS, WEEK_HOURS};
use crate::class::{Class, ClassTimes};
use crate::figures::{LONGEST_KEPT, Lasts, Longest, TOLD, VisitorCounts, WidgetFigures};

/// So many worlds are generated.
const WORLDS: u64 = 200;
/// Short enough that some devices of a generated world are ghosts.
const GHOST: Millis = Millis(20 * MINUTE_MS as u64);

fn options() -> Options {
    Options {
        from: None,
        to: None,
        ghost_after: GHOST,
        visitors: Visitors::None,
        seed: 1,
        staffing: None,
        alternatives: Vec::new(),
        jobs: 1,
    }
}

fn places(case: &Case, world: &World) -> Places {
    let zone = Arc::new(Zone::utc());
    let zone_of =
        |widget| world.schedule(widget).map_or_else(|| Arc::clone(&zone), |s| Arc::clone(s.zone()));
    Places {
        agents: case.agent_count,
        properties: case.properties.len(),
        widgets: case.widgets().map(|(widget, ..)| (widget, zone_of(widget))).collect(),
        zones: vec![None; case.properties.len()],
        zone,
    }
}

/// Everything of a case, by the engine.
fn folded(case: &Case, zones: &Arc<Zones>, visits: &[Arrival]) -> Vec<WidgetFigures> {
    let world = case.engine(zones).expect("its zones are known");
    let places = places(case, &world);
    let fold = FoldOptions {
        detail: Detail::Whole,
        from: case.start,
        zone: &places.zone,
        ghost_after: options().ghost_after,
        agents: places.agents,
        properties: places.properties,
    };
    let mut lane = Lane::new(world, &fold);
    let mut visits = visits.iter().peekable();
    for step in &case.steps {
        while let Some(visit) = visits.next_if(|visit| visit.at < step.at) {
            lane.arrive(visit);
        }
        lane.apply(&Happening { at: step.at, event: Some(step.event.clone()), is_row: true });
    }
    visits.for_each(|visit| lane.arrive(visit));
    lane.finish(case.end).0
}

/// What the rule book says of a widget at an instant.
#[derive(Clone, PartialEq, Debug)]
struct Seen {
    class: Class,
    answer: Answer,
    presence: Presence,
    online: u32,
    away: u32,
    single: Option<AgentId>,
    sole: Option<DeviceId>,
}

fn look(oracle: &Oracle, case: &Case, widget: WidgetId, property: PropertyId) -> Seen {
    let presence = oracle.presence(property);
    let is_open = case.rules.hours == HoursAre::None
        || oracle.scheduler_state(widget) != SchedulerState::Closed;
    let class = match (is_open, presence) {
        (true, Presence::Online) => Class::Staffed,
        (true, Presence::Away) => Class::AwayOnly,
        (true, Presence::Nobody) => Class::Empty,
        (false, Presence::Nobody) => Class::Closed,
        (false, _) => Class::AfterHours,
    };
    let active: Vec<AgentId> =
        case.agents().filter(|a| oracle.membership(*a, property) == Some(Member::Active)).collect();
    let there = |status| active.iter().filter(|a| oracle.agent_status(**a) == status).count();
    let (online, away) = (there(AgentStatus::Online), there(AgentStatus::Away));
    let mut present = active.iter().filter(|agent| {
        matches!(oracle.agent_status(**agent), AgentStatus::Online | AgentStatus::Away)
    });
    let single = present.next().copied().filter(|_| online + away == 1);
    let devices = active
        .iter()
        .flat_map(|agent| (0..case.device_count(*agent)).map(|slot| DeviceId::new(*agent, slot)));
    let mut lit = devices.filter(|device| {
        matches!(oracle.device_status(*device), DeviceStatus::Online | DeviceStatus::Away)
    });
    let sole = lit.next().filter(|_| lit.next().is_none());
    let answer = oracle.answer(widget);
    Seen { class, answer, presence, online: online as u32, away: away as u32, single, sole }
}

/// What was seen of each widget after everything of each instant, and whose devices had events then.
#[derive(Default)]
struct Watched {
    seen: BTreeMap<Instant, Vec<Seen>>,
    events: BTreeMap<Instant, Vec<Event>>,
    visits: Vec<(usize, Instant, Seen, Visibility)>,
}

fn watch(case: &Case, zones: &Zones, visits: &[Arrival]) -> Watched {
    let mut oracle = case.oracle(zones).expect("its zones are known");
    let mut watched = Watched::default();
    let mut visits = visits.iter().peekable();
    let widgets: Vec<(WidgetId, PropertyId)> = case.widgets().map(|(w, p, _)| (w, p)).collect();
    let see = |oracle: &Oracle| -> Vec<Seen> {
        widgets.iter().map(|(widget, property)| look(oracle, case, *widget, *property)).collect()
    };
    watched.seen.insert(case.start, see(&oracle));
    let ends = case.steps.iter().map(|step| (step.at, Some(&step.event))).chain([(case.end, None)]);
    for (at, event) in ends {
        let mut instants = oracle.candidates(at);
        instants.insert(at);
        let mut wanted = visits.clone();
        instants.extend(wanted.by_ref().map(|visit| visit.at).take_while(|visit| *visit < at));
        let now = oracle.now();
        for instant in instants.into_iter().filter(|instant| *instant > now) {
            oracle.advance(instant);
            watched.seen.insert(instant, see(&oracle));
            while instant < at
                && let Some(visit) = visits.next_if(|visit| visit.at == instant)
            {
                watched.visit(&oracle, case, visit);
            }
        }
        // Visits of this very instant come after all of its events: they are looked at later.
        if let Some(event) = event
            && oracle.apply(event).is_ok()
        {
            watched.events.entry(at).or_default().push(event.clone());
        }
        watched.seen.insert(at, see(&oracle));
    }
    watched
}

impl Watched {
    fn visit(&mut self, oracle: &Oracle, case: &Case, visit: &Arrival) {
        let (widget, property, _) =
            case.widgets().find(|(widget, ..)| *widget == visit.widget).expect("a widget");
        let seen = look(oracle, case, widget, property);
        let visibility = oracle.visibility(widget, &visit.visitor);
        self.visits.push((widget.index(), visit.at, seen, visibility));
    }

    /// The stretches between looks of a widget: from, to, and what was seen.
    fn stretches(&self, widget: usize, end: Instant) -> Vec<(Instant, Instant, &Seen)> {
        let next = self.seen.keys().copied().skip(1).chain([end]);
        let looks = self.seen.iter().zip(next);
        looks
            .map(|((from, seen), to)| (*from, to, &seen[widget]))
            .filter(|(from, to, _)| from < to)
            .collect()
    }

    /// Maximal runs of stretches that have something in common.
    fn runs<K: PartialEq + Copy>(
        &self,
        widget: usize,
        end: Instant,
        key: impl Fn(&Seen) -> Option<K>,
    ) -> Vec<(Instant, Instant, K)> {
        let mut runs: Vec<(Instant, Instant, K)> = Vec::new();
        for (from, to, seen) in self.stretches(widget, end) {
            let Some(key) = key(seen) else { continue };
            match runs.last_mut() {
                Some((_, last, same)) if *last == from && *same == key => *last = to,
                _ => runs.push((from, to, key)),
            }
        }
        runs
    }
}

/// How many there are, how long all of them are, and the lengths of the longest.
fn sums(lengths: impl Iterator<Item = u64>) -> (u64, u64, Vec<u64>) {
    let mut all: Vec<u64> = lengths.collect();
    let (count, total) = (all.len() as u64, all.iter().sum());
    all.sort_unstable_by(|a, b| b.cmp(a));
    all.truncate(LONGEST_KEPT);
    (count, total, all)
}

fn kept<T: Lasts>(longest: &Longest<T>) -> (u64, u64, Vec<u64>) {
    (longest.count, longest.total_ms, longest.kept.iter().map(Lasts::lasted_ms).collect())
}

fn length(from: Instant, to: Instant) -> u64 {
    to.since(from).0
}

/// Visitors, every 37 minutes at each widget in turn.
fn visits(case: &Case) -> Vec<Arrival> {
    let widgets: Vec<WidgetId> = case.widgets().map(|(widget, ..)| widget).collect();
    let mut found: Vec<Arrival> = Vec::new();
    let mut at_ms = case.start.as_millis() + 1;
    while at_ms < case.end.as_millis() {
        let at = Instant::from_millis(at_ms).expect("within the case");
        let known = case.visits.get(found.len() % case.visits.len().max(1));
        let visitor = known.map(|visit| visit.visitor.clone()).unwrap_or_default();
        found.push(Arrival { at, widget: widgets[found.len() % widgets.len()], visitor });
        at_ms += 37 * MINUTE_MS;
    }
    // What is looked at in the instant of an event is another test's.
    let steps: std::collections::BTreeSet<Instant> =
        case.steps.iter().map(|step| step.at).collect();
    found.retain(|visit| !steps.contains(&visit.at));
    found
}

fn check(seed: u64, case: &Case, zones: &Arc<Zones>) -> u64 {
    let visits = visits(case);
    let figures = folded(case, zones, &visits);
    let watched = watch(case, zones, &visits);
    let mut met = 0;
    for (index, found) in figures.iter().enumerate() {
        let what = format!("seed {seed}, widget {index}");
        let (mut times, mut false_light, mut dark) = (ClassTimes::default(), 0, 0);
        for (from, to, seen) in watched.stretches(index, case.end) {
            let ms = length(from, to);
            times.add(seen.class, ms);
            let (status, chat) = (seen.answer.status, seen.answer.chat);
            false_light += if (status, chat) == (WidgetStatus::Online, Chat::No) { ms } else { 0 };
            let is_dark = status == WidgetStatus::Offline && seen.presence == Presence::Online;
            dark += if is_dark { ms } else { 0 };
        }
        let totals = &found.totals;
        assert_eq!(totals.times, times, "{what}");
        assert_eq!(times.whole_ms(), length(case.start, case.end), "{what}: the whole");
        assert_eq!(totals.false_light_ms, false_light, "{what}: false light");
        assert_eq!(totals.dark_while_staffed_ms, dark, "{what}: dark while staffed");
        for (class, longest) in TOLD.into_iter().zip(&found.longest) {
            let runs = watched.runs(index, case.end, |s| (s.class == class).then_some(()));
            let runs = sums(runs.iter().map(|(from, to, ())| length(*from, *to)));
            assert_eq!(kept(longest), runs, "{what}: {}", class.word());
        }
        let single = watched.runs(index, case.end, |s| s.single.filter(|_| s.class.is_lit()));
        let single = sums(single.iter().map(|(from, to, _)| length(*from, *to)));
        assert_eq!(kept(&found.single), single, "{what}: a single person");
        met += check_changes(&what, index, found, &watched, case.end);
        met += check_ghosts(&what, index, found, &watched, case.end);
        check_hours(&what, found, &watched.stretches(index, case.end));
        let mut visitors = VisitorCounts::default();
        for (_, _, seen, visibility) in watched.visits.iter().filter(|(of, ..)| *of == index) {
            visitors.came += 1;
            visitors.empty += u64::from(seen.class == Class::Empty);
            match (visibility, seen.answer.status) {
                (Visibility::Hidden(_), _) => visitors.hidden += 1,
                (_, WidgetStatus::Online) => visitors.online += 1,
                (_, WidgetStatus::Away) => visitors.away += 1,
                (_, WidgetStatus::Offline) => visitors.offline += 1,
            }
        }
        assert_eq!(totals.visitors, visitors, "{what}: visitors");
    }
    met
}

/// What changes at the end of a report is no part of it.
fn check_changes(
    what: &str,
    index: usize,
    found: &WidgetFigures,
    watched: &Watched,
    end: Instant,
) -> u64 {
    let mut looks = watched.seen.iter().filter(|(at, _)| **at < end);
    let mut shown = looks.next().expect("the first instant").1[index].answer;
    let (mut changes, mut short, mut last) = (0, 0, None);
    for (at, seen) in looks {
        let now = seen[index].answer;
        if (now.status, now.chat) != (shown.status, shown.chat) {
            changes += 1;
            short += u64::from(last.is_some_and(|last| length(last, *at) < MINUTE_MS as u64));
            last = Some(*at);
        }
        shown = now;
    }
    assert_eq!(found.totals.changes, changes, "{what}: changes");
    assert_eq!(found.totals.short_spells, short, "{what}: spells under a minute");
    changes
}

/// Lit time since the device was alone and had its last event, where that is longer than allowed.
fn check_ghosts(
    what: &str,
    index: usize,
    found: &WidgetFigures,
    watched: &Watched,
    end: Instant,
) -> u64 {
    let is_of = |event: &Event, device: DeviceId| match (event, event.device()) {
        (_, Some(of)) => of == device,
        // Done to the agent, and on no device.
        (Event::Suspend(..) | Event::Reinstate(..), None) => false,
        (_, None) => event.agent() == Some(device.agent()),
    };
    let mut spells: Vec<(DeviceId, u64)> = Vec::new();
    let mut alone: Option<DeviceId> = None;
    for (from, to, seen) in watched.stretches(index, end) {
        let had_event = watched.events.get(&from).is_some_and(|events| {
            seen.sole.is_some_and(|sole| events.iter().any(|event| is_of(event, sole)))
        });
        if seen.sole != alone || had_event {
            alone = seen.sole;
            spells.extend(alone.map(|device| (device, 0)));
        }
        if let (Some((_, ms)), true, true) =
            (spells.last_mut(), alone.is_some(), seen.class.is_lit())
        {
            *ms += length(from, to);
        }
    }
    let ghosts = spells.into_iter().map(|(_, ms)| ms).filter(|ms| *ms > GHOST.0);
    let ghosts = sums(ghosts);
    assert_eq!(kept(&found.ghosts), ghosts, "{what}: ghosts");
    ghosts.0
}

/// Hours of the week by what the zone's clock reads minute by minute.
fn check_hours(what: &str, found: &WidgetFigures, stretches: &[(Instant, Instant, &Seen)]) {
    use chrono::{Datelike, Timelike};
    let mut hours = vec![(ClassTimes::default(), 0, 0); WEEK_HOURS];
    for (from, to, seen) in stretches {
        let (mut at_ms, to_ms) = (from.as_millis(), to.as_millis());
        while at_ms < to_ms {
            let at = Instant::from_millis(at_ms).expect("within the case");
            // In former times hours struck at any second.
            let is_odd = found.zone.offset_s(at) % 60 != 0;
            let step_ms = if is_odd { 1_000 } else { MINUTE_MS };
            let next_ms = ((at_ms.div_euclid(step_ms) + 1) * step_ms).min(to_ms);
            let local = found.zone.local(at);
            let hour = local.weekday().num_days_from_monday() * 24 + local.hour();
            let ms = (next_ms - at_ms) as u64;
            let (times, online, away) = &mut hours[hour as usize];
            times.add(seen.class, ms);
            *online += ms * u64::from(seen.online);
            *away += ms * u64::from(seen.away);
            at_ms = next_ms;
        }
    }
    for (hour, (found, seen)) in found.hours.iter().zip(hours).enumerate() {
        assert_eq!((found.times, found.online_ms, found.away_ms), seen, "{what}: hour {hour}");
    }
    let by_days: u64 = found.days.iter().flatten().map(|ms| u64::from(*ms)).sum();
    assert_eq!(by_days, found.totals.times.whole_ms(), "{what}: days");
}

#[test]
fn what_is_folded_is_what_the_rule_book_says_on_generated_worlds() {
    let zones = Arc::new(Zones::bundled());
    let mut met = 0;
    for seed in 0..WORLDS {
        // Every other world by the rule book, the rest by rules of any kind.
        let rules = (seed % 2 == 0).then_some(RuleSet::BOOK);
        let swarm = Swarm::draw(seed, rules.as_ref());
        met += check(seed, &draw(seed, &swarm, &zones), &zones);
    }
    assert!(met > WORLDS, "hardly anything happens in these worlds: {met}");
}
