//! QuorumPeer: one server's roles, and the way from each to the next.
//!
//! A server looks for a leader, then leads or learns, and looks again when that fails. What
//! outlives a role is in `common`; role data lives in the role's variant.

mod view;

use std::collections::VecDeque;
use std::sync::Arc;

use super::boot;
use super::common::{Common, Leave, Stay, Step, Upcall};
use super::durability::{Durability, Then};
use super::history::History;
use super::leader::{Leader, SyncWaiter};
use super::learner::Learner;
use super::links::Links;
use super::reconfiguration;
use super::timers::Timers;
use crate::base::{Config, ConnectionId, DiskSeq, Epoch, Learner as Kind, ServerId, Time, Zxid};
use crate::effects::{Delivery, Halt, NetworkEffect};
use crate::election::{Ballot, Elected, Election, ElectionOutput};
use crate::message::{Channel, Message, Notification, Packet, PeerState, Txn, Vote};
use crate::trace::{Decision, Phase, RoleReason, Timer};

/// What a disk gives back after a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// From `acceptedEpoch`.
    pub accepted_epoch: Epoch,
    /// From `currentEpoch`.
    pub current_epoch: Epoch,
    /// What log and snapshot hold.
    pub history: History,
    /// The newest logged transactions, contiguous up to `history.last()`.
    pub tail: Vec<Arc<Txn>>,
    /// The zxid of the snapshot that the replica stands at.
    pub replica_at: Zxid,
    /// Whether an empty database may be taken for the truth (`db.autocreate`, `initialize`).
    pub trusted: bool,
}

/// The least time without a leader before readers are served (docs/protocol.md, C2.9), in
/// milliseconds; a tick if that is longer.
const LEAST_READ_ONLY_PAUSE_MS: u64 = 2000;

#[derive(Clone, Debug)]
enum Role {
    Looking,
    Leading(Leader),
    Learning(Learner),
    Halted(String),
}

/// One server of an ensemble, without its request service.
#[derive(Clone, Debug)]
pub(crate) struct QuorumPeer {
    common: Common,
    election: Election,
    role: Role,
    trusted: bool,
    /// Whether the reported vote has moved on to the epoch in force.
    renewed: bool,
}

impl QuorumPeer {
    /// Comes to life with what its disk gave back, and looks for a leader (or serves alone).
    pub fn recover(config: &Arc<Config>, recovered: Recovered, step: &mut Step<'_>) -> QuorumPeer {
        let Recovered { accepted_epoch, current_epoch, history, tail, replica_at, trusted } =
            recovered;
        let last_logged = history.last();
        let (accepted_epoch, current_epoch) = if config.variants.forgets_promised_epoch() {
            (last_logged.epoch(), last_logged.epoch())
        } else {
            (accepted_epoch, current_epoch)
        };
        boot::registered(config, step);
        step.trace(|| Decision::Started { accepted_epoch, current_epoch, last_logged });
        let mut common = Common {
            config: Arc::clone(config),
            accepted_epoch,
            current_epoch,
            history,
            tail: VecDeque::from(tail),
            last_durable: last_logged,
            last_committed: Zxid::ZERO,
            applied: replica_at,
            phase: Phase::Election,
            sync: None,
            quorum: None,
            serving: false,
            read_only: false,
            links: Links::default(),
            timers: Timers::default(),
            durability: Durability::default(),
            upcalls: VecDeque::new(),
        };
        if replica_at > Zxid::ZERO {
            common.committed(replica_at, Vec::new, step);
        }
        boot::connected(config, step);
        let election = Election::new(config);
        let mut peer =
            QuorumPeer { common, election, role: Role::Looking, trusted, renewed: false };
        if config.standalone {
            peer.change_role(PeerState::Leading, Some(config.id), RoleReason::Alone, step);
            peer.role = Role::Leading(Leader::start_standalone(&mut peer.common, step));
        } else {
            peer.look(RoleReason::Started, step);
        }
        peer
    }

    /// A connection came up.
    pub fn on_link_up(&mut self, peer: ServerId, channel: Channel, step: &mut Step<'_>) {
        match channel {
            Channel::Election => self.common.links.election_up(peer, step.out),
            Channel::Quorum => self.on_quorum_link_up(peer, step),
        }
    }

    /// A learner that registers with a server that leads no longer, or not yet, must try again soon
    /// rather than wait for initLimit.
    fn on_quorum_link_up(&mut self, peer: ServerId, step: &mut Step<'_>) {
        self.common.links.quorum_up(peer);
        match &mut self.role {
            Role::Leading(_) => {}
            Role::Learning(learner) if learner.leader == peer => {
                learner.on_link_up(&mut self.common, step);
            }
            Role::Learning(_) | Role::Looking | Role::Halted(_) => {
                self.common.links.close_quorum(peer, step.out);
            }
        }
    }

    /// A connection went down, or could not be made.
    pub fn on_link_down(&mut self, peer: ServerId, channel: Channel, step: &mut Step<'_>) {
        if channel == Channel::Election {
            self.common.links.election_down(peer);
            return;
        }
        self.common.links.quorum_down(peer);
        let stay = match &mut self.role {
            Role::Leading(leader) => leader.on_link_down(peer, step),
            Role::Learning(learner) if learner.leader == peer => learner.on_link_down(),
            Role::Learning(_) | Role::Looking | Role::Halted(_) => Ok(()),
        };
        self.settle(stay, step);
    }

    /// A message arrived.
    pub fn on_received(&mut self, from: ServerId, message: Message, step: &mut Step<'_>) {
        match message {
            Message::Notification(notification) => self.on_notification(from, &notification, step),
            Message::Packet(packet) => self.on_packet(from, packet, step),
        }
    }

    fn on_packet(&mut self, from: ServerId, packet: Packet, step: &mut Step<'_>) {
        let stay = match &mut self.role {
            Role::Leading(leader) => {
                leader.on_packet(from, packet, &mut self.common, step);
                Ok(())
            }
            Role::Learning(learner) if learner.leader == from => {
                learner.on_packet(packet, &mut self.common, step)
            }
            Role::Learning(_) | Role::Looking | Role::Halted(_) => Ok(()),
        };
        self.settle(stay, step);
    }

    fn on_notification(&mut self, from: ServerId, n: &Notification, step: &mut Step<'_>) {
        if matches!(self.role, Role::Halted(_)) || self.common.config.standalone {
            return;
        }
        if self.adopts_members_of(n, step) {
            return;
        }
        let now = step.now;
        let elected = self.elect(step, |election, out| election.on_notification(now, from, n, out));
        self.take_role(elected, step);
    }

    /// Everything up to this disk effect survives a crash.
    pub fn on_durable(&mut self, upto: DiskSeq, step: &mut Step<'_>) {
        while let Some(what) = self.common.durability.take_ready(upto) {
            if let Then::LogDurable(zxid) = what {
                self.common.last_durable = zxid;
                step.trace(|| Decision::Durable { zxid });
                continue;
            }
            match &mut self.role {
                Role::Leading(leader) => leader.on_durable(what, &mut self.common, step),
                Role::Learning(learner) => learner.on_durable(what, &mut self.common, step),
                Role::Looking | Role::Halted(_) => {}
            }
        }
        self.settle(Ok(()), step);
    }

    /// The replica has taken every delivery up to here.
    pub fn on_applied(&mut self, upto: Zxid, step: &mut Step<'_>) {
        self.common.applied = self.common.applied.max(upto);
        if let Role::Leading(leader) = &mut self.role {
            leader.on_applied(&mut self.common, step);
        }
        self.settle(Ok(()), step);
    }

    /// A deadline passed; early calls do nothing.
    pub fn on_deadline(&mut self, step: &mut Step<'_>) {
        let now = step.now;
        if self.election.next_deadline().is_some_and(|(at, _)| at <= now.at) {
            let elected = self.elect(step, |election, out| election.on_deadline(now, out));
            self.take_role(elected, step);
        }
        while let Some(timer) = self.common.timers.take_due(now.at, &mut step.out.trace) {
            let stay = self.on_timer(timer, step);
            self.settle(stay, step);
        }
    }

    fn on_timer(&mut self, timer: Timer, step: &mut Step<'_>) -> Stay {
        match (timer, &mut self.role) {
            (Timer::InitLimit, Role::Leading(leader)) => leader.on_init_limit(),
            (Timer::HalfTick, Role::Leading(leader)) => leader.on_half_tick(&mut self.common, step),
            (Timer::ReadOnlyMode, Role::Looking) => {
                self.common.set_read_only(true, step);
                Ok(())
            }
            (Timer::LeaderSilence, Role::Learning(learner)) => {
                learner.on_silence(&mut self.common, step)
            }
            (_, Role::Leading(_) | Role::Learning(_) | Role::Looking | Role::Halted(_)) => Ok(()),
        }
    }

    /// Orders a transaction; only while `can_propose`.
    pub fn propose(&mut self, make: impl FnOnce(Zxid) -> Txn, step: &mut Step<'_>) {
        let stay = match &mut self.role {
            Role::Leading(leader) => leader.propose(make, &mut self.common, step),
            Role::Learning(_) | Role::Looking | Role::Halted(_) => Ok(()),
        };
        self.settle(stay, step);
    }

    /// Whether it serves readers without a leader.
    pub fn is_read_only(&self) -> bool {
        self.common.read_only
    }

    /// Whether this server leads and takes requests.
    pub fn can_propose(&self) -> bool {
        matches!(&self.role, Role::Leading(leader) if leader.is_ready())
    }

    /// The leader to pass requests to, if this server follows one and takes part in broadcast.
    pub fn passes_on_to(&self) -> Option<ServerId> {
        match &self.role {
            Role::Learning(learner) if learner.is_broadcasting() => Some(learner.leader),
            Role::Learning(_) | Role::Leading(_) | Role::Looking | Role::Halted(_) => None,
        }
    }

    /// Sends a packet on a quorum link that is up.
    pub fn send(&self, to: ServerId, packet: Packet, step: &mut Step<'_>) {
        self.common.links.send(to, packet, step.out);
    }

    /// Leader: somebody waits for a sync. `None` is a learner's client.
    pub fn sync_for(&mut self, waiter: SyncWaiter, step: &mut Step<'_>) {
        if let Role::Leading(leader) = &mut self.role {
            leader.sync(waiter, &self.common, step);
        }
    }

    /// Leader: a client of its own waits for a sync.
    pub fn sync_own(
        &mut self,
        origin: ConnectionId,
        cxid: i32,
        path: Option<String>,
        step: &mut Step<'_>,
    ) {
        self.sync_for(SyncWaiter::Own { origin, cxid, path }, step);
    }

    /// Leader: a learner waits for a sync.
    pub fn sync_learner(&mut self, learner: ServerId, step: &mut Step<'_>) {
        self.sync_for(SyncWaiter::Learner(learner), step);
    }

    /// The next thing that the request service must know of.
    pub fn take_upcall(&mut self) -> Option<Upcall> {
        self.common.upcalls.pop_front()
    }

    /// When something falls due, and what.
    pub fn next_deadline(&self) -> Option<(Time, Timer)> {
        self.election.next_deadline().into_iter().chain(self.common.timers.next()).min()
    }

    /// Runs the election and hands what it wants sent to the links.
    fn elect(
        &mut self,
        step: &mut Step<'_>,
        run: impl FnOnce(&mut Election, &mut ElectionOutput<'_>) -> Option<Elected>,
    ) -> Option<Elected> {
        let mut output = ElectionOutput::new(&mut step.out.trace);
        let elected = run(&mut self.election, &mut output);
        let sends = output.sends;
        for (to, notification) in sends {
            self.common.links.notify(to, notification, step.out);
        }
        elected
    }

    /// Whoever looks takes newer members from whomever it hears of them, and begins anew among
    /// those; the notification itself is dropped (docs/protocol.md, Q4.6). Servers with a role hear
    /// of members from their leader.
    fn adopts_members_of(&mut self, n: &Notification, step: &mut Step<'_>) -> bool {
        let Some(text) = n.config.as_ref().filter(|_| matches!(self.role, Role::Looking)) else {
            return false;
        };
        let config = &self.common.config;
        let newer = |version| version > config.ensemble.version;
        if !config.reconfig_enabled || !reconfiguration::version_of(text).is_some_and(newer) {
            return false;
        }
        let Some(members) = reconfiguration::read(text) else { return false };
        let changed = self.common.activate(&Arc::new(members), step);
        self.election.configure(&self.common.config);
        if changed {
            self.look(RoleReason::Reconfigured, step);
        }
        changed
    }

    /// The election is over: leads if it won, learns from the winner otherwise.
    fn take_role(&mut self, elected: Option<Elected>, step: &mut Step<'_>) {
        let Some(Elected { vote, round }) = elected else { return };
        let mine = vote.leader == self.common.me();
        let why = if mine { RoleReason::ElectedMyself } else { RoleReason::ElectedAnother };
        self.enter_role(vote, round, why, step);
    }

    fn enter_role(&mut self, vote: Vote, round: i64, why: RoleReason, step: &mut Step<'_>) {
        let me = self.common.me();
        let role = match self.common.config.learner() {
            _ if vote.leader == me => PeerState::Leading,
            Kind::Participant => PeerState::Following,
            Kind::Observer => PeerState::Observing,
        };
        self.election.settled(role, vote, round);
        self.common.clear_timer(Timer::ReadOnlyMode, step);
        self.common.set_read_only(false, step);
        self.change_role(role, Some(vote.leader), why, step);
        self.role = if vote.leader == me {
            Role::Leading(Leader::start(&mut self.common, step))
        } else {
            Role::Learning(Learner::start(vote.leader, &mut self.common, step))
        };
    }

    /// After every step of a role: leaves it if it cannot go on, and lets the reported vote move on
    /// to the new epoch once broadcast begins.
    fn settle(&mut self, stay: Stay, step: &mut Step<'_>) {
        self.election.configure(&self.common.config);
        match stay {
            Err(Leave::Look(why)) => self.look(why, step),
            Err(Leave::HandOver(leader)) => {
                let linked = self.common.links.quorum_is_up(leader);
                self.end_role(step);
                // What is reported of an election that did not take place (Q7.6).
                let (zxid, peer_epoch) = (self.common.history.last(), Epoch(-1));
                let vote = Vote { leader, zxid, peer_epoch };
                step.trace(|| Decision::VoteRenewed { vote });
                self.enter_role(vote, -1, RoleReason::Reconfigured, step);
                if let Role::Learning(learner) = &mut self.role {
                    learner.old_link = linked;
                }
            }
            Err(Leave::Halt(exit_code, why)) => self.halt(exit_code, why, step),
            Ok(()) if self.common.phase == Phase::Broadcast && !self.renewed => {
                self.renewed = true;
                self.trusted = true;
                let epoch = self.common.current_epoch;
                if !self.common.config.standalone {
                    self.elect(step, |election, out| {
                        election.renew_epoch(epoch, out);
                        None
                    });
                }
            }
            Ok(()) => {}
        }
    }

    /// Leaves whatever role it has and looks for a leader.
    fn look(&mut self, why: RoleReason, step: &mut Step<'_>) {
        self.end_role(step);
        self.change_role(PeerState::Looking, None, why, step);
        self.common.enter_phase(Phase::Election, step);
        if self.common.config.read_only_mode {
            let pause_ms = self.common.config.tick_time_ms.max(LEAST_READ_ONLY_PAUSE_MS);
            self.common.set_timer(Timer::ReadOnlyMode, pause_ms, step);
        }
        let untrusted = !self.trusted && self.common.history.last() == Zxid::ZERO;
        let ballot = Ballot {
            id: self.common.me(),
            learner: self.common.config.learner(),
            zxid: if untrusted { Zxid::UNTRUSTED } else { self.common.history.last() },
            current_epoch: self.common.current_epoch,
        };
        let now = step.now;
        let elected = self.elect(step, |election, out| election.start(now, ballot, out));
        self.take_role(elected, step);
    }

    /// Takes back everything that the role had under way.
    fn end_role(&mut self, step: &mut Step<'_>) {
        if let Role::Learning(learner) = &self.role {
            // Also ends an attempt to connect.
            let (peer, channel) = (learner.leader, Channel::Quorum);
            self.common.links.quorum_down(peer);
            step.out.network.push(NetworkEffect::Close { peer, channel });
        }
        if !matches!(self.role, Role::Looking) {
            self.common.upcalls.push_back(Upcall::RoleEnded);
            if self.common.config.variants.keeps_database_on_role_loss() {
                self.common.forget_unapplied();
            }
        }
        self.common.links.close_all_quorum(step.out);
        self.common.timers.clear_all(step.now.at, &mut step.out.trace);
        self.common.durability.forget_role();
        if self.common.serving {
            step.out.apply.push(Delivery::StopServing);
        }
        self.common.set_serving(false, step);
        self.common.set_read_only(false, step);
        self.role = Role::Looking;
        self.renewed = false;
    }

    fn change_role(
        &mut self,
        role: PeerState,
        leader: Option<ServerId>,
        why: RoleReason,
        step: &mut Step<'_>,
    ) {
        self.common.sync = None;
        self.common.quorum = None;
        step.trace(|| Decision::RoleChanged { role, leader, why });
    }

    fn halt(&mut self, exit_code: i32, why: String, step: &mut Step<'_>) {
        self.end_role(step);
        self.change_role(PeerState::Looking, None, RoleReason::Halted, step);
        self.role = Role::Halted(why.clone());
        step.trace(|| Decision::Halted { why: why.clone() });
        step.out.halt = Some(Halt { exit_code, why });
    }
}
