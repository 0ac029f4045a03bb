//! Bringing learners up to date, NEWLEADER and its quorum, UPTODATE (docs/protocol.md, Q5.6, Q5.9).

use super::Leader;
use crate::base::{Learner as LearnerKind, ServerId, Zxid};
use crate::effects::{Delivery, NetworkEffect, SyncOperation, SyncPlan};
use crate::message::Packet;
use crate::trace::{Decision, LearnerPhase, Phase, QuorumKind, SyncMode, Timer};
use crate::zab::common::{Common, Step, Upcall};
use crate::zab::sync_plan::{self, Choice, LeaderView};

impl Leader {
    /// Chooses DIFF, TRUNC or SNAP for one learner, sends it, and NEWLEADER behind it. From here on
    /// live packets are held for the learner until its UPTODATE.
    pub(super) fn synchronize(
        &mut self,
        learner: ServerId,
        common: &mut Common,
        step: &mut Step<'_>,
    ) {
        let upto = self.decided(common);
        let Some(handler) = self.handlers.get_mut(&learner) else { return };
        let choice = sync_plan::choose(
            LeaderView {
                history: &common.history,
                committed: upto,
                processed: if self.ready { upto.max(self.epoch.start()) } else { upto },
                max_diff: common.config.max_diff_from_disk,
                skips_membership: common.config.variants.diff_without_trunc(),
            },
            handler.acked,
        );
        handler.sync = Some(choice.mode);
        let (kind, learner_zxid) = (handler.kind, handler.acked);
        let plan = self.plan(choice, upto, kind, common);
        step.trace(|| Decision::SyncPlanned {
            learner,
            learner_zxid,
            window: (common.history.first().unwrap_or(upto), upto),
            mode: choice.mode,
            zxid: choice.zxid,
            count: match choice.mode {
                SyncMode::Snap => 0,
                SyncMode::Diff | SyncMode::Trunc => {
                    common.history.count_after(choice.after) - common.history.count_after(upto)
                }
            },
            rule: choice.rule,
        });
        step.out.network.push(NetworkEffect::Synchronize { to: learner, plan });
        // What is proposed before the term begins is in force when UPTODATE leaves. Later it may
        // not be, and a learner that took it from here could be half of a quorum that nobody else
        // asks.
        let config = &common.config;
        let members = if self.ready { &config.ensemble } else { config.last_seen() };
        let config = Some(members.text().into());
        common.links.send(learner, Packet::NewLeader { epoch: self.epoch, config }, step.out);
        self.set_phase(learner, LearnerPhase::Syncing, step);
    }

    /// What counts as decided for whoever joins now: before the leader is established everything
    /// that it has logged, its initial history; afterwards what is committed.
    fn decided(&self, common: &Common) -> Zxid {
        if self.outstanding.is_empty() { common.history.last() } else { common.last_committed }
    }

    /// Which transactions come from memory and which from disk. `tail` is contiguous up to the end
    /// of the log, so whatever it lacks lies before it.
    fn plan(&self, choice: Choice, upto: Zxid, kind: LearnerKind, common: &Common) -> SyncPlan {
        let operation = match choice.mode {
            SyncMode::Diff => SyncOperation::Diff(choice.zxid),
            SyncMode::Trunc => SyncOperation::Trunc(choice.zxid),
            SyncMode::Snap => SyncOperation::Snap,
        };
        let after = match choice.mode {
            SyncMode::Snap => common.applied,
            SyncMode::Diff | SyncMode::Trunc => choice.after,
        };
        let before_tail = common.tail.front().map_or(upto, |txn| Zxid(txn.header.zxid.0 - 1));
        let disk_end = common.history.last_at_or_before(before_tail.min(upto));
        let outstanding = match kind {
            LearnerKind::Participant => self.outstanding.iter().cloned().collect(),
            LearnerKind::Observer => Vec::new(),
        };
        SyncPlan {
            operation,
            from_disk: disk_end.filter(|end| *end > after).map(|end| (after, end)),
            committed: common.tail_between(after, upto),
            outstanding,
        }
    }

    /// ACK with counter 0. Accepted at any position, since Apache 3.8 followers may acknowledge a
    /// transaction before it.
    pub(super) fn on_new_leader_ack(
        &mut self,
        from: ServerId,
        zxid: Zxid,
        common: &mut Common,
        step: &mut Step<'_>,
    ) {
        let syncing = self.handlers.get(&from).is_some_and(|h| h.phase == LearnerPhase::Syncing);
        if zxid != self.epoch.start() || !syncing {
            return;
        }
        self.set_phase(from, LearnerPhase::Synced, step);
        if self.ready {
            self.bring_up_to_date(from, common, step);
            return;
        }
        self.synced.add(from, &common.config);
        self.check_synced(common, step);
    }

    /// Its own `currentEpoch` is on disk.
    pub(super) fn count_own_new_leader(&mut self, common: &mut Common, step: &mut Step<'_>) {
        self.synced.add(common.me(), &common.config);
        self.check_synced(common, step);
    }

    fn check_synced(&mut self, common: &mut Common, step: &mut Step<'_>) {
        if common.phase == Phase::Broadcast || !self.count(QuorumKind::Synced, common, step) {
            return;
        }
        // Its own log must be on disk as well: the replica is about to be brought along from there.
        if !self.synced.contains(common.me()) {
            return;
        }
        common.clear_timer(Timer::InitLimit, step);
        let epoch = self.epoch;
        step.trace(|| Decision::Established { epoch });
        self.activate_members(common, step);
        common.enter_phase(Phase::Broadcast, step);
        self.reload(common, step);
        common.show_members(step);
    }

    /// All that it has logged is decided now, and its replica must have it before the first
    /// request.
    pub(super) fn reload(&mut self, common: &mut Common, step: &mut Step<'_>) {
        let upto = common.history.last();
        let by = self.synced.ids();
        common.committed(upto, || by, step);
        step.out.apply.push(Delivery::Reload { upto });
    }

    /// The replica reports. The first time that it has the initial history, serving begins.
    pub fn on_applied(&mut self, common: &mut Common, step: &mut Step<'_>) {
        let behind = common.applied < common.last_committed;
        if self.ready || common.phase != Phase::Broadcast || behind {
            return;
        }
        self.ready = true;
        common.upcalls.push_back(Upcall::Ready);
        let at = if self.standalone { common.last_committed } else { self.epoch.start() };
        step.out.apply.push(Delivery::Serve { at });
        common.set_serving(true, step);
        for id in self.ids_in(LearnerPhase::Synced) {
            self.bring_up_to_date(id, common, step);
        }
    }

    /// UPTODATE, and right behind it what was held.
    fn bring_up_to_date(&mut self, learner: ServerId, common: &mut Common, step: &mut Step<'_>) {
        common.links.send(learner, Packet::UpToDate, step.out);
        self.set_phase(learner, LearnerPhase::UpToDate, step);
        let Some(handler) = self.handlers.get_mut(&learner) else { return };
        for packet in std::mem::take(&mut handler.held) {
            common.links.send(learner, packet, step.out);
        }
    }
}
