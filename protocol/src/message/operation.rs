//! What clients ask: ZooKeeper's operations by their own names.
//!
//! Null strings and null lists are kept as `None`, since a null path has an answer of its own.

use super::Acl;
use crate::base::Zxid;
use bytes::Bytes;

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

/// Which watches of a connection at a path are meant: the `type` of removeWatches and
/// checkWatches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WatcherType {
    /// 1: those that getChildren left.
    Children,
    /// 2: those that getData and exists left.
    Data,
    /// 3: every one.
    Any,
    /// 4: persistent ones.
    Persistent,
    /// 5: persistent recursive ones.
    PersistentRecursive,
}

impl WatcherType {
    /// The type for a number; `None` for one that ZooKeeper does not know.
    #[must_use]
    pub fn from_number(number: i32) -> Option<WatcherType> {
        Some(match number {
            1 => WatcherType::Children,
            2 => WatcherType::Data,
            3 => WatcherType::Any,
            4 => WatcherType::Persistent,
            5 => WatcherType::PersistentRecursive,
            _ => return None,
        })
    }

    /// The number on the wire.
    #[must_use]
    pub fn number(self) -> i32 {
        match self {
            WatcherType::Children => 1,
            WatcherType::Data => 2,
            WatcherType::Any => 3,
            WatcherType::Persistent => 4,
            WatcherType::PersistentRecursive => 5,
        }
    }
}

/// A client's operation. The number beside each is its opcode.
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
    /// 16
    Reconfig {
        /// Servers to add, as in zoo.cfg.
        joining: Option<String>,
        /// Ids of servers to remove.
        leaving: Option<String>,
        /// The whole new membership instead.
        members: Option<String>,
        /// The version of the configuration to be changed; -1 for any.
        config_id: i64,
    },
    /// 17: whether there is such a watch.
    CheckWatches {
        /// The path.
        path: Option<String>,
        /// Which watches.
        kind: WatcherType,
    },
    /// 18
    RemoveWatches {
        /// The path.
        path: Option<String>,
        /// Which watches.
        kind: WatcherType,
    },
    /// 20: made by a leader's cleaner; from a client it is as good as unknown.
    DeleteContainer {
        /// The path.
        path: String,
    },
    /// 22: getData and getChildren, each answered for itself.
    MultiRead(Vec<Op>),
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
    /// 106
    AddWatch {
        /// The path; it need not be there.
        path: Option<String>,
        /// Mode 1, for everything below as well; mode 0 otherwise.
        recursive: bool,
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
            Op::Reconfig { .. } => 16,
            Op::CheckWatches { .. } => 17,
            Op::RemoveWatches { .. } => 18,
            Op::DeleteContainer { .. } => 20,
            Op::MultiRead(_) => 22,
            Op::Auth { .. } => 100,
            Op::SetWatches { two: false, .. } => 101,
            Op::SetWatches { two: true, .. } => 105,
            Op::GetEphemerals { .. } => 103,
            Op::GetAllChildrenNumber { .. } => 104,
            Op::AddWatch { .. } => 106,
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
            | Op::Reconfig { .. }
            | Op::DeleteContainer { .. }
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
            | Op::CheckWatches { .. }
            | Op::RemoveWatches { .. }
            | Op::MultiRead(_)
            | Op::AddWatch { .. }
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
            Op::Reconfig { .. } => "reconfig".to_owned(),
            Op::CheckWatches { path, .. } => named("checkWatches", path),
            Op::RemoveWatches { path, .. } => named("removeWatches", path),
            Op::DeleteContainer { path } => format!("deleteContainer {path}"),
            Op::MultiRead(ops) => format!("multiRead of {}", ops.len()),
            Op::AddWatch { path, .. } => named("addWatch", path),
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
