//! Where a client finds a host: at the addresses that were looked up before, if any were.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::dns::Name;
use tower_service::Service;

use super::host::Host;

/// Gives a host's addresses to a client; the port is the client's own matter.
#[derive(Clone, Debug)]
pub struct Resolver(Option<Arc<[SocketAddr]>>);

impl Resolver {
    /// The addresses of a host that was looked up; of another its name is looked up each time.
    pub fn of(host: &Host) -> Self {
        Self(host.addresses().cloned())
    }
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let known = self.0.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = match known {
                Some(known) => known.to_vec(),
                None => tokio::net::lookup_host((name.as_str(), 0)).await?.collect(),
            };
            Ok(found.into_iter())
        })
    }
}
