//! How connections to the target are opened: its addresses are looked up once.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

use hyper::header::HeaderValue;
use tokio::net::TcpSocket;

use super::http::{ExchangeError, FailurePoint, io_word};
use lamplighter_target::{Host, Transport};

/// Opens connections to a target.
#[derive(Debug)]
pub struct Dialer {
    host: Host,
    /// Its addresses, one at least.
    addresses: Vec<SocketAddr>,
    /// The target as requests name it in their `host`.
    pub name: HeaderValue,
}

impl Dialer {
    /// Takes the target's addresses, or looks them up where nobody has.
    ///
    /// # Errors
    /// When it has none.
    pub fn to(host: &Host) -> io::Result<Self> {
        let addresses = match host.addresses() {
            Some(addresses) => addresses.to_vec(),
            None => host.authority().to_socket_addrs()?.collect(),
        };
        if addresses.is_empty() {
            return Err(io::Error::other("there is none"));
        }
        let name = HeaderValue::from_str(host.authority()).map_err(io::Error::other)?;
        Ok(Self { host: host.at(addresses.clone().into()), addresses, name })
    }

    /// Opens a connection to the first of the target's addresses that takes it.
    ///
    /// # Errors
    /// Why there is none, in a word or two.
    pub async fn connect(&self) -> Result<Transport, ExchangeError> {
        self.host.connect().await.map_err(unsent)
    }

    /// Opens one for which the kernel keeps so many bytes only, so that the service soon feels how
    /// slow its reader is.
    ///
    /// # Errors
    /// Why there is none, in a word or two.
    pub async fn connect_slowly(&self, kernel_bytes: u32) -> Result<Transport, ExchangeError> {
        let connecting = async |address: SocketAddr| {
            let socket = match address.is_ipv4() {
                true => TcpSocket::new_v4()?,
                false => TcpSocket::new_v6()?,
            };
            socket.set_recv_buffer_size(kernel_bytes)?;
            self.host.secured(socket.connect(address).await?).await
        };
        let mut tried = connecting(self.addresses[0]).await;
        for &address in &self.addresses[1..] {
            if tried.is_err() {
                tried = connecting(address).await;
            }
        }
        tried.map_err(unsent)
    }
}

fn unsent(error: io::Error) -> ExchangeError {
    ExchangeError { word: io_word(&error), point: FailurePoint::Unsent }
}
