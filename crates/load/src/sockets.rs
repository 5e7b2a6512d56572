//! The sockets of devices: while one is open, its device is connected (rule P7), and what comes on it
//! is noted. There may be many thousands: each is one small task with small buffers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use hyper::header::{AUTHORIZATION, HeaderValue};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::clock::Micros;
use super::journey::Shared;
use super::notes::{AgentIndex, Note, Reader, Slot};
use super::product::{Call, SocketSaid};
use super::tally::{CONNECT, Timing};
use lamplighter_target::{Host, Stream};

/// How long opening may take.
const OPEN_WITHIN: Duration = Duration::from_secs(10);
/// What is said on a socket is short: a status, a team now and then.
const READ_BUFFER_BYTES: usize = 1_024;
/// A team of thousands fits.
const MESSAGE_BYTES_MAX: usize = 4 * 1_024 * 1_024;
/// In front of the numbers of sockets, so that they are those of no visitor and no stream.
const SOCKETS_FROM: Reader = 1 << 63;

/// Why a socket did not open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotOpened {
    /// The target refuses, with this HTTP status.
    Refused(u16),
    /// It is not known what the target did.
    Unanswered(&'static str),
}

/// A socket that was closed at the other end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lost {
    /// The device that it was of.
    pub slot: Slot,
    /// The socket.
    pub reader: Reader,
}

/// An open socket; dropped, it is cut off without a word.
#[derive(Debug)]
pub struct Socket {
    /// The number under which its pushes are noted.
    pub reader: Reader,
    task: JoinHandle<()>,
}

impl Socket {
    /// Cuts it off without a word, and waits until that is done.
    pub async fn cut(mut self) {
        self.task.abort();
        // Whether it was cut off or had ended: it is gone.
        drop((&mut self.task).await);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Counts a socket as open for as long as it lives.
struct Counted(Arc<Shared>);

impl Counted {
    fn new(shared: &Arc<Shared>) -> Self {
        shared.tally.sockets.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(shared))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.tally.sockets.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Numbers for sockets.
#[derive(Debug, Default)]
pub struct Readers(AtomicU64);

impl Readers {
    fn next(&self) -> Reader {
        SOCKETS_FROM | self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// Opens a device's socket, asked for at a moment. When the other end closes it, that is noted for
/// the judge, and told on `lost`.
///
/// # Errors
/// When it is refused, or nobody answers.
pub async fn open(
    shared: &Arc<Shared>,
    call: &Call,
    (agent, slot): (AgentIndex, Slot),
    asked_for: Micros,
    lost: mpsc::UnboundedSender<Lost>,
) -> Result<Socket, NotOpened> {
    let opened = tokio::time::timeout(OPEN_WITHIN, handshake(&shared.host, call)).await;
    let stream = match opened {
        Ok(Ok(stream)) => stream,
        Ok(Err(Error::Http(response))) => {
            return Err(NotOpened::Refused(response.status().as_u16()));
        }
        Ok(Err(Error::Io(error))) => return Err(NotOpened::Unanswered(word(error.kind()))),
        Ok(Err(_)) => return Err(NotOpened::Unanswered("no handshake")),
        Err(_) => return Err(NotOpened::Unanswered("timed out")),
    };
    let reader = shared.readers.next();
    let counted = Counted::new(shared);
    let shared = Arc::clone(shared);
    let task = tokio::spawn(async move {
        let _counted = counted;
        listen(stream, &shared, reader).await;
        // When the other end let go of it, nobody here knows: what it said before that may have
        // waited for its reader.
        let (at, since) = (shared.clock.now(), asked_for);
        shared.notebook.put(Note::SocketLost { at, since, agent, slot });
        // Should the journey be over, nobody need know.
        let _ = lost.send(Lost { slot, reader });
    });
    Ok(Socket { reader, task })
}

/// What went wrong with a connection, in a word or two.
pub fn word(kind: std::io::ErrorKind) -> &'static str {
    use std::io::ErrorKind;
    match kind {
        ErrorKind::ConnectionRefused => "connection refused",
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            "reset"
        }
        ErrorKind::TimedOut => "timed out",
        ErrorKind::AddrInUse | ErrorKind::AddrNotAvailable => "no port left",
        ErrorKind::UnexpectedEof => "cut off",
        _ => "no connection",
    }
}

async fn handshake(host: &Host, call: &Call) -> Result<WebSocketStream<Stream>, Error> {
    let mut request = format!("ws://{}{}", host.authority(), call.path).into_client_request()?;
    if let Some(token) = &call.bearer {
        let bearer = HeaderValue::from_str(&format!("Bearer {token}"));
        let bearer = bearer.map_err(|error| Error::HttpFormat(error.into()))?;
        request.headers_mut().insert(AUTHORIZATION, bearer);
    }
    let stream = host.connect().await?;
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX));
    client_async_with_config(request, stream, Some(config)).await.map(|(socket, _)| socket)
}

/// Reads until the other end closes it. Reading answers pings, too.
async fn listen(mut stream: WebSocketStream<Stream>, shared: &Shared, reader: Reader) {
    while let Some(Ok(message)) = stream.next().await {
        let Message::Text(text) = message else { continue };
        let at = shared.clock.now();
        match shared.product.read_socket(&text) {
            Ok(said) => note(shared, reader, at, said),
            Err(_) => {
                let timing = Timing { intended: at, sent: at, answered: at };
                shared.tally.call(CONNECT, timing, Err("unreadable message"));
            }
        }
    }
}

/// Notes what a socket says of the plan's people; of others it says nothing that is judged.
fn note(shared: &Shared, reader: Reader, at: i64, said: SocketSaid) {
    let (property, team, version) = match said {
        SocketSaid::Team { property, team, version } => (property, team, version),
        SocketSaid::Status { property, agent, status, version } => {
            (property, vec![(agent, status)], version)
        }
        SocketSaid::Other => return,
    };
    let Some(property) = shared.property(&property) else { return };
    for (agent, status) in team {
        let Some(agent) = shared.agent(&agent) else { continue };
        shared.notebook.put(Note::TeamPush { property, reader, at, agent, status, version });
    }
}
