//! What clients ask and what they are told.
//!
//! Operations that this release does not serve are still named here, so that a codec can tell an
//! unknown opcode from one that is refused.

use super::ErrorCode;
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

/// What kind of znode a create makes: the `flags` of CreateRequest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreateKind {
    /// 0
    Persistent,
    /// 1
    Ephemeral,
    /// 2
    PersistentSequential,
    /// 3
    EphemeralSequential,
    /// 4
    Container,
    /// 5
    PersistentTtl,
    /// 6
    PersistentSequentialTtl,
}

impl CreateKind {
    /// The kind for a flags value; `None` for a value that ZooKeeper does not know.
    #[must_use]
    pub fn from_flags(flags: i32) -> Option<CreateKind> {
        Some(match flags {
            0 => CreateKind::Persistent,
            1 => CreateKind::Ephemeral,
            2 => CreateKind::PersistentSequential,
            3 => CreateKind::EphemeralSequential,
            4 => CreateKind::Container,
            5 => CreateKind::PersistentTtl,
            6 => CreateKind::PersistentSequentialTtl,
            _ => return None,
        })
    }

    /// Whether the session owns the node.
    #[must_use]
    pub fn is_ephemeral(self) -> bool {
        matches!(self, CreateKind::Ephemeral | CreateKind::EphemeralSequential)
    }

    /// Whether the parent's counter is appended to the name.
    #[must_use]
    pub fn is_sequential(self) -> bool {
        matches!(
            self,
            CreateKind::PersistentSequential
                | CreateKind::EphemeralSequential
                | CreateKind::PersistentSequentialTtl
        )
    }
}

/// Which of the four create operations was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreateOp {
    /// 1: the reply has no Stat.
    Create,
    /// 15
    Create2,
    /// 19
    CreateContainer,
    /// 21
    CreateTtl,
}

/// A client's operation. The number beside each is its opcode.
///
/// Null strings and null lists arrive as `None`, since a null path has an answer of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// 1, 15, 19, 21
    Create {
        /// Which of the four.
        op: CreateOp,
        /// The wanted path.
        path: Option<String>,
        /// Data; null and empty differ.
        data: Option<Bytes>,
        /// The list as asked for, not yet normalised.
        acl: Option<Vec<Acl>>,
        /// The raw flags; see [`CreateKind::from_flags`].
        flags: i32,
        /// Of createTTL: milliseconds; -1 for the others.
        ttl_ms: i64,
    },
    /// 2
    Delete {
        /// The path.
        path: Option<String>,
        /// The expected version; -1 for any.
        version: i32,
    },
    /// 3
    Exists {
        /// The path.
        path: Option<String>,
        /// Whether to leave a watch.
        watch: bool,
    },
    /// 4
    GetData {
        /// The path.
        path: Option<String>,
        /// Whether to leave a watch.
        watch: bool,
    },
    /// 5
    SetData {
        /// The path.
        path: Option<String>,
        /// The new data.
        data: Option<Bytes>,
        /// The expected version; -1 for any.
        version: i32,
    },
    /// 6
    GetAcl {
        /// The path.
        path: Option<String>,
    },
    /// 7
    SetAcl {
        /// The path.
        path: Option<String>,
        /// The list as asked for.
        acl: Option<Vec<Acl>>,
        /// The expected aversion; -1 for any.
        version: i32,
    },
    /// 8
    GetChildren {
        /// The path.
        path: Option<String>,
        /// Whether to leave a watch.
        watch: bool,
    },
    /// 12
    GetChildren2 {
        /// The path.
        path: Option<String>,
        /// Whether to leave a watch.
        watch: bool,
    },
    /// 9
    Sync {
        /// Echoed, not checked.
        path: Option<String>,
    },
    /// 11
    Ping,
    /// 13: only inside multi.
    Check {
        /// The path.
        path: Option<String>,
        /// The expected version; -1 for any.
        version: i32,
    },
    /// 14
    Multi(Vec<Op>),
    /// 100: `scheme` and its credentials.
    Auth {
        /// The scheme.
        scheme: Option<String>,
        /// The credentials.
        auth: Option<Bytes>,
    },
    /// 101 and 105
    SetWatches {
        /// Whether it was setWatches2 (105).
        two: bool,
        /// The client's last zxid seen.
        relative_zxid: Zxid,
        /// Paths with data watches.
        data: Vec<String>,
        /// Paths with exists watches.
        exist: Vec<String>,
        /// Paths with child watches.
        child: Vec<String>,
        /// Paths with persistent watches (105).
        persistent: Vec<String>,
        /// Paths with persistent recursive watches (105).
        recursive: Vec<String>,
    },
    /// 103
    GetEphemerals {
        /// The prefix; null means all.
        prefix: Option<String>,
    },
    /// 104
    GetAllChildrenNumber {
        /// The path.
        path: Option<String>,
    },
    /// 107
    WhoAmI,
    /// -10: made by servers.
    CreateSession {
        /// The negotiated timeout.
        timeout_ms: i32,
    },
    /// -11
    CloseSession,
    /// A known opcode that this release does not serve, or an unknown one.
    Unsupported {
        /// The number.
        opcode: i32,
    },
}

impl Op {
    /// The opcode on the wire.
    #[must_use]
    pub fn opcode(&self) -> i32 {
        match self {
            Op::Create { op: CreateOp::Create, .. } => 1,
            Op::Create { op: CreateOp::Create2, .. } => 15,
            Op::Create { op: CreateOp::CreateContainer, .. } => 19,
            Op::Create { op: CreateOp::CreateTtl, .. } => 21,
            Op::Delete { .. } => 2,
            Op::Exists { .. } => 3,
            Op::GetData { .. } => 4,
            Op::SetData { .. } => 5,
            Op::GetAcl { .. } => 6,
            Op::SetAcl { .. } => 7,
            Op::GetChildren { .. } => 8,
            Op::GetChildren2 { .. } => 12,
            Op::Sync { .. } => 9,
            Op::Ping => 11,
            Op::Check { .. } => 13,
            Op::Multi(_) => 14,
            Op::Auth { .. } => 100,
            Op::SetWatches { two: false, .. } => 101,
            Op::SetWatches { two: true, .. } => 105,
            Op::GetEphemerals { .. } => 103,
            Op::GetAllChildrenNumber { .. } => 104,
            Op::WhoAmI => 107,
            Op::CreateSession { .. } => -10,
            Op::CloseSession => -11,
            Op::Unsupported { opcode } => *opcode,
        }
    }

    /// Whether it goes through the log and takes a zxid.
    #[must_use]
    pub fn is_write(&self) -> bool {
        match self {
            Op::Create { .. }
            | Op::Delete { .. }
            | Op::SetData { .. }
            | Op::SetAcl { .. }
            | Op::Check { .. }
            | Op::Multi(_)
            | Op::CreateSession { .. }
            | Op::CloseSession => true,
            Op::Exists { .. }
            | Op::GetData { .. }
            | Op::GetAcl { .. }
            | Op::GetChildren { .. }
            | Op::GetChildren2 { .. }
            | Op::Sync { .. }
            | Op::Ping
            | Op::Auth { .. }
            | Op::SetWatches { .. }
            | Op::GetEphemerals { .. }
            | Op::GetAllChildrenNumber { .. }
            | Op::WhoAmI
            | Op::Unsupported { .. } => false,
        }
    }

    /// One line for people: the operation and its path, as in `create /a`.
    #[must_use]
    pub fn summary(&self) -> String {
        let named = |name: &str, path: &Option<String>| {
            format!("{name} {}", path.as_deref().unwrap_or("(null)"))
        };
        match self {
            Op::Create { path, .. } => named("create", path),
            Op::Delete { path, .. } => named("delete", path),
            Op::Exists { path, .. } => named("exists", path),
            Op::GetData { path, .. } => named("getData", path),
            Op::SetData { path, .. } => named("setData", path),
            Op::GetAcl { path } => named("getACL", path),
            Op::SetAcl { path, .. } => named("setACL", path),
            Op::GetChildren { path, .. } => named("getChildren", path),
            Op::GetChildren2 { path, .. } => named("getChildren2", path),
            Op::Sync { path } => named("sync", path),
            Op::Ping => "ping".to_owned(),
            Op::Check { path, .. } => named("check", path),
            Op::Multi(ops) => format!("multi of {}", ops.len()),
            Op::Auth { scheme, .. } => named("auth", scheme),
            Op::SetWatches { .. } => "setWatches".to_owned(),
            Op::GetEphemerals { prefix } => named("getEphemerals", prefix),
            Op::GetAllChildrenNumber { path } => named("getAllChildrenNumber", path),
            Op::WhoAmI => "whoAmI".to_owned(),
            Op::CreateSession { timeout_ms } => format!("createSession {timeout_ms} ms"),
            Op::CloseSession => "closeSession".to_owned(),
            Op::Unsupported { opcode } => format!("opcode {opcode}"),
        }
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
    /// Type -1: the code in header and body alike.
    Error(i32),
}

/// The body of a successful reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplyBody {
    /// Delete, ping, closeSession, setWatches, auth.
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
    /// GetAllChildrenNumber.
    Number(i32),
    /// Multi.
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
