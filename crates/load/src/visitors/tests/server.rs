//! A server that does what a script says: raw bytes, pauses, closed connections.

use std::future::Future;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant as MachineTime};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request that came to the server.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The request line, such as `GET /path HTTP/1.1`.
    pub line: String,
    /// Its `X-Request-Id`; empty where it has none.
    pub id: String,
    /// Its `Cookie`; empty where it has none.
    pub cookie: String,
    /// What it asks a WebSocket with, likewise.
    pub socket_key: String,
    /// The body of the request, as text.
    pub body: String,
    /// On which connection, counted from 0.
    pub connection: usize,
    /// Which request on it, counted from 0.
    pub request: usize,
}

/// One step of what the server does with a connection.
#[derive(Clone, Debug)]
pub enum Act {
    /// Bytes are sent at once.
    Write(Vec<u8>),
    /// Nothing is done for so long.
    Sleep(Duration),
    /// Bytes are sent again and again.
    Forever(Vec<u8>),
    /// Nothing is done until then.
    Until(MachineTime),
    /// The connection is closed.
    Close,
}

/// It ends with its thread, when it is dropped.
pub struct Server {
    pub address: SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Server {
    pub fn new(script: impl Fn(Asked) -> Vec<Act> + Send + 'static) -> Self {
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let (told, address) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = super::super::runtime().expect("a runtime");
            runtime.block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
                told.send(listener.local_addr().expect("an address")).expect("is awaited");
                let accepting = accept(listener, Rc::new(script));
                tokio::select! { () = accepting => {}, _ = stopped => {} }
            });
        });
        let address = address.recv().expect("an address");
        Self { address, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking(), "the script panicked");
        }
    }
}

async fn accept(listener: TcpListener, script: Rc<impl Fn(Asked) -> Vec<Act> + 'static>) {
    let mut connections = 0;
    loop {
        let (stream, _) = listener.accept().await.expect("accepts");
        stream.set_nodelay(true).expect("a socket");
        let task = serve(stream, connections, script.clone());
        connections += 1;
        tokio::task::spawn_local(task);
    }
}

#[expect(clippy::manual_async_fn, reason = "the script need not live as long")]
fn serve(
    mut stream: TcpStream,
    connection: usize,
    script: Rc<impl Fn(Asked) -> Vec<Act> + 'static>,
) -> impl Future<Output = ()> {
    async move {
        let mut bytes = Vec::new();
        for request in 0.. {
            let Some(asked) = read(&mut stream, &mut bytes).await else { return };
            for act in script(Asked { connection, request, ..asked }) {
                match act {
                    Act::Write(bytes) => {
                        if stream.write_all(&bytes).await.is_err() {
                            return;
                        }
                    }
                    Act::Forever(bytes) => while stream.write_all(&bytes).await.is_ok() {},
                    Act::Sleep(length) => tokio::time::sleep(length).await,
                    Act::Until(moment) => tokio::time::sleep_until(moment.into()).await,
                    Act::Close => return,
                }
            }
        }
    }
}

/// What a request says.
async fn read(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<Asked> {
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).expect("text");
    let field = |wanted: &str| {
        head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(wanted).then(|| value.trim().to_owned())
        })
    };
    let length = field("content-length").map_or(0, |length| length.parse().expect("a number"));
    let text = |name| field(name).unwrap_or_default();
    let (id, cookie, socket_key) =
        (text("x-request-id"), text("cookie"), text("sec-websocket-key"));
    while bytes.len() < end + length {
        if stream.read_buf(bytes).await.ok()? == 0 {
            return None;
        }
    }
    let body = String::from_utf8(bytes[end..end + length].to_vec()).expect("text");
    bytes.drain(..end + length);
    let line = head.lines().next().unwrap_or_default().to_owned();
    Some(Asked { line, id, cookie, socket_key, body, connection: 0, request: 0 })
}

/// An answer with its length in front.
pub fn whole(status: &str, body: &str) -> Act {
    let length = body.len();
    Act::Write(format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}").into())
}

/// The head of an answer that comes in chunks.
pub fn chunked(kind: &str) -> Act {
    let head =
        format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n\r\n");
    Act::Write(head.into())
}

/// A chunk; an empty one is the last.
pub fn chunk(bytes: &[u8]) -> Act {
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    Act::Write(chunk)
}
