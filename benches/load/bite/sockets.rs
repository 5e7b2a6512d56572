//! Sockets: bytes in both directions, and the fault of their loss.

use hyper::body::{Bytes, Incoming};
use hyper::upgrade::Upgraded;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{copy, copy_bidirectional_with_sizes, split};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;

use futures_util::StreamExt;
use http_body_util::Full;
use std::sync::Arc;

use super::exchange::{ClientConnection, Error, ProxyAnswer, as_it_is, token};
use super::fault::Fault;
use super::shared::Shared;

/// Little is said by devices, and little to them.
const BUFFER_BYTES: usize = 1_024;

/// A device's socket opens.
pub async fn connect(
    connection: &ClientConnection,
    mut request: Request<Incoming>,
) -> Result<ProxyAnswer, Error> {
    let client = hyper::upgrade::on(&mut request);
    let (parts, _) = request.into_parts();
    let token = token(&parts.headers).unwrap_or_default().to_owned();
    let mut response = connection.ask(Request::from_parts(parts, Full::new(Bytes::new()))).await?;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        connection.let_go().await;
        let service = hyper::upgrade::on(&mut response);
        let shared = Arc::clone(&connection.shared);
        if let Some(recorder) = &shared.recorder {
            recorder.opened(&token);
        }
        tokio::spawn(async move {
            let told_gone = |shared: &Shared| {
                if let Some(recorder) = &shared.recorder {
                    recorder.gone(&token);
                }
            };
            match tokio::join!(client, service) {
                (Ok(client), Ok(service)) => {
                    let (client, service) = (TokioIo::new(client), TokioIo::new(service));
                    carry(&shared, client, service, &told_gone).await;
                }
                _ => told_gone(&shared),
            }
        });
    }
    Ok(as_it_is(response))
}

/// Both ends of it; says when either of them is gone.
async fn carry(
    shared: &Shared,
    mut client: TokioIo<Upgraded>,
    mut service: TokioIo<Upgraded>,
    told_gone: &(dyn Fn(&Shared) + Sync),
) {
    if shared.fault != Fault::GraceNeverEnds {
        let carried =
            copy_bidirectional_with_sizes(&mut client, &mut service, BUFFER_BYTES, BUFFER_BYTES);
        // A loss is nothing that is told: the other side loses it, too.
        drop(carried.await);
        return told_gone(shared);
    }
    let service = {
        let (mut from_client, mut to_client) = split(client);
        let (mut from_service, mut to_service) = split(service);
        let service_is_gone = tokio::select! {
            _ = copy(&mut from_client, &mut to_service) => false,
            told = copy(&mut from_service, &mut to_client) => told.is_ok(),
        };
        told_gone(shared);
        if service_is_gone {
            return;
        }
        from_service.unsplit(to_service)
    };
    shared.count_put_in();
    // Pings are answered by reading on, and so the service never learns that the client is gone.
    let mut kept = WebSocketStream::from_raw_socket(service, Role::Client, None).await;
    while let Some(Ok(_)) = kept.next().await {}
}
