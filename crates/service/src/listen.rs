//! Connections: taken in as many as there may be, given so much time for their headers, and closed
//! politely when the service stops.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::http::{Answer, App, Peer, Router, while_it_starts};

/// How long connections may take to finish once the service stops.
const FINISH_WITHIN: Duration = Duration::from_secs(5);
/// How much a connection keeps of what comes in.
const BUFFER_BYTES_MAX: usize = 64 * 1_024;

/// What a connection gets that is one too many.
const TOO_MANY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\n\
    content-type: application/problem+json\r\nretry-after: 5\r\nconnection: close\r\n\
    content-length: 97\r\n\r\n\
    {\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,\
    \"detail\":\"too many connections\"}";

/// So many connections may wait to be taken in; the machine's own limit is often lower. One too many
/// is not heard of for a second, until its client asks again: when many come back at once, the usual
/// 128 are too few.
const BACKLOG: u32 = 4_096;

/// Listens on an address; to be called where a runtime is.
///
/// # Errors
/// When the address is not this machine's, or somebody listens there.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // As every listener of the standard library does, so that a restart finds its port free.
    if cfg!(unix) {
        socket.set_reuseaddr(true)?;
    }
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Takes connections in until `stop` says so, then waits for those that are open.
pub async fn serve(listener: TcpListener, app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let router = Router::new(Arc::clone(&app));
    let places = Arc::new(Semaphore::new(app.limits.connections_max));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped(&mut stop) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                wait_after(&error).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            turn_away(stream);
            continue;
        };
        // Answers are short: nothing is gained by waiting for more.
        drop(stream.set_nodelay(true));
        let carried =
            carry(stream, Peer(peer.ip()), router.clone(), Arc::clone(&app), stop.clone(), place);
        tokio::spawn(carried);
    }
    drop(listener);
    let all_finished = async {
        let all = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        // All places are free once nobody has one any more.
        let connections = places.acquire_many(all(app.limits.connections_max)).await;
        let sockets = app.sockets.acquire_many(all(app.limits.sockets_max)).await;
        drop((connections, sockets));
    };
    if tokio::time::timeout(FINISH_WITHIN, all_finished).await.is_err() {
        tracing::warn!("connections are still open, and are cut");
    }
}

/// Tells whoever calls that the service is starting; never ends by itself.
pub async fn tell_that_it_starts(listener: &TcpListener) -> Infallible {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(tell_one_that_it_starts(stream))),
            Err(error) => wait_after(&error).await,
        }
    }
}

async fn tell_one_that_it_starts(stream: TcpStream) {
    let service = service_fn(|request: Request<Incoming>| {
        std::future::ready(Ok::<_, Infallible>(while_it_starts(request.uri())))
    });
    let mut http = http1::Builder::new();
    // One answer: the next call may be for the service itself.
    http.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(5)).keep_alive(false);
    drop(http.serve_connection(TokioIo::new(stream), service).await);
}

/// Waits until the service is to stop.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    // Who could say so being gone says so, too.
    drop(stop.wait_for(|stop| *stop).await.map(drop));
}

/// A machine without a free file descriptor has one soon.
async fn wait_after(error: &io::Error) {
    tracing::warn!(%error, "cannot take a connection in");
    tokio::time::sleep(Duration::from_millis(100)).await;
}

fn turn_away(mut stream: TcpStream) {
    tokio::spawn(async move {
        // Who does not read it is turned away all the same.
        let said = stream.write_all(TOO_MANY);
        drop(tokio::time::timeout(Duration::from_secs(1), said).await);
    });
}

/// Carries the calls of one connection, until it ends or the service stops.
async fn carry(
    stream: TcpStream,
    peer: Peer,
    router: Router,
    app: Arc<App>,
    mut stop: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
) {
    let connections = app.shared.metrics.connections.clone();
    connections.inc();
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = router.answer(request, peer);
        async move {
            Ok::<_, Infallible>(match answer {
                Answer::Ready(response) => response,
                Answer::Coming(response) => response.await,
            })
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(app.limits.header_timeout)
        .max_buf_size(BUFFER_BYTES_MAX);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopped(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // Clients go away in the middle, or never spoke HTTP.
        tracing::debug!(%error, "a connection ended");
    }
    connections.dec();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn hundreds_can_wait_to_be_taken_in() {
        let listener = bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut waiting = Vec::new();
        for number in 0..400 {
            // Who finds no room asks again after a second.
            let connecting = TcpStream::connect(address);
            let connected = tokio::time::timeout(Duration::from_millis(900), connecting).await;
            let connected = connected.unwrap_or_else(|_| panic!("{number} found no room"));
            waiting.push(connected.expect("connects"));
        }
    }
}
