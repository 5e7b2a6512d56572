//! Tables of examples: each row is a scenario, and what is wrong is named at the line as it is written.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use lamplighter_core::hours::Zones;
use lamplighter_scenario::language::{parse, print};
use lamplighter_scenario::play::{
    Blessed, Left, Options, Outcome, Prepared, Verdict, bless, play, tell_once,
};

/// The verdicts of what a path names in a text.
fn run_rows(path: &str, text: &str) -> Vec<Verdict> {
    let zones = Arc::new(Zones::bundled());
    let rows = Prepared::rows(Path::new(path), text.as_bytes(), &zones).into_iter();
    let mut verdicts: Vec<Verdict> =
        rows.map(|row| play(row, &zones, Options::default(), &AtomicBool::new(false))).collect();
    tell_once(&mut verdicts);
    verdicts
}

/// A world that closes at 17:00, and what is said of it.
fn suite(table: &str, below: &str) -> String {
    format!(
        "scenario At {{at}} it is {{status}}\nsource {{why}}, rule W1\ntags {{status}}\nexamples\n{table}\
         property acme\n  members ann\n  scheduler UTC\n    mon-fri 09:00-17:00\n\
         at 2026-03-09 08:00\n  ann logs in on laptop\n{below}"
    )
}

const TABLE: &str = "  | at    | status  | why            | # a comment\n\
                     \n  # and another\n\
                     | 09:30 | online  | it is open |\n\
                     | 17:30 | offline | \"closed | #\" |\n";

#[test]
fn each_row_is_a_scenario_of_its_own_with_its_cells_wherever_they_are_asked_for() {
    let verdicts = run_rows("a.scenario", &suite(TABLE, "at {at}\n  expect acme {status}\n"));
    let told: Vec<_> =
        verdicts.iter().map(|one| (one.file.name(), one.file.title.as_str())).collect();
    assert_eq!(
        told,
        [
            ("a.scenario:8".to_owned(), "At 09:30 it is online"),
            ("a.scenario:9".to_owned(), "At 17:30 it is offline"),
        ]
    );
    assert!(verdicts.iter().all(|one| one.outcome() == Outcome::Passed));
    assert_eq!(verdicts[1].file.sources, ["closed | #, rule W1"]);
    assert_eq!(verdicts[1].file.tags, ["offline"]);
}

#[test]
fn a_false_expectation_underlines_what_is_written_and_names_the_row() {
    let table = TABLE.replace("online ", "away   ");
    let verdicts = run_rows("a.scenario", &suite(&table, "at {at}\n  expect acme {status}\n"));
    let outcomes: Vec<_> = verdicts.iter().map(Verdict::outcome).collect();
    assert_eq!(outcomes, [Outcome::Failed, Outcome::Passed]);
    let failure = &verdicts[0].failures[0];
    let source = &verdicts[0].file.source;
    assert_eq!(source.slice(failure.words), "{status}");
    assert_eq!(
        (failure.expected.as_str(), source.position(failure.words.start).line),
        ("away", 17)
    );
    let notes = verdicts[0].notes(failure);
    assert_eq!(notes[0], "row 8: at 09:30, status away, why it is open");
}

#[test]
fn a_cell_is_one_word_and_no_sign_in_it_means_anything() {
    let text = "scenario Signs\nexamples\n\
                | who | days | page | text | pre |\n\
                | \"Ann O'Neil\" | mon,wed-fri | \"/a,b#c\" | say \"\"hi\"\" {{ | 20 |\n\
                | expect | daily | /x | \"a | b\" | 20 |\n\
                property acme\n  members {who} bob\n  scheduler UTC\n    {days} 09:00-17:00\n\
                \x20 greeting online {text}\n  pages show {page}\n\
                at {pre}26-03-09 10:00\n  bob logs in on laptop\n\
                \x20 expect acme shown, on {page}\n  expect acme online greeting {text}\n";
    let verdicts = run_rows("a.scenario", text);
    let found = |verdict: &Verdict| {
        verdict.diagnostics.iter().map(|one| one.message.clone()).collect::<Vec<_>>()
    };
    // A quote within a cell that does not begin with one is a sign like any other.
    assert_eq!(found(&verdicts[0]), [""; 0], "{:?}", verdicts[0].failures);
    assert_eq!(verdicts[0].outcome(), Outcome::Passed, "{:?}", verdicts[0].failures);
    // A name is not allowed everything that a word is.
    assert_eq!(found(&verdicts[1]), ["an agent cannot be called `expect`"]);
}

#[test]
fn a_cell_begins_a_line_as_a_name_or_as_days_alone() {
    let text = "scenario First words\nexamples\n| word |\n| ann |\n| at |\n\
                property acme\n  members ann\n\
                at 2026-03-09 10:00\n  {word} logs in on laptop\n  {word} 2026-03-10 10:00\n";
    let messages: Vec<_> =
        run_rows("a.scenario", text).iter().map(|one| one.diagnostics[0].message.clone()).collect();
    assert_eq!(messages[0], "`ann` cannot begin a line here");
    assert!(messages[1].contains("`at`"), "{messages:?}");
}

#[test]
fn without_a_table_braces_mean_themselves_and_with_one_two_are_one() {
    let text = "scenario {a} {{ }\nproperty acme\n";
    assert_eq!(run_rows("a.scenario", text)[0].file.title, "{a} {{ }");
    let table = "scenario {a} {{ } {{a}\nexamples\n|a|\n|x|\nproperty acme\n";
    assert_eq!(run_rows("a.scenario", table)[0].file.title, "x { } {a}");
}

#[test]
fn the_same_fault_is_told_once_and_a_row_without_one_runs() {
    let table = "| at | status | why |\n| 09:30 | online | w |\n| 9:30 | online | w |\n| 10:00 | online |\n";
    let below = "at {at}\n  expect acme {status}\n";
    let verdicts = run_rows("a.scenario", &suite(table, below));
    let outcomes: Vec<_> = verdicts.iter().map(Verdict::outcome).collect();
    assert_eq!(outcomes, [Outcome::Passed, Outcome::Invalid, Outcome::Invalid]);
    let messages: Vec<_> = verdicts[1..].iter().map(|one| &one.diagnostics[0].message).collect();
    assert_eq!(messages[1], "the row has 2 cells, and the table 3 columns");

    let verdicts = run_rows("a.scenario", &suite(TABLE, "at {at}\n  expect acem {status}\n"));
    assert!(verdicts.iter().all(|one| one.outcome() == Outcome::Invalid));
    let counts: Vec<_> =
        verdicts.iter().map(|one| (one.diagnostics.len(), one.told_before)).collect();
    assert_eq!(counts, [(1, 0), (0, 1)]);
}

#[test]
fn a_row_is_chosen_by_its_line_and_one_is_wanted_where_there_are_several() {
    let text = suite(TABLE, "at {at}\n  expect acme {status}\n");
    let zones = Arc::new(Zones::bundled());
    let told = |path: &str| {
        let one = Prepared::new(Path::new(path), text.as_bytes(), &zones);
        match one.diagnostics.first() {
            None => one.file.title,
            Some(diagnostic) => format!("{} {:?}", diagnostic.message, diagnostic.help),
        }
    };
    assert_eq!(told("b/a.scenario:9"), "At 17:30 it is offline");
    let several = "the file is 2 scenarios, and one is wanted \
                   Some(\"name one by the line of its row: a.scenario:8\")";
    assert_eq!(told("a.scenario"), several);
    assert_eq!(told("a.scenario:5"), "line 5 is no row of a table of examples None");
    assert_eq!(run_rows("a.scenario:9", &text).len(), 1);
}

#[test]
fn words_out_of_a_table_are_not_rewritten_and_others_where_all_rows_agree() {
    let blessed = |below: &str| {
        let text = suite(TABLE, below);
        let zones = Arc::new(Zones::bundled());
        let Blessed { bytes, rewritten, left } =
            bless(Path::new("a.scenario"), text.as_bytes(), &zones, &AtomicBool::new(false))
                .expect("no fault");
        let text = String::from_utf8(bytes).expect("UTF-8");
        let lines = text.lines().filter(|line| line.contains("expect"));
        (lines.collect::<Vec<_>>().join(";"), rewritten, left.by_rows)
    };
    // The same words are false by each row.
    assert_eq!(
        blessed(
            "at 10:00\n  expect acme away\nat 17:30\n  expect ann away {{\n"
                .trim_end_matches(" {{\n")
        ),
        ("  expect acme online;  expect ann online".to_owned(), 2, 0)
    );
    // By one of the rows they are true; and these come out of the table.
    assert_eq!(
        blessed("at {at}\n  expect acme online\n"),
        ("  expect acme online".to_owned(), 0, 1)
    );
    assert_eq!(
        blessed("at 18:00\n  expect acme {status}\n"),
        ("  expect acme {status}".to_owned(), 0, 1)
    );
}

#[test]
fn a_number_out_of_a_table_is_not_rewritten_and_a_bound_is_meant() {
    let text = |row: &str, expected: &str| {
        format!(
            "scenario A {{n}}\nexamples\n  | n |\n{row}property acme\n  members ann\n\
             at 2026-03-09 09:00\n  expect acme changes {expected} times until 10:00\n\
             at 09:30\n  ann logs in on laptop\n"
        )
    };
    for (expected, left) in [
        ("exactly {n}", Left { by_rows: 1, as_meant: 0 }),
        ("at least {n}", Left { by_rows: 0, as_meant: 1 }),
        ("at most 0", Left { by_rows: 0, as_meant: 1 }),
    ] {
        let text = text("  | 5 |\n", expected);
        let zones = Arc::new(Zones::bundled());
        let stop = AtomicBool::new(false);
        let blessed = bless(Path::new("a.scenario"), text.as_bytes(), &zones, &stop);
        let blessed = blessed.expect("no fault");
        assert_eq!((blessed.rewritten, blessed.left), (0, left), "{expected}");
        assert_eq!(blessed.bytes, text.as_bytes());
    }
}

#[test]
fn a_row_printed_is_a_scenario_that_reads_as_itself() {
    let text = suite(TABLE, "at {at}\n  expect acme {status}\n");
    let parsed = parse(text.as_bytes());
    let again = parse(print(&parsed.document).as_bytes());
    assert_eq!((&again.document, again.diagnostics.len()), (&parsed.document, 0));
}

#[test]
fn five_hundred_rows_are_read_and_played_in_the_time_of_a_blink() {
    use std::fmt::Write;
    let mut table = String::from("| at | status | why |\n");
    for minute in 0..500 {
        let (hour, minute) = (9 + minute / 70, minute % 60);
        let _ = writeln!(table, "| {hour:02}:{minute:02} | online | it is open |");
    }
    let text = suite(&table, "at {at}\n  expect acme {status}\n");
    let verdicts = run_rows("a.scenario", &text);
    assert_eq!(verdicts.len(), 500);
    assert!(verdicts.iter().all(|one| one.outcome() == Outcome::Passed));
}
