//! `docs/diagnostics.md`: every code is shown by its example, and by nothing else in it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use lamplighter::report::code_book::{CodeExample, Form, explained};
use lamplighter_core::model::Instant;
use lamplighter_scenario::language::code::{Code, Severity};
use lamplighter_scenario::play::{Options, Outcome, Verdict, lint, run};

use super::language::ZONES;
use super::root;

/// A folder of one test alone, since tests run at the same time.
fn folder(test: &str, name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("diagnostics").join(test).join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Puts an example into a folder of its own, with the file that stands beside it.
fn written(test: &str, code: Code, example: &CodeExample) -> (PathBuf, Vec<u8>) {
    let folder = folder(test, code.name());
    if let Some((name, text)) = example.beside {
        std::fs::write(folder.join(name), text).expect("a file");
    }
    let latin_1 = |c: char| u8::try_from(c).expect("a letter of it");
    let bytes = match example.form {
        Form::Shown => example.text.as_bytes().to_vec(),
        Form::Latin1 => example.text.chars().map(latin_1).collect(),
        Form::CarriageReturns => example.text.replace('\n', "\r").into_bytes(),
    };
    (folder.join("example.scenario"), bytes)
}

/// The codes of everything that is told of a scenario.
fn codes(path: &Path, bytes: &[u8]) -> (Verdict, BTreeSet<Code>) {
    let (verdict, warnings) = lint(path, bytes, &ZONES, Instant::MIN);
    let traces = verdict.trace_diagnostics.iter().map(|fault| Code::of_fault(fault.fault));
    let all = verdict.diagnostics.iter().chain(&warnings).map(|found| found.code).chain(traces);
    let all = all.collect();
    (verdict, all)
}

#[test]
fn each_example_gives_exactly_the_code_that_it_is_of() {
    for explained in explained() {
        let code = explained.code;
        let (path, bytes) = written("each", code, &explained.example);
        let (verdict, found) = codes(&path, &bytes);
        let is_error = |code: &Code| code.severity() == Severity::Error;
        let (errors, lints): (BTreeSet<Code>, BTreeSet<Code>) =
            found.into_iter().partition(is_error);
        match code.severity() {
            // A scenario with a fault expects nothing, or has not come so far.
            Severity::Error => assert_eq!(errors, BTreeSet::from([code])),
            Severity::Lint => {
                assert_eq!((errors, lints), (BTreeSet::new(), BTreeSet::from([code])));
                let stop = AtomicBool::new(false);
                let run = run(&path, &bytes, &ZONES, Options::default(), &stop);
                assert_eq!(run.outcome(), Outcome::Passed, "{code}");
            }
        }
        assert_eq!(verdict.outcome() == Outcome::Invalid, is_error(&code), "{code}");
    }
}

#[test]
fn each_lint_is_silenced_by_a_comment_above_its_line_and_by_no_other() {
    for explained in explained() {
        let code = explained.code;
        let (path, bytes) = written("silenced", code, &explained.example);
        let about_allowing = matches!(code, Code::UnknownAllow | Code::UnusedAllow);
        if code.severity() == Severity::Error || about_allowing {
            continue;
        }
        let (verdict, warnings) = lint(&path, &bytes, &ZONES, Instant::MIN);
        let line = verdict.file.source.position(warnings[0].span.start).line;
        let text = verdict.file.source.text();
        let with = |comment: &str, above: usize| {
            let mut lines: Vec<&str> = text.lines().collect();
            lines.insert(above - 1, comment);
            codes(&path, (lines.join("\n") + "\n").as_bytes()).1
        };
        let comment = format!("  # allow {code}");
        assert_eq!(with(&comment, line), BTreeSet::new(), "{code}");
        // Another code above, and the code above another line, silence nothing.
        let unused = BTreeSet::from([code, Code::UnusedAllow]);
        let other = if code == Code::PastDate { "never-open" } else { "past-date" };
        assert_eq!(with(&format!("# allow {other}"), line), unused, "{code}");
        assert_eq!(with(&comment, line + 1), unused, "{code}");
        let known = format!("# allow unknown-name, {code}");
        assert_eq!(with(&known, line), BTreeSet::from([Code::UnknownAllow]), "{code}");
    }
}

#[test]
fn a_lint_of_an_included_file_is_silenced_there_and_its_allow_is_for_all_that_include_it() {
    let folder = folder("silenced", "included");
    let found = |world: &str| {
        std::fs::write(folder.join("acme.world"), world).expect("a file");
        let text = "scenario Ann is there\ninclude \"acme.world\"\n# allow past-date\n\
                    at 2026-03-09 09:00\n  expect ann offline\n";
        codes(&folder.join("example.scenario"), text.as_bytes()).1
    };
    let hours = "property acme\n  members ann\n  scheduler UTC\n";
    let unused = BTreeSet::from([Code::UnusedAllow]);
    let gap = "    mon 09:00-23:59\n";
    let both = BTreeSet::from([Code::GapOfAMinute, Code::UnusedAllow]);
    assert_eq!(found(&format!("{hours}{gap}")), both);
    assert_eq!(found(&format!("{hours}# allow gap-of-a-minute\n{gap}")), unused);
    assert_eq!(found(&format!("{hours}# allow long-night\n{gap}")), both);
    // At the end of one file it is not for the first line of the next.
    assert_eq!(found(&format!("{hours}{gap}# allow gap-of-a-minute\n")), both);
}

#[test]
fn every_message_of_the_faulty_and_of_the_warned_scenarios_ends_with_its_code() {
    let mut shown = BTreeSet::new();
    let mut texts = Vec::new();
    for folder in ["tests/invalid", "tests/warned"] {
        super::texts(&root().join(folder), &mut texts);
    }
    for (path, text) in texts.iter().filter(|(path, _)| path.extension() == Some("err".as_ref())) {
        for message in text.split("\n\n") {
            if !message.starts_with("error: ") && !message.starts_with("warning: ") {
                continue;
            }
            let code = message.lines().last().and_then(|line| line.split_once("= code: "));
            let Some((_, code)) = code else { panic!("{}: {message}", path.display()) };
            let code = Code::named(code).unwrap_or_else(|| panic!("no code {code}"));
            assert_eq!(message.starts_with("error: "), code.severity() == Severity::Error);
            shown.insert(code);
        }
    }
    assert!(shown.len() > 60, "{}", shown.len());
}
