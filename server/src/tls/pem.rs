//! Stores of the form PEM: one file with a private key and the chain that vouches for it, or with
//! certificates to trust.
//!
//! The key is PKCS #8, in the clear or encrypted with the store's password. Text around the blocks
//! is passed over.

use super::store::{Content, Fault, KeyEntry};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pkcs8::EncryptedPrivateKeyInfoRef;
use rustls::pki_types::CertificateDer;

const FORM: Fault = Fault::Malformed("PEM");

/// Reads a store. Without a key its certificates are to be trusted; with one they are its chain.
///
/// # Errors
/// What is wrong with it.
pub fn read(bytes: &[u8], password: &str) -> Result<Content, Fault> {
    let text = String::from_utf8_lossy(bytes);
    let (mut keys, mut certificates) = (Vec::new(), Vec::new());
    for (label, body) in blocks(&text)? {
        match label.as_str() {
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
                certificates.push(CertificateDer::from(body));
            }
            "PRIVATE KEY" => keys.push(body),
            "ENCRYPTED PRIVATE KEY" => keys.push(decrypt(&body, password)?),
            "RSA PRIVATE KEY" | "EC PRIVATE KEY" | "DSA PRIVATE KEY" => {
                let what =
                    format!("a {label}; ZooKeeper, too, wants PKCS #8 (openssl pkcs8 -topk8)");
                return Err(Fault::Unknown(what));
            }
            _ => {}
        }
    }
    Ok(match keys.into_iter().next() {
        Some(key) => {
            Content { keys: vec![KeyEntry { key, chain: certificates }], trusted: Vec::new() }
        }
        None => Content { keys: Vec::new(), trusted: certificates },
    })
}

/// A private key out of its encrypted form.
///
/// # Errors
/// The password is wrong, or the algorithm unknown.
pub fn decrypt(encrypted: &[u8], password: &str) -> Result<Vec<u8>, Fault> {
    let info = EncryptedPrivateKeyInfoRef::try_from(encrypted)
        .map_err(|_| Fault::Unknown("an encryption of its key other than PBES2".to_owned()))?;
    let key = info.decrypt(password).map_err(|_| Fault::Password)?;
    Ok(key.as_bytes().to_vec())
}

/// The blocks between BEGIN and END, by their labels.
fn blocks(text: &str) -> Result<Vec<(String, Vec<u8>)>, Fault> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("-----BEGIN ") {
        let (label, body) = after.split_once("-----").ok_or(FORM)?;
        let end = format!("-----END {label}-----");
        let (body, after) = body.split_once(&end).ok_or(FORM)?;
        let body: String = body.chars().filter(|c| !c.is_whitespace()).collect();
        // A key of an old form has headers, which are no base64; it is refused by its label.
        let body = if body.contains(':') { String::new() } else { body };
        blocks.push((label.to_owned(), STANDARD.decode(body).map_err(|_| FORM)?));
        rest = after;
    }
    Ok(blocks)
}
