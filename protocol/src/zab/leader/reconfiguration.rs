//! What a reconfiguration means to the leader (docs/protocol.md, Q7.3): members get a version when
//! a term begins, both quorums decide, and whoever may not go on names who leads.

use super::Leader;
use crate::base::{Ensemble, Gather, Learner as LearnerKind, ServerId, SortedSet, Zxid};
use crate::trace::LearnerPhase;
use crate::zab::common::{Common, Step};
use crate::zab::learner_handler::LearnerHandler;
use crate::zab::reconfiguration::stays_leader;
use std::sync::Arc;

impl Leader {
    /// Members that were never reconfigured get the start of the first epoch for a version
    /// (ZOOKEEPER-1783).
    pub(super) fn version_members(&self, common: &mut Common, step: &mut Step<'_>) {
        if common.config.last_seen().version == 0 {
            let mut versioned = Ensemble::clone(&common.config.ensemble);
            versioned.version = self.epoch.start().0;
            common.propose_members(Arc::new(versioned), step);
        }
    }

    /// Whether a quorum holds everything up to here, and from a proposed reconfiguration on a
    /// quorum of its members as well.
    pub(super) fn holds_quorum(&self, zxid: Zxid, common: &Common) -> bool {
        let holds = |id: ServerId| self.acked.get(&id).is_some_and(|acked| *acked >= zxid);
        let mut proposed = common.config.proposed.iter().filter(|it| it.version <= zxid.0);
        common.config.ensemble.is_quorum_of(&holds) && proposed.all(|it| it.is_quorum_of(&holds))
    }

    /// Puts what was proposed in force. The name of the next leader, this one if it may go on.
    pub(super) fn activate_members(
        &mut self,
        common: &mut Common,
        step: &mut Step<'_>,
    ) -> ServerId {
        let me = common.me();
        let Some(proposed) = common.config.proposed.clone() else { return me };
        let next = self.next_leader(&proposed, common);
        common.activate(&proposed, step);
        if next != me {
            self.successor = Some(next);
        }
        next
    }

    /// This server if the members leave it where it is, else the voter among them that holds most:
    /// fewest of the proposals under way are lost then.
    fn next_leader(&self, new: &Ensemble, common: &Common) -> ServerId {
        let me = common.me();
        if stays_leader(me, &common.config.ensemble, new) {
            return me;
        }
        let in_step = self.synced_followers();
        let holds = |id: &ServerId| self.acked.get(id).copied();
        let voters = new.participants().filter(|id| in_step.contains(id));
        voters.max_by_key(holds).unwrap_or(me)
    }

    /// The followers, voting or not yet, that have the leader's history. Observers acknowledge
    /// nothing, so they are of no use to a quorum before they have come back as followers.
    pub fn synced_followers(&self) -> SortedSet<ServerId> {
        let in_step = |handler: &LearnerHandler| {
            handler.kind == LearnerKind::Participant
                && matches!(handler.phase, LearnerPhase::Synced | LearnerPhase::UpToDate)
        };
        let followers = self.handlers.iter().filter(|(_, handler)| in_step(handler));
        followers.map(|(id, _)| *id).gather()
    }
}
