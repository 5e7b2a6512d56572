//! A server that answers as a test says, byte by byte, and tells what it saw.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// A call as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    /// On which connection, counted from 1.
    pub connection: usize,
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Seen {
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }
}

/// What a call is answered.
#[derive(Clone, Debug)]
pub enum Reply {
    /// An answer with this status, these headers and this body; the connection stays open.
    Plain(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// These bytes as they are, then the connection is closed.
    Raw(Vec<u8>),
    /// These bytes, and then others for ever.
    Endless(Vec<u8>, Vec<u8>),
    /// Nothing, ever.
    Silence,
    /// These bytes one by one, so far apart.
    Trickle(Vec<u8>, Duration),
    /// This answer, so much later.
    Later(Duration, u16, String),
    /// A WebSocket, on which these texts are said.
    Socket(Vec<&'static str>),
    /// The same, closed behind them.
    SocketThatCloses(Vec<&'static str>),
    /// Nothing: the connection is closed.
    Close,
}

pub fn ok(body: impl Into<String>) -> Reply {
    Reply::Plain(200, Vec::new(), body.into().into_bytes())
}

pub fn status(status: u16) -> Reply {
    Reply::Plain(status, Vec::new(), Vec::new())
}

/// How a connection came to its end, as the server saw it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// The other side said so.
    Closed,
    /// It was reset.
    Reset,
}

#[derive(Default)]
struct Log {
    calls: Vec<Seen>,
    ends: Vec<(usize, End)>,
    /// Texts that came on sockets.
    texts: Vec<String>,
    bytes_sent: usize,
}

type Answers = Arc<dyn Fn(&Seen, usize) -> Reply + Send + Sync>;

/// More than the system keeps of what is sent to somebody who does not read.
pub const UNREAD_MAX: usize = 20_000_000;

/// A running server; dropped, it takes no more connections.
pub struct Fake {
    pub address: SocketAddr,
    log: Arc<Mutex<Log>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Fake {
    /// Answers each call by a function of the call and of how many calls came before it.
    pub async fn start(answers: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let log = Arc::new(Mutex::new(Log::default()));
        let (answers, of_task): (Answers, _) = (Arc::new(answers), Arc::clone(&log));
        let task = tokio::spawn(async move {
            let mut count = 0;
            while let Ok((stream, _)) = listener.accept().await {
                count += 1;
                let (log, answers) = (Arc::clone(&of_task), Arc::clone(&answers));
                tokio::spawn(async move { serve(stream, count, &log, &answers).await });
            }
        });
        Self { address, log, task }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every call so far.
    pub fn calls(&self) -> Vec<Seen> {
        self.log.lock().expect("no test panics while it holds this").calls.clone()
    }

    /// Every call so far as `METHOD path`.
    pub fn lines(&self) -> Vec<String> {
        let line = |seen: &Seen| format!("{} {}", seen.method, seen.path);
        self.log
            .lock()
            .expect("no test panics while it holds this")
            .calls
            .iter()
            .map(line)
            .collect()
    }

    pub fn texts(&self) -> Vec<String> {
        self.log.lock().expect("no test panics while it holds this").texts.clone()
    }

    /// How many bytes the system took from it; what nobody reads is kept there, some MB at each end.
    pub fn bytes_sent(&self) -> usize {
        self.log.lock().expect("no test panics while it holds this").bytes_sent
    }

    pub fn ends(&self) -> Vec<(usize, End)> {
        self.log.lock().expect("no test panics while it holds this").ends.clone()
    }
}

/// Waits until something is so.
pub async fn until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if is_so() {
            return;
        }
        sleep(Duration::from_millis(5)).await;
    }
    panic!("never: {what}");
}

async fn serve(mut stream: TcpStream, connection: usize, log: &Mutex<Log>, answers: &Answers) {
    let mut buffer = Vec::new();
    let end = loop {
        let seen = match read_call(&mut stream, &mut buffer, connection).await {
            Ok(seen) => seen,
            Err(end) => break end,
        };
        let place = {
            let mut log = log.lock().expect("no test panics while it holds this");
            log.calls.push(seen.clone());
            log.calls.len() - 1
        };
        let reply = answers(&seen, place);
        if let Reply::Socket(texts) | Reply::SocketThatCloses(texts) = &reply {
            let closes = matches!(reply, Reply::SocketThatCloses(_));
            break speak(stream, &seen, (texts, closes), log).await;
        }
        match answer(&mut stream, reply, log).await {
            Ok(true) => {}
            Ok(false) => break End::Closed,
            Err(end) => break end,
        }
    };
    log.lock().expect("no test panics while it holds this").ends.push((connection, end));
}

async fn read_call(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
    connection: usize,
) -> Result<Seen, End> {
    loop {
        let head = buffer.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(head) = head {
            let text = String::from_utf8_lossy(&buffer[..head]).into_owned();
            let mut lines = text.lines();
            let mut first = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
            let headers: Vec<(String, String)> = lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            let mut seen = Seen {
                connection,
                method: first.next().unwrap_or_default(),
                path: first.next().unwrap_or_default(),
                headers,
                body: String::new(),
            };
            let length = seen.header("content-length").parse().unwrap_or(0);
            if buffer.len() >= head + 4 + length {
                let rest = buffer.split_off(head + 4 + length);
                seen.body = String::from_utf8_lossy(&buffer[head + 4..]).into_owned();
                *buffer = rest;
                return Ok(seen);
            }
        }
        let mut some = [0; 4_096];
        match stream.read(&mut some).await {
            Ok(0) => return Err(End::Closed),
            Ok(read) => buffer.extend(&some[..read]),
            Err(_) => return Err(End::Reset),
        }
    }
}

/// Whether the connection goes on.
async fn answer(stream: &mut TcpStream, reply: Reply, log: &Mutex<Log>) -> Result<bool, End> {
    match reply {
        Reply::Plain(status, headers, body) => {
            let mut head = format!("HTTP/1.1 {status} So\r\nContent-Length: {}\r\n", body.len());
            for (name, value) in headers {
                head += &format!("{name}: {value}\r\n");
            }
            let bytes = [head.as_bytes(), b"\r\n", &body].concat();
            write(stream, &bytes, log).await.map(|()| true)
        }
        Reply::Later(after, status, body) => {
            wait_or_end(stream, after).await?;
            let head =
                format!("HTTP/1.1 {status} So\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            write(stream, head.as_bytes(), log).await.map(|()| true)
        }
        Reply::Raw(bytes) => write(stream, &bytes, log).await.map(|()| false),
        Reply::Endless(first, again) => {
            write(stream, &first, log).await?;
            loop {
                write(stream, &again, log).await?;
            }
        }
        Reply::Silence => {
            wait_or_end(stream, Duration::from_secs(60)).await?;
            Ok(false)
        }
        Reply::Trickle(bytes, apart) => {
            for byte in bytes {
                write(stream, &[byte], log).await?;
                wait_or_end(stream, apart).await?;
            }
            Ok(true)
        }
        Reply::Close | Reply::Socket(_) | Reply::SocketThatCloses(_) => Ok(false),
    }
}

async fn write(stream: &mut TcpStream, bytes: &[u8], log: &Mutex<Log>) -> Result<(), End> {
    stream.write_all(bytes).await.map_err(|_| End::Reset)?;
    log.lock().expect("no test panics while it holds this").bytes_sent += bytes.len();
    Ok(())
}

/// Waits, unless the other side ends the connection meanwhile.
async fn wait_or_end(stream: &mut TcpStream, length: Duration) -> Result<(), End> {
    let mut some = [0; 16];
    tokio::select! {
        () = sleep(length) => Ok(()),
        read = stream.read(&mut some) => match read {
            Ok(0) => Err(End::Closed),
            Ok(_) => Ok(()),
            Err(_) => Err(End::Reset),
        },
    }
}

/// A WebSocket: texts are said, and what comes is taken down.
async fn speak(
    mut stream: TcpStream,
    seen: &Seen,
    (texts, closes): (&[&str], bool),
    log: &Mutex<Log>,
) -> End {
    use futures_util::{SinkExt, StreamExt};
    use tokio_tungstenite::WebSocketStream;
    use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
    use tokio_tungstenite::tungstenite::protocol::Role;
    use tokio_tungstenite::tungstenite::{Error, Message};
    let key = derive_accept_key(seen.header("sec-websocket-key").as_bytes());
    let head = format!(
        "HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Accept: {key}\r\n\r\n"
    );
    if write(&mut stream, head.as_bytes(), log).await.is_err() {
        return End::Reset;
    }
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    for text in texts {
        if socket.send(Message::text(*text)).await.is_err() {
            return End::Reset;
        }
    }
    if closes && socket.close(None).await.is_err() {
        return End::Reset;
    }
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => {
                log.lock()
                    .expect("no test panics while it holds this")
                    .texts
                    .push(text.as_str().to_owned());
            }
            Some(Ok(Message::Close(_))) | None => return End::Closed,
            Some(Ok(_)) => {}
            Some(Err(Error::Io(error))) if error.kind() == std::io::ErrorKind::ConnectionReset => {
                return End::Reset;
            }
            Some(Err(Error::Protocol(
                tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
            ))) => return End::Closed,
            Some(Err(_)) => return End::Closed,
        }
    }
}
