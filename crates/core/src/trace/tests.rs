//! A trace reads the same line by line and by the csv crate.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use csv::ByteRecord;
use proptest::prelude::*;

use super::instant::UsualInstants;
use super::marks::SHORT;
use super::reader::row_of;
use super::texts::WINDOW;
use super::usual::{long_row, short_row};
use super::*;
use crate::model::{Action, ActionWord, NameKey};

/// What a reader says of a whole file, as one reads who takes rows as they usually are many at a time.
fn read(mut reader: Reader) -> Vec<Result<(String, u64), Diagnostic>> {
    let text =
        |at, agent: &str, device: &str, action| format!("{at} {agent} {device:?} {action:?}");
    let mut said = Vec::new();
    let mut rows = Vec::new();
    loop {
        if !reader.has_row()
            && let Err(diagnostic) = reader.read_on()
        {
            said.push(Err(*diagnostic));
        }
        rows.clear();
        reader.usual_rows(&mut rows);
        for row in &rows {
            let (agent, device) = reader.names(row.start);
            let key = |name| NameKey::of(name).unwrap_or(NameKey::TOO_LONG);
            assert_eq!((row.agent, row.device), (key(agent), key(device)));
            let line = reader.line(reader.place(row.start));
            said.push(Ok((text(row.at, agent, device, row.action.action()), line)));
        }
        if !rows.is_empty() {
            continue;
        }
        let row = match reader.next_row() {
            None => return said,
            Some(Err(diagnostic)) => Err(*diagnostic),
            Some(Ok(row)) => {
                let device = row.device.unwrap_or_default();
                Ok((text(row.at, row.agent, device, row.action), row.place))
            }
        };
        said.push(row.map(|(text, place)| (text, reader.line(place))));
    }
}

/// A file that is gone when the test is over.
struct Scratch(PathBuf);

impl Scratch {
    fn new(bytes: &[u8]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("lamplighter-trace-{}-{count}.csv", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, bytes).expect("a scratch file");
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn either_way(bytes: &[u8]) -> [Vec<Result<(String, u64), Diagnostic>>; 2] {
    let file = Scratch::new(bytes);
    // Some files are read in pieces of a few lines, or of less than one.
    let piece_bytes = [PIECE_BYTES, 200, 7][bytes.len() % 3];
    let open = |open: fn(&Path, usize) -> Result<Reader, OpenTraceError>| {
        read(open(&file.0, piece_bytes).expect("it is there"))
    };
    [open(Reader::open), open(Reader::open_as_quoted)]
}

fn field() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        20 => "2026-03-09T13:5[0-5]:0[0-9]Z",
        4 => "2026-03-09T1[34]:5[0-9]:[0-6][0-9](\\.[0-9]{1,4})?(Z|\\+01:00)",
        20 => "[ab]{1,3}",
        4 => "[a-c._-]{14,17}",
        1 => "n{62,66}",
        2 => "[aé李]{1,3}",
        12 => prop::sample::select(Action::WORDS.map(|(word, _)| word.to_owned()).to_vec()),
        2 => Just(String::new()),
        2 => "\"[a,\r\n]{0,3}\"",
        1 => "[a\" ,\u{feff}]{0,4}",
        4 => "[a@/' é]{1,9}",
    ]
    .prop_map(String::into_bytes)
}

fn row() -> impl Strategy<Value = Vec<u8>> {
    let usual = (
        "2026-03-(09T13:5[0-5]|10T00:00):0[0-9](\\.00[0-9])?Z",
        "[ab@]{1,17}",
        "([cd /]{1,17})?",
        prop::sample::select(Action::WORDS.map(|(word, _)| word).to_vec()),
    )
        .prop_map(|(at, agent, device, action)| format!("{at},{agent},{device},{action}"));
    prop_oneof![
        20 => usual.prop_map(String::into_bytes),
        5 => prop::collection::vec(field(), 4).prop_map(|fields| fields.join(&b',')),
        1 => prop::collection::vec(field(), 0..6).prop_map(|fields| fields.join(&b',')),
        1 => prop::collection::vec(prop::num::u8::ANY, 0..12),
    ]
}

fn end_of_line() -> impl Strategy<Value = &'static [u8]> {
    prop_oneof![
        12 => Just(&b"\n"[..]),
        6 => Just(&b"\r\n"[..]),
        1 => Just(&b"\r"[..]),
        1 => Just(&b"\n\n\r\n"[..]),
        1 => Just(&b"\n\xef\xbb\xbf"[..]),
    ]
}

fn file() -> impl Strategy<Value = Vec<u8>> {
    let begin = prop_oneof![
        8 => Just(&b""[..]),
        1 => Just(&b"\xef\xbb\xbf"[..]),
        1 => Just(&b"\n"[..]),
        1 => Just(&b"\xef\xbb\xbf\r\n"[..]),
    ];
    let header = prop_oneof![
        20 => Just(&b"at,agent,device,action"[..]),
        1 => Just(&b"\"at\",agent,device,action"[..]),
        1 => Just(&b"at,agent,device"[..]),
        1 => Just(&b"\xef\xbb\xbfat,agent,device,action"[..]),
    ];
    let rows = prop::collection::vec((end_of_line(), row()), 0..20);
    (begin, header, rows, prop::option::of(end_of_line())).prop_map(|(begin, header, rows, end)| {
        let mut bytes = [begin, header].concat();
        for (end, row) in rows {
            bytes.extend(end);
            bytes.extend(row);
        }
        bytes.extend(end.unwrap_or_default());
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_trace_reads_the_same_line_by_line_and_by_the_csv_crate(bytes in file()) {
        let [lines, quoted] = either_way(&bytes);
        prop_assert_eq!(lines, quoted, "{}", String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn a_trace_of_any_bytes_reads_the_same_either_way(
        bytes in prop::collection::vec(
            prop_oneof![
                6 => prop::sample::select(b"2026-03-09T13:55:00Z,ann,desk,login\n\r\"".to_vec()),
                1 => prop::num::u8::ANY,
            ],
            0..200,
        ),
        is_headed in prop::bool::ANY,
    ) {
        let header: &[u8] = if is_headed { b"at,agent,device,action\n" } else { b"" };
        let bytes = [header, &bytes].concat();
        let [lines, quoted] = either_way(&bytes);
        prop_assert_eq!(lines, quoted, "{}", String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn a_row_that_lost_or_got_a_byte_reads_the_same_either_way(
        rows in prop::collection::vec(row(), 1..4),
        harm in prop::collection::vec((prop::num::usize::ANY, prop::option::of(prop::num::u8::ANY)), 1..4),
    ) {
        let mut bytes = [&b"at,agent,device,action"[..], &rows.join(&b'\n')].join(&b'\n');
        for (at, byte) in harm {
            let at = at % bytes.len();
            match byte {
                Some(byte) => bytes[at] = byte,
                None => drop(bytes.remove(at)),
            }
        }
        let [lines, quoted] = either_way(&bytes);
        prop_assert_eq!(lines, quoted, "{}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn a_quote_or_a_fault_far_into_a_long_file_is_found_where_it_is() {
    for (strange, count) in [
        ("2026-03-09T13:55:00Z,\"ann\",desk,login", 0),
        ("2026-03-09T13:55:00Z,ann,de\"sk,login", 1),
        ("2026-03-09T13:55:00Z,ann,desk", 1),
        ("\u{feff}2026-03-09T13:55:00Z,ann,desk,login", 1),
    ] {
        for end in ["\n", "\r\n", "\n\n", "\r"] {
            let row = |index: usize| format!("2026-03-09T13:55:00Z,ann-{index},desk,login{end}");
            let rows = |range: std::ops::Range<usize>| range.map(row).collect::<String>();
            let text = format!(
                "at,agent,device,action{end}{}{strange}{end}{}",
                rows(0..5_000),
                rows(5_000..10_000)
            );
            let [lines, quoted] = either_way(text.as_bytes());
            assert_eq!(lines, quoted);
            let diagnostics: Vec<&Diagnostic> =
                lines.iter().filter_map(|row| row.as_ref().err()).collect();
            assert_eq!(diagnostics.len(), count, "{strange:?} {end:?}");
            assert_eq!(lines.len(), 10_001);
            let line = if end == "\r" { 1 } else { 5_002 + 5_001 * (end == "\n\n") as u64 };
            assert!(
                diagnostics.iter().all(|diagnostic| diagnostic.line == line),
                "{diagnostics:?}"
            );
        }
    }
}

#[test]
fn a_row_may_be_longer_than_what_is_read_at_once() {
    let long = "n".repeat(200_000);
    let text = format!(
        "at,agent,device,action\n2026-03-09T13:55:00Z,{long},desk,login\n2026-03-09T13:55:00Z,ann,,away"
    );
    let [lines, quoted] = either_way(text.as_bytes());
    assert_eq!(lines, quoted);
    assert!(matches!(&lines[..], [Err(_), Ok((_, 3))]), "{lines:?}");
}

/// A row as the reader takes it that looks at it field by field, if it is written as nearly all are.
fn careful(line: &[u8]) -> Option<(Instant, String, String, Action)> {
    let end = line.iter().position(|byte| matches!(byte, b'\r' | b'\n'))?;
    let mut record = ByteRecord::new();
    line[..end].split(|byte| *byte == b',').for_each(|field| record.push_field(field));
    let row = row_of(&record, RowStart::START, &mut { Instant::MIN }).ok()?;
    let at = [row.at.to_string(), format!("{}.000Z", row.at.to_string().trim_end_matches('Z'))];
    let device = row.device.unwrap_or_default();
    let is_usual = at.iter().any(|at| at.as_bytes() == &record[0])
        && [row.agent, device]
            .iter()
            .all(|name| name.bytes().all(|byte| matches!(byte, b'!'..=b'~') && byte != b','))
        && ActionWord::of(row.action).is_some();
    is_usual.then(|| (row.at, row.agent.to_owned(), device.to_owned(), row.action))
}

fn line() -> impl Strategy<Value = Vec<u8>> {
    let at = "2026-03-09T(13|2[0-4]):[0-5][0-9]:[0-6][0-9](\\.[0-9]{3})?Z";
    let name = || prop_oneof![6 => "[!-+.-~]{1,9}", 2 => "[a-z]{0,17}", 1 => "[a-z]{60,66}"];
    let action = prop::sample::select(Action::WORDS.map(|(word, _)| word).to_vec());
    let end = prop_oneof![4 => Just("\n"), 2 => Just("\r\n"), 1 => Just("\r"), 1 => Just(" \n")];
    let byte = || {
        let odd = [b',', b'\n', b'\r', b' ', b'!', b'~', 0, 0x7f, 0x80, 0xc3, 0xff];
        prop_oneof![2 => prop::sample::select(odd.to_vec()), 1 => prop::num::u8::ANY]
    };
    let changes = prop::collection::vec((prop::sample::Index::arbitrary(), 0..3, byte()), 0..3);
    (at, name(), name(), action, end, changes).prop_map(
        |(at, agent, device, action, end, changes)| {
            let mut line = format!("{at},{agent},{device},{action}{end}").into_bytes();
            for (place, how, byte) in changes {
                let place = place.index(line.len());
                match how {
                    0 => line[place] = byte,
                    1 => line.insert(place, byte),
                    _ => drop(line.remove(place)),
                }
            }
            // Texts have no quotes.
            line.retain(|byte| *byte != b'"');
            line
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_096))]

    #[test]
    fn a_row_taken_apart_at_once_is_what_it_is_field_by_field(line in line()) {
        let mut text = line.clone();
        text.extend_from_slice(b"2026");
        text.resize(text.len() + WINDOW, 0);
        let said = |found: Option<(UsualRow, usize)>| {
            found.map(|(row, end)| (row.at, row.agent, row.device, row.action.action(), end))
        };
        let instants = || UsualInstants::new();
        let long = said(long_row(&text, 0, &mut instants()));
        let key = |name: &str| NameKey::of(name).unwrap_or(NameKey::TOO_LONG);
        let careful = careful(&line).map(|(at, agent, device, action)| {
            let end = line.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            (at, key(&agent), key(&device), action, end.expect("it has one") + 1)
        });
        prop_assert_eq!(long, careful);
        // What is not short is left to the other.
        let is_short = line.len() <= 20 + SHORT;
        let short = said(short_row(&text, 0, &mut instants()));
        if is_short || short.is_some() {
            // Both bytes of an end of line are passed at once.
            let is_two = |end: usize| line[end - 1] == b'\r' && text[end] == b'\n';
            let behind = careful.map(|(at, agent, device, action, end)| {
                (at, agent, device, action, end + usize::from(is_two(end)))
            });
            prop_assert_eq!(short, behind);
        }
    }
}

#[test]
fn a_byte_order_mark_before_a_quoted_header_is_no_misplaced_quote() {
    let trace =
        "\u{feff}\"at\",\"agent\",\"device\",\"action\"\n2026-03-09T09:00:00Z,ann,desk,login\n";
    for found in either_way(trace.as_bytes()) {
        assert!(matches!(&found[..], [Ok((_, 2))]), "{found:?}");
    }
    let seen = "\u{feff}\"at\",\"widget\",\"status\"\n2026-03-09T09:00:00Z,acme,online\n";
    let file = Scratch::new(seen.as_bytes());
    let mut rows = ObservedReader::open(&file.0).expect("it is there");
    assert!(matches!(rows.next_row(), Some(Ok(row)) if row.name == "acme"));
}

#[test]
fn a_quote_that_is_open_at_the_end_is_told_where_it_begins() {
    let told = |found: &Diagnostic| {
        (found.fault, found.message.clone(), found.line, found.column, found.text.clone())
    };
    let said = "a quote is not closed".to_owned();
    let row = "2026-03-09T09:00:00Z,ann,desk";
    for rest in ["", "\n2026-03-09T09:30:00Z,bob,desk,login\n"] {
        let trace = format!("at,agent,device,action\n{row},online\n{row},\"login{rest}");
        let expected = (Fault::Quote, said.clone(), 3, 31, format!("{row},\"login"));
        for found in either_way(trace.as_bytes()) {
            assert!(
                matches!(&found[..], [Ok(_), Err(found)] if told(found) == expected),
                "{found:?}"
            );
        }
    }
    // Its page is any text, and would take in the row behind it.
    let row = "2026-03-09T09:00:00Z,acme,online";
    let file = Scratch::new(format!("at,widget,status,page\n{row},\"/a\n{row},/b\n").as_bytes());
    let mut rows = ObservedReader::open(&file.0).expect("it is there");
    let found = rows.next_row().expect("a row").expect_err("it has an open quote");
    assert_eq!(told(&found), (Fault::Quote, said, 2, 34, format!("{row},\"/a")));
}
