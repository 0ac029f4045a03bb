//! What a story or a lesson can wait for or insist on, and what a page can run until.
//!
//! A condition is a state of the world (`serving`, `role 3 LEADING`), an event of the last frame
//! (`sent ACK 1>3`), a comparison (`votes 1 for 2 >= 2`), or composed of others by `not`, `and`,
//! `or` and parentheses; `not` binds closest, `or` loosest. Some look back over the run: `seen X`,
//! `lasted 10s X`, `history 2 LOOKING LEADING`, and quantities that are counted. For those a
//! [`Watch`] has to look on from the beginning; [`Condition::holds`] sees only the present moment.

mod facts;
mod like;
mod measure;
mod names;
mod present;
mod text;
mod watch;
mod write;

use vivarium_protocol::base::{ServerId, Zxid};
use vivarium_protocol::message::{Channel, PeerState};
use vivarium_protocol::trace::{Frame, Phase, RoleReason, SyncMode, Timer};

use crate::checkers::Promise;
use crate::world::World;

pub use facts::Facts;
pub use like::MessageLike;
pub use measure::{Bound, Measure, Relation};
pub use watch::Watch;

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// `not X`
    Not(Box<Condition>),
    /// `X and Y`
    And(Vec<Condition>),
    /// `X or Y`
    Or(Vec<Condition>),
    /// `seen X`: it held at some moment since the watch began.
    Seen(Box<Condition>),
    /// `lasted 10s X`: it has held without a break for so long, in microseconds.
    Lasted(u64, Box<Condition>),
    /// `down = 1`: two quantities compare so.
    Compare(Measure, Relation, Bound),
    /// `history 2 LOOKING LEADING`: since the watch began a server went through these roles, one
    /// directly after the other.
    History(ServerId, Vec<PeerState>),
    /// A leader serves, and so does a quorum.
    Serving,
    /// Every server that is up serves and has applied all that is decided, and no client waits. A
    /// server that has promised a newer epoch than the leader's is excused: as in ZooKeeper the
    /// leader does not give way to it, and it stays outside until the next election.
    Settled,
    /// This server leads and serves.
    Leader(ServerId),
    /// A server has a role.
    Role(ServerId, PeerState),
    /// A server is in a phase.
    Phase(ServerId, Phase),
    /// A server answers clients.
    Serves(ServerId),
    /// A server is not running.
    Down(ServerId),
    /// A server is being brought up to date in this way.
    Sync(ServerId, SyncMode),
    /// A server has handed this transaction to its log.
    Logged(ServerId, Zxid),
    /// A server has this transaction on disk.
    Durable(ServerId, Zxid),
    /// A server has applied this transaction.
    Applied(ServerId, Zxid),
    /// This transaction is decided: somebody has applied it.
    Decided(Zxid),
    /// A client's session is open.
    Connected(u32),
    /// A client waits for nothing.
    Answered(u32),
    /// A client's session is over.
    Ended(u32),
    /// A client was told of a watch that fired.
    Watched(u32),
    /// A checker has complained.
    Broken(Promise),
    /// A client was answered with what no linearizable service would have shown it: an old state
    /// of a znode, which ZooKeeper allows to reads.
    Stale(u32),
    /// `role any LEADING`: some server that runs has this role.
    AnyRole(PeerState),
    /// `role all LOOKING`: every server that runs has this role, and some server does.
    AllRole(PeerState),
    /// `vote 3 for 1`, `vote 3 for 1 1|8`: the vote that a server gives or reports names this
    /// candidate, and perhaps this last transaction of the candidate.
    Vote(ServerId, ServerId, Option<Zxid>),
    /// `timer 3 FinalizeWait`: such a deadline is set.
    Timer(ServerId, Timer),
    /// `mode 1 standalone`, `mode 1 cluster`: a server runs, and alone or in an ensemble.
    Mode {
        /// Which.
        server: ServerId,
        /// Whether it runs alone.
        standalone: bool,
    },
    /// `file 1`: a server has a zoo.cfg of its own.
    File(ServerId),
    /// `bounds 1 1000 10000`: a server runs, and grants sessions of at least and at most so many
    /// milliseconds.
    Bounds(ServerId, u64, u64),
    /// `conn 1 2`, `conn 1 2 quorum`: two servers have such a connection, and both know it.
    Linked(ServerId, ServerId, Channel),
    /// `dialling 1>2`: the first waits for an answer to its call on the election port.
    Dialling(ServerId, ServerId),
    /// `dialled 2>1`: their election connection is one that the first opened.
    Dialled(ServerId, ServerId),
    /// `outbox 1>2 for 3`: a vote for 3 waits at 1 for a connection to 2.
    Outbox {
        /// Who wants to send.
        from: ServerId,
        /// To whom.
        to: ServerId,
        /// The candidate.
        candidate: ServerId,
    },
    /// `held VOTE 1>2`: such a message is held.
    Held(MessageLike),
    /// `client c1 at 3`: a client's session is open at this server.
    At(u32, ServerId),
    /// `reply c1 …`: how a client's newest request ended.
    Reply(u32, ReplyIs),
    /// In the last step such a message was sent.
    Sent(MessageLike),
    /// In the last step such a message arrived.
    Delivered(MessageLike),
    /// In the last step such a message was lost.
    Lost(MessageLike),
    /// `planned 3 DIFF 50`: in the last step a leader chose how to bring this server up to date,
    /// and perhaps with how many transactions.
    Planned(ServerId, SyncMode, Option<u64>),
    /// In the last step a server cut its log back to here.
    Truncated(ServerId, Zxid),
    /// In the last step a server that starts registered this part.
    Registered(ServerId, &'static str),
    /// `why 3 LostQuorum`, `why any LostQuorum`: in the last step a server changed its role for
    /// this reason.
    Why(Option<ServerId>, RoleReason),
    /// `elected 4 3`: in the last step a server's election ended with this leader.
    Elected(ServerId, ServerId),
    /// `turned away c2`: in the last step a server did not take this client.
    TurnedAway(u32),
    /// `crashed 3`: in the last step this server fell.
    Crashed(ServerId),
}

/// How a client's newest request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplyIs {
    /// `ok`: it succeeded.
    Ok,
    /// `error`: it was refused.
    Error,
    /// `unknown`: the connection broke before the answer.
    Unknown,
    /// `waits`: it is not answered yet.
    Waits,
    /// `= "x"`: it succeeded with this data, or this path.
    Text(String),
}

impl Condition {
    /// Whether it holds after this frame. What looks back sees this moment alone.
    #[must_use]
    pub fn holds(&self, world: &World, frame: Option<&Frame>) -> bool {
        Watch::new(self.clone(), world).look(world, frame)
    }

    /// Whether it looks back over the run, so that it needs a [`Watch`].
    #[must_use]
    pub fn looks_back(&self) -> bool {
        if let Condition::Compare(measure, _, bound) = self {
            let counted = |bound: &Bound| matches!(bound, Bound::Of(other) if other.is_counted());
            return measure.is_counted() || counted(bound);
        }
        matches!(self, Condition::Seen(_) | Condition::Lasted(..) | Condition::History(..))
            || self.parts().iter().any(Condition::looks_back)
    }

    /// What it is composed of; nothing for a leaf.
    fn parts(&self) -> &[Condition] {
        if let Condition::And(parts) | Condition::Or(parts) = self {
            return parts;
        }
        if let Condition::Not(part) | Condition::Seen(part) | Condition::Lasted(_, part) = self {
            return std::slice::from_ref(&**part);
        }
        &[]
    }

    /// The event of a frame that a condition is about, by its place: what to point at when it
    /// came true in that frame.
    #[must_use]
    pub fn event(&self, frame: &Frame) -> Option<usize> {
        match self.parts() {
            [] => self.event_of_leaf(frame),
            parts => parts.iter().find_map(|part| part.event(frame)),
        }
    }
}
