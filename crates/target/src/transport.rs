//! A connection's bytes, encrypted or not.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// A connection that is open.
#[derive(Debug)]
pub enum Transport {
    /// A TCP connection without encryption.
    Plain(TcpStream),
    /// A TCP connection with TLS over it.
    Secure(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Transport {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(transport) => Pin::new(transport).poll_read(cx, buf),
            Self::Secure(transport) => Pin::new(transport).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Transport {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(transport) => Pin::new(transport).poll_write(cx, bytes),
            Self::Secure(transport) => Pin::new(transport).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(transport) => Pin::new(transport).poll_write_vectored(cx, pieces),
            Self::Secure(transport) => Pin::new(transport).poll_write_vectored(cx, pieces),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(transport) => transport.is_write_vectored(),
            Self::Secure(transport) => transport.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(transport) => Pin::new(transport).poll_flush(cx),
            Self::Secure(transport) => Pin::new(transport).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(transport) => Pin::new(transport).poll_shutdown(cx),
            Self::Secure(transport) => Pin::new(transport).poll_shutdown(cx),
        }
    }
}
