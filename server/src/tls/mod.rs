//! TLS by rustls, for clients and between servers: stores of keys and certificates, and whose
//! certificate is whose.
//!
//! Invariants:
//! 1. Whatever is wrong with a store or a setting is one sentence when the server starts.
//! 2. No password and no key is printed, logged or shown in a value's debug text.
//! 3. A certificate that is wrong, or missing where one is needed, closes the connection.
//!
//! The settings are `terms`, and `settings` for clients; the files are `store` with `pem`, `pkcs12`
//! and `jks`. `context` makes rustls's configuration of them, `port` lets clients in by it, `peers`
//! other servers. Left to others: which ports there are (`start`, `links`), what ids mean (`auth`).

mod context;
mod elliptic;
mod jks;
mod names;
mod peers;
mod pem;
mod pkcs12;
mod port;
mod reload;
mod settings;
mod store;
mod stream;
mod subject;
mod terms;
#[cfg(test)]
mod tests;
mod trust;

pub use context::TlsError;
pub use peers::PeerTls;
pub use port::{Client, TlsPort, begins_tls};
pub use settings::TlsSettings;
pub use store::{StoreError, StoreFile};
pub use stream::Stream;
pub use terms::{ClientAuth, Keys, Terms};

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
