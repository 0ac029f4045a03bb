//! One server as the world keeps it: what a crash takes, and what it leaves.

use std::sync::Arc;

use vivarium_protocol::Server;
use vivarium_protocol::base::{Config, ConnectionId, ServerId, SessionId, SortedMap, Time, Zxid};
use vivarium_protocol::effects::Delivery;
use vivarium_protocol::message::PeerState;
use vivarium_protocol::replica::Replica;
use vivarium_protocol::service::{Pipeline, first_session_id};
use vivarium_protocol::trace::{PeerStatus, Timer};

use crate::agenda::{Event, Key};
use crate::disk::Disk;

/// One server of the world.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Its id.
    pub id: ServerId,
    /// Its configuration.
    pub config: Arc<Config>,
    /// The running core; `None` while it is down.
    pub server: Option<Server>,
    /// Its replica; while it is down, as it last stood.
    pub replica: Replica,
    /// Its disk.
    pub disk: Disk,
    /// Whether it takes no steps.
    pub paused: bool,
    /// Why it stopped for good, if it did so by itself.
    pub halted: Option<String>,
    /// The transactions that its last crash lost.
    pub last_lost: Vec<Zxid>,
    /// The record that its last crash left half written at the end of the log: the next start finds
    /// it damaged and cuts it off.
    pub half_written: Option<Zxid>,
    /// Its own zoo.cfg, if it has one.
    pub own_file: Option<OwnFile>,
    /// What it will be told at its next start, if that differs from `config`.
    pub next_config: Option<Arc<Config>>,
    /// How many unsynced effects the crash that is about to come keeps.
    pub(crate) tearing: Option<usize>,
    pub(crate) process: Process,
}

/// A zoo.cfg that one server has to itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnFile {
    /// The file.
    pub text: Arc<str>,
    /// What it says.
    pub config: Arc<Config>,
}

/// What a server's process keeps beside the core; a crash takes it all.
#[derive(Clone, Debug)]
pub(crate) struct Process {
    /// The deadline on the agenda.
    pub(crate) deadline: Option<(Key, Time, Timer)>,
    /// What waits for the replica.
    pub(crate) deliveries: Vec<Delivery>,
    /// What arrived while paused, with the steps that caused it.
    pub(crate) held: Vec<(Event, Option<u64>)>,
    /// Its clients.
    pub(crate) connections: SortedMap<ConnectionId, Served>,
    pub(crate) next_connection: u64,
    pub(crate) next_session: SessionId,
    pub(crate) applied_since_snapshot: u64,
    /// Whether the next report of sessions heard from is on the agenda.
    pub(crate) touching: bool,
}

impl Process {
    pub(crate) fn new(id: ServerId, wall_ms: i64) -> Process {
        Process {
            deadline: None,
            deliveries: Vec::new(),
            held: Vec::new(),
            connections: SortedMap::new(),
            next_connection: 1,
            next_session: first_session_id(id, wall_ms),
            applied_since_snapshot: 0,
            touching: false,
        }
    }
}

/// One client connection as its server sees it.
#[derive(Clone, Debug)]
pub(crate) struct Served {
    /// Which client.
    pub(crate) client: u32,
    /// Which of the client's attempts to connect.
    pub(crate) attempt: u64,
    pub(crate) session: SessionId,
    pub(crate) timeout_ms: i32,
    /// The order of its requests, once the session is granted.
    pub(crate) pipeline: Option<Pipeline>,
    /// When the last answer arrives at the client: answers do not overtake each other.
    pub(crate) last: Time,
}

impl Peer {
    /// Whether it runs.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.server.is_some()
    }

    /// Its status while it runs.
    #[must_use]
    pub fn status(&self) -> Option<PeerStatus> {
        self.server.as_ref().map(Server::status)
    }

    /// Whether it answers clients, and will not stop with the next delivery.
    #[must_use]
    pub fn serves(&self) -> bool {
        let looks = |server: &Server| server.role() == PeerState::Looking;
        self.server.as_ref().is_some_and(|server| !looks(server)) && self.replica.serving()
    }

    /// The last transaction that its replica has applied.
    #[must_use]
    pub fn applied(&self) -> Zxid {
        self.replica.last_zxid()
    }

    /// The numbers of the clients that are connected here.
    pub fn clients(&self) -> impl Iterator<Item = u32> {
        self.process.connections.values().map(|served| served.client)
    }

    /// Writes a snapshot of what is applied, if the own log has synced as far; tells whether.
    pub(crate) fn snapshot(&mut self) -> bool {
        let zxid = self.replica.last_zxid();
        let safe = zxid <= self.disk.durable().last() && self.disk.unsynced() == 0;
        if safe {
            self.disk.write_snapshot(zxid, self.replica.tree().clone());
            self.process.applied_since_snapshot = 0;
        }
        safe
    }
}
