//! What is shown, and lengths of time, in the words of evidence.

use crate::clock::{Micros, SECOND_US};
use crate::history::Effect;
use crate::observation::ShownState;

/// What a widget shows: `away, chat possible`.
pub fn shown_words((status, chat): ShownState) -> String {
    format!("{status}, {chat}")
}

/// A length of time for a person: `840us`, `12.3ms`, `25.0s`.
pub fn length(us: Micros) -> String {
    match us {
        us if us < 1_000 => format!("{us}us"),
        us if us < 10 * SECOND_US => format!("{:.1}ms", us as f64 / 1_000.0),
        us => format!("{:.1}s", us as f64 / SECOND_US as f64),
    }
}

/// What an agent does on a device, in the words of the scenario language.
pub fn statement(agent: &str, device: &str, effect: Effect) -> String {
    match effect {
        Effect::Login => format!("{agent} logs in on {device}"),
        Effect::Status(chosen) => {
            format!("{agent} goes {} on {device}", chosen.word())
        }
        Effect::Logout => format!("{agent} logs out on {device}"),
        Effect::Connect => format!("{agent} reconnects on {device}"),
    }
}
