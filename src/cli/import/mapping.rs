//! The mapping that is meant: built in, of a file, or of options alone; and what options change of it.

use std::io;
use std::path::Path;

use anyhow::{Error, anyhow};

use super::super::exit::{Exit, Stop};
use super::super::terminal::{print_out, printed};
use super::ImportArguments;
use super::given;
use crate::report::Paint;
use crate::report::text::diagnostic;
use lamplighter_import::mapping::{BUILT_IN, BuiltIn, Mapping, check, read};
use lamplighter_scenario::language::diagnostic::{Diagnostic, nearest};
use lamplighter_scenario::language::span::{Source, Span};

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

/// The mapping by which a log is read; `None` where what is wrong with it has been said.
pub fn mapping(log: &Path, arguments: &ImportArguments) -> Result<Option<Mapping>, Stop> {
    let (mut mapping, file) = match (&arguments.built_in, &arguments.map) {
        (Some(key), _) => {
            let built_in = built_in(key)?;
            let source = Source::new(built_in.text.to_owned());
            (built_in.mapping(), Some((format!("{key}.toml (built in)"), source)))
        }
        (None, Some(path)) => {
            let source = Source::new(read_text(path)?);
            let name = path.display().to_string();
            match read(&source) {
                Ok(mapping) => (mapping, Some((name, source))),
                Err(found) => {
                    printed(say(&found, Some((&name, &source))))?;
                    return Ok(None);
                }
            }
        }
        (None, None) => (given::own(log, &arguments.given), None),
    };
    given::give(&mut mapping, &arguments.given);
    let found = check(&mapping);
    if found.is_empty() {
        return Ok(Some(mapping));
    }
    printed(say(&found, file.as_ref().map(|(name, source)| (name.as_str(), source))))?;
    Ok(None)
}

fn read_text(path: &Path) -> Result<String, Stop> {
    let context = || format!("cannot read the mapping {}", path.display());
    let bytes = std::fs::read(path);
    let bytes = bytes.map_err(|error| Stop::machine(Error::new(error).context(context())))?;
    String::from_utf8(bytes).map_err(|error| {
        let error = Error::new(error).context(format!("{} is not UTF-8", path.display()));
        Stop::invalid(error).hint("save the mapping as UTF-8")
    })
}

/// Says what is wrong with a mapping: with its line, or without one where options say it.
fn say(found: &[Diagnostic], file: Option<(&str, &Source)>) -> io::Result<()> {
    use io::Write;
    let mut err = anstream::stderr().lock();
    for found in found {
        match file {
            Some((name, source)) if found.span != Span::default() => {
                diagnostic(&mut err, "error", Paint::Bad, name, source, found)?;
                writeln!(err)?;
            }
            // Of options alone: nobody has a file into which a line belongs.
            None => {
                writeln!(err, "{}: {}", Paint::Bad.on("error"), found.message)?;
                let hint = found.help.as_ref().unwrap_or(&found.label);
                let hint = hint.strip_prefix("or ").unwrap_or(hint);
                writeln!(err, "{}: {hint}", Paint::Good.on("hint"))?;
            }
            Some((name, _)) => {
                let (error, message) = (Paint::Bad.on("error"), &found.message);
                writeln!(err, "{error}: {name}: {message}: {}", found.label)?;
                if let Some(help) = &found.help {
                    writeln!(err, "{}: {help}", Paint::Good.on("hint"))?;
                }
            }
        }
    }
    Ok(())
}
