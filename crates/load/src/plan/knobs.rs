//! What a run is drawn from.

use std::sync::Arc;

use thiserror::Error;

use super::shard::{CLUSTER, is_own};
use super::{GivenWorld, Shard, TargetLimits};
use crate::clock::{Micros, SECOND_US};
use lamplighter_core::model::{Instant, Millis};
use lamplighter_scenario::synth;

/// Settings as used. Two plans with the same knobs are the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunKnobs {
    /// The world: properties, agents, devices, what they are like; and the seed.
    pub world: synth::Knobs,
    /// A world that is not drawn but given; of the knobs above it needs the devices and the seed.
    pub given: Option<Arc<GivenWorld>>,
    /// The run's first instant on the target's clock.
    pub start: Instant,
    /// How long the run lasts, from its first instant on.
    pub duration: Millis,
    /// The grace that the service gets (rule P7).
    pub grace: Millis,
    /// In front of every name in the plan, and of the ids of requests.
    pub prefix: String,
    /// The target file, as it was named; `None` for that of the reference service.
    pub target: Option<String>,
    /// How long it takes, on average, until an agent does something again.
    pub pace: Millis,
    /// The rate of visitors, stage by stage.
    pub visitors: Vec<Stage>,
    /// How the arrivals of visitors lie in time.
    pub arrivals: Arrivals,
    /// How many event streams visitors hold open at any time.
    pub streams: u32,
    /// How many in a hundred of them are read slowly.
    pub slow_readers: u32,
    /// How many visitors in a thousand leave a message.
    pub messages: u32,
    /// How many statuses in a thousand are sent twice at once.
    pub duplicates: u32,
    /// How many statuses in a thousand are sent so late that later ones can overtake them.
    pub late: u32,
    /// The moments at which many connections drop at once, each with its share.
    pub storms: Vec<Storm>,
    /// Which part of the plan is played here.
    pub shard: Shard,
    /// What the target can play of it.
    pub limits: TargetLimits,
}

/// A stretch of the run with a rate of visitors.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stage {
    /// How long it lasts; the last stage lasts until the end.
    pub length: Millis,
    /// Visitors in a thousand seconds at its begin.
    pub from: u64,
    /// And at its end: between them it goes up or down evenly.
    pub to: u64,
}

/// How the arrivals of visitors lie in time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Arrivals {
    /// As people come: independent of each other. Where more than [`MANY_A_SECOND`] come, those of
    /// a moment begin at one instant.
    Poisson {
        /// How many begin together on average, at most those of [`TOGETHER_US_MAX`]; with 1
        /// everyone has an instant of one's own at any rate.
        together: u32,
    },
    /// All the same length apart.
    Constant,
}

/// Where more visitors come in a second, some begin together: to wake up for each of them would cost
/// the generator more than all else that it does for them.
pub const MANY_A_SECOND: u64 = 2_000;
/// Visitors begin together who come within so many microseconds at most.
pub const TOGETHER_US_MAX: Micros = 1_000;

/// Connections that drop at once and come back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Storm {
    /// When, from the run's first instant on.
    pub at: Millis,
    /// How many devices in a hundred.
    pub percent: u32,
}

/// A rate of visitors: `2000/s`, and in stages `30s:100/s..2000/s,5m:2000/s`.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("`{text}` is not a rate of visitors: {why}")]
pub struct RateError {
    text: String,
    why: &'static str,
}

impl Stage {
    /// Reads stages: `2000/s` for all of the run; `LENGTH:RATE` and `LENGTH:RATE..RATE` (a ramp), with
    /// commas between them, where the last may do without a length.
    ///
    /// # Errors
    /// What is wrong, and what was expected.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, RateError> {
        let wrong = |why| RateError { text: text.to_owned(), why };
        let parts: Vec<&str> = text.split(',').collect();
        let last = parts.len() - 1;
        let stage = |(place, part): (usize, &&str)| {
            let (length, rate) = match part.split_once(':') {
                Some((length, rate)) => {
                    let length = length.trim().parse();
                    (length.map_err(|_| wrong("a stage begins with its length, `30s:`"))?, rate)
                }
                None if place == last => (Millis(0), *part),
                None => return Err(wrong("only the last stage may do without a length, `30s:`")),
            };
            let (from, to) = rate.split_once("..").unwrap_or((rate, rate));
            let from = rate_of(from.trim()).ok_or_else(|| wrong("write a rate as `2000/s`"))?;
            let to = rate_of(to.trim()).ok_or_else(|| wrong("write a rate as `2000/s`"))?;
            Ok(Self { length, from, to })
        };
        parts.iter().enumerate().map(stage).collect()
    }
}

/// Visitors in a thousand seconds: `2000/s`, `0.5/s`, `30/m`.
fn rate_of(text: &str) -> Option<u64> {
    let (number, unit) = text.split_once('/')?;
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if part.len() > 3 || whole.is_empty() || number.ends_with('.') {
        return None;
    }
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || whole.len() > 7 {
        return None;
    }
    let thousandths: u64 = format!("{whole}{part:0<3}").parse().ok()?;
    match unit {
        "s" => Some(thousandths),
        "m" => Some(thousandths / 60),
        _ => None,
    }
}

impl Storm {
    /// Reads `30s:50%`.
    ///
    /// # Errors
    /// What was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = || "expected when and how many, e.g. `30s:50%`".to_owned();
        let (at, percent) = text.split_once(':').ok_or_else(expected)?;
        let at = at.parse().map_err(|_| expected())?;
        let percent = percent.strip_suffix('%').and_then(|percent| percent.parse().ok());
        let percent = percent.filter(|percent| (1..=100).contains(percent)).ok_or_else(expected)?;
        Ok(Self { at, percent })
    }
}

impl RunKnobs {
    /// Keeps it to what a target can play; gives what was lowered, a sentence each.
    pub fn keep_to(&mut self, limits: TargetLimits) -> Vec<String> {
        self.grace = limits.grace.unwrap_or(self.grace);
        if !limits.pushes {
            self.streams = 0;
        }
        if !limits.messages {
            self.messages = 0;
        }
        if !limits.loses {
            self.storms.clear();
        }
        let lowered = limits.lower(&mut self.world, self.shard.of);
        self.limits = limits;
        lowered
    }

    /// How long the run lasts.
    pub fn duration_us(&self) -> Micros {
        (self.duration.0 * 1_000) as Micros
    }

    /// Agents begin nothing more from this moment of the run on, in microseconds: all must be quiet in
    /// the end.
    pub fn quiet_from_us(&self) -> Micros {
        let end = self.duration_us();
        end - (SECOND_US / 2).min(end / 10)
    }

    /// Within so long from the first instant on everyone who works from the start comes.
    pub fn ramp_us(&self) -> Micros {
        (self.duration_us() / 5).min(30 * SECOND_US)
    }

    /// The arguments of the command line that give the same plan, but for the target.
    pub fn arguments(&self) -> String {
        let Self { world, start, duration, grace, prefix, pace, .. } = self;
        let whose = match &self.given {
            Some(given) => format!("--world {}", given.path),
            None => format!("--properties {} --agents {}", world.properties, world.agents),
        };
        let mut text = format!(
            "{whose} --devices {} --seed {} --start-at {start} --duration {duration} --grace {grace} \
             --pace {pace} --prefix {prefix} --visitors {}",
            world.devices,
            world.seed,
            stages(&self.visitors),
        );
        text.push_str(&match self.arrivals {
            // Otherwise it makes no difference.
            Arrivals::Poisson { together } if self.are_many() => format!(" --together {together}"),
            Arrivals::Poisson { .. } => String::new(),
            Arrivals::Constant => " --arrivals constant".to_owned(),
        });
        if let Some(target) = &self.target {
            text.push_str(&format!(" --target {target}"));
        }
        let numbers = [
            ("streams", self.streams),
            ("slow-readers", self.slow_readers),
            ("messages", self.messages),
            ("flakiness", world.flakiness),
            ("duplicates", self.duplicates),
            ("late", self.late),
        ];
        for (name, value) in numbers {
            text.push_str(&format!(" --{name} {value}"));
        }
        for Storm { at, percent } in &self.storms {
            text.push_str(&format!(" --storm {at}:{percent}%"));
        }
        text
    }

    /// Whether there are ever so many visitors that some begin together.
    fn are_many(&self) -> bool {
        let mut rates = self.visitors.iter().map(|stage| stage.from.max(stage.to));
        rates.any(|rate| rate > MANY_A_SECOND * 1_000)
    }

    /// How many properties this part plays, and how many the whole plan has.
    pub fn property_counts(&self) -> (u64, u64) {
        let count = |own: usize, all: usize| (own as u64, all as u64);
        match &self.given {
            Some(given) => {
                let clusters = given.properties.iter().map(|property| property.cluster * CLUSTER);
                count(clusters.filter(|at| is_own(self.shard, *at)).count(), given.properties.len())
            }
            None => {
                let all = 0..self.world.properties;
                count(all.clone().filter(|at| is_own(self.shard, *at)).count(), all.count())
            }
        }
    }

    /// Sixteen digits that tell plans apart (FNV-1a). When a plan starts makes it no other one.
    pub fn fingerprint(&self) -> String {
        let arguments = Self { start: Instant::MIN, ..self.clone() }.arguments().into_bytes();
        let given = self.given.iter().flat_map(|given| &given.bytes).copied();
        let hash =
            arguments.into_iter().chain(given).fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        format!("{hash:016x}")
    }
}

fn stages(stages: &[Stage]) -> String {
    let rate = |rate: u64| match rate % 1_000 {
        0 => format!("{}/s", rate / 1_000),
        part => {
            format!("{}.{}/s", rate / 1_000, format!("{part:03}").trim_end_matches('0'))
        }
    };
    let stage = |stage: &Stage| {
        let length = match stage.length {
            Millis(0) => String::new(),
            length => format!("{length}:"),
        };
        match stage.from == stage.to {
            true => format!("{length}{}", rate(stage.from)),
            false => format!("{length}{}..{}", rate(stage.from), rate(stage.to)),
        }
    };
    stages.iter().map(stage).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_read_and_written_as_they_are_typed() {
        for text in ["2000/s", "30s:100/s..2000/s,5m:2000/s", "1m:0.5/s,2.25/s..3/s"] {
            assert_eq!(stages(&Stage::parse_all(text).expect(text)), text);
        }
        assert_eq!(Stage::parse_all("90/m").expect("a rate")[0].from, 1_500);
    }

    #[test]
    fn what_is_no_rate_is_told_so() {
        let told = |text: &str| Stage::parse_all(text).expect_err(text).to_string();
        for (text, why) in [
            ("fast", "write a rate as `2000/s`"),
            ("2000", "write a rate as `2000/s`"),
            ("-1/s", "write a rate as `2000/s`"),
            ("1./s", "write a rate as `2000/s`"),
            ("1/s,2/s", "only the last stage may do without a length, `30s:`"),
            ("soon:1/s", "a stage begins with its length, `30s:`"),
        ] {
            assert_eq!(told(text), format!("`{text}` is not a rate of visitors: {why}"));
        }
    }

    #[test]
    fn storms_are_read() {
        let storm = Storm { at: Millis(30_000), percent: 50 };
        assert_eq!(Storm::parse("30s:50%"), Ok(storm));
        for text in ["30s", "30s:50", "30s:0%", "30s:101%", "x:1%"] {
            assert!(Storm::parse(text).is_err(), "{text}");
        }
    }
}
