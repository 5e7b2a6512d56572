//! How fast a long log is read, beside a bare pass of the csv crate over the same file, and in how much
//! memory.
//!
//! `LAMPLIGHTER_ROWS=10000000 cargo test --release -p lamplighter-import --test import -- --ignored --nocapture rate`

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use lamplighter_import::log::LogFile;
use lamplighter_import::mapping::Mapping;
use lamplighter_import::sort::Sorter;
use lamplighter_import::{Import, import};

use crate::common::{Scratch, ZONES};

/// A log of twenty thousand agents, four rows a second, some of them late.
fn write_log(path: &Path, rows: u64) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    writeln!(out, "at,agent,device,action")?;
    let start = 1_772_409_600_000;
    for row in 0..rows {
        let agent = row * 7_919 % 20_000;
        let action = ["online", "away", "away", "online", "invisible"];
        let action = action[((row / 20_000 + agent) % 5) as usize];
        // Every thousandth row comes late by an hour: they are put in order.
        let late = if row % 1_000 == 0 { 3_600_000 } else { 0 };
        let at = start + row as i64 * 250 - late;
        let at = lamplighter_core::model::Instant::from_millis(at).expect("an instant");
        writeln!(out, "{at},agent{agent},desk,{action}")?;
    }
    out.flush()
}

/// The most memory that this process has had, in MiB.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1_024
}

fn a_second(rows: u64, took: Duration) -> u64 {
    (rows as f64 / took.as_secs_f64()) as u64
}

#[test]
#[ignore = "a measurement: it takes minutes for ten million rows"]
fn the_rate_of_an_import_beside_a_bare_pass() {
    let rows = std::env::var("LAMPLIGHTER_ROWS").ok();
    let rows = rows.map_or(1_000_000, |rows| rows.parse().expect("a number of rows"));
    let log = Scratch::new(b"");
    write_log(&log.0, rows).expect("written");
    let began = Instant::now();
    let mut reader = csv::Reader::from_path(&log.0).expect("it is there");
    let (mut record, mut read) = (csv::ByteRecord::new(), 0_u64);
    while reader.read_byte_record(&mut record).expect("a record") {
        read += 1;
    }
    let bare = began.elapsed();
    let began = Instant::now();
    let trace = Scratch::new(b"");
    let mut out = BufWriter::new(File::create(&trace.0).expect("a file"));
    let mapping = Mapping::of_traces();
    let of = Import {
        log: &LogFile::new(&log.0),
        mapping: &mapping,
        zones: &ZONES,
        key: None,
        guess_in: None,
        sorter: Sorter::default(),
        threads: std::thread::available_parallelism().expect("the machine says"),
    };
    let imported = import(of, &mut out, &mut |_| true).expect("it can be imported");
    let took = began.elapsed();
    println!(
        "{rows} rows: a bare pass {} rows/s, an import {} rows/s; {} MiB at most",
        a_second(read, bare),
        a_second(rows, took),
        peak_mib()
    );
    assert_eq!(read, rows);
    assert!(imported.taken.rows == rows, "{} rows taken", imported.taken.rows);
    assert!(peak_mib() < 300, "{} MiB", peak_mib());
}
