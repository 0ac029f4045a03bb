//! Who asks, and what clients are told. What they can ask is in `operation`.

use super::{ErrorCode, Op};
use crate::base::{SessionId, Zxid};
use bytes::Bytes;

/// An identity: a scheme and an id within it, as in `digest:ann:…`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// `world`, `auth`, `ip`, `digest`, `super` …
    pub scheme: String,
    /// The id within the scheme.
    pub id: String,
}

/// One entry of an access control list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Acl {
    /// READ 1, WRITE 2, CREATE 4, DELETE 8, ADMIN 16.
    pub perms: i32,
    /// Who is meant.
    pub id: Id,
}

impl Acl {
    /// `world:anyone` with all permissions.
    #[must_use]
    pub fn open() -> Acl {
        Acl { perms: 31, id: Id { scheme: "world".to_owned(), id: "anyone".to_owned() } }
    }
}

/// One request of one session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The session that asks.
    pub session: SessionId,
    /// The client's number for it (xid); 0 for requests that servers make.
    pub cxid: i32,
    /// What is asked.
    pub op: Op,
    /// Who the connection has shown to be when the request arrived.
    pub auth: Vec<Id>,
}

/// A znode's Stat as clients see it: cversion doubled less the children, owner 0 for containers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Stat {
    pub czxid: Zxid,
    pub mzxid: Zxid,
    pub ctime_ms: i64,
    pub mtime_ms: i64,
    pub version: i32,
    pub cversion: i32,
    pub aversion: i32,
    pub ephemeral_owner: i64,
    pub data_length: i32,
    pub num_children: i32,
    pub pzxid: Zxid,
}

/// The result of one element of a multi.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MultiResult {
    /// Type 1.
    Create {
        /// The path made.
        path: String,
    },
    /// Type 15, also for containers and TTL nodes.
    Create2 {
        /// The path made.
        path: String,
        /// Its Stat.
        stat: Stat,
    },
    /// Type 2.
    Delete,
    /// Type 5.
    SetData {
        /// The Stat afterwards.
        stat: Stat,
    },
    /// Type 13.
    Check,
    /// Type 4, of a multiRead.
    Data {
        /// Null and empty differ.
        data: Option<Bytes>,
        /// The Stat.
        stat: Stat,
    },
    /// Type 8, of a multiRead.
    Children(Vec<String>),
    /// Type -1: the code in header and body alike.
    Error(i32),
}

/// The body of a successful reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplyBody {
    /// Delete, ping, closeSession, setWatches, checkWatches, removeWatches, auth.
    Empty,
    /// Create and sync.
    Path(Option<String>),
    /// Create2 and its kin.
    PathStat {
        /// The path made.
        path: String,
        /// Its Stat.
        stat: Stat,
    },
    /// Exists, setData, setACL.
    Stat(Stat),
    /// GetData.
    Data {
        /// Null and empty differ.
        data: Option<Bytes>,
        /// The Stat.
        stat: Stat,
    },
    /// GetACL.
    Acl {
        /// The list, redacted if need be.
        acl: Vec<Acl>,
        /// The Stat.
        stat: Stat,
    },
    /// GetChildren, getEphemerals.
    Children(Vec<String>),
    /// GetChildren2.
    ChildrenStat {
        /// Last components, sorted.
        children: Vec<String>,
        /// The parent's Stat.
        stat: Stat,
    },
    /// GetAllChildrenNumber; 0 for addWatch.
    Number(i32),
    /// The server's next word in a SASL exchange; null when it has none.
    Token(Option<Bytes>),
    /// Multi and multiRead.
    Multi(Vec<MultiResult>),
    /// WhoAmI: scheme and user pairs.
    ClientInfo(Vec<(String, String)>),
    /// ConnectResponse, for createSession and for a session that was resumed or refused.
    Connected {
        /// 0 when refused.
        timeout_ms: i32,
        /// 0 when refused.
        session: SessionId,
        /// 16 bytes; zeros when refused.
        password: [u8; 16],
    },
}

/// What a client is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The request's number.
    pub cxid: i32,
    /// The last zxid applied where the reply was made.
    pub zxid: Zxid,
    /// The body, or ZooKeeper's error number (the body is then empty).
    pub result: Result<ReplyBody, ErrorCode>,
}

/// What a watch saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WatchEventKind {
    /// 1
    Created,
    /// 2
    Deleted,
    /// 3
    DataChanged,
    /// 4
    ChildrenChanged,
}

/// One event on its way to one connection. The state is always SyncConnected (3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchEvent {
    /// What happened.
    pub kind: WatchEventKind,
    /// To which znode.
    pub path: String,
    /// By which transaction; `Zxid(-1)` when made up by setWatches.
    pub zxid: Zxid,
}
