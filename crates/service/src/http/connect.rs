//! The socket of an agent's device: while it is open the device is connected (rule P7), and the
//! statuses of team-mates are pushed on it.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::app::App;
use super::problem::Problem;
use super::request::{Caller, Peer, bearer};
use crate::accounts::Secret;
use crate::core::Refusal;
use crate::outbox::{CloseReason, OUTLET_MAX, Outgoing, SocketId};
use crate::places::Place;
use lamplighter_core::model::DeviceId;

/// The subprotocol that browsers name beside the one that carries the token.
const PROTOCOL: &str = "lamplighter";
/// Browsers cannot send headers with a socket: there the token is a subprotocol.
const TOKEN_PROTOCOL: &str = "bearer.";
/// How often the other end is asked whether it is there.
const PING_EVERY: Duration = Duration::from_secs(20);
/// How long closing politely may take.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);
/// Small buffers: there may be many sockets, and what they carry is short.
const READ_BUFFER_BYTES: usize = 256;
/// Nothing that a device says is long.
const MESSAGE_BYTES_MAX: usize = 1_024;

/// Opens the socket of this device (rule P7)
#[utoipa::path(get, path = "/v1/connect", tag = "agents", security(("token" = [])),
    responses((status = 101, description = "A WebSocket: JSON texts of the types `device`, `team`, \
            `status` and `message`"),
        (status = 400, description = "No WebSocket handshake"),
        (status = 401, description = "Nobody is logged in with it"),
        (status = 429, description = "Too many sockets from this address")))]
pub async fn connect(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Response {
    match upgrade {
        Ok(upgrade) => {
            open(app, peer, &headers, upgrade).await.unwrap_or_else(Problem::into_response)
        }
        Err(why) => Problem::malformed(why.body_text()).into_response(),
    }
}

async fn open(
    app: Arc<App>,
    peer: Peer,
    headers: &HeaderMap,
    mut upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    let secret = secret(headers, &upgrade)
        .ok_or_else(|| Problem::unauthorized("a socket needs the token of a device"))?;
    let Caller::Device(token) = Caller::of(&secret, &app, Some(&peer)) else {
        return Err(Problem::unauthorized("a socket is a device's: log in, and use that token"));
    };
    if upgrade.requested_protocols().any(|name| name == PROTOCOL) {
        upgrade.set_selected_protocol(HeaderValue::from_static(PROTOCOL));
    }
    let id = app.next_socket();
    let (outlet, pieces) = mpsc::channel(OUTLET_MAX);
    let place = app.sockets.take(Some(peer.0))?;
    // Whoever calls may be gone before the core has worked on it: a task of its own ends what has begun then.
    let opening = tokio::spawn(async move {
        let device = app.core.call(move |state| state.connect(&token, id, outlet)).await?;
        Ok::<_, Refusal>(Socket { app, device, id, pieces, is_over: false, _place: place })
    });
    let socket = opening.await.unwrap_or(Err(Refusal::Stopping))?;
    Ok(upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_message_size(MESSAGE_BYTES_MAX)
        .max_frame_size(MESSAGE_BYTES_MAX)
        .on_upgrade(|web_socket| socket.run(web_socket)))
}

/// The token from the header, or from the subprotocols.
fn secret(headers: &HeaderMap, upgrade: &WebSocketUpgrade) -> Option<Secret> {
    if let Some(secret) = bearer(headers) {
        return Some(secret);
    }
    let mut names = upgrade.requested_protocols().filter_map(|name| name.to_str().ok());
    names.find_map(|name| name.strip_prefix(TOKEN_PROTOCOL)).map(Secret::new)
}

/// Tells the core that a socket is closed, as often as it takes.
async fn lost(app: &App, device: DeviceId, id: SocketId) {
    loop {
        let told = app.core.call(move |state| {
            state.disconnect(device, id);
            Ok(())
        });
        match told.await {
            Err(_) if !app.is_stopping() => tokio::time::sleep(Duration::from_millis(200)).await,
            _ => return,
        }
    }
}

/// Sends texts, or says how the socket has ended.
async fn tell(socket: &mut WebSocket, texts: Vec<Bytes>) -> Result<(), End> {
    for text in texts {
        let text = Utf8Bytes::try_from(text).unwrap_or_default();
        match tokio::time::timeout(PING_EVERY, socket.send(Message::Text(text))).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(End::Gone),
            Err(_) => return Err(End::Closed(CloseReason::TooSlow)),
        }
    }
    Ok(())
}

/// An open socket.
struct Socket {
    app: Arc<App>,
    device: DeviceId,
    id: SocketId,
    pieces: mpsc::Receiver<Outgoing>,
    /// Whether the core knows that it is closed, or need not know.
    is_over: bool,
    _place: Place,
}

impl Drop for Socket {
    /// A socket that never came to be is lost as one that was open.
    fn drop(&mut self) {
        if let (false, Ok(runtime)) = (self.is_over, Handle::try_current()) {
            let (app, device, id) = (Arc::clone(&self.app), self.device, self.id);
            runtime.spawn(async move { lost(&app, device, id).await });
        }
    }
}

/// How a socket ended.
enum End {
    /// The other end is gone.
    Gone,
    /// The service closes it.
    Closed(CloseReason),
}

impl Socket {
    async fn run(mut self, mut socket: WebSocket) {
        self.app.shared.metrics.sockets.inc();
        let end = self.carry(&mut socket).await;
        let close = match end {
            End::Gone => None,
            End::Closed(reason) => Some(reason.code_and_reason()),
        };
        if let Some((code, reason)) = close {
            let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
            let close = async {
                // A close that cannot be sent is a close all the same.
                if socket.send(Message::Close(Some(frame))).await.is_ok() {
                    while let Some(Ok(_)) = socket.recv().await {}
                }
            };
            drop(tokio::time::timeout(CLOSE_WITHIN, close).await);
        }
        drop(socket);
        // A service that stops leaves its devices as they are: they come back when it does.
        if !matches!(end, End::Closed(CloseReason::Stopping)) {
            lost(&self.app, self.device, self.id).await;
        }
        self.is_over = true;
        self.app.shared.metrics.sockets.dec();
    }

    async fn carry(&mut self, socket: &mut WebSocket) -> End {
        let mut ping = pin!(tokio::time::sleep(PING_EVERY));
        let mut is_alive = true;
        loop {
            tokio::select! {
                // What is to be told comes first.
                biased;
                piece = self.pieces.recv() => match piece {
                    Some(Outgoing::Texts(texts)) => {
                        if let Err(end) = tell(socket, texts).await {
                            return end;
                        }
                    }
                    Some(Outgoing::Close(reason)) => return End::Closed(reason),
                    None => return End::Closed(CloseReason::TooSlow),
                },
                heard = socket.recv() => match heard {
                    Some(Ok(Message::Close(_))) | Some(Err(_)) | None => return End::Gone,
                    // Whatever it says, it is there.
                    Some(Ok(_)) => is_alive = true,
                },
                () = ping.as_mut() => {
                    if !is_alive {
                        return End::Gone;
                    }
                    is_alive = false;
                    ping.as_mut().reset(Instant::now() + PING_EVERY);
                    if socket.send(Message::Ping(Bytes::new())).await.is_err() {
                        return End::Gone;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use CloseReason::{LoggedInAfresh, LoggedOut, Renamed, Replaced, Stopping, TooSlow};

    /// In the order of their codes. One that is new does not compile before it has a place.
    const ALL: [CloseReason; 6] = [Stopping, LoggedOut, LoggedInAfresh, Replaced, Renamed, TooSlow];

    fn place(reason: CloseReason) -> usize {
        match reason {
            Stopping => 0,
            LoggedOut => 1,
            LoggedInAfresh => 2,
            Replaced => 3,
            Renamed => 4,
            TooSlow => 5,
        }
    }

    #[test]
    fn the_table_of_close_codes_in_the_documents_is_what_the_socket_says() {
        let page = include_str!("../../../../docs/http-api.md");
        let (_, table) = page.split_once("| code | reason |\n| --- | --- |\n").expect("the table");
        let told = table.lines().take_while(|line| line.starts_with('|'));
        assert!(ALL.into_iter().map(place).eq(0..ALL.len()));
        let is = ALL.map(|reason| {
            let (code, reason) = reason.code_and_reason();
            format!("| {code} | {reason} |")
        });
        assert_eq!(told.collect::<Vec<_>>(), is);
    }

    #[test]
    fn the_dashboard_knows_the_codes_that_end_a_connection_by_what_they_are() {
        let script = include_str!("../pages/live.js");
        for (name, reasons) in
            [("LOGGED_OUT", [LoggedOut, LoggedInAfresh]), ("REPLACED", [Replaced, Renamed])]
        {
            let (_, code) = script.split_once(&format!("const {name} = ")).expect(name);
            let (code, _) = code.split_once(';').expect("its end");
            for reason in reasons {
                assert_eq!(code, reason.code_and_reason().0.to_string(), "{name}: {reason:?}");
            }
        }
    }
}
