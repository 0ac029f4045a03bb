//! What every role of a server shares: epochs, log, links, deadlines, and what waits for the disk.
//!
//! Invariant: `history` and `tail` say what was handed to the log, durable or not, in order.

use super::durability::{Durability, Then};
use super::history::History;
use super::links::Links;
use super::timers::Timers;
use crate::base::AckSet;
use crate::base::{Config, Epoch, Now, ServerId, SessionId, Zxid};
use crate::effects::{Delivery, DiskEffect, Effects};
use crate::message::{ForwardedRequest, Image, Txn};
use crate::trace::{Decision, Phase, QuorumKind, QuorumStatus, RoleReason, SyncMode, Timer};
use std::collections::VecDeque;
use std::sync::Arc;

/// The moment and the lanes of one call of `handle`.
pub(crate) struct Step<'a> {
    /// When.
    pub now: Now,
    /// Where effects go.
    pub out: &'a mut Effects,
}

impl Step<'_> {
    /// Records a decision.
    pub fn trace(&mut self, decision: impl FnOnce() -> Decision) {
        self.out.trace.push(decision);
    }
}

/// A role cannot go on; the server looks for a leader again, or stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Leave {
    /// Back to LOOKING.
    Look(RoleReason),
    /// The members have changed: straight to this leader, without an election.
    HandOver(ServerId),
    /// A promise was broken: the process must stop with this exit code.
    Halt(i32, String),
}

/// Whether a role goes on.
pub(crate) type Stay = Result<(), Leave>;

/// What happened in Zab that the request service must know of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Upcall {
    /// Leader: a learner passed on a request.
    Request { from: ServerId, request: ForwardedRequest },
    /// Leader: a learner reports clients that it heard from.
    Touched { sessions: Vec<(SessionId, i32)> },
    /// Leader: a learner asks whether a session may go on there.
    Revalidate { from: ServerId, session: SessionId, timeout_ms: i32 },
    /// Learner: the leader's answer to that.
    Revalidated { session: SessionId, valid: bool },
    /// Learner: the oldest sync is done.
    SyncDone,
    /// Learner: the leader asks who was heard from; the answer goes with the PING.
    Pinged { zxid: Zxid },
    /// Leader: established and its replica is up to date; requests may come.
    Ready,
    /// The role ended: nothing under way will be answered.
    RoleEnded,
}

/// The state that outlives a role.
#[derive(Clone, Debug)]
pub(crate) struct Common {
    pub config: Arc<Config>,
    pub accepted_epoch: Epoch,
    pub current_epoch: Epoch,
    pub history: History,
    /// The newest logged transactions, contiguous up to `history.last()`.
    pub tail: VecDeque<Arc<Txn>>,
    pub last_durable: Zxid,
    pub last_committed: Zxid,
    /// Where the replica is known to stand.
    pub applied: Zxid,
    pub phase: Phase,
    pub sync: Option<SyncMode>,
    pub quorum: Option<QuorumStatus>,
    pub serving: bool,
    /// Whether it answers readers although it has no leader.
    pub read_only: bool,
    pub links: Links,
    pub timers: Timers,
    pub durability: Durability,
    pub upcalls: VecDeque<Upcall>,
}

impl Common {
    /// Whether this server's log may be trusted to say what it held.
    pub fn me(&self) -> ServerId {
        self.config.id
    }

    pub fn enter_phase(&mut self, phase: Phase, step: &mut Step<'_>) {
        self.phase = phase;
        if phase == Phase::Broadcast {
            self.sync = None;
        }
        step.trace(|| Decision::PhaseChanged { phase });
    }

    pub fn set_serving(&mut self, serving: bool, step: &mut Step<'_>) {
        if self.serving != serving {
            self.serving = serving;
            step.trace(|| Decision::Serving { serving });
        }
    }

    /// Lets readers in that accept a server without a leader, or sends them away.
    pub fn set_read_only(&mut self, serving: bool, step: &mut Step<'_>) {
        if self.read_only != serving {
            self.read_only = serving;
            let delivery = if serving { Delivery::ServeReadOnly } else { Delivery::StopServing };
            step.out.apply.push(delivery);
            step.trace(|| Decision::ReadOnly { serving });
        }
    }

    pub fn set_timer(&mut self, timer: Timer, after_ms: u64, step: &mut Step<'_>) {
        self.timers.set(timer, step.now.at, after_ms, &mut step.out.trace);
    }

    pub fn clear_timer(&mut self, timer: Timer, step: &mut Step<'_>) {
        self.timers.clear(timer, step.now.at, &mut step.out.trace);
    }

    /// Says how a count stands, and whether it is a quorum.
    pub fn count(&mut self, what: QuorumKind, acks: &AckSet, step: &mut Step<'_>) -> bool {
        let reached = acks.is_quorum(&self.config);
        let need = u32::try_from(self.config.ensemble.quorum_size()).unwrap_or(u32::MAX);
        let have = acks.ids();
        self.quorum = Some(QuorumStatus { what, have: have.clone(), need, reached });
        step.trace(|| Decision::Quorum { what, have, need, reached });
        reached
    }

    /// Promises an epoch; what must follow is said by `durability.then`.
    pub fn accept_epoch(&mut self, epoch: Epoch, step: &mut Step<'_>) {
        self.accepted_epoch = epoch;
        step.trace(|| Decision::AcceptedEpoch { epoch });
        self.durability.write(DiskEffect::AcceptedEpoch(epoch), step.out);
    }

    /// Adopts an epoch.
    pub fn adopt_epoch(&mut self, epoch: Epoch, step: &mut Step<'_>) {
        self.current_epoch = epoch;
        step.trace(|| Decision::CurrentEpoch { epoch });
        self.durability.write(DiskEffect::CurrentEpoch(epoch), step.out);
    }

    /// Hands a transaction to the log. False if it does not follow what is there.
    ///
    /// The log must never hold a transaction of an epoch above `currentEpoch`, or the server could
    /// not start again after a crash right here (ZOOKEEPER-4643 and what its repair left open). The
    /// epoch of the transaction itself is safe to adopt first: it had an established leader, so any
    /// quorum has a member whose history is no shorter.
    #[must_use]
    pub fn log(&mut self, txn: &Arc<Txn>, step: &mut Step<'_>) -> bool {
        let zxid = txn.header.zxid;
        if !self.history.append(zxid) {
            return false;
        }
        if zxid.epoch() > self.current_epoch {
            self.adopt_epoch(zxid.epoch(), step);
        }
        self.note_proposed(txn, step);
        self.tail.push_back(Arc::clone(txn));
        self.trim_tail();
        self.durability.write(DiskEffect::Append(Arc::clone(txn)), step.out);
        self.durability.then(Then::LogDurable(zxid));
        step.trace(|| Decision::Logged { zxid, summary: txn.body.summary() });
        true
    }

    /// Keeps `commitLogCount` transactions, and every one that is not decided, not applied or not
    /// yet on disk: what left memory can be read from the log.
    fn trim_tail(&mut self) {
        let needed = self.last_committed.min(self.applied).min(self.last_durable);
        while self.tail.len() > self.config.commit_log_count
            && self.tail.front().is_some_and(|txn| txn.header.zxid <= needed)
        {
            self.tail.pop_front();
        }
    }

    /// Cuts the log after `zxid`.
    pub fn truncate(&mut self, zxid: Zxid, step: &mut Step<'_>) {
        self.history.truncate(zxid);
        self.tail.retain(|txn| txn.header.zxid <= zxid);
        self.last_durable = self.last_durable.min(zxid);
        self.last_committed = self.last_committed.min(zxid);
        self.durability.forget_log_after(zxid);
        self.durability.write(DiskEffect::Truncate(zxid), step.out);
        step.trace(|| Decision::Truncated { to: zxid });
    }

    /// For an exhibit: takes what the replica has applied for the whole history, though the log on
    /// disk goes on.
    pub fn forget_unapplied(&mut self) {
        self.history.truncate(self.applied);
        self.tail.retain(|txn| txn.header.zxid <= self.applied);
        self.last_durable = self.last_durable.min(self.applied);
        self.durability.forget_log_after(self.applied);
    }

    /// Replaces the whole history by a snapshot.
    pub fn install(&mut self, image: &Image, step: &mut Step<'_>) {
        let zxid = image.zxid;
        if zxid.epoch() > self.current_epoch {
            self.adopt_epoch(zxid.epoch(), step);
        }
        self.history = History::at(zxid);
        self.tail.clear();
        self.last_durable = self.last_durable.min(zxid);
        self.last_committed = zxid;
        self.durability.forget_log_after(Zxid::NONE);
        self.durability.write(DiskEffect::Install(image.clone()), step.out);
        self.durability.then(Then::LogDurable(zxid));
        step.trace(|| Decision::Installed { zxid });
    }

    /// Notes that a transaction is decided.
    pub fn committed(
        &mut self,
        zxid: Zxid,
        by: impl FnOnce() -> Vec<ServerId>,
        step: &mut Step<'_>,
    ) {
        if zxid == self.last_committed {
            return; // Nothing new: an empty history, or one that was known to be decided.
        }
        self.last_committed = zxid;
        step.trace(|| Decision::Committed { zxid, by: by() });
    }

    /// The transactions in memory after one zxid up to another.
    pub fn tail_between(&self, after: Zxid, upto: Zxid) -> Vec<Arc<Txn>> {
        let wanted = |txn: &&Arc<Txn>| txn.header.zxid > after && txn.header.zxid <= upto;
        self.tail.iter().filter(wanted).cloned().collect()
    }
}
