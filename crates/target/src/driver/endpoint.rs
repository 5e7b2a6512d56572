//! Where a target is, and the way there.

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use thiserror::Error;
use tokio::sync::watch;

use super::counted_stream::CountedStream;
use crate::error::HostError;
use crate::file::address::Address;
use crate::file::response_error::ResponseError;
use crate::host::{CONNECT_WITHIN, Host, Trust};

/// A target's address, and whom to trust for it.
#[derive(Clone, Debug)]
pub struct Endpoint {
    host: Host,
    address: Address,
    /// The same host at the addresses that its name had when it was looked up.
    found: Arc<OnceLock<Host>>,
    /// The command of an adapter that alone knows the way.
    adapter: Option<String>,
}

/// Why there is no such place.
#[derive(Debug, Error)]
pub enum EndpointError {
    /// It is not an address.
    #[error("`{text}` is no address of a target: {why}")]
    Address {
        /// As it was given.
        text: String,
        /// What was expected.
        why: &'static str,
    },
    /// There is nobody to trust, or no certificate can have the name.
    #[error(transparent)]
    Host(#[from] HostError),
}

impl Endpoint {
    /// The target at `base` or `--host`.
    ///
    /// # Errors
    /// When it is not an address, or cannot be trusted.
    pub fn new(text: &str, trust: &Trust) -> Result<Self, EndpointError> {
        let address = Address::parse(text)
            .map_err(|why| EndpointError::Address { text: text.to_owned(), why })?;
        let scheme = if address.is_tls { "https" } else { "http" };
        let bare = format!("{scheme}://{}:{}", address.host, address.port);
        let host = Host::new(&bare, "", trust)?;
        Ok(Self { host, address, found: Arc::default(), adapter: None })
    }

    /// Looks its name up, once: whatever becomes of the name from now on, the addresses that it has
    /// now are used. Where it must be secure, opens a connection to see whether it is.
    ///
    /// # Errors
    /// When the name has no address, or whoever answers there cannot be trusted.
    pub async fn look_up(&self) -> Result<(), HostError> {
        if self.adapter.is_some() {
            return Ok(());
        }
        let found = self.host.looked_up().await?;
        found.check().await?;
        // Whoever was first has found the same.
        let _ = self.found.set(found);
        Ok(())
    }

    /// The place itself, for whoever opens connections in another way: at its addresses where they were
    /// [looked up](Self::look_up), and with nobody's key.
    pub fn host(&self) -> &Host {
        self.found.get().unwrap_or(&self.host)
    }

    /// Where only an adapter knows the way, which is shown by its command.
    ///
    /// # Errors
    /// Never: the name that stands in its place is one that leads nowhere.
    pub fn of_adapter(words: &[String]) -> Result<Self, EndpointError> {
        let endpoint = Self::new("http://adapter.invalid", &Trust::Machine)?;
        Ok(Self { adapter: Some(words.join(" ")), ..endpoint })
    }

    /// `base` or `--host`, for an adapter; `None` where neither is given.
    pub fn url(&self) -> Option<String> {
        let url = || format!("{}{}", self.host.address(), self.address.path);
        self.adapter.is_none().then(url)
    }

    /// Where it is, as `http://HOST:PORT`; the command of an adapter that alone knows.
    pub fn address(&self) -> &str {
        self.adapter.as_deref().unwrap_or(self.host.address())
    }

    /// What `Host` says where the file does not.
    pub fn authority(&self) -> &str {
        self.host.authority()
    }

    /// The host without its port.
    pub fn host_name(&self) -> &str {
        &self.address.host
    }

    /// What goes in front of every path.
    pub fn base_path(&self) -> &str {
        &self.address.path
    }

    /// Whether it is spoken to by TLS.
    pub fn is_tls(&self) -> bool {
        self.address.is_tls
    }

    /// Opens a connection. `resets`: closing it is losing it, by a reset (T27). `open` counts it
    /// until it is closed.
    ///
    /// # Errors
    /// [`ResponseError::Unreachable`]
    pub async fn connect(
        &self,
        resets: bool,
        open: &Arc<watch::Sender<usize>>,
        within: Duration,
    ) -> Result<CountedStream, ResponseError> {
        if self.adapter.is_some() {
            let why = "the target file has no `base`, and --host is not given".to_owned();
            return Err(ResponseError::Unreachable { why });
        }
        let connecting = async {
            let transport = self.host().open().await?;
            transport.set_nodelay(true)?;
            if resets {
                transport.set_zero_linger()?;
            }
            self.host().secured(transport).await
        };
        let within = within.min(CONNECT_WITHIN);
        let connected = match tokio::time::timeout(within, connecting).await {
            Ok(connected) => connected,
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "nobody takes a connection")),
        };
        match connected {
            Ok(transport) => Ok(CountedStream::new(transport, Arc::clone(open))),
            Err(error) => Err(ResponseError::Unreachable { why: error.to_string() }),
        }
    }
}
