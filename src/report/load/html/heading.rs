//! What a page is headed by: what a run came to, or has come to so far, in a line and a colour.

use serde::Serialize;

use lamplighter_load::figures::counted;
use lamplighter_load::result::{LoadResult, STILL_RUNNING};

/// How far a run is of which a page tells. Only one that is over can have passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RunState {
    /// It goes on.
    Running,
    /// It was cut off: gates are held against what there was by then.
    CutOff,
    /// It was not brought to its end, or this was written while it went on.
    Unfinished,
    /// It was played to its end, or until a gate failed.
    Over,
}

impl RunState {
    /// That of a run of which nothing more will come; where it is not [`Over`](Self::Over), it ends with 3
    /// unless a gate fails.
    pub fn at_end(result: &LoadResult) -> Self {
        let is_still_running = result.about.ended_early.as_deref() == Some(STILL_RUNNING);
        match (result.about.interrupted, result.unfinished.is_empty()) {
            (true, _) if is_still_running => Self::Unfinished,
            (true, _) => Self::CutOff,
            (false, false) => Self::Unfinished,
            (false, true) => Self::Over,
        }
    }
}

/// What stands above all else on a page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Heading {
    /// The page's title, in a few words.
    pub title: String,
    /// The same in a line.
    pub headline: String,
    /// The class of the page's style that gives it its colour.
    pub tone: &'static str,
}

impl Heading {
    /// Says what a run came to, as far as it is.
    pub fn of(result: &LoadResult, state: RunState) -> Self {
        let failed = result.gates.iter().filter(|gate| !gate.passed).count() as u64;
        let wrong = result.judged.wrong_count();
        let is_bad = wrong > 0 || failed > 0;
        let found = match wrong {
            0 => "no wrong answer".to_owned(),
            wrong => counted(wrong, "wrong answer"),
        };
        let gates = match (failed, result.gates.len() as u64) {
            (_, 0) => String::new(),
            (0, _) => ", every gate passed".to_owned(),
            (failed, all) => format!(", {failed} of {} failed", counted(all, "gate")),
        };
        let bad = match (wrong, failed) {
            (0, failed) => format!("{} failed", counted(failed, "gate")),
            _ => found.clone(),
        };
        let told = format!("{found}{gates}");
        let before = match state {
            RunState::Running => "So far: ",
            RunState::CutOff => "Cut off: ",
            RunState::Unfinished => "Not finished: ",
            RunState::Over => "",
        };
        let (word, until) = match state {
            RunState::Running => ("Running", ""),
            RunState::CutOff => ("Cut off", " until then"),
            RunState::Unfinished => ("Not finished", ""),
            RunState::Over => ("Passed", ""),
        };
        let (title, headline) = match is_bad {
            true => (format!("{before}{bad}"), format!("{before}{told}")),
            false => (word.to_owned(), format!("{before}{told}{until}")),
        };
        let headline = capital(&headline);
        Self { title, headline, tone: tone(state, is_bad) }
    }
}

fn tone(state: RunState, is_bad: bool) -> &'static str {
    match (state, is_bad) {
        (_, true) => "failed",
        (RunState::Running, false) => "running",
        (RunState::CutOff | RunState::Unfinished, false) => "invalid",
        (RunState::Over, false) => "passed",
    }
}

/// With a capital, as the first word of a line.
fn capital(told: &str) -> String {
    let mut letters = told.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
