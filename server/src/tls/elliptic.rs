//! Keys on elliptic curves as Java writes them: without the public half, which ring wants to see.
//!
//! A PKCS #8 key holds an ECPrivateKey (RFC 5915): a version, the private number and, optionally,
//! the public point. The point stands in the certificate, so it is copied from there.

use rustls::pki_types::CertificateDer;
use x509_parser::prelude::{FromDer, X509Certificate};

/// 1.2.840.10045.2.1, a key on an elliptic curve, as DER.
const EC: &[u8] = &[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const SEQUENCE: u8 = 0x30;
const OCTETS: u8 = 4;
const BITS: u8 = 3;
/// The public point in an ECPrivateKey.
const POINT: u8 = 0xa1;

/// The key with the public half of its certificate, if it is one that lacks it; else unchanged.
#[must_use]
pub fn with_public_key(key: Vec<u8>, certificate: &CertificateDer<'_>) -> Vec<u8> {
    completed(&key, certificate).unwrap_or(key)
}

fn completed(key: &[u8], certificate: &[u8]) -> Option<Vec<u8>> {
    let (_, content, _) = element(key)?;
    let (_, _, after_version) = element(content)?;
    let (_, algorithm, after_algorithm) = element(after_version)?;
    let (_, wrapped, _) = element(after_algorithm)?;
    let (_, inner, _) = element(wrapped)?;
    let (_, _, after_one) = element(inner)?;
    let (_, number, optional) = element(after_one)?;
    let has_point = optional.first() == Some(&POINT)
        || element(optional).is_some_and(|(_, _, rest)| rest.first() == Some(&POINT));
    if !algorithm.starts_with(EC) || has_point {
        return None;
    }
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let point = &certificate.public_key().subject_public_key.data;
    let bits = written(BITS, &[&[0], &point[..]].concat());
    let inner = [&[2, 1, 1][..], &written(OCTETS, number), &written(POINT, &bits)].concat();
    let algorithm = written(SEQUENCE, algorithm);
    let wrapped = written(OCTETS, &written(SEQUENCE, &inner));
    Some(written(SEQUENCE, &[&[2, 1, 0][..], &algorithm, &wrapped].concat()))
}

/// A DER element: its tag, its content, and what follows it. Keys on curves are short.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (length, rest) = match *rest {
        [0x81, length, ref rest @ ..] => (length, rest),
        [length @ 0..=0x7f, ref rest @ ..] => (length, rest),
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(usize::from(length))?;
    Some((*tag, content, rest))
}

fn written(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut bytes = vec![tag];
    match u8::try_from(length) {
        Ok(short @ 0..=0x7f) => bytes.push(short),
        Ok(long) => bytes.extend([0x81, long]),
        Err(_) => bytes.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    bytes.extend_from_slice(content);
    bytes
}
