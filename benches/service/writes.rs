//! Writes of 64 clients beside bare commits of the same rows.

use std::fs;

use super::process::{bare_number, median, say, service, wrk};

const CLIENTS: usize = 64;
const ROUNDS: usize = 5;
const SECONDS: u32 = 4;

pub fn measure() {
    let folder = tempfile::tempdir_in("target").expect("a folder on the same disk");
    let served = service(&folder.path().join("lamplighter.db"), &[]);
    let agents: Vec<String> = (0..CLIENTS).map(|place| format!("agent{place}")).collect();
    for (number, team) in agents.chunks(8).enumerate() {
        served.property(&format!("team{number}"), team);
    }
    let tokens: Vec<String> = agents.iter().map(|agent| served.log_in(agent, "desk")).collect();
    let tokens = tokens.iter().map(|token| format!("'{token}'")).collect::<Vec<_>>().join(",");
    let script = folder.path().join("writes.lua");
    fs::write(
        &script,
        format!(
            "local tokens = {{{tokens}}}\nlocal count = 0\n\
             request = function()\n  count = count + 1\n\
             local status = (math.floor(count / {CLIENTS}) % 2 == 0) and 'away' or 'online'\n\
             return wrk.format('PUT', '/v1/status', {{authorization = 'Bearer ' .. tokens[count % {CLIENTS} + 1]}},\
             '{{\"status\":\"' .. status .. '\"}}')\nend\n"
        ),
    )
    .expect("writes");
    let url = format!("http://{}/v1/status", served.address);
    let (mut ratios, mut of_clients) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let before = served.cpu();
        let load = wrk(&url, SECONDS, Some(&script));
        let cpu = (served.cpu() - before).as_secs_f64() / load.requests * 1e6;
        let rows = bare("bare-commits");
        let clients = bare("bare-clients");
        say(&format!(
            "round {round}: service {:.0} writes/s, {cpu:.1} µs CPU, p99 {:.2} ms; bare commits of \
             {CLIENTS} rows {rows:.0} rows/s, {CLIENTS} bare clients {clients:.0} rows/s",
            load.per_second, load.p99_ms
        ));
        of_clients.push(load.per_second / clients);
        ratios.push(load.per_second / rows);
    }
    say(&format!(
        "writes: {:.0} % of bare commits of {CLIENTS} of the same rows (goal 60), {:.0} % of what \
         {CLIENTS} clients without HTTP reach who share commits",
        median(ratios) * 100.0,
        median(of_clients) * 100.0
    ));
}

/// Rows a second of one of the bare parts, on the same disk.
fn bare(part: &str) -> f64 {
    let folder = tempfile::tempdir_in("target").expect("a folder");
    let path = folder.path().to_str().expect("a path of this repository");
    bare_number(&[part, path, &CLIENTS.to_string()])
}
