//! What a leader makes of requests, who is alive, and what own clients wait for.

pub mod auth;
pub mod pipeline;

pub use pipeline::{Pipeline, Step};

use crate::base::{Config, ConnectionId, Now, ServerId, SessionId, Time, Zxid};
use crate::message::{Request, Txn, TxnBody, TxnHeader};
use crate::replica::DataTree;
use std::sync::Arc;

/// The request service of one server: preparation and sessions while it leads, and in every role
/// the requests of its own clients that are on their way.
#[derive(Clone, Debug)]
pub struct Service {
    config: Arc<Config>,
}

impl Service {
    /// A service that does not lead and waits for nothing.
    #[must_use]
    pub fn new(config: &Arc<Config>) -> Service {
        Service { config: Arc::clone(config) }
    }

    /// This server leads from here on, and `tree` holds all that came before: every session in it
    /// gets its full timeout.
    pub fn begin_leading(&mut self, now: Now, tree: &DataTree) {
        let _ = (now, tree, &self.config);
    }

    /// Makes the transaction of a request, validated against the tree and everything proposed and
    /// not yet applied. A request that fails becomes an error transaction, or a failed multi.
    /// `owner` is the server that the client is connected to.
    pub fn prepare(
        &mut self,
        now: Now,
        zxid: Zxid,
        request: &Request,
        owner: ServerId,
        tree: &DataTree,
    ) -> Txn {
        let _ = (owner, tree);
        let header =
            TxnHeader { session: request.session, cxid: request.cxid, zxid, time_ms: now.wall_ms };
        Txn { header, body: TxnBody::Error { code: -6 }, digest: None }
    }

    /// The tree holds everything up to here: what was projected of it is forgotten.
    pub fn applied(&mut self, upto: Zxid) {
        let _ = upto;
    }

    /// A client was heard from.
    pub fn touch(&mut self, now: Now, session: SessionId, timeout_ms: i32) {
        let _ = (now, session, timeout_ms);
    }

    /// Whether a session may go on at `owner`, which becomes its owner then.
    pub fn revalidate(
        &mut self,
        now: Now,
        session: SessionId,
        timeout_ms: i32,
        owner: ServerId,
    ) -> bool {
        let _ = (now, session, timeout_ms, owner);
        true
    }

    /// When the next sessions expire, unless they are heard from; `None` while not leading.
    #[must_use]
    pub fn next_expiry(&self) -> Option<Time> {
        None
    }

    /// The sessions whose time is up, now marked closing; each is to be closed by an internal
    /// closeSession (cxid 0).
    pub fn expired(&mut self, now: Now) -> Vec<SessionId> {
        let _ = now;
        Vec::new()
    }

    /// This server leads no longer: sessions, owners and projected changes are forgotten.
    pub fn stop_leading(&mut self) {}

    /// A request of an own client that will come back as a transaction (never a sync) is on its
    /// way.
    pub fn submitted(&mut self, request: &Request, origin: ConnectionId) {
        let _ = (request, origin);
    }

    /// The connection of the own client whose oldest request became this transaction, matched by
    /// session and cxid; `None` if it is no own client's, or its connection is gone.
    pub fn committed(&mut self, txn: &TxnHeader) -> Option<ConnectionId> {
        let _ = txn;
        None
    }

    /// A connection is gone: its requests may still become transactions, but nobody is answered.
    pub fn disconnected(&mut self, origin: ConnectionId) {
        let _ = origin;
    }

    /// How many requests of own clients are on their way.
    #[must_use]
    pub fn under_way(&self) -> usize {
        0
    }

    /// Forgets the requests on their way; returns where each answer would have gone, and its cxid.
    pub fn drop_all(&mut self) -> Vec<(ConnectionId, i32)> {
        Vec::new()
    }
}

/// The password of a session: 16 bytes that every server can compute.
#[must_use]
pub fn password(session: SessionId) -> [u8; 16] {
    let _ = session;
    [0; 16]
}

/// The first session id that a server hands out after a start; each session takes the next.
#[must_use]
pub fn first_session_id(id: ServerId, clock_ms: i64) -> SessionId {
    SessionId((((clock_ms << 24) as u64) >> 8) as i64 | (id.0 << 56))
}
