//! Certificates of the tests' own: what is `localhost` by the word of an authority.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lamplighter_service::Tls;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// A certificate and its key, in two files, and the authority's certificate.
pub struct Certified {
    pub certificate: PathBuf,
    pub key: PathBuf,
    pub authority: String,
    authority_der: CertificateDer<'static>,
}

impl Certified {
    /// A new one, in a folder; what was there by those names is no more.
    pub fn write(folder: &Path) -> Self {
        let mut params = CertificateParams::new([]).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let authority = CertifiedIssuer::self_signed(params, key).expect("an authority");
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(["localhost".to_owned()]).expect("a name");
        let certificate = params.signed_by(&key, &authority).expect("is signed");
        let write = |name: &str, text: String| {
            let path = folder.join(name);
            std::fs::write(&path, text).expect("is written");
            path
        };
        Self {
            certificate: write("certificate.pem", certificate.pem()),
            key: write("key.pem", key.serialize_pem()),
            authority: authority.pem(),
            authority_der: authority.der().clone(),
        }
    }

    /// The certificate of an authority that shows itself as `localhost`, as `openssl req -x509` makes it; or one
    /// that is signed with its own key and is no authority's.
    pub fn write_self_signed(folder: &Path, is_ca: bool) -> Self {
        let mut params = CertificateParams::new(["localhost".to_owned()]).expect("a name");
        params.is_ca = match is_ca {
            true => IsCa::Ca(BasicConstraints::Unconstrained),
            false => IsCa::ExplicitNoCa,
        };
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("is signed");
        let write = |name: &str, text: String| {
            let path = folder.join(name);
            std::fs::write(&path, text).expect("is written");
            path
        };
        Self {
            certificate: write("certificate.pem", certificate.pem()),
            key: write("key.pem", key.serialize_pem()),
            authority: certificate.pem(),
            authority_der: certificate.der().clone(),
        }
    }

    /// What a service proves with it.
    pub fn tls(&self) -> Tls {
        Tls::read(&self.certificate, &self.key).expect("they belong together")
    }

    /// Speaks TLS as a client that trusts the authority and offers protocols, such as `h2`.
    pub fn connect(
        &self,
        stream: TcpStream,
        protocols: &[&str],
    ) -> StreamOwned<ClientConnection, TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority_der.clone()).expect("an authority");
        let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("they are there")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        let name = "localhost".try_into().expect("a name");
        let client = ClientConnection::new(Arc::new(config), name).expect("a client");
        let mut stream = StreamOwned::new(client, stream);
        stream.conn.complete_io(&mut stream.sock).expect("a handshake");
        stream
    }
}
