//! TLS between servers: both ends show a certificate, and both look whom it names.
//!
//! Invariant: before a word of the protocol is said or heard, the other end's certificate has been
//! vouched for and, unless the file says otherwise, names the host that was dialled or the address
//! that it came from. Java does the first alone under `fips-mode`; here the second is always done.

use super::context::{Context, TlsError, dialling};
use super::terms::Terms;
use super::{names, reload};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ServerConfig};
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

/// What a server needs to speak TLS to others.
#[derive(Debug)]
pub struct PeerTls {
    terms: Terms,
    configs: Mutex<Configs>,
}

#[derive(Clone, Debug)]
struct Configs {
    accepting: Arc<ServerConfig>,
    dialling: Arc<ClientConfig>,
}

impl Configs {
    fn read(terms: &Terms) -> Result<(Configs, Vec<String>), TlsError> {
        let Context { config, warnings } = Context::read(terms)?;
        Ok((Configs { accepting: config, dialling: dialling(terms)? }, warnings))
    }
}

impl PeerTls {
    /// Reads the stores; the second part is what is doubtful about them.
    ///
    /// # Errors
    /// They can't be used.
    pub fn open(terms: Terms) -> Result<(PeerTls, Vec<String>), TlsError> {
        let (configs, warnings) = Configs::read(&terms)?;
        Ok((PeerTls { terms, configs: Mutex::new(configs) }, warnings))
    }

    /// What it was told.
    #[must_use]
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    fn configs(&self) -> Configs {
        self.configs.lock().expect("whoever changes it does not panic").clone()
    }

    /// The handshake with a server that was dialled at `host`.
    ///
    /// # Errors
    /// Its certificate is refused, or it refuses this server's, or it is gone.
    pub async fn dial(&self, stream: TcpStream, host: &str) -> io::Result<TlsStream<TcpStream>> {
        let address = stream.peer_addr()?.ip();
        let name = ServerName::try_from(host.to_owned());
        let name = name.unwrap_or_else(|_| ServerName::IpAddress(address.into()));
        let connector = TlsConnector::from(self.configs().dialling);
        let stream = TlsStream::Client(connector.connect(name, stream).await?);
        if self.terms.check_dialled {
            let own = certificate(&stream).ok_or_else(|| refused("it showed no certificate"))?;
            let named = names::names(own, host) || names::names(own, &address.to_string());
            if !named {
                let what = format!("its certificate names neither {host} nor {address}");
                return Err(refused(&what));
            }
        }
        Ok(stream)
    }

    /// The handshake with a server that dialled. Its certificate must name its address, or a host
    /// that stands for its address: by name, or as one of `hosts`, the ensemble's, where the name
    /// has a star. A server that is still to join is in no list, so the list alone is not enough.
    ///
    /// # Errors
    /// As for [`PeerTls::dial`].
    pub async fn accept(
        &self,
        stream: TcpStream,
        hosts: &[String],
    ) -> io::Result<TlsStream<TcpStream>> {
        let address = stream.peer_addr()?.ip().to_canonical();
        let acceptor = TlsAcceptor::from(self.configs().accepting);
        let stream = TlsStream::Server(acceptor.accept(stream).await?);
        let checked = certificate(&stream).filter(|_| self.terms.check_dialler);
        if let Some(own) = checked
            && !names_dialler(own, address, hosts).await
        {
            let what = "its certificate names neither that address nor a host there";
            return Err(refused(what));
        }
        Ok(stream)
    }

    /// Reads the stores again whenever one of them has changed, if that is asked for.
    pub async fn follow_stores(self: Arc<PeerTls>) {
        reload::follow(&self.terms, "new connections between servers", || {
            let (configs, warnings) = Configs::read(&self.terms)?;
            *self.configs.lock().expect("whoever changes it does not panic") = configs;
            Ok(warnings)
        })
        .await;
    }
}

fn certificate(stream: &TlsStream<TcpStream>) -> Option<&CertificateDer<'static>> {
    stream.get_ref().1.peer_certificates()?.first()
}

async fn names_dialler(own: &CertificateDer<'_>, address: IpAddr, hosts: &[String]) -> bool {
    if names::names(own, &address.to_string()) {
        return true;
    }
    let given = names::of(own);
    let listed = hosts.iter().filter(|host| names::names(own, host));
    for host in given.iter().chain(listed) {
        let found = lookup_host((host.as_str(), 0)).await;
        if found.is_ok_and(|mut found| found.any(|it| it.ip().to_canonical() == address)) {
            return true;
        }
    }
    false
}

fn refused(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, why.to_owned())
}
