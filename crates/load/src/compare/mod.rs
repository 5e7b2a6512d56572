//! Two results beside each other: what became worse or better, by how much, and how certain that is.
//!
//! Requests of one moment fare alike: a pause of a second makes a thousand of them slow, and a test
//! that takes them for a thousand witnesses is certain of everything. So the latencies of visitors'
//! reads are compared stretch by stretch (Mann-Whitney U of the stretches'
//! percentiles, with what neighbouring stretches have in common taken off). For all else there are no
//! stretches; how much calls of one stretch have in common is taken from visitors' reads, and as
//! many calls less count as witnesses.
//!
//! Certainties are of the whole comparison, not of its one luckiest line: p-values are Holm's. What
//! one run on another machine, or on another day, would give is not in them: compare runs of
//! machines that are alike, and more than one.

mod lines;
mod statistics;
#[cfg(test)]
mod tests;

use super::figures;
use super::result::LoadResult;

/// From where on a difference counts.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Thresholds {
    /// A change by less than this part of what was before is not worth a word: 0.05.
    pub margin: f64,
    /// How certain a verdict must be: 0.99.
    pub certainty: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { margin: 0.05, certainty: 0.99 }
    }
}

/// Two results beside each other.
#[derive(Clone, PartialEq, Debug)]
pub struct Comparison {
    /// Why the two are not to be compared as they are, to be said loudly.
    pub unlike: Vec<String>,
    /// The figures that were compared, in the order in which they are told.
    pub lines: Vec<ComparisonLine>,
}

impl Comparison {
    /// Whether something is worse, with certainty and by more than the margin.
    pub fn is_worse(&self) -> bool {
        self.lines.iter().any(|line| line.verdict == Judgement::Worse)
    }
}

/// One figure of both.
#[derive(Clone, PartialEq, Debug)]
pub struct ComparisonLine {
    /// As a gate names it: `p99(widget)`.
    pub what: String,
    /// The figure in the first result, with its unit.
    pub before: String,
    /// The figure in the second one, with its unit.
    pub after: String,
    /// The change as a part of what was before; `None` where nothing was before.
    pub change: Option<f64>,
    /// What the difference comes to, by the thresholds.
    pub verdict: Judgement,
    /// How often chance alone makes a difference like this somewhere in the comparison; `None` where
    /// there is too little to tell.
    pub chance: Option<f64>,
}

/// What a difference comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Judgement {
    /// It is worse.
    Worse,
    /// It is better.
    Better,
    /// It differs for certain, and by less than the margin.
    Alike,
    /// No difference is to be seen.
    NoDifference,
    /// There is too little in one of the two.
    TooLittle,
}

impl ComparisonLine {
    /// In words: `worse by 34%, certain (99.99%)`.
    pub fn told(&self) -> String {
        let by = match self.change {
            None => "from nothing".to_owned(),
            Some(change) => format!("by {}", percent(change.abs())),
        };
        let certain = self.chance.map(certainty).unwrap_or_default();
        match self.verdict {
            Judgement::Worse => format!("worse {by}, {certain}"),
            Judgement::Better => format!("better {by}, {certain}"),
            Judgement::Alike => format!("as before: differs {by} only, {certain}"),
            Judgement::TooLittle => "too little to tell".to_owned(),
            Judgement::NoDifference => {
                let chance = self.chance.unwrap_or(1.0);
                match chance {
                    0.5.. => "no difference to be seen".to_owned(),
                    _ => format!(
                        "no difference to be seen: chance alone gives one like it in {} of such \
                         comparisons",
                        percent(chance)
                    ),
                }
            }
        }
    }
}

fn percent(share: f64) -> String {
    match share * 100.0 {
        percent @ ..9.95 => format!("{percent:.1}%"),
        percent => format!("{}%", figures::thousands(percent.round() as u64)),
    }
}

/// A p-value turned into words.
fn certainty(chance: f64) -> String {
    match (1.0 - chance) * 100.0 {
        99.99.. => "as good as certain (> 99.99%)".to_owned(),
        percent @ 99.0.. => format!("certain ({percent:.2}%)"),
        percent @ 95.0.. => format!("likely ({percent:.1}%)"),
        percent => format!("doubtful ({:.0}%)", percent.max(0.0)),
    }
}

/// Compares a result with one from before.
pub fn compare(before: &LoadResult, after: &LoadResult, thresholds: Thresholds) -> Comparison {
    let mut compared = lines::all(before, after);
    statistics::holm(compared.iter_mut().filter_map(|line| line.chance.as_mut()).collect());
    let lines = compared.into_iter().map(|line| line.judged(thresholds)).collect();
    Comparison { unlike: unlike(before, after), lines }
}

/// Why two runs are not alike.
fn unlike(before: &LoadResult, after: &LoadResult) -> Vec<String> {
    let (one, other) = (&before.about, &after.about);
    let mut unlike = Vec::new();
    let mut say = |what: &str, one: &str, other: &str| {
        if one != other {
            unlike.push(format!("{what}: {one} before, {other} after"));
        }
    };
    say("another plan", &one.plan, &other.plan);
    say("other arguments", &one.arguments, &other.arguments);
    say("another product", &one.product, &other.product);
    say("other parts of the plan", &one.shards.join(", "), &other.shards.join(", "));
    let ms = |ms: u64| figures::duration(ms as f64 * 1e3);
    say("another promise (--within)", &ms(one.within_ms), &ms(other.within_ms));
    say("another length of a stretch", &ms(one.interval_ms), &ms(other.interval_ms));
    let rates = [before, after]
        .map(|result| result.rate.asked as f64 * 1e3 / result.about.lasted_ms.max(1) as f64);
    if (rates[1] - rates[0]).abs() > 0.01 * rates[0].max(rates[1]) {
        let [one, other] =
            [before, after].map(|result| figures::rate(result.rate.asked, result.about.lasted_ms));
        unlike.push(format!("another rate: {one} asked for before, {other} after"));
    }
    let (lasted, other_lasted) = (one.lasted_ms as f64, other.lasted_ms as f64);
    if (lasted - other_lasted).abs() > 0.01 * lasted.max(other_lasted) {
        unlike.push(format!(
            "another length: {} before, {} after",
            ms(one.lasted_ms),
            ms(other.lasted_ms)
        ));
    }
    for (when, result) in [("before", before), ("after", after)] {
        if let Some(why) = &result.about.ended_early {
            unlike.push(format!("the run {when} was ended early: {why}"));
        }
        for warning in &result.generator.warnings {
            unlike.push(format!("the run {when}: {warning}"));
        }
    }
    unlike
}
