//! The replica behind its lock, with the mailboxes of the connections that it answers.
//!
//! Invariants:
//! 1. Lock order: the replica (tree, then its watches, both inside one lock), then the table of
//!    connections. Neither is held over an await.
//! 2. Only the core loop applies. What a transaction has to tell clients is in their mailboxes
//!    before the write lock is let go, so whoever reads a change finds the event of it already
//!    there.
//! 3. A mailbox that is full belongs to a slow reader: its connection is closed, no single message
//!    is dropped.

use bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
use tokio::sync::mpsc;
use vivarium_protocol::base::{ConnectionId, SessionId, Zxid};
use vivarium_protocol::effects::{ClientEffect, Delivery};
use vivarium_protocol::message::{Id, Op, Reply, Txn};
use vivarium_protocol::replica::{Outbox, Replica, ToClient};

use crate::clients::ConnectionInfo;
use crate::core_loop::wall_ms;

/// How many events and replies may wait for one connection: one transaction can have an event for
/// each of many watches. An empty mailbox takes no memory.
pub const MAILBOX: usize = 1 << 17;

/// What reaches a connection from the core loop; the end of the mailbox means: close.
#[derive(Debug)]
pub enum ToConnection {
    /// An event, or the answer to a request.
    Client(ToClient),
    /// The request was not taken, for this reason.
    Refused {
        /// Its number.
        cxid: i32,
        /// Why.
        why: vivarium_protocol::message::ErrorCode,
    },
    /// The request is done.
    Done {
        /// Its number.
        cxid: i32,
    },
    /// Whether the session may go on here.
    Revalidated {
        /// Which session.
        session: SessionId,
        /// Its timeout from here on.
        timeout_ms: i32,
        /// Whether it may.
        valid: bool,
    },
}

/// The replica as threads share it.
#[derive(Debug)]
pub struct SharedReplica {
    replica: RwLock<Replica>,
    connections: Mutex<Connections>,
    next_connection: AtomicU64,
    /// What `/zookeeper/config` says here, whatever a leader's image says.
    config_text: Option<Bytes>,
}

/// The connections of this server.
#[derive(Debug, Default)]
struct Connections {
    open: BTreeMap<ConnectionId, Open>,
    sessions: BTreeMap<SessionId, ConnectionId>,
}

#[derive(Debug)]
struct Open {
    /// `None` once the connection has been told to close.
    mailbox: Option<mpsc::Sender<ToConnection>>,
    info: Arc<ConnectionInfo>,
}

impl SharedReplica {
    /// Shares a replica. `config_text` is what `/zookeeper/config` says here, whatever an image
    /// from a leader says (reconfiguration is off).
    #[must_use]
    pub fn new(replica: Replica, config_text: Option<Bytes>) -> SharedReplica {
        SharedReplica {
            replica: RwLock::new(replica),
            connections: Mutex::default(),
            next_connection: AtomicU64::new(1),
            config_text,
        }
    }

    /// The replica, to look at.
    pub fn look(&self) -> RwLockReadGuard<'_, Replica> {
        self.replica.read().expect("whoever applies does not panic")
    }

    fn change(&self) -> RwLockWriteGuard<'_, Replica> {
        self.replica.write().expect("whoever applies does not panic")
    }

    fn connections(&self) -> MutexGuard<'_, Connections> {
        self.connections.lock().expect("whoever holds the table does not panic")
    }

    /// Applies deliveries, in order, and hands out what they tell clients. `Reload` is no business
    /// of this function: see [`SharedReplica::replay`].
    pub fn deliver(&self, deliveries: &[Delivery]) -> Zxid {
        let mut replica = self.change();
        for delivery in deliveries {
            let mut outbox = Outbox::default();
            replica.deliver(delivery, &mut outbox);
            self.connections().hand_out(outbox);
            match (delivery, &self.config_text) {
                (Delivery::StopServing, _) => self.connections().close_all(),
                (Delivery::Restore(_), Some(text)) => {
                    replica.set_config(text.clone(), Zxid::ZERO, wall_ms());
                }
                (_, _) => {}
            }
        }
        replica.last_zxid()
    }

    /// Applies transactions of the own log, none of which an own client waits for.
    pub fn replay(&self, txns: &[Arc<Txn>]) {
        let mut replica = self.change();
        for txn in txns {
            let mut outbox = Outbox::default();
            replica.apply_txn(txn, None, &mut outbox);
            self.connections().hand_out(outbox);
        }
    }

    /// Hands out what the core has to tell a client outside the order of deliveries.
    pub fn tell(&self, effect: ClientEffect) {
        let mut connections = self.connections();
        match effect {
            ClientEffect::Refused { origin, cxid, why } => {
                connections.put(origin, ToConnection::Refused { cxid, why });
            }
            ClientEffect::Revalidated { origin, session, timeout_ms, valid } => {
                let answer = ToConnection::Revalidated { session, timeout_ms, valid };
                connections.put(origin, answer);
            }
            ClientEffect::Done { origin, cxid } => {
                connections.put(origin, ToConnection::Done { cxid });
            }
            ClientEffect::Close { origin } => connections.close(origin),
            ClientEffect::Gone { session } => connections.close_session(session),
        }
    }

    /// Closes every connection, after what it still has to be told.
    pub fn close_all(&self) {
        self.connections().close_all();
    }

    /// Answers a request of a connection from the replica, and registers its watch in the same
    /// step; the messages are to be sent before the reply. `None`: this server does not serve.
    /// `seen` is called while the replica still stands as it was read.
    pub fn read(
        &self,
        origin: ConnectionId,
        session: SessionId,
        cxid: i32,
        op: &Op,
        auth: &[Id],
        seen: &mut dyn FnMut(),
    ) -> Option<(Reply, Vec<ToClient>)> {
        {
            let replica = self.look();
            if !replica.serving() && !replica.read_only() {
                return None;
            }
            if let Some(reply) = replica.read_shared(op, auth, session, cxid) {
                seen();
                return Some((reply, Vec::new()));
            }
        }
        let mut replica = self.change();
        if !replica.serving() && !replica.read_only() {
            return None;
        }
        let mut outbox = Outbox::default();
        let reply = replica.read(origin, cxid, op, auth, session, &mut outbox);
        seen();
        let (own, others) = outbox.messages.into_iter().partition(|(to, _)| *to == origin);
        self.connections().hand_out(Outbox { messages: others, ..Outbox::default() });
        let own: Vec<(ConnectionId, ToClient)> = own;
        Some((reply, own.into_iter().map(|(_, message)| message).collect()))
    }

    /// Who a connection has shown to be.
    pub fn identify(&self, origin: ConnectionId, auth: Vec<Id>) {
        self.change().identify(origin, auth);
    }

    /// Enters a new connection; its mailbox ends when it is to close.
    pub fn open(&self, info: Arc<ConnectionInfo>) -> (ConnectionId, mpsc::Receiver<ToConnection>) {
        let id = ConnectionId(self.next_connection.fetch_add(1, Ordering::Relaxed));
        let (mailbox, receiver) = mpsc::channel(MAILBOX);
        self.connections().open.insert(id, Open { mailbox: Some(mailbox), info });
        (id, receiver)
    }

    /// A session goes on at this connection; an older connection of it is closed.
    pub fn attach(&self, session: SessionId, id: ConnectionId) {
        let mut connections = self.connections();
        if let Some(older) = connections.sessions.insert(session, id).filter(|it| *it != id) {
            connections.close(older);
        }
    }

    /// Forgets a connection that is gone, and its watches.
    pub fn forget(&self, id: ConnectionId, session: Option<SessionId>) {
        self.change().forget(id);
        let mut connections = self.connections();
        connections.open.remove(&id);
        if let Some(session) = session
            && connections.sessions.get(&session) == Some(&id)
        {
            connections.sessions.remove(&session);
        }
    }

    /// The open connections, oldest first.
    #[must_use]
    pub fn infos(&self) -> Vec<Arc<ConnectionInfo>> {
        self.connections().open.values().map(|open| Arc::clone(&open.info)).collect()
    }
}

impl Connections {
    fn hand_out(&mut self, outbox: Outbox) {
        for (origin, message) in outbox.messages {
            self.put(origin, ToConnection::Client(message));
        }
        for session in outbox.closed {
            self.close_session(session);
        }
        for origin in outbox.moved {
            self.close(origin);
        }
    }

    fn put(&mut self, origin: ConnectionId, message: ToConnection) {
        let Some(open) = self.open.get_mut(&origin) else { return };
        let Some(mailbox) = &open.mailbox else { return };
        if mailbox.try_send(message).is_err() {
            tracing::warn!("{} does not read its answers; it is closed", open.info.address);
            open.mailbox = None;
        }
    }

    fn close(&mut self, id: ConnectionId) {
        if let Some(open) = self.open.get_mut(&id) {
            open.mailbox = None;
        }
    }

    /// Closes the connection that a session is at, if it is at one here.
    fn close_session(&mut self, session: SessionId) {
        if let Some(id) = self.sessions.remove(&session) {
            self.close(id);
        }
    }

    fn close_all(&mut self) {
        for open in self.open.values_mut() {
            open.mailbox = None;
        }
    }
}
