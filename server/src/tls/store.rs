//! A file with keys and certificates, by ZooKeeper's names for its form.

use super::{elliptic, jks, pem, pkcs12};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::fmt;
use std::path::{Path, PathBuf};

/// Why a store can't be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file can't be read.
    #[error("can't read {}: {error}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// What is in it can't be used.
    #[error("{}: {fault}", .path.display())]
    Fault {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: Fault,
    },
}

/// What is wrong with a store's content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The password does not open it.
    #[error("the password does not open this store")]
    Password,
    /// It holds no private key.
    #[error("this store holds no private key with its certificate")]
    NoKey,
    /// It holds no certificate to trust.
    #[error(
        "this store holds no certificate to trust (in PKCS12 only those count that keytool has \
         imported as trusted)"
    )]
    NoTrust,
    /// It is no such store, or is damaged.
    #[error("this is no store of the form {0}, or it is damaged")]
    Malformed(&'static str),
    /// It uses something that is not offered.
    #[error("this store uses {0}, which Vivarium can't read; convert it by keytool or openssl")]
    Unknown(String),
}

/// A key with the certificates that vouch for it, the own one first.
#[derive(PartialEq, Eq)]
pub struct KeyEntry {
    /// The private key, PKCS #8.
    pub key: Vec<u8>,
    /// The chain.
    pub chain: Vec<CertificateDer<'static>>,
}

impl fmt::Debug for KeyEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyEntry").field("chain", &self.chain.len()).finish_non_exhaustive()
    }
}

/// What a store holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// Keys, in their order.
    pub keys: Vec<KeyEntry>,
    /// Certificates to trust.
    pub trusted: Vec<CertificateDer<'static>>,
}

/// The form of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Text with a key and certificates.
    Pem,
    /// PKCS12 or Java's own; Java looks at the content, whatever the name says, and so do we.
    Binary,
}

impl Form {
    /// The form of a type by its name, or of a file by its ending.
    #[must_use]
    pub fn named(kind: &str, path: &Path) -> Option<Form> {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_uppercase());
        let kind = if kind.is_empty() { ending? } else { kind.to_ascii_uppercase() };
        match kind.as_str() {
            "PEM" => Some(Form::Pem),
            "PKCS12" | "P12" | "JKS" => Some(Form::Binary),
            _ => None,
        }
    }
}

/// A file with its password.
#[derive(Clone, PartialEq, Eq)]
pub struct StoreFile {
    /// Where it is.
    pub path: PathBuf,
    /// What opens it; empty for none.
    pub password: String,
    /// What it is.
    pub form: Form,
}

impl fmt::Debug for StoreFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let StoreFile { path, form, password: _ } = self;
        f.debug_struct("StoreFile").field("path", path).field("form", form).finish_non_exhaustive()
    }
}

impl StoreFile {
    /// The first key in it, with its chain.
    ///
    /// # Errors
    /// There is none, or the file can't be used.
    pub fn identity(
        &self,
    ) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), StoreError> {
        let keys = self.content()?.keys;
        let entry = keys.into_iter().find(|entry| !entry.chain.is_empty());
        let Some(KeyEntry { key, chain }) = entry else { return Err(self.fault(Fault::NoKey)) };
        let key = elliptic::with_public_key(key, &chain[0]);
        Ok((chain, PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key))))
    }

    /// The certificates to trust; as in Java the own ones of keys among them.
    ///
    /// # Errors
    /// There is none, or the file can't be used.
    pub fn trusted(&self) -> Result<Vec<CertificateDer<'static>>, StoreError> {
        let Content { keys, mut trusted } = self.content()?;
        trusted.extend(keys.into_iter().filter_map(|entry| entry.chain.into_iter().next()));
        if trusted.is_empty() { Err(self.fault(Fault::NoTrust)) } else { Ok(trusted) }
    }

    fn content(&self) -> Result<Content, StoreError> {
        let bytes = std::fs::read(&self.path)
            .map_err(|error| StoreError::Read { path: self.path.clone(), error })?;
        let read = match self.form {
            Form::Pem => pem::read(&bytes, &self.password),
            Form::Binary if jks::is_one(&bytes) => jks::read(&bytes, &self.password),
            Form::Binary => pkcs12::read(&bytes, &self.password),
        };
        read.map_err(|fault| self.fault(fault))
    }

    fn fault(&self, fault: Fault) -> StoreError {
        StoreError::Fault { path: self.path.clone(), fault }
    }
}
