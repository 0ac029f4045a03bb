//! Leader election as a value: notifications and deadlines in, notifications and a winner out.
//!
//! Stands before Zab's discovery phase. It touches neither the log nor the epochs on disk: what it
//! needs of them comes with the [`Ballot`], what it decides goes out as [`Elected`].
//!
//! Invariants:
//! 1. The vote of a server covers everything that it has logged, not only what is committed.
//! 2. A server's own vote counts only because its broadcast is looped back to it; the loop-back
//!    happens in here, never through the network, and only for a server that may vote.
//! 3. At most one deadline is set at a time, and none while the server has a role.
//! 4. `round()`, `vote()`, `votes()`, `quorum()` and `timer()` are the fold of the decisions that
//!    were emitted, once whoever drives the election has emitted `RoleChanged` for it.
//!
//! The three algorithms that ZooKeeper had before stand beside it, in `historic.rs`, `polling.rs`
//! and `auth_fast/`: for comparison only, no server can be configured with them.
//!
//! Left to others: the one-slot queue for each peer and the last message sent again after a
//! reconnection (links), role changes (QuorumPeer), bytes (wire).

pub mod auth_fast;
mod fast;
pub mod historic;
pub mod polling;
mod seeker;
mod tally;
#[cfg(test)]
mod tests;

pub use fast::FastLeaderElection;

use std::sync::Arc;

use crate::base::{Config, Epoch, Learner, Now, ServerId, SortedMap, Time, Zxid};
use crate::effects::TraceLane;
use crate::message::{Notification, PeerState, Vote};
use crate::trace::{QuorumStatus, ReceivedVote, Timer, TimerStatus};

/// With what a server stands for election.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ballot {
    /// The server itself.
    pub id: ServerId,
    /// Whether it takes part as a voter or as an observer.
    pub learner: Learner,
    /// The last zxid that it has logged; [`Zxid::UNTRUSTED`] if its database is empty and must not
    /// be trusted.
    pub zxid: Zxid,
    /// Its `currentEpoch`.
    pub current_epoch: Epoch,
}

/// How an election ended. The role follows: the leader leads, others follow or observe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elected {
    /// The winner, with the epoch as voted: the one before the epoch that it will found.
    pub vote: Vote,
    /// The round that elected it.
    pub round: i64,
}

/// Where an election leaves what it wants sent, and what it decided.
#[derive(Debug)]
pub struct ElectionOutput<'a> {
    /// To whom, and what; in order. Allocates only when something is sent.
    pub sends: Vec<(ServerId, Notification)>,
    /// The decisions, in order.
    pub trace: &'a mut TraceLane,
}

impl<'a> ElectionOutput<'a> {
    /// Nothing to send yet; decisions go to `trace`.
    pub fn new(trace: &'a mut TraceLane) -> ElectionOutput<'a> {
        ElectionOutput { sends: Vec::new(), trace }
    }
}

/// The election algorithms; `electionAlg` 3 is the only one that ZooKeeper still has.
#[derive(Clone, Debug)]
pub enum Election {
    /// FastLeaderElection (`electionAlg=3`).
    Fast(FastLeaderElection),
}

impl Election {
    /// An election that has not begun: round 0, nothing sent, nothing heard.
    #[must_use]
    pub fn new(config: &Arc<Config>) -> Election {
        Election::Fast(FastLeaderElection::new(config))
    }

    /// From here on these members count, and notifications carry the text of those in force. A
    /// search that is under way goes on with the votes that it has; see [`Election::start`].
    pub fn configure(&mut self, config: &Arc<Config>) {
        match self {
            Election::Fast(fast) => fast.configure(config),
        }
    }

    /// Enters LOOKING: a new round, the own vote, its broadcast. Also ends whatever was under way.
    /// The only voter of an ensemble waits `finalizeWait` like any other.
    pub fn start(&mut self, now: Now, ballot: Ballot, out: &mut ElectionOutput) -> Option<Elected> {
        match self {
            Election::Fast(fast) => fast.start(now, ballot, out),
        }
    }

    /// Takes a notification, in every role: a looking server judges it, one with a role answers
    /// those that look.
    pub fn on_notification(
        &mut self,
        now: Now,
        from: ServerId,
        notification: &Notification,
        out: &mut ElectionOutput,
    ) -> Option<Elected> {
        match self {
            Election::Fast(fast) => fast.on_notification(now, from, notification, out),
        }
    }

    /// To be called when [`Election::next_deadline`] has passed; early calls do nothing.
    pub fn on_deadline(&mut self, now: Now, out: &mut ElectionOutput) -> Option<Elected> {
        match self {
            Election::Fast(fast) => fast.on_deadline(now, out),
        }
    }

    /// When to call [`Election::on_deadline`], and for what: `Resend` or `FinalizeWait`.
    #[must_use]
    pub fn next_deadline(&self) -> Option<(Time, Timer)> {
        self.timer().map(|(timer, status)| (status.at, timer))
    }

    /// The deadline that is set, with the moment of its setting.
    #[must_use]
    pub fn timer(&self) -> Option<(Timer, TimerStatus)> {
        match self {
            Election::Fast(fast) => fast.timer(),
        }
    }

    /// QuorumPeer tells the role in force and the vote to report to those that look: normally the
    /// one of the [`Elected`] that it got. LOOKING is entered by [`Election::start`] alone.
    pub fn settled(&mut self, state: PeerState, vote: Vote, round: i64) {
        match self {
            Election::Fast(fast) => fast.settled(state, vote, round),
        }
    }

    /// After synchronisation the reported vote moves on to the new epoch, so that late joiners hear
    /// one story from everybody. Does nothing while looking.
    pub fn renew_epoch(&mut self, epoch: Epoch, out: &mut ElectionOutput) {
        match self {
            Election::Fast(fast) => fast.renew_epoch(epoch, out),
        }
    }

    /// Whether an election is under way here.
    #[must_use]
    pub fn is_looking(&self) -> bool {
        match self {
            Election::Fast(fast) => fast.is_looking(),
        }
    }

    /// The round (`logicalclock`).
    #[must_use]
    pub fn round(&self) -> i64 {
        match self {
            Election::Fast(fast) => fast.round(),
        }
    }

    /// While looking the proposal, afterwards the reported vote; `None` before the first start.
    #[must_use]
    pub fn vote(&self) -> Option<Vote> {
        match self {
            Election::Fast(fast) => fast.vote(),
        }
    }

    /// The votes that are counted in this round, by sender; empty when not looking.
    #[must_use]
    pub fn votes(&self) -> &SortedMap<ServerId, ReceivedVote> {
        match self {
            Election::Fast(fast) => fast.votes(),
        }
    }

    /// The count that was made last; `None` when not looking.
    #[must_use]
    pub fn quorum(&self) -> Option<QuorumStatus> {
        match self {
            Election::Fast(fast) => fast.quorum().cloned(),
        }
    }
}
