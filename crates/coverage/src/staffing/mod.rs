//! Chats: visitors who may start one wait for a member with room, are served, or leave. Several seeded
//! repetitions go along with a world, and are told who is there.
//!
//! | file | what it does |
//! | --- | --- |
//! | `options` | what is asked of them |
//! | `queue` | the chats of one repetition, event by event |
//! | `watch` | who is there, and for how long, hour by hour |
//! | `tally` | what became of chats, in one repetition and over all |
//! | `estimate` | repetitions into a mean and its interval; lengths of waits |
//! | `erlang` | the formulas for constant staff, and how many members an hour needs |
//! | `times` | handling times as a file recorded them |

pub mod erlang;
pub mod estimate;
mod options;
pub mod queue;
mod tally;
pub mod times;
mod watch;

use std::sync::Arc;

use lamplighter_core::hours::Zone;
use lamplighter_core::model::{
    AgentId, AgentStatus, Chat, HiddenBecause, Instant, PropertyId, Visibility,
};
use lamplighter_core::world::World;
use lamplighter_scenario::synth::random::RandomStream;

use crate::arrivals::number::exponential;
use crate::arrivals::{Arrival, CurveArrivals};
use crate::class::Class;
use crate::figures::StaffingFigures;
pub use options::{Handle, StaffingOptions};
use queue::{Ended, Queue, Teams, WantedChat};
use tally::{Tally, figures};
use watch::Watch;

/// The chats of all repetitions beside one world.
pub struct Staffing {
    options: StaffingOptions,
    teams: Teams,
    watches: Vec<Watch>,
    runs: Vec<Run>,
    from: Instant,
    to: Instant,
}

struct Run {
    queue: Queue,
    /// What chats came to, by property.
    tallies: Vec<Tally>,
    /// By property: what chats take, and how patient visitors are.
    streams: Vec<RandomStream>,
    /// Where each repetition has visitors of its own.
    arrivals: Option<CurveArrivals>,
}

/// Where and when chats are.
pub struct StaffingScope<'a> {
    /// How many agents there are.
    pub agents: usize,
    /// The zone of each property's first widget; `None` of a property without one.
    pub zones: &'a [Option<Arc<Zone>>],
    /// The first instant of the report, and the first behind it.
    pub span: (Instant, Instant),
}

impl Staffing {
    /// Nobody has come yet. Visitors of each repetition are made by `arrivals`, where each has its own.
    pub fn new(
        options: StaffingOptions,
        place: &StaffingScope<'_>,
        arrivals: impl Fn(u64) -> Option<CurveArrivals>,
    ) -> Self {
        let (from, to) = place.span;
        let properties = place.zones.len();
        let utc = Arc::new(Zone::utc());
        let zone = |zone: &Option<Arc<Zone>>| Arc::clone(zone.as_ref().unwrap_or(&utc));
        let watches: Vec<Watch> =
            place.zones.iter().map(|found| Watch::new(zone(found), from)).collect();
        let run = |run: u32| Run {
            queue: Queue::new(options.concurrent, place.agents, properties),
            tallies: watches
                .iter()
                .map(|watch| Tally::new(watch.zone(), options.answer_within))
                .collect(),
            streams: (0..properties as u64)
                .map(|property| RandomStream::fork(options.seed, b"chats...", property, run.into()))
                .collect(),
            arrivals: arrivals(run.into()),
        };
        Self {
            runs: (0..options.runs).map(run).collect(),
            teams: Teams::new(place.agents, properties),
            watches,
            options,
            from,
            to,
        }
    }

    /// Goes on to an instant, that one excluded, in a world that stays as it is until then.
    pub fn go_to(&mut self, to: Instant, world: &World) {
        for index in 0..self.runs.len() {
            while let Some(arrivals) = &mut self.runs[index].arrivals
                && arrivals.next_at().is_some_and(|at| at < to)
                && let Some(arrival) = arrivals.take_next()
            {
                self.want(index, &arrival, world);
            }
        }
    }

    /// A visitor of all repetitions comes, after everything of the instant. Repetitions that have visitors of
    /// their own have nothing to do with it.
    pub fn arrive(&mut self, arrival: &Arrival, world: &World) {
        if arrival.at < self.from || arrival.at >= self.to {
            return;
        }
        for index in 0..self.runs.len() {
            if self.runs[index].arrivals.is_none() {
                self.want(index, arrival, world);
            }
        }
    }

    /// Who is there has perhaps changed for these agents, each with the properties that they are members of:
    /// everything of the world's instant has happened.
    pub fn look_at_agents<'a>(
        &mut self,
        agents: impl Iterator<Item = (AgentId, &'a [PropertyId])>,
        world: &World,
    ) {
        let of_agent = |(agent, properties)| {
            let is_there = match world.agent_status(agent) {
                AgentStatus::Online => true,
                AgentStatus::Away => self.options.away_answers,
                AgentStatus::Invisible | AgentStatus::Offline => false,
            };
            let knows = self.teams.knows(agent, properties, is_there);
            (!knows).then_some((agent, properties, is_there))
        };
        let changed: Vec<_> = agents.filter_map(of_agent).collect();
        if changed.is_empty() {
            return;
        }
        // Until this instant those answered who were there before; at it, those who are there from now on.
        let at_ms = world.now().as_millis();
        self.advance(at_ms - 1);
        for (agent, properties, is_there) in &changed {
            self.teams.put(*agent, properties, *is_there);
        }
        self.advance(at_ms);
        for Run { queue, tallies, .. } in &mut self.runs {
            for (agent, ..) in changed.iter().filter(|(.., is_there)| *is_there) {
                queue.come(at_ms, *agent, &self.teams, &mut |ended| tally(tallies, &ended));
            }
        }
    }

    /// How many are there for a property, and whether it is open, has perhaps changed.
    pub fn look_at_property(&mut self, property: PropertyId, world: &World) {
        let members = self.teams.members[property.index()].iter();
        let there = members.filter(|member| self.teams.is_there[member.index()]).count();
        let mut widgets = world.widgets_of(property);
        let is_open = widgets.any(|widget| Class::of_widget(world, widget).0.is_open());
        self.watches[property.index()].put(world.now(), there as u32, is_open);
    }

    /// What it all came to, up to an instant.
    pub fn finish(mut self, to: Instant, world: &World) -> Vec<StaffingFigures> {
        self.go_to(to, world);
        self.advance(to.as_millis() - 1);
        for watch in &mut self.watches {
            watch.finish(to);
        }
        let mut runs = Vec::with_capacity(self.runs.len());
        for Run { queue, mut tallies, .. } in self.runs {
            for (chat, over_ms) in queue.in_hands() {
                tallies[chat.property.index()].end_early(to.as_millis(), over_ms);
            }
            queue.finish(&mut |ended| tally(&mut tallies, &ended));
            runs.push(tallies);
        }
        let watches = self.watches.iter().enumerate();
        let of = |(index, watch)| {
            let tallies: Vec<&Tally> = runs.iter().map(|tallies| &tallies[index]).collect();
            figures(PropertyId::new(index), watch, &tallies, &self.options)
        };
        watches.map(of).collect()
    }

    /// A visitor of one repetition comes.
    fn want(&mut self, run: usize, arrival: &Arrival, world: &World) {
        let Arrival { at, widget, ref visitor } = *arrival;
        let property = world.property_of(widget);
        let Run { queue, tallies, streams, .. } = &mut self.runs[run];
        let visibility = world.visibility(widget, visitor);
        let is_open = Class::of_widget(world, widget).0.is_open();
        // Whoever would see it if somebody were there is a load that hours need members for.
        if is_open
            && matches!(visibility, Visibility::Shown | Visibility::Hidden(HiddenBecause::Offline))
        {
            tallies[property.index()].note_load(at);
        }
        // Drawn for everybody, so that nobody's depend on who found somebody there.
        let stream = &mut streams[property.index()];
        let handle_ms = self.options.handle.draw(stream);
        let patience_ms =
            self.options.patience.map(|mean| (exponential(stream) * mean.0 as f64).round() as u64);
        if world.answer(widget).chat == Chat::No || visibility != Visibility::Shown {
            return;
        }
        let at_ms = at.as_millis();
        let mut take = |ended| tally(tallies, &ended);
        queue.advance(at_ms, &self.teams, &mut take);
        let wanted = WantedChat { at_ms, property, handle_ms, patience_ms };
        queue.want(wanted, &self.teams, &mut take);
    }

    /// Goes on to an instant in all repetitions, that one included, with those who are there.
    fn advance(&mut self, to_ms: i64) {
        for Run { queue, tallies, .. } in &mut self.runs {
            queue.advance(to_ms, &self.teams, &mut |ended| tally(tallies, &ended));
        }
    }
}

fn tally(tallies: &mut [Tally], ended: &Ended) {
    tallies[ended.chat.property.index()].take(ended);
}
