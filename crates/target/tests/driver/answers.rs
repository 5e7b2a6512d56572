//! Servers that answer nonsense, in other encodings, endlessly, too much, slowly, or close in the
//! middle: a clear outcome each, and nothing hangs or grows (rule T6 of target files).

use std::io::Write;
use std::time::{Duration, Instant};

use lamplighter_core::model::{Settings, Visitor};
use lamplighter_core::world::Timing;
use lamplighter_target::driver::{CreatedObjects, RunError};

use super::driver;
use super::fake::{End, Fake, Reply, UNREAD_MAX, ok, status, until};

/// A file that reads one widget.
const WIDGET: &str = r#"
accounts = [{ agent = "ann", password = "a password" }]
properties = [{ property = "acme" }]
[http]
timeout = 0.4
[device]
login = { as = "visitor", post = "/login" }
status = { put = "/status" }
logout = { post = "/logout" }
[widget]
read = { get = "/widget", keep.status = { json = "/status" } }
says = [{ status = "{{status}}" }]
"#;

/// What one read of a widget comes to, and how long it took.
async fn read(reply: Reply) -> (String, Fake, Duration) {
    let fake = Fake::start(move |_, _| reply.clone()).await;
    let driver = driver(&fake, WIDGET);
    let mut made = CreatedObjects::default();
    let property = driver.make_property(&Settings::default(), Timing::default(), &mut made).await;
    let widget = property.expect("made").expect("there").own_widget();
    let began = Instant::now();
    let read = driver.read_widget(&widget, &[], &Visitor::default()).await;
    let took = began.elapsed();
    let said = match read.expect("the run goes on").what {
        Ok(seen) => format!("status {}", seen.status.expect("a status")),
        Err(fault) => fault.to_string(),
    };
    (said, fake, took)
}

fn plain(headers: &[(&'static str, &str)], body: &[u8]) -> Reply {
    let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned()));
    Reply::Plain(200, headers.collect(), body.to_vec())
}

fn gzipped(text: &str) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(text.as_bytes()).expect("packed");
    packer.finish().expect("packed")
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[tokio::test]
async fn t6_each_way_to_answer_nonsense_has_an_outcome_of_its_own() {
    const GOOD: &str = r#"{"status":"away"}"#;
    let cases: Vec<(Reply, &str)> = vec![
        (ok(GOOD), "status away"),
        (plain(&[("Content-Encoding", "gzip")], &gzipped(GOOD)), "status away"),
        (
            plain(&[("Content-Type", "application/json; charset=utf-16le")], &utf16(GOOD)),
            "status away",
        ),
        (
            plain(&[("Content-Encoding", "gzip")], GOOD.as_bytes()),
            "the answer does not unpack as `gzip`",
        ),
        (
            plain(&[("Content-Encoding", "br")], GOOD.as_bytes()),
            "the answer does not unpack as `br`",
        ),
        (ok("<html>"), "the answer has no `status` to keep (by `json`: it is no JSON)"),
        (ok("{}"), "the answer has no `status` to keep (by `json`)"),
        (ok(r#"{"status":"asleep"}"#), "`asleep` is no `status`"),
        (ok(r#"{"status":null}"#), "the answer has no `status` to keep (by `json`)"),
        (
            status(500),
            "the read is unknown: the answer 500 is neither done, refused nor gone (status 500)",
        ),
        (status(404), "the read is refused (status 404)"),
        (
            status(302),
            "the read is unknown: the answer 302 is neither done, refused nor gone (status 302)",
        ),
        (
            Reply::Raw(b"SSH-2.0-OpenSSH\r\n\r\n".to_vec()),
            "the answer is no HTTP: invalid HTTP version parsed",
        ),
        (
            Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}".to_vec()),
            "the answer was cut off",
        ),
        (Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Le".to_vec()), "the answer was cut off"),
        (Reply::Close, "the answer was cut off"),
        (Reply::Silence, "no answer came within 0.4 s"),
        (
            Reply::Trickle(
                b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".to_vec(),
                Duration::from_millis(40),
            ),
            "no answer came within 0.4 s",
        ),
    ];
    for (reply, outcome) in cases {
        let shown = format!("{reply:?}");
        let (said, _, took) = read(reply).await;
        assert_eq!(said, outcome, "{shown}");
        assert!(took < Duration::from_secs(3), "{shown}: {took:?}");
    }
}

#[tokio::test]
async fn t6_what_never_ends_or_is_too_long_is_cut_off_and_read_no_further() {
    let chunk = [b"10000\r\n".to_vec(), vec![b'x'; 0x10000], b"\r\n".to_vec()].concat();
    let endless = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let too_long = "the answer is longer than 1048576 bytes";
    let bomb = gzipped(&"0".repeat(20_000_000));
    for (reply, outcome) in [
        (Reply::Endless(endless, chunk), too_long),
        (Reply::Plain(200, Vec::new(), vec![b'x'; 10_000_000]), too_long),
        (plain(&[("Content-Encoding", "gzip")], &bomb), too_long),
        (
            Reply::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), b"X-More: and more\r\n".to_vec()),
            "the answer is no HTTP: message head is too large",
        ),
    ] {
        let (said, fake, took) = read(reply).await;
        assert_eq!(said, outcome);
        assert!(took < Duration::from_secs(3), "{took:?}");
        // What lies between is in the machine's buffers; nobody reads it.
        assert!(fake.bytes_sent() < UNREAD_MAX, "{}", fake.bytes_sent());
        if outcome == too_long && fake.bytes_sent() > 1_000_000 {
            until("the connection is closed", || !fake.ends().is_empty()).await;
            assert!(matches!(fake.ends()[0].1, End::Closed | End::Reset));
        }
    }
}

#[tokio::test]
async fn a_target_that_nobody_answers_for_ends_the_run_with_its_address() {
    let fake = Fake::start(|_, _| ok("")).await;
    let text = format!("{WIDGET}[agent]\nmake = {{ post = \"/agents\" }}\n");
    let driver = driver(&fake, &text);
    let address = fake.url();
    drop(fake);
    // Whoever took connections in is asked to end, and does when its turn comes.
    while tokio::net::TcpStream::connect(address.trim_start_matches("http://")).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let made = driver.make_agents(1, &mut CreatedObjects::default()).await;
    let error = made.expect_err("nobody is there");
    assert!(matches!(error, RunError::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().starts_with(&format!("cannot reach {address}: ")), "{error}");
}

#[tokio::test]
async fn t14_a_get_on_a_connection_that_was_closed_goes_out_once_more_and_a_write_is_unknown() {
    // Every second call of a connection finds it closed without a byte.
    let fake = Fake::start(|seen, place| match (place, &*seen.method) {
        (1, "GET") | (4, "POST") => Reply::Close,
        _ => ok(r#"{"status":"away"}"#),
    })
    .await;
    let text = WIDGET.replace("timeout = 0.4", "timeout = 5");
    let driver = driver(
        &fake,
        &format!("{text}[agent]\nmake = {{ as = \"visitor\", post = \"/agents\" }}\n"),
    );
    let mut made = CreatedObjects::default();
    let property = driver.make_property(&Settings::default(), Timing::default(), &mut made).await;
    let widget = property.expect("made").expect("there").own_widget();
    for _ in 0..2 {
        let read = driver.read_widget(&widget, &[], &Visitor::default()).await.expect("goes on");
        assert!(read.what.is_ok(), "{read:?}");
    }
    let connections: Vec<usize> = fake.calls().iter().map(|call| call.connection).collect();
    assert_eq!(connections, [1, 1, 2]);
    driver.make_agents(1, &mut made).await.expect("made");
    let error = driver.make_agents(1, &mut made).await.expect_err("unknown");
    assert!(error.to_string().contains("unknown: the answer was cut off"), "{error}");
    let posts = fake.lines().iter().filter(|line| line.starts_with("POST")).count();
    assert_eq!(posts, 2, "{:?}", fake.lines());
}
