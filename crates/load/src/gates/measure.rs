//! What a run says to a gate.

use std::cmp::Ordering;
use std::fmt;

use super::condition::{ALL, Limit, Quantity, Statistic, Timed};
use super::measurements::Measurements;
use crate::figures;
use crate::latencies::Latencies;
use crate::outages::{FailureSide, failure_side};
use crate::result::{Class, Judged, OperationStats};

/// What was measured, and how it stands to the gate's limit. It prints with its unit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Measured {
    told: String,
    standing: Option<Ordering>,
}

impl Measured {
    /// Above, at or below the limit; `None` where nothing was measured.
    pub fn standing(&self) -> Option<Ordering> {
        self.standing
    }

    fn nothing(why: impl Into<String>) -> Self {
        Self { told: format!("nothing measured: {}", why.into()), standing: None }
    }

    fn some(told: String, standing: Ordering) -> Self {
        Self { told, standing: Some(standing) }
    }

    /// So many of so many, against a number or a percentage.
    fn part(part: u64, whole: u64, nouns: &str, limit: Limit) -> Self {
        let of = format!("of {} {nouns}", figures::thousands(whole));
        match limit {
            Limit::MicroPercent(limit) => {
                let standing =
                    (u128::from(part) * 100_000_000).cmp(&(u128::from(limit) * u128::from(whole)));
                let (share, part) = (figures::share(part, whole), figures::thousands(part));
                Self::some(format!("{share} ({part} {of})"), standing)
            }
            Limit::Count(limit) => {
                Self::some(format!("{} {of}", figures::thousands(part)), part.cmp(&limit))
            }
            Limit::Nanos(_) | Limit::PerThousandSeconds(_) => wrong_unit(),
        }
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told)
    }
}

/// The parser lets only limits pass whose unit is that of the quantity.
fn wrong_unit() -> ! {
    unreachable!("a gate's limit has the unit of what it measures")
}

pub fn measure(quantity: &Quantity, limit: Limit, run: &impl Measurements) -> Measured {
    match quantity {
        Quantity::Time(statistic, timed) => time(*statistic, timed, limit, run),
        Quantity::Wrong(class) => wrong(*class, limit, run.judged()),
        Quantity::Errors(operation) => errors(operation.as_deref(), limit, run),
        Quantity::Rate => rate(limit, run),
        Quantity::Decisive => match run.judged().reads {
            0 => Measured::nothing("no read was judged"),
            reads => Measured::part(run.judged().decisive, reads, "reads", limit),
        },
        Quantity::Within => within(limit, run),
    }
}

fn time(statistic: Statistic, timed: &Timed, limit: Limit, run: &impl Measurements) -> Measured {
    let Limit::Nanos(limit_ns) = limit else { wrong_unit() };
    let operation = |name: &String| run.operation(name);
    let (latencies, noun) = match timed {
        Timed::Operation(name) => (operation(name).map(|found| &found.intended), name.as_str()),
        Timed::Service(name) => (operation(name).map(|found| &found.service), name.as_str()),
        Timed::PropagationPush => (Some(&run.propagation().push), "change that was pushed"),
        Timed::PropagationPoll => (Some(&run.propagation().poll), "change that was read"),
        Timed::EdgePush => (Some(&run.edges().push), "edge that was pushed"),
        Timed::EdgePoll => (Some(&run.edges().poll), "edge that was read"),
        Timed::Sending => (Some(&run.rate().late), "visitor"),
        Timed::Generator => (Some(&run.rate().generator_late), "visitor"),
    };
    let is_operation = matches!(timed, Timed::Operation(_) | Timed::Service(_));
    let Some(latencies) = latencies.filter(|latencies| latencies.count() > 0) else {
        return Measured::nothing(match is_operation {
            true => format!("there was no call `{noun}`"),
            false => format!("there was no {noun}"),
        });
    };
    let us = statistic.of(latencies);
    // Limits of years are no limits that a double could not hold.
    let standing = (us * 1e3).total_cmp(&(limit_ns as f64));
    let mut told = figures::duration(us);
    if statistic.rests_on_none_of(latencies.count()) {
        told.push_str(&format!(" (the longest of only {})", figures::thousands(latencies.count())));
    }
    Measured::some(told, standing)
}

impl Statistic {
    /// In microseconds.
    fn of(self, latencies: &Latencies) -> f64 {
        match self {
            Self::Percentile(share) => latencies.percentile(f64::from(share) / 1e5) as f64,
            Self::Mean => latencies.mean(),
            Self::Max => latencies.max() as f64,
        }
    }

    /// Whether fewer than one of so many is beyond it.
    fn rests_on_none_of(self, count: u64) -> bool {
        match self {
            Self::Percentile(ALL) | Self::Mean | Self::Max => false,
            Self::Percentile(share) => count < u64::from(ALL / (ALL - share).max(1)),
        }
    }
}

fn wrong(class: Option<Class>, limit: Limit, judged: &Judged) -> Measured {
    let answers = judged.reads + judged.pushes + judged.teams;
    let (whole, nouns, none) = match class {
        None => (judged.observation_count(), "answers", "no answer was judged"),
        Some(Class::LostMessage) => (judged.messages, "messages", "no message was acknowledged"),
        Some(Class::TeamStatusWrong) => {
            (judged.teams, "statuses of teams", "no team was looked at")
        }
        Some(_) => (answers, "answers", "no answer was judged"),
    };
    let count = match class {
        None => judged.wrong_count(),
        Some(class) => judged.wrong.get(&class).copied().unwrap_or(0),
    };
    match whole {
        0 if count == 0 => Measured::nothing(none),
        _ => Measured::part(count, whole.max(count), nouns, limit),
    }
}

fn errors(operation: Option<&str>, limit: Limit, run: &impl Measurements) -> Measured {
    // Who had no turn within the target's limits has made no call.
    let is_call = |(word, _): &(&String, &u64)| failure_side(word) != FailureSide::Limits;
    let failed = |operation: &OperationStats| {
        operation.errors.iter().filter(is_call).map(|(_, count)| count).sum::<u64>()
    };
    let (count, calls, none) = match operation {
        Some(name) => {
            let found = run.operation(name);
            let count = found.map_or(0, failed);
            let ok = found.map_or(0, |found| found.ok);
            (count, count + ok, format!("there was no call `{name}`"))
        }
        None => {
            let count = run.operations().map(failed).sum::<u64>();
            let ok = run.operations().map(|found| found.ok).sum::<u64>();
            (count, count + ok, "there was no call".to_owned())
        }
    };
    match calls {
        0 => Measured::nothing(none),
        _ => Measured::part(count, calls, "calls", limit),
    }
}

fn rate(limit: Limit, run: &impl Measurements) -> Measured {
    let (asked, sent) = (run.rate().asked, run.rate().sent);
    let lasted_ms = run.lasted_ms();
    match limit {
        _ if asked == 0 => Measured::nothing("no visitor was asked for"),
        Limit::MicroPercent(_) => Measured::part(sent, asked, "visitors", limit),
        Limit::PerThousandSeconds(limit) => {
            let standing =
                (u128::from(sent) * 1_000_000).cmp(&(u128::from(limit) * u128::from(lasted_ms)));
            Measured::some(figures::rate(sent, lasted_ms), standing)
        }
        Limit::Nanos(_) | Limit::Count(_) => wrong_unit(),
    }
}

fn within(limit: Limit, run: &impl Measurements) -> Measured {
    let Limit::Nanos(limit_ns) = limit else { wrong_unit() };
    let judged = run.judged();
    match run.within_enough_ms() {
        _ if judged.reads + judged.pushes == 0 => Measured::nothing("no answer was judged"),
        None => Measured::some("no promise would have been enough".to_owned(), Ordering::Greater),
        Some(ms) => {
            let standing = (ms * 1e6).total_cmp(&(limit_ns as f64));
            Measured::some(figures::duration(ms * 1e3), standing)
        }
    }
}
