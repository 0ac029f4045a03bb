//! The replicated state of one server: tree, sessions, watches, and how far it has got.
//!
//! Below the core: deliveries come in zxid order and are applied one at a time; reads never pass
//! through the core. Invariants:
//! 1. Only committed transactions reach the tree, each at most once.
//! 2. The events of a transaction come before the reply to it, and both before anything later.
//! 3. A watch is set in the same step as the read that asks for it.
//!
//! Left to others: who may be answered when (`service::pipeline`), connections (the driver).

pub mod acl;
pub mod apply;
pub mod digest;
pub mod image;
mod password;
pub mod path;
mod quota;
pub mod read;
#[cfg(test)]
mod tests;
pub mod tree;
pub mod watches;
mod watching;
pub mod znode;

pub use apply::{Applied, Trigger};
pub use image::ImageError;
pub use password::password;
pub use tree::DataTree;
pub use watches::{Mode, Table, WatchManager};
pub use znode::{Owner, PersistedStat, Znode};

use crate::base::{ConnectionId, SessionId, Zxid};
use crate::effects::Delivery;
use crate::message::{
    ErrorCode, Id, Image, MultiResult, Op, Reply, ReplyBody, Txn, TxnBody, WatchEvent,
};
use bytes::{Bytes, BytesMut};

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
///
/// ```
/// use vivarium_protocol::base::{SessionId, Zxid};
/// use vivarium_protocol::message::{Op, ReplyBody};
/// use vivarium_protocol::replica::{DataTree, Replica};
///
/// let replica = Replica::new(DataTree::new(), Zxid::ZERO);
/// let op = Op::GetChildren { path: Some("/".to_owned()), watch: false };
/// let reply = replica.read_shared(&op, &[], SessionId(1), 1).expect("it leaves no watch");
/// assert_eq!(reply.result, Ok(ReplyBody::Children(vec!["zookeeper".to_owned()])));
/// ```
#[derive(Clone, Debug)]
pub struct Replica {
    tree: DataTree,
    watches: WatchManager,
    last_zxid: Zxid,
    serving_from: Option<Zxid>,
    read_only: bool,
    digest_mismatches: u64,
}

impl Replica {
    /// A replica that stands at `last_zxid` and serves nobody yet.
    #[must_use]
    pub fn new(tree: DataTree, last_zxid: Zxid) -> Replica {
        let watches = WatchManager::default();
        Replica {
            tree,
            watches,
            last_zxid,
            serving_from: None,
            read_only: false,
            digest_mismatches: 0,
        }
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

    /// Whether only those clients may be answered that accept a server without a leader, and only
    /// what they read.
    #[must_use]
    pub fn read_only(&self) -> bool {
        self.read_only
    }

    /// The watches.
    #[must_use]
    pub fn watches(&self) -> &WatchManager {
        &self.watches
    }

    /// How many transactions carried a digest that was not this tree's afterwards.
    #[must_use]
    pub fn digest_mismatches(&self) -> u64 {
        self.digest_mismatches
    }

    /// Sets the text of `/zookeeper/config`, as a server of an ensemble does when it starts.
    pub fn set_config(&mut self, text: Bytes, version: Zxid, mtime_ms: i64) {
        self.tree.set_config(text, version, mtime_ms);
    }

    /// Takes one delivery. `Reload` does nothing here: the driver turns it into `apply_txn` calls
    /// from its log. A `Restore` that does not decode changes nothing but ends serving; drivers
    /// refuse such an image when it arrives.
    pub fn deliver(&mut self, delivery: &Delivery, out: &mut Outbox) {
        match delivery {
            Delivery::Txn { txn, origin } => self.apply_txn(txn, *origin, out),
            Delivery::Sync { origin, cxid, path } => {
                let result = Ok(ReplyBody::Path(path.clone()));
                let reply = Reply { cxid: *cxid, zxid: self.reply_zxid(), result };
                out.messages.push((*origin, ToClient::Reply(reply)));
            }
            Delivery::Reload { .. } => {}
            Delivery::Restore(image) => {
                if self.restore(image).is_err() {
                    self.serving_from = None;
                }
            }
            Delivery::Configure { ensemble, time_ms } => {
                let (text, version) = (ensemble.text().into(), Zxid(ensemble.version));
                let told = self.tree.get(path::CONFIG).and_then(|node| node.data.as_ref());
                if told != Some(&text) {
                    self.tree.set_config(text, version, *time_ms);
                }
            }
            Delivery::Serve { at } => self.serving_from = Some(*at),
            Delivery::ServeReadOnly => self.read_only = true,
            Delivery::StopServing => (self.serving_from, self.read_only) = (None, false),
        }
    }

    /// Applies one transaction: events into `out` first, then the answer to its origin. A
    /// transaction at or before the last zxid does nothing, so a log may be replayed from any
    /// point.
    pub fn apply_txn(&mut self, txn: &Txn, origin: Option<ConnectionId>, out: &mut Outbox) {
        if txn.header.zxid <= self.last_zxid {
            return;
        }
        let mut triggers = Vec::new();
        let applied = self.tree.apply(txn, &mut triggers);
        self.last_zxid = txn.header.zxid;
        self.compare_digest(txn);
        if !self.watches.is_empty() {
            for trigger in &triggers {
                self.watches.fire(trigger, txn.header.zxid, &mut out.messages);
            }
        }
        if let Some(origin) = origin {
            self.answer_origin(txn, &applied, origin, out);
        }
        if let TxnBody::CloseSession { .. } = txn.body {
            out.closed.push(txn.header.session);
        }
    }

    fn compare_digest(&mut self, txn: &Txn) {
        let differs = txn.digest.is_some_and(|digest| {
            digest.version == digest::VERSION && digest.tree != self.tree.digest()
        });
        self.digest_mismatches += u64::from(differs);
    }

    /// A client whose session has moved is not answered; its connection closes.
    fn answer_origin(&self, txn: &Txn, applied: &Applied, origin: ConnectionId, out: &mut Outbox) {
        let result = apply::reply(txn, applied);
        if has_moved(&result) {
            return out.moved.push(origin);
        }
        let reply = Reply { cxid: txn.header.cxid, zxid: self.reply_zxid(), result };
        out.messages.push((origin, ToClient::Reply(reply)));
    }

    /// Answers a request that does not go through the log, and sets or removes its watches in the
    /// same step. SetWatches puts the events of what was missed into `out`, to be sent before the
    /// reply.
    pub fn read(
        &mut self,
        origin: ConnectionId,
        cxid: i32,
        op: &Op,
        auth: &[Id],
        session: SessionId,
        out: &mut Outbox,
    ) -> Reply {
        let mut asker = watching::Asker { watches: &mut self.watches, origin, auth, out };
        let result = match asker.answer(&self.tree, op) {
            Some(result) => result,
            None => read::answer(&self.tree, op, auth, session),
        };
        if let Some((table, path)) = read::watch_left(op, &result) {
            self.watches.add(table, path, Mode::Standard, origin, auth);
        }
        Reply { cxid, zxid: self.reply_zxid(), result }
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
        if read::wants_watch(op) || op.is_write() {
            return None;
        }
        let result = read::answer(&self.tree, op, auth, session);
        Some(Reply { cxid, zxid: self.reply_zxid(), result })
    }

    /// A connection is closed: its watches go.
    pub fn forget(&mut self, origin: ConnectionId) {
        self.watches.forget(origin);
    }

    /// Who a connection has shown to be by now, for the filtering of its events.
    pub fn identify(&mut self, origin: ConnectionId, auth: Vec<Id>) {
        self.watches.identify(origin, auth);
    }

    /// The whole state as bytes, at the last zxid.
    #[must_use]
    pub fn image(&self) -> Image {
        let mut bytes = BytesMut::new();
        image::encode(&self.tree, &mut bytes);
        Image { zxid: self.last_zxid, bytes: bytes.freeze() }
    }

    /// Forgets the tree and takes that of the image.
    ///
    /// # Errors
    ///
    /// When the image does not decode; nothing has changed then.
    pub fn restore(&mut self, image: &Image) -> Result<(), ImageError> {
        let (tree, used) = image::decode(&image.bytes)?;
        if used != image.bytes.len() {
            return Err(ImageError::Trailing(image.bytes.len() - used));
        }
        self.tree = tree;
        self.last_zxid = image.zxid;
        Ok(())
    }
}

/// Whether a request failed because its session is now at another server, be it inside a multi.
fn has_moved(result: &Result<ReplyBody, ErrorCode>) -> bool {
    let moved = MultiResult::Error(ErrorCode::SessionMoved.number());
    match result {
        Err(code) => *code == ErrorCode::SessionMoved,
        Ok(ReplyBody::Multi(results)) => results.contains(&moved),
        Ok(_) => false,
    }
}
