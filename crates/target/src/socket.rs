//! The socket of a device: while it is open the device is connected (rule P7).

use std::time::Duration;

use futures_util::StreamExt;
use hyper::header::{AUTHORIZATION, HeaderValue};
use tokio::task::JoinHandle;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::client::Client;
use super::error::{Cause, HostError};

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
    let authority = client.host().authority();
    let url = format!("ws://{authority}/v1/connect");
    let address = client.host().address();
    let call = || format!("GET {address}/v1/connect");
    let unreachable = |cause: Cause| HostError::Unreachable { call: call(), cause };
    let opening = async {
        let mut request = url.as_str().into_client_request()?;
        let bearer = HeaderValue::from_str(&format!("Bearer {token}"));
        request
            .headers_mut()
            .insert(AUTHORIZATION, bearer.map_err(|e| Error::HttpFormat(e.into()))?);
        let stream = client.host().connect().await?;
        client_async(request, stream).await
    };
    let opened = client.runtime().block_on(async {
        tokio::time::timeout(OPEN_WITHIN, opening).await.map_err(|late| unreachable(late.into()))
    })?;
    match opened {
        Ok((mut socket, _)) => {
            // Reading answers pings, and finds out when the service closes it.
            let read = async move { while let Some(Ok(_)) = socket.next().await {} };
            Ok(Ok(Socket(client.runtime().spawn(read))))
        }
        Err(Error::Http(response)) => Ok(Err(response.status().as_u16())),
        Err(error) => Err(unreachable(error.into())),
    }
}
