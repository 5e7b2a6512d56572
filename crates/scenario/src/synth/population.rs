//! The population of a synthetic world: who works where and how, as plain data. The same knobs give the
//! same one, and a property stays what it is when others are added.

use std::convert::Infallible;
use std::ops::Range;
use std::sync::Arc;

use super::content::widget_settings;
use super::in_turn::in_turn;
use super::knobs::{KnobError, Knobs};
use super::names;
use super::random::RandomStream;
use super::workplace::{Day, Trade, WorkSpan, Workplace};
use super::zones::MARKETS;
use lamplighter_core::hours::{UnknownZone, Zone, Zones};
use lamplighter_core::model::Settings;
use thiserror::Error;

/// How many further properties an agent can work for.
const FURTHER_MAX: u32 = 3;

/// Every shift lies between these minutes of the date on which it starts.
pub(super) const SHIFT_MINUTES: Range<u16> = 6 * 60..30 * 60;

/// A synthetic world. Small for its size: names and settings are made when asked for.
#[derive(Clone, Debug)]
pub struct Population {
    knobs: Knobs,
    /// One for each market.
    zones: Vec<Arc<Zone>>,
    /// One for each property.
    workplaces: Vec<Workplace>,
    /// Those of the first property, then those of the second, and so on.
    agents: Vec<Agent>,
}

/// Why there is no population.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum PopulationError {
    /// The knobs cannot be used.
    #[error(transparent)]
    Knob(#[from] KnobError),
    /// The zone data in use lack a zone that synthetic properties are in.
    #[error(transparent)]
    Zone(#[from] UnknownZone),
}

/// A property with all that a scenario says of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Property {
    /// The name of the property, and of its first widget.
    pub name: String,
    /// Its members by their indices, its own first.
    pub members: Vec<u32>,
    /// The members among them who do not count in it (rule P6).
    pub suspended: Vec<u32>,
    /// The settings of its first widget.
    pub settings: Settings,
    /// Further widgets: the part of the name behind the `/`, and the settings.
    pub widgets: Vec<(&'static str, Settings)>,
}

/// The habits of one agent, from which the agent's days are drawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Agent {
    /// The part of the property's hours that the agent works.
    pub part: ShiftPart,
    /// The first of two weekdays off for those who work in crews, Monday being 0.
    pub rest_weekday: u8,
    /// How many further properties the agent works for: those that follow the first.
    pub further: u8,
    /// Whether the agent is suspended in the own property.
    pub suspended: bool,
    /// Whether the agent uses a phone beside the laptop.
    pub uses_phone: bool,
    /// Whether the laptop stays logged in for ever.
    pub never_logs_out: bool,
    /// How late the agent comes at most, as a rule, in minutes.
    pub lateness_minutes: u8,
}

/// A part of a property's hours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ShiftPart {
    /// From the start of the property's hours to their end.
    Whole,
    /// The first half, and half an hour more.
    FirstHalf,
    /// The second half, and half an hour before.
    SecondHalf,
    /// From 06:00 to 14:00.
    EarlyCrew,
    /// From 14:00 to 22:00.
    LateCrew,
    /// From 22:00 to 06:00.
    NightCrew,
}

impl Population {
    /// Draws a world.
    ///
    /// # Errors
    /// When a knob is out of its range, or the zone data lack a zone.
    pub fn new(knobs: Knobs, zones: &Zones) -> Result<Self, PopulationError> {
        Self::new_by(knobs, zones, 1)
    }

    /// The same by so many threads, which make no difference to it.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn new_by(knobs: Knobs, zones: &Zones, threads: usize) -> Result<Self, PopulationError> {
        knobs.check()?;
        let zones: Result<Vec<_>, _> =
            MARKETS.iter().map(|market| zones.get(market.zone)).collect();
        let zones = zones?;
        let mut workplaces = Vec::with_capacity(knobs.properties as usize);
        let mut agents = Vec::with_capacity(knobs.agent_count() as usize);
        let pages = knobs.properties.div_ceil(PROPERTIES_A_PAGE) as usize;
        let fill = |page: usize, drawn: &mut Drawn| {
            // Less than there are properties.
            let first = page as u32 * PROPERTIES_A_PAGE;
            drawn.draw(&knobs, first..knobs.properties.min(first + PROPERTIES_A_PAGE));
        };
        let Ok(()) = in_turn(threads, 0..pages, fill, |drawn| {
            workplaces.extend_from_slice(&drawn.workplaces);
            agents.extend_from_slice(&drawn.agents);
            Ok::<_, Infallible>(())
        });
        Ok(Self { knobs, zones, workplaces, agents })
    }

    /// The knobs that it was drawn with.
    pub fn knobs(&self) -> &Knobs {
        &self.knobs
    }

    /// All properties, in the order of their indices.
    pub fn properties(&self) -> impl Iterator<Item = Property> {
        (0..self.knobs.properties).map(|index| self.property(index))
    }

    /// A property; its index is below [`Knobs::properties`].
    pub fn property(&self, index: u32) -> Property {
        let own = self.agents_of(index);
        let suspended = own.clone().filter(|&agent| self.agent(agent).suspended).collect();
        // Those of the properties before who work for this one as well.
        let guests = (1..=FURTHER_MAX.min(index)).flat_map(|back| {
            self.agents_of(index - back)
                .filter(move |&agent| u32::from(self.agent(agent).further) >= back)
        });
        let names = names::WIDGETS;
        let mut stream = RandomStream::fork(self.knobs.seed, b"widgets.", index.into(), 0);
        let further = match stream.chance(self.knobs.more_widgets) {
            true => stream.mostly_small(1, 3) as usize,
            false => 0,
        };
        let first_name = stream.below(names.len() as u32) as usize;
        Property {
            name: names::property(index),
            members: own.chain(guests).collect(),
            suspended,
            settings: self.settings(index, 0),
            widgets: (0..further)
                .map(|widget| {
                    let name = names[(first_name + widget) % names.len()];
                    (name, self.settings(index, widget as u64 + 1))
                })
                .collect(),
        }
    }

    /// The settings of a property's widget, 0 being the one of its own name.
    fn settings(&self, property: u32, widget: u64) -> Settings {
        let span = (first_day(&self.knobs), end_day(&self.knobs));
        let workplace = &self.workplaces[property as usize];
        if widget == 0 {
            return widget_settings(&self.knobs, workplace, (property, widget), span);
        }
        let mut stream = RandomStream::fork(self.knobs.seed, b"desk....", property.into(), widget);
        let other = Workplace::draw(&mut stream, self.knobs.odd_hours);
        widget_settings(&self.knobs, &workplace.with_hours_of(&other), (property, widget), span)
    }

    /// How many agents there are.
    pub fn agent_count(&self) -> u32 {
        // At most `AGENTS_MAX`.
        self.agents.len() as u32
    }

    /// An agent's habits; the index is below [`agent_count`](Self::agent_count).
    pub fn agent(&self, index: u32) -> &Agent {
        &self.agents[index as usize]
    }

    /// The indices of a property's own agents.
    pub(super) fn agents_of(&self, property: u32) -> Range<u32> {
        property * self.knobs.agents..(property + 1) * self.knobs.agents
    }

    /// Where and when a property works, by its index.
    pub fn workplace(&self, property: u32) -> &Workplace {
        &self.workplaces[property as usize]
    }

    /// The zone by whose clock an agent works.
    pub(super) fn zones(&self) -> &[Arc<Zone>] {
        &self.zones
    }

    /// The hours that an agent works from a date on, from which on the property works so, in minutes of that
    /// date.
    pub(super) fn shift(
        &self,
        agent: u32,
        day: Day,
        [first, second]: [Option<WorkSpan>; 2],
    ) -> Option<WorkSpan> {
        let habits = self.agent(agent);
        let (start, mut end) = first?;
        if let Some((_, second_end)) = second {
            end = second_end;
        }
        let half = (end - start) / 2;
        let crew = |start: u16| {
            let weekday = super::workplace::weekday_of(day);
            let rest = usize::from(habits.rest_weekday);
            (weekday != rest && weekday != (rest + 1) % 7).then_some((start, start + 8 * 60))
        };
        let shift = match habits.part {
            ShiftPart::Whole => Some((start, end)),
            ShiftPart::FirstHalf => Some((start, start + half + 30)),
            ShiftPart::SecondHalf => Some((end - half - 30, end)),
            ShiftPart::EarlyCrew => crew(6 * 60),
            ShiftPart::LateCrew => crew(14 * 60),
            ShiftPart::NightCrew => crew(22 * 60),
        };
        debug_assert!(shift.is_none_or(|(start, end)| {
            SHIFT_MINUTES.start <= start && start < end && end <= SHIFT_MINUTES.end
        }));
        shift
    }
}

/// So many properties are drawn together.
const PROPERTIES_A_PAGE: u32 = 256;

/// Some properties with their agents.
#[derive(Default)]
struct Drawn {
    workplaces: Vec<Workplace>,
    agents: Vec<Agent>,
}

impl Drawn {
    fn draw(&mut self, knobs: &Knobs, properties: Range<u32>) {
        self.workplaces.clear();
        self.agents.clear();
        let first_day = first_day(knobs);
        for property in properties.map(u64::from) {
            let mut stream = RandomStream::fork(knobs.seed, b"property", property, 0);
            let mut workplace = Workplace::draw(&mut stream, knobs.odd_hours);
            if stream.chance(knobs.holidays) {
                let mut stream = RandomStream::fork(knobs.seed, b"holidays", property, 0);
                workplace.keep_holidays(&mut stream, first_day);
            }
            for place in 0..knobs.agents {
                let mut stream =
                    RandomStream::fork(knobs.seed, b"agent...", property, place.into());
                self.agents.push(Agent::draw(&mut stream, knobs, place, workplace.trade));
            }
            self.workplaces.push(workplace);
        }
    }
}

impl Agent {
    /// The habits of the agent who has a place in a property.
    fn draw(stream: &mut RandomStream, knobs: &Knobs, place: u32, trade: Trade) -> Self {
        let half = *stream.one_of(&[ShiftPart::FirstHalf, ShiftPart::SecondHalf]);
        let works_half = stream.chance(15);
        let part = match (trade, place % 3) {
            (Trade::Always, 0) => ShiftPart::EarlyCrew,
            (Trade::Always, 1) => ShiftPart::LateCrew,
            (Trade::Always, _) => ShiftPart::NightCrew,
            // The first one keeps the place open.
            _ if works_half && place > 0 => half,
            _ => ShiftPart::Whole,
        };
        let further = stream.mostly_small(1, FURTHER_MAX);
        let further = if stream.chance(knobs.shared_agents) { further } else { 0 };
        Self {
            part,
            rest_weekday: ((place / 3 * 2 + stream.below(2)) % 7) as u8,
            further: further as u8,
            suspended: stream.chance(knobs.suspended),
            uses_phone: stream.chance(65),
            never_logs_out: stream.chance(knobs.never_log_out),
            lateness_minutes: stream.mostly_small(4, 20) as u8,
        }
    }
}

/// The date in UTC on which the run starts.
pub(super) fn first_day(knobs: &Knobs) -> Day {
    knobs.start.as_millis().div_euclid(super::DAY_MS)
}

/// The date in UTC on which the run ends.
fn end_day(knobs: &Knobs) -> Day {
    knobs.end().as_millis().div_euclid(super::DAY_MS)
}
