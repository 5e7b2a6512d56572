//! Each fault under a load test of its own, and the table of what was caught.

use std::fmt::Write;
use std::thread;
use std::time::Duration;

use lamplighter_core::model::Instant;
use lamplighter_load::result::LoadResult;

use super::fault::Fault;
use super::process::{self, LoadSize};
use super::proxy::Proxy;
use super::shared::FaultCounts;

/// What became of a fault.
#[derive(Clone, PartialEq, Debug)]
pub struct TrialOutcome {
    /// The fault that was put in.
    pub fault: Fault,
    /// By class, how many wrong answers there were.
    pub wrong: Vec<(String, u64)>,
    /// How often the fault was put in.
    pub put_in: u64,
    /// How often it was drawn, and could not be put in.
    pub in_vain: u64,
    /// How many reads of widgets were judged: where there are none, nothing can be said.
    pub reads: u64,
    /// How many answers had been judged when the first was wrong.
    pub after_answers: Option<u64>,
    /// From the first time it was put in to the first wrong answer.
    pub after_ms: Option<i64>,
    /// What the load test said of the first wrong answer.
    pub why: String,
}

impl TrialOutcome {
    fn new(fault: Fault, counts: &FaultCounts, result: &LoadResult) -> Self {
        let judged = &result.judged;
        let first = judged.evidence.iter().min_by_key(|evidence| evidence.answered_us);
        let start_ms = result.about.start.parse::<Instant>().ok().map(|at| at.as_millis());
        let first_ms = first.zip(start_ms).map(|(first, start)| start + first.answered_us / 1_000);
        Self {
            fault,
            wrong: judged.wrong.iter().map(|(class, n)| (class.to_string(), *n)).collect(),
            put_in: counts.put_in,
            in_vain: counts.in_vain,
            reads: judged.reads,
            after_answers: judged.first_wrong_after,
            after_ms: first_ms.zip(counts.first_ms).map(|(wrong, fault)| wrong - fault),
            why: first.map(|first| first.why.clone()).unwrap_or_default(),
        }
    }

    fn wrong_count(&self) -> u64 {
        self.wrong.iter().map(|(_, count)| count).sum()
    }

    /// Whether it is as it should be: a fault caught, no false alarm without one.
    pub fn is_right(&self) -> bool {
        match self.fault {
            Fault::None => self.wrong_count() == 0 && self.reads > 0,
            _ => self.wrong_count() > 0,
        }
    }

    /// Whether it need not be caught: nothing but versions may show it, and there are none.
    pub fn may_be_missed(&self, size: &LoadSize) -> bool {
        !size.has_versions && self.fault != Fault::None
    }

    fn verdict(&self) -> &'static str {
        match (self.fault, self.wrong_count(), self.put_in) {
            (Fault::None, 0, _) => "no false alarm",
            (Fault::None, _, _) => "**FALSE ALARM**",
            (_, 0, 0) => "**never put in**",
            (_, 0, _) => "**missed**",
            _ => "caught",
        }
    }
}

/// Plays one fault.
pub fn play(fault: Fault, size: &LoadSize) -> Result<TrialOutcome, String> {
    let program = process::lamplighter()?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let (service, upstream) = process::serve(&program, folder.path())?;
    let proxy = Proxy::start(0, upstream, fault, size.seed).map_err(|error| error.to_string())?;
    let json = process::load(&program, folder.path(), size, proxy.address)?;
    drop(service);
    let text = std::fs::read(&json).map_err(|error| error.to_string())?;
    let result: LoadResult = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    Ok(TrialOutcome::new(fault, &proxy.counts(), &result))
}

/// Plays several faults at once, each against a service of its own; gives what came of them in their order.
pub fn play_all<T: Send>(
    faults: &[Fault],
    size: &LoadSize,
    play: &(impl Fn(Fault, &LoadSize) -> Result<T, String> + Sync),
) -> Result<Vec<T>, String> {
    thread::scope(|scope| {
        let playing: Vec<_> =
            faults.iter().map(|&fault| (fault, scope.spawn(move || play(fault, size)))).collect();
        let outcomes = playing.into_iter().map(|(fault, playing)| {
            let outcome = playing.join().map_err(|_| format!("{fault}: it has panicked"))?;
            outcome.map_err(|why| format!("{fault}: {why}"))
        });
        outcomes.collect()
    })
}

/// What a load test takes beside its length: to put there what it needs, to look for messages, and to
/// take all away again.
const BESIDE: Duration = Duration::from_secs(20);

/// Faults that are played alike, and how large the load test of each is.
pub type FaultGroup = (Vec<Fault>, LoadSize);

/// The groups of a quick run: what the clock shows needs a full minute, at which so much is pushed that
/// two cores carry two of them; the others need none, and are played shorter, many at once.
pub fn quick_groups(faults: &[Fault], size: &LoadSize) -> Vec<FaultGroup> {
    let (by_the_clock, others): (Vec<Fault>, Vec<Fault>) =
        faults.iter().partition(|fault| fault.is_by_the_clock());
    let two = LoadSize { at_once: size.at_once.min(2), ..size.clone() };
    let short = LoadSize { seconds: size.seconds * 3 / 4, ..size.clone() };
    let mut groups = vec![(by_the_clock, two), (others, short)];
    groups.retain(|(faults, _)| !faults.is_empty());
    groups
}

/// How long it takes to play all groups, in words: at the least and at the most.
pub fn foreseen(groups: &[FaultGroup]) -> String {
    let (mut least, mut most, mut told) = (Duration::ZERO, Duration::ZERO, Vec::new());
    for (faults, size) in groups {
        let rounds = faults.len().div_ceil(size.at_once) as u32;
        let length = Duration::from_secs(size.seconds);
        // A full minute is to lie in each, five seconds from its ends at least: a short one waits.
        let waits = match size.seconds {
            20..70 => Duration::from_secs(70 - size.seconds),
            _ => Duration::ZERO,
        };
        least += rounds * length;
        most += rounds * (length + waits + BESIDE);
        told.push(format!("{} of {} s, {} at once", faults.len(), size.seconds, size.at_once));
    }
    format!(
        "load tests: {}; between {} and {}",
        told.join(", then "),
        minutes(least),
        minutes(most)
    )
}

/// A length of time for a person: `3m20s`.
pub fn minutes(length: Duration) -> String {
    let seconds = length.as_secs();
    format!("{}m{:02}s", seconds / 60, seconds % 60)
}

/// The head of the table.
pub const HEAD: &str = "\
| fault | what it does | | wrong answers | put in | reads | first wrong answer after | |
| --- | --- | --- | --- | --- | --- | --- | --- |
";

/// A row of it.
pub fn row(outcome: &TrialOutcome) -> String {
    let TrialOutcome { fault, wrong, put_in, in_vain, reads, after_answers, after_ms, why } =
        outcome;
    let classes: Vec<String> = wrong.iter().map(|(class, n)| format!("{n} {class}")).collect();
    let mut row = format!("| `{fault}` | {} | {} | ", fault.what(), outcome.verdict());
    let mut add = |text: String| write!(row, "{text} | ").expect("writes into memory");
    add(if classes.is_empty() { "none".to_owned() } else { classes.join(", ") });
    add(match (*fault, *in_vain) {
        (Fault::None, _) => String::new(),
        (_, 0) => put_in.to_string(),
        _ => format!("{put_in}, {in_vain} in vain"),
    });
    add(reads.to_string());
    let answers = after_answers.map(|answers| format!("{answers} answers"));
    let seconds = after_ms.map(|ms| format!("{:.1} s of the fault", ms as f64 / 1e3));
    add(answers.into_iter().chain(seconds).collect::<Vec<_>>().join(", "));
    add(why.replace('|', "\\|"));
    row.truncate(row.trim_end().len());
    row.push('\n');
    row
}
