//! The broadcast phase of an observer (docs/protocol.md, Q6.8).
//!
//! An observer is told what is decided, and only that: INFORM carries the transaction itself. It
//! logs, applies, never acknowledges and never counts.

use super::common::{Common, Leave, Stay, Step, Upcall};
use super::learner::Learner;
use crate::effects::Delivery;
use crate::message::{Packet, Txn};
use crate::trace::RoleReason;
use std::sync::Arc;

impl Learner {
    /// A packet from the leader while this observer takes part in broadcast.
    pub(super) fn on_observer_packet(
        &mut self,
        packet: Packet,
        common: &mut Common,
        step: &mut Step<'_>,
    ) -> Stay {
        match packet {
            Packet::Inform(txn) => self.on_inform(txn, common, step)?,
            Packet::InformAndActivate { txn, designated } => {
                let zxid = txn.header.zxid;
                self.on_inform(txn, common, step)?;
                self.on_activated(zxid, designated, common, step)?;
            }
            Packet::Ping { zxid, .. } => self.on_ping(zxid, common, step),
            Packet::Sync => common.upcalls.push_back(Upcall::SyncDone),
            Packet::Revalidated { session, valid } => {
                common.upcalls.push_back(Upcall::Revalidated { session, valid });
            }
            // Apache's observer logs these and goes on.
            Packet::Request(_)
            | Packet::Proposal(_)
            | Packet::Ack(_)
            | Packet::Commit(_)
            | Packet::CommitAndActivate { .. }
            | Packet::Revalidate { .. }
            | Packet::NewLeader { .. }
            | Packet::FollowerInfo(_)
            | Packet::UpToDate
            | Packet::Diff(_)
            | Packet::Trunc(_)
            | Packet::Snap(_)
            | Packet::ObserverInfo(_)
            | Packet::LeaderInfo { .. }
            | Packet::AckEpoch { .. } => {}
        }
        Ok(())
    }

    fn on_inform(&mut self, txn: Arc<Txn>, common: &mut Common, step: &mut Step<'_>) -> Stay {
        let zxid = txn.header.zxid;
        if zxid <= common.history.last() {
            return Ok(());
        }
        if !common.log(&txn, step) {
            return Err(Leave::Look(RoleReason::LeaderMisbehaved));
        }
        common.committed(zxid, Vec::new, step);
        step.out.apply.push(Delivery::Txn { txn, origin: None });
        Ok(())
    }
}
