//! What is written down of a scenario says what the scenario says: printed and read again, in another form, and
//! in its own form. Of drawn files, in which all of the language can stand.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use crate::config::config;
use crate::drawn::{Drawn, Draws, draw, files};
use lamplighter_core::hours::Zones;
use lamplighter_scenario::language::ast::Document;
use lamplighter_scenario::language::format::{format, format_world};
use lamplighter_scenario::language::{Suite, parse, parse_world, print};
use lamplighter_scenario::play::Prepared;
use proptest::prelude::*;

static ZONES: LazyLock<Arc<Zones>> = LazyLock::new(|| Arc::new(Zones::bundled()));

/// The documents of a file by all rows of its table. It has no fault.
fn documents(text: &[u8], drawn: &Drawn) -> Result<Vec<Document>, TestCaseError> {
    let beside = |name: &str| drawn.beside(name);
    let mut suite = Suite::new(text, Path::new(""), &beside);
    let rows = (0..suite.count()).map(|row| {
        let read = suite.read(row);
        prop_assert_eq!(&read.diagnostics, &[], "{}", String::from_utf8_lossy(text));
        Ok(read.document)
    });
    rows.collect()
}

/// What planning finds in a text: what is wrong, and how many steps there are, of each row.
fn planned(text: &str, drawn: &Drawn) -> Vec<(Vec<String>, usize)> {
    let beside = |name: &str| drawn.beside(name);
    let path = Path::new("drawn.scenario");
    let rows = Prepared::rows_reading(path, text.as_bytes(), &ZONES, &beside).into_iter();
    let told = rows.map(|row| {
        let messages = row.diagnostics.iter().map(|found| found.message.clone());
        (messages.collect(), row.plan.steps.len())
    });
    told.collect()
}

proptest! {
    #![proptest_config(config(600))]

    #[test]
    fn printed_and_read_again_a_file_says_the_same(drawn in files()) {
        let text = drawn.plain();
        let plans = planned(&text, &drawn);
        for (document, plan) in documents(text.as_bytes(), &drawn)?.iter().zip(plans) {
            let printed = print(document);
            let again = parse(printed.as_bytes());
            prop_assert_eq!(&again.diagnostics, &[], "{}\n{}", text, printed);
            prop_assert_eq!(&again.document, document, "{}\n{}", text, printed);
            prop_assert_eq!(planned(&printed, &drawn), [plan], "{}\n{}", text, printed);
        }
    }

    #[test]
    fn a_file_of_blocks_printed_and_formatted_says_the_same(drawn in files()) {
        for (name, _) in &drawn.worlds {
            let text = drawn.beside(name).expect("it was drawn");
            let world = parse_world(text.as_bytes());
            prop_assert_eq!(&world.diagnostics, &[], "{}", text);
            let printed = print(&world.document);
            prop_assert_eq!(&parse_world(printed.as_bytes()).document, &world.document, "{}\n{}", text, printed);
            let once = format_world(text.as_bytes()).expect("it has blocks alone").bytes;
            prop_assert_eq!(&parse_world(&once).document, &world.document, "{}", text);
            prop_assert_eq!(&format_world(&once).expect("it has them still").bytes, &once);
        }
    }

    #[test]
    fn written_otherwise_and_formatted_a_file_says_the_same(
        drawn in files(),
        blanks in prop::collection::vec(any::<u16>(), 0..400),
    ) {
        let text = drawn.plain();
        let said = documents(text.as_bytes(), &drawn)?;
        let other = drawn.otherwise(&mut Draws::new(&blanks));
        prop_assert_eq!(&documents(other.as_bytes(), &drawn)?, &said, "{}\n{}", text, other);
        for text in [&text, &other] {
            let once = format(text.as_bytes()).map_err(|why| TestCaseError::fail(format!("{why}: {text}")))?;
            prop_assert_eq!(&documents(&once.bytes, &drawn)?, &said, "{}", text);
            prop_assert_eq!(&format(&once.bytes).expect("it was formatted").bytes, &once.bytes, "{}", text);
        }
    }
}

/// It was printed without its `include` lines, and so as another one.
#[test]
fn a_file_of_blocks_is_printed_with_what_it_includes_in_its_place() {
    let text = "include \"a.world\"\nproperty acme\ninclude \"b c.world\"\nproperty lamps\ninclude \"d.world\"\n";
    let printed = print(&parse_world(text.as_bytes()).document);
    assert_eq!(printed.replace("\n\n", "\n").trim_start(), text);
}

/// Printed without quotes a name of a cell became a word of the language.
#[test]
fn what_a_cell_names_is_none_of_the_language_where_it_is_printed() {
    for (line, cell, printed) in [
        ("{x} logs in on desk", "at", "\"at\" logs in on desk"),
        ("{x} goes away", "until", "\"until\" goes away"),
        ("set acme scheduler {x}", "as", "set acme scheduler \"as\""),
        ("expect {x} online", "no", "expect no online"),
    ] {
        let text = format!(
            "scenario A {{x}}\nexamples\n| x |\n| {cell} |\nproperty acme\nat 2026-03-09 09:00\n  {line}\n"
        );
        let parsed = parse(text.as_bytes());
        assert_eq!(parsed.diagnostics, [], "{text}");
        let found = print(&parsed.document);
        assert_eq!(found.lines().last().map(str::trim_start), Some(printed));
        assert_eq!(parse(found.as_bytes()).document, parsed.document);
    }
}

/// What is drawn is not all faulty or empty: else nothing would be held above.
#[test]
fn drawn_files_have_all_of_the_language_and_most_can_be_planned() {
    let mut random = 7_u64;
    let mut sound = 0;
    let mut all = String::new();
    for _ in 0..300 {
        let numbers: Vec<u16> = (0..400)
            .map(|_| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (random >> 40) as u16
            })
            .collect();
        let drawn = draw(&numbers);
        sound += usize::from(
            planned(&drawn.plain(), &drawn).iter().all(|(faults, _)| faults.is_empty()),
        );
        all += &drawn.plain();
    }
    for words in [
        "tags ",
        "examples\n",
        "include \"",
        "scheduler as ",
        " every 53 weeks from ",
        "dates \"",
        "date easter-2d ",
        " closed 12:00-13:00 ",
        "suspended ",
        " changes at most ",
        " next never",
        "expect no anomalies",
        " for {",
        "observed \"",
        "replay \"",
        " because country",
        "set ",
    ] {
        assert!(all.contains(words), "{words}");
    }
    assert!(sound > 100, "{sound} of 300");
}
