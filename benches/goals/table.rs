//! What was measured, against its goal.

/// A goal, for a ratio or for a figure.
#[derive(Clone, Copy)]
pub enum Goal {
    AtLeast(f64),
    AtMost(f64),
    /// Nothing was set; it is good to know all the same.
    None,
}

/// A line of the table.
pub struct Row {
    pub what: String,
    pub figure: String,
    pub compared_with: String,
    /// What the goal is about.
    pub value: f64,
    pub goal: Goal,
}

impl Row {
    /// Something that took so many nanoseconds, and something else that took longer.
    pub fn faster(what: &str, ns: f64, other: &str, other_ns: f64, ratio: f64, goal: Goal) -> Self {
        Self {
            what: what.into(),
            figure: nanoseconds(ns),
            compared_with: format!("{other}: {}", nanoseconds(other_ns)),
            value: ratio,
            goal,
        }
    }
}

/// As short as can be read.
pub fn nanoseconds(ns: f64) -> String {
    match ns {
        1e6.. => format!("{:.1} ms", ns / 1e6),
        1e4.. => format!("{:.1} µs", ns / 1e3),
        100.0.. => format!("{ns:.0} ns"),
        1.0.. => format!("{ns:.1} ns"),
        _ => format!("{ns:.3} ns"),
    }
}

fn number(value: f64) -> String {
    match value {
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// Prints the rows as they stand in the README.
pub fn print(rows: &[Row]) {
    println!("| what | figure | compared with | ratio | goal | |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for Row { what, figure, compared_with, value, goal } in rows {
        let (goal, reached) = match *goal {
            Goal::AtLeast(least) => (format!("≥ {least}"), verdict(*value >= least)),
            Goal::AtMost(most) => (format!("≤ {most}"), verdict(*value <= most)),
            Goal::None => (String::new(), ""),
        };
        println!(
            "| {what} | {figure} | {compared_with} | {} | {goal} | {reached} |",
            number(*value)
        );
    }
}

fn verdict(reached: bool) -> &'static str {
    if reached { "reached" } else { "missed" }
}
