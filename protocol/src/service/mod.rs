//! The request service of a server: what a leader makes of requests (`prep`, `multi`), who lives
//! (`sessions`), and what own clients wait for (`pending`, `pipeline`).
//!
//! Between `zab`, which orders transactions without looking inside, and the replica, which applies
//! them. Invariants:
//! 1. Every request given to `prepare` becomes exactly one transaction, be it an error.
//! 2. A request is checked against everything proposed before it, applied or not.
//! 3. Only a leader has sessions and outstanding changes.

pub mod auth;
pub mod cleaner;
pub mod local;
pub mod multi;
pub mod outstanding;
pub mod password;
pub mod pending;
pub mod pipeline;
pub mod prep;
mod reconfig;
pub mod sessions;
#[cfg(test)]
mod tests;

pub use password::{first_session_id, password};
pub use pipeline::{Pipeline, Step};

use cleaner::Cleaner;
use outstanding::Outstanding;
use pending::Pending;
use prep::Preparation;
use sessions::SessionTracker;

use crate::base::{Config, ConnectionId, Now, ServerId, SessionId, SortedSet, Time, Zxid};
use crate::message::{Request, Txn, TxnBody, TxnDigest, TxnHeader};
use crate::replica::{DataTree, digest};
use std::sync::Arc;

/// The request service of one server: preparation and sessions while it leads, and in every role
/// the requests of its own clients that are on their way.
///
/// ```
/// use std::sync::Arc;
/// use vivarium_protocol::base::{Config, Ensemble, Now, ServerId, SessionId, Zxid};
/// use vivarium_protocol::message::{Op, Request, TxnBody};
/// use vivarium_protocol::replica::DataTree;
/// use vivarium_protocol::service::Service;
///
/// let (me, tree) = (ServerId(1), DataTree::new());
/// let mut service = Service::new(&Arc::new(Config::new(me, Arc::new(Ensemble::numbered(3, 0)))));
/// service.begin_leading(Now::default(), &tree);
/// let op = Op::Delete { path: Some("/a".to_owned()), version: -1 };
/// let request = Request { session: SessionId(7), cxid: 1, op, auth: Vec::new() };
/// let txn = service.prepare(Now::default(), Zxid(1), &request, me, &tree);
/// assert_eq!(txn.body, TxnBody::Error { code: -112 }, "nobody has opened that session");
/// ```
#[derive(Clone, Debug)]
pub struct Service {
    config: Arc<Config>,
    sessions: SessionTracker,
    outstanding: Outstanding,
    pending: Pending,
    cleaner: Cleaner,
    leads: bool,
    /// The followers of this leader that have its history.
    in_step: SortedSet<ServerId>,
}

impl Service {
    /// A service that does not lead and waits for nothing.
    #[must_use]
    pub fn new(config: &Arc<Config>) -> Service {
        Service {
            config: Arc::clone(config),
            sessions: SessionTracker::new(config.tick_time_ms),
            outstanding: Outstanding::default(),
            pending: Pending::default(),
            cleaner: Cleaner::default(),
            leads: false,
            in_step: SortedSet::new(),
        }
    }

    /// The members have changed, or are about to.
    pub fn configure(&mut self, config: &Arc<Config>) {
        if !Arc::ptr_eq(&self.config, config) {
            self.config = Arc::clone(config);
        }
    }

    /// Which followers have this leader's history; a reconfiguration is checked against that.
    pub fn set_in_step(&mut self, learners: SortedSet<ServerId>) {
        self.in_step = learners;
    }

    /// This server leads from here on, and `tree` holds all that came before: every session in it
    /// gets its full timeout.
    pub fn begin_leading(&mut self, now: Now, tree: &DataTree) {
        self.sessions.restart(now, tree.sessions());
        self.outstanding.restart(tree);
        self.leads = true;
        self.clean(now, tree);
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
        if self.outstanding.is_empty() {
            self.outstanding.restart(tree);
        }
        let mut preparation = Preparation {
            tree,
            outstanding: &mut self.outstanding,
            sessions: &mut self.sessions,
            config: &self.config,
            now,
            zxid,
            request,
            owner,
            in_step: &self.in_step,
        };
        let prepared = preparation.prepare();
        let (session, cxid, time_ms) = (request.session, request.cxid, now.wall_ms);
        let header = TxnHeader { session, cxid, zxid, time_ms };
        match prepared {
            Ok(body) => {
                let tree = self.outstanding.digest();
                Txn { header, body, digest: Some(TxnDigest { version: digest::VERSION, tree }) }
            }
            Err(code) => Txn { header, body: TxnBody::Error { code: code.number() }, digest: None },
        }
    }

    /// The tree holds everything up to here: what was projected of it is forgotten.
    pub fn applied(&mut self, upto: Zxid) {
        self.outstanding.applied(upto);
    }

    /// While leading: sees to it that what need not stay in the tree is looked for.
    pub fn clean(&mut self, now: Now, tree: &DataTree) {
        if self.leads {
            self.cleaner.begin(now, tree, &self.config.znodes);
        }
    }

    /// When to look for containers and nodes that need not stay; `None` while there are none.
    #[must_use]
    pub fn next_cleaning(&self) -> Option<Time> {
        self.cleaner.next()
    }

    /// The path to ask an internal deleteContainer (session and cxid 0) for, if it is time for one.
    pub fn take_unneeded(&mut self, now: Now, tree: &DataTree) -> Option<Arc<str>> {
        self.cleaner.take_due(now, tree, &self.config.znodes)
    }

    /// A client was heard from.
    pub fn touch(&mut self, now: Now, session: SessionId, timeout_ms: i32) {
        self.sessions.touch(now, session, timeout_ms);
    }

    /// Whether a session may go on at `owner`, which becomes its owner then.
    pub fn revalidate(
        &mut self,
        now: Now,
        session: SessionId,
        timeout_ms: i32,
        owner: ServerId,
    ) -> bool {
        self.sessions.revalidate(now, session, timeout_ms, owner)
    }

    /// When the next sessions expire, unless they are heard from; `None` while not leading.
    #[must_use]
    pub fn next_expiry(&self) -> Option<Time> {
        self.sessions.next_expiry()
    }

    /// The sessions whose time is up, now marked closing; each is to be closed by an internal
    /// closeSession (cxid 0).
    pub fn expired(&mut self, now: Now) -> Vec<SessionId> {
        self.sessions.expired(now)
    }

    /// This server leads no longer: sessions, owners and projected changes are forgotten.
    pub fn stop_leading(&mut self) {
        self.leads = false;
        self.cleaner = Cleaner::default();
        self.sessions.clear();
        self.outstanding = Outstanding::default();
    }

    /// A request of an own client that will come back as a transaction (never a sync) is on its
    /// way.
    pub fn submitted(&mut self, request: &Request, origin: ConnectionId) {
        self.pending.push(request, origin);
    }

    /// The connection of the own client whose oldest request became this transaction, matched by
    /// session and cxid; `None` if it is no own client's, or its connection is gone.
    pub fn committed(&mut self, txn: &Txn) -> Option<ConnectionId> {
        self.pending.take(txn)
    }

    /// A connection is gone: its requests may still become transactions, but nobody is answered.
    pub fn disconnected(&mut self, origin: ConnectionId) {
        self.pending.disconnect(origin);
    }

    /// How many requests of own clients are on their way.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.pending.len()
    }

    /// Forgets the requests on their way; returns where each answer would have gone, and its cxid.
    pub fn drop_all(&mut self) -> Vec<(ConnectionId, i32)> {
        self.pending.drain()
    }
}
