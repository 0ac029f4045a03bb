//! Running the cores: the driver's contract in virtual time.
//!
//! One input, one `handle`, then the lanes in their order: network, disk, replica, clients, trace,
//! halt. What a lane asks for becomes an item of the agenda.

use crate::agenda::Event;
use crate::peer::Process;
use crate::world::World;
use std::sync::Arc;
use vivarium_protocol::base::{Config, DiskSeq, Now, ServerId, Time, Zxid};
use vivarium_protocol::effects::{Delivery, DiskEffect, NetworkEffect, SyncOperation, SyncPlan};
use vivarium_protocol::message::{Message, Packet, PeerState, Txn};
use vivarium_protocol::replica::{Outbox, Replica};
use vivarium_protocol::trace::Cause;
use vivarium_protocol::{Effects, Input, Recovered, Server};

/// The wall clock at the run's origin: 2026-01-01 00:00:00 UTC, milliseconds.
const ORIGIN_MS: i64 = 1_767_225_600_000;

impl World {
    /// What the cores are told about time.
    pub(crate) fn clock(&self) -> Now {
        Now { at: self.now, wall_ms: ORIGIN_MS + (self.now.0 / 1000) as i64 }
    }

    fn lanes(&self) -> Effects {
        if self.traced { Effects::traced() } else { Effects::default() }
    }

    /// A server comes to life with what its disk gives back.
    pub(crate) fn start(&mut self, id: ServerId) -> Option<Cause> {
        let (now, mut out) = (self.clock(), self.lanes());
        let (purge, keep) = (self.setup.purge, self.setup.commit_log_count);
        let peer = self.peers.get_mut(&id)?;
        if peer.server.is_some() {
            return None;
        }
        if purge {
            peer.disk.purge();
        }
        peer.half_written = None;
        if let Some(config) = peer.next_config.take() {
            peer.config = config;
        }
        let durable = peer.disk.durable();
        if let Some(known) = &durable.members {
            let (ensemble, proposed) = (known.ensemble.clone(), known.proposed.clone());
            peer.config = Arc::new(Config { ensemble, proposed, ..Config::clone(&peer.config) });
        }
        let snapshot = durable.snapshot.clone();
        let recovered = Recovered {
            accepted_epoch: durable.accepted_epoch,
            current_epoch: durable.current_epoch,
            history: peer.disk.history(),
            tail: newest(&durable.log, snapshot.zxid, keep),
            replica_at: snapshot.zxid,
            trusted: true,
        };
        peer.replica = Replica::new(snapshot.tree, snapshot.zxid);
        peer.halted = None;
        peer.process = Process::new(id, now.wall_ms);
        peer.server = Some(Server::recover(peer.config.clone(), recovered, now, &mut out));
        self.check_start(id);
        self.stands_at_snapshot(id);
        self.drain(id, out);
        Some(Cause::Started)
    }

    /// A server is gone, and with it what its disk had not synced.
    pub(crate) fn crash(&mut self, id: ServerId, why: Option<String>) -> Option<Cause> {
        let torn = self.setup.torn_crashes;
        let peer = self.peers.get_mut(&id)?;
        peer.server.take()?;
        peer.paused = false;
        peer.halted = why;
        let unsynced = peer.disk.unsynced() as u64;
        let drawn = if torn { self.rng.below(unsynced + 1) as usize } else { 0 };
        let tearing = peer.tearing.take();
        peer.last_lost = peer.disk.crash(tearing.unwrap_or(drawn));
        // What was lost begins with what the disk was just writing.
        peer.half_written = tearing.and(peer.last_lost.first().copied());
        self.tally.lost_unsynced += peer.last_lost.len() as u64;
        self.faults.stalled.remove(&id);
        self.faults.paused.remove(&id);
        if let Some((key, _, _)) = peer.process.deadline.take() {
            self.agenda.remove(key);
        }
        let connections = std::mem::take(&mut peer.process.connections);
        let held = std::mem::take(&mut peer.process.held);
        let own = |event: &Event| {
            matches!(event, Event::Synced(peer) | Event::Apply(peer) | Event::Touch(peer)
                if *peer == id)
        };
        self.agenda.retain(|event| !own(event));
        self.net.dials.remove_owner(id);
        for side in self.net.sides_of(id) {
            self.hang_up(side);
        }
        for served in connections.into_values() {
            self.drop_client(served.client, served.attempt);
        }
        // Whoever was knocking while the server was paused finds nobody there.
        let knocks =
            |event: &Event| matches!(event, Event::DialArrive { .. } | Event::ClientHello { .. });
        for (event, _) in held.into_iter().filter(|(event, _)| knocks(event)) {
            self.at_once(event);
        }
        self.check_disk(id);
        Some(Cause::Crashed)
    }

    /// One input for one core; true if it runs.
    pub(crate) fn handle(&mut self, id: ServerId, input: Input) -> bool {
        let (now, mut out) = (self.clock(), self.lanes());
        let Some(peer) = self.peers.get_mut(&id) else { return false };
        let Some(server) = &mut peer.server else { return false };
        let led = server.role() == PeerState::Leading;
        server.handle(now, input, peer.replica.tree(), &mut out);
        let leads = server.role() == PeerState::Leading;
        self.drain(id, out);
        self.tally.elected += u64::from(leads && !led);
        if led && !leads {
            self.stop_listening(id);
        }
        true
    }

    /// Carries out what a core wants, lane by lane.
    fn drain(&mut self, id: ServerId, mut out: Effects) {
        self.trace_decisions(out.trace.take());
        for effect in out.network {
            self.on_network_effect(id, effect);
        }
        if !out.disk.is_empty() {
            self.write(id, out.disk);
        }
        if !out.apply.is_empty() {
            self.queue_deliveries(id, out.apply);
        }
        for effect in out.client {
            self.on_client_effect(id, effect);
        }
        if let Some(halt) = out.halt {
            self.at_once(Event::Crash(id, Some(halt.why)));
        }
        self.set_deadline(id);
    }

    fn on_network_effect(&mut self, id: ServerId, effect: NetworkEffect) {
        match effect {
            NetworkEffect::Connect { peer, channel } => self.connect(id, peer, channel),
            NetworkEffect::Send { to, message } => self.send(id, to, message),
            NetworkEffect::Synchronize { to, plan } => self.synchronize(id, to, plan),
            NetworkEffect::Close { peer, channel } => self.close((id, peer, channel)),
            // Servers are found by their numbers here, wherever a configuration says that they are.
            NetworkEffect::Configure(config) => {
                self.tally.reconfigured += u64::from(config.proposed.is_none());
                self.checkers.members(&config.ensemble);
            }
        }
    }

    /// Sends what brings a learner up to date, as `SyncPlan` describes it.
    fn synchronize(&mut self, id: ServerId, to: ServerId, plan: SyncPlan) {
        self.tally.synchronised[match plan.operation {
            SyncOperation::Diff(_) => 0,
            SyncOperation::Trunc(_) => 1,
            SyncOperation::Snap => 2,
        }] += 1;
        let mut packet = |packet: Packet| self.send(id, to, Message::Packet(packet));
        let covered = match plan.operation {
            SyncOperation::Diff(zxid) => {
                packet(Packet::Diff(zxid));
                Zxid::ZERO
            }
            SyncOperation::Trunc(zxid) => {
                packet(Packet::Trunc(zxid));
                Zxid::ZERO
            }
            SyncOperation::Snap => {
                let image = self.peers[&id].replica.image();
                let covered = image.zxid;
                self.send(id, to, Message::Packet(Packet::Snap(image)));
                covered
            }
        };
        let disk = &self.peers[&id].disk;
        let from_disk = plan.from_disk.map(|(after, upto)| disk.range(after, upto));
        let decided = from_disk.unwrap_or_default().into_iter().chain(plan.committed);
        for txn in decided.filter(|txn| txn.header.zxid > covered) {
            let zxid = txn.header.zxid;
            self.send(id, to, Message::Packet(Packet::Proposal(txn)));
            self.send(id, to, Message::Packet(Packet::Commit(zxid)));
        }
        for txn in plan.outstanding {
            self.send(id, to, Message::Packet(Packet::Proposal(txn)));
        }
    }

    fn write(&mut self, id: ServerId, effects: Vec<(DiskSeq, DiskEffect)>) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        if peer.server.as_ref().is_some_and(|server| server.role() == PeerState::Leading) {
            for (_, effect) in &effects {
                if let DiskEffect::Append(txn) = effect {
                    self.checkers.proposed(id, txn);
                }
            }
        }
        for (_, effect) in &effects {
            self.tally.truncated += u64::from(matches!(effect, DiskEffect::Truncate(_)));
            self.tally.installed += u64::from(matches!(effect, DiskEffect::Install(_)));
        }
        peer.disk.take(effects);
        self.sync(id);
    }

    /// Begins a sync if there is something to sync and none is under way.
    pub(crate) fn sync(&mut self, id: ServerId) {
        let (least, most) = self.setup.disk_latency_us;
        let begins = self.peers.get_mut(&id).is_some_and(|peer| peer.disk.begin_sync());
        if begins {
            let takes = self.faults.slow.get(&id).copied();
            let at = self.now + takes.unwrap_or_else(|| self.rng.between(least, most));
            self.later(at, Event::Synced(id));
        }
    }

    /// The disk reports.
    pub(crate) fn on_synced(&mut self, id: ServerId) -> Option<Cause> {
        let upto = self.peers.get_mut(&id)?.disk.end_sync()?;
        self.check_disk(id);
        self.handle(id, Input::Durable { upto });
        self.take_snapshot_if_due(id);
        self.sync(id);
        Some(Cause::Durable)
    }

    fn queue_deliveries(&mut self, id: ServerId, deliveries: Vec<Delivery>) {
        let (least, most) = self.setup.apply_latency_us;
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let idle = peer.process.deliveries.is_empty();
        peer.process.deliveries.extend(deliveries);
        if idle {
            let at = self.now + self.rng.between(least, most);
            self.later(at, Event::Apply(id));
        }
    }

    /// The replica takes what waits for it, and reports.
    pub(crate) fn on_apply(&mut self, id: ServerId) -> Option<Cause> {
        let peer = self.peers.get_mut(&id)?;
        peer.server.as_ref()?;
        // One delivery after the other to its end: a read that waited for a reply of one delivery
        // must not see the next one before the events of that have left.
        for delivery in std::mem::take(&mut peer.process.deliveries) {
            let mut outbox = Outbox::default();
            self.deliver(id, &delivery, &mut outbox);
            self.dispatch(id, outbox);
        }
        self.take_snapshot_if_due(id);
        let upto = self.peers[&id].replica.last_zxid();
        self.handle(id, Input::Applied { upto });
        Some(Cause::Applied)
    }

    fn deliver(&mut self, id: ServerId, delivery: &Delivery, outbox: &mut Outbox) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        match delivery {
            Delivery::Txn { txn, .. } => {
                peer.replica.deliver(delivery, outbox);
                self.delivered(id, txn);
            }
            Delivery::Reload { upto } => {
                for txn in peer.disk.range(peer.replica.last_zxid(), *upto) {
                    let Some(peer) = self.peers.get_mut(&id) else { return };
                    peer.replica.apply_txn(&txn, None, outbox);
                    self.delivered(id, &txn);
                }
            }
            Delivery::Restore(_) => {
                peer.replica.deliver(delivery, outbox);
                self.stands_at_snapshot(id);
            }
            Delivery::Serve { .. } => {
                peer.replica.deliver(delivery, outbox);
                self.check_serving(id);
            }
            Delivery::StopServing => {
                peer.replica.deliver(delivery, outbox);
                self.drop_clients(id);
            }
            Delivery::Sync { .. } | Delivery::ServeReadOnly | Delivery::Configure { .. } => {
                peer.replica.deliver(delivery, outbox);
            }
        }
    }

    /// A snapshot holds only what this server's own disk holds too, so that no gap can open
    /// between the log's end and the snapshot.
    fn take_snapshot_if_due(&mut self, id: ServerId) {
        let every = self.setup.snapshot_every;
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let due = every > 0 && peer.process.applied_since_snapshot >= every;
        if due {
            peer.snapshot();
        }
    }

    /// Keeps the agenda's deadline of a core in step with the core.
    fn set_deadline(&mut self, id: ServerId) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let next = peer.server.as_ref().and_then(Server::next_deadline);
        let noted = peer.process.deadline.map(|(_, at, timer)| (at, timer));
        if next == noted {
            return;
        }
        if let Some((key, _, _)) = peer.process.deadline.take() {
            self.agenda.remove(key);
        }
        if let Some((at, timer)) = next {
            let key = self.agenda.at(at.max(self.now), Event::Deadline(id), Some(self.steps));
            peer.process.deadline = Some((key, at, timer));
        }
    }

    /// A deadline passes, unless it has moved in the meantime.
    pub(crate) fn on_deadline(&mut self, id: ServerId) -> Option<Cause> {
        let now: Time = self.now;
        let peer = self.peers.get_mut(&id)?;
        let (at, timer) = peer.server.as_ref()?.next_deadline()?;
        peer.process.deadline = None;
        if at <= now {
            self.handle(id, Input::Deadline);
            Some(Cause::Deadline { timer })
        } else {
            self.set_deadline(id);
            None
        }
    }
}

/// The newest transactions of a log, if it reaches beyond the snapshot.
fn newest(log: &[Arc<Txn>], snapshot: Zxid, keep: usize) -> Vec<Arc<Txn>> {
    match log.last() {
        Some(last) if last.header.zxid >= snapshot => {
            log[log.len().saturating_sub(keep)..].to_vec()
        }
        Some(_) | None => Vec::new(),
    }
}
