//! A server's status as a viewer needs it, and how it follows from the trace.
//!
//! Invariant: folding every [`Decision`] of one server since `Started` gives exactly what
//! `Server::status` says. A test holds the two together on every simulated run.

use serde::{Deserialize, Serialize};

use super::event::{Decision, LearnerPhase, Phase, QuorumKind, SyncMode, Timer};
use crate::base::{Epoch, ServerId, SortedMap, Time, Zxid};
use crate::message::{PeerState, Vote};

/// One server, as seen from outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerStatus {
    /// Its role.
    pub role: PeerState,
    /// Its phase.
    pub phase: Phase,
    /// Whom it follows, or itself; `None` while looking.
    pub leader: Option<ServerId>,
    /// Its election round (`logicalclock`).
    pub round: i64,
    /// While looking its proposal, afterwards the vote it reports.
    pub vote: Option<Vote>,
    /// The votes of this election that it counts, by sender: vote, round and the sender's state.
    pub votes: SortedMap<ServerId, ReceivedVote>,
    /// `acceptedEpoch`.
    pub accepted_epoch: Epoch,
    /// `currentEpoch`.
    pub current_epoch: Epoch,
    /// The last transaction handed to its log.
    pub last_logged: Zxid,
    /// The last transaction known to survive a crash.
    pub last_durable: Zxid,
    /// The last transaction known to be decided.
    pub last_committed: Zxid,
    /// How a learner is being brought up to date; `None` before and after.
    pub sync: Option<SyncMode>,
    /// The quorum that is being counted, or was counted last.
    pub quorum: Option<QuorumStatus>,
    /// Leader: its learners.
    pub learners: SortedMap<ServerId, LearnerStatus>,
    /// Whether it answers clients.
    pub serving: bool,
    /// Whether it answers readers without a leader.
    pub read_only: bool,
    /// Deadlines that are set.
    pub timers: SortedMap<Timer, TimerStatus>,
    /// Why it stopped for good.
    pub halted: Option<String>,
}

/// A vote that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceivedVote {
    /// The vote.
    pub vote: Vote,
    /// Its round.
    pub round: i64,
    /// Its sender's state.
    pub state: PeerState,
}

/// A quorum in the making.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuorumStatus {
    /// What is counted.
    pub what: QuorumKind,
    /// Who counts so far.
    pub have: Vec<ServerId>,
    /// How many a majority needs.
    pub need: u32,
    /// Whether it is a quorum.
    pub reached: bool,
}

/// One learner in its leader's eyes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnerStatus {
    /// Its standing.
    pub phase: LearnerPhase,
    /// How it was brought up to date.
    pub sync: Option<SyncMode>,
    /// The last zxid that it acknowledged or registered with.
    pub acked: Zxid,
}

/// A deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimerStatus {
    /// When it was set.
    pub from: Time,
    /// When it fires.
    pub at: Time,
}

impl PeerStatus {
    /// A server at birth, with what its disk gave back.
    #[must_use]
    pub fn born(accepted_epoch: Epoch, current_epoch: Epoch, last_logged: Zxid) -> PeerStatus {
        PeerStatus {
            role: PeerState::Looking,
            phase: Phase::Election,
            leader: None,
            round: 0,
            vote: None,
            votes: SortedMap::new(),
            accepted_epoch,
            current_epoch,
            last_logged,
            last_durable: last_logged,
            last_committed: Zxid::ZERO,
            sync: None,
            quorum: None,
            learners: SortedMap::new(),
            serving: false,
            read_only: false,
            timers: SortedMap::new(),
            halted: None,
        }
    }

    /// Takes one decision into account. A decision before `Started` says nothing.
    pub fn fold(&mut self, decision: &Decision) {
        match decision {
            Decision::Started { accepted_epoch, current_epoch, last_logged } => {
                *self = PeerStatus::born(*accepted_epoch, *current_epoch, *last_logged);
            }
            Decision::RoleChanged { .. }
            | Decision::PhaseChanged { .. }
            | Decision::Serving { .. }
            | Decision::ReadOnly { .. }
            | Decision::Established { .. }
            | Decision::Halted { .. } => self.fold_role(decision),
            Decision::RoundEntered { .. }
            | Decision::Proposes { .. }
            | Decision::Judged { .. }
            | Decision::Elected { .. }
            | Decision::VoteRenewed { .. }
            | Decision::Quorum { .. } => self.fold_election(decision),
            Decision::AcceptedEpoch { epoch } => self.accepted_epoch = *epoch,
            Decision::CurrentEpoch { epoch } => self.current_epoch = *epoch,
            Decision::Learner { .. } | Decision::SyncPlanned { .. } | Decision::Acked { .. } => {
                self.fold_learner(decision);
            }
            Decision::SyncStarted { .. }
            | Decision::Truncated { .. }
            | Decision::Installed { .. }
            | Decision::Logged { .. }
            | Decision::Durable { .. }
            | Decision::Committed { .. } => self.fold_history(decision),
            Decision::TimerSet { timer, from, at } => match at {
                Some(at) => {
                    self.timers.insert(*timer, TimerStatus { from: *from, at: *at });
                }
                None => {
                    self.timers.remove(timer);
                }
            },
            Decision::Registered { .. }
            | Decision::MembersChanged { .. }
            | Decision::Resent { .. }
            | Decision::Proposed { .. }
            | Decision::SessionExpired { .. }
            | Decision::Hung { .. } => {}
        }
    }

    /// A new role begins with no phase behind it: the leader's learners and the learner's
    /// synchronisation belong to the role that ended.
    fn fold_role(&mut self, decision: &Decision) {
        match decision {
            Decision::RoleChanged { role, leader, .. } => {
                self.role = *role;
                self.leader = *leader;
                self.sync = None;
                self.learners.clear();
                self.quorum = None;
                self.votes.clear();
            }
            Decision::PhaseChanged { phase } => {
                self.phase = *phase;
                if *phase == Phase::Broadcast {
                    self.sync = None;
                }
            }
            Decision::Serving { serving } => self.serving = *serving,
            Decision::ReadOnly { serving } => self.read_only = *serving,
            Decision::Halted { why } => self.halted = Some(why.clone()),
            _ => {}
        }
    }

    fn fold_election(&mut self, decision: &Decision) {
        match decision {
            Decision::RoundEntered { round } => {
                self.round = *round;
                self.votes.clear();
                self.quorum = None;
            }
            Decision::Proposes { vote, .. } | Decision::VoteRenewed { vote } => {
                self.vote = Some(*vote);
            }
            Decision::Judged { from, state, vote, round, verdict, .. } => {
                use super::event::Verdict;
                if matches!(verdict, Verdict::Counted | Verdict::CountedDecided) {
                    let received = ReceivedVote { vote: *vote, round: *round, state: *state };
                    self.votes.insert(*from, received);
                }
            }
            Decision::Elected { vote, round, .. } => {
                self.vote = Some(*vote);
                self.round = *round;
            }
            Decision::Quorum { what, have, need, reached } => {
                self.quorum = Some(QuorumStatus {
                    what: *what,
                    have: have.clone(),
                    need: *need,
                    reached: *reached,
                });
            }
            _ => {}
        }
    }

    fn fold_learner(&mut self, decision: &Decision) {
        match decision {
            Decision::Learner { learner, phase: None } => {
                self.learners.remove(learner);
            }
            Decision::Learner { learner, phase: Some(phase) } => {
                let born = LearnerStatus { phase: *phase, sync: None, acked: Zxid::ZERO };
                self.learners.entry(*learner).or_insert(born).phase = *phase;
            }
            Decision::SyncPlanned { learner, mode, learner_zxid, .. } => {
                if let Some(status) = self.learners.get_mut(learner) {
                    status.sync = Some(*mode);
                    status.acked = *learner_zxid;
                }
            }
            Decision::Acked { from, zxid } => {
                if let Some(status) = self.learners.get_mut(from) {
                    status.acked = *zxid;
                }
            }
            _ => {}
        }
    }

    fn fold_history(&mut self, decision: &Decision) {
        match decision {
            Decision::SyncStarted { mode, .. } => self.sync = Some(*mode),
            Decision::Truncated { to } => {
                self.last_logged = *to;
                self.last_durable = self.last_durable.min(*to);
                self.last_committed = self.last_committed.min(*to);
            }
            Decision::Installed { zxid } => {
                self.last_logged = *zxid;
                self.last_durable = self.last_durable.min(*zxid);
                self.last_committed = *zxid;
            }
            Decision::Logged { zxid, .. } => self.last_logged = *zxid,
            Decision::Durable { zxid } => self.last_durable = *zxid,
            Decision::Committed { zxid, .. } => self.last_committed = *zxid,
            _ => {}
        }
    }
}
