//! The broadcast phase of a follower (docs/protocol.md, Q6.7).
//!
//! Invariants:
//! 1. A proposal is acknowledged after it is durable, each by itself and in order: Apache's leader
//!    counts acknowledgements one by one.
//! 2. A COMMIT names the oldest undecided proposal. Anything else means that this server's history
//!    is not its leader's; Apache's follower exits with 12, and so does this one.

use super::common::{Common, Leave, Stay, Step, Upcall};
use super::durability::Then;
use super::learner::Learner;
use crate::base::Zxid;
use crate::effects::Delivery;
use crate::message::{Packet, Txn};
use crate::trace::RoleReason;
use std::sync::Arc;

impl Learner {
    /// A packet from the leader while this follower takes part in broadcast.
    pub(super) fn on_follower_packet(
        &mut self,
        packet: Packet,
        common: &mut Common,
        step: &mut Step<'_>,
    ) -> Stay {
        match packet {
            Packet::Proposal(txn) => self.on_proposal(txn, common, step)?,
            Packet::Commit(zxid) => self.on_commit(zxid, common, step)?,
            Packet::CommitAndActivate { zxid, designated } => {
                self.on_commit(zxid, common, step)?;
                self.on_activated(zxid, designated, common, step)?;
            }
            Packet::Ping { zxid, .. } => self.on_ping(zxid, common, step),
            Packet::Sync => common.upcalls.push_back(Upcall::SyncDone),
            Packet::Revalidated { session, valid } => {
                common.upcalls.push_back(Upcall::Revalidated { session, valid });
            }
            // Apache's follower logs these and goes on.
            Packet::Request(_)
            | Packet::Ack(_)
            | Packet::Revalidate { .. }
            | Packet::Inform(_)
            | Packet::NewLeader { .. }
            | Packet::FollowerInfo(_)
            | Packet::UpToDate
            | Packet::Diff(_)
            | Packet::Trunc(_)
            | Packet::Snap(_)
            | Packet::ObserverInfo(_)
            | Packet::LeaderInfo { .. }
            | Packet::AckEpoch { .. }
            | Packet::InformAndActivate { .. } => {}
        }
        Ok(())
    }

    fn on_proposal(&mut self, txn: Arc<Txn>, common: &mut Common, step: &mut Step<'_>) -> Stay {
        let zxid = txn.header.zxid;
        if zxid <= common.history.last() {
            return Ok(());
        }
        if !common.log(&txn, step) {
            return Err(Leave::Look(RoleReason::LeaderMisbehaved));
        }
        self.pending.push_back(txn);
        if common.config.variants.acks_before_durable() {
            self.ack(zxid, common, step);
        } else {
            common.durability.then(Then::AckTxn(zxid));
        }
        Ok(())
    }

    fn on_commit(&mut self, zxid: Zxid, common: &mut Common, step: &mut Step<'_>) -> Stay {
        let Some(oldest) = self.pending.front().map(|txn| txn.header.zxid) else {
            return Ok(());
        };
        if oldest != zxid {
            return Err(Leave::Halt(
                12,
                format!("leader {} commits {zxid}, but {oldest} comes first", self.leader),
            ));
        }
        let txn = self.pending.pop_front().expect("the front was just looked at");
        common.committed(zxid, Vec::new, step);
        step.out.apply.push(Delivery::Txn { txn, origin: None });
        Ok(())
    }
}
