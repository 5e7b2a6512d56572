//! How long a start takes with a million rows in the journal.

use std::time::Instant;

use super::process::{say, service};

const ROWS: usize = 1_000_000;

pub fn measure() {
    let folder = tempfile::tempdir_in("target").expect("a folder");
    let store = folder.path().join("lamplighter.db");
    let served = service(&store, &[]);
    let agents: Vec<String> = (0..100).map(|place| format!("agent{place}")).collect();
    served.property("acme", &agents);
    let tokens: Vec<String> = agents.iter().map(|agent| served.log_in(agent, "desk")).collect();
    say("writing a million rows, as the service does");
    let address = served.address;
    std::thread::scope(|scope| {
        for tokens in tokens.chunks(2) {
            scope.spawn(move || {
                let agent: ureq::Agent = ureq::Agent::config_builder().build().into();
                for place in 0..ROWS / 50 {
                    let status = ["away", "online"][place / 2 % 2];
                    let request = ureq::http::Request::builder()
                        .method("PUT")
                        .uri(format!("http://{address}/v1/status"))
                        .header("authorization", format!("Bearer {}", tokens[place % 2]))
                        .body(format!("{{\"status\":\"{status}\"}}"))
                        .expect("a request");
                    agent.run(request).expect("is kept").body_mut().read_to_vec().expect("reads");
                }
            });
        }
    });
    // Killed, not stopped: without the snapshot that a stop takes.
    drop(served);
    for round in 0..5 {
        let began = Instant::now();
        let served = service(&store, &[]);
        say(&format!(
            "round {round}: ready after {:.0} ms (goal 1,000)",
            began.elapsed().as_secs_f64() * 1e3
        ));
        drop(served);
    }
}
