//! Why a run on a target cannot go on, and what one leaves there.

use crate::cli::exit::Stop;
use crate::cli::host::IS_IT_RUNNING;
use crate::report::Paint;
use crate::report::format::clean;
use lamplighter_target::driver::{Leftovers, RunError};

/// What a target file can say where answers have no date.
pub const SAY_THE_CLOCK: &str =
    "write `clock = \"same-host\"` into `[timing]`, or steps that keep `now`";

/// Why a run on a target cannot go on.
pub fn cannot_go_on(error: RunError) -> Stop {
    let hint = match &error {
        RunError::Unreachable { .. } => IS_IT_RUNNING,
        RunError::CannotSend { .. } | RunError::CannotJudge { .. } => {
            "a name without a value is kept by a step that was not done yet: look at the step's section"
        }
        RunError::GoneAgain { .. } => {
            "is the key, or the password, right? or does `gone` in `[http]` hold of an answer that means \
             something else?"
        }
        RunError::NotDone { .. } => {
            "`lamplighter target try` shows the call and its answer; `done` says what is done"
        }
        RunError::Adapter { .. } => {
            "docs/targets.md says what an adapter is asked and answers; what is for people goes to stderr"
        }
        RunError::NoDate => SAY_THE_CLOCK,
        RunError::ObserverIsSeen { .. } | RunError::Clock(_) | RunError::Machine { .. } => {
            return Stop::machine(error.into());
        }
    };
    Stop::machine(error.into()).hint(hint)
}

/// What stays on a target, and why.
pub fn say_left(left: &Leftovers) {
    if let Some(words) = left_words(left) {
        anstream::eprintln!("{}: left on the target, {words}", Paint::Faint.on("note"));
    }
}

/// What stays on a target in one line, and why; nothing where nothing does.
pub fn left_words(left: &Leftovers) -> Option<String> {
    let Leftovers { agents, properties, members, refused, why } = left;
    let mut words = Vec::new();
    if agents + properties + members > 0 {
        words.push(format!(
            "for want of steps that delete: accounts {agents}, properties {properties}, \
             memberships {members}"
        ));
    }
    if *refused > 0 {
        let why = clean(why.as_deref().unwrap_or_default());
        words.push(format!("though there are steps that delete: {refused}, the first for {why}"));
    }
    (!words.is_empty()).then(|| words.join("; "))
}
