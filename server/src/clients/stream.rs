//! What a client speaks over: a socket, or TLS over one.

use crate::tls::TlsPort;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

/// A connection's bytes, both ways.
#[derive(Debug)]
pub enum Stream {
    /// As they are.
    Plain(TcpStream),
    /// By TLS.
    Tls(Box<TlsStream<TcpStream>>),
}

/// What is spoken at a port.
#[derive(Clone, Debug)]
pub enum Speech {
    /// Plain bytes.
    Plain,
    /// TLS.
    Tls(Arc<TlsPort>),
    /// Either: the first byte tells (`client.portUnification`).
    Either(Arc<TlsPort>),
}

impl Speech {
    /// Lets a client in; with its stream comes the subject of its certificate, if it has one.
    ///
    /// # Errors
    /// The client is refused, or gone.
    pub async fn open(
        &self,
        stream: TcpStream,
        from: SocketAddr,
    ) -> io::Result<(Stream, Option<String>)> {
        stream.set_nodelay(true)?;
        let tls = match self {
            Speech::Plain => None,
            Speech::Tls(tls) => Some(tls),
            Speech::Either(tls) => tls.is_tls(&stream).await?.then_some(tls),
        };
        let Some(tls) = tls else { return Ok((Stream::Plain(stream), None)) };
        let client = tls.accept(stream, from.ip()).await?;
        Ok((Stream::Tls(client.stream), client.subject))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(context),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
