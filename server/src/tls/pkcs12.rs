//! Stores of the form PKCS12, as `keytool` and `openssl` write them, now and formerly.

use super::store::{Content, Fault, KeyEntry};
use p12_keystore::Pkcs12Archive;
use p12_keystore::error::Error;
use rustls::pki_types::CertificateDer;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Reads a store.
///
/// # Errors
/// What is wrong with it.
pub fn read(bytes: &[u8], password: &str) -> Result<Content, Fault> {
    let archive = Pkcs12Archive::from_pkcs12(bytes, password).map_err(fault)?;
    let certificate = |der: &[u8]| CertificateDer::from(der.to_vec());
    let trusted = archive.certs.iter().filter(|bag| bag.trusted);
    let trusted = trusted.map(|bag| certificate(bag.cert.as_der())).collect();
    let all: Vec<&[u8]> = archive.certs.iter().map(|bag| bag.cert.as_der()).collect();
    let keys = archive.keys.iter().map(|bag| {
        let id = bag.local_key_id.as_ref().map(|id| id.0.as_slice());
        let own = archive.certs.iter().find(|cert| match id {
            Some(id) => cert.local_key_id.as_deref() == Some(id),
            None => !cert.trusted,
        });
        let chain = own.map_or_else(Vec::new, |own| chain(own.cert.as_der(), &all));
        KeyEntry {
            key: bag.key.as_der().to_vec(),
            chain: chain.into_iter().map(certificate).collect(),
        }
    });
    Ok(Content { keys: keys.collect(), trusted })
}

/// A certificate, who issued it, who issued that one, as far as they are in the store.
fn chain<'a>(own: &'a [u8], all: &[&'a [u8]]) -> Vec<&'a [u8]> {
    let mut chain = vec![own];
    while let Some((_, last)) = chain.last().and_then(|der| X509Certificate::from_der(der).ok()) {
        let issuer = all.iter().find(|der| {
            let parsed = X509Certificate::from_der(der).ok();
            let is_issuer =
                |(_, it): (_, X509Certificate<'_>)| it.subject().as_raw() == last.issuer().as_raw();
            !chain.contains(der) && parsed.is_some_and(is_issuer)
        });
        match issuer {
            Some(issuer) => chain.push(issuer),
            None => break,
        }
    }
    chain
}

fn fault(error: Error) -> Fault {
    match error {
        // A wrong password shows in the check sum, or in what it makes of the first key.
        Error::MacError(_) | Error::UnpadError | Error::Pkcs5Error(_) => Fault::Password,
        Error::UnsupportedEncryptionScheme => {
            Fault::Unknown("an encryption that is out of the ordinary".to_owned())
        }
        Error::UnsupportedMacAlgorithm => {
            Fault::Unknown("a check sum that is out of the ordinary".to_owned())
        }
        _ => Fault::Malformed("PKCS12"),
    }
}
