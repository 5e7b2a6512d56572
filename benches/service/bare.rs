//! The barest things that do what the service does.

use std::io::{Read, Write};
use std::net::TcpListener as StdListener;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use tokio::net::TcpListener;

/// How long is committed.
const LASTS: Duration = Duration::from_secs(2);

/// A handler of axum that returns the same bytes from memory.
pub fn handler(body: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let body = Bytes::copy_from_slice(body.as_bytes());
    runtime.expect("a runtime").block_on(async {
        let handler = move || async move { ([(CONTENT_TYPE, "application/json")], body) };
        let router = Router::new().route("/v1/widgets/{property}", get(handler));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        println!("listening on http://{}", listener.local_addr().expect("an address"));
        axum::serve(listener, router).await.expect("serves");
    });
}

/// Takes so many connections in; for each byte on the first one, writes the same text to all.
pub fn sockets(count: usize) {
    let listener = StdListener::bind("127.0.0.1:0").expect("a free port");
    println!("listening on http://{}", listener.local_addr().expect("an address"));
    let mut sockets: Vec<_> =
        (0..count).map(|_| listener.accept().expect("a connection").0).collect();
    let text = [b'x'; 90];
    let mut byte = [0];
    while sockets[0].read(&mut byte).is_ok_and(|read| read == 1) {
        for socket in &mut sockets {
            socket.write_all(&text).expect("writes");
        }
    }
}

/// A journal as the service has it.
fn journal(folder: &Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(folder.join("bare.db")).expect("opens");
    for (name, value) in [("journal_mode", "WAL"), ("synchronous", "FULL")] {
        connection.pragma_update(None, name, value).expect("sets");
    }
    connection
        .execute_batch(
            "CREATE TABLE journal (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL,
             action TEXT NOT NULL, agent TEXT NOT NULL, device TEXT, sum INTEGER NOT NULL)",
        )
        .expect("makes");
    connection
}

/// Commits rows as the service writes them.
fn commit(connection: &rusqlite::Connection, seqs: std::ops::Range<i64>) {
    connection.execute_batch("BEGIN").expect("begins");
    for seq in seqs {
        let insert = "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)";
        let row = rusqlite::params![seq, 1_773_057_600_000 + seq, "away", "agent7", "desk", seq];
        connection.prepare_cached(insert).expect("prepares").execute(row).expect("inserts");
    }
    connection.execute_batch("COMMIT").expect("commits");
}

/// Commits of so many rows each, one after the other; prints rows a second.
pub fn commits(folder: &Path, rows: i64) {
    let connection = journal(folder);
    let began = Instant::now();
    let mut seq = 0;
    while began.elapsed() < LASTS {
        commit(&connection, seq..seq + rows);
        seq += rows;
    }
    println!("{}", seq as f64 / began.elapsed().as_secs_f64());
}

/// So many clients, each of which hands one row in and waits until it is on disk; those that wait
/// share the next commit. Prints rows a second.
pub fn clients(folder: &Path, clients: usize) {
    let connection = journal(folder);
    let (hand_in, handed_in) = mpsc::channel::<mpsc::SyncSender<()>>();
    for _ in 0..clients {
        let hand_in = hand_in.clone();
        thread::spawn(move || {
            let (tell, told) = mpsc::sync_channel(1);
            while hand_in.send(tell.clone()).is_ok() && told.recv().is_ok() {}
        });
    }
    let began = Instant::now();
    let mut seq = 0;
    while began.elapsed() < LASTS {
        let mut waiting = vec![handed_in.recv().expect("clients")];
        waiting.extend(handed_in.try_iter());
        commit(&connection, seq..seq + waiting.len() as i64);
        seq += waiting.len() as i64;
        waiting.iter().for_each(|client| client.send(()).expect("waits"));
    }
    println!("{}", seq as f64 / began.elapsed().as_secs_f64());
}
