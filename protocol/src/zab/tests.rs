//! Zab in the smallest world there is: every message arrives at once, every disk is instant.
//!
//! The simulator has latency, faults and checkers; here only the conversation itself is looked at.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

use super::Recovered;
use crate::base::{
    Config, ConnectionId, Ensemble, Epoch, Now, ServerId, SessionId, SortedMap, SortedSet, Time,
    Zxid,
};
use crate::effects::{Delivery, DiskEffect, Effects, NetworkEffect, SyncOperation};
use crate::input::Input;
use crate::message::{Channel, Image, Message, Op, Packet, PacketKind, PeerState, Request, Txn};
use crate::replica::DataTree;
use crate::trace::{Decision, PeerStatus, Phase, SyncMode};
use crate::{History, Server};

struct Node {
    server: Server,
    folded: PeerStatus,
    log: Vec<Arc<Txn>>,
    base: Zxid,
    accepted_epoch: Epoch,
    current_epoch: Epoch,
    delivered: Vec<Zxid>,
}

struct World {
    ensemble: Arc<Ensemble>,
    nodes: SortedMap<ServerId, Node>,
    agenda: VecDeque<(ServerId, Input)>,
    links: SortedSet<(ServerId, ServerId, Channel)>,
    cut: SortedSet<ServerId>,
    /// Learners whose leader does not listen yet; they try again as time passes.
    dialling: SortedSet<(ServerId, ServerId)>,
    sent: Vec<(ServerId, ServerId, PacketKind)>,
    now: Now,
}

fn id(number: i64) -> ServerId {
    ServerId(number)
}

fn link(a: ServerId, b: ServerId, channel: Channel) -> (ServerId, ServerId, Channel) {
    (a.min(b), a.max(b), channel)
}

impl World {
    fn new(participants: u16, observers: u16) -> World {
        World {
            ensemble: Arc::new(Ensemble::numbered(participants, observers)),
            nodes: SortedMap::new(),
            agenda: VecDeque::new(),
            links: SortedSet::new(),
            cut: SortedSet::new(),
            dialling: SortedSet::new(),
            sent: Vec::new(),
            now: Now { at: Time(0), wall_ms: 1_700_000_000_000 },
        }
    }

    fn start(&mut self, me: ServerId, recovered: Recovered) {
        let config = Arc::new(Config::new(me, Arc::clone(&self.ensemble)));
        let mut out = Effects::traced();
        let log = recovered.tail.clone();
        let base = recovered.history.base;
        let (accepted_epoch, current_epoch) = (recovered.accepted_epoch, recovered.current_epoch);
        let server = Server::recover(config, recovered, self.now, &mut out);
        let folded = PeerStatus::born(accepted_epoch, current_epoch, Zxid::ZERO);
        let delivered = Vec::new();
        let node = Node { server, folded, log, base, accepted_epoch, current_epoch, delivered };
        self.nodes.insert(me, node);
        self.drain(me, out);
    }

    fn restart(&mut self, me: ServerId) {
        let node = self.nodes.get(&me).expect("a stopped node was started once");
        let mut history = History::at(node.base);
        for txn in &node.log {
            assert!(history.append(txn.header.zxid), "the log is contiguous");
        }
        let recovered = Recovered {
            accepted_epoch: node.accepted_epoch,
            current_epoch: node.current_epoch,
            history,
            tail: node.log.clone(),
            replica_at: node.base,
            trusted: true,
        };
        self.cut.remove(&me);
        self.start(me, recovered);
    }

    /// The node falls silent and all its links go down.
    fn stop(&mut self, me: ServerId) {
        self.cut.insert(me);
        let gone: Vec<_> = self.links.iter().filter(|l| l.0 == me || l.1 == me).copied().collect();
        for (a, b, channel) in gone {
            self.links.remove(&(a, b, channel));
            let peer = if a == me { b } else { a };
            self.agenda.push_back((peer, Input::LinkDown { peer: me, channel }));
        }
        self.settle();
    }

    fn handle(&mut self, me: ServerId, input: Input) {
        if self.cut.contains(&me) {
            return;
        }
        let mut out = Effects::traced();
        let node = self.nodes.get_mut(&me).expect("inputs go to nodes that exist");
        node.server.handle(self.now, input, &DataTree::new(), &mut out);
        self.drain(me, out);
    }

    fn drain(&mut self, me: ServerId, mut out: Effects) {
        let node = self.nodes.get_mut(&me).expect("effects come from nodes that exist");
        assert_eq!(out.halt, None);
        for decision in out.trace.take() {
            node.folded.fold(&decision);
            if let Decision::Hung { why, .. } = &decision {
                panic!("{me} hung up: {why}");
            }
        }
        assert_eq!(node.folded, node.server.status(), "the fold of {me}'s trace is its status");
        for effect in out.network {
            self.network(me, effect);
        }
        let node = self.nodes.get_mut(&me).expect("effects come from nodes that exist");
        for (seq, effect) in out.disk {
            node.write(effect);
            self.agenda.push_back((me, Input::Durable { upto: seq }));
        }
        for delivery in out.apply {
            let upto = node.deliver(delivery);
            self.agenda.push_back((me, Input::Applied { upto }));
        }
    }

    fn network(&mut self, me: ServerId, effect: NetworkEffect) {
        match effect {
            NetworkEffect::Connect { peer, channel } => {
                let there = self.nodes.contains_key(&peer) && !self.cut.contains(&peer);
                let leads = there && self.nodes[&peer].server.role() == PeerState::Leading;
                if channel == Channel::Quorum && there && !leads {
                    self.dialling.insert((me, peer));
                } else if !there {
                    self.agenda.push_back((me, Input::LinkDown { peer, channel }));
                } else if self.links.insert(link(me, peer, channel)) {
                    self.agenda.push_back((me, Input::LinkUp { peer, channel }));
                    self.agenda.push_back((peer, Input::LinkUp { peer: me, channel }));
                }
            }
            NetworkEffect::Configure(_) => panic!("nobody reconfigures here"),
            NetworkEffect::Send { to, message } => {
                if let Message::Packet(packet) = &message {
                    self.sent.push((me, to, packet.kind()));
                }
                self.agenda.push_back((to, Input::Received { from: me, message }));
            }
            NetworkEffect::Synchronize { to, plan } => {
                assert_eq!(plan.from_disk, None, "short histories come from memory");
                let first = match plan.operation {
                    SyncOperation::Diff(zxid) => Packet::Diff(zxid),
                    SyncOperation::Trunc(zxid) => Packet::Trunc(zxid),
                    SyncOperation::Snap => {
                        let zxid = self.nodes[&me].base;
                        Packet::Snap(Image { zxid, bytes: Bytes::new() })
                    }
                };
                let both = |txn: &Arc<Txn>| {
                    [Packet::Proposal(Arc::clone(txn)), Packet::Commit(txn.header.zxid)]
                };
                let decided = plan.committed.iter().flat_map(both);
                let open = plan.outstanding.iter().cloned().map(Packet::Proposal);
                for packet in std::iter::once(first).chain(decided).chain(open) {
                    let message = Message::Packet(packet);
                    self.network(me, NetworkEffect::Send { to, message });
                }
            }
            NetworkEffect::Close { peer, channel } => {
                self.dialling.remove(&(me, peer));
                if self.links.remove(&link(me, peer, channel)) {
                    self.agenda.push_back((me, Input::LinkDown { peer, channel }));
                    self.agenda.push_back((peer, Input::LinkDown { peer: me, channel }));
                }
            }
        }
    }

    fn settle(&mut self) {
        while let Some((to, input)) = self.agenda.pop_front() {
            self.handle(to, input);
        }
    }

    /// Lets deadlines pass, one by one, until something is true of the world.
    fn until(&mut self, what: &str, condition: impl Fn(&World) -> bool) {
        for _ in 0..2000 {
            self.settle();
            if condition(self) {
                return;
            }
            let alive = self.nodes.iter().filter(|(id, _)| !self.cut.contains(id));
            let next = alive.filter_map(|(id, n)| Some((n.server.next_deadline()?.0, *id))).min();
            let (at, who) = next.expect("somebody waits for something");
            self.now.at = at.max(self.now.at);
            self.handle(who, Input::Deadline);
            for (from, peer) in std::mem::take(&mut self.dialling) {
                self.network(from, NetworkEffect::Connect { peer, channel: Channel::Quorum });
            }
        }
        for (id, node) in &self.nodes {
            eprintln!("{id}: {:?}", node.server.status());
        }
        panic!("it never came to pass that {what}");
    }

    fn serving(&self) -> Vec<ServerId> {
        let alive = self.nodes.iter().filter(|(id, _)| !self.cut.contains(id));
        alive.filter(|(_, node)| node.server.status().serving).map(|(id, _)| *id).collect()
    }

    fn write(&mut self, at: ServerId, cxid: i32) {
        let op = Op::SetData { path: Some("/".to_owned()), data: None, version: -1 };
        let request = Request { session: SessionId(0x77), cxid, op, auth: Vec::new() };
        self.handle(at, Input::Submitted { request, origin: ConnectionId(1) });
    }
}

impl Node {
    fn write(&mut self, effect: DiskEffect) {
        match effect {
            DiskEffect::Append(txn) => self.log.push(txn),
            DiskEffect::Truncate(zxid) => self.log.retain(|txn| txn.header.zxid <= zxid),
            DiskEffect::AcceptedEpoch(epoch) => self.accepted_epoch = epoch,
            DiskEffect::CurrentEpoch(epoch) => self.current_epoch = epoch,
            DiskEffect::Configure(_) => panic!("nobody reconfigures here"),
            DiskEffect::Install(image) => {
                self.log.clear();
                self.base = image.zxid;
            }
        }
    }

    fn deliver(&mut self, delivery: Delivery) -> Zxid {
        let last = self.delivered.last().copied().unwrap_or(self.base);
        match delivery {
            Delivery::Txn { txn, .. } => {
                assert!(txn.header.zxid.follows(last), "{} after {last}", txn.header.zxid);
                self.delivered.push(txn.header.zxid);
            }
            Delivery::Reload { upto } => {
                let zxids = self.log.iter().map(|txn| txn.header.zxid);
                let missing: Vec<Zxid> = zxids.filter(|z| *z > last && *z <= upto).collect();
                self.delivered.extend(missing);
            }
            Delivery::Restore(image) => self.delivered = vec![image.zxid],
            Delivery::Sync { .. }
            | Delivery::Configure { .. }
            | Delivery::Serve { .. }
            | Delivery::ServeReadOnly
            | Delivery::StopServing => {}
        }
        self.delivered.last().copied().unwrap_or(self.base)
    }
}

fn zxids(node: &Node) -> Vec<String> {
    node.log.iter().map(|txn| txn.header.zxid.to_string()).collect()
}

fn three_serving() -> World {
    let mut world = World::new(3, 0);
    for number in 1..=3 {
        world.start(id(number), Recovered { trusted: true, ..Recovered::default() });
    }
    world.until("all three serve", |world| world.serving().len() == 3);
    world
}

#[test]
fn three_empty_servers_elect_the_highest_id_and_serve_in_epoch_1() {
    let world = three_serving();
    let roles: Vec<PeerState> = world.nodes.values().map(|node| node.server.role()).collect();
    assert_eq!(roles, [PeerState::Following, PeerState::Following, PeerState::Leading]);
    for node in world.nodes.values() {
        let status = node.server.status();
        assert_eq!((status.accepted_epoch, status.current_epoch), (Epoch(1), Epoch(1)));
        assert_eq!(status.phase, Phase::Broadcast);
        assert_eq!((node.accepted_epoch, node.current_epoch), (Epoch(1), Epoch(1)));
    }
    let to_one: Vec<PacketKind> =
        world.sent.iter().filter(|s| s.1 == id(1)).map(|s| s.2).take(4).collect();
    let expected =
        [PacketKind::LeaderInfo, PacketKind::Diff, PacketKind::NewLeader, PacketKind::UpToDate];
    assert_eq!(to_one, expected);
}

#[test]
fn a_write_at_a_follower_reaches_every_log_and_every_replica() {
    let mut world = three_serving();
    world.write(id(1), 1);
    world.write(id(3), 2);
    world.settle();
    for node in world.nodes.values() {
        assert_eq!(zxids(node), ["1|1", "1|2"]);
        assert_eq!(node.delivered, [Zxid::new(Epoch(1), 1), Zxid::new(Epoch(1), 2)]);
    }
}

#[test]
fn an_observer_is_informed_and_never_acknowledges_a_transaction() {
    let mut world = World::new(3, 1);
    for number in 1..=4 {
        world.start(id(number), Recovered { trusted: true, ..Recovered::default() });
    }
    world.until("all four serve", |world| world.serving().len() == 4);
    world.sent.clear();
    world.write(id(4), 1);
    world.settle();
    assert_eq!(zxids(&world.nodes[&id(4)]), ["1|1"]);
    let told: Vec<PacketKind> = world.sent.iter().filter(|s| s.1 == id(4)).map(|s| s.2).collect();
    assert_eq!(told, [PacketKind::Inform]);
    let said: Vec<PacketKind> = world.sent.iter().filter(|s| s.0 == id(4)).map(|s| s.2).collect();
    assert_eq!(said, [PacketKind::Request]);
}

#[test]
fn when_the_leader_dies_the_next_reigns_in_a_new_epoch_and_the_old_one_returns_by_diff() {
    let mut world = three_serving();
    world.write(id(1), 1);
    world.settle();
    world.stop(id(3));
    world.until("two serve again", |world| world.serving() == [id(1), id(2)]);
    assert_eq!(world.nodes[&id(2)].server.role(), PeerState::Leading);
    world.write(id(2), 2);
    world.settle();
    assert_eq!(zxids(&world.nodes[&id(1)]), ["1|1", "2|1"]);
    world.restart(id(3));
    world.until("three serve", |world| world.serving().len() == 3);
    assert_eq!(zxids(&world.nodes[&id(3)]), ["1|1", "2|1"]);
    assert_eq!(world.nodes[&id(3)].server.role(), PeerState::Following);
}

#[test]
fn what_only_the_old_leader_logged_is_cut_off_when_it_returns() {
    let mut world = three_serving();
    world.write(id(3), 1);
    world.settle();
    // The leader logs one more, and dies before anybody hears of it.
    world.write(id(3), 2);
    let node = world.nodes.get_mut(&id(3)).expect("3 was started");
    assert_eq!(zxids(node), ["1|1", "1|2"]);
    world.agenda.clear();
    world.stop(id(3));
    world.until("two serve again", |world| world.serving() == [id(1), id(2)]);
    world.restart(id(3));
    world.until("three serve", |world| world.serving().len() == 3);
    assert_eq!(zxids(&world.nodes[&id(3)]), ["1|1"]);
    let learners = world.nodes[&id(2)].server.learners();
    assert_eq!(learners[&id(3)].sync, Some(SyncMode::Trunc));
}

#[test]
fn a_leader_that_hears_no_quorum_steps_down_and_serves_nobody() {
    let mut world = three_serving();
    world.stop(id(1));
    world.stop(id(2));
    world.until("3 gives up", |world| world.serving().is_empty());
    assert_eq!(world.nodes[&id(3)].server.role(), PeerState::Looking);
}

#[test]
fn a_server_alone_serves_without_epochs() {
    let ensemble = Arc::new(Ensemble::numbered(1, 0));
    let config = Config { standalone: true, ..Config::new(id(1), ensemble) };
    let mut out = Effects::traced();
    let mut server =
        Server::recover(Arc::new(config), Recovered::default(), Now::default(), &mut out);
    let tree = DataTree::new();
    server.handle(Now::default(), Input::Applied { upto: Zxid::ZERO }, &tree, &mut out);
    assert!(server.status().serving);
    let op = Op::CreateSession { timeout_ms: 4000 };
    let request = Request { session: SessionId(9), cxid: 0, op, auth: Vec::new() };
    let submitted = Input::Submitted { request, origin: ConnectionId(1) };
    server.handle(Now::default(), submitted, &tree, &mut out);
    let appended = matches!(&out.disk[..], [(_, DiskEffect::Append(_))]);
    assert!(appended, "one transaction and no epoch: {:?}", out.disk);
}
