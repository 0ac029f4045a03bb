//! Zab: what follows from an election. Discovery, synchronisation, broadcast.
//!
//! `zab` orders opaque transactions; it knows no path, no watch, no client. Protocol invariants,
//! which other files cite by number (docs/protocol.md, Q9.1), and the file that keeps each:
//!
//! | # | invariant | kept by |
//! | --- | --- | --- |
//! | I1 | at most one leader commits in an epoch | `leader::discovery`, `durability` |
//! | I2 | currentEpoch <= acceptedEpoch, crashes included | `learner`, `leader::discovery` |
//! | I3 | the last logged zxid's epoch never exceeds currentEpoch | `common` (`log`, `install`) |
//! | I4 | NEWLEADER is acknowledged once the synced history is durable | `learner`, `durability` |
//! | I5 | a transaction is acknowledged when it is durable | `durability` |
//! | I6 | committed prefixes of any two servers are comparable | follows from I1 to I5 |
//! | I7 | within an epoch logs are contiguous | `history`, `leader::broadcast` |
//! | I8 | a leader's term starts with all that it has logged | `leader::synchronization` |
//! | I9 | the leader's history is not older than that of any of its quorum | `leader::discovery` |
//! | I11 | a vote covers what is logged, not only what is committed | `peer` |
//! | I13 | commits leave in the order of proposals | `leader::broadcast` |
//! | I14 | SYNC answers are FIFO and behind earlier commits | `leader::broadcast` |
//!
//! Reconfiguration (I10) and the order of a session (I12) are not decided here.

mod boot;
mod common;
mod durability;
mod follower;
pub mod history;
mod leader;
mod learner;
mod learner_handler;
mod links;
mod observer;
mod peer;
mod reconfiguration;
mod sync_plan;
#[cfg(test)]
mod tests;
mod timers;

pub(crate) use common::{Step, Upcall};
pub use history::{History, Run};
pub(crate) use peer::QuorumPeer;
pub use peer::Recovered;
