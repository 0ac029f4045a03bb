//! What a visitor, a story or a swarm may do to the world.
//!
//! Every command has exactly one line in the story language: `Display` writes it and `FromStr`
//! reads it back. A command never names an outcome ("1 wins"), only something done from outside.

pub use crate::command_text::{channel_name, server_list};
use crate::rules::{RuleAct, Traffic};
use crate::words::WordError;
use vivarium_protocol::base::ServerId;
use vivarium_protocol::message::Channel;
use vivarium_protocol::trace::MessageId;

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
    /// Changes how one direction between two servers carries what is sent from now on.
    Link {
        /// The sending side.
        from: ServerId,
        /// The receiving side.
        to: ServerId,
        /// What becomes of it.
        change: LinkChange,
    },
    /// A server's syncs take this long from the next one on, in microseconds; `None` is as the
    /// setup has it.
    SlowDisk {
        /// Whose disk.
        server: ServerId,
        /// How long one sync takes.
        us: Option<u64>,
    },
    /// Empties the disk of a server that is down: log, snapshots and epochs.
    WipeDisk(ServerId),
    /// Kills a server while its disk is writing: of what was not synced the first records survive,
    /// and the next one only by half, which a restart finds damaged and cuts off.
    TearDisk {
        /// Whose disk.
        server: ServerId,
        /// How many of the effects that were not synced survive.
        kept: u64,
    },
    /// Does something to one message on its way.
    Message {
        /// Which.
        id: MessageId,
        /// What.
        act: MessageAct,
    },
    /// A standing rule of the network begins, or ends.
    Rule {
        /// What becomes of such messages.
        act: RuleAct,
        /// Which.
        traffic: Traffic,
    },
    /// Gives a server a zoo.cfg of its own, which it reads when it starts the next time.
    Configure {
        /// Whose.
        server: ServerId,
        /// The whole file; empty for the one that follows from the setup.
        file: String,
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

/// What becomes of one direction of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkChange {
    /// Every message takes a time between these two, in microseconds: delay and jitter.
    Delay {
        /// The shortest.
        least: u64,
        /// The longest.
        most: u64,
    },
    /// So many of a hundred segments are lost. TCP sends them again after a growing pause, so what
    /// is lost arrives late, and all that was sent behind it later still.
    Loss {
        /// 0..=95.
        percent: u8,
    },
    /// So many bytes a second get onto it, of both channels together; the rest queues up.
    Bandwidth {
        /// Bytes a second, 1 or more; `None` for as many as there are.
        bytes: Option<u64>,
    },
    /// As the setup has it.
    Normal,
}

/// What can be done to one message. The last three are impossible within a TCP connection: the
/// protocol does not promise to survive them, and the checkers show what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageAct {
    /// It waits on its way, and with it all that was sent behind it on this connection.
    Hold,
    /// It goes on.
    Release,
    /// It is lost together with its connection, as by a reset: both ends notice.
    Drop,
    /// Unreal: it arrives twice.
    Duplicate,
    /// Unreal: it arrives at once, ahead of what was sent before it.
    Overtake,
    /// Unreal: it is lost, and its connection goes on without it.
    Vanish,
}

impl MessageAct {
    /// The story language's word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            MessageAct::Hold => "hold",
            MessageAct::Release => "release",
            MessageAct::Drop => "drop",
            MessageAct::Duplicate => "unreal duplicate",
            MessageAct::Overtake => "unreal overtake",
            MessageAct::Vanish => "unreal vanish",
        }
    }

    /// Whether no TCP connection could do this.
    #[must_use]
    pub fn is_unreal(self) -> bool {
        match self {
            MessageAct::Hold | MessageAct::Release | MessageAct::Drop => false,
            MessageAct::Duplicate | MessageAct::Overtake | MessageAct::Vanish => true,
        }
    }
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
    /// Connects wherever a balancer in front of the ensemble sends it: to the server that is next
    /// in turn among those that serve, and again whenever a connection is lost.
    Balanced,
    /// Connects to the servers of a list, one after the other whenever a connection is lost.
    List {
        /// Which.
        servers: Vec<ServerId>,
        /// Whether it shuffles the list first, as ZooKeeper's clients do.
        shuffled: bool,
    },
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
    /// Changes the members (`reconfig`).
    Reconfig {
        /// Who votes from then on: servers that are there already.
        joining: Vec<ServerId>,
        /// Who is no member any more.
        leaving: Vec<ServerId>,
    },
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
    /// It must be down for this.
    #[error("server {0} is running; crash it first")]
    Running(ServerId),
    /// There is no such message on its way.
    #[error("message {count} from {from} to {to} is not on its way", count = .0.count,
        from = .0.from, to = .0.to)]
    NotOnItsWay(MessageId),
    /// It is not held.
    #[error("message {count} from {from} to {to} is not held", count = .0.count,
        from = .0.from, to = .0.to)]
    NotHeld(MessageId),
    /// Neither a rule nor a message that waits is meant.
    #[error("nothing is held that is {0}")]
    NothingHeld(Traffic),
    /// Its zoo.cfg cannot be used.
    #[error("{0}")]
    BadFile(String),
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
