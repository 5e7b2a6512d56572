//! Connections: taken in as many as there may be, and closed politely when the service stops.

mod stall;

mod connection;

mod refusals;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderValue;
use axum::http::header::CONNECTION;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;

pub use connection::Carrier;

use connection::{Answers, FINISH_WITHIN, stopped};
use refusals::Refusals;

use super::http::{Answer, App, Peer, Router, while_it_starts};

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
pub async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    carrier: Carrier,
    mut stop: watch::Receiver<bool>,
) {
    let router = Router::new(Arc::clone(&app));
    let refusals = Refusals::new(carrier.clone(), app.limits.connections_max);
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
        let peer = Peer(peer.ip().to_canonical());
        // Answers are short: nothing is gained by waiting for more.
        drop(stream.set_nodelay(true));
        // A proxy comes for many.
        let address = (!app.proxies.are(peer.0)).then_some(peer.0);
        let place = match app.connections.take(address) {
            Ok(place) => place,
            Err(why) => {
                refusals.refuse(stream, address, why);
                continue;
            }
        };
        let answers = answers(router.clone(), peer);
        let (carrier, stop) = (carrier.clone(), stop.clone());
        let open = app.shared.metrics.connections.clone();
        tokio::spawn(async move {
            open.inc();
            carrier.carry(stream, answers, stop).await;
            open.dec();
            drop(place);
        });
    }
    drop(listener);
    let all_finished = async {
        app.connections.all_free().await;
        app.sockets.all_free().await;
    };
    if tokio::time::timeout(FINISH_WITHIN, all_finished).await.is_err() {
        tracing::warn!("connections are still open, and are cut");
    }
}

/// What a connection's calls are answered by.
fn answers(router: Router, peer: Peer) -> impl Answers {
    service_fn(move |request: Request<Incoming>| {
        let answer = router.answer(request, peer);
        async move {
            Ok::<_, Infallible>(match answer {
                Answer::Ready(response) => response,
                Answer::Coming(response) => response.await,
            })
        }
    })
}

/// Tells whoever calls that the service is starting; never ends by itself.
pub async fn tell_that_it_starts(listener: &TcpListener, carrier: &Carrier) -> Infallible {
    // Once this is dropped, those connections end that are still open.
    let (_starting, started) = watch::channel(false);
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let (carrier, started) = (carrier.clone(), started.clone());
                tokio::spawn(async move { carrier.carry(stream, that_it_starts(), started).await });
            }
            Err(error) => wait_after(&error).await,
        }
    }
}

fn that_it_starts() -> impl Answers {
    service_fn(|request: Request<Incoming>| {
        let mut response = while_it_starts(request.uri());
        // One answer: the next call may be for the service itself.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        std::future::ready(Ok::<_, Infallible>(response))
    })
}

/// A machine without a free file descriptor has one soon.
async fn wait_after(error: &io::Error) {
    tracing::warn!(%error, "cannot take a connection in");
    tokio::time::sleep(Duration::from_millis(100)).await;
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpStream;

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
