//! What servers and clients say to each other, as values. Bytes are `wire`'s business.

pub mod error_code;
pub mod notification;
pub mod operation;
pub mod packet;
pub mod request;
pub mod txn;

pub use error_code::ErrorCode;
pub use notification::{Notification, PeerState, Vote};
pub use operation::{CreateKind, CreateOp, Op, WatcherType};
pub use packet::{ForwardedRequest, LearnerInfo, Packet, PacketKind};
pub use request::{
    Acl, Id, MultiResult, Reply, ReplyBody, Request, Stat, WatchEvent, WatchEventKind,
};
pub use txn::{MultiElement, Txn, TxnBody, TxnDigest, TxnHeader};

use crate::base::Zxid;
use bytes::Bytes;

/// The two connections between a pair of servers.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum Channel {
    /// Notifications, on the election port: one connection a pair, kept by the larger id.
    Election,
    /// Learner and leader, on the leader's quorum port: dialled by the learner.
    Quorum,
}

/// What travels between two servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// On the election channel.
    Notification(Notification),
    /// On the quorum channel.
    Packet(Packet),
}

/// A whole data tree with its sessions as bytes: the stream that follows SNAP on the wire, up to
/// and without the closing `BenWasHere`. The core never looks inside; drivers refuse one that does
/// not decode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The last transaction that it certainly contains.
    pub zxid: Zxid,
    /// The serialised sessions, ACLs and znodes.
    pub bytes: Bytes,
}
