//! Registration and synchronisation, shared by follower and observer (docs/protocol.md, Q5.4,
//! Q5.8).
//!
//! A learner connects, names itself, promises the leader's epoch, has its history brought to the
//! leader's, acknowledges NEWLEADER once all of it is on disk, and serves from UPTODATE on.
//!
//! Invariants:
//! 1. It promises only epochs not older than one it promised before (I2).
//! 2. Everything that was synchronised is durable before `currentEpoch` is, and that before the
//!    acknowledgement (I4); `durability` holds the order.
//! 3. Nothing is applied before UPTODATE: what the leader cuts off was never visible.
//!
//! What it does once it serves is in `follower` and `observer`.

use super::common::{Common, Leave, Stay, Step, Upcall};
use super::durability::Then;
use super::reconfiguration;
use crate::base::{Ensemble, Epoch, Learner as LearnerKind, ServerId, Time, Zxid};
use crate::effects::{Delivery, NetworkEffect};
use crate::message::{Channel, LearnerInfo, Packet, Txn};
use crate::trace::{Decision, Phase, RoleReason, SyncMode, Timer};
use std::collections::VecDeque;
use std::sync::Arc;

/// The protocol version that today's learners name.
const PROTOCOL_VERSION: i32 = 0x10000;

/// How far a learner has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The connection is being made.
    Connecting,
    /// It named itself.
    Registered,
    /// It knows the epoch; its promise is on the way, or waits for the disk.
    Promising,
    /// Its history is being brought up to date.
    Syncing,
    /// NEWLEADER came; its acknowledgement waits for the disk, then UPTODATE is awaited.
    Adopting,
    /// It takes part in broadcast.
    Broadcast,
}

/// A follower or an observer.
#[derive(Clone, Debug)]
pub(crate) struct Learner {
    pub leader: ServerId,
    pub kind: LearnerKind,
    /// Whether the end of a link that belonged to the role before is still to be reported.
    pub old_link: bool,
    stage: Stage,
    epoch: Epoch,
    last_heard: Time,
    /// Logged, not yet known to be decided.
    pub pending: VecDeque<Arc<Txn>>,
    /// Where the history stood when NEWLEADER came: decided up to here.
    synced_to: Zxid,
    /// The members that NEWLEADER named; in force from UPTODATE on.
    announced: Option<Arc<Ensemble>>,
    /// Decided after NEWLEADER and before UPTODATE; delivered behind what was synchronised.
    decided_early: Vec<Arc<Txn>>,
}

impl Learner {
    /// Begins to follow: asks for the connection.
    pub fn start(leader: ServerId, common: &mut Common, step: &mut Step<'_>) -> Learner {
        common.enter_phase(Phase::Discovery, step);
        step.out.network.push(NetworkEffect::Connect { peer: leader, channel: Channel::Quorum });
        common.set_timer(Timer::LeaderSilence, common.config.connect_limit_ms(), step);
        Learner {
            leader,
            kind: common.config.learner(),
            old_link: false,
            stage: Stage::Connecting,
            epoch: common.accepted_epoch,
            last_heard: step.now.at,
            pending: VecDeque::new(),
            synced_to: Zxid::ZERO,
            announced: None,
            decided_early: Vec::new(),
        }
    }

    /// Whether it takes part in broadcast.
    pub fn is_broadcasting(&self) -> bool {
        self.stage == Stage::Broadcast
    }

    /// The connection to the leader is up: it names itself.
    pub fn on_link_up(&mut self, common: &mut Common, step: &mut Step<'_>) {
        self.stage = Stage::Registered;
        let info = LearnerInfo {
            accepted_epoch: common.accepted_epoch,
            id: common.me(),
            protocol_version: PROTOCOL_VERSION,
            config_version: common.config.ensemble.version,
        };
        let packet = match self.kind {
            LearnerKind::Participant => Packet::FollowerInfo(info),
            LearnerKind::Observer => Packet::ObserverInfo(info),
        };
        common.links.send(self.leader, packet, step.out);
        self.heard(common, step);
    }

    /// The connection is gone, or could not be made.
    pub fn on_link_down(&mut self) -> Stay {
        if std::mem::take(&mut self.old_link) {
            return Ok(());
        }
        Err(Leave::Look(match self.stage {
            Stage::Connecting => RoleReason::CannotConnect,
            _ => RoleReason::LostLeader,
        }))
    }

    /// The leader's silence may have lasted too long. Packets other than PING do not move the
    /// deadline, so it is judged by when something was heard last.
    pub fn on_silence(&mut self, common: &mut Common, step: &mut Step<'_>) -> Stay {
        let limit = self.silence_limit_ms(common);
        let quiet_ms = step.now.at.since(self.last_heard) / 1000;
        if quiet_ms >= limit {
            return Err(Leave::Look(match self.stage {
                Stage::Connecting => RoleReason::CannotConnect,
                _ => RoleReason::LeaderSilent,
            }));
        }
        common.set_timer(Timer::LeaderSilence, limit - quiet_ms, step);
        Ok(())
    }

    /// A packet from the leader.
    pub fn on_packet(&mut self, packet: Packet, common: &mut Common, step: &mut Step<'_>) -> Stay {
        self.last_heard = step.now.at;
        match self.stage {
            Stage::Connecting => Ok(()),
            Stage::Registered => self.on_leader_info(packet, common, step),
            Stage::Promising => self.on_first_sync_packet(packet, common, step),
            Stage::Syncing | Stage::Adopting => self.on_sync_packet(packet, common, step),
            Stage::Broadcast => match self.kind {
                LearnerKind::Participant => self.on_follower_packet(packet, common, step),
                LearnerKind::Observer => self.on_observer_packet(packet, common, step),
            },
        }
    }

    /// Something that it waited for is on disk.
    pub fn on_durable(&mut self, what: Then, common: &mut Common, step: &mut Step<'_>) {
        match what {
            Then::PromiseEpoch(_) => self.promise(Some(common.current_epoch), common, step),
            Then::AckNewLeader(epoch) => self.ack(epoch.start(), common, step),
            Then::AckTxn(zxid) => self.ack(zxid, common, step),
            Then::LogDurable(_) | Then::OfferEpoch(_) | Then::CountOwnNewLeader(_) => {}
        }
    }

    /// Tells the leader that everything up to here is on disk.
    pub fn ack(&self, zxid: Zxid, common: &Common, step: &mut Step<'_>) {
        common.links.send(self.leader, Packet::Ack(zxid), step.out);
    }

    fn silence_limit_ms(&self, common: &Common) -> u64 {
        match self.stage {
            Stage::Adopting | Stage::Broadcast => common.config.sync_limit_ms(),
            Stage::Connecting => common.config.connect_limit_ms(),
            Stage::Registered | Stage::Promising | Stage::Syncing => common.config.init_limit_ms(),
        }
    }

    /// The leader gave a sign of life that moves the deadline.
    pub fn heard(&mut self, common: &mut Common, step: &mut Step<'_>) {
        self.last_heard = step.now.at;
        common.set_timer(Timer::LeaderSilence, self.silence_limit_ms(common), step);
    }

    /// LEADERINFO: the new epoch is newer than, or the same as, the one promised; or it is too old.
    fn on_leader_info(&mut self, packet: Packet, common: &mut Common, step: &mut Step<'_>) -> Stay {
        let Packet::LeaderInfo { epoch, .. } = packet else {
            return Err(Leave::Look(RoleReason::LeaderMisbehaved));
        };
        if epoch < common.accepted_epoch {
            return Err(Leave::Look(RoleReason::EpochTooOld));
        }
        self.epoch = epoch;
        self.stage = Stage::Promising;
        common.enter_phase(Phase::Synchronization, step);
        self.heard(common, step);
        if epoch > common.accepted_epoch {
            common.accept_epoch(epoch, step);
            common.durability.then(Then::PromiseEpoch(epoch));
        } else {
            self.promise(None, common, step);
        }
        Ok(())
    }

    /// ACKEPOCH. `None` says: promised before, not to be counted again, but to be synchronised.
    fn promise(&self, current_epoch: Option<Epoch>, common: &Common, step: &mut Step<'_>) {
        let last_zxid = common.history.last();
        common.links.send(self.leader, Packet::AckEpoch { current_epoch, last_zxid }, step.out);
    }

    fn on_first_sync_packet(
        &mut self,
        packet: Packet,
        common: &mut Common,
        step: &mut Step<'_>,
    ) -> Stay {
        match packet {
            Packet::Diff(zxid) => {
                self.begin_sync(SyncMode::Diff, zxid, common, step);
                let last = common.history.last();
                common.committed(last, Vec::new, step);
            }
            Packet::Trunc(zxid) => {
                self.begin_sync(SyncMode::Trunc, zxid, common, step);
                self.truncate(zxid, common, step)?;
            }
            Packet::Snap(image) => {
                self.begin_sync(SyncMode::Snap, image.zxid, common, step);
                common.install(&image, step);
                common.applied = image.zxid;
                step.out.apply.push(Delivery::Restore(image));
            }
            Packet::Ping { .. } => {}
            Packet::Request(_)
            | Packet::Proposal(_)
            | Packet::Ack(_)
            | Packet::Commit(_)
            | Packet::Revalidate { .. }
            | Packet::Revalidated { .. }
            | Packet::Sync
            | Packet::Inform(_)
            | Packet::CommitAndActivate { .. }
            | Packet::NewLeader { .. }
            | Packet::FollowerInfo(_)
            | Packet::UpToDate
            | Packet::ObserverInfo(_)
            | Packet::LeaderInfo { .. }
            | Packet::AckEpoch { .. }
            | Packet::InformAndActivate { .. } => {
                return Err(Leave::Look(RoleReason::LeaderMisbehaved));
            }
        }
        Ok(())
    }

    fn begin_sync(&mut self, mode: SyncMode, zxid: Zxid, common: &mut Common, step: &mut Step<'_>) {
        self.stage = Stage::Syncing;
        common.sync = Some(mode);
        step.trace(|| Decision::SyncStarted { mode, zxid });
        self.heard(common, step);
    }

    /// Cutting off what was applied, or to a zxid that is not there, would leave a history that
    /// nobody else has.
    fn truncate(&self, zxid: Zxid, common: &mut Common, step: &mut Step<'_>) -> Stay {
        if zxid < common.applied {
            let applied = common.applied;
            return Err(Leave::Halt(
                13,
                format!(
                    "leader {} asks to cut back to {zxid}, but {applied} is applied",
                    self.leader
                ),
            ));
        }
        if !common.history.contains(zxid) && zxid != common.history.base {
            return Err(Leave::Halt(
                13,
                format!("leader {} asks to cut back to {zxid}, which is not here", self.leader),
            ));
        }
        common.truncate(zxid, step);
        common.committed(zxid, Vec::new, step);
        Ok(())
    }

    fn on_sync_packet(&mut self, packet: Packet, common: &mut Common, step: &mut Step<'_>) -> Stay {
        match packet {
            Packet::Proposal(txn) => self.take_proposal(txn, common, step),
            Packet::Commit(zxid) => {
                self.commit_while_syncing(zxid, common, step);
                Ok(())
            }
            Packet::CommitAndActivate { zxid, designated } => {
                self.commit_while_syncing(zxid, common, step);
                self.on_activated(zxid, designated, common, step)
            }
            Packet::Inform(txn) => self.take_decided(txn, common, step),
            Packet::InformAndActivate { txn, designated } => {
                let zxid = txn.header.zxid;
                self.take_decided(txn, common, step)?;
                self.on_activated(zxid, designated, common, step)
            }
            Packet::NewLeader { epoch, config } => {
                let members = config.and_then(|text| reconfiguration::read(&text)).map(Arc::new);
                if let Some(members) = members.as_ref().filter(|_| !self.has_proposed(common)) {
                    common.propose_members(Arc::clone(members), step);
                }
                self.announced = members;
                self.on_new_leader(epoch, common, step)
            }
            Packet::UpToDate => self.on_up_to_date(common, step),
            // No answer to PING before UPTODATE: Apache's learners give none.
            Packet::Ping { .. } => Ok(()),
            Packet::Request(_)
            | Packet::Ack(_)
            | Packet::Revalidate { .. }
            | Packet::Revalidated { .. }
            | Packet::Sync
            | Packet::FollowerInfo(_)
            | Packet::Diff(_)
            | Packet::Trunc(_)
            | Packet::Snap(_)
            | Packet::ObserverInfo(_)
            | Packet::LeaderInfo { .. }
            | Packet::AckEpoch { .. } => Ok(()),
        }
    }

    /// Logs a proposal. One that the image already contains is passed over; a gap ends the
    /// synchronisation (ZOOKEEPER-4925).
    fn take_proposal(&mut self, txn: Arc<Txn>, common: &mut Common, step: &mut Step<'_>) -> Stay {
        if txn.header.zxid <= common.history.last() {
            return Ok(());
        }
        let early = self.stage == Stage::Syncing && common.current_epoch < self.epoch;
        if early && common.config.variants.epoch_before_history() {
            common.adopt_epoch(self.epoch, step);
        }
        if !common.log(&txn, step) {
            return Err(Leave::Look(RoleReason::LeaderMisbehaved));
        }
        self.pending.push_back(txn);
        Ok(())
    }

    fn take_decided(&mut self, txn: Arc<Txn>, common: &mut Common, step: &mut Step<'_>) -> Stay {
        let zxid = txn.header.zxid;
        self.take_proposal(txn, common, step)?;
        self.commit_while_syncing(zxid, common, step);
        Ok(())
    }

    fn commit_while_syncing(&mut self, zxid: Zxid, common: &mut Common, step: &mut Step<'_>) {
        if self.pending.front().is_none_or(|txn| txn.header.zxid != zxid) {
            return;
        }
        let txn = self.pending.pop_front().expect("the front was just looked at");
        common.committed(zxid, Vec::new, step);
        if self.stage == Stage::Adopting {
            self.decided_early.push(txn);
        }
    }

    fn on_new_leader(&mut self, epoch: Epoch, common: &mut Common, step: &mut Step<'_>) -> Stay {
        if self.stage != Stage::Syncing || epoch != self.epoch {
            return Err(Leave::Look(RoleReason::LeaderMisbehaved));
        }
        self.stage = Stage::Adopting;
        self.synced_to = common.last_committed;
        common.adopt_epoch(epoch, step);
        if common.config.variants.acks_new_leader_before_log() {
            self.ack(epoch.start(), common, step);
        } else {
            common.durability.then(Then::AckNewLeader(epoch));
        }
        self.heard(common, step);
        Ok(())
    }

    fn on_up_to_date(&mut self, common: &mut Common, step: &mut Step<'_>) -> Stay {
        if self.stage != Stage::Adopting {
            return Err(Leave::Look(RoleReason::LeaderMisbehaved));
        }
        if let Some(members) = self.announced.take() {
            self.adopt_members(&members, None, common, step)?;
        }
        self.stage = Stage::Broadcast;
        self.ack(self.epoch.start(), common, step);
        common.enter_phase(Phase::Broadcast, step);
        step.out.apply.push(Delivery::Reload { upto: self.synced_to });
        for txn in std::mem::take(&mut self.decided_early) {
            step.out.apply.push(Delivery::Txn { txn, origin: None });
        }
        common.show_members(step);
        step.out.apply.push(Delivery::Serve { at: common.last_committed });
        common.set_serving(true, step);
        if self.kind == LearnerKind::Participant {
            self.acknowledge_pending(common, step);
        }
        self.heard(common, step);
        Ok(())
    }

    /// Proposals that came with the synchronisation and are not decided are acknowledged now: an
    /// earlier ACK could be taken for the one of NEWLEADER.
    fn acknowledge_pending(&self, common: &mut Common, step: &mut Step<'_>) {
        for txn in &self.pending {
            let zxid = txn.header.zxid;
            if zxid <= common.last_durable {
                self.ack(zxid, common, step);
            } else {
                common.durability.then(Then::AckTxn(zxid));
            }
        }
    }

    /// A PING in broadcast: the answer carries who was heard from, which the service knows.
    pub fn on_ping(&mut self, zxid: Zxid, common: &mut Common, step: &mut Step<'_>) {
        self.heard(common, step);
        common.upcalls.push_back(Upcall::Pinged { zxid });
    }
}
