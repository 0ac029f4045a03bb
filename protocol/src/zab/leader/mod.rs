//! The leader: its fields, phases and dispatch.
//!
//! `discovery` negotiates the epoch, `synchronization` brings learners up to date and counts
//! NEWLEADER, `broadcast` orders transactions, `liveness` pings and counts who is heard.
//!
//! Invariants:
//! 1. It offers an epoch only after a quorum registered and the epoch is on its own disk (I1).
//! 2. It serves only after a quorum holds its whole initial history (I8, I9).
//! 3. It commits in zxid order, each transaction with a quorum of durable copies (I5, I7).

mod broadcast;
mod discovery;
mod liveness;
mod reconfiguration;
mod synchronization;

use std::collections::VecDeque;
use std::sync::Arc;

use super::common::{Common, Leave, Stay, Step, Upcall};
use super::durability::Then;
use super::learner_handler::LearnerHandler;
use crate::base::{AckSet, Epoch, Learner as LearnerKind, ServerId, SortedMap, Zxid};
use crate::message::{Channel, Packet, Txn};
use crate::trace::{Decision, LearnerPhase, Phase, QuorumKind, RoleReason, Timer};

pub(crate) use broadcast::SyncWaiter;

/// The leader's state.
#[derive(Clone, Debug)]
pub(crate) struct Leader {
    /// The epoch: a proposal while learners register, fixed afterwards.
    epoch: Epoch,
    /// Whether the epoch is on disk, so that LEADERINFO may leave.
    epoch_durable: bool,
    registered: AckSet,
    promised: AckSet,
    synced: AckSet,
    /// Whether a quorum registered: the epoch no longer rises.
    epoch_fixed: bool,
    /// Whether a quorum promised: learners are synchronised from here on.
    promises_done: bool,
    /// Whether requests may come: established, and the replica has everything.
    ready: bool,
    handlers: SortedMap<ServerId, LearnerHandler>,
    outstanding: VecDeque<Arc<Txn>>,
    last_proposed: Zxid,
    /// Up to where each server has said that its log is durable.
    acked: SortedMap<ServerId, Zxid>,
    syncs: SortedMap<Zxid, Vec<SyncWaiter>>,
    full_tick: bool,
    /// Who leads the members that are in force now, if that is another: nothing is decided here any
    /// more, and this server follows as soon as that one has left.
    successor: Option<ServerId>,
    /// Alone: no learners, no epochs.
    standalone: bool,
}

impl Leader {
    /// Begins to lead: learners may register.
    pub fn start(common: &mut Common, step: &mut Step<'_>) -> Leader {
        let mut leader = Leader::new(common.accepted_epoch.next(), false);
        common.enter_phase(Phase::Discovery, step);
        common.set_timer(Timer::InitLimit, common.config.init_limit_ms(), step);
        leader.registered.add(common.me(), &common.config);
        leader.check_registered(common, step);
        leader
    }

    /// Begins to serve alone. A standalone server neither reads nor writes epochs; its zxids go on
    /// in the epoch that the log ends in.
    pub fn start_standalone(common: &mut Common, step: &mut Step<'_>) -> Leader {
        let mut leader = Leader::new(common.history.last().epoch(), true);
        leader.last_proposed = common.history.last();
        common.enter_phase(Phase::Broadcast, step);
        leader.reload(common, step);
        leader
    }

    fn new(epoch: Epoch, standalone: bool) -> Leader {
        Leader {
            epoch,
            epoch_durable: false,
            registered: AckSet::default(),
            promised: AckSet::default(),
            synced: AckSet::default(),
            epoch_fixed: standalone,
            promises_done: standalone,
            ready: false,
            handlers: SortedMap::new(),
            outstanding: VecDeque::new(),
            last_proposed: Zxid::ZERO,
            acked: SortedMap::new(),
            syncs: SortedMap::new(),
            full_tick: false,
            successor: None,
            standalone,
        }
    }

    /// Whether requests may come.
    pub fn is_ready(&self) -> bool {
        self.ready && self.successor.is_none()
    }

    /// The learners, by id.
    pub fn handlers(&self) -> &SortedMap<ServerId, LearnerHandler> {
        &self.handlers
    }

    /// Proposals that are not decided yet.
    pub fn outstanding(&self) -> usize {
        self.outstanding.len()
    }

    /// A packet from a learner.
    pub fn on_packet(
        &mut self,
        from: ServerId,
        packet: Packet,
        common: &mut Common,
        step: &mut Step<'_>,
    ) {
        if let Some(handler) = self.handlers.get_mut(&from) {
            handler.last_heard = step.now.at;
        }
        match packet {
            Packet::FollowerInfo(info) => {
                self.on_info(from, (info, LearnerKind::Participant), common, step);
            }
            Packet::ObserverInfo(info) => {
                self.on_info(from, (info, LearnerKind::Observer), common, step);
            }
            Packet::AckEpoch { current_epoch, last_zxid } => {
                self.on_promise(from, current_epoch, last_zxid, common, step);
            }
            Packet::Ack(zxid) if zxid.is_epoch_start() => {
                self.on_new_leader_ack(from, zxid, common, step);
            }
            Packet::Ack(zxid) => self.on_ack(from, zxid, common, step),
            Packet::Request(request) => {
                self.pass_on(from, Upcall::Request { from, request }, common);
            }
            Packet::Ping { touched, .. } => {
                let sessions = touched.unwrap_or_default();
                self.pass_on(from, Upcall::Touched { sessions }, common);
            }
            Packet::Revalidate { session, timeout_ms } => {
                self.pass_on(from, Upcall::Revalidate { from, session, timeout_ms }, common);
            }
            // Only a leader says these; a learner that does is not in its right mind.
            Packet::Proposal(_)
            | Packet::Commit(_)
            | Packet::Revalidated { .. }
            | Packet::Sync
            | Packet::Inform(_)
            | Packet::CommitAndActivate { .. }
            | Packet::NewLeader { .. }
            | Packet::UpToDate
            | Packet::Diff(_)
            | Packet::Trunc(_)
            | Packet::Snap(_)
            | Packet::LeaderInfo { .. }
            | Packet::InformAndActivate { .. } => {
                self.drop_learner(from, "it sent what only a leader says", common, step);
            }
        }
    }

    /// Requests of learners count only once the learner and this leader take part in broadcast.
    fn pass_on(&self, from: ServerId, upcall: Upcall, common: &mut Common) {
        let up = |handler: &LearnerHandler| handler.phase == LearnerPhase::UpToDate;
        if self.ready && self.handlers.get(&from).is_some_and(up) {
            common.upcalls.push_back(upcall);
        }
    }

    /// A learner's connection is gone.
    pub fn on_link_down(&mut self, peer: ServerId, step: &mut Step<'_>) -> Stay {
        if self.handlers.remove(&peer).is_some() {
            step.trace(|| Decision::Learner { learner: peer, phase: None });
        }
        match self.successor {
            Some(successor) if successor == peer => Err(Leave::HandOver(successor)),
            Some(_) | None => Ok(()),
        }
    }

    /// Something that it waited for is on disk.
    pub fn on_durable(&mut self, what: Then, common: &mut Common, step: &mut Step<'_>) {
        match what {
            Then::OfferEpoch(_) => self.on_epoch_durable(common, step),
            Then::CountOwnNewLeader(_) => self.count_own_new_leader(common, step),
            Then::AckTxn(zxid) => self.on_ack(common.me(), zxid, common, step),
            Then::LogDurable(_) | Then::PromiseEpoch(_) | Then::AckNewLeader(_) => {}
        }
    }

    /// initLimit passed before the next quorum came together.
    pub fn on_init_limit(&self) -> Stay {
        Err(Leave::Look(if !self.epoch_fixed {
            RoleReason::NoQuorumRegistered
        } else if !self.promises_done {
            RoleReason::NoQuorumPromised
        } else {
            RoleReason::NoQuorumSynced
        }))
    }

    fn set_phase(&mut self, learner: ServerId, phase: LearnerPhase, step: &mut Step<'_>) {
        if let Some(handler) = self.handlers.get_mut(&learner) {
            handler.phase = phase;
            step.trace(|| Decision::Learner { learner, phase: Some(phase) });
        }
    }

    fn ids_in(&self, phase: LearnerPhase) -> Vec<ServerId> {
        let wanted = self.handlers.iter().filter(|(_, handler)| handler.phase == phase);
        wanted.map(|(id, _)| *id).collect()
    }

    /// Closes a learner's connection and says why.
    fn drop_learner(
        &mut self,
        peer: ServerId,
        why: &str,
        common: &mut Common,
        step: &mut Step<'_>,
    ) {
        let channel = Channel::Quorum;
        step.trace(|| Decision::Hung { peer, channel, why: why.to_owned() });
        common.links.close_quorum(peer, step.out);
        // Whoever is to lead next and was dropped is missed at the next tick.
        let _ = self.on_link_down(peer, step);
    }

    fn count(&self, what: QuorumKind, common: &mut Common, step: &mut Step<'_>) -> bool {
        let acks = match what {
            QuorumKind::Registered => &self.registered,
            QuorumKind::Promised => &self.promised,
            QuorumKind::Synced | QuorumKind::Votes => &self.synced,
        };
        common.count(what, acks, step)
    }
}
