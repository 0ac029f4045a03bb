//! Stories of elections, told with one server under glass or with a small network of them.
//!
//! Every step of every story also folds the emitted decisions and compares the result with what the
//! election says of itself.

mod network;
mod order;
mod rules;
#[cfg(not(target_arch = "wasm32"))]
mod twin;
mod worked_example;

use std::sync::Arc;

use super::{Ballot, Elected, Election, ElectionOutput};
use crate::base::{Config, Ensemble, Epoch, Now, ServerId, SortedMap, Time, Zxid};
use crate::effects::TraceLane;
use crate::message::{Notification, PeerState, Vote};
use crate::trace::{Decision, PeerStatus, RoleReason, Timer, Verdict};

/// A moment, in milliseconds.
pub(super) fn at(ms: u64) -> Now {
    Now { at: Time::from_ms(ms), wall_ms: 0 }
}

/// A vote for `leader`, whose last transaction is `zxid` and whose current epoch is `epoch`.
pub(super) fn vote(leader: i64, zxid: Zxid, epoch: i64) -> Vote {
    Vote { leader: ServerId(leader), zxid, peer_epoch: Epoch(epoch) }
}

/// A vote of an ensemble that has never written anything.
pub(super) fn fresh(leader: i64) -> Vote {
    vote(leader, Zxid::ZERO, 0)
}

/// The zxid of a transaction.
pub(super) fn zxid(epoch: i64, counter: u32) -> Zxid {
    Zxid::new(Epoch(epoch), counter)
}

/// A notification of today's format.
pub(super) fn says(state: PeerState, vote: Vote, round: i64) -> Notification {
    Notification { state, vote, round, version: 2, config: None }
}

pub(super) fn looking(vote: Vote, round: i64) -> Notification {
    says(PeerState::Looking, vote, round)
}

/// What one step of a server led to.
pub(super) struct Step {
    pub(super) sends: Vec<(ServerId, Notification)>,
    pub(super) decisions: Vec<Decision>,
    pub(super) elected: Option<Elected>,
}

impl Step {
    /// What was sent, in short: to whom, state, vote, round.
    pub(super) fn said(&self) -> Vec<(i64, PeerState, Vote, i64)> {
        self.sends.iter().map(|(to, n)| (to.0, n.state, n.vote, n.round)).collect()
    }

    pub(super) fn verdicts(&self) -> Vec<(i64, Verdict)> {
        let verdict = |decision: &Decision| match decision {
            Decision::Judged { from, verdict, .. } => Some((from.0, *verdict)),
            _ => None,
        };
        self.decisions.iter().filter_map(verdict).collect()
    }
}

/// One server, with the status that follows from its trace.
#[derive(Clone)]
pub(super) struct Peer {
    pub(super) ballot: Ballot,
    pub(super) election: Election,
    status: PeerStatus,
}

impl Peer {
    /// Server `id` with an empty database.
    pub(super) fn new(id: i64, ensemble: &Arc<Ensemble>) -> Peer {
        Peer::with_history(id, ensemble, Zxid::ZERO, 0)
    }

    pub(super) fn with_history(id: i64, ensemble: &Arc<Ensemble>, zxid: Zxid, epoch: i64) -> Peer {
        let config = Arc::new(Config::new(ServerId(id), Arc::clone(ensemble)));
        let current_epoch = Epoch(epoch);
        let ballot = Ballot { id: ServerId(id), learner: config.learner(), zxid, current_epoch };
        let status = PeerStatus::born(current_epoch, current_epoch, zxid);
        Peer { ballot, election: Election::new(&config), status }
    }

    pub(super) fn state(&self) -> PeerState {
        self.status.role
    }

    pub(super) fn leader(&self) -> Option<i64> {
        self.status.leader.map(|leader| leader.0)
    }

    pub(super) fn start(&mut self, now: Now) -> Step {
        let why = RoleReason::LostLeader;
        let role = PeerState::Looking;
        self.status.fold(&Decision::RoleChanged { role, leader: None, why });
        let ballot = self.ballot;
        self.step(|election, out| election.start(now, ballot, out))
    }

    pub(super) fn hears(&mut self, now: Now, from: i64, notification: &Notification) -> Step {
        self.step(|election, out| election.on_notification(now, ServerId(from), notification, out))
    }

    pub(super) fn deadline(&mut self, now: Now) -> Step {
        self.step(|election, out| election.on_deadline(now, out))
    }

    /// What QuorumPeer does once the new epoch stands.
    pub(super) fn renew_epoch(&mut self, epoch: i64) {
        self.step(|election, out| {
            election.renew_epoch(Epoch(epoch), out);
            None
        });
    }

    fn step(
        &mut self,
        act: impl FnOnce(&mut Election, &mut ElectionOutput) -> Option<Elected>,
    ) -> Step {
        let mut lane = TraceLane::On(Vec::new());
        let mut out = ElectionOutput::new(&mut lane);
        let elected = act(&mut self.election, &mut out);
        let sends = out.sends;
        let mut decisions = lane.take();
        if let Some(Elected { vote, round }) = elected {
            decisions.push(self.take_role(vote, round));
        }
        decisions.iter().for_each(|decision| self.status.fold(decision));
        self.assert_fold();
        Step { sends, decisions, elected }
    }

    /// What QuorumPeer does with a winner.
    fn take_role(&mut self, vote: Vote, round: i64) -> Decision {
        let (role, why) = match self.ballot.learner {
            _ if vote.leader == self.ballot.id => (PeerState::Leading, RoleReason::ElectedMyself),
            crate::base::Learner::Participant => (PeerState::Following, RoleReason::ElectedAnother),
            crate::base::Learner::Observer => (PeerState::Observing, RoleReason::ElectedAnother),
        };
        self.election.settled(role, vote, round);
        Decision::RoleChanged { role, leader: Some(vote.leader), why }
    }

    /// The invariant of the trace: its fold is what the election says of itself.
    fn assert_fold(&self) {
        let (status, election) = (&self.status, &self.election);
        assert_eq!(status.round, election.round());
        assert_eq!(status.vote, election.vote());
        assert_eq!(&status.votes, election.votes());
        assert_eq!(status.quorum, election.quorum());
        let timers: SortedMap<Timer, _> = election.timer().into_iter().collect();
        assert_eq!(status.timers, timers);
        assert_eq!(status.role == PeerState::Looking, election.is_looking());
    }
}
