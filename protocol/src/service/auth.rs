//! Who a connection has shown to be.

use crate::message::{ErrorCode, Id};

/// The ids that an auth request adds to its connection. `super_digest` is
/// `DigestAuthenticationProvider.superDigest`, as in `super:hash`.
///
/// # Errors
///
/// `AuthFailed` for an unknown scheme or credentials that are none; the connection is closed then.
pub fn authenticate(
    scheme: &str,
    credentials: Option<&[u8]>,
    super_digest: Option<&str>,
) -> Result<Vec<Id>, ErrorCode> {
    let _ = (scheme, credentials, super_digest);
    Err(ErrorCode::AuthFailed)
}
