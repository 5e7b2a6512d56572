//! The mapping that is meant: built in, of a file, or of options alone; and what options change of it.

use std::io;
use std::path::Path;

use anyhow::{Error, anyhow};

use super::super::exit::{Exit, Stop};
use super::super::files::unreadable;
use super::super::terminal::{print_out, printed};
use super::arguments::ImportArguments;
use super::{error, given};
use crate::report::Paint;
use crate::report::text::diagnostic;
use lamplighter_core::hours::Zones;
use lamplighter_import::mapping::{BUILT_IN, BuiltIn, Mapping, check, read};
use lamplighter_scenario::language::diagnostic::{Diagnostic, nearest};
use lamplighter_scenario::language::span::{Source, Span};
use lamplighter_scenario::language::zones::{misleading_zone, unknown_zone};

/// Lists what is built in.
pub fn list() -> Result<Exit, Stop> {
    for built_in in &BUILT_IN {
        let mapping = built_in.mapping();
        let tried = if mapping.tried { "" } else { " (from its documents, not tried)" };
        print_out(format_args!("{:<16}{}{tried}\n", built_in.key, mapping.name))?;
    }
    Ok(Exit::AllWell)
}

/// The built-in mapping of a name.
pub fn built_in(key: &str) -> Result<&'static BuiltIn, Stop> {
    lamplighter_import::mapping::built_in(key).ok_or_else(|| {
        let keys = || BUILT_IN.iter().map(|built_in| built_in.key);
        let stop = Stop::invalid(anyhow!("there is no built-in mapping `{key}`"));
        match nearest(key, keys()) {
            Some(near) => stop.hint(format!("did you mean `{near}`?")),
            None => stop.hint(format!("there are {}", keys().collect::<Vec<_>>().join(", "))),
        }
    })
}

/// The file of a mapping, to which faults belong: its name, and what stands in it.
type MappingFile = Option<(String, Source)>;

/// The mapping by which a log is read; `None` where what is wrong with it has been said. Unless `quiet`,
/// what is probably not meant is said, too.
pub fn mapping(
    log: &Path,
    arguments: &ImportArguments,
    zones: &Zones,
    quiet: bool,
) -> Result<Option<Mapping>, Stop> {
    let Some((mut mapping, file)) = written(log, arguments)? else { return Ok(None) };
    given::give(&mut mapping, &arguments.given);
    let mut found = check(&mapping);
    match zone(&mapping, zones) {
        Ok(unknown) => found.extend(unknown),
        Err(unknown) if found.is_empty() => return Err(unknown),
        // It is said once the mapping is whole.
        Err(_) => {}
    }
    if !found.is_empty() {
        printed(say("error", Paint::Bad, &found, file.as_ref()))?;
        return Ok(None);
    }
    let zone = mapping.time.zone.as_ref();
    let misleading = zone.and_then(|zone| misleading_zone(&zone.node, zone.span));
    if let Some(found) = misleading.filter(|_| !quiet) {
        // What an option says is no line of the file.
        let file = file.as_ref().filter(|_| found.span != Span::default());
        printed(say("warning", Paint::Warn, &[found], file))?;
    }
    Ok(Some(mapping))
}

/// The mapping without what options change of it; `None` where what is wrong with it has been said.
fn written(
    log: &Path,
    arguments: &ImportArguments,
) -> Result<Option<(Mapping, MappingFile)>, Stop> {
    Ok(match (&arguments.built_in, &arguments.map) {
        (Some(key), _) => {
            let built_in = built_in(key)?;
            let source = Source::new(built_in.text.to_owned());
            Some((built_in.mapping(), Some((format!("{key}.toml (built in)"), source))))
        }
        (None, Some(path)) => {
            let file = (path.display().to_string(), Source::new(read_text(path)?));
            match read(&file.1) {
                Ok(mapping) => Some((mapping, Some(file))),
                Err(found) => {
                    printed(say("error", Paint::Bad, &found, Some(&file)))?;
                    None
                }
            }
        }
        (None, None) => Some((given::own(log, &arguments.given), None)),
    })
}

/// What is wrong with a mapping's zone, where its file says it; an option has no line.
fn zone(mapping: &Mapping, zones: &Zones) -> Result<Option<Diagnostic>, Stop> {
    let Some(zone) = &mapping.time.zone else { return Ok(None) };
    match zones.get(&zone.node) {
        Ok(_) => Ok(None),
        Err(unknown) if zone.span == Span::default() => Err(error::unknown_zone(unknown)),
        Err(error) => Ok(Some(unknown_zone(zone.span, &error))),
    }
}

fn read_text(path: &Path) -> Result<String, Stop> {
    let bytes = std::fs::read(path).map_err(|error| unreadable(path, error))?;
    String::from_utf8(bytes).map_err(|error| {
        let error = Error::new(error).context(format!("{} is not UTF-8", path.display()));
        Stop::invalid(error).hint("save the mapping as UTF-8")
    })
}

/// Says what is wrong with a mapping: with its line, or without one where options say it.
fn say(
    kind: &str,
    paint: Paint,
    found: &[Diagnostic],
    file: Option<&(String, Source)>,
) -> io::Result<()> {
    use io::Write;
    let mut err = anstream::stderr().lock();
    for found in found {
        match file {
            Some((name, source)) if found.span != Span::default() => {
                diagnostic(&mut err, kind, paint, name, source, found)?;
                writeln!(err)?;
            }
            // Of options alone: nobody has a file into which a line belongs.
            None => {
                writeln!(err, "{}: {}", paint.on(kind), found.message)?;
                let hint = found.help.as_ref().unwrap_or(&found.label);
                let hint = hint.strip_prefix("or ").unwrap_or(hint);
                writeln!(err, "{}: {hint}", Paint::Good.on("hint"))?;
            }
            Some((name, _)) => {
                let (kind, message) = (paint.on(kind), &found.message);
                writeln!(err, "{kind}: {name}: {message}: {}", found.label)?;
                if let Some(help) = &found.help {
                    writeln!(err, "{}: {help}", Paint::Good.on("hint"))?;
                }
            }
        }
    }
    Ok(())
}
