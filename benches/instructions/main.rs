//! Counts the instructions of fixed pieces of work under callgrind and compares them with the
//! published ones (`instructions.csv`). Counts do not depend on how busy a machine is: 5 % more are
//! a regression.
//!
//! ```sh
//! cargo bench --bench instructions              # compare; exit code 1 on a regression
//! cargo bench --bench instructions -- --save    # publish a new baseline
//! ```

mod baseline;
mod callgrind;
#[path = "../fleet/mod.rs"]
mod fleet;
mod work;

use std::path::Path;
use std::process::ExitCode;

use baseline::{Baseline, Machine};

/// More than this over the baseline fails.
const PERCENT_MAX: f64 = 5.0;
const BASELINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.csv");

fn main() -> ExitCode {
    let has = |flag| std::env::args().any(|argument| argument == flag);
    if has(callgrind::FLAG) {
        work::run();
        return ExitCode::SUCCESS;
    }
    let counts = match callgrind::count() {
        Ok(counts) => counts,
        Err(message) => {
            eprintln!("error: {message}");
            return ExitCode::from(2);
        }
    };
    let now = Baseline { machine: Machine::this(), counts };
    if has("--save") {
        now.write(Path::new(BASELINE)).expect("the baseline can be written");
        println!("published {} counts of {} in {BASELINE}", now.counts.len(), now.machine);
        return ExitCode::SUCCESS;
    }
    match Baseline::read(Path::new(BASELINE)) {
        Ok(published) => compare(&published, &now),
        Err(message) => {
            eprintln!("error: {message}\nhint: publish a baseline with --save");
            ExitCode::from(2)
        }
    }
}

/// Prints each count beside the published one; fails where there are too many more.
fn compare(published: &Baseline, now: &Baseline) -> ExitCode {
    let is_comparable = published.machine == now.machine;
    let (mut worse, mut better) = (Vec::new(), Vec::new());
    println!("{:>14} {:>14} {:>8}  work", "published", "now", "percent");
    for (name, count) in &now.counts {
        let Some(before) = published.count(name) else {
            println!("{:>14} {count:>14} {:>8}  {name}", "", "new");
            continue;
        };
        let percent = (*count as f64 / before as f64 - 1.0) * 100.0;
        println!("{before:>14} {count:>14} {percent:>+8.2}  {name}");
        if percent > PERCENT_MAX {
            worse.push(name.as_str());
        } else if percent < -PERCENT_MAX {
            better.push(name.as_str());
        }
    }
    let gone = published.counts.iter().filter(|(name, _)| now.count(name).is_none());
    gone.for_each(|(name, before)| println!("{before:>14} {:>14} {:>8}  {name}", "", "gone"));
    if !is_comparable {
        println!("published by {}, counted by {}:", published.machine, now.machine);
        println!("counts of different compilers or targets are not comparable; nothing is judged");
        return ExitCode::SUCCESS;
    }
    if !better.is_empty() {
        let names = better.join(", ");
        println!("better by more than {PERCENT_MAX} %: {names}; publish a new baseline (--save)");
    }
    if !worse.is_empty() {
        eprintln!("error: more than {PERCENT_MAX} % over the baseline: {}", worse.join(", "));
        eprintln!("hint: if this is meant, publish a new baseline with --save and say why");
        return ExitCode::FAILURE;
    }
    println!("nothing is more than {PERCENT_MAX} % over the baseline");
    ExitCode::SUCCESS
}
