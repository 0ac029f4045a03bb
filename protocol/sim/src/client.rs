//! Virtual clients: each with its session, what it waits for, and what it has seen.

use crate::client_watches::ClientWatches;
use crate::command::ClientOp;
use vivarium_protocol::base::{ConnectionId, ServerId, SessionId, Time, Zxid};
use vivarium_protocol::message::{Acl, CreateKind, CreateOp, ErrorCode, Op, ReplyBody, WatchEvent};

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
        /// The client's number for it.
        cxid: i32,
        /// What was asked.
        op: ClientOp,
        /// The body, or ZooKeeper's error.
        result: Result<ReplyBody, ErrorCode>,
        /// The zxid of the reply.
        zxid: Zxid,
    },
    /// A watch fired.
    Event(WatchEvent),
    /// Its watches are set again, on a new connection; what it missed came before this.
    WatchesSet,
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
    /// The servers that it tries, in this order, if it has a list of its own.
    pub list: Vec<ServerId>,
    /// Whether a balancer chooses its server, each time it connects.
    pub balanced: bool,
    /// The server it tried last, or the only one it tries.
    pub home: Option<ServerId>,
    /// Its session, once it has one.
    pub session: Option<SessionId>,
    /// The newest zxid it has seen.
    pub last_zxid: Zxid,
    /// The newest zxid that an answer has shown it, which is what setWatches goes by: an event may
    /// be the first of several at its zxid.
    pub answered_zxid: Zxid,
    /// What it watches.
    pub watches: ClientWatches,
    /// What it waits for, oldest first.
    pub pending: Vec<Pending>,
    /// What it was told, oldest first.
    pub told: Vec<(Time, Told)>,
    /// Counts its connections, so that what an older one still brings is ignored.
    pub(crate) attempt: u64,
    pub(crate) next_cxid: i32,
    /// When the last thing sent arrives: requests do not overtake each other.
    pub(crate) last_sent: Time,
}

impl VirtualClient {
    /// A client that has not yet connected.
    #[must_use]
    pub fn new(id: u32) -> VirtualClient {
        VirtualClient {
            id,
            state: ClientState::Away,
            roams: false,
            list: Vec::new(),
            balanced: false,
            home: None,
            session: None,
            last_zxid: Zxid::ZERO,
            answered_zxid: Zxid::ZERO,
            watches: ClientWatches::default(),
            pending: Vec::new(),
            told: Vec::new(),
            attempt: 0,
            next_cxid: 0,
            last_sent: Time(0),
        }
    }

    /// Its session is over.
    pub(crate) fn ends(&mut self, expired: bool) {
        self.state = ClientState::Ended { expired };
        self.session = None;
        self.watches = ClientWatches::default();
        self.pending.clear();
        (self.roams, self.balanced) = (false, false);
        self.home = None;
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

impl ClientOp {
    /// The request as servers know it.
    #[must_use]
    pub fn to_op(&self) -> Op {
        let some = |path: &String| Some(path.clone());
        let bytes = |data: &String| Some(data.clone().into_bytes().into());
        match self {
            ClientOp::Create { path, data, ephemeral, sequential } => Op::Create {
                op: CreateOp::Create,
                path: some(path),
                data: bytes(data),
                acl: Some(vec![Acl::open()]),
                flags: flags(*ephemeral, *sequential),
                ttl_ms: -1,
            },
            ClientOp::Set { path, data, version } => {
                Op::SetData { path: some(path), data: bytes(data), version: *version }
            }
            ClientOp::Get { path, watch } => Op::GetData { path: some(path), watch: *watch },
            ClientOp::Exists { path, watch } => Op::Exists { path: some(path), watch: *watch },
            ClientOp::Children { path, watch } => {
                Op::GetChildren { path: some(path), watch: *watch }
            }
            ClientOp::Delete { path, version } => {
                Op::Delete { path: some(path), version: *version }
            }
            ClientOp::Check { path, version } => Op::Check { path: some(path), version: *version },
            ClientOp::Sync { path } => Op::Sync { path: some(path) },
            ClientOp::Multi(ops) => Op::Multi(ops.iter().map(ClientOp::to_op).collect()),
            ClientOp::Reconfig { joining, leaving } => {
                let line = |id: &ServerId| format!("server.{id}=zk{id}:2888:3888;2181");
                let join = |words: Vec<String>| Some(words.join(","));
                Op::Reconfig {
                    joining: join(joining.iter().map(line).collect()),
                    leaving: join(leaving.iter().map(ServerId::to_string).collect()),
                    members: None,
                    config_id: -1,
                }
            }
            ClientOp::Close => Op::CloseSession,
        }
    }

    /// Whether a success means that something was decided.
    #[must_use]
    pub fn is_write(&self) -> bool {
        self.to_op().is_write()
    }
}

fn flags(ephemeral: bool, sequential: bool) -> i32 {
    let kind = match (ephemeral, sequential) {
        (false, false) => CreateKind::Persistent,
        (true, false) => CreateKind::Ephemeral,
        (false, true) => CreateKind::PersistentSequential,
        (true, true) => CreateKind::EphemeralSequential,
    };
    (0..4).find(|flags| CreateKind::from_flags(*flags) == Some(kind)).unwrap_or(0)
}
