//! `lamplighter target try`: one agent's life, told as it goes.

use std::io::Write;
use std::sync::Arc;

use anyhow::anyhow;

use super::arguments::TryArguments;
use super::failed::{cannot_go_on, left_words};
use super::given::Given;
use crate::cli::common::Common;
use crate::cli::exit::{Exit, Stop};
use crate::cli::host::cannot_call;
use crate::cli::process::stop_on_ctrl_c;
use crate::cli::terminal::print_out;
use crate::report::Paint;
use crate::report::format::{clean, counted};
use lamplighter_target::driver::{Exchange, ExchangeListener, ExchangeResult};
use lamplighter_target::trial::{TrialListener, TrialOptions, TrialResult, try_out};

/// Runs `lamplighter target try` with its arguments as typed, and gives the exit code.
pub fn run(arguments: &TryArguments, common: &Common) -> Result<Exit, Stop> {
    let now = match &arguments.now {
        None => None,
        Some(text) => Some(text.parse().map_err(|error| {
            Stop::invalid(anyhow!("--now {text}: {error}")).hint("as in 2026-03-09T13:55:00Z")
        })?),
    };
    let Some(given) = Given::new(&arguments.file, &arguments.given)? else {
        return Ok(Exit::Invalid);
    };
    let options =
        TrialOptions { keeps: arguments.keep, now, folder: given.folder, stop: stop_on_ctrl_c() };
    let stop = Arc::clone(&options.stop);
    let teller = Arc::new(Teller { quiet: common.quiet, in_full: arguments.full });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| Stop::machine(error.into()))?;
    // Whoever does not show to be who it says is told of before anything is done there.
    runtime.block_on(given.endpoint.look_up()).map_err(cannot_call)?;
    let name = given.file.about.name.clone();
    let walked = runtime.block_on(try_out(given.file, given.endpoint, teller, &options));
    let trial = walked.map_err(cannot_go_on)?;
    say(&name, &trial)?;
    if stop.load(std::sync::atomic::Ordering::Relaxed) {
        return Err(Stop::machine(anyhow!("stopped: the walk is not over")));
    }
    Ok(if trial.wrong > 0 { Exit::Failed } else { Exit::AllWell })
}

/// Prints calls and what was read, as they come.
struct Teller {
    quiet: bool,
    in_full: bool,
}

/// More of a body than this is not shown.
const SHOWN_CHARS_MAX: usize = 240;

impl Teller {
    fn line(&self, text: &str) {
        if !self.quiet {
            let mut out = anstream::stdout().lock();
            // Who does not read any more is nothing to speak of.
            let _ = writeln!(out, "{text}").and_then(|()| out.flush());
        }
    }

    /// A body on one line, as much of it as one reads.
    fn body(&self, body: &str) -> String {
        let one_line = clean(&body.split_whitespace().collect::<Vec<_>>().join(" "));
        let count = one_line.chars().count();
        if self.in_full || count <= SHOWN_CHARS_MAX {
            return one_line;
        }
        let shown: String = one_line.chars().take(SHOWN_CHARS_MAX).collect();
        format!("{shown}… ({} characters more)", count - SHOWN_CHARS_MAX)
    }
}

impl ExchangeListener for Teller {
    fn on_exchange(&self, exchange: &Exchange) {
        let Exchange { section, step, method, path, result, outcome, .. } = exchange;
        let path = clean(path);
        let (answer, body) = match result {
            ExchangeResult::Answer(said) => (said.status.to_string(), self.body(&said.body)),
            ExchangeResult::Adapter(said) => ("answered".to_owned(), self.body(said)),
            ExchangeResult::Nothing(why) => (why.clone(), String::new()),
        };
        let paint = if exchange.is_done() { Paint::Good } else { Paint::Bad };
        let took = exchange.took.as_millis();
        self.line(&format!("  {} {step}  {method} {path}", Paint::Strong.on(section.address())));
        for (name, value) in &exchange.headers {
            self.line(&format!("      > {name}: {}", clean(value)));
        }
        if !exchange.body.is_empty() {
            self.line(&format!("      > {}", self.body(&exchange.body)));
        }
        self.line(&format!("      < {answer} in {took} ms: {}", paint.on(outcome)));
        for (name, value) in &exchange.looked_at {
            let value = value.as_deref().map_or("(there is none)".to_owned(), clean);
            self.line(&format!("      < {name}: {value}"));
        }
        if !body.is_empty() {
            self.line(&format!("      < {body}"));
        }
        for (name, value) in &exchange.kept {
            self.line(&format!("      {name} = {}", self.body(value)));
        }
    }

    fn on_log(&self, line: &str) {
        self.line(&format!("  {} {}", Paint::Faint.on("log"), clean(line)));
    }
}

impl TrialListener for Teller {
    fn stage(&self, title: &str) {
        self.line(&format!("{}", Paint::Frame.on(title)));
    }

    fn seen(&self, what: &str) {
        self.line(&format!("  {} {}", Paint::Good.on("✓"), clean(what)));
    }

    fn wrong(&self, what: &str) {
        self.line(&format!("  {} {}", Paint::Bad.on("✗"), clean(what)));
    }
}

fn say(name: &str, trial: &TrialResult) -> Result<(), Stop> {
    let (ran, all) = trial.sections;
    let mut text = format!("\n{name}: {ran} of {all} sections ran, ");
    text += &match trial.wrong {
        0 => "and all is as it must be\n".to_owned(),
        wrong => format!("{} not as it must be\n", counted(wrong as u64, "thing")),
    };
    for (section, why) in &trial.not_run {
        text += &format!("  not run: {} ({why})\n", section.address());
    }
    if let Some(words) = trial.left.as_ref().and_then(left_words) {
        text += &format!("  left there, {words}\n");
    }
    if let Some(warning) = &trial.warning {
        text += &format!("  {}: {warning}\n", Paint::Warn.on("warning"));
    }
    if !trial.untold.is_empty() {
        text += "Not tested with this file, for it cannot tell:\n";
        for line in &trial.untold {
            text += &format!("  {line}\n");
        }
    }
    print_out(format_args!("{text}"))
}
