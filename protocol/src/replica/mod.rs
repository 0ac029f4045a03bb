//! The replicated state of one server: tree, sessions, watches, and how far it has got.
//!
//! Below the core: deliveries come in zxid order and are applied one at a time; reads never pass
//! through the core. Invariants:
//! 1. Only committed transactions reach the tree, each at most once.
//! 2. The events of a transaction come before the reply to it, and both before anything later.
//! 3. A watch is set in the same step as the read that asks for it.
//!
//! Left to others: who may be answered when (`service::pipeline`), connections (the driver).

pub mod image;
pub mod tree;

pub use image::ImageError;
pub use tree::DataTree;

use crate::base::{ConnectionId, SessionId, Zxid};
use crate::effects::Delivery;
use crate::message::{ErrorCode, Id, Image, Op, Reply, Txn, WatchEvent};

/// What applying and reading have to tell clients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outbox {
    /// In order: the events of a transaction before the reply to it.
    pub messages: Vec<(ConnectionId, ToClient)>,
    /// Sessions that ended: their connections close after the messages.
    pub closed: Vec<SessionId>,
    /// Connections whose session has moved to another server: close them without a word.
    pub moved: Vec<ConnectionId>,
}

/// One message for one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToClient {
    /// A watch fired.
    Event(WatchEvent),
    /// The answer to a request.
    Reply(Reply),
}

/// One server's copy of the replicated state, with its own clients' watches beside it.
#[derive(Clone, Debug)]
pub struct Replica {
    tree: DataTree,
    watches: WatchManager,
    last_zxid: Zxid,
    serving_from: Option<Zxid>,
}

/// The watches of this server's connections.
#[derive(Clone, Debug, Default)]
pub struct WatchManager;

impl Replica {
    /// A replica that stands at `last_zxid` and serves nobody yet.
    #[must_use]
    pub fn new(tree: DataTree, last_zxid: Zxid) -> Replica {
        Replica { tree, watches: WatchManager, last_zxid, serving_from: None }
    }

    /// The tree.
    #[must_use]
    pub fn tree(&self) -> &DataTree {
        &self.tree
    }

    /// The last transaction applied.
    #[must_use]
    pub fn last_zxid(&self) -> Zxid {
        self.last_zxid
    }

    /// The zxid that replies carry: the last one applied, or the start of the epoch that a leader
    /// stands at, if that is higher. A client that has seen more is to be turned away.
    #[must_use]
    pub fn reply_zxid(&self) -> Zxid {
        self.serving_from.map_or(self.last_zxid, |at| at.max(self.last_zxid))
    }

    /// Whether clients may be answered.
    #[must_use]
    pub fn serving(&self) -> bool {
        self.serving_from.is_some()
    }

    /// The watches.
    #[must_use]
    pub fn watches(&self) -> &WatchManager {
        &self.watches
    }

    /// Takes one delivery. `Reload` does nothing here: the driver turns it into `apply_txn` calls
    /// from its log. A `Restore` that does not decode changes nothing and ends serving; drivers
    /// refuse such an image when it arrives.
    pub fn deliver(&mut self, delivery: &Delivery, out: &mut Outbox) {
        let _ = (delivery, out);
    }

    /// Applies one transaction and answers its origin. A transaction at or before the last zxid
    /// does nothing, so a log may be replayed from any point.
    pub fn apply_txn(&mut self, txn: &Txn, origin: Option<ConnectionId>, out: &mut Outbox) {
        let _ = (origin, out);
        self.last_zxid = self.last_zxid.max(txn.header.zxid);
    }

    /// Answers a request that does not go through the log, and registers its watch in the same
    /// step. SetWatches puts the events of what was missed into `out`, to be sent before the reply.
    pub fn read(
        &mut self,
        origin: ConnectionId,
        cxid: i32,
        op: &Op,
        auth: &[Id],
        session: SessionId,
        out: &mut Outbox,
    ) -> Reply {
        let _ = (origin, op, auth, session, out);
        Reply { cxid, zxid: self.reply_zxid(), result: Err(ErrorCode::Unimplemented) }
    }

    /// The same without watches, for a shared lock; `None` if the request needs [`Replica::read`].
    #[must_use]
    pub fn read_shared(
        &self,
        op: &Op,
        auth: &[Id],
        session: SessionId,
        cxid: i32,
    ) -> Option<Reply> {
        let _ = (op, auth, session, cxid);
        None
    }

    /// A connection is closed: its watches go.
    pub fn forget(&mut self, origin: ConnectionId) {
        let _ = origin;
    }

    /// Who a connection has shown to be by now, for the filtering of its events.
    pub fn identify(&mut self, origin: ConnectionId, auth: Vec<Id>) {
        let _ = (origin, auth);
    }

    /// The whole state as bytes, at the last zxid.
    #[must_use]
    pub fn image(&self) -> Image {
        Image { zxid: self.last_zxid, bytes: bytes::Bytes::new() }
    }

    /// Forgets the tree and takes that of the image.
    ///
    /// # Errors
    ///
    /// When the image does not decode; nothing has changed then.
    pub fn restore(&mut self, image: &Image) -> Result<(), ImageError> {
        self.last_zxid = image.zxid;
        Ok(())
    }
}
