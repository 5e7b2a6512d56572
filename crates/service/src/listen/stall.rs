//! A stream that is given up once its other end has taken nothing for too long. Who asks and never reads would else hold
//! a connection, with what is ready to be sent on it, for good.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// A stream whose writes fail after they have waited for so long.
pub struct StallGuard<S> {
    stream: S,
    patience: Duration,
    /// Runs while a write waits. In a box: most connections never wait.
    giving_up: Option<Pin<Box<Sleep>>>,
}

impl<S> StallGuard<S> {
    /// Waits so long for the other end to take something.
    pub fn new(stream: S, patience: Duration) -> Self {
        Self { stream, patience, giving_up: None }
    }

    /// What a write came to, unless it has waited for too long. Anything that is taken begins the time anew.
    fn bounded(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.giving_up = None;
            return written;
        }
        let patience = self.patience;
        let giving_up = self.giving_up.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(giving_up.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "nothing was read in time")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for StallGuard<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for StallGuard<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.bounded(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.bounded(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn who_reads_slowly_is_waited_for_and_who_does_not_read_is_not() {
        let (ours, mut theirs) = tokio::io::duplex(8);
        let mut guarded = StallGuard::new(ours, Duration::from_millis(800));
        let writing = tokio::spawn(async move {
            let slow = guarded.write_all(&[0; 40]).await;
            (slow, guarded.write_all(&[0; 40]).await)
        });
        // Longer in all than nothing may be taken.
        let mut piece = [0; 8];
        for _ in 0..4 {
            tokio::time::sleep(Duration::from_millis(250)).await;
            theirs.read_exact(&mut piece).await.expect("is there");
        }
        let (slow, stalled) = writing.await.expect("ends");
        slow.expect("it was taken, slowly");
        assert_eq!(stalled.expect_err("it was not").kind(), io::ErrorKind::TimedOut);
    }
}
