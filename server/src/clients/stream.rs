//! What clients speak at a port: plain bytes, TLS, or either.

pub use crate::tls::Stream;
use crate::tls::TlsPort;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpStream;

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
