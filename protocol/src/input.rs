//! Everything that can happen to a server.
//!
//! The driver's contract is in the crate's documentation: for each peer and channel `LinkUp`, then
//! what was received in order, then `LinkDown`, then perhaps `LinkUp` again; never two at once.

use crate::base::{ConnectionId, DiskSeq, ServerId, SessionId, Zxid};
use crate::message::{Channel, Message, Request};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A connection is up. On the quorum channel of a leader that is when the learner has named
    /// itself: its FOLLOWERINFO or OBSERVERINFO follows as `Received`.
    LinkUp {
        /// The other end.
        peer: ServerId,
        /// Which of the two connections.
        channel: Channel,
    },
    /// A connection is gone, or could not be made: nothing more will arrive, or be delivered, on
    /// it.
    LinkDown {
        /// The other end.
        peer: ServerId,
        /// Which of the two connections.
        channel: Channel,
    },
    /// A message arrived.
    Received {
        /// The sender.
        from: ServerId,
        /// What it says; a notification came by the election channel, a packet by the quorum one.
        message: Message,
    },
    /// A client of this server wants something that the core must order: a write, a sync, the
    /// opening or closing of a session.
    Submitted {
        /// What it wants. `Op::CreateSession` carries the negotiated timeout and the session id
        /// that the driver drew.
        request: Request,
        /// Where the answer goes.
        origin: ConnectionId,
    },
    /// A client came back with a session that it already has (its password was checked): may it go
    /// on here? Answered by `ClientEffect::Revalidated`.
    Resumed {
        /// The session.
        session: SessionId,
        /// The newly negotiated timeout.
        timeout_ms: i32,
        /// Where the answer goes.
        origin: ConnectionId,
    },
    /// Clients of this server were heard from; reported once a tick or so, with the timeouts that
    /// were negotiated.
    Touched(Vec<(SessionId, i32)>),
    /// A client connection of this server is gone: nothing can be answered there any more.
    Disconnected {
        /// Which.
        origin: ConnectionId,
    },
    /// Every disk effect numbered up to here survives a crash.
    Durable {
        /// The highest such number.
        upto: DiskSeq,
    },
    /// The replica has taken every delivery up to here. Reported after each batch of deliveries,
    /// and always after `Reload` and `Restore`, even if nothing moved.
    Applied {
        /// The replica's last zxid.
        upto: Zxid,
    },
    /// `next_deadline` has passed.
    Deadline,
}
