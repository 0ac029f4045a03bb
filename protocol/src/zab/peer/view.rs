//! What viewers ask of a peer; nothing here changes one.

use super::{Kind, QuorumPeer, Role};
use crate::base::{Config, Gather, ServerId, SortedMap, SortedSet, Zxid};
use crate::message::{PeerState, Vote};
use crate::trace::{LearnerStatus, PeerStatus};
use std::sync::Arc;

impl QuorumPeer {
    /// Its configuration.
    pub fn config(&self) -> &Arc<Config> {
        &self.common.config
    }

    /// The last transaction handed to its log.
    pub fn last_logged(&self) -> Zxid {
        self.common.history.last()
    }

    /// Proposals of this leader that are not decided yet.
    pub fn outstanding(&self) -> usize {
        match &self.role {
            Role::Leading(leader) => leader.outstanding(),
            Role::Learning(_) | Role::Looking | Role::Halted(_) => 0,
        }
    }

    /// The vote that waits for an election connection to a peer.
    pub fn waiting_vote(&self, to: ServerId) -> Option<Vote> {
        self.common.links.waiting(to).map(|notification| notification.vote)
    }

    /// Its role.
    pub fn role(&self) -> PeerState {
        match &self.role {
            Role::Looking | Role::Halted(_) => PeerState::Looking,
            Role::Leading(_) => PeerState::Leading,
            Role::Learning(learner) => match learner.kind {
                Kind::Participant => PeerState::Following,
                Kind::Observer => PeerState::Observing,
            },
        }
    }

    /// Whom it follows, or itself.
    pub fn leader(&self) -> Option<ServerId> {
        match &self.role {
            Role::Looking | Role::Halted(_) => None,
            Role::Leading(_) => Some(self.common.me()),
            Role::Learning(learner) => Some(learner.leader),
        }
    }

    /// Leader: those of its followers that have its history.
    pub fn synced_followers(&self) -> SortedSet<ServerId> {
        match &self.role {
            Role::Leading(leader) => leader.synced_followers(),
            Role::Learning(_) | Role::Looking | Role::Halted(_) => SortedSet::new(),
        }
    }

    /// Leader: its learners.
    pub fn learners(&self) -> SortedMap<ServerId, LearnerStatus> {
        match &self.role {
            Role::Leading(leader) => {
                leader.handlers().iter().map(|(id, handler)| (*id, handler.status())).gather()
            }
            Role::Learning(_) | Role::Looking | Role::Halted(_) => SortedMap::new(),
        }
    }

    /// Everything that a viewer needs.
    pub fn status(&self) -> PeerStatus {
        let common = &self.common;
        let looking = self.election.is_looking();
        let mut timers = common.timers.status().clone();
        timers.extend(self.election.timer());
        PeerStatus {
            role: self.role(),
            phase: common.phase,
            leader: self.leader(),
            round: self.election.round(),
            vote: self.election.vote(),
            votes: self.election.votes().clone(),
            accepted_epoch: common.accepted_epoch,
            current_epoch: common.current_epoch,
            last_logged: common.history.last(),
            last_durable: common.last_durable,
            last_committed: common.last_committed,
            sync: common.sync,
            quorum: if looking { self.election.quorum() } else { common.quorum.clone() },
            learners: self.learners(),
            serving: common.serving,
            read_only: common.read_only,
            timers,
            halted: match &self.role {
                Role::Halted(why) => Some(why.clone()),
                Role::Looking | Role::Leading(_) | Role::Learning(_) => None,
            },
        }
    }
}
