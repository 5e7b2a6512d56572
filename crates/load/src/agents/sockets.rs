//! The sockets of devices: while one is open, its device is connected (rule P7), and what comes on it
//! is observed. There may be many thousands: each is one small task with small buffers.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::shared::AgentsShared;
use crate::clock::Micros;
use crate::history::Record;
use crate::observation::{Observation, Observed, PUSHED_WITHIN, SessionId};
use crate::plan::{AgentIndex, DeviceSlot};
use crate::product::{HttpCall, SocketNews};
use crate::tally::{CONNECT, CallTiming};
use lamplighter_target::{Transport, websocket};

/// How long opening may take.
const OPEN_WITHIN: Duration = Duration::from_secs(10);
/// What is said on a socket is short: a status, a team now and then.
const READ_BUFFER_BYTES: usize = 1_024;
/// A team of thousands fits.
const MESSAGE_BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// Why a socket did not open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotOpened {
    /// The target refuses, with this HTTP status.
    Refused(u16),
    /// It is not known what the target did.
    Indeterminate(&'static str),
}

/// A socket that was closed at the other end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClosedSocket {
    /// The device that was connected by it.
    pub slot: DeviceSlot,
    /// The socket, for the device may have another one by now.
    pub session: SessionId,
}

/// An open socket; dropped, it is cut off without a word.
#[derive(Debug)]
pub struct DeviceSocket {
    /// The session that its pushes belong to.
    pub session: SessionId,
    task: JoinHandle<()>,
}

impl DeviceSocket {
    /// Cuts it off without a word, and waits until that is done.
    pub async fn cut(mut self) {
        self.task.abort();
        // Whether it was cut off or had ended: it is gone.
        drop((&mut self.task).await);
    }
}

impl Drop for DeviceSocket {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// RunCounts a socket as open for as long as it lives.
struct CountedSocket(Arc<AgentsShared>);

impl CountedSocket {
    fn new(shared: &Arc<AgentsShared>) -> Self {
        shared.run.tally.sockets.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(shared))
    }
}

impl Drop for CountedSocket {
    fn drop(&mut self) {
        self.0.run.tally.sockets.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Opens a device's socket, asked for at a moment. When the other end closes it, that is recorded for
/// the judge, and told on `closed`.
///
/// # Errors
/// When it is refused, or nobody answers.
pub async fn open(
    shared: &Arc<AgentsShared>,
    call: &HttpCall,
    (agent, slot): (AgentIndex, DeviceSlot),
    asked_for: Micros,
    closed: mpsc::UnboundedSender<ClosedSocket>,
) -> Result<DeviceSocket, NotOpened> {
    let (host, bearer) = (&shared.run.host, call.bearer.as_deref());
    let opening = websocket::open(host, &call.path, bearer, small());
    let stream = match tokio::time::timeout(OPEN_WITHIN, opening).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(Error::Http(response))) => {
            return Err(NotOpened::Refused(response.status().as_u16()));
        }
        Ok(Err(Error::Io(error))) => return Err(NotOpened::Indeterminate(word(error.kind()))),
        Ok(Err(_)) => return Err(NotOpened::Indeterminate("no handshake")),
        Err(_) => return Err(NotOpened::Indeterminate("timed out")),
    };
    let session = shared.next_session();
    let counted = CountedSocket::new(shared);
    let shared = Arc::clone(shared);
    let task = tokio::spawn(async move {
        let _counted = counted;
        listen(stream, &shared, session).await;
        // When the other end let go of it, nobody here knows: what it said before that may have
        // waited for its reader.
        let (at, since) = (shared.run.clock.now(), asked_for);
        shared.run.history.record(Record::ConnectionLost { at, since, agent, slot });
        // Should the journey be over, nobody need know.
        let _ = closed.send(ClosedSocket { slot, session });
    });
    Ok(DeviceSocket { session, task })
}

/// Nobody took a connection: nothing was sent on it.
pub const CONNECTION_REFUSED: &str = "connection refused";

/// What went wrong with a connection, in a word or two.
pub fn word(kind: std::io::ErrorKind) -> &'static str {
    use std::io::ErrorKind;
    match kind {
        ErrorKind::ConnectionRefused => CONNECTION_REFUSED,
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            "reset"
        }
        ErrorKind::TimedOut => "timed out",
        ErrorKind::AddrInUse | ErrorKind::AddrNotAvailable => "no port left",
        ErrorKind::UnexpectedEof => "cut off",
        _ => "no connection",
    }
}

/// As little memory as a socket can do with.
fn small() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX))
}

/// Reads until the other end closes it. Reading answers pings, too.
async fn listen(mut stream: WebSocketStream<Transport>, shared: &AgentsShared, session: SessionId) {
    while let Some(Ok(message)) = stream.next().await {
        let Message::Text(text) = message else { continue };
        let at = shared.run.clock.now();
        match shared.run.product.read_socket(&text) {
            Ok(news) => observe(shared, session, at, news),
            Err(_) => {
                let timing = CallTiming { intended: at, sent: at, answered: at };
                shared.run.tally.call(CONNECT, timing, Err("unreadable message"));
            }
        }
    }
}

/// Records what a socket says of the plan's people; of others it says nothing that is judged.
fn observe(shared: &AgentsShared, session: SessionId, at: Micros, news: SocketNews) {
    let (property, team, version) = match news {
        SocketNews::Team { property, team, version } => (property, team, version),
        SocketNews::Status { property, agent, status, version } => {
            (property, vec![(agent, status)], version)
        }
        SocketNews::Other => return,
    };
    let Some(property) = shared.property(&property) else { return };
    for (agent, status) in team {
        let Some(agent) = shared.agent(&agent) else { continue };
        shared.run.history.record(Record::Observed(Observation {
            property,
            session,
            invoked: at - PUSHED_WITHIN,
            returned: at,
            version,
            seen: Observed::Member(agent, status),
            request: None,
            exchange: None,
        }));
    }
}
