//! The socket of a device: while it is open the device is connected (rule P7).

use std::time::Duration;

use futures_util::StreamExt;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::client::Client;
use super::error::{BoxError, HostError};
use super::websocket;

/// Where sockets are opened.
const PATH: &str = "/v1/connect";
/// How long opening may take.
const OPEN_WITHIN: Duration = Duration::from_secs(30);

/// An open socket; dropped, it is cut off without a word.
pub struct Socket(JoinHandle<()>);

impl Drop for Socket {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Opens the socket of the device with this token; the HTTP status where the service refuses.
///
/// # Errors
/// When nobody answers.
pub fn open(client: &Client, token: &str) -> Result<Result<Socket, u16>, HostError> {
    let address = client.host().address();
    let call = || format!("GET {address}{PATH}");
    let unreachable = |cause: BoxError| HostError::Unreachable { call: call(), cause };
    let config = WebSocketConfig::default();
    let opening = websocket::open(client.host(), PATH, Some(token), config);
    let opened = client.runtime().block_on(async {
        tokio::time::timeout(OPEN_WITHIN, opening).await.map_err(|late| unreachable(late.into()))
    })?;
    match opened {
        Ok(mut socket) => {
            // Reading answers pings, and finds out when the service closes it.
            let read = async move { while let Some(Ok(_)) = socket.next().await {} };
            Ok(Ok(Socket(client.runtime().spawn(read))))
        }
        Err(Error::Http(response)) => Ok(Err(response.status().as_u16())),
        Err(error) => Err(unreachable(error.into())),
    }
}
