//! Propose, acknowledge, commit (docs/protocol.md, Q6.1 and Q6.5), and sync (Q6.9).
//!
//! Invariants:
//! 1. Zxids of an epoch are contiguous from 1; failing requests use one up too (I7).
//! 2. Commits leave in the order of proposals (I13), as the longest prefix that quorums hold.
//! 3. A SYNC is answered after the COMMITs of everything proposed before it arrived (I14).

use super::Leader;
use crate::base::{ConnectionId, Learner as LearnerKind, ServerId, Zxid};
use crate::effects::Delivery;
use crate::message::{Packet, Txn, TxnBody};
use crate::trace::{Decision, LearnerPhase, RoleReason};
use crate::zab::common::{Common, Leave, Stay, Step};
use crate::zab::durability::Then;
use crate::zab::learner_handler::MAX_HELD;
use std::sync::Arc;

/// Who waits for a sync.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SyncWaiter {
    /// A learner, for a client of its own; matched there in FIFO order.
    Learner(ServerId),
    /// A client of this server.
    Own { origin: ConnectionId, cxid: i32, path: Option<String> },
}

impl Leader {
    /// Orders one transaction: draws the zxid, logs it, and tells every learner that is in step.
    pub fn propose(
        &mut self,
        make: impl FnOnce(Zxid) -> Txn,
        common: &mut Common,
        step: &mut Step<'_>,
    ) -> Stay {
        let Some(zxid) = self.last_proposed.successor() else {
            return Err(Leave::Look(RoleReason::CounterExhausted));
        };
        let txn = Arc::new(make(zxid));
        self.last_proposed = zxid;
        step.trace(|| Decision::Proposed { zxid, summary: txn.body.summary() });
        let logged = common.log(&txn, step);
        assert!(logged, "proposal {zxid} follows {} in the log", common.history.last());
        common.durability.then(Then::AckTxn(zxid));
        self.outstanding.push_back(Arc::clone(&txn));
        let participants = |kind| kind == LearnerKind::Participant;
        self.forward(participants, || Packet::Proposal(Arc::clone(&txn)), common, step);
        self.watch_proposal(zxid, step);
        Ok(())
    }

    /// Sends to every forwarding learner of some kind, or holds it until its UPTODATE.
    fn forward(
        &mut self,
        wanted: impl Fn(LearnerKind) -> bool,
        packet: impl Fn() -> Packet,
        common: &mut Common,
        step: &mut Step<'_>,
    ) {
        let mut overfull = Vec::new();
        for (id, handler) in &mut self.handlers {
            if !wanted(handler.kind) || !handler.is_forwarding() {
                continue;
            }
            if handler.phase == LearnerPhase::UpToDate {
                common.links.send(*id, packet(), step.out);
            } else if handler.held.len() < MAX_HELD {
                handler.held.push(packet());
            } else {
                overfull.push(*id);
            }
        }
        for id in overfull {
            self.drop_learner(id, "too much was decided before it was up to date", common, step);
        }
    }

    fn watch_proposal(&mut self, zxid: Zxid, step: &Step<'_>) {
        for handler in self.handlers.values_mut() {
            let watched =
                handler.kind == LearnerKind::Participant && handler.phase == LearnerPhase::UpToDate;
            if watched && handler.unacked_since.is_none() {
                handler.unacked_since = Some((zxid, step.now.at));
            }
        }
    }

    /// Somebody's log, perhaps the leader's own, is durable up to here.
    pub(super) fn on_ack(
        &mut self,
        from: ServerId,
        zxid: Zxid,
        common: &mut Common,
        step: &mut Step<'_>,
    ) {
        if zxid > self.last_proposed {
            return;
        }
        let acked = self.acked.entry(from).or_insert(zxid);
        *acked = zxid.max(*acked);
        if let Some(handler) = self.handlers.get_mut(&from) {
            handler.acked = zxid;
            if handler.unacked_since.is_some_and(|(oldest, _)| oldest <= zxid) {
                let behind = zxid < self.last_proposed;
                handler.unacked_since = behind.then_some((self.last_proposed, step.now.at));
            }
        }
        step.trace(|| Decision::Acked { from, zxid });
        self.commit_prefix(common, step);
    }

    /// Commits the longest prefix of proposals that quorums hold.
    fn commit_prefix(&mut self, common: &mut Common, step: &mut Step<'_>) {
        while let Some(txn) = self.outstanding.front() {
            let zxid = txn.header.zxid;
            if self.successor.is_some() || !self.holds_quorum(zxid, common) {
                return;
            }
            let txn = self.outstanding.pop_front().expect("the front was just looked at");
            self.commit(txn, common, step);
        }
    }

    fn commit(&mut self, txn: Arc<Txn>, common: &mut Common, step: &mut Step<'_>) {
        let zxid = txn.header.zxid;
        let ensemble = Arc::clone(&common.config.ensemble);
        let holds = |id: &ServerId| self.acked.get(id).is_some_and(|acked| *acked >= zxid);
        common.committed(zxid, || ensemble.participants().filter(holds).collect(), step);
        self.tell_decided(&txn, common, step);
        step.out.apply.push(Delivery::Txn { txn, origin: None });
        for waiter in self.syncs.remove(&zxid).unwrap_or_default() {
            answer_sync(waiter, common, step);
        }
    }

    /// COMMIT to followers and INFORM to observers, with a reconfiguration also who leads next.
    fn tell_decided(&mut self, txn: &Arc<Txn>, common: &mut Common, step: &mut Step<'_>) {
        let zxid = txn.header.zxid;
        let participants = |kind| kind == LearnerKind::Participant;
        let observers = |kind| kind == LearnerKind::Observer;
        if !matches!(txn.body, TxnBody::SetData { reconfig: true, .. }) {
            self.forward(participants, || Packet::Commit(zxid), common, step);
            self.forward(observers, || Packet::Inform(Arc::clone(txn)), common, step);
            return;
        }
        let designated = self.activate_members(common, step);
        let commit = || Packet::CommitAndActivate { zxid, designated };
        let inform = || Packet::InformAndActivate { txn: Arc::clone(txn), designated };
        self.forward(participants, commit, common, step);
        self.forward(observers, inform, common, step);
    }

    /// A sync arrived: it is answered once everything proposed before it is decided.
    pub fn sync(&mut self, waiter: SyncWaiter, common: &Common, step: &mut Step<'_>) {
        match self.outstanding.back() {
            None => answer_sync(waiter, common, step),
            Some(txn) => self.syncs.entry(txn.header.zxid).or_default().push(waiter),
        }
    }
}

fn answer_sync(waiter: SyncWaiter, common: &Common, step: &mut Step<'_>) {
    match waiter {
        SyncWaiter::Learner(id) => common.links.send(id, Packet::Sync, step.out),
        SyncWaiter::Own { origin, cxid, path } => {
            step.out.apply.push(Delivery::Sync { origin, cxid, path });
        }
    }
}
