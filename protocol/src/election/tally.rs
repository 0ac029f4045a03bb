//! Comparing and counting votes: the total order, the equality, the quorum.
//!
//! Pure functions of FastLeaderElection (`totalOrderPredicate`, `Vote.equals`, `getVoteTracker`).
//!
//! Invariants: the order is strict and total on votes with weight; a vote for a candidate without
//! weight beats nothing; who does not vote is never counted.

use std::cmp::Ordering;

use crate::base::{Config, Ensemble, Gather, ServerId, SortedSet};
use crate::message::{PeerState, Vote};
use crate::trace::{Comparison, ReceivedVote};

/// A vote as it was cast: what equality looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cast {
    /// The candidate.
    pub(super) vote: Vote,
    /// The round it was cast in.
    pub(super) round: i64,
    /// The state of who cast it.
    pub(super) state: PeerState,
    /// The version of the notification, or 0 for votes of the current round.
    pub(super) version: i32,
}

impl Cast {
    /// A vote out of the table of the current round. ZooKeeper stores these without the version of
    /// their notification, which makes the epoch count for nothing between those that have decided.
    pub(super) fn of_this_round(received: &ReceivedVote) -> Cast {
        Cast { vote: received.vote, round: received.round, state: received.state, version: 0 }
    }

    /// `Vote.equals`. Among servers that look, everything must agree. Between two that have decided
    /// the leader must, and its epoch too unless exactly one of the votes carries a version
    /// (ZOOKEEPER-1732, ZOOKEEPER-1805: zxid and round of a leader differ between its members).
    pub(super) fn agrees_with(&self, other: &Cast) -> bool {
        if self.state == PeerState::Looking || other.state == PeerState::Looking {
            return self.vote == other.vote && self.round == other.round;
        }
        let one_is_older = (self.version > 0) != (other.version > 0);
        self.vote.leader == other.vote.leader
            && (one_is_older || self.vote.peer_epoch == other.vote.peer_epoch)
    }
}

/// Whether `new` beats `current`, and the component that decides between them.
///
/// Peer epoch, then zxid, then id; signed, because an observer's vote is the least of all. A
/// candidate without weight never wins (`totalOrderPredicate`).
pub(super) fn compare(new: &Vote, current: &Vote, ensemble: &Ensemble) -> (bool, Comparison) {
    if ensemble.weight(new.leader) == 0 {
        return (false, Comparison::NoWeight);
    }
    let by_epoch = (new.peer_epoch.cmp(&current.peer_epoch), Comparison::Epoch);
    let by_zxid = (new.zxid.cmp(&current.zxid), Comparison::Zxid);
    let by_id = (new.leader.cmp(&current.leader), Comparison::Id);
    for (ordering, component) in [by_epoch, by_zxid, by_id] {
        match ordering {
            Ordering::Greater => return (true, component),
            Ordering::Less => return (false, component),
            Ordering::Equal => {}
        }
    }
    (false, Comparison::Equal)
}

/// The voters whose vote agrees with `candidate` (`getVoteTracker`).
pub(super) fn supporters(
    votes: impl Iterator<Item = (ServerId, Cast)>,
    candidate: &Cast,
    config: &Config,
) -> SortedSet<ServerId> {
    votes
        .filter(|(id, cast)| config.is_voter(*id) && cast.agrees_with(candidate))
        .map(|(id, _)| id)
        .gather()
}
