//! TLS of the service's own: a certificate and its key out of two files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::{Error as PemError, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{Error, InconsistentKeys, ServerConfig};

/// As a client names HTTP/2 in its handshake.
pub const HTTP2: &[u8] = b"h2";

/// Why a certificate or its key cannot be used.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file is not there, or not for this user.
    #[error("cannot read {path}: {error}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the machine says.
        error: std::io::Error,
    },
    /// A file is no text of the form that keys and certificates have.
    #[error("{path} is no PEM file: {why}")]
    NoPem {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: PemError,
    },
    /// There is no certificate in its file.
    #[error("{0} has no certificate: `-----BEGIN CERTIFICATE-----` is looked for")]
    NoCertificate(PathBuf),
    /// There is no key in its file, or it needs a password.
    #[error(
        "{0} has no private key without a password: `-----BEGIN PRIVATE KEY-----` is looked for"
    )]
    NoKey(PathBuf),
    /// The key is another one's.
    #[error("the key in {key} is not that of the first certificate in {certificate}")]
    Mismatched {
        /// The file with the certificate.
        certificate: PathBuf,
        /// The file with the key.
        key: PathBuf,
    },
    /// The certificate or the key is of a kind that TLS does not know.
    #[error("cannot use {certificate} with {key}: {why}")]
    Unusable {
        /// The file with the certificate.
        certificate: PathBuf,
        /// The file with the key.
        key: PathBuf,
        /// What is wrong with them.
        why: Error,
    },
}

/// What the service proves with that it is who it is.
#[derive(Clone, Debug)]
pub struct Tls(pub(crate) Arc<ServerConfig>);

impl Tls {
    /// Reads a certificate, with those behind it that it hangs on, and its key: PEM.
    ///
    /// # Errors
    /// When a file cannot be read, or is not what it should be; when they do not belong together.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let no_pem = |path: &Path| {
            let path = path.to_owned();
            |why| TlsError::NoPem { path, why }
        };
        let chain: Vec<CertificateDer<'static>> =
            CertificateDer::pem_slice_iter(&read(certificate)?)
                .collect::<Result<_, _>>()
                .map_err(no_pem(certificate))?;
        if chain.is_empty() {
            return Err(TlsError::NoCertificate(certificate.to_owned()));
        }
        let secret = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|why| match why {
            PemError::NoItemsFound => TlsError::NoKey(key.to_owned()),
            why => no_pem(key)(why),
        })?;
        let unusable = |why| {
            let (certificate, key) = (certificate.to_owned(), key.to_owned());
            match why {
                Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                    TlsError::Mismatched { certificate, key }
                }
                why => TlsError::Unusable { certificate, key, why },
            }
        };
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_no_client_auth()
            .with_single_cert(chain, secret)
            .map_err(unusable)?;
        config.alpn_protocols = vec![HTTP2.to_vec(), b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|error| TlsError::Unreadable { path: path.to_owned(), error })
}
