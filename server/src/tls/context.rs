//! rustls's configuration, made of the settings and the stores.

use super::settings::{ClientAuth, TlsSettings};
use super::store::{StoreError, StoreFile};
use super::trust::{Trust, validity};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::UnixTime;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::sync::Arc;

/// Why TLS can't be served.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A store.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// No suite is left.
    #[error("ssl.ciphersuites and the protocols leave no cipher suite; there are {0}")]
    NoSuite(String),
    /// What rustls says of the key and its chain, or of the certificates to trust.
    #[error("{path}: {why}")]
    Unusable {
        /// The file.
        path: String,
        /// Why.
        why: String,
    },
}

/// A configuration, and what is doubtful about it.
#[derive(Debug)]
pub struct Context {
    /// What rustls is given.
    pub config: Arc<ServerConfig>,
    /// A sentence each.
    pub warnings: Vec<String>,
}

impl Context {
    /// Reads the stores.
    ///
    /// # Errors
    /// A store can't be used, or no suite is left.
    pub fn read(settings: &TlsSettings) -> Result<Context, TlsError> {
        let mut warnings = Vec::new();
        let provider = Arc::new(provider(settings, &mut warnings)?);
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
        let mut versions = Vec::new();
        versions.extend(settings.tls12.then_some(&rustls::version::TLS12));
        versions.extend(settings.tls13.then_some(&rustls::version::TLS13));
        let builder = builder
            .with_protocol_versions(&versions)
            .map_err(|_| TlsError::NoSuite(names(&ring::default_provider())))?;
        let builder = match &settings.trust_store {
            Some(store) => builder.with_client_cert_verifier(verifier(settings, store, provider)?),
            None => builder.with_no_client_auth(),
        };
        let (chain, key) = settings.key_store.identity()?;
        warnings.extend(chain.first().and_then(|own| doubt(&settings.key_store, own)));
        let config = builder
            .with_single_cert(chain, key)
            .map_err(|error| unusable(&settings.key_store, &error))?;
        Ok(Context { config: Arc::new(config), warnings })
    }
}

fn unusable(store: &StoreFile, why: &dyn std::fmt::Display) -> TlsError {
    TlsError::Unusable { path: store.path.display().to_string(), why: why.to_string() }
}

/// Ring's means, with the suites that are asked for.
fn provider(
    settings: &TlsSettings,
    warnings: &mut Vec<String>,
) -> Result<CryptoProvider, TlsError> {
    let mut provider = ring::default_provider();
    if settings.suites.is_empty() {
        return Ok(provider);
    }
    let all = names(&provider);
    for wanted in &settings.suites {
        if !all.split(", ").any(|name| name == wanted) {
            warnings.push(format!("ssl.ciphersuites names {wanted}, which is not offered"));
        }
    }
    let asked = |suite: &rustls::SupportedCipherSuite| settings.suites.contains(&name(suite));
    provider.cipher_suites.retain(asked);
    if provider.cipher_suites.is_empty() { Err(TlsError::NoSuite(all)) } else { Ok(provider) }
}

fn names(provider: &CryptoProvider) -> String {
    let names: Vec<String> = provider.cipher_suites.iter().map(name).collect();
    names.join(", ")
}

/// IANA's name; rustls writes TLS 1.3's with the version.
fn name(suite: &rustls::SupportedCipherSuite) -> String {
    format!("{:?}", suite.suite()).replacen("TLS13_", "TLS_", 1)
}

fn verifier(
    settings: &TlsSettings,
    store: &StoreFile,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let stored = store.trusted()?;
    let mut roots = RootCertStore::empty();
    for certificate in &stored {
        roots.add(certificate.clone()).map_err(|error| unusable(store, &error))?;
    }
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    let builder = match settings.client_auth {
        ClientAuth::Need => builder,
        ClientAuth::Want | ClientAuth::None => builder.allow_unauthenticated(),
    };
    let chains = builder.build().map_err(|error| unusable(store, &error))?;
    Ok(Arc::new(Trust { chains, stored }))
}

/// Whether clients will take the server's certificate for out of date.
fn doubt(store: &StoreFile, certificate: &[u8]) -> Option<String> {
    let (from, until) = validity(certificate)?;
    let now = i64::try_from(UnixTime::now().as_secs()).unwrap_or(i64::MAX);
    let path = store.path.display();
    match now {
        _ if now > until => Some(format!("{path}: the certificate has expired; renew it")),
        _ if now < from => Some(format!("{path}: the certificate is not valid yet")),
        _ => None,
    }
}
