//! However many threads look into a log, what comes of it is the same, to the last fault.

use std::num::NonZeroUsize;

use lamplighter_import::log::LogFile;
use lamplighter_import::sort::Sorter;
use lamplighter_import::take::{Device, Fault};
use lamplighter_import::{Import, ImportError, Imported, import};
use proptest::prelude::*;

use crate::common::{Scratch, ZONES, import_by, in_zone, mapping};

const EVENTS: &str = r#"
format = 1
[log]
quotes = true
[time]
at     = "at"
format = ["iso", "%d/%m/%Y %H:%M"]
[agent]
column = "who"
[device]
column = "where"
all    = ["everywhere"]
[property]
column = "shop"
[[action]]
column = "what"
login  = "in"
logout = "out"
online = "on"
away   = "away"
ignore = ["call", "mail"]
"#;

/// All that came of a log but for the trace.
#[derive(PartialEq, Debug)]
struct Came {
    names: [Vec<String>; 3],
    devices: [Vec<Device>; 2],
    members: Vec<(u32, u32)>,
    faults: Vec<Fault>,
    numbers: [u64; 7],
    counts: lamplighter_import::follow::Counts,
    words: [Vec<(String, u64)>; 2],
    days: Vec<Vec<u32>>,
}

impl Came {
    fn of(imported: Imported) -> Self {
        let Imported { taken, counts, trace_rows, devices, presence, .. } = imported;
        let names = |names: &lamplighter_import::names::Named| {
            names.iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let days = presence.iter().flat_map(|presence| {
            (0..=taken.properties.count()).map(|property| presence.days_of(property).to_vec())
        });
        Self {
            days: days.collect(),
            names: [&taken.agents, &taken.device_names, &taken.properties].map(names),
            devices: [taken.devices, devices],
            members: taken.members.into_iter().collect(),
            faults: taken.faults.iter().cloned().collect(),
            numbers: [
                taken.rows,
                taken.ignored,
                taken.of_others,
                taken.empty_intervals,
                taken.skipped_times,
                taken.repeated_times,
                trace_rows,
            ],
            counts,
            words: [taken.unknown_words, taken.ignored_words],
        }
    }
}

/// Rows, some of which are late, cannot be taken, or are about something else; they come again and again, so
/// that there are many pieces.
fn rows() -> impl Strategy<Value = Vec<String>> {
    let minute = (0..3_u32, 0..24_u32, 0..60_u32);
    let at = minute.prop_map(|(day, hour, minute)| (24 + day, hour, minute));
    let good = (at, 0..40_u16, 0..3_u8, 0..4_u8, 0..9_u8).prop_map(
        |((day, hour, minute), who, device, shop, what)| {
            let at = match what % 2 {
                0 => format!("2026-10-{day:02} {hour:02}:{minute:02}:00"),
                _ => format!("{day:02}/10/2026 {hour:02}:{minute:02}"),
            };
            let what =
                ["in", "out", "on", "away", "On ", "call", "mail", "away", "on"][usize::from(what)];
            let device = ["desk", "", "everywhere"][usize::from(device)];
            format!("{at},agent {who},{device},shop {shop},{what}\n")
        },
    );
    let bad = prop::sample::select(vec![
        "soon,ann,,,in\n",
        "2026-10-25 01:30:00,ann,,,lunch\n",
        "2026-10-25 01:30:00,,,,in\n",
        "2026-10-25 01:30:00,ann,d\u{7}k,,in\n",
        "2026-10-25 01:30:00,bob,desk,\u{7},in\n",
        "2026-10-25 01:30:00\n",
        "\n \r\n",
        "2026-10-25 01:30:00,\"Ann, the \"\"other\"\"\",desk,,in\r\n",
    ]);
    let row = prop_oneof![40 => good, 1 => bad.prop_map(str::to_owned)];
    prop::collection::vec(row, 1..400)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_number_of_threads_changes_nothing(
        rows in rows(), bytes in 1_usize..900_000, run_entries in 900_usize..20_000,
    ) {
        let mut log = String::from("at,who,where,shop,what\n");
        let mut round = 0;
        while log.len() < bytes {
            // Each time others are there, so that names are met on the way.
            log.extend(rows.iter().map(|row| row.replace("agent", &format!("agent {}", round / 3))));
            round += 1;
        }
        let file = Scratch::new(log.as_bytes());
        let mapping = in_zone(mapping(EVENTS), "Europe/London");
        let by = |threads, sorter| {
            let (trace, imported) = import_by(threads, &file.0, &mapping, sorter).expect("a log");
            (trace, Came::of(imported))
        };
        let (trace, came) = by(1, Sorter::default());
        for threads in 1..=4 {
            let (again, came_again) = by(threads, Sorter::with_runs_of(run_entries));
            prop_assert_eq!(&came_again, &came, "{} threads", threads);
            prop_assert!(again == trace, "{} threads", threads);
        }
    }
}

#[test]
fn more_words_than_are_remembered_are_the_same_of_any_number_of_threads() {
    let word =
        |number: usize| format!("2026-10-25 09:00:00,ann,,,word{}\n", number * 7_919 % 12_000);
    let rows: String = (0..30_000).map(word).collect();
    let file = Scratch::new(format!("at,who,where,shop,what\n{rows}").as_bytes());
    let mapping = in_zone(mapping(EVENTS), "Europe/London");
    let words = [1, 2, 3, 4].map(|threads| {
        let imported = import_by(threads, &file.0, &mapping, Sorter::default()).expect("a log").1;
        imported.taken.unknown_words
    });
    assert_eq!(words[0].len(), 10_000);
    assert_eq!(words[0].iter().map(|(_, count)| count).sum::<u64>(), 26_000);
    assert!(words.iter().all(|of| *of == words[0]));
}

#[test]
fn the_first_row_that_ends_an_import_is_told() {
    let row = "2026-10-25T09:00:00Z,ann,,,in\n";
    let local = "2026-10-25 09:00:07,ann,,,in\n2026-10-25 09:00:08,ann,,,in\n";
    let log = format!("at,who,where,shop,what\n{}{}", row.repeat(9_000), local.repeat(9_000));
    let file = Scratch::new(log.as_bytes());
    let mapping = mapping(EVENTS);
    for threads in 1..=4 {
        let imported = import_by(threads, &file.0, &mapping, Sorter::default());
        let Err(ImportError::Take(error)) = imported else { panic!("it is a local time") };
        let lamplighter_import::take::TakeError::WithoutZone { text, shown } = error else {
            panic!("{error}");
        };
        assert_eq!(
            (text.as_str(), shown.line),
            ("2026-10-25 09:00:07", 9_002),
            "{threads} threads"
        );
    }
}

#[test]
fn an_import_stops_where_it_is_told_to() {
    let row = "2026-10-25T09:00:00Z,ann,,,in\n";
    let file = Scratch::new(format!("at,who,where,shop,what\n{}", row.repeat(90_000)).as_bytes());
    let mapping = mapping(EVENTS);
    for threads in 1..=4 {
        let (mut told, mut trace) = (Vec::new(), Vec::new());
        let of = Import {
            log: &LogFile::new(&file.0),
            mapping: &mapping,
            zones: &ZONES,
            key: None,
            guess_in: None,
            sorter: Sorter::default(),
            threads: NonZeroUsize::new(threads).expect("at least one"),
        };
        let mut go_on = |rows| {
            told.push(rows);
            told.len() < 3
        };
        let stopped = import(of, &mut trace, &mut go_on);
        assert!(matches!(stopped, Err(ImportError::Stopped)), "{threads} threads");
        assert!(told.is_sorted() && told[2] < 90_000, "{told:?}");
        assert!(trace.is_empty());
    }
}
