//! What a text says: its faults and warnings, the verdict of each of its rows, the picture of one of them,
//! and what is so at an instant. It depends on its arguments alone: files beside the text come out of a
//! [`Folder`], and how long it may take is for who asks to end.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::answer::{PlayAnswer, ShownScenario};
use super::folder::Folder;
use super::now::Now;
use crate::report::html::Pictures;
use crate::report::template::PageError;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::Instant;
use lamplighter_core::world::World;
use lamplighter_scenario::language::Suite;
use lamplighter_scenario::language::code::Code;
use lamplighter_scenario::language::diagnostic::Diagnostic;
use lamplighter_scenario::language::span::Span;
use lamplighter_scenario::play::{
    Facts, Options, Outcome, Planned, PlayedUntil, Prepared, Verdict, lint_played, play_and_look,
    tell_once, warn_once,
};

/// Of a table of examples at most so many rows are played.
pub const ROWS_MAX: usize = 50;
/// A run goes through at most so many instants: what it comes to is kept for the picture.
pub const INSTANTS_MAX: usize = 50_000;

/// What is known besides the text.
pub struct Setting<'a> {
    /// The zones that are known.
    pub zones: &'a Arc<Zones>,
    /// The templates that draw the pictures of runs.
    pub pictures: &'a Pictures,
    /// The files that the text may name.
    pub folder: &'a Folder,
    /// The file in which the text stands, or is said to stand.
    pub path: &'a Path,
    /// Today, for texts that do not say when they play.
    pub today: Instant,
}

/// A text, and what is wanted of it.
#[derive(Clone, Copy, Debug)]
pub struct PlayRequest<'a> {
    /// The whole text of the scenario.
    pub text: &'a str,
    /// The line of the row to show; the first that does not hold without one.
    pub row: Option<usize>,
    /// The instant to look at.
    pub at: Option<Instant>,
    /// How wide the picture's axis is to be, in pixels.
    pub width: u32,
}

/// A scenario of the text, played.
struct Played {
    looked: PlayedUntil,
    warnings: Vec<Diagnostic>,
    /// The statements that expect something.
    expected: Vec<Span>,
}

/// Says what a text says. Once `stop` is set, or after too many instants, it says that it was stopped.
///
/// # Errors
/// When a picture cannot be filled in: a mistake in the program.
pub fn says(
    asked: &PlayRequest<'_>,
    with: &Setting<'_>,
    stop: &AtomicBool,
) -> Result<PlayAnswer, PageError> {
    let rows = rows(asked.text, with);
    let count = rows.len();
    let mut all: Vec<Played> = Vec::with_capacity(count);
    let mut shown = 0;
    for prepared in rows {
        if stop.load(Ordering::Relaxed) && !all.is_empty() {
            break;
        }
        all.push(play(prepared, asked.at, with, stop));
        let last = all.len() - 1;
        // What is not shown need not be kept.
        let dropped = match last > 0 && rank(&all[last], asked) < rank(&all[shown], asked) {
            true => std::mem::replace(&mut shown, last),
            false => last,
        };
        if dropped != shown {
            all[dropped].looked.world = None;
            all[dropped].looked.verdict.picture = None;
        }
    }
    tell_once(all.iter_mut().map(|played| &mut played.looked.verdict));
    let warnings = all.iter_mut().map(|played| std::mem::take(&mut played.warnings)).collect();
    let warnings: Vec<Diagnostic> = warn_once(warnings).into_iter().flatten().collect();
    let (verdict, world) = (&all[shown].looked.verdict, &all[shown].looked.world);
    let is_sound = verdict.outcome() != Outcome::Invalid && !verdict.stopped;
    let now = world.as_ref().filter(|_| is_sound).map(|world| now_of(verdict, world));
    let picture = match verdict.stopped {
        true => None,
        false => with.pictures.draw(verdict, asked.width)?,
    };
    let verdicts: Vec<&Verdict> = all.iter().map(|played| &played.looked.verdict).collect();
    let shown = ShownScenario { verdict, expected: &all[shown].expected, picture, now };
    let rows_left_out = row_count(asked.text, with).saturating_sub(verdicts.len());
    Ok(PlayAnswer::of(asked.text, shown, &verdicts, &warnings, rows_left_out))
}

/// What is so at the instant that is asked for; `None` where the text is faulty, has no such row or
/// instant, or was stopped.
pub fn now(asked: &PlayRequest<'_>, with: &Setting<'_>, stop: &AtomicBool) -> Option<Now> {
    let mut rows = rows(asked.text, with);
    let index = match asked.row {
        None => 0,
        Some(line) => {
            rows.iter().position(|one| one.file.row.as_ref().is_some_and(|row| row.line == line))?
        }
    };
    let mut prepared = rows.swap_remove(index);
    refuse_files(&mut prepared, with.folder);
    let bounds = (stop, INSTANTS_MAX);
    // Seen from instant to instant it can be stopped at any of them.
    let options = Options { picture: true, ..Options::default() };
    let PlayedUntil { verdict, world } =
        play_and_look(prepared, with.zones, options, bounds, |_, _| asked.at);
    let is_sound = verdict.outcome() != Outcome::Invalid && !verdict.stopped;
    world.filter(|_| is_sound).map(|world| now_of(&verdict, &world))
}

fn now_of(verdict: &Verdict, world: &World) -> Now {
    Now::of(Facts { roster: &verdict.roster, zone: &verdict.zone, world })
}

fn rows(text: &str, with: &Setting<'_>) -> Vec<Prepared> {
    let beside = |name: &str| with.folder.read(name);
    Prepared::first_rows_reading(with.path, text.as_bytes(), with.zones, &beside, ROWS_MAX)
}

fn row_count(text: &str, with: &Setting<'_>) -> usize {
    let beside = |name: &str| with.folder.read(name);
    Suite::new(text.as_bytes(), Path::new(""), &beside).count()
}

/// How much a row asks to be shown: the least does.
fn rank(played: &Played, asked: &PlayRequest<'_>) -> u8 {
    let verdict = &played.looked.verdict;
    let line = verdict.file.row.as_ref().map(|row| row.line);
    match verdict.outcome() {
        _ if asked.row.is_some() && line == asked.row => 0,
        Outcome::Failed | Outcome::Invalid => 1,
        Outcome::Passed => 2,
    }
}

fn play(
    mut prepared: Prepared,
    at: Option<Instant>,
    with: &Setting<'_>,
    stop: &AtomicBool,
) -> Played {
    refuse_files(&mut prepared, with.folder);
    let document = std::mem::take(&mut prepared.document);
    let planned = Planned::of(&prepared.plan);
    let steps = prepared.plan.steps.iter().filter(|step| step.kind.is_expected());
    let observed = prepared.plan.observed.iter().map(|observed| observed.place.span);
    let expected = steps.map(|step| step.span).chain(observed).collect();
    let options = Options { picture: true, ..Options::default() };
    let looked = play_and_look(prepared, with.zones, options, (stop, INSTANTS_MAX), |_, _| at);
    let warnings = match looked.verdict.stopped {
        // What it would have come to is not known.
        true => Vec::new(),
        false => lint_played(&document, planned, &looked.verdict, with.zones, with.today),
    };
    Played { looked, warnings, expected }
}

/// Takes out traces and recordings that may not be read, each with a word.
fn refuse_files(prepared: &mut Prepared, folder: &Folder) {
    let Prepared { plan, diagnostics, .. } = prepared;
    let mut may_replay = |name: &str, span: Span| match folder.may_replay(name) {
        Ok(()) => true,
        Err(why) => {
            let message = format!("`{name}` is not read here");
            let found = Diagnostic::new(span, message, why).code(Code::UnreadableFile);
            diagnostics.push(found);
            false
        }
    };
    plan.traces.retain(|trace| may_replay(&trace.node, trace.span));
    plan.observed.retain(|observed| may_replay(&observed.path.node, observed.path.span));
}

#[cfg(test)]
mod tests;
