//! Reads of a widget beside a bare handler that returns the same bytes.

use serde_json::json;

use super::process::{Process, bare, median, say, service, wrk};

const ROUNDS: usize = 5;
const SECONDS: u32 = 4;

/// Requests a second, CPU time a request in microseconds, and the 99th percentile in milliseconds.
fn load(process: &Process) -> [f64; 3] {
    let before = process.cpu();
    let url = format!("http://{}/v1/widgets/acme", process.address);
    let load = wrk(&url, SECONDS, None);
    let cpu = (process.cpu() - before).as_secs_f64();
    [load.per_second, cpu / load.requests * 1e6, load.p99_ms]
}

pub fn measure() {
    let folder = tempfile::tempdir().expect("a folder");
    let served = service(&folder.path().join("lamplighter.db"), &[]);
    served.property("acme", &["ann".to_owned()]);
    served.log_in("ann", "laptop");
    let body = served.call("GET", "/v1/widgets/acme", "", &json!(null)).to_string();
    let bare = bare(&["bare-handler", &body]);
    let mut ratios = [Vec::new(), Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        let (own, theirs) = (load(&served), load(&bare));
        say(&format!(
            "round {round}: service {:.0}/s, {:.2} µs CPU, p99 {:.2} ms; bare {:.0}/s, {:.2} µs CPU, p99 {:.2} ms",
            own[0], own[1], own[2], theirs[0], theirs[1], theirs[2]
        ));
        for ((ratios, own), theirs) in ratios.iter_mut().zip(own).zip(theirs) {
            ratios.push(own / theirs);
        }
    }
    let [rate, cpu, p99] = ratios.map(median);
    say(&format!(
        "reads: {:.0} % of the bare handler's requests a second (goal 85), {cpu:.2}x its CPU time a \
         request, {p99:.2}x its p99 (goal 2)",
        rate * 100.0
    ));
}
