//! How servers reach one another and let one another in: the socket, TLS, SASL, in this order on
//! the quorum port; on the election port the handshake comes before SASL (docs/protocol.md, Q8).
//!
//! Both ports go through the same door, so neither is less guarded than the other.

use super::settings::LinkSettings;
use super::{dial, hosts, sasl};
use crate::tls::{PeerTls, Stream, TlsError, begins_tls};
use bytes::BytesMut;
use socket2::SockRef;
use std::io;
use std::sync::{Arc, RwLock};
use std::time::Duration;
use tokio::net::TcpStream;
use vivarium_protocol::base::Config;

/// What guards both ports.
#[derive(Debug)]
pub struct Door {
    settings: LinkSettings,
    tls: Option<Arc<PeerTls>>,
    /// Where members are, as far as is known by now.
    hosts: RwLock<Vec<String>>,
}

impl Door {
    /// Reads the stores; the second part is what is doubtful about them.
    ///
    /// # Errors
    /// They can't be used.
    pub fn open(settings: LinkSettings) -> Result<(Door, Vec<String>), TlsError> {
        let opened = settings.terms.clone().map(PeerTls::open).transpose()?;
        let (tls, warnings) = opened.map_or((None, Vec::new()), |(tls, it)| (Some(tls), it));
        let hosts = RwLock::default();
        Ok((Door { settings, tls: tls.map(Arc::new), hosts }, warnings))
    }

    /// From here on these are the members, whose hosts may stand in certificates.
    pub fn expect(&self, config: &Config) {
        *self.hosts.write().expect("whoever changes them does not panic") = hosts(config);
    }

    /// What it was told.
    #[must_use]
    pub fn settings(&self) -> &LinkSettings {
        &self.settings
    }

    /// TLS, if it is spoken.
    #[must_use]
    pub fn tls(&self) -> Option<&Arc<PeerTls>> {
        self.tls.as_ref()
    }

    /// Connects to a server at whichever of its addresses answers, by TLS where that is asked for.
    ///
    /// # Errors
    /// It can't be reached within `limit`, or TLS fails.
    pub async fn dial(&self, addresses: &[(String, u16)], limit: Duration) -> io::Result<Stream> {
        let attempt = async {
            let (stream, host) = dial::connect_any(addresses, limit).await?;
            SockRef::from(&stream).set_keepalive(self.settings.keep_alive)?;
            match self.tls.as_ref().filter(|_| self.settings.dial_tls) {
                None => Ok(Stream::Plain(stream)),
                Some(tls) => {
                    let stream = tls.dial(stream, &host).await.map_err(|error| by_tls(&error))?;
                    Ok(Stream::Tls(Box::new(stream)))
                }
            }
        };
        within(limit, attempt).await
    }

    /// Lets a connection for notifications end when its address acknowledges nothing any more:
    /// nothing else would tell, and another address may still answer.
    ///
    /// # Errors
    /// The system can't.
    pub fn watch(&self, stream: &Stream) -> io::Result<()> {
        let Some(limit) = self.settings.reachable else { return Ok(()) };
        let socket = match stream {
            Stream::Plain(stream) => stream,
            Stream::Tls(stream) => stream.get_ref().0,
        };
        watch(socket, limit)
    }

    /// Takes a connection: TLS where it begins so and is spoken, plain bytes where those may be.
    ///
    /// # Errors
    /// TLS fails or takes longer than `limit`, or the other end speaks plainly and must not.
    pub async fn accept(&self, stream: TcpStream, limit: Duration) -> io::Result<Stream> {
        stream.set_nodelay(true)?;
        SockRef::from(&stream).set_keepalive(self.settings.keep_alive)?;
        let Some(tls) = &self.tls else { return Ok(Stream::Plain(stream)) };
        let detection = tls.terms().detection;
        if begins_tls(&stream, detection).await? == Some(true) {
            let hosts = self.hosts.read().expect("whoever changes them does not panic").clone();
            let accepted = within(limit, tls.accept(stream, &hosts)).await;
            return Ok(Stream::Tls(Box::new(accepted.map_err(|error| by_tls(&error))?)));
        }
        if self.settings.accept_plain {
            return Ok(Stream::Plain(stream));
        }
        let why = "it does not speak TLS, and sslQuorum asks for that";
        Err(io::Error::new(io::ErrorKind::PermissionDenied, why))
    }

    /// Says by SASL who this server is, where it is told to.
    ///
    /// # Errors
    /// The other end refuses, or is not who it should be.
    pub async fn introduce(&self, stream: &mut Stream, limit: Duration) -> io::Result<()> {
        let login = self.settings.sasl.as_ref().and_then(|sasl| sasl.login.as_ref());
        let Some(login) = login else { return Ok(()) };
        within(limit, sasl::introduce(login, stream)).await
    }

    /// Hears by SASL who the other end is. `input` are bytes of it that were read already, and
    /// holds what follows afterwards.
    ///
    /// # Errors
    /// It does not say, or not rightly, and must.
    pub async fn identify(
        &self,
        stream: &mut Stream,
        input: &mut BytesMut,
        limit: Duration,
    ) -> io::Result<()> {
        let Some(sasl) = &self.settings.sasl else { return Ok(()) };
        within(limit, sasl::identify(sasl, stream, input)).await
    }
}

#[cfg(target_os = "linux")]
fn watch(socket: &TcpStream, limit: Duration) -> io::Result<()> {
    SockRef::from(socket).set_tcp_user_timeout(Some(limit))
}

#[cfg(not(target_os = "linux"))]
fn watch(_: &TcpStream, _: Duration) -> io::Result<()> {
    Ok(())
}

fn by_tls(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("TLS: {error}"))
}

/// With an end.
async fn within<T>(limit: Duration, attempt: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    match tokio::time::timeout(limit, attempt).await {
        Ok(done) => done,
        Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, format!("no answer in {limit:?}"))),
    }
}
