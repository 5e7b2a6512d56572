//! What is compared of two results, line by line.

use std::collections::BTreeSet;

use super::statistics::{Share, dispersion, mann_whitney, two_shares, two_sided};
use super::{ComparisonLine, Judgement, Thresholds};
use crate::figures;
use crate::latencies::Latencies;
use crate::result::{Class, LoadResult, OperationStats};
use crate::tally::WIDGET;

/// With fewer stretches than this a comparison of stretches says little.
const STRETCHES_MIN: usize = 8;
/// A percentile is compared where so many calls are beyond it.
const BEYOND_MIN: f64 = 10.0;

/// A line on its way.
#[derive(Clone, PartialEq, Debug)]
pub struct Compared {
    what: String,
    before: String,
    after: String,
    change: Option<f64>,
    /// See [`ComparisonLine::chance`]; of this line alone at first.
    pub chance: Option<f64>,
}

impl Compared {
    pub fn judged(self, thresholds: Thresholds) -> ComparisonLine {
        let Self { what, before, after, change, chance } = self;
        // More than nothing is a change beyond any margin.
        let size = change.unwrap_or(f64::INFINITY);
        let verdict = match chance {
            None => Judgement::TooLittle,
            Some(chance) if 1.0 - chance < thresholds.certainty => Judgement::NoDifference,
            Some(_) if size.abs() <= thresholds.margin => Judgement::Alike,
            Some(_) if size > 0.0 => Judgement::Worse,
            Some(_) => Judgement::Better,
        };
        ComparisonLine { what, before, after, change, verdict, chance }
    }
}

pub fn all(before: &LoadResult, after: &LoadResult) -> Vec<Compared> {
    let both = Both { before, after };
    let mut lines = Vec::new();
    let mut names: Vec<&String> = before.operations.keys().collect();
    names.extend(after.operations.keys());
    // What visitors wait for comes first.
    let names: BTreeSet<(bool, &String)> =
        names.into_iter().map(|name| (name != WIDGET, name)).collect();
    let nothing = OperationStats::default();
    for (_, name) in names {
        let of = |result: &'_ LoadResult| result.operations.get(name).cloned();
        let one = of(before).unwrap_or_else(|| nothing.clone());
        let other = of(after).unwrap_or_else(|| nothing.clone());
        match name == WIDGET {
            true => {
                for percent in [50.0, 90.0, 99.0] {
                    let what = format!("p{percent}({name})");
                    lines.push(both.stretches(what, percent, &one.intended, &other.intended));
                }
                let what = format!("p99.9({name})");
                lines.push(both.percentile(what, 99.9, &one.intended, &other.intended));
            }
            false => {
                for percent in [50.0, 99.0] {
                    let what = format!("p{percent}({name})");
                    lines.push(both.percentile(what, percent, &one.intended, &other.intended));
                }
            }
        }
    }
    for (name, of) in [
        ("propagation", (|result| &result.propagation.push) as fn(&LoadResult) -> &Latencies),
        ("propagation.poll", |result| &result.propagation.poll),
        ("edge", |result| &result.edges.push),
        ("edge.poll", |result| &result.edges.poll),
    ] {
        for percent in [50.0, 99.0] {
            let what = format!("p{percent}({name})");
            lines.push(both.percentile(what, percent, of(before), of(after)));
        }
    }
    lines.push(both.errors());
    lines.extend(both.wrong());
    lines
}

struct Both<'r> {
    before: &'r LoadResult,
    after: &'r LoadResult,
}

impl Both<'_> {
    /// A percentile of visitors' reads, stretch by stretch.
    fn stretches(
        &self,
        what: String,
        percent: f64,
        before: &Latencies,
        after: &Latencies,
    ) -> Compared {
        let series = |result: &LoadResult| -> Vec<f64> {
            let filled = result.intervals.iter().filter(|interval| interval.widget.count() > 0);
            filled.map(|interval| interval.widget.percentile(percent) as f64).collect()
        };
        let (one, other) = (series(self.before), series(self.after));
        let mut line = times(what, percent, before, after);
        if one.len() >= STRETCHES_MIN && other.len() >= STRETCHES_MIN {
            let z = mann_whitney(&one, &other);
            // Where the stretches say the one and the whole says the other, nothing is certain.
            let agree = line.change.is_none_or(|change| change * z >= 0.0);
            line.chance = Some(if agree { two_sided(z) } else { 1.0 });
        }
        line
    }

    /// A percentile without stretches: the shares of both that are longer than what both have as
    /// their percentile.
    fn percentile(
        &self,
        what: String,
        percent: f64,
        before: &Latencies,
        after: &Latencies,
    ) -> Compared {
        let mut line = times(what, percent, before, after);
        let beyond = |all: &Latencies| all.count() as f64 * (1.0 - percent / 100.0);
        if beyond(before).min(beyond(after)) < BEYOND_MIN {
            return line;
        }
        let mut both = before.clone();
        both.add(after);
        let limit_us = both.percentile(percent);
        let part = |all: &Latencies| Share {
            part: all.longer_than(limit_us) as f64,
            whole: all.count() as f64,
        };
        let alike = self.alike(percent, before.count().max(after.count()));
        line.chance = Some(two_shares(part(before), part(after), alike));
        line
    }

    /// How many of so many calls stand for one witness, if calls of one stretch have as much in
    /// common as visitors' reads of one stretch.
    fn alike(&self, percent: f64, calls: u64) -> f64 {
        let of = |result: &LoadResult| {
            let Some(widget) = result.operations.get(WIDGET) else { return 1.0 };
            let limit_us = widget.intended.percentile(percent);
            let stretches: Vec<Share> = result
                .intervals
                .iter()
                .map(|interval| Share {
                    part: interval.widget.longer_than(limit_us) as f64,
                    whole: interval.widget.count() as f64,
                })
                .collect();
            let count = stretches.len().max(1) as f64;
            let reads = widget.intended.count() as f64 / count;
            let in_common = ((dispersion(&stretches) - 1.0) / (reads - 1.0).max(1.0)).min(1.0);
            1.0 + (calls as f64 / count - 1.0).max(0.0) * in_common
        };
        of(self.before).max(of(self.after))
    }

    fn errors(&self) -> Compared {
        let of = |result: &LoadResult| {
            let failed = |operation: &OperationStats| operation.errors.values().sum::<u64>();
            let errors = result.operations.values().map(failed).sum::<u64>();
            (errors, errors + result.operations.values().map(|operation| operation.ok).sum::<u64>())
        };
        let alike = |result: &LoadResult| {
            let stretches: Vec<Share> = result
                .intervals
                .iter()
                .map(|interval| Share {
                    part: interval.errors as f64,
                    whole: (interval.errors + interval.answered + interval.agent_calls) as f64,
                })
                .collect();
            dispersion(&stretches)
        };
        let alike = alike(self.before).max(alike(self.after));
        shares("errors".to_owned(), of(self.before), of(self.after), alike)
    }

    /// All wrong answers, then each class of which there is one.
    fn wrong(&self) -> Vec<Compared> {
        let answers = |result: &LoadResult| {
            let judged = &result.judged;
            judged.reads + judged.pushes + judged.teams + judged.messages
        };
        let alike = |result: &LoadResult| {
            let stretches: Vec<Share> = result
                .intervals
                .iter()
                .map(|interval| Share {
                    part: interval.wrong as f64,
                    whole: interval.answered.max(interval.wrong) as f64,
                })
                .collect();
            dispersion(&stretches)
        };
        let alike = alike(self.before).max(alike(self.after));
        let line = |what: String, count: &dyn Fn(&LoadResult) -> u64| {
            let of = |result: &LoadResult| (count(result), answers(result));
            shares(what, of(self.before), of(self.after), alike)
        };
        let mut lines = vec![line("wrong".to_owned(), &|result| result.judged.wrong_count())];
        for class in Class::ALL {
            let count = |result: &LoadResult| result.judged.wrong.get(&class).copied().unwrap_or(0);
            if count(self.before) + count(self.after) > 0 {
                lines.push(line(format!("wrong({class})"), &count));
            }
        }
        lines
    }
}

fn times(what: String, percent: f64, before: &Latencies, after: &Latencies) -> Compared {
    let told = |all: &Latencies| match all.count() {
        0 => "–".to_owned(),
        _ => figures::duration(all.percentile(percent) as f64),
    };
    let (one, other) = (before.percentile(percent) as f64, after.percentile(percent) as f64);
    let has_both = before.count() > 0 && after.count() > 0;
    let change = if has_both && one > 0.0 { Some(other / one - 1.0) } else { None };
    Compared { what, before: told(before), after: told(after), change, chance: None }
}

fn shares(what: String, before: (u64, u64), after: (u64, u64), alike: f64) -> Compared {
    let told = |(part, whole): (u64, u64)| {
        format!("{} ({})", figures::thousands(part), figures::share(part, whole))
    };
    let part = |(part, whole): (u64, u64)| Share { part: part as f64, whole: whole as f64 };
    let share = |of: (u64, u64)| of.0 as f64 / of.1.max(1) as f64;
    let change = match (before.0, after.0) {
        (0, 0) => Some(0.0),
        (0, _) => None,
        _ => Some(share(after) / share(before) - 1.0),
    };
    let chance =
        (before.1 > 0 && after.1 > 0).then(|| two_shares(part(before), part(after), alike));
    Compared { what, before: told(before), after: told(after), change, chance }
}
