//! Whom to let in: certificates that a trusted one vouches for, and trusted ones themselves.
//!
//! The second is Java's habit, and that of ZooKeeper's operators: a client's self-signed
//! certificate goes into the server's trust store. rustls alone would refuse it where it is marked
//! as an authority, as openssl marks those that it makes.
//!
//! The same holds for servers, in both directions. What a certificate must name is `names`' affair.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore,
    SignatureScheme,
};
use std::sync::Arc;
use x509_parser::prelude::{FromDer, X509Certificate};

/// A verifier that also takes the trusted certificates themselves, while they are valid.
#[derive(Debug)]
pub struct Trust {
    /// Takes what a trusted one vouches for.
    pub chains: Arc<dyn ClientCertVerifier>,
    /// The trusted ones.
    pub stored: Vec<CertificateDer<'static>>,
}

/// From when to when a certificate is valid, seconds since 1970.
#[must_use]
pub fn validity(certificate: &[u8]) -> Option<(i64, i64)> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let validity = certificate.validity();
    Some((validity.not_before.timestamp(), validity.not_after.timestamp()))
}

/// Whether a trusted certificate is valid at this time.
fn in_time(own: &CertificateDer<'_>, now: UnixTime) -> Result<(), Error> {
    let (from, until) = validity(own).ok_or(CertificateError::BadEncoding)?;
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    match now {
        _ if now < from => Err(CertificateError::NotValidYet.into()),
        _ if now > until => Err(CertificateError::Expired.into()),
        _ => Ok(()),
    }
}

impl ClientCertVerifier for Trust {
    fn offer_client_auth(&self) -> bool {
        self.chains.offer_client_auth()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.chains.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.chains.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if !self.stored.contains(own) {
            return self.chains.verify_client_cert(own, others, now);
        }
        in_time(own, now).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chains.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chains.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chains.supported_verify_schemes()
    }
}

/// The same for a server that is dialled.
#[derive(Debug)]
pub struct TrustPeers {
    /// Whose word counts.
    pub roots: RootCertStore,
    /// The trusted certificates.
    pub stored: Vec<CertificateDer<'static>>,
    /// How signatures are checked.
    pub algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for TrustPeers {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.stored.contains(own) {
            in_time(own, now)?;
        } else {
            let (own, all) = (ParsedCertificate::try_from(own)?, self.algorithms.all);
            verify_server_cert_signed_by_trust_anchor(&own, &self.roots, others, now, all)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
