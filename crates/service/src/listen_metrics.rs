//! The metrics on an address of their own, for those who run the service alone.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use super::http::{App, operation_alone};

/// So many may read them at once.
const CONNECTIONS_MAX: usize = 64;
/// How long the headers of a call may take.
const HEADERS_WITHIN: Duration = Duration::from_secs(5);

/// Answers what concerns the running of the service, and nothing else, until it stops.
pub async fn serve(listener: TcpListener, app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            // Who could say so being gone says so, too.
            _ = stop.wait_for(|stop| *stop) => return,
        };
        let Ok((stream, _)) = accepted else {
            // A machine without a free file descriptor has one soon.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        // One too many is closed.
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
        let app = Arc::clone(&app);
        tokio::spawn(async move {
            let _place = place;
            let service = service_fn(move |request: Request<Incoming>| {
                let app = Arc::clone(&app);
                async move { Ok::<_, Infallible>(operation_alone(app, request.uri()).await) }
            });
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(HEADERS_WITHIN).keep_alive(false);
            // Who goes away in the middle has read enough.
            drop(http.serve_connection(TokioIo::new(stream), service).await);
        });
    }
}
