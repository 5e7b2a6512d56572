//! What is allowed and probably not meant.
//!
//! | file | what it warns of |
//! | --- | --- |
//! | `rows` | all scenarios of a file, each found thing told once |
//! | `warnings` | takes warnings in, and tells many of one kind as one |
//! | `allowed` | comments that silence some of them |
//! | `written` | schedulers and settings as written, wherever in the file |
//! | `clocks` | zones that are not what they look like, hours that a clock change meets |
//! | `hours` | gaps of a minute, nights that are too long, overlaps, dates |
//! | `presence` | hours in which nobody is, properties of nobody |
//! | `visitors` | pages, countries and devices that hide a widget from all, or from none |
//! | `lines` | a scenario that expects nothing, lines that change nothing |

mod allowed;
mod clocks;
mod hours;
mod lines;
mod presence;
mod rows;
mod visitors;
mod warnings;
mod written;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::ahead::Reading;
use super::outputs::Options;
use super::prepared::Prepared;
use super::run::play;
use super::verdict::Verdict;
use crate::language::ast::{Document, Name};
use crate::language::calendar::misleading_zones;
use crate::language::diagnostic::Diagnostic;
use crate::language::plan::Plan;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::knobs::HoursAre;
use lamplighter_core::model::{Calendar, Instant, Millis, RuleSet};
use warnings::Warnings;

pub use rows::{Checked, check, warn_once};

/// How far ahead clock changes are looked for: from one to the same of the next year it can be a
/// year and a week.
const HORIZON: Millis = Millis(373 * 86_400_000);

/// Reads a scenario, plays it, and gives its verdict with the warnings. `today` is for scenarios that do not
/// say when they play.
pub fn lint(
    path: &Path,
    bytes: &[u8],
    zones: &Arc<Zones>,
    today: Instant,
) -> (Verdict, Vec<Diagnostic>) {
    let prepared = Prepared::new(path, bytes, zones);
    lint_prepared(prepared, zones, today, Reading::default(), &AtomicBool::new(false))
}

/// The same of a scenario that is read already. Once `stop` is set, the run ends where it is, and what was
/// found means nothing.
fn lint_prepared(
    mut prepared: Prepared,
    zones: &Arc<Zones>,
    today: Instant,
    reading: Reading,
    stop: &AtomicBool,
) -> (Verdict, Vec<Diagnostic>) {
    let options = Options { picture: true, answers: true, reading, ..Options::default() };
    let document = std::mem::take(&mut prepared.document);
    let planned = Planned::of(&prepared.plan);
    let verdict = play(prepared, zones, options, stop);
    let warnings = lint_played(&document, planned, &verdict, zones, today);
    (verdict, warnings)
}

/// What is looked at of a plan, which is gone once it was played.
pub struct Planned {
    rules: RuleSet,
    calendars: Vec<(Name, Arc<Calendar>)>,
}

impl Planned {
    /// Of a plan that will be played.
    pub fn of(plan: &Plan) -> Self {
        Self { rules: *plan.world.rules(), calendars: plan.calendars.clone() }
    }
}

/// The warnings of a scenario that was played as planned, with a picture.
pub fn lint_played(
    document: &Document,
    planned: Planned,
    verdict: &Verdict,
    zones: &Arc<Zones>,
    today: Instant,
) -> Vec<Diagnostic> {
    let mut warnings = Warnings::default();
    for (path, calendar) in &planned.calendars {
        let of_zones = misleading_zones(path, &calendar.text);
        of_zones.into_iter().for_each(|warning| warnings.push(warning));
    }
    lines::expects_nothing(document, verdict, &mut warnings);
    lines::unchanged(verdict, &planned.rules, &mut warnings);
    presence::without_members(document, &mut warnings);
    presence::all_suspended(document, &mut warnings);
    visitors::pages(document, &verdict.file.source, &mut warnings);
    visitors::countries(document, &mut warnings);
    visitors::devices(document, &mut warnings);
    clocks::zone_names(document, &planned.rules, &mut warnings);
    let start = verdict.run.map_or(today, |run| run.first);
    let year = start.checked_add(HORIZON).unwrap_or(Instant::MAX);
    let end = verdict.run.map_or(year, |run| run.last.max(year));
    for scheduler in written::schedulers(document, &planned.rules) {
        let Ok(zone) = zones.get(scheduler.zone) else { continue };
        if planned.rules.hours == HoursAre::None {
            if scheduler.is_own {
                hours::not_looked_at(&scheduler, &mut warnings);
            }
            continue;
        }
        if scheduler.is_own {
            // A line of hours with a fault is not there, and the fault is told.
            if verdict.diagnostics.is_empty() {
                hours::never_open(&scheduler, &mut warnings);
            }
            hours::never_opening(&scheduler, &mut warnings);
            hours::minute_gaps(&scheduler, &mut warnings);
            hours::long_nights(&scheduler, &mut warnings);
            hours::overlaps(&scheduler, &mut warnings);
            let first = zone.local(start).date();
            hours::evenings_into_closed_dates(&scheduler, first, &mut warnings);
            clocks::clock_changes(&scheduler, &zone, (start, end), &mut warnings);
            hours::past_dates(&scheduler, first, &mut warnings);
        }
        if let Some(widget) = &scheduler.widget {
            presence::nobody_present(&scheduler, widget, &zone, verdict, &mut warnings);
        }
    }
    allowed::silence(verdict, &mut warnings);
    warnings.finish(&verdict.file.source)
}
