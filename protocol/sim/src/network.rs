//! The virtual network: connections with generations, FIFO in each direction, and its faults.
//!
//! A connection has two ends; each belongs to one server and can be gone while the other is not
//! (a half-open connection, as after a cut). Invariants:
//! 1. Within a connection and direction messages arrive in order, and what arrives is a prefix of
//!    what was sent: a direction that has lost something is broken and delivers nothing more.
//!    Only commands that say of themselves that they are unreal can break this.
//! 2. A server has at most one end for each peer and channel.

use vivarium_protocol::base::{ServerId, SortedMap, SortedSet, Time};
use vivarium_protocol::message::{Channel, Message};
use vivarium_protocol::trace::MessageId;

use crate::rules::Traffic;
use crate::sides::Sides;

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flight {
    /// Which message.
    pub id: MessageId,
    /// When it left.
    pub sent: Time,
    /// When it arrives, or would arrive.
    pub arrives: Time,
    /// What it says.
    pub message: Message,
    /// Whether it is lost already: it runs into a cut.
    pub lost: bool,
}

/// What is wrong with the network and the machines right now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Directions that are cut: from, to.
    pub cuts: SortedSet<(ServerId, ServerId)>,
    /// Directions that carry otherwise than the setup says: from, to.
    pub links: SortedMap<(ServerId, ServerId), LinkFault>,
    /// Messages that wait on their way, each with the moment since when.
    pub held: SortedMap<MessageId, Time>,
    /// What is held as soon as it is sent.
    pub rules: SortedSet<Traffic>,
    /// How often something was done that no TCP connection can do.
    pub unreal: u32,
    /// Disks whose syncs take this long, microseconds.
    pub slow: SortedMap<ServerId, u64>,
    /// Stalled disks.
    pub stalled: SortedSet<ServerId>,
    /// Paused servers.
    pub paused: SortedSet<ServerId>,
}

/// How one direction carries otherwise than the setup says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkFault {
    /// The least and the longest time of a message, microseconds.
    pub delay: Option<(u64, u64)>,
    /// Segments lost, of a hundred.
    pub loss: u8,
    /// How many bytes a second get onto it; `None` for as many as there are.
    pub bandwidth: Option<u64>,
}

impl Faults {
    /// Whether nothing gets from one server to the other.
    #[must_use]
    pub fn is_cut(&self, from: ServerId, to: ServerId) -> bool {
        self.cuts.contains(&(from, to))
    }
}

/// One server's view of one connection: owner, other, channel.
pub(crate) type Side = (ServerId, ServerId, Channel);

/// One end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct End {
    /// Which connection.
    pub(crate) conn: u64,
    /// Whether the owner's core knows of it.
    pub(crate) up: bool,
}

/// One direction of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lane {
    /// When the last message arrives.
    pub(crate) last: Time,
    /// Whether something was lost: nothing more gets through.
    pub(crate) broken: bool,
}

/// One connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Conn {
    /// Who dialled.
    pub(crate) dialer: ServerId,
    /// Who accepted.
    pub(crate) acceptor: ServerId,
    /// Which channel.
    pub(crate) channel: Channel,
    /// Whether the dialler knows that it was accepted.
    pub(crate) answered: bool,
    forth: Lane,
    back: Lane,
}

impl Conn {
    /// The direction in which `from` sends.
    pub(crate) fn lane(&mut self, from: ServerId) -> &mut Lane {
        if from == self.dialer { &mut self.forth } else { &mut self.back }
    }
}

/// A connection in the making.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dial {
    /// Which.
    pub(crate) id: u64,
    /// Attempts made.
    pub(crate) attempts: u32,
    /// When it is given up.
    pub(crate) deadline: Time,
    /// Whether the core asked for it (and is told of a failure), rather than the doorbell.
    pub(crate) asked: bool,
}

/// Every connection, end and dial.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Network {
    pub(crate) ends: Sides<End>,
    pub(crate) conns: SortedMap<u64, Conn>,
    pub(crate) dials: Sides<Dial>,
    /// Until when a direction of little bandwidth is busy with what was sent.
    pub(crate) busy: SortedMap<(ServerId, ServerId), Time>,
    counts: Sides<u64>,
    next: u64,
}

impl Network {
    /// A number never used before.
    pub(crate) fn fresh(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Accepts a connection: the acceptor has its end, the dialler not yet.
    pub(crate) fn accept(
        &mut self,
        dialer: ServerId,
        acceptor: ServerId,
        channel: Channel,
        now: Time,
    ) -> u64 {
        let conn = self.fresh();
        let lane = Lane { last: now, broken: false };
        let made = Conn { dialer, acceptor, channel, answered: false, forth: lane, back: lane };
        self.conns.insert(conn, made);
        self.ends.insert((acceptor, dialer, channel), End { conn, up: false });
        conn
    }

    /// Names the next message of a link.
    pub(crate) fn name(&mut self, from: ServerId, to: ServerId, channel: Channel) -> MessageId {
        let count = 1 + self.counts.get(&(from, to, channel)).copied().unwrap_or(0);
        self.counts.insert((from, to, channel), count);
        MessageId { from, to, channel, count }
    }

    /// Whether `owner` holds an end of this very connection.
    pub(crate) fn holds(&self, side: Side, conn: u64) -> bool {
        self.ends.get(&side).is_some_and(|end| end.conn == conn)
    }

    /// Takes an end away; the connection goes with its last end.
    pub(crate) fn take_end(&mut self, side: Side) -> Option<End> {
        let end = self.ends.remove(&side)?;
        let (owner, other, channel) = side;
        let last = !self.holds((other, owner, channel), end.conn);
        if last && self.conns.get(&end.conn).is_some_and(|conn| conn.answered) {
            self.conns.remove(&end.conn);
        }
        Some(end)
    }

    /// The sides of a server that is about to go.
    pub(crate) fn sides_of(&self, owner: ServerId) -> Vec<Side> {
        self.ends.owned_by(owner).collect()
    }
}
