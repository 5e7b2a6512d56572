//! Visitors who watch a widget: by an event stream on connections of their own, or as `pushes` has it.

use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::body::{Bytes, Incoming};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep, sleep_until, timeout};

use super::connection::request_id;
use super::http::HttpConnection;
use super::pool::VisitorPool;
use super::pushes::{self, OpenStream, Subscription};
use super::queries::{RepeatedCall, RequestMethod, WidgetQuery};
use crate::clock::Micros;
use crate::exchange::Exchange;
use crate::outages::NO_TURN;
use crate::plan::{RequestId, StreamWatch};
use crate::tally::EVENTS;
use lamplighter_target::Transport;
use lamplighter_target::driver::SseParser;

/// How long a visitor waits before opening again a stream that ended by itself.
const REOPEN_AFTER: Duration = Duration::from_secs(1);
/// What a slow reader takes at a time,
const SLOW_BYTES: usize = 64;
/// and how long it sleeps behind it.
const SLOW_PAUSE: Duration = Duration::from_millis(200);
/// What the kernel may keep for a slow reader: as little as it lets one ask for.
const SLOW_KERNEL_BYTES: u32 = 2_048;

/// Starts a task for each watch when it begins.
pub async fn open_all(pool: Rc<VisitorPool>, mut watches: Vec<StreamWatch>) {
    watches.sort_by_key(|watch| watch.from);
    let mut closing = pool.closing.subscribe();
    let mut tasks = tokio::task::JoinSet::new();
    for watch in watches {
        let is_open = tokio::select! {
            () = sleep_until(pool.run().clock.moment(watch.from).into()) => true,
            _ = closing.wait_for(|is_closing| *is_closing) => false,
        };
        if !is_open {
            break;
        }
        tasks.spawn_local(hold(pool.clone(), watch));
    }
    while tasks.join_next().await.is_some() {}
}

/// Why a stream is not read any further.
enum StreamEnding {
    /// The visitor leaves: its time is over, or the run ends.
    Left,
    /// It ended by itself, or never began.
    Ended(String),
}

/// Holds a stream until the visitor leaves; one that ends before is opened again.
async fn hold(pool: Rc<VisitorPool>, watch: StreamWatch) {
    let query = pool.query(watch.widget, watch.visitor);
    let plan = &pool.run().plan;
    // What lasts to the end of the run is closed when all is said: the last event may be on its way.
    let is_till_end = watch.to >= Micros::try_from(plan.duration.0 * 1_000).unwrap_or(Micros::MAX);
    let mut closing = pool.closing.subscribe();
    let leaves = async {
        match is_till_end {
            true => std::future::pending().await,
            false => sleep_until(pool.run().clock.moment(watch.to).into()).await,
        }
    };
    let mut leaves = std::pin::pin!(leaves);
    let mut intended = watch.from;
    for again in 0.. {
        let id = RequestId::Stream { number: watch.number, again };
        let holding = async {
            match query.push(pool.run()) {
                RequestMethod::Sent(call) => {
                    let asked = StreamRequest { watch: &watch, query: &query, call, id };
                    once(&pool, asked, intended).await
                }
                RequestMethod::Followed(widget) => {
                    let listening = Subscription { watch: &watch, query: &query, widget, id };
                    StreamEnding::Ended(pushes::listen(&pool, listening, intended).await)
                }
                RequestMethod::None(why) => StreamEnding::Ended(why.clone()),
            }
        };
        let end = tokio::select! {
            end = holding => end,
            () = &mut leaves => StreamEnding::Left,
            _ = closing.wait_for(|is_closing| *is_closing) => StreamEnding::Left,
        };
        match end {
            StreamEnding::Left => return,
            // Who reads too slowly may be cut off.
            StreamEnding::Ended(_) if watch.is_slow => {}
            StreamEnding::Ended(why) => {
                pool.run().tally.error(EVENTS, pool.now(), &why);
            }
        }
        tokio::select! {
            () = sleep(REOPEN_AFTER) => {}
            () = &mut leaves => return,
            _ = closing.wait_for(|is_closing| *is_closing) => return,
        }
        intended = pool.now();
    }
}

/// A stream as it is asked for.
#[derive(Clone, Copy)]
struct StreamRequest<'s> {
    watch: &'s StreamWatch,
    query: &'s WidgetQuery,
    call: &'s RepeatedCall,
    id: RequestId,
}

/// Opens a stream once and records what comes on it, until it ends.
async fn once(pool: &VisitorPool, stream: StreamRequest<'_>, intended: Micros) -> StreamEnding {
    let StreamRequest { watch, call, id, .. } = stream;
    let within = pool.visitors.timeout;
    if !call.prepared.turn(within).await {
        return StreamEnding::Ended(NO_TURN.to_owned());
    }
    let connecting = async {
        let stream = match watch.is_slow {
            true => pool.dialer.connect_slowly(SLOW_KERNEL_BYTES).await,
            false => pool.dialer.connect().await,
        };
        let stream = stream.map_err(|failure| failure.word)?;
        let paced =
            ThrottledStream { stream, pause: watch.is_slow.then(|| Box::pin(sleep(SLOW_PAUSE))) };
        HttpConnection::new(paced).await.map_err(|failure| failure.word)
    };
    let mut connection = match timeout(within, connecting).await {
        Ok(Ok(connection)) => connection,
        Ok(Err(word)) => return StreamEnding::Ended(word),
        Err(_) => return StreamEnding::Ended("timed out".to_owned()),
    };
    let mut open = OpenStream::asked(pool, watch, watch.is_slow);
    let id = request_id(pool.run(), id);
    let request = call.call.request(&pool.dialer.name, id.as_ref());
    let asked = timeout(within, connection.ask(request, || ())).await;
    let head = match asked {
        Ok(Ok(head)) => head,
        Ok(Err(failure)) => return StreamEnding::Ended(failure.word),
        Err(_) => return StreamEnding::Ended("timed out".to_owned()),
    };
    if !head.status().is_success() {
        return StreamEnding::Ended(head.status().as_str().to_owned());
    }
    open.opened(intended);
    let (head, body) = head.into_parts();
    let (status, headers) = (head.status.as_u16(), Arc::new(head.headers));
    let mut events = StreamEvents { open, stream, status, headers };
    events.read(&mut connection, body).await
}

/// What comes on a stream.
struct StreamEvents<'s> {
    open: OpenStream<'s>,
    stream: StreamRequest<'s>,
    /// The HTTP status with which the stream began.
    status: u16,
    headers: Arc<HeaderMap>,
}

impl StreamEvents<'_> {
    /// Records each event, until there are no more.
    async fn read(
        &mut self,
        connection: &mut HttpConnection<ThrottledStream>,
        mut body: Incoming,
    ) -> StreamEnding {
        let mut parser = SseParser::new(self.open.pool().body_bytes_max());
        loop {
            let piece = match connection.drive(body.frame()).await {
                Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
                Some(Err(error)) => return StreamEnding::Ended(super::http::word(&error)),
                None => return StreamEnding::Ended("ended by itself".to_owned()),
            };
            if parser.take(&piece, |data| self.push(data)).is_err() {
                return StreamEnding::Ended("an event without end".to_owned());
            }
        }
    }

    fn push(&mut self, data: &[u8]) {
        let StreamRequest { query, call, id, .. } = self.stream;
        let run = self.open.pool().run();
        let Some(read) = call.prepared.event(data.to_vec()) else { return };
        let exchange = Exchange {
            driver: Arc::clone(run.service.driver()),
            request: Arc::clone(call.prepared.request()),
            status: self.status,
            headers: Arc::clone(&self.headers),
            body: Bytes::copy_from_slice(data),
        };
        let returned = run.clock.now();
        self.open.event(query, (read, Some(exchange)), id, returned);
    }
}

/// A stream that is read as it comes; or, where there is a pause, some bytes at a time.
#[derive(Debug)]
struct ThrottledStream {
    stream: Transport,
    pause: Option<Pin<Box<Sleep>>>,
}

impl AsyncRead for ThrottledStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { stream, pause } = &mut *self;
        let Some(pause) = pause else { return Pin::new(stream).poll_read(cx, buf) };
        ready!(pause.as_mut().poll(cx));
        let mut some = [0; SLOW_BYTES];
        let fits = SLOW_BYTES.min(buf.remaining());
        let mut part = ReadBuf::new(&mut some[..fits]);
        ready!(Pin::new(stream).poll_read(cx, &mut part))?;
        buf.put_slice(part.filled());
        pause.as_mut().reset(Instant::now() + SLOW_PAUSE);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ThrottledStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
