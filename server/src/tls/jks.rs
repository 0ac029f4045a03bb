//! Stores of the form JKS, Java's own until version 8.
//!
//! Big-endian: `u32` magic, `u32` version, `u32` count; then entries of `u32` kind, alias, `i64`
//! time and, for kind 1, an encrypted key and a chain, for kind 2 a certificate. Texts are a `u16`
//! length and bytes, blobs a `u32` length and bytes; from version 2 on a certificate has its type
//! before it. The end is the SHA-1 of the password, a fixed text, and all before. A key is XORed
//! with a stream of SHA-1s that begins with 20 bytes of salt.
//!
//! Invariant: no count or length is believed beyond the bytes that are there.

use super::store::{Content, Fault, KeyEntry};
use rustls::pki_types::CertificateDer;
use sha1::{Digest, Sha1};

const MAGIC: u32 = 0xfeed_feed;
/// What Java mixes into the check sum.
const WHITENER: &[u8] = b"Mighty Aphrodite";
/// The bytes of a SHA-1.
const HASH: usize = 20;
const FORM: Fault = Fault::Malformed("JKS");
/// The DER of Sun's own number for this encryption of keys, 1.3.6.1.4.1.42.2.17.1.1.
const PROTECTOR: &[u8] = &[6, 10, 0x2b, 6, 1, 4, 1, 0x2a, 2, 0x11, 1, 1];

/// Whether these bytes claim to be such a store.
#[must_use]
pub fn is_one(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC.to_be_bytes())
}

/// Reads a store.
///
/// # Errors
/// What is wrong with it.
pub fn read(bytes: &[u8], password: &str) -> Result<Content, Fault> {
    let password: Vec<u8> = password.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let end = bytes.len().checked_sub(HASH).ok_or(FORM)?;
    let (body, sum) = bytes.split_at(end);
    // Java, too, reads a store of certificates that it is given no password for.
    if !password.is_empty() && sha1(&[&password, WHITENER, body]) != sum {
        return Err(Fault::Password);
    }
    let mut rest = Rest(body);
    let (_, version, count) = (rest.u32()?, rest.u32()?, rest.u32()?);
    if !matches!(version, 1 | 2) {
        return Err(FORM);
    }
    let mut content = Content::default();
    for _ in 0..count {
        let kind = rest.u32()?;
        rest.text()?;
        rest.take(8)?;
        match kind {
            1 => {
                let encrypted = rest.blob()?;
                let mut chain = Vec::new();
                for _ in 0..rest.u32()? {
                    chain.push(rest.certificate(version)?);
                }
                let key = decrypt(encrypted, &password)?;
                content.keys.push(KeyEntry { key, chain });
            }
            2 => content.trusted.push(rest.certificate(version)?),
            _ => return Err(FORM),
        }
    }
    Ok(content)
}

/// The key inside Java's wrapping: a sequence of the algorithm's number and the protected bytes.
fn decrypt(wrapped: &[u8], password: &[u8]) -> Result<Vec<u8>, Fault> {
    let (tag, wrapped, _) = element(wrapped).ok_or(FORM)?;
    let (_, algorithm, rest) = element(wrapped).ok_or(FORM)?;
    let (_, protected, _) = element(rest).ok_or(FORM)?;
    if tag != 0x30 || !algorithm.starts_with(PROTECTOR) {
        return Err(Fault::Unknown("an encryption of its keys that is not Java's own".to_owned()));
    }
    let key_end = protected.len().checked_sub(HASH).filter(|end| *end >= HASH).ok_or(FORM)?;
    let (mut link, sum) = (protected[..HASH].to_vec(), &protected[key_end..]);
    let mut key = Vec::new();
    for part in protected[HASH..key_end].chunks(HASH) {
        link = sha1(&[password, &link]);
        key.extend(part.iter().zip(&link).map(|(byte, mask)| byte ^ mask));
    }
    if sha1(&[password, &key]) == sum { Ok(key) } else { Err(Fault::Password) }
}

/// A DER element: its tag, its content, and what follows it.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, length, rest) = (*bytes.first()?, *bytes.get(1)?, bytes.get(2..)?);
    let (length, rest) = if length < 0x80 {
        (usize::from(length), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
        let fits = digits.len() <= 4;
        let number = digits.iter().fold(0_usize, |n, digit| n << 8 | usize::from(*digit));
        (fits.then_some(number)?, rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

fn sha1(parts: &[&[u8]]) -> Vec<u8> {
    let mut hash = Sha1::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().to_vec()
}

/// What is not yet read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(FORM)?;
        self.0 = rest;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32, Fault> {
        let bytes = self.take(4)?;
        Ok(bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }

    fn text(&mut self) -> Result<&'a [u8], Fault> {
        let length = self.take(2)?;
        self.take(usize::from(length[0]) << 8 | usize::from(length[1]))
    }

    fn blob(&mut self) -> Result<&'a [u8], Fault> {
        let length = self.u32()?;
        self.take(usize::try_from(length).map_err(|_| FORM)?)
    }

    fn certificate(&mut self, version: u32) -> Result<CertificateDer<'static>, Fault> {
        if version == 2 {
            self.text()?;
        }
        Ok(CertificateDer::from(self.blob()?.to_vec()))
    }
}
