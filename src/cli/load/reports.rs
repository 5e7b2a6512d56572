//! The summary and the reports of a load test, from its result.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::arguments::ReportArguments;
use super::violations::write_evidence;
use crate::cli::exit::Stop;
use crate::cli::output::{is_stdout, write_report};
use crate::cli::terminal::printed;
use crate::report::load::{csv, html, json, junit, text};
use lamplighter_load::result::LoadResult;

/// Where reports go that nobody has named a place for.
const JSON: &str = "reports/load.json";
const HTML: &str = "reports/load.html";

/// What was asked for, or what is written where nothing was.
pub fn chosen(arguments: &ReportArguments) -> ReportArguments {
    let ReportArguments { json, csv, junit, html, wrong: _ } = arguments;
    match [json, csv, junit, html].iter().all(|path| path.is_none()) {
        false => arguments.clone(),
        true => ReportArguments {
            json: Some(JSON.into()),
            html: Some(HTML.into()),
            ..arguments.clone()
        },
    }
}

/// The files that [`write_reports`] writes.
pub fn files(arguments: &ReportArguments) -> Vec<PathBuf> {
    let ReportArguments { json, csv, junit, html, .. } = chosen(arguments);
    let all = [json, csv.as_deref().and_then(beside), csv, junit, html];
    all.into_iter().flatten().filter(|path| !is_stdout(path)).collect()
}

/// Writes the reports that were asked for, or JSON and HTML into `reports/`; and each wrong answer
/// of which there is evidence. Where one cannot be written, the others are all the same.
pub fn write_reports(arguments: &ReportArguments, result: &LoadResult) -> Result<(), Stop> {
    let chosen = chosen(arguments);
    let mut failures = write_files(&chosen, result);
    failures.extend(write_evidence(&chosen.wrong, &result.judged.evidence).err());
    let Some(last) = failures.pop() else { return Ok(()) };
    failures.iter().for_each(Stop::print);
    Err(last)
}

/// Writes those reports; what could not be written.
pub fn write_files(chosen: &ReportArguments, result: &LoadResult) -> Vec<Stop> {
    let ReportArguments { json: to_json, csv: to_csv, junit: to_junit, html: to_html, wrong: _ } =
        chosen;
    let mut failures = Vec::new();
    let mut put = |path: &Option<PathBuf>, write: &dyn Fn(&mut dyn Write) -> anyhow::Result<()>| {
        let written = path.as_ref().map(|path| write_report(path, write));
        failures.extend(written.and_then(Result::err));
    };
    put(to_json, &|out| Ok(json::json(out, result)?));
    put(to_csv, &|out| Ok(csv::over_time(out, result)?));
    let percentiles = to_csv.as_deref().and_then(beside);
    put(&percentiles, &|out| Ok(csv::by_operation(out, result)?));
    put(to_junit, &|out| Ok(junit::junit(out, result)?));
    put(to_html, &|out| Ok(html::page(out, result)?));
    failures
}

/// Prints the summary, on stderr where a report goes to stdout.
pub fn print_summary(
    arguments: &ReportArguments,
    result: &LoadResult,
    quiet: bool,
) -> Result<(), Stop> {
    let ReportArguments { json, csv, junit, html, .. } = arguments;
    let is_taken = [json, csv, junit, html].into_iter().flatten().any(|path| is_stdout(path));
    match is_taken {
        true => printed(text::summary(&mut anstream::stderr().lock(), result, quiet)),
        false => {
            let mut out = anstream::stdout().lock();
            printed(text::summary(&mut out, result, quiet).and_then(|()| out.flush()))
        }
    }
}

/// `load.csv` → `load-percentiles.csv`; nothing beside a pipe or a device.
fn beside(path: &Path) -> Option<PathBuf> {
    if is_stdout(path) || path.metadata().is_ok_and(|there| !there.is_file()) {
        return None;
    }
    let mut name: OsString = path.file_stem().unwrap_or_default().to_owned();
    name.push("-percentiles");
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    Some(path.with_file_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_lie_beside_a_file_and_nowhere_beside_a_pipe() {
        let of = |path: &str| beside(Path::new(path));
        assert_eq!(of("reports/load.csv"), Some(PathBuf::from("reports/load-percentiles.csv")));
        assert_eq!(of("load"), Some(PathBuf::from("load-percentiles")));
        assert_eq!(of("-"), None);
        assert_eq!(of("/dev/null"), None);
    }
}
