//! The parts of a server that starts, in the order in which `runFromConfig` and `start` register
//! them.

use serde::{Deserialize, Serialize};

/// One part, with the values that its configuration gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "part")]
pub enum BootPart {
    /// zoo.cfg was read and `isDistributed()` answered.
    Mode {
        /// Whether the server runs alone.
        standalone: bool,
    },
    /// The client connection factory (`ServerCnxnFactory`).
    ClientConnections,
    /// Transaction log and snapshots (`FileTxnSnapLog`).
    LogAndSnapshots,
    /// The election algorithm (`electionAlg`).
    ElectionAlgorithm {
        /// 3 is FastLeaderElection.
        number: u8,
    },
    /// The session timeouts that clients may ask for.
    SessionTimeouts {
        /// The least, milliseconds.
        min_ms: u64,
        /// The most, milliseconds.
        max_ms: u64,
    },
    /// The server list (the quorum verifier).
    ServerList {
        /// Servers that vote.
        participants: u32,
        /// Servers that don't.
        observers: u32,
    },
    /// The connection manager of elections (`QuorumCnxManager`).
    ConnectionManager,
    /// The connection manager's listener on the election port.
    Listener {
        /// The port.
        port: u16,
    },
}
