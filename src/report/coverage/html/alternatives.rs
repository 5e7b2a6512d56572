//! Other settings beside what was.

use serde::Serialize;

use super::super::text::signed;
use super::super::words::{length, percent_or_dash};
use super::class_row::{ClassRow, class_rows};
use crate::report::format::thousands;
use lamplighter_coverage::calendar::DAY_MS;
use lamplighter_coverage::class::Class;
use lamplighter_coverage::figures::{Coverage, Totals, share};

/// The alternatives, side by side.
#[derive(Serialize)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Row>,
}

/// What was, or an alternative.
#[derive(Serialize)]
struct Column {
    label: String,
    lines: Vec<String>,
    classes: Vec<ClassRow>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    cells: Vec<Cell>,
}

#[derive(Serialize)]
struct Cell {
    number: String,
    difference: String,
}

/// The table; `None` where nothing else was asked for.
pub fn table(coverage: &Coverage) -> Option<Table> {
    if coverage.alternatives.is_empty() {
        return None;
    }
    let before = coverage.totals();
    let mut columns = vec![Column {
        label: "as it was".to_owned(),
        lines: Vec::new(),
        classes: class_rows(&before.times),
    }];
    let mut all = vec![before];
    for alternative in &coverage.alternatives {
        let totals = alternative.totals();
        columns.push(Column {
            label: alternative.label.clone(),
            lines: alternative.lines.clone(),
            classes: class_rows(&totals.times),
        });
        all.push(totals);
    }
    let row = |name: &str, of: &dyn Fn(&Totals) -> u64, write: &dyn Fn(u64) -> String| Row {
        name: name.to_owned(),
        cells: all
            .iter()
            .enumerate()
            .map(|(index, totals)| Cell {
                number: write(of(totals)),
                difference: match index {
                    0 => String::new(),
                    _ => signed(of(totals), of(&before), write),
                },
            })
            .collect(),
    };
    let mut rows: Vec<Row> = Class::ALL
        .into_iter()
        .map(|class| row(class.word(), &|totals| totals.times.of(class), &length))
        .collect();
    rows.push(Row {
        name: "empty, of open time".to_owned(),
        cells: all
            .iter()
            .map(|totals| Cell {
                number: percent_or_dash(share(
                    totals.times.of(Class::Empty),
                    totals.times.open_ms(),
                )),
                difference: String::new(),
            })
            .collect(),
    });
    rows.extend(impossible(coverage));
    let days = coverage.length_ms() as f64 / DAY_MS as f64;
    let a_day = |changes: u64| format!("{:.1}", changes as f64 / days);
    rows.push(row("changes a day", &|totals| totals.changes, &a_day));
    if coverage.has_visitors {
        rows.push(row("visitors who saw it online", &|totals| totals.visitors.online, &thousands));
        rows.push(row("… away", &|totals| totals.visitors.away, &thousands));
        rows.push(row("… offline", &|totals| totals.visitors.offline, &thousands));
        rows.push(row("visitors who came to nobody", &|totals| totals.visitors.empty, &thousands));
    }
    Some(Table { columns, rows })
}

/// How many events could not happen, where it makes a difference.
fn impossible(coverage: &Coverage) -> Option<Row> {
    let counts = || coverage.alternatives.iter().map(|alternative| alternative.impossible);
    if counts().all(|count| count == coverage.anomalies) {
        return None;
    }
    let cell = |count| Cell { number: thousands(count), difference: String::new() };
    Some(Row {
        name: "events that could not happen".to_owned(),
        cells: std::iter::once(coverage.anomalies).chain(counts()).map(cell).collect(),
    })
}
