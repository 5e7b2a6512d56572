//! A connection's bytes: counted, so that it is known whether anything went out or came back.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{Notify, watch};

use crate::transport::Transport;

/// An open connection.
#[derive(Debug)]
pub struct CountedStream {
    transport: Transport,
    meter: Arc<ByteCounter>,
    /// Behind the transport: it counts until that is closed.
    _open: OpenGuard,
}

#[derive(Debug)]
struct OpenGuard(Arc<watch::Sender<usize>>);

/// How much went over a connection.
#[derive(Debug, Default)]
pub struct ByteCounter {
    read: AtomicU64,
    written: AtomicU64,
    wrote: Notify,
}

impl ByteCounter {
    /// Bytes that came.
    pub fn bytes_read(&self) -> u64 {
        self.read.load(Ordering::Acquire)
    }

    /// Bytes that went out.
    pub fn bytes_written(&self) -> u64 {
        self.written.load(Ordering::Acquire)
    }

    /// Waits until more went out than this.
    pub async fn wrote_more_than(&self, bytes: u64) {
        loop {
            let wrote = self.wrote.notified();
            if self.bytes_written() > bytes {
                return;
            }
            wrote.await;
        }
    }

    fn write(&self, done: &Poll<io::Result<usize>>) {
        if let Poll::Ready(Ok(bytes)) = done {
            self.written.fetch_add(*bytes as u64, Ordering::AcqRel);
            // Who waits looks at the count before it waits.
            self.wrote.notify_waiters();
            self.wrote.notify_one();
        }
    }
}

impl CountedStream {
    /// A connection that was opened; `open` counts it until it is closed.
    pub fn new(transport: Transport, open: Arc<watch::Sender<usize>>) -> Self {
        open.send_modify(|count| *count += 1);
        Self { transport, meter: Arc::default(), _open: OpenGuard(open) }
    }

    /// How much goes over it.
    pub fn meter(&self) -> Arc<ByteCounter> {
        Arc::clone(&self.meter)
    }
}

impl Drop for OpenGuard {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

impl AsyncRead for CountedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let done = Pin::new(&mut self.transport).poll_read(cx, buf);
        self.meter.read.fetch_add((buf.filled().len() - before) as u64, Ordering::AcqRel);
        done
    }
}

impl AsyncWrite for CountedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.transport).poll_write(cx, bytes);
        self.meter.write(&done);
        done
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.transport).poll_write_vectored(cx, pieces);
        self.meter.write(&done);
        done
    }

    fn is_write_vectored(&self) -> bool {
        self.transport.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_shutdown(cx)
    }
}
