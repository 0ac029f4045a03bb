//! How one client comes in by TLS: the handshake, and who its certificate says it is.

use super::context::{Context, TlsError};
use super::settings::TlsSettings;
use super::{reload, subject};
use rustls::ServerConfig;
use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::ParsedCertificate;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsStream};

/// The first byte of TLS; as the length of a frame it would be beyond every limit.
const HANDSHAKE: u8 = 0x16;

/// The door for clients by TLS.
#[derive(Debug)]
pub struct TlsPort {
    settings: TlsSettings,
    config: Mutex<Arc<ServerConfig>>,
}

/// A client that is in.
#[derive(Debug)]
pub struct Client {
    /// Its stream.
    pub stream: Box<TlsStream<TcpStream>>,
    /// The subject of its certificate, if it showed one, in the form of RFC 2253.
    pub subject: Option<String>,
}

/// Waits for the first byte of the other end, and tells whether it begins TLS; `None` if it does
/// not come in time.
///
/// # Errors
/// The other end is gone.
pub async fn begins_tls(stream: &TcpStream, within: Duration) -> io::Result<Option<bool>> {
    let mut first = [0; 1];
    match tokio::time::timeout(within, stream.peek(&mut first)).await {
        Err(_) => Ok(None),
        Ok(peeked) => match peeked? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(Some(first[0] == HANDSHAKE)),
        },
    }
}

impl TlsPort {
    /// Reads the stores; the second part is what is doubtful about them.
    ///
    /// # Errors
    /// They can't be used.
    pub fn open(settings: TlsSettings) -> Result<(TlsPort, Vec<String>), TlsError> {
        let Context { config, warnings } = Context::read(&settings.terms)?;
        Ok((TlsPort { settings, config: Mutex::new(config) }, warnings))
    }

    /// What it was told.
    #[must_use]
    pub fn settings(&self) -> &TlsSettings {
        &self.settings
    }

    fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config.lock().expect("whoever changes it does not panic"))
    }

    /// Waits for a client's first byte, and tells whether it begins TLS.
    ///
    /// # Errors
    /// The client sends nothing in time, or is gone.
    pub async fn is_tls(&self, stream: &TcpStream) -> io::Result<bool> {
        let said = begins_tls(stream, self.settings.terms.detection).await?;
        said.ok_or_else(|| io::ErrorKind::TimedOut.into())
    }

    /// The handshake with a client at this address.
    ///
    /// # Errors
    /// The client or its certificate is refused, or the client is gone.
    pub async fn accept(&self, stream: TcpStream, address: IpAddr) -> io::Result<Client> {
        let stream = TlsAcceptor::from(self.config()).accept(stream).await?;
        let chain = stream.get_ref().1.peer_certificates();
        let own = chain.and_then(|chain| chain.first());
        let subject = own.map(|own| self.subject(own, address)).transpose()?;
        Ok(Client { stream: Box::new(stream.into()), subject })
    }

    fn subject(&self, own: &CertificateDer<'_>, address: IpAddr) -> io::Result<String> {
        let refused = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why.to_owned());
        if self.settings.terms.check_dialler {
            let parsed = ParsedCertificate::try_from(own).map_err(io::Error::other)?;
            let name = ServerName::IpAddress(address.to_canonical().into());
            verify_server_name(&parsed, &name).map_err(io::Error::other)?;
        }
        subject::of(own).ok_or_else(|| refused("the certificate has no subject that can be read"))
    }

    /// Reads the stores again whenever one of them has changed, if that is asked for.
    pub async fn follow_stores(self: Arc<TlsPort>) {
        let terms = &self.settings.terms;
        reload::follow(terms, "new clients", || {
            let Context { config, warnings } = Context::read(terms)?;
            *self.config.lock().expect("whoever changes it does not panic") = config;
            Ok(warnings)
        })
        .await;
    }
}
