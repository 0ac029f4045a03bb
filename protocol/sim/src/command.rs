//! What a visitor, a story or a swarm may do to the world.
//!
//! Every command has exactly one line in the story language: `Display` writes it and `FromStr`
//! reads it back. A command never names an outcome ("1 wins"), only something done from outside.

pub use crate::command_text::{channel_name, server_list};
use crate::words::WordError;
use vivarium_protocol::base::ServerId;
use vivarium_protocol::message::Channel;

/// One thing done to the world from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Starts a server that is down; it recovers from its disk.
    Start(ServerId),
    /// Starts every server that is down.
    StartAll,
    /// Kills a server: what its disk had not synced is lost, and its connections break.
    Crash(ServerId),
    /// Splits the network: servers of different groups cannot reach each other; a server that no
    /// group names is alone.
    Partition(Vec<Vec<ServerId>>),
    /// Cuts one direction. What is on its way there is lost.
    CutOneWay {
        /// The side that is no longer heard.
        from: ServerId,
        /// The side that no longer hears.
        to: ServerId,
    },
    /// Cuts both directions between two servers.
    CutBoth {
        /// One of them.
        a: ServerId,
        /// The other.
        b: ServerId,
    },
    /// Repairs every cut. Connections that lost something in the meantime break.
    HealAll,
    /// Repairs one direction.
    Heal {
        /// The sending side.
        from: ServerId,
        /// The receiving side.
        to: ServerId,
    },
    /// Breaks one connection, as a reset does: both ends notice; what is in flight is lost.
    DropConnection {
        /// One end.
        a: ServerId,
        /// The other.
        b: ServerId,
        /// Which of their two connections.
        channel: Channel,
    },
    /// A server's disk takes writes but completes none.
    StallDisk(ServerId),
    /// A stalled disk goes on.
    WakeDisk(ServerId),
    /// A server stops taking steps (a long pause of its process); its connections stay.
    Pause(ServerId),
    /// A paused server goes on; what arrived in the meantime is handled at once.
    Resume(ServerId),
    /// Sets the latency between two servers, in both directions.
    Latency {
        /// One of them.
        a: ServerId,
        /// The other.
        b: ServerId,
        /// One way, in microseconds.
        us: u64,
    },
    /// A server writes a snapshot of what it has applied.
    Snapshot(ServerId),
    /// Something a client does.
    Client {
        /// The client's number: `c1` is 1.
        client: u32,
        /// What it does.
        act: ClientAct,
    },
}

/// What a client does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientAct {
    /// Connects to this server and to no other, with its session if it has one.
    Connect {
        /// Which.
        server: ServerId,
    },
    /// Connects to any server, and to the next one whenever a connection is lost.
    Roam,
    /// Goes away without a word: its session is left to expire.
    Disconnect,
    /// Asks for something.
    Request(ClientOp),
}

/// What a client can ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientOp {
    /// Makes a znode.
    Create {
        /// Its path, without a sequence number.
        path: String,
        /// Its data, as text.
        data: String,
        /// Whether it vanishes with the session.
        ephemeral: bool,
        /// Whether a sequence number is appended.
        sequential: bool,
    },
    /// Replaces a znode's data.
    Set {
        /// Its path.
        path: String,
        /// The new data, as text.
        data: String,
        /// The expected version; -1 for any.
        version: i32,
    },
    /// Reads a znode's data.
    Get {
        /// Its path.
        path: String,
        /// Whether to leave a watch.
        watch: bool,
    },
    /// Asks whether a znode is there.
    Exists {
        /// Its path.
        path: String,
        /// Whether to leave a watch.
        watch: bool,
    },
    /// Lists a znode's children.
    Children {
        /// Its path.
        path: String,
        /// Whether to leave a watch.
        watch: bool,
    },
    /// Removes a znode.
    Delete {
        /// Its path.
        path: String,
        /// The expected version; -1 for any.
        version: i32,
    },
    /// Checks a version; only inside a multi.
    Check {
        /// The path.
        path: String,
        /// The expected version.
        version: i32,
    },
    /// Waits until this server has caught up with the leader.
    Sync {
        /// Echoed.
        path: String,
    },
    /// Several writes, all or none.
    Multi(Vec<ClientOp>),
    /// Ends the session.
    Close,
}

/// Why a command cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// There is no such server.
    #[error("there is no server {0}")]
    NoSuchServer(ServerId),
    /// It cannot be started.
    #[error("server {0} is already running")]
    AlreadyUp(ServerId),
    /// It cannot be crashed, paused or asked for a snapshot.
    #[error("server {0} is down")]
    Down(ServerId),
    /// It is not paused.
    #[error("server {0} is not paused")]
    NotPaused(ServerId),
    /// There is no such connection.
    #[error("{0} and {1} have no such connection")]
    NoConnection(ServerId, ServerId),
    /// The client is not connected, so it has no way to ask.
    #[error("c{0} is not connected to any server")]
    NotConnected(u32),
    /// A server may not be cut off from itself.
    #[error("{0} cannot be cut off from itself")]
    Itself(ServerId),
}

/// Why a text is no command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandParseError {
    /// The first word is unknown.
    #[error("`{0}` is no command")]
    Unknown(String),
    /// A part of the line cannot be read.
    #[error(transparent)]
    Word(#[from] WordError),
    /// The line stands for several commands where one is wanted.
    #[error("this line is more than one command")]
    Several,
}
