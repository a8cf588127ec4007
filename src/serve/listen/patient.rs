//! A connection whose other end must take what is sent, at least a little of it within a time.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::connections::Connection;
use super::listeners::Stream;

/// Gives up a client that takes nothing. Without that one that stops reading would keep its place for ever.
pub(super) struct Patient {
    stream: Box<dyn Stream>,
    patience: Duration,
    /// Runs while there is something that can't be sent.
    waiting: Option<Pin<Box<Sleep>>>,
    /// Is told when all is sent.
    connection: Arc<Connection>,
}

impl Patient {
    pub(super) fn new(stream: Box<dyn Stream>, patience: Duration, connection: Arc<Connection>) -> Self {
        Self { stream, patience, waiting: None, connection }
    }

    fn passed<T>(&mut self, context: &mut Context<'_>, done: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if done.is_ready() {
            self.waiting = None;
            return done;
        }
        let patience = self.patience;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(waiting.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client takes nothing")))
    }
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.passed(context, done)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.passed(context, done)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.stream).poll_flush(context);
        if matches!(done, Poll::Ready(Ok(()))) {
            self.connection.sent();
        }
        self.passed(context, done)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.stream).poll_shutdown(context);
        self.passed(context, done)
    }
}

impl Drop for Patient {
    fn drop(&mut self) {
        if self.connection.breaks_off() {
            self.stream.end_as_broken();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;
    use crate::serve::listen::connections::Connections;

    impl Stream for DuplexStream {
        fn end_as_broken(&self) {}
    }

    #[tokio::test]
    async fn who_takes_a_little_is_waited_for_and_who_takes_nothing_is_not() {
        let (near, mut far) = duplex(16);
        let connection = Connections::new(1).enter().await.unwrap();
        let mut near = Patient::new(Box::new(near), Duration::from_secs(1), connection);
        let taking = tokio::spawn(async move {
            let mut byte = [0; 4];
            for _ in 0..10 {
                sleep(Duration::from_millis(150)).await;
                far.read_exact(&mut byte).await.unwrap();
            }
            far
        });
        near.write_all(&[1; 40]).await.unwrap();
        let failed = near.write_all(&[1; 100]).await.unwrap_err();
        assert_eq!(failed.kind(), io::ErrorKind::TimedOut);
        drop(taking.await.unwrap());
    }
}
