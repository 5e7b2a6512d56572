//! Ten thousand sockets and streams: what each takes, and how soon all are told.

use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::process::{Process, bare, median, say, service};

const COUNT: usize = 10_000;
const DEVICES: usize = 64;
const ROUNDS: usize = 9;
/// Sockets are opened so many at a time: what a further batch adds is what they take, whatever the
/// allocator has in store from before.
const BATCH: usize = 1_000;

/// A connection that has sent its first words.
async fn open(address: SocketAddr, words: String) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("connects");
    stream.write_all(words.as_bytes()).await.expect("sends");
    stream
}

/// Reads for ever, and tells when something came, and what it ends with.
async fn listen(mut stream: TcpStream, came: mpsc::UnboundedSender<(Instant, usize)>) {
    let mut buffer = [0; 4_096];
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        if came.send((Instant::now(), read)).is_err() {
            return;
        }
    }
}

/// Waits until nothing comes for a while.
async fn quiet(came: &mut mpsc::UnboundedReceiver<(Instant, usize)>) {
    while tokio::time::timeout(Duration::from_millis(700), came.recv()).await.is_ok() {}
}

/// How long it takes until so many have got something.
async fn until_so_many(
    count: usize,
    came: &mut mpsc::UnboundedReceiver<(Instant, usize)>,
    began: Instant,
) -> f64 {
    let mut last = began;
    for _ in 0..count {
        let next = tokio::time::timeout(Duration::from_secs(10), came.recv()).await;
        last = last.max(next.expect("everyone is told").expect("readers").0);
    }
    last.duration_since(began).as_secs_f64() * 1e3
}

pub fn measure() {
    let folder = tempfile::tempdir().expect("a folder");
    let served = service(&folder.path().join("lamplighter.db"), &[]);
    // Teams of two: the boss is in every one of them, and so a change of the boss reaches everyone.
    let agents: Vec<String> = (0..COUNT.div_ceil(DEVICES)).map(|n| format!("agent{n}")).collect();
    served.property("acme", &["boss".to_owned()]);
    for agent in &agents {
        let password = json!({"password": "correct horse"});
        served.admin("PUT", &format!("/v1/agents/{agent}"), &password);
        let document = json!({"members": [agent, "boss"]});
        served.admin("PUT", &format!("/v1/properties/of-{agent}"), &document);
    }
    let tokens: Vec<String> = (0..COUNT)
        .map(|n| served.log_in(&agents[n / DEVICES], &format!("d{}", n % DEVICES)))
        .collect();
    let boss = served.log_in("boss", "desk");
    say(&format!("{COUNT} devices are logged in"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let (tell, mut came) = mpsc::unbounded_channel();
        let mut tasks = tokio::task::JoinSet::new();
        let mut taken = vec![served.memory()];
        for tokens in tokens.chunks(BATCH) {
            for token in tokens {
                let words = format!(
                    "GET /v1/connect HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\n\
                     connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                     sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
                );
                tasks.spawn(listen(open(served.address, words).await, tell.clone()));
            }
            quiet(&mut came).await;
            taken.push(served.memory());
        }
        say_memory(&taken);
        let mut own = Vec::new();
        for round in 0..ROUNDS {
            own.push(push(&served, &boss, round, &mut came).await);
            quiet(&mut came).await;
        }
        // As many files as one process may have open.
        tasks.shutdown().await;

        let raw = bare(&["bare-sockets", &COUNT.to_string()]);
        let mut first = TcpStream::connect(raw.address).await.expect("connects");
        for _ in 1..COUNT {
            tasks.spawn(listen(open(raw.address, String::new()).await, tell.clone()));
        }
        quiet(&mut came).await;
        let mut theirs = Vec::new();
        for _ in 0..ROUNDS {
            let began = Instant::now();
            first.write_all(b"x").await.expect("writes");
            theirs.push(until_so_many(COUNT - 1, &mut came, began).await);
            quiet(&mut came).await;
        }
        let (own, theirs) = (median(own), median(theirs));
        say(&format!(
            "one change reaches {COUNT} sockets in {own:.0} ms; a bare loop of writes takes {theirs:.0} ms: {:.2}x (goal 1.5)",
            own / theirs
        ));
    });
}

/// What each further batch of sockets has added, in the order of batches: the first ones find room that
/// was left from before.
fn say_memory(taken: &[u64]) {
    let added = taken.windows(2).map(|pair| (pair[1] as f64 - pair[0] as f64) / BATCH as f64 / 1e3);
    let added: Vec<f64> = added.collect();
    let each = added.iter().map(|kb| format!("{kb:.1}")).collect::<Vec<_>>().join(", ");
    // Where tables double, a batch pays for many to come: the mean of the later half has its share of it.
    let later = &added[added.len() / 2..];
    let mean = later.iter().sum::<f64>() / later.len() as f64;
    say(&format!("KB a socket, of each further {BATCH}: {each}"));
    say(&format!("an idle socket: {mean:.1} KB more memory, of the later half (goal 5)"));
}

async fn push(
    served: &Process,
    boss: &str,
    round: usize,
    came: &mut mpsc::UnboundedReceiver<(Instant, usize)>,
) -> f64 {
    let status = ["away", "online"][round % 2];
    let body = format!("{{\"status\":\"{status}\"}}");
    let words = format!(
        "PUT /v1/status HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {boss}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let began = Instant::now();
    let stream = open(served.address, words).await;
    let took = until_so_many(COUNT, came, began).await;
    drop(stream);
    took
}

/// Ten thousand properties whose scheduler opens in the same minute, each with a visitor who watches.
pub fn measure_edges() {
    let folder = tempfile::tempdir().expect("a folder");
    let served = service(&folder.path().join("lamplighter.db"), &[]);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    // Time enough to make them all, and to open their streams.
    let opens = (now / 60 + 3) * 60;
    let minute = |at: u64| format!("{:02}:{:02}", at / 3_600 % 24, at / 60 % 60);
    let hours = format!("{}-{}", minute(opens), minute(opens + 3_600));
    let week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    for n in 0..COUNT {
        let hours: serde_json::Map<_, _> =
            week.iter().map(|day| ((*day).to_owned(), json!([hours]))).collect();
        let document = json!({"scheduler": {"timezone": "UTC", "hours": hours}});
        served.admin("PUT", &format!("/v1/properties/p{n}"), &document);
    }
    say(&format!("{COUNT} properties open at {}", minute(opens)));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let (tell, mut came) = mpsc::unbounded_channel();
        for n in 0..COUNT {
            let words = format!("GET /v1/widgets/p{n}/events HTTP/1.1\r\nhost: a\r\n\r\n");
            tokio::spawn(listen(open(served.address, words).await, tell.clone()));
        }
        quiet(&mut came).await;
        let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
        let left = Duration::from_secs(opens).checked_sub(since).expect("all is open in time");
        let edge = Instant::now() + left;
        let mut late = Vec::with_capacity(COUNT);
        while late.len() < COUNT {
            let (at, _) = came.recv().await.expect("readers");
            if let Some(by) = at.checked_duration_since(edge) {
                late.push(by.as_secs_f64() * 1e3);
            }
        }
        let last = late.iter().copied().fold(0.0, f64::max);
        let (first, middle) = (late[0], median(late));
        say(&format!(
            "edges: the first of {COUNT} pushes came {first:.1} ms after the edge, the median {middle:.1} ms, the last {last:.0} ms"
        ));
    });
}
