//! How one client comes in by TLS: the handshake, and who its certificate says it is.

use super::context::{Context, TlsError};
use super::settings::TlsSettings;
use super::subject;
use rustls::ServerConfig;
use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::ParsedCertificate;
use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How often stores are looked at for a change.
const LOOK: Duration = Duration::from_millis(1000);

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

impl TlsPort {
    /// Reads the stores; the second part is what is doubtful about them.
    ///
    /// # Errors
    /// They can't be used.
    pub fn open(settings: TlsSettings) -> Result<(TlsPort, Vec<String>), TlsError> {
        let Context { config, warnings } = Context::read(&settings)?;
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
        let mut first = [0; 1];
        let peeked = tokio::time::timeout(self.settings.detection, stream.peek(&mut first));
        match peeked.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(first[0] == HANDSHAKE),
        }
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
        Ok(Client { stream: Box::new(stream), subject })
    }

    fn subject(&self, own: &CertificateDer<'_>, address: IpAddr) -> io::Result<String> {
        let refused = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why.to_owned());
        if self.settings.check_address {
            let parsed = ParsedCertificate::try_from(own).map_err(io::Error::other)?;
            let name = ServerName::IpAddress(address.to_canonical().into());
            verify_server_name(&parsed, &name).map_err(io::Error::other)?;
        }
        subject::of(own).ok_or_else(|| refused("the certificate has no subject that can be read"))
    }

    /// Reads the stores again whenever one of them has changed, if that is asked for. A store that
    /// can't be used changes nothing.
    pub async fn follow_stores(self: Arc<TlsPort>) {
        if !self.settings.reload {
            return;
        }
        let mut known = self.marks();
        let mut ticks = tokio::time::interval(LOOK);
        loop {
            ticks.tick().await;
            let marks = self.marks();
            if marks == known {
                continue;
            }
            known = marks;
            match Context::read(&self.settings) {
                Ok(Context { config, warnings }) => {
                    *self.config.lock().expect("whoever changes it does not panic") = config;
                    tracing::info!("the stores for TLS have changed; new clients get the new ones");
                    warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
                }
                // It may be half written; then it will change again.
                Err(error) => tracing::warn!("the stores for TLS stay as they were: {error}"),
            }
        }
    }

    /// When the stores were last written, and how long they are.
    fn marks(&self) -> Vec<Option<(SystemTime, u64)>> {
        let trust = self.settings.trust_store.as_ref();
        let stores = [Some(&self.settings.key_store), trust];
        stores.into_iter().flatten().map(|store| mark(&store.path)).collect()
    }
}

fn mark(path: &Path) -> Option<(SystemTime, u64)> {
    let known = std::fs::metadata(path).ok()?;
    Some((known.modified().ok()?, known.len()))
}
