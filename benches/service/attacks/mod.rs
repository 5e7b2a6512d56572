//! What attackers try, with figures: `measure attacks`. Each row of the table is an attack, what came of it, and
//! what may come of it at most.
//!
//! The service has core 0, as in everything that is measured here, and with it one worker for passwords, at their
//! default cost: the least that an attacker has to hold up.
//!
//! | file | what is tried |
//! | --- | --- |
//! | `guesses` | many guesses at once at passwords |
//! | `names` | names as long as a body |
//! | `log` | a log that nobody can write, or reads |
//! | `requests` | requests with something behind them |
//! | `places` | more connections than a share |
//! | `row` | a row of the table |
//! | `client` | how it is tried: connections from any address, and calls as bytes |

mod client;
mod guesses;
mod log;
mod names;
mod places;
mod requests;
mod row;

use super::process::say;
use row::Row;

/// Prints the table; whether every goal is reached.
pub fn measure() -> bool {
    say("| attack | measured | goal | |\n| --- | --- | --- | --- |");
    let attacks = [
        guesses::at_once as fn() -> Vec<Row>,
        guesses::behind_a_thousand,
        names::without_bounds,
        log::cannot_be_written,
        requests::with_more_behind,
        places::of_one_address,
    ];
    let mut all_reached = true;
    for attack in attacks {
        for row in attack() {
            say(&row.line());
            all_reached &= row.is_reached;
        }
    }
    say(
        "\nwhat an idle socket takes: `measure sockets`; what logins leave behind: `measure logins`",
    );
    all_reached
}
