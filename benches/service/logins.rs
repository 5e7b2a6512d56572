//! What an idle service has kept of the memory of many logins, at the default cost of a password.

use super::process::{say, service_at};
use std::thread;

const LOGINS: usize = 10_000;
const CLIENTS: usize = 16;
/// As many devices as one agent may have.
const DEVICES: usize = 64;

pub fn measure() {
    let folder = tempfile::tempdir().expect("a folder");
    let served = service_at("0,1", &folder.path().join("lamplighter.db"), &[]);
    let agents: Vec<String> = (0..LOGINS.div_ceil(DEVICES)).map(|n| format!("agent{n}")).collect();
    served.property("acme", &agents);
    let before = served.memory();
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (served, agents) = (&served, &agents);
            scope.spawn(move || {
                for n in (client..LOGINS).step_by(CLIENTS) {
                    served.log_in(&agents[n / DEVICES], &format!("d{}", n % DEVICES));
                }
            });
        }
    });
    say(&format!(
        "after {LOGINS} logins the idle service has {:.0} MB (goal 40), before them {:.0} MB",
        served.memory() as f64 / 1e6,
        before as f64 / 1e6
    ));
}
