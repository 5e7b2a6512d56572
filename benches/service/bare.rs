//! The barest things that do what the service does.

use std::io::{Read, Write};
use std::net::TcpListener as StdListener;
use std::path::Path;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use tokio::net::TcpListener;

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

/// Commits of so many rows each, as the service writes them, for some seconds; rows a second.
pub fn commits(folder: &Path, rows: usize, lasts: Duration) -> f64 {
    let connection = rusqlite::Connection::open(folder.join("bare.db")).expect("opens");
    for (name, value) in [("journal_mode", "WAL"), ("synchronous", "FULL")] {
        connection.pragma_update(None, name, value).expect("sets");
    }
    connection
        .execute_batch(
            "CREATE TABLE journal (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, action TEXT NOT NULL,
             agent TEXT NOT NULL, device TEXT, sum INTEGER NOT NULL)",
        )
        .expect("makes");
    let began = Instant::now();
    let mut seq = 0_i64;
    while began.elapsed() < lasts {
        connection.execute_batch("BEGIN").expect("begins");
        for _ in 0..rows {
            seq += 1;
            let mut insert = connection
                .prepare_cached("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)")
                .expect("prepares");
            insert
                .execute(rusqlite::params![
                    seq,
                    1_773_057_600_000 + seq,
                    "away",
                    "agent7",
                    "desk",
                    seq
                ])
                .expect("inserts");
        }
        connection.execute_batch("COMMIT").expect("commits");
    }
    seq as f64 / began.elapsed().as_secs_f64()
}
