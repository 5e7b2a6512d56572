//! `lamplighter fmt`: what the form is, and that nothing is lost by it.

use std::sync::{Arc, LazyLock};

use crate::config::config;
use lamplighter_core::hours::Zones;
use lamplighter_core::model::RuleSet;
use lamplighter_scenario::language::format::{FormatError, format, format_world};
use lamplighter_scenario::language::parse;
use lamplighter_scenario::simulate::{Swarm, draw, write};
use proptest::prelude::*;
use proptest::sample::Index;

static ZONES: LazyLock<Arc<Zones>> = LazyLock::new(|| Arc::new(Zones::bundled()));

fn formatted(text: &str) -> String {
    let bytes = format(text.as_bytes()).expect("it parses").bytes;
    String::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn lines_stand_in_as_far_as_what_they_are_and_in_columns() {
    let before = "\n\nscenario  The  title # a comment\nsource rule W1\n\n\n\ntimezone   Europe/Oslo\n\
        property\tacme\nmembers ann  \"Ann O'Neil\"   # two\n# at the edge\nscheduler UTC\n\
        mon-fri 09:00-12:00  13:00-17:00\n  # of Saturdays\nsat 10:00-12:00\ndate *-12-24..*-01-01 closed\n\
        date easter   closed\n dates \"a  b.ics\" closed\ngreeting online \"a  #  b\"\n\
        greeting offline \"\"\n\n    at 2026-03-09 09:00\n\"Ann O'Neil\" logs in  on desk\n\
        set acme scheduler UTC\nmon 09:00-10:00\ndaily closed every 2 weeks from 2026-01-05\n\
        expect acme online ,chat possible,  because agent-online # now\n \t# the end of it\n\nuntil 17:00\n\n";
    let after = "scenario The  title                     # a comment\nsource   rule W1\n\n\
        timezone Europe/Oslo\nproperty acme\n  members ann \"Ann O'Neil\"              # two\n\
        # at the edge\n  scheduler UTC\n    mon-fri 09:00-12:00 13:00-17:00\n    # of Saturdays\n    \
        sat     10:00-12:00\n    date *-12-24..*-01-01 closed\n    date easter           closed\n    \
        dates \"a  b.ics\" closed\n  greeting online  \"a  #  b\"\n  greeting offline \"\"\n\n\
        at 2026-03-09 09:00\n  \"Ann O'Neil\" logs in on desk\n  set acme scheduler UTC\n    \
        mon   09:00-10:00\n    daily closed every 2 weeks from 2026-01-05\n  \
        expect acme online, chat possible, because agent-online   # now\n  # the end of it\n\nuntil 17:00\n";
    let found = formatted(before);
    let squeezed = |text: &str| text.replace(' ', "");
    assert_eq!(squeezed(&found), squeezed(after));
    let indents = |text: &str| -> Vec<usize> {
        text.lines().map(|line| line.len() - line.trim_start().len()).collect()
    };
    assert_eq!(indents(&found), indents(after), "{found}");
    // The longest line with a comment moves all comments of the file.
    let comments: Vec<usize> = ["# a comment", "# two", "# now"]
        .iter()
        .filter_map(|comment| found.lines().find_map(|line| line.find(comment)))
        .collect();
    assert_eq!(comments, [60, 60, 60], "{found}");
    for line in ["    mon-fri 09:00-12:00 13:00-17:00", "    sat     10:00-12:00"] {
        assert!(found.lines().any(|found| found == line), "{found}");
    }
}

#[test]
fn line_ends_and_the_byte_order_mark_stay() {
    let text = "\u{feff}scenario T\r\nproperty acme\r\nmembers ann\n  hide-when-offline";
    assert_eq!(
        formatted(text),
        "\u{feff}scenario T\r\nproperty acme\r\n  members ann\n  hide-when-offline\n"
    );
}

#[test]
fn a_name_like_a_word_of_the_header_is_an_agent_behind_the_first_at() {
    let text = "scenario T\nproperty acme\nmembers source grace\nat 2026-03-09 09:00\n\
                source logs in  on desk\ngrace   logs in on desk\n";
    assert!(formatted(text).ends_with("\n  source logs in on desk\n  grace logs in on desk\n"));
}

#[test]
fn rows_of_a_table_stand_in_columns_and_mean_the_same() {
    let text = "scenario Closed {zone}\nexamples\n|zone|\"end | \"|\n\n| Europe/Oslo   | \"a # | b\" | # far\n\
                # between\n  |UTC||\ninclude   \"acme.world\"\nproperty acme\nmembers ann\nscheduler {zone}\n\
                {days} 09:00-10:00\ngreeting away \"{end}\"\n"
        .replace("|zone|\"end | \"|", "|zone|end|days|")
        .replace("| b\" |", "| b\" | sat,sun |")
        .replace("|UTC||", "|UTC|| mon|");
    let found = formatted(&text);
    let rows = [
        "  | zone        | end       | days    |",
        "",
        "  | Europe/Oslo | \"a # | b\" | sat,sun |    # far",
        "# between",
        "  | UTC         |           | mon     |",
        "include \"acme.world\"",
    ];
    let lines: Vec<&str> = found.lines().skip(2).take(rows.len()).collect();
    assert_eq!(lines[0], rows[0], "{found}");
    assert_eq!(lines[1..2], rows[1..2]);
    assert!(lines[2].starts_with(rows[2].trim_end_matches("    # far")), "{found}");
    assert_eq!(lines[3..], rows[3..]);
    assert!(found.contains("\n    {days} 09:00-10:00\n"), "{found}");
    assert_eq!(formatted(&found), found);
}

#[test]
fn a_file_with_errors_is_refused() {
    let refused = format(b"scenario T\nproprty acme\n");
    let Err(FormatError::Faulty(parsed)) = refused else { panic!("{refused:?}") };
    assert_eq!(parsed.diagnostics.len(), 1);
}

#[test]
fn the_difference_is_one_that_patch_takes() {
    let text = "scenario T\nproperty acme\n  members ann\n\n\n  pre-chat-form\n\
                at 2026-03-09 09:00\n  ann logs in on desk\n  ann goes away\n  ann logs out\n\
                expect acme offline";
    let diff = format(text.as_bytes()).expect("it parses").diff("t.scenario");
    let lines = [
        "--- t.scenario",
        "+++ t.scenario",
        "@@ -2,10 +2,9 @@",
        " property acme",
        "   members ann",
        " ",
        "-",
        "   pre-chat-form",
        " at 2026-03-09 09:00",
        "   ann logs in on desk",
        "   ann goes away",
        "   ann logs out",
        "-expect acme offline",
        "\\ No newline at end of file",
        "+  expect acme offline",
    ];
    assert_eq!(diff.lines().collect::<Vec<_>>(), lines);
}

#[test]
fn the_difference_has_the_line_ends_and_the_mark_of_its_file() {
    let text = "\u{feff}scenario  T\r\nproperty acme\r\nmembers ann";
    let diff = format(text.as_bytes()).expect("it parses").diff("t.scenario");
    let lines = [
        "--- t.scenario\n",
        "+++ t.scenario\n",
        "@@ -1,3 +1,3 @@\n",
        "-\u{feff}scenario  T\r\n",
        "+\u{feff}scenario T\r\n",
        " property acme\r\n",
        "-members ann\n",
        "\\ No newline at end of file\n",
        "+  members ann\r\n",
    ];
    assert_eq!(diff.split_inclusive('\n').collect::<Vec<_>>(), lines);
}

#[test]
fn a_world_has_its_form_too_and_nothing_but_blocks() {
    let before = "\u{feff}include  \"days.world\"\r\nproperty acme  # ours\r\nmembers ann\r\n\
        scheduler UTC\r\nmon-fri 09:00-17:00\r\nsat closed";
    let after = "\u{feff}include \"days.world\"\r\nproperty acme                           # ours\r\n  \
        members ann\r\n  scheduler UTC\r\n    mon-fri 09:00-17:00\r\n    sat     closed\r\n";
    let once = format_world(before.as_bytes()).expect("it has blocks alone").bytes;
    assert_eq!(String::from_utf8_lossy(&once), after);
    assert_eq!(format_world(&once).expect("it has them still").bytes, once);
    for other in
        ["scenario A title\nproperty acme", "property acme\nat 2026-03-09 09:00", "propty x"]
    {
        assert!(matches!(format_world(other.as_bytes()), Err(FormatError::Faulty(_))), "{other}");
    }
    // Another encoding is one fault, not one for each line.
    let Err(FormatError::Faulty(parsed)) = format_world(b"\xff\xfep\0") else { panic!("UTF-16") };
    assert_eq!(parsed.diagnostics.len(), 1);
}

/// Other blanks between the words of a statement, in front of it and behind it; texts in quotes and free
/// text stay.
fn with_other_blanks(line: &str, draws: &[Index]) -> String {
    let gaps = ["  ", "\t", " \t ", " ", "    "];
    let text = line.trim_start();
    if text.is_empty()
        || text.starts_with('#')
        || ["scenario", "source"].iter().any(|word| text.starts_with(word))
    {
        return line.to_owned();
    }
    let mut draw = draws.iter().cycle();
    let mut gap = || *draw.next().expect("draws").get(&gaps);
    let (mut out, mut is_quoted, mut is_escaped) = (gap().to_owned(), false, false);
    for sign in text.chars() {
        match sign {
            ' ' if !is_quoted => out.push_str(gap()),
            '#' if !is_quoted => return line.to_owned(),
            _ => out.push(sign),
        }
        is_quoted ^= sign == '"' && !is_escaped;
        is_escaped = is_quoted && sign == '\\' && !is_escaped;
    }
    out + gap()
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn a_generated_scenario_formatted_is_itself_whatever_its_blanks(
        seed in any::<u32>(),
        draws in prop::collection::vec(any::<Index>(), 1..40),
        windows in any::<bool>(),
    ) {
        let case = draw(u64::from(seed), &Swarm::draw(u64::from(seed), Some(&RuleSet::BOOK)), &ZONES);
        let text = write("Generated", "generated", &case, None, &ZONES).scenario;
        let parsed = parse(text.as_bytes());
        prop_assert_eq!(&parsed.diagnostics, &[]);
        let once = formatted(&text);
        prop_assert_eq!(&parse(once.as_bytes()).document, &parsed.document);
        prop_assert_eq!(&formatted(&once), &once);
        let end = if windows { "\r\n" } else { "\n" };
        let mut other = String::new();
        for line in text.lines() {
            other.push_str(&with_other_blanks(line, &draws));
            other.push_str(end);
        }
        prop_assert_eq!(formatted(&other).replace("\r\n", "\n"), once);
    }
}
