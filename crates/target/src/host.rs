//! Where a service is, and the way there: TCP, or TLS on it.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::Uri;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{self, CertificateError, ClientConfig, RootCertStore};

use super::error::HostError;
use super::transport::Transport;

/// How long a connection may take to open.
pub const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// Whose word is taken for a service being who it says, where it is `https`.
#[derive(Clone, Debug)]
pub enum Trust {
    /// The certificate authorities that this machine trusts.
    Machine,
    /// These authorities, and no others.
    Alone(Vec<CertificateDer<'static>>),
}

impl Trust {
    /// The authorities whose certificates stand in a PEM file.
    ///
    /// # Errors
    /// Why it has none, or one that cannot be used.
    pub fn read(pem: &[u8]) -> Result<Self, String> {
        let mut all = Vec::new();
        let mut roots = RootCertStore::empty();
        for read in CertificateDer::pem_slice_iter(pem) {
            let certificate = read.map_err(|error| error.to_string())?;
            roots.add(certificate.clone()).map_err(|error| error.to_string())?;
            all.push(certificate);
        }
        match all.is_empty() {
            true => Err("it has no `-----BEGIN CERTIFICATE-----`".to_owned()),
            false => Ok(Self::Alone(all)),
        }
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        match self {
            // What a machine has beside them that cannot be read is of no use, and no harm.
            Self::Machine => {
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
            Self::Alone(all) => {
                roots.add_parsable_certificates(all.iter().cloned());
            }
        }
        roots
    }
}

/// A service, and the key to it.
#[derive(Clone)]
pub struct Host {
    /// The address as messages tell it, such as `http://127.0.0.1:8080`.
    address: String,
    authority: String,
    /// Where it is reached, once that was looked up; before, its name is looked up for each connection.
    addresses: Option<Arc<[SocketAddr]>>,
    admin_key: String,
    /// The name that the service has to show; `None` where nothing is encrypted.
    name: Option<ServerName<'static>>,
    tls: Arc<ClientConfig>,
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Host").field(&self.address).finish()
    }
}

impl Host {
    /// The service at an address, for whoever has its admin key.
    ///
    /// # Errors
    /// When it is not an address `http://HOST:PORT` or `https://HOST:PORT`, or when it is to be
    /// trusted and there is nobody to trust.
    pub fn new(address: &str, admin_key: &str, trust: &Trust) -> Result<Self, HostError> {
        let wrong = |why| HostError::Address { address: address.to_owned(), why };
        let shape = "write `http://HOST:PORT`, or `https://HOST:PORT`";
        let uri: Uri = address.parse().map_err(|_| wrong(shape))?;
        let (scheme, port) = match uri.scheme_str() {
            Some("http") => ("http", 80),
            Some("https") => ("https", 443),
            _ => return Err(wrong("write `http://` or `https://` in front")),
        };
        if uri.path().len() > 1 || uri.query().is_some() {
            return Err(wrong("nothing stands behind HOST:PORT"));
        }
        let named = uri.authority().ok_or_else(|| wrong(shape))?;
        let authority = format!("{}:{}", named.host(), named.port_u16().unwrap_or(port));
        let (name, roots) = match scheme {
            "https" => {
                let name = named.host().trim_start_matches('[').trim_end_matches(']').to_owned();
                let name = ServerName::try_from(name);
                let name = name.map_err(|_| wrong("no certificate can have this name"))?;
                (Some(name), trust.roots())
            }
            _ => (None, RootCertStore::empty()),
        };
        if name.is_some() && roots.is_empty() {
            return Err(HostError::NobodyToTrust);
        }
        let address = format!("{scheme}://{authority}");
        let admin_key = admin_key.trim().to_owned();
        let tls = Arc::new(config(roots));
        Ok(Self { address, authority, addresses: None, admin_key, name, tls })
    }

    /// Whether all that goes there is encrypted.
    pub fn is_secure(&self) -> bool {
        self.name.is_some()
    }

    /// Where it is, as `http://HOST:PORT` or `https://HOST:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Where it is, as `HOST:PORT`.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The name, or the address, of the machine alone.
    pub fn machine(&self) -> &str {
        self.authority.rsplit_once(':').map_or(&*self.authority, |(machine, _)| machine)
    }

    /// Where it is reached, where that was [looked up](Self::looked_up).
    pub fn addresses(&self) -> Option<&Arc<[SocketAddr]>> {
        self.addresses.as_ref()
    }

    /// The same service at the addresses that its name has now: whatever becomes of the name from now
    /// on, they are used.
    ///
    /// # Errors
    /// When the name has none, or nobody says within ten seconds.
    pub async fn looked_up(&self) -> Result<Self, HostError> {
        let unreachable = |cause| HostError::Unreachable { call: self.address.clone(), cause };
        let found = tokio::time::timeout(CONNECT_WITHIN, tokio::net::lookup_host(&self.authority));
        let found = found.await.map_err(|late| unreachable(late.into()))?;
        let found: Arc<[SocketAddr]> = found.map_err(|error| unreachable(error.into()))?.collect();
        if found.is_empty() {
            return Err(unreachable("its name has no address".into()));
        }
        Ok(self.at(found))
    }

    /// The same service, to be reached at these addresses.
    #[must_use]
    pub fn at(&self, addresses: Arc<[SocketAddr]>) -> Self {
        Self { addresses: Some(addresses), ..self.clone() }
    }

    /// The key of who may do everything.
    pub fn admin_key(&self) -> &str {
        &self.admin_key
    }

    /// How whoever does not connect by [`connect`](Self::connect) is to encrypt, where the address
    /// says so.
    pub fn tls(&self) -> ClientConfig {
        ClientConfig::clone(&self.tls)
    }

    /// Opens a connection.
    ///
    /// # Errors
    /// When nobody takes it, or it is not secure where it must be.
    pub async fn connect(&self) -> io::Result<Transport> {
        let transport = self.open().await?;
        transport.set_nodelay(true)?;
        self.secured(transport).await
    }

    /// Opens a connection on which nothing is encrypted yet.
    ///
    /// # Errors
    /// When nobody takes it.
    pub async fn open(&self) -> io::Result<TcpStream> {
        match &self.addresses {
            Some(addresses) => TcpStream::connect(&**addresses).await,
            None => TcpStream::connect(&self.authority).await,
        }
    }

    /// Makes a connection that is open a secure one, where the service is `https`.
    ///
    /// # Errors
    /// When the service does not show that it is who it says, or speaks no TLS.
    pub async fn secured(&self, transport: TcpStream) -> io::Result<Transport> {
        let Some(name) = &self.name else { return Ok(Transport::Plain(transport)) };
        let connector = TlsConnector::from(Arc::clone(&self.tls));
        let transport = connector.connect(name.clone(), transport).await?;
        Ok(Transport::Secure(Box::new(transport)))
    }

    /// Opens a connection and closes it again, where it must be secure: whoever cannot be trusted is
    /// told before anything else is done.
    ///
    /// # Errors
    /// Why there is no secure connection.
    pub async fn check(&self) -> Result<(), HostError> {
        if !self.is_secure() {
            return Ok(());
        }
        let address = || self.address.clone();
        let unreachable = |cause| HostError::Unreachable { call: address(), cause };
        let connecting = async {
            let transport = self.open().await;
            let transport = transport.map_err(|error| unreachable(error.into()))?;
            self.secured(transport).await.map_err(|error| match certificate_error(&error) {
                Some(wrong) if shows_authority(wrong) => {
                    HostError::ShowsAuthority { address: address() }
                }
                Some(_) => HostError::Untrusted { address: address(), cause: error.into() },
                None => HostError::NoTls { address: address(), cause: error.into() },
            })
        };
        match tokio::time::timeout(CONNECT_WITHIN, connecting).await {
            Ok(connected) => connected.map(drop),
            Err(late) => Err(unreachable(late.into())),
        }
    }
}

/// What is wrong with the certificate that was shown, where that is what is wrong.
fn certificate_error(error: &io::Error) -> Option<&CertificateError> {
    match error.get_ref()?.downcast_ref()? {
        rustls::Error::InvalidCertificate(wrong) => Some(wrong),
        _ => None,
    }
}

/// Whether an authority's own certificate was shown. Only the library within rustls has a name for it.
fn shows_authority(wrong: &CertificateError) -> bool {
    format!("{wrong:?}").contains("CaUsedAsEndEntity")
}

fn config(roots: RootCertStore) -> ClientConfig {
    ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has what TLS 1.2 and 1.3 need")
        .with_root_certificates(roots)
        .with_no_client_auth()
}
