//! Epoch negotiation (docs/protocol.md, Q5.3 and Q5.4): who registers, which epoch, who promised.
//!
//! The new epoch is one more than the largest that any of the registering quorum has promised, so
//! no two leaders ever share one (Zab, phase 1; ZOOKEEPER-335).

use super::Leader;
use crate::base::{Epoch, Learner as LearnerKind, ServerId, Zxid};
use crate::message::{LearnerInfo, Packet};
use crate::trace::{Decision, LearnerPhase, Phase, QuorumKind, Timer};
use crate::zab::common::{Common, Step};
use crate::zab::durability::Then;
use crate::zab::learner_handler::LearnerHandler;

/// The protocol version named in LEADERINFO.
const PROTOCOL_VERSION: i32 = 0x10000;

impl Leader {
    /// FOLLOWERINFO or OBSERVERINFO: a learner names itself and the epoch it has promised.
    pub(super) fn on_info(
        &mut self,
        from: ServerId,
        (info, kind): (LearnerInfo, LearnerKind),
        common: &mut Common,
        step: &mut Step<'_>,
    ) {
        if self.standalone || info.config_version > common.config.ensemble.version {
            self.drop_learner(from, "its configuration is newer than mine", common, step);
            return;
        }
        if self.handlers.contains_key(&from) {
            self.drop_learner(from, "it registered twice", common, step);
            return;
        }
        // What it acknowledged before may be cut off now, so it no longer counts.
        self.acked.remove(&from);
        self.handlers.insert(from, LearnerHandler::registered(kind, step.now.at));
        self.set_phase(from, LearnerPhase::Registered, step);
        if self.epoch_fixed {
            self.offer_epoch(common, step);
            return;
        }
        self.epoch = self.epoch.max(info.accepted_epoch.next());
        self.registered.add(from, &common.config);
        self.check_registered(common, step);
    }

    /// With a quorum registered the epoch is fixed and goes to disk.
    pub(super) fn check_registered(&mut self, common: &mut Common, step: &mut Step<'_>) {
        if !self.count(QuorumKind::Registered, common, step) {
            return;
        }
        self.epoch_fixed = true;
        let epoch = self.epoch;
        common.accept_epoch(epoch, step);
        common.durability.then(Then::OfferEpoch(epoch));
        self.version_members(common, step);
        common.set_timer(Timer::InitLimit, common.config.init_limit_ms(), step);
    }

    /// The epoch is on disk: it may be offered, and the leader itself counts as having promised.
    pub(super) fn on_epoch_durable(&mut self, common: &mut Common, step: &mut Step<'_>) {
        self.epoch_durable = true;
        self.offer_epoch(common, step);
        self.promised.add(common.me(), &common.config);
        self.check_promised(common, step);
    }

    /// LEADERINFO to everyone who registered and has not had it.
    fn offer_epoch(&mut self, common: &mut Common, step: &mut Step<'_>) {
        if !self.epoch_durable {
            return;
        }
        for id in self.ids_in(LearnerPhase::Registered) {
            let epoch = self.epoch;
            let packet = Packet::LeaderInfo { epoch, protocol_version: PROTOCOL_VERSION };
            common.links.send(id, packet, step.out);
            self.set_phase(id, LearnerPhase::EpochOffered, step);
        }
    }

    /// ACKEPOCH: a learner promised, and says how far its history goes.
    pub(super) fn on_promise(
        &mut self,
        from: ServerId,
        current_epoch: Option<Epoch>,
        last_zxid: Zxid,
        common: &mut Common,
        step: &mut Step<'_>,
    ) {
        let offered = |h: &LearnerHandler| h.phase == LearnerPhase::EpochOffered;
        if !self.handlers.get(&from).is_some_and(offered) {
            self.drop_learner(from, "it promised an epoch that was not offered", common, step);
            return;
        }
        let mine = (common.current_epoch, common.history.last());
        if !self.promises_done && current_epoch.is_some_and(|epoch| (epoch, last_zxid) > mine) {
            self.drop_learner(from, "its history is ahead of mine", common, step);
            return;
        }
        if let Some(handler) = self.handlers.get_mut(&from) {
            handler.acked = last_zxid;
        }
        self.set_phase(from, LearnerPhase::Promised, step);
        step.trace(|| Decision::Acked { from, zxid: last_zxid });
        if self.promises_done {
            self.synchronize(from, common, step);
            return;
        }
        if current_epoch.is_some() && last_zxid != Zxid::UNTRUSTED {
            self.promised.add(from, &common.config);
        }
        self.check_promised(common, step);
    }

    /// With a quorum of promises the leader adopts the epoch and synchronises everyone so far.
    fn check_promised(&mut self, common: &mut Common, step: &mut Step<'_>) {
        if self.promises_done || !self.count(QuorumKind::Promised, common, step) {
            return;
        }
        self.promises_done = true;
        self.last_proposed = self.epoch.start();
        common.enter_phase(Phase::Synchronization, step);
        common.adopt_epoch(self.epoch, step);
        common.durability.then(Then::CountOwnNewLeader(self.epoch));
        common.set_timer(Timer::InitLimit, common.config.init_limit_ms(), step);
        common.set_timer(Timer::HalfTick, common.config.tick_time_ms / 2, step);
        for id in self.ids_in(LearnerPhase::Promised) {
            self.synchronize(id, common, step);
        }
    }
}
