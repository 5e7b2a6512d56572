//! A WebSocket that holds a device, and what is said on it (rule T29 of target files).

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::call::Call;
use super::connection::headers_of;
use super::counted_stream::CountedStream;
use super::device::Device;
use super::hold::HoldCallEnd;
use super::hold_tracker::{ConnectFailure, HoldTracker};
use super::pool::Pool;
use super::shared::Driver;
use crate::file::answer::Answer;
use crate::file::hold::{ScriptLine, Socket};
use crate::file::request::Request;
use crate::file::response_error::ResponseError;
use crate::file::template::{KeptValues, Names, RenderError, Template};
use crate::timestamp::Timestamp;

/// What is said on a socket is short: a status, a team now and then.
const READ_BUFFER_BYTES: usize = 1_024;

/// An open WebSocket.
pub type Open = WebSocketStream<CountedStream>;

/// Why a WebSocket was not opened.
pub enum NotOpened {
    /// The service answers otherwise.
    Answered(Answer),
    /// It does not answer, or not by HTTP.
    Broken(ResponseError),
}

impl Driver {
    /// Opens a WebSocket as a request asks for it.
    pub(super) async fn open_socket(
        &self,
        request: &Request,
        pool: &Pool,
    ) -> Result<Open, NotOpened> {
        let within = self.file().http.timeout;
        let opening = self.open_socket_now(request, pool);
        match timeout(within, opening).await {
            Ok(opened) => opened,
            Err(_) => Err(NotOpened::Broken(ResponseError::TimedOut { after: within })),
        }
    }

    async fn open_socket_now(&self, request: &Request, pool: &Pool) -> Result<Open, NotOpened> {
        let wrong =
            |what: &str| NotOpened::Broken(ResponseError::Unsendable { what: what.to_owned() });
        let address = format!("ws://{}{}", self.endpoint().authority(), request.path);
        let mut opening = address.into_client_request().map_err(|_| wrong("the path"))?;
        for (name, text) in &request.headers {
            let value = tungstenite::http::HeaderValue::from_bytes(text.as_bytes());
            let header = tungstenite::http::HeaderName::from_bytes(name.as_bytes());
            let (Ok(header), Ok(value)) = (header, value) else { return Err(wrong(name)) };
            opening.headers_mut().insert(header, value);
        }
        let limits = self.limits();
        let wire = self.endpoint().connect(pool.resets(), pool.open(), limits.timeout).await;
        let wire = wire.map_err(NotOpened::Broken)?;
        // There may be many thousands, and what is said on one is short.
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0)
            .max_message_size(Some(limits.body_bytes_max))
            .max_frame_size(Some(limits.body_bytes_max));
        match client_async_with_config(opening, wire, Some(config)).await {
            Ok((socket, _)) => Ok(socket),
            Err(tungstenite::Error::Http(response)) => {
                let (status, headers) = (response.status().as_u16(), headers_of(&response));
                let body = response.into_body().unwrap_or_default();
                let answer = Answer::new(status, headers, body, limits.body_bytes_max);
                Err(answer.map_or_else(NotOpened::Broken, NotOpened::Answered))
            }
            Err(tungstenite::Error::Io(_)) => Err(NotOpened::Broken(ResponseError::Truncated)),
            Err(error) => Err(NotOpened::Broken(ResponseError::NotHttp { why: error.to_string() })),
        }
    }

    /// Holds a device by a socket until that is closed.
    pub(super) async fn hold_socket(
        &self,
        device: &Device,
        socket: &Socket,
        tracker: &HoldTracker,
    ) -> HoldCallEnd {
        let step = socket.step();
        let subject = device.subject();
        let call = Call {
            section: crate::file::section::Section::DeviceHold,
            number: 1,
            step: &step,
            whom: &subject.whom,
            near: Vec::new(),
            places: subject.places.iter().map(|(_, place)| &**place).collect(),
            of_caller: subject.places.iter().map(|(_, place)| &**place).collect(),
            session: &device.session,
            pool: &*device.hold_pool,
            limits: self.limits(),
            header: None,
        };
        self.rate_limiter.call().await;
        let request = match self.request(&call) {
            Ok(request) => request,
            Err(error) => return unknown(error.to_string()),
        };
        tracker.connecting();
        let sent = Timestamp::now();
        let opened = self.open_socket(&request, &device.hold_pool).await;
        let mut open = match opened {
            Ok(open) => {
                self.tell_socket(&call, &request, None, (sent, Timestamp::now()));
                open
            }
            Err(NotOpened::Answered(answer)) => {
                self.tell_socket(&call, &request, Some(Ok(&answer)), (sent, Timestamp::now()));
                return self.not_opened(&answer);
            }
            Err(NotOpened::Broken(broken)) => {
                self.tell_socket(&call, &request, Some(Err(&broken)), (sent, Timestamp::now()));
                let why = broken.to_string();
                return match broken {
                    ResponseError::Unreachable { why: says } => {
                        HoldCallEnd::Failed(ConnectFailure::Unreachable(says), why)
                    }
                    _ => unknown(why),
                };
            }
        };
        let began = self.begin_script(device, socket, &mut open);
        let within = self.file().http.timeout;
        match timeout(within, began).await {
            Ok(Ok(())) => {}
            Ok(Err(why)) => return HoldCallEnd::Failed(ConnectFailure::Closed(why.clone()), why),
            Err(_) => {
                let within = within.as_secs_f64();
                return unknown(format!("its script has not begun within {within} s"));
            }
        }
        let carried = *device.status.borrow();
        tracker.call_sent(carried, Timestamp::now());
        if socket.is_confirmed() {
            tracker.connected();
        } else {
            tracker.settled();
        }
        let ended = self.go_on_with_script(device, socket, &mut open, tracker).await;
        let why = ended.err().unwrap_or_else(|| "the service closed the socket".to_owned());
        HoldCallEnd::Failed(ConnectFailure::Closed(why.clone()), why)
    }

    /// What an answer says to a handshake that opens no socket.
    fn not_opened(&self, answer: &Answer) -> HoldCallEnd {
        let (status, why) =
            (answer.status(), format!("the socket is answered {}", answer.status()));
        match (self.is_gone(answer), status) {
            (true, _) => HoldCallEnd::Gone,
            (false, 500..) => unknown(why),
            (false, _) => HoldCallEnd::Failed(ConnectFailure::Refused(status), why),
        }
    }

    /// `send` and `await`, in order.
    async fn begin_script(
        &self,
        device: &Device,
        socket: &Socket,
        open: &mut Open,
    ) -> Result<(), String> {
        for line in &socket.script {
            match line {
                ScriptLine::Send(text) => self.say(device, text, open).await?,
                ScriptLine::Await(regex, _) => {
                    let kept = loop {
                        let text = hear(open).await?.ok_or("the service closed the socket")?;
                        let Some(found) = regex.captures(&text) else { continue };
                        let mut kept = KeptValues::new();
                        for name in regex.capture_names().flatten() {
                            if let Some(group) = found.name(name) {
                                kept.put(name, group.as_str());
                            }
                        }
                        break kept;
                    };
                    device.session.place.take(&kept);
                }
                ScriptLine::Answer(..) | ScriptLine::Every(..) => {}
            }
        }
        Ok(())
    }

    /// `answer` and `every`, until the socket is closed. What the service does not want it closes at
    /// once: who has heard something of it, or nothing for as long as an answer may take, is connected.
    async fn go_on_with_script(
        &self,
        device: &Device,
        socket: &Socket,
        open: &mut Open,
        tracker: &HoldTracker,
    ) -> Result<(), String> {
        let began = Instant::now();
        let kept_open = began + self.file().http.timeout;
        let mut due: Vec<(Instant, Duration, &Template)> = Vec::new();
        for line in &socket.script {
            if let ScriptLine::Every(every, text) = line {
                due.push((began + *every, *every, text));
            }
        }
        loop {
            let next = due.iter().map(|(at, ..)| *at).min();
            tokio::select! {
                heard = hear(open) => {
                    let Some(text) = heard? else { return Ok(()) };
                    tracker.connected();
                    for line in &socket.script {
                        match line {
                            ScriptLine::Answer(regex, reply) if regex.is_match(&text) => {
                                self.say(device, reply, open).await?;
                            }
                            _ => {}
                        }
                    }
                }
                () = sleep_until(kept_open), if tracker.is_settled() => tracker.connected(),
                () = sleep_until(next.unwrap_or(began)), if next.is_some() => {
                    let now = Instant::now();
                    for (at, every, text) in &mut due {
                        if *at <= now {
                            // At least a moment later, whatever the file says.
                            *at = now + (*every).max(Duration::from_millis(10));
                            self.say(device, text, open).await?;
                        }
                    }
                }
            }
        }
    }

    async fn say(&self, device: &Device, text: &Template, open: &mut Open) -> Result<(), String> {
        let turn = device.session.turn.lock().await;
        self.rate_limiter.call().await;
        let text = self.rendered(device, text).map_err(|error| error.to_string())?;
        let sending = open.send(Message::text(text));
        let sent = timeout(self.file().http.timeout, sending).await;
        drop(turn);
        match sent {
            Ok(sent) => sent.map_err(|error| error.to_string()),
            Err(_) => Err("the service takes nothing from the socket".to_owned()),
        }
    }

    fn rendered(&self, device: &Device, text: &Template) -> Result<String, RenderError> {
        let places = [device.session.place.names(), device.agent.place.names()];
        let near = places.iter().map(|kept| &**kept).collect();
        let mut state = device.session.state();
        let mut names = Names::new(near, Vec::new(), &self.file().vars, &mut state.counters);
        text.text(&mut names)
    }

    fn is_gone(&self, answer: &Answer) -> bool {
        let mut counters = crate::file::template::Counters::default();
        let file = self.file();
        let mut names = Names::new(Vec::new(), Vec::new(), &file.vars, &mut counters);
        // A template that gives nothing here holds of nothing.
        file.http.general.gone.holds(answer, false, &mut names).unwrap_or(false)
    }
}

fn unknown(why: String) -> HoldCallEnd {
    HoldCallEnd::Failed(ConnectFailure::Unknown(why.clone()), why)
}

/// The next text; `None` once the service has closed.
pub async fn hear(open: &mut Open) -> Result<Option<String>, String> {
    loop {
        match open.next().await {
            Some(Ok(Message::Text(text))) => return Ok(Some(text.as_str().to_owned())),
            Some(Ok(Message::Binary(bytes))) => {
                return Ok(Some(String::from_utf8_lossy(&bytes).into_owned()));
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
            Some(Ok(Message::Close(_))) | None => return Ok(None),
            Some(Err(error)) => return Err(error.to_string()),
        }
    }
}
