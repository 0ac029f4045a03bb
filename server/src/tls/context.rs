//! rustls's configuration, made of the settings and the stores.

use super::store::{StoreError, StoreFile};
use super::terms::{ClientAuth, Terms};
use super::trust::{Trust, TrustPeers, validity};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion};
use std::sync::Arc;

/// Why TLS can't be served.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A store.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// No suite is left.
    #[error("{prefix}.ciphersuites and the protocols leave no cipher suite; there are {offered}")]
    NoSuite {
        /// The beginning of the keys.
        prefix: &'static str,
        /// The suites that there are.
        offered: String,
    },
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
    pub fn read(terms: &Terms) -> Result<Context, TlsError> {
        let mut warnings = Vec::new();
        let provider = Arc::new(provider(terms, &mut warnings)?);
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&versions(terms))
            .map_err(|_| no_suite(terms))?;
        let asks = terms.client_auth != ClientAuth::None;
        let builder = match terms.trust_store.as_ref().filter(|_| asks) {
            Some(store) => builder.with_client_cert_verifier(verifier(terms, store, provider)?),
            None => builder.with_no_client_auth(),
        };
        let (chain, key) = terms.key_store.identity()?;
        warnings.extend(chain.first().and_then(|own| doubt(&terms.key_store, own)));
        let config = builder
            .with_single_cert(chain, key)
            .map_err(|error| unusable(&terms.key_store, &error))?;
        Ok(Context { config: Arc::new(config), warnings })
    }
}

/// What a server that dials another is given: its own certificate is shown, and the other's must
/// be vouched for. Whether it names the right host is looked at after the handshake (`names`).
///
/// # Errors
/// As for [`Context::read`].
pub fn dialling(terms: &Terms) -> Result<Arc<ClientConfig>, TlsError> {
    let provider = Arc::new(provider(terms, &mut Vec::new())?);
    let algorithms = provider.signature_verification_algorithms;
    let store = terms.trust_store.as_ref().unwrap_or(&terms.key_store);
    let (roots, stored) = trusted(store)?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&versions(terms))
        .map_err(|_| no_suite(terms))?;
    let (chain, key) = terms.key_store.identity()?;
    let config = builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(TrustPeers { roots, stored, algorithms }))
        .with_client_auth_cert(chain, key)
        .map_err(|error| unusable(&terms.key_store, &error))?;
    Ok(Arc::new(config))
}

fn versions(terms: &Terms) -> Vec<&'static SupportedProtocolVersion> {
    let mut versions = Vec::new();
    versions.extend(terms.tls12.then_some(&rustls::version::TLS12));
    versions.extend(terms.tls13.then_some(&rustls::version::TLS13));
    versions
}

fn no_suite(terms: &Terms) -> TlsError {
    TlsError::NoSuite { prefix: terms.prefix, offered: names(&ring::default_provider()) }
}

fn trusted(store: &StoreFile) -> Result<(RootCertStore, Vec<CertificateDer<'static>>), TlsError> {
    let stored = store.trusted()?;
    let mut roots = RootCertStore::empty();
    for certificate in &stored {
        roots.add(certificate.clone()).map_err(|error| unusable(store, &error))?;
    }
    Ok((roots, stored))
}

fn unusable(store: &StoreFile, why: &dyn std::fmt::Display) -> TlsError {
    TlsError::Unusable { path: store.path.display().to_string(), why: why.to_string() }
}

/// Ring's means, with the suites that are asked for.
fn provider(terms: &Terms, warnings: &mut Vec<String>) -> Result<CryptoProvider, TlsError> {
    let mut provider = ring::default_provider();
    if terms.suites.is_empty() {
        return Ok(provider);
    }
    let all = names(&provider);
    for wanted in &terms.suites {
        if !all.split(", ").any(|name| name == wanted) {
            warnings.push(format!(
                "{}.ciphersuites names {wanted}, which is not offered",
                terms.prefix
            ));
        }
    }
    let asked = |suite: &rustls::SupportedCipherSuite| terms.suites.contains(&name(suite));
    provider.cipher_suites.retain(asked);
    if provider.cipher_suites.is_empty() { Err(no_suite(terms)) } else { Ok(provider) }
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
    terms: &Terms,
    store: &StoreFile,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let (roots, stored) = trusted(store)?;
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    let builder = match terms.client_auth {
        ClientAuth::Need => builder,
        ClientAuth::Want | ClientAuth::None => builder.allow_unauthenticated(),
    };
    let chains = builder.build().map_err(|error| unusable(store, &error))?;
    Ok(Arc::new(Trust { chains, stored }))
}

/// Whether others will take the server's certificate for out of date.
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
