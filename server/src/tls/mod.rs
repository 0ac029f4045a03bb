//! TLS for clients, by rustls: stores of keys and certificates, and whose certificate is whose id.
//!
//! Invariants:
//! 1. Whatever is wrong with a store or a setting is one sentence when the server starts.
//! 2. No password and no key is printed, logged or shown in a value's debug text.
//! 3. A certificate that is wrong, or missing where one is needed, closes the connection.
//!
//! The settings are `settings`, the files `store` with `pem`, `pkcs12` and `jks`; `context` makes
//! rustls's configuration of them and `port` lets clients in by it. Left to others: which ports
//! there are (`start`), what ids mean (`auth`).

mod context;
mod elliptic;
mod jks;
mod pem;
mod pkcs12;
mod port;
mod settings;
mod store;
mod subject;
#[cfg(test)]
mod tests;
mod trust;

pub use context::TlsError;
pub use port::{Client, TlsPort};
pub use settings::{ClientAuth, TlsSettings};
pub use store::{StoreError, StoreFile};

use rustls::crypto::ring;

/// Bytes that nobody can foresee.
///
/// # Panics
/// When the system has no randomness to give, on which everything here depends.
#[must_use]
pub fn random() -> [u8; 30] {
    let mut bytes = [0; 30];
    let filled = ring::default_provider().secure_random.fill(&mut bytes);
    filled.expect("the system gives random bytes");
    bytes
}
