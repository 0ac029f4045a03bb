//! What the three algorithms before FastLeaderElection have in common: their vote, and their face.
//!
//! ZooKeeper offered them as `electionAlg` 0, 1 and 2, deprecated them in 3.4.0 and removed them in
//! 3.6.0 (ZOOKEEPER-1932, ZOOKEEPER-2083). No server can be configured with them; they are here to
//! be compared with what replaced them.
//!
//! Invariants:
//! 1. Their vote has no epoch, so the longest log wins even where its tail was never agreed upon.
//! 2. They speak in datagrams: what is sent may be lost, and may overtake what was sent before.
//! 3. They count a majority of the voters, and know neither weights nor groups.

use super::auth_fast::AuthFastLeaderElection;
use super::polling::PollingElection;
use crate::base::{ServerId, SortedSet, Time, Zxid};
use crate::message::PeerState;

/// A vote before epochs were part of it: by zxid, then by id (`totalOrderPredicate` of old).
///
/// The order of the fields is the order of votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlainVote {
    /// The last zxid that the candidate has logged.
    pub zxid: Zxid,
    /// The candidate.
    pub leader: ServerId,
}

/// One datagram of any of the three algorithms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Datagram {
    /// Algorithm 0: "for whom do you vote?" 4 bytes.
    Question {
        /// Names the election of who asks.
        xid: i32,
    },
    /// Algorithm 0: the answer to it. 36 bytes, of which 28 are read.
    Answer {
        /// The xid of the question.
        xid: i32,
        /// The vote of who answers; `None` from an observer, which leaves the fields empty.
        vote: Option<PlainVote>,
    },
    /// Algorithm 2: "let me prove my address". 48 bytes, like those below.
    ChallengeRequest {
        /// The number of the notification that will follow.
        tag: i64,
    },
    /// Algorithm 2: what the notification has to bring back.
    Challenge {
        /// The number of the request.
        tag: i64,
        /// The value.
        challenge: i64,
    },
    /// Algorithms 1 and 2: a vote.
    Notification {
        /// Numbers it for its acknowledgement.
        tag: i64,
        /// The sender's state.
        state: PeerState,
        /// Its vote.
        vote: PlainVote,
        /// Its round.
        round: i64,
        /// Algorithm 2: the value that the receiver gave out; 0 in algorithm 1.
        challenge: i64,
    },
    /// Algorithms 1 and 2: a notification has come. Also tells how its sender stands.
    Ack {
        /// The number of the notification.
        tag: i64,
        /// The state of who acknowledges.
        state: PeerState,
        /// Its vote.
        vote: PlainVote,
        /// Its round.
        round: i64,
    },
}

impl Datagram {
    /// Its length in bytes, without the headers of UDP.
    #[must_use]
    pub fn length(&self) -> usize {
        match self {
            Datagram::Question { .. } => 4,
            Datagram::Answer { .. } => 36,
            Datagram::ChallengeRequest { .. }
            | Datagram::Challenge { .. }
            | Datagram::Notification { .. }
            | Datagram::Ack { .. } => 48,
        }
    }

    /// Its name, for tables and drawings.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Datagram::Question { .. } => "question",
            Datagram::Answer { .. } => "answer",
            Datagram::ChallengeRequest { .. } => "challenge request",
            Datagram::Challenge { .. } => "challenge",
            Datagram::Notification { .. } => "notification",
            Datagram::Ack { .. } => "ack",
        }
    }
}

/// What an algorithm decided, and why; enough to tell the election in sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// It begins another poll (algorithm 0) or round (1 and 2), with this number.
    Round(i64),
    /// It votes so from now on.
    Votes(PlainVote),
    /// Algorithm 0: this server did not answer in time.
    Silent(ServerId),
    /// Algorithm 0: the poll ends; the vote named most often, and how often of how many needed.
    Counted {
        /// That vote.
        vote: PlainVote,
        /// How many gave it.
        votes: usize,
        /// How many make a majority.
        needed: usize,
    },
    /// Algorithms 1 and 2: a majority agrees; it waits in case a better vote comes.
    Waits,
    /// Algorithms 1 and 2: a notification to this server stays without an acknowledgement after the
    /// last attempt.
    GaveUp(ServerId),
    /// Algorithm 2: a notification of this server did not bring back what it was given.
    Unproven(ServerId),
    /// The election is over for this server.
    Elected(PlainVote),
}

/// What an algorithm wants done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Datagrams, in order of sending. One to the server itself goes through the network too.
    pub sends: Vec<(ServerId, Datagram)>,
    /// What it decided, in order.
    pub choices: Vec<Choice>,
}

/// One voter of an old algorithm.
#[derive(Clone, Debug)]
pub struct Voter {
    /// The server itself.
    pub id: ServerId,
    /// Every voter of the ensemble, itself included.
    pub voters: SortedSet<ServerId>,
    /// The last zxid that it has logged.
    pub zxid: Zxid,
}

impl Voter {
    /// The vote for itself.
    #[must_use]
    pub fn own_vote(&self) -> PlainVote {
        PlainVote { zxid: self.zxid, leader: self.id }
    }

    /// How many voters make a majority.
    #[must_use]
    pub fn needed(&self) -> usize {
        self.voters.len() / 2 + 1
    }

    /// The role of this server under a leader.
    #[must_use]
    pub fn role_under(&self, leader: ServerId) -> PeerState {
        if leader == self.id { PeerState::Leading } else { PeerState::Following }
    }
}

/// The algorithms before `electionAlg` 3.
#[derive(Clone, Debug)]
pub enum HistoricElection {
    /// LeaderElection (`electionAlg=0`).
    Polling(PollingElection),
    /// AuthFastLeaderElection (`electionAlg=1`, and 2 with challenges).
    AuthFast(AuthFastLeaderElection),
}

impl HistoricElection {
    /// Enters LOOKING.
    pub fn start(&mut self, now: Time, wishes: &mut Wishes) {
        match self {
            HistoricElection::Polling(polling) => polling.start(now, wishes),
            HistoricElection::AuthFast(fast) => fast.start(now, wishes),
        }
    }

    /// Takes a datagram, in every state.
    pub fn on_datagram(
        &mut self,
        now: Time,
        from: ServerId,
        datagram: Datagram,
        wishes: &mut Wishes,
    ) {
        match self {
            HistoricElection::Polling(polling) => polling.on_datagram(now, from, datagram, wishes),
            HistoricElection::AuthFast(fast) => fast.on_datagram(now, from, datagram, wishes),
        }
    }

    /// To be called when [`HistoricElection::next_deadline`] has passed; early calls do nothing.
    pub fn on_deadline(&mut self, now: Time, wishes: &mut Wishes) {
        match self {
            HistoricElection::Polling(polling) => polling.on_deadline(now, wishes),
            HistoricElection::AuthFast(fast) => fast.on_deadline(now, wishes),
        }
    }

    /// When to call [`HistoricElection::on_deadline`].
    #[must_use]
    pub fn next_deadline(&self) -> Option<Time> {
        match self {
            HistoricElection::Polling(polling) => polling.next_deadline(),
            HistoricElection::AuthFast(fast) => fast.next_deadline(),
        }
    }

    /// LOOKING, or the role that the election gave.
    #[must_use]
    pub fn state(&self) -> PeerState {
        match self {
            HistoricElection::Polling(polling) => polling.state(),
            HistoricElection::AuthFast(fast) => fast.state(),
        }
    }
}
