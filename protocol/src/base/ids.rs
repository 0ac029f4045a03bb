//! Identities: of servers, sessions, client connections and disk effects.
//!
//! An id is not an integer: none of these can be added, and each prints the way ZooKeeper's own
//! tools print it.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// The id of one server of the ensemble, as in `server.N=` and `myid`.
///
/// Signed, because ZooKeeper's is: an observer votes for [`ServerId::NOBODY`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServerId(pub i64);

impl ServerId {
    /// The candidate of a server that may not stand: `Long.MIN_VALUE` on the wire.
    pub const NOBODY: ServerId = ServerId(i64::MIN);
}

impl fmt::Display for ServerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == ServerId::NOBODY { f.write_str("nobody") } else { write!(f, "{}", self.0) }
    }
}

/// The id of a client session; 0 means none. Serialised as hexadecimal text, since JavaScript's
/// numbers cannot hold it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub i64);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:x}", self.0)
    }
}

impl Serialize for SessionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SessionId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text.strip_prefix("0x").unwrap_or(&text);
        u64::from_str_radix(digits, 16)
            .map(|bits| SessionId(bits as i64))
            .map_err(serde::de::Error::custom)
    }
}

/// One client connection of one server, numbered by that server's driver; never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConnectionId(pub u64);

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "connection {}", self.0)
    }
}

/// The number of one disk effect of one server since it was recovered; counts from 1, without gaps.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct DiskSeq(pub u64);

impl DiskSeq {
    /// The number after this one.
    #[must_use]
    pub fn next(self) -> DiskSeq {
        DiskSeq(self.0 + 1)
    }
}
