//! Everything that a server wants done, in lanes.
//!
//! Each lane is FIFO. Where order across lanes matters it is expressed as an input that comes back.
//! The driver drains the lanes in the order of the fields before it waits for anything.

use crate::base::{Config, ConnectionId, DiskSeq, Ensemble, Epoch, ServerId, SessionId, Zxid};
use crate::message::{Channel, ErrorCode, Image, Message, Txn};
use crate::trace::Decision;
use std::sync::Arc;

/// What must be done; owned and reused by the driver.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// For the links.
    pub network: Vec<NetworkEffect>,
    /// For the disk, numbered.
    pub disk: Vec<(DiskSeq, DiskEffect)>,
    /// For the replica.
    pub apply: Vec<Delivery>,
    /// For this server's own clients, outside the order of deliveries.
    pub client: Vec<ClientEffect>,
    /// For whoever watches.
    pub trace: TraceLane,
    /// This peer must stop: a promise that it relies on was broken.
    pub halt: Option<Halt>,
}

/// For the links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkEffect {
    /// Make a connection if there is none; ends in `LinkUp` or `LinkDown`. On the quorum channel
    /// the driver tries up to five times within initLimit, as ZooKeeper's learner does.
    Connect {
        /// To whom.
        peer: ServerId,
        /// Which.
        channel: Channel,
    },
    /// Send, in order, on a link that is up; dropped if it is not.
    Send {
        /// To whom.
        to: ServerId,
        /// What; a notification goes by the election channel, a packet by the quorum one.
        message: Message,
    },
    /// Bring a learner up to date, in link order with what follows.
    Synchronize {
        /// Which learner.
        to: ServerId,
        /// How.
        plan: SyncPlan,
    },
    /// The members are others from here on, in force or proposed: where they are found.
    Configure(Arc<Config>),
    /// Close a connection. `LinkDown` follows.
    Close {
        /// To whom.
        peer: ServerId,
        /// Which.
        channel: Channel,
    },
}

/// How the driver brings a learner up to date. In this order it sends:
/// 1. the operation's packet: DIFF or TRUNC with its zxid, or SNAP with the image of the replica as
///    it stands now (its zxid goes into the packet);
/// 2. PROPOSAL and COMMIT for each transaction of `from_disk`, read from its own log;
/// 3. PROPOSAL and COMMIT for each of `committed`;
/// 4. PROPOSAL for each of `outstanding` (participants only; empty for observers).
///
/// With SNAP, transactions up to the image's zxid are left out of 2 and 3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncPlan {
    /// The first packet.
    pub operation: SyncOperation,
    /// Transactions after the first zxid up to the second, inclusive, to be read from the log.
    pub from_disk: Option<(Zxid, Zxid)>,
    /// Transactions from memory, decided.
    pub committed: Vec<Arc<Txn>>,
    /// Transactions from memory, not yet decided.
    pub outstanding: Vec<Arc<Txn>>,
}

/// The first packet of a synchronisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncOperation {
    /// DIFF with its target.
    Diff(Zxid),
    /// TRUNC with the last zxid that stays.
    Trunc(Zxid),
    /// SNAP; the driver takes the image.
    Snap,
}

/// For the disk. A crash keeps a prefix of the lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiskEffect {
    /// Add to the log.
    Append(Arc<Txn>),
    /// Cut the log after this zxid, and put aside snapshots beyond it.
    Truncate(Zxid),
    /// Write `acceptedEpoch`.
    AcceptedEpoch(Epoch),
    /// Write `currentEpoch`.
    CurrentEpoch(Epoch),
    /// Keep the members in force, and those that are proposed: what the server is started with next
    /// time.
    Configure(Arc<Config>),
    /// Replace everything by this snapshot: older logs and snapshots no longer count.
    Install(Image),
}

/// For the replica, in zxid order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Apply a decided transaction; if it came from an own client, answer there.
    Txn {
        /// The transaction.
        txn: Arc<Txn>,
        /// The own client connection that asked for it, if one did.
        origin: Option<ConnectionId>,
    },
    /// Answer a sync: everything that it had to wait for has been delivered.
    Sync {
        /// Where.
        origin: ConnectionId,
        /// The request's number.
        cxid: i32,
        /// Echoed.
        path: Option<String>,
    },
    /// Apply, from the own log, every transaction after the replica's last zxid up to here.
    Reload {
        /// The last one.
        upto: Zxid,
    },
    /// Forget the tree and take this one.
    Restore(Image),
    /// Let `/zookeeper/config` name these members, as no transaction does.
    Configure {
        /// The members.
        ensemble: Arc<Ensemble>,
        /// When that was decided.
        time_ms: i64,
    },
    /// Clients may be answered from here on. `at` is the zxid to report if it is higher than the
    /// replica's: a leader stands at the start of its epoch.
    Serve {
        /// That zxid.
        at: Zxid,
    },
    /// Clients that accept it may read from here on, although no leader is known
    /// (`readonlymode.enabled`).
    ServeReadOnly,
    /// Close all clients and answer none.
    StopServing,
}

/// For own clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientEffect {
    /// The request was not taken; nothing happened. The driver answers with this error.
    Refused {
        /// Where.
        origin: ConnectionId,
        /// The request's number.
        cxid: i32,
        /// Why.
        why: ErrorCode,
    },
    /// The request is done, with nothing to tell but that.
    Done {
        /// Where.
        origin: ConnectionId,
        /// The request's number.
        cxid: i32,
    },
    /// The answer to `Input::Resumed`, and to a createSession that made a local session.
    Revalidated {
        /// Where.
        origin: ConnectionId,
        /// Which session.
        session: SessionId,
        /// Its timeout from here on.
        timeout_ms: i32,
        /// Whether it may go on; if not, the client is told that it has expired.
        valid: bool,
    },
    /// Close the connection without a word: the request's session has moved to another server, or
    /// this server can't serve it now.
    Close {
        /// Which.
        origin: ConnectionId,
    },
    /// A session is no longer at this server: it was known to it alone and has expired, or went on
    /// at a learner of this leader. Close its connection here, if it has one.
    Gone {
        /// Which session.
        session: SessionId,
    },
}

/// Why a server must stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halt {
    /// ZooKeeper's exit code for it: 12 for a COMMIT that does not match, 13 for a synchronisation
    /// that cannot be done.
    pub exit_code: i32,
    /// What was broken, in one sentence for the log.
    pub why: String,
}

/// The lane of decisions. Off, it costs one branch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TraceLane {
    /// Nobody watches.
    #[default]
    Off,
    /// Decisions in order.
    On(Vec<Decision>),
}

impl TraceLane {
    /// Records a decision, building it only if somebody watches.
    pub fn push(&mut self, decision: impl FnOnce() -> Decision) {
        match self {
            TraceLane::Off => {}
            TraceLane::On(decisions) => decisions.push(decision()),
        }
    }

    /// Takes what was recorded.
    pub fn take(&mut self) -> Vec<Decision> {
        match self {
            TraceLane::Off => Vec::new(),
            TraceLane::On(decisions) => std::mem::take(decisions),
        }
    }
}

impl Effects {
    /// Empty lanes that record decisions.
    #[must_use]
    pub fn traced() -> Effects {
        Effects { trace: TraceLane::On(Vec::new()), ..Effects::default() }
    }

    /// Asks to send a notification or packet.
    pub fn send(&mut self, to: ServerId, message: Message) {
        self.network.push(NetworkEffect::Send { to, message });
    }

    /// Whether nothing is wanted (the trace aside).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.network.is_empty()
            && self.disk.is_empty()
            && self.apply.is_empty()
            && self.client.is_empty()
            && self.halt.is_none()
    }
}
