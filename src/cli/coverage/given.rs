//! What was typed into what is asked: times, visitors, alternatives, chats.

use std::path::Path;
use std::sync::Arc;

use anyhow::anyhow;

use super::arguments::CoverageArguments;
use crate::cli::exit::Stop;
use crate::cli::files;
use crate::cli::process::jobs;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::{Instant, Millis};
use lamplighter_coverage::arrivals::{Curve, CurveError};
use lamplighter_coverage::play::{Opened, Options, Visitors};
use lamplighter_coverage::staffing::times::{self, TimesError};
use lamplighter_coverage::staffing::{Handle, StaffingOptions};
use lamplighter_coverage::text_file;
use lamplighter_scenario::language::parse_time_alone;
use lamplighter_scenario::language::plan::Alternative;
use lamplighter_scenario::language::span::{Span, Spanned};
use lamplighter_scenario::language::time::{Base, resolve};

/// What is asked of a report, by the arguments as typed and the scenario as it was opened.
pub fn options(
    arguments: &CoverageArguments,
    path: &Path,
    opened: &Opened,
    zones: &Arc<Zones>,
) -> Result<Options, Stop> {
    let alternatives = alternatives(arguments, path, opened, zones)?;
    Ok(Options {
        from: time("--from", arguments.from.as_deref(), opened)?,
        to: time("--to", arguments.to.as_deref(), opened)?,
        ghost_after: arguments.ghost,
        visitors: visitors(arguments)?,
        seed: arguments.seed,
        staffing: staffing(arguments)?,
        alternatives,
        jobs: jobs(arguments.jobs),
    })
}

fn time(option: &str, typed: Option<&str>, opened: &Opened) -> Result<Option<Instant>, Stop> {
    let Some(typed) = typed else { return Ok(None) };
    let time = parse_time_alone(typed).map_err(|error| {
        Stop::invalid(anyhow!("{option} {typed}: {error}"))
            .hint("write a local time such as '2026-03-09 17:02', an instant, or '+28d'")
    })?;
    let time = Spanned::new(time, Span::default());
    match resolve(&time, Base::At(opened.first()), &opened.plan().zone) {
        Ok(at) => Ok(at),
        Err((diagnostic, _)) => {
            let stop = Stop::invalid(anyhow!("{option} {typed}: {}", diagnostic.message));
            Err(diagnostic.help.into_iter().fold(stop, Stop::hint))
        }
    }
}

fn visitors(arguments: &CoverageArguments) -> Result<Visitors, Stop> {
    let Some(typed) = &arguments.visitors else { return Ok(Visitors::None) };
    let Some(per_day) = typed.strip_suffix("/day") else {
        if arguments.visitors_by.is_some() {
            let stop = Stop::invalid(anyhow!("--visitors-by spreads a number of visitors a day"));
            return Err(stop.hint("a file of arrivals says itself when each of them comes"));
        }
        return Ok(Visitors::File(typed.into()));
    };
    let number = per_day.parse().ok().filter(|n: &f64| n.is_finite() && (0.0..=1e7).contains(n));
    let Some(per_day) = number else {
        let error = anyhow!("--visitors {typed}: `{per_day}` is no number of visitors");
        return Err(Stop::invalid(error).hint("write for example 200/day, or name a file"));
    };
    let curve = match &arguments.visitors_by {
        None => Curve::flat(),
        Some(path) => Curve::read(path).map_err(|error| match error {
            CurveError::Unreadable(..) => Stop::machine(error.into()),
            _ => Stop::invalid(error.into()),
        })?,
    };
    Ok(Visitors::Drawn { per_day, curve: Arc::new(curve) })
}

fn staffing(arguments: &CoverageArguments) -> Result<Option<StaffingOptions>, Stop> {
    let chats = &arguments.chats;
    let handle = match (arguments.handle, &arguments.handle_times) {
        (Some(Millis::ZERO), _) => {
            return Err(Stop::invalid(anyhow!("--handle 0s: a chat takes longer than no time")));
        }
        (Some(mean), _) => Handle::Exponential(mean),
        (None, Some(path)) => Handle::Recorded(recorded(path)?),
        (None, None) if chats.staff.is_some() => {
            let stop = Stop::invalid(anyhow!("--staff needs to know how long a chat takes"));
            return Err(stop.hint("add for example `--handle 6m`, and `--visitors` for who comes"));
        }
        (None, None) => return Ok(None),
    };
    if chats.patience == Some(Millis::ZERO) {
        let stop = Stop::invalid(anyhow!("--patience 0s: nobody would ever wait"));
        return Err(stop.hint("leave it out for visitors who wait for ever"));
    }
    Ok(Some(StaffingOptions {
        handle,
        concurrent: chats.concurrent,
        patience: chats.patience,
        away_answers: chats.away_answers,
        runs: chats.runs,
        answer_within: chats.answer_within,
        wanted: chats.staff.as_deref().map(wanted).transpose()?,
        seed: arguments.seed,
    }))
}

fn recorded(path: &Path) -> Result<Arc<[u64]>, Stop> {
    let times = times::read(path).map_err(|error| match error {
        TimesError::Unreadable(..) => Stop::machine(error.into()),
        _ => Stop::invalid(error.into()),
    })?;
    Ok(times.into())
}

/// `80% within 30s`
fn wanted(typed: &str) -> Result<(f64, Millis), Stop> {
    let read = || {
        let (share, within) = typed.split_once("within")?;
        let percent: f64 = share.trim().strip_suffix('%')?.trim().parse().ok()?;
        let is_share = percent > 0.0 && percent < 100.0;
        is_share.then_some((percent / 100.0, within.trim().parse().ok()?))
    };
    read().ok_or_else(|| {
        Stop::invalid(anyhow!("--staff {typed}: this is no service level")).hint(
            "write for example `--staff '80% within 30s'`, with more than 0 and less than 100 %",
        )
    })
}

fn alternatives(
    arguments: &CoverageArguments,
    path: &Path,
    opened: &Opened,
    zones: &Arc<Zones>,
) -> Result<Vec<Alternative>, Stop> {
    let mut written = Vec::new();
    for typed in &arguments.what_if {
        written.push(labelled(typed).ok_or_else(|| {
            Stop::invalid(anyhow!("--what-if {typed}: it has no label"))
                .hint("write for example `--what-if 'an hour longer: acme scheduler UTC; daily 08:00-18:00'`")
        })?);
    }
    for path in &arguments.what_if_file {
        let text = text_file::text(path, files::read(path)?);
        let text = text.map_err(|error| Stop::invalid(error.into()))?;
        from_file(path, &text, &mut written)?;
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let beside = |name: &str| {
        let file = folder.join(name);
        std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))
    };
    let read = |(label, lines): &(String, Vec<String>)| {
        Alternative::read(label, lines, opened.plan(), zones, &beside).map_err(|(source, found)| {
            let first = &found[0];
            let line = source.position(first.span.start).line;
            let (_, line) = source.line(line);
            let line = line.strip_prefix("set ").unwrap_or(line);
            let error = anyhow!("{}: {}", first.message, first.label);
            let stop = Stop::invalid(error.context(format!("--what-if {label}: `{line}`")));
            first.help.iter().fold(stop, |stop, help| stop.hint(help.clone()))
        })
    };
    written.iter().map(read).collect()
}

/// The label of an alternative, and its lines.
fn labelled(text: &str) -> Option<(String, Vec<String>)> {
    let (label, lines) = text.split_once(':')?;
    let label = label.trim();
    (!label.is_empty()).then(|| (label.to_owned(), lines_of(lines)))
}

/// Lines with semicolons between them, but for those in quotes.
fn lines_of(text: &str) -> Vec<String> {
    let mut is_quoted = false;
    let mut is_escaped = false;
    let parts = text.split(|c: char| {
        match c {
            '"' if !is_escaped => is_quoted = !is_quoted,
            _ => {}
        }
        is_escaped = c == '\\' && !is_escaped && is_quoted;
        c == ';' && !is_quoted
    });
    parts.map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn from_file(
    path: &Path,
    text: &str,
    written: &mut Vec<(String, Vec<String>)>,
) -> Result<(), Stop> {
    let before = written.len();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let is_further = line.starts_with([' ', '\t']);
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let place = || format!("{}:{}", path.display(), index + 1);
        match (is_further, written.len() > before) {
            (true, true) => {
                let (_, lines) = written.last_mut().expect("one was begun");
                lines.extend(lines_of(trimmed));
            }
            (true, false) => {
                let error = anyhow!("{}: a further line of no alternative", place());
                return Err(Stop::invalid(error).hint("begin with a line `LABEL:`"));
            }
            (false, _) => written.push(labelled(trimmed).ok_or_else(|| {
                let error = anyhow!("{}: `{trimmed}` has no label", place());
                Stop::invalid(error).hint("write `LABEL: LINE; LINE`, or indent it below another")
            })?),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_split_at_semicolons_outside_of_quotes() {
        assert_eq!(lines_of(" a b; c \"d; \\\" e\" ;; f "), ["a b", "c \"d; \\\" e\"", "f"]);
    }

    #[test]
    fn a_file_has_alternatives_with_further_lines() {
        let mut found = Vec::new();
        let text = "# hours\nlonger: a scheduler UTC; daily 08:00-18:00\n\nshorter:\n  grace 0s\n";
        from_file(Path::new("w"), text, &mut found).expect("two of them");
        assert_eq!(found[0].1, ["a scheduler UTC", "daily 08:00-18:00"]);
        assert_eq!(found[1], ("shorter".to_owned(), vec!["grace 0s".to_owned()]));
        let error = from_file(Path::new("w"), "  grace 0s\n", &mut Vec::new());
        assert!(error.is_err());
    }

    #[test]
    fn a_service_level_is_a_share_within_a_time() {
        assert_eq!(wanted("80% within 30s").expect("a level"), (0.8, Millis(30_000)));
        assert!(wanted("80 within 30s").is_err() && wanted("100% within 1s").is_err());
    }
}
