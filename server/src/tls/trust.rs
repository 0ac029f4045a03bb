//! Whom to let in: certificates that a trusted one vouches for, and trusted ones themselves.
//!
//! The second is Java's habit, and that of ZooKeeper's operators: a client's self-signed
//! certificate goes into the server's trust store. rustls alone would refuse it where it is marked
//! as an authority, as openssl marks those that it makes.

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
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
        let (from, until) = validity(own).ok_or(CertificateError::BadEncoding)?;
        let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        match now {
            _ if now < from => Err(CertificateError::NotValidYet.into()),
            _ if now > until => Err(CertificateError::Expired.into()),
            _ => Ok(ClientCertVerified::assertion()),
        }
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
