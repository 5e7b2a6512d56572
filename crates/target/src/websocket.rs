//! The opening of a WebSocket: the one place that writes its request.

use hyper::header::{AUTHORIZATION, HeaderValue};
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::host::Host;
use super::transport::Transport;

/// Opens a WebSocket at a path of a host, with what is sent as `Authorization: Bearer …`, if anything.
///
/// # Errors
/// `Error::Http` where the host answers otherwise; all else where it does not answer.
pub async fn open(
    host: &Host,
    path: &str,
    bearer: Option<&str>,
    config: WebSocketConfig,
) -> Result<WebSocketStream<Transport>, Error> {
    let mut request = format!("ws://{}{path}", host.authority()).into_client_request()?;
    if let Some(token) = bearer {
        let bearer = HeaderValue::from_str(&format!("Bearer {token}"));
        let bearer = bearer.map_err(|error| Error::HttpFormat(error.into()))?;
        request.headers_mut().insert(AUTHORIZATION, bearer);
    }
    // By TLS or without, as the host has it.
    let stream = host.connect().await?;
    client_async_with_config(request, stream, Some(config)).await.map(|(socket, _)| socket)
}
