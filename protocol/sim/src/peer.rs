//! One server as the world keeps it: what a crash takes, and what it leaves.

use crate::disk::Disk;
use crate::standin::Server;
use std::sync::Arc;
use vivarium_protocol::base::{Config, ServerId, Zxid};
use vivarium_protocol::replica::Replica;
use vivarium_protocol::trace::PeerStatus;

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

    /// The last transaction that its replica has applied.
    #[must_use]
    pub fn applied(&self) -> Zxid {
        self.replica.last_zxid()
    }
}
