//! Zab: leader election's outcome, discovery, synchronisation, broadcast.
pub mod history;
pub use history::{History, Run};
