//! TLS for clients, by rustls.

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
