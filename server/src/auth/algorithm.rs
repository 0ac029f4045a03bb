//! `DigestAuthenticationProvider.digestAlg`: the hash of the scheme `digest`.
//!
//! The names are those of Java's `MessageDigest`, in any case. With the default, SHA1, the id is
//! the one that the core computes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use vivarium_protocol::service::auth::digest_id;

/// A hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// `SHA1`, ZooKeeper's default.
    Sha1,
    /// `MD5`.
    Md5,
    /// `SHA-224`.
    Sha224,
    /// `SHA-256`.
    Sha256,
    /// `SHA-384`.
    Sha384,
    /// `SHA-512`.
    Sha512,
}

impl Algorithm {
    /// The names, for a message.
    pub const NAMES: &str = "SHA1, MD5, SHA-224, SHA-256, SHA-384 or SHA-512";

    /// The algorithm of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Algorithm> {
        match name.to_ascii_uppercase().as_str() {
            "SHA1" | "SHA-1" | "SHA" => Some(Algorithm::Sha1),
            "MD5" => Some(Algorithm::Md5),
            "SHA-224" => Some(Algorithm::Sha224),
            "SHA-256" => Some(Algorithm::Sha256),
            "SHA-384" => Some(Algorithm::Sha384),
            "SHA-512" => Some(Algorithm::Sha512),
            _ => None,
        }
    }

    /// `user:` and the base64 of the hash of the whole `user:password`.
    #[must_use]
    pub fn digest_id(self, credentials: &str) -> String {
        let bytes = credentials.as_bytes();
        let hash = match self {
            Algorithm::Sha1 => return digest_id(credentials),
            Algorithm::Md5 => md5::Md5::digest(bytes).to_vec(),
            Algorithm::Sha224 => Sha224::digest(bytes).to_vec(),
            Algorithm::Sha256 => Sha256::digest(bytes).to_vec(),
            Algorithm::Sha384 => Sha384::digest(bytes).to_vec(),
            Algorithm::Sha512 => Sha512::digest(bytes).to_vec(),
        };
        let user = credentials.split(':').next().unwrap_or_default();
        format!("{user}:{}", STANDARD.encode(hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_by_every_algorithm() {
        let id = |name: &str| Algorithm::named(name).map(|it| it.digest_id("u:p"));
        assert_eq!(id("sha-1").as_deref(), Some("u:Jq7wMyA/w2Vd5WIDAKdu4OIIFEQ="));
        assert_eq!(
            id("SHA-256").as_deref(),
            Some("u:/Y8xRBngpX5duYn15uUqIRaIaCviy5TEwSk419hCwuA="),
        );
        assert_eq!(id("MD5").as_deref().map(str::len), Some(26));
        assert_eq!(id("SHA-512").as_deref().map(str::len), Some(90));
        assert_eq!(id("CRC32"), None);
    }
}
