//! Whatever bytes a file holds, reading and playing it ends with a verdict whose every place lies
//! within the text. A quick companion of `fuzz/`.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock};

use crate::config::config;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::{Instant, Millis};
use lamplighter_scenario::language::format::{FormatError, format};
use lamplighter_scenario::language::plan::{Plan, StepKind, plan};
use lamplighter_scenario::language::span::{Source, Span};
use lamplighter_scenario::language::{parse, print};
use lamplighter_scenario::play::{Options, Outcome, Prepared, play};
use proptest::prelude::*;
use proptest::sample::Index;

static ZONES: LazyLock<Arc<Zones>> = LazyLock::new(|| Arc::new(Zones::bundled()));

/// A run visits each edge of the hours that it covers, so that one of millennia takes seconds by
/// right. Longer ones are only read and planned.
const SIMULATED_MAX: Millis = Millis(2 * 366 * 86_400_000);

/// Every scenario in the repository, faulty ones too.
static CORPUS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut paths = Vec::new();
    for folder in ["scenarios", "tests/invalid"] {
        collect(&root.join(folder), &mut paths);
    }
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).expect("a scenario")).collect()
});

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of scenarios") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "scenario") {
            paths.push(path);
        }
    }
}

/// Reads, plans and plays bytes, and looks at every place that is named.
fn holds_together(bytes: &[u8]) -> Result<(), TestCaseError> {
    let parsed = parse(bytes);
    let mut diagnostics = parsed.diagnostics.clone();
    let planned = plan(&parsed.document, &ZONES, &|_| Err(String::new()), &mut diagnostics);
    for diagnostic in &diagnostics {
        lies_within(&parsed.source, diagnostic.span)?;
    }
    // What is written down of what was read says the same.
    if parsed.diagnostics.is_empty() {
        let printed = print(&parsed.document);
        let again = parse(printed.as_bytes());
        prop_assert_eq!(&again.diagnostics, &[], "{}", printed);
        prop_assert_eq!(&again.document, &parsed.document, "{}", printed);
    }
    match format(bytes) {
        // Nothing that parses is refused, and its form is one.
        Ok(once) => {
            let again = format(&once.bytes).map_err(|error| TestCaseError::fail(error.to_string()));
            prop_assert_eq!(again?.bytes, once.bytes);
        }
        // Of a table another row can have a fault than the first, by which the file was read above.
        Err(FormatError::Faulty(row)) => {
            prop_assert!(!row.diagnostics.is_empty());
            prop_assert!(parsed.row.is_some() || !parsed.diagnostics.is_empty());
        }
        Err(FormatError::Different) => prop_assert!(false, "{}", parsed.source.text()),
    }
    let first_is_faulty = !diagnostics.is_empty();
    // No trace lies there.
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join("tests/no-such-folder/any.scenario");
    for (row, prepared) in Prepared::rows(&path, bytes, &ZONES).into_iter().enumerate() {
        for diagnostic in &prepared.diagnostics {
            lies_within(&prepared.file.source, diagnostic.span)?;
        }
        if simulated(&planned).max(simulated(&prepared.plan)) > SIMULATED_MAX {
            continue;
        }
        let options =
            Options { timeline: Some(&mut |_, _| {}), picture: true, ..Options::default() };
        let verdict = play(prepared, &ZONES, options, &AtomicBool::new(false));
        for diagnostic in &verdict.diagnostics {
            lies_within(&verdict.file.source, diagnostic.span)?;
        }
        for failure in &verdict.failures {
            lies_within(&verdict.file.source, failure.statement)?;
            lies_within(&verdict.file.source, failure.words)?;
            for edit in failure.edits.iter().flatten() {
                lies_within(&verdict.file.source, edit.span)?;
            }
        }
        prop_assert!(!(row == 0 && first_is_faulty) || verdict.outcome() == Outcome::Invalid);
        prop_assert_eq!(verdict.outcome() == Outcome::Invalid, !verdict.diagnostics.is_empty());
    }
    Ok(())
}

/// From the first instant that a plan names to the last.
fn simulated(plan: &Plan) -> Millis {
    let spans = plan.steps.iter().filter_map(|step| match &step.kind {
        StepKind::Expect(expectation) => expectation.until.map(|until| until.node),
        _ => None,
    });
    let instants = plan.steps.iter().map(|step| step.at);
    let until = plan.until.map(|until| until.node);
    let last = spans.chain(instants.clone()).chain(until).max().unwrap_or(Instant::MIN);
    last.since(instants.min().unwrap_or(last))
}

fn lies_within(source: &Source, span: Span) -> Result<(), TestCaseError> {
    let text = source.text();
    prop_assert!(span.start <= span.end && span.end <= text.len(), "{:?}", span);
    prop_assert!(
        text.is_char_boundary(span.start) && text.is_char_boundary(span.end),
        "{:?}",
        span
    );
    let (from, to) = (source.position(span.start), source.position(span.end));
    prop_assert!(from <= to && to.line <= source.line_count(), "{:?} to {:?}", from, to);
    Ok(())
}

/// A small harm to a text.
#[derive(Clone, Debug)]
enum Harm {
    DropLine(Index),
    DoubleLine(Index),
    SwapLines(Index, Index),
    DropWord(Index, Index),
    DoubleWord(Index, Index),
    SwapWords(Index, Index, Index),
    /// A word of another file's line in place of one of this.
    ForeignWord(Index, Index, Index, Index, Index),
    /// A line of another file.
    ForeignLine(Index, Index, Index),
    Bytes(Index, Vec<u8>),
    DropBytes(Index, usize),
}

fn harm() -> impl Strategy<Value = Harm> {
    let index = any::<Index>;
    let byte = prop_oneof![
        prop::sample::select(b"\" \t\r\n#,\\:-+*/@.0129TZd\0\xff\xc3\xb6".to_vec()),
        any::<u8>(),
    ];
    prop_oneof![
        index().prop_map(Harm::DropLine),
        index().prop_map(Harm::DoubleLine),
        (index(), index()).prop_map(|(a, b)| Harm::SwapLines(a, b)),
        (index(), index()).prop_map(|(line, word)| Harm::DropWord(line, word)),
        (index(), index()).prop_map(|(line, word)| Harm::DoubleWord(line, word)),
        (index(), index(), index()).prop_map(|(line, a, b)| Harm::SwapWords(line, a, b)),
        (index(), index(), index(), index(), index()).prop_map(
            |(line, word, file, from, other)| Harm::ForeignWord(line, word, file, from, other)
        ),
        (index(), index(), index()).prop_map(|(at, file, line)| Harm::ForeignLine(at, file, line)),
        (index(), prop::collection::vec(byte, 1..4)).prop_map(|(at, bytes)| Harm::Bytes(at, bytes)),
        (index(), 1..4_usize).prop_map(|(at, count)| Harm::DropBytes(at, count)),
    ]
}

impl Harm {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let mut lines: Vec<Vec<u8>> =
            bytes.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
        match self {
            Self::DropLine(at) => drop(lines.remove(at.index(lines.len()))),
            Self::DoubleLine(at) => {
                let at = at.index(lines.len());
                lines.insert(at, lines[at].clone());
            }
            Self::SwapLines(a, b) => {
                let (a, b) = (a.index(lines.len()), b.index(lines.len()));
                lines.swap(a, b);
            }
            Self::DropWord(line, word) => in_words(&mut lines, line, |words| {
                words.remove(word.index(words.len()));
            }),
            Self::DoubleWord(line, word) => in_words(&mut lines, line, |words| {
                let at = word.index(words.len());
                words.insert(at, words[at].clone());
            }),
            Self::SwapWords(line, a, b) => in_words(&mut lines, line, |words| {
                let (a, b) = (a.index(words.len()), b.index(words.len()));
                words.swap(a, b);
            }),
            Self::ForeignWord(line, word, file, from, other) => {
                let foreign = foreign_line(file, from);
                let foreign: Vec<&[u8]> = foreign.split(|&byte| byte == b' ').collect();
                let foreign = other.get(&foreign).to_vec();
                in_words(&mut lines, line, |words| {
                    let at = word.index(words.len());
                    words[at] = foreign;
                });
            }
            Self::ForeignLine(at, file, line) => {
                lines.insert(at.index(lines.len() + 1), foreign_line(file, line));
            }
            Self::Bytes(at, new) => {
                let at = at.index(bytes.len() + 1);
                bytes.splice(at..at, new.iter().copied());
                return;
            }
            Self::DropBytes(at, count) => {
                let at = at.index(bytes.len() + 1);
                bytes.drain(at..(at + count).min(bytes.len()));
                return;
            }
        }
        *bytes = lines.join(&b'\n');
    }
}

fn in_words(lines: &mut [Vec<u8>], line: &Index, act: impl FnOnce(&mut Vec<Vec<u8>>)) {
    let line = &mut lines[line.index(lines.len())];
    let mut words: Vec<Vec<u8>> = line.split(|&byte| byte == b' ').map(<[u8]>::to_vec).collect();
    act(&mut words);
    *line = words.join(&b' ');
}

fn foreign_line(file: &Index, line: &Index) -> Vec<u8> {
    let lines: Vec<&[u8]> = file.get(&CORPUS).split(|&byte| byte == b'\n').collect();
    line.get(&lines).to_vec()
}

proptest! {
    #![proptest_config(config(6_000))]

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        holds_together(&bytes)?;
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in r#"(scenario x\n)?([a-z \t"\\#,*/:+0-9.TZ@é\u{fffd}\r-]{0,30}\n?){0,8}"#) {
        holds_together(text.as_bytes())?;
    }

    #[test]
    fn a_harmed_scenario_still_has_a_verdict(
        file in any::<Index>(),
        harms in prop::collection::vec(harm(), 1..8),
    ) {
        let mut bytes = file.get(&CORPUS).clone();
        for harm in &harms {
            harm.apply(&mut bytes);
        }
        holds_together(&bytes)?;
    }
}

#[test]
fn every_scenario_of_the_repository_holds_together_as_it_is() {
    assert!(CORPUS.len() > 400, "{} scenarios", CORPUS.len());
    for bytes in CORPUS.iter() {
        holds_together(bytes).expect("places within the text");
    }
}

/// The name was compared in full with every name of the database, which took a minute and more.
#[test]
fn a_zone_name_of_a_megabyte_is_unknown_at_once() {
    let name = "x".repeat(1_000_000);
    let began = std::time::Instant::now();
    let unknown = ZONES.get(&name).expect_err("no such zone");
    assert_eq!(unknown.nearest, [""; 0]);
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
}
