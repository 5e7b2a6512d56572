//! Target files: built in or not, read and checked, with what is wrong underlined.

use std::io::Write;
use std::path::Path;

use anyhow::{Error, anyhow};

use crate::cli::common::Common;
use crate::cli::exit::{Exit, Stop};
use crate::cli::terminal::{print_out, printed};
use crate::report::Paint;
use crate::report::format::counted;
use crate::report::text::diagnostic;
use lamplighter_scenario::language::diagnostic::nearest;
use lamplighter_target::file::builtin::{self, BUILT_IN};
use lamplighter_target::file::check::Checked;
use lamplighter_target::file::{Severity, TargetFile, check};

/// The text of a built-in file.
pub fn built_in(name: &str) -> Result<&'static str, Stop> {
    builtin::built_in(name).ok_or_else(|| {
        let names = || BUILT_IN.iter().map(|(name, _)| *name);
        let stop = Stop::invalid(anyhow!("there is no built-in target `{name}`"));
        match nearest(name, names()) {
            Some(near) => stop.hint(format!("did you mean `{near}`?")),
            None => stop.hint(format!(
                "there are {}; a file has a `/` in its path or ends in `.toml`",
                names().collect::<Vec<_>>().join(", ")
            )),
        }
    })
}

/// Whether somebody has tried a built-in file against the product.
pub fn is_tried(text: &str) -> bool {
    let checked = check(text.as_bytes(), &|_| Err(String::new()));
    checked.file.is_some_and(|file| file.about.tried)
}

/// A file by its path, or a built-in one by its name, with what is wrong with it.
fn checked(named: &str) -> Result<(String, Checked), Stop> {
    if !builtin::is_file(named) {
        let text = built_in(named)?;
        let shown = format!("{named}.toml (built in)");
        return Ok((shown, check(text.as_bytes(), &|path| Err(format!("no file {path}")))));
    }
    let bytes = std::fs::read(named).map_err(|error| {
        Stop::invalid(Error::new(error).context(format!("cannot read the target file {named}")))
    })?;
    let folder = Path::new(named).parent().unwrap_or(Path::new("")).to_owned();
    let beside =
        |path: &str| std::fs::read_to_string(folder.join(path)).map_err(|error| error.to_string());
    Ok((named.to_owned(), check(&bytes, &beside)))
}

/// A file that a run can follow; `None` where what is wrong with it has been said.
pub fn read(named: &str) -> Result<Option<TargetFile>, Stop> {
    let (shown, checked) = checked(named)?;
    say(&shown, &checked, |severity| severity == Severity::Error)?;
    if let Some(file) = &checked.file
        && !file.about.tried
    {
        anstream::eprintln!(
            "{}: nobody has tried this file against {}: what it says was read in documents",
            Paint::Faint.on("note"),
            file.about.name
        );
    }
    Ok(checked.file)
}

fn say(shown: &str, checked: &Checked, wants: impl Fn(Severity) -> bool) -> Result<(), Stop> {
    let mut err = anstream::stderr().lock();
    for finding in checked.findings.iter().filter(|finding| wants(finding.severity)) {
        let (word, paint) = match finding.severity {
            Severity::Error => ("error", Paint::Bad),
            Severity::Warning => ("warning", Paint::Warn),
        };
        let said = diagnostic(&mut err, word, paint, shown, &checked.source, &finding.diagnostic);
        printed(said.and_then(|()| writeln!(err)))?;
    }
    Ok(())
}

/// Says all that is wrong with files, without a call.
pub fn check_all(files: &[String], common: &Common) -> Result<Exit, Stop> {
    let built_in = BUILT_IN.iter().map(|(name, _)| (*name).to_owned());
    let files: Vec<String> = if files.is_empty() { built_in.collect() } else { files.to_vec() };
    let mut worst = Exit::AllWell;
    let (mut read, mut errors, mut warnings) = (0_u64, 0_u64, 0_u64);
    for named in &files {
        let (shown, checked) = match checked(named) {
            Ok(checked) => checked,
            Err(stop) => {
                stop.print();
                worst = worst.max(stop.exit());
                continue;
            }
        };
        say(&shown, &checked, |_| true)?;
        let count = |severity| {
            checked.findings.iter().filter(|finding| finding.severity == severity).count() as u64
        };
        read += 1;
        errors += count(Severity::Error);
        warnings += count(Severity::Warning);
    }
    if !common.quiet {
        print_out(format_args!(
            "{} checked: {}, {}\n",
            counted(read, "target file"),
            counted(errors, "error"),
            counted(warnings, "warning")
        ))?;
    }
    Ok(if errors > 0 { worst.max(Exit::Invalid) } else { worst })
}
