//! The corpus as ordinary tests: every scenario holds, every expectation in it can fail, and each
//! file printed and read again is itself; and faulty scenarios and those that `check` warns of, each
//! beside the exact message that it must give.
//!
//! `LAMPLIGHTER_BLESS=1 cargo test --test corpus the_` writes the messages anew; read the difference
//! before you commit it.

mod common;

use std::io::Write;
use std::path::Path;

use common::falsehoods::{falsehoods, with_words};
use common::{ZONES, names, read, rendered, run, run_bytes};
use lamplighter::report::text;
use lamplighter_core::model::Instant;
use lamplighter_scenario::language::format::{FormatError, Formatted, format, format_world};
use lamplighter_scenario::language::{Parsed, parse, print};
use lamplighter_scenario::play::{Outcome, lint};

type Result = datatest_stable::Result<()>;

/// Each of its rows, where it has a table.
fn it_holds(path: &Path) -> Result {
    let bytes = std::fs::read(path)?;
    for name in names(path, &bytes) {
        let verdict = run_bytes(&name, &bytes);
        if verdict.outcome() != Outcome::Passed {
            return Err(rendered(&verdict).into());
        }
        if verdict.file.sources.is_empty() {
            return Err("it names no source".into());
        }
    }
    Ok(())
}

/// By each of its rows, and with what it includes.
fn printed_and_read_again_it_is_itself(path: &Path) -> Result {
    let bytes = std::fs::read(path)?;
    for name in names(path, &bytes) {
        let parsed = read(&name, &bytes);
        let printed = print(&parsed.document);
        let again = parse(printed.as_bytes());
        if !again.diagnostics.is_empty() || again.document != parsed.document {
            return Err(format!("printed as:\n{printed}\n{:?}", again.diagnostics).into());
        }
        // And once printed, it stays as it is.
        assert_eq!(print(&again.document), printed);
    }
    Ok(())
}

/// The one file whose point is that it is not: its title says so.
const WRITTEN_IN_ANY_EDITOR: &str = "written-in-any-editor.scenario";

fn formatted(path: &Path, bytes: &[u8]) -> std::result::Result<Formatted, FormatError> {
    match path.extension().is_some_and(|ending| ending == "world") {
        true => format_world(bytes),
        false => format(bytes),
    }
}

fn it_is_in_its_form(path: &Path) -> Result {
    let bytes = std::fs::read(path)?;
    let formatted = formatted(path, &bytes)?;
    if std::env::var_os("LAMPLIGHTER_BLESS").is_some() && !path.ends_with(WRITTEN_IN_ANY_EDITOR) {
        return Ok(std::fs::write(path, formatted.bytes)?);
    }
    let diff = formatted.diff(&path.display().to_string());
    match (diff.is_empty(), path.ends_with(WRITTEN_IN_ANY_EDITOR)) {
        (true, true) => Err("it is in its form, and shows no other any more".into()),
        (false, false) => Err(format!("`lamplighter fmt scenarios` changes it:\n{diff}").into()),
        _ => Ok(()),
    }
}

/// Formatted it says the same, and formatted again it stays; what has errors is refused.
fn formatted_it_is_the_same_program(path: &Path) -> Result {
    let bytes = std::fs::read(path)?;
    let parsed = parse(&bytes);
    let formatted = match format(&bytes) {
        Ok(formatted) => formatted.bytes,
        Err(FormatError::Faulty(_)) if !parsed.diagnostics.is_empty() => return Ok(()),
        Err(refused) => return Err(refused.into()),
    };
    let again = parse(&formatted);
    // What is wrong with files that it includes is as it was: they are not read here.
    let messages = |parsed: &Parsed| -> Vec<String> {
        parsed.diagnostics.iter().map(|fault| fault.message.clone()).collect()
    };
    if messages(&again) != messages(&parsed) || again.document != parsed.document {
        return Err(String::from_utf8_lossy(&formatted).into());
    }
    assert_eq!(format(&formatted)?.bytes, formatted);
    let comments = |text: &str| text.matches('#').count();
    assert_eq!(comments(again.source.text()), comments(parsed.source.text()));
    Ok(())
}

/// Makes one word of one expectation false at a time, by each row of the table; the run must fail with
/// the line underlined.
fn every_expectation_can_fail(path: &Path) -> Result {
    let bytes = std::fs::read(path)?;
    names(path, &bytes).iter().try_for_each(|name| each_can_fail(name, &bytes))
}

fn each_can_fail(name: &Path, bytes: &[u8]) -> Result {
    let parsed = read(name, bytes);
    for (statement, span, false_words) in falsehoods(&parsed.document) {
        let line = parsed.source.position(statement.start).line;
        let changed = with_words(bytes, &parsed, &[(span, false_words.clone())]);
        let verdict = run_bytes(name, &changed);
        let failed_there = verdict.failures.iter().any(|failure| {
            verdict.file.source.position(failure.statement.start).line == line
                && verdict.file.source.position(failure.words.start).line == line
        });
        let text = rendered(&verdict);
        let shown =
            format!("\n{line} | {}\n", verdict.file.source.line(line).1.replace('\t', "    "));
        if verdict.outcome() != Outcome::Failed || !failed_there || !text.contains(&shown) {
            let name = name.display();
            return Err(format!("{name}: line {line} with `{false_words}` passes:\n{text}").into());
        }
    }
    Ok(())
}

fn the_message_is_as_it_was(path: &Path) -> Result {
    let verdict = run(path);
    if verdict.outcome() != Outcome::Invalid {
        return Err("it is not found faulty".into());
    }
    compare_with(&path.with_extension("err"), &rendered(&verdict))
}

/// What `check` warns of, as it is told.
fn the_warning_is_as_it_was(path: &Path) -> Result {
    let (verdict, warnings) = lint(path, &std::fs::read(path)?, &ZONES, Instant::MIN);
    if verdict.outcome() == Outcome::Invalid {
        return Err(rendered(&verdict).into());
    }
    if warnings.is_empty() {
        return Err("nothing is found in it".into());
    }
    let mut bytes = Vec::new();
    let mut found = anstream::StripStream::new(&mut bytes);
    let shown = path.file_name().unwrap_or_default().display().to_string();
    for warning in &warnings {
        let source = &verdict.file.source;
        text::coded_diagnostic(&mut found, &shown, source, warning)?;
        writeln!(found)?;
    }
    compare_with(&path.with_extension("err"), &String::from_utf8(bytes)?)
}

/// Holds a text against the one in a file, or writes that anew.
fn compare_with(file: &Path, found: &str) -> Result {
    if std::env::var_os("LAMPLIGHTER_BLESS").is_some() {
        return Ok(std::fs::write(file, found)?);
    }
    let expected = std::fs::read_to_string(file)?;
    if found != expected {
        return Err(format!("expected:\n{expected}\nfound:\n{found}").into());
    }
    Ok(())
}

datatest_stable::harness! {
    { test = it_holds, root = "scenarios", pattern = r"\.scenario$" },
    { test = printed_and_read_again_it_is_itself, root = "scenarios", pattern = r"\.scenario$" },
    { test = it_is_in_its_form, root = "scenarios", pattern = r"\.(scenario|world)$" },
    { test = formatted_it_is_the_same_program, root = "scenarios", pattern = r"\.scenario$" },
    { test = formatted_it_is_the_same_program, root = "tests/invalid", pattern = r"\.scenario$" },
    { test = every_expectation_can_fail, root = "scenarios", pattern = r"\.scenario$" },
    { test = the_message_is_as_it_was, root = "tests/invalid", pattern = r"\.scenario$" },
    { test = the_warning_is_as_it_was, root = "tests/warned", pattern = r"\.scenario$" },
}
