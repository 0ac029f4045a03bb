//! Virtual clients: each with its session, what it waits for, and what it has seen.

use crate::command::ClientOp;
use vivarium_protocol::base::{ConnectionId, ServerId, SessionId, Time, Zxid};
use vivarium_protocol::message::{ReplyBody, WatchEvent};

/// Where a client stands with its server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientState {
    /// Not connected, and not trying.
    Away,
    /// On its way to a server, or waiting for the session to be granted.
    Connecting {
        /// Which server.
        server: ServerId,
    },
    /// Its session is open at a server.
    Connected {
        /// Which server.
        server: ServerId,
        /// The server's number for the connection.
        connection: ConnectionId,
    },
    /// Its session has ended; it stays away.
    Ended {
        /// True if the servers gave it up, false if the client closed it.
        expired: bool,
    },
}

/// A request that is not yet answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The client's number for it.
    pub cxid: i32,
    /// What was asked.
    pub op: ClientOp,
    /// When.
    pub asked: Time,
}

/// Something a client was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Its session is open (again).
    Session(SessionId),
    /// The answer to a request.
    Answer {
        /// What was asked.
        op: ClientOp,
        /// The body, or ZooKeeper's error.
        result: Result<ReplyBody, vivarium_protocol::message::ErrorCode>,
        /// The zxid of the reply.
        zxid: Zxid,
    },
    /// A watch fired.
    Event(WatchEvent),
    /// The connection is lost; requests under way may or may not have happened.
    ConnectionLost,
    /// The session has expired.
    Expired,
}

/// One client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VirtualClient {
    /// Its number: `c1` is 1.
    pub id: u32,
    /// Where it stands.
    pub state: ClientState,
    /// Whether it tries the next server when a connection is lost, or always the same one.
    pub roams: bool,
    /// Its session, once it has one.
    pub session: Option<SessionId>,
    /// The newest zxid it has seen.
    pub last_zxid: Zxid,
    /// What it waits for, oldest first.
    pub pending: Vec<Pending>,
    /// What it was told, oldest first.
    pub told: Vec<(Time, Told)>,
}

impl VirtualClient {
    /// A client that has not yet connected.
    #[must_use]
    pub fn new(id: u32) -> VirtualClient {
        VirtualClient {
            id,
            state: ClientState::Away,
            roams: false,
            session: None,
            last_zxid: Zxid::ZERO,
            pending: Vec::new(),
            told: Vec::new(),
        }
    }

    /// The server it is connected to.
    #[must_use]
    pub fn server(&self) -> Option<ServerId> {
        match self.state {
            ClientState::Connected { server, .. } => Some(server),
            ClientState::Away | ClientState::Connecting { .. } | ClientState::Ended { .. } => None,
        }
    }
}
