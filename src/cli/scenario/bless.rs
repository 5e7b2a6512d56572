//! `--bless`: rewrites the words of false expectations, and nothing else.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::anyhow;

use super::settings::Settings;
use crate::cli::atomic_file::replace_file;
use crate::cli::exit::{Exit, Stop};
use crate::cli::files;
use crate::cli::terminal::{print_out, printed};
use crate::report::format::counted;
use crate::report::{Paint, text};
use lamplighter_core::hours::Zones;
use lamplighter_scenario::play::{BlessError, Blessed, Left, Prepared, bless, named_row};

/// Blesses all files, and tells of each what became of it.
pub fn run(settings: &Settings, zones: &Arc<Zones>) -> Result<Exit, Stop> {
    let (mut exit, mut chosen) = (Exit::AllWell, 0_usize);
    for path in &settings.files {
        let ended = bless_one(path, settings, zones, &mut chosen);
        exit = exit.max(ended.unwrap_or_else(|stop| {
            // The other files are blessed all the same.
            stop.print();
            stop.exit()
        }));
    }
    if chosen == 0 && exit == Exit::AllWell {
        let error = anyhow!("nothing is left to bless: all is left out by {}", settings.choice);
        return Err(Stop::invalid(error));
    }
    Ok(exit)
}

fn bless_one(
    path: &Path,
    settings: &Settings,
    zones: &Arc<Zones>,
    chosen: &mut usize,
) -> Result<Exit, Stop> {
    if files::is_stdin(path) {
        let stop = Stop::invalid(anyhow!("--bless rewrites files, and `-` is none"));
        return Err(stop.hint("name the file"));
    }
    let bytes = files::read(path)?;
    let shown = path.display();
    let rows = Prepared::rows(path, &bytes, zones);
    if !rows.iter().any(|row| settings.choice.takes(row)) {
        return Ok(Exit::AllWell);
    }
    *chosen += 1;
    match bless(path, &bytes, zones, &AtomicBool::new(false)) {
        Ok(Blessed { rewritten: 0, left: Left { by_rows: 0, as_meant: 0 }, .. }) => {
            print_out(format_args!("{}   {shown}  nothing to bless\n", Paint::Good.on("ok")))?;
            Ok(Exit::AllWell)
        }
        Ok(Blessed { bytes, rewritten, left }) => {
            if rewritten > 0 {
                replace_file(&named_row(path).0, &bytes)?;
            }
            let count = counted(rewritten as u64, "expectation");
            let Some(why) = why_left(left) else {
                print_out(format_args!("{}   {shown}  {count} rewritten\n", Paint::Warn.on("ok")))?;
                return Ok(Exit::AllWell);
            };
            print_out(format_args!(
                "{} {shown}  {count} rewritten, {why}\n",
                Paint::Bad.on("FAIL")
            ))?;
            Ok(Exit::Failed)
        }
        Err(BlessError::Invalid(verdict)) => {
            printed(text::diagnostics(&mut anstream::stderr().lock(), &verdict))?;
            let refused = "not blessed: the scenario has errors";
            print_out(format_args!("{}  {shown}  {refused}\n", Paint::Bad.on("BAD")))?;
            Ok(Exit::Invalid)
        }
        Err(BlessError::NoWords(verdict)) => {
            let mut out = anstream::stdout().lock();
            printed(text::verdict(&mut out, &verdict))?;
            drop(out);
            let refused = "not blessed: no words would make this expectation true";
            print_out(format_args!("{} {shown}  {refused}\n", Paint::Bad.on("FAIL")))?;
            Ok(Exit::Failed)
        }
    }
}

/// How many expectations were left alone, and why; `None` where none was.
pub fn why_left(left: Left) -> Option<String> {
    let reasons = [
        (left.by_rows, "not by all rows of the table the same words would be true"),
        (left.as_meant, "`at most`, `at least` and `no anomalies` say what is meant"),
    ];
    let reasons = reasons.into_iter().filter(|(count, _)| *count > 0);
    let told = reasons.map(|(count, why)| format!("{count} left alone: {why}"));
    Some(told.collect::<Vec<_>>().join(", ")).filter(|told| !told.is_empty())
}
