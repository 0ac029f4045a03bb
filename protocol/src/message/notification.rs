//! What FastLeaderElection says: a state, a vote, a round.

use crate::base::{Epoch, ServerId, Zxid};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A vote: the triple that candidates are compared by.
///
/// The order is that of ZooKeeper: peer epoch, then zxid, then id (`FastLeaderElection`'s
/// `totalOrderPredicate`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Vote {
    /// The candidate.
    pub leader: ServerId,
    /// The last zxid that the candidate has logged.
    pub zxid: Zxid,
    /// The candidate's current epoch.
    pub peer_epoch: Epoch,
}

impl fmt::Display for Vote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}, {}, {})", self.leader, self.zxid, self.peer_epoch)
    }
}

/// `ServerState`, with its ordinals on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PeerState {
    /// 0: no leader known.
    Looking,
    /// 1: attached to a leader.
    Following,
    /// 2: elected.
    Leading,
    /// 3: attached to a leader without a vote.
    Observing,
}

impl PeerState {
    /// The name in ZooKeeper's logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            PeerState::Looking => "LOOKING",
            PeerState::Following => "FOLLOWING",
            PeerState::Leading => "LEADING",
            PeerState::Observing => "OBSERVING",
        }
    }
}

/// One message of the election channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// The sender's state.
    pub state: PeerState,
    /// Its vote.
    pub vote: Vote,
    /// Its round (`logicalclock`, `electionEpoch`); -1 after a designated hand-over.
    pub round: i64,
    /// The version of the format: 2 from 3.5 on; 0 and 1 are older.
    pub version: i32,
    /// The sender's committed configuration as text, from version 2 on.
    pub config: Option<bytes::Bytes>,
}
