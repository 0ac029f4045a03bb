//! What a leader and its learners say: ZooKeeper's quorum packets, by their own names.

use super::Id;
use super::Image;
use super::txn::Txn;
use crate::base::{Epoch, ServerId, SessionId, Zxid};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One packet of the quorum channel. The number beside each is its code on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// 1, learner to leader: a client's write, sync or session request.
    Request(ForwardedRequest),
    /// 2, leader to learner: log this.
    Proposal(Arc<Txn>),
    /// 3, learner to leader: everything up to here is on my disk; counter 0 acknowledges NEWLEADER
    /// and UPTODATE.
    Ack(Zxid),
    /// 4, leader to follower: this is decided.
    Commit(Zxid),
    /// 5, leader to learner: are you there? Carries the last zxid proposed.
    Ping {
        /// The last zxid proposed, echoed by the learner.
        zxid: Zxid,
        /// In the learner's answer: the sessions heard from and their timeouts. `None` in the
        /// leader's question.
        touched: Option<Vec<(SessionId, i32)>>,
    },
    /// 6, learner to leader: may this session go on here?
    Revalidate {
        /// The session.
        session: SessionId,
        /// Its newly negotiated timeout.
        timeout_ms: i32,
    },
    /// 6, leader to learner: it may, or may not.
    Revalidated {
        /// The session.
        session: SessionId,
        /// Whether it lives.
        valid: bool,
    },
    /// 7, leader to learner: the oldest pending sync is done. Carries no id: matching is FIFO.
    Sync,
    /// 8, leader to observer: proposed and decided in one.
    Inform(Arc<Txn>),
    /// 9, leader to follower: as COMMIT, of a reconfiguration.
    CommitAndActivate {
        /// The reconfiguration.
        zxid: Zxid,
        /// Who leads from here on.
        designated: ServerId,
    },
    /// 10, leader to learner: you have my history; adopt the epoch.
    NewLeader {
        /// The new epoch.
        epoch: Epoch,
        /// The leader's last seen configuration as text; `None` from very old leaders.
        config: Option<Bytes>,
    },
    /// 11, follower to leader: registration.
    FollowerInfo(LearnerInfo),
    /// 12, leader to learner: serve.
    UpToDate,
    /// 13, leader to learner: you lack only what follows.
    Diff(Zxid),
    /// 14, leader to learner: cut your log after this zxid.
    Trunc(Zxid),
    /// 15, leader to learner: forget everything, here is the whole tree.
    Snap(Image),
    /// 16, observer to leader: registration.
    ObserverInfo(LearnerInfo),
    /// 17, leader to learner: the new epoch.
    LeaderInfo {
        /// The new epoch.
        epoch: Epoch,
        /// The protocol version: 0x10000.
        protocol_version: i32,
    },
    /// 18, learner to leader: promised.
    AckEpoch {
        /// The learner's current epoch; `None` (-1 on the wire) when it had promised already and
        /// must not be counted again.
        current_epoch: Option<Epoch>,
        /// The last zxid in its log.
        last_zxid: Zxid,
    },
    /// 19, leader to observer: as INFORM, of a reconfiguration.
    InformAndActivate {
        /// The reconfiguration.
        txn: Arc<Txn>,
        /// Who leads from here on.
        designated: ServerId,
    },
}

/// What a learner says of itself first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LearnerInfo {
    /// The highest epoch it has promised to follow.
    pub accepted_epoch: Epoch,
    /// Its id.
    pub id: ServerId,
    /// The protocol version: 0x10000; 1 when the packet had none.
    pub protocol_version: i32,
    /// The version of its committed configuration.
    pub config_version: i64,
}

/// A client's request on its way from a learner to the leader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardedRequest {
    /// The client's session.
    pub session: SessionId,
    /// The client's number for it (xid); 0 for requests that servers make.
    pub cxid: i32,
    /// The operation's number.
    pub opcode: i32,
    /// The operation, as its body decodes. `wire` refuses to build one that does not.
    pub op: super::Op,
    /// Who the client has shown to be; `None` (null) for requests that servers make.
    pub auth: Option<Vec<Id>>,
}

/// A packet's name without its content, for traces and tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs)]
pub enum PacketKind {
    Request,
    Proposal,
    Ack,
    Commit,
    Ping,
    Revalidate,
    Sync,
    Inform,
    #[serde(rename = "COMMITANDACTIVATE")]
    CommitAndActivate,
    #[serde(rename = "NEWLEADER")]
    NewLeader,
    #[serde(rename = "FOLLOWERINFO")]
    FollowerInfo,
    #[serde(rename = "UPTODATE")]
    UpToDate,
    Diff,
    Trunc,
    Snap,
    #[serde(rename = "OBSERVERINFO")]
    ObserverInfo,
    #[serde(rename = "LEADERINFO")]
    LeaderInfo,
    #[serde(rename = "ACKEPOCH")]
    AckEpoch,
    #[serde(rename = "INFORMANDACTIVATE")]
    InformAndActivate,
}

impl PacketKind {
    /// Every kind.
    pub const ALL: [PacketKind; 19] = [
        PacketKind::Request,
        PacketKind::Proposal,
        PacketKind::Ack,
        PacketKind::Commit,
        PacketKind::Ping,
        PacketKind::Revalidate,
        PacketKind::Sync,
        PacketKind::Inform,
        PacketKind::CommitAndActivate,
        PacketKind::NewLeader,
        PacketKind::FollowerInfo,
        PacketKind::UpToDate,
        PacketKind::Diff,
        PacketKind::Trunc,
        PacketKind::Snap,
        PacketKind::ObserverInfo,
        PacketKind::LeaderInfo,
        PacketKind::AckEpoch,
        PacketKind::InformAndActivate,
    ];

    /// ZooKeeper's name, as in its logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            PacketKind::Request => "REQUEST",
            PacketKind::Proposal => "PROPOSAL",
            PacketKind::Ack => "ACK",
            PacketKind::Commit => "COMMIT",
            PacketKind::Ping => "PING",
            PacketKind::Revalidate => "REVALIDATE",
            PacketKind::Sync => "SYNC",
            PacketKind::Inform => "INFORM",
            PacketKind::CommitAndActivate => "COMMITANDACTIVATE",
            PacketKind::NewLeader => "NEWLEADER",
            PacketKind::FollowerInfo => "FOLLOWERINFO",
            PacketKind::UpToDate => "UPTODATE",
            PacketKind::Diff => "DIFF",
            PacketKind::Trunc => "TRUNC",
            PacketKind::Snap => "SNAP",
            PacketKind::ObserverInfo => "OBSERVERINFO",
            PacketKind::LeaderInfo => "LEADERINFO",
            PacketKind::AckEpoch => "ACKEPOCH",
            PacketKind::InformAndActivate => "INFORMANDACTIVATE",
        }
    }
}

impl Packet {
    /// Which packet this is.
    #[must_use]
    pub fn kind(&self) -> PacketKind {
        match self {
            Packet::Request(_) => PacketKind::Request,
            Packet::Proposal(_) => PacketKind::Proposal,
            Packet::Ack(_) => PacketKind::Ack,
            Packet::Commit(_) => PacketKind::Commit,
            Packet::Ping { .. } => PacketKind::Ping,
            Packet::Revalidate { .. } | Packet::Revalidated { .. } => PacketKind::Revalidate,
            Packet::Sync => PacketKind::Sync,
            Packet::Inform(_) => PacketKind::Inform,
            Packet::CommitAndActivate { .. } => PacketKind::CommitAndActivate,
            Packet::NewLeader { .. } => PacketKind::NewLeader,
            Packet::FollowerInfo(_) => PacketKind::FollowerInfo,
            Packet::UpToDate => PacketKind::UpToDate,
            Packet::Diff(_) => PacketKind::Diff,
            Packet::Trunc(_) => PacketKind::Trunc,
            Packet::Snap(_) => PacketKind::Snap,
            Packet::ObserverInfo(_) => PacketKind::ObserverInfo,
            Packet::LeaderInfo { .. } => PacketKind::LeaderInfo,
            Packet::AckEpoch { .. } => PacketKind::AckEpoch,
            Packet::InformAndActivate { .. } => PacketKind::InformAndActivate,
        }
    }

    /// The zxid that the packet is about, if it is about one (PING and the handshake included).
    #[must_use]
    pub fn zxid(&self) -> Option<Zxid> {
        match self {
            Packet::Proposal(txn) | Packet::Inform(txn) => Some(txn.header.zxid),
            Packet::InformAndActivate { txn, .. } => Some(txn.header.zxid),
            Packet::Ack(zxid) | Packet::Commit(zxid) | Packet::Diff(zxid) | Packet::Trunc(zxid) => {
                Some(*zxid)
            }
            Packet::CommitAndActivate { zxid, .. } | Packet::Ping { zxid, .. } => Some(*zxid),
            Packet::AckEpoch { last_zxid, .. } => Some(*last_zxid),
            Packet::Snap(image) => Some(image.zxid),
            Packet::NewLeader { epoch, .. } | Packet::LeaderInfo { epoch, .. } => {
                Some(epoch.start())
            }
            Packet::FollowerInfo(info) | Packet::ObserverInfo(info) => {
                Some(info.accepted_epoch.start())
            }
            Packet::Request(_)
            | Packet::Revalidate { .. }
            | Packet::Revalidated { .. }
            | Packet::Sync
            | Packet::UpToDate => None,
        }
    }
}
