//! Bytes to message types and back: ZooKeeper's own wire and log records.
//!
//! Nothing inside `protocol` imports this module: drivers, tests and the page's inspector do. A
//! decoder never panics, never allocates by a count or length that the bytes do not bear out, and
//! names the offset of what it refused. An encoder writes what Apache ZooKeeper 3.9 would.
//!
//! 1. What a decoder of a whole record accepts, an encoder writes back byte for byte, if it was in
//!    the canonical form: no bytes after the last field, booleans 0 or 1, proper UTF-8.
//! 2. What an encoder wrote decodes to an equal value.
//! 3. A decoder of a stream consumes nothing until a message is whole.
//!
//! Left to others: sockets, and who may say what when.

pub mod client;
pub mod election;
pub mod frame;
pub mod fuzzing;
pub mod jute;
pub mod quorum;
pub mod record;
pub mod spans;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
pub mod txn;

pub use jute::{DecodeError, Fault};
