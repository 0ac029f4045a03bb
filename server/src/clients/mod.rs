//! Clients: the port they connect to, one task a connection, and the limits at the door.
//!
//! Invariants:
//! 1. Replies leave in the order of the requests; what a transaction changed is told to a watching
//!    client before any reply that shows it. (`service::pipeline` and the replica's mailboxes.)
//! 2. A client that does not read its answers is closed, and a client that asks too much is read
//!    more slowly; neither costs the others anything.

pub mod admission;
pub mod connection;
pub mod conversation;
pub mod flow;
pub mod handshake;
pub mod identify;
pub mod listener;
pub mod stream;
pub mod throttle;

use crate::admin::stats::Stats;
use crate::auth::Authentication;
use crate::core_loop::{Event, Overview, wall_ms};
use crate::replica::SharedReplica;
use flow::Flow;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use throttle::{ConnectionThrottle, RequestThrottle};
use tokio::sync::{mpsc, watch};
use vivarium_protocol::Input;
use vivarium_protocol::base::{Config, SessionId};
use vivarium_protocol::message::Id;

/// What a connection tells about itself.
#[derive(Debug)]
pub struct ConnectionInfo {
    /// The client's end.
    pub address: SocketAddr,
    /// The ids that its certificate gives it.
    pub certificate: Vec<Id>,
    /// Its session; 0 before it has one.
    pub session: AtomicI64,
    /// Its session timeout, milliseconds.
    pub timeout_ms: AtomicI64,
    /// Requests received.
    pub received: AtomicU64,
    /// Replies and events sent.
    pub sent: AtomicU64,
    /// Requests that are not yet answered.
    pub queued: AtomicU64,
    /// Since when, milliseconds since 1970.
    pub established_ms: i64,
}

impl ConnectionInfo {
    /// A new connection from an address, with the ids that its certificate gives it.
    #[must_use]
    pub fn new(address: SocketAddr, certificate: Vec<Id>) -> ConnectionInfo {
        ConnectionInfo {
            address,
            certificate,
            session: AtomicI64::new(0),
            timeout_ms: AtomicI64::new(0),
            received: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            queued: AtomicU64::new(0),
            established_ms: wall_ms(),
        }
    }
}

/// What the client port can be told, from zoo.cfg.
#[derive(Clone, Debug)]
pub struct Limits {
    /// `maxClientCnxns`: connections from one address; 0 for no limit.
    pub max_connections_per_ip: usize,
    /// `maxCnxns`: connections in all; 0 for no limit.
    pub max_connections: usize,
    /// `jute.maxbuffer`: the longest frame from a client, bytes.
    pub max_frame: usize,
    /// `4lw.commands.whitelist`.
    pub commands: Vec<String>,
    /// `clientTcpKeepAlive`.
    pub keep_alive: bool,
    /// How much may be asked for at once.
    pub flow: Flow,
}

/// The parts of a [`ClientPort`] that others have, too.
#[derive(Clone, Debug)]
pub struct Shared {
    /// The core's configuration.
    pub config: Arc<Config>,
    /// The replica.
    pub replica: Arc<SharedReplica>,
    /// The core loop's mailbox for clients.
    pub core: mpsc::Sender<Input>,
    /// The core loop's mailbox for questions.
    pub events: mpsc::Sender<Event>,
    /// How this server stands.
    pub overview: watch::Receiver<Overview>,
    /// How many syncs of the disk took longer than `fsync.warningthresholdms`.
    pub slow_syncs: Arc<AtomicU64>,
}

/// What all connections of the client port share.
#[derive(Debug)]
pub struct ClientPort {
    /// What others have, too.
    pub shared: Shared,
    /// The limits.
    pub limits: Limits,
    /// How clients say who they are.
    pub authentication: Authentication,
    /// Counters for monitoring.
    pub stats: Stats,
    /// Who may connect now.
    pub connections: ConnectionThrottle,
    /// Which requests are done now.
    pub requests: RequestThrottle,
    /// What the word `conf` shows, in order.
    pub settings: Vec<(String, String)>,
    next_session: AtomicI64,
    heard: Mutex<BTreeMap<SessionId, i32>>,
}

impl ClientPort {
    /// A port that hands out session ids from `first_session` on.
    #[must_use]
    pub fn new(
        shared: Shared,
        limits: Limits,
        authentication: Authentication,
        settings: Vec<(String, String)>,
        first_session: SessionId,
    ) -> ClientPort {
        let seed = wall_ms().unsigned_abs();
        let flow = limits.flow.connections.clone();
        ClientPort {
            shared,
            connections: ConnectionThrottle::new(flow, Instant::now(), seed),
            requests: RequestThrottle::new(&limits.flow),
            limits,
            authentication,
            stats: Stats::default(),
            settings,
            next_session: AtomicI64::new(first_session.0),
            heard: Mutex::default(),
        }
    }

    /// The replica.
    #[must_use]
    pub fn replica(&self) -> &SharedReplica {
        &self.shared.replica
    }

    /// The id of a new session.
    pub fn draw_session(&self) -> SessionId {
        SessionId(self.next_session.fetch_add(1, Ordering::Relaxed))
    }

    /// Notes that a client was heard from; the core is told before long.
    pub fn heard(&self, session: SessionId, timeout_ms: i32) {
        self.notes().insert(session, timeout_ms);
    }

    fn notes(&self) -> MutexGuard<'_, BTreeMap<SessionId, i32>> {
        self.heard.lock().expect("whoever notes a session does not panic")
    }

    /// Tells the core every half tick which sessions were heard from, as often as a leader asks
    /// its learners.
    pub async fn report_touches(self: Arc<ClientPort>) {
        let half_tick = (self.shared.config.tick_time_ms / 2).max(1);
        let mut ticks = tokio::time::interval(Duration::from_millis(half_tick));
        loop {
            ticks.tick().await;
            let heard = std::mem::take(&mut *self.notes());
            if heard.is_empty() {
                continue;
            }
            let touched = Event::Touched(heard.into_iter().collect());
            if self.shared.events.send(touched).await.is_err() {
                return;
            }
        }
    }
}
