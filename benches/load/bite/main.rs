//! Shows that the load test bites: between `lamplighter load` and `lamplighter serve` stands a proxy
//! with one deliberate fault, which has to be caught; without a fault nothing may be.
//!
//! ```text
//! bite run [--quick] [--faults a,b,…] [--seconds N] [--seed N] [--properties N] [--agents N]
//!          [--visitors N] [--streams N] [--at-once N] [--hours H] [--without-versions]
//!          [-- FURTHER ARGUMENTS OF load]
//! bite record FOLDER [THE OPTIONS OF run]
//! bite proxy --upstream ADDR:PORT [--fault NAME] [--port N] [--seed N]
//! bite faults
//! ```
//!
//! `--quick` is smaller and plays several at once: all of it within five minutes, on two cores. How long it
//! takes is said before it begins. `--hours` plays `none` alone, for so long. `--without-versions` judges as of a product whose
//! answers have none: what only they show is missed then, and that is no failure. Exit code 1 where a fault is missed, or `none`
//! has a false alarm; 2 where nothing can be said.
//!
//! `record` judges nothing meanwhile: what was told through the proxy is written into a folder of each fault, as a
//! scenario with a trace and what was `observed`, and then held against the rules.

mod answer;
mod call;
mod clock;
mod events;
mod exchange;
mod fault;
mod known;
mod process;
mod proxy;
mod reads;
mod recorded;
mod recorded_call;
mod recorder;
mod run;
mod shared;
mod sockets;
#[cfg(test)]
mod tests;
mod writes;

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::{Duration, Instant};

use fault::Fault;
use process::LoadSize;

const USAGE: &str = "usage: bite run | record FOLDER | proxy --upstream ADDR:PORT | faults; see the head of main.rs";

fn main() -> ExitCode {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let further = match words.iter().position(|word| word == "--") {
        Some(at) => words.split_off(at).split_off(1),
        None => Vec::new(),
    };
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.split_first() {
        Some((&"run", options)) => run_all(options, further),
        Some((&"record", [folder, options @ ..])) => record_all(folder, options, further),
        Some((&"proxy", options)) => stand_between(options),
        Some((&"faults", [])) => {
            Fault::ALL.iter().for_each(|fault| say(&format!("{fault:24} {}\n", fault.what())));
            Ok(true)
        }
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::from(2)
        }
    }
}

/// Plays faults under load tests that judge them; whether all is as it should be.
fn run_all(options: &[&str], further: Vec<String>) -> Result<bool, String> {
    let asked = Asked::read(options, further)?;
    say(run::HEAD);
    asked.play(run::play, |outcome, size| {
        say(&run::row(outcome));
        (outcome.is_right(), outcome.is_right() || outcome.may_be_missed(size))
    })
}

/// Plays faults, writes down what was told, and holds that against the rules; whether all is as it should be.
fn record_all(folder: &str, options: &[&str], mut further: Vec<String>) -> Result<bool, String> {
    // Whose write came first can be told of those alone that do not overlap; and what was put on the service is
    // read from it at the end.
    further.extend(["--late", "0", "--duplicates", "0", "--keep"].map(str::to_owned));
    let asked = Asked::read(options, further)?;
    say(recorded::HEAD);
    let play = |fault: Fault, size: &LoadSize| {
        recorded::play(fault, size, &Path::new(folder).join(fault.word()))
    };
    asked.play(play, |outcome, _| {
        say(&recorded::row(outcome));
        (outcome.is_right(), outcome.is_right())
    })
}

/// What was typed behind `run` or `record`.
struct Asked {
    groups: Vec<run::FaultGroup>,
}

impl Asked {
    fn read(options: &[&str], further: Vec<String>) -> Result<Self, String> {
        let is_quick = options.contains(&"--quick");
        let has_versions = !options.contains(&"--without-versions");
        let flags = ["--quick", "--without-versions"];
        let options: Vec<&str> =
            options.iter().copied().filter(|word| !flags.contains(word)).collect();
        let base = if is_quick { LoadSize::quick() } else { LoadSize::default() };
        let further = [base.further.clone(), further].concat();
        let mut size = LoadSize { further, has_versions, ..base };
        let mut faults = Fault::ALL.to_vec();
        for (name, value) in pairs(&options)? {
            match name {
                "--faults" => {
                    faults = value.split(',').map(Fault::from_str).collect::<Result<_, _>>()?
                }
                "--seconds" => size.seconds = number(name, value)?,
                "--seed" => size.seed = number(name, value)?,
                "--properties" => size.properties = number(name, value)?,
                "--agents" => size.agents = number(name, value)?,
                "--visitors" => size.visitors = number(name, value)?,
                "--streams" => size.streams = number(name, value)?,
                "--at-once" => size.at_once = number::<usize>(name, value)?.max(1),
                "--hours" => {
                    size.seconds = (number::<f64>(name, value)? * 3_600.0) as u64;
                    faults = vec![Fault::None];
                }
                _ => return Err(format!("there is no {name}; {USAGE}")),
            }
        }
        let groups =
            if is_quick { run::quick_groups(&faults, &size) } else { vec![(faults, size)] };
        Ok(Self { groups })
    }

    /// Plays all of it, so many at once as they are to be; each outcome is told in its turn, and it is said whether
    /// it is right, and whether that will do. Gives whether all will do.
    fn play<T: Send>(
        &self,
        play: impl Fn(Fault, &LoadSize) -> Result<T, String> + Sync,
        mut tell: impl FnMut(&T, &LoadSize) -> (bool, bool),
    ) -> Result<bool, String> {
        eprintln!("{}", run::foreseen(&self.groups));
        let began = Instant::now();
        let (mut right, mut count, mut all_do) = (0, 0, true);
        for (faults, size) in &self.groups {
            for some in faults.chunks(size.at_once) {
                for outcome in run::play_all(some, size, &play)? {
                    let (is_right, does) = tell(&outcome, size);
                    right += usize::from(is_right);
                    count += 1;
                    all_do &= does;
                }
            }
        }
        eprintln!("{right} of {count} as they should be, after {}", run::minutes(began.elapsed()));
        Ok(all_do)
    }
}

/// Stands between a service and whoever calls, until it is ended.
fn stand_between(options: &[&str]) -> Result<bool, String> {
    let (mut upstream, mut fault, mut port, mut seed) = (None, Fault::None, 0, 1);
    for (name, value) in pairs(options)? {
        match name {
            "--upstream" => upstream = Some(number::<SocketAddr>(name, value)?),
            "--fault" => fault = value.parse()?,
            "--port" => port = number(name, value)?,
            "--seed" => seed = number(name, value)?,
            _ => return Err(format!("there is no {name}; {USAGE}")),
        }
    }
    let upstream = upstream.ok_or(USAGE)?;
    let proxy = proxy::Proxy::start(port, upstream, fault, seed).map_err(|e| e.to_string())?;
    say(&format!("listening on http://{}\n", proxy.address));
    let mut before = proxy.counts();
    loop {
        std::thread::sleep(Duration::from_secs(1));
        let counts = proxy.counts();
        if counts.put_in != before.put_in {
            eprintln!("{counts:?}");
        }
        before = counts;
    }
}

/// `--name value`, any number of times.
fn pairs<'a>(options: &[&'a str]) -> Result<Vec<(&'a str, &'a str)>, String> {
    let pair = |two: &[&'a str]| match two {
        [name, value] => Ok((*name, *value)),
        _ => Err(format!("{} needs a value; {USAGE}", two.join(" "))),
    };
    options.chunks(2).map(pair).collect()
}

fn number<T: FromStr>(name: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{name} {value}: that cannot be read"))
}

/// Says something at once: a run takes minutes.
fn say(text: &str) {
    print!("{text}");
    drop(std::io::stdout().flush());
}
