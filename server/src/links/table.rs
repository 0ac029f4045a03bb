//! Which connection counts, for each peer and channel; part of the core loop.
//!
//! Invariants:
//! 1. At most one live connection and one attempt for each peer and channel.
//! 2. Events of any other connection become no input.
//! 3. Every `Connect` ends in `LinkUp` or `LinkDown`, every `Close` in `LinkDown`.

use super::{Link, LinkEvent, Outgoing, election, election_addresses, quorum, quorum_addresses};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::runtime::Handle;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;
use vivarium_protocol::Input;
use vivarium_protocol::base::{Config, Member, ServerId};
use vivarium_protocol::message::Channel;

type Key = (ServerId, Channel);

/// The connections of this server.
pub struct LinkTable {
    runtime: Handle,
    election: election::Port,
    quorum: quorum::Port,
    live: BTreeMap<Key, Live>,
    attempts: BTreeMap<Key, (u64, AbortHandle)>,
    acceptor: Option<AbortHandle>,
    members: watch::Sender<Arc<Config>>,
}

struct Live {
    generation: u64,
    outbox: mpsc::Sender<Outgoing>,
}

impl LinkTable {
    /// A table without connections.
    #[must_use]
    pub fn new(runtime: Handle, election: election::Port, quorum: quorum::Port) -> LinkTable {
        let (live, attempts) = (BTreeMap::new(), BTreeMap::new());
        let members = watch::Sender::new(Arc::clone(&election.config));
        LinkTable { runtime, election, quorum, live, attempts, acceptor: None, members }
    }

    /// The members as they change, for whoever listens on their behalf.
    #[must_use]
    pub fn members(&self) -> watch::Receiver<Arc<Config>> {
        self.members.subscribe()
    }

    /// Takes what a connection reports: what it means for the core, and the event again if that
    /// must be handled first.
    pub fn on_event(&mut self, event: LinkEvent) -> (Option<Input>, Option<LinkEvent>) {
        match event {
            LinkEvent::Up { link, dialled, outbox } => self.on_up(link, dialled, outbox),
            LinkEvent::Received { link, message } => {
                let received = Input::Received { from: link.peer, message };
                (self.is_live(link).then_some(received), None)
            }
            LinkEvent::Down { link, why } if self.is_live(link) => {
                tracing::info!("{:?} link to server {} is down: {why}", link.channel, link.peer);
                (self.end(link.peer, link.channel), None)
            }
            LinkEvent::Down { .. } => (None, None),
            LinkEvent::Unreachable { attempt, why } => (self.on_unreachable(attempt, &why), None),
            LinkEvent::Rung { peer, addresses } => (self.on_rung(peer, addresses), None),
        }
    }

    fn is_live(&self, link: Link) -> bool {
        let live = self.live.get(&(link.peer, link.channel));
        live.is_some_and(|live| live.generation == link.generation)
    }

    fn on_up(
        &mut self,
        link: Link,
        dialled: bool,
        outbox: mpsc::Sender<Outgoing>,
    ) -> (Option<Input>, Option<LinkEvent>) {
        let (peer, channel, generation) = (link.peer, link.channel, link.generation);
        let key = (peer, channel);
        let wanted = self.attempts.get(&key).is_some_and(|(number, _)| *number == generation);
        if dialled && !wanted {
            // Given up meanwhile; dropping the outbox closes it.
            return (None, None);
        }
        if self.live.contains_key(&key) {
            tracing::info!("a newer {channel:?} link to server {peer} takes over");
            self.live.remove(&key);
            let again = LinkEvent::Up { link, dialled, outbox };
            return (Some(Input::LinkDown { peer, channel }), Some(again));
        }
        if wanted {
            self.attempts.remove(&key);
        }
        tracing::debug!("{channel:?} link to server {peer} is up");
        self.live.insert(key, Live { generation, outbox });
        (Some(Input::LinkUp { peer, channel }), None)
    }

    fn on_unreachable(&mut self, attempt: Link, why: &str) -> Option<Input> {
        let (peer, channel) = (attempt.peer, attempt.channel);
        let key = (peer, channel);
        if self.attempts.get(&key).is_none_or(|(number, _)| *number != attempt.generation) {
            return None;
        }
        self.attempts.remove(&key);
        if self.live.contains_key(&key) {
            return None;
        }
        tracing::info!("can't open the {channel:?} link to server {peer}: {why}");
        Some(Input::LinkDown { peer, channel })
    }

    /// The peer does not know of a connection, so there is none any more; this end dials.
    fn on_rung(&mut self, peer: ServerId, addresses: Vec<(String, u16)>) -> Option<Input> {
        if self.attempts.contains_key(&(peer, Channel::Election)) {
            return None;
        }
        let ended = self.end(peer, Channel::Election);
        let addresses =
            if addresses.is_empty() { self.election_addresses(peer) } else { addresses };
        self.dial_election(peer, addresses);
        ended
    }

    /// The members are others, or elsewhere, from now on. A connection for elections to a server
    /// that has moved is closed: it will be made again at the new address.
    pub fn configure(&mut self, config: &Arc<Config>, follow: &mut Vec<Input>) {
        let place = |config: &Config, id| {
            let known = config.last_seen().members.get(&id);
            known.map(election_addresses)
        };
        let before = Arc::clone(&self.election.config);
        let peers: Vec<ServerId> = self.live.keys().map(|(peer, _)| *peer).collect();
        self.election.config = Arc::clone(config);
        self.quorum.config = Arc::clone(config);
        self.election.door.expect(config);
        self.members.send_replace(Arc::clone(config));
        for peer in peers {
            let (old, new) = (place(&before, peer), place(config, peer));
            if old.is_some() && new.is_some() && old != new {
                self.close(peer, Channel::Election, follow);
            }
        }
    }

    /// A member, in force or proposed.
    fn member(&self, id: ServerId) -> Option<&Member> {
        let config = &self.election.config;
        let known = config.ensemble.members.get(&id);
        known.or_else(|| config.last_seen().members.get(&id))
    }

    /// Makes a connection unless there is one, or one is being made.
    pub fn connect(&mut self, peer: ServerId, channel: Channel, follow: &mut Vec<Input>) {
        let key = (peer, channel);
        if self.live.contains_key(&key) || self.attempts.contains_key(&key) {
            return;
        }
        if peer == self.election.config.id {
            follow.push(Input::LinkDown { peer, channel });
            return;
        }
        match channel {
            Channel::Election => self.dial_election(peer, self.election_addresses(peer)),
            Channel::Quorum => {
                let addresses = self.member(peer).map(quorum_addresses).unwrap_or_default();
                let attempt = self.attempt(peer, channel);
                let task = self.runtime.spawn(self.quorum.clone().dial(attempt, addresses));
                self.attempts.insert(key, (attempt.generation, task.abort_handle()));
            }
        }
    }

    fn election_addresses(&self, peer: ServerId) -> Vec<(String, u16)> {
        self.member(peer).map(election_addresses).unwrap_or_default()
    }

    fn dial_election(&mut self, peer: ServerId, addresses: Vec<(String, u16)>) {
        let attempt = self.attempt(peer, Channel::Election);
        let task = self.runtime.spawn(self.election.clone().dial(attempt, addresses));
        let numbered = (attempt.generation, task.abort_handle());
        self.attempts.insert((peer, Channel::Election), numbered);
    }

    fn attempt(&self, peer: ServerId, channel: Channel) -> Link {
        let generation = self.election.generations.fetch_add(1, Ordering::Relaxed);
        Link { peer, channel, generation }
    }

    /// Queues something for a peer; dropped if there is no link. A full queue closes the link.
    pub fn send(
        &mut self,
        to: ServerId,
        channel: Channel,
        outgoing: Outgoing,
        follow: &mut Vec<Input>,
    ) {
        let Some(live) = self.live.get(&(to, channel)) else { return };
        match live.outbox.try_send(outgoing) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                tracing::warn!("server {to} does not keep up; its {channel:?} link is closed");
                self.close(to, channel, follow);
            }
            // It has just ended; its own report of that comes too late to say so.
            Err(TrySendError::Closed(_)) => {
                tracing::info!("{channel:?} link to server {to} is down");
                self.close(to, channel, follow);
            }
        }
    }

    /// Closes a connection, or gives up making one, after what is queued has gone out.
    pub fn close(&mut self, peer: ServerId, channel: Channel, follow: &mut Vec<Input>) {
        follow.extend(self.end(peer, channel));
    }

    fn end(&mut self, peer: ServerId, channel: Channel) -> Option<Input> {
        let attempt = self.attempts.remove(&(peer, channel));
        if let Some((_, task)) = &attempt {
            task.abort();
        }
        let live = self.live.remove(&(peer, channel));
        (live.is_some() || attempt.is_some()).then_some(Input::LinkDown { peer, channel })
    }

    /// Closes every connection after what is queued for it, and makes and takes no more.
    pub fn close_all(&mut self) {
        self.accept_learners(false);
        std::mem::take(&mut self.attempts).values().for_each(|(_, task)| task.abort());
        self.live.clear();
    }

    /// Listens for learners while this server leads, and only then.
    pub fn accept_learners(&mut self, leading: bool) {
        if leading && self.acceptor.is_none() {
            let task = self.runtime.spawn(self.quorum.clone().accept());
            self.acceptor = Some(task.abort_handle());
        } else if let Some(task) = self.acceptor.take_if(|_| !leading) {
            task.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::links::{Door, LinkSettings};
    use std::sync::Arc;
    use std::sync::atomic::AtomicU64;
    use vivarium_protocol::base::{Config, Ensemble};
    use vivarium_protocol::message::{Message, Packet};
    use vivarium_protocol::zoo_cfg::ZooCfg;

    const PEER: ServerId = ServerId(1);
    const CHANNEL: Channel = Channel::Quorum;

    /// Server 2 of three, whose attempts to dial find nobody.
    fn table() -> (LinkTable, mpsc::Receiver<crate::core_loop::Event>) {
        let mut ensemble = Ensemble::numbered(3, 0);
        for member in ensemble.members.values_mut() {
            "127.0.0.1".clone_into(&mut member.host);
            // No program without special rights can listen there.
            member.election_port = 1;
        }
        let config = Arc::new(Config::new(ServerId(2), Arc::new(ensemble)));
        let cfg = ZooCfg::parse("zoo.cfg", "dataDir=/data\n").expect("it is a file");
        let plain = LinkSettings::from(&cfg, |_| Ok(String::new())).expect("it asks for nothing");
        let door = Arc::new(Door::open(plain.0).expect("nothing is read").0);
        let (events, mailbox) = mpsc::channel(64);
        let generations = Arc::new(AtomicU64::new(100));
        let election = election::Port {
            config: Arc::clone(&config),
            events: events.clone(),
            generations: Arc::clone(&generations),
            door: Arc::clone(&door),
        };
        let quorum = quorum::Port { config, events, generations, door };
        (LinkTable::new(Handle::current(), election, quorum), mailbox)
    }

    fn link(generation: u64) -> Link {
        Link { peer: PEER, channel: CHANNEL, generation }
    }

    fn up(generation: u64, dialled: bool) -> (LinkEvent, mpsc::Receiver<Outgoing>) {
        let (outbox, queue) = mpsc::channel(1);
        (LinkEvent::Up { link: link(generation), dialled, outbox }, queue)
    }

    fn says(generation: u64) -> LinkEvent {
        let message = Message::Packet(Packet::UpToDate);
        LinkEvent::Received { link: link(generation), message }
    }

    const UP: Input = Input::LinkUp { peer: PEER, channel: CHANNEL };
    const DOWN: Input = Input::LinkDown { peer: PEER, channel: CHANNEL };

    #[tokio::test]
    async fn a_newer_connection_ends_the_older_one_first() {
        let (mut table, _mailbox) = table();
        let (first, mut first_queue) = up(1, false);
        assert_eq!(table.on_event(first).0, Some(UP));
        assert!(matches!(table.on_event(says(1)).0, Some(Input::Received { .. })));

        let (second, _second_queue) = up(2, false);
        let (input, again) = table.on_event(second);
        assert_eq!(input, Some(DOWN));
        assert!(first_queue.recv().await.is_none(), "the older one is told to close");
        let again = again.expect("the newer one is looked at again");
        assert_eq!(table.on_event(again).0, Some(UP));

        assert_eq!(table.on_event(says(1)).0, None, "what the older one says is dropped");
        let down = LinkEvent::Down { link: link(1), why: String::new() };
        assert_eq!(table.on_event(down).0, None, "and so is its end");
        assert!(matches!(table.on_event(says(2)).0, Some(Input::Received { .. })));
    }

    #[tokio::test]
    async fn an_attempt_that_was_given_up_makes_no_link() {
        let (mut table, _mailbox) = table();
        let mut follow = Vec::new();
        table.connect(PEER, CHANNEL, &mut follow);
        assert_eq!(follow, [], "the attempt is under way");
        table.close(PEER, CHANNEL, &mut follow);
        assert_eq!(follow, [DOWN], "every attempt ends in one input");
        let (late, mut queue) = up(100, true);
        assert_eq!(table.on_event(late).0, None);
        assert!(queue.recv().await.is_none(), "the late connection is told to close");
        let unreachable = LinkEvent::Unreachable { attempt: link(100), why: String::new() };
        assert_eq!(table.on_event(unreachable).0, None);
    }

    #[tokio::test]
    async fn a_peer_that_cannot_be_reached_is_a_link_down() {
        let (mut table, mut mailbox) = table();
        let mut follow = Vec::new();
        table.connect(PEER, Channel::Election, &mut follow);
        let Some(crate::core_loop::Event::Link(event)) = mailbox.recv().await else {
            panic!("the attempt reports its end");
        };
        let down = Input::LinkDown { peer: PEER, channel: Channel::Election };
        assert_eq!(table.on_event(event).0, Some(down));
    }

    #[tokio::test]
    async fn a_peer_that_does_not_keep_up_is_closed() {
        let (mut table, _mailbox) = table();
        let (event, _queue) = up(1, false);
        assert_eq!(table.on_event(event).0, Some(UP));
        let mut follow = Vec::new();
        let message = || Outgoing::Message(Message::Packet(Packet::UpToDate));
        table.send(PEER, CHANNEL, message(), &mut follow);
        assert_eq!(follow, [], "there is room for one");
        table.send(PEER, CHANNEL, message(), &mut follow);
        assert_eq!(follow, [DOWN]);
        table.send(PEER, CHANNEL, message(), &mut follow);
        assert_eq!(follow, [DOWN], "what is sent on a closed link is dropped");
    }
}
