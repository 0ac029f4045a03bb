//! Transactions: what a leader makes of a request, and what every server logs and applies.
//!
//! One enum variant for each record of ZooKeeper's log (docs/protocol.md, O2.2). `zab` moves
//! transactions and never looks at the body; `replica` applies it.

use super::Acl;
use crate::base::{SessionId, Zxid};
use bytes::Bytes;

/// Who asked, in which order, when: 32 bytes in front of every record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TxnHeader {
    /// The session that asked; 0 for the ensemble itself.
    pub session: SessionId,
    /// The client's number for the request (xid); 0 for requests that servers make.
    pub cxid: i32,
    /// Its place in the order.
    pub zxid: Zxid,
    /// The leader's wall clock at preparation, milliseconds since 1970.
    pub time_ms: i64,
}

/// The digest of the whole tree after this transaction (version 2 is CRC-32 sums).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TxnDigest {
    /// The digest algorithm's version: 2.
    pub version: i32,
    /// The sum over all znodes.
    pub tree: u64,
}

/// One transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Txn {
    /// Who, in which order, when.
    pub header: TxnHeader,
    /// What changes.
    pub body: TxnBody,
    /// The leader's digest of the tree afterwards, if it computes one.
    pub digest: Option<TxnDigest>,
}

/// What a transaction changes. The number beside each is its type in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TxnBody {
    /// -10: a session begins.
    CreateSession {
        /// The negotiated timeout.
        timeout_ms: i32,
    },
    /// -11: a session ends; `None` is the form from before 3.6 without a list.
    CloseSession {
        /// The ephemerals that go with it, as the leader saw them.
        paths: Option<Vec<String>>,
    },
    /// -1: a request that failed; it uses up a zxid, so that its origin learns of it.
    Error {
        /// ZooKeeper's error number.
        code: i32,
    },
    /// 1 create, 15 create2.
    Create {
        /// Which of the two numbers the record has.
        create2: bool,
        /// The final path, sequence number included.
        path: String,
        /// Its data; null and empty differ.
        data: Option<Bytes>,
        /// Its access control list, normalised.
        acl: Vec<Acl>,
        /// Whether the header's session owns it.
        ephemeral: bool,
        /// The parent's raw cversion afterwards; -1 in very old logs.
        parent_cversion: i32,
    },
    /// 19: a container.
    CreateContainer {
        /// The final path.
        path: String,
        /// Its data.
        data: Option<Bytes>,
        /// Its access control list.
        acl: Vec<Acl>,
        /// The parent's raw cversion afterwards.
        parent_cversion: i32,
    },
    /// 21: a node with a time to live.
    CreateTtl {
        /// The final path.
        path: String,
        /// Its data.
        data: Option<Bytes>,
        /// Its access control list.
        acl: Vec<Acl>,
        /// The parent's raw cversion afterwards.
        parent_cversion: i32,
        /// Milliseconds to live after the last change.
        ttl_ms: i64,
    },
    /// 2 delete, 20 deleteContainer.
    Delete {
        /// Whether the record has number 20.
        container: bool,
        /// The path.
        path: String,
    },
    /// 5 setData, 16 reconfig.
    SetData {
        /// Whether the record has number 16.
        reconfig: bool,
        /// The path.
        path: String,
        /// The new data.
        data: Option<Bytes>,
        /// The new version.
        version: i32,
    },
    /// 7: a new access control list.
    SetAcl {
        /// The path.
        path: String,
        /// The new list, normalised.
        acl: Vec<Acl>,
        /// The new aversion.
        version: i32,
    },
    /// 13: a version check; only inside multi.
    Check {
        /// The path.
        path: String,
        /// The checked version plus one.
        version: i32,
    },
    /// 14: several at once. One element of type -1 voids them all; elements keep their own type
    /// number even so, as the pair of type and body bytes.
    Multi {
        /// The elements, in order.
        elements: Vec<MultiElement>,
    },
}

/// One element of a multi. When another element failed, Apache keeps the record of the elements
/// before it; both forms read and write back byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MultiElement(pub TxnBody);

impl TxnBody {
    /// The record's number in logs and on the wire.
    #[must_use]
    pub fn type_number(&self) -> i32 {
        match self {
            TxnBody::CreateSession { .. } => -10,
            TxnBody::CloseSession { .. } => -11,
            TxnBody::Error { .. } => -1,
            TxnBody::Create { create2: false, .. } => 1,
            TxnBody::Create { create2: true, .. } => 15,
            TxnBody::CreateContainer { .. } => 19,
            TxnBody::CreateTtl { .. } => 21,
            TxnBody::Delete { container: false, .. } => 2,
            TxnBody::Delete { container: true, .. } => 20,
            TxnBody::SetData { reconfig: false, .. } => 5,
            TxnBody::SetData { reconfig: true, .. } => 16,
            TxnBody::SetAcl { .. } => 7,
            TxnBody::Check { .. } => 13,
            TxnBody::Multi { .. } => 14,
        }
    }

    /// One line for people: what it does to which path, as in `create /a`.
    #[must_use]
    pub fn summary(&self) -> String {
        match self {
            TxnBody::CreateSession { timeout_ms } => format!("createSession {timeout_ms} ms"),
            TxnBody::CloseSession { .. } => "closeSession".to_owned(),
            TxnBody::Error { code } => format!("error {code}"),
            TxnBody::Create { path, .. } => format!("create {path}"),
            TxnBody::CreateContainer { path, .. } => format!("createContainer {path}"),
            TxnBody::CreateTtl { path, .. } => format!("createTTL {path}"),
            TxnBody::Delete { path, container: false } => format!("delete {path}"),
            TxnBody::Delete { path, container: true } => format!("deleteContainer {path}"),
            TxnBody::SetData { path, reconfig: false, .. } => format!("setData {path}"),
            TxnBody::SetData { reconfig: true, .. } => "reconfig".to_owned(),
            TxnBody::SetAcl { path, .. } => format!("setACL {path}"),
            TxnBody::Check { path, .. } => format!("check {path}"),
            TxnBody::Multi { elements } => format!("multi of {}", elements.len()),
        }
    }
}
