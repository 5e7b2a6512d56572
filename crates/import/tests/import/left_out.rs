//! Nothing of a log is left out without being told: what a quote takes in, and what is of other properties.

use lamplighter_import::log::OpenLogError;
use lamplighter_import::mapping::Mapping;
use lamplighter_import::sort::Sorter;
use lamplighter_import::take::FaultKind;
use lamplighter_import::world::{self, World};
use lamplighter_import::{ImportError, Imported};

use crate::common::{Scratch, import_by, import_file, import_text, in_zone, mapping};

const STATES: &str = r#"
format = 1
[time]
at = "at"
[agent]
column = "who"
[[action]]
column = "what"
online = "on"
away   = "away"
logout = "out"
"#;

const QUEUES: &str = r#"
format = 1
[time]
at = "at"
[agent]
column = "who"
[property]
column = "queue"
none   = "ALL"
[[action]]
column = "what"
login  = "in"
logout = "out"
away   = "pause"
online = "go on"
ignore = "call"
"#;

/// The line of the fault that a quote is not closed, the character that has it, and how many rows it cost.
fn open_quote(imported: &Imported) -> Option<(u64, usize, u64)> {
    let mut faults = imported.taken.faults.iter();
    let fault = faults.find(|fault| fault.kind == FaultKind::Quote)?;
    let shown = &fault.shown;
    assert_eq!(shown.text.chars().nth(shown.underlined.start), Some('"'), "{shown:?}");
    Some((shown.line, shown.underlined.start, fault.count))
}

#[test]
fn lines_that_a_quote_takes_in_are_counted_whatever_its_column_is() {
    let row = |minute: u32| format!("2026-03-09T09:{minute:02}:00Z,ann,on,");
    let mut log = "at,who,what,note\n".to_owned();
    log += &format!("{}ok\n{}\"said hello\n{}\n{}\"\"\n", row(0), row(1), row(2), row(3));
    let (trace, imported) = import_text(&log, &mapping(STATES));
    assert_eq!(trace, "2026-03-09T09:00:00Z,ann,desk,login\n");
    assert_eq!(open_quote(&imported), Some((3, 28, 3)));
    assert_eq!((imported.taken.rows, imported.taken.faults.count()), (4, 3));
    // In a column that is needed it is no row of too few fields.
    let log = "at,who,what\n2026-03-09T09:00:00Z,\"ann,on\n2026-03-09T09:30:00Z,bob,on";
    let (_, imported) = import_text(log, &mapping(STATES));
    assert_eq!(open_quote(&imported), Some((2, 21, 2)));
    assert_eq!(imported.taken.faults.iter().count(), 1);
    // The quote of another row would close it, and leave what is before that out.
    let log = "at,who,what,note\n2026-03-09T09:00:00Z,ann,on,\"hello\n2026-03-09T09:10:00Z,ann,away,\n\
               2026-03-09T09:20:00Z,bob,on,\"hi\"\n2026-03-09T09:30:00Z,cat,on,\"hi\"\n";
    let (trace, imported) = import_text(log, &mapping(STATES));
    assert_eq!(trace, "2026-03-09T09:30:00Z,cat,desk,login\n");
    assert_eq!((open_quote(&imported), imported.taken.rows), (Some((2, 28, 3)), 4));
    // Behind a field of two lines it stands in the second.
    let log = "at,who,what,note,more\r\n2026-03-09T09:00:00Z,ann,on,\"a\r\nb\",\"c\r\n";
    let (_, imported) = import_text(log, &mapping(STATES));
    assert_eq!(open_quote(&imported), Some((3, 3, 1)));
}

#[test]
fn quotes_that_are_closed_or_mean_nothing_take_in_nothing() {
    let log = "at,who,what,note\n2026-03-09T09:00:00Z,ann,on,\"a\nb\"\n2026-03-09T09:10:00Z,bob,on,5\"\n\
               2026-03-09T09:20:00Z,cat,on,\"a\nsaid \"b\" to c\"\n";
    let (_, imported) = import_text(log, &mapping(STATES));
    assert_eq!((imported.taken.rows, imported.taken.faults.count()), (3, 0));
    let mapping = mapping(&STATES.replace("[time]", "[log]\nquotes = false\n[time]"));
    let log = "at,who,what,note\n2026-03-09T09:00:00Z,ann,on,\"a\n2026-03-09T09:10:00Z,bob,on,\n";
    let (_, imported) = import_text(log, &mapping);
    assert_eq!((imported.taken.rows, imported.taken.faults.count()), (2, 0));
}

#[test]
fn a_quote_far_into_a_log_is_found_by_any_number_of_threads() {
    let quoted = "2026-03-09T09:00:00Z,ann,on,\"a, b\"\n";
    let plain = "2026-03-09T09:00:00Z,ann,on,\n";
    for (before, behind) in [(0, 0), (4_094, 1), (4_095, 0), (4_096, 3), (90_000, 50_000)] {
        let open = "2026-03-09T09:00:00Z,ann,on,\"a\n";
        for rows in [quoted, plain] {
            let (rows, more) = (rows.repeat(before), plain.repeat(behind));
            let log = Scratch::new(format!("at,who,what,note\n{rows}{open}{more}").as_bytes());
            for threads in [1, 3] {
                let imported = import_by(threads, &log.0, &mapping(STATES), Sorter::default());
                let (_, imported) = imported.expect("it can be imported");
                let (line, lines) = (before as u64 + 2, behind as u64 + 1);
                assert_eq!(open_quote(&imported), Some((line, 28, lines)), "{before} {threads}");
                assert_eq!(imported.taken.rows, before as u64 + lines);
            }
        }
    }
}

#[test]
fn a_quote_above_the_rows_is_the_reason_why_there_is_no_header() {
    for (log, at) in [
        ("at,who,\"what\n2026-03-09T09:00:00Z,ann,on\n", 1),
        ("a report\n\"of Ann\n\nat,who,what\n", 2),
    ] {
        let file = Scratch::new(log.as_bytes());
        let error = import_file(&file.0, &mapping(STATES)).err().expect("it has no header");
        let ImportError::Open(OpenLogError::OpenQuote { shown }) = error else {
            panic!("{error}");
        };
        assert_eq!(shown.line, at);
    }
}

#[test]
fn a_packed_log_is_named_as_one() {
    for (bytes, kind) in [
        (&b"\x1f\x8b\x08\0\0\0"[..], "packed with gzip"),
        (b"PK\x03\x04\x14\0", "a zip archive"),
        (b"BZh91AY&SY..", "packed with bzip2"),
        (b"\xfd7zXZ\0\0", "packed with xz"),
        (b"\x28\xb5\x2f\xfd\0\0", "packed with zstd"),
    ] {
        let file = Scratch::new(bytes);
        let error = import_file(&file.0, &mapping(STATES)).err().expect("it is packed");
        assert!(error.to_string().ends_with(&format!(" is {kind}")), "{error}");
    }
}

#[test]
fn a_log_may_begin_with_the_letters_of_a_packer() {
    let mapping = mapping(&STATES.replace("\"at\"", "\"BZh\""));
    let (trace, _) = import_text("BZh,who,what\n2026-03-09T09:00:00Z,ann,on\n", &mapping);
    assert!(trace.contains("ann"), "{trace}");
}

/// A mapping that takes the rows of these properties alone.
fn only(properties: &[&str]) -> Mapping {
    let mut mapping = mapping(QUEUES);
    mapping.property.only = properties.iter().map(|&name| name.to_owned()).collect();
    mapping
}

const OF_QUEUES: &str = "at,queue,who,what
2026-03-09T09:00:00Z,ALL,ann,pause
2026-03-09T09:01:00Z,sales,ann,in
2026-03-09T09:02:00Z,support,bob,in
2026-03-09T09:03:00Z,ALL,bob,pause
2026-03-09T09:04:00Z,,bob,go on
2026-03-09T09:05:00Z,ALL,cat,pause
2026-03-09T09:06:00Z,ALL,dan,pause
2026-03-09T09:07:00Z,sales,dan,call
2026-03-09T09:08:00Z,support,cat,call
";

#[test]
fn rows_of_no_property_are_taken_of_people_of_those_that_are_asked_for() {
    let (trace, imported) = import_text(OF_QUEUES, &only(&["sales"]));
    let rows = [
        "0,ann,desk,login",
        "0,ann,desk,away",
        "1,ann,desk,login",
        "6,dan,desk,login",
        "6,dan,desk,away",
    ];
    let rows: String = rows
        .map(|row| row.split_once(',').expect("a minute"))
        .map(|(minute, row)| format!("2026-03-09T09:0{minute}:00Z,{row}\n"))
        .concat();
    assert_eq!(trace, rows);
    assert_eq!((imported.taken.of_others, imported.counts.of_others), (1, 3));
    // Of bob and cat, who are of others, nothing is known, and so they are members of nothing.
    let world = World {
        log: "log.csv",
        mapping: "queues.toml",
        property: "others",
        trace: "trace.csv",
        is_zone_known: true,
    };
    let world = world::write(&world, &imported);
    let is_in = |name: &str| world.contains(&format!("members {name}\n"));
    assert_eq!(["ann", "dan", "bob", "cat"].map(is_in), [true, true, false, false], "{world}");
    assert!(!world.contains("bob") && !world.contains("cat"), "{world}");
    // An interval is one row, and not two.
    let intervals = mapping(&QUEUES.replace("at = \"at\"", "from = \"from\"\nto = \"to\""));
    let mut intervals = Mapping { ..intervals };
    intervals.property.only = vec!["sales".to_owned()];
    let log = "from,to,queue,who,what\n2026-03-09T09:00:00Z,2026-03-09T09:10:00Z,sales,ann,pause\n\
               2026-03-09T09:00:00Z,2026-03-09T09:10:00Z,,bob,pause\n";
    let (trace, imported) = import_text(log, &intervals);
    assert_eq!((trace.contains("bob"), imported.counts.of_others), (false, 1));
}

#[test]
fn a_property_that_no_row_is_of_is_told_and_where_all_are_such_nothing_is_imported() {
    let file = Scratch::new(OF_QUEUES.as_bytes());
    let error = import_file(&file.0, &only(&["sals", "x"])).err().expect("nobody is of them");
    let said = error.to_string();
    assert_eq!(said, "no row of the log is of `sals` or `x`");
    let ImportError::NoProperty { others, .. } = error else { panic!("{said}") };
    assert_eq!(others.into_iter().collect::<Vec<_>>(), ["sales", "support"]);
    let (_, imported) = import_text(OF_QUEUES, &only(&["sals", "support"]));
    let met = &imported.taken.met_properties;
    assert!(met.wanted.iter().eq(["support"]) && met.others.iter().eq(["sales"]), "{met:?}");
}

#[test]
fn an_hour_that_the_clock_reads_twice_is_on_one_day() {
    let mapping = in_zone(mapping(STATES), "Europe/Berlin");
    // There from 02:00 to 03:00, in the first of the two hours and in the second.
    let log = "at,who,what\n2026-10-18T08:00:00Z,ann,on\n2026-10-18T16:00:00Z,ann,out\n\
               2026-10-25T00:00:00Z,ann,on\n2026-10-25T02:00:00Z,ann,out\n";
    let (_, imported) = import_text(log, &mapping);
    let presence = imported.presence.expect("hours are guessed");
    let sunday = &presence.days_of(0)[6 * 96..];
    assert_eq!((&sunday[2 * 4..3 * 4], &sunday[10 * 4..11 * 4]), (&[1; 4][..], &[1; 4][..]));
}
